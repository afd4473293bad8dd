"""The permits of the sample mall, through the mall: a full zone is told, and the application can still be decided."""

from decimal import Decimal

import pytest

from mppkit import Mall, VirtualClock
from mppkit.errors import RefusedError, TransitionError
from mppkit.permits.capacity import Use
from mppkit.permits.model import Application, Document, Status
from mppkit.storage import audit

ROOMS = 100
BEFORE_THE_VISIT = (
    ("verifikasi", "lengkap"),
    ("penilaian-ruang", "dinilai"),
    ("penilaian-air", "dinilai"),
)


@pytest.fixture
def mall():
    with Mall.open("contoh", "memory:", clock=VirtualClock("2026-11-24T09:00:00+08:00")) as opened:
        yield opened


def who_may(mall: Mall, app: Application, step_id: str) -> str:
    step = app.workflow.step(step_id)
    return next(
        each.id
        for each in mall.directory.officers
        if step.role in each.roles and (step.agency is None or each.agency == step.agency)
    )


def act(mall: Mall, app: Application, step: str, outcome: str, **more: object) -> Application:
    return mall.permits.act(app.id, step, outcome, officer=who_may(mall, app, step), **more)


def at_the_visit(mall: Mall, applicant: str) -> Application:
    rooms = Use(resource="kamar-hotel", amount=Decimal(ROOMS))
    app = mall.permits.draft("izin-usaha", applicant, zone="pantai", uses=[rooms])
    for kind in app.workflow.documents:
        file = Document(kind=kind, digest="0" * 64, media_type="application/pdf", size=9, place=f"arsip/{kind}")
        mall.permits.attach(app.id, file)
    mall.permits.submit(app.id)
    for step, outcome in BEFORE_THE_VISIT:
        app = act(mall, app, step, outcome)
    return app


def test_who_finds_the_zone_full_can_be_refused_for_it(mall: Mall) -> None:
    for applicant in ("p-1", "p-2"):
        act(mall, at_the_visit(mall, applicant), "tinjau-lapangan", "sesuai")
    third = at_the_visit(mall, "p-3")
    with pytest.raises(RefusedError) as refused:
        act(mall, third, "tinjau-lapangan", "sesuai")
    assert [why.code for why in refused.value.decision.reasons] == ["zone_full"]
    without = act(mall, third, "tinjau-lapangan", "tanpa-ruang")
    assert (without.status, without.holds_capacity) == (Status.IN_PROCESS, False)
    with pytest.raises(RefusedError):  # a grant asks the zone in any case
        act(mall, third, "keputusan", "setuju")
    ended = act(mall, third, "keputusan", "tolak", reasons=["zona-penuh"])
    assert ended.status is Status.REFUSED
    rooms = mall.permits.capacity("pantai").resource("kamar-hotel")
    assert (rooms.reserved, rooms.free) == (2 * ROOMS, 250 - 2 * ROOMS)
    told = [line.indonesian for line in mall.permits.explain(third.id).lines]
    assert any("Daya dukung zona tidak mencukupi" in line for line in told)
    assert audit(mall.store).intact


def test_a_closed_mall_hands_out_no_desk_of_permits_or_people(mall: Mall) -> None:
    with pytest.raises(TransitionError, match="without keys"):
        _ = mall.people
    mall.close()
    for desk in ("permits", "people", "surveys"):
        with pytest.raises(TransitionError, match="closed"):
            getattr(mall, desk)
