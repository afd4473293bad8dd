"""Bad input by the thousand: what it is made of, and what every reader of it must keep to.

Each call is held to the same: it does its work or raises an error of mppkit's own; in bounded time and memory; and no
personal number that was planted in the input stands whole in the message. The suite tries a few hundred inputs of each
kind, always the same ones; `MPPKIT_FUZZ=10` asks for ten times as many, and others on every run.
"""

import os
import re
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit.errors import MppkitError

TIMES = int(os.environ.get("MPPKIT_FUZZ", "1"))
SECONDS = 20
"""No input takes so long; the slowest takes a tenth of it, on a machine that does much else."""

MEGABYTES = 250
"""By which the process may grow while it reads a few hundred inputs, the largest of a few megabytes."""

LONGEST_MESSAGE = 500_000
PLANTED = ("5103011708900001", "51030117 0890-0001", "5103 0117 0890 0001", "081234567890", "+62 812-3456-7890")
_DIGITS = tuple(re.sub(r"\D", "", number).removeprefix("62").removeprefix("0") for number in PLANTED)

ODD = (
    *PLANTED,
    "",
    " ",
    "\t",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\ud800",
    "é",
    "１２",
    "²",
    "٣",
    "🙂",
    "İ",
    "ﬁ",
    "-1",
    "0",
    "1e400",
    "-0.0",
    "nan",
    "inf",
    "9" * 30,
    "1" + "0" * 400,
    "1_0",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "99:99",
    "24:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31 23:59:59-12:00",
    '"',
    "'",
    '"""',
    "\\",
    "%s {0} {x.y}",
    "[bold]",
    "../..",
    "a/b",
    "=",
    ",",
    ";",
    "\n",
    "\r",
    "\r\n",
    "#",
    "null",
    "true",
    "x" * 700,
)

odd_texts = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=40),
    st.tuples(st.sampled_from(ODD), st.text(max_size=8), st.sampled_from(ODD)).map("".join),
)
"""Texts that nobody expects, personal numbers among them."""

_toml = st.sampled_from(
    (
        *(f'"{number}"' for number in PLANTED),
        "5103011708900001",
        "[" * 40 + "]" * 40,
        "[" * 900,
        "{a = " * 200,
        "[[]]",
        "{}",
        "{ a.b.c = 1 }",
        '["a", 1, 2026-01-01]',
        '["08:00-08:00"]',
        '["23:00-01:00"]',
        '[""]',
        '["nib", "nib"]',
        "inf",
        "-nan",
        "1e308",
        "-1",
        "0",
        "0.1",
        "9" * 600,
        "0x7fffffffffffffff",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "23:59:59.999999",
        "true",
        '"' + "x" * 600 + '"',
        r'"\u0000"',
        r'"\u202e"',
        '"standard"',
        '"Asia/Makassar"',
        '"../../etc/passwd"',
        '"localtime"',
    )
)


@st.composite
def _changed(draw: st.DrawFn, text: str) -> bytes:
    """Draw a file that was sound, until some of it was replaced, left out, moved, or repeated."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 5))):
        if not lines:
            break
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        match draw(st.integers(0, 8)):
            case 0 | 1 | 2 if "=" in line:
                lines[at] = f"{line.partition('=')[0]}= {draw(_toml)}"
            case 0 | 1 | 2:  # a cell of a CSV file
                cells = re.split("([,;\t])", line)
                cells[draw(st.integers(0, len(cells) - 1))] = draw(odd_texts)
                lines[at] = "".join(cells)
            case 3 | 4:
                begin, end = sorted((draw(st.integers(0, len(line))), draw(st.integers(0, len(line)))))
                lines[at] = line[:begin] + draw(odd_texts) + line[end:]
            case 5:
                del lines[at : at + draw(st.integers(1, 3))]
            case 6:
                lines[at : at + 1] = [line] * draw(st.integers(2, 4))
            case 7:
                lines.insert(draw(st.integers(0, len(lines))), line)
            case 8:
                lines.insert(at, draw(odd_texts) + draw(st.sampled_from(("", " = 1", "]", "[x]", "[[x]]"))))
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    match draw(st.integers(0, 11)):
        case 0:
            at = draw(st.integers(0, len(raw)))
            return raw[:at] + draw(st.binary(min_size=1, max_size=4)) + raw[at:]
        case 1:
            return raw[: draw(st.integers(0, len(raw)))]
        case 2:
            return raw.replace(b"\n", b"\r\n")
        case 3:
            return b"\xef\xbb\xbf" + raw
        case 4:
            return "\n".join(lines).encode("utf-16", "surrogatepass")
    return raw


@pytest.fixture(scope="session")
def changed() -> Callable[[str], st.SearchStrategy[bytes]]:
    """Return what draws changed files from the text of a sound one."""
    return _changed


@pytest.fixture(scope="session")
def odd() -> st.SearchStrategy[str]:
    """Texts that nobody expects."""
    return odd_texts


def leaks(said: str) -> list[str]:
    """Return the planted numbers that stand whole in a text, however they are grouped."""
    return [digits for digits in _DIGITS if digits in re.sub(r"[ .()_-]", "", said)]


@pytest.fixture(scope="session")
def find_leaks() -> Callable[[str], list[str]]:
    """Return what looks for planted numbers."""
    return leaks


@contextmanager
def _in_time() -> Iterator[None]:
    def late(*_: object) -> None:
        raise AssertionError(f"it took longer than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _calmly(call: Callable[[], Any], *, refusals: type[MppkitError] = MppkitError) -> Any:
    """Return what a call returns, or the error that it raised on purpose; anything else fails the test."""
    refused = None
    with _in_time():
        try:
            return call()
        except refusals as error:
            refused = error
    said = str(refused)
    assert said.strip()
    assert "Traceback" not in said
    assert len(said) < LONGEST_MESSAGE
    assert leaks(said) == []
    assert leaks(repr(refused)) == []
    return refused


@pytest.fixture(scope="session")
def calmly() -> Callable[..., Any]:
    """Return what makes a call and holds it to the rules."""
    return _calmly


@pytest.fixture(scope="session")
def fuzz() -> Callable[..., None]:
    """Return what tries a check with many inputs, each named and drawn from its strategy."""

    def run(check: Callable[..., None], examples: int, **inputs: st.SearchStrategy[Any]) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        chosen = settings(
            max_examples=examples * TIMES,
            derandomize=TIMES == 1,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        chosen(given(**inputs)(check))()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        assert grown < MEGABYTES, f"the process grew by {grown} megabytes"

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Return what writes a file of a name, over the one before it."""

    def written(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return written
