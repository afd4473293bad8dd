"""Who is next: the discipline's Protocol and the defaults that a blueprint can name.

A discipline sees the line in the order of the places and answers with one ticket of it, and why. It reads no clock
and no store, so a recorded day can be called again under another one.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import field, frozen

from mppkit.errors import InvalidValueError
from mppkit.queues.model import Ticket, at_least


@frozen(kw_only=True)
class Situation:
    """What a discipline may know besides the line.

    Attributes:
        recent: whether each of this counter's last calls was of a priority ticket, the newest last; at most 32.
        expected_seconds: how long a service is expected to take, or None where nobody knows.
    """

    now: datetime
    counter: str
    recent: tuple[bool, ...]
    expected_seconds: Callable[[str], float | None]


@frozen(kw_only=True)
class Choice:
    """Who is next and why: a sentence in each language, and the facts that decided.

    Raises:
        InvalidValueError: a reason is no text, or a fact is neither a text nor a finite number: it is to be recorded.
    """

    ticket: Ticket
    because: str
    because_english: str
    facts: Mapping[str, str | int | float] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.because, str) or not isinstance(self.because_english, str):
            raise InvalidValueError("because", self.because, "give the reason as a text, in each language")
        for name, value in self.facts.items():
            if not isinstance(name, str) or not (isinstance(value, str) or _is_finite(value)):
                raise InvalidValueError(f"facts.{name}", value, "a fact is a text or a finite number under a name")


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


class Discipline(Protocol):
    """Who is next: a plain function `f(line, situation)` will do.

    The line is never empty and holds only waiting tickets that the counter may serve, in the order of their places.
    A bare Ticket is as good an answer as a Choice; it is recorded under the function's name without further facts.
    """

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Ticket | Choice:
        """Return one ticket of the line."""
        ...


_FIRST = ("Paling awal dalam antrean.", "First in the line.")


@frozen(kw_only=True)
class FirstCome:
    """First come, first served."""

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the first of the line."""
        return Choice(ticket=line[0], because=_FIRST[0], because_english=_FIRST[1])


def _first_priority(line: Sequence[Ticket]) -> Ticket | None:
    return next((ticket for ticket in line if ticket.priority), None)


def _priority_choice(ticket: Ticket, **facts: str | int | float) -> Choice:
    group = ticket.priority.value if ticket.priority else ""
    return Choice(
        ticket=ticket,
        because=f"Kelompok prioritas ({group}) didahulukan.",
        because_english=f"A priority group ({group}) goes first.",
        facts={"priority": group, **facts},
    )


@frozen(kw_only=True)
class StrictPriority:
    """Priority groups before all others, each by first come; regular visitors can starve, so look at the measures."""

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the first of the priority groups, else the first of the line."""
        first = _first_priority(line)
        if first is None:
            return Choice(ticket=line[0], because=_FIRST[0], because_english=_FIRST[1])
        return _priority_choice(first)


@frozen(kw_only=True)
class PriorityAgeing:
    """Priority groups with a head start: a regular visitor who has waited that much longer still goes first.

    Nobody starves: whoever comes later than `head_start_minutes` after a regular visitor never overtakes them.
    """

    head_start_minutes: float = field(default=30, validator=at_least(0))

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the longest waiting, the head start counted in."""
        first = line[0]
        ahead = first if first.priority else _first_priority(line)
        if ahead is None or (
            ahead is not first and ahead.place_at - timedelta(minutes=self.head_start_minutes) > first.place_at
        ):
            return Choice(ticket=first, because=_FIRST[0], because_english=_FIRST[1])
        return _priority_choice(ahead, head_start_minutes=self.head_start_minutes)


@frozen(kw_only=True)
class Ratio:
    """So many priority calls to so many regular ones at each counter, such as 2 to 1, while both kinds wait."""

    priority: int = field(default=2, validator=at_least(1, whole=True))
    regular: int = field(default=1, validator=at_least(1, whole=True))

    def __attrs_post_init__(self) -> None:
        if self.priority + self.regular > 32:
            raise InvalidValueError("priority", self.priority, "priority and regular may add up to 32 at most")

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the first of the kind whose turn it is."""
        ahead = _first_priority(line)
        regular = next((ticket for ticket in line if not ticket.priority), None)
        if ahead is None or regular is None:
            return Choice(ticket=line[0], because=_FIRST[0], because_english=_FIRST[1])
        window = situation.recent[-(self.priority + self.regular - 1) :]
        called = sum(window)
        if called < self.priority:
            return _priority_choice(ahead, ratio=f"{self.priority}:{self.regular}", priority_calls=called)
        return Choice(
            ticket=regular,
            because=f"Giliran umum menurut rasio {self.priority}:{self.regular}.",
            because_english=f"A regular visitor's turn in the ratio {self.priority}:{self.regular}.",
            facts={"ratio": f"{self.priority}:{self.regular}", "priority_calls": called},
        )


@frozen(kw_only=True)
class AppointmentWindow:
    """Appointments whose time has come go first, by their time; then priority groups; then by first come.

    Attributes:
        early_minutes: an appointment counts as come so long before its time.
    """

    early_minutes: float = field(default=0, validator=at_least(0))

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the earliest appointment that is due, else the first priority group, else the first of the line."""
        until = situation.now + timedelta(minutes=self.early_minutes)
        due = [
            (ticket.appointment_at, index)
            for index, ticket in enumerate(line)
            if ticket.appointment_at is not None and ticket.appointment_at <= until
        ]
        if not due:
            return StrictPriority()(line, situation)
        at, index = min(due)
        return Choice(
            ticket=line[index],
            because="Janji temu sudah tiba waktunya.",
            because_english="The appointment's time has come.",
            facts={"appointment_at": at.isoformat()},
        )


@frozen(kw_only=True)
class ShortestService:
    """The service expected to take least time first; whoever waited `longest_wait_minutes` goes before all others.

    A service whose length nobody knows counts as the longest.
    """

    longest_wait_minutes: float = field(default=45, validator=at_least(0))

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Choice:
        """Return the ticket of the shortest service, or the first of the line if that has waited too long."""
        first = line[0]
        waited = (situation.now - first.place_at).total_seconds()
        if waited >= self.longest_wait_minutes * 60:
            return Choice(
                ticket=first,
                because=f"Sudah menunggu {waited / 60:.0f} menit.",
                because_english=f"Has waited {waited / 60:.0f} minutes.",
                facts={"waited_seconds": waited},
            )
        expected = {service: situation.expected_seconds(service) for service in {ticket.service for ticket in line}}
        known = {service: seconds for service, seconds in expected.items() if seconds is not None}
        if not known:
            return Choice(ticket=first, because=_FIRST[0], because_english=_FIRST[1])
        shortest = min(known.values())
        ticket = next(ticket for ticket in line if known.get(ticket.service) == shortest)
        return Choice(
            ticket=ticket,
            because=f"Layanan tersingkat (sekitar {shortest / 60:.0f} menit).",
            because_english=f"The shortest service (about {shortest / 60:.0f} minutes).",
            facts={"expected_seconds": shortest},
        )
