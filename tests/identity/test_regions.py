"""Region codes, the shipped provinces, and tables read from files."""

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.decisions import LegalBasis
from mppkit.errors import InvalidValueError
from mppkit.identity import Region, Regions, load_regions, parse_region_code, provinces

TABLE = {
    "51": "BALI",
    "51.03": "KAB. BADUNG",
    "51.03.05": "Kuta Selatan",
    "51.03.05.1001": "Contoh",
    "33": "JAWA TENGAH",
    "33.16": "KAB. BLORA",
}

parts = st.sampled_from(["01", "02", "71"])
codes = st.builds(
    lambda blocks, village: ".".join(blocks) + (f".{village}" if village and len(blocks) == 3 else ""),
    st.lists(parts, min_size=1, max_size=3),
    st.none() | st.sampled_from(["1001", "2001", "3002"]),
)


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "wilayah.csv"
    path.write_bytes(text.encode(encoding))
    return path


def lineage(code: str) -> list[str]:
    """Return a code and those it lies in, the smallest first."""
    blocks = code.split(".")
    return [".".join(blocks[:count]) for count in range(len(blocks), 0, -1)]


# --- codes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("51", "51"),
        ("5103", "51.03"),
        ("51.03.05", "51.03.05"),
        ("5103052001", "51.03.05.2001"),
        (" 51 . 03 ", "51.03"),
        ("51-03-05", "51.03.05"),
        ("５１．０３", "51.03"),
    ],
)
def test_a_code_is_read_with_and_without_dots(text: str, code: str) -> None:
    assert parse_region_code(text) == code


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "Kemendagri region code"),
        ("5", "Kemendagri region code"),
        ("11.1", "Kemendagri region code"),
        ("5.103", "Kemendagri region code"),
        ("51.03.052001", "Kemendagri region code"),
        ("5103010", "Kemendagri region code"),
        ("51.O3", "Kemendagri region code"),
        ("51.00", "No part is 00"),
        ("510300", "No part is 00"),
        ("51.00.05", "No part is 00"),
        ("5103010001", "may be a code of BPS"),
        ("51.03.05.4001", "may be a code of BPS"),
        (5103, "as text"),
    ],
)
def test_what_is_no_code_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(InvalidValueError, match=remedy):
        parse_region_code(text)


@given(codes)
def test_a_code_reads_back_from_both_forms(code: str) -> None:
    assert parse_region_code(code) == code
    assert parse_region_code(code.replace(".", "")) == code


# --- tables --------------------------------------------------------------------------------------------------------


def test_the_38_provinces_ship_with_their_source() -> None:
    table = provinces()
    assert len(table.names) == 38
    assert {len(code) for code in table.names} == {2}
    assert table.names["33"] == "Jawa Tengah"
    assert table.names["51"] == "Bali"
    assert {"65", "92", "93", "95", "96"} <= set(table.names)
    assert table.basis == LegalBasis(regulation="Kepmendagri 300.2.2-2138/2025")
    assert (
        "Kepmendagri 300.2.2-2138/2025" in (Path(__file__).parents[2] / "src/mppkit/identity/provinces.csv").read_text()
    )


def test_nobody_can_change_the_shared_table() -> None:
    with pytest.raises(TypeError):
        provinces().names["51"] = "x"  # type: ignore[index]


def test_a_table_of_provinces_misses_no_district() -> None:
    assert provinces().missing("51.03.05") is None
    assert provinces().missing("50.03.05") == "50"
    assert provinces().nearest("51.03.05.1001") == Region(code="51", name="Bali")
    assert provinces().nearest("50.03") is None


@pytest.mark.parametrize(
    ("code", "nearest", "missing"),
    [
        ("51.03.05", "51.03.05 Kuta Selatan", None),
        ("51.03.05.1001", "51.03.05.1001 Contoh", None),
        ("51.03.05.1002", "51.03.05 Kuta Selatan", "51.03.05.1002"),
        ("51.03.99", "51.03 KAB. BADUNG", "51.03.99"),
        ("51.99.05", "51 BALI", "51.99"),
        ("33.16.05", "33.16 KAB. BLORA", None),
        ("99.16.05", "None", "99"),
    ],
)
def test_a_table_knows_the_nearest_region_and_what_it_should_list(code: str, nearest: str, missing: str | None) -> None:
    table = Regions(names=TABLE)
    assert str(table.nearest(code)) == nearest
    assert table.missing(code) == missing


