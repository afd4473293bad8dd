"""Who somebody is: a ticket's holder by its code, an officer by the blueprint, and nobody by what they say."""

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit import Mall, VirtualClock
from mppkit.access import EVERYTHING, About, Viewer, by_table
from mppkit.access.codes import is_code, ticket_code
from mppkit.decisions import Decision, Reason
from mppkit.directory import Duty
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.queues.desk import QueueDesk

TODAY = date(2026, 11, 24)


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [reason.code for reason in refused.value.decision.reasons]


# --- a ticket's holder -----------------------------------------------------------------------------------------------


def test_a_citizen_with_a_code_sees_their_own_ticket_and_no_other(world: Any) -> None:
    mall, own = world.mall, world.alfa.waiting
    mine = mall.as_(Viewer.ticket(own, mall.ticket_code(own)))
    assert mine.queue.ticket(own) == mall.queue.ticket(own)
    assert mine.queue.position(own).people_ahead == 0
    for other in (world.alfa.number, world.beta.number, "A-999"):
        for look in (mine.queue.ticket, mine.queue.position, mine.queue.cancel):
            with pytest.raises(RefusedError) as refused:
                look(other)
            assert codes(refused) == ["not_yours"]
    assert mine.queue.cancel(own).status == "cancelled"


def test_a_code_opens_its_number_on_its_date_in_its_mall_alone(world: Any) -> None:
    mall, own, other = world.mall, world.alfa.number, world.beta.number
    code = mall.ticket_code(own)
    wrong = (
        Viewer.ticket(other, code),
        Viewer.ticket(own, mall.ticket_code(other)),
        Viewer.ticket(own, code, on=TODAY - timedelta(days=1)),
        Viewer.ticket(own, mall.ticket_code(own, on=TODAY - timedelta(days=1))),
        Viewer.ticket(own, ticket_code(bytes(range(32)), "badung", TODAY, own)),
        Viewer.ticket(own, code[:-1]),
        Viewer.ticket(own, ""),
        Viewer.ticket(own, "\ud800é"),
        Viewer.ticket("\ud800", code),
        evolve(Viewer.ticket(own, code), code=None),
    )
    for viewer in wrong:
        with pytest.raises(RefusedError) as refused:
            mall.as_(viewer)
        assert codes(refused) == ["ticket_code_wrong"]


@pytest.mark.parametrize("typed", ["a-001", " A-001 ", "A-001\n", "a-001\t"])
def test_a_number_is_taken_however_it_is_typed(world: Any, typed: str) -> None:
    assert world.alfa.number == "A-001"
    mine = world.mall.as_(Viewer.ticket(typed, world.mall.ticket_code("A-001")))
    assert mine.viewer.id == "A-001"
    assert mine.queue.ticket("A-001").number == "A-001"


def test_a_number_that_has_small_letters_stays_as_it_is(world: Any) -> None:
    assert world.mall.as_(Viewer.ticket("a-001", world.mall.ticket_code("a-001"))).viewer.id == "a-001"


def test_a_ticket_of_yesterday_does_not_open_the_same_number_today(world: Any) -> None:
    mall, own = world.mall, world.alfa.number
    mall._clock.advance(minutes=24 * 60)
    mall.queue.issue("izin-alfa")  # somebody else's, and A-001 again
    yesterdays = mall.as_(Viewer.ticket(own, mall.ticket_code(own, on=TODAY), on=TODAY))
    assert yesterdays.queue.ticket(own, on=TODAY).subject == world.alfa.subject
    for look in (yesterdays.queue.ticket, yesterdays.queue.position, yesterdays.queue.cancel):
        with pytest.raises(RefusedError):
            look(own)


