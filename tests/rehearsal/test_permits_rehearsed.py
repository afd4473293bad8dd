"""Permits rehearsed: any office under any habits keeps the rules, counts everybody once, and is the same everywhere."""

import json
from collections import Counter as Tally
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, sample_blueprint
from mppkit.decisions import Reason
from mppkit.directory import Officer, Role
from mppkit.durations import Durations
from mppkit.errors import InvalidValueError
from mppkit.permits.capacity import Limit, Zone
from mppkit.permits.capacity_policies import AskForLess, RefuseBeyond
from mppkit.permits.policies import PermitPolicies
from mppkit.permits.soundness import problems_of
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow
from mppkit.rehearsal import Habits, PermitHabits, Plan, Rehearsal, Visit, load_profile, rehearse, report
from mppkit.storage import EventStore, MemoryStore, Query, Recorded, audit, open_store

TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
ZONE = ZoneInfo("Asia/Makassar")
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
BACK = StepOutcome(id="kurang", effect=Effect.RETURN)
FULL = Reason(code="zona-penuh", indonesian="Zona penuh.", english="The zone is full.")
OUTSIDE = Reason(code="luar-zona", indonesian="Di luar zona.", english="Outside of the zone.")


def a_step(step_id: str, kind: StepKind, role: str, *outcomes: StepOutcome, **more: Any) -> Step:
    return Step(
        id=step_id, name=step_id, name_english=step_id, kind=kind, role=role, working_days=2, outcomes=outcomes, **more
    )


def a_workflow(**more: Any) -> Workflow:
    """Verify, two assessments side by side that may send back, decide with a share of the zone, issue."""
    facts: dict[str, Any] = {
        "id": "izin",
        "name": "Izin",
        "name_english": "Permit",
        "services": ("nib",),
        "start": "periksa",
        "documents": ("rencana",),
        "reasons": (FULL, OUTSIDE),
        "working_days": 8,
        "overdue": Overdue.ESCALATE,
        "escalates_to": "kepala",
        "applicant_days": 10,
        "steps": (
            a_step(
                "periksa",
                StepKind.VERIFY,
                "pemeriksa",
                StepOutcome(id="lengkap", effect=Effect.FORWARD, next=("ruang", "air"), join="putus"),
                BACK,
                agency="dpm",
            ),
            a_step(
                "ruang", StepKind.ASSESS, "penilai", StepOutcome(id="ok", effect=Effect.FORWARD, next=("putus",)), BACK
            ),
            a_step(
                "air",
                StepKind.ASSESS,
                "penilai",
                StepOutcome(id="ok", effect=Effect.FORWARD, next=("putus",)),
                BACK,
                documents=("neraca-air",),
            ),
            a_step(
                "putus",
                StepKind.DECIDE,
                "kepala",
                StepOutcome(id="setuju", effect=Effect.GRANT, next=("terbit",)),
                StepOutcome(id="bersyarat", effect=Effect.GRANT_WITH_CONDITIONS, next=("terbit",)),
                StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("zona-penuh", "luar-zona")),
                reserves=True,
            ),
            a_step("terbit", StepKind.ISSUE, "penerbit", StepOutcome(id="terbit", effect=Effect.ISSUE)),
        ),
    }
    return Workflow(**{**facts, **more})


BY_SITE_VISIT = a_workflow(
    start="tinjau",
    steps=(
        a_step(
            "tinjau",
            StepKind.SITE_VISIT,
            "penilai",
            StepOutcome(id="ok", effect=Effect.FORWARD, next=("putus",)),
            BACK,
            reserves=True,
        ),
        a_step(
            "putus",
            StepKind.DECIDE,
            "kepala",
            StepOutcome(id="setuju", effect=Effect.GRANT, next=("terbit",)),
            StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("luar-zona",)),
            BACK,
        ),
        a_step("terbit", StepKind.ISSUE, "penerbit", StepOutcome(id="terbit", effect=Effect.ISSUE)),
    ),
    reasons=(OUTSIDE,),
)
"""What the invented mall has: the zone is asked where nobody can refuse, only send back."""
BOTH_WAYS = a_workflow(
    steps=tuple(
        evolve(step, outcomes=(*step.outcomes, BACK)) if step.kind is StepKind.DECIDE else step
        for step in a_workflow().steps
    )
)
"""Who decides can refuse for a full zone, and can send back."""
SILENCE = a_workflow(overdue=Overdue.DEEMED_GRANTED, working_days=None)

