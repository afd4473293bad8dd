"""Where a profile comes from: a TOML file of the user's own, or the one that ships. Every problem is told at once."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mppkit.blueprint.sections import DAYS
from mppkit.documents.files import read_document
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, identifier, table, text
from mppkit.errors import BlueprintError, Problem
from mppkit.queues.model import PriorityGroup
from mppkit.rehearsal.profile import Assumptions, Kind, Profile
from mppkit.rehearsal.visits import LONGEST_SERVICE_SECONDS

SHIPPED = "city-2020"


def load_profile(name_or_path: str | Path = SHIPPED) -> Profile:
    """Return the shipped profile of that name, or read one from a TOML file; the shipped file shows what there is.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.

    >>> load_profile().kinds[0].id
    'residence_certificate'
    """
    path = Path(__file__).parent / f"{SHIPPED}.toml" if name_or_path == SHIPPED else Path(name_or_path)
    problems: list[Problem] = []
    document = read_document(path, problems)
    if document is None:
        raise BlueprintError(problems, of="profile")
    facts = _read(Table(document.content, file=document.file, path="", problems=problems), problems)
    if problems:
        raise BlueprintError(problems, of="profile")
    return Profile(**facts, source=str(name_or_path))


# --- what may stand in it ------------------------------------------------------------------------------------------


def _number(least: float, most: float, *, above: bool = False) -> Check:
    """Return the check for a number in a range, both ends in it, or the lower one not."""

    def check(value: object) -> float | Wrong:
        begins = f"more than {least:g}" if above else f"{least:g}"
        wrong = Wrong(allowed=f"give a number from {begins} to {most:g}, without quotes")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return wrong
        return float(value) if least <= value <= most and not (above and value == least) else wrong

    return check


def _numbers(value: object, check: Check) -> tuple[float, ...] | None:
    """Return an array of numbers, or None where it is none."""
    if not isinstance(value, list):
        return None
    checked = [check(item) for item in value]
    return None if any(isinstance(item, Wrong) for item in checked) else tuple(checked)  # type: ignore[arg-type]


def _span(value: object) -> tuple[float, ...] | Wrong:
    ends = _numbers(value, _number(0, 1440))
    if ends is None or len(ends) != 2 or ends[0] > ends[1]:
        return Wrong(allowed="give the least and the most minutes, such as [20, 60]")
    return ends


def _hours(value: object) -> tuple[float, ...] | Wrong:
    means = _numbers(value, _number(0, 100_000))
    if not means or not any(means):
        return Wrong(allowed="give the mean visitors in each hour, such as [10.8, 37.8]; somebody must come")
    return means


_SHARE = _number(0, 1)
_SECONDS = _number(0, LONGEST_SERVICE_SECONDS, above=True)
_PERCENTILES: Mapping[str, Check] = dict.fromkeys(("p10", "p50", "p90", "p99"), _SECONDS)
_ABOUT: Mapping[str, Check] = {"name": text, "other": identifier}
_KIND: Mapping[str, Check] = {"id": identifier, "share": _number(0, 1, above=True), "seconds": table}
_ASSUMED: Mapping[str, Check] = {
    **dict.fromkeys(("no_show", "gives_up", "transfer", "hold", "second_service"), _SHARE),
    **dict.fromkeys(("patience_minutes", "hold_minutes"), _span),
}


def _read(root: Table, problems: list[Problem]) -> dict[str, Any]:
    """Return what a Profile is made of; complete when no problem was noted."""
    sections: Mapping[str, Check] = {"profile": table, "arrivals": table, "kind": array}
    there = root.read(sections, {"priority": table, "assumptions": table})

    def section(path: str, content: object) -> Table:
        return Table(content if isinstance(content, dict) else {}, file=root.file, path=path, problems=problems)

    about = section("profile", there.get("profile"))
    facts = about.read(_ABOUT, {}) if "profile" in there else {}
    if "arrivals" in there:
        arrivals = section("arrivals", there["arrivals"]).read({"hours": _hours}, {"weekdays": table})
        by_name = section("arrivals.weekdays", arrivals.get("weekdays")).read({}, dict.fromkeys(DAYS, _number(0, 100)))
        facts["hours"] = arrivals.get("hours")
        facts["weekdays"] = {DAYS.index(day): weight for day, weight in by_name.items()}
    priority = section("priority", there.get("priority"))
    groups = priority.read({}, dict.fromkeys((group.value for group in PriorityGroup), _SHARE))
    if sum(groups.values()) > 1:
        priority.note("", groups, Wrong(allowed="let the shares add up to 1 at most"))
    facts["priority"] = {PriorityGroup(group): share for group, share in groups.items()}
    facts["kinds"] = tuple(_kinds(root, there.get("kind", ()), problems))
    ids = [kind.id for kind in facts["kinds"]]
    if ids and "other" in facts and facts["other"] not in ids:
        about.note("other", facts["other"], Wrong(allowed="give the id of a kind of this profile", among=ids))
    facts["assumptions"] = Assumptions(**section("assumptions", there.get("assumptions")).read({}, _ASSUMED))
    return facts


def _kinds(root: Table, rows: Sequence[object], problems: list[Problem]) -> Iterable[Kind]:
    begin = Wrong(allowed="begin each kind of service with [[kind]]")
    if rows == []:
        root.note("kind", rows, begin)
    seen: set[object] = set()
    for index, row in enumerate(rows):
        path = f"kind[{index}]"
        if not isinstance(row, dict):
            root.note(path, row, begin)
            continue
        kind = Table(row, file=root.file, path=path, problems=problems, is_row=True)
        facts = kind.read(_KIND, {"appointments": _SHARE})
        said = facts.pop("seconds", None)
        percentiles = Table(said or {}, file=root.file, path=f"{path}.seconds", problems=problems)
        seconds = {} if said is None else percentiles.read(_PERCENTILES, {})
        rising = [seconds[name] for name in _PERCENTILES if name in seconds]
        if rising != sorted(rising):
            percentiles.note("", seconds, Wrong(allowed="let the seconds rise from p10 to p99"))
        if facts.get("id") in seen:
            kind.note("id", facts["id"], Wrong(allowed="give another; a kind before has this one already"))
        seen.add(facts.get("id", index))
        if facts.keys() >= {"id", "share"} and seconds.keys() == _PERCENTILES.keys():
            yield Kind(**facts, **seconds)
