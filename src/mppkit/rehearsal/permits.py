"""Permits rehearsed: who was served applies, officers work on it for weeks, on the real desk under a clock that jumps.

It says what people do (apply, take a step, send back, come back or not), and decides nothing about a permit: the desk
does. What the officers find open in the morning is their work of that day; nothing keeps them from it but the number
of steps that one of them takes a day. Each application has a chance of its own, by the seed and its visitor.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from random import Random

from attrs import define, frozen

from mppkit.blueprint import Blueprint
from mppkit.calendars import Opening, office_calendar
from mppkit.clock import VirtualClock
from mppkit.errors import RefusedError
from mppkit.permits.application import CATEGORY
from mppkit.permits.capacity import Use, ZoneCapacity
from mppkit.permits.capacity_ledger import ZONES
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.figures import PermitFigures
from mppkit.permits.model import Application, Status
from mppkit.permits.register import REGISTERS
from mppkit.permits.workflow import Effect, Step, StepOutcome
from mppkit.queues.model import LegOutcome, Ticket
from mppkit.rehearsal.applicants import document, documents_of, drawn_uses, uses_that_fit
from mppkit.rehearsal.habits import PermitHabits
from mppkit.rehearsal.visits import after_opening, last_instant, open_seconds
from mppkit.storage import EventStore, Query, StreamHead

_DAY = timedelta(days=1)


@frozen(kw_only=True)
class Served:
    """A visitor who was served at a service with a workflow, and when that ended."""

    at: datetime
    visitor: str
    service: str


@frozen(kw_only=True)
class RehearsedPermits:
    """What the permits that visitors applied for came to.

    Attributes:
        figures: of all applications, as they stood when nothing was running any more, or time was up.
        returned: how many were sent back for correction, once or oftener.
        escalated: for how many somebody was told that their time was over.
        without_room: how many were told, once or oftener, that their zone has no room for them.
        zones: what the zones can carry, and what is used of it.
        events: how many were recorded; ends: where each stream ends, by its version and digest.
    """

    figures: PermitFigures
    returned: int
    escalated: int
    without_room: int
    zones: tuple[ZoneCapacity, ...]
    events: int
    ends: Mapping[str, tuple[int, str]]


def served_on(blueprint: Blueprint, on: date, tickets: Iterable[Ticket]) -> tuple[Served, ...]:
    """Return who was served that day at a service with a workflow: each visitor once for each such service."""
    with_workflow = {service for workflow in blueprint.newest_workflows for service in workflow.services}
    found = {
        (ticket.number, service): leg.ended_at
        for ticket in tickets
        for leg in ticket.legs
        if leg.outcome is LegOutcome.FINISHED
        for service in leg.given or (leg.service,)
        if service in with_workflow
    }
    return tuple(Served(at=at, visitor=f"visitor-{on}-{number}", service=name) for (number, name), at in found.items())


def streams_of_permits(blueprint: Blueprint, store: EventStore) -> tuple[StreamHead, ...]:
    """Return the heads of all streams of a mall's permits: applications, registers and zones."""
    categories = (CATEGORY, REGISTERS.category, ZONES.category)
    return tuple(head for each in categories for head in store.find(Query(mall=blueprint.id, category=each)))


def days_at_most(days: Collection[date], habits: PermitHabits) -> int:
    """Return on how many calendar days there may be work on the permits of some rehearsed days."""
    return (_last_on(days, habits) - min(days)).days + 1


