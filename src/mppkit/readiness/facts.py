"""What the library sees of a mall by itself; None stands for what it has not looked at."""

from datetime import date, datetime, timedelta

from attrs import frozen

from mppkit.calendars import Calendar
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError

_DAYS_AHEAD = 30


@frozen(kw_only=True)
class Facts:
    """What is known of a mall; every field is None where nobody has looked, and unknown never counts as met.

    Attributes:
        services: how many services there are.
        incomplete_standards: the ids of services whose standard lacks a component.
        services_without_counter: the ids of services that no counter gives.
        agencies_without_rule: the ids of agencies without a rule in force.
        counters_without_officer: the ids of counters where no officer serves.
        open_days, days_ahead: on how many of so many days, from today on, the mall opens.
        survey_ready: whether the satisfaction survey takes answers for as long as it should: by codes that are made
            with a secret of the mall's own, and so outlive the process that printed them, or without a code.
        rehearsed_on: the local date on which the mall was rehearsed last; not the day that was played.
        within_promise: the share of waits, 0 to 1, that kept the promise in that rehearsal.
        waits: how many waits that share is of.
        promise_minutes: the wait that is promised.
        backed_up_on: the local date of the last backup of the store.

    Raises:
        InvalidValueError: the share is not from 0 to 1, or an instant stands where a local date is meant.
    """

    services: int | None = None
    incomplete_standards: tuple[str, ...] | None = None
    services_without_counter: tuple[str, ...] | None = None
    agencies_without_rule: tuple[str, ...] | None = None
    counters_without_officer: tuple[str, ...] | None = None
    open_days: int | None = None
    days_ahead: int | None = None
    survey_ready: bool | None = None
    rehearsed_on: date | None = None
    within_promise: float | None = None
    waits: int | None = None
    promise_minutes: float | None = None
    backed_up_on: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.within_promise is not None and not 0 <= self.within_promise <= 1:
            raise InvalidValueError("within_promise", self.within_promise, "give a share from 0 to 1")
        for place, day in (("rehearsed_on", self.rehearsed_on), ("backed_up_on", self.backed_up_on)):
            if isinstance(day, datetime):
                raise InvalidValueError(place, day, "give the local date, such as at.astimezone(zone).date()")


def facts_of(directory: Directory, calendar: Calendar, on: date, *, days_ahead: int = _DAYS_AHEAD) -> Facts:
    """Return what a directory and a calendar say of a mall on a local date.

    A calendar without hours says nothing of when the mall opens, though a queue takes it for never closed.

    >>> from mppkit.calendars import office_calendar
    >>> from mppkit.directory import Service
    >>> nib = Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A")
    >>> facts = facts_of(Directory(agencies=(), services=(nib,), counters=()), office_calendar(), date(2026, 11, 24))
    >>> facts.services_without_counter, facts.open_days, facts.rehearsed_on
    (('nib',), 22, None)
    """
    given = {service for counter in directory.counters for service in counter.services}
    staffed = {counter for officer in directory.officers for counter in officer.counters}
    days = (on + timedelta(days=ahead) for ahead in range(days_ahead))
    return Facts(
        services=len(directory.services),
        incomplete_standards=tuple(directory.incomplete_standards()),
        services_without_counter=tuple(each.id for each in directory.services if each.id not in given),
        agencies_without_rule=tuple(each.id for each in directory.without_rule(on)),
        counters_without_officer=tuple(each.id for each in directory.counters if each.id not in staffed),
        open_days=None if calendar.hours is None else sum(bool(calendar.opening(day).windows) for day in days),
        days_ahead=None if calendar.hours is None else days_ahead,
    )
