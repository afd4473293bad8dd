"""What makes a workflow sound: nothing in it is out of reach, gets stuck, or issues what nobody granted.

Whatever is wrong is told at once, in the words of the blueprint: `step[2].outcomes[0].next[1]`. While its steps do not
lead to each other in a way that can be walked, only that is told. Pure: this part reads no file.
"""

from collections.abc import Collection, Iterator, Sequence

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_id, checked_text
from mppkit.permits.ways import GRANTS, Flaw, Walk, flaw, outcomes_of, steps_of
from mppkit.permits.workflow import EFFECTS, Effect, StepKind, StepOutcome, Workflow

MOST_STEPS = 100
"""A workflow may come from anybody, and each fork is walked."""

_NAME_AT_MOST = 200
_SENTENCE_AT_MOST = 500
MOST_VERSIONS = 10_000
MOST_WORKING_DAYS = 1_000
MOST_MONTHS = 1_200  # a hundred years
_LEADS = frozenset({Effect.FORWARD, *GRANTS})
"""The effects after which other steps begin."""
_GOES_ON = frozenset({*_LEADS, Effect.ISSUE})


def problems_of(
    workflow: Workflow,
    *,
    roles: Collection[str] | None = None,
    agencies: Collection[str] | None = None,
    services: Collection[str] | None = None,
) -> tuple[Flaw, ...]:
    """Return everything that is wrong in a workflow; nothing when applications can run on it.

    Args:
        workflow: what is looked at.
        roles: the ids of the roles there are; None where that is not known, and so of the others.
        agencies: the ids of the agencies there are.
        services: the ids of the services there are.

    >>> from attrs import evolve
    >>> from mppkit.blueprint import sample_blueprint
    >>> sip = sample_blueprint().workflow("sip")
    >>> problems_of(sip)
    ()
    >>> [(flaw.path, flaw.wrong.allowed) for flaw in problems_of(evolve(sip, start="verifikas"))]
    [('start', 'give the id of a step of this workflow')]
    """
    astray = tuple(_astray(workflow))
    return (
        *_texts(workflow),
        *_numbers(workflow),
        *_strangers(workflow, roles, agencies, services),
        *_reasons(workflow),
        *astray,
        *(() if astray else Walk(workflow).flaws()),
    )


# --- what stands there by itself -------------------------------------------------------------------------------------


def _texts(workflow: Workflow) -> Iterator[Flaw]:
    """Return the ids and texts that may not be recorded; every application records the workflow it began with."""
    ids: list[tuple[str, str]] = [("id", workflow.id)]
    lines: list[tuple[str, str, int]] = [(key, getattr(workflow, key), _NAME_AT_MOST) for key in _NAMES]
    ids += [(f"documents[{index}]", kind) for index, kind in enumerate(workflow.documents)]
    for place, step in steps_of(workflow):
        ids.append((f"{place}.id", step.id))
        ids += [(f"{place}.documents[{index}]", kind) for index, kind in enumerate(step.documents)]
        lines += [(f"{place}.{key}", getattr(step, key), _NAME_AT_MOST) for key in _NAMES]
        for here, outcome in outcomes_of(place, step):
            ids.append((f"{here}.id", outcome.id))
            if outcome.name or outcome.name_english:
                lines += [(f"{here}.{key}", getattr(outcome, key), _NAME_AT_MOST) for key in _NAMES]
    for index, reason in enumerate(workflow.reasons):
        ids.append((f"reason[{index}].code", reason.code))
        lines += [(f"reason[{index}].{key}", getattr(reason, key), _SENTENCE_AT_MOST) for key in _SENTENCES]
    bases = [("term_article", workflow.term_basis)]
    bases += [(f"reason[{index}].article", reason.basis) for index, reason in enumerate(workflow.reasons)]
    lines += [(path, basis.article, _NAME_AT_MOST) for path, basis in bases if basis is not None and basis.article]
    for path, value in ids:
        try:
            checked_id(value, path)
        except InvalidValueError as wrong:
            yield flaw(path, value, wrong.remedy)
    for path, value, at_most in lines:
        try:
            checked_text(value, path, at_most)
        except InvalidValueError as wrong:
            yield flaw(path, value or None, wrong.remedy)


