"""Many processes on one PostgreSQL store: nothing lost, nothing twice, killed or not, behind a pooling proxy or not."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import pytest

from mppkit.storage import Query, audit, follow, open_store
from mppkit.testing.batches import batch

psycopg = pytest.importorskip("psycopg")

Start = Callable[..., "Popen[str]"]
SHARED = "badung/own/shared"

SHARING = """
from mppkit.storage import open_store
url, name, goal = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(url)
say("ready")
sys.stdin.readline()
mine = 0
while mine < goal:
    shared = len(store.read("badung/own/shared"))
    request = {"request_id": f"{name}-{mine}"}
    batches = [
        batch(f"badung/own/{name}", mine, json.dumps(name), labels={"n": mine + 1}, **request),
        batch("badung/own/shared", shared, json.dumps([name, mine]), **request),
    ]
    try:
        recorded = store.append(*batches)
    except ConflictError:
        continue
    if mine % 3 == 0:
        assert store.append(*batches) == recorded  # the same request again, as a network does
    mine += 1
say(mine)
store.close()
"""

WRITER = """
from mppkit.storage import open_store
url, own = sys.argv[1:]
store = open_store(url)
say("ready")
while True:
    shared, mine = len(store.read("badung/own/shared")), len(store.read(own))
    try:
        recorded = store.append(
            batch(own, mine, '"one"', json.dumps("x" * 5000), '"three"', labels={"n": mine + 3}),
            batch("badung/own/shared", shared, json.dumps(own), labels={"n": shared + 1}),
        )
    except ConflictError:
        continue
    say([[row.stream, row.version, row.digest] for row in recorded])
"""


def race(start_python: Start, url: str, processes: int, goal: int) -> list[int]:
    """Start the processes, let them go at the same moment, and return what each said at the end."""
    writers = [start_python(SHARING, url, name, goal) for name in range(processes)]
    assert [writer.stdout.readline() for writer in writers] == ['"ready"\n'] * processes
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = []
    for writer in writers:
        said = writer.stdout.readline()
        assert writer.wait(60) == 0, writer.stderr.read()
        told.append(json.loads(said))
    return told


def test_eight_processes_on_one_stream_lose_nothing_and_who_follows_them_misses_nothing(
    postgres_url: str, start_python: Start
) -> None:
    stop = Event()
    with open_store(postgres_url) as store, open_store(postgres_url) as followed:
        seen: list[Any] = []
        follower = Thread(target=lambda: seen.extend(follow(followed, poll_seconds=0.001, stop=stop)))
        follower.start()
        try:
            assert race(start_python, postgres_url, 8, 15) == [15] * 8
            until = time.monotonic() + 10
            while len(seen) < 240 and time.monotonic() < until:
                time.sleep(0.01)
        finally:
            stop.set()
            follower.join(30)
        report = audit(store)
        assert (report.intact, report.streams, report.events) == (True, 9, 240)
        assert seen == list(store.read_all())
        said = Counter(row.data for row in store.read(SHARED))
        assert said == Counter(json.dumps([str(name), number]) for name in range(8) for number in range(15))
        for name in range(8):
            assert [row.data for row in store.read(f"badung/own/{name}")] == [json.dumps(str(name))] * 15
        assert {head.labels.get("n") for head in store.find(Query())} == {15, None}


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_nothing_acknowledged_is_lost_and_nothing_is_half_written_when_writers_are_killed(
    postgres_url: str, start_python: Start
) -> None:
    chance = random.Random(11)
    acknowledged: list[tuple[str, int, str]] = []
    owners: list[str] = []
    with open_store(postgres_url) as store:
        for number in range(4):
            own = [f"badung/kill/{number}-{name}" for name in "ab"]
            owners += own
            writers = [start_python(WRITER, postgres_url, each) for each in own]
            assert [writer.stdout.readline() for writer in writers] == ['"ready"\n'] * 2
            time.sleep(chance.uniform(0.05, 0.2))
            for writer in writers:  # the second goes on a moment after the first has died
                writer.send_signal(signal.SIGKILL)
                told = writer.stdout.read()
                assert writer.wait(30) == -signal.SIGKILL, writer.stderr.read()
                lines = [line for line in told.splitlines(keepends=True) if line.endswith("\n")]
                acknowledged += [tuple(row) for line in lines for row in json.loads(line)]
                time.sleep(chance.uniform(0, 0.02))
            store.append(batch(f"badung/after/{number}", labels={"n": 1}))
            shared = store.read(SHARED)
            digests = {(row.stream, row.version): row.digest for row in shared}
            for each in owners:
                rows = store.read(each)
                digests |= {(row.stream, row.version): row.digest for row in rows}
                assert len(rows) == 3 * sum(row.data == json.dumps(each) for row in shared), f"half a commit of {each}"
            for stream, version, digest in acknowledged:
                assert digests.get((stream, version)) == digest, f"{stream} {version} was acknowledged"
            assert all(found.labels["n"] == found.version for found in store.find(Query()))
        assert audit(store).intact
    assert len(acknowledged) > 40, "hardly anything was written before the kills"


# --- behind a proxy that pools transactions -------------------------------------------------------------------------


@pytest.fixture
def pooled(postgres: Any) -> Iterator[str]:
    """Bring up PgBouncer, where it is installed, with three connections that change hands after each transaction."""
    program = os.environ.get("MPPKIT_TEST_PGBOUNCER") or shutil.which("pgbouncer")
    if program is None:
        pytest.skip("PgBouncer is not installed; or name it in MPPKIT_TEST_PGBOUNCER")
    with psycopg.connect(postgres.url) as connection:
        host, port = connection.info.host, connection.info.port
        user, name = connection.info.user, connection.info.dbname
    with socket.create_server(("127.0.0.1", 0)) as free:
        mine = free.getsockname()[1]
    with TemporaryDirectory(prefix="mppkit-pgbouncer-") as folder:
        config = Path(folder, "pgbouncer.ini")
        config.write_text(
            f"[databases]\n{name} = host={host} port={port} dbname={name} user={user}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {mine}\nunix_socket_dir =\nauth_type = any\n"
            "pool_mode = transaction\ndefault_pool_size = 3\n"
        )
        owner: dict[str, int] = {}
        if os.geteuid() == 0:  # which PgBouncer refuses to be; and whoever runs the server can reach its socket
            owner["user"] = Path(host).stat().st_uid if host.startswith("/") else 65534
            for path in (Path(folder), config):
                os.chown(path, owner["user"], -1)
        with subprocess.Popen([program, str(config)], stderr=subprocess.DEVNULL, **owner) as proxy:
            try:
                url = f"postgresql://{user}@127.0.0.1:{mine}/{name}"
                until = time.monotonic() + 10
                while not is_answering(url):
                    assert time.monotonic() < until, "PgBouncer does not answer"
                    time.sleep(0.05)
                yield url
            finally:
                proxy.kill()


def is_answering(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_proxy_that_pools_transactions_may_stand_in_between(
    pooled: str, postgres_url: str, start_python: Start
) -> None:
    url = f"{pooled}?schema={postgres_url.rpartition('schema=')[2]}"
    assert race(start_python, url, 4, 15) == [15] * 4
    with open_store(url) as store:
        assert audit(store).events == 120
        assert [row.position for row in store.read_all()] == sorted(row.position for row in store.read_all())
