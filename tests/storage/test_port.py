"""What every back end may rely on: nothing comes to it that it could not keep, and one chain for all."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.storage.port import (
    NO_DIGEST,
    Append,
    NewEvent,
    Op,
    Query,
    Where,
    at_text,
    chain,
    check_batches,
    check_label,
)
from mppkit.testing.batches import AT, BACK, FRONT, batch

HALF = "\ud83c"


# --- the chain is for ever ------------------------------------------------------------------------------------------


def test_the_digest_is_the_sha_256_of_the_written_rule() -> None:
    """Computed here by hand: a change of the rule would make every recorded chain look broken."""
    event = NewEvent(name="queue.ticket_issued", version=1, data='{"number":"A-001"}')
    first = chain(NO_DIGEST, "badung/queue/2026-11-24", 1, event, at_text(AT), "sri", "r-1")
    place, when = "badung/queue/2026-11-24\n1", "2026-11-24T01:02:03.456789+00:00"
    text = "0" * 64 + f'\n{place}\nqueue.ticket_issued\n1\n{when}\nsri\nr-1\n{{"number":"A-001"}}'
    assert first == sha256(text.encode()).hexdigest()
    assert first == "c113ac37bf02ee792c2624a4b2bc48b50d8e0e033ece800f85c07a9330c21d44"
    second = chain(first, "badung/queue/2026-11-24", 2, evolve(event, data='"é🏛"'), at_text(AT), None, None)
    assert second == "e083b050ecd7cc5be5811f04daa909cbffd1d61955130c6ad02e038dde2e68b6"


def test_any_part_changes_the_digest() -> None:
    event = NewEvent(name="a", version=1, data="d")
    parts: list[Any] = [NO_DIGEST, FRONT, 1, event, at_text(AT), "x", "y"]
    others: list[Any] = ["1" * 64, BACK, 2, evolve(event, data="e"), at_text(AT + timedelta(microseconds=1)), "y", "x"]
    digests = {chain(*parts)}
    for place, other in enumerate(others):
        digests.add(chain(*parts[:place], other, *parts[place + 1 :]))
    digests.add(chain(*parts[:3], evolve(event, name="b"), *parts[4:]))
    digests.add(chain(*parts[:3], evolve(event, version=2), *parts[4:]))
    assert len(digests) == 10


TOKENS = st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=5)
ROWS = st.tuples(
    st.sampled_from([NO_DIGEST, "1" * 64]),
    st.sampled_from([FRONT, BACK]),
    st.integers(1, 12),
    st.builds(
        NewEvent,
        name=st.sampled_from(["a", "a1", "a.1"]),
        version=st.integers(1, 12),
        data=st.text(st.sampled_from("a1\n"), max_size=6),
    ),
    st.sampled_from([at_text(AT), at_text(AT + timedelta(1))]),
    TOKENS,
    TOKENS,
)


@given(ROWS, ROWS)
def test_no_two_rows_have_one_digest(one: tuple[Any, ...], two: tuple[Any, ...]) -> None:
    assert (chain(*one) == chain(*two)) == (one == two)


def test_the_text_of_an_instant_is_in_time_order() -> None:
    assert at_text(AT) == "2026-11-24T01:02:03.456789+00:00"
    instants = [AT.replace(year=year, microsecond=micro) for year in (2, 999, 1000, 9998) for micro in (0, 1, 999999)]
    assert sorted(map(at_text, instants)) == [at_text(at) for at in sorted(instants)]
    assert len({len(at_text(at)) for at in instants}) == 1


# --- what is refused before it reaches a store ----------------------------------------------------------------------


def event(**changes: Any) -> NewEvent:
    return NewEvent(**{"name": "bell.rang", "version": 1, "data": "{}", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "Bell"},
        {"name": "1bell"},
        {"name": "bell rang"},
        {"name": "bell\n"},
        {"name": "b" * 128},
        {"name": None},
        {"version": 0},
        {"version": -1},
        {"version": 2**31},
        {"version": True},
        {"version": 1.0},
        {"version": "1"},
        {"data": None},
        {"data": b"{}"},
        {"data": {}},
        {"data": "a\x00b"},
    ],
    ids=repr,
)
def test_an_event_that_could_not_be_kept_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        event(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"stream": "front"},
        {"stream": "badung/bell/"},
        {"stream": None},
        {"expected_version": -1},
        {"expected_version": True},
        {"expected_version": 1.0},
        {"expected_version": None},
        {"expected_version": 2**31},
        {"events": ()},
        {"labels": {"Status": 1}},
        {"labels": {"": 1}},
        {"labels": {"a-b": 1}},
        {"labels": {"x" * 64: 1}},
        {"labels": {"a": True}},
        {"labels": {"a": float("nan")}},
        {"labels": {"a": float("inf")}},
        {"labels": {"a": 2**63}},
        {"labels": {"a": -(2**63)}},
        {"labels": {"a": [1]}},
        {"labels": {"a": b"x"}},
        {"labels": {"a": "x\x00"}},
        {"labels": {"a": HALF}},
        {"summary": {}},
        {"summary": "\x00"},
        {"summary": HALF},
        {"request_id": ""},
        {"request_id": "x" * 201},
        {"request_id": "a\nb"},
        {"request_id": HALF},
        {"request_id": 7},
        {"actor": ""},
        {"actor": "a\tb"},
        {"actor": "a\x7f"},
        {"actor": HALF},
        {"at": datetime(2026, 11, 24)},  # noqa: DTZ001
        {"at": "2026-11-24T00:00:00+00:00"},
        {"at": None},
    ],
    ids=repr,
)
def test_a_batch_that_could_not_be_kept_is_refused(changes: dict[str, Any]) -> None:
    good: dict[str, Any] = {"stream": FRONT, "expected_version": 0, "events": (event(),), "at": AT}
    Append(**good)
    with pytest.raises(InvalidValueError):
        Append(**{**good, **changes})


def test_a_batch_keeps_its_own_copy_of_the_labels_and_its_instant_in_utc() -> None:
    labels: dict[str, Any] = {"a": 1, "b": None}
    appended = batch(FRONT, labels=labels, at=AT.astimezone(timezone(timedelta(hours=8))))
    labels["a"] = 2
    assert dict(appended.labels) == {"a": 1}
    assert (appended.at, appended.at.tzinfo) == (AT, UTC)
    with pytest.raises(TypeError):
        appended.labels["a"] = 3  # type: ignore[index]


@pytest.mark.parametrize(
    "changes",
    [
        {"label": ""},
        {"label": "Status"},
        {"label": "x; --"},
        {"value": True},
        {"value": [1]},
        {"value": HALF},
        {"value": 2**64},
        {"value": float("nan")},
        {"op": "!="},
        {"op": "like"},
        {"op": None},
        {"op": Op.LT, "value": None},
        {"label": "Status", "value": None},
    ],
    ids=repr,
)
def test_a_condition_that_no_store_could_answer_is_refused(changes: dict[str, Any]) -> None:
    good: dict[str, Any] = {"label": "status", "value": "open"}
    Where(**good)
    with pytest.raises(InvalidValueError):
        Where(**{**good, **changes})


def test_operators_may_be_given_as_signs() -> None:
    assert [Where(label="a", op=sign, value=1).op for sign in ("=", "<", "<=", ">", ">=")] == list(Op)
    assert Where(label="a", value=1).op is Op.EQ


@pytest.mark.parametrize(
    "changes",
    [
        {"limit": -1},
        {"limit": True},
        {"limit": 1.5},
        {"limit": "1"},
        {"limit": 2**63},
        {"order_by": "A"},
        {"order_by": ""},
    ],
    ids=repr,
)
def test_a_query_that_no_store_could_answer_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        Query(**changes)


def test_a_label_that_is_refused_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"^labels\.due_at: "):
        check_label("due_at", float("inf"))
    with pytest.raises(InvalidValueError, match=r"^labels: 'Due': "):
        check_label("Due", 1)


def test_a_commit_is_of_different_streams_and_all_with_or_all_without_request() -> None:
    check_batches([])
    check_batches([batch(FRONT)])
    check_batches([batch(FRONT), batch(BACK)])
    check_batches([batch(FRONT, request_id="a"), batch(BACK, request_id="b")])
    with pytest.raises(InvalidValueError, match="one batch"):
        check_batches([batch(FRONT), batch(FRONT, 1)])
    with pytest.raises(InvalidValueError, match="or none"):
        check_batches([batch(FRONT), batch(BACK, request_id="b")])


def test_a_personal_number_in_a_wrong_place_is_not_shown() -> None:
    nik = "5103011708900001"
    for wrong in (
        lambda: batch(f"badung/{nik}"),
        lambda: batch(FRONT, request_id=f"{nik}\n"),
        lambda: batch(FRONT, labels={"nik": [nik]}),  # type: ignore[dict-item]
        lambda: event(data=f"{nik}\x00"),
        lambda: chain(NO_DIGEST, FRONT, 1, event(data=nik + HALF), at_text(AT), None, None),
    ):
        with pytest.raises(InvalidValueError) as refused:
            wrong()
        assert nik not in str(refused.value)
