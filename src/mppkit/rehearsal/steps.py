"""Two hands for the engine: the real desk with its store under a virtual clock, and the bare rules without a store."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from mppkit.clock import VirtualClock
from mppkit.errors import InvalidValueError, RefusedError
from mppkit.queues import arrivals, events, rules
from mppkit.queues.day import QueueDay
from mppkit.queues.desk import QueueDesk
from mppkit.queues.fold import apply
from mppkit.queues.hall import Events, Hall
from mppkit.queues.measures import Measures, measure
from mppkit.queues.model import Ticket, TicketStatus
from mppkit.rehearsal.visits import Visit


def _services(visit: Visit) -> tuple[str, ...]:
    return (visit.service, *(service for service, _ in visit.more))


class DeskSteps:
    """Every step goes through the queue desk into its store, and the clock moves along.

    `leaves`, where there is one, is told of each visitor who was served to the end: the ticket as it then stands, and
    the survey code that was printed on it.

    Attributes:
        measures: what the day came to; empty before `close_day`.
    """

    def __init__(
        self, desk: QueueDesk, clock: VirtualClock, leaves: Callable[[Ticket, str | None], None] | None = None
    ) -> None:
        self.measures = Measures()
        self._desk = desk
        self._clock = clock
        self._leaves = leaves
        self._codes: dict[str, str | None] = {}

    def open_counter(self, at: datetime, counter: str) -> None:
        """Open a counter."""
        self._clock.move_to(at)
        self._desk.open_counter(counter, officer=f"officer-{counter}")

    def pause_counter(self, at: datetime, counter: str) -> None:
        """Send a free counter into its break."""
        self._clock.move_to(at)
        self._desk.pause_counter(counter, why="break")

    def resume_counter(self, at: datetime, counter: str) -> None:
        """End a counter's break."""
        self._clock.move_to(at)
        self._desk.resume_counter(counter)

    def close_counter(self, at: datetime, counter: str) -> None:
        """Close a free counter."""
        self._clock.move_to(at)
        self._desk.close_counter(counter)

    def book(self, at: datetime, visit: Visit) -> str | None:
        """Book a visit's appointment; None where the hall is not open then, or admits nobody."""
        self._clock.move_to(at)
        if visit.appointment_at is None:
            return None
        try:
            return self._desk.book(visit.service, visit.appointment_at, priority=visit.priority).code
        except (InvalidValueError, RefusedError):
            return None

    def arrive(self, at: datetime, visit: Visit, code: str | None) -> str | None:
        """Check in, or issue a ticket."""
        self._clock.move_to(at)
        if code is not None:
            try:
                return self._printed(self._desk.check_in(code))
            except RefusedError:
                pass  # too early or too late for the appointment: whoever is told so takes an ordinary ticket
        try:
            return self._printed(self._desk.issue(*_services(visit), priority=visit.priority))
        except RefusedError:
            return None

    def _printed(self, ticket: Ticket) -> str:
        """Keep the survey code, as the visitor does: no later look at the ticket has it."""
        self._codes[ticket.number] = ticket.survey_token
        return ticket.number

    def call_next(self, at: datetime, counter: str) -> str | None:
        """Call the next."""
        self._clock.move_to(at)
        call = self._desk.call_next(counter)
        return None if call is None else call.number

    def recall(self, at: datetime, number: str) -> None:
        """Call a called ticket again."""
        self._clock.move_to(at)
        self._desk.recall(number)

    def start(self, at: datetime, number: str) -> None:
        """Begin to serve."""
        self._clock.move_to(at)
        self._desk.start(number)

    def hold(self, at: datetime, number: str) -> None:
        """Put a service aside."""
        self._clock.move_to(at)
        self._desk.hold(number)

    def resume(self, at: datetime, number: str) -> None:
        """Go on with it at its counter."""
        self._clock.move_to(at)
        self._desk.resume(number)

    def transfer(self, at: datetime, number: str, service: str) -> None:
        """Send a ticket on."""
        self._clock.move_to(at)
        self._desk.transfer(number, service=service)

    def no_show(self, at: datetime, number: str) -> None:
        """Record that nobody came."""
        self._clock.move_to(at)
        self._desk.no_show(number)

    def cancel(self, at: datetime, number: str) -> None:
        """Record that a waiting visitor gave up."""
        self._clock.move_to(at)
        self._desk.cancel(number, why="gave up waiting")

    def finish(self, at: datetime, number: str) -> str | None:
        """End a service."""
        self._clock.move_to(at)
        ticket = self._desk.finish(number)
        if ticket.status is TicketStatus.WAITING:
            return ticket.service
        if self._leaves is not None:
            self._leaves(ticket, self._codes[number])
        return None

    def close_day(self, at: datetime) -> None:
        """Close the day."""
        self._clock.move_to(at)
        self.measures = self._desk.close_day(abandon=True)


