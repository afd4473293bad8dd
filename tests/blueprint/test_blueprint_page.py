"""The page docs/reference/blueprint.md tells the format as it is: its TOML loads, its tables leave out no key."""

import re
import tomllib
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path

import pytest

from mppkit.blueprint import load_blueprint
from mppkit.blueprint.files import LARGEST_FILE, LONGEST_LINE
from mppkit.directory import AgencyKind
from mppkit.queues.model import Limits
from mppkit.queues.policies import BUILT_IN

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "blueprint.md").read_text(encoding="utf-8")
PARTS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
SLOT_ROWS = re.findall(r"^\| (?:`(\w+)` )?\| (?:`(\w+)`|\(has no `policy`\)) \| (.*?) ?\|$", PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.split("\n")[0])
def test_every_part_loads_beside_a_sound_blueprint(
    part: str, small: str, to_toml: Callable[[Mapping[str, object]], str], tmp_path: Path
) -> None:
    whole = tomllib.loads(small)
    for name, content in tomllib.loads(part).items():
        if isinstance(content, list):
            whole[name] = [*whole.get(name, []), *content]
        else:
            whole[name] = {**whole.get(name, {}), **content} if name == "queue" else content
    path = tmp_path / "m.toml"
    path.write_text(to_toml(whole), encoding="utf-8")
    load_blueprint(path)


def test_the_page_has_parts() -> None:
    assert len(PARTS) == 4


def written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else repr(default)


def test_every_policy_stands_there_with_its_parameters_and_defaults() -> None:
    told = {}
    slot = ""
    for new_slot, policy, parameters in SLOT_ROWS:
        slot = new_slot or slot
        told[slot, policy] = parameters
    made = {(slot, name): kind for slot, table in BUILT_IN.items() for name, kind in table.items()}
    made["limits", ""] = Limits
    assert told == {
        place: ", ".join(f"`{p.name} = {written(p.default)}`" for p in signature(kind).parameters.values())
        for place, kind in made.items()
    }


def test_every_kind_of_agency_and_every_limit_of_a_file_stands_there() -> None:
    assert ", ".join(f"`{kind.value}`" for kind in AgencyKind).replace(", `swasta`", " or `swasta`") in PAGE
    assert f"up to {LARGEST_FILE:,} bytes, in lines of up to {LONGEST_LINE:,} characters" in PAGE


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("`[mall]`", "id name name_english zone invented"),
        ("`[calendar]`", "closed_on_national_holidays closed_on_joint_leave"),
        ("`[[closure]]`", "from to name name_english decree"),
        ("`[[agency]]`", "id name name_english kind"),
        ("`[[service]]`", "id name name_english agency prefix daily_quota expected_minutes profile"),
        ("`[[counter]]`", "id name services"),
    ],
)
def test_the_keys_of_a_section_are_those_that_the_loader_knows(
    section: str, keys: str, problems_of: Callable[..., list[str]]
) -> None:
    part = PAGE[PAGE.index(f"### {section}") :].split("\n### ")[0]
    rows = re.findall(r"^\| (`.+?`) \| (?:yes|no)", part, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(keys.split())
    lines = problems_of(f"{section.strip('`')}\nnothing_like_it = 1\n")
    known = next(line for line in lines if "'nothing_like_it': no such key; there are " in line).rpartition("are ")[2]
    assert set(known.split(", ")) == set(keys.split())
