"""The commands about a blueprint: `mppkit blueprint check|show|diff|adopt|schema`."""

import sys
from datetime import date, datetime

import attrs
import click

from mppkit.blueprint import Blueprint, Change, Finding, Severity, adopt, check, diff, find_blueprint, schema
from mppkit.cli import screen
from mppkit.cli.options import BROKEN, as_json_option, date_type, print_json
from mppkit.clock import SystemClock
from mppkit.errors import InvalidValueError, NotFoundError, nearest
from mppkit.permits.diagrams import mermaid
from mppkit.permits.workflow import Effect, Overdue, StepOutcome, Workflow
from mppkit.queues.policies import policy_name


@click.group("blueprint")
def blueprint_group() -> None:
    """Look at a mall's blueprint: a TOML file, a folder of them, or the sample `contoh`."""


def today_of(blueprint: Blueprint, on: datetime | None) -> date:
    """Return the date that was given, or the mall's local date now."""
    return on.date() if on else SystemClock().now().astimezone(blueprint.calendar.zone).date()


def named_blueprint(name: str) -> Blueprint:
    """Return the blueprint that was named on the command line.

    Raises:
        InvalidValueError: the name is empty, as that of a shell variable that is not set; as a path it would be `.`.
    """
    if not name:
        raise InvalidValueError("blueprint", name, "name a TOML file or a folder (. is this one), or contoh")
    return find_blueprint(name)


def check_period(first: date, last: date) -> None:
    """Check that --to is not before --from.

    Raises:
        InvalidValueError: it is.
    """
    if last < first:
        raise InvalidValueError("--to", last.isoformat(), f"give a day from {first.isoformat()} on, which is --from")


# --- check ---------------------------------------------------------------------------------------------------------


@blueprint_group.command("check")
@click.argument("blueprint", default="contoh")
@click.option("--on", type=date_type, help="The day to look from; today if not given.")
@as_json_option
def check_command(blueprint: str, on: datetime | None, as_json: bool) -> None:
    """Find everything that is wrong or missing in BLUEPRINT at once.

    Exit code 0 when it is clean, 1 with problems (advice alone is no problem), 2 when it cannot be used at all.
    """
    found = named_blueprint(blueprint)
    day = today_of(found, on)
    findings = check(found, day)
    problems = sum(finding.severity is Severity.PROBLEM for finding in findings)
    if as_json:
        print_json(
            {
                "mall": found.id,
                "on": day.isoformat(),
                "digest": found.digest,
                "problems": problems,
                "findings": [_finding(finding) for finding in findings],
            }
        )
    else:
        told = f"{screen.counted(problems, 'problem')}, {len(findings) - problems} advice"
        screen.line(f"{found.name}, {screen.day_name(day)}: {told}")
        screen.table(
            "Findings",
            ("", "place", "found", "remedy", "rule"),
            [
                (each.severity.value, each.place, each.found, each.remedy, each.basis.cite() if each.basis else None)
                for each in findings
            ],
            text=5,
        )
    sys.exit(BROKEN if problems else 0)


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "place": finding.place,
        "found": finding.found,
        "remedy": finding.remedy,
        "basis": finding.basis.cite() if finding.basis else None,
    }


# --- show ----------------------------------------------------------------------------------------------------------


