"""Rows of a CSV of answers, read in blocks: a fast way for plain text and a quoting-safe one, with equal results.

Both take at once what is in the one form that nearly all rows have, and hand on the rest value by value, so that one
judge decides over it whichever way it came. This file knows no instrument, only columns and digits.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from io import StringIO
from itertools import compress, islice, repeat
from operator import itemgetter
from pathlib import Path

from attrs import frozen

from mppkit.errors import InvalidValueError, NotFoundError

BLOCK = 1 << 17
"""Bytes read at once."""

LONGEST_ROW = 1 << 20
"""Bytes; a file without line ends is not to fill the memory."""

MOST_LINES = 1_000
"""Lines that one row in quotes may have; more is a quote that was never closed."""

MOST_COLUMNS = 1_000
"""Each is looked at for each element; a questionnaire has a few dozen."""

_DELIMITERS = ",;\t"
_BETWEEN = "\x1f"
"""The sign that Unicode has to part values: in no text that people write, and white space in one that has it."""

_SAVE_AS = "save the file as CSV UTF-8, as spreadsheets call it"


class Edge(Enum):
    """At which end of a row its answers stand."""

    BEGIN = "begin"
    END = "end"
    NONE = "none"


@frozen(kw_only=True)
class Layout:
    """Where things stand in a row.

    Attributes:
        delimiter: what parts the values.
        width: how many columns.
        places: for each element, its column, from 0.
        allowed: for each element, the digits that answer it; None where all rows are to be handed on.
        by: the column by whose values rows are grouped; None for one group.
    """

    delimiter: str
    width: int
    places: tuple[int, ...]
    allowed: tuple[str, ...] | None
    by: int | None = None

    @property
    def edge(self) -> Edge:
        """Where in a row all answers stand, side by side in whatever order."""
        if max(self.places) - min(self.places) != len(self.places) - 1:
            return Edge.NONE
        if min(self.places) == 0:
            return Edge.BEGIN
        return Edge.END if max(self.places) == self.width - 1 else Edge.NONE

    @property
    def first(self) -> int:
        """Where in a record of answers and delimiters the first digit stands."""
        return int(self.edge is Edge.END)

    @property
    def slots(self) -> tuple[int, ...]:
        """For each element, where its digit stands in a row of digits."""
        if self.edge is Edge.NONE:
            return tuple(range(len(self.places)))
        return tuple(place - min(self.places) for place in self.places)


@frozen(kw_only=True)
class Row:
    """A row that was not taken at once.

    Attributes:
        line: its first line in the file, from 1.
        values: its columns; None where its quotes do not fit.
    """

    line: int
    values: Sequence[str] | None

    @property
    def is_blank(self) -> bool:
        """Whether it is a blank line, which is no row."""
        return self.values is not None and len(self.values) == 1 and not self.values[0].strip()


@frozen(kw_only=True)
class Batch:
    """Some rows.

    Attributes:
        digits: by group, the answers of the rows that were taken: one digit each, in the order of `Layout.slots`.
        rows: those that were not taken.
    """

    digits: Mapping[str, bytes]
    rows: Sequence[Row]


class AnswersFile:
    """A CSV file in UTF-8 with a header, and `,`, `;` or a tab between the values.

    A row may have several lines where a value in quotes has. A row that does not fit spoils no other: where it has
    several lines, each line after its first is read as a row again.

    Attributes:
        header: the names of the columns.

    Raises:
        InvalidValueError: it cannot be read, or has no header; reading the rows may raise it too.
        NotFoundError: there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        first = next(self._blocks(None), "")
        headers: dict[str, tuple[list[str], int]] = {}
        for delimiter in _DELIMITERS:
            reader = csv.reader(StringIO(first, newline="\n"), delimiter=delimiter)
            try:
                headers[delimiter] = next(reader, []), reader.line_num
            except csv.Error:  # a value that is far too long
                headers[delimiter] = [], 0
        self.delimiter = max(headers, key=lambda delimiter: len(headers[delimiter][0]))
        names, self._header_lines = headers[self.delimiter]
        if len(names) > MOST_COLUMNS:
            raise InvalidValueError(f"{path}, line 1", f"{len(names):,} columns", f"give up to {MOST_COLUMNS:,}")
        self.header = [" ".join(name.split()) for name in names]
        if len(self.header) < 2 or all(not name or name.isdecimal() for name in self.header):
            begin = "begin the file with a header: names of columns with , or ; between them"
            raise InvalidValueError(f"{path}, line 1", ",".join(self.header), begin)

    def batches(self, layout: Layout, progress: Callable[[int, int], None] | None = None) -> Iterator[Batch]:
        """Iterate over the rows after the header."""
        left, line = "", self._header_lines + 1
        header = True
        for block in self._blocks(progress):
            text = _after_lines(block, self._header_lines) if header else left + block
            header = False
            batch, left = read_block(text, layout, line)
            line += text.count("\n") - left.count("\n")
            yield batch
        if left:
            yield read_block(left, layout, line, is_last=True)[0]

    def _blocks(self, progress: Callable[[int, int], None] | None) -> Iterator[str]:
        """Iterate over pieces of the text that end where a line does; line ends are all alike."""
        line, done, left = 1, 0, b""
        try:
            if self.path.exists() and not self.path.is_file():  # a pipe would be waited for, and it is read twice
                raise InvalidValueError("answers", str(self.path), "give a file, and save what a pipe gives as one")
            with self.path.open("rb") as file:
                total = self.path.stat().st_size
                while piece := file.read(BLOCK):
                    done += len(piece)
                    end = piece.rfind(b"\n") + 1
                    if not end and len(left) + len(piece) < LONGEST_ROW:
                        left += piece
                        continue
                    if not end:
                        raise InvalidValueError(f"{self.path}, line {line}", f"{len(left):,} bytes", _SAVE_AS)
                    raw, left = left + piece[:end], piece[end:]
                    yield self._decoded(raw, line)
                    line += raw.count(b"\n")
                    if progress is not None:
                        progress(done, total)
            if left:
                yield self._decoded(left, line)
        except FileNotFoundError:
            beside = (other.name for other in self.path.parent.glob("*.csv"))
            raise NotFoundError("file", self.path.name, beside, f"looked in {self.path.parent}") from None
        except InvalidValueError:
            raise
        except (OSError, ValueError) as failed:  # ValueError: no file can have such a name
            why = failed.strerror if isinstance(failed, OSError) else str(failed)
            remedy = f"give a file that can be read: {why}"
            raise InvalidValueError("answers", str(self.path), remedy) from failed

    def _decoded(self, raw: bytes, line: int) -> str:
        try:
            text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError as wrong:
            line += raw.count(b"\n", 0, wrong.start)
            raise InvalidValueError(f"{self.path}, line {line}", raw[wrong.start :][:1], _SAVE_AS) from None
        if "\r" not in text:
            return text
        text = text.replace("\r\n", "\n")
        if line == 1 and "\n" not in text and "\r" in text.rstrip("\r"):
            raise InvalidValueError(f"{self.path}, line 1", "lines that end as on a Macintosh of old", _SAVE_AS)
        return text.replace("\r", " ")


