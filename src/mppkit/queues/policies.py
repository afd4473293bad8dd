"""What a regency may decide otherwise: who may take a ticket, how it is numbered, who is next, what a transfer costs.

Protocols first, then the defaults that a blueprint can name (`BUILT_IN`). Every policy is a plain value that is
handed in; none reads a clock, a store or chance. A plain function qualifies wherever a Protocol has one method.
"""

import math
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist
from types import MappingProxyType
from typing import Protocol

from attrs import field, frozen

from mppkit.calendars import Opening
from mppkit.decisions import Decision, Reason
from mppkit.directory import Service
from mppkit.errors import InvalidValueError
from mppkit.queues.disciplines import (
    AppointmentWindow,
    Discipline,
    FirstCome,
    PriorityAgeing,
    Ratio,
    ShortestService,
    StrictPriority,
)
from mppkit.queues.model import Limits, Ticket, at_least

# --- admission: may this person take a ticket now? -----------------------------------------------------------------


@frozen(kw_only=True)
class Asking:
    """What an admission policy is told when somebody asks for a ticket, or for an appointment.

    Attributes:
        at: when the person is there: now, or the time of the appointment.
        issued: how many tickets the service has issued on this day, lapsed reservations not counted.
        booked: how many appointments for it may still check in.
        live_ticket: the number of this person's live ticket for this service (or the code of the appointment, where
            a second one is asked for), if there is one.
    """

    service: Service
    at: datetime
    opening: Opening
    issued: int
    booked: int
    live_ticket: str | None


_YES = Decision.granted()


class Admission(Protocol):
    """Whether a ticket may be issued now."""

    def __call__(self, asking: Asking, /) -> Decision:
        """Return the answer; a refusal names its reasons."""
        ...


@frozen(kw_only=True)
class StandardAdmission:
    """Opening hours, closures, a cut-off before closing, the daily quota, one live ticket per person and service.

    Appointments that may still check in take their part of the quota.

    Attributes:
        early_minutes: how long before opening tickets are issued.
        cut_off_minutes: how long before the day's last closing the last ticket is issued.
        one_per_person: whether a person with a live ticket for the service is refused a second one.
    """

    early_minutes: float = field(default=0, validator=at_least(0))
    cut_off_minutes: float = field(default=0, validator=at_least(0))
    one_per_person: bool = True

    def __call__(self, asking: Asking, /) -> Decision:
        """Return the answer."""
        no = self._hours(asking)
        service = asking.service
        if service.daily_quota is not None and asking.issued + asking.booked >= service.daily_quota:
            no.append(
                Reason(
                    code="quota_reached",
                    indonesian=f"Kuota {service.name} hari ini ({service.daily_quota}) sudah habis.",
                    english=f"Today's quota of {service.name_english} ({service.daily_quota}) is used up.",
                )
            )
        if self.one_per_person and asking.live_ticket:
            no.append(
                Reason(
                    code="already_waiting",
                    indonesian=f"Anda masih memiliki nomor {asking.live_ticket} untuk layanan ini.",
                    english=f"You still hold ticket {asking.live_ticket} for this service.",
                )
            )
        if no:
            return Decision.refused(*no)
        warnings = asking.opening.warnings
        return Decision.granted(warnings=warnings) if warnings else _YES

    def _hours(self, asking: Asking) -> list[Reason]:
        opening = asking.opening
        if opening.reason:
            return [opening.reason]
        to_opening = (opening.windows[0].opens_at - asking.at).total_seconds() / 60
        to_closing = (opening.windows[-1].closes_at - asking.at).total_seconds() / 60
        if to_opening > self.early_minutes:
            return [
                Reason(
                    code="not_open_yet",
                    indonesian="Pengambilan nomor antrean belum dibuka.",
                    english="Tickets are not issued yet.",
                )
            ]
        if to_closing <= 0:
            return [
                Reason(code="closed_for_today", indonesian="Layanan hari ini sudah tutup.", english="Closed for today.")
            ]
        if to_closing <= self.cut_off_minutes:
            return [
                Reason(
                    code="after_cut_off",
                    indonesian=f"Nomor terakhir diambil {self.cut_off_minutes:g} menit sebelum tutup.",
                    english=f"The last ticket is issued {self.cut_off_minutes:g} minutes before closing.",
                )
            ]
        return []


@frozen(kw_only=True)
class OpenDoor:
    """Everybody is admitted at any time: for halls that decide at the door, and for experiments."""

    def __call__(self, asking: Asking, /) -> Decision:
        """Return the answer."""
        return _YES


# --- numbering: what is printed on the ticket ----------------------------------------------------------------------


class Numbering(Protocol):
    """What a ticket is called; each series begins again at 1 every day."""

    def series(self, service: Service, /) -> str:
        """Return the series the service counts in."""
        ...

    def number(self, series: str, count: int, /) -> str:
        """Return the number of the `count`-th ticket of a series; no two may be alike."""
        ...


@frozen(kw_only=True)
class PrefixNumbering:
    """A series for each service's prefix: `A-001`, `A-002`, `B-001`.

    Attributes:
        width: at least so many digits.

    >>> PrefixNumbering(width=4).number("A", 7)
    'A-0007'
    """

    width: int = field(default=3, validator=at_least(1, whole=True))

    def series(self, service: Service, /) -> str:
        """Return the service's prefix."""
        return service.prefix

    def number(self, series: str, count: int, /) -> str:
        """Return the number."""
        return f"{series}-{str(count).zfill(self.width)}"


