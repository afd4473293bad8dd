"""What is to be rehearsed: visits (who comes when, for what, how long it takes) and a plan of days full of them.

`profile` draws a plan, `log` reads one; neither knows what the hall makes of it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import isfinite
from zoneinfo import ZoneInfo

from attrs import field, frozen

from mppkit.calendars import Calendar, Opening
from mppkit.errors import InvalidValueError
from mppkit.queues.model import PriorityGroup

LONGEST_SERVICE_SECONDS = 4 * 60 * 60
"""No service is rehearsed as longer than this: in real logs a longer one is a counter that nobody closed."""


@frozen(kw_only=True)
class Visit:
    """One visit: what a visitor will do, which no rule of the hall changes.

    Attributes:
        arrives_at: when the visitor comes; aware.
        service: the id of the service they come for first.
        service_seconds: how long that takes at a counter, holds not counted; 0 or more.
        priority: the priority group they belong to, or None.
        appointment_at: the instant of their appointment, or None; an appointment is for one service.
        more: the services that follow in the same visit, each with its seconds at a counter.
        waited_seconds: how long they really waited, where a log says so; nothing is played by it.
        patience_seconds: how long they wait for the first call before they give up; None for as long as it takes.
        absent: whether they will not come when they are called.
        hold_seconds: how long they are away in the middle of the first service, to copy or fetch something; None
            when they are not.
        transfer_to: the service they are sent on to in the end of the first one, because that was the wrong one.
        transfer_seconds: how long it takes there; 0 or more.

    Raises:
        InvalidValueError: a naive instant, a negative or endless duration, a service twice in one visit, or more
            than one service with an appointment.
    """

    arrives_at: datetime
    service: str
    service_seconds: float
    priority: PriorityGroup | None = None
    appointment_at: datetime | None = None
    more: tuple[tuple[str, float], ...] = ()
    waited_seconds: float | None = None
    patience_seconds: float | None = None
    absent: bool = False
    hold_seconds: float | None = None
    transfer_to: str | None = None
    transfer_seconds: float = 0.0

    def __attrs_post_init__(self) -> None:
        if self.arrives_at.tzinfo is None:
            raise InvalidValueError("arrives_at", self.arrives_at, "give an aware datetime")
        _check_seconds("service_seconds", self.service_seconds)
        if self.patience_seconds is not None:
            _check_seconds("patience_seconds", self.patience_seconds)
        if self.hold_seconds is not None:
            _check_seconds("hold_seconds", self.hold_seconds)
        if self.more:
            if self.appointment_at is not None:
                raise InvalidValueError("more", self.more, "an appointment is for one service; leave out the others")
            if len({self.service, *(service for service, _ in self.more)}) <= len(self.more):
                raise InvalidValueError("more", self.more, "name each service of a visit once")
            for _, seconds in self.more:
                _check_seconds("more", seconds)
        if self.transfer_to is not None:
            if self.transfer_to == self.service:
                raise InvalidValueError("transfer_to", self.transfer_to, "name another service than the first")
            _check_seconds("transfer_seconds", self.transfer_seconds)


def _check_seconds(place: str, seconds: float) -> None:
    if not (seconds >= 0 and isfinite(seconds)):
        raise InvalidValueError(place, seconds, "give seconds, 0 or more")


class Done(StrEnum):
    """What was done with rows of a log that were not as they should be."""

    LEFT_OUT = "left_out"
    CHANGED = "changed"


@frozen(kw_only=True)
class Finding:
    """The rows of a log that had one thing wrong, and what was done with them.

    Attributes:
        kind: a stable name, such as `zero_seconds`.
        done: whether the visits were left out, or rehearsed changed by `rule`.
        rule: what was done with them, as a sentence.
        count: how many rows there were.
        lines: where the first of them stand, counted from 1 for the header; at most 20.
    """

    kind: str
    done: Done
    rule: str
    count: int
    lines: tuple[int, ...]


@frozen(kw_only=True)
class Plan:
    """The visits of one day or several, and where they come from.

    Attributes:
        source: the profile or log, for a person to read.
        seed: what every chance in it was drawn by.
        days: the visits of each local date in the order of arrival; the dates in order.
        rows: how many rows the log had; None where there was no log.
        findings: what was wrong with rows of the log; a row counts under one kind that left it out, or under each
            that changed it.
        notes: what else somebody who reads the figures should know.
    """

    source: str
    seed: int
    days: Mapping[date, tuple[Visit, ...]]
    rows: int | None = None
    findings: tuple[Finding, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def opening_to_rehearse(calendar: Calendar, on: date) -> Opening:
    """Return when the hall is open on a date.

    Raises:
        InvalidValueError: it is closed all day; says why, and which day it opens next.
    """
    opening = calendar.opening(on)
    if not opening.windows:
        why = opening.reason.english if opening.reason else "It never opens."
        remedy = f"the hall is closed that day: {why} The next open day is {calendar.next_open_on(on)}."
        raise InvalidValueError("date", on.isoformat(), remedy)
    return opening


def open_seconds(opening: Opening) -> float:
    """Return for how many seconds it is open that day, breaks not counted."""
    return sum((window.closes_at - window.opens_at).total_seconds() for window in opening.windows)


def after_opening(opening: Opening, seconds: float) -> datetime:
    """Return the instant at which it has been open for so many seconds, breaks not counted."""
    left = timedelta(seconds=seconds)
    for window in opening.windows[:-1]:
        if left < (length := window.closes_at - window.opens_at):
            return window.opens_at + left
        left -= length
    return opening.windows[-1].opens_at + left


def last_instant(on: date, zone: ZoneInfo) -> datetime:
    """Return the last instant of a local date; a step after it would go to the next day's queue."""
    midnight = datetime.combine(on + timedelta(days=1), time(0), tzinfo=zone)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
