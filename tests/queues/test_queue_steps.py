"""Each verb of the desk: what it does to ticket and counter, what it refuses, and where its limits lie."""

from datetime import UTC, datetime

import pytest

from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.queues.model import LegOutcome, PriorityGroup, TicketStatus
from mppkit.queues.policies import KeepsPlace, LosesPlace

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def allowed(act, step=None):
    with pytest.raises(TransitionError) as caught:
        act()
    if step is not None:
        assert caught.value.step == step
    return caught.value.allowed


def serve(room, *, wait=0, walk=0, service=60, counter="loket-1"):
    """Call the next at a counter and begin to serve; return the number."""
    number = room.after(seconds=wait).call_next(counter).number
    room.after(seconds=walk).start(number)
    room.clock.advance(seconds=service)
    return number


# --- issue ---


def test_a_walk_in_gets_the_next_number_of_its_series_and_waits(room):
    first = room.desk.issue("nib")
    assert (first.number, first.order, first.service, first.status) == ("A-001", 1, "nib", TicketStatus.WAITING)
    assert first.issued_at == first.place_at == first.entered_at == NINE
    assert [room.desk.issue(service).number for service in ("kia", "nib", "kia")] == ["B-001", "A-002", "B-002"]
    assert room.desk.ticket("A-002").order == 3


def test_a_day_opens_by_itself_with_its_first_ticket(make_room):
    room = make_room()
    room.desk.issue("nib")
    assert room.names() == ["day_opened", "ticket_issued"]


def test_a_priority_group_is_kept_with_its_legal_basis(room):
    ticket = room.desk.issue("nib", priority="lansia")
    assert ticket.priority is PriorityGroup.ELDERLY
    assert ticket.priority_basis.cite() == "UU 25/2009 Pasal 29"
    assert not ticket.priority_basis.verified
    assert room.desk.issue("nib").priority_basis is None


def test_what_cannot_be_issued_is_refused_with_a_remedy(room):
    with pytest.raises(NotFoundError, match="did you mean 'nib'"):
        room.desk.issue("nip")
    with pytest.raises(InvalidValueError, match="each once"):
        room.desk.issue("nib", "nib")
    with pytest.raises(InvalidValueError, match="lansia, disabilitas"):
        room.desk.issue("nib", priority="tua")
    assert room.desk.tickets() == ()


# --- reserve, confirm, lapse ---


def test_a_reserved_ticket_counts_from_its_confirmation_at_the_place_of_its_asking(room):
    reserved = room.desk.reserve("nib")
    walk_in = room.after(seconds=20).issue("nib")
    assert room.desk.call_next("loket-1").number == walk_in.number  # the reserved one is nowhere yet
    confirmed = room.after(seconds=10).confirm(reserved.number)
    assert confirmed.status is TicketStatus.WAITING
    assert confirmed.place_at == NINE
    assert (confirmed.entered_at - NINE).total_seconds() == 30
    room.desk.issue("nib")
    room.desk.cancel(walk_in.number)
    call = room.after(seconds=60).call_next("loket-1")
    assert (call.number, call.waited) == (reserved.number, 60.0)


@pytest.mark.parametrize(("seconds", "confirmed"), [(119, True), (120, True), (120.000001, False), (500, False)])
def test_a_reservation_lapses_after_the_limit_and_not_at_it(room, seconds, confirmed):
    number = room.desk.reserve("nib").number
    room.clock.advance(seconds=seconds)
    if confirmed:
        assert room.desk.confirm(number).status is TicketStatus.WAITING
    else:
        assert allowed(lambda: room.desk.confirm(number), "confirm") == ()
        assert allowed(lambda: room.desk.cancel(number), "cancel") == ()


def test_a_stale_reservation_is_recorded_as_lapsed_with_the_next_command(room):
    number = room.desk.reserve("nib").number
    room.after(seconds=121).issue("nib")
    assert room.names()[-2:] == ["reservations_lapsed", "ticket_issued"]
    assert room.desk.ticket(number).status is TicketStatus.LAPSED
    assert room.desk.issue("nib").number == "A-003"  # its number is not given out again


