"""What the arguments of a command are about, and what a row of a list is: by whose it is.

Something that is not there is about everything, so that only those who may do it with everything are told so.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from attrs import evolve

from mppkit.access.model import EVERYTHING, About
from mppkit.blueprint import Blueprint
from mppkit.errors import NotFoundError
from mppkit.ids import split_stream
from mppkit.lessons.desk import LessonsDesk
from mppkit.people.desk import PeopleDesk
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.events import Submitted
from mppkit.permits.model import RUNNING, Application, Status
from mppkit.queues.desk import QueueDesk
from mppkit.queues.model import Appointment, Call, Overtaking, Ticket, TicketStatus
from mppkit.readiness.desk import ReadinessDesk
from mppkit.storage.port import EventStore, StreamHead
from mppkit.surveys.desk import SurveysDesk


class Rooms(Protocol):
    """A mall, as far as this room knows it."""

    @property
    def blueprint(self) -> Blueprint:
        """What the mall is."""
        ...

    @property
    def store(self) -> EventStore:
        """Where its events are."""
        ...

    @property
    def queue(self) -> QueueDesk:
        """The queue's desk."""
        ...

    @property
    def permits(self) -> PermitsDesk:
        """The permits' desk."""
        ...

    @property
    def surveys(self) -> SurveysDesk:
        """The survey desk."""
        ...

    @property
    def people(self) -> PeopleDesk:
        """The people desk."""
        ...

    @property
    def readiness(self) -> ReadinessDesk:
        """The readiness desk."""
        ...

    @property
    def lessons(self) -> LessonsDesk:
        """The lesson-study desk."""
        ...


Given = Mapping[str, Any]
Abouts = Callable[[Rooms, Given], tuple[About, ...]]
"""From the arguments of a command to all that it is about; each must be granted."""

_WITH_A_PERSON = RUNNING | {Status.ISSUED, Status.SUSPENDED}
"""How an application stands that gives an agency something to do with its applicant."""
_AT_A_COUNTER = (TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.ON_HOLD)


# --- of things -------------------------------------------------------------------------------------------------------


def of_service(rooms: Rooms, service: object, subject: str | None = None) -> About:
    """Return what a service is about."""
    agency = _agencies(rooms, [service])
    return About(giver=next(iter(agency), None), agencies=agency, subject=subject)


def of_counter(rooms: Rooms, counter: object) -> About:
    """Return what a counter is about: itself, and the agency whose services it gives by the blueprint.

    One that several agencies share is of none of them, but of the officers whose counter it is.
    """
    found = next((each for each in rooms.blueprint.directory.counters if each.id == counter), None)
    if found is None:
        return EVERYTHING
    agencies = _agencies(rooms, found.services)
    return About(agencies=agencies if len(agencies) == 1 else frozenset(), counters=frozenset({found.id}))


def of_ticket(rooms: Rooms, ticket: Ticket) -> About:
    """Return what a ticket is about: its service as it stands, and the counter where it is just now."""
    service = of_service(rooms, ticket.service)
    there = of_counter(rooms, ticket.counter) if ticket.status in _AT_A_COUNTER else EVERYTHING
    return About(
        giver=service.giver,
        agencies=service.agencies | there.agencies,
        counters=there.counters,
        ticket=(ticket.issued_at.astimezone(rooms.blueprint.calendar.zone).date(), ticket.number),
        subject=ticket.subject,
    )


def of_appointment(rooms: Rooms, appointment: Appointment) -> About:
    """Return what a booked visit is about."""
    return of_service(rooms, appointment.service, appointment.subject)


def of_call(rooms: Rooms, call: Call) -> About:
    """Return what a call is about: the service for which it was, and the counter that called."""
    return evolve(of_service(rooms, call.service), counters=frozenset({call.counter}))


def of_overtaking(rooms: Rooms, overtaking: Overtaking) -> About:
    """Return what an overtaking is about: the counter at which it happened."""
    return of_counter(rooms, overtaking.counter)


def of_application(rooms: Rooms, application: Application) -> About:
    """Return what an application is about: who gives the service, and who takes or took a step of it."""
    service = of_service(rooms, application.service)
    steps = frozenset(run.agency for run in (*application.open, *application.done) if run.agency is not None)
    return About(giver=service.giver, agencies=service.agencies | steps, subject=application.applicant)


def _agencies(rooms: Rooms, services: Iterable[object]) -> frozenset[str]:
    given = tuple(services)  # not a set: what was given may be anything
    return frozenset(each.agency for each in rooms.blueprint.directory.services if each.id in given)


# --- of arguments ----------------------------------------------------------------------------------------------------


def the_services(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command that names a service, and perhaps more."""
    named = (given.get("service"), *given.get("more", ()))
    return tuple(of_service(rooms, service, given.get("subject")) for service in named)


def the_service_applied_for(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a new application."""
    return (of_service(rooms, given.get("service"), given.get("applicant")),)


def the_counter(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command at a counter, perhaps with services of its own."""
    services = given.get("services") or ()
    return (of_counter(rooms, given.get("counter")), *(of_service(rooms, each) for each in services))


def the_ticket(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command about a ticket, of today if no date is named."""
    try:
        return (of_ticket(rooms, rooms.queue.ticket(given.get("number", ""), on=given.get("on"))),)
    except NotFoundError:
        return (EVERYTHING,)


def the_ticket_at(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command about a ticket that may name a counter."""
    counter = given.get("counter")
    return (*the_ticket(rooms, given), *(() if counter is None else (of_counter(rooms, counter),)))


def the_appointment(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command about a booked visit, of today if no date is named."""
    for each in rooms.queue.appointments(on=given.get("on")):
        if each.code == given.get("code"):
            return (of_appointment(rooms, each),)
    return (EVERYTHING,)


def the_application(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a command about an application."""
    try:
        return (of_application(rooms, rooms.permits.application(given.get("application", ""))),)
    except NotFoundError:
        return (EVERYTHING,)


def the_group(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a figure of those who answered for a service, or at a counter that gives those of one agency alone."""
    service, counter = given.get("service"), given.get("counter")
    if service is not None:
        return (of_service(rooms, service),)
    return (About(agencies=of_counter(rooms, counter).agencies),)


def the_person(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a person: the agencies are those that their applications concern, once submitted and until they have ended.

    One that was submitted by whoever asks does not count: nobody gives themselves access to a person.
    """
    subject = given.get("subject")
    if not isinstance(subject, str):
        return (EVERYTHING,)
    concerned: frozenset[str] = frozenset()
    for head in rooms.permits.applications(applicant=subject):
        application = rooms.permits.application(id_of(head))
        if application.status in _WITH_A_PERSON and given.get("who") not in _submitted_by(rooms, head):
            concerned |= of_application(rooms, application).agencies
    return (About(agencies=concerned, subject=subject),)


def _submitted_by(rooms: Rooms, head: StreamHead) -> set[str | None]:
    return {row.actor for row in rooms.store.read(head.stream) if row.name == Submitted.event_name}


def the_zone(rooms: Rooms, given: Given) -> tuple[About, ...]:
    """Of a zone: the agencies that give, or assess, what takes a share of zones."""
    taking = [each for each in rooms.blueprint.workflows if any(step.reserves for step in each.steps)]
    concerned = frozenset(step.agency for each in taking for step in each.steps if step.agency is not None)
    givers = _agencies(rooms, (service for each in taking for service in each.services))
    return (About(agencies=concerned | givers),)


def id_of(head: StreamHead) -> str:
    """Return the id of the application whose head it is."""
    return split_stream(head.stream)[2]
