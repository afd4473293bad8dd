"""A mall's calendar as values: what it says about one local date is an `Opening`."""

from collections.abc import Mapping
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen

from mppkit.calendars.national import joint_leave, national_holidays
from mppkit.calendars.overlays import DayKind, Level, Overlay, governing
from mppkit.calendars.recurrence import SpecialHours
from mppkit.calendars.stretches import Stretch, check_stretches
from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_DAYS_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LOOK_AHEAD_DAYS = 366


@frozen(kw_only=True)
class Window:
    """A stretch in which the hall is open: from `opens_at` up to, not including, `closes_at`; UTC."""

    opens_at: datetime
    closes_at: datetime


@frozen(kw_only=True)
class Opening:
    """What the calendar says about one local date.

    Attributes:
        windows: when the hall is open, in order; breaks are the gaps between them. Empty when it is closed all day.
        reason: why it is closed all day; None when it is open.
        warnings: what could make this answer wrong, such as a year whose joint leave is not decreed yet.
    """

    on: date
    windows: tuple[Window, ...]
    reason: Reason | None = None
    warnings: tuple[Reason, ...] = ()

    def is_open_at(self, at: datetime) -> bool:
        """Tell whether the hall is open at an instant."""
        return any(window.opens_at <= at < window.closes_at for window in self.windows)


@frozen(kw_only=True)
class WeeklyHours:
    """The hours of each weekday (0 is Monday): local stretches in order, breaks between them; no stretch is a day off.

    Raises:
        InvalidValueError: a stretch ends before it begins, or begins before the one before it ended.
    """

    by_weekday: Mapping[int, tuple[Stretch, ...]]

    def __attrs_post_init__(self) -> None:
        for weekday, stretches in self.by_weekday.items():
            if not 0 <= weekday <= 6:
                raise InvalidValueError("weekday", weekday, "count from 0 (Monday) to 6 (Sunday)")
            check_stretches(_DAYS_ENGLISH[weekday], stretches)


@frozen(kw_only=True)
class Closure:
    """Days on which the hall is closed, the last one included, and the decree (*surat keputusan*) that says so."""

    first_on: date
    last_on: date
    indonesian: str
    english: str
    decree: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise InvalidValueError("last_on", self.last_on.isoformat(), f"not before {self.first_on.isoformat()}")


