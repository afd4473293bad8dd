"""Checking somebody's report of an index: which way of computing reproduces it, and does its grade fit the table.

Published averages are rounded, so each stands for a range; an index that needs the range to come out is told apart
from one that the averages give as they are printed. It scores no answers; what was published is read in
`published`.
"""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from attrs import frozen

from mppkit.errors import InvalidValueError
from mppkit.surveys.index import half_up
from mppkit.surveys.instrument import Band, Instrument, Sourcing, Weights
from mppkit.surveys.labels import read_label, unsettled
from mppkit.surveys.loading import find_instrument, shipped
from mppkit.surveys.published import Report

_Range = tuple[Fraction, Fraction]


class Rounding(StrEnum):
    """What is rounded on the way to the index; some do, and it moves the index by some hundredths."""

    ONLY_INDEX = "only_index"
    """Nothing but the index itself."""
    WEIGHTED_3 = "weighted_3"
    """Each weighted average (*NRR tertimbang*) first, to three decimals."""
    TOTAL_3 = "total_3"
    """Their sum first, to three decimals."""


class Fit(StrEnum):
    """How well a convention gives the published index."""

    EXACT = "exact"
    """The averages as printed give it."""
    WITHIN_ROUNDING = "within_rounding"
    """The averages before they were rounded may have given it."""
    NONE = "none"
    """They cannot have."""


@frozen(kw_only=True)
class Convention:
    """A way to compute the index, and what it comes to.

    Attributes:
        weights: the convention of the weight; weight: the weight as a text, such as `1/9` or `0.111`.
        index: of the averages as printed, with the decimals of the published one.
        low, high: of the averages as they may have been before they were rounded.
    """

    weights: Weights
    weight: str
    rounding: Rounding
    index: Decimal
    low: Decimal
    high: Decimal
    fit: Fit


@frozen(kw_only=True)
class Verification:
    """What a check of a report found.

    Attributes:
        instrument: the id of that whose table and number of elements were taken.
        conventions: all that were tried.
        reproduced_by: those that may have been used: the exact ones, or those within the rounding of the averages.
        band: the line of the table that the published index belongs into.
        grade_is_right: None where the report has neither grade nor performance.
        grade_fits: the other instruments under whose tables the grade would be right.
        unsettled: headings that do not say which element they mean, so that their columns may have changed places.
        impossible: headings of averages that no n whole answers can have.
        notes: what else is to be known.
    """

    report: Report
    instrument: str
    conventions: tuple[Convention, ...]
    reproduced_by: tuple[Convention, ...]
    band: Band
    grade_is_right: bool | None
    grade_fits: tuple[str, ...]
    unsettled: tuple[str, ...]
    impossible: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_clear(self) -> bool:
        """Whether a single weight is left; the averages may be too coarse to tell, which n often mends."""
        return len({each.weight for each in self.reproduced_by}) == 1

    @property
    def holds(self) -> bool:
        """Whether some convention gives the index and the grade, where there is one, is that of the table."""
        return bool(self.reproduced_by) and self.grade_is_right is not False


def verify(report: Report, instruments: Sequence[Instrument] | None = None) -> Verification:
    """Check a published index: which convention gives it, and whether its grade is that of its table.

    Args:
        report: what was published.
        instruments: those whose tables are known; those that ship if not given.

    Raises:
        InvalidValueError: an average or the index is beyond what answers can give, or no instrument fits.
        NotFoundError: no instrument has the id that the report names.

    >>> from decimal import Decimal
    >>> averages = ["3.6207", "3.4828", "3.4483", "4.0000", "3.5172", "3.6207", "3.6552", "3.6207", "3.9655"]
    >>> published = {f"U{number}": Decimal(average) for number, average in enumerate(averages, 1)}
    >>> found = verify(Report(averages=published, index=Decimal("90.56"), grade="A", year=2024))
    >>> {each.weight for each in found.reproduced_by}, found.grade_is_right, found.unsettled
    ({'0.11'}, True, ('U8', 'U9'))
    """
    known = tuple(map(find_instrument, shipped())) if instruments is None else tuple(instruments)
    instrument = _instrument_of(report, known)
    _check_possible(report, instrument)
    ranges, impossible = _ranges(report, instrument)
    conventions = tuple(_conventions(report, instrument, ranges))
    band = _band(instrument, report.index)
    labels = {label: read_label(instrument, label) for label in report.averages}
    by_number = {
        instrument.keys[label.number - 1]: name
        for name, label in labels.items()
        if label.key is None and label.number is not None and 0 < label.number <= len(instrument.keys)
    }
    is_right = _has_grade(report, band)
    return Verification(
        report=report,
        instrument=instrument.id,
        conventions=conventions,
        reproduced_by=_reproducing(conventions),
        band=band,
        grade_is_right=is_right,
        grade_fits=tuple(
            each.id
            for each in known
            if is_right is False and _is_a_rule(each) and _has_grade(report, _band(each, report.index))
        ),
        unsettled=tuple(by_number[key] for key in unsettled(instrument, by_number)),
        impossible=impossible,
        notes=tuple(_notes(report, instrument, known)),
    )


