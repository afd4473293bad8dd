"""Processes of their own for the tests that kill them, starve them or take their rights away."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest

Process = subprocess.Popen[str]

PRELUDE = """
import json, os, sqlite3, sys, time
from datetime import UTC, datetime
from mppkit.errors import ConflictError, StorageError
from mppkit.storage import Append, NewEvent, Query, SqliteStore, audit, sqlite

def batch(stream, version, *data, **rest):  # not mppkit.testing's own: that starts pytest, and takes four times as long
    events = tuple(NewEvent(name="bell.rang", version=1, data=text) for text in data)
    return Append(stream=stream, expected_version=version, events=events, at=datetime.now(UTC), **rest)

def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
"""


@pytest.fixture
def start_python() -> Iterator[Callable[..., Process]]:
    """Start a script in another Python; whatever is left of it at the end of the test is killed."""
    started: list[Process] = []

    def start(script: str, *args: object, before: tuple[str, ...] = ()) -> Process:
        process = subprocess.Popen(
            [*before, sys.executable, "-W", "error", "-c", PRELUDE + dedent(script), *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=30)


@pytest.fixture
def run_python(start_python: Callable[..., Process]) -> Callable[..., str]:
    """Run a script in another Python to its end, and return what it printed."""

    def run(script: str, *args: object, before: tuple[str, ...] = ()) -> str:
        process = start_python(script, *args, before=before)
        said, wrong = process.communicate(timeout=60)
        assert process.returncode == 0, said + wrong
        return said

    return run
