"""What the queue room talks about: tickets, their legs, counters at work, calls, appointments, and the limits of steps.

Values only: what may happen to them is `rules`, what did happen is `events`, how they change is `fold`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import Attribute, field, frozen

from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import InvalidValueError


class PriorityGroup(StrEnum):
    """Who is served with priority (*kelompok rentan*), free of charge.

    Source: UU 25/2009 Article 29 and its elucidation, from reports of it (the text was not read); that no ratio of
    priority to regular calls is laid down is why the discipline is a policy.
    """

    ELDERLY = "lansia"
    DISABILITY = "disabilitas"
    PREGNANT = "ibu_hamil"
    NURSING = "ibu_menyusui"
    CHILD = "anak"
    DISASTER_VICTIM = "korban_bencana"


PRIORITY_BASIS = LegalBasis(regulation="UU 25/2009", article="29", verified=False)
"""Why a priority group is served first."""


class TicketStatus(StrEnum):
    """Where a ticket (*nomor antrean*) stands; the last six are ends."""

    RESERVED = "reserved"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    ON_HOLD = "on_hold"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    UNSERVED = "unserved"
    INTERRUPTED = "interrupted"


LIVE = frozenset(
    {
        TicketStatus.RESERVED,
        TicketStatus.WAITING,
        TicketStatus.CALLED,
        TicketStatus.SERVING,
        TicketStatus.ON_HOLD,
    }
)
"""The statuses in which somebody is still to be served."""


class CounterStatus(StrEnum):
    """Whether a counter (*loket*) can call."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class LegOutcome(StrEnum):
    """How one leg of a visit ended."""

    FINISHED = "finished"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    UNSERVED = "unserved"
    INTERRUPTED = "interrupted"


APPOINTMENT_PREFIX = "J"
"""What an appointment's code begins with (J as in *janji temu*); no ticket may, for a code is never called out."""


