"""Where events are kept: the port of five verbs, the stores behind it, and the audit that re-walks their chains.

`port` is the contract; `memory` and `sqlite` keep it, and `mppkit.testing.EventStoreContract` proves it of any other.
This room knows rows (name, version, JSON text), never what they mean.
"""

from mppkit.storage.audit import AuditReport, Break, audit, digest_of_streams
from mppkit.storage.memory import MemoryStore
from mppkit.storage.opening import open_store
from mppkit.storage.port import (
    Append,
    EventStore,
    Labels,
    LabelValue,
    NewEvent,
    Op,
    Query,
    Recorded,
    StreamHead,
    Where,
)
from mppkit.storage.sqlite import SqliteStore

__all__ = [
    "Append",
    "AuditReport",
    "Break",
    "EventStore",
    "LabelValue",
    "Labels",
    "MemoryStore",
    "NewEvent",
    "Op",
    "Query",
    "Recorded",
    "SqliteStore",
    "StreamHead",
    "Where",
    "audit",
    "digest_of_streams",
    "open_store",
]
