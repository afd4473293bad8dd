"""The audit: re-walk every chain of a store, and name the exact event where one breaks.

It works on the five verbs alone, so on any store. What it proves: every event is as it was recorded, none was put in or
taken out, and every head stands at its stream's last event. It does not look at positions, labels and summaries. And it
cannot see what was done by one who rewrote all digests to a stream's end and its head, or took the end or the whole of
a stream away with its head: whoever keeps the report's `digest` elsewhere sees that, too.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256

from attrs import frozen

from mppkit.errors import InvalidValueError, UnreadableEventError
from mppkit.storage.port import NO_DIGEST, Append, EventStore, NewEvent, Query, Recorded, StreamHead, at_text, chain

_PAGE = 2000


@frozen(kw_only=True)
class Break:
    """Where a chain does not hold, and why; `version` is the event's place in its stream."""

    stream: str
    version: int
    why: str


@frozen(kw_only=True)
class AuditReport:
    """What an audit found.

    Attributes:
        first_at, last_at: the earliest and latest instant on an event; None in an empty store.
        breaks: every place where a chain does not hold.
        digest: SHA-256 over all streams' names, versions and last digests in the order of the names: equal for equal
            stores, of whatever kind.
    """

    streams: int
    events: int
    first_at: datetime | None
    last_at: datetime | None
    breaks: tuple[Break, ...]
    digest: str

    @property
    def intact(self) -> bool:
        """Whether every chain holds."""
        return not self.breaks


def audit(store: EventStore, progress: Callable[[int, int], None] | None = None) -> AuditReport:
    """Re-walk all chains; what is appended meanwhile is walked too, or left for the next audit.

    Args:
        store: any store.
        progress: called with the number of events walked, and of all that there were at the beginning.

    Raises:
        StorageError: the store cannot be read at all.

    >>> from mppkit.storage.memory import MemoryStore
    >>> audit(MemoryStore()).intact
    True
    """
    heads = {head.stream: head for head in store.find(Query())}
    walk = _Walk(heads)
    total = sum(head.version for head in heads.values())
    position = 0
    while True:
        try:
            rows = store.read_all(after=position, limit=_PAGE)
        except UnreadableEventError:
            position = _one_by_one(store, position, walk)
            continue
        if not rows:
            break
        for row in rows:
            walk.step(row)
        position = rows[-1].position
        if progress is not None:
            progress(walk.events, max(total, walk.events))
    walk.compare_heads(store, position)
    return walk.report()


def _one_by_one(store: EventStore, position: int, walk: "_Walk") -> int:
    """Walk up to and past an event that cannot be read; return its position."""
    while True:
        try:
            [row] = store.read_all(after=position, limit=1)
        except UnreadableEventError as bad:
            walk.skip(bad)
            return bad.position
        walk.step(row)
        position = row.position


class _Walk:
    def __init__(self, heads: Mapping[str, StreamHead]) -> None:
        self.heads = heads
        self.events = 0
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.breaks: list[Break] = []
        self.last: dict[str, tuple[int, str | None]] = {}
        """Each stream's last event seen: its version, and its digest, or None if it could not be read."""

    def step(self, row: Recorded) -> None:
        """Check one event against its predecessor, and against its stream's head where it is the last."""
        self.events += 1
        if not has_a_place(row):
            self.broken(str(row.stream), 0, "its stream's name or its version is none")
            return
        version, digest = self.last.get(row.stream, (0, NO_DIGEST))
        if row.version != version + 1:
            self.broken(row.stream, row.version, f"it follows version {version}: events are missing or out of order")
        elif digest is not None and digest_of_row(row, digest) != row.digest:
            self.broken(row.stream, row.version, "its digest does not fit: the event, or the one before, was altered")
        head = self.heads.get(row.stream)
        if head is not None and head.version == row.version and head.digest != row.digest:
            self.broken(row.stream, row.version, "the stream's head carries another digest")
        self.last[row.stream] = row.version, row.digest
        self.first_at = row.at if self.first_at is None else min(self.first_at, row.at)
        self.last_at = row.at if self.last_at is None else max(self.last_at, row.at)

    def skip(self, bad: UnreadableEventError) -> None:
        self.events += 1
        self.broken(bad.stream, bad.version, str(bad))
        self.last[bad.stream] = bad.version, None

    def read_on(self, store: EventStore, stream: str, version: int, position: int) -> None:
        """Walk what a stream has behind a version and a position."""
        try:
            for row in store.read(stream, after=max(version, 0)):
                if row.position > position:
                    self.step(row)
        except UnreadableEventError as bad:
            self.skip(bad)

    def compare_heads(self, store: EventStore, position: int) -> None:
        """Look for heads whose last events are gone, and for events that no head knows."""
        for stream, head in self.heads.items():
            version, _ = self.last.get(stream, (0, None))
            if version < head.version:
                # read_all may hold back, for a transaction that has not ended, what find shows already
                self.read_on(store, stream, version, position)
                version, _ = self.last.get(stream, (0, None))
            if version < head.version:
                self.broken(stream, version + 1, f"it is missing: the head says {head.version} events")
        seen = {stream: version for stream, (version, _) in self.last.items()}
        if all(stream in self.heads and version <= self.heads[stream].version for stream, version in seen.items()):
            return
        # appended since the heads were read, or behind their backs: heads read now are at least as far
        heads = {head.stream: head.version for head in store.find(Query())}
        for stream, version in sorted(seen.items()):
            if stream not in heads:
                self.broken(stream, version, "the stream has no head")
            elif version > heads[stream]:
                self.broken(
                    stream, heads[stream] + 1, f"the stream's head knows {heads[stream]} events and not this one"
                )

    def broken(self, stream: str, version: int, why: str) -> None:
        self.breaks.append(Break(stream=stream, version=version, why=why))

    def report(self) -> AuditReport:
        return AuditReport(
            streams=len(self.last.keys() | self.heads.keys()),
            events=self.events,
            first_at=self.first_at,
            last_at=self.last_at,
            breaks=tuple(self.breaks),
            digest=digest_of_streams(self.last),
        )


def digest_of_streams(ends: Mapping[str, tuple[int, str | None]]) -> str:
    """Return one SHA-256 for many streams, from the version and digest at which each ends."""
    whole = sha256()
    for stream, (version, digest) in sorted(ends.items()):
        whole.update(f"{stream}\n{version}\n{digest}\n".encode())
    return whole.hexdigest()


def has_a_place(row: Recorded) -> bool:
    """Tell whether an event says where it stands; damage on the disk may have made bytes or nothing of it."""
    return isinstance(row.stream, str) and isinstance(row.version, int)


def digest_of_row(row: Recorded, previous: str) -> str | None:
    """Return the digest the row should carry, or None where its values could never have been recorded."""
    try:
        event = NewEvent(name=row.name, version=row.event_version, data=row.data)
        Append(
            stream=row.stream,
            expected_version=row.version - 1,
            events=(event,),
            request_id=row.request_id,
            actor=row.actor,
            at=row.at,
        )
        return chain(previous, row.stream, row.version, event, at_text(row.at), row.actor, row.request_id)
    except InvalidValueError:
        return None