_NAMES = ("name", "name_english")
_SENTENCES = ("indonesian", "english")


def _numbers(workflow: Workflow) -> Iterator[Flaw]:
    numbers: list[tuple[str, int | None, int]] = [
        ("version", workflow.version, MOST_VERSIONS),
        ("working_days", workflow.working_days, MOST_WORKING_DAYS),
        ("applicant_days", workflow.applicant_days, MOST_WORKING_DAYS),
        ("validity_months", workflow.validity_months, MOST_MONTHS),
    ]
    numbers += [(f"{place}.working_days", step.working_days, MOST_WORKING_DAYS) for place, step in steps_of(workflow)]
    for path, value, most in numbers:
        if value is not None and (type(value) is not int or not 1 <= value <= most):
            yield flaw(path, value, f"give a whole number from 1 to {most}")
    if workflow.term_basis is not None and workflow.working_days is None:
        remedy = "say how long the run may take by that rule; without it the law's own term holds, by its own rule"
        yield flaw("working_days", None, remedy)


def _strangers(
    workflow: Workflow,
    roles: Collection[str] | None,
    agencies: Collection[str] | None,
    services: Collection[str] | None,
) -> Iterator[Flaw]:
    """Return the services, roles and agencies that are not there, and what is said twice or means nothing."""
    if not workflow.services:
        yield flaw("services", None, "name the services whose applications take it, at least one")
    for index, service in enumerate(workflow.services):
        yield from _unknown(f"services[{index}]", service, "a service of this blueprint", services)
    if workflow.escalates_to is not None:
        yield from _unknown("escalates_to", workflow.escalates_to, "a role of this blueprint", roles)
    else:  # also where silence is consent: what is not complete, or has no room, is told of too
        yield flaw("escalates_to", None, "name the role that is told when the term is over")
    for place, step in steps_of(workflow):
        yield from _unknown(f"{place}.role", step.role, "a role of this blueprint", roles)
        if step.agency is not None:
            yield from _unknown(f"{place}.agency", step.agency, "an agency of this blueprint", agencies)
        yield from _twice(f"{place}.documents", step.documents)
        if step.reserves and not any(outcome.effect in _LEADS for outcome in step.outcomes):
            yield flaw(f"{place}.reserves", True, "leave it out; it is for a step from which the run goes forward")
        for index, outcome in enumerate(step.outcomes):
            if not outcome.reserves and not (step.reserves and outcome.effect is Effect.FORWARD):
                allowed = "leave it out; it is for a way forward from a step that reserves"
                yield flaw(f"{place}.outcomes[{index}].reserves", False, allowed)
    yield from _twice("services", workflow.services)
    yield from _twice("documents", workflow.documents)


def _unknown(path: str, value: str, what: str, there: Collection[str] | None) -> Iterator[Flaw]:
    if there is not None and value not in there:
        yield flaw(path, value, f"give the id of {what}", there)


