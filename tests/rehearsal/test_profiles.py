"""A profile draws what its figures say, in any mall; and its file is checked as a whole."""

from collections import Counter as Tally
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from random import Random
from statistics import fmean, quantiles

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, sample_blueprint
from mppkit.calendars import WeeklyHours
from mppkit.errors import BlueprintError, InvalidValueError
from mppkit.queues.model import PriorityGroup
from mppkit.rehearsal import Plan, Profile, Visit, load_profile
from mppkit.rehearsal.profile import Assumptions, Kind

Mall = Callable[..., Blueprint]
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)

# the table of hall-profile.md: seconds that 10, 50, 90 and 99 % did not exceed, and the mean; the shares of the visits
TABLE = {
    "residence_certificate": (0.219, 71, 189, 773, 2639, 367),
    "by_appointment": (0.186, 140, 580, 1628, 3958, 792),
    "population_register": (0.180, 76, 242, 897, 2480, 408),
    "general_procedures": (0.145, 57, 387, 1266, 3735, 606),
    "registry_other_bodies": (0.053, 171, 652, 1708, 3816, 850),
    "digital_identity": (0.052, 54, 448, 1039, 2549, 552),
    "transport_cards": (0.040, 22, 270, 906, 2463, 401),
    "consumer_office": (0.029, 59, 537, 1779, 4798, 826),
    "schooling_office": (0.011, 162, 682, 2124, 5258, 992),
}


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


def kinds_of(there: Blueprint, **kinds: str | None) -> Blueprint:
    services = tuple(evolve(service, profile=kinds.get(service.id)) for service in there.directory.services)
    return evolve(there, directory=evolve(there.directory, services=services))


def open_days(there: Blueprint, first_on: date, weeks: int) -> list[date]:
    days = (first_on + timedelta(days=n) for n in range(7 * weeks))
    return [day for day in days if there.calendar.opening(day).windows]


# --- the figures -----------------------------------------------------------------------------------------------------


def test_the_shipped_profile_says_what_the_table_says(profile: Profile) -> None:
    assert {kind.id: (kind.share, kind.p10, kind.p50, kind.p90, kind.p99) for kind in profile.kinds} == {
        kind: row[:5] for kind, row in TABLE.items()
    }
    assert sum(profile.hours) == pytest.approx(10.8 + 37.8 + 45.3 + 50.4 + 45.4 + 24.0 + 0.4 + 14.2 + 19.6 + 8.0)
    assert profile.weekdays == {0: 1.10, 1: 1.12, 2: 1.00, 3: 1.04, 4: 0.76}
    assert sum(profile.priority.values()) == pytest.approx(0.026)


@pytest.mark.parametrize("kind_id", TABLE)
def test_drawn_service_times_meet_the_percentiles_and_come_near_the_mean(kind_id: str, profile: Profile) -> None:
    kind = next(kind for kind in profile.kinds if kind.id == kind_id)
    _, *percentiles, mean = TABLE[kind_id]
    assert [kind.seconds(share) for share in (0.1, 0.5, 0.9, 0.99)] == percentiles
    assert fmean(kind.seconds((n + 0.5) / 20_000) for n in range(20_000)) == pytest.approx(mean, rel=0.06)
    chance = Random(4)
    drawn = [kind.seconds(chance.random()) for _ in range(20_000)]
    cuts = quantiles(drawn, n=100)
    for found, exact in zip((cuts[9], cuts[49], cuts[89]), percentiles, strict=False):
        assert found == pytest.approx(exact, rel=0.05)
    assert cuts[98] == pytest.approx(percentiles[3], rel=0.12)


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_no_service_time_is_below_a_second_or_above_four_hours_and_they_never_fall(low: float, high: float) -> None:
    kind = Kind(id="k", share=1, p10=1, p50=500, p90=9000, p99=14400)
    low, high = sorted((low, high))
    assert 1 <= kind.seconds(low) <= kind.seconds(high) <= 14400


