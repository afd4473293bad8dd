"""The files that the commands about surveys write: new ones, all of them whole or none there."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mppkit.errors import InvalidValueError

_REMEDY = "name a new file in a folder that is there"


@contextmanager
def new_files(wanted: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Yield where to write each file, by its option; they get their names when all are written, and else none does.

    Raises:
        InvalidValueError: one is there already, two are the same, or one cannot be written.
    """
    with ExitStack() as stack:
        parts = {option: stack.enter_context(_part(option, path)) for option, path in wanted.items()}
        places = {option: os.path.realpath(path) for option, path in wanted.items()}
        for option, place in places.items():
            if list(places.values()).count(place) > 1:
                others = ", ".join(other for other in places if other != option)
                raise InvalidValueError(option, wanted[option], f"{others} is the same file; name another")
        try:
            yield parts
        except OSError as failed:  # the disk is full, for one
            raise _unwritable(", ".join(wanted), ", ".join(wanted.values()), failed) from failed
        named: list[str] = []
        try:
            for option, part in parts.items():
                _refuse_what_is_there(option, wanted[option])
                part.rename(wanted[option])
                named.append(wanted[option])
        except BaseException as failed:
            for path in named:
                os.unlink(path)
            if isinstance(failed, OSError):
                raise _unwritable(option, wanted[option], failed) from failed
            raise


@contextmanager
def _part(option: str, path: str) -> Iterator[Path]:
    """Yield an empty file in a folder of its own beside the one that is wanted."""
    _refuse_what_is_there(option, path)
    try:
        folder = TemporaryDirectory(prefix=".mppkit-", dir=os.path.dirname(path) or ".")
    except (OSError, ValueError) as failed:  # ValueError: no file can have such a name
        raise _unwritable(option, path, failed) from failed
    with folder:
        part = Path(folder.name, os.path.basename(path))
        try:
            part.touch()
        except (OSError, ValueError) as failed:
            raise _unwritable(option, path, failed) from failed
        yield part


def _refuse_what_is_there(option: str, path: str) -> None:
    if os.path.lexists(path):
        raise InvalidValueError(option, path, "it is there already; name a new file")


def _unwritable(option: str, path: str, failed: OSError | ValueError) -> InvalidValueError:
    why = failed.strerror if isinstance(failed, OSError) else str(failed)
    return InvalidValueError(option, path, f"it cannot be written ({why}): {_REMEDY}")
