"""The figures of a period: against cases counted by hand, and against a naive recount of any applications."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import Reason
from mppkit.durations import Durations
from mppkit.errors import InvalidValueError, StorageError
from mppkit.permits import events as e
from mppkit.permits.application import Case, applications, folded
from mppkit.permits.figures import Investments, PermitFigures, Total, figures
from mppkit.permits.model import Application, Investment, Status
from mppkit.permits.timing import due_on, run_term
from mppkit.permits.workflow import CountsFrom, Effect, Step, StepKind, StepOutcome, Workflow
from mppkit.storage import StreamHead

ZONE = ZoneInfo("Asia/Makassar")
DAYS = WorkingDays(office_calendar(zone=ZONE))
KIND = applications(lambda app, at: due_on(app, DAYS, at))
REASON = Reason(code="zona-penuh", indonesian="Zona penuh.", english="The zone is full.")
OTHER = Reason(code="tata-ruang", indonesian="Tidak sesuai.", english="It does not fit.")
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
Happened = list[tuple[datetime, e.PermitEvent]]


def step(id_: str, kind: StepKind, *outcomes: tuple[Effect, str | None]) -> Step:
    made = tuple(StepOutcome(id=effect.value, effect=effect, next=(to,) if to else ()) for effect, to in outcomes)
    return Step(id=id_, name=id_, name_english=id_, kind=kind, role="r", working_days=2, outcomes=made)


WORKFLOW = Workflow(
    id="izin",
    name="Izin",
    name_english="Permit",
    services=("izin",),
    start="periksa",
    steps=(
        step("periksa", StepKind.VERIFY, (Effect.FORWARD, "putus"), (Effect.RETURN, None), (Effect.REFUSE, None)),
        step(
            "putus",
            StepKind.DECIDE,
            (Effect.GRANT, "terbit"),
            (Effect.GRANT_WITH_CONDITIONS, "terbit"),
            (Effect.REFUSE, None),
            (Effect.RETURN, None),
        ),
        step("terbit", StepKind.ISSUE, (Effect.ISSUE, None)),
    ),
    working_days=5,
)


def at(day: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE).astimezone(UTC)


NOW = at(2, month=12)


def drafted(**more: object) -> e.Drafted:
    return evolve(e.Drafted(service="izin", applicant="p-1", workflow=WORKFLOW), **more)


def bringing(rupiah: int, jobs: int, sector: str | None = None) -> Investment:
    return Investment(rupiah=rupiah, jobs=jobs, sector=sector)


def acted(step_id: str, effect: Effect, **more: object) -> e.PermitEvent:
    facts: dict[str, object] = {"step": step_id, "outcome": effect.value, "officer": "o-1", **more}
    if effect is Effect.FORWARD:
        return e.StepDone(**facts)
    if effect is Effect.RETURN:
        return e.Returned(**facts, items=("Ulang",))
    if effect is Effect.ISSUE:
        return e.Issued(**facts, number="1", valid_from=date(2026, 1, 1))
    return e.Decided(**facts)


CHECKED = acted("periksa", Effect.FORWARD)
BACK = acted("periksa", Effect.RETURN)
GRANTED = acted("putus", Effect.GRANT)
ISSUED = acted("terbit", Effect.ISSUE)


def refused(*reasons: Reason) -> e.PermitEvent:
    return acted("putus", Effect.REFUSE, reasons=reasons)


def application(happened: Happened, id_: str = "2026-0001") -> Application:
    app = None
    for when, event in happened:
        app = folded(id_, app, event, when)
    assert app is not None
    return app


def head(app: Application, place: int = 1) -> StreamHead:
    labels, summary = KIND.head(Case(app.id, app), (), NOW)
    kept = {name: value for name, value in labels.items() if value is not None}
    return StreamHead(
        stream=f"contoh/permit/2026-{place:04}",
        version=place,
        digest="0" * 64,
        labels=kept,
        summary=json.dumps(summary),
        updated_at=NOW,
    )


def heads(*stories: Happened) -> list[StreamHead]:
    return [head(application(happened), place) for place, happened in enumerate(stories, 1)]


def durations(*ended: int, cut_off: tuple[int, ...] = ()) -> Durations:
    made = Durations()
    for days in ended:
        made.add(days, ended=True)
    for days in cut_off:
        made.add(days, ended=False)
    return made


def total(applications: int, rupiah: int, jobs: int, *, unstated: int = 0) -> Total:
    return Total(applications=applications, unstated=unstated, rupiah=rupiah, jobs=jobs)


NOTHING = total(0, 0, 0)


# --- counted by hand -------------------------------------------------------------------------------------------------

HOTEL = drafted(service="hotel", zone="pantai", investment=bringing(500, 20, "pariwisata"))
STORIES: list[Happened] = [
    # in time: 2 working days to the decision, 3 to the permit
    [(at(1), HOTEL), (at(2), e.Submitted()), (at(3), CHECKED), (at(4), GRANTED), (at(5), ISSUED)],
    # decided after 5 working days, those from Thursday 5 to Monday 9 with the applicant left out; issued much later
    [
        (at(1), drafted(zone="pantai", investment=bringing(300, 5, "perdagangan"))), (at(2), e.Submitted()),
        (at(5), BACK), (at(9), e.Resubmitted()), (at(10), CHECKED),
        (at(11), acted("putus", Effect.GRANT_WITH_CONDITIONS, conditions=("Sumur resapan",))),
        (at(1, month=12), ISSUED), (at(2, month=12), e.Revoked(officer="o-1", why="Limbah")),
    ],
    # refused for two reasons after 6 working days, one too many
    [(at(2), drafted()), (at(2), e.Submitted()), (at(3), CHECKED), (at(10), refused(REASON, OTHER))],
    [(at(2), drafted(zone="gunung")), (at(2), e.Submitted()), (at(3), CHECKED), (at(4), refused(REASON))],
    # silence: due on Monday 9, enforced on Wednesday
    [
        (at(2), HOTEL), (at(2), e.Submitted()), (at(11), e.DeemedGranted(due_on=date(2026, 11, 9), reason=OTHER)),
        (at(11), e.Issued(number="2", valid_from=date(2026, 11, 11))),
        (at(12), e.Lapsed(due_on=date(2026, 11, 11), reason=OTHER)),
    ],
    # withdrawn after 1 working day, a week later gone
    [(at(2), HOTEL), (at(2), e.Submitted()), (at(3), e.Withdrawn())],
    # sent back on the second day, and never corrected
    [
        (at(2), drafted()), (at(2), e.Submitted()), (at(4), BACK),
        (at(24), e.Lapsed(due_on=date(2026, 11, 23), reason=OTHER)),
    ],
    # open since Friday 27: 3 working days
    [(at(27), drafted()), (at(27), e.Submitted())],
    # open since the 20th, with the applicant since the 24th
    [(at(20), drafted()), (at(20), e.Submitted()), (at(24), BACK)],
    # granted and not issued
    [(at(27), drafted()), (at(27), e.Submitted()), (at(27, 11), CHECKED), (at(27, 12), GRANTED)],
    # suspended
    [
        (at(2), drafted(investment=bringing(7, 1))), (at(2), e.Submitted()), (at(2), CHECKED), (at(2), GRANTED),
        (at(2), ISSUED), (at(9), e.Suspended(officer="o-1", why="Limbah")),
    ],
    # never submitted: a draft, and one thrown away
    [(at(20), drafted())],
    [(at(20), drafted()), (at(21), e.Withdrawn())],
    # of other months: submitted on the last of October and the first of December
    [(at(30, month=10), HOTEL), (at(30, month=10), e.Submitted())],
    [(at(20), HOTEL), (at(1, month=12), e.Submitted())],
    [(at(31, month=10), drafted())],
]  # fmt: skip


@pytest.fixture(name="november", scope="module")
def _november() -> PermitFigures:
    return figures(heads(*STORIES), *NOVEMBER, DAYS, NOW)


def test_where_each_application_stands(november: PermitFigures) -> None:
    assert (november.from_on, november.until_on, november.at) == (*NOVEMBER, NOW)
    assert november.applications == 11
    assert {status.value: count for status, count in november.standing.items()} == {
        "in_process": 1, "returned": 1, "granted": 1, "issued": 1, "suspended": 1, "refused": 2, "withdrawn": 1,
        "lapsed": 2, "revoked": 1,
    }  # fmt: skip
    assert (november.drafts, november.discarded) == (1, 1)
    assert (november.running, november.refused, november.withdrawn) == (3, 2, 1)


def test_what_came_of_them(november: PermitFigures) -> None:
    assert (november.granted, november.with_conditions, november.deemed) == (5, 1, 1)
    assert november.refused_for == {"tata-ruang": 1, "zona-penuh": 2}
    assert {status.value: count for status, count in november.permits.items()} == {
        "issued": 1, "suspended": 1, "lapsed": 1, "revoked": 1,
    }  # fmt: skip
    assert (november.issued, november.revoked, november.expired, november.lapsed) == (4, 1, 1, 1)


def test_days_to_decide_count_who_waits_and_who_left(november: PermitFigures) -> None:
    # by silence on the day it was due, the 5th; withdrawn after 1, sent back on day 2, open for 3, sent back on day 2
    assert november.working_days_to_decide == durations(2, 5, 6, 2, 5, 0, 0, cut_off=(1, 2, 3, 2))
    # calendar days leave nothing out: 22 to the lapse, 5 since Friday 27, 12 since the 20th
    assert november.calendar_days_to_decide == durations(2, 9, 8, 2, 7, 0, 0, cut_off=(1, 22, 5, 12))


@pytest.mark.parametrize("enforced_on", [10, 11, 13, 27])
def test_what_silence_grants_is_decided_on_its_last_day_whenever_the_deadlines_are_enforced(enforced_on: int) -> None:
    silence = e.DeemedGranted(due_on=date(2026, 11, 9), reason=OTHER)
    issued = e.Issued(number="2", valid_from=date(2026, 11, enforced_on))
    found = of([*submitted(at(2)), (at(enforced_on), silence), (at(enforced_on), issued)])
    assert found.working_days_to_decide == durations(5)
    assert found.calendar_days_to_decide == durations(7)
    assert found.in_time.value == 0


def test_silence_after_a_correction_is_decided_on_the_last_day_of_what_was_left() -> None:
    run = [*submitted(at(2)), (at(4), BACK), (at(16), e.Resubmitted())]  # 3 days are left: due on Thursday 19
    silence = e.DeemedGranted(due_on=date(2026, 11, 19), reason=OTHER)
    found = of([*run, (at(30), silence), (at(30), e.Issued(number="2", valid_from=date(2026, 11, 30)))])
    assert found.working_days_to_decide == durations(5)
    assert found.calendar_days_to_decide == durations(17)


def test_the_share_in_time_is_of_the_whole_run_and_knows_who_may_still_make_it(november: PermitFigures) -> None:
    # ended in time on days 0, 2 and 3 of 5; too late on 6, 7 and 19; cut off on 1, 2, 2, 3 and 3
    share = november.in_time
    assert share is not None
    assert share.value == pytest.approx(1 - 10 / 11 * 8 / 9 * 5 / 6)
    assert share.n == 11


def test_what_they_bring_is_asked_for_permitted_and_gone(november: PermitFigures) -> None:
    assert november.investment == Investments(
        asked=total(11, 500 + 300 + 500 + 500 + 7, 20 + 5 + 20 + 20 + 1, unstated=6),
        permitted=total(2, 507, 21),
        gone=total(2, 800, 25),
    )
    assert november.by_month == {
        "2026-11": Investments(asked=november.investment.asked, permitted=total(2, 507, 21), gone=total(1, 500, 20)),
        "2026-12": Investments(asked=NOTHING, permitted=NOTHING, gone=total(1, 300, 5)),
    }
    assert november.by_zone == {
        "gunung": Investments(asked=total(1, 0, 0, unstated=1), permitted=NOTHING, gone=NOTHING),
        "pantai": Investments(asked=total(4, 1800, 65), permitted=total(1, 500, 20), gone=total(2, 800, 25)),
        None: Investments(asked=total(6, 7, 1, unstated=5), permitted=total(1, 7, 1), gone=NOTHING),
    }
    assert list(november.by_zone) == ["gunung", "pantai", None]
    assert {sector: of.asked.rupiah for sector, of in november.by_sector.items()} == {
        "pariwisata": 1500, "perdagangan": 300, None: 7,
    }  # fmt: skip
    assert {service: of.asked.applications for service, of in november.by_service.items()} == {"hotel": 3, "izin": 8}


# --- edges -----------------------------------------------------------------------------------------------------------


def of(*stories: Happened, now: datetime = NOW) -> PermitFigures:
    return figures(heads(*stories), *NOVEMBER, DAYS, now)


def submitted(when: datetime, workflow: Workflow = WORKFLOW) -> Happened:
    return [(when, drafted(workflow=workflow)), (when, e.Submitted())]


def test_a_month_begins_at_the_malls_midnight() -> None:
    before, after = datetime(2026, 10, 31, 15, 59, tzinfo=UTC), datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert of(submitted(before)).applications == 0
    assert list(of(submitted(after)).by_month) == ["2026-11"]
    last, next_month = datetime(2026, 11, 30, 15, 59, tzinfo=UTC), datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert [of(submitted(when)).applications for when in (last, next_month)] == [1, 0]
    assert [of([(when, drafted())]).drafts for when in (before, after, last, next_month)] == [0, 1, 1, 0]


def test_a_reason_given_twice_is_one_refusal() -> None:
    assert of([*submitted(at(2)), (at(3), CHECKED), (at(3), refused(REASON, REASON))]).refused_for == {"zona-penuh": 1}


def test_a_decision_on_the_day_off_after_the_last_day_is_late_though_it_uses_no_day_up() -> None:
    begun = submitted(at(2))  # due on Monday 9; made due on Friday 6 by a term of 4
    four = submitted(at(2), evolve(WORKFLOW, working_days=4))
    for run, late in ((begun, False), (four, True)):
        found = of([*run, (at(7), CHECKED), (at(7), refused(REASON))])
        assert found.working_days_to_decide == durations(4)
        assert found.in_time.value == (0 if late else 1)


def test_what_comes_back_is_in_time_on_the_day_it_comes_back() -> None:
    story = [*submitted(at(2)), (at(9), BACK), (at(20), e.Resubmitted()), (at(20, 11), CHECKED)]
    assert of([*story, (at(20, 12), refused(REASON))]).in_time.value == 1
    assert of([*story, (at(21, 12), refused(REASON))]).in_time.value == 0


def test_each_application_has_its_own_term() -> None:
    long = submitted(at(2), evolve(WORKFLOW, working_days=20))
    found = of(*([*run, (at(12), CHECKED), (at(12), refused(REASON))] for run in (long, submitted(at(2)))))
    assert found.working_days_to_decide == durations(8, 8)
    assert found.in_time.value == 0.5


def test_a_term_counted_from_the_complete_submission_leaves_out_what_lay_before() -> None:
    run = submitted(at(2), evolve(WORKFLOW, counts_from=CountsFrom.COMPLETE))
    found = of([*run, (at(12), BACK), (at(16), e.Resubmitted()), (at(17), CHECKED), (at(18), refused(REASON))])
    assert found.working_days_to_decide == durations(2)
    assert found.calendar_days_to_decide == durations(16)
    assert found.in_time.value == 1


def test_only_open_ones_leave_no_share_to_tell() -> None:
    found = of(submitted(at(30)), now=at(1, month=12))
    assert found.in_time is None
    assert found.working_days_to_decide.percentile(0.5) is None
    assert of(submitted(at(2))).in_time.value == 0  # but what is late is late, decided or not


def test_a_clock_that_runs_back_makes_no_length_negative() -> None:
    found = of(submitted(at(20)), now=at(3))
    assert found.working_days_to_decide == found.calendar_days_to_decide == durations(cut_off=(0,))


def test_nothing_at_all_has_no_figures() -> None:
    found = of()
    assert (found.applications, found.running, found.issued, found.granted) == (0, 0, 0, 0)
    assert found.in_time is None
    assert found.by_month == found.by_zone == {}
    assert set(found.standing) == set(Status) - {Status.DRAFT}


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="until_on: '2026-10-31': not before 2026-11-01"):
        figures([], date(2026, 11, 1), date(2026, 10, 31), DAYS, NOW)


@pytest.mark.parametrize("summary", [None, "", "[]", "{}", '{"submitted_at": "soon"}'])
def test_a_summary_of_something_else_is_named(summary: str | None) -> None:
    strange = evolve(heads(submitted(at(2)))[0], summary=summary)
    with pytest.raises(StorageError, match="contoh/permit/2026-0001: its summary"):
        figures([strange], *NOVEMBER, DAYS, NOW)


# --- any applications ------------------------------------------------------------------------------------------------


def _possible(app: Application) -> Iterator[e.PermitEvent]:
    if app.status is Status.DRAFT:
        yield from (e.Submitted(), e.Withdrawn())
    elif app.status is Status.RETURNED:
        yield from (e.Resubmitted(), e.Withdrawn(), e.Lapsed(due_on=date(2026, 1, 1), reason=REASON))
    elif app.is_running:
        yield e.Withdrawn()
        if app.status is Status.GRANTED:
            yield e.Issued(number="2", valid_from=date(2026, 1, 1))
        else:
            yield e.DeemedGranted(due_on=date(2026, 1, 1), reason=REASON)
        for run in app.open:
            for outcome in app.workflow.step(run.step).outcomes:
                given = {"reasons": (REASON, OTHER)} if outcome.effect is Effect.REFUSE else {}
                yield acted(run.step, outcome.effect, **given)
    elif app.permit is not None and app.ended_at is None:
        yield e.Revoked(officer="o-1", why="Limbah")
        yield e.Lapsed(due_on=date(2026, 1, 1), reason=REASON)
        yield (
            e.Reinstated(officer="o-1", why="Bersih")
            if app.status is Status.SUSPENDED
            else e.Suspended(officer="o-1", why="Limbah")
        )


@st.composite
def cases(draw: st.DrawFn) -> Application:
    """Any run that the workflow allows, begun around November and cut off anywhere."""
    when = at(20, month=10) + timedelta(hours=draw(st.integers(0, 50 * 24)))
    workflow = evolve(
        WORKFLOW, working_days=draw(st.sampled_from((None, 2, 7))), counts_from=draw(st.sampled_from(CountsFrom))
    )
    investment = draw(
        st.none() | st.builds(bringing, st.integers(0, 9), st.integers(0, 9), st.sampled_from((None, "a")))
    )
    happened: Happened = [
        (when, drafted(workflow=workflow, investment=investment, zone=draw(st.sampled_from((None, "x", "y"))))),
    ]
    for _ in range(draw(st.integers(0, 9))):
        choices = list(_possible(application(happened)))
        if not choices:
            break
        when += timedelta(hours=draw(st.sampled_from((0, 1, 5, 24, 40, 120))))
        happened.append((when, draw(st.sampled_from(choices))))
    return application(happened)


def _on(when: datetime) -> date:
    return when.astimezone(ZONE).date()


def _walked(app: Application, until: datetime) -> int:
    """Count the office's working days by walking from day to day."""
    begun = app.complete_since if app.workflow.counts_from is CountsFrom.COMPLETE else app.submitted_at
    assert begun is not None
    days, on = 0, _on(begun)
    while on < _on(until):
        on += timedelta(days=1)
        stopped = any(
            _on(back.returned_at) < on <= _on(back.resubmitted_at or until)
            for back in app.returns
            if back.returned_at < until
        )
        days += DAYS.is_working(on) and not stopped
    return days


