"""The commands that count and check without a store: `mppkit deadline` and `mppkit check`."""

import sys
from datetime import datetime

import attrs
import click

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.cli import screen
from mppkit.cli.blueprints import named_blueprint
from mppkit.cli.options import BROKEN, as_json_option, date_type, print_json
from mppkit.clock import SystemClock
from mppkit.identity import check, load_regions


@click.command("deadline")
@click.option(
    "--from", "start", type=date_type, required=True, help="The day from which is counted; it does not count."
)
@click.option("--working-days", type=int, required=True, help="How many working days (hari kerja), 0 or more.")
@click.option("--blueprint", help="Count by this mall's calendar; an ordinary five-day office if not given.")
@click.option("--work-on-cuti-bersama", is_flag=True, help="Joint leave counts as working days.")
@as_json_option
def deadline_command(
    start: datetime, working_days: int, blueprint: str | None, work_on_cuti_bersama: bool, as_json: bool
) -> None:
    """Tell the day on which so many working days are over, and which days were skipped and why."""
    calendar = named_blueprint(blueprint).calendar if blueprint is not None else office_calendar()
    if work_on_cuti_bersama:
        calendar = attrs.evolve(calendar, joint_leave=False)
    deadline = WorkingDays(calendar).deadline(start.date(), working_days)
    if as_json:
        print_json(
            {
                "due_on": deadline.due_on.isoformat(),
                "skipped": [{"on": day.on.isoformat(), "why": day.reason.indonesian} for day in deadline.skipped],
                "warnings": [why.code for why in deadline.warnings],
            }
        )
        return
    days = screen.counted(working_days, "working day")
    screen.line(f"{days} after {screen.day_name(start.date())}: {screen.day_name(deadline.due_on)}")
    for warning in deadline.warnings:
        screen.line(f"warning: {warning}")
    screen.line()
    screen.table(
        "Skipped",
        ("day", "why"),
        [(screen.day_name(day.on), f"{day.reason.indonesian} / {day.reason.english}") for day in deadline.skipped],
        text=2,
    )


@click.command("check")
@click.argument("kind", metavar="nik|npwp|nitku|nib|phone")
@click.argument("number")
@click.option("--on", type=date_type, help="The day from which ages are reckoned; today if not given.")
@click.option("--regions", type=click.Path(), help="A CSV kode,nama with all region codes; provinces if not given.")
@as_json_option
def check_command(kind: str, number: str, on: datetime | None, regions: str | None, as_json: bool) -> None:
    """Check a NUMBER by its form. Never prints the whole number, and never claims that it is registered.

    Exit code 1 when it is not well formed.
    """
    day = on.date() if on else SystemClock().now().astimezone().date()
    checked = check(kind, number, on=day, regions=load_regions(regions) if regions else None)
    if as_json:
        print_json(
            {
                "valid": checked.valid,
                "masked": checked.masked,
                "born_on": checked.born_on[0].isoformat() if checked.born_on else None,
                "born_on_candidates": [born.isoformat() for born in checked.born_on],
                "sex": checked.sex,
                "region": str(checked.region) if checked.region else None,
                "warnings": [why.code for why in checked.warnings],
            }
        )
    else:
        form = "well formed" if checked.valid else "not well formed"
        screen.line(f"{kind} {checked.masked}: {form} (whether it is registered, only its register can say)")
        if checked.born_on:
            screen.line(f"born {' or '.join(born.isoformat() for born in checked.born_on)}, {checked.sex}")
        if checked.region:
            screen.line(f"region at issue: {checked.region}")
        for warning in checked.warnings:
            screen.line(f"{warning}")
    sys.exit(0 if checked.valid else BROKEN)
