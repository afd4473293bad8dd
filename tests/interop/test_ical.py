"""iCalendar files, read back by another library than the one that wrote them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import vobject

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.errors import InvalidValueError
from mppkit.interop import appointments_ics, openings_ics

AT = datetime(2026, 8, 1, tzinfo=UTC)


def read(text: str) -> list[vobject.base.Component]:
    return list(vobject.readOne(text).contents.get("vevent", []))


def test_each_stretch_of_an_open_day_is_an_event_in_the_malls_hours() -> None:
    events = read(openings_ics(sample_blueprint(), date(2026, 8, 14), date(2026, 8, 14), at=AT))
    assert [(event.dtstart.value, event.dtend.value) for event in events] == [
        (datetime(2026, 8, 13, 23, 30, tzinfo=UTC), datetime(2026, 8, 14, 3, 30, tzinfo=UTC)),
        (datetime(2026, 8, 14, 5, 0, tzinfo=UTC), datetime(2026, 8, 14, 8, 30, tzinfo=UTC)),
    ]


def test_a_holiday_is_an_all_day_event_that_says_why_and_a_weekend_is_none() -> None:
    [holiday] = read(openings_ics(sample_blueprint(), date(2026, 8, 15), date(2026, 8, 17), at=AT))
    assert holiday.dtstart.value == date(2026, 8, 17)
    assert holiday.dtend.value == date(2026, 8, 18)
    assert "Hari Kemerdekaan" in holiday.description.value
    assert holiday.transp.value == "TRANSPARENT"


def test_a_whole_year_agrees_with_the_calendar_and_every_id_is_its_own() -> None:
    blueprint = sample_blueprint()
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    events = read(openings_ics(blueprint, first, last, at=AT))
    open_days = {
        event.dtstart.value.astimezone(blueprint.calendar.zone).date() for event in events if "open" in event.uid.value
    }
    every = [first + timedelta(days=n) for n in range(365)]
    assert open_days == {on for on in every if blueprint.calendar.opening(on).windows}
    assert len({event.uid.value for event in events}) == len(events)
    again = read(openings_ics(blueprint, first, last, at=AT + timedelta(days=9)))
    assert [event.uid.value for event in again] == [event.uid.value for event in events]


def test_appointments_name_service_and_code_and_no_person() -> None:
    clock = VirtualClock("2026-11-24T08:00:00+08:00")
    with Mall.open("contoh", "memory:", clock=clock) as mall:
        kept = mall.queue.book("pbg", datetime.fromisoformat("2026-11-25T09:00:00+08:00"), subject="subject-17")
        dropped = mall.queue.book("nib", datetime.fromisoformat("2026-11-25T10:00:00+08:00"))
        mall.queue.cancel_appointment(dropped.code, on=date(2026, 11, 25))
        booked = mall.queue.appointments(on=date(2026, 11, 25))
        text = appointments_ics(mall.blueprint, booked, on=date(2026, 11, 25), at=clock.now())
    assert "subject-17" not in text
    first, second = read(text)
    assert first.summary.value.startswith(f"{kept.code}: Persetujuan Bangunan Gedung / ")
    assert first.dtstart.value == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    assert first.dtend.value - first.dtstart.value == timedelta(minutes=13)
    assert (first.status.value, second.status.value) == ("CONFIRMED", "CANCELLED")


def test_a_span_that_cannot_be_and_a_naive_instant_are_refused() -> None:
    blueprint = sample_blueprint()
    for last in (date(2025, 12, 31), date(2030, 1, 1)):
        with pytest.raises(InvalidValueError, match="last_on"):
            openings_ics(blueprint, date(2026, 1, 1), last, at=AT)
    with pytest.raises(InvalidValueError, match="aware"):
        openings_ics(blueprint, date(2026, 1, 5), date(2026, 1, 5), at=datetime(2026, 1, 1))  # noqa: DTZ001
