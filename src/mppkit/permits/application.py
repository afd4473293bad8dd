"""How the events of an application fold: the state of its one stream."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from attrs import Factory, define, evolve

from mppkit.aggregates import Kind
from mppkit.permits import events as e
from mppkit.permits.model import (
    Application,
    Document,
    Join,
    Judgement,
    Permit,
    Return,
    Status,
    StepRun,
)
from mppkit.permits.workflow import CountsFrom, Effect, StepKind, StepOutcome, Workflow
from mppkit.storage.port import LabelValue

CATEGORY = "permit"


@define
class Case:
    """One stream in memory: the application as it stands, None until it is drafted, and all that happened to it."""

    key: str
    application: Application | None = None
    happened: list[tuple[datetime, e.PermitEvent]] = Factory(list)


def apply(case: Case, event: e.PermitEvent, at: datetime) -> None:
    """Change the case by an event that happened at an instant."""
    case.application = folded(case.key, case.application, event, at)
    case.happened.append((at, event))


def folded(key: str, before: Application | None, event: e.PermitEvent, at: datetime) -> Application:
    """Return an application as it stands after an event."""
    if isinstance(event, e.Drafted):
        return Application(
            id=key,
            service=event.service,
            applicant=event.applicant,
            workflow=event.workflow,
            status=Status.DRAFT,
            drafted_at=at,
            activity=event.activity,
            investment=event.investment,
            zone=event.zone,
            uses=event.uses,
        )
    if before is None:
        raise ValueError(f"{event.event_name} before the application was drafted")
    if isinstance(event, _OF_THE_PERMIT):
        return _permit_changed(before, event, at)
    return _run_moved(before, event, at)


# --- the run ---------------------------------------------------------------------------------------------------------


def _run_moved(app: Application, event: e.PermitEvent, at: datetime) -> Application:
    match event:
        case e.DocumentAttached():
            document = Document(
                kind=event.kind,
                digest=event.digest,
                media_type=event.media_type,
                size=event.size,
                place=event.place,
            )
            others = tuple(each for each in app.documents if each.kind != event.kind)
            return evolve(app, documents=(*others, document))
        case e.Submitted():
            begun = _begun(app.workflow, app.workflow.start, at)
            return evolve(app, status=Status.IN_PROCESS, submitted_at=at, complete_since=at, open=(begun,))
        case e.StepDone():
            outcome = app.workflow.step(event.step).outcome(event.outcome)
            return _gone_on(app, event.step, outcome, event.officer, at, note=event.note)
        case e.Returned():
            return _returned(app, event, at)
        case e.Resubmitted():
            return _resubmitted(app, event, at)
        case e.CapacityAdvised():
            return evolve(
                app,
                capacity=event.decision,
                holds_capacity=app.holds_capacity or event.decision.is_granted,
                uses=event.uses if event.decision.is_granted else app.uses,
            )
        case e.Decided():
            return _decided(app, event, at)
        case e.DeemedGranted():
            judgement = Judgement(effect=Effect.GRANT, at=at, reasons=(event.reason,), deemed=True)
            return evolve(app, status=Status.GRANTED, judgement=judgement)
        case e.Issued():
            return _issued(app, event, at)
        case e.Escalated():
            return evolve(app, escalated_for=(*app.escalated_for, event.due_on))
        case e.Migrated():
            return evolve(app, workflow=event.workflow, open=tuple(_moved(run, event.workflow) for run in app.open))
        case e.Withdrawn():
            return _ended(app, Status.WITHDRAWN, at)
        case e.Lapsed():
            return _ended(app, Status.LAPSED, at)
        case _:
            raise ValueError(f"no rule to fold {event.event_name}")


def _begun(workflow: Workflow, step_id: str, at: datetime) -> StepRun:
    step = workflow.step(step_id)
    return StepRun(step=step.id, agency=step.agency, working_days=step.working_days, started_at=at)


def _moved(run: StepRun, workflow: Workflow) -> StepRun:
    """Return an open step as the workflow has it to which its application was moved."""
    step = workflow.step(run.step)
    return evolve(run, agency=step.agency, working_days=step.working_days)


def _gone_on(
    app: Application, step: str, outcome: StepOutcome, officer: str | None, at: datetime, *, note: str = ""
) -> Application:
    """Return an application after a step ended: the next begin, unless they wait for branches that are still out."""
    app = _closed(app, step, outcome.id, officer, at, note)
    joins = app.joins
    if outcome.join is not None:
        joins = (*joins, Join(step=outcome.join, left=len(outcome.next)))
    begun = []
    for target in outcome.next:
        waiting = next((each for each in joins if each.step == target), None)
        if waiting is None:
            begun.append(_begun(app.workflow, target, at))
            continue
        joins = tuple(each for each in joins if each is not waiting)
        if waiting.left > 1:
            joins = (*joins, Join(step=target, left=waiting.left - 1))
        else:
            begun.append(_begun(app.workflow, target, at))
    return evolve(app, open=(*app.open, *begun), joins=joins)


def _closed(
    app: Application, step: str, outcome: str | None, officer: str | None, at: datetime, note: str = ""
) -> Application:
    run = next(each for each in app.open if each.step == step)
    ended = evolve(run, ended_at=at, outcome=outcome, officer=officer, note=note)
    return evolve(app, open=tuple(each for each in app.open if each is not run), done=(*app.done, ended))


def _returned(app: Application, event: e.Returned, at: datetime) -> Application:
    if app.status is Status.RETURNED:  # a parallel step asks too
        last = app.returns[-1]
        asked = evolve(
            last,
            steps=(*last.steps, event.step),
            officers=(*last.officers, event.officer),
            items=(*last.items, *event.items),
        )
        return evolve(app, returns=(*app.returns[:-1], asked))
    asked = Return(
        steps=(event.step,),
        officers=(event.officer,),
        items=event.items,
        returned_at=at,
        late_since=event.late_since,
    )
    return evolve(app, status=Status.RETURNED, returns=(*app.returns, asked))


def _resubmitted(app: Application, event: e.Resubmitted, at: datetime) -> Application:
    last = app.returns[-1]
    was_incomplete = any(app.workflow.step(step).kind is StepKind.VERIFY for step in last.steps)
    begins_anew = was_incomplete and last.late_since is None
    return evolve(
        app,
        status=Status.IN_PROCESS,
        returns=(*app.returns[:-1], evolve(last, resubmitted_at=at)),
        complete_since=at if begins_anew else app.complete_since,
        investment=event.investment if event.investment is not None else app.investment,
        uses=event.uses if event.uses is not None else app.uses,
    )


def _decided(app: Application, event: e.Decided, at: datetime) -> Application:
    outcome = app.workflow.step(event.step).outcome(event.outcome)
    judgement = Judgement(effect=outcome.effect, at=at, reasons=event.reasons, officer=event.officer, note=event.note)
    app = evolve(app, judgement=judgement, conditions=event.conditions)
    if outcome.effect is Effect.REFUSE:
        app = _closed(app, event.step, outcome.id, event.officer, at, event.note)
        return _ended(app, Status.REFUSED, at)
    app = _gone_on(app, event.step, outcome, event.officer, at, note=event.note)
    return evolve(app, status=Status.GRANTED)


def _issued(app: Application, event: e.Issued, at: datetime) -> Application:
    for run in app.open:
        app = _closed(app, run.step, event.outcome if run.step == event.step else None, event.officer, at)
    permit = Permit(
        number=event.number,
        issued_at=at,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        conditions=app.conditions,
        deemed=event.officer is None,
    )
    return evolve(app, status=Status.ISSUED, permit=permit, joins=())


def _ended(app: Application, status: Status, at: datetime) -> Application:
    for run in app.open:
        app = _closed(app, run.step, None, None, at)
    return evolve(app, status=status, joins=(), holds_capacity=False, ended_at=at)


# --- the permit ------------------------------------------------------------------------------------------------------

_OF_THE_PERMIT = (e.Amended, e.Renewed, e.Suspended, e.Reinstated, e.Revoked)


def _permit_changed(app: Application, event: e.PermitEvent, at: datetime) -> Application:
    permit = app.permit
    if permit is None:
        raise ValueError(f"{event.event_name} before the permit was issued")
    match event:
        case e.Amended():
            conditions = event.conditions if event.conditions is not None else permit.conditions
            return evolve(
                app,
                permit=evolve(permit, conditions=conditions),
                conditions=conditions,
                investment=event.investment if event.investment is not None else app.investment,
                uses=event.uses if event.uses is not None else app.uses,
            )
        case e.Renewed():
            return evolve(app, permit=evolve(permit, valid_until=event.valid_until))
        case e.Suspended():
            return evolve(app, status=Status.SUSPENDED)
        case e.Reinstated():
            return evolve(app, status=Status.ISSUED)
        case _:
            return _ended(app, Status.REVOKED, at)


# --- the head --------------------------------------------------------------------------------------------------------


def counted_from(app: Application) -> datetime | None:
    """Return the instant from which the whole run is counted; None before it was submitted."""
    return app.complete_since if app.workflow.counts_from is CountsFrom.COMPLETE else app.submitted_at


def applications(due_on: Callable[[Application, datetime], date | None]) -> Kind[Case, e.PermitEvent]:
    """Return how the streams `mall/permit/<id>` fold.

    Args:
        due_on: tells when an application's run is due as it stands at an instant; None where its clock does not run.
    """

    def head(
        case: Case, happening: Sequence[e.PermitEvent], at: datetime
    ) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
        app = case.application
        for event in happening:
            app = folded(case.key, app, event, at)
        assert app is not None  # noqa: S101  # something happened, and the first is always Drafted
        due = due_on(app, at)
        labels: dict[str, LabelValue | None] = {
            "status": app.status.value,
            "service": app.service,
            "applicant": app.applicant,
            "workflow": app.workflow.id,
            "zone": app.zone,
            "running": 1 if app.is_running else None,
            "due_on": due.isoformat() if due else None,
            "valid_until": _valid_until(app),
            "drafted_at": app.drafted_at.isoformat(),
            "number": app.permit.number if app.permit else None,
        }
        return labels, summary_of(app)

    return Kind(category=CATEGORY, events=e.EVENTS, start=Case, apply=apply, head=head)


def _valid_until(app: Application) -> str | None:
    """Return the last day of a permit that stands, by which those that are over are found."""
    if app.permit is None or app.permit.valid_until is None or app.ended_at is not None:
        return None
    return app.permit.valid_until.isoformat()


def summary_of(app: Application) -> Mapping[str, object]:
    """Return what lists and figures need of an application, as plain JSON values; nothing is folded for them."""
    investment, judgement = app.investment, app.judgement
    return {
        "service": app.service,
        "status": app.status.value,
        "zone": app.zone,
        "steps": [run.step for run in app.open],
        "submitted_at": app.submitted_at.isoformat() if app.submitted_at else None,
        "judged_at": judgement.at.isoformat() if judgement else None,
        "effect": judgement.effect.value if judgement else None,
        "deemed": judgement.deemed if judgement else False,
        "reasons": [reason.code for reason in judgement.reasons] if judgement else [],
        "issued_at": app.permit.issued_at.isoformat() if app.permit else None,
        "ended_at": app.ended_at.isoformat() if app.ended_at else None,
        "rupiah": investment.rupiah if investment else None,
        "jobs": investment.jobs if investment else None,
        "sector": investment.sector if investment else None,
        "returns": [
            [each.returned_at.isoformat(), each.resubmitted_at.isoformat() if each.resubmitted_at else None]
            for each in app.returns
        ],
        "counted_from": at.isoformat() if (at := counted_from(app)) else None,
        "term_days": app.workflow.term_days,
    }
