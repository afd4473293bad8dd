"""Processes that keep persons and are killed at random: nobody is lost, and nobody erased can be read.

`MPPKIT_KILLS=200 python -m pytest tests/people/test_people_kills.py` kills two hundred times on each store.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mppkit.clock import SystemClock
from mppkit.errors import TransitionError
from mppkit.people import FileKeyProvider, FolderKeyRing, Terms, add_mall_key
from mppkit.people.desk import PeopleDesk
from mppkit.storage import EventStore, audit, open_store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")

KILLS = int(os.environ.get("MPPKIT_KILLS", "5"))
TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
USUAL = {"register": 3, "correct": 4, "add": 2, "erase_one": 2, "erase": 2, "rotate": 1}
AFTER_A_RESTORE = {"register": 2, "erase": 4, "restore": 3, "rotate": 1}

WORKER = """
import json, random, shutil, sys
from pathlib import Path

from mppkit.clock import SystemClock
from mppkit.people import FileKeyProvider, FolderKeyRing, Terms, add_mall_key
from mppkit.people.desk import PeopleDesk
from mppkit.storage import open_store

url, folder, name, state, weights = sys.argv[1:]
chance, folder = random.Random(name), Path(folder)
state, weights = json.loads(state), json.loads(weights)
terms = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
make = {
    "nik": lambda: f"5103{chance.randrange(1, 99):02}1708{chance.randrange(60, 99)}{chance.randrange(1, 9999):04}",
    "phone": lambda: f"+62812{chance.randrange(10**7, 10**8)}",
    "name": lambda: f"Planted-{chance.randrange(10**9)}",
    "email": lambda: f"planted{chance.randrange(10**9)}@contoh.example",
}


def say(kind, **facts):
    print(kind + json.dumps(facts), flush=True)


desk = PeopleDesk(
    mall="badung",
    store=open_store(url),
    clock=SystemClock(),
    keys=FileKeyProvider(folder / "keys"),
    ring=FolderKeyRing(folder / "ring"),
)
say("ready")
for turn in range(10**9):
    [command] = chance.choices(list(weights), list(weights.values()))
    living = [subject for subject, values in state.items() if values]
    subject = chance.choice(living) if living else None
    if command == "rotate":
        say("asks", command=command)
        add_mall_key(folder / "keys", f"{name}-{turn}")
        desk.rotate_mall_key(who="ops")
        say("done")
    elif command == "restore":
        say("asks", command=command)
        shutil.copytree(folder / "old-ring", folder / "ring", dirs_exist_ok=True)
        desk.finish_erasures()
        say("done")
    elif command == "register" or subject is None:
        after = {field: make[field]() for field in ("nik", "phone", "name")}
        say("asks", command="register", request_id=f"{name}-{turn}", values=after)
        subject = desk.register(after, terms, who="sri", request_id=f"{name}-{turn}")
        state[subject] = after
        say("done", subject=subject, values=after)
    else:
        kept = state[subject]
        new = {field: make[field]() for field in chance.sample(sorted(kept), chance.randint(1, len(kept)))}
        one = chance.choice(sorted(kept))
        if command == "add" and "email" in kept:
            command = "correct"
        after = {
            "correct": {**kept, **new},
            "add": {**kept, "email": make["email"]()},
            "erase_one": {field: value for field, value in kept.items() if field != one},
            "erase": {},
        }[command]
        say("asks", command=command, subject=subject, values=after)
        if command == "correct":
            desk.correct(subject, new, who="sri", why="ganti")
        elif command == "add":
            desk.add(subject, {"email": after["email"]}, terms, who="sri")
        else:
            desk.erase(subject, who="sri", why="permintaan", fields=[one] if command == "erase_one" else None)
        state[subject] = after
        say("done", subject=subject, values=after)
