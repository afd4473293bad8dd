"""From an address to a store, and what is said to an address that is none."""

import os
from pathlib import Path

import pytest

from mppkit.errors import InvalidValueError, StorageError
from mppkit.storage import MemoryStore, SqliteStore, open_store
from mppkit.storage.opening import shown_address
from mppkit.testing.batches import FRONT, batch, everything


def test_memory_is_a_new_store_each_time() -> None:
    with open_store("memory:") as one, open_store("memory:") as two:
        assert isinstance(one, MemoryStore)
        one.append(batch(FRONT))
        assert everything(two) == ()


def test_three_slashes_are_a_file_in_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///badung.db") as store:
        assert isinstance(store, SqliteStore)
        store.append(batch(FRONT))
    assert (tmp_path / "badung.db").is_file()


def test_four_slashes_are_an_absolute_file(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/badung.db") as store:
        store.append(batch(FRONT))
    assert f"sqlite:///{tmp_path}".startswith("sqlite:////")
    with SqliteStore(tmp_path / "badung.db") as store:
        assert len(everything(store)) == 1


@pytest.mark.parametrize(("option", "level"), [("", 2), ("?synchronous=full", 2), ("?synchronous=normal", 1)])
def test_the_promise_is_chosen_in_the_address(tmp_path: Path, option: str, level: int) -> None:
    with open_store(f"sqlite:///{tmp_path}/badung.db{option}") as store:
        assert isinstance(store, SqliteStore)
        assert store._open().execute("PRAGMA synchronous").fetchone() == (level,)
        assert store._open().execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    "name",
    ["mall 1.db", "a#b.db", "100%.db", "a%20b.db", "b'c\".db", "balai kota é 🏛.db", "a;b&c=d.db", "a@b=c 10:30.db"],
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    with open_store(f"sqlite:///{tmp_path}/{name}") as store:
        store.append(batch(FRONT))
    assert (tmp_path / name).is_file()
    assert {path.name for path in tmp_path.iterdir()} <= {name, f"{name}.lock"}
    with SqliteStore(tmp_path / name) as store:
        assert len(everything(store)) == 1


def test_a_question_mark_in_a_name_is_for_the_constructor(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "a?mode=memory&b.db") as store:
        store.append(batch(FRONT))
    assert (tmp_path / "a?mode=memory&b.db").is_file()


def test_a_store_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its folder goes on writing to the same file, behind the same lock."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with open_store("sqlite:///badung.db") as store:
        os.chdir(tmp_path / "there")
        store.append(batch(FRONT))
    assert list((tmp_path / "there").iterdir()) == []
    with SqliteStore(tmp_path / "here" / "badung.db") as again:
        assert len(everything(again)) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlit:///x.db", "did you mean sqlite:"),
        ("SQLite:///x.db", "did you mean sqlite:"),
        ("memry:", "memory:"),
        ("memory", "memory:"),
        ("memory:badung", "a memory store has no name"),
        ("mysql://localhost/badung", "sqlite:///"),
        ("Postgresql://localhost/badung", "did you mean postgresql:"),
        ("sqlite:", "sqlite:///"),
        ("sqlite://", "sqlite:///"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite:///?synchronous=full", "sqlite:///"),
        ("sqlite://badung.db", "sqlite:///"),
        ("sqlite:badung.db", "sqlite:///"),
        ("badung.db", "a plain file is sqlite:///"),
        ("/srv/badung.db", "a plain file is sqlite:///"),
        ("", "sqlite:///"),
        ("sqlite:///x.db?synchronous=off", "synchronous=normal"),
        ("sqlite:///x.db?sync=full", "synchronous=normal"),
        ("sqlite:///x.db?synchronous=full&mode=ro", "synchronous=normal"),
        ("sqlite:///x.db?shared=perhaps", "shared=yes"),
        ("sqlite:///x.db?synchronous=full&synchronous=normal", "synchronous=normal"),
        ("sqlite:///:memory:", "memory:"),
        ("sqlite:///host=db.example dbname=malls", "postgresql://host/database"),
        ("sqlite:///dbname=malls", "postgresql://host/database"),
        (None, "sqlite:///"),
        (Path("x.db"), "sqlite:///"),
    ],
)
def test_an_address_that_is_none_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValueError) as refused:
        open_store(url)
    assert says in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/sri@badung/hall=1.db?group=yes", "sqlite:////srv/sri@badung/hall=1.db?group=yes"),
        ("hall-10:30.db", "hall-10:30.db"),
        ("postgresql://[::1]:5433,db:5432/malls?schema=bali", "postgresql://[::1]:5433,db:5432/malls?schema=bali"),
        ("postgres://badung@db/malls?sslmode=require&notify=yes", "postgres://…@db/malls?notify=yes"),
        ("postgresql://badung:7@geheim@db/malls", "postgresql:…"),
        ("geheim@db/malls", "…"),
    ],
)
def test_an_address_is_shown_as_far_as_it_holds_no_secret(url: str, shown: str) -> None:
    assert shown_address(url) == shown


def test_an_unknown_promise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="full or normal"):
        SqliteStore(tmp_path / "x.db", synchronous="extra")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["nothing", "an empty file"])
def test_a_store_that_must_be_there_is_not_made(tmp_path: Path, there: str) -> None:
    path = tmp_path / "x.db"
    if there == "an empty file":
        path.touch()
    with pytest.raises(StorageError) as refused:
        open_store(f"sqlite:///{path}", create=False)
    assert str(path) in str(refused.value)
    assert [each.stat().st_size for each in tmp_path.iterdir()] == [0] * (there != "nothing")
