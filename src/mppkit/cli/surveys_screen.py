"""What the commands about surveys show: tables with bars for a person, plain facts for a program."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from mppkit.cli import screen
from mppkit.surveys.answers import Answers
from mppkit.surveys.checking import Convention, Fit, Rounding, Verification
from mppkit.surveys.comparing import ShownGroups
from mppkit.surveys.index import Score, score
from mppkit.surveys.instrument import Instrument, Weights

_ROUNDED = {
    Rounding.ONLY_INDEX: "only the index",
    Rounding.WEIGHTED_3: "each weighted average, to 3 decimals",
    Rounding.TOTAL_3: "their sum, to 3 decimals",
}
_FITS = {
    Fit.EXACT: "yes",
    Fit.WITHIN_ROUNDING: "may be: the averages are rounded",
    Fit.NONE: "no",
}
_OTHERS = "lainnya / others"


def weight_text(weight: Decimal | None) -> str:
    """Return a weight as `--weights` takes it."""
    return "exact" if weight is None else str(weight)


# --- scores ----------------------------------------------------------------------------------------------------------


def score_facts(found: Score) -> dict[str, Any]:
    """Return a score as facts."""
    return {
        **_scored(found),
        "sample_needed": found.sample_needed,
        "rows_left_out": dict(found.left_out),
    }


def group_facts(instrument: Instrument, groups: ShownGroups, weights: Weights | None) -> dict[str, Any]:
    """Return the scores of groups as facts; small groups are in the others."""
    others = None if groups.others is None else _scored(score(instrument, groups.others, weights=weights))
    return {
        "groups": {name: _scored(score(instrument, tally, weights=weights)) for name, tally in groups.shown.items()},
        "others": others,
        "groups_not_shown": len(groups.hidden),
    }


def _scored(found: Score) -> dict[str, Any]:
    return {
        "index": float(found.index),
        "grade": found.grade,
        "performance": found.performance,
        "n": found.n,
        "interval": None if found.interval is None else [round(end, 2) for end in found.interval],
        "weights": weight_text(found.weight),
        "elements": [
            {"key": each.key, "name": each.name, "mean": float(each.mean), "index": float(each.index)}
            for each in found.elements
        ],
    }


def show_score(instrument: Instrument, found: Score, columns: Mapping[str, str] = MappingProxyType({})) -> None:
    """Show a score with a bar for each element, and the column of a file that its answers stood in."""
    english = f" / {found.performance_english}" if found.performance_english else ""
    screen.line(f"{found.index_name} {found.index}: {found.grade}, {found.performance}{english}")
    sure = "too few or too equal answers for an interval"
    if found.interval is not None:
        sure = f"95 % interval {found.interval[0]:.2f} to {found.interval[1]:.2f}"
    screen.line(f"{screen.counted(found.n, 'complete answer')}; {sure}")
    weight = "exact, 1 over the number of elements" if found.weight is None else f"{found.weight} for each element"
    screen.line(f"by {instrument.id} version {instrument.version}; weight {weight}; rounded once, at the end")
    if found.sample_needed is not None:
        reached = "reached" if found.sample_reached else "NOT reached"
        rate = screen.percent(found.response_rate)
        screen.line(f"sample needed of {found.population}: {found.sample_needed}, {reached}; {rate} answered")
    screen.line()
    screen.table(
        "Elements (unsur)",
        ("element", "column", "", "mean", "index", "rank", ""),
        [
            (
                f"{each.name} / {each.name_english}" if each.name_english else each.name,
                columns.get(each.key),
                screen.bar(float(each.index), 100.0),
                each.mean,
                each.index,
                each.rank,
                "among the weakest" if each.key in found.weakest else "",
            )
            for each in found.elements
        ],
        text=3,
    )


def left_out_facts(answers: Answers) -> dict[str, Any]:
    """Return the rows that were left out, the first of each kind, as facts, and how many more there are."""
    listed = [
        {"line": row.line, "kind": row.kind.value, "column": row.column, "found": row.found} for row in answers.dirty
    ]
    return {"rows_left_out_listed": listed, "rows_left_out_unlisted": answers.unlisted}


def left_out_lines(answers: Answers) -> Iterator[str]:
    """Return a line for each row left out that is listed, and for each kind of which not all are."""
    yield from map(str, answers.dirty)
    for kind, more in answers.unlisted.items():
        total = answers.tally.left_out[kind]
        yield f"{total - more:,} of {total:,} rows of {kind} are listed; --left-out FILE lists all"


def show_left_out(answers: Answers) -> None:
    """Show the rows that were left out, by kind, and the first of each kind by line."""
    left_out, unlisted = answers.tally.left_out, answers.unlisted
    rows = [(kind, n, n - unlisted.get(kind, 0)) for kind, n in left_out.items()]
    screen.table("Rows left out", ("why", "rows", "listed below"), list(rows))
    screen.table(
        "The first of each kind",
        ("line", "why", "column", "found"),
        [(row.line, row.kind.value, row.column, row.found) for row in answers.dirty],
        text=4,
    )
    if unlisted:
        screen.line("--left-out FILE lists all of them.")


def show_groups(instrument: Instrument, by: str, groups: ShownGroups, weights: Weights | None) -> None:
    """Show the scores of groups, the best first; small groups only together."""
    scores = {name or "(blank)": score(instrument, tally, weights=weights) for name, tally in groups.shown.items()}
    ordered = sorted(scores.items(), key=lambda item: -item[1].index)
    if groups.others is not None:
        ordered.append((_OTHERS, score(instrument, groups.others, weights=weights)))
    screen.table(
        f"By {by}",
        (by, "", "index", "±", "grade", "n"),
        [
            (
                name,
                screen.bar(float(each.index), 100.0),
                each.index,
                None if each.margin is None else f"{each.margin:.2f}",
                each.grade,
                each.n,
            )
            for name, each in ordered
        ],
        text=2,
    )
    if groups.hidden:
        are = "is" if len(groups.hidden) == 1 else "are"
        together = "added up in the others" if groups.others is not None else "not shown"
        screen.line(
            f"{screen.counted(len(groups.hidden), 'group')} {are} {together}, so that nobody's answers show: "
            f"with fewer than {groups.minimum} answers, or hidden with those."
        )


# --- reports of others -----------------------------------------------------------------------------------------------


def verification_facts(found: Verification) -> dict[str, Any]:
    """Return what a check found as facts."""
    return {
        "holds": found.holds,
        "instrument": found.instrument,
        "index": float(found.report.index),
        "reproduced_by": [_convention(each) for each in found.reproduced_by],
        "conventions": [_convention(each) for each in found.conventions],
        "grade": {
            "published": found.report.grade,
            "published_performance": found.report.performance,
            "right": found.band.grade,
            "right_performance": found.band.performance,
            "is_right": found.grade_is_right,
            "right_under": list(found.grade_fits),
        },
        "may_be_swapped": list(found.unsettled),
        "impossible_averages": list(found.impossible),
        "notes": list(found.notes),
    }


def _convention(each: Convention) -> dict[str, Any]:
    return {
        "weight": each.weight,
        "rounded_first": each.rounding.value,
        "index": float(each.index),
        "between": [float(each.low), float(each.high)],
        "fit": each.fit.value,
    }


def show_verification(found: Verification) -> None:
    """Show what a check found."""
    report = found.report
    screen.line(f"Index {report.index} of {len(report.averages)} averages, as {found.instrument} has them")
    for text in (_said_of_index(found), _said_of_grade(found)):
        screen.line(text)
    if found.unsettled:
        which = " and ".join(found.unsettled)
        screen.line(
            f"{which} may have changed places: the list of elements and the questionnaire differ there, and the report "
            "has numbers only. The index is the same, the ranking of elements is not."
        )
    if found.impossible:
        screen.line(f"No {report.n} whole answers have the average of {', '.join(found.impossible)}.")
    for note in found.notes:
        screen.line(f"note: {note}")
    screen.line()
    screen.table(
        "Conventions",
        ("weight", "rounded first", "index", "from", "to", "gives the published one"),
        [
            (each.weight, _ROUNDED[each.rounding], each.index, each.low, each.high, _FITS[each.fit])
            for each in found.conventions
        ],
        text=2,
    )


def _said_of_index(found: Verification) -> str:
    if not found.reproduced_by:
        return "NONE of the conventions in use reproduces the index from these averages."
    ways = "; ".join(f"weight {each.weight}, rounding {_ROUNDED[each.rounding]}" for each in found.reproduced_by)
    if found.is_clear:
        return f"Reproduced by {ways}"
    return f"Reproduced by several, the averages do not tell which: {ways}"


def _said_of_grade(found: Verification) -> str:
    right = f"{found.band.grade}, {found.band.performance}"
    said = ", ".join(text for text in (found.report.grade, found.report.performance) if text)
    if found.grade_is_right is None:
        return f"No grade is published; it would be {right}"
    if found.grade_is_right:
        return f"The grade {said} is right by the table of {found.instrument}"
    under = f"; it would be right by the table of {', '.join(found.grade_fits)}" if found.grade_fits else ""
    return f"The grade {said} is WRONG by the table of {found.instrument}, which has {right}{under}"


# --- instruments -----------------------------------------------------------------------------------------------------


def instrument_facts(instrument: Instrument) -> dict[str, Any]:
    """Return what is to be known of an instrument before it is used."""
    return {
        "id": instrument.id,
        "version": instrument.version,
        "name": instrument.name,
        "elements": list(instrument.keys),
        "weights": weight_text(instrument.weight()),
        "since_year": instrument.since_year,
        "until_year": instrument.until_year,
        "sourcing": instrument.sourcing.value,
        "source": instrument.source,
        "notes": list(instrument.notes),
    }


def show_instruments(instruments: Sequence[Instrument]) -> None:
    """Show the instruments that ship."""
    screen.table(
        "Instruments",
        ("id", "name", "sourcing", "source", "elements", "weight", "since", "until"),
        [
            (
                each.id,
                each.name,
                each.sourcing.value,
                each.source,
                len(each.elements),
                weight_text(each.weight()),
                each.since_year,
                each.until_year,
            )
            for each in instruments
        ],
        text=4,
    )
