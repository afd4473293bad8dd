"""Who may take a ticket: hours, cut-off, quota, one per person; numbers; appointments; and what may not be recorded."""

from datetime import UTC, datetime, time, timedelta

import pytest
from attrs import frozen

from mppkit.calendars import WeeklyHours
from mppkit.decisions import Decision, LegalBasis, Outcome, Reason
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.queues.policies import OpenDoor, PrefixNumbering, SingleNumbering, StandardAdmission

HOURS = WeeklyHours(by_weekday={1: ((time(8), time(12)), (time(13), time(16)))})
NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def codes(act):
    with pytest.raises(RefusedError) as caught:
        act()
    decision = caught.value.decision
    assert all(reason.indonesian and reason.english for reason in decision.reasons)
    return [reason.code for reason in decision.reasons]


def at(room, local: str):
    room.clock.move_to(datetime.fromisoformat(f"2026-11-24T{local}+08:00"))
    return room.desk


# --- hours ---


@pytest.mark.parametrize(
    ("local", "code"),
    [
        ("07:29:59", "not_open_yet"),
        ("07:30:00", None),
        ("12:30:00", None),  # in the break, for those who wait for the afternoon
        ("15:29:59", None),
        ("15:30:00", "after_cut_off"),
        ("15:59:59", "after_cut_off"),
        ("16:00:00", "closed_for_today"),
        ("23:00:00", "closed_for_today"),
    ],
)
def test_tickets_are_issued_from_before_opening_to_the_cut_off(make_room, local, code):
    admission = StandardAdmission(early_minutes=30, cut_off_minutes=30)
    room = make_room(start="2026-11-24T00:00:00+08:00", hours=HOURS, admission=admission)
    if code is None:
        assert at(room, local).issue("nib").number == "A-001"
    else:
        assert codes(lambda: at(room, local).issue("nib")) == [code]


def test_a_day_off_and_a_holiday_say_what_they_are(make_room):
    room = make_room(start="2026-11-25T09:00:00+08:00", hours=HOURS)
    assert codes(lambda: room.desk.issue("nib")) == ["closed_weekday"]
    monday = WeeklyHours(by_weekday={0: ((time(8), time(16)),)})
    room = make_room(start="2026-08-17T09:00:00+08:00", hours=monday)
    with pytest.raises(RefusedError, match="Hari Kemerdekaan"):
        room.desk.issue("nib")


def test_an_open_door_admits_at_any_hour(make_room):
    room = make_room(start="2026-11-25T03:00:00+08:00", hours=HOURS, admission=OpenDoor())
    assert [room.desk.issue("kia").number for _ in range(4)][-1] == "B-004"


def test_a_refusal_is_recorded_and_counted_with_what_was_told(make_room):
    room = make_room(start="2026-11-25T09:00:00+08:00", hours=HOURS)
    for _ in range(2):
        codes(lambda: room.desk.issue("nib"))
    assert room.names("2026-11-25") == ["admission_refused"] * 2
    assert room.another_desk().measures().refused == {("nib", "closed_weekday"): 2}
    assert room.desk.measures().arrived == 0


def test_a_refusal_keeps_its_legal_basis_and_its_kind(make_room):
    basis = LegalBasis(regulation="Perbup 1/2026", article="7", in_force_since=datetime(2026, 1, 2, tzinfo=UTC).date())
    reason = Reason(code="needs_file", indonesian="Bawa berkas dulu.", english="Bring the file first.", basis=basis)
    answer = Decision(outcome=Outcome.NEEDS_FIRST, reasons=(reason,))
    room = make_room(admission=lambda asking: answer)
    for desk in (room.desk, room.another_desk()):
        with pytest.raises(RefusedError) as caught:
            desk.issue("nib", request_id="klik-1")  # the second desk reads it from the store
        assert caught.value.decision == answer
    assert room.names() == ["admission_refused"]


# --- quota ---


