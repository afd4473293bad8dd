"""Group commit keeps every promise of the store, and what goes wrong for one goes wrong for nobody else."""

import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from threading import Thread, active_count, get_ident

import pytest

from mppkit.errors import ConflictError, InvalidValueError, StorageError
from mppkit.storage import Append, EventStore, GroupedStore, Query, Recorded, SqliteStore, audit, open_store, sqlite
from mppkit.testing import EventStoreContract
from mppkit.testing.batches import BACK, FRONT, batch, everything, head

Start = Callable[..., "Popen[str]"]
Outcome = tuple[Recorded, ...] | Exception
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


class TestGroupedStore(EventStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], EventStore]:
        return lambda: GroupedStore(tmp_path / "mall.db")


class TestGroupedStoreSharedByAllThreads(EventStoreContract):
    """The races once more, with all eight threads on one handle, where they are grouped."""

    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], EventStore]:
        return lambda: open_store(f"sqlite:///{tmp_path}/mall.db?group=yes")

    @pytest.fixture
    def handles(self, store: EventStore) -> tuple[EventStore, ...]:
        return (store,) * 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GroupedStore]:
    with GroupedStore(tmp_path / "mall.db") as store:
        yield store


@contextmanager
def held_up(store: GroupedStore) -> Iterator[None]:
    """Have the store wait for its reader or writer at work, as it does in the midst of a commit."""
    with store._lock:
        yield


def together(store: GroupedStore, *commits: Sequence[Append]) -> list[Outcome]:
    """Append all commits from threads of their own, in order, so that they wait for one commit; return what came."""
    outcomes: dict[int, Outcome] = {}

    def work(number: int, commit: Sequence[Append]) -> None:
        try:
            outcomes[number] = store.append(*commit)
        except Exception as error:
            outcomes[number] = error

    first = Thread(target=work, args=(-1, [batch(f"badung/first/{time.monotonic_ns()}")]), daemon=True)
    threads = [Thread(target=work, args=each, daemon=True) for each in enumerate(commits)]
    with held_up(store):
        first.start()
        until(lambda: store._inside == 1)
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: len(store._queue) == number)
    for thread in (first, *threads):
        thread.join(30)
        assert not thread.is_alive(), "nobody answered"
    return [outcomes[number] for number in range(len(commits))]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.0005)


def commits_of(store: GroupedStore) -> list[str]:
    """Return a list that grows with every commit of the store."""
    seen: list[str] = []
    store._open().set_trace_callback(lambda statement: seen.append(statement) if statement == "COMMIT" else None)
    return seen


# --- one commit for many --------------------------------------------------------------------------------------------


def test_all_that_wait_are_written_in_one_commit(store: GroupedStore) -> None:
    seen = commits_of(store)
    told = together(store, *([batch(f"badung/bell/{n}", 0, str(n)), batch(f"badung/door/{n}")] for n in range(20)))
    assert len(seen) == 2  # of the first, and of the twenty that came meanwhile
    rows = tuple(row for row in everything(store) if "/first/" not in row.stream)  # which may come behind the twenty
    assert sum(told, ()) == rows
    assert [row.data for row in rows[::2]] == [str(n) for n in range(20)]
    assert audit(store).intact


