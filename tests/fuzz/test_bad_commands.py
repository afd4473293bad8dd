"""The command line with whatever anybody types: it works, or exits with 2 and one message; never a traceback."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import strategies as st

from mppkit.blueprint import sample_blueprint
from mppkit.cli.main import mppkit
from mppkit.errors import MppkitError
from mppkit.rehearsal import load_profile, rehearse
from mppkit.storage import SqliteStore


def commands(group: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, *path, name)
    else:
        yield path


COMMANDS = sorted(commands(mppkit))


def _command(path: tuple[str, ...]) -> click.Command:
    found: click.Command = mppkit
    for name in path:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


STORES = ("day.db", "sqlite:///day.db", "memory:")
PLACES = (*STORES, "noise.bin", "empty", ".", "bad.toml", "bad.csv", "tiada", "tiada/x.db")
DATES = ("2026-11-24", "2026-11-31", "0001-01-01", "9999-12-31", "10:30")
WORDS = (*PLACES, *DATES, "contoh", "nib", "nik", "phone", "3", "-5")
NUMBERS = ("5103011708900001", "081234567890", "9" * 60)


def can_be_typed(text: str) -> bool:
    """Tell whether a system can hand a text over; a slash would make it a file anywhere."""
    return not {"\0", "/"} & {*text} and not any("\ud800" <= sign <= "\udfff" for sign in text)


@st.composite
def arguments(draw: st.DrawFn, path: tuple[str, ...], odd: st.SearchStrategy[str]) -> list[str]:
    """Draw arguments for a command: most of its own options, with values that may or may not make sense."""
    value = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | odd.filter(can_be_typed)
    words = list(path)
    for parameter in _command(path).params:
        if isinstance(parameter, click.Argument):
            if draw(st.integers(0, 9)) < 9:
                words.append(draw(st.sampled_from(WORDS) | value))
        elif draw(st.integers(0, 9)) < (7 if parameter.required else 3) and parameter.opts[-1] != "--help":
            words.append(parameter.opts[0])
            if not (isinstance(parameter, click.Option) and parameter.is_flag):
                words.append(draw(value))
    if draw(st.integers(0, 9)) == 0:
        words.append(draw(value))
    return words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a rehearsed day, and files that are none."""
    made = tmp_path_factory.mktemp("commands")
    blueprint = sample_blueprint()
    with SqliteStore(made / "day.db") as store:
        rehearse(blueprint, store, load_profile().plan(blueprint, [date(2026, 11, 24)], seed=1))
    (made / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (made / "empty").write_bytes(b"")
    (made / "bad.toml").write_text('[mall]\nid = "5103011708900001"\nnik = "081234567890"\n', encoding="utf-8")
    (made / "bad.csv").write_text("nik,arrived_at\n5103011708900001,kemarin\n", encoding="utf-8")
    return made


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_any_arguments_end_in_work_or_in_one_message(
    path: tuple[str, ...],
    folder: Path,
    fuzz: Any,
    calmly: Any,
    odd: Any,
    find_leaks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    before = (folder / "day.db").read_bytes()
    runner = CliRunner()

    def holds(words: list[str]) -> None:
        done = calmly(lambda: runner.invoke(mppkit, words, catch_exceptions=True))
        fault = done.exception
        if isinstance(fault, MppkitError):
            assert find_leaks(str(fault)) == []
            assert done.stdout == ""
            return
        assert fault is None or isinstance(fault, SystemExit), (words, fault)
        assert done.exit_code in (0, 1, 2), words
        assert "Traceback" not in done.output
        if done.exit_code == 2:
            assert find_leaks(done.stderr) == []
            assert done.stderr.strip()
            assert done.stdout == ""

    try:
        fuzz(holds, 15, words=arguments(path, odd))
    finally:
        (folder / "day.db").write_bytes(before)


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "noise.bin"),
        ("audit", b"\xff\xfe.db"),
        ("board", "day.db", "--blueprint", "bad.toml"),
        ("blueprint", "check", "bad.toml"),
        ("survey", "score", b"\xff.csv"),
        ("rehearse", "--visits", "bad.csv", "--store", "memory:"),
        ("store", "restore", "x" * 300 + ".db", "new.db"),
        ("survey", "publish", "day.db", "--from", "2026-11-24", "--to", "2026-11-24", "--out", "tiada/x.html"),
        ("readiness", "--evidence", "bad.toml"),
        ("check", "nik", "5103011708900001", "--regions", "noise.bin"),
        ("deadline", "--working-days", "9" * 40),
    ],
    ids=str,
)
def test_a_real_process_says_it_in_one_message_and_exits_with_2(
    words: tuple[str | bytes, ...], folder: Path, find_leaks: Any
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mppkit", *words],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode == 2, said
    assert done.stdout == b""
    assert said.strip()
    assert "Traceback" not in said
    assert find_leaks(said) == []
