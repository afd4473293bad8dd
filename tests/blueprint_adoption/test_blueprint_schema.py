"""The schema knows exactly the keys that the loader knows, and takes what the loader takes."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mppkit.blueprint import load_blueprint, schema
from mppkit.documents.tables import Table
from mppkit.permits.policies import BUILT_IN as PERMIT_BUILT_IN
from mppkit.queues.policies import BUILT_IN

ROOT = Path(__file__).parents[2]
WHOLE = ROOT / "tests" / "blueprint" / "whole"
FILES = [*sorted((ROOT / "src" / "mppkit" / "blueprint" / "contoh").glob("*.toml")), *sorted(WHOLE.glob("*.toml"))]
SCHEMA = schema()


def inner(part: Mapping[str, Any], place: str) -> Iterator[Mapping[str, Any]]:
    """Return every table of the schema under its place."""
    for option in part.get("oneOf", [part]):
        if option.get("type") == "array":
            yield from inner(option["items"], place)
        elif "properties" in option:
            yield {
                "place": place,
                "keys": frozenset(option["properties"]),
                "needed": frozenset(option.get("required", ())),
            }
            for key, value in option["properties"].items():
                yield from inner(value, f"{place}.{key}".removeprefix("."))


def test_the_keys_are_those_by_which_the_loader_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[tuple[str, frozenset[str], frozenset[str]]] = set()
    original = Table.read

    def noted(self: Table, required: Mapping[str, Any], optional: Mapping[str, Any]) -> dict[str, Any]:
        place = re.sub(r"\[\d+\]", "", self.path)
        read.add((place, frozenset({**required, **optional}), frozenset(required)))
        return original(self, required, optional)

    monkeypatch.setattr(Table, "read", noted)
    load_blueprint(WHOLE)
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(WHOLE.glob("*.toml")))
    named = [(f"queue.{slot}", name) for slot, table in BUILT_IN.items() for name in table]
    named += [(f"permit_{slot}", name) for slot, table in PERMIT_BUILT_IN.items() for name in table]
    for section, name in named:
        plain = re.sub(rf"\[{re.escape(section)}\]\n[^\[]*", "", text)
        path = tmp_path / "m.toml"
        path.write_text(f'{plain}\n[{section}]\npolicy = "{name}"\n[survey]\n', encoding="utf-8")
        load_blueprint(path)
    told = {(each["place"], each["keys"], each["needed"]) for each in inner(SCHEMA, "")}
    assert of_services(told) == of_services(read)


def of_services(tables: set[tuple[str, Any, Any]]) -> set[tuple[str, Any, Any]]:
    """Take the standard of an agency for one of a service: there is one reader of both, and one schema."""
    return {(place.replace("agency.standard", "service.standard"), *rest) for place, *rest in tables}  # type: ignore[misc]


def faults(part: Mapping[str, Any], value: Any, place: str = "") -> Iterator[str]:
    """Return what is wrong with a value by the few words of JSON Schema that are used; any other word is an error."""
    known = {"$schema", "title", "description", "default", "examples", "format", "type", "properties", "required"}
    known |= {
        "additionalProperties",
        "items",
        "enum",
        "const",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
    }
    known |= {"exclusiveMinimum", "oneOf", "anyOf", "minItems", "uniqueItems"}
    assert part.keys() <= known, part.keys() - known
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
    if "type" in part and (
        not isinstance(value, kinds[part["type"]]) or (isinstance(value, bool) and part["type"] != "boolean")
    ):
        yield f"{place}: no {part['type']}"
        return
    if "enum" in part and value not in part["enum"]:
        yield f"{place}: not one of the words"
    if "const" in part and value != part["const"]:
        yield f"{place}: not {part['const']}"
    if "pattern" in part and not re.search(part["pattern"], value):
        yield f"{place}: not of the pattern"
    if isinstance(value, str) and not part.get("minLength", 0) <= len(value) <= part.get("maxLength", 10**6):
        yield f"{place}: too long or too short"
    if isinstance(value, int | float) and not part.get("minimum", value) <= value <= part.get("maximum", value):
        yield f"{place}: out of range"
    if isinstance(value, int | float) and value <= part.get("exclusiveMinimum", value - 1):
        yield f"{place}: too small"
    if isinstance(value, list):
        if len(value) < part.get("minItems", 0):
            yield f"{place}: too few"
        if part.get("uniqueItems") and len({str(each) for each in value}) < len(value):
            yield f"{place}: twice"
        for index, each in enumerate(value):
            yield from faults(part["items"], each, f"{place}[{index}]")
    if isinstance(value, dict):
        yield from (f"{place}: no {key}" for key in part.get("required", ()) if key not in value)
        for key, each in value.items() if "properties" in part else ():
            if key in part["properties"]:
                yield from faults(part["properties"][key], each, f"{place}.{key}")
            elif part["additionalProperties"] is False:
                yield f"{place}: unknown {key}"
    for word, most in (("oneOf", 1), ("anyOf", 99)):
        if word in part:
            fits = sum(not list(faults(option, value, place)) for option in part[word])
            if not 1 <= fits <= most:
                yield f"{place}: fits {fits} of {word}"


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def document(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = as_json(tomllib.loads(path.read_text(encoding="utf-8")))
    return read


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_that_loads_is_valid(path: Path) -> None:
    assert list(faults(SCHEMA, document(path))) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[mall]\nid = 'Badung'\nname = 'x'\nname_english = 'x'\nzone = 'UTC'", ".mall.id: not of the pattern"),
        ("[hours]\nmonday = ['8-12']", ".hours.monday[0]: not of the pattern"),
        ("[[service]]\nprefix = 'J'", ".service[0].prefix: not of the pattern"),
        ("[[counter]]\nid = 'a'\nname = 'x'\nservices = []", ".counter[0].services: too few"),
        ("[queue.discipline]\npolicy = 'ratio'\npriorty = 2", ".queue.discipline: fits 0 of oneOf"),
        ("[queue.limits]\nrecall_limit = true", ".queue.limits.recall_limit: no number"),
        ("[[agency]]\nstandard.fees = [{ basis = 'x' }]", ".agency[0].standard.fees[0]: fits 0 of anyOf"),
        ("[[agency]]\nstandard.staff = 0", ".agency[0].standard.staff: out of range"),
        ("[[facility]]\ngroup = 'x'", ".facility[0].group: not one of the words"),
        ("[[workflow.step]]\nkind = 'x'", ".workflow: no array"),
        ("[[workflow]]\n[[workflow.step]]\nkind = 'x'", ".workflow[0].step[0].kind: not one of the words"),
        ("[[workflow]]\nstep = [{outcomes = []}]", ".workflow[0].step[0].outcomes: too few"),
        ("[[zone]]\n[[zone.limit]]\namount = '1,5'", ".zone[0].limit[0].amount: fits 0 of anyOf"),
        ("[malls]", ": unknown malls"),
    ],
)
def test_what_the_loader_refuses_in_a_file_is_invalid(text: str, fault: str) -> None:
    assert fault in list(faults(SCHEMA, as_json(tomllib.loads(text))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_independent_validator_agrees(path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(document(path))
