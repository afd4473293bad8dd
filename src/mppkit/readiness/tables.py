"""TOML being read key by key, every problem noted with its place and none raised: for instruments and evidence files.

A small sibling of the blueprint's reader, which stands on a floor above this room.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from mppkit.errors import Problem, nearest, shown
from mppkit.ids import ID_REMEDY, is_id

LARGEST_FILE = 250_000
"""Bytes; the shipped instrument takes about 30,000."""

LONGEST_LINE = 1_000
"""Characters; tomllib takes memory by the square of a dotted key's length."""

_TEXT_AT_MOST = 500
_LONGEST_GUESSED = 100
_GUESSES = 200  # looking for near misses is slow, and who has made more mistakes than this has made one


@frozen(kw_only=True)
class Wrong:
    """What is allowed where something else was found.

    Attributes:
        suggestion: what was probably meant, where a rule says so.
        among: the words to look for the nearest one in, where no rule says so.
    """

    allowed: str
    suggestion: str | None = None
    among: Iterable[str] = ()


Check = Callable[[object], object]
"""Returns the value as the models want it, or a Wrong."""


# --- values --------------------------------------------------------------------------------------------------------


def text(value: object) -> str | Wrong:
    """Check one line of text."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > _TEXT_AT_MOST:
        return Wrong(allowed=f"give one line of text, up to {_TEXT_AT_MOST} characters")
    return value


def identifier(value: object) -> str | Wrong:
    """Check an identifier."""
    return value if isinstance(value, str) and is_id(value) else Wrong(allowed=ID_REMEDY)


def flag(value: object) -> bool | Wrong:
    """Check a truth value."""
    return value if isinstance(value, bool) else Wrong(allowed="give true or false, without quotes")


def whole(least: int, most: int) -> Check:
    """Return the check for a whole number in a range, both ends in it."""

    def check(value: object) -> int | Wrong:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            return Wrong(allowed=f"give a whole number from {least} to {most}, without quotes")
        return value

    return check


def share(value: object) -> float | Wrong:
    """Check a share: more than 0, up to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        return Wrong(allowed="give a share, more than 0 and up to 1, without quotes")
    return float(value)


def day(value: object) -> date | Wrong:
    """Check a date; TOML has its own way to write one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return Wrong(allowed="give a date without quotes, such as 2026-11-24")


def one_of(names: Iterable[str]) -> Check:
    """Return the check for one of some words."""
    names = tuple(names)

    def check(value: object) -> str | Wrong:
        if isinstance(value, str) and value in names:
            return value
        return Wrong(allowed=f"give one of {', '.join(names)}", among=names)

    return check


def table(value: object) -> dict[str, object] | Wrong:
    """Check a table."""
    return value if isinstance(value, dict) else Wrong(allowed="give a table")


def array(value: object) -> list[object] | Wrong:
    """Check an array that is not empty."""
    return value if isinstance(value, list) and value else Wrong(allowed='give an array, such as ["link", "document"]')


def rows_of(name: str) -> Check:
    """Return the check for an array of tables, one at least."""
    return lambda value: value if isinstance(value, list) and value else Wrong(allowed=f"write at least one [[{name}]]")


# --- tables --------------------------------------------------------------------------------------------------------


class Table:
    """A table that is being read.

    Attributes:
        content: what stands in it.
        path: its place in the file, such as `item[3]`; empty for the whole file.
    """

    def __init__(self, content: Mapping[str, object], *, file: str, path: str, problems: list[Problem]) -> None:
        self.content = content
        self.path = path
        self._file = file
        row = content.get("id") if path else None
        self._row = row if isinstance(row, str) else None
        self._problems = problems

    def note(self, key: str, value: object, wrong: Wrong) -> None:
        """Note a problem with the value of a key; None for a value that is missing, an empty key for the table."""
        suggestion = wrong.suggestion
        may_guess = len(self._problems) < _GUESSES and isinstance(value, str) and len(value) <= _LONGEST_GUESSED
        if suggestion is None and may_guess:
            suggestion = nearest(str(value), wrong.among)
        self._problems.append(
            Problem(
                file=self._file,
                path=f"{self.path}.{key}" if self.path and key else self.path or key,
                row=self._row,
                found=_found(value),
                allowed=wrong.allowed,
                suggestion=suggestion,
            )
        )

    def read(self, required: Mapping[str, Check], optional: Mapping[str, Check]) -> dict[str, Any]:
        """Return what stands in the table, checked; what is missing, wrong or unknown is noted and left out."""
        known = {**required, **optional}
        facts = {}
        for key, check in known.items():
            if key not in self.content and key not in required:
                continue
            value = check(self.content.get(key))  # no check takes None
            if isinstance(value, Wrong):
                self.note(key, self.content.get(key), value)
            else:
                facts[key] = value
        for key in self.content:
            if key not in known:
                self.note(shown(key), key, Wrong(allowed=f"no such key; there are {', '.join(known)}", among=known))
        return facts

    def rows(self, key: str) -> tuple["Table", ...]:
        """Return the tables of the array under a key; what is no table is noted and left out."""
        rows = []
        given = self.content.get(key)
        for index, content in enumerate(given if isinstance(given, list) else ()):
            path = f"{key}[{index}]"
            if isinstance(content, dict):
                rows.append(Table(content, file=self._file, path=path, problems=self._problems))
            else:
                self.note(path, content, Wrong(allowed=f"begin each with [[{key}]], in two brackets"))
        return tuple(rows)

    def inner(self, key: str) -> "Table":
        """Return the table under a key, an empty one if there is none."""
        content = self.content.get(key)
        given = content if isinstance(content, dict) else {}
        return Table(given, file=self._file, path=key, problems=self._problems)


def _found(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else shown(value)


# --- files ---------------------------------------------------------------------------------------------------------


def read_toml(path: Path, problems: list[Problem]) -> Table | None:
    """Return a file's whole table; None where it cannot be read, which is noted."""

    def note(found: str, allowed: str, where: str = "") -> None:
        problems.append(Problem(file=str(path), path=where, found=found, allowed=allowed))

    try:
        if not path.is_file():  # opening a pipe would wait for ever
            note("no such file", "give a TOML file")
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as failed:
        why = failed.strerror if isinstance(failed, OSError) and failed.strerror else str(failed)
        note(why, "give a TOML file that can be read")
        return None
    if len(raw) > LARGEST_FILE:
        note(f"more than {LARGEST_FILE:,} bytes", "this is no such file")
        return None
    try:
        written = raw.decode("utf-8-sig")  # editors on Windows put a byte-order mark first
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        note(f"byte 0x{raw[wrong.start]:02x}", "save the file as UTF-8", f"line {line}")
        return None
    for number, line_written in enumerate(written.split("\n"), 1):
        if len(line_written) > LONGEST_LINE:
            note(f"{len(line_written):,} characters", f"break the line; {LONGEST_LINE:,} at most", f"line {number}")
            return None
    try:
        return Table(tomllib.loads(written), file=str(path), path="", problems=problems)
    except ValueError as wrong:  # TOMLDecodeError is one
        note("not TOML", str(wrong))
    except RecursionError:
        note("arrays or tables within each other, hundreds deep", "it is two deep")
    return None
