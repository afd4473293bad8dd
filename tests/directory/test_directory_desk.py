"""A blueprint is enacted once until another is, and the directory of any past date can be asked."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.clock import VirtualClock
from mppkit.directory import Agency, AgencyKind, Directory
from mppkit.directory.desk import DirectoryDesk
from mppkit.directory.enactments import Enactment
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.storage import EventStore, MemoryStore, Query, Where, audit, open_store

ZONE = ZoneInfo("Asia/Makassar")
DAY = 24 * 60
START = "2026-11-24T09:00:00+08:00"


def directory(name: str) -> Directory:
    office = Agency(id="x", name=name, name_english=name, kind=AgencyKind.REGENCY)
    return Directory(agencies=(office,), services=(), counters=())


BY_DIGEST = {letter * 64: directory(letter) for letter in "abc"}
A, B, C = BY_DIGEST


class Room:
    """A desk on a store, with its clock."""

    def __init__(self, store: EventStore | None = None) -> None:
        self.clock = VirtualClock(START)
        self.store = store or MemoryStore()
        self.desk = self.another()

    def another(self) -> DirectoryDesk:
        return DirectoryDesk(mall="badung", store=self.store, zone=ZONE, clock=self.clock)

    def enact(self, digest: str, **more: str) -> Enactment:
        return self.desk.enact(digest, BY_DIGEST[digest], **{"why": "Perbup 11/2026", **more})

    def recorded(self) -> int:
        return len(self.store.read("badung/directory/enacted"))


@pytest.fixture(params=["memory:", "sqlite:///badung.db"])
def room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.chdir(tmp_path)
    with open_store(request.param) as store:
        yield Room(store)


def test_what_was_enacted_is_in_force_until_something_else_is(room: Room) -> None:
    first = room.enact(A)
    assert (first.digest, first.directory, first.why) == (A, BY_DIGEST[A], "Perbup 11/2026")
    assert first.enacted_at == room.clock.now()
    room.clock.advance(minutes=2 * DAY)
    second = room.enact(B, why="Perbup 12/2026")
    assert room.desk.history() == (first, second)
    days = [date(2026, 11, day) for day in (24, 25, 26, 30)]
    assert [room.desk.on(day).digest for day in days] == [A, A, B, B]
    assert room.another().history() == (first, second)  # as it is read from the store
    assert not audit(room.store).breaks


def test_nothing_happens_when_it_is_in_force_already(room: Room) -> None:
    first = room.enact(A)
    room.clock.advance(minutes=DAY)
    assert room.enact(A, why="again") == first
    assert room.another().enact(A, BY_DIGEST[A], why="again") == first
    assert room.recorded() == 1


def test_what_was_in_force_before_can_be_enacted_again(room: Room) -> None:
    first = room.enact(A, request_id="r1")
    room.clock.advance(minutes=60)
    room.enact(B)
    room.clock.advance(minutes=60)
    third = room.enact(A)
    assert [each.digest for each in room.desk.history()] == [A, B, A]
    assert third != first
    assert room.enact(A, request_id="r1") == first  # the request was the first one, not the third
    assert room.another().enact(A, BY_DIGEST[A], why="x", request_id="r1") == first


def test_a_request_that_is_repeated_records_nothing_and_one_used_otherwise_is_refused(room: Room) -> None:
    first = room.enact(A, request_id="r1")
    room.enact(B)
    assert room.enact(A, request_id="r1") == first
    assert room.recorded() == 2
    with pytest.raises(InvalidValueError, match="request_id: 'r1': it was used for another blueprint"):
        room.enact(C, request_id="r1")
    assert room.recorded() == 2


def test_the_day_is_that_of_the_mall_and_its_last_enactment_counts(room: Room) -> None:
    room.clock.move_to(datetime.fromisoformat("2026-11-24T23:59:00+08:00"))
    room.enact(A)
    room.clock.move_to(datetime.fromisoformat("2026-11-25T00:01:00+08:00"))  # still the 24th in Greenwich
    room.enact(B)
    room.clock.advance(minutes=1)
    room.enact(C)
    assert [room.desk.on(date(2026, 11, day)).digest for day in (24, 25, 26)] == [A, C, C]


def test_before_the_first_enactment_there_is_nothing(room: Room) -> None:
    with pytest.raises(NotFoundError, match="no blueprint in force on '2026-11-24'; enact one first"):
        room.desk.on(date(2026, 11, 24))
    room.enact(A)
    with pytest.raises(NotFoundError, match="'2026-11-23'; the first was enacted on 2026-11-24"):
        room.desk.on(date(2026, 11, 23))
    assert room.desk.history()[0].digest == A


@pytest.mark.parametrize(
    ("digest", "why", "message"),
    [
        ("", "x", "digest: '': give the digest of a blueprint"),
        ("A" * 64, "x", "digest: "),
        (A, "", "why: '': say in one line"),
        (A, "a\nb", "why: "),
        (A, "x" * 201, "why: "),
        (A, "diminta Sri 0812 3456 7890", "why: 'diminta Sri …': leave out the long number"),
        (A, "NIK 5103011708900001", "why: 'NIK …': leave out the long number"),
    ],
)
def test_what_cannot_be_kept_for_ever_is_refused(digest: str, why: str, message: str) -> None:
    room = Room()
    with pytest.raises(InvalidValueError) as caught:
        room.desk.enact(digest, BY_DIGEST[A], why=why)
    assert str(caught.value).startswith(message)
    assert "3456" not in str(caught.value)
    assert room.recorded() == 0


@pytest.mark.parametrize("actor", ["5103011708900001", "nik:5103011708900001", "0812-3456-7890"])
def test_an_actor_is_no_personal_number(actor: str) -> None:
    room = Room()
    with pytest.raises(InvalidValueError, match=r"actor: '..…': give the person's id in your own records"):
        room.enact(A, actor=actor)
    assert room.recorded() == 0
    room.enact(A, actor="sri")
    [row] = room.store.read("badung/directory/enacted")
    assert row.actor == "sri"


@pytest.mark.parametrize(
    "why", ["Keputusan Bupati 35/01/HK/2018 tanggal 15-02-2018", "SK 188.45/123/2026 (24-11-2026)"]
)
def test_the_number_and_the_date_of_a_decree_are_no_personal_number(why: str) -> None:
    assert Room().enact(A, why=why).why == why


def test_the_stream_is_found_by_the_digest_in_force(room: Room) -> None:
    room.enact(A)
    room.enact(B)
    [head] = room.store.find(Query(category="directory", where=(Where(label="blueprint", value=B),)))
    assert head.stream == "badung/directory/enacted"
    assert head.version == 2
    assert room.store.find(Query(category="directory", where=(Where(label="blueprint", value=A),))) == ()


def test_many_who_enact_the_same_at_once_enact_it_once(room: Room) -> None:
    desks = [room.another() for _ in range(4)]
    seen: list[Enactment] = []
    threads = [Thread(target=lambda desk=desk: seen.append(desk.enact(A, BY_DIGEST[A], why="x"))) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert room.recorded() == 1


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(0, 3))), st.integers(-1, 30))
@settings(max_examples=100, deadline=None)
def test_a_past_date_is_answered_as_a_plain_list_would(steps: list[tuple[str, int]], asked: int) -> None:
    room = Room()
    plain: list[tuple[date, str]] = []
    today = date(2026, 11, 24)
    for digest, days in steps:
        room.clock.advance(minutes=days * DAY)
        today += timedelta(days=days)
        assert room.enact(digest).digest == digest
        if not plain or plain[-1][1] != digest:
            plain.append((today, digest))
    assert room.recorded() == len(plain)
    on = date(2026, 11, 24) + timedelta(days=asked)
    known = [digest for day, digest in plain if day <= on]
    if known:
        assert room.desk.on(on).digest == known[-1]
        assert room.another().on(on).directory == BY_DIGEST[known[-1]]
    else:
        with pytest.raises(NotFoundError):
            room.desk.on(on)
