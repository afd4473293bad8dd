"""The rows of another system's case log: whose case, when, which move; and what is wrong with those that are not."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from attrs import field, frozen

from mppkit.clock import as_utc
from mppkit.documents.instants import DateOrder, read_instant, split_instant
from mppkit.documents.logs import LogFile, locate_columns
from mppkit.errors import BlueprintError, Problem, nearest, shown
from mppkit.permits.case_mapping import Move, Word

FIELDS = ("case", "activity", "at", "resource")
"""What a log can hold; it may do without the last."""
_NEEDED = {
    "case": "name the column of the case numbers",
    "activity": "name the column of the activities",
    "at": "name the column of the instants",
}
_NAMES_SHOWN = 200  # where another column was taken for the activities there may be any number
_BEGIN_OF_DAY = "00:00"


class Fault(StrEnum):
    """What can be wrong in a case log."""

    BAD_QUOTES = "bad_quotes"
    WRONG_COLUMNS = "wrong_columns"
    DUPLICATE = "duplicate"
    NO_CASE = "no_case"
    NO_ACTIVITY = "no_activity"
    UNREADABLE_TIME = "unreadable_time"
    AFTER_EXPORT = "after_export"
    ILLEGAL_ORDER = "illegal_order"


RULES: Mapping[Fault, str] = {
    Fault.BAD_QUOTES: "the quotes do not fit, so nobody knows whose row it is; the row is left out",
    Fault.WRONG_COLUMNS: "more or fewer values than the header names, so nobody knows whose row it is; it is left out",
    Fault.DUPLICATE: "the same line stands before it, letter for letter; the row is left out",
    Fault.NO_CASE: "no case number; the row is left out",
    Fault.NO_ACTIVITY: "no activity; the case is left out",
    Fault.UNREADABLE_TIME: "no date that can be read; the case is left out",
    Fault.AFTER_EXPORT: "later than the export, so it has not happened; the case is left out",
    Fault.ILLEGAL_ORDER: "not possible there; the case is left out",
}
"""What is done about each."""


@frozen(kw_only=True)
class Finding:
    """One thing that is wrong in a case log.

    Attributes:
        line: in the file; the header is line 1.
        case: its number in the log, of which a message shows no long number whole; None where nobody knows.
        said: what stands there, fit for a message; for an order the activity and the move.
        allowed: for an order, the moves that were possible there; none where the case had ended.
    """

    fault: Fault
    line: int
    case: str | None = field(default=None, repr=shown)
    said: str = ""
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"line {self.line}" if self.case is None else f"line {self.line}, case {shown(self.case)}"
        said = f"{self.said}: " if self.said else ""
        ways = f"; possible: {', '.join(self.allowed) or 'nothing more'}" * (self.fault is Fault.ILLEGAL_ORDER)
        return f"{place}: {said}{RULES[self.fault]}{ways}"


class Row(NamedTuple):
    """A row that says something: in this order they are sorted."""

    case: str
    at: datetime
    line: int
    move: Move
    activity: str
    resource: str


class _Said(NamedTuple):
    """A row as it was read, its instant still a text."""

    case: str
    on: str
    time: str
    line: int
    activity: str
    resource: str


class CaseRows:
    """The rows of a log.

    Attributes:
        rows: those that say something, by case and time; those of one instant in the order of the lines.
        spoiled: the cases of which a row cannot be read.
        findings: what is wrong, in no order.
        count: how many rows there are, blank lines not counted.
        coarse: how many of them say no minute, taken as the beginning of that hour or date.
    """

    def __init__(
        self,
        file: LogFile,
        moves: Mapping[str, Move],
        *,
        columns: Mapping[str, str],
        zone: ZoneInfo,
        day_first: bool | None,
        exported_at: datetime | None,
    ) -> None:
        self.spoiled: set[str] = set()
        self.findings: list[Finding] = []
        self.count = 0
        self.coarse = 0
        order = DateOrder(str(file.path))
        said = list(self._walk(file, _places(file, columns), order))
        _check_activities(said, moves, str(file.path))
        first = order.decide() if day_first is None else day_first
        self.rows = sorted(self._read(said, moves, zone, first, exported_at), key=lambda row: row[:3])

    def _walk(self, file: LogFile, places: Mapping[str, int], order: DateOrder) -> Iterator[_Said]:
        """Walk through the file, and note the rows of which nobody knows what they say."""
        case_at, activity_at, at_at = (places[name] for name in ("case", "activity", "at"))
        resource_at = places.get("resource")
        seen: set[int] = set()
        for line, text in file.rows():
            self.count += 1
            values = file.values(text)
            if values is None or len(values) != len(file.header):
                self._note(Fault.BAD_QUOTES if values is None else Fault.WRONG_COLUMNS, line)
                continue
            case = values[case_at].strip()
            # a hash takes a tenth of a line's memory; among a million, two are alike by chance in 1 log of 37 million
            if (mark := hash(text)) in seen:
                self._note(Fault.DUPLICATE, line, case or None)
                continue
            seen.add(mark)
            activity, at = values[activity_at].strip(), values[at_at].strip()
            if not case:
                self._note(Fault.NO_CASE, line)
            elif not activity:
                self._note(Fault.NO_ACTIVITY, line, case)
            else:
                on, time = split_instant(at) or (at, "")
                order.see(on, line)
                yield _Said(case, on, time, line, activity, "" if resource_at is None else values[resource_at].strip())

    def _read(
        self,
        said: list[_Said],
        moves: Mapping[str, Move],
        zone: ZoneInfo,
        day_first: bool,
        exported_at: datetime | None,
    ) -> Iterator[Row]:
        """Put moves and instants in the place of texts, and note where there is none."""
        for row in said:
            move = moves[row.activity]
            if move.word is Word.IGNORE:
                continue
            written = read_instant(row.on, row.time or _BEGIN_OF_DAY, day_first)
            if written is None:
                text = f"{row.on} {row.time}".strip()
                self._note(Fault.UNREADABLE_TIME, row.line, row.case, shown(text))
                continue
            at = as_utc(written.instant(zone))
            if exported_at is not None and at > exported_at:
                self._note(Fault.AFTER_EXPORT, row.line, row.case, at.astimezone(zone).isoformat())
                continue
            if not row.time or written.hour_only:
                self.coarse += 1
            yield Row(row.case, at, row.line, move, row.activity, row.resource)

    def _note(self, fault: Fault, line: int, case: str | None = None, said: str = "") -> None:
        self.findings.append(Finding(fault=fault, line=line, case=case, said=said))
        if case is not None and fault is not Fault.DUPLICATE:
            self.spoiled.add(case)


def _places(file: LogFile, columns: Mapping[str, str]) -> dict[str, int]:
    problems: list[Problem] = []
    places = locate_columns(file.header, columns, FIELDS, _NEEDED, file=str(file.path), problems=problems)
    if problems:
        raise BlueprintError(problems, of="case log")
    return places


def _check_activities(said: list[_Said], moves: Mapping[str, Move], file: str) -> None:
    """Refuse a log with activities that nobody mapped.

    Raises:
        BlueprintError: there are such; tells all of them.
    """
    tally: Tally[str] = Tally()
    first_line: dict[str, int] = {}
    for row in said:
        if row.activity not in moves:
            tally[row.activity] += 1
            first_line.setdefault(row.activity, row.line)
    problems = [
        Problem(
            file=file,
            path=f"{count} row{'s' * (count > 1)} from line {first_line[activity]}",
            found=shown(activity),
            allowed="no such activity in the mapping; say what it is, or ignore it",
            suggestion=nearest(activity, moves) or nearest(activity.lower(), moves),
        )
        for activity, count in tally.most_common(_NAMES_SHOWN)
    ]
    if (more := len(tally) - _NAMES_SHOWN) > 0:
        allowed = "not in the mapping either; is that their column?"
        problems.append(Problem(file=file, path="", found=f"{more} more activities", allowed=allowed))
    if problems:
        raise BlueprintError(problems, of="case log")
