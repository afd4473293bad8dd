"""Following a store: every event of every stream, and then the next ones as they come."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from threading import Event
from typing import Protocol, runtime_checkable

from mppkit.storage.port import EventStore, Recorded


@runtime_checkable
class Listening(Protocol):
    """A store that may know when there is news, so that whoever follows it need not wait for the next look."""

    def listening(self) -> AbstractContextManager[Callable[[float], object]] | None:
        """Give a function that waits some seconds, or until there may be news; None where there is no such way."""
        ...


def follow(
    store: EventStore, after: int = 0, *, poll_seconds: float = 0.5, stop: Event | None = None
) -> Iterator[Recorded]:
    """Return all events behind a position in the order of `read_all`, waiting for more at the end, without an end.

    Whoever keeps the position of the last event he is done with, and goes on behind it, misses none and sees none
    twice, whether he or the store was away meanwhile. News is looked for every `poll_seconds`; a PostgreSQL store
    with `notify=yes` is looked at as soon as somebody has appended.

    Args:
        store: any store.
        after: the position of the last event already seen.
        poll_seconds: how long a look for news is put off at most.
        stop: ends it, once it is set, at the next look.

    Raises:
        StorageError: the store cannot be read, or was closed.

    >>> from mppkit.storage import MemoryStore
    >>> stop = Event()
    >>> stop.set()
    >>> list(follow(MemoryStore(), stop=stop))
    []
    """
    stop = stop or Event()
    news = store.listening() if isinstance(store, Listening) else None
    with news or nullcontext(stop.wait) as wait:
        while not stop.is_set():
            rows = store.read_all(after)
            for row in rows:
                yield row
                after = row.position
                if stop.is_set():
                    return
            if not rows:
                wait(poll_seconds)
