"""What happened to an application, each event in a sentence or two: plain Indonesian, and English beside it.

Names no person: the applicant is the applicant, and an officer an id. What officers wrote stands as they wrote it. How
events become a story, with whose time it took, is `explaining`.
"""

from datetime import date, datetime
from functools import singledispatch

from attrs import frozen

from mppkit.bilingual import day
from mppkit.calendars import WorkingDays
from mppkit.decisions import LegalBasis, Outcome
from mppkit.permits import events as e
from mppkit.permits.capacity_policies import HAS_ROOM, PASSED
from mppkit.permits.model import Activity, Application, Status
from mppkit.permits.risk_levels import LICENSING, Scale
from mppkit.permits.timing import done_terms, due_on
from mppkit.permits.wording import NOTHING, Words, by_officer, changes, quoted, reasons, steps, working_days
from mppkit.permits.workflow import CountsFrom, Effect

_EFFECTS = {
    Effect.FORWARD: ("diteruskan", "passed on"),
    Effect.RETURN: ("dikembalikan", "sent back"),
    Effect.GRANT: ("dikabulkan", "granted"),
    Effect.GRANT_WITH_CONDITIONS: ("dikabulkan dengan syarat", "granted with conditions"),
    Effect.REFUSE: ("ditolak", "refused"),
    Effect.ISSUE: ("diterbitkan", "issued"),
}
_ADVICE = {
    Outcome.GRANTED: ("permohonan boleh diteruskan", "the application may go on"),
    Outcome.REFUSED: (
        "tidak mencukupi; permohonan tetap pada tahapnya",
        "it is not enough; the application stays where it is",
    ),
    Outcome.NEEDS_FIRST: (
        "belum mencukupi untuk yang diminta; permohonan tetap pada tahapnya",
        "it is not enough for what is asked; the application stays where it is",
    ),
}
_LEVELS = {level.value: (what.name, what.name_english) for level, what in LICENSING.items()}
_SCALES_ENGLISH = {scale.value: scale.english for scale in Scale}


@frozen
class Moment:
    """How the application stood before and after an event; `before` is None where it was begun."""

    before: Application | None
    after: Application
    at: datetime
    days: WorkingDays


# --- the term --------------------------------------------------------------------------------------------------------


def _due(moment: Moment, indonesian: str, english: str) -> Words:
    """Return when the run is due as it stands, after a beginning; nothing where its clock does not run."""
    due = due_on(moment.after, moment.days, moment.at)
    if due is None:
        return NOTHING
    on, on_english = day(due)
    over, over_english = "", ""
    if due < moment.at.astimezone(moment.days.zone).date():  # late before it was sent back, or by the term it moved to
        over, over_english = ", yang sudah lewat", ", which is over"
    return Words(f"{indonesian} paling lambat {on}{over}.", f"{english} due by {on_english}{over_english}.")


def _whole_term(moment: Moment) -> Words:
    """Return how long the run may take, under which rule, and when it is due."""
    workflow = moment.after.workflow
    may_take, may_take_english = working_days(workflow.term_days)
    rule = workflow.term_rule
    if rule is None:
        under, under_english = f"menurut alur {workflow.name}", f"by the workflow {workflow.name_english}"
    else:
        under, under_english = f"menurut {rule.cite()}", f"under {rule.cite()}"
    if workflow.working_days is None:
        under += ", karena tidak ada aturan lain yang menetapkannya"
        under_english += ", for no other rule sets a term"
    words = Words(f"Jangka waktunya {may_take} {under}.", f"It may take {may_take_english} {under_english}.", rule)
    return words + _due(moment, "Selesai", "It is")


def _step_took(moment: Moment, step: str) -> Words:
    """Return how many of its days a step took that has just ended."""
    term = next((each for each in reversed(done_terms(moment.after, moment.days)) if each.step == step), None)
    if term is None:
        return NOTHING
    may_take, may_take_english = working_days(term.working_days)
    late, late_english = (", terlambat", ", late") if term.is_late else ("", "")
    return Words(
        f"Tahap ini memakai {term.used} dari {may_take}{late}.",
        f"This step took {term.used} of {may_take_english}{late_english}.",
    )


