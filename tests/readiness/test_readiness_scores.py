"""Scores are the weights by hand, unknown never counts as met, and evidence never makes a mall less ready."""

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.decisions import LegalBasis
from mppkit.readiness import (
    Evidence,
    EvidenceKind,
    Facts,
    Instrument,
    Item,
    Limits,
    State,
    assess,
    assessment_facts,
    launch,
    load_instrument,
)
from mppkit.readiness.checks import CHECKS

ON = date(2026, 11, 24)


def shows(item: str, kind: str = "document", **more: object) -> Evidence:
    given = {"reference": "Perbup 11/2018", "by": "sri", "given_on": ON, **more}
    return Evidence(item=item, kind=EvidenceKind(kind), **given)


def states(assessment) -> dict[str, str]:
    return {each.item.id: each.state.value for each in assessment.items}


# --- scores --------------------------------------------------------------------------------------------------------


def test_without_facts_and_evidence_all_is_unknown(small: Instrument) -> None:
    found = assess(small, Facts(), (), ON)
    assert (found.score, found.unknown, found.is_ready) == (0.0, 1.0, False)
    assert [(each.score, each.unknown, each.met, each.items) for each in found.aspects] == [
        (0.0, 1.0, 0, 3),
        (0.0, 1.0, 0, 2),
    ]


def test_scores_are_the_weights_of_what_is_met_by_those_of_all(small: Instrument) -> None:
    facts = Facts(services=2, incomplete_standards=("nib",), rehearsed_on=ON)
    found = assess(small, facts, [shows("decree"), shows("ramp", "link", reference="https://a.go.id/x")], ON)
    assert states(found) == {
        "decree": "met",
        "charter": "unknown",
        "standards": "not_met",
        "ramp": "met",
        "rehearsal": "met",
    }
    assert found.score == 8 / 11
    assert found.unknown == 1 / 11
    rules, hall = found.aspects
    assert (rules.aspect.id, rules.score, rules.unknown, rules.met, rules.items) == ("rules", 3 / 6, 1 / 6, 1, 3)
    assert (hall.aspect.id, hall.score, hall.unknown, hall.met, hall.items) == ("hall", 1.0, 0.0, 2, 2)


def test_the_next_steps_are_blockers_first_then_what_gains_most(small: Instrument) -> None:
    found = assess(small, Facts(services=2, incomplete_standards=("nib",)), (), ON)
    steps = [(each.item.id, each.is_blocker, each.gain) for each in found.next_steps]
    assert steps == [
        ("decree", True, 3 / 11),
        ("standards", True, 2 / 11),
        ("rehearsal", True, 1 / 11),
        ("ramp", False, 4 / 11),
        ("charter", False, 1 / 11),
    ]
    assert [each.item.id for each in found.blockers] == ["decree", "standards", "rehearsal"]


def test_what_gains_the_same_stays_in_the_order_of_the_instrument(small: Instrument) -> None:
    alike = attrs.evolve(small, items=tuple(attrs.evolve(each, weight=5, blocks=False) for each in small.items))
    steps = assess(alike, Facts(), (), ON).next_steps
    assert [each.item.id for each in steps] == [item.id for item in small.items]


def test_all_met_is_exactly_one_and_leaves_no_step(small: Instrument, known: Facts) -> None:
    shown = [shows("decree"), shows("charter"), shows("ramp", "statement", note="ada")]
    found = assess(small, known, shown, ON)
    assert (found.score, found.unknown, found.next_steps, found.is_ready) == (1.0, 0.0, (), True)
    assert [each.gain for each in found.items] == [0.0] * 5


# --- what makes an item met ----------------------------------------------------------------------------------------


def test_evidence_never_overrules_a_check_that_says_no(small: Instrument) -> None:
    old = Facts(rehearsed_on=ON - timedelta(days=91))
    found = assess(small, old, [shows("rehearsal")], ON)
    assert states(found)["rehearsal"] == "not_met"


def test_evidence_stands_in_for_a_check_that_cannot_know(small: Instrument) -> None:
    found = assess(small, Facts(), [shows("rehearsal", number="E-004")], ON)
    rehearsal = found.items[4]
    assert (rehearsal.state, rehearsal.reason.code, rehearsal.evidence) == (State.MET, "evidence_given", ("E-004",))


def test_evidence_of_a_kind_that_does_not_count_changes_nothing(small: Instrument) -> None:
    found = assess(small, Facts(), [shows("decree", "statement", note="sudah"), shows("standards")], ON)
    assert states(found)["decree"] == "unknown"
    assert states(found)["standards"] == "unknown"


def test_evidence_of_a_kind_that_does_not_count_is_not_over_either(small: Instrument) -> None:
    shown = shows("decree", "statement", note="sudah", valid_until=ON)
    [decree, *_] = assess(small, Facts(), [shown], ON + timedelta(days=1)).items
    assert (decree.state, decree.reason.code) == (State.UNKNOWN, "no_evidence")


