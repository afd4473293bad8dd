"""Where events are kept: the port of five verbs, the stores behind it, and the audit that re-walks their chains.

`port` is the contract; `memory`, `sqlite` and `postgres` keep it, and `mppkit.testing.EventStoreContract` proves it of
any other. `PostgresStore` is here, too, but fetched when it is first used: it needs an extra. This room knows rows
(name, version, JSON text), never what they mean.
"""

from typing import TYPE_CHECKING

from mppkit.storage.audit import AuditReport, Break, audit, digest_of_streams
from mppkit.storage.following import follow
from mppkit.storage.grouping import GroupedStore
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

if TYPE_CHECKING:
    from mppkit.storage.postgres import PostgresStore as PostgresStore

__all__ = [
    "Append",
    "AuditReport",
    "Break",
    "EventStore",
    "GroupedStore",
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
    "follow",
    "open_store",
]


def __getattr__(name: str) -> object:
    if name != "PostgresStore":
        raise AttributeError(f"module 'mppkit.storage' has no attribute {name!r}")
    from mppkit.storage.postgres import PostgresStore  # psycopg is an extra, and heavy

    return PostgresStore
