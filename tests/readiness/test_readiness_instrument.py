"""The shipped instrument is whole and honest, and a broken one tells all its problems at once."""

from collections import Counter
from pathlib import Path

import pytest

from mppkit.errors import BlueprintError, NotFoundError
from mppkit.readiness import Instrument, load_instrument
from mppkit.readiness.checks import CHECKS
from mppkit.readiness.model import PRACTICE

SHIPPED = load_instrument()
DIGITAL_CRITERIA = {
    "informasi umum": "public_information",
    "antrian": "queue_system",
    "konsultasi dan pengaduan": "complaint_handling",
    "SKM": "survey",
    "pelaporan kinerja": "performance_reporting",
    "pemrosesan dan penelusuran dokumen": "document_tracking",
    "komitmen": "leaders_commitment",
    "platform": "digital_platform",
    "berkelanjutan": "sustained_operation",
    "keamanan": "information_security",
    "uji coba pengguna": "user_trial",
}
"""The ministry's eleven criteria of a digital mall, and the item that asks for each."""


# --- the shipped one -----------------------------------------------------------------------------------------------


def test_ids_are_unique_and_every_aspect_has_items() -> None:
    assert max(Counter(item.id for item in SHIPPED.items).values()) == 1
    assert [aspect.id for aspect in SHIPPED.aspects] == [
        "regulation",
        "infrastructure",
        "people",
        "information_system",
        "commitment",
    ]
    assert {item.aspect for item in SHIPPED.items} == {aspect.id for aspect in SHIPPED.aspects}


@pytest.mark.parametrize("item", SHIPPED.items, ids=lambda item: item.id)
def test_every_item_has_a_source_both_languages_and_a_way_to_be_met(item) -> None:
    assert item.source
    assert item.weight >= 1
    texts = [(item.text, item.text_english), (item.step, item.step_english)]
    if item.kinds:
        texts.append((item.evidence, item.evidence_english))
    for indonesian, english in texts:
        assert indonesian.endswith(".")
        assert english.endswith(".")
        assert indonesian != english
    assert item.kinds or item.checked_by
    assert item.checked_by is None or item.checked_by in CHECKS
    assert (item.basis is None) == (item.source == PRACTICE)


def test_nothing_claims_to_be_verified_while_no_official_text_was_read() -> None:
    assert not any(item.verified for item in SHIPPED.items)


def test_each_criterion_of_a_digital_mall_has_its_item() -> None:
    assert len(DIGITAL_CRITERIA) == 11
    for criterion, item_id in DIGITAL_CRITERIA.items():
        item = SHIPPED.item(item_id)
        if item.source.startswith("Kriteria MPP Digital"):
            assert item.source.endswith(f": {criterion}")
    cited = {item.source.partition(": ")[2] for item in SHIPPED.items if item.source.startswith("Kriteria MPP Digital")}
    assert cited < set(DIGITAL_CRITERIA)


def test_only_what_the_library_sees_by_itself_takes_no_evidence() -> None:
    assert {item.checked_by for item in SHIPPED.items if not item.kinds} == {
        "standards_complete",
        "services_at_counters",
        "agencies_under_rule",
        "counters_staffed",
        "opens_soon",
    }


def test_an_item_that_is_not_there_suggests_one_that_is() -> None:
    with pytest.raises(NotFoundError, match="no item 'mal_regulation'; did you mean 'mall_regulation'"):
        SHIPPED.item("mal_regulation")


# --- one of your own -----------------------------------------------------------------------------------------------

LEAST = """
[instrument]
id = "ours"
version = "2026-1"
name = "Milik kami"
name_english = "Ours"

[[aspect]]
id = "rules"
name = "Aturan"
name_english = "Rules"

[[item]]
id = "decree"
aspect = "rules"
text = "Ada keputusan."
text_english = "There is a decree."
source = "Perbup 1/2026"
article = "3"
verified = true
evidence = "Keputusan."
evidence_english = "The decree."
kinds = ["document", "link"]
weight = 5
blocks = true
step = "Tetapkan."
step_english = "Decree it."
"""


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str | bytes) -> Instrument:
        path = tmp_path / "ours.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_instrument(path)

    return load


def problems(load, text: str | bytes) -> list[tuple[str, str | None, str]]:
    with pytest.raises(BlueprintError, match="the readiness instrument has") as caught:
        load(text)
    return [(each.path, each.found, each.allowed) for each in caught.value.problems]


def test_an_instrument_of_ones_own_is_read(load) -> None:
    ours = load(LEAST)
    assert (ours.id, ours.version, ours.name, ours.name_english) == ("ours", "2026-1", "Milik kami", "Ours")
    [item] = ours.items
    assert item.basis is not None
    assert (item.basis.cite(), item.basis.verified) == ("Perbup 1/2026 Pasal 3", True)
    assert [kind.value for kind in item.kinds] == ["document", "link"]
    assert (ours.limits.rehearsed_within_days, ours.limits.within_promise_share) == (90, 0.8)


