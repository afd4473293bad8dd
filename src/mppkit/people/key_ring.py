"""Where the keys of persons lie, sealed under the mall's key: beside the store, and not in it, so that they can go.

The store only ever grows, and so do its backups; what is in the ring can be destroyed. A ring belongs to one mall.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from threading import Lock
from typing import Protocol

from mppkit.errors import InvalidValueError, StorageError
from mppkit.people.mall_keys import check_private, sync_folder

_NAME = re.compile(r"[a-z]+(?:\.[a-z0-9-]+)*")
_IN_A_FOLDER = 3
"""So many characters behind the first dot choose the folder: 4,096 for look-ups, so that none grows long."""
_FOLDER = re.compile(rf"[a-z]+\.[a-z0-9.-]{{0,{_IN_A_FOLDER}}}")
_UNFINISHED = "~"


class KeyRing(Protocol):
    """Small pieces under names of lower-case letters, digits, `-` and `.`; may be called from any thread and process.

    What a verb has done is on the disk when it returns. Every verb raises StorageError when it cannot do its work.
    """

    def add(self, name: str, piece: bytes) -> bytes:
        """Put a piece under a name that is free, whole or not at all; return what then stands there."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return what stands under a name, or None."""
        ...

    def replace(self, name: str, piece: bytes) -> None:
        """Put another piece under a name, whole or not at all."""
        ...

    def destroy(self, name: str) -> None:
        """Remove a name and what stood under it, for good; does nothing where there is none."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that begin so, in order; the prefix ends where a part does, such as `key.`."""
        ...


class MemoryKeyRing:
    """A key ring that ends with its process, for rehearsals and tests."""

    def __init__(self) -> None:
        self._pieces: dict[str, bytes] = {}
        self._lock = Lock()

    def add(self, name: str, piece: bytes) -> bytes:
        """Put a piece under a free name; return what then stands there."""
        with self._lock:
            return self._pieces.setdefault(checked_name(name), piece)

    def get(self, name: str) -> bytes | None:
        """Return what stands under a name, or None."""
        return self._pieces.get(checked_name(name))

    def replace(self, name: str, piece: bytes) -> None:
        """Put another piece under a name."""
        with self._lock:
            self._pieces[checked_name(name)] = piece

    def destroy(self, name: str) -> None:
        """Remove a name and what stood under it."""
        with self._lock:
            self._pieces.pop(checked_name(name), None)

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that begin so."""
        with self._lock:
            return sorted(name for name in self._pieces if name.startswith(prefix))


class FolderKeyRing:
    """A key ring in a folder, a small file for each piece, for its owner only; on one machine or a shared folder.

    Args:
        path: the folder; made if it is not there, the folder it lies in is not. Never in a folder that is backed up
            with the store.

    Raises:
        StorageError: it cannot be made, or not only its owner can read it.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).absolute()
        self._known: set[Path] = set()
        """Folders in it that are on the disk for sure."""
        try:
            self._path.mkdir(mode=0o700, exist_ok=True)
            check_private(self._path)
        except OSError as error:
            raise self._failed("opened", error) from error

    def add(self, name: str, piece: bytes) -> bytes:
        """Put a piece under a free name, whole or not at all; return what then stands there."""
        target = self._file(name)
        try:
            self._make_folder(target.parent)
            unfinished = _written(target, piece)
            try:
                with suppress(FileExistsError):
                    os.link(unfinished, target)
            finally:
                os.unlink(unfinished)
            sync_folder(target.parent)
            return target.read_bytes()
        except OSError as error:
            raise self._failed("written", error) from error

    def get(self, name: str) -> bytes | None:
        """Return what stands under a name, or None."""
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed("read", error) from error

    def replace(self, name: str, piece: bytes) -> None:
        """Put another piece under a name, whole or not at all."""
        target = self._file(name)
        try:
            self._make_folder(target.parent)
            unfinished = _written(target, piece)
            try:
                os.replace(unfinished, target)
            except FileNotFoundError:
                return  # whoever destroyed the name meanwhile took this away with it
            except OSError:
                os.unlink(unfinished)
                raise
            sync_folder(target.parent)
        except OSError as error:
            raise self._failed("written", error) from error

    def destroy(self, name: str) -> None:
        """Remove a name, and what a process left that died while writing it.

        A disk may keep remnants of a removed file. They are sealed under the mall's key, so rotating that ends them.
        """
        target = self._file(name)
        try:
            if not target.parent.is_dir():
                return
            for file in list(os.scandir(target.parent)):
                if file.name == target.name or file.name.startswith(target.name + _UNFINISHED):
                    with suppress(FileNotFoundError):
                        os.unlink(file.path)
            sync_folder(target.parent)
        except OSError as error:
            raise self._failed("written", error) from error

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that begin so, and those that a process left unfinished; files of others are passed over."""
        kind, dot, rest = prefix.partition(".")
        beginning = f"{kind}{dot}{rest[:_IN_A_FOLDER]}"
        try:
            folders = [
                folder
                for folder in os.scandir(self._path)
                if folder.name.startswith(beginning) and _FOLDER.fullmatch(folder.name) and folder.is_dir()
            ]
            found = {
                (folder.name, file.name.partition(_UNFINISHED)[0])
                for folder in folders
                for file in os.scandir(folder)
                if file.is_file()
            }
        except OSError as error:
            raise self._failed("read", error) from error
        return sorted(
            name
            for folder, name in found
            if name.startswith(prefix) and _NAME.fullmatch(name) and _folder_of(name) == folder
        )

    def _file(self, name: str) -> Path:
        return self._path / _folder_of(checked_name(name)) / name

    def _make_folder(self, folder: Path) -> None:
        if folder not in self._known:
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._path)  # whoever made it may have died before that
            self._known.add(folder)

    def _failed(self, what: str, error: OSError) -> StorageError:
        return StorageError(f"the key ring {self._path} cannot be {what}: {error.strerror or type(error).__name__}")


def _folder_of(name: str) -> str:
    kind, _, rest = name.partition(".")
    return f"{kind}.{rest[:_IN_A_FOLDER]}"


def checked_name(name: str) -> str:
    """Return a name that a piece may have in any ring.

    Raises:
        InvalidValueError: it may not; the message does not tell it.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidValueError("name", "…", "use lower-case letters, digits, '-' and '.'")
    return name


def _written(target: Path, piece: bytes) -> str:
    """Return a new file beside the target with this content, on the disk; only its owner can read it."""
    handle, path = mkstemp(prefix=target.name + _UNFINISHED, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        os.unlink(path)
        raise
    return path
