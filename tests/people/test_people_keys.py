"""The mall's key and the ring: what they take, how keys are replaced, and who was reachable through one."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit.clock import VirtualClock
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, StorageError, TransitionError
from mppkit.people import (
    EnvironmentKeyProvider,
    FileKeyProvider,
    FolderKeyRing,
    MemoryKeyRing,
    Terms,
    Wrapped,
    add_mall_key,
    new_mall_key,
)
from mppkit.people.breach import spans
from mppkit.people.desk import PeopleDesk
from mppkit.people.dossier import Holding, Rotation
from mppkit.storage import MemoryStore
from mppkit.testing.racing import at_once

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


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such lock")
def test_who_adds_a_key_at_the_same_moment_as_others_leaves_a_file_that_can_be_read(tmp_path: Path) -> None:
    def add(id_: str) -> str:
        try:
            add_mall_key(tmp_path / "mall.keys", id_)
        except InvalidValueError as taken:
            return str(taken)
        return "added"

    for turn in range(20):
        told = at_once(*[partial(add, f"{turn}-{n % 4}") for n in range(8)])
        assert told.count("added") == 4
        assert len((tmp_path / "mall.keys").read_text().split()) == 4 * (turn + 1)
        FileKeyProvider(tmp_path / "mall.keys")


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


def test_a_folder_that_others_can_read_or_that_is_none_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(StorageError, match="chmod go="):
        FolderKeyRing(tmp_path / "open")
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "no" / "folder"):
        with pytest.raises(StorageError, match="cannot be opened"):
            FolderKeyRing(wrong)


def test_a_piece_that_is_destroyed_while_it_is_replaced_stays_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, other = FolderKeyRing(tmp_path / "ring"), FolderKeyRing(tmp_path / "ring")
    ring.add("key.p-a.x", b"one")
    really = os.replace

    def destroyed_meanwhile(unfinished: str, target: Path) -> None:
        other.destroy("key.p-a.x")
        really(unfinished, target)

    monkeypatch.setattr(os, "replace", destroyed_meanwhile)
    ring.replace("key.p-a.x", b"two")
    assert ring.get("key.p-a.x") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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


def test_one_damaged_piece_stops_no_other_and_is_named(office, planted, rotate) -> None:
    damaged, changed, whole = (office.register() for _ in range(3))
    [first], [second] = office.ring.names(f"key.{damaged}."), office.ring.names(f"key.{changed}.")
    sound = {name: office.ring.get(name) for name in (first, second)}
    office.ring.replace(first, b"{")
    office.ring.replace(second, sound[second].replace(b"A", b"B").replace(b"g", b"h"))
    assert office.desk.check().damaged == tuple(sorted((first, second)))
    rotate("2026-12")
    for _ in range(2):  # what is damaged is told each time
        with pytest.raises(StorageError) as stopped:
            office.desk.rotate_mall_key(who="ops")
        assert first in str(stopped.value)
        assert second in str(stopped.value)
        assert whole not in str(stopped.value)
        names = [row.name for row in office.store.read("badung/mall-key/rotations")]
        assert names.count("people.key_rotation_finished") == 0
    for name, piece in sound.items():
        office.ring.replace(name, piece)
    assert office.desk.rotate_mall_key(who="ops") == 2
    os.environ["MPPKIT_MALL_KEYS"] = os.environ["MPPKIT_MALL_KEYS"].split()[1]
    assert all(office.values(subject) == planted for subject in (damaged, changed, whole))
    assert office.desk.check().damaged == ()


def test_whose_key_is_damaged_is_erased_and_then_the_rotation_ends(office, rotate) -> None:
    damaged, whole = office.register(), office.register()
    [name] = office.ring.names(f"key.{damaged}.")
    office.ring.replace(name, b"")
    rotate("2026-12")
    with pytest.raises(StorageError, match=name):
        office.desk.rotate_mall_key(who="ops")
    office.desk.erase(damaged, who="sri", why="permintaan")
    assert office.desk.rotate_mall_key(who="ops") == 0
    assert office.desk.check().damaged == ()
    assert office.values(whole)


def test_what_is_missing_or_none_of_the_rings_own_is_named(office, planted) -> None:
    subject = office.register()
    [key] = office.ring.names(f"key.{subject}.")
    [tag, _] = office.ring.names("tag.")
    index = office.ring.get("index.key")
    office.ring.destroy(tag)
    office.ring.add(f"{key}.bak", office.ring.get(key))
    office.ring.add("tag.notes", b"")
    assert office.desk.check().damaged == tuple(sorted((f"{key}.bak", "tag.notes", tag)))
    for name in (f"{key}.bak", "tag.notes"):
        office.ring.destroy(name)
    office.ring.add(tag, b"")
    office.ring.replace("index.key", b"x")
    assert office.desk.check().damaged == ("index.key",)
    office.ring.destroy("index.key")
    assert office.desk.check().damaged == ("index.key",)
    other = office.another_desk()
    for command in (
        lambda: other.find(nik=planted["nik"]),
        lambda: other.register({"name": "Made"}, Terms(purpose="x", basis="consent", keep_days=1), who="sri"),
        lambda: other.destroy_strays([f"{subject}.{'b' * 16}"]),
    ):
        with pytest.raises(StorageError, match=r"lost its index\.key"):
            command()
    office.ring.add("index.key", index)
    assert other.find(nik=planted["nik"]) == (subject,)


def test_files_of_others_in_the_folder_are_passed_over(make_office, tmp_path: Path, planted) -> None:
    ring = FolderKeyRing(tmp_path / "ring")
    office = make_office(MemoryStore(), ring)
    subject = office.register()
    [key] = ring.names(f"key.{subject}.")
    folder = tmp_path / "ring" / key[:7]
    for foreign in (
        folder / ".DS_Store",
        folder / "KTP 5103011708900001.jpg",
        folder / "index.key",
        tmp_path / "ring" / "key.txt",
        tmp_path / "ring" / "README",
    ):
        foreign.write_text("x")
    for other in ("key.old", "lost+found", "key.p-a/key.p-ab", f"{key[:7]}/key.p-bbb.x"):
        (tmp_path / "ring" / other).mkdir(exist_ok=True, parents=True)
    assert ring.names("key.") == [key]
    assert office.desk.finish_erasures() == ()
    check = office.desk.check()
    assert (check.strays, check.damaged, check.keyless) == ((), (), ())
    assert office.values(subject) == planted


def test_a_ring_of_another_mall_is_refused_before_anything_is_destroyed(office, planted) -> None:
    subject = office.register()
    pieces = {name: office.ring.get(name) for name in office.ring.names("")}
    blora = PeopleDesk(mall="blora", store=MemoryStore(), clock=office.clock, keys=office.keys, ring=office.ring)
    terms = Terms(purpose="x", basis="consent", keep_days=1)
    [stray] = [name.removeprefix("key.") for name in pieces if name.startswith("key.")]
    for command in (
        blora.check,
        blora.finish_erasures,
        lambda: blora.destroy_strays([stray]),
        lambda: blora.register({"name": "Made"}, terms, who="sri"),
        lambda: blora.find(nik=planted["nik"]),
        lambda: blora.rotate_mall_key(who="ops"),
    ):
        with pytest.raises(StorageError, match="belongs to mall 'badung', not to 'blora'"):
            command()
    assert {name: office.ring.get(name) for name in office.ring.names("")} == pieces
    assert office.values(subject) == planted


def test_nobody_is_told_to_be_erased_whose_key_lies_in_another_ring(office, make_office) -> None:
    subject, ring = office.register(), MemoryKeyRing()
    blora = PeopleDesk(mall="blora", store=MemoryStore(), clock=office.clock, keys=office.keys, ring=ring)
    blora.register({"name": "Made"}, Terms(purpose="x", basis="consent", keep_days=1), who="sri")
    wrong = make_office(office.store, ring)
    with pytest.raises(StorageError, match="belongs to mall 'blora'"):
        wrong.desk.erase(subject, who="sri", why="permintaan")
    assert office.desk.check().unfinished == (subject,)
    assert office.desk.finish_erasures() == (subject,)
    assert office.names(subject)[-2:] == ["erasure_ordered", "erased"]


def test_strays_are_what_check_told_and_none_is_destroyed_where_one_is_in_use(office) -> None:
    subject = office.register()
    key = office.desk._vault.persons.view(subject, lambda dossier: dossier.key)
    stray = office.desk._keys.make(f"p-{'b' * 32}", {}).id
    strays = office.desk.check().strays
    assert strays == (f"p-{'b' * 32}.{stray}",)
    with pytest.raises(TransitionError, match="in use"):
        office.desk.destroy_strays([*strays, f"{subject}.{key}"])
    assert office.desk.check().strays == strays
    for wrong in (5, None, strays[0]):
        with pytest.raises(InvalidValueError, match="strays"):
            office.desk.destroy_strays(wrong)
    office.desk.destroy_strays(strays)
    assert office.desk.check().strays == ()


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
    for unknown in ("2026-1l", "2026-1l:c2VjcmV0LWtleQ"):
        with pytest.raises(NotFoundError, match=r"did you mean '2026-1[12]'") as missing:
            office.desk.reachable(unknown, began, end)
        assert "c2VjcmV0" not in str(missing.value)


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


@given(
    st.datetimes(datetime(2027, 12, 1), datetime(2028, 3, 2)),  # noqa: DTZ001 -- a year's end, and a 29 February
    st.integers(1, 800),
    st.sampled_from([timezone(timedelta(hours=8)), timezone(timedelta(hours=-5)), UTC]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_kept_for_days_is_due_so_many_times_24_hours_later_and_not_a_moment_before(
    keys, at: datetime, days: int, zone: timezone
) -> None:
    class Here(VirtualClock):
        """A clock that tells its own zone's time."""

        def now(self) -> datetime:
            return super().now().astimezone(zone)

    clock = Here(at.replace(tzinfo=UTC))
    desk = PeopleDesk(mall="badung", store=MemoryStore(), clock=clock, keys=keys, ring=MemoryKeyRing())
    subject = desk.register({"name": "Made"}, Terms(purpose="x", basis="consent", keep_days=days), who="sri")
    end = clock.now() + timedelta(days=days)
    clock.move_to(end - timedelta(microseconds=1))
    assert desk.read(subject, ["name"], who="sri", why="periksa")
    assert desk.retention_due() == ()
    assert desk.enforce_retention(who="ops").erased == ()
    clock.move_to(end)
    with pytest.raises(RefusedError, match="person_retention_over"):
        desk.read(subject, ["name"], who="sri", why="periksa")
    assert [due.subject for due in desk.retention_due()] == [subject]
    assert desk.enforce_retention(who="ops").erased == (subject,)


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
