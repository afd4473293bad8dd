"""Effects worked out by hand, what swapping does, which figures can be compared, and the words for it."""

from collections.abc import Callable
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.lessons import (
    Better,
    Counted,
    Effect,
    Indicator,
    MeanFigure,
    Method,
    ShareFigure,
    Unit,
    Verdict,
    compare,
)

Make = Callable[..., MeanFigure]
MakeShare = Callable[..., ShareFigure]


# --- by hand -------------------------------------------------------------------------------------------------------


def test_a_shorter_wait_is_better_where_the_interval_leaves_0_out(mean: Make) -> None:
    """Variances of the means 64/36 + 36/36 = 25/9, error 5/3; 100²/(64² + 36²) · 35 = 64.911 degrees of freedom."""
    effect = compare(mean(36, 31.0, 8.0), mean(36, 25.0, 6.0, second=True))
    assert effect.difference == -6.0
    assert (effect.low, effect.high) == pytest.approx((-6 - 1.997190 * 5 / 3, -6 + 1.997190 * 5 / 3), abs=1e-5)
    assert effect.method is Method.WELCH
    assert effect.verdict is Verdict.BETTER
    assert effect.warnings == ()


def test_a_larger_share_is_better_and_is_told_in_percentage_points(share: MakeShare) -> None:
    effect = compare(share(48, 80), share(56, 70, second=True))
    assert effect.difference == pytest.approx(20.0)
    assert (effect.low, effect.high) == pytest.approx((5.24, 33.39), abs=0.005)
    assert effect.method is Method.NEWCOMBE
    assert effect.verdict is Verdict.BETTER


def test_equal_samples_show_no_effect(mean: Make, share: MakeShare) -> None:
    for effect in (
        compare(mean(40, 25.0, 6.0), mean(40, 25.0, 6.0, second=True)),
        compare(share(30, 60), share(30, 60, second=True)),
    ):
        assert effect.difference == 0
        assert effect.low == -effect.high < 0
        assert effect.verdict is Verdict.NO_VISIBLE_EFFECT


@pytest.mark.parametrize(
    ("after", "verdict"), [(5.0, Verdict.BETTER), (6.0, Verdict.NO_VISIBLE_EFFECT), (7.0, Verdict.WORSE)]
)
def test_without_any_spread_any_difference_shows(mean: Make, after: float, verdict: Verdict) -> None:
    assert compare(mean(30, 6.0, 0.0), mean(30, after, 0.0, second=True)).verdict is verdict


def test_what_is_better_is_told_by_the_indicator(mean: Make) -> None:
    less, more = mean(40, 20.0, 3.0), mean(40, 30.0, 3.0, second=True)
    assert compare(less, more).verdict is Verdict.WORSE
    higher = evolve(less.indicator, better=Better.HIGHER)
    assert compare(evolve(less, indicator=higher), evolve(more, indicator=higher)).verdict is Verdict.BETTER


@pytest.mark.parametrize(
    ("n_before", "n_after", "verdict"),
    [
        (30, 30, Verdict.BETTER),
        (29, 30, Verdict.TOO_FEW),
        (30, 29, Verdict.TOO_FEW),
        (2, 2, Verdict.TOO_FEW),
    ],
)
def test_below_30_there_is_no_verdict(mean: Make, n_before: int, n_after: int, verdict: Verdict) -> None:
    effect = compare(mean(n_before, 60.0, 1.0), mean(n_after, 10.0, 1.0, second=True))
    assert effect.verdict is verdict
    assert effect.difference == -50.0


def test_the_minimum_is_the_callers_to_say(mean: Make) -> None:
    before, after = mean(12, 60.0, 5.0), mean(12, 10.0, 5.0, second=True)
    assert compare(before, after, minimum=12).verdict is Verdict.BETTER
    assert compare(before, after, minimum=13).verdict is Verdict.TOO_FEW
    for minimum in (1, 0, 2.0, True):
        with pytest.raises(InvalidValueError, match="minimum"):
            compare(before, after, minimum=minimum)


def test_figures_that_count_visits_carry_a_warning(mean: Make, share: MakeShare) -> None:
    of_visits = {"counted": Counted.VISITS}
    for before, after in (
        (mean(400, 25.0, 6.0, **of_visits), mean(400, 25.0, 6.0, second=True, **of_visits)),
        (share(300, 600, **of_visits), share(300, 600, second=True, **of_visits)),
    ):
        assert [why.code for why in compare(before, after).warnings] == ["dependent_visits"]


# --- swapping ------------------------------------------------------------------------------------------------------

TURNED = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
values = st.floats(-1e12, 1e12) | st.integers(0, 60).map(float)
spreads = st.floats(0, 1e12) | st.integers(0, 9).map(float)
numbers = st.integers(2, 10**12) | st.integers(2, 100)


