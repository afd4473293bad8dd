"""The mall's key and the ring: what they take, how keys are replaced, and who was reachable through one."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mppkit.errors import InvalidValueError, StorageError, TransitionError
from mppkit.people import (
    EnvironmentKeyProvider,
    FileKeyProvider,
    FolderKeyRing,
    KeyRing,
    MemoryKeyRing,
    Terms,
    Wrapped,
    add_mall_key,
    new_mall_key,
)
from mppkit.people.breach import spans
from mppkit.people.dossier import Holding, Rotation
from mppkit.storage import MemoryStore

SECRET = bytes(range(32))


@pytest.fixture
def rotate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes another key the mall's current one."""

    def add(id_: str) -> None:
        monkeypatch.setenv("MPPKIT_MALL_KEYS", f"{os.environ['MPPKIT_MALL_KEYS']}\n{new_mall_key(id_)}")

    return add


# --- the mall's key ---


def test_a_file_of_keys_is_made_added_to_and_seen_at_once_by_who_uses_it(tmp_path: Path) -> None:
    path = tmp_path / "mall.keys"
    add_mall_key(path, "2026-11")
    assert path.stat().st_mode & 0o777 == 0o600
    keys = FileKeyProvider(path)
    old = keys.wrap(SECRET, "here")
    add_mall_key(path, "2026-12")
    new = keys.wrap(SECRET, "here")
    assert (old.mall_key, new.mall_key, keys.current()) == ("2026-11", "2026-12", "2026-12")
    assert keys.unwrap(old, "here") == keys.unwrap(new, "here") == SECRET
    path.write_text(path.read_text().splitlines()[1])
    with pytest.raises(StorageError, match="removed too early"):
        keys.unwrap(old, "here")
    assert keys.unwrap(new, "here") == SECRET
    add_mall_key(path, "2027-01")
    assert keys.current() == "2027-01"


def test_a_secret_is_bound_to_its_place_and_its_key(tmp_path: Path) -> None:
    for name in ("a", "b"):
        add_mall_key(tmp_path / name, "same")
    first, second = FileKeyProvider(tmp_path / "a"), FileKeyProvider(tmp_path / "b")
    wrapped = first.wrap(SECRET, "here")
    for keys, bound in ((first, "there"), (second, "here")):
        with pytest.raises(StorageError, match="cannot be opened"):
            keys.unwrap(wrapped, bound)
    assert SECRET.hex() not in repr(wrapped)
    assert wrapped.sealed not in repr(wrapped)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "mall.keys"
    add_mall_key(path, "2026-11")
    path.chmod(mode)
    with pytest.raises(StorageError, match="chmod go="):
        FileKeyProvider(path)
    with pytest.raises(StorageError, match="chmod go="):
        add_mall_key(path, "2026-12")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2026-11",
        "2026-11:",
        "2026-11:QUJD",
        "2026-11:not base64",
        f"A B:{'A' * 43}=",
        f"a:{'A' * 43}= a:{'B' * 43}=",
        f"a:{'A' * 43}= b",
    ],
)
def test_a_text_that_holds_no_keys_is_refused_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("MPPKIT_MALL_KEYS", text)
    with pytest.raises(InvalidValueError) as refused:
        EnvironmentKeyProvider()
    assert "AAAA" not in str(refused.value)
    path = tmp_path / "mall.keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(InvalidValueError):
        FileKeyProvider(path)


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        FileKeyProvider(tmp_path / "none")
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(StorageError, match="cannot be read"):
        FileKeyProvider(path)
    with pytest.raises(StorageError, match="cannot be written"):
        add_mall_key(tmp_path / "no" / "folder", "2026-11")


def test_a_key_id_is_used_once(tmp_path: Path) -> None:
    add_mall_key(tmp_path / "mall.keys", "2026-11")
    for wrong in ("2026-11", "Not An Id", ""):
        with pytest.raises(InvalidValueError):
            add_mall_key(tmp_path / "mall.keys", wrong)


