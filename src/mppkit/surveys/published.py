"""What somebody published of a survey, read from a TOML or CSV file; `checking` judges it."""

import csv
import re
from collections.abc import Mapping
from decimal import Decimal
from io import StringIO
from pathlib import Path

from attrs import field, frozen

from mppkit.documents.files import LARGEST_FILE, read_document
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, table, text, whole
from mppkit.errors import BlueprintError, Problem, shown

_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,6})?")
_DIGITS = re.compile(r"[0-9]{1,19}")
_YEARS = (1945, 2200)
_MOST_ANSWERS = 1_000_000_000


@frozen(kw_only=True)
class Report:
    """What was published.

    Attributes:
        averages: of each element (*NRR per unsur*), by what it is called there, such as `U8` or `Sarana`.
        index: on the scale of 25 to 100, with the decimals it was printed with.
        grade, performance: such as `B` and `Baik`; n: how many answered.
        instrument: the id of one that ships, or a TOML file; year: in which it was published.
        bands: the least index of each grade, where the report prints its table.
    """

    averages: Mapping[str, Decimal]
    index: Decimal
    grade: str | None = None
    performance: str | None = None
    n: int | None = None
    instrument: str | None = None
    year: int | None = None
    bands: Mapping[str, Decimal] = field(factory=dict)


def load_report(path: str | Path) -> Report:
    """Read a report: a TOML file if its name ends in `.toml`, else a CSV file in UTF-8.

    TOML has `index`, perhaps `grade`, `performance`, `n`, `year` and `instrument`, a table `[averages]`, and perhaps
    `[bands]` with the least index of each grade. CSV has two columns, `,` or `;` or a tab between them: the
    elements with their averages, and rows that begin with `index`, `grade` and so on. Numbers may have a decimal comma;
    in TOML put them in quotes as they are printed, so that `74,50` keeps its zero.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.
    """
    path = Path(path)
    problems: list[Problem] = []
    content = (_read_toml if path.suffix.lower() == ".toml" else _read_csv)(path, problems)
    if content is not None:
        top = Table(content, file=str(path), path="", problems=problems)
        facts = top.read(_NEEDED, _OPTIONAL)
        averages, bands = (_numbers(top.inner(name)) for name in ("averages", "bands"))
        if not averages and "averages" in facts:
            top.note("averages", None, Wrong(allowed="give the published average of each element"))
        if not problems:
            return Report(**{**facts, "averages": averages, "bands": bands})
    raise BlueprintError(problems, of="report")


def number_of(value: object) -> Decimal | Wrong:
    """Check a number as it is printed, with a point or a comma.

    >>> number_of("74,50"), number_of(3.047)
    (Decimal('74.50'), Decimal('3.047'))
    """
    written = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if _NUMBER.fullmatch(written):
        return Decimal(written.replace(",", "."))
    return Wrong(allowed="give a number as it is printed, such as 3,047 or 74.51")


_NEEDED: Mapping[str, Check] = {"index": number_of, "averages": table}
_OPTIONAL: Mapping[str, Check] = {
    "grade": text,
    "performance": text,
    "n": whole(1, _MOST_ANSWERS),
    "year": whole(*_YEARS),
    "instrument": text,
    "bands": table,
}


_FACTS = ("index", "grade", "performance", "n", "year", "instrument")
_WHOLE = ("n", "year")


def _numbers(inner: Table) -> dict[str, Decimal]:
    return inner.read({}, dict.fromkeys(inner.content, number_of))


def _read_toml(path: Path, problems: list[Problem]) -> Mapping[str, object] | None:
    document = read_document(path, problems)
    return None if document is None else document.content


def _read_csv(path: Path, problems: list[Problem]) -> Mapping[str, object] | None:
    """Return what a CSV says, in the shape that TOML has."""

    def note(found: str | None, allowed: str, place: str = "") -> None:
        problems.append(Problem(file=str(path), path=place, found=found, allowed=allowed))

    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            note("not a file", "give a CSV or TOML file, and save what a pipe gives as one")
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        written = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        note(f"byte 0x{raw[wrong.start]:02x}", "save the file as CSV UTF-8")
        return None
    except (OSError, ValueError) as failed:  # ValueError: no file can have such a name
        note(getattr(failed, "strerror", None) or str(failed), "give a CSV or TOML file that can be read")
        return None
    if len(raw) > LARGEST_FILE:
        note(f"more than {LARGEST_FILE:,} bytes", "give a report, not the answers")
        return None
    first = written.partition("\n")[0]
    delimiter = max("\t;,", key=lambda sign: sign in first)
    facts: dict[str, object] = {}
    averages: dict[str, str] = {}
    reader = csv.reader(StringIO(written, newline=""), delimiter=delimiter)
    try:
        for values in reader:
            place = f"line {reader.line_num}"
            cells = [value.strip() for value in values]
            while len(cells) > 2 and not cells[-1]:
                cells.pop()
            label, value = (*cells, "", "")[:2]
            if not any(cells) or (reader.line_num == 1 and label not in _FACTS and _NUMBER.fullmatch(value) is None):
                continue  # blank, or the header
            if len(cells) != 2:
                note(
                    f"{len(cells)} values", "give an element and its average; put 3,047 in quotes, or ; between", place
                )
            elif label in facts or label in averages:
                note(shown(label), "say it once", place)
            elif label in _FACTS:
                facts[label] = int(value) if label in _WHOLE and _DIGITS.fullmatch(value) else value
            else:
                averages[label] = value
    except csv.Error as wrong:
        note(str(wrong), "save the file as CSV UTF-8")
        return None
    return {**facts, "averages": averages}
