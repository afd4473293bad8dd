"""Tables of regions from CSV files, and the shipped one of the provinces; no other part of the room reads files."""

import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import MappingProxyType

from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError, shown
from mppkit.identity.regions import Regions, read_region_code, shown_code

LARGEST_FILE = 20_000_000
"""Bytes; all 90,000 regions down to the villages take about 3,000,000, so whatever is larger is no such table."""

LONGEST_LINE = 10_000
"""Characters; a code and a name take a hundred."""

MOST_PROBLEMS = 1_000
"""Reading ends there: who has made more mistakes than this has made one, many times."""

_CODE, _NAME = "kode", "nama"
_NEWLINE = b"\n"


@cache
def provinces() -> Regions:
    """Return the 38 provinces, in force by Kepmendagri 300.2.2-2138/2025; nothing below them.

    >>> print(provinces().nearest("65.01.01"))
    65 Kalimantan Utara
    """
    basis = LegalBasis(regulation="Kepmendagri 300.2.2-2138/2025")
    return load_regions(Path(__file__).parent / "provinces.csv", basis=basis)


def load_regions(path: str | Path, *, basis: LegalBasis | None = None) -> Regions:
    """Read a table of regions from a CSV file in UTF-8 with the columns `kode` and `nama`, `,` or `;` between them.

    Any level, any order; a byte-order mark, other columns, empty lines and lines that begin with # do no harm.

    Args:
        path: the file.
        basis: the decree it was made from, so that a warning can name it.

    Raises:
        InvalidValueError: it cannot be read, or lines are wrong; tells every wrong line at once.
    """
    problems: list[str] = []
    names = _names(_read(Path(path)), problems)
    if not names and not problems:
        problems.append("no region in it: write at least one below the names of the columns")
    if problems:
        count = f"{len(problems)} problem" + "s" * (len(problems) != 1)
        raise InvalidValueError(str(path), count, "\n  ".join(problems))
    return Regions(names=MappingProxyType(names), basis=basis)


def _read(path: Path) -> str:
    """Return the file's text.

    Raises:
        InvalidValueError: it cannot be read, is too large or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as failed:
        why = failed.strerror if isinstance(failed, OSError) and failed.strerror else str(failed)
        raise InvalidValueError("regions", str(path), f"{why}; give a CSV file that can be read") from failed
    if len(raw) > LARGEST_FILE:
        remedy = f"more than {LARGEST_FILE:,} bytes; a table of all villages is far smaller"
        raise InvalidValueError("regions", str(path), remedy)
    try:
        return raw.decode("utf-8-sig")  # spreadsheets put a byte-order mark first
    except UnicodeDecodeError as wrong:
        place = f"{path}: line {raw.count(_NEWLINE, 0, wrong.start) + 1}"
        raise InvalidValueError(place, f"byte 0x{raw[wrong.start]:02x}", "save the file as UTF-8") from wrong


def _names(text: str, problems: list[str]) -> dict[str, str]:
    """Return the name of each code, noting every line that gives none."""
    rows = _rows(text, problems)
    line, titles = next(rows, (1, []))
    columns = [title.lower() for title in titles]
    if _CODE not in columns or _NAME not in columns:
        if not problems:
            problems.append(f"line {line}: begin with a line that names the columns {_CODE} and {_NAME}")
        return {}
    names: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in rows:
        if len(problems) >= MOST_PROBLEMS:
            break
        if len(row) < len(columns) or any(row[len(columns) :]):
            problems.append(f"line {line}: give {len(columns)} cells, as the first line does")
            continue
        given, name = row[columns.index(_CODE)], row[columns.index(_NAME)]
        code = read_region_code(given)
        if isinstance(code, Reason):
            problems.append(f"line {line}: {shown(shown_code(given))}: {code.english}")
        elif not name or not name.isprintable():
            problems.append(f"line {line}: {code}: give its name, on one line")
        elif code in lines:
            problems.append(f"line {line}: {code}: give it once; it stands in line {lines[code]} already")
        else:
            names[code], lines[code] = name, line
    return names


def _rows(text: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Return each row that says something, and the line it ends in."""
    for number, line in enumerate(io.StringIO(text), 1):
        if len(line) > LONGEST_LINE:
            problems.append(f"line {number}: {len(line):,} characters: break the line; {LONGEST_LINE:,} at most")
            return
    said = (line for line in io.StringIO(text) if line.strip() and not line.startswith("#"))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in next(said, "") else ",", strict=True)
    try:
        for row in rows:
            if any(row) and not row[0].startswith("#"):
                yield rows.line_num, [cell.strip() for cell in row]
    except csv.Error as failed:
        problems.append(f"line {rows.line_num}: not CSV from here on: {failed}")
