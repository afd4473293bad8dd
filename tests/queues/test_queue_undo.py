"""Undo: the last step of a counter is taken back by one more event, within a time limit, while nothing has moved on."""

import pytest

from mppkit.errors import NotFoundError, TransitionError
from mppkit.queues.model import TicketStatus


@pytest.fixture
def two(room):
    """Two counters at work, and three who wait."""
    room.desk.open_counter("loket-2", officer="ani")
    for service in ("nib", "kia", "nib"):
        room.desk.issue(service)
    return room


def refuse_undo(room, counter, match):
    with pytest.raises(TransitionError, match=match) as caught:
        room.desk.undo(counter)
    return caught.value


def test_undo_records_a_compensating_event_and_removes_nothing(two):
    two.desk.call_next("loket-1")
    before = two.names()
    two.desk.undo("loket-1", actor="sri")
    assert two.names() == [*before, "step_undone"]


@pytest.mark.parametrize(
    ("steps", "verb", "status"),
    [
        ((), "call_next", TicketStatus.WAITING),
        (("call_next",), "start", TicketStatus.CALLED),
        (("call_next",), "recall", TicketStatus.CALLED),
        (("call_next",), "no_show", TicketStatus.CALLED),
        (("call_next",), "return_to_line", TicketStatus.CALLED),
        (("call_next",), "cancel", TicketStatus.CALLED),
        (("call_next", "start"), "hold", TicketStatus.SERVING),
        (("call_next", "start"), "finish", TicketStatus.SERVING),
        (("call_next", "start"), "transfer", TicketStatus.SERVING),
        (("call_next", "start", "hold"), "resume", TicketStatus.ON_HOLD),
    ],
)
def test_ticket_and_counter_stand_as_before(two, steps, verb, status):
    def take(step):
        if step == "call_next":
            two.desk.call_next("loket-1")
        elif step == "transfer":
            two.desk.transfer("A-001", service="pajak")
        else:
            getattr(two.desk, step)("A-001")

    for step in steps:
        take(step)
        two.clock.advance(seconds=40)
    ticket, counter = two.desk.ticket("A-001"), two.desk.counter("loket-1").counter
    measures = two.desk.measures()
    take(verb)
    undone = two.desk.undo("loket-1")
    assert undone == ticket
    assert undone.status is status
    assert two.desk.counter("loket-1").counter == counter
    assert two.desk.measures() == measures
    assert refuse_undo(two, "loket-1", "without a step to undo").allowed != ()  # one step, not two


def test_time_runs_on_as_if_the_step_had_not_been(two):
    two.after(seconds=100).call_next("loket-1")
    two.after(seconds=10).start("A-001")
    two.after(seconds=50).finish("A-001")
    two.after(seconds=30).undo("loket-1")
    [leg] = two.after(seconds=20).finish("A-001").legs
    assert (leg.walked, leg.served) == (10.0, 100.0)
    assert two.desk.counter("loket-1").counter.busy_seconds == 110.0


@pytest.mark.parametrize(("seconds", "undone"), [(120, True), (120.000001, False)])
def test_the_limit_itself_is_still_in_time(two, seconds, undone):
    two.desk.call_next("loket-1")
    two.clock.advance(seconds=seconds)
    if undone:
        assert two.desk.undo("loket-1").status is TicketStatus.WAITING
    else:
        error = refuse_undo(two, "loket-1", "can be undone for 120 s")
        assert error.allowed == ("start", "recall", "no_show", "transfer", "return_to_line", "cancel")


def test_an_undone_call_is_no_call_and_overtook_nobody(two):
    two.desk.call("loket-1", "A-002", why="salah tekan")
    assert len(two.desk.overtakings()) == 2
    two.desk.undo("loket-1")
    assert two.desk.calls() == ()
    assert two.desk.overtakings() == ()
    assert two.desk.measures().overtakings == 0
    assert two.desk.call_next("loket-1").number == "A-001"


def test_a_finish_that_went_on_to_the_next_service_can_be_undone_until_that_is_called(two):
    two.desk.issue("nib", "kia")
    for _ in range(3):
        two.desk.cancel(two.desk.call_next("loket-1").number)
    two.desk.call_next("loket-1")
    two.desk.start("A-003")
    assert two.after(seconds=60).finish("A-003").service == "kia"
    undone = two.desk.undo("loket-1")
    assert (undone.service, undone.pending, undone.status) == ("nib", ("kia",), TicketStatus.SERVING)
    assert undone.legs == ()
    assert two.desk.call_next("loket-2") is None  # it stands in no line
    two.desk.finish("A-003")
    assert two.desk.call_next("loket-2").number == "A-003"
    refuse_undo(two, "loket-1", "the ticket has moved on since")


