"""A mall opens what it is told to, hands out its desks, and leaves nothing open that it opened."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import attrs
import pytest

from mppkit import Mall, VirtualClock, open_store
from mppkit.blueprint import sample_blueprint
from mppkit.clock import SystemClock
from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError, RefusedError, StorageError, TransitionError
from mppkit.queues.desk import QueueDesk
from mppkit.queues.disciplines import FirstCome, PriorityAgeing
from mppkit.queues.policies import OpenDoor
from mppkit.storage import EventStore, MemoryStore, audit

BADUNG = """\
[mall]
id = "badung"
name = "MPP Badung"
name_english = "Badung Mall"
zone = "Asia/Makassar"

[[agency]]
id = "dpmptsp"
name = "DPMPTSP"
name_english = "Licensing Office"
kind = "pemda_kabupaten_kota"

[[service]]
id = "nib"
name = "Nomor Induk Berusaha"
name_english = "Business identification number"
agency = "dpmptsp"
prefix = "A"

[[counter]]
id = "loket-3"
name = "Loket 3"
services = ["nib"]
"""
STORES = ["memory:", "sqlite:///badung.db"]


@pytest.fixture(autouse=True)
def badung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder of one's own, with a blueprint in it."""
    monkeypatch.chdir(tmp_path)
    Path("badung.toml").write_text(BADUNG, encoding="utf-8")


def clock() -> VirtualClock:
    return VirtualClock("2026-11-24T09:00:00+08:00")


def one_visitor(mall: Mall, clock: VirtualClock) -> list[object]:
    """Serve a visitor as in the design, and return all that was seen of it."""
    ticket = mall.queue.issue("nib")
    mall.queue.open_counter("loket-3", officer="sri")
    clock.advance(minutes=4)
    called = mall.queue.call_next("loket-3")
    assert called is not None
    mall.queue.start(called.number)
    clock.advance(minutes=6)
    finished = mall.queue.finish(called.number)
    assert ticket.number == "A-001"
    assert str(called.reason) == "Paling awal dalam antrean. / First in the line. [first_come]"
    assert (finished.legs[0].waited, finished.legs[0].served) == (240, 360)
    return [ticket, called, finished, mall.queue.board(), mall.queue.measures(), audit(mall.store).digest]


def test_the_example_of_the_design_runs_on_any_store_alike() -> None:
    seen = []
    for store in STORES:
        time = clock()
        with Mall.open("badung.toml", store, clock=time) as mall:
            seen.append(one_visitor(mall, time))
    assert seen[0] == seen[1]


def test_the_example_of_the_design_runs_by_the_computers_clock() -> None:
    with Mall.open("badung.toml", "sqlite:///badung.db") as mall:
        ticket = mall.queue.issue("nib")
        mall.queue.open_counter("loket-3", officer="sri")
        called = mall.queue.call_next("loket-3")
        assert called is not None
        assert called.number == ticket.number == "A-001"
        assert abs((SystemClock().now() - ticket.issued_at).total_seconds()) < 60


def test_a_mall_on_a_file_goes_on_where_it_was_left() -> None:
    time = clock()
    with Mall.open("badung.toml", "sqlite:///badung.db", clock=time) as mall:
        assert mall.queue.issue("nib").number == "A-001"
    with Mall.open(Path("badung.toml"), "sqlite:///badung.db", clock=time) as mall:
        assert mall.queue.issue("nib").number == "A-002"
        assert [ticket.number for ticket in mall.queue.tickets()] == ["A-001", "A-002"]


def test_two_malls_share_a_store_and_not_a_number() -> None:
    with open_store("memory:") as store:
        here = Mall.open("badung.toml", store, clock=clock())
        there = Mall.open("contoh", store, clock=clock())
        assert here.queue.issue("nib").number == there.queue.issue("nib").number == "A-001"
        assert len(store.read("badung/queue/2026-11-24")) == len(store.read("contoh/queue/2026-11-24")) > 0


def test_a_mall_says_what_it_is() -> None:
    sample = sample_blueprint()
    with Mall.open(sample, "memory:", clock=clock()) as mall:
        assert mall.blueprint is sample
        assert mall.directory is sample.directory
        assert isinstance(mall.queue, QueueDesk)
        assert mall.queue is mall.queue
    with Mall.open("contoh", "memory:", clock=clock()) as mall:
        assert mall.directory == sample.directory


# --- the blueprint in force ----------------------------------------------------------------------------------------


def test_what_the_mall_was_by_a_past_blueprint_can_be_asked() -> None:
    time = clock()
    with Mall.open("badung.toml", "sqlite:///badung.db", clock=time) as mall:
        first = mall.enact(why="Peraturan Bupati 11/2026", actor="sri")
        assert first.digest == mall.blueprint.digest
        assert mall.enact(why="again") == first
    Path("badung.toml").write_text(BADUNG.replace("Nomor Induk Berusaha", "NIB"), encoding="utf-8")
    time.advance(minutes=24 * 60)
    with Mall.open("badung.toml", "sqlite:///badung.db", clock=time) as mall:
        assert mall.directory_on(date(2026, 11, 25)) == first.directory != mall.directory
        second = mall.enact(why="Peraturan Bupati 12/2026")
        assert second.digest == mall.blueprint.digest != first.digest
        assert mall.directory_on(date(2026, 11, 25)) == mall.directory
        assert mall.directory_on(date(2026, 11, 24)).service("nib").name == "Nomor Induk Berusaha"
        with pytest.raises(NotFoundError, match="'2026-11-23'; the first was enacted on 2026-11-24"):
            mall.directory_on(date(2026, 11, 23))
        assert audit(mall.store).intact


