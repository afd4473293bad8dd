"""The directory's desk: enacting what a mall is, and asking what it was on a past date."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.directory import rules
from mppkit.directory.enactments import ENACTMENTS, Enactment, Enactments
from mppkit.directory.events import BlueprintEnacted
from mppkit.directory.model import Directory
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.storage.port import EventStore

_KEY = "enacted"


class DirectoryDesk:
    """What was enacted in one mall; may be used from any thread."""

    def __init__(self, *, mall: str, store: EventStore, zone: ZoneInfo, clock: Clock) -> None:
        self._enacted: Repository[Enactments, BlueprintEnacted] = Repository(ENACTMENTS, store, mall, keep=1)
        self._zone = zone
        self._clock = clock

    def enact(
        self,
        digest: str,
        directory: Directory,
        *,
        why: str,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Enactment:
        """Enact a blueprint from now on, and return what is in force; nothing happens if that is this one already.

        Args:
            digest: the blueprint's digest.
            directory: its directory, which is recorded whole.
            why: what it is enacted for, such as the decree that asks for it; name no person in it.
            request_id: repeated under the same one, it records nothing and returns the same enactment.
            actor: the id of who did it, never a name.

        Raises:
            InvalidValueError: the digest, the reason or the actor cannot be, or the request_id was used for another
                blueprint.
        """

        def result(state: Enactments, happened: Sequence[BlueprintEnacted]) -> Enactment:
            if not happened:
                return state.all[-1]
            [event] = happened
            if event.digest != digest:
                remedy = "it was used for another blueprint; give every request its own"
                raise InvalidValueError("request_id", request_id, remedy)
            return state.of(event)

        return self._enacted.execute(
            _KEY,
            lambda state, at: rules.enact(state, digest, directory, why),
            result,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )

    def on(self, day: date) -> Enactment:
        """Return what was in force on a local date, at its end; of a date to come, what is in force now.

        Raises:
            NotFoundError: nothing had been enacted by then.
        """
        enacted = self.history()
        for each in reversed(enacted):
            if each.enacted_at.astimezone(self._zone).date() <= day:
                return each
        remedy = "enact one first"
        if enacted:
            remedy = f"the first was enacted on {enacted[0].enacted_at.astimezone(self._zone).date().isoformat()}"
        raise NotFoundError("blueprint in force on", day.isoformat(), remedy=remedy)

    def history(self) -> tuple[Enactment, ...]:
        """Return all enactments, the first one first."""
        return self._enacted.view(_KEY, lambda state: tuple(state.all))