@given(known=st.sets(codes), code=codes)
def test_look_up_agrees_with_a_plain_search(known: set[str], code: str) -> None:
    table = Regions(names={each: f"name of {each}" for each in known})
    found = [each for each in lineage(code) if each in known]
    assert table.nearest(code) == (Region(code=found[0], name=f"name of {found[0]}") if found else None)
    # what is missing lies below what is known, and has a sibling in the table
    missing = table.missing(code)
    below = lineage(code)[: lineage(code).index(found[0])] if found else lineage(code)
    siblings = {
        each: [other for other in known if other.rpartition(".")[0] == each.rpartition(".")[0]] for each in below
    }
    assert missing == next((each for each in below if siblings[each]), None)


def test_a_table_made_by_hand_must_have_real_codes() -> None:
    with pytest.raises(InvalidValueError, match="'5103'"):
        Regions(names={"5103": "KAB. BADUNG"})


def test_the_repr_of_a_table_is_short() -> None:
    assert repr(Regions(names=TABLE)) == "Regions(names=<6 regions>, basis=None)"


# --- files ---------------------------------------------------------------------------------------------------------


@given(
    names=st.dictionaries(codes, st.text("abc ',;\"Éé.-", min_size=1).filter(str.strip), min_size=1),
    delimiter=st.sampled_from(",;"),
    newline=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    dots=st.booleans(),
    seed=st.integers(),
)
def test_a_file_is_read_whatever_wrote_it(
    tmp_path_factory: pytest.TempPathFactory,
    names: dict[str, str],
    delimiter: str,
    newline: str,
    bom: bool,
    dots: bool,
    seed: int,
) -> None:
    rows = [
        delimiter.join([code if dots else code.replace(".", ""), '"' + name.replace('"', '""') + '"'])
        for code, name in names.items()
    ]
    random.Random(seed).shuffle(rows)
    text = newline.join([delimiter.join(["kode", "nama"]), *rows])
    path = write(tmp_path_factory.mktemp("table"), text, "utf-8-sig" if bom else "utf-8")
    assert load_regions(path).names == {code: name.strip() for code, name in names.items()}


def test_comments_empty_lines_and_other_columns_do_no_harm(tmp_path: Path) -> None:
    path = write(
        tmp_path, "# a comment; with , both\n\n Nama ;luas;KODE\n KAB. BADUNG ;420;51.03\n;;\n# end\nBALI;5590;51\n"
    )
    table = load_regions(str(path), basis=LegalBasis(regulation="Contoh 1/2026"))
    assert table.names == {"51": "BALI", "51.03": "KAB. BADUNG"}
    assert table.basis == LegalBasis(regulation="Contoh 1/2026")


def test_every_wrong_line_is_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "kode,nama\n51,BALI\n5103010,BADUNG\n51.03\n51,Bali\n51.04, \n11.1,ACEH\n51.03.05.0001,X\n"
        "51.05,KAB,KLUNGKUNG\n5103011708900001,Budi\n0812 3456 7890,Budi\n33,JAWA TENGAH\n",
    )
    with pytest.raises(InvalidValueError) as caught:
        load_regions(path)
    lines = str(caught.value).splitlines()
    assert caught.value.place == str(path)
    assert "9 problems" in lines[0]
    told = re.findall(r"line (\d+):", str(caught.value))
    assert told == ["3", "4", "5", "6", "7", "8", "9", "10", "11"]
    assert "stands in line 2 already" in lines[2]
    # the wrong file may hold people: neither their numbers nor their names are repeated
    assert "Budi" not in str(caught.value)
    assert "'51…01'" in lines[7]
    assert "3456" not in lines[8]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: begin with a line that names the columns kode and nama"),
        ("51,BALI\n", "line 1: begin with a line that names the columns kode and nama"),
        ("# c\ncode,name\n51,BALI\n", "line 2: begin with a line that names the columns kode and nama"),
        ("kode,nama\n", "no region in it"),
        ('kode,nama\n51,"BALI\n33,JAWA TENGAH\n', "not CSV from here on"),
        ('kode,nama\n51,"BA\nLI"\n', "on one line"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidValueError, match=told):
        load_regions(write(tmp_path, text))


def test_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match=r"wilayah.csv: line 3: 'byte 0xc9': save the file as UTF-8"):
        load_regions(write(tmp_path, "kode,nama\n51,BALI\n33,\xc9\n", "latin-1"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(InvalidValueError, match=path.name) as caught:
            load_regions(path)
        assert isinstance(caught.value.__cause__, OSError)


def test_a_file_that_is_far_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(InvalidValueError, match="more than 20,000,000 bytes"):
        load_regions(path)


@given(st.binary(max_size=200) | st.text("kodenama,;\n\"'#.0123456789", max_size=200).map(str.encode))
def test_no_file_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    for start in (b"", b"kode,nama\n"):
        path.write_bytes(start + content)
        try:
            table = load_regions(path)
        except InvalidValueError:
            continue
        assert all(parse_region_code(code) == code for code in table.names)
