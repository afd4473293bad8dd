"""How the events of a person fold: what is sealed now, under which keys it ever was, and what was done with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import Factory, define, evolve, frozen

from mppkit.aggregates import Kind
from mppkit.people import events as e
from mppkit.people.model import Act, Field, Person, Status, Step
from mppkit.storage.port import LabelValue, at_text


@frozen(kw_only=True)
class Holding:
    """A key of a person: the mall key it lay under at first, what it sealed, from when and until it was destroyed."""

    key: str
    mall_key: str
    fields: tuple[Field, ...]
    from_at: datetime
    destroyed_at: datetime | None = None


@define
class Dossier:
    """One stream in memory.

    Attributes:
        status: None until the person is registered.
        sealed: what is kept, sealed under the last of the holdings' keys.
        holdings: all keys the person ever had, the first one first.
    """

    subject: str
    status: Status | None = None
    registered_at: datetime | None = None
    sealed: tuple[e.SealedField, ...] = ()
    holdings: tuple[Holding, ...] = ()
    trail: list[Step] = Factory(list)

    @property
    def key(self) -> str | None:
        """The id of the key in use; None before and after."""
        return self.holdings[-1].key if self.status in (Status.ACTIVE, Status.RESTRICTED) else None

    @property
    def condemned(self) -> tuple[str, ...]:
        """The keys that are in use no longer and may still be in the ring."""
        return tuple(held.key for held in self.holdings if held.destroyed_at is None and held.key != self.key)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is kept."""
        return tuple(each.kept.field for each in self.sealed)

    def person(self) -> Person:
        """Return the person as it stands; the person must be registered."""
        if self.status is None or self.registered_at is None:
            raise ValueError("a person who was never registered")
        return Person(
            subject=self.subject,
            status=self.status,
            registered_at=self.registered_at,
            fields=tuple(each.kept for each in self.sealed),
            trail=tuple(self.trail),
        )


def apply(dossier: Dossier, event: e.PersonEvent, at: datetime) -> None:
    """Change the dossier by an event that happened at an instant."""
    if isinstance(event, e.PersonRegistered):
        dossier.status, dossier.registered_at = Status.ACTIVE, at
    elif dossier.status is None:
        raise ValueError(f"{event.event_name} before the person was registered")
    if isinstance(event, e.Sealing):
        fields = tuple(each.kept.field for each in event.fields)
        holding = Holding(key=event.key, mall_key=event.mall_key, fields=fields, from_at=at)
        dossier.sealed, dossier.holdings = event.fields, (*dossier.holdings, holding)
    elif isinstance(event, e.KeysDestroyed):
        _destroy(dossier, event.keys, at)
    elif isinstance(event, e.Restricted):
        dossier.status = Status.RESTRICTED
    elif isinstance(event, e.RestrictionLifted):
        dossier.status = Status.ACTIVE
    elif isinstance(event, e.ErasureOrdered):
        dossier.status, dossier.sealed = Status.ERASING, ()
    elif isinstance(event, e.Erased):
        _destroy(dossier, dossier.condemned, at)
        dossier.status = Status.ERASED
    if (step := _step(event, at)) is not None:
        dossier.trail.append(step)


def _destroy(dossier: Dossier, keys: Sequence[str], at: datetime) -> None:
    dossier.holdings = tuple(
        evolve(held, destroyed_at=at) if held.key in keys and held.destroyed_at is None else held
        for held in dossier.holdings
    )


def _step(event: e.PersonEvent, at: datetime) -> Step | None:
    match event:
        case e.PersonRegistered():
            return Step(at=at, act=Act.REGISTERED, who=event.who, fields=tuple(s.kept.field for s in event.fields))
        case e.FieldsAdded():
            return Step(at=at, act=Act.ADDED, who=event.who, fields=event.added)
        case e.FieldsCorrected():
            return Step(at=at, act=Act.CORRECTED, who=event.who, why=event.why, fields=event.corrected)
        case e.FieldsErased():
            return Step(at=at, act=Act.FIELDS_ERASED, who=event.who, why=event.why, fields=event.erased)
        case e.FieldsRead():
            return Step(at=at, act=Act.READ, who=event.who, why=event.why, fields=event.fields)
        case e.Exported():
            return Step(at=at, act=Act.EXPORTED, who=event.who, why=event.why, fields=event.fields)
        case e.Restricted():
            return Step(at=at, act=Act.RESTRICTED, who=event.who, why=event.why)
        case e.RestrictionLifted():
            return Step(at=at, act=Act.LIFTED, who=event.who, why=event.why)
        case e.ErasureOrdered():
            return Step(at=at, act=Act.ERASURE_ORDERED, who=event.who, why=event.why)
        case e.Erased():
            return Step(at=at, act=Act.ERASED)
    return None


def _head(
    dossier: Dossier, happening: Sequence[e.PersonEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]:
    """Return by what a person's stream is found: where it stands, when a field is due, what is to be destroyed."""
    then = evolve(dossier, trail=[])
    for event in happening:
        apply(then, event, at)
    due = min((each.kept.keep_until_at for each in then.sealed), default=None)
    return {
        "status": None if then.status is None else then.status.value,
        "due_at": None if due is None else at_text(due),
        "condemned": len(then.condemned) or None,
    }, None


PERSONS: Kind[Dossier, e.PersonEvent] = Kind(
    category="person", events=e.EVENTS, start=lambda key: Dossier(subject=key), apply=apply, head=_head
)
"""How the streams `mall/person/<subject>` fold."""


@frozen(kw_only=True)
class Rotation:
    """A run that put all keys under another mall key; `finished_at` is None where it did not come to its end."""

    to: str
    began_at: datetime
    finished_at: datetime | None = None


@define
class Rotations:
    """All such runs of a mall, the first one first."""

    runs: list[Rotation] = Factory(list)


def _apply_rotation(state: Rotations, event: e.RotationEvent, at: datetime) -> None:
    if isinstance(event, e.KeyRotationBegan):
        state.runs.append(Rotation(to=event.to, began_at=at))
    elif isinstance(event, e.KeyRotationFinished):
        place = max(n for n, run in enumerate(state.runs) if run.to == event.to and run.finished_at is None)
        state.runs[place] = evolve(state.runs[place], finished_at=at)


ROTATIONS: Kind[Rotations, e.RotationEvent] = Kind(
    category="mall-key",
    events=e.ROTATION_EVENTS,
    start=lambda key: Rotations(),
    apply=_apply_rotation,
    head=lambda state, happening, at: ({}, None),
)
"""How the stream `mall/mall-key/rotations` folds."""
