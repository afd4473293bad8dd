"""What applicants bring, drawn by the seed: the zone they lie in and what they would use of it, and their documents.

Pure: what an office makes of it is `permits`.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from random import Random

from mppkit.permits.capacity import Limit, Use, Zone, ZoneCapacity
from mppkit.permits.model import Document
from mppkit.permits.workflow import Workflow
from mppkit.rehearsal.habits import PermitHabits


def drawn_uses(
    workflow: Workflow, zones: Sequence[Zone], habits: PermitHabits, chance: Random
) -> tuple[str | None, tuple[Use, ...]]:
    """Return where an application lies and what it would use there; nowhere where its workflow asks no zone.

    It uses the same share of everything that its zone counts, so that a large hotel takes more rooms and more water.
    """
    place, size = chance.random(), chance.random()
    counting = [zone for zone in zones if zone.limits]
    if not counting or not any(step.reserves for step in workflow.steps):
        return None, ()
    zone = counting[int(place * len(counting))]
    least, most = habits.zone_share
    share = Fraction(f"{least + (most - least) * size:.4f}")
    return zone.id, tuple(
        Use(resource=limit.resource, amount=_part(limit.amount, share, limit) or _counted(1, limit))
        for limit in zone.limits
    )


def uses_that_fit(wanted: tuple[Use, ...], capacity: ZoneCapacity, accepts: float) -> tuple[Use, ...] | None:
    """Return what an application makes do with: the same share of all it wanted, as large as the zone has left.

    None where that is less than the share it accepts, or nothing of something.
    """
    resources = {use.resource: capacity.resource(use.resource) for use in wanted}
    share = min(Fraction(1), *(Fraction(resources[use.resource].free) / Fraction(use.amount) for use in wanted))
    if share <= 0 or share < Fraction(str(accepts)):
        return None
    amounts = {use.resource: _part(use.amount, share, resources[use.resource].limit) for use in wanted}
    if not all(amounts.values()):
        return None
    return tuple(Use(resource=resource, amount=amount) for resource, amount in amounts.items())


def documents_of(workflow: Workflow) -> tuple[str, ...]:
    """Return the kinds of documents that a workflow asks for, to submit and in its steps."""
    return tuple(dict.fromkeys((*workflow.documents, *(kind for step in workflow.steps for kind in step.documents))))


def document(application: str, kind: str, edition: int) -> Document:
    """Return a document that nobody wrote; only what would be recorded of it is there."""
    content = f"{application}/{kind}/{edition}".encode()
    return Document(
        kind=kind,
        digest=sha256(content).hexdigest(),
        media_type="text/plain",
        size=len(content),
        place=f"rehearsal/{application}/{kind}",
    )


def _part(amount: Decimal, share: Fraction, limit: Limit) -> Decimal:
    """Return a share of an amount, rounded down to as many digits as the limit is counted in."""
    return _counted(int(Fraction(amount) * share / Fraction(_counted(1, limit))), limit)


def _counted(times: int, limit: Limit) -> Decimal:
    """Return so many times the least that a limit can be counted in: 1 for 250, 0.1 for 180.5."""
    return Decimal(times).scaleb(int(limit.amount.as_tuple().exponent))
