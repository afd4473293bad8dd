"""A workflow to look at: as a Mermaid flowchart, which GitHub, GitLab and most wikis draw."""

import re
from collections.abc import Iterator

from mppkit.permits.workflow import Effect, Step, StepOutcome, Workflow

EFFECT_NAMES: dict[Effect, tuple[str, str]] = {
    Effect.FORWARD: ("Diteruskan", "Goes forward"),
    Effect.RETURN: ("Dikembalikan untuk perbaikan", "Returned for correction"),
    Effect.GRANT: ("Disetujui", "Granted"),
    Effect.GRANT_WITH_CONDITIONS: ("Disetujui dengan syarat", "Granted with conditions"),
    Effect.REFUSE: ("Ditolak", "Refused"),
    Effect.ISSUE: ("Izin diterbitkan", "Permit issued"),
}
"""The words of each effect in Indonesian and English, for outcomes that have no name of their own."""

_MEANS_SOMETHING = re.compile(r"[^\w ,:()/-]|_|(?<![^\W_])-|-(?![^\W_])")
"""The signs that could mean something to Mermaid or to Markdown, wherever they stand."""


def outcome_name(outcome: StepOutcome) -> tuple[str, str]:
    """Return what an outcome is called in Indonesian and English: its own name, or the words of its effect.

    >>> outcome_name(StepOutcome(id="tolak", effect=Effect.REFUSE))
    ('Ditolak', 'Refused')
    """
    return (outcome.name, outcome.name_english) if outcome.name else EFFECT_NAMES[outcome.effect]


def mermaid(workflow: Workflow) -> str:
    """Return a workflow as the text of a Mermaid flowchart, whatever its names hold.

    A rhombus opens and closes what runs in parallel; dotted lines are the applicant's corrections, after which the
    step goes on.
    """
    nodes = {step.id: f"s{index}" for index, step in enumerate(workflow.steps)}
    joins = {outcome.join for step in workflow.steps for outcome in step.outcomes if outcome.join is not None}
    lines = [
        "flowchart TD",
        f"  begin({_label('Diajukan / Submitted')}) --> {nodes[workflow.start]}",
        *(f"  {nodes[step.id]}[{_step_label(step)}]" for step in workflow.steps),
        *(
            f"  j{nodes[join]}{{{_label('bila semua selesai / when all are done')}}} --> {nodes[join]}"
            for join in nodes
            if join in joins
        ),
    ]
    for step in workflow.steps:
        lines += _outcome_lines(step, nodes, joins)
    ends = {outcome.effect for step in workflow.steps for outcome in step.outcomes}
    lines += [
        f"  {_END_NODES[effect]}([{_label(' / '.join(EFFECT_NAMES[effect]))}])"
        for effect in _END_NODES
        if effect in ends
    ]
    return "\n".join(lines) + "\n"


_END_NODES = {Effect.REFUSE: "refused", Effect.ISSUE: "issued"}


def _outcome_lines(step: Step, nodes: dict[str, str], joins: set[str]) -> Iterator[str]:
    here = nodes[step.id]
    for index, outcome in enumerate(step.outcomes):
        edge = f"|{_label(' / '.join(outcome_name(outcome)))}|"
        if outcome.effect is Effect.RETURN:
            applicant = f"{here}a"
            yield f"  {here} -.->{edge} {applicant}([{_label('Pemohon / Applicant')}]) -.-> {here}"
        elif outcome.effect in _END_NODES:
            yield f"  {here} -->{edge} {_END_NODES[outcome.effect]}"
        elif outcome.join is not None:
            fork = f"{here}f{index}"
            yield f"  {here} -->{edge} {fork}{{{_label('bersamaan / in parallel')}}}"
            yield from (f"  {fork} --> {nodes[target]}" for target in outcome.next)
        else:
            for target in outcome.next:
                yield f"  {here} -->{edge} {'j' if target in joins else ''}{nodes[target]}"


def _step_label(step: Step) -> str:
    who = step.role if step.agency is None else f"{step.role}, {step.agency}"
    rows = (step.name, step.name_english, who, f"{step.working_days} hari kerja / working days")
    return _label(*rows)


def _label(*rows: str) -> str:
    """Return lines of text as a quoted label, each sign that could mean something written as its number."""
    return '"' + "<br/>".join(_MEANS_SOMETHING.sub(lambda found: f"#{ord(found[0])};", row) for row in rows) + '"'
