"""Stretches of a day: the local times between which a hall is open."""

from collections.abc import Iterable
from datetime import time

from mppkit.errors import InvalidValueError

Stretch = tuple[time, time]
"""From the first time up to, not including, the second."""


def check_stretches(place: str, stretches: Iterable[Stretch]) -> None:
    """Check that stretches lie in order and do not overlap.

    Raises:
        InvalidValueError: one ends before it begins, or begins before the one before it ended.
    """
    before = None
    for opens, closes in stretches:
        shown = f"{opens:%H:%M}-{closes:%H:%M}"
        if opens >= closes:
            raise InvalidValueError(place, shown, "end a stretch after it begins")
        if before is not None and opens < before:
            raise InvalidValueError(place, shown, f"begin after {before:%H:%M}")
        before = closes
