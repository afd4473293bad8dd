"""Numbers, units and dates as people write them, in Indonesian and in English."""

import math
from datetime import date
from enum import StrEnum

from mppkit import bilingual
from mppkit.lessons.figures import Counted, Unit


class Language(StrEnum):
    """The languages that are written."""

    INDONESIAN = "id"
    ENGLISH = "en"


_UNITS = {
    Unit.SECONDS: ("detik", "seconds"),
    Unit.MINUTES: ("menit", "minutes"),
    Unit.HOURS: ("jam", "hours"),
    Unit.DAYS: ("hari", "days"),
    Unit.WORKING_DAYS: ("hari kerja", "working days"),
    Unit.PERCENT: ("%", "%"),
    Unit.POINTS: ("poin", "points"),
    Unit.VISITS: ("kunjungan", "visits"),
    Unit.RUPIAH: ("rupiah", "rupiah"),
}
_POINTS_OF_PERCENT = ("poin persen", "percentage points")
_COUNTED = {
    Counted.DAYS: ("hari", "days"),
    Counted.VISITS: ("kunjungan", "visits"),
    Counted.ANSWERS: ("jawaban", "answers"),
    Counted.APPLICATIONS: ("permohonan", "applications"),
}
_ENGLISH_TO_INDONESIAN = str.maketrans(",.", ".,")
_MOST_DECIMALS = 6


def either(language: Language, indonesian: str, english: str) -> str:
    """Return the words in the language that is written."""
    return indonesian if language is Language.INDONESIAN else english


def decimals_for(low: float, high: float) -> int:
    """Return how many decimals tell an interval: two digits of its width, at least one, and no bound that looks like 0.

    >>> decimals_for(-90.0, 30.0), decimals_for(0.12, 0.46), decimals_for(0.0, 0.0), decimals_for(-3.0, -0.02)
    (1, 2, 1, 2)
    """
    width = high - low
    decimals = max(1, 1 - math.floor(math.log10(width))) if width > 0 else 1
    while decimals < _MOST_DECIMALS and any(bound != 0 and round(bound, decimals) == 0 for bound in (low, high)):
        decimals += 1
    return min(decimals, _MOST_DECIMALS)


def number(value: float, decimals: int, language: Language, *, signed: bool = False) -> str:
    """Return a number with so many decimals, grouped in thousands; `signed` with its sign, a true minus.

    >>> number(-1234.56, 1, Language.INDONESIAN), number(6.25, 1, Language.ENGLISH, signed=True)
    ('−1.234,6', '+6.2')
    """
    text = format(value, f"{'+' if signed else ''}z,.{decimals}f").replace("-", "−")
    return text.translate(_ENGLISH_TO_INDONESIAN) if language is Language.INDONESIAN else text


def unit_name(unit: Unit, language: Language, *, of_difference: bool = False) -> str:
    """Return what a unit is called; the difference of two shares is in percentage points."""
    return either(language, *(_POINTS_OF_PERCENT if of_difference and unit is Unit.PERCENT else _UNITS[unit]))


def counted_name(counted: Counted, language: Language) -> str:
    """Return what the n of a figure counts."""
    return either(language, *_COUNTED[counted])


def day(on: date, language: Language) -> str:
    """Return a date in words.

    >>> day(date(2026, 8, 17), Language.INDONESIAN)
    '17 Agustus 2026'
    """
    return either(language, *bilingual.day(on))


def period(first_on: date, last_on: date, language: Language) -> str:
    """Return a period in words, both dates included.

    >>> period(date(2026, 8, 17), date(2026, 8, 17), Language.ENGLISH)
    '17 August 2026'
    """
    if first_on == last_on:
        return day(first_on, language)
    return f"{day(first_on, language)} {either(language, 's.d.', 'to')} {day(last_on, language)}"
