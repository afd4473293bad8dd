"""Person events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/people.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.people import Field, Kept, LawfulBasis
from mppkit.people.events import (
    EVENTS,
    ROTATION_EVENTS,
    Erased,
    ErasureOrdered,
    Exported,
    FieldsAdded,
    FieldsCorrected,
    FieldsErased,
    FieldsRead,
    KeyRotationBegan,
    KeyRotationFinished,
    KeysDestroyed,
    PersonRegistered,
    Restricted,
    RestrictionLifted,
    SealedField,
)

FILE = Path(__file__).parents[1] / "codec" / "golden" / "people.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version` to the text; no field of these events has a default."""

ALL = (*EVENTS, *ROTATION_EVENTS)
CODEC = Codec(ALL)
UNTIL = datetime(2027, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)
FIELDS = tuple(
    SealedField(kept=Kept(field=field, purpose=f"izin — {basis}", basis=basis, keep_until_at=UNTIL), sealed=sealed)
    for field, basis, sealed in zip(Field, LawfulBasis, ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF"), strict=True)
)
SEALING = {"key": "bcdfghjk", "mall_key": "2026-11", "fields": FIELDS, "who": "sri"}

SAMPLES = {
    f"{event.event_name}/{event.event_version}": event
    for event in (
        PersonRegistered(**SEALING),
        FieldsAdded(**SEALING, added=(Field.EMAIL, Field.PHONE)),
        FieldsCorrected(**SEALING, corrected=(Field.NAME,), why="ejaan"),
        FieldsErased(**SEALING, erased=(Field.ADDRESS,), why="persetujuan ditarik"),
        KeysDestroyed(keys=("bcdfghjk", "mnpqrstv")),
        FieldsRead(fields=(Field.NIK, Field.NPWP), who="sri", why="periksa"),
        Exported(fields=tuple(Field), who="sri", why="permintaan"),
        Restricted(who="sri", why="keberatan"),
        RestrictionLifted(who="sri", why="selesai"),
        ErasureOrdered(who="sri", why="permintaan"),
        Erased(),
        KeyRotationBegan(to="2026-12"),
        KeyRotationFinished(to="2026-12", moved=17),
    )
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
    name, version = sample.split("/")
    CODEC.decode(name, int(version), GOLDEN[sample])


def test_every_event_has_its_sample_and_no_default() -> None:
    assert {f"{kind.event_name}/{kind.event_version}" for kind in ALL} == SAMPLES.keys()
    assert SAMPLES.keys() <= GOLDEN.keys()
    assert [field for kind in ALL for field in attrs.fields(kind) if field.default is not attrs.NOTHING] == []