def work_on_permits(
    blueprint: Blueprint,
    store: EventStore,
    served: Iterable[Served],
    habits: PermitHabits,
    *,
    seed: int,
    days: Collection[date],
    progress: Callable[[int], None],
) -> RehearsedPermits:
    """Let visitors apply and officers work until nothing is running any more, or the weeks of the habits are over.

    Args:
        blueprint: the mall; it has workflows.
        store: where to; it holds no permits of the mall yet.
        served: who may apply.
        habits: how they go about it.
        seed: by which all chances are drawn.
        days: the rehearsed days, one or more; the officers begin on the first.
        progress: called with how many calendar days are over, and in the end with `days_at_most`.
    """
    first_on, last_on = min(days), _last_on(days, habits)
    clock = VirtualClock(datetime.combine(first_on, time(0), tzinfo=blueprint.calendar.zone))
    desk = PermitsDesk(
        mall=blueprint.id,
        store=store,
        directory=blueprint.directory,
        calendar=blueprint.calendar,
        workflows=blueprint.workflows,
        zones=blueprint.zones,
        policies=blueprint.permit_policies,
        clock=clock,
    )
    office = _Office(blueprint, desk, clock, habits, last_on)
    for each in served:
        chance = Random(f"{seed}/permit/{each.visitor}/{each.service}")  # noqa: S311 - no secret
        if chance.random() < habits.applying:
            office.expect(each, chance)
    office.work(first_on, progress)
    applications = [desk.application(each) for each in office.cases]
    heads = streams_of_permits(blueprint, store)
    return RehearsedPermits(
        figures=desk.figures(first_on, max(days)),
        returned=sum(bool(app.returns) for app in applications),
        escalated=sum(bool(app.escalated_for) for app in applications),
        without_room=sum(case.was_without_room for case in office.cases.values()),
        zones=tuple(desk.capacity(zone.id) for zone in blueprint.zones),
        events=sum(head.version for head in heads),
        ends={head.stream: (head.version, head.digest) for head in heads},
    )


def _last_on(days: Collection[date], habits: PermitHabits) -> date:
    return max(days) + timedelta(weeks=habits.weeks)


@define
class _Case:
    """What is known of an application besides what is recorded: its chance, and what was wanted at first.

    Attributes:
        editions: how many documents were brought.
        asked_for_less: whether it was sent back because the zone is full.
    """

    chance: Random
    wanted: tuple[Use, ...]
    editions: int = 0
    asked_for_less: bool = False
    was_without_room: bool = False


@define
class _Shift:
    """An officer's working day: what lies in the tray, how many steps may still be taken, the seconds that are over."""

    officer: str
    opening: Opening
    tray: deque[tuple[str, str]]
    left: int
    seconds: float = 0


