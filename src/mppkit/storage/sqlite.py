"""The store in one SQLite file: the embedded default, for one hall on one machine and as many processes as it likes.

Every commit is made under BEGIN IMMEDIATE behind a file lock (`FILE.lock`): SQLite's own busy handler lets single
writers starve for seconds, the lock queues them. The only door to sqlite3.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import IO, Self

from mppkit.errors import ConflictError, InvalidValueError, StorageError, UnreadableEventError
from mppkit.ids import split_stream
from mppkit.storage.port import (
    NO_DIGEST,
    Append,
    EventStore,
    Query,
    Recorded,
    StreamHead,
    as_recorded,
    at_text,
    chain,
    check_batches,
    check_paging,
    half_repeated,
)
from mppkit.storage.rows import encode_labels, read_head, read_rows
from mppkit.storage.sqlite_sql import SELECT, STEPS, find_sql

try:
    import fcntl
except ImportError:  # Windows: SQLite's busy handler alone keeps writers apart there, without a queue
    fcntl = None  # type: ignore[assignment]

_OLDEST = (3, 40)
_BUSY_SECONDS = 10.0


class SqliteStore(EventStore):
    """Events in one SQLite file, in WAL mode; may be used from any thread, and by many processes at once.

    Args:
        path: the file; made if it is not there, its folder is not.
        synchronous: `full` (the default) has every commit on the disk before `append` returns. `normal` is several
            times faster and keeps everything if the process dies, but a power cut or a crash of the machine can lose
            the last commits, among them tickets already printed; what is left is whole.
        create: whether a file that is not there is made.
        shared: whether the file may hold another application's tables, too.

    Raises:
        InvalidValueError: `synchronous` is neither.
        StorageError: the file cannot be opened, is no store of mppkit, or was written by a newer one; or the
            SQLite of this Python is older than 3.40. The driver's error is the cause.
    """

    commits = True
    """Whether an append is on the disk when it returns; else a caller's transaction decides."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        synchronous: str = "full",
        create: bool = True,
        shared: bool = False,
    ) -> None:
        if synchronous not in ("full", "normal"):
            raise InvalidValueError("synchronous", synchronous, "give full or normal")
        if "\0" in str(path):  # SQLite would open the file that is called as what stands before it
            raise InvalidValueError("path", str(path), "no file can have such a name")
        if sqlite3.sqlite_version_info < _OLDEST:
            have, need = sqlite3.sqlite_version, ".".join(map(str, _OLDEST))
            raise StorageError(f"this Python's SQLite is {have}; mppkit needs {need} or newer: install a newer Python")
        self._path = Path(path).absolute()  # the lock file is opened later, when the present folder may be another
        self._shared = shared
        self._lock = RLock()
        self._file_lock: IO[bytes] | None = None
        self._process = os.getpid()
        self._connection: sqlite3.Connection | None = None
        with self._failing("open it"):
            self._connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode={'rwc' if create else 'rw'}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
        try:
            with self._failing("open it"):
                self._connection.execute(f"PRAGMA synchronous={synchronous}")  # a PRAGMA takes no bound value
                self._connection.execute("PRAGMA foreign_keys=ON")
                self._prepare(self._connection, create)
        except BaseException:
            self.close()
            raise

    @classmethod
    def on(cls, connection: sqlite3.Connection) -> "SqliteStore":
        """Return the store on a connection of the caller's, in whose transaction everything then happens.

        What is appended is there when the caller commits, and gone when he rolls back. The store never commits and
        never closes the connection; the tables must be there, so open the store by its address once before, with
        `?shared=yes` where the file is another application's. An append that fails leaves the transaction as it was.

        Raises:
            InvalidValueError: it is no connection of `sqlite3`.
            StorageError: the file holds no store of this version. An append raises it, too, where a transaction has to
                be begun and was not.
        """
        return _InTransaction(connection)

    # --- the five verbs --------------------------------------------------------------------------------------------

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record all batches in one commit, or nothing; see `EventStore.append`."""
        check_batches(batches)
        if not batches:
            self._open()
            return ()
        with self._lock, self._failing("append to it"):
            connection = self._open()
            try:
                with self._committing(connection):
                    return record(connection, batches)
            except BaseException:
                self._let_go(connection)
                raise

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        """Return a stream's events after a version."""
        check_paging(after)
        return self._rows(SELECT + "WHERE s.name = ? AND e.version > ? ORDER BY e.version", (stream, after))

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Return up to `limit` events of all streams after a position, in commit order."""
        check_paging(after, limit)
        return self._rows(SELECT + "WHERE e.position > ? ORDER BY e.position LIMIT ?", (after, limit))

    def find(self, query: Query) -> Sequence[StreamHead]:
        """Return the heads that match."""
        sql, values = find_sql(query)
        with self._lock, self._failing("read it"):
            rows = _select(self._open(), sql, values).fetchall()
        return tuple(read_head(row) for row in rows)

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._process != os.getpid():
            return  # after a fork the file belongs to the process that opened it
        with self._lock:
            connection, self._connection = self._connection, None
            file_lock, self._file_lock = self._file_lock, None
            if file_lock is not None:
                file_lock.close()
            if connection is not None:
                with self._failing("close it"):
                    connection.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the store."""
        self.close()

    # --- the file --------------------------------------------------------------------------------------------------

    def check_file(self) -> None:
        """See that the file holds together where no event stands: no page is lost, each index fits its table.

        Raises:
            StorageError: it does not.
        """
        with self._lock, self._failing("read it"):
            [(found,)] = self._open().execute("PRAGMA integrity_check(1)")
        if found != "ok":
            raise StorageError(f"store {self._path}: the file is damaged: {' '.join(found.split())}")

    def be_one_file(self) -> None:
        """Keep all in the file itself, so that it can be read where nothing may be written beside it."""
        with self._lock, self._failing("finish it"):
            self._open().execute("PRAGMA journal_mode=DELETE")

    # --- how -------------------------------------------------------------------------------------------------------

    def _rows(self, sql: str, values: tuple[object, ...]) -> tuple[Recorded, ...]:
        with self._lock, self._failing("read it"):
            connection = self._open()
            try:
                return read_rows(_select(connection, sql, values))
            except sqlite3.OperationalError as error:
                if "UTF-8" in str(error):
                    _name_undecodable(connection, sql, values)
                raise

    def _open(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            raise StorageError(f"store {self._path}: opened in another process; open it anew after a fork")
        if self._connection is None:
            raise StorageError(f"store {self._path}: it is closed; open it again")
        return self._connection

    @contextmanager
    def _committing(self, connection: sqlite3.Connection) -> Iterator[None]:
        with self._file_locked(), _transaction(connection):
            yield

    def _let_go(self, connection: sqlite3.Connection) -> None:
        """End what an interrupt left begun: it may have come just where the transaction or the lock was to be ended."""
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        if fcntl is not None and self._file_lock is not None:
            fcntl.flock(self._file_lock, fcntl.LOCK_UN)

    @contextmanager
    def _file_locked(self) -> Iterator[None]:
        """Stand in the queue of the processes that want to write."""
        if fcntl is None:
            yield
            return
        if self._file_lock is None:
            self._file_lock = Path(f"{self._path}.lock").open("ab")  # noqa: SIM115 -- held as long as the store is open
        fcntl.flock(self._file_lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file_lock, fcntl.LOCK_UN)

    @contextmanager
    def _failing(self, doing: str) -> Iterator[None]:
        """Turn what the driver or the system says into a StorageError that names the file."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeError) as error:  # a damaged schema's text may be no UTF-8
            why = str(error).partition(" with text ")[0]  # what stands there is not for messages
            raise StorageError(f"store {self._path}: could not {doing}: {why}{self._remedy(error)}") from error

    def _remedy(self, error: Exception) -> str:
        path = self._path
        try:
            if path.is_dir():
                return "; it is a folder: name a file in it"
        except OSError:
            return "; no file can have such a name: give a shorter one"
        if not path.parent.is_dir():
            return f"; the folder {path.parent} is not there: make it first"
        if not path.exists():
            return "; there is no such file"
        if not os.access(path, os.W_OK):
            return "; it may only be read: copy it to where it may be written"
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return "; it is a file of another kind, or damaged at its beginning: name a store, or restore a backup"
        return ""

    def _prepare(self, connection: sqlite3.Connection, create: bool) -> None:
        """Bring the file to this version's schema; one process does it, the others wait."""
        step = self._step(connection)
        if step == len(STEPS):
            if create and connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                # a backup that was put in the place of a store; where it may only be read it stays as it is
                with suppress(sqlite3.OperationalError, OSError), self._file_locked():
                    connection.execute("PRAGMA journal_mode=WAL")
            return
        if step == 0 and not create:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            what = "another application's file" if tables else "an empty file"
            raise StorageError(f"store {self._path}: {what}, which holds no store of mppkit")
        with self._file_locked():
            connection.execute("PRAGMA journal_mode=WAL")
            with _transaction(connection):
                step = self._step(connection)
                for number, statements in enumerate(STEPS[step:], step + 1):
                    for statement in statements:
                        connection.execute(statement)
                    connection.execute("INSERT INTO mppkit_schema(step) VALUES(?)", (number,))

    def _step(self, connection: sqlite3.Connection) -> int:
        """Return the schema step the file is at.

        Raises:
            StorageError: a newer mppkit wrote it, or another application.
        """
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "mppkit_schema" not in tables:
            if tables and not self._shared:
                names = ", ".join(sorted(tables)[:3])
                raise StorageError(
                    f"store {self._path}: a database of another application ({names}): name another file, or say "
                    "?shared=yes"
                )
            return 0
        step = int(connection.execute("SELECT coalesce(max(step), 0) FROM mppkit_schema").fetchone()[0])
        if step > len(STEPS):
            raise StorageError(
                f"store {self._path}: written by a newer mppkit (schema step {step}; this one knows {len(STEPS)}): "
                "upgrade mppkit; nothing was changed"
            )
        return step


class _InTransaction(SqliteStore):
    """The store on a caller's connection, see `SqliteStore.on`."""

    commits = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        if not isinstance(connection, sqlite3.Connection):
            remedy = "give an open connection of sqlite3; the how-to page tells where SQLAlchemy and Django keep it"
            raise InvalidValueError("connection", type(connection).__name__, remedy)
        self._path = Path("of the caller's connection")
        self._shared = True
        self._lock = RLock()
        self._file_lock = None
        self._process = os.getpid()
        self._connection = connection
        with self._failing("open it"):
            self._path = Path(connection.execute("SELECT file FROM pragma_database_list").fetchone()[0])
            if self._step(connection) < len(STEPS):
                remedy = "open it by its address once, with ?shared=yes beside another application's tables"
                raise StorageError(f"store {self._path}: no store of this version: {remedy}")

    def close(self) -> None:
        """Let the connection go, which stays open; may be called twice."""
        self._connection = None

    @contextmanager
    def _committing(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Write behind a savepoint, so that the caller's transaction outlives what fails."""
        begins = not connection.in_transaction
        if begins:
            if connection.isolation_level is None or getattr(connection, "autocommit", False) is True:
                raise StorageError(f"store {self._path}: begin a transaction first: this store never commits")
            connection.execute("BEGIN IMMEDIATE")  # as sqlite3 itself would at the first INSERT
        connection.execute("SAVEPOINT mppkit")
        try:
            yield
        except BaseException:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK TO mppkit")
                    connection.execute("RELEASE mppkit")
                    if begins:
                        connection.execute("ROLLBACK")
            raise
        connection.execute("RELEASE mppkit")

    def _let_go(self, connection: sqlite3.Connection) -> None:
        """Leave what an interrupt left begun: the transaction is the caller's, to go on with or to roll back."""

    @contextmanager
    def _failing(self, doing: str) -> Iterator[None]:
        """Have rows and texts come as they come by default, whatever the caller likes."""
        connection = self._connection
        if connection is None:
            yield
            return
        habits = connection.row_factory, connection.text_factory
        connection.row_factory, connection.text_factory = None, str
        try:
            with super()._failing(doing):
                yield
        finally:
            connection.row_factory, connection.text_factory = habits

    def _remedy(self, error: Exception) -> str:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            return "; roll back and do it again, beginning with BEGIN IMMEDIATE"
        return ""


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit at the end, or roll everything back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have rolled back by itself
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


def _select(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
    try:
        return connection.execute(sql, values)
    except UnicodeEncodeError:  # half a character in a name: nothing is called so
        return connection.execute("SELECT 0 WHERE 0")


def record(connection: sqlite3.Connection, batches: Sequence[Append]) -> tuple[Recorded, ...]:
    """Write batches within the transaction, or return what their requests recorded before.

    Raises:
        ConflictError: a stream is not at the expected version, or only some of the request_ids were used before.
    """
    if (before := _repeated(connection, batches)) is not None:
        return before
    return tuple(row for batch in batches for row in _append(connection, batch))


def _repeated(connection: sqlite3.Connection, batches: Sequence[Append]) -> tuple[Recorded, ...] | None:
    """Return what these requests recorded before, or None if they are new."""
    if batches[0].request_id is None:
        return None
    # by position, which the index of request_ids ends with: by version SQLite walks the whole stream to save a sort
    sql = SELECT + "WHERE s.name = ? AND e.request_id = ? ORDER BY e.position"
    found = [read_rows(connection.execute(sql, (batch.stream, batch.request_id))) for batch in batches]
    if not any(found):
        return None
    if not all(found):
        raise half_repeated(next(batch for batch, rows in zip(batches, found, strict=True) if rows))
    return tuple(row for rows in found for row in rows)


def _append(connection: sqlite3.Connection, batch: Append) -> list[Recorded]:
    """Write one batch within the transaction.

    Raises:
        ConflictError: the stream is not at the expected version.
    """
    head = connection.execute(
        "SELECT id, version, digest, labels FROM mppkit_stream WHERE name = ?", (batch.stream,)
    ).fetchone()
    stream, actual, digest, old_labels = head or (None, 0, NO_DIGEST, None)
    if batch.expected_version != actual:
        raise ConflictError(batch.stream, batch.expected_version, actual)
    at = at_text(batch.at)
    digests = []
    for version, event in enumerate(batch.events, actual + 1):
        digest = chain(digest, batch.stream, version, event, at, batch.actor, batch.request_id)
        digests.append(digest)
    stream = _put_head(connection, batch, stream, actual + len(digests), digest, old_labels, at)
    recorded = []
    for version, (event, digest) in enumerate(zip(batch.events, digests, strict=True), actual + 1):
        position = connection.execute(
            "INSERT INTO mppkit_event(stream, version, name, event_version, data, at, actor, request_id, digest)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (stream, version, event.name, event.version, event.data, at, batch.actor, batch.request_id, digest),
        ).lastrowid
        recorded.append(as_recorded(batch, event, position=position or 0, version=version, digest=digest))
    return recorded


def _put_head(
    connection: sqlite3.Connection,
    batch: Append,
    stream: int | None,
    version: int,
    digest: str,
    old_labels: str | None,
    at: str,
) -> int:
    """Write where the stream stands now, and return its row's id."""
    labels = encode_labels(dict(batch.labels))
    if stream is None:
        mall, category, _ = split_stream(batch.stream)
        stream = connection.execute(
            "INSERT INTO mppkit_stream(name, mall, category, version, digest, labels, summary, updated_at)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            (batch.stream, mall, category, version, digest, labels, batch.summary, at),
        ).lastrowid
    else:
        connection.execute(
            "UPDATE mppkit_stream SET version = ?, digest = ?, labels = ?, summary = ?, updated_at = ? WHERE id = ?",
            (version, digest, labels, batch.summary, at, stream),
        )
    if labels != old_labels:
        if old_labels is not None:
            connection.execute("DELETE FROM mppkit_label WHERE stream = ?", (stream,))
        connection.executemany(
            "INSERT INTO mppkit_label(stream, name, value) VALUES(?, ?, ?)",
            [(stream, name, value) for name, value in batch.labels.items()],
        )
    return stream or 0


def _name_undecodable(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> None:
    """Name the first event that could not be fetched because its text is not UTF-8.

    Raises:
        UnreadableEventError: always, unless the event was repaired meanwhile.
    """
    connection.text_factory = bytes
    try:
        for position, stream, version, *fields in _select(connection, sql, values):
            try:
                b"".join(text for text in (stream, *fields) if isinstance(text, bytes)).decode()
            except UnicodeDecodeError:
                name = stream.decode(errors="replace")
                raise UnreadableEventError(name, version, position, "its text is not UTF-8") from None
    finally:
        connection.text_factory = str
