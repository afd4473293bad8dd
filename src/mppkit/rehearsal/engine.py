"""A day at the hall, played on the real rules: visitors come, counters call, time jumps from one happening to the next.

The engine decides nothing about the queue. It says what people do (come, give up, do not answer, take so long) and
hands each step to a `Steps`: the desk with its store, or the bare rules without one (both in `steps`). It reads no
clock and draws no chance: whatever could differ between two plays is in the visits.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol

from attrs import define

from mppkit.calendars import Opening
from mppkit.directory import Counter
from mppkit.errors import InvalidValueError
from mppkit.rehearsal.habits import Habits
from mppkit.rehearsal.visits import Visit


class Steps(Protocol):
    """What the engine asks of a queue; instants never go back."""

    def open_counter(self, at: datetime, counter: str) -> None:
        """Open a counter."""
        ...

    def pause_counter(self, at: datetime, counter: str) -> None:
        """Send a free counter into its break."""
        ...

    def resume_counter(self, at: datetime, counter: str) -> None:
        """End a counter's break."""
        ...

    def close_counter(self, at: datetime, counter: str) -> None:
        """Close a free counter."""
        ...

    def book(self, at: datetime, visit: Visit) -> str | None:
        """Book a visit's appointment and return its code, or None where it cannot be booked."""
        ...

    def arrive(self, at: datetime, visit: Visit, code: str | None) -> str | None:
        """Check in or issue a ticket and return its number, or None for a refusal."""
        ...

    def call_next(self, at: datetime, counter: str) -> str | None:
        """Call the next and return the number, or None if nobody waits for the counter."""
        ...

    def recall(self, at: datetime, number: str) -> None:
        """Call a called ticket again."""
        ...

    def start(self, at: datetime, number: str) -> None:
        """Begin to serve."""
        ...

    def hold(self, at: datetime, number: str) -> None:
        """Put a service aside."""
        ...

    def resume(self, at: datetime, number: str) -> None:
        """Go on with it at its counter."""
        ...

    def transfer(self, at: datetime, number: str, service: str) -> None:
        """Send a ticket on."""
        ...

    def no_show(self, at: datetime, number: str) -> None:
        """Record that nobody came."""
        ...

    def cancel(self, at: datetime, number: str) -> None:
        """Record that a waiting visitor gave up."""
        ...

    def finish(self, at: datetime, number: str) -> str | None:
        """End a service and return the visit's next one, if there is one."""
        ...

    def close_day(self, at: datetime) -> None:
        """Close the day; whoever is still there is recorded as that."""
        ...


@define
class _Visitor:
    visit: Visit
    number: str
    counter: str
    service: str
    seconds: float
    waits: bool = True
    was_called: bool = False
    recalled: int = 0
    held: bool = False
    sent_on: bool = False


@define
class _Desk:
    """A counter as its officer sees it; `ready` are those who were on hold and are back."""

    id: str
    services: frozenset[str]
    ready: deque[_Visitor]
    break_due: bool = False
    paused: bool = False


