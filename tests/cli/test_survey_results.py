"""`mppkit survey index` and `publish`: what a store's answers come to, and the page of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mppkit import Mall, VirtualClock
from mppkit.cli.main import mppkit
from mppkit.errors import InvalidValueError, MppkitError, NotFoundError

DAY = "2026-11-24"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a store with 12 answers of one day: 8 of nib, all 4; 4 of ktp-el, all 3."""
    monkeypatch.chdir(tmp_path)
    with Mall.open("contoh", "sqlite:///hall.db", clock=VirtualClock(f"{DAY}T09:00:00+08:00")) as mall:
        keys = mall.surveys.instrument("skm").keys
        for service, value, count in (("nib", 4, 8), ("ktp-el", 3, 4)):
            for _ in range(count):
                code = mall.queue.issue(service).survey_token
                mall.surveys.respond("skm", code, dict.fromkeys(keys, value), profile={"sex": "perempuan"})
    return "hall.db"


def run(*arguments: str) -> str:
    done = CliRunner().invoke(mppkit, ["survey", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: str) -> MppkitError:
    done = CliRunner().invoke(mppkit, ["survey", *arguments])
    assert isinstance(done.exception, MppkitError), done.output
    return done.exception


def test_the_index_of_a_store_is_that_of_its_answers(store: str) -> None:
    facts = json.loads(run("index", store, "--population", "40", "--by", "service", "--json"))
    # (8 x 4 + 4 x 3) / 12 x 25
    assert (facts["index"], facts["n"], facts["from"], facts["to"]) == (91.67, 12, DAY, DAY)
    assert facts["sample_needed"] == 36
    assert facts["groups"] == {}, "four answers are too few to show, and eight beside them would give them away"
    assert "91.67" in run("index", store)


def test_a_small_period_is_not_shown(store: str) -> None:
    assert isinstance(refused("index", store, "--from", "2027-01-01", "--to", "2027-01-31"), MppkitError)


def test_a_store_without_answers_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Mall.open("contoh", "sqlite:///empty.db", clock=VirtualClock(f"{DAY}T09:00:00+08:00")) as mall:
        mall.queue.issue("nib")
    error = refused("index", "empty.db")
    assert isinstance(error, NotFoundError)
    assert "nobody has answered yet" in str(error)


def test_the_page_and_the_workbook_are_written_once(store: str) -> None:
    said = run("publish", store, "--from", DAY, "--to", DAY, "--out", "ikm.html", "--xlsx", "ikm.xlsx")
    assert "IKM 91.67" in said
    told = Path("ikm.html").read_text(encoding="utf-8")
    assert "91,67" in told
    assert "Mal Pelayanan Publik Contoh (rekaan)" in told
    assert Path("ikm.xlsx").read_bytes().startswith(b"PK")
    again = refused("publish", store, "--from", DAY, "--to", DAY, "--out", "ikm.html")
    assert isinstance(again, InvalidValueError)
    assert Path("ikm.html").read_text(encoding="utf-8") == told


def test_a_mistyped_instrument_is_one_message_and_exit_code_2(store: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mppkit", "survey", "index", store, "--instrument", "skm-2071"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "did you mean 'skm-2017'" in done.stderr
    assert "Traceback" not in done.stderr
