"""A survey desk of a small hall on an empty store; what is answered in these tests is invented."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from mppkit.clock import VirtualClock
from mppkit.directory import Agency, AgencyKind, Counter, Directory, Role, Service
from mppkit.storage import EventStore, MemoryStore
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.loading import find_instrument

ZONE = ZoneInfo("Asia/Makassar")
SECRET = bytes(range(32))
SKM = find_instrument("skm-2017")


def _service(id_: str, prefix: str) -> Service:
    return Service(id=id_, name=id_, name_english=id_, agency="dpmptsp", prefix=prefix)


HALL = Directory(
    agencies=(Agency(id="dpmptsp", name="DPMPTSP", name_english="Licensing office", kind=AgencyKind.REGENCY),),
    services=(_service("nib", "A"), _service("pajak", "B"), _service("kia", "C")),
    counters=tuple(Counter(id=f"loket-{n}", name=f"Loket {n}", services=("nib", "pajak", "kia")) for n in (1, 2, 3)),
    roles=(Role(id="verifikator", name="Verifikator", name_english="Verifier"),),
)


class Booth:
    """A desk on its store, with its clock; it is Tuesday 24 November 2026, nine o'clock."""

    skm = SKM
    zone = ZONE
    secret = SECRET
    hall = HALL
    stream = "badung/survey/skm-2017.2026-11-24"

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.clock = VirtualClock("2026-11-24T09:00:00+08:00")
        self.desk = self.another_desk()

    def another_desk(self, **changed: Any) -> SurveysDesk:
        """Return a desk of another process, as it were, on the same store; or one that differs."""
        about = {
            "mall": "badung",
            "store": self.store,
            "directory": HALL,
            "zone": ZONE,
            "clock": self.clock,
            "instruments": (SKM,),
            "secret": SECRET,
        }
        return SurveysDesk(**{**about, **changed})

    def code(self, number: str = "A-001", service: str = "nib", on: date | None = None) -> str:
        """Return the code of a ticket, of today unless a date is named."""
        return self.desk.token(on or self.desk.today(), service, number)

    def all(self, value: int, **changed: object) -> dict[str, Any]:
        """Return a complete answer: one value for every element, but for those that are named."""
        return {**dict.fromkeys(SKM.keys, value), **changed}

    def answer(self, first: int, last: int, value: int = 3, **about: Any) -> None:
        """Let the holders of so many tickets of a service answer alike."""
        service = about.pop("service", "nib")
        on = about.pop("on", None)
        for number in range(first, last + 1):
            self.desk.respond("skm", self.code(f"{service}-{number:03}", service, on), self.all(value), **about)

    def names(self, stream: str | None = None) -> list[str]:
        """Return the names of the events of a stream, without their room."""
        return [row.name.removeprefix("surveys.") for row in self.store.read(stream or self.stream)]

    def reworded(self, **changed: Any) -> Any:
        """Return the instrument with another text: its first question asks something else."""
        first = attrs.evolve(SKM.elements[0], question="Apakah persyaratannya mudah dipenuhi?")
        return attrs.evolve(SKM, elements=(first, *SKM.elements[1:]), **changed)


@pytest.fixture
def booth() -> Booth:
    """Where nobody answered yet."""
    return Booth(MemoryStore())


@pytest.fixture(scope="session")
def booth_on() -> type[Booth]:
    """Return what makes a booth on a store."""
    return Booth
