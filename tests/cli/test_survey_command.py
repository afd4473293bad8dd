"""`mppkit survey` as an office meets it: figures, JSON, exit codes, and nobody's answers shown on their own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mppkit.cli.main import mppkit
from mppkit.errors import BlueprintError, InvalidValueError
from mppkit.surveys.loading import find_instrument

KEYS = find_instrument("skm-2017").keys
GASPUL = {
    "persyaratan": "444444444444444444" + "3" * 11,
    "prosedur": "4" * 14 + "3" * 15,
    "waktu": "4" * 15 + "3" * 12 + "22",
    "biaya": "4" * 29,
    "produk": "4" * 15 + "3" * 14,
    "kompetensi": "4" * 18 + "3" * 11,
    "perilaku": "4" * 19 + "3" * 10,
    "pengaduan": "4" * 18 + "3" * 11,
    "sarana": "4" * 28 + "3",
}
"""29 answers that a public developer document of a service system works out; element by element."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mppkit, ["survey", *arguments])


def write(name: str, *lines: str) -> str:
    Path(name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return name


@pytest.fixture
def gaspul() -> str:
    rows = zip(*(GASPUL[key] for key in KEYS), strict=True)
    return write("gaspul.csv", ",".join(KEYS), *(",".join(row) for row in rows))


def test_the_json_object_is_that_of_the_issue(gaspul: str) -> None:
    done = call("score", gaspul, "--population", "646", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == [
        "index", "grade", "performance", "n", "interval", "weights", "elements", "sample_needed", "rows_left_out",
        "rows_left_out_listed", "rows_left_out_unlisted",
    ]  # fmt: skip
    assert (told["index"], told["grade"], told["performance"], told["n"]) == (91.48, "A", "Sangat baik", 29)
    assert (told["weights"], told["sample_needed"], told["rows_left_out"]) == ("exact", 241, {})
    low, high = told["interval"]
    assert 25 < low < 91.48 < high < 100
    assert told["elements"][0] == {"key": "persyaratan", "name": "Persyaratan", "mean": 3.6207, "index": 90.52}
    assert len(told["elements"]) == 9


@pytest.mark.parametrize(("weights", "index"), [("exact", 91.48), ("0.111", 91.38), ("0.11", 90.56)])
def test_the_same_answers_give_three_indices_and_each_says_its_weight(gaspul: str, weights: str, index: float) -> None:
    told = json.loads(call("score", gaspul, "--weights", weights, "--json").stdout)
    assert (told["index"], told["weights"]) == (index, weights)


def test_a_person_sees_bars_the_weakest_and_the_convention(gaspul: str) -> None:
    done = call("score", gaspul, "--population", "646")
    assert done.exit_code == 0
    for said in ("IKM 91.48: A, Sangat baik", "29 complete answers; 95 % interval", "241, NOT reached", "█████"):
        assert said in done.stdout
    assert "by skm-2017 version 1; weight exact" in done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines() if "among the weakest" in line] == [
        "Sistem,", "Waktu", "Produk",
    ]  # fmt: skip


def test_rows_left_out_are_shown_by_line_and_kind(gaspul: str) -> None:
    with Path(gaspul).open("a") as file:
        file.write("4,4,4,4,4,4,4,4,0\n4,4\n")
    shown = call("score", gaspul).stdout
    assert [line for line in shown.splitlines() if "31" in line and "no_choice" in line and "sarana" in line]
    done = call("score", gaspul, "--json")
    told = json.loads(done.stdout)
    assert told["rows_left_out"] == {"no_choice": 1, "too_few_columns": 1}
    assert told["rows_left_out_unlisted"] == {}
    assert told["rows_left_out_listed"] == [
        {"line": 31, "kind": "no_choice", "column": "sarana", "found": "0"},
        {"line": 32, "kind": "too_few_columns", "column": None, "found": None},
    ]
    assert done.stderr.splitlines() == [
        "left out: line 31, column 'sarana': no_choice 0",
        "left out: line 32: too_few_columns",
    ]


def test_what_is_not_listed_is_counted_and_a_file_of_its_own_lists_all(gaspul: str) -> None:
    with Path(gaspul).open("a") as file:
        file.write("4,4,4,4,4,4,4,4,Ni Wayan Sari\n" * 399 + "4,4,4,4,4,4,4,4,04\n")
    shown = call("score", gaspul, "--left-out", "sisa.csv").stdout
    assert [line.split()[1::2] for line in shown.splitlines() if line.startswith("│ text")] == [["text", "399", "5"]]
    rows = Path("sisa.csv").read_text(encoding="utf-8").splitlines()
    assert (rows[0], rows[1], len(rows)) == ("line,kind,column,found", "31,text,sarana,", 401)
    assert rows[-1] == "430,no_choice,sarana,04"
    assert "Wayan" not in shown + "".join(rows)
    done = call("score", gaspul, "--json", "--left-out", "sisa-2.csv")
    assert json.loads(done.stdout)["rows_left_out_unlisted"] == {"text": 394}
    assert done.stderr.splitlines()[-1] == "left out: 5 of 399 rows of text are listed; --left-out FILE lists all"
    again = call("score", gaspul, "--left-out", "sisa.csv")
    assert "it is there already" in str(again.exception)
    assert sorted(path.name for path in Path().iterdir()) == ["gaspul.csv", "sisa-2.csv", "sisa.csv"]


def test_a_file_without_a_complete_answer_is_named_and_json_keeps_the_output_stream_clean() -> None:
    write("kosong.csv", ",".join(KEYS))
    write("kotor.csv", ",".join(KEYS), "0,4,4,4,4,4,4,4,4", "x")
    for file, said in (("kosong.csv", "no row after the header"), ("kotor.csv", "no complete answer in 2 rows")):
        done = call("score", file, "--json", "--left-out", f"sisa-{file}")
        assert str(done.exception).startswith(f"{file}: '{said}': ")
        assert done.stdout == ""
    assert len(Path("sisa-kotor.csv").read_text().splitlines()) == 3


def test_numbered_columns_come_with_a_loud_note_until_they_are_settled() -> None:
    numbers = [f"U{number}" for number in range(1, 10)]
    file = write("u.csv", ";".join(numbers), *["4;4;4;4;4;4;4;3;4"] * 5)
    assert "NOTE: U8 = pengaduan, U9 = sarana" in call("score", file, "--json").stderr
    done = call("score", file, "--map", "sarana=U8", "--map", "pengaduan=U9", "--json")
    assert done.stderr == ""
    means = {each["name"]: each["mean"] for each in json.loads(done.stdout)["elements"]}
    assert means["Sarana dan Prasarana"] == 3.0


def test_small_groups_are_added_up_and_cannot_be_had_by_subtraction() -> None:
    rows = ["nib,4,4,4,4,4,4,4,4,4"] * 9 + ["kia,3,3,3,3,3,3,3,3,3"] * 7 + ["pajak,1,1,1,1,1,1,1,1,1"] * 2
    file = write("a.csv", f"layanan,{','.join(KEYS)}", *rows)
    done = call("score", file, "--by", "layanan")
    assert "pajak" not in done.stdout
    assert "kia" not in done.stdout  # else the two of pajak are the total without the others
    assert "2 groups are added up in the others" in done.stdout
    told = json.loads(call("score", file, "--by", "layanan", "--json").stdout)
    assert list(told["groups"]) == ["nib"]
    assert (told["groups"]["nib"]["index"], told["others"]["n"], told["groups_not_shown"]) == (100.0, 9, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (["score", "gaspul.csv", "--weights", "0.12"], InvalidValueError, "skm-2017 can have exact, 0.111, 0.11"),
        (["score", "gaspul.csv", "--map", "sarana"], InvalidValueError, "write ELEMENT=COLUMN"),
        (["score", "gaspul.csv", "--map", "saranna=waktu"], BlueprintError, "did you mean 'sarana'"),
        (["score", "gaspul.csv", "--by", "layanan"], BlueprintError, "by: 'layanan'"),
        (["score", "gaspul.csv", "--population", "20"], InvalidValueError, "29 of them answered"),
        (["score", "leer.csv"], InvalidValueError, "no complete answer"),
        (["sample-size", "0"], InvalidValueError, "1 or more"),
        (["sample-size", "-5"], InvalidValueError, "population: -5: give how many people were served"),
        (
            ["score", "gaspul.csv", "--left-out", "tidak-ada/sisa.csv"],
            InvalidValueError,
            "name a new file in a folder that is there",
        ),
        (["verify", "nichts.toml"], BlueprintError, "no such file"),
    ],
)
def test_a_wrong_input_is_told_with_the_remedy(gaspul: str, arguments: list[str], error: type, said: str) -> None:
    write("leer.csv", ",".join(KEYS), "0,4,4,4,4,4,4,4,4")
    done = call(*arguments)
    assert isinstance(done.exception, error)  # `run` makes exit code 2 of it
    assert said in str(done.exception)
    assert arguments[1] != "leer.csv" or "no_choice" in done.stdout


