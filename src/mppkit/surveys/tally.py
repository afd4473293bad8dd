"""Tallies: sums of complete answers, which merge exactly over services, counters, days, malls and provinces.

All sums are whole numbers, so no order and no partition of the answers changes them. A tally holds no single answer;
one of few answers comes close, see `comparing.shown_groups`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from attrs import asdict, frozen

from mppkit.errors import InvalidValueError, shown
from mppkit.surveys.instrument import Instrument


@frozen(kw_only=True)
class Tally:
    """The sums of some complete answers to one version of an instrument.

    Attributes:
        instrument, version, digest: of the instrument they answer.
        n: how many complete answers.
        counts: for each element, how often each of its choices was given; both in the instrument's order.
        with_total: for each element, the sum over the answers of its points times the points of the whole answer. It
            is all that the interval, alpha and the item-total correlations need beside the counts. Points count in
            units of the instrument's finest decimal, so that they are whole.
        left_out: how many answers were left out, by kind, such as `blank`.
    """

    instrument: str
    version: int
    digest: str
    n: int
    counts: tuple[tuple[int, ...], ...]
    with_total: tuple[int, ...]
    left_out: Mapping[str, int] = MappingProxyType({})


@frozen(kw_only=True)
class Moments:
    """What a tally says of the points: exact sums, in whole units of `1 / unit` point.

    Attributes:
        first, second: for each element, the sum of its points and of their squares.
        with_total: as in the tally.
    """

    n: int
    unit: int
    first: tuple[int, ...]
    second: tuple[int, ...]
    with_total: tuple[int, ...]

    @property
    def total(self) -> int:
        """The sum over the answers of the points of the whole answer."""
        return sum(self.first)

    @property
    def total_squares(self) -> int:
        """The sum over the answers of the square of the points of the whole answer."""
        return sum(self.with_total)


def no_answers(instrument: Instrument) -> Tally:
    """Return the tally of no answers: where summing begins."""
    return tally_patterns(instrument, {})


def tally_answers(
    instrument: Instrument, answers: Iterable[Mapping[str, int]], *, left_out: Mapping[str, int] | None = None
) -> Tally:
    """Return the tally of answers, each with a value for every element, by key.

    Raises:
        InvalidValueError: an answer is not complete, or has a value that may not be given.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> tally = tally_answers(skm, [dict.fromkeys(skm.keys, 4), dict.fromkeys(skm.keys, 3)])
    >>> tally.n, tally.counts[0]
    (2, (0, 0, 1, 1))
    """
    return tally_patterns(instrument, Counter(pattern_of(instrument, each) for each in answers), left_out=left_out)


def tally_by(instrument: Instrument, answers: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, Tally]:
    """Return a tally for each group of answers, such as a service, a counter, a day or an age band.

    Raises:
        InvalidValueError: an answer is not complete, or has a value that may not be given.
    """
    patterns: dict[str, Counter[tuple[int, ...]]] = {}
    for group, answer in answers:
        patterns.setdefault(group, Counter())[pattern_of(instrument, answer)] += 1
    return {group: tally_patterns(instrument, found) for group, found in patterns.items()}


def tally_patterns(
    instrument: Instrument, patterns: Mapping[tuple[int, ...], int], *, left_out: Mapping[str, int] | None = None
) -> Tally:
    """Return the tally of answers counted alike: how often each row of values was given, in the order of the elements.

    Raises:
        InvalidValueError: a row has another length, or a value that may not be given; or a count is below 0.

    >>> from mppkit.surveys.loading import find_instrument
    >>> tally_patterns(find_instrument("skm-2017"), {(4, 4, 4, 4, 4, 4, 4, 4, 4): 20, (3,) * 9: 9}).n
    29
    """
    layout = _layout(instrument)
    counts = [[0] * len(each.choices) for each in instrument.elements]
    with_total = [0] * len(counts)
    n = 0
    for pattern, times in patterns.items():
        if len(pattern) != len(counts):
            raise InvalidValueError("pattern", len(pattern), f"give {len(counts)} values: {', '.join(layout.keys)}")
        if type(times) is not int or times < 0:
            raise InvalidValueError("patterns", times, "give how often it was given, 0 or more")
        try:
            chosen = [place[value] for place, value in zip(layout.places, pattern, strict=True)]
        except KeyError as wrong:
            raise InvalidValueError("pattern", wrong.args[0], _allowed(layout)) from None
        whole = [values[choice] for values, choice in zip(layout.points, chosen, strict=True)]
        total = times * sum(whole)
        for element, choice in enumerate(chosen):
            counts[element][choice] += times
            with_total[element] += total * whole[element]
        n += times
    return Tally(
        instrument=instrument.id,
        version=instrument.version,
        digest=instrument.digest,
        n=n,
        counts=tuple(map(tuple, counts)),
        with_total=tuple(with_total),
        left_out=dict(left_out or {}),
    )


def pattern_of(instrument: Instrument, answer: Mapping[str, int]) -> tuple[int, ...]:
    """Return an answer's values in the order of the instrument's elements.

    Raises:
        InvalidValueError: elements are missing or not asked for, or values may not be given; names all of them.

    >>> from mppkit.surveys.loading import find_instrument
    >>> pattern_of(find_instrument("skm-2017"), {"persyaratan": 5})
    Traceback (most recent call last):
    mppkit.errors.InvalidValueError: answer: 'not complete': missing prosedur, waktu, biaya, produk, kompetensi, \
