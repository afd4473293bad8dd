"""How a hall and its offices go about their work, beside their policies.

All of it is assumed: no figure here was counted anywhere. Each is to be replaced by what a mall has seen.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from attrs.validators import instance_of

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_id
from mppkit.queues.model import at_least
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.loading import find_instrument

if TYPE_CHECKING:
    from attrs import Attribute

_LONGEST_STEP_MINUTES = 24 * 60
_LONGEST_CORRECTION_DAYS = 366


def _share(_: object, attribute: "Attribute[Any]", value: object) -> None:
    """Refuse what is no share of a whole."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidValueError(attribute.name, value, "give a share from 0 to 1")


def _span(least: float, most: float) -> Callable[[object, "Attribute[Any]", Any], None]:
    """Return an attrs validator for the two ends of a span that is drawn from evenly."""

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        remedy = f"give the least and the most, such as ({least:g}, {most:g}), neither beyond these"
        if not isinstance(value, tuple) or len(value) != 2:
            raise InvalidValueError(attribute.name, value, remedy)
        for end in value:
            if isinstance(end, bool) or not isinstance(end, int | float) or not least <= end <= most:
                raise InvalidValueError(attribute.name, value, remedy)
        if value[0] > value[1]:
            raise InvalidValueError(attribute.name, value, remedy)

    return check


def _whole(least: int, most: int) -> Callable[[object, "Attribute[Any]", Any], None]:
    """Return an attrs validator for a whole number from `least` to `most`."""

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        if type(value) is not int or not least <= value <= most:
            raise InvalidValueError(attribute.name, value, f"give a whole number from {least} to {most}")

    return check


def _code(_: object, attribute: "Attribute[Any]", value: str) -> None:
    checked_id(value, attribute.name)


@frozen(kw_only=True)
class PermitHabits:
    """What becomes of the permits that visitors apply for; a span is drawn from evenly.

    Attributes:
        applying: the share of those served at a service with a workflow who apply when they are served.
        zone_share: how much of all that its zone can carry an application would use, where its workflow asks the zone;
            assumed so large that the few of one rehearsed day fill a zone.
        accepts: who is told that the zone is full comes back with what is left, if that is at least this share of what
            was wanted at first, and withdraws otherwise.
        returned: of the steps taken that can send back for correction, the share that does.
        refused: of the steps taken that can refuse, the share that does, a full zone not counted.
        with_conditions: of the grants that can have conditions, the share that has.
        never_back: of those sent back for correction, the share that never comes back.
        correction_days: calendar days until the others do.
        steps_a_day: how many steps an officer takes a day at most.
        step_minutes: how long an officer is at a step.
        zone_full: the code by which workflows refuse because a zone is full; given then, and never otherwise.
        weeks: for how many weeks after the last rehearsed day the officers go on at most, while anything is running.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    applying: float = field(default=0.8, validator=_share)
    zone_share: tuple[float, float] = field(default=(0.4, 0.9), validator=_span(0, 1))
    accepts: float = field(default=0.5, validator=_share)
    returned: float = field(default=0.15, validator=_share)
    refused: float = field(default=0.1, validator=_share)
    with_conditions: float = field(default=0.2, validator=_share)
    never_back: float = field(default=0.1, validator=_share)
    correction_days: tuple[float, float] = field(default=(1, 14), validator=_span(0, _LONGEST_CORRECTION_DAYS))
    steps_a_day: int = field(default=4, validator=_whole(1, 1000))
    step_minutes: tuple[float, float] = field(default=(20, 90), validator=_span(0, _LONGEST_STEP_MINUTES))
    zone_full: str = field(default="zona-penuh", validator=_code)
    weeks: int = field(default=8, validator=_whole(1, 104))


@frozen(kw_only=True)
class SurveyHabits:
    """How visitors answer the survey when they leave.

    From the worst choice an answer goes up by each step of the scale with the respondent's contentment for its chance:
    of 1 to 4, a contentment of 0.8 makes 3.4 on average. Elements on which the wait does not tell differ by chance.

    Attributes:
        instrument: what is asked.
        answering: the share of those served to the end who answer.
        incomplete: of those, the share that leaves one question out, is refused for it and goes.
        contentment: how content a respondent is, 0 to 1; drawn from the span evenly.
        reacting: the keys of the elements for which the wait lowers it.
        patience_minutes: after so many minutes of waiting in all nothing is left of it there; after half of them half.

    Raises:
        InvalidValueError: one of them cannot be, or the instrument has no such element.
    """

    instrument: Instrument = field(
        factory=lambda: find_instrument("skm-2017"), validator=instance_of(Instrument), repr=lambda asked: asked.id
    )
    answering: float = field(default=0.4, validator=_share)
    incomplete: float = field(default=0.05, validator=_share)
    contentment: tuple[float, float] = field(default=(0.6, 1), validator=_span(0, 1))
    reacting: tuple[str, ...] = ("waktu",)
    patience_minutes: float = field(default=60, validator=at_least(1))

    def __attrs_post_init__(self) -> None:
        keys = self.instrument.keys
        if not isinstance(self.reacting, tuple) or not set(self.reacting) <= set(keys):
            remedy = f"name elements of {self.instrument.id}, or none: {', '.join(keys)}"
            raise InvalidValueError("reacting", self.reacting, remedy)


@frozen(kw_only=True)
class Habits:
    """How a hall goes about its day, and what comes of it afterwards.

    Attributes:
        walk_seconds: from the call to the start of service.
        recall_seconds: how long an officer waits for somebody who was called, before each recall and before giving up.
        recalls: how often an officer calls again before recording a no-show.
        overtime_minutes: how long after closing the counters go on calling those who still hold a ticket.
        permits: how permits are applied for and worked on; None to rehearse without.
        survey: how visitors answer the survey; None to ask nobody.
    """

    walk_seconds: float = field(default=15, validator=at_least(0))
    recall_seconds: float = field(default=45, validator=at_least(0))
    recalls: int = field(default=1, validator=at_least(0, whole=True))
    overtime_minutes: float = field(default=30, validator=at_least(0))
    permits: PermitHabits | None = field(factory=PermitHabits)
    survey: SurveyHabits | None = field(factory=SurveyHabits)
