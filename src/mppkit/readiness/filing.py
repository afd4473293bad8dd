"""What may be recorded as evidence, and what may not: every fault of a piece of evidence at once, none of them raised.

Pure, like `rules`, which refuses what has a fault, and `loading`, which tells the faults of a whole file together.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from urllib.parse import urlsplit

from mppkit.documents.values import Wrong
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import (
    NUMBER_REMEDY,
    PERSON_REMEDY,
    can_be_person_id,
    has_long_number,
    without_long_numbers,
)
from mppkit.readiness.model import Evidence, EvidenceKind, Instrument

_NOTE_AT_MOST = 200
_REFERENCE_AT_MOST = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")
_USER = re.compile(r"//.*@")


class Fault(NamedTuple):
    """One thing that is wrong with a piece of evidence: which of its fields, what stands there, what may."""

    key: str
    value: object
    wrong: Wrong


def faults(evidence: Evidence, instrument: Instrument, on: date) -> Iterator[Fault]:
    """Yield all that keeps a piece of evidence from being recorded on a local date."""
    yield from _of_its_item(evidence, instrument)
    yield from _of_what_it_shows(evidence)
    if not can_be_person_id(evidence.by):
        yield Fault("by", f"{str(evidence.by)[:2]}…", Wrong(allowed=PERSON_REMEDY))
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
        yield Fault(key, without_long_numbers(text), Wrong(allowed=NUMBER_REMEDY))


# --- what is given with a step -------------------------------------------------------------------------------------


def checked_why(why: str) -> str:
    """Return a reason that somebody typed, if it can be kept for ever.

    Raises:
        InvalidValueError: it is missing, too long, or holds a long number, which may well be a person's.
    """
    for fault in _of_text("why", why, _NOTE_AT_MOST):
        raise InvalidValueError("why", fault.value, fault.wrong.allowed)
    return why
