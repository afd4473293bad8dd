"""A rehearsal as one JSON object: figures by the definitions of `queues.measures`, and null for what nobody knows."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from mppkit.durations import Durations
from mppkit.queues.measures import Group, Measures
from mppkit.queues.model import LegOutcome, TicketStatus
from mppkit.rehearsal.permits import RehearsedPermits
from mppkit.rehearsal.run import Rehearsal, RehearsedDay
from mppkit.rehearsal.survey import RehearsedSurvey
from mppkit.rehearsal.visits import Done

_QUARTER = 15 * 60
_REASONS_SHOWN = 20
_LEFT_SHOWN = 100


def report(rehearsal: Rehearsal, *, store: str) -> dict[str, object]:
    """Return a rehearsal as `mppkit rehearse --json` prints it; every key is always there, in this order.

    Durations are seconds; shares are from 0 to 1. `still_waiting` are those who waited or were on hold when the hall
    closed, `interrupted` those who were called or at a counter then, `refused` those who got no ticket: with `served`,
    `no_show` and `cancelled` they add up to `visitors`. A leg is one stretch of a visit, for one service; a duration
    that was cut off counts as such (`censored`), which can leave a percentile unknown. `refusals` counts decisions:
    somebody can be refused an appointment, and then a ticket.

    `permits` is null where none were rehearsed. Its `issued`, `refused`, `withdrawn`, `lapsed` and `still_running` add
    up to `applications`; figures are by the definitions of `permits.figures`, days to decide working days without the
    applicant's, and amounts of what a zone can carry texts, for they are exact.

    `survey` is null where nobody was asked; its figures are null where nobody answered. Of the `asked`, who were served
    to the end, `n` answered and `refused` left a question out; index and interval are of 0 to 100, by the definitions
    of `surveys.index`.

    Args:
        rehearsal: what was rehearsed.
        store: the address of the store it is in.
    """
    total, days, plan = rehearsal.measures, rehearsal.days, rehearsal.plan
    directory = rehearsal.blueprint.directory
    return {
        "mall": rehearsal.blueprint.id,
        "invented": rehearsal.blueprint.invented,
        "dates": [day.on.isoformat() for day in days],
        "source": plan.source,
        "seed": plan.seed,
        "discipline": rehearsal.discipline,
        **_totals(days, total),
        "per_day": [
            {"date": day.on.isoformat(), **_totals((day,), day.measures), "events": day.events, "digest": day.digest}
            for day in days
        ],
        "per_service": [
            {"service": s.id, "name": s.name, **_group(total.by_service.get(s.id, Group()))} for s in directory.services
        ],
        "per_counter": [
            {"counter": c.id, "name": c.name, **_load(total, c.id), **_group(total.by_counter.get(c.id, Group()))}
            for c in directory.counters
        ],
        "per_hour": [{"hour": hour, **_group(group)} for hour, group in sorted(total.by_hour.items())],
        "per_priority": [{"priority": name, **_group(group)} for name, group in sorted(total.by_priority.items())],
        "refusals": [
            {"service": service, "code": code, "count": count}
            for (service, code), count in sorted(total.refused.items())
        ],
        "reasons": _reasons(days),
        "left": _left(days),
        "observed": _observed(days, total),
        "permits": _permits(rehearsal.permits) if rehearsal.permits else None,
        "survey": _survey(rehearsal.survey) if rehearsal.survey else None,
        "rows": plan.rows,
        "rows_left_out": {f.kind: f.count for f in plan.findings if f.done is Done.LEFT_OUT},
        "rows_changed": {f.kind: f.count for f in plan.findings if f.done is Done.CHANGED},
        "findings": [
            {"kind": f.kind, "done": f.done.value, "count": f.count, "first_lines": list(f.lines), "rule": f.rule}
            for f in plan.findings
        ],
        "notes": list(plan.notes),
        "warnings": [warning.code for warning in rehearsal.warnings],
        "events": rehearsal.events,
        "chain": "intact" if rehearsal.intact else "broken",
        "store": store,
        "digest": rehearsal.digest,
    }


def _totals(days: Iterable[RehearsedDay], measures: Measures) -> dict[str, object]:
    days = tuple(days)
    return {
        "visitors": sum(day.planned for day in days),
        "served": measures.count(TicketStatus.FINISHED),
        "no_show": measures.count(TicketStatus.NO_SHOW),
        "cancelled": measures.count(TicketStatus.CANCELLED),
        "still_waiting": measures.count(TicketStatus.UNSERVED),
        "interrupted": measures.count(TicketStatus.INTERRUPTED),
        "refused": sum(day.refused for day in days),
        "wait_seconds": _durations(measures.hall.wait),
        "service_seconds": _durations(measures.hall.service),
        "within_15_minutes": _within(measures.hall.wait),
        "overtakings": measures.overtakings,
    }


def _durations(durations: Durations) -> dict[str, float | int | None]:
    return {
        "mean": _rounded(durations.mean),
        "p50": durations.percentile(0.5),
        "p90": durations.percentile(0.9),
        "max": durations.max,
        "n": durations.n,
        "censored": durations.n_censored,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _within(waits: Durations) -> float | None:
    share = waits.within(_QUARTER)
    return None if share is None else _rounded(share.value)


def _group(group: Group) -> dict[str, object]:
    return {
        "legs": group.legs,
        "outcomes": {outcome.value: group.outcomes.get(outcome.value, 0) for outcome in LegOutcome},
        "wait_seconds": _durations(group.wait),
        "walk_seconds": _durations(group.walk),
        "service_seconds": _durations(group.service),
        "hold_seconds": _durations(group.hold),
        "within_15_minutes": _within(group.wait),
    }


def _load(measures: Measures, counter: str) -> dict[str, object]:
    opened, busy = measures.open_seconds.get(counter, 0.0), measures.busy_seconds.get(counter, 0.0)
    return {
        "open_seconds": round(opened, 3),
        "busy_seconds": round(busy, 3),
        "load": _rounded(busy / opened) if opened else None,
    }


def _reasons(days: Iterable[RehearsedDay]) -> list[dict[str, object]]:
    """Return why tickets were called, the most frequent reasons first; at most twenty."""
    total: Tally[tuple[str, str, str]] = Tally()
    for day in days:
        total.update(day.reasons)
    often = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"rule": rule, "because": because, "because_english": english, "calls": calls}
        for (rule, because, english), calls in often[:_REASONS_SHOWN]
    ]


def _left(days: Iterable[RehearsedDay]) -> list[dict[str, object]]:
    """Return who was there when the hall closed, the first hundred of them."""
    rows: list[dict[str, object]] = [
        {
            "date": day.on.isoformat(),
            "number": ticket.number,
            "service": ticket.service,
            "status": ticket.status.value,
            "issued_at": ticket.issued_at.isoformat(),
            "waited_seconds": round(ticket.waited, 3),
        }
        for day in days
        for ticket in day.left
    ]
    return rows[:_LEFT_SHOWN]


def _observed(days: Iterable[RehearsedDay], measures: Measures) -> dict[str, object] | None:
    """Return what the log says people really waited, beside what was rehearsed; None where it does not say."""
    by_service: dict[str, Durations] = {}
    for day in days:
        for service, waits in day.observed.items():
            by_service.setdefault(service, Durations()).merge(waits)
    if not by_service:
        return None
    hall = Durations()
    for waits in by_service.values():
        hall.merge(waits)
    return {
        **_compared(hall, measures.hall.wait),
        "per_service": [
            {"service": service, **_compared(waits, measures.by_service.get(service, Group()).wait)}
            for service, waits in sorted(by_service.items())
        ],
    }


def _permits(permits: RehearsedPermits) -> dict[str, object]:
    figures = permits.figures
    return {
        "applications": figures.applications,
        "granted": figures.granted,
        "with_conditions": figures.with_conditions,
        "deemed_granted": figures.deemed,
        "issued": figures.issued,
        "refused": figures.refused,
        "refused_for": dict(figures.refused_for),
        "withdrawn": figures.withdrawn,
        "lapsed": figures.lapsed,
        "still_running": figures.running,
        "returned": permits.returned,
        "escalated": permits.escalated,
        "without_room": permits.without_room,
        "days_to_decide": _durations(figures.working_days_to_decide),
        "within_term": _rounded(figures.in_time.value) if figures.in_time else None,
        "zones": [
            {
                "zone": zone.zone,
                "resource": each.limit.resource,
                "unit": each.limit.unit,
                "limit": f"{each.limit.amount:f}",
                "committed": f"{each.committed:f}",
                "reserved": f"{each.reserved:f}",
                "free": f"{each.free:f}",
            }
            for zone in permits.zones
            for each in zone.resources
        ],
        "at": figures.at.isoformat(),
        "events": permits.events,
    }


def _survey(survey: RehearsedSurvey) -> dict[str, object]:
    score = survey.score
    return {
        "instrument": survey.instrument,
        "index": float(score.index) if score else None,
        "grade": score.grade if score else None,
        "performance": score.performance if score else None,
        "n": survey.events,
        "interval": [round(end, 2) for end in score.interval] if score and score.interval else None,
        "asked": survey.asked,
        "response_rate": _rounded(survey.events / survey.asked) if survey.asked else None,
        "refused": survey.refused,
        "weakest": list(score.weakest) if score else [],
        "elements": [
            {"element": each.key, "name": each.name, "mean": float(each.mean), "index": float(each.index)}
            for each in (score.elements if score else ())
        ],
    }


def _compared(observed: Durations, rehearsed: Durations) -> Mapping[str, object]:
    return {
        "wait_seconds": _durations(observed),
        "within_15_minutes": _within(observed),
        "rehearsed_wait_seconds": _durations(rehearsed),
        "rehearsed_within_15_minutes": _within(rehearsed),
    }
