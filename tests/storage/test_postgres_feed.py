"""Nobody who reads all events ever skips one, though positions are given out before their commits."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from mppkit.errors import StorageError
from mppkit.storage import EventStore, MemoryStore, Recorded, SqliteStore, audit, follow, open_store
from mppkit.storage.rows import read_rows
from mppkit.testing.batches import BACK, FRONT, batch, everything

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def schema(postgres_url: str) -> str:
    """Return the schema of a store that is there."""
    open_store(postgres_url).close()
    return postgres_url.rpartition("schema=")[2]


@pytest.fixture
def connect(postgres: Any, postgres_url: str) -> Iterator[Callable[..., Any]]:
    """Open connections of a caller's own; closed before the store is dropped."""
    opened = []

    def connect(**how: Any) -> Any:
        opened.append(psycopg.connect(postgres.url, **how))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def on(connection: Any, schema: str) -> EventStore:
    from mppkit.storage import PostgresStore

    return PostgresStore.on(connection, schema=schema)


def seen_while_two_commit_the_other_way_round(
    connect: Callable[..., Any], schema: str, read_all: Callable[[int], tuple[Recorded, ...]]
) -> list[str]:
    """Have two transactions take positions and commit in the opposite order, and tell what a follower sees."""
    first, second = connect(), connect()
    seen: list[Recorded] = []

    def look() -> None:
        seen.extend(read_all(seen[-1].position if seen else 0))

    on(first, schema).append(batch(FRONT, 0, "1"))
    on(second, schema).append(batch(BACK, 0, "2"))
    look()
    second.commit()
    look()
    first.commit()
    look()
    return [row.data for row in seen]


