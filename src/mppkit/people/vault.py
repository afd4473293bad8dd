"""How the desk does what it does: seal anew and destroy the key before, in an order that a crash cannot harm.

A new key is in the ring before an event names it, and an event condemns a key before it leaves the ring. So a crash
leaves a key that nobody needs, or one that is known to be destroyed yet; never a value without its key.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    RefusedError,
    StorageError,
    TransitionError,
    shown,
)
from mppkit.ids import split_stream
from mppkit.people import events, rules
from mppkit.people.dossier import PERSONS, Dossier
from mppkit.people.model import Field, Terms
from mppkit.people.person_keys import PersonKeys
from mppkit.storage.port import EventStore, Op, Where

Plan = Callable[[Dossier, datetime], rules.Change | rules.Events]
Kinds = type[events.PersonEvent] | tuple[type[events.PersonEvent], ...]

_OPENINGS = 10
"""A key that goes while a value is opened was replaced by a change; so many changes in a row do not happen."""
_UNDONE = (TransitionError, RefusedError, NotFoundError, InvalidValueError, ConflictError)
"""What says for sure that nothing was recorded; after any other error it may have been, and new keys must stay."""


class Vault:
    """The persons of one mall in the store, and their keys in the ring."""

    def __init__(self, *, mall: str, store: EventStore, clock: Clock, keys: PersonKeys) -> None:
        _check_commits(store)
        self.persons: Repository[Dossier, events.PersonEvent] = Repository(PERSONS, store, mall)
        self.keys = keys
        self._clock = clock

    def do(
        self,
        subject: str,
        rule: Callable[[Dossier, datetime], rules.Events],
        who: str,
        kinds: Kinds = (),
        request_id: str | None = None,
    ) -> None:
        """Record what a rule answers; `kinds` are what a request_id must have recorded before, if it was used."""
        rules.checked_request(request_id)
        self.persons.execute(
            rules.checked_subject(subject),
            rule,
            lambda _, happened: _check_kinds(happened, kinds, request_id),
            at=self._clock.now(),
            request_id=request_id,
            actor=who,
        )

    def change(
        self,
        subject: str,
        plan: Plan,
        who: str,
        *,
        fields: Iterable[Field] = (),
        values: Mapping[Field, str] | None = None,
        terms: Mapping[Field, Terms] | None = None,
        kinds: Kinds = (),
        request_id: str | None = None,
    ) -> None:
        """Seal a person's data anew under a new key, these values among it; record it, and destroy the key before.

        A request_id that was used records nothing, and must have asked for the same: `fields`, or `values` and `terms`.
        """
        rules.checked_request(request_id)
        made: list[str] = []

        def decide(dossier: Dossier, at: datetime) -> rules.Events:
            change = plan(dossier, at)
            if isinstance(change, tuple):
                return change
            known = dict(values or {})
            if any(each.field not in known for each in change.kept):  # who brings all can be helped without the old key
                known = {**self._opened(dossier), **known}
            kept = {each.field: known[each.field] for each in change.kept}
            key = self.keys.make(subject, kept)
            made.append(key.id)
            sealed = tuple(
                events.SealedField(kept=each, sealed=key.seal(each.field, kept[each.field])) for each in change.kept
            )
            return (change.event(key.id, key.mall_key, sealed),)

        def result(dossier: Dossier, happened: Sequence[events.PersonEvent]) -> tuple[set[str], events.Sealing | None]:
            _check_kinds(happened, kinds, request_id)
            before = [each for each in happened if isinstance(each, events.Sealing) and each.key not in made]
            return {held.key for held in dossier.holdings}, before[0] if before else None

        try:
            used, before = self.persons.execute(
                rules.checked_subject(subject),
                decide,
                result,
                at=self._clock.now(),
                request_id=request_id,
                actor=who,
            )
        except _UNDONE:
            self._discard(subject, made)
            raise
        self._discard(subject, [key for key in made if key not in used])  # of races that others won
        self.finish(subject)
        if before is not None:
            self._check_repeats(subject, before, tuple(values or fields), values or {}, terms, request_id)

    def _check_repeats(
        self,
        subject: str,
        before: events.Sealing,
        asked: Iterable[Field],
        values: Mapping[Field, str],
        terms: Mapping[Field, Terms] | None,
        request_id: str | None,
    ) -> None:
        """Refuse a request_id that was used for another request; its values are compared as they lie sealed.

        Raises:
            InvalidValueError: it was.
            TransitionError: nothing is left to compare, for all was changed or erased since.
        """
        # opened first, so that what is corrected meanwhile counts as changed
        opened = self.open(subject) if values else {}
        same = self.persons.view(subject, lambda dossier: rules.still_as_brought(dossier, before, asked, terms))
        if same is None or any(opened.get(field) != values[field] for field in same if field in values):
            raise _other_request(request_id)
        if values and not same:
            raise TransitionError(f"request {shown(request_id)}", "repeat it", "changed since by others", ())

    def finish(self, subject: str) -> None:
        """Destroy the keys of a person that are in use no longer, and record that they are gone."""
        if not self.persons.view(subject, lambda dossier: dossier.condemned):
            return

        def decide(dossier: Dossier, at: datetime) -> rules.Events:
            self._discard(subject, dossier.condemned)
            return rules.destroyed(dossier)

        self.persons.execute(subject, decide, lambda *_: None, at=self._clock.now())

    def open(self, subject: str) -> dict[Field, str]:
        """Return all values of a person; looks again where a change replaced the key meanwhile.

        Raises:
            TransitionError: the person was erased meanwhile.
            StorageError: the key is not there, or a value cannot be opened.
        """
        for _ in range(_OPENINGS):
            # its parts are frozen, so they may be taken along
            key, sealed = self.persons.view(subject, lambda dossier: (rules.living_key(dossier), dossier.sealed))
            if (opened := self.keys.open(subject, key)) is not None:
                return {each.kept.field: opened.unseal(each.kept.field, each.sealed) for each in sealed}
            if self.is_living(subject, key):
                break
        raise _keyless(subject)

    def is_living(self, subject: str, key: str) -> bool:
        """Tell whether a key is the one under which a person's data lies."""
        return self.persons.view(subject, lambda dossier: dossier.key == key)

    def is_dead(self, subject: str, key: str) -> bool:
        """Tell whether a key was a person's and is to be used no more."""
        return self.persons.view(
            subject, lambda dossier: key != dossier.key and any(held.key == key for held in dossier.holdings)
        )

    def subjects(self, *where: Where, order_by: str | None = None) -> list[str]:
        """Return the subjects whose labels are so."""
        return [split_stream(head.stream)[2] for head in self.persons.find(*where, order_by=order_by)]

    def condemned(self) -> list[str]:
        """Return the subjects of whom a key is to be destroyed and may still be in the ring."""
        return self.subjects(Where(label="condemned", op=Op.GE, value=1))

    def _opened(self, dossier: Dossier) -> dict[Field, str]:
        key = self.keys.open(dossier.subject, rules.living_key(dossier))
        if key is None:
            raise _keyless(dossier.subject)
        return {each.kept.field: key.unseal(each.kept.field, each.sealed) for each in dossier.sealed}

    def _discard(self, subject: str, keys: Iterable[str]) -> None:
        for key in keys:
            self.keys.destroy(subject, key)


def _check_commits(store: EventStore) -> None:
    """Refuse a store whose commits are the caller's: after a rollback keys are destroyed of what is there again."""
    if not getattr(store, "commits", True):
        remedy = "give the vault a store of its own, by an address; personal data cannot be part of your transaction"
        raise InvalidValueError("store", store, remedy)


def _keyless(subject: str) -> StorageError:
    return StorageError(f"the key of {subject} is not in the key ring: is it the right ring? see the desk's check")


def _check_kinds(happened: Iterable[events.PersonEvent], kinds: Kinds, request_id: str | None) -> None:
    """Refuse a request_id that was used for another command."""
    if request_id is not None and not all(isinstance(event, kinds) for event in happened):
        raise _other_request(request_id)


def _other_request(request_id: str | None) -> InvalidValueError:
    return InvalidValueError(
        "request_id", request_id, "it was used for another command, or with other values; give every request its own"
    )
