"""A table of risks from a file: both forms say the same, every problem is told at once with its line, quickly."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import BlueprintError, InvalidValueError
from mppkit.permits import risk_table as under_test
from mppkit.permits.risk_levels import ONE_ENVIRONMENTAL, BasicRequirement, RiskLevel, Scale
from mppkit.permits.risk_table import load_risk_table, sample_risk_table

HEADER = "edition,code,scope,scope_title,scales,level,basic_requirements,sector,title,title_english"
SOURCE = "# source = Lampiran I PP 28/2025, salinan (rekaan)"
VILLA = "2025,55203,,,mikro|kecil,rendah,kkpr|sppl,pariwisata,Vila (rekaan),Villa"
HOTEL = '2025,55101,besar,"Hotel, besar",besar,tinggi,-,pariwisata,"Hotel ""rekaan""",'
BUILD = "2020,01111,,,besar,menengah_tinggi,,pertanian,Jagung (rekaan),"
TOML = """
source = "Lampiran I PP 28/2025, salinan (rekaan)"

[[row]]
edition = "2025"
code = "55203"
scales = ["mikro", "kecil"]
level = "rendah"
basic_requirements = ["kkpr", "sppl"]
sector = "pariwisata"
title = "Vila (rekaan)"
title_english = "Villa"

[[row]]
edition = "2025"
code = "55101"
scope = "besar"
scope_title = "Hotel, besar"
scales = ["besar"]
level = "tinggi"
basic_requirements = []
sector = "pariwisata"
title = 'Hotel "rekaan"'

[[row]]
edition = "2020"
code = "01111"
scales = ["besar"]
level = "menengah_tinggi"
sector = "pertanian"
title = "Jagung (rekaan)"
"""


