"""The population number (*nomor induk kependudukan*, NIK): 16 digits PPKKCC DDMMYY NNNN.

Province, regency or city and district where it was first issued; the day of birth, plus 40 for women; a serial number.
A well-formed number is not a registered one: only Dukcapil can say who is registered. To reject a valid number is worse
than to accept an invalid one, so only what cannot be is refused, and what is strange is a warning.
Source: the structure as regency population offices explain it; that no district is 00, other programs only.
"""

from datetime import date, datetime
from enum import StrEnum

from attrs import field, frozen

from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError
from mppkit.identity.digits import Number, accepted, all_alike, digits_of, grouped
from mppkit.identity.regions import Region, Regions
from mppkit.identity.tables import provinces

_OLDEST = 120  # years; a birth longer ago is not considered
_FEMALE_FROM = 40

_DISTRICT_ZERO = Reason(
    code="nik_district_zero",
    indonesian="Kode kecamatan dalam NIK (angka ke-5 dan ke-6) tidak mungkin 00.",
    english="The district code in a NIK (digits 5 and 6) cannot be 00.",
)
_NO_DATE = Reason(
    code="nik_date",
    indonesian="Angka ke-7 sampai ke-12 NIK bukan tanggal lahir (HHBBTT; untuk perempuan HH + 40).",
    english="Digits 7 to 12 of the NIK are no date of birth (DDMMYY; for women DD + 40).",
)
_SERIAL_ZERO = Reason(
    code="nik_serial_zero",
    indonesian="Nomor urut NIK biasanya dimulai dari 0001; di sini 0000.",
    english="The serial number of a NIK usually begins at 0001; here it is 0000.",
)
_TWO_CENTURIES = Reason(
    code="nik_two_centuries",
    indonesian="Tahun lahir dalam NIK hanya dua angka: dua tanggal lahir berjarak seratus tahun sama-sama mungkin.",
    english="The year of birth in a NIK has two digits only: two dates a hundred years apart are both possible.",
)
_LEVELS = {2: ("provinsi", "province"), 5: ("kabupaten/kota", "regency or city"), 8: ("kecamatan", "district")}


class Sex(StrEnum):
    """The sex that the day of birth in a NIK tells (*jenis kelamin*)."""

    MALE = "male"
    FEMALE = "female"


@frozen(kw_only=True, repr=False)
class Nik(Number):
    """A well-formed population number (NIK); nothing says that it is registered.

    Attributes:
        born_on: the possible dates of birth, the likely one first. Two where the year could be of either century, the
            younger first: there are far more people of 5 than of 105. `warnings` says so then.
        sex: what the day of birth tells.
        region_code: the district of first issue with dots, by the codes of that time; people move and keep the number.
        region: the smallest known region that the code lies in, a hint only; None where not even the province is known.
    """

    born_on: tuple[date, ...] = field(eq=False)
    sex: Sex = field(eq=False)
    region_code: str = field(eq=False)
    region: Region | None = field(eq=False)

    @property
    def serial(self) -> str:
        """The last four digits, which tell apart people of one district, birthday and sex."""
        return self.digits[12:]

    @property
    def masked(self) -> str:
        """The number as others may see it: the province only.

        Birth date and district are often shown beside it, and then the last digits would give the number away.
        """
        return f"{self.digits[:2]}…"

    @property
    def formatted(self) -> str:
        """The whole number in its three parts, easy to read aloud; cards print it without spaces."""
        return grouped(self.digits, 6, 6)


def parse_nik(text: str, *, on: date, regions: Regions | None = None) -> Nik:
    """Read a population number (NIK) as people write it; tells nothing about whether it is registered.

    Args:
        text: the number; spaces, dots and dashes may stand in it.
        on: the day to reckon ages from, which decides between the centuries of birth: mostly today at the mall.
        regions: where to look the region up; the shipped table of the provinces if not given.

    Raises:
        InvalidValueError: it cannot be a NIK: not 16 digits, no such day of birth, district 00.

    >>> nik = parse_nik("650101 170890 0001", on=date(2026, 11, 24))
    >>> nik, nik.born_on, str(nik.sex), str(nik.region)
    (Nik(65…), (datetime.date(1990, 8, 17),), 'male', '65 Kalimantan Utara')
    """
    check_on(on)
    return accepted(read_nik(text, on=on, regions=regions), "nik", text)


def read_nik(text: object, *, on: date, regions: Regions | None) -> Nik | Reason:
    """Return a NIK, or why it cannot be one."""
    digits = digits_of(text, "NIK", 16)
    if isinstance(digits, Reason):
        return digits
    if digits[4:6] == "00":
        return _DISTRICT_ZERO
    day = int(digits[6:8])
    sex = Sex.FEMALE if day > _FEMALE_FROM else Sex.MALE
    day -= _FEMALE_FROM if sex is Sex.FEMALE else 0
    born_on = _births(day, int(digits[8:10]), int(digits[10:12]), on)
    if not born_on:
        return _NO_DATE
    regions = regions or provinces()
    code = grouped(digits[:6], 2, 2, between=".")
    warnings = list(all_alike(digits, "NIK"))
    if len(born_on) > 1:
        warnings.append(_TWO_CENTURIES)
    if digits[12:] == "0000":
        warnings.append(_SERIAL_ZERO)
    if missing := regions.missing(code):
        warnings.append(_unknown_region(missing, regions))
    return Nik(
        digits=digits,
        warnings=tuple(warnings),
        born_on=born_on,
        sex=sex,
        region_code=code,
        region=regions.nearest(code),
    )


def check_on(on: date) -> None:
    """Check the day that ages are reckoned from.

    Raises:
        InvalidValueError: it is no date, or a date-time, of which nobody knows in which zone its day is meant.
    """
    if not isinstance(on, date) or isinstance(on, datetime):
        raise InvalidValueError("on", on, "give a date, such as date(2026, 11, 24)")


def _births(day: int, month: int, year: int, on: date) -> tuple[date, ...]:
    """Return the possible dates of birth, the younger first: not after `on`, at most 120 years before it."""
    found = []
    for century in range(on.year // 100, on.year // 100 - 3, -1):
        try:
            born = date(100 * century + year, month, day)
        except ValueError:  # no such day, or 29 February in a century whose year is no leap year
            continue
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        if 0 <= age <= _OLDEST:
            found.append(born)
    return tuple(found)


def _unknown_region(missing: str, regions: Regions) -> Reason:
    indonesian, english = _LEVELS[len(missing)]
    return Reason(
        code="region_unknown",
        indonesian=f"Kode {indonesian} dalam NIK tidak ada di tabel wilayah; NIK memuat kode saat diterbitkan.",
        english=f"The {english} code in the NIK is not in the table of regions; a NIK keeps the codes of its issue.",
        basis=regions.basis,
    )
