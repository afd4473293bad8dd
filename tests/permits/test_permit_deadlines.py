"""What time does by itself: silence is consent, somebody is told, what nobody corrects lapses; and each of it once."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from mppkit.calendars import Closure, WorkingDays, office_calendar
from mppkit.clock import VirtualClock
from mppkit.errors import DecodeError, InvalidValueError, StorageError, TransitionError, UnreadableEventError
from mppkit.permits import events as e
from mppkit.permits.application import folded
from mppkit.permits.capacity import HoldingStatus
from mppkit.permits.capacity_policies import LetPass
from mppkit.permits.deadlines import Consequence, missed
from mppkit.permits.desk import Enforced, PermitsDesk
from mppkit.permits.model import Status
from mppkit.permits.rules import may_act
from mppkit.permits.workflow import LAWS_OWN_TERM, Effect, Overdue, StepOutcome
from mppkit.storage import Append, MemoryStore, NewEvent, Recorded, SqliteStore, audit
from mppkit.testing.racing import at_once

DAYS = WorkingDays(office_calendar(zone=ZoneInfo("Asia/Makassar")))


def local(text: str) -> datetime:
    """An instant by the clock of Bali."""
    return datetime.fromisoformat(f"{text}+08:00")


def enforced(application: str, due_on: date, consequence: Consequence) -> tuple[Enforced, ...]:
    return (Enforced(application=application, due_on=due_on, consequence=consequence),)


@pytest.fixture
def silent_hotels(make_office: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes an office in which silence about a hotel is consent, after the law's own term."""

    def make(**more: Any) -> Any:
        office = make_office()
        hotel = evolve(office.HOTEL, overdue=Overdue.DEEMED_GRANTED, working_days=None)
        return make_office(workflows=(hotel,), **more)

    return make


# --- silence is consent ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-24T09:00", date(2026, 12, 1)),  # a Tuesday: Wednesday to Friday, Monday, Tuesday
        ("2026-11-24T23:59", date(2026, 12, 1)),  # the hour does not matter, the day in Bali does
        ("2026-11-28T10:00", date(2026, 12, 4)),  # a Saturday: the whole week after
        # 18 March is joint leave and 19 Nyepi, 20 to 24 Idul Fitri with its joint leave: 25, 26, 27, 30 and 31 count
        ("2026-03-17T09:00", date(2026, 3, 31)),
    ],
)
def test_silence_is_consent_when_five_working_days_are_over(
    make_office: Callable[..., Any], submitted: str, due: date
) -> None:
    office = make_office(start=f"{submitted}:00+08:00")
    app = office.submitted(service="sip")
    office.clock.move_to(local(f"{due}T23:59:59"))
    assert office.desk.enforce_deadlines() == ()
    office.clock.move_to(local(f"{due + timedelta(days=1)}T00:00"))
    assert office.desk.enforce_deadlines(actor="mesin-1") == enforced(app.id, due, Consequence.ISSUE)

    now = office.desk.application(app.id)
    assert now.status is Status.ISSUED
    assert now.permit.number == "0001/SIP/2026"
    assert now.permit.deemed
    assert now.permit.issued_at == office.clock.now()
    assert (now.permit.valid_from, now.permit.valid_until) == (due + timedelta(days=1), None)
    assert (now.judgement.effect, now.judgement.deemed, now.judgement.officer) == (Effect.GRANT, True, None)
    [why] = now.judgement.reasons
    assert (why.code, why.basis) == ("silence_is_consent", LAWS_OWN_TERM)
    assert not why.basis.verified
    assert [(run.step, run.outcome, run.officer) for run in now.done] == [("periksa", None, None)]
    assert office.names(app.id)[-2:] == ["deemed_granted", "issued"]
    last, permit = office.store.read(f"badung/permit/{app.id}")[-2:]
    assert (last.at, last.actor) == (permit.at, permit.actor) == (office.clock.now(), "mesin-1")


def test_after_days_of_being_down_one_run_makes_good_with_the_day_that_was_missed(office: Any) -> None:
    apps = [office.submitted(service="sip") for _ in range(3)]
    hotel = office.submitted(10)
    draft = office.drafted(service="sip")
    office.days_pass(40)
    done = office.desk.enforce_deadlines()
    missed = date(2026, 12, 1)
    assert done == (
        *(each for app in apps for each in enforced(app.id, missed, Consequence.ISSUE)),
        *enforced(hotel.id, date(2026, 12, 8), Consequence.ESCALATE),
    )
    numbers = [office.desk.application(app.id).permit.number for app in apps]
    assert numbers == ["0001/SIP/2027", "0002/SIP/2027", "0003/SIP/2027"]  # issued on 3 January, not when it was due
    assert office.desk.application(apps[0].id).permit.valid_from == date(2027, 1, 3)
    assert office.desk.application(draft.id).status is Status.DRAFT
    recorded = office.recorded()
    assert office.another_desk().enforce_deadlines() == ()
    assert office.days_pass(365).enforce_deadlines() == ()
    assert office.recorded() == recorded


def test_what_was_granted_in_time_and_not_issued_is_issued_by_law_as_it_was_granted(office: Any) -> None:
    app = office.submitted(service="sip")
    office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    office.desk.act(app.id, "putus", "bersyarat", officer="dewi", conditions=["Papan nama"])
    assert office.days_pass(8).enforce_deadlines() == enforced(app.id, date(2026, 12, 1), Consequence.ISSUE)
    now = office.desk.application(app.id)
    assert "deemed_granted" not in office.names(app.id)
    assert (now.judgement.officer, now.judgement.deemed) == ("dewi", False)
    assert (now.permit.deemed, now.permit.conditions) == (True, ("Papan nama",))


def test_a_stopped_clock_grants_nothing_and_runs_on_after_the_correction(office: Any) -> None:
    """Sent back on the second day, brought on the eighth: three working days are left after that."""
    app = office.submitted(service="sip")
    office.days_pass(2)
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Ijazah"])
    assert office.days_pass(60).enforce_deadlines() == ()
    office.desk.resubmit(app.id)  # Monday, 25 January 2027; counted from there, for it was not complete before
    assert office.desk.application(app.id).complete_since == office.clock.now()
    due = date(2027, 2, 1)
    assert office.desk.term(app.id).due_on == due
    office.clock.move_to(local("2027-02-01T23:59"))
    assert office.desk.enforce_deadlines() == ()
    office.clock.move_to(local("2027-02-02T00:00"))
    assert office.desk.enforce_deadlines() == enforced(app.id, due, Consequence.ISSUE)


def test_silence_is_no_consent_where_the_workflow_does_not_say_so(office: Any) -> None:
    """The exceptions of the law: such a service escalates, however long nobody answers."""
    app = office.submitted()
    assert office.desk.application(app.id).workflow.overdue is Overdue.ESCALATE
    assert [each.consequence for each in office.days_pass(400).enforce_deadlines()] == [Consequence.ESCALATE]
    assert office.desk.application(app.id).status is Status.IN_PROCESS


# --- silence, and the zone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked_before", [False, True])
def test_what_silence_grants_is_committed_in_the_zone(silent_hotels: Callable[..., Any], asked_before: bool) -> None:
    office = silent_hotels()
    app = office.submitted(60)
    if asked_before:
        office.after_steps(app, until="tinjau")
        assert office.check_zone().holdings[app.id].status is HoldingStatus.RESERVED
    office.days_pass(8).enforce_deadlines()
    assert office.desk.application(app.id).status is Status.ISSUED
    assert office.desk.application(app.id).permit.valid_until == date(2027, 12, 2)
    held = office.check_zone().holdings[app.id]
    assert (held.status, held.amounts) == (HoldingStatus.COMMITTED, {"kamar": Decimal(60)})
    tail = ["deemed_granted", "issued"] if asked_before else ["capacity_advised", "deemed_granted", "issued"]
    assert office.names(app.id)[-len(tail) :] == tail


@pytest.mark.parametrize("policy", [None, LetPass()])
def test_where_the_zone_is_full_silence_grants_nothing_and_the_head_is_told_once_with_the_figures(
    silent_hotels: Callable[..., Any], policy: object
) -> None:
    office = silent_hotels(**({"capacity": policy} if policy else {}))
    first, second = office.submitted(60), office.submitted(60)
    done = office.days_pass(8).enforce_deadlines()
    due = date(2026, 12, 1)
    assert done == (
        *enforced(first.id, due, Consequence.ISSUE),
        *enforced(second.id, due, Consequence.ESCALATE),
    )
    now = office.desk.application(second.id)
    assert (now.status, now.escalated_for, now.holds_capacity) == (Status.IN_PROCESS, (due,), False)
    advised, told = office.events_of(second.id)[-2:]
    assert not advised.decision.is_granted
    assert (told.to, told.because) == ("kepala", advised.decision.reasons)
    assert "60 kamar" in told.because[0].indonesian
    assert "free 40" in told.because[0].english
    office.check_zone()
    recorded = office.recorded()
    assert office.days_pass(30).enforce_deadlines() == ()
    assert office.recorded() == recorded
    # and officers may still decide: the head knows of it
    office.desk.revoke(first.id, officer="dewi", why="Tidak dibangun")
    assert office.desk.issue(office.after_steps(now).id, "terbit", "terbitkan", officer="dewi").permit.number


def test_a_number_is_given_once_to_what_waited_for_room(silent_hotels: Callable[..., Any]) -> None:
    """The second took its number when silence nearly granted it; it gets the same one when an officer issues it."""
    office = silent_hotels()
    first, second, third = office.submitted(60), office.submitted(60), office.submitted(20)
    office.days_pass(8).enforce_deadlines()
    office.desk.revoke(first.id, officer="dewi", why="Tidak dibangun")
    office.desk.issue(office.after_steps(second).id, "terbit", "terbitkan", officer="dewi")
    numbers = [office.desk.application(app.id).permit.number for app in (first, second, third)]
    assert numbers == ["0001/HOTEL/2026", "0002/HOTEL/2026", "0003/HOTEL/2026"]


# --- silence, and what is not complete -------------------------------------------------------------------------------


def asking(workflow: Any, **documents: tuple[str, ...]) -> Any:
    """The workflow with other documents at some of its steps."""
    return evolve(
        workflow,
        steps=tuple(evolve(step, documents=documents.get(step.id, step.documents)) for step in workflow.steps),
    )


@pytest.mark.parametrize("step", ["periksa", "putus", "terbit"])
def test_silence_grants_nothing_for_which_a_document_is_missing_and_the_head_is_told_which(
    make_office: Callable[..., Any], office: Any, step: str
) -> None:
    office = make_office(workflows=(asking(office.PRACTICE, **{step: ("ijazah", "ktp")}),))
    app = office.submitted(service="sip")  # with its ktp
    due = date(2026, 12, 1)
    office.days_pass(8)
    recorded = office.recorded()
    if step != "periksa":
        office.desk.act(app.id, "periksa", "lengkap", officer="ani")  # nothing was granted: officers go on
        recorded += 1
    assert office.desk.enforce_deadlines() == enforced(app.id, due, Consequence.ESCALATE)
    assert office.recorded() == recorded + 1  # no number is taken
    told = office.events_of(app.id)[-1]
    assert (told.to, [why.code for why in told.because]) == ("kepala", ["document_missing"])
    assert "ijazah" in told.because[0].indonesian
    office.desk.attach(app.id, office.document("ijazah"))
    assert office.days_pass(30).enforce_deadlines() == ()
    now = office.after_steps(office.desk.application(app.id)) if step == "periksa" else app
    if step != "periksa":
        now = office.desk.act(app.id, "putus", "setuju", officer="dewi")
    assert office.desk.issue(now.id, "terbit", "terbitkan", officer="dewi").permit.number


