"""A mall that is not ready is not launched, one that is is launched once, whoever asks and however often."""

import json
from datetime import UTC, date, datetime
from functools import partial

import attrs
import pytest

from mppkit.errors import InvalidValueError, RefusedError, TransitionError
from mppkit.readiness import State
from mppkit.readiness.events import EvidenceRecorded, EvidenceWithdrawn, Launched, LaunchRefused
from mppkit.storage import MemoryStore, Query, SqliteStore, audit
from mppkit.testing.racing import at_once

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FOREIGN = "used for another command"


def head(room):
    [found] = room.store.find(Query(mall="badung", category="readiness"))
    return found


# --- refused -------------------------------------------------------------------------------------------------------


def test_an_unready_mall_is_refused_with_a_reason_for_each_blocker_and_it_is_recorded(room) -> None:
    with pytest.raises(RefusedError) as caught:
        room.desk.launch(actor="sri")
    assert [reason.code for reason in caught.value.decision.reasons] == ["decree", "rehearsal"]
    [happened] = room.desk.history()
    assert happened.at == NINE
    event = happened.event
    assert isinstance(event, LaunchRefused)
    assert event.reasons == caught.value.decision.reasons
    assert (event.standing.instrument, event.standing.version) == ("small", "7")
    assert (event.standing.score, event.standing.unknown) == (2 / 11, 9 / 11)
    assert event.standing.aspects == {"rules": 2 / 6, "hall": 0.0}
    assert event.standing.states == {
        "decree": State.UNKNOWN,
        "charter": State.UNKNOWN,
        "standards": State.MET,
        "ramp": State.UNKNOWN,
        "rehearsal": State.UNKNOWN,
    }
    [row] = room.store.read("badung/readiness/launch")
    assert row.actor == "sri"
    assert room.desk.launched() is None


def test_every_attempt_is_recorded(room) -> None:
    for _ in range(2):
        with pytest.raises(RefusedError):
            room.desk.launch()
    assert room.names() == ["launch_refused"] * 2


def test_an_attempt_looks_at_the_facts_anew(room) -> None:
    room.make_ready()
    room.facts = attrs.evolve(room.facts, incomplete_standards=("nib",))
    with pytest.raises(RefusedError, match=r"Standards are incomplete: nib\.\) \[standards\]"):
        room.desk.launch()


def test_evidence_that_has_run_out_refuses(room) -> None:
    room.make_ready()
    room.desk.withdraw("E-001", why="diganti")
    room.desk.record("decree", "document", by="sri", reference="SK 1", valid_until=date(2026, 11, 25))
    assert room.desk.assess().is_ready
    room.clock.move_to(datetime.fromisoformat("2026-11-26T00:00:00+08:00"))
    with pytest.raises(RefusedError, match=r"valid until 2026-11-25 only"):
        room.desk.launch()


# --- launched ------------------------------------------------------------------------------------------------------


def test_a_ready_mall_is_launched_with_what_is_still_open_as_a_warning(room) -> None:
    room.make_ready()
    launch = room.desk.launch(actor="bupati")
    assert launch.at == NINE
    assert launch.event.standing.score == 6 / 11
    assert [warning.code for warning in launch.event.warnings] == ["items_open"]
    assert room.desk.launched() == room.another_desk().launched() == launch
    assert room.names() == ["evidence_recorded", "launched"]


def test_a_launched_mall_is_not_launched_again(room) -> None:
    room.make_ready()
    room.desk.launch()
    for desk in (room.desk, room.another_desk()):
        with pytest.raises(TransitionError, match=r"mall badung is launched since 2026-11-24T01:00.*cannot launch"):
            desk.launch()
    assert room.names().count("launched") == 1


def test_a_launched_mall_can_still_be_assessed_and_shown_evidence_for(room) -> None:
    room.make_ready()
    room.desk.launch()
    room.desk.record("ramp", "statement", by="sri", note="selesai")
    assert room.desk.assess().score == 10 / 11
    room.desk.withdraw("E-001", why="dicabut")
    assert not room.desk.assess().is_ready
    assert room.desk.launched() is not None


