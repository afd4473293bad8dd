"""Group commit: many threads of one process on one SQLite file, whose appends reach the disk together.

Waiting for the disk is most of a commit. While one commit is on its way others come and wait; all that wait are then
written in one transaction and are on the disk after one wait. What `append` promises stays as it is.
"""

import os
from collections.abc import Sequence
from threading import Condition, Lock, Thread

from mppkit.errors import MppkitError, StorageError
from mppkit.storage.port import Append, Recorded, check_batches
from mppkit.storage.sqlite import SqliteStore, record


class _Waiting:
    """What one thread wants to have recorded, and what came of it; `answered` is held until that is known."""

    __slots__ = ("answered", "batches", "outcome")

    def __init__(self, batches: Sequence[Append]) -> None:
        self.batches = batches
        self.outcome: tuple[Recorded, ...] | Exception = ()
        self.answered = Lock()
        self.answered.acquire()


class GroupedStore(SqliteStore):
    """A SqliteStore that commits together what several threads append at the same time; `?group=yes` in the address.

    Each append is still on the disk when it returns, all of it or nothing, and a conflict of one is no matter to the
    others. An error of the commit itself reaches everybody who waited for it. Whoever appends while nobody else does
    commits by himself, as without grouping; for those who wait a thread of the store's writes, until it is closed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        synchronous: str = "full",
        create: bool = True,
        shared: bool = False,
    ) -> None:
        self._guard = Lock()  # a bare one: an interrupt that comes while a Condition is left would keep it for ever
        self._news = Condition(self._guard)
        self._queue: list[_Waiting] = []
        self._inside = 0
        """How many appends are being written or wait; a hint only: of an interrupted one it may keep count for ever."""
        self._closing = False
        self._writer = Thread(target=self._write_for_all, name="mppkit-group-commit", daemon=True)
        super().__init__(path, synchronous=synchronous, create=create, shared=shared)
        self._writer.start()

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record all batches in one commit, or nothing, perhaps along with others'; see `EventStore.append`."""
        check_batches(batches)
        self._open()  # in a forked process nobody would write
        if not batches:
            return ()
        with self._guard:
            alone = self._inside == 0 or self._closing
            self._inside += 1
            if not alone:
                waiting = _Waiting(batches)
                self._queue.append(waiting)
                self._news.notify()
        if alone:
            try:
                return super().append(*batches)
            finally:
                with self._guard:
                    self._inside -= 1
        waiting.answered.acquire()
        if isinstance(waiting.outcome, Exception):
            raise waiting.outcome
        return waiting.outcome

    def close(self) -> None:
        """Write what still waits, and close the file; may be called twice."""
        if self._process == os.getpid():
            with self._guard:
                self._closing = True
                self._news.notify()
            if self._writer.is_alive():
                self._writer.join()
        super().close()

    # --- the thread that writes for all ------------------------------------------------------------------------------

    def _write_for_all(self) -> None:
        while True:
            with self._guard:
                while not self._queue:
                    if self._closing:
                        return
                    self._news.wait()
            group = self._write_group()
            with self._guard:
                self._inside -= len(group)
            for waiting in group:
                waiting.answered.release()

    def _write_group(self) -> Sequence[_Waiting]:
        """Write all that waits in one transaction, and return it with what came of each."""
        group: Sequence[_Waiting] = ()
        written = False
        try:
            with self._lock, self._failing("append to it"):
                connection = self._open()
                with self._committing(connection):
                    group = self._take()  # not before: meanwhile others may have come
                    for waiting in group:
                        waiting.outcome = self._write_one(waiting.batches)
                    written = True
        except BaseException as error:  # noqa: BLE001 -- raised again in the threads that wait
            if group and not written:  # one of them failed, and took the transaction with it
                for waiting in group:
                    waiting.outcome = self._write_alone(waiting.batches)
            else:
                group = group or self._take()
                for waiting in group:
                    waiting.outcome = self._of_all(error)
        return group

    def _take(self) -> Sequence[_Waiting]:
        with self._guard:
            group, self._queue = self._queue, []
        return group

    def _write_one(self, batches: Sequence[Append]) -> tuple[Recorded, ...] | Exception:
        """Write one of the group within its transaction; a refusal leaves nothing of it, and is its own."""
        connection = self._open()
        several = len(batches) > 1  # a single batch is refused before anything of it is written
        if several:
            connection.execute("SAVEPOINT mppkit_one")
        outcome: tuple[Recorded, ...] | Exception
        try:
            outcome = record(connection, batches)
        except MppkitError as refused:
            if several:
                connection.execute("ROLLBACK TO mppkit_one")
            outcome = refused
        if several:
            connection.execute("RELEASE mppkit_one")
        return outcome

    def _write_alone(self, batches: Sequence[Append]) -> tuple[Recorded, ...] | Exception:
        try:
            return super().append(*batches)
        except Exception as error:  # noqa: BLE001 -- raised again in the thread that waits
            return error

    def _of_all(self, error: BaseException) -> StorageError:
        """Return an error of the whole group for one of its threads: no two may raise the same object."""
        if isinstance(error, StorageError):
            failed, cause = StorageError(str(error)), error.__cause__
        else:
            failed = StorageError(f"store {self._path}: could not append to it: {type(error).__name__}")
            cause = error
        failed.__cause__ = cause
        return failed