def test_the_sample_mall_gets_visitors_by_weekday_hour_kind_and_priority(profile: Profile) -> None:
    there = sample_blueprint()
    days = profile.plan(there, open_days(there, date(2026, 6, 1), 26), seed=3).days
    tuesdays = [len(visits) for on, visits in days.items() if on.weekday() == 1]
    fridays = [len(visits) for on, visits in days.items() if on.weekday() == 4]
    assert fmean(tuesdays) == pytest.approx(256 * 1.12, rel=0.05)
    assert fmean(fridays) == pytest.approx(256 * 0.76, rel=0.06)

    visits = [visit for of_day in days.values() for visit in of_day]
    kind_of = {service.id: service.profile for service in there.directory.services}
    tally = Tally(kind_of[visit.service] for visit in visits)
    for kind, row in TABLE.items():
        assert tally[kind] / len(visits) == pytest.approx(row[0] / 0.915, abs=0.008)
    assert sum(visit.priority is not None for visit in visits) / len(visits) == pytest.approx(0.026, abs=0.004)
    assert {visit.priority for visit in visits} == {None, PriorityGroup.ELDERLY, PriorityGroup.DISABILITY}
    with_appointment = [visit for visit in visits if visit.appointment_at is not None]
    assert len(with_appointment) / len(visits) == pytest.approx(0.186 / 0.915, abs=0.01)
    assert {kind_of[visit.service] for visit in with_appointment} == {"by_appointment"}

    assumed = profile.assumptions
    for share, found in (
        (assumed.no_show, sum(visit.absent for visit in visits)),
        (assumed.gives_up, sum(visit.patience_seconds is not None for visit in visits)),
        (assumed.hold, sum(visit.hold_seconds is not None for visit in visits)),
        (assumed.transfer, sum(visit.transfer_to is not None for visit in visits)),
        (assumed.second_service * (1 - 0.203), sum(bool(visit.more) for visit in visits)),
    ):
        assert share * 0.7 < found / len(visits) < share * 1.2  # some would be sent on to where they are


def test_services_of_a_kind_share_its_visits_evenly(profile: Profile) -> None:
    there = sample_blueprint()
    of_kind = [service.id for service in there.directory.services if service.profile == "population_register"]
    visits = [
        v for day in profile.plan(there, open_days(there, date(2026, 6, 1), 26), seed=5).days.values() for v in day
    ]
    tally = Tally(visit.service for visit in visits if visit.service in of_kind)
    assert len(of_kind) > 2
    for service in of_kind:
        assert tally[service] / tally.total() == pytest.approx(1 / len(of_kind), abs=0.03)


# --- in any mall -----------------------------------------------------------------------------------------------------


def test_in_the_hours_of_its_own_hall_the_shape_is_that_of_the_log(profile: Profile, mall: Mall) -> None:
    there = mall()
    hours = WeeklyHours(by_weekday=dict.fromkeys(range(5), ((time(8), time(14)), (time(16), time(19)))))
    there = evolve(there, calendar=evolve(there.calendar, hours=hours))
    wednesdays = [WEDNESDAY + timedelta(weeks=n) for n in range(60)]
    plan = profile.plan(there, wednesdays, seed=1)
    zone = there.calendar.zone
    by_hour = Tally(visit.arrives_at.astimezone(zone).hour for visits in plan.days.values() for visit in visits)
    expected = {8: 10.8, 9: 37.8, 10: 45.3, 11: 50.4, 12: 45.4, 13: 24.4, 16: 14.2, 17: 19.6, 18: 8.0}
    assert by_hour.keys() == expected.keys()
    for hour, mean in expected.items():
        assert by_hour[hour] / 60 == pytest.approx(mean, abs=3.5 * (mean / 60) ** 0.5)


HALVES = st.lists(st.integers(0, 47), min_size=2, max_size=8, unique=True).map(sorted)


