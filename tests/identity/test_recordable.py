"""Personal numbers never get into a text or an id, nor whole into the error that says so."""

import re
import sys
import time
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, shown
from mppkit.identity.recordable import (
    can_be_person_id,
    checked_id,
    checked_person,
    checked_text,
    has_long_number,
    is_personal_number,
    without_long_numbers,
)
from mppkit.masking import masked

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
PHONE = "081234567890"
HARMLESS = [
    "Jumat buka 08.00-11.30, 13.00-16.00",
    "Senin-Kamis 08:00-12:00 dan 13:00-15:30",
    "Dari 2026-09-01 s.d. 2026-10-30",
    "Sejak 17 September 2018: 121 layanan; 2019: 168; 2025: 152",
    "Perbup 11/2018, Keputusan 35/01/HK/2018",
    "Biaya Rp 1.500.000 untuk 12 loket",
    "“Antrean” — lansia didahulukan ½ jam",
    "Renstra 2021–2026, 2027–2032",
    "Tanggal 08/12/2026, 09/12/2026 dan 8.12.2026",
    "Dicatat 2026-11-24T08:15:30.123456+08:00",
    "Buka 08:00, 09:30, 13:00 dan 15:30:00",
    "Pukul 08:00 188 orang, 09:15 2026-11-24, 10.30 2027",
    "Pada 08-12-2026 188 orang",
    "Keputusan 188.45/0812/2026, 800/081/2026/0001 dan 503/0812/2026",
    "Berkas a1b2c3d4-1234-5678-9012-123456789012",
    "2018: 121; 2019: 168; 2025: 152; 2026: 170",
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


# --- however it is spelled -------------------------------------------------------------------------------------------

BETWEEN = [
    sign for sign in map(chr, range(sys.maxunicode)) if unicodedata.category(sign) in ("Pd", "Zs", "Cf", "Po", "Pc")
]
"""Every dash, space, invisible sign and sign of punctuation there is."""

days = st.builds(
    lambda day, month, year, woman: f"{day + 40 * woman:02}{month:02}{year:02}",
    *(st.integers(1, 31), st.integers(1, 12), st.integers(0, 99), st.booleans()),
)
niks = st.builds(
    lambda province, regency, district, day, serial: f"{province}{regency:02}{district:02}{day}{serial:04}",
    *(st.integers(11, 97), st.integers(1, 79), st.integers(1, 50), days, st.integers(0, 9999)),
)
mobiles = st.builds(
    lambda prefix, digits: prefix + digits,
    st.sampled_from(["08", "628", "+628"]),
    st.text("0123456789", min_size=8, max_size=10),
)
scripts = st.sampled_from([ord("0"), 0xFF10, 0x0660, 0x1D7CE])
labels = st.sampled_from(["", "nik", "NIK ", "tel:", "wa", "id.", "x-", "ktp_", "p/"])


def spelled(data: st.DataObject, number: str, between: str, zero: int) -> str:
    """Write a number with a sign between some of its digits, in digits of another script."""
    cuts = data.draw(st.lists(st.integers(1, len(number) - 1), min_size=1, unique=True))
    parts = [number[start:end] for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True)]
    return between.join(parts).translate({ord(digit): zero + int(digit) for digit in "0123456789"})


def digits_in(message: str) -> int:
    """Count the digits, but for those of an escaped sign."""
    return sum(map(str.isdecimal, re.sub(r"\\[xu][0-9a-f]{2,4}", "", message)))


def check_hidden(text: str) -> None:
    assert not can_be_person_id(text)
    for message in (shown(text), masked(text), without_long_numbers(text)):
        assert digits_in(message) <= 4, message


@pytest.mark.parametrize("number", ["5103011708900001", "3316014101700001", "081234567890", "6281234567890"])
def test_no_sign_between_the_digits_hides_a_number(number: str) -> None:
    for between in BETWEEN:
        for size in (1, 2, 4, 6):
            text = between.join(number[start : start + size] for start in range(0, len(number), size))
            assert has_long_number(text), (text, size)
            check_hidden(text)


@given(
    niks | mobiles, st.sampled_from(BETWEEN), scripts, labels, st.sampled_from(["", ".", ";", " SH", "a"]), st.data()
)
def test_no_spelling_hides_a_number(
    number: str, between: str, zero: int, before: str, after: str, data: st.DataObject
) -> None:
    text = before + spelled(data, number, between, zero) + after
    assert has_long_number(text)
    check_hidden(text)
    with pytest.raises(InvalidValueError) as refusal:
        checked_text(f"Hubungi {text} segera", "text", 200)
    assert digits_in(str(refusal.value).replace("up to 200 characters", "")) <= 4


