"""What may happen at the counters: from a day, a hall and an instant to the events a command causes, or an error.

Pure: no clock, no store, no chance. Coming in (tickets, reservations, appointments) is in `arrivals`, what all of them
stand on in `hall`.
"""

from collections.abc import Sequence
from datetime import datetime

from mppkit.clock import as_utc
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.queues import events as e
from mppkit.queues.day import QueueDay
from mppkit.queues.disciplines import Choice, Situation
from mppkit.queues.hall import (
    STEPS,
    Events,
    Hall,
    checked_why,
    counter_at_work,
    counter_refusal,
    free_counter,
    is_stale,
    serving_day,
    steps_of,
    ticket_for,
    why_no_recall,
)
from mppkit.queues.model import AppointmentStatus, CounterAtWork, CounterStatus, Ticket, TicketStatus
from mppkit.queues.policies import Coming

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
    by_status: dict[TicketStatus, list[str]] = {status: [] for status in TicketStatus}
    for ticket in day.tickets.values():
        by_status[ticket.status].append(ticket.number)
    busy = (*by_status[TicketStatus.CALLED], *by_status[TicketStatus.SERVING])
    if busy and not abandon:
        possible = {step for number in busy for step in STEPS[day.tickets[number].status]}
        raise TransitionError(
            f"day {hall.opening.on.isoformat()}",
            "close",
            f"still serving {', '.join(busy)}",
            tuple(step for step in ("finish", "no_show", "return_to_line", "cancel") if step in possible),
            "or close it with abandon=True, which records them as interrupted",
        )
    return (
        *opened,
        e.DayClosed(
            unserved=(*by_status[TicketStatus.WAITING], *by_status[TicketStatus.ON_HOLD]),
            interrupted=busy,
            # a stale one is recorded as lapsed before anything else happens
            lapsed=tuple(n for n in by_status[TicketStatus.RESERVED] if not is_stale(day.tickets[n], hall, at)),
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
        InvalidValueError: no service, or a personal number as the officer.
        TransitionError: the counter is open or paused, or the day is closed.
    """
    opened = serving_day(day, hall, "open a counter")
    there = hall.directory.counter(counter_id)
    given = there.services if services is None else tuple(dict.fromkeys(services))
    if not given or isinstance(services, str):
        raise InvalidValueError("services", services, "name the services that the counter gives, one or more")
    for service in given:
        hall.directory.service(service)
    counter = day.counters.get(counter_id)
    if counter is not None and counter.status is not CounterStatus.CLOSED:
        raise counter_refusal(counter, "open", day, hall, at)
    officer = checked_person_or_none(officer, "officer")
    return (*opened, e.CounterOpened(counter=counter_id, services=given, officer=officer))


def pause_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime, *, why: str = "") -> Events:
    """Stop calling for a while.

    Raises:
        TransitionError: the counter is not open, or somebody is there.
    """
    return (e.CounterPaused(counter=free_counter(day, hall, counter_id, "pause", at).id, why=checked_why(why)),)


def resume_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Call again after a pause.

    Raises:
        TransitionError: the counter is not paused.
    """
    counter = counter_at_work(day, hall, counter_id, "resume")
    if counter.status is not CounterStatus.PAUSED:
        raise counter_refusal(counter, "resume", day, hall, at)
    return (e.CounterResumed(counter=counter_id),)


def close_counter(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Close a counter; tickets sent to it alone go back to the line of their service.

    Raises:
        TransitionError: the counter is closed, or somebody is there.
    """
    counter = counter_at_work(day, hall, counter_id, "close")
    if counter.status is CounterStatus.CLOSED or counter.ticket is not None:
        raise counter_refusal(counter, "close", day, hall, at)
    return (e.CounterClosed(counter=counter_id),)


# --- calling -------------------------------------------------------------------------------------------------------


def expected_seconds(day: QueueDay, hall: Hall, service: str) -> float | None:
    """Return how long a service is expected to take: its recent pace today, else what the blueprint says, else None."""
    paces = day.paces.get(service)
    if paces:
        return sum(seconds for _, seconds in paces) / len(paces)
    return said_seconds(hall, service)


def said_seconds(hall: Hall, service: str) -> float | None:
    """Return how long the blueprint says that a service takes; None where it does not say."""
    try:
        minutes = hall.directory.service(service).expected_minutes
    except NotFoundError:  # taken out of the blueprint while a ticket for it is live: it can still be called
        return None
    return None if minutes is None else minutes * 60


def choose(hall: Hall, line: Sequence[Ticket], situation: Situation) -> tuple[Choice, int]:
    """Return whom the discipline chooses, and where that ticket stands in the line.

    Raises:
        InvalidValueError: the discipline answered with something else than a ticket of the line.
    """
    choice = hall.policies.discipline(line, situation)
    if isinstance(choice, Ticket):
        rule = hall.rule
        choice = Choice(
            ticket=choice, because=f"Dipilih menurut aturan {rule}.", because_english=f"Chosen by the rule {rule}."
        )
    if not isinstance(choice, Choice):
        raise InvalidValueError(
            "discipline", choice, f"{hall.rule}: answer with a ticket of the line, or a Choice of one"
        )
    index = _place_of(choice.ticket, line)
    if index is None:
        number = getattr(choice.ticket, "number", choice.ticket)
        raise InvalidValueError("discipline", number, f"{hall.rule}: answer with a ticket of the line that was given")
    return choice, index


def _place_of(ticket: Ticket, line: Sequence[Ticket]) -> int | None:
    for index, standing in enumerate(line):
        if standing is ticket:
            return index
    return None


def call_next(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Call whom the discipline chooses; nothing happens if nobody waits for this counter.

    Raises:
        TransitionError: the counter is not open, or somebody is there.
        InvalidValueError: the discipline answered with a ticket that is not in the line.
    """
    counter = free_counter(day, hall, counter_id, "call", at)
    line = day.line_of(counter)
    if not line:
        return ()
    choice, index = choose(
        hall,
        line,
        Situation(
            now=at,
            counter=counter_id,
            recent=counter.recent,
            expected_seconds=lambda service: expected_seconds(day, hall, service),
        ),
    )
    return (
        e.TicketCalled(
            number=choice.ticket.number,
            counter=counter_id,
            rule=hall.rule,
            because=choice.because,
            because_english=choice.because_english,
            facts=dict(choice.facts),
            overtook=_numbers(line[:index]),
        ),
    )


def _numbers(tickets: Sequence[Ticket]) -> tuple[str, ...]:
    return tuple([ticket.number for ticket in tickets]) if tickets else ()


def call_chosen(day: QueueDay, hall: Hall, counter_id: str, number: str, at: datetime, *, why: str) -> Events:
    """Call one ticket out of turn, for a reason that goes into the fairness ledger.

    Raises:
        TransitionError: the counter is not free, or the ticket does not wait.
        InvalidValueError: no reason was given, or the ticket stands in no line of this counter.
    """
    counter = free_counter(day, hall, counter_id, "call", at)
    ticket = ticket_for(day, hall, number, "call", at)
    if not checked_why(why).strip():
        raise InvalidValueError("why", why, "say why this ticket is called out of turn")
    line = day.line_of(counter)
    index = _place_of(ticket, line)
    if index is None:
        where = ticket.for_counter or ticket.service
        raise InvalidValueError("number", number, f"it waits for {where}, and {counter_id} does not; transfer it first")
    return (
        e.TicketCalled(
            number=number,
            counter=counter_id,
            rule="chosen",
            because=why,
            because_english=why,
            overtook=_numbers(line[:index]),
        ),
    )


def recall(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Call a called ticket again.

    Raises:
        TransitionError: it is not called; or it was called again as often as the limit allows, or just now.
    """
    ticket = ticket_for(day, hall, number, "recall", at)
    if hint := why_no_recall(ticket, hall, at):
        raise TransitionError(f"ticket {number}", "recall", "called", steps_of(ticket, hall, at), hint)
    return (e.TicketRecalled(number=number),)


def no_show(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Record that nobody came to the call."""
    return (e.TicketNoShow(number=ticket_for(day, hall, number, "no_show", at).number),)


# --- serving -------------------------------------------------------------------------------------------------------


def start(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Begin to serve a called ticket."""
    return (e.ServiceStarted(number=ticket_for(day, hall, number, "start", at).number),)


def hold(day: QueueDay, hall: Hall, number: str, at: datetime, *, why: str = "") -> Events:
    """Put service aside, so that the counter can serve others meanwhile."""
    return (e.TicketHeld(number=ticket_for(day, hall, number, "hold", at).number, why=checked_why(why)),)


def resume(day: QueueDay, hall: Hall, number: str, at: datetime, *, counter_id: str | None = None) -> Events:
    """Go on with a service that was put aside, at its counter or at another free one that gives it.

    Raises:
        InvalidValueError: the other counter does not give the service.
        TransitionError: the ticket is not on hold, or the counter is not free.
    """
    ticket = ticket_for(day, hall, number, "resume", at)
    counter = free_counter(day, hall, counter_id or ticket.counter or "", "resume a ticket", at)
    if counter.id != ticket.counter:
        _check_gives(counter, ticket.service)
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
        InvalidValueError: neither was given, or it is there already, or the counter does not give the service.
        NotFoundError: no such service or counter.
        TransitionError: the ticket cannot be sent on, or the counter is closed.
    """
    ticket = ticket_for(day, hall, number, "transfer", at)
    target = hall.directory.service(service).id if service is not None else ticket.service
    if counter_id is not None:
        counter = counter_at_work(day, hall, counter_id, "receive a ticket")
        if counter.status is CounterStatus.CLOSED:
            raise counter_refusal(counter, "receive a ticket", day, hall, at)
        _check_gives(counter, target)
    # from a counter, the line it was called from is no other place either: that is return_to_line
    here = (ticket.for_counter,) if ticket.status is TicketStatus.WAITING else (None, ticket.counter)
    if target == ticket.service and (counter_id in here or service is counter_id is None):
        place = ticket.service if counter_id is None else counter_id
        raise InvalidValueError("transfer", number, f"it is at {place} already; give another service or counter")
    return (
        e.TicketTransferred(
            number=number,
            service=target,
            counter=counter_id,
            place_at=_placed(hall, ticket, Coming.TRANSFER, at),
            why=checked_why(why),
        ),
    )


def _check_gives(counter: CounterAtWork, service: str) -> None:
    if service not in counter.services:
        remedy = f"it gives {', '.join(counter.services)} today; name one of them as the service, or another counter"
        raise InvalidValueError("counter", counter.id, f"it does not give {service}; {remedy}")


def return_to_line(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Send a ticket back into the line of its service; also one that did not come when called and is here now."""
    ticket = ticket_for(day, hall, number, "return_to_line", at)
    coming = Coming.AFTER_NO_SHOW if ticket.status is TicketStatus.NO_SHOW else Coming.RETURN
    return (e.TicketReturned(number=number, place_at=_placed(hall, ticket, coming, at)),)


def cancel(day: QueueDay, hall: Hall, number: str, at: datetime, *, why: str = "") -> Events:
    """Withdraw a ticket, or record that the visitor gave up."""
    return (e.TicketCancelled(number=ticket_for(day, hall, number, "cancel", at).number, why=checked_why(why)),)


def finish(day: QueueDay, hall: Hall, number: str, at: datetime, *, given: Sequence[str] | None = None) -> Events:
    """End a service; the visit goes on with its next service if one is left.

    Raises:
        InvalidValueError: `given` is empty.
        NotFoundError: no such service.
        TransitionError: the ticket is not being served.
    """
    ticket = ticket_for(day, hall, number, "finish", at)
    really = (ticket.service,) if given is None else tuple(dict.fromkeys(given))
    if not really or isinstance(given, str):
        raise InvalidValueError("given", given, "name the services given, one or more; or cancel the ticket")
    if given is not None:
        for service in really:
            hall.directory.service(service)
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
    place_at = as_utc(hall.policies.placement(ticket, coming, at), "placement")
    if not ticket.issued_at <= place_at <= at:
        remedy = f"place a ticket between its issue ({ticket.issued_at.isoformat()}) and now ({at.isoformat()})"
        raise InvalidValueError("placement", place_at.isoformat(), remedy)
    return place_at


# --- undo ----------------------------------------------------------------------------------------------------------


def undo(day: QueueDay, hall: Hall, counter_id: str, at: datetime) -> Events:
    """Take back the last step of a counter, as one more event; what was recorded stays recorded.

    Raises:
        TransitionError: there is no step to undo, it is too long ago, or the ticket has moved on since.
    """
    counter = counter_at_work(day, hall, counter_id, "undo")
    step = day.last.get(counter_id)
    if step is None:
        raise counter_refusal(counter, "undo", day, hall, at, "without a step to undo")
    number = step.ticket_after.number
    hint = ""
    if (at - step.at).total_seconds() > hall.policies.limits.undo_within_seconds:
        hint = f"a step can be undone for {hall.policies.limits.undo_within_seconds:g} s"
    elif day.tickets[number] is not step.ticket_after:
        hint = "the ticket has moved on since"
    if hint:
        raise counter_refusal(counter, "undo", day, hall, at, f"past its last step ({step.name} {number})", hint)
    return (e.StepUndone(counter=counter_id, step=step.name, number=number),)
