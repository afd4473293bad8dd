"""How the events of a zone fold: the ledger of what it can carry and who holds what of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from attrs import Factory, define, evolve

from mppkit.aggregates import Kind
from mppkit.permits import capacity_events as e
from mppkit.permits.capacity import EXACT, Holding, HoldingStatus, Level, Limit, ResourceCapacity, ZoneCapacity
from mppkit.storage.port import LabelValue


@define
class Ledger:
    """One stream in memory.

    Attributes:
        resources: each resource of the zone, by id, in the order of their first limits.
        holdings: what each application holds now, by its id; who released everything is not there.
        over_time: a level for each change.
    """

    zone: str
    resources: dict[str, ResourceCapacity] = Factory(dict)
    holdings: dict[str, Holding] = Factory(dict)
    over_time: list[Level] = Factory(list)

    def capacity(self) -> ZoneCapacity:
        """Return what the zone can carry and what is used of it."""
        return ZoneCapacity(zone=self.zone, resources=tuple(self.resources.values()), over_time=tuple(self.over_time))


def apply(ledger: Ledger, event: e.CapacityEvent, at: datetime) -> None:
    """Change the ledger by an event that happened at an instant."""
    match event:
        case e.LimitSet():
            _limit(ledger, event, at)
        case e.Overcommitted():
            pass  # what it says follows from the limit and the holdings
        case e.Reserved():
            _hold(ledger, event.application, Holding(status=HoldingStatus.RESERVED, uses=event.uses), at)
        case e.Adjusted():
            _hold(ledger, event.application, evolve(ledger.holdings[event.application], uses=event.uses), at)
        case e.Committed():
            held = ledger.holdings[event.application]
            _hold(ledger, event.application, evolve(held, status=HoldingStatus.COMMITTED), at)
        case e.Released():
            _hold(ledger, event.application, None, at)
        case _:
            raise ValueError(f"{event.event_name} does not belong to a zone's ledger")


def after(ledger: Ledger, happening: Sequence[e.CapacityEvent], at: datetime) -> Ledger:
    """Return the ledger as it will stand when some events have happened; this one stays as it is."""
    then = Ledger(
        zone=ledger.zone,
        resources=dict(ledger.resources),
        holdings=dict(ledger.holdings),
        over_time=list(ledger.over_time),
    )
    for event in happening:
        apply(then, event, at)
    return then


def _limit(ledger: Ledger, event: e.LimitSet, at: datetime) -> None:
    limit = Limit(
        resource=event.resource,
        unit=event.unit,
        amount=event.amount,
        source=event.source,
        dated_on=event.dated_on,
    )
    known = ledger.resources.get(event.resource)
    if known is None:
        _record(ledger, ResourceCapacity(limits=(limit,)), at)
    else:
        _record(ledger, evolve(known, limits=(*known.limits, limit)), at)


def _hold(ledger: Ledger, application: str, now: Holding | None, at: datetime) -> None:
    """Let an application hold this and nothing else; None for nothing at all."""
    before = ledger.holdings.pop(application, None)
    if now is not None:
        ledger.holdings[application] = now
    touched = {use.resource: None for holding in (before, now) if holding for use in holding.uses}
    for resource in touched:
        stood = ledger.resources[resource]
        stands = evolve(
            stood,
            committed=_moved(stood.committed, before, now, HoldingStatus.COMMITTED, resource),
            reserved=_moved(stood.reserved, before, now, HoldingStatus.RESERVED, resource),
        )
        if stands != stood:
            _record(ledger, stands, at)


def _moved(
    total: Decimal, before: Holding | None, now: Holding | None, status: HoldingStatus, resource: str
) -> Decimal:
    """Return a total of one status when an application holds something else than before."""
    return EXACT.add(EXACT.subtract(total, _share(before, status, resource)), _share(now, status, resource))


def _share(holding: Holding | None, status: HoldingStatus, resource: str) -> Decimal:
    """Return what a holding adds to the total of a status."""
    if holding is None or holding.status is not status:
        return Decimal(0)
    return holding.amounts.get(resource, Decimal(0))


def _record(ledger: Ledger, stands: ResourceCapacity, at: datetime) -> None:
    """Let a resource stand so from an instant on."""
    limit = stands.limit
    ledger.resources[limit.resource] = stands
    ledger.over_time.append(
        Level(
            resource=limit.resource,
            at=at,
            limit=limit.amount,
            committed=stands.committed,
            reserved=stands.reserved,
        )
    )


def _head(
    ledger: Ledger, happening: Sequence[e.CapacityEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]:
    """Return whether a zone is overcommitted, and what a list of zones shows; amounts as texts, for they are exact."""
    resources = after(ledger, happening, at).resources
    overcommitted = any(each.is_overcommitted for each in resources.values())
    summary = {
        resource: {
            "unit": each.limit.unit,
            "limit": str(each.limit.amount),
            "committed": str(each.committed),
            "reserved": str(each.reserved),
        }
        for resource, each in resources.items()
    }
    return {"overcommitted": 1 if overcommitted else None}, {"resources": summary}


ZONES: Kind[Ledger, e.CapacityEvent] = Kind(
    category="zone", events=e.EVENTS, start=lambda key: Ledger(zone=key), apply=apply, head=_head
)
"""How the streams `mall/zone/<zone id>` fold."""
