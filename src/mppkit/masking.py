"""Personal numbers in a text, however they are spelled, and the text with a mask in their place.

At the bottom of the house, for no message of any room may hold one. Which texts may be recorded says `identity`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
# a date or a machine's address, which stay, or nine digits and more as people part them
_LONG_NUMBER = re.compile(
    r"(?<!\d)((?:19|20)\d\d-[01]\d-[0-3]\d|[0-3]\d-[01]\d-(?:19|20)\d\d"
    rf"|(?<!\.){_BYTE}(?:\.{_BYTE}){{3}}(?!\.))(?!\d)|\d(?:[ .()-]{{0,3}}\d){{8,}}"
)
_SIGN = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U00(?:0[0-9a-f]|10)[0-9a-f]{4})|.", re.DOTALL)
"""A sign of a text, or what `repr` writes for one that cannot be printed."""


def _parted(digits: str) -> re.Pattern[str]:
    """Return what finds digits with up to three signs, whichever, at each `~`."""
    return re.compile(rf"(?<!\d){digits}(?!\d)".replace("~", r"[\W_]{0,3}"))


# province, regency, district; day, for women 40 more; month, year and serial number
_NIK = _parted(r"[1-9](?:~\d){3}~(?!0~0)\d~\d~(?:[04]~[1-9]|[1256]~\d|[37]~[01])~(?:0~[1-9]|1~[0-2])(?:~\d){6}")
_MOBILE = _parted(r"(?:0~0~)?(?:0|6~2(?:~0)?)~8(?:~\d){8,11}")
_TEN_DIGITS = re.compile(r"(?:\d\D*){10}")
UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_TIME = r"[0-2]?\d[:.][0-5]\d(?:[:.][0-5]\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
_NO_NUMBER = re.compile(
    r"(?<![\d./-])(?:(?:19|20)\d\d([./-])[01]?\d\1[0-3]?\d|[0-3]?\d([./-])[01]?\d\2(?:19|20)\d\d)(?![./-]?\d)"
    rf"|(?<![\d:.]){_TIME}(?![:.]?\d|[\W_]{{0,3}}\d{{3}})"
    r"|(?<!\d)(?:19|20)\d\d[01]\d[0-3]\dT[0-2]\d(?:[0-5]\d){2}(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"(?!\d|[\W_]{0,3}\d{3})"
    rf"|(?<![^\W_])(?:{UUID}|(?=\d*[a-fA-F])[0-9a-fA-F]{{32,}})(?![^\W_])"
)
"""Dates, times, and what machines make up: UUIDs and digests."""
_DECREE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
"""The year between the slashes of a decree's number, or of dates in a row."""
_TOKEN = re.compile(r"(?=\d*[a-fA-F])[0-9a-fA-F]{16,31}")
"""A random id; a longer one is a digest."""
_LONGEST_TOKEN = 31


def spelled_out(text: str) -> tuple[str, Sequence[int]]:
    """Return a text with plain digits, spaces and hyphens and without invisible signs, and where each sign was.

    The places are one more than the signs: the last one is the end of the text.

    >>> spelled_out("０８１２–34\u200b5")[0]
    '0812-345'
    """
    if text.isascii() and "\\" not in text:
        return text, range(len(text) + 1)
    signs, places = "", []
    for found in _SIGN.finditer(text):
        sign = found[0] if len(found[0]) == 1 else chr(int(found[0][2:], 16))
        plain = "".join(map(_plain, unicodedata.normalize("NFKC", sign)))
        if len(plain) > 1 and not any(map(str.isalnum, plain)):
            plain = plain[0]  # one sign that stands for several, such as four primes
        signs += plain
        places += [found.start()] * len(plain)
    return signs, [*places, len(text)]


def _plain(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return {"Cf": "", "Pd": "-", "Zs": " "}.get(unicodedata.category(sign), sign)


def personal_numbers(plain: str) -> list[tuple[int, int]]:
    """Return from where to where NIK and mobile numbers stand in a text that is spelled out, whatever parts digits.

    >>> personal_numbers("nik5103_0117/0890:0001, tel:081234567890; 2026-11-24T08:15:30.123456+08:00")
    [(3, 22), (28, 40)]
    """
    if not _TEN_DIGITS.search(plain):
        return []  # as nearly always, for no price
    plain = _NO_NUMBER.sub(lambda found: "x" * len(found[0]), plain)
    found = [each.span() for each in _NIK.finditer(plain)]
    return found + [each.span() for each in _MOBILE.finditer(plain) if not _is_other(plain, each)]


def _is_other(plain: str, found: re.Match[str]) -> bool:
    """Tell whether what looks like a mobile number is a decree's number, dates in a row, or part of a random id."""
    if "/" in found[0] and _DECREE.search(found[0]):
        return True
    start, end = found.span()
    first, last = max(0, start - _LONGEST_TOKEN), min(len(plain), end + _LONGEST_TOKEN)
    while start > first and plain[start - 1].isalnum():
        start -= 1
    while end < last and plain[end].isalnum():
        end += 1
    return _TOKEN.fullmatch(plain, start, end) is not None


def masked(text: str) -> str:
    """Return a text with its long numbers masked, as a file's name may be one; dates are not.

    >>> masked("5103011708900001.csv, 2026-11-24")
    '51…01.csv, 2026-11-24'
    """
    return masked_where(
        text,
        lambda plain: [found.span() for found in _LONG_NUMBER.finditer(plain) if not found[1]],
        lambda number: f"{number[:2]}…{number[-2:]}",
    )


def masked_where(
    text: str, look: Callable[[str], list[tuple[int, int]]], mask: Callable[[str], str] = lambda number: "…"
) -> str:
    """Return a text with a mask for each personal number, and for what `look` finds in the text spelled out."""
    plain, places = spelled_out(text)
    shown, done = "", 0
    for start, end in _joined(look(plain) + personal_numbers(plain)):
        shown += text[places[done] : places[start]] + mask(plain[start:end])
        done = end
    return shown + text[places[done] :]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
