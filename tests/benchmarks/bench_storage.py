"""The stores: G3 (SQLite) and G4 (memory) against `eventsourcing`, G6 (eight writer processes on one file)."""

import multiprocessing
import statistics
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import ClassVar
from uuid import uuid4

from attrs import define, frozen
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from rounds import Measured, Row, alternate, rate

from mppkit.aggregates import Kind, Repository
from mppkit.clock import SystemClock
from mppkit.storage import Append, EventStore, MemoryStore, NewEvent, SqliteStore
from mppkit.storage import sqlite as sqlite_module

# --- one small aggregate, in both houses -----------------------------------------------------------------------------


class PeerTicket(Aggregate):
    """A ticket of four events, as the peer's tutorial writes an aggregate."""

    @event("Issued")
    def __init__(self, number: str, service: str) -> None:
        self.number = number
        self.service = service
        self.status = "waiting"
        self.counter = ""

    @event("Called")
    def call(self, counter: str) -> None:
        """Call it."""
        self.counter = counter
        self.status = "called"

    @event("Started")
    def start(self) -> None:
        """Begin to serve."""
        self.status = "serving"

    @event("Finished")
    def finish(self, outcome: str) -> None:
        """End the service."""
        self.status = outcome


class TicketEvent:
    """The root of our ticket's events."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class Issued(TicketEvent):
    """The ticket was issued."""

    event_name = "ticket.issued"
    number: str
    service: str


@frozen(kw_only=True)
class Called(TicketEvent):
    """The ticket was called."""

    event_name = "ticket.called"
    counter: str


@frozen(kw_only=True)
class Started(TicketEvent):
    """Service began."""

    event_name = "ticket.started"


@frozen(kw_only=True)
class Finished(TicketEvent):
    """Service ended."""

    event_name = "ticket.finished"
    outcome: str


@define
class Ticket:
    """Our ticket as folded."""

    number: str = ""
    service: str = ""
    status: str = ""
    counter: str = ""


def _apply(ticket: Ticket, happened: TicketEvent, at: datetime) -> None:
    match happened:
        case Issued():
            ticket.number = happened.number
            ticket.service = happened.service
            ticket.status = "waiting"
        case Called():
            ticket.counter = happened.counter
            ticket.status = "called"
        case Started():
            ticket.status = "serving"
        case Finished():
            ticket.status = happened.outcome


# no labels and no summary: the peer keeps none
TICKETS: Kind[Ticket, TicketEvent] = Kind(
    category="ticket",
    events=(Issued, Called, Started, Finished),
    start=lambda key: Ticket(),
    apply=_apply,
    head=lambda ticket, happening, at: ({}, None),
)
_STARTED, _CALLED, _FINISHED = Started(), Called(counter="loket-1"), Finished(outcome="finished")


def save_ours(store: EventStore, tickets: int) -> list[str]:
    """Save tickets, each event by itself; return their keys."""
    repository = Repository(TICKETS, store, "badung")
    now = SystemClock().now
    keys = []
    for number in range(tickets):
        key = uuid4().hex
        for happened in (Issued(number=f"A-{number}", service="nib"), _CALLED, _STARTED, _FINISHED):
            repository.execute(key, lambda ticket, at, one=happened: (one,), lambda ticket, events: None, at=now())
        keys.append(key)
    return keys


def save_peers(application: Application, tickets: int) -> list[object]:
    """Save tickets, each event by itself; return their ids."""
    ids = []
    for number in range(tickets):
        ticket = PeerTicket(number=f"A-{number}", service="nib")
        application.save(ticket)
        ticket.call(counter="loket-1")
        application.save(ticket)
        ticket.start()
        application.save(ticket)
        ticket.finish(outcome="finished")
        application.save(ticket)
        ids.append(ticket.id)
    return ids


def _timed(count: int, work: Callable[[], object]) -> Measured:
    began = perf_counter()
    work()
    return count, perf_counter() - began


def _peer_on(path: Path) -> Application:
    """Return the peer on a SQLite file, having made sure that it promises what we promise."""
    application = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})
    with application.recorder.datastore.transaction(commit=False) as cursor:
        promise = []
        for name in ("journal_mode", "synchronous"):
            cursor.execute(f"PRAGMA {name}")
            promise.append(cursor.fetchone()[0])
    if promise != ["wal", 2]:
        raise AssertionError(f"the peer's file is {promise}, not WAL with synchronous=FULL")
    return application


def g3(quick: bool) -> list[Row]:
    """Measure saving one event at a time, and loading, against `eventsourcing` on SQLite under the same promise."""
    rounds, tickets = (3, 50) if quick else (11, 150)
    with TemporaryDirectory() as folder, SqliteStore(Path(folder, "ours.db")) as store:
        application = _peer_on(Path(folder, "peer.db"))
        keys, ids = [], []

        def save_ours() -> Measured:
            return _timed(4 * tickets, lambda: keys.extend(save_ours(store, tickets)))

        def save_peers() -> Measured:
            return _timed(4 * tickets, lambda: ids.extend(save_peers(application, tickets)))

        def load_ours() -> Measured:
            repository = Repository(TICKETS, store, "badung")
            return _timed(4 * len(keys), lambda: [_check(repository.view(key, _standing)) for key in keys])

        def load_peers() -> Measured:
            get = application.repository.get
            return _timed(4 * len(ids), lambda: [_check(_standing(get(id_))) for id_ in ids])

        saved = alternate(rounds, {"ours": save_ours, "peer": save_peers})
        loaded = alternate(rounds, {"ours": load_ours, "peer": load_peers})
        application.close()
    return [
        Row(
            goal="G3",
            what=what,
            ours=f"{rate(rates['ours'])}",
            peer=f"eventsourcing {rate(rates['peer'])}",
            ratio=rates["ours"] / rates["peer"],
            wanted=wanted,
        )
        for what, rates, wanted in (
            ("save an event, SQLite, synchronous=full", saved, 1.4),
            ("load events of four-event streams, SQLite", loaded, 3.0),
        )
    ]


def _standing(ticket: Ticket | PeerTicket) -> tuple[str, str]:
    return ticket.status, ticket.counter


def _check(standing: tuple[str, str]) -> None:
    if standing != ("finished", "loket-1"):
        raise AssertionError(f"loaded as {standing}")


def g4(quick: bool) -> list[Row]:
    """Measure saving one event at a time in memory against the peer's own memory store."""
    rounds, tickets = (5, 200) if quick else (15, 1000)

    def ours() -> Measured:
        store = MemoryStore()
        return _timed(4 * tickets, lambda: save_ours(store, tickets))

    def peer() -> Measured:
        application = Application()
        return _timed(4 * tickets, lambda: save_peers(application, tickets))

    rates = alternate(rounds, {"ours": ours, "peer": peer})
    return [
        Row(
            goal="G4",
            what="save an event, memory",
            ours=rate(rates["ours"]),
            peer=f"eventsourcing POPO {rate(rates['peer'])}",
            ratio=rates["ours"] / rates["peer"],
            wanted=5.0,
        )
    ]


