"""What may happen to an application next: pure functions from where it stands to events, or a refusal.

They know no clock, no store and no chance. What the zone has to say is joined in `claiming`; what time does by itself
is `deadlines`.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from attrs import frozen

from mppkit.decisions import Decision, Reason
from mppkit.directory import Officer
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.identity.recordable import checked_date, checked_id, checked_person, checked_text
from mppkit.permits import events as e
from mppkit.permits.capacity import Override, ReleaseCause, Use, checked_uses
from mppkit.permits.claiming import Claiming, Plan, committing, releasing
from mppkit.permits.model import Activity, Application, Document, Investment, Status, StepRun
from mppkit.permits.ways import GRANTS
from mppkit.permits.workflow import Effect, Step, StepKind, StepOutcome, Workflow

_NOTE_AT_MOST = 500
_MOST_ITEMS = 50
_MOST_DOCUMENTS = 200
_ENDED = (Status.REFUSED, Status.WITHDRAWN, Status.LAPSED, Status.REVOKED)


# --- looking ---------------------------------------------------------------------------------------------------------


def known(application: Application | None, key: str) -> Application:
    """Return an application that is there.

    Raises:
        NotFoundError: it is not.
    """
    if application is None:
        raise NotFoundError("application", key, remedy="draft it first")
    return application


def may_act(step: Step, officer: Officer) -> Decision:
    """Tell whether an officer may take a step."""
    reasons = []
    if step.role not in officer.roles:
        reasons.append(
            Reason(
                code="role_missing",
                indonesian=f"Petugas {officer.id} tidak berperan sebagai {step.role}.",
                english=f"Officer {officer.id} does not have the role {step.role}.",
            )
        )
    if step.agency is not None and officer.agency != step.agency:
        reasons.append(
            Reason(
                code="agency_other",
                indonesian=f"Tahap ini wewenang {step.agency}; petugas {officer.id} dari {officer.agency}.",
                english=f"This step is for {step.agency}; officer {officer.id} is of {officer.agency}.",
            )
        )
    return Decision.refused(*reasons) if reasons else Decision.granted()


def _check_may_change_permit(application: Application, officer: Officer) -> None:
    """Refuse an officer who may not change a permit: whoever may take a deciding step of its workflow may."""
    deciding = [step for step in application.workflow.steps if step.kind is StepKind.DECIDE]
    answers = [may_act(step, officer) for step in deciding]
    if not any(answer.is_granted for answer in answers):
        _refuse(answers[0])


def _refuse(decision: Decision) -> None:
    if not decision.is_granted:
        raise RefusedError(decision)


def _check_status(application: Application, step: str, *statuses: Status, hint: str = "") -> None:
    if application.status not in statuses:
        raise TransitionError(
            f"application {application.id}", step, application.status.value, allowed(application), hint
        )


def allowed(application: Application) -> tuple[str, ...]:
    """Return what can be done with an application as it stands, such as `act on periksa`; knows no time."""
    match application.status:
        case Status.DRAFT:
            return ("attach", "submit", "withdraw")
        case Status.RETURNED:
            return ("attach", "resubmit", "withdraw", "migrate", *_returning(application))
        case Status.IN_PROCESS | Status.GRANTED:
            return ("attach", "withdraw", "migrate", *_acting(application))
        case Status.ISSUED:
            has_last_day = application.permit is not None and application.permit.valid_until is not None
            return ("attach", "amend", *(("renew",) if has_last_day else ()), "suspend", "revoke")
        case Status.SUSPENDED:
            return ("attach", "reinstate", "revoke")
        case _:
            return ()


def _acting(application: Application) -> Iterator[str]:
    for step in _open_steps(application):
        yield f"{'issue by' if step.kind is StepKind.ISSUE else 'act on'} {step.id}"


def _returning(application: Application) -> Iterator[str]:
    for step in _open_steps(application):
        if any(outcome.effect is Effect.RETURN for outcome in step.outcomes):
            yield f"return from {step.id}"


def _open_steps(application: Application) -> tuple[Step, ...]:
    return tuple(application.workflow.step(run.step) for run in application.open)


# --- what the applicant does -----------------------------------------------------------------------------------------


def draft(
    application: Application | None,
    *,
    service: str,
    applicant: str,
    workflow: Workflow,
    activity: Activity | None,
    investment: Investment | None,
    zone: str | None,
    uses: Sequence[Use],
) -> Plan:
    """Begin an application; nothing happens if it is there already."""
    if application is not None:
        return Plan(events=())
    _check_activity(activity)
    _check_investment(investment)
    if isinstance(uses, str) or not isinstance(uses, Sequence):
        raise InvalidValueError("uses", uses, "give a list of Uses")
    if uses and zone is None:
        raise InvalidValueError("zone", None, "name the zone whose resources it would use")
    if zone is not None:
        checked_id(zone, "zone")
    begun = e.Drafted(
        service=service,
        applicant=checked_person(applicant, "applicant"),
        workflow=workflow,
        activity=activity,
        investment=investment,
        zone=zone,
        uses=checked_uses(uses) if uses else (),
    )
    return Plan(events=(begun,))


def attach(application: Application, document: Document) -> Plan:
    """Attach a document, or put it in the place of the one of its kind."""
    if application.status in _ENDED:
        _check_status(application, "attach a document", Status.IN_PROCESS)
    if not isinstance(document, Document):
        raise InvalidValueError("document", document, "give a Document")
    if application.document(document.kind) == document:
        return Plan(events=())
    if len(application.documents) >= _MOST_DOCUMENTS and application.document(document.kind) is None:
        raise InvalidValueError("documents", len(application.documents), f"attach {_MOST_DOCUMENTS} kinds at most")
    attached = e.DocumentAttached(
        kind=document.kind,
        digest=document.digest,
        media_type=document.media_type,
        size=document.size,
        place=document.place,
    )
    return Plan(events=(attached,))


def submit(application: Application) -> Plan:
    """Submit an application; the documents that its workflow asks for must be there."""
    _check_status(application, "submit", Status.DRAFT)
    _check_documents(application, application.workflow.documents)
    return Plan(events=(e.Submitted(),))


def resubmit(application: Application, *, investment: Investment | None, uses: Sequence[Use] | None) -> Plan:
    """Bring back an application that was returned; a changed use of a zone's share is asked for anew."""
    _check_status(application, "resubmit", Status.RETURNED)
    _check_investment(investment)
    wanted = _changed_uses(application, uses)
    event = e.Resubmitted(investment=investment, uses=wanted)
    if wanted is not None and application.holds_capacity:
        return Plan(events=(event,), claiming=Claiming.ADJUST, uses=wanted)
    return Plan(events=(event,))