def test_a_day_closes_over_fresh_and_stale_reservations(room):
    stale = room.desk.reserve("nib").number
    fresh = room.after(seconds=100).reserve("nib").number
    room.after(seconds=60).close_day()
    assert room.names()[-2:] == ["reservations_lapsed", "day_closed"]
    assert {room.desk.ticket(n).status for n in (stale, fresh)} == {TicketStatus.LAPSED}
    assert room.another_desk().measures().visitors == {"lapsed": 2}


def test_a_printer_that_failed_takes_its_reservation_back(room):
    number = room.desk.reserve("kia").number
    assert room.desk.cancel(number).status is TicketStatus.LAPSED
    assert room.desk.ticket(number).legs == ()
    assert room.desk.measures().arrived == 0
    assert allowed(lambda: room.desk.confirm(number)) == ()


def test_call_next_returns_nobody_though_a_reservation_lapsed_meanwhile(room):
    room.desk.reserve("nib")
    assert room.after(seconds=121).call_next("loket-1") is None
    assert room.names()[-1] == "reservations_lapsed"


# --- calling ---


def test_a_call_says_why_and_where_and_how_long_it_took(room):
    room.desk.issue("nib")
    call = room.after(seconds=240).call_next("loket-1")
    assert (call.number, call.counter, call.service, call.waited, call.rule) == (
        "A-001", "loket-1", "nib", 240.0, "first_come",
    )  # fmt: skip
    assert call.reason.indonesian == "Paling awal dalam antrean."
    assert call.reason.english == "First in the line."
    ticket = room.desk.ticket("A-001")
    assert (ticket.status, ticket.counter, ticket.officer) == (TicketStatus.CALLED, "loket-1", "sri")
    assert room.desk.counter("loket-1").ticket == ticket


def test_nobody_waiting_is_no_error_and_records_nothing(room):
    assert room.desk.call_next("loket-1") is None
    assert room.names() == ["day_opened", "counter_opened"]


def test_a_counter_calls_only_for_its_own_services(room):
    room.desk.issue("pajak")
    assert room.desk.call_next("loket-1") is None


def test_a_busy_paused_or_closed_counter_calls_nobody_and_says_what_it_can_do(room):
    room.desk.issue("nib")
    room.desk.issue("nib")
    number = room.desk.call_next("loket-1").number
    room.clock.advance(seconds=30)
    steps = allowed(lambda: room.desk.call_next("loket-1"))
    assert steps == ("start", "recall", "no_show", "transfer", "return_to_line", "cancel")
    room.desk.cancel(number)
    room.desk.pause_counter("loket-1")
    assert allowed(lambda: room.desk.call_next("loket-1")) == ("resume", "close")
    room.desk.close_counter("loket-1")
    assert allowed(lambda: room.desk.call_next("loket-1")) == ("open",)
    assert allowed(lambda: room.desk.call_next("loket-2")) == ("open",)
    with pytest.raises(NotFoundError, match="loket-1"):
        room.desk.call_next("loket-11")


def test_a_chosen_ticket_is_called_with_its_reason_and_the_ledger_knows_whom_it_overtook(room):
    numbers = [room.desk.issue("nib").number for _ in range(3)]
    call = room.desk.call("loket-1", numbers[2], why="demam tinggi")
    assert (call.rule, call.because, call.overtook) == ("chosen", "demam tinggi", ("A-001", "A-002"))
    assert call.reason.basis is None


def test_a_chosen_ticket_needs_a_reason_and_must_wait_at_that_counter(room):
    room.desk.issue("nib")
    room.desk.issue("pajak")
    for why in ("", "  "):
        with pytest.raises(InvalidValueError, match="out of turn"):
            room.desk.call("loket-1", "A-001", why=why)
    with pytest.raises(InvalidValueError, match="waits for pajak, and loket-1 does not"):
        room.desk.call("loket-1", "C-001", why="sakit")
    room.desk.call_next("loket-1")
    room.desk.open_counter("loket-2")
    assert "start" in allowed(lambda: room.desk.call("loket-2", "A-001", why="sakit"), "call")


