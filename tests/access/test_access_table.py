"""Every public method of every desk has its line, and each kind of viewer may do just what stands here.

Each call is made for real, with alfa's things and with beta's: what a desk answers, or raises by itself, came through;
what access refuses did not, and recorded nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from inspect import isfunction, signature
from typing import Any, get_type_hints

import pytest

from mppkit import Mall
from mppkit.access import RULES, Desks, Viewer
from mppkit.errors import InvalidValueError, MppkitError, RefusedError
from mppkit.lessons.desk import LessonsDesk
from mppkit.lessons.figures import Better, Indicator, MeanFigure, Unit
from mppkit.lessons.model import ProgrammeItem
from mppkit.people import Terms
from mppkit.people.desk import PeopleDesk
from mppkit.permits.capacity import Limit
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.model import Document
from mppkit.queues.desk import QueueDesk
from mppkit.readiness.desk import ReadinessDesk
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.followup_desk import FollowUpDesk

DESKS = {
    "queue": QueueDesk,
    "permits": PermitsDesk,
    "surveys": SurveysDesk,
    "followup": FollowUpDesk,
    "people": PeopleDesk,
    "readiness": ReadinessDesk,
    "lessons": LessonsDesk,
}
TODAY = date(2026, 11, 24)
NOON = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
ACCESS_CODES = {"not_yours", "not_for_you", "no_rule", "other_identity"}
PAPER = Document(kind="denah", digest="1" * 64, media_type="application/pdf", size=9, place="arsip/x")
TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
LIMIT = Limit(resource="kamar", unit="kamar", amount=Decimal(600), source="RDTR", dated_on=TODAY)
STOP = ProgrammeItem(on=TODAY, place="aula")
MONTH = {"from_on": date(2026, 11, 1), "until_on": date(2026, 11, 30)}
WAIT = Indicator(id="wait", indonesian="tunggu", english="wait", unit=Unit.MINUTES, better=Better.LOWER)
FIGURE = MeanFigure.of([20, 26], indicator=WAIT, mall="uji", first_on=TODAY, last_on=TODAY)
PLAN = {"text": "x", "owner": "alfa", "due_on": date(2026, 12, 1), "first_on": TODAY, "last_on": TODAY}

EVERY_OFFICER = "ovhurp"
"""Lists are open to all officers, and empty for those of whose agency there is nothing."""

# who comes through with alfa's things, who with beta's. n anybody, k kiosk, t ticket, s applicant, o officer of alfa,
# v supervise, h head, u audit, r register, p protect; the citizens are alfa's
EXPECTED = {
    **dict.fromkeys(("queue.open_day", "queue.close_day"), ("v", "v")),
    **dict.fromkeys(
        (
            *("queue.open_counter", "queue.pause_counter", "queue.resume_counter", "queue.close_counter"),
            *("queue.call_next", "queue.call", "queue.undo", "queue.recall", "queue.no_show", "queue.start"),
            *("queue.hold", "queue.resume", "queue.transfer", "queue.return_to_line", "queue.finish"),
        ),
        ("ov", "v"),
    ),
    **dict.fromkeys(("queue.issue", "queue.reserve", "queue.book"), ("ksov", "kv")),
    "queue.cancel_appointment": ("sov", "v"),
    "queue.check_in": ("kov", "kv"),
    "queue.confirm": ("kov", "kv"),
    "queue.cancel": ("tsov", "v"),
    "queue.ticket": ("tsovu", "vu"),
    "queue.position": ("ktsovu", "kvu"),
    "queue.counter": ("ovu", "vu"),
    **dict.fromkeys(("queue.tickets", "queue.appointments"), ("s" + EVERY_OFFICER,) * 2),
    **dict.fromkeys(("queue.calls", "queue.overtakings"), (EVERY_OFFICER,) * 2),
    "queue.measures": ("vhu", "vhu"),
    "queue.days": (EVERY_OFFICER,) * 2,
    **dict.fromkeys(("queue.board", "queue.today"), ("nktsovhurp",) * 2),
    "permits.draft": ("so", ""),
    "permits.attach": ("so", ""),
    **dict.fromkeys(("permits.submit", "permits.resubmit", "permits.withdraw"), ("so", "")),
    **dict.fromkeys(
        (
            *("permits.act", "permits.issue", "permits.migrate", "permits.amend", "permits.renew"),
            *("permits.suspend", "permits.reinstate", "permits.revoke"),
        ),
        ("o", ""),
    ),
    "permits.enforce_deadlines": ("", ""),
    **dict.fromkeys(
        ("permits.application", "permits.term", "permits.step_terms", "permits.explain"),
        ("sou", "u"),
    ),
    "permits.applications": ("s" + EVERY_OFFICER,) * 2,
    **dict.fromkeys(("permits.overdue", "permits.work_of"), (EVERY_OFFICER,) * 2),
    "permits.figures": (EVERY_OFFICER,) * 2,
    "permits.workflow": ("nktsovhurp",) * 2,
    "permits.capacity": ("hu", "hu"),  # the zone is used by beta alone
    "permits.set_limit": ("h", "h"),
    "surveys.token": ("", ""),
    **dict.fromkeys(("surveys.respond", "surveys.instrument", "surveys.today"), ("nktsovhurp",) * 2),
    **dict.fromkeys(("surveys.index", "surveys.tally", "surveys.response_rate"), ("ovhu", "vhu")),
    **dict.fromkeys(("surveys.by", "surveys.trend"), ("vhu", "vhu")),
    "surveys.days": (EVERY_OFFICER,) * 2,
    **dict.fromkeys(("followup.plan", "followup.complete", "followup.drop"), ("vh", "vh")),
    **dict.fromkeys(("followup.actions", "followup.moved"), ("vhu", "vhu")),
    **dict.fromkeys(("people.register", "people.add"), ("r", "r")),
    **dict.fromkeys(("people.correct", "people.find"), ("rp", "rp")),
    "people.read": ("sop", "p"),
    "people.export": ("sp", "p"),
    "people.person": ("sup", "up"),
    **dict.fromkeys(("people.restrict", "people.lift", "people.erase", "people.enforce_retention"), ("p", "p")),
    **dict.fromkeys(("people.retention_due", "people.reachable", "people.check"), ("up", "up")),
    **dict.fromkeys(("people.finish_erasures", "people.rotate_mall_key", "people.destroy_strays"), ("", "")),
    **dict.fromkeys(("readiness.record", "readiness.withdraw"), ("vh", "vh")),
    **dict.fromkeys(("readiness.apply", "readiness.launch"), ("h", "h")),
    **dict.fromkeys(("readiness.evidence", "readiness.assess", "readiness.history"), ("vhu", "vhu")),
    "readiness.launched": ("nktsovhurp",) * 2,
    **dict.fromkeys(
        (
            *("lessons.plan_visit", "lessons.close", "lessons.ask", "lessons.answer", "lessons.observe"),
            *("lessons.decide", "lessons.measure"),
        ),
        ("vh", "vh"),
    ),
    **dict.fromkeys(("lessons.visit", "lessons.visits"), (EVERY_OFFICER,) * 2),
}


def arguments(act: str, of: Any, elements: tuple[str, ...]) -> dict[str, Any]:
    """Return arguments with which an act is about an agency's things; who signs is left to the desk."""
    desk = act.partition(".")[0]
    application = {"application": of.application}
    wanted: dict[str, dict[str, Any]] = {
        "queue.call": {"counter": of.counter, "number": of.waiting, "why": "x"},
        "queue.book": {"appointment_at": NOON + timedelta(days=2), "subject": of.subject},
        "queue.cancel_appointment": {"code": of.code_ahead, "on": TODAY + timedelta(days=1)},
        "queue.check_in": {"code": of.code},
        "permits.draft": {"applicant": of.subject},
        "permits.attach": {**application, "document": PAPER},
        "permits.act": {**application, "step": "putus", "outcome": "setuju"},
        "permits.issue": {**application, "step": "terbit", "outcome": "terbit"},
        "permits.migrate": {**application, "version": 1, "why": "x"},
        "permits.figures": MONTH,
        "permits.workflow": {"service": of.service},
        "permits.capacity": {"zone": "pantai"},
        "permits.set_limit": {"zone": "pantai", "limit": LIMIT},
        "surveys.token": {"on": TODAY, "service": of.service, "number": of.number},
        "surveys.respond": {"token": None, "answers": dict.fromkeys(elements, 3), "profile": {"service": of.service}},
        "surveys.index": {"service": of.service},
        "surveys.tally": {"service": of.service},
        "surveys.response_rate": {"service": of.service, "population": 9},
        "surveys.by": {"what": "service"},
        "surveys.instrument": {"name": "skm"},
        "followup.plan": {"element": elements[0], **PLAN},
        "people.register": {"values": {"name": "X"}, "terms": TERMS},
        "people.add": {"values": {"email": "x@contoh.example"}, "terms": TERMS},
        "people.correct": {"values": {"name": "Y"}},
        "people.find": {"nik": "5103011708900001"},
        "people.read": {"fields": ["name"]},
        "people.reachable": {"mall_key": "2026-11", "from_at": NOON, "to_at": NOON},
        "people.destroy_strays": {"strays": []},
        "readiness.record": {"item": "x", "kind": "document", "by": "x"},
        "readiness.apply": {"path": "nothing.toml"},
        "readiness.withdraw": {"number": "1"},
        "lessons.plan_visit": {"host": "badung", "region": "Blora", "people": 2, "programme": [STOP]},
        "lessons.answer": {"question": "1", "text": "x"},
        "lessons.ask": {"text": "x"},
        "lessons.observe": {"kind": "service", "subject": "x", "text": "x"},
        "lessons.decide": {"observation": "1", "uptake": "skip"},
        "lessons.measure": {"observation": "1", "before": FIGURE, "after": FIGURE},
    }
    by_name = {
        "number": of.number,
        "counter": of.counter,
        "application": of.application,
        "instrument": "skm",
        "key": "badung-2026",
        "action": "1",
        "why": "x",
    }
    if desk in ("queue", "permits"):
        by_name["service"] = of.service
    if desk in ("queue", "people"):
        by_name["subject"] = of.subject
    given = dict(wanted.get(act, {}))
    for name, parameter in parameters(act).items():
        if name in by_name and name not in given and (parameter.default is parameter.empty or name == "subject"):
            given[name] = by_name[name]
    return given


