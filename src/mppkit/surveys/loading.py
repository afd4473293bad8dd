"""From a TOML file to a survey's instrument. Every problem is told at once; `instruments/` holds those that ship."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from mppkit.documents.files import read_document
from mppkit.documents.tables import Table, begin_rows
from mppkit.documents.values import Check, Wrong, array, identifier, one_of, passage, table, text, whole
from mppkit.errors import BlueprintError, NotFoundError, Problem
from mppkit.masking import masked
from mppkit.surveys.instrument import Band, Choice, Element, Instrument, Sourcing, Weights

_SHIPPED = Path(__file__).parent / "instruments"
_FINEST = Decimal("0.0001")
_LARGEST = 10_000


def _rows_of(name: str) -> Check:
    wrong = begin_rows(name)
    return lambda value: value if isinstance(value, list) and value else wrong


def _decimal(value: object) -> Decimal | Wrong:
    """Check a number that rounding depends on: what is written, not the float nearest to it."""
    if not isinstance(value, bool) and isinstance(value, int | float) and 0 <= value <= _LARGEST:
        written = Decimal(str(value))
        if written == written.quantize(_FINEST):
            return written
    return Wrong(allowed=f"give a number from 0 to {_LARGEST:,} with up to 4 decimals, without quotes")


def _factor(value: object) -> Decimal | Wrong:
    factor = _decimal(value)
    return factor if factor else Wrong(allowed="give what the mean is multiplied by, such as 25, without quotes")


_ABOUT: Mapping[str, Check] = {
    "id": identifier,
    "version": whole(1, 10_000),
    "name": text,
    "name_english": text,
    "source": passage,
    "sourcing": one_of([each.value for each in Sourcing]),
}
_ABOUT_OPTIONAL: Mapping[str, Check] = {
    "question_order": array,
    "weights": one_of([each.value for each in Weights]),
    "factor": _factor,
    "decimals": whole(0, 4),
    "index_name": text,
    "since_year": whole(1945, 2200),
    "until_year": whole(1945, 2200),
    "notes": array,
}
_ELEMENT: Mapping[str, Check] = {"key": identifier, "name": text, "question": passage}
_ELEMENT_OPTIONAL: Mapping[str, Check] = {
    "name_english": text,
    "question_english": passage,
    "choices": _rows_of("element.choices"),
}
_CHOICE: Mapping[str, Check] = {"value": whole(0, 100), "text": text}
_CHOICE_OPTIONAL: Mapping[str, Check] = {"points": _decimal, "text_english": text}
_BAND: Mapping[str, Check] = {
    "perception": whole(0, 100),
    "low": _decimal,
    "high": _decimal,
    "grade": text,
    "performance": text,
}
_BAND_OPTIONAL: Mapping[str, Check] = {"performance_english": text}


def shipped() -> tuple[str, ...]:
    """Return the ids of the instruments that ship.

    >>> shipped()
    ('skm-2004', 'skm-2014', 'skm-2017', 'skm-2017-six', 'spak')
    """
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml")))


def find_instrument(id_or_path: str | Path) -> Instrument:
    """Return the instrument that ships under an id, or read one from a file whose name ends in `.toml`.

    Raises:
        NotFoundError: none of that id ships.
        BlueprintError: the file cannot be used; tells every problem at once.

    >>> find_instrument("skm-2017").keys[0]
    'persyaratan'
    """
    if isinstance(id_or_path, Path) or id_or_path.lower().endswith(".toml"):
        return load_instrument(id_or_path)
    if id_or_path not in shipped():
        remedy = f"give one of {', '.join(shipped())}, or a file whose name ends in .toml"
        raise NotFoundError("instrument", id_or_path, shipped(), remedy)
    return load_instrument(_SHIPPED / f"{id_or_path}.toml")


def load_instrument(path: str | Path) -> Instrument:
    """Read an instrument from a TOML file; those in `mppkit/surveys/instruments` show what may stand in it.

    Raises:
        BlueprintError: it cannot be used; tells every problem at once.
    """
    problems: list[Problem] = []
    document = read_document(Path(path), problems)
    made = None
    if document is not None:
        made = _read(Table(document.content, file=document.file, path="", problems=problems), problems)
    if problems or made is None:
        raise BlueprintError(problems, of="survey instrument")
    return made


def _read(root: Table, problems: Sequence[Problem]) -> Instrument | None:
    """Return the instrument; None, or one that lacks what is wrong, where a problem was noted."""
    tops = {"instrument": table, "element": _rows_of("element"), "band": _rows_of("band")}
    root.read(tops, {"choice": _rows_of("choice")})
    about_table = root.inner("instrument")
    about = about_table.read(_ABOUT, _ABOUT_OPTIONAL) if "instrument" in root.content else {}
    about["notes"] = about_table.items("notes", passage)
    elements = tuple(_elements(root))
    keys = [row.content.get("key") for row in root.rows("element")]
    about["question_order"] = _question_order(about_table, [key for key in keys if isinstance(key, str)])
    if "since_year" in about and about.get("until_year", about["since_year"]) < about["since_year"]:
        about_table.note("until_year", about["until_year"], Wrong(allowed=f"not before {about['since_year']}"))
    for name, kind in (("sourcing", Sourcing), ("weights", Weights)):
        if name in about:
            about[name] = kind(about[name])
    bands = tuple(_bands(root.rows("band"), about.get("decimals", 2)))
    if not _ABOUT.keys() <= about.keys() or not elements or not bands:
        return None
    instrument = Instrument(**about, elements=elements, bands=bands)
    if not problems:  # what is wrong elsewhere would move the ends
        _note_ends(root.rows("band"), instrument)
    return instrument


# --- what is asked -------------------------------------------------------------------------------------------------


def _elements(root: Table) -> Iterator[Element]:
    """Yield the elements; one without choices of its own has those of the file."""
    of_all = _choices(root.rows("choice"), root, "choice")
    places: dict[str, str] = {}
    for row in root.rows("element"):
        facts = row.read(_ELEMENT, _ELEMENT_OPTIONAL)
        own = "choices" in row.content
        if not own and "choice" not in root.content:
            row.note("choices", None, Wrong(allowed="give the answers of this element, or a [[choice]] each for all"))
        choices = _choices(row.inner_rows("choices"), row, "choices") if own else of_all
        first = places.setdefault(facts.get("key", ""), row.path)
        if "key" in facts and first != row.path:
            row.note("key", facts["key"], Wrong(allowed=f"give each its own; {first} has it already"))
        elif _ELEMENT.keys() <= facts.keys() and choices:
            yield Element(**{**facts, "choices": choices})


def _choices(rows: Sequence[Table], above: Table, key: str) -> tuple[Choice, ...]:
    """Return the choices of an array, from the worst to the best; both values and points must rise."""
    made: list[Choice] = []
    for row in rows:
        facts = row.read(_CHOICE, _CHOICE_OPTIONAL)
        if not _CHOICE.keys() <= facts.keys():
            continue
        choice = Choice(**{"points": Decimal(facts["value"]), **facts})
        if made and choice.value <= made[-1].value:
            row.note("value", choice.value, Wrong(allowed=f"more than {made[-1].value}: from the worst to the best"))
        elif made and choice.points <= made[-1].points:
            wrong = Wrong(allowed=f"more than {made[-1].points}: from the worst to the best")
            row.note("points", str(choice.points), wrong)
        made.append(choice)
    if len(rows) == 1:
        above.note(key, above.content.get(key), Wrong(allowed="give two answers or more"))
    return tuple(made)


def _question_order(about: Table, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the order in which the questionnaire asks; each element must stand in it once."""
    if not isinstance(about.content.get("question_order"), list):
        return tuple(keys)
    order = about.names("question_order", one_of(keys))
    missing = [key for key in keys if key not in order]
    if missing:
        left_out = masked(", ".join(missing))
        about.note("question_order", None, Wrong(allowed=f"name each element once; {left_out} is not there"))
    return order


