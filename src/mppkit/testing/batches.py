"""What the promises are made of: short words for batches, for all there is in a store, and for one head."""

# ruff: noqa: S101 -- these are tests

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from mppkit.ids import split_stream
from mppkit.storage.port import Append, EventStore, LabelValue, NewEvent, Query, Recorded, StreamHead

FRONT = "badung/bell/front"
BACK = "badung/bell/back"
AT = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)
ALL = 100_000


def batch(
    stream: str,
    expected_version: int = 0,
    *data: str,
    labels: Mapping[str, LabelValue | None] | None = None,
    summary: str | None = None,
    request_id: str | None = None,
    actor: str | None = None,
    at: datetime = AT,
) -> Append:
    """Return a batch of one event for each JSON text, or of one empty event."""
    return Append(
        stream=stream,
        expected_version=expected_version,
        events=tuple(NewEvent(name="bell.rang", version=1, data=text) for text in data or ("{}",)),
        labels=labels or {},
        summary=summary,
        request_id=request_id,
        actor=actor,
        at=at,
    )


def everything(store: EventStore) -> tuple[Recorded, ...]:
    """Return all events of a small store."""
    return tuple(store.read_all(limit=ALL))


def pages(store: EventStore, limit: int, after: int = 0) -> Iterator[Sequence[Recorded]]:
    """Read on from page to page until there is no more; a page that does not lead on is a fault, not a long wait."""
    while page := store.read_all(after=after, limit=limit):
        assert after < page[0].position <= page[-1].position, "read_all gave what it was to come after"
        assert len(page) <= limit
        after = page[-1].position
        yield page


def state(store: EventStore) -> tuple[tuple[Recorded, ...], tuple[StreamHead, ...]]:
    """Return all events and all heads of a small store, to show that nothing changed."""
    return everything(store), tuple(store.find(Query()))


def head(store: EventStore, stream: str) -> StreamHead:
    """Return the head of a stream that is there."""
    mall, category, _ = split_stream(stream)
    [found] = [head for head in store.find(Query(mall=mall, category=category)) if head.stream == stream]
    return found
