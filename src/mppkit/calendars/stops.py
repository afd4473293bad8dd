"""Stretches in which a service's clock stands still, such as while the applicant must act.

The arithmetic is the same for days and for minutes: what counts and what adds is handed in.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from attrs import frozen

from mppkit.errors import InvalidValueError

P = TypeVar("P", date, datetime)
"""A point of the clock."""
A = TypeVar("A", int, timedelta)
"""What lies between two points."""


@frozen(kw_only=True)
class Stop:
    """A stretch in which the clock stands still: from `stopped_at` up to, not including, `resumed_at`.

    For a stop that still lasts give `now` as its end: that tells what is used up by now, and when it is due if the
    clock runs on at once.

    Raises:
        InvalidValueError: an instant has no time zone, or it ends before it begins.
    """

    stopped_at: datetime
    resumed_at: datetime

    def __attrs_post_init__(self) -> None:
        check_instant("stopped_at", self.stopped_at)
        check_instant("resumed_at", self.resumed_at)
        if self.resumed_at < self.stopped_at:
            raise InvalidValueError(
                "resumed_at", self.resumed_at.isoformat(), f"not before {self.stopped_at.isoformat()}"
            )


def check_instant(place: str, at: datetime) -> None:
    """Check that an instant has its time zone.

    Raises:
        InvalidValueError: it has none.
    """
    if at.tzinfo is None:
        raise InvalidValueError(place, at.isoformat(), "give it a time zone")


def joined(stops: Iterable[tuple[P, P]]) -> list[tuple[P, P]]:
    """Return stops in order, those that overlap or touch as one.

    >>> joined([(date(2026, 3, 9), date(2026, 3, 11)), (date(2026, 3, 2), date(2026, 3, 10))])
    [(datetime.date(2026, 3, 2), datetime.date(2026, 3, 11))]
    """
    found: list[tuple[P, P]] = []
    for stopped, resumed in sorted(stops):
        if found and stopped <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], resumed)
        else:
            found.append((stopped, resumed))
    return found


def last_run(start: P, amount: A, stops: Iterable[tuple[P, P]], count: Callable[[P, P], A]) -> tuple[P, A]:
    """Return where the clock last begins to run before it is due, and how much is left from there."""
    for stopped, resumed in joined(stops):
        if resumed <= start:
            continue
        ran = count(start, max(start, stopped))
        if ran >= amount:
            break
        start, amount = resumed, amount - ran
    return start, amount


def stood(start: P, until: P, stops: Iterable[tuple[P, P]], count: Callable[[P, P], A]) -> list[A]:
    """Return what each stop took away between two points."""
    return [
        count(max(start, stopped), min(until, resumed))
        for stopped, resumed in joined(stops)
        if stopped < until and resumed > start
    ]
