"""The day and its counters: opening, pausing, closing, and what is on record when the hall goes home."""

from datetime import date, timedelta

import pytest

from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.queues.model import CounterStatus, TicketStatus

TUESDAY = date(2026, 11, 24)


def refused(act):
    with pytest.raises(TransitionError) as caught:
        act()
    return caught.value


def test_a_counter_opens_with_its_officer_and_the_blueprints_services(make_room):
    room = make_room()
    counter = room.desk.open_counter("loket-1", officer="sri")
    assert (counter.status, counter.officer, counter.services) == (CounterStatus.OPEN, "sri", ("nib", "kia"))
    assert room.names() == ["day_opened", "counter_opened"]


def test_a_counter_can_give_other_services_for_a_day(make_room):
    room = make_room()
    assert room.desk.open_counter("loket-3", services=["nib", "pajak", "nib"]).services == ("nib", "pajak")
    room.desk.issue("nib")
    assert room.desk.call_next("loket-3").number == "A-001"


@pytest.mark.parametrize("services", [[], "nib"])
def test_a_counter_without_services_does_not_open(make_room, services):
    room = make_room()
    with pytest.raises(InvalidValueError, match="name the services"):
        room.desk.open_counter("loket-1", services=services)
    with pytest.raises(NotFoundError, match="did you mean 'nib'"):
        room.desk.open_counter("loket-1", services=["nip"])
    with pytest.raises(NotFoundError, match="did you mean 'loket-1'"):
        room.desk.open_counter("loket-01")
    assert room.names() == []


def test_open_time_counts_without_pauses_and_over_two_openings(room):
    desk = room.after(minutes=60)
    desk.pause_counter("loket-1", why="salat")
    room.after(minutes=15).resume_counter("loket-1")
    room.after(minutes=30).close_counter("loket-1")
    room.after(minutes=60).open_counter("loket-1", officer="ani")
    room.clock.advance(minutes=10)
    assert room.desk.measures().open_seconds == {"loket-1": 100 * 60.0}


def test_a_counter_with_a_ticket_neither_pauses_nor_closes(room):
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    for act in (room.desk.pause_counter, room.desk.close_counter, room.desk.open_counter):
        error = refused(lambda act=act: act("loket-1"))
        assert "busy with A-001" in str(error)
        assert error.allowed == ("start", "no_show", "transfer", "return_to_line", "cancel")


def test_each_status_of_a_counter_names_its_ways(room):
    desk = room.desk
    assert refused(lambda: desk.open_counter("loket-1")).allowed == ("call", "pause", "close")
    assert refused(lambda: desk.resume_counter("loket-1")).allowed == ("call", "pause", "close")
    desk.pause_counter("loket-1")
    for act in (desk.open_counter, desk.pause_counter):
        assert refused(lambda act=act: act("loket-1")).allowed == ("resume", "close")
    desk.close_counter("loket-1")
    for act in (desk.pause_counter, desk.resume_counter, desk.close_counter):
        assert refused(lambda act=act: act("loket-1")).allowed == ("open",)
    assert refused(lambda: desk.counter("loket-2")).allowed == ("open",)


def test_who_is_called_or_served_keeps_the_day_open(room):
    for _ in range(2):
        room.desk.issue("nib")
    room.desk.call_next("loket-1")
    error = refused(room.desk.close_day)
    assert "still serving A-001" in str(error)
    assert "abandon=True" in str(error)
    assert error.allowed == ("no_show", "return_to_line", "cancel")
    room.desk.start("A-001")
    assert refused(room.desk.close_day).allowed == ("finish", "return_to_line", "cancel")
    assert room.names()[-1] == "service_started"


