"""Every store keeps the whole contract, however it was opened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mppkit.storage import EventStore, MemoryStore, SqliteStore, open_store
from mppkit.testing import EventStoreContract


class TestMemoryStore(EventStoreContract):
    durable = False

    @pytest.fixture
    def open_store(self) -> Callable[[], EventStore]:
        return MemoryStore


class TestSqliteStore(EventStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], EventStore]:
        return lambda: SqliteStore(tmp_path / "mall.db")


class TestSqliteStoreByItsAddress(EventStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], EventStore]:
        return lambda: open_store(f"sqlite:///{tmp_path}/mall.db?synchronous=normal")
