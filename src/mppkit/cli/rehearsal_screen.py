"""How a rehearsal is shown: tables a person likes to read, in the order of the questions they ask."""

from collections import Counter as Tally
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from mppkit.cli.options import store_file
from mppkit.cli.permits_zones import capacity_bar
from mppkit.cli.screen import bar, clock_time, counted, day_name, line, minutes, percent, table, zone_name
from mppkit.durations import Durations, Share
from mppkit.queues.measures import Group, Measures
from mppkit.queues.model import LegOutcome, TicketStatus
from mppkit.queues.policies import policy_name
from mppkit.rehearsal import Finding, PermitHabits, Rehearsal, RehearsedPermits, RehearsedSurvey, SurveyHabits
from mppkit.rehearsal.visits import Done

_LEFT_SHOWN = 20
_WAITS = ("mean", "p50", "p90", "longest", "≤ 15 min")


def show_rehearsal(rehearsal: Rehearsal, store: str) -> None:
    """Show what was rehearsed, what came of it and where it is; times are minutes and seconds."""
    _head(rehearsal)
    _findings(rehearsal.plan.findings)
    _days(rehearsal)
    measures = rehearsal.measures
    _hours(measures)
    _services(rehearsal, measures)
    _counters(rehearsal, measures)
    _priority(measures)
    _observed(rehearsal, measures)
    _left(rehearsal)
    _decisions(rehearsal, measures)
    if rehearsal.survey and rehearsal.habits.survey:
        _survey(rehearsal.survey, rehearsal.habits.survey)
    if rehearsal.permits and rehearsal.habits.permits:
        _permits(rehearsal.permits, rehearsal.habits.permits, rehearsal.blueprint.calendar.zone)
    _where(rehearsal, store)


def _head(rehearsal: Rehearsal) -> None:
    blueprint, plan = rehearsal.blueprint, rehearsal.plan
    first, last = rehearsal.days[0].on, rehearsal.days[-1].on
    days = day_name(first) if first == last else f"{len(rehearsal.days)} days, {day_name(first)} to {day_name(last)}"
    line(f"{blueprint.name} / {blueprint.name_english}")
    line(f"{days}, times in {zone_name(blueprint.calendar.zone)}")
    line(f"visitors: {plan.source}, seed {plan.seed}")
    for note in plan.notes:
        line(f"note: {note}")
    for warning in rehearsal.warnings:
        line(f"warning: {warning}")
    line()


def _findings(findings: Iterable[Finding]) -> None:
    table(
        "Rows of the log that were not as they should be",
        ("kind", "done", "rows", "first lines", "rule"),
        [
            (
                finding.kind,
                "left out" if finding.done is Done.LEFT_OUT else "changed",
                finding.count,
                ", ".join(map(str, finding.lines[:5])) + (" …" if finding.count > 5 else ""),
                finding.rule,
            )
            for finding in findings
        ],
        text=5,
    )


def _days(rehearsal: Rehearsal) -> None:
    total = rehearsal.measures
    ends: list[tuple[object, ...]] = [
        (day.on, day.planned, *_ends(day.measures), day.refused) for day in rehearsal.days
    ]
    waits: list[tuple[object, ...]] = [(day.on, *_waits(day.measures.hall)) for day in rehearsal.days]
    if len(rehearsal.days) > 1:
        planned, refused = (sum(each) for each in zip(*((d.planned, d.refused) for d in rehearsal.days), strict=True))
        ends.append(("all", planned, *_ends(total), refused))
        waits.append(("all", *_waits(total.hall)))
    columns = ("visitors", "served", "no-show", "gave up", "left waiting", "interrupted", "refused")
    table("What came of it", ("day", *columns), ends)
    table("How long they waited (min:s)", ("day", *_WAITS), waits)
    wait = total.hall.wait
    line(f"Waits of {wait.n} legs of visits; {wait.n_censored} never called, counted as lasting at least so long.")
    line(f"Within 15 minutes: {_share(wait.within(900))}.")
    line()


def _ends(measures: Measures) -> tuple[int, ...]:
    ends = (
        TicketStatus.FINISHED,
        TicketStatus.NO_SHOW,
        TicketStatus.CANCELLED,
        TicketStatus.UNSERVED,
        TicketStatus.INTERRUPTED,
    )
    return tuple(measures.count(end) for end in ends)


def _waits(group: Group) -> tuple[str | None, ...]:
    wait = group.wait
    within = wait.within(900)
    return (
        minutes(wait.mean),
        minutes(wait.percentile(0.5)),
        minutes(wait.percentile(0.9)),
        minutes(wait.max),
        percent(within.value) if within else None,
    )


def _share(share: Share | None) -> str:
    if share is None:
        return "unknown"
    return f"{share.value:.1%} (95 % interval {share.low:.1%} to {share.high:.1%}, n = {share.n})"


