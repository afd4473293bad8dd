"""What may happen at the door: tickets, reservations for a printer, appointments and check-in. Pure, like `rules`."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from mppkit.clock import as_utc
from mppkit.decisions import Decision, Reason
from mppkit.directory import Service
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.queues import events as e
from mppkit.queues.day import QueueDay
from mppkit.queues.model import Appointment, AppointmentStatus, PriorityGroup, TicketStatus
from mppkit.queues.policies import Asking
from mppkit.queues.rules import STEPS, Events, Hall, find_ticket, serving_day, ticket_for

_PERSONAL = re.compile(r"\+?\d[\d .-]{7,}")
_SUBJECT = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")


def stale(day: QueueDay, hall: Hall, at: datetime) -> tuple[str, ...]:
    """Return the reserved tickets that were not confirmed in time."""
    if not day.reserved:
        return ()
    before = at - timedelta(seconds=hall.policies.limits.confirm_within_seconds)
    return tuple(number for number, since in day.reserved.items() if since < before)


def lapses(day: QueueDay, hall: Hall, at: datetime) -> Events:
    """Return what lets stale reservations lapse; the desk puts it before whatever else happens."""
    numbers = stale(day, hall, at)
    return (e.ReservationsLapsed(numbers=numbers),) if numbers else ()


def _checked_subject(subject: str | None) -> str | None:
    if subject is None:
        return None
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject) or _PERSONAL.fullmatch(subject):
        remedy = "give the person's id in your own records, never a NIK, a phone number or a name"
        raise InvalidValueError("subject", subject, remedy)
    return subject


def _checked_priority(priority: PriorityGroup | str | None) -> PriorityGroup | None:
    if priority is None or isinstance(priority, PriorityGroup):
        return priority
    try:
        return PriorityGroup(priority)
    except ValueError:
        groups = ", ".join(group.value for group in PriorityGroup)
        raise InvalidValueError("priority", priority, f"give one of {groups}, or None") from None


def issue(
    day: QueueDay,
    hall: Hall,
    services: Sequence[str],
    at: datetime,
    *,
    priority: PriorityGroup | str | None = None,
    subject: str | None = None,
    reserved: bool = False,
) -> Events:
    """Issue a ticket for one or more services of one visit, the first of them first; or record a refusal.

    Raises:
        NotFoundError: no such service.
        InvalidValueError: no service, one twice, no such priority group, or a personal number as subject.
        TransitionError: the day is closed.
    """
    if not services or len(set(services)) < len(services):
        raise InvalidValueError("services", services, "name one service or more, each once")
    wanted = [hall.directory.service(service) for service in services]
    subject = _checked_subject(subject)
    decision = _admitted(day, hall, wanted[0], at, subject)
    if not decision.is_granted:
        return (_refusal(wanted[0], decision),)
    return _issued(day, hall, wanted, _checked_priority(priority), subject, None, reserved)


def _issued(
    day: QueueDay,
    hall: Hall,
    wanted: Sequence[Service],
    priority: PriorityGroup | None,
    subject: str | None,
    appointment: str | None,
    reserved: bool,
) -> Events:
    opened = serving_day(day, hall, "issue a ticket")
    numbering = hall.policies.numbering
    series = numbering.series(wanted[0])
    number = numbering.number(series, day.series.get(series, 0) + 1)
    if number in day.tickets:
        raise InvalidValueError("numbering", number, "a number was used today already; every number must be new")
    return (
        *opened,
        e.TicketIssued(
            number=number,
            service=wanted[0].id,
            series=series,
            pending=tuple(service.id for service in wanted[1:]),
            priority=priority,
            subject=subject,
            appointment=appointment,
            reserved=reserved,
        ),
    )


def _admitted(day: QueueDay, hall: Hall, service: Service, at: datetime, subject: str | None) -> Decision:
    serving_day(day, hall, "issue a ticket")
    unprinted = stale(day, hall, at)
    live = None
    if subject is not None:
        for number in day.subjects.get(subject, ()):
            ticket = day.tickets[number]
            if ticket.is_live and number not in unprinted and service.id in (ticket.service, *ticket.pending):
                live = number
    gone = sum(1 for number in unprinted if day.tickets[number].service == service.id)
    return hall.policies.admission(
        Asking(
            service=service,
            at=at,
            opening=hall.opening,
            issued=day.issued.get(service.id, 0) - gone,
            live_ticket=live,
        )
    )


def _refusal(service: Service, decision: Decision) -> e.AdmissionRefused:
    return e.AdmissionRefused(
        service=service.id,
        codes=tuple(reason.code for reason in decision.reasons),
        indonesian=tuple(reason.indonesian for reason in decision.reasons),
        english=tuple(reason.english for reason in decision.reasons),
    )


def refused(event: e.AdmissionRefused) -> Decision:
    """Return the answer that a recorded refusal was."""
    reasons = zip(event.codes, event.indonesian, event.english, strict=True)
    return Decision.refused(*(Reason(code=code, indonesian=id_, english=en) for code, id_, en in reasons))


def confirm(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Confirm that a reserved ticket was printed; it counts from now on, at the place of its asking.

    Raises:
        TransitionError: it is not reserved, or the reservation lapsed.
    """
    ticket = ticket_for(day, hall, number, "confirm")
    if number in stale(day, hall, at):
        lapsed = TicketStatus.LAPSED
        hint = f"it was to be confirmed within {hall.policies.limits.confirm_within_seconds:g} s; issue a new one"
        raise TransitionError(f"ticket {number}", "confirm", lapsed.value, STEPS.get(lapsed, ()), hint)
    return (e.TicketConfirmed(number=ticket.number),)


