"""A small office to test permits in: two workflows, two zones, officers, and a clock that stands still until moved."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mppkit.calendars import Calendar
from mppkit.clock import VirtualClock
from mppkit.codec import Codec
from mppkit.decisions import Reason
from mppkit.directory import Agency, AgencyKind, Directory, Officer, Role, Service
from mppkit.permits import capacity_events, events
from mppkit.permits.application import folded
from mppkit.permits.capacity import HoldingStatus, Limit, Use, Zone
from mppkit.permits.capacity_ledger import Ledger
from mppkit.permits.capacity_ledger import apply as apply_to_zone
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.model import Application, Document, Investment, Status
from mppkit.permits.policies import PermitPolicies
from mppkit.permits.soundness import problems_of
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow
from mppkit.storage import EventStore, MemoryStore

TUESDAY = "2026-11-24T09:00:00+08:00"
"""In Bali; the next days off are the weekends, and Christmas with its joint leave."""

FORWARD = Effect.FORWARD
BACK = StepOutcome(id="kurang", effect=Effect.RETURN)
REASONS = (
    Reason(code="di_luar_zona", indonesian="Di luar zona.", english="Outside of the zone."),
    Reason(code="tidak_lengkap", indonesian="Tidak lengkap.", english="Not complete."),
)


def a_step(step_id: str, kind: StepKind, role: str, *outcomes: StepOutcome, **more: object) -> Step:
    return Step(
        id=step_id,
        name=step_id,
        name_english=step_id,
        kind=kind,
        role=role,
        working_days=3,
        outcomes=outcomes,
        **more,
    )


DECIDING = (
    StepOutcome(id="setuju", effect=Effect.GRANT, next=("terbit",)),
    StepOutcome(id="bersyarat", effect=Effect.GRANT_WITH_CONDITIONS, next=("terbit",)),
    StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("di_luar_zona",)),
    BACK,
)
ISSUING = a_step("terbit", StepKind.ISSUE, "penerbit", StepOutcome(id="terbitkan", effect=Effect.ISSUE))

HOTEL = Workflow(
    id="izin-hotel",
    name="Izin hotel",
    name_english="Hotel licence",
    services=("hotel",),
    start="periksa",
    steps=(
        a_step(
            "periksa",
            StepKind.VERIFY,
            "pemeriksa",
            StepOutcome(id="lengkap", effect=FORWARD, next=("tata-ruang", "lingkungan"), join="tinjau"),
            StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("tidak_lengkap",)),
            BACK,
            agency="dpmptsp",
        ),
        a_step(
            "tata-ruang",
            StepKind.ASSESS,
            "penilai",
            StepOutcome(id="sesuai", effect=FORWARD, next=("tinjau",)),
            BACK,
            agency="pupr",
            documents=("rencana-tapak",),
            reserves=True,
        ),
        a_step(
            "lingkungan",
            StepKind.ASSESS,
            "penilai",
            StepOutcome(id="sesuai", effect=FORWARD, next=("tinjau",)),
            BACK,
            agency="dlh",
        ),
        a_step(
            "tinjau",
            StepKind.SITE_VISIT,
            "peninjau",
            StepOutcome(id="cocok", effect=FORWARD, next=("putus",)),
            StepOutcome(id="ulang", effect=FORWARD, next=("periksa",)),
            BACK,
        ),
        a_step("putus", StepKind.DECIDE, "pemutus", *DECIDING, agency="dpmptsp"),
        ISSUING,
    ),
    reasons=REASONS,
    documents=("ktp",),
    working_days=10,
    overdue=Overdue.ESCALATE,
    escalates_to="kepala",
    applicant_days=5,
    validity_months=12,
)
PRACTICE = Workflow(
    id="sip",
    name="Izin praktik",
    name_english="Practice licence",
    services=("sip",),
    start="periksa",
    steps=(
        a_step(
            "periksa",
            StepKind.VERIFY,
            "pemeriksa",
            StepOutcome(id="lengkap", effect=FORWARD, next=("putus",)),
            BACK,
        ),
        a_step("putus", StepKind.DECIDE, "pemutus", *DECIDING),
        ISSUING,
    ),
    reasons=REASONS[:1],
    counts_from=CountsFrom.COMPLETE,
    overdue=Overdue.DEEMED_GRANTED,
    escalates_to="kepala",
)
"""With the law's own term, and a permit for as long as the practice lasts."""

