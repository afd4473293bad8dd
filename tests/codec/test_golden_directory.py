"""An enacted blueprint's directory reads as the same for ever, and is written as it was.

`golden/directory.json` holds the texts as stores hold them. A text in it is never changed: a field that is added to a
class of the directory has a default, and a new shape is a new version of the event with samples of its own.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import attrs
import pytest
from attrs import evolve

from mppkit.blueprint import sample_blueprint
from mppkit.codec import Codec
from mppkit.directory import (
    Agency,
    AgencyKind,
    Channel,
    ChannelKind,
    Counter,
    Directory,
    DocumentForm,
    Duration,
    Duty,
    Facility,
    FacilityGroup,
    Fee,
    Officer,
    Participation,
    Regulation,
    RegulationKind,
    Requirement,
    Role,
    Service,
    Standard,
    TimeUnit,
)
from mppkit.directory.events import EVENTS, BlueprintEnacted

GOLDEN: dict[str, str] = json.loads((Path(__file__).parent / "golden" / "directory.json").read_text(encoding="utf-8"))
CODEC = Codec(EVENTS)
DIGEST = "0f5c" * 16

FULL = BlueprintEnacted(
    digest=DIGEST,
    directory=Directory(
        agencies=(Agency(id="capil", name="Dukcapil", name_english="Civil Registration", kind=AgencyKind.REGENCY),),
        services=(
            Service(
                id="ktp",
                name="KTP — elektronik",
                name_english="Identity card",
                agency="capil",
                prefix="A",
                daily_quota=30,
                expected_minutes=7.5,
                profile="population_register",
                standard=Standard(
                    requirements=(
                        Requirement(
                            document="Kartu Keluarga",
                            document_english="Family card",
                            form=DocumentForm.COPY,
                            issuer="Dukcapil",
                            product_of="kk",
                            valid_months=6,
                        ),
                    ),
                    procedure=("Rekam", "Cetak"),
                    duration=Duration(amount=1, unit=TimeUnit.WORKING_DAYS),
                    fees=(Fee(amount_rupiah=0, what="cetak", basis="perbup-11"),),
                    product="KTP",
                    complaints=(Channel(kind=ChannelKind.LAPOR, address="lapor.go.id"),),
                    legal_basis=("perbup-11",),
                    facilities=("kamera",),
                    competence="terlatih",
                    supervision="kepala seksi",
                    staff=3,
                    guarantee="tepat waktu",
                    safety="terkunci",
                    evaluation="setiap bulan",
                ),
                channels=(Channel(kind=ChannelKind.WEBSITE, address="capil.example"),),
            ),
        ),
        counters=(Counter(id="loket-1", name="Loket 1", services=("ktp",)),),
        regulations=(
            Regulation(
                id="perbup-11",
                kind=RegulationKind.HEAD_OF_REGION_REGULATION,
                issuer="Bupati Badung",
                number="11",
                year=2026,
                about="MPP",
                in_force_from=date(2026, 1, 1),
                in_force_to=date(2030, 12, 31),
                articles=("5 ayat (2)",),
                verified=True,
            ),
        ),
        participations=(
            Participation(
                agency="capil",
                regulation="perbup-11",
                from_on=date(2026, 1, 12),
                to_on=date(2030, 12, 31),
                services=("ktp",),
            ),
        ),
        officers=(Officer(id="p-1", agency="capil", counters=("loket-1",)),),
        facilities=(Facility(id="kamera", name="Kamera", name_english="Camera", group=FacilityGroup.SERVICE),),
    ),
    why="Peraturan Bupati 11/2026",
)

LEAST = BlueprintEnacted(
    digest=DIGEST,
    directory=Directory(
        agencies=(Agency(id="capil", name="Dukcapil", name_english="Civil Registration", kind=AgencyKind.REGENCY),),
        services=(
            Service(
                id="kk",
                name="Kartu Keluarga",
                name_english="Family card",
                agency="capil",
                prefix="A",
                standard=Standard(
                    requirements=(), fees=(Fee(amount_rupiah=0),), complaints=(Channel(kind=ChannelKind.BOX),)
                ),
            ),
            Service(
                id="ktp",
                name="KTP",
                name_english="Identity card",
                agency="capil",
                prefix="A",
                standard=Standard(requirements=(Requirement(document="KK", form=DocumentForm.ORIGINAL),)),
            ),
            Service(id="kia", name="KIA", name_english="Child card", agency="capil", prefix="B"),
        ),
        counters=(Counter(id="loket-1", name="Loket 1", services=("kk", "ktp", "kia")),),
        regulations=(Regulation(id="uu", kind=RegulationKind.LAW, number="25", year=2009, about="Pelayanan publik"),),
        participations=(Participation(agency="capil", regulation="uu", from_on=date(2026, 1, 12)),),
        officers=(Officer(id="p-1", agency="capil"),),
    ),
    why="x",
)

ROLES = evolve(
    FULL,
    directory=evolve(
        FULL.directory,
        officers=(Officer(id="p-1", agency="capil", counters=("loket-1",), roles=("verifikator",)),),
        roles=(Role(id="verifikator", name="Verifikator berkas", name_english="Verifier of documents"),),
    ),
)
"""What FULL became when officers got roles."""

DUTIES = evolve(
    ROLES,
    directory=evolve(
        ROLES.directory,
        roles=tuple(evolve(role, may=(Duty.SUPERVISE, Duty.REGISTER)) for role in ROLES.directory.roles),
    ),
)
"""What ROLES became when roles got duties."""

SAMPLES = {
    "directory.blueprint_enacted/1/full": FULL,
    "directory.blueprint_enacted/1/least": LEAST,
    "directory.blueprint_enacted/1/roles": ROLES,
    "directory.blueprint_enacted/1/duties": DUTIES,
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_directory_reads_as_the_same_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = CODEC.decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert repr(decoded) == repr(event)  # words are words of their kinds, tuples are tuples


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_directory_is_written_as_it_always_was(sample: str) -> None:
    assert CODEC.encode(SAMPLES[sample]) == GOLDEN[sample]


def test_every_golden_text_of_the_directory_has_its_event() -> None:
    assert GOLDEN.keys() == SAMPLES.keys()


def values(value: object) -> Iterator[object]:
    """Return every attrs value within a value."""
    if isinstance(value, tuple):
        for each in value:
            yield from values(each)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from values(getattr(value, field.name))


def test_the_full_sample_sets_every_field_of_every_class() -> None:
    seen = set()
    for value in values(DUTIES):
        seen.add(type(value))
        for field in attrs.fields(type(value)):
            default = field.default
            made = default.factory() if isinstance(default, attrs.Factory) else default
            assert getattr(value, field.name) != made, f"{type(value).__name__}.{field.name}"
    assert {kind.__name__ for kind in seen} >= {
        *("Agency", "Service", "Standard", "Requirement", "Duration", "Fee", "Channel", "Counter", "Officer"),
        *("Facility", "Regulation", "Participation", "Directory", "Role"),
    }


def test_the_sample_mall_comes_back_as_it_was() -> None:
    event = BlueprintEnacted(digest=DIGEST, directory=sample_blueprint().directory, why="x")
    assert CODEC.decode(event.event_name, 1, CODEC.encode(event)) == event