def test_the_history_tells_all_in_order(room) -> None:
    with pytest.raises(RefusedError):
        room.desk.launch()
    room.clock.advance(minutes=1)
    room.make_ready()
    room.clock.advance(minutes=1)
    extra = room.desk.record("charter", "document", by="sri", reference="x")
    assert room.desk.withdraw(extra.number, why="salah berkas") == extra
    room.clock.advance(minutes=1)
    room.desk.launch()
    kinds = [LaunchRefused, EvidenceRecorded, EvidenceRecorded, EvidenceWithdrawn, Launched]
    history = room.desk.history()
    assert [type(each.event) for each in history] == kinds
    assert [(each.at - NINE).seconds for each in history] == [0, 60, 120, 120, 180]
    assert room.another_desk().history() == history


def test_a_list_of_malls_shows_where_each_stands_without_folding(room) -> None:
    room.desk.record("ramp", "statement", by="sri", note="selesai")
    assert dict(head(room).labels) == {"status": "preparing"}
    with pytest.raises(RefusedError):
        room.desk.launch()
    assert dict(head(room).labels) == {"status": "preparing", "score": 6 / 11}
    room.make_ready()
    assert dict(head(room).labels) == {"status": "preparing", "score": 6 / 11}
    room.desk.launch()
    room.desk.withdraw("E-001", why="rusak")
    assert dict(head(room).labels) == {"status": "launched", "score": 10 / 11}
    assert json.loads(head(room).summary) == {
        "evidence": 1,
        "score": 10 / 11,
        "launched_at": "2026-11-24T01:00:00+00:00",
    }


# --- the same request again ----------------------------------------------------------------------------------------


def twice(room, act):
    """Do something, then again a day later, here and on a second desk; nothing more may be recorded."""
    first = act(room.desk)
    names = room.names()
    room.clock.advance(minutes=24 * 60)
    assert act(room.desk) == act(room.another_desk()) == first
    assert room.names() == names


def test_every_command_can_be_repeated(room, tmp_path) -> None:
    path = tmp_path / "bukti.toml"
    path.write_text(
        '[[evidence]]\nitem = "ramp"\nkind = "statement"\nnote = "ada"\nby = "sri"\ngiven_on = 2026-11-24\n',
        encoding="utf-8",
    )
    room.make_ready()
    twice(room, lambda desk: desk.record("charter", "document", by="sri", reference="x", request_id="r1"))
    twice(room, lambda desk: desk.withdraw("E-002", why="salah", request_id="r2"))
    twice(room, lambda desk: desk.apply(path, request_id="r3"))
    twice(room, lambda desk: desk.launch(request_id="r4"))
    assert room.names() == [
        "evidence_recorded",
        "evidence_recorded",
        "evidence_withdrawn",
        "evidence_recorded",
        "launched",
    ]


def test_a_refusal_is_repeated_with_its_reasons_though_the_mall_became_ready(room) -> None:
    said = []
    for desk in (room.desk, room.desk, room.another_desk()):
        with pytest.raises(RefusedError) as caught:
            desk.launch(request_id="klik-1")
        said.append(caught.value.decision)
        room.make_ready()
    assert said[0] == said[1] == said[2]
    assert room.names().count("launch_refused") == 1
    assert room.desk.launch(request_id="klik-2").event.standing.score == 6 / 11


@pytest.mark.parametrize(
    "other",
    [
        lambda desk: desk.record("charter", "document", by="sri", reference="y", request_id="r"),
        lambda desk: desk.record("charter", "link", by="sri", reference="https://a.go.id", request_id="r"),
        lambda desk: desk.record(
            "charter", "document", by="sri", reference="x", given_on=date(2026, 11, 23), request_id="r"
        ),
        lambda desk: desk.withdraw("E-001", why="salah", request_id="r"),
        lambda desk: desk.launch(request_id="r"),
    ],
)
def test_a_request_id_of_another_command_is_found_out(room, other) -> None:
    room.desk.record("charter", "document", by="sri", reference="x", request_id="r")
    with pytest.raises(InvalidValueError, match=FOREIGN):
        other(room.desk)
    assert room.names() == ["evidence_recorded"]


