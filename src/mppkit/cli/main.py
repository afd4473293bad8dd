"""The group of all commands, and what becomes of an error."""

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from mppkit import __version__
from mppkit.cli.blueprints import blueprint_group
from mppkit.cli.numbers import check_command, deadline_command
from mppkit.cli.options import WRONG
from mppkit.cli.permits import permits_group
from mppkit.cli.readiness import readiness_command
from mppkit.cli.rehearse import rehearse_command
from mppkit.cli.store_moves import store_group
from mppkit.cli.stores import audit_command, board_command
from mppkit.cli.survey_results import index_command, publish_command
from mppkit.cli.surveys import survey_group
from mppkit.errors import MppkitError
from mppkit.masking import masked

_CUT_OFF = 141
"""The exit code where whoever reads the output has closed it: what a shell says of a program that a SIGPIPE ended."""

_LOGIN = re.compile(r"\b(?!sqlite:)([a-z][a-z0-9+.-]+:/{1,2})(?:[^@\n]*@(?:[^\s@]*@)*|[^@\n]*…)", re.IGNORECASE)
"""Who logs in by which password, as far as the message has it; a file's path has one slash of the two."""
_BARE_LOGIN = re.compile(r"[^\s/:'\"]+:[^\s/:@]+@")  # what is the name in the folder `postgresql:`
_PASSWORD = re.compile(r"((?:password|passwd|passphrase|pwd)\s*=\s*)(?:\\?'(?:\\.|[^'\\])*'|[^\s&]*)", re.IGNORECASE)


def without_passwords(text: str) -> str:
    """Return a message without the passwords of the addresses in it: one may stand where a file was wanted.

    >>> without_passwords("backup /srv/postgresql:/sri:rahasia@db/malls: the folder is not there")
    'backup /srv/postgresql:/…@db/malls: the folder is not there'
    """
    text = _LOGIN.sub(lambda found: f"{found[1]}…{'@' if found[0].endswith('@') else ''}", text)
    return _PASSWORD.sub(r"\1…", _BARE_LOGIN.sub("…@", text))


class _Masking(click.Group):
    """Commands whose usage errors, which click words itself, mask long numbers and passwords as our own errors do."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments."""
        with _masking():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        with _masking():
            return super().invoke(ctx)


@contextmanager
def _masking() -> Iterator[None]:
    try:
        yield
    except click.UsageError as wrong:
        said = masked(without_passwords(wrong.format_message()))
        if said == wrong.format_message():
            raise
        raise click.UsageError(said, wrong.ctx) from None
    except BrokenPipeError:
        sys.exit(_CUT_OFF)  # before click makes a 1 of it


@click.group(cls=_Masking, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def mppkit() -> None:
    """Build, rehearse and run a Mal Pelayanan Publik: one hall where many agencies serve citizens."""


for command in (
    rehearse_command,
    audit_command,
    board_command,
    store_group,
    blueprint_group,
    readiness_command,
    permits_group,
    survey_group,
    deadline_command,
    check_command,
):
    mppkit.add_command(command)


survey_group.add_command(index_command)
survey_group.add_command(publish_command)


def run() -> None:
    """Run the command line; every error that mppkit raises on purpose becomes one message and exit code 2.

    So does an output that cannot be written, for 1 says that what was looked at is not well.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a bar that the encoding has no sign for is no failure
    try:
        try:
            mppkit(prog_name="mppkit")
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except MppkitError as error:
        _leave(WRONG, str(error))
    except BrokenPipeError:
        _leave(_CUT_OFF)
    except OSError as error:
        _leave(WRONG, f"{masked(str(error.filename or 'the output'))}: {error.strerror or error}")
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # rich leaves with 1
            _leave(_CUT_OFF)
        raise


def _leave(code: int, said: str = "") -> None:
    """Say what is wrong and exit; what could not be written is not tried again when Python ends."""
    with suppress(OSError):
        if said:
            click.echo(f"mppkit: {without_passwords(said)}", err=True)
    for number, stream in enumerate((sys.stdout, sys.stderr), 1):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    sys.exit(code)
