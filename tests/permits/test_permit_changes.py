"""What may change on the way: the version of a workflow, and a permit that was issued; and what may not."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.permits.capacity import HoldingStatus
from mppkit.permits.capacity_policies import LetPass
from mppkit.permits.model import Activity, Investment, Status
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, StepKind, StepOutcome

WHY = "Perbup baru"
CHANGES = {
    "amend": {"why": WHY, "investment": Investment(rupiah=5, jobs=5)},
    "renew": {},
    "suspend": {"why": WHY},
    "reinstate": {"why": WHY},
    "revoke": {"why": WHY},
}


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [why.code for why in refused.value.decision.reasons]


# --- another version of the workflow ---------------------------------------------------------------------------------


@pytest.fixture
def next_version(office: Any) -> Callable[..., Any]:
    """Return a function that gives the office a second version of the hotel's workflow; steps by id are replaced."""

    def make(*, without: str | None = None, steps: dict[str, Any] | None = None, **more: Any) -> None:
        changed = {**(steps or {})}
        kept = [changed.get(step.id, step) for step in office.HOTEL.steps if step.id != without]
        kept += [step for step_id, step in changed.items() if not office.HOTEL.has_step(step_id)]
        newer = evolve(office.HOTEL, version=2, **{"steps": tuple(kept), **more})
        office.desk = office.another_desk(workflows=(office.HOTEL, office.PRACTICE, newer))

    return make


def test_a_running_application_stays_on_the_version_it_began_with(
    office: Any, next_version: Callable[..., Any]
) -> None:
    old = office.submitted()
    next_version(working_days=20)
    assert office.desk.application(old.id).workflow.version == 1
    assert office.desk.term(old.id).working_days == 10
    assert office.submitted().workflow.version == 2
    # a blueprint that has forgotten the old version changes nothing for it
    office.desk = office.another_desk(workflows=(office.PRACTICE,))
    assert office.after_steps(old).status is Status.GRANTED


def test_moving_is_explicit_and_recorded_and_the_new_terms_hold(office: Any, next_version: Callable[..., Any]) -> None:
    app = office.submitted()
    next_version(working_days=20)
    before = office.desk.application(app.id)
    moved = office.desk.migrate(app.id, 2, officer="dewi", why=WHY, request_id="klik-1")
    assert moved == evolve(before, workflow=office.desk.workflow("hotel"))
    assert office.desk.term(app.id).working_days == 20
    event = office.events_of(app.id)[-1]
    assert (event.officer, event.why, event.workflow.version) == ("dewi", WHY, 2)
    [head] = office.desk.applications(service="hotel")
    assert head.labels["due_on"] == "2026-12-22"
    assert office.desk.migrate(app.id, 2, officer="dewi", why=WHY, request_id="klik-1") == moved
    assert office.desk.migrate(app.id, 2, officer="dewi", why=WHY) == moved
    assert office.names(app.id).count("migrated") == 1
    assert office.desk.migrate(app.id, 1, officer="dewi", why="Kembali").workflow == office.HOTEL


@pytest.mark.parametrize("status", [Status.IN_PROCESS, Status.RETURNED, Status.GRANTED])
def test_what_runs_can_be_moved(office: Any, next_version: Callable[..., Any], status: Status) -> None:
    app = office.application_in(status)
    next_version(working_days=20)
    assert office.desk.migrate(app.id, 2, officer="dewi", why=WHY).status is status


@pytest.mark.parametrize("status", [each for each in Status if each.value not in ("in_process", "returned", "granted")])
def test_what_does_not_run_cannot_be_moved(office: Any, next_version: Callable[..., Any], status: Status) -> None:
    app = office.application_in(status)
    next_version(working_days=20)
    recorded = office.recorded()
    with pytest.raises(TransitionError):
        office.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert office.recorded() == recorded


