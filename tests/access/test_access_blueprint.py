"""The duties of roles in a blueprint: read, checked, told apart, written back."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from mppkit.blueprint import diff, load_blueprint
from mppkit.blueprint.writing import as_document, as_files
from mppkit.directory import Duty
from mppkit.errors import BlueprintError


def written(blueprint: Any, folder: Path) -> Path:
    folder.mkdir()
    for name, text in as_files(as_document(blueprint)).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def with_duties(blueprint: Any, *duties: Duty) -> Any:
    first, *rest = blueprint.directory.roles
    roles = (evolve(first, may=duties), *rest)
    return evolve(blueprint, directory=evolve(blueprint.directory, roles=roles))


def test_a_role_has_the_duties_that_stand_there(blueprint: Any) -> None:
    assert blueprint.directory.role("tugas-head").may == (Duty.HEAD,)
    assert blueprint.directory.role("petugas-izin").may == ()


def test_duties_are_written_and_read_back_and_told_as_a_difference(blueprint: Any, tmp_path: Path) -> None:
    changed = with_duties(blueprint, Duty.AUDIT, Duty.PROTECT)
    back = load_blueprint(written(changed, tmp_path / "b"))
    assert back.directory.role("petugas-izin").may == (Duty.AUDIT, Duty.PROTECT)
    assert back.digest == changed.digest == with_duties(blueprint, Duty.PROTECT, Duty.AUDIT).digest != blueprint.digest
    assert with_duties(changed).digest == blueprint.digest
    assert [str(each) for each in diff(blueprint, with_duties(blueprint, Duty.AUDIT))] == [
        "+ role[petugas-izin].may: 'audit'"
    ]


@pytest.mark.parametrize(
    ("may", "told"),
    [
        (
            '["suprvise"]',
            "role[0].may[0] of 'x': 'suprvise': give one of supervise, head, audit, register, protect;",
        ),
        ('["head", "head"]', "role[0].may[1] of 'x': 'head': name each once"),
        ('"head"', "role[0].may of 'x': 'head': give an array"),
        ("[1]", "role[0].may[0] of 'x': 1: give one of supervise"),
    ],
)
def test_a_duty_that_cannot_be_is_told_with_its_place(may: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(f'[[role]]\nid = "x"\nname = "x"\nname_english = "x"\nmay = {may}\n', encoding="utf-8")
    with pytest.raises(BlueprintError) as error:
        load_blueprint(path)
    assert told in str(error.value)