OFFICERS = (
    Officer(id="ayu", agency="dpm", roles=("pemeriksa",)),
    Officer(id="budi", agency="dpm", roles=("pemeriksa", "penerbit")),
    Officer(id="citra", agency="pdam", roles=("penilai", "pemeriksa")),
    Officer(id="dewi", agency="dpm", roles=("kepala",)),
    Officer(id="eka", agency="dpm", roles=()),
)
FAJAR = Officer(id="fajar", agency="bpn", roles=("penilai",))
"""With a second one to assess, two assess the same application at once, and one may send it back."""


def a_zone(zone_id: str, rooms: str, water: str) -> Zone:
    def limit(resource: str, amount: str) -> Limit:
        return Limit(resource=resource, unit="x", amount=Decimal(amount), source="kajian", dated_on=date(2026, 1, 1))

    return Zone(id=zone_id, name=zone_id, name_english=zone_id, limits=(limit("kamar", rooms), limit("air", water)))


COAST = a_zone("pantai", "100", "80.5")


def an_office(
    mall: Callable[..., Blueprint],
    workflow: Workflow | None = None,
    *,
    zones: tuple[Zone, ...] = (COAST,),
    officers: tuple[Officer, ...] = OFFICERS,
    **more: Any,
) -> Blueprint:
    there = mall(loket=("nib", "ktp"))
    workflow = workflow or a_workflow()
    roles = tuple(Role(id=r, name=r, name_english=r) for r in ("pemeriksa", "penilai", "kepala", "penerbit"))
    directory = evolve(there.directory, officers=officers, roles=roles)
    return evolve(there, directory=directory, workflows=(workflow,), zones=zones, **more)


def plan_of(how_many: int, *, on: date = TUESDAY, seed: int = 1, service: str = "nib") -> Plan:
    first_at = OPENS_AT + (on - TUESDAY)
    visits = tuple(
        Visit(arrives_at=first_at + timedelta(minutes=12 * n), service=service, service_seconds=600)
        for n in range(how_many)
    )
    return Plan(source="a test", seed=seed, days={on: visits})


def habits(**more: Any) -> Habits:
    """Return habits under which everybody applies and all goes well, but for what is said."""
    nothing_goes_wrong = dict.fromkeys(("returned", "refused", "with_conditions", "never_back"), 0)
    smooth = {"applying": 1, "step_minutes": (30, 30), **nothing_goes_wrong}
    return Habits(walk_seconds=0, permits=PermitHabits(**{**smooth, **more}), survey=None)


def permits_of(rehearsal: Rehearsal) -> dict[str, Any]:
    told = report(rehearsal, store="memory:")["permits"]
    assert isinstance(told, dict)
    return told


def happened(store: EventStore, category: str = "permit") -> list[tuple[Recorded, dict[str, Any]]]:
    rows = [row for row in store.read_all(limit=100_000) if row.stream.split("/")[1] == category]
    return [(row, json.loads(row.data)) for row in rows]


def local(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%m-%d %H:%M}"


# --- stories, to the minute ------------------------------------------------------------------------------------------


