"""Answers read from a CSV, against a slow reading row by row, whichever way is taken and wherever blocks end."""

import csv
import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError
from mppkit.surveys import answers as answers_module
from mppkit.surveys import rows as rows_module
from mppkit.surveys.answers import Answers, Dirt, DirtyRow, read_answers
from mppkit.surveys.index import score
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.rows import Layout, read_block, read_plain, read_quoted
from mppkit.surveys.tally import merge, tally_by, tally_patterns

SKM = find_instrument("skm-2017")
SIX = find_instrument("skm-2017-six")
GOOD = ["4", "3", "4", "4", "2", "1", "4", "3", "4"]


def read(path: Path, *lines: str, end: str = "\n", **wanted: object) -> Answers:
    path.write_bytes((end.join(lines) + end).encode())
    return read_answers(path, SKM, **wanted)


def row(*cells: str) -> str:
    return ",".join(cells)


HEADER = row(*SKM.keys)

# --- the oracle --------------------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from("1234"),
    st.sampled_from(["4", "3"]),
    st.sampled_from(
        [
            "",
            "0",
            "5",
            "9",
            " 3",
            "3 ",
            "3.0",
            "3,0",
            "-1",
            "04",
            "12",
            "44",
            "444",
            "x",
            "é",
            "²",
            "４",
            "1\x1f",
            "3\t",
            "NaN",
            '"',
        ]
    ),
)
TEXTS = st.one_of(
    st.sampled_from(["", "nib", " nib ", "nib  online", "Kia", "Übersee", "a;b", "a,b"]),
    st.sampled_from(['ku "tip"', "dua\nbaris", 'tiga\n"baris"\nlagi', "4,4,4\n4,4", "a\x1fb", "satu\rdua"]),
)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[list[str]], str]:
    """Draw a header, rows of which most are good, and a delimiter."""
    keys = draw(st.permutations(SKM.keys)) if draw(st.booleans()) else list(SKM.keys)
    beside = draw(st.lists(st.sampled_from(["umur", "saran"]), unique=True))
    header = [*keys]
    for name in ["layanan", *beside]:
        at = draw(st.sampled_from([0, len(header), draw(st.integers(0, len(header)))]))
        header.insert(at, name)
    made = []
    for _ in range(draw(st.integers(0, 12))):
        wild = draw(st.integers(0, 3)) == 0
        cells = [
            draw(CELLS if wild else st.sampled_from("1234")) if name in SKM.keys else draw(TEXTS) for name in header
        ]
        if draw(st.integers(0, 4)) == 0:
            cells = cells[: draw(st.integers(1, len(cells)))] + ["4"] * draw(st.integers(0, 2))
        made.append(cells)
    return header, made, draw(st.sampled_from(",;\t"))


def slowly(header: list[str], made: list[list[str]]) -> tuple[Counter, dict]:
    """Judge each row by itself."""
    left_out: Counter[str] = Counter()
    good: dict[str, Counter] = {}
    for cells in made:
        if len(cells) == 1 and not cells[0].strip():
            continue  # a blank line
        if len(cells) != len(header):
            left_out["too_few_columns" if len(cells) < len(header) else "too_many_columns"] += 1
            continue
        by_name = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        faults = []
        for key in SKM.keys:
            cell = by_name[key].removesuffix(".0").removesuffix(",0")
            if cell == "":
                faults.append("blank")
            elif not (cell.isascii() and cell.removeprefix("-").isdigit()):
                faults.append("text")
            elif cell not in ("1", "2", "3", "4"):  # 04 is none of them
                faults.append("no_choice")
            else:
                by_name[key] = cell
        if faults:
            left_out[faults[0]] += 1
        else:
            group = " ".join(by_name["layanan"].split())
            good.setdefault(group, Counter())[tuple(int(by_name[key]) for key in SKM.keys)] += 1
    return left_out, good


