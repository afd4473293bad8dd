"""What time does to an application by itself: it lapses, is escalated, or is deemed granted.

Nothing happens at the deadline itself: it happens when somebody next enforces the deadlines, with the date that was
missed recorded. Whoever enforces them again, on whatever machine, finds nothing left to do.
"""

from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from mppkit.calendars import WorkingDays
from mppkit.decisions import Reason
from mppkit.permits import events as e
from mppkit.permits.capacity import ReleaseCause
from mppkit.permits.claiming import Plan, committing, releasing
from mppkit.permits.model import Application, Status
from mppkit.permits.policies import months_after
from mppkit.permits.timing import is_lapsed, permit_over, run_term
from mppkit.permits.workflow import Overdue

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
    """

    due_on: date
    consequence: Consequence
    reason: Reason


def missed(application: Application, days: WorkingDays, now: datetime) -> Missed | None:
    """Return the deadline that is over by an instant and from which something still has to follow, if there is one."""
    over_on = permit_over(application, days.zone, now)
    if over_on is not None:
        return Missed(due_on=over_on, consequence=Consequence.LAPSE, reason=PERMIT_OVER)
    over_on = is_lapsed(application, days, now)
    if over_on is not None:
        return Missed(due_on=over_on, consequence=Consequence.LAPSE, reason=NOT_CORRECTED)
    term = run_term(application, days, now)
    if not application.is_running or term is None or term.stands_still or not term.is_late:
        return None
    if term.due_on in application.escalated_for:
        return None
    deemed = application.workflow.overdue is Overdue.DEEMED_GRANTED
    return Missed(
        due_on=term.due_on,
        consequence=Consequence.ISSUE if deemed else Consequence.ESCALATE,
        reason=_silence(application) if deemed else _late(application),
    )


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
        return Plan(events=(escalated(application, over.due_on),))
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
