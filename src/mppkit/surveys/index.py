"""The index of a tally (*indeks kepuasan masyarakat*): rounded once, at the end, with its grade and how sure it is."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from mppkit.errors import InvalidValueError
from mppkit.intervals import student_975
from mppkit.surveys.instrument import Instrument, Weights
from mppkit.surveys.sampling import sample_needed
from mppkit.surveys.tally import Moments, Tally, moments

_WEAKEST = 3
_MEAN_DECIMALS = 4


@frozen(kw_only=True)
class ElementScore:
    """How one element scored.

    Attributes:
        mean: of its points (*nilai rata-rata*, NRR), to 4 decimals; weighted: the mean times the weight (*NRR
            tertimbang*), to 4 decimals.
        index: the mean times the factor, as the index is rounded; the weight has no part in it.
        rank: 1 for the best; elements of the same mean share one.
    """

    key: str
    name: str
    name_english: str
    mean: Decimal
    weighted: Decimal
    index: Decimal
    rank: int


@frozen(kw_only=True)
class Score:
    """What a tally comes to.

    Attributes:
        instrument, version: what was asked; index_name: what the index is called.
        n: how many complete answers.
        index: rounded as it is published.
        perception, grade, performance, performance_english: of the band that the rounded index falls into.
        interval: the 95 % interval, unrounded and within what answers can give; margin: half its width before it was
            kept within. The answers are taken for a random sample of many. None where there are fewer than 2, or all
            came to the same.
        weights: the convention of the weight; weight: the rounded weight, None where it is exact.
        elements: in the instrument's order; weakest: the keys of the three with the lowest means, the lowest first.
            More than three where the third shares its mean with others, but then no more than half of the elements:
            those that so many share a mean with do not stand out. Never one as good as the best.
        population: how many were served, where that is known; then response_rate is n of them (0 to 1), sample_needed
            the sample by Krejcie & Morgan, and sample_reached whether there are as many answers.
        left_out: how many answers were left out, by kind.
    """

    instrument: str
    version: int
    index_name: str
    n: int
    index: Decimal
    perception: int
    grade: str
    performance: str
    performance_english: str
    interval: tuple[float, float] | None
    margin: float | None
    weights: Weights
    weight: Decimal | None
    elements: tuple[ElementScore, ...]
    weakest: tuple[str, ...]
    population: int | None
    response_rate: float | None
    sample_needed: int | None
    sample_reached: bool | None
    left_out: Mapping[str, int]

    def __str__(self) -> str:
        told = f"{self.index_name} {self.index}, {self.grade} ({self.performance}), n = {self.n}"
        if self.margin is not None:
            told += f", ± {self.margin:.1f}"
        return told if self.weight is None else f"{told}, weight {self.weight}"


def score(
    instrument: Instrument, tally: Tally, *, weights: Weights | None = None, population: int | None = None
) -> Score:
    """Return the score of a tally: index, grade, interval and elements.

    Args:
        instrument: what was asked.
        tally: the answers to it.
        weights: another convention of the weight than the instrument's.
        population: how many people were served, of whom n answered.

    Raises:
        InvalidValueError: there are no answers, or more than people were served; or the tally is of another instrument.

    >>> from mppkit.surveys.loading import find_instrument
    >>> from mppkit.surveys.tally import tally_patterns
    >>> skm = find_instrument("skm-2017")
    >>> print(score(skm, tally_patterns(skm, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10})))
    IKM 86.11, B (Baik), n = 30, ± 3.0
    """
    sums = moments(instrument, tally)
    index = published(instrument, exact_index(instrument, sums, weights))
    # a rounded weight can bring the worst answers below the table: they are in its first line all the same
    band = instrument.band(max(index, instrument.bands[0].low))
    if population is not None and population < tally.n:
        raise InvalidValueError("population", population, f"give how many were served; {tally.n} of them answered")
    needed = None if population is None else sample_needed(population)
    elements = _elements(instrument, sums, weights)
    interval, margin = _interval(instrument, sums, weights)
    return Score(
        instrument=instrument.id,
        version=instrument.version,
        index_name=instrument.index_name,
        n=tally.n,
        index=index,
        perception=band.perception,
        grade=band.grade,
        performance=band.performance,
        performance_english=band.performance_english,
        interval=interval,
        margin=margin,
        weights=instrument.weights if weights is None else weights,
        weight=instrument.weight(weights),
        elements=elements,
        weakest=_weakest(elements, sums),
        population=population,
        response_rate=None if population is None else tally.n / population,
        sample_needed=needed,
        sample_reached=None if needed is None else tally.n >= needed,
        left_out=tally.left_out,
    )


def exact_index(instrument: Instrument, sums: Moments, weights: Weights | None = None) -> Fraction:
    """Return the index before it is rounded.

    Raises:
        InvalidValueError: there are no answers.
    """
    if not sums.n:
        raise InvalidValueError("tally", 0, "there is no complete answer to score; name a period that has some")
    return index_of_means(instrument, [Fraction(each, sums.n * sums.unit) for each in sums.first], weights)


def index_of_means(
    instrument: Instrument, means: Sequence[Fraction | Decimal], weights: Weights | None = None
) -> Fraction:
    """Return the index of element means, such as published ones, before it is rounded.

    Raises:
        InvalidValueError: there is not one mean for each element.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> [float(index_of_means(skm, [Decimal(4)] * 9, weights)) for weights in Weights]
    [100.0, 99.9, 99.0]
    """
    if len(means) != len(instrument.elements):
        raise InvalidValueError("means", len(means), f"give {len(instrument.elements)}, one for each element")
    return (
        sum((Fraction(mean) for mean in means), Fraction()) * _weight(instrument, weights) * Fraction(instrument.factor)
    )


def published(instrument: Instrument, index: Fraction) -> Decimal:
    """Return an exact index as it is published: rounded half up to the instrument's decimals.

    >>> from mppkit.surveys.loading import find_instrument
    >>> published(find_instrument("skm-2017"), Fraction(88305, 1000))
    Decimal('88.31')
    """
    return half_up(index, instrument.decimals)


def half_up(exact: Fraction, decimals: int) -> Decimal:
    """Return a number of 0 or more, rounded half up; never by way of a float or of a decimal that is rounded already.

    >>> half_up(Fraction(2, 3), 4), half_up(Fraction(1, 200), 2)
    (Decimal('0.6667'), Decimal('0.01'))
    """
    return Decimal(math.floor(exact * 10**decimals + Fraction(1, 2))).scaleb(-decimals)


def index_variance(instrument: Instrument, sums: Moments, weights: Weights | None = None) -> Fraction:
    """Return the variance of the index of one answer over the answers, of which there are 2 or more."""
    spread = Fraction(sums.n * sums.total_squares - sums.total**2, sums.n * (sums.n - 1) * sums.unit**2)
    return spread * (_weight(instrument, weights) * Fraction(instrument.factor)) ** 2


def _weight(instrument: Instrument, weights: Weights | None) -> Fraction:
    rounded = instrument.weight(weights)
    return Fraction(1, len(instrument.elements)) if rounded is None else Fraction(rounded)


def _interval(
    instrument: Instrument, sums: Moments, weights: Weights | None
) -> tuple[tuple[float, float] | None, float | None]:
    """Return the interval of the mean of the answers' own indices, and its margin."""
    variance = index_variance(instrument, sums, weights) if sums.n > 1 else Fraction()
    if not variance:
        return None, None
    margin = student_975(sums.n - 1) * math.sqrt(variance / sums.n)
    least, most = (
        float(index_of_means(instrument, [each.choices[end].points for each in instrument.elements], weights))
        for end in (0, -1)
    )
    index = float(exact_index(instrument, sums, weights))
    return (max(least, index - margin), min(most, index + margin)), margin


def _elements(instrument: Instrument, sums: Moments, weights: Weights | None) -> tuple[ElementScore, ...]:
    weight = _weight(instrument, weights)
    scores = []
    for element, total in zip(instrument.elements, sums.first, strict=True):
        mean = Fraction(total, sums.n * sums.unit)
        scores.append(
            ElementScore(
                key=element.key,
                name=element.name,
                name_english=element.name_english,
                mean=half_up(mean, _MEAN_DECIMALS),
                weighted=half_up(mean * weight, _MEAN_DECIMALS),
                index=published(instrument, mean * Fraction(instrument.factor)),
                rank=1 + sum(other > total for other in sums.first),
            )
        )
    return tuple(scores)


def _weakest(elements: Sequence[ElementScore], sums: Moments) -> tuple[str, ...]:
    most = max(_WEAKEST, len(elements) // 2)
    named: list[str] = []
    for total in sorted({*sums.first} - {max(sums.first)}):
        alike = [element.key for element, first in zip(elements, sums.first, strict=True) if first == total]
        if len(named) >= _WEAKEST or len(named) + len(alike) > most:
            break
        named += alike
    return tuple(named)
