"""Each check says met, not met or unknown exactly where it should, and names what it found."""

from datetime import UTC, date, datetime, time, timedelta

import attrs
import pytest

from mppkit.calendars import Calendar, Closure, WeeklyHours, office_calendar
from mppkit.directory import Agency, AgencyKind, Counter, Directory, Officer, Participation, Regulation, RegulationKind
from mppkit.directory import Service as AService
from mppkit.errors import InvalidValueError
from mppkit.readiness import Facts, Limits, State, facts_of
from mppkit.readiness.checks import CHECKS

ON = date(2026, 11, 24)
MET, NOT_MET, UNKNOWN = State.MET, State.NOT_MET, State.UNKNOWN


def days_ago(days: int) -> date:
    return ON - timedelta(days=days)


TABLE = [
    ("standards_complete", {"services": 3, "incomplete_standards": ()}, MET, "standards_complete"),
    ("standards_complete", {"services": 0, "incomplete_standards": ()}, NOT_MET, "no_services"),
    ("standards_complete", {"incomplete_standards": ()}, UNKNOWN, "standards_unknown"),
    ("standards_complete", {"services": 3}, UNKNOWN, "standards_unknown"),
    ("standards_complete", {"incomplete_standards": ("nib",)}, NOT_MET, "standards_incomplete"),
    ("services_at_counters", {"services": 3, "services_without_counter": ()}, MET, "services_at_counters"),
    ("services_at_counters", {"services": 0, "services_without_counter": ()}, NOT_MET, "no_services"),
    ("services_at_counters", {"services_without_counter": ()}, UNKNOWN, "services_at_counters_unknown"),
    ("services_at_counters", {"services_without_counter": ("kk",)}, NOT_MET, "services_without_counter"),
    ("agencies_under_rule", {"agencies_without_rule": ()}, MET, "agencies_under_rule"),
    ("agencies_under_rule", {"agencies_without_rule": ("bpjs",)}, NOT_MET, "agencies_without_rule"),
    ("counters_staffed", {"counters_without_officer": ()}, MET, "counters_staffed"),
    ("counters_staffed", {"counters_without_officer": ("loket-3",)}, NOT_MET, "counters_without_officer"),
    ("opens_soon", {"open_days": 1, "days_ahead": 30}, MET, "opens"),
    ("opens_soon", {"open_days": 0, "days_ahead": 30}, NOT_MET, "never_opens"),
    ("opens_soon", {"open_days": 22}, UNKNOWN, "hours_unknown"),
    ("survey_ready", {"survey_ready": True}, MET, "survey_ready"),
    ("survey_ready", {"survey_ready": False}, NOT_MET, "survey_missing"),
    ("rehearsed", {"rehearsed_on": ON}, MET, "rehearsed"),
    ("rehearsed", {"rehearsed_on": days_ago(90)}, MET, "rehearsed"),
    ("rehearsed", {"rehearsed_on": days_ago(91)}, NOT_MET, "rehearsal_old"),
    ("rehearsed", {"rehearsed_on": days_ago(-1)}, UNKNOWN, "rehearsal_unknown"),
    ("waits_within_promise", {"within_promise": 0.8, "waits": 100, "promise_minutes": 15}, MET, "waits_within_promise"),
    (
        "waits_within_promise",
        {"within_promise": 0.7996, "waits": 100, "promise_minutes": 15},
        NOT_MET,
        "waits_too_long",
    ),
    ("waits_within_promise", {"within_promise": 1.0, "waits": 99, "promise_minutes": 15}, UNKNOWN, "waits_too_few"),
    ("waits_within_promise", {"within_promise": 0.0, "waits": 99, "promise_minutes": 15}, UNKNOWN, "waits_too_few"),
    ("waits_within_promise", {"within_promise": 1.0, "waits": 100}, UNKNOWN, "waits_unknown"),
    ("waits_within_promise", {"within_promise": 1.0, "promise_minutes": 15}, UNKNOWN, "waits_unknown"),
    ("backed_up", {"backed_up_on": ON}, MET, "backed_up"),
    ("backed_up", {"backed_up_on": days_ago(7)}, MET, "backed_up"),
    ("backed_up", {"backed_up_on": days_ago(8)}, NOT_MET, "backup_old"),
    ("backed_up", {"backed_up_on": days_ago(-1)}, UNKNOWN, "backup_unknown"),
]


@pytest.mark.parametrize(("check", "facts", "state", "code"), TABLE)
def test_a_check_says_what_the_facts_say(check: str, facts: dict, state: State, code: str) -> None:
    verdict = CHECKS[check](Facts(**facts), Limits(), ON)
    assert (verdict.state, verdict.reason.code) == (state, code)


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_of_nothing_is_unknown(check: str) -> None:
    assert CHECKS[check](Facts(), Limits(), ON).state is UNKNOWN


