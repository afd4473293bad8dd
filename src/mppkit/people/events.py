"""What happens to a person's data, each with a name and version that stay for ever: ciphertext and ids, never a value.

A field's default is part of the shape: it is not written out, so it may never change.
"""

from typing import ClassVar

from attrs import frozen

from mppkit.people.model import Field, Kept


class PersonEvent:
    """The root of all events of a person."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class SealedField:
    """One kept field with its value sealed under the person's key: nonce and ciphertext in Base64."""

    kept: Kept
    sealed: str


@frozen(kw_only=True)
class Sealing(PersonEvent):
    """What all events have that seal a person's data anew: whatever was sealed before is void.

    Attributes:
        key: the id of the person's key from now on; mall_key: the id of the mall key it lies under at first.
        fields: all that is kept from now on.
        who: who did it.
    """

    key: str
    mall_key: str
    fields: tuple[SealedField, ...]
    who: str


@frozen(kw_only=True)
class PersonRegistered(Sealing):
    """Somebody's data was taken in."""

    event_name = "people.person_registered"


@frozen(kw_only=True)
class FieldsAdded(Sealing):
    """More was taken in."""

    event_name = "people.fields_added"
    added: tuple[Field, ...]


@frozen(kw_only=True)
class FieldsCorrected(Sealing):
    """Values were put right; the wrong ones go with the key they were sealed under."""

    event_name = "people.fields_corrected"
    corrected: tuple[Field, ...]
    why: str


@frozen(kw_only=True)
class FieldsErased(Sealing):
    """Some fields are kept no longer; their values go with the key they were sealed under."""

    event_name = "people.fields_erased"
    erased: tuple[Field, ...]
    why: str


@frozen(kw_only=True)
class KeysDestroyed(PersonEvent):
    """Keys of a person that were in use before are gone from the ring."""

    event_name = "people.keys_destroyed"
    keys: tuple[str, ...]


@frozen(kw_only=True)
class FieldsRead(PersonEvent):
    """Somebody was handed values; recorded before they were."""

    event_name = "people.fields_read"
    fields: tuple[Field, ...]
    who: str
    why: str


@frozen(kw_only=True)
class Exported(PersonEvent):
    """All that is kept was handed out for the person; recorded before it was."""

    event_name = "people.exported"
    fields: tuple[Field, ...]
    who: str
    why: str


@frozen(kw_only=True)
class Restricted(PersonEvent):
    """The person's data may not be read for now."""

    event_name = "people.restricted"
    who: str
    why: str


@frozen(kw_only=True)
class RestrictionLifted(PersonEvent):
    """The person's data may be read again."""

    event_name = "people.restriction_lifted"
    who: str
    why: str


@frozen(kw_only=True)
class ErasureOrdered(PersonEvent):
    """All keys of the person are to be destroyed; nothing is read from now on."""

    event_name = "people.erasure_ordered"
    who: str
    why: str


@frozen(kw_only=True)
class Erased(PersonEvent):
    """All keys of the person are gone from the ring."""

    event_name = "people.erased"


EVENTS: tuple[type[PersonEvent], ...] = (
    PersonRegistered,
    FieldsAdded,
    FieldsCorrected,
    FieldsErased,
    KeysDestroyed,
    FieldsRead,
    Exported,
    Restricted,
    RestrictionLifted,
    ErasureOrdered,
    Erased,
)
"""All events of a person, for the codec."""


class RotationEvent:
    """The root of the events of the mall's key."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class KeyRotationBegan(RotationEvent):
    """From now on persons' keys come to lie under the mall key `to`."""

    event_name = "people.key_rotation_began"
    to: str


@frozen(kw_only=True)
class KeyRotationFinished(RotationEvent):
    """All keys that were in the ring when it began lie under the mall key `to`; how many were moved."""

    event_name = "people.key_rotation_finished"
    to: str
    moved: int


ROTATION_EVENTS: tuple[type[RotationEvent], ...] = (KeyRotationBegan, KeyRotationFinished)
"""All events of the mall's key, for the codec."""