def test_limits_of_ones_own_are_read(load) -> None:
    limits = "[limits]\nrehearsed_within_days = 10\nwithin_promise_share = 0.95\nleast_waits = 5\n"
    ours = load(LEAST + limits + "backed_up_within_days = 1\n").limits
    found = (ours.rehearsed_within_days, ours.within_promise_share, ours.least_waits, ours.backed_up_within_days)
    assert found == (10, 0.95, 5, 1)


def test_a_broken_instrument_tells_every_problem_at_once(load) -> None:
    broken = """
[instrument]
id = "Ours"
name = "Milik kami"
name_english = "Ours"
colour = "red"

[limits]
within_promise_share = 80
least_wait = 5

[[aspect]]
id = "rules"
name = "Aturan"
name_english = "Rules"

[[aspect]]
id = "rules"
name = "Lagi"
name_english = "Again"

[[aspect]]
id = "idle"
name = "Kosong"
name_english = "Empty"

[[item]]
id = "decree"
aspect = "ruls"
text = "Ada keputusan."
source = "practice"
article = "3"
verified = false
evidence = "Keputusan."
kinds = ["paper", "link", "link"]
weight = 0
blocks = "yes"
checked_by = "standards"
step = "Tetapkan."
step_english = "Decree it."

[[item]]
id = "decree"
aspect = "rules"
text = "Ada."
text_english = "There is."
source = "practice"
weight = 1
step = "Buat."
step_english = "Make."
"""
    found = problems(load, broken)
    places = [path for path, _, _ in found]
    assert sorted(places) == sorted(
        [
            "instrument.id",
            "instrument.version",
            "instrument.colour",
            "limits.within_promise_share",
            "limits.least_wait",
            "aspect[1].id",
            "aspect[2].id",
            "item[0].aspect",
            "item[0].text_english",
            "item[0].weight",
            "item[0].blocks",
            "item[0].checked_by",
            "item[0].article",
            "item[0].verified",
            "item[0].kinds[0]",
            "item[0].kinds[2]",
            "item[0].evidence_english",
            "item[1].id",
            "item[1]",
        ]
    )
    allowed = {path: text for path, _, text in found}
    assert allowed["aspect[1].id"] == "give each its own; aspect[0] has it already"
    assert allowed["item[0].weight"] == "give a whole number from 1 to 100, without quotes"
    assert allowed["item[1]"] == "say what evidence of what kinds counts, or which check looks"


def test_near_misses_are_suggested(load) -> None:
    text = LEAST.replace('aspect = "rules"', 'aspect = "rule"').replace(
        "weight = 5", 'weight = 5\nchecked_by = "rehearse"'
    )
    with pytest.raises(BlueprintError) as caught:
        load(text)
    assert {each.path: each.suggestion for each in caught.value.problems} == {
        "item[0].checked_by": "rehearsed",
        "item[0].aspect": "rules",
        "aspect[0].id": None,  # no item is of it then
    }


def test_a_missing_section_is_told_once(load) -> None:
    about, aspect, item = LEAST.partition("[[aspect]]")[0], *LEAST.partition("[[aspect]]")[2].split("[[item]]")
    assert [each[0] for each in problems(load, f"{about}[[aspect]]{aspect}")] == ["item"]
    assert [each[0] for each in problems(load, f"{about}[[item]]{item}")] == ["aspect"]
    assert [each[0] for each in problems(load, f"[[aspect]]{aspect}[[item]]{item}")] == ["instrument"]


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "item", "write at least one [[item]]"),
        ("item = []", "item", "write at least one [[item]]"),
        ('[item]\nid = "a"', "item", "write at least one [[item]]"),
        ("item = [3]", "item[0]", "begin each with [[item]], in two brackets"),
        ("[[item]]\naspect = [1]", "item[0].aspect", "use 1 to 64"),
        ("[[aspect]]\nid = 3", "aspect[0].id", "use 1 to 64"),
        ("instrument = 3", "instrument", "give a table"),
        ("a = ", "", "Invalid value"),
        (b"a = '\xff'", "line 1", "save the file as UTF-8"),
        ("a = '" + "x" * 2000 + "'", "line 1", "break the line"),
        ("#\n" * 200_000, "", "give one TOML file, none larger than that"),
        ("a = " + "[" * 900 + "]" * 90, "", "six deep is the most that means anything"),
    ],
)
def test_what_is_no_instrument_is_told(load, text: str | bytes, path: str, allowed: str) -> None:
    assert any(each[0] == path and allowed in each[2] for each in problems(load, text))


def test_what_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(BlueprintError, match="give one TOML file"):
            load_instrument(path)


def test_long_numbers_are_masked_in_problems(load) -> None:
    with pytest.raises(BlueprintError) as caught:
        load(LEAST.replace('"document", "link"', '"5103011708900001"'))
    assert "5103011708900001" not in str(caught.value)
