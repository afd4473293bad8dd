"""An assessment as one JSON object."""

from mppkit.readiness.model import AssessedItem, Assessment


def assessment_facts(assessment: Assessment) -> dict[str, object]:
    """Return an assessment as `mppkit readiness --json` prints it; every key is always there, in this order.

    Scores, `unknown` and `gain` are shares of the weight, from 0 to 1. `state` is `met`, `not_met` or `unknown`.
    `next_steps` come best first: blockers, then what gains most.
    """
    return {
        "instrument": assessment.instrument.id,
        "version": assessment.instrument.version,
        "on": assessment.on.isoformat(),
        "ready": assessment.is_ready,
        "score": assessment.score,
        "unknown": assessment.unknown,
        "aspects": [
            {
                "aspect": each.aspect.id,
                "name": each.aspect.name,
                "name_english": each.aspect.name_english,
                "score": each.score,
                "unknown": each.unknown,
                "met": each.met,
                "items": each.items,
            }
            for each in assessment.aspects
        ],
        "blockers": [each.item.id for each in assessment.blockers],
        "next_steps": [
            {
                "item": each.item.id,
                "step": each.item.step,
                "step_english": each.item.step_english,
                "blocks": each.item.blocks,
                "gain": each.gain,
            }
            for each in assessment.next_steps
        ],
        "items": [_item(each) for each in assessment.items],
    }


def _item(each: AssessedItem) -> dict[str, object]:
    item = each.item
    return {
        "item": item.id,
        "aspect": item.aspect,
        "text": item.text,
        "text_english": item.text_english,
        "state": each.state.value,
        "code": each.reason.code,
        "reason": each.reason.indonesian,
        "reason_english": each.reason.english,
        "evidence": list(each.evidence),
        "weight": item.weight,
        "blocks": item.blocks,
        "checked_by": item.checked_by,
        "source": item.basis.cite() if item.basis else item.source,
        "verified": item.verified,
    }
