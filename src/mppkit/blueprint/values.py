"""What may stand in a blueprint: one pure check for each kind of value, answering with the value or what is `Wrong`.

A check never raises: whoever reads a blueprint wants all problems, not the first.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from attrs import frozen

from mppkit.errors import shown
from mppkit.ids import ID_REMEDY, is_id

_TEXT_AT_MOST = 200
_PASSAGE_AT_MOST = 500
_LARGEST = 2**63
_PREFIX = re.compile(r"[A-Z0-9]{1,4}")
_CODE_PREFIX = "J"  # an appointment's code is J-001, and a ticket must not look like one
_NUMBER = re.compile(r"\d(?:[._-]?\d){8,}")
_STRETCH = re.compile(r"\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*[-\u2013\u2014]\s*([01]?\d|2[0-3])[:.]([0-5]\d)\s*")
_ZONES_AT_HOME = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


@frozen(kw_only=True)
class Wrong:
    """What is allowed where something else was found.

    Attributes:
        suggestion: what was probably meant, where a rule says so.
        among: the words to look for the nearest one in, where no rule says so.
    """

    allowed: str
    suggestion: str | None = None
    among: Iterable[str] = ()


Check = Callable[[object], object]
"""Returns the value as the models want it, or a Wrong."""


def found(value: object) -> str | None:
    """Return what was found as a message may show it; None for nothing.

    Tables and arrays are not shown: they may be deep, long, or hold what nobody should read.

    >>> found({"a": 1}), found([1, 2]), found(True), found(date(2026, 11, 24))
    ('a table', 'an array of 2', 'true', '2026-11-24')
    """
    if value is None:
        return None
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return "a number beyond 64 bits"
    return shown(value)


def text(value: object) -> str | Wrong:
    """Check one line of text, such as a name."""
    return _line(value, _TEXT_AT_MOST)


def passage(value: object) -> str | Wrong:
    """Check one longer line of text, such as what a standard says."""
    return _line(value, _PASSAGE_AT_MOST)


def _line(value: object, at_most: int) -> str | Wrong:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > at_most:
        return Wrong(allowed=f"give one line of text, up to {at_most} characters")
    return value


def identifier(value: object) -> str | Wrong:
    """Check an identifier.

    >>> identifier("KTP El").suggestion
    'ktp-el'
    """
    if isinstance(value, str) and is_id(value):
        return value
    slug = re.sub(r"[^a-z0-9._]+", "-", value.lower())[:64].strip("-._") if isinstance(value, str) else ""
    return Wrong(allowed=ID_REMEDY, suggestion=slug or None)


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
    allowed = f"use 1 to 4 capital letters or digits, but not {_CODE_PREFIX}, which begins the codes of appointments"
    if not isinstance(value, str):
        return Wrong(allowed=allowed)
    if _PREFIX.fullmatch(value) and value != _CODE_PREFIX:
        return value
    plain = re.sub(r"[^A-Z0-9]", "", value.upper())[:4]
    return Wrong(allowed=allowed, suggestion=plain if plain != _CODE_PREFIX else None)


def flag(value: object) -> bool | Wrong:
    """Check a truth value."""
    return value if isinstance(value, bool) else Wrong(allowed="give true or false, without quotes")


def whole(least: int, most: int) -> Check:
    """Return the check for a whole number in a range, both ends in it."""

    def check(value: object) -> int | Wrong:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            return Wrong(allowed=f"give a whole number from {least} to {most}, without quotes")
        return value

    return check


def minutes(value: object) -> float | Wrong:
    """Check a stretch of time in minutes: more than 0, a day at most."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1440:
        return Wrong(allowed="give minutes, more than 0 and up to 1440, without quotes")
    return value


def number(value: object) -> int | float | Wrong:
    """Check a number of any size that a store can keep."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST <= value < _LARGEST:
        return Wrong(allowed="give a number, without quotes")
    return value


def day(value: object) -> date | Wrong:
    """Check a date; TOML has its own way to write one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return Wrong(allowed="give a date without quotes, such as 2026-11-24")


def array(value: object) -> list[object] | Wrong:
    """Check an array; its elements are checked one by one."""
    return value if isinstance(value, list) else Wrong(allowed='give an array, such as ["one", "two"]')


def table(value: object) -> dict[str, object] | Wrong:
    """Check a table."""
    return value if isinstance(value, dict) else Wrong(allowed="give a table")


def anything(value: object) -> object:
    """Take whatever TOML can say."""
    return Wrong(allowed="give a value; there is none to fall back on") if value is None else value


def one_of(names: Iterable[str]) -> Check:
    """Return the check for one of some words."""
    names = tuple(names)

    def check(value: object) -> str | Wrong:
        if isinstance(value, str) and value in names:
            return value
        return Wrong(allowed=f"give one of {', '.join(names)}", among=names)

    return check


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
