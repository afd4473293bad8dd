"""The JSON Schema of a blueprint's TOML, made of the very tables by which the loader reads, so that it never drifts.

It says what each file may hold by itself; what rows must have among themselves (ids that exist, names that differ) only
loading can tell. Policies that a caller registers are not in it.
"""

from collections.abc import Iterable, Mapping
from inspect import getclosurevars, signature
from typing import Any

from mppkit.blueprint import offices, permits, policies, sections, standards, values
from mppkit.directory import COMPONENTS
from mppkit.documents import values as checks
from mppkit.documents.tables import Table
from mppkit.documents.values import Check
from mppkit.ids import _ID
from mppkit.permits.policies import BUILT_IN as PERMIT_BUILT_IN
from mppkit.queues.model import APPOINTMENT_PREFIX, Limits
from mppkit.queues.policies import BUILT_IN

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schema() -> Schema:
    """Return the JSON Schema (2020-12) of one file of a blueprint: no section is required, as another may have it.

    Editors that check TOML by a schema take a date for a text of format `date`.

    >>> schema()["properties"]["service"]["items"]["required"]
    ['id', 'name', 'name_english', 'agency', 'prefix']
    """
    standard = _standard()
    channels = _array(_table(standards._CHANNEL, {"address": checks.text}))
    ids = _array({"type": "string"}, unique=True)
    hours = _array(_of(values.stretch))
    rows = {
        "closure": _table(sections._CLOSURE, sections._CLOSURE_OPTIONAL),
        "overlay": _table(sections._OVERLAY, sections._OVERLAY_OPTIONAL, hours=hours),
        "special_hours": _table(
            sections._SPECIAL_HOURS, sections._SPECIAL_HOURS_OPTIONAL, hours=_array(_of(values.stretch), least=1)
        ),
        "regulation": _table(
            offices._REGULATION, offices._REGULATION_OPTIONAL, articles=_array(_of(checks.text), unique=True)
        ),
        "participation": _table(
            offices._PARTICIPATION,
            offices._PARTICIPATION_OPTIONAL,
            services=_array({"type": "string"}, unique=True, least=1),
        ),
        "agency": _table(offices._AGENCY, {"standard": checks.table}, standard=standard),
        "service": _table(offices._SERVICE, offices._SERVICE_OPTIONAL, standard=standard, channels=channels),
        "counter": _table(offices._COUNTER, {}, services=_array({"type": "string"}, unique=True, least=1)),
        "officer": _table(offices._OFFICER, offices._OFFICER_OPTIONAL, counters=ids, roles=ids),
        "facility": _table(offices._FACILITY, {}),
        "role": _table(offices._NAMED, offices._ROLE_OPTIONAL, may=_array(_of(offices.DUTY), unique=True)),
        "workflow": _workflow(),
        "zone": _table(permits._NAMED, permits._ZONE_OPTIONAL, limit=_array(_table(permits._LIMIT, {}))),
    }
    flags = ("closed_on_national_holidays", "closed_on_joint_leave")
    properties = {
        "mall": _table(sections._MALL, {"invented": checks.flag}),
        "hours": _table({}, dict.fromkeys(sections.DAYS, checks.array), **dict.fromkeys(sections.DAYS, hours)),
        "calendar": _table({}, dict.fromkeys(flags, checks.flag)),
        "queue": _object({slot: _slot(slot) for slot in policies.SLOTS}),
        **{f"permit_{slot}": _one_of(factories) for slot, factories in PERMIT_BUILT_IN.items()},
        "survey": _table({}, sections.SURVEY),
        **{name: _array(row) for name, row in rows.items()},
    }
    return {"$schema": DIALECT, "title": "A blueprint of mppkit, or one file of it", **_object(properties)}


def _standard() -> Schema:
    channels = _array(_table(standards._CHANNEL, {"address": checks.text}))
    ids = _array(_of(checks.identifier), unique=True)
    fee = {**_table({}, standards._FEE), "anyOf": [{"required": ["amount_rupiah"]}, {"required": ["what"]}]}
    made = _table(
        {},
        standards._STANDARD,
        requirements=_array(_table(standards._REQUIREMENT, standards._REQUIREMENT_OPTIONAL)),
        procedure=_array(_of(checks.passage)),
        duration=_table(standards._DURATION, {}),
        fees=_array(fee),
        complaints=channels,
        legal_basis=ids,
        facilities=ids,
    )
    for name, component in COMPONENTS.items():
        made["properties"][name] = {"description": component.indonesian, **made["properties"][name]}
    return made


