"""The mall's key, under which the keys of persons lie: whoever provides it, from a file, the environment or elsewhere.

The key is replaced (rotated) by adding a new one, moving everything under it, and destroying the old one. With the old
one gone, no copy of the key ring from before can be opened by anybody.
"""

import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from secrets import token_bytes
from typing import Protocol

from attrs import field, frozen

from mppkit.errors import InvalidValueError, StorageError
from mppkit.identity.recordable import checked_id
from mppkit.people.sealing import KEY_BYTES, NONCE_BYTES, need_security, seal, unseal

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Randomness = Callable[[int], bytes]
"""Answers with so many bytes that nobody can guess."""

_FORM = "give id:key, such as 2026-11:…, the key as Base64 of 32 random bytes, and the current one last"


@frozen(kw_only=True)
class Wrapped:
    """A key that was sealed under the mall key of this id; safe to be written down."""

    mall_key: str
    sealed: str = field(repr=False)


class KeyProvider(Protocol):
    """Whoever holds the mall's key; may be a service that never hands it out. May be called from any thread.

    Every verb raises StorageError when it cannot do its work.
    """

    def current(self) -> str:
        """Return the id of the mall key under which `wrap` seals now."""
        ...

    def wrap(self, secret: bytes, bound: str) -> Wrapped:
        """Return a secret of 32 bytes sealed under the current mall key, with what it belongs to bound in."""
        ...

    def unwrap(self, wrapped: Wrapped, bound: str) -> bytes:
        """Return the secret again; fails if another `bound` is given than when it was sealed."""
        ...


class _TextKeyProvider:
    """Mall keys in a text, `id:key` each, the current one last; read anew each time, so that nothing stays stale."""

    def __init__(self, place: str, read: Callable[[], str], randomness: Randomness) -> None:
        need_security()
        self._place = place
        self._read = read
        self._randomness = randomness
        self._keys()  # what is wrong should be known at the start

    def current(self) -> str:
        """Return the id of the last key."""
        return list(self._keys())[-1]

    def wrap(self, secret: bytes, bound: str) -> Wrapped:
        """Return a secret sealed under the last key."""
        id_, key = list(self._keys().items())[-1]
        return Wrapped(mall_key=id_, sealed=seal(key, secret, bound, self._randomness(NONCE_BYTES)))

    def unwrap(self, wrapped: Wrapped, bound: str) -> bytes:
        """Return the secret again.

        Raises:
            StorageError: the key of that id is not there, or the secret does not belong to `bound`.
        """
        key = self._keys().get(wrapped.mall_key)
        if key is None:
            raise StorageError(f"mall key {wrapped.mall_key!r} is not in {self._place}: was it removed too early?")
        return unseal(key, wrapped.sealed, bound)

    def _keys(self) -> dict[str, bytes]:
        return _read_keys(self._read(), self._place)


class FileKeyProvider(_TextKeyProvider):
    """Mall keys in a file, a line `id:key` for each, the current one last; see `add_mall_key`.

    Raises:
        MissingExtraError: the extra `security` is not installed.
        StorageError: the file cannot be read, or not only its owner can.
        InvalidValueError: it does not hold such lines.
    """

    def __init__(self, path: str | Path, *, randomness: Randomness = token_bytes) -> None:
        self._path = Path(path).absolute()
        super().__init__(str(path), self._text, randomness)

    def _text(self) -> str:
        try:
            check_private(self._path)
            return self._path.read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise StorageError(f"the mall keys in {self._path} cannot be read: {type(error).__name__}") from None


class EnvironmentKeyProvider(_TextKeyProvider):
    """Mall keys in a variable of the environment: `id:key`, with white space between several, the current one last.

    Raises:
        MissingExtraError: the extra `security` is not installed.
        InvalidValueError: the variable is not there or does not hold that.
    """

    def __init__(self, variable: str = "MPPKIT_MALL_KEYS", *, randomness: Randomness = token_bytes) -> None:
        super().__init__(variable, lambda: os.environ.get(variable, ""), randomness)


def new_mall_key(id_: str, *, randomness: Randomness = token_bytes) -> str:
    """Return a new mall key as `id:key`: a secret, for the place where your mall keeps its secrets.

    Raises:
        InvalidValueError: the id is none.
    """
    return f"{checked_id(id_, 'mall key')}:{b64encode(randomness(KEY_BYTES)).decode()}"


def add_mall_key(path: str | Path, id_: str, *, randomness: Randomness = token_bytes) -> None:
    """Add a new mall key to a file, as the current one from now on; makes the file, for its owner only.

    Raises:
        InvalidValueError: the id is none, or was used in this file.
        StorageError: the file cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+", encoding="ascii") as file:
            check_private(Path(path))
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)  # two who add at once must see each other; closing ends it
            text = file.read()
            if text.strip() and id_ in _read_keys(text, str(path)):
                raise InvalidValueError("mall key", id_, "give each mall key an id of its own, such as its month")
            file.write(
                ("" if text.endswith("\n") or not text else "\n") + new_mall_key(id_, randomness=randomness) + "\n"
            )
            file.flush()
            os.fsync(file.fileno())
        sync_folder(Path(path).absolute().parent)
    except OSError as error:
        raise StorageError(f"the mall keys in {path} cannot be written: {type(error).__name__}") from error


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk."""
    if os.name != "posix":
        return  # Windows has no such call
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_private(path: Path) -> None:
    """Check that nobody but the owner may read a file or folder, where the system can tell.

    Raises:
        StorageError: others may.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise StorageError(f"{path} can be read by others than its owner: chmod go= {path}")


def _read_keys(text: str, place: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.split(), start=1):
        id_, _, key = line.partition(":")
        try:
            secret = b64decode(key, validate=True)
            checked_id(id_, "mall key")
        except ValueError:
            raise InvalidValueError(f"{place}: key {number}", "…", _FORM) from None
        if len(secret) != KEY_BYTES or id_ in keys:
            raise InvalidValueError(f"{place}: key {number}", "…", _FORM)
        keys[id_] = secret
    if not keys:
        raise InvalidValueError(place, "", _FORM)
    return keys
