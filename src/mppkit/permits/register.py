"""The register of a year (*buku agenda*): the number of each application and each permit, none of them given twice.

It has a stream of its own: the number is taken there first, and the application begun or issued then. Who is cut off
between the two takes the same number when the command is repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import Factory, define, frozen

from mppkit.aggregates import Kind
from mppkit.errors import InvalidValueError
from mppkit.storage.port import LabelValue

_WIDTH = 4


class RegisterEvent:
    """The root of all events of a register."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class ApplicationEntered(RegisterEvent):
    """An application got its id."""

    event_name = "permitbook.application_entered"
    application: str


@frozen(kw_only=True)
class PermitEntered(RegisterEvent):
    """The permit of an application got its place in the year's sequence, and its number.

    Attributes:
        number: what the policy made of its place; empty where that was not recorded.
    """

    event_name = "permitbook.permit_entered"
    application: str
    sequence: int
    number: str = ""


EVENTS: tuple[type[RegisterEvent], ...] = (ApplicationEntered, PermitEntered)
"""All events of a register, for the codec."""


@define
class Register:
    """One year's register as it stands: how many applications there are, and the permit of each that has one."""

    year: str
    applications: int = 0
    permits: dict[str, PermitEntered] = Factory(dict)
    numbers: dict[str, str] = Factory(dict)
    """Whose each number is."""


def enter_application(register: Register) -> tuple[RegisterEvent, ...]:
    """Give the next application its id."""
    return (ApplicationEntered(application=f"{register.year}-{register.applications + 1:0{_WIDTH}d}"),)


def enter_permit(register: Register, application: str, number: Callable[[int], str]) -> tuple[RegisterEvent, ...]:
    """Give an application's permit its place and its number, once.

    Args:
        register: the year's.
        application: its id.
        number: makes a number of a place in the sequence.

    Raises:
        InvalidValueError: another permit of the year has that number.
    """
    if application in register.permits:
        return ()
    sequence = len(register.permits) + 1
    made = number(sequence)
    check_number(made, register.numbers.get(made, application), application)
    return (PermitEntered(application=application, sequence=sequence, number=made),)


def check_number(number: str, owner: str, application: str) -> None:
    """Refuse a number whose owner is another application.

    Raises:
        InvalidValueError: it is.
    """
    if owner != application:
        remedy = f"the permit of {owner} has it; let the policy of numbers use both the year and the sequence"
        raise InvalidValueError("permit number", number, remedy)


def _apply(register: Register, event: RegisterEvent, at: datetime) -> None:
    if isinstance(event, PermitEntered):
        register.permits[event.application] = event
        if event.number:
            register.numbers[event.number] = event.application
    else:
        register.applications += 1


def _head(
    register: Register, happening: Sequence[RegisterEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
    permits = sum(isinstance(event, PermitEntered) for event in happening)
    return {}, {
        "applications": register.applications + len(happening) - permits,
        "permits": len(register.permits) + permits,
    }


REGISTERS: Kind[Register, RegisterEvent] = Kind(
    category="permitbook", events=EVENTS, start=Register, apply=_apply, head=_head
)
"""How the streams `mall/permitbook/<year>` fold."""
