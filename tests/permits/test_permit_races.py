"""Many threads and processes at one zone: it is never oversold, and nobody who is cut off leaves anything half done."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mppkit.errors import InvalidValueError, RefusedError, StorageError, TransitionError
from mppkit.permits.capacity import HoldingStatus
from mppkit.permits.model import Status
from mppkit.permits.policies import PermitPolicies
from mppkit.storage import Append, MemoryStore, Recorded, SqliteStore, audit
from mppkit.testing.racing import at_once

EIGHT = 8


def ask_for_rooms(desk: Any, office: Any, name: str, count: int, rooms: int = 10) -> tuple[list[str], list[str]]:
    """Bring applications as far as the assessment that reserves; return whose zone had room, and whose had none."""
    granted, refused = [], []
    for turn in range(count):
        request = f"{name}-{turn}"
        app = desk.draft("hotel", name, zone="pantai", uses=office.rooms(rooms), request_id=f"{request}-d")
        for kind in ("ktp", "rencana-tapak"):
            desk.attach(app.id, office.document(kind), request_id=f"{request}-{kind}")
        desk.submit(app.id, request_id=f"{request}-s")
        desk.act(app.id, "periksa", "lengkap", officer="ani", request_id=f"{request}-p")
        try:
            desk.act(app.id, "tata-ruang", "sesuai", officer="bayu", request_id=f"{request}-t")
        except RefusedError:
            refused.append(app.id)
        else:
            granted.append(app.id)
    return granted, refused


def check_whole(office: Any, *, everybody: bool = True) -> int:
    """Check that applications and zone tell the same, that ids are given once, and the chains hold; count who holds."""
    ledger = office.check_zone()
    rooms = ledger.resources["kamar"]
    assert rooms.free >= 0, "oversold"
    heads = office.desk.applications()
    ids = [head.stream.rpartition("/")[2] for head in heads]
    entered = [json.loads(row.data)["application"] for row in office.store.read("badung/permitbook/2026")]
    assert len(set(entered)) == len(entered)
    assert set(ids) <= set(entered)
    for key in ids:
        app = office.refolded(key)
        assert app.holds_capacity == (key in ledger.holdings)
        assert app == office.desk.application(key)
        advised = [each for each in office.names(key) if each == "capacity_advised"]
        if everybody:
            assert len(advised) == 1
            assert [why.code for why in app.capacity.reasons] == [
                "zone_has_room" if app.holds_capacity else "zone_full"
            ]
    assert audit(office.store).intact
    return len(ledger.holdings)


@pytest.fixture
def file_office(make_office: Callable[..., Any], tmp_path: Path) -> Iterator[Any]:
    """An office on a file, with room for ten hotels of ten rooms."""
    with SqliteStore(tmp_path / "mall.db", synchronous="normal") as store:
        yield make_office(store=store)


@pytest.mark.parametrize("desks", ["one desk", "a desk each", "a file handle each"])
def test_eight_threads_never_oversell_a_zone(file_office: Any, tmp_path: Path, desks: str) -> None:
    handles = []
    mine = [file_office.desk] * EIGHT
    if desks == "a desk each":
        mine = [file_office.another_desk() for _ in range(EIGHT)]
    if desks == "a file handle each":
        handles = [SqliteStore(tmp_path / "mall.db", synchronous="normal") for _ in range(EIGHT)]
        mine = [file_office.another_desk(store=handle) for handle in handles]
    try:
        done = at_once(*(partial(ask_for_rooms, desk, file_office, f"p-{n}", 2) for n, desk in enumerate(mine)))
    finally:
        for handle in handles:
            handle.close()
    assert sum(len(granted) for granted, _ in done) == 10
    assert sum(len(refused) for _, refused in done) == 6
    assert check_whole(file_office) == 10
    assert file_office.ledger().resources["kamar"].free == 0


def test_eight_threads_with_the_same_requests_do_everything_once(file_office: Any) -> None:
    """The same clicks from eight machines: each is answered alike, and recorded once."""
    desks = [file_office.another_desk() for _ in range(EIGHT)]
    done = at_once(*(partial(ask_for_rooms, desk, file_office, "p-1", 3, 40) for desk in desks))
    assert all(each == done[0] for each in done)
    assert done[0] == (["2026-0001", "2026-0002"], ["2026-0003"])
    assert check_whole(file_office) == 2
    for key in ("2026-0001", "2026-0002"):
        names = ["drafted", "document_attached", "document_attached", "submitted", "step_done"]
        assert file_office.names(key) == [*names, "capacity_advised", "step_done"]


def test_what_is_given_back_while_others_ask_is_given_once(file_office: Any) -> None:
    """Four withdraw and are asked for again while four more ask: the sum is right at every instant, so at the end."""
    first = [file_office.after_steps(file_office.submitted(10), until="lingkungan").id for _ in range(10)]
    desks = [file_office.another_desk() for _ in range(EIGHT)]

    def work(number: int) -> int:
        if number < 4:
            desks[number].withdraw(first[number])
            return -1
        granted, _ = ask_for_rooms(desks[number], file_office, f"p-{number}", 2)
        return len(granted)

    moved = sum(at_once(*(partial(work, number) for number in range(EIGHT))))
    ledger = file_office.check_zone()
    assert len(ledger.holdings) == 10 + moved
    for level in ledger.over_time:
        assert 0 <= level.reserved + level.committed <= 100
    assert audit(file_office.store).intact


def test_two_officers_at_one_step_and_two_at_the_last_one_act_once(file_office: Any) -> None:
    desks = [file_office.another_desk() for _ in range(EIGHT)]
    app = file_office.submitted(10)

    def attempt(act: Callable[[Any], object], number: int) -> bool:
        try:
            act(desks[number])
        except TransitionError:
            return False
        return True

    def all_try(act: Callable[[Any], object]) -> int:
        return sum(at_once(*(partial(attempt, act, number) for number in range(EIGHT))))

    assert all_try(lambda desk: desk.act(app.id, "periksa", "lengkap", officer="ani")) == 1
    assert all_try(lambda desk: desk.act(app.id, "tata-ruang", "sesuai", officer="bayu")) == 1
    file_office.after_steps(file_office.desk.act(app.id, "lingkungan", "sesuai", officer="citra"), until="periksa")
    file_office.desk.act(app.id, "tinjau", "cocok", officer="ani")
    file_office.desk.act(app.id, "putus", "setuju", officer="dewi")
    assert all_try(lambda desk: desk.issue(app.id, "terbit", "terbitkan", officer="dewi")) == 1
    assert file_office.names(app.id).count("issued") == 1
    assert [row.name for row in file_office.store.read("badung/permitbook/2026")].count(
        "permitbook.permit_entered"
    ) == 1
    assert file_office.check_zone().holdings[app.id].status is HoldingStatus.COMMITTED


def test_both_branches_end_at_once_and_the_join_begins_once(file_office: Any) -> None:
    for _ in range(6):
        app = file_office.after_steps(file_office.submitted(), until="tata-ruang")
        steps = (("tata-ruang", "bayu"), ("lingkungan", "citra"))
        desks = [file_office.another_desk() for _ in steps]
        at_once(
            *(
                partial(desk.act, app.id, step, "sesuai", officer=officer)
                for desk, (step, officer) in zip(desks, steps, strict=True)
            )
        )
        now = file_office.desk.application(app.id)
        assert [run.step for run in now.open] == ["tinjau"]
        assert now.joins == ()


# --- processes -------------------------------------------------------------------------------------------------------

PROCESS = """
import json, sys
sys.path.insert(0, sys.argv[3])
from conftest import Office
from test_permit_races import ask_for_rooms
from mppkit.storage import SqliteStore

