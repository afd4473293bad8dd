"""Proofs for whoever puts the five verbs, or the ring of keys, on another database: the contracts that ours keep.

Subclass `EventStoreContract` or `KeyRingContract` in a test module, tell it how to open yours, and pytest runs every
promise. This edge needs pytest and hypothesis (extra `test`); nothing else in mppkit knows of it.
"""

from mppkit.errors import MissingExtraError

try:
    import hypothesis  # noqa: F401 -- asked for here, so that whoever lacks it is told which extra brings it
    import pytest
except ImportError as error:
    raise MissingExtraError("mppkit.testing", "test") from error

# before they are imported: a promise that is broken then shows both sides of the comparison
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{room}"
        for room in ("batches", "appending", "reading", "finding", "racing", "lasting", "machine", "key_rings")
    )
)

from mppkit.testing.contract import EventStoreContract  # noqa: E402
from mppkit.testing.key_rings import KeyRingContract  # noqa: E402
from mppkit.testing.machine import EventStoreMachine  # noqa: E402

__all__ = ["EventStoreContract", "EventStoreMachine", "KeyRingContract"]
