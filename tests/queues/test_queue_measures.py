"""What a day amounts to, against figures worked out by hand; and what must hold of any durations."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.queues.measures import Durations, Group, Measures

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


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


# --- a day worked out by hand ---


def a_day(room):
    """Four visitors at loket-1, opened at nine: one served, one who gave up, one no-show, one still being served."""
    desk = room.desk
    desk.issue("nib")  # A-001 09:00:00
    room.after(seconds=60).issue("nib", priority="lansia")  # A-002 09:01:00
    room.after(seconds=60).issue("kia")  # B-001 09:02:00
    desk.call_next("loket-1")  # A-001 waited 120
    room.after(seconds=30).start("A-001")  # walked 30
    room.after(seconds=200).hold("A-001")  # served 200
    desk.call_next("loket-1")  # A-002 waited 290
    room.after(seconds=90).no_show("A-002")  # walked 90, nobody came
    desk.resume("A-001")  # held 90
    room.after(seconds=100).finish("A-001")  # served 300 in all; it is 09:09:00
    room.after(seconds=55 * 60).issue("nib")  # A-003 10:04:00
    desk.cancel("B-001")  # waited 3720
    desk.call_next("loket-1")  # A-003 waited 0
    desk.start("A-003")
    room.clock.advance(seconds=40)  # it is 10:04:40


def test_a_day_worked_out_by_hand(room):
    a_day(room)
    measures = room.desk.measures()
    hall = measures.hall
    assert hall.wait == durations(120, 290, 0, cut_off=[3720])
    assert hall.walk == durations(30, 0, cut_off=[90])
    assert hall.service == durations(300, cut_off=[40])
    assert hall.hold == durations(90)
    assert hall.outcomes == {"finished": 1, "no_show": 1, "cancelled": 1, "open": 1}
    assert (hall.legs, hall.served, measures.arrived) == (4, 1, 4)
    assert measures.visitors == {"finished": 1, "no_show": 1, "cancelled": 1, "serving": 1}
    assert {hour: group.legs for hour, group in measures.by_hour.items()} == {9: 3, 10: 1}
    assert {name: group.legs for name, group in measures.by_service.items()} == {"nib": 3, "kia": 1}
    assert measures.by_priority["lansia"].outcomes == {"no_show": 1}
    assert measures.by_counter["loket-1"].legs == 3  # nobody called B-001
    # open 09:00:00 to 10:04:40; busy from 09:02:00 to 09:09:00 with two tickets, then 40 s
    assert measures.open_seconds == {"loket-1": 3880.0}
    assert measures.busy_seconds == {"loket-1": 30 + 200 + 90 + 100 + 40}
    # 3 of 4 within 15 minutes, for who gave up lasted longer than that
    assert hall.wait.within(900).value == 0.75
    assert hall.wait.percentile(0.5) == 120
    assert hall.wait.percentile(0.9) is None


def test_closing_turns_what_was_open_into_what_was_left(room):
    a_day(room)
    closed = room.desk.close_day(abandon=True)
    assert closed.hall.outcomes == {"finished": 1, "no_show": 1, "cancelled": 1, "interrupted": 1}
    assert closed.hall.service == durations(300, cut_off=[40])
    room.clock.advance(minutes=600)
    assert room.desk.measures() == closed  # a closed day does not grow older


def test_a_hold_that_the_closing_ended_is_cut_off(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    room.desk.start("A-001")
    room.desk.hold("A-001")
    room.clock.advance(seconds=70)
    assert room.desk.measures().hall.hold == durations(cut_off=[70])
    assert room.desk.close_day().hall.hold == durations(cut_off=[70])


def test_each_leg_of_a_visit_waits_for_itself(room):
    room.desk.issue("nib")
    room.after(seconds=100).call_next("loket-1")
    room.desk.start("A-001")
    room.after(seconds=20).transfer("A-001", service="kia")
    room.after(seconds=50).call_next("loket-1")
    room.after(seconds=5).return_to_line("A-001")
    room.after(seconds=7).cancel("A-001")
    measures = room.desk.measures()
    assert measures.hall.wait == durations(100, 50, cut_off=[7])
    assert measures.hall.walk == durations(0, cut_off=[5])
    assert measures.hall.service == durations(20)  # sent on: that service ended
    assert measures.hall.outcomes == {"transferred": 1, "returned": 1, "cancelled": 1}
    assert measures.visitors == {"cancelled": 1}
    assert measures.by_service["kia"].legs == 2


def test_what_was_never_printed_did_not_arrive(room):
    room.desk.reserve("nib")
    room.desk.issue("nib")
    assert room.desk.measures().arrived == 1
    measures = room.after(seconds=200).close_day()
    assert (measures.arrived, measures.visitors) == (1, {"lapsed": 1, "unserved": 1})
    assert measures.hall.legs == 1


def test_hours_are_those_of_the_mall(room):
    for minutes in (0, 59, 60):
        room.clock.move_to(NINE + timedelta(minutes=minutes))
        room.desk.issue("nib")
    assert {hour: group.legs for hour, group in room.desk.measures().by_hour.items()} == {9: 2, 10: 1}


def test_days_and_malls_merge_into_one(make_room):
    days = []
    for _ in range(2):
        room = make_room()
        room.desk.open_counter("loket-1")
        a_day(room)
        days.append(room.desk.close_day(abandon=True))
    both = Measures()
    for day in days:
        both.merge(day)
    assert both.hall.wait == durations(120, 290, 0, 120, 290, 0, cut_off=[3720, 3720])
    assert both.visitors == {"finished": 2, "no_show": 2, "cancelled": 2, "interrupted": 2}
    assert both.busy_seconds == {"loket-1": 920.0}
    assert both.open_seconds == {"loket-1": 7760.0}
    assert both.by_hour[9].legs == 6
    assert both.hall.wait.mean == days[0].hall.wait.mean
    assert days[0] == days[1]
    empty = Group()
    empty.merge(both.hall)
    assert empty == both.hall


class Stopped:
    def __init__(self, at):
        self._at = at

    def now(self):
        return self._at


def test_a_clock_that_ran_back_makes_no_wait_negative(room):
    room.desk.issue("nib")
    late = room.clock.now() + timedelta(minutes=10)
    room.clock.move_to(late)
    room.desk.issue("nib")
    room.clock = Stopped(NINE)
    desk = room.another_desk()
    assert sorted(desk.measures().hall.wait.censored) == [0, 600]
    assert desk.position("A-001").people_ahead == 0
    assert desk.board().at == late
    ticket = desk.issue("nib")
    assert ticket.issued_at == late  # time never goes back within a day