def withdraw(application: Application, why: str) -> Plan:
    """Withdraw an application that has come to no end, or was never submitted."""
    going = (Status.DRAFT, Status.IN_PROCESS, Status.RETURNED, Status.GRANTED)
    _check_status(application, "withdraw", *going)
    event = e.Withdrawn(why=checked_text(why, "why", _NOTE_AT_MOST, may_be_empty=True))
    return releasing(application, ReleaseCause.WITHDRAWN, event)


def _check_activity(activity: Activity | None) -> None:
    if activity is not None and not isinstance(activity, Activity):
        raise InvalidValueError("activity", activity, "give an Activity")


def _check_investment(investment: Investment | None) -> None:
    if investment is not None and not isinstance(investment, Investment):
        raise InvalidValueError("investment", investment, "give an Investment")


def _changed_uses(application: Application, uses: Sequence[Use] | None) -> tuple[Use, ...] | None:
    if uses is None:
        return None
    if application.zone is None:
        raise InvalidValueError("uses", uses, "this application names no zone")
    wanted = checked_uses(uses)
    return wanted if wanted != application.uses else None


def _check_documents(application: Application, kinds: tuple[str, ...]) -> None:
    missing = application.missing(kinds)
    if missing:
        raise RefusedError(Decision.needs_first(*missing_documents(missing)))


