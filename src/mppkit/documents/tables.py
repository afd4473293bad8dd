"""TOML tables being read: checked key by key, and every problem noted with its place."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mppkit.documents.values import Check, Wrong, found
from mppkit.errors import Problem, nearest, shown

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_GUESSED = 100
_GUESSES = 200  # looking for near misses is slow, and who has made more mistakes than this has made one


def _key(key: str) -> str:
    """Return a key as it may stand in a path: quoted where TOML wants it, long numbers masked."""
    masked = shown(key)
    return key if _BARE.fullmatch(key) and masked == f"'{key}'" else masked


def _near(value: object, among: Iterable[str]) -> str | None:
    if not isinstance(value, str) or len(value) > _LONGEST_GUESSED:
        return None
    among = tuple(among)
    return nearest(value, among) or nearest(value.lower(), among)


def begin_rows(name: str) -> Wrong:
    """Say how the rows of an array of tables begin."""
    return Wrong(allowed=f"begin each with [[{name}]], in two brackets")


class Table:
    """A table that is being read.

    Attributes:
        content: what stands in it.
        file: the file it stands in.
        path: its place in that file, such as `service[3]`; empty for the whole file.
        row: the id of the row that it is, or is part of, where that has one.
    """

    def __init__(
        self, content: Mapping[str, object], *, file: str, path: str, problems: list[Problem], is_row: bool = False
    ) -> None:
        self.content = content
        self.file = file
        self.path = path
        row = content.get("id")
        self.row = row if is_row and isinstance(row, str) else None
        self._problems = problems

    def note(self, key: str, value: object, wrong: Wrong) -> None:
        """Note a problem with the value of a key; None for a value that is missing, an empty key for the table."""
        suggestion = wrong.suggestion
        if suggestion is None and len(self._problems) < _GUESSES:
            suggestion = _near(value, wrong.among)
        self._problems.append(
            Problem(
                file=self.file,
                path=self._place(key),
                row=self.row,
                found=found(value),
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
            value = check(self.content.get(key))
            if isinstance(value, Wrong):
                self.note(_key(key), self.content.get(key), value)  # in some tables the keys are what people wrote
            else:
                facts[key] = value
        unused = [key for key in known if key not in self.content]
        for key in self.content:
            if key not in known:
                self.note(_key(key), key, Wrong(allowed=f"no such key; there are {', '.join(known)}", among=unused))
        return facts

    def items(self, key: str, check: Check) -> tuple[Any, ...]:
        """Return the elements of an array, checked; what is wrong is noted and left out."""
        given = self.content.get(key)
        taken = []
        for index, value in enumerate(given if isinstance(given, list) else ()):
            checked = check(value)
            if isinstance(checked, Wrong):
                self.note(f"{key}[{index}]", value, checked)
            else:
                taken.append(checked)
        return tuple(taken)

    def names(self, key: str, check: Check) -> tuple[str, ...]:
        """Return the elements of an array of names, such as ids; what is wrong or named twice is noted and left out."""
        seen: set[object] = set()

        def once(value: object) -> object:
            checked = check(value)
            if isinstance(checked, Wrong):
                return checked
            if checked in seen:
                return Wrong(allowed="name each once")
            seen.add(checked)
            return checked

        return self.items(key, once)

    def inner(self, key: str) -> "Table":
        """Return the table under a key, an empty one if there is none."""
        content = self.content.get(key)
        return self._part(content if isinstance(content, dict) else {}, key)

    def inner_rows(self, key: str) -> tuple["Table", ...]:
        """Return the tables of the array under a key; what is no table is noted and left out."""
        rows = []
        given = self.content.get(key)
        for index, content in enumerate(given if isinstance(given, list) else ()):
            if isinstance(content, dict):
                rows.append(self._part(content, f"{key}[{index}]"))
            else:
                self.note(f"{key}[{index}]", content, Wrong(allowed="give a table, in braces"))
        return tuple(rows)

    def rows(self, key: str) -> tuple["Table", ...]:
        """Return the rows of an array of tables of a whole file; what is no table is noted and left out."""
        rows = []
        given = self.content.get(key)
        for index, content in enumerate(given if isinstance(given, list) else ()):
            path = f"{key}[{index}]"
            if isinstance(content, dict):
                rows.append(Table(content, file=self.file, path=path, problems=self._problems, is_row=True))
            else:
                self.note(path, content, begin_rows(key))
        return tuple(rows)

    def _place(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _part(self, content: Mapping[str, object], key: str) -> "Table":
        part = Table(content, file=self.file, path=self._place(key), problems=self._problems)
        part.row = self.row
        return part