class _Play:
    """One day being played."""

    def __init__(self, steps: Steps, counters: Sequence[Counter], habits: Habits) -> None:
        self.steps = steps
        self.habits = habits
        self.desks = {c.id: _Desk(c.id, frozenset(c.services), deque()) for c in counters}
        self.at_work = len(self.desks)
        self.idle: dict[str, None] = {}  # the longest idle first
        self.live: dict[str, _Visitor] = {}
        self.calendar: list[tuple[datetime, int, Callable[[datetime, str], None], str]] = []
        self.order = 0
        self.doors_shut = False
        self.stopping = False
        self.walk = timedelta(seconds=habits.walk_seconds)
        self.recall_after = timedelta(seconds=habits.recall_seconds)

    def later(self, at: datetime, happening: Callable[[datetime, str], None], about: str) -> None:
        self.order += 1  # what was planned first happens first
        heappush(self.calendar, (at, self.order, happening, about))

    @property
    def is_over(self) -> bool:
        """Whether every counter has closed for the day, so that nobody will be called any more."""
        return self.stopping and not self.at_work

    # --- the counters' day ---

    def open_all(self, at: datetime, _: str) -> None:
        for desk in self.desks.values():
            self.steps.open_counter(at, desk.id)
        for desk in self.desks.values():
            self.free(at, desk)

    def break_all(self, at: datetime, _: str) -> None:
        for desk in self.desks.values():
            desk.break_due = True
            if desk.id in self.idle:
                self.free(at, desk)

    def reopen_all(self, at: datetime, _: str) -> None:
        back = [desk for desk in self.desks.values() if desk.paused]
        for desk in self.desks.values():
            desk.break_due = False
        for desk in back:
            desk.paused = False
            self.steps.resume_counter(at, desk.id)
        for desk in back:
            self.free(at, desk)

    def shut_doors(self, at: datetime, _: str) -> None:
        self.doors_shut = True
        self.go_home_if_empty(at)

    def go_home_if_empty(self, at: datetime) -> None:
        if self.doors_shut and not self.live:
            self.stop_calling(at, "")

    def stop_calling(self, at: datetime, _: str) -> None:
        self.stopping = True
        for desk in self.desks.values():
            if desk.paused or desk.id in self.idle:
                self.free(at, desk)

    def free(self, at: datetime, desk: _Desk) -> None:
        """Let a counter that serves nobody do what comes next."""
        if self.stopping and (desk.break_due or not desk.ready):
            self.idle.pop(desk.id, None)
            desk.paused = False
            self.at_work -= 1
            self.steps.close_counter(at, desk.id)
            return
        if desk.break_due:
            self.idle.pop(desk.id, None)
            desk.paused = True
            self.steps.pause_counter(at, desk.id)
            return
        if desk.ready:
            self.idle.pop(desk.id, None)
            visitor = desk.ready.popleft()
            self.steps.resume(at, visitor.number)
            self.later(at + timedelta(seconds=visitor.seconds / 2), self.end, visitor.number)
            return
        number = self.steps.call_next(at, desk.id)
        if number is None:
            self.idle[desk.id] = None
            self.go_home_if_empty(at)
            return
        self.idle.pop(desk.id, None)
        visitor = self.live[number]
        visitor.waits = False
        visitor.was_called = True
        visitor.counter = desk.id
        if visitor.visit.absent:
            self.later(at + self.recall_after, self.unanswered, number)
        elif self.walk:
            self.later(at + self.walk, self.start, number)
        else:
            self.start(at, number)

    # --- what visitors do ---

    def arrive(self, visit: Visit, code: str | None) -> None:
        at = visit.arrives_at
        number = self.steps.arrive(at, visit, code)
        if number is None:
            return
        self.live[number] = _Visitor(visit, number, "", visit.service, visit.service_seconds)
        if visit.patience_seconds is not None:
            self.later(at + timedelta(seconds=visit.patience_seconds), self.give_up, number)
        self.wake(at, visit.service)

    def wake(self, at: datetime, service: str) -> None:
        """Somebody came into the line of a service: the counter that has been idle longest calls."""
        for counter in self.idle:
            desk = self.desks[counter]
            if service in desk.services:
                self.free(at, desk)
                return

    def give_up(self, at: datetime, number: str) -> None:
        visitor = self.live.get(number)
        if visitor is not None and visitor.waits and not visitor.was_called:
            self.steps.cancel(at, number)
            del self.live[number]
            self.go_home_if_empty(at)

    def unanswered(self, at: datetime, number: str) -> None:
        visitor = self.live[number]
        if visitor.recalled < self.habits.recalls:
            visitor.recalled += 1
            self.steps.recall(at, number)
            self.later(at + self.recall_after, self.unanswered, number)
            return
        self.steps.no_show(at, number)
        del self.live[number]
        self.free(at, self.desks[visitor.counter])

    def start(self, at: datetime, number: str) -> None:
        visitor = self.live[number]
        self.steps.start(at, number)
        if visitor.visit.hold_seconds is not None and not visitor.held:
            self.later(at + timedelta(seconds=visitor.seconds / 2), self.hold, number)
        else:
            self.later(at + timedelta(seconds=visitor.seconds), self.end, number)

    def hold(self, at: datetime, number: str) -> None:
        visitor = self.live[number]
        visitor.held = True
        self.steps.hold(at, number)
        self.later(at + timedelta(seconds=visitor.visit.hold_seconds or 0), self.back, number)
        self.free(at, self.desks[visitor.counter])

    def back(self, at: datetime, number: str) -> None:
        """Whoever fetched something is back, and goes on when the counter is free; not at all if it has closed."""
        visitor = self.live[number]
        desk = self.desks[visitor.counter]
        desk.ready.append(visitor)
        if desk.id in self.idle:
            self.free(at, desk)

    def end(self, at: datetime, number: str) -> None:
        visitor = self.live[number]
        visit = visitor.visit
        if visit.transfer_to is not None and not visitor.sent_on:
            visitor.sent_on = True
            self.steps.transfer(at, number, visit.transfer_to)
            self.again(visitor, visit.transfer_to, visit.transfer_seconds)
        else:
            following = self.steps.finish(at, number)
            if following is None:
                del self.live[number]
            else:
                self.again(visitor, following, dict(visit.more).get(following, visit.service_seconds))
        self.free(at, self.desks[visitor.counter])
        if visitor.waits:
            self.wake(at, visitor.service)

    def again(self, visitor: _Visitor, service: str, seconds: float) -> None:
        visitor.service = service
        visitor.seconds = seconds
        visitor.waits = True
        self.live[visitor.number] = visitor


