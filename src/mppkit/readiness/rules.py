"""How ready a mall is, and what may happen on the way to its launch. Pure: no clock, no store, no chance."""

from collections.abc import Iterable, Sequence
from datetime import date

import attrs

from mppkit.decisions import Decision, Reason
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.readiness.checks import CHECKS, Verdict
from mppkit.readiness.events import EvidenceRecorded, EvidenceWithdrawn, Launched, LaunchRefused
from mppkit.readiness.facts import Facts
from mppkit.readiness.filing import checked_why, faults
from mppkit.readiness.launching import Launching
from mppkit.readiness.model import AssessedItem, Assessment, Evidence, Instrument, Item, State

# --- assessing -----------------------------------------------------------------------------------------------------


def assess(instrument: Instrument, facts: Facts, evidence: Iterable[Evidence], on: date) -> Assessment:
    """Return how ready a mall is on a local date.

    An item with a check is as the check says; evidence never overrules it. Where the check cannot know, and where
    there is none, one piece of evidence that holds on that day, of a kind that counts, makes the item met. Everything
    else is unknown, or not met once its evidence is over.

    >>> from mppkit.readiness.loading import load_instrument
    >>> nothing_known = assess(load_instrument(), Facts(), (), date(2026, 11, 24))
    >>> nothing_known.score, nothing_known.unknown, nothing_known.is_ready
    (0.0, 1.0, False)
    """
    shown: dict[str, list[Evidence]] = {}
    for each in evidence:
        shown.setdefault(each.item, []).append(each)
    whole = sum(item.weight for item in instrument.items)

    def assessed(item: Item) -> AssessedItem:
        verdict = CHECKS[item.checked_by](facts, instrument.limits, on) if item.checked_by is not None else None
        counting = [each for each in shown.get(item.id, ()) if each.kind in item.kinds]
        if verdict is None or verdict.state is State.UNKNOWN:
            verdict = _by_evidence(counting, on) or verdict or _NOTHING_SHOWN
        is_met = verdict.state is State.MET
        return AssessedItem(
            item=item,
            state=verdict.state,
            reason=verdict.reason,
            evidence=tuple(each.number for each in counting if each.number is not None and each.holds(on)),
            gain=0.0 if is_met else item.weight / whole,
        )

    return Assessment(instrument=instrument, on=on, items=tuple(assessed(item) for item in instrument.items))


_NOTHING_SHOWN = Verdict(
    State.UNKNOWN, Reason(code="no_evidence", indonesian="Belum ada bukti.", english="No evidence was given.")
)


def _by_evidence(counting: Sequence[Evidence], on: date) -> Verdict | None:
    """Return what the evidence that counts for an item says on a day; None where it says nothing."""
    holding = [each for each in counting if each.holds(on)]
    if holding:
        what = holding[0].reference or holding[0].note or f"sha256 {str(holding[0].digest)[:12]}"
        since = holding[0].given_on.isoformat()
        reason = Reason(
            code="evidence_given",
            indonesian=f"Bukti per {since}: {what}.",
            english=f"Evidence as of {since}: {what}.",
        )
        return Verdict(State.MET, reason)
    over = [each.valid_until for each in counting if each.valid_until is not None and each.is_over(on)]
    if over:
        last = max(over).isoformat()
        reason = Reason(
            code="evidence_over",
            indonesian=f"Bukti hanya berlaku sampai {last}.",
            english=f"The evidence was valid until {last} only.",
        )
        return Verdict(State.NOT_MET, reason)
    return None


# --- launching -----------------------------------------------------------------------------------------------------


def launch(assessment: Assessment) -> Decision:
    """Return whether a mall may be launched: refused with one reason for each blocker, whose code is the item's id.

    What is open and does not block is told in one warning.
    """
    if assessment.blockers:
        return Decision.refused(*(_blocker(each) for each in assessment.blockers))
    still_open = assessment.next_steps
    if not still_open:
        return Decision.granted()
    share = f"{1 - assessment.score:.0%}"
    warning = Reason(
        code="items_open",
        indonesian=f"{len(still_open)} dari {len(assessment.items)} butir belum terpenuhi, {share} dari bobotnya.",
        english=f"{len(still_open)} of {len(assessment.items)} items are still open, {share} of the weight.",
    )
    return Decision.granted(warnings=(warning,))


def _blocker(blocker: AssessedItem) -> Reason:
    item, why = blocker.item, blocker.reason
    return Reason(
        code=item.id,
        indonesian=f"Belum terpenuhi: {item.text} {why.indonesian}",
        english=f"Not met: {item.text_english} {why.english}",
        basis=item.basis,
    )


def attempt_launch(state: Launching, assessment: Assessment, mall: str) -> tuple[Launched | LaunchRefused]:
    """Return what an attempt to launch a mall causes: the launch or its refusal, with the assessment's figures.

    Raises:
        TransitionError: it was launched already.
    """
    if state.launched is not None:
        hint = "it can still be assessed"
        raise TransitionError(f"mall {mall}", "launch", f"launched since {state.launched.at.isoformat()}", (), hint)
    decision = launch(assessment)
    if decision.is_granted:
        return (Launched(standing=assessment.standing, warnings=decision.warnings),)
    return (LaunchRefused(standing=assessment.standing, reasons=decision.reasons),)


# --- evidence ------------------------------------------------------------------------------------------------------


def record(
    state: Launching, instrument: Instrument, evidence: Sequence[Evidence], on: date
) -> tuple[EvidenceRecorded, ...]:
    """Return what recording evidence on a local date causes; nothing for what is recorded already and not withdrawn.

    Raises:
        InvalidValueError: a piece of it cannot be recorded; nothing of it is then.
    """
    for each in evidence:
        for fault in faults(each, instrument, on):
            raise InvalidValueError(fault.key, fault.value, fault.wrong.allowed)
    in_force = {attrs.evolve(each, number=None) for each in state.evidence.values()}
    new = [each for each in evidence if each not in in_force]
    return tuple(
        EvidenceRecorded(evidence=attrs.evolve(each, number=f"E-{number:03}"))
        for number, each in enumerate(new, state.recorded + 1)
    )


def find(state: Launching, evidence: Evidence) -> Evidence | None:
    """Return the recorded piece of evidence that says the same and was not withdrawn; None if there is none."""
    for each in state.evidence.values():
        if attrs.evolve(each, number=None) == evidence:
            return each
    return None


def withdraw(state: Launching, number: str, why: str) -> tuple[EvidenceWithdrawn]:
    """Return what withdrawing a piece of evidence causes.

    Raises:
        InvalidValueError: no reason was given, or one that cannot be kept.
        NotFoundError: there is no such evidence.
        TransitionError: it was withdrawn already.
    """
    why = checked_why(why)
    if number not in state.evidence:
        if any(isinstance(each.event, EvidenceWithdrawn) and each.event.number == number for each in state.history):
            raise TransitionError(f"evidence {number}", "withdraw", "withdrawn", (), "record it again if it holds")
        raise NotFoundError("evidence", number, state.evidence)
    return (EvidenceWithdrawn(number=number, why=why),)