def _next(moment: Moment) -> Words:
    """Return which steps begin now, and which one waits for parallel ones."""
    before = moment.before.open if moment.before else ()
    begun = [run.step for run in moment.after.open if run not in before]
    words = NOTHING
    if begun:
        names, english = steps(moment.after, begun)
        together, together_english = (" (serentak)", " (in parallel)") if len(begun) > 1 else ("", "")
        words += Words(f"Berikutnya: {names}{together}.", f"Next: {english}{together_english}.")
    elif moment.after.joins:
        names, english = steps(moment.after, [join.step for join in moment.after.joins])
        words += Words(f"{names} menunggu tahap lain yang serentak.", f"{english} waits for the other parallel steps.")
    return words


# --- what the applicant does -----------------------------------------------------------------------------------------


@singledispatch
def told(event: e.PermitEvent, moment: Moment) -> Words:
    """Return what happened in words.

    Args:
        event: what happened.
        moment: how the application stood before and after it.

    Raises:
        ValueError: this event has no words.
    """
    raise ValueError(f"no words for {event.event_name}")


@told.register
def _drafted(event: e.Drafted, moment: Moment) -> Words:
    workflow = event.workflow
    words = Words(
        f"Pemohon mulai menyusun permohonan untuk layanan {event.service} (alur {workflow.name}, versi "
        f"{workflow.version}).",
        f"The applicant began an application for the service {event.service} (workflow {workflow.name_english}, "
        f"version {workflow.version}).",
    )
    if event.activity is not None:
        words += _activity(event.activity)
    if event.zone is not None:
        words += Words(f"Lokasi: zona {event.zone}.", f"Place: zone {event.zone}.")
    return words + changes(event.investment, event.uses)


def _activity(activity: Activity) -> Words:
    """Return what business it is; its scale and level in words, where they are some that there are."""
    of, scale = f"KBLI {activity.edition} {activity.code}", activity.scale
    risk = risk_english = ""
    if activity.level is not None:
        level, level_english = _LEVELS.get(activity.level, (activity.level, activity.level))
        risk, risk_english = f", risiko {level}", f", {level_english} risk"
    return Words(
        f"Kegiatan: {of}, skala {scale}{risk}.",
        f"Activity: {of}, {_SCALES_ENGLISH.get(scale, scale)} scale{risk_english}.",
    )


@told.register
def _document_attached(event: e.DocumentAttached, moment: Moment) -> Words:
    if moment.before is not None and moment.before.document(event.kind) is not None:
        return Words(
            f"Dokumen {event.kind} diganti dengan yang baru.",
            f"The document {event.kind} was replaced by a new one.",
        )
    return Words(f"Dokumen {event.kind} dilampirkan.", f"The document {event.kind} was attached.")


@told.register
def _submitted(event: e.Submitted, moment: Moment) -> Words:
    return Words("Permohonan diajukan.", "The application was submitted.") + _next(moment) + _whole_term(moment)


@told.register
def _resubmitted(event: e.Resubmitted, moment: Moment) -> Words:
    words = Words("Pemohon menyampaikan perbaikan.", "The applicant brought what was to be corrected.")
    words += changes(event.investment, event.uses)
    app = moment.after
    if app.workflow.counts_from is CountsFrom.COMPLETE and app.complete_since == moment.at:
        return words + _due(
            moment,
            "Jangka waktu dihitung kembali sejak hari ini; selesai",
            "The term is counted anew from this day; it is",
        )
    return words + _due(moment, "Jangka waktu berjalan lagi; selesai", "The clock runs again; it is")


@told.register
def _withdrawn(event: e.Withdrawn, moment: Moment) -> Words:
    words = Words("Pemohon menarik kembali permohonannya.", "The applicant withdrew the application.")
    return words + quoted("Alasan", "Reason", event.why)