with SqliteStore(sys.argv[1], synchronous=sys.argv[4]) as store:
    office = Office(store=store)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(ask_for_rooms(office.desk, office, sys.argv[2], int(sys.argv[5]))))
"""


def worker(path: Path, name: str, *, count: int, synchronous: str = "normal") -> subprocess.Popen[str]:
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(path), name, here, synchronous, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def start(workers: list[subprocess.Popen[str]]) -> None:
    for each in workers:
        assert each.stdout.readline() == "ready\n"
    for each in workers:
        each.stdin.write("go\n")
        each.stdin.flush()


def end(workers: list[subprocess.Popen[str]]) -> None:
    for each in workers:
        if each.poll() is None:
            each.kill()
        each.wait()
        each.stdin.close()
        each.stdout.close()


def test_six_processes_never_oversell_a_zone(file_office: Any, tmp_path: Path) -> None:
    workers = [worker(tmp_path / "mall.db", f"p-{n}", count=3) for n in range(6)]
    try:
        start(workers)
        done = [json.loads(each.stdout.readline()) for each in workers]
    finally:
        end(workers)
    assert sum(len(granted) for granted, _ in done) == 10
    assert sum(len(refused) for _, refused in done) == 8
    assert check_whole(file_office) == 10


def test_processes_killed_at_any_moment_leave_nothing_half_done(file_office: Any, tmp_path: Path) -> None:
    """Who is killed and asks again with the same requests ends where others end, and nothing is there twice."""
    random = Random(20261124)
    path = tmp_path / "mall.db"
    for turn in range(4):
        workers = [worker(path, f"p-{n}", count=4, synchronous="full") for n in range(3)]
        try:
            start(workers)
            for each in random.sample(workers, len(workers)):
                time.sleep(random.uniform(0.005, 0.04) * (turn + 1))
                each.kill()
        finally:
            end(workers)
        check_whole(file_office, everybody=False)
    for n in range(3):
        granted, refused = ask_for_rooms(file_office.desk, file_office, f"p-{n}", 4)
        assert len(granted) + len(refused) == 4
    assert check_whole(file_office) == 10
    assert len(file_office.desk.applications()) == 12  # each asked for once, however often it was begun


# --- cut off at a certain moment -------------------------------------------------------------------------------------


class Cut(MemoryStore):
    """Fails one commit: before it is recorded, or after."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.records = False

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                if self.records:
                    super().append(*batches)
                raise StorageError("the line was cut")
        return super().append(*batches)