@frozen(kw_only=True)
class Calendar:
    """When a mall is open.

    Attributes:
        zone: the mall's time zone, such as Asia/Makassar.
        hours: the weekly hours; None means always open, holidays too: such a mall never refuses for the hour.
        closures: the mall's own closed days.
        national_holidays, joint_leave: whether these days are closed; a mall may well serve on joint leave.
        special_hours: days on which other hours stand in place of the weekly ones; of two rules the later one holds.
        overlays: decrees of every level together. The mall's own go before its closures, closures before the rest.

    >>> hours = WeeklyHours(by_weekday={0: ((time(8), time(12)), (time(13), time(16)))})
    >>> calendar = Calendar(zone=ZoneInfo("Asia/Makassar"), hours=hours)
    >>> calendar.opening(date(2026, 11, 23)).windows[0].opens_at.isoformat()
    '2026-11-23T00:00:00+00:00'
    >>> calendar.opening(date(2026, 11, 24)).reason.code
    'closed_weekday'
    """

    zone: ZoneInfo
    hours: WeeklyHours | None = None
    closures: tuple[Closure, ...] = field(default=())
    national_holidays: bool = True
    joint_leave: bool = True
    special_hours: tuple[SpecialHours, ...] = ()
    overlays: tuple[Overlay, ...] = ()

    def opening(self, on: date) -> Opening:
        """Return when the hall is open on a local date, or why it is not.

        Raises:
            InvalidValueError: it is no date, or one at an end of the calendar.
        """
        if isinstance(on, datetime) or not isinstance(on, date) or not 1 < on.year < MAXYEAR:
            raise InvalidValueError("on", str(on), f"give a local date of the years 2 to {MAXYEAR - 1}")
        overlay, closed = self._decreed(on)
        stretches = overlay.stretches if overlay else ()
        if self.hours is None and not stretches:
            if closed:
                return Opening(on=on, windows=(), reason=closed)
            return Opening(on=on, windows=(self._window(on, time(0), on + timedelta(days=1), time(0)),))
        warnings = self._warnings(on)
        stretches = stretches or self._usual(on)
        if closed is None and not stretches:
            closed = self._closed_weekday(on)
        if overlay is None:
            closed = closed or self._closed_nationally(on)
        if closed:
            return Opening(on=on, windows=(), reason=closed, warnings=warnings)
        windows = tuple(self._window(on, opens, on, closes) for opens, closes in stretches)
        return Opening(on=on, windows=windows, warnings=warnings)

    def next_open_on(self, on: date) -> date:
        """Return the first date from `on` on which the hall opens.

        Raises:
            InvalidValueError: it is closed for a whole year from there.
        """
        for days in range(_LOOK_AHEAD_DAYS):
            day = on + timedelta(days=days)
            if self.opening(day).windows:
                return day
        raise InvalidValueError("hours", on.isoformat(), "the hall is closed for a whole year from this day")

    def _usual(self, on: date) -> tuple[Stretch, ...]:
        for special in reversed(self.special_hours):
            if special.covers(on):
                return special.stretches
        return self.hours.by_weekday.get(on.weekday(), ()) if self.hours else ()

    def _window(self, opens_on: date, opens: time, closes_on: date, closes: time) -> Window:
        def instant(on: date, at: time) -> datetime:
            return datetime.combine(on, at, tzinfo=self.zone).astimezone(UTC)

        return Window(opens_at=instant(opens_on, opens), closes_at=instant(closes_on, closes))

    def _decreed(self, on: date) -> tuple[Overlay | None, Reason | None]:
        """Return the overlay that governs a date, if one does, and why a decree closes it, if one does."""
        closed = self._closed_by_own(on)
        overlay = governing(self.overlays, on, joint_leave=self.joint_leave)
        if overlay is None or (closed and overlay.level is not Level.MALL):
            return None, closed
        return overlay, overlay.closed

    def _closed_by_own(self, on: date) -> Reason | None:
        for closure in self.closures:
            if closure.first_on <= on <= closure.last_on:
                basis = LegalBasis(regulation=closure.decree, verified=True) if closure.decree else None
                return Reason(
                    code="closed_by_decree", indonesian=closure.indonesian, english=closure.english, basis=basis
                )
        return None

    def _closed_weekday(self, on: date) -> Reason:
        day, english = _DAYS[on.weekday()], _DAYS_ENGLISH[on.weekday()]
        if self.special_hours:  # another such day may well be open
            return Reason(
                code="closed_weekday",
                indonesian=f"Tidak ada jam layanan pada hari {day} ini.",
                english=f"No opening hours on this {english}.",
            )
        return Reason(code="closed_weekday", indonesian=f"Tutup setiap hari {day}.", english=f"Closed every {english}.")

    def _closed_nationally(self, on: date) -> Reason | None:
        if self.national_holidays and (name := national_holidays(on.year).get(on)):
            return Reason(
                code="closed_holiday", indonesian=f"Libur nasional: {name}.", english=f"National holiday: {name}."
            )
        if self.joint_leave and (name := joint_leave(on.year).get(on)):
            return Reason(code="closed_joint_leave", indonesian=f"{name}.", english=f"Joint leave: {name}.")
        return None

    def _warnings(self, on: date) -> tuple[Reason, ...]:
        if not self.joint_leave or joint_leave(on.year):
            return ()
        if any(
            overlay.kind is DayKind.JOINT_LEAVE and overlay.first_on.year <= on.year <= overlay.last_on.year
            for overlay in self.overlays
        ):
            return ()  # its decree stands in the overlays, before a release of `holidays` could bring it
        return (
            Reason(
                code="year_without_decree",
                indonesian=f"Cuti bersama tahun {on.year} belum diketahui.",
                english=f"The joint leave of {on.year} is not known yet.",
            ),
        )
