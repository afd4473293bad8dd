"""The group of all commands, and what becomes of an error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


class _Masking(click.Group):
    """Commands whose usage errors, which click words itself, mask long numbers as our own errors do."""

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
        said = masked(wrong.format_message())
        if said == wrong.format_message():
            raise
        raise click.UsageError(said, wrong.ctx) from None


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
    """Run the command line; every error that mppkit raises on purpose becomes one message and exit code 2."""
    try:
        mppkit(prog_name="mppkit")
    except MppkitError as error:
        click.echo(f"mppkit: {error}", err=True)
        sys.exit(WRONG)
