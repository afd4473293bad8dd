"""When the mall is open, and counting working days and hours: weekly hours, decrees, holidays, *cuti bersama*.

`national` is the only door to the `holidays` package, `recurrence` the only one to `dateutil`. This room knows no
service and no queue.
"""

from mppkit.calendars.model import Calendar, Closure, Opening, WeeklyHours, Window
from mppkit.calendars.office import office_calendar
from mppkit.calendars.overlays import DayKind, Level, Overlay, governing, known_on
from mppkit.calendars.pawukon import HolyDay, balinese_days
from mppkit.calendars.recurrence import SpecialHours
from mppkit.calendars.stops import Stop
from mppkit.calendars.working_days import Deadline, SkippedDay, WorkingDays
from mppkit.calendars.working_time import WorkingTime

__all__ = [
    "Calendar",
    "Closure",
    "DayKind",
    "Deadline",
    "HolyDay",
    "Level",
    "Opening",
    "Overlay",
    "SkippedDay",
    "SpecialHours",
    "Stop",
    "WeeklyHours",
    "Window",
    "WorkingDays",
    "WorkingTime",
    "balinese_days",
    "governing",
    "known_on",
    "office_calendar",
]
