"""The engine: what counters and visitors do in a day, instant by instant."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from mppkit.blueprint import Blueprint
from mppkit.errors import InvalidValueError
from mppkit.queues.policies import OpenDoor, QueuePolicies
from mppkit.rehearsal import Habits, Visit
from mppkit.rehearsal.engine import play

OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # 08:00 in Makassar; a break from 12:00 to 13:00; closes at 15:30
AT_ONCE = Habits(walk_seconds=0)
Mall = Callable[..., Blueprint]
Played = Callable[..., Any]


def at(minutes: float) -> datetime:
    return OPENS_AT + timedelta(minutes=minutes)


def visit(minutes: float, seconds: float = 60, service: str = "ktp", **more: object) -> Visit:
    return Visit(arrives_at=at(minutes), service=service, service_seconds=seconds, **more)


@pytest.fixture
def played(watch: Callable[..., Any]) -> Played:
    def play_it(there: Blueprint, visits: Iterable[Visit], habits: Habits = AT_ONCE, **how: object) -> Any:
        steps = watch(there)
        play(visits, steps, there.directory.counters, steps.hall.opening, habits=habits, **how)
        return steps

    return play_it


# --- the counters' day -----------------------------------------------------------------------------------------------


def test_counters_keep_the_hours_of_the_hall_and_an_empty_hall_does_no_overtime(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [])
    assert day.diary == [
        (0, "open", "loket"),
        (4 * 3600, "pause", "loket"),
        (5 * 3600, "reopen", "loket"),
        (7.5 * 3600, "close", "loket"),
        (7.5 * 3600, "close day", ""),
    ]
    assert day.measures.open_seconds == {"loket": 6.5 * 3600}


def test_whoever_waits_at_closing_is_served_in_overtime_and_then_everybody_goes_home(
    mall: Mall, played: Played
) -> None:
    day = played(mall(loket=("ktp",)), [visit(449, 600), visit(449.5, 600)])
    assert day.about("A-002") == [
        (449 * 60 + 600, "call loket"),
        (449 * 60 + 600, "start"),
        (449 * 60 + 1200, "finish"),
    ]
    assert day.diary[-2:] == [(449 * 60 + 1200, "close", "loket"), (449 * 60 + 1200, "close day", "")]


def test_when_the_last_who_waits_gives_up_in_overtime_everybody_goes_home(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(449, 60, "nib", patience_seconds=300)])
    assert day.diary[-3:] == [
        (449 * 60 + 300, "cancel", "B-001"),
        (449 * 60 + 300, "close", "loket"),
        (449 * 60 + 300, "close day", ""),
    ]


def test_overtime_ends_and_whoever_is_not_called_by_then_is_never_served(mall: Mall, played: Played) -> None:
    visits = [visit(449, 1200), visit(449, 1200), visit(449, 1200)]
    day = played(mall(loket=("ktp",)), visits, Habits(walk_seconds=0, overtime_minutes=30))
    assert day.about("A-002")[-1] == (449 * 60 + 2400, "finish")  # it began before the end of overtime
    assert day.about("A-003") == []
    assert day.measures.visitors == {"finished": 2, "unserved": 1}
    assert day.diary[-1] == (449 * 60 + 2400, "close day", "")


def test_a_service_runs_into_the_break_and_who_comes_in_the_break_waits_for_its_end(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(239, 300), visit(250)])
    assert day.about("loket") == [(0, "open"), (239 * 60 + 300, "pause"), (5 * 3600, "reopen"), (7.5 * 3600, "close")]
    assert day.about("A-002")[0] == (5 * 3600, "call loket")


def test_a_service_longer_than_the_break_needs_no_break(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(239, 2 * 3600), visit(250)])
    assert [step for _, step in day.about("loket")] == ["open", "close"]
    assert day.about("A-002")[0] == (239 * 60 + 7200, "call loket")


def test_the_counter_that_has_been_idle_longest_calls(mall: Mall, played: Played) -> None:
    there = mall(one=("ktp",), two=("ktp",))
    day = played(there, [visit(0, 60), visit(10, 60), visit(20, 60)])
    assert [step for number in ("A-001", "A-002", "A-003") for _, step in day.about(number) if "call" in step] == [
        "call one",
        "call two",
        "call one",
    ]


def test_a_counter_calls_only_what_it_gives_and_the_first_idle_one_does(mall: Mall, played: Played) -> None:
    there = mall(one=("ktp",), two=("nib",), three=("nib",))
    day = played(there, [visit(0, 60, "nib")])
    assert day.about("B-001")[0] == (0, "call two")


def test_what_was_planned_first_happens_first_where_two_things_fall_on_one_instant(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(0, 600), visit(1, 60, patience_seconds=540)])
    assert day.about("A-002")[0] == (600, "call loket")  # the end of the first service was planned before


def test_the_doors_shut_before_whoever_comes_at_that_instant(mall: Mall, played: Played) -> None:
    day = played(mall(QueuePolicies(admission=OpenDoor()), loket=("ktp",)), [visit(450, 60)])
    assert day.measures.visitors == {"unserved": 1}


def test_a_day_that_must_stop_in_the_break_closes_its_counters(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(0)], until=at(270))
    assert [(seconds, step) for seconds, step, _ in day.diary[-3:]] == [
        (4 * 3600, "pause"),
        (4.5 * 3600, "close"),
        (4.5 * 3600, "close day"),
    ]


def test_a_mall_open_around_the_clock_stops_with_the_local_day(mall: Mall, played: Played) -> None:
    there = mall(loket=("ktp",))
    there = evolve(there, calendar=evolve(there.calendar, hours=None))
    begins_at = there.calendar.opening(date(2026, 11, 24)).windows[0].opens_at
    last_at = begins_at + timedelta(days=1) - timedelta(microseconds=1)
    visits = [
        Visit(arrives_at=last_at - timedelta(minutes=5), service="ktp", service_seconds=600),
        Visit(arrives_at=last_at - timedelta(minutes=1), service="ktp", service_seconds=600),
        Visit(arrives_at=last_at + timedelta(seconds=1), service="ktp", service_seconds=600),
    ]
    day = played(there, visits, until=last_at)
    assert day.measures.visitors == {"interrupted": 1, "unserved": 1}
    assert day.diary[-1] == ((last_at - OPENS_AT).total_seconds(), "close day", "")


# --- what visitors do ------------------------------------------------------------------------------------------------


def test_the_walk_and_the_service_take_their_time(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(5, 90)], Habits(walk_seconds=20))
    assert day.about("A-001") == [(300, "call loket"), (320, "start"), (410, "finish")]


def test_whoever_loses_patience_goes_unless_called_in_time(mall: Mall, played: Played) -> None:
    visits = [visit(0, 600), visit(1, 60, patience_seconds=539), visit(1, 60, patience_seconds=541)]
    day = played(mall(loket=("ktp",)), visits)
    assert day.about("A-002") == [(599, "cancel")]
    assert day.about("A-003") == [(600, "call loket"), (600, "start"), (660, "finish")]


def test_whoever_was_called_once_does_not_give_up_in_a_later_line(mall: Mall, played: Played) -> None:
    there = mall(one=("ktp",), two=("nib",))
    day = played(there, [visit(0, 500, "nib"), visit(0, 60, more=(("nib", 30),), patience_seconds=100)])
    assert day.about("A-001")[-1] == (530, "finish")


def test_whoever_does_not_come_is_called_again_and_then_recorded(mall: Mall, played: Played) -> None:
    habits = Habits(walk_seconds=0, recall_seconds=45, recalls=2)
    day = played(mall(loket=("ktp",)), [visit(0, absent=True), visit(1)], habits)
    assert day.about("A-001") == [(0, "call loket"), (45, "recall"), (90, "recall"), (135, "no_show")]
    assert day.about("A-002")[0] == (135, "call loket")


def test_whoever_fetches_something_frees_the_counter_and_goes_on_before_the_line(mall: Mall, played: Played) -> None:
    visits = [visit(0, 200, hold_seconds=300), visit(1, 500), visit(2, 60)]
    day = played(mall(loket=("ktp",)), visits)
    assert day.about("A-001") == [
        (0, "call loket"),
        (0, "start"),
        (100, "hold"),
        (600, "resume"),  # back at 400, when A-002 is being served
        (700, "finish"),
    ]
    assert day.about("A-003")[0] == (700, "call loket")
    group = day.measures.by_service["ktp"]
    assert group.service.ended == {200: 1, 500: 1, 60: 1}
    assert group.hold.ended == {500: 1}


def test_whoever_comes_back_after_the_counter_closed_was_not_served(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(445, 60, hold_seconds=3 * 3600)])
    assert day.measures.visitors == {"unserved": 1}
    assert day.diary[-1] == (480 * 60, "close day", "")


def test_whoever_was_at_the_wrong_counter_is_sent_on_and_waits_there(mall: Mall, played: Played) -> None:
    there = mall(one=("ktp",), two=("nib",))
    visits = [visit(0, 60, transfer_to="nib", transfer_seconds=30), visit(0, 100, "nib")]
    day = played(there, visits)
    assert day.about("A-001") == [
        (0, "call one"),
        (0, "start"),
        (60, "transfer nib"),
        (100, "call two"),
        (100, "start"),
        (130, "finish"),
    ]
    assert day.measures.visitors == {"finished": 2}


def test_the_services_of_one_visit_follow_each_other_each_with_its_time(mall: Mall, played: Played) -> None:
    there = mall(one=("ktp",), two=("nib", "pajak"))
    day = played(there, [visit(0, 60, more=(("nib", 30), ("pajak", 20)))])
    assert [step for step in day.about("A-001") if step[1] == "finish"] == [
        (60, "finish"),
        (90, "finish"),
        (110, "finish"),
    ]
    assert {service: group.service.ended for service, group in day.measures.by_service.items()} == {
        "ktp": {60: 1},
        "nib": {30: 1},
        "pajak": {20: 1},
    }


def test_an_appointment_checks_in_and_one_out_of_time_takes_an_ordinary_ticket(mall: Mall, played: Played) -> None:
    day = played(mall(), [visit(10, appointment_at=at(30)), visit(11, appointment_at=at(120))])
    on_time, too_early = day.day.tickets.values()
    assert (on_time.appointment, too_early.appointment) == ("J-001", None)
    assert day.measures.visitors == {"finished": 2}


def test_an_appointment_that_cannot_be_booked_comes_as_a_walk_in(mall: Mall, played: Played) -> None:
    day = played(mall(), [visit(10, appointment_at=at(250)), visit(11, appointment_at=at(-30))])
    assert [ticket.appointment for ticket in day.day.tickets.values()] == [None, None]
    assert day.measures.visitors == {"finished": 2}


def test_a_service_that_no_counter_gives_is_waited_for_until_closing(mall: Mall, played: Played) -> None:
    day = played(mall(loket=("ktp",)), [visit(0, 60, "nib"), visit(1)])
    assert day.measures.visitors == {"unserved": 1, "finished": 1}


def test_a_mall_without_counters_serves_nobody_and_closes_all_the_same(mall: Mall, played: Played) -> None:
    there = mall()
    there = evolve(there, directory=evolve(there.directory, counters=()))
    day = played(there, [visit(0), visit(440, patience_seconds=30)])
    assert day.measures.visitors == {"unserved": 1, "cancelled": 1}
    assert day.diary[-1] == (480 * 60, "close day", "")


# --- what play refuses -----------------------------------------------------------------------------------------------


def test_visits_out_of_order_are_refused(mall: Mall, played: Played) -> None:
    with pytest.raises(InvalidValueError, match="in the order of arrival"):
        played(mall(), [visit(2), visit(1)])


def test_a_closed_day_is_refused_with_the_reason(mall: Mall, watch: Callable[..., Any]) -> None:
    there = mall()
    steps = watch(there, date(2026, 11, 22))
    with pytest.raises(InvalidValueError, match=r"'2026-11-22': the hall is closed that day \(Closed every Sunday\.\)"):
        play([], steps, there.directory.counters, steps.hall.opening)


@pytest.mark.parametrize("visits", [[], [visit(-30)], [visit(-30), visit(-20)], [visit(500)]])
def test_a_day_on_which_nobody_is_let_in_is_a_day_too(visits: list[Visit], mall: Mall, played: Played) -> None:
    day = played(mall(), visits)
    assert day.refused == len(visits)
    assert day.day.closed_at is not None


def test_progress_is_told_visit_by_visit(mall: Mall, played: Played) -> None:
    told: list[int] = []
    played(mall(), [visit(0), visit(1), visit(2)], progress=told.append)
    assert told == [1, 2, 3]