def test_the_last_day_of_all_that_is_over_is_told(small: Instrument) -> None:
    shown = [shows("decree", valid_until=ON + timedelta(days=days)) for days in (1, 3, 2)]
    [decree, *_] = assess(small, Facts(), shown, ON + timedelta(days=9)).items
    assert decree.reason.english == "The evidence was valid until 2026-11-27 only."


@pytest.mark.parametrize(
    ("days", "state", "code"),
    [
        (-1, "unknown", "no_evidence"),
        (0, "met", "evidence_given"),
        (30, "met", "evidence_given"),
        (31, "not_met", "evidence_over"),
    ],
)
def test_evidence_holds_from_its_first_to_its_last_day(small: Instrument, days: int, state: str, code: str) -> None:
    shown = shows("decree", valid_until=ON + timedelta(days=30))
    [decree, *_] = assess(small, Facts(), [shown], ON + timedelta(days=days)).items
    assert (decree.state, decree.reason.code) == (state, code)


def test_evidence_that_is_over_does_not_harm_what_still_holds(small: Instrument) -> None:
    over = shows("decree", number="E-001", valid_until=ON - timedelta(days=1), given_on=date(2026, 1, 1))
    [decree, *_] = assess(small, Facts(), [over, shows("decree", number="E-002")], ON).items
    assert (decree.is_met, decree.evidence) == (True, ("E-002",))


def test_a_reason_says_what_was_shown(small: Instrument) -> None:
    shown = shows("decree", reference=None, digest="ab" * 32)
    [decree, *_] = assess(small, Facts(), [shown], ON).items
    assert decree.reason.indonesian == "Bukti per 2026-11-24: sha256 abababababab."
    assert decree.reason.english == "Evidence as of 2026-11-24: sha256 abababababab."


# --- whatever is known and shown -----------------------------------------------------------------------------------

DAYS = st.dates(ON - timedelta(days=100), ON + timedelta(days=100))
IDS = st.none() | st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple)
FACTS = st.builds(
    Facts,
    services=st.none() | st.integers(0, 3),
    incomplete_standards=IDS,
    services_without_counter=IDS,
    agencies_without_rule=IDS,
    counters_without_officer=IDS,
    open_days=st.none() | st.integers(0, 30),
    days_ahead=st.none() | st.just(30),
    survey_ready=st.none() | st.booleans(),
    rehearsed_on=st.none() | DAYS,
    within_promise=st.none() | st.floats(0, 1),
    waits=st.none() | st.integers(0, 300),
    promise_minutes=st.none() | st.just(15.0),
    backed_up_on=st.none() | DAYS,
)
SHIPPED = load_instrument()
EVIDENCE = st.builds(
    Evidence,
    item=st.sampled_from([item.id for item in SHIPPED.items]),
    kind=st.sampled_from(EvidenceKind),
    reference=st.just("Perbup 1/2026"),
    by=st.just("sri"),
    given_on=DAYS,
    valid_until=st.none() | DAYS,
)


@settings(max_examples=150, deadline=None)
@given(FACTS, st.lists(EVIDENCE, max_size=30), EVIDENCE)
def test_more_evidence_never_lowers_a_score_nor_adds_a_blocker(facts: Facts, shown: list, more: Evidence) -> None:
    before, after = assess(SHIPPED, facts, shown, ON), assess(SHIPPED, facts, [*shown, more], ON)
    assert after.score >= before.score
    for one, other in zip(before.aspects, after.aspects, strict=True):
        assert other.score >= one.score
    assert {each.item.id for each in after.blockers} <= {each.item.id for each in before.blockers}


@settings(max_examples=150, deadline=None)
@given(FACTS, st.lists(EVIDENCE, max_size=30))
def test_an_assessment_holds_together(facts: Facts, shown: list) -> None:
    found = assess(SHIPPED, facts, shown, ON)
    weights = {state: sum(i.item.weight for i in found.items if i.state is state) for state in State}
    whole = sum(weights.values())
    assert found.score == weights[State.MET] / whole
    assert found.unknown == weights[State.UNKNOWN] / whole
    assert sum(each.gain for each in found.next_steps) == pytest.approx(1 - found.score)
    assert found.is_ready == launch(found).is_granted == all(i.is_met for i in found.items if i.item.blocks)
    for each in found.items:
        if each.state is State.UNKNOWN:
            assert not each.is_met
        if each.is_met and each.item.checked_by is None:
            assert each.reason.code == "evidence_given"


@settings(max_examples=150, deadline=None)
@given(st.lists(EVIDENCE, max_size=30))
def test_without_facts_only_evidence_makes_an_item_met(shown: list) -> None:
    kinds = {item.id: item.kinds for item in SHIPPED.items}
    holding = {each.item for each in shown if each.kind in kinds[each.item] and each.holds(ON)}
    assert {each.item.id for each in assess(SHIPPED, Facts(), shown, ON).items if each.is_met} == holding