def write(folder: Path, *lines: str, name: str = "risiko.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def told(path: Path) -> list[str]:
    """Return the problems of a file, without its name."""
    with pytest.raises(BlueprintError, match="the risk table has") as refusal:
        load_risk_table(path)
    assert {problem.file for problem in refusal.value.problems} == {str(path)}
    return [str(problem).removeprefix(f"{path}: ") for problem in refusal.value.problems]


# --- good files ----------------------------------------------------------------------------------------------------


def test_a_csv_file_is_read_as_it_was_meant(tmp_path: Path) -> None:
    read = load_risk_table(write(tmp_path, SOURCE, HEADER, VILLA, HOTEL, BUILD))
    assert read.source == "Lampiran I PP 28/2025, salinan (rekaan)"
    assert read.illustrative is False
    assert read.editions == ("2020", "2025")
    villa, hotel, build = read.rows
    assert (villa.edition, villa.code, villa.scope, villa.scope_title) == ("2025", "55203", None, "")
    assert villa.scales == (Scale.MIKRO, Scale.KECIL)
    assert villa.level is RiskLevel.RENDAH
    assert villa.basic_requirements == (BasicRequirement.KKPR, BasicRequirement.SPPL)
    assert (villa.sector, villa.title, villa.title_english) == ("pariwisata", "Vila (rekaan)", "Villa")
    assert (hotel.scope, hotel.scope_title, hotel.title) == ("besar", "Hotel, besar", 'Hotel "rekaan"')
    assert hotel.basic_requirements == ()
    assert build.code == "01111"
    assert build.basic_requirements is None


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    of_csv = load_risk_table(write(tmp_path, SOURCE, HEADER, VILLA, HOTEL, BUILD))
    assert load_risk_table(write(tmp_path, TOML, name="risiko.TOML")) == of_csv


def test_what_spreadsheets_do_to_a_file_does_no_harm(tmp_path: Path) -> None:
    plain = load_risk_table(write(tmp_path, SOURCE, "# illustrative = true", HEADER, VILLA, BUILD))
    spreadsheet = "\r\n".join(
        [
            f'"{SOURCE}";;;;;;;;;;;',
            "# Illustrative = TRUE;;;;;;;;;;;",
            "# a note with quotes = and signs;;;;;;;;;;;",
            HEADER.replace(",", ";").title() + ";;",
            VILLA.replace(",", " ; ") + ";;",
            ";;;;;;;;;;;",
            "# left out;;;;;;;;;;;",
            BUILD.replace(",", ";") + ";;",
            "",
        ]
    )
    assert load_risk_table(write(tmp_path, spreadsheet, name="lembar.csv", encoding="utf-8-sig")) == plain
    assert plain.illustrative is True


def test_columns_stand_in_any_order_and_those_that_may_be_left_out_can_be(tmp_path: Path) -> None:
    header = "title,sector,level,scales,code,edition"
    read = load_risk_table(write(tmp_path, SOURCE, header, "Vila,pariwisata,tinggi,besar,55203,2025"))
    [row] = read.rows
    assert (row.title, row.level, row.basic_requirements, row.scope) == ("Vila", RiskLevel.TINGGI, None, None)


# --- the shipped table ---------------------------------------------------------------------------------------------


def test_the_shipped_table_is_small_and_marked_as_invented_in_each_row() -> None:
    shipped = sample_risk_table()
    assert shipped.illustrative
    assert "rekaan" in shipped.source
    assert shipped.editions == ("2020", "2025")
    assert len(shipped.rows) == 15
    assert {row.level for row in shipped.rows} == set(RiskLevel)
    for row in shipped.rows:
        assert row.title.endswith(" (contoh rekaan)")
        assert row.title_english.endswith(" (invented example)")
        assert not row.scope_title or row.scope_title.endswith(" (contoh rekaan)")
        found = shipped.classify(edition=row.edition, code=row.code, scale=row.scales[0], scope=row.scope)
        assert found.row == row
        assert found.decision.warnings[0].code == "risk_table_illustrative"


# --- bad files -----------------------------------------------------------------------------------------------------


def test_every_problem_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "# illustrative = yes",
        HEADER,
        "1998,55203,,,mikro,rendah,,pariwisata,Vila,",
        "2025,1111,,,mikro,rendah,,pertanian,Jagung,",
        "2025,55204,Semua Hotel,,mikro,rendah,,pariwisata,Vila,",
        "2025,55205,,,mikro|sedang|mikro,rendah,,pariwisata,Vila,",
        "2025,55206,,,mikro,Menengah Rendah,,pariwisata,Vila,",
        "2025,55207,,,mikro,,kkpr|UKL-UPL,pariwisata,Vila,",
        "2025,55208,,,mikro,rendah,sppl|amdal,pariwisata,,",
        "2025,55209,,,,rendah,,,Vila,",
        "2025,55210,,,mikro,rendah,,pariwisata,Vila",
        '2025,55211,,,mikro,rendah,,pariwisata,"Vila,',
        "2025,55212,,,mikro,rendah,,pariwisata,Milik 3316010101700001,",
    )
    code = "give a KBLI code of five digits as text, a leading zero too"
    word = "use 1 to 64 lower-case letters, digits, '-', '_' or '.', beginning and ending with a letter or digit"
    line = "write one line of up to 500 characters, and no names of persons"
    scales = "mikro, kecil, menengah, besar"
    levels = "rendah, menengah_rendah, menengah_tinggi, tinggi"
    basic = "kkpr, amdal, ukl_upl, sppl, pbg, slf"
    assert told(path) == [
        "source: missing: write a line such as '# source = Lampiran I PP 28/2025' before the header",
        "illustrative: 'yes': give true or false, without quotes",
        "line 3.edition of '55203': '1998': give the year of the KBLI list as text, such as '2025'",
        f"line 4.code of '1111': '1111': {code}; did you mean '01111'?",
        f"line 5.scope of '55204': 'Semua Hotel': {word}",
        f"line 6.scales[1] of '55205': 'sedang': give one of {scales}",
        "line 6.scales[2] of '55205': 'mikro': name each once",
        f"line 7.level of '55206': 'Menengah Rendah': give one of {levels}; did you mean 'menengah_rendah'?",
        f"line 8.level of '55207': missing: give one of {levels}",
        f"line 8.basic_requirements[1] of '55207': 'UKL-UPL': give one of {basic}; did you mean 'ukl_upl'?",
        f"line 9.title of '55208': missing: {line}",
        f"line 9.basic_requirements of '55208': 'sppl, amdal': {ONE_ENVIRONMENTAL}",
        f"line 10.scales of '55209': missing: give one or more of {scales}",
        f"line 10.sector of '55209': missing: {word}",
        "line 11: 9 values: give 10, as the header does",
        "line 12: '2025,55211,,,mikro,rendah,,pariwisata,\"Vila,': close each quote in the line in which it opens",
        "line 13.title of '55212': 'Milik 33…01': leave out the long number: no NIK or phone number may be recorded",
    ]


