"""The rehearsal on the real queue rules: G12 (speed), G13 (memory), G14 (exactness) against Ciw, SimPy and Erlang C.

Run as `bench_rehearsal.py NAME N SEED` this file plays one simulation and prints its figures as JSON: a process of
its own for each, so that its peak memory is its own.
"""

import json
import math
import random
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from heapq import heapreplace
from pathlib import Path
from time import perf_counter

from attrs import frozen
from halls import OPENS_AT, ZONE, directory, long_hall
from rounds import Row, rate

from mppkit.queues.hall import Hall
from mppkit.queues.model import PriorityGroup
from mppkit.queues.policies import LosesPlace, QueuePolicies, StrictPriority
from mppkit.rehearsal.engine import Habits, play
from mppkit.rehearsal.steps import BareSteps
from mppkit.rehearsal.visits import Visit


@frozen(kw_only=True)
class Played:
    """What one simulation came to: its visitors, seconds, and mean wait in mean service times."""

    visitors: int
    seconds: float
    mean_wait: float


# --- M/M/5 at nine tenths of what five counters can do ---------------------------------------------------------------

_ARRIVALS, _SERVICES, _COUNTERS = 4.5, 1.0, 5
_MINUTE = 60.0
"""Ours counts in seconds: a unit of the others' time is a minute."""


def erlang_wait() -> float:
    """Return the mean wait of M/M/5 by Erlang C."""
    offered = _ARRIVALS / _SERVICES
    below = sum(offered**k / math.factorial(k) for k in range(_COUNTERS))
    at_all = offered**_COUNTERS / math.factorial(_COUNTERS) * _COUNTERS / (_COUNTERS - offered)
    return at_all / (below + at_all) / (_COUNTERS * _SERVICES - _ARRIVALS)


def _play(visits: Iterator[Visit], hall: Hall) -> BareSteps:
    steps = BareSteps(hall, ZONE, forget=True)
    play(visits, steps, hall.directory.counters, hall.opening, habits=Habits(walk_seconds=0))
    return steps


def ours(visitors: int, seed: int) -> Played:
    """Play M/M/5 on the rules: every visitor a ticket of four steps, decided, built as events, folded and counted."""
    hall = long_hall(directory({"nib": "A"}, {f"loket-{n}": ("nib",) for n in range(_COUNTERS)}), QueuePolicies())
    chance = random.Random(seed).expovariate

    def visits() -> Iterator[Visit]:
        arrives_at = 0.0
        for _ in range(visitors):
            arrives_at += chance(_ARRIVALS / _MINUTE)
            yield Visit(
                arrives_at=OPENS_AT + timedelta(seconds=arrives_at),
                service="nib",
                service_seconds=chance(_SERVICES / _MINUTE),
            )

    began = perf_counter()
    steps = _play(visits(), hall)
    seconds = perf_counter() - began
    wait = steps.measures.hall.wait
    return Played(visitors=wait.n, seconds=seconds, mean_wait=(wait.mean or 0.0) / _MINUTE)


def ciw(visitors: int, seed: int) -> Played:
    """Play it on Ciw, whose figures come from the records it keeps of everybody."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=_ARRIVALS)],
        service_distributions=[ciw.dists.Exponential(rate=_SERVICES)],
        number_of_servers=[_COUNTERS],
    )
    ciw.seed(seed)
    began = perf_counter()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(visitors)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    mean_wait = sum(waits) / len(waits)
    return Played(visitors=len(waits), seconds=perf_counter() - began, mean_wait=mean_wait)


def simpy(visitors: int, seed: int) -> Played:
    """Play it on SimPy: a process for each visitor, nothing kept but the sum of the waits."""
    import simpy

    chance = random.Random(seed).expovariate
    environment = simpy.Environment()
    counters = simpy.Resource(environment, _COUNTERS)
    waited = 0.0

    def visitor() -> Iterator[object]:
        nonlocal waited
        came = environment.now
        with counters.request() as turn:
            yield turn
            waited += environment.now - came
            yield environment.timeout(chance(_SERVICES))

    def door() -> Iterator[object]:
        for _ in range(visitors):
            yield environment.timeout(chance(_ARRIVALS))
            environment.process(visitor())

    environment.process(door())
    began = perf_counter()
    environment.run()
    return Played(visitors=visitors, seconds=perf_counter() - began, mean_wait=waited / visitors)


# --- four stations, two classes: reception, then one of two services, then the cashier ------------------------------

_NETWORK = {"reception": (1.8, 2), "permit": (0.52, 4), "registry": (0.5, 3), "cashier": (1.8, 2)}
"""Each station's service rate and counters."""
_COMING, _FOR_A_PERMIT, _WITH_PRIORITY = 3.0, 0.6, 0.2


