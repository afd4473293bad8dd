"""Known cases of an application's clock, counted by hand on the calendars of 2026 and 2027."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError
from mppkit.permits import events as e
from mppkit.permits.application import folded
from mppkit.permits.model import Application
from mppkit.permits.timing import (
    Late,
    Stretch,
    Term,
    Whose,
    count_late,
    done_terms,
    due_on,
    expired_since,
    lapsed_since,
    late,
    run_term,
    spent,
    step_terms,
)
from mppkit.permits.workflow import LAWS_OWN_TERM, CountsFrom, Effect, Step, StepKind, StepOutcome, Workflow

WITA = ZoneInfo("Asia/Makassar")
DAYS = WorkingDays(office_calendar(zone=WITA))
MINUTE = timedelta(minutes=1)


def at(text: str, zone: ZoneInfo = WITA) -> datetime:
    """Read a local time of the mall; without an hour it is 10 in the morning."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T10:00").replace(tzinfo=zone).astimezone(UTC)


def step(step_id: str, kind: StepKind, working_days: int, *ways: StepOutcome, agency: str | None = None) -> Step:
    return Step(
        id=step_id,
        name=step_id,
        name_english=step_id,
        kind=kind,
        role="petugas",
        agency=agency,
        working_days=working_days,
        outcomes=ways,
    )


def way(effect: Effect, *following: str, join: str | None = None) -> StepOutcome:
    return StepOutcome(id=effect.value, effect=effect, next=following, join=join)


BACK = way(Effect.RETURN)
HOTEL = Workflow(
    id="izin-hotel",
    name="Izin hotel",
    name_english="Hotel licence",
    services=("hotel",),
    start="periksa",
    steps=(
        step("periksa", StepKind.VERIFY, 2, way(Effect.FORWARD, "pupr", "dlh", join="putus"), BACK),
        step("pupr", StepKind.ASSESS, 3, way(Effect.FORWARD, "putus"), BACK, agency="dinas-pupr"),
        step("dlh", StepKind.ASSESS, 4, way(Effect.FORWARD, "putus"), BACK, agency="dinas-lh"),
        step("putus", StepKind.DECIDE, 2, way(Effect.GRANT, "terbit"), way(Effect.REFUSE)),
        step("terbit", StepKind.ISSUE, 1, way(Effect.ISSUE)),
    ),
)
"""No rule sets its term, which leaves the law's own five working days."""


def happens(*what: tuple[str, e.PermitEvent], workflow: Workflow = HOTEL, key: str = "2026-0001") -> Application:
    """Fold an application that was drafted long before."""
    drafted = e.Drafted(service=workflow.services[0], applicant="p-1", workflow=workflow)
    app = folded(key, None, drafted, at("2026-01-02"))
    for when, event in what:
        app = folded(key, app, event, at(when))
    return app


def submitted(when: str) -> tuple[str, e.PermitEvent]:
    return when, e.Submitted()


def returned(when: str, step_id: str = "periksa") -> tuple[str, e.PermitEvent]:
    return when, e.Returned(step=step_id, outcome="return", officer="pegawai-1", items=("gambar tapak",))


def resubmitted(when: str) -> tuple[str, e.PermitEvent]:
    return when, e.Resubmitted()


def done(when: str, step_id: str) -> tuple[str, e.PermitEvent]:
    return when, e.StepDone(step=step_id, outcome="forward", officer="pegawai-1")


def decided(when: str, outcome: str) -> tuple[str, e.PermitEvent]:
    return when, e.Decided(step="putus", outcome=outcome, officer="pegawai-1")


def issued(when: str, until: date | None = None) -> tuple[str, e.PermitEvent]:
    return when, e.Issued(
        number="503/1",
        valid_from=date(2026, 1, 1),
        valid_until=until,
        step="terbit",
        outcome="issue",
        officer="pegawai-1",
    )


def run(app: Application, when: str, days: WorkingDays = DAYS) -> Term:
    term = run_term(app, days, at(when))
    assert term is not None
    return term


def stopped_on(term: Term) -> list[str]:
    return [f"{day.on:%m-%d}" for day in term.skipped if day.reason.code == "clock_stopped"]


