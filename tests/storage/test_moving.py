"""A copy is the source to the letter or is refused: whatever is in it, whoever writes meanwhile, whatever breaks."""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from subprocess import Popen
from tempfile import mkdtemp

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.errors import ConflictError, InvalidValueError, NotFoundError, StorageError, UnreadableEventError
from mppkit.storage import EventStore, MemoryStore, Query, Recorded, SqliteStore, audit, moving, open_store
from mppkit.storage.moving import backup, copy, restore, verify
from mppkit.testing.batches import AT, BACK, FRONT, batch, everything, head, pages, state
from mppkit.testing.machine import LABELS

Start = Callable[..., "Popen[str]"]

STREAMS = [f"{mall}/{kind}/{key}" for mall in ("badung", "blora") for kind in ("queue", "permit") for key in ("a", "b")]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)


@st.composite
def commits(draw: st.DrawFn) -> list[list[tuple[str, int, dict[str, object]]]]:
    """Draw what is committed: for each commit its streams, how many events on each, and the rest of the batch."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        request_id = f"r-{number}" if draw(st.booleans()) else None
        streams = draw(st.lists(st.sampled_from(STREAMS), min_size=1, max_size=3, unique=True))
        at = AT + timedelta(microseconds=draw(st.integers(0, 2)))  # often the same, so that batches look alike
        rest = {"request_id": request_id, "at": at, "actor": draw(st.sampled_from([None, "sri"]))}
        made.append([(stream, draw(st.integers(1, 4)), {**rest, "labels": draw(LABELS)}) for stream in streams])
    return made


def fill(store: EventStore, drawn: Sequence[Sequence[tuple[str, int, dict]]]) -> None:
    versions = {found.stream: found.version for found in store.find(Query())}
    begun = len(versions), sum(versions.values())
    for commit in drawn:
        batches = []
        for stream, size, draft in commit:
            used = draft["request_id"] and f"{draft['request_id']} of {begun}"  # never twice on a stream
            rest = {**draft, "request_id": used}
            version = versions.get(stream, 0)
            data = [json.dumps([stream, version + n]) for n in range(size)]
            batches.append(batch(stream, version, *data, summary=json.dumps(version), **rest))
            versions[stream] = version + size
        store.append(*batches)


def heads(store: EventStore) -> list[object]:
    return list(store.find(Query()))


def by_stream(store: EventStore) -> dict[str, list[Recorded]]:
    return {found.stream: [evolve(row, position=0) for row in store.read(found.stream)] for found in heads(store)}


def check_alike(source: EventStore, target: EventStore) -> None:
    """Streams, heads and digests are the same, and each request still finds all that it recorded."""
    assert by_stream(target) == by_stream(source)
    assert heads(target) == heads(source)
    there, here = audit(target), audit(source)
    assert there.intact
    assert there.digest == here.digest
    before = state(target)
    for stream, rows in by_stream(source).items():
        for request_id in {row.request_id for row in rows} - {None}:
            again = target.append(batch(stream, 0, '"again"', request_id=request_id))
            assert [row.version for row in again] == [row.version for row in rows if row.request_id == request_id]
    assert state(target) == before


class Entwined(MemoryStore):
    """Shows the events of other streams in between those of a batch, as a store with positions from a sequence may."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.order: list[Recorded] = []
        self.held_back = 0

    def entwine(self) -> None:
        left = {found.stream: list(self.read(found.stream)) for found in self.find(Query())}
        self.order = []
        while left:
            stream = self.chance.choice(sorted(left))
            self.order.append(evolve(left[stream].pop(0), position=3 * len(self.order) + 5))
            left = {stream: rows for stream, rows in left.items() if rows}

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        shown = self.order[: len(self.order) - self.held_back]
        return tuple(row for row in shown if row.position > after)[:limit]

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        positions = {(row.stream, row.version): row.position for row in self.order}
        return tuple(
            evolve(row, position=positions.get((row.stream, row.version), row.position))
            for row in super().read(stream, after)
        )


class CutOff(MemoryStore):
    """A target that dies after so many commits."""

    left = 10**9

    def append(self, *batches):  # type: ignore[no-untyped-def]
        if self.left == 0:
            raise StorageError("the line is gone")
        self.left -= 1
        return super().append(*batches)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path / "mall.db", synchronous="normal") as store:
        yield store