def test_the_quota_is_reached_by_the_last_ticket_and_not_before(room):
    assert [room.desk.issue("kia").number for _ in range(3)] == ["B-001", "B-002", "B-003"]
    with pytest.raises(RefusedError, match=r"Kuota Kartu anak hari ini \(3\) sudah habis"):
        room.desk.issue("kia")
    room.desk.cancel("B-001")
    assert codes(lambda: room.desk.issue("kia")) == ["quota_reached"]  # a cancelled ticket was issued all the same
    assert room.desk.issue("nib", "kia").number == "A-001"  # only the first service of a visit has a quota


def test_a_lapsed_reservation_gives_its_place_in_the_quota_back(room):
    for _ in range(3):
        room.desk.reserve("kia")
    assert codes(lambda: room.desk.issue("kia")) == ["quota_reached"]
    assert room.after(seconds=121).issue("kia").number == "B-004"
    room.desk.cancel(room.desk.reserve("kia").number)
    assert room.desk.issue("kia").number == "B-006"
    assert room.desk.issue("kia").number == "B-007"
    assert codes(lambda: room.desk.issue("kia")) == ["quota_reached"]


def test_appointments_take_their_part_of_the_quota(room):
    desk = room.desk
    booked = [desk.book("kia", NINE + timedelta(minutes=minutes)).code for minutes in (20, 60)]
    desk.issue("kia")
    assert codes(lambda: desk.issue("kia")) == ["quota_reached"]
    assert codes(lambda: desk.book("kia", NINE + timedelta(minutes=90))) == ["quota_reached"]
    assert desk.check_in(booked[0]).number == "B-002"
    assert codes(lambda: desk.issue("kia")) == ["quota_reached"]
    room.clock.advance(minutes=75)  # the second may still come at the very end of its time
    assert codes(lambda: desk.issue("kia")) == ["quota_reached"]
    assert room.after(seconds=1).issue("kia").number == "B-003"  # now it cannot any more


# --- one per person ---


def test_one_person_holds_one_live_ticket_for_a_service(room):
    room.desk.issue("nib", "kia", subject="orang-7")
    for service in ("nib", "kia"):
        with pytest.raises(RefusedError, match="masih memiliki nomor A-001"):
            room.desk.issue(service, subject="orang-7")
    assert room.desk.issue("pajak", subject="orang-7").number == "C-001"
    assert room.desk.issue("nib", subject="orang-8").number == "A-002"
    room.desk.cancel("A-001")
    assert room.desk.issue("nib", subject="orang-7").number == "A-003"


def test_one_person_may_hold_several_where_the_policy_says_so(make_room):
    room = make_room(admission=StandardAdmission(one_per_person=False))
    assert [room.desk.issue("nib", subject="orang-7").number for _ in range(2)] == ["A-001", "A-002"]


def test_a_reservation_that_lapsed_unrecorded_holds_nobody_back(room):
    room.desk.reserve("nib", subject="orang-7")
    assert codes(lambda: room.desk.issue("nib", subject="orang-7")) == ["already_waiting"]
    assert room.after(seconds=121).issue("nib", subject="orang-7").number == "A-002"


# --- numbering ---


def test_numbers_begin_again_every_day(make_room):
    room = make_room()
    assert [room.desk.issue("nib").number for _ in range(2)] == ["A-001", "A-002"]
    assert room.after(minutes=24 * 60).issue("nib").number == "A-001"


def test_one_roll_for_the_whole_hall(make_room):
    room = make_room(numbering=SingleNumbering(width=2))
    assert [room.desk.issue(service).number for service in ("nib", "kia", "nib")] == ["01", "02", "03"]


def test_a_number_grows_beyond_its_width():
    assert PrefixNumbering(width=3).number("A", 1234) == "A-1234"
    with pytest.raises(InvalidValueError):
        PrefixNumbering(width=0)


@pytest.mark.parametrize("answer", ["X", "", None, 7])
def test_a_numbering_that_repeats_itself_or_talks_rubbish_issues_nothing(make_room, answer):
    @frozen
    class Bad:
        def series(self, service):
            return "all"

        def number(self, series, count):
            return answer if count > 1 else "X"

    room = make_room(numbering=Bad())
    room.desk.issue("nib")
    with pytest.raises(InvalidValueError, match="numbering"):
        room.desk.issue("nib")
    assert room.names() == ["day_opened", "ticket_issued"]


