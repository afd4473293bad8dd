"""What others' programs read and write (extras `interop`, `reports`): calendars, workbooks, forms for the field.

Each format has one file here, the only door to its library, loaded when it is first used: `ical` has opening days and
appointments, `xlsx` the result of a survey as a workbook, `xlsform` its questionnaire for KoboToolbox and ODK, and
`submissions` what comes back of it. This room opens no store and sends nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mppkit.interop.ical import appointments_ics as appointments_ics
    from mppkit.interop.ical import openings_ics as openings_ics

__all__ = ["appointments_ics", "openings_ics"]


def __getattr__(name: str) -> object:
    # not at once: who has only the extra for workbooks has no iCalendar
    if name not in __all__:
        raise AttributeError(f"module 'mppkit.interop' has no attribute {name!r}")
    from mppkit.interop import ical

    return getattr(ical, name)
