"""Tallies against sums over the raw rows, in any partition and order."""

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError
from mppkit.surveys.instrument import Band, Choice, Element, Instrument, Sourcing
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.tally import (
    Tally,
    from_plain,
    merge,
    moments,
    no_answers,
    pattern_of,
    tally_answers,
    tally_by,
    tally_patterns,
    to_plain,
)

SKM = find_instrument("skm-2017")
SIX = find_instrument("skm-2017-six")


def _uneven() -> Instrument:
    """Three elements with different choices, whose points are not alike in their decimals and do not rise evenly."""
    points = (("0", "2", "4"), ("1.25", "1.5"), ("0.1", "0.2", "0.4", "3"))
    elements = tuple(
        Element(
            key=f"e{place}",
            name="Unsur",
            question="Bagaimana?",
            choices=tuple(Choice(value=value, points=Decimal(each), text="x") for value, each in enumerate(row)),
        )
        for place, row in enumerate(points)
    )
    bands = (Band(perception=1, low=Decimal(0), grade="C", performance="x"),)
    return Instrument(
        id="uneven",
        name="x",
        name_english="x",
        elements=elements,
        bands=bands,
        source="invented",
        sourcing=Sourcing.CONFIGURABLE,
    )


INSTRUMENTS = [SKM, SIX, find_instrument("skm-2004"), _uneven()]


def rows_of(instrument: Instrument, at_most: int = 12) -> st.SearchStrategy[list[tuple[int, ...]]]:
    row = st.tuples(*(st.sampled_from([choice.value for choice in each.choices]) for each in instrument.elements))
    return st.lists(row, max_size=at_most)


def answer(instrument: Instrument, row: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(instrument.keys, row, strict=True))


@st.composite
def instrument_and_rows(draw: st.DrawFn) -> tuple[Instrument, list[tuple[int, ...]]]:
    instrument = draw(st.sampled_from(INSTRUMENTS))
    return instrument, draw(rows_of(instrument))


# --- sums ----------------------------------------------------------------------------------------------------------


@given(instrument_and_rows())
def test_a_tally_has_the_sums_of_the_raw_rows(asked) -> None:
    instrument, rows = asked
    points = [
        [Fraction(each.points_of(value)) for each, value in zip(instrument.elements, row, strict=True)] for row in rows
    ]
    tally = tally_answers(instrument, (answer(instrument, row) for row in rows))
    sums = moments(instrument, tally)
    unit = sums.unit
    assert tally.n == sums.n == len(rows)
    for place, element in enumerate(instrument.elements):
        assert list(tally.counts[place]) == [sum(row[place] == c.value for row in rows) for c in element.choices]
        assert Fraction(sums.first[place], unit) == sum(row[place] for row in points)
        assert Fraction(sums.second[place], unit**2) == sum(row[place] ** 2 for row in points)
        assert Fraction(sums.with_total[place], unit**2) == sum(row[place] * sum(row) for row in points)
    assert Fraction(sums.total, unit) == sum(map(sum, points))
    assert Fraction(sums.total_squares, unit**2) == sum(sum(row) ** 2 for row in points)


@given(instrument_and_rows(), st.lists(st.integers(0, 3), min_size=12, max_size=12), st.randoms(use_true_random=False))
def test_any_partition_in_any_order_gives_the_same_tally(asked, parts: list[int], random: Random) -> None:
    instrument, rows = asked
    whole = tally_answers(instrument, (answer(instrument, row) for row in rows), left_out={"blank": 4})
    shuffled = list(rows)
    random.shuffle(shuffled)
    groups: list[list[tuple[int, ...]]] = [[], [], [], []]
    for row, part in zip(shuffled, parts, strict=False):
        groups[part].append(row)
    tallies = [
        tally_patterns(instrument, Counter(group), left_out={"blank": place} if place else {"zero": 0})
        for place, group in enumerate(groups)
    ]
    random.shuffle(tallies)
    nested = merge([merge(tallies[:2]), merge(tallies[2:]), merge([no_answers(instrument)])])
    assert evolve(nested, left_out={"blank": 6}) == evolve(whole, left_out={"blank": 6})
    assert nested.left_out["blank"] == 1 + 2 + 3
    assert nested == merge(tallies)


@given(rows_of(SKM), st.lists(st.sampled_from(["loket-1", "loket-2", "loket-3"]), min_size=12, max_size=12))
def test_the_tallies_of_groups_add_up_to_that_of_all(rows, counters: list[str]) -> None:
    answers = [(counter, answer(SKM, row)) for counter, row in zip(counters, rows, strict=False)]
    groups = tally_by(SKM, answers)
    assert {name: group.n for name, group in groups.items()} == Counter(counter for counter, _ in answers)
    assert merge([no_answers(SKM), *groups.values()]) == tally_answers(SKM, (each for _, each in answers))


def test_merging_nothing_is_refused_and_says_what_to_take() -> None:
    with pytest.raises(InvalidValueError, match="no_answers"):
        merge([])