def _hours(measures: Measures) -> None:
    most = max((group.legs for group in measures.by_hour.values()), default=0)
    table(
        "By hour of coming into a line",
        ("hour", "", "came", "served", *_WAITS),
        [
            (f"{hour:02}", bar(group.legs, most), group.legs, group.served, *_waits(group))
            for hour, group in sorted(measures.by_hour.items())
        ],
        text=2,
    )


def _services(rehearsal: Rehearsal, measures: Measures) -> None:
    services = rehearsal.blueprint.directory.services
    rows = [
        (service.name, group.legs, group.served, *_waits(group), minutes(group.service.mean))
        for service in services
        if (group := measures.by_service.get(service.id)) is not None
    ]
    table("By service", ("service", "came", "served", *_WAITS, "service mean"), list(rows))
    if len(rows) < len(services):
        line(f"Nobody came for {len(services) - len(rows)} of the {len(services)} services.")
        line()


def _counters(rehearsal: Rehearsal, measures: Measures) -> None:
    rows: list[tuple[object, ...]] = []
    for counter in rehearsal.blueprint.directory.counters:
        opened = measures.open_seconds.get(counter.id, 0.0)
        load = measures.busy_seconds.get(counter.id, 0.0) / opened if opened else None
        group = measures.by_counter.get(counter.id, Group())
        rows.append(
            (
                counter.name,
                bar(load or 0.0, 1.0),
                percent(load),
                f"{opened / 3600:.1f} h",
                group.served,
                minutes(group.service.mean),
            )
        )
    table("Load of the counters", ("counter", "", "busy", "open", "served", "service mean"), rows, text=2)


def _priority(measures: Measures) -> None:
    regular = "regular"
    if set(measures.by_priority) <= {regular}:
        return
    order = sorted(measures.by_priority, key=lambda name: (name == regular, name))
    table(
        "Priority visitors (kelompok rentan)",
        ("group", "came", "served", *_WAITS),
        [(name, (group := measures.by_priority[name]).legs, group.served, *_waits(group)) for name in order],
    )


def _observed(rehearsal: Rehearsal, measures: Measures) -> None:
    waited: dict[str, Durations] = {}
    for day in rehearsal.days:
        for service, waits in day.observed.items():
            waited.setdefault(service, Durations()).merge(waits)
    table(
        "Waits in the log, beside those rehearsed",
        ("service", "n", "log mean", "log p50", "log p90", "mean", "p50", "p90"),
        [
            (
                service.name,
                log.n,
                *(minutes(value) for value in (log.mean, log.percentile(0.5), log.percentile(0.9))),
                *_waits(measures.by_service.get(service.id, Group()))[:3],
            )
            for service in rehearsal.blueprint.directory.services
            if (log := waited.get(service.id)) is not None
        ],
    )


def _left(rehearsal: Rehearsal) -> None:
    zone = rehearsal.blueprint.calendar.zone
    left = [ticket for day in rehearsal.days for ticket in day.left]
    if not left:
        line("Nobody who came was left at closing.")
        line()
        return
    shown = f", the first {_LEFT_SHOWN}" if len(left) > _LEFT_SHOWN else ""
    table(
        f"Never served: {len(left)}{shown}",
        ("came", "ticket", "service", "is", "waited"),
        [
            (
                f"{ticket.issued_at.astimezone(zone):%Y-%m-%d} {clock_time(ticket.issued_at, zone)}",
                ticket.number,
                ticket.service,
                ticket.status.value,
                minutes(ticket.waited),
            )
            for ticket in left[:_LEFT_SHOWN]
        ],
        text=4,
    )


def _decisions(rehearsal: Rehearsal, measures: Measures) -> None:
    """What each policy decided and why, with how often."""
    policies = rehearsal.blueprint.policies
    rows: list[tuple[object, ...]] = [
        ("admission", policy_name(policies.admission), "ticket issued", sum(measures.visitors.values()))
    ]
    refused: Tally[str] = Tally()
    for (_, code), times in measures.refused.items():
        refused[code] += times
    rows += [("admission", policy_name(policies.admission), f"refused: {code}", n) for code, n in refused.most_common()]
    reasons: Tally[tuple[str, str]] = Tally()
    for day in rehearsal.days:
        for (rule, _, english), times in day.reasons.items():
            reasons[rule, english] += times
    rows += [("discipline", rule, f"called: {english}", times) for (rule, english), times in reasons.most_common(12)]
    rows.append(("discipline", rehearsal.discipline, "overtook somebody who had stood longer", measures.overtakings))
    sent_on = measures.hall.outcomes.get(LegOutcome.TRANSFERRED.value, 0)
    rows.append(("placement", policy_name(policies.placement), "transferred to another line", sent_on))
    table("What the policies decided, and why", ("policy", "rule", "decided", "times"), rows, text=3)


