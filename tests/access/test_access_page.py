"""The reference page tells the table as it is."""

import re
from pathlib import Path

from mppkit.access import RULES, reasons
from mppkit.decisions import Reason
from mppkit.directory import Duty

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "access.md").read_text(encoding="utf-8")


def words(cell: str) -> frozenset[str]:
    return frozenset() if cell == "-" else frozenset(cell.split(", "))


def test_the_page_has_each_method_with_who_may() -> None:
    told = {}
    for desk, methods, anything, own in re.findall(r"^\| `(\w+)` \| (`.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE):
        for method in re.findall(r"`(\w+)`", methods):
            assert f"{desk}.{method}" not in told
            told[f"{desk}.{method}"] = (words(anything), words(own))
    assert told == {act: (rule.anything, rule.own) for act, rule in RULES.items()}


def test_the_page_has_each_duty_and_each_code() -> None:
    codes = {each.code for each in vars(reasons).values() if isinstance(each, Reason)} | {"not_for_you"}
    for word in (*Duty, *codes):
        assert f"`{word}`" in PAGE, word