STORY: tuple[tuple[str, Callable[[Any, Any, str], object]], ...] = (
    ("draft", lambda desk, office, _: desk.draft("hotel", "p", zone="pantai", uses=office.rooms(60), request_id="1")),
    ("attach", lambda desk, office, key: desk.attach(key, office.document("ktp"), request_id="2")),
    ("attach", lambda desk, office, key: desk.attach(key, office.document("rencana-tapak"), request_id="3")),
    ("submit", lambda desk, office, key: desk.submit(key, request_id="4")),
    ("verify", lambda desk, office, key: desk.act(key, "periksa", "lengkap", officer="ani", request_id="5")),
    ("reserve", lambda desk, office, key: desk.act(key, "tata-ruang", "sesuai", officer="bayu", request_id="6")),
    ("assess", lambda desk, office, key: desk.act(key, "lingkungan", "sesuai", officer="citra", request_id="7")),
    ("visit", lambda desk, office, key: desk.act(key, "tinjau", "cocok", officer="ani", request_id="8")),
    ("grant", lambda desk, office, key: desk.act(key, "putus", "setuju", officer="dewi", request_id="9")),
    ("issue", lambda desk, office, key: desk.issue(key, "terbit", "terbitkan", officer="dewi", request_id="10")),
    ("revoke", lambda desk, office, key: desk.revoke(key, officer="dewi", why="Tidak dibangun", request_id="11")),
)


@pytest.mark.parametrize("records", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(2))
@pytest.mark.parametrize("step", range(len(STORY)), ids=[f"{n}-{name}" for n, (name, _) in enumerate(STORY)])
def test_who_is_cut_off_and_asks_again_ends_where_others_end(
    make_office: Callable[..., Any], step: int, commit: int, records: bool
) -> None:
    """A draft and an issue are two commits, with the register; the others one, with or without the zone."""
    store = Cut()
    office = make_office(store=store)
    office.desk.capacity("pantai")
    office.desk.set_limit("pantai", office.BEACH.limits[0])
    for turn, (_, act) in enumerate(STORY):
        if turn == step:
            store.left, store.records = commit, records
            try:
                act(office.desk, office, "2026-0001")
            except StorageError:
                assert store.left is None
            store.left = None
            # another process looks, and asks again
            if office.store.read("badung/permit/2026-0001"):
                office.check_zone()
            office.desk = office.another_desk()
        act(office.desk, office, "2026-0001")
        if turn >= 1:
            office.check_zone()
    app = office.desk.application("2026-0001")
    assert (app.status, app.permit.number) == (Status.REVOKED, "0001/HOTEL/2026")
    assert len(office.desk.applications()) == 1
    names = office.names("2026-0001")
    assert names == [
        *("drafted", "document_attached", "document_attached", "submitted", "step_done", "capacity_advised"),
        *("step_done", "step_done", "step_done", "decided", "issued", "revoked"),
    ]
    book = [row.name for row in office.store.read("badung/permitbook/2026")]
    assert book == ["permitbook.application_entered", "permitbook.permit_entered"]
    zone = [row.name for row in office.store.read("badung/zone/pantai")][2:]
    assert zone == ["capacity.reserved", "capacity.committed", "capacity.released"]
    assert audit(store).intact


def test_a_step_that_was_refused_is_refused_again_when_it_was_cut_off(make_office: Callable[..., Any]) -> None:
    store = Cut()
    office = make_office(store=store)
    office.after_steps(office.submitted(60), until="lingkungan")
    app = office.after_steps(office.submitted(60), until="tata-ruang")
    store.left, store.records = 0, True
    ask = partial(office.desk.act, app.id, "tata-ruang", "sesuai", officer="bayu", request_id="klik-1")
    with pytest.raises(StorageError):
        ask()
    office.desk.set_limit("pantai", office.BEACH.limits[1])
    for _ in range(2):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert [why.code for why in refused.value.decision.reasons] == ["zone_full"]
    assert office.names(app.id).count("capacity_advised") == 1


def test_eight_desks_whose_policy_repeats_a_number_give_it_to_one(file_office: Any) -> None:
    file_office.policies = PermitPolicies(numbering=lambda ask: "503/HOTEL")
    apps = [file_office.granted().id for _ in range(EIGHT)]
    desks = [file_office.another_desk() for _ in range(EIGHT)]

    def issue(desk: Any, app: str) -> int:
        try:
            desk.issue(app, "terbit", "terbitkan", officer="dewi")
        except InvalidValueError:
            return 0
        return 1

    assert sum(at_once(*(partial(issue, desk, app) for desk, app in zip(desks, apps, strict=True)))) == 1
    numbers = [head.labels.get("number") for head in file_office.desk.applications()]
    assert numbers.count("503/HOTEL") == 1
