"""A workflow as data: which steps an application takes, who may take them, how long, and where each outcome leads.

A workflow is a value: it is read from a blueprint, and every application records the one it began with. What makes one
sound (every step reachable, no dead end) is `soundness`; nothing here reads a clock.
"""

from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import NotFoundError

LAWS_OWN_TERM_DAYS = 5
"""Working days after an application was received complete, where no rule sets another term.

Source: UU 30/2014 Art. 53(2) as changed by UU 11/2020 Art. 175(6), kept by UU 6/2023; from reports, the text was not
read.
"""
LAWS_OWN_TERM = LegalBasis(regulation="UU 30/2014 (diubah UU 6/2023)", article="53 ayat (2)", verified=False)


class StepKind(StrEnum):
    """What is done in a step."""

    VERIFY = "verify"
    """Whether the application is complete (*verifikasi kelengkapan*)."""
    ASSESS = "assess"
    """A technical agency's assessment (*penilaian teknis*)."""
    SITE_VISIT = "site_visit"
    """A look at the place (*peninjauan lapangan*)."""
    DECIDE = "decide"
    """The decision (*keputusan*)."""
    ISSUE = "issue"
    """Issuing the permit (*penerbitan izin*)."""


class Effect(StrEnum):
    """What an outcome does to the application."""

    FORWARD = "forward"
    RETURN = "return"
    """Back to the applicant for correction; the step stays open, and the clock stops."""
    GRANT = "grant"
    GRANT_WITH_CONDITIONS = "grant_with_conditions"
    REFUSE = "refuse"
    """The end: refused, with reasons."""
    ISSUE = "issue"
    """The end of the run: the permit is issued, and lives on."""


EFFECTS: dict[StepKind, frozenset[Effect]] = {
    StepKind.VERIFY: frozenset({Effect.FORWARD, Effect.RETURN, Effect.REFUSE}),
    StepKind.ASSESS: frozenset({Effect.FORWARD, Effect.RETURN}),
    StepKind.SITE_VISIT: frozenset({Effect.FORWARD, Effect.RETURN}),
    StepKind.DECIDE: frozenset({Effect.GRANT, Effect.GRANT_WITH_CONDITIONS, Effect.REFUSE, Effect.RETURN}),
    StepKind.ISSUE: frozenset({Effect.ISSUE}),
}
"""The effects that the outcomes of each kind of step may have."""


class CountsFrom(StrEnum):
    """From when the whole run is counted."""

    SUBMISSION = "submission"
    """From the first submission; the clock stops whenever the applicant must act."""
    COMPLETE = "complete"
    """From the submission that was found complete: what lay before an incomplete one was returned does not count."""


class Overdue(StrEnum):
    """What becomes of an application when the time for its whole run is over."""

    ESCALATE = "escalate"
    DEEMED_GRANTED = "deemed_granted"
    """Silence is consent (*fiktif positif*)."""


@frozen(kw_only=True)
class StepOutcome:
    """One way in which a step can end.

    Attributes:
        id: what it is called, such as `lengkap`.
        name, name_english: what a citizen reads; empty to use the words of its effect.
        effect: what it does.
        next: the steps that begin then; several run in parallel. Empty where the effect ends the run or returns.
        join: the step that begins when all parallel branches have led to it; given exactly where `next` has several.
        reasons: the codes of the workflow's reasons that may be given; needed where it refuses.
        reserves: False for a way forward that does not ask the zone though its step does, such as the advice that there
            is no room, so that the deciding officer can refuse.
    """

    id: str
    name: str = ""
    name_english: str = ""
    effect: Effect
    next: tuple[str, ...] = ()
    join: str | None = None
    reasons: tuple[str, ...] = ()
    reserves: bool = True