@pytest.mark.parametrize("ends", ["granted", "lapsed"])
def test_a_move_grants_nothing_and_lets_nothing_lapse_for_days_before_it(
    make_office: Callable[..., Any], office: Any, ends: str
) -> None:
    """A regency that shortens its terms and moves what runs would give all permits away that night."""
    silent = evolve(office.HOTEL, overdue=Overdue.DEEMED_GRANTED)
    shorter = evolve(silent, version=2, **{"working_days": 2} if ends == "granted" else {"applicant_days": 2})
    office = make_office(workflows=(silent,))
    app = office.submitted() if ends == "granted" else office.returned()
    office.desk = office.another_desk(workflows=(silent, shorter))
    office.clock.move_to(datetime.fromisoformat("2026-11-27T00:30+08:00"))
    recorded = office.recorded()
    with pytest.raises(RefusedError, match="its time was over on 26 November 2026 already") as refused:
        office.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["over_there"]
    assert office.recorded() == recorded


def test_a_version_that_is_not_there_cannot_be_moved_to(office: Any) -> None:
    app = office.submitted()
    for version in (2, 0, "2", 1.0, True, None, []):
        with pytest.raises(NotFoundError, match="the blueprint has 1"):
            office.desk.migrate(app.id, version, officer="dewi", why=WHY)


def test_only_who_may_decide_may_move(office: Any, next_version: Callable[..., Any]) -> None:
    app = office.submitted()
    next_version(working_days=20)
    for officer, code in (("ani", "role_missing"), ("eka", "agency_other")):
        with pytest.raises(RefusedError) as refused:
            office.desk.migrate(app.id, 2, officer=officer, why=WHY)
        assert codes(refused) == [code]


