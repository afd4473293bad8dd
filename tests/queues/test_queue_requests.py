"""The same request twice, and the same request for something else: nothing happens twice, nothing is lost quietly."""

from datetime import UTC, datetime, timedelta

import pytest

from mppkit.errors import InvalidValueError, RefusedError, TransitionError
from mppkit.queues.model import TicketStatus

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

FOREIGN = "used for another command"


def twice(room, act):
    """Do something, then again here and on a second desk; nothing more may be recorded."""
    first = act(room.desk)
    names = room.names()
    room.clock.advance(seconds=1)
    again, elsewhere = act(room.desk), act(room.another_desk())
    assert room.names() == names
    return first, again, elsewhere


def test_a_click_that_came_twice_issues_one_ticket(room):
    first, again, elsewhere = twice(room, lambda desk: desk.issue("nib", request_id="klik-1"))
    assert first == again == elsewhere
    assert room.desk.issue("nib", request_id="klik-2").number == "A-002"


def test_a_repeated_request_returns_the_ticket_as_it_stands_now(room):
    room.desk.issue("nib", request_id="klik-1")
    room.desk.call_next("loket-1")
    assert room.desk.issue("nib", request_id="klik-1").status is TicketStatus.CALLED


def test_a_repeated_call_calls_nobody_else(room):
    for _ in range(2):
        room.desk.issue("nib")
    first, again, elsewhere = twice(room, lambda desk: desk.call_next("loket-1", request_id="panggil-1"))
    assert first == again == elsewhere
    assert first.number == "A-001"
    room.desk.cancel("A-001")
    assert room.desk.call_next("loket-1", request_id="panggil-1").number == "A-001"
    assert room.desk.counter("loket-1").ticket is None


def test_a_repeated_call_that_was_undone_is_not_mixed_up_with_another(room):
    room.desk.issue("nib")
    room.desk.open_counter("loket-2")
    room.desk.call_next("loket-1", request_id="panggil-1")
    room.desk.undo("loket-1")
    room.desk.call_next("loket-2")
    with pytest.raises(InvalidValueError, match="undone since"):
        room.desk.call_next("loket-1", request_id="panggil-1")


def test_every_verb_can_be_repeated(room):
    room.desk.issue("nib", "kia")
    room.desk.issue("nib")
    room.desk.reserve("nib")
    acts = [
        lambda desk: desk.open_counter("loket-3", request_id="r1"),
        lambda desk: desk.pause_counter("loket-3", request_id="r2"),
        lambda desk: desk.resume_counter("loket-3", request_id="r3"),
        lambda desk: desk.close_counter("loket-3", request_id="r4"),
        lambda desk: desk.confirm("A-003", request_id="r5"),
        lambda desk: desk.call("loket-1", "A-001", why="sakit", request_id="r6"),
        lambda desk: desk.start("A-001", request_id="r7"),
        lambda desk: desk.hold("A-001", request_id="r8"),
        lambda desk: desk.resume("A-001", request_id="r9"),
        lambda desk: desk.finish("A-001", request_id="r10"),
        lambda desk: desk.transfer("A-001", service="pajak", request_id="r11"),
        lambda desk: desk.call_next("loket-1", request_id="r12"),
        lambda desk: desk.undo("loket-1", request_id="r13"),
        lambda desk: desk.call_next("loket-1", request_id="r14"),
        lambda desk: desk.no_show("A-002", request_id="r15"),
        lambda desk: desk.return_to_line("A-002", request_id="r16"),
        lambda desk: desk.cancel("A-002", request_id="r17"),
        lambda desk: desk.book("nib", NINE + timedelta(minutes=5), request_id="r18"),
        lambda desk: desk.check_in("J-001", request_id="r19"),
        lambda desk: desk.book("nib", NINE + timedelta(minutes=5), request_id="r20"),
        lambda desk: desk.cancel_appointment("J-002", request_id="r21"),
        lambda desk: desk.reserve("nib", request_id="r22"),
        lambda desk: desk.open_day(request_id="r23"),
        lambda desk: desk.close_day(request_id="r24"),
    ]
    for act in acts:
        first, again, elsewhere = twice(room, act)
        assert first == again == elsewhere
    assert room.names()[-1] == "day_closed"