"""


class Keeping:
    """A store and a ring that processes share, what they have acknowledged, and all values there ever were."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.state: dict[str, dict[str, str]] = {}
        self.values: set[str] = set()
        self.acknowledged = self.healed = 0
        add_mall_key(folder / "keys", "first")

    def desk(self, store: EventStore) -> PeopleDesk:
        keys, ring = FileKeyProvider(self.folder / "keys"), FolderKeyRing(self.folder / "ring")
        return PeopleDesk(mall="badung", store=store, clock=SystemClock(), keys=keys, ring=ring)

    def work_and_die(self, number: int, chance: random.Random) -> list[dict[str, Any]]:
        """Have processes work on persons of their own, kill each, and return what was asked and not answered."""
        weights, names = USUAL, ("a", "b")
        if number % 3 == 2:  # one alone: who puts files back has stopped the others before
            shutil.rmtree(self.folder / "old-ring", ignore_errors=True)
            shutil.copytree(self.folder / "ring", self.folder / "old-ring")
            weights, names = AFTER_A_RESTORE, ("a",)
        subjects = sorted(self.state)
        shares = [{each: self.state[each] for each in subjects[n :: len(names)]} for n in range(len(names))]
        started = [
            subprocess.Popen(
                [
                    *(sys.executable, "-c", WORKER, self.url, str(self.folder), f"{name}-{number}"),
                    *(json.dumps(share), json.dumps(weights)),
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name, share in zip(names, shares, strict=True)
        ]
        for process in started:
            assert process.stdout.readline() == "ready{}\n", process.stderr.read()
        time.sleep(chance.uniform(0.01, 0.4))
        open_asks = []
        for process in started:
            process.send_signal(signal.SIGKILL)
            with process:  # and not communicate(), which loses what readline() has fetched beyond its line
                told, wrong = process.stdout.read(), process.stderr.read()
            assert process.returncode == -signal.SIGKILL, wrong
            open_asks += self.note(told)
            time.sleep(chance.uniform(0, 0.02))
        return open_asks

    def note(self, told: str) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []
        for line in told.splitlines(keepends=True):
            if not line.endswith("\n"):
                continue
            kind, facts = line[:4], json.loads(line[4:])
            self.values |= set(facts.get("values", {}).values())
            asked = [facts] if kind == "asks" else []
            if kind == "done":
                self.acknowledged += 1
                if "subject" in facts:
                    self.state[facts["subject"]] = facts["values"]
        return asked

    def settle(self, desk: PeopleDesk, asked: list[dict[str, Any]]) -> None:
        """Check that what was asked last happened whole or not at all, and all before it is there; ask again."""
        may_be = {}
        for ask in asked:
            if ask["command"] == "restore":
                shutil.copytree(self.folder / "old-ring", self.folder / "ring", dirs_exist_ok=True)
            elif ask["command"] == "register":
                subject = desk.register(ask["values"], TERMS, who="sri", request_id=ask["request_id"])
                self.state[subject] = ask["values"]
            elif "subject" in ask:
                may_be[ask["subject"]] = ask["values"]
        check = desk.check()
        assert (check.keyless, check.damaged) == ((), ())
        self.healed += len((*check.unfinished, *check.revived, *check.strays))
        for subject in self.state:
            is_there = desk.person(subject).status == "active"
            found = {str(field): value for field, value in desk._vault.open(subject).items()} if is_there else {}
            assert found in (self.state[subject], may_be.get(subject, self.state[subject])), subject
            self.state[subject] = found

    def heal(self, desk: PeopleDesk) -> None:
        """Do what the how-to says after a crash, and look whether all is well."""
        desk.finish_erasures()
        desk.destroy_strays(desk.check().strays)
        check = desk.check()
        assert (check.unfinished, check.revived, check.keyless, check.strays, check.damaged) == ((),) * 5
        names = [path.name for path in (self.folder / "ring").rglob("*") if path.is_file()]
        for subject, values in self.state.items():
            if values:
                assert all(subject in desk.find(**{name: values[name]}) for name in ("nik", "phone") if name in values)
            else:
                assert not any(subject in name for name in names), "a key of somebody erased is in the ring"
                with pytest.raises(TransitionError):
                    desk._vault.open(subject)

    def change_the_mall_key(self, desk: PeopleDesk, number: int) -> None:
        add_mall_key(self.folder / "keys", f"round-{number}")
        desk.rotate_mall_key(who="ops")
        assert desk.rotate_mall_key(who="ops") == 0
        path = self.folder / "keys"
        path.write_text(path.read_text().splitlines()[-1])
        for subject, values in self.state.items():
            if values:
                assert desk._vault.open(subject) == values


@pytest.fixture(params=["sqlite", "postgresql"])
def keeping(request: pytest.FixtureRequest, tmp_path: Path) -> Keeping:
    """Give where processes work, on each store."""
    is_file = request.param == "sqlite"
    return Keeping(f"sqlite:///{tmp_path}/mall.db" if is_file else request.getfixturevalue("postgres_url"), tmp_path)


def test_who_is_killed_loses_nobody_and_leaves_nobody_readable(
    keeping: Keeping, find_leaks: Callable[..., list[str]], read_folder: Callable[[Path], bytes]
) -> None:
    chance = random.Random(keeping.url[:6])
    for number in range(max(3, KILLS * 3 // 5)):  # two in two of three rounds, one in the third
        asked = keeping.work_and_die(number, chance)
        with open_store(keeping.url) as store:
            desk = keeping.desk(store)
            keeping.settle(desk, asked)
            keeping.heal(desk)
            if number % 3 == 1:
                keeping.change_the_mall_key(desk, number)
            assert audit(store).intact
            rows = repr(store.read_all(limit=100_000))
        sample = chance.sample(sorted(keeping.values), min(40, len(keeping.values)))
        assert find_leaks(rows, sample) == find_leaks(read_folder(keeping.folder), sample) == []
    assert keeping.acknowledged > number, "hardly anything was done before the kills"
