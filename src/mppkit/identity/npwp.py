"""Tax numbers: of a taxpayer (*nomor pokok wajib pajak*, NPWP) and of its places of business (NITKU).

The old NPWP has 15 digits, the new one 16 (PMK 112/PMK.03/2022): an Indonesian person's is the NIK, everybody else's
is 0 and the old number. The check digit of the old number is known by hearsay only, so nothing is refused for it.
"""

from datetime import date

from attrs import field, frozen

from mppkit.decisions import Reason
from mppkit.identity.digits import Number, accepted, all_alike, digits_of, grouped
from mppkit.identity.nik import Nik, check_on, read_nik
from mppkit.identity.regions import Regions

_OLD, _NEW = 15, 16

_NEITHER = Reason(
    code="npwp_neither_form",
    indonesian="NPWP 16 angka ini bukan NIK dan tidak diawali 0; periksa kembali.",
    english="This NPWP of 16 digits is no NIK and does not begin with 0; look at it again.",
)


@frozen(kw_only=True, repr=False)
class Npwp(Number):
    """A well-formed tax number (NPWP); nothing says that it is registered.

    Attributes:
        nik: the population number that it is, for an Indonesian person's new number; None for every other.
    """

    nik: Nik | None = field(default=None, eq=False)

    @property
    def old_form(self) -> str | None:
        """The 15 digits of the old number, by which both forms of one taxpayer are found; None for a NIK."""
        if len(self.digits) == _OLD:
            return self.digits
        return self.digits[1:] if self.digits.startswith("0") else None

    @property
    def masked(self) -> str:
        """The number as others may see it; one that is a NIK as a NIK."""
        return self.nik.masked if self.nik else super().masked

    @property
    def formatted(self) -> str:
        """The whole number as the old one is printed, 01.300.066.6-091.000; a new one in groups of four."""
        if len(self.digits) == _NEW:
            return grouped(self.digits, 4, 4, 4)
        return f"{grouped(self.digits[:9], 2, 3, 3, between='.')}-{grouped(self.digits[9:], 3, between='.')}"


@frozen(kw_only=True, repr=False)
class Nitku(Number):
    """A well-formed number of a place of business (*nomor identitas tempat kegiatan usaha*): NPWP and six digits.

    Attributes:
        npwp: the taxpayer's number of 16 digits.
    """

    npwp: Npwp = field(eq=False)

    @property
    def branch(self) -> str:
        """The last six digits; 000000 is the head office."""
        return self.digits[_NEW:]

    @property
    def formatted(self) -> str:
        """The whole number, the taxpayer's in groups of four and the branch."""
        return grouped(self.digits, 4, 4, 4, 4)


def parse_npwp(text: str, *, on: date, regions: Regions | None = None) -> Npwp:
    """Read a tax number (NPWP) of 15 or 16 digits as people write it; tells nothing about whether it is registered.

    Args:
        text: the number; spaces, dots and dashes may stand in it.
        on: the day to reckon ages from, for a number that is a NIK.
        regions: where to look its region up; the shipped table of the provinces if not given.

    Raises:
        InvalidValueError: it has neither 15 nor 16 digits, or other signs among them.

    >>> npwp = parse_npwp("01.300.066.6-091.000", on=date(2026, 11, 24))
    >>> npwp, npwp.digits, npwp.formatted
    (Npwp(01…00), '013000666091000', '01.300.066.6-091.000')
    """
    check_on(on)
    return accepted(read_npwp(text, on=on, regions=regions), "npwp", text)


def read_npwp(text: object, *, on: date, regions: Regions | None) -> Npwp | Reason:
    """Return an NPWP, or why it cannot be one."""
    digits = digits_of(text, "NPWP", _OLD, _NEW)
    if isinstance(digits, Reason):
        return digits
    if len(digits) == _OLD or digits.startswith("0"):
        return Npwp(digits=digits, warnings=all_alike(digits, "NPWP"))
    nik = read_nik(digits, on=on, regions=regions)
    if isinstance(nik, Reason):
        # accepted all the same: the rule was read in reports only, and numbers of a new kind may come
        return Npwp(digits=digits, warnings=(_NEITHER,))
    return Npwp(digits=digits, warnings=nik.warnings, nik=nik)


def parse_nitku(text: str, *, on: date, regions: Regions | None = None) -> Nitku:
    """Read a number of a place of business (NITKU) of 22 digits; tells nothing about whether it is registered.

    Args:
        text: the number; spaces, dots and dashes may stand in it.
        on: the day to reckon ages from, for a number that begins with a NIK.
        regions: where to look its region up; the shipped table of the provinces if not given.

    Raises:
        InvalidValueError: it has not 22 digits, or other signs among them.

    >>> parse_nitku("0013000666091000 000000", on=date(2026, 11, 24)).branch
    '000000'
    """
    check_on(on)
    return accepted(read_nitku(text, on=on, regions=regions), "nitku", text)


def read_nitku(text: object, *, on: date, regions: Regions | None) -> Nitku | Reason:
    """Return a NITKU, or why it cannot be one."""
    digits = digits_of(text, "NITKU", _NEW + 6)
    if isinstance(digits, Reason):
        return digits
    npwp = read_npwp(digits[:_NEW], on=on, regions=regions)
    return npwp if isinstance(npwp, Reason) else Nitku(digits=digits, warnings=npwp.warnings, npwp=npwp)
