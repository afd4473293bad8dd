"""A profile: how many visitors come when, for what, and how long they take; and drawing the visits of days from it.

The one that ships, `city-2020`, is what one European city's hall saw in 2020; its file says what is measured there
and what is assumed. All chance is in `random.Random`, seeded by the caller's seed and the date.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import Any

from attrs import field, frozen

from mppkit.blueprint import Blueprint
from mppkit.calendars import Opening
from mppkit.errors import BlueprintError, Problem, nearest, shown
from mppkit.queues.model import PriorityGroup
from mppkit.rehearsal.visits import (
    LONGEST_SERVICE_SECONDS,
    Plan,
    Visit,
    after_opening,
    open_seconds,
    opening_to_rehearse,
)

_QUARTER = timedelta(minutes=15)
_KNOTS = tuple(NormalDist().inv_cdf(share) for share in (0.1, 0.5, 0.9, 0.99))


@frozen(kw_only=True)
class Kind:
    """A kind of service.

    Attributes:
        share: its weight among the kinds, more than 0.
        p10, p50, p90, p99: seconds at the counter that so many percent of its visits did not exceed.
        appointments: the share of its visits that have an appointment.
    """

    id: str
    share: float
    p10: float
    p50: float
    p90: float
    p99: float
    appointments: float = 0.0
    _logs: tuple[float, ...] = field(init=False, repr=False, eq=False)

    @_logs.default
    def _logs_of_percentiles(self) -> tuple[float, ...]:
        return tuple(log(seconds) for seconds in (self.p10, self.p50, self.p90, self.p99))

    def seconds(self, share: float) -> int:
        """Return the whole seconds that a share of the visits (0 to 1) do not exceed.

        Exact at the four percentiles, lognormal between them, and the outer pieces go on beyond, from 1 second up to
        four hours. For the kinds of `city-2020` the means of what is drawn so are 0.3 to 6 % below the log's own.

        >>> kind = Kind(id="register", share=1, p10=76, p50=242, p90=897, p99=2480)
        >>> kind.seconds(0.5), kind.seconds(0.9), kind.seconds(0.7)
        (242, 897, 414)
        """
        z = NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9))
        piece = min(max(bisect_right(_KNOTS, z) - 1, 0), len(_KNOTS) - 2)
        left, right = _KNOTS[piece], _KNOTS[piece + 1]
        low, high = self._logs[piece], self._logs[piece + 1]
        seconds = exp(low + (high - low) * (z - left) / (right - left))
        return min(max(round(seconds), 1), LONGEST_SERVICE_SECONDS)


@frozen(kw_only=True)
class Assumptions:
    """What a profile's source does not say: shares of the visits, and spans of minutes that are drawn from evenly."""

    no_show: float = 0.0
    gives_up: float = 0.0
    patience_minutes: tuple[float, float] = (20, 60)
    transfer: float = 0.0
    hold: float = 0.0
    hold_minutes: tuple[float, float] = (3, 12)
    second_service: float = 0.0