def test_a_request_id_of_a_launch_or_withdrawal_is_found_out(room, tmp_path) -> None:
    room.make_ready()
    room.desk.record("charter", "document", by="sri", reference="x")
    room.desk.withdraw("E-002", why="salah", request_id="r2")
    room.desk.launch(request_id="r1")
    path = tmp_path / "bukti.toml"
    path.write_text(
        '[[evidence]]\nitem = "ramp"\nkind = "statement"\nnote = "ada"\nby = "sri"\ngiven_on = 2026-11-24\n',
        encoding="utf-8",
    )
    for act in (
        lambda: room.desk.apply(path, request_id="r1"),
        lambda: room.desk.record("charter", "document", by="sri", reference="y", request_id="r1"),
        lambda: room.desk.withdraw("E-001", why="salah", request_id="r2"),
    ):
        with pytest.raises(InvalidValueError, match=FOREIGN):
            act()


def test_a_request_id_of_another_file_is_found_out(room, tmp_path) -> None:
    path = tmp_path / "bukti.toml"
    row = '[[evidence]]\nitem = "ramp"\nkind = "statement"\nnote = "{}"\nby = "sri"\ngiven_on = 2026-11-24\n'
    path.write_text(row.format("ada"), encoding="utf-8")
    room.desk.apply(path, request_id="r")
    path.write_text(row.format("lain"), encoding="utf-8")
    with pytest.raises(InvalidValueError, match=FOREIGN):
        room.desk.apply(path, request_id="r")


# --- many at once --------------------------------------------------------------------------------------------------


def outcome(act) -> str:
    try:
        act()
    except TransitionError:
        return "too late"
    except RefusedError:
        return "refused"
    return "launched"


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_of_eight_who_launch_at_once_one_does(make_room, tmp_path, kind: str) -> None:
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "a.db")
    room = make_room(store)
    room.make_ready()
    desks = [room.another_desk() for _ in range(8)]
    said = at_once(*(partial(outcome, desk.launch) for desk in desks))
    assert sorted(said) == ["launched"] + ["too late"] * 7
    assert room.names() == ["evidence_recorded", "launched"]
    assert audit(store).intact
    store.close()


def test_one_request_from_many_threads_launches_once_and_all_are_told(make_room) -> None:
    room = make_room()
    room.make_ready()
    desks = [room.another_desk() for _ in range(8)]
    launches = at_once(*(partial(desk.launch, request_id="klik") for desk in desks))
    assert all(each == launches[0] for each in launches)
    assert room.names().count("launched") == 1


def test_evidence_recorded_at_once_gets_numbers_of_its_own(make_room) -> None:
    room = make_room()
    desks = [room.another_desk() for _ in range(8)]

    def record_five(number: int) -> list[str]:
        notes = [f"{number}-{n}" for n in range(5)]
        return [desks[number].record("ramp", "statement", by="sri", note=note).number for note in notes]

    recorded = at_once(*(partial(record_five, number) for number in range(8)))
    numbers = sorted(number for each in recorded for number in each)
    assert numbers == [f"E-{n:03}" for n in range(1, 41)]


def test_no_launch_slips_past_a_withdrawal(make_room) -> None:
    """Whoever is first: a launch is recorded with the decree in force, or refused without it."""
    for _ in range(10):
        room = make_room()
        room.make_ready()
        withdraw = partial(room.another_desk().withdraw, "E-001", why="dicabut")
        said = at_once(withdraw, partial(outcome, room.another_desk().launch))
        names = room.names()[1:]
        assert names in (["launched", "evidence_withdrawn"], ["evidence_withdrawn", "launch_refused"])
        assert (said[1] == "refused") == (names[-1] == "launch_refused")
