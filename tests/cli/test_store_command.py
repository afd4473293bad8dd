"""`mppkit store` as an operator meets it: what is copied, what is refused, and no password anywhere."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mppkit.cli.main import mppkit
from mppkit.errors import MppkitError
from mppkit.storage import SqliteStore, audit
from mppkit.testing.batches import BACK, FRONT, batch


@pytest.fixture(autouse=True)
def _a_hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SqliteStore("hall.db") as store:
        store.append(batch(FRONT, 0, "1", "2", request_id="r-1"), batch(BACK, 0, "3", request_id="r-1"))
        store.append(batch("blora/bell/a"))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mppkit, ("store", *arguments), catch_exceptions=True)


def facts(*arguments: str, exit_code: int = 0) -> dict:
    done = call(*arguments, "--json")
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def digest(path: str) -> str:
    with SqliteStore(path, create=False) as store:
        return audit(store).digest


def test_a_copy_says_what_it_did_and_the_next_brings_the_rest() -> None:
    told = facts("copy", "hall.db", "sqlite:///centre.db?synchronous=normal")
    assert told == {
        "from": "sqlite:///hall.db",
        "to": "sqlite:///centre.db?synchronous=normal",
        "outcome": "equal",
        "streams": 3,
        "events": 4,
        "recorded": 4,
        "digest": digest("hall.db"),
    }
    with SqliteStore("hall.db") as store:
        store.append(batch(FRONT, 2))
    shown = call("copy", "hall.db", "centre.db")
    assert shown.exit_code == 0
    assert "recorded now: 1; there before: 4" in shown.stdout
    assert digest("centre.db") == digest("hall.db") != told["digest"]


def test_one_mall_is_copied_alone() -> None:
    assert facts("copy", "hall.db", "blora.db", "--mall", "blora")["events"] == 1
    assert "did you mean 'blora'" in str(call("copy", "hall.db", "x.db", "--mall", "blor").exception)


def test_a_target_with_other_events_is_exit_code_1_with_stream_and_version() -> None:
    with SqliteStore("centre.db") as store:
        store.append(batch(FRONT, 0, "1", "other", request_id="r-1"))
    before = digest("centre.db")
    told = facts("copy", "hall.db", "centre.db", exit_code=1)
    assert (told["outcome"], told["stream"], told["version"]) == ("different", FRONT, 2)
    shown = call("copy", "hall.db", "centre.db")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "event 2" in shown.stderr
    assert digest("centre.db") == before


def test_a_backup_is_made_verified_and_restored() -> None:
    told = facts("backup", "hall.db", "backup.db")
    assert facts("verify", "backup.db")["digest"] == told["digest"] == digest("hall.db")
    assert facts("restore", "backup.db", "again.db")["digest"] == told["digest"]
    assert digest("again.db") == told["digest"]
    assert "give another one" in str(call("backup", "hall.db", "backup.db").exception)
    assert "must be empty" in str(call("restore", "backup.db", "again.db").exception)


def test_damage_is_exit_code_1_and_names_the_event() -> None:
    facts("backup", "hall.db", "backup.db")
    for path in ("hall.db", "backup.db"):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE mppkit_event SET data = '9' WHERE stream = 1 AND version = 2")
        connection.close()
    for arguments in (("copy", "hall.db", "c.db"), ("backup", "hall.db", "b.db"), ("restore", "backup.db", "r.db")):
        told = facts(*arguments, exit_code=1)
        assert (told["outcome"], told["stream"], told["version"]) == ("damaged", FRONT, 2)
    assert not Path("b.db").exists()
    assert facts("verify", "backup.db", exit_code=1)["chain"] == "broken"


def test_a_file_that_is_damaged_where_no_event_stands_is_not_verified() -> None:
    facts("backup", "hall.db", "backup.db")
    with sqlite3.connect("backup.db") as connection:
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mppkit_event_request'")
        [(size,)] = connection.execute("PRAGMA page_size")
    connection.close()
    whole = bytearray(Path("backup.db").read_bytes())
    whole[page * size - 2] ^= 1  # of an index, which no audit reads
    Path("backup.db").write_bytes(whole)
    done = call("verify", "backup.db")
    assert isinstance(done.exception, MppkitError)
    assert "the file is damaged" in str(done.exception)


def test_a_backup_is_named_as_it_was_given() -> None:
    assert facts("backup", "hall.db", "sri@hall=1 10:30.db")["to"] == "sri@hall=1 10:30.db"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["copy", "none.db", "to.db"], "there is no such file"),
        (["copy", "hall.db", "mysql://me:geheim@host/x"], "sqlite:///file"),
        (["copy", "postgresql://me:geheim@127.0.0.1:1/x?connect_timeout=1&password=geheim", "to.db"], "127.0.0.1:1"),
        (["backup", "none.db", "to.db"], "there is no such file"),
        (["backup", "hall.db", "none/to.db"], "make it first"),
        (["restore", "none.db", "to.db"], "no such file"),
        (["verify", "none.db"], "there is no such file"),
        (["copy", "hall.db", "host=127.0.0.1 dbname=malls password=geheim"], "postgresql://host/database"),
        (["verify", "host=127.0.0.1 password=geheim:7"], "postgresql://host/database"),
        (["restore", "notes.txt", "to.db"], "not a database"),
        (["backup", "hall.db", "postgresql://me:geheim@db/x"], "a backup is a file"),
        (["backup", "hall.db", "host=db password=geheim"], "a backup is a file"),
        (["backup", "hall.db", "memory:"], "a backup is a file"),
        (["backup", "hall.db", "sqlite:///to.db"], "give its name, such as to.db"),
        (["restore", "sqlite:///hall.db", "to.db"], "give its name, such as hall.db"),
        (["restore", "hall.db", "memory:"], "gone when the command ends"),
        (["copy", "hall.db", "memory:"], "gone when the command ends"),
        (["copy", "hall.db", "hall.db"], "it is the store that is to be copied"),
        (["copy", "hall.db", "sqlite:///./hall.db?synchronous=normal"], "it is the store that is to be copied"),
        (["restore", "hall.db", "./hall.db"], "it is the store that is to be copied"),
        (["copy", "hall.db", "to.db", "--mall", "tidakada"], "the store has badung, blora"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_is_one_message_without_the_password_and_makes_nothing(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("notes.txt").write_text("nothing yet\n" * 100)
    if "127.0.0.1" in says:
        postgres = pytest.importorskip("mppkit.storage.postgres")
        monkeypatch.setattr(postgres, "_PATIENCE", 0.1)
    done = call(*arguments)
    said = done.output + str(done.exception)
    assert isinstance(done.exception, MppkitError) or done.exit_code == 2
    assert says in said
    assert "geheim" not in said
    assert {path.name for path in Path().iterdir()} <= {"hall.db", "hall.db.lock", "notes.txt"}


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_a_copy_into_a_link_to_the_source_is_none(link: Callable[[str, str], None]) -> None:
    try:
        link("hall.db", "link.db")
    except (OSError, NotImplementedError):
        pytest.skip("no such links here")
    assert "it is the store that is to be copied" in str(call("copy", "hall.db", "link.db").exception)


def test_a_target_that_is_not_empty_is_named_with_its_address() -> None:
    facts("backup", "hall.db", "backup.db")
    done = call("restore", "backup.db", "hall.db")
    assert str(done.exception).startswith("target sqlite:///hall.db: 'badung/")
    assert "must be empty" in str(done.exception)


def test_a_file_that_is_no_store_is_told_with_what_it_is() -> None:
    connection = sqlite3.connect("other.db")
    connection.execute("CREATE TABLE pegawai(nama TEXT)")
    connection.close()
    Path("empty.db").touch()
    Path("photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3000))
    for address, says in (
        ("sqlite:///other.db?shared=yes", "another application's file, which holds no store of mppkit"),
        ("empty.db", "an empty file, which holds no store of mppkit"),
        ("photo.png", "a file of another kind, or damaged at its beginning: name a store, or restore a backup"),
    ):
        assert says in str(call("verify", address).exception)


def test_as_a_program_it_exits_with_2_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mppkit", "store", "copy", "none.db", "to.db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mppkit: ")
    assert "Traceback" not in done.stderr


def test_an_address_is_shown_without_its_password() -> None:
    from mppkit.storage.opening import shown_address

    for url in ("postgresql://me:geheim@db/x", "postgresql://db/x?user=me&password=geheim&sslmode=require"):
        assert "geheim" not in shown_address(url)
        assert "db/x" in shown_address(url)
    assert shown_address("sqlite:////srv/hall.db?synchronous=normal") == "sqlite:////srv/hall.db?synchronous=normal"