class AppointmentStatus(StrEnum):
    """Where an appointment (*janji temu*) stands."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    MISSED = "missed"


@frozen(kw_only=True)
class Leg:
    """One stretch of a visit: from entering a line until the service was given, or the visitor left counter or line.

    It holds at most one call: whoever is sent on, or back into a line, begins the next leg.

    Attributes:
        counter: the counter that called it, or took it over from hold; None when it was never called.
        waited: seconds in the line; walked: seconds from the call to the start; served and held: seconds at the
            counter and put aside. All 0 or more.
        started: whether service began.
        given: the services really given, which need not be the one that was asked for.
    """

    service: str
    counter: str | None
    officer: str | None
    entered_at: datetime
    ended_at: datetime
    waited: float
    walked: float
    served: float
    held: float
    started: bool
    outcome: LegOutcome
    given: tuple[str, ...] = ()

    @property
    def called(self) -> bool:
        """Whether the wait ended with a call; if not, `waited` is only a lower bound (it is censored)."""
        return self.counter is not None


@frozen(kw_only=True)
class Ticket:
    """A visitor's ticket (*nomor antrean*) as it stands.

    Attributes:
        number: what is called out, such as `A-001`; never used twice on one day.
        order: the how-manieth ticket of the day, from 1; breaks ties of `place_at`.
        service: the service of the present leg; `pending`: the services of the visit that come after it.
        subject: the person's id, never a name or number of a person; None for an anonymous visitor.
        place_at: the instant that gives its place in the line; later than `issued_at` where a place was lost.
        since: when it came to stand as it stands; `entered_at`: when the present leg began.
        counter: where this leg is, or was last; `for_counter`: the one counter that may call it, or None for any.
        recalls: how often it was called again in this leg; `called_at`: the last of these calls.
        waited, walked, served, held: seconds of the present leg, up to `since`.
        legs: the legs that ended.
        survey_token: the code by which the visitor can answer a survey; only on the ticket that `issue`, `reserve` or
            `check_in` returns, to be printed, and recorded nowhere.
    """

    number: str
    order: int
    service: str
    pending: tuple[str, ...]
    priority: PriorityGroup | None
    subject: str | None
    appointment: str | None
    appointment_at: datetime | None
    issued_at: datetime
    place_at: datetime
    status: TicketStatus
    since: datetime
    entered_at: datetime
    counter: str | None
    officer: str | None
    for_counter: str | None
    recalls: int
    called_at: datetime | None
    waited: float
    walked: float
    served: float
    held: float
    legs: tuple[Leg, ...]
    survey_token: str | None = field(default=None, repr=False, eq=False)

    @property
    def is_live(self) -> bool:
        """Whether somebody is still to be served."""
        return self.status in LIVE

    @property
    def priority_basis(self) -> LegalBasis | None:
        """The law behind its priority, or None for a regular ticket."""
        return PRIORITY_BASIS if self.priority else None

    @property
    def given(self) -> tuple[str, ...]:
        """The services given so far."""
        return tuple(service for leg in self.legs for service in leg.given)


@frozen(kw_only=True)
class CounterAtWork:
    """A counter (*loket*) on one day.

    Attributes:
        ticket: the number it has called or serves, or None when it is free.
        since: when ticket or status last changed.
        opened_at: since when it is open without a pause; None while it is not.
        open_seconds: how long it was open today before `opened_at`, pauses not counted.
        busy_seconds: how long it had a ticket today, up to `since`.
        recent: whether each of its last calls was of a priority ticket, the newest last; at most 32.
    """

    id: str
    status: CounterStatus
    officer: str | None
    services: tuple[str, ...]
    ticket: str | None
    since: datetime
    opened_at: datetime | None
    open_seconds: float
    busy_seconds: float
    recent: tuple[bool, ...]

    def open_until(self, at: datetime) -> float:
        """Return how many seconds it was open today up to an instant, pauses not counted."""
        return self.open_seconds + ((at - self.opened_at).total_seconds() if self.opened_at else 0.0)

    def busy_until(self, at: datetime) -> float:
        """Return how many seconds it had a ticket today up to an instant: from each call until it was free again."""
        return self.busy_seconds + ((at - self.since).total_seconds() if self.ticket else 0.0)


@frozen(kw_only=True)
class Call:
    """A call and why it was this one: a line of the fairness ledger.

    Attributes:
        rule: the discipline's name, or `chosen` where an officer picked.
        facts: what decided.
        overtook: the numbers that had stood longer in this counter's line, the first of them first.
        waited: seconds the ticket had waited in this leg when it was called.
    """

    number: str
    service: str
    counter: str
    at: datetime
    rule: str
    because: str
    because_english: str
    facts: Mapping[str, str | int | float]
    overtook: tuple[str, ...]
    waited: float
    priority: PriorityGroup | None

    @property
    def reason(self) -> Reason:
        """Why this one, as a sentence in each language."""
        basis = PRIORITY_BASIS if self.priority and self.overtook else None
        return Reason(code=self.rule, indonesian=self.because, english=self.because_english, basis=basis)


@frozen(kw_only=True)
class Overtaking:
    """One ticket that was called before another that had stood longer.

    Attributes:
        cost_seconds: how long the overtaker then kept a counter (walk and service, not hold); None while that is not
            over.
    """

    overtaker: str
    overtaken: str
    counter: str
    at: datetime
    rule: str
    reason: Reason
    cost_seconds: float | None


@frozen(kw_only=True)
class Appointment:
    """A booked visit (*janji temu*); `ticket` once it was checked in."""

    code: str
    service: str
    appointment_at: datetime
    priority: PriorityGroup | None
    subject: str | None
    status: AppointmentStatus
    ticket: str | None = None


# Any: attrs ties a validator to one field's exact type, and this one serves int and float fields
def at_least(least: float, *, whole: bool = False) -> Callable[[object, "Attribute[Any]", Any], None]:
    """Return an attrs validator for a number of at least `least`, whole where asked."""
    kinds = int if whole else int | float

    def check(_: object, attribute: "Attribute[Any]", value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value < 1e9:
            raise InvalidValueError(attribute.name, value, f"give a {'whole ' * whole}number, {least:g} or more")

    return check


@frozen(kw_only=True)
class Limits:
    """How far the steps of a queue may go; each regency's own choice, no law lays them down.

    Attributes:
        recall_limit: how often a called ticket may be called again.
        recall_delay_seconds: how long to wait before calling again.
        confirm_within_seconds: a reserved ticket that was not confirmed as printed by then lapses.
        undo_within_seconds: how long a counter's last step can be undone.
        check_in_early_minutes, check_in_late_minutes: how long before and after its time an appointment checks in.
        promise_minutes: the wait the hall promises; `Durations.within` counts the share that kept it.
    """

    recall_limit: int = field(default=3, validator=at_least(0, whole=True))
    recall_delay_seconds: float = field(default=30, validator=at_least(0))
    confirm_within_seconds: float = field(default=120, validator=at_least(1))
    undo_within_seconds: float = field(default=120, validator=at_least(0))
    check_in_early_minutes: float = field(default=30, validator=at_least(0))
    check_in_late_minutes: float = field(default=15, validator=at_least(0))
    promise_minutes: float = field(default=15, validator=at_least(0))