def test_a_refusal_is_repeated_with_its_reasons(room):
    for _ in range(3):
        room.desk.issue("kia")
    said = []
    for desk in (room.desk, room.desk, room.another_desk()):
        with pytest.raises(RefusedError) as caught:
            desk.issue("kia", request_id="klik-1")
        said.append(caught.value.decision)
    assert said[0] == said[1] == said[2]
    assert room.names().count("admission_refused") == 1


@pytest.mark.parametrize(
    "other",
    [
        lambda desk: desk.issue("kia", request_id="r"),
        lambda desk: desk.reserve("nib", request_id="r"),
        lambda desk: desk.call_next("loket-1", request_id="r"),
        lambda desk: desk.call("loket-1", "A-001", why="sakit", request_id="r"),
        lambda desk: desk.cancel("A-001", request_id="r"),
        lambda desk: desk.transfer("A-001", service="kia", request_id="r"),
        lambda desk: desk.open_counter("loket-2", request_id="r"),
        lambda desk: desk.close_counter("loket-1", request_id="r"),
        lambda desk: desk.undo("loket-1", request_id="r"),
        lambda desk: desk.book("nib", NINE + timedelta(minutes=5), request_id="r"),
        lambda desk: desk.check_in("J-001", request_id="r"),
        lambda desk: desk.open_day(request_id="r"),
        lambda desk: desk.close_day(request_id="r"),
    ],
)
def test_a_request_id_of_another_command_is_an_error_not_a_silence(room, other):
    room.desk.book("nib", NINE + timedelta(minutes=5))
    room.desk.issue("nib", request_id="r")
    names = room.names()
    for desk in (room.desk, room.another_desk()):
        with pytest.raises(InvalidValueError, match=FOREIGN):
            other(desk)
    assert room.names() == names


@pytest.mark.parametrize("verb", ["start", "no_show", "recall", "return_to_line", "cancel", "transfer"])
def test_a_request_id_of_the_same_verb_on_another_ticket_is_an_error(room, verb):
    room.desk.open_counter("loket-2")
    for _ in range(2):
        room.desk.issue("nib")
    options = {"service": "kia"} if verb == "transfer" else {}
    for counter in ("loket-1", "loket-2"):
        room.desk.call_next(counter)
    room.clock.advance(seconds=30)
    getattr(room.desk, verb)("A-001", request_id="r", **options)
    with pytest.raises(InvalidValueError, match=FOREIGN):
        getattr(room.desk, verb)("A-002", request_id="r", **options)
    assert room.desk.ticket("A-002").status is TicketStatus.CALLED


def test_a_request_that_found_nobody_may_be_asked_again(room):
    assert room.desk.call_next("loket-1", request_id="r") is None
    room.desk.issue("nib")
    assert room.desk.call_next("loket-1", request_id="r").number == "A-001"


def test_a_request_that_failed_may_be_asked_again(room):
    room.desk.issue("nib")
    with pytest.raises(TransitionError):
        room.desk.start("A-001", request_id="r")
    room.desk.call_next("loket-1")
    assert room.desk.start("A-001", request_id="r").status is TicketStatus.SERVING


def test_a_request_under_which_only_a_reservation_lapsed_is_no_other_command(room):
    room.desk.reserve("nib")
    room.clock.advance(seconds=121)
    assert room.desk.call_next("loket-1", request_id="r") is None
    assert room.names()[-1] == "reservations_lapsed"
    with pytest.raises(InvalidValueError, match=FOREIGN):
        room.desk.issue("nib", request_id="r")


def test_two_desks_that_see_the_same_version_agree_on_a_repeated_request(room):
    """The second desk decides before it has read what the first recorded under the same request."""
    other = room.another_desk()
    room.desk.issue("nib")
    for _ in range(2):  # the second look finds nothing new, so the desk thinks that it is alone
        other.tickets()
    first = room.desk.issue("nib", request_id="klik-1")
    room.clock.advance(seconds=5)
    again = other.issue("nib", request_id="klik-1")
    assert again == first
    assert other.ticket("A-002").issued_at == first.issued_at
    assert other._days.view("2026-11-24", lambda day: day) == room.desk._days.view("2026-11-24", lambda day: day)
