"""The register of a year (*buku agenda*): the number of each application and each permit, none of them given twice.

It has a stream of its own: the number is taken there first, and the application begun or issued then. Who is cut off
between the two takes the same number when the command is repeated.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import Factory, define, frozen

from mppkit.aggregates import Kind
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
    """The permit of an application got its place in the year's sequence."""

    event_name = "permitbook.permit_entered"
    application: str
    sequence: int


EVENTS: tuple[type[RegisterEvent], ...] = (ApplicationEntered, PermitEntered)
"""All events of a register, for the codec."""


@define
class Register:
    """One year's register as it stands: how many applications there are, and the sequence of each permit."""

    year: str
    applications: int = 0
    permits: dict[str, int] = Factory(dict)


def enter_application(register: Register) -> tuple[RegisterEvent, ...]:
    """Give the next application its id."""
    return (ApplicationEntered(application=f"{register.year}-{register.applications + 1:0{_WIDTH}d}"),)


def enter_permit(register: Register, application: str) -> tuple[RegisterEvent, ...]:
    """Give an application's permit its place, once."""
    if application in register.permits:
        return ()
    return (PermitEntered(application=application, sequence=len(register.permits) + 1),)


def _apply(register: Register, event: RegisterEvent, at: datetime) -> None:
    if isinstance(event, PermitEntered):
        register.permits[event.application] = event.sequence
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
