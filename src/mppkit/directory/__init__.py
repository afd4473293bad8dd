"""Who and what is in the mall: agencies and their rules, services and their standards, counters, officers, facilities.

This room knows what there is and what was enacted, not what happens at the counters.
"""

from mppkit.directory.model import (
    Agency,
    AgencyKind,
    Counter,
    Directory,
    Duty,
    Facility,
    FacilityGroup,
    Offer,
    Officer,
    Role,
    Service,
)
from mppkit.directory.regulations import Participation, Regulation, RegulationKind
from mppkit.directory.standards import (
    COMPONENTS,
    STANDARD_BASIS,
    Channel,
    ChannelKind,
    Component,
    DocumentForm,
    Duration,
    Fee,
    Requirement,
    Standard,
    TimeUnit,
)

__all__ = [
    "COMPONENTS",
    "STANDARD_BASIS",
    "Agency",
    "AgencyKind",
    "Channel",
    "ChannelKind",
    "Component",
    "Counter",
    "Directory",
    "DocumentForm",
    "Duration",
    "Duty",
    "Facility",
    "FacilityGroup",
    "Fee",
    "Offer",
    "Officer",
    "Participation",
    "Regulation",
    "RegulationKind",
    "Requirement",
    "Role",
    "Service",
    "Standard",
    "TimeUnit",
]