def test_a_series_that_is_no_text_issues_nothing(make_room):
    @frozen
    class Bad(PrefixNumbering):
        def series(self, service):
            return 7

    room = make_room(numbering=Bad())
    with pytest.raises(InvalidValueError, match="name its series by a text"):
        room.desk.issue("nib")
    assert room.names() == []


@pytest.mark.parametrize("answer", [None, True, "ya"])
def test_an_admission_that_does_not_decide_admits_nobody(make_room, answer):
    room = make_room(admission=lambda asking: answer)
    with pytest.raises(InvalidValueError, match="answer with a Decision"):
        room.desk.issue("nib")
    assert room.names() == []


# --- appointments ---


@pytest.mark.parametrize(
    ("local", "code"),
    [("09:29:59", "too_early"), ("09:30:00", None), ("10:15:00", None), ("10:15:01", "too_late")],
)
def test_the_window_of_a_check_in_includes_its_edges(make_room, local, code):
    room = make_room(limits={"check_in_early_minutes": 30, "check_in_late_minutes": 15})
    booked = room.desk.book("nib", NINE + timedelta(hours=1), priority="ibu_hamil", subject="orang-7")
    assert (booked.code, booked.status.value) == ("J-001", "booked")
    if code is not None:
        assert codes(lambda: at(room, local).check_in("J-001")) == [code]
        assert room.desk.appointments()[0].status.value == "booked"
        return
    ticket = at(room, local).check_in("J-001")
    assert (ticket.number, ticket.appointment, ticket.subject) == ("A-001", "J-001", "orang-7")
    assert ticket.appointment_at == NINE + timedelta(hours=1)
    assert ticket.place_at == room.clock.now()  # it jumps no line by itself
    assert ticket.priority.value == "ibu_hamil"


def test_a_check_in_is_safe_to_repeat(room):
    room.desk.book("nib", NINE)
    first = room.desk.check_in("J-001")
    assert room.desk.check_in("J-001") == first
    assert room.another_desk().check_in("J-001").number == "A-001"
    assert room.names().count("ticket_issued") == 1


def test_a_visit_is_booked_for_a_later_day_and_checks_in_there(make_room):
    room = make_room(hours=HOURS)
    next_tuesday = NINE + timedelta(days=7)
    booked = room.desk.book("nib", next_tuesday)
    assert room.names() == []
    assert room.names("2026-12-01") == ["appointment_booked"]
    assert room.desk.appointments(on=next_tuesday.date()) == (booked,)
    with pytest.raises(NotFoundError, match="appointment"):
        room.desk.check_in("J-001")
    assert room.after(minutes=7 * 24 * 60).check_in("J-001").number == "A-001"
    assert room.names("2026-12-01") == ["appointment_booked", "day_opened", "ticket_issued"]


def test_nothing_is_booked_for_the_past_or_a_closed_hour(make_room):
    room = make_room(hours=HOURS)
    book = room.desk.book
    for when in (
        NINE - timedelta(seconds=1),
        NINE + timedelta(hours=3, minutes=30),  # in the break
        NINE + timedelta(hours=7),  # at closing
        NINE + timedelta(days=1),
        NINE.replace(tzinfo=None),
    ):
        with pytest.raises(InvalidValueError, match="appointment_at"):
            book("nib", when)
    with pytest.raises(NotFoundError):
        book("nip", NINE)
    assert room.desk.days() == ()


def test_one_person_books_a_service_once_a_day(room):
    room.desk.book("nib", NINE + timedelta(hours=1), subject="orang-7")
    book = room.desk.book
    assert codes(lambda: book("nib", NINE + timedelta(hours=2), subject="orang-7")) == ["already_waiting"]
    assert book("pajak", NINE + timedelta(hours=2), subject="orang-7").code == "J-002"
    room.desk.cancel_appointment("J-001")
    assert book("nib", NINE + timedelta(hours=2), subject="orang-7").code == "J-003"


