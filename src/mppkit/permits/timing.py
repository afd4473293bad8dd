"""The clock of an application in working days: what is used, when it is due, who is late, whose time it took.

Every clock here goes as `calendars.WorkingDays` counts: the day from which is counted never counts, and of a return to
the applicant the day on which the clock stops counts and the day on which it runs on does not. What is sent back on its
last day is not late for that: it is due on the day on which it comes back. No rule was found that says so or otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Literal

from attrs import frozen

from mppkit.calendars import SkippedDay, Stop, WorkingDays
from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError
from mppkit.permits.application import counted_from
from mppkit.permits.model import Application, Status, StepRun


@frozen(kw_only=True)
class Term:
    """How much of the time that something may take is used (*jangka waktu*).

    Attributes:
        step: the step whose time it is; None for the whole run.
        agency: whose step it is; None for the whole run, and for a step that any agency may take.
        from_on: the local date from which is counted; it does not count itself.
        working_days: how many it may take.
        used: how many counted up to now, or up to its end.
        due_on: the last local date on which it is in time; while the clock stands still, if it ran on at once.
        is_late: whether it is not at an end after that date, or came to its end after it.
        stands_still: whether the applicant must act now.
        skipped: the days that did not count, up to `due_on` or where that is later up to now or to its end.
        warnings: what could make this wrong, such as a year whose joint leave is not decreed yet.
        basis: the rule that sets the term, where one is known.
    """

    step: str | None
    agency: str | None
    from_on: date
    working_days: int
    used: int
    due_on: date
    is_late: bool
    stands_still: bool
    skipped: tuple[SkippedDay, ...]
    warnings: tuple[Reason, ...]
    basis: LegalBasis | None

    @property
    def left(self) -> int:
        """How many working days are left; below 0 so many too many.

        Late with 0 left is what stays undone on the days off that follow its last day.
        """
        return self.working_days - self.used


class Whose(StrEnum):
    """Whose time passes."""

    OFFICE = "office"
    APPLICANT = "applicant"


@frozen(kw_only=True)
class Stretch:
    """Days in a row that were one's: those after `from_on` up to and including `until_on`.

    Attributes:
        steps: the steps that were being taken, or that had sent it back.
        working_days: how many of the days are working days.
    """

    from_on: date
    until_on: date
    whose: Whose
    steps: tuple[str, ...]
    working_days: int


@frozen(kw_only=True)
class Spent:
    """Whose time a run took, day by day from its first submission; every working day is exactly one's."""

    stretches: tuple[Stretch, ...]

    @property
    def office_days(self) -> int:
        """How many working days were the office's."""
        return self._days(Whose.OFFICE)

    @property
    def applicant_days(self) -> int:
        """How many working days were the applicant's."""
        return self._days(Whose.APPLICANT)

    def _days(self, whose: Whose) -> int:
        return sum(each.working_days for each in self.stretches if each.whose is whose)


@frozen(kw_only=True)
class Late:
    """A run or a step that is late (*terlambat*).

    Attributes:
        step, agency: as in `Term`.
        days_late: the office's working days beyond its term; 0 on the days off that follow its last day.
    """

    application: str
    service: str
    step: str | None
    agency: str | None
    due_on: date
    days_late: int


# --- terms -----------------------------------------------------------------------------------------------------------


def run_term(application: Application, days: WorkingDays, now: datetime) -> Term | None:
    """Return how the time of the whole run stands; None before it was submitted.

    The run ends when the permit is issued, or when it is refused, withdrawn or lapsed; from then on nothing changes.
    Source of the term where no other is set: UU 30/2014 Art. 53(2) as changed; from reports, the text was not read.
    """
    clock = _run_clock(application, now)
    return _term(application, days, clock) if clock else None


def step_terms(application: Application, days: WorkingDays, now: datetime) -> tuple[Term, ...]:
    """Return how the time of each open step stands, in the order in which they began.

    While it lies with the applicant the clocks of all open steps stand still: none of them can go on.
    """
    return tuple(_term(application, days, _step_clock(run, now)) for run in application.open)


def done_terms(application: Application, days: WorkingDays) -> tuple[Term, ...]:
    """Return how the time of each step stood when it ended, in the order in which they ended."""
    return tuple(
        _term(application, days, _step_clock(run, run.ended_at)) for run in application.done if run.ended_at is not None
    )