def test_a_provider_of_your_own_never_hands_the_mall_key_out(make_office, planted) -> None:
    class Service:
        """As a key service would: it keeps the secrets itself."""

        kept: tuple[bytes, ...] = ()

        def current(self) -> str:
            return "service-1"

        def wrap(self, secret: bytes, bound: str) -> Wrapped:
            Service.kept += (secret + bound.encode(),)
            return Wrapped(mall_key="service-1", sealed=str(len(Service.kept) - 1))

        def unwrap(self, wrapped: Wrapped, bound: str) -> bytes:
            kept = Service.kept[int(wrapped.sealed)]
            if kept[32:] != bound.encode():
                raise StorageError("not here")
            return kept[:32]

    office = make_office(MemoryStore(), MemoryKeyRing())
    office.desk = office.another_desk(keys=Service())
    subject = office.register()
    assert office.values(subject) == planted
    monkey = Service()
    monkey.unwrap = lambda wrapped, bound: b"short"  # type: ignore[method-assign]
    with pytest.raises(StorageError, match="5 bytes, not 32"):
        office.another_desk(keys=monkey).read(subject, ["name"], who="sri", why="periksa")


# --- the ring ---


@pytest.fixture(params=["memory", "folder"])
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyRing]:
    """Each ring in turn."""
    return MemoryKeyRing() if request.param == "memory" else FolderKeyRing(tmp_path / "ring")


def test_a_ring_keeps_replaces_and_destroys(ring: KeyRing) -> None:
    assert ring.get("key.p-a.x") is None
    assert ring.add("key.p-a.x", b"one") == b"one"
    assert ring.add("key.p-a.x", b"two") == b"one"
    assert ring.add("tag.0123.p-a.x", b"") == b""
    ring.replace("key.p-a.x", b"three")
    assert ring.get("key.p-a.x") == b"three"
    assert ring.get("tag.0123.p-a.x") == b""
    for _ in range(2):
        ring.destroy("key.p-a.x")
    assert ring.get("key.p-a.x") is None
    assert list(ring.names("")) == ["tag.0123.p-a.x"]


def test_a_ring_lists_by_prefix_in_order(ring: KeyRing) -> None:
    names = ["index.key", "key.p-a.x", "key.p-a.y", "key.p-ab.x", "key.q.x", "tag.0.p-a.x", "tag.01.p-a.x"]
    for name in reversed(names):
        ring.add(name, b"piece")
    ring.destroy("key.p-a.y")
    names.remove("key.p-a.y")
    for prefix in ("", "key.", "key.p-a.", "key.p-ab.", "key.q.", "tag.", "tag.0.", "tag.01.", "tag.2.", "index."):
        assert list(ring.names(prefix)) == [name for name in names if name.startswith(prefix)], prefix


@pytest.mark.parametrize("name", ["", "../key", "key/x", "KEY.x", "key.x~1", "key..x", ".key", "key.\x00", None])
def test_a_ring_takes_no_name_that_could_be_a_path(ring: KeyRing, name: object) -> None:
    for verb in (ring.get, ring.destroy, lambda n: ring.add(n, b""), lambda n: ring.replace(n, b"")):
        with pytest.raises(InvalidValueError):
            verb(name)


def test_a_folder_that_others_can_read_or_that_is_none_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(StorageError, match="chmod go="):
        FolderKeyRing(tmp_path / "open")
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "no" / "folder"):
        with pytest.raises(StorageError, match="cannot be opened"):
            FolderKeyRing(wrong)


# --- rotation ---


def test_rotation_moves_every_key_and_touches_no_person(office, planted, rotate) -> None:
    subjects = [office.register() for _ in range(3)]
    before = [office.store.read(f"badung/person/{subject}") for subject in subjects]
    assert office.desk.rotate_mall_key(who="ops") == 0
    rotate("2026-12")
    assert office.desk.rotate_mall_key(who="ops") == 4  # and the key of the index
    assert office.desk.rotate_mall_key(who="ops") == 0
    assert [office.store.read(f"badung/person/{subject}") for subject in subjects] == before
    os.environ["MPPKIT_MALL_KEYS"] = os.environ["MPPKIT_MALL_KEYS"].split()[1]
    other = office.another_desk()
    assert {*other.find(nik=planted["nik"])} == {*subjects}
    assert office.values(subjects[0]) == planted
    names = [row.name for row in office.store.read("badung/mall-key/rotations")]
    assert names == ["people.key_rotation_began", "people.key_rotation_finished"]


