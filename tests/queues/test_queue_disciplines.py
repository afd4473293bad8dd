"""Who is next under each rule, why, and whom it overtakes; and what happens when a rule talks rubbish."""

import functools
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.queues import arrivals, rules
from mppkit.queues.day import QueueDay
from mppkit.queues.disciplines import (
    AppointmentWindow,
    Choice,
    FirstCome,
    PriorityAgeing,
    Ratio,
    ShortestService,
    StrictPriority,
)
from mppkit.queues.fold import apply
from mppkit.queues.policies import BUILT_IN, QueuePolicies, policy_name

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def calls(room, counter="loket-1", *, service=60):
    """Call and serve everybody; return the numbers in the order of the calls."""
    numbers = []
    while call := room.desk.call_next(counter):
        numbers.append(call.number)
        room.desk.start(call.number)
        room.after(seconds=service).finish(call.number)
    return numbers


def line_up(room, kinds, *, every=60):
    """Issue tickets for nib, `p` with priority and `r` without, a minute apart."""
    room.desk.open_counter("loket-1")
    for kind in kinds:
        room.desk.issue("nib", priority="lansia" if kind == "p" else None)
        room.clock.advance(seconds=every)


# --- the built-in ones ---


def test_first_come_first_served_whatever_the_group(make_room):
    room = make_room(discipline=FirstCome())
    line_up(room, "rpr")
    assert calls(room) == ["A-001", "A-002", "A-003"]
    assert room.desk.overtakings() == ()


def test_strict_priority_calls_all_priority_groups_first(make_room):
    room = make_room(discipline=StrictPriority())
    line_up(room, "rprp")
    call = room.desk.call_next("loket-1")
    assert (call.number, call.overtook, call.facts) == ("A-002", ("A-001",), {"priority": "lansia"})
    assert call.reason.basis.cite() == "UU 25/2009 Pasal 29"
    assert "(lansia) didahulukan" in call.because
    room.desk.cancel("A-002")
    assert calls(room) == ["A-004", "A-001", "A-003"]
    assert [(o.overtaker, o.overtaken) for o in room.desk.overtakings()] == [
        ("A-002", "A-001"), ("A-004", "A-001"), ("A-004", "A-003"),
    ]  # fmt: skip


@pytest.mark.parametrize(("minutes", "first"), [(29, "A-002"), (30, "A-002"), (30.1, "A-001")])
def test_ageing_gives_priority_a_head_start_and_no_more(make_room, minutes, first):
    room = make_room(discipline=PriorityAgeing(head_start_minutes=30))
    line_up(room, "rp", every=minutes * 60)
    call = room.desk.call_next("loket-1")
    assert call.number == first
    assert call.facts == ({"priority": "lansia", "head_start_minutes": 30} if first == "A-002" else {})


def test_two_to_one_means_two_priority_calls_for_each_regular_one(make_room):
    room = make_room(discipline=Ratio(priority=2, regular=1))
    line_up(room, "rrrpppp")
    assert calls(room) == ["A-004", "A-005", "A-001", "A-006", "A-007", "A-002", "A-003"]
    regular = room.desk.calls()[2]
    assert (regular.because, regular.facts) == (
        "Giliran umum menurut rasio 2:1.", {"ratio": "2:1", "priority_calls": 2},
    )  # fmt: skip
    assert regular.overtook == ()


def test_a_ratio_counts_each_counter_for_itself_and_undone_calls_not_at_all(make_room):
    room = make_room(discipline=Ratio(priority=1, regular=1))
    room.desk.open_counter("loket-2")
    line_up(room, "rrpp")
    assert room.desk.call_next("loket-1").number == "A-003"
    room.desk.undo("loket-1")
    assert room.desk.call_next("loket-1").number == "A-003"
    assert room.desk.call_next("loket-2").number == "A-004"
    room.desk.cancel("A-003")
    assert room.desk.call_next("loket-1").number == "A-001"


def test_a_ratio_goes_on_where_it_was_when_a_counter_opens_again(make_room):
    room = make_room(discipline=Ratio(priority=1, regular=1))
    line_up(room, "rp")
    room.desk.cancel(room.desk.call_next("loket-1").number)
    room.desk.issue("nib", priority="lansia")
    room.desk.close_counter("loket-1")
    room.desk.open_counter("loket-1")
    assert room.desk.call_next("loket-1").number == "A-001"


