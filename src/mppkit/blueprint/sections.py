"""What each section of a blueprint must say: the mall, its calendar, and who is in it; references hold across files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from mppkit.blueprint.tables import Merged, Table
from mppkit.blueprint.values import (
    Check,
    Wrong,
    array,
    day,
    flag,
    identifier,
    minutes,
    one_of,
    prefix,
    stretch,
    text,
    whole,
    zone,
)
from mppkit.calendars import Closure, WeeklyHours
from mppkit.directory import Agency, AgencyKind, Counter, Directory, Service
from mppkit.errors import InvalidValueError

_NAMED: Mapping[str, Check] = {"id": identifier, "name": text, "name_english": text}
_AGENCY: Mapping[str, Check] = {**_NAMED, "kind": one_of(kind.value for kind in AgencyKind)}
_SERVICE: Mapping[str, Check] = {**_NAMED, "agency": text, "prefix": prefix}
_SERVICE_OPTIONAL: Mapping[str, Check] = {
    "daily_quota": whole(1, 100_000),
    "expected_minutes": minutes,
    "profile": identifier,
}
_COUNTER: Mapping[str, Check] = {"id": identifier, "name": text, "services": array}
_CLOSURE: Mapping[str, Check] = {"from": day, "name": text, "name_english": text}
_CLOSURE_OPTIONAL: Mapping[str, Check] = {"to": day, "decree": text}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEEDED = {
    "mall": "write [mall] with id, name, name_english and zone",
    "agency": "write [[agency]] for each agency",
    "service": "write [[service]] for each service",
    "counter": "write [[counter]] for each counter",
}


def note_missing_sections(merged: Merged, all_files: Table) -> None:
    """Note the sections that no mall can do without."""
    for name, allowed in _NEEDED.items():
        if not merged.has_gaps and name not in merged.singles and not merged.rows.get(name):
            all_files.note(name, None, Wrong(allowed=allowed))


def read_mall(merged: Merged) -> dict[str, Any]:
    """Return what the mall says of itself."""
    table = merged.singles.get("mall")
    return table.read({**_NAMED, "zone": zone}, {"invented": flag}) if table else {}


# --- the calendar --------------------------------------------------------------------------------------------------


def read_calendar(merged: Merged) -> dict[str, Any]:
    """Return what a Calendar is made of, its zone left out."""
    hours, closed_on = merged.singles.get("hours"), merged.singles.get("calendar")
    facts: dict[str, Any] = {"closures": tuple(_closures(merged.rows["closure"]))}
    if hours is not None:
        facts["hours"] = _hours(hours)
    if closed_on is not None:
        said = closed_on.read({}, {"closed_on_national_holidays": flag, "closed_on_joint_leave": flag})
        facts["national_holidays"] = said.get("closed_on_national_holidays", True)
        facts["joint_leave"] = said.get("closed_on_joint_leave", True)
        if hours is None and not merged.has_gaps:
            closed_on.note("", closed_on.content, Wrong(allowed="write [hours] too: without hours a mall never closes"))
    return facts


def _hours(table: Table) -> WeeklyHours:
    by_weekday = {}
    said = table.read({}, dict.fromkeys(_DAYS, array))
    for weekday, name in enumerate(_DAYS):
        stretches: list[tuple[time, time]] = []
        for index, value in enumerate(said.get(name, ())):
            place, opens = f"{name}[{index}]", stretch(value)
            if isinstance(opens, Wrong):
                table.note(place, value, opens)
                continue
            try:
                WeeklyHours(by_weekday={weekday: (*stretches[-1:], opens)})
            except InvalidValueError as wrong:
                table.note(place, value, Wrong(allowed=wrong.remedy))
            else:
                stretches.append(opens)
        by_weekday[weekday] = tuple(stretches)
    if not any(table.content.get(name) for name in _DAYS):
        table.note("", table.content, Wrong(allowed="open on at least one day; without [hours] a mall never closes"))
    return WeeklyHours(by_weekday=by_weekday)


def _closures(tables: Iterable[Table]) -> Iterable[Closure]:
    for table in tables:
        facts = table.read(_CLOSURE, _CLOSURE_OPTIONAL)
        if not _CLOSURE.keys() <= facts.keys():
            continue
        first_on, last_on = facts["from"], facts.get("to", facts["from"])
        if last_on < first_on:
            table.note("to", last_on, Wrong(allowed=f"give a day not before {first_on.isoformat()}"))
            continue
        yield Closure(
            first_on=first_on,
            last_on=last_on,
            indonesian=facts["name"],
            english=facts["name_english"],
            decree=facts.get("decree"),
        )


# --- the directory -------------------------------------------------------------------------------------------------


def read_directory(merged: Merged) -> Directory:
    """Return who is in the mall; rows with problems are left out."""
    agencies, services, counters = (merged.rows[name] for name in ("agency", "service", "counter"))
    for tables in (agencies, services, counters):
        _note_twins(tables, "id")
    _note_twins(agencies, "name")
    _note_twins(counters, "name")
    _note_twins(services, "name", within="agency")
    if not merged.has_gaps:
        _note_strangers(agencies, services, counters)
    return Directory(
        agencies=tuple(_agencies(agencies)), services=tuple(_services(services)), counters=tuple(_counters(counters))
    )


def _agencies(tables: Iterable[Table]) -> Iterable[Agency]:
    for table in tables:
        facts = table.read(_AGENCY, {})
        if _AGENCY.keys() <= facts.keys():
            yield Agency(**{**facts, "kind": AgencyKind(facts["kind"])})


def _services(tables: Iterable[Table]) -> Iterable[Service]:
    for table in tables:
        facts = table.read(_SERVICE, _SERVICE_OPTIONAL)
        if _SERVICE.keys() <= facts.keys():
            yield Service(**facts)


def _counters(tables: Iterable[Table]) -> Iterable[Counter]:
    for table in tables:
        facts = table.read(_COUNTER, {})
        named: dict[str, None] = {}
        for index, service in enumerate(facts.get("services", ())):
            if not isinstance(service, str):
                table.note(f"services[{index}]", service, Wrong(allowed="give the id of a service"))
            elif service in named:
                table.note(f"services[{index}]", service, Wrong(allowed="name each service once"))
            else:
                named[service] = None
        if facts.get("services") == []:
            table.note("services", [], Wrong(allowed="name at least one service"))
        if _COUNTER.keys() <= facts.keys():
            yield Counter(**{**facts, "services": tuple(named)})


def _ids(tables: Iterable[Table]) -> Mapping[str, None]:
    """Return the ids that were given, well-formed or not: a bad id is one problem, not one more wherever it is used."""
    return {table.row: None for table in tables if table.row is not None}


def _note_twins(tables: Iterable[Table], key: str, within: str | None = None) -> None:
    """Note whatever is called like something before it; names are alike whatever their capitals and spaces."""
    seen: dict[tuple[str, str], Table] = {}
    for table in tables:
        value, owner = table.content.get(key), table.content.get(within) if within else ""
        if not isinstance(value, str) or not isinstance(owner, str) or not value.strip():
            continue
        first = seen.setdefault((owner, " ".join(value.casefold().split())), table)
        if first is not table:
            where = first.path if first.file == table.file else f"{first.path} in {first.file}"
            table.note(key, value, Wrong(allowed=f"give another; {where} has this one already"))


def _note_strangers(agencies: Sequence[Table], services: Sequence[Table], counters: Sequence[Table]) -> None:
    """Note references to what is not there, and services that nobody gives."""
    known_agencies, known_services = _ids(agencies), _ids(services)
    given: set[str] = set()
    for table in services:
        _note_stranger(table, "agency", table.content.get("agency"), "agency", known_agencies)
    for table in counters:
        named = table.content.get("services")
        for index, service in enumerate(named if isinstance(named, list) else ()):
            _note_stranger(table, f"services[{index}]", service, "service", known_services)
            if isinstance(service, str):
                given.add(service)
    if counters and all(isinstance(table.content.get("services"), list) for table in counters):
        for table in services:
            if table.row is not None and table.row not in given:
                table.note("id", table.row, Wrong(allowed="name it in the services of a counter; no counter gives it"))


def _note_stranger(table: Table, place: str, value: object, kind: str, known: Collection[str]) -> None:
    if known and isinstance(value, str) and value not in known:
        allowed = f"give the id of {'an' if kind == 'agency' else 'a'} {kind} of this blueprint"
        table.note(place, value, Wrong(allowed=allowed, among=known))