def _twice(path: str, names: Sequence[str]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield flaw(f"{path}[{index}]", name, "name each once")
        seen.add(name)


def _reasons(workflow: Workflow) -> Iterator[Flaw]:
    codes = [reason.code for reason in workflow.reasons]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            allowed = f"give another; reason[{codes.index(code)}] has this one already"
            yield flaw(f"reason[{index}].code", code, allowed)
    used: set[str] = set()
    for place, step in steps_of(workflow):
        for here, outcome in outcomes_of(place, step):
            path = f"{here}.reasons"
            if outcome.effect is not Effect.REFUSE:
                if outcome.reasons:
                    yield flaw(path, list(outcome.reasons), "leave it out; only what refuses needs reasons")
                continue
            if not outcome.reasons:
                yield flaw(path, None, "name the reasons that may be given, at least one code of [[workflow.reason]]")
            for index, code in enumerate(outcome.reasons):
                if code not in codes:
                    yield flaw(f"{path}[{index}]", code, "give the code of a reason of this workflow", codes)
            yield from _twice(path, outcome.reasons)
            used.update(outcome.reasons)
    for index, code in enumerate(codes):
        if code not in used and code not in codes[:index]:
            yield flaw(f"reason[{index}].code", code, "name it in the reasons of an outcome that refuses")


# --- what keeps the steps from being walked --------------------------------------------------------------------------


def _astray(workflow: Workflow) -> Iterator[Flaw]:
    """Return what is wrong with the steps' ids, with what they may do, and with where they say they lead."""
    ids = [step.id for step in workflow.steps]
    if not ids:
        yield flaw("step", None, "write [[workflow.step]] for each step")
        return
    if len(ids) > MOST_STEPS:
        yield flaw("step", ids, f"give {MOST_STEPS} at most")
        return
    if workflow.start not in ids:
        yield flaw("start", workflow.start, _A_STEP, ids)
    for index, (place, step) in enumerate(steps_of(workflow)):
        if step.id in ids[:index]:
            yield flaw(f"{place}.id", step.id, f"give another; step[{ids.index(step.id)}] has this one already")
        outcomes = [outcome.id for outcome in step.outcomes]
        for number, (here, outcome) in enumerate(outcomes_of(place, step)):
            if outcome.id in outcomes[:number]:
                allowed = f"give another; outcomes[{outcomes.index(outcome.id)}] has this one already"
                yield flaw(f"{here}.id", outcome.id, allowed)
            yield from _effect(here, step.kind, outcome)
            yield from _lead(here, outcome, ids)
        on = [effect.value for effect in Effect if effect in EFFECTS[step.kind] & _GOES_ON]
        if not any(outcome.effect in _GOES_ON for outcome in step.outcomes):
            yield flaw(f"{place}.outcomes", outcomes or None, f"give one by which it goes on: {' or '.join(on)}")


_A_STEP = "give the id of a step of this workflow"


def _effect(here: str, kind: StepKind, outcome: StepOutcome) -> Iterator[Flaw]:
    if outcome.effect not in EFFECTS[kind]:
        allowed = [effect.value for effect in Effect if effect in EFFECTS[kind]]
        yield flaw(f"{here}.effect", outcome.effect.value, f"a step of kind {kind} ends by {', '.join(allowed)}")


def _lead(here: str, outcome: StepOutcome, ids: Sequence[str]) -> Iterator[Flaw]:
    """Return what is wrong with `next` and `join` of an outcome."""
    following, join = outcome.next, outcome.join
    if outcome.effect not in _LEADS:
        why = "the step stays open" if outcome.effect is Effect.RETURN else "the run ends here"
        if following:
            yield flaw(f"{here}.next", list(following), f"leave it out; {why}")
        if join is not None:
            yield flaw(f"{here}.join", join, f"leave it out; {why}")
        return
    if not following:
        yield flaw(f"{here}.next", None, "name the step that begins then, or several that run in parallel")
    for index, target in enumerate(following):
        if target not in ids:
            yield flaw(f"{here}.next[{index}]", target, _A_STEP, ids)
    yield from _twice(f"{here}.next", following)
    if len(following) > 1 and join is None:
        yield flaw(f"{here}.join", None, "name the step that begins when all of these have led to it")
    if join is None:
        return
    if len(following) < 2:
        yield flaw(f"{here}.join", join, "leave it out; it is for several steps that run in parallel")
    elif join not in ids:
        yield flaw(f"{here}.join", join, _A_STEP, ids)
    elif join in following:
        yield flaw(f"{here}.join", join, "give another; this one is to begin when those in `next` have led to it")