# --- what a copy is -------------------------------------------------------------------------------------------------


@given(drawn=commits(), more=commits(), page=st.integers(1, 7), size=st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_a_copy_is_the_source_and_brings_what_came_since(drawn: list, more: list, page: int, size: int) -> None:
    source, target = MemoryStore(), MemoryStore()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moving, "_PAGE", page)
        patched.setattr(moving, "_COMMIT", size)
        for round_number, drafts in enumerate((drawn, [], more)):
            before = len(everything(source))
            fill(source, drafts)
            told: list[tuple[int, int]] = []
            copied = copy(source, target, progress=lambda done, of, told=told: told.append((done, of)))
            check_alike(source, target)
            events = len(everything(source))
            assert (copied.events, copied.recorded) == (events, events - before), round_number
            assert (copied.streams, copied.digest) == (len(heads(source)), audit(source).digest)
            assert all(earlier <= later for earlier, later in pairwise(told))
            missing = events - before
            assert told[-1:] == [(2 * missing, 2 * missing)] * bool(missing)


@given(drawn=commits(), seed=st.integers(0, 99), page=st.integers(1, 7), held_back=st.integers(0, 9))
@settings(max_examples=80, deadline=None)
def test_requests_stay_whole_where_their_events_are_entwined_or_not_shown_yet(
    drawn: list, seed: int, page: int, held_back: int
) -> None:
    source, target = Entwined(seed), MemoryStore()
    fill(source, drawn)
    source.entwine()
    source.held_back = min(held_back, len(source.order))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moving, "_PAGE", page)
        copy(source, target)
    source.held_back = 0
    check_alike(source, target)


@given(drawn=commits(), more=commits(), commits_left=st.integers(0, 8), page=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_a_copy_that_was_cut_off_goes_on_though_the_source_has_grown(
    drawn: list, more: list, commits_left: int, page: int
) -> None:
    source, target = MemoryStore(), CutOff()
    fill(source, drawn)
    target.left = commits_left
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moving, "_PAGE", page)
        try:
            copy(source, target)
        except StorageError as gone:
            assert str(gone) == "the line is gone"  # noqa: PT017
        stood = len(everything(target))
        fill(source, more)
        target.left = 10**9
        copied = copy(source, target)
    assert copied.recorded == len(everything(source)) - stood
    check_alike(source, target)


def test_the_next_copy_reads_what_is_new_and_not_what_there_is() -> None:
    """A hall sends its store every few minutes, over a poor line, for years."""
    read: list[int] = []

    class Counting(MemoryStore):
        def read(self, stream, after=0):  # type: ignore[no-untyped-def]
            rows = super().read(stream, after)
            read.append(len(rows))
            return rows

        def read_all(self, after=0, limit=1000):  # type: ignore[no-untyped-def]
            rows = super().read_all(after, limit)
            read.append(len(rows))
            return rows

    source, target = Counting(), Counting()
    for day in range(50):
        source.append(batch(f"badung/queue/{day}", 0, *["1"] * 100))
    copy(source, target)
    read.clear()
    copy(source, target)
    assert sum(read) == 0
    source.append(batch("badung/queue/49", 100, "2"), batch("badung/queue/50", 0, "3"))
    assert copy(source, target).recorded == 2
    assert 0 < sum(read) < 20
    check_alike(source, target)


def test_a_copy_keeps_the_order_of_commits() -> None:
    source, target = MemoryStore(), MemoryStore()
    for version in range(10):
        at = AT + timedelta(seconds=version)
        source.append(batch(FRONT, version, str(version), at=at), batch(BACK, version, str(version), at=at))
    copy(source, target)
    assert everything(target) == everything(source)


