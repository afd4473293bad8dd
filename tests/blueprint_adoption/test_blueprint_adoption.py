"""Another regency takes a pattern over: structure is copied, what is the host's own is blank, every blank is found."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import TO_FILL_IN, Adoption, Blueprint, adopt, check, load_blueprint, sample_blueprint
from mppkit.blueprint.adoption import RECORD
from mppkit.calendars import Level, Overlay
from mppkit.calendars.overlays import DayKind
from mppkit.directory import ChannelKind, RegulationKind
from mppkit.errors import BlueprintError, InvalidValueError
from mppkit.lessons import Uptake

ON = date(2026, 11, 24)
SAMPLE = sample_blueprint()
Changed = Callable[[Blueprint], st.SearchStrategy[Blueprint]]


def taken_over(host: Blueprint, folder: Path, **given: Any) -> tuple[Blueprint, Adoption]:
    record = adopt(host, region="blora", on=ON, out=folder / "blora", **given)
    return load_blueprint(folder / "blora"), record


# --- what is copied and what is not --------------------------------------------------------------------------------


def test_the_structure_is_copied(host: Blueprint, tmp_path: Path) -> None:
    new, _ = taken_over(host, tmp_path)
    there, here = host.directory, new.directory
    assert new.id == "blora"
    assert here.counters == there.counters
    assert here.facilities == there.facilities
    assert [(each.id, each.kind) for each in here.agencies] == [(each.id, each.kind) for each in there.agencies]
    copied = ("requirements", "procedure", "duration", "product", "facilities", "competence", "guarantee", "safety")
    for service in there.services:
        other = here.service(service.id)
        same = {"name", "agency", "prefix", "daily_quota", "expected_minutes", "profile"}
        assert all(getattr(other, name) == getattr(service, name) for name in same)
        assert all(getattr(other.standard, name) == getattr(service.standard, name) for name in copied)
    assert new.calendar.hours == host.calendar.hours
    assert new.calendar.special_hours == host.calendar.special_hours
    assert new.policies == host.policies


def test_nothing_of_the_hosts_own_is_copied(host: Blueprint, tmp_path: Path) -> None:
    new, _ = taken_over(host, tmp_path)
    assert (new.directory.officers, new.directory.participations, new.calendar.closures) == ((), (), ())
    assert all(each.level is Level.NATION for each in new.calendar.overlays)
    for service in new.directory.services:
        assert service.standard.staff is None
        kinds = {new.directory.regulation(fee.basis).kind for fee in service.standard.fees if fee.basis}
        assert len([fee for fee in service.standard.fees if fee.basis is None]) == 0
        assert kinds <= {RegulationKind.GOVERNMENT_REGULATION, RegulationKind.PRESIDENTIAL_REGULATION}
        channels = {each.kind for each in (*service.channels, *service.standard.complaints)}
        assert channels <= {ChannelKind.COUNTER, ChannelKind.BOX, ChannelKind.LAPOR}
    assert all(each.name.startswith(TO_FILL_IN) for each in new.directory.agencies)


def test_fees_that_a_rule_of_the_nation_sets_stay_and_those_of_the_region_are_blank(tmp_path: Path) -> None:
    new, record = taken_over(SAMPLE, tmp_path)
    assert new.directory.service("nib").standard.fees == SAMPLE.directory.service("nib").standard.fees != ()
    assert new.directory.service("ktp-el").standard.fees == ()
    [item] = [each for each in record.items if each.key == "service[ktp-el].standard.fees"]
    assert (item.uptake, item.at_host) == (Uptake.SKIP, "Rp0, Perda Kabupaten Contoh 5/2024")


def test_a_rule_of_the_region_that_standards_cite_waits_for_one_of_the_new_region(tmp_path: Path) -> None:
    new, record = taken_over(SAMPLE, tmp_path)
    [blank] = [each for each in new.directory.regulations if each.number.startswith(TO_FILL_IN)]
    assert (blank.id, blank.kind) == ("peraturan_kepala_daerah-1", RegulationKind.HEAD_OF_REGION_REGULATION)
    assert blank.id in new.directory.service("nib").standard.legal_basis
    uptakes = {each.key: each.uptake for each in record.items}
    assert uptakes["regulation[perbup-contoh-12-2026]"] is Uptake.ADAPT
    assert uptakes["regulation[perda-contoh-5-2024]"] is Uptake.SKIP
    assert uptakes["regulation[uu-25-2009]"] is Uptake.ADOPT


def test_decrees_of_the_nation_stay_and_nearer_ones_do_not(tmp_path: Path) -> None:
    def decree(level: Level) -> Overlay:
        day = date(2026, 12, 24)
        said = {"indonesian": "x", "english": "x", "decree": f"SK {level}", "decreed_on": ON}
        return Overlay(level=level, kind=DayKind.CLOSED, first_on=day, last_on=day, **said)  # type: ignore[arg-type]

    calendar = evolve(SAMPLE.calendar, overlays=tuple(decree(level) for level in Level))
    new, record = taken_over(evolve(SAMPLE, calendar=calendar), tmp_path)
    assert [each.decree for each in new.calendar.overlays] == ["SK nation"]
    uptakes = {each.key: each.uptake.value for each in record.items if each.key.startswith("overlay")}
    assert uptakes == {
        "overlay[nation]": "adopt",
        "overlay[province]": "skip",
        "overlay[regency]": "skip",
        "overlay[mall]": "skip",
    }


def test_workflows_are_copied_on_the_new_regions_rules_and_zones_are_not(tmp_path: Path) -> None:
    national = SAMPLE.directory.regulation("pp-28-2025").basis("9")
    sip = evolve(SAMPLE.workflow("sip"), working_days=5, term_basis=national)
    host = evolve(SAMPLE, workflows=(SAMPLE.workflow("izin-hotel"), sip, evolve(sip, version=2)))
    new, record = taken_over(host, tmp_path)
    assert new.zones == ()
    assert [(each.id, each.version) for each in new.workflows] == [("izin-hotel", 1), ("sip", 2)]
    assert new.workflow("sip").term_basis == national
    hotel, at_host = new.workflow("izin-hotel"), host.workflow("izin-hotel")
    assert (hotel.steps, hotel.documents, hotel.term_days) == (at_host.steps, at_host.documents, at_host.term_days)
    assert hotel.term_basis == new.directory.regulation("peraturan_kepala_daerah-1").basis()
    assert [reason.basis for reason in hotel.reasons] == [None, hotel.term_basis]
    assert new.directory.roles == host.directory.roles
    uptakes = {each.key: each.uptake.value for each in record.items}
    assert uptakes["role[verifikator]"] == "adopt"
    assert uptakes["workflow[izin-hotel, 1]"] == uptakes["workflow[sip, 2]"] == "adapt"
    assert uptakes["workflow[sip, 1]"] == uptakes["zone"] == "skip"


def test_a_regional_rule_that_only_a_workflow_stands_on_waits_for_one_of_the_new_region(tmp_path: Path) -> None:
    rule = SAMPLE.directory.regulation("perda-contoh-5-2024")
    hotel = evolve(SAMPLE.workflow("izin-hotel"), term_basis=rule.basis("7"))
    new, record = taken_over(evolve(SAMPLE, workflows=(hotel,)), tmp_path)
    assert new.workflow("izin-hotel").term_basis == new.directory.regulation("peraturan_daerah-1").basis()
    assert {each.key: each.uptake for each in record.items}["regulation[perda-contoh-5-2024]"] is Uptake.ADAPT


def test_what_was_given_is_not_blank(tmp_path: Path) -> None:
    new, record = taken_over(SAMPLE, tmp_path, name="MPP Blora", name_english="Blora Mall", zone="Asia/Jakarta")
    assert (new.name, new.name_english, new.calendar.zone.key) == ("MPP Blora", "Blora Mall", "Asia/Jakarta")
    assert "mall" not in {blank.place for blank in record.blanks}


# --- blanks --------------------------------------------------------------------------------------------------------


def test_check_lists_exactly_the_blanks(tmp_path: Path) -> None:
    new, record = taken_over(SAMPLE, tmp_path)
    assert check(SAMPLE, ON) == ()
    there = SAMPLE.directory
    expected = {("to_fill_in", "mall"), ("to_fill_in", "regulation[peraturan_kepala_daerah-1]")}
    expected |= {
        (code, f"agency[{each.id}]") for each in there.agencies for code in ("to_fill_in", "agency_without_rule")
    }
    expected |= {("standard_incomplete", f"service[{each.id}].standard") for each in there.services}
    expected |= {("counter_without_officer", f"counter[{each.id}]") for each in there.counters}
    expected |= {("role_without_officer", f"role[{each.id}]") for each in there.roles}
    expected |= {
        ("step_agency_without_rule", f"workflow[{workflow.id}, 1].step[{step.id}].agency")
        for workflow in SAMPLE.workflows
        for step in workflow.steps
        if step.agency is not None
    }
    found = check(new, ON)
    assert {(each.code, each.place) for each in found} == expected
    assert len(found) == len(expected)
    assert record.blanks == found


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_host_can_be_taken_over_and_check_lists_what_the_record_lists(
    small: Blueprint, changed: Changed, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    host = data.draw(changed(small))
    new, record = taken_over(host, tmp_path_factory.mktemp("any"))
    assert new.digest == record.digest
    assert check(new, ON) == record.blanks
    keys = [item.key for item in record.items]
    assert len(set(keys)) == len(keys)
    assert {f"service[{each.id}]" for each in host.directory.services} <= set(keys)


def test_a_blank_that_is_filled_in_is_found_no_more(tmp_path: Path) -> None:
    new, _ = taken_over(SAMPLE, tmp_path)
    path = tmp_path / "blora" / "1-mall.toml"
    text = path.read_text(encoding="utf-8")
    filled = text.replace("ISI: nama mal", "MPP Blora").replace("ISI: name of the mall", "Blora Mall")
    path.write_text(filled, encoding="utf-8")
    before = {(each.code, each.place) for each in check(new, ON)}
    after = {(each.code, each.place) for each in check(load_blueprint(tmp_path / "blora"), ON)}
    assert before - after == {("to_fill_in", "mall")}


def test_every_blank_stands_as_a_comment_at_its_place(tmp_path: Path) -> None:
    _, record = taken_over(SAMPLE, tmp_path)
    texts = [path.read_text(encoding="utf-8") for path in sorted((tmp_path / "blora").glob("*.toml"))]
    blocks = [block for text in texts for block in text.split("\n\n")]
    for blank in record.blanks:
        home = blank.place.removesuffix(".standard").partition(", 1].step[")[0]
        about = [block for block in blocks if f"# {TO_FILL_IN} {blank.place}:" in block and f"[{blank.code}]" in block]
        assert len(about) == 1, blank.place
        section, _, row = home.removesuffix("]").partition("[")
        assert (f'[[{section}]]\nid = "{row}"' if row else f"[{section}]\n") in about[0]
        if blank.basis is not None:
            assert blank.basis.cite() in about[0].replace("\n# ", " ")


# --- the record ----------------------------------------------------------------------------------------------------


def test_the_record_stands_beside_the_blueprint_and_is_not_read_as_part_of_it(tmp_path: Path) -> None:
    new, record = taken_over(SAMPLE, tmp_path)
    written = json.loads((tmp_path / "blora" / RECORD).read_text(encoding="utf-8"))
    assert written["host"] == "contoh"
    assert written["host_digest"] == SAMPLE.digest
    assert written["digest"] == new.digest
    assert written["adopted_on"] == "2026-11-24"
    assert len(written["items"]) == len(record.items)
    assert len(written["blanks"]) == len(record.blanks)
    assert all(item["uptake"] in ("adopt", "adapt", "skip") and item["why"] for item in written["items"])
    assert {"queue.discipline", "hours", "officer", "counter[loket-1]"} <= {item["key"] for item in written["items"]}


def test_no_officer_is_named_anywhere(tmp_path: Path) -> None:
    taken_over(SAMPLE, tmp_path)
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "blora").iterdir()]
    assert not [officer.id for officer in SAMPLE.directory.officers if any(f'"{officer.id}"' in text for text in texts)]


# --- all or nothing ------------------------------------------------------------------------------------------------


def test_an_empty_folder_is_filled_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "blora").mkdir()
    taken_over(SAMPLE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["blora"]


def test_a_folder_with_files_is_left_as_it_is(tmp_path: Path) -> None:
    kept = tmp_path / "blora" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidValueError, match="new or empty"):
        taken_over(SAMPLE, tmp_path)
    assert [path.name for path in kept.parent.iterdir()] == ["kept.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["blora"]


@pytest.mark.parametrize("out", ["file", "file/blora", "nowhere/blora"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InvalidValueError, match="out"):
        adopt(SAMPLE, region="blora", on=ON, out=tmp_path / out)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_would_not_load_is_not_written(tmp_path: Path) -> None:
    def nobody(line: Any, situation: Any) -> None:
        return None

    handed_in = evolve(SAMPLE, policies=evolve(SAMPLE.policies, discipline=nobody))
    with pytest.raises(BlueprintError, match="nobody"):
        taken_over(handed_in, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"region": "Blora"}, "region"),
        ({"region": "contoh"}, "region"),
        ({"on": datetime(2026, 11, 24, tzinfo=UTC)}, "on"),
        ({"name": " "}, "name"),
        ({"name_english": "two\nlines"}, "name_english"),
        ({"zone": "WIB"}, "zone"),
    ],
)
def test_an_argument_that_cannot_be_is_refused(tmp_path: Path, given: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        adopt(SAMPLE, **{"region": "blora", "on": ON, "out": tmp_path / "blora", **given})
    assert caught.value.place == place
    assert list(tmp_path.iterdir()) == []