@given(st.tuples(numbers, values, spreads), st.tuples(numbers, values, spreads))
def test_swapping_two_means_turns_sign_and_verdict(mean: Make, one: tuple, other: tuple) -> None:
    check_turned(mean(*one), mean(*other, second=True))


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 10**12) | st.integers(1, 100))
    return draw(st.integers(0, n)), n


@given(shares(), shares())
def test_swapping_two_shares_turns_sign_and_verdict(share: MakeShare, one: tuple, other: tuple) -> None:
    check_turned(share(*one), share(*other, second=True))


def check_turned(one: MeanFigure | ShareFigure, other: MeanFigure | ShareFigure) -> None:
    there, back = compare(one, other), compare(other, one)
    assert back.difference == -there.difference
    assert (back.low, back.high) == (-there.high, -there.low)
    assert back.verdict is TURNED.get(there.verdict, there.verdict)
    slack = 1e-9 * max(1.0, abs(one.value), abs(other.value))
    for effect in (there, back):
        check_sound(effect, slack)


def check_sound(effect: Effect, slack: float) -> None:
    assert effect.low - slack <= effect.difference <= effect.high + slack
    excludes_0 = effect.low > 0 or effect.high < 0
    enough = min(effect.before.n, effect.after.n) >= 30
    assert (effect.verdict in TURNED) == (excludes_0 and enough)
    if effect.verdict in TURNED:
        shown = effect.english.split("95 % interval ")[1]
        assert not shown.startswith(("+0.0 to", "−0.0 to"))


# --- which figures can be, and be compared -------------------------------------------------------------------------


def test_figures_of_different_things_cannot_be_compared(mean: Make, share: MakeShare) -> None:
    before, after = mean(40, 25.0, 6.0), mean(40, 20.0, 6.0, second=True)
    others = {
        "mean-wait": evolve(after, indicator=evolve(after.indicator, unit=Unit.SECONDS)),
        "counts days": evolve(after, counted=Counted.VISITS),
        "share no day": mean(40, 20.0, 6.0),
        "give a MeanFigure": share(3, 40, second=True, indicator=evolve(share(1, 2).indicator, id="other")),
    }
    for remedy, other in others.items():
        if remedy == "give a MeanFigure":
            one = mean(40, 25.0, 6.0, indicator=other.indicator, counted=other.counted)
        else:
            one = before
        with pytest.raises(InvalidValueError, match=remedy):
            compare(one, other)
    with pytest.raises(InvalidValueError, match="before"):
        compare(25.0, after)


@pytest.mark.parametrize(
    ("first_on", "last_on", "overlap"),
    [
        (date(2026, 10, 30), date(2026, 12, 1), True),
        (date(2026, 8, 1), date(2026, 9, 1), True),
        (date(2026, 9, 5), date(2026, 9, 6), True),
        (date(2026, 10, 31), date(2026, 12, 1), False),
        (date(2026, 8, 1), date(2026, 8, 31), False),
    ],
)
def test_periods_of_one_mall_may_not_share_a_day_and_those_of_two_may(
    mean: Make, first_on: date, last_on: date, overlap: bool
) -> None:
    before = mean(40, 25.0, 6.0)
    after = mean(40, 25.0, 6.0, first_on=first_on, last_on=last_on)
    compare(before, evolve(after, mall="badung"))
    if overlap:
        with pytest.raises(InvalidValueError, match="share no day"):
            compare(before, after)
    else:
        compare(before, after)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 1},
        {"n": 40.0},
        {"n": True},
        {"sd": -0.1},
        {"sd": float("nan")},
        {"mean": float("inf")},
        {"mean": "25"},
        {"mean": True},
        {"last_on": date(2026, 8, 31)},
        {"first_on": "2026-09-01"},
        {"mall": "Blora"},
        {"mall": "3316010101700001"},
        {"counted": "days"},
    ],
)
def test_a_mean_that_cannot_be_is_refused(mean: Make, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(wrong))):
        evolve(mean(40, 25.0, 6.0), **wrong)


@pytest.mark.parametrize("wrong", [{"n": 0, "count": 0}, {"count": 41}, {"count": -1}, {"count": 0.5}])
def test_a_share_that_cannot_be_is_refused(share: MakeShare, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(wrong))):
        evolve(share(3, 40), **wrong)


def test_a_share_is_in_per_cent(share: MakeShare, mean: Make) -> None:
    with pytest.raises(InvalidValueError, match="unit"):
        share(3, 40, indicator=mean(2, 1.0, 1.0).indicator)