def test_a_due_appointment_goes_first_then_priority_then_the_line(make_room):
    room = make_room(discipline=AppointmentWindow(early_minutes=5))
    room.desk.open_counter("loket-1")
    for minutes in (20, 10):
        room.desk.book("nib", NINE + timedelta(minutes=minutes))
    room.desk.issue("nib")
    room.desk.issue("nib", priority="lansia")
    assert [room.desk.check_in(code).number for code in ("J-001", "J-002")] == ["A-003", "A-004"]
    assert room.desk.call_next("loket-1").number == "A-002"  # nobody's time has come
    room.desk.cancel("A-002")
    room.clock.advance(minutes=5)
    call = room.desk.call_next("loket-1")
    assert (call.number, call.overtook) == ("A-004", ("A-001", "A-003"))
    assert call.facts == {"appointment_at": "2026-11-24T01:10:00+00:00"}
    room.desk.cancel("A-004")
    assert room.desk.call_next("loket-1").number == "A-001"
    room.desk.cancel("A-001")
    assert calls(room) == ["A-003"]


def test_of_two_due_appointments_the_earlier_time_goes_first(make_room):
    room = make_room(discipline=AppointmentWindow())
    room.desk.open_counter("loket-1")
    for minutes in (8, 4, 8):
        room.desk.book("nib", NINE + timedelta(minutes=minutes))
    for code in ("J-001", "J-002", "J-003"):
        room.desk.check_in(code)
    room.clock.advance(minutes=8)
    assert calls(room) == ["A-002", "A-001", "A-003"]


def test_the_shortest_service_goes_first_until_somebody_waited_too_long(make_room):
    room = make_room(discipline=ShortestService(longest_wait_minutes=45))
    room.desk.open_counter("loket-1", services=["nib", "kia", "pajak"])
    room.desk.issue("nib")  # nobody knows how long it takes
    room.desk.issue("pajak")  # 10 minutes, says the blueprint
    call = room.desk.call_next("loket-1")
    assert (call.number, call.facts, call.because) == (
        "C-001", {"expected_seconds": 600.0}, "Layanan tersingkat (sekitar 10 menit).",
    )  # fmt: skip
    room.desk.start("C-001")
    room.after(minutes=20).finish("C-001")  # today it takes 20
    room.desk.issue("pajak")
    assert room.desk.call_next("loket-1").facts == {"expected_seconds": 1200.0}
    room.desk.cancel("C-002")
    room.desk.issue("pajak")
    room.clock.advance(minutes=24, seconds=59)
    assert room.desk.call_next("loket-1").number == "C-003"
    room.desk.cancel("C-003")
    room.desk.issue("pajak")
    call = room.after(seconds=1).call_next("loket-1")
    assert (call.number, call.facts) == ("A-001", {"waited_seconds": 2700.0})


def test_where_nobody_knows_any_length_the_line_decides(make_room):
    room = make_room(discipline=ShortestService())
    room.desk.open_counter("loket-1")
    room.desk.issue("kia")
    room.desk.issue("nib")
    assert room.desk.call_next("loket-1").number == "B-001"


@pytest.mark.parametrize(
    "make",
    [
        lambda: PriorityAgeing(head_start_minutes=-1),
        lambda: Ratio(priority=0),
        lambda: Ratio(priority=30, regular=3),
        lambda: Ratio(priority=1.5),
        lambda: ShortestService(longest_wait_minutes="45"),
        lambda: AppointmentWindow(early_minutes=True),
    ],
)
def test_a_rule_that_makes_no_sense_cannot_be_made(make):
    with pytest.raises(InvalidValueError):
        make()


# --- what must hold of them over any line ---

coming_in = st.lists(st.tuples(st.integers(0, 600), st.booleans()), min_size=1, max_size=40)