# --- silence is consent ----------------------------------------------------------------------------------------------


def test_silence_is_consent_five_working_days_after_17_march_2026_is_31_march() -> None:
    """Joint leave 18, 20, 23, 24; Nyepi 19; a weekend 21-22, and again 28-29: there remain 25, 26, 27, 30, 31."""
    app = happens(submitted("2026-03-17"))
    term = run(app, "2026-03-17T11:00")
    assert (term.working_days, term.used, term.left, term.due_on) == (5, 0, 5, date(2026, 3, 31))
    assert [(day.on.day, day.reason.code) for day in term.skipped] == [
        (18, "closed_joint_leave"),
        (19, "closed_holiday"),
        (20, "closed_joint_leave"),
        (21, "closed_weekday"),
        (22, "closed_weekday"),
        (23, "closed_joint_leave"),
        (24, "closed_joint_leave"),
        (28, "closed_weekday"),
        (29, "closed_weekday"),
    ]
    assert term.basis == LAWS_OWN_TERM
    assert not LAWS_OWN_TERM.verified, "its text was not read"
    assert term.warnings == ()


@pytest.mark.parametrize(
    ("now", "left", "is_late"),
    [
        ("2026-03-24T23:59", 5, False),
        ("2026-03-25T00:00", 4, False),
        ("2026-03-29", 2, False),
        ("2026-03-31T23:59", 0, False),
        ("2026-04-01T00:00", -1, True),
        ("2026-04-03", -2, True),  # Good Friday
        ("2026-04-06", -3, True),
    ],
)
def test_it_is_late_from_the_midnight_after_its_last_day(now: str, left: int, is_late: bool) -> None:
    term = run(happens(submitted("2026-03-17")), now)
    assert (term.left, term.is_late, term.due_on) == (left, is_late, date(2026, 3, 31))


def test_on_the_days_off_after_its_last_day_it_is_late_with_no_day_left() -> None:
    app = happens(submitted("2026-11-20"))  # Friday; due the next
    saturday = run(app, "2026-11-28")
    assert (saturday.due_on, saturday.left, saturday.is_late) == (date(2026, 11, 27), 0, True)
    assert [day.on.day for day in saturday.skipped] == [21, 22, 28], "and today stands among the days not counted"
    assert [row.days_late for row in late([app], DAYS, at("2026-11-28")) if row.step is None] == [0]


def test_a_term_that_a_rule_sets_goes_before_the_laws_own() -> None:
    basis = LegalBasis(regulation="Perbup (rekaan)", article="7")
    app = happens(submitted("2026-11-20"), workflow=evolve(HOTEL, working_days=14, term_basis=basis))
    term = run(app, "2026-11-20")
    assert (term.working_days, term.due_on, term.basis) == (14, date(2026, 12, 10), basis)


# --- stops -----------------------------------------------------------------------------------------------------------


def test_over_the_end_of_a_year_with_the_applicant_in_between() -> None:
    """Of 2026, 28 and 29 December count; of 2027 only 7, 8 and 11 January: 1 and 5 January are holidays."""
    assert run(happens(submitted("2026-12-23")), "2026-12-23").due_on == date(2027, 1, 4)
    app = happens(submitted("2026-12-23"), returned("2026-12-29"), resubmitted("2027-01-06"))
    term = run(app, "2027-01-08")
    assert (term.used, term.left, term.due_on) == (4, 1, date(2027, 1, 11))
    assert stopped_on(term) == ["12-30", "12-31", "01-04", "01-06"]
    assert [f"{day.on:%m-%d}" for day in term.skipped if day.reason.code == "closed_holiday"] == [
        "12-25",
        "01-01",
        "01-05",
    ], "a holiday stays one where the clock stands still as well"


def test_an_answer_on_the_day_of_the_question_costs_no_day() -> None:
    plain = happens(submitted("2026-11-20"))
    app = happens(submitted("2026-11-20"), returned("2026-11-23T09:00"), resubmitted("2026-11-23T15:00"))
    assert run(app, "2026-11-25") == run(plain, "2026-11-25")
    assert [each.steps for each in spent(app, DAYS, at("2026-11-25")).stretches] == [("periksa",)]


