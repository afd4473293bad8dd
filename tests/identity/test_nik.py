"""Population numbers: what they say, what is refused, and what is only strange."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.identity import Nik, Regions, Sex, parse_nik, provinces

ON = date(2026, 11, 24)

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def codes(nik: Nik) -> list[str]:
    return [warning.code for warning in nik.warnings]


def written(born: date, sex: Sex, region: str = "510305", serial: str = "0001") -> str:
    day = born.day + (40 if sex is Sex.FEMALE else 0)
    return f"{region}{day:02}{born:%m}{born.year % 100:02}{serial}"


@pytest.mark.parametrize("province", ["65", "92", "93", "95", "96"])
def test_young_provinces_are_known(province: str) -> None:
    nik = parse_nik(f"{province}01011708900001", on=ON)
    assert nik.region is not None
    assert nik.region.code == province
    assert nik.warnings == ()


def test_a_man_of_north_kalimantan() -> None:
    nik = parse_nik("6501011708900001", on=ON)
    assert nik.digits == "6501011708900001"
    assert nik.born_on == (date(1990, 8, 17),)
    assert nik.sex is Sex.MALE
    assert nik.region_code == "65.01.01"
    assert str(nik.region) == "65 Kalimantan Utara"
    assert nik.serial == "0001"
    assert nik.formatted == "650101 170890 0001"
    assert nik.warnings == ()


def test_a_woman_has_forty_added_to_her_day() -> None:
    nik = parse_nik("3316057112850003", on=ON)
    assert nik.sex is Sex.FEMALE
    assert nik.born_on == (date(1985, 12, 31),)


def test_a_child_born_this_year_is_a_child_first_and_the_other_century_is_told() -> None:
    nik = parse_nik("3171011708260001", on=ON)
    assert nik.born_on == (date(2026, 8, 17), date(1926, 8, 17))
    assert codes(nik) == ["nik_two_centuries"]


@pytest.mark.parametrize(
    ("number", "on", "born_on"),
    [
        # 5 or 105 years old
        ("5103051708210001", ON, (date(2021, 8, 17), date(1921, 8, 17))),
        # a birthday that is still to come this year belongs to the century before
        ("5103052511260001", ON, (date(1926, 11, 25),)),
        ("5103052411260001", ON, (date(2026, 11, 24), date(1926, 11, 24))),
        # 120 years old to the day, and one day more than 120 years and a year
        ("5103052411060001", ON, (date(2006, 11, 24), date(1906, 11, 24))),
        ("5103052411050001", ON, (date(2005, 11, 24),)),
        ("5103052511050001", ON, (date(2005, 11, 25), date(1905, 11, 25))),
        # 29 February: 2000 had one, 1900 had not
        ("5103052902000001", ON, (date(2000, 2, 29),)),
        ("5103052902000001", date(2010, 1, 1), (date(2000, 2, 29),)),
        # three centuries can be looked at: 1895 was 115 years before
        ("5103051708950001", date(2010, 11, 24), (date(1995, 8, 17), date(1895, 8, 17))),
    ],
)
def test_both_centuries_are_tried_against_the_given_day(number: str, on: date, born_on: tuple[date, ...]) -> None:
    assert parse_nik(number, on=on).born_on == born_on


@pytest.mark.parametrize(
    "day_month_year",
    ["310290", "290290", "320190", "400190", "000190", "410090", "720190", "990190", "171390", "170090"],
)
def test_a_day_that_never_was_is_refused(day_month_year: str) -> None:
    with pytest.raises(InvalidValueError, match="no date of birth"):
        parse_nik(f"510305{day_month_year}0001", on=ON)


def test_district_00_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="district code") as caught:
        parse_nik("5103001708900001", on=ON)
    assert caught.value.place == "nik"


def test_serial_0000_is_strange_and_no_more() -> None:
    assert codes(parse_nik("5103051708900000", on=ON)) == ["nik_serial_zero"]


def test_sixteen_ones_are_a_well_formed_number_that_may_only_fill_a_blank() -> None:
    assert "number_all_alike" in codes(parse_nik("1111111111111111", on=ON))


@pytest.mark.parametrize("region", ["100305", "000005", "540101", "990101"])
def test_an_unknown_province_is_a_warning_that_names_the_table(region: str) -> None:
    nik = parse_nik(f"{region}1708900001", on=ON)
    assert nik.region is None
    (warning,) = nik.warnings
    assert warning.code == "region_unknown"
    assert "province" in warning.english
    assert warning.basis is not None
    assert warning.basis.cite() == "Kepmendagri 300.2.2-2138/2025"


def test_an_unknown_district_shows_its_regency() -> None:
    table = Regions(names={"51": "BALI", "51.03": "KAB. BADUNG", "51.03.05": "Kuta Selatan"})
    known = parse_nik("5103051708900001", on=ON, regions=table)
    unknown = parse_nik("5103991708900001", on=ON, regions=table)
    assert (str(known.region), codes(known)) == ("51.03.05 Kuta Selatan", [])
    assert (str(unknown.region), codes(unknown)) == ("51.03 KAB. BADUNG", ["region_unknown"])
    assert "district" in unknown.warnings[0].english
    assert unknown.region_code == "51.03.99"


@pytest.mark.parametrize(
    "text",
    [
        "6501011708900001",
        "  650101 170890 0001\n",
        "650101.170890-0001",
        "65 01 01 17 08 90 00 01",
        "6501\u00a00117\u202f0890\u20030001",
        "6501–0117—0890‑0001",
        "６５０１０１１７０８９００００１",
        "٦٥٠١٠١١٧٠٨٩٠٠٠٠١",
        "\u200e6501011708900001\u200f\ufeff",
        "'6501011708900001",
    ],
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert parse_nik(text, on=ON) == parse_nik("6501011708900001", on=ON)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("65O1011708900001", "a letter O; perhaps the digit 0"),
        ("650101l708900001", "a letter l; perhaps the digit 1"),
        ("650101I70890OOO1", "a letter I; perhaps the digit 1"),
        ("65010117089000O1x", "digits only; spaces"),
        ("650101170890000²", "digits only; spaces"),
        ("6501,0117", "digits only; spaces"),
        ("650101170890000", "16 digits; here are 15"),
        ("65010117089000011", "16 digits; here are 17"),
        ("", "16 digits; here are 0"),
        (6501011708900001, "as text"),
        (None, "as text"),
    ],
)
def test_what_is_no_number_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(InvalidValueError, match=remedy):
        parse_nik(text, on=ON)


@pytest.mark.parametrize("on", ["2026-11-24", None, datetime(2026, 11, 24)])  # noqa: DTZ001
def test_the_day_must_be_a_date(on: date) -> None:
    with pytest.raises(InvalidValueError, match="date"):
        parse_nik("6501011708900001", on=on)


def test_one_number_is_one_value_whatever_the_day_and_the_table() -> None:
    early = parse_nik("3171011708260001", on=date(2020, 1, 1), regions=Regions(names={"31": "x"}))
    late = parse_nik("3171011708260001", on=ON)
    assert early.born_on != late.born_on
    assert early == late
    assert len({early, late}) == 1
    assert late != parse_nik("3171011708260002", on=ON)


@given(
    on=days,
    days_ago=st.integers(0, 119 * 365),
    sex=st.sampled_from(Sex),
    region=st.from_regex(r"[0-9]{4}(0[1-9]|[1-9][0-9])", fullmatch=True),
    serial=st.from_regex(r"[0-9]{4}", fullmatch=True),
)
def test_a_number_built_from_its_parts_is_read_back_to_them(
    on: date, days_ago: int, sex: Sex, region: str, serial: str
) -> None:
    born = on - timedelta(days=days_ago)
    nik = parse_nik(written(born, sex, region, serial), on=on)
    assert born in nik.born_on
    assert nik.sex is sex
    assert nik.region_code.replace(".", "") == region
    assert nik.serial == serial
    assert (nik.region is not None) == (region[:2] in provinces().names)
    assert ("region_unknown" in codes(nik)) == (nik.region is None)
    assert ("nik_two_centuries" in codes(nik)) == (len(nik.born_on) == 2)
    assert ("nik_serial_zero" in codes(nik)) == (serial == "0000")
    assert parse_nik(nik.formatted, on=on) == nik


@given(on=days, day=st.integers(0, 99), month=st.integers(0, 99), year=st.integers(0, 99))
def test_the_dates_of_birth_are_all_there_can_be(on: date, day: int, month: int, year: int) -> None:
    """Against a plain walk over all years, with ages counted by birthdays."""
    expected = []
    for candidate in range(on.year, on.year - 122, -1):
        if candidate % 100 != year:
            continue
        try:
            born = date(candidate, month, day - 40 if day > 40 else day)
        except ValueError:
            continue
        birthdays = sum(
            (later, born.month, born.day) <= (on.year, on.month, on.day) for later in range(candidate + 1, on.year + 1)
        )
        if born <= on and birthdays <= 120:
            expected.append(born)
    number = f"510305{day:02}{month:02}{year:02}0001"
    if expected:
        assert parse_nik(number, on=on).born_on == tuple(expected)
    else:
        with pytest.raises(InvalidValueError, match="no date of birth"):
            parse_nik(number, on=on)
