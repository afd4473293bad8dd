"""The survey rehearsed: who was served answers once or not at all, nobody can be told by it, a wait never pleases."""

import json
import re
from collections import Counter as Tally
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, sample_blueprint
from mppkit.errors import InvalidValueError
from mppkit.queues.disciplines import FirstCome, StrictPriority
from mppkit.queues.model import PriorityGroup
from mppkit.queues.policies import QueuePolicies
from mppkit.rehearsal import Habits, Plan, Rehearsal, SurveyHabits, Visit, load_profile, rehearse, report
from mppkit.rehearsal.survey import drawn_answers
from mppkit.storage import EventStore, MemoryStore, Query, Recorded, audit, open_store
from mppkit.surveys.index import score
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import SurveyTerms
from mppkit.surveys.tally import tally_answers

Mall = Callable[..., Blueprint]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
ZONE = ZoneInfo("Asia/Makassar")
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
SKM = find_instrument("skm-2017")


def visit(minutes: float, seconds: float = 60, service: str = "ktp", **more: Any) -> Visit:
    return Visit(arrives_at=OPENS_AT + timedelta(minutes=minutes), service=service, service_seconds=seconds, **more)


def plan_of(*visits: Visit, on: date = TUESDAY, seed: int = 1) -> Plan:
    return Plan(source="a test", seed=seed, days={on: visits})


def habits(**more: Any) -> Habits:
    """Return habits under which everybody answers whole and is content, but for what is said."""
    everybody = {"answering": 1, "incomplete": 0, "contentment": (1, 1)}
    return Habits(walk_seconds=0, permits=None, survey=SurveyHabits(**{**everybody, **more}))


def survey_of(rehearsal: Rehearsal) -> dict[str, Any]:
    told = report(rehearsal, store="memory:")["survey"]
    assert isinstance(told, dict)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    return told


def answered(store: EventStore) -> list[tuple[Recorded, dict[str, Any]]]:
    rows = [row for row in store.read_all(limit=100_000) if row.stream.split("/")[1] == "survey"]
    return [(row, json.loads(row.data)) for row in rows]


# --- small days, exactly ---------------------------------------------------------------------------------------------


def test_the_figures_of_two_answers_are_exactly_these(mall: Mall) -> None:
    there, store = mall(loket=("ktp",)), MemoryStore()
    # the second waits for an hour and a minute: nothing is left of patience
    rehearsal = rehearse(there, store, plan_of(visit(0, 62 * 60), visit(1)), habits=habits())
    assert survey_of(rehearsal) == {
        "instrument": "skm-2017",
        "index": 95.83,
        "grade": "A",
        "performance": "Sangat baik",
        "n": 2,
        "interval": [42.89, 100.0],  # 12.7 times the deviation of 8.33 over the root of 2, and no more than 100
        "asked": 2,
        "response_rate": 1.0,
        "refused": 0,
        "weakest": ["waktu"],
        "elements": [
            {
                "element": each.key,
                "name": each.name,
                "mean": 2.5 if each.key == "waktu" else 4.0,
                "index": 62.5 if each.key == "waktu" else 100.0,
            }
            for each in SKM.elements
        ],
    }
    assert [data["answers"]["waktu"] for _, data in answered(store)] == [4, 1]
    assert {data["service"] for _, data in answered(store)} == {"ktp"}


def test_all_the_waits_of_a_visit_tell_together(mall: Mall) -> None:
    there = mall(one=("nib",), two=("ktp",))

    def time_of(seed: int, *visits: Visit) -> int:
        store = MemoryStore()
        rehearse(there, store, plan_of(visit(0, 2400, "nib"), visit(0, 4800), *visits, seed=seed), habits=habits())
        values: list[int] = [data["answers"]["waktu"] for _, data in answered(store) if data["service"] == "nib"]
        return values[-1]

    # 39 minutes for the first service leave a chance of a better answer; 40 more for the second do not
    assert {time_of(seed, visit(1, 0, "nib")) for seed in range(12)} > {1}
    assert {time_of(seed, visit(1, 0, "nib", more=(("ktp", 60),))) for seed in range(12)} == {1}


