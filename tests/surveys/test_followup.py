"""What is done about weak elements: planned, done or dropped; and whether the next period moved by more than noise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, MppkitError, NotFoundError, RefusedError, TransitionError
from mppkit.storage import MemoryStore, Query, audit
from mppkit.surveys.comparing import Verdict
from mppkit.surveys.model import ActionStatus

TUESDAY = date(2026, 11, 24)
STREAM = "badung/followup/skm-2017"
PLAN = {
    "owner": "dpmptsp",
    "due_on": TUESDAY + timedelta(days=30),
    "first_on": TUESDAY - timedelta(days=9),
    "last_on": TUESDAY,
}


def plan(booth, element: str = "waktu", text: str = "Tambah satu loket pada jam sibuk", **changed):
    return booth.desk.followup.plan("skm", element, text, **{**PLAN, **changed})


def test_an_action_is_planned_and_done(booth) -> None:
    planned = plan(booth, actor="kepala-1", request_id="klik-1")
    assert (planned.id, planned.element, planned.owner, planned.status) == ("t-1", "waktu", "dpmptsp", "planned")
    assert plan(booth, actor="kepala-1", request_id="klik-1") == planned
    assert plan(booth, owner="verifikator").id == "t-2"
    booth.clock.advance(minutes=40 * 1440)
    today = booth.desk.today()
    assert [each.is_late(today) for each in booth.desk.followup.actions("skm")] == [True, True]
    assert [each.is_late(PLAN["due_on"]) for each in booth.desk.followup.actions("skm")] == [False, False]
    done = booth.desk.followup.complete("skm", "t-1", on=TUESDAY + timedelta(days=20))
    assert (done.status, done.done_on) == (ActionStatus.DONE, date(2026, 12, 14))
    dropped = booth.desk.followup.drop("skm", "t-2", why="Tidak ada anggaran")
    assert (dropped.status, dropped.dropped_why) == (ActionStatus.DROPPED, "Tidak ada anggaran")
    assert booth.another_desk().followup.actions("skm") == (done, dropped)
    assert not done.is_late(today)
    assert not dropped.is_late(today)
    assert booth.names(STREAM) == ["action_planned", "action_planned", "action_done", "action_dropped"]
    (head,) = booth.store.find(Query(category="followup"))
    assert (head.labels["open"], head.summary) == (0, '{"actions":2,"open":0}')
    assert audit(booth.store).intact


def test_done_today_if_no_date_is_named_and_safe_to_repeat(booth) -> None:
    plan(booth)
    done = [booth.desk.followup.complete("skm", "t-1", request_id="klik-2") for _ in range(2)]
    assert done[0] == done[1]
    assert done[0].done_on == TUESDAY
    with pytest.raises(InvalidValueError, match="used for another command"):
        booth.desk.followup.drop("skm", "t-1", why="Lain", request_id="klik-2")
    assert len(booth.names(STREAM)) == 2


@pytest.mark.parametrize("ended", ["done", "dropped"])
def test_what_has_ended_cannot_end_again(booth, ended: str) -> None:
    plan(booth)
    desk = booth.desk.followup
    desk.complete("skm", "t-1") if ended == "done" else desk.drop("skm", "t-1", why="Tidak ada anggaran")
    for step, command in (
        ("complete", lambda: desk.complete("skm", "t-1")),
        ("drop", lambda: desk.drop("skm", "t-1", why="Lain")),
    ):
        with pytest.raises(TransitionError) as refused:
            command()
        assert (refused.value.status, refused.value.step, refused.value.allowed) == (ended, step, ())


@pytest.mark.parametrize(
    ("bad", "kind", "told"),
    [
        ({"element": "waktuu"}, NotFoundError, "did you mean 'waktu'"),
        ({"element": None}, NotFoundError, "no element None"),
        ({"text": ""}, InvalidValueError, "^text: "),
        ({"text": "Hubungi 0812 3456 7890"}, InvalidValueError, "leave out the long number"),
        ({"text": "x" * 501}, InvalidValueError, "^text: "),
        ({"text": "dua\nbaris"}, InvalidValueError, "^text: "),
        ({"owner": "dpmpts"}, NotFoundError, "did you mean 'dpmptsp'"),
        ({"owner": "Ni Made Sri"}, InvalidValueError, "^owner: "),
        ({"owner": "5103011708900001"}, InvalidValueError, "^owner: '51…'"),
        ({"owner": None}, InvalidValueError, "^owner: "),
        ({"due_on": TUESDAY - timedelta(days=1)}, InvalidValueError, "due_on: '2026-11-23'"),
        ({"due_on": "2026-12-24"}, InvalidValueError, "^due_on: "),
        ({"first_on": TUESDAY + timedelta(days=1), "last_on": PLAN["due_on"]}, InvalidValueError, "^first_on: "),
        ({"last_on": date(2026, 11, 14)}, InvalidValueError, "last_on: '2026-11-14': give a date from 2026-11-15"),
        ({"last_on": None}, InvalidValueError, "^last_on: "),
        ({"first_on": 20261101}, InvalidValueError, "^first_on: "),
        ({"actor": "Ni Made Sri"}, InvalidValueError, "^actor: "),
    ],
    ids=str,
)
def test_an_action_that_cannot_be_is_refused(booth, bad, kind, told) -> None:
    with pytest.raises(kind, match=told):
        plan(booth, **bad)
    assert booth.names(STREAM) == []


def test_an_end_that_cannot_be_is_refused(booth) -> None:
    plan(booth)
    desk = booth.desk.followup
    for bad in (TUESDAY + timedelta(days=1), PLAN["first_on"] - timedelta(days=1), "2026-11-24"):
        with pytest.raises(InvalidValueError, match=r"^on: "):
            desk.complete("skm", "t-1", on=bad)
    for why in ("", "NIK 5103011708900001"):
        with pytest.raises(InvalidValueError, match=r"^why: "):
            desk.drop("skm", "t-1", why=why)
    for action in ("t-2", "", None, ["t-1"]):
        with pytest.raises(NotFoundError, match="no action"):
            desk.complete("skm", action)
        with pytest.raises(NotFoundError, match="no action"):
            desk.moved("skm", action)
    with pytest.raises(NotFoundError, match="no instrument"):
        desk.actions("spak")
    assert booth.names(STREAM) == ["action_planned"]


# --- whether it moved ----------------------------------------------------------------------------------------------


def answers(booth, count: int, **about) -> None:
    """Let so many answer on one day: all alike, but for half of them a little better."""
    for number in range(count):
        code = booth.code(f"A-{number:03}")
        booth.desk.respond("skm", code, booth.all(3 + number % 2, **about))


@pytest.mark.parametrize(
    ("after", "verdict", "difference"),
    [
        ({}, Verdict.NO_VISIBLE_DIFFERENCE, 25.0 * 0.5 - 12.5),
        ({"waktu": 4}, Verdict.HIGHER, 12.5),
        ({"waktu": 3}, Verdict.LOWER, -12.5),
    ],
    ids=["alike", "better", "worse"],
)
def test_the_element_of_the_next_period_is_held_against_that_of_the_first(booth, after, verdict, difference) -> None:
    answers(booth, 40)
    action = plan(booth)
    booth.clock.advance(minutes=10 * 1440)
    answers(booth, 40, **after)
    booth.clock.advance(minutes=1440)
    moved = booth.desk.followup.moved("skm", action.id)
    assert (moved.element, moved.n_first, moved.n_second, moved.first) == ("waktu", 40, 40, 87.5)
    assert (moved.difference, moved.verdict) == (difference, verdict)
    assert moved.is_more_than_noise == bool(after)


def test_a_next_period_that_is_not_over_is_not_compared(booth) -> None:
    answers(booth, 40)
    action = plan(booth)  # of ten days, up to today; so the next ends on the fourth of December
    booth.clock.advance(minutes=2 * 1440)
    answers(booth, 40, waktu=4)
    desk = booth.desk.followup
    with pytest.raises(TransitionError, match="ends on 2026-12-04"):
        desk.moved("skm", action.id)
    booth.clock.advance(minutes=1440)
    shorter = desk.moved("skm", action.id, until_on=date(2026, 11, 26))
    assert shorter.verdict is Verdict.HIGHER
    booth.clock.move_to(booth.clock.now().replace(month=12, day=4))
    with pytest.raises(TransitionError):
        desk.moved("skm", action.id)
    booth.clock.advance(minutes=1440)
    assert desk.moved("skm", action.id) == shorter
    assert desk.moved("skm", action.id, minimum=41).verdict is Verdict.TOO_FEW


def test_a_period_that_cannot_be_compared_is_refused(booth) -> None:
    answers(booth, 40)
    plan(booth)
    booth.clock.advance(minutes=30 * 1440)
    answers(booth, 4)
    booth.clock.advance(minutes=1440)
    desk = booth.desk.followup
    with pytest.raises(InvalidValueError, match="give a period after 2026-11-24"):
        desk.moved("skm", "t-1", from_on=TUESDAY)
    with pytest.raises(InvalidValueError, match=r"^from_on: "):
        desk.moved("skm", "t-1", from_on=TUESDAY + timedelta(days=20))
    with pytest.raises(InvalidValueError, match=r"^until_on: "):
        desk.moved("skm", "t-1", until_on="2026-12-04")
    with pytest.raises(InvalidValueError, match="2026-11-25 to 2026-12-04': nobody answered then"):
        desk.moved("skm", "t-1")
    with pytest.raises(RefusedError):  # too few did
        desk.moved("skm", "t-1", from_on=TUESDAY + timedelta(days=30), until_on=TUESDAY + timedelta(days=30))


commands = st.lists(
    st.tuples(st.sampled_from(["plan", "complete", "drop"]), st.integers(1, 4), st.booleans()), max_size=14
)


@given(commands)
def test_any_order_of_commands_keeps_to_a_plain_model(booth_on, commands) -> None:
    booth = booth_on(MemoryStore())
    desks = [booth.desk, booth.another_desk()]
    model: list[str] = []
    for step, number, second in commands:
        desk, action = desks[second].followup, f"t-{number}"
        possible = number <= len(model) and model[number - 1] == "planned"
        if step == "plan":
            desk.plan("skm", "waktu", "Tambah loket", **PLAN)
            model.append("planned")
        elif possible:
            desk.complete("skm", action) if step == "complete" else desk.drop("skm", action, why="Tidak jadi")
            model[number - 1] = "done" if step == "complete" else "dropped"
        else:
            with pytest.raises(TransitionError if number <= len(model) else NotFoundError) as refused:
                desk.complete("skm", action) if step == "complete" else desk.drop("skm", action, why="Tidak jadi")
            assert isinstance(refused.value, MppkitError)
    for desk in desks:
        assert [each.status for each in desk.followup.actions("skm")] == model
        assert [each.id for each in desk.followup.actions("skm")] == [f"t-{n + 1}" for n in range(len(model))]
    if model:
        (head,) = booth.store.find(Query(category="followup"))
        assert head.labels["open"] == model.count("planned")
