"""On a connection of the caller's, mppkit's rows and his own are committed together or not at all."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from mppkit import Mall, VirtualClock
from mppkit.errors import ConflictError, InvalidValueError, StorageError
from mppkit.storage import EventStore, Query, SqliteStore, audit, open_store
from mppkit.testing.batches import BACK, FRONT, batch, everything
from mppkit.testing.racing import at_once


@frozen
class House:
    """A database of another application, with a table of its own and a store of mppkit's in it."""

    url: str
    connect: Callable[..., Any]
    on: Callable[[Any], EventStore]
    refusals: type[Exception]

    def rows(self) -> int:
        with closing(self.connect()) as connection:
            return connection.execute("SELECT count(*) FROM permit_fee").fetchone()[0]


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "sqlite":
        path = tmp_path / "app.db"
        house = House(
            f"sqlite:///{path}?shared=yes", lambda **how: sqlite3.connect(path, **how), SqliteStore.on, sqlite3.Error
        )
    else:
        url = request.getfixturevalue("postgres_url")
        server = request.getfixturevalue("postgres")
        psycopg = pytest.importorskip("psycopg")
        from mppkit.storage import PostgresStore

        schema = url.rpartition("schema=")[2]

        def connect(**how: Any) -> Any:
            return psycopg.connect(server.url, options=f"-c search_path={schema}_app", **how)

        house = House(url, connect, lambda connection: PostgresStore.on(connection, schema=schema), psycopg.Error)
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            connection.execute(f"CREATE SCHEMA {schema}_app")
    with closing(house.connect()) as connection:
        connection.execute("CREATE TABLE permit_fee(number text PRIMARY KEY, rupiah integer)")
        connection.commit()
    open_store(house.url).close()
    yield house
    if request.param == "postgres":
        with closing(psycopg.connect(server.url, autocommit=True)) as connection:
            connection.execute("SET lock_timeout = '20s'")
            connection.execute(f"DROP SCHEMA {schema}_app CASCADE")


def test_both_are_there_when_the_caller_commits_and_neither_before(house: House) -> None:
    with closing(house.connect()) as connection, open_store(house.url) as outside:
        connection.execute("INSERT INTO permit_fee VALUES ('A-1', 50000)")
        store = house.on(connection)
        rows = store.append(batch(FRONT, labels={"status": "open"}, request_id="r-1"), batch(BACK, request_id="r-1"))
        assert store.read(FRONT) == rows[:1]
        assert tuple(store.read_all()) == rows
        assert [head.stream for head in store.find(Query())] == [BACK, FRONT]
        assert store.append(batch(FRONT, 4, request_id="r-1")) == rows[:1]
        assert (everything(outside), house.rows()) == ((), 0)
        store.close()
        connection.commit()
        assert (everything(outside), house.rows()) == (rows, 1)
        assert audit(outside).intact


def test_both_are_gone_when_the_caller_rolls_back(house: House) -> None:
    with closing(house.connect()) as connection, open_store(house.url) as outside:
        connection.execute("INSERT INTO permit_fee VALUES ('A-1', 50000)")
        store = house.on(connection)
        store.append(batch(FRONT))
        connection.rollback()
        assert (everything(outside), house.rows()) == ((), 0)
        assert store.read(FRONT) == ()
        store.append(batch(FRONT, 0, "again"))
        connection.commit()
        assert [row.data for row in everything(outside)] == ["again"]


def test_a_with_block_of_the_store_neither_commits_nor_closes(house: House) -> None:
    with closing(house.connect()) as connection:
        with house.on(connection) as store:
            store.append(batch(FRONT))
        with pytest.raises(StorageError, match="closed"):
            store.read(FRONT)
        connection.execute("SELECT 1")
        connection.rollback()
        assert house.on(connection).read(FRONT) == ()


def test_an_append_that_fails_takes_nothing_of_the_callers_with_it(house: House) -> None:
    with closing(house.connect()) as connection, open_store(house.url) as outside:
        connection.execute("INSERT INTO permit_fee VALUES ('A-1', 50000)")
        store = house.on(connection)
        store.append(batch(FRONT))
        with pytest.raises(ConflictError):
            store.append(batch(BACK), batch(FRONT, 7))
        with pytest.raises(InvalidValueError):
            store.append(batch(BACK, 0, '"\ud83c"'))
        store.append(batch(FRONT, 1))
        connection.commit()
        assert [(row.stream, row.version) for row in everything(outside)] == [(FRONT, 1), (FRONT, 2)]
        assert house.rows() == 1


