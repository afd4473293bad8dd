"""The clock of an application agrees with a person who walks the wall calendar day by day and reads what happened."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import Reason
from mppkit.permits import events as e
from mppkit.permits.application import folded
from mppkit.permits.model import Application, StepRun
from mppkit.permits.timing import (
    Term,
    Whose,
    count_late,
    done_terms,
    due_on,
    lapsed_since,
    late,
    late_since,
    run_term,
    spent,
    step_terms,
)
from mppkit.permits.workflow import CountsFrom, Effect, Step, StepKind, StepOutcome, Workflow

DAY = timedelta(days=1)
ZONES = [ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura")]
DAYS = {zone: WorkingDays(office_calendar(zone=zone)) for zone in ZONES}
OFF = frozenset(holidays.country_holidays("ID", years=range(2025, 2031), categories=("public", "government")))
HAPPENED = list[tuple[datetime, e.PermitEvent]]


@frozen
class Story:
    """What happened to one application, and an instant after it at which somebody looks."""

    zone: ZoneInfo
    happened: HAPPENED
    now: datetime

    @property
    def application(self) -> Application:
        app = None
        for at, event in self.happened:
            app = folded("2026-0001", app, event, at)
        assert app is not None
        return app

    @property
    def days(self) -> WorkingDays:
        return DAYS[self.zone]

    def on(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


def outcome(effect: Effect, *following: str, join: str | None = None) -> StepOutcome:
    return StepOutcome(id=effect.value, effect=effect, next=following, join=join, reasons=("zona",))


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Checked for completeness, assessed by some agencies at once, decided, issued; each with a limit of its own."""
    agencies = tuple(f"dinas-{number}" for number in range(1, draw(st.integers(1, 3)) + 1))
    back = outcome(Effect.RETURN)
    forward = outcome(Effect.FORWARD, *agencies, join="putus" if len(agencies) > 1 else None)
    ways = {
        ("periksa", StepKind.VERIFY): (forward, back, outcome(Effect.REFUSE)),
        **{(agency, StepKind.ASSESS): (outcome(Effect.FORWARD, "putus"), back) for agency in agencies},
        ("putus", StepKind.DECIDE): (outcome(Effect.GRANT, "terbit"), outcome(Effect.REFUSE), back),
        ("terbit", StepKind.ISSUE): (outcome(Effect.ISSUE),),
    }
    steps = tuple(
        Step(
            id=step,
            name=step,
            name_english=step,
            kind=kind,
            role="petugas",
            agency=step if step in agencies else None,
            working_days=draw(st.integers(1, 6)),
            outcomes=outcomes,
        )
        for (step, kind), outcomes in ways.items()
    )
    return Workflow(
        id="izin",
        name="Izin",
        name_english="Permit",
        services=("izin",),
        start="periksa",
        steps=steps,
        working_days=draw(st.none() | st.integers(1, 25)),
        counts_from=draw(st.sampled_from(CountsFrom)),
        applicant_days=draw(st.none() | st.integers(1, 10)),
    )


