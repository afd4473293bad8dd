"""How the events of a lesson study fold: the state of its one stream."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import define, evolve

from mppkit.aggregates import Kind
from mppkit.lessons import events as e
from mppkit.lessons.model import Delegation, Measurement, Observation, Question, Resolution, Subject, Visit
from mppkit.storage.port import LabelValue


@define
class Study:
    """One stream in memory: the visit as it stands, None until it is planned."""

    key: str
    visit: Visit | None = None


def apply(study: Study, event: e.LessonEvent, at: datetime) -> None:
    """Change the study by an event that happened at an instant."""
    study.visit = _folded(study, event, at)


def _folded(study: Study, event: e.LessonEvent, at: datetime) -> Visit:
    if isinstance(event, e.VisitPlanned):
        return Visit(
            key=study.key,
            host=event.host,
            delegation=Delegation(region=event.region, people=event.people, members=event.members),
            programme=event.programme,
            planned_at=at,
        )
    visit = study.visit
    if visit is None:
        raise ValueError(f"{event.event_name} before the visit was planned")
    match event:
        case e.QuestionAsked():
            question = Question(id=event.question, text=event.text, asked_at=at)
            return evolve(visit, questions=(*visit.questions, question))
        case e.QuestionAnswered():
            return evolve(
                visit,
                questions=tuple(
                    evolve(question, answer=event.text, answered_at=at) if question.id == event.question else question
                    for question in visit.questions
                ),
            )
        case e.ObservationMade():
            subject = Subject(kind=event.kind, id=event.subject)
            observation = Observation(id=event.observation, subject=subject, text=event.text, observed_at=at)
            return evolve(visit, observations=(*visit.observations, observation))
        case e.ObservationDecided():
            resolution = Resolution(uptake=event.uptake, why=event.why, how=event.how, item=event.item, decided_at=at)
            return _with(visit, event.observation, resolution)
        case e.EffectMeasured():
            measurement = Measurement(before=event.before, after=event.after, minimum=event.minimum, measured_at=at)
            return _with(visit, event.observation, measurement)
        case e.VisitClosed():
            return evolve(visit, conclusion=event.conclusion, closed_at=at)
    raise ValueError(f"{event.event_name} does not belong to a lesson study")


def _with(visit: Visit, id_: str, more: Resolution | Measurement) -> Visit:
    """Return the visit with one decision or measurement more at an observation."""

    def grown(seen: Observation) -> Observation:
        if seen.id != id_:
            return seen
        if isinstance(more, Resolution):
            return evolve(seen, resolutions=(*seen.resolutions, more))
        return evolve(seen, measurements=(*seen.measurements, more))

    return evolve(visit, observations=tuple(map(grown, visit.observations)))


def _head(
    study: Study, happening: Sequence[e.LessonEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]:
    """Return by what a visit is found, and what a list of visits shows."""
    then = Study(key=study.key, visit=study.visit)
    for event in happening:
        apply(then, event, at)
    visit = then.visit
    if visit is None:
        return {}, None
    labels = {"status": visit.status.value, "host": visit.host, "first_on": visit.first_on.isoformat()}
    summary = {
        "region": visit.delegation.region,
        "people": visit.delegation.people,
        "last_on": visit.last_on.isoformat(),
        "unanswered": len(visit.unanswered),
        "observations": len(visit.observations),
        "undecided": len(visit.undecided),
    }
    return labels, summary


LESSON_STUDIES: Kind[Study, e.LessonEvent] = Kind(
    category="lesson", events=e.EVENTS, start=lambda key: Study(key=key), apply=apply, head=_head
)
"""How the streams `mall/lesson/<key>` fold; the mall is the visiting one."""