class BareSteps:
    """The same steps on the rules and a folded day alone: no store, no events kept.

    Attributes:
        day: the folded day.
        forget: whether ended tickets are counted into `measures` and dropped, so that memory does not grow with them.
        measures: what was counted so far; complete after `close_day`.
    """

    def __init__(self, hall: Hall, zone: ZoneInfo, *, forget: bool = False) -> None:
        self.day = QueueDay(on=hall.opening.on)
        self.hall = hall
        self.forget = forget
        self.measures = Measures()
        self._zone = zone

    def _do(self, at: datetime, happening: Events) -> Events:
        day = self.day
        for event in happening:
            apply(day, event, at)
        return happening

    def open_counter(self, at: datetime, counter: str) -> None:
        """Open a counter."""
        self._do(at, rules.open_counter(self.day, self.hall, counter, at, officer=None, services=None))

    def pause_counter(self, at: datetime, counter: str) -> None:
        """Send a free counter into its break."""
        self._do(at, rules.pause_counter(self.day, self.hall, counter, at))

    def resume_counter(self, at: datetime, counter: str) -> None:
        """End a counter's break."""
        self._do(at, rules.resume_counter(self.day, self.hall, counter, at))

    def close_counter(self, at: datetime, counter: str) -> None:
        """Close a free counter."""
        self._do(at, rules.close_counter(self.day, self.hall, counter, at))

    def book(self, at: datetime, visit: Visit) -> str | None:
        """Book a visit's appointment; None where the hall is not open then, or admits nobody."""
        if visit.appointment_at is None:
            return None
        try:
            booked = arrivals.book(
                self.day, self.hall, visit.service, visit.appointment_at, at, priority=visit.priority
            )
        except InvalidValueError:
            return None
        return _number(self._do(at, booked), events.AppointmentBooked, "code")

    def arrive(self, at: datetime, visit: Visit, code: str | None) -> str | None:
        """Check in, or issue a ticket."""
        if code is not None:
            checked_in = self._do(at, arrivals.check_in(self.day, self.hall, code, at))
            if (number := _number(checked_in, events.TicketIssued, "number")) is not None:
                return number
        issued = arrivals.issue(self.day, self.hall, _services(visit), at, priority=visit.priority)
        return _number(self._do(at, issued), events.TicketIssued, "number")

    def call_next(self, at: datetime, counter: str) -> str | None:
        """Call the next."""
        called = rules.call_next(self.day, self.hall, counter, at)
        if not called:
            return None
        self._do(at, called)
        return self.day.calls[-1].number

    def recall(self, at: datetime, number: str) -> None:
        """Call a called ticket again."""
        self._do(at, rules.recall(self.day, self.hall, number, at))

    def start(self, at: datetime, number: str) -> None:
        """Begin to serve."""
        self._do(at, rules.start(self.day, self.hall, number, at))

    def hold(self, at: datetime, number: str) -> None:
        """Put a service aside."""
        self._do(at, rules.hold(self.day, self.hall, number, at))

    def resume(self, at: datetime, number: str) -> None:
        """Go on with it at its counter."""
        self._do(at, rules.resume(self.day, self.hall, number, at))

    def transfer(self, at: datetime, number: str, service: str) -> None:
        """Send a ticket on."""
        self._do(at, rules.transfer(self.day, self.hall, number, at, service=service))

    def no_show(self, at: datetime, number: str) -> None:
        """Record that nobody came."""
        self._end(at, number, rules.no_show)

    def cancel(self, at: datetime, number: str) -> None:
        """Record that a waiting visitor gave up."""
        self._end(at, number, rules.cancel)

    def finish(self, at: datetime, number: str) -> str | None:
        """End a service."""
        self._do(at, rules.finish(self.day, self.hall, number, at))
        ticket = self.day.tickets[number]
        if ticket.status is TicketStatus.WAITING:
            return ticket.service
        if self.forget:
            self._count(number)
        return None

    def close_day(self, at: datetime) -> None:
        """Close the day, and count what is not counted yet."""
        self._do(at, rules.close_day(self.day, self.hall, at, abandon=True))
        self.measures.merge(measure(self.day, at, self._zone))

    def _end(self, at: datetime, number: str, rule: Callable[[QueueDay, Hall, str, datetime], Events]) -> None:
        self._do(at, rule(self.day, self.hall, number, at))
        if self.forget:
            self._count(number)

    def _count(self, number: str) -> None:
        """Count an ended ticket and drop whatever the day keeps of it."""
        day = self.day
        ticket = day.tickets.pop(number)
        self.measures.visitors[ticket.status.value] += 1
        for leg in ticket.legs:
            self.measures.add_leg(ticket, leg, leg.entered_at.astimezone(self._zone).hour)
        self.measures.overtakings += sum(len(call.overtook) for call in day.calls)
        day.calls.clear()
        if ticket.counter is not None:
            day.last.pop(ticket.counter, None)


def _number(happened: Events, kind: type[events.QueueEvent], attribute: str) -> str | None:
    for event in happened:
        if isinstance(event, kind):
            return str(getattr(event, attribute))
    return None