@frozen(kw_only=True)
class SingleNumbering:
    """One series for the whole hall, as with a paper roll: `001`, `002`.

    Attributes:
        width: at least so many digits.
    """

    width: int = field(default=3, validator=at_least(1, whole=True))

    def series(self, service: Service, /) -> str:
        """Return the hall's only series."""
        return "all"

    def number(self, series: str, count: int, /) -> str:
        """Return the number."""
        return str(count).zfill(self.width)


# --- placement: where does somebody stand who comes back into a line? -----------------------------------------------


class Coming(StrEnum):
    """Why a ticket comes into a line again."""

    TRANSFER = "transfer"
    NEXT_SERVICE = "next_service"
    RETURN = "return"
    AFTER_NO_SHOW = "after_no_show"


class Placement(Protocol):
    """Which instant gives the place of a ticket that comes into a line again."""

    def __call__(self, ticket: Ticket, coming: Coming, at: datetime, /) -> datetime:
        """Return an instant between the ticket's first place and `at`."""
        ...


@frozen(kw_only=True)
class KeepsPlace:
    """Whoever is sent on keeps the place of the first arrival; after a no-show one stands at the end, or as set."""

    after_no_show: bool = False

    def __call__(self, ticket: Ticket, coming: Coming, at: datetime, /) -> datetime:
        """Return the instant that gives the place."""
        if coming is Coming.AFTER_NO_SHOW and not self.after_no_show:
            return at
        return ticket.place_at


@frozen(kw_only=True)
class LosesPlace:
    """Whoever comes into a line again stands at its end."""

    def __call__(self, ticket: Ticket, coming: Coming, at: datetime, /) -> datetime:
        """Return the instant that gives the place."""
        return at


# --- estimate: when will it be my turn? -----------------------------------------------------------------------------


@frozen(kw_only=True)
class Pace:
    """How long a service has taken at the counters lately: seconds from call to end, over the last `n` (1 or more)."""

    mean: float
    deviation: float
    n: int


@frozen(kw_only=True)
class WaitEstimate:
    """Seconds until the call: likely, and a range that holds the share `confidence` of cases."""

    low: float
    likely: float
    high: float
    confidence: float


class Estimate(Protocol):
    """How surely somebody will be called when the counters, going on at their mean pace, would call them."""

    def __call__(self, likely: float, ended: Sequence[Pace], /) -> WaitEstimate | None:
        """Return the estimate, or None where nothing can honestly be said.

        Args:
            likely: seconds until the call if every service took its mean.
            ended: the paces of the services that have to end before, one each, in the order of their ends. Together
                they take longer than `likely` where several counters serve side by side.
        """
        ...


@frozen(kw_only=True)
class RecentPace:
    """From the recent pace of the counters, with a range that widens with their spread and with how few were seen.

    The time until so many services have ended is taken as gamma-distributed, its quantiles by Wilson and Hilferty.
    """

    confidence: float = 0.8

    def __attrs_post_init__(self) -> None:
        if isinstance(self.confidence, bool) or not 0.5 <= self.confidence <= 0.99:
            raise InvalidValueError("confidence", self.confidence, "give a share from 0.5 to 0.99")

    def __call__(self, likely: float, ended: Sequence[Pace], /) -> WaitEstimate | None:
        """Return the estimate."""
        total = sum(pace.mean for pace in ended)
        if likely <= 0 or total <= 0:
            return WaitEstimate(low=0.0, likely=0.0, high=0.0, confidence=self.confidence)
        # nobody knows how far those at the counters now have come: they spread at least as widely as their mean
        now_served = round(total / likely)
        spread = sum(max(pace.deviation, pace.mean) ** 2 for pace in ended[:now_served])
        spread += sum(pace.deviation**2 for pace in ended[now_served:])
        # a mean of few is wrong for all services alike, so its error grows with their number, not with its root
        spread += sum((count * pace.deviation) ** 2 / pace.n for pace, count in Tally(ended).items())
        shape = total * total / spread if spread > 0 else 1e6
        z = NormalDist().inv_cdf(0.5 + self.confidence / 2)

        def quantile(z: float) -> float:
            return float(likely * max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3)

        return WaitEstimate(low=quantile(-z), likely=likely, high=quantile(z), confidence=self.confidence)


# --- all of them together -------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class QueuePolicies:
    """The policies of one hall and the limits of its steps."""

    admission: Admission = field(factory=StandardAdmission)
    numbering: Numbering = field(factory=PrefixNumbering)
    discipline: Discipline = field(factory=FirstCome)
    placement: Placement = field(factory=KeepsPlace)
    estimate: Estimate = field(factory=RecentPace)
    limits: Limits = field(factory=Limits)


BUILT_IN: Mapping[str, Mapping[str, type]] = MappingProxyType(
    {
        "admission": {"standard": StandardAdmission, "open_door": OpenDoor},
        "numbering": {"prefix": PrefixNumbering, "single": SingleNumbering},
        "discipline": {
            "first_come": FirstCome,
            "priority_ageing": PriorityAgeing,
            "strict_priority": StrictPriority,
            "ratio": Ratio,
            "appointment_window": AppointmentWindow,
            "shortest_service": ShortestService,
        },
        "placement": {"keeps_place": KeepsPlace, "loses_place": LosesPlace},
        "estimate": {"recent_pace": RecentPace},
    }
)
"""The policies a blueprint can name, by slot and name; the fields of each class are its parameters."""

_NAMES = {kind: name for table in BUILT_IN.values() for name, kind in table.items()}


def policy_name(policy: object) -> str:
    """Return the name by which a policy is recorded: the built-in table's, its own `name`, or the function's.

    >>> policy_name(FirstCome())
    'first_come'
    """
    name = _NAMES.get(type(policy)) or getattr(policy, "name", None) or getattr(policy, "__name__", None)
    return name if isinstance(name, str) and name else type(policy).__name__
