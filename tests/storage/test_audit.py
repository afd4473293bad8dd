"""The audit finds whatever was done behind the store's back, and names the stream and the event."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from attrs import asdict
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mppkit.errors import StorageError
from mppkit.storage import AuditReport, MemoryStore, SqliteStore, audit
from mppkit.storage.port import EventStore, NewEvent, Recorded, at_text, chain
from mppkit.testing.batches import AT, BACK, FRONT, batch, everything

FIELDS = "position, stream, version, name, event_version, data, at, actor, request_id, digest"


def fill(store: EventStore) -> None:
    """Give the front stream five events and the back stream three, entwined."""
    store.append(batch(FRONT, 0, '{"n":1}', '{"n":2}', actor="sri", request_id="r-1", labels={"n": 2}))
    store.append(batch(BACK, 0, '{"n":3}', at=AT + timedelta(minutes=1)))
    store.append(batch(FRONT, 2, '{"n":4}', at=AT + timedelta(minutes=2)), batch(BACK, 1, '{"n":5}'))
    store.append(batch(BACK, 2, '{"n":6}', actor="made"), batch(FRONT, 3, '{"n":7}', '{"n":8}', actor="made"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "mall.db"
    with SqliteStore(path) as store:
        fill(store)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(copyfile(sound, tmp_path / "mall.db"))


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
    connection.close()


def audited(path: Path) -> AuditReport:
    with SqliteStore(path, create=False) as store:
        return audit(store)


def places(report: AuditReport) -> list[tuple[str, int]]:
    return [(found.stream, found.version) for found in report.breaks]


def event(stream: str, version: int) -> str:
    return f"stream = (SELECT id FROM mppkit_stream WHERE name = '{stream}') AND version = {version}"


# --- what a sound store's report says -------------------------------------------------------------------------------


def test_a_report_counts_and_dates_what_it_walked(path: Path) -> None:
    report = audited(path)
    assert report.intact
    assert (report.streams, report.events) == (2, 8)
    assert (report.first_at, report.last_at) == (AT, AT + timedelta(minutes=2))


def test_an_empty_store_is_intact() -> None:
    report = audit(MemoryStore())
    assert (report.intact, report.streams, report.events, report.first_at, report.last_at) == (True, 0, 0, None, None)


def test_equal_stores_of_any_kind_have_one_digest_and_others_another(path: Path) -> None:
    memory = MemoryStore()
    fill(memory)
    assert audit(memory).digest == audited(path).digest
    memory.append(batch(FRONT, 5))
    assert audit(memory).digest != audited(path).digest


def test_the_digest_does_not_depend_on_the_order_of_commits_of_different_streams() -> None:
    one, two = MemoryStore(), MemoryStore()
    one.append(batch(FRONT), batch(BACK))
    two.append(batch(BACK), batch(FRONT))
    assert audit(one).digest == audit(two).digest


def test_progress_is_told_up_to_the_end() -> None:
    store = MemoryStore()
    for version in range(0, 5000, 500):
        store.append(batch(FRONT, version, *["{}"] * 500))
    told: list[tuple[int, int]] = []
    audit(store, lambda done, of: told.append((done, of)))
    assert told[-1] == (5000, 5000)
    assert len(told) > 1
    assert told == sorted(told)


def test_what_is_appended_during_an_audit_is_no_break(path: Path) -> None:
    with SqliteStore(path) as store, SqliteStore(path) as writer:

        class WrittenToMeanwhile(MemoryStore):
            rounds = 0

            def find(self, query):  # type: ignore[no-untyped-def]
                found = store.find(query)
                self.rounds += 1
                name = f"badung/bell/new-{self.rounds}"
                writer.append(batch(FRONT, len(store.read(FRONT))), batch(name, 0, "1", "2"))
                return found

            def read_all(self, after=0, limit=1000):  # type: ignore[no-untyped-def]
                return store.read_all(after, 3)

        assert audit(WrittenToMeanwhile()).breaks == ()


# --- what was done behind its back ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "data = '{\"n\":9}'",
        "data = '{\"n\": 2}'",
        "data = ''",
        "name = 'bell.rung'",
        "event_version = 2",
        "at = '2026-11-24T01:02:03.456788+00:00'",
        "at = '2026-11-24T01:02:03.456789+01:00'",
        "at = '2026-11-24T01:02:03.456789Z'",
        "at = '2026-11-24 01:02:03.456789+00:00'",
        "at = '2026-11-24T01:02:03.456789'",
        "at = 'yesterday'",
        "actor = 'made'",
        "actor = NULL",
        "actor = 'sri' || char(10)",
        "request_id = NULL",
        "request_id = 'r-2'",
        "actor = 'sri' || char(10) || 'r-1', request_id = 'x'",
        "data = CAST(x'ff' AS TEXT)",
        "name = CAST(x'ff' AS TEXT)",
    ],
)
def test_an_altered_event_is_named(path: Path, change: str) -> None:
    tamper(path, f"UPDATE mppkit_event SET {change} WHERE {event(FRONT, 2)}")
    report = audited(path)
    assert places(report) == [(FRONT, 2)]
    assert (report.streams, report.events) == (2, 8)


@pytest.mark.parametrize("change", ["actor = ''", "request_id = ''"])
def test_nothing_is_not_the_same_as_an_empty_text(path: Path, change: str) -> None:
    tamper(path, f"UPDATE mppkit_event SET {change} WHERE {event(FRONT, 3)}")
    assert places(audited(path)) == [(FRONT, 3)]


def test_parts_cannot_be_moved_from_one_field_to_the_next(path: Path) -> None:
    """Joined by line breaks the row reads as before; but such an actor could never have been recorded."""
    tamper(path, "UPDATE mppkit_event SET actor = 'x' || char(10) || 'y', request_id = 'z', data = 'w'")
    with SqliteStore(path) as store:
        row = store.read(FRONT)[0]
        twin = NewEvent(name=row.name, version=row.event_version, data="z\nw")
        digest = chain("0" * 64, FRONT, 1, twin, at_text(row.at), "x", "y")
    tamper(path, f"UPDATE mppkit_event SET digest = '{digest}' WHERE {event(FRONT, 1)}")
    assert (FRONT, 1) in places(audited(path))


def test_an_altered_digest_is_named_with_the_event_after_it(path: Path) -> None:
    tamper(path, f"UPDATE mppkit_event SET digest = '{'0' * 64}' WHERE {event(FRONT, 2)}")
    assert places(audited(path)) == [(FRONT, 2), (FRONT, 3)]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_an_event_taken_out_is_named_by_the_one_behind_it(path: Path, version: int) -> None:
    tamper(path, f"DELETE FROM mppkit_event WHERE {event(FRONT, version)}")
    report = audited(path)
    assert places(report) == [(FRONT, version + 1)]
    assert "missing" in report.breaks[0].why


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_the_first_event_missing_at_the_end_is_named(path: Path, kept: int) -> None:
    tamper(path, f"DELETE FROM mppkit_event WHERE {event(FRONT, 0).replace('= 0', f'> {kept}')}")
    report = audited(path)
    assert places(report) == [(FRONT, kept + 1)]
    assert "5 events" in report.breaks[0].why


def test_an_event_put_in_is_named(path: Path) -> None:
    """It is where it says it is, so the head is behind; and nobody without the chain's rule finds its digest."""
    tamper(
        path,
        f"INSERT INTO mppkit_event({FIELDS}) SELECT 99, stream, 6, name, event_version, data, at, actor, request_id,"
        f" digest FROM mppkit_event WHERE {event(FRONT, 5)}",
    )
    assert (FRONT, 6) in places(audited(path))


