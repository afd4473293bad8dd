"""Capacity events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/capacity.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.permits.capacity import Claim, Override, ReleaseCause, Use
from mppkit.permits.capacity_events import (
    EVENTS,
    Adjusted,
    CapacityEvent,
    Committed,
    LimitSet,
    Overcommitted,
    Released,
    Reserved,
)

FILE = Path(__file__).parents[1] / "codec" / "golden" / "capacity.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version/kind` to the text; `full` sets every field, `least` none that has a default."""

CODEC = Codec(EVENTS)
USES = (Use(resource="kamar-hotel", amount=Decimal(40)), Use(resource="air", amount=Decimal("12.50")))
CLAIM = {
    "resource": "kamar-hotel",
    "unit": "kamar",
    "asked": Decimal(40),
    "limit": Decimal(100),
    "source": "KLHS RDTR 2024",
    "committed": Decimal(60),
    "reserved": Decimal(20),
}
OVERRIDE = Override(officer="pegawai-7", why="Hotel menggantikan yang terbakar")

SAMPLES: dict[str, CapacityEvent] = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in {
        "full": (
            LimitSet(
                resource="air",
                unit="m3/hari",
                amount=Decimal("1250.5"),
                source="Perda — 3/2023",
                dated_on=date(2023, 5, 2),
            ),
            Overcommitted(resource="kamar-hotel", limit=Decimal(50), committed=Decimal(60), reserved=Decimal("20.25")),
            Reserved(
                application="p-1",
                uses=USES,
                claims=(Claim(**CLAIM),),
                codes=("passed_beyond_limit", "zone_has_room"),
                override=OVERRIDE,
            ),
            Adjusted(
                application="p-1",
                uses=USES,
                claims=(Claim(**CLAIM, held=Decimal(8)),),
                codes=("passed_beyond_limit",),
                override=OVERRIDE,
            ),
            Committed(application="p-1"),
            Released(application="p-1", why=ReleaseCause.REVOKED),
        ),
        "least": (
            Reserved(application="p-1", uses=USES, claims=(Claim(**CLAIM),)),
            Adjusted(application="p-1", uses=USES[1:]),
        ),
    }.items()
    for event in events
}


def defaults(event: type[CapacityEvent] | CapacityEvent) -> dict[str, object]:
    fields = attrs.fields(event if isinstance(event, type) else type(event))
    return {field.name: field.default for field in fields if field.default is not attrs.NOTHING}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_capacity_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_capacity_event_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_capacity_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.event_name)
def test_every_capacity_event_has_its_golden_samples(kind: type[CapacityEvent]) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    assert kind.event_name.startswith("capacity.")
    needed = {f"{place}/full", f"{place}/least"} if defaults(kind) else {f"{place}/full"}
    assert needed <= SAMPLES.keys() & GOLDEN.keys()


def test_every_golden_capacity_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in EVENTS}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_full_capacity_sample_sets_every_field_and_a_least_one_none_with_a_default(sample: str) -> None:
    for name, default in defaults(SAMPLES[sample]).items():
        assert (getattr(SAMPLES[sample], name) == default) == sample.endswith("/least"), name


@pytest.mark.parametrize("cause", ReleaseCause)
def test_every_cause_of_a_release_is_written_as_it_always_was(cause: ReleaseCause) -> None:
    words = {"REFUSED": "refused", "WITHDRAWN": "withdrawn", "LAPSED": "lapsed", "REVOKED": "revoked"}
    words["AMENDED"] = "amended"
    text = CODEC.encode(Released(application="p-1", why=cause))
    assert text == f'{{"application":"p-1","why":"{words[cause.name]}"}}'
