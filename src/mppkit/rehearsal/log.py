"""A log of visits that really happened, read into a plan: columns renamed, queue names too, dirty rows told.

The file is walked twice, line by line: first for what holds for all of it (do days or months come first, are all
services known), then for the visits.
"""

from collections import Counter as Tally
from collections.abc import Mapping
from pathlib import Path

from mppkit.blueprint import Blueprint
from mppkit.documents.instants import DateOrder, split_instant
from mppkit.documents.logs import LogFile
from mppkit.errors import BlueprintError, InvalidValueError, Problem, nearest, shown
from mppkit.rehearsal.columns import Columns, find_columns
from mppkit.rehearsal.rows import Reading
from mppkit.rehearsal.visits import Plan

_NAMES_SHOWN = 200  # where a column of ids was taken for the services there are a million


def read_log(
    path: str | Path,
    blueprint: Blueprint,
    *,
    columns: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    seed: int = 1,
    day_first: bool | None = None,
) -> Plan:
    """Read a log of visits: a CSV file with a header, `,` or `;` between the values, in UTF-8.

    The fields are `arrived_at` (date and time, or date and hour), or `arrived_on` and `arrived_hour` (an hour or a
    time) in its place; `service` (an id, or a name as it stands in the blueprint); `service_seconds`; and, where there
    are such, `priority` (a group; or 1, which counts as the elderly, and 0), `appointment` (its time; or 1, which
    counts as the time of arrival, and 0) and `waited_seconds` (what was really waited, to compare). Times are the
    mall's local time unless a zone stands with them. Blank lines are no rows.

    Args:
        path: the file.
        blueprint: the mall to rehearse in.
        columns: by field, the name of its column in the file; a field that is not here has a column of its own name.
        aliases: by the name of a queue in the file, the id of the service it is here.
        seed: draws the second of arrival where only the hour is known.
        day_first: whether dates such as 02-01-2026 begin with the day; None to let the file settle it.

    Raises:
        BlueprintError: columns are missing, or services unknown; tells all of them at once.
        InvalidValueError: the file is no CSV in UTF-8 with a header, its dates could be read both ways, or none of its
            rows can be rehearsed.
        NotFoundError: there is no such file.
    """
    file = LogFile(Path(path))
    found = find_columns(file.header, columns or {}, str(path))
    order, services = _first_walk(file, found, blueprint, aliases or {})
    reading = Reading(blueprint, found, services, seed, order.decide() if day_first is None else day_first)
    for line, text in file.rows():
        reading.take(line, text, file.values(text))
    if not reading.days:
        told = "; ".join(f"{finding.count} {finding.kind}: {finding.rule}" for finding in reading.findings())
        raise InvalidValueError("visits", str(path), f"none of its {reading.rows} rows can be rehearsed; {told}")
    return Plan(
        source=f"log {path}",
        seed=seed,
        days={
            on: tuple(sorted(visits, key=lambda visit: visit.arrives_at)) for on, visits in sorted(reading.days.items())
        },
        rows=reading.rows,
        findings=reading.findings(),
    )


# --- what holds for all of it --------------------------------------------------------------------------------------


def _first_walk(
    file: LogFile, columns: Columns, blueprint: Blueprint, aliases: Mapping[str, str]
) -> tuple[DateOrder, Mapping[str, str]]:
    """Return what the dates say of their order, and the id of each service that is named.

    Raises:
        BlueprintError: an alias leads nowhere, or services are unknown.
    """
    order = DateOrder(str(file.path))
    tally: Tally[str] = Tally()
    first_line: dict[str, int] = {}
    for line, text in file.rows():
        values = file.values(text)
        if values is None or len(values) != columns.width:
            continue
        if (parts := split_instant(columns.arrival(values))) is not None:
            order.see(parts[0], line)
        name = columns.value(values, columns.service)
        tally[name] += 1
        first_line.setdefault(name, line)
    del tally[""]
    known = _names(blueprint)
    ids = {service.id for service in blueprint.directory.services}
    problems = [
        Problem(
            file=str(file.path),
            path=f"alias {shown(alias)}",
            found=shown(target),
            allowed="let it lead to the id of a service of the blueprint",
            suggestion=_near(target, known),
        )
        for alias, target in aliases.items()
        if target not in ids
    ]
    unknown = [(name, count) for name, count in tally.most_common() if name not in aliases and name not in known]
    problems += [
        Problem(
            file=str(file.path),
            path=f"{count} row{'s' * (count > 1)} from line {first_line[name]}",
            found=shown(name),
            allowed="no such service; give an alias: NAME=service-id",
            suggestion=_near(name, known),
        )
        for name, count in unknown[:_NAMES_SHOWN]
    ]
    if len(unknown) > _NAMES_SHOWN:
        more, allowed = f"{len(unknown) - _NAMES_SHOWN} more names", "no such services; is that their column?"
        problems.append(Problem(file=str(file.path), path="", found=more, allowed=allowed))
    if problems:
        raise BlueprintError(problems, of="log")
    return order, {**known, **aliases}


def _names(blueprint: Blueprint) -> dict[str, str]:
    """Return the id of each service by what a log may call it: its id, or a name that no other service has."""
    services = blueprint.directory.services
    named = Tally(name for service in services for name in {service.name, service.name_english})
    found = {
        name: service.id for service in services for name in (service.name, service.name_english) if named[name] == 1
    }
    return {**found, **{service.id: service.id for service in services}}


def _near(name: str, known: Mapping[str, str]) -> str | None:
    near = nearest(name, known) or nearest(name.lower(), known)
    return known[near] if near else None
