"""Random steps by two writers on one zone, possible or not, checked after each against plain dicts of fractions."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mppkit.aggregates import Repository
from mppkit.clock import VirtualClock
from mppkit.codec import Codec
from mppkit.decisions import Decision, Outcome
from mppkit.errors import TransitionError
from mppkit.permits import capacity_rules as rules
from mppkit.permits.capacity import Limit, Override, ReleaseCause, Use, Zone, ZoneCapacity
from mppkit.permits.capacity_events import EVENTS, CapacityEvent, Overcommitted
from mppkit.permits.capacity_ledger import ZONES, Ledger, apply
from mppkit.permits.capacity_policies import AskForLess, CapacityPolicy, LetPass, RefuseBeyond
from mppkit.storage import MemoryStore, Query, Where, audit

Figures = dict[str, Fraction]

CODEC = Codec(EVENTS)
UNITS = {"kamar-hotel": "kamar", "air": "m3/hari", "sampah": "ton/hari"}
OVERRIDE = Override(officer="pegawai-7", why="Menggantikan yang terbakar")

applications = st.sampled_from([f"p-{n}" for n in range(6)])
resources = st.sampled_from(sorted(UNITS))
amounts = st.decimals("0.0001", "60", places=4).map(lambda amount: amount.normalize() + Decimal("0.00"))
limits = st.decimals("0", "120", places=1)
wishes = st.dictionaries(resources, amounts, min_size=1)
policies = st.sampled_from([RefuseBeyond(), AskForLess(), LetPass()])


def limit(resource: str, amount: Decimal) -> Limit:
    return Limit(resource=resource, unit=UNITS[resource], amount=amount, source="KLHS", dated_on=date(2024, 3, 1))


def uses(wish: Mapping[str, Decimal]) -> tuple[Use, ...]:
    return tuple(Use(resource=resource, amount=amount) for resource, amount in wish.items())


def decimal(amount: Fraction) -> Decimal:
    """Return a sum of amounts as a Decimal; it has four digits after the point at most."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


