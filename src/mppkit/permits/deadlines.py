"""What time does to an application by itself: it lapses, is escalated, or is deemed granted.

Nothing happens at the deadline itself: it happens when somebody next enforces the deadlines, with the date that was
missed recorded. Whoever enforces them again, on whatever machine, finds nothing left to do. Until then nobody goes on
with what time has granted or ended, so that only the permit's number and its first day depend on when that is.
"""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from mppkit.bilingual import day
from mppkit.calendars import WorkingDays
from mppkit.decisions import Decision, Reason
from mppkit.errors import RefusedError, TransitionError
from mppkit.permits import events as e
from mppkit.permits import rules
from mppkit.permits.capacity import ReleaseCause
from mppkit.permits.claiming import Plan, committing, releasing
from mppkit.permits.model import Application, Status
from mppkit.permits.policies import months_after
from mppkit.permits.timing import expired_since, lapsed_since, late_since
from mppkit.permits.workflow import Effect, Overdue

NOT_CORRECTED = Reason(
    code="not_corrected",
    indonesian="Perbaikan tidak disampaikan dalam jangka waktu yang ditetapkan.",
    english="What was to be corrected was not brought in time.",
)
PERMIT_OVER = Reason(
    code="permit_over",
    indonesian="Masa berlaku izin telah berakhir.",
    english="The permit's last day is over.",
)


class Consequence(StrEnum):
    """What follows when time is over."""

    LAPSE = "lapse"
    ESCALATE = "escalate"
    ISSUE = "issue"
    """The law issues the permit: silence is consent (*fiktif positif*)."""


FINAL = frozenset({Consequence.LAPSE, Consequence.ISSUE})
"""What leaves an officer or applicant nothing to do, whether or not somebody has enforced it yet."""


def consequence_of(event: e.PermitEvent) -> Consequence | None:
    """Return which consequence an event is, if it is one."""
    match event:
        case e.Lapsed():
            return Consequence.LAPSE
        case e.Escalated():
            return Consequence.ESCALATE
        case e.Issued():
            return Consequence.ISSUE
        case _:
            return None


@frozen(kw_only=True)
class Missed:
    """A deadline that is over, and what follows.

    Attributes:
        due_on: the last local date on which it would have been in time.
        because: why silence is no consent though the workflow says so; empty where it does not.
    """

    due_on: date
    consequence: Consequence
    reason: Reason
    because: tuple[Reason, ...] = ()


def missed(application: Application, days: WorkingDays, now: datetime) -> Missed | None:
    """Return the deadline that is over by an instant and from which something still has to follow, if there is one."""
    over_on = expired_since(application, days.zone, now)
    if over_on is not None:
        return Missed(due_on=over_on, consequence=Consequence.LAPSE, reason=PERMIT_OVER)
    over_on = late_since(application, days, now)
    if over_on is not None and over_on not in application.escalated_for:
        return _term_over(application, over_on)
    over_on = lapsed_since(application, days, now)
    if over_on is not None:
        return Missed(due_on=over_on, consequence=Consequence.LAPSE, reason=NOT_CORRECTED)
    return None


def _term_over(application: Application, due_on: date) -> Missed:
    is_consent, late = application.workflow.overdue is Overdue.DEEMED_GRANTED, _late(application)
    lacking = _lacking(application) if is_consent else ()
    if lacking or not is_consent or application.escalated_for:  # what silence once did not grant, it never grants
        because = rules.missing_documents(lacking)
        return Missed(due_on=due_on, consequence=Consequence.ESCALATE, reason=late, because=because)
    reason = late if application.status is Status.GRANTED else _silence(application)
    return Missed(due_on=due_on, consequence=Consequence.ISSUE, reason=reason)


def _lacking(application: Application) -> tuple[str, ...]:
    """Return the missing documents without which no way leads to the issue: the law's term is for what is complete."""
    asked = dict.fromkeys(kind for step in application.workflow.steps for kind in step.documents)
    missing = application.missing(tuple(asked))
    if _can_do_without(application, missing):
        return ()
    return tuple(kind for kind in missing if not _can_do_without(application, (kind,))) or missing


