"""What a mall may choose about its permits: how they are numbered, and what happens when a zone is full."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, date

from attrs import field, frozen

from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_text
from mppkit.permits.capacity_policies import AskForLess, CapacityPolicy, LetPass, RefuseBeyond

_NUMBER_AT_MOST = 60


@frozen(kw_only=True)
class NumberAsk:
    """What the number of a permit may be made of.

    Attributes:
        sequence: the how many-th permit of the year it is, from 1.
        service: the id of the service; application: the id of the application.
    """

    sequence: int
    issued_on: date
    service: str
    application: str


Numbering = Callable[[NumberAsk], str]
"""Makes the number of a permit; two permits never share a sequence and a year, so it must use both.

A number that another permit has is refused.
"""


@frozen(kw_only=True)
class YearlyNumbers:
    """Numbers such as `503/0001/IZIN-HOTEL/2026`, counted anew each year.

    What a permit's number must look like is no rule that was found: each regency has its own.

    >>> YearlyNumbers(prefix="503/")(
    ...     NumberAsk(sequence=1, issued_on=date(2026, 11, 24), service="izin-hotel", application="2026-0001")
    ... )
    '503/0001/IZIN-HOTEL/2026'
    """

    prefix: str = ""
    width: int = 4

    def __attrs_post_init__(self) -> None:
        if type(self.width) is not int or not 1 <= self.width <= 8:
            raise InvalidValueError("width", self.width, "give a whole number from 1 to 8")
        checked_text(self.prefix, "prefix", at_most=20, may_be_empty=True)

    def __call__(self, ask: NumberAsk) -> str:
        """Return the number."""
        return f"{self.prefix}{ask.sequence:0{self.width}d}/{ask.service.upper()}/{ask.issued_on.year}"


@frozen(kw_only=True)
class PermitPolicies:
    """The policies of a mall's permits.

    Attributes:
        numbering: makes the number of a permit.
        capacity: answers when an application asks for a share of a zone.
    """

    numbering: Numbering = field(factory=YearlyNumbers)
    capacity: CapacityPolicy = field(factory=RefuseBeyond)


BUILT_IN: Mapping[str, Mapping[str, type]] = {
    "numbering": {"yearly": YearlyNumbers},
    "capacity": {"refuse_beyond": RefuseBeyond, "ask_for_less": AskForLess, "let_pass": LetPass},
}
"""The policies that a blueprint may name, by what they are for."""


def checked_number(number: str) -> str:
    """Return a permit's number as it may be recorded.

    Raises:
        InvalidValueError: it is no short line of text.
    """
    return checked_text(number, "permit number", at_most=_NUMBER_AT_MOST)


def months_after(on: date, months: int) -> date:
    """Return the date so many months later, the month's last day where it has no such day.

    Raises:
        InvalidValueError: that is after the year 9999.

    >>> months_after(date(2026, 1, 31), 1).isoformat()
    '2026-02-28'
    """
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if year > MAXYEAR:
        raise InvalidValueError("months", months, f"give fewer: no date lies so long after {on.isoformat()}")
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
