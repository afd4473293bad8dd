"""What a zone can carry (*daya dukung*) as values: its limits, what applications use of it, and the figures.

Amounts are exact decimals in the unit of the zone's limit. What may happen to them is `capacity_rules`, what did is
`capacity_events`, how that adds up is `capacity_ledger`. What a resource is, whoever counts it says.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum

from attrs import frozen

from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.identity.recordable import checked_date, checked_id, checked_person, checked_text

EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
"""In which amounts are added: it never rounds, whatever the caller's own context does."""

_DIGITS_BEFORE = 12
_DIGITS_AFTER = 4
_NAME_AT_MOST = 100
_UNIT_AT_MOST = 30
_SOURCE_AT_MOST = 200
_WHY_AT_MOST = 500


def _check_amount(amount: Decimal, *, may_be_zero: bool) -> None:
    """Refuse an amount that is no plain decimal, or not enough."""
    least = "of 0 or more" if may_be_zero else "above 0"
    remedy = (
        f"give a Decimal {least}, written out with at most {_DIGITS_BEFORE} digits before the point and "
        f"{_DIGITS_AFTER} after it, such as Decimal('12.5')"
    )
    if type(amount) is not Decimal or not amount.is_finite() or amount.is_signed() or not (amount or may_be_zero):
        raise InvalidValueError("amount", amount, remedy)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or not -_DIGITS_AFTER <= exponent <= 0 or amount >= 10**_DIGITS_BEFORE:
        raise InvalidValueError("amount", amount, remedy)


@frozen(kw_only=True)
class Use:
    """What an application uses of one resource, in the unit of the zone's limit; more than 0.

    Raises:
        InvalidValueError: the resource is no id, or the amount no Decimal above 0 of at most 12 digits before the
            point and 4 after it.

    >>> Use(resource="kamar-hotel", amount=0.1)
    Traceback (most recent call last):
    mppkit.errors.InvalidValueError: amount: 0.1: give a Decimal above 0, written out with at most 12 digits before \
the point and 4 after it, such as Decimal('12.5')
    """

    resource: str
    amount: Decimal

    def __attrs_post_init__(self) -> None:
        checked_id(self.resource, "resource")
        _check_amount(self.amount, may_be_zero=False)


def checked_uses(uses: Sequence[Use]) -> tuple[Use, ...]:
    """Return what an application uses: one resource or more, each once.

    Raises:
        InvalidValueError: there is none, one stands there twice, or something is no `Use`.
    """
    if not isinstance(uses, Sequence) or not uses or not all(isinstance(use, Use) for use in uses):
        raise InvalidValueError("uses", uses, "state what is used, one resource or more, each a Use")
    named = [use.resource for use in uses]
    if len(set(named)) != len(named):
        raise InvalidValueError("uses", named, "state each resource once")
    return tuple(uses)


