"""A writer that is killed loses nothing it has acknowledged, and leaves nothing half-written and nobody waiting."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from mppkit.storage import Query, SqliteStore, audit
from mppkit.testing.batches import batch, head

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")

SHARED = "badung/kill/shared"

WRITER = """
path, own, synchronous = sys.argv[1:]
say("ready")
store = SqliteStore(path, synchronous=synchronous)
while True:
    shared, mine = len(store.read("badung/kill/shared")), len(store.read(own))
    try:
        recorded = store.append(
            batch(own, mine, '"one"', json.dumps("x" * 5000), '"three"', labels={"n": mine + 3}),
            batch("badung/kill/shared", shared, json.dumps(own), labels={"n": shared + 1}),
        )
    except ConflictError:
        continue
    say([[row.stream, row.version, row.digest] for row in recorded])
"""

Start = Callable[..., "Popen[str]"]


def kill(writer: "Popen[str]") -> list[tuple[str, int, str]]:
    """Kill a writer and return what it had acknowledged."""
    writer.send_signal(signal.SIGKILL)
    told = writer.stdout.read()  # and not communicate(), which loses what readline() has fetched beyond its line
    assert writer.wait(30) == -signal.SIGKILL, writer.stderr.read()
    lines = [line for line in told.splitlines(keepends=True) if line.endswith("\n")]  # the last may be cut
    return [(stream, version, digest) for line in lines for stream, version, digest in json.loads(line)]


@pytest.mark.parametrize(("synchronous", "rounds"), [("full", 8), ("normal", 4)])
def test_nothing_acknowledged_is_lost_and_nothing_is_half_written(
    tmp_path: Path, start_python: Start, synchronous: str, rounds: int
) -> None:
    path = tmp_path / "mall.db"
    chance = random.Random(synchronous)
    acknowledged: list[tuple[str, int, str]] = []
    owners: list[str] = []
    for number in range(rounds):
        own = [f"badung/kill/{number}-{name}" for name in "ab"]
        owners += own
        writers = [start_python(WRITER, path, each, synchronous) for each in own]
        assert [writer.stdout.readline() for writer in writers] == ['"ready"\n'] * 2
        time.sleep(chance.uniform(0.005, 0.05))
        for writer in writers:  # the second goes on a moment after the first has died, with what it left behind
            acknowledged += kill(writer)
            time.sleep(chance.uniform(0, 0.01))
        with SqliteStore(path) as store:
            assert audit(store).intact
            shared = store.read(SHARED)
            digests = {(row.stream, row.version): row.digest for row in shared}
            for each in owners:
                rows = store.read(each)
                digests |= {(row.stream, row.version): row.digest for row in rows}
                assert len(rows) == 3 * sum(row.data == json.dumps(each) for row in shared), f"half a commit of {each}"
            for stream, version, digest in acknowledged:
                assert digests.get((stream, version)) == digest, f"{stream} {version} was acknowledged"
            assert all(found.labels["n"] == found.version for found in store.find(Query()))
            store.append(batch(f"badung/after/{number}", labels={"n": 1}))
    assert len(acknowledged) > 4 * rounds, "hardly anything was written before the kills"


def test_a_writer_killed_while_it_makes_the_file_leaves_one_that_can_be_used(
    tmp_path: Path, start_python: Start
) -> None:
    chance = random.Random(7)
    for number in range(12):
        path = tmp_path / f"{number}.db"
        writer = start_python(WRITER, path, "badung/kill/own", "full")
        assert writer.stdout.readline() == '"ready"\n'
        time.sleep(chance.uniform(0, 0.008))
        acknowledged = kill(writer)
        with SqliteStore(path) as store:
            assert len(store.read(SHARED)) * 4 >= len(acknowledged)
            store.append(batch("badung/after/kill"))
            assert head(store, "badung/after/kill").version == 1
            assert audit(store).intact


def test_whoever_waits_behind_a_killed_writer_goes_on(tmp_path: Path, start_python: Start) -> None:
    """The lock of a process dies with it: a writer killed inside its commit holds up nobody."""
    path = tmp_path / "mall.db"
    holder = """
    def stop(*_):
        say("inside")
        time.sleep(60)

    store = SqliteStore(sys.argv[1])
    sqlite.chain = stop
    store.append(batch("badung/kill/never", 0, "1"))
    """
    process = start_python(holder, path)
    assert process.stdout.readline() == '"inside"\n'
    waiter = start_python(WRITER, path, "badung/kill/own", "full")
    assert waiter.stdout.readline() == '"ready"\n'
    time.sleep(0.05)
    process.kill()
    assert waiter.stdout.readline().startswith("[[")
    kill(waiter)
    with SqliteStore(path) as store:
        assert store.read("badung/kill/never") == ()
        assert audit(store).intact
