"""Events to JSON text and back: the only door to cattrs.

An event class carries `event_name` and `event_version`; a field that holds its default is not written out. What an
event means is not known here.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from cattrs import Converter
from cattrs.strategies import configure_union_passthrough

from mppkit.errors import DecodeError, InvalidValueError


class Named(Protocol):
    """What an event class must carry."""

    event_name: ClassVar[str]
    event_version: ClassVar[int]


E = TypeVar("E", bound=Named)

# what cattrs hands over was built anew, so it cannot hold itself
_encode_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_decode_json = json.JSONDecoder().decode


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    """Return a hook that takes a value of this very kind, where cattrs would make one of anything."""

    def take(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"not of kind {kind.__name__}")
        return value

    return take


def _instant(text: str, _: Any) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a naive instant")
    return at


def _decimal_text(amount: Any) -> str:
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise ValueError("not a finite Decimal")
    return str(amount)


def _decimal(text: Any, _: Any) -> Decimal:
    amount = Decimal(text) if type(text) is str else None
    if amount is None or not amount.is_finite() or str(amount) != text:  # Decimal takes "1_0" and " 1" too
        raise ValueError("not the text of a finite Decimal")
    return amount


def _texts(value: Any, _: Any) -> tuple[str, ...]:
    if type(value) is not list or not all(type(text) is str for text in value):
        raise TypeError("not a list of texts")
    return tuple(value)


def _member(value: Any, kind: type[Enum]) -> Enum:
    return kind._value2member_map_[value]  # a dict look-up, where calling the enum costs five times as much


def _converter() -> Converter:
    made = Converter(detailed_validation=False, omit_if_default=True)
    made.register_unstructure_hook(datetime, lambda at: at.isoformat())
    made.register_structure_hook(datetime, _instant)
    made.register_unstructure_hook(date, lambda on: on.isoformat())
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    made.register_unstructure_hook(Decimal, _decimal_text)
    made.register_structure_hook(Decimal, _decimal)
    for exact in (str, bool, int):
        made.register_structure_hook(exact, _exactly(exact))
    for enum in (Enum, StrEnum, IntEnum):  # the last two by name, or they would pass for str and int
        made.register_structure_hook(enum, _member)
    made.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
    configure_union_passthrough(str | int | float | bool | None, made)
    return made


class Codec(Generic[E]):
    """Turns the events of one room into JSON text, and back.

    >>> from attrs import frozen
    >>> @frozen
    ... class Rang:
    ...     event_name = "bell.rang"
    ...     event_version = 1
    ...     times: int = 1
    >>> codec = Codec([Rang])
    >>> codec.encode(Rang(3))
    '{"times":3}'
    >>> codec.decode("bell.rang", 1, '{"times":3}')
    Rang(times=3)
    """

    def __init__(self, events: Iterable[type[E]]) -> None:
        self._classes = {(kind.event_name, kind.event_version): kind for kind in events}
        self._made = _converter()
        # hooks are fetched once for each class, when it is first met: making them all would slow every start
        self._encoders: dict[type[E], Callable[[E], Mapping[str, Any]]] = {}
        self._decoders: dict[tuple[str, int], tuple[type[E], Callable[[Any, Any], E]]] = {}

    def encode(self, event: E) -> str:
        """Return the event as compact JSON text in ASCII.

        Raises:
            InvalidValueError: it holds what JSON cannot, such as a float that is not finite.
        """
        kind = type(event)
        encoder = self._encoders.get(kind)
        if encoder is None:
            encoder = self._encoders[kind] = self._made.get_unstructure_hook(kind)
        try:
            return _encode_json(encoder(event))
        except (TypeError, ValueError) as error:
            remedy = "give texts, whole numbers and finite floats where a field takes anything"
            raise InvalidValueError(f"event {kind.event_name}", type(error).__name__, remedy) from error

    def decode(self, name: str, version: int, data: str) -> E:
        """Return the event that was recorded under a name and version.

        Raises:
            DecodeError: the name or version is unknown, or the text does not fit it; never shows the text itself.
        """
        found = self._decoders.get((name, version))
        if found is None:
            found = self._decoders[name, version] = self._decoder(name, version)
        kind, decoder = found
        try:
            content = _decode_json(data)
            if type(content) is not dict:  # cattrs makes an event without needed fields of anything
                raise TypeError("not an object")
            return decoder(content, kind)
        except Exception as error:
            raise DecodeError(name, version, f"its data does not fit ({type(error).__name__})") from error

    def _decoder(self, name: str, version: int) -> tuple[type[E], Callable[[Any, Any], E]]:
        kind = self._classes.get((name, version))
        if kind is not None:
            return kind, self._made.get_structure_hook(kind)
        versions = sorted(known for known_name, known in self._classes if known_name == name)
        if versions:
            why = f"unknown version (known: {', '.join(map(str, versions))}); was it written by a newer mppkit?"
        else:
            why = "unknown event type; was it written by a newer mppkit, or by another application?"
        raise DecodeError(name, version, why)
