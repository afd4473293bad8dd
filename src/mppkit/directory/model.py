"""Agencies, services and counters as values, and the directory that finds them."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from attrs import field, frozen

from mppkit.errors import NotFoundError


class AgencyKind(StrEnum):
    """What kind of body takes part in a mall (*organisasi penyelenggara pelayanan*).

    Source: Perpres 89/2021, from reports of it; the text was not read.
    """

    MINISTRY = "kementerian"
    NATIONAL_AGENCY = "lembaga"
    PROVINCE = "pemda_provinsi"
    REGENCY = "pemda_kabupaten_kota"
    STATE_ENTERPRISE = "bumn"
    REGIONAL_ENTERPRISE = "bumd"
    PUBLIC_BODY = "badan_hukum_publik"
    PRIVATE = "swasta"


@frozen(kw_only=True)
class Agency:
    """A body that serves in the mall (*instansi*)."""

    id: str
    name: str
    name_english: str
    kind: AgencyKind


@frozen(kw_only=True)
class Service:
    """A public service a citizen comes for (*layanan*).

    Attributes:
        agency: the id of the agency that gives it.
        prefix: what its ticket numbers begin with, such as `A`.
        daily_quota: at most so many tickets a day; None for no limit.
        expected_minutes: how long it is expected to take at a counter; None where nobody has said.
        profile: the kind of service it is in a rehearsal profile; None to let the rehearsal choose.
    """

    id: str
    name: str
    name_english: str
    agency: str
    prefix: str
    daily_quota: int | None = None
    expected_minutes: float | None = None
    profile: str | None = None


@frozen(kw_only=True)
class Counter:
    """A place where services are given (*loket*), and which ones."""

    id: str
    name: str
    services: tuple[str, ...]


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


def _by_id(things: Iterable[T]) -> dict[str, T]:
    return {thing.id: thing for thing in things}


@frozen(kw_only=True)
class Directory:
    """Everything there is in one mall, by id.

    >>> nib = Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A")
    >>> loket = Counter(id="loket-3", name="Loket 3", services=("nib",))
    >>> there = Directory(agencies=(), services=(nib,), counters=(loket,))
    >>> there.counters_of("nib")[0].name
    'Loket 3'
    """

    agencies: tuple[Agency, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    _agencies: dict[str, Agency] = field(init=False, repr=False, eq=False)
    _services: dict[str, Service] = field(init=False, repr=False, eq=False)
    _counters: dict[str, Counter] = field(init=False, repr=False, eq=False)

    @_agencies.default
    def _index_agencies(self) -> dict[str, Agency]:
        return _by_id(self.agencies)

    @_services.default
    def _index_services(self) -> dict[str, Service]:
        return _by_id(self.services)

    @_counters.default
    def _index_counters(self) -> dict[str, Counter]:
        return _by_id(self.counters)

    def agency(self, agency_id: str) -> Agency:
        """Return an agency.

        Raises:
            NotFoundError: there is none of that id; suggests the nearest.
        """
        found = self._agencies.get(agency_id)
        if found is None:
            raise NotFoundError("agency", agency_id, self._agencies)
        return found

    def service(self, service_id: str) -> Service:
        """Return a service.

        Raises:
            NotFoundError: there is none of that id; suggests the nearest.
        """
        found = self._services.get(service_id)
        if found is None:
            raise NotFoundError("service", service_id, self._services)
        return found

    def counter(self, counter_id: str) -> Counter:
        """Return a counter.

        Raises:
            NotFoundError: there is none of that id; suggests the nearest.
        """
        found = self._counters.get(counter_id)
        if found is None:
            raise NotFoundError("counter", counter_id, self._counters)
        return found

    def counters_of(self, service_id: str) -> tuple[Counter, ...]:
        """Return the counters that give a service.

        Raises:
            NotFoundError: there is no such service.
        """
        self.service(service_id)
        return tuple(counter for counter in self.counters if service_id in counter.services)
