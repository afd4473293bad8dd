"""The folded state of one queue day: what stands where, and nothing about why it may move.

A `QueueDay` is changed in place, and only by `fold`; whoever else holds one reads.
"""

from bisect import bisect_left, insort
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from attrs import Factory, define

from mppkit.queues.model import Appointment, Call, CounterAtWork, Ticket, TicketStatus

PACES_KEPT = 50
"""How many of a service's last durations the estimates look at."""


class Step(NamedTuple):
    """A counter's last step, with what stood before it, so that it can be undone."""

    name: str
    at: datetime
    counter_before: CounterAtWork
    ticket_before: Ticket
    ticket_after: Ticket


def place(ticket: Ticket) -> tuple[datetime, int]:
    """Return what orders a line: the instant that gives the place, then the order of issue."""
    return ticket.place_at, ticket.order


def line_key(ticket: Ticket) -> str:
    """Return the line a waiting ticket stands in: its service's, or one counter's own (`@loket-3`)."""
    return "@" + ticket.for_counter if ticket.for_counter else ticket.service


def line_at(counter: CounterAtWork, lines: Mapping[str, Sequence[Ticket]]) -> tuple[Ticket, ...]:
    """Return the tickets of all lines that a counter may serve, in the order of their places."""
    found = [line for key in counter.services if (line := lines.get(key))]
    if own := lines.get("@" + counter.id):
        found.append(own)
    if len(found) == 1:
        return tuple(found[0])
    return tuple(sorted((ticket for line in found for ticket in line), key=place))


@define(eq=True)
class QueueDay:
    """One hall on one local date, as folded from its events.

    Attributes:
        touched_at: when the last event happened.
        tickets: every ticket by number; appointments: every one by code.
        lines: the waiting tickets in the order of their places, by `line_key`.
        series: how many numbers of each series are used; issued: tickets by first service, lapsed ones not counted.
        reserved: since when each unconfirmed ticket is reserved, oldest first.
        subjects: the numbers of each person's tickets.
        calls: the fairness ledger; refused: refusals by service and code.
        last: each counter's last step that can be undone.
        paces: seconds from call to end of each service's last tickets.
    """

    on: date | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    touched_at: datetime | None = None
    order: int = 0
    tickets: dict[str, Ticket] = Factory(dict)
    lines: dict[str, list[Ticket]] = Factory(dict)
    counters: dict[str, CounterAtWork] = Factory(dict)
    series: dict[str, int] = Factory(dict)
    issued: Tally[str] = Factory(Tally)
    reserved: dict[str, datetime] = Factory(dict)
    subjects: dict[str, tuple[str, ...]] = Factory(dict)
    appointments: dict[str, Appointment] = Factory(dict)
    calls: list[Call] = Factory(list)
    refused: Tally[tuple[str, str]] = Factory(Tally)
    last: dict[str, Step] = Factory(dict)
    paces: dict[str, list[tuple[str, float]]] = Factory(dict)

    def line_of(self, counter: CounterAtWork) -> tuple[Ticket, ...]:
        """Return the waiting tickets that a counter may serve, in the order of their places."""
        return line_at(counter, self.lines)

    def waiting(self) -> Iterator[Ticket]:
        """Iterate over all waiting tickets, line by line."""
        for line in self.lines.values():
            yield from line

    def put(self, before: Ticket | None, after: Ticket) -> None:
        """Let `after` stand for `before`, and keep the lines right."""
        if before is not None and before.status is TicketStatus.WAITING:
            line = self.lines[line_key(before)]
            index = 0 if line[0] is before else bisect_left(line, place(before), key=place)
            del line[index]
        if after.status is TicketStatus.WAITING:
            line = self.lines.setdefault(line_key(after), [])
            if not line or place(line[-1]) < place(after):
                line.append(after)
            else:
                insort(line, after, key=place)
        self.tickets[after.number] = after
