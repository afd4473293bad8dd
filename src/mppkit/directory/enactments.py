"""What was enacted in a mall, one after another: the folded state of its one stream."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import Factory, define, frozen

from mppkit.aggregates import Kind
from mppkit.directory.events import EVENTS, BlueprintEnacted
from mppkit.directory.model import Directory
from mppkit.storage.port import LabelValue


@frozen(kw_only=True)
class Enactment:
    """A blueprint that was enacted, and is or was in force until the next.

    Attributes:
        digest: the blueprint's digest.
        directory: who and what is in the mall by it.
        why: what it was enacted for.
        enacted_at: since when.
    """

    digest: str
    directory: Directory
    why: str
    enacted_at: datetime


@define
class Enactments:
    """All enactments of a mall, the first one first; the last one is in force.

    Attributes:
        events: the event of each, by whose identity the enactment of a request is found: what was in force once may be
            enacted again, by an equal event.
    """

    all: list[Enactment] = Factory(list)
    events: list[BlueprintEnacted] = Factory(list)

    def of(self, event: BlueprintEnacted) -> Enactment:
        """Return the enactment that an event recorded."""
        return next(each for each, other in zip(self.all, self.events, strict=True) if other is event)


def _apply(state: Enactments, event: BlueprintEnacted, at: datetime) -> None:
    state.all.append(Enactment(digest=event.digest, directory=event.directory, why=event.why, enacted_at=at))
    state.events.append(event)


def _head(
    state: Enactments, happening: Sequence[BlueprintEnacted], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
    """Return by what the stream is found, and what a list of malls shows."""
    last = happening[-1]
    return {"blueprint": last.digest}, {"blueprint": last.digest, "enacted_at": at.isoformat(), "why": last.why}


ENACTMENTS: Kind[Enactments, BlueprintEnacted] = Kind(
    category="directory", events=EVENTS, start=lambda key: Enactments(), apply=_apply, head=_head
)
"""How the stream `mall/directory/enacted` folds."""
