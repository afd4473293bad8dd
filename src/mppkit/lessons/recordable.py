"""What may be recorded for ever: texts, dates, and ids without personal numbers. Names only people can leave out."""

import re
from datetime import date

from mppkit.errors import InvalidValueError
from mppkit.ids import check_id

_LONG_NUMBER = re.compile(r"\d(?:[ .,()/-]{0,2}\d){9,}")
"""Ten digits or more, grouped or not: a NIK, a phone number, a card."""
_DATE_OR_HOURS = re.compile(
    r"(?<![\d.-])(?:(?:19|20)\d\d-[01]\d-[0-3]\d|[0-2]?\d[.:][0-5]\d ?[-–] ?[0-2]?\d[.:][0-5]\d)(?![.-]?\d)"
)
"""What is no personal number though it makes a long row with its neighbour, such as hours before and after a break."""
_PERSON = re.compile(r"[^\s\x00-\x1f\x7f@]{1,100}")
_NUMBER_AS_ID = re.compile(r"\+?\d[\d .-]{7,}|.*(?<![0-9A-Za-z])\d{13,}(?![0-9A-Za-z]).*")
"""A personal number alone, or one with a label as in `nik:5103…`; the groups of a UUID are shorter."""
_DATE_AS_ID = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")


def checked_text(text: str, place: str, at_most: int, *, may_be_empty: bool = False) -> str:
    """Return a line of text, if it can be kept for ever.

    Raises:
        InvalidValueError: it is empty, too long or more than a line; or it holds a long number, which may well be a
            person's; the message masks it.

    >>> checked_text("Jumat buka 08.00-11.30, 13.00-16.00", "text", 200)
    'Jumat buka 08.00-11.30, 13.00-16.00'
    >>> checked_text("HP 0812 3456 7890", "text", 200)
    Traceback (most recent call last):
    mppkit.errors.InvalidValueError: text: 'HP …': leave out the long number: no NIK or phone number may be recorded
    """
    if may_be_empty and text == "":
        return text
    if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > at_most:
        raise InvalidValueError(place, text, f"write one line of up to {at_most} characters, and no names of persons")
    if _LONG_NUMBER.search(_DATE_OR_HOURS.sub("…", text)):
        remedy = "leave out the long number: no NIK or phone number may be recorded"
        raise InvalidValueError(place, _LONG_NUMBER.sub("…", text), remedy)
    return text


def checked_date(on: date, place: str) -> date:
    """Return a local date.

    Raises:
        InvalidValueError: it is none, or an instant.
    """
    if type(on) is not date:
        raise InvalidValueError(place, on, "give a local date, such as date(2026, 11, 16)")
    return on


def checked_id(value: str, place: str) -> str:
    """Return the id of a thing: a mall, a service, a counter, a visit.

    Raises:
        InvalidValueError: it is no identifier, or looks like a NIK or a phone number.
    """
    check_id(value, place)
    if _NUMBER_AS_ID.fullmatch(value) and not _DATE_AS_ID.fullmatch(value):
        raise InvalidValueError(place, f"{value[:2]}…", "give an id with letters, never a NIK or a phone number")
    return value


def checked_person(value: str, place: str) -> str:
    """Return a person's id.

    Raises:
        InvalidValueError: it holds white space or `@`, or looks like a NIK or a phone number.
    """
    if not isinstance(value, str) or not _PERSON.fullmatch(value) or _NUMBER_AS_ID.fullmatch(value):
        remedy = "give the person's id in your own records, never a NIK, a phone number, an address or a name"
        raise InvalidValueError(place, f"{str(value)[:2]}…", remedy)
    return value