def serve_all(hall, coming, seconds=200):
    """Let one counter serve whoever comes, so many seconds each; return (ticket, whom it overtook) in order."""
    day, now = QueueDay(), NINE

    def do(rule, *args, **options):
        events = rule(day, hall, *args, **options)
        for event in events:
            apply(day, event, now)
        return events

    do(rules.open_counter, "loket-1", now, officer=None, services=None)
    at, later, called = NINE, [], []
    for gap, priority in coming:
        at += timedelta(seconds=gap)
        later.append((at, priority))
    while later or day.lines.get("nib"):
        while later and (later[0][0] <= now or not day.lines.get("nib")):
            at, priority = later.pop(0)
            now = max(now, at)
            do(arrivals.issue, ("nib",), now, priority="anak" if priority else None)
        [event] = do(rules.call_next, "loket-1", now)
        called.append((day.tickets[event.number], event.overtook))
        do(rules.start, event.number, now)
        now += timedelta(seconds=seconds)
        do(rules.finish, event.number, now)
    assert len(called) == len(coming)
    return called


@settings(max_examples=50, deadline=None)
@given(coming=coming_in, head_start=st.integers(0, 30))
def test_ageing_starves_nobody(make_hall, coming, head_start):
    called = serve_all(make_hall(discipline=PriorityAgeing(head_start_minutes=head_start)), coming)
    came = {ticket.number: ticket.place_at for ticket, _ in called}
    for ticket, overtook in called:
        assert ticket.priority or not overtook
        for other in overtook:
            assert ticket.place_at - came[other] <= timedelta(minutes=head_start)


@settings(max_examples=50, deadline=None)
@given(coming=coming_in, discipline=st.sampled_from([FirstCome(), StrictPriority(), Ratio(), PriorityAgeing()]))
def test_within_a_class_nobody_is_overtaken(make_hall, coming, discipline):
    for group in (True, False):
        orders = [t.order for t, _ in serve_all(make_hall(discipline=discipline), coming) if bool(t.priority) is group]
        assert orders == sorted(orders)


@settings(max_examples=25, deadline=None)
@given(priority=st.integers(1, 6), regular=st.integers(1, 6))
def test_a_ratio_holds_over_any_stretch_while_both_kinds_wait(make_hall, priority, regular):
    turn = priority + regular
    coming = [(0, n % 2 == 0) for n in range(8 * turn)]
    called = serve_all(make_hall(discipline=Ratio(priority=priority, regular=regular)), coming)
    kinds = [bool(ticket.priority) for ticket, _ in called]
    both = 4 * turn // max(priority, regular) * turn  # so many calls until one kind has run out
    for start in range(both - turn + 1):
        assert sum(kinds[start : start + turn]) == priority


# --- rules of one's own ---


def youngest(line, situation):
    return line[-1]


@frozen
class ByOrder:
    name = "menurut_urutan"

    def __call__(self, line, situation):
        return Choice(ticket=line[-1], because="Terakhir.", because_english="The last.", facts={"n": len(line)})


@frozen
class Nameless:
    def __call__(self, line, situation):
        return line[-1]


@pytest.mark.parametrize(
    ("discipline", "name"),
    [
        (youngest, "youngest"),
        (lambda line, situation: line[-1], "<lambda>"),
        (ByOrder(), "menurut_urutan"),
        (Nameless(), "Nameless"),
        (functools.partial(youngest), "partial"),
    ],
)
def test_any_callable_is_a_rule_and_is_recorded_by_its_name(make_room, discipline, name):
    room = make_room(discipline=discipline)
    line_up(room, "rr")
    call = room.desk.call_next("loket-1")
    assert (call.number, call.rule, call.overtook) == ("A-002", name, ("A-001",))
    assert call.because
    assert room.another_desk().calls() == (call,)
    if name == "youngest":
        assert call.because == "Dipilih menurut aturan youngest."
        assert call.because_english == "Chosen by the rule youngest."


def test_every_built_in_policy_is_recorded_under_its_name_in_the_table():
    for table in BUILT_IN.values():
        for name, kind in table.items():
            assert policy_name(kind()) == name


def _other_ticket(line, situation):
    return evolve(line[0], number="Z-999")


@pytest.mark.parametrize(
    "discipline",
    [
        lambda line, situation: None,
        lambda line, situation: "A-001",
        lambda line, situation: evolve(line[0]),
        _other_ticket,
        lambda line, situation: Choice(ticket=None, because="", because_english=""),
        lambda line, situation: Choice(ticket=line[0], because=None, because_english=""),
        lambda line, situation: Choice(ticket=line[0], because="", because_english="", facts={"a": None}),
        lambda line, situation: Choice(ticket=line[0], because="", because_english="", facts={"a": float("nan")}),
        lambda line, situation: Choice(ticket=line[0], because="", because_english="", facts={1: "a"}),
        lambda line, situation: Choice(ticket=line[0], because="", because_english="", facts={"a": True}),
    ],
)
def test_a_rule_that_talks_rubbish_calls_nobody(make_room, discipline):
    room = make_room(discipline=discipline)
    line_up(room, "rr")
    before = room.names()
    with pytest.raises(InvalidValueError):
        room.desk.call_next("loket-1")
    assert room.names() == before
    assert room.desk.call("loket-1", "A-001", why="aturan rusak").number == "A-001"  # people still get served


