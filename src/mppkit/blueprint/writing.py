"""From a blueprint back to TOML: its tables as plain values, and those as text that loads to the same digest.

This part touches no file, and knows no TOML but what a blueprint needs.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import evolve

from mppkit.blueprint.digest import IN_ORDER, canonical
from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.policies import told, told_of_permits
from mppkit.blueprint.sections import DAYS
from mppkit.decisions import LegalBasis
from mppkit.directory import Regulation
from mppkit.documents.files import LARGEST_FILE, LONGEST_LINE
from mppkit.permits.workflow import Workflow

Document = Mapping[str, Any]
"""The tables of a blueprint by section. What has an order is a list; what has none, rows too, is a tuple."""

_KEYS = {
    "first_on": "from",
    "last_on": "to",
    "from_on": "from",
    "to_on": "to",
    "indonesian": "name",
    "english": "name_english",
    "stretches": "hours",
    "steps": "step",
    "limits": "limit",
    "dated_on": "dated",
}
"""The attributes whose keys are called otherwise."""

_LABELS = {
    "participation": ("agency", "regulation"),
    "closure": ("from", "name"),
    "overlay": ("decree",),
    "special_hours": ("rule",),
    "workflow": ("id", "version"),
}
"""What tells rows apart that have no id, or share it."""

_FILES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("1-mall", ("mall", "hours", "calendar", "closure", "overlay", "special_hours", "queue", "survey")),
    ("2-rules", ("regulation", "participation")),
    ("3-agencies", ("agency",)),
    ("4-services", ("service",)),
    ("5-counters", ("counter", "role", "officer")),
    ("6-facilities", ("facility",)),
    ("7-permits", ("permit_numbering", "permit_capacity", "workflow", "zone")),
)
_ROWS_WITHIN = {"workflow.step", "workflow.reason", "zone.limit"}
"""The arrays within a row that are always written as rows of their own."""
_WIDTH = 120
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"'}


# --- a blueprint as tables -----------------------------------------------------------------------------------------


def as_document(blueprint: Blueprint) -> Document:
    """Return the tables a blueprint is made of; two have the same exactly when their digests are the same.

    Every service has its whole standard: what its agency's services share is not told apart.
    """
    calendar, directory = blueprint.calendar, blueprint.directory
    document: dict[str, Any] = {
        "mall": {
            "id": blueprint.id,
            "name": blueprint.name,
            "name_english": blueprint.name_english,
            "zone": calendar.zone.key,
            "invented": blueprint.invented,
        }
    }
    if calendar.hours is not None:
        by_weekday = sorted(calendar.hours.by_weekday.items())
        document["hours"] = {DAYS[weekday]: _plain(list(hours)) for weekday, hours in by_weekday if hours}
    if calendar.hours is not None or not (calendar.national_holidays and calendar.joint_leave):
        document["calendar"] = {
            "closed_on_national_holidays": calendar.national_holidays,
            "closed_on_joint_leave": calendar.joint_leave,
        }
    document["queue"] = {slot: dict(stated) for slot, stated in told(blueprint.policies, blueprint.registered).items()}
    document |= told_of_permits(blueprint.permit_policies)
    if survey := dict(_stated(blueprint.survey)):
        document["survey"] = survey
    rows = {
        "closure": calendar.closures,
        "overlay": calendar.overlays,
        "special_hours": calendar.special_hours,
        "regulation": directory.regulations,
        "participation": directory.participations,
        "agency": directory.agencies,
        "service": directory.services,
        "counter": directory.counters,
        "officer": directory.officers,
        "facility": directory.facilities,
        "role": directory.roles,
        "zone": blueprint.zones,
    }
    document |= {name: _plain(things) for name, things in rows.items() if things}
    if blueprint.workflows:
        document["workflow"] = tuple(_workflow(each, directory.regulations) for each in blueprint.workflows)
    return document


def _workflow(workflow: Workflow, regulations: Sequence[Regulation]) -> Mapping[str, Any]:
    """Return a workflow as a row: its version always, and by their ids the regulations it stands on."""
    without = dict(_stated(evolve(workflow, term_basis=None, reasons=())))
    row = {
        "id": workflow.id,
        "version": workflow.version,
        **without,
        **_cited(workflow.term_basis, regulations, "term_"),
    }
    reasons = tuple(
        {"code": each.code, "indonesian": each.indonesian, "english": each.english, **_cited(each.basis, regulations)}
        for each in workflow.reasons
    )
    return {**row, "reason": reasons} if reasons else row


def _cited(basis: LegalBasis | None, regulations: Sequence[Regulation], prefix: str = "") -> Mapping[str, Any]:
    if basis is None:
        return {}
    regulation = cited_regulation(basis, regulations)
    if regulation is None:  # no file can say so, and loading will refuse it
        return {f"{prefix}basis": _plain(basis)}
    return {f"{prefix}regulation": regulation.id, **({f"{prefix}article": basis.article} if basis.article else {})}


def rules_of(workflow: Workflow, regulations: Sequence[Regulation]) -> Iterator[str]:
    """Return the ids of the regulations that a workflow stands on, some perhaps twice."""
    for basis in (workflow.term_basis, *(reason.basis for reason in workflow.reasons)):
        regulation = cited_regulation(basis, regulations)
        if regulation is not None:
            yield regulation.id


def cited_regulation(basis: LegalBasis | None, regulations: Sequence[Regulation]) -> Regulation | None:
    """Return the regulation that a legal basis is; None where it is none of them."""
    same = (each for each in regulations if basis is not None and each.basis(basis.article) == basis)
    return min(same, key=lambda each: each.id, default=None)


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(at, time) for at in value):
        return "-".join(at.isoformat().removesuffix(":00") for at in value)
    if isinstance(value, tuple | list):
        return type(value)(_plain(inner) for inner in value)
    if attrs.has(type(value)):
        return dict(_stated(value))
    return value


def _stated(value: Any) -> Iterator[tuple[str, Any]]:
    for each in attrs.fields(type(value)):
        inner, default = getattr(value, each.name), each.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # to attrs' stubs it is a function
            default = default.factory()
        if inner == default:
            continue
        if each.name in IN_ORDER or inner == ():  # that nothing is to be brought is said
            inner = list(inner)
        yield _KEYS.get(each.name, each.name), _plain(inner)


def tables(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return every table of a document with its place as findings name it, such as `service[nib]` or `queue.limits`."""
    for name, content in document.items():
        if name == "queue":
            yield from ((f"queue.{slot}", stated) for slot, stated in content.items())
        elif isinstance(content, Mapping):
            yield name, content
        else:
            yield from ((f"{name}[{label(name, row)}]", row) for row in content)


