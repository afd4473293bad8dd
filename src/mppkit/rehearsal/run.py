"""Days rehearsed: a plan's visits through the real desks into a store, under clocks that jump.

It builds the desks itself, for it stands below the mall. What it gives back is counted from the recorded events. The
queue's days come first, and whoever was served answers the survey when leaving; then come the permits that visitors
applied for. Those have a clock of their own, for a clock never runs back.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from attrs import evolve, frozen

from mppkit.blueprint import Blueprint
from mppkit.clock import VirtualClock
from mppkit.decisions import Reason
from mppkit.durations import Durations
from mppkit.errors import InvalidValueError
from mppkit.ids import stream_name
from mppkit.queues.desk import QUEUE_DAYS, QueueDesk
from mppkit.queues.measures import Measures
from mppkit.queues.model import Call, Ticket, TicketStatus
from mppkit.queues.policies import policy_name
from mppkit.rehearsal.engine import play
from mppkit.rehearsal.habits import Habits
from mppkit.rehearsal.permits import (
    RehearsedPermits,
    Served,
    days_at_most,
    served_on,
    streams_of_permits,
    work_on_permits,
)
from mppkit.rehearsal.steps import DeskSteps
from mppkit.rehearsal.survey import Kiosk, RehearsedSurvey, streams_of_survey
from mppkit.rehearsal.visits import Plan, Visit, last_instant, opening_to_rehearse
from mppkit.storage import EventStore, Query, StreamHead, Where, audit, digest_of_streams

_DAY = timedelta(days=1)
_LEFT = (TicketStatus.UNSERVED, TicketStatus.INTERRUPTED)


@frozen(kw_only=True)
class RehearsedDay:
    """What one day came to.

    Attributes:
        planned: how many visits the plan had; each of them was served, did not come when called, gave up, was refused,
            or was still there when the hall closed.
        refused: how many of them got no ticket, for the reasons in `measures.refused`.
        measures: recounted from the day's events.
        left: the tickets that were never served to the end: waiting, on hold, called or at a counter at closing.
        reasons: how often the rule gave which reason for a call: rule, Indonesian, English.
        observed: by service, how long the log says that these visits really waited; empty without a log that says so.
        events: how many were recorded.
        digest: of the last event; the chain makes it stand for all of them.
    """

    on: date
    planned: int
    refused: int
    measures: Measures
    left: tuple[Ticket, ...]
    reasons: Mapping[tuple[str, str, str], int]
    observed: Mapping[str, Durations]
    events: int
    digest: str


@frozen(kw_only=True)
class Rehearsal:
    """Days that were rehearsed.

    Attributes:
        discipline: the name of the rule by which the next was called.
        habits: how the hall and its offices went about it: the assumptions beside the plan's.
        days: in the order of their dates.
        permits: what the permits came to that visitors applied for; None where the blueprint has no workflows, or the
            habits no permits.
        survey: what the answers of those who were served came to; None where the habits ask nobody.
        ends: where each stream that was written ends, by its version and digest.
        intact: whether the chains of these streams hold in the store.
    """

    blueprint: Blueprint
    plan: Plan
    discipline: str
    habits: Habits
    days: tuple[RehearsedDay, ...]
    permits: RehearsedPermits | None
    survey: RehearsedSurvey | None
    ends: Mapping[str, tuple[int, str]]
    intact: bool

    @property
    def measures(self) -> Measures:
        """What all days together came to."""
        total = Measures()
        for day in self.days:
            total.merge(day.measures)
        return total

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What the calendar warns of for these days, such as a year without a decree; each once."""
        opening = self.blueprint.calendar.opening
        return tuple(dict.fromkeys(warning for day in self.days for warning in opening(day.on).warnings))

    @property
    def events(self) -> int:
        """How many events were recorded."""
        return sum(each.events for each in (*self.days, self.permits, self.survey) if each)

    @property
    def digest(self) -> str:
        """SHA-256 over all streams written: the same for the same blueprint, plan and habits, in any store.

        It is what `mppkit audit` prints for a store that holds nothing else.
        """
        return digest_of_streams(self.ends)


