"""Whatever stands in a blueprint's files, it either loads or is refused with BlueprintError; never anything else."""

import copy
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, load_blueprint
from mppkit.errors import BlueprintError

WHOLE = Path(__file__).parent / "whole"
PARTS = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(WHOLE.glob("*.toml"))}
WORDS = sorted({key for part in PARTS.values() for place in [part] for key in place})
KEYS = [
    *WORDS,
    *("id", "name", "zone", "policy", "kind", "services", "monday", "from", "to", "discipline", "limits"),
    *("standard", "requirements", "fees", "duration", "amount", "product_of", "hours", "rule", "level", "articles"),
    *("step", "outcomes", "effect", "next", "join", "reasons", "limit", "resource", "version", "roles"),
]

scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(min_value=0, max_value=400).map(lambda digits: 10**digits),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["contoh", "nib", "standard", "ratio", "Asia/Makassar", "07:30-12:00", "bumn", "A", ""]),
    st.dates(),
    st.datetimes(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), values, max_size=6)

ToToml = Callable[[Mapping[str, object]], str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("blueprint")


def loaded(path: Path) -> Blueprint | BlueprintError:
    try:
        return load_blueprint(path)
    except BlueprintError as caught:
        refused = caught
    assert refused.problems
    assert all(problem.file.startswith(str(path)) and problem.allowed for problem in refused.problems)
    return refused


@given(documents)
@settings(max_examples=300, deadline=None)
def test_any_tables_load_or_are_refused(folder: Path, to_toml: ToToml, document: dict[str, object]) -> None:
    path = folder / "any.toml"
    path.write_text(to_toml(document), encoding="utf-8", newline="")
    assert tomllib.loads(path.read_text(encoding="utf-8")).keys() == document.keys()
    assert isinstance(loaded(path), Blueprint | BlueprintError)


@given(st.binary(max_size=300) | st.text(alphabet="[]{}=\"'.,#-: \n\rabcmall0129", max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_refused(folder: Path, content: bytes) -> None:
    path = folder / "bytes.toml"
    path.write_bytes(content)
    assert isinstance(loaded(path), BlueprintError)


# --- a whole blueprint with something changed ----------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the place of every table, row and key in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


PLACES = [(name, *place) for name, part in PARTS.items() for place in places(part)]
ROWS = [place for place in PLACES if isinstance(place[-1], int) and len(place) == 3]
NEEDED = {
    "mall": {"id", "name", "name_english", "zone"},
    "closure": {"from", "name", "name_english"},
    "overlay": {"level", "kind", "from", "name", "name_english", "decree", "decreed_on"},
    "special_hours": {"rule", "from", "hours"},
    "regulation": {"id", "kind", "number", "year", "about"},
    "agency": {"id", "name", "name_english", "kind"},
    "participation": {"agency", "regulation", "from"},
    "service": {"id", "name", "name_english", "agency", "prefix"},
    "counter": {"id", "name", "services"},
    "officer": {"id", "agency"},
    "facility": {"id", "name", "name_english", "group"},
    "role": {"id", "name", "name_english"},
    "workflow": {"id", "name", "name_english", "services", "start", "step"},
    "zone": {"id", "name", "name_english"},
    "queue": {"policy"},
}
NEEDED_WITHIN = {
    "requirements": {"document", "form"},
    "duration": {"amount", "unit"},
    "complaints": {"kind"},
    "step": {"id", "name", "name_english", "kind", "role", "working_days", "outcomes"},
    "outcomes": {"id", "effect"},
    "reason": {"code", "indonesian", "english"},
    "limit": {"resource", "unit", "amount", "source", "dated"},
}


def is_needed(place: tuple[Any, ...]) -> bool:
    if "queue" in place:
        return place[-1] in NEEDED["queue"]
    holder = place[-2] if isinstance(place[-2], str) else place[-3]
    return place[-1] in (NEEDED if holder == place[1] else NEEDED_WITHIN).get(holder, ())


def parent(parts: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        parts = parts[key]
    return parts


def write(folder: Path, to_toml: ToToml, parts: Mapping[str, Mapping[str, object]]) -> None:
    for name, part in parts.items():
        (folder / name).write_text(to_toml(part), encoding="utf-8")


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_any_change_of_a_blueprint_loads_or_is_refused(folder: Path, to_toml: ToToml, data: st.DataObject) -> None:
    parts = copy.deepcopy(PARTS)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(PLACES))
        try:
            holder = parent(parts, place)
            inner = holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
        change = data.draw(st.sampled_from(["delete", "swap", "duplicate", "rename"]))
        if change == "delete":
            del holder[place[-1]]
        elif change == "swap" and isinstance(holder, dict | list):
            holder[place[-1]] = data.draw(values)
        elif change == "duplicate" and isinstance(holder, list):
            holder.append(copy.deepcopy(inner))
        elif change == "rename" and isinstance(holder, dict):
            holder[data.draw(st.text(max_size=8))] = holder.pop(place[-1])
    changed = folder / "changed"
    changed.mkdir(exist_ok=True)
    write(changed, to_toml, parts)
    assert isinstance(loaded(changed), Blueprint | BlueprintError)


@given(st.sampled_from([place for place in PLACES if is_needed(place)]))
@settings(max_examples=100, deadline=None)
def test_a_needed_key_that_is_missing_is_told_in_its_file(
    folder: Path, to_toml: ToToml, place: tuple[Any, ...]
) -> None:
    parts = copy.deepcopy(PARTS)
    del parent(parts, place)[place[-1]]
    changed = folder / "lacking"
    changed.mkdir(exist_ok=True)
    write(changed, to_toml, parts)
    refused = loaded(changed)
    assert isinstance(refused, BlueprintError)
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place[1:]).removeprefix(".")
    missing = [problem for problem in refused.problems if problem.found is None]
    assert [(problem.file, problem.path) for problem in missing] == [(str(changed / place[0]), path)]


@given(st.sampled_from([row for row in ROWS if "id" in parent(PARTS, row)[row[-1]]]), st.sampled_from(sorted(PARTS)))
@settings(max_examples=60, deadline=None)
def test_a_row_given_twice_is_told_where_the_second_stands(
    folder: Path, to_toml: ToToml, row: tuple[Any, ...], into: str
) -> None:
    parts = copy.deepcopy(PARTS)
    twin = parent(parts, row)[row[-1]]
    parts[into].setdefault(row[1], []).append(twin)
    changed = folder / "twice"
    changed.mkdir(exist_ok=True)
    write(changed, to_toml, parts)
    refused = loaded(changed)
    assert isinstance(refused, BlueprintError)
    told = {problem.path.rpartition(".")[2] for problem in refused.problems}
    # the versions of a workflow may share a name
    assert told == ({"id"} if row[1] == "workflow" else {"id", "name"} & twin.keys())
    assert {problem.row for problem in refused.problems} == {twin["id"]}
