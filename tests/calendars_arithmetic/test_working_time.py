"""Counting working time agrees with a plain loop over days that asks `holidays` itself."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import holidays
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.calendars import Calendar, Closure, Stop, WeeklyHours, WorkingTime, office_calendar
from mppkit.errors import InvalidValueError

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONES = [ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")]
OFF = frozenset(holidays.country_holidays("ID", years=range(2022, 2031), categories=("public", "government")))
OFFICE = {day: ((time(7, 30), time(12)), (time(13), time(16))) for day in range(4)}
OFFICE[4] = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
FIRST = datetime(2024, 1, 1, tzinfo=UTC)

Stretches = tuple[tuple[time, time], ...]


def looped(by_weekday: dict[int, Stretches], zone: ZoneInfo, start_at: datetime, end_at: datetime) -> timedelta:
    """Day by day, window by window, in local time: these zones have no summer time."""
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (start_at, end_at))
    worked, on = timedelta(0), start.date()
    while on <= end.date():
        if on not in OFF:
            for opens, closes in by_weekday.get(on.weekday(), ()):
                since = max(start, datetime.combine(on, opens))
                until = min(end, datetime.combine(on, closes))
                worked += max(until - since, timedelta(0))
        on += DAY
    return worked


def test_ten_thousand_random_pairs_agree_with_a_day_loop() -> None:
    random = Random(19)
    counts = [WorkingTime(evolve(office_calendar(), zone=zone)) for zone in ZONES]
    for number in range(10_000):
        zone, count = ZONES[number % 3], counts[number % 3]
        start_at = FIRST + random.randrange(3 * 365 * 24 * 60 * 60) * timedelta(seconds=1)
        end_at = start_at + random.randrange(60 * 24 * 60) * MINUTE
        assert count.minutes(start_at, end_at) == looped(OFFICE, zone, start_at, end_at) / MINUTE


TIMES = st.times(max_value=time(23, 59, 59)).map(lambda at: at.replace(microsecond=0))


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, Stretches]:
    found = {}
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(TIMES, min_size=2, max_size=6)))
        found[weekday] = tuple(list(pairwise(edges))[::2])
    return found


INSTANTS = st.datetimes(
    datetime.combine(date(2023, 1, 1), time()),
    datetime.combine(date(2029, 12, 31), time()),
    timezones=st.sampled_from([UTC, *ZONES]),
)
MINUTES = st.one_of(st.integers(0, 20_000), st.floats(0, 20_000))
AWHILE = st.timedeltas(timedelta(0), 40 * DAY)


@settings(max_examples=80, deadline=None)
@given(week=weeks(), zone=st.sampled_from(ZONES), start_at=INSTANTS, awhile=AWHILE)
def test_any_week_agrees_with_a_day_loop(
    week: dict[int, Stretches], zone: ZoneInfo, start_at: datetime, awhile: timedelta
) -> None:
    end_at = start_at + awhile
    time_ = WorkingTime(Calendar(zone=zone, hours=WeeklyHours(by_weekday=week)))
    assert time_.minutes(start_at, end_at) == looped(week, zone, start_at, end_at) / MINUTE
    assert time_.minutes(end_at, start_at) == -time_.minutes(start_at, end_at)


@settings(max_examples=80, deadline=None)
@given(week=weeks(), start_at=INSTANTS, first=MINUTES, second=MINUTES, awhile=AWHILE)
def test_the_algebra_of_minutes_holds(
    week: dict[int, Stretches], start_at: datetime, first: float, second: float, awhile: timedelta
) -> None:
    week = {**week, 0: ((time(8), time(16)),)}  # a week of some length, so that years need not be searched
    worked = WorkingTime(Calendar(zone=ZONES[1], hours=WeeklyHours(by_weekday=week)))
    first, second = timedelta(minutes=first) / MINUTE, timedelta(minutes=second) / MINUTE  # whole microseconds
    due_at = worked.after(start_at, first)
    assert worked.minutes(start_at, due_at) == first, "minutes undoes after"
    assert due_at == start_at or worked.minutes(start_at, due_at - timedelta(microseconds=1)) < first, "the first such"
    assert worked.after(due_at, second) == worked.after(start_at, both(first, second)), "stretches add up"
    assert worked.after(start_at + awhile, first) >= due_at, "who begins later ends no sooner"


def both(first: float, second: float) -> float:
    return (timedelta(minutes=first) + timedelta(minutes=second)) / MINUTE


@settings(max_examples=80, deadline=None)
@given(
    week=weeks(),
    start_at=INSTANTS,
    awhile=AWHILE,
    minutes=MINUTES,
    stood=st.lists(st.tuples(st.timedeltas(-2 * DAY, 20 * DAY), st.timedeltas(timedelta(0), 9 * DAY)), max_size=4),
)
def test_nothing_counts_while_the_clock_stands_still(
    week: dict[int, Stretches],
    start_at: datetime,
    awhile: timedelta,
    minutes: float,
    stood: list[tuple[timedelta, timedelta]],
) -> None:
    week = {**week, 0: ((time(8), time(16)),)}
    worked = WorkingTime(Calendar(zone=ZONES[0], hours=WeeklyHours(by_weekday=week)))
    stops = tuple(Stop(stopped_at=start_at + first, resumed_at=start_at + first + long) for first, long in stood)
    end_at = start_at + awhile
    edges = {start_at, end_at, *(edge for stop in stops for edge in (stop.stopped_at, stop.resumed_at))}
    pieces = pairwise(sorted(edge for edge in edges if start_at <= edge <= end_at))
    expected = sum(
        (
            looped(week, ZONES[0], since, until)
            for since, until in pieces
            if not any(stop.stopped_at <= since < stop.resumed_at for stop in stops)
        ),
        timedelta(0),
    )
    assert worked.minutes(start_at, end_at, stops) == expected / MINUTE

    asked = timedelta(minutes=minutes) / MINUTE
    due_at = worked.after(start_at, asked, stops)
    assert worked.minutes(start_at, due_at, stops) == asked
    assert due_at >= worked.after(start_at, asked)
    if due_at > start_at:
        assert worked.minutes(start_at, due_at - timedelta(microseconds=1), stops) < asked


# --- known cases ------------------------------------------------------------------------------------------------------


def test_four_hours_late_on_tuesday_end_after_nyepi_and_idulfitri() -> None:
    worked = WorkingTime(office_calendar())
    asked_at = datetime(2026, 3, 17, 15, tzinfo=ZONES[0])
    stop = Stop(
        stopped_at=datetime(2026, 3, 25, 9, tzinfo=ZONES[0]), resumed_at=datetime(2026, 3, 26, 13, 30, tzinfo=ZONES[0])
    )
    assert worked.after(asked_at, 240) == datetime(2026, 3, 25, 10, 30, tzinfo=ZONES[0])
    assert worked.after(asked_at, 240, (stop,)) == datetime(2026, 3, 26, 15, tzinfo=ZONES[0])
    assert worked.minutes(asked_at, stop.resumed_at, (stop,)) == 150


def test_what_fills_a_day_is_due_at_its_closing() -> None:
    worked = WorkingTime(office_calendar())
    opens = datetime(2026, 11, 23, 7, 30, tzinfo=ZONES[0])
    assert worked.after(opens, 450) == datetime(2026, 11, 23, 16, tzinfo=ZONES[0])
    assert worked.after(opens, 270) == datetime(2026, 11, 23, 12, tzinfo=ZONES[0])
    assert worked.after(opens, 450.5) == datetime(2026, 11, 24, 7, 30, 30, tzinfo=ZONES[0])


def test_a_week_has_37_hours_and_30_minutes() -> None:
    monday = datetime(2026, 11, 23, tzinfo=ZONES[0])
    assert WorkingTime(office_calendar()).minutes(monday, monday + 7 * DAY) == 37.5 * 60


def test_a_hall_that_never_closes_counts_every_minute_but_its_closures() -> None:
    closure = Closure(
        first_on=date(2026, 12, 31), last_on=date(2027, 1, 1), indonesian="Pindah", english="Moving house"
    )
    worked = WorkingTime(Calendar(zone=ZONES[1], closures=(closure,)))
    start_at = datetime(2026, 12, 30, 12, tzinfo=ZONES[1])
    assert worked.minutes(start_at, start_at + 4 * DAY) == 2 * 24 * 60
    assert worked.after(start_at, 12 * 60) == datetime(2026, 12, 31, tzinfo=ZONES[1])
    assert worked.after(start_at, 12 * 60 + 1) == datetime(2027, 1, 2, 0, 1, tzinfo=ZONES[1])


def test_summer_time_elsewhere_neither_adds_nor_loses_a_minute_of_a_window() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    hours = WeeklyHours(by_weekday=dict.fromkeys(range(7), ((time(0, 30), time(4, 30)),)))
    worked = WorkingTime(Calendar(zone=zone, hours=hours, national_holidays=False, joint_leave=False))
    for on, minutes in ((date(2026, 3, 28), 240), (date(2026, 3, 29), 180), (date(2026, 10, 25), 300)):
        midnight = datetime.combine(on, time(), tzinfo=zone)
        assert worked.minutes(midnight, midnight + DAY) == minutes


# --- what is not known ------------------------------------------------------------------------------------------------


def test_a_year_without_a_decree_warns() -> None:
    worked = WorkingTime(office_calendar())
    start_at = datetime(2027, 12, 31, 3, tzinfo=UTC)
    assert worked.warnings(start_at, start_at + timedelta(hours=13)) == ()
    [warning] = worked.warnings(start_at, start_at + timedelta(hours=14))  # midnight in Jakarta
    assert warning.code == "year_without_decree"


def test_beyond_the_known_holidays_nothing_is_counted() -> None:
    worked = WorkingTime(office_calendar())
    for start_at, minutes in (
        (datetime(1945, 8, 17, tzinfo=UTC), 1),
        (datetime(2101, 1, 1, tzinfo=UTC), 1),
        (datetime(2100, 12, 31, 9, tzinfo=UTC), 100),
        (datetime(2100, 1, 1, tzinfo=UTC), 100_000_000),
    ):
        with pytest.raises(InvalidValueError, match="stay from 1946 to 2100"):
            worked.after(start_at, minutes)


def test_the_last_known_minute_still_counts() -> None:
    worked = WorkingTime(office_calendar())
    friday = datetime(2100, 12, 31, 7, 30, tzinfo=ZONES[0])
    assert worked.after(friday, 450) == datetime(2100, 12, 31, 16, 30, tzinfo=ZONES[0])


def test_what_cannot_be_counted_is_refused() -> None:
    worked = WorkingTime(office_calendar())
    here, naive = datetime(2026, 11, 23, tzinfo=UTC), datetime.combine(date(2026, 11, 23), time())
    stop = Stop(stopped_at=here, resumed_at=here)
    for ask in (
        lambda: worked.minutes(naive, here),
        lambda: worked.minutes(here, naive),
        lambda: worked.after(naive, 1),
        lambda: worked.warnings(naive, here),
        lambda: Stop(stopped_at=naive, resumed_at=here),
        lambda: Stop(stopped_at=here, resumed_at=naive),
    ):
        with pytest.raises(InvalidValueError, match="give it a time zone"):
            ask()
    for minutes in (-1, float("nan"), float("inf")):
        with pytest.raises(InvalidValueError, match="give 0 to 100000000"):
            worked.after(here, minutes)
    with pytest.raises(InvalidValueError, match="not before start_at"):
        worked.minutes(here, here - DAY, (stop,))
    with pytest.raises(InvalidValueError, match="not before 2026-11-23"):
        Stop(stopped_at=here, resumed_at=here - MINUTE)
