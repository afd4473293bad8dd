"""A survey's instrument (*instrumen survei*) as a value: what is asked, what answers count for, how an index is graded.

Instruments are data: those that ship are TOML beside this file, users add theirs. Answers keep the instrument they were
given to; a change of one in use is a new version.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from attrs import asdict, frozen

from mppkit.errors import InvalidValueError, NotFoundError


class Sourcing(StrEnum):
    """How well sourced an instrument is."""

    OFFICIAL = "official"
    """Its text was read in the official publication."""
    REPORTED = "reported"
    """From reports of it that agree."""
    CONFIGURABLE = "configurable"
    """No single source was found: look it over before use."""


@frozen(kw_only=True)
class Choice:
    """One answer that may be given (*pilihan jawaban*).

    Attributes:
        value: what is ticked, such as 4.
        points: what it counts for; mostly the same.
        text, text_english: what a citizen reads.
    """

    value: int
    points: Decimal
    text: str
    text_english: str = ""


@frozen(kw_only=True)
class Element:
    """One element that is asked for (*unsur*).

    Attributes:
        key: by which it is known, such as `persyaratan`; never by a number alone, for their order differs.
        question, question_english: what a citizen reads.
        choices: from the worst to the best.
    """

    key: str
    name: str
    name_english: str = ""
    question: str
    question_english: str = ""
    choices: tuple[Choice, ...]

    def points_of(self, value: int) -> Decimal:
        """Return what an answer counts for.

        Raises:
            InvalidValueError: no such answer may be given.
        """
        for choice in self.choices:
            if choice.value == value and not isinstance(value, bool):
                return choice.points
        values = ", ".join(str(choice.value) for choice in self.choices)
        raise InvalidValueError(self.key, value, f"answer with one of {values}")


class Weights(StrEnum):
    """Which weight each element has; several are in use, and give different indices for the same answers."""

    EXACT = "exact"
    """One over the number of elements."""
    ROUNDED_3 = "rounded_3"
    """That, rounded to three decimals: 0.111 of nine, 0.071 of fourteen."""
    ROUNDED_2 = "rounded_2"
    """That, rounded to two decimals: 0.11 of nine."""


@frozen(kw_only=True)
class Band:
    """One line of an instrument's table of grades (*nilai interval konversi*).

    Attributes:
        perception: the value of perception (*nilai persepsi*), 1 the worst.
        low: the smallest index of the band, to the instrument's decimals; it ends where the next begins.
        grade: the letter (*mutu pelayanan*); performance: *kinerja unit pelayanan*.
    """

    perception: int
    low: Decimal
    grade: str
    performance: str
    performance_english: str = ""


@frozen(kw_only=True, cache_hash=True)
class Instrument:
    """What a survey asks and how it is scored.

    Attributes:
        id, version: such as `skm-2017`, 1.
        elements: in the order of its own list; `question_order` is the order in which the questionnaire asks, by key.
        weights: the convention of the weight.
        factor: what the mean is multiplied by, such as 25.
        decimals: of the published index, rounded half up; the grade is that of the rounded index.
        index_name: what the index is called, such as IKM.
        bands: the table of grades, the worst first.
        source: the rule or report it is from; since_year, until_year: in which years it was in force.
    """

    id: str
    version: int = 1
    name: str
    name_english: str
    elements: tuple[Element, ...]
    question_order: tuple[str, ...] = ()
    weights: Weights = Weights.EXACT
    factor: Decimal = Decimal(25)
    decimals: int = 2
    index_name: str = "IKM"
    bands: tuple[Band, ...]
    source: str
    sourcing: Sourcing
    since_year: int | None = None
    until_year: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of what is asked and how it is scored, 64 hexadecimal digits; what is told about it is left out.

        Where it changes, answers mean something else: an instrument in use then needs a new version.
        """
        return _digest(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its elements, in its own order."""
        return tuple(each.key for each in self.elements)

    def element(self, key: str) -> Element:
        """Return an element.

        Raises:
            NotFoundError: there is none of that key.
        """
        for each in self.elements:
            if each.key == key:
                return each
        raise NotFoundError("element", key, self.keys, f"{self.id} asks for {', '.join(self.keys)}")

    def weight(self, weights: Weights | None = None) -> Decimal | None:
        """Return the rounded weight of each element under a convention; None where it is exact."""
        weights = self.weights if weights is None else weights
        if weights is Weights.EXACT:
            return None
        step = Decimal("0.001") if weights is Weights.ROUNDED_3 else Decimal("0.01")
        return (1 / Decimal(len(self.elements))).quantize(step, ROUND_HALF_UP)

    def rounded(self, index: Decimal) -> Decimal:
        """Return an index as it is published: rounded half up to the instrument's decimals."""
        return index.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)

    def band(self, index: Decimal) -> Band:
        """Return the line of the table that an index falls into, after rounding it.

        Raises:
            InvalidValueError: it lies below the table.
        """
        published = self.rounded(index)
        for band in reversed(self.bands):
            if published >= band.low:
                return band
        raise InvalidValueError("index", str(published), f"the table begins at {self.bands[0].low}")


_ABOUT = frozenset({"source", "sourcing", "since_year", "until_year", "notes"})
"""What may be told better without a new version: no answer means anything else for it."""


@lru_cache(maxsize=64)  # every tally is held against it
def _digest(instrument: Instrument) -> str:
    # a field that a later mppkit adds is left out while it has its default, so that old digests stay
    meaning = asdict(instrument, filter=lambda field, value: field.name not in _ABOUT and value != field.default)
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), default=lambda number: f"{number.normalize():f}")
    return sha256(text.encode("ascii")).hexdigest()
