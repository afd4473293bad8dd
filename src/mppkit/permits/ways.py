"""Where the steps of a workflow lead: every step is reached and leads to an end, branches join, a grant comes first."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from attrs import frozen

from mppkit.documents.values import Wrong
from mppkit.permits.workflow import Effect, Step, StepKind, StepOutcome, Workflow

GRANTS = frozenset({Effect.GRANT, Effect.GRANT_WITH_CONDITIONS})
ENDS = frozenset({Effect.REFUSE, Effect.ISSUE})


@frozen(kw_only=True)
class Flaw:
    """One thing that is wrong in a workflow.

    Attributes:
        path: where, in the words of the blueprint, such as `step[2].outcomes[0].next[1]`; counted from 0.
        value: what stands there; None for what is missing.
        wrong: what is allowed, and the words of which one was probably meant.
    """

    path: str
    value: object
    wrong: Wrong


def flaw(path: str, value: object, allowed: str, among: Iterable[str] = ()) -> Flaw:
    """Return a flaw; the nearest of the words `among` which one there is was probably meant."""
    return Flaw(path=path, value=value, wrong=Wrong(allowed=allowed, among=tuple(among)))


def steps_of(workflow: Workflow) -> Iterator[tuple[str, Step]]:
    """Return each step with its place."""
    return ((f"step[{index}]", step) for index, step in enumerate(workflow.steps))


def outcomes_of(place: str, step: Step) -> Iterator[tuple[str, StepOutcome]]:
    """Return each outcome of the step at a place, with its own place."""
    return ((f"{place}.outcomes[{index}]", outcome) for index, outcome in enumerate(step.outcomes))


class _Edge(NamedTuple):
    """One step of an outcome's `next`."""

    path: str
    source: str
    target: str
    effect: Effect
    join: str | None


class _Fork(NamedTuple):
    """The steps of each parallel branch, from the step it begins with up to the one that waits for all."""

    source: str
    join: str
    branches: Mapping[str, frozenset[str]]


