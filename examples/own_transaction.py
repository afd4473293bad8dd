"""A fee in your own table and a ticket in mppkit's, in one transaction of yours: both, or neither. Plain SQL.

Runs on a new SQLite file, or on the database of PostgreSQL whose address stands behind it.
"""

import sqlite3
import sys
from contextlib import closing
from tempfile import mkdtemp

from mppkit import Mall, VirtualClock, open_store
from mppkit.blueprint import sample_blueprint

FILE = f"{mkdtemp()}/fees.db"
URL = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{FILE}?shared=yes"
BLUEPRINT = sample_blueprint()  # read once: a mall for each transaction is then quickly made
CLOCK = VirtualClock("2026-11-24T09:00:00+08:00")

if URL.startswith("sqlite:"):
    from mppkit.storage import SqliteStore as Store

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(FILE)

    INSERT = "INSERT INTO fee VALUES (?, ?)"
else:
    import psycopg

    from mppkit.storage import PostgresStore as Store

    def connect() -> psycopg.Connection:
        return psycopg.connect(URL)

    INSERT = "INSERT INTO fee VALUES (%s, %s)"


def queue_and_pay(connection, rupiah: int) -> str:
    """Issue a ticket and book its fee; whoever calls commits both or rolls both back."""
    with Mall.open(BLUEPRINT, Store.on(connection), clock=CLOCK) as mall:
        number = mall.queue.issue("nib").number
    if rupiah <= 0:
        raise ValueError(f"{number}: nothing was paid")
    connection.execute(INSERT, (number, rupiah))
    return number


def main() -> None:
    """Pay once, fail once, and look at what is there."""
    open_store(URL).close()  # once, when you install: makes mppkit's tables beside yours
    with closing(connect()) as connection:
        connection.execute("CREATE TABLE fee(ticket text PRIMARY KEY, rupiah integer)")
        connection.commit()

        print("paid:", queue_and_pay(connection, 50_000))
        connection.commit()
        try:
            queue_and_pay(connection, 0)
            connection.commit()
        except ValueError as error:
            connection.rollback()
            print("rolled back:", error)

        [(fees,)] = connection.execute("SELECT count(*) FROM fee").fetchall()
    with Mall.open(BLUEPRINT, URL, clock=CLOCK) as mall:
        print(f"{fees} fee, {mall.queue.board().waiting} waiting")


if __name__ == "__main__":
    main()
