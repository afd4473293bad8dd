"""PostgreSQL: G7 (history), G8 (one connection against `eventsourcing`, and eight connections against one).

On the database that MPPKIT_TEST_POSTGRES names, in schemas of their own, which are dropped again; without one the
lines are left out.
"""

import multiprocessing
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

import bench_queue
from bench_storage import save_ours, save_peers
from eventsourcing.application import Application
from rounds import Measured, Row, alternate, rate

from mppkit.clock import SystemClock
from mppkit.storage import Append, NewEvent, open_store

_URL = os.environ.get("MPPKIT_TEST_POSTGRES", "")
_OURS, _LITTLE, _MUCH, _PEER = (f"mppkit_bench_{name}" for name in ("ours", "little", "much", "peer"))
_CONNECTIONS = 8


def _address(schema: str, **options: str) -> str:
    more = "&".join(f"{name}={value}" for name, value in {"schema": schema, **options}.items())
    return f"{_URL}{'&' if '?' in _URL else '?'}{more}"


@contextmanager
def _schemas(*names: str) -> Iterator[None]:
    """Have these schemas gone before and after."""
    import psycopg

    def drop() -> None:
        with psycopg.connect(_URL, autocommit=True) as connection:
            for name in names:
                connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    drop()
    try:
        yield
    finally:
        drop()


def _is_there() -> bool:
    if not _URL:
        print("PostgreSQL is left out: name a database in MPPKIT_TEST_POSTGRES", file=sys.stderr)
    return bool(_URL)


def g7(quick: bool) -> list[Row]:
    """Measure what history costs, on SQLite and on PostgreSQL; there, too, without waiting for the disk."""
    found = bench_queue.g7(quick)
    if not _is_there():
        return found
    little, much = 1000, 100_000 if quick else 1_000_000
    with _schemas(_LITTLE, _MUCH):
        addresses = {
            size: _address(schema, options="-csynchronous_commit%3Doff")
            for size, schema in ((little, _LITTLE), (much, _MUCH))
        }
        for size, address in addresses.items():
            with open_store(address) as store:
                bench_queue.record_history(store, size)
        stores = {size: open_store(address) for size, address in addresses.items()}
        found += bench_queue.history_rows(", PostgreSQL", stores, 30 if quick else 150)
        for store in stores.values():
            store.close()
    return found


# --- G8 --------------------------------------------------------------------------------------------------------------


@contextmanager
def _promising(synchronous: str) -> Iterator[None]:
    """Have every connection of this process, ours and the peer's, wait for the disk or not."""
    before = os.environ.get("PGOPTIONS")
    os.environ["PGOPTIONS"] = f"-c synchronous_commit={synchronous}"
    try:
        yield
    finally:
        del os.environ["PGOPTIONS"]
        if before is not None:
            os.environ["PGOPTIONS"] = before


def _peer() -> Application:
    """Return the peer on the same database."""
    import psycopg

    with psycopg.connect(_URL, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {_PEER}")
        where = connection.info
        return Application(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": where.dbname,
                "POSTGRES_HOST": where.host,
                "POSTGRES_PORT": str(where.port),
                "POSTGRES_USER": where.user,
                "POSTGRES_PASSWORD": where.password or "unused",
                "POSTGRES_SCHEMA": _PEER,
            }
        )


def _save_an_event(synchronous: str, rounds: int, tickets: int) -> Row:
    with _promising(synchronous), _schemas(_OURS, _PEER), open_store(_address(_OURS)) as store:
        application = _peer()

        def ours() -> Measured:
            began = perf_counter()
            save_ours(store, tickets)
            return 4 * tickets, perf_counter() - began

        def peer() -> Measured:
            began = perf_counter()
            save_peers(application, tickets)
            return 4 * tickets, perf_counter() - began

        rates = alternate(rounds, {"ours": ours, "peer": peer})
        application.close()
    return Row(
        goal="G8",
        what=f"save an event, PostgreSQL, one connection, synchronous_commit={synchronous}",
        ours=rate(rates["ours"]),
        peer=f"eventsourcing {rate(rates['peer'])}",
        ratio=rates["ours"] / rates["peer"],
        wanted=2.0 if synchronous == "on" else None,  # the goal is about what is durable
    )


def _write(address: str, mall: str, seconds: float, ready: object, answers: object) -> None:
    """Append to a stream of one's own mall for a while; answer with the number of commits."""
    body = NewEvent(name="queue.ticket_called", version=1, data='{"number":"A-0123","counter":"loket-07"}')
    now = SystemClock().now
    done = 0
    with open_store(address) as store:
        stream = f"{mall}/queue/{os.getpid()}"
        ready.wait()
        until = perf_counter() + seconds
        while perf_counter() < until:
            store.append(Append(stream=stream, expected_version=done, events=(body,), actor=mall, at=now()))
            done += 1
    answers.put(done)


def _commits(address: str, connections: int, seconds: float) -> float:
    """Return the commits a second of all connections together, each of a process and a mall of its own."""
    ready, answers = multiprocessing.Barrier(connections), multiprocessing.Queue()
    writers = [
        multiprocessing.Process(target=_write, args=(address, f"mall-{number}", seconds, ready, answers))
        for number in range(connections)
    ]
    for writer in writers:
        writer.start()
    found = [answers.get() for _ in writers]
    for writer in writers:
        writer.join()
    return sum(found) / seconds


def _many_connections(rounds: int, seconds: float) -> Sequence[Row]:
    plain, telling = _address(_OURS), _address(_OURS, notify="yes")
    contestants = {"one": (plain, 1), "eight": (plain, _CONNECTIONS), "telling": (telling, _CONNECTIONS)}
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    with _schemas(_OURS):
        open_store(plain).close()
        for _ in range(rounds):
            for name, (address, connections) in contestants.items():
                rates[name].append(_commits(address, connections, seconds))
    one, eight, telling = (statistics.median(rates[name]) for name in contestants)
    return [
        Row(
            goal="G8",
            what="8 connections on 8 malls, PostgreSQL",
            ours=rate(eight),
            peer=f"1 connection {rate(one)}",
            ratio=eight / one,
            wanted=2.0,
        ),
        Row(
            goal="G8",
            what="8 connections on 8 malls with notify=yes",
            ours=rate(telling),
            peer=f"without {rate(eight)}",
            ratio=telling / eight,
        ),
    ]


def g8(quick: bool) -> list[Row]:
    """Measure saving events one by one against the peer on the same server, and what many connections reach."""
    if not _is_there():
        return []
    rounds, tickets = (3, 50) if quick else (11, 150)
    # the peer is measured with the disk and without it: a slow disk is the same for both, and hides everything else
    saved = [_save_an_event(synchronous, rounds, tickets) for synchronous in ("on", "off")]
    return [*saved, *_many_connections(3, 1.0 if quick else 2.5)]


GOALS = {"G7": g7, "G8": g8}
