"""The SQL of the PostgreSQL store, as text: the schema in numbered steps, and the queries.

What a commit needs stands in one function on the server, so a command is one statement and one journey there and back,
and what it asks is planned once a session. Nothing is locked before it is written: what was read is checked again by
the UPDATE itself.

How a reader of all events never skips one: a position is given out before its commit, so commits become visible in
another order than their positions. Every writer therefore first holds a shared advisory lock whose key is the position
given out last, and keeps it to the end of its transaction: what it will write lies above. A reader asks in this order
which position was given out last, which keys are held, and then for the events up to the lowest of these: whatever
lies there has ended before the events are looked at. Nobody waits for anybody, and no other application's
transaction, however long, holds the readers back.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zlib import crc32

from mppkit.storage.port import LabelValue, Op, Query, Where

Ask = Callable[..., list[tuple[Any, ...]]]  # Any: whatever the columns hold
"""Runs one of these texts, with values where it takes some, in the store's schema, and returns its rows."""

_KEY_BITS = 44
"""Of an advisory lock's 63 bits, those for the position; the others tell one schema's locks from another's."""

_PREFIX = 200
"""Characters of a label's text that are indexed: an index entry of PostgreSQL has to fit 2,700 bytes."""

_TABLES = f"""
CREATE SEQUENCE {{schema}}.stream_id;
CREATE TABLE {{schema}}.stream(
    id bigint PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    mall text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    labels text NOT NULL,
    summary text,
    updated_at text NOT NULL
) WITH (fillfactor = 70);  -- room in the page, so that a new version of a head touches no index
CREATE INDEX stream_of_mall ON {{schema}}.stream(mall, category, name);

-- the same labels again, one a row, so that streams are found by them; no foreign keys: only append() writes here
CREATE TABLE {{schema}}.label(
    stream bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    number numeric,
    text text COLLATE "C",
    PRIMARY KEY (stream, name),
    CHECK ((number IS NULL) <> (text IS NULL))
);
CREATE INDEX label_number ON {{schema}}.label(name, number) WHERE number IS NOT NULL;
CREATE INDEX label_text ON {{schema}}.label(name, left(text, {_PREFIX})) WHERE text IS NOT NULL;

CREATE SEQUENCE {{schema}}.position;
CREATE TABLE {{schema}}.event(
    position bigint PRIMARY KEY,
    stream bigint NOT NULL,
    version integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    event_version integer NOT NULL,
    data text NOT NULL,
    at text NOT NULL,
    actor text,
    request_id text COLLATE "C",
    digest text NOT NULL,
    UNIQUE (stream, version)
);
CREATE INDEX event_request ON {{schema}}.event(stream, request_id) WHERE request_id IS NOT NULL;
"""