def rehearse(
    blueprint: Blueprint,
    store: EventStore,
    plan: Plan,
    *,
    habits: Habits | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rehearsal:
    """Play the days of a plan, one after the other; every step is recorded in the store as on a real day.

    Who was served answers the survey, or not; where the blueprint has workflows, some then apply for permits, and
    officers work on them for weeks.

    Args:
        blueprint: the mall; `attrs.evolve` its policies to try another rule.
        store: where to; it may hold other days and other malls already, but no permits of this mall where permits are
            rehearsed, for the officers would work on those too, and no survey answers of it where visitors answer, for
            one index would stand for both.
        plan: whose visits come when, from `Profile.plan` or `read_log`.
        habits: how the hall and its offices go about it; the defaults are assumptions.
        progress: called with how much is done, and of how much: the visits that come, and the calendar days on which
            there may be work on permits.

    Raises:
        InvalidValueError: the plan has no days, the hall is closed on one, or the store holds one already, or permits
            or survey answers of this mall; nothing was written.
        NotFoundError: a visit is for a service that the mall does not have; nothing was written.
        StorageError: the store could not do its work.
    """
    habits = _for(blueprint, habits or Habits())
    _check(blueprint, store, plan, habits)
    come = sum(len(visits) for visits in plan.days.values())
    total = come + (days_at_most(plan.days, habits.permits) if habits.permits else 0)

    def told(done: int) -> None:
        if progress is not None:
            progress(done, total)

    days, served, survey = _play(blueprint, store, plan, habits, told)
    permits = None
    if habits.permits:
        permits = work_on_permits(
            blueprint,
            store,
            served,
            habits.permits,
            seed=plan.seed,
            days=plan.days,
            progress=_shifted(told, come),
        )
    ends = {_stream(blueprint, day.on): (day.events, day.digest) for day in days}
    for beside in (permits, survey):
        ends.update(beside.ends if beside else {})
    return Rehearsal(
        blueprint=blueprint,
        plan=plan,
        discipline=policy_name(blueprint.policies.discipline),
        habits=habits,
        days=days,
        permits=permits,
        survey=survey,
        ends=ends,
        intact=ends.keys().isdisjoint(found.stream for found in audit(store).breaks),
    )


def _play(
    blueprint: Blueprint, store: EventStore, plan: Plan, habits: Habits, progress: Callable[[int], None]
) -> tuple[tuple[RehearsedDay, ...], tuple[Served, ...], RehearsedSurvey | None]:
    """Play the queue's days; return what they came to, who was served where one can apply for a permit, the survey."""
    calendar = blueprint.calendar
    clock = VirtualClock(last_instant(min(plan.days) - _DAY, calendar.zone))
    kiosk = Kiosk(blueprint, store, habits.survey, clock=clock, seed=plan.seed) if habits.survey else None
    desk = QueueDesk(
        mall=blueprint.id,
        store=store,
        directory=blueprint.directory,
        calendar=calendar,
        policies=blueprint.policies,
        clock=clock,
        blueprint=blueprint.digest,
        survey_token=kiosk.desk.token if kiosk else None,
    )
    come = 0
    days: list[RehearsedDay] = []
    served: list[Served] = []
    for on, visits in sorted(plan.days.items()):
        steps = DeskSteps(desk, clock, kiosk.leave if kiosk else None)
        play(
            visits,
            steps,
            blueprint.directory.counters,
            calendar.opening(on),
            habits=habits,
            until=last_instant(on, calendar.zone),
            progress=_shifted(progress, come),
        )
        come += len(visits)
        [head] = store.find(evolve(_days_of(blueprint), where=(Where(label="on", value=on.isoformat()),)))
        tickets = desk.tickets(on=on)
        days.append(_day(on, visits, steps.measures, tickets, desk.calls(on=on), head))
        served += served_on(blueprint, on, tickets)
    return tuple(days), tuple(served), kiosk.rehearsed() if kiosk else None


def _day(
    on: date,
    visits: Sequence[Visit],
    measures: Measures,
    tickets: Sequence[Ticket],
    calls: Sequence[Call],
    head: StreamHead,
) -> RehearsedDay:
    observed: dict[str, Durations] = {}
    for visit in visits:
        if visit.waited_seconds is not None:
            observed.setdefault(visit.service, Durations()).add(visit.waited_seconds, ended=True)
    return RehearsedDay(
        on=on,
        planned=len(visits),
        refused=len(visits) - len(tickets),
        measures=measures,
        left=tuple(ticket for ticket in tickets if ticket.status in _LEFT),
        reasons=Tally((call.rule, call.because, call.because_english) for call in calls),
        observed=observed,
        events=head.version,
        digest=head.digest,
    )


def _check(blueprint: Blueprint, store: EventStore, plan: Plan, habits: Habits) -> None:
    """Refuse a plan that could not be played to its end, before anything is written."""
    if not plan.days:
        raise InvalidValueError("plan", plan.source, "it has no days; give at least one")
    calendar = blueprint.calendar
    there = {head.stream for head in store.find(_days_of(blueprint))}
    for on, visits in plan.days.items():
        opening_to_rehearse(calendar, on)
        if _stream(blueprint, on) in there:
            remedy = f"the store already holds this day of {blueprint.id}; take another date or an empty store"
            raise InvalidValueError("date", on.isoformat(), remedy)
        begins_at, before = last_instant(on - timedelta(days=1), calendar.zone), None
        for visit in visits:
            at = visit.arrives_at
            if not begins_at < at <= begins_at + _DAY or (before is not None and at < before):
                remedy = f"give the visits of {on} on that local date, in the order of arrival"
                raise InvalidValueError("visits", at.isoformat(), remedy)
            before = at
            for service in (visit.service, visit.transfer_to, *(service for service, _ in visit.more)):
                if service is not None:
                    blueprint.directory.service(service)
    _check_nothing_mixes(blueprint, store, habits)


def _check_nothing_mixes(blueprint: Blueprint, store: EventStore, habits: Habits) -> None:
    """Refuse a store with permits or answers of the mall: officers would work on those, one index stand for both."""
    there = {}
    if habits.permits and streams_of_permits(blueprint, store):
        there["permits"] = "permits"
    if habits.survey and streams_of_survey(blueprint, store):
        there["survey"] = "survey answers"
    if there:
        remedy = (
            f"the store already holds {' and '.join(there.values())} of {blueprint.id}, and the rehearsal's would mix "
            f"with them; take an empty store, or rehearse without: {' '.join(f'--no-{name}' for name in there)}, in "
            f"Python Habits({', '.join(f'{name}=None' for name in there)})"
        )
        raise InvalidValueError(next(iter(there)), blueprint.id, remedy)


def _days_of(blueprint: Blueprint) -> Query:
    return Query(mall=blueprint.id, category=QUEUE_DAYS.category)


def _stream(blueprint: Blueprint, on: date) -> str:
    return stream_name(blueprint.id, QUEUE_DAYS.category, on.isoformat())


def _for(blueprint: Blueprint, habits: Habits) -> Habits:
    """Return habits that this mall allows: no more recalls and no sooner, and no permits where it has no workflows."""
    limits = blueprint.policies.limits
    return evolve(
        habits,
        recalls=min(habits.recalls, limits.recall_limit),
        recall_seconds=max(habits.recall_seconds, limits.recall_delay_seconds),
        permits=habits.permits if blueprint.workflows else None,
    )


def _shifted(progress: Callable[[int], None], before: int) -> Callable[[int], None]:
    return lambda done: progress(before + done)
