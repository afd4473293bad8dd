"""Nobody of one agency gets anything of another's applications, by no method and no argument, nor by what is refused.

Two ways: beta's marks are looked for in all that alfa's viewers are told; and all they are told is the same in a mall
where beta never had anything.
"""

from datetime import date
from inspect import signature
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit import Mall
from mppkit.access import RULES, Desks, Viewer
from mppkit.errors import MppkitError, RefusedError
from mppkit.people import Terms
from mppkit.permits.model import Document, Investment

MARK = "kepunyaan-beta"
TODAY = date(2026, 11, 24)
PAPER = Document(kind="denah", digest="1" * 64, media_type="application/pdf", size=9, place="arsip/x")
PERMITS = tuple(act for act in sorted(RULES) if act.startswith("permits."))
# a new id and a new number count all of the mall, so they alone differ where beta was
SAME = tuple(act for act in PERMITS if act not in ("permits.draft", "permits.issue", "permits.workflow"))
# none holds a mark of beta: what a viewer says itself it is told again
POOLS: dict[str, tuple[Any, ...]] = {
    "application": ("2026-0001", "2026-0002", "2026-0003", "2026-0009"),
    "number": ("A-001", "A-002", "B-001", "B-002", "B-003"),
    "code": ("J-001", "J-002", "J-003"),
    "counter": ("loket-alfa", "loket-beta", "loket-bersama"),
    "service": ("izin-alfa", "izin-beta", "izin-gama"),
    "services": (("izin-beta",), ("izin-alfa",), ("izin-alfa", "izin-beta"), None),
    "officer": ("o-alfa", "o-beta", None),
    "actor": ("o-alfa", "o-beta", None, None),
    "who": ("o-alfa", "o-beta", None),
    "applicant": ("p-alfa", "p-beta"),
    "subject": ("p-alfa", "p-beta"),
    "status": ("in_process", "issued", None, None),
    "zone": ("pantai", None, None),
    "limit": (1, 9, None),
    "step": ("periksa", "nilai", "putus", "terbit"),
    "outcome": ("lengkap", "dinilai", "setuju", "terbit"),
    "document": (PAPER,),
    "why": ("x",),
    "version": (1, 2),
    "from_on": (date(2026, 11, 1),),
    "until_on": (date(2026, 11, 30),),
    "first_on": (date(2026, 11, 1),),
    "last_on": (date(2026, 11, 30),),
    "on": (TODAY, None, None),
    "at": (None,),
    "appointment_at": (None,),
    "instrument": ("skm",),
    "what": ("service", "counter"),
    "fields": (("name",),),
    "nik": ("5103014708900003", None),
    "name": ("skm",),
    "key": ("x",),
    "population": (50,),
}
SETTINGS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


def method_of(desks: Desks, act: str) -> Any:
    desk, _, method = act.partition(".")
    return getattr(desks.surveys.followup if desk == "followup" else getattr(desks, desk), method)


def wanted_of(real: Any) -> list[str]:
    """Return the parameters that a call fills: those that must be, and those for which there is something to give."""
    return [
        name
        for name, each in signature(real).parameters.items()
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
        and (each.default is each.empty or name in POOLS)
        and name != "request_id"
    ]


