"""The calendar of an ordinary office, for counting where no mall has said otherwise."""

from datetime import time
from zoneinfo import ZoneInfo

from mppkit.calendars.model import Calendar, WeeklyHours

_MONDAY_TO_THURSDAY = ((time(7, 30), time(12)), (time(13), time(16)))
_FRIDAY = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))


def office_calendar(*, zone: ZoneInfo | None = None, joint_leave: bool = True) -> Calendar:
    """Return the calendar of a five-day office week (*lima hari kerja*).

    37 hours 30 minutes a week, net of breaks (Perpres 21/2023). Where the breaks lie is this library's choice, made so
    that the sum is right; for counting days it does not matter.

    Args:
        zone: its time zone; Asia/Jakarta without one.
        joint_leave: whether it closes on joint leave.

    >>> from datetime import date
    >>> office_calendar().opening(date(2026, 12, 24)).reason.code
    'closed_joint_leave'
    """
    by_weekday = {**dict.fromkeys(range(4), _MONDAY_TO_THURSDAY), 4: _FRIDAY}
    return Calendar(
        zone=zone or ZoneInfo("Asia/Jakarta"), hours=WeeklyHours(by_weekday=by_weekday), joint_leave=joint_leave
    )
