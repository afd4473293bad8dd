"""The shipped instruments are whole and say what is not verified; a broken file tells all its problems at once."""

from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError
from mppkit.surveys import loading
from mppkit.surveys.instrument import Sourcing, Weights
from mppkit.surveys.loading import find_instrument, load_instrument, shipped

SKM = find_instrument("skm-2017")
SHIPPED = [find_instrument(each) for each in shipped()]
FOLDER = Path(loading.__file__).parent / "instruments"

ANNEX_LIST = ["persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "pengaduan", "sarana"]
QUESTIONNAIRE = ["persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "sarana", "pengaduan"]

ANSWER_TEXTS = {
    "persyaratan": ("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
    "prosedur": ("Tidak mudah", "Kurang mudah", "Mudah", "Sangat mudah"),
    "waktu": ("Tidak cepat", "Kurang cepat", "Cepat", "Sangat cepat"),
    "biaya": ("Sangat mahal", "Cukup mahal", "Murah", "Gratis"),
    "produk": ("Tidak sesuai", "Kurang sesuai", "Sesuai", "Sangat sesuai"),
    "kompetensi": ("Tidak kompeten", "Kurang kompeten", "Kompeten", "Sangat kompeten"),
    "perilaku": ("Tidak sopan dan ramah", "Kurang sopan dan ramah", "Sopan dan ramah", "Sangat sopan dan ramah"),
    "sarana": ("Buruk", "Cukup", "Baik", "Sangat baik"),
    "pengaduan": ("Tidak ada", "Ada tetapi tidak berfungsi", "Berfungsi kurang maksimal", "Dikelola dengan baik"),
}
"""Of the sample questionnaire, as regulations.md 1.2 has them from three forms in use."""


# --- the shipped ones ----------------------------------------------------------------------------------------------


def test_the_nine_elements_stand_in_the_order_of_the_list_and_are_asked_in_that_of_the_questionnaire() -> None:
    assert list(SKM.keys) == ANNEX_LIST
    assert list(SKM.question_order) == QUESTIONNAIRE
    assert {each.key: tuple(choice.text for choice in each.choices) for each in SKM.elements} == ANSWER_TEXTS


def test_the_survey_of_2014_has_the_pledge_and_no_facilities() -> None:
    keys = find_instrument("skm-2014").keys
    assert set(keys) - set(ANNEX_LIST) == {"maklumat"}
    assert set(ANNEX_LIST) - set(keys) == {"sarana"}


def test_each_weight_is_that_of_its_rule() -> None:
    assert {each.id: each.weight() for each in SHIPPED} == {
        "skm-2004": Decimal("0.071"),
        "skm-2014": None,
        "skm-2017": None,
        "skm-2017-six": None,
        "spak": None,
    }
    assert [SKM.weight(each) for each in Weights] == [None, Decimal("0.111"), Decimal("0.11")]
    assert len(find_instrument("skm-2004").elements) == 14


def test_six_answers_count_from_one_to_four() -> None:
    points = [Decimal(each) for each in ("1.0", "1.6", "2.2", "2.8", "3.4", "4.0")]
    for key in ("skm-2017-six", "spak"):
        for element in find_instrument(key).elements:
            assert [choice.points for choice in element.choices] == points


@pytest.mark.parametrize("instrument", SHIPPED, ids=lambda each: each.id)
def test_a_shipped_instrument_speaks_both_languages_and_says_what_is_unverified(instrument) -> None:
    assert instrument.sourcing is not Sourcing.OFFICIAL  # no official text could be read
    assert any(note.startswith("UNVERIFIED") for note in instrument.notes)
    assert sorted(instrument.question_order) == sorted(instrument.keys)
    for element in instrument.elements:
        assert all((element.name_english, element.question_english))
        assert element.question_english != element.question
        assert all(choice.text_english for choice in element.choices)
    assert all(band.performance_english for band in instrument.bands)
    assert [band.grade for band in instrument.bands] == ["D", "C", "B", "A"]


def test_each_survey_of_satisfaction_was_in_force_until_the_next() -> None:
    years = [(find_instrument(each).since_year, find_instrument(each).until_year) for each in shipped()[:3]]
    assert years == [(2004, 2014), (2014, 2017), (2017, None)]


# --- finding one ---------------------------------------------------------------------------------------------------


def test_an_instrument_is_found_by_id_or_file() -> None:
    assert find_instrument("skm-2017") == load_instrument(FOLDER / "skm-2017.toml")
    assert find_instrument(str(FOLDER / "spak.toml")) == find_instrument("spak")


def test_an_unknown_id_is_told_with_its_neighbour() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'skm-2017'") as caught:
        find_instrument("skm-2071")
    assert caught.value.suggestion == "skm-2017"
    with pytest.raises(NotFoundError):
        find_instrument("../instruments/skm-2017")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="no such file"):
        find_instrument(tmp_path / "own.toml")


# --- its digest ----------------------------------------------------------------------------------------------------


def test_the_digest_changes_with_what_is_asked_or_how_it_is_scored() -> None:
    other = SKM.elements[0]
    asked = (evolve(other, question="Apakah persyaratannya sesuai?"), *SKM.elements[1:])
    changed = [
        evolve(SKM, version=2),
        evolve(SKM, elements=asked),
        evolve(SKM, elements=SKM.elements[::-1]),
        evolve(SKM, weights=Weights.ROUNDED_3),
        evolve(SKM, bands=find_instrument("skm-2014").bands),
        evolve(SKM, decimals=3),
    ]
    assert len({each.digest for each in (SKM, *changed)}) == len(changed) + 1


def test_the_digest_does_not_change_with_what_is_told_about_it() -> None:
    told = evolve(SKM, source="PermenPANRB 14/2017", sourcing=Sourcing.OFFICIAL, notes=(), since_year=None)
    assert told.digest == SKM.digest
    assert evolve(SKM, factor=Decimal("25.00")).digest == SKM.digest


def test_the_digests_of_the_shipped_ones_are_for_ever() -> None:
    """A shipped instrument that changed needs a new version: answers in stores stand under these."""
    assert {each.id: each.digest[:16] for each in SHIPPED} == DIGESTS


DIGESTS = {
    "skm-2004": "797e6a287610eb1d",
    "skm-2014": "3f74e289cb7970d2",
    "skm-2017": "bdbf83f0023e35b4",
    "skm-2017-six": "7785aaa6e2804dfa",
    "spak": "99824c1d442f5815",
}


# --- a value -------------------------------------------------------------------------------------------------------


def test_an_answer_counts_for_its_points_and_nothing_else_is_one() -> None:
    six = find_instrument("skm-2017-six").elements[0]
    assert six.points_of(2) == Decimal("1.6")
    for wrong in (0, 7, True):
        with pytest.raises(InvalidValueError, match="answer with one of 1, 2, 3, 4, 5, 6"):
            six.points_of(wrong)


def test_an_element_that_is_not_asked_for_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'sarana'"):
        SKM.element("sarna")


# --- a broken file -------------------------------------------------------------------------------------------------

SMALL = """
[instrument]
id = "kecil"
version = 1
name = "Kecil"
name_english = "Small"
source = "rekaan"
sourcing = "configurable"

[[choice]]
value = 1
text = "Buruk"

[[choice]]
value = 2
text = "Baik"

[[element]]
key = "satu"
name = "Satu"
question = "Satu?"

[[element]]
key = "dua"
name = "Dua"
question = "Dua?"
choices = [{ value = 1, text = "Tidak" }, { value = 2, text = "Ya" }]

[[band]]
perception = 1
low = 25.00
high = 39.99
grade = "B"
performance = "Kurang"

[[band]]
perception = 2
low = 40.00
high = 50.00
grade = "A"
performance = "Baik"
"""


def problems_of(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "kecil.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BlueprintError) as caught:
        load_instrument(file)
    assert str(caught.value).startswith("the survey instrument has ")
    return [str(problem).removeprefix(f"{file}: ") for problem in caught.value.problems]


def test_a_small_file_is_read_with_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "kecil.toml"
    file.write_text(SMALL, encoding="utf-8")
    small = load_instrument(file)
    assert small.question_order == ("satu", "dua")
    assert [choice.text for element in small.elements for choice in element.choices] == ["Buruk", "Baik", "Tidak", "Ya"]
    assert (small.factor, small.decimals, small.weights, small.index_name) == (25, 2, Weights.EXACT, "IKM")


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        ("low = 40.00", "low = 40.01", "band[1].low: '40.01': begin at 40.00, where the line before ends"),
        ("low = 40.00", "low = 39.99", "band[1].low: '39.99': begin at 40.00, where the line before ends"),
        ("low = 40.00", "low = 40.005", "band[1].low: '40.005': give 2 decimals, as the index has"),
        ("low = 25.00", "low = 20.00", "band[0].low: 20.0: 25.00, the least index that answers can give"),
        ("high = 50.00", "high = 100.00", "band[1].high: 100.0: 50.00, the greatest index that answers can give"),
        ("high = 39.99", "high = 20.00", "band[0].high: '20.0': end at 25.0 or above, where it begins"),
        ("perception = 2", "perception = 1", "band[1].perception: 1: more than 1: the worst first"),
        ('grade = "A"', 'grade = "B"', "band[1].grade: 'B': give each its own; band[0] has it already"),
        ('key = "dua"', 'key = "satu"', "element[1].key: 'satu': give each its own; element[0] has it already"),
        ('key = "dua"', 'key = "Dua Dua"', "did you mean 'dua-dua'"),
        ("value = 2\n", "value = 1\n", "choice[1].value: 1: more than 1: from the worst to the best"),
        ("value = 2\n", "value = 2\npoints = 1.0\n", "choice[1].points: '1.0': more than 1: from the worst"),
        ("value = 2\n", "value = 2\npoints = -1.0\n", "choice[1].points: -1.0: give a number from 0 to 10,000"),
        ("value = 2\n", "value = 2\npoints = nan\n", "choice[1].points: nan: give a number from 0 to 10,000"),
        ("value = 2\n", "value = 2\npoints = 1.00001\n", "choice[1].points: 1.00001: give a number from 0 to 10,000"),
        (", { value = 2, text", ", { value = 2, txt", "did you mean 'text'"),
        (', { value = 2, text = "Ya" }', "", "element[1].choices: an array of 1: give two answers or more"),
        ("version = 1", "version = 0", "instrument.version: 0: give a whole number from 1"),
        ("version = 1", 'version = 1\nweights = "0.11"', "give one of exact, rounded_3, rounded_2"),
        ("version = 1", "version = 1\nfactor = 0", "instrument.factor: 0: give what the mean is multiplied by"),
        ("version = 1", "version = 1\nsince_year = 2017\nuntil_year = 2014", "until_year: 2014: not before 2017"),
        ("version = 1", 'version = 1\nquestion_order = ["dua"]', "name each element once; satu is not there"),
        ("version = 1", 'version = 1\nquestion_order = ["dua", "satu", "dua"]', "question_order[2]: 'dua': name each"),
        ("version = 1", 'version = 1\nquestion_order = ["dua", "stu"]', "did you mean 'satu'"),
        ('"configurable"', '"read"', "sourcing: 'read': give one of official, reported, configurable"),
        ('"configurable"', '"configurble"', "did you mean 'configurable'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, written: str, instead: str, problem: str) -> None:
    assert written in SMALL
    told = problems_of(tmp_path, SMALL.replace(written, instead, 1))
    assert any(problem in each for each in told), told


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = SMALL.replace("version = 1", "version = 0").replace("low = 40.00", "low = 41.00")
    text = text.replace('key = "dua"', 'key = "satu"').replace('name = "Kecil"\n', "")
    assert len(problems_of(tmp_path, text)) == 4


def test_one_fault_is_one_problem(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, SMALL.replace("version = 1", 'version = 1\nquestion_order = "dua"'))) == 1
    assert len(problems_of(tmp_path, SMALL.replace("version = 1", "version = 1\nnotes = 1"))) == 1


def test_an_element_without_answers_is_told(tmp_path: Path) -> None:
    text = SMALL.replace('[[choice]]\nvalue = 1\ntext = "Buruk"\n\n[[choice]]\nvalue = 2\ntext = "Baik"\n', "")
    told = problems_of(tmp_path, text)
    assert told == ["element[0].choices: missing: give the answers of this element, or a [[choice]] each for all"]


def test_a_table_mixed_from_two_rules_is_told(tmp_path: Path) -> None:
    """A page was met whose C is 62.51 to 76.60: its low from the table of 2004, its high from that of 2017."""
    text = (FOLDER / "skm-2017.toml").read_text(encoding="utf-8").replace("low = 65.00", "low = 62.51")
    assert problems_of(tmp_path, text) == [
        "band[1].low: '62.51': begin at 65.00, where the line before ends; no gaps, none over another"
    ]


def test_an_empty_file_tells_what_is_missing(tmp_path: Path) -> None:
    told = problems_of(tmp_path, "")
    assert [each.split(":")[0] for each in told] == ["instrument", "element", "band"]
