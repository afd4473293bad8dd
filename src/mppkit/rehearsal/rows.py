"""One row of a log after the other: a visit, or what is wrong with it. What is done about that is in `RULES`."""

import re
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from mppkit.blueprint import Blueprint
from mppkit.calendars import Opening
from mppkit.clock import as_utc
from mppkit.documents.instants import Written, read_instant, split_instant
from mppkit.queues.model import PriorityGroup
from mppkit.queues.policies import Asking
from mppkit.rehearsal.columns import Columns
from mppkit.rehearsal.visits import LONGEST_SERVICE_SECONDS, Done, Finding, Visit

_NUMBER = re.compile(r"([+-]?)(\d{1,9}(?:[.,]\d+)?)", re.ASCII)
_NO = frozenset({"", "0", "false", "no", "n", "tidak", "-"})
_YES = frozenset({"1", "true", "yes", "y", "ya"})
_HOUR = timedelta(hours=1)
_LINES_KEPT = 20


class Wrong(StrEnum):
    """What can be wrong with a row."""

    BAD_QUOTES = "bad_quotes"
    WRONG_COLUMNS = "wrong_columns"
    DUPLICATE = "duplicate"
    MISSING_VALUE = "missing_value"
    UNREADABLE_TIME = "unreadable_time"
    UNREADABLE_SECONDS = "unreadable_seconds"
    NEGATIVE_SECONDS = "negative_seconds"
    ZERO_SECONDS = "zero_seconds"
    HALL_CLOSED = "hall_closed"
    OUTSIDE_HOURS = "outside_hours"
    TOO_LONG = "too_long"
    HOUR_ONLY = "hour_only"
    UNREADABLE_PRIORITY = "unreadable_priority"
    UNREADABLE_APPOINTMENT = "unreadable_appointment"
    APPOINTMENT_ELSEWHEN = "appointment_elsewhen"
    UNREADABLE_WAIT = "unreadable_wait"


RULES: Mapping[Wrong, tuple[Done, str]] = {
    Wrong.BAD_QUOTES: (Done.LEFT_OUT, "the quotes do not fit, so nobody knows where a value ends; left out"),
    Wrong.WRONG_COLUMNS: (Done.LEFT_OUT, "more or fewer values than the header names; left out"),
    Wrong.DUPLICATE: (Done.LEFT_OUT, "the same line stands before it, letter for letter; left out"),
    Wrong.MISSING_VALUE: (Done.LEFT_OUT, "no arrival, service or service time; left out"),
    Wrong.UNREADABLE_TIME: (Done.LEFT_OUT, "the arrival is no date with an hour; left out"),
    Wrong.UNREADABLE_SECONDS: (Done.LEFT_OUT, "the service time is no number; left out"),
    Wrong.NEGATIVE_SECONDS: (Done.LEFT_OUT, "the service time is negative; left out"),
    Wrong.ZERO_SECONDS: (Done.LEFT_OUT, "0 seconds of service, so nobody was served; left out"),
    Wrong.HALL_CLOSED: (
        Done.LEFT_OUT,
        "the mall is closed on that date; left out (for a log from elsewhere, give the blueprint that hall's hours and"
        " set closed_on_national_holidays and closed_on_joint_leave to false)",
    ),
    Wrong.OUTSIDE_HOURS: (
        Done.LEFT_OUT,
        "the mall is not open at that time, nor would it issue tickets before opening; left out",
    ),
    Wrong.TOO_LONG: (
        Done.CHANGED,
        f"more than {LONGEST_SERVICE_SECONDS // 3600} hours of service, a counter that nobody closed; cut to that",
    ),
    Wrong.HOUR_ONLY: (
        Done.CHANGED,
        "only the hour of arrival is known; comes at a second of the open part of that hour, drawn by the seed",
    ),
    Wrong.UNREADABLE_PRIORITY: (Done.CHANGED, "the priority is no group, 0 or 1; comes as a regular visitor"),
    Wrong.UNREADABLE_APPOINTMENT: (Done.CHANGED, "the appointment is no time, 0 or 1; comes without one"),
    Wrong.APPOINTMENT_ELSEWHEN: (
        Done.CHANGED,
        "the appointment is on another date, or at a time when the mall is not open; comes without one",
    ),
    Wrong.UNREADABLE_WAIT: (Done.CHANGED, "the wait is no number of 0 or more; not compared"),
}
"""What is done with a row of each kind."""


