"""Random commands from several counters and two desks on one store, checked after each step against a plain model."""

from collections import Counter as Tally
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mppkit.calendars import Calendar
from mppkit.clock import VirtualClock
from mppkit.codec import Codec
from mppkit.directory import Counter, Directory, Service
from mppkit.errors import InvalidValueError, RefusedError, TransitionError
from mppkit.queues import arrivals, rules
from mppkit.queues.day import QueueDay, place
from mppkit.queues.desk import QueueDesk
from mppkit.queues.disciplines import (
    AppointmentWindow,
    FirstCome,
    PriorityAgeing,
    Ratio,
    ShortestService,
    StrictPriority,
)
from mppkit.queues.events import EVENTS
from mppkit.queues.fold import apply
from mppkit.queues.hall import Hall as HallOfTheRules
from mppkit.queues.measures import Group, Measures, measure
from mppkit.queues.model import LIVE, CounterStatus, Limits, PriorityGroup, Ticket, TicketStatus
from mppkit.queues.policies import KeepsPlace, LosesPlace, QueuePolicies
from mppkit.storage import MemoryStore

ZONE = ZoneInfo("Asia/Makassar")
ON = date(2026, 11, 24)
STREAM = "badung/queue/2026-11-24"
CODEC = Codec(EVENTS)
OPENING = {"open": {"officer": None, "services": None}}
SERVICES = {"nib": "A", "kia": "B", "pajak": "C", "paspor": "D"}
COUNTERS = {"loket-1": ("nib", "kia"), "loket-2": ("kia", "pajak"), "loket-3": ("nib", "kia", "pajak")}
"""No counter gives `paspor` unless it is opened for it."""

DIRECTORY = Directory(
    agencies=(),
    services=tuple(
        Service(
            id=id_, name=id_, name_english=id_, agency="pemda", prefix=prefix, daily_quota=12 if id_ == "kia" else None
        )
        for id_, prefix in SERVICES.items()
    ),
    counters=tuple(Counter(id=id_, name=id_, services=given) for id_, given in COUNTERS.items()),
)

W, C, S, H = TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.ON_HOLD
FROM = {
    "confirm": {TicketStatus.RESERVED},
    "call": {W},
    "start": {C},
    "recall": {C},
    "no_show": {C},
    "hold": {S},
    "finish": {S},
    "resume": {H},
    "transfer": {W, C, S, H},
    "return_to_line": {C, S, H, TicketStatus.NO_SHOW},
    "cancel": {TicketStatus.RESERVED, W, C, S, H},
}
"""Where a ticket must stand for each step, written down a second time so that the room's own table is checked."""

DISCIPLINES = [
    FirstCome(),
    StrictPriority(),
    PriorityAgeing(head_start_minutes=5),
    Ratio(priority=2, regular=1),
    AppointmentWindow(early_minutes=5),
    ShortestService(longest_wait_minutes=10),
]
PLACEMENTS = [KeepsPlace(), LosesPlace(), KeepsPlace(after_no_show=True)]
SECONDS = [1, 29, 30, 31, 60, 61, 120, 121, 300, 601]
MORE = [(), (), ("kia",), ("pajak", "nib")]
PRIORITIES = [None, None, PriorityGroup.ELDERLY, "disabilitas"]
SUBJECTS = [None, None, "orang-1", "orang-2"]
GIVEN = [None, ("paspor",), ("kia", "pajak")]
NEXT_STEPS = ["start", "start", "finish", "finish", "finish", "hold", "no_show", "return_to_line"]

pick = st.integers(0, 10**6)
counters = st.sampled_from(sorted(COUNTERS))
services = st.sampled_from(sorted(SERVICES))
limits = Limits(recall_limit=2, recall_delay_seconds=30, confirm_within_seconds=120, undo_within_seconds=60)


def desk_on(store: MemoryStore, clock: VirtualClock, policies: QueuePolicies) -> QueueDesk:
    return QueueDesk(
        mall="badung", store=store, directory=DIRECTORY, calendar=Calendar(zone=ZONE), policies=policies, clock=clock
    )


def refolded(store: MemoryStore) -> QueueDay:
    day = QueueDay(on=ON)
    for row in store.read(STREAM):
        apply(day, CODEC.decode(row.name, row.event_version, row.data), row.at)
    return day


