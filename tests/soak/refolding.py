"""Holds every head against the library's own fold: what labels and summaries say is what the events say."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from mppkit import Mall
from mppkit.aggregates import Kind
from mppkit.codec import Codec
from mppkit.permits.capacity_ledger import ZONES
from mppkit.permits.register import REGISTERS
from mppkit.queues.desk import QUEUE_DAYS
from mppkit.storage import Recorded, StreamHead
from mppkit.surveys.survey_day import SURVEY_DAYS


def refold(mall: Mall, rows: Sequence[Recorded], heads: Iterable[StreamHead]) -> list[str]:
    """Return every head whose labels or summary are not what the fold of its events makes of them."""
    kinds: dict[str, Kind[Any, Any]] = {
        kind.category: kind for kind in (QUEUE_DAYS, SURVEY_DAYS, ZONES, REGISTERS, mall.permits._cases._kind)
    }
    streams: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        streams[row.stream].append(row)
    return [fault for head in heads if (fault := _fault(kinds, head, streams[head.stream]))]


def _fault(kinds: dict[str, Kind[Any, Any]], head: StreamHead, rows: Sequence[Recorded]) -> str:
    _, category, key = head.stream.split("/")
    kind = kinds[category]
    codec, state = Codec(kind.events), kind.start(key)
    *before, last = [(codec.decode(row.name, row.event_version, row.data), row.at) for row in rows]
    for event, at in before:
        kind.apply(state, event, at)
    labels, summary = kind.head(state, (last[0],), last[1])
    labels = {name: value for name, value in labels.items() if value is not None}
    if dict(head.labels) != labels:
        return f"{head.stream}: the labels are {dict(head.labels)}, the fold's {labels}"
    if head.summary is None or json.loads(head.summary) != json.loads(json.dumps(summary)):
        return f"{head.stream}: the summary is {head.summary}, the fold's {summary}"
    return ""