def test_a_rule_that_raises_changes_nothing_and_is_not_hidden(make_room):
    room = make_room(discipline=lambda line, situation: 1 / 0)
    line_up(room, "r")
    before = room.names()
    with pytest.raises(ZeroDivisionError):
        room.desk.call_next("loket-1")
    assert room.names() == before
    assert room.another_desk(policies=QueuePolicies()).call_next("loket-1").number == "A-001"


def test_what_a_rule_changes_afterwards_stays_out_of_the_record(make_room):
    facts = {"n": 1}
    room = make_room(
        discipline=lambda line, situation: Choice(ticket=line[0], because="a", because_english="b", facts=facts)
    )
    line_up(room, "r")
    call = room.desk.call_next("loket-1")
    facts["n"] = 2
    assert call.facts == {"n": 1}


def test_a_rule_sees_the_line_in_order_and_its_situation(make_room):
    seen = []

    def look(line, situation):
        seen.append(([ticket.number for ticket in line], situation))
        return line[0]

    room = make_room(discipline=look)
    room.desk.open_counter("loket-1", services=["nib", "pajak"])
    room.desk.issue("pajak")
    room.after(seconds=60).issue("nib", priority="lansia")
    room.desk.issue("kia")
    room.desk.call_next("loket-1")
    room.desk.cancel("C-001")
    room.desk.call_next("loket-1")
    numbers, situation = seen[0]
    assert numbers == ["C-001", "A-001"]
    assert (situation.now, situation.counter, situation.recent) == (room.clock.now(), "loket-1", ())
    assert situation.expected_seconds("pajak") == 600.0
    assert situation.expected_seconds("nib") is None
    assert seen[1][1].recent == (False,)


@pytest.mark.parametrize(
    "answer",
    [None, NINE - timedelta(seconds=1), NINE + timedelta(hours=5), NINE.replace(tzinfo=None), 7],
)
def test_a_placement_outside_the_visit_is_refused(make_room, answer):
    room = make_room(placement=lambda ticket, coming, at: answer)
    line_up(room, "r")
    with pytest.raises(InvalidValueError, match="placement"):
        room.desk.transfer("A-001", service="pajak")
    assert room.desk.ticket("A-001").service == "nib"


# --- a blueprint that changed under a running day ---


def test_a_service_taken_out_of_the_blueprint_is_served_to_its_end(make_room):
    room = make_room(discipline=ShortestService())
    room.desk.open_counter("loket-1")
    for _ in range(2):
        room.desk.issue("nib")
    room.desk.issue("kia", "nib")
    without = evolve(room.directory, services=tuple(s for s in room.directory.services if s.id != "nib"))
    desk = room.another_desk(without)
    with pytest.raises(NotFoundError, match="service 'nib'"):
        desk.issue("nib")
    assert desk.position("A-002").people_ahead == 1
    assert desk.call_next("loket-1").number == "A-001"
    desk.start("A-001")
    assert desk.finish("A-001").given == ("nib",)
    assert [(row.service, row.name, row.waiting) for row in desk.board().services] == [
        ("kia", "Kartu anak", 1), ("nib", "nib", 1),
    ]  # fmt: skip
    assert desk.transfer("A-002", service="kia").service == "kia"
    assert desk.measures().by_service["nib"].served == 1


def test_a_counter_taken_out_of_the_blueprint_can_still_finish_and_is_on_the_board(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    desk = room.another_desk(evolve(room.directory, counters=room.directory.counters[1:]))
    assert [(row.counter, row.name) for row in desk.board().counters] == [("loket-1", "loket-1")]
    desk.start("A-001")
    desk.finish("A-001")
    desk.close_counter("loket-1")
    with pytest.raises(NotFoundError):
        desk.open_counter("loket-1")
