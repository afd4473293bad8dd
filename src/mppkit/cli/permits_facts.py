"""What the permit commands say with `--json`: every key is always there, null where nobody knows.

Amounts of what a zone can carry are texts, for they are exact; days are working days where it does not say otherwise.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mppkit.decisions import Decision, LegalBasis, Reason
from mppkit.directory import Officer
from mppkit.durations import Durations, Share
from mppkit.ids import split_stream
from mppkit.permits.capacity import Limit, Use, Zone, ZoneCapacity
from mppkit.permits.explaining import Explanation
from mppkit.permits.figures import Investments, PermitFigures, Total
from mppkit.permits.model import Activity, Application, Investment, Judgement, Permit
from mppkit.permits.rules import may_act
from mppkit.permits.timing import Late, Term
from mppkit.storage import StreamHead

_LISTED = ("submitted_at", "judged_at", "effect", "deemed", "rupiah", "jobs", "sector")


# --- one application -------------------------------------------------------------------------------------------------


def listed(head: StreamHead) -> dict[str, Any]:
    """Return an application as lists show it, from its stream's head; nothing is folded."""
    summary = json.loads(head.summary or "{}")
    labels = head.labels
    return {
        "application": split_stream(head.stream)[2],
        "service": labels.get("service"),
        "status": labels.get("status"),
        "applicant": labels.get("applicant"),
        "zone": labels.get("zone"),
        "due_on": labels.get("due_on"),
        "number": labels.get("number"),
        "open_steps": summary.get("steps", []),
        **{key: summary.get(key) for key in _LISTED},
    }


def application(
    app: Application, terms: tuple[Term, ...], officers: tuple[Officer, ...], story: Explanation
) -> dict[str, object]:
    """Return where an application stands.

    Args:
        app: the application.
        terms: how the time of each open step stands.
        officers: who works in the mall.
        story: what happened to it.
    """
    workflow = app.workflow
    return {
        "application": app.id,
        "service": app.service,
        "workflow": {"id": workflow.id, "version": workflow.version},
        "status": app.status.value,
        "applicant": app.applicant,
        "activity": _activity(app.activity),
        "investment": _investment(app.investment),
        "zone": app.zone,
        "uses": _uses(app.uses),
        "holds_capacity": app.holds_capacity,
        "drafted_at": app.drafted_at.isoformat(),
        "submitted_at": _instant(app.submitted_at),
        "ended_at": _instant(app.ended_at),
        "term": _term(story.term) if story.term else None,
        "open_steps": [
            {
                "step": step.id,
                "name": step.name,
                "name_english": step.name_english,
                "role": step.role,
                "agency": step.agency,
                "officers": [each.id for each in officers if may_act(step, each).is_granted],
                "outcomes": {each.id: each.effect.value for each in step.outcomes},
                "documents_missing": list(app.missing(step.documents)),
                "term": _term(term),
            }
            for step, term in zip((workflow.step(run.step) for run in app.open), terms, strict=True)
        ],
        "waiting_for_branches": [{"step": join.step, "left": join.left} for join in app.joins],
        "done_steps": [
            {
                "step": run.step,
                "outcome": run.outcome,
                "officer": run.officer,
                "note": run.note,
                "started_at": run.started_at.isoformat(),
                "ended_at": _instant(run.ended_at),
            }
            for run in app.done
        ],
        "returns": [
            {
                "steps": list(each.steps),
                "items": list(each.items),
                "returned_at": each.returned_at.isoformat(),
                "resubmitted_at": _instant(each.resubmitted_at),
            }
            for each in app.returns
        ],
        "documents": [
            {
                "kind": each.kind,
                "digest": each.digest,
                "media_type": each.media_type,
                "size": each.size,
                "place": each.place,
            }
            for each in app.documents
        ],
        "documents_missing": [{"kind": kind, "needed_to": needed} for kind, needed in documents_missing(app).items()],
        "capacity": _decision(app.capacity) if app.capacity else None,
        "judgement": _judgement(app.judgement) if app.judgement else None,
        "permit": _permit(app.permit) if app.permit else None,
        "conditions": list(app.conditions),
        "allowed": list(story.allowed),
        "explanation": _explanation(story),
    }


