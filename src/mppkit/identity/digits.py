"""Digits as people write them, and as others may see them; knows nothing of what a number means.

Reading answers with what was read or with the `Reason` why it cannot be, and never raises: `accepted` raises for those
who want an error, `check` hands the reason on.
"""

import unicodedata
from typing import TypeVar

from attrs import field, frozen

from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError

_SEPARATORS = ".．−'"  # beside white space and every dash; spreadsheets put an apostrophe before a number kept as text
_LOOK_ALIKE = {"O": "0", "o": "0", "l": "1", "I": "1"}
_SHOWN_AT_EACH_END = 2

_NOT_TEXT = Reason(
    code="number_not_text",
    indonesian="Nomor harus diberikan sebagai teks, agar nol di depan tidak hilang.",
    english="Give the number as text, so that no leading zero is lost.",
)
_NOT_DIGITS = Reason(
    code="number_not_digits",
    indonesian="Tulis angka saja; spasi, titik dan tanda hubung boleh di antaranya.",
    english="Write digits only; spaces, dots and dashes may stand between them.",
)


@frozen(kw_only=True, repr=False)
class Number:
    """A number about a person or a business whose whole digits stay out of sight; equal when its digits are.

    Attributes:
        digits: the whole number without separators; personal data: never log, print or store it in an event.
        warnings: what is strange about a number that was accepted all the same.
    """

    digits: str
    warnings: tuple[Reason, ...] = field(default=(), eq=False)

    @property
    def masked(self) -> str:
        """The number as others may see it, such as `01…00`."""
        return mask(self.digits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked})"


Read = TypeVar("Read")


def accepted(answer: Read | Reason, place: str, text: object) -> Read:
    """Return what was read.

    Raises:
        InvalidValueError: it could not be read; names the place, the masked text and the remedy.
    """
    if isinstance(answer, Reason):
        raise InvalidValueError(place, masked_input(text), answer.english)
    return answer


def mask(text: str) -> str:
    """Return a number as others may see it: two signs at each end, and never more than two fifths of them all.

    >>> mask("01.300.066.6-091.000"), mask("08123"), mask("110")
    ('01…00', '0…3', '…')
    """
    signs = "".join(sign for sign in compact(text) if sign.isalnum())
    at_each_end = min(_SHOWN_AT_EACH_END, len(signs) // 5)
    return f"{signs[:at_each_end]}…{signs[len(signs) - at_each_end :]}"


def masked_input(text: object) -> str:
    """Return what somebody gave as a number, fit for a message; of what is no text, its type only."""
    return mask(text) if isinstance(text, str) else type(text).__name__


def compact(text: str, between: str = "") -> str:
    """Return text with `between` for each separator, digits of every script as 0 to 9, and no invisible signs.

    Separators are white space (non-breaking too), dots, dashes and apostrophes. Digits of another script, such as
    full-width ones from an Asian keyboard, mean the same number and nothing else; superscripts are no digits.

    >>> compact("5103\u00a0０１1708-90٠٠01")
    '5103011708900001'
    """
    return "".join(_compacted(sign, between) for sign in text)


def _compacted(sign: str, between: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    category = unicodedata.category(sign)
    if category == "Cf":  # zero-width and direction marks, as copied from a chat
        return ""
    return between if sign.isspace() or category == "Pd" or sign in _SEPARATORS else sign


def digits_of(text: object, name: str, *lengths: int) -> str | Reason:
    """Return the digits of a number that must have one of these lengths, or why it is none."""
    digits = text_of(text)
    if isinstance(digits, Reason):
        return digits
    digits = compact(digits)
    unfit = not_digits(digits)
    if unfit:
        return unfit
    if len(digits) not in lengths:
        return Reason(
            code=f"{name.lower()}_length",
            indonesian=f"{name} ditulis dengan {' atau '.join(map(str, lengths))} angka; di sini {len(digits)}.",
            english=f"Write the {name} with {' or '.join(map(str, lengths))} digits; here are {len(digits)}.",
        )
    return digits


def text_of(text: object) -> str | Reason:
    """Return the text, or that it is none: a number in a variable or a spreadsheet has lost its leading zeros."""
    return text if isinstance(text, str) else _NOT_TEXT


def not_digits(compacted: str) -> Reason | None:
    """Return why a text without separators is not all digits; hints where a letter only looks like one."""
    others = [sign for sign in compacted if not "0" <= sign <= "9"]
    if not others:
        return None
    if not all(sign in _LOOK_ALIKE for sign in others):
        return _NOT_DIGITS
    letter, digit = others[0], _LOOK_ALIKE[others[0]]
    return Reason(
        code="number_letter_for_digit",
        indonesian=f"Ada huruf {letter}; mungkin maksudnya angka {digit}. Tulis angka saja.",
        english=f"There is a letter {letter}; perhaps the digit {digit} was meant. Write digits only.",
    )


def all_alike(digits: str, name: str) -> tuple[Reason, ...]:
    """Return a warning where one digit is repeated throughout, as people write who have no number."""
    if len(set(digits)) > 1:
        return ()
    return (
        Reason(
            code="number_all_alike",
            indonesian=f"Semua angka {name} sama; mungkin hanya pengisi kolom.",
            english=f"All digits of the {name} are the same; it may only fill a blank.",
        ),
    )


def grouped(digits: str, *sizes: int, between: str = " ") -> str:
    """Return digits in groups of these sizes, the rest behind them.

    >>> grouped("6501011708900001", 6, 6)
    '650101 170890 0001'
    """
    groups = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return between.join(group for group in (*groups, digits) if group)
