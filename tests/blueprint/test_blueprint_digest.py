"""A blueprint's digest is that of its meaning: no order and no way of writing changes it, and any other change does."""

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, load_blueprint, sample_blueprint
from mppkit.blueprint.digest import canonical, digest_of
from mppkit.calendars import DayKind, Level
from mppkit.decisions import LegalBasis, Reason
from mppkit.directory import AgencyKind, ChannelKind, DocumentForm, FacilityGroup, RegulationKind, TimeUnit
from mppkit.errors import BlueprintError
from mppkit.permits.workflow import CountsFrom, Overdue
from mppkit.queues.disciplines import FirstCome, PriorityAgeing, Ratio
from mppkit.queues.policies import BUILT_IN

WHOLE = Path(__file__).parent / "whole"
ToToml = Callable[[Mapping[str, object]], str]
Document = dict[str, Any]


def merged() -> Document:
    """Return the whole blueprint as one document."""
    document: Document = {}
    for path in sorted(WHOLE.glob("*.toml")):
        document |= tomllib.loads(path.read_text(encoding="utf-8"))
    return document


DOCUMENT = merged()
DIGEST = load_blueprint(WHOLE).digest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("digest")


def load(folder: Path, to_toml: ToToml, *files: Document, **options: Any) -> Blueprint:
    place = folder / "mall"
    place.mkdir(exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    for number, document in enumerate(files):
        (place / f"{number}.toml").write_text(to_toml(document), encoding="utf-8")
    return load_blueprint(place, **options)


# --- what changes nothing ------------------------------------------------------------------------------------------


def shuffled(value: Any, data: st.DataObject, key: str = "") -> Any:
    """Return a value with its keys in another order, and its arrays too, but for those whose order says something."""
    if isinstance(value, dict):
        keys = data.draw(st.permutations(list(value)))
        return {inner: shuffled(value[inner], data, inner) for inner in keys}
    if isinstance(value, list):
        items = [shuffled(item, data) for item in value]
        in_order = key in ("procedure", "hours", "step", "outcomes") or "day" in key
        return items if in_order else data.draw(st.permutations(items))
    return value


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_and_keys_and_the_files_they_stand_in_change_nothing(
    folder: Path, to_toml: ToToml, data: st.DataObject
) -> None:
    files: tuple[Document, ...] = ({}, {}, {})
    for key, value in shuffled(DOCUMENT, data).items():
        if key != "queue" and isinstance(value, list):
            for row in value:
                data.draw(st.sampled_from(files)).setdefault(key, []).append(row)
        else:
            data.draw(st.sampled_from(files))[key] = value
    loaded = load(folder, to_toml, *files)
    assert loaded.digest == DIGEST
    # what depends on an order in the models must not depend on that of the files
    calendar = load_blueprint(WHOLE).calendar
    assert (loaded.calendar, loaded.policies) == (calendar, load_blueprint(WHOLE).policies)


def test_a_default_that_is_written_out_changes_nothing(folder: Path, to_toml: ToToml, small: str) -> None:
    plain = tomllib.loads(small)
    written = copy.deepcopy(plain)
    written["mall"]["invented"] = False
    written["hours"]["sunday"] = []
    written["calendar"] = {"closed_on_joint_leave": True, "closed_on_national_holidays": True}
    written["closure"][0]["to"] = plain["closure"][0]["from"]
    written["service"][0]["standard"] = {"fees": []}
    written["service"][0]["channels"] = []
    written["queue"]["admission"]["early_minutes"] = 0.0
    written["queue"]["discipline"] = {"policy": "first_come"}
    written["queue"]["limits"]["recall_limit"] = 3
    assert load(folder, to_toml, written).digest == load(folder, to_toml, plain).digest


def test_what_an_agency_says_for_all_means_what_each_service_says(folder: Path, to_toml: ToToml) -> None:
    spelt = copy.deepcopy(DOCUMENT)
    shared = spelt["agency"][0].pop("standard")
    for service in spelt["service"]:
        if service["agency"] == "capil":
            service["standard"] = {**shared, **service["standard"]}
    assert load(folder, to_toml, spelt).digest == DIGEST


def test_the_digest_stays_as_it_is_from_one_version_to_the_next() -> None:
    """A digest that changes here no longer fits those that malls have recorded: it may only with a reason."""
    whole = load_blueprint(WHOLE)
    known = "82d472c695477ce9cf1cd609c8fe3ef039f65868d1d60cecde0119362aed9d96"
    officers = tuple(attrs.evolve(officer, roles=()) for officer in whole.directory.officers)
    before_roles = attrs.evolve(whole.directory, officers=officers, roles=())
    assert digest_of({"calendar": whole.calendar, "directory": before_roles}) == known
    before_permits = attrs.evolve(whole, directory=before_roles, workflows=(), zones=())
    assert before_permits.digest == "be18b60f5041097b43f2b3afa06272a1c14946e7dd9ba2aea59bb560f0315ce4"
    assert whole.digest == "0f70ee88e4d1d29156eaa6c92cd44913f50eef129d829e538a304b16050910c8"
    assert sample_blueprint().digest == sample_blueprint().digest != DIGEST


# --- what changes it -----------------------------------------------------------------------------------------------


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place
        return
    for key, inner in items:
        yield from leaves(inner, (*place, key))


def at(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


KINDS = (Level, DayKind, AgencyKind, RegulationKind, DocumentForm, TimeUnit, ChannelKind, FacilityGroup)
KINDS += (CountsFrom, Overdue)
OTHER = {word.value: [other.value for other in kind if other is not word] for kind in KINDS for word in kind}
OTHER |= {"prefix": ["single"], "ratio": ["priority_ageing"], "Asia/Makassar": ["Asia/Jakarta"]}
OTHER |= {"FREQ=MONTHLY;BYDAY=1SA": ["FREQ=MONTHLY;BYDAY=2SA"], "FREQ=WEEKLY;BYDAY=SA": ["FREQ=WEEKLY;BYDAY=SU"]}
OTHER |= {"A": ["C"], "B": ["D"], "180.5": ["180.25"]}
FIXED = {("queue", slot, "policy") for slot in ("admission", "discipline", "placement", "estimate")}
"""The names of policies whose parameters no other policy of the slot takes; another test changes them."""
FIXED |= {("overlay", 0, "kind"), ("service", 2, "agency"), ("participation", 1, "agency")}
"""What something else in the row forbids to change; the rows beside them change theirs."""


def is_fixed(place: tuple[Any, ...]) -> bool:
    """Tell whether nothing else may stand at a place: where a step leads is changed by a test of its own."""
    keys = [key for key in place if isinstance(key, str)]
    leading = keys[0] == "workflow" and keys[-1] in ("start", "next", "join", "kind", "effect", "reasons")
    return leading or place in FIXED


def renamed(value: Any, old: str, new: str) -> Any:
    """Return a document in which an id and all that refers to it are another."""
    if isinstance(value, dict):
        return {key: renamed(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, old, new) for inner in value]
    return new if value == old else value


def changes(place: tuple[Any, ...]) -> Iterator[Document]:
    """Return documents that differ from the whole one in what stands at a place."""
    value = at(DOCUMENT, place)
    if place[-1] in ("id", "code"):
        yield renamed(DOCUMENT, value, f"{value}-x")
        return
    if isinstance(value, bool):
        others: list[Any] = [not value]
    elif isinstance(value, int | float):
        others = [value + 1, value + 0.05]
    elif isinstance(value, date):
        others = [value + timedelta(days=1), value - timedelta(days=1)]
    else:
        known = [at(DOCUMENT, other) for other in leaves(DOCUMENT) if other[-1] == "id"]
        others = [*OTHER.get(value, ()), value.replace(":00-", ":01-"), *known, f"{value}x"]
    for other in others:
        if other != value:
            changed = copy.deepcopy(DOCUMENT)
            at(changed, place[:-1])[place[-1]] = other
            yield changed


@pytest.mark.parametrize("place", [place for place in leaves(DOCUMENT) if not is_fixed(place)], ids=str)
def test_a_change_of_any_value_changes_the_digest(place: tuple[Any, ...], folder: Path, to_toml: ToToml) -> None:
    seen = set()
    for changed in changes(place):
        with suppress(BlueprintError):
            seen.add(load(folder, to_toml, changed).digest)
            break
    assert seen, "no other value loads: the test tries too few"
    assert DIGEST not in seen


IS_DEFAULT = {
    ("calendar", "closed_on_national_holidays"),
    ("calendar", "closed_on_joint_leave"),
    ("overlay", 0, "to"),
}


@pytest.mark.parametrize("place", [place for place in leaves(DOCUMENT) if place not in IS_DEFAULT], ids=str)
def test_whatever_is_taken_away_changes_the_digest(place: tuple[Any, ...], folder: Path, to_toml: ToToml) -> None:
    changed = copy.deepcopy(DOCUMENT)
    del at(changed, place[:-1])[place[-1]]
    with suppress(BlueprintError):  # it is needed, or what refers to it has nothing to refer to
        assert load(folder, to_toml, changed).digest != DIGEST


@pytest.mark.parametrize("slot", BUILT_IN)
def test_every_policy_has_a_digest_of_its_own(slot: str, folder: Path, to_toml: ToToml) -> None:
    digests = set()
    for name in BUILT_IN[slot]:
        changed = copy.deepcopy(DOCUMENT)
        changed["queue"][slot] = {"policy": name}
        digests.add(load(folder, to_toml, changed).digest)
    assert len(digests) == len(BUILT_IN[slot])


def test_the_order_of_a_procedure_is_part_of_what_it_means(folder: Path, to_toml: ToToml) -> None:
    changed = copy.deepcopy(DOCUMENT)
    changed["agency"][0]["standard"]["procedure"].reverse()
    assert load(folder, to_toml, changed).digest != DIGEST


def parts(value: Any) -> Iterator[Any]:
    """Return a value of attrs classes with each part of it changed, or taken away, one at a time."""
    if isinstance(value, Reason | LegalBasis) or attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from (attrs.evolve(value, **{field.name: other}) for other in parts(getattr(value, field.name)))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from ((*value[:index], other, *value[index + 1 :]) for other in parts(inner))
            yield (*value[:index], *value[index + 1 :])
    elif isinstance(value, Enum):
        yield from (other for other in type(value) if other is not value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield f"{value}x"
    elif isinstance(value, int):
        yield value + 1


def test_a_change_of_any_part_of_a_workflow_changes_the_digest() -> None:
    whole = load_blueprint(WHOLE)
    changed = [attrs.evolve(whole, workflows=other) for other in parts(whole.workflows)]
    digests = {each.digest for each in changed}
    assert DIGEST not in digests
    assert len(digests) == len({repr(each.workflows) for each in changed}) > 100


def test_steps_and_outcomes_have_an_order_and_what_they_lead_to_has_none() -> None:
    whole = load_blueprint(WHOLE)
    workflow = whole.workflow("sambung")

    def digest(**changed: Any) -> str:
        return attrs.evolve(whole, workflows=(whole.workflows[0], attrs.evolve(workflow, **changed))).digest

    first, *others = workflow.steps
    forward, *rest = first.outcomes
    assert digest(steps=workflow.steps[::-1]) != DIGEST
    assert digest(steps=(attrs.evolve(first, outcomes=(*rest, forward)), *others)) != DIGEST
    turned = attrs.evolve(forward, next=forward.next[::-1])
    assert digest(steps=(attrs.evolve(first, outcomes=(turned, *rest)), *others)) == DIGEST
    for name in ("services", "documents", "reasons"):
        assert digest(**{name: getattr(workflow, name)[::-1]}) == DIGEST
    assert attrs.evolve(whole, workflows=whole.workflows[::-1], zones=whole.zones[::-1]).digest == DIGEST


def test_an_amount_counts_by_what_it_is_and_not_by_how_it_is_written(folder: Path, to_toml: ToToml) -> None:
    def digest(amount: object) -> str:
        changed = copy.deepcopy(DOCUMENT)
        changed["zone"][0]["limit"][0]["amount"] = amount
        return load(folder, to_toml, changed).digest

    assert {digest(amount) for amount in (250, 250.0, "250", "250.00")} == {DIGEST}
    assert len({digest(amount) for amount in (250.5, "250.25", "2500", 0, "250.0001")}) == 5


# --- policies of the caller's own ----------------------------------------------------------------------------------


def last_come(line: Any, situation: Any, /) -> Any:
    return line[-1]


def test_parameters_of_a_registered_policy_count_though_it_is_a_function(folder: Path, to_toml: ToToml) -> None:
    register = {"discipline": {"own": lambda **given: last_come, "mine": PriorityAgeing}}

    def digest(**table: Any) -> str:
        changed = {**DOCUMENT, "queue": {**DOCUMENT["queue"], "discipline": table}}
        return load(folder, to_toml, changed, register=register).digest

    assert digest(policy="own", doors=["a", "b"]) == digest(doors=["a", "b"], policy="own")
    assert len({digest(policy="own"), digest(policy="own", x=1), digest(policy="own", x=2), DIGEST}) == 4
    assert digest(policy="own", doors=["a", "b"]) != digest(policy="own", doors=["b", "a"])
    # a built-in policy under a name of one's own means what it means under its own
    assert digest(policy="mine", head_start_minutes=5) == digest(policy="priority_ageing", head_start_minutes=5)


def test_policies_that_were_handed_in_count_as_far_as_they_can_be_told() -> None:
    whole = load_blueprint(WHOLE)

    def digest(discipline: Any) -> str:
        return attrs.evolve(whole, policies=attrs.evolve(whole.policies, discipline=discipline)).digest

    assert digest(Ratio(priority=3, regular=2)) == DIGEST
    assert len({digest(FirstCome()), digest(last_come), digest(Ratio()), DIGEST}) == 4
    assert digest(last_come) == digest(last_come)

    @attrs.frozen
    class Nearest:
        doors: object

    assert digest(Nearest(1)) != digest(Nearest(2))
    assert digest(Nearest(object())) == digest(Nearest(object()))  # no address of memory gets in


# --- canonical text ------------------------------------------------------------------------------------------------


def test_canonical_text_is_ascii_and_sorted() -> None:
    assert canonical({"b": (2.5, 1.0), "a": "Bale—é"}) == '{"a":"Bale\\u2014\\u00e9","b":[1,2.5]}'
    assert canonical(()) == "[]"
    assert len(digest_of({})) == 64
