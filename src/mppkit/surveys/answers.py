"""From a CSV of answers to tallies: a million rows in about a second, and every row that is left out is told.

A row counts when each element has an answer that may be given; one that has not is refused whole, as an incomplete
questionnaire is. How the rows are read is in `rows`, how they are summed in `digits`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from mppkit.documents.logs import locate_columns
from mppkit.errors import BlueprintError, InvalidValueError, Problem, nearest, shown
from mppkit.surveys.digits import digits_of, tally_digits
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.labels import Label, read_label, unsettled
from mppkit.surveys.rows import AnswersFile, Layout, Row
from mppkit.surveys.tally import Tally, merge, tally_patterns

SHOWN_OF_A_KIND = 5
"""Rows left out of which the line is kept, for each kind; all are counted."""

MOST_GROUPS = 1_000
"""A column with more values than this is no group, but a name, a number or an instant."""

_SUMMED_AT = 50_000
"""Answers of a group that are summed at one time; more of them fit no processor's cache."""

_KEPT_AT_MOST = 1_000_000
"""Answers of all groups together that are kept before they are summed, a byte for each element."""

_WHOLE = re.compile(r"([+-]?[0-9]{1,4})(?:[.,]0+)?")
"""A number; as an answer it counts only as it is offered, and not as `04` or `+4`."""


class Dirt(StrEnum):
    """Why a row was left out."""

    BLANK = "blank"
    """An answer is missing."""
    NO_CHOICE = "no_choice"
    """An answer is a number that may not be given, such as 0 or 5."""
    TEXT = "text"
    """An answer is no whole number."""
    TOO_FEW_COLUMNS = "too_few_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    UNREADABLE = "unreadable"
    """Its quotes do not fit."""


@frozen(kw_only=True)
class DirtyRow:
    """A row that was left out.

    Attributes:
        line: its first line in the file, from 1.
        kind: why.
        column: the first column that is to blame; None where the whole row is.
        found: the number that stands there; texts are never shown, for they may be somebody's.
    """

    line: int
    kind: Dirt
    column: str | None = None
    found: str | None = None

    def __str__(self) -> str:
        at = f", column {shown(self.column)}" if self.column is not None else ""
        return f"line {self.line}{at}: {self.kind}" + (f" {self.found}" if self.found is not None else "")


@frozen(kw_only=True)
class Answers:
    """What a file of answers came to.

    Attributes:
        tally: of all rows that count; its `left_out` counts the others, by `Dirt`.
        groups: a tally for each value of the column that was asked for, by value; rows with too few or too many
            columns are in none, for nobody knows in which.
        columns: by element, the column it was read from.
        dirty: the first rows of each kind that were left out, by line.
        notes: what the reader should know before believing a ranking of elements.
    """

    tally: Tally
    groups: Mapping[str, Tally]
    columns: Mapping[str, str]
    dirty: tuple[DirtyRow, ...]
    notes: tuple[str, ...]

    @property
    def unlisted(self) -> dict[str, int]:
        """How many more rows were left out than `dirty` lists, by kind."""
        listed = Counter(row.kind.value for row in self.dirty)
        return {kind: n - listed[kind] for kind, n in self.tally.left_out.items() if n > listed[kind]}