@st.composite
def a_call(draw: Any, acts: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    return draw(st.sampled_from(acts)), tuple(draw(st.lists(st.integers(0, 10**6), min_size=12, max_size=12)))


def call(mall: Mall, desks: Desks, act: str, picks: tuple[int, ...]) -> tuple[dict[str, Any], str]:
    """Do it, and return what was given and all that the viewer is told: the answer, or the error with its facts."""
    given = {}
    for name, pick in zip(wanted_of(method_of(mall, act)), picks, strict=False):
        value = POOLS[name][pick % len(POOLS[name])] if name in POOLS else None
        if value is not None:
            given[name] = value
    try:
        return given, repr(method_of(desks, act)(**given))
    except RefusedError as error:
        return given, f"{error} {error.decision!r}"
    except MppkitError as error:
        return given, f"{type(error).__name__} {error} {vars(error)!r}"
    except (TypeError, AttributeError, ValueError):
        return given, ""  # something that must be was None: the caller's own mistake


def alfas(mall: Mall) -> list[Viewer]:
    return [
        Viewer.officer("o-alfa"),
        Viewer.officer("o-gama"),
        Viewer.officer("o-register"),
        Viewer.officer("o-supervise"),
        Viewer.applicant("p-alfa"),
        Viewer.ticket("A-001", mall.ticket_code("A-001")),
        Viewer.anybody(),
    ]


@SETTINGS
@given(st.data())
def test_what_alfas_viewers_are_told_of_permits_is_the_same_where_beta_never_was(in_a_mall: Any, data: Any) -> None:
    open_mall, settle = in_a_mall
    with open_mall() as alone, open_mall() as beside:
        for mall in (alone, beside):
            settle(mall, "alfa", "p-alfa")
        settle(beside, "beta", "p-beta")
        for _ in range(data.draw(st.integers(1, 14))):
            who = data.draw(st.integers(0, 6))
            act, picks = data.draw(a_call(SAME))
            told = [call(mall, mall.as_(alfas(mall)[who]), act, picks)[1] for mall in (alone, beside)]
            assert told[0] == told[1], act


@SETTINGS
@given(st.data())
def test_no_mark_of_beta_comes_out_to_alfas_viewers(in_a_world: Any, data: Any) -> None:
    world = in_a_world()
    mall, beta = world.mall, world.beta
    # the supervisor sees every ticket of the hall, and the registrar finds a person whose NIK they have
    viewers = [
        Viewer.officer("o-alfa"),
        Viewer.officer("o-gama"),
        Viewer.officer("o-head"),
        Viewer.applicant(world.alfa.subject),
        Viewer.ticket("A-001", mall.ticket_code("A-001")),
        Viewer.kiosk("anjungan-1"),
        Viewer.anybody(),
    ]
    try:
        for _ in range(data.draw(st.integers(1, 20))):
            viewer = viewers[data.draw(st.integers(0, 6))]
            act, picks = data.draw(a_call(tuple(sorted(RULES))))
            given, told = call(mall, mall.as_(viewer), act, picks)
            marks = {MARK, beta.application, beta.subject, "7770077707"} - set(map(str, given.values()))
            if viewer.id == "o-head" and act == "permits.figures":
                marks -= {MARK, "7770077707"}  # sums of the whole mall, by sector too
            if viewer.id == "anjungan-1" and act == "queue.check_in":
                marks -= {MARK}  # the subject of the visit whose code was typed stands on its ticket
            assert not [mark for mark in marks if mark in told], (viewer, act, given)
    finally:
        mall.close()


def test_the_marks_are_there_to_be_found(world: Any) -> None:
    audit, own = world.mall.as_(Viewer.officer("o-audit")), world.mall.as_(Viewer.officer("o-beta"))
    for desks in (audit, own):
        told = repr((desks.permits.application(world.beta.application), desks.permits.explain(world.beta.application)))
        assert all(mark in told for mark in (MARK, world.beta.subject, "7770077707"))
    assert world.beta.subject in repr(own.queue.tickets())
    assert own.people.read(world.beta.subject, ["name"], why="uji")["name"].reveal() == f"Orang {MARK}"


def test_an_application_of_others_and_one_that_is_not_there_are_refused_in_the_same_words(world: Any) -> None:
    alfa = world.mall.as_(Viewer.officer("o-alfa"))
    told = []
    for application in (world.beta.application, "2026-9999"):
        for look in (alfa.permits.application, alfa.permits.explain, alfa.permits.term):
            with pytest.raises(RefusedError) as refused:
                look(application)
            told.append(refused.value.decision)
    assert len(set(map(repr, told))) == 1
    assert told[0].reasons[0].code == "not_yours"


def test_who_assesses_a_step_sees_that_application_and_its_lists_and_no_figures_of_it(world: Any) -> None:
    gama = world.mall.as_(Viewer.officer("o-gama"))
    own = world.alfa.application
    assert gama.permits.application(own).id == own
    assert [head.stream.rpartition("/")[2] for head in gama.permits.applications()] == [own]
    assert gama.permits.figures(date(2026, 11, 1), date(2026, 11, 30)).applications == 0
    assert gama.people.read(world.alfa.subject, ["name"], why="uji")
    with pytest.raises(RefusedError):
        gama.permits.withdraw(own)  # that is for the agency that gives the service, and the applicant


def test_who_takes_a_step_sees_nothing_of_an_application_before_the_step_begins(world: Any) -> None:
    alfa, gama = world.mall.as_(Viewer.officer("o-alfa")).permits, world.mall.as_(Viewer.officer("o-gama")).permits
    new = alfa.draft("izin-alfa", "p-9").id
    alfa.attach(new, PAPER)
    alfa.submit(new)
    assert len(alfa.applications()) == 2
    assert len(alfa.applications(limit=1)) == 1
    assert [head.stream.rpartition("/")[2] for head in gama.applications()] == [world.alfa.application]
    with pytest.raises(RefusedError):
        gama.application(new)
    alfa.act(new, "periksa", "lengkap")
    assert gama.application(new).id == new
    assert len(gama.applications()) == 2
    assert [(app.id, step) for app, step in gama.work_of("o-gama")] == [(new, "nilai")]


def test_lists_and_figures_hold_what_is_the_agencys_and_the_whole_for_who_may_see_it(world: Any) -> None:
    ids = {"2026-0001": "o-alfa", "2026-0002": "o-beta"}
    whole = world.mall.permits.figures(date(2026, 11, 1), date(2026, 11, 30))
    for application, officer in ids.items():
        there = world.mall.as_(Viewer.officer(officer)).permits
        figures = there.figures(date(2026, 11, 1), date(2026, 11, 30))
        assert (figures.applications, len(figures.by_service)) == (1, 1)
        assert [app.id for app, _ in there.work_of(officer)] == [application]
        assert [head.stream.rpartition("/")[2] for head in there.applications(limit=1)] == [application]
    head = world.mall.as_(Viewer.officer("o-head")).permits
    assert head.figures(date(2026, 11, 1), date(2026, 11, 30)) == whole
    assert whole.applications == 2
    beta = world.mall.as_(Viewer.officer("o-beta")).permits
    assert beta.capacity("pantai").resource("kamar").reserved == 77
    assert beta.capacity("pantai").over_time == ()
    assert head.capacity("pantai") == world.mall.permits.capacity("pantai")


def test_what_is_late_is_told_to_those_whose_it_is(world: Any) -> None:
    world.mall._clock.advance(minutes=60 * 24 * 40)
    assert {each.application for each in world.mall.permits.overdue()} == {"2026-0001", "2026-0002"}
    assert {each.application for each in world.mall.as_(Viewer.officer("o-alfa")).permits.overdue()} == {"2026-0001"}
    assert {each.application for each in world.mall.as_(Viewer.officer("o-audit")).permits.overdue()} == {
        *("2026-0001", "2026-0002")
    }


def test_an_investment_of_another_is_in_no_sum(world: Any) -> None:
    mall = world.mall
    more = mall.as_(Viewer.officer("o-alfa")).permits.draft("izin-alfa", "p-9", investment=Investment(rupiah=5, jobs=1))
    mall.permits.attach(more.id, PAPER)
    mall.permits.submit(more.id)
    sums = mall.as_(Viewer.officer("o-alfa")).permits.figures(date(2026, 11, 1), date(2026, 11, 30)).investment.asked
    assert (sums.applications, sums.rupiah) == (2, 11_000_005)


def submit_for(mall: Mall, permits: Any, subject: str) -> str:
    new = permits.draft("izin-alfa", subject).id
    permits.attach(new, PAPER)
    permits.submit(new)
    return str(new)


def test_nobody_opens_a_person_by_an_application_of_their_own_making(in_a_mall: Any) -> None:
    open_mall, _ = in_a_mall
    with open_mall() as mall:
        terms = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
        subject = mall.people.register({"name": "Ni Luh"}, terms, who="o-register")
        officer = mall.as_(Viewer.officer("o-alfa"))

        def is_open() -> bool:
            try:
                officer.people.read(subject, ["name"], why="uji")
            except RefusedError:
                return False
            return True

        draft = officer.permits.draft("izin-alfa", subject).id
        assert not is_open()
        officer.permits.attach(draft, PAPER)
        officer.permits.submit(draft)
        assert not is_open()
        submitted = submit_for(mall, mall.as_(Viewer.applicant(subject)).permits, subject)
        assert is_open()
        mall.permits.withdraw(submitted)
        assert not is_open()
        refused = submit_for(mall, mall.permits, subject)
        assert is_open()
        mall.permits.act(refused, "periksa", "lengkap", officer="o-alfa")
        assert is_open()
        assert mall.as_(Viewer.applicant(subject)).people.read(subject, ["name"], why="uji")


def test_an_application_that_a_colleague_took_in_opens_the_person_to_the_others(in_a_mall: Any) -> None:
    open_mall, _ = in_a_mall
    with open_mall() as mall:
        terms = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
        subject = mall.people.register({"name": "Ni Luh"}, terms, who="o-register")
        submit_for(mall, mall.as_(Viewer.officer("o-alfa")).permits, subject)
        with pytest.raises(RefusedError):
            mall.as_(Viewer.officer("o-alfa")).people.read(subject, ["name"], why="uji")
        mall.permits.act(
            mall.permits.applications()[0].stream.rpartition("/")[2], "periksa", "lengkap", officer="o-alfa"
        )
        assert mall.as_(Viewer.officer("o-gama")).people.read(subject, ["name"], why="uji")