def read_block(text: str, layout: Layout, line: int, *, is_last: bool = False) -> tuple[Batch, str]:
    """Read whole lines, the first of them `line`, and return what is left of them: a row that is not at its end."""
    if is_plain(text):
        return read_plain(text, layout, line), ""
    return read_quoted(text, layout, line, is_last=is_last)


def is_plain(text: str) -> bool:
    """Return whether every line is a row, and every delimiter parts two values."""
    return '"' not in text


def read_plain(text: str, layout: Layout, line: int) -> Batch:
    """Read lines of a text that is plain."""
    if " " in text:  # some write one beside every delimiter; such a value means the same
        for spaced in (" " + layout.delimiter, layout.delimiter + " "):
            text = text.replace(spaced, layout.delimiter)
    lines = text.removesuffix("\n").split("\n")
    return _read_lines(lines, range(line, line + len(lines)), layout, layout.delimiter)


def read_quoted(text: str, layout: Layout, line: int, *, is_last: bool = False) -> tuple[Batch, str]:
    """Read lines that may have quotes, and return what is left of them: a row that is not at its end."""
    if _BETWEEN in text:
        text = text.replace(_BETWEEN, " ")
    lines = text.removesuffix("\n").split("\n")
    broken: list[Row] = []
    numbers: Sequence[int] = range(line, line + len(lines))
    left = ""
    try:
        rows = list(map(_BETWEEN.join, csv.reader(lines, delimiter=layout.delimiter, strict=True)))
    except csv.Error:
        rows = []
    if len(rows) != len(lines):  # a row has several lines, or quotes that do not fit
        rows, numbers, broken, left = _one_by_one(text, layout, line, is_last=is_last)
    batch = _read_lines(rows, numbers, layout, _BETWEEN)
    return Batch(digits=batch.digits, rows=(*broken, *batch.rows)), left


def _one_by_one(text: str, layout: Layout, line: int, *, is_last: bool) -> tuple[list[str], list[int], list[Row], str]:
    """Return the rows, the line on which each begins, those whose quotes do not fit, and what is left."""
    lines = list(StringIO(text, newline="\n"))
    rows: list[str] = []
    numbers: list[int] = []
    broken: list[Row] = []
    at = 0
    while at < len(lines):
        reader = csv.reader(islice(lines, at, None), delimiter=layout.delimiter, strict=True)
        start = at
        try:
            for values in reader:
                if reader.line_num > at - start + 1 and len(values) != layout.width:
                    raise csv.Error
                rows.append(_BETWEEN.join(values))
                numbers.append(line + at)
                at = start + reader.line_num
        except csv.Error:
            is_open = start + reader.line_num == len(lines) and len(lines) - at < MOST_LINES
            if is_open and not is_last:
                return rows, numbers, broken, "".join(lines[at:])
            broken.append(Row(line=line + at, values=None))
            at += 1
    return rows, numbers, broken, ""


