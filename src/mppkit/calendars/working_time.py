"""Counting working time (*jam kerja*) on a calendar by prefix sums over its opening windows.

What lies between two instants is one subtraction of what lies before each, however far apart they are; only years not
yet seen cost more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from attrs import frozen

from mppkit.calendars.model import Calendar
from mppkit.calendars.openings import Openings, with_year
from mppkit.calendars.stops import Stop, check_instant, last_run, stood
from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError

_MINUTE = timedelta(minutes=1)
_NONE = timedelta(0)
_MOST_MINUTES = 100_000_000


@frozen
class _Table:
    """The windows of some years in a row.

    Attributes:
        begins, ends: the instants between which these years lie in the mall's zone; UTC.
        opens: when each window opens, in order; UTC.
        before: the working time before each window, and before whatever comes after the last.
        first_day: the ordinal of the UTC day in which these years begin.
        opened: how many windows open before each UTC day from there on, and before the day after the last.
    """

    years: range
    begins: datetime
    ends: datetime
    opens: tuple[datetime, ...]
    before: tuple[timedelta, ...]
    first_day: int
    opened: tuple[int, ...]

    def position(self, at: datetime) -> timedelta:
        """Return the working time of these years up to an instant (UTC)."""
        day = at.toordinal() - self.first_day
        window = bisect_right(self.opens, at, self.opened[day], self.opened[day + 1]) - 1
        if window < 0:
            return _NONE
        return min(self.before[window] + (at - self.opens[window]), self.before[window + 1])


class WorkingTime:
    """Counts the time in which a calendar is open; keep it, for it learns each year once.

    Exact to the microsecond. Safe to share between threads.

    >>> from mppkit.calendars.office import office_calendar
    >>> hours = WorkingTime(office_calendar())
    >>> hours.minutes(datetime(2026, 3, 17, 8, tzinfo=UTC), datetime(2026, 3, 25, 1, tzinfo=UTC))  # 15.00 to 08.00 WIB
    90.0
    """

    def __init__(self, calendar: Calendar) -> None:
        self._zone = calendar.zone
        self._openings = Openings(calendar)
        start = datetime.min.replace(tzinfo=UTC)
        self._table = _Table(range(0), start, start, (), (_NONE,), 1, (0,))

    def minutes(self, start_at: datetime, end_at: datetime, stops: Sequence[Stop] = ()) -> float:
        """Return the working minutes between two instants; below 0 where the second lies before the first.

        Args:
            start_at: an aware instant of any zone.
            end_at: another.
            stops: when the clock stood still.

        Raises:
            InvalidValueError: an instant has no time zone, the holidays of a year are not known, or there are stops
                and `end_at` lies before `start_at`.
        """
        start_at, end_at = _instant("start_at", start_at), _instant("end_at", end_at)
        worked = self._worked(start_at, end_at)
        if stops:
            if end_at < start_at:
                raise InvalidValueError("end_at", end_at.isoformat(), "not before start_at where the clock stops")
            worked -= sum(stood(start_at, end_at, _instants(stops), self._worked), _NONE)
        return worked / _MINUTE

    def after(self, start_at: datetime, minutes: float, stops: Sequence[Stop] = ()) -> datetime:
        """Return the first instant (UTC) at which so many working minutes have passed; 0 is the start itself.

        What fills a day to its end is due at its closing, not when the next day opens.

        Args:
            start_at: an aware instant of any zone.
            minutes: 0 to 100,000,000, which is more than all the years whose holidays are known.
            stops: when the clock stood still.

        Raises:
            InvalidValueError: the instant has no time zone, minutes are out of range, or the holidays of a year on
                the way are not known.
        """
        if not 0 <= minutes <= _MOST_MINUTES:
            raise InvalidValueError("minutes", minutes, f"give 0 to {_MOST_MINUTES}")
        start_at, left = _instant("start_at", start_at), timedelta(minutes=minutes)
        if stops:
            start_at, left = last_run(start_at, left, _instants(stops), self._worked)
        if not left:
            return start_at
        table = self._covering(start_at)
        while (target := table.position(start_at) + left) > table.before[-1]:
            table = self._widened(table, table.years[-1] + 1)
        window = bisect_left(table.before, target) - 1
        return table.opens[window] + (target - table.before[window])

    def warnings(self, start_at: datetime, end_at: datetime) -> tuple[Reason, ...]:
        """Return what could make a count between two instants wrong, such as a year whose joint leave is not decreed.

        Raises:
            InvalidValueError: an instant has no time zone, or the holidays of a year are not known.
        """
        return self._openings.warnings(
            self._date(_instant("start_at", start_at)), self._date(_instant("end_at", end_at))
        )

    def _date(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _worked(self, start_at: datetime, end_at: datetime) -> timedelta:
        table = self._table
        if not table.begins <= start_at <= end_at < table.ends:
            table = self._covering(start_at, end_at)
        return table.position(end_at) - table.position(start_at)

    def _covering(self, *instants: datetime) -> _Table:
        table = self._table
        for at in instants:
            while not table.begins <= at < table.ends:
                table = self._widened(table, self._date(at).year)
        return table

    def _widened(self, table: _Table, year: int) -> _Table:
        """Return a table of these years, that year and all between; keep it for whoever asks next."""
        years = with_year(table.years, year)
        windows = [window for year in years for opening in self._openings.of_year(year) for window in opening.windows]
        begins, ends = self._new_year(years.start), self._new_year(years.stop)
        opens = tuple(window.opens_at for window in windows)
        midnight = datetime.combine(begins, time(), tzinfo=UTC)
        self._table = _Table(
            years,
            begins,
            ends,
            opens,
            tuple(accumulate((window.closes_at - window.opens_at for window in windows), initial=_NONE)),
            begins.toordinal(),
            tuple(
                bisect_left(opens, midnight + timedelta(days=day))
                for day in range(ends.toordinal() - begins.toordinal() + 2)
            ),
        )
        return self._table

    def _new_year(self, year: int) -> datetime:
        return datetime.combine(date(year, 1, 1), time(), tzinfo=self._zone).astimezone(UTC)


def _instant(place: str, at: datetime) -> datetime:
    if at.tzinfo is UTC:  # as inside mppkit; the rest costs more than the count itself
        return at
    check_instant(place, at)
    return at.astimezone(UTC)


def _instants(stops: Sequence[Stop]) -> list[tuple[datetime, datetime]]:
    return [(stop.stopped_at.astimezone(UTC), stop.resumed_at.astimezone(UTC)) for stop in stops]
