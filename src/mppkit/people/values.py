"""Values of a person as they are kept: checked, and in one spelling; no message shows a name or address."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.identity import parse_nik, parse_npwp, parse_phone
from mppkit.identity.digits import compact, masked_input
from mppkit.identity.phone import read_phone
from mppkit.people.model import Field, Personal, Terms

INDEXED = (Field.NIK, Field.PHONE)
"""By what a person is found."""

_AT_MOST = {Field.NAME: 200, Field.EMAIL: 254, Field.ADDRESS: 500}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ABROAD = re.compile(r"\+[1-9][0-9]{6,14}")
_HIDDEN = "…"


def read_fields(names: Iterable[Field | str]) -> tuple[Field, ...]:
    """Return fields by their names, each once.

    Raises:
        InvalidValueError: none is named.
        NotFoundError: there is no such field.
    """
    if not isinstance(names, Iterable):
        raise InvalidValueError("fields", type(names).__name__, "name one field or more, such as ['name', 'phone']")
    fields = tuple(dict.fromkeys(read_field(name) for name in ((names,) if isinstance(names, str) else names)))
    if not fields:
        raise InvalidValueError("fields", (), "name one field or more")
    return fields


def read_field(name: Field | str) -> Field:
    """Return a field by its name.

    Raises:
        NotFoundError: there is none; a name that may hold a value is not shown.
    """
    if isinstance(name, str) and name in list(Field):
        return Field(name)
    is_word = isinstance(name, str) and name.isascii() and name.isidentifier()
    raise NotFoundError("field", name if is_word else _HIDDEN, list(Field), f"the fields are {', '.join(Field)}")


def read_values(values: Mapping[Field | str, str | Personal], on: date) -> dict[Field, str]:
    """Return values in the spelling in which they are kept, in the order of the fields.

    Raises:
        InvalidValueError: there is none, or one cannot be.
        NotFoundError: there is no such field.
    """
    if not isinstance(values, Mapping) or not values:
        raise InvalidValueError("values", _HIDDEN, 'give one field or more, such as {"name": …}')
    read = {field: read_value(field, value, on) for field, value in ((read_field(n), v) for n, v in values.items())}
    return {field: read[field] for field in Field if field in read}


def read_value(field: Field, value: str | Personal, on: date) -> str:
    """Return a value in the spelling in which it is kept; `on` is the day from which ages in a NIK are reckoned.

    Raises:
        InvalidValueError: it cannot be one.

    >>> read_value(Field.PHONE, "(0812) 3456-7890", date(2026, 11, 24))
    '+6281234567890'
    >>> read_value(Field.EMAIL, "made at contoh.id", date(2026, 11, 24))
    Traceback (most recent call last):
    mppkit.errors.InvalidValueError: email: '…': give one address such as name@example.id
    """
    text = value.reveal() if isinstance(value, Personal) else value
    match field:
        case Field.NIK:
            return parse_nik(text, on=on).digits
        case Field.NPWP:
            return parse_npwp(text, on=on).digits
        case Field.PHONE:
            return _phone(text)
    if not isinstance(text, str):
        raise InvalidValueError(field, masked_input(text), "give it as text")
    text = unicodedata.normalize("NFC", text.strip())
    at_most = _AT_MOST[field]
    if not text or not text.isprintable() or len(text) > at_most:
        raise InvalidValueError(field, _HIDDEN, f"write one line of up to {at_most} characters")
    if field is Field.EMAIL and not _EMAIL.fullmatch(text):
        raise InvalidValueError(field, _HIDDEN, "give one address such as name@example.id")
    return text


def read_terms(terms: Terms | Mapping[Field | str, Terms], fields: Iterable[Field]) -> dict[Field, Terms]:
    """Return the terms of each field.

    Raises:
        InvalidValueError: a field has none.
        NotFoundError: there is no such field.
    """
    fields = tuple(fields)
    if isinstance(terms, Terms):
        return dict.fromkeys(fields, terms)
    given = {read_field(name): value for name, value in terms.items()} if isinstance(terms, Mapping) else {}
    for field in fields:
        if not isinstance(given.get(field), Terms):
            raise InvalidValueError(f"terms.{field}", None, "give the Terms of each field, or one Terms for all")
    return {field: given[field] for field in fields}


def _phone(text: str) -> str:
    read = read_phone(text)
    if isinstance(read, Reason) and read.code == "phone_foreign" and _ABROAD.fullmatch(compact(text)):
        return compact(text)
    return parse_phone(text).e164
