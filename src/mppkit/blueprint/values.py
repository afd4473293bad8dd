"""What only a blueprint says: persons' ids, prefixes, minutes, amounts, hours of a day, time zones; each a check."""

import re
from datetime import time
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from mppkit.documents.values import Wrong, identifier
from mppkit.queues.model import APPOINTMENT_PREFIX

_PREFIX = re.compile(r"[A-Z0-9]{1,4}")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")
_NUMBER = re.compile(r"\d(?:[._-]?\d){8,}")
_STRETCH = re.compile(r"\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*[-\u2013\u2014]\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*")
_ZONES_AT_HOME = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def person(value: object) -> str | Wrong:
    """Check the identifier of a person, which is never a number that others know them by.

    >>> person("198001012005011001").allowed
    'give an id of your own records, never a NIK, a NIP or a phone number'
    """
    if isinstance(value, str) and _NUMBER.search(value):
        return Wrong(allowed="give an id of your own records, never a NIK, a NIP or a phone number")
    return identifier(value)


def prefix(value: object) -> str | Wrong:
    """Check the prefix of ticket numbers; no hyphen in it, so that two prefixes never make one number."""
    taken = f"{APPOINTMENT_PREFIX}, which begins the codes of appointments"
    allowed = f"use 1 to 4 capital letters or digits, but not {taken}"
    if not isinstance(value, str):
        return Wrong(allowed=allowed)
    if _PREFIX.fullmatch(value) and value != APPOINTMENT_PREFIX:
        return value
    plain = re.sub(r"[^A-Z0-9]", "", value.upper())[:4]
    return Wrong(allowed=allowed, suggestion=plain if plain != APPOINTMENT_PREFIX else None)


def minutes(value: object) -> float | Wrong:
    """Check a stretch of time in minutes: more than 0, a day at most."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1440:
        return Wrong(allowed="give minutes, more than 0 and up to 1440, without quotes")
    return value


def amount(value: object) -> Decimal | Wrong:
    """Check an exact amount, as a number or a text; a number of many digits would lose some on the way.

    >>> amount(12.5), amount("40000.0001"), amount("0,35").suggestion
    (Decimal('12.5'), Decimal('40000.0001'), '0.35')
    """
    digits = "0 or more, with up to 12 digits before the point and 4 after it"
    allowed = f"give {digits}; in quotes where there are more than 15"
    written = value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**12:
        written = repr(value)
    if not isinstance(written, str):
        return Wrong(allowed=allowed)
    if not _AMOUNT.fullmatch(written):
        pointed = written.replace(",", ".")
        return Wrong(allowed=allowed, suggestion=pointed if _AMOUNT.fullmatch(pointed) else None)
    if isinstance(value, float) and len(written) > 16:  # of 15 digits and a point a float loses nothing
        return Wrong(allowed=allowed)
    return Decimal(written)


def stretch(value: object) -> tuple[time, time] | Wrong:
    """Check a stretch of a day, such as `07:30-12:00`; suggests the one way to write it.

    >>> stretch("7.30 - 12.00").suggestion
    '07:30-12:00'
    """
    allowed = "give a stretch such as 07:30-12:00, between 00:00 and 23:59"
    parts = _STRETCH.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        return Wrong(allowed=allowed)
    hours = [int(part) for part in parts.groups()]
    opens, closes = time(hours[0], hours[1]), time(hours[2], hours[3])
    written = f"{opens:%H:%M}-{closes:%H:%M}"
    return (opens, closes) if value == written else Wrong(allowed=allowed, suggestion=written)


@cache
def _zones() -> tuple[str, ...]:
    # those without a slash are old aliases, or mean something else on every machine (localtime)
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def zone(value: object) -> ZoneInfo | Wrong:
    """Check a time zone: one of Indonesia's three, or any other of the IANA's for a log from elsewhere.

    >>> zone("WITA").suggestion
    'Asia/Makassar'
    """
    at_home = tuple(_ZONES_AT_HOME.values())
    # 60 ms to list all zones, and a mall in Indonesia never needs them
    if isinstance(value, str) and (value in at_home or value in _zones()):
        return ZoneInfo(value)
    allowed = f"give {', '.join(at_home)} or another IANA time zone"
    if not isinstance(value, str):
        return Wrong(allowed=allowed)
    return Wrong(allowed=allowed, suggestion=_ZONES_AT_HOME.get(value.upper()), among=(*at_home, *_zones()))