def test_one_application_goes_its_way_to_the_minute(mall: Callable[..., Blueprint]) -> None:
    store = MemoryStore()
    rehearsal = rehearse(an_office(mall), store, plan_of(1), habits=habits(zone_share=(0.3, 0.3)))
    names = [(local(row.at), row.name.removeprefix("permits."), data.get("officer")) for row, data in happened(store)]
    assert names == [
        ("11-24 08:10", "drafted", None),
        ("11-24 08:10", "document_attached", None),
        ("11-24 08:10", "document_attached", None),
        ("11-24 08:10", "submitted", None),
        ("11-25 08:30", "step_done", "ayu"),
        # 26 November is a closure
        ("11-27 08:30", "step_done", "citra"),
        ("11-27 09:00", "step_done", "citra"),
        ("11-30 08:30", "capacity_advised", "dewi"),
        ("11-30 08:30", "decided", "dewi"),
        ("12-01 08:30", "issued", "budi"),
    ]
    assert {row.actor for row, _ in happened(store)[:4]} == {"visitor-2026-11-24-B-001"}
    told = permits_of(rehearsal)
    assert told == {
        "applications": 1,
        "granted": 1,
        "with_conditions": 0,
        "deemed_granted": 0,
        "issued": 1,
        "refused": 0,
        "refused_for": {},
        "withdrawn": 0,
        "lapsed": 0,
        "still_running": 0,
        "returned": 0,
        "escalated": 0,
        "without_room": 0,
        "days_to_decide": {"mean": 3.0, "p50": 3, "p90": 3, "max": 3, "n": 1, "censored": 0},
        "within_term": 1.0,
        "zones": [
            {
                "zone": "pantai",
                "resource": "kamar",
                "unit": "x",
                "limit": "100",
                "committed": "30",
                "reserved": "0",
                "free": "70",
            },
            {
                "zone": "pantai",
                "resource": "air",
                "unit": "x",
                "limit": "80.5",
                "committed": "24.1",
                "reserved": "0.0",
                "free": "56.4",
            },
        ],
        "at": "2026-12-01T00:30:00+00:00",
        "events": 10 + 2 + 2 + 2,  # its own, the register's, two limits, and its share reserved and committed
    }


def test_an_application_sent_back_stops_its_clock_and_who_never_comes_back_lapses(
    mall: Callable[..., Blueprint],
) -> None:
    always = habits(returned=1, never_back=1)
    store = MemoryStore()
    told = permits_of(rehearse(an_office(mall), store, plan_of(1), habits=always))
    assert [(local(row.at), row.name) for row, _ in happened(store)][-2:] == [
        ("11-25 08:30", "permits.returned"),
        # ten working days after 25 November, the 26th closed: 10 December is the last; the morning after
        ("12-11 08:00", "permits.lapsed"),
    ]
    assert (told["lapsed"], told["returned"], told["still_running"]) == (1, 1, 0)
    # the clock ran for the one working day before it was sent back
    assert told["days_to_decide"] == {"mean": 1.0, "p50": None, "p90": None, "max": 1, "n": 1, "censored": 1}


def test_who_is_sent_back_comes_back_with_a_corrected_document(mall: Callable[..., Blueprint]) -> None:
    store = MemoryStore()
    back_in_three = habits(returned=1, correction_days=(3, 3), weeks=1)
    rehearse(an_office(mall), store, plan_of(1), habits=back_in_three)
    rows = happened(store)
    names = [row.name.removeprefix("permits.") for row, _ in rows]
    assert names[4:7] == ["returned", "document_attached", "resubmitted"]
    assert rows[6][0].at.astimezone(ZONE).date() == date(2026, 11, 30)  # 28 November is a Saturday
    corrected = {data["digest"] for _, data in rows if "digest" in data}
    assert len(corrected) == names.count("document_attached")


def test_each_correction_is_the_one_that_was_asked_for(mall: Callable[..., Blueprint]) -> None:
    asked: Tally[str] = Tally()
    for seed in range(6):
        store = MemoryStore()
        how = habits(returned=0.4, refused=0.3, accepts=0.1, zone_share=(0.4, 0.4), correction_days=(1, 3))
        rehearse(an_office(mall, BY_SITE_VISIT if seed % 2 else BOTH_WAYS), store, plan_of(6, seed=seed), habits=how)
        cases: dict[str, list[tuple[Recorded, dict[str, Any]]]] = {}
        for row, data in happened(store):
            cases.setdefault(row.stream, []).append((row, data))
            asked.update(data.get("items", ()))
        for case in cases.values():
            check_what_was_asked(case)
    assert len(asked) == 2
    assert min(asked.values()) > 5


def test_who_comes_back_too_late_finds_it_lapsed(mall: Callable[..., Blueprint]) -> None:
    store, later = MemoryStore(), date(2027, 1, 19)
    both = evolve(plan_of(1), days={**plan_of(1).days, **plan_of(1, on=later).days})
    back_in_a_month = habits(returned=1, correction_days=(30, 30), weeks=1)
    told = permits_of(rehearse(an_office(mall), store, both, habits=back_in_a_month))
    assert (told["applications"], told["lapsed"], told["still_running"]) == (2, 1, 1)
    assert "permits.resubmitted" not in [row.name for row, _ in happened(store)]


