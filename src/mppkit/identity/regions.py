"""Region codes of the Ministry of Home Affairs (*kode wilayah Kemendagri*), and tables of the names behind them.

A code is text with dots: 51 a province, 51.03 a regency or city, 51.03.05 a district, 51.03.05.2001 a village. Others
number the regions in their own ways (BPS, older tables): those codes look alike and mean other places; never mix them.
Source: Permendagri 58/2021, as reported; codes change, and a number issued earlier keeps the code of its day.
"""

import re
from collections.abc import Mapping

from attrs import field, frozen

from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError
from mppkit.identity.digits import compact, grouped, masked_input, text_of

_DOTTED = re.compile(r"[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{4})?)?)?")
_BLOCKS = (2, 2, 2)  # and the four digits of a village behind them
_LENGTHS = {2, 4, 6, 10}
_DISTRICT = 8  # characters with dots
_LONGEST_SHOWN = 7  # telephone numbers have eight digits or more, with their 0
_VILLAGE_KINDS = "123"  # kelurahan, desa, desa adat

_FORM = Reason(
    code="region_code_form",
    indonesian="Tulis kode wilayah Kemendagri seperti 51, 51.03, 51.03.05 atau 51.03.05.2001.",
    english="Write a Kemendagri region code such as 51, 51.03, 51.03.05 or 51.03.05.2001.",
)
_ZERO_BLOCK = Reason(
    code="region_code_zero",
    indonesian="Bagian 00 tidak dipakai; tulis hanya bagian yang ada, seperti 51.03.",
    english="No part is 00; write only the parts there are, such as 51.03.",
)
_OTHER_SYSTEM = Reason(
    code="region_code_other_system",
    indonesian="Kode desa Kemendagri diawali 1, 2 atau 3; ini mungkin kode BPS.",
    english="A Kemendagri village code begins with 1, 2 or 3; this may be a code of BPS.",
)


@frozen(kw_only=True)
class Region:
    """A region's code, with dots, and its name as the table writes it."""

    code: str
    name: str

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@frozen(kw_only=True, eq=False)
class Regions:
    """A table of regions, of any depth: a hint for people, never a reason to refuse a number.

    A table that lists some parts of a region, such as a few of its districts, is taken to list them all.

    Attributes:
        names: the name of each region by its code with dots.
        basis: the decree the table was made from; None where nobody said.

    Raises:
        InvalidValueError: a code has not the form of one.

    >>> table = Regions(names={"51": "Bali", "51.03": "Kabupaten Badung"})
    >>> print(table.nearest("51.03.05"))
    51.03 Kabupaten Badung
    >>> table.missing("51.03.05"), table.missing("51.99.01")
    (None, '51.99')
    """

    names: Mapping[str, str] = field(repr=lambda names: f"<{len(names)} regions>")
    basis: LegalBasis | None = None
    _listed: frozenset[str] = field(init=False, repr=False)

    @_listed.default
    def _list(self) -> frozenset[str]:
        """Return the regions whose parts this table lists; "" is the country."""
        return frozenset(_parent(code) for code in self.names)

    def __attrs_post_init__(self) -> None:
        for code in self.names:
            if read_region_code(code) != code:
                raise InvalidValueError("names", code, _FORM.english)

    def nearest(self, code: str) -> Region | None:
        """Return the region of a code with dots, or the smallest known one it lies in; None where none is known."""
        while code:
            if code in self.names:
                return Region(code=code, name=self.names[code])
            code = _parent(code)
        return None

    def missing(self, code: str) -> str | None:
        """Return the part of a code that this table should list and does not, or None.

        Below the last region it knows a table without any parts has nothing to say, so nothing is missing there.
        """
        while code not in self.names:
            parent = _parent(code)
            if parent in self._listed:
                return code
            if not parent:
                return None
            code = parent
        return None


def parse_region_code(text: str) -> str:
    """Return a region code in its form with dots; tells nothing about whether such a region exists.

    Reads codes with or without dots. Where there are dots each part must be whole: a spreadsheet that took 11.10 for
    a number wrote 11.1, and nobody may guess which region that was.

    Raises:
        InvalidValueError: it has not the form of such a code.

    >>> parse_region_code("510305"), parse_region_code("51.03.05.2001")
    ('51.03.05', '51.03.05.2001')
    """
    code = read_region_code(text)
    if isinstance(code, Reason):
        raise InvalidValueError("region code", shown_code(text), code.english)
    return code


def read_region_code(text: object) -> str | Reason:
    """Return a region code in its form with dots, or why it is none."""
    text = text_of(text)
    if isinstance(text, Reason):
        return text
    code = text if _DOTTED.fullmatch(text) else _dotted(text)
    if not _DOTTED.fullmatch(code):
        return _FORM
    if "00" in code.split("."):
        return _ZERO_BLOCK
    if len(code) > _DISTRICT and code[_DISTRICT + 1] not in _VILLAGE_KINDS:
        return _OTHER_SYSTEM
    return code


def shown_code(text: object) -> str:
    """Return what was given as a region code, fit for a message: whole, unless it may be somebody's number.

    >>> shown_code("5103010"), shown_code("5103 0117 0890 0001")
    ('5103010', '51…01')
    """
    if isinstance(text, str) and len(compact(text)) <= _LONGEST_SHOWN:
        return text.strip()
    return masked_input(text)


def _dotted(text: str) -> str:
    code = re.sub(r"\.+", ".", compact(text, between=".")).strip(".")
    return grouped(code, *_BLOCKS, between=".") if "." not in code and len(code) in _LENGTHS else code


def _parent(code: str) -> str:
    return code.rpartition(".")[0]
