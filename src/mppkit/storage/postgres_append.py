"""The commit of the PostgreSQL store: one statement, and how to find out what became of one without an answer."""

import json
from collections.abc import Sequence

from mppkit.errors import ConflictError
from mppkit.storage.port import NO_DIGEST, Append, Recorded, as_recorded, at_text, chain, half_repeated
from mppkit.storage.postgres_sql import APPEND, READ, REQUEST, Ask, mark
from mppkit.storage.rows import encode_labels, read_rows


def append(ask: Ask, batches: Sequence[Append], *, alone: bool) -> tuple[Recorded, ...]:
    """Write all batches, and return what was recorded, now or by the same requests before.

    Args:
        ask: asks the database.
        batches: at least one.
        alone: whether this is all of its transaction.

    Raises:
        ConflictError: a stream is not at the expected version, or only some of the request_ids were used before.
    """
    by_name = sorted(range(len(batches)), key=lambda place: batches[place].stream)
    written = json.dumps([_written(batch) for batch in batches], ensure_ascii=False)
    told = ask(APPEND, (written, f"{{{','.join(map(str, by_name))}}}", alone))
    outcome, place, number, _ = told[0]
    if outcome == "stale":
        raise ConflictError(batches[place].stream, batches[place].expected_version, number)
    if outcome == "known":
        # of all batches, for the streams were looked at one by one, and the commit may have come in between
        then = [ask(REQUEST, (batch.stream, batch.request_id)) for batch in batches]
        if not all(then):
            raise half_repeated(batches[place])
        return tuple(row for rows in then for row in read_rows(rows))
    events = [
        (batch, version, event)
        for batch in batches
        for version, event in enumerate(batch.events, batch.expected_version + 1)
    ]
    return tuple(
        as_recorded(batch, event, position=position, version=version, digest=digest)
        for (batch, version, event), (_, _, position, digest) in zip(events, told, strict=True)
    )


def _written(batch: Append) -> dict[str, object]:
    """Return a batch as the server's function takes it."""
    labels = dict(batch.labels)
    return {
        "stream": batch.stream,
        "expected": batch.expected_version,
        "events": [(event.name, event.version, event.data) for event in batch.events],
        "labels": encode_labels(labels),
        "marks": [mark(name, value) for name, value in labels.items()],
        "summary": batch.summary,
        "request_id": batch.request_id,
        "actor": batch.actor,
        "at": at_text(batch.at),
    }


def append_of_old(ask: Ask, batches: Sequence[Append]) -> tuple[Recorded, ...] | None:
    """Return what an append of these batches, whose answer was lost, recorded; None if it came to nothing.

    Where the events behind the expected versions carry the digests that these would carry, they are these.
    """
    found: list[Recorded] = []
    for batch in batches:
        rows = read_rows(ask(READ, (batch.stream, max(0, batch.expected_version - 1))))
        digest = rows[0].digest if batch.expected_version and rows else NO_DIGEST
        rows = rows[1 if batch.expected_version else 0 :][: len(batch.events)]
        if len(rows) < len(batch.events):
            return None
        at = at_text(batch.at)
        for row, event in zip(rows, batch.events, strict=True):
            digest = chain(digest, batch.stream, row.version, event, at, batch.actor, batch.request_id)
            if row.digest != digest:
                return None
        found += rows
    return tuple(found)


def check_texts(batches: Sequence[Append]) -> None:
    """Name the event whose text cannot be kept.

    Raises:
        InvalidValueError: the data of an event holds half a character.
    """
    for batch in batches:
        for event in batch.events:
            chain(NO_DIGEST, batch.stream, 1, event, "", None, None)
