"""Event names and shapes are forever: what was once recorded reads as the same event, and is written as it was.

`golden/queue.json` holds the texts as stores hold them. A text in it is never changed: a new shape is a new version of
the event, with samples of its own.
"""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.decisions import LegalBasis, Reason
from mppkit.queues.events import (
    EVENTS,
    AdmissionRefused,
    AppointmentBooked,
    AppointmentCancelled,
    CounterClosed,
    CounterOpened,
    CounterPaused,
    CounterResumed,
    DayClosed,
    DayOpened,
    QueueEvent,
    ReservationsLapsed,
    ServiceFinished,
    ServiceStarted,
    StepUndone,
    TicketCalled,
    TicketCancelled,
    TicketConfirmed,
    TicketHeld,
    TicketIssued,
    TicketNoShow,
    TicketRecalled,
    TicketResumed,
    TicketReturned,
    TicketTransferred,
)
from mppkit.queues.model import PriorityGroup

GOLDEN: dict[str, str] = json.loads((Path(__file__).parent / "golden" / "queue.json").read_text(encoding="utf-8"))
"""From `name/version/full` (every field set) or `name/version/least` (only what has no default) to the text."""

CODEC = Codec(EVENTS)
AT = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)
WITA = timezone(timedelta(hours=8))

FULL: tuple[QueueEvent, ...] = (
    DayOpened(on=date(2026, 11, 24), blueprint="0f5c"),
    DayClosed(unserved=("A-001", "A-002"), interrupted=("B-001",), lapsed=("C-001",), missed=("j-1",)),
    CounterOpened(counter="loket-3", services=("nib", "ktp-el"), officer="sri"),
    CounterPaused(counter="loket-3", why="istirahat"),
    CounterResumed(counter="loket-3"),
    CounterClosed(counter="loket-3"),
    AdmissionRefused(
        service="nib",
        reasons=(
            Reason(code="closed", indonesian="Loket tutup.", english="The counter is closed."),
            Reason(
                code="quota",
                indonesian="Kuota habis — besok lagi.",
                english="The quota is used up; tomorrow again.",
                basis=LegalBasis(
                    regulation="Perbup 7/2025", article="12", in_force_since=date(2025, 3, 1), verified=True
                ),
            ),
        ),
        needs_first=True,
        appointment="j-1",
    ),
    TicketIssued(
        number="A-001",
        service="nib",
        series="A",
        pending=("ktp-el", "pajak"),
        priority=PriorityGroup.ELDERLY,
        subject="s-1",
        appointment="j-1",
        reserved=True,
    ),
    TicketConfirmed(number="A-001"),
    ReservationsLapsed(numbers=("A-001", "A-002")),
    AppointmentBooked(code="j-1", service="nib", appointment_at=AT, priority=PriorityGroup.DISABILITY, subject="s-1"),
    AppointmentCancelled(code="j-1"),
    TicketCalled(
        number="A-002",
        counter="loket-3",
        rule="priority_ageing",
        because="Didahulukan: lansia — menunggu 12,5 menit",
        because_english="Served first: elderly — waited 12.5 minutes",
        facts={"waited_seconds": 750.5, "in_line": 4, "group": "lansia"},
        overtook=("A-001", "B-001"),
    ),
    TicketRecalled(number="A-001"),
    ServiceStarted(number="A-001"),
    TicketHeld(number="A-001", why="fotokopi"),
    TicketResumed(number="A-001", counter="loket-3"),
    TicketTransferred(
        number="A-001",
        service="pajak",
        place_at=datetime(2026, 11, 24, 9, 0, tzinfo=WITA),
        counter="loket-4",
        why="salah loket",
    ),
    TicketReturned(number="A-001", place_at=AT),
    TicketNoShow(number="A-001"),
    TicketCancelled(number="A-001", why="pulang"),
    ServiceFinished(number="A-001", given=("nib", "oss"), next_service="ktp-el", pending=("pajak",), place_at=AT),
    StepUndone(counter="loket-3", step="finish", number="A-001"),
)

LEAST: tuple[QueueEvent, ...] = (
    DayOpened(on=date(2026, 11, 24)),
    DayClosed(),
    AdmissionRefused(
        service="nib", reasons=(Reason(code="closed", indonesian="Loket tutup.", english="The counter is closed."),)
    ),
    CounterOpened(counter="loket-3", services=("nib",)),
    CounterPaused(counter="loket-3"),
    TicketIssued(number="A-001", service="nib", series="A"),
    AppointmentBooked(code="j-1", service="nib", appointment_at=AT),
    TicketCalled(number="A-001", counter="loket-3", rule="first_come", because="Urut.", because_english="In order."),
    TicketHeld(number="A-001"),
    TicketTransferred(number="A-001", service="pajak", place_at=AT),
    TicketCancelled(number="A-001"),
    ServiceFinished(number="A-001", given=()),
)

SAMPLES = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in (("full", FULL), ("least", LEAST))
    for event in events
}


def defaults(event: type[QueueEvent] | QueueEvent) -> dict[str, object]:
    return {
        field.name: field.default.factory() if isinstance(field.default, attrs.Factory) else field.default
        for field in attrs.fields(event if isinstance(event, type) else type(event))
        if field.default is not attrs.NOTHING
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_event_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.event_name)
def test_every_event_has_its_golden_samples(kind: type[QueueEvent]) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    needed = {f"{place}/full", f"{place}/least"} if defaults(kind) else {f"{place}/full"}
    missing = needed - (GOLDEN.keys() & SAMPLES.keys())
    assert not missing, f"add to {Path(__file__).name} and golden/queue.json: {sorted(missing)}"


def test_every_golden_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in EVENTS}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("event", FULL, ids=lambda event: event.event_name)
def test_a_full_sample_sets_every_field(event: QueueEvent) -> None:
    for name, default in defaults(event).items():
        assert getattr(event, name) != default, name


@pytest.mark.parametrize("event", LEAST, ids=lambda event: event.event_name)
def test_a_least_sample_sets_no_field_that_has_a_default(event: QueueEvent) -> None:
    for name, default in defaults(event).items():
        assert getattr(event, name) == default, name


def test_names_and_versions_are_used_once() -> None:
    assert len({(kind.event_name, kind.event_version) for kind in EVENTS}) == len(EVENTS)
