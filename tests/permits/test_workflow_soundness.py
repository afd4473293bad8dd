"""A sound workflow never gets stuck or issues what nobody granted; what makes one unsound is found at its place.

What is sound is judged twice: by `problems_of`, and by `runs`, which walks a workflow in every way it can be run, as an
application folds, and knows none of the rules.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from attrs import evolve
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from mppkit.blueprint import sample_blueprint
from mppkit.decisions import LegalBasis, Reason
from mppkit.permits.soundness import MOST_STEPS, problems_of
from mppkit.permits.workflow import Effect, Overdue, Step, StepKind, StepOutcome, Workflow

KNOWN = {"roles": ("verifikator", "kepala"), "agencies": ("dpmptsp", "bpn"), "services": ("nib", "sip")}
PLAIN = (StepKind.VERIFY, StepKind.ASSESS, StepKind.SITE_VISIT)
GRANTS = (Effect.GRANT, Effect.GRANT_WITH_CONDITIONS)
RETURN = StepOutcome(id="perbaiki", effect=Effect.RETURN)
PALSU = Reason(code="palsu", indonesian="Dokumen palsu", english="A forged document")


def flaws(workflow: Workflow) -> list[str]:
    return [flaw.path for flaw in problems_of(workflow, **KNOWN)]


def step(step_id: str, kind: StepKind, *outcomes: StepOutcome, **more: Any) -> Step:
    facts = {"name": step_id, "name_english": step_id, "role": "verifikator", "working_days": 2, **more}
    return Step(id=step_id, kind=kind, outcomes=outcomes, **facts)


def lead(outcome_id: str, *targets: str, effect: Effect = Effect.FORWARD, join: str | None = None) -> StepOutcome:
    return StepOutcome(id=outcome_id, effect=effect, next=targets, join=join)


# --- sound workflows of any shape -----------------------------------------------------------------------------------


@st.composite
def sound(draw: st.DrawFn, *, forks: bool = False) -> Workflow:
    """Return a sound workflow: single steps in a row, some with parallel branches between them, some leading back.

    Args:
        draw: of Hypothesis.
        forks: whether branches run in parallel somewhere before the decision.
    """
    before = [f"s{number}" for number in range(draw(st.integers(2 if forks else 0, 3)))]
    after = [f"g{number}" for number in range(draw(st.integers(0, 2)))]
    singles = [*before, "putus", *after, "terbit"]
    made: list[Step] = []
    joins: set[str] = set()
    for index, here in enumerate(singles[:-1]):
        target = singles[index + 1]
        granting = here == "putus"
        effect = draw(st.sampled_from(GRANTS)) if granting else Effect.FORWARD
        if (forks and index == 0) or draw(st.booleans()):
            joins.add(target)
            firsts = []
            for branch in range(draw(st.integers(2, 3))):
                names = [f"{here}b{branch}{number}" for number in range(draw(st.integers(1, 2)))]
                firsts.append(names[0])
                for name, follower in zip(names, [*names[1:], target], strict=True):
                    may_return = here in before and draw(st.booleans())
                    outcomes = [lead("lanjut", follower), *([RETURN] if may_return else [])]
                    made.append(step(name, draw(st.sampled_from(PLAIN)), *outcomes, agency="bpn"))
            outcomes = [lead("lanjut", *firsts, effect=effect, join=target)]
        else:
            outcomes = [lead("lanjut", target, effect=effect)]
        if here in before:
            back = [each for each in before[: index + 1] if each not in joins]
            if back and draw(st.booleans()):
                outcomes.append(lead("kembali", draw(st.sampled_from(back))))
        if here in [*before, "putus"] and draw(st.booleans()):
            outcomes.append(RETURN)
        kind = StepKind.DECIDE if granting else draw(st.sampled_from(PLAIN))
        if here in [*before, "putus"] and kind in (StepKind.VERIFY, StepKind.DECIDE):
            outcomes.append(StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("palsu",)))
        made.append(step(here, kind, *outcomes, reserves=draw(st.booleans())))
    made.append(step("terbit", StepKind.ISSUE, StepOutcome(id="terbit", effect=Effect.ISSUE)))
    return Workflow(
        id="izin",
        name="Izin",
        name_english="Permit",
        services=("nib",),
        start=singles[0],
        steps=tuple(draw(st.permutations(made))),
        reasons=(PALSU,),
        documents=("denah",),
        escalates_to="kepala",
    )


# --- every way a workflow can be run --------------------------------------------------------------------------------


class State(NamedTuple):
    """Where a run stands: the steps that are open, those that wait for so many branches, and whether it was granted."""

    open: tuple[str, ...]
    waiting: tuple[tuple[str, int], ...]
    granted: bool


END = State((), (), granted=True)


def runs(workflow: Workflow) -> tuple[list[str], set[str]]:
    """Walk a workflow in every way; return what went wrong, and the steps that were taken."""
    wrong: list[str] = []
    joins = {outcome.join for each in workflow.steps for outcome in each.outcomes if outcome.join}
    if workflow.start in joins:
        wrong.append("begins where branches join")
    begin = State((workflow.start,), (), granted=False)
    leads: dict[State, set[State]] = {}
    ahead = [begin]
    while ahead:
        state = ahead.pop()
        if state in leads or state == END:
            continue
        leads[state] = set()
        for here in state.open:
            for outcome in workflow.step(here).outcomes:
                following = taken(workflow, state, here, outcome, joins, wrong)
                leads[state].add(following)
                ahead.append(following)
        if len(wrong) > 20:
            break
    ending = {END}
    while more := {state for state, following in leads.items() if state not in ending and following & ending}:
        ending |= more
    wrong += [f"stuck at {state}" for state in leads if state not in ending]
    return wrong, {here for state in leads for here in state.open}


def taken(
    workflow: Workflow, state: State, here: str, outcome: StepOutcome, joins: set[str], wrong: list[str]
) -> State:
    """Return the state after an outcome, and note what must never happen."""
    effect = outcome.effect
    if effect is Effect.RETURN:
        if state.granted:
            wrong.append(f"returned after a grant at {here}")
        return state
    if effect in (Effect.REFUSE, Effect.ISSUE):
        if len(state.open) > 1 or state.waiting:
            wrong.append(f"ends at {here} with others open")
        if state.granted is not (effect is Effect.ISSUE):
            wrong.append(f"{effect} at {here}, granted: {state.granted}")
        return END
    if effect in GRANTS and state.granted:
        wrong.append(f"granted twice at {here}")
    still = [each for each in state.open if each != here]
    waiting = dict(state.waiting)
    if outcome.join:
        if outcome.join in waiting:
            wrong.append(f"two forks wait at {outcome.join}")
        waiting[outcome.join] = len(outcome.next)
    for target in outcome.next:
        if target in waiting:
            waiting[target] -= 1
            if waiting[target]:
                continue
            del waiting[target]
        elif target in joins:
            wrong.append(f"{target} is begun by one branch")
        if target in still:
            wrong.append(f"{target} is open twice")
        still.append(target)
    return State(tuple(sorted(set(still))), tuple(sorted(waiting.items())), state.granted or effect in GRANTS)


@given(sound() | sound(forks=True))
@settings(max_examples=200, deadline=None)
def test_a_sound_workflow_has_no_flaw_and_every_run_of_it_goes_well(workflow: Workflow) -> None:
    assert problems_of(workflow, **KNOWN) == ()
    wrong, seen = runs(workflow)
    assert wrong == []
    assert seen == {each.id for each in workflow.steps}


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_is_led_elsewhere_is_found_before_a_run_goes_wrong(data: st.DataObject) -> None:
    workflow = data.draw(sound() | sound(forks=True))
    for _ in range(data.draw(st.integers(1, 3))):
        workflow = data.draw(led_elsewhere(workflow))
    found = flaws(workflow)
    event("sound" if not found else "unsound")
    if not found:
        wrong, seen = runs(workflow)
        assert wrong == []
        assert seen == {each.id for each in workflow.steps}


@st.composite
def led_elsewhere(draw: st.DrawFn, workflow: Workflow) -> Workflow:
    """Return a workflow in which one outcome leads elsewhere, one more is there, or one less, or a kind is another."""
    ids = st.sampled_from([each.id for each in workflow.steps])
    index = draw(st.integers(0, len(workflow.steps) - 1))
    changed = workflow.steps[index]
    what = draw(st.sampled_from(["next", "join", "more", "less", "fork", "kind", "start"]))
    if what == "start":
        return evolve(workflow, start=draw(ids))
    if what == "kind":
        return with_step(workflow, index, kind=draw(st.sampled_from(PLAIN)))
    if what == "more":
        more = draw(st.sampled_from([lead("baru", draw(ids)), RETURN]))
        return with_step(workflow, index, outcomes=(*changed.outcomes, more))
    if what == "fork":
        targets = draw(st.lists(ids, min_size=2, max_size=3, unique=True))
        fork = lead("cabang", *targets, join=draw(ids))
        return with_step(workflow, index, outcomes=(*changed.outcomes, fork))
    if not changed.outcomes:
        return workflow
    number = draw(st.integers(0, len(changed.outcomes) - 1))
    if what == "less":
        return with_step(workflow, index, outcomes=changed.outcomes[:number] + changed.outcomes[number + 1 :])
    outcome = changed.outcomes[number]
    if what == "join" and outcome.join:
        return with_outcome(workflow, index, number, join=draw(ids))
    others = tuple(draw(ids) if draw(st.booleans()) else each for each in outcome.next)
    return with_outcome(workflow, index, number, next=others)


# --- one thing made unsound ------------------------------------------------------------------------------------------


def with_step(workflow: Workflow, index: int, **changed: Any) -> Workflow:
    steps = workflow.steps
    return evolve(workflow, steps=(*steps[:index], evolve(steps[index], **changed), *steps[index + 1 :]))


def with_outcome(workflow: Workflow, index: int, number: int, **changed: Any) -> Workflow:
    outcomes = workflow.steps[index].outcomes
    new = (*outcomes[:number], evolve(outcomes[number], **changed), *outcomes[number + 1 :])
    return with_step(workflow, index, outcomes=new)


def one_more(workflow: Workflow, index: int, outcome: StepOutcome) -> tuple[Workflow, str]:
    """Return a workflow whose step has one more outcome, and the place of that."""
    outcomes = workflow.steps[index].outcomes
    return with_step(workflow, index, outcomes=(*outcomes, outcome)), f"step[{index}].outcomes[{len(outcomes)}]"


class Shape:
    """A workflow, and the draws of a part of it; a workflow without such a part is not looked at."""

    def __init__(self, workflow: Workflow, data: st.DataObject) -> None:
        self.workflow = workflow
        self.draw = data.draw

    def any(self, wanted: Callable[[Step], bool] = lambda _: True) -> int:
        there = [index for index, each in enumerate(self.workflow.steps) if wanted(each)]
        assume(there)
        return self.draw(st.sampled_from(there))

    def outcome(self, wanted: Callable[[StepOutcome], bool]) -> tuple[int, int]:
        there = [
            (index, number)
            for index, each in enumerate(self.workflow.steps)
            for number, outcome in enumerate(each.outcomes)
            if wanted(outcome)
        ]
        assume(there)
        return self.draw(st.sampled_from(there))

    def early(self) -> int:
        """Return a single step before the decision."""
        return self.any(lambda each: each.id in ("s0", "s1", "s2"))

    def fork(self) -> tuple[int, int, StepOutcome]:
        """Return a fork before the decision."""
        joins = {each.id for each in self.workflow.steps} - {"terbit", "g0", "g1"}
        index, number = self.outcome(lambda each: each.join in joins)
        return index, number, self.workflow.steps[index].outcomes[number]

    def in_branch(self) -> int:
        """Return a step of a branch before the decision."""
        return self.any(lambda each: each.id.startswith(("s0b", "s1b", "s2b")))

    def index(self, step_id: str) -> int:
        return [each.id for each in self.workflow.steps].index(step_id)


Made = tuple[Workflow, str]
UNSOUND: dict[str, Callable[[Shape], Made]] = {}
ALONE = set()
"""The cases in which nothing else is found."""


def unsound(*, alone: bool = False) -> Callable[[Callable[[Shape], Made]], Callable[[Shape], Made]]:
    def noted(make: Callable[[Shape], Made]) -> Callable[[Shape], Made]:
        name = make.__name__.replace("_", " ")
        UNSOUND[name] = make
        if alone:
            ALONE.add(name)
        return make

    return noted


def leads(outcome: StepOutcome) -> bool:
    return bool(outcome.next)


@unsound(alone=True)
def the_start_is_unknown(shape: Shape) -> Made:
    return evolve(shape.workflow, start="mulai"), "start"


@unsound(alone=True)
def a_next_step_is_unknown(shape: Shape) -> Made:
    index, number = shape.outcome(leads)
    old = shape.workflow.steps[index].outcomes[number].next
    at = shape.draw(st.integers(0, len(old) - 1))
    made = with_outcome(shape.workflow, index, number, next=(*old[:at], "entah", *old[at + 1 :]))
    return made, f"step[{index}].outcomes[{number}].next[{at}]"


@unsound(alone=True)
def a_join_is_unknown(shape: Shape) -> Made:
    index, number, _ = shape.fork()
    return with_outcome(shape.workflow, index, number, join="entah"), f"step[{index}].outcomes[{number}].join"


@unsound(alone=True)
def a_join_is_among_the_next(shape: Shape) -> Made:
    index, number, fork = shape.fork()
    return with_outcome(shape.workflow, index, number, join=fork.next[0]), f"step[{index}].outcomes[{number}].join"


@unsound(alone=True)
def two_steps_share_an_id(shape: Shape) -> Made:
    twin = shape.workflow.steps[shape.any()]
    return evolve(shape.workflow, steps=(*shape.workflow.steps, twin)), f"step[{len(shape.workflow.steps)}].id"


@unsound(alone=True)
def two_outcomes_share_an_id(shape: Shape) -> Made:
    index = shape.any()
    made, place = one_more(shape.workflow, index, shape.workflow.steps[index].outcomes[0])
    return made, f"{place}.id"


@unsound(alone=True)
def a_next_step_is_named_twice(shape: Shape) -> Made:
    index, number, fork = shape.fork()
    made = with_outcome(shape.workflow, index, number, next=(*fork.next, fork.next[0]))
    return made, f"step[{index}].outcomes[{number}].next[{len(fork.next)}]"


@unsound(alone=True)
def nothing_leads_to_a_step(shape: Shape) -> Made:
    lost = step("hilang", StepKind.ASSESS, lead("lanjut", shape.workflow.start))
    return evolve(shape.workflow, steps=(*shape.workflow.steps, lost)), f"step[{len(shape.workflow.steps)}].id"


@unsound(alone=True)
def no_end_can_be_reached_from_a_step(shape: Shape) -> Made:
    trap = step("jebakan", StepKind.ASSESS, lead("putar", "jebakan"))
    made, _ = one_more(shape.workflow, shape.early(), lead("jatuh", "jebakan"))
    return evolve(made, steps=(*made.steps, trap)), f"step[{len(made.steps)}].id"


@unsound()
def an_effect_is_not_one_of_the_kind(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: each.effect in (Effect.FORWARD, Effect.ISSUE))
    made = with_outcome(shape.workflow, index, number, effect=Effect.GRANT)
    return made, f"step[{index}].outcomes[{number}].effect"


@unsound(alone=True)
def what_ends_or_returns_leads_on(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: not leads(each))
    made = with_outcome(shape.workflow, index, number, next=("putus",))
    return made, f"step[{index}].outcomes[{number}].next"


@unsound(alone=True)
def what_goes_forward_leads_nowhere(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: len(each.next) == 1)
    return with_outcome(shape.workflow, index, number, next=()), f"step[{index}].outcomes[{number}].next"


@unsound(alone=True)
def several_next_steps_have_no_join(shape: Shape) -> Made:
    index, number, _ = shape.fork()
    return with_outcome(shape.workflow, index, number, join=None), f"step[{index}].outcomes[{number}].join"


@unsound(alone=True)
def one_next_step_has_a_join(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: len(each.next) == 1)
    return with_outcome(shape.workflow, index, number, join="putus"), f"step[{index}].outcomes[{number}].join"


@unsound(alone=True)
def no_outcome_goes_on(shape: Shape) -> Made:
    index = shape.any()
    kept = tuple(each for each in shape.workflow.steps[index].outcomes if each.effect in (Effect.REFUSE, Effect.RETURN))
    return with_step(shape.workflow, index, outcomes=kept, reserves=False), f"step[{index}].outcomes"


@unsound()
def there_is_no_issue(shape: Shape) -> Made:
    index = shape.index("terbit")
    again = lead("ulang", "terbit")
    return with_step(shape.workflow, index, kind=StepKind.ASSESS, outcomes=(again,)), "step"


@unsound(alone=True)
def an_issue_without_a_grant(shape: Shape) -> Made:
    made, place = one_more(shape.workflow, shape.early(), lead("langsung", "terbit"))
    return made, f"{place}.next[0]"


@unsound()
def the_start_issues(shape: Shape) -> Made:
    return evolve(shape.workflow, start="terbit"), "start"


@unsound()
def a_decision_after_a_grant(shape: Shape) -> Made:
    made, _ = after_the_grant(shape, lead("ulang", "putus"))
    return made, f"step[{shape.index('putus')}].kind"


@unsound(alone=True)
def a_return_after_a_grant(shape: Shape) -> Made:
    made, place = after_the_grant(shape, RETURN)
    return made, f"{place}.effect"


@unsound(alone=True)
def a_refusal_after_a_grant(shape: Shape) -> Made:
    made, place = after_the_grant(shape, StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("palsu",)))
    return made, f"{place}.effect"


def after_the_grant(shape: Shape, outcome: StepOutcome) -> Made:
    """Return the workflow with one step more between the grant and what follows, and the place of an outcome of it."""
    index, number = shape.outcome(lambda each: each.effect in GRANTS)
    grant = shape.workflow.steps[index].outcomes[number]
    between = step("sela", StepKind.VERIFY, evolve(grant, id="lanjut", effect=Effect.FORWARD), outcome)
    made = with_outcome(shape.workflow, index, number, next=("sela",), join=None)
    return evolve(made, steps=(*made.steps, between)), f"step[{len(made.steps)}].outcomes[1]"


@unsound(alone=True)
def an_end_within_a_branch(shape: Shape) -> Made:
    refusal = StepOutcome(id="gugur", effect=Effect.REFUSE, reasons=("palsu",))
    index = shape.in_branch()
    made, place = one_more(shape.workflow, index, refusal)
    return with_step(made, index, kind=StepKind.VERIFY), f"{place}.effect"


@unsound()
def a_decision_within_a_branch(shape: Shape) -> Made:
    index = shape.in_branch()
    [on, *_] = shape.workflow.steps[index].outcomes
    granting = (evolve(on, effect=Effect.GRANT),)
    return with_step(shape.workflow, index, kind=StepKind.DECIDE, outcomes=granting), f"step[{index}].kind"


@unsound(alone=True)
def a_fork_within_a_branch(shape: Shape) -> Made:
    index = shape.in_branch()
    [on, *_] = shape.workflow.steps[index].outcomes
    more = (step("p", StepKind.ASSESS, lead("ya", *on.next)), step("q", StepKind.ASSESS, lead("ya", *on.next)))
    made, place = one_more(shape.workflow, index, lead("bagi", "p", "q", join=on.next[0]))
    assume(on.next[0] in {each.join for one in shape.workflow.steps for each in one.outcomes})
    return evolve(made, steps=(*made.steps, *more)), f"{place}.next"


@unsound()
def two_branches_share_a_step(shape: Shape) -> Made:
    index, number, fork = shape.fork()
    made, _ = one_more(shape.workflow, shape.index(fork.next[0]), lead("seberang", fork.next[1]))
    return made, f"step[{index}].outcomes[{number}].next[1]"


@unsound()
def a_branch_does_not_come_to_the_join(shape: Shape) -> Made:
    index, number, fork = shape.fork()
    round_ = lead("putar", fork.next[0])
    made = with_step(shape.workflow, shape.index(fork.next[0]), outcomes=(round_,))
    return made, f"step[{index}].outcomes[{number}].next[0]"


@unsound(alone=True)
def a_join_is_reached_from_outside(shape: Shape) -> Made:
    _, _, fork = shape.fork()
    index = shape.early()
    made, place = one_more(shape.workflow, index, lead("lompat", str(fork.join)))
    return made, f"{place}.next[0]"


@unsound(alone=True)
def a_branch_is_entered_from_outside(shape: Shape) -> Made:
    target = shape.workflow.steps[shape.in_branch()].id
    made, place = one_more(shape.workflow, shape.early(), lead("lompat", target))
    return made, f"{place}.next[0]"


@unsound()
def the_start_is_within_a_branch(shape: Shape) -> Made:
    return evolve(shape.workflow, start=shape.workflow.steps[shape.in_branch()].id), "start"


@unsound()
def the_start_is_a_join(shape: Shape) -> Made:
    return evolve(shape.workflow, start=str(shape.fork()[2].join)), "start"


@unsound(alone=True)
def a_role_is_unknown(shape: Shape) -> Made:
    index = shape.any()
    return with_step(shape.workflow, index, role="verifikato"), f"step[{index}].role"


@unsound(alone=True)
def an_agency_is_unknown(shape: Shape) -> Made:
    index = shape.any()
    return with_step(shape.workflow, index, agency="pln"), f"step[{index}].agency"


@unsound(alone=True)
def a_service_is_unknown(shape: Shape) -> Made:
    return evolve(shape.workflow, services=("nib", "imb")), "services[1]"


@unsound(alone=True)
def a_service_is_named_twice(shape: Shape) -> Made:
    return evolve(shape.workflow, services=("nib", "sip", "nib")), "services[2]"


@unsound(alone=True)
def no_service_takes_it(shape: Shape) -> Made:
    return evolve(shape.workflow, services=()), "services"


@unsound(alone=True)
def a_document_is_named_twice(shape: Shape) -> Made:
    index = shape.any()
    return with_step(shape.workflow, index, documents=("a", "b", "a")), f"step[{index}].documents[2]"


@unsound(alone=True)
def a_document_to_submit_is_named_twice(shape: Shape) -> Made:
    return evolve(shape.workflow, documents=("denah", "denah")), "documents[1]"


@unsound(alone=True)
def a_reason_is_named_twice(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: each.effect is Effect.REFUSE)
    made = with_outcome(shape.workflow, index, number, reasons=("palsu", "palsu"))
    return made, f"step[{index}].outcomes[{number}].reasons[1]"


@unsound(alone=True)
def what_ends_or_returns_has_a_join(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: not leads(each))
    made = with_outcome(shape.workflow, index, number, join="putus")
    return made, f"step[{index}].outcomes[{number}].join"


@unsound(alone=True)
def an_id_is_a_phone_number(shape: Shape) -> Made:
    return evolve(shape.workflow, documents=("081234567890",)), "documents[0]"


@unsound(alone=True)
def nobody_is_told_when_it_is_late(shape: Shape) -> Made:
    return evolve(shape.workflow, escalates_to=None), "escalates_to"


@unsound(alone=True)
def nobody_is_told_where_silence_grants_nothing(shape: Shape) -> Made:
    """What is not complete, or has no room, is late also where silence is consent."""
    return evolve(shape.workflow, escalates_to=None, overdue=Overdue.DEEMED_GRANTED), "escalates_to"


@unsound(alone=True)
def an_unknown_role_is_told_though_silence_is_consent(shape: Shape) -> Made:
    return evolve(shape.workflow, escalates_to="bupati", overdue=Overdue.DEEMED_GRANTED), "escalates_to"


@unsound()
def a_refusal_has_no_reason(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: each.effect is Effect.REFUSE)
    return with_outcome(shape.workflow, index, number, reasons=()), f"step[{index}].outcomes[{number}].reasons"


@unsound()
def a_reason_is_unknown(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: each.effect is Effect.REFUSE)
    made = with_outcome(shape.workflow, index, number, reasons=("palsu", "pals"))
    return made, f"step[{index}].outcomes[{number}].reasons[1]"


@unsound(alone=True)
def a_reason_stands_where_nothing_is_refused(shape: Shape) -> Made:
    index, number = shape.outcome(lambda each: each.effect is not Effect.REFUSE)
    made = with_outcome(shape.workflow, index, number, reasons=("palsu",))
    return made, f"step[{index}].outcomes[{number}].reasons"


@unsound(alone=True)
def a_reason_is_never_given(shape: Shape) -> Made:
    return evolve(shape.workflow, reasons=(PALSU, evolve(PALSU, code="lain"))), "reason[1].code"


@unsound(alone=True)
def two_reasons_share_a_code(shape: Shape) -> Made:
    return evolve(shape.workflow, reasons=(PALSU, PALSU)), "reason[1].code"


@unsound(alone=True)
def a_limit_is_missing(shape: Shape) -> Made:
    index = shape.any()
    days = shape.draw(st.integers(-3, 0) | st.just(True) | st.just(1.5))
    return with_step(shape.workflow, index, working_days=days), f"step[{index}].working_days"


@unsound(alone=True)
def a_number_is_not_above_nothing(shape: Shape) -> Made:
    key = shape.draw(st.sampled_from(["version", "working_days", "applicant_days", "validity_months"]))
    return evolve(shape.workflow, **{key: shape.draw(st.integers(-3, 0))}), key


@unsound(alone=True)
def a_number_is_absurd(shape: Shape) -> Made:
    most = {"version": 10_000, "working_days": 1_000, "applicant_days": 1_000, "validity_months": 1_200}
    key = shape.draw(st.sampled_from(list(most)))
    return evolve(shape.workflow, **{key: most[key] + shape.draw(st.integers(1, 10**12))}), key


@unsound(alone=True)
def a_rule_sets_a_term_that_is_not_told(shape: Shape) -> Made:
    return evolve(shape.workflow, term_basis=LegalBasis(regulation="Perbup 1/2026")), "working_days"


@unsound(alone=True)
def what_issues_reserves(shape: Shape) -> Made:
    index = shape.index("terbit")
    return with_step(shape.workflow, index, reserves=True), f"step[{index}].reserves"


@unsound(alone=True)
def a_grant_does_not_ask_the_zone(shape: Shape) -> Made:
    index = next(place for place, each in enumerate(shape.workflow.steps) if each.kind is StepKind.DECIDE)
    outcomes = list(shape.workflow.steps[index].outcomes)
    place = next(place for place, each in enumerate(outcomes) if each.effect in GRANTS)
    outcomes[place] = evolve(outcomes[place], reserves=False)
    return with_step(shape.workflow, index, outcomes=tuple(outcomes)), f"step[{index}].outcomes[{place}].reserves"


@unsound(alone=True)
def a_name_holds_a_phone_number(shape: Shape) -> Made:
    index = shape.any()
    return with_step(shape.workflow, index, name="WA 0812 3456 7890"), f"step[{index}].name"


@unsound(alone=True)
def an_outcome_is_named_in_one_language(shape: Shape) -> Made:
    index, number = shape.outcome(lambda _: True)
    made = with_outcome(shape.workflow, index, number, name="Lanjut")
    return made, f"step[{index}].outcomes[{number}].name_english"


@pytest.mark.parametrize("case", UNSOUND)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_whatever_makes_a_workflow_unsound_is_found_at_its_place(case: str, data: st.DataObject) -> None:
    shape = Shape(data.draw(sound(forks=True)), data)
    assert problems_of(shape.workflow, **KNOWN) == ()
    made, path = UNSOUND[case](shape)
    found = flaws(made)
    if any(each.effect is Effect.REFUSE for one in made.steps for each in one.outcomes):
        assert (set(found) == {path}) if case in ALONE else (path in found)
    else:  # nothing refuses any more, and the reason is left over
        assert path in found


# --- what is told ----------------------------------------------------------------------------------------------------


HOTEL = sample_blueprint().workflow("izin-hotel")


def test_a_near_miss_has_the_words_it_could_be() -> None:
    [flaw] = problems_of(with_outcome(HOTEL, 0, 0, join="tinjau-lapngan"))
    assert (flaw.path, flaw.value) == ("step[0].outcomes[0].join", "tinjau-lapngan")
    assert flaw.wrong.allowed == "give the id of a step of this workflow"
    assert "tinjau-lapangan" in flaw.wrong.among
    [flaw] = problems_of(with_step(HOTEL, 3, role="penilai"), roles=("penilai-teknis",))[:1]
    assert (flaw.path, flaw.wrong.among) == ("escalates_to", ("penilai-teknis",))


def test_what_is_not_known_is_not_looked_for() -> None:
    assert problems_of(HOTEL) == ()
    assert {flaw.path for flaw in problems_of(HOTEL, roles=(), agencies=None, services=())} >= {
        "services[0]",
        "escalates_to",
        "step[0].role",
    }


def test_everything_is_told_at_once_and_ways_only_where_they_can_be_walked() -> None:
    broken = evolve(with_outcome(HOTEL, 4, 0, next=("penerbit",)), escalates_to=None, applicant_days=0)
    for way in (0, 1):  # past the decision
        broken = with_outcome(broken, 3, way, next=("penerbitan",))
    assert [flaw.path for flaw in problems_of(broken)] == [
        "applicant_days",
        "escalates_to",
        "step[4].outcomes[0].next[0]",
    ]
    mended = with_outcome(broken, 4, 0, next=("penerbitan",))
    assert [flaw.path for flaw in problems_of(mended)] == [
        "applicant_days",
        "escalates_to",
        "step[4].id",
        "step[3].outcomes[0].next[0]",
        "step[3].outcomes[1].next[0]",
    ]


def test_a_workflow_without_steps_is_told_to_write_them() -> None:
    [flaw] = problems_of(evolve(HOTEL, steps=(), reasons=()))
    assert (flaw.path, flaw.value, flaw.wrong.allowed) == ("step", None, "write [[workflow.step]] for each step")


def many(count: int) -> Iterator[Step]:
    yield from (step(f"s{number}", StepKind.ASSESS, lead("ya", f"s{number + 1}")) for number in range(count - 2))
    yield step(f"s{count - 2}", StepKind.DECIDE, lead("ya", "terbit", effect=Effect.GRANT))
    yield step("terbit", StepKind.ISSUE, StepOutcome(id="ya", effect=Effect.ISSUE))


def test_no_more_steps_are_walked_than_a_workflow_can_need() -> None:
    plain = evolve(HOTEL, start="s0", reasons=(), steps=tuple(many(MOST_STEPS)), term_basis=None)
    assert problems_of(plain) == ()
    assert [flaw.path for flaw in problems_of(evolve(plain, steps=tuple(many(MOST_STEPS + 1))))] == ["step"]


def test_a_rule_is_recorded_without_anybodys_number() -> None:
    basis = LegalBasis(regulation="Perbup 1/2026", article="5, hubungi 081234567890", in_force_since=date(2026, 1, 1))
    assert [flaw.path for flaw in problems_of(evolve(HOTEL, term_basis=basis))] == ["term_article"]
