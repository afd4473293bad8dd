"""How every benchmark here measures: whoever is compared takes turns, medians count, and a Row says by how much."""

import gc
import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from attrs import frozen

Measured = tuple[int, float]
"""How much was done, and the seconds it took."""


@frozen(kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        goal: such as `G1`.
        ours, peer: what each reached, as text with its unit.
        ratio: the figure that the goal speaks of.
        wanted: what the ratio is to reach; None where no goal was set and the line is there to be known.
        at_most: whether the goal is a ratio no greater than `wanted`.
    """

    goal: str
    what: str
    ours: str
    peer: str
    ratio: float
    wanted: float | None = None
    at_most: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.wanted is None:
            return None
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted


def alternate(rounds: int, contestants: Mapping[str, Callable[[], Measured]]) -> dict[str, float]:
    """Let the contestants take turns (A B A B ...) and return each one's median rate a second.

    One round more is played first and does not count.
    """
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for played in range(rounds + 1):
        for name, contestant in contestants.items():
            gc.collect()
            count, seconds = contestant()
            if played:
                rates[name].append(count / seconds)
    return {name: statistics.median(found) for name, found in rates.items()}


def rate(value: float) -> str:
    """Return a rate as the table shows it."""
    return f"{value:,.0f}/s"


def machine() -> str:
    """Return what the figures depend on, as one line."""
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    peers = ", ".join(f"{name} {version(name)}" for name in ("attrs", "cattrs", "eventsourcing", "ciw", "simpy"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; load {load}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, mppkit {version('mppkit')}, {peers}"
    )


def _processor() -> str:
    """Return the processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
