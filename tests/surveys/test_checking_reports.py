"""Reports of others, checked: published figures come out as what they are, what nothing reproduces as that."""

import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError
from mppkit.surveys.checking import Fit, Rounding, Verification, verify
from mppkit.surveys.index import half_up
from mppkit.surveys.instrument import Weights
from mppkit.surveys.published import Report, load_report

BOGOR = {
    2011: "3.007 2.993 3.020 3.000 3.113 3.033 2.887 2.947 2.980 3.033 3.000 3.033 3.020 3.000",
    2012: "2.947 3.047 3.013 2.993 2.980 3.127 2.900 2.800 3.260 3.013 2.893 2.720 3.133 3.153",
}
"""G1: Kabupaten Bogor, licensing office, fourteen elements, two years."""
BOGOR_NINE = "3.100 3.080 2.933 3.060 3.087 3.140 3.200 2.947 2.940"
GASPUL = "3.6207 3.4828 3.4483 4.0000 3.5172 3.6207 3.6552 3.6207 3.9655"
"""G2: 29 answers, worked out in a public developer document."""


def report(averages: str, index: str, **facts: object) -> Report:
    named = {f"U{number}": Decimal(average) for number, average in enumerate(averages.split(), 1)}
    return Report(averages=named, index=Decimal(index), **facts)


def ways(found: Verification) -> set[tuple[str, Rounding, Fit]]:
    return {(each.weight, each.rounding, each.fit) for each in found.reproduced_by}


# --- golden figures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "index"), [(2011, "74.67"), (2012, "74.51")])
@pytest.mark.parametrize("n", [None, 150])
def test_both_years_of_bogor_are_the_weight_0_071_and_good_by_their_own_table(
    year: int, index: str, n: int | None
) -> None:
    found = verify(report(BOGOR[year], index, year=year, performance="BAIK", n=n))
    assert (found.instrument, found.holds, found.is_clear, found.grade_is_right) == ("skm-2004", True, True, True)
    assert ways(found) == {("0.071", Rounding.ONLY_INDEX, Fit.EXACT)}
    assert found.impossible == ()


@pytest.mark.parametrize("index", ["75.98", "76.04", "76.47", "76.79"])
@pytest.mark.parametrize("n", [None, 150])
def test_the_index_row_of_bogors_nine_elements_is_reproduced_by_none(index: str, n: int | None) -> None:
    found = verify(report(BOGOR_NINE, index, instrument="skm-2014", n=n))
    assert found.reproduced_by == ()
    assert {each.fit for each in found.conventions} == {Fit.NONE}
    assert not found.holds


@pytest.mark.parametrize(("index", "weight"), [("90.56", "0.11"), ("91.48", "1/9"), ("91.38", "0.111")])
@pytest.mark.parametrize("n", [None, 29])
def test_three_indices_of_the_same_29_answers_are_told_apart(index: str, weight: str, n: int | None) -> None:
    found = verify(report(GASPUL, index, grade="A", year=2024, n=n))
    assert found.is_clear
    assert (weight, Rounding.ONLY_INDEX, Fit.EXACT) in ways(found)
    assert found.holds


def test_averages_of_two_decimals_do_not_tell_which_and_the_number_of_answers_does() -> None:
    rounded = "3.62 3.48 3.45 4.00 3.52 3.62 3.66 3.62 3.97"
    without = verify(report(rounded, "91.48"))
    assert not without.is_clear
    assert {("1/9", Rounding.ONLY_INDEX, Fit.WITHIN_ROUNDING), ("0.111", Rounding.ONLY_INDEX, Fit.WITHIN_ROUNDING)} <= (
        ways(without)
    )
    with_n = verify(report(rounded, "91.48", n=29))
    assert with_n.is_clear
    assert ("1/9", Rounding.ONLY_INDEX, Fit.EXACT) in ways(with_n)


# --- any report ----------------------------------------------------------------------------------------------------


