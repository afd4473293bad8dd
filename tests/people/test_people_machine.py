"""Random commands by two desks on one store and ring, possible or not, checked at each step against a plain model."""

from collections.abc import Callable
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mppkit.clock import VirtualClock
from mppkit.codec import Codec
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.people import EnvironmentKeyProvider, MemoryKeyRing, Terms, new_mall_key
from mppkit.people.desk import PeopleDesk
from mppkit.people.dossier import PERSONS, Dossier, apply
from mppkit.people.events import EVENTS
from mppkit.storage import MemoryStore, audit

CODEC = Codec(EVENTS)
NIKS = ("5103011708900001", "5103014708900002", "3316011708900003")
PHONES = ("+6281234567890", "+6281299999999")
NAMES = ("Planted-Made", "Planted-Putu", "Planted-Ketut")
FIELDS = ("nik", "name", "phone")

pick = st.integers(0, 10**6)
niks, phones, names = st.sampled_from(NIKS), st.sampled_from(PHONES), st.sampled_from(NAMES)
some = st.dictionaries(st.sampled_from(FIELDS), pick, min_size=1)
days = st.integers(1, 60)


def values_of(chosen: dict[str, int]) -> dict[str, str]:
    among = {"nik": NIKS, "name": NAMES, "phone": PHONES}
    return {name: among[name][number % len(among[name])] for name, number in chosen.items()}