def test_a_code_is_no_survey_code_and_stays_the_same_in_every_process(world: Any) -> None:
    mall, own = world.mall, world.alfa.waiting
    code = mall.ticket_code(own)
    assert code not in mall.surveys.token(TODAY, "izin-alfa", own)
    with Mall.open(
        mall.blueprint, mall.store, clock=VirtualClock("2026-11-24T10:00:00+08:00"), survey_secret=bytes(range(32))
    ) as other:
        assert other.ticket_code(own) == code
        assert other.as_(Viewer.ticket(own, code)).queue.ticket(own).number == own
    assert code not in repr(Viewer.ticket(own, code)) + repr(mall.as_(Viewer.ticket(own, code)).viewer)


@given(st.integers(0, 999), st.data())
def test_a_code_is_taken_however_it_is_typed_and_no_other_is(number: int, data: Any) -> None:
    code = ticket_code(b"x" * 16, "uji", TODAY, f"A-{number:03}")
    typed = "".join(data.draw(st.sampled_from([c, c.upper(), f" {c}", f"{c}-"])) for c in code)
    assert is_code(typed, code)
    place = data.draw(st.sampled_from([i for i, c in enumerate(code) if c != "-"]))
    other = data.draw(st.sampled_from("0123456789abcdef").filter(lambda c: c != code[place]))
    assert not is_code(code[:place] + other + code[place + 1 :], code)
    assert not is_code(code + other, code)


# --- an officer ------------------------------------------------------------------------------------------------------


def test_an_officer_is_what_the_blueprint_says_and_not_what_stands_in_the_viewer(world: Any) -> None:
    forged = evolve(Viewer.officer("o-alfa"), agency="beta", counters=frozenset({"loket-beta"}), duties=frozenset(Duty))
    there = world.mall.as_(forged)
    assert (there.viewer.agency, there.viewer.counters, there.viewer.duties) == ("alfa", frozenset(), frozenset())
    with pytest.raises(RefusedError):
        there.permits.application(world.beta.application)
    kiosk = world.mall.as_(evolve(forged, kind=Viewer.kiosk("k").kind))
    assert (kiosk.viewer.agency, kiosk.viewer.duties) == (None, frozenset())


@pytest.mark.parametrize("officer", ["o-nobody", "alfa", "O-ALFA"])
def test_an_officer_who_is_not_in_the_blueprint_is_not_let_in(world: Any, officer: str) -> None:
    with pytest.raises(RefusedError) as refused:
        world.mall.as_(Viewer.officer(officer))
    assert codes(refused) == ["officer_unknown"]


def test_a_counter_that_agencies_share_is_for_the_officers_who_serve_there(world: Any) -> None:
    shared = world.mall.as_(Viewer.officer("o-bersama"))
    assert shared.queue.open_counter("loket-bersama").officer == "o-bersama"
    called = shared.queue.call_next("loket-bersama")
    assert called.number == world.alfa.waiting
    shared.queue.start(called.number)
    assert shared.queue.finish(called.number).status == "finished"
    assert shared.queue.call_next("loket-bersama").number == world.beta.waiting
    assert [call.number for call in shared.queue.calls()] == [world.alfa.waiting, world.beta.waiting]
    with pytest.raises(RefusedError):
        shared.queue.call_next("loket-alfa")
    with pytest.raises(RefusedError):
        world.mall.as_(Viewer.officer("o-alfa")).queue.call_next("loket-bersama")


def test_nobody_opens_their_counter_for_the_services_of_others(world: Any) -> None:
    alfa = world.mall.as_(Viewer.officer("o-alfa")).queue
    alfa.finish(world.alfa.number)
    alfa.close_counter("loket-alfa")
    for services in (["izin-beta"], ["izin-alfa", "izin-beta"], "izin-alfa"):
        with pytest.raises(RefusedError) as refused:
            alfa.open_counter("loket-alfa", services=services)
        assert codes(refused) == ["not_yours"]
    assert alfa.open_counter("loket-alfa", services=["izin-alfa"]).status == "open"


