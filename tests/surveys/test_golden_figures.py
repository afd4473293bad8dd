"""Figures that others published or worked out, reproduced to the digit. Sources as in the facts of the project."""

from decimal import Decimal
from fractions import Fraction

import pytest

from mppkit.surveys.index import half_up, index_of_means, published, score
from mppkit.surveys.instrument import Weights
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.sampling import sample_needed
from mppkit.surveys.tally import tally_patterns

SKM = find_instrument("skm-2017")
OLD = find_instrument("skm-2004")
OF_2014 = find_instrument("skm-2014")

# --- G1: Kabupaten Bogor, licensing, fourteen elements; dpmptsp.bogorkab.go.id/indeks-kepuasan-masyarakat/ ---------

BOGOR = {
    2011: "3.007 2.993 3.020 3.000 3.113 3.033 2.887 2.947 2.980 3.033 3.000 3.033 3.020 3.000",
    2012: "2.947 3.047 3.013 2.993 2.980 3.127 2.900 2.800 3.260 3.013 2.893 2.720 3.133 3.153",
}


@pytest.mark.parametrize(
    ("year", "total", "index", "exactly"), [(2011, "42.066", "74.67", "75.12"), (2012, "41.979", "74.51", "74.96")]
)
def test_bogor_reproduces_with_the_weight_0_071_and_not_with_the_exact_one(
    year: int, total: str, index: str, exactly: str
) -> None:
    means = [Decimal(mean) for mean in BOGOR[year].split()]
    assert sum(means) == Decimal(total)
    assert published(OLD, index_of_means(OLD, means)) == Decimal(index)
    assert published(OLD, index_of_means(OLD, means, Weights.EXACT)) == Decimal(exactly)


@pytest.mark.parametrize("index", ["74.67", "74.51"])
def test_bogor_was_good_under_its_own_table_and_would_not_be_under_that_of_2017(index: str) -> None:
    assert (OLD.band(Decimal(index)).grade, OLD.band(Decimal(index)).performance) == ("B", "Baik")
    assert SKM.band(Decimal(index)).grade == "C"


def test_bogors_nine_element_mean_is_the_exact_one() -> None:
    """The same page, PermenPANRB 16/2014: it prints 3,054 as the weighted mean."""
    means = [
        Decimal(mean) for mean in ["3.100", "3.080", "2.933", "3.060", "3.087", "3.140", "3.200", "2.947", "2.940"]
    ]
    assert half_up(index_of_means(OF_2014, means) / 25, 3) == Decimal("3.054")


# --- G2: 29 answers worked out in a public developer document of a government service system [Gaspul] --------------

GASPUL = {
    "persyaratan": (0, 0, 11, 18),
    "prosedur": (0, 0, 15, 14),
    "waktu": (0, 2, 12, 15),
    "biaya": (0, 0, 0, 29),
    "produk": (0, 0, 14, 15),
    "kompetensi": (0, 0, 11, 18),
    "perilaku": (0, 0, 10, 19),
    "pengaduan": (0, 0, 11, 18),
    "sarana": (0, 0, 1, 28),
}
"""How often 1, 2, 3 and 4 were given; the joint rows are not published, and the index does not need them."""


def gaspul():
    columns = [[value for value, times in enumerate(GASPUL[key], 1) for _ in range(times)] for key in SKM.keys]
    patterns: dict[tuple[int, ...], int] = {}
    for row in zip(*columns, strict=True):
        patterns[row] = patterns.get(row, 0) + 1
    return tally_patterns(SKM, patterns)


def test_gaspuls_totals_are_as_printed() -> None:
    tally = gaspul()
    assert tally.n == 29
    totals = [sum(value * times for value, times in enumerate(counts, 1)) for counts in tally.counts]
    assert totals == [105, 101, 100, 116, 102, 105, 106, 105, 115]
    assert sum(totals) == 955


@pytest.mark.parametrize(
    ("weights", "index"),
    [
        (Weights.ROUNDED_2, "90.56"),  # published in its table
        (Weights.EXACT, "91.48"),  # published as its "quick formula"
        (Weights.ROUNDED_3, "91.38"),  # derived
    ],
)
def test_gaspuls_answers_have_three_indices_by_three_weights(weights: Weights, index: str) -> None:
    found = score(SKM, gaspul(), weights=weights)
    assert (found.index, found.grade) == (Decimal(index), "A")


