"""The readiness desk: how ready the mall is, what was shown for it, and its launch.

Every command takes a `request_id`: repeated under the same one (a double click, a network retry) it records nothing
and returns the same; used for another command it is an error. `actor` is the id of who did it, never a name.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.decisions import Decision
from mppkit.errors import InvalidValueError, RefusedError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.readiness import rules
from mppkit.readiness.events import EvidenceRecorded, EvidenceWithdrawn, Launched, LaunchRefused, ReadinessEvent
from mppkit.readiness.facts import Facts
from mppkit.readiness.launching import LAUNCHES, Happened, Launching
from mppkit.readiness.loading import load_evidence
from mppkit.readiness.model import Assessment, Evidence, EvidenceKind, Instrument
from mppkit.storage.port import EventStore

T = TypeVar("T")
_KEY = "launch"


class ReadinessDesk:
    """The readiness of one mall; may be used from any thread.

    `facts` is asked anew for each assessment and each attempt to launch.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        zone: ZoneInfo,
        clock: Clock,
        instrument: Instrument,
        facts: Callable[[], Facts],
    ) -> None:
        self._launches: Repository[Launching, ReadinessEvent] = Repository(LAUNCHES, store, mall, keep=1)
        self._mall = mall
        self._zone = zone
        self._clock = clock
        self._instrument = instrument
        self._facts = facts

    # --- evidence --------------------------------------------------------------------------------------------------

    def record(
        self,
        item: str,
        kind: EvidenceKind | str,
        *,
        by: str,
        reference: str | None = None,
        digest: str | None = None,
        given_on: date | None = None,
        valid_until: date | None = None,
        note: str = "",
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Evidence:
        """Record evidence for an item and return it with its number; nothing happens if it is recorded already.

        The arguments are those of `Evidence`; `given_on` is today if not given.

        Raises:
            InvalidValueError: it cannot be recorded: no such item, a kind that does not count for it, something
                missing, a day that is not yet, or a number that may well be a person's.
        """
        if kind not in list(EvidenceKind):
            raise InvalidValueError("kind", kind, f"give one of {', '.join(EvidenceKind)}")
        evidence = Evidence(
            item=item,
            kind=EvidenceKind(kind),
            reference=reference,
            digest=digest,
            by=by,
            given_on=given_on or self._on(self._clock.now()),
            valid_until=valid_until,
            note=note,
        )

        def result(state: Launching, happened: Sequence[ReadinessEvent]) -> Evidence:
            if not happened:
                return rules.find(state, evidence) or evidence
            recorded = _caused(happened, EvidenceRecorded, request_id).evidence
            on = recorded.given_on if given_on is None else given_on  # the click may come again the day after
            if attrs.evolve(evidence, number=recorded.number, given_on=on) != recorded:
                raise _foreign(request_id)
            return recorded

        return self._do(
            lambda state, on: rules.record(state, self._instrument, (evidence,), on), result, request_id, actor
        )

    def apply(
        self, path: str | Path, *, request_id: str | None = None, actor: str | None = None
    ) -> tuple[Evidence, ...]:
        """Record all evidence of a TOML file at once, or nothing; return what was new, with its numbers.

        A file may be applied again when something was added to it: what is recorded already stays as it is. What was
        withdrawn and still stands in the file is recorded again.

        Raises:
            BlueprintError: something in the file cannot be recorded; tells every problem at once.
        """
        evidence = load_evidence(path, self._instrument, self._on(self._clock.now()))

        def result(state: Launching, happened: Sequence[ReadinessEvent]) -> tuple[Evidence, ...]:
            new = tuple(event.evidence for event in happened if isinstance(event, EvidenceRecorded))
            if len(new) < len(happened) or not {attrs.evolve(each, number=None) for each in new} <= set(evidence):
                raise _foreign(request_id)
            return new

        return self._do(
            lambda state, on: rules.record(state, self._instrument, evidence, on), result, request_id, actor
        )

    def withdraw(self, number: str, *, why: str, request_id: str | None = None, actor: str | None = None) -> Evidence:
        """Withdraw a piece of evidence, which counts no more from now on; what was recorded stays recorded.

        Raises:
            InvalidValueError: no reason was given, or one that cannot be kept.
            NotFoundError: there is no such evidence.
            TransitionError: it was withdrawn already.
        """

        def result(state: Launching, happened: Sequence[ReadinessEvent]) -> Evidence:
            if _caused(happened, EvidenceWithdrawn, request_id).number != number:
                raise _foreign(request_id)
            recorded = (each.event.evidence for each in state.history if isinstance(each.event, EvidenceRecorded))
            return next(each for each in recorded if each.number == number)

        return self._do(lambda state, on: rules.withdraw(state, number, why), result, request_id, actor)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return all evidence that was not withdrawn, in the order in which it was recorded."""
        return self._launches.view(_KEY, lambda state: tuple(state.evidence.values()))

    # --- assessing and launching -----------------------------------------------------------------------------------

    def assess(self) -> Assessment:
        """Return how ready the mall is today, before its launch or after."""
        return rules.assess(self._instrument, self._facts(), self.evidence(), self._on(self._clock.now()))

    def launch(self, *, request_id: str | None = None, actor: str | None = None) -> Happened[Launched]:
        """Launch the mall, or record that it was not ready.

        Raises:
            RefusedError: something stands in the way; the decision has a reason for each blocker.
            TransitionError: it was launched already.
        """
        facts = self._facts()

        def decide(state: Launching, on: date) -> Sequence[ReadinessEvent]:
            assessment = rules.assess(self._instrument, facts, state.evidence.values(), on)
            return rules.attempt_launch(state, assessment, self._mall)

        def result(state: Launching, happened: Sequence[ReadinessEvent]) -> Happened[Launched]:
            for event in happened:
                if isinstance(event, LaunchRefused):
                    raise RefusedError(Decision.refused(*event.reasons))
                if isinstance(event, Launched) and state.launched is not None:
                    return state.launched
            raise _foreign(request_id)

        return self._do(decide, result, request_id, actor)

    def launched(self) -> Happened[Launched] | None:
        """Return the launch, with its instant; None before it."""
        return self._launches.view(_KEY, lambda state: state.launched)

    def history(self) -> tuple[Happened[ReadinessEvent], ...]:
        """Return all that happened, each with its instant, the first one first."""
        return self._launches.view(_KEY, lambda state: tuple(state.history))

    # --- how -------------------------------------------------------------------------------------------------------

    def _on(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _do(
        self,
        decide: Callable[[Launching, date], Sequence[ReadinessEvent]],
        result: Callable[[Launching, Sequence[ReadinessEvent]], T],
        request_id: str | None,
        actor: str | None,
    ) -> T:
        """Record what a rule answers on the local date, and return what `result` makes of it."""
        return self._launches.execute(
            _KEY,
            lambda state, at: decide(state, self._on(at)),
            result,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )


E = TypeVar("E", bound=ReadinessEvent)


def _caused(happened: Sequence[ReadinessEvent], kind: type[E], request_id: str | None) -> E:
    """Return the one event that a command caused.

    Raises:
        InvalidValueError: its request_id was used for another command.
    """
    if len(happened) == 1 and isinstance(happened[0], kind):
        return happened[0]
    raise _foreign(request_id)


def _foreign(request_id: str | None) -> InvalidValueError:
    remedy = "it was used for another command; give every request its own"
    return InvalidValueError("request_id", request_id, remedy)
