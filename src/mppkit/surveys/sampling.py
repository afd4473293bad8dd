"""How many answers a survey needs, by the table of Krejcie & Morgan that the survey's rule refers to.

R. V. Krejcie and D. W. Morgan, "Determining sample size for research activities", Educational and Psychological
Measurement 30 (1970), 607-610. It was made for a share of 50 % known to 5 points at 95 %, not for a mean.
"""

from mppkit.errors import InvalidValueError

_CHI_SQUARE = 3841
"""Thousandths: 3.841, the quantile 0.95 for one degree of freedom, as the authors have it."""


def sample_needed(population: int) -> int:
    """Return how many of a population must answer, 384 at most: the formula, rounded to the nearest as in the table.

    Raises:
        InvalidValueError: the population is not a whole number of 1 or more.

    >>> sample_needed(646), sample_needed(15), sample_needed(1_000_000)
    (241, 14, 384)
    """
    if type(population) is not int or population < 1:
        raise InvalidValueError("population", population, "give how many people were served, 1 or more")
    # X2 N P (1 - P) / (d2 (N - 1) + X2 P (1 - P)) with P = 0.5 and d = 0.05, both sides times 100 000
    above, below = 25 * _CHI_SQUARE * population, 250 * (population - 1) + 25 * _CHI_SQUARE
    return (2 * above + below) // (2 * below)