# --- recall ---


def test_a_recall_has_a_delay_and_a_limit(make_room):
    room = make_room(limits={"recall_limit": 2, "recall_delay_seconds": 30})
    room.desk.open_counter("loket-1")
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    others = ("start", "no_show", "transfer", "return_to_line", "cancel")
    assert allowed(lambda: room.after(seconds=29.5).recall("A-001"), "recall") == others
    with pytest.raises(TransitionError, match="recall it in 1 s"):
        room.desk.recall("A-001")
    assert room.after(seconds=0.5).recall("A-001").recalls == 1
    assert allowed(lambda: room.after(seconds=29).recall("A-001")) == others
    assert room.after(seconds=1).recall("A-001").recalls == 2
    with pytest.raises(TransitionError, match="again 2 times, the limit"):
        room.after(seconds=600).recall("A-001")
    # no other refusal names recall as a way either
    assert allowed(lambda: room.desk.finish("A-001")) == others


def test_a_recall_is_no_second_call(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    room.after(seconds=30).recall("A-001")
    room.after(seconds=10).start("A-001")
    assert len(room.desk.calls()) == 1
    assert room.desk.ticket("A-001").walked == 40.0


def test_a_ticket_that_comes_back_may_be_recalled_anew(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    for _ in range(3):
        room.after(seconds=30).recall("A-001")
    room.desk.return_to_line("A-001")
    room.desk.call_next("loket-1")
    assert room.after(seconds=30).recall("A-001").recalls == 1


# --- start, finish, several services ---


def test_a_visit_is_accounted_for_to_the_second(room):
    room.desk.issue("nib")
    number = serve(room, wait=240, walk=20, service=300)
    ticket = room.desk.finish(number)
    assert ticket.status is TicketStatus.FINISHED
    [leg] = ticket.legs
    assert (leg.waited, leg.walked, leg.served, leg.held) == (240.0, 20.0, 300.0, 0.0)
    assert (leg.counter, leg.officer, leg.outcome, leg.given) == ("loket-1", "sri", LegOutcome.FINISHED, ("nib",))
    counter = room.desk.counter("loket-1").counter
    assert counter.ticket is None
    assert counter.busy_seconds == 320.0


def test_finish_names_the_services_really_given(room):
    room.desk.issue("nib")
    ticket = room.desk.finish(serve(room), given=["kia", "pajak", "kia"])
    assert ticket.given == ("kia", "pajak")
    assert ticket.legs[0].service == "nib"


@pytest.mark.parametrize("given", [[], "nib"])
def test_finish_wants_a_list_of_services(room, given):
    room.desk.issue("nib")
    number = serve(room)
    with pytest.raises(InvalidValueError, match="name the services given"):
        room.desk.finish(number, given=given)
    with pytest.raises(NotFoundError):
        room.desk.finish(number, given=["nip"])
    assert room.desk.ticket(number).status is TicketStatus.SERVING


def test_a_visit_goes_on_with_its_next_service_until_all_are_given(room):
    room.desk.issue("nib", "kia", "pajak")
    ticket = room.desk.finish(serve(room))
    assert (ticket.status, ticket.service, ticket.pending) == (TicketStatus.WAITING, "kia", ("pajak",))
    assert ticket.entered_at == room.clock.now()
    assert ticket.place_at == NINE
    ticket = room.desk.finish(serve(room))
    assert (ticket.service, ticket.pending) == ("pajak", ())
    room.desk.open_counter("loket-3")
    ticket = room.desk.finish(serve(room, counter="loket-3"))
    assert ticket.status is TicketStatus.FINISHED
    assert ticket.given == ("nib", "kia", "pajak")
    assert [leg.service for leg in ticket.legs] == ["nib", "kia", "pajak"]


def test_a_service_given_early_is_not_waited_for_again(room):
    room.desk.issue("nib", "kia", "pajak")
    ticket = room.desk.finish(serve(room), given=["nib", "kia"])
    assert (ticket.service, ticket.pending) == ("pajak", ())
    room.desk.issue("nib", "kia")
    ticket = room.desk.finish(serve(room), given=["nib", "kia"])
    assert ticket.status is TicketStatus.FINISHED


# --- hold, resume ---


def test_a_service_on_hold_frees_the_counter_and_goes_on_there(room):
    room.desk.issue("nib")
    room.desk.issue("nib")
    first = serve(room, service=100)
    held = room.desk.hold(first, why="fotokopi")
    assert (held.status, held.counter) == (TicketStatus.ON_HOLD, "loket-1")
    assert [ticket.number for ticket in room.desk.counter("loket-1").on_hold] == [first]
    second = serve(room, service=50)
    assert "finish" in allowed(lambda: room.desk.resume(first))  # the counter is busy: what its ticket can do
    room.desk.finish(second)
    resumed = room.desk.resume(first)
    assert resumed.status is TicketStatus.SERVING
    [leg] = room.after(seconds=70).finish(first).legs
    assert (leg.served, leg.held) == (170.0, 50.0)
    assert room.desk.counter("loket-1").counter.busy_seconds == 100 + 50 + 70


def test_another_counter_may_go_on_if_it_gives_the_service(room):
    room.desk.issue("nib")
    number = serve(room, service=100)
    room.desk.hold(number)
    room.desk.open_counter("loket-2", officer="ani")
    room.desk.open_counter("loket-3")
    with pytest.raises(InvalidValueError, match="does not give nib; it gives pajak"):
        room.desk.resume(number, counter="loket-3")
    resumed = room.desk.resume(number, counter="loket-2")
    assert (resumed.counter, resumed.officer) == ("loket-2", "ani")
    [leg] = room.after(seconds=30).finish(number).legs
    assert leg.counter == "loket-2"
    measures = room.desk.measures()
    assert measures.busy_seconds == {"loket-1": 100.0, "loket-2": 30.0, "loket-3": 0.0}


def test_who_is_on_hold_when_the_counter_closes_is_not_lost(room):
    room.desk.issue("nib")
    number = serve(room)
    room.desk.hold(number)
    room.desk.close_counter("loket-1")
    assert allowed(lambda: room.desk.resume(number)) == ("open",)
    room.desk.open_counter("loket-2")
    assert room.desk.return_to_line(number).status is TicketStatus.WAITING
    assert room.desk.call_next("loket-2").number == number


# --- transfer ---


def test_a_transfer_keeps_the_place_of_the_first_arrival(room):
    room.desk.open_counter("loket-3")
    room.desk.issue("nib")
    room.after(seconds=60).issue("pajak")
    number = serve(room, service=30)
    sent = room.desk.transfer(number, service="pajak", why="salah loket")
    assert (sent.service, sent.place_at, sent.entered_at) == ("pajak", NINE, room.clock.now())
    assert sent.legs[0].outcome is LegOutcome.TRANSFERRED
    assert sent.legs[0].served == 30.0
    assert room.desk.call_next("loket-3").number == number
    assert room.desk.counter("loket-1").ticket is None


def test_a_transfer_loses_the_place_where_the_policy_says_so(make_room):
    room = make_room(placement=LosesPlace())
    room.desk.open_counter("loket-1")
    room.desk.open_counter("loket-3")
    room.desk.issue("nib")
    room.after(seconds=60).issue("pajak")
    sent = room.desk.transfer(serve(room), service="pajak")
    assert sent.place_at == room.clock.now()
    assert room.desk.call_next("loket-3").number == "C-001"


def test_a_ticket_sent_to_one_counter_is_called_by_that_one_alone(room):
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    sent = room.desk.transfer("A-001", counter="loket-2")
    assert (sent.service, sent.for_counter) == ("nib", "loket-2")
    assert room.desk.call_next("loket-1") is None
    assert room.desk.call_next("loket-2").number == "A-001"


def test_a_ticket_for_one_counter_can_be_sent_back_to_the_line_of_all(room):
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    room.desk.transfer("A-001", counter="loket-2")
    assert room.desk.transfer("A-001", service="nib").for_counter is None
    assert room.desk.call_next("loket-1").number == "A-001"


def test_a_transfer_that_leads_nowhere_is_refused(room):
    room.desk.open_counter("loket-3")
    room.desk.issue("nib")
    transfer = room.desk.transfer
    for options in ({}, {"service": "nib"}):
        with pytest.raises(InvalidValueError, match="at nib already"):
            transfer("A-001", **options)
    with pytest.raises(InvalidValueError, match="does not give nib; it gives pajak"):
        transfer("A-001", counter="loket-3")
    assert allowed(lambda: transfer("A-001", counter="loket-2")) == ("open",)
    room.desk.call_next("loket-1")
    with pytest.raises(InvalidValueError, match="at loket-1 already"):
        transfer("A-001", counter="loket-1")
    with pytest.raises(InvalidValueError, match="at nib already"):
        transfer("A-001", service="nib")
    assert transfer("A-001", service="pajak", counter="loket-3").for_counter == "loket-3"
    with pytest.raises(InvalidValueError, match="at loket-3 already"):
        transfer("A-001", counter="loket-3")
    with pytest.raises(InvalidValueError, match="at pajak already"):
        transfer("A-001")


def test_when_a_counter_closes_the_tickets_for_it_alone_are_for_all_again(room):
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    room.desk.transfer("A-001", counter="loket-2")
    room.desk.close_counter("loket-2")
    assert room.desk.ticket("A-001").for_counter is None
    assert room.desk.call_next("loket-1").number == "A-001"


def test_who_comes_back_for_a_counter_that_closed_meanwhile_is_for_all(room):
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    room.desk.transfer("A-001", counter="loket-2")
    room.desk.hold(serve(room, counter="loket-2"))
    room.desk.close_counter("loket-2")
    assert room.desk.return_to_line("A-001").for_counter is None
    assert room.desk.call_next("loket-1").number == "A-001"


def test_the_rest_of_a_visit_survives_a_transfer(room):
    room.desk.issue("nib", "kia")
    assert room.desk.transfer("A-001", service="pajak").pending == ("kia",)


# --- return, no-show, cancel ---


def test_a_return_begins_a_new_leg_at_the_old_place(room):
    room.desk.issue("nib")
    room.after(seconds=60).issue("nib")
    number = serve(room, walk=10, service=20)
    back = room.desk.return_to_line(number)
    assert (back.status, back.place_at, back.waited, back.counter) == (TicketStatus.WAITING, NINE, 0.0, None)
    [leg] = back.legs
    assert (leg.outcome, leg.counter, leg.waited, leg.served) == (LegOutcome.RETURNED, "loket-1", 60.0, 20.0)
    assert room.desk.call_next("loket-1").number == number


def test_a_no_show_ends_the_leg_and_frees_the_counter(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    ticket = room.after(seconds=90).no_show("A-001")
    assert ticket.status is TicketStatus.NO_SHOW
    assert (ticket.legs[0].outcome, ticket.legs[0].walked, ticket.legs[0].started) == (LegOutcome.NO_SHOW, 90.0, False)
    assert room.desk.counter("loket-1").ticket is None
    assert allowed(lambda: room.desk.start("A-001")) == ("return_to_line",)


@pytest.mark.parametrize(
    ("placement", "next_number"),
    [(KeepsPlace(), "A-002"), (KeepsPlace(after_no_show=True), "A-001"), (LosesPlace(), "A-002")],
)
def test_who_comes_after_the_call_stands_where_the_policy_says(make_room, placement, next_number):
    room = make_room(placement=placement)
    room.desk.open_counter("loket-1")
    room.desk.issue("nib")
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    room.after(seconds=90).no_show("A-001")
    room.desk.close_counter("loket-1")
    assert room.desk.return_to_line("A-001").status is TicketStatus.WAITING
    room.desk.open_counter("loket-2")
    assert room.desk.call_next("loket-2").number == next_number


def test_a_ticket_can_be_cancelled_wherever_it_lives(room):
    for number in [room.desk.issue("nib").number for _ in range(4)]:
        assert number.startswith("A-")
    assert room.desk.cancel("A-001").legs[0].called is False
    room.desk.call_next("loket-1")
    room.desk.cancel("A-002", why="pulang")
    room.desk.cancel(serve(room))
    room.desk.hold(serve(room))
    cancelled = room.after(seconds=5).cancel("A-004")
    assert (cancelled.legs[0].held, cancelled.legs[0].started) == (5.0, True)
    assert {room.desk.ticket(f"A-00{n}").status for n in (1, 2, 3, 4)} == {TicketStatus.CANCELLED}
    assert room.desk.counter("loket-1").ticket is None
    assert allowed(lambda: room.desk.cancel("A-001")) == ()


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("waiting", ("call", "transfer", "cancel")),
        ("called", ("start", "no_show", "transfer", "return_to_line", "cancel")),  # recall comes later
        ("serving", ("finish", "hold", "transfer", "return_to_line", "cancel")),
        ("on_hold", ("resume", "transfer", "return_to_line", "cancel")),
        ("reserved", ("confirm", "cancel")),
    ],
)
def test_a_refusal_names_the_steps_that_are_possible(room, status, steps):
    number = (room.desk.reserve if status == "reserved" else room.desk.issue)("nib").number
    if status in ("called", "serving", "on_hold"):
        room.desk.call_next("loket-1")
    if status in ("serving", "on_hold"):
        room.desk.start(number)
    if status == "on_hold":
        room.desk.hold(number)
    verbs = ("confirm", "start", "recall", "no_show", "hold", "resume", "return_to_line", "finish")
    for verb in verbs:
        if verb not in steps:
            assert allowed(lambda verb=verb: getattr(room.desk, verb)(number), verb) == steps
    assert room.desk.ticket(number).status.value == status
    with pytest.raises(NotFoundError, match="did you mean"):
        room.desk.start("A-01")


# --- the counter that believes to have a ticket ---

TAKEN_BY = {
    "start": ((), {}),
    "recall": ((), {}),
    "no_show": ((), {}),
    "return_to_line": ((), {}),
    "transfer": ((), {"service": "kia"}),
    "hold": (("start",), {}),
    "finish": (("start",), {}),
}


@pytest.mark.parametrize("step", TAKEN_BY)
def test_a_step_by_a_counter_that_no_longer_has_the_ticket_changes_nothing(room, step):
    before, more = TAKEN_BY[step]
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    room.desk.transfer("A-001", counter="loket-2", at_counter="loket-1")
    room.desk.call_next("loket-2")
    for each in before:
        getattr(room.desk, each)("A-001", at_counter="loket-2")
    recorded = room.names()
    act = getattr(room.after(seconds=60), step)
    with pytest.raises(TransitionError, match=r"ticket A-001 is .* at loket-2: cannot act on it at loket-1"):
        act("A-001", at_counter="loket-1", **more)
    with pytest.raises(NotFoundError, match="did you mean"):
        act("A-001", at_counter="loket-22", **more)
    assert room.names() == recorded
    act("A-001", at_counter="loket-2", **more)
    assert len(room.names()) == len(recorded) + 1


def test_a_repeated_step_is_answered_as_before_though_the_ticket_has_gone_on(room):
    room.desk.open_counter("loket-2")
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    started = room.desk.start("A-001", at_counter="loket-1", request_id="r1")
    room.desk.transfer("A-001", counter="loket-2")
    room.desk.call_next("loket-2")
    assert room.desk.start("A-001", at_counter="loket-1", request_id="r1").number == started.number


def test_a_ticket_in_the_line_is_at_no_counter(room):
    room.desk.issue("nib")
    with pytest.raises(TransitionError, match="waiting at no counter"):
        room.desk.transfer("A-001", service="kia", at_counter="loket-1")