def test_two_officers_never_have_the_same_application_in_hand(mall: Callable[..., Blueprint]) -> None:
    store = MemoryStore()
    rehearse(an_office(mall), store, plan_of(6), habits=habits(zone_share=(0, 0), steps_a_day=2))
    verified = [(local(row.at), data["officer"]) for row, data in happened(store) if data.get("step") == "periksa"]
    # citra has the role too, and is of another agency; two steps a day each
    assert verified == [
        ("11-25 08:30", "ayu"),
        ("11-25 08:30", "budi"),
        ("11-25 09:00", "ayu"),
        ("11-25 09:00", "budi"),
        ("11-27 08:30", "ayu"),
        ("11-27 08:30", "budi"),
    ]


def test_so_many_apply_as_the_share_says(mall: Callable[..., Blueprint]) -> None:
    def applied(share: float) -> int:
        told = permits_of(rehearse(an_office(mall), MemoryStore(), plan_of(30), habits=habits(applying=share, weeks=1)))
        count: int = told["applications"]
        return count

    assert (applied(0), applied(1)) == (0, 30)
    assert 6 < applied(0.5) < 24


@pytest.mark.parametrize(
    ("workflow", "accepts", "ends", "used"),
    [
        # two take 40 of 100; the third is sent back, and takes the 20 that are left
        (BY_SITE_VISIT, 0.5, {"issued": 3}, "100"),
        # it wants more than that, and withdraws
        (BY_SITE_VISIT, 0.51, {"issued": 2, "withdrawn": 1}, "80"),
        # who decides can refuse for a full zone, and cannot send back
        (a_workflow(), 0.5, {"issued": 2, "refused": 1}, "80"),
        # who can do both asks for less where that helps, and refuses where it does not
        (BOTH_WAYS, 0.5, {"issued": 3}, "100"),
        (BOTH_WAYS, 0.51, {"issued": 2, "refused": 1}, "80"),
    ],
)
def test_the_third_hotel_in_a_zone_for_two_and_a_half(
    workflow: Workflow, accepts: float, ends: Mapping[str, int], used: str, mall: Callable[..., Blueprint]
) -> None:
    there = an_office(mall, workflow)
    told = permits_of(rehearse(there, MemoryStore(), plan_of(3), habits=habits(zone_share=(0.4, 0.4), accepts=accepts)))
    assert {
        key: told[key] for key in ("issued", "refused", "withdrawn", "lapsed", "still_running") if told[key]
    } == ends
    assert told["without_room"] == 1
    assert told["refused_for"] == ({"zona-penuh": 1} if "refused" in ends else {})
    assert (told["zones"][0]["committed"], told["zones"][0]["reserved"]) == (used, "0")


def test_without_anybody_to_work_it_is_escalated_or_deemed_granted_by_silence(mall: Callable[..., Blueprint]) -> None:
    nobody: tuple[Officer, ...] = ()
    told = permits_of(rehearse(an_office(mall, officers=nobody), MemoryStore(), plan_of(2), habits=habits(weeks=3)))
    assert (told["applications"], told["still_running"], told["escalated"], told["granted"]) == (2, 2, 2, 0)
    assert told["within_term"] == 0
    assert told["at"] == "2026-12-15T15:59:59.999999+00:00"  # three weeks, and the whole of the last day
    small = habits(zone_share=(0.1, 0.1))
    told = permits_of(rehearse(an_office(mall, SILENCE, officers=nobody), MemoryStore(), plan_of(2), habits=small))
    assert (told["issued"], told["deemed_granted"], told["still_running"]) == (2, 2, 0)
    # five working days after 24 November, the 26th closed: 2 December was the last, and it is the morning of the 3rd
    assert told["at"] == "2026-12-03T00:00:00+00:00"
    assert told["within_term"] == 0


# --- when there is nothing to rehearse -------------------------------------------------------------------------------