def test_a_document_that_comes_too_late_makes_nothing_complete_in_time(
    make_office: Callable[..., Any], office: Any
) -> None:
    """Whether or not somebody enforced the deadline before it came."""
    office = make_office(workflows=(asking(office.PRACTICE, putus=("ijazah",)),))
    app, other = office.submitted(service="sip"), office.submitted(service="sip")
    due = date(2026, 12, 1)
    office.clock.move_to(local("2026-12-01T23:59"))
    office.desk.attach(other.id, office.document("ijazah"))
    office.clock.move_to(local("2026-12-02T00:00"))
    now = office.desk.attach(app.id, office.document("ijazah"), request_id="klik-1")
    assert office.names(app.id)[-2:] == ["escalated", "document_attached"]
    assert now.escalated_for == (due,)
    assert office.desk.attach(app.id, office.document("ijazah"), request_id="klik-1") == now
    assert office.desk.enforce_deadlines() == enforced(other.id, due, Consequence.ISSUE)
    assert office.desk.application(app.id).status is Status.IN_PROCESS


def test_what_silence_did_not_grant_is_not_granted_by_a_calendar_that_changes(
    make_office: Callable[..., Any], office: Any
) -> None:
    """The day off that is told afterwards makes another due date, and the missing document is there by now."""
    office = make_office(workflows=(asking(office.PRACTICE, putus=("ijazah",)),))
    app = office.submitted(service="sip")
    office.clock.move_to(local("2026-12-02T00:00"))
    assert office.desk.enforce_deadlines() == enforced(app.id, date(2026, 12, 1), Consequence.ESCALATE)
    office.desk.attach(app.id, office.document("ijazah"))
    day_off = Closure(
        first_on=date(2026, 11, 27), last_on=date(2026, 11, 27), indonesian="Libur daerah", english="Local holiday"
    )
    later = PermitsDesk(
        mall="badung",
        store=office.store,
        directory=office.directory,
        calendar=evolve(office_calendar(zone=ZoneInfo("Asia/Makassar")), closures=(day_off,)),
        workflows=office.workflows,
        zones=office.zones,
        policies=office.policies,
        clock=office.clock,
    )
    office.clock.move_to(local("2026-12-03T00:00"))
    assert later.enforce_deadlines() == enforced(app.id, date(2026, 12, 2), Consequence.ESCALATE)
    assert later.application(app.id).status is Status.IN_PROCESS


def test_what_only_another_way_asks_for_is_not_missing(make_office: Callable[..., Any], office: Any) -> None:
    """A second look asks for a paper; who is not sent there needs none. Of two ways each may lack something."""
    practice = office.PRACTICE
    first = practice.step("periksa")
    closer = evolve(first, id="telaah", outcomes=(StepOutcome(id="cukup", effect=Effect.FORWARD, next=("putus",)),))
    ways = (*first.outcomes, StepOutcome(id="telaah", effect=Effect.FORWARD, next=("telaah",)))
    workflow = evolve(practice, steps=(evolve(first, outcomes=ways), closer, *practice.steps[1:]))

    def after_silence(**documents: tuple[str, ...]) -> list[str]:
        made = make_office(workflows=(asking(workflow, **documents),))
        app = made.submitted(service="sip")
        made.days_pass(8).enforce_deadlines()
        last = made.events_of(app.id)[-1]
        return [why.english for why in last.because] if isinstance(last, e.Escalated) else []

    assert after_silence(telaah=("rekomendasi",)) == []
    assert after_silence(telaah=("rekomendasi",), terbit=("ijazah",)) == ["The document ijazah is not there."]


# --- somebody is told ------------------------------------------------------------------------------------------------


def test_a_run_that_is_late_is_told_once_for_each_date_that_it_misses(office: Any) -> None:
    app = office.submitted()
    due = date(2026, 12, 8)
    office.clock.move_to(local("2026-12-08T23:59"))
    assert office.desk.enforce_deadlines() == ()
    office.clock.move_to(local("2026-12-09T00:00"))
    assert office.desk.enforce_deadlines() == enforced(app.id, due, Consequence.ESCALATE)
    assert office.events_of(app.id)[-1].to == "kepala"
    assert office.days_pass(1).enforce_deadlines() == ()
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah"])
    assert office.days_pass(1).enforce_deadlines() == ()
    office.desk.resubmit(app.id)
    # late already before it was sent back: the same date is missed, and nobody is told twice
    assert office.desk.enforce_deadlines() == ()
    assert office.desk.application(app.id).escalated_for == (due,)


def test_a_new_date_that_is_missed_too_is_told_too(office: Any) -> None:
    app = office.submitted()
    assert office.desk.term(app.id).due_on == date(2026, 12, 8)
    office.clock.move_to(local("2026-12-08T15:00"))
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah"])  # on its last day
    office.clock.move_to(local("2026-12-10T15:00"))
    office.desk.resubmit(app.id)
    due = date(2026, 12, 10)
    assert office.desk.enforce_deadlines() == ()
    assert office.days_pass(1).enforce_deadlines() == enforced(app.id, due, Consequence.ESCALATE)


# --- a return heals nothing ------------------------------------------------------------------------------------------