def test_an_event_put_in_with_a_right_digest_but_behind_the_heads_back_is_named(path: Path) -> None:
    with SqliteStore(path) as store:
        last = store.read(FRONT)[-1]
    digest = chain(last.digest, FRONT, 6, NewEvent(name="bell.rang", version=1, data="1"), at_text(AT), None, None)
    tamper(
        path,
        f"INSERT INTO mppkit_event({FIELDS}) SELECT 99, stream, 6, 'bell.rang', 1, '1', '{at_text(AT)}', NULL, NULL,"
        f" '{digest}' FROM mppkit_event WHERE {event(FRONT, 5)}",
    )
    report = audited(path)
    assert places(report) == [(FRONT, 6)]
    assert "head" in report.breaks[0].why


def test_two_events_that_changed_places_are_named(path: Path) -> None:
    swap = "UPDATE mppkit_event SET version = {} WHERE " + event(FRONT, 0).replace("= 0", "= {}")
    tamper(path, swap.format(99, 3), swap.format(3, 4), swap.format(4, 99))
    report = audited(path)
    assert places(report)[0] == (FRONT, 4)  # the first one met, where 3 belongs
    assert {stream for stream, _ in places(report)} == {FRONT}


def test_two_events_whose_data_changed_places_are_named(path: Path) -> None:
    tamper(
        path,
        f"UPDATE mppkit_event SET data = '{{\"n\":7}}' WHERE {event(FRONT, 3)}",
        f"UPDATE mppkit_event SET data = '{{\"n\":4}}' WHERE {event(FRONT, 4)}",
    )
    assert places(audited(path)) == [(FRONT, 3), (FRONT, 4)]


