"""What the head of an agency is asked for: how many applications, what came of them, how long it took, what they bring.

Pure, from the heads of the applications' streams; nothing is folded. The definitions, fixed here once:

- An application belongs to the period in which it was first submitted; one never submitted to that in which it was
  begun. Dates are local, both ends included.
- Working days to decide: from the day on which its term begins to run, stretches in which the applicant had to correct
  something left out, to the decision. Calendar days: from the first submission to the decision, nothing left out.
  One that is not decided yet, or was withdrawn or lapsed before, lasted at least so long (*censored*).
- What silence grants is decided on the day on which it was due, whenever the deadlines were enforced after that.
- In time: the permit was issued, or the refusal given, by the day on which the whole run was due; a permit that silence
  brings never is.
- Investment and jobs are those last stated.
"""

import json
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from itertools import chain

from attrs import frozen

from mppkit.calendars import Stop, WorkingDays
from mppkit.durations import Durations, Share
from mppkit.errors import InvalidValueError, StorageError
from mppkit.permits.model import RUNNING, Status
from mppkit.permits.timing import last_day
from mppkit.permits.workflow import Effect
from mppkit.storage.port import StreamHead

_GONE = frozenset({Status.REVOKED, Status.LAPSED})


@frozen(kw_only=True)
class Total:
    """What some applications bring together (*nilai investasi*, *tenaga kerja*).

    Attributes:
        applications: how many they are.
        unstated: how many of these state no investment; they add nothing to the sums.
        rupiah: whole rupiah.
    """

    applications: int
    unstated: int
    rupiah: int
    jobs: int


@frozen(kw_only=True)
class Investments:
    """What was asked for, and what came of it.

    Attributes:
        asked: by all applications.
        permitted: by permits that were issued and stand, suspended ones among them.
        gone: by permits that were issued, and revoked or lapsed since.
    """

    asked: Total
    permitted: Total
    gone: Total


@frozen(kw_only=True)
class PermitFigures:
    """What the applications of a period came to, as they stand at an instant.

    Attributes:
        from_on, until_on: the period, local dates, both included; at: the instant.
        applications: how many were submitted.
        standing: the same by where they stand, each status but that of a draft; they add up to `applications`.
        permits: the permits issued on them, by where these stand; they add up to `issued`.
        drafts: how many were begun and not submitted yet; discarded: how many were withdrawn before they were.
        granted: how many were decided with yes, whatever became of them; with_conditions, deemed: of these, how many
            with conditions, and how many by silence (*fiktif positif*).
        refused_for: refusals by the code of their reason; one with two reasons stands under both.
        working_days_to_decide, calendar_days_to_decide: of all applications, those without a decision counted as open.
        in_time: the share whose run ended in time, those that still run or came to nothing counted as open; None where
            nobody can tell.
        investment: of all of them. by_month: the same split, such as `2026-11`: what was asked for under the month of
            submission, permits under that of issue; by_zone, by_sector, by_service: None where nobody said.
    """

    from_on: date
    until_on: date
    at: datetime
    applications: int
    standing: Mapping[Status, int]
    permits: Mapping[Status, int]
    drafts: int
    discarded: int
    granted: int
    with_conditions: int
    deemed: int
    refused_for: Mapping[str, int]
    working_days_to_decide: Durations
    calendar_days_to_decide: Durations
    in_time: Share | None
    investment: Investments
    by_month: Mapping[str, Investments]
    by_zone: Mapping[str | None, Investments]
    by_sector: Mapping[str | None, Investments]
    by_service: Mapping[str | None, Investments]

    @property
    def running(self) -> int:
        """How many were submitted, and have come to no end."""
        return sum(self.standing[status] for status in RUNNING)

    @property
    def refused(self) -> int:
        """How many were refused."""
        return self.standing[Status.REFUSED]

    @property
    def withdrawn(self) -> int:
        """How many were withdrawn after they were submitted."""
        return self.standing[Status.WITHDRAWN]

    @property
    def issued(self) -> int:
        """How many permits were issued, whatever became of them."""
        return sum(self.permits.values())

    @property
    def revoked(self) -> int:
        """How many permits were revoked."""
        return self.permits[Status.REVOKED]

    @property
    def lapsed(self) -> int:
        """How many applications came to nothing by themselves, for nobody corrected them; no permits among them."""
        return self.standing[Status.LAPSED] - self.permits[Status.LAPSED]

    @property
    def expired(self) -> int:
        """How many permits lapsed, for their last day is over."""
        return self.permits[Status.LAPSED]


