"""The permit desk: what a portal, an office or a script calls.

Each command asks the rules, records what they answer, and returns the application as it then stands. Every command
takes a `request_id`: repeated under the same one it records nothing and returns the same thing. `actor` is the id of
who did it, never a name.
"""

import warnings
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from attrs import asdict, evolve

from mppkit.calendars import Calendar, WorkingDays, office_calendar
from mppkit.clock import Clock, as_utc
from mppkit.directory import Directory, Officer
from mppkit.errors import DecodeError, InvalidValueError, NotFoundError, UnreadableEventError
from mppkit.identity.recordable import checked_date, checked_person, checked_person_or_none
from mppkit.ids import check_id, split_stream
from mppkit.permits import capacity_rules, deadlines, rules
from mppkit.permits import events as e
from mppkit.permits.application import folded
from mppkit.permits.capacity import Limit, Use, Zone, ZoneCapacity, checked_uses
from mppkit.permits.capacity_events import CapacityEvent, LimitSet
from mppkit.permits.capacity_ledger import Ledger, after
from mppkit.permits.claiming import Plan
from mppkit.permits.deadlines import Consequence
from mppkit.permits.enforcing import Enforced as Enforced
from mppkit.permits.enforcing import enforce_all
from mppkit.permits.explaining import Explanation, explain
from mppkit.permits.figures import PermitFigures, figures
from mppkit.permits.model import Activity, Application, Document, Investment, Status
from mppkit.permits.policies import PermitPolicies, months_after
from mppkit.permits.recording import Recording, other_request
from mppkit.permits.rules import Act, known
from mppkit.permits.timing import Late, Term, due_on, late, late_since, run_term, step_terms
from mppkit.permits.workflow import Workflow, newest_for
from mppkit.storage.port import EventStore, StreamHead, Where

_CLOCKS_DIFFER = timedelta(minutes=5)


