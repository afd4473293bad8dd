"""What comes back from KoboToolbox and ODK Central, in the forms in which they export it; the answers are invented."""

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit.errors import BlueprintError, InvalidValueError
from mppkit.interop.submissions import MARK, mark_of, read_submissions
from mppkit.surveys.answers import Dirt, read_answers
from mppkit.surveys.instrument import Instrument
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import PROFILE, ProfileField
from mppkit.surveys.tally import tally_patterns

SKM = find_instrument("skm-2017")
FIELDS = {field.key: field for field in PROFILE}
ANSWERS = (
    ({"sex": "perempuan", "age": "17-25"}, (4, 4, 3, 4, 4, 4, 4, 3, 2)),
    ({"sex": "laki-laki", "age": ""}, (3, 3, 3, 4, 3, 3, 3, 1, 3)),
    ({"sex": "perempuan", "age": "56-ke-atas"}, (2, 3, 4, 1, 3, 3, 3, 3, 3)),
)
Sent = tuple[Mapping[str, str], Sequence[int]]


def write(path: Path, rows: Sequence[Sequence[str]], delimiter: str = ";", begin: str = "\ufeff") -> Path:
    text = StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    (path / "export.csv").write_text(begin + text.getvalue(), encoding="utf-8", newline="")
    return path / "export.csv"


def values(answers: Sequence[Sent] = ANSWERS, before: str = "") -> list[list[str]]:
    """Return an export with names and values, in the order of the questionnaire."""
    order = SKM.question_order
    rows = [[*(f"{before}{key}" for key in ("sex", "age", *order)), "_id", "_uuid", "_submission_time"]]
    for number, (profile, pattern) in enumerate(answers):
        given = dict(zip(SKM.keys, map(str, pattern), strict=True))
        about = [profile["sex"], profile["age"], *(given[key] for key in order)]
        rows.append([*about, str(700 + number), f"uuid-{number}", "2026-06-30T09:00:00"])
    return rows


def labels(english: bool, answers: Sequence[Sent] = ANSWERS, group: str = "") -> list[list[str]]:
    """Return an export with labels in one language."""

    def label(of: Any) -> str:
        return str(of.text_english if english else of.text)

    def said(field: ProfileField, key: str) -> str:
        return next((label(each) for each in field.categories if each.key == key), "")

    questions = [each.question_english if english else each.question for each in SKM.elements]
    headings = [label(FIELDS["sex"]), label(FIELDS["age"]), *questions]
    rows = [["start", *(group + heading for heading in headings), "_index"]]
    for profile, pattern in answers:
        chosen = [label(each.choices[value - 1]) for each, value in zip(SKM.elements, pattern, strict=True)]
        rows.append(["", said(FIELDS["sex"], profile["sex"]), said(FIELDS["age"], profile["age"]), *chosen, "1"])
    return rows


WANTED = tally_patterns(SKM, dict(Counter(tuple(pattern) for _, pattern in ANSWERS)))


@pytest.mark.parametrize("before", ["", "unsur/", "bagian/unsur/", "unsur-", "unsur:"])
def test_values_are_read_under_any_group(before: str, tmp_path: Path) -> None:
    read = read_submissions(write(tmp_path, values(before=before)), SKM)
    assert read.tally == WANTED
    assert read.dirty == ()
    assert {key: tally.n for key, tally in read.groups["sex"].items()} == {"laki-laki": 1, "perempuan": 2}
    assert {key: tally.n for key, tally in read.groups["age"].items()} == {
        "17-25": 1,
        "56-ke-atas": 1,
        "tidak-disebutkan": 1,
    }
    assert set(read.groups) == {"sex", "age"}
    assert read.columns["sarana"] == f"{before}sarana"


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("group", ["", "Penilaian/", "Penilaian Anda: "])
def test_labels_are_read_in_either_language(english: bool, group: str, tmp_path: Path) -> None:
    read = read_submissions(write(tmp_path, labels(english, group=group)), SKM)
    assert read.tally == WANTED
    assert {key: tally.n for key, tally in read.groups["sex"].items()} == {"laki-laki": 1, "perempuan": 2}
    assert read.groups["sex"]["laki-laki"] == tally_patterns(SKM, {(3, 3, 3, 4, 3, 3, 3, 1, 3): 1})


def test_odk_exports_with_commas_and_names_its_own_columns(tmp_path: Path) -> None:
    rows = values()
    odk = [["SubmissionDate", *rows[0][:11], "meta-instanceID", "KEY", "Status", "ReviewState", "FormVersion"]]
    for number, row in enumerate(rows[1:]):
        odk.append(["2026-06-30T02:00:00.000Z", *row[:11], f"uuid:{number}", f"uuid:{number}", "", "", "1"])
    assert read_submissions(write(tmp_path, [*odk, odk[1]], ",", ""), SKM).tally.n == 3


def test_an_export_with_values_is_what_the_command_line_scores(tmp_path: Path) -> None:
    path = write(tmp_path, values())
    assert read_answers(path, SKM).tally == read_submissions(path, SKM).tally


def test_a_form_that_was_sent_twice_counts_once(tmp_path: Path) -> None:
    rows = values()
    read = read_submissions(write(tmp_path, [*rows, rows[2], rows[1]]), SKM)
    assert (read.tally.n, dict(read.tally.left_out)) == (3, {"repeated": 2})
    without_id = [row[:11] for row in [*rows, rows[2]]]
    assert read_submissions(write(tmp_path, without_id), SKM).tally.n == 4


def test_answers_to_another_version_or_text_are_left_out_and_counted(tmp_path: Path) -> None:
    marks = [MARK, mark_of(SKM), "skm-2017 1 000000000000", ""]
    rows = [[*row, mark] for row, mark in zip(values(), marks, strict=True)]
    read = read_submissions(write(tmp_path, rows), SKM)
    assert (read.tally.n, dict(read.tally.left_out)) == (2, {"another_version": 1})


