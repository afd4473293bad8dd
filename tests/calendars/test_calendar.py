"""The calendar says when the hall is open, and why it is not: hours, breaks, closures, holidays and joint leave."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.calendars import Calendar, Closure, Opening, WeeklyHours
from mppkit.calendars.national import joint_leave, national_holidays
from mppkit.decisions import LegalBasis
from mppkit.errors import InvalidValueError

DAY = ((time(7, 30), time(12)), (time(13), time(16)))
FRIDAY = ((time(7, 30), time(11, 30)), (time(13), time(16, 30)))
OFFICE = WeeklyHours(by_weekday={**dict.fromkeys(range(4), DAY), 4: FRIDAY})
MAKASSAR = ZoneInfo("Asia/Makassar")
INDEPENDENCE = date(2026, 8, 17)  # a Monday
CHRISTMAS_LEAVE = date(2026, 12, 24)  # a Thursday


def office(**changes: object) -> Calendar:
    return Calendar(**{"zone": MAKASSAR, "hours": OFFICE, **changes})


def local(opening: Opening, zone: ZoneInfo = MAKASSAR) -> list[tuple[str, str]]:
    return [
        (f"{w.opens_at.astimezone(zone):%a %H:%M}", f"{w.closes_at.astimezone(zone):%H:%M}") for w in opening.windows
    ]


def test_a_break_is_a_gap_between_two_windows() -> None:
    opening = office().opening(date(2026, 11, 24))
    assert local(opening) == [("Tue 07:30", "12:00"), ("Tue 13:00", "16:00")]
    assert opening.reason is None
    at = datetime(2026, 11, 24, tzinfo=MAKASSAR)
    states = [opening.is_open_at(at + timedelta(minutes=minutes)) for minutes in (449, 450, 719, 720, 779, 780, 960)]
    assert states == [False, True, True, False, False, True, False]


@pytest.mark.parametrize(
    ("zone", "opens_at"),
    [
        ("Asia/Jakarta", "2026-11-24T00:30:00+00:00"),
        ("Asia/Makassar", "2026-11-23T23:30:00+00:00"),
        ("Asia/Jayapura", "2026-11-23T22:30:00+00:00"),
    ],
)
def test_hours_are_local_and_windows_are_utc(zone: str, opens_at: str) -> None:
    window = office(zone=ZoneInfo(zone)).opening(date(2026, 11, 24)).windows[0]
    assert window.opens_at.isoformat() == opens_at
    assert window.closes_at.tzinfo is UTC


def test_a_zone_with_summer_time_keeps_its_local_hours() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    hours = WeeklyHours(by_weekday=dict.fromkeys(range(7), ((time(9), time(14)),)))
    calendar = Calendar(zone=madrid, hours=hours, national_holidays=False, joint_leave=False)
    for on in (date(2020, 3, 28), date(2020, 3, 29), date(2020, 3, 30)):
        opening = calendar.opening(on)
        assert [pair[1] for pair in local(opening, madrid)] == ["14:00"]
        assert f"{opening.windows[0].opens_at.astimezone(madrid):%H:%M}" == "09:00"
    always = Calendar(zone=madrid).opening(date(2020, 3, 29)).windows[0]
    assert always.closes_at - always.opens_at == timedelta(hours=23)


def test_a_day_off_says_so_in_both_languages() -> None:
    reason = office().opening(date(2026, 11, 28)).reason
    assert reason is not None
    assert (reason.code, reason.indonesian, reason.english) == (
        "closed_weekday",
        "Tutup setiap hari Sabtu.",
        "Closed every Saturday.",
    )


def test_independence_day_is_closed_unless_the_mall_serves_on_holidays() -> None:
    reason = office().opening(INDEPENDENCE).reason
    assert reason is not None
    assert (reason.code, reason.indonesian) == (
        "closed_holiday",
        "Libur nasional: Hari Kemerdekaan Republik Indonesia.",
    )
    assert local(office(national_holidays=False).opening(INDEPENDENCE)) == [
        ("Mon 07:30", "12:00"),
        ("Mon 13:00", "16:00"),
    ]


def test_joint_leave_is_closed_unless_the_mall_serves_on_it() -> None:
    reason = office().opening(CHRISTMAS_LEAVE).reason
    assert reason is not None
    assert reason.code == "closed_joint_leave"
    assert "Natal" in reason.indonesian
    assert len(office(joint_leave=False).opening(CHRISTMAS_LEAVE).windows) == 2
    assert len(office(national_holidays=False).opening(CHRISTMAS_LEAVE).windows) == 0


def test_the_holidays_of_two_years_are_those_of_the_joint_decrees() -> None:
    """Source: the decrees for 2026 and 2027 as reported; see facts/regulations.md 8.4."""
    national_2026 = (
        "01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 08-17 08-25 12-25"
    )
    leave_2026 = "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24"
    assert " ".join(f"{day:%m-%d}" for day in national_holidays(2026)) == national_2026
    assert " ".join(f"{day:%m-%d}" for day in joint_leave(2026)) == leave_2026


def test_a_closure_names_its_decree_and_ends_after_its_last_day() -> None:
    closure = Closure(
        first_on=date(2026, 11, 24),
        last_on=date(2026, 11, 25),
        indonesian="Pemilihan kepala daerah.",
        english="Regional election.",
        decree="Keputusan Bupati 7/2026",
    )
    calendar = office(closures=(closure,))
    reasons = [calendar.opening(date(2026, 11, day)).reason for day in (23, 24, 25, 26)]
    assert [reason and reason.code for reason in reasons] == [None, "closed_by_decree", "closed_by_decree", None]
    assert reasons[1] is not None
    assert reasons[1].basis == LegalBasis(regulation="Keputusan Bupati 7/2026", verified=True)
    assert str(reasons[1]) == (
        "Pemilihan kepala daerah. (Keputusan Bupati 7/2026) / Regional election. [closed_by_decree]"
    )


def test_a_closure_goes_before_a_holiday_and_closes_even_a_mall_without_hours() -> None:
    closure = Closure(first_on=INDEPENDENCE, last_on=INDEPENDENCE, indonesian="Upacara.", english="Ceremony.")
    for hours in (OFFICE, None):
        opening = office(hours=hours, closures=(closure,)).opening(INDEPENDENCE)
        assert opening.windows == ()
        assert opening.reason is not None
        assert (opening.reason.code, opening.reason.basis) == ("closed_by_decree", None)


def test_a_mall_without_hours_is_open_all_day_on_holidays_too() -> None:
    opening = Calendar(zone=MAKASSAR).opening(INDEPENDENCE)
    assert [w.closes_at - w.opens_at for w in opening.windows] == [timedelta(days=1)]
    assert opening.is_open_at(datetime(2026, 8, 17, 0, 0, tzinfo=MAKASSAR))
    assert not opening.is_open_at(datetime(2026, 8, 18, 0, 0, tzinfo=MAKASSAR))
    assert opening.warnings == ()


def test_a_year_without_a_decree_is_a_warning_not_a_silent_guess() -> None:
    assert joint_leave(2035) == {}
    opening = office().opening(date(2035, 11, 20))
    assert len(opening.windows) == 2
    assert [warning.code for warning in opening.warnings] == ["year_without_decree"]
    assert "2035" in opening.warnings[0].english
    assert office(joint_leave=False).opening(date(2035, 11, 20)).warnings == ()
    assert office().opening(date(2026, 11, 20)).warnings == ()


def test_the_next_open_day_skips_weekends_holidays_and_closures() -> None:
    closure = Closure(first_on=date(2026, 8, 18), last_on=date(2026, 8, 19), indonesian="Tutup.", english="Closed.")
    assert office(closures=(closure,)).next_open_on(date(2026, 8, 15)) == date(2026, 8, 20)
    assert office().next_open_on(date(2026, 8, 18)) == date(2026, 8, 18)
    never = Calendar(zone=MAKASSAR, hours=WeeklyHours(by_weekday={}))
    with pytest.raises(InvalidValueError, match="closed for a whole year"):
        never.next_open_on(date(2026, 8, 15))


@pytest.mark.parametrize(
    ("by_weekday", "message"),
    [
        ({0: ((time(16), time(8)),)}, "Monday: '16:00-08:00': end a stretch after it begins"),
        ({0: ((time(8), time(8)),)}, "Monday: '08:00-08:00': end a stretch after it begins"),
        ({4: ((time(8), time(12)), (time(11), time(16)))}, "Friday: '11:00-16:00': begin after 12:00"),
        ({7: ((time(8), time(12)),)}, "weekday: 7: count from 0"),
    ],
)
def test_hours_that_cannot_be_are_refused(by_weekday: dict[int, tuple[tuple[time, time], ...]], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        WeeklyHours(by_weekday=by_weekday)


def test_a_closure_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="not before 2026-11-24"):
        Closure(first_on=date(2026, 11, 24), last_on=date(2026, 11, 23), indonesian="x", english="x")


times = st.lists(st.times(), min_size=2, max_size=8, unique=True).map(sorted)


@given(times, st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "UTC"]))
def test_the_hall_is_open_within_its_stretches_and_only_there(cuts: list[time], on: date, zone: str) -> None:
    stretches = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    hours = WeeklyHours(by_weekday=dict.fromkeys(range(7), stretches))
    calendar = Calendar(zone=ZoneInfo(zone), hours=hours, national_holidays=False, joint_leave=False)
    opening = calendar.opening(on)
    for cut in cuts:
        expected = any(opens <= cut < closes for opens, closes in stretches)
        assert opening.is_open_at(datetime.combine(on, cut, tzinfo=ZoneInfo(zone))) is expected
    for before, after in zip(opening.windows, opening.windows[1:], strict=False):
        assert before.opens_at < before.closes_at < after.opens_at
