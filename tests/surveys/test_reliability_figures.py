"""Alpha and item-total correlations from sums, against the standard library on the raw rows."""

from fractions import Fraction
from statistics import StatisticsError, correlation, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.surveys.loading import find_instrument
from mppkit.surveys.reliability import cronbach_alpha, item_total
from mppkit.surveys.tally import no_answers, tally_answers, tally_patterns

SKM = find_instrument("skm-2017")
SIX = find_instrument("skm-2017-six")
SEKADAU = """
223434443 332333323 333443334 224444343 332333323 333433334 333333324 343334434 333333333 323444443 234444443 333333323
343433324 344433444 323333323 333333323 333333432 224444444 333433334 113433332 333233323 334434443 333333323 233444342
"""


@given(st.sampled_from([SKM, SIX]), st.data())
def test_the_figures_are_those_of_the_raw_rows(instrument, data: st.DataObject) -> None:
    values = [choice.value for choice in instrument.elements[0].choices]
    rows = data.draw(st.lists(st.tuples(*[st.sampled_from(values)] * 9), min_size=2, max_size=12))
    answers = [dict(zip(instrument.keys, row, strict=True)) for row in rows]
    tally = tally_answers(instrument, answers)
    elements = {each.key: each for each in instrument.elements}
    points = [[int(10 * elements[key].points_of(value)) for key, value in row.items()] for row in answers]
    columns = list(zip(*points, strict=True))
    totals = [sum(row) for row in points]
    if len(set(totals)) == 1:
        assert cronbach_alpha(instrument, tally) is None
    else:
        expected = (
            9 / 8 * (1 - sum(variance(map(Fraction, each)) for each in columns) / variance(map(Fraction, totals)))
        )
        assert cronbach_alpha(instrument, tally) == pytest.approx(float(expected), abs=1e-12)
    for key, column in zip(instrument.keys, columns, strict=True):
        rest = [total - own for total, own in zip(totals, column, strict=True)]
        try:
            expected = correlation(column, rest)
        except StatisticsError:  # one of the two is always the same
            assert item_total(instrument, tally)[key] is None
        else:
            assert item_total(instrument, tally)[key] == pytest.approx(expected, abs=1e-9)


def test_a_published_matrix_shows_which_elements_go_together() -> None:
    """Kabupaten Sekadau 2019: the first element runs against the others."""
    rows = [tuple(map(int, row)) for row in SEKADAU.split()]
    tally = tally_patterns(SKM, {row: rows.count(row) for row in rows})
    columns = list(zip(*rows, strict=True))
    expected = 9 / 8 * (1 - sum(map(variance, columns)) / variance(map(sum, rows)))
    assert cronbach_alpha(SKM, tally) == pytest.approx(expected)
    assert round(expected, 3) == 0.652
    assert [key for key, found in item_total(SKM, tally).items() if found < 0] == ["persyaratan"]


def test_what_is_not_defined_is_none() -> None:
    for patterns in ({}, {(4, 3, 4, 3, 4, 3, 4, 3, 4): 1}, {(4,) * 9: 50}):
        tally = tally_patterns(SKM, patterns)
        assert cronbach_alpha(SKM, tally) is None
        assert set(item_total(SKM, tally).values()) == {None}
    assert cronbach_alpha(SKM, no_answers(SKM)) is None


def test_answers_whose_totals_are_alike_have_no_alpha() -> None:
    tally = tally_patterns(SKM, {(4, 3, 3, 3, 3, 3, 3, 3, 3): 5, (3, 4, 3, 3, 3, 3, 3, 3, 3): 5})
    assert cronbach_alpha(SKM, tally) is None
    assert item_total(SKM, tally)["persyaratan"] == pytest.approx(-1)