@pytest.mark.parametrize("way", ["as_it_is", "quoting_safe"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=files(),
    quoted=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    is_grouped=st.booleans(),
    block=st.sampled_from([1, 7, 64, 1 << 18]),
    bom=st.booleans(),
    has_last_end=st.booleans(),
)
def test_a_file_comes_to_what_its_rows_come_to_one_by_one(
    way: str, drawn, quoted: int, end: str, is_grouped: bool, block: int, bom: bool, has_last_end: bool, tmp_path: Path
) -> None:
    header, made, delimiter = drawn
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoted, lineterminator=end).writerows([header, *made])
    written = text.getvalue() if has_last_end else text.getvalue().removesuffix(end)
    path = tmp_path / "answers.csv"
    path.write_bytes(written.encode("utf-8-sig" if bom else "utf-8"))
    left_out, good = slowly(header, made)
    with (
        patch.object(rows_module, "BLOCK", block),
        patch.object(rows_module, "is_plain", rows_module.is_plain if way == "as_it_is" else lambda text: False),
        patch.object(answers_module, "_SUMMED_AT", 2),
    ):
        found = read_answers(path, SKM, by="layanan" if is_grouped else None)
    if any("\n" in cell for cells in made if len(cells) != len(header) for cell in cells):
        # of a row that does not fit each line is a row again, so that there are more rows left out, and no fewer good
        assert {group: tally.n for group, tally in found.groups.items() if tally.n}.items() >= {
            group: patterns.total() for group, patterns in good.items() if is_grouped
        }.items()
        return
    assert found.tally == tally_patterns(SKM, sum(good.values(), Counter()), left_out=left_out)
    assert len(found.dirty) == sum(min(count, 5) for count in left_out.values())
    if is_grouped:
        answered = {group: tally for group, tally in found.groups.items() if tally.n}
        assert {group: (tally.counts, tally.with_total) for group, tally in answered.items()} == {
            group: (tally.counts, tally.with_total)
            for group, tally in ((group, tally_patterns(SKM, patterns)) for group, patterns in good.items())
        }
    else:
        assert found.groups == {}


# --- dirty rows --------------------------------------------------------------------------------------------------


def test_each_row_left_out_is_listed_by_line_and_kind(tmp_path: Path) -> None:
    found = read(
        tmp_path / "a.csv",
        HEADER,
        row(*GOOD),
        row("0", *GOOD[1:]),
        row(*GOOD[:4], "5", *GOOD[5:]),
        row(*GOOD[:8], ""),
        "",
        row(*GOOD[:2], "baik", *GOOD[3:]),
        row(*GOOD[:8]),
        row(*GOOD, "4"),
        row("", "0", *GOOD[2:]),
        row("33", "", *GOOD[2:]),
        row(*[""] * 9),
    )
    assert [str(each) for each in found.dirty] == [
        "line 3, column 'persyaratan': no_choice 0",
        "line 4, column 'produk': no_choice 5",
        "line 5, column 'sarana': blank",
        "line 7, column 'waktu': text",
        "line 8: too_few_columns",
        "line 9: too_many_columns",
        "line 10, column 'persyaratan': blank",
        "line 11, column 'persyaratan': no_choice 33",
        "line 12, column 'persyaratan': blank",
    ]
    assert found.tally.n == 1
    assert found.tally.left_out == {
        "no_choice": 3, "blank": 3, "text": 1, "too_few_columns": 1, "too_many_columns": 1,
    }  # fmt: skip


