"""What differs between two blueprints, by what they mean: never by the order of rows, by files, or by comments."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from attrs import frozen

from mppkit.blueprint.digest import canonical
from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.sections import DAYS
from mppkit.blueprint.writing import as_document, label
from mppkit.documents.values import found

_AS_ONE = {"hours", *DAYS}
"""The arrays whose elements say little one by one."""
_PARTS = {
    "requirements": "document",
    "fees": "what",
    "complaints": "kind",
    "channels": "kind",
    "step": "id",
    "outcomes": "id",
    "reason": "code",
    "limit": "resource",
}
"""The key that tells the parts of a row apart, by the array they stand in."""
_NOTHING: Mapping[str, Any] = {}


class ChangeKind(StrEnum):
    """What became of something on the way from the first blueprint to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}


@frozen(kw_only=True)
class Change:
    """One difference.

    Attributes:
        place: where, in the words of the TOML, such as `service[nib].prefix` or `queue.limits.promise_minutes`.
        old, new: what stands there, shown short and long numbers masked; None for nothing.
    """

    kind: ChangeKind
    place: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        """Return it as one line: `+` for added, `-` for removed, `~` for changed."""
        if self.kind is ChangeKind.CHANGED:
            return f"~ {self.place}: {self.old or 'nothing'} -> {self.new or 'nothing'}"
        return f"{_SIGNS[self.kind]} {self.place}: {self.new or self.old}"


def diff(a: Blueprint, b: Blueprint) -> tuple[Change, ...]:
    """Return all that is to be changed to make blueprint `b` of `a`; nothing exactly when their digests are the same.

    Rows are the same thing when they have the same id; those that have none, when they have the same decree, rule,
    agency and regulation, or first day and name.

    >>> from attrs import evolve
    >>> from mppkit.blueprint import sample_blueprint
    >>> contoh = sample_blueprint()
    >>> [str(change) for change in diff(contoh, evolve(contoh, id="blora"))]
    ["~ mall.id: 'contoh' -> 'blora'"]
    """
    old, new = as_document(a), as_document(b)
    return tuple(
        change for name in _keys(old, new) for change in _differences(name, name, old.get(name), new.get(name))
    )


def _keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from old
    yield from (key for key in new if key not in old)


def _differences(place: str, name: str, old: Any, new: Any) -> Iterator[Change]:
    """Return the differences at a place, at least one if what stands there does not mean the same."""
    if _same(old, new):
        return
    inner: list[Change] = []
    if _both(old, new, Mapping):
        before, after = old or _NOTHING, new or _NOTHING
        for key in _keys(before, after):
            inner += _differences(f"{place}.{key}", key, before.get(key), after.get(key))
    elif _both(old, new, tuple | list) and name == "procedure":
        for index, (step, other) in enumerate(zip_longest(old or (), new or ())):
            inner += _differences(f"{place}[{index}]", "", step, other)
    elif _both(old, new, tuple | list) and name not in _AS_ONE:
        inner = [*_of_rows(place, name, old or (), new or ()), *_of_order(place, name, old, new)]
    yield from inner or [Change(kind=ChangeKind.CHANGED, place=place, old=_short(old), new=_short(new))]


def _same(old: object, new: object) -> bool:
    # a tuple within a table that is empty is to the digest as if it were not there; a part that is missing is not
    return (old is None) == (new is None) and canonical(old) == canonical(new)


def _both(old: object, new: object, kind: Any) -> bool:
    """Tell whether both are of a kind, or one is and the other is not there."""
    given = [value for value in (old, new) if value is not None]
    return all(isinstance(value, kind) for value in given)


def _of_rows(place: str, name: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    """Return the differences of two sets: of what is on one side only, that of one label is compared."""
    gone, come = _without(old, new), _without(new, old)
    before, after = _by_label(name, gone), _by_label(name, come)
    for key, values in before.items():
        others = after.get(key, [])
        here = f"{place}[{key}]" if key else place
        if key and len(values) == len(others) == 1:
            yield from _differences(here, "", values[0], others.pop())
        else:
            for value in values:
                yield Change(kind=ChangeKind.REMOVED, place=here, old=_short(value), new=None)
    for key, values in after.items():
        here = f"{place}[{key}]" if key else place
        for value in values:
            yield Change(kind=ChangeKind.ADDED, place=here, old=None, new=_short(value))


def _of_order(place: str, name: str, old: Any, new: Any) -> Iterator[Change]:
    """Return that the parts two lists have in common stand in another order, where the order says something."""
    if not (isinstance(old, list) and isinstance(new, list)):
        return
    before, after = ([_label(name, value) for value in values] for values in (old, new))
    both = (set(before) & set(after)) - {""}
    was, is_now = ([each for each in labels if each in both] for labels in (before, after))
    if was != is_now:
        yield Change(kind=ChangeKind.CHANGED, place=place, old=", ".join(was), new=", ".join(is_now))


def _without(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    there = Tally(canonical(value) for value in others)
    left = []
    for value in values:
        meaning = canonical(value)
        there[meaning] -= 1
        if there[meaning] < 0:
            left.append(value)
    return left


def _by_label(name: str, values: Sequence[Any]) -> dict[str, list[Any]]:
    called: dict[str, list[Any]] = {}
    for value in values:
        called.setdefault(_label(name, value), []).append(value)
    return called


def _label(name: str, value: Any) -> str:
    """Return what tells a row from others; empty for what has no such thing, as an id in an array."""
    if not isinstance(value, Mapping):
        return ""
    if name in _PARTS:
        return str(value.get(_PARTS[name], ""))
    try:
        return label(name, value)
    except KeyError:  # a table of a registered policy
        return ""


def _short(value: Any) -> str | None:
    if isinstance(value, Mapping):
        facts = {
            key: inner for key, inner in value.items() if key != "id" and not isinstance(inner, Mapping | tuple | list)
        }
        told = value.get("name") or ", ".join(f"{key} = {inner}" for key, inner in facts.items())
        return found(told) if told else "a table"
    if isinstance(value, tuple | list):
        return ", ".join(_short(each) or "" for each in value) or "none"
    return found(value)
