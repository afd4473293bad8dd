"""Differences against Welch's method on the raw rows; rankings and groups against the rules they must keep."""

from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.intervals import welch
from mppkit.surveys.comparing import Verdict, compare, ranking, shown_groups, trend
from mppkit.surveys.instrument import Weights
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.tally import merge, no_answers, tally_answers, tally_patterns

SKM = find_instrument("skm-2017")
SIX = find_instrument("skm-2017-six")

rows_of_nine = st.lists(st.tuples(*[st.integers(1, 4)] * 9), min_size=2, max_size=12)


def tallied(rows, instrument=SKM):
    return tally_answers(instrument, (dict(zip(instrument.keys, row, strict=True)) for row in rows))


def alike(n: int, value: int = 3):
    return tally_patterns(SKM, {(value,) * 9: n})


def mixed(fours: int, threes: int):
    return tally_patterns(SKM, {(4,) * 9: fours, (3,) * 9: threes})


# --- a difference --------------------------------------------------------------------------------------------------


@given(rows_of_nine, rows_of_nine, st.sampled_from([None, "waktu"]), st.sampled_from(list(Weights)))
def test_a_difference_is_that_of_welch_on_the_answers_own_indices(first, second, element, weights) -> None:
    place = SKM.keys.index("waktu")
    weight = float(SKM.weight(weights) or 1) / (1 if SKM.weight(weights) else 9)
    own = [[25.0 * row[place] if element else 25 * weight * sum(row) for row in rows] for rows in (first, second)]
    assume(any(len(set(each)) > 1 for each in own))
    found = compare(SKM, tallied(first), tallied(second), element=element, weights=weights, minimum=2)
    facts = [fact for each in own for fact in (len(each), fmean(each), stdev(each))]
    low, high = welch(*facts)
    assert found.difference == pytest.approx(fmean(own[1]) - fmean(own[0]), abs=1e-9)
    # Student's quantile is taken for fewer degrees of freedom below 7: never narrower, and alike from there on
    assert found.low <= low + 1e-2
    assert found.high >= high - 1e-2
    assert found.is_more_than_noise == (not found.low <= 0 <= found.high)


@given(rows_of_nine, rows_of_nine)
def test_the_other_way_round_every_sign_turns(first, second) -> None:
    there = compare(SKM, tallied(first), tallied(second), minimum=2)
    back = compare(SKM, tallied(second), tallied(first), minimum=2)
    assert back.difference == pytest.approx(-there.difference)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    turned = {Verdict.HIGHER: Verdict.LOWER, Verdict.LOWER: Verdict.HIGHER}
    assert back.verdict is turned.get(there.verdict, there.verdict)


def test_a_verdict_needs_enough_answers_on_both_sides() -> None:
    assert compare(SKM, mixed(5, 25), mixed(29, 0)).verdict is Verdict.TOO_FEW
    assert compare(SKM, mixed(5, 25), mixed(30, 0)).verdict is Verdict.HIGHER
    assert compare(SKM, mixed(30, 0), mixed(5, 25)).verdict is Verdict.LOWER
    assert compare(SKM, mixed(15, 25), mixed(16, 24)).verdict is Verdict.NO_VISIBLE_DIFFERENCE
    assert compare(SKM, alike(40, 3), alike(40, 3)).verdict is Verdict.NO_VISIBLE_DIFFERENCE
    lonely = compare(SKM, mixed(1, 0), mixed(20, 20))
    assert (lonely.verdict, lonely.low, lonely.high) == (Verdict.TOO_FEW, None, None)


def test_what_differs_by_chance_alone_is_seldom_told_to_differ() -> None:
    """95 % of 300 pairs from one source should show no difference; four standard errors are 5 points."""
    random = Random(2017)

    def sample():
        rows = []
        for _ in range(40):
            mood = random.choice([0, 0, 1])
            rows.append(tuple(min(4, random.choice([2, 3, 3, 4]) + mood) for _ in range(9)))
        return tallied(rows)

    noise = sum(compare(SKM, sample(), sample()).is_more_than_noise for _ in range(300))
    assert 0.01 < noise / 300 < 0.1


def test_an_element_alone_can_be_compared() -> None:
    before = tally_patterns(SKM, {(3, 3, 2, 3, 3, 3, 3, 3, 3): 25, (3, 3, 3, 3, 3, 3, 3, 3, 3): 25})
    after = tally_patterns(SKM, {(3, 3, 3, 3, 3, 3, 3, 3, 3): 45, (2, 3, 4, 3, 3, 3, 3, 3, 3): 5})
    assert compare(SKM, before, after, element="waktu").verdict is Verdict.HIGHER
    assert compare(SKM, before, after, element="persyaratan").verdict is Verdict.LOWER
    assert compare(SKM, before, after, element="waktu").difference == pytest.approx(25 * 0.6)
    with pytest.raises(NotFoundError, match="did you mean 'waktu'"):
        compare(SKM, before, after, element="waktuu")