def ours_network(visitors: int, seed: int) -> Played:
    """Play the four stations on the rules: one ticket a visitor, three services of one visit, strict priority."""
    there = directory(
        dict(zip(_NETWORK, "ABCD", strict=True)),
        {f"{station}-{n}": (station,) for station, (_, counters) in _NETWORK.items() for n in range(counters)},
    )
    hall = long_hall(there, QueuePolicies(discipline=StrictPriority(), placement=LosesPlace()))
    chance = random.Random(seed)

    def seconds(station: str) -> float:
        return chance.expovariate(_NETWORK[station][0] / _MINUTE)

    def visits() -> Iterator[Visit]:
        arrives_at = 0.0
        for _ in range(visitors):
            arrives_at += chance.expovariate(_COMING / _MINUTE)
            second = "permit" if chance.random() < _FOR_A_PERMIT else "registry"
            yield Visit(
                arrives_at=OPENS_AT + timedelta(seconds=arrives_at),
                service="reception",
                service_seconds=seconds("reception"),
                more=((second, seconds(second)), ("cashier", seconds("cashier"))),
                priority=PriorityGroup.ELDERLY if chance.random() < _WITH_PRIORITY else None,
            )

    began = perf_counter()
    steps = _play(visits(), hall)
    spent = perf_counter() - began
    wait = steps.measures.hall.wait
    return Played(visitors=visitors, seconds=spent, mean_wait=(wait.mean or 0.0) / _MINUTE)


def ciw_network(visitors: int, seed: int) -> Played:
    """Play the four stations on Ciw."""
    import ciw

    def coming(rate: float) -> list[object]:
        return [ciw.dists.Exponential(rate), None, None, None]

    serving = [ciw.dists.Exponential(rate) for rate, _ in _NETWORK.values()]
    onward = [[0.0, _FOR_A_PERMIT, 1 - _FOR_A_PERMIT, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0], [0.0] * 4]
    network = ciw.create_network(
        arrival_distributions={
            "priority": coming(_COMING * _WITH_PRIORITY),
            "regular": coming(_COMING * (1 - _WITH_PRIORITY)),
        },
        service_distributions={"priority": serving, "regular": serving},
        number_of_servers=[counters for _, counters in _NETWORK.values()],
        routing={"priority": onward, "regular": onward},
        priority_classes={"priority": 0, "regular": 1},
    )
    ciw.seed(seed)
    began = perf_counter()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(visitors)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    mean_wait = sum(waits) / len(waits)
    return Played(visitors=visitors, seconds=perf_counter() - began, mean_wait=mean_wait)


# --- the goals -------------------------------------------------------------------------------------------------------

SIMULATIONS: dict[str, Callable[[int, int], Played]] = {
    "ours": ours,
    "ciw": ciw,
    "simpy": simpy,
    "ours_network": ours_network,
    "ciw_network": ciw_network,
}


