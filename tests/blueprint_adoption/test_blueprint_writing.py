"""What is written of a blueprint means what the blueprint means, whatever stands in it."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, load_blueprint
from mppkit.blueprint.writing import _inline, as_document, as_files
from mppkit.decisions import LegalBasis
from mppkit.documents.files import LARGEST_FILE
from mppkit.errors import BlueprintError

Changed = Callable[[Blueprint], st.SearchStrategy[Blueprint]]
values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.times().map(lambda at: at.replace(fold=0))
    | st.datetimes().map(lambda at: at.replace(fold=0))
    | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


def test_a_blueprint_written_loads_to_the_same_digest(host: Blueprint, folder: Path) -> None:
    assert load_blueprint(written(folder, as_files(as_document(host)))).digest == host.digest


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_blueprint_written_loads_to_the_same_digest(
    small: Blueprint, changed: Changed, folder: Path, data: st.DataObject
) -> None:
    blueprint = data.draw(changed(small))
    notes = {place: [data.draw(st.text(max_size=300))] for place in ("agency[capil]", "nowhere[x]", "mall")}
    files = as_files(as_document(blueprint), notes)
    assert load_blueprint(written(folder, files)).digest == blueprint.digest


@given(values)
@settings(max_examples=300, deadline=None)
def test_any_value_that_toml_can_say_is_read_back(value: Any) -> None:
    read = tomllib.loads(f"it = {_inline(value)}")["it"]
    assert read == value
    assert str(read) == str(value)


@pytest.mark.parametrize(
    "value", [float("inf"), float("-inf"), 1e300, 1e-9, date(2026, 1, 2), time(8), datetime(2026, 1, 2, tzinfo=UTC)]
)
def test_numbers_and_days_are_written_as_toml_has_them(value: object) -> None:
    assert tomllib.loads(f"it = {_inline(value)}") == {"it": value}


def test_what_no_file_can_say_is_not_written_as_if_one_could(small: Blueprint, folder: Path) -> None:
    basis = LegalBasis(regulation="Perda 1/2020", article="3")
    stranger = evolve(small, workflows=tuple(evolve(each, term_basis=basis) for each in small.workflows))
    assert stranger.digest != small.digest
    with pytest.raises(BlueprintError, match="'term_basis': no such key"):
        load_blueprint(written(folder, as_files(as_document(stranger))))


def test_what_is_too_long_for_a_line_or_a_file_is_parted(small: Blueprint, folder: Path) -> None:
    ktp = small.directory.service("ktp")
    long = tuple(
        evolve(each, document=str(index) * 500, document_english="x" * 500, issuer="y" * 200)
        for index, each in enumerate(ktp.standard.requirements or ())
    )
    many = tuple(
        evolve(ktp, id=f"ktp-{n}", name=f"KTP {n}", standard=evolve(ktp.standard, requirements=long))
        for n in range(150)
    )
    services = (*small.directory.services, *many)
    counter = evolve(small.directory.counters[0], services=tuple(each.id for each in services))
    directory = evolve(
        small.directory, services=services, counters=(counter, *small.directory.counters[1:]), participations=()
    )
    large = evolve(small, directory=directory)
    files = as_files(as_document(large))
    assert {"4-services.toml", "4-services-2.toml"} <= files.keys()
    assert max(len(content.encode()) for content in files.values()) <= LARGEST_FILE
    assert load_blueprint(written(folder, files)).digest == large.digest
