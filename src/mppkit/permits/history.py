"""A regency's own history: the case log of another system, read into applications and recorded as what it was.

A case whose order its workflow does not know is left out whole and told with its line, never imported in part. No
officer's name enters an event, and no long number an id. What the log does not say is not made up: it is said to be
unsaid.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from itertools import count, groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import field, frozen

from mppkit.aggregates import Repository
from mppkit.clock import as_utc
from mppkit.decisions import Reason
from mppkit.documents.logs import LogFile
from mppkit.errors import InvalidValueError, shown
from mppkit.identity.recordable import checked_id, checked_person, checked_person_or_none, has_long_number
from mppkit.permits import events as e
from mppkit.permits.application import Case, applications, folded
from mppkit.permits.case_mapping import OFFICERS_WORDS, Move, Word, checked_mapping, is_possible, possible
from mppkit.permits.case_rows import CaseRows, Fault, Finding, Row
from mppkit.permits.model import Application
from mppkit.permits.policies import months_after
from mppkit.permits.workflow import Effect, Workflow
from mppkit.storage.port import EventStore

UNSAID = "Tidak tercatat dalam log asal / not said in the source log"
"""What stands where officers write what is to be corrected, or under which conditions they grant."""
NO_REASON = Reason(
    code="not_in_log",
    indonesian="Alasan penolakan tidak tercatat dalam log asal.",
    english="The source log does not say why it was refused.",
)
UNKNOWN_OFFICER = "officer-unknown"

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,28}[A-Za-z0-9])?")
_SERIES_AT_MOST = 16
_SECRET_AT_LEAST = 16
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""Digests in letters alone: ten digits in a row would look like a personal number."""

Happened = tuple[tuple[datetime, e.PermitEvent], ...]


@frozen(kw_only=True)
class LoggedCase:
    """A case of a log, as what happened to an application.

    Attributes:
        id: of the application.
        number: of the case in the log; it is recorded only where the id shows it.
        happened: each event with its instant, in order.
        application: as it stands after them.
    """

    id: str
    number: str = field(repr=shown)
    happened: Happened = field(repr=False)
    application: Application = field(repr=False)


@frozen(kw_only=True)
class CaseLog:
    """What a case log tells.

    Attributes:
        source: the file.
        rows: how many rows it has, blank lines not counted.
        cases: those that can be imported, in the order in which they began.
        left_out: how many cases cannot.
        findings: what was wrong, in the order of the lines.
        coarse: how many rows say no minute, taken as the beginning of that hour or date.
    """

    source: str
    rows: int
    cases: tuple[LoggedCase, ...] = field(repr=False)
    left_out: int
    findings: tuple[Finding, ...] = field(repr=False)
    coarse: int


def read_case_log(
    path: str | Path,
    mapping: Mapping[str, str],
    *,
    workflow: Workflow,
    zone: ZoneInfo,
    service: str | None = None,
    columns: Mapping[str, str] | None = None,
    officers: Mapping[str, str] | None = None,
    series: str = "log",
    secret: str | None = None,
    day_first: bool | None = None,
    exported_at: datetime | None = None,
) -> CaseLog:
    """Read the case log of another system: a CSV file with a header, `,` or `;` between the values, in UTF-8.

    The fields are `case` (its number), `activity`, `at` (a date, with a time of day or without) and, where there is
    one, `resource` (who acted). Rows may stand in any order: they are taken by case and time, and those of one instant
    in the order of the lines. Each case is folded through the workflow from its submission on.

    Args:
        path: the file.
        mapping: by activity, what it is here, such as `step:periksa:lengkap`; see `case_mapping.Word`.
        workflow: the one the cases went through.
        zone: whose local time the log is in, unless a zone stands with a time.
        service: the service that was applied for; None for the only one of the workflow.
        columns: by field, the name of its column in the file; a field that is not here has a column of its own name.
        officers: by who acted as the log writes it, their id here. Anybody else becomes `officer-1` and so on, in the
            order of their first acts, the same throughout the file; who is not named is `officer-unknown`.
        series: what the ids of the applications begin with, so that those of two logs, or of the mall, never meet.
        secret: a text of 16 characters or more that you keep to yourself; all ids are hashed with it then. Needed where
            a case number may be a personal number: a hash of a NIK without a secret is soon undone.
        day_first: whether dates such as 02-01-2026 begin with the day; None to let the file settle it.
        exported_at: when the log was taken; nothing after it has happened. None to believe every row.

    Raises:
        BlueprintError: columns are missing, the mapping does not fit the workflow, or activities are in none; tells all
            problems at once.
        InvalidValueError: the file is no CSV in UTF-8 with a header, its dates could be read both ways, case numbers
            need a secret, or an argument cannot be.
        NotFoundError: there is no such file.
    """
    if not isinstance(path, str | Path):
        raise InvalidValueError("path", path, "give the name of a CSV file")
    if not isinstance(zone, ZoneInfo):
        raise InvalidValueError("zone", zone, "give a ZoneInfo, such as that of blueprint.calendar.zone")
    moves = checked_mapping(mapping, workflow)
    wanted = _service(workflow, service)
    given = {
        name.strip(): checked_person(officer, "officers") for name, officer in _texts("officers", officers).items()
    }
    named = _texts("columns", columns)
    file = LogFile(Path(path))
    until = None if exported_at is None else as_utc(exported_at, "exported_at")
    told = CaseRows(file, moves, columns=named, zone=zone, day_first=day_first, exported_at=until)
    ids = _ids((row.case for row in told.rows), series, secret)
    acting = _officers(told.rows, given)
    cases, findings, left_out = [], told.findings, len(told.spoiled)
    for number, rows in groupby(told.rows, key=lambda row: row.case):
        if number in told.spoiled:
            continue
        teller = _Teller(id=ids[number], service=wanted, workflow=workflow, officers=acting, zone=zone)
        case = teller.told(number, rows)
        if isinstance(case, Finding):
            findings.append(case)
            left_out += 1
        else:
            cases.append(case)
    return CaseLog(
        source=str(path),
        rows=told.count,
        cases=tuple(sorted(cases, key=lambda case: (case.happened[0][0], case.id))),
        left_out=left_out,
        findings=tuple(sorted(findings, key=lambda finding: finding.line)),
        coarse=told.coarse,
    )