# --- the instrument --------------------------------------------------------------------------------------------------


def _instrument_of(report: Report, known: Sequence[Instrument]) -> Instrument:
    """Return the instrument that the report names; else the one with as many elements that was in force in its year."""
    if report.instrument is not None:
        instrument = find_instrument(report.instrument)
        fitting = [instrument] if len(instrument.elements) == len(report.averages) else []
    else:
        fitting = _fitting(report, known)
    if not fitting:
        there = ", ".join(f"{each.id} ({len(each.elements)} elements, {_years(each)})" for each in known)
        in_year = "" if report.year is None else f" in {report.year}"
        remedy = (
            f"none has as many elements{in_year}; name the one that was used and all its averages; there are {there}"
        )
        raise InvalidValueError("averages", len(report.averages), remedy)

    def likely(instrument: Instrument) -> tuple[int, bool, int]:
        is_right = report.year is not None and _has_grade(report, _band(instrument, report.index)) is True
        return _named(report, instrument), is_right, instrument.since_year or 0

    # in a year of change both may fit: the one whose elements are named, else whose table has the grade, else the newer
    return max(fitting, key=likely)


def _fitting(report: Report, known: Sequence[Instrument]) -> list[Instrument]:
    """Return the rules with as many elements that were in force in the report's year; in any, where it has none."""
    return [
        each
        for each in known
        if len(each.elements) == len(report.averages)
        and _is_a_rule(each)
        and (report.year is None or _in_force(each, report.year))
    ]


def _named(report: Report, instrument: Instrument) -> int:
    return sum(read_label(instrument, label).key is not None for label in report.averages)


def _years(instrument: Instrument) -> str:
    if instrument.since_year is None:
        return "of no year"
    return f"{instrument.since_year} to {instrument.until_year or 'now'}"


def _check_possible(report: Report, instrument: Instrument) -> None:
    points = [choice.points for element in instrument.elements for choice in element.choices]
    least, most = min(points), max(points)
    for label, average in report.averages.items():
        if not least <= average <= most:
            raise InvalidValueError(f"average of {label}", str(average), f"give {least} to {most}, as answers count")
    if not most < report.index <= most * instrument.factor:
        remedy = f"give the index as it is published, up to {most * instrument.factor}, and not the mean"
        raise InvalidValueError("index", str(report.index), remedy)


# --- the index -------------------------------------------------------------------------------------------------------


