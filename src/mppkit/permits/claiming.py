"""An application and its zone together: what a step would do to both, as one plan that happens whole or not at all."""

from enum import StrEnum

from attrs import frozen

from mppkit.decisions import Decision
from mppkit.permits import capacity_rules
from mppkit.permits import events as e
from mppkit.permits.capacity import Override, ReleaseCause, Use
from mppkit.permits.capacity_events import CapacityEvent, Committed
from mppkit.permits.capacity_ledger import Ledger
from mppkit.permits.capacity_policies import CapacityPolicy
from mppkit.permits.model import Application

Events = tuple[e.PermitEvent, ...]


class Claiming(StrEnum):
    """What a step does to the share of its zone that an application holds."""

    NOTHING = "nothing"
    RESERVE = "reserve"
    ADJUST = "adjust"
    COMMIT = "commit"
    RESERVE_AND_COMMIT = "reserve_and_commit"
    RELEASE = "release"


_ASKS = (Claiming.RESERVE, Claiming.ADJUST, Claiming.RESERVE_AND_COMMIT)


@frozen(kw_only=True)
class Plan:
    """What would happen to an application, and to its share of its zone with it.

    Attributes:
        uses: what it asks for, where it asks.
        officer: who asks; None where time does.
        override: an officer's reason to go beyond what the zone can carry.
        cause: why it gives its share back, where it does.
    """

    events: Events
    claiming: Claiming = Claiming.NOTHING
    uses: tuple[Use, ...] = ()
    officer: str | None = None
    override: Override | None = None
    cause: ReleaseCause | None = None


def with_zone(
    plan: Plan, application: Application, ledger: Ledger, policy: CapacityPolicy
) -> tuple[Events, tuple[CapacityEvent, ...]]:
    """Return what happens to an application and to its zone, in one commit.

    Where the zone says no, only that advice happens: the application stands where it stood, and the zone too.
    """
    if plan.claiming in _ASKS:
        ask = capacity_rules.adjust if plan.claiming is Claiming.ADJUST else capacity_rules.reserve
        happening, decision = ask(ledger, application.id, plan.uses, policy, plan.override)
        advice = advised(application, plan, decision)
        if not decision.is_granted:
            return (advice,), ()
        if plan.claiming is Claiming.RESERVE_AND_COMMIT:
            happening = (*happening, Committed(application=application.id))
        return (advice, *plan.events), happening
    if plan.claiming is Claiming.COMMIT:
        return plan.events, capacity_rules.commit(ledger, application.id)
    if plan.claiming is Claiming.RELEASE and plan.cause is not None:
        return plan.events, capacity_rules.release(ledger, application.id, plan.cause)
    return plan.events, ()


def advised(application: Application, plan: Plan, decision: Decision) -> e.CapacityAdvised:
    """Return the event that records what the zone answered."""
    return e.CapacityAdvised(
        zone=application.zone or "",
        uses=plan.uses,
        decision=decision,
        officer=plan.officer,
        overridden_because=plan.override.why if plan.override else None,
    )


def releasing(application: Application, cause: ReleaseCause, *events: e.PermitEvent) -> Plan:
    """Plan an end that gives the application's share back, if it holds one."""
    if not application.holds_capacity:
        return Plan(events=events)
    return Plan(events=events, claiming=Claiming.RELEASE, cause=cause)


def committing(application: Application, officer: str | None, *events: e.PermitEvent) -> Plan:
    """Plan the issue of a permit: what is reserved is used from now on, and what is not is asked for."""
    if application.holds_capacity:
        return Plan(events=events, claiming=Claiming.COMMIT, officer=officer)
    if application.uses:
        return Plan(events=events, claiming=Claiming.RESERVE_AND_COMMIT, uses=application.uses, officer=officer)
    return Plan(events=events)
