"""Events to text and back: nothing lost, nothing made up, and no event's data in a message."""

import json
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.codec import Codec
from mppkit.errors import DecodeError
from mppkit.queues.events import EVENTS, CounterClosed, CounterPaused, QueueEvent, TicketCalled, TicketIssued
from mppkit.testing.racing import at_once

CODEC = Codec(EVENTS)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    date: st.dates(),
    datetime: st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001 -- Hypothesis puts the zone in
        max_value=datetime(2200, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
        | st.just(UTC),
    ),
    type(None): st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for a field's type; a type that no event had so far is a question to this test."""
    if hint in VALUES:
        return VALUES[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*map(values, parts))
    if origin is tuple and parts[1:] == (...,):
        return st.lists(values(parts[0]), max_size=4).map(tuple)
    if origin is Mapping:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=4)
    if isinstance(hint, type) and attrs.has(hint):
        return built(hint)
    raise AssertionError(f"no strategy for {hint}")


def built(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name]) for field in attrs.fields(kind)})


@given(st.one_of(*map(built, EVENTS)))
def test_every_event_comes_back_as_it_was(event: QueueEvent) -> None:
    text = CODEC.encode(event)
    back = CODEC.decode(event.event_name, event.event_version, text)
    assert back == event
    assert type(back) is type(event)
    for field in attrs.fields(type(event)):  # equal is not enough: 1 == 1.0 == True
        assert type(getattr(back, field.name)) in (type(getattr(event, field.name)), dict)
    assert CODEC.encode(back) == text


@given(st.one_of(*map(built, EVENTS)))
def test_the_text_is_compact_json_in_ascii(event: QueueEvent) -> None:
    text = CODEC.encode(event)
    assert text.isascii()
    assert json.dumps(json.loads(text), separators=(",", ":")) == text


def test_a_field_at_its_default_is_not_written() -> None:
    assert CODEC.encode(CounterPaused(counter="loket-3", why="")) == '{"counter":"loket-3"}'


def test_numbers_in_facts_keep_their_kind() -> None:
    facts = {"i": 1, "f": 1.0, "s": "1", "big": 2**70}
    event = TicketCalled(number="A", counter="l", rule="r", because="b", because_english="b", facts=facts)
    back = CODEC.decode("queue.ticket_called", 1, CODEC.encode(event))
    assert isinstance(back, TicketCalled)
    assert [(name, type(value), value) for name, value in back.facts.items()] == [
        (name, type(value), value) for name, value in facts.items()
    ]


def test_an_unknown_event_type_is_named() -> None:
    with pytest.raises(DecodeError, match=r"'queue\.ticket_folded' version 1: unknown event type") as refused:
        CODEC.decode("queue.ticket_folded", 1, '{"number":"A-001"}')
    assert (refused.value.name, refused.value.version) == ("queue.ticket_folded", 1)
    assert "A-001" not in str(refused.value)


def test_an_unknown_version_is_named_with_those_that_are_known() -> None:
    with pytest.raises(DecodeError, match=r"'queue\.ticket_issued' version 7: unknown version \(known: 1\)") as refused:
        CODEC.decode("queue.ticket_issued", 7, "{}")
    assert (refused.value.name, refused.value.version) == ("queue.ticket_issued", 7)


