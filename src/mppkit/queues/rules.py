"""What may happen at the counters: from a day, a hall and an instant to the events a command causes, or an error.

Pure: no clock, no store, no chance. Coming in (tickets, reservations, appointments) is in `arrivals`.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from mppkit.calendars import Opening
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.queues import events as e
from mppkit.queues.day import QueueDay
from mppkit.queues.disciplines import Choice, Situation
from mppkit.queues.model import (
    AppointmentStatus,
    CounterAtWork,
    CounterStatus,
    Ticket,
    TicketStatus,
)
from mppkit.queues.policies import Coming, QueuePolicies, policy_name

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
    """What the rules of one hall-day stand on: who is there, when it is open, and the policies."""

    directory: Directory
    opening: Opening
    policies: QueuePolicies
    rule: str = field(init=False)

    @rule.default
    def _name_of_discipline(self) -> str:
        return policy_name(self.policies.discipline)


# --- finding things, and refusing steps ----------------------------------------------------------------------------


def serving_day(day: QueueDay, hall: Hall, step: str) -> Events:
    """Return what opens the day if nothing has yet.

    Raises:
        TransitionError: the day is closed already.
    """
    if day.closed_at is not None:
        raise TransitionError(f"day {hall.opening.on.isoformat()}", step, "closed", ())
    return () if day.opened_at is not None else (e.DayOpened(on=hall.opening.on),)


def find_ticket(day: QueueDay, number: str) -> Ticket:
    """Return a ticket.

    Raises:
        NotFoundError: no such number was issued on this day.
    """
    ticket = day.tickets.get(number)
    if ticket is None:
        raise NotFoundError("ticket", number, day.tickets)
    return ticket


def ticket_for(day: QueueDay, hall: Hall, number: str, step: str) -> Ticket:
    """Return a ticket that can take a step.

    Raises:
        NotFoundError: no such number was issued on this day.
        TransitionError: the day is closed, or the ticket stands elsewhere; says which steps are allowed.
    """
    serving_day(day, hall, step)
    ticket = find_ticket(day, number)
    allowed = STEPS.get(ticket.status, ())
    if step not in allowed:
        raise TransitionError(f"ticket {number}", step, ticket.status.value, allowed)
    return ticket


def _refuse_counter(counter: CounterAtWork, step: str, day: QueueDay) -> TransitionError:
    if counter.ticket is not None:
        ticket = day.tickets[counter.ticket]
        steps = STEPS[ticket.status]
        return TransitionError(f"counter {counter.id}", step, f"busy with {ticket.number}", steps)
    return TransitionError(f"counter {counter.id}", step, counter.status.value, _COUNTER_STEPS[counter.status])


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
        raise TransitionError(f"counter {counter_id}", step, "not open today", ("open",))
    return counter


def _free_counter(day: QueueDay, hall: Hall, counter_id: str, step: str) -> CounterAtWork:
    counter = counter_at_work(day, hall, counter_id, step)
    if counter.status is not CounterStatus.OPEN or counter.ticket is not None:
        raise _refuse_counter(counter, step, day)
    return counter


def _why(why: str, place: str = "why") -> str:
    if not isinstance(why, str) or len(why) > _WHY_AT_MOST:
        raise InvalidValueError(
            place, why, f"give at most {_WHY_AT_MOST} characters, and no names or numbers of persons"
        )
    return why


# --- the day -------------------------------------------------------------------------------------------------------


def open_day(day: QueueDay, hall: Hall, at: datetime) -> Events:
    """Open the day; nothing happens if it is open.

    Raises:
        TransitionError: it is closed already.
    """
    return serving_day(day, hall, "open")


def close_day(day: QueueDay, hall: Hall, at: datetime, *, abandon: bool = False) -> Events:
    """Close the day; who still waits is recorded as unserved, who is on hold too.

    Raises:
        TransitionError: it is closed already; or somebody is being called or served and `abandon` was not said.
    """
    opened = serving_day(day, hall, "close")
    by_status: dict[TicketStatus, list[str]] = {}
    for ticket in day.tickets.values():
        by_status.setdefault(ticket.status, []).append(ticket.number)
    busy = (*by_status.get(TicketStatus.CALLED, ()), *by_status.get(TicketStatus.SERVING, ()))
    if busy and not abandon:
        raise TransitionError(
            f"day {hall.opening.on.isoformat()}",
            "close",
            f"still serving {', '.join(busy)}",
            ("finish", "no_show", "return_to_line", "cancel"),
            "or close it with abandon=True, which records them as interrupted",
        )
    return (
        *opened,
        e.DayClosed(
            unserved=(*by_status.get(TicketStatus.WAITING, ()), *by_status.get(TicketStatus.ON_HOLD, ())),
            interrupted=busy,
            lapsed=tuple(by_status.get(TicketStatus.RESERVED, ())),
            missed=tuple(a.code for a in day.appointments.values() if a.status is AppointmentStatus.BOOKED),
        ),
    )


# --- counters ------------------------------------------------------------------------------------------------------


def open_counter(
    day: QueueDay, hall: Hall, counter_id: str, at: datetime, *, officer: str | None, services: Sequence[str] | None
) -> Events:
    """Open a counter, and the day with it; without `services` it gives those of the blueprint.

    Raises:
        NotFoundError: no such counter or service.
        TransitionError: the counter is open or paused, or the day is closed.
    """
    opened = serving_day(day, hall, "open a counter")
    given = hall.directory.counter(counter_id).services if services is None else tuple(dict.fromkeys(services))
    for service in given:
        hall.directory.service(service)
    if not given:
        raise InvalidValueError("services", given, "a counter gives at least one service")
    counter = day.counters.get(counter_id)
    if counter is not None and counter.status is not CounterStatus.CLOSED:
        raise _refuse_counter(counter, "open", day)
    return (*opened, e.CounterOpened(counter=counter_id, services=given, officer=officer))


def pause_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime, *, why: str = "") -> Events:
    """Stop calling for a while.

    Raises:
        TransitionError: the counter is not open, or somebody is there.
    """
    return (e.CounterPaused(counter=_free_counter(day, hall, counter_id, "pause").id, why=_why(why)),)


def resume_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Call again after a pause.

    Raises:
        TransitionError: the counter is not paused.
    """
    counter = counter_at_work(day, hall, counter_id, "resume")
    if counter.status is not CounterStatus.PAUSED:
        raise _refuse_counter(counter, "resume", day)
    return (e.CounterResumed(counter=counter_id),)


