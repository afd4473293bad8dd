"""What others' programs can read: iCalendar files of opening days and appointments (extra `interop`).

Each format has one file here, the only door to its library. This room writes text; it opens no store and sends nothing.
"""

from mppkit.interop.ical import appointments_ics, openings_ics

__all__ = ["appointments_ics", "openings_ics"]
