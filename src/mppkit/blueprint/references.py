"""What the rows of a blueprint must have among themselves: ids of their own, references that hold, needs that end."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from mppkit.blueprint.permits import note_rival_workflows, workflow_references
from mppkit.blueprint.standards import standard_references
from mppkit.directory import Service
from mppkit.directory.needs import find_circle
from mppkit.documents.tables import Table
from mppkit.documents.values import Wrong

Rows = Mapping[str, Sequence[Table]]
_CIRCLES_TOLD = 20
_ALWAYS_THERE = ("agency", "service", "counter")
"""Sections whose absence is told once, not at every reference."""


def note_twins(rows: Rows) -> None:
    """Note whatever is called like something before it; names are alike whatever their capitals and spaces."""
    for name in ("agency", "service", "counter", "regulation", "officer", "facility", "role", "zone"):
        _note_twins(rows[name], "id")
    for name in ("agency", "counter", "facility", "role", "zone"):
        _note_twins(rows[name], "name")
    _note_twins(rows["service"], "name", within="agency")
    note_rival_workflows(rows["workflow"])


def _note_twins(tables: Iterable[Table], key: str, within: str | None = None) -> None:
    seen: dict[tuple[str, str], Table] = {}
    for table in tables:
        value, owner = table.content.get(key), table.content.get(within) if within else ""
        if not isinstance(value, str) or not isinstance(owner, str) or not value.strip():
            continue
        first = seen.setdefault((owner, " ".join(value.casefold().split())), table)
        if first is not table:
            where = first.path if first.file == table.file else f"{first.path} in {first.file}"
            table.note(key, value, Wrong(allowed=f"give another; {where} has this one already"))


def note_strangers(rows: Rows) -> None:
    """Note references to what is not there, services that nobody gives, and those of another agency."""
    # the ids that were given, well-formed or not: a bad id is one problem, not one more wherever it is used
    known = {
        name: {table.row: None for table in tables if table.row is not None}
        for name, tables in rows.items()
        if name in ("agency", "service", "counter", "regulation", "facility", "role")
    }
    for table, place, value, kind in _references(rows):
        if isinstance(value, str) and value not in known[kind] and (known[kind] or kind not in _ALWAYS_THERE):
            article = "an" if kind == "agency" else "a"
            allowed = f"give the id of {article} {kind} of this blueprint"
            table.note(place, value, Wrong(allowed=allowed, among=known[kind]))
    _note_services_not_given(rows)
    _note_services_of_others(rows)


def _references(rows: Rows) -> Iterable[tuple[Table, str, object, str]]:
    for table in rows["service"]:
        yield table, "agency", table.content.get("agency"), "agency"
    for table in rows["counter"]:
        yield from _array_of(table, "services", "service")
    for table in chain(rows["agency"], rows["service"]):
        for place, value, kind in standard_references(table):
            yield table, place, value, kind
    for table in rows["participation"]:
        yield table, "agency", table.content.get("agency"), "agency"
        yield table, "regulation", table.content.get("regulation"), "regulation"
        yield from _array_of(table, "services", "service")
    for table in rows["officer"]:
        yield table, "agency", table.content.get("agency"), "agency"
        yield from _array_of(table, "counters", "counter")
        yield from _array_of(table, "roles", "role")
    for table in rows["workflow"]:
        yield from workflow_references(table)


def _array_of(table: Table, key: str, kind: str) -> Iterable[tuple[Table, str, object, str]]:
    given = table.content.get(key)
    for index, value in enumerate(given if isinstance(given, list) else ()):
        yield table, f"{key}[{index}]", value, kind


def _note_services_not_given(rows: Rows) -> None:
    counters = rows["counter"]
    if not counters or not all(isinstance(table.content.get("services"), list) for table in counters):
        return
    given = {
        value for table in counters for _, _, value, _ in _array_of(table, "services", "") if isinstance(value, str)
    }
    for table in rows["service"]:
        if table.row is not None and table.row not in given:
            table.note("id", table.row, Wrong(allowed="name it in the services of a counter; no counter gives it"))


def _note_services_of_others(rows: Rows) -> None:
    agencies = {table.row: table.content.get("agency") for table in rows["service"]}
    for table in rows["participation"]:
        agency = table.content.get("agency")
        for _, place, value, _ in _array_of(table, "services", "service"):
            if isinstance(value, str) and isinstance(agency, str) and agencies.get(value, agency) != agency:
                table.note(place, value, Wrong(allowed=f"give a service of {agency}"))


def note_circles(services: Iterable[Service], tables: Iterable[Table]) -> None:
    """Note services that need each other's products in a circle, so that nobody can bring any of them."""
    needs = {service.id: service.needs() for service in services}
    place_of = {table.row: table for table in tables}
    for _ in range(_CIRCLES_TOLD):
        circle = find_circle(needs)
        if not circle:
            return
        allowed = f"end the circle ({' needs '.join(circle)}): take a `product_of` away"
        place_of[circle[0]].note("standard.requirements", circle[0], Wrong(allowed=allowed))
        needs = {service: others for service, others in needs.items() if service not in circle}
