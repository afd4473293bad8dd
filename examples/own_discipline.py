"""A rule of your own for who is next: a plain function of the line and the situation.

The same visitors come under two rules; the fairness ledger shows who overtook whom, and why.
"""

from collections.abc import Sequence

import attrs

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.queues.disciplines import Choice, FirstCome, Situation
from mppkit.queues.model import Ticket


def children_first(line: Sequence[Ticket], situation: Situation) -> Ticket | Choice:
    """Let visitors with a child go first; the answer may say why, in both languages."""
    for ticket in line:
        if ticket.priority == "anak":
            return Choice(ticket=ticket, because="Membawa anak.", because_english="Comes with a child.")
    return line[0]


blueprint = sample_blueprint()
service = blueprint.directory.services[0].id
counter = blueprint.directory.counters_of(service)[0].id

for discipline in (FirstCome(), children_first):
    clock = VirtualClock("2026-11-24T09:00:00+08:00")
    policies = attrs.evolve(blueprint.policies, discipline=discipline)
    with Mall.open(blueprint, "memory:", clock=clock, policies=policies) as mall:
        for priority in (None, None, "anak"):
            mall.queue.issue(service, priority=priority)
            clock.advance(minutes=1)
        mall.queue.open_counter(counter)
        while call := mall.queue.call_next(counter):
            print(f"{call.rule}: {call.number}, {call.because_english}")
            mall.queue.start(call.number)
            clock.advance(minutes=5)
            mall.queue.finish(call.number)
        for overtaking in mall.queue.overtakings():
            print(f"  {overtaking.overtaker} overtook {overtaking.overtaken}: {overtaking.cost_seconds:.0f} s")