def test_closing_names_everybody_who_is_still_there(room):
    desk = room.desk
    desk.open_counter("loket-2")
    for _ in range(4):
        desk.issue("nib")
    desk.reserve("nib")
    desk.book("nib", room.clock.now() + timedelta(minutes=10))
    desk.call_next("loket-1")
    desk.start("A-001")
    desk.hold("A-001")
    desk.call_next("loket-1")
    desk.call_next("loket-2")
    desk.start("A-003")
    room.clock.advance(seconds=100)
    measures = desk.close_day(abandon=True)
    assert {t.number: t.status.value for t in desk.tickets()} == {
        "A-001": "unserved", "A-002": "interrupted", "A-003": "interrupted", "A-004": "unserved", "A-005": "lapsed",
    }  # fmt: skip
    assert measures.visitors == {"unserved": 2, "interrupted": 2, "lapsed": 1}
    assert measures.open_seconds == {"loket-1": 100.0, "loket-2": 100.0}
    assert measures.busy_seconds == {"loket-1": 100.0, "loket-2": 100.0}
    assert {row.status for row in desk.board().counters} == {CounterStatus.CLOSED}
    assert not desk.board().is_open
    assert desk.appointments()[0].status.value == "missed"


def test_nothing_happens_on_a_closed_day_and_looking_still_works(room):
    desk = room.desk
    desk.issue("nib")
    desk.close_day()
    acts = [
        desk.open_day, desk.close_day, lambda: desk.open_counter("loket-2"), lambda: desk.issue("nib"),
        lambda: desk.call_next("loket-1"), lambda: desk.cancel("A-001"), lambda: desk.pause_counter("loket-1"),
        lambda: desk.book("nib", room.clock.now()), lambda: desk.undo("loket-1"),
    ]  # fmt: skip
    for act in acts:
        error = refused(act)
        assert "day 2026-11-24 is closed" in str(error)
        assert error.allowed == ()
    assert desk.ticket("A-001").status is TicketStatus.UNSERVED
    assert desk.position("A-001").indonesian == "Nomor A-001 belum terlayani saat tutup."
    assert desk.counter("loket-1").served == 0
    assert refused(lambda: desk.counter("loket-2")).allowed == ()


def test_opening_an_open_day_does_nothing(make_room):
    room = make_room()
    room.desk.open_day()
    room.desk.open_day()
    assert room.names() == ["day_opened"]
    assert room.desk.board().is_open


def test_an_empty_day_closes(make_room):
    room = make_room()
    assert room.desk.close_day().arrived == 0
    assert room.names() == ["day_opened", "day_closed"]


def test_the_day_changes_at_midnight_of_the_mall(make_room):
    room = make_room(start="2026-11-24T23:59:59+08:00")
    room.desk.open_counter("loket-1")
    room.desk.issue("nib")
    assert room.desk.today() == TUESDAY
    room.clock.advance(seconds=1)
    assert room.desk.today() == TUESDAY + timedelta(days=1)
    with pytest.raises(NotFoundError):
        room.desk.cancel("A-001")
    assert refused(lambda: room.desk.call_next("loket-1")).allowed == ("open",)
    assert room.desk.issue("nib").number == "A-001"
    assert room.desk.days() == (TUESDAY, TUESDAY + timedelta(days=1))
    assert room.desk.ticket("A-001", on=TUESDAY).issued_at.isoformat() == "2026-11-24T15:59:59+00:00"


def test_a_day_nobody_closed_is_looked_at_from_its_last_event(make_room):
    room = make_room()
    room.desk.open_counter("loket-1")
    room.desk.issue("nib")
    room.after(minutes=10).issue("nib")
    room.clock.advance(minutes=3 * 24 * 60)
    measures = room.desk.measures(TUESDAY)
    assert measures.hall.outcomes == {"open": 2}
    assert sorted(measures.hall.wait.censored) == [0, 600]
    assert measures.open_seconds == {"loket-1": 600.0}
    assert room.desk.board(on=TUESDAY).at.isoformat() == "2026-11-24T01:10:00+00:00"


def test_days_are_found_by_their_dates(make_room):
    room = make_room()
    for _ in range(3):
        room.desk.issue("nib")
        room.clock.advance(minutes=24 * 60)
    second = TUESDAY + timedelta(days=1)
    third = TUESDAY + timedelta(days=2)
    assert room.desk.days(second) == (second, third)
    assert room.desk.days(last_on=second) == (TUESDAY, second)
    assert room.desk.days(second, second) == (second,)
