"""Whole days through the real desk into a store: the same digest anywhere, refusals before anything is written."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mppkit.blueprint import Blueprint, sample_blueprint
from mppkit.clock import VirtualClock
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.queues.desk import QueueDesk
from mppkit.queues.disciplines import ShortestService, StrictPriority
from mppkit.queues.model import Limits, PriorityGroup
from mppkit.queues.policies import QueuePolicies, StandardAdmission
from mppkit.rehearsal import Finding, Habits, Plan, Visit, load_profile, read_log, rehearse, report
from mppkit.rehearsal.visits import Done
from mppkit.storage import EventStore, MemoryStore, Query, open_store

Mall = Callable[..., Blueprint]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
HALL_ALONE = Habits(permits=None, survey=None)


def visit(minutes: float, seconds: float = 60, service: str = "ktp", **more: object) -> Visit:
    return Visit(arrives_at=OPENS_AT + timedelta(minutes=minutes), service=service, service_seconds=seconds, **more)


def plan_of(*visits: Visit, on: date = TUESDAY, **more: object) -> Plan:
    return Plan(source="a test", seed=1, days={on: visits}, **more)


@pytest.fixture(scope="module")
def two_days() -> Plan:
    return load_profile().plan(sample_blueprint(), [WEDNESDAY, TUESDAY], seed=11)


@pytest.fixture(scope="module")
def told(two_days: Plan) -> dict[str, Any]:
    return report(rehearse(sample_blueprint(), MemoryStore(), two_days), store="memory:")


# --- the digest ------------------------------------------------------------------------------------------------------


def test_the_same_plan_gives_the_same_digest_on_any_store_and_another_seed_another(
    two_days: Plan, told: dict[str, Any], tmp_path: Path
) -> None:
    there = sample_blueprint()
    url = f"sqlite:///{tmp_path}/gladi.db?synchronous=normal"
    with open_store(url) as store:
        on_sqlite = report(rehearse(there, store, two_days), store=url)
    assert {**on_sqlite, "store": "memory:"} == told
    again = load_profile().plan(there, [TUESDAY, WEDNESDAY], seed=11)
    assert rehearse(there, MemoryStore(), again).digest == told["digest"]
    other = load_profile().plan(there, [TUESDAY, WEDNESDAY], seed=12)
    assert rehearse(there, MemoryStore(), other).digest != told["digest"]


def test_a_day_has_the_same_digest_whatever_is_rehearsed_with_it(two_days: Plan, told: dict[str, Any]) -> None:
    alone = rehearse(sample_blueprint(), MemoryStore(), evolve(two_days, days={WEDNESDAY: two_days.days[WEDNESDAY]}))
    assert alone.days[0].digest == told["per_day"][1]["digest"]
    hall = rehearse(sample_blueprint(), MemoryStore(), two_days, habits=HALL_ALONE)
    assert [day.digest for day in hall.days] == [day["digest"] for day in told["per_day"]]
    lines = [f"{told['mall']}/queue/{day['date']}\n{day['events']}\n{day['digest']}\n" for day in told["per_day"]]
    assert hall.digest == sha256("".join(lines).encode()).hexdigest() != told["digest"]


def test_another_rule_another_day_of_the_same_visits(two_days: Plan, told: dict[str, Any]) -> None:
    there = sample_blueprint()
    shortest = evolve(there, policies=evolve(there.policies, discipline=ShortestService()))
    other = report(rehearse(shortest, MemoryStore(), two_days), store="memory:")
    assert other["discipline"] == "shortest_service"
    assert (other["visitors"], other["digest"]) == (told["visitors"], other["digest"])
    assert other["digest"] != told["digest"]


# --- nothing is written when it cannot be done -----------------------------------------------------------------------


def refused(there: Blueprint, plan: Plan, said: str, kind: type[Exception] = InvalidValueError) -> None:
    store = MemoryStore()
    with pytest.raises(kind, match=said):
        rehearse(there, store, plan)
    assert store.read_all() == ()


def test_a_closed_day_is_refused_with_the_reason_and_the_next_open_day(mall: Mall) -> None:
    said = r"'2026-11-22': the hall is closed that day: Closed every Sunday\. The next open day is 2026-11-23\."
    refused(mall(), plan_of(on=date(2026, 11, 22)), said)
    both = Plan(source="a test", seed=1, days={TUESDAY: (visit(0),), date(2026, 11, 26): ()})
    refused(mall(), both, r"2026-11-26': the hall is closed that day: x The next open day is 2026-11-27\.")


def test_a_day_that_the_store_holds_is_refused_and_stays_as_it_is(mall: Mall) -> None:
    store = MemoryStore()
    rehearse(mall(), store, plan_of(visit(0)))
    before = store.read_all()
    both = Plan(source="a test", seed=1, days={WEDNESDAY: (), TUESDAY: (visit(0),)})
    with pytest.raises(InvalidValueError, match=r"'2026-11-24': the store already holds this day of contoh"):
        rehearse(mall(), store, both)
    assert store.read_all() == before


def test_another_mall_and_another_day_go_into_the_same_store(mall: Mall) -> None:
    store = MemoryStore()
    rehearse(mall(), store, plan_of(visit(0)), habits=HALL_ALONE)
    rehearse(evolve(mall(), id="lain"), store, plan_of(visit(0)), habits=HALL_ALONE)
    rehearse(mall(), store, plan_of(visit(24 * 60), on=WEDNESDAY), habits=HALL_ALONE)
    assert [head.stream for head in store.find(Query())] == [
        "contoh/queue/2026-11-24",
        "contoh/queue/2026-11-25",
        "lain/queue/2026-11-24",
    ]


@pytest.mark.parametrize(
    "visits",
    [
        (visit(0, service="kpt"),),
        (visit(0, transfer_to="kpt"),),
        (visit(0, more=(("kpt", 1),)),),
    ],
)
def test_a_visit_for_what_the_mall_does_not_have_is_refused(visits: tuple[Visit, ...], mall: Mall) -> None:
    refused(mall(), plan_of(visit(0), *visits), "no service 'kpt'; did you mean 'ktp'", NotFoundError)


def test_visits_of_another_date_or_out_of_order_are_refused(mall: Mall) -> None:
    refused(mall(), plan_of(visit(24 * 60)), "give the visits of 2026-11-24 on that local date")
    refused(mall(), plan_of(visit(-8 * 60 - 1)), "give the visits of 2026-11-24 on that local date")
    refused(mall(), plan_of(visit(2), visit(1)), "in the order of arrival")
    refused(mall(), Plan(source="a test", seed=1, days={}), "it has no days")


# --- what comes back -------------------------------------------------------------------------------------------------


def test_the_report_is_one_json_object_of_the_promised_keys(told: dict[str, Any]) -> None:
    assert list(told) == [
        "mall", "invented", "dates", "source", "seed", "discipline",
        "visitors", "served", "no_show", "cancelled", "still_waiting", "interrupted", "refused",
        "wait_seconds", "service_seconds", "within_15_minutes", "overtakings",
        "per_day", "per_service", "per_counter", "per_hour", "per_priority", "refusals", "reasons", "left", "observed",
        "permits", "survey",
        "rows", "rows_left_out", "rows_changed", "findings", "notes", "warnings",
        "events", "chain", "store", "digest",
    ]  # fmt: skip
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["mall"], told["invented"], told["seed"], told["store"]) == ("contoh", True, 11, "memory:")
    assert told["dates"] == ["2026-11-24", "2026-11-25"]
    assert (told["chain"], told["rows"], told["observed"]) == ("intact", None, None)
    for key in ("wait_seconds", "service_seconds"):
        assert list(told[key]) == ["mean", "p50", "p90", "max", "n", "censored"]


def accounted(totals: Mapping[str, Any]) -> int:
    ends = ("served", "no_show", "cancelled", "still_waiting", "interrupted", "refused")
    return sum(totals[end] for end in ends)


def test_every_visitor_is_accounted_for_in_the_days_and_in_the_total(told: dict[str, Any], two_days: Plan) -> None:
    assert told["visitors"] == accounted(told) == sum(len(visits) for visits in two_days.days.values())
    for day, visits in zip(told["per_day"], two_days.days.values(), strict=True):
        assert day["visitors"] == accounted(day) == len(visits)
    in_the_hall = sum(day["events"] for day in told["per_day"])
    assert told["events"] == in_the_hall + told["permits"]["events"] + told["survey"]["n"]
    legs = sum(row["legs"] for row in told["per_service"])
    assert legs == sum(row["legs"] for row in told["per_hour"]) == sum(row["legs"] for row in told["per_priority"])
    assert told["wait_seconds"]["n"] == legs
    assert sum(reason["calls"] for reason in told["reasons"]) == sum(row["legs"] for row in told["per_counter"])
    assert all(0 < row["load"] < 1 for row in told["per_counter"])
    assert told["no_show"] > 0
    assert told["cancelled"] >= 0


def test_the_figures_of_a_small_day_are_exactly_these(mall: Mall) -> None:
    there = mall(QueuePolicies(discipline=StrictPriority()), loket=("ktp", "nib"))
    plan = plan_of(
        visit(0, 600),  # called at once
        visit(1, 300, "nib"),  # overtaken by the next: waits 540 s, and 120 s more
        visit(2, 120, priority=PriorityGroup.ELDERLY),  # waits 480 s
        visit(3, 60, absent=True),  # called after 840 s, and does not come
        visit(440, 60, "pajak"),  # nobody gives it here
        visit(460, 60),  # the hall is closed
    )
    told = report(rehearse(there, MemoryStore(), plan, habits=Habits(walk_seconds=0)), store="memory:")
    assert told["discipline"] == "strict_priority"
    assert {key: told[key] for key in ("visitors", "served", "no_show", "still_waiting", "refused", "overtakings")} == {
        "visitors": 6,
        "served": 3,
        "no_show": 1,
        "still_waiting": 1,
        "refused": 1,
        "overtakings": 1,
    }
    # waits that ended: 0, 660, 480 and 840; one was cut off when the day closed, after overtime, at 2400
    assert told["wait_seconds"] == {"mean": 876.0, "p50": 660, "p90": None, "max": 2400, "n": 5, "censored": 1}
    assert told["service_seconds"] == {"mean": 340.0, "p50": 300, "p90": 600, "max": 600, "n": 3, "censored": 0}
    assert told["within_15_minutes"] == 0.8
    assert told["refusals"] == [{"service": "ktp", "code": "closed_for_today", "count": 1}]
    [left] = told["left"]
    assert (left["number"], left["service"], left["status"], left["waited_seconds"]) == (
        "C-001",
        "pajak",
        "unserved",
        2400,
    )
    [counter] = told["per_counter"]
    busy = 600 + 120 + 300 + 90
    assert counter["busy_seconds"] == busy
    assert counter["open_seconds"] == 6.5 * 3600 + 30 * 60
    assert counter["load"] == round(busy / (6.5 * 3600 + 30 * 60), 4)
    assert [(row["service"], row["legs"], row["outcomes"]["finished"]) for row in told["per_service"]] == [
        ("ktp", 3, 2),
        ("nib", 1, 1),
        ("pajak", 1, 0),
    ]
    assert [(row["priority"], row["legs"]) for row in told["per_priority"]] == [("lansia", 1), ("regular", 4)]
    assert [reason["calls"] for reason in told["reasons"]] == [3, 1]


def test_a_day_without_visitors_knows_nothing_and_says_so(mall: Mall) -> None:
    told = report(rehearse(mall(), MemoryStore(), plan_of()), store="memory:")
    assert told["visitors"] == 0
    assert told["wait_seconds"] == {"mean": None, "p50": None, "p90": None, "max": None, "n": 0, "censored": 0}
    assert told["within_15_minutes"] is None
    assert [row["load"] for row in told["per_counter"]] == [0, 0]
    assert told["chain"] == "intact"


def test_a_real_log_is_compared_with_the_waits_it_holds_and_its_rows_are_told(mall: Mall, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "arrived_at,service,service_seconds,waited_seconds\n"
        "2026-11-24 08:00,ktp,600,30\n2026-11-24 08:01,ktp,60,\n2026-11-24 08:02,nib,60,1200\n"
        "2026-11-24 08:03,nib,0,5\n2026-11-25 08:00,ktp,99999,50\n"
    )
    there = mall(one=("ktp",), two=("nib",))
    told = report(rehearse(there, MemoryStore(), read_log(path, there)), store="memory:")
    assert told["dates"] == ["2026-11-24", "2026-11-25"]
    assert told["rows"] == 5
    assert told["rows_left_out"] == {"zero_seconds": 1}
    assert told["rows_changed"] == {"too_long": 1}
    assert [found["first_lines"] for found in told["findings"]] == [[5], [6]]
    observed = told["observed"]
    assert observed["wait_seconds"] == {"mean": 426.6667, "p50": 50, "p90": 1200, "max": 1200, "n": 3, "censored": 0}
    assert observed["within_15_minutes"] == 0.6667
    assert observed["rehearsed_wait_seconds"] == told["wait_seconds"]
    assert [(row["service"], row["wait_seconds"]["n"]) for row in observed["per_service"]] == [("ktp", 2), ("nib", 1)]


def test_findings_and_notes_of_the_plan_stand_in_the_report(mall: Mall) -> None:
    finding = Finding(kind="duplicate", done=Done.LEFT_OUT, rule="left out", count=3, lines=(4, 5, 6))
    told = report(rehearse(mall(), MemoryStore(), plan_of(rows=9, findings=(finding,), notes=("x",))), store="memory:")
    assert (told["rows"], told["rows_left_out"], told["notes"]) == (9, {"duplicate": 3}, ["x"])


# --- how -------------------------------------------------------------------------------------------------------------


def test_officers_recall_no_oftener_and_no_sooner_than_the_hall_allows(mall: Mall) -> None:
    strict = QueuePolicies(limits=Limits(recall_limit=1, recall_delay_seconds=90))
    rehearsal = rehearse(
        mall(strict), MemoryStore(), plan_of(visit(0, absent=True)), habits=Habits(recalls=5, recall_seconds=10)
    )
    assert (rehearsal.habits.recalls, rehearsal.habits.recall_seconds) == (1, 90)
    assert rehearsal.measures.busy_seconds["loket-1"] == 180


def test_progress_counts_the_visits_of_all_days(two_days: Plan) -> None:
    seen: list[tuple[int, int]] = []
    rehearse(
        sample_blueprint(),
        MemoryStore(),
        two_days,
        habits=HALL_ALONE,
        progress=lambda done, total: seen.append((done, total)),
    )
    total = sum(len(visits) for visits in two_days.days.values())
    assert seen == [(n, total) for n in range(1, total + 1)]


def test_what_was_rehearsed_stands_in_the_store_like_a_real_day(mall: Mall) -> None:
    store: EventStore = MemoryStore()
    there = mall(QueuePolicies(admission=StandardAdmission(cut_off_minutes=10)))
    rehearsal = rehearse(there, store, plan_of(visit(0), visit(445)), habits=HALL_ALONE)
    desk = QueueDesk(
        mall=there.id,
        store=store,
        directory=there.directory,
        calendar=there.calendar,
        policies=there.policies,
        clock=VirtualClock("2027-01-01T00:00:00Z"),
    )
    [day] = rehearsal.days
    assert desk.days() == (TUESDAY,)
    assert desk.measures(TUESDAY) == day.measures == rehearsal.measures
    assert (day.planned, day.refused, day.events) == (2, 1, len(store.read_all()))
    assert store.read_all()[-1].digest == day.digest


def test_a_broken_chain_of_these_days_is_told(mall: Mall) -> None:
    class Forging(MemoryStore):
        def read_all(self, after: int = 0, limit: int = 1000) -> Any:
            return tuple(evolve(row, actor="somebody-else") for row in super().read_all(after, limit))

    assert not rehearse(mall(), Forging(), plan_of(visit(0))).intact
