"""The command `mppkit rehearse`."""

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import attrs
import click

from mppkit.blueprint import Blueprint
from mppkit.cli import screen
from mppkit.cli.blueprints import named_blueprint
from mppkit.cli.options import BROKEN, as_json_option, date_type, print_json, store_url
from mppkit.cli.rehearsal_screen import show_rehearsal
from mppkit.clock import SystemClock
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.queues.policies import BUILT_IN, policy_name
from mppkit.rehearsal import Habits, Plan, load_profile, read_log, rehearse, report
from mppkit.storage import open_store
from mppkit.storage.opening import shown_address


@click.command("rehearse")
@click.argument("blueprint", default="contoh")
@click.option("--date", "on", type=date_type, help="The day; the next open one if not given.")
@click.option("--visits", type=click.Path(), help="Play this log (CSV) instead of drawing visitors from a profile.")
@click.option(
    "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="A column of the log that has another name."
)
@click.option(
    "--alias", "aliases", multiple=True, metavar="NAME=SERVICE", help="A queue of the log that is a service here."
)
@click.option("--day-first/--month-first", default=None, help="How dates such as 02-01-2026 are meant.")
@click.option(
    "--profile", default="city-2020", show_default=True, help="Who comes when: a TOML file, or the shipped one."
)
@click.option("--discipline", help="Call the next by this rule instead of the blueprint's.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed draws the same day.")
@click.option("--no-permits", is_flag=True, help="Nobody applies for a permit.")
@click.option("--no-survey", is_flag=True, help="Nobody is asked how satisfied they are.")
@click.option("--store", help="Where to record it; a new SQLite file in this folder if not given.")
@as_json_option
def rehearse_command(
    blueprint: str,
    on: datetime | None,
    visits: str | None,
    columns: Sequence[str],
    aliases: Sequence[str],
    day_first: bool | None,
    profile: str,
    discipline: str | None,
    seed: int,
    no_permits: bool,
    no_survey: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Rehearse a whole day of BLUEPRINT (a TOML file, a folder, or the sample `contoh`) on the real queue.

    Visitors come as the profile or the log says, and some answer the satisfaction survey when they leave; where
    BLUEPRINT has workflows, some then apply for permits, and officers work on them for weeks. Each step is recorded in
    the store as on a real day.
    """
    found = _with_discipline(named_blueprint(blueprint), discipline)
    if visits is None:
        for option, given in (("--map", columns), ("--alias", aliases), ("--day-first", day_first)):
            if given:
                raise InvalidValueError(option, given, "it goes with --visits LOG.csv")
        day = on.date() if on else _next_open_day(found)
        plan = load_profile(profile).plan(found, [day], seed=seed)
    else:
        plan = read_log(
            visits,
            found,
            columns=_pairs("--map", columns),
            aliases=_pairs("--alias", aliases),
            seed=seed,
            day_first=day_first,
        )
        if on is not None:
            plan = _only(plan, on.date())
    url = store_url(store) if store else f"sqlite:///{_free_file(found.id, plan)}"
    habits = Habits()
    if no_permits:
        habits = attrs.evolve(habits, permits=None)
    if no_survey:
        habits = attrs.evolve(habits, survey=None)
    with open_store(url) as opened, screen.progress("rehearsing") as progress:
        rehearsal = rehearse(found, opened, plan, habits=habits, progress=progress)
    if as_json:
        print_json(report(rehearsal, store=shown_address(url)))
    else:
        show_rehearsal(rehearsal, shown_address(url))
    sys.exit(0 if rehearsal.intact else BROKEN)


def _with_discipline(blueprint: Blueprint, name: str | None) -> Blueprint:
    """Return the blueprint with another discipline, its own parameters kept if it is the same.

    Raises:
        NotFoundError: no built-in discipline is called so.
    """
    if name is None or name == policy_name(blueprint.policies.discipline):
        return blueprint
    there = BUILT_IN["discipline"]
    if name not in there:
        raise NotFoundError("discipline", name, there, f"there are {', '.join(there)}")
    return attrs.evolve(blueprint, policies=attrs.evolve(blueprint.policies, discipline=there[name]()))


def _next_open_day(blueprint: Blueprint) -> date:
    today = SystemClock().now().astimezone(blueprint.calendar.zone).date()
    return blueprint.calendar.next_open_on(today + timedelta(days=1))


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        left, equals, right = text.partition("=")
        if not (left.strip() and equals and right.strip()):
            raise InvalidValueError(option, text, "give two names with = between them")
        pairs[left.strip()] = right.strip()
    return pairs


def _only(plan: Plan, on: date) -> Plan:
    if on not in plan.days:
        raise NotFoundError("day of the log", on.isoformat(), [day.isoformat() for day in plan.days])
    return attrs.evolve(plan, days={on: plan.days[on]})


def _free_file(mall: str, plan: Plan) -> str:
    """Return the name of a file that is not there yet, so that no rehearsal is overwritten."""
    name = f"rehearsal-{mall}-{min(plan.days)}"
    return next(
        file for number in count(1) if not Path(file := f"{name}{f'-{number}' if number > 1 else ''}.db").exists()
    )
