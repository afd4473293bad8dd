"""Orders of cases: whatever the desk's rules allow comes back from a log as it was, and nothing else does."""

import csv
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from mppkit.decisions import Reason
from mppkit.directory import Officer
from mppkit.errors import NotFoundError, TransitionError
from mppkit.permits import events as e
from mppkit.permits import rules
from mppkit.permits.application import folded
from mppkit.permits.case_mapping import Move, Word, is_possible, moves_of, possible
from mppkit.permits.history import UNSAID, CaseLog, Fault, read_case_log
from mppkit.permits.model import Application
from mppkit.permits.policies import months_after
from mppkit.permits.soundness import problems_of
from mppkit.permits.workflow import Effect, Step, StepKind, StepOutcome, Workflow

MAKASSAR = ZoneInfo("Asia/Makassar")
NEW_YEAR = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
OFFICERS = ("Ni Luh A.", "I Made B.", "Sri C.")


def outcome(
    outcome_id: str, effect: Effect, *then: str, join: str | None = None, why: Sequence[str] = ()
) -> StepOutcome:
    return StepOutcome(id=outcome_id, effect=effect, next=then, join=join, reasons=tuple(why))


def step(step_id: str, kind: StepKind, *outcomes: StepOutcome) -> Step:
    return Step(
        id=step_id, name=step_id, name_english=step_id, kind=kind, role="petugas", working_days=2, outcomes=outcomes
    )


WORKFLOW = Workflow(
    id="izin-hotel",
    name="Izin hotel",
    name_english="Hotel permit",
    services=("izin-hotel",),
    start="periksa",
    steps=(
        step(
            "periksa",
            StepKind.VERIFY,
            outcome("lengkap", Effect.FORWARD, "lingkungan", "bangunan", join="tinjau"),
            outcome("kurang", Effect.RETURN),
            outcome("bukan", Effect.REFUSE, why=["salah-alamat"]),
        ),
        step(
            "lingkungan",
            StepKind.ASSESS,
            outcome("layak", Effect.FORWARD, "tinjau"),
            outcome("perbaiki", Effect.RETURN),
            outcome("jelaskan", Effect.RETURN),
        ),
        step("bangunan", StepKind.ASSESS, outcome("layak", Effect.FORWARD, "hitung")),
        step("hitung", StepKind.ASSESS, outcome("cukup", Effect.FORWARD, "tinjau"), outcome("ulang", Effect.RETURN)),
        step(
            "tinjau",
            StepKind.SITE_VISIT,
            outcome("sesuai", Effect.FORWARD, "putus"),
            outcome("mulai-lagi", Effect.FORWARD, "periksa"),
        ),
        step(
            "putus",
            StepKind.DECIDE,
            outcome("ya", Effect.GRANT, "terbit"),
            outcome("ya-bila", Effect.GRANT_WITH_CONDITIONS, "retribusi"),
            outcome("tidak", Effect.REFUSE, why=["tata-ruang", "salah-alamat"]),
        ),
        step("retribusi", StepKind.VERIFY, outcome("lunas", Effect.FORWARD, "terbit")),
        step("terbit", StepKind.ISSUE, outcome("izin", Effect.ISSUE)),
    ),
    reasons=(
        Reason(code="tata-ruang", indonesian="Tidak sesuai tata ruang.", english="Not in line with the spatial plan."),
        Reason(code="salah-alamat", indonesian="Bukan wewenang kami.", english="Not ours to decide."),
    ),
    escalates_to="petugas",
    validity_months=24,
)


def named(move: Move) -> Move:
    """Return a move as the log's activities have it: every refusal says why."""
    effect = WORKFLOW.step(move.step).outcome(move.outcome).effect if move.step else None
    return evolve(move, reason="salah-alamat") if effect is Effect.REFUSE else move


MOVES = [named(move) for move in moves_of(WORKFLOW) if move.word is not Word.IGNORE]
MAPPING = {f"Kegiatan {number}": str(move) for number, move in enumerate(MOVES)} | {"Izin diambil": "ignore"}
ACTIVITY = {move: activity for activity, move in zip(MAPPING, MOVES, strict=False)}


