"""Intervals against published results, exact formulas, and what 95 % means."""

import math
from collections.abc import Callable
from random import Random
from statistics import fmean, stdev

import pytest

from mppkit.intervals import newcombe, student_975, welch, wilson

STUDENT_975 = {
    1: "12.706",
    2: "4.303",
    3: "3.182",
    4: "2.776",
    5: "2.571",
    6: "2.447",
    7: "2.365",
    8: "2.306",
    9: "2.262",
    10: "2.228",
    15: "2.131",
    20: "2.086",
    25: "2.060",
    29: "2.045",
    30: "2.042",
    40: "2.021",
    60: "2.000",
    120: "1.980",
    math.inf: "1.960",
}
"""The column 0.975 of the table of Student's distribution that every textbook of statistics prints."""

SLEEP = (
    (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
    (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
)
"""Hours of sleep gained under two drugs: the data of Student's own paper of 1908, which R ships as `sleep`."""

NEWCOMBE_1998 = {
    (48, 80, 56, 70): ("0.0524", "0.3339"),
    (3, 10, 9, 10): ("0.1705", "0.8090"),
    (2, 7, 6, 7): ("0.0582", "0.8062"),
    (0, 29, 5, 56): ("-0.0381", "0.1926"),
    (0, 20, 0, 10): ("-0.1611", "0.2775"),
    (0, 10, 0, 10): ("-0.2775", "0.2775"),
    (0, 20, 10, 10): ("0.6791", "1.0000"),
    (0, 10, 10, 10): ("0.6075", "1.0000"),
}
"""The examples of Newcombe's paper and what his method 10 makes of them."""


@pytest.mark.parametrize("freedom", STUDENT_975)
def test_students_quantile_is_that_of_the_printed_table(freedom: float) -> None:
    assert f"{student_975(freedom):.3f}" == STUDENT_975[freedom]


def test_students_quantile_is_the_exact_one_where_there_is_a_formula() -> None:
    assert student_975(1) == pytest.approx(math.tan(0.475 * math.pi), rel=1e-7)
    assert student_975(2) == pytest.approx(0.95 * math.sqrt(2 / (4 * 0.975 * 0.025)), rel=1e-7)
    root = math.sqrt(4 * 0.975 * 0.025)
    cosine = math.cos(math.acos(root) / 3) / root
    assert student_975(4) == pytest.approx(2 * math.sqrt(cosine - 1), rel=1e-7)


def test_students_quantile_falls_as_freedom_grows() -> None:
    quantiles = [student_975(1 + step / 4) for step in range(400)]
    assert quantiles == sorted(quantiles, reverse=True)


def test_welch_gives_what_r_gives_for_students_own_data() -> None:
    """R 4: t.test(extra ~ group, data = sleep) prints the interval -3.3654832 0.2054832."""
    first, second = SLEEP
    low, high = welch(10, fmean(second), stdev(second), 10, fmean(first), stdev(first))
    assert low == pytest.approx(-3.3654832, abs=1e-6)
    assert high == pytest.approx(0.2054832, abs=1e-6)


def test_welch_by_hand_where_both_spread_alike() -> None:
    """Two samples of 8 with standard deviation 4: standard error 2, 14 degrees of freedom, quantile 2.144787."""
    low, high = welch(8, 20.0, 4.0, 8, 26.0, 4.0)
    assert low == pytest.approx(6 - 2 * 2.144787, abs=1e-5)
    assert high == pytest.approx(6 + 2 * 2.144787, abs=1e-5)


def test_values_without_any_spread_differ_by_exactly_their_difference() -> None:
    assert welch(30, 5.0, 0.0, 30, 7.0, 0.0) == (2.0, 2.0)


@pytest.mark.parametrize("sd", [1e-300, 1e-90, 1e12])
def test_tiny_and_huge_spreads_give_an_interval_around_the_difference(sd: float) -> None:
    low, high = welch(30, 5.0, sd, 40, 7.0, sd)
    assert low <= 2.0 <= high
    assert math.isfinite(low)
    assert math.isfinite(high)


@pytest.mark.parametrize("case", NEWCOMBE_1998)
def test_newcombe_gives_what_newcombe_printed(case: tuple[int, int, int, int]) -> None:
    assert tuple(f"{bound:z.4f}" for bound in newcombe(*case)) == NEWCOMBE_1998[case]


@pytest.mark.parametrize("n", [1, 7, 40, 1000, 10**9])
def test_wilson_stays_a_share_at_both_ends(n: int) -> None:
    assert 0 <= wilson(0, n)[0] < 1e-12
    assert 1 - 1e-12 < wilson(n, n)[1] <= 1


COVERED = {
    "normal, spread unlike": (lambda r: r.gauss(20, 3), lambda r: r.gauss(25, 9), 35, 40),
    "normal, few and unlike": (lambda r: r.gauss(20, 3), lambda r: r.gauss(25, 9), 10, 25),
    "skewed": (lambda r: r.expovariate(1 / 20), lambda r: r.expovariate(1 / 25), 30, 30),
}


@pytest.mark.parametrize("case", COVERED)
def test_welch_covers_the_true_difference_95_times_in_100(case: str) -> None:
    """The true difference is 5; 2000 pairs of samples, where chance alone gives 95 % ± 1.5."""
    draw_before, draw_after, n_before, n_after = COVERED[case]
    chance = Random(20261124)
    covered = 0
    for _ in range(2000):
        before = [draw_before(chance) for _ in range(n_before)]
        after = [draw_after(chance) for _ in range(n_after)]
        low, high = welch(n_before, fmean(before), stdev(before), n_after, fmean(after), stdev(after))
        covered += low <= 5 <= high
    assert 0.935 <= covered / 2000 <= 0.965


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.5), (0.2, 0.4), (0.6, 0.9), (0.1, 0.1)])
def test_newcombe_covers_the_true_difference_95_times_in_100(before: float, after: float) -> None:
    """Not simulated: each of the 41 x 46 outcomes is weighed by its binomial probability."""
    n_before, n_after = 40, 45
    covered = 0.0
    for x, weight_x in enumerate(binomial(n_before, before)):
        for y, weight_y in enumerate(binomial(n_after, after)):
            low, high = newcombe(x, n_before, y, n_after)
            if low <= after - before <= high:
                covered += weight_x * weight_y
    assert 0.935 <= covered <= 0.975


def binomial(n: int, p: float) -> list[float]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def test_visits_counted_one_by_one_make_an_interval_that_is_far_too_narrow() -> None:
    """Why a figure of waits is to be made of one number a day: nothing changed here, and the days differ as days do.

    Of 40 days of 100 visits each, with a spread of 8 between days and 10 within.
    """
    chance = Random(20261124)
    by_day, by_visit = (coverage(chance, count) for count in (one_a_day, every_visit))
    assert by_day >= 0.9
    assert by_visit <= 0.4


def coverage(chance: Random, count: Callable[[list[list[float]]], list[float]]) -> float:
    covered = 0
    for _ in range(100):
        figures = []
        for _ in range(2):
            days = [[chance.gauss(centre, 10) for _ in range(100)] for centre in day_means(chance)]
            values = count(days)
            centre = fmean(values)
            spread = math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1))
            figures += [len(values), centre, spread]
        low, high = welch(*figures)
        covered += low <= 0 <= high
    return covered / 100


def day_means(chance: Random) -> list[float]:
    return [chance.gauss(25, 8) for _ in range(40)]


def one_a_day(days: list[list[float]]) -> list[float]:
    return [fmean(day) for day in days]


def every_visit(days: list[list[float]]) -> list[float]:
    return [wait for day in days for wait in day]
