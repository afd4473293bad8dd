"""What happened on the way to a mall's launch: the folded state of its one stream."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import Factory, define, frozen

from mppkit.aggregates import Kind
from mppkit.readiness.events import (
    EVENTS,
    EvidenceRecorded,
    EvidenceWithdrawn,
    Launched,
    LaunchRefused,
    ReadinessEvent,
)
from mppkit.readiness.model import Evidence
from mppkit.storage.port import LabelValue

E_co = TypeVar("E_co", bound=ReadinessEvent, covariant=True)


@frozen(kw_only=True)
class Happened(Generic[E_co]):
    """Something that happened, and when."""

    at: datetime
    event: E_co


@define
class Launching:
    """Where a mall stands on the way to its launch, and after it.

    Attributes:
        history: all that happened, the first one first.
        evidence: what was recorded and not withdrawn, by number.
        recorded: how many pieces of evidence were recorded, withdrawn ones too.
    """

    history: list[Happened[ReadinessEvent]] = Factory(list)
    evidence: dict[str, Evidence] = Factory(dict)
    recorded: int = 0
    launched: Happened[Launched] | None = None


def _apply(state: Launching, event: ReadinessEvent, at: datetime) -> None:
    if isinstance(event, EvidenceRecorded):
        state.recorded += 1
        state.evidence[str(event.evidence.number)] = event.evidence
    elif isinstance(event, EvidenceWithdrawn):
        del state.evidence[event.number]
    elif isinstance(event, Launched):
        state.launched = Happened(at=at, event=event)
    state.history.append(Happened(at=at, event=event))


def _head(
    state: Launching, happening: Sequence[ReadinessEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object]]:
    """Return by what the stream is found, and what a list of malls shows: the score of the last attempt to launch."""
    evidence, score = len(state.evidence), _last_score(state)
    launched_at = state.launched.at if state.launched else None
    for event in happening:
        if isinstance(event, EvidenceRecorded):
            evidence += 1
        elif isinstance(event, EvidenceWithdrawn):
            evidence -= 1
        elif isinstance(event, Launched | LaunchRefused):
            score = event.standing.score
            launched_at = at if isinstance(event, Launched) else launched_at
    summary = {"evidence": evidence, "score": score, "launched_at": launched_at.isoformat() if launched_at else None}
    return {"status": "launched" if launched_at else "preparing", "score": score}, summary


def _last_score(state: Launching) -> float | None:
    for happened in reversed(state.history):
        if isinstance(happened.event, Launched | LaunchRefused):
            return happened.event.standing.score
    return None


LAUNCHES: Kind[Launching, ReadinessEvent] = Kind(
    category="readiness", events=EVENTS, start=lambda key: Launching(), apply=_apply, head=_head
)
"""How the stream `mall/readiness/launch` folds."""
