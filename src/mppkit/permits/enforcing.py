"""A run over all deadlines that are over: what follows from each is recorded, and one that fails stops no other."""

from collections.abc import Sequence
from datetime import date, datetime

from attrs import frozen

from mppkit.errors import MppkitError, StorageError, UnreadableEventError
from mppkit.ids import split_stream
from mppkit.permits import deadlines
from mppkit.permits import events as e
from mppkit.permits.application import Case
from mppkit.permits.claiming import Plan
from mppkit.permits.deadlines import Consequence
from mppkit.permits.model import Application
from mppkit.permits.recording import Recording
from mppkit.storage.port import Op, Where

_NAMED_AT_MOST = 20


@frozen(kw_only=True)
class Enforced:
    """What a run of the deadlines did to one application.

    Attributes:
        due_on: the last date on which it would have been in time.
    """

    application: str
    due_on: date
    consequence: Consequence


def enforce_all(recording: Recording, now: datetime, actor: str | None) -> tuple[Enforced, ...]:
    """Let follow what follows from every deadline that is over by an instant, and return what was done.

    Raises:
        Exception: the first with which an application failed, when all others are done; a store's own at once. Its
            notes say which failed and what was done.
    """
    done: list[Enforced] = []
    failed: list[tuple[str, Exception]] = []
    for application in _with_deadlines(recording, now):
        try:
            while (one := _enforce(recording, application, now, actor)) is not None:
                done.append(one)
        except Exception as error:  # also what a policy raises
            failed.append((application, error))
            if isinstance(error, StorageError) and not isinstance(error, UnreadableEventError):
                _note(error, failed, done)
                raise
    if failed:
        first = failed[0][1]
        _note(first, failed, done)
        raise first
    return tuple(done)


def _with_deadlines(recording: Recording, now: datetime) -> tuple[str, ...]:
    """Return the applications of which a deadline may be over: those that run, and permits past their last day."""
    over = Where(label="valid_until", op=Op.LT, value=recording.local(now).isoformat())
    heads = [*recording.cases.find(Where(label="running", value=1)), *recording.cases.find(over)]
    return tuple(split_stream(head.stream)[2] for head in heads)


def _enforce(recording: Recording, application: str, now: datetime, actor: str | None) -> Enforced | None:
    before = recording.application(application)
    over = deadlines.missed(before, recording.days, now)
    if over is None:
        return None
    number = recording.number(before, now) if over.consequence is Consequence.ISSUE else None

    def result(case: Case, happened: Sequence[e.PermitEvent]) -> Enforced | None:
        for event in happened:
            if consequence := deadlines.consequence_of(event):
                return Enforced(application=application, due_on=over.due_on, consequence=consequence)
        return None  # somebody else was faster

    def plan(app: Application, at: datetime) -> Plan:
        return deadlines.enforce(app, recording.days, now, number)

    def no_room(app: Application, advice: e.CapacityAdvised) -> tuple[e.PermitEvent, ...]:
        return (advice, deadlines.escalated(app, over.due_on, advice.decision.reasons))

    return recording.execute(application, plan, result, at=now, request_id=None, actor=actor, no_room=no_room)


def _note(error: Exception, failed: Sequence[tuple[str, Exception]], done: Sequence[Enforced]) -> None:
    """Note on an error what failed in a run of the deadlines, and what was done."""
    # only our own errors are known to mask personal numbers
    told = [f"{key} ({each if isinstance(each, MppkitError) else type(each).__name__})" for key, each in failed]
    error.add_note(f"failed for {_counted(told)}")
    error.add_note(f"done for {_counted([f'{each.application} ({each.consequence.value})' for each in done])}")


def _counted(named: Sequence[str]) -> str:
    more = len(named) - _NAMED_AT_MOST
    return f"{len(named)}: {', '.join(named[:_NAMED_AT_MOST]) or 'none'}" + (f", and {more} more" if more > 0 else "")
