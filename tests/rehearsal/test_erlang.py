"""The engine on the real rules against queueing theory: M/M/5 waits as Erlang C says, M/M/1 too; nothing is kept."""

import math
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from mppkit.calendars import Opening
from mppkit.calendars.model import Window
from mppkit.directory import Counter, Directory, Service
from mppkit.queues.hall import Hall
from mppkit.queues.policies import QueuePolicies
from mppkit.rehearsal import Habits, Visit
from mppkit.rehearsal.engine import play
from mppkit.rehearsal.steps import BareSteps

OPENS_AT = datetime(2026, 11, 24, tzinfo=UTC)
MEAN_SERVICE = 100.0
STUDENT_95 = 2.093  # 19 degrees of freedom


def erlang_wait(counters: int, load: float) -> float:
    """Return the mean wait of M/M/c in seconds."""
    offered = counters * load
    at_all = offered**counters / math.factorial(counters) / (1 - load)
    waits = at_all / (sum(offered**k / math.factorial(k) for k in range(counters)) + at_all)
    return waits * MEAN_SERVICE / (counters * (1 - load))


def stream(count: int, counters: int, load: float, seed: int) -> Iterator[Visit]:
    chance = Random(seed)
    seconds = 0.0
    for _ in range(count):
        seconds += chance.expovariate(counters * load / MEAN_SERVICE)
        yield Visit(
            arrives_at=OPENS_AT + timedelta(seconds=seconds),
            service="nib",
            service_seconds=chance.expovariate(1 / MEAN_SERVICE),
        )


def played(count: int, counters: int, load: float, seed: int) -> BareSteps:
    window = Window(opens_at=OPENS_AT, closes_at=OPENS_AT + timedelta(days=365))
    hall = Hall(
        directory=Directory(
            agencies=(),
            services=(Service(id="nib", name="NIB", name_english="NIB", agency="dpm", prefix="A"),),
            counters=tuple(Counter(id=f"loket-{n}", name=f"Loket {n}", services=("nib",)) for n in range(counters)),
        ),
        opening=Opening(on=date(2026, 11, 24), windows=(window,)),
        policies=QueuePolicies(),
    )
    steps = BareSteps(hall, ZoneInfo("Asia/Makassar"), forget=True)
    visits = stream(count, counters, load, seed)
    play(visits, steps, hall.directory.counters, hall.opening, habits=Habits(walk_seconds=0))
    return steps


@pytest.mark.parametrize(("counters", "load", "count"), [(5, 0.7, 1500), (1, 0.5, 500)])
def test_the_mean_wait_is_that_of_erlang_c(counters: int, load: float, count: int) -> None:
    waits = []
    for seed in range(20):
        measures = played(count, counters, load, seed).measures
        assert measures.visitors == {"finished": count}
        waits.append(measures.hall.wait.mean)
    mean = statistics.fmean(waits)
    half = STUDENT_95 * statistics.stdev(waits) / math.sqrt(len(waits))
    exact = erlang_wait(counters, load)
    assert abs(mean - exact) <= half
    assert half <= 0.2 * exact
    assert abs(mean - erlang_wait(counters + 1, load)) > half  # so near that a counter more would be seen


def test_a_stream_leaves_no_ticket_call_or_step_behind() -> None:
    steps = played(500, 2, 0.8, 1)
    day = steps.day
    assert (len(day.tickets), len(day.calls), len(day.last)) == (0, 0, 0)
    assert sum(len(line) for line in day.lines.values()) == 0
    assert steps.measures.hall.wait.n == 500