class Keeping(RuleBasedStateMachine):
    find_leaks: Callable[..., list[str]]
    set_keys: Callable[[str], None]

    @initialize()
    def start(self) -> None:
        self.chance = Random(5)
        self.store, self.ring = MemoryStore(), MemoryKeyRing()
        self.clock = VirtualClock("2026-11-24T08:00:00+08:00")
        self.mall_keys = [new_mall_key("k-0", randomness=self.chance.randbytes)]
        self.set_keys(self.mall_keys[0])
        keys = EnvironmentKeyProvider(randomness=self.chance.randbytes)
        self.desks = [
            PeopleDesk(
                mall="badung",
                store=self.store,
                clock=self.clock,
                keys=keys,
                ring=self.ring,
                randomness=self.chance.randbytes,
            )
            for _ in range(2)
        ]
        self.values: dict[str, dict[str, tuple[str, object]]] = {}
        self.status: dict[str, str] = {}
        self.reads: dict[str, int] = {}
        self.requests: list[tuple[str, dict[str, str], int, set[str]]] = []
        """Subject, values and days of each request, and which of its fields are still as it brought them."""
        self.errors: list[str] = []

    def desk(self) -> PeopleDesk:
        return self.chance.choice(self.desks)

    def one(self, pick: int) -> str:
        """Return one of the persons, or now and then one who is not there."""
        known = [*self.values, f"p-{'b' * 32}"]
        return known[pick % len(known)]

    def do(self, possible: bool, command: Callable[[PeopleDesk], object]) -> object:
        try:
            done = command(self.desk())
        except (TransitionError, NotFoundError, RefusedError, InvalidValueError) as refused:
            assert not possible, refused  # noqa: PT017
            self.errors.append(f"{refused} {refused!r}")
            return None
        assert possible
        return done

    @rule(chosen=some, keep_days=days)
    def register(self, chosen: dict[str, int], keep_days: int) -> None:
        terms = Terms(purpose="izin", basis="public_task", keep_days=keep_days)
        request_id = f"form-{len(self.requests)}"
        subject = self.do(True, lambda desk: desk.register(values_of(chosen), terms, who="sri", request_id=request_id))
        assert subject not in self.values
        self.requests.append((subject, values_of(chosen), keep_days, set(chosen)))
        self.values[subject] = self.due(values_of(chosen), keep_days)
        self.status[subject], self.reads[subject] = "active", 0

    @precondition(lambda self: self.requests)
    @rule(pick=pick, chosen=some, same=st.booleans(), more_days=st.sampled_from([0, 0, 0, 1]))
    def register_again(self, pick: int, chosen: dict[str, int], same: bool, more_days: int) -> None:
        number = pick % len(self.requests)
        subject, brought, keep_days, still = self.requests[number]
        values = brought if same else values_of(chosen)
        terms = Terms(purpose="izin", basis="public_task", keep_days=keep_days + more_days)
        repeats = (
            self.is_there(subject)
            and values.keys() == brought.keys()
            and not more_days
            and bool(still)
            and all(values[name] == brought[name] for name in still)
        )
        before = self.store.read_all(limit=100_000)
        done = self.do(repeats, lambda desk: desk.register(values, terms, who="sri", request_id=f"form-{number}"))
        assert done == (subject if repeats else None)
        assert self.store.read_all(limit=100_000) == before

    def touch(self, subject: str, names: object) -> None:
        for owner, _, _, still in self.requests:
            if owner == subject:
                still -= set(names)

    def due(self, values: dict[str, str], keep_days: int) -> dict[str, tuple[str, object]]:
        at = self.clock.now().timestamp() + keep_days * 86_400
        return {name: (value, at) for name, value in values.items()}

    @rule(pick=pick, chosen=some, keep_days=days)
    def add(self, pick: int, chosen: dict[str, int], keep_days: int) -> None:
        subject, terms = self.one(pick), Terms(purpose="izin", basis="consent", keep_days=keep_days)
        free = self.status.get(subject) == "active" and not chosen.keys() & self.values[subject].keys()
        self.do(free, lambda desk: desk.add(subject, values_of(chosen), terms, who="sri"))
        if free:
            self.values[subject] |= self.due(values_of(chosen), keep_days)

    @rule(pick=pick, chosen=some)
    def correct(self, pick: int, chosen: dict[str, int]) -> None:
        subject = self.one(pick)
        possible = self.is_there(subject) and chosen.keys() <= self.values[subject].keys()
        self.do(possible, lambda desk: desk.correct(subject, values_of(chosen), who="sri", why="ganti"))
        if possible:
            for name, value in values_of(chosen).items():
                self.values[subject][name] = (value, self.values[subject][name][1])
            self.touch(subject, chosen)

    @rule(pick=pick, chosen=some)
    def read(self, pick: int, chosen: dict[str, int]) -> None:
        subject = self.one(pick)
        kept = self.values.get(subject, {})
        now = self.clock.now().timestamp()
        possible = (
            self.status.get(subject) == "active"
            and chosen.keys() <= kept.keys()
            and all(kept[name][1] > now for name in chosen)
        )
        read = self.do(possible, lambda desk: desk.read(subject, chosen, who="sri", why="periksa"))
        if possible:
            assert {name: value.reveal() for name, value in read.items()} == {name: kept[name][0] for name in chosen}
            self.reads[subject] += 1

    @rule(pick=pick)
    def restrict(self, pick: int) -> None:
        subject = self.one(pick)
        possible = self.status.get(subject) == "active"
        self.do(possible, lambda desk: desk.restrict(subject, who="sri", why="keberatan"))
        if possible:
            self.status[subject] = "restricted"

    @rule(pick=pick)
    def lift(self, pick: int) -> None:
        subject = self.one(pick)
        possible = self.status.get(subject) == "restricted"
        self.do(possible, lambda desk: desk.lift(subject, who="sri", why="selesai"))
        if possible:
            self.status[subject] = "active"

    @rule(pick=pick)
    def erase(self, pick: int) -> None:
        subject = self.one(pick)
        self.do(subject in self.values, lambda desk: desk.erase(subject, who="sri", why="permintaan"))
        if subject in self.values:
            self.values[subject], self.status[subject] = {}, "erased"

    @rule(pick=pick, chosen=some)
    def erase_fields(self, pick: int, chosen: dict[str, int]) -> None:
        subject = self.one(pick)
        possible = self.is_there(subject) and chosen.keys() <= self.values[subject].keys()
        self.do(possible, lambda desk: desk.erase(subject, who="sri", why="ditarik", fields=list(chosen)))
        if possible:
            self.drop(subject, chosen)

    @rule(later=days)
    def time_goes_by(self, later: int) -> None:
        self.clock.advance(minutes=later * 24 * 60)

    @rule()
    def enforce_retention(self) -> None:
        now = self.clock.now().timestamp()
        over = {subject: [name for name, (_, at) in kept.items() if at <= now] for subject, kept in self.values.items()}
        run = self.desk().enforce_retention(who="ops")
        held = {subject for subject, names in over.items() if names and self.status[subject] == "restricted"}
        done = {subject for subject, names in over.items() if names} - held
        for subject in done:
            self.drop(subject, over[subject])
        assert set(run.held) == held
        assert set(run.erased) == {subject for subject in done if not self.values[subject]}
        assert set(run.reduced) == {subject for subject in done if self.values[subject]}

    @rule(forget=st.booleans())
    def rotate(self, forget: bool) -> None:
        self.mall_keys.append(new_mall_key(f"k-{len(self.mall_keys)}", randomness=self.chance.randbytes))
        self.set_keys("\n".join(self.mall_keys))
        self.desk().rotate_mall_key(who="ops")
        if forget:
            self.set_keys(self.mall_keys[-1])

    def is_there(self, subject: str) -> bool:
        return self.status.get(subject) in ("active", "restricted")

    def drop(self, subject: str, names: object) -> None:
        self.touch(subject, names)
        for name in names:
            del self.values[subject][name]
        if not self.values[subject]:
            self.status[subject] = "erased"

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        for subject, kept in self.values.items():
            person = self.desks[0].person(subject)
            assert {each.field: each.keep_until_at.timestamp() for each in person.fields} == {
                name: at for name, (_, at) in kept.items()
            }
            assert person.status == self.status[subject]
            assert [step.act for step in person.trail].count("read") == self.reads[subject]
            if self.is_there(subject):
                values = self.desks[1]._vault.open(subject)
                assert values == {name: value for name, (value, _) in kept.items()}
            self.check_copies(subject)
        for name, among in (("nik", NIKS), ("phone", PHONES)):
            for value in among:
                having = {s for s, kept in self.values.items() if kept.get(name, ("",))[0] == value}
                assert set(self.desks[1].find(**{name: value})) == having

    def check_copies(self, subject: str) -> None:
        """Whoever folds anew sees the same, and the head tells what is due."""
        dossier = Dossier(subject=subject)
        for row in self.store.read(f"badung/person/{subject}"):
            apply(dossier, CODEC.decode(row.name, row.event_version, row.data), row.at)
        assert dossier.person() == self.desks[0].person(subject)
        [head] = [each for each in self.desks[0]._vault.persons.find() if each.stream.endswith(subject)]
        labels = PERSONS.head(dossier, (), row.at)[0]
        assert head.labels == {name: value for name, value in labels.items() if value is not None}

    @invariant()
    def the_ring_holds_a_key_for_each_person_and_no_other(self) -> None:
        living = sorted(subject for subject in self.values if self.is_there(subject))
        assert sorted(name.split(".")[1] for name in self.ring.names("key.")) == living
        tags = sum(name in FIELDS[::2] for subject in living for name in self.values[subject])
        assert len(list(self.ring.names("tag."))) == tags
        check = self.desks[0].check()
        assert (check.unfinished, check.revived, check.keyless, check.strays, check.damaged) == ((),) * 5

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = repr(self.store.read_all(limit=100_000)) + repr(self.desks[0]._vault.persons.find())
        pieces = repr([(name, self.ring.get(name)) for name in self.ring.names("")])
        planted = (*NIKS, *PHONES, *NAMES)
        assert self.find_leaks(rows, planted) == self.find_leaks(pieces, planted) == []
        assert self.find_leaks("".join(self.errors), planted) == []
        assert audit(self.store).intact


def test_any_order_of_steps_keeps_to_the_model(monkeypatch, find_leaks) -> None:
    Keeping.find_leaks = staticmethod(find_leaks)
    Keeping.set_keys = staticmethod(lambda text: monkeypatch.setenv("MPPKIT_MALL_KEYS", text))
    run_state_machine_as_test(Keeping, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