@pytest.fixture
def counting(make_office: Callable[..., Any], office: Any) -> Any:
    """An office that counts from the complete submission and escalates, as the sample's hotel does."""
    practice = evolve(office.PRACTICE, overdue=Overdue.ESCALATE, applicant_days=5)
    return make_office(workflows=(practice,))


@pytest.mark.parametrize("told", [False, True])
def test_what_is_sent_back_after_its_last_day_stays_late(counting: Any, told: bool) -> None:
    office, due = counting, date(2026, 12, 1)
    app = office.submitted(service="sip")
    office.clock.move_to(local("2026-12-02T09:00"))
    if told:
        assert office.desk.enforce_deadlines() == enforced(app.id, due, Consequence.ESCALATE)
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Ijazah"])
    assert office.events_of(app.id)[-1].late_since == due
    # also while it lies with the applicant: the return came too late to hide it
    assert office.desk.enforce_deadlines() == (() if told else enforced(app.id, due, Consequence.ESCALATE))
    office.clock.move_to(local("2026-12-04T09:00"))
    now = office.desk.resubmit(app.id)
    assert now.complete_since == app.submitted_at
    term = office.desk.term(app.id)
    assert (term.due_on, term.is_late) == (due, True)
    assert (None, due) in [(row.step, row.due_on) for row in office.desk.overdue()]
    assert office.days_pass(10).enforce_deadlines() == ()
    assert office.desk.application(app.id) == office.refolded(app.id)


def test_what_is_sent_back_on_its_last_day_is_counted_anew(counting: Any) -> None:
    app = counting.submitted(service="sip")
    counting.clock.move_to(local("2026-12-01T23:59"))
    counting.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Ijazah"])
    assert counting.events_of(app.id)[-1].late_since is None
    counting.clock.move_to(local("2026-12-07T09:00"))
    assert counting.desk.resubmit(app.id).complete_since == counting.clock.now()
    assert counting.desk.term(app.id).due_on == date(2026, 12, 14)


def test_two_deadlines_that_are_over_are_both_enforced_by_one_run(counting: Any) -> None:
    app = counting.submitted(service="sip")
    counting.clock.move_to(local("2026-12-02T09:00"))
    counting.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Ijazah"])
    assert counting.days_pass(30).enforce_deadlines() == (
        *enforced(app.id, date(2026, 12, 1), Consequence.ESCALATE),
        *enforced(app.id, date(2026, 12, 9), Consequence.LAPSE),
    )
    assert counting.desk.enforce_deadlines() == ()


def test_silence_has_granted_what_was_sent_back_too_late_even_where_it_could_lapse(office: Any) -> None:
    """An officer may have done so where a machine's clock is behind."""
    app = office.submitted(service="sip")
    app = evolve(app, workflow=evolve(app.workflow, applicant_days=5))
    sent_back = e.Returned(step="periksa", outcome="kurang", officer="ani", items=("Ijazah",))
    returned = folded(app.id, app, sent_back, local("2026-12-02T09:00"))
    for now in ("2026-12-02T10:00", "2027-02-01T09:00"):
        over = missed(returned, DAYS, local(now))
        assert (over.due_on, over.consequence) == (date(2026, 12, 1), Consequence.ISSUE)
    in_time = folded(app.id, app, sent_back, local("2026-12-01T09:00"))
    assert missed(in_time, DAYS, local("2026-12-02T10:00")) is None
    assert missed(in_time, DAYS, local("2027-02-01T09:00")).consequence is Consequence.LAPSE


# --- before anybody has enforced it ----------------------------------------------------------------------------------


def refused_for(office: Any, *words: str) -> Callable[..., None]:
    """Return a function that checks that a command is refused for these words, and records nothing."""

    def check(command: Callable[[], object]) -> None:
        recorded = office.recorded()
        with pytest.raises(TransitionError, match="run enforce_deadlines first") as refused:
            command()
        assert all(word in str(refused.value) for word in words), refused.value
        assert office.recorded() == recorded

    return check


def test_what_silence_has_granted_is_no_longer_the_officers_to_decide(office: Any) -> None:
    """Whether or not somebody has enforced it: UU 30/2014 Article 53(4), as reported."""
    checked, decided, granted = (office.submitted(service="sip") for _ in range(3))
    office.desk.act(decided.id, "periksa", "lengkap", officer="ani")
    office.after_steps(granted)
    newer = evolve(office.PRACTICE, version=2, working_days=60)
    desk = office.another_desk(workflows=(office.PRACTICE, newer))
    office.clock.move_to(local("2026-12-02T00:00"))
    check = refused_for(office, "2026-12-01", "deemed granted")
    check(lambda: desk.act(checked.id, "periksa", "kurang", officer="ani", items=["Ijazah"]))
    check(lambda: desk.act(checked.id, "periksa", "lengkap", officer="ani"))
    check(lambda: desk.act(decided.id, "putus", "tolak", officer="dewi", reasons=["di_luar_zona"]))
    check(lambda: desk.act(decided.id, "putus", "setuju", officer="dewi"))
    check(lambda: desk.migrate(checked.id, 2, officer="dewi", why="Perbup baru"))
    refused_for(office, "2026-12-01", "term")(lambda: desk.issue(granted.id, "terbit", "terbitkan", officer="dewi"))
    # documents still come, and the applicant may still think better of it
    desk.attach(checked.id, office.document("foto"))
    assert desk.withdraw(decided.id).status is Status.WITHDRAWN
    due = date(2026, 12, 1)
    assert desk.enforce_deadlines() == (
        *enforced(checked.id, due, Consequence.ISSUE),
        *enforced(granted.id, due, Consequence.ISSUE),
    )