# --- a case ----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class _Teller:
    """Tells the rows of one case as events, with what the log does not say."""

    id: str
    service: str
    workflow: Workflow
    officers: Mapping[str, str]
    zone: ZoneInfo

    def told(self, number: str, rows: Iterable[Row]) -> LoggedCase | Finding:
        """Return the case, or its first row that was not possible where it stood."""
        application: Application | None = None
        happened: list[tuple[datetime, e.PermitEvent]] = []
        for row in rows:
            if not is_possible(application, row.move):
                when = "before it was submitted" if application is None else f"while {application.status.value}"
                return Finding(
                    fault=Fault.ILLEGAL_ORDER,
                    line=row.line,
                    case=number,
                    said=f"{shown(row.activity)} ({row.move}) {when}",
                    allowed=possible(application, self.workflow),
                )
            for event in self._events(row):
                application = folded(self.id, application, event, row.at)
                happened.append((row.at, event))
        assert application is not None  # noqa: S101  # a case has rows, and the first is always a submission
        return LoggedCase(id=self.id, number=number, happened=tuple(happened), application=application)

    def _events(self, row: Row) -> tuple[e.PermitEvent, ...]:
        move, officer = row.move, self.officers.get(row.resource, UNKNOWN_OFFICER)
        match move.word:
            case Word.SUBMIT:
                applicant = f"pemohon-{self.id}"  # the log names none, and one for each case joins no two
                drafted = e.Drafted(service=self.service, applicant=applicant, workflow=self.workflow)
                return (drafted, e.Submitted())
            case Word.RESUBMIT:
                return (e.Resubmitted(),)
            case Word.WITHDRAW:
                return (e.Withdrawn(),)
            case Word.RETURN:
                return (e.Returned(step=move.step, outcome=move.outcome, officer=officer, items=(UNSAID,)),)
            case Word.STEP:
                return (e.StepDone(step=move.step, outcome=move.outcome, officer=officer),)
            case Word.DECIDE:
                return (self._decided(move, officer),)
            case Word.ISSUE:
                return (self._issued(move, officer, row.at),)
            case Word.IGNORE:
                return ()

    def _decided(self, move: Move, officer: str) -> e.Decided:
        effect = self.workflow.step(move.step).outcome(move.outcome).effect
        reasons: tuple[Reason, ...] = ()
        if effect is Effect.REFUSE:
            reasons = (self.workflow.reason(move.reason) if move.reason else NO_REASON,)
        conditions = (UNSAID,) if effect is Effect.GRANT_WITH_CONDITIONS else ()
        return e.Decided(step=move.step, outcome=move.outcome, officer=officer, reasons=reasons, conditions=conditions)

    def _issued(self, move: Move, officer: str, at: datetime) -> e.Issued:
        on, months = at.astimezone(self.zone).date(), self.workflow.validity_months
        return e.Issued(
            number=f"tanpa-nomor/{self.id}",
            valid_from=on,
            valid_until=None if months is None else months_after(on, months),
            step=move.step,
            outcome=move.outcome,
            officer=officer,
        )


# --- who and which ---------------------------------------------------------------------------------------------------


def _texts(place: str, given: Mapping[str, str] | None) -> Mapping[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for pair in given.items() for text in pair):
        raise InvalidValueError(place, type(given).__name__, "give a dict of texts by texts")
    return given


def _service(workflow: Workflow, service: str | None) -> str:
    if service is None and len(workflow.services) == 1:
        return workflow.services[0]
    if service is None or service not in workflow.services:
        raise InvalidValueError("service", service, f"give one of {', '.join(workflow.services)}")
    return service


