"""Every ring keeps the same contract; and what is special about one that lies in a database."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mppkit.errors import InvalidValueError, StorageError
from mppkit.people import FolderKeyRing, KeyRing, MemoryKeyRing, PostgresKeyRing
from mppkit.storage import MemoryStore
from mppkit.testing import KeyRingContract
from mppkit.testing.racing import at_once

psycopg = pytest.importorskip("psycopg")
from psycopg.rows import dict_row, namedtuple_row, scalar_row  # noqa: E402 -- needs psycopg

_tables = count(1)


@pytest.fixture
def table(postgres: Any) -> Iterator[str]:
    """Give the name of a table that is not there, before or after."""
    name = f"test_ring_{next(_tables)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        yield name
        connection.execute(f"DROP TABLE IF EXISTS {name}")


class TestMemoryKeyRing(KeyRingContract):
    @pytest.fixture
    def open_ring(self) -> Callable[[], KeyRing]:
        ring = MemoryKeyRing()
        return lambda: ring


class TestFolderKeyRing(KeyRingContract):
    @pytest.fixture
    def open_ring(self, tmp_path: Path) -> Callable[[], KeyRing]:
        return lambda: FolderKeyRing(tmp_path / "ring")


class TestPostgresKeyRing(KeyRingContract):
    @pytest.fixture
    def open_ring(self, postgres: Any, table: str) -> Callable[[], KeyRing]:
        return lambda: PostgresKeyRing(lambda: psycopg.connect(postgres.url), table=table)


def test_many_machines_that_start_at_once_make_one_table(postgres: Any, table: str) -> None:
    def start() -> bytes:
        return PostgresKeyRing(lambda: psycopg.connect(postgres.url), table=table).add("index.key", b"one")

    assert at_once(*[start] * 8) == [b"one"] * 8


def test_a_person_taken_in_on_one_machine_is_read_and_erased_on_another(
    postgres: Any, table: str, make_office: Callable[..., Any], planted: dict[str, str]
) -> None:
    def ring() -> PostgresKeyRing:
        return PostgresKeyRing(lambda: psycopg.connect(postgres.url), table=table)

    here = make_office(MemoryStore(), ring())
    subject = here.register()
    there = make_office(here.store, ring())
    assert there.values(subject) == planted
    there.desk.erase(subject, who="sri", why="permintaan pemilik data")
    assert [name for name in ring().names("") if subject in name] == []


@pytest.mark.parametrize("rows", [dict_row, namedtuple_row, scalar_row])
def test_a_pool_whose_rows_come_otherwise_serves_as_well(postgres: Any, table: str, rows: Any) -> None:
    ring = PostgresKeyRing(lambda: psycopg.connect(postgres.url, row_factory=rows), table=table)
    assert ring.add("index.key", b"one") == ring.add("index.key", b"two") == ring.get("index.key") == b"one"
    assert list(ring.names("")) == ["index.key"]


def test_a_pool_in_autocommit_mode_serves_as_well(postgres: Any, table: str) -> None:
    """Each verb is one transaction all the same: else no lock holds, and what was destroyed need not be on the disk."""
    said: list[str] = []

    def connect() -> Any:
        connection = psycopg.connect(postgres.url, autocommit=True)
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary))
        return connection

    assert at_once(*[lambda: PostgresKeyRing(connect, table=table).add("index.key", b"one")] * 8) == [b"one"] * 8
    PostgresKeyRing(connect, table=table).destroy("index.key")
    assert PostgresKeyRing(connect, table=table).names("") == []
    assert [each for each in said if "SET LOCAL" in each] == []


def test_a_ring_leaves_nothing_in_a_session_so_that_a_pooler_may_stand_between(postgres: Any, table: str) -> None:
    with psycopg.connect(postgres.url) as connection:
        ring = PostgresKeyRing(lambda: nullcontext(connection), table=table)
        for _ in range(12):
            ring.replace("index.key", b"one")
            assert ring.get("index.key") == b"one"
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@pytest.mark.parametrize("table", ["", "a-b", "A", "a.b.c", 'x"; DROP TABLE x; --', "1a", None])
def test_a_table_whose_name_needs_quotes_is_refused(table: Any) -> None:
    with pytest.raises(InvalidValueError, match="lower-case letters"):
        PostgresKeyRing(lambda: pytest.fail("it asked"), table=table)


def test_a_database_that_is_away_is_an_error_without_the_password(postgres: Any) -> None:
    nowhere = "postgresql://sri:rahasia-77@127.0.0.1:1/none?connect_timeout=2"
    with pytest.raises(StorageError, match=r"mppkit_key_ring cannot be opened: OperationalError") as failed:
        PostgresKeyRing(lambda: psycopg.connect(nowhere))
    assert "rahasia-77" not in str(failed.value)


def test_a_ring_in_a_schema_of_its_own(postgres: Any) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS test_rings")
        try:
            ring = PostgresKeyRing(lambda: psycopg.connect(postgres.url), table="test_rings.badung")
            ring.add("index.key", b"one")
            assert connection.execute("SELECT piece FROM test_rings.badung").fetchall() == [(b"one",)]
        finally:
            connection.execute("DROP SCHEMA test_rings CASCADE")
