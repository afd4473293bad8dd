"""Days rehearsed: a plan's visits through the real queue desk into a store, under a clock that jumps.

It builds the desk itself, for it stands below the mall. What it gives back is counted from the recorded events.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from mppkit.blueprint import Blueprint
from mppkit.clock import VirtualClock
from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError
from mppkit.ids import stream_name
from mppkit.queues.desk import QUEUE_DAYS, QueueDesk
from mppkit.queues.measures import Durations, Measures
from mppkit.queues.model import Call, Limits, Ticket, TicketStatus
from mppkit.queues.policies import policy_name
from mppkit.rehearsal.engine import Habits, play
from mppkit.rehearsal.steps import DeskSteps
from mppkit.rehearsal.visits import Plan, Visit, opening_to_rehearse
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
        habits: how the hall went about its day: the assumptions beside the plan's.
        days: in the order of their dates.
        intact: whether the chains of these days hold in the store.
    """

    blueprint: Blueprint
    plan: Plan
    discipline: str
    habits: Habits
    days: tuple[RehearsedDay, ...]
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
    def digest(self) -> str:
        """SHA-256 over the days' streams: the same for the same blueprint, plan and habits, in any store.

        It is what `mppkit audit` prints for a store that holds nothing else.
        """
        return digest_of_streams({_stream(self.blueprint, day.on): (day.events, day.digest) for day in self.days})


def rehearse(
    blueprint: Blueprint,
    store: EventStore,
    plan: Plan,
    *,
    habits: Habits | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rehearsal:
    """Play the days of a plan, one after the other; every step is recorded in the store as on a real day.

    Args:
        blueprint: the mall; `attrs.evolve` its policies to try another rule.
        store: where to; it may hold other days and other malls already.
        plan: whose visits come when, from `Profile.plan` or `read_log`.
        habits: how the hall goes about its day; the defaults are assumptions.
        progress: called with the number of visits that have come, and of all that will.

    Raises:
        InvalidValueError: the plan has no days, the hall is closed on one, or the store holds one already; nothing was
            written.
        NotFoundError: a visit is for a service that the mall does not have; nothing was written.
        StorageError: the store could not do its work.
    """
    _check(blueprint, store, plan)
    habits = _within_limits(habits or Habits(), blueprint.policies.limits)
    calendar = blueprint.calendar
    clock = VirtualClock(_last_instant(min(plan.days) - _DAY, calendar.zone))
    desk = QueueDesk(
        mall=blueprint.id,
        store=store,
        directory=blueprint.directory,
        calendar=calendar,
        policies=blueprint.policies,
        clock=clock,
        blueprint=blueprint.digest,
    )
    total = sum(len(visits) for visits in plan.days.values())
    come = 0
    days = []
    for on, visits in sorted(plan.days.items()):
        steps = DeskSteps(desk, clock)
        play(
            visits,
            steps,
            blueprint.directory.counters,
            calendar.opening(on),
            habits=habits,
            until=_last_instant(on, calendar.zone),
            progress=None if progress is None else _shifted(progress, come, total),
        )
        come += len(visits)
        [head] = store.find(evolve(_days_of(blueprint), where=(Where(label="on", value=on.isoformat()),)))
        days.append(_day(on, visits, steps.measures, desk.tickets(on=on), desk.calls(on=on), head))
    broken = {found.stream for found in audit(store).breaks}
    return Rehearsal(
        blueprint=blueprint,
        plan=plan,
        discipline=policy_name(blueprint.policies.discipline),
        habits=habits,
        days=tuple(days),
        intact=broken.isdisjoint(_stream(blueprint, day.on) for day in days),
    )


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


def _check(blueprint: Blueprint, store: EventStore, plan: Plan) -> None:
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
        begins_at, before = _last_instant(on - timedelta(days=1), calendar.zone), None
        for visit in visits:
            at = visit.arrives_at
            if not begins_at < at <= begins_at + _DAY or (before is not None and at < before):
                remedy = f"give the visits of {on} on that local date, in the order of arrival"
                raise InvalidValueError("visits", at.isoformat(), remedy)
            before = at
            for service in (visit.service, visit.transfer_to, *(service for service, _ in visit.more)):
                if service is not None:
                    blueprint.directory.service(service)


def _days_of(blueprint: Blueprint) -> Query:
    return Query(mall=blueprint.id, category=QUEUE_DAYS.category)


def _stream(blueprint: Blueprint, on: date) -> str:
    return stream_name(blueprint.id, QUEUE_DAYS.category, on.isoformat())


def _last_instant(on: date, zone: ZoneInfo) -> datetime:
    """Return the last instant of a local date; a step after it would go to the next day's queue."""
    return datetime.combine(on + _DAY, time(0), tzinfo=zone).astimezone(UTC) - timedelta(microseconds=1)


def _within_limits(habits: Habits, limits: Limits) -> Habits:
    """Return habits that the limits of the hall allow: no more recalls, and no sooner."""
    return evolve(
        habits,
        recalls=min(habits.recalls, limits.recall_limit),
        recall_seconds=max(habits.recall_seconds, limits.recall_delay_seconds),
    )


def _shifted(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)