def report(index: str, *facts: str) -> str:
    averages = ["3.6207", "3.4828", "3.4483", "4.0000", "3.5172", "3.6207", "3.6552", "3.6207", "3.9655"]
    lines = [f"{name};{average}" for name, average in zip(KEYS, averages, strict=True)]
    return write("laporan.csv", "unsur;rata-rata", *lines, f"index;{index}", *facts)


@pytest.mark.parametrize(
    ("index", "facts", "code", "said"),
    [
        ("90,56", ["grade;A"], 0, "Reproduced by weight 0.11, rounding only the index"),
        ("91,48", ["grade;A"], 0, "The grade A is right by the table of skm-2017"),
        ("91,48", [], 0, "No grade is published; it would be A, Sangat baik"),
        ("91,99", ["grade;A"], 1, "NONE of the conventions in use reproduces the index"),
        ("91,48", ["grade;B"], 1, "The grade B is WRONG by the table of skm-2017, which has A, Sangat baik"),
    ],
)
def test_a_report_is_verified_and_the_exit_code_says_whether_it_holds(
    index: str, facts: list[str], code: int, said: str
) -> None:
    file = report(index, *facts)
    done = call("verify", file)
    assert done.exit_code == code
    assert said in done.stdout
    as_json = call("verify", file, "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["holds"]) == (code, code == 0)


def test_the_sample_that_is_needed_is_told() -> None:
    assert json.loads(call("sample-size", "646", "--json").stdout) == {"population": 646, "sample_needed": 241}
    assert call("sample-size", "15").stdout.startswith("14 of 15")


def test_instruments_are_listed_with_how_well_sourced_they_are() -> None:
    told = {each["id"]: each for each in json.loads(call("instruments", "--json").stdout)["instruments"]}
    assert told["skm-2004"]["weights"] == "0.071"
    assert told["spak"]["sourcing"] == "configurable"
    shown = call("instruments").stdout
    assert all(name in shown for name in told)
