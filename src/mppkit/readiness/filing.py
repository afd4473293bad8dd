"""What may be recorded as evidence, and what may not: every fault of a piece of evidence at once, none of them raised.

Pure, like `rules`, which refuses what has a fault, and `loading`, which tells the faults of a whole file together.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from urllib.parse import urlsplit

from mppkit.errors import InvalidValueError
from mppkit.readiness.model import Evidence, EvidenceKind, Instrument
from mppkit.readiness.tables import Wrong

_NOTE_AT_MOST = 200
_REFERENCE_AT_MOST = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"(?<![\d.-])(?:19|20)\d\d-[01]\d-[0-3]\d(?![.-]?\d)")
_NUMBER = re.compile(r"\d(?:[ .,()-]{0,2}\d){9,}")
"""Ten digits or more, grouped or not: a NIK, a phone number; the slashes of a decree's number part its digits."""
_USER = re.compile(r"//.*@")
_ID = re.compile(r"[^\s\x00-\x1f\x7f@]{1,100}")
_NUMBER_AS_ID = re.compile(r"\+?\d[\d .-]{7,}|.*(?<![0-9A-Za-z])\d{13,}(?![0-9A-Za-z]).*")
"""A personal number alone, or one with a label as in `nik:5103…`; the groups of a UUID are shorter."""


class Fault(NamedTuple):
    """One thing that is wrong with a piece of evidence: which of its fields, what stands there, what may."""

    key: str
    value: object
    wrong: Wrong


def faults(evidence: Evidence, instrument: Instrument, on: date) -> Iterator[Fault]:
    """Yield all that keeps a piece of evidence from being recorded on a local date."""
    yield from _of_its_item(evidence, instrument)
    yield from _of_what_it_shows(evidence)
    if _unfit_id(evidence.by):
        yield Fault("by", f"{str(evidence.by)[:2]}…", Wrong(allowed=_PERSON_REMEDY))
    yield from _of_its_days(evidence.given_on, evidence.valid_until, on)


def _of_its_item(evidence: Evidence, instrument: Instrument) -> Iterator[Fault]:
    ids = [item.id for item in instrument.items]
    if evidence.item not in ids:
        yield Fault("item", evidence.item, Wrong(allowed="give the id of an item of the instrument", among=ids))
        return
    kinds = instrument.item(evidence.item).kinds
    if not kinds:
        yield Fault("item", evidence.item, Wrong(allowed="leave it out: here only the library's own check counts"))
    elif evidence.kind not in kinds:
        yield Fault("kind", str(evidence.kind), Wrong(allowed=f"for this item {' or '.join(kinds)} counts"))


def _of_what_it_shows(evidence: Evidence) -> Iterator[Fault]:
    reference, digest, note = evidence.reference, evidence.digest, evidence.note
    if evidence.kind is EvidenceKind.LINK:
        if not isinstance(reference, str) or not _is_address(reference):
            allowed = "give the address of the page, such as https://mpp.badungkab.go.id/maklumat, without a user in it"
            shown = _USER.sub("//…@", reference) if isinstance(reference, str) else reference
            yield Fault("reference", shown, Wrong(allowed=allowed))
    elif evidence.kind is EvidenceKind.DOCUMENT:
        if reference is None and digest is None:
            yield Fault("reference", None, Wrong(allowed="give the document's number, or the digest of its file"))
    elif not note:
        yield Fault("note", None, Wrong(allowed="say what is stated"))
    if reference is not None:
        yield from _of_text("reference", reference, _REFERENCE_AT_MOST)
    if digest is not None and not _DIGEST.fullmatch(str(digest)):
        lower = str(digest).lower()
        suggestion = lower if _DIGEST.fullmatch(lower) else None
        yield Fault("digest", digest, Wrong(allowed="give SHA-256, 64 hexadecimal digits", suggestion=suggestion))
    if note:
        yield from _of_text("note", note, _NOTE_AT_MOST)


def _of_its_days(given_on: date, valid_until: date | None, on: date) -> Iterator[Fault]:
    instants = [
        Fault(key, day, Wrong(allowed="give a local date, such as date(2026, 11, 24)"))
        for key, day in (("given_on", given_on), ("valid_until", valid_until))
        if day is not None and type(day) is not date
    ]
    yield from instants
    if not instants and given_on > on:
        yield Fault("given_on", given_on, Wrong(allowed=f"give a day up to {on.isoformat()}"))
    if not instants and valid_until is not None and valid_until < given_on:
        yield Fault("valid_until", valid_until, Wrong(allowed=f"give a day not before {given_on.isoformat()}"))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _of_text(key: str, text: str, at_most: int) -> Iterator[Fault]:
    if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > at_most:
        yield Fault(key, text, Wrong(allowed=f"give one line of up to {at_most} characters, and no names of persons"))
    if isinstance(text, str) and has_long_number(text):
        remedy = "leave out the long number: no NIK or phone number may be recorded"
        yield Fault(key, _NUMBER.sub("…", text), Wrong(allowed=remedy))


def has_long_number(text: str) -> bool:
    """Tell whether ten digits or more stand in a row, grouped or not; dates do not count.

    >>> has_long_number("NIK 5103 0117 0890 0001"), has_long_number("2026-11-24 2027-11-24, 188.45/1234/2026")
    (True, False)
    """
    return _NUMBER.search(_DATE.sub("…", text)) is not None


# --- what is given with a step -------------------------------------------------------------------------------------

_PERSON_REMEDY = "give the person's id in your own records, never a NIK, a phone number, an address or a name"


def _unfit_id(value: object) -> bool:
    return not isinstance(value, str) or not _ID.fullmatch(value) or _NUMBER_AS_ID.fullmatch(value) is not None


def checked_id(value: str | None, place: str) -> str | None:
    """Return a person's id, if it can be one and not a personal number itself.

    Raises:
        InvalidValueError: it holds white space or `@`, or looks like a NIK or a phone number.
    """
    if value is not None and _unfit_id(value):
        raise InvalidValueError(place, f"{str(value)[:2]}…", _PERSON_REMEDY)
    return value


def checked_why(why: str) -> str:
    """Return a reason that somebody typed, if it can be kept for ever.

    Raises:
        InvalidValueError: it is missing, too long, or holds a long number, which may well be a person's.
    """
    for fault in _of_text("why", why, _NOTE_AT_MOST):
        raise InvalidValueError("why", fault.value, fault.wrong.allowed)
    return why