def test_what_has_lapsed_does_not_come_back(office: Any) -> None:
    app = office.returned()
    newer = evolve(office.HOTEL, version=2, applicant_days=60)
    desk = office.another_desk(workflows=(office.HOTEL, newer))
    office.clock.move_to(local("2026-12-02T00:00"))
    check = refused_for(office, "2026-12-01", "not brought in time")
    check(lambda: desk.resubmit(app.id))
    check(lambda: desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah"]))
    check(lambda: desk.migrate(app.id, 2, officer="dewi", why="Perbup baru"))
    assert desk.enforce_deadlines() == enforced(app.id, date(2026, 12, 1), Consequence.LAPSE)


def test_what_is_only_late_goes_on_but_moves_to_no_other_term_before_it_was_told(office: Any) -> None:
    app = office.submitted()
    newer = evolve(office.HOTEL, version=2, working_days=60)
    desk = office.another_desk(workflows=(office.HOTEL, newer))
    office.clock.move_to(local("2026-12-09T00:00"))
    refused_for(office, "2026-12-08")(lambda: desk.migrate(app.id, 2, officer="dewi", why="Perbup baru"))
    desk.act(app.id, "periksa", "lengkap", officer="ani")
    assert desk.enforce_deadlines() == enforced(app.id, date(2026, 12, 8), Consequence.ESCALATE)
    office.desk.act(app.id, "tata-ruang", "sesuai", officer="bayu")
    office.desk.act(app.id, "lingkungan", "sesuai", officer="citra")
    assert desk.migrate(app.id, 2, officer="dewi", why="Perbup baru").workflow.version == 2


def test_a_permit_after_its_last_day_is_changed_by_nobody(office: Any) -> None:
    app, other = office.issued(60), office.issued()
    office.desk.suspend(other.id, officer="dewi", why="Tidak sesuai")
    office.clock.move_to(local("2027-11-24T23:59"))
    office.desk.amend(app.id, officer="dewi", why="Lebih kecil", uses=office.rooms(50))
    office.clock.move_to(local("2027-11-25T00:00"))
    check = refused_for(office, "2027-11-24", "last day is over")
    check(lambda: office.desk.amend(app.id, officer="dewi", why="Lebih kecil", uses=office.rooms(40)))
    check(lambda: office.desk.renew(app.id, officer="dewi"))
    check(lambda: office.desk.suspend(app.id, officer="dewi", why="Tidak sesuai"))
    check(lambda: office.desk.revoke(app.id, officer="dewi", why="Tidak dibangun"))
    check(lambda: office.desk.reinstate(other.id, officer="dewi", why="Sesuai"))


def test_a_repeated_request_is_answered_also_after_the_deadline(office: Any) -> None:
    app = office.submitted(service="sip")
    there = office.desk.act(app.id, "periksa", "lengkap", officer="ani", request_id="klik-1")
    office.days_pass(8)
    assert office.desk.act(app.id, "periksa", "lengkap", officer="ani", request_id="klik-1") == there


# --- what is offered -------------------------------------------------------------------------------------------------


def offered(office: Any, app: Any) -> tuple[str, ...]:
    """What can be done, as told to who looks; each of it is possible, and nothing else that an officer does."""
    way = office.desk.explain(app.id).allowed
    now = office.desk.application(app.id)
    for run in now.open:
        step = now.workflow.step(run.step)
        acting = next(each for each in office.OFFICERS if may_act(step, each).is_granted)
        works = [each for officer in office.OFFICERS for each in office.desk.work_of(officer.id)]
        assert ((now, step.id) in works) is bool({f"act on {step.id}", f"issue by {step.id}"} & {*way})
        assert ((now, step.id) in office.desk.work_of(acting.id)) is ((now, step.id) in works)
    return way


def test_what_is_offered_is_what_is_possible_in_time(office: Any) -> None:
    assert offered(office, office.drafted()) == ("attach", "submit", "withdraw")
    running = office.submitted()
    assert offered(office, running) == ("attach", "withdraw", "migrate", "act on periksa")
    office.desk.act(running.id, "periksa", "lengkap", officer="ani")
    both = ("attach", "withdraw", "migrate", "act on tata-ruang", "act on lingkungan")
    assert offered(office, running) == both
    assert offered(office, office.granted()) == ("attach", "withdraw", "migrate", "issue by terbit")
    assert offered(office, office.issued()) == ("attach", "amend", "renew", "suspend", "revoke")
    lasting = office.desk.issue(office.granted(service="sip").id, "terbit", "terbitkan", officer="dewi")
    assert offered(office, lasting) == ("attach", "amend", "suspend", "revoke"), "there is nothing to renew"
    assert offered(office, office.application_in(Status.SUSPENDED)) == ("attach", "reinstate", "revoke")
    assert offered(office, office.application_in(Status.REFUSED)) == ()


def test_a_step_that_returns_nothing_is_not_offered_to_return_from(make_office: Callable[..., Any]) -> None:
    hotel = make_office().HOTEL
    kept = tuple(each for each in hotel.step("lingkungan").outcomes if each.effect is not Effect.RETURN)
    steps = tuple(evolve(each, outcomes=kept) if each.id == "lingkungan" else each for each in hotel.steps)
    office = make_office(workflows=(evolve(hotel, steps=steps),))
    app = office.submitted()
    office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    office.desk.act(app.id, "tata-ruang", "kurang", officer="bayu", items=["Denah"])
    assert offered(office, app) == ("attach", "resubmit", "withdraw", "migrate", "return from tata-ruang")


def test_of_what_time_has_decided_only_documents_and_the_withdrawal_are_offered(office: Any) -> None:
    """Whether or not somebody has enforced it; nobody finds it among their work."""
    running, returned, permit = office.submitted(service="sip"), office.returned(), office.issued()
    granted = office.granted(service="sip")
    office.clock.move_to(local("2026-12-02T00:00"))
    for app in (running, returned, granted):
        assert offered(office, app) == ("attach", "withdraw")
    assert [app.id for officer in office.OFFICERS for app, _ in office.desk.work_of(officer.id)] == []
    with pytest.raises(TransitionError) as refused:
        office.desk.act(running.id, "periksa", "lengkap", officer="ani")
    assert refused.value.allowed == ("attach", "withdraw")
    with pytest.raises(TransitionError) as refused:
        office.desk.submit(running.id)
    assert refused.value.allowed == ("attach", "withdraw")
    office.clock.move_to(local("2027-11-25T00:00"))
    assert offered(office, permit) == ("attach",)


def test_what_is_only_late_is_offered_to_officers_and_moves_once_it_was_told(office: Any) -> None:
    app = office.submitted()
    desk = office.another_desk(workflows=(office.HOTEL, evolve(office.HOTEL, version=2)))
    office.clock.move_to(local("2026-12-09T00:00"))
    ways = ("attach", "withdraw", "act on periksa")
    assert offered(office, app) == ways
    with pytest.raises(TransitionError) as refused:
        desk.migrate(app.id, 2, officer="dewi", why="Perbup baru")
    assert refused.value.allowed == ways
    desk.enforce_deadlines()
    assert offered(office, app) == ("attach", "withdraw", "migrate", "act on periksa")


# --- what lapses -----------------------------------------------------------------------------------------------------


def test_what_nobody_corrects_lapses_and_gives_its_share_back(office: Any) -> None:
    app = office.after_steps(office.submitted(60), until="tinjau")
    office.desk.act(app.id, "tinjau", "kurang", officer="ani", items=["Denah"])
    assert office.check_zone().holdings
    last = date(2026, 12, 1)
    office.clock.move_to(local("2026-12-01T23:59"))
    assert office.desk.enforce_deadlines() == ()
    office.clock.move_to(local("2026-12-02T00:00"))
    assert office.desk.enforce_deadlines() == enforced(app.id, last, Consequence.LAPSE)
    now = office.desk.application(app.id)
    assert (now.status, now.holds_capacity, now.open, now.ended_at) == (Status.LAPSED, False, (), office.clock.now())
    assert office.events_of(app.id)[-1].reason.code == "not_corrected"
    assert not office.check_zone().holdings


def test_what_came_back_in_time_does_not_lapse(office: Any) -> None:
    app = office.returned()
    office.clock.move_to(local("2026-12-01T23:59"))
    office.desk.resubmit(app.id)
    assert office.days_pass(1).enforce_deadlines() == ()


def test_what_may_be_corrected_for_ever_never_lapses(make_office: Callable[..., Any]) -> None:
    office = make_office(workflows=(evolve(make_office().HOTEL, applicant_days=None),))
    office.returned()
    assert office.days_pass(700).enforce_deadlines() == ()


@pytest.mark.parametrize("suspended", [False, True])
def test_a_permit_lapses_after_its_last_day_and_gives_its_share_back(office: Any, suspended: bool) -> None:
    app = office.issued(60)
    last = date(2027, 11, 24)
    assert app.permit.valid_until == last
    if suspended:
        office.desk.suspend(app.id, officer="dewi", why="Tidak sesuai")
    office.clock.move_to(local("2027-11-24T23:59"))
    assert office.desk.enforce_deadlines() == ()
    assert office.check_zone().holdings
    office.clock.move_to(local("2027-11-25T00:00"))
    assert office.desk.enforce_deadlines() == enforced(app.id, last, Consequence.LAPSE)
    now = office.desk.application(app.id)
    assert (now.status, now.permit.number) == (Status.LAPSED, app.permit.number)
    assert office.events_of(app.id)[-1].reason.code == "permit_over"
    assert not office.check_zone().holdings
    assert office.days_pass(100).enforce_deadlines() == ()


def test_a_renewed_permit_lapses_by_its_new_last_day(office: Any) -> None:
    app = office.desk.renew(office.issued().id, officer="dewi")
    assert app.permit.valid_until == date(2028, 11, 24)
    office.clock.move_to(local("2028-11-24T23:59"))
    assert office.desk.enforce_deadlines() == ()
    office.clock.move_to(local("2028-11-25T00:00"))
    assert office.desk.enforce_deadlines()


def test_a_permit_without_a_last_day_never_lapses(office: Any) -> None:
    app = office.submitted(service="sip")
    office.days_pass(8).enforce_deadlines()
    assert office.days_pass(10_000).enforce_deadlines() == ()
    assert office.desk.application(app.id).status is Status.ISSUED


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REFUSED, Status.WITHDRAWN, Status.LAPSED, Status.REVOKED])
def test_what_is_at_an_end_or_was_never_submitted_has_no_deadline(office: Any, status: Status) -> None:
    app = office.application_in(status)
    assert office.days_pass(700).enforce_deadlines() == ()
    assert office.desk.application(app.id).status is status