def figures(
    heads: Iterable[StreamHead], from_on: date, until_on: date, days: WorkingDays, now: datetime
) -> PermitFigures:
    """Return what the applications of a period came to.

    Args:
        heads: of the streams of applications, each once; what is not of the period is left out.
        from_on: the first local date of the period.
        until_on: its last; included.
        days: counts the working days, and says where midnight lies.
        now: the instant as of which the heads are; up to it open applications are counted.

    Raises:
        InvalidValueError: the period ends before it begins, or the holidays of a year on the way are not known.
        StorageError: the summary of a stream is not that of an application.
    """
    if until_on < from_on:
        raise InvalidValueError("until_on", until_on.isoformat(), f"not before {from_on.isoformat()}")
    zone = days.zone
    begun = [case for case in map(_case, heads) if from_on <= case.begun_at.astimezone(zone).date() <= until_on]
    cases = [case for case in begun if case.submitted_at is not None]
    never = Tally(case.status for case in begun if case.submitted_at is None)
    granted = [case for case in cases if case.effect in (Effect.GRANT, Effect.GRANT_WITH_CONDITIONS)]
    standing, permits = Tally(case.status for case in cases), Tally(case.status for case in cases if case.issued_at)
    refused = [case for case in cases if case.status is Status.REFUSED]
    refused_for = Tally(chain.from_iterable(set(case.reasons) for case in refused))
    return PermitFigures(
        from_on=from_on,
        until_on=until_on,
        at=now,
        applications=len(cases),
        standing={status: standing[status] for status in Status if status is not Status.DRAFT},
        permits={status: permits[status] for status in (Status.ISSUED, Status.SUSPENDED, *sorted(_GONE))},
        drafts=never[Status.DRAFT],
        discarded=never.total() - never[Status.DRAFT],
        granted=len(granted),
        with_conditions=sum(case.effect is Effect.GRANT_WITH_CONDITIONS for case in granted),
        deemed=sum(case.deemed for case in granted),
        refused_for={code: refused_for[code] for code in sorted(refused_for)},
        working_days_to_decide=_to_decide(cases, days, now, _used),
        calendar_days_to_decide=_to_decide(cases, days, now, _calendar_days),
        in_time=_in_time(cases, days, now),
        investment=_investments(cases, cases),
        by_month=_by_month(cases, days),
        by_zone=_split(cases, lambda case: case.zone),
        by_sector=_split(cases, lambda case: case.sector),
        by_service=_split(cases, lambda case: case.service),
    )


# --- one application --------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class _Case:
    """What `application.summary_of` says of an application, with the instant at which it was begun."""

    begun_at: datetime
    service: str
    status: Status
    zone: str | None
    submitted_at: datetime | None
    counted_from: datetime | None
    term_days: int
    returns: tuple[tuple[datetime, datetime | None], ...]
    judged_at: datetime | None
    effect: Effect | None
    deemed: bool
    reasons: tuple[str, ...]
    issued_at: datetime | None
    ended_at: datetime | None
    rupiah: int | None
    jobs: int
    sector: str | None

    def stops(self, until: datetime) -> list[Stop]:
        """Return the stretches before an instant in which the applicant had to correct something."""
        return [
            Stop(stopped_at=stopped, resumed_at=min(resumed, until) if resumed else until)
            for stopped, resumed in self.returns
            if stopped < until
        ]