# --- how it is graded ----------------------------------------------------------------------------------------------


def _bands(rows: Sequence[Table], decimals: int) -> Iterator[Band]:
    """Yield the lines of the table; each must begin one step above the end of the one before."""
    step = Decimal(1).scaleb(-decimals)
    end: Decimal | None = None
    perception: int | None = None
    grades: dict[str, str] = {}
    for row in rows:
        facts: dict[str, Any] = row.read(_BAND, _BAND_OPTIONAL)
        for key in ("low", "high"):
            if key in facts and facts[key] != facts[key].quantize(step):
                row.note(key, str(facts[key]), Wrong(allowed=f"give {decimals} decimals, as the index has"))
        low, high = facts.get("low"), facts.get("high")
        if low is not None and end is not None and low != end + step:
            wrong = Wrong(allowed=f"begin at {end + step}, where the line before ends; no gaps, none over another")
            row.note("low", str(low), wrong)
        if low is not None and high is not None and high < low:
            row.note("high", str(high), Wrong(allowed=f"end at {low} or above, where it begins"))
        if perception is not None and facts.get("perception", perception + 1) <= perception:
            row.note("perception", facts["perception"], Wrong(allowed=f"more than {perception}: the worst first"))
        first = grades.setdefault(facts.get("grade", ""), row.path)
        if "grade" in facts and first != row.path:
            row.note("grade", facts["grade"], Wrong(allowed=f"give each its own; {first} has it already"))
        end, perception = high, facts.get("perception", perception)
        if _BAND.keys() <= facts.keys():
            yield Band(**{**{key: facts[key] for key in facts if key != "high"}, "low": facts["low"].quantize(step)})


def _note_ends(rows: Sequence[Table], instrument: Instrument) -> None:
    """Note a table that does not begin at the least index that answers can give, or not end at the greatest."""
    for place, end, which in ((0, "low", "least"), (-1, "high", "greatest")):
        points = sum(element.choices[place].points for element in instrument.elements)
        ends = instrument.rounded(points * instrument.factor / len(instrument.elements))
        if _decimal(rows[place].content[end]) != ends:
            wrong = Wrong(allowed=f"{ends}, the {which} index that answers can give")
            rows[place].note(end, rows[place].content[end], wrong)
