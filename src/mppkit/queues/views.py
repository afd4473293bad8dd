"""What a queue day shows: to the citizen, on the hall's board, at a counter. Reads a day, changes nothing."""

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heapreplace
from statistics import fmean, stdev

from attrs import frozen

from mppkit.errors import InvalidValueError
from mppkit.queues.day import QueueDay, line_at, line_key
from mppkit.queues.disciplines import Situation
from mppkit.queues.hall import Hall, find_ticket
from mppkit.queues.model import (
    Call,
    CounterAtWork,
    CounterStatus,
    Leg,
    LegOutcome,
    Overtaking,
    Ticket,
    TicketStatus,
)
from mppkit.queues.policies import Pace, WaitEstimate
from mppkit.queues.rules import choose, expected_seconds, said_seconds

_LAST_CALLS = 8


# --- the citizen's view --------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Position:
    """Where somebody stands (*posisi antrean*).

    Attributes:
        position: 1 for whoever is called next from this line; None once it is not waiting.
        people_ahead: how many will be called before by the counters that could call this ticket, as the rule stands.
        counters_open: how many counters could call it now.
        likely_at, earliest_at, latest_at: when it will be called, and a range that holds the share `confidence` of
            cases; None while nobody can honestly say (no counter open, or no service's length known).
        indonesian, english: the same as one sentence.
    """

    number: str
    service: str
    status: TicketStatus
    counter: str | None
    position: int | None
    people_ahead: int | None
    counters_open: int
    likely_at: datetime | None
    earliest_at: datetime | None
    latest_at: datetime | None
    confidence: float | None
    indonesian: str
    english: str


def position(day: QueueDay, hall: Hall, number: str, at: datetime) -> Position:
    """Return where a ticket stands.

    Raises:
        NotFoundError: no such number was issued on this day.
    """
    ticket = find_ticket(day, number)
    ahead: int | None = None
    estimate: WaitEstimate | None = None
    could_call = [c for c in day.counters.values() if c.status is CounterStatus.OPEN and _could_call(c, ticket)]
    if ticket.status is TicketStatus.WAITING:
        ahead, estimate = _forecast(day, hall, ticket, could_call, at)
    indonesian, english = _sentence(ticket, ahead, estimate, bool(could_call))
    return Position(
        number=number,
        service=ticket.service,
        status=ticket.status,
        counter=ticket.counter,
        position=None if ahead is None else ahead + 1,
        people_ahead=ahead,
        counters_open=len(could_call),
        likely_at=None if estimate is None else at + timedelta(seconds=estimate.likely),
        earliest_at=None if estimate is None else at + timedelta(seconds=estimate.low),
        latest_at=None if estimate is None else at + timedelta(seconds=estimate.high),
        confidence=None if estimate is None else estimate.confidence,
        indonesian=indonesian,
        english=english,
    )


def _could_call(counter: CounterAtWork, ticket: Ticket) -> bool:
    if ticket.for_counter is not None:
        return counter.id == ticket.for_counter
    return ticket.service in counter.services


def _forecast(
    day: QueueDay, hall: Hall, ticket: Ticket, could_call: list[CounterAtWork], at: datetime
) -> tuple[int, WaitEstimate | None]:
    """Let the counters go on as they are, each service taking its mean, until the ticket is called.

    Without an open counter, or without any known pace, only the place in the own line can be told.
    """
    paces = _paces(day, hall)
    if not could_call or paces is None:
        return day.lines[line_key(ticket)].index(ticket), None
    relevant = {counter.id for counter in could_call}
    lines = {key: list(line) for key, line in day.lines.items() if line}
    turns = _first_turns(day, paces, relevant)
    recent = {counter.id: counter.recent for counter in day.counters.values()}
    ahead = 0
    ended: list[Pace] = []  # the services whose end the ticket has to wait for
    while turns:
        after, counter_id, over = turns[0]
        if over is not None and counter_id in relevant:
            ended.append(over)
        line = line_at(day.counters[counter_id], lines)
        if not line:
            heappop(turns)
            continue
        choice, _ = choose(
            hall,
            line,
            Situation(
                now=at + timedelta(seconds=after),
                counter=counter_id,
                recent=recent[counter_id],
                expected_seconds=lambda service: expected_seconds(day, hall, service),
            ),
        )
        called = choice.ticket
        if called is ticket:
            return ahead, _estimate(hall, after, ended)
        lines[line_key(called)].remove(called)
        recent[counter_id] = (*recent[counter_id], called.priority is not None)[-32:]
        pace = paces(called.service)
        ahead += counter_id in relevant
        heapreplace(turns, (after + pace.mean, counter_id, pace))
    return ahead, None


