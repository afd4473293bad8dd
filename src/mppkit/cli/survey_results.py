"""The commands about a mall's own answers: `mppkit survey index` and `publish`; both look into a store."""

from datetime import date, datetime
from typing import Any

import click

from mppkit.aggregates import Repository
from mppkit.blueprint import Blueprint
from mppkit.cli import surveys_screen
from mppkit.cli.blueprints import check_period, named_blueprint
from mppkit.cli.options import as_date, as_json_option, blueprint_option, date_type, print_json, store_url
from mppkit.cli.survey_files import new_files
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.mall import Mall
from mppkit.storage import open_store
from mppkit.surveys.index import score
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import Channel
from mppkit.surveys.publishing import Publication, Words
from mppkit.surveys.publishing_page import page
from mppkit.surveys.survey_day import SURVEY_DAYS, date_of, key_of

_instrument_option = click.option(
    "--instrument", default="skm", show_default=True, help="What was asked: an id, or a TOML file of your own."
)
_channel_option = click.option(
    "--channel",
    type=click.Choice([each.value for each in Channel]),
    default=Channel.TICKET.value,
    show_default=True,
    help="Answers by the code on a ticket, or the open ones without; never both.",
)
_version_option = click.option("--version", type=int, help="Of the instrument; the newest if not given.")
_population_option = click.option("--population", type=click.IntRange(min=1), help="How many were served then.")

_METHOD = {
    Channel.TICKET: Words(
        "Jawaban tanpa nama dengan kode pada nomor antrean; tiap kunjungan dapat menjawab satu kali.",
        "Anonymous answers by the code on the ticket; each visit can answer once.",
    ),
    Channel.OPEN: Words(
        "Jawaban tanpa nama dan tanpa kode nomor antrean; tidak diketahui siapa yang menjawab dan berapa kali.",
        "Anonymous answers without a ticket's code; nobody knows who answered, or how often.",
    ),
}


