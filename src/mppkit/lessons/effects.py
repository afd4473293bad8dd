"""What a change brought: two figures of one indicator, their difference, how sure that is, and the verdict in words.

A difference is not a cause: seasons, holidays and everything else that changed meanwhile are in it too.
"""

from enum import StrEnum
from functools import partial

from attrs import frozen

from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError
from mppkit.intervals import newcombe, welch
from mppkit.lessons.figures import Better, Counted, Figure, MeanFigure, ShareFigure
from mppkit.lessons.wording import Language, counted_name, decimals_for, either, number, period, unit_name

ENOUGH = 30
"""How many observations a figure needs for a verdict, unless the caller says otherwise: the usual rule of thumb."""


class Verdict(StrEnum):
    """What can honestly be said of a difference."""

    BETTER = "better"
    WORSE = "worse"
    NO_VISIBLE_EFFECT = "no_visible_effect"
    TOO_FEW = "too_few"


class Method(StrEnum):
    """How an interval was made; the sources stand in `mppkit.intervals`."""

    WELCH = "welch"
    NEWCOMBE = "newcombe"


@frozen(kw_only=True)
class Effect:
    """The difference between two figures of one indicator.

    Attributes:
        before, after: the two figures; of two malls, the one compared with and the one compared.
        difference: after minus before, in the indicator's unit; percentage points for shares.
        low, high: its 95 % interval, not to be relied on where the verdict is `too_few`.
        method: how the interval was made.
        minimum: how many observations each figure needed for a verdict.
        verdict: better or worse only where the interval leaves 0 out.
        indonesian, english: all of it in one sentence.
        warnings: why the interval may be too narrow.
    """

    before: Figure
    after: Figure
    difference: float
    low: float
    high: float
    method: Method
    minimum: int
    verdict: Verdict
    indonesian: str
    english: str
    warnings: tuple[Reason, ...] = ()


DEPENDENT_VISITS = Reason(
    code="dependent_visits",
    indonesian="Kunjungan pada hari yang sama saling bergantung, jadi selang ini mungkin terlalu sempit; "
    "lebih baik satu angka per hari.",
    english="Visits of one day depend on each other, so this interval may be too narrow; one number a day is better.",
)
"""The warning on figures that count visits."""


def compare(before: Figure, after: Figure, *, minimum: int = ENOUGH) -> Effect:
    """Return the effect: the difference of two figures, its 95 % interval, and the verdict.

    Means by Welch, shares by Newcombe (method 10). Swapping the figures turns every sign and the verdict round.

    Args:
        before: the figure before a change, or of the mall compared with.
        after: the figure after it, or of the mall compared.
        minimum: how many observations each figure needs for a verdict, 2 or more. Below 30 the interval of a mean
            stands on values that are nearly normal.

    Raises:
        InvalidValueError: the figures are of different indicators or kinds, count different things, or are of one mall
            and periods that overlap; or the minimum is below 2.
    """
    if type(minimum) is not int or minimum < 2:
        raise InvalidValueError("minimum", minimum, "ask for 2 observations or more in each figure")
    for place, figure in (("before", before), ("after", after)):
        if not isinstance(figure, Figure):
            raise InvalidValueError(place, type(figure).__name__, "give a MeanFigure or a ShareFigure")
    if before.indicator != after.indicator:
        raise InvalidValueError("after", after.indicator.id, f"give a figure of {before.indicator.id}, defined alike")
    if before.counted is not after.counted:
        raise InvalidValueError("after", after.counted.value, f"give a figure that counts {before.counted.value} too")
    if before.shares_days_with(after):
        remedy = "give two periods of one mall that share no day, or figures of two malls"
        raise InvalidValueError("after", f"{after.first_on} to {after.last_on}", remedy)
    method, low, high = _interval(before, after)
    verdict = _verdict(before, after, low, high, minimum)
    difference = after.value - before.value
    indonesian, english = (
        _sentence(before, after, (difference, low, high), verdict, minimum, language) for language in Language
    )
    return Effect(
        before=before,
        after=after,
        difference=difference,
        low=low,
        high=high,
        method=method,
        minimum=minimum,
        verdict=verdict,
        indonesian=indonesian,
        english=english,
        warnings=(DEPENDENT_VISITS,) if before.counted is Counted.VISITS else (),
    )


def _interval(before: Figure, after: Figure) -> tuple[Method, float, float]:
    if isinstance(before, MeanFigure) and isinstance(after, MeanFigure):
        return Method.WELCH, *welch(before.n, before.mean, before.sd, after.n, after.mean, after.sd)
    if isinstance(before, ShareFigure) and isinstance(after, ShareFigure):
        low, high = newcombe(before.count, before.n, after.count, after.n)
        return Method.NEWCOMBE, 100 * low, 100 * high
    raise InvalidValueError("after", type(after).__name__, f"give a {type(before).__name__} too")


def _verdict(before: Figure, after: Figure, low: float, high: float, minimum: int) -> Verdict:
    if min(before.n, after.n) < minimum:
        return Verdict.TOO_FEW
    if low <= 0 <= high:
        return Verdict.NO_VISIBLE_EFFECT
    return Verdict.BETTER if (high < 0) == (before.indicator.better is Better.LOWER) else Verdict.WORSE


def _sentence(
    before: Figure,
    after: Figure,
    numbers: tuple[float, float, float],
    verdict: Verdict,
    minimum: int,
    language: Language,
) -> str:
    say = partial(either, language)
    indicator = before.indicator
    decimals = decimals_for(*numbers[1:])
    difference, low, high = (number(value, decimals, language, signed=True) for value in numbers)

    def told(figure: Figure) -> str:
        value = f"{number(figure.value, decimals, language)} {unit_name(indicator.unit, language)}"
        when = period(figure.first_on, figure.last_on, language)
        counted = f"n = {number(figure.n, 0, language)} {counted_name(figure.counted, language)}"
        return f"{value} {say('di', 'at')} {figure.mall} ({when}, {counted})"

    then = say("lalu", "then") if before.mall == after.mall else say("dan", "and")
    interval = f" ({say('selang 95 %', '95 % interval')} {low} {say('s.d.', 'to')} {high})"
    return (
        f"{say(indicator.indonesian, indicator.english)}: {told(before)}, {then} {told(after)}; "
        f"{say('selisih', 'difference')} {difference} {unit_name(indicator.unit, language, of_difference=True)}"
        f"{'' if verdict is Verdict.TOO_FEW else interval}: {say(*_told(before, after, verdict, minimum))}."
    )


def _told(before: Figure, after: Figure, verdict: Verdict, minimum: int) -> tuple[str, str]:
    """Return the verdict in Indonesian and in English."""
    if verdict is Verdict.TOO_FEW:
        return f"data terlalu sedikit (keduanya perlu n ≥ {minimum})", f"too few data (both need n ≥ {minimum})"
    if verdict is Verdict.NO_VISIBLE_EFFECT:
        if before.mall == after.mall:
            return "tidak ada pengaruh yang terlihat", "no visible effect"
        return "tidak ada perbedaan yang terlihat", "no visible difference"
    told = ("lebih baik", "better") if verdict is Verdict.BETTER else ("lebih buruk", "worse")
    if before.mall == after.mall:
        return f"{told[0]} pada masa kedua", f"{told[1]} in the second period"
    return f"{told[0]} di {after.mall} daripada di {before.mall}", f"{told[1]} at {after.mall} than at {before.mall}"