@blueprint_group.command("show")
@click.argument("blueprint", default="contoh")
@click.option("--on", type=date_type, help="The day whose offer is shown; today if not given.")
@click.option("--workflow", metavar="ID", help="Show this workflow of permits instead, and draw it.")
@click.option("--version", type=click.IntRange(min=1), help="Of that workflow; the newest if not given.")
@as_json_option
def show_command(blueprint: str, on: datetime | None, workflow: str | None, version: int | None, as_json: bool) -> None:
    """Show who is in a mall, what is offered on a day, at which counters, when it is open, and by which rules.

    With --workflow: the steps of a workflow, who may take them and where they lead, as a table and as a Mermaid
    flowchart, whose text GitHub and GitLab draw in a block that begins with ```mermaid.
    """
    found = named_blueprint(blueprint)
    if workflow is not None:
        there = dict.fromkeys(each.id for each in found.workflows)
        if nearest(workflow, there) is None:  # else the error says which was meant
            raise NotFoundError("workflow", workflow, there, f"the blueprint has {', '.join(there) or 'none'}")
        _show_workflow(found.workflow(workflow, version), as_json)
        return
    if version is not None:
        raise click.UsageError("--version is that of a --workflow; name it too")
    day = today_of(found, on)
    if as_json:
        print_json(_shown(found, day))
        return
    zone = found.calendar.zone
    invented = " (invented)" if found.invented else ""
    screen.line(f"{found.name} / {found.name_english}{invented}, {screen.zone_name(zone)}, digest {found.digest[:16]}…")
    opening = found.calendar.opening(day)
    hours = ", ".join(
        f"{screen.clock_time(window.opens_at, zone)}-{screen.clock_time(window.closes_at, zone)}"
        for window in opening.windows
    )
    screen.line(f"{screen.day_name(day)}: {hours or f'closed: {opening.reason}'}")
    screen.line()
    directory = found.directory
    screen.table(
        "Agencies (instansi)",
        ("id", "name", "kind", "services"),
        [
            (each.id, each.name, each.kind.value, sum(s.agency == each.id for s in directory.services))
            for each in directory.agencies
        ],
        text=3,
    )
    screen.table(
        "Services (layanan)",
        ("id", "name", "agency", "prefix", "counters", "minutes", "quota"),
        [
            (
                each.id,
                each.name,
                each.agency,
                each.prefix,
                ", ".join(counter.id for counter in directory.counters_of(each.id)),
                f"{each.expected_minutes:g}" if each.expected_minutes is not None else None,
                each.daily_quota,
            )
            for each in directory.services
        ],
        text=5,
    )
    policies = found.policies
    screen.table(
        "Rules of the queue",
        ("policy", "rule", "as set"),
        [
            (slot, policy_name(getattr(policies, slot)), repr(getattr(policies, slot)))
            for slot in ("admission", "numbering", "discipline", "placement", "estimate")
        ],
        text=3,
    )


def _shown(blueprint: Blueprint, on: date) -> dict[str, object]:
    opening = blueprint.calendar.opening(on)
    directory = blueprint.directory
    return {
        "mall": blueprint.id,
        "name": blueprint.name,
        "name_english": blueprint.name_english,
        "invented": blueprint.invented,
        "zone": blueprint.calendar.zone.key,
        "digest": blueprint.digest,
        "on": on.isoformat(),
        "opening": [[window.opens_at.isoformat(), window.closes_at.isoformat()] for window in opening.windows],
        "closed": opening.reason.code if opening.reason else None,
        "agencies": [{"id": a.id, "name": a.name, "kind": a.kind.value} for a in directory.agencies],
        "services": [
            {
                "id": s.id,
                "name": s.name,
                "agency": s.agency,
                "counters": [counter.id for counter in directory.counters_of(s.id)],
            }
            for s in directory.services
        ],
        "policies": {
            slot: policy_name(getattr(blueprint.policies, slot))
            for slot in ("admission", "numbering", "discipline", "placement", "estimate")
        },
    }


def _show_workflow(workflow: Workflow, as_json: bool) -> None:
    if as_json:
        print_json({**_workflow(workflow), "mermaid": mermaid(workflow)})
        return
    rule = f" ({workflow.term_rule.cite()})" if workflow.term_rule else ""
    screen.line(f"{workflow.name} / {workflow.name_english}: {workflow.id}, version {workflow.version}")
    screen.line(f"for {', '.join(workflow.services)}; to submit: {', '.join(workflow.documents) or 'no documents'}")
    term, are = screen.counted(workflow.term_days, "working day"), "it is" if workflow.term_days == 1 else "they are"
    over = "it is deemed granted" if workflow.overdue is Overdue.DEEMED_GRANTED else f"{workflow.escalates_to} is told"
    screen.line(f"{term}{rule}, from {workflow.counts_from.value}; when {are} over, {over}")
    screen.line()
    screen.table(
        "Steps (tahap)",
        ("id", "name", "role", "agency", "documents", "outcomes", "days"),
        [
            (
                step.id,
                step.name,
                step.role,
                step.agency,
                "\n".join(step.documents) or None,
                "\n".join(_leads(outcome) for outcome in step.outcomes),
                step.working_days,
            )
            for step in workflow.steps
        ],
        text=6,
    )
    screen.table(
        "Reasons to refuse",
        ("code", "Indonesian", "English", "rule"),
        [
            (reason.code, reason.indonesian, reason.english, reason.basis.cite() if reason.basis else None)
            for reason in workflow.reasons
        ],
        text=4,
    )
    click.echo(mermaid(workflow), nl=False)


