"""Names of things: the identifiers a blueprint gives, and the names of streams built from them."""

import re
from functools import lru_cache

from mppkit.errors import InvalidValueError

_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
_STREAM_REMEDY = "a stream is named mall/category/key, such as badung/queue/2026-11-24"
ID_REMEDY = "use 1 to 64 lower-case letters, digits, '-', '_' or '.', beginning and ending with a letter or digit"


def is_id(value: str) -> bool:
    """Tell whether `value` can be an identifier, such as `loket-3`."""
    return _ID.fullmatch(value) is not None


def check_id(value: str, place: str) -> str:
    """Return `value` if it is an identifier.

    Raises:
        InvalidValueError: it is not; names `place`.

    >>> check_id("loket-3", "counter")
    'loket-3'
    """
    if not isinstance(value, str) or not is_id(value):
        raise InvalidValueError(place, value, ID_REMEDY)
    return value


def stream_name(mall: str, category: str, key: str) -> str:
    """Return the stream name `mall/category/key`: many malls share a store, and a mall is one prefix.

    Raises:
        InvalidValueError: one of the three parts is not an identifier (a key may hold capitals).

    >>> stream_name("badung", "queue", "2026-11-24")
    'badung/queue/2026-11-24'
    """
    check_id(mall, "mall")
    check_id(category, "category")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidValueError("key", key, "use 1 to 128 letters, digits, '-', '_' or '.'")
    return f"{mall}/{category}/{key}"


def split_stream(name: str) -> tuple[str, str, str]:
    """Return the mall, the category and the key of a stream name.

    Raises:
        InvalidValueError: the name has not the form `mall/category/key`.

    >>> split_stream("badung/queue/2026-11-24")
    ('badung', 'queue', '2026-11-24')
    """
    if not isinstance(name, str):
        raise InvalidValueError("stream", name, _STREAM_REMEDY)
    return _split(name)


@lru_cache(maxsize=4096)  # every append checks its stream, and a hall writes to one all day
def _split(name: str) -> tuple[str, str, str]:
    parts = name.split("/")
    if len(parts) != 3 or not (is_id(parts[0]) and is_id(parts[1]) and _KEY.fullmatch(parts[2])):
        raise InvalidValueError("stream", name, _STREAM_REMEDY)
    return parts[0], parts[1], parts[2]