BEGINNINGS = st.dates(date(2026, 1, 1), date(2027, 9, 1)).map(
    lambda on: datetime(on.year, on.month, on.day, 4, 30, tzinfo=UTC)
) | st.sampled_from([datetime(2026, 3, 13, tzinfo=UTC), datetime(2026, 12, 18, tzinfo=UTC)])
GAPS = st.builds(timedelta, days=st.sampled_from((0, 0, 1, 2, 3, 5, 8, 14)), hours=st.sampled_from((0, 0, 3, 9, 17)))
"""From one thing to the next: often the same day, often over a weekend."""


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Any run that the workflow allows, cut off anywhere, over weekends, joint leave and the ends of years."""
    at = draw(BEGINNINGS) + timedelta(hours=draw(st.integers(0, 23)))
    zone = draw(st.sampled_from(ZONES))
    workflow = draw(workflows())
    happened: HAPPENED = [(at, e.Drafted(service="izin", applicant="p-1", workflow=workflow))]
    app = folded("2026-0001", None, happened[0][1], at)
    for kind in ("on", *draw(st.lists(st.sampled_from(KINDS), min_size=3, max_size=20))):
        choices = [event for event in possible(app) if kind_of(event) == kind]
        if not choices:
            continue
        at += draw(GAPS)
        event = draw(st.sampled_from(choices))
        if isinstance(event, e.Returned):
            event = evolve(event, late_since=late_since(app, DAYS[zone], at))
        app = folded(app.id, app, event, at)
        happened.append((at, event))
    return Story(zone, happened, at + draw(GAPS))


KINDS = ("on",) * 5 + ("back",) * 4 + ("end",)


def kind_of(event: e.PermitEvent) -> str:
    if isinstance(event, e.Returned):
        return "back"
    ends = isinstance(event, e.Withdrawn | e.Lapsed) or (isinstance(event, e.Decided) and event.outcome == "refuse")
    return "end" if ends else "on"


def possible(app: Application) -> Iterator[e.PermitEvent]:
    status = app.status.value
    if status == "draft":
        yield e.Submitted()
    if status == "returned":
        yield e.Resubmitted()
    if status in ("in_process", "returned", "granted"):
        for run in app.open:
            yield from actions(app, run, returned=status == "returned")
        yield e.Withdrawn()
    if status == "returned":
        yield e.Lapsed(due_on=date(2026, 1, 1), reason=REASON)


REASON = Reason(code="zona", indonesian="Di luar zona.", english="Outside the zone.")


def actions(app: Application, run: StepRun, *, returned: bool) -> Iterator[e.PermitEvent]:
    for way in app.workflow.step(run.step).outcomes:
        named = {"step": run.step, "outcome": way.id, "officer": "pegawai-1"}
        if way.effect is Effect.RETURN:
            asked = returned and run.step in app.returns[-1].steps
            if not asked:
                yield e.Returned(**named, items=("tapak",))
        elif returned:
            continue
        elif way.effect is Effect.FORWARD:
            yield e.StepDone(**named)
        elif way.effect is Effect.ISSUE:
            yield e.Issued(number="1", valid_from=date(2026, 1, 1), **named)
        else:
            yield e.Decided(**named)


# --- the walk --------------------------------------------------------------------------------------------------------


@frozen
class Wall:
    """A wall calendar with what happened written on it, read up to an instant."""

    story: Story
    until: datetime

    def stops(self) -> list[tuple[date, date]]:
        """From each return to the answer or to the end; a second agency that asks meanwhile changes nothing."""
        found: list[tuple[date, date]] = []
        asked = None
        for at, event in self.story.happened:
            if at >= self.until:
                break
            if isinstance(event, e.Returned):
                asked = asked or at
            elif isinstance(event, e.Resubmitted) and asked:
                found.append((self.story.on(asked), self.story.on(at)))
                asked = None
        if asked:
            found.append((self.story.on(asked), self.story.on(self.until)))
        return found

    def is_applicants(self, day: date) -> bool:
        return any(stopped < day <= resumed for stopped, resumed in self.stops())

    def counts(self, day: date) -> bool:
        return works(day) and not self.is_applicants(day)

    def due(self, from_on: date, working_days: int) -> date:
        day, counted = from_on, 0
        while counted < working_days:
            day += DAY
            counted += self.counts(day)
        while self.is_applicants(day + DAY):  # sent back on its last day: until it comes back
            day += DAY
        return day


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in OFF


def after(first: date, last: date) -> list[date]:
    """The days after one up to and including another."""
    return [first + number * DAY for number in range(1, (last - first).days + 1)]


def check(term: Term, story: Story, counted: datetime, until: datetime, working_days: int) -> None:
    wall = Wall(story, until)
    from_on, until_on = story.on(counted), story.on(until)
    due = wall.due(from_on, working_days)
    used = sum(wall.counts(day) for day in after(from_on, until_on))
    assert (term.from_on, term.working_days, term.used, term.due_on) == (from_on, working_days, used, due)
    assert term.left == working_days - used
    assert term.is_late == (until_on > due)
    assert [day.on for day in term.skipped] == [
        day for day in after(from_on, max(due, until_on)) if not wall.counts(day)
    ], "every day is counted or skipped, and a skipped day says why"
    assert {day.on for day in term.skipped if day.reason.code == "clock_stopped"} == {
        day for day in after(from_on, max(due, until_on)) if works(day) and wall.is_applicants(day)
    }


def counted_from(story: Story) -> datetime:
    """By hand: the first submission, or where the complete one counts the last that followed a check in time."""
    found = None
    workflow = story.application.workflow
    checked, asked_at = False, None
    for at, event in story.happened:
        if isinstance(event, e.Submitted):
            found = at
        elif isinstance(event, e.Returned):
            checked, asked_at = checked or event.step == "periksa", asked_at or at
        elif isinstance(event, e.Resubmitted):
            due = Wall(story, asked_at).due(story.on(found), workflow.term_days)
            in_time = story.on(asked_at) <= due
            if checked and in_time and workflow.counts_from is CountsFrom.COMPLETE:
                found = at
            checked, asked_at = False, None
    assert found is not None
    return found


ENDS = (e.Withdrawn, e.Lapsed, e.Issued)


def ended_at(story: Story) -> datetime | None:
    at, event = story.happened[-1]
    refused = isinstance(event, e.Decided) and event.outcome == "refuse"
    return at if refused or isinstance(event, ENDS) else None


@settings(max_examples=300, deadline=None)
@given(stories())
def test_the_run_is_counted_as_a_walk_day_by_day_counts_it(story: Story) -> None:
    app = story.application
    term = run_term(app, story.days, story.now)
    assert term is not None
    check(term, story, counted_from(story), ended_at(story) or story.now, app.workflow.term_days)
    returned = app.status.value == "returned"
    assert term.stands_still == returned
    assert due_on(app, story.days, story.now) == (term.due_on if app.is_running and not returned else None)
    assert late_since(app, story.days, story.now) == (term.due_on if app.is_running and term.is_late else None)


@settings(max_examples=200, deadline=None)
@given(stories())
def test_every_step_is_counted_as_a_walk_day_by_day_counts_it(story: Story) -> None:
    app = story.application
    for terms, runs in ((step_terms(app, story.days, story.now), app.open), (done_terms(app, story.days), app.done)):
        assert [term.step for term in terms] == [run.step for run in runs]
        for term, run in zip(terms, runs, strict=True):
            check(term, story, run.started_at, run.ended_at or story.now, app.workflow.step(run.step).working_days)
            assert term.stands_still == (run.ended_at is None and app.status.value == "returned")


@settings(max_examples=300, deadline=None)
@given(stories())
def test_every_working_day_is_exactly_ones(story: Story) -> None:
    app = story.application
    found = spent(app, story.days, story.now)
    assert app.submitted_at is not None
    until = ended_at(story) or story.now
    wall = Wall(story, until)
    owners = {}
    for stretch in found.stretches:
        passed = after(stretch.from_on, stretch.until_on)
        assert passed, "a stretch has days"
        assert stretch.working_days == sum(map(works, passed))
        assert not owners.keys() & set(passed), "no day is two's"
        owners |= dict.fromkeys(passed, stretch)
    every = after(story.on(app.submitted_at), story.on(until))
    assert sorted(owners) == every, "no day is nobody's"
    for day, stretch in owners.items():
        assert (stretch.whose is Whose.APPLICANT) == wall.is_applicants(day)
        assert stretch.steps, "somebody had it"
        if stretch.whose is Whose.OFFICE:
            assert set(stretch.steps) == {
                run.step
                for run in (*app.done, *app.open)
                if story.on(run.started_at) < day <= story.on(run.ended_at or until)
            }
    assert found.office_days + found.applicant_days == sum(map(works, every))
    assert all(
        (one.whose, one.steps) != (next_one.whose, next_one.steps) and one.until_on == next_one.from_on
        for one, next_one in zip(found.stretches, found.stretches[1:], strict=False)
    ), "stretches follow each other, and each differs from the one before"
    term = run_term(app, story.days, story.now)
    if app.workflow.counts_from is CountsFrom.SUBMISSION:
        assert term is not None
        assert found.office_days == term.used, "what the office had is what its term used"


@settings(max_examples=200, deadline=None)
@given(stories(), st.integers(1, 60))
def test_while_it_lies_with_the_applicant_no_term_uses_a_day(story: Story, later: int) -> None:
    app = story.application
    if app.status.value != "returned":
        return
    now, then = story.now, story.now + later * DAY
    for before, afterwards in zip(
        (run_term(app, story.days, now), *step_terms(app, story.days, now)),
        (run_term(app, story.days, then), *step_terms(app, story.days, then)),
        strict=True,
    ):
        assert before is not None
        assert afterwards is not None
        assert afterwards.used == before.used
        assert afterwards.is_late == before.is_late
        assert afterwards.due_on >= before.due_on


@settings(max_examples=150, deadline=None)
@given(stories())
def test_a_returned_application_lapses_when_a_walk_says_so(story: Story) -> None:
    app = story.application
    found = lapsed_since(app, story.days, story.now)
    allowed = app.workflow.applicant_days
    if app.status.value != "returned" or allowed is None:
        assert found is None
        return
    brought = max(
        number for number, (_, event) in enumerate(story.happened) if isinstance(event, e.Submitted | e.Resubmitted)
    )
    asked_on = next(story.on(at) for at, event in story.happened[brought:] if isinstance(event, e.Returned))
    workable = [day for day in after(asked_on, asked_on + 60 * DAY) if works(day)]
    last_on = workable[allowed - 1]
    assert found == (last_on if story.on(story.now) > last_on else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(stories(), min_size=1, max_size=5), st.sampled_from(ZONES))
def test_late_is_every_running_term_that_is_late_and_no_other(found: list[Story], zone: ZoneInfo) -> None:
    days, now = DAYS[zone], max(story.now for story in found)
    apps = []
    for number, story in enumerate(found):
        app = None
        for at, event in story.happened:
            app = folded(f"2026-{number:04d}", app, event, at)
        assert app is not None
        apps.append(app)
    rows = late(apps, days, now)
    expected = {
        (app.id, term.step, term.agency, term.due_on, -term.left)
        for app in apps
        if app.is_running
        for term in (run_term(app, days, now), *step_terms(app, days, now))
        if term is not None and term.is_late
    }
    assert {(row.application, row.step, row.agency, row.due_on, row.days_late) for row in rows} == expected
    assert len(rows) == len(expected)
    assert [row.due_on for row in rows] == sorted(row.due_on for row in rows)
    for by in ("step", "agency", "service"):
        counted = count_late(rows, by)
        assert set(counted) == {getattr(row, by) for row in rows}
        for key, many in counted.items():
            assert many == len({row.application for row in rows if getattr(row, by) == key})
        assert list(counted.values()) == sorted(counted.values(), reverse=True)