def test_whoever_is_alone_commits_by_himself(store: GroupedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real, writers = sqlite.chain, []
    monkeypatch.setattr(sqlite, "chain", lambda *args: writers.append(get_ident()) or real(*args))
    for version in range(5):
        store.append(batch(FRONT, version))
    together(store, [batch(BACK)])
    store.append(batch(FRONT, 5))
    assert writers[:5] == [get_ident()] * 5
    assert len(set(writers[-3:])) == 3  # of the first of `together`, the store's own, and this one again
    assert writers[-1] == get_ident()


@pytest.mark.parametrize("stale_at", range(3))
def test_what_is_refused_leaves_nothing_and_harms_nobody(store: GroupedStore, stale_at: int) -> None:
    store.append(batch(FRONT, labels={"status": "open"}))
    refused: list[Sequence[Append]] = [
        [batch(FRONT, 7)],
        [batch("badung/bell/x", 0, "1", labels={"a": 1}), batch(FRONT, 7), batch("badung/bell/y")],
        [batch("badung/bell/x", 0, "1"), batch("badung/bell/z", 0, '"\ud83c"')],
    ]
    good = [[batch(BACK, n, str(n), labels={"n": n})] for n in range(4)]
    told = together(store, *good[:stale_at], *refused, *good[stale_at:])
    kinds = [type(each) for each in told]
    assert kinds[stale_at : stale_at + 3] == [ConflictError, ConflictError, InvalidValueError]
    assert (told[stale_at].stream, told[stale_at].expected, told[stale_at].actual) == (FRONT, 7, 1)
    assert kinds.count(tuple) == 4
    assert [row.data for row in store.read(BACK)] == ["0", "1", "2", "3"]
    assert head(store, BACK).labels == {"n": 3}
    assert head(store, FRONT).labels == {"status": "open"}
    assert [found.stream for found in store.find(Query(category="bell"))] == [BACK, FRONT]
    assert audit(store).intact


def test_of_two_in_one_commit_who_saw_the_same_version_one_is_first(store: GroupedStore) -> None:
    one, two, three = together(store, [batch(FRONT, 0, "1")], [batch(FRONT, 0, "2")], [batch(FRONT, 1, "3")])
    assert (one, two.actual) == (store.read(FRONT)[:1], 1)
    assert three == store.read(FRONT, after=1)
    assert [row.data for row in store.read(FRONT)] == ["1", "3"]


def test_a_request_sent_twice_into_one_commit_is_recorded_once(store: GroupedStore) -> None:
    one, two = together(store, [batch(FRONT, 0, "1", request_id="r-1")], [batch(FRONT, 0, "1", request_id="r-1")])
    assert one == two == store.read(FRONT)
    assert len(one) == 1


def test_an_append_of_no_batches_waits_for_nobody(store: GroupedStore) -> None:
    with store._guard:
        store._inside += 1  # somebody else is at work
    assert store.append() == ()
    assert store._queue == []


# --- when the store itself fails ------------------------------------------------------------------------------------


def test_what_the_file_cannot_take_of_one_is_refused_to_him_alone(store: GroupedStore) -> None:
    store._open().setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
    one, two, three, four = together(
        store,
        [batch(FRONT, 0, "1")],
        [batch(BACK, 0, "2", '"' + "x" * 20_000 + '"')],  # its head and its first event fit
        ["no batch at all"],  # type: ignore[list-item]
        [batch(FRONT, 1, "3")],
    )
    assert (*one, *four) == store.read(FRONT)
    assert isinstance(two, StorageError)
    assert isinstance(two.__cause__, sqlite3.DataError)
    assert isinstance(three, AttributeError)
    assert store.read(BACK) == ()
    assert [found.stream for found in store.find(Query(category="bell"))] == [FRONT]


UNCOMMITTABLE = """
CREATE TABLE parent(id INTEGER PRIMARY KEY);
CREATE TABLE child(id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE TRIGGER orphan AFTER INSERT ON mppkit_event WHEN new.name = 'bell.rang' AND new.data = '"bad"'
    BEGIN INSERT INTO child VALUES(7); END;
"""


def test_a_commit_that_fails_fails_for_everybody_who_waited_for_it(store: GroupedStore, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "mall.db")
    connection.executescript(UNCOMMITTABLE)
    store.append(batch(FRONT))
    told = together(store, [batch(FRONT, 1)], [batch(BACK, 0, '"bad"')], [batch(FRONT, 9)], [batch("badung/bell/x")])
    assert [type(each) for each in told] == [StorageError] * 4
    assert len({id(each) for each in told}) == 4
    for each in told:
        assert str(tmp_path / "mall.db") in str(each)
        assert isinstance(each.__cause__, sqlite3.IntegrityError)
    assert len(everything(store)) == 2  # what was there, and the first of `together`
    assert [type(each) for each in together(store, [batch(FRONT, 1)], [batch(BACK)])] == [tuple] * 2
    connection.close()


def test_whoever_holds_the_database_too_long_is_an_error_for_all_and_no_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.1)
    with GroupedStore(tmp_path / "mall.db") as store:
        writer = sqlite3.connect(tmp_path / "mall.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        told = together(store, [batch(FRONT)], [batch(BACK)])
        assert [type(each) for each in told] == [StorageError] * 2
        assert all("locked" in str(each) for each in told)
        writer.execute("ROLLBACK")
        writer.close()
        assert [type(each) for each in together(store, [batch(FRONT)], [batch(BACK)])] == [tuple] * 2


# --- the end --------------------------------------------------------------------------------------------------------


def test_close_writes_what_waits_and_answers_everybody(tmp_path: Path) -> None:
    store = GroupedStore(tmp_path / "mall.db")
    told: list[Outcome] = []
    threads = [Thread(target=lambda n=n: told.append(store.append(batch(f"badung/bell/{n}")))) for n in range(9)]
    with held_up(store):
        for thread in threads:
            thread.start()
        until(lambda: len(store._queue) == 8)
        closing = [Thread(target=store.close) for _ in range(2)]
        for thread in closing:
            thread.start()
        until(lambda: store._closing)
    for thread in (*threads, *closing):
        thread.join(30)
        assert not thread.is_alive()
    assert not store._writer.is_alive()
    with pytest.raises(StorageError, match="closed"):
        store.append(batch(FRONT))
    with SqliteStore(tmp_path / "mall.db") as again:
        assert {row for rows in told for row in rows} == set(everything(again))
        assert len(everything(again)) == 9


def test_threads_that_append_while_it_is_closed_are_all_answered(tmp_path: Path) -> None:
    for number in range(8):
        path = tmp_path / f"{number}.db"
        store = GroupedStore(path)
        counts, said = [0] * 6, []

        def work(name: int, store: GroupedStore = store, counts: list[int] = counts, said: list[str] = said) -> None:
            try:
                while True:
                    store.append(batch(f"badung/bell/{name}", counts[name]))
                    counts[name] += 1
            except StorageError as closed:
                said.append(str(closed))

        threads = [Thread(target=work, args=(name,), daemon=True) for name in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(0.005 * number)
        store.close()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "nobody answered"
        assert ["closed" in each for each in said] == [True] * 6, said
        with SqliteStore(path) as again:
            assert [len(again.read(f"badung/bell/{name}")) for name in range(6)] == counts


def test_an_address_says_whether_to_group(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db?group=yes&synchronous=normal") as one:
        assert type(one) is GroupedStore
        assert one._open().execute("PRAGMA synchronous").fetchone() == (1,)
    with open_store(f"sqlite:///{tmp_path}/a.db?group=no") as two:
        assert type(two) is SqliteStore
    with pytest.raises(InvalidValueError, match="group=yes"):
        open_store(f"sqlite:///{tmp_path}/b.db?group=1")
    with pytest.raises(StorageError):
        open_store(f"sqlite:///{tmp_path}/b.db?group=yes", create=False)
    assert not (tmp_path / "b.db").exists()


def test_what_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    before = active_count()
    with pytest.raises(StorageError, match="make it first"):
        GroupedStore(tmp_path / "none" / "mall.db")
    with pytest.raises(InvalidValueError, match="full or normal"):
        GroupedStore(tmp_path / "mall.db", synchronous="extra")
    assert active_count() == before


# --- processes ------------------------------------------------------------------------------------------------------

MANY = """
    from threading import Thread
    from mppkit.storage import GroupedStore

    def write(store, run, name, told):
        own, mine = f"badung/kill/{run}-{name}", 0
        while True:
            shared = f"badung/kill/{run}-{name % 2}s"
            try:
                there = len(store.read(shared))
                rows = store.append(
                    batch(own, mine, '"one"', json.dumps("x" * 2000), labels={"n": mine + 2}),
                    batch(shared, there, json.dumps(own), labels={"n": there + 1}),
                )
            except ConflictError:
                continue
            mine += 2
            told(rows)

    def start(store, run, told, end):
        def work(name):
            try:
                write(store, run, name, told)
            except StorageError as error:
                end(error)
        threads = [Thread(target=work, args=(name,), daemon=True) for name in range(8)]
        for thread in threads:
            thread.start()
        return threads
"""


def check(store: SqliteStore, acknowledged: Sequence[Sequence[object]]) -> None:
    assert audit(store).intact
    rows = everything(store)
    digests = {(row.stream, row.version): row.digest for row in rows}
    for stream, version, digest in acknowledged:
        assert digests.get((stream, version)) == digest, f"{stream} {version} was acknowledged"
    for own in {row.stream for row in rows if not row.stream.endswith("s")}:
        commits = sum(row.data == json.dumps(own) for row in rows)
        assert len(store.read(own)) == 2 * commits, f"half a commit of {own}"
    assert all(found.labels["n"] == found.version for found in store.find(Query()))


@posix_only
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path, start_python: Start) -> None:
    path, chance = tmp_path / "mall.db", random.Random(5)
    acknowledged: list[Sequence[object]] = []
    script = """
    def told(rows):
        say([[row.stream, row.version, row.digest] for row in rows])
    for thread in start(GroupedStore(sys.argv[1]), sys.argv[2], told, say):
        thread.join()
    """
    for run in range(6):
        writer = start_python(MANY + script, path, run)
        lines = [writer.stdout.readline()]
        time.sleep(chance.uniform(0.01, 0.08))
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.read().splitlines(keepends=True)
        assert writer.wait(30) == -signal.SIGKILL, writer.stderr.read()
        acknowledged += [row for line in lines if line.endswith("\n") for row in json.loads(line)]
        with SqliteStore(path) as store:
            check(store, acknowledged)
    assert len(acknowledged) > 200, "hardly anything was written before the kills"


@posix_only
def test_a_full_disk_refuses_all_that_wait_and_stays_whole(tmp_path: Path, start_python: Start) -> None:
    script = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = GroupedStore(sys.argv[1])
    acknowledged, causes = [], []
    for run in range(3):
        largest = max(os.path.getsize(sys.argv[1] + end) for end in ("", "-wal"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 400_000, hard))
        for thread in start(store, run, acknowledged.extend, causes.append):
            thread.join(30)
            assert not thread.is_alive(), "nobody answered"
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert all(isinstance(each.__cause__, (sqlite3.OperationalError, OSError)) for each in causes), causes
    store.close()
    say([len(causes), [[row.stream, row.version, row.digest] for row in acknowledged]])
    """
    process = start_python(MANY + script, tmp_path / "mall.db")
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, said + wrong
    failed, acknowledged = json.loads(said)
    assert failed == 24
    assert len(acknowledged) > 30
    with SqliteStore(tmp_path / "mall.db") as store:
        check(store, acknowledged)
        assert len(everything(store)) == len(acknowledged), "what was refused is there all the same"


@posix_only
def test_a_waiter_that_is_interrupted_leaves_the_others_their_answers(tmp_path: Path, start_python: Start) -> None:
    script = """
    import signal
    store, told = GroupedStore(sys.argv[1]), []
    def work(n):
        told.append(store.append(batch(f"badung/bell/{n}", 0, "1")))
    threads = [Thread(target=work, args=(n,)) for n in range(4)]
    with store._lock:
        for thread in threads:
            thread.start()
        while len(store._queue) < 3:
            time.sleep(0.001)
        def interrupt():
            while len(store._queue) < 4:
                time.sleep(0.001)
            while not noticed:  # one that comes just before Python begins to wait is not noticed until it has waited
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(1)
        noticed = []
        Thread(target=interrupt).start()
        try:
            store.append(batch("badung/bell/mine", 0, "1"))
        except KeyboardInterrupt:
            noticed.append(True)
            say("interrupted")
    for thread in threads:
        thread.join()
    store.append(batch("badung/bell/after", 0, "1"))
    store.close()
    say(len(told))
    """
    process = start_python(MANY + script, tmp_path / "mall.db")
    said, wrong = process.communicate(timeout=60)
    assert (said, process.returncode) == ('"interrupted"\n4\n', 0), wrong


@posix_only
def test_a_grouped_store_is_not_to_be_used_across_a_fork(tmp_path: Path, start_python: Start) -> None:
    script = """
    import signal, warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, on a fork beside threads
    store = GroupedStore(sys.argv[1])
    def hold():
        with store._guard:
            time.sleep(1)
    Thread(target=hold, daemon=True).start()
    while not store._guard.locked():
        time.sleep(0.001)
    child = os.fork()  # in which nobody will release it
    if child == 0:
        signal.alarm(10)
        try:
            store.append(batch("badung/bell/front", 0, "1"))
        except StorageError as refused:
            store.close()
            os._exit(7 if "after a fork" in str(refused) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    store.append(batch("badung/bell/front", 0, "1"))
    store.close()
    say("whole")
    """
    process = start_python(MANY + script, tmp_path / "mall.db")
    said, wrong = process.communicate(timeout=60)
    assert (said, process.returncode) == ('"whole"\n', 0), wrong


@posix_only
def test_a_process_that_never_closes_it_ends_all_the_same(tmp_path: Path, start_python: Start) -> None:
    script = """
    store = GroupedStore(sys.argv[1])
    start(store, 0, lambda rows: None, say)
    time.sleep(0.1)
    """
    process = start_python(MANY + script, tmp_path / "mall.db")
    assert process.wait(30) == 0, process.stderr.read()
    with SqliteStore(tmp_path / "mall.db") as store:
        check(store, ())
        assert len(everything(store)) > 0
