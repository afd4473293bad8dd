"""From a store's address to the store: `memory:`, `sqlite:///file`, `postgresql://host/name` differ in it alone."""

import re

from mppkit.errors import InvalidValueError, nearest
from mppkit.storage.grouping import GroupedStore
from mppkit.storage.memory import MemoryStore
from mppkit.storage.port import EventStore
from mppkit.storage.sqlite import SqliteStore

_REMEDY = "give memory:, sqlite:///file (four slashes for an absolute path) or postgresql://host/database"
_HOST = r"(?:\[[^@/?#\]]*\]|[^@/?#=:,\[\]]*)(?::\d*)?"
_POSTGRES = re.compile(rf"(postgres(?:ql)?://)([^@/?#]*@)?({_HOST}(?:,{_HOST})*(?:/[^@/?#]*)?)(?:\?([^@?#]*))?")
_WORDS = re.compile(r"(?:^|[\s/])(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=")
"""What libpq takes beside an address, as in `host=db.example dbname=malls`; no file is called so."""
_ADDRESS = re.compile(r"(?:memory|sqlite|postgres(?:ql)?):|[a-z][a-z0-9+.-]+://", re.IGNORECASE)

_HARMLESS = re.compile(
    r"(?:[a-z]+:)?[^:@=]*|(?:(?!//)[^@=])*|sqlite:///(?!.*(?:pass|pwd|key)).*", re.DOTALL | re.IGNORECASE
)


def open_store(url: str, *, create: bool = True) -> EventStore:
    """Open the store of an address.

    `memory:` is a new, empty store that is gone when it is closed. `sqlite:///badung.db` is a file in the present
    folder, `sqlite:////srv/badung.db` one elsewhere; `?synchronous=normal` behind it trades the last commits before a
    power cut for speed, and `?shared=yes` puts the store into another application's file (see `SqliteStore`);
    `?group=yes` commits together what many threads append at the same time (see `GroupedStore`).
    `postgresql://user@host/database` is a database as libpq names it, with all of libpq's options behind the `?`;
    `schema=...` and `notify=yes` among them are the store's own (see `PostgresStore`).

    Args:
        url: the address.
        create: whether a file or a schema that is not there is made; otherwise it is an error.

    Raises:
        InvalidValueError: the address is not of these forms; a password in it is not shown.
        StorageError: the file or database cannot be opened, is no store, or was written by a newer mppkit.
        MissingExtraError: it is a PostgreSQL address, and the extra `postgres` is not installed.

    >>> with open_store("memory:") as store:
    ...     store.read("badung/queue/2026-11-24")
    ()
    """
    if not isinstance(url, str):
        raise InvalidValueError("store", url, _REMEDY)
    if not url.isprintable():  # what no file can be called, or SQLite would read up to the NUL only
        raise _refused(url, f"{_REMEDY}; all its characters are to be printable")
    if url == "memory:":
        return MemoryStore()
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        raise _refused(url, "a memory store has no name; give memory:")
    if scheme in ("postgresql", "postgres"):
        return _open_postgres(url, create)
    if scheme != "sqlite":
        near = nearest(scheme.lower(), ("memory", "sqlite", "postgresql")) if rest else None
        hint = f"did you mean {near}:?" if near else "a plain file is sqlite:///file"
        raise _refused(url, f"{_REMEDY}; {hint}")
    path, _, options = rest.removeprefix("///").partition("?")
    if not rest.startswith("///") or not path:
        raise _refused(url, _REMEDY)
    if path == ":memory:" or _WORDS.search(path):
        raise _refused(url, _REMEDY)
    chosen = {"synchronous": "full", "shared": "no", "group": "no"}
    if (
        _choose(chosen, options)
        or chosen["synchronous"] not in ("full", "normal")
        or not (_is_said(chosen["shared"]) and _is_said(chosen["group"]))
    ):
        raise _refused(url, "the options are synchronous=full or synchronous=normal, shared=yes and group=yes")
    kind = GroupedStore if chosen["group"] == "yes" else SqliteStore
    return kind(path, synchronous=chosen["synchronous"], create=create, shared=chosen["shared"] == "yes")


def _open_postgres(url: str, create: bool) -> EventStore:
    from mppkit.storage.postgres import PostgresStore  # psycopg is an extra, and heavy

    if not _POSTGRES.fullmatch(url):
        raise _refused(url, "a port is a number; write %40 for @, %2F for / and the like in a name or password")
    address, _, options = url.partition("?")
    chosen = {"schema": "mppkit", "notify": "no"}
    others = "&".join(_choose(chosen, options))
    if not _is_said(chosen["notify"]):
        raise _refused(url, "give notify=yes or notify=no")
    return PostgresStore(
        f"{address}?{others}" if others else address,
        schema=chosen["schema"],
        notify=chosen["notify"] == "yes",
        create=create,
    )


def _choose(chosen: dict[str, str], options: str) -> list[str]:
    """Put what the options choose in the place of the defaults; return those that are others', or said again."""
    others = []
    said = set()
    for option in options.split("&") if options else ():
        name, _, value = option.partition("=")
        if name in chosen and name not in said:
            chosen[name] = value
            said.add(name)
        else:
            others.append(option)
    return others


def _is_said(word: str) -> bool:
    return word in ("yes", "no")


def _refused(url: str, remedy: str) -> InvalidValueError:
    return InvalidValueError("store", shown_address(url), remedy)


def is_address(text: str) -> bool:
    """Tell whether a text is a store's address, of whatever kind, rather than the name of a file.

    >>> is_address("memory:"), is_address("mysql://host/x"), is_address("C:/hall.db"), is_address("hall at 10:30.db")
    (True, True, False, False)
    """
    return bool(_ADDRESS.match(text) or _WORDS.search(text))


def shown_address(url: str) -> str:
    """Return a store's address as it may be shown: without who logs in, and by which password.

    Of what is no address only the beginning is shown: somebody's password may stand anywhere in it.

    >>> shown_address("postgresql://badung:rahasia@db.example/malls?sslmode=require&schema=bali")
    'postgresql://…@db.example/malls?schema=bali'
    """
    if found := _POSTGRES.fullmatch(url):
        scheme, who, place, options = found.groups(default="")
        own = [option for option in options.split("&") if option.startswith(("schema=", "notify="))]
        return f"{scheme}{'…@' if who else ''}{place}{'?' if own else ''}{'&'.join(own)}"
    if _HARMLESS.fullmatch(url):
        return url
    scheme = url.partition(":")[0]
    return f"{scheme}:…" if scheme.isalpha() else "…"
