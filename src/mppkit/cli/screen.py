"""What the commands show: tables and progress bars for a person. The only door to rich."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mppkit.blueprint import Blueprint
from mppkit.queues.views import Board
from mppkit.storage import AuditReport

_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# what is piped is not cut to 80 columns
_out = Console(highlight=False, width=None if Console().is_terminal else 160)
_err = Console(stderr=True, highlight=False)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the error stream while something long goes on, where a person is looking.

    Yields a function that takes how many are done, and of how many.
    """
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def line(text: str = "") -> None:
    """Print one line as it is."""
    _out.print(escape(text), soft_wrap=True)


def table(
    title: str, columns: tuple[str, ...], rows: list[tuple[object, ...]], *, text: int = 1, whole: int = 0
) -> None:
    """Print a table: the first `text` columns are texts, the others figures; None is shown as a dash.

    Cells of the first `whole` columns are never broken over lines, such as ids that are copied.
    """
    if not rows:
        return
    made = Table(title=escape(title), title_justify="left", title_style="bold", header_style="bold")
    for index, column in enumerate(columns):
        made.add_column(column, justify="left" if index < text else "right", overflow="fold", no_wrap=index < whole)
    for row in rows:
        made.add_row(*("–" if cell is None else escape(str(cell)) for cell in row))
    _out.print(made)
    _out.print()


def counted(number: int, what: str) -> str:
    """Return how many of what there are.

    >>> counted(1, "problem"), counted(0, "problem")
    ('1 problem', '0 problems')
    """
    return f"{number} {what}{'s' * (number != 1)}"


def minutes(seconds: float | None) -> str | None:
    """Return a duration as minutes and seconds, such as 4:05."""
    if seconds is None:
        return None
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def percent(share: float | None) -> str | None:
    """Return a share as whole percent."""
    return None if share is None else f"{share:.0%}"


def bar(value: float, most: float, width: int = 20) -> str:
    """Return a value as a bar of at most `width` signs."""
    return "█" * round(min(value / most, 1.0) * width) if most else ""


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as local time of day."""
    return f"{at.astimezone(zone):%H:%M}"


def zone_name(zone: ZoneInfo) -> str:
    """Return the Indonesian name of a zone, or its own."""
    return _ZONES.get(zone.key, zone.key)


def day_name(on: date) -> str:
    """Return a date with its weekday."""
    return f"{_DAYS[on.weekday()]} {on.isoformat()}"


# --- audit ---------------------------------------------------------------------------------------------------------


def show_audit(store: str, report: AuditReport) -> None:
    """Show what an audit found."""
    first = report.first_at.isoformat(timespec="seconds") if report.first_at else None
    last = report.last_at.isoformat(timespec="seconds") if report.last_at else None
    held = f"{counted(report.streams, 'stream')}, {counted(report.events, 'event')}"
    line(f"{store}: {held}" + (f", {first} to {last}" if first else ""))
    line(f"digest {report.digest}")
    if report.intact:
        line("All chains are intact.")
        return
    rows: list[tuple[object, ...]] = [(found.stream, found.version, found.why) for found in report.breaks]
    table("Broken chains", ("stream", "event", "why"), rows, text=3)


# --- board ---------------------------------------------------------------------------------------------------------


def show_board(blueprint: Blueprint, on: date, board: Board) -> None:
    """Show a board."""
    zone = blueprint.calendar.zone
    state = "open" if board.is_open else "closed"
    now = f"{clock_time(board.at, zone)} {zone_name(zone)}"
    line(f"{blueprint.name}, {day_name(on)}, {now}: {state}, {board.waiting} waiting")
    line()
    table(
        "Counters (loket)",
        ("counter", "name", "status", "ticket", "is", "since"),
        [
            (row.counter, row.name, row.status.value, row.ticket, row.ticket_status, clock_time(row.since, zone))
            for row in board.counters
        ],
        text=6,
    )
    table(
        "Last calls",
        ("at", "ticket", "to", "why"),
        [
            (clock_time(call.at, zone), call.number, call.counter, f"{call.because} / {call.because_english}")
            for call in board.last_calls
        ],
        text=4,
    )
    table(
        "Waiting",
        ("service", "waiting", "longest wait (min:s)"),
        [(row.name, row.waiting, minutes(row.longest_wait)) for row in board.services if row.waiting],
    )
