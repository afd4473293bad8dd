"""How what the rules answer is recorded: on an application's stream, with its zone's, and in the year's register."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeVar

from attrs import evolve

from mppkit.aggregates import Repository
from mppkit.calendars import WorkingDays
from mppkit.clock import Clock
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.ids import check_id, split_stream
from mppkit.permits import capacity_rules, claiming, deadlines, register
from mppkit.permits import events as e
from mppkit.permits.application import Case, applications
from mppkit.permits.capacity import Use, Zone
from mppkit.permits.capacity_events import CapacityEvent
from mppkit.permits.capacity_ledger import ZONES, Ledger
from mppkit.permits.claiming import Plan
from mppkit.permits.deadlines import FINAL, Consequence
from mppkit.permits.model import Application
from mppkit.permits.policies import NumberAsk, PermitPolicies, checked_number
from mppkit.permits.register import REGISTERS, Register, RegisterEvent
from mppkit.permits.rules import known
from mppkit.permits.timing import due_on
from mppkit.storage.port import EventStore, Where

T = TypeVar("T")

_MISSPELT = 0.8  # of 1, for the same; a suggestion may be further off, but on this one an application is refused


class Recording:
    """The streams of one mall's permits: applications, zones and registers; may be used from any thread.

    Attributes:
        cases: one stream for each application.
        ledgers: one for each zone.
        days: counts the working days.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        days: WorkingDays,
        zones: Sequence[Zone],
        policies: PermitPolicies,
        clock: Clock,
    ) -> None:
        self.days = days
        self._zones = {zone.id: zone for zone in zones}
        self._policies = policies
        self._clock = clock
        kind = applications(lambda application, at: due_on(application, days, at))
        self.cases: Repository[Case, e.PermitEvent] = Repository(kind, store, mall)
        self.ledgers: Repository[Ledger, CapacityEvent] = Repository(ZONES, store, mall)
        self._registers: Repository[Register, RegisterEvent] = Repository(REGISTERS, store, mall)

    def local(self, at: datetime) -> date:
        """Return the local date of an instant."""
        return at.astimezone(self.days.zone).date()

    # --- applications ------------------------------------------------------------------------------------------------

    def application(self, application: str) -> Application:
        """Return an application as it stands.

        Raises:
            NotFoundError: there is none of that id.
        """
        check_id(application, "application")
        return self.cases.view(application, lambda case: known(case.application, application))

    def begin(
        self, rule: Callable[[Application | None], Plan], *, request_id: str | None, actor: str | None
    ) -> Application:
        """Record a new application under the next id of the year's register; a repeated request brings out the same.

        `rule` answers with the event by which it begins, and with nothing for one that is there already.
        """
        [begun] = rule(None).events
        assert isinstance(begun, e.Drafted)  # noqa: S101  # no application begins with anything else
        now = self._clock.now()
        application = self._enter(now, request_id, actor)

        def result(case: Case, happened: Sequence[e.PermitEvent]) -> Application:
            for event in happened:  # the workflow may have got a version since
                if isinstance(event, e.Drafted) and event != evolve(begun, workflow=event.workflow):
                    raise other_request(request_id)
            return known(case.application, application)

        return self.cases.execute(
            application,
            lambda case, at: rule(case.application).events,
            result,
            at=now,
            request_id=request_id,
            actor=actor,
        )

    def do(
        self,
        kind: type[e.PermitEvent] | tuple[type[e.PermitEvent], ...],
        about: Mapping[str, object],
        application: str,
        rule: Callable[[Application, datetime], Plan],
        request_id: str | None,
        actor: str | None,
        bars: Collection[Consequence] = FINAL,
    ) -> Application:
        """Record what a rule answers to a command, and return the application afterwards.

        `kind` and `about` are what one of the events must be, so that a request_id of another command is found out.
        `bars` are the consequences of a deadline that is over which, not enforced yet, keep it from happening.

        Raises:
            RefusedError: its zone says no; that is recorded.
        """

        def in_time(app: Application, at: datetime) -> Plan:
            deadlines.check_enforced(app, self.days, at, bars)
            return rule(app, at)

        def result(case: Case, happened: Sequence[e.PermitEvent]) -> Application:
            for event in happened:
                if isinstance(event, e.CapacityAdvised) and not event.decision.is_granted:
                    raise RefusedError(event.decision)
            found = any(
                isinstance(event, kind) and all(getattr(event, name) == value for name, value in about.items())
                for event in happened
            )
            if happened and not found:
                raise other_request(request_id)
            return known(case.application, application)

        return self.execute(
            application,
            in_time,
            result,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def execute(
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
        zone = self.application(application).zone
        if zone is None:
            return self.cases.execute(
                application,
                lambda case, now: rule(known(case.application, application), now).events,
                result,
                at=at,
                request_id=request_id,
                actor=actor,
            )
        if zone in self._zones:  # one that the blueprint has dropped is still worked off, on the limits it has
            self.open_zone(zone)

        def decide(
            case: Case, ledger: Ledger, now: datetime
        ) -> tuple[Sequence[e.PermitEvent], Sequence[CapacityEvent]]:
            app = known(case.application, application)
            happening, beside = claiming.with_zone(rule(app, now), app, ledger, self._policies.capacity)
            if no_room and len(happening) == 1 and isinstance(advice := happening[0], e.CapacityAdvised):
                return no_room(app, advice), ()
            return happening, beside

        return self.cases.execute_with(
            application,
            self.ledgers,
            zone,
            decide,
            result,
            at=at,
            request_id=request_id,
            actor=actor,
        )

    # --- zones -------------------------------------------------------------------------------------------------------

    def zone(self, zone_id: str) -> Zone:
        """Return a zone of the blueprint.

        Raises:
            NotFoundError: there is none of that id.
        """
        zone = self._zones.get(zone_id) if isinstance(zone_id, str) else None
        if zone is None:
            raise NotFoundError("zone", zone_id, self._zones)
        return zone

    def open_zone(self, zone_id: str) -> None:
        """Take the limits with which a zone begins into its ledger, if it has none yet."""
        zone = self.zone(zone_id)
        self.ledgers.execute(
            zone.id,
            lambda ledger, at: capacity_rules.first_limits(ledger, zone),
            lambda ledger, _: None,
            at=self._clock.now(),
        )

    def check_resources(self, zone_id: str, uses: Sequence[Use]) -> None:
        """Refuse a resource that is probably another one misspelt; for one that is like none a limit may yet be set.

        Raises:
            NotFoundError: a resource is.
        """
        zone = self._zones.get(zone_id)  # none where the blueprint has dropped it
        begun = [limit.resource for limit in zone.limits] if zone else []
        there = self.ledgers.view(zone_id, lambda ledger: tuple(dict.fromkeys([*ledger.resources, *begun])))
        for use in uses:
            if use.resource not in there and get_close_matches(use.resource, there, cutoff=_MISSPELT):
                remedy = f"{zone_id} counts {', '.join(there)}; for another one set a limit first"
                raise NotFoundError("resource", use.resource, there, remedy)

    # --- the year's register -----------------------------------------------------------------------------------------

    def _enter(self, now: datetime, request_id: str | None, actor: str | None) -> str:
        """Return the id of a new application; where the request is a repeated one, the id it got then."""
        year = self.local(now).year
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
                return _entered(before, request_id)
        return self._registers.execute(
            str(year),
            lambda state, at: register.enter_application(state),
            lambda state, happened: _entered(happened, request_id),
            at=now,
            request_id=request_id,
            actor=actor,
        )

    def number(self, application: Application, now: datetime) -> str:
        """Return the number of an application's permit, taken from the year's register once.

        Raises:
            InvalidValueError: it cannot be recorded, or is that of another permit.
        """
        if application.permit is not None:
            return application.permit.number
        on = self.local(now)

        def made(sequence: int) -> str:
            ask = NumberAsk(sequence=sequence, issued_on=on, service=application.service, application=application.id)
            number = checked_number(self._policies.numbering(ask))
            for head in self.cases.find(Where(label="number", value=number)):
                register.check_number(number, split_stream(head.stream)[2], application.id)
            return number

        entered = self._registers.execute(
            str(on.year),
            lambda state, at: register.enter_permit(state, application.id, made),
            lambda state, _: state.permits[application.id],
            at=now,
        )
        return entered.number or made(entered.sequence)


def _entered(happened: Sequence[RegisterEvent], request_id: str | None) -> str:
    [entered] = happened
    if not isinstance(entered, register.ApplicationEntered):
        raise other_request(request_id)
    return entered.application


def other_request(request_id: str | None) -> InvalidValueError:
    """Return the error for a request_id under which something else was recorded."""
    return InvalidValueError("request_id", request_id, "it was used for another command; give every request its own")
