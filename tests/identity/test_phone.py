"""Telephone numbers as Indonesians write them, to their international form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.identity import parse_phone

numbers = st.from_regex(r"(8[0-9]{8,12}|[2-79][0-9]{6,12})", fullmatch=True)
"""What stands behind +62: a mobile number of 9 to 13 digits, or another of 7 to 13."""


@pytest.mark.parametrize(
    ("text", "e164", "formatted"),
    [
        ("0812-3456-7890", "+6281234567890", "0812-3456-7890"),
        ("081234567890", "+6281234567890", "0812-3456-7890"),
        ("6281234567890", "+6281234567890", "0812-3456-7890"),
        ("+62 812-3456-7890", "+6281234567890", "0812-3456-7890"),
        ("+62 (0)812 3456 7890", "+6281234567890", "0812-3456-7890"),
        ("62081234567890", "+6281234567890", "0812-3456-7890"),
        ("0062 812 3456 7890", "+6281234567890", "0812-3456-7890"),
        ("\u202a+62\u00a0812‑3456‑7890\u202c", "+6281234567890", "0812-3456-7890"),
        ("＋６２８１２３４５６７８９０", "+6281234567890", "0812-3456-7890"),
        ("(0361) 123456", "+62361123456", "0361-123456"),
        ("+62 361 123456", "+62361123456", "0361-123456"),
        ("(021) 1234 5678", "+622112345678", "021-12345678"),
        ("0811 123 456", "+62811123456", "0811-1234-56"),
        ("0899 1234 56789", "+62899123456789", "0899-1234-56789"),
        # a range nobody has heard of yet
        ("0840 1234 5678", "+6284012345678", "0840-1234-5678"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, e164: str, formatted: str) -> None:
    phone = parse_phone(text)
    assert phone.e164 == e164
    assert phone.formatted == formatted
    assert phone.warnings == ()


def test_a_mobile_number_that_lost_its_0_in_a_spreadsheet_is_read_with_a_warning() -> None:
    phone = parse_phone("812 3456 7890")
    assert phone.e164 == "+6281234567890"
    assert [warning.code for warning in phone.warnings] == ["phone_zero_lost"]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1500123", "short service number"),
        ("112", "short service number"),
        ("+62 1500123", "short service number"),
        ("+61 412 345 678", "Only Indonesian"),
        ("0061 412 345 678", "Only Indonesian"),
        ("+0812 3456 7890", "Only Indonesian"),
        ("361 123456", "beginning with 0 or"),
        ("", "beginning with 0 or"),
        ("+", "Only Indonesian"),
        ("0812 3456", "too few or too many"),
        ("0361 12", "too few or too many"),
        ("0812 3456 7890 1234", "too few or too many"),
        ("+62 00812 3456 7890", "too few or too many"),
        ("O812 3456 7890", "a letter O"),
        ("0812 3456 7890 ext 2", "digits only"),
        ("0361 123456/7", "digits only"),
        ("0812+3456 7890", "digits only"),
        ("++62 812 3456 7890", "digits only"),
        (81234567890, "as text"),
    ],
)
def test_what_is_no_indonesian_number_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(InvalidValueError, match=remedy):
        parse_phone(text)


@given(numbers)
def test_all_ways_of_writing_a_number_are_one(number: str) -> None:
    phone = parse_phone(f"+62{number}")
    assert phone.e164 == f"+62{number}"
    for text in (f"0{number}", f"62{number}", f"0062{number}", f"+62(0){number}", phone.formatted, phone.e164):
        assert parse_phone(text) == phone
        assert parse_phone(text).warnings == ()