class Trial:
    """The same day folded a second time, on which steps can be tried without consequences."""

    def __init__(self, store: MemoryStore, policies: QueuePolicies, at: datetime) -> None:
        self.day = refolded(store)
        self.hall = HallOfTheRules(directory=DIRECTORY, opening=Calendar(zone=ZONE).opening(ON), policies=policies)
        self.at = at
        self.do(arrivals.lapses)

    def do(self, step, *args, **options) -> None:
        for event in step(self.day, self.hall, *args, self.at, **options):
            apply(self.day, event, self.at)

    def take(self, number: str, step: str) -> None:
        """Take a step that an error said was allowed; the counter that it needs is made free first."""
        ticket = self.day.tickets[number]
        if step == "call":
            counter = ticket.for_counter or "loket-1"
            self.make_free(counter, reopen=ticket.for_counter is None)
            self.do(rules.call_chosen, counter, number, why="test")
        elif step == "resume":
            self.make_free(ticket.counter)
            self.do(rules.resume, number)
        elif step == "transfer":
            self.do(rules.transfer, number, service="paspor" if ticket.service != "paspor" else "nib")
        elif step == "confirm":
            self.do(arrivals.confirm, number)
        else:
            self.do(getattr(rules, step), number)

    def make_free(self, counter_id: str, *, reopen: bool = False) -> None:
        counter = self.day.counters.get(counter_id)
        if counter and counter.ticket:
            self.do(rules.return_to_line, counter.ticket)
        if reopen:
            if counter and counter.status is not CounterStatus.CLOSED:
                self.do(rules.close_counter, counter_id)
            self.do(rules.open_counter, counter_id, officer=None, services=tuple(SERVICES))
        elif counter.status is CounterStatus.PAUSED:
            self.do(rules.resume_counter, counter_id)
        elif counter.status is CounterStatus.CLOSED:
            self.do(rules.open_counter, counter_id, officer=None, services=None)