def test_of_many_alike_all_are_counted_and_the_first_are_listed(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", HEADER, *[row(*GOOD), row(*GOOD[:8], "7")] * 1000)
    assert (found.tally.n, found.tally.left_out) == (1000, {"no_choice": 1000})
    assert [each.line for each in found.dirty] == [3, 5, 7, 9, 11]
    assert found.unlisted == {"no_choice": 995}


def test_every_row_that_is_left_out_is_told_to_whoever_asks_in_the_order_of_the_file(tmp_path: Path) -> None:
    told: list[DirtyRow] = []
    lines = [row(*GOOD), row(*GOOD[:8], "7"), "x", row('"a"b', *GOOD[:8])] * 500
    with patch.object(rows_module, "BLOCK", 1000):
        found = read(tmp_path / "a.csv", HEADER, *lines, left_out=told.append)
    assert Counter(each.kind.value for each in told) == found.tally.left_out
    assert [each.line for each in told] == [line for line in range(2, 2002) if (line - 2) % 4]
    assert [each for each in told if each in found.dirty] == list(found.dirty)
    assert sum(found.unlisted.values()) + len(found.dirty) == len(told)


def test_the_first_of_a_kind_are_the_first_in_the_file_whichever_way_each_was_found(tmp_path: Path) -> None:
    lines = ["x", row("nib", *GOOD[:8])] * 4
    found = read(tmp_path / "a.csv", row("layanan", HEADER), *lines, by="layanan")
    assert [each.line for each in found.dirty] == [2, 3, 4, 5, 6]


def test_what_somebody_wrote_where_an_answer_belongs_is_never_shown(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", HEADER, row("Ni Wayan Sari", *GOOD[1:]), row("5103011708900001", *GOOD[1:]))
    said = " ".join(map(str, found.dirty))
    assert "Wayan" not in said
    assert "5103" not in said
    assert found.tally.left_out == {"text": 2}


@pytest.mark.parametrize("before", [0, 3])
def test_an_open_quote_spoils_its_own_row_and_swallows_no_other(tmp_path: Path, before: int) -> None:
    lines = [row(*GOOD, "baik")] * before + [row(*GOOD, '"bagus')] + [row(*GOOD, "baik")] * 5000
    with patch.object(rows_module, "BLOCK", 4096):
        found = read(tmp_path / "a.csv", row(HEADER, "saran"), *lines)
    assert found.tally.n == before + 5000
    assert [(each.line, each.kind) for each in found.dirty] == [(2 + before, Dirt.UNREADABLE)]


def test_a_quote_that_closes_in_a_later_row_swallows_none_between(tmp_path: Path) -> None:
    lines = [row('"bagus', *GOOD), *[row("baik", *GOOD)] * 7, row('sa"ja', *GOOD), row("baik", *GOOD)]
    found = read(tmp_path / "a.csv", row("saran", HEADER), *lines)
    assert (found.tally.n, found.tally.left_out) == (9, {"unreadable": 1})


def test_lines_that_an_open_quote_would_join_are_read_as_rows_of_their_own(tmp_path: Path) -> None:
    lines = [row('"bagus', *GOOD), row("baik", *GOOD), 'baik",4', row("baik", *GOOD)]
    found = read(tmp_path / "a.csv", row("saran", HEADER), *lines)
    assert (found.tally.n, found.tally.left_out) == (2, {"unreadable": 1, "too_few_columns": 1})


def test_a_quote_that_never_closes_is_given_up_after_a_thousand_lines() -> None:
    layout = Layout(delimiter=",", width=10, places=tuple(range(9)), allowed=("1234",) * 9)
    lines = [row(*GOOD, '"bagus'), *[row(*GOOD, "baik")] * 1500]
    batch, left = read_block("\n".join([*lines, ""]), layout, 2)
    assert (left, [each.line for each in batch.rows]) == ("", [2])
    few, left = read_block("\n".join([*lines[:900], ""]), layout, 2)
    assert (few.digits, len(left.splitlines())) == ({"": b""}, 900)


@pytest.mark.parametrize("beside", [(), (0,), (9,), (0, 10), (4,)])
@pytest.mark.parametrize("way", [read_plain, read_quoted])
def test_rows_in_the_usual_form_are_all_taken_at_once(way: Callable, beside: tuple[int, ...]) -> None:
    cells = list(GOOD)
    for at in beside:
        cells.insert(at, "nib")
    places = tuple(at for at in range(len(cells)) if at not in beside)
    for by in (None, *beside):
        layout = Layout(delimiter=";", width=len(cells), places=places, allowed=("1234",) * 9, by=by)
        made = way("\n".join([";".join(cells)] * 3), layout, 2)
        batch = made[0] if isinstance(made, tuple) else made
        assert (dict(batch.digits), tuple(batch.rows)) == (
            {"" if by is None else "nib": "".join(GOOD * 3).encode()},
            (),
        )


def test_a_space_after_each_comma_keeps_no_row_from_being_taken_at_once() -> None:
    layout = Layout(delimiter=",", width=10, places=tuple(range(1, 10)), allowed=("1234",) * 9)
    batch, _ = read_block("\n".join([", ".join(["nib", *GOOD])] * 3), layout, 2)
    assert (dict(batch.digits), tuple(batch.rows)) == ({"": "".join(GOOD * 3).encode()}, ())


def test_a_comment_of_several_lines_is_one_row_and_lines_are_counted_on(tmp_path: Path) -> None:
    lines = [row('"panjang\nsekali\n""ya"""', *GOOD), row("-", *GOOD[:8], "6"), row('"a,b"', *GOOD)]
    found = read(tmp_path / "a.csv", row("saran", HEADER), *lines)
    assert (found.tally.n, [each.line for each in found.dirty]) == (2, [5])


# --- columns -----------------------------------------------------------------------------------------------------


def test_columns_are_found_by_name_in_any_case_and_order(tmp_path: Path) -> None:
    names = ["Sarana  dan Prasarana", *[each.name for each in SKM.elements[:8]]]
    found = read(tmp_path / "a.csv", row(*(f'"{name.upper()}"' for name in names)), row("1", *GOOD[:8]))
    assert found.columns["sarana"] == "SARANA DAN PRASARANA"
    assert found.tally.counts[8] == (1, 0, 0, 0)
    assert found.notes == ()


def test_numbers_alone_are_read_in_the_order_of_the_list_with_a_loud_note(tmp_path: Path) -> None:
    numbers = [f"U{number}" for number in range(1, 10)]
    found = read(tmp_path / "a.csv", row(*numbers), row(*GOOD[:7], "1", "4"))
    assert found.tally.counts[SKM.keys.index("pengaduan")] == (1, 0, 0, 0)
    assert "U8 = pengaduan, U9 = sarana" in found.notes[0]
    assert "--map pengaduan=U8 --map sarana=U9" in found.notes[0]


def test_an_explicit_order_of_the_two_settles_it(tmp_path: Path) -> None:
    numbers = [f"U{number}" for number in range(1, 10)]
    found = read(
        tmp_path / "a.csv",
        row(*numbers),
        row(*GOOD[:7], "1", "4"),
        columns={"sarana": "U8", "pengaduan": "U9"},
    )
    assert found.tally.counts[SKM.keys.index("sarana")] == (1, 0, 0, 0)
    assert found.notes == ()


def test_one_of_the_two_alone_is_refused_as_it_would_be_read_twice(tmp_path: Path) -> None:
    numbers = [f"U{number}" for number in range(1, 10)]
    with pytest.raises(BlueprintError, match=r"pengaduan, sarana: 'U8': it is read for each"):
        read(tmp_path / "a.csv", row(*numbers), row(*GOOD), columns={"sarana": "U8"})


def test_every_problem_with_the_columns_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError) as refused:
        read(
            tmp_path / "a.csv",
            row("persyaratn", *SKM.keys[1:8], "Waktu Penyelesaian"),
            row(*GOOD),
            columns={"biaya": "Harga", "ongkos": "biaya"},
            by="layanan",
        )
    told = [(each.path, each.suggestion) for each in refused.value.problems]
    assert told == [
        ("waktu", None), ("biaya=Harga", None), ("ongkos=biaya", None),
        ("persyaratan", "persyaratn"), ("sarana", "persyaratn"), ("by", None),
    ]  # fmt: skip


def test_rows_are_grouped_by_a_column_and_the_rest_of_a_row_does_not_matter(tmp_path: Path) -> None:
    lines = [row("10:31", " NIB ", *GOOD), row("10:32", "KIA", *GOOD[:8], "1"), row("10:33", "NIB", *GOOD)]
    lines += ["x", row("10:34", "PAJAK", "", *GOOD), row("10:35", "PAJAK", *GOOD[:8])]
    found = read(tmp_path / "a.csv", row("jam", "layanan", HEADER), *lines, by="layanan")
    answer = dict(zip(SKM.keys, map(int, GOOD), strict=True))
    expected = tally_by(SKM, [("NIB", answer), ("NIB", answer), ("KIA", {**answer, "sarana": 1})])
    assert found.groups == expected
    assert found.tally.left_out == {"too_few_columns": 2, "too_many_columns": 1}
    assert merge(found.groups.values()).counts == found.tally.counts


def test_a_column_of_names_or_instants_is_no_group(tmp_path: Path) -> None:
    lines = [row(f"orang {number}", *GOOD) for number in range(1001)]
    with pytest.raises(InvalidValueError, match="up to 1,000 different values"):
        read(tmp_path / "a.csv", row("nama", HEADER), *lines, by="nama")


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "begin the file with a header"),
        (b"4,4,4,4,4,4,4,4,4\n", "begin the file with a header"),
        (HEADER.encode("utf-16"), "CSV UTF-8"),
        (f"saran,{HEADER}\n".encode() + "é,4".encode("cp1252"), "line 2: .*CSV UTF-8"),
        (HEADER.encode() + b"\r4,4,4,4,4,4,4,4,4\r", "Macintosh"),
        (b"x" * 3_000_000, "CSV UTF-8"),
    ],
)
def test_a_file_that_is_no_csv_of_answers_is_refused_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidValueError, match=said):
        read_answers(path, SKM)


