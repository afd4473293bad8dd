"""What `find` promises: the same heads in the same order from every store, however its database compares."""

# ruff: noqa: S101 -- these are tests

import pytest

from mppkit.storage.port import EventStore, Labels, LabelValue, Op, Query, Where
from mppkit.testing.batches import AT, BACK, FRONT, batch, head

TEXTS_IN_ORDER = (
    *("", " ", "0", "10", "9", "A", "Z", "a", "a ", "a0", "aa", "e\u0301", "z"),
    *("\u00e9", "\uff5e", "\U0001f3db"),
)
"""By code point: not by language, not without case, and not by UTF-16, which would swap the last two."""

NUMBERS_IN_ORDER = (
    -(2**63) + 1,
    -1e18,
    -1,
    -0.5,
    0,
    5e-324,
    0.5,
    1,
    1.5,
    2**53,
    2**53 + 1,
    2**63 - 2,
    2**63 - 1,
    float(2**63),
    1.7976931348623157e308,
)
"""Exactly: a store that compares through floats takes the large ones for equal."""


def fill(store: EventStore, **labels: LabelValue | None) -> None:
    """Begin one stream for each value; its key is the argument's name."""
    store.append(*(batch(f"badung/bell/{key}", labels={"x": value}) for key, value in labels.items()))


def keys(store: EventStore, *where: Where, order_by: str | None = None, descending: bool = False) -> list[str]:
    """Return the keys of the streams found."""
    query = Query(where=where, order_by=order_by, descending=descending)
    return [found.stream.rpartition("/")[2] for found in store.find(query)]


def values(store: EventStore, *where: Where) -> list[LabelValue]:
    """Return the values of the label x of the streams found, in their order."""
    return [found.labels["x"] for found in store.find(Query(where=where, order_by="x"))]


