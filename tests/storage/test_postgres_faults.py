"""What can happen to a server happens: nothing acknowledged is lost, nothing is written twice, every fault is named."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import Any

import pytest

from mppkit.errors import ConflictError, InvalidValueError, StorageError
from mppkit.storage import EventStore, Query, Where, audit, open_store, postgres_sql
from mppkit.storage import postgres_schema as schema_room
from mppkit.storage.postgres_append import append
from mppkit.testing.batches import BACK, FRONT, batch, everything, head
from mppkit.testing.racing import at_once

psycopg = pytest.importorskip("psycopg")
from mppkit.storage import PostgresStore  # noqa: E402 -- needs psycopg
from mppkit.storage import postgres as postgres_room  # noqa: E402

PASSWORD = "rahasia-sekali-77"


@pytest.fixture
def admin(postgres: Any) -> Iterator[Any]:
    """Give a connection that sees and ends the others."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        yield connection


def schema_of(url: str) -> str:
    return re.search(r"schema=(\w+)", url)[1]


# --- the server goes away -------------------------------------------------------------------------------------------


class Proxy:
    """Stands between store and server, and cuts the line where it is told to.

    `cut` is "question": the next question does not reach the server; or "answer": it does, and its answer, once the
    server has given it, does not come back; `last_words` may come instead.
    """

    last_words = b""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            self._host, self._port = connection.info.host, connection.info.port
            user, name = connection.info.user, connection.info.dbname
        self.cut: str | None = None
        self.cuts = 0
        self.on_cut: Callable[[], object] = lambda: None
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://{user}@127.0.0.1:{self._door.getsockname()[1]}/{name}?sslmode=disable"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with self._door:
            while True:
                try:
                    client, _ = self._door.accept()
                except OSError:
                    return
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            server = socket.create_connection((self._host, self._port))
        with client, server:
            back = Thread(target=self._pass_on, args=(server, client, "answer"), daemon=True)
            back.start()
            self._pass_on(client, server, "question")
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, what: str) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if self.cut == what:
                    self.cut = None
                    self.cuts += 1
                    self.on_cut()
                    target.sendall(self.last_words)
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # wakes who waits at the door, and he closes it


@pytest.fixture
def proxy(postgres: Any) -> Iterator[Proxy]:
    if os.environ.get("PGPASSWORD") or ":" in postgres.url.partition("://")[2].partition("@")[0]:
        pytest.skip("the proxy knows no password")
    proxy = Proxy(postgres.url)
    yield proxy
    proxy.close()


