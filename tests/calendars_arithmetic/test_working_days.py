"""Counting working days agrees with a plain loop over days that asks `holidays` itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.calendars import Calendar, Closure, Stop, WeeklyHours, WorkingDays, office_calendar
from mppkit.calendars.stops import joined
from mppkit.errors import InvalidValueError

ZONE = ZoneInfo("Asia/Makassar")
DAY = timedelta(days=1)
YEARS = range(2019, 2033)
PUBLIC = frozenset(holidays.country_holidays("ID", years=YEARS, categories=("public",)))
JOINT_LEAVE = frozenset(holidays.country_holidays("ID", years=YEARS, categories=("government",)))
DATES = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SPANS = st.tuples(DATES, st.integers(0, 20)).map(lambda span: (span[0], span[0] + span[1] * DAY))
NUMBERS = st.integers(0, 80)


@frozen
class Office:
    """A calendar, and what a person with a wall calendar would say of a day."""

    calendar: Calendar
    works: Callable[[date], bool]


@st.composite
def offices(draw: st.DrawFn) -> Office:
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
    closed = draw(st.lists(SPANS, max_size=4))
    off = frozenset().union(*draw(st.sets(st.sampled_from([PUBLIC, JOINT_LEAVE]))))
    calendar = Calendar(
        zone=ZONE,
        hours=WeeklyHours(by_weekday=dict.fromkeys(weekdays, ((time(8), time(16)),))),
        closures=tuple(
            Closure(first_on=first, last_on=last, indonesian="Tutup", english="Closed") for first, last in closed
        ),
        national_holidays=off >= PUBLIC,
        joint_leave=off >= JOINT_LEAVE,
    )

    def works(on: date) -> bool:
        return on.weekday() in weekdays and on not in off and not any(first <= on <= last for first, last in closed)

    return Office(calendar, works)


def walked(works: Callable[[date], bool], on: date, days: int) -> date:
    step = DAY if days > 0 else -DAY
    for _ in range(abs(days)):
        on += step
        while not works(on):
            on += step
    return on


def counted(works: Callable[[date], bool], on: date, until: date) -> int:
    """Every day from the first to the last but the day from which is counted."""
    step = 1 if until >= on else -1
    return sum(step for days in range(step, (until - on).days + step, step) if works(on + days * DAY))


@settings(max_examples=80, deadline=None)
@given(office=offices(), on=DATES, days=st.integers(-80, 80))
def test_so_many_working_days_after_is_where_a_walk_day_by_day_ends(office: Office, on: date, days: int) -> None:
    assert WorkingDays(office.calendar).after(on, days) == walked(office.works, on, days)


@settings(max_examples=80, deadline=None)
@given(office=offices(), on=DATES, apart=st.integers(-400, 400))
def test_a_count_is_what_a_walk_day_by_day_counts(office: Office, on: date, apart: int) -> None:
    until = on + apart * DAY
    assert WorkingDays(office.calendar).count(on, until) == counted(office.works, on, until)


@settings(max_examples=30, deadline=None)
@given(asked=st.lists(st.tuples(st.dates(date(2005, 1, 1), date(2045, 1, 1)), st.integers(-300, 300)), max_size=4))
def test_what_was_asked_before_changes_no_answer(asked: list[tuple[date, int]]) -> None:
    days = WorkingDays(SUNDAY_FREE)
    for on, number in asked:
        assert days.after(on, number) == walked(lambda day: day.weekday() != 6, on, number)


SUNDAY_FREE = Calendar(
    zone=ZONE,
    hours=WeeklyHours(by_weekday=dict.fromkeys(range(6), ((time(8), time(16)),))),
    national_holidays=False,
    joint_leave=False,
)


@settings(max_examples=80, deadline=None)
@given(office=offices(), on=DATES, first=NUMBERS, second=NUMBERS, later=st.integers(0, 40))
def test_the_algebra_of_days_holds(office: Office, on: date, first: int, second: int, later: int) -> None:
    days = WorkingDays(office.calendar)
    for sign in (1, -1):
        there = days.after(on, sign * first)
        assert days.count(on, there) == sign * first, "count undoes after"
        assert days.after(there, sign * second) == days.after(on, sign * (first + second)), "steps add up"
        assert first == 0 or days.is_working(there), "it ends on a working day"
        assert days.after(on + later * DAY, sign * first) >= there, "who begins later ends no sooner"
    due = days.after(on, first)
    assert days.after(on, first + 1) > due, "one day more ends later"
    middle, end = on + later * DAY, on + later * DAY + second * DAY
    assert days.count(on, middle) + days.count(middle, end) == days.count(on, end), "counts add up"
    assert days.count(due, on) == -first + days.is_working(due) - days.is_working(on), "the other day bounds it"


@settings(max_examples=80, deadline=None)
@given(office=offices(), on=DATES, number=NUMBERS)
def test_a_deadline_accounts_for_every_day(office: Office, on: date, number: int) -> None:
    deadline = WorkingDays(office.calendar).deadline(on, number)
    skipped = [day.on for day in deadline.skipped]
    passed = [on + days * DAY for days in range(1, (deadline.due_on - on).days + 1)]
    assert skipped == [day for day in passed if not office.works(day)]
    assert len(passed) == number + len(skipped)


# --- stops -----------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(office=offices(), on=DATES, number=NUMBERS, spans=st.lists(SPANS, max_size=4), apart=st.integers(0, 60))
def test_days_on_which_the_clock_stood_still_do_not_count(
    office: Office, on: date, number: int, spans: list[tuple[date, date]], apart: int
) -> None:
    spans = [(on + (first - last) + number % 7 * DAY, on + (last - first)) for first, last in spans] + spans
    stops = tuple(Stop(stopped_at=at(first), resumed_at=at(last)) for first, last in spans if first <= last)

    def runs(day: date) -> bool:
        return office.works(day) and not any(first < day <= last for first, last in spans)

    days = WorkingDays(office.calendar)
    if number:  # for 0 there is nothing to walk
        assert days.after(on, number, stops) == walked(runs, on, number)
    assert days.after(on, 0, stops) == on
    assert days.count(on, on + apart * DAY, stops) == counted(runs, on, on + apart * DAY)
    deadline = days.deadline(on, number, stops)
    assert len(deadline.skipped) == (deadline.due_on - on).days - number
    assert {day.on for day in deadline.skipped if day.reason.code == "clock_stopped"} == {
        on + passed * DAY
        for passed in range(1, (deadline.due_on - on).days + 1)
        if office.works(on + passed * DAY) and not runs(on + passed * DAY)
    }


def at(on: date) -> datetime:
    return datetime.combine(on, time(10), tzinfo=ZONE).astimezone(UTC)


@given(st.lists(st.tuples(DATES, DATES).map(sorted).map(tuple), max_size=6))
def test_joined_stops_cover_the_same_and_lie_apart(spans: list[tuple[date, date]]) -> None:
    found = joined(spans)
    edges = {edge for span in spans for edge in span}
    for edge in edges | {edge + DAY for edge in edges}:
        assert any(first < edge <= last for first, last in found) == any(first < edge <= last for first, last in spans)
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_a_stop_is_read_in_the_zone_of_the_mall() -> None:
    days = WorkingDays(evolve(office_calendar(), zone=ZONE))
    monday_evening = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)  # Tuesday 00.30 in Makassar
    stop = Stop(stopped_at=monday_evening, resumed_at=monday_evening + DAY)
    deadline = days.deadline(date(2026, 11, 13), 4, (stop,))
    assert [day.on.day for day in deadline.skipped if day.reason.code == "clock_stopped"] == [18]
    assert deadline.due_on == date(2026, 11, 20)


def test_an_answer_on_the_day_of_the_question_costs_nothing() -> None:
    days = WorkingDays(office_calendar())
    asked = datetime(2026, 11, 17, 2, tzinfo=UTC)
    stop = Stop(stopped_at=asked, resumed_at=asked + timedelta(hours=4))
    assert days.after(date(2026, 11, 16), 5, (stop,)) == days.after(date(2026, 11, 16), 5)


# --- known cases ------------------------------------------------------------------------------------------------------


def test_three_working_days_after_17_march_2026_is_27_march() -> None:
    deadline = WorkingDays(office_calendar()).deadline(date(2026, 3, 17), 3)
    assert deadline.due_on == date(2026, 3, 27)
    assert [(day.on.day, day.reason.code) for day in deadline.skipped] == [
        (18, "closed_joint_leave"),
        (19, "closed_holiday"),
        (20, "closed_joint_leave"),
        (21, "closed_weekday"),
        (22, "closed_weekday"),
        (23, "closed_joint_leave"),
        (24, "closed_joint_leave"),
    ]
    assert deadline.warnings == ()


def test_an_office_that_works_on_joint_leave_is_due_sooner() -> None:
    deadline = WorkingDays(office_calendar(joint_leave=False)).deadline(date(2026, 3, 17), 3)
    assert deadline.due_on == date(2026, 3, 23)
    assert [day.on.day for day in deadline.skipped] == [19, 21, 22]


def test_the_library_of_holidays_counts_alike() -> None:
    known = holidays.country_holidays("ID", years=YEARS, categories=("public", "government"))
    days = WorkingDays(office_calendar())
    for on in (date(2026, 1, 1) + DAY * passed for passed in range(0, 720, 7)):
        for number in (-11, -1, 1, 14):
            assert days.after(on, number) == known.get_nth_working_day(on, number)


DECREED = {
    2026: "0101 0116 0217 0319 0321 0322 0403 0405 0501 0514 0527 0531 0601 0616 0817 0825 1225"
    " 0216 0318 0320 0323 0324 0515 0528 1224",
    2027: "0101 0105 0206 0308 0310 0311 0326 0328 0501 0506 0517 0520 0601 0606 0815 0817 1225 1226"
    " 0205 0309 0312 0315 0325 0518 0519 1224",
}
"""National holidays and joint leave by the joint decrees of 19 September 2025 and 15 September 2026."""


@pytest.mark.parametrize(("year", "working"), [(2026, 240), (2027, 242)])
def test_a_year_has_the_working_days_that_its_decree_leaves(year: int, working: int) -> None:
    off = {date(year, int(day[:2]), int(day[2:])) for day in DECREED[year].split()}
    days = WorkingDays(office_calendar())
    every = [date(year, 1, 1) + DAY * passed for passed in range(365)]
    assert [day for day in every if days.is_working(day)] == [
        day for day in every if day.weekday() < 5 and day not in off
    ]
    assert days.count(date(year - 1, 12, 31), date(year, 12, 31)) == working


def test_29_february_is_a_day_like_any_other() -> None:
    days = WorkingDays(SUNDAY_FREE)
    assert days.after(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert days.after(date(2028, 3, 1), -1) == date(2028, 2, 29)
    assert days.after(date(2100, 2, 27), 1) == date(2100, 3, 1)


def test_zero_days_after_is_the_date_itself() -> None:
    days = WorkingDays(office_calendar())
    sunday = date(2026, 11, 22)
    assert days.after(sunday, 0) == sunday
    assert days.count(sunday, sunday) == 0
    assert days.deadline(sunday, 0).skipped == ()
    assert not days.is_working(sunday)


# --- what is not known ------------------------------------------------------------------------------------------------


def test_a_year_without_a_decree_warns_once() -> None:
    days = WorkingDays(office_calendar())
    [warning] = days.deadline(date(2027, 12, 29), 10).warnings
    assert warning.code == "year_without_decree"
    assert "2028" in warning.english
    assert days.deadline(date(2027, 12, 29), 2).warnings == ()


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(1945, 12, 31), 1),
        (date(2101, 1, 1), 1),
        (date(2100, 12, 30), 5),
        (date(1946, 1, 3), -5),
        (date(2026, 1, 1), 100_000),
        (date(1, 1, 1), 1),
        (date(9999, 12, 31), 1),
    ],
)
def test_beyond_the_known_holidays_nothing_is_counted(on: date, days: int) -> None:
    with pytest.raises(InvalidValueError, match="stay from 1946 to 2100"):
        WorkingDays(SUNDAY_FREE).after(on, days)


def test_beyond_the_known_holidays_no_day_is_judged() -> None:
    days = WorkingDays(office_calendar())
    for ask in (lambda on: days.is_working(on), lambda on: days.count(date(2026, 1, 1), on)):
        for on in (date(1945, 6, 1), date(2101, 6, 1)):
            with pytest.raises(InvalidValueError, match="stay from 1946 to 2100"):
                ask(on)


def test_an_instant_is_not_taken_for_a_date() -> None:
    days = WorkingDays(office_calendar())
    instant = datetime(2026, 3, 17, 17, tzinfo=UTC)  # the 18th in all of Indonesia
    for ask in (
        lambda: days.after(instant, 1),
        lambda: days.count(instant, date(2026, 4, 1)),
        lambda: days.count(date(2026, 1, 1), instant),
        lambda: days.is_working(instant),
        lambda: days.deadline(instant, 1),
    ):
        with pytest.raises(InvalidValueError, match="local date, not an instant"):
            ask()


def test_what_cannot_be_counted_is_refused() -> None:
    days = WorkingDays(office_calendar())
    on = date(2026, 11, 16)
    stop = Stop(stopped_at=at(on), resumed_at=at(on + DAY))
    with pytest.raises(InvalidValueError, match="whole number"):
        days.after(on, 1.5)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="does not run backwards"):
        days.after(on, -1, (stop,))
    with pytest.raises(InvalidValueError, match="not before 2026-11-16"):
        days.count(on, on - DAY, (stop,))
    with pytest.raises(InvalidValueError, match="0 or more"):
        days.deadline(on, -1)
    with pytest.raises(InvalidValueError, match="weekly hours"):
        WorkingDays(Calendar(zone=ZONE))


def test_threads_that_share_a_calendar_get_the_answers_of_one() -> None:
    asked = [(date(2010 + step * 7 % 40, 5, 5), (-1) ** step * step) for step in range(120)]
    shared = WorkingDays(SUNDAY_FREE)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda ask: shared.after(*ask), asked))
    assert found == [walked(lambda day: day.weekday() != 6, *ask) for ask in asked]
