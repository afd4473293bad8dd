"""From a TOML file to an instrument, or to pieces of evidence. Every problem is told at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from mppkit.documents.files import read_document
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, day, flag, identifier, one_of, passage, table, whole
from mppkit.errors import BlueprintError, Problem
from mppkit.readiness.checks import CHECKS
from mppkit.readiness.filing import faults
from mppkit.readiness.model import PRACTICE, Aspect, Evidence, EvidenceKind, Instrument, Item, Limits

T = TypeVar("T")
_SHIPPED = Path(__file__).parent / "instrument.toml"
_KINDS = tuple(kind.value for kind in EvidenceKind)


def _share(value: object) -> float | Wrong:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        return Wrong(allowed="give a share, more than 0 and up to 1, without quotes")
    return float(value)


def _some(value: object) -> list[object] | Wrong:
    return value if isinstance(value, list) and value else Wrong(allowed='give an array, such as ["link", "document"]')


def _rows_of(name: str) -> Check:
    return lambda value: value if isinstance(value, list) and value else Wrong(allowed=f"write at least one [[{name}]]")


_ABOUT: Mapping[str, Check] = {"id": identifier, "version": passage, "name": passage, "name_english": passage}
_ASPECT: Mapping[str, Check] = {"id": identifier, "name": passage, "name_english": passage}
_LIMITS: Mapping[str, Check] = {
    "rehearsed_within_days": whole(1, 3650),
    "within_promise_share": _share,
    "least_waits": whole(1, 1_000_000),
    "backed_up_within_days": whole(1, 3650),
}
_ITEM: Mapping[str, Check] = {
    "id": identifier,
    "aspect": identifier,
    "text": passage,
    "text_english": passage,
    "source": passage,
    "weight": whole(1, 100),
    "step": passage,
    "step_english": passage,
}
_ITEM_OPTIONAL: Mapping[str, Check] = {
    "article": passage,
    "verified": flag,
    "evidence": passage,
    "evidence_english": passage,
    "kinds": _some,
    "blocks": flag,
    "checked_by": one_of(CHECKS),
}
_EVIDENCE: Mapping[str, Check] = {"item": passage, "kind": one_of(_KINDS), "by": passage, "given_on": day}
_EVIDENCE_OPTIONAL: Mapping[str, Check] = {"reference": passage, "digest": passage, "valid_until": day, "note": passage}


def load_instrument(path: str | Path | None = None) -> Instrument:
    """Return the shipped instrument, or read one from a TOML file; the shipped file shows what may stand in it.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.

    >>> [aspect.id for aspect in load_instrument().aspects]
    ['regulation', 'infrastructure', 'people', 'information_system', 'commitment']
    """
    return _load(Path(path) if path is not None else _SHIPPED, "readiness instrument", _read_instrument)


def load_evidence(path: str | Path, instrument: Instrument, on: date) -> tuple[Evidence, ...]:
    """Read the evidence of a TOML file, `[[evidence]]` by `[[evidence]]`, as it may be recorded on a local date.

    Raises:
        BlueprintError: something in it cannot be; tells every problem at once.
    """
    return _load(Path(path), "evidence file", lambda root: tuple(_read_evidence(root, instrument, on)))


def _load(path: Path, what: str, read: Callable[[Table], T | None]) -> T:
    problems: list[Problem] = []
    document = read_document(path, problems)
    made = None
    if document is not None:
        made = read(Table(document.content, file=document.file, path="", problems=problems))
    if problems or made is None:
        raise BlueprintError(problems, of=what)
    return made


# --- an instrument -------------------------------------------------------------------------------------------------


def _read_instrument(root: Table) -> Instrument | None:
    """Return the instrument; None, or one that lacks what is wrong, where a problem was noted."""
    root.read({"instrument": table, "aspect": _rows_of("aspect"), "item": _rows_of("item")}, {"limits": table})
    about = root.inner("instrument").read(_ABOUT, {}) if "instrument" in root.content else {}
    limits = Limits(**root.inner("limits").read({}, _LIMITS))
    aspect_rows, item_rows = root.rows("aspect"), root.rows("item")
    aspects = tuple(_aspects(aspect_rows, [row.content.get("aspect") for row in item_rows]))
    items = tuple(_items(item_rows, [row.content.get("id") for row in aspect_rows]))
    if about.keys() != _ABOUT.keys():
        return None
    return Instrument(**about, aspects=aspects, items=items, limits=limits)


def _aspects(rows: Sequence[Table], used: Sequence[object]) -> Iterator[Aspect]:
    ids: dict[str, str] = {}
    for row in rows:
        facts = row.read(_ASPECT, {})
        if used and "id" in facts and facts["id"] not in used:
            row.note("id", facts["id"], Wrong(allowed="write an [[item]] of this aspect, or leave it out"))
        if _is_first(row, facts, ids) and facts.keys() == _ASPECT.keys():
            yield Aspect(**facts)


def _items(rows: Sequence[Table], aspects: Sequence[object]) -> Iterator[Item]:
    ids: dict[str, str] = {}
    known = [aspect for aspect in aspects if isinstance(aspect, str)]
    for row in rows:
        facts = row.read(_ITEM, _ITEM_OPTIONAL)
        facts["kinds"] = tuple(_kinds(row))
        if known and "aspect" in facts and facts["aspect"] not in known:
            row.note("aspect", facts["aspect"], Wrong(allowed=f"give one of {', '.join(known)}", among=known))
        _note_source(row, facts)
        _note_evidence(row)
        if _is_first(row, facts, ids) and _ITEM.keys() <= facts.keys():
            yield Item(**facts)


def _is_first(row: Table, facts: Mapping[str, Any], ids: dict[str, str]) -> bool:
    """Tell whether no row before it has the same id; notes it if one has."""
    first = ids.setdefault(facts.get("id", ""), row.path)
    if "id" in facts and first != row.path:
        row.note("id", facts["id"], Wrong(allowed=f"give each its own; {first} has it already"))
        return False
    return True


def _kinds(row: Table) -> Iterator[EvidenceKind]:
    check = one_of(_KINDS)
    given = row.content.get("kinds")
    taken: set[object] = set()
    for index, value in enumerate(given if isinstance(given, list) else ()):
        kind = check(value)
        if isinstance(kind, Wrong):
            row.note(f"kinds[{index}]", value, kind)
        elif value in taken:
            row.note(f"kinds[{index}]", value, Wrong(allowed="name each once"))
        else:
            taken.add(value)
            yield EvidenceKind(value)


def _note_source(row: Table, facts: Mapping[str, Any]) -> None:
    if facts.get("source") == PRACTICE:
        for key in ("article", "verified"):
            if key in row.content:
                row.note(key, row.content[key], Wrong(allowed="leave it out: practice has no text to read"))


def _note_evidence(row: Table) -> None:
    """Note an item that nothing could meet, and evidence of which it is not said what or of what kind."""
    told = [key for key in ("evidence", "evidence_english", "kinds") if key in row.content]
    if not told and "checked_by" not in row.content:
        row.note("", row.content, Wrong(allowed="say what evidence of what kinds counts, or which check looks"))
    for key in ("evidence", "evidence_english", "kinds"):
        if told and key not in row.content:
            row.note(key, None, Wrong(allowed="evidence, evidence_english and kinds belong together"))


# --- an evidence file ----------------------------------------------------------------------------------------------


def _read_evidence(root: Table, instrument: Instrument, on: date) -> Iterator[Evidence]:
    root.read({"evidence": _rows_of("evidence")}, {})
    places: dict[Evidence, str] = {}
    for row in root.rows("evidence"):
        facts = row.read(_EVIDENCE, _EVIDENCE_OPTIONAL)
        if not _EVIDENCE.keys() <= facts.keys():
            continue
        evidence = Evidence(**{**facts, "kind": EvidenceKind(facts["kind"])})
        for fault in faults(evidence, instrument, on):
            if fault.key in facts or fault.key not in row.content:  # else it is noted already
                row.note(fault.key, fault.value, fault.wrong)
        first = places.setdefault(evidence, row.path)
        if first != row.path:
            row.note("", row.content, Wrong(allowed=f"give it once; it stands in {first} already"))
        yield evidence
