"""A Hypothesis state machine that does anything in any order to a store, and compares it with plain dicts."""

# ruff: noqa: S101 -- these are tests

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from mppkit.errors import ConflictError
from mppkit.storage.port import Append, EventStore, LabelValue, Op, Query, Recorded, StreamHead, Where
from mppkit.testing.batches import ALL, AT, batch, pages

_runs = count(1)

LABEL_NAMES = st.sampled_from(["due", "status"])
_FEW = st.sampled_from([None, "", "a", "B", "10", "\u00e9", "\uff5e", "\U0001f3db", 0, 1, 1.0, -1, 2**53, 2**53 + 1])
LABEL_VALUES: st.SearchStrategy[LabelValue | None] = (
    # mostly out of a few, so that there are ties and hits
    st.one_of(_FEW, _FEW, _FEW, _FEW)
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4)
)
LABELS = st.dictionaries(LABEL_NAMES, LABEL_VALUES, max_size=2)
OFTEN_NONE = st.none() | st.sampled_from(["r-1", "r-2", "\u00e9 \U0001f3db"])


@st.composite
def wheres(draw: st.DrawFn) -> Where:
    """Draw a condition on a label."""
    label, value = draw(LABEL_NAMES), draw(LABEL_VALUES)
    return Where(label=label, value=value, op=Op.EQ if value is None else draw(st.sampled_from(Op)))


@st.composite
def drafts(draw: st.DrawFn) -> tuple[int, int, Append]:
    """Draw a batch: which of the run's streams, how far from its version, and the rest."""
    return (
        draw(st.integers(0, 5)),
        draw(st.sampled_from([0] * 8 + [-1, 1])),
        batch(
            "mall/bell/to-be-replaced",
            0,
            *draw(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), max_size=3)),
            labels=draw(LABELS),
            summary=draw(st.none() | st.just('{"n":1}')),
            actor=draw(st.none() | st.just("sri")),
            at=AT + timedelta(microseconds=draw(st.integers(-(10**12), 10**12))),
        ),
    )


