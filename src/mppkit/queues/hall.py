"""What the rules of one hall-day stand on, which steps are possible from where things stand, and the no to the others.

Pure, like `rules` and `arrivals`, which build on it.
"""

import math
from datetime import datetime, timedelta

from attrs import field, frozen

from mppkit.calendars import Opening
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import without_number
from mppkit.queues import events as e
from mppkit.queues.day import QueueDay
from mppkit.queues.model import CounterAtWork, CounterStatus, Ticket, TicketStatus
from mppkit.queues.policies import QueuePolicies, policy_name

Events = tuple[e.QueueEvent, ...]

STEPS: dict[TicketStatus, tuple[str, ...]] = {
    TicketStatus.RESERVED: ("confirm", "cancel"),
    TicketStatus.WAITING: ("call", "transfer", "cancel"),
    TicketStatus.CALLED: ("start", "recall", "no_show", "transfer", "return_to_line", "cancel"),
    TicketStatus.SERVING: ("finish", "hold", "transfer", "return_to_line", "cancel"),
    TicketStatus.ON_HOLD: ("resume", "transfer", "return_to_line", "cancel"),
    TicketStatus.NO_SHOW: ("return_to_line",),
}
"""The steps a ticket can take from where it stands; the statuses that are not here are ends."""

_COUNTER_STEPS = {
    CounterStatus.OPEN: ("call", "pause", "close"),
    CounterStatus.PAUSED: ("resume", "close"),
    CounterStatus.CLOSED: ("open",),
}
_WHY_AT_MOST = 200


@frozen(kw_only=True)
class Hall:
    """What the rules of one hall-day stand on: who is there, when it is open, the policies, the blueprint's digest."""

    directory: Directory
    opening: Opening
    policies: QueuePolicies
    blueprint: str | None = None
    rule: str = field(init=False)

    @rule.default
    def _name_of_discipline(self) -> str:
        return policy_name(self.policies.discipline)


# --- what is given with a step -------------------------------------------------------------------------------------


def checked_why(why: str) -> str:
    """Return a reason that an officer typed, if it can be kept for ever.

    Raises:
        InvalidValueError: it is too long, or holds a long number, which may well be a person's; the message masks it.

    >>> checked_why("telepon 0812 3456 7890")
    Traceback (most recent call last):
    mppkit.errors.InvalidValueError: why: 'telepon …': leave out the long number: no NIK or phone number may be recorded
    """
    if not isinstance(why, str) or len(why) > _WHY_AT_MOST:
        raise InvalidValueError("why", why, f"give at most {_WHY_AT_MOST} characters, and no names of persons")
    return without_number(why, "why")


# --- finding things, and refusing steps ----------------------------------------------------------------------------


def serving_day(day: QueueDay, hall: Hall, step: str) -> Events:
    """Return what opens the day if nothing has yet.

    Raises:
        TransitionError: the day is closed already.
    """
    if day.closed_at is not None:
        raise TransitionError(f"day {hall.opening.on.isoformat()}", step, "closed", ())
    return () if day.opened_at is not None else (e.DayOpened(on=hall.opening.on, blueprint=hall.blueprint),)


def is_stale(ticket: Ticket, hall: Hall, at: datetime) -> bool:
    """Tell whether a ticket is reserved, and was not confirmed in time: it counts as lapsed, recorded or not."""
    if ticket.status is not TicketStatus.RESERVED:
        return False
    return at - ticket.since > timedelta(seconds=hall.policies.limits.confirm_within_seconds)


def stale(day: QueueDay, hall: Hall, at: datetime) -> tuple[str, ...]:
    """Return the reserved tickets that were not confirmed in time."""
    return tuple(number for number in day.reserved if is_stale(day.tickets[number], hall, at))


def steps_of(ticket: Ticket, hall: Hall, at: datetime) -> tuple[str, ...]:
    """Return the steps that a ticket can take now."""
    if is_stale(ticket, hall, at):
        return ()
    steps = STEPS.get(ticket.status, ())
    if ticket.status is TicketStatus.CALLED and why_no_recall(ticket, hall, at):
        return tuple(step for step in steps if step != "recall")
    return steps