class Hall(RuleBasedStateMachine):
    @initialize(
        discipline=st.sampled_from(DISCIPLINES),
        placement=st.sampled_from(PLACEMENTS),
    )
    def set_up(self, discipline, placement):
        self.clock = VirtualClock("2026-11-24T09:00:00+08:00")
        self.store = MemoryStore()
        self.policies = QueuePolicies(discipline=discipline, placement=placement, limits=limits)
        self.desks = [desk_on(self.store, self.clock, self.policies) for _ in range(2)]
        self.issued: list[str] = []
        self.codes: list[str] = []
        self.status: dict[str, TicketStatus] = {}
        self.at_counter: dict[str, str | None] = dict.fromkeys(COUNTERS)
        self.counter_status: dict[str, CounterStatus | None] = dict.fromkeys(COUNTERS)
        self.is_closed = False
        self.came_at: dict[str, datetime] = {}
        self.told: set[tuple[object, ...]] = set()
        self.checked = 0
        for counter in ("loket-1", "loket-3"):
            self.desks[0].open_counter(counter, officer="sri")
            self.counter_status[counter] = CounterStatus.OPEN
        for service, priority in (("nib", None), ("kia", "lansia"), ("nib", None), ("pajak", "anak"), ("kia", None)):
            self.came(self.desks[0].issue(service, priority=priority))
            self.clock.advance(seconds=60)

    # --- helpers of the model ---

    @property
    def desk(self) -> QueueDesk:
        self.desks.reverse()  # the two desks take turns, so each has always something to catch up
        return self.desks[0]

    def live_day(self, desk: QueueDesk) -> QueueDay:
        return desk._days.view("2026-11-24", lambda day: day)

    def number(self, n: int, step: str) -> str:
        """A ticket to try a step on: mostly one that can take it, sometimes any."""
        fit = [number for number in self.issued if self.status[number] in FROM[step]] if n % 6 < 5 else []
        return (fit or self.issued)[n // 6 % len(fit or self.issued)]

    def counter(self, n: int) -> str:
        """A counter to call at: mostly a free one, sometimes any."""
        fit = [counter for counter in COUNTERS if self.is_free(counter)] if n % 6 < 5 else []
        return (fit or sorted(COUNTERS))[n // 6 % len(fit or COUNTERS)]

    def came(self, ticket: Ticket) -> None:
        assert ticket.number not in self.status, "a number was used twice"
        self.issued.append(ticket.number)
        self.status[ticket.number] = ticket.status
        self.came_at[ticket.number] = self.clock.now()

    def lapse_model(self) -> None:
        """A reservation that was not confirmed in time counts as lapsed, whether or not that is recorded yet."""
        for number, at in self.came_at.items():
            if self.status[number] is TicketStatus.RESERVED and self.clock.now() - at > timedelta(seconds=120):
                self.status[number] = TicketStatus.LAPSED

    def move(self, number: str, ticket: Ticket, *expected: TicketStatus) -> None:
        assert ticket.number == number
        assert ticket.status in expected
        self.status[number] = ticket.status
        for counter, there in self.at_counter.items():
            if there == number:
                self.at_counter[counter] = None
        if ticket.status in (C, S):
            assert ticket.counter is not None
            assert self.at_counter[ticket.counter] is None, "two tickets at one counter"
            self.at_counter[ticket.counter] = number

    def step(self, name: str, number: str, act, *expected: TicketStatus, may_refuse: tuple[type[Exception], ...] = ()):
        """Take a step; it must work exactly where the ticket stands right, save for reasons named in `may_refuse`."""
        self.lapse_model()
        possible = not self.is_closed and self.status[number] in FROM[name]
        try:
            done = act()
        except TransitionError as error:
            self.check_allowed(error)
            if possible and TransitionError not in may_refuse:
                raise
            return None
        except InvalidValueError:
            assert InvalidValueError in may_refuse
            return None
        assert possible, f"{name} was let through from {self.status[number]}"
        self.move(number, self.desk.ticket(number), *expected)
        return done

    def is_free(self, counter: str) -> bool:
        return self.counter_status[counter] is CounterStatus.OPEN and self.at_counter[counter] is None

    # --- are the steps that an error allows really possible? ---

    def check_allowed(self, error: TransitionError) -> None:
        assert error.step not in error.allowed
        told = (error.subject.partition(" ")[0], error.step, error.status.partition(" ")[0], error.allowed)
        if told in self.told:
            return
        self.told.add(told)
        if self.is_closed:
            assert error.allowed == ()
            return
        kind, _, key = error.subject.partition(" ")
        for step in error.allowed:
            trial = Trial(self.store, self.policies, self.clock.now())
            if kind == "ticket":
                trial.take(key, step)
            elif kind == "counter" and self.at_counter[key] is not None:
                trial.take(self.at_counter[key], step)
            elif kind == "counter":
                trial.do(
                    rules.call_next if step == "call" else getattr(rules, f"{step}_counter"),
                    key,
                    **OPENING.get(step, {}),
                )
            else:
                assert any(self.can_take(number, step) for number in self.at_counter.values() if number)

    def can_take(self, number: str, step: str) -> bool:
        try:
            Trial(self.store, self.policies, self.clock.now()).take(number, step)
        except TransitionError:
            return False
        return True

    # --- time, counters, the day ---

    @rule(seconds=st.sampled_from(SECONDS))
    def time_passes(self, seconds):
        self.clock.advance(seconds=seconds)

    @rule(counter=counters, own=st.sampled_from([None, None, ("paspor", "nib"), ("pajak",)]))
    def open_counter(self, counter, own):
        was = self.counter_status[counter]
        try:
            opened = self.desk.open_counter(counter, officer="sri", services=own)
        except TransitionError as error:
            assert self.is_closed or was in (CounterStatus.OPEN, CounterStatus.PAUSED)
            self.check_allowed(error)
            return
        assert not self.is_closed
        assert was in (None, CounterStatus.CLOSED)
        assert opened.services == (own or COUNTERS[counter])
        self.counter_status[counter] = CounterStatus.OPEN

    @rule(counter=counters, verb=st.sampled_from(["pause", "resume", "close"]))
    def change_counter(self, counter, verb):
        was = self.counter_status[counter]
        possible = {
            "pause": self.is_free(counter),
            "resume": was is CounterStatus.PAUSED,
            "close": was in (CounterStatus.OPEN, CounterStatus.PAUSED) and self.at_counter[counter] is None,
        }[verb]
        try:
            getattr(self.desk, f"{verb}_counter")(counter)
        except TransitionError as error:
            assert self.is_closed or not possible
            self.check_allowed(error)
            return
        assert possible
        assert not self.is_closed
        self.counter_status[counter] = {
            "pause": CounterStatus.PAUSED,
            "resume": CounterStatus.OPEN,
            "close": CounterStatus.CLOSED,
        }[verb]

    @precondition(lambda self: len(self.issued) > 8)
    @rule(abandon=st.booleans(), sure=st.integers(0, 9))
    def close_day(self, abandon, sure):
        if sure:  # seldom, for nothing can happen afterwards
            return
        self.lapse_model()
        busy = [number for number in self.at_counter.values() if number]
        try:
            self.desk.close_day(abandon=abandon)
        except TransitionError as error:
            assert self.is_closed or (busy and not abandon)
            self.check_allowed(error)
            return
        assert not self.is_closed
        assert abandon or not busy
        self.is_closed = True
        ends = {W: "unserved", H: "unserved", C: "interrupted", S: "interrupted", TicketStatus.RESERVED: "lapsed"}
        self.status = {n: TicketStatus(ends[s]) if s in LIVE else s for n, s in self.status.items()}
        self.at_counter = dict.fromkeys(COUNTERS)
        self.counter_status = {c: s and CounterStatus.CLOSED for c, s in self.counter_status.items()}

    # --- coming in ---

    @rule(
        first=services,
        more=st.sampled_from(MORE),
        priority=st.sampled_from(PRIORITIES),
        subject=st.sampled_from(SUBJECTS),
        verb=st.sampled_from(["issue", "issue", "reserve"]),
    )
    def come(self, first, more, priority, subject, verb):
        more = tuple(service for service in more if service != first)
        self.lapse_model()
        day = self.live_day(self.desks[0])
        held = subject is not None and any(
            self.status[ticket.number] in LIVE
            and ticket.subject == subject
            and first in (ticket.service, *ticket.pending)
            for ticket in day.tickets.values()
        )
        try:
            ticket = getattr(self.desk, verb)(first, *more, priority=priority, subject=subject)
        except TransitionError as error:
            assert self.is_closed
            self.check_allowed(error)
            return
        except RefusedError as error:
            codes = {reason.code for reason in error.decision.reasons}
            assert codes <= {"quota_reached", "already_waiting"}
            assert ("already_waiting" in codes) == held
            return
        assert not self.is_closed
        assert not held
        assert ticket.service == first
        assert ticket.pending == more
        assert ticket.status is (TicketStatus.RESERVED if verb == "reserve" else W)
        self.came(ticket)

    @rule(n=pick)
    def confirm(self, n):
        number = self.number(n, "confirm")
        self.step("confirm", number, lambda: self.desk.confirm(number), W)

    @rule(service=services, minutes=st.integers(0, 40), priority=st.sampled_from([None, "lansia"]))
    def book(self, service, minutes, priority):
        try:
            booked = self.desk.book(service, self.clock.now() + timedelta(minutes=minutes), priority=priority)
        except RefusedError:
            assert not self.is_closed
            return
        except TransitionError:
            assert self.is_closed
            return
        assert booked.code not in self.codes
        self.codes.append(booked.code)

    @precondition(lambda self: self.codes)
    @rule(n=pick)
    def check_in(self, n):
        code = self.codes[n % len(self.codes)]
        before = {a.code: a for a in self.desk.appointments()}[code]
        try:
            ticket = self.desk.check_in(code)
        except RefusedError as error:
            minutes = (before.appointment_at - self.clock.now()).total_seconds() / 60
            assert minutes > 30 or minutes < -15
            code = error.decision.reasons[0].code
            assert code == ("too_early" if minutes > 30 else "too_late")
            return
        except TransitionError:
            assert before.status.value in ("cancelled", "missed") or self.is_closed
            return
        if before.status.value == "checked_in":
            assert ticket.number == before.ticket
        else:
            assert ticket.appointment_at == before.appointment_at
            self.came(ticket)

    @precondition(lambda self: self.codes)
    @rule(n=pick)
    def cancel_appointment(self, n):
        code = self.codes[n % len(self.codes)]
        before = {a.code: a for a in self.desk.appointments()}[code]
        try:
            assert self.desk.cancel_appointment(code).status.value == "cancelled"
        except TransitionError:
            assert before.status.value != "booked" or self.is_closed
        else:
            assert before.status.value == "booked"

    # --- calling ---

    @rule(n=pick)
    def call_next(self, n):
        self.lapse_model()
        counter = self.counter(n)
        line = self.line(counter)
        try:
            call = self.desk.call_next(counter)
        except TransitionError as error:
            assert self.is_closed or not self.is_free(counter)
            self.check_allowed(error)
            return
        assert not self.is_closed
        assert self.is_free(counter)
        if call is None:
            assert not line
            return
        self.called(counter, call, line)
        self.check_order(call, line)

    @rule(n=pick, m=pick)
    def call_chosen(self, n, m):
        number, counter = self.number(n, "call"), self.counter(m)
        line = self.line(counter)
        free = self.is_free(counter)
        reasons = () if free else (TransitionError,)
        if number not in [ticket.number for ticket in line]:
            reasons += (InvalidValueError,)
        call = self.step("call", number, lambda: self.desk.call(counter, number, why="sakit"), C, may_refuse=reasons)
        if call is not None:
            assert free
            assert call.rule == "chosen"
            self.check_ledger(call, line)

    def line(self, counter: str) -> list[Ticket]:
        """Who waits for a counter, found without the room's own lines."""
        if self.counter_status[counter] is None:
            return []
        day = self.live_day(self.desks[0])
        at_work = day.counters[counter]
        return sorted(
            (
                ticket
                for ticket in day.tickets.values()
                if ticket.status is W
                and (ticket.for_counter == counter if ticket.for_counter else ticket.service in at_work.services)
            ),
            key=lambda ticket: (ticket.place_at, ticket.order),
        )

    def called(self, counter, call, line) -> None:
        ticket = self.desk.ticket(call.number)
        assert ticket.counter == counter
        assert self.status[call.number] is W
        self.move(call.number, ticket, C)
        self.check_ledger(call, line)

    def check_ledger(self, call, line) -> None:
        """Those overtaken are just those that had stood longer."""
        numbers = [ticket.number for ticket in line]
        assert list(call.overtook) == numbers[: numbers.index(call.number)]
        assert call.because
        assert call.because_english

    def check_order(self, call, line) -> None:
        chosen = next(ticket for ticket in line if ticket.number == call.number)
        passed = line[: line.index(chosen)]
        discipline = self.policies.discipline
        if isinstance(discipline, FirstCome):
            assert not passed
        elif isinstance(discipline, AppointmentWindow):
            assert chosen.appointment_at or all(
                bool(ticket.priority) != bool(chosen.priority) or ticket.appointment_at for ticket in passed
            )
        elif isinstance(discipline, ShortestService):
            assert all(ticket.service != chosen.service for ticket in passed)
        else:
            assert all(bool(ticket.priority) != bool(chosen.priority) for ticket in passed)
        if isinstance(discipline, StrictPriority):
            assert chosen.priority or not any(ticket.priority for ticket in line)
        if isinstance(discipline, PriorityAgeing):
            assert all(chosen.place_at - ticket.place_at <= timedelta(minutes=5) for ticket in passed)

    # --- serving ---

    @rule(n=pick)
    def recall(self, n):
        number = self.number(n, "recall")
        ticket = self.desk.ticket(number)
        too_often = ticket.recalls >= 2
        too_soon = ticket.called_at is not None and (self.clock.now() - ticket.called_at).total_seconds() < 30
        refusals = (TransitionError,) if too_often or too_soon else ()
        done = self.step("recall", number, lambda: self.desk.recall(number), C, may_refuse=refusals)
        assert done is None or (not refusals and done.recalls == ticket.recalls + 1)

    @rule(n=pick, verb=st.sampled_from(["start", "start", "no_show", "hold"]))
    def plain_step(self, n, verb):
        number = self.number(n, verb)
        ends = {"start": S, "no_show": TicketStatus.NO_SHOW, "hold": H}
        self.step(verb, number, lambda: getattr(self.desk, verb)(number), ends[verb])

    @rule(n=pick)
    def cancel(self, n):
        number = self.number(n, "cancel")
        end = TicketStatus.LAPSED if self.status[number] is TicketStatus.RESERVED else TicketStatus.CANCELLED
        self.step("cancel", number, lambda: self.desk.cancel(number), end)

    @rule(n=pick)
    def return_to_line(self, n):
        number = self.number(n, "return_to_line")
        self.step("return_to_line", number, lambda: self.desk.return_to_line(number), W)

    @rule(counter=counters, verb=st.sampled_from(NEXT_STEPS))
    def next_step_of_counter(self, counter, verb):
        """What a counter really does most of the time, so that the machine gets far."""
        number = self.at_counter[counter]
        if number is None:
            return
        if self.status[number] is C and verb in ("finish", "hold"):
            verb = "start"
        ends = {"start": (S,), "finish": (TicketStatus.FINISHED, W), "hold": (H,), "return_to_line": (W,)}
        expected = ends.get(verb, (TicketStatus.NO_SHOW,))
        self.step(verb, number, lambda: getattr(self.desk, verb)(number), *expected)

    @rule(n=pick, counter=st.sampled_from([None, *sorted(COUNTERS)]))
    def resume(self, n, counter):
        number = self.number(n, "resume")
        ticket = self.desk.ticket(number)
        there = counter or ticket.counter
        refusals: tuple[type[Exception], ...] = ()
        if there is None or not self.is_free(there):
            refusals += (TransitionError,)
        elif there != ticket.counter and ticket.service not in self.live_day(self.desks[0]).counters[there].services:
            refusals += (InvalidValueError,)
        if ticket.status is not H:
            refusals = ()
        done = self.step("resume", number, lambda: self.desk.resume(number, counter=counter), S, may_refuse=refusals)
        assert done is None or not refusals

    @rule(
        n=pick, service=st.sampled_from([None, *sorted(SERVICES)]), counter=st.sampled_from([None, *sorted(COUNTERS)])
    )
    def transfer(self, n, service, counter):
        number = self.number(n, "transfer")
        ticket = self.desk.ticket(number)
        target = service or ticket.service
        refusals: tuple[type[Exception], ...] = ()
        if counter is not None:
            if self.counter_status[counter] in (None, CounterStatus.CLOSED):
                refusals += (TransitionError,)
            elif target not in self.live_day(self.desks[0]).counters[counter].services:
                refusals += (InvalidValueError,)
        here = (ticket.for_counter,) if ticket.status is W else (None, ticket.counter)
        if target == ticket.service and (counter in here or (service is None and counter is None)):
            refusals += (InvalidValueError,)
        done = self.step(
            "transfer",
            number,
            lambda: self.desk.transfer(number, service=service, counter=counter),
            W,
            may_refuse=refusals if self.status[number] in FROM["transfer"] else (),
        )
        if done is not None:
            assert not refusals
            assert (done.service, done.for_counter) == (target, counter)
            assert done.pending == ticket.pending

    @rule(n=pick, given=st.sampled_from(GIVEN))
    def finish(self, n, given):
        number = self.number(n, "finish")
        ticket = self.desk.ticket(number)
        done = self.step("finish", number, lambda: self.desk.finish(number, given=given), TicketStatus.FINISHED, W)
        if done is not None:
            left = [service for service in ticket.pending if service not in (given or (ticket.service,))]
            assert done.status is (W if left else TicketStatus.FINISHED)
            assert done.legs[-1].given == (given or (ticket.service,))
            if left:
                assert [done.service, *done.pending] == left

    @rule(counter=counters)
    def undo(self, counter):
        before = self.live_day(self.desks[0])
        step = before.last.get(counter)
        possible = (
            not self.is_closed
            and step is not None
            and before.tickets[step.ticket_after.number] == step.ticket_after
            and (self.clock.now() - step.at).total_seconds() <= 60
        )
        try:
            ticket = self.desk.undo(counter)
        except TransitionError as error:
            assert not possible
            self.check_allowed(error)
            return
        assert possible
        assert ticket == step.ticket_before
        self.move(ticket.number, ticket, ticket.status)

    # --- what must always hold ---

    @invariant()
    def all_holds(self):
        rows = len(self.store.read(STREAM))
        if rows != self.checked:
            self.checked = rows
            self.every_ticket_is_somewhere_and_once()
            self.live_state_is_what_the_events_fold_to()
            self.no_second_is_lost_or_counted_twice()
            self.every_call_has_its_leg()
            self.measures_add_up_and_recount_alike()
            self.quota_counts_what_was_issued()
            self.the_views_agree_with_the_tickets()

    def every_ticket_is_somewhere_and_once(self):
        day = self.live_day(self.desks[0])
        assert list(day.tickets) == self.issued
        self.lapse_model()
        in_line = Tally(ticket.number for line in day.lines.values() for ticket in line)
        for number, ticket in day.tickets.items():
            known = self.status[number]
            stale = known is TicketStatus.LAPSED and ticket.status is TicketStatus.RESERVED
            assert ticket.status is known or stale, (number, ticket.status, known)
            assert in_line[number] == (ticket.status is W)
            assert (number in day.reserved) == (ticket.status is TicketStatus.RESERVED)
            at = [counter.id for counter in day.counters.values() if counter.ticket == number]
            assert at == ([ticket.counter] if ticket.status in (C, S) else [])
        for key, line in day.lines.items():
            assert [place(t) for t in line] == sorted(place(t) for t in line)
            assert all(key == (f"@{t.for_counter}" if t.for_counter else t.service) for t in line)
        for ticket in day.waiting():
            if ticket.for_counter is not None:
                counter = day.counters[ticket.for_counter]
                assert counter.status is not CounterStatus.CLOSED, "nobody would ever call it"
                assert ticket.service in counter.services
        assert {c.id: c.ticket for c in day.counters.values() if c.ticket} == {
            c: n for c, n in self.at_counter.items() if n
        }
        assert {c: day.counters[c].status if c in day.counters else None for c in COUNTERS} == self.counter_status

    def live_state_is_what_the_events_fold_to(self):
        fresh = refolded(self.store)
        assert self.live_day(self.desks[0]) == fresh
        assert self.live_day(self.desks[1]) == fresh

    def no_second_is_lost_or_counted_twice(self):
        day, now = self.live_day(self.desks[0]), self.clock.now()
        at_counters = 0.0
        for ticket in day.tickets.values():
            for leg in ticket.legs:
                spent = leg.waited + leg.walked + leg.served + leg.held
                assert spent == pytest.approx((leg.ended_at - leg.entered_at).total_seconds())
                at_counters += leg.walked + leg.served
                assert (leg.counter is not None) == leg.called
                assert leg.called or not leg.started
            if ticket.status in (W, C, S, H):
                spent = ticket.waited + ticket.walked + ticket.served + ticket.held
                assert spent == pytest.approx((ticket.since - ticket.entered_at).total_seconds())
                at_counters += ticket.walked + ticket.served
                if ticket.status in (C, S):
                    at_counters += (now - ticket.since).total_seconds()
        seen = day.closed_at or now
        assert sum(c.busy_until(seen) for c in day.counters.values()) == pytest.approx(at_counters)
        for counter in day.counters.values():
            assert counter.busy_until(seen) <= counter.open_until(seen) + 1e-6

    def every_call_has_its_leg(self):
        day = self.live_day(self.desks[0])
        calls = Tally(call.number for call in day.calls)
        for ticket in day.tickets.values():
            open_leg = ticket.status in (C, S, H)
            assert calls[ticket.number] == sum(leg.called for leg in ticket.legs) + open_leg
        overtakings = self.desk.overtakings()
        assert len(overtakings) == sum(len(call.overtook) for call in day.calls)
        for one in overtakings:
            over = one.cost_seconds is not None
            running = day.tickets[one.overtaker].status in (C, S, H)
            last = [call for call in day.calls if call.number == one.overtaker][-1]
            assert over or (running and last.at == one.at)

    def measures_add_up_and_recount_alike(self):
        measures = self.desks[0].measures()
        day = refolded(self.store)
        assert measures == measure(day, day.closed_at or self.clock.now(), ZONE)
        for split in (measures.by_service, measures.by_hour, measures.by_priority):
            assert merged(split.values()) == measures.hall
        at_counters = merged(measures.by_counter.values())
        assert at_counters.walk == measures.hall.walk
        assert at_counters.service == measures.hall.service
        assert at_counters.hold == measures.hall.hold
        assert at_counters.wait.ended == measures.hall.wait.ended
        assert not at_counters.wait.censored
        assert measures.visitors.total() == len(self.issued)
        twice = Measures()
        twice.merge(measures)
        twice.merge(measures)
        assert twice.hall.legs == 2 * measures.hall.legs
        assert twice.visitors.total() == 2 * len(self.issued)

    def quota_counts_what_was_issued(self):
        day = self.live_day(self.desks[0])
        first = Tally()
        for row in self.store.read(STREAM):
            if row.name == "queue.ticket_issued":
                event = CODEC.decode(row.name, row.event_version, row.data)
                first[event.service] += day.tickets[event.number].status is not TicketStatus.LAPSED
        assert day.issued == first
        assert first["kia"] <= 12

    def the_views_agree_with_the_tickets(self):
        day = self.live_day(self.desks[0])
        board = self.desk.board()
        waiting = Tally(ticket.service for ticket in day.tickets.values() if ticket.status is W)
        assert {row.service: row.waiting for row in board.services if row.waiting} == dict(waiting)
        assert board.waiting == waiting.total()
        assert {row.counter: row.ticket for row in board.counters if row.ticket} == {
            c: n for c, n in self.at_counter.items() if n
        }
        for counter in day.counters:
            view = self.desk.counter(counter)
            assert list(view.line) == self.line(counter)
            assert {t.number for t in view.on_hold} == {
                t.number for t in day.tickets.values() if t.status is H and t.counter == counter
            }
        for number in self.issued[-3:]:
            position = self.desk.position(number)
            ticket = day.tickets[number]
            assert position.status is ticket.status
            assert (position.people_ahead is None) == (ticket.status is not W)
            if ticket.status is W:
                assert position.people_ahead < waiting.total()
                assert position.position == position.people_ahead + 1
                assert (position.likely_at is None) == (position.counters_open == 0 or not any(day.paces.values()))
                if position.likely_at is not None:
                    assert position.earliest_at <= position.likely_at <= position.latest_at

    def teardown(self):
        if not hasattr(self, "desks"):
            return
        if not self.is_closed:
            self.desk.close_day(abandon=True)
        measures = self.desk.measures()
        assert measures.visitors.total() == len(self.issued)
        assert not any(TicketStatus(status) in LIVE for status, n in measures.visitors.items() if n)
        assert "open" not in measures.hall.outcomes


def merged(groups) -> Group:
    total = Group()
    for group in groups:
        total.merge(group)
    return total


def test_no_command_sequence_breaks_a_hall():
    run_state_machine_as_test(
        Hall,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def a_step(hall: Hall, random: Random):
    """One step of a walk, weighted as on a busy day."""
    number, counter, service = random.randrange(10**6), random.choice(sorted(COUNTERS)), random.choice(sorted(SERVICES))
    weighted = [
        (20, lambda: hall.next_step_of_counter(counter, random.choice(NEXT_STEPS))),
        (16, lambda: hall.call_next(number)),
        (12, lambda: hall.time_passes(random.choice(SECONDS))),
        (9, lambda: hall.come(service, *map(random.choice, (MORE, PRIORITIES, SUBJECTS, ["issue", "reserve"])))),
        (8, lambda: hall.undo(counter)),
        (8, lambda: hall.resume(number, random.choice([None, counter]))),
        (7, lambda: hall.transfer(number, random.choice([None, service]), random.choice([None, counter]))),
        (6, lambda: hall.confirm(number)),
        (6, lambda: hall.open_counter(counter, random.choice([None, ("paspor", "nib")]))),
        (5, lambda: hall.change_counter(counter, random.choice(["pause", "resume", "close"]))),
        (4, lambda: hall.call_chosen(number, random.randrange(10**6))),
        (4, lambda: hall.finish(number, random.choice(GIVEN))),
        (4, lambda: hall.return_to_line(number)),
        (3, lambda: hall.plain_step(number, "hold")),
        (3, lambda: hall.recall(number)),
        (3, lambda: hall.book(service, random.randrange(40), random.choice(["lansia", None]))),
        (2, lambda: hall.codes and hall.check_in(number)),
        (1, lambda: hall.cancel(number)),
        (1, lambda: hall.codes and hall.cancel_appointment(number)),
    ]
    weights, steps = zip(*weighted, strict=True)
    return random.choices(steps, weights)[0]


@pytest.mark.parametrize("seed", range(40))
def test_no_long_day_breaks_a_hall(seed):
    """The same machine on long walks that mostly take possible steps, which chance alone seldom strings together."""
    random = Random(seed)
    hall = Hall()
    hall.set_up(random.choice(DISCIPLINES), random.choice(PLACEMENTS))
    for _ in range(120):
        a_step(hall, random)()
        hall.all_holds()
    hall.teardown()