class Reading:
    """The visits of a log so far, by local date, and what was wrong with its rows.

    Attributes:
        days: the visits in the order of the rows.
        rows: how many rows were taken.
    """

    def __init__(
        self, blueprint: Blueprint, columns: Columns, services: Mapping[str, str], seed: int, day_first: bool
    ) -> None:
        self.days: dict[date, list[Visit]] = {}
        self.rows = 0
        self._blueprint = blueprint
        self._zone = blueprint.calendar.zone
        self._columns = columns
        self._services = services
        self._seed = seed
        self._day_first = day_first
        self._openings: dict[date, Opening] = {}
        self._chances: dict[date, Random] = {}
        self._seen: set[int] = set()
        self._counts: Tally[Wrong] = Tally()
        self._lines: dict[Wrong, list[int]] = {}

    def findings(self) -> tuple[Finding, ...]:
        """Return what was wrong, in the order of the kinds."""
        return tuple(
            Finding(kind=kind.value, done=done, rule=rule, count=self._counts[kind], lines=tuple(self._lines[kind]))
            for kind, (done, rule) in RULES.items()
            if kind in self._counts
        )

    def take(self, line: int, text: str, values: Sequence[str] | None) -> None:
        """Take a row in, or leave it out, and note why; `values` is None where its quotes do not fit."""
        self.rows += 1
        wrong: list[Wrong] = []
        visit = self._visit(text, values, wrong)
        for kind in wrong:
            self._counts[kind] += 1
            lines = self._lines.setdefault(kind, [])
            if len(lines) < _LINES_KEPT:
                lines.append(line)
        if visit is not None:
            self.days.setdefault(visit.arrives_at.astimezone(self._zone).date(), []).append(visit)

    def _visit(self, text: str, values: Sequence[str] | None, wrong: list[Wrong]) -> Visit | None:
        columns = self._columns
        if values is None or len(values) != columns.width:
            wrong.append(Wrong.BAD_QUOTES if values is None else Wrong.WRONG_COLUMNS)
            return None
        # hashes take a tenth of the lines' memory; among a million, two are alike by chance in 1 log of 37 million
        if (mark := hash(text)) in self._seen:
            wrong.append(Wrong.DUPLICATE)
            return None
        self._seen.add(mark)
        arrival, service = columns.arrival(values), columns.value(values, columns.service)
        said = columns.value(values, columns.service_seconds)
        if not (arrival and service and said):
            wrong.append(Wrong.MISSING_VALUE)
            return None
        parts = split_instant(arrival)
        written = read_instant(*parts, self._day_first) if parts else None
        if written is None:
            wrong.append(Wrong.UNREADABLE_TIME)
            return None
        seconds = _read_number(said)
        if seconds is None or seconds <= 0:
            wrong.append(_WRONG_SECONDS[None if seconds is None else seconds < 0])
            return None
        service = self._services[service]
        arrives_at = self._arrives_at(written, service, wrong)
        if arrives_at is None:
            return None
        if seconds > LONGEST_SERVICE_SECONDS:
            wrong.append(Wrong.TOO_LONG)
        return Visit(
            arrives_at=arrives_at,
            service=service,
            service_seconds=min(seconds, LONGEST_SERVICE_SECONDS),
            priority=_read_priority(columns.value(values, columns.priority), wrong),
            appointment_at=self._appointment_at(columns.value(values, columns.appointment), arrives_at, wrong),
            waited_seconds=_read_wait(columns.value(values, columns.waited_seconds), wrong),
        )

    def _opening(self, on: date) -> Opening:
        opening = self._openings.get(on)
        if opening is None:
            opening = self._openings[on] = self._blueprint.calendar.opening(on)
        return opening

    def _arrives_at(self, written: Written, service: str, wrong: list[Wrong]) -> datetime | None:
        local = written.instant(self._zone)
        opening = self._opening(local.date())
        if not opening.windows:
            wrong.append(Wrong.HALL_CLOSED)
            return None
        at = as_utc(local)
        if written.hour_only:
            at = self._within_hour(at, opening)
        if not opening.is_open_at(at) and not self._is_let_in_early(at, opening, service):
            wrong.append(Wrong.OUTSIDE_HOURS)
            return None
        if written.hour_only:
            wrong.append(Wrong.HOUR_ONLY)
        return at

    def _within_hour(self, hour_at: datetime, opening: Opening) -> datetime:
        """Return a second of the open part of an hour, drawn by the seed; of the whole hour where none is open."""
        chance = self._chances.get(opening.on)
        if chance is None:
            chance = self._chances[opening.on] = Random(f"{self._seed}/{opening.on.isoformat()}")  # noqa: S311 - no secret
        open_parts = [
            (max(hour_at, window.opens_at), min(hour_at + _HOUR, window.closes_at))
            for window in opening.windows
            if window.opens_at < hour_at + _HOUR and window.closes_at > hour_at
        ] or [(hour_at, hour_at + _HOUR)]
        second = timedelta(
            seconds=int(chance.random() * sum((end - begin).total_seconds() for begin, end in open_parts))
        )
        for begin, end in open_parts[:-1]:
            if second < end - begin:
                return begin + second
            second -= end - begin
        return open_parts[-1][0] + second

    def _is_let_in_early(self, at: datetime, opening: Opening, service: str) -> bool:
        """Tell whether the mall would issue a ticket so long before it opens."""
        if at >= opening.windows[0].opens_at:
            return False
        wanted = self._blueprint.directory.service(service)
        asking = Asking(service=wanted, at=at, opening=opening, issued=0, booked=0, live_ticket=None)
        return self._blueprint.policies.admission(asking).is_granted

    def _appointment_at(self, text: str, arrives_at: datetime, wrong: list[Wrong]) -> datetime | None:
        if text.lower() in _NO:
            return None
        on = arrives_at.astimezone(self._zone).date()
        if text.lower() in _YES:
            at = arrives_at
        else:
            parts = split_instant(text) or (on.isoformat(), text)
            written = read_instant(*parts, self._day_first)
            if written is None:
                wrong.append(Wrong.UNREADABLE_APPOINTMENT)
                return None
            at = as_utc(written.instant(self._zone))
        if not self._opening(on).is_open_at(at):
            wrong.append(Wrong.APPOINTMENT_ELSEWHEN)
            return None
        return at


_WRONG_SECONDS = {None: Wrong.UNREADABLE_SECONDS, True: Wrong.NEGATIVE_SECONDS, False: Wrong.ZERO_SECONDS}


def _read_number(text: str) -> float | None:
    parts = _NUMBER.fullmatch(text)
    if parts is None:
        return None
    number = float(parts[2].replace(",", "."))
    return -number if parts[1] == "-" else number


def _read_wait(text: str, wrong: list[Wrong]) -> float | None:
    if not text:
        return None
    seconds = _read_number(text)
    if seconds is None or seconds < 0:
        wrong.append(Wrong.UNREADABLE_WAIT)
        return None
    return seconds


def _read_priority(text: str, wrong: list[Wrong]) -> PriorityGroup | None:
    text = text.lower()
    if text in _NO:
        return None
    if text in _YES:
        return PriorityGroup.ELDERLY
    try:
        return PriorityGroup(text)
    except ValueError:
        wrong.append(Wrong.UNREADABLE_PRIORITY)
        return None
