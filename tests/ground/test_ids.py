"""Identifiers and stream names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.ids import check_id, is_id, split_stream, stream_name

GOOD = ["a", "7", "loket-3", "ktp_el", "a.b", "a--b", "a" * 64, "0"]
BAD = ["", "A", "Loket", "-a", "a-", ".a", "a.", "_a", "a b", "a/b", "é", "a\n", "\na", "a" * 65, "a\x00", "١"]


@pytest.mark.parametrize("value", GOOD)
def test_an_identifier_is_lower_case_and_begins_and_ends_plainly(value: str) -> None:
    assert is_id(value)
    assert check_id(value, "counter") == value


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_identifier_is_refused_with_its_place(value: str) -> None:
    assert not is_id(value)
    with pytest.raises(InvalidValueError, match=r"^counter: ") as refused:
        check_id(value, "counter")
    assert refused.value.place == "counter"


@pytest.mark.parametrize("value", [None, 7, b"a", ["a"]])
def test_what_is_no_text_is_no_identifier(value: object) -> None:
    with pytest.raises(InvalidValueError):
        check_id(value, "counter")  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["2026-11-24", "A-001", "x" * 128, "Z", "a.b_c-d", "7"])
def test_a_stream_name_has_three_parts_and_comes_apart_again(key: str) -> None:
    name = stream_name("badung", "queue", key)
    assert name == f"badung/queue/{key}"
    assert split_stream(name) == ("badung", "queue", key)


@pytest.mark.parametrize("key", ["", "-a", "a-", "a/b", "a b", "é", "x" * 129, "a\n", None, 7])
def test_a_key_that_is_none_is_refused(key: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^key: "):
        stream_name("badung", "queue", key)  # type: ignore[arg-type]


def test_the_part_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"^mall: 'Badung'"):
        stream_name("Badung", "queue", "a")
    with pytest.raises(InvalidValueError, match=r"^category: ''"):
        stream_name("badung", "", "a")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "a/b",
        "a/b/",
        "/b/c",
        "a//c",
        "a/b/c/d",
        "A/b/c",
        "a/B/c",
        "a/b/-c",
        "a/b/c\n",
        " a/b/c",
        None,
        7,
        b"a/b/c",
    ],
)
def test_what_is_no_stream_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidValueError, match="mall/category/key"):
        split_stream(name)  # type: ignore[arg-type]


@given(st.text(max_size=70))
def test_a_name_comes_apart_only_if_it_can_be_put_together(text: str) -> None:
    try:
        parts = split_stream(text)
    except InvalidValueError:
        return
    assert stream_name(*parts) == text
    assert is_id(parts[0])
    assert is_id(parts[1])


@given(
    st.from_regex(r"\A[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z"),
    st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9._-]{0,40}[A-Za-z0-9])?\Z"),
)
def test_every_name_that_can_be_put_together_comes_apart(mall: str, key: str) -> None:
    assert split_stream(stream_name(mall, "queue", key)) == (mall, "queue", key)