def parameters(act: str) -> dict[str, Any]:
    desk, _, method = act.partition(".")
    return dict(signature(getattr(DESKS[desk], method)).parameters)


def method_of(desks: Any, act: str) -> Callable[..., Any]:
    desk, _, method = act.partition(".")
    return getattr(desks.surveys.followup if desk == "followup" else getattr(desks, desk), method)


def public_methods() -> set[str]:
    return {
        f"{desk}.{name}"
        for desk, kind in DESKS.items()
        for name, value in vars(kind).items()
        if isfunction(value) and not name.startswith("_")
    }


def test_every_public_method_of_every_desk_has_its_line_and_nothing_else_has() -> None:
    assert set(RULES) == public_methods()
    assert set(EXPECTED) == public_methods()


def test_every_desk_of_a_mall_stands_here_and_is_behind_the_check() -> None:
    """Or a new desk would be open to nobody's eye, or to everybody."""
    desks = {name for name, each in vars(Mall).items() if isinstance(each, property) and name != "directory"}
    guarded = {name for name, each in vars(Desks).items() if isinstance(each, property)}
    assert desks == guarded
    assert desks | {"followup"} == DESKS.keys()
    for name in desks:
        assert get_type_hints(vars(Mall)[name].fget)["return"] is DESKS[name]


