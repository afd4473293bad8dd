"""The mall's readiness, launch and lessons: what the mall knows by itself reaches the desks."""

from datetime import date

import attrs
import pytest

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.errors import InvalidValueError, RefusedError, TransitionError
from mppkit.readiness import State, load_instrument
from mppkit.rehearsal import load_profile, rehearse
from mppkit.storage import MemoryStore
from mppkit.surveys.model import SurveyTerms

NOW = "2026-11-24T09:00:00+08:00"


def state_of(mall: Mall, item: str) -> State:
    return next(each.state for each in mall.readiness.assess().items if each.item.id == item)


@pytest.fixture
def mall() -> Mall:
    return Mall.open("contoh", "memory:", clock=VirtualClock(NOW), survey_secret=bytes(32))


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
    assert before["survey"] is State.MET
    assert all(before[id_] is State.UNKNOWN and after[id_] is State.MET for id_ in learned)
    assert State.NOT_MET not in after.values()


@pytest.mark.parametrize(
    ("secret", "is_open", "state"),
    [
        (None, False, State.UNKNOWN),
        (bytes(32), False, State.MET),
        (None, True, State.MET),
        (bytes(32), True, State.MET),
    ],
)
def test_the_survey_is_set_up_where_its_codes_outlive_the_process_or_none_is_needed(
    secret: bytes | None, is_open: bool, state: State
) -> None:
    there = attrs.evolve(sample_blueprint(), survey=SurveyTerms(open=is_open))
    with Mall.open(there, "memory:", clock=VirtualClock(NOW), survey_secret=secret) as mall:
        [survey] = [each for each in mall.readiness.assess().items if each.item.id == "survey"]
        assert survey.state is state
        assert ("without a survey secret" in survey.reason.english) == (state is State.UNKNOWN)


def test_codes_of_a_mall_that_is_set_up_are_good_in_another_process_and_of_another_are_not() -> None:
    def answered_elsewhere(secret: bytes | None) -> bool:
        store, clock = MemoryStore(), VirtualClock(NOW)
        with Mall.open("contoh", store, clock=clock, survey_secret=secret) as mall:
            codes = [mall.queue.issue("nib").survey_token for _ in range(5)]
        with Mall.open("contoh", store, clock=clock, survey_secret=secret) as another:
            answers = dict.fromkeys(another.surveys.instrument("skm").keys, 4)
            try:
                for code in codes:
                    another.surveys.respond("skm", code, answers)
            except RefusedError:
                return False
            return another.surveys.index("skm").n == 5

    assert answered_elsewhere(bytes(32))
    assert not answered_elsewhere(None)


@pytest.mark.parametrize("secret", [b"short", "0" * 32])
def test_a_secret_that_cannot_be_is_refused_before_any_ticket_is_issued(secret: object) -> None:
    with pytest.raises(InvalidValueError, match="secret"):
        Mall.open("contoh", "memory:", survey_secret=secret)  # type: ignore[arg-type]


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
