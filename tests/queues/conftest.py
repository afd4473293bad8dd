"""A small hall to test in: three services, three counters, and a clock that stands still until it is moved."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mppkit.calendars import Calendar, Opening, WeeklyHours
from mppkit.clock import VirtualClock
from mppkit.directory import Counter, Directory, Service
from mppkit.queues.desk import QueueDesk
from mppkit.queues.hall import Hall
from mppkit.queues.model import Limits
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import EventStore, MemoryStore

ZONE = ZoneInfo("Asia/Makassar")
TUESDAY = date(2026, 11, 24)
NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HOURS = WeeklyHours(by_weekday={1: ((time(8), time(12)), (time(13), time(16)))})
"""Open on Tuesdays from 08:00 to 16:00 in Makassar, with an hour's break."""

SERVICES = (
    Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A"),
    Service(id="kia", name="Kartu anak", name_english="Child card", agency="capil", prefix="B", daily_quota=3),
    Service(
        id="pajak", name="Pajak daerah", name_english="Local tax", agency="bapenda", prefix="C", expected_minutes=10
    ),
)
COUNTERS = (
    Counter(id="loket-1", name="Loket 1", services=("nib", "kia")),
    Counter(id="loket-2", name="Loket 2", services=("nib", "kia")),
    Counter(id="loket-3", name="Loket 3", services=("pajak",)),
)


class Room:
    """A desk on its store, with its clock."""

    def __init__(
        self,
        policies: QueuePolicies,
        calendar: Calendar,
        start: str,
        store: EventStore,
        directory: Directory,
    ) -> None:
        self.clock = VirtualClock(start)
        self.store = store
        self.calendar = calendar
        self.policies = policies
        self.desk = self.another_desk(directory)

    def another_desk(self, directory: Directory | None = None, policies: QueuePolicies | None = None) -> QueueDesk:
        """Return a desk of another process, as it were, on the same store; or of the same hall after a change."""
        self.directory = directory or self.directory
        return QueueDesk(
            mall="badung",
            store=self.store,
            directory=self.directory,
            calendar=self.calendar,
            policies=policies or self.policies,
            clock=self.clock,
        )

    def after(self, *, seconds: float = 0, minutes: float = 0) -> QueueDesk:
        """Let time pass, and return the desk."""
        self.clock.advance(seconds=seconds, minutes=minutes)
        return self.desk

    def names(self, on: str = "2026-11-24") -> list[str]:
        """Return the names of all recorded events, without their room."""
        return [row.name.removeprefix("queue.") for row in self.store.read(f"badung/queue/{on}")]


@pytest.fixture
def make_room() -> Callable[..., Room]:
    """Return a function that makes a hall with a desk; policies and limits as keyword arguments."""

    def make(
        *,
        start: str = "2026-11-24T09:00:00+08:00",
        hours: WeeklyHours | None = None,
        store: EventStore | None = None,
        directory: Directory | None = None,
        limits: Mapping[str, float] | None = None,
        **policies: object,
    ) -> Room:
        return Room(
            QueuePolicies(limits=Limits(**(limits or {})), **policies),
            Calendar(zone=ZONE, hours=hours),
            start,
            store or MemoryStore(),
            directory or Directory(agencies=(), services=SERVICES, counters=COUNTERS),
        )

    return make


@pytest.fixture
def room(make_room: Callable[..., Room]) -> Room:
    """A hall that is always open, with loket-1 at work."""
    made = make_room()
    made.desk.open_counter("loket-1", officer="sri")
    return made


@pytest.fixture(scope="session")
def make_hall() -> Callable[..., Hall]:
    """Return a function that makes what the pure rules stand on."""

    def make(opening: Opening | None = None, **policies: object) -> Hall:
        return Hall(
            directory=Directory(agencies=(), services=SERVICES, counters=COUNTERS),
            opening=opening or Calendar(zone=ZONE).opening(TUESDAY),
            policies=QueuePolicies(**policies),
        )

    return make
