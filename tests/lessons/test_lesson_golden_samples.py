"""Lesson events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/lessons.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import date
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.lessons import (
    Better,
    Counted,
    Indicator,
    MeanFigure,
    ProgrammeItem,
    ShareFigure,
    SubjectKind,
    Unit,
    Uptake,
)
from mppkit.lessons.events import (
    EVENTS,
    EffectMeasured,
    LessonEvent,
    ObservationDecided,
    ObservationMade,
    QuestionAnswered,
    QuestionAsked,
    VisitClosed,
    VisitPlanned,
)

FILE = Path(__file__).parents[1] / "codec" / "golden" / "lessons.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version/kind` to the text; `full` sets every field, `least` none that has a default."""

CODEC = Codec(EVENTS)
ON = date(2026, 11, 16)
WAIT = Indicator(
    id="mean-wait", indonesian="Rata-rata tunggu", english="Mean wait", unit=Unit.MINUTES, better=Better.LOWER
)
HAPPY = Indicator(id="happy", indonesian="Puas", english="Satisfied", unit=Unit.PERCENT, better=Better.HIGHER)
BEFORE = {"mall": "blora", "first_on": date(2026, 9, 1), "last_on": date(2026, 10, 30)}
AFTER = {"mall": "blora", "first_on": date(2027, 1, 4), "last_on": date(2027, 2, 26)}

SAMPLES: dict[str, LessonEvent] = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in {
        "full": (
            VisitPlanned(
                host="badung",
                region="Kabupaten Blora",
                people=12,
                programme=(ProgrammeItem(on=ON, place="Ruang rapat", about="Sambutan — pembukaan"),),
                members=("pegawai-1", "pegawai-2"),
            ),
            QuestionAsked(question="q-1", text="Berapa loket?"),
            QuestionAnswered(question="q-1", text="Tidak tercatat."),
            ObservationMade(
                observation="o-1", kind=SubjectKind.POLICY, subject="priority_ageing", text="Lansia didahulukan"
            ),
            ObservationDecided(
                observation="o-1", uptake=Uptake.ADAPT, why="Aula kecil", how="15 menit", item="policy:discipline"
            ),
            EffectMeasured(
                observation="o-1",
                before=MeanFigure(indicator=WAIT, n=42, counted=Counted.DAYS, mean=31.25, sd=8.5, **BEFORE),
                after=MeanFigure(indicator=WAIT, n=38, counted=Counted.DAYS, mean=25.0, sd=7.75, **AFTER),
                minimum=30,
            ),
            VisitClosed(conclusion="Mulai dari antrean"),
        ),
        "least": (
            VisitPlanned(
                host="badung", region="Kabupaten Blora", people=1, programme=(ProgrammeItem(on=ON, place="Badung"),)
            ),
            ObservationDecided(observation="o-1", uptake=Uptake.SKIP, why="Tidak cocok"),
            VisitClosed(),
        ),
        "shares": (
            EffectMeasured(
                observation="o-1",
                before=ShareFigure(indicator=HAPPY, n=80, counted=Counted.ANSWERS, count=48, **BEFORE),
                after=ShareFigure(indicator=HAPPY, n=70, counted=Counted.ANSWERS, count=56, **AFTER),
                minimum=30,
            ),
        ),
    }.items()
    for event in events
}


def defaults(event: type[LessonEvent] | LessonEvent) -> dict[str, object]:
    fields = attrs.fields(event if isinstance(event, type) else type(event))
    return {field.name: field.default for field in fields if field.default is not attrs.NOTHING}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_lesson_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_lesson_event_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_lesson_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.event_name)
def test_every_lesson_event_has_its_golden_samples(kind: type[LessonEvent]) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    assert kind.event_name.startswith("lessons.")
    needed = {f"{place}/full", f"{place}/least"} if defaults(kind) else {f"{place}/full"}
    assert needed <= SAMPLES.keys() & GOLDEN.keys()


def test_every_golden_lesson_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in EVENTS}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if not sample.endswith("/shares")])
def test_a_full_lesson_sample_sets_every_field_and_a_least_one_none_with_a_default(sample: str) -> None:
    for name, default in defaults(SAMPLES[sample]).items():
        assert (getattr(SAMPLES[sample], name) == default) == sample.endswith("/least"), name
