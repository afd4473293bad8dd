"""Personal numbers never get into a text or an id, nor whole into the error that says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_id, checked_person, checked_text

PERSONAL = {
    "NIK": "3316010101700001",
    "NIK in groups": "33.16.01.010170.0001",
    "NIK with spaces": "3316 0101 0170 0001",
    "phone": "081234567890",
    "phone in groups": "0812-3456-7890",
    "phone of the world": "+62 812 3456 7890",
    "phone with code": "(0361) 123-4567-8",
    "NPWP": "01.234.567.8-901.000",
    "NIK behind a date": "2026-11-16 3316010101700001",
    "NIK like a date": "33160101-2026-11-16-01",
    "NPWP that ends like a date": "3316010-2026-11-16",
    "other digits": "٣٣١٦٠١٠١٠١٧٠٠٠٠١",
}
HARMLESS = [
    "Jumat buka 08.00-11.30, 13.00-16.00",
    "Senin-Kamis 08:00-12:00 dan 13:00-15:30",
    "Dari 2026-09-01 s.d. 2026-10-30",
    "Sejak 17 September 2018: 121 layanan; 2019: 168; 2025: 152",
    "Perbup 11/2018, Keputusan 35/01/HK/2018",
    "Biaya Rp 1.500.000 untuk 12 loket",
    "“Antrean” — lansia didahulukan ½ jam",
]


@pytest.mark.parametrize("kind", PERSONAL)
@pytest.mark.parametrize("around", ["{}", "Hubungi {}.", "nomor:{};"])
def test_a_text_with_a_personal_number_is_refused_and_masked(kind: str, around: str) -> None:
    with pytest.raises(InvalidValueError, match="leave out the long number") as refusal:
        checked_text(around.format(PERSONAL[kind]), "text", 200)
    assert PERSONAL[kind] not in str(refusal.value)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_write_of_hours_dates_and_decrees_is_kept(text: str) -> None:
    assert checked_text(text, "text", 200) == text


@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\tb", "\u202eabc", "\ud800", "x" * 201, None, 7])
def test_a_text_is_one_line_that_can_be_printed(text: object) -> None:
    with pytest.raises(InvalidValueError):
        checked_text(text, "text", 200)


@given(st.text(max_size=20), st.text("0123456789", min_size=10, max_size=16), st.text(max_size=20))
def test_no_ten_digits_in_a_row_get_through(before: str, digits: str, after: str) -> None:
    with pytest.raises(InvalidValueError):
        checked_text(before + digits + after, "text", 200)


@pytest.mark.parametrize("value", ["3316010101700001", "081234567890", "0812-3456-7890", "nik.3316010101700001"])
def test_an_id_is_no_personal_number(value: str) -> None:
    for check in (checked_id, checked_person):
        with pytest.raises(InvalidValueError) as refusal:
            check(value, "place")
        assert value not in str(refusal.value)


@pytest.mark.parametrize(
    "value", ["loket-3", "2026-11-16", "priority_ageing", "33.16", "a1b2c3d4-1234-5678-9012-123456789012"]
)
def test_an_ordinary_id_is_kept(value: str) -> None:
    assert checked_id(value, "place") == value
