"""Tallies side by side: is a difference noise, how do periods go, which unit is best, which group is too small to show.

A difference is not a cause, and one of several dozen will look like more than noise where nothing differs.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from attrs import frozen

from mppkit.errors import InvalidValueError
from mppkit.intervals import welch
from mppkit.surveys.index import Score, exact_index, index_variance, score
from mppkit.surveys.instrument import Instrument, Weights
from mppkit.surveys.tally import Tally, merge, moments

ENOUGH = 30
"""How many answers each side of a comparison needs, unless the caller says otherwise: the usual rule of thumb."""

SMALLEST_GROUP = 5
"""The fewest answers shown on their own, unless the caller says otherwise; mppkit's choice, no rule was found."""


class Verdict(StrEnum):
    """What can honestly be said of a difference."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_VISIBLE_DIFFERENCE = "no_visible_difference"
    TOO_FEW = "too_few"


@frozen(kw_only=True)
class Difference:
    """How far a later period, or another unit, lies from a first one.

    Attributes:
        element: whose index is compared, by key; None for the whole index.
        n_first, n_second: how many answers each has.
        first, second: the two indices, unrounded, such as 83.05.
        difference: the second minus the first; low, high: its 95 % interval by Welch, not to be relied on where the
            verdict is `too_few`, and None where a side has fewer than 2 answers.
        minimum: how many answers each side needed for a verdict.
        verdict: higher or lower only where the interval leaves 0 out.
    """

    element: str | None
    n_first: int
    n_second: int
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    minimum: int
    verdict: Verdict

    @property
    def is_more_than_noise(self) -> bool:
        """Whether the second is visibly higher or lower than the first."""
        return self.verdict in (Verdict.HIGHER, Verdict.LOWER)


@frozen(kw_only=True)
class Step:
    """One period of a trend.

    Attributes:
        period: its name, such as `2026-S1`.
        score: None where nobody answered.
        change: from the last period before it that has answers; None for the first.
    """

    period: str
    score: Score | None
    change: Difference | None


@frozen(kw_only=True)
class Ranked:
    """A unit's place among others: rank 1 has the highest index; units of exactly the same one share a rank."""

    unit: str
    rank: int
    score: Score


@frozen(kw_only=True)
class Ranking:
    """Units from the best to the worst.

    Attributes:
        ranked: those with enough answers.
        left_apart: how many answers each of the others has.
        minimum: how many were needed.
    """

    ranked: tuple[Ranked, ...]
    left_apart: Mapping[str, int]
    minimum: int


@frozen(kw_only=True)
class ShownGroups:
    """Groups as they may be shown.

    Attributes:
        shown: those that may be shown on their own, in the order given.
        others: the rest added up (*lainnya*); None where there is no rest, or it must not be shown either.
        hidden: the names of the groups in the rest.
        minimum: the fewest answers shown on their own.
    """

    shown: Mapping[str, Tally]
    others: Tally | None
    hidden: tuple[str, ...]
    minimum: int


def compare(
    instrument: Instrument,
    first: Tally,
    second: Tally,
    *,
    element: str | None = None,
    weights: Weights | None = None,
    minimum: int = ENOUGH,
) -> Difference:
    """Return the difference of two indices, or of one element's, and whether it is more than noise.

    Two periods or two units; they must not share answers.

    Raises:
        InvalidValueError: one side has no answer, or answers another instrument or version; or the minimum is below 2.
        NotFoundError: the instrument has no such element.

    >>> from mppkit.surveys.loading import find_instrument
    >>> from mppkit.surveys.tally import tally_patterns
    >>> skm = find_instrument("skm-2017")
    >>> before = tally_patterns(skm, {(3,) * 9: 40, (4,) * 9: 10})
    >>> after = tally_patterns(skm, {(3,) * 9: 25, (4,) * 9: 25})
    >>> found = compare(skm, before, after)
    >>> found.difference, found.verdict.value, round(found.low, 1), round(found.high, 1)
    (7.5, 'higher', 3.0, 12.0)
    """
    _check_minimum(minimum)
    mean_first, variance_first = _mean_and_variance(instrument, first, element, weights)
    mean_second, variance_second = _mean_and_variance(instrument, second, element, weights)
    difference = float(mean_second - mean_first)
    low = high = None
    if variance_first is not None and variance_second is not None:
        sd_first, sd_second = math.sqrt(variance_first), math.sqrt(variance_second)
        low, high = welch(first.n, float(mean_first), sd_first, second.n, float(mean_second), sd_second)
    return Difference(
        element=element,
        n_first=first.n,
        n_second=second.n,
        first=float(mean_first),
        second=float(mean_second),
        difference=difference,
        low=low,
        high=high,
        minimum=minimum,
        verdict=_verdict(min(first.n, second.n), low, high, minimum),
    )


