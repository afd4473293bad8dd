"""An interrupt (Ctrl-C, a timer's exception) may come between any two instructions: the store stays fit, for all."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mppkit.storage import open_store
from mppkit.testing.batches import batch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs setitimer")

STORM = """
import faulthandler, random, signal
from collections import Counter
from threading import Event, Thread
from mppkit.storage import Query, open_store

class Interrupt(BaseException):
    pass

def interrupt(*_):
    raise Interrupt

faulthandler.dump_traceback_later(50, exit=True)  # a deadlock tells where
signal.signal(signal.SIGALRM, interrupt)
chance, longest, stop = random.Random(11), float(sys.argv[2]), Event()
store, counts, acknowledged, tried, interrupts = open_store(sys.argv[1]), [0, 0], set(), 0, 0

def others(n):
    while not stop.is_set():
        store.append(batch(f"badung/bell/other-{n}", counts[n], "1"))
        counts[n] += 1

threads = [Thread(target=others, args=(n,)) for n in range(2)]
for thread in threads:
    thread.start()
until = time.monotonic() + 4
while time.monotonic() < until:
    tried += 1
    try:
        signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, longest))
        one, two = (batch(f"badung/bell/{name}-{tried}", 0, "1", "2", request_id=f"r{tried}") for name in "ab")
        store.append(one, two)
        acknowledged.add(tried)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Interrupt:
        interrupts += 1
signal.setitimer(signal.ITIMER_REAL, 0)
stop.set()
for thread in threads:
    thread.join()
assert [len(store.read(f"badung/bell/other-{n}")) for n in range(2)] == counts
for number in range(1, tried + 1):
    found = [len(store.read(f"badung/bell/{name}-{number}")) for name in "ab"]
    assert found == [2, 2] or (found == [0, 0] and number not in acknowledged), (number, found)
rows = store.read_all(limit=10**6)
assert {head.stream: head.version for head in store.find(Query())} == Counter(row.stream for row in rows)
assert audit(store).intact
say(interrupts)
sys.stdin.readline()  # the store stays open, and holds nobody up
store.append(batch("badung/bell/last", 0, "1"))
store.close()
"""


@pytest.mark.parametrize(
    ("kind", "longest"), [("memory", 2e-4), ("sqlite", 6e-4), ("sqlite, grouped", 6e-4), ("postgres", 4e-3)]
)
def test_interrupts_at_any_moment_leave_the_store_fit_for_everybody(
    tmp_path: Path,
    start_python: Callable[..., Any],
    request: pytest.FixtureRequest,
    kind: str,
    longest: float,
) -> None:
    url = {
        "memory": lambda: "memory:",
        "sqlite": lambda: f"sqlite:///{tmp_path / 'mall.db'}?synchronous=normal",
        "sqlite, grouped": lambda: f"sqlite:///{tmp_path / 'mall.db'}?synchronous=normal&group=yes",
        "postgres": lambda: request.getfixturevalue("postgres_url"),
    }[kind]()
    process = start_python(STORM, url, longest)
    told = process.stdout.readline()
    assert told, process.communicate(timeout=60)[1]
    assert json.loads(told) > 100
    if kind != "memory":
        with open_store(url) as store:
            store.append(batch("badung/bell/elsewhere", 0, "1"))  # while the other process is open
    said, wrong = process.communicate("\n", timeout=60)
    assert (said, process.returncode) == ("", 0), wrong
