"""Dates in words, in Indonesian and in English: the months stand here once, for every room that tells something."""

from datetime import date

_INDONESIAN = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(on: date) -> tuple[str, str]:
    """Return a date in Indonesian and in English.

    >>> day(date(2026, 8, 17))
    ('17 Agustus 2026', '17 August 2026')
    """
    return f"{on.day} {_INDONESIAN[on.month - 1]} {on.year}", f"{on.day} {_ENGLISH[on.month - 1]} {on.year}"
