"""What happens on the way to a launch, each with a name and version that stay for ever.

An event holds ids and facts, never personal data; the instant and the actor stand on the recorded row. A field's
default is part of the shape: it is not written out, so it may never change.
"""

from typing import ClassVar

from attrs import frozen

from mppkit.decisions import Reason
from mppkit.readiness.model import Evidence, Standing


class ReadinessEvent:
    """The root of all events of a mall's readiness."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class EvidenceRecorded(ReadinessEvent):
    """Somebody showed something for an item; it has its number from here on."""

    event_name = "readiness.evidence_recorded"
    evidence: Evidence


@frozen(kw_only=True)
class EvidenceWithdrawn(ReadinessEvent):
    """A piece of evidence counts no more."""

    event_name = "readiness.evidence_withdrawn"
    number: str
    why: str


@frozen(kw_only=True)
class LaunchRefused(ReadinessEvent):
    """The mall was to be launched and was not ready: as it stood then, and a reason for each blocker."""

    event_name = "readiness.launch_refused"
    standing: Standing
    reasons: tuple[Reason, ...]


@frozen(kw_only=True)
class Launched(ReadinessEvent):
    """The mall was launched (*peresmian*) with nothing in the way, as it stood then.

    Attributes:
        warnings: what those who launched it were told all the same.
    """

    event_name = "readiness.launched"
    standing: Standing
    warnings: tuple[Reason, ...] = ()


EVENTS: tuple[type[ReadinessEvent], ...] = (EvidenceRecorded, EvidenceWithdrawn, LaunchRefused, Launched)
"""All events of this room, for the codec."""