def documents_missing(app: Application) -> dict[str, list[str]]:
    """Return each kind of document that is not there though its workflow asks for it: to submit, or in which steps."""
    needed: dict[str, list[str]] = {}
    for where, kinds in (("submit", app.workflow.documents), *((s.id, s.documents) for s in app.workflow.steps)):
        for kind in app.missing(kinds):
            needed.setdefault(kind, []).append(where)
    return needed


def _explanation(story: Explanation) -> dict[str, object]:
    return {
        "at": story.at.isoformat(),
        "indonesian": story.indonesian,
        "english": story.english,
        "office_days": story.spent.office_days,
        "applicant_days": story.spent.applicant_days,
        "days": [
            {
                "from_on": each.from_on.isoformat(),
                "until_on": each.until_on.isoformat(),
                "whose": each.whose.value,
                "steps": list(each.steps),
                "working_days": each.working_days,
            }
            for each in story.spent.stretches
        ],
        "lines": [
            {
                "at": each.at.isoformat(),
                "on": each.on.isoformat(),
                "indonesian": each.indonesian,
                "english": each.english,
                "basis": _basis(each.basis),
                "whose": each.whose.value if each.whose else None,
                "working_days": each.working_days,
            }
            for each in story.lines
        ],
    }


def _term(term: Term) -> dict[str, object]:
    return {
        "from_on": term.from_on.isoformat(),
        "working_days": term.working_days,
        "used": term.used,
        "left": term.left,
        "due_on": term.due_on.isoformat(),
        "is_late": term.is_late,
        "stands_still": term.stands_still,
        "skipped": [{"on": day.on.isoformat(), "code": day.reason.code} for day in term.skipped],
        "warnings": [why.code for why in term.warnings],
        "basis": _basis(term.basis),
    }


def _activity(activity: Activity | None) -> dict[str, object] | None:
    if activity is None:
        return None
    return {"edition": activity.edition, "code": activity.code, "scale": activity.scale, "level": activity.level}


def _investment(investment: Investment | None) -> dict[str, object] | None:
    if investment is None:
        return None
    return {"rupiah": investment.rupiah, "jobs": investment.jobs, "sector": investment.sector}


def _uses(uses: tuple[Use, ...]) -> list[dict[str, object]]:
    return [{"resource": use.resource, "amount": _exact(use.amount)} for use in uses]


def _judgement(judgement: Judgement) -> dict[str, object]:
    return {
        "effect": judgement.effect.value,
        "at": judgement.at.isoformat(),
        "officer": judgement.officer,
        "note": judgement.note,
        "deemed": judgement.deemed,
        "reasons": _reasons(judgement.reasons),
    }


def _permit(permit: Permit) -> dict[str, object]:
    return {
        "number": permit.number,
        "issued_at": permit.issued_at.isoformat(),
        "valid_from": permit.valid_from.isoformat(),
        "valid_until": _date(permit.valid_until),
        "conditions": list(permit.conditions),
        "deemed": permit.deemed,
    }


# --- who is late -----------------------------------------------------------------------------------------------------


def late(row: Late) -> dict[str, object]:
    """Return a run or a step that is late."""
    return {
        "application": row.application,
        "service": row.service,
        "step": row.step,
        "agency": row.agency,
        "due_on": row.due_on.isoformat(),
        "days_late": row.days_late,
    }


# --- zones -----------------------------------------------------------------------------------------------------------


def capacity(zone: Zone, stands: ZoneCapacity) -> dict[str, object]:
    """Return what a zone can carry, and what is used of it."""
    return {
        "zone": zone.id,
        "name": zone.name,
        "name_english": zone.name_english,
        "overcommitted": any(each.is_overcommitted for each in stands.resources),
        "resources": [
            {
                "resource": each.limit.resource,
                "unit": each.limit.unit,
                "limit": _exact(each.limit.amount),
                "committed": _exact(each.committed),
                "reserved": _exact(each.reserved),
                "free": _exact(each.free),
                "overcommitted": each.is_overcommitted,
                "limits": [_limit(limit) for limit in each.limits],
            }
            for each in stands.resources
        ],
        "not_in_force": [
            {
                "resource": limit.resource,
                "unit": limit.unit,
                **_limit(limit),
                "held_before": stands.held_before(limit),
            }
            for limit in stands.not_in_force(zone)
        ],
        "over_time": [
            {
                "resource": level.resource,
                "at": level.at.isoformat(),
                "limit": _exact(level.limit),
                "committed": _exact(level.committed),
                "reserved": _exact(level.reserved),
                "free": _exact(level.free),
            }
            for level in stands.over_time
        ],
    }


