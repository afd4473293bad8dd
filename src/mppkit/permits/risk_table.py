"""From a CSV or TOML file to a table of risks, with limits; every problem is told at once, with its line.

A CSV file has a header, `,` or `;` between the values, and one row a line; where it comes from stands in a comment
before the header:

    # source = Lampiran I PP 28/2025, salinan 1 November 2026
    edition,code,scope,scales,level,basic_requirements,sector,title
    2025,99001,,mikro|kecil,rendah,kkpr|sppl,pariwisata,Vila (rekaan)

A TOML file has `source` and a `[[row]]` for each row, with arrays for `scales` and `basic_requirements`. It may have
250,000 bytes, enough for about a thousand rows; the whole list of a ministry goes into a CSV file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from mppkit.documents.files import read_document
from mppkit.documents.logs import split_row
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, flag, one_of
from mppkit.errors import BlueprintError, InvalidValueError, Problem, nearest, shown
from mppkit.identity.recordable import checked_id
from mppkit.permits.risk import RiskTable
from mppkit.permits.risk_levels import (
    ENVIRONMENTAL,
    ONE_ENVIRONMENTAL,
    BasicRequirement,
    RiskLevel,
    RiskRow,
    Scale,
    checked_code,
    checked_edition,
    checked_source,
    checked_title,
    clashes,
)

LARGEST_FILE = 20_000_000
"""Bytes; as many rows as KBLI 2025 is reported to have risk profiles, 17,346, took 3,400,000 when tried."""

MOST_LINES = 100_000

LONGEST_LINE = 10_000
"""Characters; three titles of 500 and the rest take far less."""

MOST_PROBLEMS = 1_000
"""Reading ends there: who has made more mistakes than this has made one, many times."""

_SHIPPED = Path(__file__).parent / "kbli-contoh.csv"
_WANTED = "give a CSV or TOML file that can be read"
_BETWEEN = "|"
_NOTHING = "-"
_SETTING = re.compile(r"#\s*([A-Za-z_]+)\s*=(.*)")


def load_risk_table(path: str | Path) -> RiskTable:
    """Read a table of risks: a TOML file if its name ends in `.toml`, else a CSV file in UTF-8.

    The columns are `edition`, `code`, `scales`, `level`, `sector` and `title`, and where there are such `scope`,
    `scope_title`, `basic_requirements` and `title_english`, in any order. In CSV `|` parts several values; empty
    `basic_requirements` are not known, `-` are none. `# illustrative = true` marks a table with invented levels. A
    byte-order mark, empty lines and other lines that begin with # do no harm.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.
        InvalidValueError: it is no file's name.
    """
    if not isinstance(path, str | Path):
        raise InvalidValueError("path", path, "give the name of a CSV or TOML file")
    path = Path(path)
    problems: list[Problem] = []
    reading = _read_toml if path.suffix.lower() == ".toml" else _read_csv
    table = reading(path, problems)
    if problems or table is None:
        raise BlueprintError(problems, of="risk table")
    return table


@cache
def sample_risk_table() -> RiskTable:
    """Return the small table that ships, to try things out: codes, titles and levels are invented, not the law's.

    >>> sample_risk_table().illustrative, sample_risk_table().editions
    (True, ('2020', '2025'))
    """
    return load_risk_table(_SHIPPED)


# --- what may stand where --------------------------------------------------------------------------------------------


def _by(rule: Callable[[Any, str], str]) -> Check:
    """Return the check for what the models take, so that a rule is told in one place."""

    def check(value: object) -> object:
        try:
            return rule(value, "")
        except InvalidValueError as wrong:
            return Wrong(allowed=wrong.remedy)

    return check


def _word_of(kind: type[StrEnum]) -> Check:
    return one_of(each.value for each in kind)


def _some(value: object) -> list[object] | Wrong:
    return value if isinstance(value, list) and value else Wrong(allowed=f"give one or more of {', '.join(Scale)}")


def _code(value: object) -> object:
    checked = _by(checked_code)(value)
    if isinstance(checked, Wrong) and isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value):
        return Wrong(allowed=checked.allowed, suggestion=f"0{value}")  # a spreadsheet took it for a number
    return checked


_ROW: Mapping[str, Check] = {
    "edition": _by(checked_edition),
    "code": _code,
    "scales": _some,
    "level": _word_of(RiskLevel),
    "sector": _by(checked_id),
    "title": _by(checked_title),
}
_ROW_OPTIONAL: Mapping[str, Check] = {
    "scope": _by(checked_id),
    "scope_title": _by(checked_title),
    "basic_requirements": array,
    "title_english": _by(checked_title),
}
_COLUMNS = (*_ROW, *_ROW_OPTIONAL)
_SCALE = _word_of(Scale)
_REQUIREMENT = _word_of(BasicRequirement)
_ILLUSTRATIVE: Mapping[str, Check] = {"illustrative": flag}


def _read_row(row: Table) -> RiskRow | None:
    """Return a row; None where a problem with it was noted."""
    code = row.content.get("code")
    row.row = code if isinstance(code, str) else None
    facts = row.read(_ROW, _ROW_OPTIONAL)
    scales = tuple(map(Scale, row.names("scales", _SCALE)))
    asked = tuple(map(BasicRequirement, row.names("basic_requirements", _REQUIREMENT)))
    if len(ENVIRONMENTAL.intersection(asked)) > 1:
        row.note("basic_requirements", ", ".join(asked), Wrong(allowed=ONE_ENVIRONMENTAL))
        return None
    if not _ROW.keys() <= facts.keys() or not scales:
        return None
    facts["basic_requirements"] = asked if "basic_requirements" in facts else None
    return RiskRow(**{**facts, "scales": scales, "level": RiskLevel(facts["level"])})


def _read_rows(tables: Iterable[Table], problems: list[Problem]) -> tuple[RiskRow, ...]:
    """Return the rows that can be read, noting what is wrong with the others, and where two cannot stand together."""
    rows: list[RiskRow] = []
    read_from: list[Table] = []
    for table in tables:
        row = _read_row(table)
        if row is not None:
            rows.append(row)
            read_from.append(table)
        if len(problems) >= MOST_PROBLEMS:
            break
    for clash in clashes(rows):
        table, earlier = read_from[clash.row], read_from[clash.earlier].path
        table.note("scope", rows[clash.row].scope, Wrong(allowed=clash.remedy(earlier)))
        if len(problems) >= MOST_PROBLEMS:
            break
    if len(problems) >= MOST_PROBLEMS:
        found = f"{len(problems):,} problems"
        problems.append(Problem(file=problems[0].file, path="", found=found, allowed="mend these; reading ended here"))
    return tuple(rows)


# --- TOML ------------------------------------------------------------------------------------------------------------


def _some_rows(value: object) -> list[object] | Wrong:
    return value if isinstance(value, list) and value else Wrong(allowed="write at least one [[row]]")


def _read_toml(path: Path, problems: list[Problem]) -> RiskTable | None:
    """Return the table; None where a problem was noted."""
    document = read_document(path, problems)
    if document is None:
        return None
    root = Table(document.content, file=document.file, path="", problems=problems)
    facts = root.read({"source": _by(checked_source), "row": _some_rows}, _ILLUSTRATIVE)
    facts.pop("row", None)
    rows = _read_rows(root.rows("row"), problems)
    return None if problems else RiskTable(**facts, rows=rows)


# --- CSV -------------------------------------------------------------------------------------------------------------


def _csv_source(value: object) -> object:
    if value is None:
        return Wrong(allowed="write a line such as '# source = Lampiran I PP 28/2025' before the header")
    return _by(checked_source)(value)


def _read_csv(path: Path, problems: list[Problem]) -> RiskTable | None:
    """Return the table; None where a problem was noted."""
    text = _read_text(path, problems)
    if text is None:
        return None
    file = _CsvFile(str(path), text, problems)
    facts = Table(file.settings, file=file.name, path="", problems=problems).read(
        {"source": _csv_source}, _ILLUSTRATIVE
    )
    rows = _read_rows(file.rows(), problems)
    if not rows and not problems:
        file.note("", None, "write at least one row below the header")
    return None if problems else RiskTable(**facts, rows=rows)


class _CsvFile:
    """A CSV file: its settings and header are read at once, its rows when they are asked for.

    A row is one line, quoted or not, so that an unmatched quote spoils its own row and swallows no other.

    Attributes:
        settings: what the comments before the header say, such as the source.
    """

    def __init__(self, name: str, text: str, problems: list[Problem]) -> None:
        self.name = name
        self.settings: dict[str, object] = {}
        self._problems = problems
        self._lines = ((line, said) for line, said in enumerate(text.split("\n"), 1) if said.strip())
        line, header = self._read_settings()
        split = {delimiter: _split(header, delimiter) or [] for delimiter in ",;"}
        self._delimiter = max(split, key=lambda delimiter: len(split[delimiter]))
        self._columns = [column.lower() for column in split[self._delimiter]]
        while self._columns and not self._columns[-1]:  # a spreadsheet writes as many cells as its widest row has
            self._columns.pop()
        self._check_columns(line)

    def note(self, path: str, found: str | None, allowed: str, suggestion: str | None = None) -> None:
        """Note a problem."""
        self._problems.append(Problem(file=self.name, path=path, found=found, allowed=allowed, suggestion=suggestion))

    def rows(self) -> Iterator[Table]:
        """Return each row below the header, none if a needed column is not there; lines that are no rows are noted."""
        if not set(_ROW) <= set(self._columns):
            return
        for line, text in self._lines:
            if len(self._problems) >= MOST_PROBLEMS:
                return
            if _is_comment(text):
                continue
            cells = _split(text, self._delimiter)
            if cells is None:
                self.note(f"line {line}", shown(text.strip()), "close each quote in the line in which it opens")
            elif any(cells):
                while len(cells) > len(self._columns) and not cells[-1]:
                    cells.pop()
                if len(cells) != len(self._columns):
                    self.note(f"line {line}", f"{len(cells)} values", f"give {len(self._columns)}, as the header does")
                else:
                    content = _content(dict(zip(self._columns, cells, strict=True)))
                    yield Table(content, file=self.name, path=f"line {line}", problems=self._problems)

    def _read_settings(self) -> tuple[int, str]:
        """Return the line of the header, and its text; empty where there is none."""
        for line, text in self._lines:
            if not _is_comment(text):
                return line, text
            setting = _SETTING.fullmatch(_unquoted(text))
            if setting is None:
                continue
            key, value = setting[1].lower(), setting[2].strip()
            if key in self.settings:
                self.note(f"line {line}", key, "say it once, in one line")
            self.settings[key] = _TRUTH.get(value.lower(), value)
        return 1, ""

    def _check_columns(self, line: int) -> None:
        unknown = [column for column in self._columns if column not in _COLUMNS]
        for column in _ROW:
            if column not in self._columns:
                self.note(f"line {line}", None, f"name a column {column}", nearest(column, unknown))
        for column in dict.fromkeys(self._columns):
            if column in unknown:
                unused = [name for name in _COLUMNS if name not in self._columns]
                allowed = f"no such column; there are {', '.join(_COLUMNS)}"
                self.note(f"line {line}", shown(column), allowed, nearest(column, unused))
            elif self._columns.count(column) > 1:
                self.note(f"line {line}", shown(column), "name each column once")


_TRUTH = {"true": True, "false": False}


def _is_comment(text: str) -> bool:
    return text.lstrip().removeprefix('"').startswith("#")


def _unquoted(text: str) -> str:
    """Return a comment as it was meant: a spreadsheet quotes it, and puts the delimiters of empty cells behind it."""
    text = text.strip().rstrip(",;")
    return text[1:].removesuffix('"').replace('""', '"') if text.startswith('"') else text


def _split(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a line without the blanks around them; None where its quotes do not fit."""
    cells = split_row(text, delimiter)
    return None if cells is None else [cell.strip() for cell in cells]


