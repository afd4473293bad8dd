"""A blueprint's digest is that of its meaning: no order and no way of writing changes it, and any other change does."""

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, load_blueprint, sample_blueprint
from mppkit.blueprint.digest import canonical, digest_of
from mppkit.calendars import DayKind, Level
from mppkit.directory import AgencyKind, ChannelKind, DocumentForm, FacilityGroup, RegulationKind, TimeUnit
from mppkit.errors import BlueprintError
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
        in_order = key in ("procedure", "hours") or "day" in key
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
    assert digest_of({"calendar": whole.calendar, "directory": whole.directory}) == known
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
OTHER = {word.value: [other.value for other in kind if other is not word] for kind in KINDS for word in kind}
OTHER |= {"prefix": ["single"], "ratio": ["priority_ageing"], "Asia/Makassar": ["Asia/Jakarta"]}
OTHER |= {"FREQ=MONTHLY;BYDAY=1SA": ["FREQ=MONTHLY;BYDAY=2SA"], "FREQ=WEEKLY;BYDAY=SA": ["FREQ=WEEKLY;BYDAY=SU"]}
OTHER |= {"A": ["C"], "B": ["D"]}
FIXED = {("queue", slot, "policy") for slot in ("admission", "discipline", "placement", "estimate")}
"""The names of policies whose parameters no other policy of the slot takes; another test changes them."""
FIXED |= {("overlay", 0, "kind"), ("service", 2, "agency"), ("participation", 1, "agency")}
"""What something else in the row forbids to change; the rows beside them change theirs."""


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
    if place[-1] == "id":
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


@pytest.mark.parametrize("place", [place for place in leaves(DOCUMENT) if place not in FIXED], ids=str)
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
