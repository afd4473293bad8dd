"""What follows from a directory: what is offered under which rule on a date, what is not said, what to bring first."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.directory import (
    COMPONENTS,
    STANDARD_BASIS,
    Agency,
    AgencyKind,
    Channel,
    ChannelKind,
    Directory,
    DocumentForm,
    Duration,
    Fee,
    Participation,
    Regulation,
    RegulationKind,
    Requirement,
    Service,
    Standard,
    TimeUnit,
)
from mppkit.directory.needs import find_circle, order_of_needs
from mppkit.errors import InvalidValueError, NotFoundError

DAY = date(2026, 1, 1)


def agency(id_: str) -> Agency:
    return Agency(id=id_, name=id_, name_english=id_, kind=AgencyKind.REGENCY)


def service(id_: str, agency: str = "a", *needs: str) -> Service:
    requirements = tuple(Requirement(document=each, form=DocumentForm.COPY, product_of=each) for each in needs)
    return Service(
        id=id_, name=id_, name_english=id_, agency=agency, prefix="A", standard=Standard(requirements=requirements)
    )


def rule(id_: str, first: date | None = None, last: date | None = None) -> Regulation:
    return Regulation(
        id=id_,
        kind=RegulationKind.COOPERATION_AGREEMENT,
        number="1",
        year=2026,
        about="x",
        in_force_from=first,
        in_force_to=last,
    )


# --- what is offered -----------------------------------------------------------------------------------------------

days = st.integers(0, 12).map(lambda days: DAY + timedelta(days=days))
spans = st.tuples(st.none() | days, st.none() | days).filter(lambda span: None in span or span[0] <= span[1])
SERVICES = (service("a1", "a"), service("a2", "a"), service("b1", "b"))


@st.composite
def participations(draw: st.DrawFn, rules: int) -> Participation:
    of = draw(st.sampled_from(["a", "b"]))
    first, last = draw(spans.filter(lambda span: span[0] is not None))
    own = ["a1", "a2"] if of == "a" else ["b1"]
    services = draw(st.lists(st.sampled_from(own), unique=True))
    return Participation(
        agency=of,
        regulation=f"r{draw(st.integers(0, rules - 1))}",
        from_on=first,
        to_on=last,
        services=tuple(services),
    )


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    rules = tuple(rule(f"r{n}", *draw(spans)) for n in range(draw(st.integers(1, 3))))
    return Directory(
        agencies=(agency("a"), agency("b")),
        services=SERVICES,
        counters=(),
        regulations=rules,
        participations=tuple(draw(st.lists(participations(len(rules)), max_size=4))),
    )


def holds(first: date | None, last: date | None, on: date) -> bool:
    return not (first is not None and on < first) and not (last is not None and last < on)


@given(directories(), days)
@settings(max_examples=300, deadline=None)
def test_what_is_offered_and_under_which_rule_is_what_the_dates_say(there: Directory, on: date) -> None:
    offers = {offer.service.id: offer for offer in there.offered(on)}
    for each in SERVICES:
        mine = [p for p in there.participations if p.agency == each.agency]
        today = [p for p in mine if holds(p.from_on, p.to_on, on) and (not p.services or each.id in p.services)]
        ruled = [
            p
            for p in today
            if any(r.id == p.regulation and holds(r.in_force_from, r.in_force_to, on) for r in there.regulations)
        ]
        assert (each.id in offers) == (bool(today) or not mine)
        if each.id not in offers:
            continue
        offer = offers[each.id]
        assert (offer.service, offer.agency.id) == (each, each.agency)
        if ruled:
            assert offer.participation == ruled[0]
            assert offer.regulation is not None
            assert offer.regulation.id == ruled[0].regulation
        else:
            assert offer.regulation is None
            assert (offer.participation is None) == (not mine)


@given(directories(), days)
@settings(max_examples=200, deadline=None)
def test_an_agency_is_without_rule_when_no_participation_of_it_and_its_rule_hold_together(
    there: Directory, on: date
) -> None:
    ruled = {
        p.agency
        for p in there.participations
        for r in there.regulations
        if r.id == p.regulation and holds(p.from_on, p.to_on, on) and holds(r.in_force_from, r.in_force_to, on)
    }
    assert {each.id for each in there.without_rule(on)} == {"a", "b"} - ruled
    offered_under_a_rule = {offer.agency.id for offer in there.offered(on) if offer.regulation}
    assert offered_under_a_rule <= ruled


def test_offers_come_in_the_order_of_the_services() -> None:
    there = Directory(agencies=(agency("a"), agency("b")), services=SERVICES, counters=())
    assert [offer.service.id for offer in there.offered(DAY)] == ["a1", "a2", "b1"]
    assert {offer.regulation for offer in there.offered(DAY)} == {None}


# --- standards -----------------------------------------------------------------------------------------------------

FULL = Standard(
    requirements=(),
    procedure=("Datang",),
    duration=Duration(amount=1, unit=TimeUnit.DAYS),
    fees=(Fee(amount_rupiah=0),),
    product="Surat",
    complaints=(Channel(kind=ChannelKind.BOX),),
    legal_basis=("uu",),
    facilities=("kursi",),
    competence="x",
    supervision="x",
    staff=1,
    guarantee="x",
    safety="x",
    evaluation="x",
)


def test_the_components_are_the_six_published_and_the_eight_internal_ones_by_their_official_names() -> None:
    published = [each.indonesian for each in COMPONENTS.values() if each.published]
    internal = [each.indonesian for each in COMPONENTS.values() if not each.published]
    assert published == [
        "Persyaratan",
        "Sistem, mekanisme, dan prosedur",
        "Jangka waktu pelayanan",
        "Biaya/tarif",
        "Produk pelayanan",
        "Penanganan pengaduan, saran dan masukan",
    ]
    assert internal == [
        "Dasar hukum",
        "Sarana, prasarana, dan/atau fasilitas",
        "Kompetensi pelaksana",
        "Pengawasan internal",
        "Jumlah pelaksana",
        "Jaminan pelayanan",
        "Jaminan keamanan dan keselamatan pelayanan",
        "Evaluasi kinerja pelaksana",
    ]
    assert list(COMPONENTS) == [each.name for each in Standard.__attrs_attrs__]
    assert STANDARD_BASIS.cite() == "UU 25/2009 Pasal 21"


@given(st.sets(st.sampled_from(sorted(COMPONENTS))))
def test_a_standard_lacks_just_what_was_taken_from_it(names: set[str]) -> None:
    lacking = evolve(FULL, **{name: getattr(Standard(), name) for name in names})
    assert [each.name for each in lacking.missing()] == [name for name in COMPONENTS if name in names]


def test_an_empty_list_says_nothing_unless_it_is_of_what_to_bring() -> None:
    assert FULL.missing() == ()
    assert [each.name for each in evolve(FULL, procedure=(), product="").missing()] == ["procedure", "product"]


def test_incomplete_standards_are_told_by_service_and_complete_ones_are_not() -> None:
    there = Directory(
        agencies=(agency("a"),),
        services=(
            evolve(service("full"), standard=FULL),
            evolve(service("half"), standard=evolve(FULL, staff=None, fees=())),
        ),
        counters=(),
    )
    assert there.incomplete_standards() == {"half": (COMPONENTS["fees"], COMPONENTS["staff"])}


# --- regulations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "cited"),
    [
        ({"kind": RegulationKind.LAW, "number": "25", "year": 2009}, "UU 25/2009"),
        ({"kind": RegulationKind.GOVERNMENT_REGULATION, "number": "28", "year": 2025}, "PP 28/2025"),
        ({"kind": RegulationKind.PRESIDENTIAL_REGULATION, "number": "89", "year": 2021}, "Perpres 89/2021"),
        (
            {"kind": RegulationKind.MINISTERIAL_REGULATION, "issuer": "PANRB", "number": "92", "year": 2021},
            "Permen PANRB 92/2021",
        ),
        (
            {"kind": RegulationKind.AGENCY_REGULATION, "issuer": "BPS", "number": "7", "year": 2025},
            "Peraturan BPS 7/2025",
        ),
        ({"kind": RegulationKind.REGIONAL_LAW, "issuer": "Badung", "number": "5", "year": 2024}, "Perda Badung 5/2024"),
        (
            {"kind": RegulationKind.HEAD_OF_REGION_REGULATION, "issuer": "Bupati Badung", "number": "11", "year": 2018},
            "Peraturan Bupati Badung 11/2018",
        ),
        (
            {"kind": RegulationKind.DECREE, "issuer": "Bupati Badung", "number": "35/01/HK", "year": 2018},
            "Keputusan Bupati Badung 35/01/HK/2018",
        ),
        ({"kind": RegulationKind.CIRCULAR, "number": "3", "year": 2026}, "Surat Edaran 3/2026"),
        ({"kind": RegulationKind.JOINT_AGREEMENT, "number": "1", "year": 2026}, "Kesepakatan Bersama 1/2026"),
        ({"kind": RegulationKind.COOPERATION_AGREEMENT, "number": "2", "year": 2026}, "Perjanjian Kerja Sama 2/2026"),
    ],
)
def test_a_regulation_is_cited_as_usual(given: dict[str, Any], cited: str) -> None:
    regulation = Regulation(id="x", about="x", in_force_from=DAY, **given)
    assert regulation.cite() == cited
    basis = regulation.basis("5 ayat (2)")
    assert basis.cite() == f"{cited} Pasal 5 ayat (2)"
    assert (basis.in_force_since, basis.verified) == (DAY, False)


def test_what_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="in_force_to: '2025-12-31': not before 2026-01-01"):
        rule("x", DAY, date(2025, 12, 31))
    with pytest.raises(InvalidValueError, match="to_on: '2025-12-31': not before 2026-01-01"):
        Participation(agency="a", regulation="x", from_on=DAY, to_on=date(2025, 12, 31))


# --- what to bring first -------------------------------------------------------------------------------------------


def needing(needs: Mapping[str, list[str]]) -> Directory:
    services = tuple(service(name, "a", *others) for name, others in needs.items())
    return Directory(agencies=(agency("a"),), services=services, counters=())


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, list[str]]:
    names = draw(st.permutations([f"s{n}" for n in range(draw(st.integers(1, 8)))]))
    graph = {
        name: draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []
        for place, name in enumerate(names)
    }
    return {name: graph[name] for name in draw(st.permutations(names))}


def reachable(graph: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        each = ahead.pop()
        if each not in seen:
            seen.add(each)
            ahead.extend(graph[each])
    return seen


@given(acyclic(), st.data())
@settings(max_examples=200, deadline=None)
def test_all_that_is_needed_comes_once_and_after_what_it_needs_itself(
    graph: dict[str, list[str]], data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(sorted(graph)))
    order = [each.id for each in needing(graph).bring_first(start)]
    assert sorted(order) == sorted(reachable(graph, start))
    for place, each in enumerate(order):
        assert set(graph[each]) <= set(order[:place])
    assert find_circle(graph) == ()


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), unique=True, max_size=3)))
@settings(max_examples=300, deadline=None)
def test_a_circle_is_found_where_there_is_one_and_told_step_by_step(graph: dict[str, list[str]]) -> None:
    whole = {name: graph.get(name, []) for name in "abcdef"}
    in_a_circle = {name for name in whole if name in reachable(whole, name)}
    circle = find_circle(whole)
    assert bool(circle) == bool(in_a_circle)
    if circle:
        assert circle[0] == circle[-1]
        assert all(after in whole[before] for before, after in pairwise(circle))
        assert len(set(circle)) == len(circle) - 1


def test_services_that_need_each_other_have_no_order() -> None:
    there = needing({"kk": ["akta"], "akta": ["kk"], "ktp": ["kk"], "nib": []})
    with pytest.raises(InvalidValueError, match="'ktp': nobody can bring these first: kk needs akta needs kk"):
        there.bring_first("ktp")
    assert there.bring_first("nib") == ()


def test_what_is_needed_must_be_there() -> None:
    with pytest.raises(NotFoundError, match="no service 'kkk'; did you mean 'kk'"):
        needing({"ktp": ["kkk"], "kk": []}).bring_first("ktp")
    with pytest.raises(NotFoundError, match="no service 'nib'"):
        needing({"ktp": []}).bring_first("nib")


def test_a_long_chain_of_needs_is_no_trouble() -> None:
    long = {f"s{n}": [f"s{n + 1}"] for n in range(20_000)} | {"s20000": []}
    assert len(order_of_needs("s0", long.__getitem__)) == 20_000


def test_a_product_needed_twice_counts_once() -> None:
    assert service("x", "a", "kk", "kk", "ktp").needs() == ("kk", "ktp")
    bare = Service(id="x", name="x", name_english="x", agency="a", prefix="A")
    assert bare.needs() == ()
