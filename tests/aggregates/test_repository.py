"""The repository: whoever was faster, every command decides on the newest state, and is recorded once."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import Factory, define, frozen

from mppkit.aggregates import Kind, Repository
from mppkit.errors import ConflictError, DecodeError, InvalidValueError, StorageError, TransitionError
from mppkit.storage import (
    Append,
    EventStore,
    LabelValue,
    MemoryStore,
    NewEvent,
    Op,
    Recorded,
    SqliteStore,
    Where,
    audit,
)
from mppkit.testing.racing import at_once

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class TallyEvent:
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class Added(TallyEvent):
    event_name = "tally.added"
    amount: int = 1


@frozen(kw_only=True)
class Emptied(TallyEvent):
    event_name = "tally.emptied"


@frozen(kw_only=True)
class Poisoned(TallyEvent):
    event_name = "tally.poisoned"


@define
class Tally:
    """A counter that holds ten at most, and remembers every instant that it saw."""

    key: str
    amount: int = 0
    last_at: datetime | None = None
    seen: list[tuple[str, datetime]] = Factory(list)


def apply(tally: Tally, event: TallyEvent, at: datetime) -> None:
    tally.seen.append((event.event_name, at))
    tally.last_at = at
    if isinstance(event, Added):
        tally.amount += event.amount
    elif isinstance(event, Poisoned):
        tally.amount = -1000
        raise RuntimeError("half folded")
    else:
        tally.amount = 0


def head(
    tally: Tally, events: Sequence[TallyEvent], at: datetime
) -> tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]:
    amount = tally.amount
    for event in events:
        amount = amount + event.amount if isinstance(event, Added) else 0
    return {"amount": amount, "full": "yes" if amount >= 10 else None}, {"amount": amount}


KIND: Kind[Tally, TallyEvent] = Kind(
    category="tally",
    events=(Added, Emptied, Poisoned),
    start=Tally,
    apply=apply,
    head=head,
)


def add(tally: Tally, _: datetime, amount: int = 1) -> list[TallyEvent]:
    if tally.amount + amount > 10:
        raise TransitionError(f"tally {tally.key}", "add", "full", ["empty"])
    return [Added(amount=amount)]


def amount_of(tally: Tally, _: Sequence[TallyEvent] = ()) -> int:
    return tally.amount


def events_of(_: Tally, events: Sequence[TallyEvent]) -> tuple[TallyEvent, ...]:
    return tuple(events)


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], EventStore]]:
    """Give a function that returns a handle on one store, as another process would have its own."""
    if request.param == "memory":
        store = MemoryStore()
        yield lambda: store
        return
    opened: list[SqliteStore] = []

    def open_another() -> SqliteStore:
        opened.append(SqliteStore(tmp_path / "mall.db", synchronous="normal"))
        return opened[-1]

    yield open_another
    for handle in opened:
        handle.close()


def repository(store: EventStore, keep: int = 32) -> Repository[Tally, TallyEvent]:
    return Repository(KIND, store, "badung", keep=keep)


class Watched(MemoryStore):
    """Counts the calls of each verb, and can be told to do something before the next append."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.before_append: list[Callable[[], object]] = []

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        self.calls.append("append")
        if self.before_append:
            self.before_append.pop(0)()
        return super().append(*batches)

    def read(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        self.calls.append("read")
        return super().read(stream, after)


# --- one who is alone -----------------------------------------------------------------------------------------------


def test_a_command_is_decided_recorded_and_folded(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    assert tallies.execute("a", add, amount_of, at=AT, actor="sri", request_id="r-1") == 1
    assert tallies.execute("a", partial(add, amount=4), amount_of, at=AT + timedelta(seconds=1)) == 5
    assert tallies.view("a", amount_of) == 5
    rows = store.read("badung/tally/a")
    assert [(row.name, row.event_version, row.data) for row in rows] == [
        ("tally.added", 1, "{}"),
        ("tally.added", 1, '{"amount":4}'),
    ]
    assert [(row.at, row.actor, row.request_id) for row in rows] == [
        (AT, "sri", "r-1"),
        (AT + timedelta(seconds=1), None, None),
    ]


def test_a_stream_without_events_is_the_start(stores: Callable[[], EventStore]) -> None:
    assert repository(stores()).view("a", lambda tally: (tally.key, tally.amount)) == ("a", 0)


def test_several_events_are_one_commit_at_one_instant(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    told = tallies.execute("a", lambda *_: [Added(amount=3), Emptied(), Added()], events_of, at=AT, request_id="r")
    assert told == (Added(amount=3), Emptied(), Added())
    assert tallies.view("a", lambda tally: (tally.amount, tally.seen)) == (
        1,
        [("tally.added", AT), ("tally.emptied", AT), ("tally.added", AT)],
    )
    assert {row.request_id for row in store.read("badung/tally/a")} == {"r"}


def test_a_command_that_decides_nothing_records_nothing(stores: Callable[[], EventStore]) -> None:
    store = stores()
    assert repository(store).execute("a", lambda *_: [], lambda tally, events: (tally.amount, events), at=AT) == (0, ())
    assert store.read_all() == ()


def test_a_refused_command_records_nothing_and_the_refusal_comes_through(stores: Callable[[], EventStore]) -> None:
    store = stores()
    with pytest.raises(TransitionError, match="allowed: empty"):
        repository(store).execute("a", partial(add, amount=11), amount_of, at=AT)
    assert store.read_all() == ()


def test_labels_and_summary_are_those_after_the_events(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    for key, amount in (("a", 3), ("b", 10), ("c", 5)):
        tallies.execute(key, partial(add, amount=amount), amount_of, at=AT)
    Repository(KIND, store, "blora").execute("a", add, amount_of, at=AT)
    found = tallies.find(order_by="amount", descending=True)
    assert [(each.stream, each.summary) for each in found] == [
        ("badung/tally/b", '{"amount":10}'),
        ("badung/tally/c", '{"amount":5}'),
        ("badung/tally/a", '{"amount":3}'),
    ]
    assert [each.stream for each in tallies.find(Where(label="full", value="yes"))] == ["badung/tally/b"]
    assert len(tallies.find(Where(label="amount", op=Op.LT, value=10), limit=1)) == 1


def test_one_who_is_alone_reads_once_and_then_only_appends() -> None:
    store = Watched()
    tallies = repository(store)
    for _ in range(5):
        tallies.execute("a", add, amount_of, at=AT)
    assert store.calls == ["read", *["append"] * 5]


def test_a_name_that_is_none_is_refused() -> None:
    tallies = repository(MemoryStore())
    for key in ("", "a/b", "-", "x" * 129):
        with pytest.raises(InvalidValueError):
            tallies.view(key, amount_of)
    with pytest.raises(InvalidValueError):
        tallies.execute("a", add, amount_of, at=AT.replace(tzinfo=None))
    tallies.execute("a", add, amount_of, at=AT)
    with pytest.raises(InvalidValueError):
        tallies.execute("a", add, amount_of, at=AT.replace(tzinfo=None))
    for request_id in (["klik"], {}, 7, "", "a\nb", "x" * 201):
        with pytest.raises(InvalidValueError, match="request_id"):
            tallies.execute("a", add, amount_of, at=AT, request_id=request_id)


# --- others who are faster ------------------------------------------------------------------------------------------


def test_a_view_shows_what_others_recorded(stores: Callable[[], EventStore]) -> None:
    one, two = repository(stores()), repository(stores())
    one.execute("a", add, amount_of, at=AT)
    assert two.view("a", amount_of) == 1
    two.execute("a", add, amount_of, at=AT)
    assert one.view("a", amount_of) == 2


def test_a_lost_race_decides_again_on_the_newer_state(stores: Callable[[], EventStore]) -> None:
    one, two = repository(stores()), repository(stores())
    one.execute("a", add, amount_of, at=AT)
    decided: list[int] = []

    def beaten(tally: Tally, at: datetime) -> list[TallyEvent]:
        decided.append(tally.amount)
        if len(decided) < 4:
            two.execute("a", add, amount_of, at=at)
        return add(tally, at)

    assert one.execute("a", beaten, amount_of, at=AT) == 5
    assert decided == [1, 2, 3, 4]


def test_a_refusal_on_an_old_state_is_thought_over(stores: Callable[[], EventStore]) -> None:
    """A repository that believes the tally to be full asks the store before it says no."""
    one, two = repository(stores()), repository(stores())
    one.execute("a", partial(add, amount=10), amount_of, at=AT)
    two.execute("a", lambda *_: [Emptied()], amount_of, at=AT)
    assert one.execute("a", add, amount_of, at=AT) == 1


def test_deciding_nothing_on_an_old_state_is_thought_over(stores: Callable[[], EventStore]) -> None:
    one, two = repository(stores()), repository(stores())

    def empty(tally: Tally, _: datetime) -> list[TallyEvent]:
        return [Emptied()] if tally.amount else []

    one.execute("a", lambda *_: [Added(), Emptied()], amount_of, at=AT)
    two.execute("a", add, amount_of, at=AT)
    assert one.execute("a", empty, events_of, at=AT) == (Emptied(),)


def test_who_is_beaten_a_hundred_times_gives_up_and_says_so() -> None:
    store = Watched()
    rival = repository(store)
    tallies = repository(store)

    def beaten(tally: Tally, at: datetime) -> list[TallyEvent]:
        rival.execute("a", lambda *_: [Emptied()], amount_of, at=at)
        return [Added()]

    with pytest.raises(ConflictError, match="100 times in a row; try again") as refused:
        tallies.execute("a", beaten, amount_of, at=AT)
    assert refused.value.stream == "badung/tally/a"
    assert tallies.view("a", lambda tally: (tally.amount, len(tally.seen))) == (0, 100)


def test_after_a_lost_race_the_next_command_looks_first_and_then_trusts_again() -> None:
    store = Watched()
    tallies = repository(store)
    tallies.execute("a", add, amount_of, at=AT)
    repository(store).execute("a", add, amount_of, at=AT)
    store.calls.clear()
    for _ in range(3):
        tallies.execute("a", add, amount_of, at=AT)
    assert store.calls == ["append", "read", "append", "read", "append", "append"]


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_repeated_request_decides_nothing_and_tells_what_was_recorded_then(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    then = tallies.execute("a", lambda *_: [Added(amount=2), Added()], events_of, at=AT, request_id="r-1")
    tallies.execute("a", add, amount_of, at=AT)

    def never(*_: object) -> list[TallyEvent]:
        raise AssertionError("a repeated request must not decide")

    assert tallies.execute("a", never, events_of, at=AT, request_id="r-1") == then
    assert tallies.execute("a", never, amount_of, at=AT, request_id="r-1") == 4
    assert len(store.read_all()) == 3


def test_a_request_is_known_by_every_repository(stores: Callable[[], EventStore]) -> None:
    """After a restart, in another process, and after others have gone on."""
    repository(stores()).execute("a", lambda *_: [Added(amount=2), Added()], amount_of, at=AT, request_id="r-1")
    repository(stores()).execute("a", add, amount_of, at=AT)
    again = repository(stores())
    assert again.execute("a", add, events_of, at=AT, request_id="r-1") == (Added(amount=2), Added())
    assert again.view("a", amount_of) == 4


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=5)])
def test_a_request_that_another_process_recorded_meanwhile_counts_as_recorded_there(
    stores: Callable[[], EventStore], more: int, late: timedelta
) -> None:
    """The state here must be the recorded one, not the one that was decided here and never recorded."""
    one, two = repository(stores()), repository(stores())
    one.execute("a", add, amount_of, at=AT)
    two.view("a", amount_of)
    one.execute("a", lambda *_: [Added(amount=2), Added(amount=3)], amount_of, at=AT, request_id="r-1")
    for _ in range(more):
        one.execute("a", add, amount_of, at=AT)
    two.execute("b", add, amount_of, at=AT)

    def unaware(tally: Tally, _: datetime) -> list[TallyEvent]:
        return [Added(amount=9)]

    told = two.execute("a", unaware, events_of, at=AT + late, request_id="r-1")
    assert told == (Added(amount=2), Added(amount=3))
    fresh = repository(stores())
    everything: Callable[[Tally], Any] = lambda tally: (tally.amount, tally.last_at, list(tally.seen))  # noqa: E731
    assert two.view("a", everything) == fresh.view("a", everything)
    assert two.execute("a", add, amount_of, at=AT + late) == 7 + more


def test_a_request_sent_twice_at_once_through_two_repositories_is_recorded_once() -> None:
    store = Watched()
    one, two = repository(store), repository(store)
    one.execute("a", add, amount_of, at=AT)
    two.execute("a", add, amount_of, at=AT)
    one.view("a", amount_of)
    one.view("a", amount_of)  # now neither expects company
    store.before_append.append(
        lambda: two.execute("a", partial(add, amount=3), events_of, at=AT + timedelta(seconds=2), request_id="r-1")
    )
    told = one.execute("a", add, events_of, at=AT, request_id="r-1")
    assert told == (Added(amount=3),)
    assert one.view("a", lambda tally: (tally.amount, tally.last_at)) == (5, AT + timedelta(seconds=2))
    assert len(store.read_all()) == 3


# --- time -----------------------------------------------------------------------------------------------------------


def test_time_never_runs_back_within_a_stream(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    instants: list[datetime] = []

    def note(_: Tally, now: datetime) -> list[TallyEvent]:
        instants.append(now)
        return [Added()]

    for minutes in (0, 5, -60, 4, 6):
        tallies.execute("a", note, amount_of, at=AT + timedelta(minutes=minutes))
    expected = [AT + timedelta(minutes=minutes) for minutes in (0, 5, 5, 5, 6)]
    assert instants == expected
    assert [row.at for row in store.read("badung/tally/a")] == expected
    tallies.execute("b", note, amount_of, at=AT - timedelta(days=1))  # each stream has its own time
    assert store.read("badung/tally/b")[0].at == AT - timedelta(days=1)


def test_the_clock_of_another_process_counts_too(stores: Callable[[], EventStore]) -> None:
    one, two = repository(stores()), repository(stores())
    one.execute("a", add, amount_of, at=AT + timedelta(minutes=10))
    two.execute("a", add, amount_of, at=AT)
    assert two.view("a", lambda tally: tally.last_at) == AT + timedelta(minutes=10)


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    store = MemoryStore()
    tallies = repository(store)
    tallies.execute("a", add, amount_of, at=datetime.fromisoformat("2026-11-24T09:00:00+08:00"))
    [row] = store.read_all()
    assert (row.at, row.at.utcoffset()) == (AT, timedelta(0))


def test_a_view_of_the_past_sees_what_was_there_then(stores: Callable[[], EventStore]) -> None:
    tallies = repository(stores())
    for minutes in (0, 1, 1, 2):
        tallies.execute("a", add, amount_of, at=AT + timedelta(minutes=minutes))
    seen = [tallies.view_at("a", AT + timedelta(minutes=minutes), amount_of) for minutes in (-1, 0, 0.5, 1, 2, 99)]
    assert seen == [0, 1, 1, 3, 4, 4]
    assert tallies.view("a", amount_of) == 4
    assert tallies.view_at("never", AT, amount_of) == 0


# --- memory, faults, threads ----------------------------------------------------------------------------------------


def test_only_so_many_streams_are_kept_and_the_rest_come_back(stores: Callable[[], EventStore]) -> None:
    tallies = repository(stores(), keep=2)
    for turn in range(3):
        for key in "abcd":
            assert tallies.execute(key, add, amount_of, at=AT) == turn + 1
    assert len(tallies._entries) == 2
    assert [tallies.view(key, amount_of) for key in "abcd"] == [3] * 4


def test_the_streams_last_used_are_the_ones_kept() -> None:
    store = Watched()
    tallies = repository(store, keep=2)
    for key in "abac":
        tallies.execute(key, add, amount_of, at=AT)
    store.calls.clear()
    tallies.execute("a", add, amount_of, at=AT)
    tallies.execute("c", add, amount_of, at=AT)
    assert store.calls == ["append", "append"]
    tallies.execute("b", add, amount_of, at=AT)
    assert store.calls == ["append", "append", "read", "append"]


def test_a_stream_that_is_forgotten_in_the_midst_of_a_command_is_not_decided_twice() -> None:
    store = MemoryStore()
    tallies = repository(store, keep=1)

    def roundabout(tally: Tally, at: datetime) -> list[TallyEvent]:
        if not tally.amount:
            tallies.execute("b", add, amount_of, at=at)  # pushes the other stream out
            tallies.execute("a", partial(add, amount=2), amount_of, at=at)
        return add(tally, at)

    assert tallies.execute("a", roundabout, amount_of, at=AT) == 3
    assert tallies.view("a", amount_of) == 3


def test_a_state_half_folded_is_thrown_away(stores: Callable[[], EventStore]) -> None:
    """What was recorded stays recorded; the state is folded anew as soon as it can be."""
    store = stores()
    tallies = repository(store)
    tallies.execute("a", add, amount_of, at=AT)
    with pytest.raises(RuntimeError, match="half folded"):
        tallies.execute("a", lambda *_: [Added(), Poisoned(), Added()], amount_of, at=AT, request_id="r-1")
    assert len(store.read("badung/tally/a")) == 4
    for _ in range(2):
        with pytest.raises(RuntimeError, match="half folded"):
            tallies.view("a", amount_of)
    cured = Repository(Kind(**{**as_dict(KIND), "apply": skip_poison}), store, "badung")
    assert cured.view("a", amount_of) == 3


def test_a_fold_interrupted_once_is_made_good_by_the_next_command(stores: Callable[[], EventStore]) -> None:
    store = stores()
    faults = [KeyboardInterrupt]

    def interrupted(tally: Tally, event: TallyEvent, at: datetime) -> None:
        apply(tally, event, at)
        if tally.amount == 3 and faults:
            raise faults.pop()

    tallies = Repository(Kind(**{**as_dict(KIND), "apply": interrupted}), store, "badung")
    tallies.execute("a", add, amount_of, at=AT, request_id="r-1")
    with pytest.raises(KeyboardInterrupt):
        tallies.execute("a", lambda *_: [Added(), Added(), Added()], amount_of, at=AT, request_id="r-2")
    assert tallies.execute("a", add, amount_of, at=AT) == 5
    assert tallies.view("a", lambda tally: len(tally.seen)) == 5
    assert tallies.execute("a", add, events_of, at=AT, request_id="r-2") == (Added(), Added(), Added())


def as_dict(kind: Kind[Any, Any]) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in ("category", "events", "start", "apply", "head")}


def skip_poison(tally: Tally, event: TallyEvent, at: datetime) -> None:
    if not isinstance(event, Poisoned):
        apply(tally, event, at)


def test_an_append_that_failed_is_no_step(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store)
    tallies.execute("a", add, amount_of, at=AT)
    store.close()
    with pytest.raises(StorageError):
        tallies.execute("a", add, amount_of, at=AT)
    with pytest.raises(StorageError):
        tallies.view("a", amount_of)


def test_an_event_that_cannot_be_read_is_named_and_what_came_before_stays_folded(
    stores: Callable[[], EventStore],
) -> None:
    store = stores()
    tallies = repository(store)
    tallies.execute("a", add, amount_of, at=AT)
    foreign = NewEvent(name="tally.squared", version=1, data="{}")
    store.append(Append(stream="badung/tally/a", expected_version=1, events=(foreign,), at=AT))
    for _ in range(2):
        with pytest.raises(DecodeError, match=r"tally\.squared"):
            tallies.view("a", amount_of)


def test_eight_threads_on_one_repository_lose_nothing(stores: Callable[[], EventStore]) -> None:
    store = stores()
    tallies = repository(store, keep=3)
    chance = random.Random(1)
    plans = [[(chance.choice("abcd"), f"{name}-{number}") for number in range(25)] for name in range(8)]

    def work(plan: list[tuple[str, str]]) -> None:
        for key, request in plan:
            tallies.execute(key, lambda *_: [Added()], amount_of, at=AT, request_id=request)
            tallies.execute(key, lambda *_: [Added()], amount_of, at=AT, request_id=request)
            tallies.view(key, amount_of)

    at_once(*(partial(work, plan) for plan in plans))
    assert sum(tallies.view(key, amount_of) for key in "abcd") == 200
    assert len(store.read_all()) == 200
    assert audit(store).intact


def test_eight_threads_on_repositories_of_their_own_keep_the_rule(stores: Callable[[], EventStore]) -> None:
    """Nine of the eighty that want in find room: nobody decides on a state that is no longer true."""
    opened = [repository(stores()) for _ in range(8)]
    opened[0].execute("a", add, amount_of, at=AT)

    def work(tallies: Repository[Tally, TallyEvent]) -> int:
        granted = 0
        for _ in range(10):
            try:
                tallies.execute("a", add, amount_of, at=AT)
            except TransitionError:
                continue
            granted += 1
        return granted

    assert sum(at_once(*(partial(work, tallies) for tallies in opened))) == 9
    assert [tallies.view("a", amount_of) for tallies in opened] == [10] * 8