@pytest.mark.parametrize("request_id", ["r-1", None])
@pytest.mark.parametrize("cut", ["question", "answer"])
def test_a_commit_whose_line_was_cut_is_made_once(
    proxy: Proxy, postgres_url: str, cut: str, request_id: str | None
) -> None:
    """Before the question arrived, or between the COMMIT and its answer."""
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store, open_store(postgres_url) as direct:
        for version in range(0, 12, 2):
            then = len(everything(direct))
            proxy.cut = cut
            rows = store.append(
                batch(FRONT, version, "1", "2", request_id=request_id and f"{request_id}-{version}"),
                batch(BACK, version // 2, str(version), request_id=request_id and f"{request_id}-{version}"),
            )
            assert rows == everything(direct)[then:]
            assert [row.version for row in rows] == [version + 1, version + 2, version // 2 + 1]
        assert proxy.cuts == 6
        assert audit(direct).intact


@pytest.mark.parametrize("sqlstate", ["08P01", "57P01", "58000", "XX000"])
@pytest.mark.parametrize("request_id", ["r-1", None])
def test_a_commit_whose_answer_a_pooler_lost_is_made_once(
    proxy: Proxy, postgres_url: str, sqlstate: str, request_id: str | None
) -> None:
    """PgBouncer, whose server connection broke behind the COMMIT, says so under a code of its own."""
    said = f"SFATAL\0C{sqlstate}\0Mserver conn crashed?\0\0".encode()
    proxy.last_words = b"E" + (4 + len(said)).to_bytes(4) + said
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store, open_store(postgres_url) as direct:
        for version in range(3):
            proxy.cut = "answer"
            rows = store.append(batch(FRONT, version, request_id=request_id and f"{request_id}-{version}"))
            assert rows == direct.read(FRONT, after=version)
        assert (proxy.cuts, len(everything(direct))) == (3, 3)


def test_a_new_stream_whose_answer_was_lost_is_found_by_its_digests(proxy: Proxy, postgres_url: str) -> None:
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store:
        proxy.cut = "answer"
        rows = store.append(batch(FRONT, 0, "1", "2"))
        assert rows == everything(store)
        assert len(rows) == 2


@pytest.mark.parametrize("there", [0, 3])
def test_when_the_line_was_cut_and_somebody_else_was_faster_it_is_a_conflict(
    proxy: Proxy, postgres_url: str, there: int
) -> None:
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store, open_store(postgres_url) as direct:
        if there:
            direct.append(batch(FRONT, 0, *"abc"))
        proxy.on_cut = lambda: direct.append(batch(FRONT, there, "theirs", "theirs too"))
        proxy.cut = "question"
        with pytest.raises(ConflictError) as refused:
            store.append(batch(FRONT, there, "ours"))
        assert (refused.value.expected, refused.value.actual) == (there, there + 2)
        assert [row.data for row in direct.read(FRONT, after=there)] == ["theirs", "theirs too"]


def test_the_same_event_of_somebody_else_is_not_taken_for_ours_without_a_cut(postgres_url: str) -> None:
    """Two who append the very same event: one is told of a conflict, as ever."""
    with open_store(postgres_url) as store, open_store(postgres_url) as other:
        for version in range(5):

            def once(each: EventStore, version: int = version) -> int:
                try:
                    return len(each.append(batch(f"badung/bell/{version}", 0, "same")))
                except ConflictError:
                    return 0

            assert sorted(at_once(lambda: once(store), lambda: once(other))) == [0, 1]


def test_reads_are_asked_again_where_the_line_was_cut(proxy: Proxy, postgres_url: str) -> None:
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store:
        rows = store.append(batch(FRONT, labels={"n": 1}))
        for verb in (lambda: store.read(FRONT), store.read_all):
            for cut in ("question", "answer"):
                proxy.cut = cut
                assert tuple(verb()) == rows
        proxy.cut = "answer"
        assert len(store.find(Query(where=(Where(label="n", value=1),)))) == 1
        assert proxy.cuts == 5


def test_backends_that_are_ended_between_two_verbs_are_not_noticed(admin: Any, postgres_url: str) -> None:
    url = f"{postgres_url}&application_name={schema_of(postgres_url)}"
    with open_store(url) as store:
        at_once(*(lambda stream=f"badung/bell/{number}": store.append(batch(stream)) for number in range(6)))
        for version in range(5):
            ended = admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
                (schema_of(postgres_url),),
            ).fetchall()
            assert ended
            store.append(batch(FRONT, version))
        assert len(store.read(FRONT)) == 5


@pytest.mark.parametrize("request_id", ["r-1", None])
def test_a_backend_that_is_ended_in_the_middle_of_an_append_leaves_no_half_and_no_double(
    admin: Any, postgres: Any, postgres_url: str, request_id: str | None
) -> None:
    schema = schema_of(postgres_url)
    with open_store(postgres_url) as store, psycopg.connect(postgres.url) as holder:
        store.append(batch(FRONT), batch(BACK))
        holder.execute(f"SELECT FROM {schema}.stream WHERE name = %s FOR UPDATE", (FRONT,))
        told: list[Any] = []
        both = [batch(BACK, 1, "b", request_id=request_id), batch(FRONT, 1, "f", request_id=request_id)]
        writer = Thread(target=lambda: told.extend(store.append(*both)), daemon=True)
        writer.start()
        ended = set()
        while len(ended) < 3:  # it has written nothing, waits for FRONT, and is ended there; and again, and again
            ended |= {
                pid
                for (pid, _) in admin.execute(
                    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND query LIKE %s",
                    (f"%{schema}.append%",),
                )
            }
        holder.rollback()
        writer.join(30)
        assert [(row.stream, row.version, row.data) for row in told] == [(BACK, 2, "b"), (FRONT, 2, "f")]
        assert len(everything(store)) == 4
        assert audit(store).intact


def test_a_server_that_is_stopped_and_started_again_costs_waiting_and_nothing_else(
    postgres: Any, postgres_url: str
) -> None:
    if postgres.restart is None:
        pytest.skip("the server that MPPKIT_TEST_POSTGRES names is not ours to stop")
    told: list[Any] = []
    wrong: list[BaseException] = []
    with open_store(postgres_url) as store:

        def write() -> None:
            try:
                for version in range(400):
                    told.extend(store.append(batch(FRONT, version, str(version))))
                    time.sleep(0.001)
            except BaseException as error:
                wrong.append(error)

        writer = Thread(target=write, daemon=True)
        writer.start()
        time.sleep(0.1)
        postgres.restart(lambda: time.sleep(0.3))
        writer.join(60)
        assert wrong == []
        assert tuple(told) == store.read(FRONT)
        assert [row.data for row in told] == [str(version) for version in range(400)]


def test_a_server_that_crashes_keeps_what_it_has_acknowledged(admin: Any, postgres: Any, postgres_url: str) -> None:
    """SIGKILL for one backend makes PostgreSQL end all the others and recover."""
    [(pid,)] = admin.execute("SELECT pg_backend_pid()")
    try:
        os.kill(pid, 0)
    except (OSError, AttributeError):
        pytest.skip("the server runs elsewhere, or as somebody else")
    told: list[Any] = []
    wrong: list[BaseException] = []
    with open_store(postgres_url) as store:

        def write(name: str) -> None:
            try:
                for version in range(150):
                    told.extend(store.append(batch(f"badung/bell/{name}", version, str(version))))
            except BaseException as error:
                wrong.append(error)

        writers = [Thread(target=write, args=(name,), daemon=True) for name in "abcd"]
        for writer in writers:
            writer.start()
        time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        for writer in writers:
            writer.join(60)
        assert wrong == []
        assert sorted(told, key=lambda row: row.position) == list(everything(store))
        assert len(told) == 600
        assert audit(store).intact


def test_a_server_that_stays_away_is_an_error_that_says_what_is_not_known(
    proxy: Proxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_room, "_PATIENCE", 0.3)
    with open_store(f"{proxy.url}&schema={schema_of(postgres_url)}") as store:
        store.append(batch(FRONT))
        proxy.on_cut = proxy.close
        proxy.cut = "answer"
        with pytest.raises(StorageError, match="whether the events were recorded is not known") as refused:
            store.append(batch(FRONT, 1, request_id="r-1"))
        assert isinstance(refused.value.__cause__, psycopg.OperationalError)
        with pytest.raises(StorageError, match="could not read it"):
            store.read(FRONT)
    with open_store(postgres_url) as store:  # it was, and the same request finds it
        [row] = store.append(batch(FRONT, 7, request_id="r-1"))
        assert row.version == 2


def test_a_stream_that_somebody_holds_for_long_is_an_error_and_nothing_is_written(
    postgres: Any, postgres_url: str, admin: Any
) -> None:
    schema = schema_of(postgres_url)
    with open_store(postgres_url) as store, psycopg.connect(postgres.url) as holder:
        admin.execute(f"ALTER FUNCTION {schema}.append SET lock_timeout = '100ms'")  # and not ten seconds
        store.append(batch(FRONT))
        holder.execute(f"SELECT FROM {schema}.stream FOR UPDATE")
        with pytest.raises(StorageError, match="another transaction holds the stream"):
            store.append(batch(BACK), batch(FRONT, 1))
        holder.rollback()
        assert len(everything(store)) == 1
        store.append(batch(BACK), batch(FRONT, 1))


def test_two_who_append_to_the_same_streams_in_opposite_orders_do_not_stop_each_other(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_room, "_TRIES", 1)  # or a deadlock would be tried again, and nobody know of it
    with open_store(postgres_url) as one, open_store(postgres_url) as two:

        def write(store: EventStore, streams: tuple[str, str]) -> None:
            done = 0
            while done < 40:
                versions = [len(store.read(stream)) for stream in streams]
                try:
                    store.append(*(batch(each, version) for each, version in zip(streams, versions, strict=True)))
                    done += 1
                except ConflictError:
                    pass

        at_once(lambda: write(one, (FRONT, BACK)), lambda: write(two, (BACK, FRONT)))
        assert [found.version for found in one.find(Query())] == [80, 80]


def test_a_request_of_two_streams_that_is_committed_between_the_looks_at_them_is_found_on_both(
    postgres_url: str,
) -> None:
    """The server looks at one stream after the other; what it saw of the first may be a moment older."""
    with open_store(postgres_url) as store:
        both = [batch(FRONT, request_id="r-1"), batch(BACK, request_id="r-1")]
        then = store.append(*both)

        def ask(sql: str, values: Sequence[object]) -> list[Any]:
            if sql == postgres_sql.APPEND:
                return [("known", 1, None, None)]
            return store._run("ask it", lambda real: real(sql, values))

        assert append(ask, both, alone=True) == then
        with pytest.raises(ConflictError, match="not on all"):
            append(ask, [batch("badung/bell/new", request_id="r-1"), both[1]], alone=True)


def test_streams_are_taken_in_the_order_of_their_names_whatever_order_they_were_given_in(
    postgres: Any, postgres_url: str, admin: Any
) -> None:
    """Who waits for the first of them holds none of the others, so that nobody can wait for him in turn."""
    schema = schema_of(postgres_url)
    with open_store(postgres_url) as store, psycopg.connect(postgres.url) as holder:
        store.append(batch(FRONT), batch(BACK))
        holder.execute(f"SELECT FROM {schema}.stream WHERE name = %s FOR UPDATE", (BACK,))
        writer = Thread(target=lambda: store.append(batch(FRONT, 1), batch(BACK, 1)), daemon=True)
        writer.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
        until = time.monotonic() + 10
        while not admin.execute(waiting, (f"%{schema}.append%",)).fetchall() and time.monotonic() < until:
            time.sleep(0.01)
        admin.execute(f"SELECT FROM {schema}.stream WHERE name = %s FOR UPDATE NOWAIT", (FRONT,))
        holder.rollback()
        writer.join(30)
        assert len(everything(store)) == 4


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_a_label_longer_than_an_index_entry_is_found_and_ordered(postgres_url: str) -> None:
    import random

    chance = random.Random(7)
    start = "".join(chr(chance.randrange(0x1F300, 0x1F5FF)) for _ in range(300))  # alike beyond what is indexed
    texts = sorted(
        ["", "b", *(start + end for end in ("", "a", "b", "b" * 100_000))]
        + ["".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(20_000)) for _ in range(2)]
    )
    with open_store(postgres_url) as store:
        for number, text in enumerate(texts):
            store.append(batch(f"badung/bell/{number}", labels={"x": text}))
        for number, text in enumerate(texts):
            for op, wanted in {
                "=": [number],
                "<": range(number),
                "<=": range(number + 1),
                ">": range(number + 1, len(texts)),
                ">=": range(number, len(texts)),
            }.items():
                found = store.find(Query(where=(Where(label="x", op=op, value=text),), order_by="x"))
                assert [each.stream for each in found] == [f"badung/bell/{each}" for each in wanted]


