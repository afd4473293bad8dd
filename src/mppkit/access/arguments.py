"""Whether arguments are of the kinds that a desk's method takes, for what a viewer sends may be anything.

The desks check what a value says; this is about what it is, so that no desk has to expect a list where a text belongs.
"""

from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import cache
from inspect import BoundArguments, Parameter, formatannotation
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from mppkit.errors import InvalidValueError


def check_arguments(function: Callable[..., Any], given: BoundArguments) -> None:
    """Check the arguments of a call by the function's annotations.

    Raises:
        InvalidValueError: one is of another kind; shows no value.
    """
    hints = _hints(function)
    for name, value in given.arguments.items():
        each = value if given.signature.parameters[name].kind is Parameter.VAR_POSITIONAL else (value,)
        for one in each:
            if not _fits(one, hints.get(name, Any)):
                raise InvalidValueError(name, type(one).__name__, f"give {formatannotation(hints[name])}")


@cache
def _hints(function: Callable[..., Any]) -> Mapping[str, Any]:
    return get_type_hints(function)


def _fits(value: object, hint: Any) -> bool:  # Any: an annotation is of no one type
    """Tell whether a value is of an annotated kind; in doubt it is."""
    kind = get_origin(hint) or getattr(hint, "__supertype__", hint)
    if kind in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if hint is None or kind is type(None):
        return value is None
    if not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return True
    if isinstance(value, bool):
        return kind in (bool, object)  # no number, though Python takes it for one
    if issubclass(kind, Enum):
        return isinstance(value, str | kind)
    if not isinstance(value, (int, kind) if kind is float else kind):
        return False
    if not isinstance(value, Collection) or isinstance(value, str | Mapping):
        return True  # nor is an iterator looked into: that would use it up
    return all(_fits(each, inner) for inner in get_args(hint)[:1] for each in value)
