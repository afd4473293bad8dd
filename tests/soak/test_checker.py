"""The checker finds each kind of corruption that is planted into a sound history, and nothing in the history itself."""

import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from checker import check, digest_of
from refolding import refold
from worker import SECRET, Since, lines_of, work

from mppkit import Mall
from mppkit.storage import MemoryStore, Query, Recorded, StreamHead

DAY = "contoh/queue/2026-11-24"
ZONE = "contoh/zone/pantai"


@frozen(kw_only=True)
class Story:
    """What a store holds, and what was written down of the answers."""

    rows: tuple[Recorded, ...]
    heads: tuple[StreamHead, ...]
    journal: tuple[dict[str, Any], ...] = ()

    def faults(self) -> list[str]:
        return check(self.rows, self.heads, self.journal)

    def of(self, stream: str, name: str) -> list[Recorded]:
        return [row for row in self.rows if row.stream.startswith(stream) and row.name == name]

    def with_rows(self, rows: Iterable[Recorded]) -> "Story":
        """Return the story with other rows, all chains and heads made to fit: a forger who knows the formula."""
        chained: list[Recorded] = []
        last: dict[str, Recorded] = {}
        for row in rows:
            before = last.get(row.stream)
            row = evolve(row, version=before.version + 1 if before else 1)
            row = evolve(row, digest=digest_of(before.digest if before else "0" * 64, row))
            last[row.stream] = row
            chained.append(row)
        heads = [
            evolve(head, version=last[head.stream].version, digest=last[head.stream].digest)
            for head in self.heads
            if head.stream in last
        ]
        return evolve(self, rows=tuple(chained), heads=tuple(heads))

    def with_event(self, stream: str, name: str, request: str | None = None, **data: Any) -> "Story":
        """Return the story with one more event at a stream's end."""
        [*_, last] = (row for row in self.rows if row.stream == stream)
        more = evolve(
            last, position=self.rows[-1].position + 1, name=name, data=json.dumps(data), request_id=request, actor=None
        )
        return self.with_rows((*self.rows, more))

    def changed(self, row: Recorded, **data: Any) -> "Story":
        """Return the story with other data in an event."""
        other = evolve(row, data=json.dumps(json.loads(row.data) | data))
        return self.with_rows(other if each is row else each for each in self.rows)

    def with_summary(self, stream: str, summary: dict[str, Any]) -> "Story":
        heads = [
            evolve(head, summary=json.dumps(json.loads(head.summary) | summary)) if head.stream == stream else head
            for head in self.heads
        ]
        return evolve(self, heads=tuple(heads))

    def at_counters(self) -> dict[str, str]:
        """Return which ticket is at which counter at the end of the day, by the counter."""
        place: dict[str, str] = {}
        for row in self.rows:
            event = json.loads(row.data)
            if row.stream == DAY and "number" in event and row.name not in STAYING:
                place = {counter: number for counter, number in place.items() if number != event["number"]}
                if row.name in ("queue.ticket_called", "queue.ticket_resumed"):
                    place[event["counter"]] = event["number"]
        return place


