"""What `read` and `read_all` promise: complete, in order, from any place on, and nothing that could be changed."""

# ruff: noqa: S101 -- these are tests

from typing import Any

import pytest

from mppkit.errors import InvalidValueError
from mppkit.storage.port import EventStore, Recorded
from mppkit.testing.batches import BACK, FRONT, batch, everything, head, pages


class ReadPromises:
    """The promises of `read` and `read_all`."""

    def test_an_empty_store_has_nothing_to_read(self, store: EventStore) -> None:
        """A new store is empty."""
        assert tuple(store.read_all()) == ()
        assert tuple(store.read(FRONT)) == ()

    @pytest.mark.parametrize(
        "stream", [BACK, "badung/bell/Front", "badung/bell/fron", "badung", "", "%", "x\x00y", "\ud83c", "'; --"]
    )
    def test_an_unknown_stream_reads_empty(self, store: EventStore, stream: str) -> None:
        """`read` of a stream that is not there gives nothing, even of a name that no stream can have."""
        store.append(batch(FRONT))
        assert tuple(store.read(stream)) == ()

    def test_read_goes_on_after_a_version(self, store: EventStore) -> None:
        """`read(stream, after)` gives the stream's events of greater versions, in order, and nothing past the end."""
        for version in range(4):
            store.append(batch(FRONT, version, str(version + 1)), batch(BACK, version))
        rows = tuple(store.read(FRONT))
        assert [(row.version, row.data) for row in rows] == [(1, "1"), (2, "2"), (3, "3"), (4, "4")]
        for after in range(6):
            assert tuple(store.read(FRONT, after=after)) == rows[after:]
        assert tuple(store.read(FRONT, after=2**63 - 1)) == ()

    def test_positions_grow_in_commit_order(self, store: EventStore) -> None:
        """Positions begin above 0 and grow from commit to commit, over all streams."""
        appended: list[Recorded] = []
        for version in range(5):
            appended += store.append(batch(BACK, version), batch(FRONT, 2 * version, "1", "2"))
        rows = everything(store)
        assert list(rows) == appended
        positions = [row.position for row in rows]
        assert positions == sorted(set(positions))
        assert positions[0] > 0

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 19, 20, 21, 2**63 - 1])
    def test_pages_put_together_are_the_whole(self, store: EventStore, limit: int) -> None:
        """Whoever reads on after the last position seen gets every event once, in order, by any limit."""
        for version in range(10):
            store.append(batch(FRONT, version), batch(BACK, version))
        seen = [row for page in pages(store, limit) for row in page]
        assert tuple(seen) == everything(store)
        assert len(seen) == 20
        assert tuple(store.read_all(after=2**63 - 1, limit=limit)) == ()

    def test_without_a_limit_a_page_is_a_thousand_events_at_most(self, store: EventStore) -> None:
        """`read_all()` alone never brings a large store into memory at once."""
        store.append(batch(FRONT, 0, *map(str, range(1003))))
        first = store.read_all()
        assert 0 < len(first) <= 1000
        assert [row.data for row in first] == [str(number) for number in range(len(first))]

    def test_a_limit_of_0_gives_nothing(self, store: EventStore) -> None:
        """`read_all(limit=0)` is empty, and no way of saying "all"."""
        store.append(batch(FRONT))
        assert tuple(store.read_all(limit=0)) == ()

    # Any: what a caller without a type checker may hand in
    @pytest.mark.parametrize("wrong", [-1, True, 1.0, "1", None, 2**63])
    def test_an_impossible_place_is_refused(self, store: EventStore, wrong: Any) -> None:
        """A place or limit that is no whole number from 0 to 64 bits is refused, never guessed at."""
        with pytest.raises(InvalidValueError):
            store.read(FRONT, after=wrong)
        with pytest.raises(InvalidValueError):
            store.read_all(after=wrong)
        with pytest.raises(InvalidValueError):
            store.read_all(limit=wrong)

    # Any: to try what the types forbid
    def test_what_is_returned_cannot_change_the_store(self, store: EventStore) -> None:
        """Rows, heads and labels refuse to be changed, and no list that comes back is the store's own."""
        appended: Any = store.append(batch(FRONT, labels={"status": "open"}))
        row, kept = appended[0], everything(store)
        found: Any = head(store, FRONT)
        with pytest.raises(AttributeError):
            row.data = "changed"
        with pytest.raises(AttributeError):
            found.version = 9
        with pytest.raises((TypeError, AttributeError)):
            found.labels["status"] = "shut"
        for answer in (appended, store.read(FRONT), store.read_all()):
            if isinstance(answer, list):
                answer.clear()
        assert everything(store) == tuple(store.read(FRONT)) == kept
        assert dict(head(store, FRONT).labels) == {"status": "open"}
