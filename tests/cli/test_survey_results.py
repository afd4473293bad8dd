"""`mppkit survey index` and `publish`: what a store's answers come to, and the page of it."""

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.cli import survey_results
from mppkit.cli.main import mppkit
from mppkit.errors import InvalidValueError, MppkitError, NotFoundError
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import SurveyTerms

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


@pytest.fixture
def open_store(store: str) -> str:
    """Return the store of a mall that takes answers without a code too: five, all 2."""
    there = attrs.evolve(sample_blueprint(), survey=SurveyTerms(open=True))
    with Mall.open(there, f"sqlite:///{store}", clock=VirtualClock(f"{DAY}T10:00:00+08:00")) as mall:
        keys = mall.surveys.instrument("skm").keys
        for _ in range(5):
            mall.surveys.respond("skm", None, dict.fromkeys(keys, 2))
    return store


def test_answers_without_a_code_are_told_apart_and_the_method_says_so(open_store: str) -> None:
    facts = json.loads(run("index", open_store, "--channel", "open", "--json"))
    assert (facts["index"], facts["n"], facts["channel"], facts["version"]) == (50.0, 5, "open", 1)
    assert facts["rows_left_out"] == {"by_ticket": 12}
    run("publish", open_store, "--from", DAY, "--to", DAY, "--channel", "open", "--out", "open.html")
    told = Path("open.html").read_text(encoding="utf-8")
    assert "tanpa kode nomor antrean; tidak diketahui siapa yang menjawab" in told
    assert "without a ticket&#x27;s code; nobody knows who answered, or how often" in told
    assert "dengan kode pada nomor antrean;" not in told
    for command in (("index", open_store), ("publish", open_store, *_PERIOD, "--out", "x.html")):
        said = str(refused(*command, "--channel", "open", "--population", "40"))
        assert said.startswith("--population: 40: leave it out with --channel open")
    assert isinstance(refused("index", open_store, "--version", "7"), NotFoundError)
    assert isinstance(refused("publish", *_PERIOD, open_store, "--version", "7", "--out", "x.html"), NotFoundError)
    assert not Path("x.html").exists()


_PERIOD = ("--from", DAY, "--to", DAY)


def test_an_instrument_of_ones_own_is_asked_told_and_published(store: str) -> None:
    text = resources.files("mppkit.surveys").joinpath("instruments/skm-2017.toml").read_text(encoding="utf-8")
    question = "Apakah persyaratannya mudah dipenuhi?"
    text = text.replace("version = 1", "version = 2", 1)
    shipped_question = find_instrument("skm-2017").elements[0].question
    Path("badung.toml").write_text(text.replace(shipped_question, question), encoding="utf-8")
    own = find_instrument("badung.toml")
    said = str(refused("index", store, "--instrument", "badung.toml"))
    assert said.startswith("no answer to 'skm-2017 --version 2 --channel ticket from")
    assert said.endswith(f"; there are: skm-2017 --version 1 --channel ticket, {DAY} to {DAY}")
    assert own.elements[0].question == question
    with Mall.open(
        "contoh", f"sqlite:///{store}", clock=VirtualClock(f"{DAY}T10:00:00+08:00"), instruments=[own]
    ) as mall:
        assert mall.surveys.instrument("skm") == own
        for _ in range(5):
            code = mall.queue.issue("nib").survey_token
            mall.surveys.respond("skm", code, dict.fromkeys(own.keys, 2))
    facts = json.loads(run("index", store, "--instrument", "badung.toml", "--json"))
    assert (facts["instrument"], facts["version"], facts["n"], facts["index"]) == ("skm-2017", 2, 5, 50.0)
    old = json.loads(run("index", store, "--instrument", "badung.toml", "--version", "1", "--json"))
    assert (old["version"], old["n"]) == (1, 12)
    run("publish", store, "--instrument", "badung.toml", *_PERIOD, "--out", "own.html")
    assert "50,00" in Path("own.html").read_text(encoding="utf-8")
    assert "did you mean 'badung.toml'" in str(refused("index", store, "--instrument", "badun.toml"))


def test_what_is_no_instrument_or_is_there_twice_opens_no_mall(store: str) -> None:
    for wrong in (["badung.toml"], [find_instrument("skm-2017")]):
        with pytest.raises(InvalidValueError, match="instruments"):
            Mall.open("contoh", "memory:", instruments=wrong)


@pytest.mark.parametrize(
    ("out", "xlsx", "said"),
    [
        ("sama.html", "./sama.html", "--out: 'sama.html': --xlsx is the same file"),
        ("ikm.html", "tidak-ada/ikm.xlsx", "--xlsx: 'tidak-ada/ikm.xlsx': it cannot be written (No such file"),
        ("tidak-ada/ikm.html", "ikm.xlsx", "--out: 'tidak-ada/ikm.html': it cannot be written (No such file"),
        ("hall.db", "ikm.xlsx", "--out: 'hall.db': it is there already"),
        ("ikm.html", "x" * 300, "it cannot be written (File name too long)"),
    ],
)
def test_the_page_and_the_workbook_are_both_written_or_neither(store: str, out: str, xlsx: str, said: str) -> None:
    before = sorted(Path().iterdir())
    assert said in str(refused("publish", store, *_PERIOD, "--out", out, "--xlsx", xlsx))
    assert sorted(Path().iterdir()) == before