def _decimals(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


def _ranges(report: Report, instrument: Instrument) -> tuple[list[_Range], tuple[str, ...]]:
    """Return what each average may have been before it was rounded, and which no n whole answers can have."""
    ranges: list[_Range] = []
    impossible: list[str] = []
    half = Fraction(1, 2 * 10 ** max(map(_decimals, report.averages.values())))
    for label, average in report.averages.items():
        low, high = Fraction(average) - half, Fraction(average) + half
        if report.n is not None and _are_whole(instrument):
            least, most = math.ceil(low * report.n), math.ceil(high * report.n) - 1
            if least > most:
                impossible.append(label)
            else:
                low, high = Fraction(least, report.n), Fraction(most, report.n)
        ranges.append((low, high))
    return ranges, tuple(impossible)


def _are_whole(instrument: Instrument) -> bool:
    return all(choice.points % 1 == 0 for element in instrument.elements for choice in element.choices)


def _conventions(report: Report, instrument: Instrument, ranges: Sequence[_Range]) -> Iterator[Convention]:
    decimals = _decimals(report.index)
    printed = [Fraction(average) for average in report.averages.values()]
    tried: set[Fraction] = set()
    for weights in Weights:
        rounded = instrument.weight(weights)
        weight = Fraction(1, len(printed)) if rounded is None else Fraction(rounded)
        if weight in tried:  # one over four is 0.25, however it is rounded
            continue
        tried.add(weight)
        for rounding in Rounding:
            index, low, high = (
                half_up(_total(averages, weight, rounding) * Fraction(instrument.factor), decimals)
                for averages in (printed, [low for low, _ in ranges], [high for _, high in ranges])
            )
            if low == high:  # so many answers settle what the averages were
                index = low
            within = Fit.WITHIN_ROUNDING if low <= report.index <= high else Fit.NONE
            yield Convention(
                weights=weights,
                weight=f"1/{len(printed)}" if rounded is None else str(rounded),
                rounding=rounding,
                index=index,
                low=low,
                high=high,
                fit=Fit.EXACT if index == report.index else within,
            )


def _reproducing(conventions: Sequence[Convention]) -> tuple[Convention, ...]:
    """Return the conventions that may have been used.

    An exact fit counts for more than one within the rounding; but not an exact one of an odd way to round, which coarse
    averages often give by chance, against a plain way.
    """
    exact = [each for each in conventions if each.fit is Fit.EXACT]
    if any(each.rounding is Rounding.ONLY_INDEX for each in exact):
        return tuple(exact)
    within = [each for each in conventions if each.fit is Fit.WITHIN_ROUNDING]
    plain = [each for each in within if each.rounding is Rounding.ONLY_INDEX]
    return (*exact, *(plain or ([] if exact else within)))


def _total(averages: Sequence[Fraction], weight: Fraction, rounding: Rounding) -> Fraction:
    if rounding is Rounding.WEIGHTED_3:
        return sum((Fraction(half_up(average * weight, 3)) for average in averages), Fraction())
    total = sum(averages, Fraction()) * weight
    return Fraction(half_up(total, 3)) if rounding is Rounding.TOTAL_3 else total


# --- the grade -------------------------------------------------------------------------------------------------------


def _has_grade(report: Report, band: Band) -> bool | None:
    """Return whether the published grade and performance are those of a line; None where neither is published."""
    said = []
    if report.grade is not None:
        said.append(report.grade.casefold() == band.grade.casefold())
    if report.performance is not None:
        words = {band.performance.casefold(), band.performance_english.casefold()}
        said.append(report.performance.casefold() in words)
    return all(said) if said else None


def _notes(report: Report, instrument: Instrument, known: Sequence[Instrument]) -> Iterator[str]:
    if report.year is not None and not _in_force(instrument, report.year):
        yield f"{instrument.id} was in force {_years(instrument)}, not in {report.year}"
    if report.instrument is None and report.year is not None and len(fitting := _fitting(report, known)) > 1:
        both = " and ".join(each.id for each in fitting)
        yield f"{both} were in force in {report.year}: held against {instrument.id}, whose names or grades fit best"
    labels = {name: read_label(instrument, name) for name in report.averages}
    moved = [
        f"{name} is {label.number} there and {instrument.keys.index(label.key) + 1} in the list"
        for name, label in labels.items()
        if label.key is not None and label.number not in (None, instrument.keys.index(label.key) + 1)
    ]
    if moved:
        yield f"another order than that of the list of {instrument.id}: {'; '.join(moved)}"
    strange = [name for name, label in labels.items() if label.key is None and label.number is None]
    if strange:
        yield f"not by the names of {instrument.id}, which the index does not need: {', '.join(strange)}"
    keys = [label.key for label in labels.values() if label.key is not None]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        yield f"more than one average is of {', '.join(twice)}"
    yield from _table_notes(report, instrument, known)


def _in_force(instrument: Instrument, year: int) -> bool:
    return (instrument.since_year or 0) <= year <= (instrument.until_year or math.inf)


def _table_notes(report: Report, instrument: Instrument, known: Sequence[Instrument]) -> Iterator[str]:
    """Say where a table, or the grade that came of it, seems to be put together out of two."""
    tables = {each.id: {band.low: band.grade for band in each.bands} for each in known if _is_a_rule(each)}
    own = {band.low: band.grade for band in instrument.bands}
    if wrong := {grade: low for grade, low in report.bands.items() if own.get(low) != grade}:
        for grade, low in wrong.items():
            edges = [name for name, table in tables.items() if low in table and name != instrument.id]
            whose = f"is an edge of {', '.join(edges)}" if edges else "is an edge of no table that is known"
            yield f"the printed table begins {grade} at {low}, which {whose}; {instrument.id} has {_edges(instrument)}"
        if len(wrong) < len(report.bands):
            yield "the printed table mixes lines of several tables"
        return
    is_wrong = _has_grade(report, _band(instrument, report.index)) is False
    place = next((at for at, band in enumerate(instrument.bands) if band.grade == report.grade), None)
    if not is_wrong or place is None or any(_has_grade(report, _band(each, report.index)) for each in known):
        return
    low = instrument.bands[place].low
    below = {edge: name for name, table in tables.items() for edge in table if edge <= report.index < low}
    above = instrument.bands[place + 1].low if place + 1 < len(instrument.bands) else math.inf
    if below and report.index < above and max(below) > instrument.bands[max(place - 1, 0)].low:
        edge = max(below)
        yield f"{report.grade} would be right if it began at {edge}, as a line of {below[edge]} does: two tables mixed?"


def _is_a_rule(instrument: Instrument) -> bool:
    return instrument.sourcing is not Sourcing.CONFIGURABLE


def _edges(instrument: Instrument) -> str:
    return ", ".join(f"{band.grade} from {band.low}" for band in instrument.bands)


def _band(instrument: Instrument, index: Decimal) -> Band:
    """Return the line of an index; a rounded weight can bring the worst answers below the table's first."""
    return instrument.band(max(index, instrument.bands[0].low))
