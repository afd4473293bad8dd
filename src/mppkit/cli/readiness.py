"""The command `mppkit readiness`."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from mppkit.blueprint import Blueprint
from mppkit.cli import screen
from mppkit.cli.blueprints import named_blueprint, today_of
from mppkit.cli.options import BROKEN, as_date, as_json_option, date_type, print_json, store_file, store_url
from mppkit.clock import SystemClock
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.mall import Mall
from mppkit.queues.measures import Measures
from mppkit.readiness import Assessment, State, assessment_facts
from mppkit.storage import open_store


@click.command("readiness")
@click.argument("blueprint", default="contoh")
@click.option("--evidence", type=click.Path(), help="A TOML file of evidence: who shows what, when.")
@click.option("--rehearsal", metavar="STORE", help="The file of a rehearsal of this mall: did it keep its promise?")
@click.option("--backed-up-on", type=date_type, help="The day of the store's last backup.")
@click.option("--store", default="memory:", help="The mall's own store, where evidence was recorded before.")
@as_json_option
def readiness_command(
    blueprint: str,
    evidence: str | None,
    rehearsal: str | None,
    backed_up_on: datetime | None,
    store: str,
    as_json: bool,
) -> None:
    """Assess whether BLUEPRINT's mall is ready to launch, and say what to do next.

    Exit code 1 while something blocks the launch.
    """
    found = named_blueprint(blueprint)
    if backed_up_on is not None and backed_up_on.date() > (today := today_of(found, None)):
        remedy = f"give the day of a backup that was made; today is {today.isoformat()}"
        raise InvalidValueError("--backed-up-on", backed_up_on.date().isoformat(), remedy)
    measures, rehearsed_on = _rehearsed(found, rehearsal) if rehearsal else (None, None)
    url = store_url(store)
    with open_store(url, create=False) as opened, Mall.open(found, opened) as mall:
        mall.consider(rehearsed=measures, rehearsed_on=rehearsed_on, backed_up_on=as_date(backed_up_on))
        if evidence:
            mall.readiness.apply(evidence)
        assessment = mall.readiness.assess()
    if as_json:
        print_json({"mall": found.id, **assessment_facts(assessment)})
    else:
        _show(found, assessment)
    sys.exit(0 if assessment.is_ready else BROKEN)


def _rehearsed(blueprint: Blueprint, store: str) -> tuple[Measures, date]:
    """Return what the days in a rehearsal's file came to, and the day on which it was written.

    Raises:
        NotFoundError: the file has no days of this mall.
    """
    url = store_url(store)
    total = Measures()
    with open_store(url, create=False) as opened, Mall.open(blueprint, opened) as mall:
        days = mall.queue.days()
        if not days:
            raise NotFoundError("rehearsed day of mall", blueprint.id, remedy=f"{url} has none; rehearse into it first")
        for day in days:
            total.merge(mall.queue.measures(day))
    file = store_file(url)
    written_at = datetime.fromtimestamp(Path(file).stat().st_mtime, UTC) if file else SystemClock().now()
    return total, written_at.astimezone(blueprint.calendar.zone).date()


def _show(blueprint: Blueprint, assessment: Assessment) -> None:
    ready = (
        "ready to launch"
        if assessment.is_ready
        else f"NOT ready: {screen.counted(len(assessment.blockers), 'blocker')}"
    )
    screen.line(f"{blueprint.name}, {screen.day_name(assessment.on)}: {ready}")
    unknown = screen.percent(assessment.unknown)
    screen.line(f"score {screen.percent(assessment.score)}; nothing is known yet of {unknown} of the weight")
    screen.line()
    screen.table(
        "By aspect",
        ("aspect", "", "score", "unknown", "met"),
        [
            (
                f"{each.aspect.name} / {each.aspect.name_english}",
                screen.bar(each.score, 1.0),
                screen.percent(each.score),
                screen.percent(each.unknown),
                f"{each.met} of {each.items}",
            )
            for each in assessment.aspects
        ],
        text=2,
    )
    screen.table(
        "What blocks the launch",
        ("item", "must hold", "is", "why"),
        [
            (each.item.id, each.item.text, each.state.value, f"{each.reason.indonesian} / {each.reason.english}")
            for each in assessment.blockers
        ],
        text=4,
    )
    screen.table(
        "Next steps, the best first",
        ("item", "do", "gain"),
        [
            (each.item.id, f"{each.item.step} / {each.item.step_english}", screen.percent(each.gain))
            for each in assessment.next_steps[:10]
        ],
        text=2,
    )
    left = sum(each.state is not State.MET for each in assessment.items)
    if left > 10:
        screen.line(f"{left} of {len(assessment.items)} items are open; --json lists them all.")