@pytest.mark.parametrize("act", sorted(EXPECTED))
def test_each_kind_of_viewer_comes_through_just_where_it_may(act: str, in_a_world: Any, elements: Any) -> None:
    # in a new world for each of the two: the first may well withdraw what the second would look at
    for whose, letters in zip(("alfa", "beta"), EXPECTED[act], strict=True):
        world = in_a_world()
        came_through = ""
        for letter, viewer in world.viewers().items():
            desks = world.mall.as_(viewer)
            given = arguments(act, getattr(world, whose), elements)
            before = world.mall.store.read_all()
            try:
                method_of(desks, act)(**given)
            except RefusedError as error:
                reasons = error.decision.reasons
                assert all(each.code and each.indonesian and each.english for each in reasons)
                if {each.code for each in reasons} <= ACCESS_CODES:
                    assert world.mall.store.read_all() == before
                    continue
            except MppkitError:
                pass  # the desk itself has said so
            came_through += letter
        world.mall.close()
        assert sorted(came_through) == sorted(letters), whose


def test_who_can_do_it_at_all_is_told_before_it_is_tried(world: Any) -> None:
    for letter, viewer in world.viewers().items():
        desks = world.mall.as_(viewer)
        for act, letters in EXPECTED.items():
            may = desks.may(act, desks.viewer.own).is_granted
            assert may or letter not in "".join(letters), (act, letter)


