"""Whatever is recorded, withdrawn and tried in whatever order: the desk is what a plain list of evidence says."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mppkit.clock import VirtualClock
from mppkit.errors import NotFoundError, RefusedError, TransitionError
from mppkit.readiness import Aspect, EvidenceKind, Facts, Instrument, Item
from mppkit.readiness.desk import ReadinessDesk
from mppkit.readiness.events import Launched, LaunchRefused
from mppkit.storage import MemoryStore, audit

WEIGHTS: Mapping[str, int] = {"a": 5, "b": 3, "c": 2, "r": 4}
BLOCKS = ("a", "r")


def an_item(item_id: str) -> Item:
    return Item(
        id=item_id,
        aspect="all",
        text=item_id,
        text_english=item_id,
        source="practice",
        weight=WEIGHTS[item_id],
        step="s",
        step_english="s",
        kinds=(EvidenceKind.DOCUMENT,),
        blocks=item_id in BLOCKS,
        checked_by="rehearsed" if item_id == "r" else None,
    )


INSTRUMENT = Instrument(
    id="machine",
    version="1",
    name="m",
    name_english="m",
    aspects=(Aspect(id="all", name="a", name_english="a"),),
    items=tuple(an_item(item) for item in WEIGHTS),
)


class ReadinessMachine(RuleBasedStateMachine):
    """One store and a desk on it; the model is a list of evidence, who was withdrawn, and whether it was launched."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.clock = VirtualClock("2026-11-24T09:00:00+08:00")
        self.facts = Facts()
        self.desk = self.another_desk()
        self.shown: list[tuple[str, date, date | None]] = []
        self.withdrawn: set[int] = set()
        self.launched = 0
        self.attempts = 0

    def another_desk(self) -> ReadinessDesk:
        return ReadinessDesk(
            mall="badung",
            store=self.store,
            zone=ZoneInfo("Asia/Makassar"),
            clock=self.clock,
            instrument=INSTRUMENT,
            facts=lambda: self.facts,
        )

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(ZoneInfo("Asia/Makassar")).date()

    def met(self) -> set[str]:
        """Return what is met, by the plain rule."""
        in_force = [shown for number, shown in enumerate(self.shown) if number not in self.withdrawn]
        met = {
            item for item, since, until in in_force if since <= self.today and (until is None or self.today <= until)
        }
        done_on = self.facts.rehearsed_on
        if done_on is not None and done_on <= self.today:
            met = met | {"r"} if (self.today - done_on).days <= 90 else met - {"r"}
        return met

    @rule(item=st.sampled_from(list(WEIGHTS)), days=st.none() | st.integers(0, 60))
    def record(self, item: str, days: int | None) -> None:
        until = None if days is None else self.today + timedelta(days=days)
        known = [
            number
            for number, shown in enumerate(self.shown)
            if shown == (item, self.today, until) and number not in self.withdrawn
        ]
        recorded = self.desk.record(item, "document", by="sri", reference="x", valid_until=until)
        if not known:
            self.shown.append((item, self.today, until))
        assert recorded.number == f"E-{(known[0] if known else len(self.shown) - 1) + 1:03}"

    @precondition(lambda self: self.shown)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.shown)))
        try:
            self.desk.withdraw(f"E-{index + 1:03}", why="salah")
            said = "done"
        except NotFoundError:
            said = "none"
        except TransitionError:
            said = "again"
        expected = "none" if index == len(self.shown) else "again" if index in self.withdrawn else "done"
        assert said == expected
        if said == "done":
            self.withdrawn.add(index)

    @rule(days=st.none() | st.integers(-5, 100))
    def rehearse(self, days: int | None) -> None:
        self.facts = attrs.evolve(self.facts, rehearsed_on=None if days is None else self.today - timedelta(days=days))

    @rule(days=st.integers(1, 40))
    def let_time_pass(self, days: int) -> None:
        self.clock.advance(minutes=days * 24 * 60)

    @rule()
    def open_another_desk(self) -> None:
        self.desk = self.another_desk()

    @rule()
    def launch(self) -> None:
        missing = [item for item in BLOCKS if item not in self.met()]
        codes: list[str] = missing
        try:
            launch = self.desk.launch()
            said = "launched"
            assert launch.event.standing.score == sum(WEIGHTS[item] for item in self.met()) / 14
        except TransitionError:
            said = "again"
        except RefusedError as refusal:
            said = "refused"
            codes = [reason.code for reason in refusal.decision.reasons]
        assert said == ("again" if self.launched else "refused" if missing else "launched")
        assert codes == missing
        self.launched += said == "launched"
        self.attempts += said != "again"

    @invariant()
    def the_assessment_is_what_the_plain_rule_says(self) -> None:
        found = self.desk.assess()
        assert {each.item.id for each in found.items if each.is_met} == self.met()
        assert found.score == sum(WEIGHTS[item] for item in self.met()) / 14

    @invariant()
    def what_happened_is_kept(self) -> None:
        history = self.another_desk().history()
        assert history == self.desk.history()
        assert sum(isinstance(each.event, Launched | LaunchRefused) for each in history) == self.attempts
        assert (self.desk.launched() is not None) == bool(self.launched)
        assert len(self.desk.evidence()) == len(self.shown) - len(self.withdrawn)
        assert audit(self.store).intact


TestReadinessMachine = ReadinessMachine.TestCase
TestReadinessMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
