"""The commands about surveys: `mppkit survey score|verify|sample-size|instruments`. None needs a store."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import monotonic

import click

from mppkit.cli import screen, surveys_screen
from mppkit.cli.options import BROKEN, as_json_option, print_json
from mppkit.cli.survey_files import new_files
from mppkit.errors import InvalidValueError
from mppkit.surveys.answers import DirtyRow, read_answers
from mppkit.surveys.checking import verify
from mppkit.surveys.comparing import shown_groups
from mppkit.surveys.index import score
from mppkit.surveys.instrument import Instrument, Weights
from mppkit.surveys.loading import find_instrument, shipped
from mppkit.surveys.published import load_report
from mppkit.surveys.sampling import sample_needed


@click.group("survey")
def survey_group() -> None:
    """Score a satisfaction survey (survei kepuasan masyarakat), and check what others published."""


@survey_group.command("score")
@click.argument("file", type=click.Path())
@click.option("--instrument", default="skm-2017", show_default=True, help="What was asked: an id, or a TOML file.")
@click.option("--weights", help="Another weight than the instrument's: exact, 0.111 or 0.11 for nine elements.")
@click.option("--map", "columns", multiple=True, metavar="ELEMENT=COLUMN", help="A column that has another name.")
@click.option("--population", type=click.IntRange(min=1), help="How many were served in the period.")
@click.option("--by", metavar="COLUMN", help="Score each value of this column on its own too, such as the service.")
@click.option("--left-out", type=click.Path(), help="List all rows that are left out in this new CSV file.")
@as_json_option
def score_command(
    file: str,
    instrument: str,
    weights: str | None,
    columns: Sequence[str],
    population: int | None,
    by: str | None,
    left_out: str | None,
    as_json: bool,
) -> None:
    """Score the answers in FILE, a CSV with a header and one questionnaire a row: index, grade, elements.

    Rows that lack an answer or have one that may not be given are left out, counted by kind and listed by line.
    """
    asked = find_instrument(instrument)
    convention = _weights(asked, weights)
    with _listing(left_out) as tell, _bar_past_a_second() as progress:
        answers = read_answers(file, asked, columns=_columns(columns), by=by, progress=progress, left_out=tell)
    for note in answers.notes:
        click.echo(f"NOTE: {note}.", err=True)
    if as_json:
        for said in surveys_screen.left_out_lines(answers):
            click.echo(f"left out: {said}", err=True)
    if not answers.tally.n:
        if not as_json:
            surveys_screen.show_left_out(answers)
        raise _nothing_to_score(file, sum(answers.tally.left_out.values()))
    found = score(asked, answers.tally, weights=convention, population=population)
    groups = None if by is None else shown_groups(answers.groups)
    if as_json:
        facts = {**surveys_screen.score_facts(found), **surveys_screen.left_out_facts(answers)}
        if groups is not None:
            facts |= surveys_screen.group_facts(asked, groups, convention)
        print_json(facts)
        return
    surveys_screen.show_score(asked, found, answers.columns)
    surveys_screen.show_left_out(answers)
    if groups is not None:
        surveys_screen.show_groups(asked, by or "", groups, convention)


@survey_group.command("verify")
@click.argument("file", type=click.Path())
@as_json_option
def verify_command(file: str, as_json: bool) -> None:
    """Check the published report in FILE (TOML or CSV): which convention gives its index, and is its grade right?

    Exit code 1 when no convention gives the index, or the grade is not that of the table.
    """
    found = verify(load_report(file))
    if as_json:
        print_json(surveys_screen.verification_facts(found))
    else:
        surveys_screen.show_verification(found)
    sys.exit(0 if found.holds else BROKEN)


@survey_group.command("sample-size", context_settings={"ignore_unknown_options": True})  # -5 is no option
@click.argument("population", type=int, metavar="N")
@as_json_option
def sample_size_command(population: int, as_json: bool) -> None:
    """Tell how many of N who were served must answer, by the table of Krejcie and Morgan."""
    needed = sample_needed(population)
    if as_json:
        print_json({"population": population, "sample_needed": needed})
    else:
        screen.line(f"{needed} of {population} (Krejcie & Morgan: 95 %, 5 points either way)")


@survey_group.command("instruments")
@as_json_option
def instruments_command(as_json: bool) -> None:
    """List the instruments that ship, and how well sourced each is."""
    known = [find_instrument(each) for each in shipped()]
    if as_json:
        print_json({"instruments": [surveys_screen.instrument_facts(each) for each in known]})
    else:
        surveys_screen.show_instruments(known)


def _columns(given: Sequence[str]) -> dict[str, str]:
    """Return the columns by element.

    Raises:
        InvalidValueError: one is not written ELEMENT=COLUMN, or an element is given twice.
    """
    columns: dict[str, str] = {}
    for text in given:
        element, sign, column = text.partition("=")
        if not sign or not element or not column or element in columns:
            raise InvalidValueError("--map", text, "write ELEMENT=COLUMN, such as sarana=U8, each element once")
        columns[element] = column
    return columns


def _weights(instrument: Instrument, text: str | None) -> Weights | None:
    if text is None:
        return None
    known = {surveys_screen.weight_text(instrument.weight(each)): each for each in Weights}
    if text not in known:
        raise InvalidValueError("--weights", text, f"{instrument.id} can have {', '.join(known)}")
    return known[text]


def _nothing_to_score(file: str, rows: int) -> InvalidValueError:
    if not rows:
        return InvalidValueError(file, "no row after the header", "give a row for each questionnaire")
    remedy = "mend the rows that are left out, or name the columns with --map; --left-out FILE lists all of them"
    return InvalidValueError(file, f"no complete answer in {rows:,} row{'s' * (rows != 1)}", remedy)


@contextmanager
def _listing(path: str | None) -> Iterator[Callable[[DirtyRow], None] | None]:
    """Write the rows that are left out into a CSV file: their lines and what is wrong, and nothing that they say."""
    if path is None:
        yield None
        return
    with new_files({"--left-out": path}) as files, files["--left-out"].open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("line", "kind", "column", "found"))
        yield lambda row: rows.writerow((row.line, row.kind.value, row.column or "", row.found or ""))


@contextmanager
def _bar_past_a_second() -> Iterator[Callable[[int, int], None]]:
    """Show a bar, in megabytes, of what takes longer than a second."""
    began = monotonic()
    with ExitStack() as stack:
        shown: list[Callable[[int, int], None]] = []

        def tell(done: int, total: int) -> None:
            if not shown and monotonic() - began > 1:
                shown.append(stack.enter_context(screen.progress("Reading (MB)")))
            for bar in shown:
                bar(done // 1_000_000, total // 1_000_000)

        yield tell
