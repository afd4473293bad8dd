"""Answers put into groups: by service, counter, day, what respondents said of themselves, or the periods of a trend.

Pure; which groups may be shown is `comparing`'s to say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum

from mppkit.surveys.events import Answered
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.tally import Tally, tally_patterns

UNSAID = "tidak-disebutkan"
"""The group of those who did not say."""

Given = tuple[date, Answered]
"""An answer, and the local date it counts for."""


class Every(StrEnum):
    """How long the periods of a trend are."""

    MONTH = "month"
    QUARTER = "quarter"
    SEMESTER = "semester"
    YEAR = "year"


_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.SEMESTER: 6, Every.YEAR: 12}
_LETTERS = {Every.QUARTER: "T", Every.SEMESTER: "S"}


def group_of(what: str, given: Given) -> str:
    """Return the group that an answer belongs to: its `service`, `counter` or `day`, or a field of its profile."""
    on, answer = given
    if what == "day":
        return on.isoformat()
    said = {"service": answer.service, "counter": answer.counter}.get(what) or answer.profile.get(what)
    return said or UNSAID


def matching(given: Iterable[Given], parts: Mapping[str, str]) -> list[Given]:
    """Return the answers that belong to all of some groups, such as `{"service": "nib"}`."""
    return [each for each in given if all(group_of(what, each) == group for what, group in parts.items())]


def tally_given(instrument: Instrument, given: Iterable[Given], left_out: Mapping[str, int] | None = None) -> Tally:
    """Return the tally of answers, which stand in the order of the instrument's elements."""
    patterns = Counter(tuple(answer.answers.values()) for _, answer in given)
    return tally_patterns(instrument, patterns, left_out=left_out)


def tally_groups(instrument: Instrument, given: Iterable[Given], group: Callable[[Given], str]) -> dict[str, Tally]:
    """Return the tally of each group, by name and in the order of the names."""
    groups: dict[str, list[Given]] = {}
    for each in given:
        groups.setdefault(group(each), []).append(each)
    return {name: tally_given(instrument, groups[name]) for name in sorted(groups)}


def period_of(on: date, every: Every) -> str:
    """Return what the period is called that a date lies in: `T` for *triwulan*, `S` for *semester*.

    >>> [period_of(date(2026, 11, 24), every) for every in Every]
    ['2026-11', '2026-T4', '2026-S2', '2026']
    """
    if every is Every.YEAR:
        return f"{on.year}"
    if every is Every.MONTH:
        return f"{on.year}-{on.month:02}"
    return f"{on.year}-{_LETTERS[every]}{(on.month - 1) // _MONTHS[every] + 1}"


def periods_between(first_on: date, last_on: date, every: Every) -> Iterator[str]:
    """Return the periods from that of the first date to that of the last, in order."""
    months = _MONTHS[every]
    first, last = ((on.year * 12 + on.month - 1) // months for on in (first_on, last_on))
    for number in range(first, last + 1):
        year, month = divmod(number * months, 12)
        yield period_of(date(year, month + 1, 1), every)