def dropped_zones(heads: Iterable[StreamHead], zones: Collection[str]) -> list[dict[str, Any]]:
    """Return the zones of which something is held though the blueprint has them no more, from the heads of ledgers."""
    found = []
    for head in heads:
        zone, resources = split_stream(head.stream)[2], json.loads(head.summary or "{}").get("resources", {})
        held = [
            {"resource": resource, **facts}
            for resource, facts in resources.items()
            if Decimal(facts["committed"]) or Decimal(facts["reserved"])
        ]
        if held and zone not in zones:
            found.append({"zone": zone, "resources": held})
    return found


def _limit(limit: Limit) -> dict[str, object]:
    return {"amount": _exact(limit.amount), "source": limit.source, "dated_on": limit.dated_on.isoformat()}


def _exact(amount: Decimal) -> str:
    return format(amount, "f")


# --- figures ---------------------------------------------------------------------------------------------------------


def figures(found: PermitFigures) -> dict[str, object]:
    """Return what the applications of a period came to."""
    return {
        "from_on": found.from_on.isoformat(),
        "until_on": found.until_on.isoformat(),
        "at": found.at.isoformat(),
        "applications": found.applications,
        "standing": {status.value: count for status, count in found.standing.items()},
        "permits": {status.value: count for status, count in found.permits.items()},
        "running": found.running,
        "drafts": found.drafts,
        "discarded": found.discarded,
        "granted": found.granted,
        "with_conditions": found.with_conditions,
        "deemed": found.deemed,
        "refused": found.refused,
        "refused_for": dict(found.refused_for),
        "withdrawn": found.withdrawn,
        "lapsed": found.lapsed,
        "issued": found.issued,
        "revoked": found.revoked,
        "expired": found.expired,
        "working_days_to_decide": _durations(found.working_days_to_decide),
        "calendar_days_to_decide": _durations(found.calendar_days_to_decide),
        "in_time": _share(found.in_time),
        "investment": _investments(found.investment),
        "by_month": _split("month", found.by_month),
        "by_zone": _split("zone", found.by_zone),
        "by_sector": _split("sector", found.by_sector),
        "by_service": _split("service", found.by_service),
    }


def _durations(days: Durations) -> dict[str, float | int | None]:
    return {
        "mean": None if days.mean is None else round(days.mean, 4),
        "p50": days.percentile(0.5),
        "p90": days.percentile(0.9),
        "max": days.max,
        "n": days.n,
        "censored": days.n_censored,
    }


def _share(share: Share | None) -> dict[str, float | int] | None:
    if share is None:
        return None
    return {"value": round(share.value, 4), "low": round(share.low, 4), "high": round(share.high, 4), "n": share.n}


def _split(by: str, found: Mapping[str, Investments] | Mapping[str | None, Investments]) -> list[dict[str, object]]:
    return [{by: key, **_investments(each)} for key, each in found.items()]


def _investments(found: Investments) -> dict[str, object]:
    return {"asked": _total(found.asked), "permitted": _total(found.permitted), "gone": _total(found.gone)}


def _total(total: Total) -> dict[str, object]:
    return {
        "applications": total.applications,
        "unstated": total.unstated,
        "rupiah": total.rupiah,
        "jobs": total.jobs,
    }


# --- what stands in several ------------------------------------------------------------------------------------------


def _decision(decision: Decision) -> dict[str, object]:
    return {
        "outcome": decision.outcome.value,
        "reasons": _reasons(decision.reasons),
        "warnings": _reasons(decision.warnings),
    }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, object]]:
    return [
        {"code": why.code, "indonesian": why.indonesian, "english": why.english, "basis": _basis(why.basis)}
        for why in reasons
    ]


def _basis(basis: LegalBasis | None) -> dict[str, object] | None:
    return {"cites": basis.cite(), "verified": basis.verified} if basis else None


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _date(on: date | None) -> str | None:
    return on.isoformat() if on else None
