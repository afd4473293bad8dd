"""NPWP in both forms, NITKU and NIB."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.identity import parse_nib, parse_nik, parse_nitku, parse_npwp

ON = date(2026, 11, 24)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@pytest.mark.parametrize("text", ["01.300.066.6-091.000", "013000666091000", "01 300 066 6 091 000"])
def test_an_old_number_is_read_and_printed_with_its_dots(text: str) -> None:
    npwp = parse_npwp(text, on=ON)
    assert npwp.digits == npwp.old_form == "013000666091000"
    assert npwp.formatted == "01.300.066.6-091.000"
    assert npwp.masked == "01…00"
    assert npwp.nik is None
    assert npwp.warnings == ()


def test_no_check_digit_is_held_against_an_old_number() -> None:
    for last in range(10):
        assert parse_npwp(f"01.300.066.{last}-091.000", on=ON).warnings == ()


def test_a_new_number_with_0_is_the_old_one_in_its_new_form() -> None:
    npwp = parse_npwp("0013 0006 6609 1000", on=ON)
    assert npwp.digits == "0013000666091000"
    assert npwp.old_form == "013000666091000"
    assert npwp.formatted == "0013 0006 6609 1000"
    assert npwp.nik is None
    assert npwp.warnings == ()


def test_a_person_s_new_number_is_the_nik() -> None:
    npwp = parse_npwp("3171011708260001", on=ON)
    assert npwp.nik == parse_nik("3171011708260001", on=ON)
    assert npwp.old_form is None
    assert npwp.masked == "31…"
    assert [warning.code for warning in npwp.warnings] == ["nik_two_centuries"]


def test_a_new_number_of_neither_form_is_accepted_with_a_warning() -> None:
    npwp = parse_npwp("1000000000123456", on=ON)
    assert npwp.nik is None
    assert npwp.old_form is None
    assert [warning.code for warning in npwp.warnings] == ["npwp_neither_form"]


def test_what_only_fills_a_blank_is_told() -> None:
    numbers = [
        parse_npwp("00.000.000.0-000.000", on=ON),
        parse_npwp("0000000000000000", on=ON),
        parse_nitku("0" * 22, on=ON),
        parse_nib("9999999999999"),
    ]
    assert [[warning.code for warning in number.warnings] for number in numbers] == [["number_all_alike"]] * 4
    assert parse_nib("9999999999998").warnings == ()


def test_a_place_of_business_is_a_taxpayer_and_a_branch() -> None:
    nitku = parse_nitku("0013000666091000-000012", on=ON)
    assert nitku.npwp == parse_npwp("0013000666091000", on=ON)
    assert nitku.branch == "000012"
    assert nitku.formatted == "0013 0006 6609 1000 000012"


def test_a_business_number_has_thirteen_digits() -> None:
    nib = parse_nib("0220 1031 20123")
    assert nib.digits == nib.formatted == "0220103120123"
    assert nib.masked == "02…23"


@pytest.mark.parametrize("count", [0, 1, 14, 17, 22, 100])
def test_another_length_is_no_npwp(count: int) -> None:
    with pytest.raises(InvalidValueError, match=f"15 or 16 digits; here are {count}"):
        parse_npwp("1" * count, on=ON)


@pytest.mark.parametrize("count", [12, 14])
def test_another_length_is_no_nib(count: int) -> None:
    with pytest.raises(InvalidValueError, match=f"13 digits; here are {count}"):
        parse_nib("1" * count)


@pytest.mark.parametrize("count", [16, 21, 23])
def test_another_length_is_no_nitku(count: int) -> None:
    with pytest.raises(InvalidValueError, match=f"22 digits; here are {count}"):
        parse_nitku("1" * count, on=ON)


@given(digits(15) | digits(16))
def test_every_npwp_of_the_right_length_is_accepted_and_its_format_reads_back(number: str) -> None:
    npwp = parse_npwp(number, on=ON)
    assert npwp.digits == number
    assert parse_npwp(npwp.formatted, on=ON) == npwp


@given(digits(15))
def test_both_forms_of_an_old_number_are_found_by_it(number: str) -> None:
    assert parse_npwp(number, on=ON).old_form == parse_npwp(f"0{number}", on=ON).old_form == number


@given(digits(22))
def test_every_nitku_of_the_right_length_is_accepted_and_its_format_reads_back(number: str) -> None:
    nitku = parse_nitku(number, on=ON)
    assert nitku.npwp.digits + nitku.branch == nitku.digits == number
    assert parse_nitku(nitku.formatted, on=ON) == nitku


@given(digits(13))
def test_every_nib_of_the_right_length_is_accepted_and_its_format_reads_back(number: str) -> None:
    assert parse_nib(number).digits == number
    assert parse_nib(parse_nib(number).formatted) == parse_nib(number)