def test_points_that_are_not_whole_are_compared_in_points() -> None:
    before, after = (tally_patterns(SIX, {(value,) * 9: 40}) for value in (2, 4))
    assert compare(SIX, before, after).difference == pytest.approx(25 * 1.2)
    assert compare(SIX, before, after, element="waktu").difference == pytest.approx(25 * 1.2)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no complete answer"):
        compare(SKM, no_answers(SKM), alike(30))
    with pytest.raises(InvalidValueError, match="give answers to skm-2017"):
        compare(SKM, alike(30), tally_patterns(SIX, {(4,) * 9: 30}))
    for minimum in (1, 0, True, 2.0):
        with pytest.raises(InvalidValueError, match="ask for 2 answers or more"):
            compare(SKM, alike(30), alike(30), minimum=minimum)


# --- a trend -------------------------------------------------------------------------------------------------------


def test_a_trend_compares_each_period_with_the_last_that_was_answered() -> None:
    periods = {"2025-S1": mixed(10, 40), "2025-S2": no_answers(SKM), "2026-S1": mixed(40, 10), "2026-S2": mixed(38, 12)}
    steps = trend(SKM, periods)
    assert [step.period for step in steps] == list(periods)
    assert [str(step.score.index) if step.score else None for step in steps] == ["80.00", None, "95.00", "94.00"]
    verdicts = [step.change.verdict if step.change else None for step in steps]
    assert verdicts == [None, None, Verdict.HIGHER, Verdict.NO_VISIBLE_DIFFERENCE]
    assert steps[2].change.n_first == 50


# --- a ranking -----------------------------------------------------------------------------------------------------


def test_a_ranking_leaves_units_with_too_few_answers_apart() -> None:
    units = {"loket-1": mixed(10, 30), "loket-2": mixed(29, 0), "loket-3": mixed(40, 0), "loket-4": no_answers(SKM)}
    found = ranking(SKM, units)
    assert [(each.rank, each.unit) for each in found.ranked] == [(1, "loket-3"), (2, "loket-1")]
    assert (found.left_apart, found.minimum) == ({"loket-2": 29, "loket-4": 0}, 30)


def test_units_share_a_rank_only_where_the_exact_index_is_the_same() -> None:
    units = {"d": mixed(30001, 29999), "c": mixed(20, 20), "b": mixed(30, 30), "a": mixed(10, 30)}
    found = ranking(SKM, units)
    assert [(each.rank, each.unit) for each in found.ranked] == [(1, "d"), (2, "b"), (2, "c"), (4, "a")]
    assert len({each.score.index for each in found.ranked[:3]}) == 1  # 87.50: the rounded ones do not tell them apart


# --- small groups --------------------------------------------------------------------------------------------------


def test_small_groups_are_shown_as_one() -> None:
    found = shown_groups({"SD": alike(2), "SMP": alike(7), "SMA": alike(90), "S2+": alike(3)})
    assert list(found.shown) == ["SMP", "SMA"]
    assert found.hidden == ("SD", "S2+")
    assert found.others == merge([alike(2), alike(3)])


def test_a_single_small_group_takes_the_next_smallest_with_it() -> None:
    found = shown_groups({"SD": alike(2), "SMP": alike(7), "SMA": alike(90), "S1": no_answers(SKM)})
    assert list(found.shown) == ["SMA"]
    assert (found.hidden, found.others.n) == (("SD", "SMP"), 9)


def test_where_nothing_else_is_left_to_hide_the_rest_is_not_shown_either() -> None:
    assert shown_groups({"SD": alike(2), "SMP": alike(2)}).others is None
    assert shown_groups({"SD": alike(4)}) == shown_groups({"SD": alike(4), "SMA": no_answers(SKM)})
    assert shown_groups({"SD": alike(4)}).others is None
    assert shown_groups({}).hidden == ()


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 20), max_size=8),
    st.integers(2, 8),
)
def test_no_group_below_the_minimum_can_be_had_by_subtraction(sizes: dict[str, int], minimum: int) -> None:
    groups = {name: alike(n) for name, n in sizes.items()}
    found = shown_groups(groups, minimum=minimum)
    answered = {name for name, n in sizes.items() if n}
    assert answered == set(found.shown) | set(found.hidden)
    assert not set(found.shown) & set(found.hidden)
    assert all(group.n >= minimum for group in found.shown.values())
    rest = sum(sizes.values()) - sum(group.n for group in found.shown.values())
    if not found.hidden:
        assert rest == 0
        return
    if found.others is None:  # then nothing was shown that could be taken away from the total
        assert not found.shown
        return
    assert found.others.n == rest == sum(sizes[name] for name in found.hidden)
    assert len(found.hidden) >= 2
    assert rest >= minimum
    # and no more is hidden than must be: without the largest it would not do
    largest = max(found.hidden, key=lambda name: sizes[name])
    if sizes[largest] >= minimum:
        fewer = [name for name in found.hidden if name != largest]
        assert len(fewer) < 2 or rest - sizes[largest] < minimum


def test_a_minimum_of_one_would_hide_nothing_and_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="ask for 2 answers or more"):
        shown_groups({"SD": alike(2)}, minimum=1)
