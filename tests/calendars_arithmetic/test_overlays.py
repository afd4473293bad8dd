"""Decrees of four levels lie over a calendar, and the nearest one decides."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.calendars import (
    Calendar,
    Closure,
    DayKind,
    Level,
    Overlay,
    WorkingDays,
    governing,
    known_on,
    office_calendar,
)
from mppkit.errors import InvalidValueError

CHRISTMAS_LEAVE = date(2026, 12, 24)
SATURDAY = date(2026, 11, 21)
MORNING = ((time(8), time(12)),)


def overlay(level: Level, kind: DayKind, on: date, *, to: date | None = None, **facts: object) -> Overlay:
    return Overlay(
        **{
            "level": level,
            "kind": kind,
            "first_on": on,
            "last_on": to or on,
            "indonesian": f"Menurut {level}",
            "english": f"Says the {level}",
            "decree": f"Keputusan {level} 1/2026",
            "decreed_on": date(2026, 1, 2),
            **facts,
        }
    )


def laid(*overlays: Overlay, **facts: object) -> Calendar:
    return evolve(office_calendar(zone=ZoneInfo("Asia/Makassar")), overlays=overlays, **facts)


def test_without_overlays_joint_leave_closes() -> None:
    assert laid().opening(CHRISTMAS_LEAVE).reason.code == "closed_joint_leave"


def test_a_mall_serves_on_a_day_of_joint_leave_by_its_own_decree() -> None:
    calendar = laid(overlay(Level.MALL, DayKind.OPEN, CHRISTMAS_LEAVE))
    opening, usual = calendar.opening(CHRISTMAS_LEAVE), calendar.opening(CHRISTMAS_LEAVE - timedelta(days=7))
    assert opening.reason is None
    assert opening.windows[0].opens_at - usual.windows[0].opens_at == timedelta(days=7)
    assert len(opening.windows) == len(usual.windows) == 2
    assert WorkingDays(calendar).is_working(CHRISTMAS_LEAVE)


def test_a_day_is_opened_with_hours_of_its_own() -> None:
    calendar = laid(overlay(Level.MALL, DayKind.OPEN, SATURDAY, stretches=MORNING))
    [window] = calendar.opening(SATURDAY).windows
    assert window.closes_at - window.opens_at == timedelta(hours=4)


def test_opening_a_day_off_without_hours_leaves_it_a_day_off() -> None:
    assert laid(overlay(Level.MALL, DayKind.OPEN, SATURDAY)).opening(SATURDAY).reason.code == "closed_weekday"


def test_a_closure_names_its_decree_and_its_date() -> None:
    reason = laid(overlay(Level.PROVINCE, DayKind.CLOSED, date(2026, 6, 17))).opening(date(2026, 6, 17)).reason
    assert reason.code == "closed_by_decree"
    assert (reason.basis.regulation, reason.basis.in_force_since) == ("Keputusan province 1/2026", date(2026, 1, 2))


def test_joint_leave_that_a_decree_adds_closes_only_malls_that_close_on_joint_leave() -> None:
    added = overlay(Level.NATION, DayKind.JOINT_LEAVE, date(2026, 8, 18))
    assert laid(added).opening(date(2026, 8, 18)).reason.code == "closed_joint_leave"
    assert laid(added, joint_leave=False).opening(date(2026, 8, 18)).reason is None


def test_the_nation_moves_a_holiday() -> None:
    moved = laid(
        overlay(Level.NATION, DayKind.OPEN, date(2026, 5, 27)), overlay(Level.NATION, DayKind.CLOSED, date(2026, 5, 26))
    )
    assert moved.opening(date(2026, 5, 27)).reason is None
    assert moved.opening(date(2026, 5, 26)).reason.code == "closed_by_decree"


def test_the_last_day_of_a_span_is_in_it() -> None:
    calendar = laid(overlay(Level.REGENCY, DayKind.CLOSED, date(2026, 11, 23), to=date(2026, 11, 25)))
    closed = [day for day in range(22, 28) if calendar.opening(date(2026, 11, day)).reason]
    assert closed == [22, 23, 24, 25]


def test_a_closure_of_the_mall_goes_before_a_regency_and_after_the_mall_itself() -> None:
    on = date(2026, 11, 23)
    own = (Closure(first_on=on, last_on=on, indonesian="Pindah", english="Moving house"),)
    regency, mall = overlay(Level.REGENCY, DayKind.OPEN, on), overlay(Level.MALL, DayKind.OPEN, on)
    assert laid(regency, closures=own).opening(on).reason.english == "Moving house"
    assert laid(regency, mall, closures=own).opening(on).reason is None
    closing = overlay(Level.REGENCY, DayKind.CLOSED, on)
    assert laid(closing, closures=own).opening(on).reason.english == "Moving house"


def test_a_hall_that_never_closes_still_obeys_decrees() -> None:
    always = Calendar(zone=ZoneInfo("Asia/Makassar"))
    on = date(2026, 11, 23)
    closed = evolve(always, overlays=(overlay(Level.NATION, DayKind.CLOSED, on),))
    assert closed.opening(on).reason.code == "closed_by_decree"
    short = evolve(always, overlays=(overlay(Level.MALL, DayKind.OPEN, on, stretches=MORNING),))
    assert [window.closes_at - window.opens_at for window in short.opening(on).windows] == [timedelta(hours=4)]
    opened = evolve(always, overlays=(overlay(Level.MALL, DayKind.OPEN, on),))
    assert opened.opening(on) == always.opening(on)


def test_a_decree_of_joint_leave_ends_the_warning_for_its_year() -> None:
    on = date(2028, 2, 29)
    decreed = laid(overlay(Level.NATION, DayKind.JOINT_LEAVE, on))
    assert laid().opening(date(2028, 6, 6)).warnings
    assert not decreed.opening(date(2028, 6, 6)).warnings
    assert decreed.opening(date(2029, 6, 6)).warnings


def test_a_promise_is_judged_by_what_was_known_when_it_was_made() -> None:
    added = overlay(Level.NATION, DayKind.JOINT_LEAVE, date(2026, 8, 18), decreed_on=date(2026, 8, 2))
    now = laid(added)
    then = evolve(now, overlays=known_on(now.overlays, date(2026, 8, 1)))
    assert WorkingDays(then).after(date(2026, 8, 14), 2) == date(2026, 8, 19)
    assert WorkingDays(now).after(date(2026, 8, 14), 2) == date(2026, 8, 20)
    assert known_on(now.overlays, date(2026, 8, 2)) == (added,)


ON = date(2026, 11, 23)
OVERLAYS = st.lists(
    st.builds(
        lambda level, kind, first, long, known: overlay(
            level,
            kind,
            ON + timedelta(days=first),
            to=ON + timedelta(days=first + long),
            decreed_on=date(2026, 1, 1) + timedelta(days=known),
        ),
        st.sampled_from(Level),
        st.sampled_from(DayKind),
        st.integers(-3, 3),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=8,
)


@given(overlays=OVERLAYS, joint_leave=st.booleans())
def test_nobody_nearer_or_later_has_spoken_than_the_one_who_governs(overlays: list[Overlay], joint_leave: bool) -> None:
    order = list(Level)
    speaking = [
        one
        for one in overlays
        if one.first_on <= ON <= one.last_on and (joint_leave or one.kind is not DayKind.JOINT_LEAVE)
    ]
    chosen = governing(overlays, ON, joint_leave=joint_leave)
    if chosen is None:
        assert not speaking
        return
    assert chosen in speaking
    for other in speaking:
        assert order.index(other.level) <= order.index(chosen.level)
        assert other.level is not chosen.level or other.decreed_on <= chosen.decreed_on
    twins = [one for one in speaking if (one.level, one.decreed_on) == (chosen.level, chosen.decreed_on)]
    assert chosen is twins[-1]


def test_an_overlay_in_disorder_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="not before 2026-11-21"):
        overlay(Level.MALL, DayKind.OPEN, SATURDAY, to=SATURDAY - timedelta(days=1))
    with pytest.raises(InvalidValueError, match="a day that is closed has no hours"):
        overlay(Level.MALL, DayKind.CLOSED, SATURDAY, stretches=MORNING)
    with pytest.raises(InvalidValueError, match=r"12:00-08:00.*end a stretch after it begins"):
        overlay(Level.MALL, DayKind.OPEN, SATURDAY, stretches=((time(12), time(8)),))
    with pytest.raises(InvalidValueError, match="begin after 12:00"):
        overlay(Level.MALL, DayKind.OPEN, SATURDAY, stretches=(*MORNING, (time(11), time(13))))
