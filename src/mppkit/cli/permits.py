"""The commands about permits: `mppkit permits list|show|overdue|capacity|limit|classify|figures|enforce`."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

import click

from mppkit.blueprint import Blueprint
from mppkit.cli import permits_facts, permits_screen, permits_zones, screen
from mppkit.cli.blueprints import check_period, named_blueprint
from mppkit.cli.options import BROKEN, as_json_option, blueprint_option, date_type, print_json, store_url
from mppkit.clock import SystemClock, VirtualClock
from mppkit.errors import InvalidValueError, MppkitError, NotFoundError
from mppkit.ids import split_stream
from mppkit.mall import Mall
from mppkit.permits.capacity_ledger import ZONES
from mppkit.permits.model import Status
from mppkit.permits.risk import classification_facts
from mppkit.permits.risk_levels import Scale
from mppkit.permits.risk_table import load_risk_table, sample_risk_table
from mppkit.permits.timing import count_late
from mppkit.storage import EventStore, Query, open_store

store_option = click.option(
    "--store", required=True, help="The mall's store: a file, sqlite:///file, or postgresql://host/database."
)


@click.group("permits")
def permits_group() -> None:
    """Look at applications for permits, what is late, and what the zones can carry."""


@contextmanager
def _opened(store: str, blueprint: str) -> Iterator[tuple[Mall, datetime]]:
    """Open a mall on a store that is there, and the instant as of which all that a command says holds.

    Raises:
        NotFoundError: the store knows nothing of this mall, but has permits of others.
    """
    found, now = named_blueprint(blueprint), SystemClock().now()
    with (
        open_store(store_url(store), create=False) as opened,
        Mall.open(found, opened, clock=VirtualClock(now)) as mall,
    ):
        _check_mall(found, opened)
        yield mall, now


def _check_mall(blueprint: Blueprint, store: EventStore) -> None:
    if store.find(Query(mall=blueprint.id, limit=1)):
        return
    malls = sorted({split_stream(head.stream)[0] for head in store.find(Query(category="permit"))})
    if malls:
        raise NotFoundError("mall", blueprint.id, malls, f"the store has {', '.join(malls)}: give --blueprint")


def _check_zone(blueprint: Blueprint, zone: str) -> None:
    there = [each.id for each in blueprint.zones]
    if zone not in there:
        raise NotFoundError("zone", zone, there, f"the blueprint has {', '.join(there) or 'none'}")


# --- applications ----------------------------------------------------------------------------------------------------


@permits_group.command("list")
@store_option
@blueprint_option
@click.option("--status", help=f"Only those that stand so: {', '.join(Status)}.")
@click.option("--service", help="Only those for this service.")
@click.option("--zone", help="Only those in this zone.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@as_json_option
def list_command(
    store: str,
    blueprint: str,
    status: str | None,
    service: str | None,
    zone: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List applications, the one that is due first at the beginning."""
    with _opened(store, blueprint) as (mall, now):
        heads = mall.permits.applications(status=status, service=service, zone=zone, limit=limit)
    if not heads:  # of what the blueprint no longer names there may still be some
        if service is not None:
            mall.directory.service(service)
        if zone is not None:
            _check_zone(mall.blueprint, zone)
    if as_json:
        print_json(
            {
                "mall": mall.blueprint.id,
                "at": now.isoformat(),
                "applications": [permits_facts.listed(head) for head in heads],
            }
        )
    else:
        permits_screen.show_list(mall.blueprint, heads, limit)


@permits_group.command("show")
@click.argument("application", metavar="ID")
@store_option
@blueprint_option
@as_json_option
def show_command(application: str, store: str, blueprint: str, as_json: bool) -> None:
    """Show where an application stands, what it waits for and who may act, and tell what happened to it and why."""
    with _opened(store, blueprint) as (mall, _):
        desk, officers = mall.permits, mall.directory.officers
        try:
            app = desk.application(application)
        except NotFoundError:
            there = [split_stream(head.stream)[2] for head in desk.applications()]
            raise NotFoundError("application", application, there, "`mppkit permits list` has them all") from None
        terms, story = desk.step_terms(application), desk.explain(application)
    if as_json:
        print_json({"mall": mall.blueprint.id, **permits_facts.application(app, terms, officers, story)})
    else:
        permits_screen.show_application(app, terms, officers, story, mall.blueprint.calendar.zone)


