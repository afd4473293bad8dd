"""The 210-day cycle gives the holy days that Bali kept, and closes nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.calendars import balinese_days, office_calendar

KEPT = {
    "Galungan": [
        # as reported: 2007, 2012, 2013 (twice), 2014; then what follows from them, 2025 to 2028
        *(date(2007, 6, 27), date(2012, 8, 29), date(2013, 3, 27), date(2013, 10, 23), date(2014, 12, 17)),
        *(date(2025, 4, 23), date(2025, 11, 19), date(2026, 6, 17), date(2027, 1, 13), date(2027, 8, 11)),
        *(date(2028, 3, 8), date(2028, 10, 4)),
    ],
    "Kuningan": [date(2025, 5, 3), date(2025, 11, 29), date(2026, 6, 27)],
    "Penampahan Galungan": [date(2025, 11, 18)],
    "Umanis Galungan": [date(2025, 11, 20)],
    "Saraswati": [date(2025, 9, 6)],
    "Pagerwesi": [date(2022, 10, 26)],
}


@pytest.mark.parametrize(("name", "on"), [(name, on) for name, kept in KEPT.items() for on in kept])
def test_a_holy_day_falls_when_it_was_kept(name: str, on: date) -> None:
    assert name in [day.indonesian for day in balinese_days(on, on)]


def test_the_days_of_2026_in_order() -> None:
    assert [(day.on.isoformat(), day.indonesian) for day in balinese_days(date(2026, 1, 1), date(2026, 12, 31))] == [
        ("2026-04-04", "Saraswati"),
        ("2026-04-08", "Pagerwesi"),
        ("2026-06-16", "Penampahan Galungan"),
        ("2026-06-17", "Galungan"),
        ("2026-06-18", "Umanis Galungan"),
        ("2026-06-26", "Penampahan Kuningan"),
        ("2026-06-27", "Kuningan"),
        ("2026-06-28", "Umanis Kuningan"),
        ("2026-10-31", "Saraswati"),
        ("2026-11-04", "Pagerwesi"),
    ]


@given(first_on=st.dates(date(1900, 1, 1), date(2200, 1, 1)), days=st.integers(0, 500))
def test_days_recur_every_210_days_on_their_weekday_and_ranges_join(first_on: date, days: int) -> None:
    last_on = first_on + timedelta(days=days)
    found = balinese_days(first_on, last_on)
    assert list(found) == sorted(found, key=lambda day: day.on)
    assert all(first_on <= day.on <= last_on for day in found)
    cycle = timedelta(days=210)
    later = balinese_days(first_on + cycle, last_on + cycle)
    assert [(day.on + cycle, day.indonesian) for day in found] == [(day.on, day.indonesian) for day in later]
    weekdays = {"Galungan": 2, "Kuningan": 5, "Saraswati": 5, "Pagerwesi": 2}
    assert all(day.on.weekday() == weekdays.get(day.indonesian, day.on.weekday()) for day in found)
    middle = first_on + timedelta(days=days // 2)
    assert found == balinese_days(first_on, middle) + balinese_days(middle + timedelta(days=1), last_on)


def test_any_210_days_hold_each_of_the_eight_once() -> None:
    for passed in range(210):
        first_on = date(2026, 1, 1) + timedelta(days=passed)
        names = [day.indonesian for day in balinese_days(first_on, first_on + timedelta(days=209))]
        assert len(names) == len(set(names)) == 8


def test_a_suggestion_closes_no_day() -> None:
    galungan = date(2026, 6, 17)
    assert balinese_days(galungan, galungan)
    assert office_calendar().opening(galungan).windows