def _decided_at(app: Application) -> datetime | None:
    """Return when it was decided; by silence on the last day of its term, found by walking from day to day."""
    if app.judgement is None or not app.judgement.deemed:
        return app.judgement.at if app.judgement else None
    begun = app.complete_since if app.workflow.counts_from is CountsFrom.COMPLETE else app.submitted_at
    assert begun is not None
    end = begun.astimezone(ZONE).replace(hour=23)
    while end < app.judgement.at and _walked(app, end) < app.workflow.term_days:
        end += timedelta(days=1)
    for back in app.returns:  # what is sent back on its last day is due on the day on which it comes back
        if _on(back.returned_at) == _on(end) and back.resubmitted_at is not None:
            end = back.resubmitted_at.astimezone(ZONE).replace(hour=23)
    return min(end, app.judgement.at)


def _naive(apps: list[Application], now: datetime) -> tuple[list[tuple[int, bool]], list[tuple[int, bool]]]:
    """Return each length in working and in calendar days, and whether a decision ended it."""
    working, calendar = [], []
    for app in apps:
        decided_at = _decided_at(app)
        until = decided_at or app.ended_at or now
        assert app.submitted_at is not None
        working.append((_walked(app, until), decided_at is not None))
        calendar.append(((_on(until) - _on(app.submitted_at)).days, decided_at is not None))
    return working, calendar