def due_on(application: Application, days: WorkingDays, now: datetime) -> date | None:
    """Return the last local date on which the whole run is in time; None where its clock does not run."""
    clock = _run_clock(application, now)
    if clock is None or not application.is_running or _stands_still(application):
        return None
    return _reading(application, days, clock).due_on


def late_since(application: Application, days: WorkingDays, now: datetime) -> date | None:
    """Return the last local date on which a run that goes on was in time, if that is over; else None.

    Also while it lies with the applicant: what was late before it was sent back stays so.
    """
    clock = _run_clock(application, now)
    if clock is None or not application.is_running:
        return None
    read = _reading(application, days, clock)
    return read.due_on if read.is_late else None


@frozen(kw_only=True)
class _Clock:
    """What is counted: from one instant up to now or to its end, and how many working days it may take."""

    step: str | None = None
    agency: str | None = None
    from_at: datetime
    until: datetime
    has_ended: bool
    working_days: int
    basis: LegalBasis | None = None


@frozen
class _Reading:
    """What a clock shows at its `until`."""

    from_on: date
    until_on: date
    stops: tuple[Stop, ...]
    used: int
    due_on: date

    @property
    def is_late(self) -> bool:
        return self.until_on > self.due_on


def _run_clock(application: Application, now: datetime) -> _Clock | None:
    from_at, ended_at, workflow = counted_from(application), _run_ended_at(application), application.workflow
    if from_at is None:
        return None
    return _Clock(
        from_at=from_at,
        until=ended_at or now,
        has_ended=ended_at is not None,
        working_days=workflow.term_days,
        basis=workflow.term_rule,
    )


def _step_clock(run: StepRun, until: datetime) -> _Clock:
    return _Clock(
        step=run.step,
        agency=run.agency,
        from_at=run.started_at,
        until=until,
        has_ended=run.ended_at is not None,
        working_days=run.working_days,
    )


def _reading(application: Application, days: WorkingDays, clock: _Clock) -> _Reading:
    from_on = _local(clock.from_at, days)
    until_on = max(from_on, _local(clock.until, days))  # machines' clocks differ: now may lie before what has happened
    stops = _stops(application, clock.until)
    used = days.count(from_on, until_on, stops)
    return _Reading(from_on, until_on, stops, used, last_day(days, from_on, clock.working_days, stops))


def _term(application: Application, days: WorkingDays, clock: _Clock) -> Term:
    read = _reading(application, days, clock)
    counting = days.deadline(read.from_on, clock.working_days, read.stops)
    if read.until_on > counting.due_on:  # only the next day that would count lies beyond them all
        counting = days.deadline(read.from_on, read.used + 1, read.stops)
    last_on = max(read.due_on, read.until_on)
    return Term(
        step=clock.step,
        agency=clock.agency,
        from_on=read.from_on,
        working_days=clock.working_days,
        used=read.used,
        due_on=read.due_on,
        is_late=read.is_late,
        stands_still=_stands_still(application) and not clock.has_ended,
        skipped=tuple(each for each in counting.skipped if each.on <= last_on),
        warnings=counting.warnings,
        basis=clock.basis,
    )


def last_day(days: WorkingDays, from_on: date, working_days: int, stops: Sequence[Stop]) -> date:
    """Return the last local date on which something is in time.

    Args:
        days: counts the working days.
        from_on: the local date from which is counted.
        working_days: how many it may take.
        stops: when it lay with the applicant, in the order in which it did; what is sent back on its last day is due
            on the day on which it comes back.
    """
    due = days.after(from_on, working_days, stops)
    for stop in stops:  # in the order in which they were: it may come back, and be sent back again the same day
        if _local(stop.stopped_at, days) == due:
            due = _local(stop.resumed_at, days)
    return due


def _stops(application: Application, until: datetime) -> tuple[Stop, ...]:
    """Return when the clock stood still up to an instant; what came later is no matter of what had ended by then."""
    return tuple(
        Stop(stopped_at=each.returned_at, resumed_at=min(each.resubmitted_at or until, until))
        for each in application.returns
        if each.returned_at < until
    )


def _stands_still(application: Application) -> bool:
    return application.status is Status.RETURNED


def _run_ended_at(application: Application) -> datetime | None:
    """Return when the run came to its end; what becomes of the permit afterwards is no part of it."""
    return application.permit.issued_at if application.permit else application.ended_at


