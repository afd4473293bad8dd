"""What comes back of a survey that ran in KoboToolbox or ODK: the CSV they export, with values or with labels.

Columns are found by what the form of `xlsform` calls them, whatever groups somebody put them into; what those programs
add of their own is passed over, all but the id by which a form that was sent twice is known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from mppkit.directory import Directory
from mppkit.documents.logs import locate_columns
from mppkit.errors import BlueprintError, InvalidValueError, Problem, shown
from mppkit.surveys.answers import SHOWN_OF_A_KIND, Dirt, DirtyRow
from mppkit.surveys.groups import UNSAID
from mppkit.surveys.instrument import Element, Instrument
from mppkit.surveys.model import PROFILE, Category, ProfileField
from mppkit.surveys.rows import AnswersFile, Layout, Row
from mppkit.surveys.tally import Tally, tally_patterns

MARK = "mppkit_instrument"
"""The hidden question whose answer says which instrument and version a form asks."""

ANOTHER_VERSION = "another_version"
REPEATED = "repeated"

_IDS = ("_uuid", "KEY", "meta/instanceID", "meta-instanceID")
"""What KoboToolbox and ODK call the id of a form that was sent, the surest first."""
_AFTER_A_GROUP = "/-:.|"
"""What may stand between the name of a group and that of a question."""


@frozen(kw_only=True)
class Submissions:
    """What the forms that were sent come to.

    Attributes:
        tally: of all that count; its `left_out` counts the others: by `Dirt`, those of `another_version`, and those
            `repeated`.
        groups: by each profile field that has a column, and by what was chosen, a tally; who did not say, or said what
            the form does not offer, is in `tidak-disebutkan`. Show them by `shown_groups`.
        columns: by element and field, the column it was read from.
        dirty: the first rows of each kind that were left out, by line.
    """

    tally: Tally
    groups: Mapping[str, Mapping[str, Tally]]
    columns: Mapping[str, str]
    dirty: tuple[DirtyRow, ...]


def mark_of(instrument: Instrument) -> str:
    """Return what a form of this instrument says of itself with every answer."""
    return f"{instrument.id} {instrument.version} {instrument.digest[:12]}"


def service_field(directory: Directory) -> ProfileField:
    """Return the question for which service it is, to be asked beside those about oneself."""
    services = (Category(key=each.id, text=each.name, text_english=each.name_english) for each in directory.services)
    return ProfileField(key="service", text="Layanan", text_english="Service", categories=tuple(services))


def read_submissions(
    path: str | Path,
    instrument: Instrument,
    *,
    fields: Sequence[ProfileField] = PROFILE,
    columns: Mapping[str, str] | None = None,
) -> Submissions:
    """Read the CSV that KoboToolbox or ODK Central exports of a survey, with values or with labels of either language.

    A form that was sent twice counts once. One of another instrument or version, or of another text of it, is left out
    and counted; a file that does not say which it is of is taken at its word.

    Args:
        path: the file.
        instrument: what was asked.
        fields: what respondents were asked about themselves.
        columns: by element or field, the name of its column where it is found by none of its names.

    Raises:
        BlueprintError: columns are missing or unclear; tells every problem at once.
        InvalidValueError: the file cannot be read, is not UTF-8 or has no header.
        NotFoundError: there is no such file.

    >>> from mppkit.surveys.loading import find_instrument
    >>> skm = find_instrument("skm-2017")
    >>> rows = [";".join(f"unsur/{key}" for key in skm.keys) + ";_uuid", "4;4;4;4;4;4;4;4;Sangat baik;1"]
    >>> _ = Path("kobo.csv").write_text(chr(10).join([*rows, rows[1]]), encoding="utf-8")
    >>> read = read_submissions("kobo.csv", skm)
    >>> read.tally.n, dict(read.tally.left_out)
    (1, {'repeated': 1})
    """
    file = AnswersFile(Path(path))
    places = _locate(file, instrument, fields, columns or {})
    layout = Layout(
        delimiter=file.delimiter,
        width=len(file.header),
        places=tuple(places[key] for key in instrument.keys),
        allowed=None,  # a label is no digit: every row is handed on
    )
    reading = _Reading(instrument, fields, file.header, places)
    for batch in file.batches(layout):
        for row in batch.rows:
            reading.take(row)
    return reading.submissions({key: file.header[place] for key, place in places.items() if key != MARK})


class _Reading:
    """What was sent, while it is read."""

    def __init__(
        self,
        instrument: Instrument,
        fields: Sequence[ProfileField],
        header: Sequence[str],
        places: Mapping[str, int],
    ) -> None:
        self._instrument = instrument
        self._header = header
        self._mark = places.get(MARK)
        self._id = next((header.index(name) for name in _IDS if name in header), None)
        self._elements = [(places[each.key], _choices(each)) for each in instrument.elements]
        self._fields = [(each.key, places[each.key], _categories(each)) for each in fields if each.key in places]
        self._seen: set[str] = set()
        self._patterns: Counter[tuple[int, ...]] = Counter()
        self._groups: dict[tuple[str, str], Counter[tuple[int, ...]]] = {}
        self._left_out: Counter[str] = Counter()
        self._dirty: list[DirtyRow] = []

    def take(self, row: Row) -> None:
        """Count a row, or tell why it is left out."""
        values = row.values
        if values is None or len(values) != len(self._header):
            few = values is not None and len(values) < len(self._header)
            kind = Dirt.UNREADABLE if values is None else Dirt.TOO_FEW_COLUMNS if few else Dirt.TOO_MANY_COLUMNS
            self._leave_out(DirtyRow(line=row.line, kind=kind))
            return
        if self._mark is not None and values[self._mark].strip() not in ("", mark_of(self._instrument)):
            self._left_out[ANOTHER_VERSION] += 1
            return
        pattern = []
        for place, choices in self._elements:
            value = _read(choices, values[place])
            if isinstance(value, Dirt):
                found = values[place].strip() if value is Dirt.NO_CHOICE else None
                self._leave_out(DirtyRow(line=row.line, kind=value, column=self._header[place], found=found))
                return
            pattern.append(value)
        sent = "" if self._id is None else values[self._id].strip()
        if sent in self._seen:
            self._left_out[REPEATED] += 1
            return
        if sent:
            self._seen.add(sent)
        answer = tuple(pattern)
        self._patterns[answer] += 1
        for key, place, categories in self._fields:
            group = categories.get(_plain(values[place]), UNSAID)
            self._groups.setdefault((key, group), Counter())[answer] += 1

    def submissions(self, columns: Mapping[str, str]) -> Submissions:
        """Return what all rows come to."""
        groups: dict[str, dict[str, Tally]] = {key: {} for key, _, _ in self._fields}
        for (key, group), patterns in sorted(self._groups.items()):
            groups[key][group] = tally_patterns(self._instrument, patterns)
        return Submissions(
            tally=tally_patterns(self._instrument, self._patterns, left_out=self._left_out),
            groups=groups,
            columns=columns,
            dirty=tuple(sorted(self._dirty, key=lambda row: row.line)),
        )

    def _leave_out(self, row: DirtyRow) -> None:
        self._left_out[row.kind] += 1
        if self._left_out[row.kind] <= SHOWN_OF_A_KIND:
            self._dirty.append(row)


# --- what was chosen -------------------------------------------------------------------------------------------------


def _choices(element: Element) -> dict[str, int]:
    """Return the value of each choice by what it is called: by itself, or by a label that no other choice has."""
    labels = Counter(label for each in element.choices for label in {_plain(each.text), _plain(each.text_english)})
    called = {
        label: each.value
        for each in element.choices
        for label in (_plain(each.text), _plain(each.text_english))
        if label and labels[label] == 1
    }
    return {**called, **{str(each.value): each.value for each in element.choices}}


def _categories(field: ProfileField) -> dict[str, str]:
    """Return the key of each category by what it is called."""
    called = {label: each.key for each in field.categories for label in map(_plain, (each.text, each.text_english))}
    called.pop("", None)
    return {**called, **{_plain(each.key): each.key for each in field.categories}}


def _read(choices: Mapping[str, int], written: str) -> int | Dirt:
    plain = _plain(written)
    if plain in choices:
        return choices[plain]
    if not plain:
        return Dirt.BLANK
    return Dirt.NO_CHOICE if plain.isdecimal() and len(plain) < 4 else Dirt.TEXT


# --- columns ---------------------------------------------------------------------------------------------------------


def _locate(
    file: AnswersFile, instrument: Instrument, fields: Sequence[ProfileField], given: Mapping[str, str]
) -> dict[str, int]:
    """Return where each element stands, and each field that has a column."""
    names: dict[str, tuple[str, ...]] = {MARK: (MARK,)}
    names |= {each.key: (each.key, each.question, each.question_english) for each in instrument.elements}
    for field in fields:
        if field.key in names:
            raise InvalidValueError("fields", field.key, f"{instrument.id} has an element of that key; rename it")
        names[field.key] = (field.key, field.text, field.text_english)
    found: dict[str, list[str]] = {}
    for heading in dict.fromkeys(file.header):
        if heading not in given.values():
            for key in _named(heading, names):
                found.setdefault(key, []).append(heading)
    problems: list[Problem] = []
    for key, headings in found.items():
        if key not in given and len(headings) > 1:
            allowed = f"several columns are it: name one with columns={{{key!r}: ...}}"
            problems.append(
                Problem(file=str(file.path), path=key, found=", ".join(map(shown, headings)), allowed=allowed)
            )
    columns = {key: headings[0] for key, headings in found.items()} | dict(given)
    needed = {key: f"name its column with columns={{{key!r}: ...}}" for key in instrument.keys}
    places = locate_columns(file.header, columns, tuple(names), needed, file=str(file.path), problems=problems)
    if problems:
        raise BlueprintError(problems, of="file of submissions")
    return places


def _named(heading: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """Return what a heading is the name of, alone or after that of its group: where several fit, the longest."""
    plain = _plain(heading)
    fits: list[tuple[int, str]] = []
    for key, called in names.items():
        lengths = [len(name) for name in filter(None, map(_plain, called)) if _ends_with(plain, name)]
        if lengths:
            fits.append((max(lengths), key))
    longest = max(fits, default=(0, ""))[0]
    return [key for length, key in fits if length == longest]


def _ends_with(heading: str, name: str) -> bool:
    before = heading.removesuffix(name).rstrip()
    return heading == name or (heading.endswith(name) and before.endswith(tuple(_AFTER_A_GROUP)))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
