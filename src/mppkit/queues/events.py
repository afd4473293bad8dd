"""What happens on a queue day, each with a name and version that stay forever.

An event holds ids and facts, never personal data; the instant and the actor stand on the recorded row. A field's
default is part of the shape: it is not written out, so it may never change.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from attrs import field, frozen

from mppkit.decisions import Reason
from mppkit.queues.model import PriorityGroup


class QueueEvent:
    """The root of all events of a queue day."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class DayOpened(QueueEvent):
    """The hall began to serve on this local date; `blueprint` is the digest of the one it served by."""

    event_name = "queue.day_opened"
    on: date
    blueprint: str | None = None


@frozen(kw_only=True)
class DayClosed(QueueEvent):
    """The hall stopped serving; who was still there is named, not dropped.

    Attributes:
        unserved: tickets still waiting or on hold; interrupted: called or being served; lapsed: never printed, and
            not recorded as lapsed before.
        missed: appointments nobody checked in for.
    """

    event_name = "queue.day_closed"
    unserved: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()
    lapsed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@frozen(kw_only=True)
class CounterOpened(QueueEvent):
    """A counter began to work, with an officer and the services it gives today."""

    event_name = "queue.counter_opened"
    counter: str
    services: tuple[str, ...]
    officer: str | None = None


@frozen(kw_only=True)
class CounterPaused(QueueEvent):
    """A counter stopped calling for a while."""

    event_name = "queue.counter_paused"
    counter: str
    why: str = ""


@frozen(kw_only=True)
class CounterResumed(QueueEvent):
    """A paused counter calls again."""

    event_name = "queue.counter_resumed"
    counter: str


@frozen(kw_only=True)
class CounterClosed(QueueEvent):
    """A counter stopped for the day, or until it is opened again; tickets meant for it alone are for all again."""

    event_name = "queue.counter_closed"
    counter: str


@frozen(kw_only=True)
class AdmissionRefused(QueueEvent):
    """Somebody asked for a ticket or an appointment and was refused, with the reasons they were told.

    Attributes:
        needs_first: whether the answer was "something else first" rather than no.
        appointment: the code of the appointment that was to check in, if it was a check-in.
    """

    event_name = "queue.admission_refused"
    service: str
    reasons: tuple[Reason, ...]
    needs_first: bool = False
    appointment: str | None = None


@frozen(kw_only=True)
class TicketIssued(QueueEvent):
    """A ticket was issued; `reserved` until the printer confirms it.

    Attributes:
        series: the numbering series it counts in.
        pending: the services of the visit after the first.
        appointment: the code of the appointment that checked in.
    """

    event_name = "queue.ticket_issued"
    number: str
    service: str
    series: str
    pending: tuple[str, ...] = ()
    priority: PriorityGroup | None = None
    subject: str | None = None
    appointment: str | None = None
    reserved: bool = False


@frozen(kw_only=True)
class TicketConfirmed(QueueEvent):
    """A reserved ticket was printed and counts from now on."""

    event_name = "queue.ticket_confirmed"
    number: str


@frozen(kw_only=True)
class ReservationsLapsed(QueueEvent):
    """Reserved tickets that were never confirmed as printed lapsed."""

    event_name = "queue.reservations_lapsed"
    numbers: tuple[str, ...]


@frozen(kw_only=True)
class AppointmentBooked(QueueEvent):
    """A visit was booked for an instant of this day."""

    event_name = "queue.appointment_booked"
    code: str
    service: str
    appointment_at: datetime
    priority: PriorityGroup | None = None
    subject: str | None = None


@frozen(kw_only=True)
class AppointmentCancelled(QueueEvent):
    """A booked visit was cancelled."""

    event_name = "queue.appointment_cancelled"
    code: str


@frozen(kw_only=True)
class TicketCalled(QueueEvent):
    """A counter called a ticket, and why this one.

    Attributes:
        rule: the discipline's name, or `chosen`.
        because, because_english: the reason as it can be told.
        facts: what decided.
        overtook: the numbers that had stood longer in this counter's line.
    """

    event_name = "queue.ticket_called"
    number: str
    counter: str
    rule: str
    because: str
    because_english: str
    facts: Mapping[str, str | int | float] = field(factory=dict)
    overtook: tuple[str, ...] = ()


@frozen(kw_only=True)
class TicketRecalled(QueueEvent):
    """A called ticket was called again."""

    event_name = "queue.ticket_recalled"
    number: str


@frozen(kw_only=True)
class ServiceStarted(QueueEvent):
    """The visitor came to the counter and service began."""

    event_name = "queue.service_started"
    number: str


@frozen(kw_only=True)
class TicketHeld(QueueEvent):
    """Service was put aside; the counter is free for others."""

    event_name = "queue.ticket_held"
    number: str
    why: str = ""


@frozen(kw_only=True)
class TicketResumed(QueueEvent):
    """Service that was put aside goes on, at this counter."""

    event_name = "queue.ticket_resumed"
    number: str
    counter: str


@frozen(kw_only=True)
class TicketTransferred(QueueEvent):
    """A ticket was sent on to a service, or to one counter for it."""

    event_name = "queue.ticket_transferred"
    number: str
    service: str
    place_at: datetime
    counter: str | None = None
    why: str = ""


@frozen(kw_only=True)
class TicketReturned(QueueEvent):
    """A ticket came back into the line of its service."""

    event_name = "queue.ticket_returned"
    number: str
    place_at: datetime


@frozen(kw_only=True)
class TicketNoShow(QueueEvent):
    """Nobody came when the ticket was called."""

    event_name = "queue.ticket_no_show"
    number: str


@frozen(kw_only=True)
class TicketCancelled(QueueEvent):
    """The visitor gave up, or the ticket was withdrawn; one that was never printed lapses by it."""

    event_name = "queue.ticket_cancelled"
    number: str
    why: str = ""


@frozen(kw_only=True)
class ServiceFinished(QueueEvent):
    """Service ended; names the services really given, and the next one of the visit if there is one.

    Attributes:
        pending: the services of the visit that are still to come after `next_service`.
        place_at: the instant that gives the place in the line of `next_service`.
    """

    event_name = "queue.service_finished"
    number: str
    given: tuple[str, ...]
    next_service: str | None = None
    pending: tuple[str, ...] = ()
    place_at: datetime | None = None


@frozen(kw_only=True)
class StepUndone(QueueEvent):
    """The last step of a counter was taken back: ticket and counter stand again as they stood before it."""

    event_name = "queue.step_undone"
    counter: str
    step: str
    number: str


EVENTS: tuple[type[QueueEvent], ...] = (
    DayOpened,
    DayClosed,
    CounterOpened,
    CounterPaused,
    CounterResumed,
    CounterClosed,
    AdmissionRefused,
    TicketIssued,
    TicketConfirmed,
    ReservationsLapsed,
    AppointmentBooked,
    AppointmentCancelled,
    TicketCalled,
    TicketRecalled,
    ServiceStarted,
    TicketHeld,
    TicketResumed,
    TicketTransferred,
    TicketReturned,
    TicketNoShow,
    TicketCancelled,
    ServiceFinished,
    StepUndone,
)
"""All events of this room, for the codec."""
