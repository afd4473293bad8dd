"""Opening days and appointments as iCalendar (RFC 5545): the only door to `icalendar`."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mppkit.blueprint import Blueprint
from mppkit.clock import as_utc
from mppkit.errors import InvalidValueError, MissingExtraError
from mppkit.queues.model import Appointment, AppointmentStatus

try:
    from icalendar import Calendar, Event
except ImportError as error:
    raise MissingExtraError("mppkit.interop.ical", "interop") from error

_PRODUCT = "-//mppkit//mppkit//ID"
_DAYS_AT_MOST = 3 * 366
_STATUS = {
    AppointmentStatus.BOOKED: "CONFIRMED",
    AppointmentStatus.CHECKED_IN: "CONFIRMED",
    AppointmentStatus.CANCELLED: "CANCELLED",
    AppointmentStatus.MISSED: "CANCELLED",
}


def openings_ics(blueprint: Blueprint, first_on: date, last_on: date, *, at: datetime) -> str:
    """Return the opening days of a mall: an event for each stretch it is open, an all-day one for a closed day.

    Weekly days off are left out; a closed day says why in Indonesian and English. The ids of the events stay the same
    from one export to the next, so a calendar that imports again replaces them.

    Args:
        blueprint: the mall.
        first_on: the first local date to tell of.
        last_on: the last one, included; at most three years later.
        at: when the export is made; aware.

    Raises:
        InvalidValueError: `last_on` is before `first_on`, the span is too long, or `at` is naive.

    >>> from datetime import UTC
    >>> from mppkit.blueprint import sample_blueprint
    >>> made_at = datetime(2026, 8, 1, tzinfo=UTC)
    >>> text = openings_ics(sample_blueprint(), date(2026, 8, 14), date(2026, 8, 17), at=made_at)
    >>> text.count("BEGIN:VEVENT")
    3
    """
    days = (last_on - first_on).days + 1
    if not 1 <= days <= _DAYS_AT_MOST:
        remedy = f"from {first_on.isoformat()} on, give 1 to {_DAYS_AT_MOST} days"
        raise InvalidValueError("last_on", last_on.isoformat(), remedy)
    made = _calendar(blueprint)
    for number in range(days):
        on = first_on + timedelta(days=number)
        opening = blueprint.calendar.opening(on)
        for index, window in enumerate(opening.windows):
            event = _event(f"{blueprint.id}-open-{on.isoformat()}-{index}", at, f"{blueprint.name}: buka / open")
            event.add("dtstart", window.opens_at)
            event.add("dtend", window.closes_at)
            made.add_component(event)
        if opening.reason is not None and opening.reason.code != "closed_weekday":
            event = _event(f"{blueprint.id}-closed-{on.isoformat()}", at, f"{blueprint.name}: tutup / closed")
            event.add("dtstart", on)
            event.add("dtend", on + timedelta(days=1))
            event.add("description", str(opening.reason))
            event.add("transp", "TRANSPARENT")
            made.add_component(event)
    return _text(made)


def appointments_ics(blueprint: Blueprint, appointments: Iterable[Appointment], *, on: date, at: datetime) -> str:
    """Return the appointments of one day; numbers and services only, never a person.

    An appointment lasts as long as its service is expected to, a quarter of an hour where nobody has said.

    Args:
        blueprint: the mall.
        appointments: those of the day, such as `mall.queue.appointments(on=on)`.
        on: their local date.
        at: when the export is made; aware.

    Raises:
        InvalidValueError: `at` is naive.
        NotFoundError: an appointment is for a service the blueprint does not have.
    """
    made = _calendar(blueprint)
    for booked in appointments:
        service = blueprint.directory.service(booked.service)
        summary = f"{booked.code}: {service.name} / {service.name_english}"
        event = _event(f"{blueprint.id}-{on.isoformat()}-{booked.code}", at, summary)
        event.add("dtstart", booked.appointment_at)
        event.add("dtend", booked.appointment_at + timedelta(minutes=service.expected_minutes or 15))
        event.add("location", blueprint.name)
        event.add("status", _STATUS[booked.status])
        made.add_component(event)
    return _text(made)


def _calendar(blueprint: Blueprint) -> Calendar:
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("x-wr-calname", blueprint.name)
    made.add("x-wr-timezone", blueprint.calendar.zone.key)
    return made


def _event(uid: str, at: datetime, summary: str) -> Event:
    event = Event()
    event.add("uid", f"{uid}@mppkit")
    event.add("dtstamp", as_utc(at))
    event.add("summary", summary)
    return event


def _text(made: Calendar) -> str:
    text: str = made.to_ical().decode("utf-8")
    return text