@frozen(kw_only=True)
class Step:
    """One step of a workflow (*tahap*).

    Attributes:
        kind: what is done.
        role: the role that may act.
        agency: the agency whose officers may; None for any.
        working_days: how many working days it may take.
        documents: the kinds of documents that must be there before it can end otherwise than by a return or refusal.
        reserves: whether going forward from here asks the zone for what the application would use.
        outcomes: the ways in which it can end.
    """

    id: str
    name: str
    name_english: str
    kind: StepKind
    role: str
    agency: str | None = None
    working_days: int
    documents: tuple[str, ...] = ()
    reserves: bool = False
    outcomes: tuple[StepOutcome, ...]

    def outcome(self, outcome_id: str) -> StepOutcome:
        """Return an outcome.

        Raises:
            NotFoundError: the step has none of that id.
        """
        for each in self.outcomes:
            if each.id == outcome_id:
                return each
        there = [each.id for each in self.outcomes]
        raise NotFoundError("outcome", outcome_id, there, f"{self.id} has {', '.join(there)}")


@frozen(kw_only=True)
class Workflow:
    """What an application for a service goes through (*alur perizinan*).

    Attributes:
        id, version: a change of a workflow in use is a new version; running applications stay on theirs.
        services: the ids of the services whose applications take it.
        start: the step with which it begins.
        steps: all steps, in the order in which they are shown.
        reasons: the reasons for a refusal, each with its code.
        documents: the kinds of documents that must be there to submit.
        working_days: how long the whole run may take; None where no rule says, which leaves the law's own term.
        term_basis: the rule that sets the term.
        counts_from: from when the run is counted.
        overdue: what becomes of it when the term is over.
        escalates_to: the role that is told when the term is over and nothing is granted; a blueprint always names one.
        applicant_days: after so many working days an application that was returned lapses; None for never.
        validity_months: how long the permit is valid; None for as long as the business lasts.
    """

    id: str
    version: int = 1
    name: str
    name_english: str
    services: tuple[str, ...]
    start: str
    steps: tuple[Step, ...]
    reasons: tuple[Reason, ...] = ()
    documents: tuple[str, ...] = ()
    working_days: int | None = None
    term_basis: LegalBasis | None = None
    counts_from: CountsFrom = CountsFrom.SUBMISSION
    overdue: Overdue = Overdue.ESCALATE
    escalates_to: str | None = None
    applicant_days: int | None = None
    validity_months: int | None = None

    @property
    def term_days(self) -> int:
        """How many working days the whole run may take."""
        return LAWS_OWN_TERM_DAYS if self.working_days is None else self.working_days

    @property
    def term_rule(self) -> LegalBasis | None:
        """The rule behind that term, where one is known."""
        return LAWS_OWN_TERM if self.working_days is None else self.term_basis

    def has_step(self, step_id: str) -> bool:
        """Tell whether there is a step of that id."""
        return any(each.id == step_id for each in self.steps)

    def step(self, step_id: str) -> Step:
        """Return a step.

        Raises:
            NotFoundError: there is none of that id.
        """
        for each in self.steps:
            if each.id == step_id:
                return each
        there = [each.id for each in self.steps]
        raise NotFoundError("step", step_id, there, f"{self.id} has {', '.join(there)}")

    def reason(self, code: str) -> Reason:
        """Return a reason for a refusal.

        Raises:
            NotFoundError: there is none of that code.
        """
        for each in self.reasons:
            if each.code == code:
                return each
        there = [each.code for each in self.reasons]
        raise NotFoundError("reason", code, there, f"{self.id} has {', '.join(there) or 'none'}")


def newest(workflows: Iterable[Workflow]) -> tuple[Workflow, ...]:
    """Return of each workflow the newest version, which is what new applications take."""
    found: dict[str, Workflow] = {}
    for each in workflows:
        if each.id not in found or each.version > found[each.id].version:
            found[each.id] = each
    return tuple(found.values())


def newest_for(service: str, workflows: Iterable[Workflow]) -> Workflow:
    """Return the workflow that serves a service, of those that are the newest of their id.

    Raises:
        NotFoundError: there is none.
    """
    there = newest(workflows)
    for each in there:
        if service in each.services:
            return each
    served = [each for workflow in there for each in workflow.services]
    raise NotFoundError("workflow for service", service, served)