STAYING = ("queue.service_started", "queue.ticket_recalled")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Give what one worker made in 260 turns, journal and all."""
    journal: Path = tmp_path_factory.mktemp("soak") / "worker.jsonl"
    with MemoryStore() as store:
        work(store, journal, random.Random(4), time.time(), turns=260)
        rows, heads = store.read_all(limit=10_000), store.find(Query())
    return Story(rows=tuple(rows), heads=tuple(heads), journal=tuple(lines_of(journal)))


@pytest.fixture
def story(whole: Story) -> Story:
    """Give the same without its journal, by which alone most forgeries would be found."""
    return evolve(whole, journal=())


def test_a_sound_history_has_no_fault(whole: Story) -> None:
    assert whole.faults() == []
    assert whole.with_rows(whole.rows) == whole
    assert any("kept" in line for line in whole.journal)
    assert any("got" in line for line in whole.journal)


def _twice_called(story: Story) -> Story:
    number = next(iter(story.at_counters().values()))
    return story.with_event(DAY, "queue.ticket_called", number=number, counter="loket-9")


def _two_at_one_counter(story: Story) -> Story:
    counter = next(iter(story.at_counters()))
    more = story.with_event(DAY, "queue.ticket_issued", number="Z-001").with_summary(DAY, {})
    return more.with_event(DAY, "queue.ticket_called", number="Z-001", counter=counter)


def _again(story: Story, name: str, **data: Any) -> Story:
    row = story.of("contoh/", name)[-1]
    return story.with_event(row.stream, row.name, **(json.loads(row.data) | data))


def _request_twice(story: Story) -> Story:
    row = story.of(DAY, "queue.ticket_issued")[0]
    return story.with_event(DAY, row.name, request=row.request_id, **(json.loads(row.data) | {"number": "Z-001"}))


def _number_of_another_permit(story: Story) -> Story:
    one, other = story.of("contoh/permitbook/", "permitbook.application_entered")[:2]
    return story.changed(other, application=json.loads(one.data)["application"])


def _without(story: Story, name: str) -> Story:
    gone = story.of("contoh/", name)[0]
    return story.with_rows(row for row in story.rows if row is not gone)


PLANTED: dict[str, tuple[Callable[[Story], Story], str]] = {
    "a number given twice": (
        lambda s: s.with_event(
            DAY, "queue.ticket_issued", number=json.loads(s.of(DAY, "queue.ticket_issued")[0].data)["number"]
        ),
        "was given twice",
    ),
    "a ticket called at two counters": (_twice_called, "is called twice"),
    "two tickets at one counter": (_two_at_one_counter, "has two tickets"),
    "a counter closed in the middle of a service": (
        lambda s: s.with_event(DAY, "queue.counter_closed", counter=next(iter(s.at_counters()))),
        "is closed and somebody is there",
    ),
    "a ticket finished that nobody called": (
        lambda s: s.with_event(DAY, "queue.ticket_issued", number="Z-001").with_event(
            DAY, "queue.service_finished", number="Z-001"
        ),
        "queue.service_finished of Z-001, which is waiting",
    ),
    "an event that the checker cannot judge": (
        lambda s: s.with_event(DAY, "queue.step_undone", counter="loket-1"),
        "nothing is proved",
    ),
    "a request recorded twice": (_request_twice, "was recorded twice"),
    "a survey code counted twice": (lambda s: _again(s, "surveys.answered"), "was counted 2 times"),
    "a zone oversold": (
        lambda s: s.changed(s.of(ZONE, "capacity.limit_set")[0], amount="100"),
        "of kamar-hotel are given",
    ),
    "a share given back twice": (lambda s: _again(s, "capacity.released"), "gives back what it does not hold"),
    "a reservation without its application": (lambda s: _without(s, "permits.capacity_advised"), "half a commit"),
    "an application without its reservation": (lambda s: _without(s, "capacity.reserved"), "half a commit"),
    "an application's number given twice": (_number_of_another_permit, "was given twice"),
    "a permit's number given twice": (lambda s: _again(s, "permits.issued"), "was given twice"),
    "a hall's summary that is wrong": (lambda s: s.with_summary(DAY, {"tickets": 1}), "the summary says 1 tickets"),
    "a survey's summary that is wrong": (
        lambda s: s.with_summary(s.of("contoh/survey/", "surveys.answered")[0].stream, {"answers": 0}),
        "the summary says 0 answers",
    ),
    "a zone's summary that is wrong": (
        lambda s: s.with_summary(ZONE, {"resources": {"air": {"committed": "0.5", "reserved": "0"}}}),
        "the summary of air",
    ),
    "data changed in place": (
        lambda s: evolve(s, rows=(evolve(s.rows[0], data="{}"), *s.rows[1:])),
        "the chain breaks",
    ),
    "an actor changed in place": (
        lambda s: evolve(s, rows=(evolve(s.rows[0], actor="somebody"), *s.rows[1:])),
        "the chain breaks",
    ),
    "an event taken out": (lambda s: evolve(s, rows=s.rows[1:]), "stands at place 1"),
    "the last event taken out": (lambda s: evolve(s, rows=s.rows[:-1]), "the head is not at the last event"),
    "a head taken away": (lambda s: evolve(s, heads=s.heads[1:]), "events without a head"),
    "two rows in the wrong order": (
        lambda s: evolve(s, rows=(evolve(s.rows[0], position=s.rows[1].position), *s.rows[1:])),
        "positions do not grow",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(story: Story, planted: str) -> None:
    plant, fault = PLANTED[planted]
    assert any(fault in found for found in plant(story).faults())


def test_an_acknowledged_event_that_is_missing_is_found(whole: Story) -> None:
    kept = evolve(whole, journal=tuple(line for line in whole.journal if "kept" in line))
    last = max(row.position for row in whole.rows if row.request_id)
    forged = kept.with_rows(row for row in whole.rows if row.position != last)
    assert {fault.partition(": ")[2] for fault in forged.faults()} >= {"was acknowledged and is missing"}


def test_an_answer_that_is_not_in_the_events_is_found(whole: Story) -> None:
    got = [line for line in whole.journal if "got" in line]
    story = evolve(whole, journal=tuple(got))
    called = next(line for line in got if line["event"] == "queue.ticket_called")
    row = next(row for row in story.rows if row.request_id == called["got"] and row.name == called["event"])
    found = story.changed(row, counter="loket-9").faults()
    assert any(fault.startswith(f"{called['got']}: the answer") for fault in found)


@pytest.mark.parametrize("what", ["labels", "summary"])
@pytest.mark.parametrize("category", ["queue", "survey", "zone", "permit", "permitbook"])
def test_a_head_that_is_not_the_fold_is_found(whole: Story, category: str, what: str) -> None:
    with (
        MemoryStore() as store,
        Mall.open("contoh", store, clock=Since(time.time()), survey_secret=SECRET) as mall,
    ):
        assert refold(mall, whole.rows, whole.heads) == []
        head = next(head for head in whole.heads if head.stream.startswith(f"contoh/{category}/"))
        wrong = {"labels": {**head.labels, "status": "lost"}} if what == "labels" else {"summary": "{}"}
        [fault] = refold(mall, whole.rows, [evolve(head, **wrong)])
        assert fault.startswith(f"{head.stream}: the {what}")