def test_what_fails_on_the_way_leaves_no_file(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(publication: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(survey_results, "page", broken)
    said = str(refused("publish", store, *_PERIOD, "--out", "a.html", "--xlsx", "a.xlsx"))
    assert said.startswith("--out, --xlsx: 'a.html, a.xlsx': it cannot be written (No space left on device)")
    assert not [path for path in Path().iterdir() if not path.name.startswith("hall.db")]


def test_a_file_that_came_meanwhile_is_not_overwritten_and_the_other_is_taken_back(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = survey_results.page

    def slow(publication: object) -> str:
        Path("ikm.xlsx").write_text("mine")
        return made(publication)  # type: ignore[arg-type]

    monkeypatch.setattr(survey_results, "page", slow)
    assert "already" in str(refused("publish", store, *_PERIOD, "--out", "ikm.html", "--xlsx", "ikm.xlsx"))
    assert (Path("ikm.xlsx").read_text(), Path("ikm.html").exists()) == ("mine", False)


def test_an_answer_that_comes_while_the_page_is_made_is_in_all_of_it_or_in_none(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, times = SurveysDesk.by, iter(range(100))

    def with_one_more(desk: SurveysDesk, *arguments: Any, **options: Any) -> Any:
        if (number := next(times)) < 6:
            with Mall.open("contoh", f"sqlite:///{store}", clock=VirtualClock(f"{DAY}T11:00:00+08:00")) as mall:
                keys = mall.surveys.instrument("skm").keys
                code = mall.queue.issue("nib", request_id=f"x-{number}").survey_token
                mall.surveys.respond("skm", code, dict.fromkeys(keys, 4), profile={"sex": "laki-laki"})
        return by(desk, *arguments, **options)

    monkeypatch.setattr(SurveysDesk, "by", with_one_more)
    assert "n = 18" in run("publish", store, *_PERIOD, "--out", "ikm.html")


def test_a_small_period_is_not_shown(store: str) -> None:
    assert isinstance(refused("index", store, "--from", "2027-01-01", "--to", "2027-01-31"), MppkitError)


@pytest.mark.parametrize("option", ["--from=2027-01-01", "--to=2026-01-01"])
def test_a_period_beyond_all_answers_has_none(store: str, option: str) -> None:
    said = str(refused("index", store, option))
    assert "there are: skm-2017 --version 1 --channel ticket, 2026-11-24 to 2026-11-24" in said
    day = option.partition("=")[2]
    publish = ("publish", store, "--from", day, "--to", day, "--out", "ikm.html")
    assert str(refused(*publish)) == (
        f"no answer to 'skm-2017 --version 1 --channel ticket from {day} to {day}'; "
        "there are: skm-2017 --version 1 --channel ticket, 2026-11-24 to 2026-11-24"
    )
    assert not Path("ikm.html").exists()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("--instrument", "skm-2014"), "skm-2014 --version 1 --channel ticket"),
        (("--channel", "open"), "skm-2017 --version 1 --channel open"),
    ],
    ids=["instrument", "channel"],
)
@pytest.mark.parametrize("command", [("index",), ("publish", "--from", DAY, "--to", DAY, "--out", "x.html")])
def test_what_nobody_answered_is_named_beside_what_somebody_did(
    store: str, command: tuple[str, ...], asked: tuple[str, ...], named: str
) -> None:
    said = refused(*command, store, *asked)
    assert isinstance(said, NotFoundError)
    assert str(said).startswith(f"no answer to '{named}")
    assert str(said).endswith(f"; there are: skm-2017 --version 1 --channel ticket, {DAY} to {DAY}")
    assert not Path("x.html").exists()


@pytest.mark.parametrize("command", [("index",), ("publish", "--out", "x.html")], ids=lambda command: command[0])
def test_a_period_that_ends_before_it_begins_is_told_by_its_options(store: str, command: tuple[str, ...]) -> None:
    said = str(refused(*command, store, "--from", "2026-12-31", "--to", "2026-01-01"))
    assert said == "--to: '2026-01-01': give a day from 2026-12-31 on, which is --from"


def test_one_is_told_in_the_singular(store: str) -> None:
    Path("satu.csv").write_text("nib\n", encoding="utf-8")
    with Mall.open("contoh", f"sqlite:///{store}", clock=VirtualClock(f"{DAY}T10:00:00+08:00")) as mall:
        keys = mall.surveys.instrument("skm").keys
    Path("satu.csv").write_text(f"{','.join(keys)}\n{','.join('4' for _ in keys)}\n", encoding="utf-8")
    assert "1 complete answer;" in run("score", "satu.csv")
    Path("satu.csv").write_text(f"{','.join(keys)}\n{','.join('' for _ in keys)}\n", encoding="utf-8")
    assert "no complete answer in 1 row'" in str(refused("score", "satu.csv"))


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
