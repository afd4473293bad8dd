"""The SQL of the SQLite store, as text: the schema in numbered steps, and the queries."""

from mppkit.storage.port import Op, Query, Where

STEPS = (
    (
        "CREATE TABLE mppkit_schema(step INTEGER PRIMARY KEY) STRICT",
        """CREATE TABLE mppkit_stream(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            mall TEXT NOT NULL,
            category TEXT NOT NULL,
            version INTEGER NOT NULL,
            digest TEXT NOT NULL,
            labels TEXT NOT NULL,
            summary TEXT,
            updated_at TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX mppkit_stream_of_mall ON mppkit_stream(mall, category, name)",
        # the same labels again, one a row, so that streams are found by them
        """CREATE TABLE mppkit_label(
            stream INTEGER NOT NULL REFERENCES mppkit_stream(id),
            name TEXT NOT NULL,
            value ANY NOT NULL,
            PRIMARY KEY(stream, name)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX mppkit_label_value ON mppkit_label(name, value)",
        """CREATE TABLE mppkit_event(
            position INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL REFERENCES mppkit_stream(id),
            version INTEGER NOT NULL,
            name TEXT NOT NULL,
            event_version INTEGER NOT NULL,
            data TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT,
            request_id TEXT,
            digest TEXT NOT NULL,
            UNIQUE(stream, version)
        ) STRICT""",
        "CREATE INDEX mppkit_event_request ON mppkit_event(stream, request_id) WHERE request_id IS NOT NULL",
    ),
)
"""The schema in numbered steps; a step that was released is never changed, a new one is added behind it."""

SELECT = """
    SELECT e.position, s.name, e.version, e.name, e.event_version, e.data, e.at, e.actor, e.request_id, e.digest
    FROM mppkit_event e JOIN mppkit_stream s ON s.id = e.stream
"""
_SELECT_HEAD = "SELECT s.name, s.version, s.digest, s.labels, s.summary, s.updated_at FROM mppkit_stream s"


def find_sql(query: Query) -> tuple[str, list[object]]:
    """Return the SELECT for a query, and its values."""
    sql = _SELECT_HEAD
    values: list[object] = []
    conditions: list[str] = []
    if query.order_by is not None:
        sql += " LEFT JOIN mppkit_label o ON o.stream = s.id AND o.name = ?"
        values.append(query.order_by)
    for column, value in (("mall", query.mall), ("category", query.category)):
        if value is not None:
            conditions.append(f"s.{column} = ?")
            values.append(value)
    for where in query.where:
        conditions.append(_condition(where))
        values.append(where.label)
        if where.value is not None:
            values.append(where.value)
    if conditions:
        sql += " WHERE " + " AND ".join(conditions)
    way = " DESC" if query.descending else ""
    by_label = "" if query.order_by is None else f"o.value IS NULL, o.value{way}, "
    sql += f" ORDER BY {by_label}s.name{way}"
    if query.limit is not None:
        sql += " LIMIT ?"
        values.append(query.limit)
    return sql, values


def _condition(where: Where) -> str:
    """Return the condition on one label; numbers sort before all texts, so an empty text parts the two kinds."""
    if where.value is None:
        return "s.id NOT IN (SELECT stream FROM mppkit_label WHERE name = ?)"
    kind = ""
    if where.op is not Op.EQ:
        kind = " AND value >= ''" if isinstance(where.value, str) else " AND value < ''"
    test = f"value {where.op.value} ?{kind}"  # one of five operators, never what a caller wrote
    return f"s.id IN (SELECT stream FROM mppkit_label WHERE name = ? AND {test})"  # noqa: S608
