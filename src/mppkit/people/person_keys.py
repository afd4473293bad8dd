"""The keys of persons, and the keyed index by which a person is found: made, opened, moved and destroyed in the ring.

    key.<subject>.<key>         one key of one person, under the mall's key, and the tags it brought into the ring
    tag.<tag>.<subject>.<key>   that a value with this tag is sealed under this key
    index.key                   the key with which tags are made, under the mall's key

A tag is an HMAC of a NIK or phone number. Tags belong to a key and go with it; none is ever in the store, where it
would outlive the person: there are few enough NIK to try them all.
"""

import hmac
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from attrs import evolve, field, frozen

from mppkit.errors import InvalidValueError, StorageError
from mppkit.people.key_ring import KeyRing
from mppkit.people.mall_keys import KeyProvider, Randomness, Wrapped
from mppkit.people.model import Field
from mppkit.people.sealing import KEY_BYTES, NONCE_BYTES, need_security, seal, unseal
from mppkit.people.values import INDEXED

_INDEX = "index.key"
_SUBJECT_BYTES, _KEY_ID_BYTES = 16, 8
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")
"""Sixteen consonants: an id without a digit is never taken for a personal number, and without a vowel for a word."""


@frozen(kw_only=True)
class PersonKey:
    """A person's key, open: seals and unseals the values of this one person."""

    id: str
    mall_key: str
    _place: str
    _secret: bytes = field(repr=False)
    _randomness: Randomness = field(repr=False)

    def seal(self, name: Field, value: str) -> str:
        """Return a value sealed, bound to this person, key and field."""
        return seal(self._secret, value.encode(), f"{self._place}\n{name}", self._randomness(NONCE_BYTES))

    def unseal(self, name: Field, sealed: str) -> str:
        """Return a value again.

        Raises:
            StorageError: it was sealed for another person, key or field, or changed since.
        """
        return unseal(self._secret, sealed, f"{self._place}\n{name}").decode()


@frozen(kw_only=True)
class _Record:
    """What stands in the ring for a key."""

    wrapped: Wrapped
    tags: tuple[str, ...] = ()

    def to_piece(self) -> bytes:
        shape = {"mall_key": self.wrapped.mall_key, "sealed": self.wrapped.sealed, "tags": self.tags}
        return json.dumps(shape).encode()

    @classmethod
    def from_piece(cls, piece: bytes) -> "_Record":
        try:
            shape = json.loads(piece)
            wrapped = Wrapped(mall_key=str(shape["mall_key"]), sealed=str(shape["sealed"]))
            return cls(wrapped=wrapped, tags=tuple(map(str, shape["tags"])))
        except (ValueError, TypeError, KeyError):
            raise StorageError("a piece of the key ring is damaged: restore it from the ring's last backup") from None