def test_a_first_append_that_fails_leaves_no_transaction_of_its_own(house: House) -> None:
    with closing(house.connect()) as connection, open_store(house.url) as outside:
        store = house.on(connection)
        connection.rollback()
        with pytest.raises(ConflictError):
            store.append(batch(FRONT, 7))
        if isinstance(connection, sqlite3.Connection):
            assert not connection.in_transaction
        outside.append(batch(FRONT))  # nobody holds it up


def test_without_a_transaction_it_is_refused(house: House) -> None:
    how = {"isolation_level": None} if house.url.startswith("sqlite") else {"autocommit": True}
    with closing(house.connect(**how)) as connection:
        with pytest.raises(StorageError, match="begin a transaction first"):
            house.on(connection).append(batch(FRONT))
        connection.execute("BEGIN")
        house.on(connection).append(batch(FRONT))
        connection.execute("COMMIT")
        connection.execute("BEGIN")
        assert len(house.on(connection).read(FRONT)) == 1
        connection.execute("ROLLBACK")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sqlite3 knows autocommit since 3.12")
@pytest.mark.parametrize("autocommit", [True, False])
def test_sqlites_newer_way_of_transactions_is_understood(house: House, autocommit: bool) -> None:
    if not house.url.startswith("sqlite"):
        pytest.skip("of sqlite3")
    with closing(house.connect(autocommit=autocommit)) as connection, open_store(house.url) as outside:
        store = house.on(connection)
        if autocommit:
            with pytest.raises(StorageError, match="begin a transaction first"):
                store.append(batch(FRONT))
        else:
            store.append(batch(FRONT))
            assert everything(outside) == ()
            connection.commit()
            assert len(everything(outside)) == 1


def test_a_writer_outside_who_is_faster_is_a_conflict_inside(house: House) -> None:
    with closing(house.connect()) as connection, open_store(house.url) as outside:
        outside.append(batch(FRONT))
        store = house.on(connection)
        if house.url.startswith("sqlite"):
            connection.rollback()
        outside.append(batch(FRONT, 1))
        with pytest.raises(ConflictError):
            store.append(batch(FRONT, 1))