def _first_turns(day: QueueDay, paces: "_Paces", relevant: set[str]) -> list[tuple[float, str, Pace | None]]:
    """Return when each open counter is free, as a heap: after how many seconds, which, and the pace of what ends there.

    Nobody knows how far a service has come, so the busy counters are taken to be free one after another, evenly spread,
    the longest busy first: as services of any length do on average when they began at any time.
    """
    counters = [counter for counter in day.counters.values() if counter.status is CounterStatus.OPEN]
    turns: list[tuple[float, str, Pace | None]] = [(0.0, c.id, None) for c in counters if c.ticket is None]
    for among in (True, False):
        busy = sorted((c for c in counters if c.ticket and (c.id in relevant) is among), key=lambda c: c.since)
        for order, counter in enumerate(busy, 1):
            pace = paces(day.tickets[counter.ticket or ""].service)
            turns.append((pace.mean * order / len(busy), counter.id, pace))
    heapify(turns)
    return turns


def _estimate(hall: Hall, likely: float, ended: list[Pace]) -> WaitEstimate | None:
    estimate = hall.policies.estimate(likely, tuple(ended))
    if estimate is not None and not isinstance(estimate, WaitEstimate):
        raise InvalidValueError("estimate", estimate, "answer with a WaitEstimate or None")
    return estimate


class _Paces:
    """The pace of each service, as well as it is known: today's, else the blueprint's, else the hall's today."""

    def __init__(self, day: QueueDay, hall: Hall, overall: Pace) -> None:
        self._day, self._hall, self._overall = day, hall, overall
        self._known: dict[str, Pace] = {}

    def __call__(self, service: str) -> Pace:
        found = self._known.get(service)
        if found is None:
            seen = _pace(seconds for _, seconds in self._day.paces.get(service, ()))
            said = said_seconds(self._hall, service)
            # what the blueprint expects counts as one look at a service whose times spread as widely as their mean
            found = seen or (self._overall if said is None else Pace(mean=said, deviation=said, n=1))
            self._known[service] = found
        return found


def _pace(durations: Iterable[float]) -> Pace | None:
    seconds = list(durations)
    if not seconds:
        return None
    mean = fmean(seconds)
    return Pace(mean=mean, deviation=stdev(seconds) if len(seconds) > 3 else mean, n=len(seconds))


def _paces(day: QueueDay, hall: Hall) -> _Paces | None:
    overall = _pace(seconds for paces in day.paces.values() for _, seconds in paces)
    if overall is None:
        said = [s.expected_minutes * 60 for s in hall.directory.services if s.expected_minutes is not None]
        if not said:
            return None
        overall = Pace(mean=fmean(said), deviation=fmean(said), n=1)
    return _Paces(day, hall, overall)


def _minutes(seconds: float) -> int:
    return round(seconds / 60)


def _sentence(ticket: Ticket, ahead: int | None, estimate: WaitEstimate | None, open_: bool) -> tuple[str, str]:
    number = ticket.number
    if ahead is None:
        indonesian, english = _STANDING[ticket.status]
        return indonesian.format(number, ticket.counter), english.format(number, ticket.counter)
    people = "1 person" if ahead == 1 else f"{ahead} people"
    indonesian, english = f"Nomor {number}: {ahead} orang di depan Anda", f"Ticket {number}: {people} before you"
    if estimate is not None:
        low, high = _minutes(estimate.low), _minutes(estimate.high)
        likely = _minutes(estimate.likely)
        indonesian += f", kira-kira {likely} menit lagi ({low} sampai {high} menit)"
        english += f", about {likely} minutes to go ({low} to {high} minutes)"
    elif not open_:
        indonesian += ", belum ada loket yang buka untuk layanan ini"
        english += ", no counter is open for this service yet"
    return indonesian + ".", english + "."


_STANDING = {
    TicketStatus.RESERVED: ("Nomor {0} belum dicetak.", "Ticket {0} is not printed yet."),
    TicketStatus.CALLED: ("Nomor {0}, silakan ke {1}.", "Ticket {0}, please come to {1}."),
    TicketStatus.SERVING: ("Nomor {0} sedang dilayani di {1}.", "Ticket {0} is being served at {1}."),
    TicketStatus.ON_HOLD: ("Nomor {0} ditunda sementara.", "Ticket {0} is put on hold."),
    TicketStatus.FINISHED: ("Nomor {0} sudah selesai dilayani.", "Ticket {0} has been served."),
    TicketStatus.NO_SHOW: (
        "Nomor {0} sudah dipanggil dan tidak hadir; silakan lapor ke petugas.",
        "Ticket {0} was called and nobody came; please see the staff.",
    ),
    TicketStatus.CANCELLED: ("Nomor {0} dibatalkan.", "Ticket {0} is cancelled."),
    TicketStatus.LAPSED: ("Nomor {0} tidak berlaku lagi.", "Ticket {0} has lapsed."),
    TicketStatus.UNSERVED: ("Nomor {0} belum terlayani saat tutup.", "Ticket {0} was not served before closing."),
    TicketStatus.INTERRUPTED: ("Layanan nomor {0} terhenti saat tutup.", "Serving {0} was interrupted by closing."),
}


# --- the hall's board ----------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class CounterRow:
    """A counter on the board: what is called or served there, and since when."""

    counter: str
    name: str
    status: CounterStatus
    ticket: str | None
    ticket_status: TicketStatus | None
    since: datetime


