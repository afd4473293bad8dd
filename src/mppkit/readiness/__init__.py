"""Whether a mall is ready (*kesiapan*): an instrument of items, what is known and proved of each, and the launch.

`model` holds the values, `facts` what the library sees by itself, `checks` what it makes of that, `filing` what counts
as evidence, `events` what happened, `rules` what follows, `loading` how an instrument and an evidence file are read,
`report` the JSON; `desk` is what the outside calls. This room knows no queue, no survey and no blueprint: what it
cannot know is handed in as facts.
"""

from mppkit.readiness.facts import Facts, facts_of
from mppkit.readiness.loading import load_evidence, load_instrument
from mppkit.readiness.model import (
    Aspect,
    AspectScore,
    AssessedItem,
    Assessment,
    Evidence,
    EvidenceKind,
    Instrument,
    Item,
    Limits,
    State,
)
from mppkit.readiness.report import assessment_facts
from mppkit.readiness.rules import assess, launch

__all__ = [
    "Aspect",
    "AspectScore",
    "AssessedItem",
    "Assessment",
    "Evidence",
    "EvidenceKind",
    "Facts",
    "Instrument",
    "Item",
    "Limits",
    "State",
    "assess",
    "assessment_facts",
    "facts_of",
    "launch",
    "load_evidence",
    "load_instrument",
]
