"""The page docs/reference/blueprint.md tells the format as it is: its TOML loads, its tables leave out no key."""

import re
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from inspect import signature
from pathlib import Path

import pytest

from mppkit.blueprint import checking, load_blueprint
from mppkit.calendars import DayKind, Level
from mppkit.directory import (
    COMPONENTS,
    AgencyKind,
    ChannelKind,
    DocumentForm,
    FacilityGroup,
    RegulationKind,
    TimeUnit,
)
from mppkit.documents.files import LARGEST_FILE, LARGEST_FOLDER, LONGEST_LINE, MOST_FILES
from mppkit.permits.workflow import EFFECTS, CountsFrom, Effect, Overdue, StepKind
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
    assert len(PARTS) == 11


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
    assert f"up to {MOST_FILES} files and {LARGEST_FOLDER:,}\nbytes" in PAGE


KEYS = {
    "[mall]": "id name name_english zone invented",
    "[calendar]": "closed_on_national_holidays closed_on_joint_leave",
    "[[closure]]": "from to name name_english decree",
    "[[overlay]]": "level kind from to name name_english decree decreed_on hours",
    "[[special_hours]]": "rule from to hours",
    "[[regulation]]": "id kind issuer number year about in_force_from in_force_to articles verified",
    "[[participation]]": "agency regulation from to services",
    "[[agency]]": "id name name_english kind standard",
    "[[service]]": "id name name_english agency prefix daily_quota expected_minutes profile channels standard",
    "[service.standard]": " ".join(COMPONENTS),
    "[[counter]]": "id name services",
    "[[officer]]": "id agency counters roles",
    "[[facility]]": "id name name_english group",
    "[[role]]": "id name name_english may",
    "[[workflow]]": "id version name name_english services start step reason documents working_days term_regulation "
    "term_article counts_from overdue escalates_to applicant_days validity_months",
    "[[workflow.step]]": "id name name_english kind role agency working_days documents reserves outcomes",
    "[[workflow.reason]]": "code indonesian english regulation article",
    "[[zone]]": "id name name_english limit",
    "[[zone.limit]]": "resource unit amount source dated",
}


def section(name: str) -> str:
    return PAGE[PAGE.index(f"### `{name}`") :].split("\n### ")[0]


@pytest.mark.parametrize("name", KEYS)
def test_the_keys_of_a_section_are_those_the_loader_knows(name: str, problems_of: Callable[..., list[str]]) -> None:
    rows = re.findall(r"^\| (`.+?`) \| (?:yes|no)", section(name), flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(KEYS[name].split())
    within = name.strip("[]").partition(".")
    above = f"[[{within[0]}]]\n" if within[1] else ""
    assert known_keys(problems_of(f"{above}{name}\nnothing_like_it = 1\n")) == set(KEYS[name].split())


def known_keys(lines: list[str]) -> set[str]:
    known = next(line for line in lines if "'nothing_like_it': no such key; there are " in line).rpartition("are ")[2]
    return set(known.split(", "))


@pytest.mark.parametrize(
    ("of", "keys"),
    [
        ("requirements", "document form document_english issuer product_of valid_months"),
        ("fees", "amount_rupiah what basis"),
        ("complaints", "kind address"),
    ],
)
def test_the_keys_within_a_standard_are_those_that_the_loader_knows(
    of: str, keys: str, problems_of: Callable[..., list[str]]
) -> None:
    assert known_keys(problems_of(f"[[service]]\nstandard.{of} = [{{ nothing_like_it = 1 }}]\n")) == set(keys.split())
    row = re.search(rf"^\| {of if of != 'complaints' else 'channels'} \| (.*) \|$", section("[service.standard]"), re.M)
    assert row is not None
    assert set(keys.split()) <= set(re.findall(r"`(\w+)`", row[1]))


def test_the_keys_of_an_outcome_are_those_that_the_loader_knows(problems_of: Callable[..., list[str]]) -> None:
    keys = {"id", "effect", "name", "name_english", "next", "join", "reasons", "reserves"}
    assert known_keys(problems_of("[[workflow]]\nstep = [{ outcomes = [{ nothing_like_it = 1 }] }]\n")) == keys
    row = re.search(r"^\| outcomes \| (.*) \|$", section("[[workflow.step]]"), re.M)
    assert row is not None
    assert keys <= set(re.findall(r"`(\w+)`", row[1]))


def test_what_each_kind_of_step_may_end_by_stands_there() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", section("[[workflow.step]]"), flags=re.MULTILINE)
    told = {kind: set(re.findall(r"`(\w+)`", effects)) for kind, effects in rows}
    assert told == {kind.value: {effect.value for effect in EFFECTS[kind]} for kind in StepKind}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("[[overlay]]", Level),
        ("[[overlay]]", DayKind),
        ("[[regulation]]", RegulationKind),
        ("[service.standard]", DocumentForm),
        ("[service.standard]", TimeUnit),
        ("[service.standard]", ChannelKind),
        ("[[facility]]", FacilityGroup),
        ("[[workflow]]", CountsFrom),
        ("[[workflow]]", Overdue),
        ("[[workflow.step]]", StepKind),
        ("[[workflow.step]]", Effect),
    ],
)
def test_every_word_that_a_key_takes_stands_there(name: str, kinds: type[StrEnum]) -> None:
    assert all(f"`{kind.value}`" in section(name) for kind in kinds)


def test_the_components_bear_their_official_names_there() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| no \| (.*?) \|", section("[service.standard]"), flags=re.MULTILINE))
    assert told == {name: component.indonesian for name, component in COMPONENTS.items()}


def test_every_code_of_a_finding_stands_there_with_its_severity() -> None:
    source = Path(checking.__file__).read_text(encoding="utf-8")
    made = {(code, kind) for kind, code in re.findall(r'_(problem|advice)\(\s*"(\w+)"', source)}
    made.add(("year_without_decree", "advice"))
    assert set(re.findall(r"^\| `(\w+)` \| (problem|advice) \|", PAGE, flags=re.MULTILINE)) == made
