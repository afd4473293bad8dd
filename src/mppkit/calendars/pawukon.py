"""The Balinese holy days of the 210-day *pawukon* cycle, as suggestions: no day closes without a decree.

The governor's yearly circular says which of them are free, and for whom; service units then arrange shifts so that
service goes on. So these dates are for planning, and for filling in the overlays once the circular is there.
"""

from datetime import date

from attrs import frozen

_CYCLE_DAYS = 210
_BEGINS_ON = date(2025, 2, 9)
"""A first day of the cycle, Sunday (*Redite*) of the week *Sinta*; Galungan of 23 April 2025 lies 73 days later."""

_DAYS = (
    (3, "Pagerwesi", "Pagerwesi"),
    (72, "Penampahan Galungan", "Eve of Galungan"),
    (73, "Galungan", "Galungan"),
    (74, "Umanis Galungan", "Day after Galungan"),
    (82, "Penampahan Kuningan", "Eve of Kuningan"),
    (83, "Kuningan", "Kuningan"),
    (84, "Umanis Kuningan", "Day after Kuningan"),
    (209, "Saraswati", "Saraswati"),
)
"""Days of the cycle, counted from 0.

Galungan is Wednesday of the 11th week (*Dungulan*), Kuningan Saturday of the 12th, Saraswati Saturday of the 30th
(*Watugunung*), Pagerwesi Wednesday of the first (*Sinta*).
"""


@frozen(kw_only=True)
class HolyDay:
    """A Balinese holy day (*rerahinan*) that the cycle gives."""

    on: date
    indonesian: str
    english: str


def balinese_days(first_on: date, last_on: date) -> tuple[HolyDay, ...]:
    """Return the holy days of the cycle between two dates, both included, in order.

    Nyepi and Siwaratri follow the moon, not this cycle; Nyepi is a national holiday.

    >>> [day.on.isoformat() for day in balinese_days(date(2026, 1, 1), date(2026, 12, 31)) if day.english == "Galungan"]
    ['2026-06-17']
    """
    begins = first_on.toordinal() - (first_on - _BEGINS_ON).days % _CYCLE_DAYS
    return tuple(
        HolyDay(on=on, indonesian=indonesian, english=english)
        for first in range(begins, last_on.toordinal() + 1, _CYCLE_DAYS)
        for place, indonesian, english in _DAYS
        if first_on.toordinal() <= first + place <= last_on.toordinal()
        for on in (date.fromordinal(first + place),)
    )