def answered(app: Application | None, key: str, move: Move, officer: str, at: datetime) -> Sequence[e.PermitEvent]:
    acting = Officer(id=officer, agency="dpmptsp", roles=("petugas",))
    if move.word is Word.SUBMIT:
        drafted = rules.draft(
            app,
            service="izin-hotel",
            applicant=f"pemohon-{key}",
            workflow=WORKFLOW,
            activity=None,
            investment=None,
            zone=None,
            uses=(),
        ).events
        begun = folded(key, app, drafted[0], at) if drafted else app
        return (*drafted, *rules.submit(begun).events)
    app = rules.known(app, key)
    if move.word is Word.RESUBMIT:
        return rules.resubmit(app, investment=None, uses=None).events
    if move.word is Word.WITHDRAW:
        return rules.withdraw(app, "").events
    effect = WORKFLOW.step(move.step).outcome(move.outcome).effect
    if effect is Effect.ISSUE:
        on = at.astimezone(MAKASSAR).date()
        number = f"tanpa-nomor/{key}"
        until = months_after(on, 24)
        return rules.issue(app, move.step, move.outcome, acting, number=number, on=on, until=until).events
    done = rules.Act(
        step=move.step,
        outcome=move.outcome,
        items=(UNSAID,) if effect is Effect.RETURN else (),
        reasons=("salah-alamat",) if effect is Effect.REFUSE else (),
        conditions=(UNSAID,) if effect is Effect.GRANT_WITH_CONDITIONS else (),
    )
    return rules.act(app, done, acting).events


def by_the_rules(
    app: Application | None, key: str, move: Move, officer: str, at: datetime
) -> Sequence[e.PermitEvent] | None:
    """Return what the desk's own rules answer to a move, None where they refuse it."""
    try:
        return answered(app, key, move, officer, at)
    except (TransitionError, NotFoundError):
        return None


@frozen
class Told:
    """A row of a log."""

    case: str
    move: Move
    at: datetime
    resource: str


def replayed(key: str, rows: Sequence[Told]) -> tuple[list[tuple[datetime, e.PermitEvent]], int | None]:
    """Return what the rules make of the rows of one case, and the index of the first row they refuse."""
    app, happened = None, []
    for index, row in enumerate(rows):
        events = by_the_rules(app, key, row.move, officer_id(row.resource), row.at)
        if events is None:
            return happened, index
        for event in events:
            app = folded(key, app, event, row.at)
            happened.append((row.at, event))
    return happened, None


def told_by_the_rules(runs: Sequence[Sequence[Told]]) -> dict[str, list[tuple[datetime, e.PermitEvent]]]:
    return {run[0].case: replayed(f"log-{run[0].case}", run)[0] for run in runs}


def officer_id(name: str) -> str:
    return f"petugas-{OFFICERS.index(name)}"


@st.composite
def stories(draw: st.DrawFn, case: str, gap: st.SearchStrategy[timedelta]) -> list[Told]:
    """Draw a run of the workflow that the rules allow, to its end or to some point on the way."""
    at, app = NEW_YEAR + draw(gap), None
    rows: list[Told] = []
    key = f"log-{case}"
    for _ in range(draw(st.integers(1, 22))):
        name = draw(st.sampled_from(OFFICERS))
        answers = {move: by_the_rules(app, key, move, officer_id(name), at) for move in MOVES}
        ways = [move for move, events in answers.items() if events is not None]
        if not ways:
            break
        onward = [move for move in ways if move.word is not Word.WITHDRAW]
        move = draw(st.sampled_from(onward if onward and draw(st.integers(0, 9)) else ways))
        for event in answers[move]:
            app = folded(key, app, event, at)
        rows.append(Told(case, move, at, name))
        at += draw(gap)
    return rows


SOME = st.integers(1, 400_000).map(lambda seconds: timedelta(seconds=seconds))
"""Between two rows of a case, so that their order is in their instants."""
OR_NONE = st.integers(0, 3).map(lambda seconds: timedelta(seconds=seconds))
"""With rows of one instant, whose order is that of the lines."""


@st.composite
def logs(draw: st.DrawFn, gap: st.SearchStrategy[timedelta]) -> list[list[Told]]:
    return [draw(stories(f"K-{number}", gap)) for number in range(draw(st.integers(1, 4)))]


