"""The follow-up desk (*tindak lanjut*): what is done about weak elements, by whom, until when, and whether they moved.

Every command takes a `request_id`: repeated under the same one it records nothing and returns the same action; used
for another command it is an error. `actor` is the id of who did it, never a name.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Protocol

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, TransitionError
from mppkit.identity.recordable import checked_date, checked_person_or_none
from mppkit.storage.port import EventStore
from mppkit.surveys import events, followup
from mppkit.surveys.comparing import ENOUGH, Difference, compare
from mppkit.surveys.followup import FOLLOW_UPS, FollowUp
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.model import Action
from mppkit.surveys.tally import Tally


class _Tallying(Protocol):
    def __call__(self, instrument: str, from_on: date | None = None, until_on: date | None = None) -> Tally: ...


class FollowUpDesk:
    """The follow-up on all instruments of one mall, reached as `surveys.followup`; may be used from any thread.

    Instruments are named as at the survey desk. What is named and is not there raises NotFoundError.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        directory: Directory,
        zone: tzinfo,
        clock: Clock,
        instrument: Callable[[str], Instrument],
        tally: _Tallying,
    ) -> None:
        self._streams: Repository[FollowUp, events.FollowUpEvent] = Repository(FOLLOW_UPS, store, mall)
        self._directory = directory
        self._zone = zone
        self._clock = clock
        self._instrument = instrument
        self._tally = tally

    def plan(
        self,
        instrument: str,
        element: str,
        text: str,
        *,
        owner: str,
        due_on: date,
        first_on: date,
        last_on: date,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Action:
        """Plan an action on an element, most sensibly one of a score's `weakest`.

        Args:
            instrument: an instrument's id, or the beginning of it as in `skm`.
            element: its key.
            text: what will be done; one line, and no names of persons.
            owner: the id of the role or agency that sees to it.
            due_on: the last local date for it.
            first_on: the first date of the period whose result it answers.
            last_on: the last date of it.
            request_id: repeated under the same one, it records nothing.
            actor: the id of who plans it.

        Raises:
            InvalidValueError: a text, an id or a date cannot be.
        """
        chosen = self._instrument(instrument)
        about = {
            "element": element,
            "text": text,
            "owner": owner,
            "due_on": due_on,
            "first_on": first_on,
            "last_on": last_on,
        }
        return self._do(
            chosen,
            events.ActionPlanned,
            about,
            lambda state, today: followup.plan(
                state,
                chosen,
                self._directory,
                today,
                element=element,
                text=text,
                owner=owner,
                due_on=due_on,
                first_on=first_on,
                last_on=last_on,
            ),
            request_id,
            actor,
        )

    def complete(
        self,
        instrument: str,
        action: str,
        *,
        on: date | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Action:
        """Say that an action was done, on a local date; today, if none is named.

        Raises:
            TransitionError: it is done or dropped already.
            InvalidValueError: the date cannot be.
        """
        return self._do(
            self._instrument(instrument),
            events.ActionDone,
            {"action": action} if on is None else {"action": action, "on": on},
            lambda state, today: followup.complete(state, action, today if on is None else on, today),
            request_id,
            actor,
        )

    def drop(
        self, instrument: str, action: str, *, why: str, request_id: str | None = None, actor: str | None = None
    ) -> Action:
        """Say that an action will not be done, and why.

        Raises:
            TransitionError: it is done or dropped already.
            InvalidValueError: the reason cannot be recorded.
        """
        return self._do(
            self._instrument(instrument),
            events.ActionDropped,
            {"action": action, "why": why},
            lambda state, _: followup.drop(state, action, why),
            request_id,
            actor,
        )

    def actions(self, instrument: str) -> tuple[Action, ...]:
        """Return all actions on an instrument's elements, in the order of planning."""
        return self._streams.view(self._instrument(instrument).id, lambda state: tuple(state.actions.values()))

    def moved(
        self,
        instrument: str,
        action: str,
        *,
        from_on: date | None = None,
        until_on: date | None = None,
        minimum: int = ENOUGH,
    ) -> Difference:
        """Return how the element of an action moved from the period it answers to the next, and if more than by noise.

        That it moved does not say that the action moved it.

        Args:
            instrument: an instrument's id, or the beginning of it as in `skm`.
            action: its id.
            from_on: the first date of the next period; the day after the first period, if none is named.
            until_on: its last date; as many days on as the first period had, if none is named.
            minimum: how many answers each period needs for a verdict.

        Raises:
            TransitionError: the next period is not over.
            RefusedError: a period has too few answers to be shown.
            InvalidValueError: nobody answered in a period, or the dates are not after the first one's.
        """
        chosen = self._instrument(instrument)
        found = self._streams.view(chosen.id, lambda state: followup.find_action(state, action))
        next_from_on, next_until_on = followup.next_period(found)
        after_from_on = next_from_on if from_on is None else checked_date(from_on, "from_on")
        after_until_on = next_until_on if until_on is None else checked_date(until_on, "until_on")
        if not found.last_on < after_from_on <= after_until_on:
            remedy = f"give a period after {found.last_on.isoformat()}"
            raise InvalidValueError("from_on", f"{after_from_on} to {after_until_on}", remedy)
        if after_until_on >= self._today(self._clock.now()):
            status = f"to be compared with a period that ends on {after_until_on.isoformat()}"
            raise TransitionError(f"action {action}", "compare", status, (), "wait for its end, or name a shorter one")
        periods = ((found.first_on, found.last_on), (after_from_on, after_until_on))
        before, after = (self._tally(chosen.id, *period) for period in periods)
        for tally, (first_on, last_on) in zip((before, after), periods, strict=True):
            if not tally.n:
                remedy = "nobody answered then, so there is nothing to compare with; name another period"
                raise InvalidValueError("from_on", f"{first_on} to {last_on}", remedy)
        return compare(chosen, before, after, element=found.element, minimum=minimum)

    def _today(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _do(
        self,
        instrument: Instrument,
        kind: type[events.ActionPlanned | events.ActionDone | events.ActionDropped],
        about: Mapping[str, object],
        rule: Callable[[FollowUp, date], Sequence[events.FollowUpEvent]],
        request_id: str | None,
        actor: str | None,
    ) -> Action:
        """Record what a rule answers, and return the action; `about` finds out a request_id of another command."""

        def made(state: FollowUp, happened: Sequence[events.FollowUpEvent]) -> Action:
            for event in happened:
                if isinstance(event, kind) and all(getattr(event, name) == wanted for name, wanted in about.items()):
                    return state.actions[event.action]
            remedy = "it was used for another command; give every request its own"
            raise InvalidValueError("request_id", request_id, remedy)

        return self._streams.execute(
            instrument.id,
            lambda state, at: rule(state, self._today(at)),
            made,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )
