"""What may happen in a lesson study: from the visit as it stands to the events a command causes, or an error.

Pure: no clock, no store, no chance. What a change brought is told by `compare`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import checked_id, checked_person, checked_text
from mppkit.lessons import events as e
from mppkit.lessons.effects import ENOUGH
from mppkit.lessons.effects import compare as compare
from mppkit.lessons.figures import Figure
from mppkit.lessons.model import Observation, ProgrammeItem, Question, SubjectKind, Uptake, Visit

M = TypeVar("M", bound=StrEnum)
Events = tuple[e.LessonEvent, ...]

_REGION_AT_MOST = 100
_TEXT_AT_MOST = 1000
_ITEM_AT_MOST = 200
_PEOPLE_AT_MOST = 10_000
_EASTERNMOST = timedelta(hours=9)
"""Nowhere in Indonesia is it a later date than in the eastern zone (WIT)."""


# --- what is possible from where things stand ----------------------------------------------------------------------


def steps_of(visit: Visit) -> tuple[str, ...]:
    """Return the steps that a visit can take now."""
    if visit.closed_at is not None:
        return ()
    steps = ["ask", "observe"]
    if visit.unanswered:
        steps.append("answer")
    if visit.observations:
        steps.append("decide")
    if any("measure" in _steps_of_observation(seen) for seen in visit.observations):
        steps.append("measure")
    if not visit.undecided:
        steps.append("close")
    return tuple(steps)


def _steps_of_observation(seen: Observation) -> tuple[str, ...]:
    resolution = seen.resolution
    if resolution is None or resolution.uptake is Uptake.SKIP:
        return ("decide",)
    return ("decide", "measure")


def open_visit(visit: Visit | None, key: str, step: str) -> Visit:
    """Return a visit that was planned and is not closed.

    Raises:
        NotFoundError: it was never planned.
        TransitionError: it is closed.
    """
    found = planned(visit, key)
    if found.closed_at is not None:
        raise TransitionError(f"visit {key}", step, found.status.value, steps_of(found), "plan a new visit")
    return found


def planned(visit: Visit | None, key: str) -> Visit:
    """Return a visit that was planned.

    Raises:
        NotFoundError: it was never planned.
    """
    if visit is None:
        raise NotFoundError("visit", key, remedy="plan it first")
    return visit


def find_question(visit: Visit, id_: str) -> Question:
    """Return a question.

    Raises:
        NotFoundError: nobody asked it.
    """
    for question in visit.questions:
        if question.id == id_:
            return question
    raise NotFoundError("question", id_, (question.id for question in visit.questions))


def find_observation(visit: Visit, id_: str) -> Observation:
    """Return an observation.

    Raises:
        NotFoundError: nobody made it.
    """
    for seen in visit.observations:
        if seen.id == id_:
            return seen
    raise NotFoundError("observation", id_, (seen.id for seen in visit.observations))


def _member(kind: type[M], value: M | str, place: str) -> M:
    try:
        return kind(value)
    except ValueError:
        values = [member.value for member in kind]
        raise NotFoundError(place, value, values, f"use {', '.join(values)}") from None


# --- the visit -----------------------------------------------------------------------------------------------------


def plan_visit(
    visit: Visit | None,
    key: str,
    *,
    host: str,
    region: str,
    people: int,
    programme: Sequence[ProgrammeItem],
    members: Sequence[str] = (),
) -> Events:
    """Plan a visit; the programme is put in the order of its dates.

    Raises:
        TransitionError: a visit of this key was planned before.
        InvalidValueError: a value cannot be, such as a programme without a stop, or a personal number as an id.
    """
    if visit is not None:
        raise TransitionError(
            f"visit {key}", "plan", visit.status.value, steps_of(visit), "give each visit its own key"
        )
    checked_id(key, "key")
    checked_id(host, "host")
    checked_text(region, "region", _REGION_AT_MOST)
    if type(people) is not int or not 1 <= people <= _PEOPLE_AT_MOST:
        raise InvalidValueError("people", people, f"say how many come, from 1 to {_PEOPLE_AT_MOST}")
    if not programme or not all(isinstance(item, ProgrammeItem) for item in programme):
        raise InvalidValueError("programme", programme, "name one stop or more, each a ProgrammeItem")
    if isinstance(members, str) or len(set(members)) != len(members) or len(members) > people:
        remedy = "give each member's id once, of no more than come; or leave them out"
        raise InvalidValueError("members", len(members), remedy)
    for member in members:
        checked_person(member, "members")
    return (
        e.VisitPlanned(
            host=host,
            region=region,
            people=people,
            programme=tuple(sorted(programme, key=lambda item: item.on)),
            members=tuple(members),
        ),
    )


def close(visit: Visit | None, key: str, *, conclusion: str = "") -> Events:
    """Close a lesson study; one that came to nothing is closed too, without observations.

    Raises:
        NotFoundError: it was never planned.
        TransitionError: it is closed already, or something that was seen is undecided.
        InvalidValueError: the conclusion cannot be recorded.
    """
    found = open_visit(visit, key, "close")
    if found.undecided:
        status = f"undecided about {', '.join(seen.id for seen in found.undecided)}"
        raise TransitionError(f"visit {key}", "close", status, steps_of(found), "adopt, adapt or skip each")
    return (e.VisitClosed(conclusion=checked_text(conclusion, "conclusion", _TEXT_AT_MOST, may_be_empty=True)),)


# --- asking and seeing ---------------------------------------------------------------------------------------------


def ask(visit: Visit | None, key: str, text: str) -> Events:
    """Ask something.

    Raises:
        NotFoundError: the visit was never planned.
        TransitionError: it is closed.
        InvalidValueError: the text cannot be recorded.
    """
    found = open_visit(visit, key, "ask")
    id_ = f"q-{len(found.questions) + 1}"
    return (e.QuestionAsked(question=id_, text=checked_text(text, "text", _TEXT_AT_MOST)),)


def answer(visit: Visit | None, key: str, question: str, text: str) -> Events:
    """Answer a question.

    Raises:
        NotFoundError: no such visit or question.
        TransitionError: the visit is closed, or the question answered.
        InvalidValueError: the text cannot be recorded.
    """
    asked = find_question(open_visit(visit, key, "answer"), question)
    if asked.answer is not None:
        raise TransitionError(f"question {question}", "answer", "answered", (), "ask again")
    return (e.QuestionAnswered(question=question, text=checked_text(text, "text", _TEXT_AT_MOST)),)


def observe(visit: Visit | None, key: str, kind: SubjectKind | str, subject: str, text: str) -> Events:
    """Record something that was seen, tied to a subject in the host's mall.

    Raises:
        NotFoundError: no such visit, or kind of subject.
        TransitionError: the visit is closed.
        InvalidValueError: the text cannot be recorded, or the subject is no id.
    """
    found = open_visit(visit, key, "observe")
    return (
        e.ObservationMade(
            observation=f"o-{len(found.observations) + 1}",
            kind=_member(SubjectKind, kind, "kind of subject"),
            subject=checked_id(subject, "subject"),
            text=checked_text(text, "text", _TEXT_AT_MOST),
        ),
    )


# --- deciding and measuring ----------------------------------------------------------------------------------------


def decide(
    visit: Visit | None,
    key: str,
    observation: str,
    uptake: Uptake | str,
    *,
    why: str,
    how: str = "",
    item: str | None = None,
) -> Events:
    """Decide what becomes of an observation; deciding anew replaces what stood, and keeps it.

    Raises:
        NotFoundError: no such visit, observation or uptake.
        TransitionError: the visit is closed.
        InvalidValueError: the reason is missing or cannot be recorded; or what is done otherwise is missing where it
            is adapted, or said where it is not.
    """
    find_observation(open_visit(visit, key, "decide"), observation)
    chosen = _member(Uptake, uptake, "uptake")
    checked_text(why, "why", _TEXT_AT_MOST)
    if chosen is Uptake.ADAPT:
        checked_text(how, "how", _TEXT_AT_MOST)
    elif how:
        raise InvalidValueError("how", how, f"say it where something is adapted, not with {chosen.value}")
    if item is not None:
        checked_text(item, "item", _ITEM_AT_MOST)
    return (e.ObservationDecided(observation=observation, uptake=chosen, why=why, how=how, item=item),)


def measure(
    visit: Visit | None,
    key: str,
    mall: str,
    observation: str,
    before: Figure,
    after: Figure,
    at: datetime,
    *,
    minimum: int = ENOUGH,
) -> Events:
    """Record two figures that show what a decision brought to the visiting `mall`.

    Raises:
        NotFoundError: no such visit or observation.
        TransitionError: the visit is closed, or the observation undecided or skipped.
        InvalidValueError: the figures cannot be compared, come from a third mall, lie in the future, or are of one
            mall and the wrong way round.
    """
    found = open_visit(visit, key, "measure")
    seen = find_observation(found, observation)
    if "measure" not in _steps_of_observation(seen):
        status = "undecided" if seen.resolution is None else "skipped"
        raise TransitionError(f"observation {observation}", "measure", status, _steps_of_observation(seen))
    compare(before, after, minimum=minimum)
    for place, figure in (("before", before), ("after", after)):
        if figure.mall not in (mall, found.host):
            raise InvalidValueError(place, figure.mall, f"give a figure of {mall} or of {found.host}")
        if figure.last_on > (at + _EASTERNMOST).date():
            raise InvalidValueError(place, figure.last_on.isoformat(), "give a period that is over")
    if before.mall == after.mall and after.first_on < before.first_on:
        remedy = f"give the earlier period first; this one begins before {before.first_on.isoformat()}"
        raise InvalidValueError("after", after.first_on.isoformat(), remedy)
    return (e.EffectMeasured(observation=observation, before=before, after=after, minimum=minimum),)
