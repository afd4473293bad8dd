"""Which column of a log holds what: fields found by their names in the header, or by the names the caller gives."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from mppkit.errors import BlueprintError, Problem, nearest, shown

FIELDS = (
    "arrived_at",
    "arrived_on",
    "arrived_hour",
    "service",
    "service_seconds",
    "priority",
    "appointment",
    "waited_seconds",
)
"""What a log can hold; `arrived_on` and `arrived_hour` together stand for `arrived_at`."""
_NEEDED = {
    "service": "name the column of the services",
    "service_seconds": "name the column of the seconds at the counter",
}


@frozen(kw_only=True)
class Columns:
    """Where in a row each field stands, counted from 0; None where the log has no such column.

    Attributes:
        width: how many values a row has.
    """

    width: int
    arrived_at: int | None
    arrived_on: int | None
    arrived_hour: int | None
    service: int
    service_seconds: int
    priority: int | None
    appointment: int | None
    waited_seconds: int | None

    def arrival(self, values: Sequence[str]) -> str:
        """Return the arrival of a row as one text; empty where a part of it is missing."""
        if self.arrived_at is not None:
            return values[self.arrived_at].strip()
        on, hour = self.value(values, self.arrived_on), self.value(values, self.arrived_hour)
        return f"{on} {hour}" if on and hour else ""

    def value(self, values: Sequence[str], column: int | None) -> str:
        """Return a value of a row; empty where there is no such column."""
        return "" if column is None else values[column].strip()


def find_columns(header: Sequence[str], given: Mapping[str, str], file: str) -> Columns:
    """Return where the fields stand in a header; `given` names columns that are not called like their field.

    Raises:
        BlueprintError: a field or column that is not there, or a field that is needed and has none.

    >>> find_columns(("DATA", "HORA", "service", "s"), {"arrived_on": "DATA", "arrived_hour": "HORA",
    ...     "service_seconds": "s"}, "log.csv").arrival(("2026-01-02", "08", "nib", "60"))
    '2026-01-02 08'
    """
    problems: list[Problem] = []

    def note(path: str, found: str | None, allowed: str, suggestion: str | None = None) -> None:
        problems.append(Problem(file=file, path=path, found=found, allowed=allowed, suggestion=suggestion))

    there = f"the header has {', '.join(map(shown, header))}"
    for field, column in given.items():
        if field not in FIELDS:
            note(f"{field}={column}", shown(field), f"there are the fields {', '.join(FIELDS)}", nearest(field, FIELDS))
        elif column not in header:
            note(f"{field}={column}", shown(column), there, nearest(column, header))
    names = {field: given.get(field, field) for field in FIELDS}
    found = {field: header.index(name) for field, name in names.items() if name in header}
    for field in found:
        if header.count(names[field]) > 1:
            note(f"{field}={names[field]}", "a name that several columns have", "rename all but one of them")
    for field, remedy in _NEEDED.items():
        if field not in found and field not in given:
            note(field, None, f"{remedy}; {there}", nearest(field, header))
    if "arrived_at" not in found and "arrived_at" not in given:
        for field in ("arrived_on", "arrived_hour"):
            if field not in found and field not in given:
                note(field, None, f"name its column, or that of arrived_at; {there}", nearest(field, header))
    if problems:
        raise BlueprintError(problems, of="log")
    return Columns(width=len(header), **{field: found.get(field) for field in FIELDS})  # type: ignore[arg-type]
