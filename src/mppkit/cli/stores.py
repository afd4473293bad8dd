"""The commands that look into a store: `mppkit audit` and `mppkit board`."""

import sys
from datetime import date, datetime, time

import click

from mppkit.blueprint import Blueprint
from mppkit.cli import screen
from mppkit.cli.blueprints import named_blueprint
from mppkit.cli.options import BROKEN, as_date, as_json_option, blueprint_option, date_type, print_json, store_url
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.ids import split_stream
from mppkit.mall import Mall
from mppkit.queues.views import Board
from mppkit.storage import EventStore, Query, SqliteStore, audit, open_store
from mppkit.storage.opening import shown_address


@click.command("audit")
@click.argument("store")
@as_json_option
def audit_command(store: str, as_json: bool) -> None:
    """Re-walk every chain of STORE (a file, or sqlite:///file) and name the event where one breaks.

    Of a file it is looked, too, whether it holds together where no event stands. Exit code 1 when a chain is broken, 2
    when the file is damaged.
    """
    url = store_url(store)
    with open_store(url, create=False) as opened, screen.progress("events") as progress:
        report = audit(opened, progress)
        if report.intact and isinstance(opened, SqliteStore):
            opened.check_file()
    if as_json:
        print_json(
            {
                "store": shown_address(url),
                "chain": "intact" if report.intact else "broken",
                "streams": report.streams,
                "events": report.events,
                "first_at": report.first_at.isoformat() if report.first_at else None,
                "last_at": report.last_at.isoformat() if report.last_at else None,
                "digest": report.digest,
                "breaks": [
                    {"stream": found.stream, "version": found.version, "why": found.why} for found in report.breaks
                ],
            }
        )
    else:
        screen.show_audit(shown_address(url), report)
    sys.exit(0 if report.intact else BROKEN)


@click.command("board")
@click.argument("store")
@blueprint_option
@click.option("--date", "on", type=date_type, help="The day to show; the newest one if not given.")
@click.option("--at", "at", metavar="HH:MM", help="Show the board as it was at this local time.")
@as_json_option
def board_command(store: str, blueprint: str, on: datetime | None, at: str | None, as_json: bool) -> None:
    """Show the board of a queue day in STORE: what is called where, the last calls and why, who waits for what."""
    found = named_blueprint(blueprint)
    with open_store(store_url(store), create=False) as opened, Mall.open(found, opened) as mall:
        day = _day(mall, opened, found, as_date(on))
        board = mall.queue.board(on=day, at=_local(at, day, found) if at else None)
    if as_json:
        print_json(_board_facts(found, day, board))
    else:
        screen.show_board(found, day, board)


def _board_facts(blueprint: Blueprint, on: date, board: Board) -> dict[str, object]:
    """Return a board as one JSON object."""
    return {
        "mall": blueprint.id,
        "date": on.isoformat(),
        "at": board.at.isoformat(),
        "is_open": board.is_open,
        "waiting": board.waiting,
        "counters": [
            {
                "counter": row.counter,
                "name": row.name,
                "status": row.status.value,
                "ticket": row.ticket,
                "ticket_status": row.ticket_status.value if row.ticket_status else None,
                "since": row.since.isoformat(),
            }
            for row in board.counters
        ],
        "last_calls": [
            {
                "number": call.number,
                "counter": call.counter,
                "at": call.at.isoformat(),
                "rule": call.rule,
                "because": call.because,
                "because_english": call.because_english,
                "overtook": list(call.overtook),
            }
            for call in board.last_calls
        ],
        "services": [
            {
                "service": row.service,
                "name": row.name,
                "waiting": row.waiting,
                "longest_wait_seconds": row.longest_wait,
            }
            for row in board.services
        ],
    }


def _day(mall: Mall, store: EventStore, blueprint: Blueprint, on: date | None) -> date:
    """Return the day to show.

    Raises:
        NotFoundError: the store has no queue day of this mall, or not this one.
    """
    days = mall.queue.days()
    if on is None and days:
        return days[-1]
    if on in days:
        return on
    if days:
        raise NotFoundError("queue day", on.isoformat() if on else None, [day.isoformat() for day in days])
    malls = sorted({split_stream(head.stream)[0] for head in store.find(Query(category="queue"))})
    remedy = f"it has days of {', '.join(malls)}: give --blueprint" if malls else "it has no queue days at all"
    raise NotFoundError("queue day of mall", blueprint.id, malls, remedy)


def _local(text: str, on: date, blueprint: Blueprint) -> datetime:
    try:
        return datetime.combine(on, time.fromisoformat(text), tzinfo=blueprint.calendar.zone)
    except ValueError:
        raise InvalidValueError("--at", text, "give a local time such as 10:30") from None