def test_a_key_destroyed_while_it_is_moved_stays_destroyed(office, rotate, monkeypatch) -> None:
    subject, other = office.register(), office.register()
    rotate("2026-12")
    replace = office.ring.replace

    def erased_meanwhile(name: str, piece: bytes) -> None:
        if subject in name:
            office.another_desk().erase(subject, who="sri", why="permintaan")
        if other in name:
            office.another_desk().correct(other, {"name": "Made"}, who="sri", why="ejaan")
        replace(name, piece)

    monkeypatch.setattr(office.ring, "replace", erased_meanwhile)
    office.desk.rotate_mall_key(who="ops")
    assert [name for name in office.ring.names("") if subject in name] == []
    assert len(list(office.ring.names(f"key.{other}."))) == 1
    assert office.values(other)["name"] == "Made"
    check = office.desk.check()
    assert (check.revived, check.strays, check.keyless) == ((), (), ())


def test_a_key_in_use_is_no_stray(office) -> None:
    subject = office.register()
    key = office.desk._vault.persons.view(subject, lambda dossier: dossier.key)
    with pytest.raises(TransitionError, match="in use"):
        office.desk.destroy_strays([f"{subject}.{key}"])


# --- who was reachable ---

AT = datetime(2026, 11, 1, tzinfo=UTC)


def days(n: float) -> datetime:
    return AT + timedelta(days=n)


def holding(from_day: float, destroyed: float | None = None) -> Holding:
    at = None if destroyed is None else days(destroyed)
    return Holding(key="k", mall_key="a", fields=("name",), from_at=days(from_day), destroyed_at=at)


def run(to: str, began: float, finished: float | None) -> Rotation:
    return Rotation(to=to, began_at=days(began), finished_at=None if finished is None else days(finished))


@pytest.mark.parametrize(
    ("held", "runs", "expected"),
    [
        (holding(1), (), {"a": (1, None)}),
        (holding(1, 5), (), {"a": (1, 5)}),
        (holding(1), (run("b", 3, 4),), {"a": (1, 4), "b": (3, None)}),
        (holding(1, 9), (run("b", 3, 4),), {"a": (1, 4), "b": (3, 9)}),
        (holding(1, 2), (run("b", 3, 4),), {"a": (1, 2)}),
        (holding(1), (run("b", 3, None),), {"a": (1, None), "b": (3, None)}),
        (holding(1), (run("b", 3, None), run("b", 5, 6)), {"a": (1, 6), "b": (3, None)}),
        (holding(5), (run("b", 3, 4),), {"a": (5, None)}),
        (holding(3.5), (run("b", 3, 4),), {"a": (3.5, None), "b": (3.5, None)}),
        (holding(1), (run("b", 3, 4), run("c", 6, 7)), {"a": (1, 4), "b": (3, 7), "c": (6, None)}),
        (holding(1), (run("b", 3, 4), run("a", 6, 7)), {"a": (1, None), "b": (3, 7)}),
    ],
)
def test_a_key_lay_under_each_mall_key_from_and_until(held: Holding, runs: tuple, expected: dict) -> None:
    assert spans(held, runs) == {
        key: (days(began), None if ended is None else days(ended)) for key, (began, ended) in expected.items()
    }


