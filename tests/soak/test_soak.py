"""Many processes do random things on one store and are killed at random; nothing is lost, doubled or broken.

`MPPKIT_SOAK=30 python -m pytest tests/soak -s` soaks for thirty minutes on each store, and tells what it did.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checker import check
from refolding import refold
from worker import SECRET, Since, lines_of, prepare

from mppkit import Mall
from mppkit.storage import EventStore, Query, Recorded, audit, open_store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")

SECONDS = float(os.environ.get("MPPKIT_SOAK", 0)) * 60 or 6.0
WORKERS = 4
WANTED = {"issue", "call_next", "start", "finish", "transfer", "hold", "no_show", "cancel", "respond", "act"}
"""What must have happened for the soak to say anything; on a slow machine it goes on until it has, for a minute."""


class Soak:
    """The workers of one soak, and what was done to them."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self.journals = [folder / f"worker-{number}.jsonl" for number in range(WORKERS)]
        self._began = time.time()
        self._starts = 0
        self.kills = self.restarts = self.cuts = 0
        self._running = [self._start(number) for number in range(WORKERS)]

    def _start(self, number: int) -> tuple[subprocess.Popen[str], int]:
        self._starts += 1
        journal = self.journals[number]
        arguments = (self._address, str(journal), str(self._starts), str(self._began))
        program = [sys.executable, "-W", "error", str(Path(__file__).parent / "worker.py"), *arguments]
        # a process that was killed leaves its journal, so that its size now is where the new one begins
        return subprocess.Popen(program, stderr=subprocess.PIPE, text=True), _size(journal)

    def at_work(self) -> list[int]:
        """Return the workers that have noted something since they were started; whoever ended by itself is a fault."""
        for process, _ in self._running:
            assert process.poll() is None, process.communicate()[1]
        return [number for number in range(WORKERS) if _size(self.journals[number]) > self._running[number][1]]

    def kill(self, number: int, again: bool = True) -> None:
        """Kill a worker wherever it is, and start it again."""
        process, _ = self._running[number]
        process.send_signal(signal.SIGKILL)
        _, wrong = process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL, wrong
        self.kills += 1
        if again:
            self._running[number] = self._start(number)

    def end(self) -> None:
        """Kill all that still runs."""
        for process, _ in self._running:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=30)

    def done(self) -> Counter[str]:
        """Return how often each verb was answered."""
        return Counter(line["done"] for path in self.journals for line in lines_of(path) if "done" in line)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def all_rows(store: EventStore) -> list[Recorded]:
    rows: list[Recorded] = []
    while page := store.read_all(rows[-1].position if rows else 0):
        rows += page
    return rows


def opened(store: EventStore) -> Mall:
    return Mall.open("contoh", store, clock=Since(time.time()), survey_secret=SECRET)


def soak(address: str, folder: Path, disturb: Callable[[Soak, float], None] = lambda soak, passed: None) -> Soak:
    """Let workers work and kill them until the time is up, and then prove that all is well."""
    chance = random.Random(SECONDS)
    with open_store(address) as store, opened(store) as mall:
        prepare(mall, chance)
    soak = Soak(address, folder)
    began = time.monotonic()
    try:
        while (passed := time.monotonic() - began) < SECONDS or (
            passed < SECONDS + 60 and not (soak.done().keys() >= WANTED and soak.kills > WORKERS)
        ):
            time.sleep(chance.uniform(0.2, 1.2))
            disturb(soak, passed)
            if able := soak.at_work():
                soak.kill(chance.choice(able))
        for number in range(WORKERS):
            soak.kill(number, again=False)
    finally:
        soak.end()
    journal = [line for path in soak.journals for line in lines_of(path)]
    with open_store(address) as store:
        rows, heads = all_rows(store), store.find(Query())
        assert check(rows, heads, journal) == []
        assert audit(store).intact
        with opened(store) as mall:
            assert refold(mall, rows, heads) == []
    done = soak.done()
    assert done.keys() >= WANTED
    assert soak.kills > WORKERS
    assert any(row.name == "capacity.reserved" for row in rows)
    kept = len({(stream, version) for line in journal for stream, version, _ in line.get("kept", ())})
    lost = sum("lost" in line for line in journal)
    print(
        f"\n{address.partition(':')[0]}: {time.monotonic() - began:.0f} s, {soak.kills} kills, {soak.restarts} restarts"
        f", {soak.cuts} cuts; {done.total()} commands answered, {lost} unknown and asked again, {len(rows)} events on "
        f"{len(heads)} streams, {kept} of them acknowledged; no fault\n{dict(done)}"
    )
    return soak


def test_processes_that_are_killed_at_random_leave_a_sqlite_store_without_a_fault(tmp_path: Path) -> None:
    soak(f"sqlite:///{tmp_path / 'soak.db'}", tmp_path)


def test_processes_and_servers_that_end_at_random_leave_a_postgresql_store_without_a_fault(
    postgres: Any, postgres_url: str, tmp_path: Path
) -> None:
    psycopg = pytest.importorskip("psycopg")
    name = re.search(r"schema=(\w+)", postgres_url)[1]

    def disturb(soak: Soak, passed: float) -> None:
        if passed < (soak.cuts + soak.restarts + 1) * min(SECONDS / 6, 6) or not soak.at_work():
            return
        if postgres.restart and (soak.cuts + soak.restarts) % 3 == 1:
            postgres.restart(lambda: time.sleep(0.2))
            soak.restarts += 1
        else:
            with psycopg.connect(postgres.url, autocommit=True) as admin:
                told = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                admin.execute(told, (name,))
            soak.cuts += 1

    done = soak(f"{postgres_url}&application_name={name}", tmp_path, disturb)
    assert done.cuts > 1
    assert done.restarts or not postgres.restart