class EventStoreMachine(RuleBasedStateMachine):
    """Appends, repeats requests, opens again and reads in any order; a list and a dict know what must be there.

    Each run works in two malls of its own, so runs may share a store; nobody else may write to it meanwhile.

    Args:
        open_store: opens a handle.
        durable: whether a handle opened anew shows what was recorded through an earlier one.
    """

    def __init__(self, open_store: Callable[[], EventStore], *, durable: bool = True) -> None:
        super().__init__()
        self.durable = durable
        self.open_store = open_store
        self.store = open_store()
        self.run = f"run{next(_runs):08}"
        self.streams = [f"{self.run}{mall}/{kind}/k" for mall in "ab" for kind in ("bell", "door")]
        self.streams += [f"{self.run}a/bell/K", f"{self.run}a/bell/k-2"]
        self.log: list[Recorded] = []
        self.heads: dict[str, Append] = {}
        self.start = 0
        for page in pages(self.store, 1000):
            self.start = page[-1].position

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()

    # --- steps ------------------------------------------------------------------------------------------------------

    @initialize(labels=st.lists(LABELS, min_size=6, max_size=6))
    def begin(self, labels: list[dict[str, LabelValue | None]]) -> None:
        """Begin every stream in one commit."""
        self._append([batch(stream, labels=each) for stream, each in zip(self.streams, labels, strict=True)])

    @rule(drafts=st.lists(drafts(), min_size=1, max_size=3, unique_by=lambda draft: draft[0]), request_id=OFTEN_NONE)
    def append(self, drafts: list[tuple[int, int, Append]], request_id: str | None) -> None:
        """Append one to three batches, most often at the right version, now and then with a request_id."""
        batches = [
            evolve(
                draft,
                stream=self.streams[place],
                expected_version=max(0, len(self._rows(self.streams[place])) + off),
                request_id=request_id,
            )
            for place, off, draft in drafts
        ]
        self._append(batches)

    @precondition(lambda self: self.durable)
    @rule()
    def open_again(self) -> None:
        """Close the store and open it again."""
        self.store.close()
        self.store = self.open_store()

    @precondition(lambda self: self.durable)
    @rule()
    def change_hands(self) -> None:
        """Go on with another handle, opened before the first is closed."""
        before, self.store = self.store, self.open_store()
        before.close()

    @rule(place=st.integers(0, 5), after=st.integers(0, 8))
    def read(self, place: int, after: int) -> None:
        """Compare a stream from a version on."""
        stream = self.streams[place]
        assert list(self.store.read(stream, after=after)) == self._rows(stream)[after:]

    @rule(skip=st.integers(0, 12), limit=st.integers(0, 12) | st.just(ALL))
    def read_all(self, skip: int, limit: int) -> None:
        """Compare the log from a place on."""
        after = self.log[min(skip, len(self.log)) - 1].position if skip and self.log else self.start
        expected = [row for row in self.log if row.position > after][:limit]
        assert list(self.store.read_all(after=after, limit=limit)) == expected

    @rule(
        mall=st.sampled_from("ab"),
        category=st.none() | st.sampled_from(["bell", "door"]),
        where=st.lists(wheres(), max_size=2),
        order_by=st.none() | LABEL_NAMES,
        descending=st.booleans(),
        limit=st.none() | st.integers(0, 4),
    )
    def find(
        self,
        mall: str,
        category: str | None,
        where: list[Where],
        order_by: str | None,
        descending: bool,
        limit: int | None,
    ) -> None:
        """Compare the heads of one mall that match."""
        query = Query(
            mall=self.run + mall,
            category=category,
            where=tuple(where),
            order_by=order_by,
            descending=descending,
            limit=limit,
        )
        found = self.store.find(query)
        assert [head.stream for head in found] == self._matching(query)
        for head in found:
            self._check_head(head)

    @rule(where=st.lists(wheres(), max_size=1))
    def find_in_all_malls(self, where: list[Where]) -> None:
        """Compare the heads of both malls, whatever else is in the store."""
        found = [head.stream for head in self.store.find(Query(where=tuple(where)))]
        assert [stream for stream in found if stream.startswith(self.run)] == self._matching(Query(where=tuple(where)))

    # --- what must be there -----------------------------------------------------------------------------------------

    def _rows(self, stream: str) -> list[Recorded]:
        return [row for row in self.log if row.stream == stream]

    def _append(self, batches: list[Append]) -> None:
        used = [
            [row for row in self._rows(batch.stream) if batch.request_id and row.request_id == batch.request_id]
            for batch in batches
        ]
        if all(used):
            assert list(self.store.append(*batches)) == [row for rows in used for row in rows]
            return
        stale = [batch for batch in batches if batch.expected_version != len(self._rows(batch.stream))]
        if any(used) or stale:
            with pytest.raises(ConflictError) as refused:
                self.store.append(*batches)
            assert refused.value.stream in {batch.stream for batch in batches}
            return
        recorded = self.store.append(*batches)
        assert [_content(row) for row in recorded] == [row for batch in batches for row in _rows_of(batch)]
        positions = [self.start, *(row.position for row in [*self.log[-1:], *recorded])]
        assert all(earlier < later for earlier, later in pairwise(positions))
        self.log += recorded
        self.heads.update({batch.stream: batch for batch in batches})

    def _check_head(self, head: StreamHead) -> None:
        last, latest = self.heads[head.stream], self._rows(head.stream)[-1]
        assert (head.version, head.digest) == (latest.version, latest.digest)
        assert (dict(head.labels), head.summary, head.updated_at) == (dict(last.labels), last.summary, last.at)

    def _matching(self, query: Query) -> list[str]:
        streams = [
            stream
            for stream, last in self.heads.items()
            if query.mall in (None, stream.split("/")[0])
            and query.category in (None, stream.split("/")[1])
            and all(_holds(last.labels.get(where.label), where) for where in query.where)
        ]
        streams.sort(reverse=query.descending)
        if (label := query.order_by) is not None:
            labels = {stream: self.heads[stream].labels.get(label) for stream in streams}
            numbers, texts, bare = (
                [stream for stream in streams if isinstance(labels[stream], kind)]
                for kind in (int | float, str, type(None))
            )
            for alike in (numbers, texts):
                alike.sort(key=lambda stream: _comparable(labels[stream]), reverse=query.descending)
            streams = [*texts, *numbers, *bare] if query.descending else [*numbers, *texts, *bare]
        return streams[: query.limit]


def _comparable(value: LabelValue | None) -> Any:  # Any: values of one kind, which the types cannot say
    return value


def _content(row: Recorded) -> tuple[object, ...]:
    return row.stream, row.version, row.name, row.event_version, row.data, row.at, row.actor, row.request_id


def _rows_of(batch: Append) -> Iterable[tuple[object, ...]]:
    for version, event in enumerate(batch.events, batch.expected_version + 1):
        yield batch.stream, version, event.name, event.version, event.data, batch.at, batch.actor, batch.request_id


def _holds(value: Any, where: Where) -> bool:
    wanted: Any = where.value
    if value is None or wanted is None:
        return value is None and wanted is None
    if isinstance(value, str) != isinstance(wanted, str):
        return False
    below, same = value < wanted, value == wanted
    answers = {Op.EQ: same, Op.LT: below, Op.LE: below or same, Op.GT: not below and not same, Op.GE: not below}
    return bool(answers[where.op])


class MachinePromise:
    """The promise that takes all others together."""

    durable: bool

    def test_any_sequence_of_steps_agrees_with_a_plain_dict(self, open_store: Callable[[], EventStore]) -> None:
        """Whatever is done in whatever order, the store answers as a list and a dict would; see `EventStoreMachine`."""
        durable = self.durable

        class Machine(EventStoreMachine):
            def __init__(self) -> None:
                super().__init__(open_store, durable=durable)

        run_state_machine_as_test(Machine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))