def test_who_is_not_served_to_the_end_is_not_asked(mall: Mall) -> None:
    there = mall(loket=("ktp", "nib"))
    served = (visit(0), visit(5, transfer_to="nib"), visit(10, more=(("nib", 60),)))
    others = (visit(20, absent=True), visit(30, 7200), visit(31, patience_seconds=60), visit(440, service="pajak"))
    told = survey_of(rehearse(there, MemoryStore(), plan_of(*served, *others), habits=habits()))
    assert (told["asked"], told["n"], told["response_rate"]) == (4, 4, 1.0)


def test_who_leaves_a_question_out_is_refused_and_counted(mall: Mall) -> None:
    store = MemoryStore()
    rehearsal = rehearse(mall(), store, plan_of(visit(0), visit(5)), habits=habits(incomplete=1))
    told = survey_of(rehearsal)
    assert (told["asked"], told["n"], told["refused"], told["response_rate"]) == (2, 0, 2, 0.0)
    assert (told["index"], told["grade"], told["performance"], told["interval"]) == (None, None, None, None)
    assert (told["weakest"], told["elements"]) == ([], [])
    assert answered(store) == []
    assert rehearsal.digest == audit(store).digest


def test_where_nobody_is_served_no_rate_is_known(mall: Mall) -> None:
    told = survey_of(rehearse(mall(), MemoryStore(), plan_of(), habits=habits()))
    assert (told["asked"], told["n"], told["response_rate"], told["index"]) == (0, 0, None, None)


def test_a_hall_that_asks_nobody_has_no_survey(mall: Mall) -> None:
    store = MemoryStore()
    rehearsal = rehearse(mall(), store, plan_of(visit(0)), habits=Habits(survey=None))
    assert rehearsal.survey is None
    assert report(rehearsal, store="memory:")["survey"] is None
    assert [head.stream for head in store.find(Query())] == ["contoh/queue/2026-11-24"]


def test_the_index_of_few_answers_is_shown_whatever_group_is_too_small_on_its_own(mall: Mall) -> None:
    there = evolve(mall(), survey=SurveyTerms(open=True, minimum_group=50, valid_days=1))
    two_days = evolve(plan_of(visit(0)), days={TUESDAY: (visit(0),), WEDNESDAY: (visit(24 * 60),)})
    told = survey_of(rehearse(there, MemoryStore(), two_days, habits=habits()))
    assert (told["n"], told["index"], told["weakest"], told["interval"]) == (2, 100.0, [], None)


# --- what they tick --------------------------------------------------------------------------------------------------

ASKED = (SKM, find_instrument("skm-2017-six"), find_instrument("spak"))


@given(
    instrument=st.sampled_from(ASKED),
    which=st.sets(st.integers(0, 4)),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted),
    waits=st.tuples(st.floats(0, 10_000), st.floats(0, 10_000)).map(sorted),
    seed=st.integers(0, 999),
)
def test_a_longer_wait_never_makes_a_better_answer_and_tells_only_where_it_should(
    instrument: Any, which: set[int], ends: list[float], waits: list[float], seed: int
) -> None:
    reacting = tuple(instrument.keys[place] for place in sorted(which))
    how = SurveyHabits(instrument=instrument, reacting=reacting, contentment=tuple(ends))
    sooner, later = (drawn_answers(how, wait, Random(seed)) for wait in waits)
    assert tuple(sooner) == tuple(later) == instrument.keys
    tally_answers(instrument, [sooner, later])  # complete, and only what may be given
    for key in instrument.keys:
        assert later[key] <= sooner[key] if key in reacting else later[key] == sooner[key]
    if waits[1] >= 3600:
        assert all(later[key] == instrument.element(key).choices[0].value for key in reacting)


def test_contentment_is_the_mean_of_the_answers_and_half_the_patience_leaves_half_of_it() -> None:
    how = SurveyHabits(contentment=(0.8, 0.8))
    chance = Random(7)
    drawn = [drawn_answers(how, 30 * 60, chance) for _ in range(4000)]
    assert fmean(each["biaya"] for each in drawn) == pytest.approx(1 + 3 * 0.8, abs=0.05)
    assert fmean(each["waktu"] for each in drawn) == pytest.approx(1 + 3 * 0.4, abs=0.06)
    # people differ: whoever is content with one thing is more likely so with another
    spread = SurveyHabits(contentment=(0.4, 1))
    pairs = [(each["biaya"], each["sarana"]) for each in (drawn_answers(spread, 0, chance) for _ in range(4000))]
    content = [second for first, second in pairs if first == 4]
    assert fmean(content) > fmean(second for _, second in pairs) + 0.1