@pytest.mark.parametrize("way", ["memory to sqlite", "sqlite to memory", "sqlite to postgres", "postgres to memory"])
def test_any_store_is_copied_to_any_other(way: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    def opened(kind: str) -> EventStore:
        if kind == "postgres":
            return open_store(request.getfixturevalue("postgres_url"))
        return open_store(f"sqlite:///{tmp_path}/{kind}.db" if kind == "sqlite" else "memory:")

    one, other = way.split(" to ")
    with opened(one) as source, opened(other) as target:
        for version in range(0, 40, 2):
            rest = {"request_id": f"r-{version}" if version % 4 else None, "labels": {"n": version, "s": "é🏛"}}
            source.append(batch(FRONT, version, '{"a":1.0}', '"é🏛"', **rest), batch(BACK, version, "1", "2", **rest))
        copy(source, target)
        check_alike(source, target)


def test_one_mall_can_be_taken_along_alone() -> None:
    source, target = MemoryStore(), MemoryStore()
    source.append(batch("badung/bell/a"), batch("blora/bell/a"))
    assert copy(source, target, mall="blora").streams == 1
    assert [found.stream for found in target.find(Query())] == ["blora/bell/a"]
    with pytest.raises(NotFoundError, match="did you mean 'blora'"):
        copy(source, target, mall="blor")
    with pytest.raises(NotFoundError, match=r"the store has badung, blora$"):
        copy(source, target, mall="tidakada")
    source.append(*(batch(f"hall-{number}/bell/a") for number in range(20)))
    with pytest.raises(NotFoundError, match=r", hall-\d+ and 2 more$"):
        copy(source, target, mall="tidakada")
    with pytest.raises(NotFoundError, match="no streams at all"):
        copy(MemoryStore(), target, mall="tidakada")


# --- a target that has something already ----------------------------------------------------------------------------


def test_what_the_target_alone_has_stays_and_where_it_has_gone_on_nothing_is_needed() -> None:
    """Hall and centre, each with streams of its own, send each other what they have."""
    hall, centre = MemoryStore(), MemoryStore()
    centre.append(batch("badung/directory/enacted"), batch("blora/queue/2026-11-24"))
    copy(centre, hall)
    hall.append(batch("badung/queue/2026-11-24", 0, "1", "2", request_id="r-1"))
    centre.append(batch("badung/directory/enacted", 1, labels={"n": 2}))
    assert copy(hall, centre).recorded == 2
    assert copy(centre, hall).recorded == 1
    check_alike(hall, centre)


def test_a_stream_that_went_on_in_both_is_refused_with_both_digests_and_nothing_is_written() -> None:
    hall, centre = MemoryStore(), MemoryStore()
    for store in (hall, centre):
        store.append(batch(FRONT, 0, "1", "2"))
    hall.append(batch(FRONT, 2, '"hall"'), batch(BACK))
    centre.append(batch(FRONT, 2, '"centre"', '"more"'))
    before = state(centre)
    with pytest.raises(ConflictError) as refused:
        copy(hall, centre)
    assert (refused.value.stream, refused.value.expected, refused.value.actual) == (FRONT, 2, 4)
    for said in ("event 3", hall.read(FRONT)[2].digest, centre.read(FRONT)[2].digest, "nothing was written"):
        assert said in str(refused.value)
    assert state(centre) == before
    with pytest.raises(ConflictError, match="event 3"):
        copy(centre, hall)


@given(drawn=commits().filter(bool), seed=st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_a_target_that_differs_anywhere_is_refused(drawn: list, seed: int) -> None:
    source, target = MemoryStore(), MemoryStore()
    fill(source, drawn)
    chance = random.Random(seed)
    stream = chance.choice(sorted(by_stream(source)))
    rows = source.read(stream)
    differs_at = chance.randint(1, len(rows))
    for row in rows[: chance.randint(differs_at, len(rows))]:
        data = '"another"' if row.version == differs_at else row.data
        target.append(batch(stream, row.version - 1, data, at=row.at, actor=row.actor, request_id=None))
    first = next(r.version for r, t in zip(rows, target.read(stream), strict=False) if r.digest != t.digest)
    before = state(target)
    with pytest.raises(ConflictError) as refused:
        copy(source, target)
    assert (refused.value.stream, refused.value.expected) == (stream, first - 1)
    assert state(target) == before


def test_somebody_who_writes_to_the_target_at_the_same_time_is_named() -> None:
    source = MemoryStore()
    source.append(batch(FRONT, 0, "1", "2"))

    class Busy(MemoryStore):
        def append(self, *batches):  # type: ignore[no-untyped-def]
            super().append(batch(FRONT, 0, '"mine"'))
            return super().append(*batches)

    with pytest.raises(ConflictError, match="somebody else writes to this stream of the target"):
        copy(source, Busy())


@pytest.mark.parametrize("wrong", ["data", "labels", "lost"])
def test_a_target_that_does_not_keep_what_it_was_given_is_found_out(wrong: str) -> None:
    source = MemoryStore()
    source.append(batch(FRONT, 0, "1", "2", labels={"n": 1}))

    class Forgetful(MemoryStore):
        def append(self, *batches):  # type: ignore[no-untyped-def]
            given = [evolve(each, labels={}) for each in batches] if wrong == "labels" else batches
            return super().append(*given)

        def read(self, stream, after=0):  # type: ignore[no-untyped-def]
            rows = super().read(stream, after)
            if wrong == "data":
                return tuple(evolve(row, data="9") for row in rows)
            return rows[:-1] if wrong == "lost" else rows

    with pytest.raises(StorageError, match="target"):
        copy(source, Forgetful())


def test_a_damaged_source_is_not_taken_for_one_that_went_on_by_itself(tmp_path: Path) -> None:
    path, target = tmp_path / "mall.db", MemoryStore()
    with SqliteStore(path) as source:
        source.append(batch(FRONT, 0, "1", "2", "3"))
        copy(source, target)
        source.append(batch(FRONT, 3, "4"))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM mppkit_event WHERE version IN (2, 3)")
    connection.close()
    before = state(target)
    with SqliteStore(path) as source, pytest.raises(ConflictError, match="an event is missing"):
        copy(source, target)
    assert state(target) == before


# --- a source that grows, or is damaged -----------------------------------------------------------------------------


def test_a_copy_of_a_growing_source_is_the_source_of_one_instant(tmp_path: Path) -> None:
    path = tmp_path / "mall.db"
    with SqliteStore(path, synchronous="normal") as source, SqliteStore(path, synchronous="normal") as writer:

        class Growing(MemoryStore):
            def read_all(self, after=0, limit=1000):  # type: ignore[no-untyped-def]
                grow()
                return source.read_all(after, limit)

            def read(self, stream, after=0):  # type: ignore[no-untyped-def]
                return source.read(stream, after)

            def find(self, query):  # type: ignore[no-untyped-def]
                found = source.find(query)
                grow()
                return found

        def grow() -> None:
            version = len(writer.read(FRONT))
            new = batch(f"badung/new/{version}", 0, "1", request_id="r")
            rest = {"request_id": f"r-{version}", "labels": {"n": version}}
            writer.append(batch(FRONT, version, "1", "2", **rest), batch(BACK, version, "1", "2", **rest), new)

        grow()
        grow()
        target = MemoryStore()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(moving, "_PAGE", 3)
            copy(Growing(), target)
        assert head(target, FRONT).version == head(target, BACK).version == 4
        assert head(target, FRONT).labels == head(target, BACK).labels == {"n": 2}
        assert sorted(by_stream(target)) == [BACK, FRONT, "badung/new/0", "badung/new/2"]
        copy(source, target)
        check_alike(source, target)


@pytest.mark.parametrize(
    ("damage", "version"),
    [
        ("UPDATE mppkit_event SET data = '9' WHERE stream = 1 AND version = 3", 3),
        ("UPDATE mppkit_event SET actor = 'x' WHERE stream = 1 AND version = 1", 1),
        ("UPDATE mppkit_event SET name = 'No Name' WHERE stream = 1 AND version = 2", 2),
        ("UPDATE mppkit_event SET at = 'yesterday' WHERE stream = 1 AND version = 3", 3),
        ("DELETE FROM mppkit_event WHERE stream = 1 AND version = 3", 4),
        ("DELETE FROM mppkit_event WHERE stream = 1 AND version = 5", 5),
        ("UPDATE mppkit_stream SET version = 6 WHERE id = 1", 6),
        ("UPDATE mppkit_stream SET digest = 'x' WHERE id = 1", 5),
    ],
)
def test_a_damaged_source_is_not_passed_on(tmp_path: Path, damage: str, version: int) -> None:
    path, target = tmp_path / "mall.db", MemoryStore()
    with SqliteStore(path) as source:
        for n in range(5):
            source.append(batch(FRONT, n, str(n), at=AT + timedelta(seconds=n)))
    connection = sqlite3.connect(path)
    with connection:
        assert connection.execute(damage).rowcount == 1
    connection.close()
    with SqliteStore(path) as source:
        with pytest.raises(UnreadableEventError) as found:
            copy(source, target)
        assert (found.value.stream, found.value.version) == (FRONT, version)
        assert "target" not in str(found.value), "the source is to blame"
        assert audit(target).intact
        with pytest.raises(UnreadableEventError):
            backup(source, tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup*"))
    assert not list(tmp_path.glob(".mppkit*"))


# --- backup, verify, restore ----------------------------------------------------------------------------------------


def test_a_backup_is_one_file_that_is_the_store_and_comes_back(tmp_path: Path, sqlite: SqliteStore) -> None:
    sqlite.append(batch(FRONT, 0, "1", "2", request_id="r-1", labels={"n": 2}), batch(BACK, 0, request_id="r-1"))
    copied = backup(sqlite, tmp_path / "backup.db")
    report = verify(tmp_path / "backup.db")
    assert (report.intact, report.digest, report.events) == (True, copied.digest, 3)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(("backup.db-", ".mppkit"))]
    target = MemoryStore()
    assert restore(tmp_path / "backup.db", target) == copied
    check_alike(sqlite, target)
    before = state(target)
    with pytest.raises(InvalidValueError, match="must be empty"):
        restore(tmp_path / "backup.db", target)
    assert state(target) == before


def test_a_backup_overwrites_nothing_and_says_what_it_lacks(tmp_path: Path, sqlite: SqliteStore) -> None:
    there = tmp_path / "there.db"
    there.write_text("precious")
    with pytest.raises(InvalidValueError, match="give another one"):
        backup(sqlite, there)
    assert there.read_text() == "precious"
    sqlite.append(batch(FRONT))
    late = tmp_path / "late.db"
    with pytest.raises(InvalidValueError, match="give another one"):
        backup(sqlite, late, progress=lambda *_: late.write_text("precious"))
    assert late.read_text() == "precious"
    with pytest.raises(StorageError, match="make it first"):
        backup(sqlite, tmp_path / "none" / "backup.db")
    for gone in (lambda: verify(tmp_path / "none.db"), lambda: restore(tmp_path / "none.db", MemoryStore())):
        with pytest.raises(StorageError, match="there is no such file"):
            gone()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_a_backup_is_read_where_nothing_can_be_written(sqlite: SqliteStore, start_python: Start) -> None:
    """On a read-only disk, by one who may write neither the file nor beside it."""
    sqlite.append(batch(FRONT, 0, "1", "2"))
    folder = Path(mkdtemp(prefix="mppkit-"))
    digest = backup(sqlite, folder / "backup.db").digest
    script = """
    import urllib.parse  # needed late on Python 3.13, when a library under /root may no longer be read
    from mppkit.storage import MemoryStore
    from mppkit.storage.moving import restore, verify
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    say([verify(sys.argv[1]).digest, restore(sys.argv[1], MemoryStore()).digest])
    """
    try:
        (folder / "backup.db").chmod(0o444)
        folder.chmod(0o555)
        said, wrong = start_python(script, folder / "backup.db").communicate(timeout=60)
        assert said == json.dumps([digest, digest]) + "\n", wrong
        assert [path.name for path in folder.iterdir()] == ["backup.db"]
    finally:
        folder.chmod(0o755)
        rmtree(folder)


def test_a_backup_that_is_put_in_the_place_of_a_store_is_one(tmp_path: Path, sqlite: SqliteStore) -> None:
    """Its readers hold up no writer, as those of any store."""
    backup(sqlite, tmp_path / "backup.db")
    with SqliteStore(tmp_path / "backup.db") as store:
        assert store._open().execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("wrong", ["cut short", "an index"])
def test_a_backup_that_is_damaged_where_no_event_stands_is_found_out(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "backup.db"
    with MemoryStore() as store:
        store.append(*(batch(f"badung/bell/{n}", labels={"n": n}) for n in range(300)))
        backup(store, path)
    assert verify(path).intact
    whole = bytearray(path.read_bytes())
    if wrong == "cut short":
        path.write_bytes(whole[:-5000])
    else:
        connection = sqlite3.connect(path)
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mppkit_label_value'")
        [(size,)] = connection.execute("PRAGMA page_size")
        connection.close()
        whole[page * size - 1] ^= 1  # a cell of the index that find goes by
        path.write_bytes(whole)
    with pytest.raises(StorageError, match=r"malformed|is damaged"):
        verify(path)


def test_a_backup_that_finds_no_room_leaves_no_file(tmp_path: Path, sqlite: SqliteStore, start_python: Start) -> None:
    if sys.platform == "win32":
        pytest.skip("needs RLIMIT_FSIZE")
    for version in range(0, 300, 100):
        sqlite.append(batch(FRONT, version, *[json.dumps("x" * 5000)] * 100))
    script = """
    import resource, signal
    from mppkit.storage.moving import backup
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with SqliteStore(sys.argv[1]) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
        try:
            backup(store, sys.argv[2])
        except StorageError:
            print("refused")
    """
    said, wrong = start_python(script, tmp_path / "mall.db", tmp_path / "backup.db").communicate(timeout=60)
    assert said == "refused\n", wrong
    assert not [path.name for path in tmp_path.iterdir() if not path.name.startswith("mall.db")]


# --- killed ---------------------------------------------------------------------------------------------------------

COPYING = """
from mppkit.storage.moving import backup, copy

class Telling(SqliteStore):
    def append(self, *batches):
        recorded = super().append(*batches)
        say(len(batches))
        return recorded

with SqliteStore(sys.argv[2]) as source:
    if sys.argv[1] == "backup":
        say("ready")
        backup(source, sys.argv[3])
    else:
        copy(source, Telling(sys.argv[3], synchronous="normal"))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_copy_that_is_killed_leaves_a_sound_beginning_and_is_ended_by_the_next(
    tmp_path: Path, sqlite: SqliteStore, start_python: Start
) -> None:
    for version in range(0, 1000, 2):
        at = AT + timedelta(seconds=version)
        rest = {"request_id": f"r-{version}", "at": at, "labels": {"n": version}}
        sqlite.append(batch(FRONT, version, "1", json.dumps("x" * 500), **rest), batch(BACK, version, "1", "2", **rest))
    chance, stood = random.Random(5), []
    for _ in range(6):
        process = start_python(COPYING, "copy", tmp_path / "mall.db", tmp_path / "copy.db")
        for _ in range(chance.randint(1, 60)):
            assert process.stdout.readline() == "2\n"
        time.sleep(chance.uniform(0, 0.002))
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        with SqliteStore(tmp_path / "copy.db", synchronous="normal") as target:
            report = audit(target)
            assert report.intact
            assert report.events % 2 == 0, "half a request"
            stood.append(report.events)
    assert all(earlier < later for earlier, later in pairwise([0, *stood, 2000])), f"it began anew: {stood}"
    with SqliteStore(tmp_path / "copy.db", synchronous="normal") as target:
        assert copy(sqlite, target).recorded == 2000 - stood[-1]
        check_alike(sqlite, target)


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_backup_that_is_killed_has_no_name(tmp_path: Path, sqlite: SqliteStore, start_python: Start) -> None:
    for version in range(0, 600, 2):
        sqlite.append(batch(FRONT, version, "1", "2", at=AT + timedelta(seconds=version)))
    process = start_python(COPYING, "backup", tmp_path / "mall.db", tmp_path / "backup.db")
    assert process.stdout.readline() == '"ready"\n'
    while not list(tmp_path.glob(".mppkit-*")):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert not (tmp_path / "backup.db").exists()
    backup(sqlite, tmp_path / "backup.db")
    assert verify(tmp_path / "backup.db").digest == audit(sqlite).digest


def test_pages_are_left_when_all_is_seen() -> None:
    """A hall's few streams are copied out of a long store without reading what came after them."""
    source = MemoryStore()
    source.append(batch("blora/bell/a"))
    for version in range(0, 5000, 500):
        source.append(batch(FRONT, version, *["1"] * 500))
    read: list[int] = []

    class Counting(MemoryStore):
        def find(self, query):  # type: ignore[no-untyped-def]
            return source.find(query)

        def read_all(self, after=0, limit=1000):  # type: ignore[no-untyped-def]
            read.append(after)
            return source.read_all(after, limit)

    assert copy(Counting(), MemoryStore(), mall="blora").recorded == 1
    assert read == [0]
    assert len(list(pages(source, 2000))) == 3