# the digest is `port.chain`; the contract compares the two
_APPEND = """
CREATE FUNCTION {schema}.append(batches jsonb, by_name integer[], alone boolean)
RETURNS TABLE(outcome text, place integer, number bigint, digest text)
LANGUAGE plpgsql SET lock_timeout = '10s' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    batch jsonb;
    events jsonb;
    event jsonb;
    head record;
    i integer;
    done integer;
    ids bigint[];
    versions integer[];
    ends text[];
    labels text[];
    digests text[];
BEGIN
    <<attempt>> LOOP
        FOR i IN 0 .. cardinality(by_name) - 1 LOOP
            batch := batches->i;
            SELECT s.id, s.version, s.digest, s.labels INTO head
                FROM {schema}.stream s WHERE s.name = batch->>'stream';
            ids[i] := head.id;
            versions[i] := coalesce(head.version, 0);
            ends[i] := coalesce(head.digest, repeat('0', 64));
            labels[i] := head.labels;
            IF batch->>'request_id' IS NOT NULL AND EXISTS (
                SELECT FROM {schema}.event e WHERE e.stream = ids[i] AND e.request_id = batch->>'request_id'
            ) THEN
                outcome := 'known';
                place := i;
                RETURN NEXT;
            END IF;
        END LOOP;
        IF outcome = 'known' THEN
            RETURN;
        END IF;

        FOR i IN 0 .. cardinality(by_name) - 1 LOOP
            IF (batches->i->>'expected')::integer <> versions[i] THEN
                outcome := 'stale';
                place := i;
                number := versions[i];
                RETURN NEXT;
                RETURN;
            END IF;
        END LOOP;

        done := 0;
        FOR i IN 0 .. cardinality(by_name) - 1 LOOP
            batch := batches->i;
            events := batch->'events';
            FOR n IN 0 .. jsonb_array_length(events) - 1 LOOP
                event := events->n;
                versions[i] := versions[i] + 1;
                ends[i] := encode(sha256(convert_to(ends[i] || E'\\n' || (batch->>'stream') || E'\\n' || versions[i]
                    || E'\\n' || (event->>0) || E'\\n' || (event->>1) || E'\\n' || (batch->>'at') || E'\\n'
                    || coalesce(batch->>'actor', '') || E'\\n' || coalesce(batch->>'request_id', '') || E'\\n'
                    || (event->>2), 'UTF8')), 'hex');
                digests[done] := ends[i];
                done := done + 1;
            END LOOP;
        END LOOP;

        -- what holds the followers back; within a longer transaction once: should a savepoint be rolled back, the lock
        -- and the setting go together
        IF alone OR coalesce(current_setting('mppkit.{schema}_holds', true), '') = '' THEN
            digest := pg_advisory_xact_lock_shared({key} + coalesce(pg_sequence_last_value('{schema}.position'), 0));
            IF NOT alone THEN
                digest := set_config('mppkit.{schema}_holds', 'yes', true);
            END IF;
        END IF;

        -- in the order of their names, so that no two writers wait for each other; whoever is first writes alone
        done := 0;
        FOREACH i IN ARRAY by_name LOOP
            batch := batches->i;
            IF ids[i] IS NULL THEN
                ids[i] := nextval('{schema}.stream_id');
                INSERT INTO {schema}.stream VALUES (ids[i], batch->>'stream', split_part(batch->>'stream', '/', 1),
                        split_part(batch->>'stream', '/', 2), versions[i], ends[i], batch->>'labels',
                        batch->>'summary', batch->>'at')
                    ON CONFLICT (name) DO NOTHING;
            ELSE
                UPDATE {schema}.stream s SET version = versions[i], digest = ends[i], labels = batch->>'labels',
                    summary = batch->>'summary', updated_at = batch->>'at'
                    WHERE s.id = ids[i] AND s.version = (batch->>'expected')::integer;
            END IF;
            IF NOT FOUND THEN
                CONTINUE attempt WHEN done = 0;
                RAISE serialization_failure USING MESSAGE = 'somebody else was faster on one of the streams';
            END IF;
            done := done + 1;
        END LOOP;
        EXIT;
    END LOOP;

    outcome := 'new';
    done := 0;
    FOR i IN 0 .. cardinality(by_name) - 1 LOOP
        batch := batches->i;
        events := batch->'events';
        place := i;
        FOR n IN 0 .. jsonb_array_length(events) - 1 LOOP
            event := events->n;
            number := nextval('{schema}.position');
            digest := digests[done];
            INSERT INTO {schema}.event VALUES (number, ids[i], (batch->>'expected')::integer + n + 1, event->>0,
                (event->>1)::integer, event->>2, batch->>'at', batch->>'actor', batch->>'request_id', digest);
            done := done + 1;
            RETURN NEXT;
        END LOOP;
        IF labels[i] <> batch->>'labels' THEN
            DELETE FROM {schema}.label l WHERE l.stream = ids[i] AND NOT (batch->>'labels')::jsonb ? l.name;
        END IF;
        IF labels[i] IS DISTINCT FROM batch->>'labels' AND jsonb_array_length(batch->'marks') > 0 THEN
            INSERT INTO {schema}.label AS l
                SELECT ids[i], e.value->>0, (e.value->>1)::numeric, e.value->>2
                FROM jsonb_array_elements(batch->'marks') e
                ON CONFLICT (stream, name) DO UPDATE SET number = excluded.number, text = excluded.text
                WHERE (l.number, l.text) IS DISTINCT FROM (excluded.number, excluded.text);
        END IF;
    END LOOP;
END
$$;
"""

# functions too, for what they ask is planned once a session and not anew each time: by an index, whatever the tables
# held then, for a plan that reads the whole of a small table would be kept while it grows
_READ = """
CREATE FUNCTION {schema}.read(of text, behind bigint) RETURNS TABLE(
    "position" bigint, stream text, version integer, name text, event_version integer, data text, at text, actor text,
    request_id text, digest text)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    found bigint;
BEGIN
    SELECT s.id INTO found FROM {schema}.stream s WHERE s.name = of;
    RETURN QUERY
        SELECT e.position, of, e.version, e.name, e.event_version, e.data, e.at, e.actor, e.request_id, e.digest
        FROM {schema}.event e WHERE e.stream = found AND e.version > behind ORDER BY e.version;
END
$$;
"""

_FEED = """
CREATE FUNCTION {schema}.feed(behind bigint, at_most bigint) RETURNS TABLE(
    "position" bigint, stream text, version integer, name text, event_version integer, data text, at text, actor text,
    request_id text, digest text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    safe bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'active_sql_transaction', MESSAGE =
            'all events can only be followed at the isolation level READ COMMITTED';
    END IF;
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE =
            'all events can only be followed on the primary: a standby does not see who is still writing there';
    END IF;
    -- three questions one after the other, each with a snapshot of its own; a prepared transaction's locks have no pid
    safe := coalesce(pg_sequence_last_value('{schema}.position'), 0);
    SELECT least(safe, min((k.classid::bigint << 32 | k.objid::bigint) - {key})) INTO safe
        FROM pg_catalog.pg_locks k
        WHERE k.locktype = 'advisory' AND k.objsubid = 1 AND k.pid IS DISTINCT FROM pg_backend_pid()
            AND k.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
            AND k.classid::bigint << 32 | k.objid::bigint >= {key}
            AND k.classid::bigint << 32 | k.objid::bigint < {key} + (1::bigint << {bits});
    RETURN QUERY
        SELECT e.position, s.name, e.version, e.name, e.event_version, e.data, e.at, e.actor, e.request_id, e.digest
        FROM {schema}.event e JOIN {schema}.stream s ON s.id = e.stream
        WHERE e.position > behind AND e.position <= safe ORDER BY e.position LIMIT at_most;
END
$$;
"""