def test_an_open_step_that_is_gone_keeps_an_application_where_it_is(
    office: Any, next_version: Callable[..., Any]
) -> None:
    app = office.after_steps(office.submitted(), until="putus")
    at_visit = office.after_steps(office.submitted(), until="tinjau")
    visit, join = office.HOTEL.step("tinjau"), office.HOTEL.step("periksa")
    renamed = evolve(visit, id="kunjungi")
    to_it = {
        step_id: evolve(
            office.HOTEL.step(step_id),
            outcomes=(
                StepOutcome(id="sesuai", effect=Effect.FORWARD, next=("kunjungi",)),
                *office.HOTEL.step(step_id).outcomes[1:],
            ),
        )
        for step_id in ("tata-ruang", "lingkungan")
    }
    first = evolve(join, outcomes=(evolve(join.outcomes[0], join="kunjungi"), *join.outcomes[1:]))
    next_version(without="tinjau", steps={**to_it, "periksa": first, "kunjungi": renamed})
    with pytest.raises(RefusedError) as refused:
        office.desk.migrate(at_visit.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["step_gone"]
    assert office.desk.migrate(app.id, 2, officer="dewi", why=WHY).workflow.version == 2


def test_a_step_of_another_kind_is_not_the_same_step(office: Any, next_version: Callable[..., Any]) -> None:
    app = office.after_steps(office.submitted(), until="tinjau")
    next_version(steps={"tinjau": evolve(office.HOTEL.step("tinjau"), kind=StepKind.ASSESS)})
    with pytest.raises(RefusedError) as refused:
        office.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["step_gone"]


def test_while_branches_are_out_nothing_is_moved(office: Any, next_version: Callable[..., Any]) -> None:
    app = office.after_steps(office.submitted(), until="lingkungan")
    next_version(working_days=20)
    with pytest.raises(RefusedError) as refused:
        office.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["branches_out"]
    office.desk.act(app.id, "lingkungan", "sesuai", officer="citra")
    assert office.desk.migrate(app.id, 2, officer="dewi", why=WHY).workflow.version == 2


def straight(office: Any, *step_ids: str, grant_at: str) -> Any:
    """A workflow without branches that takes some steps in a row; one of them decides, the last issues."""
    steps = []
    for step_id, following in zip(step_ids, (*step_ids[1:], None), strict=True):
        step = office.HOTEL.step(step_id)
        if step_id == grant_at:
            steps.append(evolve(step, outcomes=(StepOutcome(id="setuju", effect=Effect.GRANT, next=(following,)),)))
        elif following:
            steps.append(evolve(step, outcomes=(StepOutcome(id="lanjut", effect=Effect.FORWARD, next=(following,)),)))
        else:
            steps.append(step)
    return evolve(office.HOTEL, start=step_ids[0], steps=tuple(steps), reasons=())


@pytest.mark.parametrize("was_granted", [False, True])
def test_a_step_on_the_other_side_of_the_grant_is_not_moved_to(
    make_office: Callable[..., Any], office: Any, was_granted: bool
) -> None:
    """It would be stuck before an issue that nobody granted, or be decided a second time."""
    before = straight(office, "periksa", "tinjau", "putus", "terbit", grant_at="putus")
    after = straight(office, "periksa", "putus", "tinjau", "terbit", grant_at="putus")
    old, new = (after, before) if was_granted else (before, after)
    made = make_office(workflows=(old,))
    app = made.submitted()
    made.desk.act(app.id, "periksa", "lanjut", officer="ani")
    if was_granted:
        made.desk.act(app.id, "putus", "setuju", officer="dewi")
    made.desk = made.another_desk(workflows=(old, evolve(new, version=2)))
    with pytest.raises(RefusedError) as refused:
        made.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["step_elsewhere"]
    assert made.desk.application(app.id).workflow == old


def test_a_step_that_became_a_parallel_branch_is_not_moved_to(make_office: Callable[..., Any], office: Any) -> None:
    """It would go on to the join without the branches beside it."""
    old = straight(office, "periksa", "tata-ruang", "tinjau", "putus", "terbit", grant_at="putus")
    made = make_office(workflows=(old,))
    app = made.submitted()
    made.desk.act(app.id, "periksa", "lanjut", officer="ani")
    made.desk = made.another_desk(workflows=(old, evolve(office.HOTEL, version=2)))
    with pytest.raises(RefusedError) as refused:
        made.desk.migrate(app.id, 2, officer="dewi", why=WHY)
    assert codes(refused) == ["step_elsewhere"]
    made.desk.act(app.id, "tata-ruang", "lanjut", officer="bayu")
    assert made.desk.migrate(app.id, 2, officer="dewi", why=WHY).workflow.version == 2


# --- a permit that was issued ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize("status", Status)
def test_a_permit_changes_only_from_where_it_can(office: Any, verb: str, status: Status) -> None:
    possible = {"reinstate": {Status.SUSPENDED}, "revoke": {Status.ISSUED, Status.SUSPENDED}}
    app = office.application_in(status, 60)
    recorded = office.recorded()
    change = getattr(office.desk, verb)
    if status in possible.get(verb, {Status.ISSUED}):
        change(app.id, officer="dewi", **CHANGES[verb])
        assert office.recorded() > recorded
        office.check_zone()
        return
    with pytest.raises(TransitionError) as refused:
        change(app.id, officer="dewi", **CHANGES[verb])
    assert verb not in refused.value.allowed
    assert office.recorded() == recorded


@pytest.mark.parametrize("verb", CHANGES)
def test_only_who_may_decide_may_change_a_permit(office: Any, verb: str) -> None:
    app = office.application_in(Status.SUSPENDED if verb == "reinstate" else Status.ISSUED)
    recorded = office.recorded()
    for officer, code in (("ani", "role_missing"), ("eka", "agency_other")):
        with pytest.raises(RefusedError) as refused:
            getattr(office.desk, verb)(app.id, officer=officer, **CHANGES[verb])
        assert codes(refused) == [code]
    with pytest.raises(NotFoundError):
        getattr(office.desk, verb)(app.id, officer="fajar", **CHANGES[verb])
    assert office.recorded() == recorded


def test_a_permit_is_amended_in_what_is_said_and_in_nothing_else(office: Any) -> None:
    app = office.granted(60)
    app = office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi")
    money = Investment(rupiah=2 * 10**9, jobs=30, sector="pariwisata")
    now = office.desk.amend(app.id, officer="dewi", why="Perluasan", investment=money)
    assert now == evolve(app, investment=money)
    now = office.desk.amend(app.id, officer="dewi", why="Syarat baru", conditions=["Sumur resapan"])
    assert now.conditions == now.permit.conditions == ("Sumur resapan",)
    assert now.investment == money
    now = office.desk.amend(app.id, officer="dewi", why="Syarat dicabut", conditions=[])
    assert now.conditions == now.permit.conditions == ()
    assert (now.permit.number, now.uses) == (app.permit.number, app.uses)


def test_an_amendment_that_changes_nothing_is_refused(office: Any) -> None:
    app = office.issued(60)
    for same in ({}, {"investment": app.investment}, {"uses": app.uses}, {"conditions": []}):
        with pytest.raises(InvalidValueError, match="say what is to change"):
            office.desk.amend(app.id, officer="dewi", why=WHY, **same)


def test_a_greater_use_is_asked_for_and_a_smaller_one_given_back(office: Any) -> None:
    app, other = office.issued(60), office.issued(30)
    now = office.desk.amend(app.id, officer="dewi", why="Menambah kamar", uses=office.rooms(70, air="10.5"))
    assert {use.resource: use.amount for use in now.uses} == {"kamar": Decimal(70), "air": Decimal("10.5")}
    held = office.check_zone().holdings[app.id]
    assert (held.status, held.amounts) == (HoldingStatus.COMMITTED, {"kamar": Decimal(70), "air": Decimal("10.5")})
    recorded = office.recorded()
    with pytest.raises(RefusedError) as refused:
        office.desk.amend(app.id, officer="dewi", why="Menambah kamar", uses=office.rooms(71))
    assert codes(refused) == ["zone_full"]
    assert office.names(app.id)[-1] == "capacity_advised"
    assert office.recorded() == recorded + 1
    assert office.desk.application(app.id).uses == now.uses
    office.desk.amend(other.id, officer="dewi", why="Lebih kecil", uses=office.rooms(5))
    office.desk.amend(app.id, officer="dewi", why="Menambah kamar", uses=office.rooms(95))
    assert office.check_zone().resources["kamar"].free == 0
    assert office.check_zone().resources["air"].committed == 0


def test_an_amendment_beyond_the_limit_needs_a_written_reason_where_the_policy_lets_it(
    make_office: Callable[..., Any],
) -> None:
    office = make_office(capacity=LetPass())
    app = office.issued(60)
    with pytest.raises(RefusedError):
        office.desk.amend(app.id, officer="dewi", why=WHY, uses=office.rooms(101))
    now = office.desk.amend(app.id, officer="dewi", why=WHY, uses=office.rooms(101), override="Menggantikan hotel lama")
    assert [why.code for why in now.capacity.reasons] == ["passed_beyond_limit"]
    advised, amended = office.events_of(app.id)[-2:]
    assert (advised.officer, advised.overridden_because) == ("dewi", "Menggantikan hotel lama")
    assert amended.uses == now.uses
    assert office.check_zone().resources["kamar"].is_overcommitted
    with pytest.raises(InvalidValueError, match="override"):
        office.desk.amend(app.id, officer="dewi", why=WHY, conditions=["Sumur"], override="Tanpa perlu")


def test_a_permit_of_a_zone_that_used_nothing_may_come_to_use_something(office: Any) -> None:
    app = office.desk.draft("hotel", "pemohon-1", zone="pantai")
    for kind in ("ktp", "rencana-tapak"):
        office.desk.attach(app.id, office.document(kind))
    app = office.desk.issue(office.after_steps(office.desk.submit(app.id)).id, "terbit", "terbitkan", officer="dewi")
    assert not app.holds_capacity
    now = office.desk.amend(app.id, officer="dewi", why=WHY, uses=office.rooms(100))
    assert now.holds_capacity
    assert office.check_zone().holdings[app.id].status is HoldingStatus.COMMITTED
    with pytest.raises(InvalidValueError):
        office.desk.amend(office.issued().id, officer="dewi", why=WHY, uses=office.rooms(1))  # it lies in no zone


def test_a_permit_is_renewed_by_its_months_from_its_last_day_or_until_a_date(office: Any) -> None:
    app = office.issued()
    assert app.permit.valid_until == date(2027, 11, 24)
    assert office.desk.renew(app.id, officer="dewi").permit.valid_until == date(2028, 11, 24)
    assert office.desk.renew(app.id, officer="dewi", until=date(2029, 1, 31)).permit.valid_until == date(2029, 1, 31)
    for until in (date(2029, 1, 31), date(2020, 1, 1)):
        with pytest.raises(InvalidValueError, match="give a date after 2029-01-31"):
            office.desk.renew(app.id, officer="dewi", until=until)
    assert office.names(app.id).count("renewed") == 2


def test_a_renewal_beyond_the_last_year_there_is_is_refused_unless_it_names_a_date(office: Any) -> None:
    app = office.issued()
    office.desk.renew(app.id, officer="dewi", until=date(9999, 1, 31))
    recorded = office.recorded()
    with pytest.raises(InvalidValueError, match="months: 12: give fewer"):
        office.desk.renew(app.id, officer="dewi")
    assert office.recorded() == recorded
    last = office.desk.renew(app.id, officer="dewi", until=date(9999, 12, 31), request_id="klik-1")
    assert last.permit.valid_until == date(9999, 12, 31)
    assert office.desk.renew(app.id, officer="dewi", until=date(9999, 12, 31), request_id="klik-1") == last
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.renew(app.id, officer="dewi", until=date(9999, 6, 30), request_id="klik-1")


def test_a_permit_without_a_last_day_is_not_renewed(office: Any) -> None:
    app = office.granted(service="sip")
    office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi")
    with pytest.raises(InvalidValueError, match="no last day"):
        office.desk.renew(app.id, officer="dewi")


def test_a_suspended_permit_keeps_its_share_and_a_revoked_one_gives_it_back(office: Any) -> None:
    app = office.issued(60)
    assert office.desk.suspend(app.id, officer="dewi", why=WHY).status is Status.SUSPENDED
    assert office.check_zone().resources["kamar"].committed == 60
    again = office.desk.reinstate(app.id, officer="dewi", why=WHY)
    assert again == app
    office.desk.suspend(app.id, officer="dewi", why=WHY)
    gone = office.desk.revoke(app.id, officer="dewi", why=WHY, request_id="klik-1")
    assert (gone.status, gone.holds_capacity, gone.ended_at) == (Status.REVOKED, False, office.clock.now())
    assert office.check_zone().resources["kamar"].committed == 0
    assert office.desk.revoke(app.id, officer="dewi", why=WHY, request_id="klik-1") == gone
    assert office.issued(100).holds_capacity


@pytest.mark.parametrize("verb", CHANGES)
def test_a_change_asked_for_twice_happens_once(office: Any, verb: str) -> None:
    app = office.application_in(Status.SUSPENDED if verb == "reinstate" else Status.ISSUED, 10)
    change = getattr(office.desk, verb)
    now = change(app.id, officer="dewi", **CHANGES[verb], request_id="klik-1")
    recorded = office.recorded()
    assert change(app.id, officer="dewi", **CHANGES[verb], request_id="klik-1") == now
    assert getattr(office.another_desk(), verb)(app.id, officer="dewi", **CHANGES[verb], request_id="klik-1") == now
    assert office.recorded() == recorded
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.withdraw(app.id, request_id="klik-1")
    assert office.recorded() == recorded


# --- asking twice for what begins, and being cut off -----------------------------------------------------------------


def test_a_draft_asked_for_twice_begins_one_application_even_after_new_year(make_office: Callable[..., Any]) -> None:
    office = make_office(start="2026-12-31T23:58:00+08:00")
    app = office.desk.draft("hotel", "pemohon-1", request_id="klik-1")
    assert app.id == "2026-0001"
    office.clock.advance(minutes=5)
    assert office.desk.draft("hotel", "pemohon-1", request_id="klik-1") == app
    assert office.another_desk().draft("hotel", "pemohon-1", request_id="klik-1") == app
    assert office.desk.draft("hotel", "pemohon-1", request_id="klik-2").id == "2027-0001"
    for service, applicant in (("sip", "pemohon-1"), ("hotel", "pemohon-2")):
        with pytest.raises(InvalidValueError, match="used for another command"):
            office.desk.draft(service, applicant, request_id="klik-1")


def test_a_draft_asked_for_twice_with_other_content_is_another_command(office: Any) -> None:
    """Else the applicant would believe in forty rooms where twenty were drafted."""
    same = {
        "zone": "pantai",
        "uses": office.rooms(20),
        "investment": Investment(rupiah=10**9, jobs=20),
        "activity": Activity(edition="2025", code="55110", scale="mikro"),
    }
    app = office.desk.draft("hotel", "pemohon-1", **same, request_id="klik-1")
    others = (
        {"zone": "bukit"},
        {"uses": office.rooms(40)},
        {"uses": ()},
        {"investment": Investment(rupiah=10**9, jobs=21)},
        {"investment": None},
        {"activity": None},
    )
    recorded = office.recorded()
    for other in others:
        for desk in (office.desk, office.another_desk()):
            with pytest.raises(InvalidValueError, match="used for another command"):
                desk.draft("hotel", "pemohon-1", **{**same, **other}, request_id="klik-1")
    assert office.recorded() == recorded
    # what was recorded counts, not how it stands now, nor which version of the workflow is the newest since
    office.desk = office.another_desk(workflows=(office.HOTEL, evolve(office.HOTEL, version=2)))
    for kind in ("ktp", "rencana-tapak"):
        office.desk.attach(app.id, office.document(kind))
    office.desk.submit(app.id)
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah"])
    now = office.desk.resubmit(app.id, uses=office.rooms(10))
    assert office.desk.draft("hotel", "pemohon-1", **same, request_id="klik-1") == now


def test_an_answer_to_a_repeated_request_is_how_it_stands_now(office: Any) -> None:
    """Also where another process has gone on since."""
    app = office.desk.draft("hotel", "pemohon-1", request_id="klik-1")
    office.another_desk().withdraw(app.id)
    assert office.desk.draft("hotel", "pemohon-1", request_id="klik-1").status is Status.WITHDRAWN


def test_an_issue_asked_for_twice_takes_one_number_even_after_new_year(make_office: Callable[..., Any]) -> None:
    office = make_office(start="2026-12-31T23:58:00+08:00")
    app = office.granted()
    now = office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi", request_id="klik-1")
    office.clock.advance(minutes=5)
    recorded = office.recorded()
    assert office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi", request_id="klik-1") == now
    with pytest.raises(TransitionError):
        office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi", request_id="klik-2")
    assert office.recorded() == recorded


# --- what comes back corrected ---------------------------------------------------------------------------------------


def test_what_comes_back_is_as_it_was_save_for_what_is_said(office: Any) -> None:
    app = office.returned(10)
    before = app.investment
    assert office.desk.resubmit(app.id).investment == before
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Nilai"])
    money = Investment(rupiah=7, jobs=7)
    now = office.desk.resubmit(app.id, investment=money, uses=office.rooms(12), request_id="klik-1")
    assert office.desk.resubmit(app.id, investment=money, uses=office.rooms(12), request_id="klik-1") == now
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.resubmit(app.id, investment=before, request_id="klik-1")
    assert (now.investment, now.uses, now.holds_capacity) == (money, office.rooms(12), False)
    office.after_steps(now, until="lingkungan")
    office.desk.act(app.id, "lingkungan", "kurang", officer="citra", items=["Amdal"])
    recorded = office.recorded()
    with pytest.raises(RefusedError):
        office.desk.resubmit(app.id, investment=before, uses=office.rooms(101))
    still = office.desk.application(app.id)
    assert (still.status, still.investment, still.uses) == (Status.RETURNED, money, office.rooms(12))
    assert office.recorded() == recorded + 1
    assert office.desk.resubmit(app.id, uses=office.rooms(100)).investment == money
    assert office.check_zone().resources["kamar"].reserved == 100


@pytest.mark.parametrize("asks", [("tata-ruang",), ("lingkungan",), ("tata-ruang", "lingkungan")])
def test_it_was_not_complete_when_any_step_that_verifies_sent_it_back(
    make_office: Callable[..., Any], office: Any, asks: tuple[str, ...]
) -> None:
    verifying = evolve(office.HOTEL.step("tata-ruang"), kind=StepKind.VERIFY)
    steps = tuple(verifying if step.id == "tata-ruang" else step for step in office.HOTEL.steps)
    office = make_office(workflows=(evolve(office.HOTEL, steps=steps, counts_from=CountsFrom.COMPLETE),))
    app = office.after_steps(office.submitted(), until="tata-ruang")
    for step in asks:
        office.desk.act(app.id, step, "kurang", officer={"tata-ruang": "bayu"}.get(step, "citra"), items=["Denah"])
    now = office.days_pass(2).resubmit(app.id)
    assert now.complete_since == (office.clock.now() if "tata-ruang" in asks else app.submitted_at)