def _content(cells: Mapping[str, str]) -> dict[str, object]:
    """Return a row as TOML would say it: arrays where there may be several values, no empty cells, no odd columns."""
    content: dict[str, object] = {column: cells[column] for column in _COLUMNS if cells.get(column)}
    for column in ("scales", "basic_requirements"):
        if cell := cells.get(column):
            content[column] = [part.strip() for part in cell.split(_BETWEEN)] if cell != _NOTHING else []
    return content


def _read_text(path: Path, problems: list[Problem]) -> str | None:
    """Return the file's text; None where it cannot be read, which is noted."""

    def note(found: str, allowed: str, where: str = "", suggestion: str | None = None) -> None:
        problems.append(Problem(file=str(path), path=where, found=found, allowed=allowed, suggestion=suggestion))

    try:
        if not path.is_file():
            if path.exists():
                note("not a file", _WANTED)
            else:
                beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
                note("no such file", _WANTED, suggestion=nearest(path.name, beside))
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as failed:
        note(failed.strerror if isinstance(failed, OSError) and failed.strerror else str(failed), _WANTED)
        return None
    if len(raw) > LARGEST_FILE or raw.count(b"\n") >= MOST_LINES:
        note(f"more than {LARGEST_FILE:,} bytes or {MOST_LINES:,} lines", "no list of the KBLI is so large")
        return None
    try:
        text = raw.decode("utf-8-sig")  # spreadsheets put a byte-order mark first
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        note(f"byte 0x{raw[wrong.start]:02x}", "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)", f"line {line}")
        return None
    for line, said in enumerate(text.split("\n"), 1):
        if len(said) > LONGEST_LINE:
            note(f"{len(said):,} characters", f"one row a line, {LONGEST_LINE:,} characters at most", f"line {line}")
            return None
    return text