def read_answers(
    path: str | Path,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    by: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    left_out: Callable[[DirtyRow], None] | None = None,
) -> Answers:
    """Read a CSV of answers, one questionnaire a row: UTF-8, a header, and `,`, `;` or a tab between the values.

    Columns are found by an element's key or name, or else as `U1`, `U2` and so on in the order of the list.
    Where the questionnaire has another order a note says so, until `columns` names those that differ.

    Args:
        path: the file.
        instrument: what was asked.
        columns: by element, the name of its column where it has another.
        by: the column by whose values tallies are given too, such as the service.
        progress: called with how many bytes are read, and of how many.
        left_out: called with every row that is left out, in the order of the file; the result keeps the first of each
            kind only.

    Raises:
        BlueprintError: columns are missing or unclear; tells every problem at once.
        InvalidValueError: the file cannot be read, is not UTF-8, has no header, or `by` has too many values.
        NotFoundError: there is no such file.

    >>> from pathlib import Path
    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> rows = [",".join(skm.keys), "4,4,4,4,4,4,4,4,3", "4,4,4,4,5,4,4,4,3"]
    >>> _ = Path("answers.csv").write_text(chr(10).join(rows), encoding="utf-8")
    >>> answers = read_answers("answers.csv", skm)
    >>> answers.tally.n, str(answers.dirty[0])
    (1, "line 3, column 'produk': no_choice 5")
    """
    file = AnswersFile(Path(path))
    layout, notes = _lay_out(file, instrument, dict(columns or {}), by)
    reading = _Reading(instrument, file.header, layout, left_out)
    for batch in file.batches(layout, progress):
        for group, digits in batch.digits.items():
            reading.take(_group_name(group), digits)
        for row in sorted(batch.rows, key=lambda row: row.line):
            reading.judge(row)
    groups = reading.groups()
    return Answers(
        tally=merge([reading.of_no_group(), *groups.values()]),
        groups={} if by is None else groups,
        columns={key: file.header[place] for key, place in zip(instrument.keys, layout.places, strict=True)},
        dirty=tuple(reading.dirty),
        notes=notes,
    )


# --- rows ------------------------------------------------------------------------------------------------------------


class _Reading:
    """The answers of a file while it is read, by group."""

    def __init__(
        self,
        instrument: Instrument,
        header: Sequence[str],
        layout: Layout,
        tell: Callable[[DirtyRow], None] | None,
    ) -> None:
        self.dirty: list[DirtyRow] = []
        self._tell = tell
        self._instrument = instrument
        self._header = header
        self._layout = layout
        self._values = [{str(each.value): each.value for each in element.choices} for element in instrument.elements]
        self._kept = 0
        self._digits: dict[str, bytearray] = {}
        self._tallies: dict[str, Tally] = {}
        self._patterns: dict[str, Counter[tuple[int, ...]]] = {}
        self._left_out: dict[str, Counter[str]] = {}
        self._of_no_group: Counter[str] = Counter()
        self._of_a_kind: Counter[Dirt] = Counter()
        self._names: set[str] = set()

    def take(self, group: str, digits: bytes) -> None:
        """Add answers of which each is known to be right."""
        self._check_group(group)
        kept = self._digits.setdefault(group, bytearray())
        kept += digits
        self._kept += len(digits)
        if len(kept) >= _SUMMED_AT * len(self._values):
            self._sum_up(group)
        elif self._kept >= _KEPT_AT_MOST * len(self._values):
            self._sum_up(*self._digits)

    def judge(self, row: Row) -> None:
        """Add a row of which that is not known, or list it as left out."""
        judged = self._judged(row)
        group = None
        if row.values is not None and len(row.values) == self._layout.width:
            group = "" if self._layout.by is None else _group_name(row.values[self._layout.by])
            self._check_group(group)
        if not isinstance(judged, DirtyRow):
            self._patterns.setdefault(group or "", Counter())[judged] += 1
            return
        left_out = self._of_no_group if group is None else self._left_out.setdefault(group, Counter())
        left_out[judged.kind.value] += 1
        self._of_a_kind[judged.kind] += 1
        if self._of_a_kind[judged.kind] <= SHOWN_OF_A_KIND:
            self.dirty.append(judged)
        if self._tell is not None:
            self._tell(judged)

    def groups(self) -> dict[str, Tally]:
        """Return the tally of each group, by its name."""
        self._sum_up(*self._digits)
        names = sorted({*self._tallies, *self._patterns, *self._left_out})
        return {name: merge(self._parts(name)) for name in names}

    def of_no_group(self) -> Tally:
        """Return what was left out of which the group is not known."""
        return tally_patterns(self._instrument, {}, left_out=self._of_no_group)

    def _parts(self, group: str) -> Iterator[Tally]:
        if group in self._tallies:
            yield self._tallies[group]
        patterns: Mapping[tuple[int, ...], int] = self._patterns.get(group, {})
        yield tally_patterns(self._instrument, patterns, left_out=self._left_out.get(group))

    def _judged(self, row: Row) -> tuple[int, ...] | DirtyRow:
        if row.values is None:
            return DirtyRow(line=row.line, kind=Dirt.UNREADABLE)
        if len(row.values) != self._layout.width:
            few = len(row.values) < self._layout.width
            return DirtyRow(line=row.line, kind=Dirt.TOO_FEW_COLUMNS if few else Dirt.TOO_MANY_COLUMNS)
        pattern = []
        for place, values in zip(self._layout.places, self._values, strict=True):
            written, column = row.values[place].strip(), self._header[place]
            if not written:
                return DirtyRow(line=row.line, kind=Dirt.BLANK, column=column)
            whole = _WHOLE.fullmatch(written)
            if whole is None:
                return DirtyRow(line=row.line, kind=Dirt.TEXT, column=column)
            if whole[1] not in values:
                return DirtyRow(line=row.line, kind=Dirt.NO_CHOICE, column=column, found=whole[1])
            pattern.append(values[whole[1]])
        return tuple(pattern)

    def _check_group(self, group: str) -> None:
        if self._layout.by is not None:
            self._names.add(group)
            if len(self._names) > MOST_GROUPS:
                remedy = f"group by a column with up to {MOST_GROUPS:,} different values, such as the service"
                raise InvalidValueError("by", self._header[self._layout.by], remedy)

    def _sum_up(self, *groups: str) -> None:
        for group in groups:
            digits = self._digits.pop(group)
            tally = tally_digits(self._instrument, digits, self._layout.slots)
            self._tallies[group] = merge([self._tallies[group], tally]) if group in self._tallies else tally
            self._kept -= len(digits)