@given(halves=HALVES, seed=st.integers())
def test_nobody_is_sent_when_the_mall_is_closed_and_they_come_in_order(
    halves: list[int], seed: int, profile: Profile, mall: Mall
) -> None:
    marks = [time(half // 2, half % 2 * 30) for half in halves]
    there = kinds_of(mall(), ktp="by_appointment")
    hours = WeeklyHours(by_weekday={1: tuple(zip(marks[::2], marks[1::2], strict=False))})
    calendar = evolve(there.calendar, hours=hours)
    visits = profile.plan(evolve(there, calendar=calendar), [TUESDAY], seed=seed).days[TUESDAY]
    opening = calendar.opening(TUESDAY)
    assert visits
    assert all(opening.is_open_at(visit.arrives_at) for visit in visits)
    assert all(opening.is_open_at(visit.appointment_at) for visit in visits if visit.appointment_at)
    assert [visit.arrives_at for visit in visits] == sorted(visit.arrives_at for visit in visits)


def test_a_closed_day_is_refused_before_any_store_is_opened(profile: Profile, mall: Mall) -> None:
    said = r"'2026-11-26': the hall is closed that day: x The next open day is 2026-11-27\."
    with pytest.raises(InvalidValueError, match=said):
        profile.plan(mall(), [TUESDAY, date(2026, 11, 26)], seed=1)


def test_a_day_is_drawn_by_seed_and_date_alone(profile: Profile, mall: Mall) -> None:
    there = mall()
    alone = profile.plan(there, [TUESDAY], seed=1)
    assert profile.plan(there, [WEDNESDAY, TUESDAY, TUESDAY], seed=1).days[TUESDAY] == alone.days[TUESDAY]
    assert profile.plan(there, [TUESDAY], seed=2).days != alone.days
    assert profile.plan(there, [TUESDAY + timedelta(weeks=1)], seed=1).days != alone.days


def test_an_assumption_that_changes_moves_nothing_else(profile: Profile, mall: Mall) -> None:
    def strip(plan: Plan) -> list[Visit]:
        return [evolve(visit, absent=False) for visit in plan.days[TUESDAY]]

    none = evolve(profile, assumptions=evolve(profile.assumptions, no_show=0))
    many = evolve(profile, assumptions=evolve(profile.assumptions, no_show=0.5))
    assert strip(none.plan(mall(), [TUESDAY], seed=1)) == strip(many.plan(mall(), [TUESDAY], seed=1))
    assert any(visit.absent for visit in many.plan(mall(), [TUESDAY], seed=1).days[TUESDAY])


def test_kinds_without_a_service_go_to_the_others_and_services_without_a_kind_are_of_the_other_kind(
    profile: Profile, mall: Mall
) -> None:
    there = kinds_of(mall(), ktp="population_register", nib=None, pajak=None)
    plan = profile.plan(there, open_days(there, date(2026, 8, 3), 8), seed=1)
    visits = [visit for of_day in plan.days.values() for visit in of_day]
    tally = Tally(visit.service for visit in visits)
    assert tally["ktp"] / len(visits) == pytest.approx(0.180 / 0.325, abs=0.02)
    assert tally["nib"] / len(visits) == pytest.approx(0.145 / 0.325 / 2, abs=0.02)
    assert len(visits) == pytest.approx(256 * 5.02 * 8, rel=0.05)  # the number is kept
    assert len(plan.notes) == len(TABLE) - 2
    assert plan.notes[0] == (
        "no service is of the kind residence_certificate; its share (23.9%) goes to the other kinds"
    )


def test_a_mall_of_one_service_sends_nobody_on(profile: Profile, mall: Mall) -> None:
    there = mall()
    there = evolve(there, directory=evolve(there.directory, services=there.directory.services[:1]))
    visits = profile.plan(there, [TUESDAY], seed=1).days[TUESDAY]
    assert visits
    assert not any(visit.transfer_to or visit.more for visit in visits)


def test_services_of_a_kind_that_the_profile_does_not_have_are_told_all_at_once(profile: Profile, mall: Mall) -> None:
    there = kinds_of(mall(), ktp="population_registry", nib="general_procedures", pajak="xyz")
    with pytest.raises(BlueprintError) as error:
        profile.plan(there, [TUESDAY], seed=1)
    first, second = error.value.problems
    assert (first.row, first.suggestion, second.row, second.suggestion) == ("ktp", "population_register", "pajak", None)
    assert str(first).startswith(
        "contoh.toml: service.profile of 'ktp': 'population_registry': give a kind of city-2020"
    )


# --- the file --------------------------------------------------------------------------------------------------------

SMALL = """
[profile]
name = "a small hall"
other = "letters"
[arrivals]
hours = [10, 0, 5.5]
[[kind]]
id = "letters"
share = 1
seconds = { p10 = 10, p50 = 20, p90 = 30, p99 = 40 }
"""


def test_a_profile_needs_no_more_than_arrivals_and_one_kind(tmp_path: Path, mall: Mall) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    profile = load_profile(path)
    kind = Kind(id="letters", share=1, p10=10, p50=20, p90=30, p99=40)
    assert profile == Profile(
        name="a small hall",
        hours=(10, 0, 5.5),
        weekdays={},
        priority={},
        kinds=(kind,),
        other="letters",
        assumptions=Assumptions(),
        source=str(path),
    )
    visits = profile.plan(mall(), [TUESDAY], seed=1).days[TUESDAY]
    assert not any(v.absent or v.more or v.transfer_to or v.hold_seconds or v.patience_seconds for v in visits)
    # the second of its three hours is empty: a third of the 6.5 open hours, from 10:10 to 13:20
    local = [visit.arrives_at.astimezone(mall().calendar.zone).time() for visit in visits]
    assert not any(time(10, 10) <= at < time(13, 20) for at in local)


def test_every_problem_of_a_profile_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("""
[profile]
name = ""
othr = "letters"
[arrivals]
hours = [10, -1]
[arrivals.weekdays]
monday = "many"
mnday = 1
[priority]
lansia = 0.9
disabilitas = 0.3
lanjut = 0.1
[[kind]]
id = "letters"
share = 0
seconds = { p10 = 10, p50 = 5, p90 = 30, p99 = 40 }
[[kind]]
id = "letters"
share = 0.5
seconds = {}
appointments = 2
[assumptions]
no_show = 1.5
patience_minutes = [60, 20]
""")
    with pytest.raises(BlueprintError) as error:
        load_profile(path)
    assert str(error.value).startswith("the profile has ")
    told = {(problem.path, problem.found, problem.suggestion) for problem in error.value.problems}
    assert told == {
        ("profile.name", "''", None),
        ("profile.other", None, None),
        ("profile.othr", "'othr'", "other"),
        ("arrivals.hours", "an array of 2", None),
        ("arrivals.weekdays.monday", "'many'", None),
        ("arrivals.weekdays.mnday", "'mnday'", "sunday"),
        ("priority", "a table", None),
        ("priority.lanjut", "'lanjut'", None),
        ("kind[0].share", "0", None),
        ("kind[0].seconds", "a table", None),
        ("kind[1].id", "'letters'", None),
        ("kind[1].appointments", "2", None),
        ("kind[1].seconds.p10", None, None),
        ("kind[1].seconds.p50", None, None),
        ("kind[1].seconds.p90", None, None),
        ("kind[1].seconds.p99", None, None),
        ("assumptions.no_show", "1.5", None),
        ("assumptions.patience_minutes", "an array of 2", None),
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('other = "letters"', 'other = "leters"', "profile.other: 'leters': .*did you mean 'letters'"),
        ("hours = [10, 0, 5.5]", "hours = [0, 0]", "somebody must come"),
        ("hours = [10, 0, 5.5]", "hours = []", "somebody must come"),
        ("[[kind]]", "[kind]", "kind: a table: give an array"),
        ("share = 1", "share = true", "share.*: true: give a number from more than 0 to 1"),
        ("p99 = 40", "p99 = 99999", "p99.*: 99999: give a number from more than 0 to 14400"),
        (SMALL, "kind = []", "kind: an array of 0: begin each kind"),
        (SMALL, "kind = [1]", "kind.0.: 1: begin each kind"),
        (SMALL, "", "profile: missing"),
        (SMALL, "= x", "not TOML"),
    ],
)
def test_what_a_profile_cannot_say_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(BlueprintError, match=said):
        load_profile(path)


def test_a_profile_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="no such file"):
        load_profile("city-2021")
    (tmp_path / "a.toml").write_text(SMALL)
    (tmp_path / "b.toml").write_text(SMALL)
    with pytest.raises(BlueprintError, match="a folder: give one TOML file"):
        load_profile(tmp_path)
