"""What happens in a lesson study, each with a name and version that stay for ever.

An event holds ids, facts and texts without personal data; the instant and the actor stand on the recorded row. A
field's default is part of the shape: it is not written out, so it may never change.
"""

from typing import ClassVar

from attrs import frozen

from mppkit.lessons.figures import Figure
from mppkit.lessons.model import ProgrammeItem, SubjectKind, Uptake


class LessonEvent:
    """The root of all events of a lesson study."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class VisitPlanned(LessonEvent):
    """A delegation will visit a host mall.

    Attributes:
        host: the id of the mall that is visited.
        region: where the delegation comes from; people: how many.
        programme: the stops, by date.
        members: their ids in the visiting mall's own records, where wanted.
    """

    event_name = "lessons.visit_planned"
    host: str
    region: str
    people: int
    programme: tuple[ProgrammeItem, ...]
    members: tuple[str, ...] = ()


@frozen(kw_only=True)
class QuestionAsked(LessonEvent):
    """The delegation asked something, before or during the visit."""

    event_name = "lessons.question_asked"
    question: str
    text: str


@frozen(kw_only=True)
class QuestionAnswered(LessonEvent):
    """The host answered a question."""

    event_name = "lessons.question_answered"
    question: str
    text: str


@frozen(kw_only=True)
class ObservationMade(LessonEvent):
    """Somebody of the delegation saw something; `subject` is its id in the host's mall."""

    event_name = "lessons.observation_made"
    observation: str
    kind: SubjectKind
    subject: str
    text: str


@frozen(kw_only=True)
class ObservationDecided(LessonEvent):
    """It was decided what becomes of an observation; the last decision stands.

    Attributes:
        how: what is done otherwise, where it is adapted.
        item: the key of an item of the blueprint's adoption record.
    """

    event_name = "lessons.observation_decided"
    observation: str
    uptake: Uptake
    why: str
    how: str = ""
    item: str | None = None


@frozen(kw_only=True)
class EffectMeasured(LessonEvent):
    """Two figures were compared to see what a decision brought; the verdict is computed from them."""

    event_name = "lessons.effect_measured"
    observation: str
    before: Figure
    after: Figure
    minimum: int


@frozen(kw_only=True)
class VisitClosed(LessonEvent):
    """The lesson study is over."""

    event_name = "lessons.visit_closed"
    conclusion: str = ""


EVENTS: tuple[type[LessonEvent], ...] = (
    VisitPlanned,
    QuestionAsked,
    QuestionAnswered,
    ObservationMade,
    ObservationDecided,
    EffectMeasured,
    VisitClosed,
)
"""All events of this room, for the codec."""
