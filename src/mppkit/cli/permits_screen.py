"""How permits are shown: where an application stands, who is late, what a period came to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mppkit.blueprint import Blueprint
from mppkit.cli.permits_facts import documents_missing, listed
from mppkit.cli.permits_zones import amount
from mppkit.cli.screen import clock_time, counted, day_name, line, percent, table
from mppkit.directory import Officer
from mppkit.durations import Durations
from mppkit.permits.desk import Enforced
from mppkit.permits.explaining import Explanation
from mppkit.permits.figures import Investments, PermitFigures, Total
from mppkit.permits.model import Application, Status
from mppkit.permits.risk import Classification
from mppkit.permits.rules import may_act
from mppkit.permits.timing import Late, Term
from mppkit.storage import StreamHead

# --- applications ----------------------------------------------------------------------------------------------------


def show_list(blueprint: Blueprint, heads: Sequence[StreamHead], limit: int | None) -> None:
    """Show applications, the one that is due first at the beginning."""
    more = f" (at most {limit} are shown)" if limit is not None and len(heads) == limit else ""
    line(f"{blueprint.name}: {counted(len(heads), 'application')}{more}")
    line()
    table(
        "Applications (permohonan), the one that is due first at the beginning",
        ("id", "service", "status", "open steps", "zone", "permit", "submitted", "due"),
        [
            (
                row["application"],
                row["service"],
                row["status"],
                ", ".join(row["open_steps"]) or None,
                row["zone"],
                row["number"],
                _local_date(row["submitted_at"], blueprint.calendar.zone),
                row["due_on"],
            )
            for row in map(listed, heads)
        ],
        text=8,
        whole=1,
    )


def _local_date(at: str | None, zone: ZoneInfo) -> date | None:
    return datetime.fromisoformat(at).astimezone(zone).date() if at else None


def show_application(
    app: Application, terms: Sequence[Term], officers: Sequence[Officer], story: Explanation, zone: ZoneInfo
) -> None:
    """Show where an application stands, what it waits for, and what happened to it."""
    line(f"{app.id}: {app.status.value}; {app.service} by workflow {app.workflow.id}, version {app.workflow.version}")
    line(story.indonesian)
    line(story.english)
    if story.term and story.term.basis:
        read = "" if story.term.basis.verified else ", as reported; its text was not read"
        line(f"The rule behind its term: {story.term.basis.cite()}{read}")
    if app.permit:
        until = f"until {app.permit.valid_until}" if app.permit.valid_until else "for as long as the business lasts"
        line(f"Permit {app.permit.number}, valid from {app.permit.valid_from} {until}")
    if app.zone is not None:
        held = "held of it" if app.holds_capacity else "asked of it, not held"
        uses = ", ".join(f"{amount(use.amount)} {use.resource}" for use in app.uses)
        line(f"In zone {app.zone}" + (f": {uses} ({held})" if uses else ""))
    line(f"What can be done now: {', '.join(story.allowed) or 'nothing'}")
    line()
    _open_steps(app, terms, officers)
    back = app.returns[-1] if app.status is Status.RETURNED else None
    table(
        "To be corrected by the applicant (perbaikan)",
        ("item", "asked by"),
        [(item, ", ".join(back.steps)) for item in back.items] if back else [],
        text=2,
    )
    if app.is_running or app.status is Status.DRAFT:
        table(
            "Documents that are missing (dokumen yang belum ada)",
            ("kind", "needed to"),
            [(kind, ", ".join(needed)) for kind, needed in documents_missing(app).items()],
            text=2,
        )
    table(
        "What happened (riwayat)",
        ("date", "time", "riwayat", "what happened", "whose days", "days"),
        [
            (
                each.on,
                clock_time(each.at, zone),
                each.indonesian,
                each.english,
                each.whose.value if each.whose else None,
                each.working_days if each.whose else None,
            )
            for each in story.lines
        ],
        text=5,
    )


def _open_steps(app: Application, terms: Sequence[Term], officers: Sequence[Officer]) -> None:
    steps = [app.workflow.step(run.step) for run in app.open]
    table(
        "Open steps (tahap yang terbuka)",
        ("step", "name", "role", "agency", "who may act", "due", "days used"),
        [
            (
                step.id,
                f"{step.name} / {step.name_english}",
                step.role,
                step.agency,
                ", ".join(each.id for each in officers if may_act(step, each).is_granted) or "NOBODY",
                f"{term.due_on}{' LATE' if term.is_late else ''}{' (stands still)' if term.stands_still else ''}",
                f"{term.used} of {term.working_days}",
            )
            for step, term in zip(steps, terms, strict=True)
        ],
        text=6,
    )


# --- time ------------------------------------------------------------------------------------------------------------


def show_late(rows: Sequence[Late], by: str | None, counts: Mapping[str | None, int]) -> None:
    """Show what is late now, and how many applications are, by step, agency or service."""
    if not rows:
        line("Nothing is late.")
        return
    line(f"{counted(len({row.application for row in rows}), 'application')} late")
    line()
    if by:
        table(
            f"Late applications by {by}",
            (by, "applications"),
            [(key if key is not None else _none_of(by), count) for key, count in counts.items()],
        )
    table(
        "Late (terlambat)",
        ("application", "service", "step", "agency", "due", "working days late"),
        [
            (row.application, row.service, row.step or "the whole run", row.agency, row.due_on, row.days_late)
            for row in rows
        ],
        text=5,
    )


def _none_of(by: str) -> str:
    return "the whole run" if by == "step" else "no one agency"


def show_enforced(done: Sequence[Enforced]) -> None:
    """Show what followed from deadlines that were over."""
    if not done:
        line("No deadline is over from which something has still to follow.")
        return
    line(f"Something followed for {counted(len(done), 'application')}")
    line()
    table(
        "Deadlines enforced",
        ("application", "was due", "what followed"),
        [(each.application, day_name(each.due_on), each.consequence.value) for each in done],
        text=3,
    )


# --- risk ------------------------------------------------------------------------------------------------------------


def show_classification(found: Classification) -> None:
    """Show the level of risk of a business and what it needs, or what must be said first."""
    of = f"KBLI {found.edition} {found.code}, {found.scale.value}"
    scope = found.row.scope if found.row else found.scope
    level = f"risk {found.level.value}" if found.level else "NEEDS CLASSIFICATION"
    line(f"{of}{f', {scope}' if scope else ''}: {level}")
    for warning in found.decision.warnings:
        line(f"warning: {warning}")
    line()
    for why in found.decision.reasons:
        line(f"{why.indonesian}{f' ({why.basis.cite()})' if why.basis else ''}")
        line(f"{why.english}")
    if found.decision.reasons:
        line()
    table(
        "Codes that may have been meant",
        ("edition", "code", "title", "why"),
        [(near.edition, near.code, near.title, near.nearness.value) for near in found.near_misses],
        text=4,
    )
    table("Scopes of this code", ("scope", "title"), [(each.id, each.title) for each in found.scopes], text=2)
    table("Scales that the table has", ("scale",), [(each.value,) for each in found.scales])


# --- figures ---------------------------------------------------------------------------------------------------------


def show_figures(mall: str, found: PermitFigures) -> None:
    """Show what the applications of a period came to."""
    line(f"{mall}: submitted from {day_name(found.from_on)} to {day_name(found.until_on)}")
    line()
    table(
        "Applications (permohonan)",
        ("", "applications"),
        [
            ("submitted", found.applications),
            ("  still running", found.running),
            ("  refused", found.refused),
            ("  withdrawn", found.withdrawn),
            ("  lapsed uncorrected", found.lapsed),
            ("  permit issued", found.issued),
            ("    revoked since", found.revoked),
            ("    expired since", found.expired),
            ("decided with yes", found.granted),
            ("  with conditions", found.with_conditions),
            ("  by silence (fiktif positif)", found.deemed),
            ("begun, not submitted yet", found.drafts),
            ("begun, withdrawn unsubmitted", found.discarded),
        ],
    )
    table(
        "Refused, by reason (one with two reasons stands under both)",
        ("reason", "applications"),
        list(found.refused_for.items()),
    )
    table(
        "Days to decide, open ones counted as open",
        ("", "mean", "p50", "p90", "longest", "n", "open"),
        [
            _days("working days, without the applicant's", found.working_days_to_decide),
            _days("calendar days, all of them", found.calendar_days_to_decide),
        ],
    )
    if found.in_time:
        share = found.in_time
        line(
            f"In time: {percent(share.value)} of {share.n} (95% interval {percent(share.low)} to {percent(share.high)})"
        )
        line()
    table("Investment and jobs", _COLUMNS, [_money("all", found.investment)])
    for title, split in (
        ("By month", found.by_month),
        ("By zone", found.by_zone),
        ("By sector", found.by_sector),
        ("By service", found.by_service),
    ):
        table(title, _COLUMNS, [_money(key, each) for key, each in split.items()])


_COLUMNS = (
    "",
    "asked: applications",
    "rupiah",
    "jobs",
    "permitted: permits",
    "rupiah",
    "jobs",
    "gone: permits",
    "unstated",
)


def _days(what: str, days: Durations) -> tuple[object, ...]:
    mean = None if days.mean is None else f"{days.mean:.1f}"
    return (what, mean, days.percentile(0.5), days.percentile(0.9), days.max, days.n, days.n_censored)


def _money(key: str | None, found: Investments) -> tuple[object, ...]:
    def of(total: Total) -> tuple[object, ...]:
        return (total.applications, f"{total.rupiah:,}", f"{total.jobs:,}")

    unstated = found.asked.unstated
    return (key or "not stated", *of(found.asked), *of(found.permitted), found.gone.applications, unstated)