def _survey(survey: RehearsedSurvey, habits: SurveyHabits) -> None:
    """Show what those who answered made of it, element by element."""
    score = survey.score
    asked = f"{survey.asked} asked, {survey.refused} refused for a question left out"
    if score is None:
        line(f"Nobody answered the survey {survey.instrument}: {asked}.")
        line()
        return
    english = f" / {score.performance_english}" if score.performance_english else ""
    margin = "" if score.margin is None else f", ± {score.margin:.1f}"
    index = f"{score.index_name} {score.index}{margin}, {score.grade} ({score.performance}{english})"
    table(
        f"What visitors made of it (survei kepuasan): {index}",
        ("element (unsur)", "", "mean", "index", ""),
        [
            (
                f"{each.name} / {each.name_english}" if each.name_english else each.name,
                bar(float(each.index), 100.0),
                each.mean,
                each.index,
                "among the weakest" if each.key in score.weakest else "",
            )
            for each in score.elements
        ],
        text=2,
    )
    line(f"By {survey.instrument}: {score.n} answers ({percent(score.response_rate)}); {asked}.")
    least, most = habits.contentment
    waits = f"the wait lowers {', '.join(habits.reacting)}, down to the worst at {habits.patience_minutes:g} minutes; "
    line(
        f"Assumed: {habits.answering:.0%} of those served answer, {habits.incomplete:.0%} of these leave a question "
        f"out; contentment of {least:.0%} to {most:.0%}; {waits if habits.reacting else ''}all else is chance."
    )
    line()


def _permits(permits: RehearsedPermits, habits: PermitHabits, zone: ZoneInfo) -> None:
    """Show what came of the permits that visitors applied for, and what the zones have left."""
    figures = permits.figures
    table(
        "Permits that visitors applied for (permohonan izin)",
        ("applied", "issued", "refused", "withdrawn", "lapsed", "still running", "sent back", "zone full", "escalated"),
        [
            (
                figures.applications,
                figures.issued,
                figures.refused,
                figures.withdrawn,
                figures.lapsed,
                figures.running,
                permits.returned,
                permits.without_room,
                permits.escalated,
            )
        ],
        text=0,
    )
    days = figures.working_days_to_decide
    mean = "unknown" if days.mean is None else f"{days.mean:.1f}"
    p50, p90 = (days.percentile(share) for share in (0.5, 0.9))
    line(
        f"Working days to decide, without the applicant's: mean {mean}, p50 {_known(p50)}, p90 {_known(p90)}; "
        f"{days.n} applications, {days.n_censored} of them not decided."
    )
    line(f"Granted: {figures.granted}, {figures.deemed} of them by silence (fiktif positif).")
    line(f"In time: {_share(figures.in_time)}. As of {day_name(figures.at.astimezone(zone).date())}.")
    least, most = habits.zone_share
    line(
        f"Assumed: {habits.applying:.0%} of those served apply, each for {least:.0%} to {most:.0%} of what its zone "
        f"can carry where it asks the zone; an officer takes up to {habits.steps_a_day} steps a day, "
        f"{habits.returned:.0%} of the steps send back, {habits.refused:.0%} refuse, {habits.never_back:.0%} "
        "of those sent back never come again."
    )
    line()
    table("Refused, by reason", ("reason", "applications"), list(figures.refused_for.items()))
    table(
        "What the zones can carry (daya dukung): █ committed, ▒ reserved, · free",
        ("zone", "resource", "", "unit", "limit", "committed", "reserved", "free"),
        [
            (
                each.zone,
                stands.limit.resource,
                capacity_bar(stands),
                stands.limit.unit,
                *(f"{amount:f}" for amount in (stands.limit.amount, stands.committed, stands.reserved, stands.free)),
            )
            for each in permits.zones
            for stands in each.resources
        ],
        text=4,
    )


def _known(value: int | None) -> int | str:
    return "unknown" if value is None else value


def _where(rehearsal: Rehearsal, store: str) -> None:
    chain = "intact" if rehearsal.intact else "BROKEN"
    line(f"{counted(rehearsal.events, 'event')} in {store}, chain {chain}, digest {rehearsal.digest[:16]}…")
    if (name := store_file(store)) is not None:
        day = rehearsal.days[0].on
        sources = rehearsal.blueprint.sources
        mine = "" if rehearsal.blueprint.id == "contoh" else f" --blueprint {sources[0] if sources else 'BLUEPRINT'}"
        line(f"look into it:  mppkit audit {name}")
        line(f"               mppkit board {name}{mine} --date {day} --at 10:30")
        if rehearsal.permits:
            line(f"               mppkit permits list --store {name}{mine}")