# --- the instant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now", [datetime.fromisoformat("2026-12-24T09:00"), "2026-12-24", date(2026, 12, 24), 0], ids=repr
)
def test_an_instant_that_nobody_can_know_is_refused(office: Any, now: object) -> None:
    office.submitted(service="sip")
    recorded = office.recorded()
    with pytest.raises(InvalidValueError, match="now: "):
        office.desk.enforce_deadlines(now)
    assert office.recorded() == recorded


def test_an_instant_before_what_has_happened_misses_nothing(office: Any) -> None:
    """Another machine's clock is behind, or somebody looks at last week again."""
    office.submitted(service="sip")
    office.returned()
    office.issued()
    assert office.desk.enforce_deadlines(local("2026-11-01T09:00")) == ()


def test_an_instant_in_any_zone_is_the_same_instant(office: Any) -> None:
    app = office.submitted(service="sip")
    office.clock.move_to(local("2026-12-02T00:00"))
    assert office.desk.enforce_deadlines(local("2026-12-01T23:59").astimezone(UTC)) == ()
    [done] = office.desk.enforce_deadlines(local("2026-12-02T00:00").astimezone(UTC))
    assert done.application == app.id


def test_an_instant_to_come_is_refused_save_for_what_the_clocks_of_two_machines_differ(office: Any) -> None:
    """Nobody issues a permit of next year, or lets lapse today what may still come back tomorrow."""
    app = office.submitted(service="sip")
    office.clock.move_to(local("2026-12-01T23:58"))
    recorded = office.recorded()
    for now in ("2026-12-02T00:03:01", "2027-01-04T09:00"):
        with pytest.raises(InvalidValueError, match="now: "):
            office.desk.enforce_deadlines(local(now))
    assert office.recorded() == recorded
    assert office.desk.enforce_deadlines(local("2026-12-02T00:03")) == enforced(
        app.id, date(2026, 12, 1), Consequence.ISSUE
    )


