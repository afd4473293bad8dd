"""A lesson study (studi tiru): Blora visits a mall, takes its pattern over, and sees that it is not ready, and why.

The host here is the invented sample mall, and so is every figure. The story is the one the project began with: never
launch a mall that is not ready.
"""

from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import attrs

from mppkit import Mall, VirtualClock
from mppkit.blueprint import adopt, check, find_blueprint, load_blueprint
from mppkit.errors import RefusedError
from mppkit.lessons import Better, Counted, Indicator, MeanFigure, ProgrammeItem, Unit, compare
from mppkit.queues.disciplines import FirstCome
from mppkit.queues.policies import QueuePolicies, StandardAdmission
from mppkit.rehearsal import Habits, Rehearsal, load_profile, rehearse
from mppkit.storage import MemoryStore

TODAY = date(2026, 11, 24)
clock = VirtualClock("2026-11-24T09:00:00+07:00")

# 1. The delegation looks at the host's mall.
host = find_blueprint("contoh")
print(f"1. We visit {host.name}: {len(host.directory.agencies)} agencies, {len(host.directory.services)} services.")

# 2. It takes the pattern over, and finds what it must fill in itself.
ours = Path(mkdtemp(prefix="studi-tiru-"))  # of each run its own
record = adopt(host, region="blora", on=TODAY, out=ours / "blora", name="MPP Blora (contoh)", zone="Asia/Jakarta")
blora = load_blueprint(ours / "blora")
blanks = check(blora, TODAY)
print(f"2. We take it over: {len(record.items)} items, {len(blanks)} blanks of our own. The first: {blanks[0]}")
print(f"   It lies in {ours / 'blora'}.")

with Mall.open(blora, f"sqlite:///{ours / 'blora.db'}", clock=clock) as mall:
    # 3. What was seen, and what becomes of it, is recorded.
    lessons = mall.lessons
    day = ProgrammeItem(on=TODAY, place="the hall and its back office")
    lessons.plan_visit("contoh-2026", host="contoh", region="Kabupaten Blora", people=12, programme=[day])
    seen = lessons.observe(
        "contoh-2026", "policy", "queue.discipline", "Priority groups have a head start of 30 minutes."
    )
    lessons.decide("contoh-2026", seen.id, "adapt", why="Many of our visitors are old.", how="Try first come as well.")
    print(f"3. We saw and decided: {seen.text} -> adapt")

    # 4. Is the new mall ready? No, and here is why.
    try:
        mall.launch(actor="dpmptsp-head")
    except RefusedError as refusal:
        print(f"4. Not ready: {len(refusal.decision.reasons)} blockers. The first: {refusal.decision.reasons[0]}")
    for step in mall.readiness.assess().next_steps[:2]:
        print(f"   next: {step.item.step_english}")

# 5. It rehearses two weeks with twice the visitors, under the host's rules and with two of them changed.
crowd = attrs.evolve(load_profile(), hours=tuple(2 * visitors for visitors in load_profile().hours))
days = [date(2026, 12, day) for day in (*range(1, 5), *range(7, 12), *range(14, 19))]


def played(policies: QueuePolicies) -> Rehearsal:
    """Rehearse the same visitors under other policies; only their waits are asked for, no permits and no survey."""
    mine = attrs.evolve(blora, policies=policies)
    plan = crowd.plan(mine, days, seed=2026)
    return rehearse(mine, MemoryStore(), plan, habits=Habits(permits=None, survey=None))


print(f"5. We rehearse {len(days)} days with about {sum(crowd.hours):.0f} visitors, as the host does, and changed.")
as_host = played(blora.policies)
changed = played(attrs.evolve(blora.policies, discipline=FirstCome(), admission=StandardAdmission(cut_off_minutes=90)))

# 6. What difference do the two changes make? One number a day, with an interval; "no visible effect" is an answer, too.
#    The visitors are the same under both rules, which the interval does not know: it is wider than it need be.
mean_wait = Indicator(
    id="mean-wait", indonesian="Rata-rata waktu tunggu", english="Mean wait", unit=Unit.MINUTES, better=Better.LOWER
)
for group in ("lansia", "everybody"):
    figures = []
    for name, rehearsal in (("blora-as-the-host", as_host), ("blora-changed", changed)):
        groups = [d.measures.hall if group == "everybody" else d.measures.by_priority[group] for d in rehearsal.days]
        waits = [measured.wait.mean / 60 for measured in groups]
        figures.append(
            MeanFigure.of(
                waits, indicator=mean_wait, mall=name, first_on=days[0], last_on=days[-1], counted=Counted.DAYS
            )
        )
    print(f"6. {group}: {compare(*figures, minimum=14).english}")
print(f"   overtakings: {as_host.measures.overtakings} as the host, {changed.measures.overtakings} with first come")
refused = sum(day.refused for day in changed.days) - sum(day.refused for day in as_host.days)
print(f"   and {refused} more visitors were turned away at the door in the two weeks")
