"""Indonesian telephone numbers, to their international form (E.164): +62 and the number without its leading 0.

Own code on purpose: tables of number ranges age, and would refuse a number of a range given out yesterday. Only the
form is checked, never whether somebody answers. Source: E.164 for the longest number; the shortest as seen in use, for
the regulator's numbering plan was not read.
"""

from attrs import frozen

from mppkit.decisions import Reason
from mppkit.identity.digits import Number, accepted, compact, grouped, not_digits, text_of

_COUNTRY = "62"
_SHORTEST, _SHORTEST_MOBILE, _LONGEST = 7, 9, 13  # digits behind +62; E.164 allows 15 in all
_MOBILE = "8"
_CITIES = (
    "21",
    "22",
    "24",
    "31",
    "61",
)  # area codes of two digits; all others have three. From memory, for grouping only
_SIGNS = str.maketrans("＋", "+", "()（）")

_FOREIGN = Reason(
    code="phone_foreign",
    indonesian="Hanya nomor Indonesia (+62) yang dibaca di sini; simpan nomor luar negeri apa adanya.",
    english="Only Indonesian numbers (+62) are read here; keep a foreign number as it was given.",
)
_NO_PREFIX = Reason(
    code="phone_prefix",
    indonesian="Tulis nomor lengkap yang diawali 0 atau +62, seperti 0812... atau (0361)...",
    english="Write the whole number, beginning with 0 or +62, such as 0812... or (0361)...",
)
_SHORT = Reason(
    code="phone_short_number",
    indonesian="Nomor layanan singkat seperti 112 atau 1500123 tidak mempunyai bentuk internasional.",
    english="A short service number such as 112 or 1500123 has no international form.",
)
_LENGTH = Reason(
    code="phone_length",
    indonesian="Jumlah angka tidak sesuai: 8 sampai 14 dengan 0 di depan, nomor seluler sedikitnya 10.",
    english="It has too few or too many digits: 8 to 14 with the leading 0, a mobile number at least 10.",
)
_ZERO_LOST = Reason(
    code="phone_zero_lost",
    indonesian="Nomor tidak diawali 0 atau +62; dianggap nomor seluler yang kehilangan 0.",
    english="The number begins with neither 0 nor +62; taken for a mobile number that has lost its 0.",
)


@frozen(kw_only=True, repr=False)
class Phone(Number):
    """A well-formed Indonesian telephone number; nothing says that anybody answers it. `digits` begin with 62."""

    @property
    def e164(self) -> str:
        """The whole number in international form, such as +6281234567890."""
        return f"+{self.digits}"

    @property
    def masked(self) -> str:
        """The number as others may see it: the country and the last two digits."""
        return f"+{_COUNTRY}…{self.digits[-2:]}"

    @property
    def formatted(self) -> str:
        """The whole number as people at home write it, such as 0812-3456-7890 or 0361-123456."""
        number = self.digits.removeprefix(_COUNTRY)
        if number.startswith(_MOBILE):
            return grouped(f"0{number}", 4, 4, between="-")
        return grouped(f"0{number}", 3 if number.startswith(_CITIES) else 4, between="-")


def parse_phone(text: str) -> Phone:
    """Read an Indonesian telephone number as people write it: 0812..., 62812..., +62 812..., +62 (0)812..., (0361)...

    A mobile number that a spreadsheet robbed of its 0 (812...) is read too, with a warning.

    Raises:
        InvalidValueError: it is no such number, a foreign one, or a short one such as 112 or 1500123.

    >>> phone = parse_phone("(0812) 3456-7890")
    >>> phone, phone.e164, phone.formatted
    (Phone(+62…90), '+6281234567890', '0812-3456-7890')
    """
    return accepted(read_phone(text), "phone", text)


def read_phone(text: object) -> Phone | Reason:
    """Return a telephone number, or why it cannot be an Indonesian one."""
    text = text_of(text)
    if isinstance(text, Reason):
        return text
    dialled = compact(text.translate(_SIGNS))
    unfit = not_digits(dialled.removeprefix("+"))
    if unfit:
        return unfit
    number = _without_prefix(dialled)
    if isinstance(number, Reason):
        return number
    if number.startswith("1"):
        return _SHORT
    shortest = _SHORTEST_MOBILE if number.startswith(_MOBILE) else _SHORTEST
    if not shortest <= len(number) <= _LONGEST or number.startswith("0"):
        return _LENGTH
    return Phone(digits=f"{_COUNTRY}{number}", warnings=(_ZERO_LOST,) if number == dialled else ())


def _without_prefix(dialled: str) -> str | Reason:
    """Return the number behind 0 or +62; also behind both, as many write."""
    for abroad in ("+", "00"):
        if dialled.startswith(abroad) and not dialled.startswith(f"{abroad}{_COUNTRY}"):
            return _FOREIGN
    for country in (f"+{_COUNTRY}", f"00{_COUNTRY}", _COUNTRY):
        if dialled.startswith(country):
            return dialled.removeprefix(country).removeprefix("0")
    if dialled.startswith("0"):
        return dialled.removeprefix("0")
    if dialled.startswith("1"):
        return _SHORT
    return dialled if dialled.startswith(_MOBILE) else _NO_PREFIX
