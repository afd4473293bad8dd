"""Scores against exact arithmetic on the raw rows, at every edge of the table, and what is told of few answers."""

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.intervals import student_975
from mppkit.surveys.index import half_up, index_of_means, published, score
from mppkit.surveys.instrument import Weights
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.tally import no_answers, tally_answers, tally_patterns

SKM = find_instrument("skm-2017")
SIX = find_instrument("skm-2017-six")
OLD = find_instrument("skm-2004")
WEIGHT = {Weights.EXACT: Fraction(1, 9), Weights.ROUNDED_3: Fraction(111, 1000), Weights.ROUNDED_2: Fraction(11, 100)}

rows_of_nine = st.lists(st.tuples(*[st.integers(1, 4)] * 9), min_size=1, max_size=15)


def scored(rows, instrument=SKM, **options):
    answers = [dict(zip(instrument.keys, row, strict=True)) for row in rows]
    return score(instrument, tally_answers(instrument, answers), **options)


# --- the index -----------------------------------------------------------------------------------------------------


@given(rows_of_nine, st.sampled_from(list(Weights)))
def test_the_index_is_that_of_exact_arithmetic_rounded_once(rows, weights: Weights) -> None:
    exact = sum((Fraction(sum(column), len(rows)) for column in zip(*rows, strict=True)), Fraction())
    exact *= WEIGHT[weights] * 25
    found = scored(rows, weights=weights)
    assert abs(Fraction(found.index) - exact) <= Fraction(1, 200)
    assert Fraction(found.index) - exact != -Fraction(1, 200)  # half goes up
    assert -found.index.as_tuple().exponent == 2
    assert (found.weights, found.weight) == (weights, SKM.weight(weights))


@given(rows_of_nine)
def test_each_element_has_its_mean_index_and_rank(rows) -> None:
    found = scored(rows)
    columns = [Fraction(sum(column), len(rows)) for column in zip(*rows, strict=True)]
    for element, mean in zip(found.elements, columns, strict=True):
        assert abs(Fraction(element.mean) - mean) <= Fraction(1, 20_000)
        assert abs(Fraction(element.index) - mean * 25) <= Fraction(1, 200)
        assert abs(Fraction(element.weighted) - mean / 9) <= Fraction(1, 20_000)
        assert element.rank == 1 + sum(other > mean for other in columns)


@given(rows_of_nine)
def test_the_weakest_are_the_three_lowest_and_all_that_share_the_third_but_not_most(rows) -> None:
    means = dict(zip(SKM.keys, (Fraction(sum(column), len(rows)) for column in zip(*rows, strict=True)), strict=True))
    weakest = scored(rows).weakest
    assert [means[key] for key in weakest] == sorted(means[key] for key in weakest)
    third = sorted(means.values())[2]
    best = max(means.values())
    lowest = {key for key, mean in means.items() if mean <= third and mean < best}
    if len(lowest) > 4:  # half of nine: those that share the third do not stand out
        lowest = {key for key in lowest if means[key] < third}
    assert set(weakest) == lowest


def test_ties_of_the_weakest_are_told_in_the_order_of_the_instrument() -> None:
    assert scored([(4, 3, 3, 2, 3, 4, 4, 4, 4)]).weakest == ("biaya", "prosedur", "waktu", "produk")
    assert scored([(4,) * 9]).weakest == ()


def test_none_is_the_weakest_where_most_are_alike_and_what_is_lower_still_is() -> None:
    assert scored([(3, 3, 3, 3, 3, 3, 3, 3, 4)]).weakest == ()
    assert scored([(4, 4, 3, 3, 3, 3, 3, 4, 4)]).weakest == ()
    assert scored([(4, 2, 3, 3, 3, 3, 3, 4, 4)]).weakest == ("prosedur",)
    five = find_instrument("spak")
    assert len(scored([(6, 5, 4, 3, 2)], five).weakest) == 3  # more than half of five, and none shares its mean


def test_the_points_count_where_they_are_not_what_was_ticked() -> None:
    found = scored([(2,) * 9, (6,) * 9], SIX)
    assert found.index == Decimal("70.00")  # (1.6 + 4.0) / 2 x 25
    assert found.elements[0].mean == Decimal("2.8000")


def test_no_answers_have_no_index() -> None:
    with pytest.raises(InvalidValueError, match="no complete answer"):
        score(SKM, no_answers(SKM))


def test_a_tally_of_another_instrument_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="give answers to skm-2017 version 1"):
        score(SKM, tally_patterns(SIX, {(4,) * 9: 1}))


def test_means_must_be_one_for_each_element() -> None:
    with pytest.raises(InvalidValueError, match="give 9, one for each element"):
        index_of_means(SKM, [Decimal(4)] * 8)


@given(st.fractions(min_value=0, max_value=100), st.integers(0, 4))
def test_half_goes_up_from_the_exact_number(exact: Fraction, decimals: int) -> None:
    step = Fraction(1, 10**decimals)
    found = Fraction(half_up(exact, decimals))
    assert found % step == 0
    assert found - step / 2 <= exact < found + step / 2


