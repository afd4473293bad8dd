"""From a path to TOML documents, with limits: it knows nothing of what they say."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from mppkit.errors import Problem, nearest, shown

LARGEST_FILE = 250_000
"""Bytes; a mall of 200 services with their standards takes about as much, in several files."""

LARGEST_FOLDER = 2_500_000
"""Bytes in all its files together, and `MOST_FILES` of them; reading that much takes seconds."""

MOST_FILES = 100

LONGEST_LINE = 1_000
"""Characters; tomllib takes memory by the square of a dotted key's length, and a document may come from anybody."""

_ONE = "give one TOML file"
_SOME = "give a TOML file or a folder of them"
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@frozen(kw_only=True)
class Document:
    """One file's content."""

    file: str
    content: Mapping[str, object]


def read_documents(path: Path, problems: list[Problem]) -> tuple[Document, ...]:
    """Read a TOML file, or all `*.toml` files of a folder in the order of their names; hidden ones are left out."""
    try:
        files = _parts(path, problems) if path.is_dir() else [path]
    except OSError as failed:
        problems.append(_unreadable(path, failed))
        return ()
    documents = [_read(file, problems) for file in files]
    return tuple(document for document in documents if document is not None)


def read_document(path: Path, problems: list[Problem]) -> Document | None:
    """Read one TOML file; None where it cannot be read, which is noted."""
    try:
        if path.is_dir():
            problems.append(Problem(file=str(path), path="", found="a folder", allowed=_ONE))
            return None
    except OSError as failed:  # a name that is too long, for one
        problems.append(_unreadable(path, failed))
        return None
    return _read(path, problems, _ONE)


def _parts(folder: Path, problems: list[Problem]) -> list[Path]:
    """Return the files of a folder that are to be read; none if there are none, or too many."""

    def note(file: Path, found: str, allowed: str) -> None:
        problems.append(Problem(file=str(file), path="", found=found, allowed=allowed))

    files = sorted(file for file in folder.iterdir() if _is_part(file))
    size = sum(file.stat().st_size for file in files)
    if not files:
        note(folder, "a folder without TOML files", "put in at least one file whose name ends in .toml")
    elif len(files) > MOST_FILES or size > LARGEST_FOLDER:
        found = f"{len(files):,} files of {size:,} bytes together"
        note(folder, found, f"give up to {MOST_FILES} files and {LARGEST_FOLDER:,} bytes")
        return []
    inside = []
    for file in files:
        if file.resolve().is_relative_to(folder.resolve()):
            inside.append(file)
        else:  # a folder may come from anybody, and is to reach nothing but itself
            note(file, "a link out of the folder", "copy the file into the folder")
    return inside


def _is_part(file: Path) -> bool:
    return file.suffix.lower() == ".toml" and not file.name.startswith(".") and file.is_file()


def _read(path: Path, problems: list[Problem], wanted: str = _SOME) -> Document | None:
    def note(found: str, allowed: str, where: str = "", suggestion: str | None = None) -> None:
        problem = Problem(file=str(path), path=where, found=found, allowed=allowed, suggestion=suggestion)
        problems.append(problem)

    try:
        if not path.is_file():
            if path.exists():
                note("not a file", wanted)
            else:
                note("no such file", wanted, suggestion=_neighbour(path))
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as failed:
        problems.append(_unreadable(path, failed))
        return None
    if len(raw) > LARGEST_FILE:
        note(f"more than {LARGEST_FILE:,} bytes", f"{wanted}, none larger than that")
        return None
    try:
        text = raw.decode("utf-8-sig")  # editors on Windows put a byte-order mark first
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        note(f"byte 0x{raw[wrong.start]:02x}", "save the file as UTF-8", where=f"line {line}")
        return None
    for number, written in enumerate(text.split("\n"), 1):
        if len(written) > LONGEST_LINE:
            note(f"{len(written):,} characters", f"break the line; {LONGEST_LINE:,} at most", where=f"line {number}")
            return None
    try:
        return Document(file=str(path), content=tomllib.loads(text))
    except ValueError as wrong:  # TOMLDecodeError is one
        where, stumbled_over = _position(str(wrong), text)
        note(stumbled_over, f"not TOML: {_POSITION.sub('', str(wrong))}", where=where)
    except RecursionError:
        note("arrays or tables within each other, hundreds deep", "six deep is the most that means anything")
    return None


def _position(message: str, text: str) -> tuple[str, str]:
    """Return where tomllib stumbled, and the line of it as a message may show it."""
    place = _POSITION.search(message)
    if place is None or place[1] is None:
        return "", "the text" if place is None else "the end of the file"
    lines = text.replace("\r\n", "\n").split("\n")
    return f"line {place[1]}, column {place[2]}", shown(lines[int(place[1]) - 1].strip())


def _unreadable(path: Path, failed: Exception) -> Problem:
    why = failed.strerror if isinstance(failed, OSError) and failed.strerror else str(failed)
    return Problem(file=str(path), path="", found=why, allowed="give a file or folder that can be read")


def _neighbour(path: Path) -> str | None:
    """Return the file beside a missing one that was probably meant."""
    try:
        return nearest(path.name, (other.name for other in path.parent.iterdir()))
    except OSError:
        return None