# --- one answer ----------------------------------------------------------------------------------------------------

GOOD = dict.fromkeys(SKM.keys, 4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"waktu": 0}, "waktu = 0; each element needs one of 1, 2, 3, 4"),
        ({"waktu": 5}, "waktu = 5;"),
        ({"waktu": True}, "waktu = True;"),
        ({"waktu": 4.0}, "waktu = 4.0;"),
        ({"waktu": "4"}, "waktu = '4';"),
        ({"waktu": None, "biaya": ""}, "waktu = None; biaya = '';"),
        ({"maklumat": 4}, "'maklumat' is not asked for;"),
        ({"waktu": "NIK 5103011708900001"}, "51…01"),
    ],
)
def test_an_answer_that_may_not_be_given_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        tally_answers(SKM, [GOOD, {**GOOD, **change}])
    assert told in str(caught.value)


def test_an_answer_that_is_not_complete_tells_all_that_is_missing() -> None:
    partial = {key: 3 for key in SKM.keys if key not in ("waktu", "sarana")}
    with pytest.raises(InvalidValueError, match="missing waktu, sarana"):
        pattern_of(SKM, partial)


def test_what_an_element_may_have_is_told_of_each_where_they_differ() -> None:
    with pytest.raises(InvalidValueError, match="e0 needs one of 0, 1, 2; e1 needs one of 0, 1; e2 needs one of 0, 1"):
        pattern_of(_uneven(), {"e0": 3, "e1": 1, "e2": 1})


@pytest.mark.parametrize(
    ("patterns", "told"),
    [
        ({(4,) * 8: 1}, "pattern: 8: give 9 values"),
        ({(4,) * 8 + (0,): 1}, "pattern: 0: each element needs one of 1, 2, 3, 4"),
        ({(4,) * 9: -1}, "patterns: -1"),
        ({(4,) * 9: 1.0}, "patterns: 1.0"),
    ],
)
def test_patterns_that_cannot_be_are_refused(patterns, told: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        tally_patterns(SKM, patterns)
    assert told in str(caught.value)


# --- of one instrument ---------------------------------------------------------------------------------------------


def test_answers_to_another_instrument_or_version_do_not_add_up() -> None:
    mine = tally_patterns(SKM, {(4,) * 9: 1})
    with pytest.raises(InvalidValueError, match=r"skm-2017 version 2.*give answers to skm-2017 version 1"):
        merge([mine, no_answers(evolve(SKM, version=2))])
    with pytest.raises(InvalidValueError, match="give answers to skm-2017 version 1"):
        moments(SKM, no_answers(SIX))
    secretly = evolve(SKM, factor=Decimal(20))
    with pytest.raises(InvalidValueError, match="two different instruments have this id and version"):
        merge([mine, no_answers(secretly)])


# --- as JSON -------------------------------------------------------------------------------------------------------


@given(instrument_and_rows())
def test_a_tally_goes_through_json_and_back(asked) -> None:
    instrument, rows = asked
    tally = tally_answers(instrument, (answer(instrument, row) for row in rows), left_out={"blank": 2})
    assert from_plain(instrument, json.loads(json.dumps(to_plain(tally)))) == tally


def _plain() -> dict[str, object]:
    return to_plain(tally_patterns(SKM, {(4, 3, 3, 4, 4, 4, 3, 4, 4): 2, (1,) * 9: 3}, left_out={"blank": 1}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"n": 6}, "they must add up to n = 6"),
        ({"n": True}, "n: 'tuple': give 1 whole numbers"),
        ({"n": -5}, "n: "),
        ({"counts": 4}, "counts: 'int': give a row for each of persyaratan"),
        ({"counts": [[0, 0, 0, 5]] * 8}, "counts: 'list'"),
        ({"counts": [[0, 0, 0, 5]] * 8 + [[0, 0, 5]]}, "counts of sarana: 'list': give 4 whole numbers"),
        ({"counts": [[0, 0, 0, 5]] * 8 + [[0, 0, 6, -1]]}, "counts of sarana"),
        ({"counts": [[0, 0, 0, 5]] * 8 + [[0, 0, 0.0, 5]]}, "counts of sarana"),
        ({"with_total": [0] * 9}, "no answers have these sums"),
        ({"with_total": [1] * 8}, "with_total: 'list': give 9 whole numbers"),
        ({"left_out": {"blank": -1}}, "left_out"),
        ({"left_out": {"blank": "1"}}, "left_out"),
        ({"left_out": []}, "left_out: 'list'"),
        ({"digest": "0" * 64}, "two different instruments"),
        ({"version": 2}, "skm-2017 version 2"),
        ({"instrument": "spak"}, "spak version 1"),
        ({"more": 1}, "and nothing else"),
    ],
)
def test_a_plain_tally_that_cannot_be_is_refused(change: dict[str, object], told: str) -> None:
    assert isinstance(from_plain(SKM, _plain()), Tally)
    with pytest.raises(InvalidValueError) as caught:
        from_plain(SKM, {**_plain(), **change})
    assert told in str(caught.value)
