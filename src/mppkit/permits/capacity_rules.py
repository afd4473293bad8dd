"""What may happen to what a zone can carry: from its ledger to the events a command causes, or an error.

Pure: no clock, no store, no chance. A zone never gives more than its limit unless an officer said in writing why; who
asks for something the zone has no limit for gets nothing until one is set.
"""

from decimal import Decimal

from mppkit.decisions import Decision, Outcome, Reason
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError, nearest
from mppkit.ids import check_id
from mppkit.permits import capacity_events as e
from mppkit.permits.capacity import (
    EXACT,
    Claim,
    Holding,
    HoldingStatus,
    Limit,
    Override,
    ReleaseCause,
    Use,
    Zone,
    checked_uses,
)
from mppkit.permits.capacity_ledger import Ledger
from mppkit.permits.capacity_policies import CapacityAsk, CapacityPolicy

Events = tuple[e.CapacityEvent, ...]

_STEPS: dict[HoldingStatus, tuple[str, ...]] = {
    HoldingStatus.RESERVED: ("adjust", "commit", "release"),
    HoldingStatus.COMMITTED: ("adjust", "release"),
}


# --- limits --------------------------------------------------------------------------------------------------------


def first_limits(ledger: Ledger, zone: Zone) -> Events:
    """Take a zone's own limits, for the resources that have none yet; later ones come from `set_limit` alone.

    Raises:
        InvalidValueError: it is another zone's ledger.
    """
    if zone.id != ledger.zone:
        raise InvalidValueError("zone", zone.id, f"give the zone of this ledger, {ledger.zone}")
    return tuple(_set(limit) for limit in zone.limits if limit.resource not in ledger.resources)


def set_limit(ledger: Ledger, limit: Limit) -> Events:
    """Set a limit, higher or lower; the one in force, set again, changes nothing.

    One below what is committed and reserved takes nothing away from anybody: it is recorded that the zone is
    overcommitted.

    Raises:
        InvalidValueError: it is no `Limit`, or in another unit than the resource is counted in.
    """
    if not isinstance(limit, Limit):
        raise InvalidValueError("limit", limit, "give a Limit")
    stands = ledger.resources.get(limit.resource)
    if stands is None:
        return (_set(limit),)
    if stands.limit == limit:
        return ()
    if stands.limit.unit != limit.unit:
        remedy = f"{limit.resource} is counted in {stands.limit.unit}; keep to it, or count a new resource"
        raise InvalidValueError("unit", limit.unit, remedy)
    if EXACT.add(stands.committed, stands.reserved) <= limit.amount:
        return (_set(limit),)
    return (
        _set(limit),
        e.Overcommitted(
            resource=limit.resource,
            limit=limit.amount,
            committed=stands.committed,
            reserved=stands.reserved,
        ),
    )


def _set(limit: Limit) -> e.LimitSet:
    return e.LimitSet(
        resource=limit.resource,
        unit=limit.unit,
        amount=limit.amount,
        source=limit.source,
        dated_on=limit.dated_on,
    )


# --- an application's share ----------------------------------------------------------------------------------------


def steps_of(ledger: Ledger, application: str) -> tuple[str, ...]:
    """Return the steps that an application can take now."""
    held = ledger.holdings.get(application)
    return ("reserve",) if held is None else _STEPS[held.status]


def reserve(
    ledger: Ledger,
    application: str,
    uses: tuple[Use, ...],
    policy: CapacityPolicy,
    override: Override | None = None,
) -> tuple[Events, Decision]:
    """Ask for a share, and return the answer with its figures; nothing happens unless it is granted.

    A resource without a limit needs one first, whatever the policy: it is the regency's to set, not the applicant's
    to be refused for. An override that was not needed is not recorded.

    Raises:
        TransitionError: the application holds a share already.
        InvalidValueError: what is used cannot be; or the policy goes beyond a limit without an officer's reason.
    """
    check_id(application, "application")
    if application in ledger.holdings:
        raise _cannot(ledger, application, "reserve", "adjust it instead")
    wanted = checked_uses(uses)
    claims, decision = _weighed(ledger, application, wanted, policy, override)
    if not decision.is_granted:
        return (), decision
    reserved = e.Reserved(
        application=application,
        uses=wanted,
        claims=claims,
        codes=tuple(why.code for why in decision.reasons),
        override=_needed(claims, override),
    )
    return (reserved,), decision


