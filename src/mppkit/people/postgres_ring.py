"""A key ring in a table of PostgreSQL, for a mall that works on several machines; knows no driver, and is given one."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from mppkit.errors import InvalidValueError, StorageError
from mppkit.people.key_ring import checked_name

_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}(?:\.[a-z_][a-z0-9_]{0,62})?")
_MAKE = 'CREATE TABLE IF NOT EXISTS {table} (name text COLLATE "C" PRIMARY KEY, piece bytea NOT NULL)'
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(1836085355, hashtext(%s))"  # or two that make it at once fail
_DURABLE = "SET LOCAL synchronous_commit = on"
_ADD = """
INSERT INTO {table} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING piece
"""
_REPLACE = "INSERT INTO {table} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET piece = excluded.piece"


class _Connection(Protocol):
    def cursor(self, *, row_factory: Callable[[Any], Any]) -> Any:  # Any: the driver's cursor
        ...

    def transaction(self) -> AbstractContextManager[object]: ...


class PostgresKeyRing:
    """A key ring in a table of a PostgreSQL database.

    Args:
        connect: gives a psycopg 3 connection for one verb, and commits at its end: `pool.connection` of psycopg's
            pool, or `lambda: psycopg.connect(url)`.
        table: its name, with or without a schema; made if it is not there. A ring belongs to one mall, so every mall
            has a table of its own. Best in a database that is not backed up with the store: whoever has a copy of the
            ring and the mall's key can open what was erased since, until the mall's key is rotated.

    Raises:
        InvalidValueError: the table's name would need quotes.
        StorageError: the database cannot be reached, or the table not be made.
    """

    def __init__(
        self, connect: Callable[[], AbstractContextManager[_Connection]], *, table: str = "mppkit_key_ring"
    ) -> None:
        if not isinstance(table, str) or not _TABLE.fullmatch(table):
            raise InvalidValueError("table", table, "use lower-case letters, digits and '_'; a schema before a dot")
        self._connect = connect
        self._table = table
        if self._ask("opened", "SELECT to_regclass(%s)", table) == [(None,)]:
            self._ask("opened", _MAKE, before=((_ONE_BY_ONE, (table,)),))

    def add(self, name: str, piece: bytes) -> bytes:
        """Put a piece under a free name, whole or not at all; return what then stands there."""
        [(there,)] = self._ask("written", _ADD, checked_name(name), piece, before=((_DURABLE, ()),))
        return bytes(there)

    def get(self, name: str) -> bytes | None:
        """Return what stands under a name, or None."""
        rows = self._ask("read", "SELECT piece FROM {table} WHERE name = %s", checked_name(name))
        return bytes(rows[0][0]) if rows else None

    def replace(self, name: str, piece: bytes) -> None:
        """Put another piece under a name, whole or not at all."""
        self._ask("written", _REPLACE, checked_name(name), piece, before=((_DURABLE, ()),))

    def destroy(self, name: str) -> None:
        """Remove a name and what stood under it.

        PostgreSQL keeps remnants until it has vacuumed the table and recycled its log. They are sealed under the mall's
        key, so rotating that ends them.
        """
        self._ask("written", "DELETE FROM {table} WHERE name = %s", checked_name(name), before=((_DURABLE, ()),))

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that begin so, in order."""
        beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "{"  # the sign behind "z"
        sql = "SELECT name FROM {table} WHERE name >= %s AND name < %s ORDER BY name"
        return [name for (name,) in self._ask("read", sql, prefix, beyond)]

    def _ask(
        self, doing: str, sql: str, *values: object, before: Sequence[tuple[str, Sequence[object]]] = ()
    ) -> list[tuple[Any, ...]]:  # Any: whatever the columns hold
        """Run statements in a transaction of their own, and return the rows of the last."""
        try:
            with self._connect() as connection, connection.transaction():  # also where it is in autocommit mode
                cursor = connection.cursor(row_factory=lambda _: tuple)  # a caller's connection may have other habits
                for statement, with_ in (*before, (sql, values)):
                    # prepared it would stay in the session, which a pooler gives to others
                    cursor.execute(statement.format(table=self._table).encode(), with_, prepare=False)
                return list(cursor.fetchall()) if cursor.description else []
        except Exception as error:  # of a driver that this room does not know
            raise StorageError(f"the key ring {self._table} cannot be {doing}: {type(error).__name__}") from error