def test_the_longest_request_id_and_the_longest_name_fit_the_indexes(postgres_url: str) -> None:
    import random

    long = "".join(chr(random.Random(7).randrange(0x1F300, 0x1F5FF)) for _ in range(200))
    stream = f"{'m' * 64}/{'c' * 64}/{'k' * 128}"
    with open_store(postgres_url) as store:
        rows = store.append(batch(stream, 0, request_id=long, actor=long, labels={"x" * 63: long}))
        assert store.append(batch(stream, 5, request_id=long)) == rows
        assert head(store, stream).version == 1


# --- what is no store -----------------------------------------------------------------------------------------------


def test_ten_processes_that_start_at_once_make_one_store(postgres_url: str, start_python: Callable[..., Any]) -> None:
    script = """
    from mppkit.storage import open_store
    url, name = sys.argv[1:]
    say("ready")
    sys.stdin.readline()
    with open_store(url) as store:
        store.append(batch(f"badung/bell/{name}", 0, "1"))
    say("done")
    """
    started = [start_python(script, postgres_url, number) for number in range(10)]
    assert [each.stdout.readline() for each in started] == ['"ready"\n'] * 10
    for each in started:
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in started:
        assert each.stdout.readline() == '"done"\n', each.stderr.read()
    with open_store(postgres_url, create=False) as store:
        assert len(store.find(Query())) == 10


