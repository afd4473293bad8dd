"""Hours on days that a recurrence rule names, such as each first Saturday: the only door to `dateutil`."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from attrs import frozen

from mppkit.calendars.national import known_years
from mppkit.calendars.stretches import Stretch, check_stretches
from mppkit.errors import InvalidValueError

_DAY = "(MO|TU|WE|TH|FR|SA|SU)"
_NUMBERED_DAY = f"([+-]?[1-5])?{_DAY}"
_DAY_OF_MONTH = "-?([1-9]|1[0-9]|2[0-8])"
_ALLOWED: Mapping[tuple[str | None, str], str] = {
    ("WEEKLY", "BYDAY"): _DAY,
    ("MONTHLY", "BYDAY"): _NUMBERED_DAY,
    ("MONTHLY", "BYMONTHDAY"): _DAY_OF_MONTH,
}
_INTERVAL = "[1-9][0-9]?"
_REMEDY = (
    "write FREQ=WEEKLY;BYDAY=..., FREQ=MONTHLY;BYDAY=... (such as 1SA) or FREQ=MONTHLY;BYMONTHDAY=... (-28 to 28), "
    "with INTERVAL=2 and the like if need be"
)


@frozen(kw_only=True)
class SpecialHours:
    """Hours in place of the weekly ones, on the days that a rule names: the hours of Ramadan, each first Saturday.

    They are hours and nothing more: holidays, joint leave and decrees close these days too.

    Attributes:
        rule: an RRULE of RFC 5545, weekly by day or monthly by day or day of the month. Other rules, which may name no
            day at all or take long to find out, are refused.
        first_on, last_on: the span in which it names days, both ends in it; None for no end.

    Raises:
        InvalidValueError: the rule is not of that kind or names no day in its span, or the hours are in disorder.

    >>> first_saturdays = SpecialHours(
    ...     rule="FREQ=MONTHLY;BYDAY=1SA", first_on=date(2026, 1, 1), stretches=((time(8), time(12)),)
    ... )
    >>> first_saturdays.covers(date(2026, 12, 5)), first_saturdays.covers(date(2026, 12, 12))
    (True, False)
    """

    rule: str
    first_on: date
    last_on: date | None = None
    stretches: tuple[Stretch, ...]

    def __attrs_post_init__(self) -> None:
        if self.last_on is not None and self.last_on < self.first_on:
            raise InvalidValueError("last_on", self.last_on.isoformat(), f"not before {self.first_on.isoformat()}")
        if not self.stretches:
            raise InvalidValueError("stretches", self.stretches, "give the hours; a closed day needs a decree")
        check_stretches("stretches", self.stretches)
        _check_rule(self.rule)
        if next(iter(_days(self.rule, self.first_on, self.last_on)), None) is None:
            raise InvalidValueError("rule", self.rule, "name at least one day between first_on and last_on")

    def covers(self, on: date) -> bool:
        """Tell whether the rule names a date."""
        return on in _days_of_year(self.rule, self.first_on, self.last_on, on.year)


def _check_rule(rule: str) -> None:
    parts = [part.partition("=")[::2] for part in rule.split(";")]
    named = dict(parts)
    each_once = len(named) == len(parts)
    frequency, interval = named.pop("FREQ", None), named.pop("INTERVAL", "1")
    if each_once and len(named) == 1 and re.fullmatch(_INTERVAL, interval):
        [(key, value)] = named.items()
        one = _ALLOWED.get((frequency, key))
        if one and re.fullmatch(f"{one}(,{one})*", value):
            return
    raise InvalidValueError("rule", rule, _REMEDY)


@lru_cache(maxsize=64)
def _days(rule: str, first_on: date, last_on: date | None) -> Any:
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # 15 ms, and most calendars have no rule

    until = last_on or date(known_years()[-1], 12, 31)
    # kept as it is found out, so that asking for one year after another never begins anew
    return rrulestr(f"{rule};UNTIL={until:%Y%m%d}", dtstart=datetime.combine(first_on, time()), cache=True)


@lru_cache(maxsize=256)
def _days_of_year(rule: str, first_on: date, last_on: date | None, year: int) -> frozenset[date]:
    first, last = (datetime.combine(date(year, month, day), time()) for month, day in ((1, 1), (12, 31)))
    return frozenset(day.date() for day in _days(rule, first_on, last_on).between(first, last, inc=True))
