"""The permit desk: what a portal, an office or a script calls.

Each command asks the rules, records what they answer, and returns the application as it then stands. Every command
takes a `request_id`: repeated under the same one it records nothing and returns the same thing. `actor` is the id of
who did it, never a name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from attrs import evolve, frozen

from mppkit.aggregates import Repository
from mppkit.calendars import Calendar, WorkingDays, office_calendar
from mppkit.clock import Clock, as_utc
from mppkit.directory import Directory, Officer
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError
from mppkit.identity.recordable import checked_date, checked_person, checked_person_or_none
from mppkit.ids import check_id, split_stream
from mppkit.permits import capacity_rules, claiming, deadlines, register, rules
from mppkit.permits import events as e
from mppkit.permits.application import Case, applications
from mppkit.permits.capacity import Limit, Use, Zone, ZoneCapacity
from mppkit.permits.capacity_events import CapacityEvent
from mppkit.permits.capacity_ledger import ZONES, Ledger, after
from mppkit.permits.claiming import Plan
from mppkit.permits.deadlines import Consequence
from mppkit.permits.explaining import Explanation, explain
from mppkit.permits.figures import PermitFigures, figures
from mppkit.permits.model import Activity, Application, Document, Investment, Status
from mppkit.permits.policies import NumberAsk, PermitPolicies, checked_number, months_after
from mppkit.permits.register import REGISTERS, Register, RegisterEvent
from mppkit.permits.rules import Act, known
from mppkit.permits.timing import Late, Term, due_on, late, run_term, step_terms
from mppkit.permits.workflow import Workflow
from mppkit.storage.port import EventStore, Op, StreamHead, Where

T = TypeVar("T")


@frozen(kw_only=True)
class Enforced:
    """What a run of the deadlines did to one application.

    Attributes:
        due_on: the last date on which it would have been in time.
    """

    application: str
    due_on: date
    consequence: Consequence


class PermitsDesk:
    """The applications, permits and zones of one mall; may be used from any thread.

    What a command names and is not there raises NotFoundError; a step that is not possible from where things stand
    raises TransitionError, which says what is; who may not act, and a zone that is full, raise RefusedError with the
    decision; a value that may not be recorded raises InvalidValueError.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        directory: Directory,
        calendar: Calendar,
        workflows: Sequence[Workflow],
        zones: Sequence[Zone] = (),
        policies: PermitPolicies | None = None,
        clock: Clock,
    ) -> None:
        counted = calendar if calendar.hours is not None else office_calendar(zone=calendar.zone)
        self._days = WorkingDays(counted)
        self._directory = directory
        self._workflows = tuple(workflows)
        self._zones = {zone.id: zone for zone in zones}
        self._policies = policies or PermitPolicies()
        self._clock = clock
        kind = applications(lambda application, at: due_on(application, self._days, at))
        self._cases: Repository[Case, e.PermitEvent] = Repository(kind, store, mall)
        self._ledgers: Repository[Ledger, CapacityEvent] = Repository(ZONES, store, mall)
        self._registers: Repository[Register, RegisterEvent] = Repository(REGISTERS, store, mall)

    # --- what the applicant does -------------------------------------------------------------------------------------

    def draft(
        self,
        service: str,
        applicant: str,
        *,
        activity: Activity | None = None,
        investment: Investment | None = None,
        zone: str | None = None,
        uses: Sequence[Use] = (),
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Application:
        """Begin an application for a service; it gets its id here.

        Args:
            service: the service whose workflow it takes, in its newest version.
            applicant: the id of who applies, never a name.
            activity: the business activity, as it was classified.
            investment: what the business will bring.
            zone: where it lies; needed where it would use something of it.
            uses: what it would use of what the zone can carry.
            request_id: repeated under the same one, it begins no second application.
            actor: the id of who did it; the applicant if not given.

        Raises:
            NotFoundError: there is no such service or zone, or no workflow for the service.
        """
        self._directory.service(service)
        workflow = self.workflow(service)
        if zone is not None:
            self._zone(zone)
        actor = checked_person_or_none(actor, "actor") or applicant
        # looked at before a number is taken
        begin = partial(
            rules.draft,
            service=service,
            applicant=applicant,
            workflow=workflow,
            activity=activity,
            investment=investment,
            zone=zone,
            uses=uses,
        )
        begin(None)
        now = self._clock.now()
        application = self._enter(now, request_id, actor)
        drafted = self._cases.execute(
            application,
            lambda case, at: begin(case.application).events,
            lambda case, _: known(case.application, application),
            at=now,
            request_id=request_id,
            actor=actor,
        )
        if (drafted.service, drafted.applicant) != (service, applicant):
            raise _other_request(request_id)
        return drafted

    def attach(
        self, application: str, document: Document, *, request_id: str | None = None, actor: str | None = None
    ) -> Application:
        """Attach a document, or put it in the place of the one of its kind."""
        return self._do(
            e.DocumentAttached,
            {"digest": document.digest} if isinstance(document, Document) else {},
            application,
            lambda app, at: rules.attach(app, document),
            request_id,
            actor,
        )

    def submit(self, application: str, *, request_id: str | None = None, actor: str | None = None) -> Application:
        """Submit an application: its first step begins, and its clock.

        Raises:
            RefusedError: documents that its workflow asks for are not there; names each.
        """
        return self._do(e.Submitted, {}, application, lambda app, at: rules.submit(app), request_id, actor)

    def resubmit(
        self,
        application: str,
        *,
        investment: Investment | None = None,
        uses: Sequence[Use] | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Application:
        """Bring back an application that was returned; its clock runs on.

        Raises:
            RefusedError: it asks for more than the zone has left.
        """
        return self._do(
            e.Resubmitted,
            {},
            application,
            lambda app, at: rules.resubmit(app, investment=investment, uses=uses),
            request_id,
            actor,
        )

    def withdraw(
        self, application: str, *, why: str = "", request_id: str | None = None, actor: str | None = None
    ) -> Application:
        """Withdraw an application; what it held of its zone is free again."""
        return self._do(
            e.Withdrawn, {"why": why}, application, lambda app, at: rules.withdraw(app, why), request_id, actor
        )

    # --- what the officers do ----------------------------------------------------------------------------------------

    def act(
        self,
        application: str,
        step: str,
        outcome: str,
        *,
        officer: str,
        note: str = "",
        items: Sequence[str] = (),
        reasons: Sequence[str] = (),
        conditions: Sequence[str] = (),
        override: str | None = None,
        request_id: str | None = None,
    ) -> Application:
        """End an open step with one of its outcomes: go forward, return it for correction, grant or refuse.

        Args:
            application: its id.
            step: the step, which must be open.
            outcome: one of its outcomes; its effect says what happens.
            officer: the id of who acts; must have the step's role, and be of its agency.
            note: what the officer has to say; names no person.
            items: what is to be corrected, where it is returned.
            reasons: codes of the workflow's reasons, where it is refused.
            conditions: what must be kept to, where it is granted with conditions.
            override: the officer's reason to go beyond what the zone can carry, where the policy lets it.
            request_id: repeated under the same one, it records nothing.

        Raises:
            RefusedError: the officer may not act, a document is missing, or the zone has no room; the last is recorded.
        """
        done = Act(
            step=step,
            outcome=outcome,
            note=note,
            items=_texts("items", items),
            reasons=_texts("reasons", reasons),
            conditions=_texts("conditions", conditions),
            override=override,
        )
        acting = self._officer(officer)
        return self._do(
            (e.StepDone, e.Returned, e.Decided),
            {"step": step, "outcome": outcome},
            application,
            lambda app, at: rules.act(app, done, acting),
            request_id,
            officer,
        )

    def issue(
        self, application: str, step: str, outcome: str, *, officer: str, request_id: str | None = None
    ) -> Application:
        """Issue the permit that was granted: it gets its number, and what was reserved of the zone is used from now on.

        Raises:
            RefusedError: the officer may not act, or a document is missing.
        """
        acting = self._officer(officer)
        before = self.application(application)
        if before.permit is None:
            # looked at before a number is taken
            rules.issue(before, step, outcome, acting, number="-", on=self._local(self._clock.now()), until=None)
        number = self._number(before)

        def issued(app: Application, at: datetime) -> Plan:
            on = self._local(at)
            months = app.workflow.validity_months
            until = None if months is None else months_after(on, months)
            return rules.issue(app, step, outcome, acting, number=number, on=on, until=until)

        return self._do(e.Issued, {"step": step}, application, issued, request_id, officer)

    def migrate(
        self, application: str, version: int, *, officer: str, why: str, request_id: str | None = None
    ) -> Application:
        """Move a running application to another version of its workflow, where its open steps still exist.

        Raises:
            NotFoundError: the blueprint has no such version.
            RefusedError: an open step does not exist in it, or stands in another part of the run, beyond the grant or
                in a parallel branch; or parallel steps are still out.
        """
        acting = self._officer(officer)

        def moved(app: Application, at: datetime) -> Plan:
            there = {each.version: each for each in self._workflows if each.id == app.workflow.id}
            if type(version) is not int or version not in there:
                versions = ", ".join(map(str, sorted(there)))
                raise NotFoundError("version", version, remedy=f"the blueprint has {versions or 'none'}")
            return rules.migrate(app, there[version], acting, why)

        return self._do(e.Migrated, {"why": why}, application, moved, request_id, officer)

    # --- what becomes of a permit ------------------------------------------------------------------------------------

    def amend(
        self,
        application: str,
        *,
        officer: str,
        why: str,
        investment: Investment | None = None,
        uses: Sequence[Use] | None = None,
        conditions: Sequence[str] | None = None,
        override: str | None = None,
        request_id: str | None = None,
    ) -> Application:
        """Change an issued permit; what is None stays. A change that must be assessed anew is a new application.

        Raises:
            RefusedError: it asks for more than the zone has left.
        """
        acting = self._officer(officer)
        return self._do(
            e.Amended,
            {"why": why},
            application,
            lambda app, at: rules.amend(
                app, acting, why=why, investment=investment, uses=uses, conditions=conditions, override=override
            ),
            request_id,
            officer,
        )

    def renew(
        self, application: str, *, officer: str, until: date | None = None, request_id: str | None = None
    ) -> Application:
        """Prolong a permit until a local date; by its workflow's months from its last day if none is given."""
        acting = self._officer(officer)

        def renewed(app: Application, at: datetime) -> Plan:
            months, last = app.workflow.validity_months, app.permit.valid_until if app.permit else None
            by_default = months_after(last, months) if months is not None and last is not None else None
            return rules.renew(app, acting, until=until if until is not None else by_default)

        return self._do(e.Renewed, {}, application, renewed, request_id, officer)

    def suspend(self, application: str, *, officer: str, why: str, request_id: str | None = None) -> Application:
        """Take a permit out of force for a time; it keeps its share of the zone."""
        acting = self._officer(officer)
        return self._do(
            e.Suspended, {"why": why}, application, lambda app, at: rules.suspend(app, acting, why), request_id, officer
        )

    def reinstate(self, application: str, *, officer: str, why: str, request_id: str | None = None) -> Application:
        """Put a suspended permit in force again."""
        acting = self._officer(officer)
        return self._do(
            e.Reinstated,
            {"why": why},
            application,
            lambda app, at: rules.reinstate(app, acting, why),
            request_id,
            officer,
        )

    def revoke(self, application: str, *, officer: str, why: str, request_id: str | None = None) -> Application:
        """Take a permit away; its share of the zone is free again."""
        acting = self._officer(officer)
        return self._do(
            e.Revoked, {"why": why}, application, lambda app, at: rules.revoke(app, acting, why), request_id, officer
        )

    # --- what time does ----------------------------------------------------------------------------------------------

    def enforce_deadlines(self, now: datetime | None = None, *, actor: str | None = None) -> tuple[Enforced, ...]:
        """Let follow what follows from every deadline that is over, and return what was done.

        Safe to run twice, from two machines, and after days of being down: a second run finds nothing left to do.

        Args:
            now: the instant; the clock's if not given.
            actor: the id of who runs it.
        """
        now = self._clock.now() if now is None else as_utc(now, "now")
        actor = checked_person_or_none(actor, "actor")
        done = (self._enforce(each, now, actor) for each in self._with_deadlines(now))
        return tuple(each for each in done if each is not None)

    def _enforce(self, application: str, now: datetime, actor: str | None) -> Enforced | None:
        before = self.application(application)
        over = deadlines.missed(before, self._days, now)
        if over is None:
            return None
        number = self._number(before, now) if over.consequence is Consequence.ISSUE else None

        def result(case: Case, happened: Sequence[e.PermitEvent]) -> Enforced | None:
            for event in happened:
                if consequence := deadlines.consequence_of(event):
                    return Enforced(application=application, due_on=over.due_on, consequence=consequence)
            return None  # somebody else was faster

        def plan(app: Application, at: datetime) -> Plan:
            return deadlines.enforce(app, self._days, now, number)

        def no_room(app: Application, advice: e.CapacityAdvised) -> tuple[e.PermitEvent, ...]:
            return (advice, deadlines.escalated(app, over.due_on, advice.decision.reasons))

        return self._execute(application, plan, result, at=now, request_id=None, actor=actor, no_room=no_room)

    def _with_deadlines(self, now: datetime) -> tuple[str, ...]:
        """Return the applications of which a deadline may be over: those that run, and permits past their last day."""
        over = Where(label="valid_until", op=Op.LT, value=self._local(now).isoformat())
        heads = [*self._cases.find(Where(label="running", value=1)), *self._cases.find(over)]
        return tuple(split_stream(head.stream)[2] for head in heads)

    # --- looking -----------------------------------------------------------------------------------------------------

    def application(self, application: str) -> Application:
        """Return an application as it stands."""
        check_id(application, "application")
        return self._cases.view(application, lambda case: known(case.application, application))

    def applications(
        self,
        *,
        status: Status | str | None = None,
        service: str | None = None,
        zone: str | None = None,
        applicant: str | None = None,
        limit: int | None = None,
    ) -> tuple[StreamHead, ...]:
        """Return the heads of applications, the one that is due first at the beginning; nothing is folded.

        Raises:
            NotFoundError: no such status.
        """
        wanted = {"status": _status(status), "service": service, "zone": zone, "applicant": applicant}
        where = [Where(label=label, value=value) for label, value in wanted.items() if value is not None]
        return tuple(self._cases.find(*where, order_by="due_on", limit=limit))

    def work_of(self, officer: str) -> tuple[tuple[Application, str], ...]:
        """Return the applications with the open step that an officer may take, the one that is due first first."""
        acting = self._officer(officer)
        going = self._running()
        return tuple(
            (app, run.step)
            for app in sorted(going, key=lambda app: (due_on(app, self._days, self._clock.now()) or date.max, app.id))
            for run in app.open
            if app.status is not Status.RETURNED and rules.may_act(app.workflow.step(run.step), acting).is_granted
        )

    def term(self, application: str) -> Term | None:
        """Return how the time of an application's whole run stands; None before it was submitted."""
        return run_term(self.application(application), self._days, self._clock.now())

    def step_terms(self, application: str) -> tuple[Term, ...]:
        """Return how the time of each open step stands."""
        return step_terms(self.application(application), self._days, self._clock.now())

    def overdue(self) -> tuple[Late, ...]:
        """Return every run and every open step that is late now, by the calendar as it is now."""
        return late(self._running(), self._days, self._clock.now())

    def explain(self, application: str) -> Explanation:
        """Tell in plain Indonesian and English what happened to an application, why, and whose time it took."""
        check_id(application, "application")
        now = self._clock.now()
        return self._cases.view(
            application,
            lambda case: explain(case.happened, known(case.application, application), self._days, now),
        )

    def figures(self, from_on: date, until_on: date, *, services: Collection[str] | None = None) -> PermitFigures:
        """Return what the applications submitted from one local date to another came to, open ones counted as open.

        Only those for some services, where these are named.
        """
        first, last = checked_date(from_on, "from_on"), checked_date(until_on, "until_on")
        heads = [head for head in self._cases.find() if services is None or head.labels.get("service") in services]
        return figures(heads, first, last, self._days, self._clock.now())

    def workflow(self, service: str) -> Workflow:
        """Return the newest workflow for a service.

        Raises:
            NotFoundError: there is none.
        """
        newest: dict[str, Workflow] = {}
        for each in self._workflows:
            if each.id not in newest or each.version > newest[each.id].version:
                newest[each.id] = each
        for each in newest.values():
            if service in each.services:
                return each
        served = [each for workflow in newest.values() for each in workflow.services]
        raise NotFoundError("workflow for service", service, served)

    def _running(self) -> tuple[Application, ...]:
        heads = self._cases.find(Where(label="running", value=1))
        return tuple(self.application(split_stream(head.stream)[2]) for head in heads)

    # --- zones -------------------------------------------------------------------------------------------------------

    def capacity(self, zone: str) -> ZoneCapacity:
        """Return what a zone can carry: limit, committed, reserved and free, now and over time.

        Nothing is recorded: a limit of the blueprint that the ledger has not taken yet is shown, and is no part of
        `over_time`.

        Raises:
            NotFoundError: there is no such zone.
        """
        there = self._known_zone(zone)

        def look(ledger: Ledger) -> ZoneCapacity:
            to_be = after(ledger, capacity_rules.first_limits(ledger, there), self._clock.now())
            return evolve(to_be.capacity(), over_time=tuple(ledger.over_time))

        return self._ledgers.view(zone, look)

    def set_limit(
        self, zone: str, limit: Limit, *, request_id: str | None = None, actor: str | None = None
    ) -> ZoneCapacity:
        """Set what a zone can carry of a resource from now on; below what is used it is recorded as overcommitted."""
        self._zone(zone)
        return self._ledgers.execute(
            zone,
            lambda ledger, at: capacity_rules.set_limit(ledger, limit),
            lambda ledger, _: ledger.capacity(),
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def _known_zone(self, zone_id: str) -> Zone:
        zone = self._zones.get(zone_id) if isinstance(zone_id, str) else None
        if zone is None:
            raise NotFoundError("zone", zone_id, self._zones)
        return zone

    def _zone(self, zone_id: str) -> Zone:
        """Return a zone; its ledger has the limits it begins with."""
        zone = self._known_zone(zone_id)
        self._ledgers.execute(
            zone.id,
            lambda ledger, at: capacity_rules.first_limits(ledger, zone),
            lambda ledger, _: None,
            at=self._clock.now(),
        )
        return zone

    def _officer(self, officer: str) -> Officer:
        return self._directory.officer(checked_person(officer, "officer"))

    # --- recording ---------------------------------------------------------------------------------------------------

    def _do(
        self,
        kind: type[e.PermitEvent] | tuple[type[e.PermitEvent], ...],
        about: Mapping[str, object],
        application: str,
        rule: Callable[[Application, datetime], Plan],
        request_id: str | None,
        actor: str | None,
    ) -> Application:
        """Record what a rule answers, and return the application afterwards.

        `kind` and `about` are what one of the events must be, so that a request_id of another command is found out.
        """

        def result(case: Case, happened: Sequence[e.PermitEvent]) -> Application:
            for event in happened:
                if isinstance(event, e.CapacityAdvised) and not event.decision.is_granted:
                    raise RefusedError(event.decision)
            found = any(
                isinstance(event, kind) and all(getattr(event, name) == value for name, value in about.items())
                for event in happened
            )
            if happened and not found:
                raise _other_request(request_id)
            return known(case.application, application)

        return self._execute(
            application,
            rule,
            result,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def _execute(
        self,
        application: str,
        rule: Callable[[Application, datetime], Plan],
        result: Callable[[Case, Sequence[e.PermitEvent]], T],
        *,
        at: datetime,
        request_id: str | None,
        actor: str | None,
        no_room: Callable[[Application, e.CapacityAdvised], tuple[e.PermitEvent, ...]] | None = None,
    ) -> T:
        """Record a plan; where it touches the zone's share, in one commit with the zone's own events.

        `no_room` says what happens to an application, besides the advice, when its zone has no room.
        """
        check_id(application, "application")
        zone = self._cases.view(application, lambda case: known(case.application, application).zone)
        if zone is None:
            return self._cases.execute(
                application,
                lambda case, now: rule(known(case.application, application), now).events,
                result,
                at=at,
                request_id=request_id,
                actor=actor,
            )
        if zone in self._zones:  # one that the blueprint has dropped is still worked off, on the limits it has
            self._zone(zone)

        def decide(
            case: Case, ledger: Ledger, now: datetime
        ) -> tuple[Sequence[e.PermitEvent], Sequence[CapacityEvent]]:
            app = known(case.application, application)
            happening, beside = claiming.with_zone(rule(app, now), app, ledger, self._policies.capacity)
            if no_room and len(happening) == 1 and isinstance(advice := happening[0], e.CapacityAdvised):
                return no_room(app, advice), ()
            return happening, beside

        return self._cases.execute_with(
            application,
            self._ledgers,
            zone,
            decide,
            result,
            at=at,
            request_id=request_id,
            actor=actor,
        )

    def _enter(self, now: datetime, request_id: str | None, actor: str | None) -> str:
        """Return the id of a new application; where the request is a repeated one, the id it got then."""
        year = self._local(now).year
        if request_id is not None:
            # repeated after New Year it stands in the register of the year before
            before = self._registers.execute(
                str(year - 1),
                lambda state, at: (),
                lambda state, happened: happened,
                at=now,
                request_id=request_id,
            )
            if before:
                return _entered(before)
        return self._registers.execute(
            str(year),
            lambda state, at: register.enter_application(state),
            lambda state, happened: _entered(happened),
            at=now,
            request_id=request_id,
            actor=actor,
        )

    def _number(self, application: Application, now: datetime | None = None) -> str:
        """Return the number of an application's permit, taken from the year's register once."""
        if application.permit is not None:
            return application.permit.number
        now = self._clock.now() if now is None else now
        on = self._local(now)
        sequence = self._registers.execute(
            str(on.year),
            lambda state, at: register.enter_permit(state, application.id),
            lambda state, _: state.permits[application.id],
            at=now,
        )
        ask = NumberAsk(sequence=sequence, issued_on=on, service=application.service, application=application.id)
        return checked_number(self._policies.numbering(ask))

    def _local(self, at: datetime) -> date:
        return at.astimezone(self._days.zone).date()


def _entered(happened: Sequence[RegisterEvent]) -> str:
    [entered] = happened
    if not isinstance(entered, register.ApplicationEntered):
        raise InvalidValueError("request_id", None, "it was used for another command; give every request its own")
    return entered.application


def _other_request(request_id: str | None) -> InvalidValueError:
    return InvalidValueError("request_id", request_id, "it was used for another command; give every request its own")


def _texts(place: str, given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidValueError(place, given, "give a list of texts")
    return tuple(given)


def _status(status: Status | str | None) -> str | None:
    if status is None:
        return None
    try:
        return Status(status).value
    except ValueError:
        raise NotFoundError("status", status, [each.value for each in Status]) from None
