"""Workbooks of spreadsheets (XLSX): the result of a survey as offices file it. The only door to `xlsxwriter`.

A workbook holds values, never a formula, and the same content gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

from attrs import field, frozen

from mppkit.errors import InvalidValueError, MissingExtraError
from mppkit.surveys.index import exact_index, half_up
from mppkit.surveys.publishing import (
    NONE_STANDS_OUT,
    NOTHING_PLANNED,
    NOTHING_SHOWN,
    THANKS,
    Publication,
    Words,
    standing,
)
from mppkit.surveys.tally import moments

try:
    import xlsxwriter  # type: ignore[import-untyped,unused-ignore]
except ImportError as error:
    raise MissingExtraError("mppkit.interop.xlsx", "reports") from error

Cell = str | int | Decimal | date | None

_A4 = 9
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet may take for a formula when somebody edits it."""
_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - always the same, and the library knows no zone
_LONGEST_TEXT = 32_767


@frozen(kw_only=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        name: up to 31 characters.
        rows: from the first one down; a Decimal is shown with the decimals it has.
        widths: of the columns, in characters.
        bold: the rows that are set in bold, from 0.
        frozen: how many rows stay in sight, and are printed on each page.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int] = ()
    bold: frozenset[int] = field(factory=frozenset)
    frozen: int = 0