def _workflow() -> Schema:
    names, kinds = _array(_of(checks.text), unique=True), _array(_of(checks.identifier), unique=True)
    outcome = _table(permits._OUTCOME, permits._OUTCOME_OPTIONAL, next=names, reasons=names)
    outcomes = _array(outcome, least=1)
    step = _table(permits._STEP, permits._STEP_OPTIONAL, outcomes=outcomes, documents=kinds)
    return _table(
        permits._WORKFLOW,
        permits._WORKFLOW_OPTIONAL,
        services=_array(_of(checks.text), unique=True, least=1),
        documents=kinds,
        step=_array(step, least=1),
        reason=_array(_table(permits._REASON, permits._REASON_OPTIONAL)),
    )


def _slot(slot: str) -> Schema:
    if slot == "limits":
        return _policy(Limits)
    return _one_of(BUILT_IN[slot])


def _one_of(factories: Mapping[str, type]) -> Schema:
    return {"oneOf": [_policy(kind, name) for name, kind in factories.items()]}


def _policy(kind: type, name: str | None = None) -> Schema:
    required, optional = policies._parameters(kind, Table({}, file="", path="", problems=[]))
    made = _table(required, optional)
    for parameter in signature(kind).parameters.values():
        if parameter.default is not parameter.empty:
            made["properties"][parameter.name]["default"] = parameter.default
    if name is not None:
        made["properties"] = {"policy": {"const": name}, **made["properties"]}
        made["required"] = ["policy", *made.get("required", [])]
    return made


# --- from checks to schemas ----------------------------------------------------------------------------------------


def _table(required: Mapping[str, Check], optional: Mapping[str, Check], **inner: Schema) -> Schema:
    """Return the schema of a table: each key by its check, or as given where that says only that it is an array."""
    properties = {key: inner.get(key) or _of(check) for key, check in {**required, **optional}.items()}
    return _object(properties, required)


def _object(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _array(items: Schema, *, unique: bool = False, least: int = 0) -> Schema:
    return {
        "type": "array",
        "items": items,
        **({"uniqueItems": True} if unique else {}),
        **({"minItems": least} if least else {}),
    }


def _line(at_most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": at_most}


_IDENTIFIER: Schema = {"type": "string", "pattern": f"^{_ID.pattern}$"}
_KNOWN: Mapping[Check, Schema] = {
    checks.text: _line(checks._TEXT_AT_MOST),
    checks.passage: _line(checks._PASSAGE_AT_MOST),
    checks.identifier: _IDENTIFIER,
    values.person: _IDENTIFIER,
    values.prefix: {"type": "string", "pattern": f"^(?!{APPOINTMENT_PREFIX}$){values._PREFIX.pattern}$"},
    checks.flag: {"type": "boolean"},
    values.amount: {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": 10**12},
            {"type": "string", "pattern": f"^{values._AMOUNT.pattern}$"},
        ]
    },
    values.minutes: {"type": "number", "exclusiveMinimum": 0, "maximum": 1440},
    checks.number: {"type": "number"},
    checks.day: {"type": "string", "format": "date"},
    values.stretch: {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"},
    values.zone: {"type": "string", "examples": list(values._ZONES_AT_HOME.values())},
}


def _of(check: Check) -> Schema:
    """Return the schema that says what a check says."""
    if check in _KNOWN:
        return dict(_KNOWN[check])
    # `whole` and `one_of` make a check for each range or list of words, which stand in what the check closes over
    made_by, told = check.__qualname__.partition(".")[0], getclosurevars(check).nonlocals
    if made_by == "whole":
        return {"type": "integer", "minimum": told["least"], "maximum": told["most"]}
    if made_by == "one_of":
        return {"enum": list(told["names"])}
    raise LookupError(f"{made_by}: tell the schema what this check allows")
