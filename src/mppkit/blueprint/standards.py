"""What a blueprint says of the standard of a service, or of all services of an agency: its 14 components."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mppkit.directory import (
    Channel,
    ChannelKind,
    DocumentForm,
    Duration,
    Fee,
    Requirement,
    TimeUnit,
)
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, identifier, one_of, passage, table, text, whole

_ARRAYS = ("requirements", "procedure", "fees", "complaints", "legal_basis", "facilities")
_TEXTS = ("product", "competence", "supervision", "guarantee", "safety", "evaluation")
_STANDARD: Mapping[str, Check] = {
    **dict.fromkeys(_ARRAYS, array),
    **dict.fromkeys(_TEXTS, passage),
    "duration": table,
    "staff": whole(1, 10_000),
}
_REQUIREMENT: Mapping[str, Check] = {"document": passage, "form": one_of(form.value for form in DocumentForm)}
_REQUIREMENT_OPTIONAL: Mapping[str, Check] = {
    "document_english": passage,
    "issuer": text,
    "product_of": identifier,
    "valid_months": whole(1, 1200),
}
_DURATION: Mapping[str, Check] = {"amount": whole(1, 10_000), "unit": one_of(unit.value for unit in TimeUnit)}
_FEE: Mapping[str, Check] = {"amount_rupiah": whole(0, 10**12), "what": passage, "basis": identifier}
_CHANNEL: Mapping[str, Check] = {"kind": one_of(kind.value for kind in ChannelKind)}


def read_standard(row: Table) -> dict[str, Any]:
    """Return what stands in the `standard` of a service or agency, as the components of a Standard."""
    said = row.inner("standard")
    facts = said.read({}, _STANDARD)
    makers: Mapping[str, Callable[[], object]] = {
        "requirements": lambda: tuple(_requirements(said.inner_rows("requirements"))),
        "procedure": lambda: said.items("procedure", passage),
        "duration": lambda: _duration(said.inner("duration")),
        "fees": lambda: tuple(_fees(said.inner_rows("fees"))),
        "complaints": lambda: read_channels(said, "complaints"),
        "legal_basis": lambda: said.names("legal_basis", identifier),
        "facilities": lambda: said.names("facilities", identifier),
    }
    return {name: makers[name]() if name in makers else value for name, value in facts.items()}


def read_channels(holder: Table, key: str) -> tuple[Channel, ...]:
    """Return the channels that stand under a key."""
    rows = (row.read(_CHANNEL, {"address": text}) for row in holder.inner_rows(key))
    return tuple(
        Channel(kind=ChannelKind(facts["kind"]), address=facts.get("address")) for facts in rows if "kind" in facts
    )


def _requirements(rows: Iterable[Table]) -> Iterable[Requirement]:
    for row in rows:
        facts = row.read(_REQUIREMENT, _REQUIREMENT_OPTIONAL)
        if _REQUIREMENT.keys() <= facts.keys():
            yield Requirement(**{**facts, "form": DocumentForm(facts["form"])})


def _duration(said: Table) -> Duration | None:
    facts = said.read(_DURATION, {})
    if not _DURATION.keys() <= facts.keys():
        return None
    return Duration(amount=facts["amount"], unit=TimeUnit(facts["unit"]))


def _fees(rows: Iterable[Table]) -> Iterable[Fee]:
    for row in rows:
        facts = row.read({}, _FEE)
        if not {"amount_rupiah", "what"} & row.content.keys():
            allowed = "give whole rupiah, 0 for free of charge; or say in `what` how it is computed"
            row.note("amount_rupiah", None, Wrong(allowed=allowed))
        yield Fee(**facts)


def standard_references(row: Table) -> Iterable[tuple[str, object, str]]:
    """Return what the standard of a row refers to: the place in it, the id, and of which kind that is."""
    standard = row.content.get("standard")
    if not isinstance(standard, dict):
        return
    for key, inner, kind in (
        ("legal_basis", None, "regulation"),
        ("facilities", None, "facility"),
        ("fees", "basis", "regulation"),
        ("requirements", "product_of", "service"),
    ):
        given = standard.get(key)
        for index, value in enumerate(given if isinstance(given, list) else ()):
            place = f"standard.{key}[{index}]"
            if inner is None:
                yield place, value, kind
            elif isinstance(value, dict):
                yield f"{place}.{inner}", value.get(inner), kind
