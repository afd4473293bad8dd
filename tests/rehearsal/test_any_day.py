"""Any day at all: the same on the desk and on the bare rules, no counter free while somebody waits, nobody lost."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint
from mppkit.calendars import WeeklyHours
from mppkit.clock import VirtualClock
from mppkit.directory import Counter
from mppkit.queues.desk import QueueDesk
from mppkit.queues.disciplines import (
    AppointmentWindow,
    FirstCome,
    PriorityAgeing,
    Ratio,
    ShortestService,
    StrictPriority,
)
from mppkit.queues.measures import Measures
from mppkit.queues.model import Limits, PriorityGroup, Ticket, TicketStatus
from mppkit.queues.policies import KeepsPlace, LosesPlace, OpenDoor, QueuePolicies, StandardAdmission
from mppkit.rehearsal import Habits, Visit
from mppkit.rehearsal.engine import Steps, play
from mppkit.rehearsal.steps import DeskSteps
from mppkit.storage import MemoryStore

TUESDAY = date(2026, 11, 24)
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SERVICES = ("ktp", "nib", "pajak")
SECONDS = st.integers(0, 3000) | st.floats(0, 3000)
MINUTES = st.integers(0, 15) | st.integers(225, 240) | st.integers(435, 452) | st.integers(-45, 475)  # mostly in crowds
SELDOM = st.sampled_from([False] * 5 + [True])


def last_come(line: Sequence[Ticket], situation: object) -> Ticket:
    return line[-1]


@st.composite
def any_visit(draw: st.DrawFn) -> Visit:
    first, second, third = draw(st.permutations(SERVICES))
    arrives_at = OPENS_AT + timedelta(minutes=draw(MINUTES))
    appointment_at = arrives_at + timedelta(minutes=draw(st.integers(-60, 60))) if draw(SELDOM) else None
    more = [(second, draw(SECONDS)), (third, draw(SECONDS))][: draw(st.integers(0, 2))]
    return Visit(
        arrives_at=arrives_at,
        service=first,
        service_seconds=draw(SECONDS),
        priority=draw(st.none() | st.sampled_from(PriorityGroup)),
        appointment_at=appointment_at,
        more=() if appointment_at else tuple(more),
        patience_seconds=draw(SECONDS) if draw(SELDOM) else None,
        absent=draw(SELDOM),
        hold_seconds=draw(SECONDS) if draw(SELDOM) else None,
        transfer_to=third if draw(SELDOM) else None,
        transfer_seconds=draw(SECONDS),
    )


DAYS = st.lists(any_visit(), min_size=3, max_size=16).map(lambda visits: sorted(visits, key=lambda v: v.arrives_at))
COUNTERS = st.lists(st.sets(st.sampled_from(SERVICES), min_size=1).map(sorted).map(tuple), min_size=1, max_size=3)
POLICIES = st.builds(
    QueuePolicies,
    admission=st.builds(OpenDoor)
    | st.builds(StandardAdmission, early_minutes=st.integers(0, 60), cut_off_minutes=st.integers(0, 60)),
    discipline=st.sampled_from(
        [FirstCome(), StrictPriority(), PriorityAgeing(), Ratio(), AppointmentWindow(), ShortestService(), last_come]
    ),
    placement=st.sampled_from([KeepsPlace(), LosesPlace()]),
    limits=st.builds(Limits, recall_limit=st.just(3), recall_delay_seconds=st.just(10)),
)
HABITS = st.builds(
    Habits,
    walk_seconds=st.sampled_from([0, 20]),
    recall_seconds=st.integers(10, 120),
    recalls=st.integers(0, 3),
    overtime_minutes=st.sampled_from([0, 20, 600]),
)
HOURS = st.sampled_from([((time(8), time(12)), (time(13), time(15, 30))), ((time(8), time(15, 30)),), None])


def on_the_desk(there: Blueprint) -> tuple[QueueDesk, Steps]:
    clock = VirtualClock(datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    desk = QueueDesk(
        mall=there.id,
        store=MemoryStore(),
        directory=there.directory,
        calendar=there.calendar,
        policies=there.policies,
        clock=clock,
    )
    return desk, DeskSteps(desk, clock)


def counted(measures: Measures) -> Measures:
    """Return the measures with their sums of seconds rounded: they are added up in another order where forgotten."""
    busy = {counter: round(seconds, 6) for counter, seconds in measures.busy_seconds.items()}
    opened = {counter: round(seconds, 6) for counter, seconds in measures.open_seconds.items()}
    return evolve(measures, busy_seconds=busy, open_seconds=opened)


@settings(deadline=None, max_examples=100)
@given(visits=DAYS, counters=COUNTERS, policies=POLICIES, habits=HABITS, hours=HOURS)
def test_any_day_comes_to_the_same_on_the_desk_and_on_the_rules_and_nobody_is_lost(
    visits: list[Visit],
    counters: list[tuple[str, ...]],
    policies: QueuePolicies,
    habits: Habits,
    hours: tuple[tuple[time, time], ...] | None,
    mall: Callable[..., Blueprint],
    watch: Callable[..., Any],
) -> None:
    there = mall(policies)
    weekly = None if hours is None else WeeklyHours(by_weekday={1: hours})
    there = evolve(
        there,
        calendar=evolve(there.calendar, hours=weekly),
        directory=evolve(
            there.directory,
            counters=tuple(Counter(id=f"c{n}", name=f"c{n}", services=given) for n, given in enumerate(counters)),
        ),
    )
    until = datetime(2026, 11, 24, 15, 59, 59, 999999, tzinfo=UTC)
    desk, on_desk = on_the_desk(there)
    bare, forgetful = watch(there), watch(there, forget=True)
    how = {"counters": there.directory.counters, "opening": bare.hall.opening, "habits": habits, "until": until}
    for steps in (on_desk, bare, forgetful):
        play(visits, steps, **how)

    measures = desk.measures(TUESDAY)
    assert bare.measures == measures
    assert counted(forgetful.measures) == counted(measures)
    at_closing = (TicketStatus.UNSERVED, TicketStatus.INTERRUPTED)
    assert forgetful.day.tickets == {n: t for n, t in bare.day.tickets.items() if t.status in at_closing}

    ends = (TicketStatus.FINISHED, TicketStatus.NO_SHOW, TicketStatus.CANCELLED, *at_closing)
    assert measures.count(*ends) + bare.refused == len(visits)
    assert measures.visitors.total() == measures.count(*ends)

    # a stream of visits books nothing, and is the same day otherwise
    walk_ins = [evolve(visit, appointment_at=None) for visit in visits]
    at_once, streamed = watch(there), watch(there)
    play(walk_ins, at_once, **how)
    play(iter(visits), streamed, **how)
    assert streamed.diary == at_once.diary
