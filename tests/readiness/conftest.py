"""A small instrument, a mall of which everything is known, and a desk on a clock that stands still until moved."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import attrs
import pytest

from mppkit.clock import VirtualClock
from mppkit.readiness import Aspect, EvidenceKind, Facts, Instrument, Item
from mppkit.readiness.desk import ReadinessDesk
from mppkit.storage import EventStore, MemoryStore

TUESDAY = date(2026, 11, 24)
DOCUMENT, LINK, STATEMENT = EvidenceKind.DOCUMENT, EvidenceKind.LINK, EvidenceKind.STATEMENT

KNOWN = Facts(
    services=3,
    incomplete_standards=(),
    services_without_counter=(),
    agencies_without_rule=(),
    counters_without_officer=(),
    open_days=22,
    days_ahead=30,
    survey_ready=True,
    rehearsed_on=date(2026, 11, 20),
    within_promise=0.92,
    waits=240,
    promise_minutes=15,
    backed_up_on=date(2026, 11, 23),
)
"""A mall in which every check says yes on that Tuesday."""


def an_item(item_id: str, aspect: str, weight: int, **more: object) -> Item:
    return Item(
        id=item_id,
        aspect=aspect,
        text=f"Teks {item_id}.",
        text_english=f"Text {item_id}.",
        source="practice",
        weight=weight,
        step=f"Langkah {item_id}.",
        step_english=f"Step {item_id}.",
        **more,
    )


SMALL = Instrument(
    id="small",
    version="7",
    name="Kecil",
    name_english="Small",
    aspects=(
        Aspect(id="rules", name="Aturan", name_english="Rules"),
        Aspect(id="hall", name="Ruang", name_english="Hall"),
    ),
    items=(
        an_item("decree", "rules", 3, kinds=(DOCUMENT,), blocks=True),
        an_item("charter", "rules", 1, kinds=(DOCUMENT, LINK)),
        an_item("standards", "rules", 2, checked_by="standards_complete", blocks=True),
        an_item("ramp", "hall", 4, kinds=(STATEMENT, LINK)),
        an_item("rehearsal", "hall", 1, kinds=(DOCUMENT,), checked_by="rehearsed", blocks=True),
    ),
)
"""Weights of 6 and 5, and 11 in all."""


class Room:
    """A readiness desk on its store, with its clock and what is known of the mall."""

    def __init__(self, store: EventStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.clock = VirtualClock("2026-11-24T09:00:00+08:00")
        self.facts = attrs.evolve(KNOWN, rehearsed_on=None)
        self.desk = self.another_desk()

    def another_desk(self, store: EventStore | None = None) -> ReadinessDesk:
        """Return a desk of another process, as it were, on the same store."""
        return ReadinessDesk(
            mall="badung",
            store=store or self.store,
            zone=ZoneInfo("Asia/Makassar"),
            clock=self.clock,
            instrument=SMALL,
            facts=lambda: self.facts,
        )

    def names(self) -> list[str]:
        """Return the names of all recorded events, without their room."""
        return [row.name.removeprefix("readiness.") for row in self.store.read("badung/readiness/launch")]

    def make_ready(self) -> None:
        """Record what the blockers want."""
        self.desk.record("decree", "document", by="sri", reference="Perbup 11/2018")
        self.facts = KNOWN


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def make_room() -> Callable[..., Room]:
    return Room


@pytest.fixture
def small() -> Instrument:
    return SMALL


@pytest.fixture
def known() -> Facts:
    return KNOWN
