"""What can happen to a file happens: every fault is a StorageError that names the file, with the driver's as cause."""

import os
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree, which
from tempfile import mkdtemp

import pytest
from attrs import astuple

from mppkit.errors import StorageError, UnreadableEventError
from mppkit.storage import MemoryStore, Recorded, SqliteStore, audit, sqlite
from mppkit.storage.moving import copy
from mppkit.storage.port import Query, at_text
from mppkit.storage.rows import read_head, read_rows
from mppkit.testing.batches import BACK, FRONT, batch, everything, state
from mppkit.testing.racing import at_once

Run = Callable[..., str]
posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


def refused(act: Callable[[], object], *says: str, cause: type[BaseException] | None = sqlite3.Error) -> StorageError:
    with pytest.raises(StorageError) as caught:
        act()
    for words in says:
        assert words in str(caught.value)
    if cause is not None:
        assert isinstance(caught.value.__cause__, cause)
    return caught.value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store with two hundred events, closed."""
    path = tmp_path / "mall.db"
    with SqliteStore(path) as store:
        for version in range(0, 100, 10):
            store.append(batch(FRONT, version, *['{"n":1}'] * 10), batch(BACK, version, *['{"n":2}'] * 10))
    return path


# --- a place that holds no store ------------------------------------------------------------------------------------


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    refused(lambda: SqliteStore(tmp_path / "none" / "mall.db"), "mall.db", "none is not there: make it first")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    refused(lambda: SqliteStore(tmp_path), str(tmp_path), "it is a folder: name a file in it")


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mall.toml"
    path.write_text('name = "Badung"\n' * 100)
    refused(lambda: SqliteStore(path), "mall.toml", "not a database", cause=sqlite3.DatabaseError)
    assert path.read_text() == 'name = "Badung"\n' * 100


def test_a_database_of_another_application_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE visitors(name)")
    connection.close()
    before = path.read_bytes()
    refused(lambda: SqliteStore(path), "another application (visitors)", cause=None)
    assert path.read_bytes() == before


# --- damage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [2, 99, 100, 1000, 4096, 8192, 0.5, 0.9, -4096])
def test_a_truncated_file_never_passes_for_a_whole_one(path: Path, left: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])

    def use() -> None:
        with SqliteStore(path) as store:
            audit(store)

    refused(use, "mall.db", cause=sqlite3.DatabaseError)

    def write() -> None:
        with SqliteStore(path) as store:
            store.append(batch("badung/bell/new"))
            audit(store)

    refused(write, "mall.db", cause=sqlite3.DatabaseError)


def test_a_head_that_was_damaged_names_its_stream(path: Path) -> None:
    for damage in ("labels = 'x'", "labels = '[1'", "labels = '7'", "updated_at = 'x'"):
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(f"UPDATE mppkit_stream SET {damage} WHERE name = '{FRONT}'")
        connection.close()
        with SqliteStore(path) as store:
            refused(lambda store=store: store.find(Query()), FRONT, cause=Exception)
            assert len(store.read(FRONT)) == 100


def test_a_bit_turned_over_on_the_disk_is_a_break_or_a_storage_error_and_nothing_else(tmp_path: Path) -> None:
    """Such a bit can make bytes of a text, a text that is no UTF-8, or a schema that is none."""
    path, chance, told = tmp_path / "mall.db", random.Random(11), Counter[str]()
    with SqliteStore(path) as store:
        store.append(*(batch(f"badung/bell/{n}", 0, "1", labels={"n": n}) for n in range(40)))
    whole = path.read_bytes()
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            with SqliteStore(path, create=False) as store:
                told[str(audit(store).intact)] += 1
        except StorageError:
            told["refused"] += 1
    assert set(told) == {"True", "False", "refused"}


@pytest.mark.parametrize("column", ["stream", "version", "name", "event_version", "data", "at", "actor", "digest"])
@pytest.mark.parametrize("value", [b"x", None, 1.5])
def test_a_value_of_another_kind_than_was_recorded_is_found_and_not_copied(column: str, value: object) -> None:
    """As a bit that was turned over in a row's header makes it of one that was recorded."""
    if (column, value) == ("actor", None):
        pytest.skip("as it was recorded")
    place = ["", "stream", "version", "name", "event_version", "data", "at", "actor", "", "digest"].index(column)

    class Damaged(MemoryStore):
        def read_all(self, after: int = 0, limit: int = 1000) -> tuple[Recorded, ...]:
            rows = [astuple(row) for row in super().read_all(after, limit)]
            texts = [[*row[:6], at_text(row[6]), *row[7:]] for row in rows]
            for row in texts:
                if row[0] == 2:
                    row[place] = value
            return read_rows(map(tuple, texts))  # type: ignore[arg-type]

    store = Damaged()
    store.append(batch(FRONT, 0, "1", "2", actor="sri"), batch(BACK))
    report = audit(store)
    assert not report.intact
    with pytest.raises(UnreadableEventError):
        copy(store, MemoryStore())