def _apart(name: str, visitors: int, seed: int) -> dict[str, float]:
    """Play a simulation in a process of its own; return its figures with the peak memory in MB."""
    done = subprocess.run(
        [sys.executable, __file__, name, str(visitors), str(seed)], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def _in_turn(names: Sequence[str], visitors: int, rounds: int) -> dict[str, float]:
    """Let simulations take turns; return each one's median rate of visitors a second."""
    rates: dict[str, list[float]] = {name: [] for name in names}
    for seed in range(1, rounds + 1):
        for name in names:
            played = _apart(name, visitors, seed)
            rates[name].append(played["visitors"] / played["seconds"])
    return {name: statistics.median(found) for name, found in rates.items()}


def g12(quick: bool) -> list[Row]:
    """Measure simulated visitors a second."""
    visitors, rounds = (5000, 2) if quick else (30_000, 5)
    single = _in_turn(("ours", "ciw", "simpy"), visitors, rounds)
    network = _in_turn(("ours_network", "ciw_network"), visitors // 3, rounds)
    return [
        Row(
            goal="G12",
            what=f"simulated visitors, {what}",
            ours=rate(mine),
            peer=f"{name} {rate(theirs)}",
            ratio=mine / theirs,
            wanted=wanted,
        )
        for what, mine, name, theirs, wanted in (
            ("M/M/5", single["ours"], "Ciw", single["ciw"], 1.5),
            ("M/M/5", single["ours"], "SimPy", single["simpy"], 0.8),
            ("four stations, two classes", network["ours_network"], "Ciw", network["ciw_network"], 2.0),
        )
    ]


def g13(quick: bool) -> list[Row]:
    """Measure the peak memory of a million visitors, interpreter included."""
    visitors = 100_000 if quick else 1_000_000
    with ThreadPoolExecutor(2) as side_by_side:  # memory does not mind company
        mine, theirs = side_by_side.map(lambda name: _apart(name, visitors, 1)["megabytes"], ("ours", "ciw"))
    return [
        Row(
            goal="G13",
            what=f"peak memory, M/M/5, {visitors:,} visitors",
            ours=f"{mine:,.0f} MB",
            peer=f"Ciw {theirs:,.0f} MB",
            ratio=mine / theirs,
            wanted=None if quick else 1 / 15,
            at_most=True,
        )
    ]


def recursion_wait(visitors: int, seed: int) -> float:
    """Return the mean wait of the very draws of `ours` by the recursion of Kiefer and Wolfowitz: no queue, no events.

    Each visitor takes the counter that is free first; all there is to remember is when each counter will be.
    """
    chance = random.Random(seed).expovariate
    free_at = [0.0] * _COUNTERS
    now = waited = 0.0
    for _ in range(visitors):
        now += chance(_ARRIVALS / _MINUTE)
        seconds = chance(_SERVICES / _MINUTE)
        starts_at = max(now, free_at[0])
        waited += starts_at - now
        heapreplace(free_at, starts_at + seconds)
    return waited / visitors / _MINUTE


def _difference(seed: int) -> float:
    mine, exact = _apart("ours", 10_000, seed)["mean_wait"], recursion_wait(10_000, seed)
    return abs(mine / exact - 1)


def g14(quick: bool) -> list[Row]:
    """Measure whether the rehearsal waits as theory says.

    It must give the waits of the recursion from the same draws; then it may be the recursion, 30 times as fast, whose
    95 % interval over fixed seeds is held against Erlang C.
    """
    seeds, visitors = (4, 50_000) if quick else (30, 1_000_000)
    with ThreadPoolExecutor(2) as side_by_side:
        off = max(side_by_side.map(_difference, range(1, 5 if quick else 11)))
    with ProcessPoolExecutor(2) as apart:
        waits = list(apart.map(recursion_wait, [visitors] * seeds, range(1, seeds + 1)))
    mean, exact = statistics.mean(waits), erlang_wait()
    half = 1.96 * statistics.stdev(waits) / math.sqrt(seeds)
    interval = f"{mean:.4f} ± {half:.4f}"
    return [
        Row(
            goal="G14",
            what="M/M/5, mean wait: largest difference from the recursion, in millionths",
            ours=f"{off:.1e}",
            peer="Kiefer-Wolfowitz 0",
            ratio=1e6 * off,
            wanted=1.0,
            at_most=True,
        ),
        Row(
            goal="G14",
            what=f"its distance from Erlang C, in half widths ({seeds} x {visitors:,})",
            ours=interval,
            peer=f"Erlang C {exact:.4f}",
            ratio=abs(mean - exact) / half,
            wanted=1.0,
            at_most=True,
        ),
        Row(
            goal="G14",
            what="half width of that 95 % interval, in %",
            ours=interval,
            peer=f"Erlang C {exact:.4f}",
            ratio=100 * half / exact,
            wanted=None if quick else 1.0,
            at_most=True,
        ),
    ]


GOALS = {"G12": g12, "G13": g13, "G14": g14}


def _peak_megabytes() -> float:
    """Return this process's peak memory; `getrusage` would count its parent's in, from before the exec."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main(name: str, visitors: int, seed: int) -> None:
    """Play one simulation and print its figures."""
    played = SIMULATIONS[name](visitors, seed)
    print(
        json.dumps(
            {
                "visitors": played.visitors,
                "seconds": played.seconds,
                "mean_wait": played.mean_wait,
                "megabytes": _peak_megabytes(),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
