"""What a blueprint says of who and what is in the mall: agencies, their rules, services, counters, officers, roles."""

from collections.abc import Iterable, Mapping
from typing import Any

from mppkit.blueprint.merging import Merged
from mppkit.blueprint.references import note_circles, note_strangers, note_twins
from mppkit.blueprint.sections import in_order
from mppkit.blueprint.standards import read_channels, read_standard
from mppkit.blueprint.values import minutes, person, prefix
from mppkit.directory import (
    Agency,
    AgencyKind,
    Counter,
    Directory,
    Duty,
    Facility,
    FacilityGroup,
    Officer,
    Participation,
    Regulation,
    RegulationKind,
    Role,
    Service,
    Standard,
)
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, day, flag, identifier, one_of, passage, table, text, whole

_NAMED: Mapping[str, Check] = {"id": identifier, "name": text, "name_english": text}
_AGENCY: Mapping[str, Check] = {**_NAMED, "kind": one_of(kind.value for kind in AgencyKind)}
_SERVICE: Mapping[str, Check] = {**_NAMED, "agency": text, "prefix": prefix}
_SERVICE_OPTIONAL: Mapping[str, Check] = {
    "daily_quota": whole(1, 100_000),
    "expected_minutes": minutes,
    "profile": identifier,
    "channels": array,
    "standard": table,
}
_COUNTER: Mapping[str, Check] = {"id": identifier, "name": text, "services": array}
_OFFICER: Mapping[str, Check] = {"id": person, "agency": text}
_OFFICER_OPTIONAL: Mapping[str, Check] = {"counters": array, "roles": array}
_ROLE_OPTIONAL: Mapping[str, Check] = {"may": array}
DUTY = one_of(duty.value for duty in Duty)
_FACILITY: Mapping[str, Check] = {**_NAMED, "group": one_of(group.value for group in FacilityGroup)}
_REGULATION: Mapping[str, Check] = {
    "id": identifier,
    "kind": one_of(kind.value for kind in RegulationKind),
    "number": text,
    "year": whole(1900, 2200),
    "about": passage,
}
_REGULATION_OPTIONAL: Mapping[str, Check] = {
    "issuer": text,
    "in_force_from": day,
    "in_force_to": day,
    "articles": array,
    "verified": flag,
}
_PARTICIPATION: Mapping[str, Check] = {"agency": text, "regulation": text, "from": day}
_PARTICIPATION_OPTIONAL: Mapping[str, Check] = {"to": day, "services": array}


def read_directory(merged: Merged) -> Directory:
    """Return who and what is in the mall; rows with problems are left out."""
    rows = merged.rows
    note_twins(rows)
    if not merged.has_gaps:
        note_strangers(rows)
    shared = _shared_standards(rows["agency"])
    directory = Directory(
        agencies=tuple(_agencies(rows["agency"])),
        services=tuple(_services(rows["service"], shared)),
        counters=tuple(_counters(rows["counter"])),
        regulations=tuple(_regulations(rows["regulation"])),
        participations=tuple(_participations(rows["participation"])),
        officers=tuple(_officers(rows["officer"])),
        facilities=tuple(_facilities(rows["facility"])),
        roles=tuple(_roles(rows["role"])),
    )
    if not merged.has_gaps:
        note_circles(directory.services, rows["service"])
    return directory


def _shared_standards(agencies: Iterable[Table]) -> Mapping[str | None, Mapping[str, Any]]:
    """Return by agency what the standards of all its services say unless theirs say otherwise."""
    return {row.row: read_standard(row) for row in agencies}


def _agencies(tables: Iterable[Table]) -> Iterable[Agency]:
    for row in tables:
        facts = row.read(_AGENCY, {"standard": table})
        facts.pop("standard", None)
        if _AGENCY.keys() <= facts.keys():
            yield Agency(**{**facts, "kind": AgencyKind(facts["kind"])})


def _services(tables: Iterable[Table], shared: Mapping[str | None, Mapping[str, Any]]) -> Iterable[Service]:
    for row in tables:
        facts = row.read(_SERVICE, _SERVICE_OPTIONAL)
        components = {**shared.get(facts.get("agency"), {}), **read_standard(row)}
        facts |= {"standard": Standard(**components), "channels": read_channels(row, "channels")}
        if _SERVICE.keys() <= facts.keys():
            yield Service(**facts)


def _counters(tables: Iterable[Table]) -> Iterable[Counter]:
    for row in tables:
        facts = row.read(_COUNTER, {})
        services = row.names("services", _id_of("a service"))
        if facts.get("services") == []:
            row.note("services", [], Wrong(allowed="name at least one service"))
        if _COUNTER.keys() <= facts.keys():
            yield Counter(**{**facts, "services": services})


def _officers(tables: Iterable[Table]) -> Iterable[Officer]:
    for row in tables:
        facts = row.read(_OFFICER, _OFFICER_OPTIONAL)
        facts["counters"] = row.names("counters", _id_of("a counter"))
        facts["roles"] = row.names("roles", _id_of("a role"))
        if _OFFICER.keys() <= facts.keys():
            yield Officer(**facts)


def _facilities(tables: Iterable[Table]) -> Iterable[Facility]:
    for row in tables:
        facts = row.read(_FACILITY, {})
        if _FACILITY.keys() <= facts.keys():
            yield Facility(**{**facts, "group": FacilityGroup(facts["group"])})


def _roles(tables: Iterable[Table]) -> Iterable[Role]:
    for row in tables:
        facts = row.read(_NAMED, _ROLE_OPTIONAL)
        facts["may"] = tuple(Duty(duty) for duty in row.names("may", DUTY))
        if _NAMED.keys() <= facts.keys():
            yield Role(**facts)


def _regulations(tables: Iterable[Table]) -> Iterable[Regulation]:
    for row in tables:
        facts = row.read(_REGULATION, _REGULATION_OPTIONAL)
        facts["articles"] = row.names("articles", text)
        if in_order(row, facts, "in_force_from", "in_force_to") and _REGULATION.keys() <= facts.keys():
            yield Regulation(**{**facts, "kind": RegulationKind(facts["kind"])})


def _participations(tables: Iterable[Table]) -> Iterable[Participation]:
    for row in tables:
        facts = row.read(_PARTICIPATION, _PARTICIPATION_OPTIONAL)
        services = row.names("services", _id_of("a service"))
        if facts.get("services") == []:
            row.note("services", [], Wrong(allowed="leave it out for all services of the agency"))
        if in_order(row, facts) and _PARTICIPATION.keys() <= facts.keys():
            yield Participation(
                agency=facts["agency"],
                regulation=facts["regulation"],
                from_on=facts["from"],
                to_on=facts.get("to"),
                services=services,
            )


def _id_of(what: str) -> Check:
    def check(value: object) -> str | Wrong:
        return value if isinstance(value, str) else Wrong(allowed=f"give the id of {what}")

    return check
