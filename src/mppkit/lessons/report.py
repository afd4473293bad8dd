"""A lesson study as one JSON object: for a portal, another regency, whoever counts again. Members' ids stay behind."""

from mppkit.lessons.figures import Figure, MeanFigure
from mppkit.lessons.model import Measurement, Observation, Question, Resolution, Visit


def report(visit: Visit) -> dict[str, object]:
    """Return a visit as a JSON object: what was seen, asked and decided, and what it brought.

    Instants are in UTC, dates local; effects are computed anew from the figures that stand beside them.
    """
    return {
        "key": visit.key,
        "host": visit.host,
        "status": visit.status.value,
        "region": visit.delegation.region,
        "people": visit.delegation.people,
        "programme": [
            {"on": item.on.isoformat(), "place": item.place, "about": item.about} for item in visit.programme
        ],
        "questions": [_question(question) for question in visit.questions],
        "seen": [{"kind": subject.kind.value, "id": subject.id} for subject in visit.seen],
        "observations": [_observation(seen) for seen in visit.observations],
        "conclusion": visit.conclusion,
        "planned_at": visit.planned_at.isoformat(),
        "closed_at": visit.closed_at.isoformat() if visit.closed_at else None,
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "id": question.id,
        "text": question.text,
        "asked_at": question.asked_at.isoformat(),
        "answer": question.answer,
        "answered_at": question.answered_at.isoformat() if question.answered_at else None,
    }


def _observation(seen: Observation) -> dict[str, object]:
    return {
        "id": seen.id,
        "subject": {"kind": seen.subject.kind.value, "id": seen.subject.id},
        "text": seen.text,
        "observed_at": seen.observed_at.isoformat(),
        "resolution": _resolution(seen.resolution) if seen.resolution else None,
        "replaced": [_resolution(resolution) for resolution in seen.resolutions[:-1]],
        "effects": [_effect(measurement) for measurement in seen.measurements],
    }


def _resolution(resolution: Resolution) -> dict[str, object]:
    return {
        "uptake": resolution.uptake.value,
        "why": resolution.why,
        "how": resolution.how,
        "item": resolution.item,
        "decided_at": resolution.decided_at.isoformat(),
    }


def _effect(measurement: Measurement) -> dict[str, object]:
    effect = measurement.effect
    indicator = effect.before.indicator
    return {
        "indicator": {
            "id": indicator.id,
            "indonesian": indicator.indonesian,
            "english": indicator.english,
            "unit": indicator.unit.value,
            "better": indicator.better.value,
        },
        "before": _figure(effect.before),
        "after": _figure(effect.after),
        "difference": effect.difference,
        "interval": {"low": effect.low, "high": effect.high, "confidence": 0.95, "method": effect.method.value},
        "minimum": effect.minimum,
        "verdict": effect.verdict.value,
        "indonesian": effect.indonesian,
        "english": effect.english,
        "warnings": [
            {"code": why.code, "indonesian": why.indonesian, "english": why.english} for why in effect.warnings
        ],
        "measured_at": measurement.measured_at.isoformat(),
    }


def _figure(figure: Figure) -> dict[str, object]:
    about: dict[str, object] = {
        "mall": figure.mall,
        "first_on": figure.first_on.isoformat(),
        "last_on": figure.last_on.isoformat(),
        "counted": figure.counted.value,
        "n": figure.n,
        "value": figure.value,
    }
    return {**about, "sd": figure.sd} if isinstance(figure, MeanFigure) else {**about, "count": figure.count}