STEPS = ((1, _TABLES + _APPEND + _READ + _FEED),)
"""The schema in numbered steps, counted from 1: the oldest step that a program may know at most and still work on the
schema afterwards, and the statements. A step that was released is never changed, a new one is added behind it; what
adds only, such as a table or another function, leaves older programs at work.
"""

APPEND = "SELECT outcome, place, number, digest FROM {schema}.append(%s::jsonb, %s::integer[], %s)"
READ = "SELECT * FROM {schema}.read(%s, %s)"
REQUEST = """
SELECT e.position, s.name, e.version, e.name, e.event_version, e.data, e.at, e.actor, e.request_id, e.digest
FROM {schema}.event e JOIN {schema}.stream s ON s.id = e.stream
WHERE s.name = %s AND e.request_id = %s ORDER BY e.position
"""
FEED = "SELECT * FROM {schema}.feed(%s, %s)"
KNOWN_STEPS = "SELECT max(step), max(oldest) FROM {schema}.step"
BEGIN_STEPS = "CREATE TABLE {schema}.step(step integer PRIMARY KEY, oldest integer NOT NULL)"
ADD_STEP = "INSERT INTO {schema}.step(step, oldest) VALUES (%s, %s)"
CATCH_UP = """
SELECT setval('{schema}.position', t.top) FROM {schema}.position p, (SELECT max(position) AS top FROM {schema}.event) t
    WHERE t.top > p.last_value - CASE WHEN p.is_called THEN 0 ELSE 1 END;
SELECT setval('{schema}.stream_id', t.top) FROM {schema}.stream_id p, (SELECT max(id) AS top FROM {schema}.stream) t
    WHERE t.top > p.last_value - CASE WHEN p.is_called THEN 0 ELSE 1 END;
"""
"""Tables may come without their sequences, from a replica or a dump of the data alone."""


@lru_cache(maxsize=256)
def in_schema(sql: str, schema: str) -> str:
    """Return statements with the schema's name, and with the key of its locks, put in."""
    key = (crc32(schema.encode()) >> 13) << _KEY_BITS
    return sql.format(schema=schema, key=key, bits=_KEY_BITS)


def find_sql(query: Query) -> tuple[str, list[object]]:
    """Return the SELECT for a query, with `{schema}` to be put in, and its values."""
    sql = "SELECT s.name, s.version, s.digest, s.labels, s.summary, s.updated_at FROM {schema}.stream s"
    values: list[object] = []
    conditions: list[str] = []
    if query.order_by is not None:
        sql += " LEFT JOIN {schema}.label o ON o.stream = s.id AND o.name = %s"
        values.append(query.order_by)
    for column, value in (("mall", query.mall), ("category", query.category)):
        if value is not None:
            conditions.append(f"s.{column} = %s")
            values.append(value)
    for where in query.where:
        condition, more = _condition(where)
        conditions.append(condition)
        values += more
    if conditions:
        sql += " WHERE " + " AND ".join(conditions)
    way = " DESC" if query.descending else ""
    kinds = ("text", "number") if query.descending else ("number", "text")
    by_label = "" if query.order_by is None else "".join(f"o.{kind}{way} NULLS LAST, " for kind in kinds)
    sql += f" ORDER BY {by_label}s.name{way}"
    if query.limit is not None:
        sql += " LIMIT %s"
        values.append(query.limit)
    return sql, values


def _condition(where: Where) -> tuple[str, list[object]]:
    """Return the condition on one label, and its values; the operator is one of five, never what a caller wrote."""
    has = "EXISTS (SELECT FROM {schema}.label l WHERE l.stream = s.id AND l.name = %s"
    if where.value is None:
        return f"NOT {has})", [where.label]
    found = "s.id IN (SELECT l.stream FROM {schema}.label l WHERE l.name = %s AND "
    if not isinstance(where.value, str):
        return f"{found}l.number {where.op.value} %s)", [where.label, Decimal(where.value)]
    # the index holds beginnings: texts in order have beginnings in order
    beginning = {Op.LT: Op.LE, Op.GT: Op.GE}.get(where.op, where.op).value
    near = f"left(l.text, {_PREFIX}) {beginning} left(%s, {_PREFIX})"
    return f"{found}{near} AND l.text {where.op.value} %s)", [where.label, where.value, where.value]


def mark(name: str, value: LabelValue) -> tuple[str, str | None, str | None]:
    """Return a label as `append` takes it: its name, its number or None, its text or None.

    A number is told as a decimal, which a float is exactly.
    """
    return (name, None, value) if isinstance(value, str) else (name, str(Decimal(value)), None)