@given(st.decimals(min_value=0, max_value=100, places=5))
def test_half_goes_up_as_decimal_has_it(exact: Decimal) -> None:
    assert half_up(Fraction(exact), 2) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- the grade -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "index", "grade"),
    [
        (SKM, "25.00", "D"),
        (SKM, "64.99", "D"),
        (SKM, "64.994", "D"),
        (SKM, "64.995", "C"),
        (SKM, "65.00", "C"),
        (SKM, "76.60", "C"),
        (SKM, "76.604999", "C"),
        (SKM, "76.605", "B"),
        (SKM, "76.61", "B"),
        (SKM, "88.30", "B"),
        (SKM, "88.304999", "B"),
        (SKM, "88.305", "A"),
        (SKM, "88.31", "A"),
        (SKM, "100.00", "A"),
        (OLD, "43.75", "D"),
        (OLD, "43.76", "C"),
        (OLD, "62.50", "C"),
        (OLD, "62.51", "B"),
        (OLD, "81.25", "B"),
        (OLD, "81.26", "A"),
    ],
)
def test_the_grade_is_that_of_the_rounded_index(instrument, index: str, grade: str) -> None:
    assert instrument.band(Decimal(index)).grade == grade
    assert instrument.band(published(instrument, Fraction(index))).grade == grade


def test_an_index_of_exactly_88_305_is_an_a() -> None:
    """As a float it is a little less, and a unit would lose its letter; here 40000 answers come to it exactly."""
    patterns = {(4, *[4] * 8): 21288, (3, *[3] * 8): 18712}  # mean 3.5322
    found = score(SKM, tally_patterns(SKM, patterns))
    assert (found.index, found.grade, found.performance) == (Decimal("88.31"), "A", "Sangat baik")
    fewer = score(SKM, tally_patterns(SKM, {(4,) * 9: 21287, (4,) * 8 + (3,): 1, (3,) * 9: 18712}))
    assert (fewer.index, fewer.grade, fewer.perception) == (Decimal("88.30"), "B", 3)


@pytest.mark.parametrize(("weights", "index"), [("exact", "25.00"), ("rounded_3", "24.98"), ("rounded_2", "24.75")])
def test_the_worst_answers_are_in_the_first_line_under_any_weight(weights: str, index: str) -> None:
    found = scored([(1,) * 9], weights=Weights(weights))
    assert (found.index, found.grade) == (Decimal(index), "D")


def test_an_index_below_the_table_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="the table begins at"):
        SKM.band(Decimal("24.99"))


# --- how sure it is ------------------------------------------------------------------------------------------------


@given(rows_of_nine, st.sampled_from(list(Weights)))
def test_the_interval_is_that_of_the_mean_of_the_answers_own_indices(rows, weights: Weights) -> None:
    each = [float(sum(row) * WEIGHT[weights] * 25) for row in rows]
    found = scored(rows, weights=weights)
    if len(rows) < 2 or len(set(map(sum, rows))) == 1:
        assert (found.interval, found.margin) == (None, None)
        return
    margin = student_975(len(rows) - 1) * stdev(each) / math.sqrt(len(rows))
    assert found.margin == pytest.approx(margin, rel=2e-4)
    mean = sum(each) / len(rows)
    ends = [float(WEIGHT[weights] * 9 * 25 * end) for end in (1, 4)]
    assert found.interval == pytest.approx((max(ends[0], mean - margin), min(ends[1], mean + margin)), rel=1e-3)


def test_the_interval_stays_within_what_answers_can_give() -> None:
    found = scored([(4,) * 9, (4,) * 9, (4,) * 8 + (1,)])
    assert found.interval is not None
    assert found.interval[1] == 100
    assert found.margin > 100 - float(found.index)


STUDENT_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 8: 2.306, 10: 2.228, 30: 2.042, 120: 1.980}
"""The column 0.975 of the table of Student's distribution that every textbook of statistics prints."""


# --- how many answered ---------------------------------------------------------------------------------------------


def test_the_population_says_how_many_answered_and_whether_they_are_enough() -> None:
    found = score(SKM, tally_patterns(SKM, {(3,) * 9: 247}), population=646)
    assert (found.sample_needed, found.sample_reached) == (241, True)
    assert found.response_rate == pytest.approx(0.38235, abs=1e-5)
    fewer = score(SKM, tally_patterns(SKM, {(3,) * 9: 240}), population=646)
    assert fewer.sample_reached is False
    exactly = score(SKM, tally_patterns(SKM, {(3,) * 9: 241}), population=646)
    assert exactly.sample_reached is True


def test_without_a_population_nothing_is_said_of_it() -> None:
    found = scored([(3,) * 9])
    assert (found.population, found.response_rate, found.sample_needed, found.sample_reached) == (None,) * 4


def test_more_answers_than_people_served_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="2 of them answered"):
        scored([(3,) * 9] * 2, population=1)
    with pytest.raises(InvalidValueError, match="population"):
        scored([(3,) * 9], population=True)


def test_a_score_tells_itself_in_a_line() -> None:
    assert str(scored([(4,) * 9])) == "IKM 100.00, A (Sangat baik), n = 1"
    assert str(scored([(4,) * 9], weights=Weights.ROUNDED_3)) == "IKM 99.90, A (Sangat baik), n = 1, weight 0.111"
    spak = find_instrument("spak")
    assert str(scored([(6,) * 5, (5,) * 5], spak)).startswith("IPAK 92.50, A (Bebas dari korupsi), n = 2, ± ")