class PersonKeys:
    """The keys of one mall's persons.

    Raises:
        MissingExtraError: the extra `security` is not installed.
    """

    def __init__(self, *, mall: str, provider: KeyProvider, ring: KeyRing, randomness: Randomness) -> None:
        need_security()
        self._place = f"mppkit.people\n{mall}"
        self._provider = provider
        self._ring = ring
        self._randomness = randomness
        self._index: bytes | None = None

    def new_subject(self, request_id: str | None) -> str:
        """Return an id for a person that tells nothing; for a request always the same one."""
        if request_id is None:
            return f"p-{self._token(_SUBJECT_BYTES)}"
        mac = self._mac(f"request\n{request_id}")
        return f"p-{mac[: 2 * _SUBJECT_BYTES].translate(_LETTERS)}"

    def make(self, subject: str, values: Mapping[Field, str]) -> PersonKey:
        """Make a new key for a person, and have the person found by what is indexed among these values."""
        secret = self._randomness(KEY_BYTES)
        id_ = self._token(_KEY_ID_BYTES)
        tags = tuple(self._tag(name, values[name]) for name in INDEXED if name in values)
        wrapped = self._provider.wrap(secret, self._key_place(subject, id_))
        piece = _Record(wrapped=wrapped, tags=tags).to_piece()
        if self._ring.add(_key_name(subject, id_), piece) != piece:
            raise InvalidValueError("randomness", "…", "give bytes that never repeat: a key of this id exists")
        for tag in tags:  # behind the record, which names them, so that they can be found again and destroyed
            self._ring.add(f"tag.{tag}.{subject}.{id_}", b"")
        return self._opened(subject, id_, wrapped.mall_key, secret)

    def open(self, subject: str, id_: str) -> PersonKey | None:
        """Return a person's key, or None where it is not in the ring.

        Raises:
            StorageError: it is there and cannot be opened.
        """
        piece = self._ring.get(_key_name(subject, id_))
        if piece is None:
            return None
        wrapped = _Record.from_piece(piece).wrapped
        return self._opened(subject, id_, wrapped.mall_key, self._unwrap(wrapped, self._key_place(subject, id_)))

    def destroy(self, subject: str, id_: str) -> None:
        """Destroy a person's key and what it is found by; may be repeated, and ends what a crash left half done."""
        piece = self._ring.get(_key_name(subject, id_))
        if piece is None:
            return
        try:
            names = [f"tag.{tag}.{subject}.{id_}" for tag in _Record.from_piece(piece).tags]
        except StorageError:  # damaged: look through all
            names = [name for name in self._ring.names("tag.") if name.endswith(f".{subject}.{id_}")]
        for name in names:
            self._ring.destroy(name)
        self._ring.destroy(_key_name(subject, id_))

    def tagged(self, name: Field, value: str) -> tuple[tuple[str, str], ...]:
        """Return the subjects and keys under which this value may be sealed."""
        found = self._ring.names(f"tag.{self._tag(name, value)}.")
        return tuple((subject, id_) for _, _, subject, id_ in (each.split(".") for each in found))

    def held(self) -> Iterator[tuple[str, str]]:
        """Return the subject and the id of every key in the ring."""
        for name in self._ring.names("key."):
            _, subject, id_ = name.split(".")
            yield subject, id_

    def to_move(self) -> tuple[str, tuple[str, ...]]:
        """Return the id of the mall's current key, and the names of what lies under another one."""
        current = self._provider.current()
        return current, tuple(name for name in (_INDEX, *self._ring.names("key.")) if self._is_elsewhere(name, current))

    def move(self, name: str) -> tuple[str, str] | None:
        """Put one key under the mall's current key; return whose key it was, None for the key of the index."""
        owner = None if name == _INDEX else tuple(name.split(".")[1:])
        place = f"{self._place}\n{_INDEX}" if owner is None else self._key_place(*owner)
        piece = self._ring.get(name)
        if piece is not None:
            record = _Record.from_piece(piece)
            wrapped = self._provider.wrap(self._unwrap(record.wrapped, place), place)
            self._ring.replace(name, evolve(record, wrapped=wrapped).to_piece())
        return None if owner is None else (owner[0], owner[1])

    def _is_elsewhere(self, name: str, current: str) -> bool:
        piece = self._ring.get(name)
        return piece is not None and _Record.from_piece(piece).wrapped.mall_key != current

    def _opened(self, subject: str, id_: str, mall_key: str, secret: bytes) -> PersonKey:
        place = self._key_place(subject, id_)
        return PersonKey(id=id_, mall_key=mall_key, place=place, secret=secret, randomness=self._randomness)

    def _key_place(self, subject: str, id_: str) -> str:
        return f"{self._place}\n{subject}\n{id_}"

    def _token(self, length: int) -> str:
        return self._randomness(length).hex().translate(_LETTERS)

    def _tag(self, name: Field, value: str) -> str:
        return self._mac(f"{name}\n{value}")

    def _mac(self, text: str) -> str:
        if self._index is None:
            place = f"{self._place}\n{_INDEX}"
            piece = self._ring.get(_INDEX)
            if piece is None:  # two may make it at once: the ring keeps one of the two, and both take that
                made = _Record(wrapped=self._provider.wrap(self._randomness(KEY_BYTES), place))
                piece = self._ring.add(_INDEX, made.to_piece())
            self._index = self._unwrap(_Record.from_piece(piece).wrapped, place)
        return hmac.new(self._index, text.encode(errors="surrogatepass"), sha256).hexdigest()

    def _unwrap(self, wrapped: Wrapped, place: str) -> bytes:
        secret = self._provider.unwrap(wrapped, place)
        if len(secret) != KEY_BYTES:
            raise StorageError(f"the key provider answered with {len(secret)} bytes, not {KEY_BYTES}")
        return secret


def _key_name(subject: str, id_: str) -> str:
    return f"key.{subject}.{id_}"