def test_two_that_commit_in_the_other_order_are_both_seen(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    with open_store(postgres_url) as store:
        told = seen_while_two_commit_the_other_way_round(connect, schema, lambda after: tuple(store.read_all(after)))
    assert told == ["1", "2"]


def test_the_naive_way_skips_one_of_them(connect: Callable[..., Any], schema: str) -> None:
    """That the test above can fail: whoever reads what is visible behind his last position loses an event."""
    reader = connect(autocommit=True)

    def naive(after: int) -> tuple[Recorded, ...]:
        return read_rows(
            reader.execute(
                "SELECT e.position, s.name, e.version, e.name, e.event_version, e.data, e.at, e.actor, e.request_id,"
                f" e.digest FROM {schema}.event e JOIN {schema}.stream s ON s.id = e.stream"
                " WHERE e.position > %s ORDER BY e.position",
                (after,),
            )
        )

    assert seen_while_two_commit_the_other_way_round(connect, schema, naive) == ["2"]


def test_a_rolled_back_savepoint_takes_its_hold_with_it_and_the_next_append_holds_again(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    first, second = connect(), connect()
    with open_store(postgres_url) as store:
        first.execute("SAVEPOINT mine")
        on(first, schema).append(batch(FRONT, 0, "never"))
        first.execute("ROLLBACK TO SAVEPOINT mine")
        on(first, schema).append(batch(FRONT, 0, "1"))
        on(second, schema).append(batch(BACK, 0, "2"))
        second.commit()
        assert everything(store) == ()
        first.commit()
        assert [row.data for row in everything(store)] == ["1", "2"]


def test_the_next_transaction_of_a_connection_holds_again(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    first, second = connect(), connect()
    with open_store(postgres_url) as store:
        for version in range(3):
            on(first, schema).append(batch(FRONT, version, "1"))
            on(second, schema).append(batch(BACK, version, "2"))
            second.commit()
            assert len(everything(store)) == 2 * version
            first.commit()
            assert [row.data for row in everything(store)] == ["1", "2"] * (version + 1)


def test_a_transaction_that_began_long_ago_holds_up_nobody_before_it_appends(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    """A report that writes for an hour, here or in another application, keeps no event from those who follow."""
    slow = connect()
    slow.execute("CREATE TEMP TABLE report(line text)")
    slow.execute("INSERT INTO report VALUES ('of an hour')")
    with open_store(postgres_url) as store:
        store.append(batch(FRONT, 0, "1"))
        assert [row.data for row in everything(store)] == ["1"]
        on(slow, schema).append(batch(BACK, 0, "2"))
        store.append(batch(FRONT, 1, "3"))
        assert [row.data for row in everything(store)] == ["1"]
        assert [row.data for row in on(slow, schema).read_all()] == ["1", "2", "3"]  # to himself nothing is missing
        slow.commit()
        assert [row.data for row in everything(store)] == ["1", "2", "3"]


def test_an_audit_finds_nothing_broken_beside_a_transaction_that_has_not_ended(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    """What the transaction keeps back from followers is there, and `find` shows it."""
    slow = connect()
    with open_store(postgres_url) as store:
        store.append(batch(FRONT, 0, "1"))
        on(slow, schema).append(batch(BACK))
        store.append(batch(FRONT, 1, "2", "3"))
        report = audit(store)
        assert (report.breaks, report.events) == ((), 3)
        slow.rollback()
        assert audit(store) == report


def test_within_a_stream_positions_grow_even_for_a_transaction_that_began_earlier(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    slow = connect()
    with open_store(postgres_url) as store:
        on(slow, schema).append(batch(BACK))
        store.append(batch(FRONT, 0, "1"))
        on(slow, schema).append(batch(FRONT, 1, "2"))
        slow.commit()
        assert [row.data for row in everything(store) if row.stream == FRONT] == ["1", "2"]


def test_a_transaction_that_was_prepared_for_two_phases_holds_as_any_other(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    """It belongs to no process any more, and may be committed long after those that came later."""
    first = connect()
    if first.execute("SHOW max_prepared_transactions").fetchone() == ("0",):
        pytest.skip("the server prepares no transactions")
    first.rollback()
    first.tpc_begin(first.xid(1, schema, "of the fee"))
    on(first, schema).append(batch(FRONT, 0, "1"))
    first.tpc_prepare()
    first.close()
    second = connect(autocommit=True)
    try:
        with open_store(postgres_url) as store:
            store.append(batch(BACK, 0, "2"))
            held = everything(store)
            second.tpc_commit(second.xid(1, schema, "of the fee"))
            assert [row.data for row in everything(store)] == ["1", "2"]
            assert held == ()
    finally:
        for xid in second.tpc_recover():
            if xid.gtrid == schema:
                second.tpc_rollback(xid)


def test_on_a_standby_following_is_refused(connect: Callable[..., Any], schema: str) -> None:
    """The locks that hold a reader back are the primary's; a standby would skip who commits later."""
    standby = connect(autocommit=True)
    standby.execute(
        f"CREATE FUNCTION {schema}.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        f"SET search_path = {schema}, pg_catalog"
    )
    standby.execute("BEGIN")
    store = on(standby, schema)
    with pytest.raises(StorageError, match="only be followed on the primary"):
        store.read_all()
    assert store.read(FRONT) == ()


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_where_the_snapshot_stands_still_following_is_refused(
    connect: Callable[..., Any], schema: str, level: str
) -> None:
    """There the newest position is known before its events can be seen, and one would be skipped."""
    caller = connect()
    caller.isolation_level = psycopg.IsolationLevel[level]
    store = on(caller, schema)
    store.append(batch(FRONT))
    with pytest.raises(StorageError, match="READ COMMITTED"):
        store.read_all()
    assert len(store.read(FRONT)) == 1  # and the transaction goes on
    caller.commit()


def test_tables_that_come_without_their_sequences_go_on_where_they_were(
    connect: Callable[..., Any], schema: str, postgres_url: str
) -> None:
    with open_store(postgres_url) as store:
        store.append(batch(FRONT, 0, "1", "2"), batch(BACK))
    connect(autocommit=True).execute(
        f"ALTER SEQUENCE {schema}.position RESTART; ALTER SEQUENCE {schema}.stream_id RESTART"
    )
    with open_store(postgres_url) as store:
        store.append(batch("badung/bell/new", 0, "4"))
        assert [row.position for row in everything(store)] == [1, 2, 3, 4]


# --- follow ---------------------------------------------------------------------------------------------------------


@contextmanager
def following(store: EventStore, **how: Any) -> Iterator[list[tuple[float, Recorded]]]:
    """Follow a store in a thread; give the list of what came and when."""
    seen: list[tuple[float, Recorded]] = []
    stop = Event()

    def run() -> None:
        seen.extend((time.monotonic(), row) for row in follow(store, stop=stop, **how))

    thread = Thread(target=run)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def wait_for(seen: list[Any], count: int, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while len(seen) < count and time.monotonic() < until:
        time.sleep(0.002)
    assert len(seen) == count


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres", "postgres that notifies"])
def test_who_follows_sees_what_was_there_and_then_all_that_comes(
    kind: str, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    match kind:
        case "memory":
            store = MemoryStore()
        case "sqlite":
            store = SqliteStore(tmp_path / "mall.db")
        case _:
            store = open_store(request.getfixturevalue("postgres_url") + "&notify=yes" * kind.endswith("notifies"))
    with store:
        before = store.append(batch(FRONT, 0, "1", "2", "3"))
        with following(store, after=before[0].position, poll_seconds=0.01) as seen:
            wait_for(seen, 2)
            later = [row for version in range(20) for row in store.append(batch(BACK, version))]
            wait_for(seen, 22)
        assert [row for _, row in seen] == [*before[1:], *later]


def test_a_commit_that_notifies_wakes_who_follows_long_before_his_next_look(postgres_url: str) -> None:
    with open_store(f"{postgres_url}&notify=yes") as store, open_store(f"{postgres_url}&notify=yes") as other:
        with following(store, poll_seconds=3.0) as seen:
            time.sleep(0.3)
            began = time.monotonic()
            other.append(batch(FRONT))
            wait_for(seen, 1)
        assert seen[0][0] - began < 1.5


def test_who_lost_his_ear_goes_on_by_looking_and_listens_again(
    postgres_url: str, connect: Callable[..., Any], schema: str
) -> None:
    watch = connect(autocommit=True)

    def listeners() -> list[int]:
        told = watch.execute("SELECT pid FROM pg_stat_activity WHERE query = %s", (f"LISTEN {schema}",))
        return [pid for (pid,) in told]

    with open_store(f"{postgres_url}&notify=yes") as store, following(store, poll_seconds=0.05) as seen:
        until = time.monotonic() + 10
        while not listeners() and time.monotonic() < until:
            time.sleep(0.01)
        [ear] = listeners()
        watch.execute("SELECT pg_terminate_backend(%s)", (ear,))
        store.append(batch(FRONT))
        wait_for(seen, 1)
        while (not listeners() or listeners() == [ear]) and time.monotonic() < until:
            time.sleep(0.01)
        [again] = listeners()
        assert again != ear
        store.append(batch(FRONT, 1))
        wait_for(seen, 2)


def test_a_store_of_another_process_follows_nothing(postgres_url: str) -> None:
    """After a fork the connections are the parent's: the child is told to open its own, and harms none."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with open_store(postgres_url) as store:
        store.append(batch(FRONT))
        child = os.fork()
        if child == 0:
            try:
                store.read_all()
            except StorageError as error:
                store.close()
                os._exit(7 if "after a fork" in str(error) else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert len(everything(store)) == 1
