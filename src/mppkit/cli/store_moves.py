"""The commands that move a store: `mppkit store copy`, `backup`, `restore` and `verify`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from mppkit.cli import screen
from mppkit.cli.options import BROKEN, as_json_option, print_json, store_file, store_url
from mppkit.cli.stores import audit_command
from mppkit.errors import ConflictError, InvalidValueError, UnreadableEventError
from mppkit.storage import SqliteStore, open_store
from mppkit.storage.moving import Copied, Progress, backup, copy, require_mall, restore
from mppkit.storage.opening import is_address, shown_address


@click.group("store")
def store_group() -> None:
    """Copy a store into another one, back it up, bring it back, and look whether it is sound.

    A store is a file, or an address. The key ring of personal data is in no store, and so in no copy and no backup.
    """


store_group.add_command(audit_command, "verify")


@store_group.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--mall", metavar="ID", help="Copy this mall alone.")
@as_json_option
def copy_command(source: str, target: str, mall: str | None, as_json: bool) -> None:
    """Copy all streams of FROM into TO, and compare both by their digests.

    Others may write to FROM meanwhile: TO has what was there at the beginning, and the same command again brings what
    came since. So it does where it was cut off. Exit code 1 when TO has other events on a stream than FROM, and then
    nothing is written, or when an event of FROM is damaged.
    """
    from_url, to_url = store_url(source), store_url(target)
    _refuse_what_cannot_be(from_url, to_url)
    with open_store(from_url, create=False) as opened:
        if mall is not None:
            require_mall(opened, mall)  # the target is not made for a mall that is not there
        with open_store(to_url) as other:
            _do(
                shown_address(from_url),
                shown_address(to_url),
                as_json,
                lambda progress: copy(opened, other, mall=mall, progress=progress),
            )


@store_group.command("backup")
@click.argument("store")
@click.argument("file")
@as_json_option
def backup_command(store: str, file: str, as_json: bool) -> None:
    """Write STORE, as it is at this moment, into a new FILE, and audit that; others may go on writing.

    FILE is there when it is whole, or not at all; one that is there is never overwritten. Exit code 1 when an event of
    STORE is damaged.
    """
    _refuse_an_address(file)
    url = store_url(store)
    with open_store(url, create=False) as opened:
        _do(shown_address(url), file, as_json, lambda progress: backup(opened, file, progress=progress))


@store_group.command("restore")
@click.argument("file")
@click.argument("store")
@as_json_option
def restore_command(file: str, store: str, as_json: bool) -> None:
    """Bring the backup FILE into STORE, which must be empty, or is made.

    A restore that was cut off is ended by `mppkit store copy FILE STORE`. Exit code 1 when an event of FILE is damaged.
    """
    _refuse_an_address(file)
    if not os.path.exists(file):  # a Path raises where the name is too long
        raise click.UsageError(f"no backup {shown_address(file)!r}: there is no such file")
    url = store_url(store)
    _refuse_what_cannot_be(f"sqlite:///{file}", url)
    with SqliteStore(file, create=False), open_store(url) as opened:  # the target is not made for what is no backup
        name = f"target {shown_address(url)}"
        _do(file, shown_address(url), as_json, lambda progress: restore(file, opened, name=name, progress=progress))


def _refuse_an_address(file: str) -> None:
    if is_address(file):
        name = store_file(file) or "backup.db"
        raise InvalidValueError("FILE", shown_address(file), f"a backup is a file: give its name, such as {name}")


def _refuse_what_cannot_be(from_url: str, to_url: str) -> None:
    """Refuse a target that is gone when the command ends, and one that is the source.

    Raises:
        InvalidValueError: it is so.
    """
    if to_url == "memory:":
        raise InvalidValueError("target", to_url, "it would be gone when the command ends: name a file or a database")
    if from_url == to_url or _are_one_file(store_file(from_url), store_file(to_url)):
        raise InvalidValueError(
            "target", shown_address(to_url), "it is the store that is to be copied: name another one"
        )


def _are_one_file(one: str | None, other: str | None) -> bool:
    """Tell whether two names are those of one file that is there, by whatever way or link."""
    if one is None or other is None or not (os.path.exists(one) and os.path.exists(other)):
        return False
    return os.path.samefile(one, other)


def _do(source: str, target: str, as_json: bool, move: Callable[[Progress], Copied]) -> None:
    """Move, and say what came of it."""
    places = {"from": source, "to": target}
    with _refusing(places, as_json), screen.progress("events, each twice") as progress:
        copied = move(progress)
    if as_json:
        facts = {"streams": copied.streams, "events": copied.events, "recorded": copied.recorded}
        print_json({**places, "outcome": "equal", **facts, "digest": copied.digest})
        return
    before = copied.events - copied.recorded
    what = f"{screen.counted(copied.streams, 'stream')}, {screen.counted(copied.events, 'event')}"
    screen.line(f"{places['from']} to {places['to']}: {what}")
    screen.line(f"recorded now: {copied.recorded}; there before: {before}")
    screen.line(f"digest {copied.digest}")
    screen.line("Both were compared: all these streams are alike.")


@contextmanager
def _refusing(places: dict[str, str], as_json: bool) -> Iterator[None]:
    """Say what is not well with one of the stores, and exit with 1."""
    try:
        yield
    except (ConflictError, UnreadableEventError) as error:
        if as_json:
            damaged = isinstance(error, UnreadableEventError)
            version = error.version if isinstance(error, UnreadableEventError) else error.expected + 1
            facts = {"outcome": "damaged" if damaged else "different", "stream": error.stream, "version": version}
            print_json({**places, **facts, "why": str(error)})
        else:
            click.echo(f"mppkit: {error}", err=True)
        sys.exit(BROKEN)
