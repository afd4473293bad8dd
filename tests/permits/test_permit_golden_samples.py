"""Permit events are forever: what was once recorded reads as the same event, and is written as it was.

A text in `tests/codec/golden/permits.json` is never changed: a new shape is a new version with samples of its own.
"""

import json
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import attrs
import pytest

from mppkit.codec import Codec
from mppkit.decisions import Decision, LegalBasis, Outcome, Reason
from mppkit.permits import events as e
from mppkit.permits import register as r
from mppkit.permits.capacity import Use
from mppkit.permits.model import Activity, Investment
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow

FILE = Path(__file__).parents[1] / "codec" / "golden" / "permits.json"
GOLDEN: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
"""From `name/version/kind` to the text; `full` sets every field, `least` none that has a default."""

CODECS = {"permits": Codec(e.EVENTS), "permitbook": Codec(r.EVENTS)}
KINDS = (*e.EVENTS, *r.EVENTS)
Event = e.PermitEvent | r.RegisterEvent

DUE = date(2026, 12, 1)
LAST = date(2027, 12, 1)
BASIS = LegalBasis(regulation="Perbup — 12/2026", article="4 ayat (2)", in_force_since=date(2026, 1, 2), verified=True)
WHY = Reason(code="di_luar_zona", indonesian="Di luar zona.", english="Outside of the zone.", basis=BASIS)
PLAIN = Reason(code="zone_full", indonesian="Tidak cukup.", english="There is not enough room.")
USES = (Use(resource="kamar-hotel", amount=Decimal(40)), Use(resource="air", amount=Decimal("12.50")))
MONEY = Investment(rupiah=75_000_000_000, jobs=120, sector="pariwisata")
SHORT = Workflow(
    id="sip",
    name="Izin praktik",
    name_english="Practice licence",
    services=("sip",),
    start="terbit",
    steps=(
        Step(
            id="terbit",
            name="Penerbitan",
            name_english="Issue",
            kind=StepKind.ISSUE,
            role="penerbit",
            working_days=1,
            outcomes=(StepOutcome(id="terbit", effect=Effect.ISSUE),),
        ),
    ),
)
"""A workflow that leaves every default be; whether it is sound does not matter here."""
WHOLE = Workflow(
    id="izin-hotel",
    version=3,
    name="Izin hotel",
    name_english="Hotel licence",
    services=("izin-hotel", "izin-vila"),
    start="periksa",
    steps=(
        Step(
            id="periksa",
            name="Pemeriksaan",
            name_english="Check",
            kind=StepKind.VERIFY,
            role="pemeriksa",
            agency="dpmptsp",
            working_days=2,
            documents=("rencana-tapak",),
            reserves=True,
            outcomes=(
                StepOutcome(id="sempit", effect=Effect.FORWARD, next=("putus",), reserves=False),
                StepOutcome(
                    id="lengkap",
                    name="Lengkap",
                    name_english="Complete",
                    effect=Effect.FORWARD,
                    next=("nilai-a", "nilai-b"),
                    join="putus",
                ),
                StepOutcome(id="kurang", effect=Effect.RETURN),
                StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("di_luar_zona",)),
            ),
        ),
    ),
    reasons=(WHY, PLAIN),
    documents=("ktp", "rencana-tapak"),
    working_days=20,
    term_basis=BASIS,
    counts_from=CountsFrom.COMPLETE,
    overdue=Overdue.DEEMED_GRANTED,
    escalates_to="kepala",
    applicant_days=10,
    validity_months=60,
)
REFUSED = Decision(outcome=Outcome.REFUSED, reasons=(PLAIN,), warnings=(WHY,))

SAMPLES: dict[str, Event] = {
    f"{event.event_name}/{event.event_version}/{kind}": event
    for kind, events in {
        "full": (
            e.Drafted(
                service="izin-hotel",
                applicant="pemohon-7",
                workflow=WHOLE,
                activity=Activity(edition="2025", code="55110", scale="menengah", level="menengah_tinggi"),
                investment=MONEY,
                zone="pantai",
                uses=USES,
            ),
            e.DocumentAttached(
                kind="rencana-tapak",
                digest="0123456789abcdef" * 4,
                media_type="application/pdf",
                size=1_048_576,
                place="arsip/2026/rencana — tapak.pdf",
            ),
            e.Submitted(),
            e.Resubmitted(investment=MONEY, uses=USES),
            e.Withdrawn(why="Rencana berubah"),
            e.StepDone(step="periksa", outcome="lengkap", officer="pegawai-1", note="Sesuai — lengkap"),
            e.Returned(step="periksa", outcome="kurang", officer="pegawai-1", items=("Rencana tapak", "Bukti lahan")),
            e.CapacityAdvised(
                zone="pantai",
                uses=USES,
                decision=REFUSED,
                officer="pegawai-2",
                overridden_because="Menggantikan hotel yang terbakar",
            ),
            e.Decided(
                step="putus",
                outcome="tolak",
                officer="pegawai-3",
                reasons=(WHY, PLAIN),
                conditions=("Sumur resapan",),
                note="Setelah rapat",
            ),
            e.Issued(
                number="503/0001/IZIN-HOTEL/2026",
                valid_from=DUE,
                valid_until=LAST,
                step="terbit",
                outcome="terbit",
                officer="pegawai-4",
            ),
            e.Migrated(workflow=SHORT, officer="pegawai-3", why="Perbup baru"),
            e.Escalated(due_on=DUE, to="kepala", because=(PLAIN,)),
            e.DeemedGranted(due_on=DUE, reason=WHY),
            e.Lapsed(due_on=DUE, reason=PLAIN),
            e.Amended(
                officer="pegawai-3",
                why="Menambah kamar",
                investment=MONEY,
                uses=USES,
                conditions=("Sumur resapan", "Parkir"),
            ),
            e.Renewed(officer="pegawai-3", valid_until=LAST),
            e.Suspended(officer="pegawai-3", why="Belum memenuhi syarat"),
            e.Reinstated(officer="pegawai-3", why="Syarat dipenuhi"),
            e.Revoked(officer="pegawai-3", why="Tidak dibangun"),
            r.ApplicationEntered(application="2026-0001"),
            r.PermitEntered(application="2026-0001", sequence=1),
        ),
        "least": (
            e.Drafted(service="sip", applicant="pemohon-7", workflow=SHORT),
            e.Resubmitted(),
            e.Withdrawn(),
            e.StepDone(step="periksa", outcome="lengkap", officer="pegawai-1"),
            e.CapacityAdvised(zone="pantai", uses=USES[:1], decision=Decision.granted()),
            e.Decided(step="putus", outcome="setuju", officer="pegawai-3"),
            e.Issued(number="503/0001/SIP/2026", valid_from=DUE),
            e.Escalated(due_on=DUE),
            e.Amended(officer="pegawai-3", why="Salah tulis"),
        ),
        "unlimited": (e.Renewed(officer="pegawai-3", valid_until=None),),
        "grown": (
            e.Returned(step="periksa", outcome="kurang", officer="pegawai-1", items=("Rencana tapak",), late_since=DUE),
            r.PermitEntered(application="2026-0001", sequence=1, number="503/0001/IZIN-HOTEL/2026"),
        ),
    }.items()
    for event in events
}

