"""Dates and times as logs write them."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.documents.instants import DateOrder, Written, read_instant, read_time, split_instant
from mppkit.errors import InvalidValueError

DATES = st.dates(date(1990, 1, 1), date(2100, 12, 31))
TIMES = st.times().map(lambda at: at.replace(microsecond=0))


@given(
    on=DATES, at=TIMES, order=st.sampled_from(["ymd", "dmy", "mdy"]), mark=st.sampled_from("-/."), padded=st.booleans()
)
def test_whatever_is_written_in_any_order_is_read_back(on: date, at: time, order: str, mark: str, padded: bool) -> None:
    parts = {"y": f"{on.year:04}", "m": f"{on.month:02}" if padded else str(on.month), "d": f"{on.day:02}"}
    text = mark.join(parts[part] for part in order) + f" {at:%H:%M:%S}"
    split = split_instant(text)
    assert split is not None
    assert read_instant(*split, day_first=order != "mdy") == Written(on, at, False)


@pytest.mark.parametrize(
    ("text", "at", "hour_only"),
    [
        ("08", time(8), True),
        ("8", time(8), True),
        ("08:15", time(8, 15), False),
        ("08.15", time(8, 15), False),
        ("8:15:30", time(8, 15, 30), False),
        ("8:15:30.123456", time(8, 15, 30), False),
        ("23:59:59Z", time(23, 59, 59, tzinfo=timezone.utc), False),  # noqa: UP017 - as strptime gives it
        ("08:15+08:00", time(8, 15, tzinfo=timezone(timedelta(hours=8))), False),
        ("08:15 -0530", time(8, 15, tzinfo=timezone(-timedelta(hours=5, minutes=30))), False),
    ],
)
def test_a_time_of_day_is_read_with_or_without_minutes_seconds_and_zone(text: str, at: time, hour_only: bool) -> None:
    assert read_time(text) == (at, hour_only)


@pytest.mark.parametrize("text", ["", "24", "8:60", "8:5", "morning", "8:15:99", "-1", "٠٨x", "8h15", "08:15+99:00"])
def test_what_is_no_time_of_day_is_not_guessed_at(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("text", ["", "2026-13-40x", "today 08:00", "20260102 08", "1-2 08", "2026-01-02x08"])
def test_what_is_no_instant_is_not_split(text: str) -> None:
    assert split_instant(text) is None


@pytest.mark.parametrize(
    "text",
    ["2026-02-30 08", "31-02-2026 08", "0001-01-01 08", "31-12-9999 23", "0-1-2026 08", "1-1-26 08", "2026-01-02"],
)
def test_an_impossible_date_or_a_missing_time_is_not_read(text: str) -> None:
    split = split_instant(text)
    assert split is not None
    assert read_instant(*split, day_first=True) is None


def test_a_time_with_its_own_zone_becomes_local_and_one_without_is_local() -> None:
    makassar = ZoneInfo("Asia/Makassar")
    with_zone = read_instant("2026-01-01", "23:30Z", day_first=True)
    without = read_instant("2026-01-02", "07:30", day_first=True)
    assert with_zone is not None
    assert without is not None
    assert with_zone.instant(makassar) == without.instant(makassar) == datetime(2026, 1, 2, 7, 30, tzinfo=makassar)


def _order(*texts: str) -> DateOrder:
    order = DateOrder("log.csv")
    for line, text in enumerate(texts, 2):
        order.see(text, line)
    return order


@pytest.mark.parametrize(
    ("texts", "day_first"),
    [
        (("02-01-2026", "13-01-2026"), True),
        (("13-01-2026", "02-01-2026"), True),
        (("02/01/2026", "01/13/2026"), False),
        (("05-05-2026",), True),  # the same day either way
        (("2026-01-02", "x", ""), True),
        (("99-01-2026", "01-13-2026", "02-03-2026"), False),  # what is no date settles nothing
    ],
)
def test_one_value_settles_the_order_of_all(texts: tuple[str, ...], day_first: bool) -> None:
    assert _order(*texts).decide() is day_first


def test_a_column_that_nothing_settles_is_refused_with_both_readings_and_the_remedy() -> None:
    with pytest.raises(InvalidValueError) as error:
        _order("2026-01-30", "02-03-2026", "04-03-2026").decide()
    assert str(error.value) == (
        "log.csv, line 3: '02-03-2026': it may be 2026-03-02 or 2026-02-03, and no other date of the file settles "
        "which; write the dates with the year first, such as 2026-01-02, or say day_first=True or False"
    )


def test_a_column_in_both_orders_is_refused_and_names_both_lines() -> None:
    with pytest.raises(
        InvalidValueError, match=r"line 2: '13-01-2026': days come first here, and months in line 4 \(01-1"
    ):
        _order("13-01-2026", "02-03-2026", "01-14-2026").decide()