def test_several_returns_each_take_their_days() -> None:
    app = happens(
        submitted("2026-11-16"),
        returned("2026-11-17"),
        resubmitted("2026-11-19"),
        returned("2026-11-20"),
        resubmitted("2026-11-24"),
    )
    term = run(app, "2026-11-25")
    assert stopped_on(term) == ["11-18", "11-19", "11-23", "11-24"]
    assert (term.used, term.due_on) == (3, date(2026, 11, 27))  # 17, 20, 25 are used; 26, 27 are left


def test_a_clock_that_stands_still_is_due_as_if_it_ran_on_at_once() -> None:
    app = happens(submitted("2026-11-16"), returned("2026-11-18"))
    for now, due in (("2026-11-18T23:00", 23), ("2026-11-20", 25), ("2026-11-21", 25), ("2026-11-23", 26)):
        term = run(app, now)
        assert term.stands_still
        assert (term.used, term.left, term.is_late, term.due_on.day) == (2, 3, False, due)
        assert due_on(app, DAYS, at(now)) is None, "the label says nothing that would be wrong tomorrow"


def test_what_is_sent_back_on_its_last_day_is_due_on_the_day_it_comes_back() -> None:
    sent_back = (submitted("2026-11-16"), returned("2026-11-23"))
    app = happens(*sent_back)
    for now in ("2026-11-23T23:00", "2026-11-24", "2026-11-30", "2027-02-01"):
        term = run(app, now)
        assert (term.left, term.is_late) == (0, False), "no deadline counts a stopped day"
    app = happens(*sent_back, resubmitted("2026-11-27"))
    assert (run(app, "2026-11-27").due_on, run(app, "2026-11-27").is_late) == (date(2026, 11, 27), False)
    assert (run(app, "2026-11-30").left, run(app, "2026-11-30").is_late) == (-1, True)
    again = happens(
        *sent_back, resubmitted("2026-11-27T09:00"), returned("2026-11-27T14:00"), resubmitted("2026-12-02")
    )
    assert (run(again, "2026-12-02").due_on, run(again, "2026-12-02").left) == (date(2026, 12, 2), 0)


def test_a_return_after_the_last_day_heals_nothing() -> None:
    app = happens(submitted("2026-11-16"), returned("2026-11-26"))
    term = run(app, "2026-12-08")
    assert (term.due_on, term.left, term.is_late, term.stands_still) == (date(2026, 11, 23), -3, True, True)
    assert stopped_on(term)[0] == "11-27", "the days of the applicant are shown past the due date too"
    assert stopped_on(term)[-1] == "12-08"
    assert [row.days_late for row in late([app], DAYS, at("2026-12-08")) if row.step is None] == [3]


def test_counted_from_the_complete_submission_what_lay_before_does_not_matter() -> None:
    whole = evolve(HOTEL, counts_from=CountsFrom.COMPLETE)
    what = (submitted("2026-11-02"), returned("2026-11-04"), resubmitted("2026-11-16"))
    term = run(happens(*what, workflow=whole), "2026-11-18")
    assert (term.from_on, term.used, term.due_on) == (date(2026, 11, 16), 2, date(2026, 11, 23))
    assert stopped_on(term) == []
    assessed = (*what, done("2026-11-17", "periksa"), returned("2026-11-18", "dlh"), resubmitted("2026-11-20"))
    term = run(happens(*assessed, workflow=whole), "2026-11-20")
    assert (term.from_on, stopped_on(term)) == (date(2026, 11, 16), ["11-19", "11-20"]), "it was complete already"
    assert term.due_on == date(2026, 11, 25)
    whose = spent(happens(*assessed, workflow=whole), DAYS, at("2026-11-20"))
    assert (whose.office_days, whose.applicant_days) == (4, 10), "whose time it took is told from the first day on"


