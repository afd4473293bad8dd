"""The tables of a blueprint's files put together: rows follow each other, every other table stands once."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from mppkit.documents.files import Document
from mppkit.documents.tables import Table, begin_rows
from mppkit.documents.values import Check, Wrong, table
from mppkit.errors import Problem


@frozen(kw_only=True)
class Merged:
    """The tables of all files together.

    Attributes:
        singles: the tables that stand once, by their path, such as `hours` or `queue.limits`.
        rows: the rows of the arrays of tables, by the array's name, in the order of the files.
        has_gaps: whether some file or section could not be read, so that what seems missing may stand in it.
    """

    singles: Mapping[str, Table]
    rows: Mapping[str, tuple[Table, ...]]
    has_gaps: bool


_SINGLES = ("mall", "hours", "calendar", "permit_numbering", "permit_capacity", "survey")
_ROWS = (
    "closure",
    "overlay",
    "special_hours",
    "regulation",
    "agency",
    "participation",
    "service",
    "counter",
    "officer",
    "facility",
    "role",
    "workflow",
    "zone",
)


def array_of_rows(name: str) -> Check:
    """Return the check for an array of tables that is written as rows, such as `[[workflow.step]]`."""
    return lambda value: value if isinstance(value, list) else begin_rows(name)


def merge(documents: Iterable[Document], slots: Iterable[str], problems: list[Problem], *, all_read: bool) -> Merged:
    """Put the tables of several files together: rows follow each other, every other table stands once.

    Args:
        documents: the files.
        slots: the tables there may be in `queue`.
        problems: what is wrong is added here.
        all_read: whether every file could be read.
    """
    singles: dict[str, Table] = {}
    rows: dict[str, list[Table]] = {name: [] for name in _ROWS}
    has_gaps = not all_read
    sections = {**dict.fromkeys((*_SINGLES, "queue"), table), **{name: array_of_rows(name) for name in _ROWS}}

    def add_once(parent: Table, key: str, path: str, content: dict[str, object]) -> None:
        first = singles.setdefault(path, Table(content, file=parent.file, path=path, problems=problems))
        if first.content is not content:
            parent.note(key, content, Wrong(allowed=f"give it once; it stands in {first.file} already"))

    for document in documents:
        root = Table(document.content, file=document.file, path="", problems=problems)
        before = len(problems)
        there = root.read({}, sections)
        has_gaps = has_gaps or len(problems) > before
        for name in _SINGLES:
            if name in there:
                add_once(root, name, name, there[name])
        queue = Table(there.get("queue", {}), file=document.file, path="queue", problems=problems)
        for slot, content in queue.read({}, dict.fromkeys(slots, table)).items():
            add_once(queue, slot, f"queue.{slot}", content)
        for name in _ROWS:
            rows[name].extend(root.rows(name))
    return Merged(singles=singles, rows={name: tuple(tables) for name, tables in rows.items()}, has_gaps=has_gaps)