def why_no_recall(ticket: Ticket, hall: Hall, at: datetime) -> str:
    """Return why a called ticket cannot be called again now; empty if it can."""
    limits = hall.policies.limits
    if ticket.recalls >= limits.recall_limit:
        return f"it was called again {ticket.recalls} times, the limit"
    rest = limits.recall_delay_seconds - (at - (ticket.called_at or ticket.since)).total_seconds()
    return f"recall it in {math.ceil(rest)} s" if rest > 0 else ""


def find_ticket(day: QueueDay, number: str) -> Ticket:
    """Return a ticket.

    Raises:
        NotFoundError: no such number was issued on this day.
    """
    ticket = day.tickets.get(number)
    if ticket is None:
        raise NotFoundError("ticket", number, day.tickets)
    return ticket


def ticket_for(day: QueueDay, hall: Hall, number: str, step: str, at: datetime) -> Ticket:
    """Return a ticket that can take a step.

    Raises:
        NotFoundError: no such number was issued on this day.
        TransitionError: the day is closed, or the ticket stands elsewhere; says which steps are allowed.
    """
    serving_day(day, hall, step)
    ticket = find_ticket(day, number)
    if is_stale(ticket, hall, at):
        hint = f"it was to be confirmed within {hall.policies.limits.confirm_within_seconds:g} s; issue a new one"
        raise TransitionError(f"ticket {number}", step, TicketStatus.LAPSED.value, (), hint)
    if step not in STEPS.get(ticket.status, ()):
        raise TransitionError(f"ticket {number}", step, ticket.status.value, steps_of(ticket, hall, at))
    return ticket


def check_is_at(day: QueueDay, hall: Hall, number: str, counter_id: str) -> None:
    """Make sure that a ticket is at the counter that believes to have it, and was not handed on meanwhile.

    Raises:
        NotFoundError: the mall has no such counter.
        TransitionError: the ticket is elsewhere; says where.
    """
    hall.directory.counter(counter_id)
    ticket = day.tickets[number]
    if ticket.counter != counter_id:
        status = f"{ticket.status.value} at {ticket.counter or 'no counter'}"
        hint = "it was handed on meanwhile, or the number is mistyped"
        raise TransitionError(f"ticket {number}", f"act on it at {counter_id}", status, (), hint)


def counter_refusal(
    counter: CounterAtWork, step: str, day: QueueDay, hall: Hall, at: datetime, status: str = "", hint: str = ""
) -> TransitionError:
    """Return the error for a step that a counter cannot take; `status` says more of where it stands."""
    if counter.ticket is None:
        return TransitionError(
            f"counter {counter.id}", step, status or counter.status.value, _COUNTER_STEPS[counter.status], hint
        )
    ticket = day.tickets[counter.ticket]
    status = status or f"busy with {ticket.number}"
    return TransitionError(f"counter {counter.id}", step, status, steps_of(ticket, hall, at), hint)


def counter_at_work(day: QueueDay, hall: Hall, counter_id: str, step: str) -> CounterAtWork:
    """Return a counter that was opened today, for a step.

    Raises:
        NotFoundError: the mall has no such counter.
        TransitionError: it was not opened today, or the day is closed.
    """
    serving_day(day, hall, step)
    return counter_on_day(day, hall, counter_id, step)


def counter_on_day(day: QueueDay, hall: Hall, counter_id: str, step: str) -> CounterAtWork:
    """Return a counter that was opened on a day, open or closed.

    Raises:
        NotFoundError: the mall has no such counter.
        TransitionError: it was not opened on that day.
    """
    counter = day.counters.get(counter_id)
    if counter is None:
        hall.directory.counter(counter_id)
        ways = () if day.closed_at else ("open",)
        raise TransitionError(f"counter {counter_id}", step, "not open today", ways)
    return counter


def free_counter(day: QueueDay, hall: Hall, counter_id: str, step: str, at: datetime) -> CounterAtWork:
    """Return a counter that is open and has no ticket.

    Raises:
        NotFoundError: the mall has no such counter.
        TransitionError: it is paused, closed or busy, or the day is closed.
    """
    counter = counter_at_work(day, hall, counter_id, step)
    if counter.status is not CounterStatus.OPEN or counter.ticket is not None:
        raise counter_refusal(counter, step, day, hall, at)
    return counter