# --- the ends --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        (returned("2026-11-24"), ("2026-11-25", e.Withdrawn())),
        (
            done("2026-11-18", "periksa"),
            done("2026-11-19", "pupr"),
            done("2026-11-20", "dlh"),
            decided("2026-11-25", "refuse"),
        ),
    ],
    ids=["withdrawn", "refused"],
)
def test_after_its_end_nothing_changes(end: tuple[tuple[str, e.PermitEvent], ...]) -> None:
    app = happens(submitted("2026-11-16"), *end)
    assert run(app, "2026-11-25") == run(app, "2029-12-01")
    assert not run(app, "2026-11-25").stands_still
    assert spent(app, DAYS, at("2026-11-25")) == spent(app, DAYS, at("2029-12-01"))
    assert due_on(app, DAYS, at("2026-11-25")) is None
    assert late([app], DAYS, at("2026-12-25")) == ()
    assert step_terms(app, DAYS, at("2026-12-25")) == ()


GRANTED = (
    submitted("2026-11-16"),
    done("2026-11-18", "periksa"),
    done("2026-11-20", "pupr"),
    done("2026-11-25", "dlh"),
    decided("2026-11-26", "grant"),
)


def test_a_run_ends_when_its_permit_is_issued_whatever_becomes_of_the_permit() -> None:
    assert due_on(happens(*GRANTED), DAYS, at("2026-11-26")) == date(2026, 11, 23), "granted is not issued"
    app = happens(*GRANTED, issued("2026-11-27"))
    term = run(app, "2026-11-27")
    assert (term.used, term.is_late, term.due_on) == (9, True, date(2026, 11, 23))
    revoked = folded(app.id, app, e.Revoked(officer="pegawai-1", why="lahan longsor"), at("2027-03-01"))
    assert run(revoked, "2027-03-02") == term
    assert spent(revoked, DAYS, at("2027-03-02")) == spent(app, DAYS, at("2026-11-27"))


def test_of_a_draft_nothing_is_counted() -> None:
    withdrawn = happens(("2026-11-16", e.Withdrawn()))
    for app in (happens(), withdrawn):
        now = at("2026-12-01")
        assert run_term(app, DAYS, now) is None
        assert due_on(app, DAYS, now) is None
        assert spent(app, DAYS, now).stretches == ()
        assert step_terms(app, DAYS, now) == done_terms(app, DAYS) == late([app], DAYS, now) == ()
        assert lapsed_since(app, DAYS, now) is expired_since(app, WITA, now) is None


def test_a_clock_that_is_behind_the_one_that_recorded_changes_nothing_but_the_days_used() -> None:
    now = at("2026-11-13")
    app = happens(submitted("2026-11-16"))
    term = run_term(app, DAYS, now)
    assert term is not None
    assert (term.used, term.due_on, term.is_late) == (0, date(2026, 11, 23), False)
    app = happens(submitted("2026-11-16"), returned("2026-11-18"))
    assert run(app, "2026-11-17T10:00").used == 1
    assert [each.until_on.day for each in spent(app, DAYS, at("2026-11-17")).stretches] == [17]
    assert spent(happens(submitted("2026-11-16")), DAYS, now).stretches == ()


# --- steps -----------------------------------------------------------------------------------------------------------


def test_parallel_steps_have_each_their_own_time_and_stand_still_together() -> None:
    both = (submitted("2026-11-16"), done("2026-11-17", "periksa"))
    pupr, dlh = step_terms(happens(*both), DAYS, at("2026-11-18"))
    assert (pupr.step, pupr.agency, pupr.due_on, pupr.left) == ("pupr", "dinas-pupr", date(2026, 11, 20), 2)
    assert (dlh.step, dlh.agency, dlh.due_on, dlh.left) == ("dlh", "dinas-lh", date(2026, 11, 23), 3)
    app = happens(*both, returned("2026-11-18", "dlh"), resubmitted("2026-11-20"))
    pupr, dlh = step_terms(app, DAYS, at("2026-11-20"))
    assert (pupr.due_on, dlh.due_on) == (date(2026, 11, 24), date(2026, 11, 25))
    assert stopped_on(pupr) == stopped_on(dlh) == ["11-19", "11-20"]


def test_a_step_that_ended_is_judged_by_what_was_until_its_end() -> None:
    app = happens(submitted("2026-11-16"), done("2026-11-19", "periksa"), returned("2026-11-20", "pupr"))
    [term] = done_terms(app, DAYS)
    assert (term.step, term.used, term.due_on, term.is_late) == ("periksa", 3, date(2026, 11, 18), True)
    assert not term.stands_still, "it is over, though the application lies with the applicant"
    assert stopped_on(term) == []
    for open_term in step_terms(app, DAYS, at("2026-11-24")):
        assert open_term.stands_still


