"""The keys of persons, and the keyed index by which a person is found: made, opened, moved and destroyed in the ring.

    key.<subject>.<key>         one key of one person, under the mall's key, and the tags it brought into the ring
    tag.<tag>.<subject>.<key>   that a value with this tag is sealed under this key
    index.key                   the key with which tags are made, under the mall's key, and which mall's ring it is

A tag is an HMAC of a NIK or phone number. Tags belong to a key and go with it; none is ever in the store, where it
would outlive the person: there are few enough NIK to try them all.
"""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from attrs import evolve, field, frozen

from mppkit.errors import InvalidValueError, StorageError
from mppkit.people.key_ring import KeyRing
from mppkit.people.mall_keys import KeyProvider, Randomness, Wrapped
from mppkit.people.model import Field
from mppkit.people.sealing import KEY_BYTES, NONCE_BYTES, need_security, seal, unseal
from mppkit.people.values import INDEXED

_INDEX = "index.key"
_KEY = re.compile(r"key\.(p-[a-z]{32})\.([a-z]{16})")
_TAG = re.compile(r"tag\.[0-9a-f]{64}\.(p-[a-z]{32})\.([a-z]{16})")
_HEX = re.compile(r"[0-9a-f]{64}")
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
    """What stands in the ring for a key; `mall` for the key of the index alone."""

    wrapped: Wrapped
    tags: tuple[str, ...] = ()
    mall: str | None = None

    def to_piece(self) -> bytes:
        shape: dict[str, object] = {"mall_key": self.wrapped.mall_key, "sealed": self.wrapped.sealed, "tags": self.tags}
        return json.dumps(shape if self.mall is None else {**shape, "mall": self.mall}).encode()

    @classmethod
    def from_piece(cls, name: str, piece: bytes) -> "_Record":
        try:
            shape = json.loads(piece)
            wrapped = Wrapped(mall_key=str(shape["mall_key"]), sealed=str(shape["sealed"]))
            mall = str(shape["mall"]) if "mall" in shape else None
            tags = tuple(map(str, shape["tags"]))
            if not all(map(_HEX.fullmatch, tags)):
                raise ValueError("no tags")
            return cls(wrapped=wrapped, tags=tags, mall=mall)
        except (ValueError, TypeError, KeyError):
            why = "is damaged: restore it from the ring's last backup"
            raise StorageError(f"the piece {name} of the key ring {why}") from None


