"""What may stand under a key: checks that return the value as the models want it, or what is allowed instead."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time

from attrs import frozen

from mppkit.errors import shown
from mppkit.ids import ID_REMEDY, is_id
from mppkit.masking import masked

_TEXT_AT_MOST = 200
_PASSAGE_AT_MOST = 500
_LARGEST = 2**63


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
        return Wrong(allowed=f"give one of {masked(', '.join(names))}", among=names)  # ids of the file, perhaps

    return check
