"""Random commands by two desks on one store, possible or not, checked after each step against a plain model."""

import json
from collections.abc import Callable
from datetime import date
from random import Random

import pytest
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
from mppkit.errors import NotFoundError, TransitionError
from mppkit.lessons import MeanFigure, ProgrammeItem, Verdict, Visit, minutes, report
from mppkit.lessons.desk import LessonsDesk
from mppkit.lessons.events import EVENTS
from mppkit.lessons.rules import steps_of
from mppkit.lessons.study import Study, apply
from mppkit.storage import MemoryStore, Query, audit

KEY = "badung-2026"
STREAM = f"blora/lesson/{KEY}"
CODEC = Codec(EVENTS)
PLAN = {
    "host": "badung",
    "region": "Kabupaten Blora",
    "people": 12,
    "programme": (ProgrammeItem(on=date(2026, 11, 16), place="MPP Badung"),),
}
HOWS = {"adopt": "", "adapt": "Lebih kecil", "skip": ""}

pick = st.integers(0, 10**6)
kinds = st.sampled_from(["service", "counter", "policy", "facility", "other"])
uptakes = st.sampled_from(sorted(HOWS))


def one_of(things: list, pick: int) -> int:
    """Return the number of one of the things, or now and then of one that is not there."""
    return pick % (len(things) + 1) + 1


class Studying(RuleBasedStateMachine):
    mean: Callable[..., MeanFigure]

    @initialize()
    def start(self) -> None:
        self.chance = Random(7)
        self.store = MemoryStore()
        self.clock = VirtualClock("2027-03-01T08:00:00+07:00")
        self.desks = [LessonsDesk(mall="blora", store=self.store, clock=self.clock) for _ in range(2)]
        self.is_closed = False
        self.answers: list[str | None] = []
        self.seen: list[tuple[str, str]] = []
        self.uptakes: list[list[str]] = []
        self.measured: list[int] = []
        self.events = 1
        self.desks[0].plan_visit(KEY, **PLAN)

    def do(self, step: str, possible: bool, command: Callable[[LessonsDesk], object]) -> object | None:
        """Run a command on either desk; it must happen exactly where the model says that it is possible."""
        self.clock.advance(minutes=1)
        desk = self.chance.choice(self.desks)
        if possible:
            self.events += 1
            return command(desk)
        with pytest.raises((TransitionError, NotFoundError)) as refusal:
            command(desk)
        if isinstance(refusal.value, TransitionError):
            assert refusal.value.step == step
            assert step not in refusal.value.allowed
        return None

    @property
    def is_open(self) -> bool:
        return not self.is_closed

    @rule()
    def plan_again(self) -> None:
        self.do("plan", False, lambda desk: desk.plan_visit(KEY, **PLAN))

    @rule()
    def ask(self) -> None:
        if self.do("ask", self.is_open, lambda desk: desk.ask(KEY, "Berapa loket?")):
            self.answers.append(None)

    @rule(pick=pick)
    def answer(self, pick: int) -> None:
        n = one_of(self.answers, pick)
        possible = self.is_open and n <= len(self.answers) and self.answers[n - 1] is None
        if self.do("answer", possible, lambda desk: desk.answer(KEY, f"q-{n}", f"Jawaban {n}")):
            self.answers[n - 1] = f"Jawaban {n}"

    @rule(kind=kinds, pick=pick)
    def observe(self, kind: str, pick: int) -> None:
        if self.do("observe", self.is_open, lambda desk: desk.observe(KEY, kind, f"x-{pick % 3}", "Terlihat")):
            self.seen.append((kind, f"x-{pick % 3}"))
            self.uptakes.append([])
            self.measured.append(0)

    @rule(pick=pick, uptake=uptakes)
    def decide(self, pick: int, uptake: str) -> None:
        n = one_of(self.seen, pick)
        possible = self.is_open and n <= len(self.seen)
        if self.do("decide", possible, lambda d: d.decide(KEY, f"o-{n}", uptake, why="Karena", how=HOWS[uptake])):
            self.uptakes[n - 1].append(uptake)

    @rule(pick=pick, less=st.integers(0, 8))
    def measure(self, pick: int, less: int) -> None:
        n = one_of(self.seen, pick)
        before, after = self.mean(40, 30.0, 6.0), self.mean(40, 30.0 - less, 6.0, second=True)
        possible = self.is_open and n <= len(self.seen) and self.uptakes[n - 1][-1:] in (["adopt"], ["adapt"])
        effect = self.do("measure", possible, lambda desk: desk.measure(KEY, f"o-{n}", before, after))
        if effect:
            self.measured[n - 1] += 1
            # error √(2 · 36/40) = 1.342, times 1.991 (78 degrees of freedom) = 2.671
            assert effect.verdict is (Verdict.BETTER if less > 2.671 else Verdict.NO_VISIBLE_EFFECT)

    @rule(uptake=uptakes)
    def decide_the_rest(self, uptake: str) -> None:
        for n, made in enumerate(self.uptakes):
            if not made:
                self.decide(pick=n, uptake=uptake)

    @precondition(lambda self: len(self.seen) >= 2)  # or most studies would be closed before anything was seen
    @rule()
    def close(self) -> None:
        if self.do("close", self.is_open and all(self.uptakes), lambda desk: desk.close(KEY)):
            self.is_closed = True

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        assert len(self.store.read(STREAM)) == self.events
        visit = self.desks[0].visit(KEY)
        assert [question.answer for question in visit.questions] == self.answers
        assert [(seen.subject.kind.value, seen.subject.id) for seen in visit.observations] == self.seen
        assert [[made.uptake.value for made in seen.resolutions] for seen in visit.observations] == self.uptakes
        assert [len(seen.measurements) for seen in visit.observations] == self.measured
        assert (visit.closed_at is not None) == self.is_closed
        self.check_steps(visit)
        self.check_copies(visit)

    def check_steps(self, visit: Visit) -> None:
        possible = {
            "ask": True,
            "observe": True,
            "answer": None in self.answers,
            "decide": bool(self.seen),
            "measure": any(made[-1:] in (["adopt"], ["adapt"]) for made in self.uptakes),
            "close": all(self.uptakes),
        }
        assert set(steps_of(visit)) == {step for step, can in possible.items() if can and not self.is_closed}

    def check_copies(self, visit: Visit) -> None:
        """Everybody sees the same: the other desk, whoever folds anew, the head, the report and the minutes."""
        assert self.desks[1].visits() == (visit,)
        study = Study(key=KEY)
        for row in self.store.read(STREAM):
            apply(study, CODEC.decode(row.name, row.event_version, row.data), row.at)
        assert study.visit == visit
        [head] = self.store.find(Query(mall="blora", category="lesson"))
        assert head.labels["status"] == visit.status.value
        summary = json.loads(head.summary)
        assert summary["undecided"] == len([made for made in self.uptakes if not made])
        assert summary["unanswered"] == self.answers.count(None)
        written = report(visit)
        assert json.loads(json.dumps(written, allow_nan=False)) == written
        assert minutes(visit).count("\n- ") == 1 + len(self.answers) + len(self.seen)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert audit(self.store).intact


def test_any_order_of_steps_keeps_to_the_model(mean: Callable[..., MeanFigure]) -> None:
    Studying.mean = staticmethod(mean)
    run_state_machine_as_test(Studying, settings=settings(max_examples=100, stateful_step_count=30, deadline=None))