def test_under_another_discipline_the_same_visitors_answer_alike_but_for_their_waits(mall: Mall) -> None:
    priorities = (None, PriorityGroup.ELDERLY)
    visits = tuple(visit(n, 240, priority=priorities[n % 3 == 2]) for n in range(40))

    def given_under(discipline: Any, **more: Any) -> Tally[str]:
        store, there = MemoryStore(), mall(QueuePolicies(discipline=discipline), loket=("ktp",))
        how = habits(answering=0.6, incomplete=0.2, contentment=(0.4, 1), **more)
        rehearse(there, store, plan_of(*visits), habits=how)
        return Tally(json.dumps(data["answers"]) for _, data in answered(store))

    assert given_under(FirstCome(), reacting=()) == given_under(StrictPriority(), reacting=())
    assert given_under(FirstCome()) != given_under(StrictPriority())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("answering", 1.1),
        ("incomplete", -0.1),
        ("contentment", (0.9, 0.8)),
        ("contentment", (0.5, 1.5)),
        ("patience_minutes", 0),
        ("patience_minutes", float("inf")),
        ("reacting", ("wakt",)),
        ("reacting", "waktu"),
        ("reacting", [["waktu"]]),
    ],
)
def test_a_habit_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=name):
        SurveyHabits(**{name: value})  # type: ignore[arg-type]


def test_an_instrument_without_the_elements_that_react_says_which_it_has() -> None:
    with pytest.raises(InvalidValueError, match="name elements of spak, or none: diskriminasi, kecurangan"):
        SurveyHabits(instrument=find_instrument("spak"))


# --- the store -------------------------------------------------------------------------------------------------------


def test_nothing_that_is_recorded_tells_who_answered(mall: Mall) -> None:
    store = MemoryStore()
    rehearse(mall(), store, plan_of(*(visit(n) for n in range(20))), habits=habits(contentment=(0.5, 1)))
    rows = answered(store)
    midnight = datetime.combine(TUESDAY, time(0), tzinfo=ZONE)
    assert len(rows) == 20
    assert {(row.stream, row.at, row.actor, row.request_id) for row, _ in rows} == {
        ("contoh/survey/skm-2017.2026-11-24", midnight, None, None)
    }
    [head] = store.find(Query(mall="contoh", category="survey"))
    kept = "\n".join((*(row.data for row, _ in rows), str(head.labels), str(head.summary)))
    assert not re.search(r"\b[A-Z]-\d{3}\b|visitor|loket|officer", kept)  # no ticket, no person, no counter
    assert not re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", kept)  # no code
    assert len({data["token"] for _, data in rows}) == 20
    assert all(
        data.keys() <= {"instrument", "version", "digest", "answers", "channel", "service", "token"} for _, data in rows
    )


def test_a_store_with_answers_of_the_mall_is_refused_and_stays_as_it_is(mall: Mall) -> None:
    store, later = MemoryStore(), plan_of(visit(24 * 60), on=WEDNESDAY)
    rehearse(mall(), store, plan_of(visit(0)), habits=habits())
    before = store.read_all()
    with pytest.raises(InvalidValueError, match=r"already holds survey answers of contoh.*: --no-survey, in Python"):
        rehearse(mall(), store, later, habits=habits())
    assert store.read_all() == before
    rehearse(evolve(mall(), id="lain"), store, plan_of(visit(0)), habits=habits())
    rehearse(mall(), store, later, habits=Habits(survey=None))
    assert audit(store).intact


def test_a_store_that_holds_permits_and_answers_is_refused_for_both_at_once() -> None:
    there, store = sample_blueprint(), MemoryStore()
    rehearse(there, store, load_profile().plan(there, [TUESDAY], seed=1))
    with pytest.raises(InvalidValueError, match=r"permits and survey answers of contoh.*: --no-permits --no-survey, "):
        rehearse(there, store, load_profile().plan(there, [WEDNESDAY], seed=1))


