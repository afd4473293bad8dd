"""Bring a PostgreSQL database to the schema of this version: in numbered steps, one process while the others wait."""

import re

from mppkit.errors import InvalidValueError, StorageError
from mppkit.storage.postgres_sql import ADD_STEP, BEGIN_STEPS, CATCH_UP, KNOWN_STEPS, STEPS, Ask

_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,30}")
_OLDEST = 13
_LOCK = "SELECT pg_advisory_xact_lock(1836085355, hashtext(%s))"  # "mppk", so that no other application's lock is meant

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s ORDER BY c.relname
"""


def check_schema_name(name: str) -> str:
    """Return the name of a schema that needs no quoting.

    Raises:
        InvalidValueError: it is none.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidValueError("schema", name, "use 1 to 31 lower-case letters, digits and '_', and not pg_ at first")
    return name


def is_ready(ask: Ask, schema: str, store: str) -> bool:
    """Tell whether the schema has every step that this version knows.

    Raises:
        StorageError: the server is too old or keeps other texts than UTF-8; or the schema was made by a newer mppkit
            that this one cannot work beside, or by another application.
    """
    [(version, encoding)] = ask("SELECT current_setting('server_version_num')::integer / 10000, getdatabaseencoding()")
    if version < _OLDEST:
        raise StorageError(f"store {store}: PostgreSQL {version}; mppkit needs {_OLDEST} or newer")
    if encoding != "UTF8":
        raise StorageError(f"store {store}: its database keeps texts in {encoding}: make one with ENCODING 'UTF8'")
    return _step(ask, schema, store) >= len(STEPS)


def take_steps(ask: Ask, schema: str, store: str) -> None:
    """Take the steps that are missing; to be called in a transaction.

    Raises:
        StorageError: as `is_ready`.
    """
    ask("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")  # to see what was made while this one waited
    ask(_LOCK, (schema,))
    step = _step(ask, schema, store)
    if step == 0:
        if not ask("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)):
            ask("CREATE SCHEMA {schema}")
        ask(BEGIN_STEPS)
    for number, (oldest, statements) in enumerate(STEPS[step:], step + 1):
        ask(statements)
        ask(ADD_STEP, (number, oldest))


def catch_up(ask: Ask) -> None:
    """Bring the sequences to where the tables are, should they have come without them."""
    ask(CATCH_UP)


def _step(ask: Ask, schema: str, store: str) -> int:
    """Return the schema's step; 0 where there is none yet."""
    # asked of the catalogue's rows: functions such as to_regclass may answer from what the session saw before it waited
    tables = [name for (name,) in ask(_TABLES, (schema,))]
    if "step" not in tables:
        if tables:
            names = ", ".join(tables[:3])
            raise StorageError(
                f"store {store}: the schema {schema} is another application's ({names}): name another one, as "
                "?schema=mall"
            )
        return 0
    [(step, oldest)] = ask(KNOWN_STEPS)
    if (oldest or 0) > len(STEPS):
        raise StorageError(
            f"store {store}: made by a newer mppkit (schema step {step}; this one knows {len(STEPS)}): "
            "upgrade mppkit; nothing was changed"
        )
    return step or 0