# --- the decision --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocker", [item.id for item in SHIPPED.items if item.blocks])
def test_one_blocker_is_enough_to_refuse(known: Facts, blocker: str) -> None:
    shown = [shows(i.id, i.kinds[0]) for i in SHIPPED.items if i.kinds and i.id != blocker]
    unknown_to = {
        "rehearsed": attrs.evolve(known, rehearsed_on=None),
        "waits_within_promise": attrs.evolve(known, within_promise=None),
        "backed_up": attrs.evolve(known, backed_up_on=None),
        "standards_complete": attrs.evolve(known, incomplete_standards=None),
        "services_at_counters": attrs.evolve(known, services_without_counter=None),
        "agencies_under_rule": attrs.evolve(known, agencies_without_rule=None),
        "counters_staffed": attrs.evolve(known, counters_without_officer=None),
        "opens_soon": attrs.evolve(known, open_days=None),
    }
    check = SHIPPED.item(blocker).checked_by
    ready = [*shown, shows(blocker, SHIPPED.item(blocker).kinds[0])] if SHIPPED.item(blocker).kinds else shown
    assert launch(assess(SHIPPED, known, ready, ON)).is_granted
    decision = launch(assess(SHIPPED, known if check is None else unknown_to[check], shown, ON))
    assert [reason.code for reason in decision.reasons] == [blocker]


def test_a_refusal_has_a_reason_for_each_blocker_with_its_legal_basis(small: Instrument) -> None:
    based = attrs.evolve(small.items[0], source="Perpres 89/2021", article="5 ayat (2)")
    instrument = attrs.evolve(small, items=(based, *small.items[1:]))
    decision = launch(assess(instrument, Facts(services=1, incomplete_standards=("nib", "kk")), (), ON))
    assert [reason.code for reason in decision.reasons] == ["decree", "standards", "rehearsal"]
    decree, standards, _ = decision.reasons
    assert decree.basis == LegalBasis(regulation="Perpres 89/2021", article="5 ayat (2)", verified=False)
    assert standards.basis is None
    assert standards.indonesian == "Belum terpenuhi: Teks standards. Standar pelayanan belum lengkap: nib, kk."
    assert standards.english == "Not met: Text standards. Standards are incomplete: nib, kk."


def test_a_launch_with_open_items_is_granted_with_a_warning(small: Instrument, known: Facts) -> None:
    decision = launch(assess(small, known, [shows("decree")], ON))
    [warning] = decision.warnings
    assert warning.code == "items_open"
    assert warning.english == "2 of 5 items are still open, 45% of the weight."  # 5 of 11


def test_a_launch_with_nothing_open_warns_of_nothing(small: Instrument, known: Facts) -> None:
    shown = [shows("decree"), shows("charter"), shows("ramp", "statement", note="ada")]
    assert launch(assess(small, known, shown, ON)).warnings == ()


# --- as JSON -------------------------------------------------------------------------------------------------------


def test_the_json_object_says_the_same(small: Instrument) -> None:
    said = assessment_facts(assess(small, Facts(rehearsed_on=ON), [shows("charter", number="E-001")], ON))
    assert list(said) == [
        "instrument",
        "version",
        "on",
        "ready",
        "score",
        "unknown",
        "aspects",
        "blockers",
        "next_steps",
        "items",
    ]
    assert (said["instrument"], said["version"], said["on"], said["ready"]) == ("small", "7", "2026-11-24", False)
    assert (said["score"], said["unknown"], said["blockers"]) == (2 / 11, 9 / 11, ["decree", "standards"])
    assert said["next_steps"][0] == {
        "item": "decree",
        "step": "Langkah decree.",
        "step_english": "Step decree.",
        "blocks": True,
        "gain": 3 / 11,
    }
    assert said["items"][1] == {
        "item": "charter",
        "aspect": "rules",
        "text": "Teks charter.",
        "text_english": "Text charter.",
        "state": "met",
        "code": "evidence_given",
        "reason": "Bukti per 2026-11-24: Perbup 11/2018.",
        "reason_english": "Evidence as of 2026-11-24: Perbup 11/2018.",
        "evidence": ["E-001"],
        "weight": 1,
        "blocks": False,
        "checked_by": None,
        "source": "practice",
        "verified": False,
    }


def test_the_json_object_cites_the_rule_of_an_item() -> None:
    [first, *_] = assessment_facts(assess(SHIPPED, Facts(), (), ON))["items"]
    assert (first["source"], first["verified"]) == ("Perpres 89/2021 Pasal 5 ayat (2)", False)


def test_the_checks_of_an_item_use_the_limits_of_its_instrument(small: Instrument) -> None:
    strict = attrs.evolve(small, limits=Limits(rehearsed_within_days=3))
    facts = Facts(rehearsed_on=ON - timedelta(days=4))
    assert states(assess(small, facts, (), ON))["rehearsal"] == "met"
    assert states(assess(strict, facts, (), ON))["rehearsal"] == "not_met"


def test_every_check_is_used_by_the_shipped_instrument() -> None:
    used = [item.checked_by for item in SHIPPED.items if item.checked_by is not None]
    assert sorted(used) == sorted(CHECKS)
    assert all(isinstance(item, Item) for item in SHIPPED.items)