def test_the_same_seed_makes_the_same_digest_on_any_store_and_another_seed_other_answers(
    mall: Mall, tmp_path: Path
) -> None:
    how = habits(answering=0.6, contentment=(0.4, 1))
    visits = tuple(visit(2 * n, 200) for n in range(30))
    memory = MemoryStore()
    first = rehearse(mall(), memory, plan_of(*visits), habits=how)
    assert first.digest == audit(memory).digest
    assert first.events == audit(memory).events
    with open_store(f"sqlite:///{tmp_path}/gladi.db?synchronous=normal") as store:
        again = rehearse(mall(), store, plan_of(*visits), habits=how)
        assert again.digest == first.digest == audit(store).digest
        assert survey_of(again) == survey_of(first)
    other = rehearse(mall(), MemoryStore(), plan_of(*visits, seed=2), habits=how)
    assert [day.digest for day in other.days] == [day.digest for day in first.days]
    assert survey_of(other)["elements"] != survey_of(first)["elements"]


def test_a_broken_chain_of_the_survey_is_told(mall: Mall) -> None:
    class Forging(MemoryStore):
        def read_all(self, after: int = 0, limit: int = 1000) -> Any:
            rows = super().read_all(after, limit)
            return tuple(evolve(row, actor="x") if row.name == "surveys.answered" else row for row in rows)

    assert not rehearse(mall(), Forging(), plan_of(visit(0)), habits=habits()).intact


# --- any day, any habits ---------------------------------------------------------------------------------------------

SHARES = st.sampled_from([0, 0.3, 0.8, 1])
VISITS = st.lists(
    st.builds(
        visit,
        st.integers(0, 450),
        st.sampled_from([0, 60, 900, 5400]),
        st.sampled_from(["ktp", "nib"]),
        priority=st.sampled_from([None, PriorityGroup.ELDERLY]),
        absent=st.booleans(),
        patience_seconds=st.sampled_from([None, 300]),
        transfer_to=st.sampled_from([None, None, "pajak"]),
        more=st.sampled_from([(), (("pajak", 60),)]),
    ),
    max_size=20,
).map(lambda some: sorted(some, key=lambda each: each.arrives_at))


@settings(deadline=None, max_examples=60)
@given(
    visits=VISITS,
    how=st.builds(
        SurveyHabits,
        answering=SHARES,
        incomplete=SHARES,
        contentment=st.sampled_from([(0.6, 1), (0, 0), (0, 1)]),
        reacting=st.sampled_from([(), ("waktu",), ("waktu", "prosedur", "sarana")]),
        patience_minutes=st.sampled_from([1, 60]),
    ),
    seed=st.integers(0, 99),
)
def test_on_any_day_everybody_asked_is_counted_once_and_the_index_is_that_of_the_rows(
    visits: list[Visit], how: SurveyHabits, seed: int, mall: Mall
) -> None:
    store, there = MemoryStore(), mall()
    rehearsal = rehearse(there, store, plan_of(*visits, seed=seed), habits=Habits(permits=None, survey=how))
    told, rows = survey_of(rehearsal), answered(store)
    served = report(rehearsal, store="memory:")["served"]
    assert rehearsal.intact
    assert rehearsal.digest == audit(store).digest
    assert rehearsal.events == audit(store).events
    assert told["asked"] == served
    assert told["n"] == len(rows) == len({data["token"] for _, data in rows})
    assert told["n"] + told["refused"] <= served
    if how.answering in (0, 1):
        assert told["n"] + told["refused"] == served * how.answering
    if how.incomplete == 0:
        assert told["refused"] == 0
    if how.incomplete == 1:
        assert told["n"] == 0
    if not rows:
        assert told["index"] is None
        return
    found = score(SKM, tally_answers(SKM, [data["answers"] for _, data in rows]))
    assert (told["index"], told["grade"], told["weakest"]) == (float(found.index), found.grade, list(found.weakest))
    assert told["response_rate"] == round(len(rows) / served, 4)
    alone = rehearse(there, MemoryStore(), plan_of(*visits, seed=seed), habits=Habits(permits=None, survey=None))
    assert [day.digest for day in alone.days] == [day.digest for day in rehearsal.days]
