"""What a day amounts to, against figures worked out by hand."""

from datetime import UTC, datetime, timedelta

from mppkit.durations import Durations
from mppkit.queues.measures import Group, Measures

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def durations(*ended, cut_off=()):
    made = Durations()
    for seconds in ended:
        made.add(seconds, ended=True)
    for seconds in cut_off:
        made.add(seconds, ended=False)
    return made


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