def play(
    visits: Iterable[Visit],
    steps: Steps,
    counters: Sequence[Counter],
    opening: Opening,
    *,
    habits: Habits | None = None,
    until: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Play one day: every counter opens, breaks and closes with the hall, and the visits come as they say.

    A sequence of visits has its appointments booked before the day begins; a stream of visits is read as it goes, and
    takes ordinary tickets. After closing the counters go on for the overtime of the habits, then the day closes.

    Args:
        visits: in the order of arrival.
        steps: what the steps are made on.
        counters: the counters that are staffed today.
        opening: when the hall is open today.
        habits: how the hall goes about its day; the defaults are assumptions.
        until: when everything stops whatever is going on, such as the last instant of the local day; whoever would
            come later does not.
        progress: called with the number of visits that have come.

    Raises:
        InvalidValueError: the hall is closed all day, or the visits are not in order.
    """
    if not opening.windows:
        reason = f" ({opening.reason.english})" if opening.reason else ""
        raise InvalidValueError("date", opening.on.isoformat(), f"the hall is closed that day{reason}; take another")
    habits = habits or Habits()
    game = _Play(steps, counters, habits)
    opens_at = opening.windows[0].opens_at
    closes_at = opening.windows[-1].closes_at
    stops_at = closes_at + timedelta(minutes=habits.overtime_minutes)
    if until is not None:
        closes_at, stops_at = min(closes_at, until), min(stops_at, until)
    game.later(opens_at, game.open_all, "")
    for window, following in zip(opening.windows, opening.windows[1:], strict=False):
        game.later(window.closes_at, game.break_all, "")
        game.later(following.opens_at, game.reopen_all, "")
    game.later(closes_at, game.shut_doors, "")
    game.later(stops_at, game.stop_calling, "")
    codes: Mapping[int, str | None] = {}
    if isinstance(visits, Sequence):
        booked_at = min(opens_at, visits[0].arrives_at) if visits else opens_at
        codes = {i: steps.book(booked_at, visit) for i, visit in enumerate(visits) if visit.appointment_at is not None}
    last_at = _come(game, visits, codes, until, progress)
    calendar = game.calendar
    while calendar and not game.is_over and (until is None or calendar[0][0] <= until):
        last_at, _, happening, about = heappop(calendar)
        happening(last_at, about)
    steps.close_day(closes_at if last_at is None else max(last_at, closes_at))


def _come(
    game: _Play,
    visits: Iterable[Visit],
    codes: Mapping[int, str | None],
    until: datetime | None,
    progress: Callable[[int], None] | None,
) -> datetime | None:
    """Let the visits come, and whatever happens meanwhile; return the instant of the last one."""
    calendar = game.calendar
    last_at = None
    for index, visit in enumerate(visits):
        arrives_at = visit.arrives_at
        if last_at is not None and arrives_at < last_at:
            raise InvalidValueError("visits", arrives_at.isoformat(), "give the visits in the order of arrival")
        if until is not None and arrives_at > until:
            break
        while calendar and calendar[0][0] <= arrives_at:
            at, _, happening, about = heappop(calendar)
            happening(at, about)
        last_at = arrives_at
        game.arrive(visit, codes.get(index))
        if progress is not None:
            progress(index + 1)
    return last_at
