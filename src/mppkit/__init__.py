"""mppkit: build, rehearse and run a Mal Pelayanan Publik (MPP), one hall where many agencies serve citizens.

Importing this package loads nothing heavy; each name below is fetched when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mppkit.blueprint import Blueprint as Blueprint
    from mppkit.clock import VirtualClock as VirtualClock
    from mppkit.mall import Mall as Mall
    from mppkit.storage import open_store as open_store

_HOMES = {
    "Blueprint": "mppkit.blueprint",
    "Mall": "mppkit.mall",
    "VirtualClock": "mppkit.clock",
    "open_store": "mppkit.storage",
}
__all__ = ["Blueprint", "Mall", "VirtualClock", "__version__", "open_store"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'mppkit' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
