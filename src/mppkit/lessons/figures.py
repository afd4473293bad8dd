"""Figures that can be compared: a mean or a share of an indicator over a period in one mall, with its n and spread.

Where they come from (queue measures, survey tallies, a log of somebody else's) is not known here.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from statistics import fmean, stdev
from typing import Self

from attrs import frozen

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_date, checked_id, checked_text

_LARGEST = 1e12
_NAME_AT_MOST = 100


class Better(StrEnum):
    """The direction that is good for the citizen."""

    LOWER = "lower"
    HIGHER = "higher"


class Unit(StrEnum):
    """What an indicator is counted in."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    PERCENT = "percent"
    POINTS = "points"
    VISITS = "visits"
    RUPIAH = "rupiah"


class Counted(StrEnum):
    """What the n of a figure counts: each one observation that should not depend on the others."""

    DAYS = "days"
    VISITS = "visits"
    ANSWERS = "answers"
    APPLICATIONS = "applications"


def _check_member(value: StrEnum, kind: type[StrEnum], place: str) -> None:
    if not isinstance(value, kind):
        raise InvalidValueError(place, value, f"give one of {', '.join(map(str, kind))}, as {kind.__name__}")


@frozen(kw_only=True)
class Indicator:
    """What is compared (*indikator*), such as the mean wait of a day.

    Attributes:
        id: by which two figures are known to be of the same thing.
        indonesian, english: what it is called in a sentence.
        unit: what it is counted in; a share is in per cent.
        better: which direction is good.

    Raises:
        InvalidValueError: the id is none, a name is missing or too long, or the unit or direction is not known.
    """

    id: str
    indonesian: str
    english: str
    unit: Unit
    better: Better

    def __attrs_post_init__(self) -> None:
        checked_id(self.id, "indicator")
        checked_text(self.indonesian, "indonesian", _NAME_AT_MOST)
        checked_text(self.english, "english", _NAME_AT_MOST)
        _check_member(self.unit, Unit, "unit")
        _check_member(self.better, Better, "better")


@frozen(kw_only=True)
class _Measured:
    """What every figure has.

    Attributes:
        indicator: what was measured.
        mall: whose events it was measured from.
        first_on, last_on: the period, local dates, both included.
        n: how many observations.
        counted: what they are.
    """

    indicator: Indicator
    mall: str
    first_on: date
    last_on: date
    n: int
    counted: Counted

    def _check(self, least: int) -> None:
        checked_id(self.mall, "mall")
        _check_member(self.counted, Counted, "counted")
        checked_date(self.first_on, "first_on")
        checked_date(self.last_on, "last_on")
        if self.last_on < self.first_on:
            raise InvalidValueError("last_on", self.last_on.isoformat(), f"not before {self.first_on.isoformat()}")
        if type(self.n) is not int or not least <= self.n <= _LARGEST:
            raise InvalidValueError("n", self.n, f"give a whole number of observations, {least} or more")

    def shares_days_with(self, other: "_Measured") -> bool:
        """Tell whether two figures are of the same mall, and of periods that overlap."""
        return self.mall == other.mall and self.first_on <= other.last_on and other.first_on <= self.last_on


@frozen(kw_only=True)
class MeanFigure(_Measured):
    """A mean of n independent observations, and their standard deviation (of a sample: over n - 1).

    Visitors of one day stand in the same line, so their waits depend on each other, and an interval made of thousands
    of them is far too narrow. Give one number a day instead (`MeanFigure.of`): then n is the number of days.

    Raises:
        InvalidValueError: fewer than two observations, a period that ends before it begins, or numbers that cannot be.
    """

    mean: float
    sd: float

    def __attrs_post_init__(self) -> None:
        self._check(least=2)
        for place, value, least in (("mean", self.mean, -_LARGEST), ("sd", self.sd, 0)):
            if type(value) not in (int, float) or not least <= value <= _LARGEST:
                raise InvalidValueError(place, value, f"give a number from {least:g} to {_LARGEST:g}")

    @property
    def value(self) -> float:
        """The mean, in the indicator's unit."""
        return self.mean

    @classmethod
    def of(
        cls,
        values: Sequence[float],
        *,
        indicator: Indicator,
        mall: str,
        first_on: date,
        last_on: date,
        counted: Counted = Counted.DAYS,
    ) -> Self:
        """Return the figure of some values, such as the mean wait of each day; in the indicator's unit.

        Raises:
            InvalidValueError: fewer than two values, or one that is no number.

        >>> wait = Indicator(
        ...     id="wait", indonesian="Rata-rata tunggu harian", english="Mean wait of a day",
        ...     unit=Unit.MINUTES, better=Better.LOWER,
        ... )
        >>> november = {"first_on": date(2026, 11, 2), "last_on": date(2026, 11, 4)}
        >>> figure = MeanFigure.of([20, 26, 23], indicator=wait, mall="blora", **november)
        >>> figure.n, figure.mean, figure.sd
        (3, 23.0, 3.0)
        """
        for place, value in enumerate(values):
            if type(value) not in (int, float) or not -_LARGEST <= value <= _LARGEST:
                raise InvalidValueError(f"values[{place}]", value, f"give a number of up to {_LARGEST:g}")
        if len(values) < 2:
            raise InvalidValueError("values", values, "give two values or more: one alone does not tell its spread")
        return cls(
            indicator=indicator,
            mall=mall,
            first_on=first_on,
            last_on=last_on,
            counted=counted,
            n=len(values),
            mean=fmean(values),
            sd=stdev(values),
        )


@frozen(kw_only=True)
class ShareFigure(_Measured):
    """A share: `count` of n observations.

    Raises:
        InvalidValueError: n is 0 or less than `count`, the unit is not per cent, or the period ends before it begins.
    """

    count: int

    def __attrs_post_init__(self) -> None:
        self._check(least=1)
        if type(self.count) is not int or not 0 <= self.count <= self.n:
            raise InvalidValueError("count", self.count, f"give a whole number from 0 to n ({self.n})")
        if self.indicator.unit is not Unit.PERCENT:
            raise InvalidValueError("unit", self.indicator.unit.value, "a share is in per cent: Unit.PERCENT")

    @property
    def value(self) -> float:
        """The share in per cent."""
        return 100 * self.count / self.n


Figure = MeanFigure | ShareFigure
"""What `compare` takes."""
