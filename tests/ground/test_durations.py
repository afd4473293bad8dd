"""What must hold of any durations, those cut off counted as such; and figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.durations import Durations
from mppkit.errors import InvalidValueError


def durations(*ended, cut_off=()):
    made = Durations()
    for seconds in ended:
        made.add(seconds, ended=True)
    for seconds in cut_off:
        made.add(seconds, ended=False)
    return made


# --- durations without anybody cut off ---


def test_plain_durations_are_the_plain_sample():
    five = durations(60, 120, 120, 300, 900)
    assert (five.n, five.n_censored, five.max, five.mean) == (5, 0, 900, 300.0)
    assert [five.percentile(share) for share in (0, 0.2, 0.21, 0.5, 0.6, 0.8, 0.81, 1)] == [
        60, 60, 120, 120, 120, 300, 900, 900,
    ]  # fmt: skip
    assert five.within(299).value == pytest.approx(0.6)
    assert five.within(300).value == pytest.approx(0.8)
    assert five.within(59).value == 0.0
    assert five.within(900).value == 1.0


def test_the_interval_of_a_plain_share_is_wilsons():
    share = durations(*[60] * 8, *[1000] * 2).within(900)
    # 8 of 10: (0.8 + z²/20 ± z * sqrt(0.8 * 0.2 / 10 + z²/400)) / (1 + z²/10) with z = 1.959964
    z = 1.959964
    centre, half = 0.8 + z * z / 20, z * math.sqrt(0.016 + z * z / 400)
    assert share.n == 10
    assert share.low == pytest.approx((centre - half) / (1 + z * z / 10))
    assert share.high == pytest.approx((centre + half) / (1 + z * z / 10))
    assert (round(share.low, 3), round(share.high, 3)) == (0.490, 0.943)


def test_seconds_are_rounded_but_their_mean_is_not():
    made = durations(0.4, 0.5, 1.5)
    assert made.ended == {0: 1, 1: 1, 2: 1}
    assert made.mean == 0.8


def test_nothing_has_no_figures():
    none = Durations()
    assert (none.n, none.max, none.mean, none.percentile(0.5), none.within(900)) == (0, None, None, None, None)


@pytest.mark.parametrize("share", [50, -0.1, 1.01])
def test_a_percentile_is_asked_for_as_a_share(share):
    with pytest.raises(InvalidValueError, match=r"such as 0.9"):
        durations(60).percentile(share)


# --- with some cut off: worked by hand after Kaplan and Meier ---


def test_who_was_cut_off_counts_as_having_lasted_so_long():
    some = durations(100, 200, 400, cut_off=(150, 300))
    # lasting longer than 100: 4/5; than 200 (3 left): 4/5 * 2/3 = 8/15; than 400 (1 left): 0
    assert (some.n, some.n_censored, some.max) == (5, 2, 400)
    assert some.within(100).value == pytest.approx(1 / 5)
    assert some.within(399).value == pytest.approx(7 / 15)
    assert some.within(400).value == pytest.approx(1)
    assert [some.percentile(share) for share in (0.2, 0.21, 0.46, 0.47, 1)] == [100, 200, 200, 400, 400]
    # the area below: 100 * 1 + 100 * 4/5 + 200 * 8/15
    assert some.mean == pytest.approx(100 + 80 + 200 * 8 / 15)


def test_the_interval_with_some_cut_off_is_wider_than_that_of_as_many_plain_ones():
    some = durations(100, 200, 400, cut_off=(150, 300)).within(250)
    # Greenwood: (8/15)² * (1/(5*4) + 1/(3*2)); as many plain visits as would give that variance
    share, left = 7 / 15, 8 / 15
    n = share * left / (left**2 * (1 / 20 + 1 / 6))
    z = 1.959964
    half = z * math.sqrt(share * left / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert n == pytest.approx(4.038, abs=1e-3)
    assert (some.high - some.low) / 2 == pytest.approx(half)
    assert some.n == 5


def test_a_percentile_that_too_many_were_cut_off_for_is_not_known():
    some = durations(60, cut_off=(600, 600, 600))
    assert some.percentile(0.25) == 60
    assert some.percentile(0.26) is None
    assert some.mean == 60 + 540 * 0.75  # the least it can be


def test_a_share_beyond_what_was_watched_is_the_least_it_can_be():
    share = durations(60, cut_off=(120, 120, 120)).within(900)
    assert share.value == 0.25
    assert share.high == 1.0
    assert durations(60, cut_off=(120,) * 3).within(119).high < 1.0


def test_where_all_were_cut_off_before_nothing_is_known():
    all_gone = durations(cut_off=(60, 60))
    assert all_gone.within(900) is None
    assert all_gone.within(60) is None
    assert all_gone.within(59).value == 0.0
    assert all_gone.within(59).n == 2


def test_few_who_lasted_do_not_pass_for_many():
    # 99 left at once; all that is known of the promise comes from one
    share = durations(100, cut_off=(1,) * 99).within(900)
    assert share.value == 1.0
    assert share.low == pytest.approx(1 / (1 + 1.959964**2))


# --- what must hold of any durations ---

lengths = st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=60)
shares = st.floats(0, 1)


def made_of(pairs):
    return durations(*(s for s, ended in pairs if ended), cut_off=[s for s, ended in pairs if not ended])


@given(lengths, lengths, lengths)
def test_merging_equals_adding_all_in_any_order(first, second, third):
    merged, other = made_of(first), made_of(third)
    merged.merge(made_of(second))
    merged.merge(made_of(third))
    other.merge(made_of(first + second))
    assert merged == other == made_of(first + second + third)


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=60), shares)
def test_without_anybody_cut_off_percentiles_are_those_of_the_sample(seconds, share):
    ordered = sorted(seconds)
    rank = max(1, math.ceil(share * len(ordered) - 1e-9))
    assert durations(*seconds).percentile(share) == ordered[rank - 1]


@given(lengths, st.integers(0, 2100))
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(pairs, seconds):
    share = made_of(pairs).within(seconds)
    if share is not None:
        assert 0 <= share.low <= share.value + 1e-9
        assert share.value <= share.high + 1e-9
        assert share.high <= 1


@given(lengths, st.integers(0, 2000), st.integers(0, 100))
def test_a_longer_promise_is_kept_more_often_and_a_higher_percentile_is_longer(pairs, seconds, more):
    some = made_of(pairs)
    less, longer = some.within(seconds), some.within(seconds + more)
    if less is not None and longer is not None:
        assert less.value <= longer.value + 1e-12
    known = [some.percentile(n / 10) for n in range(11)]
    found = [length for length in known if length is not None]
    assert found == sorted(found)
    assert known[: len(found)] == found  # unknown only from some share on


@given(lengths)
def test_counting_who_was_cut_off_never_shortens_the_mean(pairs):
    some = made_of(pairs)
    if some.ended and some.censored:
        naive = (sum(some.ended.elements()) + sum(some.censored.elements())) / some.n
        assert some.mean >= naive - 1e-6
