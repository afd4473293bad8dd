"""What may happen at the door: tickets, reservations for a printer, appointments and check-in. Pure, like `rules`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mppkit.clock import as_utc
from mppkit.decisions import Decision, Outcome, Reason
from mppkit.directory import Service
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.queues import events as e
from mppkit.queues.day import QueueDay
from mppkit.queues.hall import (
    Events,
    Hall,
    find_ticket,
    is_stale,
    serving_day,
    stale,
    ticket_for,
)
from mppkit.queues.model import APPOINTMENT_PREFIX, Appointment, AppointmentStatus, PriorityGroup
from mppkit.queues.policies import Asking


def lapses(day: QueueDay, hall: Hall, at: datetime) -> Events:
    """Return what lets stale reservations lapse; the desk puts it before whatever else happens."""
    numbers = stale(day, hall, at) if day.reserved else ()
    return (e.ReservationsLapsed(numbers=numbers),) if numbers else ()


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
    subject = checked_person_or_none(subject, "subject")
    group = _checked_priority(priority)
    serving_day(day, hall, "issue a ticket")
    decision = _admission(day, hall, wanted[0], at, at, _live_ticket(day, hall, wanted[0], at, subject))
    if not decision.is_granted:
        return (_refusal(wanted[0], decision),)
    return _issued(day, hall, wanted, group, subject, None, reserved)


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
    if not isinstance(series, str) or not isinstance(number, str) or not number or number in day.tickets:
        remedy = "answer with a text that is not the number of another ticket today, and name its series by a text"
        raise InvalidValueError("numbering", number, remedy)
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


def _live_ticket(day: QueueDay, hall: Hall, service: Service, at: datetime, subject: str | None) -> str | None:
    """Return the ticket that a person holds for a service."""
    if subject is None:
        return None
    for number in day.subjects.get(subject, ()):
        ticket = day.tickets[number]
        if ticket.is_live and service.id in (ticket.service, *ticket.pending) and not is_stale(ticket, hall, at):
            return number
    return None


def _admission(
    day: QueueDay, hall: Hall, service: Service, at: datetime, coming_at: datetime, live: str | None
) -> Decision:
    """Return what the admission policy says, at `at`, of somebody who comes at `coming_at`."""
    issued = day.issued.get(service.id, 0)
    if day.reserved:
        issued -= sum(1 for number in stale(day, hall, at) if day.tickets[number].service == service.id)
    decision = hall.policies.admission(
        Asking(
            service=service,
            at=coming_at,
            opening=hall.opening,
            issued=issued,
            booked=_booked_for(day, hall, service, at) if day.appointments else 0,
            live_ticket=live,
        )
    )
    if not isinstance(decision, Decision):
        raise InvalidValueError("admission", decision, "answer with a Decision")
    return decision


def _booked_for(day: QueueDay, hall: Hall, service: Service, at: datetime) -> int:
    """Return how many appointments may still check in for a service."""
    late = timedelta(minutes=hall.policies.limits.check_in_late_minutes)
    return sum(
        1
        for booked in day.appointments.values()
        if booked.status is AppointmentStatus.BOOKED
        and booked.service == service.id
        and booked.appointment_at + late >= at
    )


def _refusal(service: Service, decision: Decision, appointment: str | None = None) -> e.AdmissionRefused:
    return e.AdmissionRefused(
        service=service.id,
        reasons=decision.reasons,
        needs_first=decision.outcome is Outcome.NEEDS_FIRST,
        appointment=appointment,
    )


def refused(event: e.AdmissionRefused) -> Decision:
    """Return the answer that a recorded refusal was."""
    return Decision(outcome=Outcome.NEEDS_FIRST if event.needs_first else Outcome.REFUSED, reasons=event.reasons)


def confirm(day: QueueDay, hall: Hall, number: str, at: datetime) -> Events:
    """Confirm that a reserved ticket was printed; it counts from now on, at the place of its asking.

    Raises:
        TransitionError: it is not reserved, or the reservation lapsed.
    """
    return (e.TicketConfirmed(number=ticket_for(day, hall, number, "confirm", at).number),)


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
    """Book a visit for an instant of this day's opening; or record a refusal: a booking takes its share of the quota.

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
    subject = checked_person_or_none(subject, "subject")
    group = _checked_priority(priority)
    held = _live_booking(day, service, subject) or _live_ticket(day, hall, service, at, subject)
    decision = _admission(day, hall, service, at, when, held)
    if not decision.is_granted:
        return (_refusal(service, decision),)
    code = f"{APPOINTMENT_PREFIX}-{len(day.appointments) + 1:03}"
    return (
        e.AppointmentBooked(
            code=code,
            service=service.id,
            appointment_at=when,
            priority=group,
            subject=subject,
        ),
    )


def _live_booking(day: QueueDay, service: Service, subject: str | None) -> str | None:
    """Return the appointment that a person has for a service."""
    if subject is None:
        return None
    for booked in day.appointments.values():
        if booked.status is AppointmentStatus.BOOKED and (booked.subject, booked.service) == (subject, service.id):
            return booked.code
    return None


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

    Nothing happens if it was checked in already: a check-in is safe to repeat. The admission policy is not asked again
    (it was, for the booking); too early or too late is refused.

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
        return (_refusal(service, Decision.refused(reason), code),)
    if -minutes > limits.check_in_late_minutes:
        late = f"{limits.check_in_late_minutes:g}"
        reason = Reason(
            code="too_late",
            indonesian=f"Lewat {late} menit dari waktu janji temu; silakan ambil nomor antrean biasa.",
            english=f"More than {late} minutes past the appointment; please take an ordinary ticket.",
        )
        return (_refusal(service, Decision.refused(reason), code),)
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