def close_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Close a counter; tickets sent to it alone go back to the line of their service.

    Raises:
        TransitionError: the counter is closed, or somebody is there.
    """
    counter = counter_at_work(day, hall, counter_id, "close")
    if counter.status is CounterStatus.CLOSED or counter.ticket is not None:
        raise _refuse_counter(counter, "close", day)
    return (e.CounterClosed(counter=counter_id),)


# --- calling -------------------------------------------------------------------------------------------------------


def expected_seconds(day: QueueDay, hall: Hall, service: str) -> float | None:
    """Return how long a service is expected to take: its recent pace today, else what the blueprint says."""
    paces = day.paces.get(service)
    if paces:
        return sum(seconds for _, seconds in paces) / len(paces)
    minutes = hall.directory.service(service).expected_minutes
    return None if minutes is None else minutes * 60


def call_next(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Call whom the discipline chooses; nothing happens if nobody waits for this counter.

    Raises:
        TransitionError: the counter is not open, or somebody is there.
        InvalidValueError: the discipline answered with a ticket that is not in the line.
    """
    counter = _free_counter(day, hall, counter_id, "call")
    line = day.line_of(counter)
    if not line:
        return ()
    choice = hall.policies.discipline(
        line,
        Situation(
            now=at,
            counter=counter_id,
            recent=counter.recent,
            expected_seconds=lambda service: expected_seconds(day, hall, service),
        ),
    )
    if isinstance(choice, Ticket):
        rule = hall.rule
        choice = Choice(
            ticket=choice, because=f"Dipilih menurut aturan {rule}.", because_english=f"Chosen by the rule {rule}."
        )
    ticket = choice.ticket
    return (
        e.TicketCalled(
            number=ticket.number,
            counter=counter_id,
            rule=hall.rule,
            because=choice.because,
            because_english=choice.because_english,
            facts=choice.facts,
            overtook=() if line[0] is ticket else _passed_over(line, ticket),
        ),
    )


