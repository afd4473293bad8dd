"""The mall's readiness, launch and lessons: what the mall knows by itself reaches the desks."""

from datetime import date

import pytest

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.errors import RefusedError, TransitionError
from mppkit.readiness import State, load_instrument
from mppkit.rehearsal import load_profile, rehearse
from mppkit.storage import MemoryStore

NOW = "2026-11-24T09:00:00+08:00"
CHECKED = {"service_standards", "rehearsal_done", "waits_within_promise", "backups"}


def state_of(mall: Mall, item: str) -> State:
    return next(each.state for each in mall.readiness.assess().items if each.item.id == item)


@pytest.fixture
def mall() -> Mall:
    return Mall.open("contoh", "memory:", clock=VirtualClock(NOW))


def show_everything(mall: Mall) -> None:
    """Give evidence for whatever takes it."""
    for item in load_instrument().items:
        if item.kinds:
            mall.readiness.record(
                item.id, item.kinds[0], by="dpmptsp-kadis", reference="https://contoh.example/bukti", digest="0" * 64
            )


def test_the_mall_sees_its_blueprint_and_what_it_is_told(mall: Mall) -> None:
    checks = {item.checked_by: item.id for item in load_instrument().items if item.checked_by}
    rehearsal = rehearse(
        sample_blueprint(), MemoryStore(), load_profile().plan(sample_blueprint(), [date(2026, 11, 24)], seed=1)
    )
    before = {id_: state_of(mall, id_) for id_ in checks.values()}
    mall.consider(rehearsed=rehearsal.measures, rehearsed_on=date(2026, 11, 23), backed_up_on=date(2026, 11, 24))
    after = {id_: state_of(mall, id_) for id_ in checks.values()}
    learned = {id_ for id_ in after if after[id_] is not before[id_]}
    assert len(learned) == 3
    assert all(before[id_] is State.UNKNOWN and after[id_] is State.MET for id_ in learned)
    assert State.NOT_MET not in after.values()


def test_an_unready_mall_is_refused_its_launch_and_a_ready_one_launches_once(mall: Mall) -> None:
    with pytest.raises(RefusedError) as refused:
        mall.launch(actor="dpmptsp-kadis")
    blockers = {each.item.id for each in mall.readiness.assess().blockers}
    assert {reason.code for reason in refused.value.decision.reasons} == blockers
    rehearsal = rehearse(
        sample_blueprint(), MemoryStore(), load_profile().plan(sample_blueprint(), [date(2026, 11, 24)], seed=1)
    )
    mall.consider(rehearsed=rehearsal.measures, rehearsed_on=date(2026, 11, 24), backed_up_on=date(2026, 11, 24))
    show_everything(mall)
    assert mall.readiness.assess().is_ready
    mall.launch(actor="dpmptsp-kadis")
    assert [type(each.event).__name__ for each in mall.readiness.history()][-1] == "Launched"
    with pytest.raises(TransitionError, match="launch"):
        mall.launch(actor="dpmptsp-kadis")


def test_lessons_are_kept_in_the_visiting_malls_store(mall: Mall) -> None:
    from mppkit.lessons import ProgrammeItem

    mall.lessons.plan_visit(
        "badung-2026",
        host="badung",
        region="Contoh",
        people=12,
        programme=[ProgrammeItem(on=date(2026, 11, 24), place="MPP Badung")],
    )
    assert mall.lessons.visit("badung-2026").host == "badung"


def test_a_closed_mall_has_no_desks(mall: Mall) -> None:
    mall.close()
    for look in (lambda: mall.readiness, lambda: mall.lessons, lambda: mall.launch()):
        with pytest.raises(TransitionError, match="closed"):
            look()