def write_book(path: str | Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook; a file that is there already is replaced.

    Raises:
        InvalidValueError: it cannot be written there, or a text is longer than a cell holds.
    """
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"created": _MADE_AT})
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.close()
    try:
        Path(path).write_bytes(made.getvalue())
    except OSError as failed:
        raise InvalidValueError("path", str(path), f"give a file that can be written: {failed.strerror}") from failed


def _write_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    if sheet.frozen:
        page.freeze_panes(sheet.frozen, 0)
        page.repeat_rows(0, sheet.frozen - 1)
    for row, cells in enumerate(sheet.rows):
        for column, cell in enumerate(cells):
            if cell is not None:
                _write_cell(book, page, row, column, cell, is_bold=row in sheet.bold)


def _write_cell(book: Any, page: Any, row: int, column: int, cell: Cell, *, is_bold: bool) -> None:
    if isinstance(cell, str):
        shape = {
            "bold": is_bold,
            "valign": "top",
            "text_wrap": column > 0,  # a title in the first column goes on over the empty cells beside it
            "quote_prefix": cell.startswith(_FORMULA_SIGNS),  # it stays a text even where somebody edits it
        }
        # never `write`, which makes a formula of "=", and a link of what looks like one
        if page.write_string(row, column, cell, book.add_format(shape)) != 0:
            raise InvalidValueError("text", f"{len(cell):,} characters", f"a cell holds {_LONGEST_TEXT:,}")
        return
    shape = {"bold": is_bold, "valign": "top"}
    if isinstance(cell, date):
        page.write_datetime(row, column, cell, book.add_format({**shape, "num_format": "dd-mm-yyyy"}))
        return
    decimals = -int(cell.as_tuple().exponent) if isinstance(cell, Decimal) else 0
    number = "0." + "0" * decimals if decimals > 0 else "#,##0"
    page.write_number(row, column, cell, book.add_format({**shape, "num_format": number}))


def index_xlsx(publication: Publication, path: str | Path) -> None:
    """Write the result of a survey as a workbook: recapitulation, respondents, follow-up and method.

    The recapitulation has a row for each element, in the order of the instrument's list: how often each answer was
    given, the sum of the points, the mean (*NRR*), the weighted mean (*NRR tertimbang*) and the index. No answer of
    a single respondent is in it.

    Raises:
        InvalidValueError: the file cannot be written.

    >>> from mppkit.surveys.loading import find_instrument
    >>> from mppkit.surveys.tally import tally_patterns
    >>> skm = find_instrument("skm-2017")
    >>> tally = tally_patterns(skm, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10})
    >>> first_on, last_on = date(2026, 1, 1), date(2026, 6, 30)
    >>> told = Publication(mall="MPP Contoh", first_on=first_on, last_on=last_on, instrument=skm, tally=tally)
    >>> index_xlsx(told, "ikm.xlsx")
    >>> Path("ikm.xlsx").exists()
    True
    """
    write_book(path, [_recap(publication), _respondents(publication), _follow_up(publication), _method(publication)])


def _recap(told: Publication) -> Sheet:
    instrument, tally, found = told.instrument, told.tally, told.score
    values = sorted({choice.value for each in instrument.elements for choice in each.choices})
    sums = moments(instrument, tally)
    rows: list[tuple[Cell, ...]] = [*_heading(told), ()]
    titles = len(rows)
    rows.append(
        (
            "No.",
            "Unsur / Element",
            *(f"Jawaban {value} / Answer {value}" for value in values),
            "Jumlah nilai / Sum",
            "NRR / Mean",
            "NRR tertimbang / Weighted mean",
            "Indeks / Index",
            "Peringkat / Rank",
        )
    )
    for place, (element, scored) in enumerate(zip(instrument.elements, found.elements, strict=True)):
        given = dict(zip((choice.value for choice in element.choices), tally.counts[place], strict=True))
        total = Decimal(sums.first[place]) / sums.unit
        name = _plain(Words(element.name, element.name_english))
        counts = (given.get(value) for value in values)
        rows.append((place + 1, name, *counts, total, scored.mean, scored.weighted, scored.index, scored.rank))
    body = len(rows)
    # of the exact sums: what is rounded in the rows above can add up to a digit more or less
    mean = half_up(exact_index(instrument, sums, told.weights) / Fraction(instrument.factor), 4)
    until_weighted: tuple[Cell, ...] = (None,) * (len(values) + 2)
    until_index = (*until_weighted, None)
    performance = _plain(Words(found.performance, found.performance_english))
    rows += [
        (None, "Jumlah NRR tertimbang / Weighted means added up", *until_weighted, mean),
        (None, f"{found.index_name} (× {instrument.factor.normalize():f})", *until_index, found.index),
        (None, "Mutu pelayanan / Grade", *until_index, found.grade),
        (None, "Kinerja unit pelayanan / Performance", *until_index, performance),
        (None, "Responden / Respondents", *until_index, found.n),
    ]
    return Sheet(
        name="Rekap",
        rows=rows,
        widths=(6, 52, *(12 for _ in values), 12, 12, 16, 12, 12),
        bold=frozenset((0, 1, titles, *range(body, len(rows)))),
        frozen=titles + 1,
    )


def _respondents(told: Publication) -> Sheet:
    rows: list[tuple[Cell, ...]] = [("Kelompok / Group", "Kategori / Category", "Jumlah / Number")]
    for field_, groups in told.groups():
        name = _plain(Words(field_.text, field_.text_english))
        rows += [(name, _plain(words), n) for words, n in groups] or [(name, _plain(NOTHING_SHOWN), None)]
    rows.append(("Semua / All", None, told.score.n))
    return Sheet(name="Responden", rows=rows, widths=(32, 48, 16), bold=frozenset((0, len(rows) - 1)), frozen=1)


def _follow_up(told: Publication) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            "Unsur / Element",
            "Indeks / Index",
            "Tindak lanjut / Follow-up",
            "Penanggung jawab / Owner",
            "Batas waktu / Due",
            "Keadaan / Status",
        )
    ]
    if not told.score.weakest:
        rows.append((_plain(NONE_STANDS_OUT),))
    for element, actions in told.follow_up():
        name = _plain(Words(element.name, element.name_english))
        for action in actions:
            owner, status = _plain(told.owner(action)), _plain(standing(action))
            rows.append((name, element.index, action.text, owner, action.due_on, status))
        if not actions:
            rows.append((name, element.index, _plain(NOTHING_PLANNED)))
    return Sheet(name="Tindak lanjut", rows=rows, widths=(44, 12, 60, 36, 14, 30), bold=frozenset((0,)), frozen=1)


def _method(told: Publication) -> Sheet:
    rows: list[tuple[Cell, ...]] = [("Metode", "Method")]
    rows += [(words.indonesian, words.english) for words in (*told.respondents(), *told.about(), THANKS)]
    return Sheet(name="Metode", rows=rows, widths=(70, 70), bold=frozenset((0,)), frozen=1)


def _heading(told: Publication) -> Iterator[tuple[Cell, ...]]:
    yield (_plain(Words(told.mall, told.mall_english)),)
    yield (_plain(told.title),)
    if told.unit:
        yield (f"Unit: {_plain(Words(told.unit, told.unit_english))}",)
    yield (f"Periode / Period: {_plain(told.period)}",)


def _plain(words: Words) -> str:
    """Return a text in both languages, one after the other."""
    if not words.english or words.english == words.indonesian:
        return words.indonesian
    return f"{words.indonesian} / {words.english}"