def test_a_mall_without_workflows_or_without_that_habit_has_no_permits(mall: Callable[..., Blueprint]) -> None:
    plain, alone = MemoryStore(), MemoryStore()
    told = report(rehearse(mall(loket=("nib", "ktp")), plain, plan_of(2)), store="")
    assert told["permits"] is None
    without = rehearse(an_office(mall), alone, plan_of(2), habits=Habits(permits=None))
    assert (without.permits, report(without, store="")["permits"]) == (None, None)
    assert [head.stream for head in alone.find(Query())] == ["contoh/queue/2026-11-24"]


def test_who_was_not_served_at_such_a_service_does_not_apply_and_nothing_is_recorded(
    mall: Callable[..., Blueprint],
) -> None:
    store = MemoryStore()
    rehearsal = rehearse(an_office(mall), store, plan_of(3, service="ktp"), habits=habits())
    told = permits_of(rehearsal)
    assert (told["applications"], told["events"], told["within_term"]) == (0, 0, None)
    assert [zone["free"] for zone in told["zones"]] == ["100", "80.5"]
    assert told["at"] == "2026-11-23T16:00:00+00:00"
    absent = evolve(plan_of(1), days={TUESDAY: (evolve(plan_of(1).days[TUESDAY][0], absent=True),)})
    assert permits_of(rehearse(an_office(mall), MemoryStore(), absent, habits=habits()))["applications"] == 0


def test_a_store_that_holds_permits_of_the_mall_is_refused_and_stays_as_it_is(mall: Callable[..., Blueprint]) -> None:
    store, there = MemoryStore(), an_office(mall)
    rehearse(there, store, plan_of(1), habits=habits())
    before = store.read_all()
    with pytest.raises(InvalidValueError, match=r"already holds permits of contoh.*--no-permits"):
        rehearse(there, store, plan_of(1, on=WEDNESDAY), habits=habits())
    assert store.read_all() == before
    rehearse(there, store, plan_of(1, on=WEDNESDAY), habits=Habits(permits=None))
    rehearse(evolve(there, id="lain"), store, plan_of(1), habits=habits())
    assert audit(store).intact


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("applying", 1.1),
        ("returned", -0.1),
        ("never_back", True),
        ("accepts", float("nan")),
        ("zone_share", (0.5, 0.4)),
        ("zone_share", (0.5, 1.5)),
        ("zone_share", 0.5),
        ("correction_days", (1, 2, 3)),
        ("correction_days", (0, 1e9)),
        ("step_minutes", ("a", "b")),
        ("steps_a_day", 0),
        ("steps_a_day", 1.5),
        ("weeks", 0),
        ("weeks", 1000),
        ("zone_full", "no code"),
    ],
)
def test_a_habit_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=name):
        PermitHabits(**{name: value})  # type: ignore[arg-type]


# --- the same everywhere ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_contoh() -> Plan:
    return load_profile().plan(sample_blueprint(), [TUESDAY, WEDNESDAY], seed=5)


def test_the_invented_mall_has_the_digest_of_an_audit_on_any_store(of_contoh: Plan, tmp_path: Path) -> None:
    there, memory = sample_blueprint(), MemoryStore()
    first = rehearse(there, memory, of_contoh)
    told = permits_of(first)
    assert told["applications"] > 0
    assert first.digest == audit(memory).digest
    assert first.events == audit(memory).events
    with open_store(f"sqlite:///{tmp_path}/gladi.db?synchronous=normal") as store:
        again = rehearse(there, store, of_contoh)
        assert again.digest == first.digest == audit(store).digest
        assert permits_of(again) == told
    other = MemoryStore()
    rehearse(evolve(there, id="lain"), other, of_contoh)
    assert rehearse(there, other, of_contoh).digest == first.digest
    another_seed = rehearse(there, MemoryStore(), evolve(of_contoh, seed=6))
    assert [day.digest for day in another_seed.days] == [day.digest for day in first.days]
    assert another_seed.digest != first.digest


