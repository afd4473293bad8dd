"""What time does by itself: silence is consent, somebody is told, what nobody corrects lapses; and each of it once."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mppkit.errors import InvalidValueError
from mppkit.permits.capacity import HoldingStatus
from mppkit.permits.capacity_policies import LetPass
from mppkit.permits.deadlines import Consequence
from mppkit.permits.desk import Enforced
from mppkit.permits.model import Status
from mppkit.permits.workflow import LAWS_OWN_TERM, Effect, Overdue
from mppkit.storage import Append, MemoryStore, Recorded, SqliteStore, audit
from mppkit.testing.racing import at_once


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
    assert office.desk.enforce_deadlines(local(f"{due}T23:59:59")) == ()
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
    assert office.desk.enforce_deadlines(local("2027-02-01T23:59")) == ()
    assert office.desk.enforce_deadlines(local("2027-02-02T00:00")) == enforced(app.id, due, Consequence.ISSUE)


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


# --- somebody is told ------------------------------------------------------------------------------------------------


def test_a_run_that_is_late_is_told_once_for_each_date_that_it_misses(office: Any) -> None:
    app = office.submitted()
    due = date(2026, 12, 8)
    assert office.desk.enforce_deadlines(local("2026-12-08T23:59")) == ()
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


# --- what lapses -----------------------------------------------------------------------------------------------------


def test_what_nobody_corrects_lapses_and_gives_its_share_back(office: Any) -> None:
    app = office.after_steps(office.submitted(60), until="tinjau")
    office.desk.act(app.id, "tinjau", "kurang", officer="ani", items=["Denah"])
    assert office.check_zone().holdings
    last = date(2026, 12, 1)
    assert office.desk.enforce_deadlines(local("2026-12-01T23:59")) == ()
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
    assert office.desk.enforce_deadlines(local("2027-11-24T23:59")) == ()
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
    assert office.desk.enforce_deadlines(local("2028-11-24T23:59")) == ()
    assert office.desk.enforce_deadlines(local("2028-11-25T00:00"))


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
    assert office.desk.enforce_deadlines(local("2026-12-01T23:59").astimezone(UTC)) == ()
    assert [each.application for each in office.desk.enforce_deadlines(local("2026-12-02T00:00").astimezone(UTC))] == [
        app.id
    ]


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
    desk = office.another_desk()
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
    desk = office.another_desk()
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