# --- one that fails --------------------------------------------------------------------------------------------------


@pytest.fixture
def poisoned(make_office: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes five applications; silence has granted all, and the policy fails for some."""

    def make(error: Exception, *which: str) -> Any:
        def numbering(ask: Any) -> str:
            if ask.application in which:
                raise error
            return f"{ask.sequence}/{ask.issued_on.year}"

        office = make_office(numbering=numbering)
        for _ in range(5):
            office.submitted(service="sip")
        office.days_pass(8)
        return office

    return make


@pytest.mark.parametrize(
    "error",
    [
        InvalidValueError("permit number", "x", "give another"),
        KeyError("5103011708900001"),
        UnreadableEventError("badung/permit/2026-0002", 1, 1, "it is damaged"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_one_application_that_fails_keeps_no_other_from_its_due(poisoned: Callable[..., Any], error: Exception) -> None:
    office = poisoned(error, "2026-0002", "2026-0004")
    with pytest.raises(type(error)) as raised:
        office.desk.enforce_deadlines()
    assert raised.value is error
    failed, done = raised.value.__notes__
    assert failed.startswith("failed for 2: 2026-0002 (")
    assert "2026-0004 (" in failed
    assert "5103011708900001" not in failed
    assert done == "done for 3: 2026-0001 (issue), 2026-0003 (issue), 2026-0005 (issue)"
    stand = {head.stream.rpartition("/")[2]: head.labels["status"] for head in office.desk.applications()}
    assert [stand[f"2026-000{n}"] for n in range(1, 6)] == ["issued", "in_process", "issued", "in_process", "issued"]


def test_a_store_that_fails_ends_the_run_at_once_and_says_what_was_done(poisoned: Callable[..., Any]) -> None:
    office = poisoned(StorageError("the disk is full"), "2026-0003")
    with pytest.raises(StorageError, match="disk") as raised:
        office.desk.enforce_deadlines()
    assert raised.value.__notes__[1] == "done for 2: 2026-0001 (issue), 2026-0002 (issue)"
    assert office.desk.application("2026-0004").status is Status.IN_PROCESS


class Damaged(MemoryStore):
    """A store of which a row cannot be read."""

    damaged = ""

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        if stream.endswith(self.damaged or "nothing"):
            raise UnreadableEventError(stream, 2, 7, "it is damaged")
        return super().read(stream, after)


@pytest.mark.parametrize("unheard_of", [True, False])
def test_one_damaged_application_hides_no_other_from_those_who_look_and_is_named(
    make_office: Callable[..., Any], unheard_of: bool
) -> None:
    """An event of a name that nobody knows, or a row that cannot even be read."""
    store = Damaged()
    office = make_office(store=store)
    first, second, third = (office.submitted() for _ in range(3))
    if unheard_of:
        [head] = [each for each in office.desk.applications() if each.stream.endswith(second.id)]
        store.append(
            Append(
                stream=head.stream,
                expected_version=head.version,
                events=(NewEvent(name="permits.unheard_of", version=1, data="{}"),),
                labels=head.labels,
                summary=head.summary,
                at=head.updated_at,
            )
        )
    else:
        store.damaged = second.id
    office.clock.move_to(local("2026-12-09T00:00"))
    with pytest.warns(RuntimeWarning, match=f"{second.id} cannot be read and is left out: event ") as warned:
        assert [app.id for app, _ in office.another_desk().work_of("ani")] == [first.id, third.id]
    with pytest.warns(RuntimeWarning, match=second.id):
        late = office.desk.overdue()
    assert [row.application for row in late if row.step is None] == [first.id, third.id]
    assert warned[0].filename == __file__
    with pytest.raises(DecodeError if unheard_of else UnreadableEventError) as raised:
        office.desk.enforce_deadlines()
    assert raised.value.__notes__[1] == f"done for 2: {first.id} (escalate), {third.id} (escalate)"


def test_a_store_that_fails_shows_nobody_half_a_list(make_office: Callable[..., Any]) -> None:
    office = make_office()
    office.submitted()
    office.store.read = broken_store
    with pytest.raises(StorageError, match="the disk"):
        office.desk.work_of("ani")
    with pytest.raises(StorageError, match="the disk"):
        office.desk.overdue()


def broken_store(stream: str, after: int = 0) -> Sequence[Recorded]:
    raise StorageError("the disk is gone")


def test_very_many_that_fail_are_not_all_named(make_office: Callable[..., Any]) -> None:
    office = make_office(numbering=lambda ask: "")
    for _ in range(23):
        office.submitted(service="sip")
    with pytest.raises(InvalidValueError) as raised:
        office.days_pass(8).enforce_deadlines()
    failed, done = raised.value.__notes__
    assert failed.startswith("failed for 23: 2026-0001 (")
    assert failed.endswith(", and 3 more")
    assert done == "done for 0: none"


# --- many at once ----------------------------------------------------------------------------------------------------


class Watched(MemoryStore):
    """Can be told to do something just before a commit that holds an event of some name."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Callable[[], object]] = {}

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        for event in (event for batch in batches for event in batch.events):
            if (meanwhile := self.before.pop(event.name, None)) is not None:
                meanwhile()
        return super().append(*batches)


@pytest.mark.parametrize("meanwhile", ["withdraw", "return", "refuse"])
def test_who_was_faster_than_the_deadline_counts(make_office: Callable[..., Any], meanwhile: str) -> None:
    store = Watched()
    office = make_office(store=store)
    app = office.submitted(service="sip")
    if meanwhile == "refuse":
        app = office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    desk = office.another_desk(clock=VirtualClock(local("2026-12-01T23:59")))  # it is behind
    store.before["permits.deemed_granted"] = {
        "withdraw": lambda: desk.withdraw(app.id),
        "return": lambda: desk.act(app.id, "periksa", "kurang", officer="ani", items=["Ijazah"]),
        "refuse": lambda: desk.act(app.id, "putus", "tolak", officer="dewi", reasons=["di_luar_zona"]),
    }[meanwhile]
    assert office.days_pass(8).enforce_deadlines() == ()
    assert not store.before
    ends = {"withdraw": Status.WITHDRAWN, "return": Status.RETURNED, "refuse": Status.REFUSED}
    assert office.desk.application(app.id).status is ends[meanwhile]
    assert office.refolded(app.id).permit is None


def test_an_officer_who_grants_meanwhile_is_the_one_who_granted(make_office: Callable[..., Any]) -> None:
    store = Watched()
    office = make_office(store=store)
    app = office.submitted(service="sip")
    office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    desk = office.another_desk(clock=VirtualClock(local("2026-12-01T23:59")))
    store.before["permits.deemed_granted"] = lambda: desk.act(app.id, "putus", "setuju", officer="dewi")
    assert office.days_pass(8).enforce_deadlines() == enforced(app.id, date(2026, 12, 1), Consequence.ISSUE)
    now = office.desk.application(app.id)
    assert (now.judgement.officer, now.judgement.deemed, now.status) == ("dewi", False, Status.ISSUED)


def many_deadlines(office: Any) -> list[str]:
    """Applications from which something follows after two weeks, of every kind; and some from which nothing does."""
    apps = [office.submitted(30) for _ in range(5)]
    apps += [office.submitted(service="sip") for _ in range(5)]
    apps += [office.returned() for _ in range(4)]
    apps += [office.granted()]
    for status in (Status.DRAFT, Status.WITHDRAWN, Status.ISSUED):
        office.application_in(status)
    return [app.id for app in apps]


def check_once(office: Any, rows: list[str], expected: list[str]) -> None:
    """Everything happened once, and each number was given once."""
    assert sorted(rows) == sorted(expected)
    names = [row.name for row in office.store.read_all(limit=10**6)]
    assert names.count("permits.lapsed") == 4
    heads = office.desk.applications(status=Status.ISSUED)
    numbers = [head.labels["number"] for head in heads]
    # three hotels find room in a zone for a hundred rooms, and two are told of; one was granted, and one issued before
    assert len(set(numbers)) == len(numbers) == names.count("permits.issued") == 10
    assert names.count("permits.deemed_granted") == 8
    assert names.count("permits.escalated") == 2
    assert {each.status for each in office.check_zone().holdings.values()} == {HoldingStatus.COMMITTED}
    assert len(office.check_zone().holdings) == 3
    assert audit(office.store).intact


@pytest.fixture
def file_office(make_office: Callable[..., Any], tmp_path: Path) -> Any:
    """An office in which silence is consent, on a file."""
    made = make_office()
    hotel = evolve(made.HOTEL, overdue=Overdue.DEEMED_GRANTED, working_days=None)
    with SqliteStore(tmp_path / "mall.db", synchronous="normal") as store:
        yield make_office(store=store, workflows=(hotel, made.PRACTICE))


@pytest.mark.parametrize("desks", ["one desk", "a desk each"])
def test_four_threads_enforce_each_deadline_once(file_office: Any, desks: str) -> None:
    expected = many_deadlines(file_office)
    file_office.days_pass(14)
    mine = [file_office.desk if desks == "one desk" else file_office.another_desk() for _ in range(4)]
    done = at_once(*(partial(desk.enforce_deadlines, actor=f"mesin-{n}") for n, desk in enumerate(mine)))
    apart = [each.application for rows in done for each in rows if each.application in expected]
    check_once(file_office, apart, expected)


PROCESS = """
import json, sys
sys.path.insert(0, sys.argv[2])
from attrs import evolve
from conftest import HOTEL, PRACTICE, Office
from mppkit.permits.workflow import Overdue
from mppkit.storage import SqliteStore

with SqliteStore(sys.argv[1], synchronous="normal") as store:
    hotel = evolve(HOTEL, overdue=Overdue.DEEMED_GRANTED, working_days=None)
    office = Office(store=store, workflows=(hotel, PRACTICE), start="2026-12-08T09:00:00+08:00")
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps([each.application for each in office.desk.enforce_deadlines()]))
"""


def test_three_processes_enforce_each_deadline_once(file_office: Any, tmp_path: Path) -> None:
    expected = many_deadlines(file_office)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path / "mall.db"), str(Path(__file__).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        done = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
    file_office.days_pass(14)
    check_once(file_office, [each for rows in done for each in rows if each in expected], expected)
    assert file_office.desk.enforce_deadlines() == ()