def test_an_event_moved_to_another_stream_is_named_in_both(path: Path) -> None:
    tamper(
        path,
        f"UPDATE mppkit_event SET version = 4, stream = (SELECT id FROM mppkit_stream WHERE name = '{BACK}') WHERE "
        + event(FRONT, 5),
    )
    assert set(places(audited(path))) == {(FRONT, 5), (BACK, 4)}


def test_a_renamed_stream_is_named_at_every_event(path: Path) -> None:
    tamper(path, f"UPDATE mppkit_stream SET name = 'badung/bell/other' WHERE name = '{BACK}'")
    assert places(audited(path)) == [("badung/bell/other", version) for version in (1, 2, 3)]


@pytest.mark.parametrize(
    ("change", "version"),
    [("version = 9", 6), ("version = 4", 4), ("version = 0", 1), (f"digest = '{'0' * 64}'", 5)],
)
def test_an_altered_head_is_named(path: Path, change: str, version: int) -> None:
    tamper(path, f"UPDATE mppkit_stream SET {change} WHERE name = '{FRONT}'")
    assert (FRONT, version) in places(audited(path))


def test_a_head_set_back_to_an_earlier_event_is_named(path: Path) -> None:
    tamper(
        path,
        f"UPDATE mppkit_stream SET version = 2, digest = (SELECT digest FROM mppkit_event WHERE {event(FRONT, 2)})"
        f" WHERE name = '{FRONT}'",
    )
    report = audited(path)
    assert places(report) == [(FRONT, 3)]
    assert "head" in report.breaks[0].why


def test_several_faults_are_all_named(path: Path) -> None:
    tamper(
        path,
        f"UPDATE mppkit_event SET data = 'x' WHERE {event(FRONT, 1)}",
        f"UPDATE mppkit_event SET at = 'never' WHERE {event(BACK, 1)}",
        f"UPDATE mppkit_event SET data = CAST(x'80' AS TEXT) WHERE {event(BACK, 2)}",
        f"DELETE FROM mppkit_event WHERE {event(FRONT, 5)}",
    )
    assert set(places(audited(path))) == {(FRONT, 1), (BACK, 1), (BACK, 2), (FRONT, 5)}


def test_a_break_never_shows_what_the_event_holds(path: Path) -> None:
    tamper(path, f"UPDATE mppkit_event SET data = 'secret-a', at = 'secret-b' WHERE {event(FRONT, 2)}")
    tamper(path, f"UPDATE mppkit_event SET data = 'secret-c' || CAST(x'80' AS TEXT) WHERE {event(FRONT, 4)}")
    assert "secret" not in str(audited(path).breaks)
    with SqliteStore(path) as store, pytest.raises(StorageError) as refused:
        store.read(FRONT, after=2)
    assert "secret" not in str(refused.value)


