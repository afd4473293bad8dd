"""How each event changes a queue day. What an event may be is decided in `rules`; here it has happened.

All time accounting of tickets is in `_moved`: the seconds since the last change go to what the ticket was doing. That
of counters is in `_with_ticket` and `_set_counter`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from mppkit.queues import events as e
from mppkit.queues.day import PACES_KEPT, QueueDay, Step
from mppkit.queues.model import (
    Appointment,
    AppointmentStatus,
    Call,
    CounterAtWork,
    CounterStatus,
    Leg,
    LegOutcome,
    Ticket,
    TicketStatus,
)

_RESERVED, _WAITING, _CALLED = TicketStatus.RESERVED, TicketStatus.WAITING, TicketStatus.CALLED
_SERVING, _ON_HOLD = TicketStatus.SERVING, TicketStatus.ON_HOLD
_RECENT_KEPT = 32


def apply(day: QueueDay, event: e.QueueEvent, at: datetime) -> None:
    """Let an event that was recorded at `at` have happened to a day."""
    day.touched_at = at
    _FOLDS[type(event)](day, event, at)


def _moved(ticket: Ticket, at: datetime, status: TicketStatus, counter: str | None, officer: str | None) -> Ticket:
    """Return the ticket in another status of the same leg, its time accounted for."""
    was = ticket.status
    spent = (at - ticket.since).total_seconds()
    return Ticket(
        number=ticket.number,
        order=ticket.order,
        service=ticket.service,
        pending=ticket.pending,
        priority=ticket.priority,
        subject=ticket.subject,
        appointment=ticket.appointment,
        appointment_at=ticket.appointment_at,
        issued_at=ticket.issued_at,
        place_at=ticket.place_at,
        status=status,
        since=at,
        entered_at=ticket.entered_at,
        counter=counter,
        officer=officer,
        for_counter=ticket.for_counter,
        recalls=ticket.recalls,
        called_at=at if status is _CALLED else ticket.called_at,
        waited=ticket.waited + spent if was is _WAITING else ticket.waited,
        walked=ticket.walked + spent if was is _CALLED else ticket.walked,
        served=ticket.served + spent if was is _SERVING else ticket.served,
        held=ticket.held + spent if was is _ON_HOLD else ticket.held,
        legs=ticket.legs,
    )


def _ended(
    ticket: Ticket, at: datetime, status: TicketStatus, outcome: LegOutcome, given: tuple[str, ...] = ()
) -> Ticket:
    """Return the ticket with its present leg ended."""
    moved = _moved(ticket, at, status, ticket.counter, ticket.officer)
    leg = Leg(
        service=moved.service,
        counter=moved.counter,
        officer=moved.officer,
        entered_at=moved.entered_at,
        ended_at=at,
        waited=moved.waited,
        walked=moved.walked,
        served=moved.served,
        held=moved.held,
        started=ticket.status is _SERVING or ticket.status is _ON_HOLD,
        outcome=outcome,
        given=given,
    )
    object.__setattr__(moved, "legs", (*moved.legs, leg))  # nobody has seen it yet; a second copy costs 1 us
    return moved


def _waiting_again(
    ticket: Ticket, at: datetime, place_at: datetime, service: str, pending: tuple[str, ...], for_counter: str | None
) -> Ticket:
    """Return an ended ticket at the beginning of a new leg."""
    return evolve(
        ticket,
        service=service,
        pending=pending,
        place_at=place_at,
        status=_WAITING,
        since=at,
        entered_at=at,
        counter=None,
        officer=None,
        for_counter=for_counter,
        recalls=0,
        called_at=None,
        waited=0.0,
        walked=0.0,
        served=0.0,
        held=0.0,
    )


def _with_ticket(counter: CounterAtWork, number: str | None, at: datetime, recent: tuple[bool, ...]) -> CounterAtWork:
    """Return the counter with another ticket, or without one, its busy time accounted for."""
    return CounterAtWork(
        id=counter.id,
        status=counter.status,
        officer=counter.officer,
        services=counter.services,
        ticket=number,
        since=at,
        opened_at=counter.opened_at,
        open_seconds=counter.open_seconds,
        busy_seconds=counter.busy_seconds if counter.ticket is None else counter.busy_until(at),
        recent=recent,
    )


def _step(day: QueueDay, name: str, before: Ticket, after: Ticket, at: datetime, counter_id: str | None) -> None:
    """Put the ticket, free or fill the counter it was or comes to, and remember the step for an undo."""
    day.put(before, after)
    if counter_id is None:
        return
    counter = day.counters[counter_id]
    busy = after.status is _CALLED or after.status is _SERVING
    number = after.number if busy else None
    recent = counter.recent
    if after.status is _CALLED and name == "call":
        recent = (*recent, after.priority is not None)[-_RECENT_KEPT:]
    if counter.ticket != number:
        day.counters[counter_id] = _with_ticket(counter, number, at, recent)
    day.last[counter_id] = Step(name, at, counter, before, after)


# --- the day and its counters --------------------------------------------------------------------------------------


def _day_opened(day: QueueDay, event: e.DayOpened, at: datetime) -> None:
    day.on = event.on
    day.opened_at = at


def _day_closed(day: QueueDay, event: e.DayClosed, at: datetime) -> None:
    day.closed_at = at
    _lapse(day, event.lapsed, at)
    for number in event.unserved:
        ticket = day.tickets[number]
        day.put(ticket, _ended(ticket, at, TicketStatus.UNSERVED, LegOutcome.UNSERVED))
    for number in event.interrupted:
        ticket = day.tickets[number]
        day.put(ticket, _ended(ticket, at, TicketStatus.INTERRUPTED, LegOutcome.INTERRUPTED))
    for code in event.missed:
        day.appointments[code] = evolve(day.appointments[code], status=AppointmentStatus.MISSED)
    for counter in tuple(day.counters.values()):
        if counter.status is not CounterStatus.CLOSED:
            _set_counter(day, _with_ticket(counter, None, at, counter.recent), CounterStatus.CLOSED, at)


def _set_counter(day: QueueDay, counter: CounterAtWork, status: CounterStatus, at: datetime) -> None:
    """Change the status of a counter that has no ticket; what it did before cannot be undone any more."""
    day.counters[counter.id] = evolve(
        counter,
        status=status,
        since=at,
        opened_at=at if status is CounterStatus.OPEN else None,
        open_seconds=counter.open_until(at),
    )
    day.last.pop(counter.id, None)


def _counter_opened(day: QueueDay, event: e.CounterOpened, at: datetime) -> None:
    was = day.counters.get(event.counter)
    counter = CounterAtWork(
        id=event.counter,
        status=CounterStatus.CLOSED,
        officer=event.officer,
        services=event.services,
        ticket=None,
        since=at,
        opened_at=None,
        open_seconds=was.open_seconds if was else 0.0,
        busy_seconds=was.busy_seconds if was else 0.0,
        recent=was.recent if was else (),
    )
    _set_counter(day, counter, CounterStatus.OPEN, at)


def _counter_paused(day: QueueDay, event: e.CounterPaused, at: datetime) -> None:
    _set_counter(day, day.counters[event.counter], CounterStatus.PAUSED, at)


def _counter_resumed(day: QueueDay, event: e.CounterResumed, at: datetime) -> None:
    _set_counter(day, day.counters[event.counter], CounterStatus.OPEN, at)


def _counter_closed(day: QueueDay, event: e.CounterClosed, at: datetime) -> None:
    _set_counter(day, day.counters[event.counter], CounterStatus.CLOSED, at)
    for ticket in tuple(day.lines.get("@" + event.counter, ())):
        day.put(ticket, evolve(ticket, for_counter=None))


# --- coming in -----------------------------------------------------------------------------------------------------


def _admission_refused(day: QueueDay, event: e.AdmissionRefused, at: datetime) -> None:
    for reason in event.reasons:
        day.refused[event.service, reason.code] += 1


def _ticket_issued(day: QueueDay, event: e.TicketIssued, at: datetime) -> None:
    day.order += 1
    day.series[event.series] = day.series.get(event.series, 0) + 1
    day.issued[event.service] += 1
    appointment_at = None
    if event.appointment is not None:
        appointment = day.appointments[event.appointment]
        appointment_at = appointment.appointment_at
        day.appointments[event.appointment] = evolve(
            appointment, status=AppointmentStatus.CHECKED_IN, ticket=event.number
        )
    if event.subject is not None:
        day.subjects[event.subject] = (*day.subjects.get(event.subject, ()), event.number)
    if event.reserved:
        day.reserved[event.number] = at
    day.put(
        None,
        Ticket(
            number=event.number,
            order=day.order,
            service=event.service,
            pending=event.pending,
            priority=event.priority,
            subject=event.subject,
            appointment=event.appointment,
            appointment_at=appointment_at,
            issued_at=at,
            place_at=at,
            status=_RESERVED if event.reserved else _WAITING,
            since=at,
            entered_at=at,
            counter=None,
            officer=None,
            for_counter=None,
            recalls=0,
            called_at=None,
            waited=0.0,
            walked=0.0,
            served=0.0,
            held=0.0,
            legs=(),
        ),
    )


def _ticket_confirmed(day: QueueDay, event: e.TicketConfirmed, at: datetime) -> None:
    del day.reserved[event.number]
    ticket = day.tickets[event.number]
    # the place in the line is that of the asking; the wait counts from the paper in the hand
    day.put(ticket, evolve(ticket, status=_WAITING, since=at, entered_at=at))


def _lapse(day: QueueDay, numbers: tuple[str, ...], at: datetime) -> None:
    for number in numbers:
        ticket = day.tickets[number]
        del day.reserved[number]
        day.issued[ticket.service] -= 1
        day.put(ticket, evolve(ticket, status=TicketStatus.LAPSED, since=at))


def _reservations_lapsed(day: QueueDay, event: e.ReservationsLapsed, at: datetime) -> None:
    _lapse(day, event.numbers, at)


def _appointment_booked(day: QueueDay, event: e.AppointmentBooked, at: datetime) -> None:
    day.appointments[event.code] = Appointment(
        code=event.code,
        service=event.service,
        appointment_at=event.appointment_at,
        priority=event.priority,
        subject=event.subject,
        status=AppointmentStatus.BOOKED,
    )


def _appointment_cancelled(day: QueueDay, event: e.AppointmentCancelled, at: datetime) -> None:
    day.appointments[event.code] = evolve(day.appointments[event.code], status=AppointmentStatus.CANCELLED)


# --- at the counter ------------------------------------------------------------------------------------------------


def _ticket_called(day: QueueDay, event: e.TicketCalled, at: datetime) -> None:
    ticket = day.tickets[event.number]
    officer = day.counters[event.counter].officer
    called = _moved(ticket, at, _CALLED, event.counter, officer)
    _step(day, "call", ticket, called, at, event.counter)
    day.calls.append(
        Call(
            number=event.number,
            service=ticket.service,
            counter=event.counter,
            at=at,
            rule=event.rule,
            because=event.because,
            because_english=event.because_english,
            facts=event.facts,
            overtook=event.overtook,
            waited=called.waited,
            priority=ticket.priority,
        )
    )


def _ticket_recalled(day: QueueDay, event: e.TicketRecalled, at: datetime) -> None:
    ticket = day.tickets[event.number]
    _step(day, "recall", ticket, evolve(ticket, recalls=ticket.recalls + 1, called_at=at), at, ticket.counter)


def _service_started(day: QueueDay, event: e.ServiceStarted, at: datetime) -> None:
    ticket = day.tickets[event.number]
    started = _moved(ticket, at, _SERVING, ticket.counter, ticket.officer)
    _step(day, "start", ticket, started, at, ticket.counter)


def _ticket_held(day: QueueDay, event: e.TicketHeld, at: datetime) -> None:
    ticket = day.tickets[event.number]
    held = _moved(ticket, at, _ON_HOLD, ticket.counter, ticket.officer)
    _step(day, "hold", ticket, held, at, ticket.counter)


def _ticket_resumed(day: QueueDay, event: e.TicketResumed, at: datetime) -> None:
    ticket = day.tickets[event.number]
    officer = day.counters[event.counter].officer
    _step(day, "resume", ticket, _moved(ticket, at, _SERVING, event.counter, officer), at, event.counter)


def _ticket_transferred(day: QueueDay, event: e.TicketTransferred, at: datetime) -> None:
    ticket = day.tickets[event.number]
    ended = _ended(ticket, at, _WAITING, LegOutcome.TRANSFERRED)
    after = _waiting_again(ended, at, event.place_at, event.service, ticket.pending, event.counter)
    _step(day, "transfer", ticket, after, at, _held_counter(ticket))


def _ticket_returned(day: QueueDay, event: e.TicketReturned, at: datetime) -> None:
    ticket = day.tickets[event.number]
    ended = ticket if ticket.status is TicketStatus.NO_SHOW else _ended(ticket, at, _WAITING, LegOutcome.RETURNED)
    for_counter = ticket.for_counter
    if for_counter is not None and day.counters[for_counter].status is CounterStatus.CLOSED:
        for_counter = None  # it closed while the ticket was on hold or elsewhere: nobody would call it there
    after = _waiting_again(ended, at, event.place_at, ticket.service, ticket.pending, for_counter)
    _step(day, "return_to_line", ticket, after, at, _held_counter(ticket))


def _ticket_no_show(day: QueueDay, event: e.TicketNoShow, at: datetime) -> None:
    ticket = day.tickets[event.number]
    _step(day, "no_show", ticket, _ended(ticket, at, TicketStatus.NO_SHOW, LegOutcome.NO_SHOW), at, ticket.counter)


def _ticket_cancelled(day: QueueDay, event: e.TicketCancelled, at: datetime) -> None:
    ticket = day.tickets[event.number]
    if ticket.status is _RESERVED:  # never printed, never in a line: it lapses at once, and no leg ends
        _lapse(day, (event.number,), at)
        return
    after = _ended(ticket, at, TicketStatus.CANCELLED, LegOutcome.CANCELLED)
    _step(day, "cancel", ticket, after, at, _held_counter(ticket))


def _service_finished(day: QueueDay, event: e.ServiceFinished, at: datetime) -> None:
    ticket = day.tickets[event.number]
    after = _ended(ticket, at, TicketStatus.FINISHED, LegOutcome.FINISHED, event.given)
    leg = after.legs[-1]
    if event.next_service is not None:
        after = _waiting_again(after, at, event.place_at or at, event.next_service, event.pending, None)
    paces = day.paces.setdefault(leg.service, [])
    paces.append((event.number, leg.walked + leg.served))
    if len(paces) > PACES_KEPT:
        del paces[0]
    _step(day, "finish", ticket, after, at, ticket.counter)


def _held_counter(ticket: Ticket) -> str | None:
    """Return the counter that a ticket keeps busy, if it does."""
    return ticket.counter if ticket.status is _CALLED or ticket.status is _SERVING else None


def _step_undone(day: QueueDay, event: e.StepUndone, at: datetime) -> None:
    step = day.last.pop(event.counter)
    day.put(step.ticket_after, step.ticket_before)
    day.counters[event.counter] = step.counter_before
    if step.name == "call":
        del day.calls[next(i for i in reversed(range(len(day.calls))) if day.calls[i].number == event.number)]
    if step.name == "finish":
        paces = day.paces[step.ticket_before.service]
        for index in reversed(range(len(paces))):
            if paces[index][0] == event.number:
                del paces[index]
                break


# Any: each function takes its own event, which one table cannot say
_FOLDS: dict[type[e.QueueEvent], Callable[[QueueDay, Any, datetime], None]] = {
    e.DayOpened: _day_opened,
    e.DayClosed: _day_closed,
    e.CounterOpened: _counter_opened,
    e.CounterPaused: _counter_paused,
    e.CounterResumed: _counter_resumed,
    e.CounterClosed: _counter_closed,
    e.AdmissionRefused: _admission_refused,
    e.TicketIssued: _ticket_issued,
    e.TicketConfirmed: _ticket_confirmed,
    e.ReservationsLapsed: _reservations_lapsed,
    e.AppointmentBooked: _appointment_booked,
    e.AppointmentCancelled: _appointment_cancelled,
    e.TicketCalled: _ticket_called,
    e.TicketRecalled: _ticket_recalled,
    e.ServiceStarted: _service_started,
    e.TicketHeld: _ticket_held,
    e.TicketResumed: _ticket_resumed,
    e.TicketTransferred: _ticket_transferred,
    e.TicketReturned: _ticket_returned,
    e.TicketNoShow: _ticket_no_show,
    e.TicketCancelled: _ticket_cancelled,
    e.ServiceFinished: _service_finished,
    e.StepUndone: _step_undone,
}