# --- time ------------------------------------------------------------------------------------------------------------


@permits_group.command("overdue")
@store_option
@blueprint_option
@click.option("--by", type=click.Choice(["step", "agency", "service"]), help="Count the late applications by this too.")
@as_json_option
def overdue_command(store: str, blueprint: str, by: Literal["step", "agency", "service"] | None, as_json: bool) -> None:
    """Show every application and every open step that is late now.

    Exit code 1 when there is one, or one that cannot be read: it is named.
    """
    with _opened(store, blueprint) as (mall, now), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        rows = mall.permits.overdue()
    left_out = [each for each in warned if each.category is RuntimeWarning]  # a library's warning is nobody's lateness
    for each in left_out:
        click.echo(f"mppkit: {each.message}", err=True)
    counts = count_late(rows, by) if by else {}
    if as_json:
        print_json(
            {
                "mall": mall.blueprint.id,
                "at": now.isoformat(),
                "late": [permits_facts.late(row) for row in rows],
                "by": by,
                "counts": [{"key": key, "applications": count} for key, count in counts.items()],
            }
        )
    else:
        permits_screen.show_late(rows, by, counts)
    sys.exit(BROKEN if rows or left_out else 0)


@permits_group.command("enforce")
@store_option
@blueprint_option
@click.option("--actor", help="The id of who runs it, or of the job that does; never a name.")
@as_json_option
def enforce_command(store: str, blueprint: str, actor: str | None, as_json: bool) -> None:
    """Let follow what follows from every deadline that is over, and say what was done. Safe to run twice.

    An application lapses, somebody is told that it is late, or silence is consent and the permit is issued. Where that
    fails for one, it is done for the others all the same.
    """
    with _opened(store, blueprint) as (mall, now):
        try:
            done = mall.permits.enforce_deadlines(now, actor=actor)
        except MppkitError as error:
            for note in getattr(error, "__notes__", ()):
                click.echo(f"mppkit: {note}", err=True)
            raise
    if as_json:
        print_json(
            {
                "mall": mall.blueprint.id,
                "at": now.isoformat(),
                "done": [
                    {
                        "application": each.application,
                        "due_on": each.due_on.isoformat(),
                        "consequence": each.consequence.value,
                    }
                    for each in done
                ],
            }
        )
    else:
        permits_screen.show_enforced(done)


# --- zones and risk --------------------------------------------------------------------------------------------------


@permits_group.command("capacity")
@click.argument("zone", required=False)
@store_option
@blueprint_option
@as_json_option
def capacity_command(zone: str | None, store: str, blueprint: str, as_json: bool) -> None:
    """Show what ZONE can carry, what is used of it, and how that came; all zones if none is named.

    Exit code 1 when one is overcommitted.
    """
    with _opened(store, blueprint) as (mall, now):
        if zone is not None:
            _check_zone(mall.blueprint, zone)
        zones = {each.id: each for each in mall.blueprint.zones}
        stands = [mall.permits.capacity(each) for each in ([zone] if zone is not None else zones)]
        heads = mall.store.find(Query(mall=mall.blueprint.id, category=ZONES.category)) if zone is None else ()
    dropped = permits_facts.dropped_zones(heads, zones)
    if as_json:
        print_json(
            {
                "mall": mall.blueprint.id,
                "at": now.isoformat(),
                "zones": [permits_facts.capacity(zones[each.zone], each) for each in stands],
                "dropped_zones": dropped,
            }
        )
    else:
        permits_zones.show_dropped_zones(dropped)
        if not stands:
            screen.line(f"The blueprint of {mall.blueprint.id} has no zones.")
        local = mall.blueprint.calendar.zone
        for each in stands:
            permits_zones.show_capacity(zones[each.zone], each, over_time=zone is not None, local=local)
    over = any(resource.is_overcommitted for each in stands for resource in each.resources)
    sys.exit(BROKEN if over else 0)