class FindPromises:
    """The promises of `find`, and of the heads it gives."""

    def test_a_head_says_where_its_stream_stands(self, store: EventStore) -> None:
        """A head carries the stream's length, last digest and instant, and the labels and summary given last."""
        labels: Labels = {"status": "open", "n": 2, "share": 0.5}
        rows = store.append(batch(FRONT, 0, "1", "2", labels=labels, summary='{"a":1}'))
        found = head(store, FRONT)
        assert (found.stream, found.version, found.digest) == (FRONT, 2, rows[-1].digest)
        assert (dict(found.labels), found.summary) == (labels, '{"a":1}')
        assert found.updated_at == AT
        assert [type(found.labels[name]) for name in ("status", "n", "share")] == [str, int, float]

    def test_labels_and_summary_are_replaced_whole(self, store: EventStore) -> None:
        """Each commit replaces the head's labels and summary; what it does not name is gone, not kept from before."""
        store.append(batch(FRONT, 0, labels={"status": "open", "service": "nib"}, summary="1"))
        store.append(batch(FRONT, 1, labels={"status": "shut", "due": 7}, summary="2"))
        assert dict(head(store, FRONT).labels) == {"status": "shut", "due": 7}
        assert keys(store, Where(label="status", value="open")) == []
        assert keys(store, Where(label="service", value="nib")) == []
        assert keys(store, Where(label="service", value=None)) == ["front"]
        assert keys(store, Where(label="due", value=7)) == ["front"]
        store.append(batch(FRONT, 2))
        found = head(store, FRONT)
        assert (dict(found.labels), found.summary) == ({}, None)
        assert keys(store, Where(label="due", op=Op.GE, value=0)) == []

    def test_a_label_of_another_stream_is_not_touched(self, store: EventStore) -> None:
        """Replacing one stream's labels leaves those of the others."""
        fill(store, a="1", b="1")
        store.append(batch("badung/bell/a", 1, labels={"x": "2"}))
        assert keys(store, Where(label="x", value="1")) == ["b"]

    def test_a_label_whose_value_is_none_is_no_label(self, store: EventStore) -> None:
        """`= None` finds the streams without the label, whether it was left out or given as None."""
        fill(store, a=None, b="", c=0, d="None")
        store.append(batch(BACK, labels={"y": 1}))
        assert keys(store, Where(label="x", value=None)) == ["a", "back"]
        assert keys(store, Where(label="x", value="")) == ["b"]
        assert keys(store, Where(label="x", value=0)) == ["c"]
        assert keys(store, Where(label="x", value="None")) == ["d"]
        assert dict(head(store, "badung/bell/a").labels) == {}

    def test_find_is_by_mall_and_category(self, store: EventStore) -> None:
        """A query sees the whole mall or category it names and no other, however alike the names."""
        streams = ["badung/bell/a", "badung/bell2/a", "badung-2/bell/a", "badung.2/bell/a", "bell/badung/a", "b/b/b"]
        for stream in streams:
            store.append(batch(stream))

        def found(mall: str | None, category: str | None) -> list[str]:
            return [each.stream for each in store.find(Query(mall=mall, category=category))]

        assert found("badung", None) == ["badung/bell/a", "badung/bell2/a"]
        assert found(None, "bell") == ["badung-2/bell/a", "badung.2/bell/a", "badung/bell/a"]
        assert found("badung", "bell") == ["badung/bell/a"]
        assert found(None, None) == sorted(streams)
        for nobody in ("bad", "badung/", "BADUNG", "badung%", "b_dung", "", "\ud83c"):
            assert found(nobody, None) == []

    @pytest.mark.parametrize("op", Op)
    def test_texts_compare_by_code_point(self, store: EventStore, op: Op) -> None:
        """Texts compare by code point under all five operators: case, accents, spaces and digits as they stand."""
        fill(store, number=5, **{f"t{i}": text for i, text in enumerate(TEXTS_IN_ORDER)})
        for place, text in enumerate(TEXTS_IN_ORDER):
            assert values(store, Where(label="x", op=op, value=text)) == expected(TEXTS_IN_ORDER, place, op)

    @pytest.mark.parametrize("op", Op)
    def test_numbers_compare_exactly(self, store: EventStore, op: Op) -> None:
        """Integers and floats compare as numbers, exactly to the last of 64 bits, under all five operators."""
        fill(store, text="5", **{f"n{i}": number for i, number in enumerate(NUMBERS_IN_ORDER)})
        for place, number in enumerate(NUMBERS_IN_ORDER):
            assert values(store, Where(label="x", op=op, value=number)) == expected(NUMBERS_IN_ORDER, place, op)

    def test_an_integer_equals_the_float_of_the_same_value(self, store: EventStore) -> None:
        """1 and 1.0 are the same number to a query, and so are 0 and -0.0."""
        fill(store, a=1, b=1.0, c=0, d=-0.0, e="1", f="1.0")
        for one in (1, 1.0):
            assert keys(store, Where(label="x", value=one)) == ["a", "b"]
            assert keys(store, Where(label="x", op=Op.GE, value=one)) == ["a", "b"]
        for nought in (0, 0.0, -0.0):
            assert keys(store, Where(label="x", value=nought)) == ["c", "d"]

    @pytest.mark.parametrize("op", Op)
    def test_numbers_and_texts_never_match(self, store: EventStore, op: Op) -> None:
        """A condition with a number sees no text and one with a text sees no number, whatever the operator."""
        fill(store, a="0", b="", c="\U0001f3db", d=0, e=-(2**62), f=1e300)
        texts, numbers = set("abc"), set("def")
        for text in ("", "0", "5", "\U0001f3db"):
            assert set(keys(store, Where(label="x", op=op, value=text))) <= texts
        for number in (0, -(2**63) + 1, 2**63 - 1, -1e300, 1e300):
            assert set(keys(store, Where(label="x", op=op, value=number))) <= numbers

    def test_all_conditions_must_hold(self, store: EventStore) -> None:
        """Conditions on several labels, or several on one, narrow the answer together."""
        for number in range(10):
            parity = "even" if number % 2 == 0 else "odd"
            store.append(batch(f"badung/bell/{number}", labels={"n": number, "parity": parity}))
        at_least_3, below_8 = Where(label="n", op=Op.GE, value=3), Where(label="n", op=Op.LT, value=8)
        even = Where(label="parity", value="even")
        assert keys(store, at_least_3, below_8) == ["3", "4", "5", "6", "7"]
        assert keys(store, at_least_3, even, below_8) == ["4", "6"]
        assert keys(store, at_least_3, even, even, Where(label="z", value=None)) == ["4", "6", "8"]
        assert keys(store, even, Where(label="parity", value="odd")) == []
        assert keys(store, even, Where(label="parity", value=None)) == []
        assert keys(store, even, Where(label="z", op=Op.LE, value=1)) == []

    def test_the_order_is_by_label_then_by_stream_name(self, store: EventStore) -> None:
        """Numbers come before texts, heads without the label last; ties stand by stream name."""
        fill(store, d="a", b=2, a=2.0, c=10, B=2, e="B", f=None, g=-1, A=None)
        assert keys(store, order_by="x") == ["g", "B", "a", "b", "c", "e", "d", "A", "f"]

    def test_descending_turns_label_and_name_around(self, store: EventStore) -> None:
        """Descending turns both orders around, and still leaves the heads without the label last."""
        fill(store, d="a", b=2, a=2.0, c=10, B=2, e="B", f=None, g=-1, A=None)
        assert keys(store, order_by="x", descending=True) == ["d", "e", "c", "b", "a", "B", "g", "f", "A"]

    def test_without_a_label_the_order_is_by_stream_name(self, store: EventStore) -> None:
        """Stream names stand in order of code points, whenever the streams began; descending turns it around."""
        names = ["b", "a.1", "a-1", "A", "a1", "a", "B", "a_1", "10", "9"]
        fill(store, **dict.fromkeys(names))
        assert keys(store) == sorted(names)
        assert keys(store, descending=True) == sorted(names, reverse=True)

    @pytest.mark.parametrize("descending", [False, True])
    def test_a_limit_takes_the_first_of_the_order(self, store: EventStore, descending: bool) -> None:
        """A limit cuts the ordered answer: 0 gives nothing, None and a limit beyond the end give all."""
        fill(store, a=3, b=1, c=2, d=None, e="x")
        whole = tuple(store.find(Query(order_by="x", descending=descending)))
        assert len(whole) == 5
        for limit in (0, 1, 3, 5, 6, 2**63 - 1):
            assert tuple(store.find(Query(order_by="x", descending=descending, limit=limit))) == whole[:limit]

    def test_a_query_cannot_be_led_astray_by_signs(self, store: EventStore) -> None:
        """Quotes, percent signs and the like in a value are letters, and nothing else."""
        fill(store, a="it's", b='"', c="%", d="_", e="x", f="\\", g="?", h="'; DROP TABLE x; --")
        for key, value in zip("abcdfgh", ("it's", '"', "%", "_", "\\", "?", "'; DROP TABLE x; --"), strict=True):
            assert keys(store, Where(label="x", value=value)) == [key]
        assert len(keys(store)) == 8

    def test_a_label_can_have_any_name_that_is_allowed(self, store: EventStore) -> None:
        """Label names that are words of a query language, or as long as they may be, are found like all others."""
        names = ["order", "select", "value", "stream", "name", "version", "mall", "x" * 63]
        store.append(batch(FRONT, labels={name: number for number, name in enumerate(names)}))
        for number, name in enumerate(names):
            assert keys(store, Where(label=name, value=number), order_by=name) == ["front"]


def expected(values: tuple[LabelValue, ...], place: int, op: Op) -> list[LabelValue]:
    """Return those of the ordered values that compare so with the one at `place`."""
    match op:
        case Op.EQ:
            return list(values[place : place + 1])
        case Op.LT:
            return list(values[:place])
        case Op.LE:
            return list(values[: place + 1])
        case Op.GT:
            return list(values[place + 1 :])
        case Op.GE:
            return list(values[place:])
