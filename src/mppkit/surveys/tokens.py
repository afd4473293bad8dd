"""Survey codes (*kode survei*): printed on a ticket, good for one answer, and telling nobody whose ticket it was.

A code is 16 letters: eight that name it (from the ticket's number, by a keyed hash) and eight that prove it (from its
day, its service and the first eight). Nothing about it is stored until it is used, and then only a keyed hash of it.
Whoever holds the mall's survey secret can make a ticket's code again and so link its answer; nobody else can.
"""

import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from datetime import date

from attrs import field, frozen

from mppkit.decisions import Decision, Reason
from mppkit.errors import InvalidValueError, RefusedError

SECRET_AT_LEAST = 16
"""Bytes; 32 random ones are recommended."""

_HALF = 5
"""Bytes of either half: one code in 2 ** 40 is proved by chance, for each service and day that is tried."""
_OFFICIAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PRINTED = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_PRINTED = str.maketrans(_OFFICIAL, _PRINTED)
_TO_OFFICIAL = str.maketrans({**dict(zip(_PRINTED, _OFFICIAL, strict=True)), "O": "A", "I": "B", "L": "B"})
"""Neither I, L, O nor U is ever printed; who reads a 1 as I or L, or a 0 as O, is understood."""
_WHOLE = re.compile(r"[0-9A-TV-Z]{16}")
_PARTING = re.compile(r"[\s\-\u2010-\u2015]+")
_UNREADABLE = "the code printed on a ticket, as text; None where there is none"


@frozen(kw_only=True)
class Printed:
    """What a code proves: on which local date, and for which service, its ticket was issued."""

    on: date
    service: str
    nonce: str = field(repr=False)


def checked_secret(secret: bytes) -> bytes:
    """Return a mall's survey secret.

    Raises:
        InvalidValueError: it is no bytes, or too short to keep codes from being guessed.
    """
    if not isinstance(secret, bytes) or len(secret) < SECRET_AT_LEAST:
        found = f"{len(secret)} bytes" if isinstance(secret, bytes) else type(secret).__name__
        raise InvalidValueError("secret", found, f"give {SECRET_AT_LEAST} random bytes or more, the same ones always")
    return secret


def token_of(secret: bytes, mall: str, on: date, service: str, number: str) -> str:
    """Return the code that is printed on a ticket; the same ticket always has the same.

    Args:
        secret: the mall's survey secret.
        mall: the mall's id.
        on: the local date of issue.
        service: the service it was issued for.
        number: the ticket's number.

    >>> token_of(bytes(32), "badung", date(2026, 11, 24), "nib", "A-001")
    'K74T-48P6-1QJ0-PZ0F'
    """
    nonce = _letters(_mac(secret, "nonce", mall, on.isoformat(), number)[:_HALF])
    whole = nonce + _letters(_proof(secret, mall, on, service, nonce))
    return "-".join(whole[start : start + 4] for start in range(0, 16, 4)).translate(_TO_PRINTED)


def read_token(secret: bytes, mall: str, typed: str, days: Iterable[date], services: Iterable[str]) -> Printed:
    """Return what a code proves, however it was typed; days and services are those that are accepted.

    Raises:
        InvalidValueError: it is no text.
        RefusedError: it has not 16 letters, or is no code of these days and services: mistyped, too old, or made up.

    >>> on = date(2026, 11, 24)
    >>> code = token_of(bytes(32), "badung", on, "nib", "A-001")
    >>> read_token(bytes(32), "badung", code.lower().replace("-", " "), [on], ["pajak", "nib"]).service
    'nib'
    """
    if not isinstance(typed, str):
        raise InvalidValueError("token", type(typed).__name__, f"give {_UNREADABLE}")
    letters = _PARTING.sub("", typed).upper()
    if not _WHOLE.fullmatch(letters):
        raise RefusedError(Decision.refused(_malformed(len(letters))))
    official = letters.translate(_TO_OFFICIAL)
    nonce, proof = official[:8], b32decode(official[8:])
    services = tuple(services)
    for on in days:
        for service in services:
            if hmac.compare_digest(_proof(secret, mall, on, service, nonce), proof):
                return Printed(on=on, service=service, nonce=nonce)
    raise RefusedError(Decision.refused(UNKNOWN))


def used_mark(secret: bytes, mall: str, instrument: str, printed: Printed) -> str:
    """Return what is recorded of a code once it is used for an instrument; without the secret it tells nothing.

    It is keyed: a plain hash could be made by everyone who saw the ticket.
    """
    return _mac(secret, "used", mall, instrument, printed.on.isoformat(), printed.nonce)[:16].hex()


def request_mark(secret: bytes, mall: str, instrument: str, request_id: str) -> str:
    """Return what is recorded of a caller's request_id, which may well hold a ticket's number."""
    return _mac(secret, "request", mall, instrument, request_id)[:16].hex()


def _proof(secret: bytes, mall: str, on: date, service: str, nonce: str) -> bytes:
    return _mac(secret, "proof", mall, on.isoformat(), service, nonce)[:_HALF]


def _mac(secret: bytes, *parts: str) -> bytes:
    # none but the last part can hold a line break, so no two rows of parts read alike
    return hmac.digest(secret, "\n".join(("mppkit.surveys", *parts)).encode(errors="surrogatepass"), "sha256")


def _letters(half: bytes) -> str:
    return b32encode(half).decode()


def _malformed(count: int) -> Reason:
    return Reason(
        code="token_malformed",
        indonesian=f"Kode survei terdiri atas 16 huruf atau angka; yang diketik {count}, atau ada tanda lain.",
        english=f"A survey code has 16 letters or digits; {count} were typed, or other signs are among them.",
    )


UNKNOWN = Reason(
    code="token_unknown",
    indonesian="Kode survei ini tidak dikenal: periksa kembali ketikannya; mungkin juga masa berlakunya sudah lewat.",
    english="This survey code is not known: check how it was typed; it may also be too old.",
)
"""Why a code that proves nothing is refused; which of the two it is, nobody can tell: no unused code is stored."""

USED = Reason(
    code="token_used",
    indonesian="Kode survei ini sudah dipakai untuk jawaban lain; setiap kode berlaku untuk satu jawaban.",
    english="This survey code was used for other answers already; each code is good for one.",
)
"""Why a code is refused the second time."""