def missing_documents(kinds: Sequence[str]) -> tuple[Reason, ...]:
    """Return a reason for each kind of document that is not there."""
    return tuple(
        Reason(
            code="document_missing",
            indonesian=f"Dokumen {kind} belum ada.",
            english=f"The document {kind} is not there.",
        )
        for kind in kinds
    )


# --- what the officers do --------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Act:
    """How an officer ends a step.

    Attributes:
        outcome: the id of an outcome of the step.
        note: what the officer has to say; no names.
        items: what is to be corrected, where it is returned; at least one there.
        reasons: codes of the workflow's reasons, where it is refused; at least one there.
        conditions: what must be kept to, where it is granted with conditions; at least one there.
        override: why it goes forward beyond what the zone can carry, where the policy lets it.
    """

    step: str
    outcome: str
    note: str = ""
    items: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    override: str | None = None


def act(application: Application, done: Act, officer: Officer, late_since: date | None = None) -> Plan:
    """End a step with an outcome; an issuing step is ended by `issue`.

    Args:
        application: how it stands.
        done: how the step ends; what is said twice counts once.
        officer: who acts.
        late_since: when the whole run was due, if that is over.
    """
    step, outcome = _open_step(application, done.step, done.outcome, officer)
    if outcome.effect is Effect.ISSUE:
        raise TransitionError(f"step {step.id}", "act", "an issuing step", ("issue",), "it needs a permit number")
    _check_texts(done, outcome)
    note = checked_text(done.note, "note", _NOTE_AT_MOST, may_be_empty=True)
    asks = _asks(application, step, outcome)
    override = _override(done.override, officer, asks=asks)
    if outcome.effect is Effect.RETURN:
        returned = e.Returned(
            step=step.id, outcome=outcome.id, officer=officer.id, items=_once(done.items), late_since=late_since
        )
        return Plan(events=(returned,))
    if application.status is Status.RETURNED:
        _check_status(application, f"act on {step.id}", Status.IN_PROCESS, hint="wait until it is resubmitted")
    if outcome.effect is Effect.REFUSE:
        reasons = tuple(application.workflow.reason(code) for code in _once(done.reasons))
        judged = e.Decided(step=step.id, outcome=outcome.id, officer=officer.id, reasons=reasons, note=note)
        return releasing(application, ReleaseCause.REFUSED, judged)
    _check_documents(application, step.documents)
    if outcome.effect is Effect.FORWARD:
        event: e.PermitEvent = e.StepDone(step=step.id, outcome=outcome.id, officer=officer.id, note=note)
    else:
        conditions = _once(done.conditions)
        event = e.Decided(step=step.id, outcome=outcome.id, officer=officer.id, conditions=conditions, note=note)
    if not asks:
        return Plan(events=(event,))
    return Plan(
        events=(event,), claiming=Claiming.RESERVE, uses=application.uses, officer=officer.id, override=override
    )


def _asks(application: Application, step: Step, outcome: StepOutcome) -> bool:
    """Tell whether an outcome asks the zone for a share: where its step says so, and a grant in any case."""
    if not application.uses or application.holds_capacity or outcome.effect in (Effect.RETURN, Effect.REFUSE):
        return False
    return (step.reserves and outcome.reserves) or outcome.effect is not Effect.FORWARD


def _override(why: str | None, officer: Officer, *, asks: bool) -> Override | None:
    if why is None:
        return None
    if not asks:
        raise InvalidValueError("override", why, "leave it out; nothing is asked of a zone here")
    return Override(officer=officer.id, why=checked_text(why, "override", _NOTE_AT_MOST))


def issue(
    application: Application,
    step_id: str,
    outcome_id: str,
    officer: Officer,
    *,
    number: str,
    on: date,
    until: date | None,
) -> Plan:
    """Issue the permit: what was reserved of the zone is used from now on."""
    step, outcome = _open_step(application, step_id, outcome_id, officer)
    if outcome.effect is not Effect.ISSUE:
        raise TransitionError(f"step {step.id}", "issue", f"a step to {step.kind.value}", ("act",))
    _check_status(application, "issue", Status.GRANTED)
    _check_documents(application, step.documents)
    issued = e.Issued(
        number=number, valid_from=on, valid_until=until, step=step.id, outcome=outcome.id, officer=officer.id
    )
    return committing(application, officer.id, issued)


