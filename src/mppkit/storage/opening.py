"""From a store's address to the store: `memory:` and `sqlite:///file` differ in nothing but the string."""

from mppkit.errors import InvalidValueError, nearest
from mppkit.storage.memory import MemoryStore
from mppkit.storage.port import EventStore
from mppkit.storage.sqlite import SqliteStore

_REMEDY = "give memory: or sqlite:///file (four slashes for an absolute path)"


def open_store(url: str, *, create: bool = True) -> EventStore:
    """Open the store of an address.

    `memory:` is a new, empty store that is gone when it is closed. `sqlite:///badung.db` is a file in the present
    folder, `sqlite:////srv/badung.db` one elsewhere; `?synchronous=normal` behind it trades the last commits before a
    power cut for speed (see `SqliteStore`).

    Args:
        url: the address.
        create: whether a file that is not there is made; otherwise it is an error.

    Raises:
        InvalidValueError: the address is not of these forms.
        StorageError: the file cannot be opened, is no store, or was written by a newer mppkit.

    >>> with open_store("memory:") as store:
    ...     store.read("badung/queue/2026-11-24")
    ()
    """
    if not isinstance(url, str):
        raise InvalidValueError("store", url, _REMEDY)
    if url == "memory:":
        return MemoryStore()
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        raise InvalidValueError("store", url, "a memory store has no name; give memory:")
    if scheme != "sqlite":
        near = nearest(scheme.lower(), ("memory", "sqlite")) if rest else None
        hint = f"did you mean {near}:?" if near else "a plain file is sqlite:///file"
        raise InvalidValueError("store", url, f"{_REMEDY}; {hint}")
    path, _, options = rest.removeprefix("///").partition("?")
    if not rest.startswith("///") or not path:
        raise InvalidValueError("store", url, _REMEDY)
    return SqliteStore(path, synchronous=_synchronous(options, url), create=create)


def _synchronous(options: str, url: str) -> str:
    if not options:
        return "full"
    name, _, value = options.partition("=")
    if name != "synchronous" or value not in ("full", "normal"):
        raise InvalidValueError("store", url, "the only option is ?synchronous=full or ?synchronous=normal")
    return value
