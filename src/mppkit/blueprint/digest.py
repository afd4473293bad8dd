"""What a blueprint means, as one text and its digest: alike whatever the order of its rows and files."""

import json
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import attrs

IN_ORDER = frozenset({"procedure", "steps", "outcomes"})
"""The fields whose order is part of what they mean, as they are shown in it; every other tuple is a set of things, or
sorts itself by time."""


def digest_of(meaning: object) -> str:
    """Return the SHA-256 of what something means, 64 hexadecimal digits."""
    return sha256(canonical(meaning).encode("ascii")).hexdigest()


def canonical(meaning: object) -> str:
    """Return a value as canonical JSON: keys and tuples sorted, whole floats as integers, attrs defaults left out.

    A list keeps its order. A field that a later version adds is left out while it has its default, so that the digest
    of what did not change stays as it is.

    >>> canonical(("b", "a", 2.0)), canonical(["b", date(2026, 11, 24)])
    ('["a","b",2]', '["b","2026-11-24"]')
    """
    return json.dumps(_plain(meaning), sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if inner != ()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, tuple):
        return sorted((_plain(inner) for inner in value), key=_text)
    kind = type(value)
    if attrs.has(kind):
        stated = {field.name: getattr(value, field.name) for field in attrs.fields(kind) if field.init}
        defaults = {field.name: _default(field.default) for field in attrs.fields(kind)}
        return {name: _field(name, inner) for name, inner in stated.items() if inner != defaults[name]}
    if value is None or isinstance(value, str | int | float):
        return value
    return kind.__qualname__  # what no file can say: a part of a policy that was handed in


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True)


def _field(name: str, value: object) -> object:
    return _plain(list(value) if name in IN_ORDER and isinstance(value, tuple) else value)


def _default(default: Any) -> object:
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
