"""Counting working days (*hari kerja*) on a calendar by prefix sums: how far apart two dates lie costs nothing.

A working day is a day on which the calendar has hours. Where a hall serves on days that are none for the law, such as
each Saturday, count on the office's calendar and not on the hall's.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from attrs import frozen

from mppkit.calendars.model import Calendar
from mppkit.calendars.openings import Openings, with_year
from mppkit.calendars.stops import Stop, joined, last_run, stood
from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError


@frozen(kw_only=True)
class SkippedDay:
    """A day that was not counted, and why."""

    on: date
    reason: Reason


@frozen(kw_only=True)
class Deadline:
    """When something is due, and how that came about.

    Attributes:
        due_on: the last day on which it is in time.
        skipped: the days up to there that were not counted, in order.
        warnings: what could make this wrong, such as a year whose joint leave is not decreed yet.
    """

    due_on: date
    skipped: tuple[SkippedDay, ...]
    warnings: tuple[Reason, ...]


@frozen
class _Table:
    """The working days of some years in a row.

    Attributes:
        first: the ordinal of the first day of these years.
        length: how many days they have.
        before: how many working days lie before each day of these years, and before the day after the last.
        working: the working days, in order.
    """

    years: range
    first: int
    length: int
    before: tuple[int, ...]
    working: tuple[date, ...]


class WorkingDays:
    """Counts working days on a calendar; keep it, for it learns each year once.

    One rule holds throughout: the day from which is counted never counts, the day up to which is counted does.

    Safe to share between threads.

    Raises:
        InvalidValueError: the calendar has no weekly hours, so that no day would be a day off.

    >>> from mppkit.calendars.office import office_calendar
    >>> days = WorkingDays(office_calendar())
    >>> days.after(date(2026, 3, 17), 3).isoformat()
    '2026-03-27'
    >>> days.count(date(2026, 3, 17), date(2026, 3, 27))
    3
    """

    def __init__(self, calendar: Calendar) -> None:
        if calendar.hours is None:
            raise InvalidValueError("hours", None, "give the calendar weekly hours, or count on office_calendar()")
        self._zone = calendar.zone
        self._openings = Openings(calendar)
        self._table = _Table(range(0), 0, 0, (0,), ())

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the calendar, by which an instant has its local date."""
        return self._zone

    def is_working(self, on: date) -> bool:
        """Tell whether a date is a working day.

        Raises:
            InvalidValueError: the holidays of its year are not known.
        """
        if isinstance(on, datetime):
            raise _not_a_date(on)
        return bool(self._openings.on(on).windows)

    def after(self, on: date, days: int, stops: Sequence[Stop] = ()) -> date:
        """Return the working day that is so many after a date.

        Args:
            on: the local date from which is counted; it never counts itself, working day or not.
            days: how many; below 0 that many before it; 0 is the date itself, working day or not.
            stops: when the clock stood still. The day on which it stops counts, the day on which it runs on does not,
                as if what came that day had been received then. No rule was found that says so or otherwise.

        Raises:
            InvalidValueError: the holidays of a year on the way are not known, or days below 0 go with stops.
        """
        if isinstance(on, datetime):
            raise _not_a_date(on)
        if not isinstance(days, int):
            raise InvalidValueError("days", days, "give a whole number")
        if stops:
            if days < 0:
                raise InvalidValueError("days", days, "give 0 or more: a clock that stops does not run backwards")
            on, days = last_run(on, days, self._dates(stops), self._count)
        if days == 0:
            return on
        table = self._table
        while True:
            index = on.toordinal() - table.first
            if not 0 <= index < table.length:
                table = self._widened(table, on.year)
                continue
            place = table.before[index + 1] + days - 1 if days > 0 else table.before[index] + days
            if 0 <= place < len(table.working):
                return table.working[place]
            table = self._widened(table, table.years[0] - 1 if place < 0 else table.years[-1] + 1)

    def count(self, on: date, until: date, stops: Sequence[Stop] = ()) -> int:
        """Return how many working days lie after `on` up to and including `until`; the inverse of `after`.

        Where `until` lies before `on`, those from `until` up to the day before `on`, below 0.

        Args:
            on: the local date from which is counted.
            until: the local date up to which is counted.
            stops: when the clock stood still, as in `after`.

        Raises:
            InvalidValueError: the holidays of a year between them are not known, or there are stops and `until` lies
                before `on`.
        """
        for given in (on, until):
            if isinstance(given, datetime):
                raise _not_a_date(given)
        if not stops:
            return self._count(on, until)
        if until < on:
            raise InvalidValueError("until", until.isoformat(), f"not before {on.isoformat()} where the clock stops")
        return self._count(on, until) - sum(stood(on, until, self._dates(stops), self._count))

    def deadline(self, on: date, days: int, stops: Sequence[Stop] = ()) -> Deadline:
        """Return when something is due that may take so many working days, and every day that was not counted.

        Args:
            on: the local date from which is counted, such as the day an application was received complete.
            days: how many working days it may take.
            stops: when the clock stood still, as in `after`.

        Raises:
            InvalidValueError: days are below 0, or the holidays of a year on the way are not known.
        """
        if days < 0:
            raise InvalidValueError("days", days, "give 0 or more")
        due_on = self.after(on, days, stops)
        still = joined(self._dates(stops))
        skipped = []
        for opening in self._openings.between(on + timedelta(days=1), due_on):
            if opening.reason:
                skipped.append(SkippedDay(on=opening.on, reason=opening.reason))
            elif any(stopped < opening.on <= resumed for stopped, resumed in still):
                skipped.append(SkippedDay(on=opening.on, reason=_STOPPED))
        return Deadline(due_on=due_on, skipped=tuple(skipped), warnings=self._openings.warnings(on, due_on))

    def _dates(self, stops: Sequence[Stop]) -> list[tuple[date, date]]:
        return [
            (stop.stopped_at.astimezone(self._zone).date(), stop.resumed_at.astimezone(self._zone).date())
            for stop in stops
        ]

    def _count(self, on: date, until: date) -> int:
        first, last = on.toordinal(), until.toordinal()
        # what lies after a date is what lies before the next; going back it is the days themselves that bound it
        shift = 1 if last >= first else 0
        table = self._table
        while True:
            start, end = first - table.first, last - table.first
            if not 0 <= start < table.length:
                table = self._widened(table, on.year)
            elif not 0 <= end < table.length:
                table = self._widened(table, until.year)
            else:
                return table.before[end + shift] - table.before[start + shift]

    def _widened(self, table: _Table, year: int) -> _Table:
        """Return a table of these years, that year and all between; keep it for whoever asks next."""
        years = with_year(table.years, year)
        openings = [opening for year in years for opening in self._openings.of_year(year)]
        self._table = _Table(
            years,
            openings[0].on.toordinal(),
            len(openings),
            tuple(accumulate((bool(opening.windows) for opening in openings), initial=0)),
            tuple(opening.on for opening in openings if opening.windows),
        )
        return self._table


_STOPPED = Reason(
    code="clock_stopped",
    indonesian="Jangka waktu tidak berjalan pada hari ini.",
    english="The clock stood still on this day.",
)


def _not_a_date(at: datetime) -> InvalidValueError:
    """Return the error for an instant: it passes for a date to Python, but its date may be another than the mall's."""
    return InvalidValueError("on", at.isoformat(), "give the mall's local date, not an instant")
