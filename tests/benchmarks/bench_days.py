"""Working-day and working-time arithmetic: G18 (holidays, numpy) and G19 (business_duration).

Runs by itself too: `python tests/benchmarks/bench_days.py [--quick]`; needs numpy and business-duration.
"""

import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from random import Random
from time import perf_counter
from zoneinfo import ZoneInfo

import holidays
import numpy
from attrs import evolve
from business_duration import businessDuration
from rounds import Measured, Row, alternate, rate

from mppkit.calendars import WeeklyHours, WorkingDays, WorkingTime, office_calendar

ZONE = ZoneInfo("Asia/Makassar")
OPENS, CLOSES = time(8), time(16)
"""business_duration knows one stretch a day, so this hall has no break."""
CALENDAR = evolve(office_calendar(zone=ZONE), hours=WeeklyHours(by_weekday=dict.fromkeys(range(5), ((OPENS, CLOSES),))))
KNOWN = holidays.country_holidays("ID", years=range(2024, 2029), categories=("public", "government"))


def _asked(count: int) -> list[tuple[date, int]]:
    random = Random(18)
    return [(date(2025, 1, 1) + timedelta(days=random.randrange(700)), random.randrange(1, 31)) for _ in range(count)]


def _timed(function: Callable[..., object], asked: Sequence[tuple[object, ...]]) -> Callable[[], Measured]:
    def run() -> Measured:
        began = perf_counter()
        for arguments in asked:
            function(*arguments)
        return len(asked), perf_counter() - began

    return run


def g18(quick: bool) -> list[Row]:
    """Measure adding 1 to 30 working days against `holidays` and numpy, which must give the same days."""
    asked = _asked(1000 if quick else 4000)
    days = WorkingDays(CALENDAR)
    busy = numpy.busdaycalendar(holidays=sorted(KNOWN))

    def offset(on: numpy.datetime64, number: int) -> object:
        return numpy.busday_offset(on, number, roll="backward", busdaycal=busy)

    # numpy is handed its own dates and not asked for Python's back, which would cost it more
    asked_of_numpy = [(numpy.datetime64(on), number) for on, number in asked]
    for (on, number), (same, _) in zip(asked, asked_of_numpy, strict=True):
        found = days.after(on, number)
        if not found == KNOWN.get_nth_working_day(on, number) == offset(same, number).item():
            raise AssertionError(f"the peers do not agree about {on} and {number} days")
    starts, numbers = (numpy.array(column) for column in zip(*asked_of_numpy, strict=True))

    def whole_array() -> Measured:
        began = perf_counter()
        for _ in range(20):
            offset(starts, numbers)
        return 20 * len(asked), perf_counter() - began

    rates = alternate(
        3 if quick else 9,
        {
            "ours": _timed(days.after, asked * 10),
            "holidays": _timed(KNOWN.get_nth_working_day, asked[:500]),
            "numpy": _timed(offset, asked_of_numpy),
            "numpy array": whole_array,
        },
    )
    peers = {
        "holidays": (f"holidays.get_nth_working_day {rate(rates['holidays'])}", 40),
        "numpy": (f"numpy.busday_offset, one by one {rate(rates['numpy'])}", 5),
        "numpy array": (f"numpy.busday_offset, an array {rate(rates['numpy array'])}", None),
    }
    return [
        Row(
            goal="G18",
            what="add 1 to 30 working days",
            ours=rate(rates["ours"]),
            peer=said,
            ratio=rates["ours"] / rates[peer],
            wanted=wanted,
        )
        for peer, (said, wanted) in peers.items()
    ]


def g19(quick: bool) -> list[Row]:
    """Measure working minutes between two instants, 2 to 60 days apart, against business_duration."""
    asked, asked_of_peer = [], []
    for place, (on, number) in enumerate(_asked(300 if quick else 1000)):
        start = datetime.combine(on, time(8 + place % 8, place % 60))
        end = datetime.combine(on + timedelta(days=number * 2), time(8 + place * 3 % 8, place * 7 % 60))
        asked.append(tuple(at.replace(tzinfo=ZONE).astimezone(UTC) for at in (start, end)))
        asked_of_peer.append((start, end))
    worked = WorkingTime(CALENDAR)
    names = dict.fromkeys(KNOWN, "")

    def duration(start: datetime, end: datetime) -> object:
        return businessDuration(start, end, OPENS, CLOSES, holidaylist=names, unit="min")

    agreed = 0
    for ours, theirs in zip(asked, asked_of_peer, strict=True):
        found = worked.minutes(*ours)
        if found != _looped(*theirs):
            raise AssertionError(f"the day loop does not agree about {theirs}")
        agreed += duration(*theirs) == found
    rates = alternate(
        3 if quick else 9, {"ours": _timed(worked.minutes, asked * 5), "peer": _timed(duration, asked_of_peer[:100])}
    )
    return [
        Row(
            goal="G19",
            what=f"working minutes between two instants (the peer is right about {agreed} of {len(asked)})",
            ours=rate(rates["ours"]),
            peer=f"business_duration {rate(rates['peer'])}",
            ratio=rates["ours"] / rates["peer"],
            wanted=50,
        )
    ]


def _looped(start: datetime, end: datetime) -> float:
    minutes, on = 0.0, start.date()
    while on <= end.date():
        if on.weekday() < 5 and on not in KNOWN:
            since, until = max(start, datetime.combine(on, OPENS)), min(end, datetime.combine(on, CLOSES))
            minutes += max((until - since) / timedelta(minutes=1), 0)
        on += timedelta(days=1)
    return minutes


GOALS = {"G18": g18, "G19": g19}


if __name__ == "__main__":
    peers = ", ".join(f"{name} {version(name)}" for name in ("holidays", "numpy", "business_duration"))
    print(f"Python {platform.python_version()}, {peers}")
    missed = False
    for goal in GOALS.values():
        for row in goal("--quick" in sys.argv):
            missed = missed or row.is_met is False
            wanted = "" if row.wanted is None else f" (wanted >= {row.wanted:g}: {'yes' if row.is_met else 'NO'})"
            print(f"{row.goal}  {row.what}: {row.ours} against {row.peer}: {row.ratio:.2f}x{wanted}")
    sys.exit(int(missed))
