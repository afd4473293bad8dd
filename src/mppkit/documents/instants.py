"""Dates and times as logs write them: read one by one, the order of day and month settled over the whole column."""

import re
from datetime import date, datetime, time, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import define, frozen

from mppkit.errors import InvalidValueError

_INSTANT = re.compile(r"(\d+[-/.]\d+[-/.]\d+)(?:(?:T|,?\s+)(\S.*))?", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_YEARS = range(1900, 2200)  # 0001-01-01 and 9999-12-31 are what databases write for no date at all
_REMEDY = "write the dates with the year first, such as 2026-01-02, or say day_first=True or False"
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)


@frozen
class Written:
    """An instant as it was written.

    Attributes:
        on: the date.
        at: the time of day; the full hour where only that is known. With a zone where one was written.
        hour_only: whether only the hour is known.
    """

    on: date
    at: time
    hour_only: bool

    def instant(self, zone: ZoneInfo) -> datetime:
        """Return it as an aware datetime of a zone; without a zone of its own it is local time there."""
        if self.at.tzinfo is None:
            return datetime.combine(self.on, self.at, tzinfo=zone)
        return datetime.combine(self.on, self.at).astimezone(zone)


def split_instant(text: str) -> tuple[str, str] | None:
    """Return the date and the time of day of a text; either may be unreadable still, and the time empty.

    >>> split_instant("02-01-2026 08:15"), split_instant("2026/01/02T08")
    (('02-01-2026', '08:15'), ('2026/01/02', '08'))
    """
    parts = _INSTANT.fullmatch(text.strip())
    return None if parts is None else (parts[1], parts[2] or "")


def read_instant(on_text: str, at_text: str, day_first: bool) -> Written | None:
    """Return what was written, or None where nobody can read it; a time of day there must be.

    >>> read_instant("02-01-2026", "08.15", day_first=True)
    Written(on=datetime.date(2026, 1, 2), at=datetime.time(8, 15), hour_only=False)
    """
    on, at = _read_date(on_text, day_first), read_time(at_text)
    return None if on is None or at is None else Written(on, *at)


@lru_cache(maxsize=4096)
def _read_date(text: str, day_first: bool) -> date | None:
    if parts := _YEAR_FIRST.fullmatch(text):
        year, month, day = parts.groups()
    elif parts := _YEAR_LAST.fullmatch(text):
        day, month, year = parts.groups() if day_first else (parts[2], parts[1], parts[3])
    else:
        return None
    if int(year) not in _YEARS:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_time(text: str) -> tuple[time, bool] | None:
    """Return a time of day, and whether only its hour was written; None where nobody can read it.

    >>> read_time("08"), read_time("8.15.30")
    ((datetime.time(8, 0), True), (datetime.time(8, 15, 30), False))
    """
    parts = _TIME.fullmatch(text.strip())
    if parts is None:
        return None
    hour, minute, second, zone = parts.groups()
    try:
        return time(int(hour), int(minute or 0), int(second or 0), tzinfo=_offset(zone)), minute is None
    except ValueError:
        return None


def _offset(text: str | None) -> tzinfo | None:
    return None if text is None else datetime.strptime(text, "%z").tzinfo


@define
class DateOrder:
    """Whether days or months come first in a column of dates, as far as its values settle it.

    Attributes:
        place: the column's place for messages, such as the file.
        day_first, month_first: the first value that can only be that, with its line.
        either: the first value that could be both, and means another day then.
    """

    place: str
    day_first: tuple[int, str] | None = None
    month_first: tuple[int, str] | None = None
    either: tuple[int, str] | None = None

    def see(self, text: str, line: int) -> None:
        """Look at one more date."""
        if _YEAR_FIRST.fullmatch(text):
            return
        as_day_first, as_month_first = _read_date(text, True), _read_date(text, False)
        if as_day_first == as_month_first:
            return
        if as_month_first is None:
            self.day_first = self.day_first or (line, text)
        elif as_day_first is None:
            self.month_first = self.month_first or (line, text)
        else:
            self.either = self.either or (line, text)

    def decide(self) -> bool:
        """Return whether days come first.

        Raises:
            InvalidValueError: values contradict each other, or nothing settles it though it matters.
        """
        if self.day_first and self.month_first:
            (line, text), (other, month_first) = self.day_first, self.month_first
            remedy = f"days come first here, and months in line {other} ({month_first}); {_REMEDY}"
            raise InvalidValueError(f"{self.place}, line {line}", text, remedy)
        if self.either and not self.day_first and not self.month_first:
            line, text = self.either
            day, month = _read_date(text, True), _read_date(text, False)
            remedy = f"it may be {day} or {month}, and no other date of the file settles which; {_REMEDY}"
            raise InvalidValueError(f"{self.place}, line {line}", text, remedy)
        return self.month_first is None
