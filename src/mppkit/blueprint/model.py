"""A blueprint as a value: what a mall's TOML files say, checked and put together."""

from attrs import frozen

from mppkit.calendars import Calendar
from mppkit.directory import Directory
from mppkit.queues.policies import QueuePolicies


@frozen(kw_only=True)
class Blueprint:
    """One mall: who is in it, when it is open, and by which rules it queues.

    Attributes:
        id: the mall's id; every stream of the mall begins with it.
        name, name_english: what citizens read.
        invented: whether the mall exists on paper only, so that no figure of it is taken for a real one.
        calendar: when it is open, and its time zone.
        directory: its agencies, services and counters.
        policies: the rules of its queue.
        sources: the files it was read from.
    """

    id: str
    name: str
    name_english: str
    invented: bool
    calendar: Calendar
    directory: Directory
    policies: QueuePolicies
    sources: tuple[str, ...]
