"""Group commit: G5 (64 threads of one process on one SQLite file), and what it costs a thread that is alone."""

import statistics
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread
from time import perf_counter

from rounds import Row, rate

from mppkit.clock import SystemClock
from mppkit.storage import Append, GroupedStore, NewEvent, SqliteStore

_MANY = 64
_BODY = NewEvent(name="queue.ticket_called", version=1, data='{"number":"A-0123","counter":"loket-07"}')


def _append(store: SqliteStore, name: int, version: int, at: datetime) -> float:
    """Append one event to the stream of a name; return the seconds it took."""
    one = Append(
        stream=f"badung/queue/{name}", expected_version=version, events=(_BODY,), actor=f"petugas-{name}", at=at
    )
    began = perf_counter()
    store.append(one)
    return perf_counter() - began


def _crowd(kind: type[SqliteStore], threads: int, seconds: float) -> Sequence[float]:
    """Let threads append to a stream each for a while; return how long each append took, sorted."""
    now = SystemClock().now
    waits: list[list[float]] = [[] for _ in range(threads)]
    with TemporaryDirectory() as folder, kind(Path(folder, "group.db")) as store:
        start = Barrier(threads)

        def write(name: int) -> None:
            mine = waits[name]
            start.wait()
            until = perf_counter() + seconds
            while perf_counter() < until:
                mine.append(_append(store, name, len(mine), now()))

        writers = [Thread(target=write, args=(name,)) for name in range(threads)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        for name, mine in enumerate(waits):
            if len(store.read(f"badung/queue/{name}")) != len(mine):
                raise AssertionError(f"thread {name} was answered {len(mine)} times, which is not what is recorded")
    return sorted(wait for mine in waits for wait in mine)


def _alone(appends: int) -> tuple[float, float]:
    """Append from one thread to both stores by turns; return each one's median: ungrouped, grouped."""
    now = SystemClock().now
    with (
        TemporaryDirectory() as folder,
        SqliteStore(Path(folder, "one.db")) as ungrouped,
        GroupedStore(Path(folder, "two.db")) as grouped,
    ):
        took: dict[SqliteStore, list[float]] = {ungrouped: [], grouped: []}
        for version in range(appends):
            for store in (ungrouped, grouped) if version % 2 else (grouped, ungrouped):
                took[store].append(_append(store, 0, version, now()))
        return statistics.median(took[ungrouped]), statistics.median(took[grouped])


def g5(quick: bool) -> list[Row]:
    """Measure 64 threads with grouping and without, and one thread, in turns; then what grouping costs one thread."""
    rounds, seconds, appends = (3, 0.5, 1000) if quick else (11, 1.0, 6000)
    contests = {(SqliteStore, 1): [], (SqliteStore, _MANY): [], (GroupedStore, _MANY): []}
    for played in range(rounds + 1):  # the first does not count
        for (kind, threads), found in contests.items():
            waits = _crowd(kind, threads, seconds)
            if played:
                found.append((len(waits) / seconds, waits[len(waits) // 2], waits[int(len(waits) * 0.99)]))
    one, many, grouped = (
        tuple(statistics.median(column) for column in zip(*found, strict=True)) for found in contests.values()
    )
    ungrouped_alone, grouped_alone = _alone(appends)
    return [
        Row(
            goal="G5",
            what="64 threads: commits of all, grouped",
            ours=rate(grouped[0]),
            peer=f"one by one {rate(many[0])}",
            ratio=grouped[0] / many[0],
            wanted=4.0,
        ),
        Row(
            goal="G5",
            what="64 threads: commits of all, grouped, against a thread alone",
            ours=rate(grouped[0]),
            peer=f"one thread {rate(one[0])}",
            ratio=grouped[0] / one[0],
        ),
        Row(
            goal="G5",
            what="64 threads, grouped: wait of the slowest in a hundred, in waits of a thread alone",
            ours=f"{grouped[2] * 1000:.2f} ms",
            peer=f"one thread's median {one[1] * 1000:.2f} ms; one by one {many[2] * 1000:,.0f} ms",
            ratio=grouped[2] / one[1],
            wanted=30.0,
            at_most=True,
        ),
        Row(
            goal="G5",
            what="one thread alone, grouped",
            ours=f"{grouped_alone * 1000:.3f} ms",
            peer=f"ungrouped {ungrouped_alone * 1000:.3f} ms",
            ratio=grouped_alone / ungrouped_alone,
            wanted=1.1,
            at_most=True,
        ),
    ]


GOALS = {"G5": g5}
