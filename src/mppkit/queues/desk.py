"""The queue desk: what a kiosk, a counter's screen or a portal calls.

Each command asks the rules, records what they answer, and returns frozen models. Every command takes a `request_id`:
repeated under the same one (a double click, a network retry) it records nothing and returns the same ticket or call;
used for another command it is an error.
`actor` is the id of who did it, never a name. A day opens by itself with its first ticket or counter.
A step with a ticket takes `at_counter`, the counter that believes to have it: where the ticket is at another one,
because a supervisor handed it on meanwhile, nothing happens and the error says where it is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from attrs import evolve

from mppkit.aggregates import Kind, Repository
from mppkit.calendars import Calendar
from mppkit.clock import Clock, as_utc
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, RefusedError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.queues import arrivals, events, rules, views
from mppkit.queues.day import QueueDay
from mppkit.queues.fold import apply
from mppkit.queues.hall import Events, Hall, check_is_at, counter_on_day, find_ticket
from mppkit.queues.measures import Measures, measure
from mppkit.queues.model import Appointment, Call, CounterAtWork, Overtaking, PriorityGroup, Ticket
from mppkit.queues.policies import QueuePolicies
from mppkit.storage.port import EventStore, LabelValue, Op, Where

T = TypeVar("T")
E = TypeVar("E", bound=events.QueueEvent)
_HALLS_KEPT = 32
_REFUSABLE = (events.TicketIssued, events.AppointmentBooked)


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
    summary: dict[str, object] = {
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
    `survey_token` makes what a new ticket carries under that name: from the local date, the service and the number.
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
        blueprint: str | None = None,
        survey_token: Callable[[date, str, str], str] | None = None,
    ) -> None:
        self._days: Repository[QueueDay, events.QueueEvent] = Repository(QUEUE_DAYS, store, mall)
        self._directory = directory
        self._calendar = calendar
        self._policies = policies
        self._clock = clock
        self._blueprint = blueprint
        self._survey_token = survey_token
        self._halls: dict[date, Hall] = {}

    # --- the day ---------------------------------------------------------------------------------------------------

    def open_day(self, *, request_id: str | None = None, actor: str | None = None) -> None:
        """Open today; nothing happens if it is open.

        Raises:
            TransitionError: it is closed already.
        """
        self._do(events.DayOpened, {}, rules.open_day, _nothing, request_id, actor, may_be_nothing=True)

    def close_day(self, *, abandon: bool = False, request_id: str | None = None, actor: str | None = None) -> Measures:
        """Close today and return what it amounts to; who still waits is recorded as unserved, not dropped.

        Raises:
            TransitionError: it is closed; or somebody is called or served, and `abandon` did not say to interrupt them.
        """
        on = self.today()
        self._do(
            events.DayClosed,
            {},
            lambda d, h, at: rules.close_day(d, h, at, abandon=abandon),
            _nothing,
            request_id,
            actor,
            on=on,
        )
        return self.measures(on)

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
        return self._at_counter(
            events.CounterOpened,
            counter,
            lambda d, h, at: rules.open_counter(d, h, counter, at, officer=officer, services=services),
            request_id,
            actor or officer,
        )

    def pause_counter(
        self, counter: str, *, why: str = "", request_id: str | None = None, actor: str | None = None
    ) -> CounterAtWork:
        """Stop calling at a counter for a while."""
        return self._at_counter(
            events.CounterPaused,
            counter,
            lambda d, h, at: rules.pause_counter(d, h, counter, at, why=why),
            request_id,
            actor,
        )

    def resume_counter(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> CounterAtWork:
        """Call again at a paused counter."""
        return self._at_counter(
            events.CounterResumed,
            counter,
            lambda d, h, at: rules.resume_counter(d, h, counter, at),
            request_id,
            actor,
        )

    def close_counter(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> CounterAtWork:
        """Close a counter; tickets sent to it alone go back to the line of their service."""
        return self._at_counter(
            events.CounterClosed,
            counter,
            lambda d, h, at: rules.close_counter(d, h, counter, at),
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
            events.TicketIssued,
            {"service": services[0], "reserved": reserved, "appointment": None},
            lambda d, h, at: arrivals.issue(d, h, services, at, priority=priority, subject=subject, reserved=reserved),
            lambda day, issued: self._printed(day, issued.number, issued.service),
            request_id,
            actor,
        )

    def confirm(self, number: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Confirm that a reserved ticket was printed."""
        return self._step(events.TicketConfirmed, arrivals.confirm, number, request_id, actor)

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
            RefusedError: the admission policy said no, such as for the quota.
        """
        when = as_utc(appointment_at, "appointment_at")
        return self._do(
            events.AppointmentBooked,
            {"service": service},
            lambda d, h, at: arrivals.book(d, h, service, when, at, priority=priority, subject=subject),
            lambda day, booked: day.appointments[booked.code],
            request_id,
            actor,
            on=when.astimezone(self._calendar.zone).date(),
        )

    def cancel_appointment(
        self, code: str, *, on: date | None = None, request_id: str | None = None, actor: str | None = None
    ) -> Appointment:
        """Cancel a booked visit of a day (today, if none is named)."""
        return self._do(
            events.AppointmentCancelled,
            {"code": code},
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
        return self._do(
            events.TicketIssued,
            {"appointment": code},
            lambda d, h, at: arrivals.check_in(d, h, code, at),
            lambda day, _: self._printed(day, arrivals.ticket_of(day, code), day.appointments[code].service),
            request_id,
            actor,
            may_be_nothing=True,
        )

    def _printed(self, day: QueueDay, number: str, service: str) -> Ticket:
        """Return a ticket as it stands, with the survey's code for the service it was issued for."""
        ticket = day.tickets[number]
        if self._survey_token is None or day.on is None:
            return ticket
        return evolve(ticket, survey_token=self._survey_token(day.on, service, number))

    # --- calling and serving ---------------------------------------------------------------------------------------

    def call_next(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> Call | None:
        """Call whom the discipline chooses, and say why; None if nobody waits for this counter."""
        return self._do(
            events.TicketCalled,
            {"counter": counter},
            lambda d, h, at: rules.call_next(d, h, counter, at),
            lambda day, called: None if called is None else _call(day, called, request_id),
            request_id,
            actor,
            may_be_nothing=True,
        )

    def call(
        self, counter: str, number: str, *, why: str, request_id: str | None = None, actor: str | None = None
    ) -> Call:
        """Call one ticket out of turn; the reason goes into the fairness ledger, so name no person in it."""
        return self._do(
            events.TicketCalled,
            {"counter": counter, "number": number},
            lambda d, h, at: rules.call_chosen(d, h, counter, number, at, why=why),
            lambda day, called: _call(day, called, request_id),
            request_id,
            actor,
        )

    def recall(
        self,
        number: str,
        *,
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Call a called ticket again: so often, and so long after the last call, as the limits say."""
        return self._step(events.TicketRecalled, rules.recall, number, request_id, actor, at_counter)

    def no_show(
        self,
        number: str,
        *,
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Record that nobody came to the call; `return_to_line` if they come later."""
        return self._step(events.TicketNoShow, rules.no_show, number, request_id, actor, at_counter)

    def start(
        self,
        number: str,
        *,
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Begin to serve a called ticket."""
        return self._step(events.ServiceStarted, rules.start, number, request_id, actor, at_counter)

    def hold(
        self,
        number: str,
        *,
        why: str = "",
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Put service aside, so that the counter can serve others meanwhile."""
        return self._step(
            events.TicketHeld,
            lambda d, h, n, at: rules.hold(d, h, n, at, why=why),
            number,
            request_id,
            actor,
            at_counter,
        )

    def resume(
        self, number: str, *, counter: str | None = None, request_id: str | None = None, actor: str | None = None
    ) -> Ticket:
        """Go on with a service that was put aside, at its counter or at another free one."""
        return self._step(
            events.TicketResumed,
            lambda d, h, n, at: rules.resume(d, h, n, at, counter_id=counter),
            number,
            request_id,
            actor,
        )

    def transfer(
        self,
        number: str,
        *,
        service: str | None = None,
        counter: str | None = None,
        why: str = "",
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Send a ticket on to a service, to one counter, or to a service at one counter."""
        return self._step(
            events.TicketTransferred,
            lambda d, h, n, at: rules.transfer(d, h, n, at, service=service, counter_id=counter, why=why),
            number,
            request_id,
            actor,
            at_counter,
        )

    def return_to_line(
        self,
        number: str,
        *,
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """Send a ticket back into the line of its service; also one that did not come when it was called."""
        return self._step(events.TicketReturned, rules.return_to_line, number, request_id, actor, at_counter)

    def cancel(self, number: str, *, why: str = "", request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Withdraw a ticket, or record that the visitor gave up."""
        return self._step(
            events.TicketCancelled, lambda d, h, n, at: rules.cancel(d, h, n, at, why=why), number, request_id, actor
        )

    def finish(
        self,
        number: str,
        *,
        given: Sequence[str] | None = None,
        at_counter: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Ticket:
        """End a service, with the services really `given` where they differ; the visit goes on with its next one."""
        return self._step(
            events.ServiceFinished,
            lambda d, h, n, at: rules.finish(d, h, n, at, given=given),
            number,
            request_id,
            actor,
            at_counter,
        )

    def undo(self, counter: str, *, request_id: str | None = None, actor: str | None = None) -> Ticket:
        """Take back the last step of a counter and return the ticket as it stands again."""
        return self._do(
            events.StepUndone,
            {"counter": counter},
            lambda d, h, at: rules.undo(d, h, counter, at),
            lambda day, undone: day.tickets[undone.number],
            request_id,
            actor,
        )

    # --- looking ---------------------------------------------------------------------------------------------------

    def ticket(self, number: str, *, on: date | None = None) -> Ticket:
        """Return a ticket of a day as it stands."""
        return self._look(lambda day, _: find_ticket(day, number), on)

    def tickets(self, *, on: date | None = None) -> tuple[Ticket, ...]:
        """Return all tickets of a day in the order of issue."""
        return self._look(lambda day, _: tuple(day.tickets.values()), on)

    def appointments(self, *, on: date | None = None) -> tuple[Appointment, ...]:
        """Return all appointments of a day in the order of booking."""
        return self._look(lambda day, _: tuple(day.appointments.values()), on)

    def position(self, number: str) -> views.Position:
        """Return what the citizen wants to know: how many are ahead, and when it will be called."""
        return self._look(lambda day, hall: views.position(day, hall, number, self._seen_at(day, None)), None)

    def board(self, *, on: date | None = None, at: datetime | None = None) -> views.Board:
        """Return what the hall shows; of a past day, as it stood at its last event; or as it stood at an instant."""
        if at is None:
            return self._look(lambda day, hall: views.board(day, hall, self._seen_at(day, on)), on)
        then, on = as_utc(at), on or self.today()
        hall = self._hall(on)
        return self._days.view_at(on.isoformat(), then, lambda day: views.board(day, hall, then))

    def counter(self, counter: str) -> views.CounterView:
        """Return what an officer at a counter sees.

        Raises:
            TransitionError: the counter was not opened today.
        """
        return self._look(lambda day, hall: views.counter_view(day, counter_on_day(day, hall, counter, "look")), None)

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
        """Return the instant from which a day is looked at: now, or the end of what is known of a day that is over."""
        if day.closed_at is not None:
            return day.closed_at
        now = self._clock.now()
        if day.touched_at is None:
            return now
        if on is None or on >= self.today():
            return max(now, day.touched_at)  # a clock that ran back must not make waits negative
        return day.touched_at

    def _hall(self, on: date) -> Hall:
        hall = self._halls.get(on)
        if hall is None:
            opening = self._calendar.opening(on)
            hall = Hall(directory=self._directory, opening=opening, policies=self._policies, blueprint=self._blueprint)
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
        kind: type[E],
        about: Mapping[str, object],
        rule: Callable[[QueueDay, Hall, datetime], Events],
        result: Callable[[QueueDay, Any], T],
        request_id: str | None,
        actor: str | None,
        on: date | None = None,
        may_be_nothing: bool = False,
    ) -> T:
        """Record what a rule answers, and return what `result` makes of the day and of the event of this `kind`.

        `about` is what that event must hold, so that a request_id of another command is found out. Where nothing may
        have happened, such as in a second check-in, `result` is given None for it.
        """
        now = self._clock.now()
        on = on or now.astimezone(self._calendar.zone).date()
        hall = self._hall(on)

        def decide(day: QueueDay, at: datetime) -> Events:
            return (*arrivals.lapses(day, hall, at), *rule(day, hall, at))

        return self._days.execute(
            on.isoformat(),
            decide,
            lambda day, happened: result(day, _caused(happened, kind, about, request_id, may_be_nothing)),
            at=now,
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def _at_counter(
        self,
        kind: type[E],
        counter: str,
        rule: Callable[[QueueDay, Hall, datetime], Events],
        request_id: str | None,
        actor: str | None,
    ) -> CounterAtWork:
        return self._do(kind, {"counter": counter}, rule, lambda day, _: day.counters[counter], request_id, actor)

    def _step(
        self,
        kind: type[E],
        rule: Callable[[QueueDay, Hall, str, datetime], Events],
        number: str,
        request_id: str | None,
        actor: str | None,
        at_counter: str | None = None,
    ) -> Ticket:
        def step(day: QueueDay, hall: Hall, at: datetime) -> Events:
            happening = rule(day, hall, number, at)
            if at_counter is not None:
                check_is_at(day, hall, number, at_counter)
            return happening

        return self._do(
            kind,
            {"number": number},
            step,
            lambda day, _: day.tickets[number],
            request_id,
            actor,
        )


def _nothing(day: QueueDay, happened: object) -> None:
    return None


def _caused(
    happened: Sequence[events.QueueEvent],
    kind: type[E],
    about: Mapping[str, object],
    request_id: str | None,
    may_be_nothing: bool,
) -> E | None:
    """Return the event that a command caused; None where it caused none and may.

    Raises:
        RefusedError: it was refused.
        InvalidValueError: its request_id was used for another command.
    """
    for event in happened:
        if type(event) is kind and _is_about(event, about):
            return event
        if type(event) is events.AdmissionRefused and kind in _REFUSABLE and _is_about(event, about):
            raise RefusedError(arrivals.refused(event))
    if may_be_nothing and all(type(event) is events.ReservationsLapsed for event in happened):
        return None
    raise InvalidValueError("request_id", request_id, "it was used for another command; give every request its own")


def _is_about(event: events.QueueEvent, about: Mapping[str, object]) -> bool:
    return all(getattr(event, name, wanted) == wanted for name, wanted in about.items())


def _call(day: QueueDay, called: events.TicketCalled, request_id: str | None) -> Call:
    """Return the call that an event recorded.

    Raises:
        InvalidValueError: it was undone since, so that this request has no call any more.
    """
    for call in reversed(day.calls):
        if (call.number, call.counter) == (called.number, called.counter):
            return call
    raise InvalidValueError("request_id", request_id, "the call it made was undone since; give a new one")
