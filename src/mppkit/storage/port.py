"""The storage port: five verbs, and the plain rows that pass through them.

    append(*batches) -> tuple[Recorded, ...]     all batches commit together or not at all
    read(stream, after=0) -> Sequence[Recorded]
    read_all(after=0, limit=...) -> Sequence[Recorded]       commit order, never skipping under concurrent writers
    find(query) -> Sequence[StreamHead]                       heads by category and labels
    close()

The port knows rows (name, version, JSON text), not what they mean. What every back end must do alike (checks of its
input, the digest chain) stands here once; the promises are tested by `mppkit.testing.EventStoreContract`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol, Self

from attrs import field, frozen

from mppkit.clock import as_utc
from mppkit.errors import ConflictError, InvalidValueError, shown
from mppkit.ids import split_stream

LabelValue = str | int | float
Labels = Mapping[str, LabelValue]
"""The few scalars by which a stream is found; a label whose value is None is the same as no label."""

NO_DIGEST = "0" * 64
"""What the first event of a stream carries as its predecessor's digest."""

_LABEL = re.compile(r"[a-z][a-z0-9_]{0,62}")
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,126}")
_TOKEN = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_LARGEST_INT = 2**63 - 1


def _check(pattern: re.Pattern[str], value: object, place: str, remedy: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidValueError(place, value, remedy)


@lru_cache(maxsize=1024)  # the names of events and labels are few, and checked on every append
def _is_name(pattern: re.Pattern[str], name: str) -> bool:
    return pattern.fullmatch(name) is not None


def _check_name(pattern: re.Pattern[str], value: object, place: str, remedy: str) -> None:
    if not isinstance(value, str) or not _is_name(pattern, value):
        raise InvalidValueError(place, value, remedy)


def check_label(name: str, value: object, place: str = "labels") -> None:
    """Refuse a label that some back end could not keep.

    Raises:
        InvalidValueError: the name is not lower-case snake case, or the value is no text, finite number within 64 bits.
    """
    _check_name(_LABEL, name, place, "name a label in lower-case letters, digits and '_'")
    if isinstance(value, str):
        if "\x00" in value:
            raise InvalidValueError(f"{place}.{name}", value, "leave out NUL characters")
        if not value.isascii():
            _encode(value, f"{place}.{name}")
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValueError(f"{place}.{name}", value, "a label is a text, an integer or a float")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidValueError(f"{place}.{name}", value, "a label must be finite")
    if isinstance(value, int) and not -_LARGEST_INT <= value <= _LARGEST_INT:
        raise InvalidValueError(f"{place}.{name}", value, "a label must fit 64 bits")


def _encode(text: str, place: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidValueError(place, text, "the text holds half a character (a lone surrogate)") from None


def _kept_labels(labels: Mapping[str, LabelValue | None]) -> Labels:
    kept = {name: value for name, value in labels.items() if value is not None}
    for name, value in kept.items():
        check_label(name, value)
    return MappingProxyType(kept)


def at_text(at: datetime) -> str:
    """Return an instant as stores keep it: ISO 8601 in UTC with microseconds, so that text order is time order."""
    return at.isoformat(timespec="microseconds")


@frozen(kw_only=True)
class NewEvent:
    """An event to be recorded: its stable name, the version of its shape, and its JSON text."""

    name: str
    version: int
    data: str

    def __attrs_post_init__(self) -> None:
        _check_name(_EVENT_NAME, self.name, "event name", "use lower-case letters, digits, '.', '_' or '-'")
        if isinstance(self.version, bool) or not isinstance(self.version, int) or not 1 <= self.version < 2**31:
            raise InvalidValueError("event version", self.version, "versions count from 1")
        if not isinstance(self.data, str) or "\x00" in self.data:
            raise InvalidValueError("event data", self.data, "give JSON text without NUL characters")


@frozen(kw_only=True)
class Append:
    """One batch: events for one stream, with what its head is to say afterwards.

    Attributes:
        expected_version: how many events the writer has seen on the stream; 0 for a new one.
        labels: replace the stream's labels, in the same commit.
        summary: JSON text for list screens; replaces the stream's summary, in the same commit.
        request_id: the caller's own name for this request; used again on the stream, it records nothing and returns
            what was recorded then, whatever the events.
        actor: who did it, as an id, never a name.
        at: the instant it happened; aware.

    Raises:
        InvalidValueError: a value that some back end could not keep.
    """

    stream: str
    expected_version: int
    events: tuple[NewEvent, ...]
    labels: Labels = field(factory=dict, converter=_kept_labels)
    summary: str | None = None
    request_id: str | None = None
    actor: str | None = None
    at: datetime = field(converter=as_utc)

    def __attrs_post_init__(self) -> None:
        split_stream(self.stream)
        version = self.expected_version
        if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
            raise InvalidValueError("expected_version", version, "give the number of events seen, 0 or more")
        if not self.events:
            raise InvalidValueError("events", self.events, "a batch holds at least one event")
        for place, value in (("request_id", self.request_id), ("actor", self.actor)):
            check_token(value, place)
        if self.summary is not None:
            if not isinstance(self.summary, str) or "\x00" in self.summary:
                raise InvalidValueError("summary", self.summary, "give JSON text without NUL characters")
            if not self.summary.isascii():
                _encode(self.summary, "summary")


def check_token(value: str | None, place: str) -> None:
    """Make sure that a request_id or an actor can be kept, where there is one.

    Raises:
        InvalidValueError: it cannot.
    """
    if value is not None:
        _check(_TOKEN, value, place, "use 1 to 200 characters without control characters")
        if not value.isascii():
            _encode(value, place)


@frozen(kw_only=True)
class Recorded:
    """An event as it was recorded.

    Attributes:
        position: its place in the whole store, growing in commit order; gaps are allowed.
        version: its place in its stream, 1, 2, 3 and so on without gaps.
        event_version: the version of the event's shape.
        digest: SHA-256 over the predecessor's digest and this row, 64 hexadecimal digits.
    """

    position: int
    stream: str
    version: int
    name: str
    event_version: int
    data: str
    at: datetime
    actor: str | None
    request_id: str | None
    digest: str


def as_recorded(batch: Append, event: NewEvent, *, position: int, version: int, digest: str) -> Recorded:
    """Return an event of a batch as it is recorded at its place."""
    return Recorded(
        position=position,
        stream=batch.stream,
        version=version,
        name=event.name,
        event_version=event.version,
        data=event.data,
        at=batch.at,
        actor=batch.actor,
        request_id=batch.request_id,
        digest=digest,
    )


@frozen(kw_only=True)
class StreamHead:
    """Where a stream stands: how many events, the last digest, and what it is found and listed by."""

    stream: str
    version: int
    digest: str
    labels: Labels
    summary: str | None
    updated_at: datetime


class Op(StrEnum):
    """How a label is compared."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


def _op(value: str) -> Op:
    try:
        return Op(value)
    except ValueError:
        raise InvalidValueError("where", value, f"compare with {', '.join(Op)}") from None


@frozen(kw_only=True)
class Where:
    """One condition on one label; `=` with None finds the streams that have no such label.

    Numbers compare with numbers and texts with texts (by code point); a value of the other kind never matches.
    """

    label: str
    op: Op = field(default=Op.EQ, converter=_op)
    value: LabelValue | None

    def __attrs_post_init__(self) -> None:
        if self.value is None:
            check_label(self.label, "", "where")
            if self.op is not Op.EQ:
                raise InvalidValueError(f"where.{self.label}", None, "None can only be compared with '='")
        else:
            check_label(self.label, self.value, "where")


@frozen(kw_only=True)
class Query:
    """Which heads to find: all conditions must hold.

    Attributes:
        order_by: a label; numbers come before texts, heads without the label last whichever way, ties by stream
            name. Without it the order is by stream name. `descending` turns the order of both around.
        limit: at most so many heads; None for all.
    """

    mall: str | None = None
    category: str | None = None
    where: tuple[Where, ...] = ()
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.order_by is not None:
            check_label(self.order_by, "", "order_by")
        if self.limit is not None:
            check_paging(0, self.limit)


def chain(
    previous: str, stream: str, version: int, event: NewEvent, at: str, actor: str | None, request_id: str | None
) -> str:
    r"""Return the digest of an event, chained to its predecessor's.

    The parts are joined by line breaks, which none but the last (the data) can hold, so no two rows read alike.

    Raises:
        InvalidValueError: the data holds half a character.
    """
    head = f"{previous}\n{stream}\n{version}\n{event.name}\n{event.version}\n{at}\n{actor or ''}\n{request_id or ''}\n"
    return sha256(_encode(head + event.data, "event data")).hexdigest()


def check_batches(batches: Sequence[Append]) -> None:
    """Refuse a set of batches that could not be one commit.

    Raises:
        InvalidValueError: two batches name one stream, or only some of them carry a request_id.
    """
    if len(batches) < 2:
        return
    if len({batch.stream for batch in batches}) < len(batches):
        raise InvalidValueError("batches", [batch.stream for batch in batches], "put one stream's events in one batch")
    if len({batch.request_id is None for batch in batches}) > 1:
        raise InvalidValueError("batches", [batch.request_id for batch in batches], "give all a request_id, or none")


def check_paging(after: int, limit: int = 0) -> None:
    """Refuse a place or a limit that no store can serve.

    Raises:
        InvalidValueError: one of them is no whole number of 0 or more.
    """
    for place, value in (("after", after), ("limit", limit)):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST_INT:
            raise InvalidValueError(place, value, "give a whole number, 0 or more")


def half_repeated(batch: Append) -> ConflictError:
    """Return the error for a commit of which only some request_ids were used before."""
    hint = (
        f"request_id {shown(batch.request_id)} was used on this stream before, but not on all of the commit's streams"
    )
    return ConflictError(batch.stream, batch.expected_version, batch.expected_version, hint)


class EventStore(Protocol):
    """Where events are kept; all verbs may be called from any thread.

    Every verb raises StorageError when the store cannot do its work or is closed (`close` alone may be repeated).
    """

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        """Record all batches in one commit, or nothing; return what was recorded, in order.

        Where every batch's request_id was already used on its stream, nothing is written and what was recorded
        then is returned.

        Raises:
            ConflictError: a stream is not at the expected version, or only some of the request_ids were used before.
            InvalidValueError: two batches name one stream, or only some carry a request_id.
        """
        ...

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        """Return a stream's events whose version is greater than `after`, in order; empty for an unknown stream."""
        ...

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Return up to `limit` events of all streams with a position greater than `after`, in commit order.

        Whoever continues after the last position seen misses nothing, however many write at the same time.
        """
        ...

    def find(self, query: Query) -> Sequence[StreamHead]:
        """Return the heads that match."""
        ...

    def close(self) -> None:
        """Give back what the store holds; may be called twice."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