@pytest.mark.parametrize(
    "value",
    [
        *("nik5103011708900001", "NIK-5103011708900001x", "tel:081234567890", "wa081234567890", "hp.6281234567890"),
        *("5103/0117/0890/0001", "5103·0117·0890·0001", "5103:0117:0890:0001", "5103_0117_0890_0001", "sri＠contoh"),
        *(
            "５１０３０１１７０８９００００１",
            "5103–0117–0890–0001",
            "sri\u200b",
            "+62(0)812-3456-7890",
            "0062_812_3456_7890",
        ),
        *("①②③④5103011708900001", "e5103011708900001", "08.12_3456_7890", "tel.08:12-3456-7890", "0812:34-56/7890"),
    ],
)
def test_a_number_with_something_beside_it_is_no_id_of_a_person(value: str) -> None:
    assert not can_be_person_id(value)
    with pytest.raises(InvalidValueError):
        checked_person(value, "who")


@pytest.mark.parametrize("value", ["nik5103011708900001", "wa-081234567890", "5103_0117_0890_0001", "0812_3456_7890"])
def test_nor_is_it_an_id_of_a_thing(value: str) -> None:
    with pytest.raises(InvalidValueError):
        checked_id(value, "service")


@given(st.uuids(version=4), st.datetimes(timezones=st.just(UTC)), st.binary(min_size=16, max_size=32))
def test_what_machines_make_up_is_no_number(uuid: object, at: datetime, digest: bytes) -> None:
    at = at.replace(year=1990 + at.year % 70, day=min(at.day, 28))
    instant = at.isoformat()
    for value in (str(uuid), f"p-{uuid}", instant, instant.replace("+00:00", "Z"), at.date().isoformat() + "-sri"):
        assert can_be_person_id(value), value
        assert not has_long_number(f"Berkas {value}, ya"), value
    assert masked(instant)[:19] == instant[:19]
    if any(sign.isalpha() for sign in digest.hex()):
        assert can_be_person_id(f"sha256:{digest.hex()}") or any(
            run.isdigit() and len(run) >= 13 for run in digest.hex().replace("a", " ").split()
        )


@pytest.mark.parametrize("hour", ["08:15:30.123456", "08:00:00", "18:05:59.000001"])
@pytest.mark.parametrize("form", ["%Y%m%dT%H%M%S.%f", "%Y%m%dT%H%M%SZ", "form-%Y%m%dT%H%M%S.%f+0800"])
def test_an_instant_without_signs_between_is_no_number_at_eight_either(form: str, hour: str) -> None:
    """A request of 08:15 must pass as one of 09:15 does, though 0815… begins as a mobile number."""
    request = datetime.fromisoformat(f"2026-11-24T{hour}").strftime(form)
    assert not is_personal_number(request)
    assert is_personal_number(f"20261124T{PHONE}")
    assert is_personal_number(f"{request}-{PHONE}")


@given(st.integers(0, 9_999), st.integers(2015, 2060), st.from_regex("[A-Z0-9]{1,4}", fullmatch=True))
def test_what_the_mall_itself_counts_is_no_number(number: int, year: int, prefix: str) -> None:
    for value in (
        f"{prefix}-{number % 1000:03}",
        f"J-{number % 1000:03}",
        f"{year}-{number:04}",
        f"503/{number:04}/{year}",
        f"503/{number % 1000:03}/DPMPTSP/{year}",
        f"{number % 100_000:05}",
        f"KBLI-{number % 100_000:05}",
        f"petugas-{number % 1000}",
    ):
        assert not has_long_number(value), value
        assert shown(value) == repr(value)
        if len(value) > 7:
            assert can_be_person_id(f"id-{value}"), value


@given(st.text(max_size=300))
def test_masking_takes_any_text_and_leaves_what_holds_no_digit(text: str) -> None:
    assert isinstance(shown(text), str)
    if not any(sign.isdecimal() or unicodedata.normalize("NFKC", sign)[:1].isdecimal() for sign in text):
        assert masked(text) == text


def test_a_long_text_is_masked_at_once() -> None:
    for text in ("5 " * 500_000, "5103 " * 300_000, "·" * 2_000_000, "0" * 2_000_000, "5·\u200b" * 500_000):
        assert len(shown(text)) <= 80


def test_many_numbers_in_one_long_word_are_masked_at_once() -> None:
    begun = time.monotonic()
    assert masked(f"z{PHONE}" * 10_000) == "z08…90" * 10_000
    assert time.monotonic() - begun < 5
