"""How SQLite looks things up: a plan that walks a stream or a file grows with history, and nobody sees it at first."""

from pathlib import Path

import pytest

from mppkit.storage import Query, SqliteStore, Where
from mppkit.storage.sqlite_sql import SELECT, find_sql


@pytest.fixture
def plan(tmp_path: Path):
    """Return a function that tells the steps of SQLite's plan for a query."""
    with SqliteStore(tmp_path / "plans.db") as store:
        connection = store._connection
        assert connection is not None

        def told(sql: str, values: list[object]) -> str:
            return "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))

        yield told


def test_a_repeated_request_is_found_by_its_index(plan) -> None:
    sql = SELECT + "WHERE s.name = ? AND e.request_id = ? ORDER BY e.position"
    steps = plan(sql, ["badung/queue/2026-11-24", "click-1"])
    assert "mppkit_event_request (stream=? AND request_id=?)" in steps
    assert "TEMP B-TREE" not in steps


def test_a_stream_is_read_from_a_version_on_without_sorting(plan) -> None:
    steps = plan(SELECT + "WHERE s.name = ? AND e.version > ? ORDER BY e.version", ["badung/queue/2026-11-24", 5])
    assert "(stream=? AND version>?)" in steps
    assert "TEMP B-TREE" not in steps


def test_the_feed_of_all_events_begins_where_it_is_asked_to(plan) -> None:
    steps = plan(SELECT + "WHERE e.position > ? ORDER BY e.position LIMIT ?", [5, 10])
    assert "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)" in steps
    assert "TEMP B-TREE" not in steps


def test_streams_are_found_by_label_through_its_index(plan) -> None:
    sql, values = find_sql(Query(where=(Where(label="status", value="open"),)))
    assert "mppkit_label_value (name=? AND value=?)" in plan(sql, values)