def test_all_that_a_command_names_must_be_ones_own(world: Any) -> None:
    alfa, before = world.mall.as_(Viewer.officer("o-alfa")).queue, world.mall.store.read_all()
    attempts = (
        lambda: alfa.issue("izin-alfa", "izin-beta"),
        lambda: alfa.reserve("izin-beta", "izin-alfa"),
        lambda: alfa.call("loket-beta", world.alfa.waiting, why="x"),
        lambda: alfa.call("loket-alfa", world.beta.waiting, why="x"),
        lambda: alfa.resume(world.alfa.number, counter="loket-beta"),
    )
    for attempt in attempts:
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert codes(refused) == ["not_yours"]
    assert world.mall.store.read_all() == before
    assert alfa.issue("izin-alfa").service == "izin-alfa"


# --- signing ---------------------------------------------------------------------------------------------------------


def test_what_a_viewer_does_is_recorded_under_its_own_id(world: Any) -> None:
    mall = world.mall
    mall.as_(Viewer.kiosk("anjungan-1")).queue.issue("izin-alfa")
    mall.as_(Viewer.officer("o-alfa")).queue.finish(world.alfa.number)
    mall.as_(Viewer.officer("o-alfa")).people.read(world.alfa.subject, ["name"], why="uji")
    mall.as_(Viewer.officer("o-alfa")).permits.act(world.alfa.application, "putus", "setuju")
    mall.as_(Viewer.applicant(world.alfa.subject)).permits.withdraw(world.alfa.application)
    own = world.alfa.waiting
    mall.as_(Viewer.ticket(own, mall.ticket_code(own))).queue.cancel(own)
    actors = [each.actor for each in mall.store.read_all()][-6:]
    assert actors == ["anjungan-1", "o-alfa", "o-alfa", "o-alfa", world.alfa.subject, None]


def test_nobody_signs_as_somebody_else(world: Any) -> None:
    mall, before = world.mall, world.mall.store.read_all()
    own = world.alfa.waiting
    alfa, protect = mall.as_(Viewer.officer("o-alfa")), mall.as_(Viewer.officer("o-protect"))
    attempts = (
        lambda: alfa.queue.finish(world.alfa.number, actor="o-beta"),
        lambda: alfa.permits.act(world.alfa.application, "putus", "setuju", officer="o-gama"),
        lambda: alfa.permits.work_of("o-beta"),
        lambda: alfa.people.read(world.alfa.subject, ["name"], who="o-protect", why="x"),
        lambda: protect.people.erase(world.beta.subject, who="o-alfa", why="x"),
        lambda: mall.as_(Viewer.officer("o-supervise")).queue.open_day(actor="o-head"),
        lambda: mall.as_(Viewer.ticket(own, mall.ticket_code(own))).queue.cancel(own, actor="o-alfa"),
        lambda: mall.as_(Viewer.kiosk("anjungan-1")).queue.issue("izin-alfa", actor="anjungan-2"),
    )
    for attempt in attempts:
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert codes(refused) == ["other_identity"]
    assert mall.store.read_all() == before


def test_a_supervisor_opens_a_counter_for_another_officer_and_an_auditor_sees_their_work(world: Any) -> None:
    supervisor = world.mall.as_(Viewer.officer("o-supervise"))
    assert supervisor.queue.open_counter("loket-bersama", officer="o-bersama").officer == "o-bersama"
    assert world.mall.store.read_all()[-1].actor == "o-supervise"
    auditor = world.mall.as_(Viewer.officer("o-audit"))
    assert auditor.permits.work_of("o-beta") == world.mall.permits.work_of("o-beta") != ()


def test_a_request_id_of_somebody_else_brings_out_nothing_of_theirs(world: Any) -> None:
    mall = world.mall
    mall.queue.book("izin-alfa", mall._clock.now() + timedelta(days=2), subject="p-9", request_id="klik-1")
    mine = mall.as_(Viewer.applicant(world.alfa.subject))
    with pytest.raises(RefusedError) as refused:
        mine.queue.book(
            "izin-alfa", mall._clock.now() + timedelta(days=2), subject=world.alfa.subject, request_id="klik-1"
        )
    assert codes(refused) == ["not_yours"]
    for other in ("p-9", None):
        with pytest.raises(RefusedError):
            mine.queue.issue("izin-alfa", subject=other)


