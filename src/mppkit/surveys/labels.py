"""Which element a heading means, of a column or of a line in a report; a number such as U8 is no name.

The list of elements and the sample questionnaire put two of the nine in another order, so U8 is one thing in some
offices and another in others. The index does not change with it; the ranking of the elements does.
"""

import re
from collections.abc import Collection

from attrs import frozen

from mppkit.surveys.instrument import Instrument

_NUMBERED = re.compile(r"u ?([0-9]{1,2})(?:[ .:)_-]+(.+))?", re.IGNORECASE)


@frozen(kw_only=True)
class Label:
    """What a heading says of itself.

    Attributes:
        key: the element that it names; None where it names none.
        number: the 3 of `U3`; None where it has none.
    """

    key: str | None = None
    number: int | None = None


def read_label(instrument: Instrument, text: str) -> Label:
    """Return the element that a heading names by its key or name, and its number if it has one.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> read_label(skm, " Waktu  Penyelesaian ").key, read_label(skm, "U8 Sarana dan Prasarana")
    ('waktu', Label(key='sarana', number=8))
    >>> read_label(skm, "u8"), read_label(skm, "umur")
    (Label(key=None, number=8), Label(key=None, number=None))
    """
    plain = _plain(text)
    numbered = _NUMBERED.fullmatch(plain)
    name = plain if numbered is None else numbered[2]
    named = [each.key for each in instrument.elements if name and name in map(_plain, _names(instrument, each.key))]
    number = int(numbered[1]) if numbered and (named or numbered[2] is None) else None
    return Label(key=named[0] if named else None, number=number)


def unsettled(instrument: Instrument, keys: Collection[str]) -> tuple[str, ...]:
    """Return those of some elements whose number in the questionnaire is not that of the list.

    >>> from mppkit.surveys.loading import find_instrument
    >>> unsettled(find_instrument("skm-2017"), ["waktu", "sarana", "pengaduan"])
    ('pengaduan', 'sarana')
    """
    asked = instrument.question_order or instrument.keys
    moved = [key for key, other in zip(instrument.keys, asked, strict=True) if key != other]
    return tuple(key for key in moved if key in keys)


def _names(instrument: Instrument, key: str) -> tuple[str, ...]:
    element = instrument.element(key)
    return key, element.name, element.name_english


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