# --- G6: eight processes at one file ---------------------------------------------------------------------------------

_WRITERS = 8


def _write(path: Path, name: str, locked: bool, seconds: float, ready: object, answers: object) -> None:
    """Append to a stream of one's own for a while; answer with the seconds that each append took."""
    if not locked:
        sqlite_module.fcntl = None  # what the store does where there is no file lock: SQLite's busy handler alone
    store = SqliteStore(path)
    body = NewEvent(name="queue.ticket_called", version=1, data='{"number":"A-0123","counter":"loket-07"}')
    now = SystemClock().now
    waits: list[float] = []
    ready.wait()
    until = perf_counter() + seconds
    while (began := perf_counter()) < until:
        store.append(
            Append(stream=f"badung/queue/{name}", expected_version=len(waits), events=(body,), actor=name, at=now())
        )
        waits.append(perf_counter() - began)
    store.close()
    answers.put(waits)


def _race(locked: bool, seconds: float) -> Sequence[Sequence[float]]:
    """Let eight processes write at once; return each one's waits."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "race.db")
        SqliteStore(path).close()
        ready, answers = multiprocessing.Barrier(_WRITERS), multiprocessing.Queue()
        writers = [
            multiprocessing.Process(target=_write, args=(path, f"petugas-{n}", locked, seconds, ready, answers))
            for n in range(_WRITERS)
        ]
        for writer in writers:
            writer.start()
        found = [answers.get() for _ in writers]
        for writer in writers:
            writer.join()
    return found


def g6(quick: bool) -> list[Row]:
    """Measure how fairly eight processes share one file, and how long anyone waits; the peer is the busy handler."""
    rounds, seconds = (1, 1.0) if quick else (3, 2.5)
    races: dict[bool, list[Sequence[Sequence[float]]]] = {True: [], False: []}
    for _ in range(rounds):
        for locked in races:
            races[locked].append(_race(locked, seconds))
    fair = {
        locked: statistics.median(min(map(len, race)) / max(map(len, race)) for race in found)
        for locked, found in races.items()
    }
    worst = {
        locked: max(max(waits, default=seconds) for race in found for waits in race) for locked, found in races.items()
    }
    speed = {
        locked: statistics.median(sum(map(len, race)) / seconds for race in found) for locked, found in races.items()
    }
    return [
        Row(
            goal="G6",
            what="8 writer processes: fairness (least / most commits)",
            ours=f"{fair[True]:.2f}",
            peer=f"busy handler {fair[False]:.2f}",
            ratio=fair[True],
            wanted=0.9,
        ),
        Row(
            goal="G6",
            what="8 writer processes: worst wait, in 100 ms",
            ours=f"{worst[True] * 1000:,.0f} ms",
            peer=f"busy handler {worst[False] * 1000:,.0f} ms",
            ratio=worst[True] / 0.1,
            wanted=1.0,
            at_most=True,
        ),
        Row(
            goal="G6",
            what="8 writer processes: commits of all",
            ours=rate(speed[True]),
            peer=f"busy handler {rate(speed[False])}",
            ratio=speed[True] / speed[False],
        ),
    ]


GOALS = {"G3": g3, "G4": g4, "G6": g6}
