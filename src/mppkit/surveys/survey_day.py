"""How the answers of one instrument and one local date fold: the state of their stream, and its sums."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from sys import intern

from attrs import Factory, define, evolve

from mppkit.aggregates import Kind
from mppkit.storage.port import LabelValue, StreamHead
from mppkit.surveys.events import EVENTS, Answered, SurveyEvent

_DATE = len("2026-11-24")


@define
class SurveyDay:
    """One stream in memory.

    Attributes:
        answers: all that were given, in the order they came.
        by_token: the answer given by each code, by the code's mark.
        texts: the digest of the instrument's text, by its version.
    """

    instrument: str
    on: date
    answers: list[Answered] = Factory(list)
    by_token: dict[str, Answered] = Factory(dict)
    texts: dict[int, str] = Factory(dict)


def key_of(instrument: str, on: date) -> str:
    """Return the key of a survey day's stream.

    >>> key_of("skm-2017", date(2026, 11, 24))
    'skm-2017.2026-11-24'
    """
    return f"{instrument}.{on.isoformat()}"


def date_of(key: str) -> date:
    """Return the local date of a survey day, from its stream's key or name."""
    return date.fromisoformat(key[-_DATE:])


def texts_of(head: StreamHead) -> dict[int, str]:
    """Return the digest of the instrument's text by its version, as the head of a survey day tells it."""
    return {int(version): digest for version, digest in json.loads(head.summary or "{}").get("texts", {}).items()}


def _start(key: str) -> SurveyDay:
    return SurveyDay(instrument=key[: -_DATE - 1], on=date_of(key))


def _apply(day: SurveyDay, event: SurveyEvent, at: datetime) -> None:
    if not isinstance(event, Answered):
        raise ValueError(f"{event.event_name} does not belong to a survey day")
    answer = _shared(event)
    day.answers.append(answer)
    day.texts[answer.version] = answer.digest
    if answer.token is not None:
        day.by_token[answer.token] = answer


def _shared(answer: Answered) -> Answered:
    """Return the same answer with its words shared between answers: a year of them takes a third of the room."""
    return evolve(
        answer,
        instrument=intern(answer.instrument),
        digest=intern(answer.digest),
        answers={intern(key): value for key, value in answer.answers.items()},
        service=None if answer.service is None else intern(answer.service),
        counter=None if answer.counter is None else intern(answer.counter),
        profile={intern(key): intern(value) for key, value in answer.profile.items()},
    )


def _head(
    day: SurveyDay, happening: Sequence[SurveyEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
    """Return by what a day is found, and what a list of days shows; nothing that tells one answer from another."""
    texts = day.texts | {event.version: event.digest for event in happening if isinstance(event, Answered)}
    summary = {
        "answers": len(day.answers) + len(happening),
        "texts": {str(each): texts[each] for each in sorted(texts)},
    }
    return {"instrument": day.instrument, "on": day.on.isoformat()}, summary


SURVEY_DAYS: Kind[SurveyDay, SurveyEvent] = Kind(
    category="survey", events=EVENTS, start=_start, apply=_apply, head=_head
)
"""How the streams `mall/survey/<instrument>.<date>` fold."""