def _local(at: datetime, days: WorkingDays) -> date:
    return at.astimezone(days.zone).date()


# --- whose time ------------------------------------------------------------------------------------------------------


def spent(application: Application, days: WorkingDays, now: datetime) -> Spent:
    """Return day by day whose time a run took, from its first submission to its end or to now; empty before.

    Also where the term is counted from the complete submission: what lay before it took somebody's time as well.
    """
    if application.submitted_at is None:
        return Spent(stretches=())
    until = _run_ended_at(application) or now
    from_on, until_on = _local(application.submitted_at, days), _local(until, days)
    asked = [
        (_local(each.returned_at, days), _local(min(each.resubmitted_at or until, until), days), each.steps)
        for each in application.returns
    ]
    taken = [
        (_local(run.started_at, days), _local(run.ended_at or until, days), run.step)
        for run in (*application.done, *application.open)
    ]
    edges = {edge for begun_on, ended_on, _ in (*asked, *taken) for edge in (begun_on, ended_on)}
    between = {edge for edge in edges if from_on < edge < until_on}
    stretches: list[Stretch] = []
    for first, last in pairwise(sorted({from_on, max(from_on, until_on), *between})):  # nothing changes within
        askers = [steps for begun_on, ended_on, steps in asked if begun_on <= first and last <= ended_on]
        takers = [step for begun_on, ended_on, step in taken if begun_on <= first and last <= ended_on]
        whose = Whose.APPLICANT if askers else Whose.OFFICE
        steps = askers[0] if askers else tuple(dict.fromkeys(takers))
        begun_on, counted = first, days.count(first, last)
        if stretches and (stretches[-1].whose, stretches[-1].steps) == (whose, steps):
            before = stretches.pop()
            begun_on, counted = before.from_on, before.working_days + counted
        stretches.append(Stretch(from_on=begun_on, until_on=last, whose=whose, steps=steps, working_days=counted))
    return Spent(stretches=tuple(stretches))


# --- who is late -----------------------------------------------------------------------------------------------------


def late(applications: Iterable[Application], days: WorkingDays, now: datetime) -> tuple[Late, ...]:
    """Return the runs and the open steps that are late, what was due first at the beginning.

    What was late before it was sent back stays here while it lies with the applicant: a return hides nothing.
    """
    found = []
    for application in applications:
        if not application.is_running:
            continue
        steps = (_step_clock(run, now) for run in application.open)
        for clock in filter(None, (_run_clock(application, now), *steps)):
            read = _reading(application, days, clock)
            if read.is_late:
                found.append(
                    Late(
                        application=application.id,
                        service=application.service,
                        step=clock.step,
                        agency=clock.agency,
                        due_on=read.due_on,
                        days_late=read.used - clock.working_days,
                    )
                )
    return tuple(sorted(found, key=lambda each: (each.due_on, each.application, each.step or "")))


def count_late(rows: Iterable[Late], by: Literal["step", "agency", "service"]) -> dict[str | None, int]:
    """Return how many applications are late by step, agency or service, the most first.

    An application counts once for each. Under None stands what no step or agency answers for: the whole run, and for
    agencies also a step that any may take.

    Raises:
        InvalidValueError: `by` is none of them.
    """
    if by not in ("step", "agency", "service"):
        raise InvalidValueError("by", by, "give step, agency or service")
    counted = Counter(key for key, _ in {(getattr(row, by), row.application) for row in rows})
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0] or "")))


# --- what lapses -----------------------------------------------------------------------------------------------------


def lapsed_since(application: Application, days: WorkingDays, now: datetime) -> date | None:
    """Return the last local date on which a returned application could come back, if that is over; else None.

    It is the applicant's time that counts here, from the day on which it was sent back.
    """
    allowed = application.workflow.applicant_days
    if allowed is None or application.status is not Status.RETURNED:
        return None
    last_on = days.after(_local(application.returns[-1].returned_at, days), allowed)
    return last_on if _local(now, days) > last_on else None


def expired_since(application: Application, zone: tzinfo, now: datetime) -> date | None:
    """Return the last local date on which a permit was valid, if that is over; None too where it holds no more."""
    if application.permit is None or application.status not in (Status.ISSUED, Status.SUSPENDED):
        return None
    valid_until = application.permit.valid_until
    return valid_until if valid_until is not None and now.astimezone(zone).date() > valid_until else None