def test_a_step_that_ended_keeps_the_limit_it_was_taken_under() -> None:
    app = happens(submitted("2026-11-16"), done("2026-11-19", "periksa"))
    newer = evolve(HOTEL, version=2, start="pupr", steps=HOTEL.steps[1:])
    moved = e.Migrated(workflow=newer, officer="pegawai-1", why="alur baru")
    app = folded(app.id, app, moved, at("2026-11-20"))
    [kept] = done_terms(app, DAYS)
    assert (kept.step, kept.working_days, kept.used, kept.is_late) == ("periksa", 2, 3, True)
    assert [term.step for term in step_terms(app, DAYS, at("2026-11-20"))] == ["pupr", "dlh"]


# --- whose time ------------------------------------------------------------------------------------------------------


def test_whose_time_it_took_is_told_stretch_by_stretch() -> None:
    app = happens(
        submitted("2026-11-16"),
        returned("2026-11-17"),
        resubmitted("2026-11-23"),
        done("2026-11-24", "periksa"),
        done("2026-11-26", "pupr"),
        returned("2026-11-26T15:00", "dlh"),
    )
    found = spent(app, DAYS, at("2026-11-30"))
    assert [(each.until_on.day, each.whose, each.steps, each.working_days) for each in found.stretches] == [
        (17, Whose.OFFICE, ("periksa",), 1),
        (23, Whose.APPLICANT, ("periksa",), 4),
        (24, Whose.OFFICE, ("periksa",), 1),
        (26, Whose.OFFICE, ("pupr", "dlh"), 2),
        (30, Whose.APPLICANT, ("dlh",), 2),
    ]
    assert (found.office_days, found.applicant_days) == (4, 6)
    assert found.stretches[0] == Stretch(
        from_on=date(2026, 11, 16),
        until_on=date(2026, 11, 17),
        whose=Whose.OFFICE,
        steps=("periksa",),
        working_days=1,
    )


# --- where midnight lies ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utc", "jakarta", "makassar", "jayapura"),
    [
        # 23 November 2026 is a Monday: from then five working days end on 30 November, from Tuesday on 1 December
        ("2026-11-23T14:59", 23, 23, 23),
        ("2026-11-23T15:00", 23, 23, 24),
        ("2026-11-23T16:00", 23, 24, 24),
        ("2026-11-23T17:00", 24, 24, 24),
    ],
)
def test_a_day_begins_at_the_malls_own_midnight(utc: str, jakarta: int, makassar: int, jayapura: int) -> None:
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    app = evolve(happens(submitted("2026-11-23")), submitted_at=instant, complete_since=instant)
    for city, day in (("Jakarta", jakarta), ("Makassar", makassar), ("Jayapura", jayapura)):
        zone = ZoneInfo(f"Asia/{city}")
        days = WorkingDays(office_calendar(zone=zone))
        term = run_term(app, days, instant)
        assert term is not None
        due = date(2026, 11, 30) if day == 23 else date(2026, 12, 1)
        assert (term.from_on.day, term.due_on) == (day, due)
        midnight = at(f"{due}T23:59", zone) + MINUTE
        last, over = run_term(app, days, midnight - MINUTE), run_term(app, days, midnight)
        assert last is not None
        assert over is not None
        assert (last.is_late, over.is_late) == (False, True)


def test_a_year_without_a_decree_is_warned_of() -> None:
    app = happens(submitted("2027-12-27"))
    [warning] = run(app, "2027-12-27").warnings
    assert warning.code == "year_without_decree"
    assert run(happens(submitted("2027-12-20")), "2027-12-20").warnings == ()
    [warning] = run(happens(submitted("2027-12-20")), "2028-01-10").warnings
    assert "2028" in warning.english, "the days that it is late are uncertain too"


# --- who is late -----------------------------------------------------------------------------------------------------


