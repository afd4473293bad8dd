"""The sections `permit_numbering`, `permit_capacity` and `survey`: read, refused, written back, in the digest."""

from datetime import date
from pathlib import Path

import jsonschema
import pytest
from attrs import evolve

from mppkit.blueprint import Blueprint, adopt, load_blueprint, sample_blueprint, schema
from mppkit.blueprint.writing import as_document, as_files
from mppkit.errors import BlueprintError
from mppkit.permits.capacity_policies import AskForLess, LetPass, RefuseBeyond
from mppkit.permits.policies import PermitPolicies, YearlyNumbers
from mppkit.surveys.model import SurveyTerms

NAMED = """
[permit_numbering]
policy = "yearly"
prefix = "503/"
[permit_capacity]
policy = "ask_for_less"
[survey]
open = true
minimum_group = 10
"""


@pytest.fixture
def contoh_with(tmp_path: Path):
    def load(more: str) -> Blueprint:
        for name, text in as_files(as_document(sample_blueprint())).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / "9-more.toml").write_text(more, encoding="utf-8")
        return load_blueprint(tmp_path)

    return load


def test_what_a_blueprint_names_is_what_it_has(contoh_with) -> None:
    named = contoh_with(NAMED)
    assert named.permit_policies == PermitPolicies(numbering=YearlyNumbers(prefix="503/"), capacity=AskForLess())
    assert named.survey == SurveyTerms(open=True, minimum_group=10, valid_days=7)


def test_what_it_does_not_name_has_its_default_and_no_part_in_the_digest(contoh_with) -> None:
    plain = contoh_with("")
    assert (plain.permit_policies, plain.survey) == (PermitPolicies(), SurveyTerms())
    assert plain.digest == sample_blueprint().digest
    told = contoh_with('[permit_capacity]\npolicy = "refuse_beyond"\n[survey]\nvalid_days = 7\n')
    assert told.permit_policies.capacity == RefuseBeyond()
    assert told.digest == plain.digest


def test_each_of_them_changes_the_digest() -> None:
    plain = sample_blueprint()
    changed = [
        evolve(plain, permit_policies=PermitPolicies(capacity=AskForLess())),
        evolve(plain, permit_policies=PermitPolicies(capacity=LetPass())),
        evolve(plain, permit_policies=PermitPolicies(numbering=YearlyNumbers(width=5))),
        evolve(plain, survey=SurveyTerms(open=True)),
        evolve(plain, survey=SurveyTerms(valid_days=3)),
    ]
    assert len({plain.digest, *(each.digest for each in changed)}) == 6


def test_they_are_written_back_and_fit_the_schema(contoh_with, tmp_path: Path) -> None:
    named = contoh_with(NAMED)
    document = as_document(named)
    jsonschema.validate({name: document[name] for name in ("permit_numbering", "permit_capacity", "survey")}, schema())
    again = tmp_path / "again"
    again.mkdir()
    for name, text in as_files(document).items():
        (again / name).write_text(text, encoding="utf-8")
    assert load_blueprint(again).digest == named.digest


def test_whoever_adopts_the_mall_is_told_of_them(contoh_with, tmp_path: Path) -> None:
    record = adopt(contoh_with(NAMED), region="blora", on=date(2026, 11, 24), out=tmp_path / "blora")
    told = {item.key: item.at_host for item in record.items}
    assert told["permit_numbering"] == "yearly"
    assert told["permit_capacity"] == "ask_for_less"
    assert "survey" in told
    assert load_blueprint(tmp_path / "blora").permit_policies.capacity == AskForLess()


def test_every_slip_is_told_at_once_with_what_was_meant(contoh_with) -> None:
    slips = """
[permit_numbering]
policy = "yearly"
width = 40
[permit_capacity]
policy = "ask_for_les"
[survey]
open = "yes"
minimum_group = 1
valid_dys = 3
"""
    with pytest.raises(BlueprintError) as caught:
        contoh_with(slips)
    told = {problem.path: problem for problem in caught.value.problems}
    assert set(told) == {
        "permit_numbering.width",
        "permit_capacity.policy",
        "survey.open",
        "survey.minimum_group",
        "survey.valid_dys",
    }
    assert told["permit_capacity.policy"].suggestion == "ask_for_less"
    assert told["survey.valid_dys"].suggestion == "valid_days"
