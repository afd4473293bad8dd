"""The people desk: what a portal, a counter or a script calls for personal data, and the runs that keep it in order.

Each command asks the rules, seals what is to be kept, and records what happened, never a value. `who` is the id of
whoever did it in your own records, `why` a line of text without names. A command with a `request_id`, repeated under
the same one, records nothing and returns the same; it is refused where it does not ask for the same as before. Reads
and exports have none, for each of them is recorded.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from secrets import token_bytes

from mppkit.aggregates import Repository
from mppkit.clock import Clock, as_utc
from mppkit.errors import InvalidValueError, NotFoundError, StorageError, TransitionError
from mppkit.people import events, rules
from mppkit.people.breach import exposures
from mppkit.people.comparing import compare
from mppkit.people.dossier import ROTATIONS, Dossier, Rotations
from mppkit.people.key_ring import KeyRing
from mppkit.people.mall_keys import KeyProvider, Randomness
from mppkit.people.model import (
    Due,
    Exposure,
    Field,
    Person,
    Personal,
    RetentionRun,
    Status,
    Terms,
    VaultCheck,
)
from mppkit.people.person_keys import PersonKeys
from mppkit.people.report import exported
from mppkit.people.values import read_fields, read_terms, read_value, read_values
from mppkit.people.vault import Vault
from mppkit.storage.port import EventStore, Op, Where, at_text

_EASTERNMOST = timedelta(hours=9)
"""Ages are reckoned by the day in Jayapura: who was born today was born today everywhere."""
_ROTATIONS = "rotations"
_LISTED = 10
"""So many names a message holds."""


class PeopleDesk:
    """The personal data (*data pribadi*) of one mall; may be used from any thread.

    A person who is not there raises NotFoundError; a step that is not possible from where things stand raises
    TransitionError; what may not be done RefusedError with the reasons; a value that cannot be InvalidValueError, which
    never shows a name or address. What is sealed and cannot be opened raises StorageError.

    Args:
        mall: the mall's id.
        store: where the events go.
        clock: what tells the time.
        keys: whoever holds the mall's key.
        ring: where the keys of persons lie; one for each mall, and not backed up with the store.
        randomness: answers with so many bytes that nobody can guess.

    Raises:
        MissingExtraError: the extra `security` is not installed.
        InvalidValueError: the store is in a transaction of the caller's own.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        clock: Clock,
        keys: KeyProvider,
        ring: KeyRing,
        randomness: Randomness = token_bytes,
    ) -> None:
        self._keys = PersonKeys(mall=mall, provider=keys, ring=ring, randomness=randomness)
        self._vault = Vault(mall=mall, store=store, clock=clock, keys=self._keys)
        self._rotations: Repository[Rotations, events.RotationEvent] = Repository(ROTATIONS, store, mall)
        self._clock = clock

    # --- taking in and putting right ---------------------------------------------------------------------------------

    def register(
        self,
        values: Mapping[Field | str, str | Personal],
        terms: Terms | Mapping[Field | str, Terms],
        *,
        who: str,
        request_id: str | None = None,
    ) -> str:
        """Take somebody's data in, and return the subject's id: all that the rest of the mall may know.

        A NIK that is known already does not stand in the way: ask `find` first.

        Args:
            values: what is taken in, by field, such as `{"nik": …, "name": …}`.
            terms: on what terms, for all fields or for each.
            who: the id of who took it in.
            request_id: repeated under the same one, it records nothing and returns the same subject.

        Raises:
            InvalidValueError: a value cannot be, or terms are missing; or the request_id was used for other values.
            NotFoundError: there is no such field.
            TransitionError: the request was recorded before, and all its values were changed or erased since.
        """
        read = read_values(values, self._today())
        each = read_terms(terms, read)
        subject = self._keys.new_subject(request_id)
        self._vault.change(
            subject,
            lambda dossier, at: rules.register(dossier, each, who, at),
            who,
            values=read,
            terms=each,
            kinds=events.PersonRegistered,
            request_id=request_id,
        )
        return subject

    def add(
        self,
        subject: str,
        values: Mapping[Field | str, str | Personal],
        terms: Terms | Mapping[Field | str, Terms],
        *,
        who: str,
        request_id: str | None = None,
    ) -> None:
        """Take in fields that were not kept of a person until now."""
        read = read_values(values, self._today())
        each = read_terms(terms, read)
        self._vault.change(
            subject,
            lambda dossier, at: rules.add(dossier, each, who, at),
            who,
            values=read,
            terms=each,
            kinds=events.FieldsAdded,
            request_id=request_id,
        )

    def correct(
        self,
        subject: str,
        values: Mapping[Field | str, str | Personal],
        *,
        who: str,
        why: str,
        request_id: str | None = None,
    ) -> None:
        """Put values right (UU 27/2022 Article 30); the wrong ones cannot be read any more, in no backup of the store.

        The terms stay, and the time for which they are kept; a restriction does not stand in the way.
        """
        read = read_values(values, self._today())
        self._vault.change(
            subject,
            lambda dossier, at: rules.correct(dossier, read, who, why),
            who,
            values=read,
            kinds=events.FieldsCorrected,
            request_id=request_id,
        )

    # --- handing out -------------------------------------------------------------------------------------------------

    def read(self, subject: str, fields: Iterable[Field | str], *, who: str, why: str) -> dict[Field, Personal]:
        """Record who reads what and why, and then return the values, each masked until it is revealed.

        Raises:
            RefusedError: the person's data is restricted, or the time of a field over.
            NotFoundError: no such person, or no such field of the person.
        """
        names = read_fields(fields)
        self._vault.do(subject, lambda dossier, at: rules.read(dossier, names, who, why, at), who)
        values = self._vault.open(subject)
        if missing := [name for name in names if name not in values]:
            raise NotFoundError("field", missing[0], remedy="it was erased at this moment")
        return {name: Personal(field=name, value=values[name]) for name in names}

    def export(self, subject: str, *, who: str, why: str) -> dict[str, object]:
        """Record it, and then return all that is kept of a person, and the trail of all that was done with it.

        For the person's own right of access (UU 27/2022 Article 32), so values are whole: hand it to nobody else. Fit
        for JSON.
        """
        self._vault.do(subject, lambda dossier, at: rules.export(dossier, who, why), who)
        values = self._vault.open(subject)
        return exported(self.person(subject), values)

    def find(self, *, nik: str | Personal | None = None, phone: str | Personal | None = None) -> tuple[str, ...]:
        """Return the subjects whose NIK, or whose telephone number, this is; none, one, or several who share it.

        It hands out nothing that the caller has not, so it is not recorded.

        Raises:
            InvalidValueError: not one of the two was given, or it cannot be one.
        """
        if nik is not None and phone is None:
            found = self._keys.tagged(Field.NIK, read_value(Field.NIK, nik, self._today()))
        elif phone is not None and nik is None:
            found = self._keys.tagged(Field.PHONE, read_value(Field.PHONE, phone, self._today()))
        else:
            raise InvalidValueError("find", "…", "give either nik= or phone=")
        # a tag of a key that is in use no longer says nothing
        return tuple(subject for subject, key in found if self._vault.is_living(subject, key))

    def person(self, subject: str) -> Person:
        """Return what is kept of a person and what was done with it, without any value."""

        def look(dossier: Dossier) -> Person:
            rules.check_registered(dossier)
            return dossier.person()

        return self._vault.persons.view(rules.checked_subject(subject), look)

    # --- restricting and erasing -------------------------------------------------------------------------------------

    def restrict(self, subject: str, *, who: str, why: str, request_id: str | None = None) -> None:
        """Have nobody read a person's data for now (*pembatasan pemrosesan*, UU 27/2022 Article 41)."""
        self._vault.do(subject, lambda d, at: rules.restrict(d, who, why), who, events.Restricted, request_id)

    def lift(self, subject: str, *, who: str, why: str, request_id: str | None = None) -> None:
        """Lift a restriction."""
        self._vault.do(subject, lambda d, at: rules.lift(d, who, why), who, events.RestrictionLifted, request_id)

    def erase(
        self,
        subject: str,
        *,
        who: str,
        why: str,
        fields: Iterable[Field | str] | None = None,
        request_id: str | None = None,
    ) -> None:
        """Erase a person, or some fields, for good (UU 27/2022 Articles 8, 43, 44): destroy its key.

        The order is recorded first, then the key is destroyed, then that is recorded; whatever breaks off in between
        is ended by erasing again or by `finish_erasures`. The events stay, so every count stays as it was.
        """
        if fields is not None:
            names = read_fields(fields)
            self._vault.change(
                subject,
                lambda dossier, at: rules.erase_fields(dossier, names, who, why),
                who,
                fields=names,
                kinds=(events.FieldsErased, events.ErasureOrdered),
                request_id=request_id,
            )
            return
        self._vault.do(subject, lambda d, at: rules.order_erasure(d, who, why), who, events.ErasureOrdered, request_id)
        self._vault.finish(subject)

    def finish_erasures(self) -> tuple[str, ...]:
        """Destroy what was condemned and may still be in the ring; return whose keys.

        Run it after every crash or restore: keys of erased persons that came back with the ring are destroyed again.

        Raises:
            StorageError: the ring is another mall's.
        """
        self._keys.check_mall()
        subjects = self._vault.condemned()
        for subject in subjects:
            self._vault.finish(subject)
        there = self._keys.held() | self._keys.found_by()
        revived = [(subject, key) for subject, key in there if self._vault.is_dead(subject, key)]
        for subject, key in revived:
            self._keys.destroy(subject, key, thorough=True)
        return tuple(sorted({*subjects, *(subject for subject, _ in revived)}))

    # --- retention ---------------------------------------------------------------------------------------------------

    def retention_due(self, by: datetime | None = None) -> tuple[Due, ...]:
        """Return whose fields must go by an instant, which is now if not given; the longest overdue first."""
        at = as_utc(self._clock.now() if by is None else by, "by")

        def look(dossier: Dossier) -> Due:
            held = dossier.status is Status.RESTRICTED
            return Due(subject=dossier.subject, fields=rules.due(dossier, at), held=held)

        subjects = self._vault.subjects(Where(label="due_at", op=Op.LE, value=at_text(at)), order_by="due_at")
        found = [self._vault.persons.view(subject, look) for subject in subjects]
        return tuple(each for each in found if each.fields)

    def enforce_retention(self, *, who: str) -> RetentionRun:
        """Erase what is kept longer than its terms say (UU 27/2022 Article 44); may be run twice, by two machines.

        What is restricted is left, and told. One person whose data cannot be opened stops nobody else's erasure.

        Raises:
            StorageError: some could not be done; names them.
        """
        rules.checked_who(who)
        done: defaultdict[Status | None, list[str]] = defaultdict(list)
        failed = []

        def plan(dossier: Dossier, at: datetime) -> rules.Change | rules.Events:
            fields = rules.due(dossier, at)
            if not fields or dossier.status is Status.RESTRICTED:  # another run may have been faster
                return ()
            return rules.erase_fields(dossier, fields, who, rules.RETENTION_OVER)

        for due in self.retention_due():
            try:
                self._vault.change(due.subject, plan, who)
                done[self._vault.persons.view(due.subject, lambda dossier: dossier.status)].append(due.subject)
            except StorageError:
                failed.append(due.subject)
        if failed:
            raise StorageError(f"the data of {', '.join(failed)} could not be erased; see what the desk's check says")
        return RetentionRun(
            erased=tuple(done[Status.ERASED]),
            reduced=tuple(done[Status.ACTIVE]),
            held=tuple(done[Status.RESTRICTED]),
        )

    # --- keys --------------------------------------------------------------------------------------------------------

    def rotate_mall_key(self, *, who: str) -> int:
        """Put all keys under the mall's current key, and return how many were moved; no event of a person changes.

        Run it again, a minute after every process has the new key, until it returns 0; then destroy the old mall key,
        and every copy of the ring from before is dead. One piece that is damaged stops no other.

        Raises:
            StorageError: the ring is another mall's; or some pieces could not be moved, and the message names them.
        """
        rules.checked_who(who)
        current, names, damaged = self._keys.to_move()
        if names:
            self._rotate(events.KeyRotationBegan(to=current), who)
        for name in names:
            try:
                owner = self._keys.move(name)
            except StorageError:
                damaged.append(name)
                continue
            if owner is not None and self._vault.is_dead(*owner):
                self._keys.destroy(*owner)  # it was destroyed while it was moved, and so is in the ring again
        if damaged:
            remedy = "restore them from the ring's last backup, or erase whose they are, and rotate again"
            raise StorageError(f"{_listed(damaged)} of the key ring could not be moved to {current}: {remedy}")
        if names:
            self._rotate(events.KeyRotationFinished(to=current, moved=len(names)), who)
        return len(names)

    def reachable(self, mall_key: str, from_at: datetime, to_at: datetime) -> tuple[Exposure, ...]:
        """Return whose data could be read through a mall key in a period, and what was read of them then.

        For a breach notice, due within 3 x 24 hours (UU 27/2022 Article 46). Choose the period so that it
        holds the moment from which the thief's copy of the ring is.

        Raises:
            InvalidValueError: an instant is naive, or the period ends before it begins; or the id is no text.
            NotFoundError: no person's key ever lay under a mall key of that id.
        """
        if not isinstance(mall_key, str):
            raise InvalidValueError("mall_key", type(mall_key).__name__, "give the id of a mall key, such as 2026-11")
        first, last = as_utc(from_at, "from_at"), as_utc(to_at, "to_at")
        if last < first:
            raise InvalidValueError("to_at", to_at.isoformat(), f"give an instant from {from_at.isoformat()} on")
        runs = self._rotations.view(_ROTATIONS, lambda state: tuple(state.runs))
        known = {run.to for run in runs}
        found: list[Exposure] = []
        for subject in self._vault.subjects():
            # exposures are frozen, and the dossier is looked at in here only
            found += self._vault.persons.view(subject, lambda d: exposures(d, runs, mall_key, first, last))
            known |= self._vault.persons.view(subject, lambda d: {held.mall_key for held in d.holdings})
        if known and mall_key not in known:
            id_ = mall_key.partition(":")[0]  # whoever pasted a whole line of the key file must not see it again
            raise NotFoundError("mall key", id_, known, f"keys of persons lay under {', '.join(sorted(known))}")
        return tuple(found)

    def check(self) -> VaultCheck:
        """Compare the store and the ring, and return what does not fit together; changes nothing.

        It opens every key, so it needs the mall's keys.

        Raises:
            StorageError: the ring is another mall's.
        """
        return compare(self._vault)

    def destroy_strays(self, strays: Iterable[str]) -> None:
        """Destroy keys that no event names, as `check` told them; not while somebody may be being registered.

        Raises:
            InvalidValueError: they are none.
            StorageError: the ring is another mall's, or holds nothing that says whose it is.
            TransitionError: one is in use; none was destroyed.
        """
        if isinstance(strays, str) or not isinstance(strays, Iterable):
            raise InvalidValueError("strays", type(strays).__name__, "give what check() told as its strays")
        self._keys.check_ours()
        pairs = [
            (rules.checked_subject(subject), key) for subject, _, key in (str(each).partition(".") for each in strays)
        ]
        for subject, key in pairs:
            if self._vault.is_living(subject, key):
                raise TransitionError(f"a key of person {subject}", "destroy", "in use", ("erase",))
        for subject, key in pairs:
            self._keys.destroy(subject, key, thorough=True)

    # --- how it is done ----------------------------------------------------------------------------------------------

    def _rotate(self, event: events.RotationEvent, who: str) -> None:
        self._rotations.execute(
            _ROTATIONS, lambda state, at: (event,), lambda *_: None, at=self._clock.now(), actor=rules.checked_who(who)
        )

    def _today(self) -> date:
        return (self._clock.now() + _EASTERNMOST).date()


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(sorted(names)[:_LISTED]) + more
