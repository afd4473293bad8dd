"""A blueprint as a value: what a mall's TOML files say, checked and put together."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from attrs import frozen

from mppkit.blueprint.digest import digest_of
from mppkit.blueprint.policies import told
from mppkit.calendars import Calendar
from mppkit.directory import Directory
from mppkit.queues.policies import QueuePolicies


@frozen(kw_only=True)
class Blueprint:
    """One mall: who and what is in it, when it is open, and by which rules it queues.

    Attributes:
        id: the mall's id; every stream of the mall begins with it.
        name, name_english: what citizens read.
        invented: whether the mall exists on paper only, so that no figure of it is taken for a real one.
        calendar: when it is open, and its time zone.
        directory: its agencies and their rules, services and their standards, counters, officers and facilities.
        policies: the rules of its queue.
        registered: what the files say of policies that are not built in, by slot.
        sources: the files it was read from.
    """

    id: str
    name: str
    name_english: str
    invented: bool
    calendar: Calendar
    directory: Directory
    policies: QueuePolicies
    registered: Mapping[str, Mapping[str, object]] = MappingProxyType({})
    sources: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all it means, 64 hexadecimal digits: alike whatever the files and the order of their rows.

        Of a policy that was handed in, and that no file names, only what can be told counts: its name, and the fields
        of an attrs class.
        """
        return digest_of(
            {
                "id": self.id,
                "name": self.name,
                "name_english": self.name_english,
                "invented": self.invented,
                "calendar": self.calendar,
                "directory": self.directory,
                "queue": told(self.policies, self.registered),
            }
        )