def test_each_state_of_each_check_was_tried() -> None:
    assert {(check, state) for check, _, state, _ in TABLE if state is not UNKNOWN} == {
        (check, state) for check in CHECKS for state in (MET, NOT_MET)
    }


def test_what_is_wrong_is_named_up_to_ten() -> None:
    ids = tuple(f"s-{n}" for n in range(1, 13))
    reason = CHECKS["standards_complete"](Facts(incomplete_standards=ids), Limits(), ON).reason
    assert reason.english == "Standards are incomplete: s-1, s-2, s-3, s-4, s-5, s-6, s-7, s-8, s-9, s-10 and 2 more."
    assert reason.indonesian.endswith("s-10 dan 2 lagi.")
    reason = CHECKS["standards_complete"](Facts(incomplete_standards=ids[:10]), Limits(), ON).reason
    assert reason.english.endswith("s-9, s-10.")


def test_a_share_is_told_with_its_n_and_never_rounded_up() -> None:
    facts = Facts(within_promise=0.7996, waits=2500, promise_minutes=15)
    reason = CHECKS["waits_within_promise"](facts, Limits(), ON).reason
    assert reason.english == "79.9% of 2500 waits were within 15 minutes; it takes 80%."
    assert reason.indonesian == "79,9% dari 2500 waktu tunggu dalam 15 menit; perlu 80%."
    good = CHECKS["waits_within_promise"](attrs.evolve(facts, within_promise=0.9), Limits(), ON).reason
    assert good.english == "90.0% of 2500 waits were within 15 minutes."


@pytest.mark.parametrize("share", [-0.1, 1.01, 92])
def test_a_share_is_from_0_to_1(share: float) -> None:
    with pytest.raises(InvalidValueError, match="give a share from 0 to 1"):
        Facts(within_promise=share)


@pytest.mark.parametrize("field", ["rehearsed_on", "backed_up_on"])
def test_a_day_is_a_local_date_and_no_instant(field: str) -> None:
    with pytest.raises(InvalidValueError, match=f"{field}: .* give the local date"):
        Facts(**{field: datetime(2026, 11, 24, 17, 30, tzinfo=UTC)})


# --- what a directory and a calendar say ---------------------------------------------------------------------------


def a_service(service_id: str, agency: str) -> AService:
    return AService(id=service_id, name=service_id, name_english=service_id, agency=agency, prefix="A")


DIRECTORY = Directory(
    agencies=tuple(
        Agency(id=each, name=each, name_english=each, kind=AgencyKind.REGENCY) for each in ("dpmptsp", "capil")
    ),
    services=(a_service("nib", "dpmptsp"), a_service("kk", "capil"), a_service("akta", "capil")),
    counters=(
        Counter(id="loket-1", name="1", services=("nib", "kk")),
        Counter(id="loket-2", name="2", services=("nib",)),
    ),
    regulations=(
        Regulation(
            id="pks-1",
            kind=RegulationKind.COOPERATION_AGREEMENT,
            number="1",
            year=2026,
            about="MPP",
            in_force_from=date(2026, 1, 1),
            in_force_to=date(2026, 11, 30),
        ),
    ),
    participations=(Participation(agency="capil", regulation="pks-1", from_on=date(2026, 1, 1)),),
    officers=(Officer(id="sri", agency="dpmptsp", counters=("loket-2",)),),
)


def test_a_directory_says_what_is_missing() -> None:
    facts = facts_of(DIRECTORY, office_calendar(), ON)
    assert facts == Facts(
        services=3,
        incomplete_standards=("nib", "kk", "akta"),
        services_without_counter=("akta",),
        agencies_without_rule=("dpmptsp",),
        counters_without_officer=("loket-1",),
        open_days=22,
        days_ahead=30,
    )


def test_a_rule_that_has_ended_is_none() -> None:
    later = facts_of(DIRECTORY, office_calendar(), date(2026, 12, 1))
    assert later.agencies_without_rule == ("dpmptsp", "capil")


def test_today_is_the_first_of_the_days_ahead() -> None:
    tuesdays = WeeklyHours(by_weekday={1: ((time(8), time(12)),)})
    calendar = Calendar(zone=office_calendar().zone, hours=tuesdays)
    assert facts_of(DIRECTORY, calendar, ON, days_ahead=7).open_days == 1
    closed = Closure(first_on=ON, last_on=ON, indonesian="Tutup", english="Closed")
    assert facts_of(DIRECTORY, attrs.evolve(calendar, closures=(closed,)), ON, days_ahead=7).open_days == 0


def test_a_calendar_without_hours_does_not_say_when_the_mall_opens() -> None:
    facts = facts_of(DIRECTORY, Calendar(zone=office_calendar().zone), ON)
    assert (facts.open_days, facts.days_ahead) == (None, None)
    assert CHECKS["opens_soon"](facts, Limits(), ON).state is UNKNOWN