def test_an_officer_of_the_mall_whose_agency_gives_nothing_gets_empty_lists(world: Any) -> None:
    there = world.mall.as_(Viewer.officer("o-register"))
    assert there.queue.tickets() == there.queue.appointments() == there.queue.calls() == ()
    assert there.permits.applications() == there.permits.overdue() == there.permits.work_of("o-register") == ()
    assert there.permits.figures(**MONTH).applications == 0


# --- what is sent may be anything ------------------------------------------------------------------------------------

JUNK = (
    5,
    -1,
    None,
    "x",
    "",
    ["x"],
    {"a": 1},
    object(),
    b"x",
    1.5,
    True,
    TODAY,
    "\ud800",
    float("nan"),
    (),
    [["x"]],
    {5},
)


@pytest.mark.parametrize("act", sorted(RULES))
def test_whatever_is_sent_is_answered_with_an_error_of_the_house(act: str, in_a_world: Any, elements: Any) -> None:
    world = in_a_world()
    base = arguments(act, world.alfa, elements)
    for viewer in world.viewers().values():
        method = method_of(world.mall.as_(viewer), act)
        for name, parameter in parameters(act).items():
            if name == "self":
                continue
            for junk in JUNK:
                with suppress(MppkitError):
                    if parameter.kind is parameter.VAR_POSITIONAL:
                        method(world.alfa.service, junk)
                    else:
                        method(**{**base, name: junk})
    world.mall.close()


def test_an_argument_of_another_kind_is_named_and_not_shown(world: Any) -> None:
    kiosk, officer = world.mall.as_(Viewer.kiosk("anjungan-1")), world.mall.as_(Viewer.officer("o-alfa"))
    for call, place in (
        (lambda: kiosk.queue.issue(["Ni Luh Suryani"]), "service"),
        (lambda: officer.queue.open_counter("loket-alfa", services=5), "services"),
        (lambda: officer.queue.open_counter("loket-alfa", services=[["Ni Luh Suryani"]]), "services"),
        (lambda: officer.permits.applications(limit="Ni Luh Suryani"), "limit"),
        (lambda: officer.permits.applications(limit=True), "limit"),
        (lambda: officer.permits.applications(limit=-1), "limit"),
        (lambda: officer.permits.figures(**MONTH, services=5), "services"),
        (lambda: officer.people.read(world.alfa.subject, 5, why="x"), "fields"),
        (lambda: world.mall.people.read(world.alfa.subject, 5, who="sri", why="x"), "fields"),
        (lambda: world.mall.ticket_code("A-001", on="x"), "on"),
        (lambda: world.mall.ticket_code(5), "number"),
        (lambda: world.mall.as_(None), "viewer"),
    ):
        with pytest.raises(InvalidValueError) as refused:
            call()
        assert refused.value.place == place
        assert "Suryani" not in str(refused.value)