def test_by_default_some_are_sent_back_and_find_their_zone_full_and_some_are_refused_for_it() -> None:
    there = sample_blueprint()
    full = 0
    for on in (TUESDAY, date(2026, 12, 1), date(2026, 12, 15), date(2027, 1, 26)):
        told = permits_of(rehearse(there, MemoryStore(), load_profile().plan(there, [on], seed=1)))
        assert all(told[key] > 0 for key in ("returned", "without_room", "issued")), on
        full += told["refused_for"].get("zona-penuh", 0)
    assert full >= 4


def test_progress_counts_the_visits_and_then_the_days_of_the_permits(mall: Callable[..., Blueprint]) -> None:
    seen: list[tuple[int, int]] = []
    rehearse(
        an_office(mall),
        MemoryStore(),
        plan_of(4),
        habits=habits(weeks=3),
        progress=lambda done, total: seen.append((done, total)),
    )
    total = 4 + 1 + 21
    assert [done for done, _ in seen[:4]] == [1, 2, 3, 4]
    assert {of for _, of in seen} == {total}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (total, total)


def test_a_broken_chain_of_a_permit_is_told(mall: Callable[..., Blueprint]) -> None:
    class Forging(MemoryStore):
        def read_all(self, after: int = 0, limit: int = 1000) -> Any:
            rows = super().read_all(after, limit)
            return tuple(evolve(row, actor="x") if row.name == "permits.issued" else row for row in rows)

    assert not rehearse(an_office(mall), Forging(), plan_of(1), habits=habits()).intact


# --- any office, any habits ------------------------------------------------------------------------------------------

SHARES = st.sampled_from([0, 0.1, 0.5, 0.9, 1])
HABITS = st.builds(
    PermitHabits,
    applying=st.sampled_from([0.5, 1]),
    zone_share=st.sampled_from([(0.2, 0.6), (0, 1), (1, 1), (0, 0)]),
    accepts=SHARES,
    returned=st.sampled_from([0, 0.1, 0.5]),
    refused=st.sampled_from([0, 0.1, 0.5, 1]),
    with_conditions=SHARES,
    never_back=SHARES,
    correction_days=st.sampled_from([(0, 0), (1, 14), (0, 40)]),
    steps_a_day=st.integers(1, 5),
    step_minutes=st.sampled_from([(0, 0), (20, 90), (200, 500)]),
    weeks=st.integers(1, 8),
)
WORKFLOWS = st.builds(
    lambda workflow, counts_from: evolve(workflow, counts_from=counts_from),
    st.sampled_from([a_workflow(), BY_SITE_VISIT, BOTH_WAYS, SILENCE, a_workflow(applicant_days=None)]),
    st.sampled_from(CountsFrom),
)
WHO_WORKS = st.just((*OFFICERS, FAJAR)) | st.sets(st.sampled_from((*OFFICERS, FAJAR))).map(
    lambda some: tuple(sorted(some, key=lambda each: each.id))
)
HOURS = st.sampled_from([((time(8), time(12)), (time(13), time(15, 30))), ((time(8), time(9)),)])


def test_the_workflows_of_these_tests_are_sound() -> None:
    for workflow in (a_workflow(), BY_SITE_VISIT, BOTH_WAYS, SILENCE):
        roles = ("pemeriksa", "penilai", "kepala", "penerbit")
        assert problems_of(workflow, roles=roles, agencies=("dpm",), services=("nib",)) == ()