def label(section: str, row: Mapping[str, Any]) -> str:
    """Return what a row is called by: its id, or what else tells it apart."""
    return ", ".join(str(row[key]) for key in _LABELS.get(section, ("id",)))


def share_standards(document: Document) -> Document:
    """Return a document in which each agency says once what the standards of all its services say alike."""
    of_agency: dict[str, list[Mapping[str, Any]]] = {}
    for row in document.get("service", ()):
        of_agency.setdefault(row["agency"], []).append(row.get("standard", {}))
    shared = {agency: _alike(standards) for agency, standards in of_agency.items() if len(standards) > 1}

    def own(row: Mapping[str, Any]) -> Mapping[str, Any]:
        said = shared.get(row["agency"], {})
        standard = {key: value for key, value in row.get("standard", {}).items() if key not in said}
        rest = {key: value for key, value in row.items() if key != "standard"}
        return {**rest, "standard": standard} if standard else rest

    agencies = tuple(
        {**row, "standard": shared[row["id"]]} if shared.get(row["id"]) else row for row in document["agency"]
    )
    return {**document, "agency": agencies, "service": tuple(own(row) for row in document["service"])}


def _alike(standards: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    first = standards[0]
    told_of = [{key: canonical({key: value}) for key, value in standard.items()} for standard in standards]
    return {key: first[key] for key in first if all(each.get(key) == told_of[0][key] for each in told_of)}


# --- tables as text ------------------------------------------------------------------------------------------------


def as_files(document: Document, notes: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Mapping[str, str]:
    """Return the files of a blueprint, text by name, no larger than a blueprint's files may be.

    Args:
        document: its tables.
        notes: comments, by the place of the table before which they stand; those of no table stand at the top.
    """
    shared = share_standards(document)
    homes = {place for place, _ in tables(shared)}
    top = "".join(_comment(note) for place, those in notes.items() if place not in homes for note in those)
    files: dict[str, str] = {}
    for name, sections in _FILES:
        blocks = [
            "".join(_comment(note) for note in notes.get(place, ()))
            + "".join(f"{line}\n" for line in _lines(place, row))
            for place, row in tables({key: shared[key] for key in sections if key in shared})
        ]
        for count, part in enumerate(_parted([top, *blocks] if top and name == _FILES[0][0] else blocks), 1):
            files[f"{name}.toml" if count == 1 else f"{name}-{count}.toml"] = part
    return files


def _parted(blocks: Sequence[str]) -> Iterator[str]:
    part = ""
    for block in blocks:
        if part and len((part + block).encode()) >= LARGEST_FILE:
            yield part
            part = ""
        part = f"{part}\n{block}" if part else block
    if part:
        yield part


def _comment(note: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in note)  # TOML takes no control characters
    return "".join(f"# {line}\n" for line in textwrap.wrap(plain, _WIDTH - 2))


def _lines(place: str, content: Mapping[str, Any]) -> Iterator[str]:
    path, is_row, _ = place.partition("[")
    yield f"[[{path}]]" if is_row else f"[{path}]"
    yield from _inner_lines(path, content)


def _inner_lines(path: str, content: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines of a table after its header: its keys first, then the tables that do not fit into a line."""
    later: list[str] = []
    for name, value in content.items():
        key = _key(name)
        line = f"{key} = {_inline(value)}"
        if f"{path}.{key}" in _ROWS_WITHIN:
            for each in value:
                later += ["", f"[[{path}.{key}]]", *_inner_lines(f"{path}.{key}", each)]
        elif isinstance(value, Mapping) and len(line) > _WIDTH:
            later += ["", f"[{path}.{key}]", *_inner_lines(f"{path}.{key}", value)]
        elif not isinstance(value, tuple | list) or len(line) <= _WIDTH:
            yield line
        elif all(isinstance(each, Mapping) for each in value) and _longest(value) > LONGEST_LINE - 3:
            for each in value:
                later += ["", f"[[{path}.{key}]]", *_inner_lines(f"{path}.{key}", each)]
        else:
            yield f"{key} = ["
            yield from (f"  {_inline(each)}," for each in value)
            yield "]"
    yield from later


def _longest(values: Iterable[object]) -> int:
    return max(len(_inline(each)) for each in values)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _inline(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date | time):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_inline(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(_inline(each) for each in value)}]"
    return repr(value)  # a number; as Python writes it TOML reads it, inf and nan too


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'
