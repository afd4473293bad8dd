"""Whether the elements of a survey measure one thing (*reliabilitas*): Cronbach's alpha and item-total correlations.

L. J. Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951), 297-334.
"""

import math
from fractions import Fraction

from mppkit.surveys.instrument import Instrument
from mppkit.surveys.tally import Tally, moments


def cronbach_alpha(instrument: Instrument, tally: Tally) -> float | None:
    """Return Cronbach's alpha, 1 at most; None for one element, fewer than 2 answers, or answers without spread.

    Raises:
        InvalidValueError: the tally is of another instrument or version.

    >>> from mppkit.surveys.loading import find_instrument
    >>> from mppkit.surveys.tally import tally_patterns
    >>> skm = find_instrument("skm-2017")
    >>> cronbach_alpha(skm, tally_patterns(skm, {(4,) * 9: 5, (3,) * 9: 4, (2,) * 9: 1}))
    1.0
    """
    sums = moments(instrument, tally)
    elements = len(instrument.elements)
    of_total = sums.n * sums.total_squares - sums.total**2
    if elements < 2 or sums.n < 2 or not of_total:
        return None
    of_elements = sum(sums.n * second - first**2 for first, second in zip(sums.first, sums.second, strict=True))
    return float(Fraction(elements, elements - 1) * (1 - Fraction(of_elements, of_total)))


def item_total(instrument: Instrument, tally: Tally) -> dict[str, float | None]:
    """Return each element's correlation with the sum of the others, -1 to 1; None where one of the two has no spread.

    An element near 0 or below it asks for something else than the others, or was misread, or its column is another's.

    Raises:
        InvalidValueError: the tally is of another instrument or version.
    """
    sums = moments(instrument, tally)
    found: dict[str, float | None] = {}
    for key, first, second, with_total in zip(instrument.keys, sums.first, sums.second, sums.with_total, strict=True):
        rest, with_rest = sums.total - first, with_total - second
        rest_squares = sums.total_squares - 2 * with_total + second
        spread = (sums.n * second - first**2) * (sums.n * rest_squares - rest**2)
        found[key] = (sums.n * with_rest - first * rest) / math.sqrt(spread) if spread > 0 else None
    return found