ROLES = ("pemeriksa", "penilai", "peninjau", "pemutus", "penerbit", "kepala")
AGENCIES = ("dpmptsp", "pupr", "dlh")
OFFICERS = (
    Officer(id="ani", agency="dpmptsp", roles=("pemeriksa", "peninjau")),
    Officer(id="bayu", agency="pupr", roles=("penilai",)),
    Officer(id="citra", agency="dlh", roles=("penilai", "peninjau")),
    Officer(id="dewi", agency="dpmptsp", roles=("pemutus", "penerbit")),
    Officer(id="eka", agency="pupr", roles=("pemutus",)),
)
"""Who takes which step of the hotel's: Ani periksa and tinjau, Bayu tata-ruang, Citra lingkungan, Dewi the rest."""

BEACH = Zone(
    id="pantai",
    name="Pantai",
    name_english="Beach",
    limits=(
        Limit(
            resource="kamar",
            unit="kamar",
            amount=Decimal(100),
            source="KLHS RDTR 2024",
            dated_on=date(2024, 5, 2),
        ),
        Limit(
            resource="air",
            unit="m3/hari",
            amount=Decimal("250.5"),
            source="KLHS RDTR 2024",
            dated_on=date(2024, 5, 2),
        ),
    ),
)
HILLS = Zone(id="bukit", name="Bukit", name_english="Hills")
"""A zone for which nobody has set a limit yet."""

STEPS_TO_ISSUE = (
    ("periksa", "lengkap", "ani"),
    ("tata-ruang", "sesuai", "bayu"),
    ("lingkungan", "sesuai", "citra"),
    ("tinjau", "cocok", "ani"),
    ("putus", "setuju", "dewi"),
)

PERMITS = Codec(events.EVENTS)
CAPACITY = Codec(capacity_events.EVENTS)


def a_directory(services: Sequence[str], officers: Sequence[Officer] = OFFICERS) -> Directory:
    return Directory(
        agencies=tuple(Agency(id=each, name=each, name_english=each, kind=AgencyKind.REGENCY) for each in AGENCIES),
        services=tuple(
            Service(id=each, name=each, name_english=each, agency="dpmptsp", prefix=each[0].upper())
            for each in services
        ),
        counters=(),
        officers=tuple(officers),
        roles=tuple(Role(id=each, name=each, name_english=each) for each in ROLES),
    )


