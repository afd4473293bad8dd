"""What happens in surveys, each with a name and version that stay for ever.

An answer's row names nobody: no ticket, no officer, no actor, no code, and its instant is the beginning of its local
day. A field's default is part of the shape: it is not written out, so it may never change.
"""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from attrs import field, frozen

from mppkit.surveys.model import Channel


class SurveyEvent:
    """The root of all events of a survey day."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class Answered(SurveyEvent):
    """Somebody answered all that was asked.

    Attributes:
        instrument, version, digest: what was answered; the digest is that of its text.
        answers: the value given for each element, in the instrument's order.
        channel: how it came.
        service, counter: for which it counts.
        profile: what the respondent said of themselves, by field, in broad categories.
        token: the mark of the code it came by, a keyed hash; None without one.
    """

    event_name = "surveys.answered"
    instrument: str
    version: int
    digest: str
    answers: Mapping[str, int]
    channel: Channel
    service: str | None = None
    counter: str | None = None
    profile: Mapping[str, str] = field(factory=dict)
    token: str | None = None


class FollowUpEvent:
    """The root of all events of the follow-up on one instrument."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class ActionPlanned(FollowUpEvent):
    """Something will be done about an element that a period showed to be weak; `owner` is a role or an agency."""

    event_name = "surveys.action_planned"
    action: str
    element: str
    text: str
    owner: str
    due_on: date
    first_on: date
    last_on: date


@frozen(kw_only=True)
class ActionDone(FollowUpEvent):
    """An action was done, on a local date."""

    event_name = "surveys.action_done"
    action: str
    on: date


@frozen(kw_only=True)
class ActionDropped(FollowUpEvent):
    """An action will not be done."""

    event_name = "surveys.action_dropped"
    action: str
    why: str


EVENTS: tuple[type[SurveyEvent], ...] = (Answered,)
"""All events of a survey day, for the codec."""

FOLLOW_UP_EVENTS: tuple[type[FollowUpEvent], ...] = (ActionPlanned, ActionDone, ActionDropped)
"""All events of a follow-up, for the codec."""
