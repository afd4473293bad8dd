"""Readiness events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/readiness.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import date
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.decisions import LegalBasis, Reason
from mppkit.readiness import Evidence, EvidenceKind, State
from mppkit.readiness.events import (
    EVENTS,
    EvidenceRecorded,
    EvidenceWithdrawn,
    Launched,
    LaunchRefused,
    ReadinessEvent,
)
from mppkit.readiness.model import Standing

FILE = Path(__file__).parents[1] / "codec" / "golden" / "readiness.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version/kind` to the text; `full` sets every field, `least` none that has a default."""

CODEC = Codec(EVENTS)
STANDING = Standing(
    instrument="mppkit-mpp",
    version="1",
    score=0.5625,
    unknown=0.25,
    aspects={"regulation": 1.0, "people": 0.125},
    states={"mall_regulation": State.MET, "rehearsal": State.NOT_MET, "backups": State.UNKNOWN},
)
SAMPLES: dict[str, ReadinessEvent] = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in {
        "full": (
            EvidenceRecorded(
                evidence=Evidence(
                    number="E-001",
                    item="mall_regulation",
                    kind=EvidenceKind.DOCUMENT,
                    reference="Perbup Badung 11/2018",
                    digest="ab" * 32,
                    by="sri",
                    given_on=date(2018, 3, 20),
                    valid_until=date(2027, 12, 31),
                    note="Penyelenggaraan MPP — naskah",
                )
            ),
            EvidenceWithdrawn(number="E-001", why="dicabut"),
            LaunchRefused(
                standing=STANDING,
                reasons=(
                    Reason(
                        code="rehearsal",
                        indonesian="Belum terpenuhi: gladi.",
                        english="Not met: rehearsal.",
                        basis=LegalBasis(regulation="Perbup 7/2025", article="12", verified=True),
                    ),
                ),
            ),
            Launched(
                standing=STANDING,
                warnings=(Reason(code="items_open", indonesian="3 butir.", english="3 items."),),
            ),
        ),
        "least": (
            EvidenceRecorded(
                evidence=Evidence(
                    item="waiting_room", kind=EvidenceKind.STATEMENT, by="ketut", given_on=date(2026, 11, 24)
                )
            ),
            Launched(standing=STANDING),
        ),
        "link": (
            EvidenceRecorded(
                evidence=Evidence(
                    number="E-002",
                    item="public_information",
                    kind=EvidenceKind.LINK,
                    reference="https://mpp.badungkab.go.id",
                    by="ketut",
                    given_on=date(2026, 11, 24),
                )
            ),
        ),
    }.items()
    for event in events
}


def defaults(kind: type[object]) -> dict[str, object]:
    return {field.name: field.default for field in attrs.fields(kind) if field.default is not attrs.NOTHING}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_readiness_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_readiness_event_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_readiness_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.event_name)
def test_every_readiness_event_has_its_golden_samples(kind: type[ReadinessEvent]) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    assert kind.event_name.startswith("readiness.")
    needed = {f"{place}/full", f"{place}/least"} if defaults(kind) else {f"{place}/full"}
    assert needed <= SAMPLES.keys() & GOLDEN.keys()


def test_every_golden_readiness_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in EVENTS}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if not sample.endswith("/link")])
def test_a_full_readiness_sample_sets_every_field_and_a_least_one_none_with_a_default(sample: str) -> None:
    event = SAMPLES[sample]
    parts = [event, *([event.evidence] if isinstance(event, EvidenceRecorded) else [])]
    for part in parts:
        for name, default in defaults(type(part)).items():
            assert (getattr(part, name) == default) == sample.endswith("/least"), name
