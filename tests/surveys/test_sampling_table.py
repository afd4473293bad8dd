"""The sample needed, against the printed table of Krejcie & Morgan and against its formula."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.surveys.sampling import sample_needed

PRINTED = dict(
    zip(
        (*range(10, 101, 5), 110),
        (10, 14, 19, 24, 28, 32, 36, 40, 44, 48, 52, 56, 59, 63, 66, 70, 73, 76, 80, 86),
        strict=True,
    )
)
"""From three prints of the table, all alike."""


@pytest.mark.parametrize(("population", "sample"), [*PRINTED.items(), (646, 241), (1, 1)])
def test_the_sample_is_that_of_the_table(population: int, sample: int) -> None:
    assert sample_needed(population) == sample


@given(st.integers(1, 10**12))
def test_the_sample_is_the_whole_number_nearest_to_the_formula(population: int) -> None:
    chi, share, within = Fraction(3841, 1000), Fraction(1, 2), Fraction(5, 100)
    spread = chi * share * (1 - share)
    exact = spread * population / (within**2 * (population - 1) + spread)
    assert abs(sample_needed(population) - exact) <= Fraction(1, 2)
    assert sample_needed(population) <= min(population, 384)
    assert sample_needed(population) <= sample_needed(population + 1)


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "646", None])
def test_what_is_no_number_of_people_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match="give how many people were served"):
        sample_needed(wrong)  # type: ignore[arg-type]
