"""The result of a survey as a workbook, opened again by another library than the one that wrote it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mppkit.errors import InvalidValueError
from mppkit.interop.xlsx import Sheet, index_xlsx, write_book
from mppkit.surveys.comparing import shown_groups
from mppkit.surveys.instrument import Weights
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import Action
from mppkit.surveys.publishing import Publication
from mppkit.surveys.tally import tally_patterns

SKM = find_instrument("skm-2017")
PROFILE = {"sex": {"perempuan": 18, "laki-laki": 12}, "age": {"17-25": 13, "26-35": 10, "36-45": 4, "46-55": 3}}


def publication(**about: Any) -> Publication:
    told = {
        "mall": "MPP Contoh",
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 6, 30),
        "instrument": SKM,
        "tally": tally_patterns(SKM, {(4, 4, 3, 4, 4, 4, 4, 3, 3): 20, (3, 3, 3, 4, 3, 3, 3, 2, 3): 10}),
        "population": 1200,
        "profile": {
            key: shown_groups({name: tally_patterns(SKM, {(3,) * 9: n}) for name, n in sizes.items()})
            for key, sizes in PROFILE.items()
        },
        "actions": (action(),),
    }
    return Publication(**{**told, **about})


def action(text: str = "Menambah kursi") -> Action:
    return Action(
        id="t-1",
        element="sarana",
        text=text,
        owner="pelayanan",
        due_on=date(2026, 9, 30),
        first_on=date(2026, 1, 1),
        last_on=date(2026, 6, 30),
        planned_at=datetime(2026, 7, 1, tzinfo=UTC),
    )


def book(path: Path, **about: Any) -> Workbook:
    index_xlsx(publication(**about), path / "ikm.xlsx")
    return load_workbook(path / "ikm.xlsx")


def rows(book: Workbook, sheet: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in book[sheet].iter_rows(values_only=True)]


def test_the_recapitulation_has_counts_sum_means_and_index_of_each_element(tmp_path: Path) -> None:
    found = rows(book(tmp_path), "Rekap")
    assert [row[0] for row in found[:3]] == [
        "MPP Contoh",
        "Indeks Kepuasan Masyarakat (IKM) / Public Satisfaction Index",
        "Periode / Period: 1 Januari 2026 s.d. 30 Juni 2026 / 1 January 2026 to 30 June 2026",
    ]
    assert found[4][2:6] == tuple(f"Jawaban {value} / Answer {value}" for value in (1, 2, 3, 4))
    assert found[5] == (1, "Persyaratan / Requirements", 0, 0, 10, 20, 110, 3.6667, 0.4074, 91.67, 2)
    assert found[12] == (
        *(8, "Penanganan Pengaduan, Saran dan Masukan / Handling of complaints and suggestions"),
        *(0, 10, 20, 0, 80, 2.6667, 0.2963, 66.67, 9),
    )
    # 30 answers: 20 x 33 + 10 x 27 = 930 points; 930 / 270 = 3.4444; x 25 = 86.11
    assert [(row[1], *row[8:10]) for row in found[14:]] == [
        ("Jumlah NRR tertimbang / Weighted means added up", 3.4444, None),
        ("IKM (× 25)", None, 86.11),
        ("Mutu pelayanan / Grade", None, "B"),
        ("Kinerja unit pelayanan / Performance", None, "Baik / Good"),
        ("Responden / Respondents", None, 30),
    ]


def test_a_rounded_weight_is_in_the_weighted_means_and_their_sum(tmp_path: Path) -> None:
    found = rows(book(tmp_path, weights=Weights.ROUNDED_2), "Rekap")
    assert found[5][8] == 0.4033  # 110 / 30 x 0.11
    assert found[14][8] == 3.41  # 31 x 0.11
    assert found[15][9] == 85.25


def test_points_that_are_no_values_are_summed_as_points(tmp_path: Path) -> None:
    six = find_instrument("skm-2017-six")
    tally = tally_patterns(six, {(6,) * 9: 6, (2,) * 9: 4})
    found = rows(book(tmp_path, instrument=six, tally=tally, profile={}), "Rekap")
    assert found[5][2:11] == (0, 4, 0, 0, 0, 6, 30.4, 3.04, 0.3378)
    assert found[15][11] == 76.00


def test_an_answer_that_an_element_does_not_offer_is_no_zero(tmp_path: Path) -> None:
    first = attrs.evolve(SKM.elements[0], choices=SKM.elements[0].choices[1:])
    fewer = attrs.evolve(SKM, elements=(first, *SKM.elements[1:]))
    tally = tally_patterns(fewer, {(3,) * 9: 10})
    found = rows(book(tmp_path, instrument=fewer, tally=tally, profile={}), "Rekap")
    assert found[5][2:6] == (None, 0, 10, 0)
    assert found[6][2:6] == (0, 0, 10, 0)


def test_respondents_are_counted_and_small_groups_added_up(tmp_path: Path) -> None:
    assert rows(book(tmp_path), "Responden")[1:] == [
        ("Jenis kelamin / Sex", "Laki-laki / Male", 12),
        ("Jenis kelamin / Sex", "Perempuan / Female", 18),
        ("Usia / Age", "17–25 tahun / 17–25", 13),
        ("Usia / Age", "26–35 tahun / 26–35", 10),
        ("Usia / Age", "Kelompok kecil, digabung / Small groups, added up", 7),
        ("Semua / All", None, 30),
    ]


def test_follow_up_has_owner_due_date_and_status_and_says_where_there_is_none(tmp_path: Path) -> None:
    found = rows(book(tmp_path), "Tindak lanjut")
    assert found[1][0].startswith("Penanganan Pengaduan")
    assert found[1][2] == "Belum ada tindak lanjut yang direncanakan. / Nothing is planned yet."
    assert (
        "Sarana dan Prasarana / Facilities",
        75,
        "Menambah kursi",
        "pelayanan",
        datetime(2026, 9, 30),  # noqa: DTZ001 - a date, as openpyxl reads it
        "Direncanakan / Planned",
    ) in found


def test_the_method_is_in_both_languages(tmp_path: Path) -> None:
    found = rows(book(tmp_path), "Metode")
    assert found[1] == (
        "30 responden dari 1.200 pengguna layanan (2,5%).",
        "30 respondents out of 1,200 users (2.5%).",
    )
    assert any("bobot 1/9" in row[0] and "weight 1/9" in row[1] for row in found)


def test_it_prints_on_a4_across_with_the_headings_on_each_page(tmp_path: Path) -> None:
    for sheet in book(tmp_path).worksheets:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows is not None


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        index_xlsx(publication(), tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sign=st.sampled_from(("=", "+", "-", "@", "{=", "http://", "file://", "", "_x0041_")),
    text=st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=30),
)
def test_no_text_becomes_a_formula_or_a_link(sign: str, text: str, tmp_path: Path) -> None:
    written = f"{sign}{text}"
    found = book(tmp_path, mall=written, actions=(action(written),))
    for cell in (found["Rekap"]["A1"], *(row[2] for row in found["Tindak lanjut"].iter_rows())):
        assert cell.data_type == "s"
        assert cell.hyperlink is None
        assert bool(cell.quotePrefix) is str(cell.value).startswith(("=", "+", "-", "@"))
    assert found["Rekap"]["A1"].value == written
    assert written in [row[2] for row in rows(found, "Tindak lanjut")]


def test_a_text_longer_than_a_cell_and_a_place_that_is_none_are_refused(tmp_path: Path) -> None:
    write_book(tmp_path / "long.xlsx", [Sheet(name="a", rows=(("x" * 32_767,),))])
    with pytest.raises(InvalidValueError, match="32,768 characters"):
        write_book(tmp_path / "long.xlsx", [Sheet(name="a", rows=(("x" * 32_768,),))])
    with pytest.raises(InvalidValueError, match="give a file that can be written"):
        write_book(tmp_path / "none" / "a.xlsx", [Sheet(name="a", rows=())])
