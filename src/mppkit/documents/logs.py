"""A log as other systems export it: a CSV file read line by line, and which of its columns holds what."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from mppkit.errors import InvalidValueError, NotFoundError, Problem, nearest, shown

LONGEST_LINE = 100_000
"""Bytes; a row takes hundreds, and a file without line breaks would be read into memory whole."""

_COLUMNS_TOLD = 200


class LogFile:
    """A CSV file in UTF-8 with a header, `,` or `;` between the values, read line by line.

    A row is one line, quoted or not, so that an unmatched quote spoils its own row and swallows no other.

    Raises:
        InvalidValueError: it cannot be read, or is no such file; reading the rows may raise it too.
        NotFoundError: there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        first = next(self._lines(), (0, ""))[1]
        if "\r" in first:  # the whole file would pass for its header, and the log for an empty one
            remedy = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"
            raise InvalidValueError(f"{path}, line 1", "lines that end as on a Macintosh of old", remedy)
        split = {delimiter: split_row(first, delimiter) or [] for delimiter in ",;"}
        self.delimiter = max(split, key=lambda delimiter: len(split[delimiter]))
        self.header = [name.strip() for name in split[self.delimiter]]
        if len(self.header) < 2:
            remedy = "begin the file with a header: names of columns with , or ; between them"
            raise InvalidValueError(f"{path}, line 1", first, remedy)

    def rows(self) -> Iterator[tuple[int, str]]:
        """Iterate over the lines after the header with their numbers, blank ones left out."""
        lines = self._lines()
        next(lines, None)
        for number, text in lines:
            if text and not text.isspace():
                yield number, text

    def values(self, text: str) -> list[str] | None:
        """Return the values of a row, or None where its quotes do not fit."""
        return split_row(text, self.delimiter)

    def _lines(self) -> Iterator[tuple[int, str]]:
        try:
            with self.path.open("rb") as file:
                for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE + 1), b""), 1):
                    if len(raw) > LONGEST_LINE:
                        remedy = "save the file as CSV UTF-8, a row a line"
                        place = f"{self.path}, line {number}"
                        raise InvalidValueError(place, f"more than {LONGEST_LINE:,} bytes", remedy)
                    text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                    yield number, text.rstrip("\r\n")
        except FileNotFoundError:
            beside = (other.name for other in self.path.parent.glob("*.csv"))
            raise NotFoundError("file", self.path.name, beside, f"looked in {self.path.parent}") from None
        except UnicodeDecodeError as wrong:
            remedy = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"
            raise InvalidValueError(f"{self.path}, line {number}", wrong.object[wrong.start :][:1], remedy) from None
        except InvalidValueError:
            raise
        except (OSError, ValueError) as failed:  # ValueError: no file can have such a name
            why = failed.strerror if isinstance(failed, OSError) else str(failed)
            remedy = f"give a file that can be read: {why}"
            raise InvalidValueError("log", str(self.path), remedy) from failed


def split_row(text: str, delimiter: str) -> list[str] | None:
    """Return the values of a line, or None where its quotes do not fit."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def locate_columns(
    header: Sequence[str],
    given: Mapping[str, str],
    fields: Collection[str],
    needed: Mapping[str, str],
    *,
    file: str,
    problems: list[Problem],
) -> dict[str, int]:
    """Return where the fields that are there stand in a header; every problem is noted, and none raised.

    Args:
        header: the names of the columns.
        given: by field, the name of its column where that is another.
        fields: all fields there are.
        needed: by each field that must be there, what to do where it is not.
        file: the file, for the problems.
        problems: where they are noted.
    """

    def note(path: str, found: str | None, allowed: str, suggestion: str | None = None) -> None:
        problems.append(Problem(file=file, path=path, found=found, allowed=allowed, suggestion=suggestion))

    there = f"the header has {', '.join(map(shown, header[:_COLUMNS_TOLD]))}"
    if len(header) > _COLUMNS_TOLD:
        there += f" and {len(header) - _COLUMNS_TOLD:,} more"
    for field, column in given.items():
        if field not in fields:
            note(f"{field}={column}", shown(field), f"there are the fields {', '.join(fields)}", nearest(field, fields))
        elif column not in header:
            note(f"{field}={column}", shown(column), there, nearest(column, header[:_COLUMNS_TOLD]))
    names = {field: given.get(field, field) for field in fields}
    found = {field: header.index(name) for field, name in names.items() if name in header}
    for field in found:
        if header.count(names[field]) > 1:
            note(f"{field}={names[field]}", "a name that several columns have", "rename all but one of them")
    for field, remedy in needed.items():
        if field not in found and field not in given:
            note(field, None, f"{remedy}; {there}", nearest(field, header[:_COLUMNS_TOLD]))
    return found