@permits_group.command("limit")
@click.argument("zone")
@click.argument("resource")
@store_option
@blueprint_option
@click.option("--actor", required=True, help="The id of who sets it; never a name.")
@as_json_option
def limit_command(zone: str, resource: str, store: str, blueprint: str, actor: str, as_json: bool) -> None:
    """Set what ZONE can carry of RESOURCE to what the blueprint says, from now on, with its source and date.

    Once a zone is used, editing the blueprint alone changes nothing there. A limit below what is used takes nothing
    from anybody: the zone is recorded as overcommitted, and the exit code is 1. One that held before is not set again
    without a new source or date: the blueprint may be out of date.
    """
    with _opened(store, blueprint) as (mall, now):
        before = mall.permits.capacity(zone)
        [begun] = [each for each in mall.blueprint.zones if each.id == zone]
        limits = {limit.resource: limit for limit in begun.limits}
        if resource not in limits:
            raise NotFoundError("limit", resource, limits, f"the blueprint has no [[zone.limit]] for it in {zone}")
        if before.held_before(limits[resource]):
            remedy = "it held before the one that does now; to set it again give it a new source or date"
            raise InvalidValueError("limit of the blueprint", permits_zones.limit_words(limits[resource]), remedy)
        changed = limits[resource] in before.not_in_force(begun)
        after = mall.permits.set_limit(zone, limits[resource], actor=actor)
    stands = after.resource(resource)
    if as_json:
        facts = {"mall": mall.blueprint.id, "at": now.isoformat(), "changed": changed}
        print_json({**facts, **permits_facts.capacity(begun, after)})
    else:
        permits_zones.show_limit(begun, stands, changed=changed)
    sys.exit(BROKEN if stands.is_overcommitted else 0)


@permits_group.command("classify")
@click.option("--kbli", "code", required=True, help="The KBLI code, five digits.")
@click.option("--edition", required=True, help="The edition of the KBLI, such as 2025; the lists differ.")
@click.option("--scale", required=True, help=f"Of the business: {', '.join(Scale)}.")
@click.option("--scope", help="The scope (ruang lingkup), where the code has several.")
@click.option("--table", type=click.Path(), help="A CSV or TOML file of risks; the invented sample if not given.")
@as_json_option
def classify_command(code: str, edition: str, scale: str, scope: str | None, table: str | None, as_json: bool) -> None:
    """Tell the level of risk of a business and what it needs before it may operate.

    Exit code 1 when the table has no answer and the business must be classified first.
    """
    risks = load_risk_table(table) if table else sample_risk_table()
    found = risks.classify(edition=edition, code=code, scale=scale, scope=scope)
    if as_json:
        print_json(classification_facts(found))
    else:
        permits_screen.show_classification(found)
    sys.exit(0 if found.decision.is_granted else BROKEN)


# --- figures ---------------------------------------------------------------------------------------------------------


@permits_group.command("figures")
@store_option
@blueprint_option
@click.option("--from", "start", type=date_type, required=True, help="The first day of the period.")
@click.option("--to", "end", type=date_type, required=True, help="Its last day; included.")
@as_json_option
def figures_command(store: str, blueprint: str, start: datetime, end: datetime, as_json: bool) -> None:
    """Tell what the applications of a period came to: how many, how long, what investment and jobs."""
    check_period(start.date(), end.date())
    with _opened(store, blueprint) as (mall, _):
        found = mall.permits.figures(start.date(), end.date())
    if as_json:
        print_json({"mall": mall.blueprint.id, **permits_facts.figures(found)})
    else:
        permits_screen.show_figures(mall.blueprint.name, found)
