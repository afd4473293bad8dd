"""Who and what is in a mall as values, and the directory that finds them and answers what follows from them.

A directory is recorded whole in an event when it is enacted, so its classes change as events do: a field that is
added has a default, and a default never changes.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Protocol, TypeVar

from attrs import field, frozen

from mppkit.directory.needs import order_of_needs
from mppkit.directory.regulations import Participation, Regulation
from mppkit.directory.standards import Channel, Component, Standard
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
        standard: what it promises; empty where nobody has said.
        channels: the ways to it besides the counter.
    """

    id: str
    name: str
    name_english: str
    agency: str
    prefix: str
    daily_quota: int | None = None
    expected_minutes: float | None = None
    profile: str | None = None
    standard: Standard = field(factory=Standard)
    channels: tuple[Channel, ...] = ()

    def needs(self) -> tuple[str, ...]:
        """Return the services whose products are to be brought, each once."""
        requirements = self.standard.requirements or ()
        return tuple(dict.fromkeys(each.product_of for each in requirements if each.product_of is not None))


@frozen(kw_only=True)
class Counter:
    """A place where services are given (*loket*), and which ones."""

    id: str
    name: str
    services: tuple[str, ...]


class Duty(StrEnum):
    """What a role lets somebody do beyond their own agency (*tugas*); what exactly, `mppkit.access` says."""

    SUPERVISE = "supervise"
    """The whole queue (*penyelia*)."""
    HEAD = "head"
    """The figures of the whole mall, its limits and its launch (*pimpinan*)."""
    AUDIT = "audit"
    """To see all but personal data, and to change nothing (*pengawas*)."""
    REGISTER = "register"
    """To take personal data in, and put it right (*pendaftar*)."""
    PROTECT = "protect"
    """To see that personal data is protected (*pejabat pelindungan data pribadi*, UU 27/2022 Article 53)."""


@frozen(kw_only=True)
class Role:
    """What somebody may do in the steps of a permit (*peran*), such as to verify or to decide.

    Attributes:
        may: what else it lets them do.
    """

    id: str
    name: str
    name_english: str
    may: tuple[Duty, ...] = ()


@frozen(kw_only=True)
class Officer:
    """Somebody who serves at counters or works on permits (*petugas*): an id of your own records, never a name.

    Attributes:
        agency: the id of the agency that sent them.
        counters: the counters they serve at.
        roles: the ids of the roles they have.
    """

    id: str
    agency: str
    counters: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class FacilityGroup(StrEnum):
    """What a facility is for.

    Source: the facilities checklist of the PEKPPP instrument, from a report of it; `LAYANAN` is this library's own, for
    what a counter works with.
    """

    PARKING = "parkir"
    WAITING_ROOM = "ruang_tunggu"
    TOILETS = "toilet"
    VULNERABLE_GROUPS = "kelompok_rentan"
    SUPPORT = "penunjang"
    FRONT_OFFICE = "front_office"
    SERVICE = "layanan"


@frozen(kw_only=True)
class Facility:
    """Something the mall has for its visitors and officers (*sarana, prasarana, fasilitas*)."""

    id: str
    name: str
    name_english: str
    group: FacilityGroup


@frozen(kw_only=True)
class Offer:
    """A service that is offered on a date, by whom, and under which rule.

    Attributes:
        participation: under which its agency gives it on that date; None where the agency has none at all.
        regulation: the rule in force that day; None where there is none.
    """

    service: Service
    agency: Agency
    participation: Participation | None
    regulation: Regulation | None


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


def _by_id(things: Iterable[T]) -> dict[str, T]:
    return {thing.id: thing for thing in things}


def _find(kind: str, thing_id: str, things: Mapping[str, T]) -> T:
    found = things.get(thing_id) if isinstance(thing_id, str) else None  # a list cannot be looked up at all
    if found is None:
        raise NotFoundError(kind, thing_id, things)
    return found