def _leads(outcome: StepOutcome) -> str:
    """Return where an outcome leads, in a line."""
    if outcome.next:
        join = f", then {outcome.join}" if outcome.join else ""
        return f"{outcome.id} -> {' + '.join(outcome.next)}{join}"
    ends = {Effect.RETURN: "back to the applicant", Effect.REFUSE: "refused", Effect.ISSUE: "issued"}
    return f"{outcome.id} -> {ends.get(outcome.effect, outcome.effect.value)}"


def _workflow(workflow: Workflow) -> dict[str, object]:
    """Return all of a workflow as plain values, the term that holds and its rule too."""

    def plain(_: object, __: object, value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    rule = workflow.term_rule.cite() if workflow.term_rule else None
    facts = attrs.asdict(workflow, value_serializer=plain)
    return {**facts, "term_days": workflow.term_days, "term_rule": rule}


# --- diff ----------------------------------------------------------------------------------------------------------


@blueprint_group.command("diff")
@click.argument("first")
@click.argument("second")
@as_json_option
def diff_command(first: str, second: str, as_json: bool) -> None:
    """Compare two malls by meaning, not by text: what SECOND adds, lacks and has otherwise than FIRST.

    Exit code 0 when they mean the same, 1 when they do not.
    """
    a, b = named_blueprint(first), named_blueprint(second)
    changes = diff(a, b)
    if as_json:
        print_json({"first": a.id, "second": b.id, "changes": [_change(change) for change in changes]})
    else:
        screen.line(
            f"{a.name} beside {b.name}: {screen.counted(len(changes), 'difference')} (- first, + second, ~ otherwise)"
        )
        for change in changes:
            screen.line(str(change))
    sys.exit(BROKEN if changes else 0)


def _change(change: Change) -> dict[str, object]:
    return {"kind": change.kind.value, "place": change.place, "old": change.old, "new": change.new}


# --- adopt ---------------------------------------------------------------------------------------------------------


@blueprint_group.command("adopt")
@click.argument("host")
@click.option("--as", "region", required=True, metavar="ID", help="The id of the new mall, such as blora.")
@click.option("--out", required=True, type=click.Path(), help="The folder to write; new, or empty.")
@click.option("--name", help="The new mall's name; a blank to fill in if not given.")
@click.option("--name-english", help="Its English name.")
@click.option("--zone", help="Its time zone, such as Asia/Jakarta; the host's if not given.")
@click.option("--on", type=date_type, help="The day of adopting; today if not given.")
@as_json_option
def adopt_command(
    host: str,
    region: str,
    out: str,
    name: str | None,
    name_english: str | None,
    zone: str | None,
    on: datetime | None,
    as_json: bool,
) -> None:
    """Take the pattern of HOST over for another regency: copy what can be copied, leave blank what is the host's own.

    Writes the blueprint and an adoption record. What is to be filled in is what `blueprint check` then finds.
    """
    found = named_blueprint(host)
    record = adopt(
        found, region=region, on=today_of(found, on), out=out, name=name, name_english=name_english, zone=zone
    )
    if as_json:
        print_json(
            {
                "host": record.host,
                "host_digest": record.host_digest,
                "region": record.region,
                "digest": record.digest,
                "out": out,
                "items": [{"item": i.key, "uptake": i.uptake.value, "why": i.why} for i in record.items],
                "blanks": [_finding(finding) for finding in record.blanks],
            }
        )
        return
    screen.line(f"{record.host_name} as {record.region}, written to {out}")
    alike: dict[tuple[str, str], list[str]] = {}
    for item in sorted(record.items, key=lambda item: item.uptake.value):
        alike.setdefault((item.uptake.value, item.why), []).append(item.key)
    rows = [
        (uptake, why, f"{', '.join(keys[:3])}{' …' if len(keys) > 3 else ''}", len(keys))
        for (uptake, why), keys in alike.items()
    ]
    screen.table("What became of each item", ("uptake", "why", "such as", "items"), list(rows), text=3)
    screen.line(f"{screen.counted(len(record.blanks), 'blank')} to fill in:  mppkit blueprint check {out}")


# --- schema --------------------------------------------------------------------------------------------------------


@blueprint_group.command("schema")
def schema_command() -> None:
    """Print a JSON Schema of the blueprint, so that an editor completes and checks it."""
    print_json(schema())
