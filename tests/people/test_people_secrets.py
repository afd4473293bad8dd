"""Nothing that was planted can be read anywhere: not in the store, its backup, the ring, a log, an error or a repr."""

import gc
import json
import logging
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mppkit.errors import MppkitError, StorageError
from mppkit.people import FolderKeyRing, new_mall_key
from mppkit.storage import SqliteStore, audit

KEPT = ("nik", "npwp", "name", "phone", "email", "address")


@pytest.fixture
def hall(tmp_path: Path, make_office: Callable) -> Iterator[object]:
    """An office on a file and a folder."""
    with SqliteStore(tmp_path / "mall.db") as store:
        yield make_office(store, FolderKeyRing(tmp_path / "ring"))


def test_the_search_finds_what_is_planted(find_leaks) -> None:
    """Or the tests below could not fail."""
    name = "Ni Luh Planted-Suryani"
    for shift in range(4):
        assert find_leaks(b64encode(b"x" * shift + name.encode() + b"yy")) == [name]
    assert find_leaks(f"...{name}...") == find_leaks(name.encode().hex()) == find_leaks(repr([name])) == [name]
    for spelled in ("0812-3456-7890", "0 8 1 2 3 4 5 6 7 8 9 0", "0987654321 80", "0812\x003456\x007890"):
        assert {"0812-3456-7890", "081234567890"} <= set(find_leaks(spelled)), spelled
    for wide in ("utf-16-le", "utf-16-be", "utf-32"):
        assert find_leaks("5103011708900001".encode(wide)) == ["5103011708900001", "510301 170890 0001"]
    assert find_leaks("Ni%20Luh%20Planted-Suryani") == find_leaks(name[::-1]) == [name]


def test_nothing_planted_is_on_the_disk_before_or_after_erasure(
    hall, tmp_path: Path, find_leaks, read_folder, caplog, capfd
) -> None:
    caplog.set_level(logging.DEBUG)
    subject, other = hall.register(), hall.register()
    hall.desk.read(subject, KEPT, who="sri", why="periksa")
    hall.desk.correct(subject, {"name": "Ni Luh Planted-Suryani"}, who="sri", why="ejaan")
    hall.desk.find(nik="5103011708900001")
    hall.desk.export(subject, who="sri", why="permintaan")
    shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-early")
    on_disk = read_folder(tmp_path)
    assert len(on_disk) > 20_000
    assert (tmp_path / "mall.db-wal").exists()
    assert find_leaks(on_disk) == []
    hall.desk.erase(subject, who="sri", why="permintaan")
    hall.later(400)
    hall.desk.enforce_retention(who="sri")
    assert hall.desk.person(other).status == "erased"
    assert find_leaks(read_folder(tmp_path)) == []
    assert find_leaks(caplog.text) == []
    assert find_leaks("".join(capfd.readouterr())) == []
    assert audit(hall.store).intact


def test_a_backup_of_the_store_holds_nothing_readable_once_the_key_is_gone(
    hall, tmp_path: Path, make_office: Callable, planted
) -> None:
    subject, other = hall.register(), hall.register()
    backup = tmp_path / "backup"
    backup.mkdir()
    for file in tmp_path.glob("mall.db*"):
        shutil.copy(file, backup / file.name)
    hall.desk.erase(subject, who="sri", why="permintaan")
    with SqliteStore(backup / "mall.db") as old:
        restored = make_office(old, hall.ring)
        assert restored.values(other) == planted
        with pytest.raises(StorageError, match="not in the key ring"):
            restored.values(subject)
        assert restored.desk.find(nik=planted["nik"]) == (other,)
        assert restored.desk.check().keyless == (subject,)
        # nor does any key that is left open it: what was sealed is sealed for one person
        rows = {name: old.read(f"badung/person/{name}") for name in (subject, other)}
        mine, theirs = (json.loads(rows[name][0].data) for name in (subject, other))
        key = restored.desk._keys.open(other, theirs["key"])
        for each in mine["fields"]:
            with pytest.raises(StorageError, match="cannot be opened"):
                key.unseal(each["kept"]["field"], each["sealed"])


def test_a_store_from_before_a_correction_names_whom_it_cannot_read_and_a_whole_correction_helps(
    hall, tmp_path: Path, make_office: Callable, planted
) -> None:
    subject, other = hall.register(), hall.register()
    backup = tmp_path / "backup"
    backup.mkdir()
    for file in tmp_path.glob("mall.db*"):
        shutil.copy(file, backup / file.name)
    hall.desk.correct(subject, {"name": "Ni Luh Suryani"}, who="sri", why="ejaan")
    with SqliteStore(backup / "mall.db") as old:
        restored = make_office(old, hall.ring)
        check = restored.desk.check()
        assert (check.keyless, len(check.strays), check.damaged) == ((subject,), 1, ())
        assert check.strays[0].startswith(f"{subject}.")
        with pytest.raises(StorageError, match="not in the key ring"):
            restored.desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan")
        restored.desk.destroy_strays(check.strays)
        restored.desk.correct(subject, {**planted, "name": "Made"}, who="sri", why="dipulihkan dari salinan lama")
        assert restored.values(subject) == {**planted, "name": "Made"}
        assert set(restored.desk.find(nik=planted["nik"])) == {subject, other}
        check = restored.desk.check()
        assert (check.unfinished, check.revived, check.keyless, check.strays, check.damaged) == ((),) * 5


