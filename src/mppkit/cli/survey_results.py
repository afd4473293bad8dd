"""The commands about a mall's own answers: `mppkit survey index` and `publish`; both look into a store."""

import os
from datetime import date, datetime
from pathlib import Path

import click

from mppkit.blueprint import Blueprint, find_blueprint
from mppkit.cli import surveys_screen
from mppkit.cli.options import as_date, as_json_option, blueprint_option, date_type, print_json, store_url
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.mall import Mall
from mppkit.storage import open_store
from mppkit.surveys.publishing import Publication
from mppkit.surveys.publishing_page import page

_instrument_option = click.option("--instrument", default="skm", show_default=True, help="What was asked.")
_population_option = click.option("--population", type=click.IntRange(min=1), help="How many were served then.")


def _period(mall: Mall, instrument: str, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the period that was asked for; all survey days where it was not said.

    Raises:
        NotFoundError: there are no answers at all.
    """
    days = mall.surveys.days(instrument)
    if not days:
        raise NotFoundError("survey day of mall", mall.blueprint.id, remedy="nobody has answered yet; try --blueprint")
    return first or days[0], last or days[-1]


@click.command("index")
@click.argument("store")
@blueprint_option
@_instrument_option
@click.option("--from", "first", type=date_type, help="The first day; that of the first answer if not given.")
@click.option("--to", "last", type=date_type, help="The last day; that of the last answer if not given.")
@_population_option
@click.option("--by", metavar="WHAT", help="Each service, counter, day, sex, age, education or work on its own too.")
@as_json_option
def index_command(
    store: str,
    blueprint: str,
    instrument: str,
    first: datetime | None,
    last: datetime | None,
    population: int | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Tell the satisfaction index of the answers in STORE; groups too small to be shown are not."""
    found = find_blueprint(blueprint)
    with open_store(store_url(store), create=False) as opened, Mall.open(found, opened) as mall:
        asked = mall.surveys.instrument(instrument)
        from_on, until_on = _period(mall, instrument, as_date(first), as_date(last))
        result = mall.surveys.index(instrument, from_on, until_on, population=population)
        groups = mall.surveys.by(instrument, by, from_on, until_on) if by else None
    if as_json:
        facts = {"mall": found.id, "from": from_on.isoformat(), "to": until_on.isoformat()}
        more = surveys_screen.group_facts(asked, groups, None) if groups else {}
        print_json({**facts, **surveys_screen.score_facts(result), **more})
        return
    click.echo(f"{found.name}, {from_on.isoformat()} to {until_on.isoformat()}")
    surveys_screen.show_score(asked, result)
    if groups is not None:
        surveys_screen.show_groups(asked, by or "", groups, None)


@click.command("publish")
@click.argument("store")
@blueprint_option
@_instrument_option
@click.option("--from", "first", type=date_type, required=True, help="The first day of the period.")
@click.option("--to", "last", type=date_type, required=True, help="The last day of the period.")
@_population_option
@click.option("--out", type=click.Path(), required=True, help="The page: an HTML file that is not there yet.")
@click.option("--xlsx", type=click.Path(), help="The same as a workbook too (extra reports).")
@as_json_option
def publish_command(
    store: str,
    blueprint: str,
    instrument: str,
    first: datetime,
    last: datetime,
    population: int | None,
    out: str,
    xlsx: str | None,
    as_json: bool,
) -> None:
    """Make the page that publishes the index of the answers in STORE, to hang up or to put on the web."""
    for option, path in (("--out", out), ("--xlsx", xlsx)):
        if path is not None and os.path.exists(path):  # a Path raises where the name is too long
            raise InvalidValueError(option, path, "it is there already; name a new file")
    publication = _publication(find_blueprint(blueprint), store, instrument, first.date(), last.date(), population)
    written = [out]
    if xlsx is not None:
        from mppkit.interop.xlsx import index_xlsx  # needs an extra that the page does not

        index_xlsx(publication, Path(xlsx))
        written.append(xlsx)
    try:
        Path(out).write_text(page(publication), encoding="utf-8")
    except OSError as failed:
        remedy = f"it cannot be written ({failed.strerror}): name a new file in a folder that is there"
        raise InvalidValueError("--out", out, remedy) from failed
    if as_json:
        print_json({**surveys_screen.score_facts(publication.score), "files": written})
    else:
        click.echo(f"{publication.score}: {' and '.join(written)}")


def _publication(
    blueprint: Blueprint, store: str, instrument: str, first_on: date, last_on: date, population: int | None
) -> Publication:
    with open_store(store_url(store), create=False) as opened, Mall.open(blueprint, opened) as mall:
        desk = mall.surveys
        return Publication(
            mall=blueprint.name,
            mall_english=blueprint.name_english,
            first_on=first_on,
            last_on=last_on,
            instrument=desk.instrument(instrument),
            tally=desk.tally(instrument, first_on, last_on),
            population=population,
            profile={field.key: desk.by(instrument, field.key, first_on, last_on) for field in desk.profile},
            fields=desk.profile,
            actions=desk.followup.actions(instrument),
            directory=blueprint.directory,
            method="Jawaban tanpa nama dengan kode pada nomor antrean.",
            method_english="Anonymous answers by the code on the ticket.",
            minimum=blueprint.survey.minimum_group,
        )