def test_a_cancelled_or_missed_appointment_does_not_check_in(room):
    for _ in range(2):
        room.desk.book("nib", NINE)
    assert room.desk.cancel_appointment("J-001").status.value == "cancelled"
    for act in (room.desk.check_in, room.desk.cancel_appointment):
        with pytest.raises(TransitionError, match="J-001 is cancelled") as caught:
            act("J-001")
        assert caught.value.allowed == ()
    room.desk.close_day()
    assert [a.status.value for a in room.desk.appointments()] == ["cancelled", "missed"]
    with pytest.raises(TransitionError, match="is closed"):
        room.desk.check_in("J-002")


def test_an_appointment_of_another_day_can_be_cancelled_from_today(room):
    tomorrow = NINE + timedelta(days=1)
    room.desk.book("nib", tomorrow)
    with pytest.raises(NotFoundError):
        room.desk.cancel_appointment("J-001")
    assert room.desk.cancel_appointment("J-001", on=tomorrow.date()).status.value == "cancelled"


# --- what may not be recorded ---


@pytest.mark.parametrize(
    "subject",
    [
        "5103011708900001", "+62 812 3456", "081234567890", "nik:5103011708900001", "Ni Made", "made@example.id", "",
        "x" * 101, 5103,
    ],
)  # fmt: skip
def test_a_personal_number_or_name_is_no_subject_and_is_not_repeated_in_the_error(room, subject):
    for act in (
        lambda: room.desk.issue("nib", subject=subject),
        lambda: room.desk.book("nib", NINE, subject=subject),
    ):
        with pytest.raises(InvalidValueError, match="never a NIK") as caught:
            act()
        assert not subject or str(subject)[3:] not in str(caught.value)
    assert room.names() == ["day_opened", "counter_opened"]


@pytest.mark.parametrize(
    "subject",
    [
        "orang-7",
        "550e8400-e29b-41d4-a716-446655440000",
        "5d41402abc4b2a76b9719d911017c592",
        "1234567",
        "p_000012345678",
    ],
)
def test_ids_of_other_systems_are_subjects(room, subject):
    assert room.desk.issue("nib", subject=subject).subject == subject


def test_officers_and_actors_are_ids_too(room):
    with pytest.raises(InvalidValueError, match="officer"):
        room.desk.open_counter("loket-2", officer="5103011708900001", actor="sri")
    with pytest.raises(InvalidValueError, match="actor"):
        room.desk.issue("nib", actor="Ni Made")
    room.desk.issue("nib", actor="kios-1")
    assert room.store.read("badung/queue/2026-11-24")[-1].actor == "kios-1"


@pytest.mark.parametrize(
    "why",
    [
        "NIK 5103011708900001",
        "hubungi 0812-3456-7890",
        "telp (0361) 123 4567",
        "NPWP 09.254.294.3-407.000",
        "+62 812 3456 7890",
        "x" * 201,
        None,
    ],
)
def test_no_reason_typed_by_an_officer_carries_a_long_number(room, why):
    room.desk.issue("nib")
    room.desk.issue("nib")
    room.desk.call_next("loket-1")
    room.desk.start("A-001")
    room.desk.open_counter("loket-2")
    before = room.names()
    for act in (
        lambda: room.desk.call("loket-2", "A-002", why=why),
        lambda: room.desk.pause_counter("loket-2", why=why),
        lambda: room.desk.hold("A-001", why=why),
        lambda: room.desk.transfer("A-001", service="pajak", why=why),
        lambda: room.desk.cancel("A-001", why=why),
    ):
        with pytest.raises(InvalidValueError, match="why") as caught:
            act()
        assert not any(part in str(caught.value) for part in ("5103", "3456", "123 4567", "254.294"))
    assert room.names() == before


@pytest.mark.parametrize(
    "why", ["x" * 200, "kembali 24-11-2026", "berkas no. 503/221", "Rp 150.000.000", "pukul 09.30-10.15"]
)
def test_short_numbers_in_a_reason_are_fine(room, why):
    room.desk.issue("nib")
    assert room.desk.call("loket-1", "A-001", why=why).because == why