@frozen(kw_only=True)
class Limit:
    """How much of a resource a zone can carry, who says so, and since when.

    Attributes:
        resource: the id of what is counted, such as `kamar-hotel`.
        unit: what it is counted in, such as `kamar` or `m3/hari`; a resource keeps its unit.
        amount: 0 or more; 0 means that nothing more may come.
        source: the study, plan or decree that says so.
        dated_on: its local date.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    resource: str
    unit: str
    amount: Decimal
    source: str
    dated_on: date

    def __attrs_post_init__(self) -> None:
        checked_id(self.resource, "resource")
        checked_text(self.unit, "unit", _UNIT_AT_MOST)
        _check_amount(self.amount, may_be_zero=True)
        checked_text(self.source, "source", _SOURCE_AT_MOST)
        checked_date(self.dated_on, "dated_on")


@frozen(kw_only=True)
class Zone:
    """A part of the region (*zona*) and the limits it begins with.

    Attributes:
        limits: taken when the zone is first used; later ones are set in the zone's ledger, with their source.

    Raises:
        InvalidValueError: the id is none, a name cannot be, or a resource has two limits.
    """

    id: str
    name: str
    name_english: str
    limits: tuple[Limit, ...] = ()

    def __attrs_post_init__(self) -> None:
        checked_id(self.id, "zone")
        checked_text(self.name, "name", _NAME_AT_MOST)
        checked_text(self.name_english, "name_english", _NAME_AT_MOST)
        if not isinstance(self.limits, tuple) or not all(isinstance(limit, Limit) for limit in self.limits):
            raise InvalidValueError("limits", self.limits, "give a tuple of Limits")
        named = [limit.resource for limit in self.limits]
        if len(set(named)) != len(named):
            raise InvalidValueError("limits", named, "give each resource one limit")


class HoldingStatus(StrEnum):
    """How an application holds its share of a zone."""

    RESERVED = "reserved"
    """While it is assessed (*dicadangkan*)."""
    COMMITTED = "committed"
    """Since its permit was issued (*terpakai*)."""


@frozen(kw_only=True)
class Holding:
    """What one application holds of a zone."""

    status: HoldingStatus
    uses: tuple[Use, ...]

    @property
    def amounts(self) -> dict[str, Decimal]:
        """The amount of each resource."""
        return {use.resource: use.amount for use in self.uses}


class ReleaseCause(StrEnum):
    """Why an application gave its share of a zone back."""

    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REVOKED = "revoked"
    AMENDED = "amended"
    """It uses nothing of this zone any more."""


@frozen(kw_only=True)
class Override:
    """An officer's written reason to go beyond a limit; it names no person but the officer, by id.

    Raises:
        InvalidValueError: the officer's id or the reason cannot be recorded.
    """

    officer: str
    why: str

    def __attrs_post_init__(self) -> None:
        checked_person(self.officer, "officer")
        checked_text(self.why, "why", _WHY_AT_MOST)


@frozen(kw_only=True)
class Claim:
    """What is asked of one resource, and how that stood just before.

    Attributes:
        asked: how much more than the application holds already.
        limit, committed, reserved: of the whole zone; source: who says the limit.
        held: what the application itself held of it; part of what is committed or reserved.
    """

    resource: str
    unit: str
    asked: Decimal
    limit: Decimal
    source: str
    committed: Decimal
    reserved: Decimal
    held: Decimal = Decimal(0)

    @property
    def free(self) -> Decimal:
        """What was left before; below 0 where the zone was overcommitted."""
        return _free(self.limit, self.committed, self.reserved)

    @property
    def fits(self) -> bool:
        """Whether no more is asked than was left."""
        return self.asked <= self.free


@frozen(kw_only=True)
class ResourceCapacity:
    """One resource of a zone as it stands.

    Attributes:
        limits: all limits that were set, the one in force last.
        committed: what issued permits use; reserved: what applications under assessment would use.
    """

    limits: tuple[Limit, ...]
    committed: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def limit(self) -> Limit:
        """The limit in force, with its unit, source and date."""
        return self.limits[-1]

    @property
    def free(self) -> Decimal:
        """What is left; below 0 where the zone is overcommitted."""
        return _free(self.limit.amount, self.committed, self.reserved)

    @property
    def is_overcommitted(self) -> bool:
        """Whether more is committed and reserved than the limit in force."""
        return self.free < 0


def _free(limit: Decimal, committed: Decimal, reserved: Decimal) -> Decimal:
    return EXACT.subtract(limit, EXACT.add(committed, reserved))


@frozen(kw_only=True)
class Level:
    """How one resource of a zone stood from an instant on; of several at one instant the last counts."""

    resource: str
    at: datetime
    limit: Decimal
    committed: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What was left; below 0 where the zone was overcommitted."""
        return _free(self.limit, self.committed, self.reserved)


@frozen(kw_only=True)
class ZoneCapacity:
    """What a zone can carry, and what is used of it, now and over time.

    Attributes:
        resources: each resource, in the order of their first limits.
        over_time: a level for each change of a limit or of what is used, in the order in which they happened.
    """

    zone: str
    resources: tuple[ResourceCapacity, ...]
    over_time: tuple[Level, ...]

    def resource(self, resource_id: str) -> ResourceCapacity:
        """Return one resource.

        Raises:
            NotFoundError: the zone has no limit for it.
        """
        for each in self.resources:
            if each.limit.resource == resource_id:
                return each
        there = [each.limit.resource for each in self.resources]
        raise NotFoundError("resource", resource_id, there, f"{self.zone} counts {', '.join(there) or 'none'}")

    def not_in_force(self, zone: Zone) -> tuple[Limit, ...]:
        """Return the limits with which the blueprint begins this zone where others are in force.

        Either the blueprint was edited since, which changes no ledger, or the ledger was given another limit since.

        Raises:
            InvalidValueError: it is another zone.
        """
        if zone.id != self.zone:
            raise InvalidValueError("zone", zone.id, f"give the zone {self.zone} of the blueprint")
        in_force = [each.limit for each in self.resources]
        return tuple(limit for limit in zone.limits if limit not in in_force)

    def held_before(self, limit: Limit) -> bool:
        """Tell whether a limit was in force here before the one that is now."""
        return any(limit in each.limits[:-1] and limit != each.limit for each in self.resources)