def test_who_is_late_is_told_for_the_run_and_each_step() -> None:
    both = (submitted("2026-11-16"), done("2026-11-17", "periksa"))
    first = happens(*both)
    second = happens(*both, done("2026-11-18", "pupr"), key="2026-0002")
    third = happens(submitted("2026-11-25"), key="2026-0003")
    now = at("2026-11-25")
    rows = late([third, second, first], DAYS, now)
    assert rows[:2] == (
        Late(
            application="2026-0001",
            service="hotel",
            step="pupr",
            agency="dinas-pupr",
            due_on=date(2026, 11, 20),
            days_late=3,
        ),
        Late(application="2026-0001", service="hotel", step=None, agency=None, due_on=date(2026, 11, 23), days_late=2),
    )
    assert [(row.application[-1], row.step) for row in rows] == [
        ("1", "pupr"),
        ("1", None),
        ("1", "dlh"),
        ("2", None),
        ("2", "dlh"),
    ]
    assert count_late(rows, "service") == {"hotel": 2}, "an application counts once"
    assert list(count_late(rows, "step").items()) == [(None, 2), ("dlh", 2), ("pupr", 1)]
    assert count_late(rows, "agency") == {None: 2, "dinas-lh": 2, "dinas-pupr": 1}
    many = (*rows, *(evolve(rows[0], application=f"2026-010{number}") for number in range(2)))
    assert list(count_late(many, "step").items()) == [("pupr", 3), (None, 2), ("dlh", 2)], "the most first"
    assert count_late((), "step") == {}


def test_late_is_counted_by_nothing_else() -> None:
    with pytest.raises(InvalidValueError, match="give step, agency or service"):
        count_late((), "officer")  # type: ignore[arg-type]


# --- what lapses -----------------------------------------------------------------------------------------------------


def test_a_returned_application_lapses_when_the_applicants_days_are_over() -> None:
    """Three working days after Tuesday 22 December are 23, 28 and 29: 24 and 25 are off, and a weekend."""
    workflow = evolve(HOTEL, applicant_days=3)
    asked = (submitted("2026-12-21"), returned("2026-12-22"))
    app = happens(*asked, workflow=workflow)
    assert lapsed_since(app, DAYS, at("2026-12-29T23:59")) is None
    assert lapsed_since(app, DAYS, at("2026-12-30T00:00")) == date(2026, 12, 29)
    assert lapsed_since(happens(*asked), DAYS, at("2029-01-01")) is None, "where no rule says how long, never"
    back = happens(*asked, resubmitted("2026-12-29"), workflow=workflow)
    assert lapsed_since(back, DAYS, at("2027-01-29")) is None
    again = happens(*asked, resubmitted("2026-12-29"), returned("2027-01-06"), workflow=workflow)
    assert lapsed_since(again, DAYS, at("2027-01-12")) == date(2027, 1, 11), "counted from the last return"
    over = folded(app.id, app, e.Lapsed(due_on=date(2026, 12, 29), reason=WHY), at("2026-12-30"))
    assert lapsed_since(over, DAYS, at("2026-12-31")) is None, "once"


WHY = Reason(code="lewat", indonesian="Lewat waktu.", english="Too late.")


def test_a_permit_is_over_after_its_last_local_day() -> None:
    app = happens(*GRANTED, issued("2026-11-27", until=date(2027, 11, 26)))
    assert expired_since(app, WITA, at("2027-11-26T23:59")) is None
    assert expired_since(app, WITA, at("2027-11-27T00:00")) == date(2027, 11, 26)
    suspended = folded(app.id, app, e.Suspended(officer="pegawai-1", why="diperiksa"), at("2027-01-04"))
    assert expired_since(suspended, WITA, at("2027-11-27")) == date(2027, 11, 26)
    ends: tuple[Callable[[], e.PermitEvent], ...] = (
        lambda: e.Revoked(officer="pegawai-1", why="lahan longsor"),
        lambda: e.Lapsed(due_on=date(2027, 11, 26), reason=WHY),
    )
    for end in ends:
        assert expired_since(folded(app.id, app, end(), at("2027-11-27")), WITA, at("2027-11-28")) is None
    lasting = happens(*GRANTED, issued("2026-11-27"))
    assert expired_since(lasting, WITA, at("2099-01-01")) is None
