"""What time it is, as something handed in: the system's clock, or one that a rehearsal or test moves by hand.

Instants are aware datetimes in UTC; nothing below the desks asks a clock.
"""

from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Protocol

from mppkit.errors import InvalidValueError


class Clock(Protocol):
    """Whatever can tell the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


def as_utc(at: datetime, place: str = "at") -> datetime:
    """Return an aware instant in UTC.

    Raises:
        InvalidValueError: the datetime is naive, so that nobody knows which instant is meant; or so near to an end of
            the calendar that it has no local time in some zone.

    >>> as_utc(datetime.fromisoformat("2026-11-24T09:00:00+08:00")).isoformat()
    '2026-11-24T01:00:00+00:00'
    """
    if not isinstance(at, datetime) or at.tzinfo is None or at.utcoffset() is None:
        raise InvalidValueError(place, at, "give an aware datetime, such as datetime.now(UTC)")
    if not 1 < at.year < MAXYEAR:
        raise InvalidValueError(place, at.isoformat(), f"give an instant of the years 2 to {MAXYEAR - 1}")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until somebody moves it, and never runs backwards.

    >>> clock = VirtualClock("2026-11-24T08:00:00+08:00")
    >>> clock.advance(minutes=5)
    >>> clock.now().isoformat()
    '2026-11-24T00:05:00+00:00'
    """

    def __init__(self, start: datetime | str) -> None:
        if isinstance(start, str):
            try:
                start = datetime.fromisoformat(start)
            except ValueError:
                remedy = "give an instant with its offset, such as 2026-11-24T08:00:00+08:00"
                raise InvalidValueError("start", start, remedy) from None
        self._now = as_utc(start, "start")

    def now(self) -> datetime:
        """Return the instant the clock was last moved to."""
        return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0) -> None:
        """Move the clock forward.

        Raises:
            InvalidValueError: the step is negative.
        """
        self.move_to(self._now + timedelta(seconds=seconds, minutes=minutes))

    def move_to(self, at: datetime) -> None:
        """Move the clock forward to an instant.

        Raises:
            InvalidValueError: the instant is naive, or before the present one.
        """
        at = as_utc(at)
        if at < self._now:
            raise InvalidValueError("at", at.isoformat(), f"a clock never runs back; it is {self._now.isoformat()}")
        self._now = at
