"""What happens to what a zone can carry, each with a name and version that stay for ever.

An event holds ids and figures, never personal data; the instant and the actor stand on the recorded row. A field's
default is part of the shape: it is not written out, so it may never change.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from mppkit.permits.capacity import Claim, Override, ReleaseCause, Use


class CapacityEvent:
    """The root of all events of a zone's ledger."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class LimitSet(CapacityEvent):
    """From this instant on a limit holds for a resource of the zone; the fields are those of `Limit`."""

    event_name = "capacity.limit_set"
    resource: str
    unit: str
    amount: Decimal
    source: str
    dated_on: date


@frozen(kw_only=True)
class Overcommitted(CapacityEvent):
    """A limit was set below what was committed and reserved; it changes nothing, and is never hidden."""

    event_name = "capacity.overcommitted"
    resource: str
    limit: Decimal
    committed: Decimal
    reserved: Decimal


@frozen(kw_only=True)
class Reserved(CapacityEvent):
    """An application under assessment took its share.

    Attributes:
        claims: the figures on which that was decided.
        codes: the codes of the reasons; the sentences stand in the application's own stream.
        override: the officer's reason, where it went beyond a limit.
    """

    event_name = "capacity.reserved"
    application: str
    uses: tuple[Use, ...]
    claims: tuple[Claim, ...]
    codes: tuple[str, ...] = ()
    override: Override | None = None


@frozen(kw_only=True)
class Adjusted(CapacityEvent):
    """An application that holds a share uses something else from now on.

    Attributes:
        uses: all of what it uses now.
        claims: the figures of what it uses more of.
        codes, override: as when it was reserved.
    """

    event_name = "capacity.adjusted"
    application: str
    uses: tuple[Use, ...]
    claims: tuple[Claim, ...] = ()
    codes: tuple[str, ...] = ()
    override: Override | None = None


@frozen(kw_only=True)
class Committed(CapacityEvent):
    """The permit was issued: what was reserved is used."""

    event_name = "capacity.committed"
    application: str


@frozen(kw_only=True)
class Released(CapacityEvent):
    """An application gave back all that it held, reserved or committed."""

    event_name = "capacity.released"
    application: str
    why: ReleaseCause


EVENTS: tuple[type[CapacityEvent], ...] = (LimitSet, Overcommitted, Reserved, Adjusted, Committed, Released)
"""All events of a zone's ledger, for the codec."""