def test_an_old_copy_of_the_ring_is_dead_once_the_mall_key_was_rotated_and_destroyed(
    hall, tmp_path: Path, make_office: Callable, planted, monkeypatch
) -> None:
    subject, other = hall.register(), hall.register()
    shutil.copytree(tmp_path / "ring", tmp_path / "old-ring")
    hall.desk.erase(subject, who="sri", why="permintaan")
    new = new_mall_key("2026-12")
    monkeypatch.setenv("MPPKIT_MALL_KEYS", f"{os.environ['MPPKIT_MALL_KEYS']} {new}")
    assert hall.desk.rotate_mall_key(who="ops") == 2
    monkeypatch.setenv("MPPKIT_MALL_KEYS", new)
    assert hall.values(other) == planted
    assert hall.desk.find(nik=planted["nik"]) == (other,)
    thief = make_office(hall.store, FolderKeyRing(tmp_path / "old-ring"))
    with pytest.raises(StorageError, match="2026-11"):
        thief.desk.find(nik=planted["nik"])
    with pytest.raises(StorageError, match="2026-11"):
        thief.values(other)


def shown_if_whole(thing: object) -> str:
    """Return what a thing shows; nothing for one that was refused half made, and is alive in another test's error."""
    try:
        return repr(thing)
    except AttributeError:
        return ""


def test_no_object_of_the_room_shows_a_secret_or_a_key(hall, find_leaks) -> None:
    subject = hall.register()
    read = hall.desk.read(subject, KEPT, who="sri", why="periksa")
    opened = hall.desk._keys.open(subject, hall.desk._vault.persons.view(subject, lambda d: d.key))
    dossier = hall.desk._vault.persons.view(subject, lambda d: repr(d))
    shown = [repr(each) for each in (read, hall.desk, hall.ring, hall.keys, opened, hall.desk.person(subject))]
    assert find_leaks(" ".join([*shown, dossier])) == []
    secret = opened._secret
    assert repr(secret) not in " ".join(shown)
    alive = [
        each for each in gc.get_objects() if str(getattr(type(each), "__module__", "")).startswith("mppkit.people")
    ]
    assert len(alive) > 5
    assert find_leaks(" ".join(map(shown_if_whole, alive))) == []


def test_no_error_shows_a_secret(hall, find_leaks, planted) -> None:
    subject = hall.register()
    hall.desk.erase(subject, who="sri", why="permintaan")
    texts = []
    for value in planted.values():
        for command in (
            lambda v=value: hall.desk.register({"nik": v, "name": v, "email": v, "phone": v}, None, who="sri"),
            lambda v=value: hall.desk.register({v: v}, None, who=v),
            lambda v=value: hall.desk.read(v, [v], who=v, why=v),
            lambda v=value: hall.desk.read(subject, [v], who="sri", why="x"),
            lambda v=value: hall.desk.read(subject, ["name"], who="sri", why="x"),
            lambda v=value: hall.desk.correct(subject, {"name": v}, who="sri", why="x"),
            lambda v=value: hall.desk.find(nik=v, phone=v),
            lambda v=value: hall.desk.person(v),
            lambda v=value: hall.desk.destroy_strays([v]),
        ):
            with pytest.raises(MppkitError) as refused:
                command()
            error: BaseException | None = refused.value
            while error is not None:
                texts.append(f"{error!r} {error}")
                error = error.__cause__ or error.__context__
    assert len(texts) >= 9 * 6
    assert find_leaks(" ".join(texts)) == []


def test_files_are_for_their_owner_only(hall, tmp_path: Path) -> None:
    hall.register()
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "ring").rglob("*") if path.is_file()}
    folders = {path.stat().st_mode & 0o777 for path in (tmp_path / "ring", *(tmp_path / "ring").iterdir())}
    assert modes == {0o600}
    assert folders == {0o700}


def test_without_the_extra_the_room_can_be_imported_and_a_desk_says_what_is_missing() -> None:
    script = """
import sys
sys.modules["cryptography"] = None
from mppkit import VirtualClock
from mppkit.errors import MissingExtraError
from mppkit.people import EnvironmentKeyProvider, MemoryKeyRing
from mppkit.people.desk import PeopleDesk
from mppkit.storage import MemoryStore
clock = VirtualClock("2026-11-24T08:00:00+08:00")
for make in (EnvironmentKeyProvider, lambda: PeopleDesk(
    mall="badung", store=MemoryStore(), clock=clock, keys=None, ring=MemoryKeyRing()
)):
    try:
        make()
    except MissingExtraError as missing:
        print(missing)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    line = 'people needs packages that are not installed: python -m pip install "mppkit[security]"\n'
    assert done.stdout == line * 2
