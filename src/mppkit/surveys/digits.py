"""Summing answers that are one digit each, a million rows in a fraction of a second, exactly.

The choices of an element become a few large whole numbers with one bit for each row; `&` and `bit_count` then count in
one step how often two were given together. That is all a tally needs, and cheaper than counting the digits themselves.
"""

from collections.abc import Sequence
from functools import reduce
from operator import and_

from mppkit.surveys.instrument import Choice, Instrument
from mppkit.surveys.tally import Tally, moments, no_answers


def digits_of(instrument: Instrument) -> tuple[str, ...] | None:
    """Return, for each element, the digits that are its choices; None where one takes more than a digit."""
    values = [[choice.value for choice in element.choices] for element in instrument.elements]
    if not all(0 <= value <= 9 for row in values for value in row):
        return None
    return tuple("".join(map(str, row)) for row in values)


def tally_digits(instrument: Instrument, rows: bytes | bytearray, slots: Sequence[int] | None = None) -> Tally:
    """Return the tally of rows of digits that follow one another with nothing between.

    Args:
        instrument: one with `digits_of`.
        rows: a digit for each element, each one of that element's choices; that is not checked again.
        slots: for each element, where its digit stands in a row; in the instrument's order if not given.

    >>> from mppkit.surveys.loading import find_instrument
    >>> tally = tally_digits(find_instrument("skm-2017"), b"444444444" b"433333333")
    >>> tally.n, tally.counts[0], tally.counts[1]
    (2, (0, 0, 0, 2), (0, 0, 1, 1))
    """
    width = len(instrument.elements)
    n = len(rows) // width
    begin = no_answers(instrument)
    unit = moments(instrument, begin).unit
    points = [[int(choice.points * unit) for choice in element.choices] for element in instrument.elements]
    columns = []
    # a row has its bit at the same place in the numbers of all elements: the widest says how far rows are apart
    widest = max(_wide(element.choices) for element in instrument.elements)
    apart = 1 << (widest - 1).bit_length()  # 1, 2 or 4 bits, so that rows fill whole bytes
    for element, slot in zip(instrument.elements, range(width) if slots is None else slots, strict=True):
        columns.append(_bits(element.choices, bytes(rows[slot::width]), apart))
    counts = [_counts(bits, len(values), n) for bits, values in zip(columns, points, strict=True)]
    sums = [_dot(values, given) for values, given in zip(points, counts, strict=True)]
    with_total = [
        _dot([point * point for point in values], given) for values, given in zip(points, counts, strict=True)
    ]
    worth = [_worth(bits, values) for bits, values in zip(columns, points, strict=True)]
    for one in range(width):
        for other in range(one):
            together = sum(
                (bit & other_bit).bit_count() * value * other_value
                for bit, value in worth[one]
                for other_bit, other_value in worth[other]
            )
            # bits tell what the points are beyond those of the first choice, which every answer has
            least, other_least = points[one][0], points[other][0]
            together += least * sums[other] + other_least * sums[one] - least * other_least * n
            with_total[one] += together
            with_total[other] += together
    return Tally(
        instrument=begin.instrument,
        version=begin.version,
        digest=begin.digest,
        n=n,
        counts=tuple(counts),
        with_total=tuple(with_total),
    )


def _wide(choices: Sequence[Choice]) -> int:
    """Return how many bits say which of the choices was given, 1 at least."""
    return max(1, (len(choices) - 1).bit_length())


def _bits(choices: Sequence[Choice], column: bytes, apart: int) -> list[int]:
    """Return the bits of the choices' places, the lowest first: in each number a bit for each row."""
    lanes = 8 // apart
    digits = "".join(str(choice.value) for choice in choices).encode()
    places = column.translate(bytes.maketrans(digits, bytes(range(len(choices)))))
    packed = 0
    for lane in range(lanes):
        packed |= int.from_bytes(places[lane::lanes], "little") << (lane * apart)
    ones = int.from_bytes(bytes([sum(1 << lane * apart for lane in range(lanes))]) * -(-len(column) // lanes), "little")
    return [packed >> bit & ones for bit in range(_wide(choices))]


def _counts(bits: Sequence[int], choices: int, n: int) -> tuple[int, ...]:
    """Return how many rows have each choice."""
    given = [_rows_with(bits, place).bit_count() for place in range(1, choices)]
    return (n - sum(given), *given)


def _rows_with(bits: Sequence[int], place: int) -> int:
    """Return the rows whose choice has a place, which is not the first."""
    inside = [bit for at, bit in enumerate(bits) if place >> at & 1]
    outside = [bit for at, bit in enumerate(bits) if not place >> at & 1]
    rows = reduce(and_, inside)
    return reduce(lambda left, bit: left & ~bit, outside, rows)


def _worth(bits: Sequence[int], points: Sequence[int]) -> list[tuple[int, int]]:
    """Return numbers with a bit a row, and what each bit adds to the points of the first choice."""
    step = points[1] - points[0] if len(points) > 1 else 0
    if all(point == points[0] + step * place for place, point in enumerate(points)):
        return [(bit, step << at) for at, bit in enumerate(bits)]  # evenly apart, as they mostly are: fewer numbers
    return [(_rows_with(bits, place), points[place] - points[0]) for place in range(1, len(points))]


def _dot(values: Sequence[int], counts: Sequence[int]) -> int:
    return sum(value * count for value, count in zip(values, counts, strict=True))
