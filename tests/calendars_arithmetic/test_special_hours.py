"""A recurrence rule gives the days it names other hours, and closes or opens nothing else."""

from datetime import UTC, date, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.calendars import Calendar, SpecialHours, WorkingDays, WorkingTime, office_calendar
from mppkit.calendars.recurrence import _REMEDY
from mppkit.errors import InvalidValueError

DAY = timedelta(days=1)
MORNING = ((time(8), time(12)),)
SHORT = ((time(8), time(15)),)
ZONE = ZoneInfo("Asia/Makassar")
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def special(rule: str, first_on: date = date(2026, 1, 1), **facts: object) -> SpecialHours:
    return SpecialHours(**{"rule": rule, "first_on": first_on, "stretches": MORNING, **facts})


def hall(*special_hours: SpecialHours) -> Calendar:
    return evolve(office_calendar(zone=ZONE), special_hours=special_hours)


def local_hours(calendar: Calendar, on: date) -> list[tuple[time, time]]:
    return [
        (window.opens_at.astimezone(ZONE).time(), window.closes_at.astimezone(ZONE).time())
        for window in calendar.opening(on).windows
    ]


def test_first_saturdays_are_open_and_other_saturdays_are_not() -> None:
    calendar = hall(special("FREQ=MONTHLY;BYDAY=1SA"))
    saturdays = [date(2026, 8, 1) + DAY * 7 * week for week in range(9)]
    opened = [on for on in saturdays if calendar.opening(on).windows]
    assert opened == [date(2026, 8, 1), date(2026, 9, 5)]
    assert local_hours(calendar, date(2026, 9, 5)) == list(MORNING)
    reason = calendar.opening(date(2026, 9, 12)).reason
    assert (reason.code, reason.english) == ("closed_weekday", "No opening hours on this Saturday.")
    assert WorkingDays(calendar).is_working(date(2026, 9, 5))


def test_ramadan_hours_stand_in_place_of_the_weekly_ones_and_end() -> None:
    calendar = hall(
        special("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", date(2027, 2, 8), last_on=date(2027, 3, 9), stretches=SHORT),
        special("FREQ=WEEKLY;BYDAY=FR", date(2027, 2, 8), last_on=date(2027, 3, 9)),
    )
    usual = hall()
    assert local_hours(calendar, date(2027, 2, 8)) == list(SHORT)
    assert local_hours(calendar, date(2027, 2, 12)) == list(MORNING)
    for outside in (date(2027, 2, 5), date(2027, 3, 16)):
        assert calendar.opening(outside).windows == usual.opening(outside).windows
    week = calendar.opening(date(2027, 2, 15)).windows[0].opens_at
    assert WorkingTime(calendar).minutes(week, week + 7 * DAY) == (4 * 7 + 4) * 60


def test_holidays_and_joint_leave_close_special_days_too() -> None:
    calendar = hall(special("FREQ=WEEKLY;BYDAY=" + ",".join(NAMES)))
    assert calendar.opening(date(2026, 12, 25)).reason.code == "closed_holiday"
    assert calendar.opening(date(2026, 12, 24)).reason.code == "closed_joint_leave"
    assert calendar.opening(date(2026, 12, 26)).reason is None


def test_of_two_rules_for_a_day_the_later_one_holds() -> None:
    monday = date(2026, 11, 23)
    every, fourth = special("FREQ=WEEKLY;BYDAY=MO"), special("FREQ=MONTHLY;BYDAY=4MO", stretches=SHORT)
    assert local_hours(hall(every, fourth), monday) == list(SHORT)
    assert local_hours(hall(fourth, every), monday) == list(MORNING)


def test_both_ends_of_the_span_are_in_it() -> None:
    mondays = special("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 2), last_on=date(2026, 11, 16))
    found = [day for day in range(1, 31) if mondays.covers(date(2026, 11, day))]
    assert found == [2, 9, 16]


SPANS = st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(7 * 9, 900))


