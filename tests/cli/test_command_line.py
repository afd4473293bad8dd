"""The command line as a newcomer meets it: exit codes, JSON, tables, and one clear message for whatever is wrong."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mppkit.cli.main import mppkit, without_passwords
from mppkit.errors import MppkitError

DAY = "2026-11-24"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mppkit, arguments, catch_exceptions=True)


def facts(*arguments: str) -> dict:
    done = call(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("rehearsed") / "day.db"
    done = call("rehearse", "--date", DAY, "--seed", "3", "--store", f"sqlite:///{store}")
    assert done.exit_code == 0, done.output
    return store


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "mppkit", *arguments], capture_output=True, text=True, check=False
    )


def test_a_rehearsal_is_recorded_where_it_says_and_can_be_looked_into() -> None:
    done = run("rehearse", "--date", DAY)
    assert done.returncode == 0, done.stderr
    assert Path(f"rehearsal-contoh-{DAY}.db").exists()
    for said in ("Mal Pelayanan Publik Contoh (rekaan)", "By hour", "By service", "Load of the counters", "WITA"):
        assert said in done.stdout
    for said in ("Permits that visitors applied for", "Working days to decide", "Assumed: 80%", "kamar-hotel"):
        assert said in done.stdout
    for said in ("What visitors made of it (survei kepuasan): IKM", "Waktu Penyelesaian", "answers (", "Assumed: 40%"):
        assert said in done.stdout
    assert f"mppkit audit rehearsal-contoh-{DAY}.db" in done.stdout
    assert run("audit", f"rehearsal-contoh-{DAY}.db").returncode == 0
    assert "09:00 WITA: open" in run("board", f"rehearsal-contoh-{DAY}.db", "--at", "09:00").stdout


def test_a_second_rehearsal_overwrites_nothing() -> None:
    first = facts("rehearse", "--date", DAY)["store"]
    second = facts("rehearse", "--date", DAY)["store"]
    assert (first, second) == (f"sqlite:///rehearsal-contoh-{DAY}.db", f"sqlite:///rehearsal-contoh-{DAY}-2.db")


def test_the_same_seed_gives_the_same_digest_on_any_store() -> None:
    one = facts("rehearse", "--date", DAY, "--seed", "5", "--store", "memory:")
    other = facts("rehearse", "--date", DAY, "--seed", "5", "--store", "sqlite:///five.db")
    assert one["digest"] == other["digest"]
    assert {**one, "store": ""} == {**other, "store": ""}
    assert facts("audit", "five.db")["digest"] == one["digest"]
    assert facts("rehearse", "--date", DAY, "--seed", "6", "--store", "memory:")["digest"] != one["digest"]


def test_the_json_object_holds_what_the_issue_names() -> None:
    told = facts("rehearse", "--date", DAY, "--store", "memory:")
    for key in ("dates", "seed", "discipline", "visitors", "served", "no_show", "cancelled", "still_waiting"):
        assert key in told
    for key in ("within_15_minutes", "overtakings", "rows_left_out", "events", "store", "digest"):
        assert key in told
    assert told["chain"] == "intact"
    assert told["dates"] == [DAY]
    assert {"mean", "p50", "p90", "max"} <= told["wait_seconds"].keys() & told["service_seconds"].keys()
    assert len(told["per_service"]) >= 38
    assert len(told["per_counter"]) >= 18
    ends = ("served", "no_show", "cancelled", "still_waiting", "interrupted", "refused")
    assert told["visitors"] == sum(told[end] for end in ends) > 100


def test_the_permits_are_told_and_they_and_the_survey_can_be_left_out() -> None:
    told = facts("rehearse", "--date", DAY, "--store", "with.db")
    permits = told["permits"]
    ends = ("issued", "refused", "withdrawn", "lapsed", "still_running")
    assert permits["applications"] == sum(permits[end] for end in ends) > 0
    listed = facts("permits", "list", "--store", "with.db")
    assert len(listed["applications"]) == permits["applications"]
    alone = facts("rehearse", "--date", DAY, "--store", "hall.db", "--no-permits", "--no-survey")
    assert (alone["permits"], alone["survey"]) == (None, None)
    assert facts("audit", "hall.db")["streams"] == 1
    assert alone["per_day"] == told["per_day"]
    without = ("--no-permits", "--no-survey")
    shown = call("rehearse", "--date", DAY, "--store", "memory:", *without).stdout
    assert "Permits" not in shown
    assert "survei" not in shown
    again = call("rehearse", "--date", "2026-11-25", "--store", "with.db")
    assert " ".join(without) in str(again.exception)
    assert facts("rehearse", "--date", "2026-11-25", "--store", "with.db", *without)["chain"] == "intact"


def test_the_survey_is_told_with_the_index() -> None:
    told = facts("rehearse", "--date", DAY, "--store", "memory:", "--no-permits")
    survey = told["survey"]
    assert told["permits"] is None
    assert survey["asked"] == told["served"]
    assert 0 < survey["n"] + survey["refused"] < survey["asked"]
    assert survey["interval"][0] < survey["index"] < survey["interval"][1]
    assert len(survey["elements"]) == 9
    assert survey["weakest"][0] == "waktu"


def test_a_day_in_a_year_without_a_decree_is_rehearsed_with_a_warning() -> None:
    assert facts("rehearse", "--date", DAY, "--store", "memory:")["warnings"] == []
    assert facts("rehearse", "--date", "2028-11-21", "--store", "memory:")["warnings"] == ["year_without_decree"]
    assert "warning: " in call("rehearse", "--date", "2028-11-21", "--store", "memory:").stdout


def test_another_discipline_can_be_tried() -> None:
    told = facts("rehearse", "--date", DAY, "--discipline", "strict_priority", "--store", "memory:")
    assert told["discipline"] == "strict_priority"


def test_a_log_is_played(tmp_path: Path) -> None:
    Path("log.csv").write_text(
        "\ufefftanggal;jam;antrean;detik;tunggu\n"
        f"{DAY};08;Izin;300;60\n{DAY};08;Izin;0;10\n{DAY};09;KTP;200;5\n{DAY};09;KTP;200;5\n",
        encoding="utf-8",
    )
    mapped = (
        "arrived_on=tanggal",
        "arrived_hour=jam",
        "service=antrean",
        "service_seconds=detik",
        "waited_seconds=tunggu",
    )
    arguments = ["rehearse", "--visits", "log.csv", "--store", "memory:"]
    for pair in mapped:
        arguments += ["--map", pair]
    told = facts(*arguments, "--alias", "Izin=nib", "--alias", "KTP=ktp-el")
    assert told["visitors"] == 2
    assert sum(told["rows_left_out"].values()) == 2
    assert told["observed"] is not None
    shown = call(*arguments, "--alias", "Izin=nib", "--alias", "KTP=ktp-el")
    assert "Rows of the log" in shown.stdout
    assert "Waits in the log" in shown.stdout
    unknown = call(*arguments)
    assert isinstance(unknown.exception, MppkitError)
    assert "Izin" in str(unknown.exception)
    assert "KTP" in str(unknown.exception)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rehearse", "contoh2"], "contoh"),
        (["rehearse", "--discipline", "first_comer"], "did you mean 'first_come'?"),
        (["rehearse", "--date", "2026-08-17"], "Hari Kemerdekaan"),
        (["rehearse", "--date", "2026-11-22"], "2026-11-23"),
        (["rehearse", "--map", "service=antrean"], "it goes with --visits"),
        (["rehearse", "--visits", "nowhere.csv"], "nowhere.csv"),
        (["rehearse", "--profile", "nowhere.toml"], "nowhere.toml"),
        (["rehearse", "--store", "mysql://localhost/x"], "sqlite:///file"),
        (["rehearse", "--store", "nowhere/x.db"], "make it first"),
        (["audit", "nowhere.db"], "there is no such file"),
        (["board", "nowhere.db"], "there is no such file"),
        (["audit", "memory:x"], "memory:"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_whatever_is_wrong_is_one_clear_message_and_exit_code_2(arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("mppkit: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(Path().glob("*.db"))


def test_a_mistyped_option_or_date_is_refused_by_the_command_line_itself() -> None:
    assert run("rehearse", "--sede", "1").returncode == 2
    assert run("rehearse", "--date", "24-11-2026").returncode == 2
    assert run("rehersal").returncode == 2


def test_the_audit_prints_what_is_there(rehearsed: Path) -> None:
    told = facts("audit", str(rehearsed))
    assert told["chain"] == "intact"
    assert told["streams"] > 3  # the day; applications, their register, a zone
    assert told["events"] > 500
    assert told["first_at"] < told["last_at"]
    shown = call("audit", f"sqlite:///{rehearsed}")
    assert shown.exit_code == 0
    assert "All chains are intact." in shown.stdout


def test_the_audit_names_the_altered_event_and_exits_with_1(rehearsed: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.db"
    altered.write_bytes(rehearsed.read_bytes())
    with sqlite3.connect(altered) as connection:
        connection.execute("UPDATE mppkit_event SET actor = 'somebody else' WHERE version = 777")
    connection.close()
    done = call("audit", str(altered), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["chain"] == "broken"
    assert [(found["stream"], found["version"]) for found in told["breaks"]] == [(f"contoh/queue/{DAY}", 777)]
    shown = call("audit", str(altered))
    assert shown.exit_code == 1
    assert "777" in shown.stdout


def test_the_board_shows_the_hall_as_it_was(rehearsed: Path) -> None:
    now = facts("board", str(rehearsed), "--at", "10:00")
    assert now["is_open"]
    assert any(row["ticket"] for row in now["counters"])
    assert all(call["at"] <= now["at"] for call in now["last_calls"])
    closed = facts("board", str(rehearsed))
    assert not closed["is_open"]
    assert closed["waiting"] == 0
    shown = call("board", str(rehearsed), "--at", "10:00")
    assert "Counters (loket)" in shown.stdout


def test_a_board_that_cannot_be_shown_says_what_there_is(rehearsed: Path) -> None:
    assert DAY in str(call("board", str(rehearsed), "--date", "2026-11-25").exception)
    assert "10:30" in str(call("board", str(rehearsed), "--at", "half past").exception)
    other = Path("other.toml")
    other.write_text(
        '[mall]\nid = "lain"\nname = "Mal Lain"\nname_english = "Another"\nzone = "Asia/Jakarta"\ninvented = true\n'
        '[hours]\nmonday = ["08:00-12:00"]\n[[agency]]\nid = "a"\nname = "A"\nname_english = "A"\nkind = "swasta"\n'
        '[[service]]\nid = "s"\nname = "S"\nname_english = "S"\nagency = "a"\nprefix = "S"\n'
        '[[counter]]\nid = "c"\nname = "C"\nservices = ["s"]\n',
        encoding="utf-8",
    )
    assert "contoh" in str(call("board", str(rehearsed), "--blueprint", "other.toml").exception)


def test_without_the_extra_the_command_line_says_what_is_missing() -> None:
    code = (
        "import importlib.util as u; found = u.find_spec;"
        "u.find_spec = lambda name, *rest: None if name in ('click', 'rich') else found(name, *rest);"
        "import runpy; runpy.run_module('mppkit', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "mppkit[cli]" in done.stderr
    assert "Traceback" not in done.stderr


# --- counting and checking -----------------------------------------------------------------------------------------


def test_a_deadline_skips_what_is_no_working_day_and_says_why() -> None:
    told = facts("deadline", "--from", "2026-03-17", "--working-days", "3")
    assert told["due_on"] == "2026-03-27"
    assert [day["on"][-2:] for day in told["skipped"]] == ["18", "19", "20", "21", "22", "23", "24"]
    assert "Nyepi" in told["skipped"][1]["why"]
    served = facts("deadline", "--from", "2026-03-17", "--working-days", "3", "--work-on-cuti-bersama")
    assert served["due_on"] == "2026-03-23"
    assert facts("deadline", "--from", "2028-12-20", "--working-days", "5")["warnings"] == ["year_without_decree"]
    assert "Friday 2026-03-27" in call("deadline", "--from", "2026-03-17", "--working-days", "3").stdout


def test_a_deadline_follows_the_calendar_of_a_blueprint() -> None:
    told = facts("deadline", "--from", "2026-10-02", "--working-days", "1", "--blueprint", "contoh")
    assert told["due_on"] == "2026-10-06"  # the sample's anniversary on the 5th
    assert facts("deadline", "--from", "2026-10-02", "--working-days", "1")["due_on"] == "2026-10-05"


def test_a_number_is_checked_and_never_printed_whole() -> None:
    told = facts("check", "nik", "5103015708900001", "--on", DAY)
    assert told == {
        "valid": True,
        "masked": "51…",
        "born_on": "1990-08-17",
        "born_on_candidates": ["1990-08-17"],
        "sex": "female",
        "region": "51 Bali",
        "warnings": [],
    }
    for arguments in (["nik", "5103015708900001"], ["nik", "51030157089000012"], ["phone", "0812-3456-7890"]):
        done = run("check", *arguments)
        assert arguments[1].replace("-", "")[4:] not in (done.stdout + done.stderr).replace("-", "")
    child = facts("check", "nik", "3171011708260001", "--on", DAY)
    assert (child["born_on"], child["warnings"]) == ("2026-08-17", ["nik_two_centuries"])
    assert child["born_on_candidates"] == ["2026-08-17", "1926-08-17"]
    assert run("check", "nik", "123").returncode == 1
    assert run("check", "nikk", "123").returncode == 2


def test_a_table_of_regions_makes_the_hint_finer(tmp_path: Path) -> None:
    table = tmp_path / "regions.csv"
    table.write_text("kode,nama\n51,Bali\n51.03,KAB. BADUNG\n", encoding="utf-8")
    told = facts("check", "nik", "5103015708900001", "--on", DAY, "--regions", str(table))
    assert told["region"] == "51.03 KAB. BADUNG"


# --- blueprint and readiness ---------------------------------------------------------------------------------------


def test_a_clean_blueprint_is_clean_and_a_broken_one_is_unusable() -> None:
    told = facts("blueprint", "check", "contoh", "--on", DAY)
    assert (told["problems"], told["findings"]) == (0, [])
    Path("broken.toml").write_text("[mall]\nid = 7\n", encoding="utf-8")
    done = run("blueprint", "check", "broken.toml")
    assert done.returncode == 2
    assert "broken.toml" in done.stderr


def test_a_blueprint_with_problems_exits_with_1_and_names_them() -> None:
    Path("poor.toml").write_text(
        '[mall]\nid = "lain"\nname = "Mal Lain"\nname_english = "Another"\nzone = "Asia/Jakarta"\ninvented = true\n'
        '[hours]\nmonday = ["08:00-12:00"]\n[[agency]]\nid = "a"\nname = "A"\nname_english = "A"\nkind = "swasta"\n'
        '[[service]]\nid = "s"\nname = "S"\nname_english = "S"\nagency = "a"\nprefix = "S"\n'
        '[[counter]]\nid = "c"\nname = "C"\nservices = ["s"]\n',
        encoding="utf-8",
    )
    done = call("blueprint", "check", "poor.toml", "--on", DAY, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["problems"] > 0
    assert {"agency_without_rule"} <= {finding["code"] for finding in told["findings"]}
    assert "agency[a]" in call("blueprint", "check", "poor.toml", "--on", DAY).stdout


def test_a_blueprint_is_shown() -> None:
    told = facts("blueprint", "show", "contoh", "--on", DAY)
    assert len(told["services"]) == 40
    assert told["opening"]
    assert "Nomor Induk Berusaha" in call("blueprint", "show").stdout


def test_readiness_tells_blockers_and_takes_a_rehearsal_into_account(rehearsed: Path) -> None:
    done = call("readiness", "contoh", "--json")
    assert done.exit_code == 1
    before = json.loads(done.stdout)
    assert not before["ready"]
    after = json.loads(call("readiness", "contoh", "--rehearsal", str(rehearsed), "--json").stdout)
    assert after["score"] > before["score"]
    assert len(after["blockers"]) < len(before["blockers"])
    shown = call("readiness", "contoh")
    assert shown.exit_code == 1
    assert "NOT ready" in shown.stdout
    assert "there is no such file" in str(call("readiness", "--rehearsal", "nowhere.db").exception)


def test_another_regency_adopts_the_pattern_and_finds_exactly_its_blanks() -> None:
    done = facts(
        "blueprint", "adopt", "contoh", "--as", "blora", "--out", "blora", "--on", DAY, "--zone", "Asia/Jakarta"
    )
    assert done["region"] == "blora"
    assert {item["uptake"] for item in done["items"]} == {"adopt", "adapt", "skip"}
    checked = call("blueprint", "check", "blora", "--on", DAY, "--json")
    assert checked.exit_code == 1
    assert json.loads(checked.stdout)["findings"] == done["blanks"]
    assert facts("blueprint", "diff", "contoh", "contoh")["changes"] == []
    different = call("blueprint", "diff", "contoh", "blora", "--json")
    assert different.exit_code == 1
    assert {"kind": "changed", "place": "mall.id", "old": "'contoh'", "new": "'blora'"} in json.loads(different.stdout)[
        "changes"
    ]
    again = run("blueprint", "adopt", "contoh", "--as", "blora", "--out", "blora")
    assert again.returncode == 2
    assert "new or empty" in again.stderr
    shown = call("blueprint", "adopt", "contoh", "--as", "blora", "--out", "another")
    assert "blanks to fill in" in shown.stdout


def test_the_schema_of_the_blueprint_is_printed() -> None:
    done = call("blueprint", "schema")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["$schema"].endswith("2020-12/schema")


# --- what is printed, and where it cannot be ---------------------------------------------------------------------


ADDRESS = "postgresql://sri:geheim@db/malls"


@pytest.mark.parametrize(
    "arguments",
    [
        ["blueprint", "check", ADDRESS],
        ["readiness", "--rehearsal", ADDRESS],
        ["audit", "hall.db", ADDRESS],
        ["rehearse", "--blueprint", ADDRESS],
        ["permits", "classify", "--kbli=55110", "--edition=2025", "--scale=mikro", f"--table={ADDRESS}"],
        ["store", "restore", "host=db password=geheim", "hall.db"],
        ["permits", "capacity", "host=db password=geheim", "--store", "hall.db"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_no_message_holds_the_password_of_an_address_in_the_wrong_place(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no '/srv/postgresql:/sri:geheim@db/x': gone", "no '/srv/postgresql:/…@db/x': gone"),
        ("postgres://sri:ge@h eim@db/x, sqlite:///sri@hall.db", "postgres://…@h eim@db/x, sqlite:///sri@hall.db"),
        ("mysql://sri:ge@heim@db/x", "mysql://…@db/x"),
        ("postgresql://sri:51…01x@db/x", "postgresql://…@db/x"),
        ("no file 'sri:geheim@db'; looked in postgresql:", "no file '…@db'; looked in postgresql:"),
        ("'postgresql://sri:gehe…: cut", "'postgresql://…: cut"),
        ("postgresql://…@db/x: no such host", "postgresql://…@db/x: no such host"),
        ("host=db PASSWORD = 'ge heim' dbname=x", "host=db PASSWORD = … dbname=x"),
        ("postgresql://db/x?password=geheim&schema=bali", "postgresql://db/x?password=…&schema=bali"),
        ("sqlite:////srv/hall.db: a mail to sri@hall", "sqlite:////srv/hall.db: a mail to sri@hall"),
        ("hall at 10:30/sri@hall.db", "hall at 10:30/sri@hall.db"),
    ],
)
def test_a_password_is_masked_and_the_rest_is_told(message: str, shown: str) -> None:
    assert without_passwords(message) == shown


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_sign_that_the_output_cannot_hold_is_no_failure(encoding: str, rehearsed: Path) -> None:
    for arguments in (["permits", "capacity", "--store", str(rehearsed)], ["rehearse", "--date", DAY]):
        told = subprocess.run(
            [sys.executable, "-W", "error", "-m", "mppkit", *arguments],
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )
        assert (told.returncode, told.stderr) == (0, b"")
        assert b"?" in told.stdout
    told = subprocess.run(
        [sys.executable, "-m", "mppkit", "deadline", "--from", "2026-03-17", "--working-days", "3", "--json"],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert "?" not in json.dumps(json.loads(told.stdout.decode(encoding)))


@pytest.mark.parametrize("arguments", [["audit"], ["audit", "--json"], ["--help"]], ids=" ".join)
def test_whoever_stops_reading_is_told_nothing_and_no_chain_is_broken(arguments: list[str], rehearsed: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = ["--help"] if arguments == ["--help"] else [*arguments, str(rehearsed)]
    done = subprocess.run([sys.executable, "-m", "mppkit", *ended], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("arguments", [["audit"], ["audit", "--json"], ["--help"]], ids=" ".join)
def test_an_output_that_cannot_be_written_is_one_message_and_exit_code_2(arguments: list[str], rehearsed: Path) -> None:
    ended = ["--help"] if arguments == ["--help"] else [*arguments, str(rehearsed)]
    command = [sys.executable, "-m", "mppkit", *ended]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (2, "mppkit: the output: No space left on device\n")
        assert subprocess.run(command, stdout=full, stderr=full, check=False).returncode == 2
        mistyped = [sys.executable, "-m", "mppkit", "audit", "none.db"]
        assert subprocess.run(mistyped, stdout=full, stderr=full, check=False).returncode == 2
