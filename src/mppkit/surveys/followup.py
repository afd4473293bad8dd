"""What is done about weak elements (*rencana tindak lanjut*): how the follow-up of one instrument folds, and its rules.

Pure: no clock, no store. Whether an action helped is not recorded; it is computed from the answers of two periods.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from attrs import Factory, define, evolve

from mppkit.aggregates import Kind
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import checked_date, checked_id, checked_text
from mppkit.storage.port import LabelValue
from mppkit.surveys.events import FOLLOW_UP_EVENTS, ActionDone, ActionDropped, ActionPlanned, FollowUpEvent
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.model import Action, ActionStatus

_TEXT_AT_MOST = 500


@define
class FollowUp:
    """One stream in memory: the actions on one instrument's elements, by id, in the order of planning."""

    actions: dict[str, Action] = Factory(dict)


def plan(
    state: FollowUp,
    instrument: Instrument,
    directory: Directory,
    today: date,
    *,
    element: str,
    text: str,
    owner: str,
    due_on: date,
    first_on: date,
    last_on: date,
) -> tuple[ActionPlanned, ...]:
    """Plan an action on an element that a period showed to be weak.

    Raises:
        NotFoundError: no such element, or no role or agency of that id.
        InvalidValueError: the text cannot be recorded, it would be due in the past, or the period is none or not begun.
    """
    instrument.element(element)
    checked_text(text, "text", _TEXT_AT_MOST)
    checked_id(owner, "owner")
    owners = [*(role.id for role in directory.roles), *(agency.id for agency in directory.agencies)]
    if owner not in owners:
        raise NotFoundError("role or agency", owner, owners, "an action is owned by a role or an agency of the mall")
    if checked_date(due_on, "due_on") < today:
        raise InvalidValueError("due_on", due_on.isoformat(), f"give a date from {today.isoformat()} on")
    if not checked_date(first_on, "first_on") <= checked_date(last_on, "last_on"):
        raise InvalidValueError("last_on", last_on.isoformat(), f"give a date from {first_on.isoformat()} on")
    if first_on > today:
        raise InvalidValueError("first_on", first_on.isoformat(), "give the period whose result the action answers")
    return (
        ActionPlanned(
            action=f"t-{len(state.actions) + 1}",
            element=element,
            text=text,
            owner=owner,
            due_on=due_on,
            first_on=first_on,
            last_on=last_on,
        ),
    )


def complete(state: FollowUp, action: str, on: date, today: date) -> tuple[ActionDone, ...]:
    """Say that an action was done, today or on an earlier date.

    Raises:
        NotFoundError: no such action.
        TransitionError: it is done or dropped already.
        InvalidValueError: the date is none, lies ahead, or before the period that the action answers.
    """
    found = _planned(state, action, "complete")
    if not found.first_on <= checked_date(on, "on") <= today:
        remedy = f"give a date from {found.first_on.isoformat()} to {today.isoformat()}"
        raise InvalidValueError("on", on.isoformat(), remedy)
    return (ActionDone(action=action, on=on),)


def drop(state: FollowUp, action: str, why: str) -> tuple[ActionDropped, ...]:
    """Say that an action will not be done, and why.

    Raises:
        NotFoundError: no such action.
        TransitionError: it is done or dropped already.
        InvalidValueError: the reason cannot be recorded.
    """
    _planned(state, action, "drop")
    return (ActionDropped(action=action, why=checked_text(why, "why", _TEXT_AT_MOST)),)


def find_action(state: FollowUp, action: str) -> Action:
    """Return an action.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = state.actions.get(action) if isinstance(action, str) else None
    if found is None:
        raise NotFoundError("action", action, state.actions)
    return found


def next_period(action: Action) -> tuple[date, date]:
    """Return the first and the last date of the period after the one that an action answers, as many days long."""
    first_on = action.last_on + timedelta(days=1)
    return first_on, first_on + (action.last_on - action.first_on)


def _planned(state: FollowUp, action: str, step: str) -> Action:
    found = find_action(state, action)
    if found.status is not ActionStatus.PLANNED:
        raise TransitionError(f"action {action}", step, found.status.value, (), "plan another one")
    return found


def _apply(state: FollowUp, event: FollowUpEvent, at: datetime) -> None:
    match event:
        case ActionPlanned():
            state.actions[event.action] = Action(
                id=event.action,
                element=event.element,
                text=event.text,
                owner=event.owner,
                due_on=event.due_on,
                first_on=event.first_on,
                last_on=event.last_on,
                planned_at=at,
            )
        case ActionDone():
            state.actions[event.action] = evolve(state.actions[event.action], done_on=event.on)
        case ActionDropped():
            state.actions[event.action] = evolve(state.actions[event.action], dropped_why=event.why)
        case _:
            raise ValueError(f"{event.event_name} does not belong to a follow-up")


def _head(
    state: FollowUp, happening: Sequence[FollowUpEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
    """Return by what a follow-up is found, and what a list shows: how many actions, and how many are open."""
    planned = len(state.actions) + sum(isinstance(event, ActionPlanned) for event in happening)
    ended = sum(each.status is not ActionStatus.PLANNED for each in state.actions.values())
    ended += sum(isinstance(event, ActionDone | ActionDropped) for event in happening)
    return {"open": planned - ended}, {"actions": planned, "open": planned - ended}


FOLLOW_UPS: Kind[FollowUp, FollowUpEvent] = Kind(
    category="followup", events=FOLLOW_UP_EVENTS, start=lambda key: FollowUp(), apply=_apply, head=_head
)
"""How the streams `mall/followup/<instrument>` fold."""
