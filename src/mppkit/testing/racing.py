"""What holds when many write at once: nothing lost, nothing twice, nothing skipped, no commit seen by halves."""

# ruff: noqa: S101 -- these are tests

import sys
from collections.abc import Callable, Sequence
from functools import partial
from threading import Barrier, Event, Thread
from typing import TypeVar

from mppkit.errors import ConflictError
from mppkit.storage.port import Append, EventStore, Query, Recorded
from mppkit.testing.batches import BACK, FRONT, batch, everything

T = TypeVar("T")

_PATIENCE = 60.0
"""Seconds before a race that does not end is called a deadlock."""


def at_once(*jobs: Callable[[], T]) -> list[T]:
    """Start all jobs at the same moment, each in its own thread, and return their answers; raise the first error."""
    answers: dict[int, T] = {}
    errors: list[BaseException] = []
    start = Barrier(len(jobs))

    def work(number: int, job: Callable[[], T]) -> None:
        try:
            start.wait(_PATIENCE)
            answers[number] = job()
        except BaseException as error:  # noqa: BLE001 -- raised again where the test sees it
            errors.append(error)

    threads = [Thread(target=work, args=each, daemon=True) for each in enumerate(jobs)]
    patience = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # else a quick store is done before the second thread has its turn
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE)
    finally:
        sys.setswitchinterval(patience)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), f"not done after {_PATIENCE:g} s: a deadlock?"
    return [answers[number] for number in range(len(jobs))]


def race(handles: Sequence[EventStore], job: Callable[[int, EventStore], T]) -> list[T]:
    """Do the same job on every handle at once; it is told its number."""
    return at_once(*(partial(job, number, store) for number, store in enumerate(handles)))


def insist(store: EventStore, make: Callable[[int], Sequence[Append]]) -> Sequence[Recorded]:
    """Append what `make` answers for the present version of the front stream, until nobody else was faster."""
    while True:
        try:
            return store.append(*make(len(store.read(FRONT))))
        except ConflictError:
            continue


def write_while(
    look: Callable[[], bool], handles: Sequence[EventStore], make: Callable[[int], Sequence[Append]]
) -> None:
    """Append on all handles at once for as long as `look`, called again and again meanwhile, asks for more."""
    over = Event()

    def watch() -> None:
        while look() and not over.is_set():
            pass

    def write(store: EventStore) -> None:
        while not over.is_set():
            insist(store, make)

    def until_over(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            over.set()

    at_once(partial(until_over, watch), *(partial(until_over, partial(write, store)) for store in handles))


class RacePromises:
    """The promises that hold for many threads, and for many handles."""

    def test_threads_on_one_stream_lose_nothing(self, handles: tuple[EventStore, ...]) -> None:
        """Eight threads that retry on conflict put every event on one stream exactly once, without a gap."""

        def write(name: int, store: EventStore) -> list[Recorded]:
            mine: list[Recorded] = []

            def one(version: int) -> list[Append]:
                return [batch(FRONT, version, f"[{name},{len(mine)}]")]

            while len(mine) < 12:
                mine += insist(store, one)
            return mine

        told = race(handles, write)
        rows = handles[0].read(FRONT)
        assert [row.version for row in rows] == list(range(1, 97))
        assert sorted((row for mine in told for row in mine), key=lambda row: row.version) == list(rows)
        for name, mine in enumerate(told):
            assert [row.data for row in mine] == [f"[{name},{number}]" for number in range(12)]

    def test_of_many_who_saw_the_same_version_one_is_first(self, handles: tuple[EventStore, ...]) -> None:
        """Of eight appends that expect the same version one is recorded, and seven are conflicts."""

        def once(version: int, name: int, store: EventStore) -> tuple[Recorded, ...]:
            try:
                return tuple(store.append(batch(FRONT, version, str(name))))
            except ConflictError:
                return ()

        for version in range(6):
            won = [rows for rows in race(handles, partial(once, version)) if rows]
            assert won == [tuple(handles[-1].read(FRONT, after=version))]

    def test_a_request_sent_many_times_at_once_is_recorded_once(self, handles: tuple[EventStore, ...]) -> None:
        """Eight threads that send one request at the same moment all get the rows of the one that was recorded."""

        def send(name: int, store: EventStore) -> tuple[Recorded, ...]:
            return tuple(store.append(batch(FRONT, 0, f"[{name}]", "2", request_id="r-1")))

        assert set(race(handles, send)) == {everything(handles[0])}
        assert [row.version for row in everything(handles[0])] == [1, 2]

    def test_whoever_follows_while_others_write_misses_nothing(self, handles: tuple[EventStore, ...]) -> None:
        """`read_all` after the last position seen never skips an event, however many commit at the same time."""
        *writers, follower = handles
        seen: list[Recorded] = []

        def commit(version: int) -> list[Append]:
            return [batch(FRONT, version), batch(f"badung/bell/{version}", 0, "1", "2")]

        def follow() -> bool:
            seen.extend(follower.read_all(after=seen[-1].position if seen else 0, limit=5))
            return len(seen) < 300

        write_while(follow, writers, commit)
        rows = everything(follower)
        assert seen == list(rows[: len(seen)])
        positions = [row.position for row in rows]
        assert positions == sorted(set(positions))
        assert [row.version for row in rows if row.stream == FRONT] == list(range(1, len(rows) // 3 + 1))

    def test_a_commit_is_seen_whole_or_not_at_all(self, handles: tuple[EventStore, ...]) -> None:
        """`find` never sees one stream of a commit without the other, nor a label without its event."""
        *writers, watcher = handles
        seen: set[int] = set()

        def commit(version: int) -> list[Append]:
            said = version + 1
            return [batch(stream, version, labels={"n": said}, summary=str(said)) for stream in (BACK, FRONT)]

        def look() -> bool:
            heads = watcher.find(Query(mall="badung", category="bell"))
            assert len(heads) in (0, 2)
            assert len({head.version for head in heads}) < 2
            for head in heads:
                assert (head.labels["n"], head.summary) == (head.version, str(head.version))
                assert len(watcher.read(head.stream)) >= head.version
                seen.add(head.version)
            return len(seen) < 25

        write_while(look, writers, commit)
        back, front = watcher.find(Query())
        assert back.version == front.version >= 25