def migrate(application: Application, workflow: Workflow, officer: Officer, why: str) -> Plan:
    """Move a running application to another version of its workflow, where its open steps still exist."""
    _check_status(application, "migrate", Status.IN_PROCESS, Status.RETURNED, Status.GRANTED)
    _check_may_change_permit(application, officer)
    if workflow.id != application.workflow.id:
        raise InvalidValueError("workflow", workflow.id, f"give a version of {application.workflow.id}")
    if workflow == application.workflow:
        return Plan(events=())
    if application.joins:
        waiting = ", ".join(each.step for each in application.joins)
        _refuse(
            Decision.needs_first(
                Reason(
                    code="branches_out",
                    indonesian=f"Tahap paralel belum selesai: {waiting} masih menunggu.",
                    english=f"Parallel steps are still out: {waiting} waits for them.",
                )
            )
        )
    gone = [run.step for run in application.open if not _same_step(run, application.workflow, workflow)]
    if gone:
        _refuse(
            Decision.refused(
                *(
                    Reason(
                        code="step_gone",
                        indonesian=f"Tahap {step} tidak ada lagi dalam versi {workflow.version}.",
                        english=f"The step {step} does not exist any more in version {workflow.version}.",
                    )
                    for step in gone
                )
            )
        )
    elsewhere = [run.step for run in application.open if not _same_place(application, run.step, workflow)]
    if elsewhere:
        _refuse(
            Decision.refused(
                *(
                    Reason(
                        code="step_elsewhere",
                        indonesian=f"Tahap {step} berada di bagian lain dari alur dalam versi {workflow.version}.",
                        english=f"The step {step} stands in another part of the run in version {workflow.version}.",
                    )
                    for step in elsewhere
                )
            )
        )
    return Plan(events=(e.Migrated(workflow=workflow, officer=officer.id, why=_why(why)),))


def _same_step(run: StepRun, before: Workflow, after: Workflow) -> bool:
    return after.has_step(run.step) and after.step(run.step).kind is before.step(run.step).kind


def _same_place(application: Application, step_id: str, after: Workflow) -> bool:
    """Tell whether a run can go on from a step: else it would skip parallel branches, or the grant, or be stuck."""
    outcomes = [outcome for step in after.steps for outcome in step.outcomes]
    granted = _led_to(after, [target for outcome in outcomes if outcome.effect in GRANTS for target in outcome.next])
    branches = [_led_to(after, outcome.next, but=outcome.join) for outcome in outcomes if outcome.join is not None]
    was_granted = application.status is Status.GRANTED
    return (step_id in granted) is was_granted and not any(step_id in branch for branch in branches)


def _led_to(workflow: Workflow, starts: Sequence[str], but: str | None = None) -> set[str]:
    """Return some steps and all that they lead to, without one and what comes after it."""
    seen: set[str] = set()
    ahead = list(starts)
    while ahead:
        step_id = ahead.pop()
        if step_id != but and step_id not in seen:
            seen.add(step_id)
            ahead += [target for outcome in workflow.step(step_id).outcomes for target in outcome.next]
    return seen


def _open_step(application: Application, step_id: str, outcome_id: str, officer: Officer) -> tuple[Step, StepOutcome]:
    step = application.workflow.step(step_id)
    if all(run.step != step_id for run in application.open):
        raise TransitionError(
            f"application {application.id}", f"act on {step_id}", application.status.value, allowed(application)
        )
    _refuse(may_act(step, officer))
    return step, step.outcome(outcome_id)


