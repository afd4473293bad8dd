"""Many threads and processes at one day: nobody is called twice, nobody is left out, and lost races retry alone."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mppkit.directory import Counter, Directory, Service
from mppkit.errors import RefusedError
from mppkit.storage import SqliteStore, audit

EIGHT = 8


def together(work, n=EIGHT):
    """Let n threads begin at the same moment; return what each returned."""
    barrier = Barrier(n)

    def begin(index):
        barrier.wait(timeout=30)
        return work(index)

    with ThreadPoolExecutor(n) as pool:
        return [done.result(timeout=60) for done in [pool.submit(begin, index) for index in range(n)]]


def call_all(desk, counter):
    desk.open_counter(counter, services=["nib"])
    called = []
    while call := desk.call_next(counter):
        called.append(call.number)
        desk.start(call.number)
        desk.finish(call.number)
    return called


@pytest.fixture
def eight_counters(make_room):
    """Return a function that makes a hall of eight counters on a store."""
    directory = Directory(
        agencies=(),
        services=(Service(id="nib", name="nib", name_english="nib", agency="pemda", prefix="A"),),
        counters=tuple(Counter(id=f"loket-{n}", name=str(n), services=("nib",)) for n in range(EIGHT)),
    )
    return lambda store=None: make_room(store=store, directory=directory)


@pytest.mark.parametrize("desks", ["one desk", "a desk each"])
def test_eight_threads_call_everybody_once(eight_counters, desks):
    room = eight_counters()
    tickets = [room.desk.issue("nib").number for _ in range(120)]
    mine = [room.desk if desks == "one desk" else room.another_desk() for _ in range(EIGHT)]
    called = together(lambda n: call_all(mine[n], f"loket-{n}"))
    assert sorted(number for numbers in called for number in numbers) == tickets
    assert room.desk.measures().hall.served == 120
    states = [desk._days.view("2026-11-24", lambda day: day) for desk in (room.desk, room.another_desk(), mine[0])]
    assert states[0] == states[1] == states[2]


def test_eight_threads_issue_every_number_once(eight_counters):
    room = eight_counters()
    desks = [room.another_desk() for _ in range(EIGHT)]
    numbers = together(lambda n: [desks[n].issue("nib").number for _ in range(15)])
    assert sorted(number for each in numbers for number in each) == [f"A-{n:03}" for n in range(1, 121)]


def test_one_request_from_many_threads_issues_one_ticket(eight_counters):
    room = eight_counters()
    desks = [room.another_desk() for _ in range(EIGHT)]
    tickets = together(lambda n: [desks[n].issue("nib", request_id=f"klik-{turn}").number for turn in range(10)])
    assert all(numbers == tickets[0] for numbers in tickets)
    assert room.names().count("ticket_issued") == 10


def test_one_person_in_many_threads_gets_one_ticket(eight_counters):
    room = eight_counters()
    desks = [room.another_desk() for _ in range(EIGHT)]

    def ask(n):
        try:
            return desks[n].issue("nib", subject="orang-7").number
        except RefusedError:
            return None

    assert sorted(number or "" for number in together(ask)) == [""] * (EIGHT - 1) + ["A-001"]


PROCESS = """
import json, sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from mppkit.calendars import Calendar
from mppkit.clock import VirtualClock
from mppkit.directory import Counter, Directory, Service
from mppkit.queues.desk import QueueDesk
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import SqliteStore

path, counter = sys.argv[1:]
directory = Directory(
    agencies=(),
    services=(Service(id="nib", name="nib", name_english="nib", agency="pemda", prefix="A"),),
    counters=tuple(Counter(id=f"loket-{n}", name=str(n), services=("nib",)) for n in range(8)),
)
with SqliteStore(path, synchronous="normal") as store:
    desk = QueueDesk(
        mall="badung", store=store, directory=directory, calendar=Calendar(zone=ZoneInfo("Asia/Makassar")),
        policies=QueuePolicies(), clock=VirtualClock("2026-11-24T09:00:00+08:00"),
    )
    desk.open_counter(counter, services=["nib"], request_id=f"open-{counter}")
    print("ready", flush=True)
    sys.stdin.readline()
    mine = [desk.issue("nib", request_id=f"klik-{n}").number for n in range(40)]
    called = []
    while call := desk.call_next(counter):
        called.append(call.number)
        desk.start(call.number)
        desk.finish(call.number)
    print(json.dumps([mine, called]))
"""


def test_eight_processes_on_one_file_call_everybody_once(eight_counters, tmp_path):
    path = tmp_path / "hall.db"
    SqliteStore(path).close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, str(path), f"loket-{n}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(EIGHT)
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
    tickets = [f"A-{n:03}" for n in range(1, 41)]
    assert all(issued == tickets for issued, _ in answers)  # the same 40 clicks, from each process
    assert sorted(number for _, called in answers for number in called) == tickets
    with SqliteStore(path) as store:
        room = eight_counters(store)
        assert room.desk.measures().hall.served == 40
        assert audit(store).intact
