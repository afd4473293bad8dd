"""What the lesson room talks about: a visit to a host mall, what was asked, seen and decided, and what it brought.

Values only: what may happen to them is `rules`, what did happen is `events`, how they change is `study`.
"""

from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from mppkit.identity.recordable import checked_date, checked_id, checked_text
from mppkit.lessons.effects import Effect, compare
from mppkit.lessons.figures import Figure

_PLACE_AT_MOST = 200


class VisitStatus(StrEnum):
    """Whether a lesson study goes on."""

    OPEN = "open"
    CLOSED = "closed"


class SubjectKind(StrEnum):
    """What kind of thing was looked at."""

    SERVICE = "service"
    COUNTER = "counter"
    POLICY = "policy"
    FACILITY = "facility"
    OTHER = "other"


class Uptake(StrEnum):
    """What becomes of something seen elsewhere."""

    ADOPT = "adopt"
    ADAPT = "adapt"
    SKIP = "skip"


@frozen(kw_only=True)
class ProgrammeItem:
    """One stop of a visit (*acara*): a local date, a place, and what it is about.

    Raises:
        InvalidValueError: the date is none, or a text cannot be recorded.
    """

    on: date
    place: str
    about: str = ""

    def __attrs_post_init__(self) -> None:
        checked_date(self.on, "on")
        checked_text(self.place, "place", _PLACE_AT_MOST)
        checked_text(self.about, "about", _PLACE_AT_MOST, may_be_empty=True)


@frozen(kw_only=True)
class Delegation:
    """Who comes (*rombongan*): from which region, how many, and where wanted their ids in your own records."""

    region: str
    people: int
    members: tuple[str, ...] = ()


@frozen(kw_only=True)
class Subject:
    """What was looked at, by its id in the host's mall.

    Raises:
        InvalidValueError: the id is none.
    """

    kind: SubjectKind
    id: str

    def __attrs_post_init__(self) -> None:
        checked_id(self.id, "subject")


@frozen(kw_only=True)
class Question:
    """What the delegation asked, and the host's answer; None until there is one."""

    id: str
    text: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None


@frozen(kw_only=True)
class Resolution:
    """What was decided about an observation (*tindak lanjut*).

    Attributes:
        why: the reason.
        how: what is done otherwise than at the host's, where it is adapted; else empty.
        item: the key of the item of the blueprint's adoption record that says the same, or None.
    """

    uptake: Uptake
    why: str
    how: str = ""
    item: str | None = None
    decided_at: datetime


@frozen(kw_only=True)
class Measurement:
    """Two figures that were compared to see what a decision brought."""

    before: Figure
    after: Figure
    minimum: int
    measured_at: datetime

    @property
    def effect(self) -> Effect:
        """The difference, its interval and the verdict, computed anew."""
        return compare(self.before, self.after, minimum=self.minimum)


@frozen(kw_only=True)
class Observation:
    """What was seen (*amatan*), what was decided about it, and what that brought.

    Attributes:
        resolutions: all decisions, the one that stands last.
        measurements: all measured effects, in the order of measuring.
    """

    id: str
    subject: Subject
    text: str
    observed_at: datetime
    resolutions: tuple[Resolution, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    @property
    def resolution(self) -> Resolution | None:
        """The decision that stands; None until there is one."""
        return self.resolutions[-1] if self.resolutions else None


@frozen(kw_only=True)
class Visit:
    """A lesson study (*studi tiru*): one visit to a host mall, from the plan to what it brought.

    Attributes:
        key: the last part of the stream's name; chosen by whoever plans.
        host: the id of the mall that is visited.
        programme: the stops, by date.
        conclusion: what it came to, said when it was closed.
    """

    key: str
    host: str
    delegation: Delegation
    programme: tuple[ProgrammeItem, ...]
    planned_at: datetime
    questions: tuple[Question, ...] = ()
    observations: tuple[Observation, ...] = ()
    conclusion: str = ""
    closed_at: datetime | None = None

    @property
    def status(self) -> VisitStatus:
        """Whether it goes on."""
        return VisitStatus.OPEN if self.closed_at is None else VisitStatus.CLOSED

    @property
    def first_on(self) -> date:
        """The date of the first stop."""
        return self.programme[0].on

    @property
    def last_on(self) -> date:
        """The date of the last stop."""
        return self.programme[-1].on

    @property
    def seen(self) -> tuple[Subject, ...]:
        """What was looked at, each once, in the order of seeing."""
        return tuple(dict.fromkeys(observation.subject for observation in self.observations))

    @property
    def unanswered(self) -> tuple[Question, ...]:
        """The questions without an answer."""
        return tuple(question for question in self.questions if question.answer is None)

    @property
    def undecided(self) -> tuple[Observation, ...]:
        """The observations about which nothing was decided."""
        return tuple(observation for observation in self.observations if not observation.resolutions)