class Walk:
    """A workflow whose steps all lead to steps that are there, walked in every way."""

    def __init__(self, workflow: Workflow) -> None:
        self._start = workflow.start
        self._placed = tuple(steps_of(workflow))
        self._by_id = {step.id: step for step in workflow.steps}
        self._edges = tuple(
            _Edge(f"{here}.next[{index}]", step.id, target, outcome.effect, outcome.join)
            for place, step in steps_of(workflow)
            for here, outcome in outcomes_of(place, step)
            for index, target in enumerate(outcome.next)
        )

    def flaws(self) -> Iterator[Flaw]:
        """Return what is found on the way."""
        yield from self._reaching()
        yield from self._forking()
        yield from self._granting()

    def _reaching(self) -> Iterator[Flaw]:
        """Return the steps that no run comes to, and those from which none comes to an end."""
        there = self._from({self._start})
        ends = {step.id for step in self._by_id.values() if any(each.effect in ENDS for each in step.outcomes)}
        ending = _reached(ends, _grouped((edge.target, edge.source) for edge in self._edges))
        if not any(step.kind is StepKind.ISSUE for step in self._by_id.values()):
            yield flaw("step", list(self._by_id), "give a step of kind issue, and lead to it")
        for place, step in self._placed:
            if step.id not in there:
                allowed = f"lead to it from {self._start}, or take it out; nothing leads there"
                yield flaw(f"{place}.id", step.id, allowed)
            if step.id not in ending:
                yield flaw(f"{place}.id", step.id, "lead on to an end; none can be reached from here")

    # --- parallel branches ---

    def _forking(self) -> Iterator[Flaw]:
        forks: list[_Fork] = []
        for place, step in self._placed:
            for here, outcome in outcomes_of(place, step):
                if outcome.join is not None:
                    branches = {first: self._branch(first, outcome.join) for first in outcome.next}
                    forks.append(_Fork(step.id, outcome.join, branches))
                    yield from self._joining(f"{here}.next", forks[-1])
        within = {step for fork in forks for branch in fork.branches.values() for step in branch}
        for place, step in self._placed:
            if step.id in within:
                yield from _in_a_branch(place, step)
        yield from self._entering(forks)

    def _joining(self, path: str, fork: _Fork) -> Iterator[Flaw]:
        """Return the branches of a fork that share steps with another, and those that do not come to its join."""
        owner: dict[str, str] = {}
        for index, (first, branch) in enumerate(fork.branches.items()):
            shared = sorted({owner[each] for each in branch if each in owner})
            if shared:
                allowed = f"keep parallel branches apart; this one shares steps with that of {shared[0]}"
                yield flaw(f"{path}[{index}]", first, allowed)
            owner |= dict.fromkeys(branch, first)
            ends = any(_parts(self._by_id[each]) for each in branch)  # told at the step where it does
            if not ends and not any(edge.target == fork.join for edge in self._edges if edge.source in branch):
                yield flaw(f"{path}[{index}]", first, f"lead this branch to {fork.join}, where all join")

    def _branch(self, first: str, join: str) -> frozenset[str]:
        """Return the steps from the first of a branch up to its join; what must not be in one is not looked beyond."""
        after = _grouped(
            (edge.source, edge.target)
            for edge in self._edges
            if edge.target != join and not _parts(self._by_id[edge.source])
        )
        return frozenset(_reached({first}, after))

    def _entering(self, forks: Sequence[_Fork]) -> Iterator[Flaw]:
        """Return the ways into a branch that do not begin it, and those to a join from outside of its branches."""
        inside: dict[str, set[str]] = {fork.join: set() for fork in forks}
        beside: dict[str, set[str]] = {}
        for fork in forks:
            for branch in fork.branches.values():
                inside[fork.join] |= branch
                for step in branch:
                    if not _parts(self._by_id[step]):  # of those it is told that they do not belong there
                        beside.setdefault(step, set()).update(branch)
        if self._start in inside or self._start in beside:
            yield flaw("start", self._start, "begin outside of parallel branches, and not where they join")
        for edge in self._edges:
            if edge.target in inside and edge.source not in inside[edge.target]:
                allowed = "lead elsewhere; only the branches that it waits for lead to it"
                yield flaw(edge.path, edge.target, allowed)
            elif edge.target in beside and edge.join is None and edge.source not in beside[edge.target]:
                yield flaw(edge.path, edge.target, "lead elsewhere; this step is within a parallel branch")

    # --- grants ---

    def _granting(self) -> Iterator[Flaw]:
        """Return the ways to an issue without a grant, and what may not come after a grant."""
        undecided = self._from({self._start}, but=GRANTS)
        issuing = {step.id for step in self._by_id.values() if step.kind is StepKind.ISSUE}
        if self._start in issuing:
            yield flaw("start", self._start, "begin with another step; only what was granted is issued")
        for edge in self._edges:
            if edge.target in issuing and edge.source in undecided and edge.effect not in GRANTS:
                yield flaw(edge.path, edge.target, "lead to a step that decides first; only what was granted is issued")
        granted = self._from({edge.target for edge in self._edges if edge.effect in GRANTS}, beyond_decisions=False)
        for place, step in self._placed:
            if step.id not in granted:
                continue
            if step.kind is StepKind.DECIDE:
                yield flaw(f"{place}.kind", step.kind.value, "decide once; a grant leads here")
                continue
            for here, outcome in outcomes_of(place, step):
                if outcome.effect in (Effect.REFUSE, Effect.RETURN):
                    allowed = "go forward or issue; what was granted is neither refused nor returned"
                    yield flaw(f"{here}.effect", outcome.effect.value, allowed)

    def _from(self, starts: Iterable[str], *, but: Collection[Effect] = (), beyond_decisions: bool = True) -> set[str]:
        """Return the steps that are come to from some, by all effects but some."""
        edges = (
            (edge.source, edge.target)
            for edge in self._edges
            if edge.effect not in but and (beyond_decisions or self._by_id[edge.source].kind is not StepKind.DECIDE)
        )
        return _reached(starts, _grouped(edges))


def _parts(step: Step) -> bool:
    """Tell whether a step is none for a parallel branch: one that decides, issues, or parts again."""
    return step.kind in (StepKind.DECIDE, StepKind.ISSUE) or any(len(each.next) > 1 for each in step.outcomes)


def _in_a_branch(place: str, step: Step) -> Iterator[Flaw]:
    """Return what a step within a branch may not do: it could not wait for the other branches."""
    if step.kind in (StepKind.DECIDE, StepKind.ISSUE):
        yield flaw(f"{place}.kind", step.kind.value, "decide and issue where parallel branches have joined")
        return
    for here, outcome in outcomes_of(place, step):
        if outcome.effect in ENDS:
            allowed = "go forward or return; within a parallel branch no run ends"
            yield flaw(f"{here}.effect", outcome.effect.value, allowed)
        if len(outcome.next) > 1:
            yield flaw(f"{here}.next", list(outcome.next), "lead to one; a parallel branch does not part again")


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    after: dict[str, set[str]] = {}
    for source, target in pairs:
        after.setdefault(source, set()).add(target)
    return after


def _reached(starts: Iterable[str], after: Mapping[str, set[str]]) -> set[str]:
    seen = set(starts)
    ahead = list(seen)
    while ahead:
        new = after.get(ahead.pop(), set()) - seen
        seen |= new
        ahead += new
    return seen
