"""The mall (*Mal Pelayanan Publik*): a blueprint, a store, a clock and policies put together, and the desks on them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from secrets import token_bytes
from types import MappingProxyType
from typing import Self

import attrs

from mppkit.access import Access, Desks, Viewer, by_table
from mppkit.access.codes import ticket_code
from mppkit.blueprint import Blueprint, Register, find_blueprint
from mppkit.clock import Clock, SystemClock
from mppkit.directory import Directory
from mppkit.directory.desk import DirectoryDesk
from mppkit.directory.enactments import Enactment
from mppkit.errors import InvalidValueError, TransitionError
from mppkit.lessons.desk import LessonsDesk
from mppkit.people import KeyProvider, KeyRing
from mppkit.people.desk import PeopleDesk
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.policies import PermitPolicies
from mppkit.queues.desk import QueueDesk
from mppkit.queues.measures import Measures
from mppkit.queues.policies import QueuePolicies
from mppkit.readiness import Facts, facts_of, load_instrument
from mppkit.readiness.desk import ReadinessDesk
from mppkit.readiness.events import Launched
from mppkit.readiness.launching import Happened
from mppkit.storage import EventStore, open_store
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.loading import find_instrument, shipped
from mppkit.surveys.tokens import checked_secret, token_of


class Mall:
    """A mall at work, with a desk for each room: `queue`, `permits`, `surveys`, `people`, `readiness`, `lessons`.

    It closes what it opened, and may be used from any thread.

    Attributes:
        blueprint: what the mall is.
        store: where its events are; closed with the mall only if the mall opened it.

    >>> from mppkit import VirtualClock
    >>> with Mall.open("contoh", "memory:", clock=VirtualClock("2026-11-24T09:00:00+08:00")) as mall:
    ...     mall.queue.issue("nib").number
    'A-001'
    """

    def __init__(
        self,
        blueprint: Blueprint,
        store: EventStore,
        *,
        clock: Clock,
        policies: QueuePolicies,
        permit_policies: PermitPolicies,
        vault: tuple[KeyProvider, KeyRing] | None,
        survey_secret: bytes | None,
        instruments: Sequence[Instrument],
        owns_store: bool,
    ) -> None:
        # checked at once: the first ticket would be recorded, and then fail to be printed
        self._survey_secret = token_bytes(32) if survey_secret is None else checked_secret(survey_secret)
        self._keeps_survey_codes = survey_secret is not None
        self.blueprint = blueprint
        self.store = store
        self._owns_store = owns_store
        self._is_closed = False
        self._queue = QueueDesk(
            mall=blueprint.id,
            store=store,
            directory=blueprint.directory,
            calendar=blueprint.calendar,
            policies=policies,
            clock=clock,
            blueprint=blueprint.digest,
            survey_token=partial(token_of, self._survey_secret, blueprint.id),  # not the desk: it reads all instruments
        )
        self._clock = clock
        self._policies = policies
        self._permit_policies = permit_policies
        self._considered = Facts()
        self._permits: PermitsDesk | None = None
        self._vault = vault
        self._people: PeopleDesk | None = None
        self._surveys: SurveysDesk | None = None
        self._instruments = tuple(instruments)
        self._readiness: ReadinessDesk | None = None
        self._lessons: LessonsDesk | None = None
        if instruments:
            self.surveys  # noqa: B018 -- looks at them at once
        self._enacted = DirectoryDesk(mall=blueprint.id, store=store, zone=blueprint.calendar.zone, clock=clock)

    @classmethod
    def open(
        cls,
        blueprint: Blueprint | str | Path,
        store: EventStore | str,
        *,
        clock: Clock | None = None,
        policies: QueuePolicies | None = None,
        permit_policies: PermitPolicies | None = None,
        vault: tuple[KeyProvider, KeyRing] | None = None,
        survey_secret: bytes | None = None,
        instruments: Sequence[Instrument] = (),
        register: Register = MappingProxyType({}),
    ) -> Self:
        """Open a mall on a store; if anything fails, nothing stays open.

        Args:
            blueprint: a TOML file, a folder of them, the name `contoh` of the sample, or a blueprint read before.
            store: an address such as `memory:` or `sqlite:///badung.db`, or a store of your own, which stays yours to
                close.
            clock: what time it is; the computer's clock if none is given.
            policies: replace those of the blueprint, all of them; `attrs.evolve(blueprint.policies, discipline=f)`
                makes a set in which one differs.
            permit_policies: replace those of the blueprint for its permits.
            vault: who holds the mall's key, and where the keys of persons lie; needed for `people` alone.
            survey_secret: 16 bytes or more that make the survey codes on tickets; every process of the mall needs the
                same. Without one a code is good only as long as this mall stays open.
            instruments: survey instruments of your own beside those that ship, such as
                `find_instrument("badung.toml")`, with the older versions that were answered.
            register: policies of your own that the blueprint names, as in `load_blueprint`.

        Raises:
            BlueprintError: the blueprint cannot be used; tells every problem at once.
            InvalidValueError: the store's address, the policies, the register, the survey secret or the instruments are
                wrong.
            StorageError: the store cannot be opened.
        """
        if policies is not None and not isinstance(policies, QueuePolicies):
            remedy = "give QueuePolicies; attrs.evolve(blueprint.policies, discipline=f) makes a set with one changed"
            raise InvalidValueError("policies", policies, remedy)
        if not isinstance(blueprint, Blueprint):
            blueprint = find_blueprint(blueprint, register=register)
        elif register:
            remedy = "the blueprint is read already; give the register to load_blueprint"
            raise InvalidValueError("register", tuple(register), remedy)
        opened = open_store(store) if isinstance(store, str) else store
        if not hasattr(opened, "append"):
            raise InvalidValueError("store", store, "give an address such as sqlite:///badung.db, or an EventStore")
        owns_store = opened is not store
        try:
            return cls(
                blueprint,
                opened,
                clock=clock if clock is not None else SystemClock(),
                policies=policies if policies is not None else blueprint.policies,
                permit_policies=permit_policies if permit_policies is not None else blueprint.permit_policies,
                vault=vault,
                survey_secret=survey_secret,
                instruments=instruments,
                owns_store=owns_store,
            )
        except BaseException:
            if owns_store:
                opened.close()
            raise

    @property
    def directory(self) -> Directory:
        """Who and what is in the mall by the blueprint it was opened with."""
        return self.blueprint.directory

    def directory_on(self, on: date) -> Directory:
        """Return the directory of the blueprint that was in force on a local date, at its end.

        Raises:
            NotFoundError: nothing had been enacted by then.
            TransitionError: the mall is closed.
        """
        self._check_open("ask for a past directory")
        return self._enacted.on(on).directory

    def enact(self, *, why: str, request_id: str | None = None, actor: str | None = None) -> Enactment:
        """Record that the mall is, from now on, as the blueprint says that it was opened with.

        Nothing happens if that blueprint is in force already. `why` says what it is enacted for, such as the decree
        that asks for it, and names no person; `actor` is the id of who did it.

        Raises:
            InvalidValueError: the reason cannot be kept, or the request_id was used for another blueprint.
            TransitionError: the mall is closed.
        """
        self._check_open("enact a blueprint")
        blueprint = self.blueprint
        return self._enacted.enact(blueprint.digest, blueprint.directory, why=why, request_id=request_id, actor=actor)

    @property
    def readiness(self) -> ReadinessDesk:
        """The readiness desk: what the mall needs before its launch, and what shows that it is there.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("look at its readiness")
        if self._readiness is None:
            self._readiness = ReadinessDesk(
                mall=self.blueprint.id,
                store=self.store,
                zone=self.blueprint.calendar.zone,
                clock=self._clock,
                instrument=load_instrument(),
                facts=self._facts,
            )
        return self._readiness

    def consider(
        self,
        *,
        rehearsed: Measures | None = None,
        rehearsed_on: date | None = None,
        backed_up_on: date | None = None,
    ) -> None:
        """Tell the readiness desk what the mall cannot see by itself; it holds for as long as the mall is open.

        Args:
            rehearsed: what the last rehearsal came to, such as `rehearsal.measures`.
            rehearsed_on: the local date on which it was done, not the day it played.
            backed_up_on: the local date of the store's last backup.
        """
        promise = self._policies.limits.promise_minutes
        within = rehearsed.hall.wait.within(promise * 60) if rehearsed is not None else None
        self._considered = Facts(
            rehearsed_on=rehearsed_on,
            within_promise=within.value if within else None,
            waits=within.n if within else None,
            promise_minutes=promise,
            backed_up_on=backed_up_on,
        )

    def _facts(self) -> Facts:
        today = self._clock.now().astimezone(self.blueprint.calendar.zone).date()
        told = self._considered
        return attrs.evolve(
            facts_of(self.directory, self.blueprint.calendar, today),
            survey_ready=self._keeps_survey_codes or self.blueprint.survey.open or None,
            rehearsed_on=told.rehearsed_on,
            within_promise=told.within_promise,
            waits=told.waits,
            promise_minutes=told.promise_minutes,
            backed_up_on=told.backed_up_on,
        )

    def launch(self, *, request_id: str | None = None, actor: str | None = None) -> Happened[Launched]:
        """Launch the mall, if nothing blocks it; the launch, or its refusal with all reasons, is recorded.

        Raises:
            RefusedError: blockers stand; the decision names each.
            TransitionError: it is launched already, or the mall is closed.
        """
        return self.readiness.launch(request_id=request_id, actor=actor)

    @property
    def lessons(self) -> LessonsDesk:
        """The lesson-study desk (*studi tiru*): visits to other malls, and what they brought.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("use the lessons")
        if self._lessons is None:
            self._lessons = LessonsDesk(mall=self.blueprint.id, store=self.store, clock=self._clock)
        return self._lessons

    @property
    def queue(self) -> QueueDesk:
        """The queue's desk.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("use the queue")
        return self._queue

    @property
    def people(self) -> PeopleDesk:
        """The people desk: personal data, sealed; every other room knows a person by an id alone.

        Raises:
            MissingExtraError: the extra `security` is not installed.
            InvalidValueError: the store is in a transaction of the caller's own.
            TransitionError: the mall is closed, or was opened without keys.
        """
        self._check_open("use the people vault")
        if self._vault is None:
            remedy = "open it with vault=(keys, ring), such as (FileKeyProvider(...), FolderKeyRing(...))"
            step = "use the people vault"
            raise TransitionError(f"mall {self.blueprint.id}", step, "open without keys", (), remedy)
        if self._people is None:
            keys, ring = self._vault
            self._people = PeopleDesk(mall=self.blueprint.id, store=self.store, clock=self._clock, keys=keys, ring=ring)
        return self._people

    @property
    def permits(self) -> PermitsDesk:
        """The permits' desk: applications, what time does to them, and what the zones can carry.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("use the permits")
        if self._permits is None:
            blueprint = self.blueprint
            self._permits = PermitsDesk(
                mall=blueprint.id,
                store=self.store,
                directory=blueprint.directory,
                calendar=blueprint.calendar,
                workflows=blueprint.workflows,
                zones=blueprint.zones,
                policies=self._permit_policies,
                clock=self._clock,
            )
        return self._permits

    @property
    def surveys(self) -> SurveysDesk:
        """The survey desk: anonymous answers by the code on a ticket, and the satisfaction index.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("use the surveys")
        if self._surveys is None:
            blueprint = self.blueprint
            self._surveys = SurveysDesk(
                mall=blueprint.id,
                store=self.store,
                directory=blueprint.directory,
                zone=blueprint.calendar.zone,
                clock=self._clock,
                instruments=[*map(find_instrument, shipped()), *self._instruments],
                secret=self._survey_secret,
                **attrs.asdict(blueprint.survey),
            )
        return self._surveys

    def as_(self, viewer: Viewer, *, access: Access = by_table) -> Desks:
        """Return the desks as a viewer has them: each command and each look is checked first.

        The desks of the mall itself check nothing of the kind: they are for the application that opened it.

        Args:
            viewer: who it is, as your application has found out, such as `Viewer.officer("petugas-01")`.
            access: decides; by the table of `mppkit.access` and the blueprint's roles if none is given.

        Raises:
            InvalidValueError: it is no viewer.
            RefusedError: the blueprint has no such officer, or the ticket's code is not right.
            TransitionError: the mall is closed.
        """
        self._check_open("let somebody in")
        return Desks(self, viewer, access, secret=self._survey_secret)

    def ticket_code(self, number: str, *, on: date | None = None) -> str:
        """Return the code that proves who holds a ticket of a local date (today): print it on the ticket, as a QR code.

        It is made of the survey secret, and is as lasting as that; it is another than the survey's code.
        """
        return ticket_code(self._survey_secret, self.blueprint.id, self.queue.today() if on is None else on, number)

    def close(self) -> None:
        """Close the mall, and the store if the mall opened it; may be called twice."""
        self._is_closed = True
        if self._owns_store:
            self.store.close()

    def __enter__(self) -> Self:
        self._check_open("enter")
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _check_open(self, step: str) -> None:
        if self._is_closed:
            raise TransitionError(f"mall {self.blueprint.id}", step, "closed", (), "open it again with Mall.open")
