"""What the rows of the databases say, as values; a damaged row says which one it is."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType

from mppkit.errors import StorageError, UnreadableEventError, shown
from mppkit.storage.port import Recorded, StreamHead, at_text

EventRow = tuple[int, str, int, str, int, str, str, str | None, str | None, str]
HeadRow = tuple[str, int, str, str, str | None, str]

_HEAD_KINDS = {(str, int, str, str, summary, str) for summary in (str, type(None))}
"""A bit that was turned over on the disk can make bytes of a text, or a fraction of a number."""

encode_labels = json.JSONEncoder(separators=(",", ":"), sort_keys=True, allow_nan=False).encode
"""Labels as one JSON text, the same for the same labels."""


def read_rows(rows: Iterable[EventRow]) -> tuple[Recorded, ...]:
    """Return events from their rows.

    Raises:
        UnreadableEventError: an instant is not as instants are kept.
    """
    return tuple(
        Recorded(
            position=position,
            stream=stream,
            version=version,
            name=name,
            event_version=event_version,
            data=data,
            at=_instant(at, stream, version, position),
            actor=actor,
            request_id=request_id,
            digest=digest,
        )
        for position, stream, version, name, event_version, data, at, actor, request_id, digest in rows
    )


def _instant(text: str, stream: str, version: int, position: int) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise UnreadableEventError(stream, version, position, "its instant is none") from None
    if at.tzinfo is not UTC or at_text(at) != text:
        raise UnreadableEventError(stream, version, position, "its instant is not as instants are kept, in UTC")
    return at


def read_head(row: HeadRow) -> StreamHead:
    """Return a head from its row.

    Raises:
        StorageError: its labels or its instant are none, or a value is of another kind.
    """
    name, version, digest, labels, summary, updated_at = row
    try:
        if tuple(map(type, row)) not in _HEAD_KINDS:
            raise TypeError
        return StreamHead(
            stream=name,
            version=version,
            digest=digest,
            labels=MappingProxyType(json.loads(labels)),
            summary=summary,
            updated_at=datetime.fromisoformat(updated_at),
        )
    except (ValueError, TypeError) as error:
        raise StorageError(
            f"the head of stream {shown(name)} cannot be read: its labels, its instant or another value are none"
        ) from error
