"""The halls that the benchmarks work in: a busy morning of 20 counters, and one service at a few counters."""

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from mppkit.calendars import Calendar, Opening
from mppkit.calendars.model import Window
from mppkit.clock import VirtualClock
from mppkit.directory import Counter, Directory, Service
from mppkit.queues.desk import QueueDesk
from mppkit.queues.hall import Hall
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import Append, EventStore, MemoryStore, Recorded

ZONE = ZoneInfo("Asia/Makassar")
ON = date(2026, 11, 24)
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
COMMANDS = ("call_next", "start", "finish", "issue")
COUNTERS = 20
_WAITING_FOR_EACH = 5


def directory(services: dict[str, str], counters: dict[str, tuple[str, ...]]) -> Directory:
    """Return a directory of services (id and prefix) and counters (id and services)."""
    return Directory(
        agencies=(),
        services=tuple(
            Service(id=id_, name=id_, name_english=id_, agency="pemda", prefix=prefix)
            for id_, prefix in services.items()
        ),
        counters=tuple(Counter(id=id_, name=id_, services=given) for id_, given in counters.items()),
    )


def long_hall(there: Directory, policies: QueuePolicies) -> Hall:
    """Return a hall that stays open for a year, so that a simulation is never cut off by the evening."""
    window = Window(opens_at=OPENS_AT, closes_at=OPENS_AT + timedelta(days=365))
    return Hall(directory=there, opening=Opening(on=ON, windows=(window,)), policies=policies)


class Morning:
    """A day at full work on a store: 20 counters of three services each, and five visitors waiting for each service."""

    def __init__(self, store: EventStore, *, mall: str = "badung", requests: bool = False) -> None:
        services = {f"layanan-{n}": chr(ord("A") + n) for n in range(COUNTERS)}
        ids = tuple(services)
        counters = {f"loket-{n}": (ids[n], ids[n - 1], ids[n - 2]) for n in range(COUNTERS)}
        self.store = store
        self.clock = VirtualClock(OPENS_AT)
        self.desk = QueueDesk(
            mall=mall,
            store=store,
            directory=directory(services, counters),
            calendar=Calendar(zone=ZONE),
            policies=QueuePolicies(),
            clock=self.clock,
        )
        self._counters = tuple(counters)
        self._requests = requests
        self._asked = 0
        for counter in counters:
            self.desk.open_counter(counter, officer=f"petugas-{counter}")
        for _ in range(_WAITING_FOR_EACH):
            for service in services:
                self.desk.issue(service)

    def request(self) -> str | None:
        """Return the next request_id, if this morning uses them."""
        self._asked += 1
        return f"kios-{self._asked:08d}" if self._requests else None

    def turn(self) -> dict[str, float]:
        """Let every counter call, start and finish a visitor, each followed by a new one; return seconds by command."""
        desk, request = self.desk, self.request
        spent = dict.fromkeys(COMMANDS, 0.0)
        for counter in self._counters:
            self.clock.advance(seconds=1)
            ids = request(), request(), request(), request()
            began = perf_counter()
            call = desk.call_next(counter, request_id=ids[0])
            called = perf_counter()
            number = call.number
            desk.start(number, request_id=ids[1])
            started = perf_counter()
            desk.finish(number, request_id=ids[2])
            finished = perf_counter()
            desk.issue(call.service, request_id=ids[3])
            issued = perf_counter()
            spent["call_next"] += called - began
            spent["start"] += started - called
            spent["finish"] += finished - started
            spent["issue"] += issued - finished
        return spent


class Watched(MemoryStore):
    """A memory store that keeps each commit as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[tuple[Append, tuple[Recorded, ...]]] = []

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record, and remember."""
        rows = super().append(*batches)
        [batch] = batches
        self.commits.append((batch, rows))
        return rows


def morning_commits(turns: int, *, requests: bool) -> tuple[list[tuple[Append, tuple[Recorded, ...]]], int]:
    """Return the commits that a morning of so many turns makes, and how many of them come before its first turn."""
    store = Watched()
    morning = Morning(store, requests=requests)
    before = len(store.commits)
    for _ in range(turns):
        morning.turn()
    return store.commits, before
