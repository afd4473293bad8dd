"""What several commands share: their options, and how one JSON object is printed."""

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime

import click

BROKEN, WRONG = 1, 2
"""Exit codes: what was looked at is not well; the input was wrong."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
blueprint_option = click.option(
    "--blueprint", default="contoh", show_default=True, help="The mall's TOML file or folder, or contoh."
)
date_type = click.DateTime(["%Y-%m-%d"])


def as_date(at: datetime | None) -> date | None:
    """Return the date that was given, if one was."""
    return at.date() if at else None


def store_url(text: str) -> str:
    """Return a store's address; a plain path names a SQLite file."""
    return text if ":" in text else f"sqlite:///{text}"


def store_file(url: str) -> str | None:
    """Return the file of a store's address; None where it has none."""
    return url.removeprefix("sqlite:///").partition("?")[0] if url.startswith("sqlite:") else None


def print_json(facts: Mapping[str, object]) -> None:
    """Print one JSON object; where the output takes no UTF-8, in plain ASCII with what JSON has for other signs."""
    takes_all = (getattr(sys.stdout, "encoding", None) or "utf-8").lower() in ("utf-8", "utf8")
    click.echo(json.dumps(facts, ensure_ascii=not takes_all, indent=2))
