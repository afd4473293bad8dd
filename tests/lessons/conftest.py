"""A lesson desk of Blora on an empty store, and figures to compare; all numbers are invented."""

from collections.abc import Callable
from datetime import date

import pytest

from mppkit.clock import VirtualClock
from mppkit.lessons import Better, Counted, Indicator, MeanFigure, ProgrammeItem, ShareFigure, Unit
from mppkit.lessons.desk import LessonsDesk
from mppkit.storage import EventStore, MemoryStore

WAIT = Indicator(
    id="mean-wait",
    indonesian="Rata-rata tunggu harian",
    english="Mean wait of a day",
    unit=Unit.MINUTES,
    better=Better.LOWER,
)
PROMISED = Indicator(
    id="served-as-promised",
    indonesian="Terlayani sesuai janji",
    english="Served as promised",
    unit=Unit.PERCENT,
    better=Better.HIGHER,
)
PERIODS = ((date(2026, 9, 1), date(2026, 10, 30)), (date(2027, 1, 4), date(2027, 2, 26)))


@pytest.fixture(scope="session")
def mean() -> Callable[..., MeanFigure]:
    """Return a function that makes a mean of days, in the first period or the second."""

    def make(n: int, value: float, sd: float, second: bool = False, **changed: object) -> MeanFigure:
        first_on, last_on = PERIODS[second]
        about = {"indicator": WAIT, "mall": "blora", "first_on": first_on, "last_on": last_on, "counted": Counted.DAYS}
        return MeanFigure(**{**about, "n": n, "mean": value, "sd": sd, **changed})

    return make


@pytest.fixture(scope="session")
def share() -> Callable[..., ShareFigure]:
    """Return a function that makes a share of answers, in the first period or the second."""

    def make(count: int, n: int, second: bool = False, **changed: object) -> ShareFigure:
        first_on, last_on = PERIODS[second]
        about = {
            "indicator": PROMISED,
            "mall": "blora",
            "first_on": first_on,
            "last_on": last_on,
            "counted": Counted.ANSWERS,
        }
        return ShareFigure(**{**about, "count": count, "n": n, **changed})

    return make


class Office:
    """A desk on its store, with its clock; it stands in March 2027, after both periods."""

    def __init__(self, store: EventStore) -> None:
        self.clock = VirtualClock("2027-03-01T08:00:00+07:00")
        self.store = store
        self.desk = self.another_desk()

    def another_desk(self) -> LessonsDesk:
        """Return a desk of another process, as it were, on the same store."""
        return LessonsDesk(mall="blora", store=self.store, clock=self.clock)

    def names(self, key: str = "badung-2026") -> list[str]:
        """Return the names of all recorded events, without their room."""
        return [row.name.removeprefix("lessons.") for row in self.store.read(f"blora/lesson/{key}")]

    def plan(self, key: str = "badung-2026", **changed: object) -> object:
        """Plan a visit to Badung."""
        stops = (ProgrammeItem(on=date(2026, 11, 16), place="Mal Pelayanan Publik Badung"),)
        about = {"host": "badung", "region": "Kabupaten Blora", "people": 12, "programme": stops}
        return self.desk.plan_visit(key, **{**about, **changed})


@pytest.fixture
def office() -> Office:
    """Where nothing happened yet."""
    return Office(MemoryStore())


@pytest.fixture
def planned(office: Office) -> Office:
    """Where a visit to Badung is planned."""
    office.plan()
    return office
