"""The blueprint (*cetak biru*) of a mall: TOML that says who is in it, when it is open and by which rules it queues.

Reading reports every problem at once. A blueprint names policies, it never imports code: it may come from another
regency. `contoh` is a sample mall that ships with the package; it is invented. This room opens no store.
"""

from mppkit.blueprint.adoption import Adoption, AdoptionItem, adopt
from mppkit.blueprint.checking import TO_FILL_IN, Finding, Severity, check
from mppkit.blueprint.diff import Change, ChangeKind, diff
from mppkit.blueprint.loading import find_blueprint, load_blueprint, sample_blueprint
from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.policies import Register
from mppkit.blueprint.schema import schema

__all__ = [
    "TO_FILL_IN",
    "Adoption",
    "AdoptionItem",
    "Blueprint",
    "Change",
    "ChangeKind",
    "Finding",
    "Register",
    "Severity",
    "adopt",
    "check",
    "diff",
    "find_blueprint",
    "load_blueprint",
    "sample_blueprint",
    "schema",
]
