"""A survey's questionnaire as an XLSForm, so that it runs in KoboToolbox or ODK, on telephones and without a network.

What comes back is read by `submissions`. No question asks who somebody is, and no device or time is noted by the form.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mppkit.errors import InvalidValueError, MissingExtraError
from mppkit.interop.submissions import MARK, mark_of
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.model import PROFILE, ProfileField

try:
    from mppkit.interop.xlsx import Sheet, write_book
except MissingExtraError as error:
    raise MissingExtraError("mppkit.interop.xlsform", "interop") from error

_LANGUAGE = "Bahasa Indonesia (id)"
_ENGLISH = "English (en)"
_LABELS = (f"label::{_LANGUAGE}", f"label::{_ENGLISH}")
_REQUIRED = (f"required_message::{_LANGUAGE}", f"required_message::{_ENGLISH}")
_TO_ANSWER = ("Pilih satu jawaban.", "Choose one answer.")
_NAME = re.compile(r"[a-z_][a-z0-9_-]*")


def xlsform(instrument: Instrument, path: str | Path, *, fields: Sequence[ProfileField] = PROFILE) -> None:
    """Write the questionnaire of an instrument as an XLSForm.

    It asks about oneself first, which may be left open, then each element in the order of the questionnaire, which may
    not. Questions and choices are called as in mppkit: by the key of the element and by the value of the answer.

    Args:
        instrument: what is asked.
        path: the file, whose name should end in `.xlsx`.
        fields: what respondents are asked about themselves; `service_field` adds for which service it is.

    Raises:
        InvalidValueError: a key cannot be the name of a question, or is there twice; a text would be taken for a
            reference; or the file cannot be written.

    >>> from mppkit.surveys.loading import find_instrument
    >>> xlsform(find_instrument("skm-2017"), "skm.xlsx")
    >>> Path("skm.xlsx").exists()
    True
    """
    names = [*(field.key for field in fields), *instrument.keys, MARK]
    for name, times in Counter(names).items():
        if times > 1:
            raise InvalidValueError("fields", name, "two questions would have this key; rename the field")
        if not _NAME.fullmatch(name):
            raise InvalidValueError("key", name, "begin with a letter, and use letters, digits, '-' and '_' only")
    survey = Sheet(name="survey", rows=tuple(_survey(instrument, fields)), widths=(26, 20, 70, 70, 10, 22, 22, 40))
    choices = Sheet(name="choices", rows=tuple(_choices(instrument, fields)), widths=(20, 20, 50, 50))
    settings = Sheet(
        name="settings",
        rows=(
            ("form_title", "form_id", "version", "default_language"),
            (_text(instrument.name), instrument.id, str(instrument.version), _LANGUAGE),
        ),
        widths=(50, 20, 10, 26),
    )
    write_book(path, (survey, choices, settings))


def _survey(instrument: Instrument, fields: Sequence[ProfileField]) -> Iterator[tuple[str | None, ...]]:
    yield ("type", "name", *_LABELS, "required", *_REQUIRED, "calculation")
    for field in fields:
        yield (f"select_one {field.key}", field.key, *_both(field.text, field.text_english))
    for key in instrument.question_order or instrument.keys:
        element = instrument.element(key)
        yield (f"select_one {key}", key, *_both(element.question, element.question_english), "yes", *_TO_ANSWER)
    # which text was answered, so that answers to an older one are known when they come back
    yield ("calculate", MARK, None, None, None, None, None, f"'{mark_of(instrument)}'")


def _choices(instrument: Instrument, fields: Sequence[ProfileField]) -> Iterator[tuple[str, ...]]:
    yield ("list_name", "name", *_LABELS)
    for field in fields:
        for category in field.categories:
            yield (field.key, category.key, *_both(category.text, category.text_english))
    for key in instrument.question_order or instrument.keys:
        for choice in instrument.element(key).choices:
            yield (key, str(choice.value), *_both(choice.text, choice.text_english))


def _both(text: str, english: str) -> tuple[str, str]:
    """Return a label in both languages; the Indonesian one for both where there is no other."""
    return _text(text), _text(english or text)


def _text(text: str) -> str:
    """Return a text, if it is none that the form would replace by an answer."""
    if "${" in text:
        raise InvalidValueError("text", text, "leave out the sign ${, which a form takes for the name of a question")
    return text
