"""The reference page says of the shipped instrument, its checks and its keys what they are."""

import re
from pathlib import Path

import attrs
import pytest

from mppkit.readiness import Evidence, Facts, Limits, load_instrument
from mppkit.readiness.checks import CHECKS
from mppkit.readiness.loading import _ABOUT, _EVIDENCE, _EVIDENCE_OPTIONAL, _ITEM, _ITEM_OPTIONAL, _LIMITS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "readiness.md").read_text(encoding="utf-8")
SHIPPED = load_instrument()


def test_the_page_lists_every_item_as_it_is() -> None:
    listed = [line.split(" | ") for line in PAGE.partition("## The shipped instrument")[2].splitlines() if "`" in line]
    rows = [[cell.strip("| `") for cell in cells] for cells in listed if cells[0].startswith("| `")]
    assert rows == [
        [
            item.id,
            item.aspect,
            item.text_english,
            item.basis.cite() if item.basis else "practice",
            str(item.weight),
            "yes" if item.blocks else "",
            ", ".join(item.kinds),
            item.checked_by or "",
        ]
        for item in SHIPPED.items
    ]


def test_the_page_counts_right() -> None:
    whole = sum(item.weight for item in SHIPPED.items)
    assert f"`{SHIPPED.id}`, version {SHIPPED.version}: {len(SHIPPED.items)} items, weights of {whole} in all." in PAGE


@pytest.mark.parametrize(
    "names",
    [
        [field.name for field in attrs.fields(Facts)],
        list(CHECKS),
        [field.name for field in attrs.fields(Limits)],
        [*_ABOUT, *_LIMITS, *_ITEM, *_ITEM_OPTIONAL, *_EVIDENCE, *_EVIDENCE_OPTIONAL],
    ],
    ids=["facts", "checks", "limits", "keys"],
)
def test_the_page_names_all_there_is(names: list[str]) -> None:
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_page_knows_the_limits_defaults() -> None:
    for name, default in attrs.asdict(Limits()).items():
        assert re.search(rf"`{name}` \({default}\)", PAGE), name


def test_an_evidence_file_can_say_all_that_evidence_holds() -> None:
    fields = {field.name for field in attrs.fields(Evidence)}
    assert {*_EVIDENCE, *_EVIDENCE_OPTIONAL} == fields - {"number"}
