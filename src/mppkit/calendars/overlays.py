"""What decrees lay over a mall's usual days: closed days, days of joint leave, and days that are open after all.

Nation, province, regency and mall may each speak of the same day; who stands nearest to the counter has the last word.
Whether a decree may say so in law is not judged here; every overlay names its decree, so that it can be asked.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from attrs import frozen

from mppkit.calendars.stretches import Stretch, check_stretches
from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError


class Level(StrEnum):
    """Who decreed; a later one goes before those above it."""

    NATION = "nation"
    PROVINCE = "province"
    REGENCY = "regency"
    MALL = "mall"


class DayKind(StrEnum):
    """What a decree makes of its days.

    `JOINT_LEAVE` (*cuti bersama*) closes only the malls that close on joint leave.
    """

    CLOSED = "closed"
    JOINT_LEAVE = "joint_leave"
    OPEN = "open"


_RANKS = {level: rank for rank, level in enumerate(Level)}


@frozen(kw_only=True)
class Overlay:
    """Days that a decree closes or opens, the last one included.

    Attributes:
        decree: the decree (*surat keputusan*, *surat edaran*) that says so.
        decreed_on: its date; of two decrees of one level the later one holds.
        stretches: the hours of days that are opened; empty for the usual hours of each day. An opened day stays
            closed only where the hall has no hours on it.

    Raises:
        InvalidValueError: the days or hours are in disorder, or a closed day has hours.

    >>> serves = Overlay(
    ...     level=Level.MALL, kind=DayKind.OPEN, first_on=date(2026, 12, 24), last_on=date(2026, 12, 24),
    ...     indonesian="Tetap melayani", english="Open as usual",
    ...     decree="Keputusan Kepala DPMPTSP 7/2026", decreed_on=date(2026, 11, 2),
    ... )
    >>> governing([serves], date(2026, 12, 24), joint_leave=True).decree
    'Keputusan Kepala DPMPTSP 7/2026'
    """

    level: Level
    kind: DayKind
    first_on: date
    last_on: date
    indonesian: str
    english: str
    decree: str
    decreed_on: date
    stretches: tuple[Stretch, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise InvalidValueError("last_on", self.last_on.isoformat(), f"not before {self.first_on.isoformat()}")
        if self.stretches and self.kind is not DayKind.OPEN:
            raise InvalidValueError("stretches", len(self.stretches), f"a day that is {self.kind} has no hours")
        check_stretches("stretches", self.stretches)

    @property
    def closed(self) -> Reason | None:
        """Why its days are closed; None when it opens them."""
        if self.kind is DayKind.OPEN:
            return None
        return Reason(
            code="closed_joint_leave" if self.kind is DayKind.JOINT_LEAVE else "closed_by_decree",
            indonesian=self.indonesian,
            english=self.english,
            basis=LegalBasis(regulation=self.decree, in_force_since=self.decreed_on, verified=True),
        )


def governing(overlays: Iterable[Overlay], on: date, *, joint_leave: bool) -> Overlay | None:
    """Return the overlay that decides about a date: of the nearest level, and there of the latest decree.

    Args:
        overlays: those of all levels together; their order matters only between decrees of one level and date, where
            the last one holds.
        on: the local date.
        joint_leave: whether the mall closes on joint leave; if not, days of joint leave are nothing to it.
    """
    nearest = None
    for overlay in overlays:
        if not overlay.first_on <= on <= overlay.last_on or (overlay.kind is DayKind.JOINT_LEAVE and not joint_leave):
            continue
        if nearest is None or _weight(overlay) >= _weight(nearest):
            nearest = overlay
    return nearest


def known_on(overlays: Iterable[Overlay], on: date) -> tuple[Overlay, ...]:
    """Return the overlays that were decreed on or before a date: what a promise made that day could know.

    `attrs.evolve(calendar, overlays=known_on(calendar.overlays, day))` is the calendar as it was known then. The
    national holidays and joint leave that ship with the `holidays` package have no such date and count as always known.
    """
    return tuple(overlay for overlay in overlays if overlay.decreed_on <= on)


def _weight(overlay: Overlay) -> tuple[int, date]:
    return _RANKS[overlay.level], overlay.decreed_on