def _passed_over(line: tuple[Ticket, ...], chosen: Ticket) -> tuple[str, ...]:
    for index, ticket in enumerate(line):
        if ticket is chosen:
            return tuple(passed.number for passed in line[:index])
    raise InvalidValueError("discipline", getattr(chosen, "number", chosen), "answer with a ticket of the line")


def call_chosen(day: QueueDay, hall: Hall, counter_id: str, number: str, at: datetime, *, why: str) -> Events:
    """Call one ticket out of turn, for a reason that goes into the fairness ledger.

    Raises:
        TransitionError: the counter is not free, or the ticket does not wait.
        InvalidValueError: no reason was given, or the ticket stands in no line of this counter.
    """
    counter = _free_counter(day, hall, counter_id, "call")
    ticket = ticket_for(day, hall, number, "call")
    if not _why(why).strip():
        raise InvalidValueError("why", why, "say why this ticket is called out of turn")
    line = day.line_of(counter)
    if ticket not in line:
        raise InvalidValueError("number", number, f"{counter_id} does not call for {ticket.service}; transfer it first")
    return (
        e.TicketCalled(
            number=number,
            counter=counter_id,
            rule="chosen",
            because=why,
            because_english=why,
            overtook=_passed_over(line, ticket),
        ),
    )


def recall(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Call a called ticket again.

    Raises:
        TransitionError: it is not called; or it was called again as often as the limit allows, or just now.
    """
    ticket = ticket_for(day, hall, number, "recall")
    limits = hall.policies.limits
    others = tuple(step for step in STEPS[TicketStatus.CALLED] if step != "recall")
    if ticket.recalls >= limits.recall_limit:
        hint = f"it was called again {ticket.recalls} times, the limit"
        raise TransitionError(f"ticket {number}", "recall", "called", others, hint)
    last = ticket.called_at or ticket.since
    rest = limits.recall_delay_seconds - (at - last).total_seconds()
    if rest > 0:
        raise TransitionError(f"ticket {number}", "recall", "called", others, f"recall it in {rest:.0f} s")
    return (e.TicketRecalled(number=number),)


def no_show(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Record that nobody came to the call."""
    return (e.TicketNoShow(number=ticket_for(day, hall, number, "no_show").number),)


# --- serving -------------------------------------------------------------------------------------------------------


def start(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Begin to serve a called ticket."""
    return (e.ServiceStarted(number=ticket_for(day, hall, number, "start").number),)


def hold(day: QueueDay, hall: Hall, number: str, at: datetime, *, why: str = "") -> Events:
    """Put service aside, so that the counter can serve others meanwhile."""
    return (e.TicketHeld(number=ticket_for(day, hall, number, "hold").number, why=_why(why)),)


def resume(day: QueueDay, hall: Hall, number: str, at: datetime, *, counter_id: str | None = None) -> Events:
    """Go on with a service that was put aside, at its counter or at another free one.

    Raises:
        TransitionError: the ticket is not on hold, or the counter is not free.
    """
    ticket = ticket_for(day, hall, number, "resume")
    counter = _free_counter(day, hall, counter_id or ticket.counter or "", "resume a ticket")
    return (e.TicketResumed(number=number, counter=counter.id),)


def transfer(
    day: QueueDay,
    hall: Hall,
    number: str,
    at: datetime,
    *,
    service: str | None = None,
    counter_id: str | None = None,
    why: str = "",
) -> Events:
    """Send a ticket on: to a service, to one counter, or to a service at one counter.

    Raises:
        InvalidValueError: neither was given, or it is where it already stands.
        NotFoundError: no such service or counter.
        TransitionError: the ticket cannot be sent on, or the counter is closed.
    """
    ticket = ticket_for(day, hall, number, "transfer")
    target = hall.directory.service(service).id if service is not None else ticket.service
    if counter_id is not None:
        counter = counter_at_work(day, hall, counter_id, "receive a ticket")
        if counter.status is CounterStatus.CLOSED:
            raise _refuse_counter(counter, "receive a ticket", day)
    elif target == ticket.service:
        raise InvalidValueError("service", service, f"give another service than {ticket.service}, or a counter")
    return (
        e.TicketTransferred(
            number=number,
            service=target,
            counter=counter_id,
            place_at=_placed(hall, ticket, Coming.TRANSFER, at),
            why=_why(why),
        ),
    )


def return_to_line(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Send a ticket back into the line of its service; also one that did not come when called and is here now."""
    ticket = ticket_for(day, hall, number, "return_to_line")
    coming = Coming.AFTER_NO_SHOW if ticket.status is TicketStatus.NO_SHOW else Coming.RETURN
    return (e.TicketReturned(number=number, place_at=_placed(hall, ticket, coming, at)),)


def cancel(day: QueueDay, hall: Hall, number: str, at: datetime, *, why: str = "") -> Events:
    """Withdraw a ticket, or record that the visitor gave up."""
    return (e.TicketCancelled(number=ticket_for(day, hall, number, "cancel").number, why=_why(why)),)


def finish(day: QueueDay, hall: Hall, number: str, at: datetime, *, given: Sequence[str] | None = None) -> Events:
    """End a service; the visit goes on with its next service if one is left.

    Raises:
        InvalidValueError: `given` is empty.
        NotFoundError: no such service.
        TransitionError: the ticket is not being served.
    """
    ticket = ticket_for(day, hall, number, "finish")
    really = (ticket.service,) if given is None else tuple(dict.fromkeys(given))
    if not really or isinstance(given, str):
        raise InvalidValueError("given", given, "name the services given, one or more; or cancel the ticket")
    if given is not None:
        for service in really:
            hall.directory.service(service)
    if not ticket.pending:
        return (e.ServiceFinished(number=number, given=really),)
    left = tuple(service for service in ticket.pending if service not in really)
    if not left:
        return (e.ServiceFinished(number=number, given=really),)
    return (
        e.ServiceFinished(
            number=number,
            given=really,
            next_service=left[0],
            pending=left[1:],
            place_at=_placed(hall, ticket, Coming.NEXT_SERVICE, at),
        ),
    )


def _placed(hall: Hall, ticket: Ticket, coming: Coming, at: datetime) -> datetime:
    place_at = hall.policies.placement(ticket, coming, at)
    if not ticket.issued_at <= place_at <= at:
        remedy = f"place a ticket between its issue ({ticket.issued_at.isoformat()}) and now ({at.isoformat()})"
        raise InvalidValueError("placement", place_at.isoformat(), remedy)
    return place_at


# --- undo ----------------------------------------------------------------------------------------------------------


def undo(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Take back the last step of a counter, as one more event; what was recorded stays recorded.

    Raises:
        TransitionError: there is no step to undo, it is too long ago, or the ticket or counter has moved on since.
    """
    counter = counter_at_work(day, hall, counter_id, "undo")
    step = day.last.get(counter_id)
    subject = f"counter {counter_id}"
    if step is None:
        raise TransitionError(subject, "undo", "without a step to undo", _COUNTER_STEPS[counter.status])
    if (at - step.at).total_seconds() > hall.policies.limits.undo_within_seconds:
        hint = f"a step can be undone for {hall.policies.limits.undo_within_seconds:g} s"
        raise TransitionError(subject, "undo", f"past its last step ({step.name})", (), hint)
    if day.tickets[step.ticket_after.number] is not step.ticket_after or counter is not step.counter_after:
        status = f"past its last step ({step.name} {step.ticket_after.number})"
        raise TransitionError(subject, "undo", status, (), "the ticket has moved on since")
    return (e.StepUndone(counter=counter_id, step=step.name, number=step.ticket_after.number),)