def test_an_event_that_cannot_be_read_leaves_the_rest_readable(path: Path) -> None:
    tamper(path, f"UPDATE mppkit_event SET data = CAST(x'80' AS TEXT) WHERE {event(FRONT, 2)}")
    with SqliteStore(path) as store:
        with pytest.raises(StorageError):
            store.read(FRONT)
        assert [row.version for row in store.read(FRONT, after=2)] == [3, 4, 5]
        assert len(store.read(BACK)) == 3
        assert len(store.append(batch(FRONT, 5))) == 1


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
CHANGES: dict[str, st.SearchStrategy[object]] = {
    "version": st.integers(-3, 12),
    "name": TEXT,
    "event_version": st.integers(-(2**63), 2**63 - 1),
    "data": TEXT | st.binary(max_size=8),
    "at": TEXT | st.datetimes().map(lambda at: at.isoformat() + "+00:00"),
    "actor": st.none() | TEXT,
    "request_id": st.none() | TEXT,
    "digest": TEXT | st.text("0123456789abcdef", min_size=64, max_size=64),
    "stream": st.sampled_from([1, 2]),
}


@pytest.fixture(scope="module")
def bench(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, Path]]:
    """Give a connection behind the store's back."""
    path = Path(copyfile(sound, tmp_path_factory.mktemp("bench") / "mall.db"))
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection, path
    connection.close()


@settings(max_examples=150, deadline=None)
@given(data=st.data(), position=st.integers(1, 8), field=st.sampled_from(sorted(CHANGES)))
def test_any_change_of_any_one_field_is_found_in_its_stream(
    bench: tuple[sqlite3.Connection, Path], data: st.DataObject, position: int, field: str
) -> None:
    connection, path = bench
    value = data.draw(CHANGES[field])
    bound = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
    before = connection.execute(f"SELECT {FIELDS} FROM mppkit_event WHERE position = ?", (position,)).fetchone()
    stream, version = (FRONT, BACK)[before[1] - 1], before[2]
    connection.execute("SAVEPOINT untouched")
    try:
        try:
            connection.execute(f"UPDATE mppkit_event SET {field} = {bound} WHERE position = ?", (value, position))
        except sqlite3.IntegrityError:
            assume(False)
        connection.text_factory = bytes
        [changed] = connection.execute(
            f"SELECT CAST({field} AS BLOB) IS NOT CAST(? AS BLOB) FROM mppkit_event WHERE position = ?",
            (before[FIELDS.split(", ").index(field)], position),
        ).fetchone()
        connection.text_factory = str
        assume(changed)
        connection.execute("RELEASE untouched")
        report = audited(path)
    finally:
        connection.text_factory = str
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        names = FIELDS.split(", ")
        connection.execute(
            f"UPDATE mppkit_event SET {', '.join(f'{name} = ?' for name in names)} WHERE position = ?",
            (*before, position),
        )
    assert stream in {found.stream for found in report.breaks}
    if field not in ("version", "stream"):
        assert (stream, version) in places(report)
    assert audited(path).intact


def content(row: Recorded) -> dict[str, object]:
    """Leave out the position, which no chain covers."""
    return asdict(row, filter=lambda field, _: field.name != "position")


def test_any_flipped_bit_of_the_file_is_harmless_or_found(sound: Path, tmp_path: Path) -> None:
    """Either the file says that it is damaged, or the audit names a break, or every event is as it was."""
    raw = sound.read_bytes()
    with SqliteStore(sound) as store:
        before = [content(row) for row in everything(store)]
    found = 0
    for number in range(0, len(raw) * 8, len(raw) * 8 // 150 + 1):
        place = (number * 7919) % (len(raw) * 8)  # spread over all pages, the same on every run
        damaged = bytearray(raw)
        damaged[place // 8] ^= 1 << place % 8
        path = tmp_path / f"{place}.db"
        path.write_bytes(damaged)
        try:
            with SqliteStore(path, create=False) as store:
                if audit(store).intact:
                    assert [content(row) for row in everything(store)] == before, place
                else:
                    found += 1
        except StorageError:
            found += 1
    assert found > 0
