"""The neutral check, and that nothing ever shows a whole number."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.identity import (
    Kind,
    Regions,
    Sex,
    check,
    mask,
    parse_nib,
    parse_nik,
    parse_nitku,
    parse_npwp,
    parse_phone,
    parse_region_code,
)

ON = date(2026, 11, 24)
TABLE = Regions(names={"51": "BALI", "51.03": "KAB. BADUNG", "51.03.05": "Kuta Selatan"})

PARSERS: dict[str, Callable[[str], Any]] = {
    "nik": lambda text: parse_nik(text, on=ON),
    "npwp": lambda text: parse_npwp(text, on=ON),
    "nitku": lambda text: parse_nitku(text, on=ON),
    "nib": parse_nib,
    "phone": parse_phone,
}

niks = st.builds(
    lambda region, ago, female, serial: (
        f"{region}{(ON - timedelta(days=ago)).day + 40 * female:02}{ON - timedelta(days=ago):%m%y}{serial}"
    ),
    st.from_regex(r"[1-9][0-9]{3}(0[1-9]|[1-9][0-9])", fullmatch=True),
    st.integers(0, 40_000),
    st.booleans(),
    st.from_regex(r"[0-9]{4}", fullmatch=True),
)
NUMBERS = {
    "nik": niks,
    "npwp": st.from_regex(r"[0-9]{15,16}", fullmatch=True) | niks,
    "nitku": st.from_regex(r"[0-9]{22}", fullmatch=True),
    "nib": st.from_regex(r"[0-9]{13}", fullmatch=True),
    "phone": st.from_regex(r"0(8[0-9]{8,12}|[2-79][0-9]{6,12})", fullmatch=True),
}
kinds_and_numbers = st.sampled_from(list(NUMBERS)).flatmap(lambda kind: st.tuples(st.just(kind), NUMBERS[kind]))
separators = st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f", "\u200e", "–"])
damage = st.sampled_from(["O", "l", "x", "0", ",", "/", "\ud800", "\x00", "५"])


@st.composite
def written(draw: st.DrawFn, damaged: bool) -> tuple[str, str, str]:
    """Return a kind, a number of it, and that number as somebody wrote it, perhaps with something else among it."""
    kind, number = draw(kinds_and_numbers)
    signs = [digit + draw(separators) for digit in number]
    if damaged:
        signs.insert(draw(st.integers(0, len(signs))), draw(damage))
        if draw(st.booleans()):
            signs.pop(draw(st.integers(0, len(signs) - 1)))
    return kind, number, "".join(signs)


def runs(text: str) -> list[str]:
    """Return every run of digits, however they are separated."""
    return re.findall(r"[0-9]+", re.sub(r"[\s.…-]", "", text))


def assert_hidden(number: str, said: str) -> None:
    """No eight digits of a number in a row: birth date and region of a NIK may be told apart from each other."""
    for start in range(len(number) - 7):
        assert all(number[start : start + 8] not in run for run in runs(said)), said


# --- check ---------------------------------------------------------------------------------------------------------


def test_a_nik_is_told_as_far_as_it_tells() -> None:
    checked = check("nik", "51.03.05-57.08.90-0001", on=ON, regions=TABLE)
    assert checked.valid
    assert checked.masked == "51…"
    assert checked.born_on == (date(1990, 8, 17),)
    assert checked.sex is Sex.FEMALE
    assert str(checked.region) == "51.03.05 Kuta Selatan"
    assert checked.warnings == ()


@pytest.mark.parametrize("kind", ["npwp", "nitku"])
def test_a_nik_inside_another_number_is_told_too(kind: str) -> None:
    checked = check(kind, "5103055708900001" + ("000000" if kind == "nitku" else ""), on=ON, regions=TABLE)
    assert checked.sex is Sex.FEMALE
    assert checked.born_on == (date(1990, 8, 17),)
    assert str(checked.region) == "51.03.05 Kuta Selatan"


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        ("npwp", "01.300.066.6-091.000", "01…00"),
        ("nitku", "0013000666091000000000", "00…00"),
        ("nib", "0220103120123", "02…23"),
        ("phone", "0812-3456-7890", "+62…90"),
    ],
)
def test_other_numbers_tell_nothing_about_a_person(kind: str, text: str, masked: str) -> None:
    checked = check(kind, text, on=ON)
    assert checked.valid
    assert checked.masked == masked
    assert (checked.born_on, checked.sex, checked.region, checked.warnings) == ((), None, None, ())


def test_a_bad_number_is_no_error_and_says_why_in_both_languages() -> None:
    checked = check("nik", "5103051713900001", on=ON)
    assert not checked.valid
    assert checked.masked == "51…01"
    (why,) = checked.warnings
    assert why.code == "nik_date"
    assert "tanggal lahir" in why.indonesian
    assert "date of birth" in why.english


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'npwp'") as caught:
        check("npw", "1", on=ON)
    assert "nik, npwp, nitku, nib, phone" in str(caught.value)


def test_the_day_is_checked_whatever_the_kind() -> None:
    with pytest.raises(InvalidValueError, match="on: "):
        check("nib", "0220103120123", on="2026-11-24")  # type: ignore[arg-type]


@given(written(damaged=True) | written(damaged=False))
def test_check_and_parse_agree(case: tuple[str, str, str]) -> None:
    kind, _, text = case
    checked = check(kind, text, on=ON)
    if checked.valid:
        parsed = PARSERS[kind](text)
        assert (checked.masked, checked.warnings) == (parsed.masked, parsed.warnings)
    else:
        with pytest.raises(InvalidValueError) as refused:
            PARSERS[kind](text)
        assert [why.english for why in checked.warnings] == [refused.value.remedy]


any_text = st.text(st.characters()) | st.text("0123456789OlI .+-()x\u00a0٣９", max_size=30)


@given(any_text | st.none() | st.integers() | st.binary())
def test_no_text_raises_anything_but_an_invalid_value(text: str) -> None:
    for kind, parse in PARSERS.items():
        assert check(kind, text, on=ON).valid in (True, False)
        try:
            parse(text)
        except InvalidValueError as refused:
            str(refused).encode()  # and what it says can be printed
    try:
        parse_region_code(text)
    except InvalidValueError as refused:
        str(refused).encode()


# --- out of sight --------------------------------------------------------------------------------------------------


@given(written(damaged=False))
def test_nothing_made_from_a_number_shows_it(case: tuple[str, str, str]) -> None:
    kind, number, text = case
    parsed = PARSERS[kind](text)
    # each as it would stand in a log
    for said in (repr(parsed), str(parsed), f"{parsed}", repr([parsed])):
        assert_hidden(number, said)
        assert len("".join(runs(said))) <= 4, said
    checked = check(kind, text, on=ON, regions=TABLE)
    assert_hidden(number, checked.masked + " | " + " ".join(map(str, checked.warnings)))
    assert number not in re.sub(r"\D", "", repr(checked))


@given(written(damaged=True))
def test_no_error_shows_the_number_that_was_refused(case: tuple[str, str, str]) -> None:
    kind, number, text = case
    assert_hidden(number, check(kind, text, on=ON).masked)
    try:
        PARSERS[kind](text)
    except InvalidValueError as refused:
        assert_hidden(number, str(refused))
        assert_hidden(number, repr(refused))


@given(written(damaged=True) | written(damaged=False))
def test_somebody_s_number_given_as_a_region_code_is_not_shown(case: tuple[str, str, str]) -> None:
    _, number, text = case
    try:
        parse_region_code(text)
    except InvalidValueError as refused:
        assert_hidden(number, str(refused))


@given(any_text)
def test_a_mask_shows_four_signs_at_most_and_less_than_half(text: str) -> None:
    masked = mask(text)
    assert masked.count("…") == 1 or "…" in text
    shown = [sign for sign in masked if sign.isalnum()]
    assert len(shown) <= 4
    assert len(shown) <= 0.4 * sum(sign.isalnum() for sign in text)


@given(niks)
def test_birth_date_district_and_mask_together_do_not_give_a_nik_away(number: str) -> None:
    """The serial number is in nothing that `check` answers, so it could be any of ten thousand."""
    checked = check(Kind.NIK, number, on=ON)
    assert checked.masked == f"{number[:2]}…"
    others = [check(Kind.NIK, f"{number[:12]}{serial:04}", on=ON) for serial in (1, 4711, 9999)]
    assert len(set(others)) == 1
