"""The openings of a calendar year by year, each year asked once: what the arithmetic of days and of hours stands on."""

from datetime import date, timedelta

from mppkit.calendars.model import Calendar, Opening
from mppkit.calendars.national import known_years
from mppkit.decisions import Reason
from mppkit.errors import InvalidValueError


def with_year(years: range, year: int) -> range:
    """Return some years in a row and another, with all between.

    >>> with_year(range(2026, 2028), 2030)
    range(2026, 2031)
    """
    return range(min(years.start, year), max(years.stop, year + 1)) if years else range(year, year + 1)


class Openings:
    """What a calendar says about every day of the years that were asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._years: dict[int, tuple[Opening, ...]] = {}

    def of_year(self, year: int) -> tuple[Opening, ...]:
        """Return the openings of a year, from 1 January on.

        Raises:
            InvalidValueError: the holidays of that year are not known.
        """
        found = self._years.get(year)
        if found is None:
            known = known_years()
            if year not in known:
                raise InvalidValueError(
                    "year", year, f"stay from {known[0]} to {known[-1]}: no other holidays are known"
                )
            first, days = date(year, 1, 1), (date(year, 12, 31) - date(year, 1, 1)).days + 1
            found = tuple(self._calendar.opening(first + timedelta(days=day)) for day in range(days))
            self._years[year] = found  # two threads may both come here; they bring the same
        return found

    def on(self, day: date) -> Opening:
        """Return the opening of one date.

        Raises:
            InvalidValueError: the holidays of its year are not known.
        """
        return self.of_year(day.year)[day.timetuple().tm_yday - 1]

    def between(self, first_on: date, last_on: date) -> list[Opening]:
        """Return the openings of the dates between two, both included.

        Raises:
            InvalidValueError: the holidays of a year are not known.
        """
        return [self.on(first_on + timedelta(days=day)) for day in range((last_on - first_on).days + 1)]

    def warnings(self, first_on: date, last_on: date) -> tuple[Reason, ...]:
        """Return what could make the openings between two dates wrong, each reason once.

        Raises:
            InvalidValueError: the holidays of a year are not known.
        """
        found = self.between(first_on, last_on)
        return tuple(dict.fromkeys(warning for opening in found for warning in opening.warnings))
