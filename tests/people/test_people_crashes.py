"""A process that dies at any moment leaves nobody without a key and no key that cannot be found and destroyed."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from mppkit.errors import StorageError, TransitionError
from mppkit.people import FolderKeyRing, KeyRing, MemoryKeyRing, Status, new_mall_key
from mppkit.storage import MemoryStore, audit


class Killed(BaseException):
    """The process is dead from here on."""


class Fuse:
    """Burns at the n-th touch: before the thing is done, or just after it."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.error: Callable[[], BaseException] = Killed

    def around(self, work: Callable) -> Callable:
        def touched(*given: object, **named: object) -> object:
            self.touch()
            done = work(*given, **named)
            self.touch()
            return done

        return touched

    def touch(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.left = None
                raise self.error()


class Fused:
    """A store or ring whose writing verbs hang on a fuse."""

    def __init__(self, inner: object, fuse: Fuse, *verbs: str) -> None:
        self._inner, self._fuse, self._verbs = inner, fuse, verbs

    def __getattr__(self, verb: str) -> object:
        found = getattr(self._inner, verb)
        return self._fuse.around(found) if verb in self._verbs else found


COMMANDS: dict[str, Callable] = {
    "register": lambda desk, subject, terms: desk.register(
        {"nik": "5103014708900002", "name": "Putu"}, terms, who="sri", request_id="r-1"
    ),
    "add": lambda desk, subject, terms: desk.add(subject, {"email": "a@b.example"}, terms, who="sri", request_id="r-1"),
    "correct": lambda desk, subject, terms: desk.correct(
        subject, {"phone": "081299999999"}, who="sri", why="ganti", request_id="r-1"
    ),
    "erase one": lambda desk, subject, terms: desk.erase(
        subject, who="sri", why="permintaan", fields=["phone"], request_id="r-1"
    ),
    "erase": lambda desk, subject, terms: desk.erase(subject, who="sri", why="permintaan", request_id="r-1"),
    "retention": lambda desk, subject, terms: desk.enforce_retention(who="sri"),
    "finish": lambda desk, subject, terms: desk.finish_erasures(),
    "rotate": lambda desk, subject, terms: desk.rotate_mall_key(who="ops"),
}
TAKEN = {"nik": "5103011708900001", "name": "Made", "phone": "+6281234567890"}


class Scene:
    """A person on a store and ring that hang on a fuse, and what must hold after any crash."""

    def __init__(self, make_office: Callable, terms: object, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
        monkeypatch.setenv("MPPKIT_MALL_KEYS", os.environ["MPPKIT_MALL_KEYS"].split()[0])
        self.fuse = Fuse()
        self.store, self.ring = MemoryStore(), MemoryKeyRing()
        self.office = make_office(
            Fused(self.store, self.fuse, "append"), Fused(self.ring, self.fuse, "add", "replace", "destroy")
        )
        self.whole = make_office(self.store, self.ring)
        self.subject = self.office.desk.register(TAKEN, terms, who="sri")
        self.bystander = self.office.desk.register(TAKEN, terms, who="sri")
        self.terms, self.command = terms, command
        if command == "rotate":
            monkeypatch.setenv("MPPKIT_MALL_KEYS", f"{os.environ['MPPKIT_MALL_KEYS']} {new_mall_key('2026-12')}")
        if command == "retention":
            for each in (self.office, self.whole):
                each.later(366)
        if command == "finish":
            pieces = {name: self.ring.get(name) for name in self.ring.names("")}
            self.office.desk.erase(self.subject, who="sri", why="permintaan")
            for name, piece in pieces.items():  # the ring comes back from a copy
                self.ring.add(name, piece)

    def run(self, desk: object) -> object:
        return COMMANDS[self.command](desk, self.subject, self.terms)

    def check_nobody_lost(self) -> None:
        """Whoever was taken in and not erased can be read whole; who was to be erased cannot."""
        check = self.whole.desk.check()
        assert check.keyless == ()
        for stream in {row.stream for row in self.store.read_all() if "/person/" in row.stream}:
            subject = stream.rpartition("/")[2]
            person = self.whole.desk.person(subject)
            if person.status in (Status.ERASING, Status.ERASED):
                with pytest.raises(Exception, match="eras"):
                    self.whole.values(subject)
            else:
                assert set(self.whole.values(subject)) == {kept.field for kept in person.fields}

    def check_all_ends_well(self) -> None:
        """The command done again by another process ends as if nothing had been, once the strays are gone."""
        self.run(self.whole.desk)
        self.whole.desk.finish_erasures()
        self.whole.desk.destroy_strays(self.whole.desk.check().strays)
        check = self.whole.desk.check()
        assert (check.unfinished, check.revived, check.keyless, check.strays) == ((), (), (), ())
        living = {name.split(".")[1] for name in self.ring.names("key.")}
        assert {name.split(".")[2] for name in self.ring.names("tag.")} == living
        for subject in living:
            assert self.whole.desk.person(subject).status is Status.ACTIVE
        if self.command in ("erase", "retention", "finish"):
            assert self.whole.desk.person(self.subject).status is Status.ERASED
            assert self.subject not in living
        registered = [row for row in self.store.read_all() if row.name == "people.person_registered"]
        assert len(registered) == (3 if self.command == "register" else 2)
        assert self.whole.desk.rotate_mall_key(who="ops") == 0
        assert audit(self.store).intact


@pytest.mark.parametrize("error", [Killed, lambda: StorageError("the disk is full")], ids=["killed", "failing"])
@pytest.mark.parametrize("command", COMMANDS)
def test_whatever_breaks_wherever_nobody_is_lost_and_nothing_stays(
    make_office: Callable, terms, monkeypatch: pytest.MonkeyPatch, command: str, error: Callable
) -> None:
    for moment in count(1):
        scene = Scene(make_office, terms, monkeypatch, command)
        scene.fuse.error, scene.fuse.left = error, moment
        try:
            scene.run(scene.office.desk)
            through = scene.fuse.left is not None
            assert through, "the command hid the error"
        except (Killed, StorageError):
            through = False
            scene.check_nobody_lost()
        scene.fuse.left = None
        scene.check_all_ends_well()
        if through:
            break
    assert moment > 4


def test_a_crash_between_destroying_and_recording_is_found_and_ended(make_office, terms, monkeypatch) -> None:
    scene = Scene(make_office, terms, monkeypatch, "erase")
    key = scene.whole.desk._vault.persons.view(scene.subject, lambda dossier: dossier.key)
    destroy = scene.ring.destroy

    def destroy_and_die(name: str) -> None:
        destroy(name)
        if name.startswith("key."):
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(scene.ring, "destroy", destroy_and_die)
        with pytest.raises(Killed):
            scene.run(scene.whole.desk)
    after = make_office(scene.store, scene.ring)
    assert after.names(scene.subject) == ["person_registered", "erasure_ordered"]
    assert after.desk.check().unfinished == (scene.subject,)
    assert f"key.{scene.subject}.{key}" not in scene.ring.names("key.")
    monkeypatch.setenv("MPPKIT_MALL_KEYS", "")  # nothing needs to be opened to end it
    assert after.desk.finish_erasures() == (scene.subject,)
    assert after.names(scene.subject)[-1] == "erased"
    assert after.desk.finish_erasures() == ()


def test_an_erased_person_who_comes_back_with_a_copy_of_the_ring_is_destroyed_again(office) -> None:
    subject = office.register()
    pieces = {name: office.ring.get(name) for name in office.ring.names("")}
    office.desk.erase(subject, who="sri", why="permintaan")
    for name, piece in pieces.items():
        office.ring.add(name, piece)
    assert office.desk.find(nik="5103011708900001") == ()
    assert office.desk.check().revived == (subject,)
    assert office.desk.finish_erasures() == (subject,)
    assert list(office.ring.names("key.")) == list(office.ring.names("tag.")) == []
    assert office.desk.check().revived == ()


def test_the_wrong_ring_erases_nobody(office, make_office) -> None:
    subject = office.register()
    wrong = make_office(office.store, MemoryKeyRing())
    assert wrong.desk.check().keyless == (subject,)
    assert wrong.desk.finish_erasures() == ()
    with pytest.raises(StorageError, match="is it the right ring"):
        wrong.desk.read(subject, ["name"], who="sri", why="periksa")
    assert wrong.desk.enforce_retention(who="sri").erased == ()
    assert office.values(subject)["name"] == "Ni Luh Planted-Suryani"


# --- others who are faster ---


def test_a_change_that_loses_against_an_erasure_leaves_no_key(office, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = office.register()
    add = office.ring.add

    def erased_meanwhile(name: str, piece: bytes) -> bytes:
        done = add(name, piece)
        if name.startswith("key."):
            office.another_desk().erase(subject, who="wayan", why="permintaan")
        return done

    monkeypatch.setattr(office.ring, "add", erased_meanwhile)
    with pytest.raises(TransitionError, match="erased"):
        office.desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan")
    assert list(office.ring.names("key.")) == list(office.ring.names("tag.")) == []


def test_a_read_finds_the_value_again_whose_key_is_replaced_at_this_moment(
    office, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = office.register()
    get, turns = office.ring.get, iter(["Made", "Putu", "Ketut"])

    def corrected_meanwhile(name: str) -> bytes | None:
        if name.startswith("key.") and (value := next(turns, None)):
            office.another_desk().correct(subject, {"name": value}, who="wayan", why="ejaan")
        return get(name)

    monkeypatch.setattr(office.ring, "get", corrected_meanwhile)
    [name] = office.desk.read(subject, ["name"], who="sri", why="periksa").values()
    assert name.reveal() in ("Made", "Putu", "Ketut")
    assert next(turns, None) is None


def test_a_read_hands_nothing_out_of_who_is_erased_at_this_moment(office, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = office.register()
    get = office.ring.get

    def erased_meanwhile(name: str) -> bytes | None:
        monkeypatch.setattr(office.ring, "get", get)
        office.another_desk().erase(subject, who="wayan", why="permintaan")
        return get(name)

    monkeypatch.setattr(office.ring, "get", erased_meanwhile)
    with pytest.raises(TransitionError, match="erased"):
        office.desk.read(subject, ["name"], who="sri", why="periksa")


# --- the folder ---


@pytest.fixture
def fused_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fuse]:
    """The calls by which a folder changes, on a fuse."""
    fuse = Fuse()
    with monkeypatch.context() as patch:
        for call in ("link", "replace", "unlink", "fsync", "mkdir"):
            patch.setattr(os, call, fuse.around(getattr(os, call)))
        yield fuse


def put(ring: KeyRing) -> None:
    ring.add("key.p-a.x", b"first")


def replace(ring: KeyRing) -> None:
    ring.replace("key.p-a.x", b"second")


def destroy(ring: KeyRing) -> None:
    ring.destroy("key.p-a.x")


@pytest.mark.parametrize(
    ("before", "work", "allowed"),
    [
        ((), put, {None, b"first"}),
        ((put,), put, {b"first"}),
        ((put,), replace, {b"first", b"second"}),
        ((put, replace), destroy, {b"second", None}),
    ],
)
def test_a_folder_holds_a_piece_whole_or_not_at_all_and_what_is_destroyed_is_gone(
    tmp_path: Path, fused_system: Fuse, before: tuple, work: Callable, allowed: set
) -> None:
    for moment in count(1):
        folder = tmp_path / str(moment)
        ring = FolderKeyRing(folder)
        for earlier in before:
            earlier(ring)
        fused_system.left = moment
        try:
            work(ring)
            through = True
        except Killed:
            through = False
        fused_system.left = None
        again = FolderKeyRing(folder)
        assert again.get("key.p-a.x") in allowed
        assert set(again.names("key.")) <= {"key.p-a.x"}
        again.destroy("key.p-a.x")
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        if through:
            break
    assert moment > 4