# --- what the officers do --------------------------------------------------------------------------------------------


@told.register
def _step_done(event: e.StepDone, moment: Moment) -> Words:
    step, english = steps(moment.after, [event.step])
    outcome, outcome_english = _outcome(moment, event.step, event.outcome)
    by, by_english = by_officer(event.officer)
    words = Words(f"{step}: {outcome}{by}.", f"{english}: {outcome_english}{by_english}.")
    return words + quoted("Catatan", "Note", event.note) + _step_took(moment, event.step) + _next(moment)


@told.register
def _returned(event: e.Returned, moment: Moment) -> Words:
    step, english = steps(moment.after, [event.step])
    by, by_english = by_officer(event.officer)
    items = "; ".join(event.items)
    words = Words(
        f"{step}: dikembalikan kepada pemohon{by}. Yang harus diperbaiki: {items}.",
        f"{english}: sent back to the applicant{by_english}. To be corrected: {items}.",
    )
    if moment.before is not None and moment.before.status is Status.RETURNED:
        return words
    words += Words(
        "Jangka waktu berhenti sampai perbaikan disampaikan.",
        "The clock stands still until it is brought back.",
    )
    allowed = moment.after.workflow.applicant_days
    if allowed is None:
        return words
    at_most, at_most_english = working_days(allowed)
    return words + Words(
        f"Tanpa perbaikan dalam {at_most} permohonan gugur.",
        f"Unless it comes back within {at_most_english} the application lapses.",
    )


@told.register
def _capacity_advised(event: e.CapacityAdvised, moment: Moment) -> Words:
    answer, english = _ADVICE[event.decision.outcome]
    by, by_english = by_officer(event.officer) if event.officer else ("", "")
    words = Words(
        f"Daya dukung zona {event.zone} ditimbang: {answer}{by}.",
        f"What zone {event.zone} can carry was weighed: {english}{by_english}.",
    )
    words += reasons((*event.decision.reasons, *event.decision.warnings))
    why = event.decision.reasons
    if why and all(each.code in (HAS_ROOM, PASSED) for each in why):
        return words  # nothing went beyond the limit, or the officer's reason stands there already
    return words + quoted(
        "Alasan petugas untuk melampaui batas",
        "The officer's reason to go beyond the limit",
        event.overridden_because or "",
    )


@told.register
def _decided(event: e.Decided, moment: Moment) -> Words:
    effect = moment.after.workflow.step(event.step).outcome(event.outcome).effect
    decision, english = _EFFECTS[effect]
    by, by_english = by_officer(event.officer)
    words = Words(f"Keputusan: {decision}{by}.", f"Decision: {english}{by_english}.")
    words += reasons(event.reasons)
    if event.conditions:
        conditions = "; ".join(event.conditions)
        words += Words(f"Syarat: {conditions}.", f"Conditions: {conditions}.")
    return words + quoted("Catatan", "Note", event.note) + _step_took(moment, event.step) + _next(moment)


@told.register
def _issued(event: e.Issued, moment: Moment) -> Words:
    from_on, from_on_english = day(event.valid_from)
    until, until_english = _valid_until(event.valid_until)
    words = Words(
        f"Izin {event.number} diterbitkan, berlaku mulai {from_on} {until}",
        f"The permit {event.number} was issued, valid from {from_on_english} {until_english}",
    )
    if event.officer is not None:
        by, by_english = by_officer(event.officer)
        words = Words(f"{words.indonesian}{by}.", f"{words.english}{by_english}.")
        return words if event.step is None else words + _step_took(moment, event.step)
    rule = moment.after.workflow.term_rule
    law = _in_brackets(rule)
    return Words(
        f"{words.indonesian}; terbit karena jangka waktu terlampaui{law}, tanpa tindakan petugas.",
        f"{words.english}; it came because the term was over{law}, without an officer's act.",
        rule,
    )