@pytest.mark.parametrize("verb", ["transfer", "return_to_line"])
def test_what_another_counter_called_since_is_not_taken_from_it(two, verb):
    two.desk.call_next("loket-1")
    if verb == "transfer":
        two.desk.transfer("A-001", service="kia")
    else:
        two.desk.return_to_line("A-001")
    assert two.desk.call_next("loket-2").number == "A-001"
    error = refuse_undo(two, "loket-1", "moved on since")
    assert error.allowed == ("call", "pause", "close")
    assert two.desk.counter("loket-2").ticket.number == "A-001"


def test_a_no_show_who_came_back_stays_where_they_are(two):
    two.desk.call_next("loket-1")
    two.desk.no_show("A-001")
    two.desk.return_to_line("A-001")
    refuse_undo(two, "loket-1", "moved on since")


def test_a_ticket_that_went_on_elsewhere_stays_there(two):
    two.desk.call_next("loket-1")
    two.desk.start("A-001")
    two.desk.hold("A-001")
    two.desk.resume("A-001", counter="loket-2")
    refuse_undo(two, "loket-1", "moved on since")
    assert two.desk.undo("loket-2").status is TicketStatus.ON_HOLD
    assert two.desk.ticket("A-001").counter == "loket-1"


def test_a_counter_with_a_new_ticket_undoes_only_that(two):
    two.desk.call_next("loket-1")
    two.desk.start("A-001")
    two.desk.finish("A-001")
    assert two.desk.call_next("loket-1").number == "B-001"
    assert two.desk.undo("loket-1").number == "B-001"
    assert refuse_undo(two, "loket-1", "without a step").allowed == ("call", "pause", "close")


def test_a_pause_or_a_closing_ends_what_can_be_undone(two):
    two.desk.call_next("loket-1")
    two.desk.no_show("A-001")
    two.desk.pause_counter("loket-1")
    assert refuse_undo(two, "loket-1", "without a step").allowed == ("resume", "close")
    two.desk.resume_counter("loket-1")
    refuse_undo(two, "loket-1", "without a step")
    with pytest.raises(NotFoundError):
        two.desk.undo("loket-9")


def test_nothing_is_undone_on_a_closed_day(two):
    two.desk.call_next("loket-1")
    two.desk.close_day(abandon=True)
    assert refuse_undo(two, "loket-1", "is closed").allowed == ()


def test_only_the_last_call_of_a_ticket_is_undone(two):
    two.desk.call_next("loket-1")
    two.desk.return_to_line("A-001")
    first = two.desk.calls()
    two.after(seconds=60).call_next("loket-1")
    two.desk.undo("loket-1")
    assert two.desk.calls() == first


def test_an_undone_finish_takes_back_its_own_pace_and_no_other(two):
    two.desk.open_counter("loket-3", services=["nib"])
    for counter, number in (("loket-1", "A-001"), ("loket-2", "A-002")):
        two.desk.call(counter, number, why="uji")
        two.desk.start(number)
    two.after(seconds=250).finish("A-001")
    two.after(seconds=50).finish("A-002")
    two.desk.undo("loket-1")
    two.desk.issue("nib")
    two.desk.call("loket-3", "A-003", why="uji")
    two.desk.issue("nib")
    two.desk.cancel("B-001")
    two.desk.pause_counter("loket-2")
    # loket-1 serves again, loket-3 has called: the first of the two is expected after half of 300 s
    assert (two.desk.position("A-004").likely_at - two.clock.now()).total_seconds() == 150.0


def test_an_undone_finish_leaves_the_pace_of_the_service_as_it_was(make_room):
    room = make_room()
    room.desk.open_counter("loket-1")
    for _ in range(3):
        room.desk.issue("nib")
    for seconds in (100, 300):
        number = room.desk.call_next("loket-1").number
        room.desk.start(number)
        room.after(seconds=seconds).finish(number)
    room.desk.undo("loket-1")  # the 300 s were a mistake: only one service of 100 s is known
    room.desk.return_to_line("A-002")
    room.desk.call_next("loket-1")
    position = room.desk.position("A-003")
    assert (position.likely_at - room.clock.now()).total_seconds() == 100.0
