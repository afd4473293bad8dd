"""What may be recorded for ever: texts, dates, and ids without personal numbers. Names only people can leave out."""

import re
from datetime import date

from mppkit.errors import InvalidValueError
from mppkit.ids import check_id
from mppkit.masking import UUID, masked_where, personal_numbers, spelled_out

NUMBER_REMEDY = "leave out the long number: no NIK or phone number may be recorded"
PERSON_REMEDY = "give the person's id in your own records, never a NIK, a phone number, an address or a name"

_LONG_NUMBER = re.compile(r"\d(?:[ .,()-]{0,2}\d){9,}")
"""Ten digits or more, grouped or not: a NIK, a phone number; the slashes of a decree's number part its digits."""
_NO_NUMBER = re.compile(
    r"(?<![\d.-])(?:(?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]?\d-[01]?\d-(?:19|20)\d\d|(?:19|20)\d\d ?- ?(?:19|20)\d\d"
    r"|[0-2]?\d[.:][0-5]\d ?- ?[0-2]?\d[.:][0-5]\d)(?![.-]?\d)"
    rf"|(?<![0-9A-Za-z]){UUID}(?![0-9A-Za-z])"
)
"""What is no personal number though it makes a long row, perhaps with its neighbour: dates, years, hours, UUIDs."""
_PERSON = re.compile(r"[^\s@]{1,100}")
_NUMBER_AS_ID = re.compile(rf"(?!{UUID}$)(?:\+?\d[\d .-]{{7,}}|.*(?<![0-9A-Za-z])\d{{13,}}(?![0-9A-Za-z]).*)")
"""A personal number alone, or one with a label as in `nik:5103…`; the groups of a UUID are shorter."""
_DATE_AS_ID = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")


def has_long_number(text: str) -> bool:
    """Tell whether ten digits or more stand in a row, grouped or not, or a NIK or mobile number however it is spelled.

    Dates, years, hours and UUIDs do not count.

    >>> has_long_number("NIK 5103 0117 0890 0001"), has_long_number("2026-11-24 2027-11-24, 188.45/1234/2026")
    (True, False)
    """
    plain, _ = spelled_out(text)
    return _LONG_NUMBER.search(_NO_NUMBER.sub("…", plain)) is not None or bool(personal_numbers(plain))


def without_long_numbers(text: str) -> str:
    """Return a text fit for a message about it: each long number is one sign.

    >>> without_long_numbers("HP 0812 3456 7890")
    'HP …'
    """
    return masked_where(text, lambda plain: [found.span() for found in _LONG_NUMBER.finditer(plain)])


def can_be_person_id(value: object) -> bool:
    """Tell whether a value can be a person's id in somebody's own records, and no number that others know them by.

    >>> can_be_person_id("officer-17"), can_be_person_id("5103011708900001"), can_be_person_id("sri@contoh.go.id")
    (True, False, False)
    """
    if not isinstance(value, str) or not value.isprintable():
        return False
    return bool(_PERSON.fullmatch(spelled_out(value)[0])) and not _is_number(value)


def is_personal_number(id_: str) -> bool:
    """Tell whether a NIK or a mobile number stands in an id, however it is spelled.

    >>> is_personal_number("form-5103_0117_0890_0001"), is_personal_number("0b5f0ae1-3d9e-4a3c-9d2e-081234567890")
    (True, False)
    """
    return bool(personal_numbers(spelled_out(id_)[0]))


def _is_number(id_: str) -> bool:
    return _NUMBER_AS_ID.fullmatch(spelled_out(id_)[0]) is not None or is_personal_number(id_)


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
    return without_number(text, place)


def without_number(text: str, place: str) -> str:
    """Return a text that holds no long number.

    Raises:
        InvalidValueError: it holds one; the message masks it.
    """
    if has_long_number(text):
        raise InvalidValueError(place, without_long_numbers(text), NUMBER_REMEDY)
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
    if _is_number(value) and not _DATE_AS_ID.fullmatch(value):
        raise InvalidValueError(place, f"{value[:2]}…", "give an id with letters, never a NIK or a phone number")
    return value


def checked_person_or_none(value: str | None, place: str) -> str | None:
    """Return a person's id, or None where nobody is named, as with the actor of a command.

    Raises:
        InvalidValueError: it holds white space or `@`, or looks like a NIK or a phone number.
    """
    return None if value is None else checked_person(value, place)


def checked_person(value: str, place: str) -> str:
    """Return a person's id.

    Raises:
        InvalidValueError: it holds white space or `@`, or looks like a NIK or a phone number.
    """
    if not can_be_person_id(value):
        raise InvalidValueError(place, f"{str(value)[:2]}…", PERSON_REMEDY)
    return value