def test_every_queue_day_names_the_blueprint_it_was_opened_with() -> None:
    time = clock()
    digests = []
    for name in ("Nomor Induk Berusaha", "NIB"):
        Path("badung.toml").write_text(BADUNG.replace("Nomor Induk Berusaha", name), encoding="utf-8")
        with Mall.open("badung.toml", "sqlite:///badung.db", clock=time) as mall:
            mall.queue.issue("nib")
            mall.queue.issue("nib")
            [opened] = [row for row in mall.store.read(f"badung/queue/{mall.queue.today()}") if "opened" in row.name]
            assert json.loads(opened.data)["blueprint"] == mall.blueprint.digest
            digests.append(mall.blueprint.digest)
        time.advance(minutes=24 * 60)
    assert len(set(digests)) == 2


def test_a_request_to_enact_that_is_repeated_records_once() -> None:
    with Mall.open("contoh", "memory:", clock=clock()) as mall:
        first = mall.enact(why="x", request_id="r-1")
        assert mall.enact(why="x", request_id="r-1") == first
        [row] = mall.store.read("contoh/directory/enacted")
        assert (row.name, row.request_id) == ("directory.blueprint_enacted", "r-1")
        assert first.directory == mall.directory


# --- policies ------------------------------------------------------------------------------------------------------


def test_policies_of_the_blueprint_hold_unless_others_are_given() -> None:
    sample = sample_blueprint()
    early = VirtualClock("2026-11-24T05:00:00+08:00")
    with Mall.open(sample, "memory:", clock=early) as mall, pytest.raises(RefusedError, match="not_open_yet"):
        mall.queue.issue("nib")
    policies = attrs.evolve(sample.policies, admission=OpenDoor())
    with Mall.open(sample, "memory:", clock=early, policies=policies) as mall:
        assert mall.queue.issue("nib").number == "A-001"


def test_a_single_policy_for_all_of_them_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"policies: .*attrs.evolve\(blueprint.policies, discipline=f\)"):
        Mall.open("contoh", "memory:", policies=FirstCome())


def test_a_registered_policy_is_named_in_the_blueprint() -> None:
    Path("own.toml").write_text(BADUNG + '[queue.discipline]\npolicy = "own"\nhead_start_minutes = 5\n')
    register = {"discipline": {"own": PriorityAgeing}}
    with Mall.open("own.toml", "memory:", clock=clock(), register=register) as mall:
        assert mall.blueprint.policies.discipline == PriorityAgeing(head_start_minutes=5)
    with pytest.raises(BlueprintError, match="'own'"):
        Mall.open("own.toml", "memory:", clock=clock())
    with pytest.raises(InvalidValueError, match=r"register: \('discipline',\): the blueprint is read already"):
        Mall.open(sample_blueprint(), "memory:", register=register)


# --- opening and closing -------------------------------------------------------------------------------------------


def test_a_closed_mall_says_that_it_is_closed() -> None:
    mall = Mall.open("badung.toml", "sqlite:///badung.db", clock=clock())
    desk = mall.queue
    mall.close()
    mall.close()
    expected = r"mall badung is closed: cannot use the queue; allowed: none \(open it again with Mall.open\)"
    with pytest.raises(TransitionError, match=expected):
        _ = mall.queue
    with pytest.raises(TransitionError, match="cannot enact a blueprint"):
        mall.enact(why="x")
    with pytest.raises(TransitionError, match="cannot ask for a past directory"):
        mall.directory_on(date(2026, 11, 24))
    with pytest.raises(TransitionError, match="mall badung is closed: cannot enter"), mall:
        pass
    with pytest.raises(StorageError, match="closed"):
        desk.issue("nib")
    assert mall.blueprint.id == "badung"


def test_a_mall_closes_a_store_that_it_opened_also_after_an_error() -> None:
    with pytest.raises(KeyError), Mall.open("badung.toml", "memory:", clock=clock()) as mall:
        raise KeyError
    with pytest.raises(StorageError, match="closed"):
        mall.store.read("badung/queue/2026-11-24")


def test_a_store_of_the_callers_own_stays_open() -> None:
    store = MemoryStore()
    with Mall.open("badung.toml", store, clock=clock()) as mall:
        assert mall.store is store
        mall.queue.issue("nib")
    assert len(store.read("badung/queue/2026-11-24")) == 2
    store.close()


def test_a_blueprint_that_cannot_be_used_opens_no_store() -> None:
    Path("bad.toml").write_text("[mall]\n")
    with pytest.raises(BlueprintError):
        Mall.open("bad.toml", "sqlite:///bad.db")
    assert not Path("bad.db").exists()


def test_what_was_opened_is_closed_again_when_opening_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[EventStore] = []

    def remember(url: str) -> EventStore:
        opened.append(open_store(url))
        return opened[-1]

    class NoDeskError(RuntimeError):
        pass

    def fail(**parts: object) -> QueueDesk:
        raise NoDeskError

    monkeypatch.setattr("mppkit.mall.open_store", remember)
    monkeypatch.setattr("mppkit.mall.QueueDesk", fail)
    with pytest.raises(NoDeskError):
        Mall.open("badung.toml", "sqlite:///badung.db")
    with pytest.raises(StorageError, match="closed"):
        opened[0].read("badung/queue/2026-11-24")
    theirs = MemoryStore()
    with pytest.raises(NoDeskError):
        Mall.open("badung.toml", theirs)
    assert theirs.read("badung/queue/2026-11-24") == ()


@pytest.mark.parametrize("store", [Path("badung.db"), None, 3, sqlite3])
def test_what_is_no_store_is_refused(store: object) -> None:
    with pytest.raises(InvalidValueError, match=r"store: .*give an address such as sqlite:"):
        Mall.open("badung.toml", store)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="store"):
        Mall.open("badung.toml", "badung.db")
