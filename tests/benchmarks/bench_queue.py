"""The queue desk and its rules: G1, G2 (call-next against raw sqlite3), G7 (history), G9 (pure rules), G10 (JSON)."""

import json
import sqlite3
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import cattrs.preconf.json
from cattrs.preconf.json import JsonConverter
from halls import COMMANDS, COUNTERS, ON, OPENS_AT, Morning, directory, long_hall, morning_commits
from rounds import Measured, Row, alternate, rate

from mppkit.codec import Codec
from mppkit.queues import arrivals, rules
from mppkit.queues.day import QueueDay
from mppkit.queues.events import EVENTS, QueueEvent
from mppkit.queues.fold import apply
from mppkit.queues.policies import QueuePolicies
from mppkit.storage import Append, EventStore, NewEvent, Recorded, SqliteStore
from mppkit.storage.port import NO_DIGEST
from mppkit.storage.sqlite_sql import STEPS

# --- G1, G2: a durable call, against the bare writes -----------------------------------------------------------------


_LABELS = f'{{"on":"{ON.isoformat()}","status":"open"}}'
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class RawMorning:
    """The commits of a `Morning`, written by the fewest statements that leave the same rows in the same tables.

    What is written is known beforehand; only the row is put together (JSON, instant, digest), as any program must.
    Nothing is decided, looked up, checked or kept from other processes.
    """

    def __init__(self, path: Path, synchronous: str, commits: Sequence[tuple[Append, tuple[Recorded, ...]]]) -> None:
        self.connection = connection = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        for statements in STEPS:
            for statement in statements:
                connection.execute(statement)
        first, _ = commits[0]
        self._stream = first.stream
        mall, category, _ = first.stream.split("/")
        connection.execute("INSERT INTO mppkit_schema VALUES(1)")
        connection.execute(
            "INSERT INTO mppkit_stream VALUES(1, ?, ?, ?, 0, '', ?, NULL, '')", (first.stream, mall, category, _LABELS)
        )
        connection.executemany("INSERT INTO mppkit_label VALUES(1, ?, ?)", first.labels.items())
        self._version = 0
        self._digest = NO_DIGEST
        self._commits = iter(
            [
                (
                    [(row.name, row.event_version, json.loads(row.data)) for row in rows],
                    json.loads(batch.summary or ""),
                    batch.at,
                    batch.actor,
                    batch.request_id,
                )
                for batch, rows in commits
            ]
        )

    def write(self) -> None:
        """Write the next commit."""
        events, summary, instant, actor, request_id = next(self._commits)
        execute = self.connection.execute
        at = instant.isoformat(timespec="microseconds")
        version, digest = self._version, self._digest
        execute("BEGIN IMMEDIATE")
        for name, shape, values in events:
            version += 1
            data = _encode(values)
            parts = (digest, self._stream, version, name, shape, at, actor or "", request_id or "", data)
            digest = sha256("\n".join(map(str, parts)).encode()).hexdigest()
            execute(
                "INSERT INTO mppkit_event(stream, version, name, event_version, data, at, actor, request_id, digest)"
                " VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?)",
                (version, name, shape, data, at, actor, request_id, digest),
            )
        execute(
            "UPDATE mppkit_stream SET version = ?, digest = ?, labels = ?, summary = ?, updated_at = ? WHERE id = 1",
            (version, digest, _LABELS, _encode(summary), at),
        )
        execute("COMMIT")
        self._version, self._digest = version, digest

    def turn(self) -> float:
        """Write what the turn of a morning writes, and return the seconds that its calls took."""
        spent = 0.0
        for _ in range(COUNTERS):
            began = perf_counter()
            self.write()
            spent += perf_counter() - began
            for _ in range(3):
                self.write()
        return spent


