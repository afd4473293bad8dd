"""A fee in your own table and a ticket in mppkit's, in one session of SQLAlchemy: both, or neither.

Runs on a new SQLite file, or on the database of PostgreSQL whose address stands behind it.
Needs `python -m pip install "sqlalchemy>=2"`.
"""

import sys
from tempfile import mkdtemp

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from mppkit import Mall, VirtualClock, open_store
from mppkit.blueprint import sample_blueprint

FILE = f"{mkdtemp()}/fees.db"
URL = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{FILE}?shared=yes"
BLUEPRINT = sample_blueprint()  # read once: a mall for each transaction is then quickly made
CLOCK = VirtualClock("2026-11-24T09:00:00+08:00")

if URL.startswith("sqlite:"):
    from mppkit.storage import SqliteStore as Store

    engine = create_engine(f"sqlite:///{FILE}")
else:
    from mppkit.storage import PostgresStore as Store

    engine = create_engine(URL.replace("postgresql:", "postgresql+psycopg:", 1))


class Table(DeclarativeBase):
    """Your tables."""


class Fee(Table):
    """What was paid for a ticket."""

    __tablename__ = "fee"
    ticket: Mapped[str] = mapped_column(primary_key=True)
    rupiah: Mapped[int]


def queue_and_pay(session: Session, rupiah: int) -> str:
    """Issue a ticket and book its fee; the session commits both or rolls both back."""
    store = Store.on(session.connection().connection.driver_connection)
    with Mall.open(BLUEPRINT, store, clock=CLOCK) as mall:
        number = mall.queue.issue("nib").number
    if rupiah <= 0:
        raise ValueError(f"{number}: nothing was paid")
    session.add(Fee(ticket=number, rupiah=rupiah))
    return number


def main() -> None:
    """Pay once, fail once, and look at what is there."""
    open_store(URL).close()  # once, when you install: makes mppkit's tables beside yours
    Table.metadata.create_all(engine)

    with Session(engine) as session, session.begin():
        print("paid:", queue_and_pay(session, 50_000))
    try:
        with Session(engine) as session, session.begin():
            queue_and_pay(session, 0)
    except ValueError as error:
        print("rolled back:", error)

    with Session(engine) as session:
        fees = session.scalar(select(func.count()).select_from(Fee))
    engine.dispose()
    with Mall.open(BLUEPRINT, URL, clock=CLOCK) as mall:
        print(f"{fees} fee, {mall.queue.board().waiting} waiting")


if __name__ == "__main__":
    main()
