"""What the store holds of an answer tells nobody whose it was: a whole hall at work, and a search through every row."""

import json
from random import Random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.calendars import Calendar
from mppkit.errors import MppkitError
from mppkit.queues.desk import QueueDesk
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import MemoryStore, Query, audit
from mppkit.surveys.events import EVENTS, Answered
from mppkit.surveys.tokens import read_token

OFFICERS = ("sri-17", "made-18")
FIELDS = {"instrument", "version", "digest", "answers", "channel", "service", "counter", "profile", "token"}


def queue_of(booth, **changed) -> QueueDesk:
    about = {
        "mall": "badung",
        "store": booth.store,
        "directory": booth.hall,
        "calendar": Calendar(zone=booth.zone),
        "policies": QueuePolicies(),
        "clock": booth.clock,
        "survey_token": booth.desk.token,
    }
    return QueueDesk(**{**about, **changed})


@pytest.fixture
def busy(booth):
    """A hall in which forty people were served and thirty of them answered, and their tickets."""
    queue, chance = queue_of(booth), Random(2026)
    tickets = []
    for n, officer in enumerate(OFFICERS, start=1):
        queue.open_counter(f"loket-{n}", officer=officer)
    for person in range(40):
        booth.clock.advance(seconds=61)
        service = chance.choice(("nib", "pajak", "kia"))
        ticket = queue.issue(service, subject=f"warga-{person}", request_id=f"klik-{person}", actor="kios-5")
        counter = f"loket-{person % 2 + 1}"
        number = queue.call_next(counter).number
        assert number == ticket.number
        queue.start(number)
        booth.clock.advance(seconds=chance.randrange(60, 300))
        queue.finish(number)
        tickets.append((ticket, counter))
    chance.shuffle(tickets)
    for ticket, counter in tickets[:30]:
        booth.clock.advance(seconds=7)
        booth.desk.respond(
            "skm",
            ticket.survey_token,
            {key: chance.randint(1, 4) for key in booth.skm.keys},
            profile={"sex": chance.choice(("laki-laki", "perempuan"))},
            counter=counter,
            request_id=f"{ticket.number}:{ticket.survey_token}:{ticket.subject}",
        )
    booth.tickets = [ticket for ticket, _ in tickets]
    booth.silent = booth.tickets[30:]
    return booth


def test_no_row_of_an_answer_holds_a_ticket_a_person_an_officer_or_a_code(busy) -> None:
    rows = busy.store.read(busy.stream)
    (head,) = busy.store.find(Query(category="survey"))
    texts = [repr(row) for row in rows] + [repr(head)]
    assert len(rows) == 30
    services = [service.id for service in busy.hall.services]
    for ticket in busy.tickets:
        code = ticket.survey_token
        printed = read_token(busy.secret, "badung", code, [busy.desk.today()], services)
        forbidden = [ticket.number, ticket.subject, code, code.replace("-", ""), code[:9], code[10:], printed.nonce]
        for text in texts:
            assert not [word for word in forbidden if word.lower() in text.lower()]
    for word in (*OFFICERS, "kios-5", "klik-", "warga"):
        assert not [text for text in texts if word in text]
    assert {row.actor for row in rows} == {None}
    assert {frozenset(json.loads(row.data)) - FIELDS for row in rows} == {frozenset()}


def test_no_row_tells_at_which_minute_an_answer_came(busy) -> None:
    """Held against the hall's instants it would tell whose it was."""
    rows = busy.store.read(busy.stream)
    (head,) = busy.store.find(Query(category="survey"))
    assert {row.at.isoformat() for row in rows} == {"2026-11-23T16:00:00+00:00"}  # midnight in Makassar
    assert head.updated_at == rows[0].at
    assert head.labels == {"instrument": "skm-2017", "on": "2026-11-24"}
    assert json.loads(head.summary) == {"answers": 30, "texts": {"1": busy.skm.digest}}


def test_a_late_answer_looks_like_the_others_of_its_day(busy) -> None:
    busy.clock.advance(minutes=3 * 1440)
    busy.desk.respond("skm", busy.silent[0].survey_token, busy.all(2))
    rows = busy.store.read(busy.stream)
    assert len(rows) == 31
    assert rows[-1].at == rows[0].at


def test_the_queue_records_no_code(busy) -> None:
    rows = [row for row in busy.store.read_all(limit=10_000) if "/queue/" in row.stream]
    assert len(rows) > 150
    for ticket in busy.tickets:
        assert not [row for row in rows if ticket.survey_token in repr(row) or ticket.survey_token[:9] in repr(row)]
        assert ticket.survey_token not in repr(ticket)
    assert audit(busy.store).intact


def test_a_refusal_never_shows_the_code(booth) -> None:
    code = booth.code()
    booth.desk.respond("skm", code, booth.all(4))
    for typed, answers in ((code, booth.all(3)), (code[:-1], booth.all(4)), (code[1:] + code[0], booth.all(4))):
        with pytest.raises(MppkitError) as refused:
            booth.desk.respond("skm", typed, answers)
        assert not [part for part in typed.split("-") if len(part) == 4 and part in repr(refused.value)]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=9, max_size=9), st.integers(0, 800), st.integers(0, 800))
def test_two_who_answer_alike_leave_rows_that_differ_in_the_mark_alone(booth_on, row, first, second) -> None:
    marks = []
    for number in (first, second):
        booth = booth_on(MemoryStore())
        booth.clock.advance(minutes=number)
        booth.desk.respond("skm", booth.code(f"A-{number}"), dict(zip(booth.skm.keys, row, strict=True)))
        (recorded,) = booth.store.read(booth.stream)
        data = json.loads(recorded.data)
        marks.append(data.pop("token"))
        rest = (data, recorded.at, recorded.actor, recorded.request_id, booth.store.find(Query())[0].labels)
        if number == first:
            expected = rest
        assert rest == expected
    assert (marks[0] == marks[1]) == (first == second)


def test_the_events_have_no_room_for_more() -> None:
    """Whoever adds a field to an answer should have thought about whom it names."""
    assert list(EVENTS) == [Answered]
    assert {field.name for field in attrs.fields(Answered)} == FIELDS


# --- the ticket's side ---------------------------------------------------------------------------------------------


def test_a_repeated_request_returns_the_same_code_and_no_ticket_that_is_only_looked_at_has_one(booth) -> None:
    queue = queue_of(booth)
    codes = {queue.issue("nib", request_id="klik-1").survey_token for _ in range(3)}
    assert codes == {booth.code("A-001")}
    queue.open_counter("loket-1")
    queue.call_next("loket-1")
    queue.start("A-001")
    queue.transfer("A-001", service="pajak")
    again = queue_of(booth).issue("nib", request_id="klik-1")
    assert (again.service, again.survey_token) == (
        "pajak",
        booth.code("A-001"),
    )  # that of the service it was issued for
    assert queue.ticket("A-001").survey_token is None
    assert queue.ticket("A-001") == again


def test_reserved_tickets_and_appointments_carry_a_code_too(booth) -> None:
    queue = queue_of(booth)
    assert queue.reserve("pajak").survey_token == booth.code("B-001", "pajak")
    appointment = queue.book("kia", booth.clock.now())
    first, again = queue.check_in(appointment.code), queue.check_in(appointment.code)
    assert first.survey_token == again.survey_token == booth.code(first.number, "kia")
    assert booth.desk.respond("skm", first.survey_token, booth.all(4)).service == "kia"


def test_a_queue_without_surveys_prints_no_code(booth) -> None:
    assert queue_of(booth, survey_token=None).issue("nib").survey_token is None