class Zoning(RuleBasedStateMachine):
    """All policies, and limits that go up and down."""

    may_exceed = True

    @initialize(amount=limits)
    def start(self, amount: Decimal) -> None:
        self.chance = Random(7)
        self.store = MemoryStore()
        self.clock = VirtualClock("2026-11-24T08:00:00+08:00")
        self.desks = [Repository(ZONES, self.store, "badung") for _ in range(2)]
        self.limits: Figures = {}
        self.held: dict[str, tuple[str, Figures]] = {}
        self.overcommitments = 0
        self.levels: list[tuple[str, Fraction, Fraction, Fraction]] = []
        self.told: dict[str, tuple[Fraction, Fraction, Fraction]] = {}
        first = Zone(id="kuta", name="Kuta", name_english="Kuta", limits=(limit("kamar-hotel", amount),))
        assert len(self.do(lambda ledger: rules.first_limits(ledger, first))) == 1
        assert self.do(lambda ledger: rules.first_limits(ledger, first)) == ()
        self.limits["kamar-hotel"] = Fraction(amount)

    # --- the model ---------------------------------------------------------------------------------------------

    def total(self, resource: str, status: str) -> Fraction:
        return sum((held.get(resource, 0) for is_, held in self.held.values() if is_ == status), Fraction(0))

    def free(self, resource: str) -> Fraction:
        return self.limits[resource] - self.total(resource, "committed") - self.total(resource, "reserved")

    def answer(self, more: Figures, policy: CapacityPolicy, override: Override | None) -> Outcome:
        if not more.keys() <= self.limits.keys():
            return Outcome.NEEDS_FIRST
        if all(amount <= self.free(resource) for resource, amount in more.items()):
            return Outcome.GRANTED
        if isinstance(policy, RefuseBeyond):
            return Outcome.REFUSED
        return Outcome.GRANTED if isinstance(policy, LetPass) and override else Outcome.NEEDS_FIRST

    # --- the steps ---------------------------------------------------------------------------------------------

    def do(self, rule: Callable[[Ledger], rules.Events]) -> tuple[CapacityEvent, ...]:
        """Run a rule on what either writer knows, and record what it answers."""
        self.clock.advance(minutes=1)
        repository = self.chance.choice(self.desks)
        return tuple(
            repository.execute("kuta", lambda ledger, _: rule(ledger), lambda _, done: done, at=self.clock.now())
        )

    def ask(self, rule: Callable[[Ledger], tuple[rules.Events, Decision]]) -> Decision:
        decisions = []

        def asked(ledger: Ledger) -> rules.Events:
            events, decision = rule(ledger)
            decisions.append(decision)
            return events

        self.do(asked)
        return decisions[-1]

    def refused(self, step: str, rule: Callable[[Ledger], object]) -> None:
        with pytest.raises(TransitionError) as error:
            self.do(lambda ledger: rule(ledger))  # type: ignore[arg-type,return-value]
        assert error.value.step == step
        assert step not in error.value.allowed

    @rule(application=applications, wish=wishes, policy=policies, override=st.sampled_from([None, OVERRIDE]))
    def reserve(
        self, application: str, wish: dict[str, Decimal], policy: CapacityPolicy, override: Override | None
    ) -> None:
        policy = policy if self.may_exceed else RefuseBeyond()

        def ask(ledger: Ledger) -> tuple[rules.Events, Decision]:
            return rules.reserve(ledger, application, uses(wish), policy, override)

        if application in self.held:
            self.refused("reserve", ask)
            return
        wanted = {resource: Fraction(amount) for resource, amount in wish.items()}
        decision = self.ask(ask)
        assert decision.outcome is self.answer(wanted, policy, override)
        if decision.is_granted:
            self.held[application] = ("reserved", wanted)

    @rule(application=applications, wish=wishes, policy=policies, override=st.sampled_from([None, OVERRIDE]))
    def adjust(
        self, application: str, wish: dict[str, Decimal], policy: CapacityPolicy, override: Override | None
    ) -> None:
        policy = policy if self.may_exceed else RefuseBeyond()

        def ask(ledger: Ledger) -> tuple[rules.Events, Decision]:
            return rules.adjust(ledger, application, uses(wish), policy, override)

        if application not in self.held:
            self.refused("adjust", ask)
            return
        status, held = self.held[application]
        wanted = {resource: Fraction(amount) for resource, amount in wish.items()}
        more = {resource: amount - held.get(resource, 0) for resource, amount in wanted.items()}
        decision = self.ask(ask)
        grown = {resource: amount for resource, amount in more.items() if amount > 0}
        assert decision.outcome is self.answer(grown, policy, override)
        if decision.is_granted:
            self.held[application] = (status, wanted)

    @rule(application=applications, resource=resources, policy=policies, over=st.sampled_from(["0", "0", "0.0001"]))
    def take_all_that_is_free(self, application: str, resource: str, policy: CapacityPolicy, over: str) -> None:
        """To the last of it, or a little more; where a share is held, on top of it, and the rest stays as it is."""
        _, held = self.held.get(application, ("none", {}))
        wanted = dict(held)
        wanted[resource] = held.get(resource, 0) + Fraction(over)
        if resource in self.limits:
            wanted[resource] += max(self.free(resource), Fraction(0))
        wish = {r: decimal(amount) for r, amount in wanted.items() if amount > 0}
        if wish:
            step = self.adjust if application in self.held else self.reserve
            step(application=application, wish=wish, policy=policy, override=None)

    @rule(application=applications)
    def commit(self, application: str) -> None:
        status, held = self.held.get(application, ("none", {}))
        if status != "reserved":
            self.refused("commit", lambda ledger: rules.commit(ledger, application))
            return
        self.do(lambda ledger: rules.commit(ledger, application))
        self.held[application] = ("committed", held)

    @rule(application=applications, cause=st.sampled_from(ReleaseCause))
    def release(self, application: str, cause: ReleaseCause) -> None:
        if application not in self.held:
            self.refused("release", lambda ledger: rules.release(ledger, application, cause))
            return
        self.do(lambda ledger: rules.release(ledger, application, cause))
        del self.held[application]

    @rule(resource=resources, amount=limits)
    def set_limit(self, resource: str, amount: Decimal) -> None:
        if not self.may_exceed and amount < self.limits.get(resource, 0):
            return
        happened = self.do(lambda ledger: rules.set_limit(ledger, limit(resource, amount)))
        is_new = self.limits.get(resource) != amount
        self.limits[resource] = Fraction(amount)
        over = self.free(resource) < 0 and is_new
        assert len(happened) == is_new + over
        self.overcommitments += over

    @precondition(lambda self: self.may_exceed and self.held)
    @rule(resource=resources)
    def set_the_limit_to_what_is_used(self, resource: str) -> None:
        """Where a comparison that is off by one shows."""
        used = self.total(resource, "committed") + self.total(resource, "reserved")
        self.set_limit(resource, decimal(used))

    # --- what must hold ----------------------------------------------------------------------------------------

    @invariant()
    def the_zone_is_as_the_model_says(self) -> None:
        capacities = [desk.view("kuta", Ledger.capacity) for desk in self.desks]
        assert capacities[0] == capacities[1] == self.folded().capacity()
        self.check_figures(capacities[0])
        self.check_over_time(capacities[0])
        self.check_head(capacities[0])

    def folded(self) -> Ledger:
        ledger = Ledger(zone="kuta")
        overcommitments = 0
        for row in self.store.read("badung/zone/kuta"):
            event = CODEC.decode(row.name, row.event_version, row.data)
            overcommitments += isinstance(event, Overcommitted)
            apply(ledger, event, row.at)
        assert overcommitments == self.overcommitments
        assert {
            application: (held.status.value, {use.resource: Fraction(use.amount) for use in held.uses})
            for application, held in ledger.holdings.items()
        } == self.held
        return ledger

    def check_figures(self, capacity: ZoneCapacity) -> None:
        assert {each.limit.resource for each in capacity.resources} == self.limits.keys()
        for each in capacity.resources:
            resource = each.limit.resource
            assert Fraction(each.limit.amount) == self.limits[resource]
            assert Fraction(each.committed) == self.total(resource, "committed")
            assert Fraction(each.reserved) == self.total(resource, "reserved")
            assert Fraction(each.free) == self.free(resource)
            assert min(each.committed, each.reserved) >= 0
            if not self.may_exceed:
                assert each.free >= 0

    def check_over_time(self, capacity: ZoneCapacity) -> None:
        """What the model said after each step is what the levels say of that instant."""
        now = {r: (self.limits[r], self.total(r, "committed"), self.total(r, "reserved")) for r in self.limits}
        self.levels += [(r, *figures) for r, figures in now.items() if self.told.get(r) != figures]
        self.told = now
        levels = [(x.resource, *map(Fraction, (x.limit, x.committed, x.reserved))) for x in capacity.over_time]
        for resource in self.limits:
            assert [x for x in levels if x[0] == resource] == [x for x in self.levels if x[0] == resource]
        assert [x.at for x in capacity.over_time] == sorted(x.at for x in capacity.over_time)

    def check_head(self, capacity: ZoneCapacity) -> None:
        [head] = self.store.find(Query(mall="badung", category="zone"))
        listed = json.loads(head.summary)["resources"]
        assert {
            r: tuple(Fraction(told[k]) for k in ("limit", "committed", "reserved")) for r, told in listed.items()
        } == {r: self.told[r] for r in self.limits}
        over = self.store.find(Query(mall="badung", category="zone", where=(Where(label="overcommitted", value=1),)))
        assert bool(over) == any(self.free(resource) < 0 for resource in self.limits)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert audit(self.store).intact


class NeverOversold(Zoning):
    """The default policy alone, and limits that never go down: no zone is ever beyond its limit."""

    may_exceed = False


@pytest.mark.parametrize("machine", [Zoning, NeverOversold])
def test_what_a_zone_carries_is_conserved_in_any_order_of_steps(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=60, stateful_step_count=40, deadline=None))
