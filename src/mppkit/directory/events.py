"""What happens to a mall's directory, with a name and version that stay for ever.

The directory stands in the event whole: years later nobody has to find the files it was read from.
"""

from typing import ClassVar

from attrs import frozen

from mppkit.directory.model import Directory


@frozen(kw_only=True)
class BlueprintEnacted:
    """From this instant on the mall is as a blueprint says (*penetapan*).

    Attributes:
        digest: the blueprint's digest, which decisions name.
        directory: who and what is in the mall by it.
        why: what it was enacted for, such as the decree that asked for it.
    """

    event_name: ClassVar[str] = "directory.blueprint_enacted"
    event_version: ClassVar[int] = 1
    digest: str
    directory: Directory
    why: str


EVENTS: tuple[type[BlueprintEnacted], ...] = (BlueprintEnacted,)
"""All events of this room, for the codec."""
