"""Survey events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/surveys.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.surveys.events import (
    EVENTS,
    FOLLOW_UP_EVENTS,
    ActionDone,
    ActionDropped,
    ActionPlanned,
    Answered,
)
from mppkit.surveys.model import Channel

FILE = Path(__file__).parents[1] / "codec" / "golden" / "surveys.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version/kind` to the text; `full` sets every field, `least` none that has a default."""

ALL = (*EVENTS, *FOLLOW_UP_EVENTS)
CODEC: Codec[Any] = Codec(ALL)
DIGEST = "5f" * 32

SAMPLES: dict[str, Any] = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in {
        "full": (
            Answered(
                instrument="skm-2017",
                version=2,
                digest=DIGEST,
                answers={"persyaratan": 4, "prosedur": 3, "waktu": 1},
                channel=Channel.TICKET,
                service="nib",
                counter="loket-3",
                profile={"sex": "perempuan", "age": "26-35", "education": "d4-s1", "work": "lainnya"},
                token="0123456789abcdef0123456789abcdef",
            ),
            ActionPlanned(
                action="t-1",
                element="waktu",
                text="Tambah satu loket pada jam sibuk — Senin",
                owner="dpmptsp",
                due_on=date(2027, 1, 31),
                first_on=date(2026, 7, 1),
                last_on=date(2026, 12, 31),
            ),
            ActionDone(action="t-1", on=date(2027, 1, 15)),
            ActionDropped(action="t-2", why="Tidak ada anggaran"),
        ),
        "least": (
            Answered(instrument="skm-2017", version=1, digest=DIGEST, answers={"persyaratan": 4}, channel=Channel.OPEN),
        ),
    }.items()
    for event in events
}


def defaults(event: Any) -> dict[str, object]:
    return {
        field.name: field.default.factory() if isinstance(field.default, attrs.Factory) else field.default
        for field in attrs.fields(event if isinstance(event, type) else type(event))
        if field.default is not attrs.NOTHING
    }


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_survey_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


def test_answers_keep_the_order_of_their_elements() -> None:
    """Sums are made of the values alone, in this order."""
    decoded = CODEC.decode("surveys.answered", 1, GOLDEN["surveys.answered/1/full"])
    assert list(decoded.answers.items()) == [("persyaratan", 4), ("prosedur", 3), ("waktu", 1)]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_survey_event_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_survey_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.event_name)
def test_every_survey_event_has_its_golden_samples(kind: Any) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    assert kind.event_name.startswith("surveys.")
    needed = {f"{place}/full", f"{place}/least"} if defaults(kind) else {f"{place}/full"}
    assert needed <= SAMPLES.keys() & GOLDEN.keys()


def test_every_golden_survey_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in ALL}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_full_survey_sample_sets_every_field_and_a_least_one_none_with_a_default(sample: str) -> None:
    for name, default in defaults(SAMPLES[sample]).items():
        assert (getattr(SAMPLES[sample], name) == default) == sample.endswith("/least"), name