@frozen(kw_only=True)
class Directory:
    """Everything there is in one mall, by id, and what follows from it.

    Each look-up raises NotFoundError where there is none of that id, and suggests the nearest.

    >>> nib = Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A")
    >>> loket = Counter(id="loket-3", name="Loket 3", services=("nib",))
    >>> there = Directory(agencies=(), services=(nib,), counters=(loket,))
    >>> there.counters_of("nib")[0].name
    'Loket 3'
    """

    agencies: tuple[Agency, ...]
    services: tuple[Service, ...]
    counters: tuple[Counter, ...]
    regulations: tuple[Regulation, ...] = ()
    participations: tuple[Participation, ...] = ()
    officers: tuple[Officer, ...] = ()
    facilities: tuple[Facility, ...] = ()
    roles: tuple[Role, ...] = ()

    # --- finding ----------------------------------------------------------------------------------------------------

    @cached_property
    def _agencies(self) -> dict[str, Agency]:
        return _by_id(self.agencies)

    @cached_property
    def _services(self) -> dict[str, Service]:
        return _by_id(self.services)

    @cached_property
    def _counters(self) -> dict[str, Counter]:
        return _by_id(self.counters)

    @cached_property
    def _regulations(self) -> dict[str, Regulation]:
        return _by_id(self.regulations)

    def agency(self, agency_id: str) -> Agency:
        """Return an agency."""
        return _find("agency", agency_id, self._agencies)

    def service(self, service_id: str) -> Service:
        """Return a service."""
        return _find("service", service_id, self._services)

    def counter(self, counter_id: str) -> Counter:
        """Return a counter."""
        return _find("counter", counter_id, self._counters)

    def regulation(self, regulation_id: str) -> Regulation:
        """Return a regulation."""
        return _find("regulation", regulation_id, self._regulations)

    def officer(self, officer_id: str) -> Officer:
        """Return an officer."""
        return _find("officer", officer_id, _by_id(self.officers))

    def role(self, role_id: str) -> Role:
        """Return a role."""
        return _find("role", role_id, _by_id(self.roles))

    def facility(self, facility_id: str) -> Facility:
        """Return a facility."""
        return _find("facility", facility_id, _by_id(self.facilities))

    def counters_of(self, service_id: str) -> tuple[Counter, ...]:
        """Return the counters that give a service."""
        self.service(service_id)
        return tuple(counter for counter in self.counters if service_id in counter.services)

    # --- what follows ------------------------------------------------------------------------------------------------

    def offered(self, on: date) -> tuple[Offer, ...]:
        """Return the services that are offered on a date, in their order.

        An agency's participations say when it gives which service. An agency that has none at all is taken to give
        all of its services every day, under no rule; `without_rule` names it.
        """
        offers = (self._offer(service, on) for service in self.services)
        return tuple(offer for offer in offers if offer is not None)

    def without_rule(self, on: date) -> tuple[Agency, ...]:
        """Return the agencies that on a date take part under no rule in force (*tanpa dasar hukum*)."""
        ruled = {each.agency for each in self.participations if each.holds(on) and self.in_force(each.regulation, on)}
        return tuple(agency for agency in self.agencies if agency.id not in ruled)

    def incomplete_standards(self) -> Mapping[str, tuple[Component, ...]]:
        """Return what each incomplete standard leaves out, by the id of its service."""
        missing = {service.id: service.standard.missing() for service in self.services}
        return {service: components for service, components in missing.items() if components}

    def bring_first(self, service_id: str) -> tuple[Service, ...]:
        """Return the services whose products are needed for a service, and for those in turn, in an order that works.

        Raises:
            NotFoundError: there is no such service, or no such service is there that one is the product of.
            InvalidValueError: they need each other in a circle, so that there is no such order.
        """
        order = order_of_needs(service_id, lambda each: self.service(each).needs())
        return tuple(self.service(each) for each in order)

    def in_force(self, regulation_id: str, on: date) -> Regulation | None:
        """Return a regulation if there is one of that id and it is in force on a date."""
        found = self._regulations.get(regulation_id)
        return found if found is not None and found.is_in_force(on) else None

    @cached_property
    def _participations(self) -> dict[str, list[Participation]]:
        of_agency: dict[str, list[Participation]] = {}
        for each in self.participations:
            of_agency.setdefault(each.agency, []).append(each)
        return of_agency

    def _offer(self, service: Service, on: date) -> Offer | None:
        agency = self.agency(service.agency)
        taking_part = self._participations.get(agency.id)
        if taking_part is None:
            return Offer(service=service, agency=agency, participation=None, regulation=None)
        offer = None
        for each in taking_part:
            if each.holds(on) and each.covers(service.id):
                rule = self.in_force(each.regulation, on)
                offer = Offer(service=service, agency=agency, participation=each, regulation=rule)
                if rule is not None:
                    break
        return offer