@frozen(kw_only=True)
class ServiceRow:
    """A service on the board: how many wait for it, and how long who has waited longest (seconds; None for nobody)."""

    service: str
    name: str
    waiting: int
    longest_wait: float | None


@frozen(kw_only=True)
class Board:
    """What the hall shows (*papan antrean*): numbers only, never a person.

    Attributes:
        last_calls: the newest calls first; at most eight. Their reasons may name a priority group such as a disability:
            show those to the staff, not on a public screen.
        services: those that somebody waits for or that a counter gives today, in the blueprint's order; those that
            were taken out of it come last, under their id.
    """

    at: datetime
    is_open: bool
    counters: tuple[CounterRow, ...]
    last_calls: tuple[Call, ...]
    services: tuple[ServiceRow, ...]
    waiting: int


def board(day: QueueDay, hall: Hall, at: datetime) -> Board:
    """Return what the hall shows at an instant."""
    counter_names = {counter.id: counter.name for counter in hall.directory.counters}
    places = {counter: place for place, counter in enumerate(counter_names)}
    counters = []
    for counter in day.counters.values():
        ticket = day.tickets[counter.ticket] if counter.ticket else None
        counters.append(
            CounterRow(
                counter=counter.id,
                name=counter_names.get(counter.id, counter.id),
                status=counter.status,
                ticket=counter.ticket,
                ticket_status=ticket.status if ticket else None,
                since=ticket.since if ticket else counter.since,
            )
        )
    by_service: dict[str, list[Ticket]] = {}
    for ticket in day.waiting():
        by_service.setdefault(ticket.service, []).append(ticket)
    given = {service for counter in day.counters.values() for service in counter.services}
    names = {service.id: service.name for service in hall.directory.services}
    services = []
    for service in dict.fromkeys((*names, *sorted(given), *sorted(by_service))):
        waiting = by_service.get(service, [])
        if waiting or service in given:
            since = min((ticket.since for ticket in waiting), default=None)
            services.append(
                ServiceRow(
                    service=service,
                    name=names.get(service, service),
                    waiting=len(waiting),
                    longest_wait=None if since is None else (at - since).total_seconds(),
                )
            )
    return Board(
        at=at,
        is_open=day.opened_at is not None and day.closed_at is None,
        counters=tuple(sorted(counters, key=lambda row: places.get(row.counter, len(places)))),
        last_calls=tuple(reversed(day.calls[-_LAST_CALLS:])),
        services=tuple(services),
        waiting=sum(len(waiting) for waiting in by_service.values()),
    )


# --- a counter's view ----------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class CounterView:
    """What an officer sees: my ticket, my line, those I put on hold, my day."""

    counter: CounterAtWork
    ticket: Ticket | None
    line: tuple[Ticket, ...]
    on_hold: tuple[Ticket, ...]
    legs: tuple[tuple[str, Leg], ...]
    served: int

    @property
    def mean_service_seconds(self) -> float | None:
        """The mean of the services finished here today, or None before the first."""
        finished = [leg.served for _, leg in self.legs if leg.outcome is LegOutcome.FINISHED]
        return fmean(finished) if finished else None


def counter_view(day: QueueDay, counter: CounterAtWork) -> CounterView:
    """Return what an officer at a counter sees; `legs` are those that ended here, with their ticket's number."""
    legs = [(ticket.number, leg) for ticket in day.tickets.values() for leg in ticket.legs if leg.counter == counter.id]
    return CounterView(
        counter=counter,
        ticket=day.tickets[counter.ticket] if counter.ticket else None,
        line=day.line_of(counter),
        on_hold=tuple(
            ticket
            for ticket in day.tickets.values()
            if ticket.status is TicketStatus.ON_HOLD and ticket.counter == counter.id
        ),
        legs=tuple(sorted(legs, key=lambda pair: pair[1].ended_at)),
        served=sum(leg.outcome is LegOutcome.FINISHED for _, leg in legs),
    )


# --- the fairness ledger -------------------------------------------------------------------------------------------


def overtakings(day: QueueDay) -> tuple[Overtaking, ...]:
    """Return every overtaking of a day: who, by which rule, and how long it cost the others."""
    found = []
    calls_of: Tally[str] = Tally()
    for call in day.calls:
        nth = calls_of[call.number]
        calls_of[call.number] += 1
        if call.overtook:
            # a leg holds one call at most, so the n-th call of a ticket is that of its n-th leg with one
            called = [leg for leg in day.tickets[call.number].legs if leg.called]
            cost = called[nth].walked + called[nth].served if nth < len(called) else None
            found += [
                Overtaking(
                    overtaker=call.number,
                    overtaken=overtaken,
                    counter=call.counter,
                    at=call.at,
                    rule=call.rule,
                    reason=call.reason,
                    cost_seconds=cost,
                )
                for overtaken in call.overtook
            ]
    return tuple(found)