def test_gaspuls_means_and_weighted_means_are_as_printed() -> None:
    found = score(SKM, gaspul(), weights=Weights.ROUNDED_2)
    means = "3.6207 3.4828 3.4483 4.0000 3.5172 3.6207 3.6552 3.6207 3.9655"
    weighted = "0.3983 0.3831 0.3793 0.4400 0.3869 0.3983 0.4021 0.3983 0.4362"
    assert [each.mean for each in found.elements] == [Decimal(mean) for mean in means.split()]
    assert [each.weighted for each in found.elements] == [Decimal(each) for each in weighted.split()]
    assert found.weakest == ("waktu", "prosedur", "produk")


# --- G3: Kabupaten Sekadau, first semester 2019, the first 24 answers as published; sekadaukab.go.id ---------------

SEKADAU = """
223434443 332333323 333443334 224444343 332333323 333433334 333333324
343334434 333333333 323444443 234444443 333333323 343433324 344433444
323333323 333333323 333333432 224444444 333433334 113433332 333233323
334434443 333333323 233444342
"""


@pytest.mark.parametrize(
    ("weights", "index", "grade"),
    [(Weights.EXACT, "78.47", "B"), (Weights.ROUNDED_3, "78.39", "B"), (Weights.ROUNDED_2, "77.69", "B")],
)
def test_sekadaus_rows_come_to_what_was_derived_from_them(weights: Weights, index: str, grade: str) -> None:
    rows = [tuple(map(int, row)) for row in SEKADAU.split()]
    patterns = {row: rows.count(row) for row in rows}
    tally = tally_patterns(SKM, patterns)
    totals = [sum(value * times for value, times in enumerate(counts, 1)) for counts in tally.counts]
    assert totals == [65, 68, 75, 84, 78, 80, 80, 71, 77]
    assert sum(totals) == 678
    found = score(SKM, tally, weights=weights)
    assert (found.n, found.index, found.grade) == (24, Decimal(index), grade)


# --- G4: one answer, all 4; e-smile.tubaba.go.id --------------------------------------------------------------------


def test_one_answer_of_fours_is_100() -> None:
    found = score(SKM, tally_patterns(SKM, {(4,) * 9: 1}))
    assert (found.index, found.performance, found.interval) == (Decimal("100.00"), "Sangat baik", None)
    assert {half_up(Fraction(each.weighted), 2) for each in found.elements} == {Decimal("0.44")}


# --- G5: the mall of Kabupaten Pemalang, 247 of 646 users; garuda.kemdiktisaintek.go.id ------------------------------


def test_pemalangs_88_18_is_good_and_its_sample_is_enough() -> None:
    band = SKM.band(Decimal("88.18"))
    assert (band.grade, band.performance, band.perception) == ("B", "Baik", 3)
    assert sample_needed(646) == 241


# --- the tables, as printed ------------------------------------------------------------------------------------------

TABLE_2017 = [
    (1, "25.00", "64.99", "D"),
    (2, "65.00", "76.60", "C"),
    (3, "76.61", "88.30", "B"),
    (4, "88.31", "100.00", "A"),
]
TABLE_2004 = [
    (1, "25.00", "43.75", "D"),
    (2, "43.76", "62.50", "C"),
    (3, "62.51", "81.25", "B"),
    (4, "81.26", "100.00", "A"),
]


@pytest.mark.parametrize(
    ("ids", "table"), [(["skm-2017", "skm-2017-six"], TABLE_2017), (["skm-2004", "skm-2014", "spak"], TABLE_2004)]
)
def test_every_line_of_a_table_holds_from_its_low_to_its_high(ids: list[str], table) -> None:
    for each in map(find_instrument, ids):
        for perception, low, high, grade in table:
            for index in (low, high):
                band = each.band(Decimal(index))
                assert (band.perception, band.grade) == (perception, grade)


def test_the_performance_is_named_as_in_the_tables() -> None:
    for key in ("skm-2004", "skm-2014", "skm-2017"):
        names = [band.performance for band in find_instrument(key).bands]
        assert names == ["Tidak baik", "Kurang baik", "Baik", "Sangat baik"]
