"""Load, decide, append, fold, and again if somebody was faster: the only user of storage and codec.

A room says with a `Kind` how its events fold; a `Repository` keeps the folded states of the streams last used, catches
up with what others have appended, and makes a command's events happen all or not at all. It knows no room.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from threading import Lock, RLock
from typing import Generic, TypeVar

from attrs import Factory, define, frozen

from mppkit.clock import as_utc
from mppkit.codec import Codec, Named
from mppkit.errors import ConflictError
from mppkit.ids import stream_name
from mppkit.storage.port import (
    Append,
    EventStore,
    LabelValue,
    NewEvent,
    Query,
    Recorded,
    StreamHead,
    Where,
    check_token,
)

S = TypeVar("S")
E = TypeVar("E", bound=Named)
S2 = TypeVar("S2")
E2 = TypeVar("E2", bound=Named)
T = TypeVar("T")

_encode_summary = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode

_ATTEMPTS = 100
"""Lost races in a row before a command gives up; eight processes on one day rarely lose five."""


@frozen(kw_only=True)
class Kind(Generic[S, E]):
    """How the streams of one category fold.

    Attributes:
        category: the middle part of the stream's name.
        events: the classes of all events the streams may hold.
        start: makes the state of a stream without events, from its key.
        apply: changes the state by an event that happened at an instant.
        head: from the state before and the events that are to come, the labels and the summary afterwards.
    """

    category: str
    events: tuple[type[E], ...]
    start: Callable[[str], S]
    apply: Callable[[S, E, datetime], None]
    head: Callable[[S, Sequence[E], datetime], tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]]


@define
class _Entry(Generic[S, E]):
    """One stream in memory: its state at a version, and what each request recorded."""

    stream: str
    key: str
    state: S
    version: int = 0
    at: datetime | None = None
    requests: dict[str, tuple[E, ...]] = Factory(dict)
    shared: bool = True
    """Whether others wrote here lately, so that looking first is cheaper than losing a race."""
    lock: RLock = Factory(RLock)


class Repository(Generic[S, E]):
    """The streams of one kind in one mall; may be used from any thread.

    States are handed to callbacks only, under the stream's lock, and are not to be kept or changed there.
    """

    def __init__(self, kind: Kind[S, E], store: EventStore, mall: str, keep: int = 32) -> None:
        self._kind = kind
        self._store = store
        self._mall = mall
        self._keep = keep
        self._codec = Codec(kind.events)
        self._entries: OrderedDict[str, _Entry[S, E]] = OrderedDict()
        self._lock = Lock()

    def view(self, key: str, look: Callable[[S], T]) -> T:
        """Return what `look` sees in the state of a stream as it stands now in the store.

        Raises:
            DecodeError: a recorded event cannot be read.
            StorageError: the store cannot be read.
        """
        entry = self._entry(key)
        with entry.lock:
            self._catch_up(entry)
            return look(entry.state)

    def view_at(self, key: str, at: datetime, look: Callable[[S], T]) -> T:
        """Return what `look` sees in a stream as it stood at an instant: folded anew, up to there.

        Raises:
            DecodeError: a recorded event cannot be read.
            StorageError: the store cannot be read.
        """
        state = self._kind.start(key)
        for row in self._store.read(stream_name(self._mall, self._kind.category, key)):
            if row.at > at:
                break  # instants never go back within a stream
            self._kind.apply(state, self._codec.decode(row.name, row.event_version, row.data), row.at)
        return look(state)

    def execute(
        self,
        key: str,
        decide: Callable[[S, datetime], Sequence[E]],
        result: Callable[[S, Sequence[E]], T],
        *,
        at: datetime,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> T:
        """Record the events that `decide` answers with, and return what `result` makes of them and the new state.

        `decide` may be called again with a newer state when somebody else was faster. Its instant is `at`, or the
        stream's last one where a clock ran back: time never does. A request_id that the stream knows decides nothing
        and gives `result` the events recorded then.

        Raises:
            ConflictError: others were faster a hundred times in a row.
            InvalidValueError: `at` is naive, or the request_id cannot be kept.
        """
        at = as_utc(at)
        check_token(request_id, "request_id")
        entry = self._entry(key)
        with entry.lock:
            if entry.shared:
                self._catch_up(entry)
            for _ in range(_ATTEMPTS):
                if request_id is not None and (known := entry.requests.get(request_id)) is not None:
                    self._catch_up(entry)  # others may have gone on since
                    return result(entry.state, known)
                now = at if entry.at is None or entry.at <= at else entry.at
                try:
                    events = decide(entry.state, now)
                except Exception:
                    if self._catch_up(entry):
                        continue
                    raise
                if not events:
                    if self._catch_up(entry):
                        continue
                    return result(entry.state, ())
                if not self._append((self._batch(entry, events, now, request_id, actor),)):
                    self._catch_up(entry)
                    continue
                self._fold(entry, events, entry.version + len(events), now, request_id)
                return result(entry.state, events)
            raise _out_of_breath(entry)

    def execute_with(
        self,
        key: str,
        other: "Repository[S2, E2]",
        other_key: str,
        decide: Callable[[S, S2, datetime], tuple[Sequence[E], Sequence[E2]]],
        result: Callable[[S, Sequence[E]], T],
        *,
        at: datetime,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> T:
        """Record events on a stream and on one of another kind in one commit, both or neither; otherwise as `execute`.

        `decide` is given both states as they stand in the store. The request is this stream's; on the other one it
        goes by a name of its own, so that two streams of this kind may use the same request_id.

        Every caller must name the two kinds in the same order, or two threads could wait for each other.

        Raises:
            ConflictError: others were faster a hundred times in a row.
            InvalidValueError: `at` is naive, or the request_id cannot be kept.
        """
        at = as_utc(at)
        check_token(request_id, "request_id")
        entry, beside = self._entry(key), other._entry(other_key)
        beside_id = None if request_id is None else _name_beside(entry.stream, request_id)
        with entry.lock, beside.lock:
            self._catch_up(entry)
            other._catch_up(beside)
            for _ in range(_ATTEMPTS):
                if request_id is not None and (known := entry.requests.get(request_id)) is not None:
                    return result(entry.state, known)
                now = max(at, entry.at or at, beside.at or at)
                try:
                    events, others = decide(entry.state, beside.state, now)
                except Exception:
                    # both are looked at, whichever has news
                    if self._catch_up(entry) | other._catch_up(beside):
                        continue
                    raise
                if not events:
                    if others:
                        raise ValueError("nothing happens on the other stream alone")
                    if self._catch_up(entry) | other._catch_up(beside):
                        continue
                    return result(entry.state, ())
                batches = [self._batch(entry, events, now, request_id, actor)]
                if others:
                    batches.append(other._batch(beside, others, now, beside_id, actor))
                if not self._append(batches):
                    self._catch_up(entry)
                    other._catch_up(beside)
                    continue
                if others:
                    other._fold(beside, others, beside.version + len(others), now, beside_id)
                self._fold(entry, events, entry.version + len(events), now, request_id)
                return result(entry.state, events)
            raise _out_of_breath(entry)

    def find(
        self, *where: Where, order_by: str | None = None, descending: bool = False, limit: int | None = None
    ) -> Sequence[StreamHead]:
        """Return the heads of this mall's streams of this kind that match, without folding any."""
        return self._store.find(
            Query(
                mall=self._mall,
                category=self._kind.category,
                where=where,
                order_by=order_by,
                descending=descending,
                limit=limit,
            )
        )

    def _entry(self, key: str) -> _Entry[S, E]:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                stream = stream_name(self._mall, self._kind.category, key)
                entry = self._entries[key] = _Entry(stream, key, self._kind.start(key))
                if len(self._entries) > self._keep:
                    self._entries.popitem(last=False)
            else:
                self._entries.move_to_end(key)
        return entry

    def _batch(
        self,
        entry: _Entry[S, E],
        events: Sequence[E],
        at: datetime,
        request_id: str | None,
        actor: str | None,
    ) -> Append:
        labels, summary = self._kind.head(entry.state, events, at)
        encode = self._codec.encode
        return Append(
            stream=entry.stream,
            expected_version=entry.version,
            events=tuple(
                NewEvent(name=event.event_name, version=event.event_version, data=encode(event)) for event in events
            ),
            labels=labels,
            summary=None if summary is None else _encode_summary(summary),
            request_id=request_id,
            actor=actor,
            at=at,
        )

    def _append(self, batches: Sequence[Append]) -> bool:
        """Record batches in one commit; tell whether they are what now stands there, and nothing else."""
        try:
            recorded = self._store.append(*batches)
        except ConflictError:
            return False
        # another process may have recorded this request first, and perhaps decided otherwise
        return all(batch.request_id is None or _is_recorded(batch, recorded) for batch in batches)

    def _catch_up(self, entry: _Entry[S, E]) -> bool:
        """Fold what others have appended; tell whether there was anything."""
        rows = self._store.read(entry.stream, after=entry.version)
        entry.shared = bool(rows)
        for row in rows:
            event = self._codec.decode(row.name, row.event_version, row.data)
            self._fold(entry, (event,), row.version, row.at, row.request_id)
        return bool(rows)

    def _fold(
        self,
        entry: _Entry[S, E],
        events: Sequence[E],
        version: int,
        at: datetime,
        request_id: str | None,
    ) -> None:
        try:
            for event in events:
                self._kind.apply(entry.state, event, at)
        except BaseException:  # half folded: the next command begins from the store again
            entry.state, entry.version, entry.at = self._kind.start(entry.key), 0, None
            entry.requests, entry.shared = {}, True
            raise
        entry.version = version
        entry.at = at
        if request_id is not None:
            entry.requests[request_id] = (*entry.requests.get(request_id, ()), *events)


def _name_beside(stream: str, request_id: str) -> str:
    # what cannot be kept is for the store to refuse, with the others
    return sha256(f"{stream}\n{request_id}".encode(errors="surrogatepass")).hexdigest()


def _out_of_breath(entry: _Entry[S, E]) -> ConflictError:
    hint = f"others were faster {_ATTEMPTS} times in a row; try again"
    return ConflictError(entry.stream, entry.version, entry.version, hint)


def _is_recorded(batch: Append, recorded: Sequence[Recorded]) -> bool:
    """Tell whether what was recorded on the batch's stream is the batch, at its place."""
    rows = [row for row in recorded if row.stream == batch.stream]
    return (
        rows[0].version == batch.expected_version + 1
        and rows[0].at == batch.at
        and [(row.name, row.event_version, row.data) for row in rows]
        == [(event.name, event.version, event.data) for event in batch.events]
    )
