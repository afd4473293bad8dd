"""How long things last, with those that are not over counted as such: waits in seconds, permits in days.

A duration that was cut off (*censored*) lasted at least so long. Percentiles and shares count the censored by Kaplan
and Meier; without any they are those of the plain sample. What is timed is not known here.
"""

import math
from collections import Counter as Tally
from collections.abc import Iterator

from attrs import Factory, define, frozen

from mppkit.errors import InvalidValueError

_Z95 = 1.959964


@frozen(kw_only=True)
class Share:
    """A share of n with its 95 % interval (Wilson), all from 0 to 1."""

    value: float
    low: float
    high: float
    n: int


@define(eq=True)
class Durations:
    """Many durations of one kind and unit: how many of each length ended, and how many were cut off (censored).

    Lengths are whole seconds, or whole days; they are rounded to the nearest.

    >>> waits = Durations()
    >>> for seconds in (60, 120, 600): waits.add(seconds, ended=True)
    >>> waits.mean, waits.percentile(0.5), waits.n
    (260.0, 120, 3)
    """

    ended: Tally[int] = Factory(Tally)
    censored: Tally[int] = Factory(Tally)
    millionths: int = 0
    """The exact sum of those that ended, in millionths of the unit."""

    def add(self, length: float, *, ended: bool) -> None:
        """Count one duration, 0 or more."""
        if ended:
            self.ended[int(length + 0.5)] += 1
            self.millionths += round(length * 1e6)
        else:
            self.censored[int(length + 0.5)] += 1

    def merge(self, other: "Durations") -> None:
        """Count all of another's too."""
        self.ended.update(other.ended)
        self.censored.update(other.censored)
        self.millionths += other.millionths

    @property
    def n(self) -> int:
        """How many there are, ended and censored."""
        return self.ended.total() + self.censored.total()

    @property
    def n_censored(self) -> int:
        """How many were cut off."""
        return self.censored.total()

    @property
    def max(self) -> int | None:
        """The longest that was seen, ended or not; None without any."""
        return max((*self.ended, *self.censored), default=None)

    def _survival(self) -> Iterator[tuple[int, float, float]]:
        """Yield each ending length, the share that lasted longer, and Greenwood's sum up to there."""
        at_risk = self.n
        left, greenwood = 1.0, 0.0
        for length in sorted({*self.ended, *self.censored}):
            gone = self.ended.get(length, 0)
            if gone:
                left *= 1 - gone / at_risk
                greenwood += gone / (at_risk * (at_risk - gone)) if at_risk > gone else 0.0
                yield length, left, greenwood
            at_risk -= gone + self.censored.get(length, 0)

    @property
    def mean(self) -> float | None:
        """The mean; with censored ones the area under the survival curve up to the longest seen.

        None without any. With censored ones it is a lower bound: nobody knows how long the longest would have lasted.
        """
        if not self.n:
            return None
        if not self.censored:
            return self.millionths / (1e6 * self.n)
        area, before, left = 0.0, 0, 1.0
        for length, now_left, _ in self._survival():
            area += (length - before) * left
            before, left = length, now_left
        return area + ((self.max or 0) - before) * left

    def percentile(self, share: float) -> int | None:
        """Return the shortest length that a `share` (0 to 1) did not outlast; None where too many were cut off.

        Raises:
            InvalidValueError: the share is not between 0 and 1.
        """
        if not 0 <= share <= 1:
            raise InvalidValueError("share", share, "give a share from 0 to 1, such as 0.9 for the 90th percentile")
        for length, left, _ in self._survival():
            if 1 - left >= share - 1e-12:
                return length
        return None

    def within(self, limit: float) -> Share | None:
        """Return the share that ended within a limit; None where nobody's length tells.

        Where all that lasted longer were cut off before, the share is the least it can be, and its interval ends at 1.
        """
        left, greenwood = 1.0, 0.0
        for length, now_left, now_greenwood in self._survival():
            if length > limit:
                break
            left, greenwood = now_left, now_greenwood
        ended = sum(count for length, count in self.ended.items() if length <= limit)
        longer = sum(
            count for lengths in (self.ended, self.censored) for length, count in lengths.items() if length > limit
        )
        if not ended + longer:
            return None
        share = 1 - left
        variance = left * left * greenwood
        # the interval of a plain share of as many as would give this variance; no censoring: exactly n
        n = share * left / variance if variance > 0 else ended + longer
        centre = (share + _Z95**2 / (2 * n)) / (1 + _Z95**2 / n)
        half = _Z95 / (1 + _Z95**2 / n) * math.sqrt(share * left / n + _Z95**2 / (4 * n * n))
        high = min(1.0, centre + half) if longer or not left else 1.0
        return Share(value=share, low=max(0.0, centre - half), high=high, n=self.n)