def trend(
    instrument: Instrument, periods: Mapping[str, Tally], *, weights: Weights | None = None, minimum: int = ENOUGH
) -> tuple[Step, ...]:
    """Return the periods in the order given, each with its score and how it moved.

    Raises:
        InvalidValueError: a tally answers another instrument or version; or the minimum is below 2.
    """
    steps = []
    last: Tally | None = None
    for period, tally in periods.items():
        answered = tally.n > 0
        change = None
        if answered and last is not None:
            change = compare(instrument, last, tally, weights=weights, minimum=minimum)
        scored = score(instrument, tally, weights=weights) if answered else None
        steps.append(Step(period=period, score=scored, change=change))
        last = tally if answered else last
    return tuple(steps)


def ranking(
    instrument: Instrument, units: Mapping[str, Tally], *, weights: Weights | None = None, minimum: int = ENOUGH
) -> Ranking:
    """Return the units by their exact index; those with too few answers are left apart, not ranked last.

    Neighbours in a ranking need not differ by more than noise: `compare` says.

    Raises:
        InvalidValueError: a tally answers another instrument or version; or the minimum is below 2.
    """
    _check_minimum(minimum)
    exact = {
        unit: exact_index(instrument, moments(instrument, tally), weights)
        for unit, tally in units.items()
        if tally.n >= minimum
    }
    ranked = tuple(
        Ranked(
            unit=unit,
            rank=1 + sum(other > index for other in exact.values()),
            score=score(instrument, units[unit], weights=weights),
        )
        for unit, index in sorted(exact.items(), key=lambda each: (-each[1], each[0]))
    )
    left_apart = {unit: tally.n for unit, tally in units.items() if unit not in exact}
    return Ranking(ranked=ranked, left_apart=left_apart, minimum=minimum)


def shown_groups(groups: Mapping[str, Tally], *, minimum: int = SMALLEST_GROUP) -> ShownGroups:
    """Return which groups may be shown on their own, so that none below the minimum can be had by subtraction.

    Groups with fewer answers than the minimum are hidden. Where they have fewer than the minimum together too, as a
    single one has, the smallest of the others are hidden with them: the total minus what is shown would tell them
    otherwise. Where there are none left to hide, the total is too small to show as well. Groups without answers hide
    nothing and are left out. Two totals that differ by an answer or two, such as today's and yesterday's, would undo
    all this: show closed periods.

    Raises:
        InvalidValueError: the minimum is below 2.
    """
    _check_minimum(minimum)
    answered = {name: tally for name, tally in groups.items() if tally.n}
    hidden: list[str] = []
    together = 0
    for name in sorted(answered, key=lambda name: (answered[name].n, name)):
        if answered[name].n >= minimum and (not hidden or together >= minimum):
            break
        hidden.append(name)
        together += answered[name].n
    others = merge(answered[name] for name in hidden) if together >= minimum else None
    return ShownGroups(
        shown={name: tally for name, tally in answered.items() if name not in hidden},
        others=others,
        hidden=tuple(name for name in answered if name in hidden),
        minimum=minimum,
    )


def _mean_and_variance(
    instrument: Instrument, tally: Tally, element: str | None, weights: Weights | None
) -> tuple[Fraction, Fraction | None]:
    """Return the mean and the variance of the answers' own indices; no variance of fewer than 2 answers."""
    sums = moments(instrument, tally)
    index = exact_index(instrument, sums, weights)
    if element is None:
        return index, index_variance(instrument, sums, weights) if sums.n > 1 else None
    place = instrument.keys.index(instrument.element(element).key)
    factor = Fraction(instrument.factor) / sums.unit
    first, second = sums.first[place], sums.second[place]
    mean = Fraction(first, sums.n) * factor
    if sums.n < 2:
        return mean, None
    return mean, Fraction(sums.n * second - first**2, sums.n * (sums.n - 1)) * factor**2


def _verdict(fewest: int, low: float | None, high: float | None, minimum: int) -> Verdict:
    if fewest < minimum or low is None or high is None:
        return Verdict.TOO_FEW
    if low <= 0 <= high:
        return Verdict.NO_VISIBLE_DIFFERENCE
    return Verdict.HIGHER if low > 0 else Verdict.LOWER


def _check_minimum(minimum: int) -> None:
    if type(minimum) is not int or minimum < 2:
        raise InvalidValueError("minimum", minimum, "ask for 2 answers or more")
