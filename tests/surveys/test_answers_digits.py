"""Rows of digits summed by bits, against the same rows summed one by one."""

from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.surveys.digits import digits_of, tally_digits
from mppkit.surveys.instrument import Choice, Instrument
from mppkit.surveys.labels import Label, read_label, unsettled
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.tally import merge, tally_patterns

SKM = find_instrument("skm-2017")


def _uneven() -> Instrument:
    """Elements of one to ten choices, whose values have gaps and whose points rise unevenly."""
    made = []
    choices_of = ("0", "19", "024", "1234", "12345", "123456", "2345678", "0123456789", "14")
    for element, values in zip(SKM.elements, choices_of, strict=True):
        choices = tuple(Choice(value=int(v), points=Decimal(int(v) ** 2 + 1) / 8, text=v) for v in values)
        made.append(evolve(element, choices=choices))
    return evolve(SKM, id="tak-rata", elements=tuple(made))


INSTRUMENTS = {each.id: each for each in (SKM, find_instrument("skm-2017-six"), find_instrument("spak"), _uneven())}


@pytest.mark.parametrize("name", INSTRUMENTS)
@given(data=st.data())
def test_the_tally_of_digits_is_that_of_the_answers(name: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[name]
    allowed = digits_of(instrument)
    assert allowed is not None
    answers = data.draw(st.lists(st.tuples(*map(st.sampled_from, allowed)), max_size=70))
    slots = data.draw(st.permutations(range(len(allowed))))
    placed = []
    for answer in answers:
        places = [""] * len(answer)
        for digit, slot in zip(answer, slots, strict=True):
            places[slot] = digit
        placed.append("".join(places))
    expected = tally_patterns(instrument, Counter(tuple(map(int, answer)) for answer in answers))
    assert tally_digits(instrument, "".join(placed).encode(), slots) == expected


def test_many_rows_sum_to_what_their_parts_sum_to() -> None:
    rows = b"123412344" * 1001 + b"444444444" * 2002 + b"111111111" * 997
    parts = [tally_digits(SKM, rows[at : at + 9 * 500]) for at in range(0, len(rows), 9 * 500)]
    assert tally_digits(SKM, rows) == merge(parts)
    assert tally_digits(SKM, rows) == tally_patterns(
        SKM, {(1, 2, 3, 4, 1, 2, 3, 4, 4): 1001, (4,) * 9: 2002, (1,) * 9: 997}
    )


def test_answers_of_two_digits_are_not_for_this() -> None:
    wide = (Choice(value=1, points=Decimal(1), text="1"), Choice(value=10, points=Decimal(10), text="10"))
    elements = tuple(evolve(each, choices=wide) for each in SKM.elements)
    assert digits_of(evolve(SKM, elements=elements)) is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("U9", Label(number=9)),
        ("u 9", Label(number=9)),
        ("U9. Sarana dan Prasarana", Label(key="sarana", number=9)),
        ("U1_persyaratan", Label(key="persyaratan", number=1)),
        ("Biaya/Tarif", Label(key="biaya")),
        ("U9 umur", Label()),
        ("usia", Label()),
        ("", Label()),
        ("9", Label()),
    ],
)
def test_a_heading_names_an_element_or_only_a_number(text: str, label: Label) -> None:
    assert read_label(SKM, text) == label


def test_only_two_of_the_nine_have_another_place_in_the_questionnaire() -> None:
    assert unsettled(SKM, SKM.keys) == ("pengaduan", "sarana")
    assert unsettled(find_instrument("skm-2004"), find_instrument("skm-2004").keys) == ()
