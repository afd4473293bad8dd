"""One application's story: what happened and why, under which article, and how many days of whose time it took.

Pure: from what happened and the calendar. How each event is told is `telling`.
"""

from collections.abc import Sequence
from datetime import date, datetime

from attrs import frozen

from mppkit.bilingual import day
from mppkit.calendars import WorkingDays
from mppkit.decisions import LegalBasis
from mppkit.permits.application import folded
from mppkit.permits.deadlines import FINAL, Missed, allowed, missed
from mppkit.permits.events import PermitEvent
from mppkit.permits.model import Application, Status
from mppkit.permits.telling import Moment, told
from mppkit.permits.timing import Spent, Term, Whose, run_term, spent
from mppkit.permits.wording import Words, reasons, steps, working_days

_STANDS = {
    Status.DRAFT: Words("Permohonan belum diajukan.", "The application has not been submitted."),
    Status.IN_PROCESS: Words("Permohonan sedang diproses.", "The application is in process."),
    Status.RETURNED: Words(
        "Permohonan ada pada pemohon untuk diperbaiki.", "The application lies with the applicant to be corrected."
    ),
    Status.GRANTED: Words("Permohonan dikabulkan; izin belum terbit.", "It is granted; the permit is not issued yet."),
    Status.ISSUED: Words("Izin berlaku.", "The permit holds."),
    Status.SUSPENDED: Words("Izin dibekukan sementara.", "The permit is suspended."),
    Status.REFUSED: Words("Permohonan ditolak.", "The application was refused."),
    Status.WITHDRAWN: Words("Permohonan ditarik kembali.", "The application was withdrawn."),
    Status.LAPSED: Words("Permohonan gugur.", "The application lapsed."),
    Status.REVOKED: Words("Izin dicabut.", "The permit was revoked."),
}
_EXPIRED = Words("Izin sudah berakhir.", "The permit has ended.")


@frozen(kw_only=True)
class Line:
    """One thing that happened.

    Attributes:
        on: the local date of `at`.
        indonesian, english: what happened and why.
        basis: the rule behind it, where there is one.
        whose: whose time passed since the line before; None before the submission and after the run's end.
        working_days: how many working days of that time passed.
    """

    at: datetime
    on: date
    indonesian: str
    english: str
    basis: LegalBasis | None
    whose: Whose | None
    working_days: int


@frozen(kw_only=True)
class Explanation:
    """What happened to an application, in order, and what that comes to (*penjelasan*).

    Attributes:
        at: the instant as of which it is told.
        lines: one for each thing that happened.
        spent: whose time the run took, day by day; for one that still runs, up to `at`.
        term: how the time of the whole run stands, with the rule that sets it; None before it was submitted.
        allowed: what can be done with it then, such as `act on periksa`.
        indonesian, english: where it stands, whose time it took, and whether that is in time.
    """

    application: str
    status: Status
    at: datetime
    lines: tuple[Line, ...]
    spent: Spent
    term: Term | None
    allowed: tuple[str, ...]
    indonesian: str
    english: str


def explain(
    happened: Sequence[tuple[datetime, PermitEvent]], application: Application, days: WorkingDays, now: datetime
) -> Explanation:
    """Tell what happened to an application.

    Args:
        happened: all that happened to it, in order.
        application: how it stands after that.
        days: counts the working days, and says where midnight lies.
        now: the instant as of which it is told.

    Raises:
        InvalidValueError: the holidays of a year on the way are not known.
    """
    lines = []
    before, since = None, None
    for at, event in happened:
        after = folded(application.id, before, event, at)
        words = told(event, Moment(before, after, at, days))
        on = at.astimezone(days.zone).date()
        whose = _whose(before)
        lines.append(
            Line(
                at=at,
                on=on,
                indonesian=words.indonesian,
                english=words.english,
                basis=words.basis,
                whose=whose,
                working_days=days.count(since, on) if whose is not None and since is not None else 0,
            )
        )
        before, since = after, on
    term, time = run_term(application, days, now), spent(application, days, now)
    total = _total(application, term, time, missed(application, days, now))
    return Explanation(
        application=application.id,
        status=application.status,
        at=now,
        lines=tuple(lines),
        spent=time,
        term=term,
        allowed=allowed(application, days, now),
        indonesian=total.indonesian,
        english=total.english,
    )


def _whose(before: Application | None) -> Whose | None:
    """Return whose time it was while an application stood so."""
    if before is None or not before.is_running:
        return None
    return Whose.APPLICANT if before.status is Status.RETURNED else Whose.OFFICE


def _total(application: Application, term: Term | None, time: Spent, over: Missed | None) -> Words:
    has_ended = application.status is Status.LAPSED or over is not None
    words = _EXPIRED if application.permit is not None and has_ended else _STANDS[application.status]
    if application.is_running and over is not None and over.consequence in FINAL:
        words += reasons((over.reason,))  # whether or not somebody has enforced it yet
    if application.is_running:
        names, english = steps(application, [run.step for run in application.open])
        words += Words(f"Tahap yang terbuka: {names}.", f"Open steps: {english}.")
    if term is None:
        return words
    office, office_english = working_days(time.office_days)
    applicant, applicant_english = working_days(time.applicant_days)
    words += Words(
        f"Waktu kantor {office}, waktu pemohon {applicant}.",
        f"It took {office_english} of the office and {applicant_english} of the applicant.",
    )
    return words + _in_time(application, term) + reasons(term.warnings)


def _in_time(application: Application, term: Term) -> Words:
    on, on_english = day(term.due_on)
    may_take, may_take_english = working_days(term.working_days)
    used = Words(
        f"Jangka waktu: terpakai {term.used} dari {may_take},",
        f"Of the term {term.used} of {may_take_english} are used,",
    )
    late, late_english = ("terlambat", "late") if term.is_late else ("tidak terlambat", "not late")
    if term.stands_still:
        return used + Words(
            f"kini berhenti; jatuh tempo {on} bila berjalan lagi hari ini: {late}.",
            f"and it stands still; it would be due by {on_english} if it ran on today: {late_english}.",
        )
    return used + Words(f"jatuh tempo {on}: {late}.", f"due by {on_english}: {late_english}.")