def _period(mall: Mall, asked: Instrument, channel: str, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the period that was asked for; all survey days where it was not said.

    Raises:
        NotFoundError: there are no answers to the instrument at all.
    """
    days = mall.surveys.days(asked.id)
    if not days:
        raise _none_given(mall, asked, channel)
    return first or min(days[0], last or days[0]), last or max(days[-1], first or days[-1])


def _none_given(mall: Mall, asked: Instrument, channel: str, period: str = "") -> NotFoundError:
    """Return the error that nobody answered what was asked for, which says what was answered, how and when."""
    kept = Repository(SURVEY_DAYS, mall.store, mall.blueprint.id)
    given: dict[str, list[date]] = {}
    for head in kept.find(order_by="on"):
        on = date_of(head.stream)
        key = key_of(str(head.labels["instrument"]), on)
        for what in kept.view(
            key, lambda day: {_way(each.instrument, each.version, each.channel) for each in day.answers}
        ):
            given.setdefault(what, []).append(on)
    if not given:
        return NotFoundError("survey day of mall", mall.blueprint.id, remedy="nobody has answered yet; try --blueprint")
    there = "; ".join(f"{what}, {on[0].isoformat()} to {on[-1].isoformat()}" for what, on in sorted(given.items()))
    return NotFoundError("answer to", f"{_way(asked.id, asked.version, channel)}{period}", (), f"there are: {there}")


def _way(instrument: str, version: int, channel: str) -> str:
    return f"{instrument} --version {version} --channel {channel}"


def _own(instrument: str) -> tuple[Instrument, ...]:
    """Return the instrument of a file, if it is named by one, to be asked beside those that ship."""
    return (find_instrument(instrument),) if instrument.lower().endswith(".toml") else ()


def _check_population(population: int | None, channel: str) -> None:
    if population is not None and channel == Channel.OPEN:
        remedy = "leave it out with --channel open: nobody knows how many of those who were served answered"
        raise InvalidValueError("--population", population, remedy)


@click.command("index")
@click.argument("store")
@blueprint_option
@_instrument_option
@click.option("--from", "first", type=date_type, help="The first day; that of the first answer if not given.")
@click.option("--to", "last", type=date_type, help="The last day; that of the last answer if not given.")
@_channel_option
@_version_option
@_population_option
@click.option("--by", metavar="WHAT", help="Each service, counter, day, sex, age, education or work on its own too.")
@as_json_option
def index_command(
    store: str,
    blueprint: str,
    instrument: str,
    first: datetime | None,
    last: datetime | None,
    channel: str,
    version: int | None,
    population: int | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Tell the satisfaction index of the answers in STORE; groups too small to be shown are not."""
    _check_population(population, channel)
    if first is not None and last is not None:
        check_period(first.date(), last.date())
    found, own = named_blueprint(blueprint), _own(instrument)
    with open_store(store_url(store), create=False) as opened, Mall.open(found, opened, instruments=own) as mall:
        desk = mall.surveys
        instrument = own[0].id if own else instrument
        asked = desk.instrument(instrument, version)
        from_on, until_on = _period(mall, asked, channel, as_date(first), as_date(last))
        tally = desk.tally(instrument, from_on, until_on, channel=channel, version=version)
        if not tally.n:
            raise _none_given(mall, asked, channel, f" from {from_on.isoformat()} to {until_on.isoformat()}")
        result = score(asked, tally, population=population)
        groups = desk.by(instrument, by, from_on, until_on, channel=channel, version=version) if by else None
    if as_json:
        facts: dict[str, Any] = {"mall": found.id, "from": from_on.isoformat(), "to": until_on.isoformat()}
        facts |= {"instrument": asked.id, "version": asked.version, "channel": channel}
        more = surveys_screen.group_facts(asked, groups, None) if groups else {}
        print_json({**facts, **surveys_screen.score_facts(result), **more})
        return
    click.echo(f"{found.name}, {from_on.isoformat()} to {until_on.isoformat()}; {_METHOD[Channel(channel)].english}")
    surveys_screen.show_score(asked, result)
    if groups is not None:
        surveys_screen.show_groups(asked, by or "", groups, None)


@click.command("publish")
@click.argument("store")
@blueprint_option
@_instrument_option
@click.option("--from", "first", type=date_type, required=True, help="The first day of the period.")
@click.option("--to", "last", type=date_type, required=True, help="The last day of the period.")
@_channel_option
@_version_option
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
    channel: str,
    version: int | None,
    population: int | None,
    out: str,
    xlsx: str | None,
    as_json: bool,
) -> None:
    """Make the page that publishes the index of the answers in STORE, to hang up or to put on the web."""
    _check_population(population, channel)
    check_period(first.date(), last.date())
    wanted = {"--out": out} if xlsx is None else {"--out": out, "--xlsx": xlsx}
    with new_files(wanted) as files:
        publication = _publication(
            named_blueprint(blueprint),
            store,
            (instrument, first.date(), last.date()),
            channel=Channel(channel),
            version=version,
            population=population,
        )
        files["--out"].write_text(page(publication), encoding="utf-8", newline="\n")
        if xlsx is not None:
            from mppkit.interop.xlsx import index_xlsx  # needs an extra that the page does not

            index_xlsx(publication, files["--xlsx"])
    written = [*wanted.values()]
    if as_json:
        print_json({**surveys_screen.score_facts(publication.score), "files": written})
    else:
        click.echo(f"{publication.score}: {' and '.join(written)}")


def _publication(
    blueprint: Blueprint,
    store: str,
    period: tuple[str, date, date],
    *,
    channel: Channel,
    version: int | None,
    population: int | None,
) -> Publication:
    """Return what is published of an instrument from a first date to a last one."""
    instrument, first_on, last_on = period
    own = _own(instrument)
    if own:
        instrument = own[0].id
        period = (instrument, first_on, last_on)
    with open_store(store_url(store), create=False) as opened, Mall.open(blueprint, opened, instruments=own) as mall:
        desk = mall.surveys
        asked = desk.instrument(instrument, version)
        before, tally = None, desk.tally(*period, channel=channel, version=version)
        if not tally.n:
            raise _none_given(mall, asked, channel, f" from {first_on.isoformat()} to {last_on.isoformat()}")
        while tally != before:  # somebody may answer while the groups are read, and sums only grow
            profile = {
                field.key: desk.by(instrument, field.key, first_on, last_on, channel=channel, version=version)
                for field in desk.profile
            }
            before, tally = tally, desk.tally(*period, channel=channel, version=version)
        return Publication(
            mall=blueprint.name,
            mall_english=blueprint.name_english,
            first_on=first_on,
            last_on=last_on,
            instrument=asked,
            tally=tally,
            population=population,
            profile=profile,
            fields=desk.profile,
            # another version may ask for other elements, and all have one follow-up
            actions=tuple(each for each in desk.followup.actions(instrument) if each.element in asked.keys),
            directory=blueprint.directory,
            method=_METHOD[channel].indonesian,
            method_english=_METHOD[channel].english,
            minimum=blueprint.survey.minimum_group,
        )
