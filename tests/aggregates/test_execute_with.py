"""Two streams in one commit: what happens to one happens to the other, whoever races, is cut off or asks twice."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import define, evolve, frozen

from mppkit.aggregates import Kind, Repository
from mppkit.errors import ConflictError, InvalidValueError, StorageError, TransitionError
from mppkit.storage import Append, EventStore, LabelValue, MemoryStore, Recorded, SqliteStore, audit
from mppkit.testing.racing import at_once

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ROOM = 10


class HotelEvent:
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class Took(HotelEvent):
    event_name = "hotel.took"
    amount: int


class PoolEvent:
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


@frozen(kw_only=True)
class Given(PoolEvent):
    event_name = "pool.given"
    hotel: str
    amount: int


@frozen(kw_only=True)
class Fouled(PoolEvent):
    event_name = "pool.fouled"


@define
class Hotel:
    key: str
    has: int = 0
    last_at: datetime | None = None


@define
class Pool:
    """What is left of ten, and the instants at which it was given away."""

    key: str
    left: int = ROOM
    last_at: datetime | None = None


def take(hotel: Hotel, event: HotelEvent, at: datetime) -> None:
    assert isinstance(event, Took)
    hotel.has += event.amount
    hotel.last_at = at


def give(pool: Pool, event: PoolEvent, at: datetime) -> None:
    if isinstance(event, Fouled):
        raise RuntimeError("half folded")
    assert isinstance(event, Given)
    pool.left -= event.amount
    pool.last_at = at


Head = tuple[Mapping[str, LabelValue | None], Mapping[str, object] | None]


def no_head(state: object, events: Sequence[object], at: datetime) -> Head:
    return {}, None


HOTELS: Kind[Hotel, HotelEvent] = Kind(category="hotel", events=(Took,), start=Hotel, apply=take, head=no_head)
POOLS: Kind[Pool, PoolEvent] = Kind(category="pool", events=(Given, Fouled), start=Pool, apply=give, head=no_head)


def ask(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
    """Take so much of the pool."""
    if amount > pool.left:
        raise TransitionError(f"pool {pool.key}", "give", "too empty", [])
    return [Took(amount=amount)], [Given(hotel=hotel.key, amount=amount)]


def has(hotel: Hotel, _: Sequence[HotelEvent] = ()) -> int:
    return hotel.has


def told(_: Hotel, events: Sequence[HotelEvent]) -> tuple[HotelEvent, ...]:
    return tuple(events)


class Side:
    """Both repositories of one process, as it were, on a store."""

    def __init__(self, store: EventStore, keep: int = 32, pools: Kind[Pool, PoolEvent] = POOLS) -> None:
        self.store = store
        self.hotels = Repository(HOTELS, store, "badung", keep=keep)
        self.pools = Repository(pools, store, "badung", keep=keep)

    def take(
        self,
        hotel: str,
        amount: int = 1,
        *,
        decide: Callable[..., object] = ask,
        result: Callable[..., object] = has,
        at: datetime = AT,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> object:
        return self.hotels.execute_with(
            hotel,
            self.pools,
            "kuta",
            partial(decide, amount),
            result,
            at=at,
            request_id=request_id,
            actor=actor,
        )

    def left(self) -> int:
        return self.pools.view("kuta", lambda pool: pool.left)

    def has(self, *hotels: str) -> list[int]:
        return [self.hotels.view(hotel, has) for hotel in hotels]


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


class Watched(MemoryStore):
    """Can be told to do something before the next append, or to fail it."""

    def __init__(self) -> None:
        super().__init__()
        self.before_append: list[Callable[[], object]] = []
        self.commits: list[tuple[str, ...]] = []

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        if self.before_append:
            self.before_append.pop(0)()
        recorded = super().append(*batches)
        self.commits.append(tuple(batch.stream for batch in batches))
        return recorded


# --- both or neither ------------------------------------------------------------------------------------------------


def test_both_streams_happen_in_one_commit_at_one_instant_by_one_actor() -> None:
    side = Side(Watched())
    assert side.take("sari", 4, actor="sri", request_id="r-1") == 4
    assert side.left() == 6
    assert side.store.commits == [("badung/hotel/sari", "badung/pool/kuta")]
    one, two = side.store.read_all()
    assert [(row.name, row.data, row.at, row.actor) for row in (one, two)] == [
        ("hotel.took", '{"amount":4}', AT, "sri"),
        ("pool.given", '{"hotel":"sari","amount":4}', AT, "sri"),
    ]
    assert (one.version, two.version) == (1, 1)


def test_decide_is_given_both_states_and_the_instant(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    side.take("sari", 4)
    seen: list[tuple[str, int, str, int, datetime]] = []

    def look(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        seen.append((hotel.key, hotel.has, pool.key, pool.left, at))
        return ask(amount, hotel, pool, at)

    side.take("sari", 2, decide=look, at=AT + timedelta(minutes=1))
    assert seen == [("sari", 4, "kuta", 6, AT + timedelta(minutes=1))]


def test_a_refused_step_records_nothing_on_either_stream(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    side.take("sari", 8)
    with pytest.raises(TransitionError, match="too empty"):
        side.take("indah", 3)
    assert (side.left(), side.has("sari", "indah")) == (2, [8, 0])
    assert len(side.store.read_all()) == 2


def test_a_head_that_cannot_be_kept_leaves_both_streams_alone(stores: Callable[[], EventStore]) -> None:
    """The first batch is sound, the second is not: neither is recorded, and both states stay as they were."""
    side = Side(stores(), pools=evolve(POOLS, head=lambda *_: ({"name": "\ud800"}, None)))
    with pytest.raises(InvalidValueError):
        side.take("sari")
    assert side.store.read_all() == ()
    assert (side.left(), side.has("sari")) == (10, [0])


def test_a_store_that_fails_leaves_both_states_as_they_were() -> None:
    store = Watched()
    side = Side(store)
    side.take("sari", 4)

    def fail() -> None:
        raise StorageError("no disk")

    store.before_append.append(fail)
    with pytest.raises(StorageError):
        side.take("sari", 4)
    assert (side.left(), side.has("sari")) == (6, [4])
    assert side.take("sari", 4) == 8


def test_events_of_the_first_stream_alone_leave_the_other_one_untouched() -> None:
    side = Side(Watched())
    assert side.take("sari", 3, decide=lambda amount, *_: ([Took(amount=amount)], [])) == 3
    assert side.store.commits == [("badung/hotel/sari",)]
    assert side.left() == 10


def test_nothing_decided_is_nothing_recorded(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    assert side.take("sari", decide=lambda *_: ([], []), result=lambda hotel, events: (hotel.has, events)) == (0, ())
    assert side.store.read_all() == ()


def test_the_other_stream_never_moves_alone(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    with pytest.raises(ValueError, match="other stream alone"):
        side.take("sari", decide=lambda amount, hotel, *_: ([], [Given(hotel=hotel.key, amount=amount)]))
    assert side.store.read_all() == ()


@pytest.mark.parametrize("wrong", [{"at": AT.replace(tzinfo=None)}, {"request_id": ["klik"]}, {"request_id": ""}])
def test_what_cannot_be_recorded_is_refused_before_anything_is_decided(
    stores: Callable[[], EventStore], wrong: dict[str, Any]
) -> None:
    side = Side(stores())

    def never(*_: object) -> None:
        raise AssertionError("decided")

    with pytest.raises(InvalidValueError):
        side.take("sari", decide=never, **wrong)


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_repeated_request_decides_nothing_and_takes_nothing_more(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    then = side.take("sari", 4, result=told, request_id="r-1")
    side.take("sari", 1)

    def never(*_: object) -> None:
        raise AssertionError("a repeated request must not decide")

    assert side.take("sari", 9, decide=never, result=told, request_id="r-1") == then == (Took(amount=4),)
    restarted = Side(stores())
    assert restarted.take("sari", 9, decide=never, result=told, request_id="r-1") == then
    assert (restarted.left(), restarted.has("sari")) == (5, [5])


@pytest.mark.parametrize("both", [True, False])
def test_a_repeated_request_tells_how_it_stands_after_what_others_did(
    stores: Callable[[], EventStore], both: bool
) -> None:
    """Not how it stood when this repository looked last."""
    one, two = Side(stores()), Side(stores())
    one.take("sari", 2, request_id="r-1")
    one.take("sari", 1)
    two.take("sari", 3)
    if both:
        assert one.take("sari", request_id="r-1") == 6
    else:
        assert one.hotels.execute("sari", lambda *_: [], has, at=AT, request_id="r-1") == 6


def test_two_streams_may_use_the_same_request_id_beside_one_third(stores: Callable[[], EventStore]) -> None:
    """A portal numbers its requests per application; the zone that they share must not take them for one."""
    side = Side(stores())
    side.take("sari", 2, request_id="klik-1")
    side.take("indah", 3, request_id="klik-1")
    assert (side.left(), side.has("sari", "indah")) == (5, [2, 3])
    side.pools.execute("kuta", lambda *_: [Given(hotel="x", amount=1)], lambda *_: None, at=AT, request_id="klik-1")
    assert side.left() == 4


@pytest.mark.parametrize("both_first", [True, False])
@pytest.mark.parametrize("both_second", [True, False])
@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=5)])
def test_a_request_sent_twice_at_once_is_recorded_once_on_both(
    both_first: bool, both_second: bool, late: timedelta
) -> None:
    """Whatever the two decided, and however: what was recorded first counts for both, on both streams."""
    store = Watched()
    one, two = Side(store), Side(store)

    def decided(both: bool, amount: int, hotel: Hotel, *_: object) -> tuple[list[HotelEvent], list[PoolEvent]]:
        return [Took(amount=amount)], [Given(hotel=hotel.key, amount=amount)] if both else []

    first = partial(two.take, "sari", 3, decide=partial(decided, both_first), result=told, request_id="r-1")
    store.before_append.append(first)
    answer = one.take(
        "sari",
        3 if both_second else 2,
        decide=partial(decided, both_second),
        result=told,
        at=AT + late,
        request_id="r-1",
    )
    assert answer == (Took(amount=3),)
    for side in (one, two, Side(store)):
        assert side.has("sari") == [3]
        assert side.left() == (7 if both_first else 10)
    assert len(store.read_all()) == (2 if both_first else 1)
    # and both go on from what is recorded
    assert one.take("sari", 1) == 4
    assert two.take("sari", 1) == 5


def test_a_request_known_from_one_stream_alone_is_known(stores: Callable[[], EventStore]) -> None:
    side = Side(stores())
    side.hotels.execute("sari", lambda *_: [Took(amount=2)], has, at=AT, request_id="r-1")
    assert Side(stores()).take("sari", 5, request_id="r-1", result=told) == (Took(amount=2),)
    assert side.left() == 10


# --- others who are faster ------------------------------------------------------------------------------------------


def test_both_are_looked_at_before_anything_is_decided(stores: Callable[[], EventStore]) -> None:
    one, two = Side(stores()), Side(stores())
    one.take("sari", 4)
    two.take("sari", 3)
    two.take("indah", 2)
    seen: list[tuple[int, int]] = []

    def look(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        seen.append((hotel.has, pool.left))
        return ask(amount, hotel, pool, at)

    one.take("sari", 1, decide=look)
    assert seen == [(7, 1)]


@pytest.mark.parametrize("moved", ["hotel", "pool", "both"])
def test_a_race_lost_on_either_stream_decides_again_on_both_newer_states(
    stores: Callable[[], EventStore], moved: str
) -> None:
    one, two = Side(stores()), Side(stores())
    one.take("sari", 1)
    seen: list[tuple[int, int]] = []

    def beaten(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        seen.append((hotel.has, pool.left))
        if len(seen) == 1:
            if moved == "hotel":
                two.hotels.execute("sari", lambda *_: [Took(amount=2)], has, at=at)
            else:
                two.take("indah" if moved == "pool" else "sari", 2)
        return ask(amount, hotel, pool, at)

    one.take("sari", 1, decide=beaten)
    after = {"hotel": (3, 9), "pool": (1, 7), "both": (3, 7)}[moved]
    assert seen == [(1, 9), after]
    assert (one.left(), one.has("sari")) == (after[1] - 1, [after[0] + 1])


@pytest.mark.parametrize("answer", ["refuse", "nothing"])
@pytest.mark.parametrize("moved", ["hotel", "pool"])
def test_a_no_on_a_state_that_is_no_longer_true_is_thought_over(
    stores: Callable[[], EventStore], answer: str, moved: str
) -> None:
    """Somebody gives back between the look and the answer."""
    one, two = Side(stores()), Side(stores())
    one.take("sari", ROOM)
    seen: list[int] = []

    def beaten(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        seen.append(amount)
        if len(seen) == 1:
            if moved == "pool":
                two.pools.execute("kuta", lambda *_: [Given(hotel="sari", amount=-3)], lambda *_: None, at=at)
            else:
                two.hotels.execute("indah", lambda *_: [Took(amount=3)], has, at=at)
            if answer == "nothing":
                return [], []
        if moved == "hotel" and len(seen) == 1:
            raise TransitionError("hotel", "take", "stale", [])
        if moved == "hotel":
            return [Took(amount=amount)], []
        return ask(amount, hotel, pool, at)

    assert one.take("indah", 2, decide=beaten) == (5 if moved == "hotel" else 2)
    assert seen == [2, 2]


def test_who_is_beaten_a_hundred_times_gives_up_and_records_nothing() -> None:
    store = Watched()
    one, two = Side(store), Side(store)
    turns: list[int] = []

    def beaten(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        turns.append(amount)
        two.pools.execute("kuta", lambda *_: [Given(hotel="x", amount=0)], lambda *_: None, at=at)
        return ask(amount, hotel, pool, at)

    with pytest.raises(ConflictError, match="100 times in a row; try again"):
        one.take("sari", 1, decide=beaten)
    assert len(turns) == 100
    assert (one.left(), one.has("sari")) == (10, [0])


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", ["hotel", "pool"])
def test_the_later_of_both_streams_is_the_instant_of_both_where_a_clock_ran_back(
    stores: Callable[[], EventStore], ahead: str
) -> None:
    later = AT + timedelta(hours=1)
    side = Side(stores())
    if ahead == "hotel":
        side.hotels.execute("sari", lambda *_: [Took(amount=1)], has, at=later)
    else:
        side.take("indah", 1, at=later)
    given: list[datetime] = []

    def look(amount: int, hotel: Hotel, pool: Pool, at: datetime) -> tuple[list[HotelEvent], list[PoolEvent]]:
        given.append(at)
        return ask(amount, hotel, pool, at)

    side.take("sari", 2, decide=look, at=AT)
    assert given == [later]
    ends = [side.store.read(f"badung/{stream}")[-1].at for stream in ("hotel/sari", "pool/kuta")]
    assert ends == [later, later]
    assert side.hotels.view("sari", lambda hotel: hotel.last_at) == later
    assert side.pools.view("kuta", lambda pool: pool.last_at) == later


# --- memory and faults ----------------------------------------------------------------------------------------------


def test_streams_that_were_forgotten_come_back(stores: Callable[[], EventStore]) -> None:
    side = Side(stores(), keep=1)
    for turn in range(1, 4):
        for hotel in ("sari", "indah", "asri"):
            assert side.take(hotel) == turn
    assert (side.left(), side.has("sari", "indah", "asri")) == (1, [3, 3, 3])


def test_a_fold_that_breaks_on_the_other_stream_is_made_good_from_what_was_recorded() -> None:
    """It was recorded, and stays recorded, on both; neither state is left half folded."""
    store = MemoryStore()
    side = Side(store)
    side.take("sari", 1)
    with pytest.raises(RuntimeError, match="half folded"):
        side.take("sari", 2, decide=lambda amount, *_: ([Took(amount=amount)], [Fouled()]), request_id="r-1")
    assert side.has("sari") == [3]
    with pytest.raises(RuntimeError):
        side.left()

    def skip(pool: Pool, event: PoolEvent, at: datetime) -> None:
        if not isinstance(event, Fouled):
            give(pool, event, at)

    cured = Side(store, pools=evolve(POOLS, apply=skip))
    assert cured.take("sari", 1) == 4
    assert cured.take("sari", 5, request_id="r-1", result=told) == (Took(amount=2),)
    assert cured.left() == 8


# --- many at once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", ["one side", "a side each"])
def test_eight_threads_never_give_away_what_is_not_there(stores: Callable[[], EventStore], sides: str) -> None:
    one = Side(stores())
    mine = [one if sides == "one side" else Side(stores()) for _ in range(8)]
    hotels = ("sari", "indah", "asri")

    def work(number: int) -> int:
        got = 0
        for turn in range(3):
            try:
                mine[number].take(hotels[(number + turn) % 3], request_id=f"{number}-{turn}")
                mine[number].take(hotels[(number + turn) % 3], request_id=f"{number}-{turn}")
            except TransitionError:
                continue
            got += 1
        return got

    assert sum(at_once(*(partial(work, number) for number in range(8)))) == ROOM
    for side in (*mine, Side(stores())):
        assert side.left() == 0
        assert sum(side.has(*hotels)) == ROOM
    assert audit(one.store).intact


PROCESS = """
import sys, json
sys.path.insert(0, sys.argv[3])
from test_execute_with import Side, TransitionError, SqliteStore

with SqliteStore(sys.argv[1], synchronous="normal") as store:
    side = Side(store)
    print("ready", flush=True)
    sys.stdin.readline()
    got = []
    for turn in range(8):
        try:
            side.take(f"h-{turn % 2}", request_id=f"{sys.argv[2]}-{turn}")
            got.append(turn)
        except TransitionError:
            pass
    print(json.dumps(got))
"""


def test_two_processes_never_give_away_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "mall.db"
    SqliteStore(path).close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(path), name, str(Path(__file__).parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        got = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
    assert sum(map(len, got)) == ROOM
    with SqliteStore(path) as store:
        side = Side(store)
        assert (side.left(), sum(side.has("h-0", "h-1"))) == (0, ROOM)
        assert len(store.read_all()) == 2 * ROOM
        assert audit(store).intact
