"""Many threads and processes answer at once, each click repeated: everybody is counted once, and nobody is lost."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mppkit.errors import RefusedError
from mppkit.storage import MemoryStore, SqliteStore, audit
from mppkit.surveys.tally import tally_patterns

EIGHT = 8


def together(work, n=EIGHT):
    """Let n threads begin at the same moment; return what each returned."""
    barrier = Barrier(n)

    def begin(index):
        barrier.wait(timeout=30)
        return work(index)

    with ThreadPoolExecutor(n) as pool:
        return [done.result(timeout=60) for done in [pool.submit(begin, index) for index in range(n)]]


@pytest.mark.parametrize("desks", ["one desk", "a desk each"])
def test_eight_threads_that_click_the_same_codes_count_each_once(booth, desks) -> None:
    mine = [booth.desk if desks == "one desk" else booth.another_desk() for _ in range(EIGHT)]
    codes = [booth.code(f"A-{n:03}") for n in range(30)]
    receipts = together(
        lambda n: [mine[n].respond("skm", code, booth.all(place % 4 + 1)) for place, code in enumerate(codes)]
    )
    assert all(each == receipts[0] for each in receipts)
    expected = {(1,) * 9: 8, (2,) * 9: 8, (3,) * 9: 7, (4,) * 9: 7}
    assert booth.desk.tally("skm") == mine[-1].tally("skm") == tally_patterns(booth.skm, expected)
    assert audit(booth.store).intact


@pytest.mark.parametrize("desks", ["one desk", "a desk each"])
def test_of_eight_threads_that_answer_otherwise_by_one_code_one_is_counted(booth_on, desks) -> None:
    for _ in range(20):
        booth = booth_on(MemoryStore())
        mine = [booth.desk if desks == "one desk" else booth.another_desk() for _ in range(EIGHT)]

        def answer(n, booth=booth, mine=mine):
            try:
                mine[n].respond("skm", booth.code(), booth.all(4, waktu=n % 4 + 1))
            except RefusedError as refused:
                return refused.decision.reasons[0].code
            return n % 4 + 1

        answered = together(answer)
        counted = [each for each in answered if each != "token_used"]
        assert counted == [counted[0]] * 2  # two of the eight say the same
        assert len(booth.names()) == 1


def test_eight_threads_with_the_same_open_requests_count_each_once(booth) -> None:
    mine = [booth.another_desk(open=True) for _ in range(EIGHT)]
    together(lambda n: [mine[n].respond("skm", None, booth.all(k % 4 + 1), request_id=f"klik-{k}") for k in range(30)])
    assert mine[0].tally("skm", channel="open").n == 30


PROCESS = """
import json, sys
from datetime import date
from zoneinfo import ZoneInfo
from mppkit.clock import VirtualClock
from mppkit.directory import Directory, Service
from mppkit.storage import SqliteStore
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.loading import find_instrument

path, which = sys.argv[1], int(sys.argv[2])
directory = Directory(
    agencies=(), counters=(), services=(Service(id="nib", name="nib", name_english="nib", agency="x", prefix="A"),)
)
skm = find_instrument("skm-2017")
with SqliteStore(path, synchronous="normal") as store:
    desk = SurveysDesk(
        mall="badung", store=store, directory=directory, zone=ZoneInfo("Asia/Makassar"),
        clock=VirtualClock("2026-11-24T09:00:00+08:00"), instruments=(skm,), secret=bytes(range(32)),
    )
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(40):
        shared, own = f"A-{n:03}", f"P{which}-{n:03}"
        for number in (shared, own, own, shared):
            code = desk.token(date(2026, 11, 24), "nib", number)
            desk.respond("skm", code, dict.fromkeys(skm.keys, n % 4 + 1))
    print(json.dumps(desk.tally("skm").n))
"""


def test_four_processes_on_one_file_count_everybody_once(booth_on, tmp_path) -> None:
    path = tmp_path / "surveys.db"
    SqliteStore(path).close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROCESS, str(path), str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        seen = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
    with SqliteStore(path) as store:
        booth = booth_on(store)
        everybody = {(value,) * 9: 10 * 5 for value in (1, 2, 3, 4)}  # forty shared by all, and forty of each
        assert booth.desk.tally("skm") == tally_patterns(booth.skm, everybody)
        assert max(seen) == 200
        assert audit(store).intact
