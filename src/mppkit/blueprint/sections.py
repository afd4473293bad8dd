"""What a blueprint says of the mall itself and of when it is open; who and what is in it is `offices`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from mppkit.blueprint.digest import canonical
from mppkit.blueprint.merging import Merged
from mppkit.blueprint.values import stretch, zone
from mppkit.calendars import Closure, DayKind, Level, Overlay, SpecialHours, WeeklyHours
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, array, day, flag, identifier, one_of, text, whole
from mppkit.errors import InvalidValueError
from mppkit.surveys.model import SurveyTerms

_MALL: Mapping[str, Check] = {"id": identifier, "name": text, "name_english": text, "zone": zone}
_CLOSURE: Mapping[str, Check] = {"from": day, "name": text, "name_english": text}
_CLOSURE_OPTIONAL: Mapping[str, Check] = {"to": day, "decree": text}
_OVERLAY: Mapping[str, Check] = {
    "level": one_of(level.value for level in Level),
    "kind": one_of(kind.value for kind in DayKind),
    "from": day,
    "name": text,
    "name_english": text,
    "decree": text,
    "decreed_on": day,
}
_OVERLAY_OPTIONAL: Mapping[str, Check] = {"to": day, "hours": array}
_SPECIAL_HOURS: Mapping[str, Check] = {"rule": text, "from": day, "hours": array}
_SPECIAL_HOURS_OPTIONAL: Mapping[str, Check] = {"to": day}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_SPECIAL_HOURS = 50  # each is a rule that takes time to spell out, and a blueprint may come from anybody
SURVEY: Mapping[str, Check] = {"open": flag, "minimum_group": whole(2, 100), "valid_days": whole(1, 366)}
_NEEDED = {
    "mall": "write [mall] with id, name, name_english and zone",
    "agency": "write [[agency]] for each agency",
    "service": "write [[service]] for each service",
    "counter": "write [[counter]] for each counter",
}


def note_missing_sections(merged: Merged, all_files: Table) -> None:
    """Note the sections that no mall can do without."""
    for name, allowed in _NEEDED.items():
        if not merged.has_gaps and name not in merged.singles and not merged.rows.get(name):
            all_files.note(name, None, Wrong(allowed=allowed))


def read_mall(merged: Merged) -> dict[str, Any]:
    """Return what the mall says of itself."""
    table = merged.singles.get("mall")
    return table.read(_MALL, {"invented": flag}) if table else {}


def read_calendar(merged: Merged) -> dict[str, Any]:
    """Return what a Calendar is made of, its zone left out; in an order that no order of rows or files changes."""
    hours, closed_on = merged.singles.get("hours"), merged.singles.get("calendar")
    facts: dict[str, Any] = {
        "closures": tuple(sorted(_closures(merged.rows["closure"]), key=_ends_later)),
        "overlays": tuple(sorted(_overlays(merged.rows["overlay"]), key=canonical)),
        "special_hours": tuple(sorted(_special_hours(merged.rows["special_hours"]), key=_begins_later)),
    }
    if hours is not None:
        facts["hours"] = _hours(hours)
    if closed_on is not None:
        said = closed_on.read({}, {"closed_on_national_holidays": flag, "closed_on_joint_leave": flag})
        facts["national_holidays"] = said.get("closed_on_national_holidays", True)
        facts["joint_leave"] = said.get("closed_on_joint_leave", True)
    if hours is None and not merged.has_gaps:
        for table in filter(None, (closed_on, *merged.rows["special_hours"])):
            table.note("", table.content, Wrong(allowed="write [hours] too: without hours a mall never closes"))
    return facts


def read_survey(merged: Merged) -> SurveyTerms:
    """Return on what terms the mall asks its visitors."""
    table = merged.singles.get("survey")
    return SurveyTerms(**table.read({}, SURVEY)) if table else SurveyTerms()


def _ends_later(closure: Closure) -> tuple[date, date, str]:
    """Put what gives the reason of two first: the closure that begins sooner, or else ends sooner."""
    return closure.first_on, closure.last_on, canonical(closure)


def _begins_later(special: SpecialHours) -> tuple[date, int, str]:
    """Put what holds of two last: the hours that begin later, or else end sooner."""
    return special.first_on, -(special.last_on or date.max).toordinal(), canonical(special)


def _hours(table: Table) -> WeeklyHours:
    table.read({}, dict.fromkeys(DAYS, array))
    by_weekday = {weekday: _stretches(table, name) for weekday, name in enumerate(DAYS)}
    if not any(table.content.get(name) for name in DAYS):
        table.note("", table.content, Wrong(allowed="open on at least one day; without [hours] a mall never closes"))
    return WeeklyHours(by_weekday=by_weekday)


def _stretches(table: Table, key: str) -> tuple[tuple[time, time], ...]:
    """Return the stretches of a day that stand under a key; those in disorder are noted and left out."""
    stretches: list[tuple[time, time]] = []
    given = table.content.get(key)
    for index, value in enumerate(given if isinstance(given, list) else ()):
        place, opens = f"{key}[{index}]", stretch(value)
        if isinstance(opens, Wrong):
            table.note(place, value, opens)
            continue
        try:
            WeeklyHours(by_weekday={0: (*stretches[-1:], opens)})
        except InvalidValueError as wrong:
            table.note(place, value, Wrong(allowed=wrong.remedy))
        else:
            stretches.append(opens)
    return tuple(stretches)


def in_order(table: Table, facts: Mapping[str, Any], first: str = "from", last: str = "to") -> bool:
    """Tell whether a span does not end before it begins; notes it if it does."""
    if first in facts and last in facts and facts[last] < facts[first]:
        table.note(last, facts[last], Wrong(allowed=f"give a day not before {facts[first].isoformat()}"))
        return False
    return True


def _closures(tables: Iterable[Table]) -> Iterable[Closure]:
    for table in tables:
        facts = table.read(_CLOSURE, _CLOSURE_OPTIONAL)
        if in_order(table, facts) and _CLOSURE.keys() <= facts.keys():
            yield Closure(
                first_on=facts["from"],
                last_on=facts.get("to", facts["from"]),
                indonesian=facts["name"],
                english=facts["name_english"],
                decree=facts.get("decree"),
            )


def _overlays(tables: Iterable[Table]) -> Iterable[Overlay]:
    for table in tables:
        facts = table.read(_OVERLAY, _OVERLAY_OPTIONAL)
        stretches = _stretches(table, "hours")
        if stretches and facts.get("kind", DayKind.OPEN) != DayKind.OPEN:
            table.note("hours", facts["hours"], Wrong(allowed=f"leave it out; a day that is {facts['kind']} has none"))
            continue
        if in_order(table, facts) and _OVERLAY.keys() <= facts.keys():
            yield Overlay(
                level=Level(facts["level"]),
                kind=DayKind(facts["kind"]),
                first_on=facts["from"],
                last_on=facts.get("to", facts["from"]),
                indonesian=facts["name"],
                english=facts["name_english"],
                decree=facts["decree"],
                decreed_on=facts["decreed_on"],
                stretches=stretches,
            )


def _special_hours(tables: Sequence[Table]) -> Iterable[SpecialHours]:
    for table in tables[_MOST_SPECIAL_HOURS:]:
        table.note("", table.content, Wrong(allowed=f"give {_MOST_SPECIAL_HOURS} at most"))
    for table in tables[:_MOST_SPECIAL_HOURS]:
        facts = table.read(_SPECIAL_HOURS, _SPECIAL_HOURS_OPTIONAL)
        stretches = _stretches(table, "hours")
        if facts.get("hours") == []:
            table.note("hours", [], Wrong(allowed="give the hours; a closed day needs an overlay or a closure"))
        if not in_order(table, facts) or not stretches or not _SPECIAL_HOURS.keys() <= facts.keys():
            continue
        try:
            yield SpecialHours(rule=facts["rule"], first_on=facts["from"], last_on=facts.get("to"), stretches=stretches)
        except InvalidValueError as wrong:
            table.note("rule", facts["rule"], Wrong(allowed=wrong.remedy))