@settings(max_examples=60, deadline=None)
@given(span=SPANS, weekdays=st.sets(st.integers(0, 6), min_size=1), every=st.integers(1, 8))
def test_a_weekly_rule_names_the_days_that_a_day_loop_finds(
    span: tuple[date, int], weekdays: set[int], every: int
) -> None:
    first_on, last_on = span[0], span[0] + span[1] * DAY
    byday = ",".join(NAMES[weekday] for weekday in weekdays)
    rule = special(f"FREQ=WEEKLY;INTERVAL={every};BYDAY={byday}", first_on, last_on=last_on)
    monday = first_on - first_on.weekday() * DAY  # RFC 5545: weeks begin on Monday unless told otherwise
    for on in (first_on + passed * DAY for passed in range(-9, span[1] + 9)):
        named = on.weekday() in weekdays and (on - monday).days // 7 % every == 0
        assert rule.covers(on) == (named and first_on <= on <= last_on)


@settings(max_examples=60, deadline=None)
@given(span=SPANS, weekday=st.integers(0, 6), place=st.integers(-4, 4).filter(bool))
def test_a_monthly_rule_names_the_days_that_a_day_loop_finds(span: tuple[date, int], weekday: int, place: int) -> None:
    first_on, last_on = span[0], span[0] + span[1] * DAY
    rule = special(f"FREQ=MONTHLY;BYDAY={place}{NAMES[weekday]}", first_on, last_on=last_on)
    for on in (first_on + passed * DAY for passed in range(-9, span[1] + 9)):
        if place > 0:
            there = (on - 7 * place * DAY).month != on.month == (on - 7 * (place - 1) * DAY).month
        else:
            there = (on - 7 * place * DAY).month != on.month == (on - 7 * (place + 1) * DAY).month
        assert rule.covers(on) == (on.weekday() == weekday and there and first_on <= on <= last_on)


def test_a_day_of_the_month_may_count_from_its_end() -> None:
    last = special("FREQ=MONTHLY;BYMONTHDAY=15,-1")
    found = [on for on in (date(2026, 2, 1) + passed * DAY for passed in range(59)) if last.covers(on)]
    assert found == [date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 15), date(2026, 3, 31)]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=WEEKLY",
        "BYDAY=MO",
        "FREQ=DAILY",
        "FREQ=SECONDLY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=MO,",
        "FREQ=WEEKLY;BYDAY=MO\n",
        "FREQ=MONTHLY;BYDAY=60MO",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=100;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=MO;BYDAY=TU",
        "FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO;INTERVAL=2;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231",
        "FREQ=WEEKLY;BYDAY=MO;BYHOUR=8",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:20260101\nRRULE:FREQ=WEEKLY;BYDAY=MO",
        "freq=weekly;byday=mo",
    ],
)
def test_other_rules_are_refused_with_the_remedy(rule: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        special(rule)
    assert (refused.value.place, refused.value.remedy) == ("rule", _REMEDY)


def test_hours_in_disorder_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="give the hours"):
        special("FREQ=WEEKLY;BYDAY=MO", stretches=())
    with pytest.raises(InvalidValueError, match="end a stretch after it begins"):
        special("FREQ=WEEKLY;BYDAY=MO", stretches=((time(12), time(8)),))
    with pytest.raises(InvalidValueError, match="not before 2026-01-01"):
        special("FREQ=WEEKLY;BYDAY=MO", last_on=date(2025, 1, 1))
    with pytest.raises(InvalidValueError, match="at least one day"):
        special("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 24), last_on=date(2026, 11, 29))


def test_a_rule_that_names_no_day_for_ever_is_found_out_quickly() -> None:
    began = perf_counter()
    with pytest.raises(InvalidValueError, match="at least one day"):  # February of a year before no leap year
        special("FREQ=MONTHLY;INTERVAL=48;BYDAY=5MO", date(2026, 2, 1))
    assert perf_counter() - began < 2


def test_the_last_year_of_the_longest_rule_is_reached_quickly() -> None:
    rule = special("FREQ=WEEKLY;BYDAY=" + ",".join(NAMES), date(1946, 1, 1))
    began = perf_counter()
    assert rule.covers(date(2100, 12, 31))
    assert perf_counter() - began < 5


def test_windows_are_in_utc() -> None:
    [window] = hall(special("FREQ=MONTHLY;BYDAY=1SA")).opening(date(2026, 9, 5)).windows
    assert window.opens_at.tzinfo is UTC
