"""What the tests of adopting share: the blueprints they begin with, and any change of one that still makes sense."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, load_blueprint, sample_blueprint
from mppkit.calendars import Closure
from mppkit.directory import Channel, ChannelKind, Fee, Regulation, RegulationKind, Requirement, Role
from mppkit.directory.standards import DocumentForm
from mppkit.identity.recordable import has_long_number
from mppkit.permits.capacity import Limit, Zone
from mppkit.permits.workflow import CountsFrom
from mppkit.queues.disciplines import PriorityAgeing, Ratio
from mppkit.queues.model import Limits
from mppkit.queues.policies import OpenDoor, RecentPace

WHOLE = Path(__file__).parents[1] / "blueprint" / "whole"


@pytest.fixture(scope="session")
def small() -> Blueprint:
    """Return a blueprint that uses every table and key there is."""
    return load_blueprint(WHOLE)


@pytest.fixture(scope="session", params=["contoh", "whole"])
def host(request: pytest.FixtureRequest, small: Blueprint) -> Blueprint:
    return sample_blueprint() if request.param == "contoh" else small


@pytest.fixture(scope="session")
def changed() -> Callable[[Blueprint], st.SearchStrategy[Blueprint]]:
    """Return what makes any change of a blueprint that still makes sense."""
    return _changed


lines = st.text(min_size=1, max_size=150).filter(lambda text: text.isprintable() and bool(text.strip()))
"""What may stand in a blueprint as a text, whatever is to be escaped in TOML."""

rules = st.builds(
    Regulation,
    id=st.sampled_from(["r-1", "r-2"]),
    kind=st.sampled_from(RegulationKind),
    issuer=st.none() | lines,
    number=lines,
    year=st.integers(1900, 2200),
    about=lines,
    articles=st.lists(lines, max_size=3, unique=True).map(tuple),
    verified=st.booleans(),
)
requirements = st.builds(
    Requirement,
    document=lines,
    document_english=st.none() | lines,
    form=st.sampled_from(DocumentForm),
    valid_months=st.none() | st.integers(1, 1200),
)
fees = st.builds(Fee, amount_rupiah=st.none() | st.integers(0, 10**12), what=lines)
channels = st.builds(Channel, kind=st.sampled_from(ChannelKind), address=st.none() | lines)
policies: Mapping[str, st.SearchStrategy[Any]] = {
    "admission": st.builds(OpenDoor),
    "discipline": st.builds(PriorityAgeing, head_start_minutes=st.floats(0, 1e6)) | st.builds(Ratio),
    "estimate": st.builds(RecentPace, confidence=st.floats(0.5, 0.99)),
    "limits": st.builds(
        Limits, recall_limit=st.integers(0, 9), promise_minutes=st.floats(0, 1e-3) | st.integers(0, 60)
    ),
}


def tuples(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


STANDARD: Mapping[str, st.SearchStrategy[Any]] = {
    "requirements": st.none() | tuples(requirements),
    "procedure": tuples(lines),
    "fees": tuples(fees),
    "complaints": tuples(channels),
    "staff": st.none() | st.integers(1, 10_000),
    "safety": st.none() | lines,
}
SERVICE: Mapping[str, st.SearchStrategy[Any]] = {
    "name_english": lines,
    "daily_quota": st.none() | st.integers(1, 100_000),
    "expected_minutes": st.none() | st.floats(0, 1440, exclude_min=True),
    "channels": tuples(channels),
}


recordable = lines.filter(lambda text: len(text) <= 100 and not has_long_number(text))
limits = st.lists(
    st.builds(
        Limit,
        resource=st.sampled_from(["air", "kamar", "lahan"]),
        unit=st.just("m3/hari"),
        amount=st.decimals(0, 10**12 - 1, places=4) | st.integers(0, 10**12 - 1).map(Decimal),
        source=recordable,
        dated_on=st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    ),
    max_size=3,
    unique_by=lambda limit: limit.resource,
).map(tuple)
WORKFLOW = st.fixed_dictionaries(
    {},
    optional={
        "name": recordable,
        "documents": st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(tuple),
        "counts_from": st.sampled_from(CountsFrom),
        "applicant_days": st.none() | st.integers(1, 1000),
        "validity_months": st.none() | st.integers(1, 1200),
    },
)


@st.composite
def _changed(draw: st.DrawFn, blueprint: Blueprint) -> Blueprint:
    """Return a blueprint with up to four things in it changed, or given again as they are."""
    for _ in range(draw(st.integers(0, 4))):
        directory, calendar = blueprint.directory, blueprint.calendar
        kinds = ["mall", "service", "standard", "policy", "rule", "closure", "order", "officer"]
        what = draw(st.sampled_from([*kinds, "workflow", "step", "zone", "role"]))
        if what == "mall":
            blueprint = evolve(blueprint, name=draw(lines), invented=draw(st.booleans()))
        elif what == "order":
            blueprint = evolve(blueprint, directory=evolve(directory, services=directory.services[::-1]))
        elif what == "officer":
            kept = directory.officers[draw(st.integers(0, len(directory.officers))) :]
            blueprint = evolve(blueprint, directory=evolve(directory, officers=kept))
        elif what == "role":
            role = Role(id=draw(st.sampled_from(["r-1", "r-2"])), name=draw(lines), name_english="x")
            others = tuple(each for each in directory.roles if each.id != role.id and each.name != role.name)
            blueprint = evolve(blueprint, directory=evolve(directory, roles=(*others, role)))
        elif what == "zone":
            zone = Zone(id="z-1", name=draw(recordable), name_english="x", limits=draw(limits))
            others = tuple(each for each in blueprint.zones if each.id != zone.id and each.name != zone.name)
            blueprint = evolve(blueprint, zones=(zone, *others) if draw(st.booleans()) else others)
        elif what == "workflow":
            *others, last = blueprint.workflows
            version = draw(st.sampled_from(sorted({1, 4, 7} - {each.version for each in others})))
            blueprint = evolve(blueprint, workflows=(evolve(last, version=version, **draw(WORKFLOW)), *others))
        elif what == "step":
            *others, last = blueprint.workflows
            steps = list(draw(st.permutations(last.steps)))
            outcomes = tuple(draw(st.permutations(steps[0].outcomes)))
            steps[0] = evolve(steps[0], outcomes=outcomes, working_days=draw(st.integers(1, 1000)))
            blueprint = evolve(blueprint, workflows=(*others, evolve(last, steps=tuple(steps))))
        elif what == "policy":
            slot = draw(st.sampled_from(sorted(policies)))
            blueprint = evolve(blueprint, policies=evolve(blueprint.policies, **{slot: draw(policies[slot])}))
        elif what == "closure":
            on = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
            closure = Closure(
                first_on=on, last_on=on, indonesian=draw(lines), english="x", decree=draw(st.none() | lines)
            )
            blueprint = evolve(blueprint, calendar=evolve(calendar, closures=(*calendar.closures, closure)))
        elif what == "rule":
            rule = draw(rules)
            others = tuple(each for each in directory.regulations if each.id != rule.id)
            blueprint = evolve(blueprint, directory=evolve(directory, regulations=(rule, *others)))
        else:
            index = draw(st.integers(0, len(directory.services) - 1))
            service = directory.services[index]
            fields = STANDARD if what == "standard" else SERVICE
            name = draw(st.sampled_from(sorted(fields)))
            value = {name: draw(fields[name])}
            new = (
                evolve(service, standard=evolve(service.standard, **value))
                if what == "standard"
                else evolve(service, **value)
            )
            services = (*directory.services[:index], new, *directory.services[index + 1 :])
            blueprint = evolve(blueprint, directory=evolve(directory, services=services))
    return blueprint
