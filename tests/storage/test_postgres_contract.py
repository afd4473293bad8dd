"""The PostgreSQL store keeps the whole contract, and both databases keep it in the transactions of a caller."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import pytest

from mppkit.errors import StorageError
from mppkit.storage import Append, EventStore, Query, Recorded, SqliteStore, StreamHead, open_store
from mppkit.testing import EventStoreContract

T = TypeVar("T")


class Committing(EventStore):
    """A store on a connection of its caller, who commits behind every verb, or rolls back."""

    def __init__(self, connection: Any, store: EventStore) -> None:
        self.connection = connection
        self.store = store
        self.lock = RLock()

    def _do(self, verb: Callable[[], T]) -> T:
        with self.lock:
            try:
                done = verb()
            except BaseException:
                self._end("rollback")
                raise
            self._end("commit")
            return done

    def _end(self, how: str) -> None:
        try:
            getattr(self.connection, how)()
        except Exception as error:
            raise StorageError("the caller's connection is closed") from error

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        return self._do(lambda: self.store.append(*batches))

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        return self._do(lambda: self.store.read(stream, after))

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return self._do(lambda: self.store.read_all(after, limit))

    def find(self, query: Query) -> Sequence[StreamHead]:
        return self._do(lambda: self.store.find(query))

    def close(self) -> None:
        with self.lock:
            self.store.close()
            self.connection.close()

    def __enter__(self) -> EventStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class TestPostgresStore(EventStoreContract):
    @pytest.fixture
    def open_store(self, postgres_url: str) -> Callable[[], EventStore]:
        return lambda: open_store(postgres_url)


class TestPostgresStoreInItsCallersTransactions(EventStoreContract):
    @pytest.fixture
    def open_store(self, postgres: Any, postgres_url: str) -> Callable[[], EventStore]:
        from mppkit.storage import PostgresStore

        psycopg = pytest.importorskip("psycopg")
        open_store(postgres_url).close()

        def on_a_connection() -> EventStore:
            connection = psycopg.connect(postgres.url, row_factory=psycopg.rows.dict_row)
            store = PostgresStore.on(connection, schema=postgres_url.rpartition("schema=")[2])
            return Committing(connection, store)

        return on_a_connection


class TestSqliteStoreInItsCallersTransactions(EventStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], EventStore]:
        path = tmp_path / "mall.db"
        SqliteStore(path).close()

        def on_a_connection() -> EventStore:
            connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
            connection.row_factory = lambda cursor, row: {"a row of": row}
            connection.text_factory = bytes
            return Committing(connection, SqliteStore.on(connection))

        return on_a_connection