def _can_do_without(application: Application, kinds: Collection[str]) -> bool:
    """Tell whether from each open step some way leads to the issue on which nobody asks for these documents."""
    steps = [step for step in application.workflow.steps if not set(step.documents).intersection(kinds)]
    leading: set[str] = set()
    while True:
        more = {
            step.id
            for step in steps
            for outcome in step.outcomes
            if outcome.effect is Effect.ISSUE or (outcome.next and leading.issuperset(outcome.next))
        }
        if more == leading:
            return all(run.step in leading for run in application.open)
        leading = more


def _silence(application: Application) -> Reason:
    workflow = application.workflow
    return Reason(
        code="silence_is_consent",
        indonesian=f"Tidak ada keputusan dalam {workflow.term_days} hari kerja; permohonan dianggap dikabulkan.",
        english=f"No decision came within {workflow.term_days} working days; the application is deemed granted.",
        basis=workflow.term_rule,
    )


def _late(application: Application) -> Reason:
    workflow = application.workflow
    return Reason(
        code="term_over",
        indonesian=f"Jangka waktu {workflow.term_days} hari kerja terlampaui.",
        english=f"The term of {workflow.term_days} working days is over.",
        basis=workflow.term_rule,
    )


def barring(
    application: Application, days: WorkingDays, now: datetime, bars: Collection[Consequence] = FINAL
) -> Missed | None:
    """Return the deadline that is over and lets nobody go on until its consequence is enforced, if there is one."""
    over = missed(application, days, now)
    return over if over is not None and over.consequence in bars else None


def allowed(application: Application, days: WorkingDays, now: datetime) -> tuple[str, ...]:
    """Return what can be done with an application at an instant, such as `act on periksa`."""
    over, ways = missed(application, days, now), rules.allowed(application)
    if over is None:
        return ways
    if over.consequence in FINAL:
        return tuple(way for way in ways if way in ("attach", "withdraw"))
    return tuple(way for way in ways if way != "migrate")


def check_enforced(
    application: Application, days: WorkingDays, now: datetime, bars: Collection[Consequence] = FINAL
) -> None:
    """Refuse to go on with an application from which something still has to follow for a deadline is over.

    Raises:
        TransitionError: one of the consequences in `bars` has to follow first.
    """
    over = barring(application, days, now, bars)
    if over is None:
        return
    raise TransitionError(
        f"application {application.id}",
        "go on",
        application.status.value,
        allowed(application, days, now),
        f"{over.reason.english} The last day was {over.due_on.isoformat()}; run enforce_deadlines first",
    )


def check_moved(application: Application, days: WorkingDays, now: datetime) -> None:
    """Refuse a move by which an application would be granted by silence, or lapse, for days that were over before it.

    Args:
        application: how it would stand.
        days: counts the working days.
        now: the instant of the move.

    Raises:
        RefusedError: it would.
    """
    over = barring(application, days, now)
    if over is None:
        return
    version, (on, on_english) = application.workflow.version, day(over.due_on)
    raise RefusedError(
        Decision.refused(
            Reason(
                code="over_there",
                indonesian=f"Menurut versi {version} jangka waktunya sudah berakhir pada {on}.",
                english=f"In version {version} its time was over on {on_english} already.",
            )
        )
    )


def enforce(application: Application, days: WorkingDays, now: datetime, number: str | None) -> Plan:
    """Return what time does to an application by an instant; nothing where nothing is left to do.

    Args:
        application: the application.
        days: counts the working days.
        now: the instant.
        number: the permit's number, where the law issues it; without one that waits for the next run.
    """
    over = missed(application, days, now)
    if over is None:
        return Plan(events=())
    if over.consequence is Consequence.LAPSE:
        return releasing(application, ReleaseCause.LAPSED, e.Lapsed(due_on=over.due_on, reason=over.reason))
    if over.consequence is Consequence.ESCALATE:
        return Plan(events=(escalated(application, over.due_on, over.because),))
    if number is None:
        return Plan(events=())
    today = now.astimezone(days.zone).date()
    months = application.workflow.validity_months
    issued = e.Issued(
        number=number,
        valid_from=today,
        valid_until=None if months is None else months_after(today, months),
    )
    if application.status is Status.GRANTED:  # decided in time, and not issued
        return committing(application, None, issued)
    return committing(application, None, e.DeemedGranted(due_on=over.due_on, reason=over.reason), issued)


def escalated(application: Application, due_on: date, because: tuple[Reason, ...] = ()) -> e.Escalated:
    """Return the event that tells whoever must know; `because` says why silence was no consent."""
    return e.Escalated(due_on=due_on, to=application.workflow.escalates_to, because=because)
