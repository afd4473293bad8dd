"""The contract of a store, as one pytest class: subclass it, give the fixture `open_store`, and pytest does it all."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mppkit.storage.port import EventStore
from mppkit.testing.appending import AppendPromises
from mppkit.testing.finding import FindPromises
from mppkit.testing.lasting import LastingPromises
from mppkit.testing.machine import MachinePromise
from mppkit.testing.racing import RacePromises
from mppkit.testing.reading import ReadPromises


class EventStoreContract(AppendPromises, ReadPromises, FindPromises, RacePromises, LastingPromises, MachinePromise):
    """Everything that a store promises; each test is one promise, told in its docstring.

        class TestMyStore(EventStoreContract):
            @pytest.fixture
            def open_store(self, tmp_path):
                return lambda: MyStore(tmp_path / "mall")

    `open_store` gives a function that opens a handle: within one test always on the same store, which is empty at
    first. A store that lives in its handle alone, as one in memory does, says `durable = False`; what is promised of
    several handles is then left out.
    """

    durable: bool = True

    @pytest.fixture
    def open_store(self) -> Callable[[], EventStore]:
        """Return the function that opens a handle; the subclass gives its own."""
        pytest.fail(f"give {type(self).__name__} a fixture open_store: it returns a function that opens the store")

    @pytest.fixture
    def store(self, open_store: Callable[[], EventStore]) -> Iterator[EventStore]:
        """Open the store of this test."""
        with open_store() as store:
            yield store

    @pytest.fixture
    def other(self, store: EventStore, open_store: Callable[[], EventStore]) -> Iterator[EventStore]:
        """Open a second handle on the store of this test."""
        if not self.durable:
            pytest.skip("this store lives in its handle alone (durable = False)")
        with open_store() as other:
            yield other

    @pytest.fixture
    def handles(self, store: EventStore, open_store: Callable[[], EventStore]) -> Iterator[tuple[EventStore, ...]]:
        """Give eight threads a handle each: two threads share one, or all of them where there is but one."""
        with ExitStack() as opened:
            more = [opened.enter_context(open_store()) for _ in range(3)] if self.durable else [store] * 3
            yield (store, *more) * 2