perilaku, pengaduan, sarana; persyaratan = 5; each element needs one of 1, 2, 3, 4
    """
    layout = _layout(instrument)
    missing = [key for key in layout.keys if key not in answer]
    wrong = [f"missing {', '.join(missing)}"] if missing else []
    for key, places in zip(layout.keys, layout.places, strict=True):
        if key in answer and (type(answer[key]) is not int or answer[key] not in places):  # True is no 1
            wrong.append(f"{key} = {shown(answer[key])}")
    wrong += [f"{shown(key)} is not asked for" for key in answer if key not in layout.keys]
    if wrong:
        raise InvalidValueError("answer", "not complete", "; ".join([*wrong, _allowed(layout)]))
    return tuple(answer[key] for key in layout.keys)


def merge(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all answers of some tallies; exact, whatever their order.

    Raises:
        InvalidValueError: there is none, or they answer different instruments or versions.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> merge([tally_patterns(skm, {(4,) * 9: 2}), tally_patterns(skm, {(3,) * 9: 1})]).n
    3
    """
    parts = tuple(tallies)
    if not parts:
        raise InvalidValueError("tallies", 0, "give one or more; no_answers(instrument) is the tally of none")
    first = parts[0]
    for part in parts[1:]:
        _check_alike(_named(part), _named(first))
    left_out: Counter[str] = Counter()
    for part in parts:
        left_out.update(part.left_out)
    return Tally(
        instrument=first.instrument,
        version=first.version,
        digest=first.digest,
        n=sum(part.n for part in parts),
        counts=tuple(
            tuple(map(sum, zip(*element, strict=True)))
            for element in zip(*(part.counts for part in parts), strict=True)
        ),
        with_total=tuple(map(sum, zip(*(part.with_total for part in parts), strict=True))),
        left_out=dict(left_out),
    )


def moments(instrument: Instrument, tally: Tally) -> Moments:
    """Return the exact sums of points of a tally, from which everything about it is computed.

    Raises:
        InvalidValueError: the tally is of another instrument or version.
    """
    _check_alike(_named(tally), _named(instrument))
    layout = _layout(instrument)
    paired = [
        tuple(zip(points, counts, strict=True)) for points, counts in zip(layout.points, tally.counts, strict=True)
    ]
    return Moments(
        n=tally.n,
        unit=layout.unit,
        first=tuple(sum(value * count for value, count in element) for element in paired),
        second=tuple(sum(value * value * count for value, count in element) for element in paired),
        with_total=tally.with_total,
    )


def to_plain(tally: Tally) -> dict[str, object]:
    """Return a tally as JSON can hold it, such as to hand it to the province."""
    rows = [list(counts) for counts in tally.counts]
    return {**asdict(tally), "counts": rows, "with_total": list(tally.with_total), "left_out": dict(tally.left_out)}