# --- the guard itself ------------------------------------------------------------------------------------------------


def test_what_has_no_rule_is_open_to_nobody(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QueueDesk, "everything", lambda self: "all of it", raising=False)
    supervisor = world.mall.as_(Viewer.officer("o-supervise"), access=lambda viewer, act, about: Decision.granted())
    with pytest.raises(RefusedError) as refused:
        supervisor.queue.everything()
    assert codes(refused) == ["no_rule"]
    assert by_table(supervisor.viewer, "queue.everything", EVERYTHING).reasons[0].code == "no_rule"


def test_the_desks_have_no_way_around_by_their_names(world: Any) -> None:
    desks = world.mall.as_(Viewer.officer("o-alfa"))
    for name in ("_do", "_days", "__dict__"):
        with pytest.raises(AttributeError):
            getattr(desks.queue, name)
    with pytest.raises(AttributeError, match="nonsense"):
        desks.queue.nonsense  # noqa: B018
    with pytest.raises(AttributeError):
        desks.queue.call_next = None
    with pytest.raises(RefusedError):
        desks.surveys.followup.actions("skm")


def test_a_policy_of_ones_own_decides_and_its_reasons_are_told(world: Any) -> None:
    closed = Reason(code="after_hours", indonesian="Di luar jam kerja.", english="Out of hours.")

    def by_hours(viewer: Viewer, act: str, about: About) -> Decision:
        return Decision.needs_first(closed) if act == "permits.act" else by_table(viewer, act, about)

    alfa = world.mall.as_(Viewer.officer("o-alfa"), access=by_hours)
    before = world.mall.store.read_all()
    with pytest.raises(RefusedError, match="Di luar jam kerja"):
        alfa.permits.act(world.alfa.application, "putus", "setuju")
    assert world.mall.store.read_all() == before
    assert alfa.permits.application(world.alfa.application).id == world.alfa.application


def test_what_is_not_in_the_mall_is_told_only_to_who_may_have_all(world: Any) -> None:
    with pytest.raises(NotFoundError):
        world.mall.as_(Viewer.officer("o-audit")).permits.application("2026-9999")
    with pytest.raises(NotFoundError):
        world.mall.as_(Viewer.officer("o-supervise")).queue.ticket("A-999")


def test_a_closed_mall_lets_nobody_in(world: Any) -> None:
    desks = world.mall.as_(Viewer.anybody())
    world.mall.close()
    with pytest.raises(TransitionError):
        desks.queue.board()
    with pytest.raises(TransitionError):
        world.mall.as_(Viewer.anybody())


@pytest.mark.parametrize("make", [Viewer.kiosk, Viewer.applicant, Viewer.officer])
@pytest.mark.parametrize("wrong", ["5103011708900001", "Made Contoh", "a@b", "", None, 7])
def test_an_id_that_may_not_be_recorded_makes_no_viewer(make: Any, wrong: Any) -> None:
    with pytest.raises(InvalidValueError):
        make(wrong)


def test_what_no_ticket_can_have_makes_no_viewer() -> None:
    for number, code, on in ((None, "x", None), ("A-001", None, None), ("A-001", "x", "2026-11-24")):
        with pytest.raises(InvalidValueError):
            Viewer.ticket(number, code, on=on)


# --- the blueprint ---------------------------------------------------------------------------------------------------


def test_the_sample_mall_has_an_officer_for_each_duty() -> None:
    with Mall.open("contoh", "memory:", clock=VirtualClock("2026-11-24T09:00:00+08:00")) as mall:
        held = {officer.id: mall.as_(Viewer.officer(officer.id)).viewer.duties for officer in mall.directory.officers}
    assert {duty: [who for who, duties in held.items() if duty in duties] for duty in Duty} == {
        Duty.SUPERVISE: ["petugas-37"],
        Duty.HEAD: ["petugas-38"],
        Duty.AUDIT: ["petugas-39"],
        Duty.REGISTER: ["petugas-04"],
        Duty.PROTECT: ["petugas-40"],
    }
