"""One neutral check of any kind of number, for screens and command lines: it never raises for a bad number."""

from datetime import date
from enum import StrEnum

from attrs import frozen

from mppkit.decisions import Reason
from mppkit.errors import NotFoundError
from mppkit.identity.digits import Number, masked_input
from mppkit.identity.nib import read_nib
from mppkit.identity.nik import Nik, Sex, check_on, read_nik
from mppkit.identity.npwp import Nitku, Npwp, read_nitku, read_npwp
from mppkit.identity.phone import read_phone
from mppkit.identity.regions import Region, Regions


class Kind(StrEnum):
    """The kinds of number that can be checked."""

    NIK = "nik"
    NPWP = "npwp"
    NITKU = "nitku"
    NIB = "nib"
    PHONE = "phone"


@frozen(kw_only=True)
class Checked:
    """What can be told of a number by looking at it; never the whole number, and never that it is registered.

    Attributes:
        valid: whether it is well formed.
        masked: the number as others may see it.
        born_on: the possible dates of birth, the likely one first, for a NIK or an NPWP that is one; else empty.
        sex, region: what a NIK says, else None; the region is a hint only.
        warnings: what is strange about a valid number; or the one reason why it is not valid.
    """

    valid: bool
    masked: str
    born_on: tuple[date, ...] = ()
    sex: Sex | None = None
    region: Region | None = None
    warnings: tuple[Reason, ...] = ()


def check(kind: str, text: str, *, on: date, regions: Regions | None = None) -> Checked:
    """Check a number of a kind by its form; tells nothing about whether it is registered.

    Args:
        kind: nik, npwp, nitku, nib or phone.
        text: the number as somebody wrote it.
        on: the day to reckon ages from.
        regions: where to look the region of a NIK up; the shipped table of the provinces if not given.

    Raises:
        NotFoundError: there is no such kind.
        InvalidValueError: `on` is no date.

    >>> checked = check("nik", "3171011708260001", on=date(2026, 11, 24))
    >>> checked.valid, checked.masked, [born.year for born in checked.born_on], [why.code for why in checked.warnings]
    (True, '31…', [2026, 1926], ['nik_two_centuries'])
    >>> check("nib", "12345", on=date(2026, 11, 24)).warnings[0].english
    'Write the NIB with 13 digits; here are 5.'
    """
    check_on(on)
    read = _read(kind, text, on, regions)
    if isinstance(read, Reason):
        return Checked(valid=False, masked=masked_input(text), warnings=(read,))
    nik = _nik_in(read)
    if nik is None:
        return Checked(valid=True, masked=read.masked, warnings=read.warnings)
    return Checked(
        valid=True,
        masked=read.masked,
        born_on=nik.born_on,
        sex=nik.sex,
        region=nik.region,
        warnings=read.warnings,
    )


def _read(kind: str, text: str, on: date, regions: Regions | None) -> Number | Reason:
    match kind:
        case Kind.NIK:
            return read_nik(text, on=on, regions=regions)
        case Kind.NPWP:
            return read_npwp(text, on=on, regions=regions)
        case Kind.NITKU:
            return read_nitku(text, on=on, regions=regions)
        case Kind.NIB:
            return read_nib(text)
        case Kind.PHONE:
            return read_phone(text)
    raise NotFoundError(
        "kind of number", kind, [str(known) for known in Kind], remedy=f"the kinds are {', '.join(Kind)}"
    )


def _nik_in(number: Number) -> Nik | None:
    """Return the population number that a number is or holds."""
    match number:
        case Nik():
            return number
        case Npwp(nik=nik) | Nitku(npwp=Npwp(nik=nik)):
            return nik
    return None
