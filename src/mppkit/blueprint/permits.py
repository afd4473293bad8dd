"""What a blueprint says of permits: the workflows of applications, and the zones with what they can carry."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from mppkit.blueprint.merging import Merged, array_of_rows
from mppkit.blueprint.values import amount
from mppkit.decisions import LegalBasis, Reason
from mppkit.directory import Directory, Regulation
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, day, flag, identifier, one_of, passage, text, whole
from mppkit.errors import InvalidValueError, Problem
from mppkit.permits.capacity import Limit, Zone
from mppkit.permits.soundness import MOST_MONTHS, MOST_VERSIONS, MOST_WORKING_DAYS, problems_of
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow

_NAMED: Mapping[str, Check] = {"id": identifier, "name": text, "name_english": text}
_DAYS = whole(1, MOST_WORKING_DAYS)
_WORKFLOW: Mapping[str, Check] = {
    **_NAMED,
    "services": array,
    "start": text,
    "step": array_of_rows("workflow.step"),
}
_WORKFLOW_OPTIONAL: Mapping[str, Check] = {
    "version": whole(1, MOST_VERSIONS),
    "reason": array_of_rows("workflow.reason"),
    "documents": array,
    "working_days": _DAYS,
    "term_regulation": text,
    "term_article": text,
    "counts_from": one_of(each.value for each in CountsFrom),
    "overdue": one_of(each.value for each in Overdue),
    "escalates_to": text,
    "applicant_days": _DAYS,
    "validity_months": whole(1, MOST_MONTHS),
}
_STEP: Mapping[str, Check] = {
    **_NAMED,
    "kind": one_of(kind.value for kind in StepKind),
    "role": text,
    "working_days": _DAYS,
    "outcomes": array,
}
_STEP_OPTIONAL: Mapping[str, Check] = {"agency": text, "documents": array, "reserves": flag}
_OUTCOME: Mapping[str, Check] = {"id": identifier, "effect": one_of(effect.value for effect in Effect)}
_OUTCOME_OPTIONAL: Mapping[str, Check] = {
    "name": text,
    "name_english": text,
    "next": array,
    "join": text,
    "reasons": array,
    "reserves": flag,
}
_REASON: Mapping[str, Check] = {"code": identifier, "indonesian": passage, "english": passage}
_REASON_OPTIONAL: Mapping[str, Check] = {"regulation": text, "article": text}
_ZONE_OPTIONAL: Mapping[str, Check] = {"limit": array_of_rows("zone.limit")}
_LIMIT: Mapping[str, Check] = {"resource": identifier, "unit": text, "amount": amount, "source": text, "dated": day}


# --- workflows -----------------------------------------------------------------------------------------------------


def read_workflows(merged: Merged, directory: Directory, problems: list[Problem]) -> tuple[Workflow, ...]:
    """Return the workflows; those with problems are left out.

    Where a workflow's steps lead is looked at once all of it can be read, so that a slip is told once.
    """
    return tuple(_workflows(merged, directory, problems))


def _workflows(merged: Merged, directory: Directory, problems: list[Problem]) -> Iterator[Workflow]:
    # the ids that were given, well-formed or not; None where they are not known, or where it is told that none is
    roles, agencies, services = (
        None if merged.has_gaps else {row.row: None for row in merged.rows[name] if row.row is not None}
        for name in ("role", "agency", "service")
    )
    regulations = {each.id: each for each in directory.regulations}
    for row in merged.rows["workflow"]:
        before = len(problems)
        workflow = _workflow(row, regulations)
        if workflow is None or len(problems) > before:
            continue
        flaws = problems_of(workflow, roles=roles, agencies=agencies or None, services=services or None)
        for flaw in flaws:
            row.note(flaw.path, flaw.value, flaw.wrong)
        if not flaws:
            yield workflow


def _workflow(row: Table, regulations: Mapping[str, Regulation]) -> Workflow | None:
    """Return what a row says; None where something is missing that must be there."""
    facts = row.read(_WORKFLOW, _WORKFLOW_OPTIONAL)
    steps = tuple(_steps(row.inner_rows("step")))
    reasons = tuple(_reasons(row.inner_rows("reason"), regulations))
    services, documents = row.names("services", text), row.names("documents", identifier)
    term = _basis(row, "term_regulation", "term_article", regulations)
    if not _WORKFLOW.keys() <= facts.keys():
        return None
    workflow = Workflow(
        id=facts["id"],
        name=facts["name"],
        name_english=facts["name_english"],
        services=services,
        start=facts["start"],
        steps=steps,
        reasons=reasons,
        documents=documents,
        term_basis=term,
        counts_from=CountsFrom(facts.get("counts_from", CountsFrom.SUBMISSION)),
        overdue=Overdue(facts.get("overdue", Overdue.ESCALATE)),
    )
    as_they_are = ("version", "working_days", "escalates_to", "applicant_days", "validity_months")
    return evolve(workflow, **{key: facts[key] for key in as_they_are if key in facts})


def _steps(rows: Iterable[Table]) -> Iterator[Step]:
    for row in rows:
        facts = row.read(_STEP, _STEP_OPTIONAL)
        outcomes = tuple(_outcomes(row.inner_rows("outcomes")))
        documents = row.names("documents", identifier)
        if _STEP.keys() <= facts.keys():
            yield Step(**{**facts, "kind": StepKind(facts["kind"]), "outcomes": outcomes, "documents": documents})


def _outcomes(rows: Iterable[Table]) -> Iterator[StepOutcome]:
    for row in rows:
        facts = row.read(_OUTCOME, _OUTCOME_OPTIONAL)
        names = {key: row.names(key, text) for key in ("next", "reasons")}
        if _OUTCOME.keys() <= facts.keys():
            yield StepOutcome(**{**facts, **names, "effect": Effect(facts["effect"])})


def _reasons(rows: Iterable[Table], regulations: Mapping[str, Regulation]) -> Iterator[Reason]:
    for row in rows:
        facts: dict[str, Any] = row.read(_REASON, _REASON_OPTIONAL)
        basis = _basis(row, "regulation", "article", regulations)
        if _REASON.keys() <= facts.keys():
            yield Reason(**{key: facts[key] for key in _REASON}, basis=basis)


def _basis(row: Table, regulation: str, article: str, regulations: Mapping[str, Regulation]) -> LegalBasis | None:
    """Return the rule that a row names; None where it names none, or one that is not there, as is noted elsewhere."""
    named, within = row.content.get(regulation), row.content.get(article)
    if named is None and within is not None:
        row.note(regulation, None, Wrong(allowed=f"give the id of the regulation that `{article}` stands in"))
    rule = regulations.get(named) if isinstance(named, str) else None
    return rule.basis(within if isinstance(within, str) else None) if rule else None


def workflow_references(row: Table) -> Iterator[tuple[Table, str, object, str]]:
    """Return the regulations that a workflow refers to: its row, the place in it, the id, and that it is one."""
    yield row, "term_regulation", row.content.get("term_regulation"), "regulation"
    given = row.content.get("reason")
    for index, reason in enumerate(given if isinstance(given, list) else ()):
        if isinstance(reason, dict):
            yield row, f"reason[{index}].regulation", reason.get("regulation"), "regulation"


def note_rival_workflows(rows: Iterable[Table]) -> None:
    """Note a version that is given twice, and a service for whose applications two workflows are meant."""
    versions: dict[tuple[str, int], Table] = {}
    newest: dict[str, Table] = {}
    for row in rows:
        if row.row is None:
            continue
        version = _version(row)
        first = versions.setdefault((row.row, version), row)
        if first is not row:
            where = first.path if first.file == row.file else f"{first.path} in {first.file}"
            row.note(
                "id", row.row, Wrong(allowed=f"give another id or `version`; {where} has version {version} already")
            )
        elif row.row not in newest or version > _version(newest[row.row]):
            newest[row.row] = row
    taken: dict[str, str] = {}
    for workflow, row in newest.items():
        services = row.content.get("services")
        for index, service in enumerate(services if isinstance(services, list) else ()):
            if isinstance(service, str) and taken.setdefault(service, workflow) != workflow:
                allowed = f"name it in one workflow; {taken[service]} takes its applications already"
                row.note(f"services[{index}]", service, Wrong(allowed=allowed))


def _version(row: Table) -> int:
    given = row.content.get("version", 1)
    return given if isinstance(given, int) else 1


# --- zones ---------------------------------------------------------------------------------------------------------


def read_zones(merged: Merged) -> tuple[Zone, ...]:
    """Return the zones; those with problems are left out."""
    return tuple(_zones(merged.rows["zone"]))


def _zones(rows: Iterable[Table]) -> Iterator[Zone]:
    for row in rows:
        facts = row.read(_NAMED, _ZONE_OPTIONAL)
        limits = tuple(_limits(row.inner_rows("limit")))
        if _NAMED.keys() <= facts.keys():
            zone = {key: facts[key] for key in _NAMED}
            try:
                yield Zone(**zone, limits=limits)
            except InvalidValueError as wrong:
                place = "id" if wrong.place == "zone" else wrong.place
                row.note(place, row.content.get(place), Wrong(allowed=wrong.remedy))


def _limits(rows: Iterable[Table]) -> Iterator[Limit]:
    counted: set[str] = set()
    for row in rows:
        facts = row.read(_LIMIT, {})
        if not _LIMIT.keys() <= facts.keys():
            continue
        if facts["resource"] in counted:
            row.note("resource", facts["resource"], Wrong(allowed="give one limit for each resource"))
            continue
        counted.add(facts["resource"])
        on = facts.pop("dated")
        try:
            yield Limit(**facts, dated_on=on)
        except InvalidValueError as wrong:
            row.note(wrong.place, row.content.get(wrong.place), Wrong(allowed=wrong.remedy))
