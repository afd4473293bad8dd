"""The reference page tells the table as it is."""

import re
from pathlib import Path
from typing import Any

from mppkit.access import RULES, reasons
from mppkit.decisions import Reason
from mppkit.directory import Duty

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "access.md").read_text(encoding="utf-8")


def words(cell: str) -> frozenset[str]:
    return frozenset() if cell == "-" else frozenset(cell.split(", "))


def told() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return who may do each act with anything, and who with their own, as the page says."""
    found = {}
    for desk, methods, anything, own in re.findall(r"^\| `(\w+)` \| (`.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE):
        for method in re.findall(r"`(\w+)`", methods):
            assert f"{desk}.{method}" not in found
            found[f"{desk}.{method}"] = (words(anything), words(own))
    return found


def test_the_page_has_each_method_with_who_may() -> None:
    assert told() == {act: (rule.anything, rule.own) for act, rule in RULES.items()}


IS = dict.fromkeys("nts", "anybody") | dict.fromkeys("k", "kiosk") | dict.fromkeys("o", "staff")
IS |= zip("vhurp", Duty, strict=True)
"""What each viewer of a world is, by its letter, beside being anybody; who has a duty is of the staff."""
HAS = {"t": {"ticket"}, "s": {"subject"}} | {letter: {"agency", "giver"} for letter in "ovhurp"}


def test_each_viewer_may_do_each_act_just_as_the_page_says(world: Any) -> None:
    viewers = world.viewers()
    assert viewers.keys() == IS.keys()
    for letter, viewer in viewers.items():
        desks = world.mall.as_(viewer)
        roles = {"anybody", IS[letter]} | ({"staff"} if letter in "ovhurp" else set())
        for act, (anything, own) in told().items():
            with_anything, with_own = bool(roles & anything), bool(HAS.get(letter, set()) & own)
            assert desks.may(act).is_granted == with_anything, (act, letter)
            assert desks.may(act, desks.viewer.own).is_granted == (with_anything or with_own), (act, letter)


def test_the_page_has_each_duty_and_each_code() -> None:
    codes = {each.code for each in vars(reasons).values() if isinstance(each, Reason)} | {"not_for_you"}
    for word in (*Duty, *codes):
        assert f"`{word}`" in PAGE, word
