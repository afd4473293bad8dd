"""The queue desk: what a kiosk, a counter's screen or a portal calls.

Each command asks the rules, records what they answer, and returns frozen models. Every command takes a `request_id`:
repeated under the same one (a double click, a network retry) it records nothing and returns the same ticket or call.
`actor` is the id of who did it, never a name. A day opens by itself with its first ticket or counter.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from mppkit.aggregates import Kind, Repository
from mppkit.calendars import Calendar
from mppkit.clock import Clock, as_utc
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, RefusedError
from mppkit.queues import arrivals, events, rules, views
from mppkit.queues.day import QueueDay
from mppkit.queues.fold import apply
from mppkit.queues.measures import Measures, measure
from mppkit.queues.model import Appointment, Call, CounterAtWork, Overtaking, PriorityGroup, Ticket
from mppkit.queues.policies import QueuePolicies
from mppkit.queues.rules import Events, Hall
from mppkit.storage.port import EventStore, LabelValue, Op, Where

T = TypeVar("T")
E = TypeVar("E", bound=events.QueueEvent)
_HALLS_KEPT = 32


def _start(key: str) -> QueueDay:
    return QueueDay(on=date.fromisoformat(key))


def _head(
    day: QueueDay, happening: Sequence[events.QueueEvent], at: datetime
) -> tuple[dict[str, LabelValue | None], dict[str, object]]:
    """Return by what a day is found, and what a list of days shows."""
    tickets, opened_at, closed_at = day.order, day.opened_at, day.closed_at
    for event in happening:
        if isinstance(event, events.TicketIssued):
            tickets += 1
        elif isinstance(event, events.DayOpened):
            opened_at = at
        elif isinstance(event, events.DayClosed):
            closed_at = at
    status = "closed" if closed_at else "open" if opened_at else "ahead"
    summary = {
        "tickets": tickets,
        "opened_at": opened_at.isoformat() if opened_at else None,
        "closed_at": closed_at.isoformat() if closed_at else None,
    }
    return {"on": day.on.isoformat() if day.on else None, "status": status}, summary


QUEUE_DAYS: Kind[QueueDay, events.QueueEvent] = Kind(
    category="queue", events=events.EVENTS, start=_start, apply=apply, head=_head
)
"""How the streams of queue days fold: one for each hall and local date."""


class QueueDesk:
    """All that can be done with the queue of one hall; may be used from any thread.

    Commands act on today, by the clock that was handed in and the mall's zone; what only looks can look at any day.
    Whatever a command needs that is not there raises NotFoundError; a step that is not possible from where things
    stand raises TransitionError, which says what is.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        directory: Directory,
        calendar: Calendar,
        policies: QueuePolicies,
        clock: Clock,
    ) -> None:
        self._days: Repository[QueueDay, events.QueueEvent] = Repository(QUEUE_DAYS, store, mall)
        self._directory = directory
        self._calendar = calendar
        self._policies = policies
        self._clock = clock
        self._halls: dict[date, Hall] = {}

    # --- the day ---------------------------------------------------------------------------------------------------

    def open_day(self, *, request_id: str | None = None, actor: str | None = None) -> None:
        """Open today; nothing happens if it is open.

        Raises:
            TransitionError: it is closed already.
        """
        self._do(rules.open_day, _nothing, request_id, actor)

    def close_day(self, *, abandon: bool = False, request_id: str | None = None, actor: str | None = None) -> Measures:
        """Close today and return what it amounts to; who still waits is recorded as unserved, not dropped.

        Raises:
            TransitionError: it is closed; or somebody is called or served, and `abandon` did not say to interrupt them.
        """
        self._do(lambda d, h, at: rules.close_day(d, h, at, abandon=abandon), _nothing, request_id, actor)
        return self.measures()

    # --- counters --------------------------------------------------------------------------------------------------

    def open_counter(
        self,
        counter: str,
        *,
        officer: str | None = None,
        services: Sequence[str] | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> CounterAtWork:
        """Open a counter with the officer's id, for the blueprint's services or some of its own."""
        return self._do(
            lambda d, h, at: rules.open_counter(d, h, counter, at, officer=officer, services=services),
            lambda day, _: day.counters[counter],
            request_id,
            actor or officer,
        )

    def pause_counter(
        self, counter: str, *, why: str = "", request_id: str | None = None, actor: str | None = None
    ) -> CounterAtWork:
        """Stop calling at a counter for a while."""
        return self._do(
            lambda d, h, at: rules.pause_counter(d, h, counter, at, why=why),
            lambda day, _: day.counters[counter],
            request_id,
            actor,
        )

    def resume_counter(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> CounterAtWork:
        """Call again at a paused counter."""
        return self._do(
            lambda d, h, at: rules.resume_counter(d, h, counter, at),
            lambda day, _: day.counters[counter],
            request_id,
            actor,
        )

    def close_counter(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> CounterAtWork:
        """Close a counter; tickets sent to it alone go back to the line of their service."""
        return self._do(
            lambda d, h, at: rules.close_counter(d, h, counter, at),
            lambda day, _: day.counters[counter],
            request_id,
            actor,
        )

    # --- coming in -------------------------------------------------------------------------------------------------

    def issue(
        self,
        service: str,
        *more: str,
        priority: PriorityGroup | str | None = None,
        subject: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Issue a walk-in ticket for a service, and `more` services of the same visit after it.

        `subject` is the person's id in your own records (never a NIK, phone number or name), by which one person is
        kept from holding two tickets for a service.

        Raises:
            RefusedError: the admission policy said no; the decision tells why in Indonesian and English.
        """
        return self._issue((service, *more), priority, subject, False, request_id, actor)

    def reserve(
        self,
        service: str,
        *more: str,
        priority: PriorityGroup | str | None = None,
        subject: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Reserve a ticket that counts once `confirm` says it was printed; if not in time, it lapses.

        Raises:
            RefusedError: the admission policy said no.
        """
        return self._issue((service, *more), priority, subject, True, request_id, actor)

    def _issue(
        self,
        services: tuple[str, ...],
        priority: PriorityGroup | str | None,
        subject: str | None,
        reserved: bool,
        request_id: str | None,
        actor: str | None,
    ) -> Ticket:
        return self._do(
            lambda d, h, at: arrivals.issue(d, h, services, at, priority=priority, subject=subject, reserved=reserved),
            lambda day, happened: day.tickets[_issued(happened, request_id).number],
            request_id,
            actor,
        )

    def confirm(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Confirm that a reserved ticket was printed."""
        return self._step(arrivals.confirm, number, request_id, actor)

    def book(
        self,
        service: str,
        appointment_at: datetime,
        *,
        priority: PriorityGroup | str | None = None,
        subject: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Appointment:
        """Book a visit (*janji temu*) for an instant of today or a later day; `code` is what the citizen keeps.

        Raises:
            InvalidValueError: the instant is naive or past, or the hall is not open then.
        """
        when = as_utc(appointment_at, "appointment_at")

        def booked(day: QueueDay, happened: Sequence[events.QueueEvent]) -> Appointment:
            return day.appointments[_the(events.AppointmentBooked, happened, request_id).code]

        return self._do(
            lambda d, h, at: arrivals.book(d, h, service, when, at, priority=priority, subject=subject),
            booked,
            request_id,
            actor,
            on=when.astimezone(self._calendar.zone).date(),
        )

    def cancel_appointment(
        self, code: str, *, on: date | None = None, request_id: str | None = None, actor: str | None = None
    ) -> Appointment:
        """Cancel a booked visit of a day (today, if none is named)."""
        return self._do(
            lambda d, h, at: arrivals.cancel_appointment(d, h, code, at),
            lambda day, _: day.appointments[code],
            request_id,
            actor,
            on=on,
        )

    def check_in(self, code: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Issue the ticket of today's appointment; safe to repeat.

        Raises:
            RefusedError: it is too early or too late for it.
        """

        def checked_in(day: QueueDay, happened: Sequence[events.QueueEvent]) -> Ticket:
            _raise_refusal(happened)
            return day.tickets[arrivals.ticket_of(day, code)]

        return self._do(lambda d, h, at: arrivals.check_in(d, h, code, at), checked_in, request_id, actor)

    # --- calling and serving ---------------------------------------------------------------------------------------

    def call_next(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> Call | None:
        """Call whom the discipline chooses, and say why; None if nobody waits for this counter."""

        def called(day: QueueDay, happened: Sequence[events.QueueEvent]) -> Call | None:
            if all(isinstance(event, events.ReservationsLapsed) for event in happened):
                return None
            return _call_of(day, happened, request_id)

        return self._do(lambda d, h, at: rules.call_next(d, h, counter, at), called, request_id, actor)

    def call(
        self, counter: str, number: str, *, why: str, request_id: str | None = None, actor: str | None = None
    ) -> Call:
        """Call one ticket out of turn; the reason goes into the fairness ledger, so name no person in it."""
        return self._do(
            lambda d, h, at: rules.call_chosen(d, h, counter, number, at, why=why),
            lambda day, happened: _call_of(day, happened, request_id),
            request_id,
            actor,
        )

    def recall(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Call a called ticket again: so often, and so long after the last call, as the limits say."""
        return self._step(rules.recall, number, request_id, actor)

    def no_show(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Record that nobody came to the call; `return_to_line` if they come later."""
        return self._step(rules.no_show, number, request_id, actor)

    def start(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Begin to serve a called ticket."""
        return self._step(rules.start, number, request_id, actor)

    def hold(self, number: str, *, why: str = "", request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Put service aside, so that the counter can serve others meanwhile."""
        return self._step(lambda d, h, n, at: rules.hold(d, h, n, at, why=why), number, request_id, actor)

    def resume(
        self, number: str, *, counter: str | None = None, request_id: str | None = None, actor: str | None = None
    ) -> Ticket:
        """Go on with a service that was put aside, at its counter or at another free one."""
        return self._step(lambda d, h, n, at: rules.resume(d, h, n, at, counter_id=counter), number, request_id, actor)

    def transfer(
        self,
        number: str,
        *,
        service: str | None = None,
        counter: str | None = None,
        why: str = "",
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Send a ticket on to a service, to one counter, or to a service at one counter."""
        return self._step(
            lambda d, h, n, at: rules.transfer(d, h, n, at, service=service, counter_id=counter, why=why),
            number,
            request_id,
            actor,
        )

    def return_to_line(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Send a ticket back into the line of its service; also one that did not come when it was called."""
        return self._step(rules.return_to_line, number, request_id, actor)

    def cancel(self, number: str, *, why: str = "", request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Withdraw a ticket, or record that the visitor gave up."""
        return self._step(lambda d, h, n, at: rules.cancel(d, h, n, at, why=why), number, request_id, actor)

    def finish(
        self,
        number: str,
        *,
        given: Sequence[str] | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """End a service, with the services really `given` where they differ; the visit goes on with its next one."""
        return self._step(lambda d, h, n, at: rules.finish(d, h, n, at, given=given), number, request_id, actor)

    def undo(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Take back the last step of a counter and return the ticket as it stands again."""

        def undone(day: QueueDay, happened: Sequence[events.QueueEvent]) -> Ticket:
            return day.tickets[_the(events.StepUndone, happened, request_id).number]

        return self._do(lambda d, h, at: rules.undo(d, h, counter, at), undone, request_id, actor)

    # --- looking ---------------------------------------------------------------------------------------------------

    def ticket(self, number: str, *, on: date | None = None) -> Ticket:
        """Return a ticket of a day as it stands."""
        return self._look(lambda day, _: rules.find_ticket(day, number), on)

    def tickets(self, *, on: date | None = None) -> tuple[Ticket, ...]:
        """Return all tickets of a day in the order of issue."""
        return self._look(lambda day, _: tuple(day.tickets.values()), on)

    def appointments(self, *, on: date | None = None) -> tuple[Appointment, ...]:
        """Return all appointments of a day in the order of booking."""
        return self._look(lambda day, _: tuple(day.appointments.values()), on)

    def position(self, number: str) -> views.Position:
        """Return what the citizen wants to know: how many are ahead, and when it will be called."""
        now = self._clock.now()
        return self._look(lambda day, hall: views.position(day, hall, number, now), None)

    def board(self, *, on: date | None = None) -> views.Board:
        """Return what the hall shows; of a past day, as it stood at its last event."""
        return self._look(lambda day, hall: views.board(day, hall, self._seen_at(day, on)), on)

    def counter(self, counter: str) -> views.CounterView:
        """Return what an officer at a counter sees.

        Raises:
            TransitionError: the counter was not opened today.
        """
        return self._look(
            lambda day, hall: views.counter_view(day, rules.counter_on_day(day, hall, counter, "look")), None
        )

    def calls(self, *, on: date | None = None) -> tuple[Call, ...]:
        """Return every call of a day and why it was this one, undone ones left out."""
        return self._look(lambda day, _: tuple(day.calls), on)

    def overtakings(self, on: date | None = None) -> tuple[Overtaking, ...]:
        """Return every overtaking of a day: who, whom, by which rule, and how long it cost."""
        return self._look(lambda day, _: views.overtakings(day), on)

    def measures(self, on: date | None = None) -> Measures:
        """Return what a day amounts to, recounted from its events; today as seen now, a past day as it ended."""
        zone = self._calendar.zone
        return self._look(lambda day, _: measure(day, self._seen_at(day, on), zone), on)

    def days(self, first_on: date | None = None, last_on: date | None = None) -> tuple[date, ...]:
        """Return the dates that have a queue day, in order, without folding any."""
        where = []
        if first_on is not None:
            where.append(Where(label="on", op=Op.GE, value=first_on.isoformat()))
        if last_on is not None:
            where.append(Where(label="on", op=Op.LE, value=last_on.isoformat()))
        return tuple(date.fromisoformat(head.stream[-10:]) for head in self._days.find(*where, order_by="on"))

    # --- how ---------------------------------------------------------------------------------------------------------

    def today(self) -> date:
        """Return the mall's local date by its clock."""
        return self._clock.now().astimezone(self._calendar.zone).date()

    def _seen_at(self, day: QueueDay, on: date | None) -> datetime:
        if day.closed_at is not None:
            return day.closed_at
        now = self._clock.now()
        if on is None or on >= self.today() or day.touched_at is None:
            return now
        return day.touched_at

    def _hall(self, on: date) -> Hall:
        hall = self._halls.get(on)
        if hall is None:
            hall = Hall(directory=self._directory, opening=self._calendar.opening(on), policies=self._policies)
            if len(self._halls) >= _HALLS_KEPT:
                self._halls.clear()
            self._halls[on] = hall
        return hall

    def _look(self, look: Callable[[QueueDay, Hall], T], on: date | None) -> T:
        on = on or self.today()
        hall = self._hall(on)
        return self._days.view(on.isoformat(), lambda day: look(day, hall))

    def _do(
        self,
        rule: Callable[[QueueDay, Hall, datetime], Events],
        result: Callable[[QueueDay, Sequence[events.QueueEvent]], T],
        request_id: str | None,
        actor: str | None,
        on: date | None = None,
    ) -> T:
        now = self._clock.now()
        on = on or now.astimezone(self._calendar.zone).date()
        hall = self._hall(on)

        def decide(day: QueueDay, at: datetime) -> Events:
            return (*arrivals.lapses(day, hall, at), *rule(day, hall, at))

        return self._days.execute(on.isoformat(), decide, result, at=now, request_id=request_id, actor=actor)

    def _step(
        self,
        rule: Callable[[QueueDay, Hall, str, datetime], Events],
        number: str,
        request_id: str | None,
        actor: str | None,
    ) -> Ticket:
        return self._do(lambda d, h, at: rule(d, h, number, at), lambda day, _: day.tickets[number], request_id, actor)


def _nothing(day: QueueDay, happened: Sequence[events.QueueEvent]) -> None:
    return None


def _the(kind: type[E], happened: Sequence[events.QueueEvent], request_id: str | None) -> E:
    """Return the event that the command was to cause; a request_id of another command has none."""
    for event in happened:
        if isinstance(event, kind):
            return event
    raise InvalidValueError("request_id", request_id, "it was used for another command; give every request its own")


def _raise_refusal(happened: Sequence[events.QueueEvent]) -> None:
    for event in happened:
        if isinstance(event, events.AdmissionRefused):
            raise RefusedError(arrivals.refused(event))


def _issued(happened: Sequence[events.QueueEvent], request_id: str | None) -> events.TicketIssued:
    _raise_refusal(happened)
    return _the(events.TicketIssued, happened, request_id)


def _call_of(day: QueueDay, happened: Sequence[events.QueueEvent], request_id: str | None) -> Call:
    number = _the(events.TicketCalled, happened, request_id).number
    for call in reversed(day.calls):
        if call.number == number:
            return call
    raise InvalidValueError("request_id", request_id, "the call it made was undone since; give a new one")