def test_a_sqlite_transaction_that_read_too_early_is_told_how_to_begin(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with SqliteStore(path) as outside, closing(sqlite3.connect(path, isolation_level=None)) as connection:
        outside.append(batch(FRONT))
        connection.execute("BEGIN")
        store = SqliteStore.on(connection)
        store.read(FRONT)
        outside.append(batch(FRONT, 1))
        with pytest.raises(StorageError, match="beginning with BEGIN IMMEDIATE"):
            store.append(batch(FRONT, 1))
        connection.execute("ROLLBACK")


# --- what only PostgreSQL can do ------------------------------------------------------------------------------------


@pytest.fixture
def server(house: House) -> House:
    if house.url.startswith("sqlite"):
        pytest.skip("of PostgreSQL")
    return house


def test_a_connection_that_is_closed_is_told(server: House) -> None:
    connection = server.connect()
    store = server.on(connection)
    connection.close()
    for use in (lambda: server.on(connection), lambda: store.append(batch(FRONT)), lambda: store.read(FRONT)):
        with pytest.raises(StorageError, match="the connection is closed"):
            use()


def test_within_a_pipeline_it_is_refused(server: House) -> None:
    with closing(server.connect()) as connection:
        store = server.on(connection)
        with connection.pipeline(), pytest.raises(StorageError, match="leave the pipeline first"):
            store.append(batch(FRONT))
        store.append(batch(FRONT))
        connection.commit()
        assert len(server.on(connection).read(FRONT)) == 1


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_connection_whose_texts_are_no_utf8_is_refused(server: House, encoding: str) -> None:
    with closing(server.connect(client_encoding=encoding)) as connection:
        with pytest.raises(StorageError, match="client_encoding=UTF8"):
            server.on(connection)
        connection.execute("SELECT 1")


def test_of_two_that_stop_each_other_one_is_told_at_once_and_the_other_goes_on(server: House) -> None:
    with closing(server.connect()) as one, closing(server.connect()) as other, open_store(server.url) as outside:
        outside.append(batch(FRONT), batch(BACK))
        server.on(one).append(batch(FRONT, 1))
        server.on(other).append(batch(BACK, 1))
        began = time.monotonic()

        def go_on(connection: Any, stream: str) -> str:
            try:
                server.on(connection).append(batch(stream, 1))
            except StorageError as error:
                connection.rollback()
                return str(error)
            connection.commit()
            return "committed"

        told = at_once(lambda: go_on(one, BACK), lambda: go_on(other, FRONT))
        assert time.monotonic() - began < 6  # PostgreSQL looks for deadlocks after a second
        assert sorted(said == "committed" for said in told) == [False, True]
        assert any("deadlock detected; roll the transaction back and do it again" in said for said in told)
        assert [head.version for head in outside.find(Query())] == [2, 2]


# --- what only SQLite can do ----------------------------------------------------------------------------------------


def test_a_file_of_another_application_is_used_only_where_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE permit_fee(number)")
        with pytest.raises(StorageError, match=r"open it by its address once, with .shared=yes"):
            SqliteStore.on(connection)
        with pytest.raises(StorageError, match="another application"):
            open_store(f"sqlite:///{path}")
        open_store(f"sqlite:///{path}?shared=yes").close()
        SqliteStore.on(connection).append(batch(FRONT))
        connection.commit()
    with open_store(f"sqlite:///{path}") as store:
        assert len(everything(store)) == 1


def test_a_schema_without_a_store_is_told(house: House) -> None:
    if house.url.startswith("sqlite"):
        pytest.skip("told above")
    from mppkit.storage import PostgresStore

    with closing(house.connect()) as connection:
        with pytest.raises(StorageError, match="no store of this version in schema nowhere: open it by its address"):
            PostgresStore.on(connection, schema="nowhere")
        connection.execute("SELECT 1")  # and the transaction goes on


def test_the_callers_habits_are_his_own_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory, connection.text_factory = sqlite3.Row, bytes
        store = SqliteStore.on(connection)
        store.append(batch(FRONT))
        assert store.read(FRONT)[0].stream == FRONT
        with pytest.raises(ConflictError):
            store.append(batch(FRONT, 7))
        assert (connection.row_factory, connection.text_factory) == (sqlite3.Row, bytes)


def test_what_is_no_connection_of_sqlite3_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="open connection of sqlite3"):
        SqliteStore.on("sqlite:///mall.db")


def test_a_whole_mall_works_in_the_callers_transaction(house: House) -> None:
    clock = VirtualClock("2026-11-24T09:00:00+08:00")
    with closing(house.connect()) as connection, Mall.open("contoh", house.url, clock=clock) as outside:
        for paid in (False, True):
            with Mall.open("contoh", house.on(connection), clock=clock) as mall:
                number = mall.queue.issue("nib").number
                connection.execute(f"INSERT INTO permit_fee VALUES ('{number}', 50000)")
                assert number == "A-001"
            if paid:
                connection.commit()
            else:
                connection.rollback()
        assert outside.queue.position("A-001").number == "A-001"
        assert house.rows() == 1
        assert audit(outside.store).events == len(everything(outside.store))


# --- the examples, with the real libraries --------------------------------------------------------------------------

EXAMPLES = {
    "own_transaction.py": None,
    "own_transaction_sqlalchemy.py": "sqlalchemy",
    "own_transaction_django.py": "django",
}


@pytest.fixture
def new_database(postgres: Any) -> Iterator[str]:
    """Give the address of a database of its own: an example fills it as a stranger would."""
    psycopg = pytest.importorskip("psycopg")
    name = f"fees{os.getpid()}"
    with closing(psycopg.connect(postgres.url, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        where = connection.info
        user = where.user + (f":{where.password}" if where.password else "")
        yield f"postgresql://{user}@/{name}?host={where.host}&port={where.port}"
        connection.execute(f"DROP DATABASE {name}")


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_an_example_pays_and_queues_together_or_not_at_all(
    example: str, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if EXAMPLES[example] is not None:
        pytest.importorskip(EXAMPLES[example])
    address = [request.getfixturevalue("new_database")] if database == "postgres" else []
    done = subprocess.run(
        [sys.executable, "-W", "error", str(Path(__file__).parents[2] / "examples" / example), *address],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "paid: A-001",
        "rolled back: A-002: nothing was paid",
        "1 fee, 1 waiting",
    ]