def _case(head: StreamHead) -> _Case:
    try:
        told = json.loads(head.summary or "")
        submitted_at = _at(told["submitted_at"])
        return _Case(
            begun_at=submitted_at or datetime.fromisoformat(str(head.labels["drafted_at"])),
            service=told["service"],
            status=Status(told["status"]),
            zone=told["zone"],
            submitted_at=submitted_at,
            counted_from=_at(told["counted_from"]),
            term_days=told["term_days"],
            returns=tuple((datetime.fromisoformat(back), _at(again)) for back, again in told["returns"]),
            judged_at=_at(told["judged_at"]),
            effect=Effect(told["effect"]) if told["effect"] else None,
            deemed=told["deemed"],
            reasons=tuple(told["reasons"]),
            issued_at=_at(told["issued_at"]),
            ended_at=_at(told["ended_at"]),
            rupiah=told["rupiah"],
            jobs=told["jobs"] or 0,
            sector=told["sector"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{head.stream}: its summary is not that of an application of this mppkit") from error


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- how long ---------------------------------------------------------------------------------------------------------


def _to_decide(
    cases: list[_Case], days: WorkingDays, now: datetime, count: Callable[[_Case, WorkingDays, datetime], int]
) -> Durations:
    made = Durations()
    for case in cases:
        decided_at = _decided_at(case, days)
        made.add(count(case, days, decided_at or case.ended_at or now), ended=decided_at is not None)
    return made


def _decided_at(case: _Case, days: WorkingDays) -> datetime | None:
    """Return when it was decided: where silence was consent, at the end of the day on which it was due.

    Not when somebody enforced the deadlines: how often that is done would else look like how fast is decided.
    """
    if not case.deemed or case.judged_at is None or case.counted_from is None:
        return case.judged_at
    due_on = last_day(days, _local(case.counted_from, days), case.term_days, case.stops(case.judged_at))
    return min(case.judged_at, datetime.combine(due_on, time.max, tzinfo=days.zone))


def _used(case: _Case, days: WorkingDays, until: datetime) -> int:
    start = case.counted_from
    if start is None or until <= start:
        return 0
    return days.count(_local(start, days), _local(until, days), case.stops(until))


def _calendar_days(case: _Case, days: WorkingDays, until: datetime) -> int:
    start = case.submitted_at
    return max(0, (_local(until, days) - _local(start, days)).days) if start is not None else 0


def _in_time(cases: list[_Case], days: WorkingDays, now: datetime) -> Share | None:
    """Return the share that kept to its own term, whatever that is.

    Terms differ, so it is not the days that are compared but how far each is before or beyond its term; that is moved
    so that the day on which it is due is the same for all.
    """
    due = max((case.term_days for case in cases), default=0)
    moved = Durations()
    for case in cases:
        refused_at = case.ended_at if case.status is Status.REFUSED else None
        done_at = case.issued_at or refused_at
        until = done_at or case.ended_at or now
        beyond = _used(case, days, until) - case.term_days
        if _is_late(case, days, until):
            beyond = max(1, beyond)  # a day off after the last working day is late, and uses up nothing
        moved.add(due + beyond, ended=done_at is not None)
    return moved.within(due)


def _is_late(case: _Case, days: WorkingDays, until: datetime) -> bool:
    start = case.counted_from
    if start is None or until <= start:
        return False
    return _local(until, days) > last_day(days, _local(start, days), case.term_days, case.stops(until))


def _local(at: datetime, days: WorkingDays) -> date:
    return at.astimezone(days.zone).date()


# --- what they bring --------------------------------------------------------------------------------------------------


def _investments(asked: list[_Case], issued: list[_Case]) -> Investments:
    there = [case for case in issued if case.issued_at]
    return Investments(
        asked=_total(asked),
        permitted=_total([case for case in there if case.status not in _GONE]),
        gone=_total([case for case in there if case.status in _GONE]),
    )


def _total(cases: list[_Case]) -> Total:
    return Total(
        applications=len(cases),
        unstated=sum(case.rupiah is None for case in cases),
        rupiah=sum(case.rupiah or 0 for case in cases),
        jobs=sum(case.jobs for case in cases),
    )


def _by_month(cases: list[_Case], days: WorkingDays) -> dict[str, Investments]:
    asked = _grouped(cases, lambda case: _month(case.submitted_at, days))
    issued = _grouped(cases, lambda case: _month(case.issued_at, days))
    months = sorted(month for month in {*asked, *issued} if month is not None)
    return {month: _investments(asked.get(month, []), issued.get(month, [])) for month in months}


def _month(at: datetime | None, days: WorkingDays) -> str | None:
    return None if at is None else f"{_local(at, days):%Y-%m}"


def _split(cases: list[_Case], key: Callable[[_Case], str | None]) -> dict[str | None, Investments]:
    found = _grouped(cases, key)
    names = sorted(found, key=lambda name: (name is None, name))
    return {name: _investments(found[name], found[name]) for name in names}


def _grouped(cases: list[_Case], key: Callable[[_Case], str | None]) -> dict[str | None, list[_Case]]:
    found: dict[str | None, list[_Case]] = {}
    for case in cases:
        found.setdefault(key(case), []).append(case)
    return found