class _Office:
    """Applicants and officers, and what they do one after the other."""

    def __init__(
        self,
        blueprint: Blueprint,
        desk: PermitsDesk,
        clock: VirtualClock,
        habits: PermitHabits,
        last_on: date,
    ) -> None:
        calendar = blueprint.calendar
        self.days = calendar if calendar.hours is not None else office_calendar(zone=calendar.zone)  # as the desk does
        self.zones = blueprint.zones
        self.desk = desk
        self.clock = clock
        self.habits = habits
        self.last_on = last_on
        roles = {step.role for workflow in blueprint.workflows for step in workflow.steps}
        self.officers = [each.id for each in blueprint.directory.officers if roles.intersection(each.roles)]
        self.to_come = 0
        self.cases: dict[str, _Case] = {}
        self.running: set[str] = set()
        self.in_hand: set[tuple[str, str]] = set()
        self.calendar: list[tuple[datetime, int, Callable[[], None]]] = []
        self.order = 0

    def later(self, at: datetime, happening: Callable[[], None]) -> None:
        self.order += 1  # what was planned first happens first
        heappush(self.calendar, (at, self.order, happening))

    def work(self, first_on: date, progress: Callable[[int], None]) -> None:
        """Let everything happen, from the morning of a date on."""
        ends_at = last_instant(self.last_on, self.days.zone)
        self.plan_morning(first_on)
        while (self.to_come or self.running) and self.calendar and self.calendar[0][0] <= ends_at:
            at, _, happening = heappop(self.calendar)
            self.clock.move_to(at)
            happening()
            progress((at.astimezone(self.days.zone).date() - first_on).days)
        if self.running:
            self.clock.move_to(ends_at)  # for so long they have been running
        progress((self.last_on - first_on).days + 1)

    def plan_morning(self, on: date) -> None:
        opening = self.next_opening(on)
        if opening is not None:
            self.later(opening.windows[0].opens_at, partial(self.morning, opening))

    def next_opening(self, on: date) -> Opening | None:
        """Return the first working day from a date on, as long as time is not up."""
        while on <= self.last_on:
            opening = self.days.opening(on)
            if opening.windows:
                return opening
            on += _DAY
        return None

    def stands(self, app: Application) -> None:
        """Take note of how an application stands."""
        if app.is_running:
            self.running.add(app.id)
        else:
            self.running.discard(app.id)

    # --- the applicants ---

    def expect(self, served: Served, chance: Random) -> None:
        """Let a visitor apply when the service ended."""
        self.to_come += 1
        self.later(served.at, partial(self.apply, served, chance))

    def apply(self, served: Served, chance: Random) -> None:
        self.to_come -= 1
        workflow = self.desk.workflow(served.service)
        zone, uses = drawn_uses(workflow, self.zones, self.habits, chance)
        begun = self.desk.draft(served.service, served.visitor, zone=zone, uses=uses)
        self.cases[begun.id] = _Case(chance, uses)
        for kind in documents_of(workflow):
            self.bring(begun, kind)
        self.stands(self.desk.submit(begun.id, actor=served.visitor))

    def bring(self, app: Application, kind: str) -> None:
        """Attach a document, the first of its kind or a corrected one."""
        case = self.cases[app.id]
        case.editions += 1
        self.desk.attach(app.id, document(app.id, kind, case.editions), actor=app.applicant)

    def sent_back(self, app: Application) -> None:
        """Decide when the applicant comes back, if ever."""
        never, share, second = (self.cases[app.id].chance.random() for _ in range(3))
        least, most = self.habits.correction_days
        now = self.clock.now()
        on = now.astimezone(self.days.zone).date() + timedelta(days=round(least + (most - least) * share))
        opening = self.next_opening(on)
        if never >= self.habits.never_back and opening is not None:
            # not before the morning, which enforces what was over in the night
            at = after_opening(opening, max(1, int(second * open_seconds(opening))))
            self.later(max(now, at), partial(self.come_back, app.id))

    def come_back(self, application: str) -> None:
        app, case = self.desk.application(application), self.cases[application]
        if app.status is not Status.RETURNED:
            return  # too late: it has lapsed
        if not case.asked_for_less:
            if kinds := documents_of(app.workflow):
                self.bring(app, case.chance.choice(kinds))
            self.stands(self.desk.resubmit(application, actor=app.applicant))
            return
        case.asked_for_less = False
        uses = self.what_fits(app)
        if uses is None:
            self.give_up(app)
        else:
            self.stands(self.desk.resubmit(application, uses=uses, actor=app.applicant))

    def what_fits(self, app: Application) -> tuple[Use, ...] | None:
        capacity = self.desk.capacity(app.zone or "")
        return uses_that_fit(self.cases[app.id].wanted, capacity, self.habits.accepts)

    def give_up(self, app: Application) -> None:
        self.stands(self.desk.withdraw(app.id, why="zona penuh / the zone is full", actor=app.applicant))

    # --- the officers ---

    def morning(self, opening: Opening) -> None:
        for done in self.desk.enforce_deadlines():
            self.stands(self.desk.application(done.application))
        for officer in self.officers if self.running else ():
            tray = deque((app.id, step) for app, step in self.desk.work_of(officer))
            self.take(_Shift(officer, opening, tray, self.habits.steps_a_day))
        self.plan_morning(opening.on + _DAY)

    def take(self, shift: _Shift) -> None:
        """Let an officer begin with what is due first of what lies there, if the day leaves time for it."""
        while shift.left and shift.tray:
            application, step = shift.tray.popleft()
            if (application, step) in self.in_hand or not _is_open(self.desk.application(application), step):
                continue  # a colleague has it, or it was sent back meanwhile
            least, most = self.habits.step_minutes
            minutes = least + (most - least) * self.cases[application].chance.random()
            shift.seconds += round(60 * minutes)
            if shift.seconds <= open_seconds(shift.opening):
                self.in_hand.add((application, step))
                at = after_opening(shift.opening, shift.seconds)
                self.later(at, partial(self.end_step, shift, application, step))
            return

    def end_step(self, shift: _Shift, application: str, step: str) -> None:
        self.in_hand.discard((application, step))
        app = self.desk.application(application)
        if _is_open(app, step):
            shift.left -= 1
            self.act(app, app.workflow.step(step), shift.officer)
        self.take(shift)

    def act(self, app: Application, step: Step, officer: str) -> None:
        outcome, reason = _ending(step, self.habits, self.cases[app.id].chance)
        if outcome.effect is Effect.ISSUE:
            self.stands(self.desk.issue(app.id, step.id, outcome.id, officer=officer))
            return
        try:
            after = self.desk.act(
                app.id,
                step.id,
                outcome.id,
                officer=officer,
                items=("dokumen perlu diperbaiki / a document is to be corrected",)
                if outcome.effect is Effect.RETURN
                else (),
                reasons=(reason,) if reason else (),
                conditions=("syarat rekaan / an invented condition",)
                if outcome.effect is Effect.GRANT_WITH_CONDITIONS
                else (),
            )
        except RefusedError as refusal:
            if self.desk.application(app.id).capacity != refusal.decision:
                raise
            self.zone_is_full(app, step, officer)
            return
        self.stands(after)
        if outcome.effect is Effect.RETURN:
            self.sent_back(after)

    def zone_is_full(self, app: Application, step: Step, officer: str) -> None:
        """Ask for less where that would help; else refuse, where the step can; else the applicant hears it and goes."""
        case = self.cases[app.id]
        case.was_without_room = True
        back = next((each for each in step.outcomes if each.effect is Effect.RETURN), None)
        code = self.habits.zone_full
        no = next((each for each in step.outcomes if each.effect is Effect.REFUSE and code in each.reasons), None)
        if back is not None and (no is None or self.what_fits(app) is not None):
            case.asked_for_less = True
            items = ("zona penuh: kurangi pemakaian / the zone is full: use less",)
            self.sent_back(self.desk.act(app.id, step.id, back.id, officer=officer, items=items))
        elif no is not None:
            self.stands(self.desk.act(app.id, step.id, no.id, officer=officer, reasons=(code,)))
        else:
            self.give_up(app)


def _is_open(app: Application, step: str) -> bool:
    return app.status is not Status.RETURNED and any(run.step == step for run in app.open)


def _ending(step: Step, habits: PermitHabits, chance: Random) -> tuple[StepOutcome, str | None]:
    """Draw how an officer ends a step, and the code of the reason where that is a refusal."""
    sent_back, refused, conditional, which = (chance.random() for _ in range(4))
    of = {effect: [each for each in step.outcomes if each.effect is effect] for effect in Effect}
    onwards = [*of[Effect.FORWARD], *of[Effect.GRANT], *of[Effect.ISSUE]]
    refusals = [(each, code) for each in of[Effect.REFUSE] for code in each.reasons if code != habits.zone_full]
    if of[Effect.RETURN] and sent_back < habits.returned:
        onwards = of[Effect.RETURN]
    elif refusals and refused < habits.refused:
        return refusals[int(which * len(refusals))]
    elif of[Effect.GRANT_WITH_CONDITIONS] and (conditional < habits.with_conditions or not onwards):
        onwards = of[Effect.GRANT_WITH_CONDITIONS]
    return onwards[int(which * len(onwards))], None