def test_a_missing_file_is_told_with_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "jawaban.csv").write_text("x")
    with pytest.raises(NotFoundError, match=r"did you mean 'jawaban\.csv'"):
        read_answers(tmp_path / "jawabn.csv", SKM)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipa.csv")
    for path in (tmp_path / "pipa.csv", Path("/dev/zero")):
        with pytest.raises(InvalidValueError, match="save what a pipe gives as one"):
            read_answers(path, SKM)


def test_a_file_of_no_answers_is_read_as_such(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", HEADER).tally.n == 0


def test_how_far_the_reading_is_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with patch.object(rows_module, "BLOCK", 1000):
        read(tmp_path / "a.csv", HEADER, *[row(*GOOD)] * 500, progress=lambda done, total: told.append((done, total)))
    size = (tmp_path / "a.csv").stat().st_size
    assert told == sorted(told)
    assert len(told) == -(-size // 1000)
    assert told[-1] == (size, size)


def test_another_instrument_takes_its_own_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{row(*SIX.keys)}\n{row(*['6'] * 9)}\n{row(*['7'] * 9)}\n")
    found = read_answers(path, SIX)
    assert (found.tally.n, found.tally.left_out) == (1, {"no_choice": 1})


SEKADAU = """223434443 332333323 333443334 224444343 332333323 333433334 333333324 343334434 333333333 323444443
234444443 333333323 343433324 344433444 323333323 333333323 333333432 224444444 333433334 113433332 333233323 334434443
333333323 233444342"""
"""The first 24 answers that Kabupaten Sekadau published of semester I 2019; the index is worked out from them."""


def test_the_published_matrix_of_sekadau_comes_to_its_sums(tmp_path: Path) -> None:
    lines = [row(*answer) for answer in SEKADAU.split()]
    found = read(tmp_path / "a.csv", row(*(f"U{number}" for number in range(1, 10))), *lines)
    totals = [sum(place * count for place, count in enumerate(counts, 1)) for counts in found.tally.counts]
    assert totals == [65, 68, 75, 84, 78, 80, 80, 71, 77]
    assert str(score(SKM, found.tally).index) == "78.47"
