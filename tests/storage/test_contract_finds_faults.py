"""The contract can fail: each of these stores breaks one promise, and the promise's own test says so.

The state machine finds those faults, too, that need no second thread.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from mppkit.errors import ConflictError
from mppkit.storage import Append, MemoryStore, Query, Recorded, StreamHead
from mppkit.testing import EventStoreContract, EventStoreMachine


class CommitsByHalves(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        if len({batch.stream for batch in batches}) < 2:
            return super().append(*batches)
        return tuple(row for batch in batches for row in super(CommitsByHalves, self).append(batch))


class TakesAnyVersion(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        try:
            return super().append(*batches)
        except ConflictError as conflict:
            right = [
                evolve(batch, expected_version=conflict.actual) if batch.stream == conflict.stream else batch
                for batch in batches
            ]
            if right == list(batches):
                raise
            return self.append(*right)


class ForgetsRequests(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        recorded = super().append(*batches)
        self._requests.clear()
        return recorded


class RecordsAHalfRepeatedCommit(MemoryStore):
    def _repeated(self, batches: Sequence[Append]) -> tuple[Recorded, ...] | None:
        try:
            return super()._repeated(batches)
        except ConflictError:
            return None


class AnswersARepeatWithTheLastEvents(MemoryStore):
    def _repeated(self, batches: Sequence[Append]) -> tuple[Recorded, ...] | None:
        found = super()._repeated(batches)
        return found and tuple(self._streams[batches[0].stream][-len(found) :])


class MergesLabels(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        heads = self._heads
        return super().append(
            *(
                evolve(batch, labels={**heads[batch.stream].labels, **batch.labels})
                if batch.stream in heads and self._repeated([batch]) is None
                else batch
                for batch in batches
            )
        )


class KeepsTheFirstSummary(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        before = dict(self._heads)
        recorded = super().append(*batches)
        for stream in before.keys() & {batch.stream for batch in batches}:
            self._heads[stream] = evolve(self._heads[stream], summary=before[stream].summary)
        return recorded


class ReadsFromThePlaceItself(MemoryStore):
    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return super().read_all(max(0, after - 1), limit)


class TakesZeroForAll(MemoryStore):
    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return super().read_all(after, limit or 1000)


class TakesZeroForNoLimit(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        return super().find(evolve(query, limit=query.limit or None))


class ComparesThroughFloats(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        query = evolve(
            query,
            where=tuple(
                where if isinstance(where.value, str | None) else evolve(where, value=float(where.value))
                for where in query.where
            ),
        )
        return super().find(query)


class PutsMissingLabelsFirst(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        found = super().find(evolve(query, limit=None))
        if query.order_by is not None:
            found = sorted(found, key=lambda head: query.order_by in head.labels)
        return tuple(found)[: query.limit]


class LeavesTiesAsTheyCome(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        found = super().find(evolve(query, descending=False, limit=None))
        return tuple(reversed(found) if query.descending else found)[: query.limit]


class MatchesMallsByPrefix(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        if query.mall is None:
            return super().find(query)
        found = super().find(evolve(query, mall=None, limit=None))
        return tuple(head for head in found if head.stream.startswith(query.mall))[: query.limit]


class HandsOutItsLabels(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        return [evolve(head, labels=dict(head.labels)) for head in super().find(query)]


class CutsInstants(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        return super().append(*(evolve(batch, at=batch.at.replace(microsecond=0)) for batch in batches))


class RewritesJson(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        return super().append(
            *(
                evolve(batch, events=tuple(evolve(event, data=event.data.replace(" ", "")) for event in batch.events))
                for batch in batches
            )
        )


class GoesOnAfterClose(MemoryStore):
    def _check_open(self) -> None:
        pass


class ShowsCommitsOutOfOrder(MemoryStore):
    """Gives out positions before it commits, as a database does that numbers rows by a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self._uncommitted: set[int] = set()

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        recorded = super().append(*batches)
        positions = {row.position for row in recorded}
        if min(positions, default=0) % 2:
            self._uncommitted |= positions
            time.sleep(0.001)
            self._uncommitted -= positions
        return recorded

    def read_all(self, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return [row for row in super().read_all(after, limit) if row.position not in self._uncommitted]


class ChecksBeforeItLocks(MemoryStore):
    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        for batch in batches:
            if batch.expected_version != len(self._streams.get(batch.stream, ())):
                raise ConflictError(batch.stream, batch.expected_version, len(self._streams.get(batch.stream, ())))
        time.sleep(0.001)
        right = [evolve(each, expected_version=len(self._streams.get(each.stream, ()))) for each in batches]
        return super().append(*right)


class ShowsCommitsByHalves(MemoryStore):
    def find(self, query: Query) -> Sequence[StreamHead]:
        found = []
        for stream in sorted(self._heads):
            time.sleep(0.001)
            found.append(self._heads[stream])
        return found


contract: Any = EventStoreContract()

FAULTS: dict[type[MemoryStore], Callable[[MemoryStore], object]] = {
    CommitsByHalves: lambda store: contract.test_batches_commit_together_or_not_at_all(store, 2),
    TakesAnyVersion: lambda store: contract.test_a_version_that_is_not_the_streams_is_refused(store, 1),
    ForgetsRequests: contract.test_a_repeated_request_returns_what_was_recorded_then,
    RecordsAHalfRepeatedCommit: lambda store: contract.test_a_half_repeated_commit_is_a_conflict(store, True),
    AnswersARepeatWithTheLastEvents: contract.test_a_repeated_request_returns_what_was_recorded_then,
    MergesLabels: contract.test_labels_and_summary_are_replaced_whole,
    KeepsTheFirstSummary: contract.test_labels_and_summary_are_replaced_whole,
    ReadsFromThePlaceItself: lambda store: contract.test_pages_put_together_are_the_whole(store, 7),
    TakesZeroForAll: contract.test_a_limit_of_0_gives_nothing,
    TakesZeroForNoLimit: lambda store: contract.test_a_limit_takes_the_first_of_the_order(store, False),
    ComparesThroughFloats: lambda store: contract.test_numbers_compare_exactly(store, "="),
    PutsMissingLabelsFirst: contract.test_the_order_is_by_label_then_by_stream_name,
    LeavesTiesAsTheyCome: contract.test_descending_turns_label_and_name_around,
    MatchesMallsByPrefix: contract.test_find_is_by_mall_and_category,
    HandsOutItsLabels: contract.test_what_is_returned_cannot_change_the_store,
    CutsInstants: contract.test_what_append_returns_is_what_is_read,
    RewritesJson: lambda store: contract.test_a_text_is_kept_to_the_letter(store, "unicode"),
    GoesOnAfterClose: lambda store: contract.test_a_closed_store_says_so(store, "find"),
    ShowsCommitsOutOfOrder: lambda store: contract.test_whoever_follows_while_others_write_misses_nothing([store] * 8),
    ChecksBeforeItLocks: lambda store: contract.test_of_many_who_saw_the_same_version_one_is_first([store] * 8),
    ShowsCommitsByHalves: lambda store: contract.test_a_commit_is_seen_whole_or_not_at_all([store] * 8),
}
NOT_FOR_THE_MACHINE = {
    ComparesThroughFloats,
    MatchesMallsByPrefix,
    HandsOutItsLabels,
    GoesOnAfterClose,
    ShowsCommitsOutOfOrder,
    ChecksBeforeItLocks,
    ShowsCommitsByHalves,
}


@pytest.mark.parametrize("store", FAULTS)
def test_a_broken_promise_fails_its_test(store: type[MemoryStore]) -> None:
    FAULTS[store](MemoryStore())
    with pytest.raises((AssertionError, pytest.fail.Exception, ConflictError)):
        FAULTS[store](store())


@pytest.mark.parametrize("store", [store for store in FAULTS if store not in NOT_FOR_THE_MACHINE])
def test_the_machine_finds_the_fault(store: type[MemoryStore]) -> None:
    class Machine(EventStoreMachine):
        def __init__(self) -> None:
            super().__init__(store, durable=False)

    once = settings(
        max_examples=300,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize=True,  # the stores are at fault here; whether they are found must not be luck
        phases=[Phase.generate],
    )
    with pytest.raises((AssertionError, pytest.fail.Exception, ConflictError)):
        run_state_machine_as_test(Machine, settings=once)
