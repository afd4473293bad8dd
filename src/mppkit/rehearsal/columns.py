"""Which column of a log holds what: fields found by their names in the header, or by the names the caller gives."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from mppkit.documents.logs import locate_columns
from mppkit.errors import BlueprintError, Problem

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
_NEEDED_WITHOUT_ARRIVED_AT = dict.fromkeys(("arrived_on", "arrived_hour"), "name its column, or that of arrived_at")


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
    needed = _NEEDED if "arrived_at" in (*given, *header) else {**_NEEDED, **_NEEDED_WITHOUT_ARRIVED_AT}
    found = locate_columns(header, given, FIELDS, needed, file=file, problems=problems)
    if problems:
        raise BlueprintError(problems, of="log")
    return Columns(width=len(header), **{field: found.get(field) for field in FIELDS})  # type: ignore[arg-type]