def _officers(rows: Iterable[Row], given: Mapping[str, str]) -> dict[str, str]:
    """Return the id of everybody who acted; a longer export of the same log changes none that were there."""
    ids = dict(given)
    free = (name for name in (f"officer-{number}" for number in count(1)) if name not in given.values())
    for row in sorted(rows, key=lambda row: (row.at, row.line)):
        if row.resource and row.resource not in ids and row.move.word in OFFICERS_WORDS:
            ids[row.resource] = next(free)
    return ids


def _ids(numbers: Iterable[str], series: str, secret: str | None) -> dict[str, str]:
    """Return the id of the application of each case: readable where that is safe, hashed where a secret is given.

    Raises:
        InvalidValueError: there are numbers that only a hash with a secret hides.
    """
    if len(checked_id(series, "series")) > _SERIES_AT_MOST or series[0].isdigit():  # the mall's own begin with a year
        raise InvalidValueError("series", series, f"begin with a letter, and use {_SERIES_AT_MOST} characters at most")
    if secret is not None and (not isinstance(secret, str) or len(secret) < _SECRET_AT_LEAST):
        raise InvalidValueError("secret", "…", f"use a text of {_SECRET_AT_LEAST} characters or more")
    ids = {}
    unsafe = 0
    for number in dict.fromkeys(numbers):
        if secret is not None:
            ids[number] = f"{series}-{_letters(hmac.new(secret.encode(), number.encode(), sha256).hexdigest()[:20])}"
            continue
        ids[number] = f"{series}-{_readable(number)}"
        if has_long_number(number) or has_long_number(ids[number]):
            unsafe += 1
    if unsafe:
        remedy = (
            "they may be personal numbers, which are never recorded: give secret=, a text that you keep to yourself,"
            " and the ids are hashed with it"
        )
        raise InvalidValueError("case numbers", f"{unsafe} of {len(ids)} with long numbers", remedy)
    return ids


def _readable(number: str) -> str:
    if _PLAIN.fullmatch(number):
        return number
    words = re.sub(r"[^A-Za-z0-9]+", "_", number)[:13].strip("_")
    return f"{words}_{_letters(sha256(number.encode()).hexdigest()[:16])}".lstrip("_")


def _letters(digits: str) -> str:
    return digits.translate(_LETTERS)


# --- recording -------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Imported:
    """What an import recorded.

    Attributes:
        new: how many cases were not there; continued: how many had gone on since, or were cut off in an import before.
        unchanged: how many were there already, as they are in the log.
        differing: the ids of those that are recorded otherwise; nothing was added to them.
    """

    new: int
    continued: int
    unchanged: int
    differing: tuple[str, ...]


def import_cases(
    log: CaseLog,
    store: EventStore,
    mall: str,
    *,
    due_on: Callable[[Application, datetime], date | None],
    actor: str | None = None,
) -> Imported:
    """Record the cases of a log as streams `mall/permit/<id>`, each event at the instant at which it really happened.

    An import that was cut off goes on where it stood, one that is repeated records nothing, and that of a later export
    records what has happened since.

    Give the past a mall of its own, such as `badung-lama`. The deadlines of a mall are enforced on all its
    applications, and one of which the log does not tell the end would be escalated, or deemed granted, today.

    Args:
        log: what `read_case_log` read.
        store: where to.
        mall: the id of the mall.
        due_on: when an application's run is due as it stands at an instant, for the streams' labels.
        actor: the id of who imports.

    Raises:
        InvalidValueError: the mall or the actor is no id.
        StorageError: the store could not do its work; what it has recorded stays.
    """
    checked_person_or_none(actor, "actor")
    there: Repository[Case, e.PermitEvent] = Repository(applications(due_on), store, mall, keep=1)
    new = continued = unchanged = 0
    differing = []
    for case in log.cases:
        before = there.view(case.id, lambda found: tuple(found.happened))
        common = min(len(before), len(case.happened))
        if before[:common] != case.happened[:common] or not _record(there, case, common, actor):
            differing.append(case.id)
        elif common == len(case.happened):
            unchanged += 1
        elif common:
            continued += 1
        else:
            new += 1
    return Imported(new=new, continued=continued, unchanged=unchanged, differing=tuple(differing))


def _record(there: Repository[Case, e.PermitEvent], case: LoggedCase, begin: int, actor: str | None) -> bool:
    """Record what happened from an event on, one commit for each instant; tell whether it stands there now."""
    for at, group in groupby(case.happened[begin:], key=lambda one: one[0]):
        events = tuple(event for _, event in group)
        until = begin + len(events)

        def decide(
            found: Case, _: datetime, begin: int = begin, events: Sequence[e.PermitEvent] = events
        ) -> Sequence[e.PermitEvent]:
            return events if len(found.happened) == begin else ()

        def is_there(found: Case, _: Sequence[e.PermitEvent], until: int = until) -> bool:
            return tuple(found.happened[:until]) == case.happened[:until]

        if not there.execute(case.id, decide, is_there, at=at, request_id=f"case-log-{begin}", actor=actor):
            return False
        begin = until
    return True
