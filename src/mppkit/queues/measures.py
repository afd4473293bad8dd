"""What a day amounts to: waits, walks, holds and services, with those still waiting or gone counted as such.

The definitions, fixed here once. Each *leg* of a visit (from entering a line until the service was given, or the
visitor left that line or counter) gives one observation of each kind it reached:

- wait: seconds in the line. It ended with the call; a leg that was never called is *censored*: it lasted at least so
  long.
- walk: seconds from the call to the start of service. Censored when service never started.
- service: seconds at the counter. It ended when the service was finished or sent on; otherwise censored.
- hold: seconds put aside, of the legs that were held at all. Censored while it goes on, or when the day ended first.

Seconds are whole, rounded to the nearest. All measures merge exactly: over counters, days and malls.
"""

from collections import Counter as Tally
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from attrs import Factory, define

from mppkit.durations import Durations
from mppkit.queues.day import QueueDay
from mppkit.queues.model import Leg, LegOutcome, Ticket, TicketStatus

K = TypeVar("K", str, int)


@define(eq=True)
class Group:
    """The durations and outcomes of the legs of one group, such as a service or an hour."""

    wait: Durations = Factory(Durations)
    walk: Durations = Factory(Durations)
    hold: Durations = Factory(Durations)
    service: Durations = Factory(Durations)
    outcomes: Tally[str] = Factory(Tally)
    """How the legs ended; `open` for those that have not."""

    @property
    def legs(self) -> int:
        """How many legs there were."""
        return self.outcomes.total()

    @property
    def served(self) -> int:
        """How many legs ended with the service given."""
        return self.outcomes.get(LegOutcome.FINISHED.value, 0)

    def merge(self, other: "Group") -> None:
        """Count all of another's too."""
        self.wait.merge(other.wait)
        self.walk.merge(other.walk)
        self.hold.merge(other.hold)
        self.service.merge(other.service)
        self.outcomes.update(other.outcomes)


@define(eq=True)
class Measures:
    """What one day amounts to, or several days or malls merged.

    Attributes:
        hall: all legs; by_service, by_counter, by_hour (local hour of entering the line, 0 to 23) and by_priority
            (group, or `regular`): the same legs split; only called legs have a counter, the last one they were at.
        visitors: tickets by status, reservations that lapsed or still wait for paper included under theirs.
        open_seconds, busy_seconds: per counter, how long it was open without a pause, and how long of that somebody
            was called to it or served.
        overtakings: how often somebody was called before another who had stood longer.
        refused: refusals by service and code.
    """

    hall: Group = Factory(Group)
    by_service: dict[str, Group] = Factory(dict)
    by_counter: dict[str, Group] = Factory(dict)
    by_hour: dict[int, Group] = Factory(dict)
    by_priority: dict[str, Group] = Factory(dict)
    visitors: Tally[str] = Factory(Tally)
    open_seconds: dict[str, float] = Factory(dict)
    busy_seconds: dict[str, float] = Factory(dict)
    overtakings: int = 0
    refused: Tally[tuple[str, str]] = Factory(Tally)

    def count(self, *statuses: TicketStatus) -> int:
        """Return how many tickets ended, or stand, in these statuses."""
        return sum(self.visitors.get(status.value, 0) for status in statuses)

    @property
    def arrived(self) -> int:
        """How many people held a ticket that counted: not those never printed."""
        return self.visitors.total() - self.count(TicketStatus.LAPSED, TicketStatus.RESERVED)

    def add_leg(self, ticket: Ticket, leg: Leg, hour: int) -> None:
        """Count a leg that ended."""
        outcome = leg.outcome
        done = outcome is LegOutcome.FINISHED or outcome is LegOutcome.TRANSFERRED
        for group in self._groups(leg.service, leg.counter, hour, ticket):
            group.outcomes[outcome.value] += 1
            group.wait.add(leg.waited, ended=leg.called)
            if leg.called:
                group.walk.add(leg.walked, ended=leg.started)
            if leg.started:
                group.service.add(leg.served, ended=done)
            if leg.held:
                group.hold.add(leg.held, ended=outcome is not LegOutcome.UNSERVED)

    def _groups(self, service: str, counter: str | None, hour: int, ticket: Ticket) -> list[Group]:
        groups = [
            self.hall,
            _group(self.by_service, service),
            _group(self.by_hour, hour),
            _group(self.by_priority, ticket.priority.value if ticket.priority else "regular"),
        ]
        if counter is not None:
            groups.append(_group(self.by_counter, counter))
        return groups

    def _add_open_leg(self, ticket: Ticket, hour: int, at: datetime) -> None:
        status = ticket.status
        spent = (at - ticket.since).total_seconds()
        started = status is TicketStatus.SERVING or status is TicketStatus.ON_HOLD
        called = started or status is TicketStatus.CALLED
        for group in self._groups(ticket.service, ticket.counter if called else None, hour, ticket):
            group.outcomes["open"] += 1
            group.wait.add(ticket.waited + (spent if status is TicketStatus.WAITING else 0), ended=called)
            if called:
                group.walk.add(ticket.walked + (spent if status is TicketStatus.CALLED else 0), ended=started)
            if started:
                group.service.add(ticket.served + (spent if status is TicketStatus.SERVING else 0), ended=False)
            on_hold = status is TicketStatus.ON_HOLD
            if ticket.held or on_hold:
                group.hold.add(ticket.held + (spent if on_hold else 0), ended=not on_hold)

    def merge(self, other: "Measures") -> None:
        """Count all of another's too."""
        self.hall.merge(other.hall)
        for mine, theirs in (
            (self.by_service, other.by_service),
            (self.by_counter, other.by_counter),
            (self.by_priority, other.by_priority),
        ):
            for key, group in theirs.items():
                _group(mine, key).merge(group)
        for hour, group in other.by_hour.items():
            _group(self.by_hour, hour).merge(group)
        self.visitors.update(other.visitors)
        for sums, more in ((self.open_seconds, other.open_seconds), (self.busy_seconds, other.busy_seconds)):
            for counter, seconds in more.items():
                sums[counter] = sums.get(counter, 0.0) + seconds
        self.overtakings += other.overtakings
        self.refused.update(other.refused)


def _group(groups: dict[K, Group], key: K) -> Group:
    found = groups.get(key)
    if found is None:
        found = groups[key] = Group()
    return found


def measure(day: QueueDay, at: datetime, zone: ZoneInfo) -> Measures:
    """Return what a day amounts to, seen from an instant; hours are those of `zone`."""
    made = Measures()
    for ticket in day.tickets.values():
        made.visitors[ticket.status.value] += 1
        for leg in ticket.legs:
            made.add_leg(ticket, leg, leg.entered_at.astimezone(zone).hour)
        if ticket.is_live and ticket.status is not TicketStatus.RESERVED:
            made._add_open_leg(ticket, ticket.entered_at.astimezone(zone).hour, at)
    for counter in day.counters.values():
        made.open_seconds[counter.id] = counter.open_until(at)
        made.busy_seconds[counter.id] = counter.busy_until(at)
    made.overtakings = sum(len(call.overtook) for call in day.calls)
    made.refused.update(day.refused)
    return made
