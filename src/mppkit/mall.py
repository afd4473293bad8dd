"""The mall (*Mal Pelayanan Publik*): a blueprint, a store, a clock and policies put together, and the desks on them."""

from pathlib import Path
from types import MappingProxyType
from typing import Self

from mppkit.blueprint import Blueprint, Register, find_blueprint
from mppkit.clock import Clock, SystemClock
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, TransitionError
from mppkit.queues.desk import QueueDesk
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import EventStore, open_store


class Mall:
    """A mall at work: `queue` is its desk; it may be used from any thread, and closes what it opened.

    Attributes:
        blueprint: what the mall is.
        store: where its events are; closed with the mall only if the mall opened it.

    >>> from mppkit import VirtualClock
    >>> with Mall.open("contoh", "memory:", clock=VirtualClock("2026-11-24T09:00:00+08:00")) as mall:
    ...     mall.queue.issue("nib").number
    'A-001'
    """

    def __init__(
        self, blueprint: Blueprint, store: EventStore, *, clock: Clock, policies: QueuePolicies, owns_store: bool
    ) -> None:
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
        )

    @classmethod
    def open(
        cls,
        blueprint: Blueprint | str | Path,
        store: EventStore | str,
        *,
        clock: Clock | None = None,
        policies: QueuePolicies | None = None,
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
            register: policies of your own that the blueprint names, as in `load_blueprint`.

        Raises:
            BlueprintError: the blueprint cannot be used; tells every problem at once.
            InvalidValueError: the store's address, the policies or the register are wrong.
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
                owns_store=owns_store,
            )
        except BaseException:
            if owns_store:
                opened.close()
            raise

    @property
    def directory(self) -> Directory:
        """Who is in the mall."""
        return self.blueprint.directory

    @property
    def queue(self) -> QueueDesk:
        """The queue's desk.

        Raises:
            TransitionError: the mall is closed.
        """
        self._check_open("use the queue")
        return self._queue

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