@settings(deadline=None, max_examples=60)
@given(
    permits=HABITS,
    workflow=WORKFLOWS,
    zones=st.sampled_from([(), (COAST,), (COAST, a_zone("bukit", "7", "0"))]),
    policy=st.sampled_from([RefuseBeyond(), AskForLess()]),
    officers=WHO_WORKS,
    hours=HOURS,
    how_many=st.integers(0, 9),
    seed=st.integers(0, 99),
)
def test_any_office_keeps_the_rules_and_counts_everybody_once(
    permits: PermitHabits,
    workflow: Workflow,
    zones: tuple[Zone, ...],
    policy: Any,
    officers: tuple[Officer, ...],
    hours: Any,
    how_many: int,
    seed: int,
    mall: Callable[..., Blueprint],
) -> None:
    there = an_office(mall, workflow, zones=zones, officers=officers, permit_policies=PermitPolicies(capacity=policy))
    weekly = evolve(there.calendar.hours, by_weekday=dict.fromkeys(range(5), hours))
    there = evolve(there, calendar=evolve(there.calendar, hours=weekly))
    store = MemoryStore()
    how = Habits(walk_seconds=0, permits=permits, survey=None)
    rehearsal = rehearse(there, store, plan_of(how_many, seed=seed), habits=how)
    assert rehearsal.intact
    assert rehearsal.digest == audit(store).digest
    told, rows = permits_of(rehearsal), happened(store)
    cases: dict[str, list[tuple[Recorded, dict[str, Any]]]] = {}
    for row, data in rows:
        cases.setdefault(row.stream, []).append((row, data))
    at = datetime.fromisoformat(told["at"])

    # every application is counted in one outcome, as its last events say
    ends = Tally(end_of(case) for case in cases.values())
    assert {key: told[key] for key in ("issued", "refused", "withdrawn", "lapsed", "still_running")} == {
        key: ends[key] for key in ("issued", "refused", "withdrawn", "lapsed", "still_running")
    }
    assert told["applications"] == len(cases) == ends.total()
    assert told["returned"] == sum("permits.returned" in names_of(case) for case in cases.values())
    assert told["escalated"] == sum("permits.escalated" in names_of(case) for case in cases.values())
    served = rehearsal.measures.by_service["nib"].outcomes["finished"] if how_many else 0
    assert len(cases) == served if permits.applying == 1 else len(cases) <= served

    # it ends when nothing is running any more, or when time is up
    last_on = TUESDAY + timedelta(weeks=permits.weeks)
    assert all(row.at <= at for row, _ in rows)
    if told["still_running"]:
        assert at.astimezone(ZONE).date() == last_on
        assert (at + timedelta(microseconds=1)).astimezone(ZONE).time() == time(0)

    check_the_officers(rows, there, permits)
    for case in cases.values():
        check_what_was_asked(case)
    check_the_zones(told, store, cases, zones)
    check_the_days(told, cases, there, at)


def names_of(case: list[tuple[Recorded, dict[str, Any]]]) -> list[str]:
    return [row.name for row, _ in case]


def end_of(case: list[tuple[Recorded, dict[str, Any]]]) -> str:
    names = names_of(case)
    found = [name for name in ("issued", "withdrawn", "lapsed") if f"permits.{name}" in names]
    found += ["refused" for row, data in case if row.name == "permits.decided" and data["outcome"] == "tolak"]
    assert len(found) <= 1
    return found[0] if found else "still_running"


def check_the_officers(rows: list[tuple[Recorded, dict[str, Any]]], there: Blueprint, permits: PermitHabits) -> None:
    """Nobody acts without the role and agency, out of hours, more than so often a day, or on what is sent back."""
    steps = {step.id: step for step in there.workflows[0].steps}
    roles = {officer.id: officer for officer in there.directory.officers}
    a_day: Tally[tuple[str, date]] = Tally()
    with_applicant: set[str] = set()
    for row, data in rows:
        name = row.name.removeprefix("permits.")
        if name in ("step_done", "decided", "issued", "returned", "deemed_granted"):
            assert row.stream not in with_applicant
        if name == "returned":
            with_applicant.add(row.stream)
        elif name == "resubmitted":
            with_applicant.discard(row.stream)
        if name not in ("step_done", "decided", "issued", "returned") or data.get("officer") is None:
            continue
        officer, step = roles[data["officer"]], steps[data["step"]]
        assert row.actor == officer.id
        assert step.role in officer.roles
        assert step.agency in (None, officer.agency)
        on = row.at.astimezone(ZONE).date()
        assert any(w.opens_at <= row.at <= w.closes_at for w in there.calendar.opening(on).windows)
        a_day[officer.id, on] += 1
    assert max(a_day.values(), default=0) <= permits.steps_a_day


