"""The contract of a key ring, for whoever keeps the keys of persons somewhere else."""

# ruff: noqa: S101 -- these are tests

from collections.abc import Callable
from functools import partial

import pytest

from mppkit.errors import InvalidValueError
from mppkit.people.key_ring import KeyRing
from mppkit.testing.racing import at_once

_ALL_BYTES = bytes(range(256))
_RACERS = 8


class KeyRingContract:
    """Everything that a key ring promises; each test is one promise, told in its docstring.

        class TestMyRing(KeyRingContract):
            @pytest.fixture
            def open_ring(self, tmp_path):
                return lambda: MyRing(tmp_path / "ring")

    `open_ring` gives a function that opens a handle: within one test always on the same ring, which is empty at first.
    A ring that lives in its handle alone returns the same one each time.
    """

    @pytest.fixture
    def open_ring(self) -> Callable[[], KeyRing]:
        """Return the function that opens a handle; the subclass gives its own."""
        pytest.fail(f"give {type(self).__name__} a fixture open_ring: it returns a function that opens the ring")

    @pytest.fixture
    def ring(self, open_ring: Callable[[], KeyRing]) -> KeyRing:
        """Open the ring of this test."""
        return open_ring()

    def test_a_name_takes_its_first_piece_and_tells_who_comes_later(self, ring: KeyRing) -> None:
        """`add` puts a piece under a free name; where one is taken it changes nothing and returns what is there."""
        assert ring.get("key.p-a.x") is None
        assert ring.add("key.p-a.x", b"one") == b"one"
        assert ring.add("key.p-a.x", b"two") == b"one"
        assert ring.get("key.p-a.x") == b"one"

    def test_pieces_come_back_to_the_byte(self, open_ring: Callable[[], KeyRing]) -> None:
        """Any bytes are kept, also none, and another handle reads them."""
        here, there = open_ring(), open_ring()
        for name, piece in (("key.p-a.x", _ALL_BYTES * 40), ("tag.0123.p-a.x", b"")):
            assert here.add(name, piece) == piece
            assert there.get(name) == piece
        there.replace("key.p-a.x", _ALL_BYTES[::-1])
        assert here.get("key.p-a.x") == _ALL_BYTES[::-1]

    def test_a_piece_can_be_replaced_also_where_there_was_none(self, ring: KeyRing) -> None:
        """`replace` puts a piece under a name, taken or free."""
        ring.replace("key.p-a.x", b"one")
        ring.replace("key.p-a.x", b"two")
        assert ring.get("key.p-a.x") == b"two"

    def test_what_is_destroyed_is_gone_and_its_name_free(self, open_ring: Callable[[], KeyRing]) -> None:
        """`destroy` leaves nothing for any handle, and does nothing where there is nothing."""
        here, there = open_ring(), open_ring()
        here.add("key.p-a.x", b"one")
        here.add("key.p-a.y", b"other")
        for _ in range(2):
            here.destroy("key.p-a.x")
        assert there.get("key.p-a.x") is None
        assert list(there.names("")) == ["key.p-a.y"]
        assert there.add("key.p-a.x", b"two") == b"two"

    def test_names_are_listed_by_their_beginning_and_in_order(self, ring: KeyRing) -> None:
        """`names` returns exactly those that begin so, in order; the prefix is empty or ends where a part does."""
        names = ["index.key", "key.p-a.x", "key.p-a.y", "key.p-ab.x", "key.q.x", "tag.0.p-a.x", "tag.01.p-a.x"]
        for name in reversed(names):
            ring.add(name, b"piece")
        ring.destroy("key.p-a.y")
        names.remove("key.p-a.y")
        for prefix in ("", "key.", "key.p-a.", "key.p-ab.", "key.q.", "tag.", "tag.0.", "tag.01.", "tag.2.", "index."):
            assert list(ring.names(prefix)) == [name for name in names if name.startswith(prefix)], prefix

    @pytest.mark.parametrize("name", ["", "../key", "key/x", "KEY.x", "key.x~1", "key..x", ".key", "key.\x00", None])
    def test_what_is_no_name_is_refused(self, ring: KeyRing, name: str) -> None:
        """A name that could be a path or a pattern raises InvalidValueError, whatever the verb."""
        for verb in (ring.get, ring.destroy, lambda n: ring.add(n, b""), lambda n: ring.replace(n, b"")):
            with pytest.raises(InvalidValueError):
                verb(name)

    def test_of_many_who_add_at_once_one_is_first_and_all_are_told_who(self, open_ring: Callable[[], KeyRing]) -> None:
        """Two processes that make the key of one person get the same key; a lost one would seal data for ever."""
        handles = [open_ring() for _ in range(_RACERS)]
        for turn in range(20):
            name = f"key.p-{turn}.x"
            told = at_once(*(partial(ring.add, name, bytes([n])) for n, ring in enumerate(handles)))
            assert len(set(told)) == 1
            assert handles[0].get(name) == told[0]