def _read_lines(lines: list[str], numbers: Sequence[int], layout: Layout, delimiter: str) -> Batch:
    """Read rows that are one text each, with a delimiter that parts values wherever it stands."""
    others: list[Row] = []

    def leave(fits: list[bool]) -> None:
        nonlocal lines, numbers
        unfit = [(numbers[at], lines[at]) for at, fit in enumerate(fits) if not fit]
        rows = [Row(line=number, values=row.split(delimiter)) for number, row in unfit]
        others.extend(row for row in rows if not row.is_blank)
        lines, numbers = list(compress(lines, fits)), list(compress(numbers, fits))

    profiles, delimiters = _profiles(lines, layout)
    # many rows have the same profile, which is then looked into once
    looked_into: Collection[str] = lines if layout.by is None else set(profiles)
    if not set(map(str.count, looked_into, repeat(delimiter))) <= {delimiters}:
        fits = [profile.count(delimiter) == delimiters for profile in profiles]
        profiles = list(compress(profiles, fits))
        leave(fits)
    records = _records(lines, layout, delimiter)
    bad = _unlike(records, layout, delimiter)
    if bad:
        fits = [at not in bad for at in range(len(lines))]
        profiles, records = list(compress(profiles, fits)), list(compress(records, fits))
        leave(fits)
    groups: dict[str, list[str]] = {"": records}
    if layout.by is not None:
        groups = defaultdict(list)
        split = {profile: profile.split(delimiter, layout.by + 1) for profile in looked_into}
        put = {
            profile: groups[values[layout.by]].append for profile, values in split.items() if len(values) > layout.by
        }
        for profile, record in zip(profiles, records, strict=True):
            put[profile](record)
    # a row that was left may have been the only one of its group
    digits = {key: _joined(found)[layout.first :: 2] for key, found in groups.items() if found or layout.by is None}
    return Batch(digits=digits, rows=others)


def _profiles(lines: list[str], layout: Layout) -> tuple[list[str], int]:
    """Return what each row says beside the answers, or all of it, and how many delimiters are in that."""
    answers = len(layout.places)
    if layout.by is None or layout.edge is not Edge.END or layout.by >= min(layout.places):
        return lines, layout.width - 1
    return list(map(itemgetter(slice(None, -2 * answers)), lines)), layout.width - 1 - answers


def _records(lines: list[str], layout: Layout, delimiter: str) -> list[str]:
    """Return the answers of each row, with a delimiter after each of them; or before each, at the end of a row.

    With the one at the edge a longer value there does not pass for a digit.
    """
    size = 2 * len(layout.places)
    if layout.edge is Edge.END:
        return list(map(itemgetter(slice(-size, None)), lines))  # twice as fast as a slice made for each row
    if layout.edge is Edge.BEGIN:
        cut = itemgetter(slice(None, size))
        return [cut(row + delimiter) for row in lines]
    pick = itemgetter(*layout.places)
    return [delimiter.join(pick(row.split(delimiter))) + delimiter for row in lines]


def _unlike(records: list[str], layout: Layout, delimiter: str) -> set[int]:
    """Return which records are not one allowed digit for each element, and a delimiter for each."""
    if layout.allowed is None:
        return set(range(len(records)))
    width = len(layout.places)
    places: Sequence[int] = range(len(records))
    bad: set[int] = set()
    joined = _joined(records)
    # none is longer where they were cut at an edge, so that the sum tells whether one is shorter
    if layout.edge is Edge.NONE or len(joined) != 2 * width * len(records):
        fits = [len(record) == 2 * width for record in records]
        bad.update(at for at, fit in enumerate(fits) if not fit)
        places, records = list(compress(places, fits)), list(compress(records, fits))
        joined = _joined(records)
    digits, between = joined[layout.first :: 2], joined[1 - layout.first :: 2]
    if between != delimiter.encode() * len(between):
        bad.update(places[at // width] for at in _other_than(delimiter, between))
    if len(set(layout.allowed)) == 1 and not digits.translate(None, layout.allowed[0].encode()):
        return bad
    for slot, allowed in zip(layout.slots, layout.allowed, strict=True):
        column = digits[slot::width]
        if column.translate(None, allowed.encode()):
            bad.update(places[at] for at in _other_than(allowed, column))
    return bad


def _joined(records: list[str]) -> bytes:
    """Return all records as one text, a byte to the sign."""
    return "".join(records).encode("ascii", "replace")


def _other_than(signs: str, text: bytes) -> Iterator[int]:
    """Iterate over the places that have another sign."""
    return (found.start() for found in re.finditer(b"[^" + re.escape(signs).encode() + b"]", text))


def _after_lines(text: str, count: int) -> str:
    return "".join(islice(StringIO(text, newline="\n"), count, None))
