"""Three hotels ask for rooms on a coast that can carry two: who gets them, what the third is told, and what it may do.

Everything is invented (rekaan): the mall, its workflow, the coast and what it can carry. What is not is the order of
things: no more is given away than is there, nobody is turned away without the figures, and what is given back is free.
"""

from decimal import Decimal

from mppkit import Mall, VirtualClock
from mppkit.errors import RefusedError
from mppkit.permits.capacity import Use
from mppkit.permits.capacity_policies import AskForLess
from mppkit.permits.model import Application, Document, Investment
from mppkit.permits.policies import PermitPolicies, YearlyNumbers

VERIFIER, LAND, WATER, HEAD, ISSUER = "petugas-01", "petugas-35", "petugas-36", "petugas-34", "petugas-03"
DAY = 24 * 60

clock = VirtualClock("2026-11-23T09:00:00+08:00")  # a Monday
policies = PermitPolicies(numbering=YearlyNumbers(prefix="503/"), capacity=AskForLess())
# in memory every run begins anew; "sqlite:///izin-hotel.db" keeps it, and a second run then finds the coast taken
mall = Mall.open("contoh", "memory:", clock=clock, permit_policies=policies)
desk = mall.permits


def apply(applicant: str, rooms: int, water: str, rupiah: int) -> Application:
    """Draft, attach what the workflow asks for, submit."""
    application = desk.draft(
        "izin-usaha",
        applicant,
        investment=Investment(rupiah=rupiah, jobs=2 * rooms, sector="pariwisata"),
        zone="pantai",
        uses=[Use(resource="kamar-hotel", amount=Decimal(rooms)), Use(resource="air", amount=Decimal(water))],
    )
    for kind in application.workflow.documents:
        # the digest of the file in your own archive; the library stores no files
        paper = Document(kind=kind, digest="0" * 64, media_type="application/pdf", size=90_000, place=f"arsip/{kind}")
        desk.attach(application.id, paper)
    return desk.submit(application.id)


def assess(application: str) -> None:
    """Verify, then assess land and water at the same time; a day each."""
    clock.advance(minutes=DAY)
    desk.act(application, "verifikasi", "lengkap", officer=VERIFIER)
    clock.advance(minutes=DAY)
    desk.act(application, "penilaian-ruang", "dinilai", officer=LAND)
    desk.act(application, "penilaian-air", "dinilai", officer=WATER)


def visit_and_decide(application: str) -> Application:
    """Visit the place, which asks the coast for the rooms; then decide."""
    desk.act(application, "tinjau-lapangan", "sesuai", officer=LAND)
    return desk.act(application, "keputusan", "setuju", officer=HEAD)


def show_coast() -> None:
    """Print what the coast can carry, and what is left of it."""
    print(f"   {'':12} {'limit':>6} {'committed':>10} {'reserved':>9} {'free':>6}")
    for each in desk.capacity("pantai").resources:
        if each.limit.resource in ("kamar-hotel", "air"):
            figures = f"{each.limit.amount:>6} {each.committed:>10} {each.reserved:>9} {each.free:>6}"
            print(f"   {each.limit.resource:12} {figures} {each.limit.unit}")


with mall:
    # 1. Two hotels apply. There is room for both; one has its permit, the other is granted and not issued yet.
    first = apply("usaha-1", rooms=120, water="84.5", rupiah=180_000_000_000)
    second = apply("usaha-2", rooms=100, water="70", rupiah=150_000_000_000)
    assess(first.id)
    visit_and_decide(first.id)
    assess(second.id)
    visit_and_decide(second.id)
    issued = desk.issue(second.id, "penerbitan", "terbit", officer=ISSUER)
    assert issued.permit is not None
    print(f"1. {first.id} is granted; {second.id} has its permit {issued.permit.number}.")
    for reason in issued.capacity.reasons if issued.capacity else ():
        print(f"   {reason.english}")
    show_coast()

    # 2. The third asks for more than is left. It is told how much that is, and stays where it is.
    clock.advance(minutes=3 * DAY)  # the weekend
    third = apply("usaha-3", rooms=90, water="60", rupiah=120_000_000_000)
    assess(third.id)
    try:
        visit_and_decide(third.id)
    except RefusedError as refusal:
        print(f"2. {third.id} is told: {refusal.decision.outcome}")
        for reason in refusal.decision.reasons:
            print(f"   {reason.indonesian}")
    print(f"   It stands at: {', '.join(run.step for run in desk.application(third.id).open)}")

    # 3. The first hotel is never built: it is withdrawn, and in the same commit its rooms are free.
    clock.advance(minutes=DAY)
    desk.withdraw(first.id, why="Pemodal membatalkan rencana")
    print(f"3. {first.id} is withdrawn.")
    show_coast()

    # 4. The third asks again, and gets its share.
    granted = visit_and_decide(third.id)
    permit = desk.issue(third.id, "penerbitan", "terbit", officer=ISSUER).permit
    assert permit is not None
    print(f"4. {third.id} has its permit {permit.number}.")
    show_coast()

    # 5. Why it took as long as it did, and under which rule.
    story = desk.explain(third.id)
    print(f"5. The story of {third.id}:")
    for told in story.lines:
        print(f"   {told.on}: {told.english}")
    print(f"   {story.english}")