class PermitsDesk:
    """The applications, permits and zones of one mall; may be used from any thread.

    What a command names and is not there raises NotFoundError; a step that is not possible from where things stand
    raises TransitionError, which says what is; who may not act, and a zone that is full, raise RefusedError with the
    decision; a value that may not be recorded raises InvalidValueError.

    What silence has granted, what has lapsed and what is over is so from the midnight after its last day, whether or
    not `enforce_deadlines` has run since: until it has, only documents are attached and applications withdrawn.
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
        self._clock = clock
        self._recording = Recording(
            mall=mall,
            store=store,
            days=self._days,
            zones=zones,
            policies=policies or PermitPolicies(),
            clock=clock,
        )
        self._cases = self._recording.cases

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
            NotFoundError: there is no such service or zone, or no workflow for the service; or the zone has no limit
                for a resource, but for one of nearly that name.
        """
        if not isinstance(service, str):
            raise NotFoundError("service", service)
        self._directory.service(service)
        workflow = self.workflow(service)
        if zone is not None:
            self._recording.zone(zone)
        actor = checked_person_or_none(actor, "actor") or applicant
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
        begin(None)  # what may not be recorded is refused before its zone takes its limits
        if zone is not None:
            self._recording.check_resources(zone, uses)
            self._recording.open_zone(zone)
        return self._recording.begin(begin, request_id=request_id, actor=actor)

    def attach(
        self, application: str, document: Document, *, request_id: str | None = None, actor: str | None = None
    ) -> Application:
        """Attach a document, or put it in the place of the one of its kind."""

        def attached(app: Application, at: datetime) -> Plan:
            plan = rules.attach(app, document)
            over = deadlines.missed(app, self._days, at)
            if plan.events and over is not None and over.because:  # it was not complete in time, and stays so
                told = deadlines.escalated(app, over.due_on, over.because)
                return evolve(plan, events=(told, *plan.events))
            return plan

        return self._recording.do(
            e.DocumentAttached,
            {"kind": document.kind, "digest": document.digest} if isinstance(document, Document) else {},
            application,
            attached,
            request_id,
            actor,
            bars=(),
        )

    def submit(self, application: str, *, request_id: str | None = None, actor: str | None = None) -> Application:
        """Submit an application: its first step begins, and its clock.

        Raises:
            RefusedError: documents that its workflow asks for are not there; names each.
        """
        return self._recording.do(e.Submitted, {}, application, lambda app, at: rules.submit(app), request_id, actor)

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
            NotFoundError: the zone has no limit for a resource, but for one of nearly that name.
        """
        zone = self.application(application).zone
        if uses is not None and zone is not None:
            self._recording.check_resources(zone, checked_uses(uses))
        return self._recording.do(
            e.Resubmitted,
            {"investment": investment},
            application,
            lambda app, at: rules.resubmit(app, investment=investment, uses=uses),
            request_id,
            actor,
        )

    def withdraw(
        self, application: str, *, why: str = "", request_id: str | None = None, actor: str | None = None
    ) -> Application:
        """Withdraw an application; what it held of its zone is free again."""
        return self._recording.do(
            e.Withdrawn, {"why": why}, application, lambda app, at: rules.withdraw(app, why), request_id, actor, bars=()
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
            items: what is to be corrected, where it is returned; one given twice counts once, and so below.
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
        return self._recording.do(
            (e.StepDone, e.Returned, e.Decided),
            {"step": step, "outcome": outcome},
            application,
            lambda app, at: rules.act(app, done, acting, late_since(app, self._days, at)),
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
        before, now = self.application(application), self._clock.now()
        if before.permit is None:
            # looked at before a number is taken
            deadlines.check_enforced(before, self._days, now)
            rules.issue(before, step, outcome, acting, number="-", on=self._recording.local(now), until=None)
        number = self._recording.number(before, now)

        def issued(app: Application, at: datetime) -> Plan:
            on = self._recording.local(at)
            months = app.workflow.validity_months
            until = None if months is None else months_after(on, months)
            return rules.issue(app, step, outcome, acting, number=number, on=on, until=until)

        return self._recording.do(e.Issued, {"step": step}, application, issued, request_id, officer)

    def migrate(
        self, application: str, version: int, *, officer: str, why: str, request_id: str | None = None
    ) -> Application:
        """Move a running application to another version of its workflow, where its open steps still exist.

        Raises:
            NotFoundError: the blueprint has no such version.
            RefusedError: an open step does not exist in it, or stands in another part of the run, beyond the grant or
                in a parallel branch; or parallel steps are still out; or by its terms silence would have granted it, or
                it would have lapsed, before the move.
            TransitionError: it is late, and `enforce_deadlines` has not recorded that yet.
        """
        acting = self._officer(officer)

        def moved(app: Application, at: datetime) -> Plan:
            there = {each.version: each for each in self._workflows if each.id == app.workflow.id}
            if type(version) is not int or version not in there:
                versions = ", ".join(map(str, sorted(there)))
                raise NotFoundError("version", version, remedy=f"the blueprint has {versions or 'none'}")
            plan = rules.migrate(app, there[version], acting, why)
            for event in plan.events:
                deadlines.check_moved(folded(app.id, app, event, at), self._days, at)
            return plan

        return self._recording.do(
            e.Migrated, {"why": why}, application, moved, request_id, officer, bars=tuple(Consequence)
        )

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
        return self._recording.do(
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
            on = until
            if on is None and months is not None and last is not None:
                on = months_after(last, months)
            return rules.renew(app, acting, until=on)

        about = {} if until is None else {"valid_until": until}
        return self._recording.do(e.Renewed, about, application, renewed, request_id, officer)

    def suspend(self, application: str, *, officer: str, why: str, request_id: str | None = None) -> Application:
        """Take a permit out of force for a time; it keeps its share of the zone."""
        acting = self._officer(officer)
        return self._recording.do(
            e.Suspended, {"why": why}, application, lambda app, at: rules.suspend(app, acting, why), request_id, officer
        )

    def reinstate(self, application: str, *, officer: str, why: str, request_id: str | None = None) -> Application:
        """Put a suspended permit in force again."""
        acting = self._officer(officer)
        return self._recording.do(
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
        return self._recording.do(
            e.Revoked, {"why": why}, application, lambda app, at: rules.revoke(app, acting, why), request_id, officer
        )

    # --- what time does ----------------------------------------------------------------------------------------------

    def enforce_deadlines(self, now: datetime | None = None, *, actor: str | None = None) -> tuple[Enforced, ...]:
        """Let follow what follows from every deadline that is over, and return what was done.

        Safe to run twice, from two machines, and after days of being down: a second run finds nothing left to do.
        An application for which that fails keeps no other from its due: the run goes on, and raises the first error in
        the end, with notes on which applications failed and what was done. Only a store that fails ends it at once.

        Args:
            now: the instant; the clock's if not given.
            actor: the id of who runs it.

        Raises:
            InvalidValueError: `now` is still to come, by more than the clocks of two machines may differ.
        """
        by_clock = self._clock.now()
        now = by_clock if now is None else as_utc(now, "now")
        if now > by_clock + _CLOCKS_DIFFER:
            raise InvalidValueError("now", now.isoformat(), "give an instant that has come; nothing is missed before")
        return enforce_all(self._recording, now, checked_person_or_none(actor, "actor"))

    # --- looking -----------------------------------------------------------------------------------------------------

    def application(self, application: str) -> Application:
        """Return an application as it stands."""
        return self._recording.application(application)

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
        """Return the applications with the open step that an officer may take, the one that is due first first.

        Not what time has granted or ended already; and one that cannot be read is left out with a `RuntimeWarning`.
        """
        acting, now = self._officer(officer), self._clock.now()
        going = [app for app in self._running() if app.status is not Status.RETURNED]
        going = [app for app in going if deadlines.barring(app, self._days, now) is None]
        return tuple(
            (app, run.step)
            for app in sorted(going, key=lambda app: (due_on(app, self._days, now) or date.max, app.id))
            for run in app.open
            if rules.may_act(app.workflow.step(run.step), acting).is_granted
        )

    def term(self, application: str) -> Term | None:
        """Return how the time of an application's whole run stands; None before it was submitted."""
        return run_term(self.application(application), self._days, self._clock.now())

    def step_terms(self, application: str) -> tuple[Term, ...]:
        """Return how the time of each open step stands."""
        return step_terms(self.application(application), self._days, self._clock.now())

    def overdue(self) -> tuple[Late, ...]:
        """Return every run and every open step that is late now, by the calendar as it is now.

        An application that cannot be read is left out with a `RuntimeWarning` that names it.
        """
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
        if services is not None and (isinstance(services, str | bytes) or not isinstance(services, Collection)):
            raise InvalidValueError("services", services, "give a list of services")
        heads = [head for head in self._cases.find() if services is None or head.labels.get("service") in services]
        return figures(heads, first, last, self._days, self._clock.now())

    def workflow(self, service: str) -> Workflow:
        """Return the newest workflow for a service.

        Raises:
            NotFoundError: there is none.
        """
        return newest_for(service, self._workflows)

    def _running(self) -> tuple[Application, ...]:
        """Return the applications that run; one of which an event is damaged hides no other, and is warned of."""
        found = []
        for head in self._cases.find(Where(label="running", value=1)):
            application = split_stream(head.stream)[2]
            try:
                found.append(self.application(application))
            except (DecodeError, UnreadableEventError) as error:
                left_out = f"application {application} cannot be read and is left out: {error}"
                warnings.warn(left_out, RuntimeWarning, stacklevel=3)
        return tuple(found)

    # --- zones -------------------------------------------------------------------------------------------------------

    def capacity(self, zone: str) -> ZoneCapacity:
        """Return what a zone can carry: limit, committed, reserved and free, now and over time.

        Nothing is recorded: a limit of the blueprint that the ledger has not taken yet is shown, and is no part of
        `over_time`.

        Raises:
            NotFoundError: there is no such zone.
        """
        there = self._recording.zone(zone)

        def look(ledger: Ledger) -> ZoneCapacity:
            to_be = after(ledger, capacity_rules.first_limits(ledger, there), self._clock.now())
            return evolve(to_be.capacity(), over_time=tuple(ledger.over_time))

        return self._recording.ledgers.view(zone, look)

    def set_limit(
        self, zone: str, limit: Limit, *, request_id: str | None = None, actor: str | None = None
    ) -> ZoneCapacity:
        """Set what a zone can carry of a resource from now on; below what is used it is recorded as overcommitted."""
        if not isinstance(limit, Limit):
            raise InvalidValueError("limit", limit, "give a Limit")
        self._recording.open_zone(zone)

        def result(ledger: Ledger, happened: Sequence[CapacityEvent]) -> ZoneCapacity:
            if happened and happened[0] != LimitSet(**asdict(limit, recurse=False)):
                raise other_request(request_id)
            return ledger.capacity()

        return self._recording.ledgers.execute(
            zone,
            lambda ledger, at: capacity_rules.set_limit(ledger, limit),
            result,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def _officer(self, officer: str) -> Officer:
        return self._directory.officer(checked_person(officer, "officer"))


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
        raise NotFoundError("status", status, map(str, Status), f"there are {', '.join(Status)}") from None