def _group_name(value: str) -> str:
    return " ".join(value.split())


# --- columns ---------------------------------------------------------------------------------------------------------


def _lay_out(
    file: AnswersFile, instrument: Instrument, given: Mapping[str, str], by: str | None
) -> tuple[Layout, tuple[str, ...]]:
    """Return where everything stands, and what is to be told about it."""
    header, problems = file.header, list[Problem]()
    labels = [read_label(instrument, name) for name in header]
    columns, by_number = dict(given), dict[str, str]()
    for number, key in enumerate(instrument.keys, 1):
        if key in given:
            continue
        named = [name for name, label in zip(header, labels, strict=True) if label.key == key]
        numbered = [name for name, label in zip(header, labels, strict=True) if label == Label(number=number)]
        if named or numbered:
            columns[key] = (named or numbered)[0]
        if not named and numbered:
            by_number[key] = numbered[0]
        if len({*named}) > 1:
            allowed = f"several columns are it: name one with --map {key}=COLUMN"
            problems.append(Problem(file=str(file.path), path=key, found=", ".join(map(shown, named)), allowed=allowed))
    needed = {key: f"name its column with --map {key}=COLUMN" for key in instrument.keys}
    found = locate_columns(header, columns, instrument.keys, needed, file=str(file.path), problems=problems)
    for place, number in Counter(found.values()).items():
        if number > 1:
            twice = ", ".join(key for key in found if found[key] == place)
            allowed = "it is read for each of them: name another column for all but one"
            problems.append(Problem(file=str(file.path), path=twice, found=shown(header[place]), allowed=allowed))
    if by is not None and by not in header:
        allowed = f"the header has {', '.join(map(shown, header))}"
        near = nearest(by, header)
        problems.append(Problem(file=str(file.path), path="by", found=shown(by), allowed=allowed, suggestion=near))
    if problems:
        raise BlueprintError(problems, of="file of answers")
    layout = Layout(
        delimiter=file.delimiter,
        width=len(header),
        places=tuple(found[key] for key in instrument.keys),
        allowed=digits_of(instrument),
        by=None if by is None else header.index(by),
    )
    return layout, _order_notes(instrument, by_number)


def _order_notes(instrument: Instrument, by_number: Mapping[str, str]) -> tuple[str, ...]:
    """Say of which columns only the number is known, and that it does not settle the element."""
    moved = unsettled(instrument, by_number)
    if not moved:
        return ()
    read_as = ", ".join(f"{by_number[key]} = {key}" for key in moved)
    settle = " ".join(f"--map {key}={by_number[key]}" for key in moved)
    return (
        f"{read_as}: read in the order of the list of {instrument.id}, but its questionnaire asks these in another "
        f"order, and a heading such as {by_number[moved[0]]} does not say which was meant. The index is the same, the "
        f"ranking of these elements is not. Settle it with {settle}, or the other way round",
    )