def check_what_was_asked(case: list[tuple[Recorded, dict[str, Any]]]) -> None:
    """A full zone is answered with less, other corrections with a document; it is the reason only where it is so."""
    asked, brought, is_full = "", 0, False
    for row, data in case:
        name = row.name.removeprefix("permits.")
        if name == "capacity_advised":
            # where the law asked, in place of a deemed grant, the officers are told and go on as they would
            is_full = "officer" in data and data["decision"]["outcome"] != "granted"
        elif name == "returned":
            [asked], brought = data["items"], 0
            assert asked.startswith("zona penuh") == is_full
            is_full = False
        elif name == "document_attached":
            brought += 1
        elif name == "resubmitted":
            if asked.startswith("zona penuh"):
                assert brought == 0
            else:
                assert (brought, data.get("uses")) == (1, None)
        elif name == "withdrawn":
            assert asked.startswith("zona penuh")
        elif name == "decided" and data["outcome"] == "tolak":
            assert (data["reasons"][0]["code"] == "zona-penuh") == is_full


def check_the_zones(
    told: dict[str, Any],
    store: EventStore,
    cases: Mapping[str, list[tuple[Recorded, dict[str, Any]]]],
    zones: tuple[Zone, ...],
) -> None:
    """A zone is never oversold at any time, and in the end holds what its applications hold, by a count of its own."""
    limits = {(zone.id, limit.resource): limit.amount for zone in zones for limit in zone.limits}
    holds: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row, data in happened(store, "zone"):
        zone = row.stream.split("/")[2]
        if row.name in ("capacity.reserved", "capacity.adjusted"):
            holds[zone, data["application"]] = {u["resource"]: Decimal(u["amount"]) for u in data["uses"]}
        elif row.name == "capacity.released":
            del holds[zone, data["application"]]
        for (of, resource), limit in limits.items():
            assert sum(uses.get(resource, 0) for (z, _), uses in holds.items() if z == of) <= limit
    for row in told["zones"]:
        taken = sum(uses.get(row["resource"], 0) for (z, _), uses in holds.items() if z == row["zone"])
        assert Decimal(row["committed"]) + Decimal(row["reserved"]) == taken
        assert Decimal(row["free"]) == Decimal(row["limit"]) - taken
    issued = {stream.split("/")[2] for stream, case in cases.items() if "permits.issued" in names_of(case)}
    ended = ("refused", "withdrawn", "lapsed")
    gone = {stream.split("/")[2] for stream, case in cases.items() if end_of(case) in ended}
    holding = {application for _, application in holds}
    assert not holding & gone
    if zones:
        assert issued <= holding


def check_the_days(
    told: dict[str, Any],
    cases: Mapping[str, list[tuple[Recorded, dict[str, Any]]]],
    there: Blueprint,
    at: datetime,
) -> None:
    """Days to decide, counted day by day: none on which it lay with the applicant, and none before the clock runs."""
    made = Durations()
    verifying = {step.id for step in there.workflows[0].steps if step.kind is StepKind.VERIFY}
    for case in cases.values():
        from_at = judged_at = ended_at = None
        returns: list[list[datetime]] = []
        asked: set[str] = set()
        for row, data in case:
            name = row.name.removeprefix("permits.")
            if name == "submitted":
                from_at = row.at
            elif name == "returned":
                returns.append([row.at])
                asked = {data["step"]}
            elif name == "resubmitted":
                returns[-1].append(row.at)
                if asked & verifying and there.workflows[0].counts_from is CountsFrom.COMPLETE:
                    from_at = row.at
            elif name == "decided":
                judged_at = row.at
            elif name == "deemed_granted":  # on the last day of its term, not on the morning after
                judged_at = datetime.combine(date.fromisoformat(data["due_on"]), time(23), tzinfo=ZONE)
            elif name in ("withdrawn", "lapsed"):
                ended_at = row.at
        assert from_at is not None
        until = judged_at or ended_at or at
        day, used = from_at.astimezone(ZONE).date(), 0
        while day < until.astimezone(ZONE).date():
            day += timedelta(days=1)
            stood = any(
                first.astimezone(ZONE).date() < day <= (rest[0] if rest else until).astimezone(ZONE).date()
                for first, *rest in returns
            )
            used += bool(there.calendar.opening(day).windows) and not stood
        made.add(used, ended=judged_at is not None)
    assert told["days_to_decide"] == {
        "mean": None if made.mean is None else round(made.mean, 4),
        "p50": made.percentile(0.5),
        "p90": made.percentile(0.9),
        "max": made.max,
        "n": len(cases),
        "censored": made.n_censored,
    }