def _contents(path: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return [
            *connection.execute("SELECT * FROM mppkit_event ORDER BY position"),
            *connection.execute("SELECT * FROM mppkit_stream"),
            *connection.execute("SELECT * FROM mppkit_label ORDER BY name"),
        ]


def _call_next(goal: str, synchronous: str, wanted: float, quick: bool) -> list[Row]:
    rounds, turns = (5, 4) if quick else (15, 10)
    found = []
    for requests in (False, True):
        commits, before = morning_commits((rounds + 1) * turns, requests=requests)
        with TemporaryDirectory() as folder:
            ours, theirs = Path(folder, "ours.db"), Path(folder, "raw.db")
            with SqliteStore(ours, synchronous=synchronous) as store:
                morning = Morning(store, requests=requests)
                raw = RawMorning(theirs, synchronous, commits)
                for _ in range(before):
                    raw.write()

                def call_next(morning: Morning = morning) -> Measured:
                    return turns * COUNTERS, sum(morning.turn()["call_next"] for _ in range(turns))

                def write(raw: RawMorning = raw) -> Measured:
                    return turns * COUNTERS, sum(raw.turn() for _ in range(turns))

                rates = alternate(rounds, {"ours": call_next, "raw": write})
                raw.connection.close()
            if _contents(ours) != _contents(theirs):
                raise AssertionError("the raw loop did not write what the desk wrote")
        found.append(
            Row(
                goal=goal,
                what=f"call-next, synchronous={synchronous}" + (", with a request_id" if requests else ""),
                ours=rate(rates["ours"]),
                peer=f"raw sqlite3 {rate(rates['raw'])}",
                ratio=rates["ours"] / rates["raw"],
                wanted=None if requests else wanted,
            )
        )
    return found


def g1(quick: bool) -> list[Row]:
    """Measure a durable call-next (decide, append, chain) against raw sqlite3 writing the same rows."""
    return _call_next("G1", "full", 0.85, quick)


def g2(quick: bool) -> list[Row]:
    """Measure the same under the weaker promise of synchronous=normal."""
    return _call_next("G2", "normal", 0.45, quick)


# --- G7: does history slow anything down? ----------------------------------------------------------------------------

_A_DAY = 1000


def record_history(store: EventStore, events: int) -> None:
    """Record so many events of past days, each a whole day in one commit."""
    commits, _ = morning_commits(_A_DAY // (4 * COUNTERS) + 1, requests=True)
    day = tuple(
        NewEvent(name=row.name, version=row.event_version, data=row.data) for _, rows in commits for row in rows
    )[:_A_DAY]
    for past in range(1, events // _A_DAY + 1):
        on = ON - timedelta(days=past)
        store.append(
            Append(
                stream=f"badung/queue/{on.isoformat()}",
                expected_version=0,
                events=day,
                labels={"on": on.isoformat(), "status": "closed"},
                summary='{"tickets":250}',
                request_id=f"import-{past}",
                at=OPENS_AT - timedelta(days=past),
            )
        )


def _with_history(path: Path, events: int) -> SqliteStore:
    with SqliteStore(path, synchronous="normal") as store:
        record_history(store, events)
    return SqliteStore(path, synchronous="normal")  # opened anew: no command works off what the import left behind


def g7(quick: bool) -> list[Row]:
    """Measure every step of a visit on a store with much history against one with little.

    With synchronous=normal, for the waiting for the disk would hide what history costs.
    """
    little, much = 1000, 100_000 if quick else 1_000_000
    with TemporaryDirectory() as folder:
        stores = {size: _with_history(Path(folder, f"{size}.db"), size) for size in (little, much)}
        found = history_rows("", stores, 30 if quick else 150)
        for store in stores.values():
            store.close()
    return found


def history_rows(where: str, stores: Mapping[int, EventStore], turns: int) -> list[Row]:
    """Measure every step of a visit on the store with much history, which comes last, against the one with little."""
    spent: dict[int, dict[str, list[float]]] = {size: {command: [] for command in COMMANDS} for size in stores}
    mornings = {size: Morning(store, requests=True) for size, store in stores.items()}
    for turn in range(turns + 1):
        for size, morning in mornings.items():
            for command, seconds in morning.turn().items():
                if turn:  # the first does not count
                    spent[size][command].append(seconds)
    little, much = stores
    found = []
    for command in COMMANDS:
        few, many = (COUNTERS / statistics.median(spent[size][command]) for size in (little, much))
        found.append(
            Row(
                goal="G7",
                what=f"{command} at {much:,} recorded events{where}",
                ours=rate(many),
                peer=f"at {little:,}: {rate(few)}",
                ratio=many / few,
                wanted=0.9,
            )
        )
    return found


# --- G9: the rules alone ---------------------------------------------------------------------------------------------


def g9(quick: bool) -> list[Row]:
    """Measure ticket transitions on the pure rules: decided, built as events, folded; no store, no JSON."""
    visitors = 2000 if quick else 5000
    there = directory({"nib": "A"}, {f"loket-{n}": ("nib",) for n in range(5)})
    hall = long_hall(there, QueuePolicies())

    def play() -> Measured:
        day, at, events = QueueDay(), OPENS_AT, 0
        for counter in there.counters:
            for event in rules.open_counter(day, hall, counter.id, at, officer=None, services=None):
                apply(day, event, at)
        began = perf_counter()
        for number in range(visitors):
            counter = f"loket-{number % 5}"
            at += timedelta(seconds=1)
            events += _happen(day, arrivals.issue(day, hall, ("nib",), at), at)
            if number < 10:  # ten people wait all the while
                continue
            events += _happen(day, called := rules.call_next(day, hall, counter, at), at)
            ticket = called[0].number
            events += _happen(day, rules.start(day, hall, ticket, at), at)
            events += _happen(day, rules.finish(day, hall, ticket, at), at)
        seconds = perf_counter() - began
        if events != 4 * visitors - 30:
            raise AssertionError(f"{events} events of {visitors} visitors")
        return events, seconds

    [reached] = alternate(3 if quick else 9, {"ours": play}).values()
    return [
        Row(
            goal="G9",
            what="ticket transitions on the pure rules",
            ours=rate(reached),
            peer="fixed: 100,000/s",
            ratio=reached / 100_000,
            wanted=1.0,
        )
    ]


def _happen(day: QueueDay, events: Sequence[QueueEvent], at: datetime) -> int:
    for event in events:
        apply(day, event, at)
    return len(events)


# --- G10: events to JSON and back ------------------------------------------------------------------------------------


def g10(quick: bool) -> list[Row]:
    """Measure the codec against the stock JSON converter of cattrs, over the events of a morning."""
    commits, _ = morning_commits(5, requests=False)
    rows = [row for _, recorded in commits for row in recorded]
    codec = Codec(EVENTS)
    events = [codec.decode(row.name, row.event_version, row.data) for row in rows]
    stock = cattrs.preconf.json.make_converter()
    tuned = cattrs.preconf.json.make_converter(detailed_validation=False, omit_if_default=True)
    texts = {maker: [maker.dumps(event) for event in events] for maker in (stock, tuned)}
    for maker, written in texts.items():
        for event, text in zip(events, written, strict=True):
            if maker.loads(text, type(event)) != event:
                raise AssertionError(f"the peer does not read back {event}")

    def encode(dump: Callable[[QueueEvent], str]) -> Callable[[], Measured]:
        def run() -> Measured:
            began = perf_counter()
            for event in events:
                dump(event)
            return len(events), perf_counter() - began

        return run

    def decode() -> Measured:
        began = perf_counter()
        for row in rows:
            codec.decode(row.name, row.event_version, row.data)
        return len(rows), perf_counter() - began

    def load(maker: JsonConverter) -> Callable[[], Measured]:
        pairs = [(text, type(event)) for text, event in zip(texts[maker], events, strict=True)]

        def run() -> Measured:
            began = perf_counter()
            for text, kind in pairs:
                maker.loads(text, kind)
            return len(pairs), perf_counter() - began

        return run

    rounds = 9 if quick else 41
    there = alternate(
        rounds, {"ours": encode(codec.encode), "stock": encode(stock.dumps), "tuned": encode(tuned.dumps)}
    )
    back = alternate(rounds, {"ours": decode, "stock": load(stock), "tuned": load(tuned)})
    return [
        Row(
            goal="G10",
            what=f"{what}, against {'the stock converter' if peer == 'stock' else 'it tuned as its pages advise'}",
            ours=rate(rates["ours"]),
            peer=f"cattrs json {rate(rates[peer])}",
            ratio=rates["ours"] / rates[peer],
            wanted=1.4 if peer == "stock" else None,
        )
        for what, rates in (("event to JSON", there), ("event from JSON", back))
        for peer in ("stock", "tuned")
    ]


GOALS = {"G1": g1, "G2": g2, "G7": g7, "G9": g9, "G10": g10}