def _check_texts(done: Act, outcome: StepOutcome) -> None:
    """Refuse what an outcome needs and has not, or has and does not need."""
    wanted = {
        "items": outcome.effect is Effect.RETURN,
        "reasons": outcome.effect is Effect.REFUSE,
        "conditions": outcome.effect is Effect.GRANT_WITH_CONDITIONS,
    }
    for place, is_wanted in wanted.items():
        given = getattr(done, place)
        if len(given) > _MOST_ITEMS:
            raise InvalidValueError(place, given, f"give a list of up to {_MOST_ITEMS}")
        if is_wanted and not given:
            raise InvalidValueError(
                place, given, f"the outcome {outcome.id} ({outcome.effect.value}) needs at least one"
            )
        if given and not is_wanted:
            raise InvalidValueError(place, given, f"leave it out; the outcome {outcome.id} is {outcome.effect.value}")
        if place != "reasons":
            for index, text in enumerate(given):
                checked_text(text, f"{place}[{index}]", _NOTE_AT_MOST)
    for code in done.reasons:
        if code not in outcome.reasons:
            raise NotFoundError("reason", code, outcome.reasons, f"{outcome.id} has {', '.join(outcome.reasons)}")


def _once(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _why(why: str) -> str:
    return checked_text(why, "why", _NOTE_AT_MOST)


# --- what becomes of a permit ----------------------------------------------------------------------------------------


def amend(
    application: Application,
    officer: Officer,
    *,
    why: str,
    investment: Investment | None,
    uses: Sequence[Use] | None,
    conditions: Sequence[str] | None,
    override: str | None,
) -> Plan:
    """Change what a permit says; a greater use of the zone is asked for, a smaller one given back."""
    _check_status(application, "amend", Status.ISSUED)
    _check_may_change_permit(application, officer)
    _check_investment(investment)
    wanted = _changed_uses(application, uses)
    given = _override(override, officer, asks=wanted is not None)
    if conditions is not None and (isinstance(conditions, str) or not isinstance(conditions, Sequence)):
        raise InvalidValueError("conditions", conditions, "give a list of conditions")
    for index, text in enumerate(conditions or ()):
        checked_text(text, f"conditions[{index}]", _NOTE_AT_MOST)
    wished = None if conditions is None else _once(conditions)
    changed = wished if wished != application.conditions else None
    if investment == application.investment:
        investment = None
    if investment is None and wanted is None and changed is None:
        raise InvalidValueError("amend", None, "say what is to change: investment, uses or conditions")
    event = e.Amended(officer=officer.id, why=_why(why), investment=investment, uses=wanted, conditions=changed)
    if wanted is None:
        return Plan(events=(event,))
    claiming = Claiming.ADJUST if application.holds_capacity else Claiming.RESERVE_AND_COMMIT
    return Plan(events=(event,), claiming=claiming, uses=wanted, officer=officer.id, override=given)


def renew(application: Application, officer: Officer, *, until: date | None) -> Plan:
    """Prolong a permit."""
    _check_status(application, "renew", Status.ISSUED)
    _check_may_change_permit(application, officer)
    permit = application.permit
    if permit is None or permit.valid_until is None:
        raise InvalidValueError("valid_until", until, "this permit has no last day; there is nothing to renew")
    if until is not None and checked_date(until, "valid_until") <= permit.valid_until:
        raise InvalidValueError("valid_until", until.isoformat(), f"give a date after {permit.valid_until.isoformat()}")
    return Plan(events=(e.Renewed(officer=officer.id, valid_until=until),))


def suspend(application: Application, officer: Officer, why: str) -> Plan:
    """Take a permit out of force for a time; it keeps its share of the zone."""
    _check_status(application, "suspend", Status.ISSUED)
    _check_may_change_permit(application, officer)
    return Plan(events=(e.Suspended(officer=officer.id, why=_why(why)),))


def reinstate(application: Application, officer: Officer, why: str) -> Plan:
    """Put a suspended permit in force again."""
    _check_status(application, "reinstate", Status.SUSPENDED)
    _check_may_change_permit(application, officer)
    return Plan(events=(e.Reinstated(officer=officer.id, why=_why(why)),))


def revoke(application: Application, officer: Officer, why: str) -> Plan:
    """Take a permit away; its share of the zone is free again."""
    _check_status(application, "revoke", Status.ISSUED, Status.SUSPENDED)
    _check_may_change_permit(application, officer)
    event = e.Revoked(officer=officer.id, why=_why(why))
    return releasing(application, ReleaseCause.REVOKED, event)