def _listed(found: Durations) -> list[tuple[int, bool]]:
    ended = [(length, True) for length in found.ended.elements()]
    return sorted([*ended, *((length, False) for length in found.censored.elements())])


@given(st.lists(cases(), max_size=12))
def test_a_naive_recount_comes_to_the_same_and_drops_nothing(apps: list[Application]) -> None:
    now = at(31, month=12) + timedelta(days=60)
    found = figures([head(app, place) for place, app in enumerate(apps, 1)], *NOVEMBER, DAYS, now)
    begun = [app for app in apps if NOVEMBER[0] <= _on(app.submitted_at or app.drafted_at) <= NOVEMBER[1]]
    mine = [app for app in begun if app.submitted_at]
    assert found.applications == len(mine) == sum(found.standing.values())
    assert found.drafts + found.discarded == len(begun) - len(mine)
    assert found.running + found.refused + found.withdrawn + found.lapsed + found.issued == found.applications
    assert {status: count for status, count in found.standing.items() if count} == Counter(app.status for app in mine)
    refusals = Counter(code for app in mine if app.status is Status.REFUSED for code in ("tata-ruang", "zona-penuh"))
    assert found.refused_for == refusals
    working, calendar = _naive(mine, now)
    assert _listed(found.working_days_to_decide) == sorted(working)
    assert _listed(found.calendar_days_to_decide) == sorted(calendar)
    assert found.investment.asked.rupiah == sum(app.investment.rupiah for app in mine if app.investment)
    permits = [app for app in mine if app.permit]
    assert found.investment.permitted.applications + found.investment.gone.applications == len(permits)
    for split in (found.by_month, found.by_zone, found.by_sector, found.by_service):
        assert _summed(split, "asked") == found.investment.asked
        assert _summed(split, "permitted") == found.investment.permitted
        assert _summed(split, "gone") == found.investment.gone


def _summed(split: Mapping[str | None, Investments], which: str) -> Total:
    totals = [getattr(each, which) for each in split.values()]
    places = ("applications", "unstated", "rupiah", "jobs")
    return Total(**{place: sum(getattr(each, place) for each in totals) for place in places})


@given(st.lists(cases(), min_size=1, max_size=12))
def test_where_all_runs_are_over_the_share_in_time_is_what_the_clock_says_of_each(apps: list[Application]) -> None:
    over = [app for app in apps if app.submitted_at and (app.permit or app.status is Status.REFUSED)]
    year = (date(2026, 1, 1), date(2027, 12, 31))
    found = figures([head(app, place) for place, app in enumerate(over, 1)], *year, DAYS, NOW).in_time
    in_time = [not run_term(app, DAYS, NOW).is_late for app in over]
    if not over:
        assert found is None
    else:
        assert math.isclose(found.value, sum(in_time) / len(over))