GROWN: dict[type[Event], set[str]] = {e.Returned: {"late_since"}, r.PermitEntered: {"number"}}
"""Fields without which an event was recorded at first, and a `full` sample stays; a `grown` one sets them too."""


def codec(name: str) -> Codec:
    return CODECS[name.partition(".")[0]]


def defaults(event: type[Event] | Event) -> dict[str, object]:
    fields = attrs.fields(event if isinstance(event, type) else type(event))
    return {field.name: field.default for field in fields if field.default is not attrs.NOTHING}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_recorded_permit_text_reads_as_the_same_event_for_ever(sample: str) -> None:
    event = SAMPLES[sample]
    decoded = codec(event.event_name).decode(event.event_name, event.event_version, GOLDEN[sample])
    assert decoded == event
    assert type(decoded) is type(event)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_permit_event_is_written_as_it_always_was(sample: str) -> None:
    assert codec(sample).encode(SAMPLES[sample]) == GOLDEN[sample]


@pytest.mark.parametrize("sample", GOLDEN)
def test_every_golden_permit_text_can_be_read(sample: str) -> None:
    """Those of old versions, too, of which no event is written any more."""
    name, version, _ = sample.split("/")
    codec(name).decode(name, int(version), GOLDEN[sample])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.event_name)
def test_every_permit_event_has_its_golden_samples(kind: type[Event]) -> None:
    place = f"{kind.event_name}/{kind.event_version}"
    assert kind.event_name.startswith(("permits.", "permitbook."))
    grown = GROWN.get(kind, set())
    needed = {f"{place}/full"}
    if grown:
        needed.add(f"{place}/grown")
    if defaults(kind).keys() - grown:
        needed.add(f"{place}/least")
    assert needed <= SAMPLES.keys() & GOLDEN.keys()


def test_every_golden_permit_text_of_a_version_in_use_has_its_event() -> None:
    in_use = {f"{kind.event_name}/{kind.event_version}" for kind in KINDS}
    assert {sample for sample in GOLDEN if sample.rpartition("/")[0] in in_use} == SAMPLES.keys()


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if not sample.endswith("/unlimited")])
def test_a_full_permit_sample_sets_every_field_and_a_least_one_none_with_a_default(sample: str) -> None:
    event = SAMPLES[sample]
    left_out = GROWN.get(type(event), set()) if sample.endswith("/full") else set()
    for name, default in defaults(event).items():
        assert (getattr(event, name) == default) == (sample.endswith("/least") or name in left_out), name


@pytest.mark.parametrize("kind", [Workflow, Step, StepOutcome, LegalBasis], ids=lambda kind: kind.__name__)
def test_the_full_workflow_sets_every_field_that_has_a_default(kind: type) -> None:
    """An application keeps its whole workflow, so the shape of one is for ever, too."""
    outcomes = [each for step in WHOLE.steps for each in step.outcomes]
    there = {StepOutcome: outcomes, Step: WHOLE.steps, Workflow: [WHOLE], LegalBasis: [BASIS]}[kind]
    for field in attrs.fields(kind):
        if field.default is not attrs.NOTHING:
            assert any(getattr(each, field.name) != field.default for each in there), field.name


WORDS: dict[type[StrEnum], set[str]] = {
    StepKind: {"verify", "assess", "site_visit", "decide", "issue"},
    Effect: {"forward", "return", "grant", "grant_with_conditions", "refuse", "issue"},
    CountsFrom: {"submission", "complete"},
    Overdue: {"escalate", "deemed_granted"},
}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_word_that_a_recorded_workflow_may_hold_stays(words: type[StrEnum]) -> None:
    assert WORDS[words] <= {each.value for each in words}
