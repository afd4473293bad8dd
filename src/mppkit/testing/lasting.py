"""What holds over a store's life: closing, using it afterwards, two handles, and opening it again."""

# ruff: noqa: S101 -- these are tests

from collections.abc import Callable

import pytest

from mppkit.errors import ConflictError, StorageError
from mppkit.storage.audit import audit
from mppkit.storage.port import EventStore, Labels, Query, Where
from mppkit.testing.batches import BACK, FRONT, batch, everything, head, state

VERBS: dict[str, Callable[[EventStore], object]] = {
    "append": lambda store: store.append(batch(FRONT)),
    "append nothing": lambda store: store.append(),
    "read": lambda store: store.read(FRONT),
    "read_all": lambda store: store.read_all(),
    "find": lambda store: store.find(Query()),
}


class LastingPromises:
    """The promises of `close`, and of what is there when the store is opened again."""

    def test_close_may_be_called_twice(self, store: EventStore) -> None:
        """`close` of a closed store does nothing."""
        store.append(batch(FRONT))
        store.close()
        store.close()

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_closed_store_says_so(self, store: EventStore, verb: str) -> None:
        """Every verb but `close` raises StorageError on a closed store."""
        store.append(batch(FRONT))
        store.close()
        with pytest.raises(StorageError):
            VERBS[verb](store)

    def test_a_with_block_closes_the_store(self, store: EventStore) -> None:
        """`with store` gives the store itself, and closes it at the end."""
        with store as entered:
            assert entered is store
            assert tuple(store.read_all()) == ()
        with pytest.raises(StorageError):
            store.read_all()

    def test_a_with_block_closes_the_store_after_an_error(self, store: EventStore) -> None:
        """An error inside `with store` goes on to the caller, and the store is closed all the same."""
        with pytest.raises(LookupError), store:
            raise LookupError
        with pytest.raises(StorageError):
            store.read_all()

    def test_the_audit_of_a_sound_store_finds_it_intact(self, store: EventStore) -> None:
        """`audit` walks every event of a store that kept the contract, and finds no break."""
        store.append(batch(FRONT, 0, "1", "2"), batch(BACK))
        store.append(batch(FRONT, 2))
        report = audit(store)
        assert report.breaks == ()
        assert (report.streams, report.events) == (2, 4)

    def test_two_handles_see_each_other_at_once(self, store: EventStore, other: EventStore) -> None:
        """What one handle has recorded the other reads, finds, and is measured by, from that moment on."""
        rows = store.append(batch(FRONT, 0, "1", labels={"status": "open"}, request_id="r-1"))
        assert everything(other) == rows
        assert [found.stream for found in other.find(Query(where=(Where(label="status", value="open"),)))] == [FRONT]
        with pytest.raises(ConflictError):
            other.append(batch(FRONT, 0))
        assert tuple(other.append(batch(FRONT, 0, request_id="r-1"))) == rows
        later = other.append(batch(FRONT, 1, "2"), batch(BACK, 0, "3"))
        assert everything(store) == (*rows, *later)
        assert head(store, FRONT).labels == {}

    def test_closing_one_handle_leaves_the_other_open(self, store: EventStore, other: EventStore) -> None:
        """A handle outlives the others on its store."""
        other.append(batch(FRONT))
        other.close()
        store.append(batch(FRONT, 1))
        assert len(everything(store)) == 2

    def test_everything_is_there_when_opened_again(
        self, store: EventStore, other: EventStore, open_store: Callable[[], EventStore]
    ) -> None:
        """After all handles were closed, events, heads, digests and requests are as before, and the chain goes on."""
        labels: Labels = {"n": 1, "s": "\u00e9", "f": 0.1}
        store.append(batch(FRONT, 0, "1", "2", labels=labels, summary="[]", request_id="r-1"))
        other.append(batch(FRONT, 2, "3", actor="sri"), batch(BACK, 0, '"\U0001f3db"', labels={"big": 2**63 - 1}))
        before, digest = state(store), audit(store).digest
        store.close()
        other.close()
        with open_store() as again:
            assert state(again) == before
            assert audit(again).digest == digest
            assert tuple(again.append(batch(FRONT, 3, request_id="r-1"))) == before[0][:2]
            with pytest.raises(ConflictError):
                again.append(batch(FRONT, 2))
            [row] = again.append(batch(FRONT, 3))
            assert row.position > before[0][-1].position
            assert audit(again).intact
