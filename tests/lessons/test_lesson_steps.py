"""What can be done with a lesson study, step by step, and what cannot."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mppkit.clock import VirtualClock
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.lessons import (
    MeanFigure,
    ProgrammeItem,
    ShareFigure,
    Subject,
    SubjectKind,
    Uptake,
    Verdict,
    VisitStatus,
)
from mppkit.lessons.desk import LessonsDesk
from mppkit.storage import Query, SqliteStore, audit

KEY = "badung-2026"
Make = Callable[..., MeanFigure]
MakeShare = Callable[..., ShareFigure]
STOPS = (
    ProgrammeItem(on=date(2026, 11, 17), place="Loket 1 sampai 4"),
    ProgrammeItem(on=date(2026, 11, 16), place="Ruang rapat", about="Sambutan"),
)


# --- the visit -----------------------------------------------------------------------------------------------------


def test_a_planned_visit_has_its_stops_by_date(office) -> None:
    visit = office.plan(programme=STOPS, members=("pegawai-1", "pegawai-2"))
    assert (visit.key, visit.host, visit.status) == (KEY, "badung", VisitStatus.OPEN)
    assert (visit.delegation.region, visit.delegation.people) == ("Kabupaten Blora", 12)
    assert [item.on.day for item in visit.programme] == [16, 17]
    assert (visit.first_on, visit.last_on) == (date(2026, 11, 16), date(2026, 11, 17))
    assert visit.planned_at == office.clock.now()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"host": "Badung"}, "host"),
        ({"host": "5103011708900001"}, "host"),
        ({"region": ""}, "region"),
        ({"region": "Blora 0812 3456 7890"}, "region"),
        ({"people": 0}, "people"),
        ({"people": 2.5}, "people"),
        ({"programme": ()}, "programme"),
        ({"programme": ("Badung",)}, "programme"),
        ({"members": "pegawai-1"}, "members"),
        ({"members": ("pegawai-1", "pegawai-1")}, "members"),
        ({"members": ("pegawai-1", "pegawai-2"), "people": 1}, "members"),
        ({"members": ("3316010101700001",)}, "members"),
        ({"members": ("Sri Rahayu",)}, "members"),
    ],
)
def test_a_visit_that_cannot_be_is_not_planned(office, wrong: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidValueError, match=place):
        office.plan(**wrong)
    assert office.names() == []


@pytest.mark.parametrize("key", ["Badung-2026", "badung 2026", "081234567890", "3316010101700001", "a/b"])
def test_a_key_is_an_id_with_letters(office, key: str) -> None:
    with pytest.raises(InvalidValueError):
        office.plan(key)


def test_a_date_can_be_a_key(office) -> None:
    assert office.plan("2026-11-16").key == "2026-11-16"


@pytest.mark.parametrize("wrong", [{"on": "2026-11-16"}, {"place": ""}, {"about": "0361 1234567890"}])
def test_a_stop_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(wrong))):
        ProgrammeItem(**{"on": date(2026, 11, 16), "place": "Badung", **wrong})


def test_a_key_is_used_once(planned) -> None:
    with pytest.raises(TransitionError, match="visit badung-2026 is open: cannot plan") as refusal:
        planned.plan()
    assert refusal.value.allowed == ("ask", "observe", "close")


def test_visits_stand_by_the_date_of_their_first_stop(office) -> None:
    assert office.desk.visits() == ()
    for key, day in (("later", 20), ("first", 2), ("between", 9)):
        office.plan(key, programme=(ProgrammeItem(on=date(2026, 11, day), place="Badung"),))
    assert [visit.key for visit in office.desk.visits()] == ["first", "between", "later"]
    assert office.desk.visits()[0] == office.desk.visit("first")


def test_nothing_happens_to_a_visit_that_was_never_planned(office, mean: Make) -> None:
    desk = office.desk
    for step in (
        lambda: desk.ask("x", "Berapa loket?"),
        lambda: desk.answer("x", "q-1", "Tujuh"),
        lambda: desk.observe("x", "counter", "loket-1", "Ada"),
        lambda: desk.decide("x", "o-1", "adopt", why="baik"),
        lambda: desk.measure("x", "o-1", mean(40, 25.0, 6.0), mean(40, 25.0, 6.0, second=True)),
        lambda: desk.close("x"),
        lambda: desk.visit("x"),
    ):
        with pytest.raises(NotFoundError, match="no visit 'x'; plan it first"):
            step()
    assert office.names("x") == []


# --- asking and seeing ---------------------------------------------------------------------------------------------


def test_a_question_is_answered_once(planned) -> None:
    desk = planned.desk
    first = desk.ask(KEY, "Siapa yang menentukan jam buka?")
    second = desk.ask(KEY, "Berapa lama menyiapkannya?")
    assert (first.id, second.id, first.answer) == ("q-1", "q-2", None)
    planned.clock.advance(minutes=5)
    answered = desk.answer(KEY, "q-2", "Satu tahun")
    assert (answered.answer, answered.answered_at) == ("Satu tahun", planned.clock.now())
    assert [question.id for question in desk.visit(KEY).unanswered] == ["q-1"]
    with pytest.raises(TransitionError, match="question q-2 is answered: cannot answer; allowed: none"):
        desk.answer(KEY, "q-2", "Dua tahun")
    with pytest.raises(NotFoundError, match="did you mean 'q-1'"):
        desk.answer(KEY, "q1", "Bupati")


def test_what_is_seen_is_tied_to_a_subject(planned) -> None:
    desk = planned.desk
    desk.observe(KEY, "counter", "loket-1", "Nomor terlihat dari pintu")
    desk.observe(KEY, SubjectKind.POLICY, "priority_ageing", "Lansia didahulukan")
    desk.observe(KEY, "counter", "loket-1", "Petugas menyebut nama layanan")
    visit = desk.visit(KEY)
    assert [seen.id for seen in visit.observations] == ["o-1", "o-2", "o-3"]
    assert visit.seen == (
        Subject(kind=SubjectKind.COUNTER, id="loket-1"),
        Subject(kind=SubjectKind.POLICY, id="priority_ageing"),
    )
    with pytest.raises(NotFoundError, match="did you mean 'counter'"):
        desk.observe(KEY, "countr", "loket-1", "Ada")
    with pytest.raises(InvalidValueError, match="subject"):
        desk.observe(KEY, "counter", "Loket 1", "Ada")


# --- deciding ------------------------------------------------------------------------------------------------------


def test_the_last_decision_stands_and_the_others_are_kept(planned) -> None:
    desk = planned.desk
    seen = desk.observe(KEY, "policy", "priority_ageing", "Lansia didahulukan")
    assert seen.resolution is None
    seen = desk.decide(KEY, "o-1", "adapt", why="Aulanya kecil", how="15 menit, bukan 30", item="policy:discipline")
    assert (seen.resolution.uptake, seen.resolution.how) == (Uptake.ADAPT, "15 menit, bukan 30")
    assert seen.resolution.item == "policy:discipline"
    planned.clock.advance(minutes=1)
    seen = desk.decide(KEY, "o-1", Uptake.SKIP, why="Tidak ada bedanya")
    assert [each.uptake for each in seen.resolutions] == [Uptake.ADAPT, Uptake.SKIP]
    assert seen.resolution == seen.resolutions[1]
    assert seen.resolution.decided_at == planned.clock.now()


def test_what_is_done_otherwise_is_said_where_it_is_adapted_and_only_there(planned) -> None:
    planned.desk.observe(KEY, "policy", "ratio", "Dua banding satu")
    for uptake, how in (("adapt", ""), ("adopt", "lain"), ("skip", "lain")):
        with pytest.raises(InvalidValueError, match="how"):
            planned.desk.decide(KEY, "o-1", uptake, why="baik", how=how)
    for why in ("", "  ", "a\nb", "x" * 1001):
        with pytest.raises(InvalidValueError, match="why"):
            planned.desk.decide(KEY, "o-1", "adopt", why=why)
    with pytest.raises(InvalidValueError, match="item"):
        planned.desk.decide(KEY, "o-1", "adopt", why="baik", item="")
    with pytest.raises(NotFoundError, match="did you mean 'adopt'"):
        planned.desk.decide(KEY, "o-1", "adopted", why="baik")
    with pytest.raises(NotFoundError, match="no observation 'o-2'"):
        planned.desk.decide(KEY, "o-2", "adopt", why="baik")


# --- measuring -----------------------------------------------------------------------------------------------------


@pytest.fixture
def adopted(planned):
    """Where one thing that was seen is adopted."""
    planned.desk.observe(KEY, "policy", "priority_ageing", "Lansia didahulukan")
    planned.desk.decide(KEY, "o-1", "adopt", why="Di sini pun banyak lansia")
    return planned


def test_what_was_adopted_can_be_measured_and_what_was_not_cannot(planned, mean: Make) -> None:
    desk = planned.desk
    before, after = mean(40, 31.0, 8.0), mean(40, 25.0, 6.0, second=True)
    desk.observe(KEY, "policy", "priority_ageing", "Lansia didahulukan")
    with pytest.raises(TransitionError, match="observation o-1 is undecided: cannot measure; allowed: decide"):
        desk.measure(KEY, "o-1", before, after)
    desk.decide(KEY, "o-1", "skip", why="Aulanya kecil")
    with pytest.raises(TransitionError, match="observation o-1 is skipped: cannot measure; allowed: decide"):
        desk.measure(KEY, "o-1", before, after)
    desk.decide(KEY, "o-1", "adopt", why="Dicoba dahulu")
    effect = desk.measure(KEY, "o-1", before, after)
    assert (effect.difference, effect.verdict) == (-6.0, Verdict.BETTER)
    [measurement] = desk.visit(KEY).observations[0].measurements
    assert measurement.effect == effect
    desk.decide(KEY, "o-1", "skip", why="Petugas kewalahan")
    assert desk.visit(KEY).observations[0].measurements == (measurement,)


def test_the_minimum_is_recorded_with_the_figures(adopted, mean: Make) -> None:
    before, after = mean(12, 31.0, 2.0), mean(12, 25.0, 2.0, second=True)
    assert adopted.desk.measure(KEY, "o-1", before, after).verdict is Verdict.TOO_FEW
    assert adopted.desk.measure(KEY, "o-1", before, after, minimum=12).verdict is Verdict.BETTER
    verdicts = [m.effect.verdict for m in adopted.another_desk().visit(KEY).observations[0].measurements]
    assert verdicts == [Verdict.TOO_FEW, Verdict.BETTER]


def test_figures_come_from_the_two_malls_from_the_past_and_in_order(adopted, mean: Make) -> None:
    before, after = mean(40, 31.0, 8.0), mean(40, 25.0, 6.0, second=True)
    for one, other, remedy in (
        (after, before, "earlier period first"),
        (before, mean(40, 25.0, 6.0, second=True, mall="bloar"), "of blora or of badung"),
        (mean(40, 25.0, 6.0, mall="bloar"), after, "of blora or of badung"),
        (before, mean(40, 25.0, 6.0, second=True, last_on=date(2027, 3, 2)), "a period that is over"),
        (before, mean(40, 25.0, 6.0), "share no day"),
    ):
        with pytest.raises(InvalidValueError, match=remedy):
            adopted.desk.measure(KEY, "o-1", one, other)
    until_today = mean(40, 25.0, 6.0, second=True, last_on=date(2027, 3, 1))
    adopted.desk.measure(KEY, "o-1", before, until_today)
    adopted.desk.measure(KEY, "o-1", mean(40, 20.0, 5.0, second=True, mall="badung"), before)
    assert adopted.names().count("effect_measured") == 2


# --- closing -------------------------------------------------------------------------------------------------------


def test_a_study_is_closed_when_everything_seen_is_decided(planned) -> None:
    desk = planned.desk
    desk.ask(KEY, "Berapa biayanya?")
    desk.observe(KEY, "facility", "parkir", "Luas")
    desk.observe(KEY, "facility", "ruang-laktasi", "Bersih")
    desk.decide(KEY, "o-1", "skip", why="Tidak ada lahan")
    with pytest.raises(TransitionError, match="undecided about o-2: cannot close") as refusal:
        desk.close(KEY)
    assert refusal.value.allowed == ("ask", "observe", "answer", "decide")
    desk.decide(KEY, "o-2", "adopt", why="Diminta ibu menyusui")
    visit = desk.close(KEY, conclusion="Mulai dari ruang laktasi")
    assert (visit.status, visit.conclusion) == (VisitStatus.CLOSED, "Mulai dari ruang laktasi")
    assert visit.closed_at == planned.clock.now()


def test_a_visit_that_did_not_take_place_can_be_closed(planned) -> None:
    assert planned.desk.close(KEY, conclusion="Batal").status is VisitStatus.CLOSED


def test_nothing_happens_to_a_closed_study(adopted, mean: Make) -> None:
    desk = adopted.desk
    desk.ask(KEY, "Berapa loket?")
    desk.close(KEY)
    names = adopted.names()
    for step, command in {
        "ask": lambda: desk.ask(KEY, "Berapa loket?"),
        "answer": lambda: desk.answer(KEY, "q-1", "Tujuh"),
        "observe": lambda: desk.observe(KEY, "counter", "loket-1", "Ada"),
        "decide": lambda: desk.decide(KEY, "o-1", "adopt", why="baik"),
        "measure": lambda: desk.measure(KEY, "o-1", mean(40, 25.0, 6.0), mean(40, 25.0, 6.0, second=True)),
        "close": lambda: desk.close(KEY),
        "plan": lambda: adopted.plan(),
    }.items():
        with pytest.raises(TransitionError, match=f"visit {KEY} is closed: cannot {step}; allowed: none") as refusal:
            command()
        assert refusal.value.allowed == ()
    assert adopted.names() == names


# --- requests, actors, stores --------------------------------------------------------------------------------------


def test_a_repeated_request_records_nothing_and_returns_the_same(office, mean: Make, share: MakeShare) -> None:
    before, after = mean(40, 31.0, 8.0), mean(40, 25.0, 6.0, second=True)
    commands = {
        "r-1": lambda desk: office.plan(request_id="r-1"),
        "r-2": lambda desk: desk.ask(KEY, "Berapa loket?", request_id="r-2"),
        "r-3": lambda desk: desk.answer(KEY, "q-1", "Tujuh", request_id="r-3"),
        "r-4": lambda desk: desk.observe(KEY, "counter", "loket-1", "Ada", request_id="r-4"),
        "r-5": lambda desk: desk.decide(KEY, "o-1", "adopt", why="baik", request_id="r-5"),
        "r-6": lambda desk: desk.measure(KEY, "o-1", before, after, request_id="r-6"),
        "r-7": lambda desk: desk.close(KEY, request_id="r-7"),
    }
    for done, (request_id, command) in enumerate(commands.items(), start=1):
        first = command(office.desk)
        assert command(office.desk) == first
        assert command(office.another_desk()) == first
        assert len(office.names()) == done
        if request_id != "r-1":
            with pytest.raises(InvalidValueError, match="used for another command"):
                office.plan(request_id=request_id)
    for request_id in commands:
        if request_id != "r-2":
            with pytest.raises(InvalidValueError, match="used for another command"):
                office.desk.ask(KEY, "Berapa loket?", request_id=request_id)
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.ask(KEY, "Berapa petugas?", request_id="r-2")
    assert len(office.names()) == 7


def test_the_actor_is_an_id_and_stands_on_the_row(planned) -> None:
    planned.desk.ask(KEY, "Berapa loket?", actor="pegawai-7")
    assert planned.store.read(f"blora/lesson/{KEY}")[-1].actor == "pegawai-7"
    for actor in ("Sri Rahayu", "3316010101700001", "sri@blora.go.id", ""):
        with pytest.raises(InvalidValueError, match="actor"):
            planned.desk.ask(KEY, "Berapa petugas?", actor=actor)


def test_a_head_tells_a_list_what_it_shows(adopted) -> None:
    adopted.desk.ask(KEY, "Berapa loket?")
    adopted.desk.observe(KEY, "counter", "loket-1", "Ada")
    [head] = adopted.store.find(Query(mall="blora", category="lesson"))
    assert head.labels == {"status": "open", "host": "badung", "first_on": "2026-11-16"}
    assert head.summary == (
        '{"region":"Kabupaten Blora","people":12,"last_on":"2026-11-16","unanswered":1,"observations":2,"undecided":1}'
    )


def test_two_malls_on_one_store_have_their_own_studies(office) -> None:
    office.plan()
    other = LessonsDesk(mall="paser", store=office.store, clock=office.clock)
    assert other.visits() == ()
    with pytest.raises(NotFoundError):
        other.visit(KEY)


def test_a_study_lives_in_a_file_too(tmp_path: Path, mean: Make, share: MakeShare) -> None:
    clock = VirtualClock("2027-03-01T08:00:00+07:00")
    with SqliteStore(tmp_path / "blora.db") as store:
        desk = LessonsDesk(mall="blora", store=store, clock=clock)
        desk.plan_visit(KEY, host="badung", region="Kabupaten Blora", people=12, programme=STOPS)
        desk.observe(KEY, "service", "nib", "Satu loket")
        desk.decide(KEY, "o-1", "adapt", why="Ruang kecil", how="Dua loket")
        desk.measure(KEY, "o-1", mean(40, 31.0, 8.0), mean(40, 25.0, 6.0, second=True))
        desk.measure(KEY, "o-1", share(48, 80), share(56, 70, second=True))
        written = desk.visit(KEY)
    with SqliteStore(tmp_path / "blora.db") as store:
        assert LessonsDesk(mall="blora", store=store, clock=clock).visit(KEY) == written
        assert audit(store).intact
