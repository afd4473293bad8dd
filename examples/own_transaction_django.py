"""A fee in your own model and a ticket in mppkit's tables, in one `transaction.atomic` of Django: both, or neither.

Runs on a new SQLite file, or on the database of PostgreSQL whose address stands behind it.
Needs `python -m pip install "django>=5.2"`.
"""

import sys
from tempfile import mkdtemp

import django
from django.conf import settings
from django.db import connection, models, transaction

from mppkit import Mall, VirtualClock, open_store
from mppkit.blueprint import sample_blueprint

FILE = f"{mkdtemp()}/fees.db"
URL = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{FILE}?shared=yes"
BLUEPRINT = sample_blueprint()  # read once: a mall for each transaction is then quickly made
CLOCK = VirtualClock("2026-11-24T09:00:00+08:00")

if URL.startswith("sqlite:"):
    from mppkit.storage import SqliteStore as Store

    # IMMEDIATE: a transaction that reads before it writes is not overtaken in between
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE, "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
else:
    from psycopg.conninfo import conninfo_to_dict

    from mppkit.storage import PostgresStore as Store

    parts = conninfo_to_dict(URL)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    database = {name: parts.get(part, "") for name, part in names.items()}
    database["ENGINE"] = "django.db.backends.postgresql"

settings.configure(DATABASES={"default": database})  # in your project: settings.py
django.setup()


class Fee(models.Model):
    """What was paid for a ticket."""

    ticket = models.CharField(max_length=12, primary_key=True)
    rupiah = models.IntegerField()

    class Meta:
        """Where Django keeps it."""

        app_label = "fees"


@transaction.atomic
def queue_and_pay(rupiah: int) -> str:
    """Issue a ticket and book its fee, both or neither."""
    with Mall.open(BLUEPRINT, Store.on(connection.connection), clock=CLOCK) as mall:
        number = mall.queue.issue("nib").number
    if rupiah <= 0:
        raise ValueError(f"{number}: nothing was paid")
    Fee.objects.create(ticket=number, rupiah=rupiah)
    return number


def main() -> None:
    """Pay once, fail once, and look at what is there."""
    open_store(URL).close()  # once, when you install: makes mppkit's tables beside yours
    with connection.schema_editor() as editor:  # in your project: a migration
        editor.create_model(Fee)

    print("paid:", queue_and_pay(50_000))
    try:
        queue_and_pay(0)
    except ValueError as error:
        print("rolled back:", error)

    fees = Fee.objects.count()
    connection.close()
    with Mall.open(BLUEPRINT, URL, clock=CLOCK) as mall:
        print(f"{fees} fee, {mall.queue.board().waiting} waiting")


if __name__ == "__main__":
    main()