def written(rows: Sequence[Told], path: Path) -> None:
    """Write a log; no two lines are alike letter for letter, as each has its number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["no", "case", "activity", "at", "resource"])
        for number, row in enumerate(rows):
            local = f"{row.at.astimezone(MAKASSAR):%Y-%m-%d %H:%M:%S}"
            out.writerow([number, row.case, ACTIVITY[row.move], local, row.resource])


def read(rows: Sequence[Told], path: Path) -> CaseLog:
    written(rows, path)
    officers = {name: officer_id(name) for name in OFFICERS}
    return read_case_log(path, MAPPING, workflow=WORKFLOW, zone=MAKASSAR, officers=officers)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("orders") / "log.csv"


def test_the_workflow_of_these_tests_is_sound() -> None:
    assert problems_of(WORKFLOW) == ()


@given(runs=logs(SOME), seed=st.integers(0, 2**32))
def test_legal_runs_come_back_as_the_same_applications_from_rows_in_any_order(
    runs: list[list[Told]], seed: int, path: Path
) -> None:
    rows = [row for run in runs for row in run]
    random.Random(seed).shuffle(rows)
    log = read(rows, path)
    assert (log.findings, log.left_out, log.rows) == ((), 0, len(rows))
    assert {case.number: list(case.happened) for case in log.cases} == told_by_the_rules(runs)
    for case in log.cases:
        app = None
        for at, event in case.happened:
            app = folded(case.id, app, event, at)
        assert case.application == app


@given(runs=logs(OR_NONE))
def test_rows_of_one_instant_keep_the_order_of_their_lines(runs: list[list[Told]], path: Path) -> None:
    longest = max(map(len, runs))
    rows = [run[index] for index in range(longest) for run in runs if index < len(run)]
    log = read(rows, path)
    assert log.findings == ()
    assert {case.number: list(case.happened) for case in log.cases} == told_by_the_rules(runs)


@given(
    runs=logs(SOME),
    damage=st.lists(
        st.tuples(st.sampled_from(["swap", "drop", "duplicate", "other"]), st.integers(0, 999), st.integers(0, 999)),
        min_size=1,
        max_size=4,
    ),
)
def test_a_damaged_run_is_told_by_case_and_line_exactly_where_the_rules_refuse_it(
    runs: list[list[Told]], damage: list[tuple[str, int, int]], path: Path
) -> None:
    rows = [row for run in runs for row in run]
    for how, one, other in damage:
        here, there = one % len(rows), other % len(rows)
        if how == "swap":  # the instants of two rows
            at, elsewhen = rows[here].at, rows[there].at
            rows[here], rows[there] = evolve(rows[here], at=elsewhen), evolve(rows[there], at=at)
        elif how == "drop" and len(rows) > 1:
            del rows[here]
        elif how == "duplicate":
            rows.insert(there, rows[here])
        elif how == "other":
            rows[here] = evolve(rows[here], move=MOVES[other % len(MOVES)])
    log = read(rows, path)

    expected, refused = {}, {}
    for case in {row.case for row in rows}:
        lines = sorted((row.at, line) for line, row in enumerate(rows, 2) if row.case == case)
        happened, wrong = replayed(f"log-{case}", [rows[line - 2] for _, line in lines])
        if wrong is None:
            expected[case] = happened
        else:
            refused[case] = lines[wrong][1]
    assert {case.number: list(case.happened) for case in log.cases} == expected
    assert {finding.case: finding.line for finding in log.findings} == refused
    assert all(finding.fault is Fault.ILLEGAL_ORDER for finding in log.findings)
    assert log.left_out == len(refused) == len(log.findings)
    for finding in log.findings:
        assert str(evolve(rows[finding.line - 2].move, reason="")) not in finding.allowed


@given(run=stories("K-1", SOME))
def test_what_is_said_to_be_possible_is_what_the_rules_allow(run: list[Told]) -> None:
    app: Application | None = None
    for row in run:
        for event in by_the_rules(app, "log-K-1", row.move, "petugas-0", row.at):
            app = folded("log-K-1", app, event, row.at)
        allowed = [move for move in MOVES if by_the_rules(app, "log-K-1", move, "petugas-0", row.at) is not None]
        assert [move for move in MOVES if is_possible(app, move)] == allowed
        assert list(possible(app, WORKFLOW)) == [str(evolve(move, reason="")) for move in allowed]