@given(
    sums=st.lists(st.integers(40, 160), min_size=9, max_size=9),
    weight=st.sampled_from([Fraction(1, 9), Fraction(111, 1000), Fraction(11, 100)]),
    rounding=st.sampled_from(Rounding),
    decimals=st.integers(2, 5),
    is_n_told=st.booleans(),
)
def test_what_a_convention_made_is_reproduced_by_it_or_by_one_as_good(
    sums: list[int], weight: Fraction, rounding: Rounding, decimals: int, is_n_told: bool
) -> None:
    means = [Fraction(each, 40) for each in sums]
    weighted = [mean * weight for mean in means]
    if rounding is Rounding.WEIGHTED_3:
        weighted = [Fraction(half_up(each, 3)) for each in weighted]
    total = sum(weighted)
    if rounding is Rounding.TOTAL_3:
        total = Fraction(half_up(total, 3))
    index = half_up(total * 25, 2)
    published = {f"U{number}": half_up(mean, decimals) for number, mean in enumerate(means, 1)}
    found = verify(Report(averages=published, index=index, n=40 if is_n_told else None))
    [made] = [
        each
        for each in found.conventions
        if each.rounding is rounding
        and each.weights
        is {Fraction(1, 9): Weights.EXACT, Fraction(11, 100): Weights.ROUNDED_2}.get(weight, Weights.ROUNDED_3)
    ]
    assert made.fit is not Fit.NONE
    assert found.reproduced_by
    assert found.impossible == ()
    if is_n_told or decimals == 5:  # a fortieth has three decimals
        assert (made.index, made.fit) == (index, Fit.EXACT)


def test_an_average_that_no_so_many_whole_answers_have_is_named() -> None:
    found = verify(report("3.50 3.51 4.00 3.50 3.50 3.50 3.50 3.50 3.50", "89.19", n=10))
    assert found.impossible == ("U2",)


# --- grades --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "grade", "is_right"),
    [
        ("88.30", "B", True), ("88.31", "A", True), ("88.31", "B", False), ("76.60", "C", True),
        ("76.61", "C", False), ("65.00", "C", True), ("64.99", "D", True), ("88.304", "B", True), ("88.305", "A", True),
    ],
)  # fmt: skip
def test_the_grade_is_judged_at_the_edges_of_the_table(index: str, grade: str, is_right: bool) -> None:
    found = verify(report(GASPUL, index, grade=grade))
    assert found.grade_is_right is is_right


def test_a_grade_of_the_old_table_is_wrong_under_the_new_and_the_old_is_named() -> None:
    found = verify(report(BOGOR_NINE, "76.35", performance="Baik", year=2018))
    assert found.reproduced_by
    assert (found.grade_is_right, found.grade_fits, found.holds) == (False, ("skm-2004", "skm-2014"), False)
    assert verify(report(BOGOR_NINE, "76.35", performance="Baik", year=2015)).holds


@pytest.mark.parametrize(
    ("index", "grade", "instrument", "holds"),
    [
        ("76.35", "B", "skm-2014", True), ("76.35", "C", "skm-2017", True), ("76.35", "A", "skm-2017", False),
        ("76.35", None, "skm-2017", True),
    ],
)  # fmt: skip
def test_in_the_year_of_change_a_grade_of_either_table_is_right_and_which_is_said(
    index: str, grade: str | None, instrument: str, holds: bool
) -> None:
    found = verify(report(BOGOR_NINE, index, grade=grade, year=2017))
    assert (found.instrument, found.holds) == (instrument, holds)
    told = f"skm-2014 and skm-2017 were in force in 2017: held against {instrument}, whose names or grades fit best"
    assert found.notes == (told,)
    assert verify(report(BOGOR_NINE, index, year=2018)).notes == ()


def test_a_letter_and_a_word_of_two_tables_are_wrong_together() -> None:
    found = verify(report(BOGOR_NINE, "76.35", grade="C", performance="Baik", year=2018))
    assert (found.grade_is_right, found.grade_fits) == (False, ())


def test_c_from_62_51_is_seen_to_mix_two_tables() -> None:
    found = verify(report(" ".join(["2.52"] * 9), "63.00", grade="C", year=2020))
    assert (found.grade_is_right, found.grade_fits) == (False, ())
    assert found.notes == ("C would be right if it began at 62.51, as a line of skm-2014 does: two tables mixed?",)


def test_a_printed_table_that_mixes_two_is_told_line_by_line() -> None:
    bands = {"D": Decimal("25.00"), "C": Decimal("62.51"), "B": Decimal("76.61"), "A": Decimal("88.31")}
    found = verify(report(GASPUL, "91.48", grade="A", year=2020, bands=bands))
    assert found.holds
    assert "begins C at 62.51, which is an edge of skm-2004, skm-2014" in found.notes[0]
    assert found.notes[1] == "the printed table mixes lines of several tables"


# --- elements ------------------------------------------------------------------------------------------------------


def test_numbers_alone_may_have_changed_places_and_names_have_not() -> None:
    assert verify(report(GASPUL, "91.48")).unsettled == ("U8", "U9")
    names = ("Persyaratan", "prosedur", "U3 Waktu Penyelesaian", "biaya", "produk", "kompetensi", "perilaku")
    values = [Decimal(each) for each in GASPUL.split()]
    settled = dict(zip([*names, "U8 Sarana dan Prasarana", "U9 pengaduan"], values, strict=True))
    found = verify(Report(averages=settled, index=Decimal("91.48")))
    assert found.unsettled == ()
    assert found.notes == (
        "another order than that of the list of skm-2017: U8 Sarana dan Prasarana is 8 there and 9 in the list; "
        "U9 pengaduan is 9 there and 8 in the list",
    )