def test_rows_that_clash_are_told_with_both_lines(tmp_path: Path) -> None:
    scoped = VILLA.replace("55203,,", "55203,kecil,")
    path = write(tmp_path, SOURCE, "", HEADER, VILLA, BUILD, "", VILLA.replace("kecil", "besar"), scoped, HOTEL, HOTEL)
    remedy = "already; leave one out, or part them by scope"
    assert told(path) == [
        f"line 7.scope of '55203': missing: line 4 has the level for mikro {remedy}",
        "line 8.scope of '55203': 'kecil': name a scope in each row of a code or in none; line 4 does it otherwise",
        f"line 10.scope of '55101': 'besar': line 9 has the level for besar {remedy}",
    ]


def test_the_same_code_may_stand_in_each_edition_and_be_parted_by_scale(tmp_path: Path) -> None:
    old, large = VILLA.replace("2025", "2020"), VILLA.replace("mikro|kecil", "besar")
    assert len(load_risk_table(write(tmp_path, SOURCE, HEADER, VILLA, old, large)).rows) == 3


def test_problems_of_the_header_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "# sourse = x", "edition,kode,scale,level,sector,title,title,warna", "2025,1,2,3,4,5,6,7")
    there = (
        "no such column; there are edition, code, scales, level, sector, title, scope, scope_title, basic_requirements,"
        " title_english"
    )
    assert told(path) == [
        "line 2: missing: name a column code; did you mean 'kode'?",
        "line 2: missing: name a column scales; did you mean 'scale'?",
        f"line 2: 'kode': {there}; did you mean 'code'?",
        f"line 2: 'scale': {there}; did you mean 'scales'?",
        "line 2: 'title': name each column once",
        f"line 2: 'warna': {there}",
        "source: missing: write a line such as '# source = Lampiran I PP 28/2025' before the header",
        "sourse: 'sourse': no such key; there are source, illustrative; did you mean 'source'?",
    ]


def test_a_column_that_nobody_knows_is_never_passed_over(tmp_path: Path) -> None:
    header = HEADER.replace("basic_requirements", "basic_requirement")
    [problem] = told(write(tmp_path, SOURCE, header, VILLA))
    assert problem.endswith("did you mean 'basic_requirements'?")