@pytest.mark.parametrize("wrong", [{"unit": "minutes"}, {"better": "lower"}, {"id": "Mean wait"}, {"indonesian": " "}])
def test_an_indicator_that_cannot_be_is_refused(mean: Make, wrong: dict[str, object]) -> None:
    place = {"id": "indicator"}.get(next(iter(wrong)), next(iter(wrong)))
    with pytest.raises(InvalidValueError, match=place):
        evolve(mean(2, 1.0, 1.0).indicator, **wrong)


def test_a_figure_is_made_of_one_number_a_day(mean: Make) -> None:
    about = {"indicator": mean(2, 1.0, 1.0).indicator, "mall": "blora"}
    about |= {"first_on": date(2026, 11, 2), "last_on": date(2026, 11, 6)}
    figure = MeanFigure.of([10, 20.0, 30, 40, 50], **about)
    assert (figure.n, figure.mean, figure.counted) == (5, 30.0, Counted.DAYS)
    assert figure.sd == pytest.approx(250**0.5)
    for values in ([], [10.0], [10.0, None], [10.0, float("nan")], ["10", "20"]):
        with pytest.raises(InvalidValueError, match="values"):
            MeanFigure.of(values, **about)


# --- in words ------------------------------------------------------------------------------------------------------


def test_an_effect_says_all_of_itself_in_one_sentence_of_each_language(mean: Make) -> None:
    effect = compare(mean(36, 31.0, 8.0), mean(36, 25.0, 6.0, second=True))
    assert effect.indonesian == (
        "Rata-rata tunggu harian: 31,0 menit di blora (1 September 2026 s.d. 30 Oktober 2026, n = 36 hari), "
        "lalu 25,0 menit di blora (4 Januari 2027 s.d. 26 Februari 2027, n = 36 hari); "
        "selisih −6,0 menit (selang 95 % −9,3 s.d. −2,7): lebih baik pada masa kedua."
    )
    assert effect.english == (
        "Mean wait of a day: 31.0 minutes at blora (1 September 2026 to 30 October 2026, n = 36 days), "
        "then 25.0 minutes at blora (4 January 2027 to 26 February 2027, n = 36 days); "
        "difference −6.0 minutes (95 % interval −9.3 to −2.7): better in the second period."
    )


def test_shares_of_two_malls_are_told_as_such(share: MakeShare) -> None:
    effect = compare(share(1200, 1500, mall="badung"), share(600, 1500))
    assert effect.english == (
        "Served as promised: 80.0 % at badung (1 September 2026 to 30 October 2026, n = 1,500 answers), "
        "and 40.0 % at blora (1 September 2026 to 30 October 2026, n = 1,500 answers); "
        "difference −40.0 percentage points (95 % interval −43.1 to −36.7): worse at blora than at badung."
    )
    assert "n = 1.500 jawaban" in effect.indonesian
    assert effect.indonesian.endswith("lebih buruk di blora daripada di badung.")


def test_too_few_is_told_with_what_is_needed_and_without_an_interval(mean: Make) -> None:
    effect = compare(mean(12, 31.0, 8.0), mean(36, 25.0, 6.0, second=True))
    assert effect.indonesian.endswith("selisih −6,0 menit: data terlalu sedikit (keduanya perlu n ≥ 30).")
    assert effect.english.endswith("difference −6.0 minutes: too few data (both need n ≥ 30).")


def test_no_effect_is_told_as_none_that_can_be_seen(mean: Make) -> None:
    same = compare(mean(40, 25.0, 6.0), mean(40, 25.1, 6.0, second=True))
    assert same.indonesian.endswith("tidak ada pengaruh yang terlihat.")
    assert same.english.endswith("no visible effect.")
    malls = compare(mean(40, 25.0, 6.0, mall="badung"), mean(40, 25.1, 6.0))
    assert malls.english.endswith("no visible difference.")


def test_a_bound_that_is_not_0_never_reads_as_0(mean: Make) -> None:
    """The interval ends just below 0: with one decimal it would read as `+0.0: better`."""
    effect = compare(mean(40, 25.0, 6.0), mean(40, 22.3, 6.0, second=True))
    assert effect.verdict is Verdict.BETTER
    assert -0.05 < effect.high < 0
    assert "to −0.03)" in effect.english


def test_every_unit_and_what_is_counted_has_its_words(mean: Make) -> None:
    for unit in Unit:
        for counted in Counted:
            indicator = Indicator(id="x", indonesian="Uji", english="Test", unit=unit, better=Better.LOWER)
            about = {"indicator": indicator, "counted": counted}
            effect = compare(mean(40, 25.0, 6.0, **about), mean(40, 20.0, 6.0, second=True, **about))
            assert effect.english.startswith("Test: 25.0 ")