def test_a_program_of_before_works_beside_one_that_has_added_to_the_schema(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(postgres_url) as before:
        before.append(batch(FRONT))
        with monkeypatch.context() as later:
            steps = (*schema_room.STEPS, (1, "CREATE TABLE {schema}.more(n integer)"))
            later.setattr(schema_room, "STEPS", steps)
            with open_store(postgres_url) as after:
                after.append(batch(FRONT, 1))
                before.append(batch(FRONT, 2))
        with open_store(postgres_url) as again:  # and one of before may be started again
            again.append(batch(FRONT, 3))
        assert len(before.read(FRONT)) == 4


def test_a_schema_that_older_programs_would_damage_is_refused_by_them(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(
            schema_room, "STEPS", (*schema_room.STEPS, (2, "ALTER TABLE {schema}.stream ADD COLUMN n integer"))
        )
        open_store(postgres_url).close()
    with pytest.raises(StorageError, match=r"newer mppkit .schema step 2; this one knows 1.: upgrade"):
        open_store(postgres_url)


def test_a_step_that_fails_leaves_nothing_behind(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(schema_room, "STEPS", (*schema_room.STEPS, (1, "CREATE TABLE {schema}.stream()")))
        with pytest.raises(StorageError, match="could not open it"):
            open_store(postgres_url)
    with pytest.raises(StorageError, match="no store of this version"):
        open_store(postgres_url, create=False)
    open_store(postgres_url).close()


def test_another_applications_schema_is_left_as_it_is(admin: Any, postgres_url: str) -> None:
    schema = schema_of(postgres_url)
    admin.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.visitors()")
    with pytest.raises(StorageError, match=r"another application's \(visitors\): name another one"):
        open_store(postgres_url)
    admin.execute(f"DROP TABLE {schema}.visitors")
    open_store(postgres_url).close()  # an empty one, which the administrator made for it, is used


def test_a_store_that_must_be_there_is_not_made(admin: Any, postgres_url: str) -> None:
    with pytest.raises(StorageError, match="no store of this version"):
        open_store(postgres_url, create=False)
    assert admin.execute("SELECT to_regnamespace(%s)", (schema_of(postgres_url),)).fetchone() == (None,)


def test_a_store_that_is_dropped_under_a_program_says_so(admin: Any, postgres_url: str) -> None:
    with open_store(postgres_url) as store:
        store.append(batch(FRONT))
        admin.execute(f"DROP SCHEMA {schema_of(postgres_url)} CASCADE")
        for verb in (lambda: store.read(FRONT), store.read_all, lambda: store.append(batch(FRONT, 1))):
            with pytest.raises(StorageError, match="gone: open it anew"):
                verb()


def test_a_database_that_keeps_no_utf8_is_refused(admin: Any, postgres: Any) -> None:
    name = f"latin{os.getpid()}"
    admin.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        with psycopg.connect(postgres.url) as here:
            how = psycopg.conninfo.conninfo_to_dict(here.info.dsn)
        url = f"postgresql://{how.get('user', '')}@/{name}?host={how.get('host', '')}&port={how.get('port', '5432')}"
        with pytest.raises(StorageError, match="keeps texts in LATIN1"):
            open_store(url)
    finally:
        admin.execute(f"DROP DATABASE {name}")


def test_a_role_that_may_not_is_told_what_it_needs(admin: Any, postgres: Any, postgres_url: str) -> None:
    schema, role = schema_of(postgres_url), f"clerk{os.getpid()}"
    open_store(postgres_url).close()
    admin.execute(f"CREATE ROLE {role} LOGIN")
    try:
        url = re.sub(r"//[^@]*@", f"//{role}@", postgres.address(schema=schema))
        with pytest.raises(StorageError, match="GRANT"):
            open_store(url)
        admin.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        admin.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}")
        admin.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
        with open_store(url) as store:
            store.append(batch(FRONT, labels={"n": 1}))
            store.append(batch(FRONT, 1, labels={"n": 2}))
            assert len(everything(store)) == 2
    finally:
        admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


# --- passwords ------------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    began = time.monotonic()
    with pytest.raises(StorageError, match=r"postgresql://127.0.0.1:1/malls: could not open it") as refused:
        open_store(f"postgresql://badung:{PASSWORD}@127.0.0.1:1/malls")
    assert time.monotonic() - began < 5  # a wrong address is not waited for
    assert PASSWORD not in f"{refused.value!r} {refused.value.__cause__!r}"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://badung:{PASSWORD}@db/malls?schema=Mall",
        f"postgresql://badung:{PASSWORD}@db/malls?notify=perhaps",
        f"postgresql://badung:{PASSWORD}@db/malls?sslmod=require",
        f"postgresql://badung:{PASSWORD}@db:port/malls",
        f"postgresql://badung:%zz{PASSWORD}@db/malls",
        f"postgresql://badung:@{PASSWORD}@db/malls",
        f"postgresql://badung:/{PASSWORD}@db/malls",
        f"postgresql://badung:?{PASSWORD}@db/malls",
        f"postgresql://badung:#{PASSWORD}@db/malls",
        f"postgresql:badung:{PASSWORD}@db/malls",
        f"postgresql://db/malls?sslmod=require&password={PASSWORD}",
        f"postgresql://db/malls?password={PASSWORD}&schema=Mall",
        f"postgresq://badung:{PASSWORD}@db/malls",
        f"mysql://badung:{PASSWORD}@db/malls",
        f"jdbc:postgresql://db/malls?user=badung&password=a@{PASSWORD}",
        f"postgresql://db/malls?password=a@{PASSWORD}&schema=Mall",
        f"postgresql://db/malls?pass%77ord={PASSWORD}#x",
        f"postgresql://badung:{PASSWORD}/malls",
        f"host=db user=badung password = {PASSWORD}",
        f"host=db password={PASSWORD}:7",
        f"sqlite:///host=db password={PASSWORD}",
        f"sqlite:///password='{PASSWORD}' host=db",
        f"sqlite:///host=db password={PASSWORD}/7",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises((InvalidValueError, StorageError)) as refused:
        open_store(url)
    for text in (str(refused.value), repr(refused.value), repr(refused.value.__cause__)):
        assert PASSWORD not in text


def test_a_store_shows_where_it_is_and_no_password(postgres_url: str) -> None:
    with open_store(f"{postgres_url}&password={PASSWORD}") as store:
        assert PASSWORD not in repr(store)
        assert schema_of(postgres_url) in repr(store)
        store.close()
        with pytest.raises(StorageError) as refused:
            store.read(FRONT)
        assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("connections", [0, -1, True, 1.5, "8", None])
def test_a_store_without_connections_is_refused(connections: object) -> None:
    """Else every command would wait for one for ever."""
    with pytest.raises(InvalidValueError, match=r"connections.*1 or more"):
        PostgresStore("postgresql://db/malls", connections=connections)  # type: ignore[arg-type]


def test_threads_that_share_a_connection_get_it_in_turn(postgres: Any, postgres_url: str) -> None:
    """Who gives a connection back and wants it again at once must not pass by all who wait."""
    turns, until = [0] * 4, time.monotonic() + 1.5
    with PostgresStore(postgres.url, schema=schema_of(postgres_url), connections=1) as store:

        def read(n: int) -> None:
            while time.monotonic() < until:
                store.read(FRONT)
                turns[n] += 1

        at_once(*[partial(read, n) for n in range(4)])
    assert min(turns) > max(turns) / 2, turns


def test_an_error_that_is_kept_keeps_nobody_waiting(
    postgres: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PostgresStore(postgres.url, schema=schema_of(postgres_url), connections=1) as store:
        monkeypatch.setattr(postgres_room, "_PATIENCE", 0.2)
        begun = Event()

        def be_long(ask: Any) -> None:
            begun.set()
            ask("SELECT pg_sleep(0.6)")

        thread = Thread(target=store._run, args=("wait", be_long))
        thread.start()
        begun.wait()
        with pytest.raises(StorageError, match="all its connections are in use") as kept:
            store.read(FRONT)
        thread.join()
        assert store.read(FRONT) == ()
        assert kept.value is not None


def test_an_interrupt_while_a_connection_is_given_back_leaves_no_turn_taken(
    postgres: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python tells nobody of an exception that comes within a weak reference's callback, and leaves the rest undone."""
    with PostgresStore(postgres.url, schema=schema_of(postgres_url), connections=1) as store:
        here = threading.current_thread()

        def interrupt(frame: FrameType, event: str, _: object) -> None:
            if frame.f_code.co_name == "_remove" and threading.current_thread() is here:
                raise KeyboardInterrupt

        monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
        monkeypatch.setattr(postgres_room, "_PATIENCE", 0.2)
        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            store.read(FRONT)
        finally:
            sys.settrace(before)
        assert store.read(FRONT) == ()


def test_what_is_no_connection_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="open connection of psycopg 3"):
        PostgresStore.on("postgresql://db/malls")


def test_without_psycopg_the_extra_is_named() -> None:
    script = """
import sys
sys.modules["psycopg"] = None
from mppkit.errors import MissingExtraError
from mppkit.storage import open_store
try:
    open_store("postgresql://db/malls")
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert 'PostgreSQL needs packages that are not installed: python -m pip install "mppkit[postgres]"' in done.stdout


def test_a_store_loads_psycopg_only_for_an_address_of_postgresql() -> None:
    script = "import sys, mppkit.storage as s; s.open_store('memory:'); print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