def test_what_is_no_answer_is_listed_by_line_and_kind_and_no_text_is_shown(tmp_path: Path) -> None:
    rows = values([ANSWERS[0]] * 5)
    for number, row in enumerate(rows[1:]):
        row[12] = f"other-{number}"
    at = rows[0].index("sarana")
    rows[1][at], rows[2][at], rows[3][at] = "5", "", "Bagus, kata Made 0812"
    rows[4] = rows[4][:-1]
    read = read_submissions(write(tmp_path, rows), SKM)
    assert [str(row) for row in read.dirty] == [
        "line 2, column 'sarana': no_choice 5",
        "line 3, column 'sarana': blank",
        "line 4, column 'sarana': text",
        "line 5: too_few_columns",
    ]
    assert read.tally.n == 1
    assert sum(read.tally.left_out.values()) == 4


def test_only_the_first_of_a_kind_are_listed_but_all_are_counted(tmp_path: Path) -> None:
    rows = values()
    blank = [*rows[1][:10], "", *rows[1][11:]]
    read = read_submissions(write(tmp_path, [rows[0], *[blank] * 9]), SKM)
    assert len(read.dirty) == 5
    assert read.tally.left_out == {Dirt.BLANK: 9}


def test_a_text_about_oneself_that_was_not_offered_is_not_kept(tmp_path: Path) -> None:
    read = read_submissions(write(tmp_path, values([({"sex": "Made Contoh", "age": ""}, ANSWERS[0][1])])), SKM)
    assert set(read.groups["sex"]) == {"tidak-disebutkan"}


def test_a_question_that_was_reworded_is_read_from_the_column_that_is_named(tmp_path: Path) -> None:
    rows = labels(False)
    rows[0][rows[0].index(SKM.element("waktu").question)] = "Cepatkah kami?"
    path = write(tmp_path, rows)
    with pytest.raises(BlueprintError) as raised:
        read_submissions(path, SKM)
    [problem] = raised.value.problems
    assert (problem.path, problem.found) == ("waktu", None)
    assert "name its column with columns={'waktu': ...}" in problem.allowed
    assert read_submissions(path, SKM, columns={"waktu": "Cepatkah kami?"}).tally == WANTED


def test_all_that_is_unclear_about_columns_is_told_at_once(tmp_path: Path) -> None:
    rows = [[*row[:10], row[9]] for row in values()]
    rows[0] = [*rows[0][:8], "lama/perilaku", "baru/perilaku", "x/perilaku"]
    with pytest.raises(BlueprintError) as raised:
        read_submissions(write(tmp_path, rows), SKM, columns={"sex": "Seks", "suku": "age"})
    assert sorted(each.path for each in raised.value.problems) == [
        "pengaduan",
        "perilaku",
        "sarana",
        "sex=Seks",
        "suku=age",
    ]


def test_a_field_with_the_key_of_an_element_is_refused(tmp_path: Path) -> None:
    biaya = ProfileField(key="biaya", text="Biaya", text_english="Cost", categories=())
    with pytest.raises(InvalidValueError, match="rename it"):
        read_submissions(write(tmp_path, values()), SKM, fields=(biaya,))


def test_a_heading_is_taken_for_the_longest_name_that_it_ends_with(tmp_path: Path) -> None:
    rows = values()
    clash = ProfileField(key="alur-sex", text="Alur", text_english="Flow", categories=())
    rows = [[*row, "x" if number else "alur-sex"] for number, row in enumerate(rows)]
    read = read_submissions(write(tmp_path, rows), SKM, fields=(*PROFILE, clash))
    assert (read.columns["sex"], read.columns["alur-sex"]) == ("sex", "alur-sex")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(
        st.tuples(
            st.fixed_dictionaries(
                {key: st.sampled_from(["", *FIELDS[key].keys]) for key in ("sex", "age")},
            ),
            st.tuples(*[st.integers(1, 4)] * 9),
        ),
        min_size=1,
        max_size=12,
    ),
    as_labels=st.sampled_from((None, False, True)),
)
def test_whatever_is_sent_comes_back_as_it_was_answered(
    answers: list[Sent], as_labels: bool | None, tmp_path: Path
) -> None:
    path = write(tmp_path, values(answers) if as_labels is None else labels(as_labels, answers))
    read = read_submissions(path, SKM)
    assert read.tally == tally_patterns(SKM, dict(Counter(tuple(pattern) for _, pattern in answers)))
    for key in ("sex", "age"):
        said = Counter(profile[key] or "tidak-disebutkan" for profile, _ in answers)
        assert {group: tally.n for group, tally in read.groups[key].items()} == said


@pytest.mark.parametrize("name", ["skm-2004", "skm-2014", "skm-2017-six", "spak"])
def test_labels_of_every_instrument_that_ships_tell_its_answers_apart(name: str, tmp_path: Path) -> None:
    instrument: Instrument = find_instrument(name)
    best = [[each.question for each in instrument.elements], [each.choices[-1].text for each in instrument.elements]]
    read = read_submissions(write(tmp_path, best), instrument)
    assert read.tally.n == 1
    assert all(counts[-1] == 1 for counts in read.tally.counts)


def test_a_value_of_several_lines_in_another_column_does_no_harm(tmp_path: Path) -> None:
    rows = [[*row, "Saran,\nbeberapa\nbaris" if number else "saran"] for number, row in enumerate(values())]
    assert read_submissions(write(tmp_path, rows), SKM).tally == WANTED


def test_reading_needs_none_of_the_extras() -> None:
    code = "import sys, mppkit.interop.submissions; print([m for m in ('xlsxwriter', 'icalendar') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
