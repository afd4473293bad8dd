"""Ticket codes: they prove that somebody holds a ticket, and are kept nowhere.

A code of its own, not the survey's: who shows number and survey code together would no longer answer anonymously.
"""

import hmac
from datetime import date

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_date

_LETTERS = 12
"""Hexadecimal digits: 48 bits, too many to try out through a portal."""


def ticket_code(secret: bytes, mall: str, on: date, number: str) -> str:
    """Return the code of a ticket; the same ticket always has the same.

    Raises:
        InvalidValueError: the number is no text, or `on` no local date.

    >>> ticket_code(bytes(32), "badung", date(2026, 11, 24), "A-001")
    '084d-ad52-0a78'
    """
    if not isinstance(number, str):
        raise InvalidValueError("number", type(number).__name__, "give a text such as A-001")
    checked_date(on, "on")
    # the number is the last part: no other can hold a line break
    whole = "\n".join(("mppkit.access", mall, on.isoformat(), number)).encode(errors="surrogatepass")
    digits = hmac.digest(secret, whole, "sha256").hex()[:_LETTERS]
    return "-".join(digits[start : start + 4] for start in range(0, _LETTERS, 4))


def is_code(typed: str, code: str) -> bool:
    """Tell whether a code was typed, however: capitals, spaces and hyphens do not count."""
    plain = "".join(typed.lower().replace("-", " ").split())
    return hmac.compare_digest(plain.encode(errors="surrogatepass"), code.replace("-", "").encode())