def test_a_head_of_another_kind_than_was_recorded_is_not_passed_on() -> None:
    head = (FRONT, 3, "0", "{}", None, "2026-11-24T01:02:03.456789+00:00")
    assert read_head(head).version == 3
    for place in range(len(head)):
        with pytest.raises(StorageError, match="cannot be read"):
            read_head((*head[:place], b"{}", *head[place + 1 :]))  # type: ignore[arg-type]


def test_a_schema_whose_text_was_damaged_is_named(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE mppkit_label", b"CREATE \xacABLE mppkit_label"))
    refused(lambda: SqliteStore(path), "mall.db", cause=UnicodeDecodeError)


def test_a_file_that_vanishes_under_the_store_is_not_written_to_by_name(path: Path, tmp_path: Path) -> None:
    """Two stores under one name would each go on by itself; the first one's rows stay in the file it opened."""
    with SqliteStore(path) as store:
        path.rename(tmp_path / "moved.db")
        assert len(everything(store)) == 200


# --- no room, no right ----------------------------------------------------------------------------------------------

FILL_UP = """
    A, B = "badung/bell/a", "badung/bell/b"

    def fill_up(path, make_room):
        store = SqliteStore(path)
        told = 0
        try:
            while told < 10_000:
                store.append(batch(A, told, '"' + "x" * 3000 + '"', labels={"n": told + 1}), batch(B, told, "{}"))
                told += 1
        except StorageError as full:
            assert isinstance(full.__cause__, (sqlite3.OperationalError, OSError)), repr(full.__cause__)
            assert path in str(full)
        assert 0 < told < 10_000, told
        for _ in range(3):  # it stays full, and stays whole
            try:
                store.append(batch(A, told, '"' + "x" * 900_000 + '"'), batch(B, told, "{}"))
            except StorageError:
                pass
            else:
                raise AssertionError("that cannot have fitted")
        for when in ("full", "room again"):
            assert len(store.read(A)) == len(store.read(B)) == told, when
            assert audit(store).intact
            assert [head.labels.get("n") for head in store.find(Query())] == [told, None]
            if when == "full":
                make_room()
        store.append(batch(A, told, '"' + "x" * 3000 + '"', labels={"n": told + 1}), batch(B, told, "{}"))
        store.close()
        with SqliteStore(path) as again:
            assert len(again.read(A)) == len(again.read(B)) == told + 1
            assert audit(again).intact
        print("whole")
"""


@posix_only
def test_a_file_that_may_not_grow_refuses_and_stays_whole(tmp_path: Path, run_python: Run) -> None:
    script = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    fill_up(sys.argv[1], lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)))
    """
    assert run_python(FILL_UP + script, tmp_path / "mall.db") == "whole\n"


def able_to_mount() -> tuple[str, ...]:
    """Return what to put before a command that mounts, or nothing where that is not allowed."""
    for before in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
        attempt = [*before, "mount", "-t", "tmpfs", "none", "/mnt"]
        if which("unshare") and subprocess.run(attempt, capture_output=True, check=False).returncode == 0:
            return before
    return ()


@posix_only
def test_a_full_disk_refuses_and_stays_whole(tmp_path: Path, run_python: Run) -> None:
    before = able_to_mount()
    if not before:
        pytest.skip("no small disk can be mounted here; the test with a size limit stands in for it")
    script = """
    import subprocess
    folder = sys.argv[1]
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "none", folder], check=True)
    more = ["mount", "-o", "remount,size=20m", folder]
    fill_up(folder + "/mall.db", lambda: subprocess.run(more, check=True))
    """
    assert run_python(FILL_UP + script, tmp_path, before=before) == "whole\n"


@posix_only
@pytest.mark.parametrize("locked", ["the file", "the folder"])
def test_a_store_that_may_only_be_read_can_be_read_and_says_so(run_python: Run, locked: str) -> None:
    """Run by one who is not root, for whom no file is read-only."""
    folder = Path(mkdtemp(prefix="mppkit-"))
    script = """
    import urllib.parse  # needed late on Python 3.13, when a library under /root may no longer be read
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    with SqliteStore(sys.argv[1], create=False) as store:
        assert len(store.read_all()) == 2
        assert len(store.find(Query())) == 1
        assert audit(store).intact
        try:
            store.append(batch("badung/bell/front", 2, "{}"))
        except StorageError as refused:
            assert sys.argv[1] in str(refused), refused
            assert "read" in str(refused), refused
            assert refused.__cause__ is not None
            print("refused")
        assert len(store.read_all()) == 2
    """
    try:
        path = folder / "mall.db"
        with SqliteStore(path) as store:
            store.append(batch(FRONT, 0, "1", "2"))
            if locked == "the folder":  # nobody can make the files beside it there, so they must be there
                for each in folder.iterdir():
                    each.chmod(0o444)
                folder.chmod(0o555)
                assert run_python(script, path) == "refused\n"
        if locked == "the file":
            for each in folder.iterdir():
                each.chmod(0o444)
            folder.chmod(0o777)
            assert run_python(script, path) == "refused\n"
    finally:
        folder.chmod(0o755)
        rmtree(folder)


# --- schema steps ---------------------------------------------------------------------------------------------------


def test_a_store_of_a_newer_mppkit_is_refused_and_left_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO mppkit_schema(step) VALUES(99)")
    connection.close()
    before = path.read_bytes()
    refused(lambda: SqliteStore(path), "newer mppkit", "step 99", "upgrade mppkit", cause=None)
    assert path.read_bytes() == before


NEXT_STEP = (
    "CREATE TABLE mppkit_next(x INTEGER) STRICT",
    "INSERT INTO mppkit_next(x) SELECT count(*) FROM mppkit_event",
)


def test_an_older_store_is_brought_up_to_date_and_keeps_everything(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(path) as store:
        before = state(store)
    monkeypatch.setattr(sqlite, "STEPS", (*sqlite.STEPS, NEXT_STEP))
    for _ in range(2):  # the second time there is nothing to do
        with SqliteStore(path) as store:
            assert state(store) == before
            store._open().execute("SELECT x FROM mppkit_next")
    monkeypatch.undo()
    refused(lambda: SqliteStore(path), f"step {len(sqlite.STEPS) + 1}", cause=None)


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SqliteStore(path) as store:
        before = state(store)
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "STEPS", (*sqlite.STEPS, NEXT_STEP, ("CREATE TABLE oops(",)))
        refused(lambda: SqliteStore(path), "mall.db")
    with SqliteStore(path) as store:
        assert state(store) == before
    tables = sqlite3.connect(path)
    assert tables.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('mppkit_next', 'oops')").fetchone() == (0,)
    tables.close()


def test_many_who_open_a_new_file_at_once_make_it_once(tmp_path: Path) -> None:
    for round_number in range(5):
        path = tmp_path / f"{round_number}.db"

        def begin(name: int, path: Path = path) -> None:
            with SqliteStore(path) as store:
                store.append(batch(f"badung/bell/{name}"))

        at_once(*(lambda name=name: begin(name) for name in range(8)))
        with SqliteStore(path) as store:
            assert len(everything(store)) == 8


def test_many_who_open_an_older_file_at_once_upgrade_it_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "STEPS", (*sqlite.STEPS, NEXT_STEP))
    at_once(*(lambda: SqliteStore(path).close() for _ in range(8)))
    with SqliteStore(path) as store:
        assert store._open().execute("SELECT x FROM mppkit_next").fetchall() == [(200,)]


def test_an_sqlite_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite.sqlite3, "sqlite_version_info", (3, 39, 4))
    monkeypatch.setattr(sqlite.sqlite3, "sqlite_version", "3.39.4")
    refused(lambda: SqliteStore(tmp_path / "x.db"), "3.39.4", "3.40", cause=None)
    assert list(tmp_path.iterdir()) == []


# --- life among others ----------------------------------------------------------------------------------------------


def test_an_interrupted_append_leaves_nothing_and_no_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = sqlite.chain, []

    def interrupted(*args: object) -> str:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    with SqliteStore(path) as store, SqliteStore(path) as other:
        before = state(store)
        monkeypatch.setattr(sqlite, "chain", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.append(batch(FRONT, 100, "1", "2"), batch(BACK, 100, "3"))
        monkeypatch.undo()
        assert state(store) == state(other) == before
        other.append(batch(FRONT, 100))
        store.append(batch(FRONT, 101))


def test_a_reader_is_not_held_up_by_a_writer_in_the_midst_of_a_commit(path: Path) -> None:
    with SqliteStore(path) as store:
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE mppkit_stream SET summary = 'half'")
        assert len(store.read(FRONT)) == 100
        assert store.find(Query())[0].summary is None
        writer.execute("ROLLBACK")
        writer.close()


def test_whoever_holds_the_database_too_long_is_an_error_and_no_hang(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.1)
    with SqliteStore(path) as store:
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        refused(lambda: store.append(batch(FRONT, 100)), "locked", cause=sqlite3.OperationalError)
        writer.execute("ROLLBACK")
        writer.close()
        store.append(batch(FRONT, 100))


@posix_only
def test_a_store_is_not_to_be_used_across_a_fork(path: Path, run_python: Run) -> None:
    script = """
    store = SqliteStore(sys.argv[1])
    store.append(batch("badung/bell/front", 100, "{}"))
    child = os.fork()
    if child == 0:
        try:
            store.read("badung/bell/front")
        except StorageError as refused:
            store.close()
            os._exit(7 if "after a fork" in str(refused) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    store.append(batch("badung/bell/front", 101, "{}"))
    print(len(store.read("badung/bell/front")))
    """
    assert run_python(script, path) == "102\n"
