"""National holidays and joint leave of Indonesia: the only door to `holidays`, loaded when a calendar first needs it.

Source: the yearly joint decree of three ministers (*SKB 3 Menteri*), as the `holidays` package holds it. Joint leave is
fixed a year ahead at most, and a day may be added mid-year: a closure in the blueprint says so before a release can.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType


@lru_cache(maxsize=16)
def national_holidays(year: int) -> Mapping[date, str]:
    """Return the national holidays (*hari libur nasional*) of a year with their Indonesian names.

    >>> national_holidays(2026)[date(2026, 8, 17)]
    'Hari Kemerdekaan Republik Indonesia'
    """
    return _days(year, "public")


@lru_cache(maxsize=16)
def joint_leave(year: int) -> Mapping[date, str]:
    """Return the joint-leave days (*cuti bersama*) of a year; empty while its decree is not known.

    >>> len(joint_leave(2026))
    8
    """
    return _days(year, "government")


@lru_cache(maxsize=1)
def known_years() -> range:
    """Return the years whose national holidays are known or estimated.

    >>> 2026 in known_years()
    True
    """
    import holidays

    indonesia = holidays.country_holidays("ID")
    return range(indonesia.start_year, indonesia.end_year + 1)


def _days(year: int, category: str) -> Mapping[date, str]:
    import holidays  # 50 ms, and a hall without hours never asks

    found = holidays.country_holidays("ID", years=year, categories=(category,), language="id")
    return MappingProxyType({day: found[day] for day in sorted(found) if day.year == year})
