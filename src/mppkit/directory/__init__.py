"""Who is in the mall: agencies, the services they give, and the counters where they give them.

This room knows what there is, not what happens there.
"""

from mppkit.directory.model import Agency, AgencyKind, Counter, Directory, Service

__all__ = ["Agency", "AgencyKind", "Counter", "Directory", "Service"]