def test_a_breach_report_lists_who_was_reachable_and_what_was_read(office, rotate) -> None:
    began = office.clock.now()
    early, erased = office.register(), office.register()
    office.desk.erase(erased, who="sri", why="permintaan")
    office.later(10)
    office.desk.read(early, ["name"], who="wayan", why="periksa")
    rotate("2026-12")
    office.desk.rotate_mall_key(who="ops")
    rotated = office.clock.now()
    office.later(10)
    late = office.register()
    office.desk.read(early, ["nik"], who="sri", why="periksa")
    end = office.clock.now()

    found = {each.subject: each for each in office.desk.reachable("2026-11", began, end)}
    assert found.keys() == {early, erased}
    assert (found[early].from_at, found[early].to_at) == (began, rotated)
    assert found[early].fields == tuple(office.desk.person(early).fields[n].field for n in range(6))
    assert [(step.who, step.fields) for step in found[early].reads] == [("wayan", ("name",)), ("sri", ("nik",))]
    assert {each.subject for each in office.desk.reachable("2026-12", began, end)} == {early, late}
    assert {each.subject for each in office.desk.reachable("2026-12", began, rotated)} == {early}
    after = rotated + timedelta(seconds=1)
    assert office.desk.reachable("2026-11", after, end) == ()
    [only] = [each for each in office.desk.reachable("2026-12", after, end) if each.subject == early]
    assert [step.who for step in only.reads] == ["sri"]
    assert office.desk.reachable("no-such-key", began, end) == ()


@pytest.mark.parametrize("period", [(days(1), days(0)), (days(0).replace(tzinfo=None), days(1)), (days(0), "today")])
def test_a_period_that_cannot_be_is_refused(office, period: tuple) -> None:
    with pytest.raises(InvalidValueError):
        office.desk.reachable("2026-11", *period)


# --- retention ---


def test_what_is_due_is_told_and_destroyed_once(office, terms, planted) -> None:
    short = Terms(purpose="kabar layanan", basis="consent", keep_days=30)
    each = {**dict.fromkeys(planted, terms), "email": short}
    partly = office.desk.register(planted, each, who="sri")
    whole = office.desk.register({"email": "made@contoh.example"}, short, who="sri")
    held = office.desk.register({"email": "putu@contoh.example"}, short, who="sri")
    office.desk.restrict(held, who="sri", why="sengketa")
    assert office.desk.retention_due() == ()
    due = office.desk.retention_due(office.clock.now() + timedelta(days=30))
    assert {(each.subject, each.fields, each.held) for each in due} == {
        (partly, ("email",), False),
        (whole, ("email",), False),
        (held, ("email",), True),
    }
    office.later(30)
    with pytest.raises(Exception, match="person_retention_over"):
        office.desk.read(partly, ["email"], who="sri", why="kirim kabar")
    other = office.another_desk()
    run = office.desk.enforce_retention(who="ops")
    assert (run.erased, run.reduced, run.held) == ((whole,), (partly,), (held,))
    again = other.enforce_retention(who="ops")
    assert (again.erased, again.reduced, again.held) == ((), (), (held,))
    assert office.values(partly) == {name: planted[name] for name in planted if name != "email"}
    assert office.desk.person(whole).status == "erased"
    assert office.desk.person(partly).trail[1].why.endswith("(UU 27/2022 Pasal 42, 44)")
    office.desk.lift(held, who="sri", why="selesai")
    assert office.desk.enforce_retention(who="ops").erased == (held,)
    office.later(336)
    assert office.desk.enforce_retention(who="ops").erased == (partly,)
    assert list(office.ring.names("key.")) == []


def test_a_retention_run_goes_on_where_one_person_cannot_be_opened(office, terms, planted) -> None:
    short = Terms(purpose="kabar layanan", basis="consent", keep_days=30)
    each = {**dict.fromkeys(planted, terms), "email": short}
    first, lost, last = [office.desk.register(planted, each, who="sri") for _ in range(3)]
    [name] = office.ring.names(f"key.{lost}.")
    office.ring.destroy(name)
    office.later(31)
    with pytest.raises(StorageError, match=lost) as failed:
        office.desk.enforce_retention(who="ops")
    assert first not in str(failed.value)
    for subject in (first, last):
        assert "email" not in office.values(subject)