def from_plain(instrument: Instrument, plain: Mapping[str, object]) -> Tally:
    """Return the tally that `to_plain` wrote.

    Raises:
        InvalidValueError: it is of another instrument or version, or its sums cannot be.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> tally = tally_patterns(skm, {(4, 3, 3, 4, 4, 4, 3, 4, 4): 2})
    >>> from_plain(skm, to_plain(tally)) == tally
    True
    """
    names = sorted(to_plain(no_answers(instrument)))
    if not isinstance(plain, Mapping) or sorted(map(str, plain)) != names:
        raise InvalidValueError("tally", type(plain).__name__, f"give {', '.join(names)}, and nothing else")
    _check_alike((plain["instrument"], plain["version"], plain["digest"]), _named(instrument))
    left_out = plain["left_out"]
    if not isinstance(left_out, Mapping) or not all(isinstance(kind, str) for kind in left_out):
        raise InvalidValueError("left_out", type(left_out).__name__, "give how many answers of each kind")
    _whole_row(tuple(left_out.values()), "left_out", len(left_out))
    rows = plain["counts"]
    if not isinstance(rows, Sequence) or len(rows) != len(instrument.elements):
        raise InvalidValueError("counts", type(rows).__name__, f"give a row for each of {', '.join(instrument.keys)}")
    tally = Tally(
        instrument=instrument.id,
        version=instrument.version,
        digest=instrument.digest,
        n=_whole_row((plain["n"],), "n", 1)[0],
        counts=tuple(
            _whole_row(row, f"counts of {element.key}", len(element.choices))
            for element, row in zip(instrument.elements, rows, strict=True)
        ),
        with_total=_whole_row(plain["with_total"], "with_total", len(instrument.elements)),
        left_out=dict(left_out),
    )
    _check_possible(instrument, tally)
    return tally


def _check_possible(instrument: Instrument, tally: Tally) -> None:
    """Raise where no answers can have these sums: each element was answered n times, and no variance is below 0."""
    for element, counts in zip(instrument.elements, tally.counts, strict=True):
        if sum(counts) != tally.n:
            raise InvalidValueError(f"counts of {element.key}", sum(counts), f"they must add up to n = {tally.n}")
    sums = moments(instrument, tally)
    if sums.n * sums.total_squares < sums.total**2:
        raise InvalidValueError("with_total", sums.total_squares, "no answers have these sums; take the tally anew")


def _named(of: Tally | Instrument) -> tuple[str, int, str]:
    if isinstance(of, Instrument):
        return of.id, of.version, of.digest
    return of.instrument, of.version, of.digest


def _check_alike(found: tuple[object, object, object], wanted: tuple[str, int, str]) -> None:
    if found[:2] != wanted[:2]:
        remedy = f"give answers to {wanted[0]} version {wanted[1]}; others do not add up with them"
        raise InvalidValueError("tally", f"{found[0]} version {found[1]}", remedy)
    if found[2] != wanted[2]:
        remedy = "two different instruments have this id and version; give one of them another version"
        raise InvalidValueError("tally", f"{wanted[0]} version {wanted[1]}", remedy)


@frozen(kw_only=True)
class _Layout:
    """An instrument as summing needs it.

    Attributes:
        places: for each element, the place of a value among its choices.
        unit: the least power of ten by which all points are whole; points: of each element's choices, by it.
    """

    keys: tuple[str, ...]
    places: tuple[Mapping[int, int], ...]
    unit: int
    points: tuple[tuple[int, ...], ...]


@lru_cache(maxsize=64)
def _layout(instrument: Instrument) -> _Layout:
    choices = [element.choices for element in instrument.elements]
    unit = 10 ** max(_decimals(choice.points) for row in choices for choice in row)
    return _Layout(
        keys=instrument.keys,
        places=tuple({choice.value: place for place, choice in enumerate(row)} for row in choices),
        unit=unit,
        points=tuple(tuple(int(choice.points * unit) for choice in row) for row in choices),
    )


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _allowed(layout: _Layout) -> str:
    values = [", ".join(map(str, places)) for places in layout.places]
    if len(set(values)) == 1:
        return f"each element needs one of {values[0]}"
    return "; ".join(f"{key} needs one of {allowed}" for key, allowed in zip(layout.keys, values, strict=True))


def _whole_row(row: object, place: str, length: int) -> tuple[int, ...]:
    if isinstance(row, Sequence) and len(row) == length and all(type(each) is int and each >= 0 for each in row):
        return tuple(row)
    raise InvalidValueError(place, type(row).__name__, f"give {length} whole numbers, 0 or more")
