"""The store in a PostgreSQL database: for many machines, and for many malls on one server. The only door to psycopg.

A command is one statement in a transaction of its own (see `postgres_sql`), so nothing of it is kept in a session, and
a transaction-pooling proxy may stand in between.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock, RLock
from time import monotonic, sleep
from typing import Any, Self, TypeVar
from weakref import ref

from mppkit.errors import ConflictError, InvalidValueError, MissingExtraError, StorageError
from mppkit.storage.port import Append, EventStore, Query, Recorded, StreamHead, check_batches, check_paging
from mppkit.storage.postgres_append import append, append_of_old, check_texts
from mppkit.storage.postgres_schema import catch_up, check_schema_name, is_ready, take_steps
from mppkit.storage.postgres_sql import FEED, READ, Ask, find_sql, in_schema
from mppkit.storage.rows import read_head, read_rows

try:
    import psycopg
    from psycopg import errors
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import TransactionStatus
    from psycopg.rows import tuple_row
except ImportError as error:
    raise MissingExtraError("PostgreSQL", "postgres") from error

T = TypeVar("T")
Connection = psycopg.Connection[Any]  # Any: a caller's connection gives rows of whatever kind

_PATIENCE = 20.0
"""Seconds for which a server that went away is looked for before a verb gives up."""

_TRIES = 10
"""How often a commit is tried that the server itself undid: a deadlock, or two who began one stream at one moment."""

_UNDONE = (errors.SerializationFailure, errors.DeadlockDetected)

_DEFAULTS = {
    "connect_timeout": 10,
    "fallback_application_name": "mppkit",
    # a machine that vanished without a word is noticed within half a minute, not after two hours
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}

_REMEDIES: dict[type[psycopg.Error], str] = {
    errors.InsufficientPrivilege: "; let its owner open it once, and GRANT the role what the how-to page names",
    errors.LockNotAvailable: "; another transaction holds the stream: look for one that was left open",
    errors.SerializationFailure: "; roll the transaction back and do it again",
    errors.DeadlockDetected: "; roll the transaction back and do it again",
    errors.ActiveSqlTransaction: "; ask outside of the transaction, or have default_transaction_isolation say so",
    errors.InFailedSqlTransaction: "; roll the transaction back first",
    errors.ReadOnlySqlTransaction: "; it may only be read, as a standby may: name the primary",
    errors.UndefinedTable: "; its tables are gone: open it anew",
    errors.UndefinedFunction: "; its functions are gone: open it anew",
    errors.InvalidSchemaName: "; its schema is gone: open it anew",
}


class _Turn:
    """A place in the line for a connection: it ends when nobody holds it, even where an interrupt ended all else."""

    __slots__ = ("__weakref__",)


class PostgresStore(EventStore):
    """Events in a PostgreSQL database (13 or newer), in a schema of their own; may be used from any thread.

    Threads share up to `connections` connections, opened when they are needed; no thread works in the background. Where
    the server went away, a verb looks for it again for twenty seconds, and a commit whose answer was lost is found by
    its request_id or its digests, never made twice. After a fork the child opens its own store.

    Args:
        url: the database as libpq takes it, such as `postgresql://badung@db.example/malls?sslmode=verify-full`.
        schema: the schema; made if it is not there.
        notify: whether each commit wakes those who `follow` the store; costs a second journey to the server.
        create: whether a schema that is not there is made.
        connections: how many are open at most.

    Raises:
        InvalidValueError: libpq cannot read the address, the schema's name is none, or there are no connections.
        StorageError: the database cannot be reached, holds something else, or was made by a newer mppkit.
    """

    commits = True
    """Whether an append is on the disk when it returns; else a caller's transaction decides."""

    def __init__(
        self, url: str, *, schema: str = "mppkit", notify: bool = False, create: bool = True, connections: int = 8
    ) -> None:
        self._schema = check_schema_name(schema)
        self._notify = notify
        if isinstance(connections, bool) or not isinstance(connections, int) or connections < 1:
            raise InvalidValueError("connections", connections, "give a whole number, 1 or more")
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:  # its text may quote half a password
            remedy = "libpq cannot read it: is each option one of its own? write %40 for @ and the like"
            raise InvalidValueError("store", "postgresql://…", remedy) from None
        self._how: dict[str, Any] = {**_DEFAULTS, **given, "client_encoding": "UTF8"}  # Any: as libpq takes them
        port = f":{given['port']}" if "port" in given else ""
        self._name = f"postgresql://{given.get('host') or ''}{port}/{given.get('dbname') or ''}"
        self._process = os.getpid()
        self._lock = RLock()
        self._closed = False
        self._idle: list[Connection] = []
        self._connections = connections
        # as they came, each with what wakes it; no callback of a WeakSet, which an interrupt could end half-way
        self._line: list[tuple[ref[_Turn], Lock]] = []
        with self._failing("open it"):
            connection = self._connect()
            try:
                self._prepare(connection, create)
            except BaseException:
                connection.close()
                raise
        self._idle.append(connection)

    @classmethod
    def on(cls, connection: Connection, *, schema: str = "mppkit") -> "PostgresStore":
        """Return the store on a connection of the caller's, in whose transaction everything then happens.

        What is appended is there when the caller commits, and gone when he rolls back. The store never commits and
        never closes the connection; the schema must be there, so open the store by its address once before. An append
        that fails leaves the transaction as it was before, to go on or to be rolled back.

        Args:
            connection: an open psycopg 3 connection, not in autocommit mode or with a transaction begun.
            schema: as of `PostgresStore`.

        Raises:
            InvalidValueError: it is no psycopg connection.
            StorageError: there is no store in the schema, or no transaction; or the connection is closed, is in a
                pipeline, or has another client_encoding than UTF8.
        """
        return _InTransaction(connection, schema)

    # --- the five verbs --------------------------------------------------------------------------------------------

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record all batches in one commit, or nothing; see `EventStore.append`.

        Raises:
            StorageError: beside the usual, that the server went away for good before it answered; whether the events
                were recorded is then not known, and the same append sent again finds out.
        """
        check_batches(batches)
        if not batches:
            self._check_open()
            return ()
        lost = False

        def work(ask: Ask) -> tuple[Recorded, ...]:
            nonlocal lost
            try:
                recorded = append(ask, batches, alone=self.commits)
            except ConflictError:
                if lost and (ours := append_of_old(ask, batches)) is not None:
                    return ours
                raise
            except psycopg.Error as error:
                # an ERROR undid the statement; behind a broken line, an ended backend or a pooler's word it may stand
                lost = lost or error.diag.severity_nonlocalized != "ERROR"
                raise
            if self._notify:
                with suppress(psycopg.Error):  # those who follow look by themselves, too
                    ask("NOTIFY {schema}")  # not within the commit: it would wait for all others' commits
            return recorded

        try:
            return self._run("append to it", work)
        except UnicodeEncodeError:
            check_texts(batches)
            raise
        except StorageError as error:
            if lost:
                raise StorageError(f"{error}; whether the events were recorded is not known") from error.__cause__
            raise

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        """Return a stream's events after a version."""
        check_paging(after)
        self._check_open()
        if not _can_be_kept(stream):
            return ()
        return self._run("read it", lambda ask: read_rows(ask(READ, (stream, after))))

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Return up to `limit` events of all streams after a position, in the order of their positions.

        An event is shown when no commit with a lower position can come any more: a transaction of a caller's own that
        has appended, and was not ended yet, keeps back what came after it.
        """
        check_paging(after, limit)
        return self._run("read it", lambda ask: read_rows(ask(FEED, (after, limit))))

    def find(self, query: Query) -> Sequence[StreamHead]:
        """Return the heads that match."""
        self._check_open()
        if not _can_be_kept(query.mall or "") or not _can_be_kept(query.category or ""):
            return ()
        sql, values = find_sql(query)
        rows = self._run("read it", lambda ask: ask(sql, values))
        return tuple(read_head(row) for row in rows)

    def close(self) -> None:
        """Close the connections; may be called twice."""
        if self._process != os.getpid():
            return  # after a fork they belong to the process that opened them
        with self._lock:
            self._closed = True
        self._forget()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the store."""
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r}, schema={self._schema!r})"

    # --- waiting for news ------------------------------------------------------------------------------------------

    def listening(self) -> AbstractContextManager[Callable[[float], None]] | None:
        """Give a function that waits some seconds, or until somebody appends; None where commits do not notify."""
        return self._listening() if self._notify else None

    @contextmanager
    def _listening(self) -> Iterator[Callable[[float], None]]:
        ear: Connection | None = None

        def wait(seconds: float) -> None:
            nonlocal ear
            until = monotonic() + seconds
            try:
                if ear is None:
                    self._check_open()
                    ear = self._connect()
                    ear.execute(in_schema("LISTEN {schema}", self._schema))
                    return  # to look once more: something may have come before
                for _ in ear.notifies(timeout=seconds, stop_after=1):
                    pass
            except psycopg.Error:  # the next one tries to listen again; until then it is a poll
                if ear is not None:
                    ear.close()
                    ear = None
                sleep(max(0.0, until - monotonic()))

        try:
            yield wait
        finally:
            if ear is not None:
                ear.close()

    # --- how -------------------------------------------------------------------------------------------------------

    def _asking(self, connection: Connection) -> Ask:
        def ask(sql: str, values: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
            cursor = psycopg.Cursor(connection, row_factory=tuple_row)  # a caller's connection may have other habits
            cursor.execute(in_schema(sql, self._schema).encode(), values, prepare=False)
            return cursor.fetchall() if cursor.description else []

        return ask

    def _run(self, doing: str, work: Callable[[Ask], T]) -> T:
        """Do the work on a connection of the store's; on another one where the server went away meanwhile."""
        with self._failing(doing):
            until, pause, tries = monotonic() + _PATIENCE, 0.05, 0
            while True:
                connection: Connection | None = None
                turn = self._turn()
                try:
                    connection = self._take()
                    return work(self._asking(connection))
                except _UNDONE:
                    tries += 1
                    if tries == _TRIES:
                        raise
                except psycopg.Error:
                    if (connection is not None and not connection.closed) or monotonic() + pause > until:
                        raise
                    self._forget()  # the others are as old
                    sleep(pause)
                    pause = min(2 * pause, 1.0)
                finally:
                    if connection is not None:
                        self._give_back(connection)
                    del turn
                    with self._lock:
                        for _, wake in self._first():  # all: two that end at once see the line without both
                            if wake.locked():
                                wake.release()

    def _turn(self) -> _Turn:
        """Wait in line until a connection may be used, and return the right to it."""
        self._check_open()
        until = monotonic() + _PATIENCE
        turn, wake = _Turn(), Lock()
        wake.acquire()
        place = ref(turn), wake
        with self._lock:
            self._line.append(place)
        try:
            while place not in self._first():
                if monotonic() > until:
                    raise StorageError(f"store {self._name}: all its connections are in use; let it have more")
                wake.acquire(timeout=0.1)  # nobody tells of a turn that an interrupt ended
            self._check_open()
        except BaseException:
            del turn  # whoever keeps the error keeps this frame
            raise
        return turn

    def _first(self) -> list[tuple[ref[_Turn], Lock]]:
        """Return the places in the line that may use a connection, as long as somebody holds their turns."""
        with self._lock:
            self._line = [place for place in self._line if place[0]() is not None]
            return self._line[: self._connections]

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: Connection) -> None:
        fit = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            if fit and not self._closed:
                self._idle.append(connection)
            else:
                connection.close()

    def _forget(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connect(self) -> Connection:
        return psycopg.connect("", autocommit=True, prepare_threshold=None, **self._how)

    def _check_open(self) -> None:
        if self._process != os.getpid():
            raise StorageError(f"store {self._name}: opened in another process; open it anew after a fork")
        if self._closed:
            raise StorageError(f"store {self._name}: it is closed; open it again")

    def _prepare(self, connection: Connection, create: bool) -> None:
        ask = self._asking(connection)
        if not is_ready(ask, self._schema, self._name):
            if not create:
                remedy = "open it by its address once, without create=False"
                raise StorageError(f"store {self._name}: no store of this version in schema {self._schema}: {remedy}")
            with connection.transaction():
                take_steps(ask, self._schema, self._name)
        catch_up(ask)

    @contextmanager
    def _failing(self, doing: str) -> Iterator[None]:
        """Turn what the driver says into a StorageError that names the database, never what stands in a row."""
        try:
            yield
        except psycopg.Error as error:
            why = error.diag.message_primary or str(error).partition("\n")[0]
            remedy = next((words for kind, words in _REMEDIES.items() if isinstance(error, kind)), "")
            raise StorageError(f"store {self._name}: could not {doing}: {why}{remedy}") from error


class _InTransaction(PostgresStore):
    """The store on a caller's connection, see `PostgresStore.on`."""

    commits = False

    def __init__(self, connection: Connection, schema: str) -> None:
        if not isinstance(connection, psycopg.Connection):
            remedy = "give an open connection of psycopg 3; the how-to page tells where SQLAlchemy and Django keep it"
            raise InvalidValueError("connection", type(connection).__name__, remedy)
        self._schema = check_schema_name(schema)
        self._notify = False
        self._connection = connection
        self._name = "of the caller's connection"
        self._process = os.getpid()
        self._lock = RLock()
        self._closed = False
        with self._failing("open it"):
            info = connection.info
            self._name = f"postgresql://{info.host}:{info.port}/{info.dbname}"
            if info.encoding != "utf-8":
                raise StorageError(f"store {self._name}: its texts come as {info.encoding}: have client_encoding=UTF8")
        self._run("open it", self._check_schema)

    def close(self) -> None:
        """Let the connection go, which stays open; may be called twice."""
        self._closed = True

    def _check_schema(self, ask: Ask) -> None:
        if not is_ready(ask, self._schema, self._name):
            remedy = "open it by its address once"
            raise StorageError(f"store {self._name}: no store of this version in schema {self._schema}: {remedy}")

    def _run(self, doing: str, work: Callable[[Ask], T]) -> T:
        """Do the work behind a savepoint, so that the caller's transaction outlives what fails."""
        with self._lock, self._failing(doing):
            self._check_open()
            connection, ask = self._connection, self._asking(self._connection)
            if connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE:
                raise StorageError(f"store {self._name}: begin a transaction first: this store never commits")
            if connection.pgconn.pipeline_status:
                raise StorageError(f"store {self._name}: leave the pipeline first: in it answers come later")
            for last in (False,) * (_TRIES - 1) + (True,):
                ask("SAVEPOINT mppkit")
                try:
                    done = work(ask)
                except BaseException as error:
                    with suppress(psycopg.Error):
                        ask("ROLLBACK TO SAVEPOINT mppkit")
                        ask("RELEASE SAVEPOINT mppkit")
                    # who waits for the other in a deadlock holds on to what the transaction locked before
                    if last or not isinstance(error, errors.SerializationFailure):
                        raise
                else:
                    ask("RELEASE SAVEPOINT mppkit")
                    return done
            raise AssertionError("the last try returns or raises")


def _can_be_kept(text: str) -> bool:
    """Tell whether a text can be anything's name here: no NUL, no half character."""
    return text.isprintable() or ("\x00" not in text and text.encode(errors="replace").decode() == text)