@frozen(kw_only=True)
class Profile:
    """How many visitors come when, for what, and how long they take.

    Three rules make it fit any mall. The shape of the day is stretched over the hours in which the mall is open, and
    the number of visitors is kept. The services of a kind share its visits evenly; a service whose blueprint names
    no kind is of the kind `other`. The visits of a kind that no service is of go to the other kinds by their shares.

    Attributes:
        name: what it is taken from.
        hours: mean visitors in each hour of its own opening, in order.
        weekdays: how many times the mean comes on a weekday (0 is Monday); one that is not there counts 1.
        priority: the share of the visitors in each priority group.
        kinds: the kinds of service.
        other: the id of the kind of services that name none.
        assumptions: what nobody has counted.
        source: the file.
    """

    name: str
    hours: tuple[float, ...]
    weekdays: Mapping[int, float]
    priority: Mapping[PriorityGroup, float]
    kinds: tuple[Kind, ...]
    other: str
    assumptions: Assumptions
    source: str

    def plan(self, blueprint: Blueprint, days: Iterable[date], *, seed: int) -> Plan:
        """Draw the visits of some days; a day's visits depend on the seed and its date, not on the days around it.

        Raises:
            BlueprintError: services of the blueprint are of a kind that the profile does not have.
            InvalidValueError: the hall is closed on one of the days; says why, and which day it opens next.
        """
        services = self._services(blueprint)
        present = {kind.id for kind, _ in services.values()}
        whole = sum(kind.share for kind in self.kinds)
        return Plan(
            source=f"profile {self.source}: {self.name}",
            seed=seed,
            days={
                on: self._draw(services, opening_to_rehearse(blueprint.calendar, on), seed) for on in sorted(set(days))
            },
            notes=tuple(
                f"no service is of the kind {kind.id}; its share ({kind.share / whole:.1%}) goes to the other kinds"
                for kind in self.kinds
                if kind.id not in present
            ),
        )

    def _services(self, blueprint: Blueprint) -> dict[str, tuple[Kind, float]]:
        """Return each service's kind and its weight among all services."""
        kinds = {kind.id: kind for kind in self.kinds}
        of_kind: dict[str, list[str]] = {}
        problems = []
        for service in blueprint.directory.services:
            kind_id = service.profile or self.other
            of_kind.setdefault(kind_id, []).append(service.id)
            if kind_id not in kinds:
                problems.append(
                    Problem(
                        file=", ".join(blueprint.sources) or blueprint.id,
                        path="service.profile",
                        row=service.id,
                        found=shown(kind_id),
                        allowed=f"give a kind of {self.source}: {', '.join(kinds)}",
                        suggestion=nearest(kind_id, kinds),
                    )
                )
        if problems:
            raise BlueprintError(problems)
        return {
            service: (kinds[kind_id], kinds[kind_id].share / len(services))
            for kind_id, services in of_kind.items()
            for service in services
        }

    def _draw(self, services: Mapping[str, tuple[Kind, float]], opening: Opening, seed: int) -> tuple[Visit, ...]:
        chance = Random(f"{seed}/{opening.on.isoformat()}")  # noqa: S311 - no secret
        weight = self.weekdays.get(opening.on.weekday(), 1.0)
        ids = tuple(services)
        weights = [share for _, share in services.values()]
        visits = []
        for arrives_at in _arrivals(self.hours, weight, opening, chance):
            first, second, third = chance.choices(ids, weights, k=3)
            kind = services[first][0]
            has_appointment = chance.random() < kind.appointments
            visits.append(
                Visit(
                    arrives_at=arrives_at,
                    service=first,
                    service_seconds=kind.seconds(chance.random()),
                    priority=_group(self.priority, chance.random()),
                    appointment_at=_appointment_at(arrives_at, opening) if has_appointment else None,
                    **self._happenings(services, first, second, third, has_appointment, chance),
                )
            )
        return tuple(visits)

    def _happenings(
        self,
        services: Mapping[str, tuple[Kind, float]],
        first: str,
        second: str,
        third: str,
        has_appointment: bool,
        chance: Random,
    ) -> dict[str, Any]:
        """Draw what the assumptions say of one visit: always as many chances, so that one share moves no other's."""
        assumed = self.assumptions
        no_show, gives_up, patience, transfer, hold, held, more = (chance.random() for _ in range(7))
        second_seconds, third_seconds = (services[s][0].seconds(chance.random()) for s in (second, third))
        happens: dict[str, Any] = {"absent": no_show < assumed.no_show}
        if gives_up < assumed.gives_up:
            happens["patience_seconds"] = _within(assumed.patience_minutes, patience)
        if hold < assumed.hold:
            happens["hold_seconds"] = _within(assumed.hold_minutes, held)
        if transfer < assumed.transfer and third != first:
            happens["transfer_to"], happens["transfer_seconds"] = third, third_seconds
        if more < assumed.second_service and second != first and not has_appointment:
            happens["more"] = ((second, second_seconds),)
        return happens


def _within(minutes: tuple[float, float], share: float) -> int:
    return round(60 * (minutes[0] + (minutes[1] - minutes[0]) * share))


def _group(shares: Mapping[PriorityGroup, float], chance: float) -> PriorityGroup | None:
    for group, share in shares.items():
        chance -= share
        if chance < 0:
            return group
    return None


def _arrivals(hours: Sequence[float], weight: float, opening: Opening, chance: Random) -> list[datetime]:
    """Draw instants at which the hall is open: in each stretch of the day a Poisson stream of its own rate."""
    length = open_seconds(opening)
    instants = []
    for index, mean in enumerate(hours):
        share = _gap(chance, mean * weight)
        while share < 1:
            # a whole second is as exact as a log, and below it machines differ
            instants.append(after_opening(opening, int((index + share) / len(hours) * length)))
            share += _gap(chance, mean * weight)
    return instants


def _gap(chance: Random, rate: float) -> float:
    return -log(1 - chance.random()) / rate if rate > 0 else 1.0


def _appointment_at(arrives_at: datetime, opening: Opening) -> datetime:
    """Return the quarter of an hour before which somebody comes; the one before where the hall is not open by then."""
    since = (arrives_at - datetime.min.replace(tzinfo=arrives_at.tzinfo)) % _QUARTER
    before = arrives_at - since
    after = before + _QUARTER
    if opening.is_open_at(after):
        return after
    return before if opening.is_open_at(before) else arrives_at