# --- appointments --------------------------------------------------------------------------------------------------


def book(
    day: QueueDay,
    hall: Hall,
    service_id: str,
    appointment_at: datetime,
    at: datetime,
    *,
    priority: PriorityGroup | str | None = None,
    subject: str | None = None,
) -> Events:
    """Book a visit for an instant of this day's opening.

    Raises:
        NotFoundError: no such service.
        InvalidValueError: the instant is past, or the hall is not open then.
        TransitionError: the day is closed.
    """
    serving_day(day, hall, "book")
    service = hall.directory.service(service_id)
    when = as_utc(appointment_at, "appointment_at")
    if when < at:
        raise InvalidValueError("appointment_at", when.isoformat(), f"it is past; now is {at.isoformat()}")
    if not hall.opening.is_open_at(when):
        why = f" ({hall.opening.reason.english})" if hall.opening.reason else ""
        raise InvalidValueError("appointment_at", when.isoformat(), f"the hall is not open then{why}")
    # J as in janji temu: a booking's code is never called out, so it must not look like a ticket's number
    code = f"J-{len(day.appointments) + 1:03}"
    return (
        e.AppointmentBooked(
            code=code,
            service=service.id,
            appointment_at=when,
            priority=_checked_priority(priority),
            subject=_checked_subject(subject),
        ),
    )


def find_appointment(day: QueueDay, code: str) -> Appointment:
    """Return an appointment.

    Raises:
        NotFoundError: no such code was given out for this day.
    """
    appointment = day.appointments.get(code)
    if appointment is None:
        raise NotFoundError("appointment", code, day.appointments)
    return appointment


def _booked(day: QueueDay, hall: Hall, code: str, step: str) -> Appointment:
    serving_day(day, hall, step)
    appointment = find_appointment(day, code)
    if appointment.status is not AppointmentStatus.BOOKED:
        raise TransitionError(f"appointment {code}", step, appointment.status.value, ())
    return appointment


def cancel_appointment(day: QueueDay, hall: Hall, code: str, at: datetime) -> Events:
    """Cancel a booked visit.

    Raises:
        TransitionError: it was checked in, cancelled or missed.
    """
    return (e.AppointmentCancelled(code=_booked(day, hall, code, "cancel").code),)


def check_in(day: QueueDay, hall: Hall, code: str, at: datetime) -> Events:
    """Issue the ticket of an appointment; its place is that of the check-in, so it jumps no line by itself.

    Nothing happens if it was checked in already: a check-in is safe to repeat. Hours and quota are not asked again
    (that was for the booking); too early or too late is refused.

    Raises:
        NotFoundError: no such appointment.
        TransitionError: it was cancelled or missed, or the day is closed.
    """
    appointment = find_appointment(day, code)
    if appointment.status is AppointmentStatus.CHECKED_IN:
        return ()
    _booked(day, hall, code, "check in")
    limits = hall.policies.limits
    service = hall.directory.service(appointment.service)
    minutes = (appointment.appointment_at - at).total_seconds() / 60
    if minutes > limits.check_in_early_minutes:
        early = f"{limits.check_in_early_minutes:g}"
        reason = Reason(
            code="too_early",
            indonesian=f"Check-in dibuka {early} menit sebelum waktu janji temu.",
            english=f"Check-in opens {early} minutes before the appointment.",
        )
        return (_refusal(service, Decision.refused(reason)),)
    if -minutes > limits.check_in_late_minutes:
        late = f"{limits.check_in_late_minutes:g}"
        reason = Reason(
            code="too_late",
            indonesian=f"Lewat {late} menit dari waktu janji temu; silakan ambil nomor antrean biasa.",
            english=f"More than {late} minutes past the appointment; please take an ordinary ticket.",
        )
        return (_refusal(service, Decision.refused(reason)),)
    return _issued(day, hall, (service,), appointment.priority, appointment.subject, code, False)


def ticket_of(day: QueueDay, code: str) -> str:
    """Return the number an appointment was checked in under.

    Raises:
        NotFoundError: no such appointment, or it was not checked in.
    """
    number = find_appointment(day, code).ticket
    if number is None:
        raise NotFoundError("ticket of appointment", code, remedy="check it in first")
    return find_ticket(day, number).number
