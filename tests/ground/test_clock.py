"""Clocks: aware, in UTC, and never backwards."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.clock import SystemClock, VirtualClock, as_utc
from mppkit.errors import InvalidValueError

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC"])
def test_an_instant_in_any_zone_becomes_the_same_one_in_utc(zone: str) -> None:
    local = AT.astimezone(ZoneInfo(zone))
    assert as_utc(local) == AT
    assert as_utc(local).tzinfo is UTC


def test_an_instant_in_utc_is_left_alone() -> None:
    assert as_utc(AT) is AT


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 11, 24), AT.date(), "2026-11-24T00:00:00+00:00", None, 0],  # noqa: DTZ001
)
def test_what_is_no_aware_instant_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^opens_at: .*aware"):
        as_utc(value, "opens_at")  # type: ignore[arg-type]


def test_the_system_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


@pytest.mark.parametrize("start", [AT, "2026-11-24T01:00:00+00:00", "2026-11-24T09:00:00+08:00", "2026-11-24T01:00Z"])
def test_a_virtual_clock_stands_where_it_was_set(start: datetime | str) -> None:
    clock = VirtualClock(start)
    assert clock.now() == clock.now() == AT
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("start", ["2026-11-24T01:00:00", "yesterday", "", datetime(2026, 11, 24)])  # noqa: DTZ001
def test_a_virtual_clock_needs_an_aware_start(start: datetime | str) -> None:
    with pytest.raises(InvalidValueError, match=r"^start: "):
        VirtualClock(start)


def test_a_virtual_clock_is_moved_by_hand() -> None:
    clock = VirtualClock(AT)
    clock.advance(minutes=5, seconds=1.5)
    assert clock.now() == AT + timedelta(minutes=5, seconds=1.5)
    clock.advance()
    clock.move_to(clock.now())
    clock.move_to(datetime.fromisoformat("2026-11-24T10:00:00+08:00"))
    assert clock.now() == AT + timedelta(hours=1)


def test_a_virtual_clock_never_runs_back() -> None:
    clock = VirtualClock(AT)
    for back in (
        lambda: clock.advance(seconds=-1),
        lambda: clock.advance(minutes=1, seconds=-60.5),
        lambda: clock.move_to(AT - timedelta(microseconds=1)),
        lambda: clock.move_to(datetime(2027, 1, 1)),  # noqa: DTZ001 -- naive
    ):
        with pytest.raises(InvalidValueError):
            back()
    assert clock.now() == AT


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_steps_add_up(steps: list[float]) -> None:
    clock = VirtualClock(AT)
    expected = AT
    for step in steps:
        clock.advance(seconds=step)
        expected += timedelta(seconds=step)
    assert clock.now() == expected