def test_the_year_chooses_among_instruments_of_as_many_elements_and_in_a_year_of_change_the_names_do() -> None:
    values = [Decimal(each) for each in GASPUL.split()]
    assert verify(report(GASPUL, "91.48")).instrument == "skm-2017"
    assert verify(report(GASPUL, "91.48", year=2016)).instrument == "skm-2014"
    assert verify(report(GASPUL, "91.48", year=2017)).instrument == "skm-2017"
    labels = ["a", "b", "c", "d", "e", "f", "g", "Maklumat Pelayanan", "i"]
    named = Report(averages=dict(zip(labels, values, strict=True)), index=Decimal("91.48"), year=2017)
    assert verify(named).instrument == "skm-2014"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (report("3.5 3.5", "87.50"), r"averages: 2: none has as many elements; .*skm-2017 \(9 elements, 2017 to now\)"),
        (report(GASPUL, "91.48", year=2010), "as many elements in 2010"),
        (report("4.5 3 3 3 3 3 3 3 3", "91.48"), "average of U1: '4.5': give 1 to 4"),
        (report(GASPUL, "3.66"), "index: '3.66': .*not the mean"),
        (report(GASPUL, "100.01"), "up to 100"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_the_remedy(given: Report, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        verify(given)


def test_an_unknown_instrument_is_told_with_its_neighbour() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'skm-2017'"):
        verify(report(GASPUL, "91.48", instrument="skm-2018"))


# --- files ---------------------------------------------------------------------------------------------------------

TOML = """
year = 2012
n = 150
performance = "BAIK"
index = "74,51"
[averages]
Prosedur = 2.947
"Kesopanan dan keramahan" = "3,260"
[bands]
B = 62.51
"""


def test_a_report_in_toml_is_read_as_it_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(TOML)
    assert load_report(path) == Report(
        averages={"Prosedur": Decimal("2.947"), "Kesopanan dan keramahan": Decimal("3.260")},
        index=Decimal("74.51"),
        performance="BAIK",
        n=150,
        year=2012,
        bands={"B": Decimal("62.51")},
    )


@pytest.mark.parametrize(
    "text",
    [
        "unsur;rata-rata\nU1;3,047\nU2;2.9\nindex;74,50\ngrade;C\nyear;2018\nn;150\n",
        "﻿U1;3,047\r\nU2;2.9\r\n\r\nindex;74,50\r\ngrade;C\r\nyear;2018\r\nn;150",
        'unsur,rata-rata\nU1,"3,047"\nU2,2.9\nindex,"74,50"\ngrade,C\nyear,2018\nn,150\n',
        "index\t74.50\nU1\t3.047\nU2\t2.9\ngrade\tC\nyear\t2018\nn\t150\n",
    ],
)
def test_a_report_in_csv_is_read_as_it_is_printed(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(text.encode())
    read = load_report(path)
    assert read == Report(
        averages={"U1": Decimal("3.047"), "U2": Decimal("2.9")}, index=Decimal("74.50"), grade="C", year=2018, n=150
    )
    assert str(read.index) == "74.50"


def test_every_problem_of_a_report_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('indeks = 74.5\nyear = "2012"\n[averages]\nU1 = "tiga"\nU2 = 3\n')
    with pytest.raises(BlueprintError) as refused:
        load_report(path)
    told = [(each.path, each.found, each.suggestion) for each in refused.value.problems]
    assert told == [
        ("index", None, None), ("year", "'2012'", None),
        ("indeks", "'indeks'", "index"), ("averages.U1", "'tiga'", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("U1,3,047\nindex,74.5\n", "line 1: 3 values: .*put 3,047 in quotes"),
        ("U1;3\nU1;4\nindex;75\n", "line 2: 'U1': say it once"),
        ("index;75\n", "averages: missing"),
        ("U1;3\n", "index: missing"),
        ("U1;3\nindex;75\nn;banyak\n", "n: 'banyak': give a whole number"),
    ],
)
def test_a_csv_that_is_no_report_is_refused_with_place_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(BlueprintError, match=said):
        load_report(path)


def test_a_missing_report_is_told(tmp_path: Path) -> None:
    for name in ("r.csv", "r.toml"):
        with pytest.raises(BlueprintError):
            load_report(tmp_path / name)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    for name in ("pipa.csv", "pipa.toml"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(BlueprintError, match="not a file"):
            load_report(tmp_path / name)
