"""How PostgreSQL looks things up: it plans by what the tables held then, and a session keeps its plans."""

import time
from typing import Any

import pytest

from mppkit.storage import open_store
from mppkit.testing.batches import BACK, FRONT, batch

psycopg = pytest.importorskip("psycopg")


def looks(admin: Any, schema: str, table: str) -> tuple[int, int]:
    """Return how often a table was read as a whole, and through an index, by sessions that have ended."""
    sql = """
        SELECT coalesce(seq_scan, 0), coalesce(idx_scan, 0) FROM pg_stat_user_tables
        WHERE schemaname = %s AND relname = %s
    """
    return admin.execute(sql, (schema, table)).fetchone()


@pytest.mark.parametrize("table", ["event", "stream"])
def test_no_command_reads_a_whole_table_however_it_looked_when_it_was_planned(
    postgres: Any, postgres_url: str, table: str
) -> None:
    schema = postgres_url.rpartition("schema=")[2]
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        with open_store(postgres_url) as store:  # one stream, one request: to the planner nothing tells rows apart
            store.append(batch(FRONT, 0, *("1",) * 500, request_id="many"))
        admin.execute(f'ANALYZE "{schema}".{table}')
        whole_before, by_index_before = looks(admin, schema, table)
        with open_store(postgres_url) as store:
            for version in range(30):
                store.append(batch(BACK, version, "2", request_id=f"click-{version}"))
                store.read(BACK, version)
        until = time.monotonic() + 30
        while (found := looks(admin, schema, table))[1] < by_index_before + 30 and time.monotonic() < until:
            time.sleep(0.1)
        whole, by_index = found
        assert by_index >= by_index_before + 30
        assert whole - whole_before <= 2  # opening looks once at where the positions stand