@pytest.mark.parametrize("lines", [(), ("",), ("# source = x",), ("# source = x", "", "# nothing more")])
def test_a_file_without_a_header_is_told_what_to_name(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert "line 1: missing: name a column edition" in told(write(tmp_path, *lines))


def test_a_table_without_rows_is_none(tmp_path: Path) -> None:
    assert told(write(tmp_path, SOURCE, HEADER)) == ["missing: write at least one row below the header"]
    assert told(write(tmp_path, 'source = "x"\nrow = []', name="kosong.toml")) == [
        "row: an array of 0: write at least one [[row]]"
    ]


def test_a_source_that_stands_twice_is_a_problem(tmp_path: Path) -> None:
    assert told(write(tmp_path, SOURCE, SOURCE, HEADER, VILLA)) == ["line 2: source: say it once, in one line"]


def test_toml_is_checked_by_the_same_rules(tmp_path: Path) -> None:
    text = TOML.replace('"rendah"', '"sedang"').replace('["besar"]', "[]", 1).replace('"2020"', "2020")
    text = text.replace("source =", "sumber =").replace('title = "Jagung', 'judul = "Jagung')
    assert told(write(tmp_path, text, name="risiko.toml")) == [
        "source: missing: write one line of up to 500 characters, and no names of persons",
        "sumber: 'sumber': no such key; there are source, row, illustrative",
        "row[0].level of '55203': 'sedang': give one of rendah, menengah_rendah, menengah_tinggi, tinggi",
        "row[1].scales of '55101': an array of 0: give one or more of mikro, kecil, menengah, besar",
        "row[2].edition of '01111': 2020: give the year of the KBLI list as text, such as '2025'",
        "row[2].title of '01111': missing: write one line of up to 500 characters, and no names of persons",
        "row[2].judul of '01111': 'judul': no such key; there are edition, code, scales, level, sector, title, scope,"
        " scope_title, basic_requirements, title_english",
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, SOURCE, HEADER, VILLA, name="risiko.csv")
    assert told(tmp_path / "risiko.cvs") == [
        "no such file: give a CSV or TOML file that can be read; did you mean 'risiko.csv'?"
    ]
    assert told(tmp_path) == ["not a file: give a CSV or TOML file that can be read"]
    assert told(tmp_path / "nowhere" / "x.csv") == ["no such file: give a CSV or TOML file that can be read"]
    assert told(write(tmp_path, SOURCE, HEADER, VILLA, "é", name="latin.csv", encoding="latin-1")) == [
        "line 4: byte 0xe9: save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"
    ]
    assert told(write(tmp_path, "source = ja", name="salah.toml")) == [
        "line 1, column 10: 'source = ja': not TOML: Invalid value"
    ]


@pytest.mark.parametrize("path", [None, 7, {"edition": "2025"}])
def test_what_is_no_path_is_refused(path: object) -> None:
    with pytest.raises(InvalidValueError, match=r"path: .*give the name of a CSV or TOML file"):
        load_risk_table(path)  # type: ignore[arg-type]


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(write(tmp_path, SOURCE, HEADER, VILLA, "x" * 10_001)) == [
        "line 4: 10,001 characters: one row a line, 10,000 characters at most"
    ]
    path = write(tmp_path, SOURCE, HEADER, VILLA)
    monkeypatch.setattr(under_test, "MOST_LINES", 2)
    assert told(path) == ["more than 20,000,000 bytes or 2 lines: no list of the KBLI is so large"]
    monkeypatch.setattr(under_test, "MOST_LINES", 3)
    assert load_risk_table(path)
    monkeypatch.setattr(under_test, "LARGEST_FILE", path.stat().st_size - 1)
    assert told(path)[0].endswith("no list of the KBLI is so large")


@pytest.mark.parametrize("line", ["a,b", VILLA.replace("rendah", "sedang"), VILLA], ids=["width", "value", "clash"])
def test_reading_ends_where_everything_is_wrong(tmp_path: Path, line: str) -> None:
    problems = told(write(tmp_path, SOURCE, HEADER, *[line] * 5_000))
    assert len(problems) == under_test.MOST_PROBLEMS + 1
    assert problems[-1] == "1,000 problems: mend these; reading ended here"


@given(st.binary(max_size=200), st.sampled_from(["kacau.csv", "kacau.toml"]))
def test_no_file_whatever_is_in_it_ends_in_another_error(tmp_path_factory, content: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    with pytest.raises(BlueprintError):
        load_risk_table(path)


cells = st.sampled_from(
    ["2025", "55203", "", "mikro", "mikro|", "|", "-", "rendah", "kkpr", '"', '""', "x\u2028y", "#"]
)


@given(st.lists(st.lists(cells, min_size=1, max_size=12).map(",".join), max_size=6))
def test_no_row_whatever_is_in_it_ends_in_another_error(tmp_path_factory, lines: list[str]) -> None:
    path = write(tmp_path_factory.getbasetemp(), SOURCE, HEADER, VILLA, *lines, name="baris.csv")
    with contextlib.suppress(BlueprintError):
        assert load_risk_table(path).rows[0].code == "55203"


# --- as large as the real one --------------------------------------------------------------------------------------


def test_as_many_rows_as_the_whole_list_has_are_read_quickly(tmp_path: Path) -> None:
    rows = [
        f"2025,{code},lingkup-{scope},Lingkup {scope} dari {code},{scale},{level},kkpr|sppl,rekaan,Kegiatan {code},"
        for code in range(10000, 11559)
        for scope, level in ((1, "rendah"), (2, "tinggi"), (3, "menengah_rendah"))
        for scale in Scale
    ][:17_346]
    path = write(tmp_path, SOURCE, HEADER, *rows)
    began = time.process_time()
    read = load_risk_table(path)
    assert time.process_time() - began < 5  # about 0.6 s on the machine it was written on
    assert len(read.rows) == 17_346
    assert read.classify(edition="2025", code="10007", scale="besar", scope="lingkup-2").level is RiskLevel.TINGGI
