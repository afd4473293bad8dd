"""A questionnaire as an XLSForm: what ODK's own converter makes of it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from mppkit.blueprint import sample_blueprint
from mppkit.errors import InvalidValueError
from mppkit.interop.submissions import MARK, mark_of, service_field
from mppkit.interop.xlsform import xlsform
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.loading import find_instrument, shipped
from mppkit.surveys.model import PROFILE

SKM = find_instrument("skm-2017")
XF = "{http://www.w3.org/2002/xforms}"


def converted(path: Path, instrument: Instrument = SKM, **about: Any) -> ET.Element:
    """Return the form that ODK shows, after a conversion without a warning."""
    xlsform(instrument, path / "form.xlsx", **about)
    warnings: list[str] = []
    made = convert(path / "form.xlsx", warnings=warnings)
    assert warnings == []
    return ET.fromstring(made.xform)


def asked(form: ET.Element) -> list[str]:
    return [str(each.get("ref")).removeprefix("/data/") for each in form.iter(f"{XF}select1")]


def texts(form: ET.Element, language: str) -> dict[str, str]:
    [found] = [each for each in form.iter(f"{XF}translation") if each.get("lang") == language]
    return {str(each.get("id")): str(each.findtext(f"{XF}value")) for each in found}


@pytest.mark.parametrize("name", shipped())
def test_every_instrument_that_ships_converts_without_a_warning(name: str, tmp_path: Path) -> None:
    instrument = find_instrument(name)
    form = converted(tmp_path, instrument)
    order = instrument.question_order or instrument.keys
    assert asked(form) == [*(field.key for field in PROFILE), *order]


def test_elements_must_be_answered_and_nobody_must_say_who_they_are(tmp_path: Path) -> None:
    form = converted(tmp_path)
    binds = {str(each.get("nodeset")).removeprefix("/data/"): each.attrib for each in form.iter(f"{XF}bind")}
    assert [key for key in binds if binds[key].get("required") == "true()"] == list(SKM.question_order)
    assert set(binds) == {*SKM.keys, *(field.key for field in PROFILE), MARK, "meta/instanceID"}
    assert not [each for each in binds.values() if any("preload" in name for name in each) and "uid" not in str(each)]


def test_both_languages_have_every_text(tmp_path: Path) -> None:
    form = converted(tmp_path)
    indonesian, english = texts(form, "Bahasa Indonesia (id)"), texts(form, "English (en)")
    assert set(indonesian) == set(english)
    assert indonesian["/data/sarana:label"] == SKM.element("sarana").question
    assert english["/data/sarana:label"] == SKM.element("sarana").question_english
    assert english["/data/sarana:jr:requiredMsg"] == "Choose one answer."
    assert [indonesian[f"biaya-{place}"] for place in range(4)] == ["Sangat mahal", "Cukup mahal", "Murah", "Gratis"]
    assert [english[f"biaya-{place}"] for place in range(4)] == ["Very expensive", "Rather expensive", "Cheap", "Free"]
    [default] = [each.get("lang") for each in form.iter(f"{XF}translation") if each.get("default")]
    assert default == "Bahasa Indonesia (id)"


def test_where_there_is_no_english_the_indonesian_stands_for_it(tmp_path: Path) -> None:
    bare = attrs.evolve(SKM.elements[0], question_english="")
    form = converted(tmp_path, attrs.evolve(SKM, elements=(bare, *SKM.elements[1:])))
    assert texts(form, "English (en)")["/data/persyaratan:label"] == bare.question


def test_an_answer_comes_back_as_its_value_and_says_which_text_it_answers(tmp_path: Path) -> None:
    form = converted(tmp_path)
    lists = {str(each.get("id")): each for each in form.iter(f"{XF}instance")}
    assert [each.text for each in lists["biaya"].iter(f"{XF}name")] == ["1", "2", "3", "4"]
    [calculated] = [each.get("calculate") for each in form.iter(f"{XF}bind") if each.get("calculate")]
    assert calculated == f"'{mark_of(SKM)}'"
    assert mark_of(SKM) == f"skm-2017 1 {SKM.digest[:12]}"
    data = next(each for each in form.iter() if each.tag.endswith("}data"))
    assert (data.get("id"), data.get("version")) == ("skm-2017", "1")


def test_the_service_can_be_asked_too(tmp_path: Path) -> None:
    directory = sample_blueprint().directory
    form = converted(tmp_path, fields=(*PROFILE, service_field(directory)))
    assert asked(form)[4] == "service"
    [offered] = [each for each in form.iter(f"{XF}instance") if each.get("id") == "service"]
    assert [each.text for each in offered.iter(f"{XF}name")] == [service.id for service in directory.services]


def test_without_its_packages_it_names_the_extra_that_brings_them() -> None:
    code = "import sys; sys.modules['xlsxwriter'] = None; import mppkit.interop.xlsform"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "MissingExtraError: mppkit.interop.xlsform needs packages" in done.stderr
    assert '"mppkit[interop]"' in done.stderr


def test_only_texts_are_written(tmp_path: Path) -> None:
    xlsform(SKM, tmp_path / "form.xlsx")
    book = load_workbook(tmp_path / "form.xlsx")
    assert book.sheetnames == ["survey", "choices", "settings"]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ({"key": "sex"}, "two questions would have this key"),
        ({"key": "3-in-1"}, "begin with a letter"),
        ({"key": "a.b"}, "begin with a letter"),
        ({"question": "Dari ${sex}?"}, "leave out the sign"),
    ],
)
def test_what_a_form_cannot_ask_is_refused_with_the_remedy(element: dict[str, str], why: str, tmp_path: Path) -> None:
    changed = attrs.evolve(SKM, question_order=(), elements=(attrs.evolve(SKM.elements[0], **element),))
    with pytest.raises(InvalidValueError, match=re.escape(why)):
        xlsform(changed, tmp_path / "form.xlsx")
    assert not (tmp_path / "form.xlsx").exists()