class Office:
    """A permit desk on its store, with its clock."""

    HOTEL, PRACTICE, BEACH, HILLS, OFFICERS = HOTEL, PRACTICE, BEACH, HILLS, OFFICERS

    def __init__(
        self,
        *,
        store: EventStore | None = None,
        start: str = TUESDAY,
        workflows: Sequence[Workflow] = (HOTEL, PRACTICE),
        zones: Sequence[Zone] = (BEACH, HILLS),
        officers: Sequence[Officer] = OFFICERS,
        directory: Directory | None = None,
        **policies: object,
    ) -> None:
        services = [each for workflow in workflows for each in workflow.services]
        self.directory = directory or a_directory(tuple(dict.fromkeys(services)), officers)
        for workflow in workflows:
            assert problems_of(workflow, roles=ROLES, agencies=AGENCIES, services=services) == ()
        self.store = store or MemoryStore()
        self.clock = VirtualClock(start)
        self.workflows = tuple(workflows)
        self.zones = tuple(zones)
        self.policies = PermitPolicies(**policies)
        self.desk = self.another_desk()

    def another_desk(
        self,
        *,
        store: EventStore | None = None,
        clock: VirtualClock | None = None,
        workflows: Sequence[Workflow] | None = None,
    ) -> PermitsDesk:
        """Return a desk of another process, as it were; or of the same mall after a change of its blueprint."""
        return PermitsDesk(
            mall="badung",
            store=store or self.store,
            directory=self.directory,
            calendar=Calendar(zone=ZoneInfo("Asia/Makassar")),
            workflows=self.workflows if workflows is None else workflows,
            zones=self.zones,
            policies=self.policies,
            clock=clock or self.clock,
        )

    def days_pass(self, days: float) -> PermitsDesk:
        """Let calendar days pass, and return the desk."""
        self.clock.advance(minutes=days * 24 * 60)
        return self.desk

    # --- applications that stand somewhere ---

    def document(self, kind: str, digit: str = "a") -> Document:
        return Document(
            kind=kind, digest=digit * 64, media_type="application/pdf", size=1024, place=f"arsip/{kind}.pdf"
        )

    def rooms(self, amount: int | str, **others: str) -> tuple[Use, ...]:
        return tuple(
            Use(resource=resource, amount=Decimal(each)) for resource, each in {"kamar": amount, **others}.items()
        )

    def drafted(self, rooms: int = 0, *, zone: str = "pantai", service: str = "hotel", **more: object) -> Application:
        """An application with its documents; one without rooms lies in no zone."""
        there = {"zone": zone, "uses": self.rooms(rooms)} if rooms else {}
        money = Investment(rupiah=10**9, jobs=20, sector="pariwisata")
        app = self.desk.draft(service, "pemohon-1", investment=money, **there, **more)
        for kind in ("ktp", "rencana-tapak"):
            app = self.desk.attach(app.id, self.document(kind))
        return app

    def submitted(self, rooms: int = 0, **more: object) -> Application:
        return self.desk.submit(self.drafted(rooms, **more).id)

    def after_steps(self, app: Application, until: str | None = None) -> Application:
        """Take the steps to the grant, up to the one that is to stay open."""
        for step, outcome, officer in STEPS_TO_ISSUE:
            if step == until:
                break
            if app.workflow.has_step(step):
                app = self.desk.act(app.id, step, outcome, officer=officer)
        return app

    def granted(self, rooms: int = 0, **more: object) -> Application:
        return self.after_steps(self.submitted(rooms, **more))

    def issued(self, rooms: int = 0, **more: object) -> Application:
        return self.desk.issue(self.granted(rooms, **more).id, "terbit", "terbitkan", officer="dewi")

    def returned(self, rooms: int = 0, **more: object) -> Application:
        app = self.submitted(rooms, **more)
        return self.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah"])

    def application_in(self, status: Status, rooms: int = 0) -> Application:
        """An application of any status."""
        match status:
            case Status.DRAFT:
                return self.drafted(rooms)
            case Status.IN_PROCESS:
                return self.submitted(rooms)
            case Status.RETURNED:
                return self.returned(rooms)
            case Status.GRANTED:
                return self.granted(rooms)
            case Status.ISSUED:
                return self.issued(rooms)
            case Status.SUSPENDED:
                return self.desk.suspend(self.issued(rooms).id, officer="dewi", why="Tidak sesuai")
            case Status.REFUSED:
                app = self.submitted(rooms)
                return self.desk.act(app.id, "periksa", "tolak", officer="ani", reasons=["tidak_lengkap"])
            case Status.WITHDRAWN:
                return self.desk.withdraw(self.submitted(rooms).id)
            case Status.LAPSED:
                app = self.returned(rooms)
                self.days_pass(14).enforce_deadlines()
                return self.desk.application(app.id)
            case Status.REVOKED:
                return self.desk.revoke(self.issued(rooms).id, officer="dewi", why="Tidak dibangun")

    # --- what stands in the store, folded by nobody but the fold ---

    def names(self, application: str) -> list[str]:
        """The names of an application's events, without their room."""
        return [row.name.removeprefix("permits.") for row in self.store.read(f"badung/permit/{application}")]

    def events_of(self, application: str) -> list[events.PermitEvent]:
        rows = self.store.read(f"badung/permit/{application}")
        return [PERMITS.decode(row.name, row.event_version, row.data) for row in rows]

    def recorded(self) -> int:
        """How many events there are in the store."""
        return sum(1 for _ in self.store.read_all(limit=10**6))

    def refolded(self, application: str) -> Application | None:
        app = None
        for row in self.store.read(f"badung/permit/{application}"):
            app = folded(application, app, PERMITS.decode(row.name, row.event_version, row.data), row.at)
        return app

    def ledger(self, zone: str = "pantai") -> Ledger:
        ledger = Ledger(zone=zone)
        for row in self.store.read(f"badung/zone/{zone}"):
            apply_to_zone(ledger, CAPACITY.decode(row.name, row.event_version, row.data), row.at)
        return ledger

    def check_zone(self, zone: str = "pantai") -> Ledger:
        """Check that a zone's ledger says of each application what that says of itself; return the ledger."""
        ledger = self.ledger(zone)
        holding = {}
        for head in self.desk.applications(zone=zone):
            app = self.refolded(head.stream.rpartition("/")[2])
            assert app is not None
            if app.holds_capacity:
                holding[app.id] = (
                    HoldingStatus.COMMITTED if app.permit else HoldingStatus.RESERVED,
                    {use.resource: use.amount for use in app.uses},
                )
        assert {key: (held.status, held.amounts) for key, held in ledger.holdings.items()} == holding
        for resource, stands in ledger.resources.items():
            for status, total in (
                (HoldingStatus.COMMITTED, stands.committed),
                (HoldingStatus.RESERVED, stands.reserved),
            ):
                assert total == sum(uses.get(resource, 0) for kept, uses in holding.values() if kept is status)
        return ledger


@pytest.fixture
def make_office() -> Callable[..., Office]:
    """Return a function that makes an office; policies as keyword arguments."""
    return Office


@pytest.fixture
def office() -> Office:
    """An office with two workflows, and a zone with room for a hundred rooms."""
    return Office()