@told.register
def _migrated(event: e.Migrated, moment: Moment) -> Words:
    workflow = event.workflow
    by, by_english = by_officer(event.officer)
    words = Words(
        f"Permohonan dipindahkan ke alur {workflow.name} versi {workflow.version}{by}.",
        f"The application was moved to version {workflow.version} of the workflow {workflow.name_english}{by_english}.",
    )
    return words + quoted("Alasan", "Reason", event.why) + _whole_term(moment)


def _outcome(moment: Moment, step: str, outcome: str) -> tuple[str, str]:
    ended = moment.after.workflow.step(step).outcome(outcome)
    effect, effect_english = _EFFECTS[ended.effect]
    return ended.name or effect, ended.name_english or effect_english


def _in_brackets(rule: LegalBasis | None) -> str:
    return f" ({rule.cite()})" if rule else ""


def _valid_until(on: date | None) -> tuple[str, str]:
    if on is None:
        return "selama usaha berjalan", "for as long as the business lasts"
    indonesian, english = day(on)
    return f"sampai {indonesian}", f"to {english}"


# --- what time does --------------------------------------------------------------------------------------------------


@told.register
def _escalated(event: e.Escalated, moment: Moment) -> Words:
    on, on_english = day(event.due_on)
    to, to_english = (f"; {event.to} diberi tahu", f"; {event.to} was told") if event.to else ("", "")
    rule = moment.after.workflow.term_rule
    law = _in_brackets(rule)
    words = Words(
        f"Jangka waktu terlampaui{law}: seharusnya selesai {on}{to}.",
        f"The term is over{law}: it was due by {on_english}{to_english}.",
        rule,
    )
    if not event.because:
        return words
    return words + Words("Tidak dianggap dikabulkan:", "It is not deemed granted:") + reasons(event.because)


@told.register
def _deemed_granted(event: e.DeemedGranted, moment: Moment) -> Words:
    on, on_english = day(event.due_on)
    words = Words(
        f"Jangka waktu terlampaui tanpa keputusan: seharusnya selesai {on}.",
        f"The term is over without a decision: it was due by {on_english}.",
    )
    return words + reasons((event.reason,))


@told.register
def _lapsed(event: e.Lapsed, moment: Moment) -> Words:
    on, on_english = day(event.due_on)
    if moment.after.permit is not None:
        words = Words(f"Izin berakhir; hari terakhirnya {on}.", f"The permit ended; its last day was {on_english}.")
    else:
        words = Words(
            f"Permohonan gugur; hari terakhir untuk perbaikan {on}.",
            f"The application lapsed; the last day to correct it was {on_english}.",
        )
    return words + reasons((event.reason,))


# --- what becomes of a permit ----------------------------------------------------------------------------------------


@told.register
def _amended(event: e.Amended, moment: Moment) -> Words:
    words = _permit("diubah", "was changed", event.officer, event.why) + changes(event.investment, event.uses)
    if event.conditions is None:
        return words
    if not event.conditions:
        return words + Words("Syarat: tidak ada lagi.", "Conditions: none any more.")
    conditions = "; ".join(event.conditions)
    return words + Words(f"Syarat: {conditions}.", f"Conditions: {conditions}.")


@told.register
def _renewed(event: e.Renewed, moment: Moment) -> Words:
    until, until_english = _valid_until(event.valid_until)
    return _permit(f"diperpanjang {until}", f"was prolonged {until_english}", event.officer)


@told.register
def _suspended(event: e.Suspended, moment: Moment) -> Words:
    return _permit("dibekukan sementara", "was suspended", event.officer, event.why)


@told.register
def _reinstated(event: e.Reinstated, moment: Moment) -> Words:
    return _permit("diberlakukan kembali", "holds again", event.officer, event.why)


@told.register
def _revoked(event: e.Revoked, moment: Moment) -> Words:
    return _permit("dicabut", "was revoked", event.officer, event.why)


def _permit(indonesian: str, english: str, officer: str, why: str = "") -> Words:
    by, by_english = by_officer(officer)
    return Words(f"Izin {indonesian}{by}.", f"The permit {english}{by_english}.") + quoted("Alasan", "Reason", why)