class PersonKeys:
    """The keys of one mall's persons.

    Raises:
        MissingExtraError: the extra `security` is not installed.
    """

    def __init__(self, *, mall: str, provider: KeyProvider, ring: KeyRing, randomness: Randomness) -> None:
        need_security()
        self._mall = mall
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
        self._open_index()  # a ring is a mall's from its first key on
        secret = self._randomness(KEY_BYTES)
        id_ = self._token(_KEY_ID_BYTES)
        tags = tuple(self._tag(name, values[name]) for name in INDEXED if name in values)
        wrapped = self._provider.wrap(secret, self._key_place(subject, id_))
        piece = _Record(wrapped=wrapped, tags=tags).to_piece()
        if self._ring.add(key_name(subject, id_), piece) != piece:
            raise InvalidValueError("randomness", "…", "give bytes that never repeat: a key of this id exists")
        for tag in tags:  # behind the record, which names them, so that they can be found again and destroyed
            self._ring.add(f"tag.{tag}.{subject}.{id_}", b"")
        return self._opened(subject, id_, wrapped.mall_key, secret)

    def open(self, subject: str, id_: str) -> PersonKey | None:
        """Return a person's key, or None where it is not in the ring.

        Raises:
            StorageError: it is there and cannot be opened.
        """
        piece = self._ring.get(key_name(subject, id_))
        if piece is None:
            return None
        wrapped = _Record.from_piece(key_name(subject, id_), piece).wrapped
        return self._opened(subject, id_, wrapped.mall_key, self._unwrap(wrapped, self._key_place(subject, id_)))

    def destroy(self, subject: str, id_: str, *, thorough: bool = False) -> None:
        """Destroy a person's key and what it is found by; may be repeated, and ends what a crash left half done.

        A `thorough` one finds what a key was found by where the key itself is gone, as after a restore in parts.

        Raises:
            StorageError: the ring is another mall's.
        """
        self.check_mall()
        name = key_name(subject, id_)
        piece = self._ring.get(name)
        try:
            tags = (
                [] if piece is None else [f"tag.{tag}.{subject}.{id_}" for tag in _Record.from_piece(name, piece).tags]
            )
        except StorageError:
            thorough = True
            tags = []
        if thorough and not tags:
            tags = [tag for tag in self._ring.names("tag.") if tag.endswith(f".{subject}.{id_}")]
        for tag in tags:
            self._ring.destroy(tag)
        self._ring.destroy(name)

    def tagged(self, name: Field, value: str) -> tuple[tuple[str, str], ...]:
        """Return the subjects and keys under which this value may be sealed."""
        return tuple(sorted(_owners(_TAG, self._ring.names(f"tag.{self._tag(name, value)}."))))

    def held(self) -> set[tuple[str, str]]:
        """Return the subject and the id of every key in the ring."""
        return _owners(_KEY, self._ring.names("key."))

    def found_by(self) -> set[tuple[str, str]]:
        """Return the subject and the id of every key that something in the ring is found by."""
        return _owners(_TAG, self._ring.names("tag."))

    def to_move(self) -> tuple[str, list[str], list[str]]:
        """Return the id of the mall's current key, the names of what lies under another one, and of what is damaged.

        Raises:
            StorageError: the ring is another mall's.
        """
        self.check_mall()
        current = self._provider.current()
        names, damaged = [], []
        for name, piece in self._pieces():
            try:
                if _Record.from_piece(name, piece).wrapped.mall_key != current:
                    names.append(name)
            except StorageError:
                damaged.append(name)
        return current, names, damaged

    def move(self, name: str) -> tuple[str, str] | None:
        """Put one key under the mall's current key; return whose key it was, None for the key of the index.

        Raises:
            StorageError: it cannot be opened.
        """
        piece = self._ring.get(name)
        if piece is not None:
            record = _Record.from_piece(name, piece)
            place = self._place_of(name)
            wrapped = self._provider.wrap(self._unwrap(record.wrapped, place), place)
            self._ring.replace(name, evolve(record, wrapped=wrapped).to_piece())
        owner = _KEY.fullmatch(name)
        return None if owner is None else (owner[1], owner[2])

    def holds(self, name: str) -> bool:
        """Tell whether a piece is in the ring."""
        return self._ring.get(name) is not None

    def damaged(self) -> tuple[list[str], dict[str, tuple[str, str]]]:
        """Return the names of what is damaged or none of the ring's own, and what is missing, by the key it belongs to.

        It opens every key.
        """
        keys, tags = self._ring.names("key."), self._ring.names("tag.")
        names = _others(_KEY, keys) + _others(_TAG, tags)
        wanted: dict[str, tuple[str, str]] = {}
        for name, piece in self._pieces():
            try:
                record = _Record.from_piece(name, piece)
                self._unwrap(record.wrapped, self._place_of(name))
            except StorageError:
                names.append(name)
                continue
            if owner := _KEY.fullmatch(name):
                wanted |= {f"tag.{tag}.{owner[1]}.{owner[2]}": (owner[1], owner[2]) for tag in record.tags}
        if keys and not self.holds(_INDEX):
            names.append(_INDEX)
        return names, {name: wanted[name] for name in wanted.keys() - set(tags)}

    def check_mall(self) -> None:
        """Check that the ring is not another mall's; of an empty or damaged one nobody knows.

        Raises:
            StorageError: it is.
        """
        try:
            mall = None if (piece := self._ring.get(_INDEX)) is None else _Record.from_piece(_INDEX, piece).mall
        except StorageError:
            return
        if mall is not None and mall != self._mall:
            raise StorageError(f"the key ring belongs to mall {mall!r}, not to {self._mall!r}: each has one of its own")

    def check_ours(self) -> None:
        """Check that the ring is this mall's for sure.

        Raises:
            StorageError: it is another mall's, or holds keys and nothing that says whose.
        """
        if self.held():
            self._read_index()

    def _pieces(self) -> Iterable[tuple[str, bytes]]:
        for name in (_INDEX, *self._ring.names("key.")):
            piece = self._ring.get(name) if name == _INDEX or _KEY.fullmatch(name) else None
            if piece is not None:
                yield name, piece

    def _place_of(self, name: str) -> str:
        owner = _KEY.fullmatch(name)
        return f"{self._place}\n{_INDEX}" if owner is None else self._key_place(owner[1], owner[2])

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
        return hmac.new(self._open_index(), text.encode(errors="surrogatepass"), sha256).hexdigest()

    def _open_index(self) -> bytes:
        """Return the key of the index; makes it in an empty ring, which becomes this mall's so.

        Raises:
            StorageError: the ring is another mall's, or the key of its index is gone or cannot be opened.
        """
        if self._index is None:
            self._index = self._read_index()
        return self._index

    def _read_index(self) -> bytes:
        # looked for again behind the keys: whoever makes the first key has made this one before
        piece = self._ring.get(_INDEX) or (self._ring.get(_INDEX) if self.held() else self._make_index())
        if piece is None:
            why = "it has lost its index.key: restore that from its last backup"
            raise StorageError(f"the key ring holds keys, and nothing says whose: is it the right ring? or {why}")
        self.check_mall()
        return self._unwrap(_Record.from_piece(_INDEX, piece).wrapped, self._place_of(_INDEX))

    def _make_index(self) -> bytes:
        # two may make it at once: the ring keeps one of the two, and both take that
        wrapped = self._provider.wrap(self._randomness(KEY_BYTES), self._place_of(_INDEX))
        return self._ring.add(_INDEX, _Record(wrapped=wrapped, mall=self._mall).to_piece())

    def _unwrap(self, wrapped: Wrapped, place: str) -> bytes:
        secret = self._provider.unwrap(wrapped, place)
        if len(secret) != KEY_BYTES:
            raise StorageError(f"the key provider answered with {len(secret)} bytes, not {KEY_BYTES}")
        return secret


def _owners(form: re.Pattern[str], names: Iterable[str]) -> set[tuple[str, str]]:
    return {(found[1], found[2]) for name in names if (found := form.fullmatch(name))}


def _others(form: re.Pattern[str], names: Iterable[str]) -> list[str]:
    return [name for name in names if not form.fullmatch(name)]


def key_name(subject: str, id_: str) -> str:
    """Return under which name a person's key lies in the ring."""
    return f"key.{subject}.{id_}"
