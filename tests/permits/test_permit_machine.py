"""Random workflows, officers and zones, random commands from two desks, checked against a plain model of what follows.

The model shares no rule with the room: it plays each workflow as a board on which tokens move, keeps who holds what of
a zone in dicts, and counts working days one by one.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from attrs import Factory, define, evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import Reason
from mppkit.directory import Officer
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.permits.capacity import Limit, Use
from mppkit.permits.capacity_policies import AskForLess, LetPass, RefuseBeyond
from mppkit.permits.model import Application, Investment
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]

ZONE = ZoneInfo("Asia/Makassar")
DAYS = WorkingDays(office_calendar(zone=ZONE))
KINDS = ("ktp", "denah", "amdal")
POLICIES = (RefuseBeyond(), RefuseBeyond(), AskForLess(), LetPass())
STARTS = ("2026-11-24T09:00:00+08:00", "2026-12-22T23:30:00+08:00", "2026-03-16T08:00:00+08:00")
"""One of them shortly before the end of a year, at an hour that is another day in UTC; one before Nyepi and Lebaran."""
HOURS = (1, 5, 14, 24, 24, 72, 120, 240, 800)
GRANTS = (Effect.GRANT, Effect.GRANT_WITH_CONDITIONS)
ENDED = ("refused", "withdrawn", "lapsed", "revoked")
RUNNING = ("in_process", "returned", "granted")
ALL_ROLES = ("pemeriksa", "penilai", "pemutus")
ALL_AGENCIES = ("dpmptsp", "pupr")


# --- random workflows ------------------------------------------------------------------------------------------------


def a_workflow(choose: Choose[Any], workflow_id: str) -> Workflow:
    """Verify, perhaps in parallel, perhaps again, decide, issue; each step for a random role."""
    codes: list[str] = []
    steps: list[Step] = []

    def put(step_id: str, kind: StepKind, *outcomes: StepOutcome, may_return: bool = True) -> None:
        if may_return and choose((True, False)):
            outcomes = (*outcomes, StepOutcome(id="kembali", effect=Effect.RETURN))
        if kind is StepKind.VERIFY and choose((True, False, False)):
            outcomes = (*outcomes, refusal(f"{step_id}-tolak"))
        steps.append(
            Step(
                id=step_id,
                name=step_id,
                name_english=step_id,
                kind=kind,
                role=choose(ALL_ROLES),
                agency=choose((None, *ALL_AGENCIES)),
                working_days=choose((1, 2, 5)),
                documents=choose(((), (), ("denah",), ("denah", "amdal"))),
                reserves=kind is not StepKind.ISSUE and choose((True, False, False)),
                outcomes=outcomes,
            )
        )

    def refusal(outcome_id: str) -> StepOutcome:
        codes.append(outcome_id)
        return StepOutcome(id=outcome_id, effect=Effect.REFUSE, reasons=(outcome_id,))

    def on(
        *following: str, join: str | None = None, effect: Effect = Effect.FORWARD, name: str = "lanjut"
    ) -> StepOutcome:
        return StepOutcome(id=name, effect=effect, next=following, join=join)

    first = [f"awal-{n}" for n in range(choose((1, 2)))]
    branches = choose((0, 0, 2, 3))
    again = choose((True, False))
    middle = [f"cabang-{n}" for n in range(branches)]
    after = "tinjau" if again or choose((True, False)) else "putus"
    for index, step_id in enumerate(first):
        last = index == len(first) - 1
        following = on(*(middle or (after,)), join=after if middle else None) if last else on(first[index + 1])
        put(step_id, StepKind.VERIFY if not index else StepKind.ASSESS, following)
    for step_id in middle:
        if choose((True, False)):
            second = f"{step_id}-lagi"
            put(step_id, StepKind.ASSESS, on(second))
            loop = (on(step_id, name="ulang"),) if choose((True, False)) else ()
            put(second, StepKind.SITE_VISIT, on(after), *loop)
        else:
            put(step_id, choose((StepKind.ASSESS, StepKind.VERIFY, StepKind.SITE_VISIT)), on(after))
            if steps[-1].kind is StepKind.VERIFY:  # within a branch nothing ends
                kept = tuple(each for each in steps[-1].outcomes if each.effect is not Effect.REFUSE)
                codes[:] = [code for code in codes if not code.startswith(step_id)]
                steps[-1] = evolve(steps[-1], outcomes=kept)
    if after == "tinjau":
        loop = (on(choose(first), name="ulang"),) if again else ()
        put("tinjau", StepKind.SITE_VISIT, on("putus"), *loop)
    to_issue, join, later = choose(
        ((("terbit",), None, ()), (("serah",), None, ("serah",)), (("cap", "bayar"), "terbit", ("cap", "bayar")))
    )
    outcomes = [on(*to_issue, join=join, effect=Effect.GRANT, name="setuju")]
    if choose((True, False)):
        outcomes.append(on(*to_issue, join=join, effect=Effect.GRANT_WITH_CONDITIONS, name="bersyarat"))
    if choose((True, True, False)):
        outcomes.append(refusal("putus-tolak"))
    put("putus", StepKind.DECIDE, *outcomes)
    for step_id in later:
        put(step_id, StepKind.ASSESS, on("terbit"), may_return=False)
    put("terbit", StepKind.ISSUE, StepOutcome(id="terbitkan", effect=Effect.ISSUE), may_return=False)
    return Workflow(
        id=workflow_id,
        name=workflow_id,
        name_english=workflow_id,
        services=(workflow_id,),
        start=first[0],
        steps=tuple(steps),
        reasons=tuple(Reason(code=code, indonesian="Tidak.", english="No.") for code in codes),
        documents=choose(((), ("ktp",))),
        working_days=choose((None, 2, 8)),
        counts_from=choose(tuple(CountsFrom)),
        overdue=choose(tuple(Overdue)),
        escalates_to="pemutus",
        applicant_days=choose((None, 1, 4)),
        validity_months=choose((None, 1, 12)),
    )


def next_version(choose: Choose[Any], workflow: Workflow) -> Workflow:
    """The same with other terms; perhaps a step has another name, so that who stands there cannot move."""
    moved = evolve(workflow, version=2, working_days=choose((None, 1, 20)), applicant_days=choose((None, 2)))
    if choose((True, False)):
        return moved
    lost = choose([step.id for step in workflow.steps if step.id != "putus"])

    def renamed(step_id: str) -> str:
        return f"{step_id}-baru" if step_id == lost else step_id

    return evolve(
        moved,
        start=renamed(moved.start),
        steps=tuple(
            evolve(
                step,
                id=renamed(step.id),
                outcomes=tuple(
                    evolve(
                        outcome,
                        next=tuple(map(renamed, outcome.next)),
                        join=outcome.join and renamed(outcome.join),
                    )
                    for outcome in step.outcomes
                ),
            )
            for step in moved.steps
        ),
    )


# --- the model -------------------------------------------------------------------------------------------------------


@define
class Played:
    """One application on its board."""

    id: str
    workflow: Workflow
    zone: str | None
    uses: dict[str, Decimal]
    status: str = "draft"
    open: list[str] = Factory(list)
    waiting: dict[str, list[int]] = Factory(dict)
    """Of each join: how many branches it waits for, and how many have come."""
    documents: set[str] = Factory(set)
    held: str | None = None
    submitted_on: date | None = None
    complete_on: date | None = None
    returns: list[list[Any]] = Factory(list)
    """From and until which date, whether the application was not complete, and whether it was late by then."""
    told_for: set[date] = Factory(set)
    number: str | None = None
    valid_until: date | None = None
    conditions: tuple[str, ...] = ()
    deemed: bool = False
    taken: list[tuple[str, str]] = Factory(list)

    def step(self, step_id: str) -> Step | None:
        return next((each for each in self.workflow.steps if each.id == step_id), None)

    def leave(self, step_id: str, outcome: StepOutcome) -> None:
        """Take the token off a step, and put tokens where its outcome leads."""
        self.open.remove(step_id)
        self.taken.append((step_id, outcome.id))
        if outcome.join:
            self.waiting[outcome.join] = [len(outcome.next), 0]
        for target in outcome.next:
            if target in self.waiting:
                self.waiting[target][1] += 1
                if self.waiting[target][0] != self.waiting[target][1]:
                    continue
                del self.waiting[target]
            self.open.append(target)

    def end(self, status: str) -> None:
        self.status, self.held = status, None
        self.open.clear()
        self.waiting.clear()

    def counted_on(self) -> date | None:
        return self.complete_on if self.workflow.counts_from is CountsFrom.COMPLETE else self.submitted_on

    def due_on(self, today: date) -> date | None:
        """The last day on which the run is in time, one working day after the other."""
        on, left = self.counted_on(), self.workflow.working_days or 5
        if on is None:
            return None
        still = [(begun, ended or today) for begun, ended, *_ in self.returns]
        while left:
            on += timedelta(days=1)
            left -= DAYS.is_working(on) and not any(begun < on <= ended for begun, ended in still)
        for begun, ended in still:  # sent back on its last day: due on the day on which it comes back
            on = ended if begun == on else on
        return on

    def could_be_issued(self) -> bool:
        """Whether from each open step some way leads to the issue with the documents that are there."""

        def leads(step_id: str, before: frozenset[str]) -> bool:
            step = self.step(step_id)
            if step_id in before or not set(step.documents) <= self.documents:
                return False
            return any(
                each.effect is Effect.ISSUE
                or (each.next and all(leads(target, before | {step_id}) for target in each.next))
                for each in step.outcomes
            )

        return all(leads(step_id, frozenset()) for step_id in self.open)


def working_day_after(on: date, days: int) -> date:
    while days:
        on += timedelta(days=1)
        days -= DAYS.is_working(on)
    return on


def months_later(on: date, months: int) -> date:
    month = on.month - 1 + months
    year, month = on.year + month // 12, month % 12 + 1
    for day in range(on.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, on.day)


class Hall:
    """The office that is tested, the model beside it, and commands that do the same to both."""

    def __init__(self, make_office: Callable[..., Any], choose: Choose[Any]) -> None:
        workflows = [a_workflow(choose, workflow_id) for workflow_id in ("hotel", "sip")]
        newer = [next_version(choose, workflow) for workflow in workflows]
        self.older = {workflow.id: workflow for workflow in workflows}
        self.newer = {workflow.id: workflow for workflow in newer}
        self.policy = choose(POLICIES)
        self.officers = [
            Officer(
                id=f"pegawai-{n}",
                agency=choose(ALL_AGENCIES),
                roles=tuple(role for role in ALL_ROLES if choose((True, False))),
            )
            for n in range(4)
        ]
        self.officers += [Officer(id=f"serba-{agency}", agency=agency, roles=ALL_ROLES) for agency in ALL_AGENCIES]
        self.office = make_office(
            start=choose(STARTS),
            workflows=workflows,
            officers=self.officers,
            capacity=self.policy,
        )
        self.clock = self.office.clock
        self.knowing = self.office.another_desk(workflows=(*workflows, *newer))
        """The desk whose blueprint has both versions, as after a change that the other machine does not know yet."""
        self.desks = [self.office.desk, self.knowing]
        self.choose = choose
        self.played: dict[str, Played] = {}
        self.limits: dict[str, dict[str, Decimal]] = {
            "pantai": {"kamar": Decimal(100), "air": Decimal("250.5")},
            "bukit": {},
        }
        self.has_gone_beyond = False
        self.numbers: set[str] = set()
        self.requests: list[tuple[str, Callable[[Any], Application], str | None]] = []
        """The application, the command to repeat, and what was said where the zone refused."""
        self.asked = 0

    # --- small things ---

    @property
    def desk(self) -> Any:
        self.desks.reverse()  # they take turns, so each has always something to catch up
        return self.desks[0]

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def mostly(self) -> bool:
        """Whether to try what can work; true eight times of nine."""
        return self.choose((True,) * 8 + (False,))

    def pick(self, *statuses: str) -> Played | None:
        """An application to try something on: mostly one of these statuses, sometimes any."""
        fit = [each for each in self.played.values() if each.status in statuses]
        if not self.mostly():
            fit = list(self.played.values())
        return self.choose(fit) if fit else None

    def officer_for(self, step: Step | None) -> Officer:
        fit = [each for each in self.officers if step and can(each, step)]
        return self.choose(fit if fit and self.mostly() else self.officers)

    def some_uses(self) -> tuple[Use, ...]:
        amounts = {
            "kamar": self.choose((None, Decimal(10), Decimal(40), Decimal(60), Decimal("100"))),
            "air": self.choose((None, None, Decimal("0.25"), Decimal("125.25"))),
            "parkir": self.choose((None,) * 9 + (Decimal(1),)),
        }
        return tuple(Use(resource=key, amount=amount) for key, amount in amounts.items() if amount is not None)

    def held(self, zone: str, resource: str) -> Decimal:
        return sum(
            (app.uses.get(resource, Decimal(0)) for app in self.played.values() if app.zone == zone and app.held),
            Decimal(0),
        )

    def zone_gives(self, app: Played, wanted: dict[str, Decimal], *, override: bool = False) -> bool:
        """Whether the zone has room for what is more than before."""
        has = app.uses if app.held else {}
        more = {key: amount - has.get(key, 0) for key, amount in wanted.items() if amount > has.get(key, 0)}
        limits = self.limits[app.zone]
        if any(key not in limits for key in more):
            return False
        beyond = any(amount > limits[key] - self.held(app.zone, key) for key, amount in more.items())
        if beyond and override and isinstance(self.policy, LetPass):
            self.has_gone_beyond = True
            return True
        return not beyond

    def do(
        self,
        command: Callable[..., Application],
        app_id: str | None,
        errors: set[type[Exception]],
        *,
        refused_by_zone: bool = False,
    ) -> Application | None:
        """Do what must work where `errors` is empty, and must raise one of them else, with nothing recorded."""
        self.asked += 1
        request_id = f"klik-{self.asked}" if self.choose((True, False)) else None
        before = self.office.recorded()
        repeat = lambda desk: command(desk, request_id=request_id)  # noqa: E731
        done, error = attempt(repeat, self.desk)
        if error and refused_by_zone and not errors:
            assert isinstance(error, RefusedError), error
            assert self.office.names(app_id)[-1] == "capacity_advised"
            assert self.office.recorded() == before + 1
            if request_id:
                self.requests.append((app_id, repeat, str(error)))
            return None
        if error:
            assert type(error) in errors, (error, errors)
            assert self.office.recorded() == before, "something was recorded by what was refused"
            assert not isinstance(error, TransitionError) or error.step not in error.allowed, error
            return None
        assert not errors, f"this must not work: {errors}"
        assert not refused_by_zone, "the zone was full, and gave"
        if request_id and self.office.recorded() > before:
            self.requests.append((done.id, repeat, None))
        return done

    # --- what the applicant does ---

    def draft(self) -> None:
        service, zone = self.choose(("hotel", "sip")), self.choose((None, "pantai", "pantai", "pantai", "bukit"))
        uses = self.some_uses() if zone else ()
        app = self.do(
            lambda desk, **request: desk.draft(service, f"pemohon-{service}", zone=zone, uses=uses, **request),
            None,
            set(),
        )
        assert app.id not in self.played, "an id was given twice"
        assert app.workflow in (self.older[service], self.newer[service])
        self.played[app.id] = Played(
            id=app.id,
            workflow=app.workflow,
            zone=zone,
            uses={use.resource: use.amount for use in uses},
        )
        if self.mostly():
            for kind in KINDS:
                self.desk.attach(app.id, self.office.document(kind))
                self.played[app.id].documents.add(kind)

    def attach(self, kind: str, digit: str) -> None:
        if not (app := self.pick("draft", "in_process", "returned")):
            return
        document = self.office.document(kind, digit)
        errors = {TransitionError} if app.status in ENDED else set()
        late, before = self.time_would(app), len(self.office.names(app.id))
        if self.do(lambda desk, **request: desk.attach(app.id, document, **request), app.id, errors):
            app.documents.add(kind)
            has_come = len(self.office.names(app.id)) > before
            if has_come and late and late[1] == "escalate" and app.workflow.overdue is Overdue.DEEMED_GRANTED:
                app.told_for.add(late[0])  # too late for silence to grant it

    def submit(self) -> None:
        if not (app := self.pick("draft")):
            return
        errors: set[type[Exception]] = set()
        if app.status != "draft":
            errors.add(TransitionError)
        elif not set(app.workflow.documents) <= app.documents:
            errors.add(RefusedError)
        if self.do(lambda desk, **request: desk.submit(app.id, **request), app.id, errors):
            app.status, app.open = "in_process", [app.workflow.start]
            app.submitted_on = app.complete_on = self.today

    def resubmit(self, changes: bool) -> None:
        if not (app := self.pick("returned")):
            return
        uses = self.some_uses() or None if changes and app.zone else None
        wanted = {use.resource: use.amount for use in uses} if uses else None
        errors: set[type[Exception]] = set() if app.status == "returned" else {TransitionError}
        errors |= self.barred(app)
        refused = bool(wanted and app.held and not errors and wanted != app.uses and not self.zone_gives(app, wanted))
        command = lambda desk, **request: desk.resubmit(app.id, uses=uses, **request)  # noqa: E731
        if self.do(command, app.id, errors, refused_by_zone=refused):
            app.status, app.uses = "in_process", wanted or app.uses
            _, _, was_incomplete, was_late = app.returns[-1]
            app.returns[-1][1] = self.today
            if was_incomplete and not was_late:
                app.complete_on = self.today

    def withdraw(self) -> None:
        if not (app := self.pick("draft", *RUNNING)):
            return
        errors = set() if app.status in ("draft", *RUNNING) else {TransitionError}
        if self.do(lambda desk, **request: desk.withdraw(app.id, **request), app.id, errors):
            app.end("withdrawn")

    # --- what the officers do ---

    def act(self, *, back: bool = False) -> None:
        if not (app := self.pick("in_process", self.choose(("granted", "returned")) if back else "granted")):
            return
        ids = [step.id for step in app.workflow.steps]
        step_id = self.choose(app.open if app.open and self.mostly() else ids)
        step = app.step(step_id)
        wanted = [each for each in step.outcomes if (each.effect is Effect.RETURN if back else each.next)]
        outcome = self.choose(wanted if wanted and self.mostly() else step.outcomes)
        officer = self.officer_for(step)
        override = self.choose((None, None, None, "Menggantikan yang terbakar")) if app.uses and not app.held else None
        given = {
            Effect.RETURN: {"items": ["Denah"]},
            Effect.REFUSE: {"reasons": list(outcome.reasons)},
            Effect.GRANT_WITH_CONDITIONS: {"conditions": ["Sumur resapan"]},
        }.get(outcome.effect, {})
        errors: set[type[Exception]] = set()
        if step_id not in app.open or outcome.effect is Effect.ISSUE:
            errors.add(TransitionError)
        if app.status == "returned" and outcome.effect is not Effect.RETURN:
            errors.add(TransitionError)
        if not can(officer, step):
            errors.add(RefusedError)
        errors |= self.barred(app)
        goes_on = outcome.effect not in (Effect.RETURN, Effect.REFUSE)
        if goes_on and not set(step.documents) <= app.documents:
            errors.add(RefusedError)
        asks = bool(app.uses) and not app.held and goes_on and (step.reserves or outcome.effect in GRANTS)
        if override and goes_on and not asks:
            errors.add(InvalidValueError)
        if override and not goes_on:
            override = None
        refused = asks and not errors and not self.zone_gives(app, app.uses, override=bool(override))
        done = self.do(
            lambda desk, **request: desk.act(
                app.id, step_id, outcome.id, officer=officer.id, override=override, **given, **request
            ),
            app.id,
            errors,
            refused_by_zone=refused,
        )
        if not done:
            return
        if asks:
            app.held = "reserved"
        if outcome.effect is Effect.RETURN:
            was_incomplete = step.kind is StepKind.VERIFY
            if app.status == "returned":
                app.returns[-1][2] |= was_incomplete
            else:
                app.returns.append([self.today, None, was_incomplete, app.due_on(self.today) < self.today])
            app.status = "returned"
        elif outcome.effect is Effect.REFUSE:
            app.taken.append((step_id, outcome.id))
            app.end("refused")
        else:
            app.leave(step_id, outcome)
            if outcome.effect in GRANTS:
                app.status = "granted"
                app.conditions = tuple(given.get("conditions", ()))

    def issue(self) -> None:
        if not (app := self.pick("granted")):
            return
        issuing = [step for step in app.workflow.steps if step.kind is StepKind.ISSUE]
        step = self.choose(issuing if self.mostly() else app.workflow.steps)
        outcome, officer = step.outcomes[0], self.officer_for(step)
        errors: set[type[Exception]] = set()
        if step.id not in app.open or step.kind is not StepKind.ISSUE or app.status != "granted":
            errors.add(TransitionError)
        if not can(officer, step) or not set(step.documents) <= app.documents:
            errors.add(RefusedError)
        errors |= self.barred(app)
        done = self.do(
            lambda desk, **request: desk.issue(app.id, step.id, outcome.id, officer=officer.id, **request),
            app.id,
            errors,
        )
        if done:
            app.leave(step.id, outcome)
            self.permit_of(app, done)

    def permit_of(self, app: Played, done: Application, *, deemed: bool = False) -> None:
        app.open.clear()
        app.waiting.clear()
        app.status, app.number, app.deemed = "issued", done.permit.number, deemed
        app.held = "committed" if app.uses else None
        months = app.workflow.validity_months
        app.valid_until = None if months is None else months_later(self.today, months)
        assert app.number not in self.numbers, "a number was given twice"
        assert app.number.endswith(f"/{self.today.year}")
        self.numbers.add(app.number)

    def migrate(self) -> None:
        if not (app := self.pick("in_process", "granted")):
            return
        newer, officer = self.newer[app.workflow.id], self.officer_for(app.step("putus"))
        errors: set[type[Exception]] = set() if app.status in RUNNING else {TransitionError}
        if not can(officer, app.step("putus")):
            errors.add(RefusedError)
        if self.time_would(app):
            errors.add(TransitionError)
        there = {step.id: step.kind for step in newer.steps}
        if app.workflow.version == 1:
            gone = any(there.get(step_id) is not app.step(step_id).kind for step_id in app.open)
            if app.waiting or gone or self.barred(evolve(app, workflow=newer)):  # granted, or lapsed, before the move
                errors.add(RefusedError)
        migrated = self.do(
            lambda _, **request: self.knowing.migrate(app.id, 2, officer=officer.id, why="Perbup baru", **request),
            app.id,
            errors,
        )
        if migrated:
            app.workflow = newer

    # --- the permit ---

    def change_permit(self, verb: str) -> None:
        if not (app := self.pick("issued", "suspended")):
            return
        officer = self.officer_for(app.step("putus"))
        errors: set[type[Exception]] = set() if can(officer, app.step("putus")) else {RefusedError}
        possible = {"suspend": ("issued",), "reinstate": ("suspended",), "revoke": ("issued", "suspended")}
        possible["renew"] = ("issued",)
        if app.status not in possible[verb]:
            errors.add(TransitionError)
        if verb == "renew" and app.valid_until is None:
            errors.add(InvalidValueError)
        errors |= self.barred(app)
        more = {} if verb == "renew" else {"why": "Tidak sesuai"}
        command = lambda desk, **request: getattr(desk, verb)(app.id, officer=officer.id, **more, **request)  # noqa: E731
        if not self.do(command, app.id, errors):
            return
        if verb == "renew":
            app.valid_until = months_later(app.valid_until, app.workflow.validity_months)
        elif verb == "revoke":
            app.end("revoked")
        else:
            app.status = "suspended" if verb == "suspend" else "issued"

    def amend(self) -> None:
        if not (app := self.pick("issued")):
            return
        officer = self.officer_for(app.step("putus"))
        uses = (self.some_uses() or None) if app.zone else None
        wanted = {use.resource: use.amount for use in uses} if uses else None
        jobs = self.choose((None, 5, 7))
        money = None if jobs is None else Investment(rupiah=jobs * 10**9, jobs=jobs)
        override = self.choose((None, None, "Menggantikan yang terbakar")) if wanted and wanted != app.uses else None
        errors: set[type[Exception]] = set() if app.status == "issued" else {TransitionError}
        errors |= self.barred(app)
        if not can(officer, app.step("putus")):
            errors.add(RefusedError)
        now = self.office.desk.application(app.id)
        if (wanted is None or wanted == app.uses) and (money is None or money == now.investment):
            errors.add(InvalidValueError)
        asks = bool(wanted) and not errors and wanted != app.uses
        refused = asks and not self.zone_gives(app, wanted, override=bool(override))
        done = self.do(
            lambda desk, **request: desk.amend(
                app.id,
                officer=officer.id,
                why="Menambah kamar",
                uses=uses,
                investment=money,
                override=override,
                **request,
            ),
            app.id,
            errors,
            refused_by_zone=refused,
        )
        if done and asks:
            app.uses, app.held = wanted, "committed"
        if done and money:
            assert done.investment == money

    # --- zones, time ---

    def set_limit(self) -> None:
        zone, resource = self.choose(("pantai", "pantai", "bukit")), self.choose(("kamar", "air"))
        amount = self.choose((Decimal(30), Decimal(100), Decimal(160)))
        unit = "kamar" if resource == "kamar" else "m3/hari"
        limit = Limit(resource=resource, unit=unit, amount=amount, source="Perda 3/2026", dated_on=date(2026, 5, 2))
        capacity = self.desk.set_limit(zone, limit)
        self.limits[zone][resource] = amount
        stands = capacity.resource(resource)
        assert stands.limit.amount == amount
        assert stands.is_overcommitted == (self.held(zone, resource) > amount)
        self.has_gone_beyond |= stands.is_overcommitted

    def time_passes(self, hours: float) -> None:
        self.clock.advance(minutes=60 * hours)

    def enforce(self) -> None:
        expected = []
        order = [
            *sorted(each.id for each in self.played.values() if each.status in RUNNING),
            *sorted(each.id for each in self.played.values() if each.status in ("issued", "suspended")),
        ]
        happened = []
        for app in map(self.played.__getitem__, order):
            while what := self.time_does(app):
                expected.append((app.id, *what))
                happened.append(app)
        done = self.desk.enforce_deadlines(actor="mesin-1")
        assert [(each.application, each.due_on, each.consequence.value) for each in done] == expected
        for app, (_, _, consequence) in zip(happened, expected, strict=True):
            if consequence == "issue":
                self.permit_of(app, self.desk.application(app.id), deemed=True)
        before = self.office.recorded()
        assert self.desk.enforce_deadlines(actor="mesin-2") == (), "a second run must find nothing left to do"
        assert self.office.recorded() == before

    def time_does(self, app: Played) -> tuple[date, str] | None:
        """What a run of the deadlines must do to an application now; done to the model."""
        if not (what := self.time_would(app)):
            return None
        due, consequence = what
        if consequence == "lapse":
            app.end("lapsed")
            return what
        if consequence == "issue" and (app.held or not app.uses or self.zone_gives(app, app.uses)):
            if app.status != "granted":
                app.conditions = ()
            app.held = "committed" if app.uses else None
            app.status = "issued"
            return what
        app.told_for.add(due)
        return due, "escalate"

    def time_would(self, app: Played) -> tuple[date, str] | None:
        """What has to follow now from a deadline that is over, if the zone has room."""
        if app.status in ("issued", "suspended"):
            over = app.valid_until is not None and self.today > app.valid_until
            return (app.valid_until, "lapse") if over else None
        if app.status not in RUNNING:
            return None
        due = app.due_on(self.today)
        if self.today > due and due not in app.told_for:
            silence = app.workflow.overdue is Overdue.DEEMED_GRANTED and app.could_be_issued()
            return due, "issue" if silence else "escalate"
        if app.status == "returned" and app.workflow.applicant_days is not None:
            last = working_day_after(app.returns[-1][0], app.workflow.applicant_days)
            return (last, "lapse") if self.today > last else None
        return None

    def barred(self, app: Played) -> set[type[Exception]]:
        """What a command raises on what time has granted or ended, though nobody has enforced it yet."""
        what = self.time_would(app)
        return {TransitionError} if what and what[1] != "escalate" else set()

    # --- asking twice ---

    def again(self) -> None:
        if not self.requests:
            return
        app_id, command, refusal = self.choose(self.requests)
        before = self.office.recorded()
        done, error = attempt(command, self.desk)
        assert (str(error) if error else None) == refusal
        assert error or done == self.desk.application(app_id)
        assert self.office.recorded() == before, "a repeated request recorded something"

    # --- what always holds ---

    def all_holds(self) -> None:
        for app in self.played.values():
            self.check(app)
        for zone, limits in self.limits.items():
            ledger = self.office.check_zone(zone)
            capacity = self.desk.capacity(zone)
            assert {key: each.limit.amount for key, each in ledger.resources.items()} == limits or not ledger.resources
            for stands in capacity.resources:
                held = self.held(zone, stands.limit.resource)
                assert stands.committed + stands.reserved == held
                if isinstance(self.policy, RefuseBeyond) and not self.has_gone_beyond:
                    assert stands.free >= 0, "a zone was oversold"
            for app in self.played.values():
                if app.zone == zone:
                    assert (app.id in ledger.holdings) == (app.held is not None)
                    if app.held:
                        assert ledger.holdings[app.id].status.value == app.held
                        assert ledger.holdings[app.id].amounts == app.uses

    def check(self, app: Played) -> None:
        real = self.office.refolded(app.id)
        assert real == self.desks[0].application(app.id) == self.desks[1].application(app.id)
        assert real.status.value == app.status, (app, real.status)
        assert sorted(run.step for run in real.open) == sorted(app.open)
        assert {each.step: each.left for each in real.joins} == {
            step: needed - come for step, (needed, come) in app.waiting.items()
        }
        assert {each.kind for each in real.documents} == app.documents
        assert {use.resource: use.amount for use in real.uses} == app.uses
        assert real.holds_capacity == (app.held is not None)
        assert real.workflow == app.workflow
        assert [(run.step, run.outcome) for run in real.done if run.outcome is not None] == app.taken
        assert (real.permit.number if real.permit else None) == app.number
        if real.permit:
            assert real.permit.valid_until == app.valid_until
            assert real.permit.conditions == app.conditions == real.conditions
            assert real.permit.deemed == app.deemed
        assert set(real.escalated_for) == app.told_for
        assert (real.ended_at is not None) == (app.status in ENDED)
        assert [(each.resubmitted_at is None) for each in real.returns] == [
            until is None for _, until, *_ in app.returns
        ]
        [head] = [each for each in self.desk.applications(applicant=real.applicant) if each.stream.endswith(app.id)]
        assert head.version == len(self.office.names(app.id))
        due = app.due_on(head.updated_at.astimezone(ZONE).date()) if app.status in ("in_process", "granted") else None
        assert dict(head.labels) == {
            key: value
            for key, value in {
                "status": app.status,
                "service": app.workflow.services[0],
                "applicant": f"pemohon-{app.workflow.services[0]}",
                "workflow": app.workflow.id,
                "zone": app.zone,
                "running": 1 if app.status in RUNNING else None,
                "due_on": due.isoformat() if due else None,
                "drafted_at": real.drafted_at.isoformat(),
                "number": app.number,
                "valid_until": app.valid_until.isoformat() if app.valid_until and app.status not in ENDED else None,
            }.items()
            if value is not None
        }
        if app.status == "returned":
            assert self.desk.term(app.id).stands_still
        barred = bool(self.barred(app))
        offered = self.desk.explain(app.id).allowed
        if barred:
            assert offered == (("attach", "withdraw") if app.status in RUNNING else ("attach",))
        assert ("migrate" in offered) == (app.status in RUNNING and not self.time_would(app))
        takes = 0 if barred or app.status == "returned" else len(app.open)
        assert len({step for step, _ in self.work_of(app)}) == takes

    def work_of(self, app: Played) -> list[tuple[str, str]]:
        """Which open steps of it anybody finds in the list of their work; two who may take all are there."""
        return [
            (step, officer.id)
            for officer in self.officers[-2:]
            for each, step in self.desks[0].work_of(officer.id)
            if each.id == app.id
        ]


def attempt(command: Callable[[Any], Application], desk: Any) -> tuple[Application | None, Exception | None]:
    try:
        return command(desk), None
    except (InvalidValueError, NotFoundError, RefusedError, TransitionError) as error:
        return None, error


def can(officer: Officer, step: Step) -> bool:
    return step.role in officer.roles and step.agency in (None, officer.agency)


def weighted(hall: Hall) -> list[tuple[int, Callable[[], None]]]:
    """The commands, weighted as in a busy office."""
    choose = hall.choose
    return [
        (33, hall.act),
        (9, hall.issue),
        (7, hall.submit),
        (6, lambda: hall.time_passes(choose(HOURS))),
        (6, lambda: hall.resubmit(choose((True, False)))),
        (5, hall.enforce),
        (5, hall.again),
        (6, hall.amend),
        (8, lambda: hall.change_permit(choose(("renew", "renew", "suspend", "reinstate", "revoke")))),
        (4, hall.draft),
        (3, lambda: hall.attach(choose(KINDS), choose(("a", "b")))),
        (2, hall.set_limit),
        (5, lambda: hall.act(back=True)),
        (2, hall.migrate),
        (1, hall.withdraw),
    ]


# --- the machine -----------------------------------------------------------------------------------------------------


@pytest.fixture
def machine(make_office: Callable[..., Any]) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        @initialize(data=st.data())
        def set_up(self, data: st.DataObject) -> None:
            self.data = data
            self.hall = Hall(make_office, self.choose)
            for _ in range(2):
                self.hall.draft()

        def choose(self, among: Sequence[T]) -> T:
            return self.data.draw(st.sampled_from(among))

        @rule(data=st.data())
        def step(self, data: st.DataObject) -> None:
            self.data = data
            self.choose([command for weight, command in weighted(self.hall) for _ in range(weight)])()
            self.hall.all_holds()

    return Machine


def test_no_command_sequence_breaks_an_office(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("seed", range(24))
def test_no_long_year_breaks_an_office(make_office: Callable[..., Any], seed: int) -> None:
    """The same on long walks that mostly take possible steps, which chance alone seldom strings together."""
    random = Random(seed)
    hall = Hall(make_office, random.choice)
    for _ in range(3):
        hall.draft()
    for turn in range(180):
        weights, commands = zip(*weighted(hall), strict=True)
        random.choices(commands, weights)[0]()
        if turn % 4 == 0:
            hall.all_holds()
    hall.all_holds()
