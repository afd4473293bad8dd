"""The store in memory: a product, not a stub. It keeps the whole contract, and is gone when the process ends."""

from collections.abc import Sequence
from threading import RLock
from typing import Self

from mppkit.errors import ConflictError, StorageError
from mppkit.storage.port import (
    NO_DIGEST,
    Append,
    EventStore,
    LabelValue,
    NewEvent,
    Op,
    Query,
    Recorded,
    StreamHead,
    Where,
    as_recorded,
    at_text,
    chain,
    check_batches,
    check_paging,
    half_repeated,
)


class MemoryStore(EventStore):
    """Events in this process's memory; for tests, rehearsals and whoever needs no file.

    >>> from datetime import UTC, datetime
    >>> store = MemoryStore()
    >>> bell = NewEvent(name="bell.rang", version=1, data="{}")
    >>> at = datetime(2026, 11, 24, tzinfo=UTC)
    >>> [row] = store.append(Append(stream="badung/bell/front", expected_version=0, events=(bell,), at=at))
    >>> row.position, row.version
    (1, 1)
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._log: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._heads: dict[str, StreamHead] = {}
        self._requests: dict[tuple[str, str], tuple[Recorded, ...]] = {}
        self._closed = False

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record all batches in one commit, or nothing; see `EventStore.append`."""
        check_batches(batches)
        with self._lock:
            self._check_open()
            if (before := self._repeated(batches)) is not None:
                return before
            for batch in batches:
                actual = len(self._streams.get(batch.stream, ()))
                if batch.expected_version != actual:
                    raise ConflictError(batch.stream, batch.expected_version, actual)
            return self._record([(batch, self._rows(batch)) for batch in batches])

    def _repeated(self, batches: Sequence[Append]) -> tuple[Recorded, ...] | None:
        """Return what these requests recorded before, or None if they are new."""
        found = [
            None if batch.request_id is None else self._requests.get((batch.stream, batch.request_id))
            for batch in batches
        ]
        known = [rows for rows in found if rows is not None]
        if not known:
            return None
        if len(known) < len(batches):
            raise half_repeated(batches[next(i for i, rows in enumerate(found) if rows is not None)])
        return tuple(row for rows in known for row in rows)

    def _rows(self, batch: Append) -> list[tuple[int, NewEvent, str]]:
        """Return the batch's versions, events and digests; this can fail, so nothing is kept yet."""
        head = self._heads.get(batch.stream)
        digest = head.digest if head else NO_DIGEST
        at = at_text(batch.at)
        rows = []
        for version, event in enumerate(batch.events, batch.expected_version + 1):
            digest = chain(digest, batch.stream, version, event, at, batch.actor, batch.request_id)
            rows.append((version, event, digest))
        return rows

    def _record(self, commit: Sequence[tuple[Append, list[tuple[int, NewEvent, str]]]]) -> tuple[Recorded, ...]:
        recorded: list[Recorded] = []
        heads: dict[str, StreamHead] = {}
        before = len(self._log)
        try:
            for batch, rows in commit:
                kept = tuple(
                    as_recorded(batch, event, position=len(self._log) + index, version=version, digest=digest)
                    for index, (version, event, digest) in enumerate(rows, 1)
                )
                self._log.extend(kept)
                self._streams.setdefault(batch.stream, []).extend(kept)
                if batch.request_id is not None:
                    self._requests[batch.stream, batch.request_id] = kept
                heads[batch.stream] = StreamHead(
                    stream=batch.stream,
                    version=kept[-1].version,
                    digest=kept[-1].digest,
                    labels=batch.labels,
                    summary=batch.summary,
                    updated_at=batch.at,
                )
                recorded.extend(kept)
        except BaseException:  # an interrupt may come between any two steps
            del self._log[before:]
            for batch, _ in commit:
                del self._streams.setdefault(batch.stream, [])[batch.expected_version :]
                self._requests.pop((batch.stream, batch.request_id or ""), None)
            raise
        self._heads.update(heads)  # in one step, so that it is all there or not at all
        return tuple(recorded)

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        """Return a stream's events after a version."""
        check_paging(after)
        with self._lock:
            self._check_open()
            return tuple(self._streams.get(stream, ())[after:])

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Return up to `limit` events of all streams after a position, in commit order."""
        check_paging(after, limit)
        with self._lock:
            self._check_open()
            return tuple(self._log[after : after + limit])

    def find(self, query: Query) -> Sequence[StreamHead]:
        """Return the heads that match."""
        with self._lock:
            self._check_open()
            heads = tuple(self._heads.values())
        found = [head for head in heads if _in_scope(head, query) and all(_holds(head, c) for c in query.where)]
        found.sort(key=lambda head: head.stream, reverse=query.descending)
        if (label := query.order_by) is not None:
            with_label = [head for head in found if label in head.labels]
            with_label.sort(key=lambda head: _sort_key(head.labels[label]), reverse=query.descending)
            found = with_label + [head for head in found if label not in head.labels]
        return tuple(found[: query.limit])

    def close(self) -> None:
        """Let the store go; may be called twice."""
        with self._lock:
            self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the store is closed; open it again")

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the store."""
        self.close()


def _in_scope(head: StreamHead, query: Query) -> bool:
    mall, category, _ = head.stream.split("/")
    return query.mall in (None, mall) and query.category in (None, category)


def _holds(head: StreamHead, where: Where) -> bool:
    value, wanted = head.labels.get(where.label), where.value
    if value is None or wanted is None:
        return value is wanted
    if isinstance(value, str) != isinstance(wanted, str):
        return False
    have, want = _sort_key(value), _sort_key(wanted)
    match where.op:
        case Op.EQ:
            return have == want
        case Op.LT:
            return have < want
        case Op.LE:
            return have <= want
        case Op.GT:
            return have > want
        case Op.GE:
            return have >= want


def _sort_key(value: LabelValue) -> tuple[int, float, str]:
    """Return what orders labels of all kinds: numbers first, then texts by code point."""
    return (1, 0, value) if isinstance(value, str) else (0, value, "")