def adjust(
    ledger: Ledger,
    application: str,
    uses: tuple[Use, ...],
    policy: CapacityPolicy,
    override: Override | None = None,
) -> tuple[Events, Decision]:
    """Use something else than before; only what is more than before is asked for, so that less is always granted.

    `uses` is all of what it uses from now on; where it is granted no more, it keeps what it held.

    Raises:
        TransitionError: the application holds no share.
        InvalidValueError: as with `reserve`.
    """
    held = _held(ledger, application, "adjust").amounts
    wanted = checked_uses(uses)
    more = tuple(
        Use(resource=use.resource, amount=EXACT.subtract(use.amount, held[use.resource]))
        if use.resource in held
        else use
        for use in wanted
        if use.resource not in held or use.amount > held[use.resource]
    )
    claims: tuple[Claim, ...] = ()
    decision = Decision.granted()
    if more:
        claims, decision = _weighed(ledger, application, more, policy, override)
    if not decision.is_granted or {use.resource: use.amount for use in wanted} == held:
        return (), decision
    adjusted = e.Adjusted(
        application=application,
        uses=wanted,
        claims=claims,
        codes=tuple(why.code for why in decision.reasons),
        override=_needed(claims, override),
    )
    return (adjusted,), decision


def commit(ledger: Ledger, application: str) -> Events:
    """Use what was reserved, for the permit is issued.

    Raises:
        TransitionError: nothing is reserved for the application.
    """
    if _held(ledger, application, "commit").status is not HoldingStatus.RESERVED:
        raise _cannot(ledger, application, "commit")
    return (e.Committed(application=application),)


def release(ledger: Ledger, application: str, why: ReleaseCause | str) -> Events:
    """Give back all that an application holds.

    Raises:
        TransitionError: it holds nothing.
        NotFoundError: no such cause.
    """
    _held(ledger, application, "release")
    try:
        cause = ReleaseCause(why)
    except ValueError:
        causes = [each.value for each in ReleaseCause]
        raise NotFoundError("cause of a release", why, causes, f"use {', '.join(causes)}") from None
    return (e.Released(application=application, why=cause),)


def _held(ledger: Ledger, application: str, step: str) -> Holding:
    """Return what an application holds; refuse the step where that is nothing."""
    held = ledger.holdings.get(application)
    if held is None:
        raise _cannot(ledger, application, step)
    return held


def _cannot(ledger: Ledger, application: str, step: str, hint: str = "") -> TransitionError:
    held = ledger.holdings.get(application)
    status = "without a share" if held is None else held.status.value
    subject = f"application {application} in zone {ledger.zone}"
    return TransitionError(subject, step, status, steps_of(ledger, application), hint)


# --- weighing ------------------------------------------------------------------------------------------------------


def _weighed(
    ledger: Ledger,
    application: str,
    asked: tuple[Use, ...],
    policy: CapacityPolicy,
    override: Override | None,
) -> tuple[tuple[Claim, ...], Decision]:
    """Return the figures of what is asked for, and the answer."""
    if override is not None and not isinstance(override, Override):
        raise InvalidValueError("override", override, "give an Override with the officer's id and reason")
    unknown = [use.resource for use in asked if use.resource not in ledger.resources]
    if unknown:
        why = tuple(_no_limit(ledger, resource) for resource in unknown)
        return (), Decision(outcome=Outcome.NEEDS_FIRST, reasons=why)
    held = ledger.holdings.get(application)
    holds = held.amounts if held else {}
    claims = tuple(_claim(ledger, use, holds.get(use.resource, Decimal(0))) for use in asked)
    ask = CapacityAsk(zone=ledger.zone, application=application, claims=claims, override=override)
    decision = policy(ask)
    if not isinstance(decision, Decision):
        raise InvalidValueError("capacity policy", decision, "answer with a Decision")
    if decision.is_granted and ask.beyond and override is None:
        remedy = "let pass beyond a limit only where an officer gave a written reason"
        raise InvalidValueError("capacity policy", decision.outcome.value, remedy)
    return claims, decision


def _claim(ledger: Ledger, use: Use, held: Decimal) -> Claim:
    stands = ledger.resources[use.resource]
    return Claim(
        resource=use.resource,
        unit=stands.limit.unit,
        asked=use.amount,
        limit=stands.limit.amount,
        source=stands.limit.source,
        committed=stands.committed,
        reserved=stands.reserved,
        held=held,
    )


def _needed(claims: tuple[Claim, ...], override: Override | None) -> Override | None:
    """Return the override where it was needed."""
    return None if all(claim.fits for claim in claims) else override


def _no_limit(ledger: Ledger, resource: str) -> Reason:
    near = nearest(resource, ledger.resources)
    return Reason(
        code="resource_without_limit",
        indonesian=f"Zona {ledger.zone} belum punya batas untuk {resource}; tetapkan dahulu."
        + (f" Apakah maksudnya {near}?" if near else ""),
        english=f"Zone {ledger.zone} has no limit for {resource} yet; set one first."
        + (f" Did you mean {near}?" if near else ""),
    )