FULL = '{"number":"SECRET","service":"SECRET","series":"SECRET"%s}'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("ticket_issued", ""),
        ("ticket_issued", "SECRET"),
        ("ticket_issued", '{"number":"SECRET"'),
        ("ticket_issued", '"SECRET"'),
        ("ticket_issued", "null"),
        ("ticket_issued", "[]"),
        ("ticket_issued", '["SECRET"]'),
        ("ticket_issued", "[" * 100_000 + "]" * 100_000),
        ("ticket_issued", '{"number":"SECRET"}'),
        ("ticket_issued", FULL % ',"priority":"SECRET"'),
        ("ticket_issued", FULL % ',"priority":["SECRET"]'),
        ("ticket_issued", FULL % ',"pending":"SECRET"'),
        ("ticket_issued", FULL % ',"pending":["SECRET",7]'),
        ("ticket_issued", FULL % ',"pending":null'),
        ("ticket_issued", FULL % ',"subject":7'),
        ("ticket_issued", FULL % ',"subject":["SECRET"]'),
        ("ticket_issued", FULL % ',"reserved":"SECRET"'),
        ("ticket_issued", FULL % ',"reserved":1'),
        ("ticket_issued", FULL % ',"reserved":null'),
        ("counter_closed", '{"counter":null}'),
        ("counter_closed", '{"counter":7}'),
        ("counter_closed", '{"counter":true}'),
        ("counter_closed", '{"counter":{"SECRET":1}}'),
        ("day_opened", '{"on":"SECRET"}'),
        ("day_opened", '{"on":20261124}'),
        ("day_opened", '{"on":"2026-11-24T00:00:00+00:00"}'),
        ("ticket_returned", '{"number":"SECRET","place_at":"2026-11-24"}'),
        ("ticket_returned", '{"number":"SECRET","place_at":"2026-11-24T01:02:03"}'),
        ("ticket_returned", '{"number":"SECRET","place_at":1700000000}'),
        ("service_finished", '{"number":"SECRET","given":{"SECRET":1}}'),
        (
            "ticket_called",
            '{"number":"SECRET","counter":"","rule":"","because":"","because_english":"","facts":{"SECRET":["SECRET"]}}',
        ),
        (
            "ticket_called",
            '{"number":"SECRET","counter":"","rule":"","because":"","because_english":"","facts":["SECRET"]}',
        ),
    ],
)
def test_data_that_does_not_fit_is_refused_and_never_shown(name: str, data: str) -> None:
    with pytest.raises(DecodeError, match="its data does not fit") as refused:
        CODEC.decode(f"queue.{name}", 1, data)
    assert refused.value.name == f"queue.{name}"
    assert "SECRET" not in str(refused.value) + repr(refused.value)
    assert refused.value.__cause__ is not None


def test_a_field_that_nobody_knows_is_left_out() -> None:
    assert CODEC.decode("queue.counter_closed", 1, '{"counter":"l","extra":1}') == CounterClosed(counter="l")


class Colour(IntEnum):
    RED = 1


@attrs.frozen(kw_only=True)
class Painted:
    event_name = "wall.painted"
    event_version = 2
    colour: Colour
    coats: int = 1
    litres: float = 0.0


@attrs.frozen(kw_only=True)
class PaintedOnce:
    event_name = "wall.painted"
    event_version = 1
    colour: Colour


def test_two_versions_of_one_event_are_read_side_by_side() -> None:
    codec: Codec[Any] = Codec([PaintedOnce, Painted])
    assert codec.decode("wall.painted", 1, '{"colour":1}') == PaintedOnce(colour=Colour.RED)
    assert codec.decode("wall.painted", 2, '{"colour":1,"coats":2}') == Painted(colour=Colour.RED, coats=2)
    with pytest.raises(DecodeError, match="known: 1, 2"):
        codec.decode("wall.painted", 3, "{}")


@pytest.mark.parametrize(
    "data", ['{"colour":2}', '{"colour":"1"}', '{"colour":1,"coats":"2"}', '{"colour":1,"coats":2.0}']
)
def test_enums_and_numbers_are_taken_as_they_are(data: str) -> None:
    codec: Codec[Any] = Codec([Painted])
    with pytest.raises(DecodeError):
        codec.decode("wall.painted", 2, data)


def test_the_whole_of_a_float_may_be_written_as_an_integer() -> None:
    codec: Codec[Any] = Codec([Painted])
    back = codec.decode("wall.painted", 2, '{"colour":1,"litres":3}')
    assert (back.litres, type(back.litres), back.colour is Colour.RED) == (3.0, float, True)


def test_one_codec_serves_many_threads() -> None:
    event = TicketIssued(number="A-001", service="nib", series="A", pending=("ktp",))
    text = CODEC.encode(event)
    for _ in range(20):
        codec = Codec(EVENTS)  # so that all of them are the first to meet the class
        assert set(at_once(*[partial(codec.encode, event)] * 4)) == {text}
        assert set(at_once(*[partial(codec.decode, "queue.ticket_issued", 1, text)] * 4)) == {event}
