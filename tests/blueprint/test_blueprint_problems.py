"""Whatever is wrong in a blueprint is told, all of it at once, with file, path, what was found and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mppkit.blueprint import find_blueprint, load_blueprint
from mppkit.documents.files import LARGEST_FILE, LARGEST_FOLDER, LONGEST_LINE, MOST_FILES
from mppkit.errors import BlueprintError, MppkitError

Problems = Callable[..., list[str]]

ID = "use 1 to 64 lower-case letters, digits, '-', '_' or '.', beginning and ending with a letter or digit"
TEXT = "give one line of text, up to 200 characters"
PREFIX = "use 1 to 4 capital letters or digits, but not J, which begins the codes of appointments"
STRETCH = "give a stretch such as 07:30-12:00, between 00:00 and 23:59"
ZONE = "give Asia/Jakarta, Asia/Makassar, Asia/Jayapura or another IANA time zone"
KINDS = "give one of kementerian, lembaga, pemda_provinsi, pemda_kabupaten_kota, bumn, bumd, badan_hukum_publik, swasta"
DISCIPLINES = "give one of first_come, priority_ageing, strict_priority, ratio, appointment_window, shortest_service"

ONE_MISTAKE = {
    "a bad id, with the id it could be": (
        ('id = "badung"', 'id = "MPP Badung"'),
        [f"mall.id: 'MPP Badung': {ID}; did you mean 'mpp-badung'?"],
    ),
    "an id that is used twice": (
        ('id = "sip"', 'id = "nib"'),
        [
            "service[1].id of 'nib': 'nib': give another; service[0] has this one already",
            "counter[0].services[1] of 'loket-1': 'sip': give the id of a service of this blueprint",
        ],
    ),
    "a name that is used twice in an agency": (
        ('"Izin praktik"', '"izin  USAHA"'),
        ["service[1].name of 'sip': 'izin  USAHA': give another; service[0] has this one already"],
    ),
    "a number for a text": (('name = "MPP Badung"', "name = 7"), [f"mall.name: 7: {TEXT}"]),
    "an empty text": (('name = "MPP Badung"', 'name = "  "'), [f"mall.name: '  ': {TEXT}"]),
    "two lines of text": (('name = "MPP Badung"', 'name = "MPP\\nBadung"'), [f"mall.name: 'MPP\\nBadung': {TEXT}"]),
    "a key that is missing": (
        ('name_english = "Badung Mall"\n', ""),
        [f"mall.name_english: missing: {TEXT}"],
    ),
    "a key that is misspelt": (
        ("daily_quota", "dialy_quota"),
        [
            "service[1].dialy_quota of 'sip': 'dialy_quota': no such key; there are id, name, name_english, agency, "
            "prefix, daily_quota, expected_minutes, profile, channels, standard; did you mean 'daily_quota'?"
        ],
    ),
    "a key that is unlike any": (
        ("[hours]", '"5103011708900001" = 1\n[hours]'),
        [
            "mall.'51…01': '51…01': no such key; there are id, name, name_english, zone, invented",
        ],
    ),
    "a text for a truth value": (
        ('zone = "Asia/Makassar"', 'zone = "Asia/Makassar"\ninvented = "true"'),
        ["mall.invented: 'true': give true or false, without quotes"],
    ),
    "a zone by its short name": (
        ("Asia/Makassar", "WITA"),
        [f"mall.zone: 'WITA': {ZONE}; did you mean 'Asia/Makassar'?"],
    ),
    "a zone that is misspelt": (
        ("Asia/Makassar", "Asia/Jakarata"),
        [f"mall.zone: 'Asia/Jakarata': {ZONE}; did you mean 'Asia/Jakarta'?"],
    ),
    "a zone that means something else on every machine": (
        ("Asia/Makassar", "localtime"),
        [f"mall.zone: 'localtime': {ZONE}"],
    ),
    "a zone outside the list of zones": (
        ("Asia/Makassar", "../Makassar"),
        [f"mall.zone: '../Makassar': {ZONE}; did you mean 'Asia/Makassar'?"],
    ),
    "hours in the Indonesian way of writing": (
        ('"08:00-12:00"', '"8.00 – 12.00"'),
        [f"hours.monday[0]: '8.00 – 12.00': {STRETCH}; did you mean '08:00-12:00'?"],
    ),
    "an hour that no day has": (('"13:00-16:00"', '"13:00-24:00"'), [f"hours.monday[1]: '13:00-24:00': {STRETCH}"]),
    "hours that are no text": (('"13:00-16:00"', "13:00:00"), [f"hours.monday[1]: 13:00:00: {STRETCH}"]),
    "hours that end before they begin": (
        ('"13:00-16:00"', '"16:00-13:00"'),
        ["hours.monday[1]: '16:00-13:00': end a stretch after it begins"],
    ),
    "hours that overlap": (
        ('"13:00-16:00"', '"11:00-16:00"'),
        ["hours.monday[1]: '11:00-16:00': begin after 12:00"],
    ),
    "hours that are no array": (
        ('["08:00-12:00", "13:00-16:00"]', '"08:00-16:00"'),
        ['hours.monday: \'08:00-16:00\': give an array, such as ["one", "two"]'],
    ),
    "hours that never open": (
        ('["08:00-12:00", "13:00-16:00"]', "[]"),
        ["hours: a table: open on at least one day; without [hours] a mall never closes"],
    ),
    "a day of the week in Indonesian": (
        ("monday", "senin"),
        [
            "hours.senin: 'senin': no such key; "
            "there are monday, tuesday, wednesday, thursday, friday, saturday, sunday",
            "hours: a table: open on at least one day; without [hours] a mall never closes",
        ],
    ),
    "a closure that ends before it begins": (
        ("from = 2026-11-30", "from = 2026-11-30\nto = 2026-11-29"),
        ["closure[0].to: 2026-11-29: give a day not before 2026-11-30"],
    ),
    "a date in quotes": (
        ("from = 2026-11-30", 'from = "30/11/2026"'),
        ["closure[0].from: '30/11/2026': give a date without quotes, such as 2026-11-24"],
    ),
    "a date with a time": (
        ("from = 2026-11-30", "from = 2026-11-30T08:00:00"),
        ["closure[0].from: 2026-11-30T08:00:00: give a date without quotes, such as 2026-11-24"],
    ),
    "a kind of agency there is not": (
        ('"pemda_kabupaten_kota"', '"pemda_kabkota"'),
        [f"agency[0].kind of 'dpmptsp': 'pemda_kabkota': {KINDS}; did you mean 'pemda_kabupaten_kota'?"],
    ),
    "an agency there is not": (
        ('agency = "dpmptsp"\nprefix = "A"\ndaily', 'agency = "dpmtsp"\nprefix = "A"\ndaily'),
        [
            "service[1].agency of 'sip': 'dpmtsp': give the id of an agency of this blueprint; did you mean 'dpmptsp'?",
        ],
    ),
    "a service there is not": (
        ('services = ["nib", "sip"]', 'services = ["nib", "SIP", "sip"]'),
        ["counter[0].services[1] of 'loket-1': 'SIP': give the id of a service of this blueprint; did you mean 'sip'?"],
    ),
    "a service that no counter gives": (
        ('services = ["nib", "sip"]', 'services = ["nib"]'),
        ["service[1].id of 'sip': 'sip': name it in the services of a counter; no counter gives it"],
    ),
    "a service named twice at a counter": (
        ('services = ["nib", "sip"]', 'services = ["nib", "sip", "nib"]'),
        ["counter[0].services[2] of 'loket-1': 'nib': name each once"],
    ),
    "a counter without services": (
        ('services = ["nib", "sip"]', 'services = ["nib", "sip"]\n[[counter]]\nid = "l2"\nname = "L2"\nservices = []'),
        ["counter[1].services of 'l2': an array of 0: name at least one service"],
    ),
    "a counter with one service in no array": (
        ('services = ["nib", "sip"]', 'services = "nib"'),
        ["counter[0].services of 'loket-1': 'nib': give an array, such as [\"one\", \"two\"]"],
    ),
    "a prefix with a hyphen, which could make the number of another": (
        ('prefix = "A"\ndaily', 'prefix = "a-1"\ndaily'),
        [f"service[1].prefix of 'sip': 'a-1': {PREFIX}; did you mean 'A1'?"],
    ),
    "the prefix of appointments": (
        ('prefix = "A"\ndaily', 'prefix = "J"\ndaily'),
        [f"service[1].prefix of 'sip': 'J': {PREFIX}"],
    ),
    "a quota of true": (
        ("daily_quota = 30", "daily_quota = true"),
        ["service[1].daily_quota of 'sip': true: give a whole number from 1 to 100000, without quotes"],
    ),
    "a quota of nothing": (
        ("daily_quota = 30", "daily_quota = 0"),
        ["service[1].daily_quota of 'sip': 0: give a whole number from 1 to 100000, without quotes"],
    ),
    "minutes that are no number": (
        ("expected_minutes = 7.5", "expected_minutes = nan"),
        ["service[1].expected_minutes of 'sip': nan: give minutes, more than 0 and up to 1440, without quotes"],
    ),
    "a section with one bracket too few": (
        ("[[agency]]", "[agency]"),
        ["agency: a table: begin each with [[agency]], in two brackets"],
    ),
    "a section that is misspelt": (
        ("[hours]", "[hour]"),
        [
            "hour: 'hour': no such key; there are mall, hours, calendar, permit_numbering, permit_capacity, survey, "
            "queue, closure, overlay, special_hours, "
            "regulation, agency, participation, service, counter, officer, facility, role, workflow, zone; "
            "did you mean 'hours'?"
        ],
    ),
    "a calendar without hours, which would say nothing": (
        ('[hours]\nmonday = ["08:00-12:00", "13:00-16:00"]', "[calendar]\nclosed_on_joint_leave = true"),
        ["calendar: a table: write [hours] too: without hours a mall never closes"],
    ),
    "a slot there is not": (
        ("[queue.limits]", "[queue.limit]"),
        [
            "queue.limit: 'limit': no such key; "
            "there are admission, numbering, discipline, placement, estimate, limits; did you mean 'limits'?"
        ],
    ),
    "a policy there is not": (
        ("[queue.limits]", '[queue.discipline]\npolicy = "first_comer"\n[queue.limits]'),
        [f"queue.discipline.policy: 'first_comer': {DISCIPLINES}; did you mean 'first_come'?"],
    ),
    "a policy that would have to be imported": (
        ("[queue.limits]", '[queue.discipline]\npolicy = "os:system"\n[queue.limits]'),
        [f"queue.discipline.policy: 'os:system': {DISCIPLINES}"],
    ),
    "a slot without a policy": (
        ('policy = "standard"\n', ""),
        ["queue.admission.policy: missing: give one of standard, open_door"],
    ),
    "a parameter there is not": (
        ("cut_off_minutes", "cutoff_minutes"),
        [
            "queue.admission.cutoff_minutes: 'cutoff_minutes': no such key; there are policy, early_minutes, "
            "cut_off_minutes, one_per_person; did you mean 'cut_off_minutes'?"
        ],
    ),
    "a parameter of another kind": (
        ("cut_off_minutes = 30", 'cut_off_minutes = "30"\none_per_person = "no"'),
        [
            "queue.admission.cut_off_minutes: '30': give a number, without quotes",
            "queue.admission.one_per_person: 'no': give true or false, without quotes",
        ],
    ),
    "two parameters out of their range": (
        ("cut_off_minutes = 30", "cut_off_minutes = -1\nearly_minutes = -2"),
        [
            "queue.admission.early_minutes: -2: give a number, 0 or more",
            "queue.admission.cut_off_minutes: -1: give a number, 0 or more",
        ],
    ),
    "parameters that do not go together": (
        ("[queue.limits]", '[queue.discipline]\npolicy = "ratio"\nregular = 31\n[queue.limits]'),
        ["queue.discipline: a table: priority: 2: priority and regular may add up to 32 at most"],
    ),
    "a limit out of its range": (
        ("promise_minutes = 20", "promise_minutes = 20\nrecall_limit = 1.5"),
        ["queue.limits.recall_limit: 1.5: give a whole number, 0 or more"],
    ),
    "a number of no size": (
        ("promise_minutes = 20", f"promise_minutes = 0x{'f' * 900}"),
        ["queue.limits.promise_minutes: a number beyond 64 bits: give a number, without quotes"],
    ),
    "a table for a number": (
        ("promise_minutes = 20", f"{'.'.join(['promise_minutes'] * 50)} = 1"),
        ["queue.limits.promise_minutes: a table: give a number, without quotes"],
    ),
}


@pytest.mark.parametrize("mistake", ONE_MISTAKE)
def test_one_mistake_is_told_exactly(mistake: str, small: str, problems_of: Problems) -> None:
    (before, after), expected = ONE_MISTAKE[mistake]
    assert small.count(before) >= 1
    assert problems_of(small.replace(before, after, 1)) == [f"m.toml: {line}" for line in expected]


def test_the_small_blueprint_itself_is_sound(small: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(small, encoding="utf-8")
    assert load_blueprint(path).id == "badung"


def test_all_mistakes_are_told_at_once_and_as_facts(small: str, tmp_path: Path, problems_of: Problems) -> None:
    text = small.replace('"badung"', '"Badung"').replace('prefix = "A"', 'prefix = "a"').replace("Makassar", "Makasar")
    text = text.replace('"standard"', '"standart"').replace('"DPMPTSP"', "1")
    problems_of(text)
    with pytest.raises(BlueprintError, match="the blueprint has 6 problems:") as caught:
        load_blueprint("m.toml")
    assert isinstance(caught.value, MppkitError)
    assert [(p.file, p.path, p.row, p.found, p.suggestion) for p in caught.value.problems] == [
        ("m.toml", "mall.id", None, "'Badung'", "badung"),
        ("m.toml", "mall.zone", None, "'Asia/Makasar'", "Asia/Makassar"),
        ("m.toml", "agency[0].name", "dpmptsp", "1", None),
        ("m.toml", "service[0].prefix", "nib", "'a'", "A"),
        ("m.toml", "service[1].prefix", "sip", "'a'", "A"),
        ("m.toml", "queue.admission.policy", None, "'standart'", "standard"),
    ]


def test_near_misses_are_looked_for_two_hundred_times_and_no_more(small: str, problems_of: Problems) -> None:
    wrong = "".join(f'"surat-izin-praktik-{number}",\n' for number in range(250))
    text = small.replace('["nib", "sip"]', f'["nib", "sip",\n{wrong}]').replace('"sip"', '"surat-izin-praktik"')
    lines = problems_of(text)
    assert [line.endswith("; did you mean 'surat-izin-praktik'?") for line in lines] == [True] * 200 + [False] * 50


def test_an_empty_file_lacks_four_sections(problems_of: Problems) -> None:
    assert problems_of("") == [
        "m.toml: mall: missing: write [mall] with id, name, name_english and zone",
        "m.toml: agency: missing: write [[agency]] for each agency",
        "m.toml: service: missing: write [[service]] for each service",
        "m.toml: counter: missing: write [[counter]] for each counter",
    ]


def test_rows_that_are_no_tables_are_told_one_by_one(small: str, problems_of: Problems) -> None:
    rows = small[small.index("[[closure]]") : small.index("[[agency]]")]
    allowed = "begin each with [[closure]], in two brackets"
    assert problems_of('closure = [2026-11-30, "x"]\n' + small.replace(rows, "")) == [
        f"m.toml: closure[0]: 2026-11-30: {allowed}",
        f"m.toml: closure[1]: 'x': {allowed}",
    ]


# --- several files -------------------------------------------------------------------------------------------------


def parts(small: str) -> tuple[str, str]:
    cut = small.index("[[counter]]")
    return small[:cut], small[cut:]


def test_a_folder_tells_the_file_of_each_problem_and_counts_its_own_rows(small: str, problems_of: Problems) -> None:
    first, second = parts(small)
    more = second + '[[service]]\nid = "nib"\nname = "x"\nname_english = "x"\nagency = "pln"\nprefix = "B"\n'
    folder = {"b.toml": more.replace("promise_minutes", "promise"), "a.toml": first, "notes.txt": "[[[", ".c.toml": "["}
    limits = ", ".join(
        (
            "recall_limit",
            "recall_delay_seconds",
            "confirm_within_seconds",
            "undo_within_seconds",
            "check_in_early_minutes",
            "check_in_late_minutes",
            "promise_minutes",
        )
    )
    assert problems_of(folder) == [
        "m/b.toml: service[0].id of 'nib': 'nib': give another; service[0] in m/a.toml has this one already",
        "m/b.toml: service[0].agency of 'nib': 'pln': give the id of an agency of this blueprint",
        f"m/b.toml: queue.limits.promise: 'promise': no such key; there are {limits}; did you mean 'promise_minutes'?",
    ]


def test_a_table_given_twice_names_both_files(small: str, problems_of: Problems) -> None:
    first, second = parts(small)
    again = '[hours]\nmonday = ["08:00-09:00"]\n[queue.limits]\nrecall_limit = 1\n'
    assert problems_of({"a.toml": first, "b.toml": second, "c.toml": again}) == [
        "m/c.toml: hours: a table: give it once; it stands in m/a.toml already",
        "m/c.toml: queue.limits: a table: give it once; it stands in m/b.toml already",
    ]


def test_a_file_that_cannot_be_read_does_not_make_the_others_wrong(small: str, problems_of: Problems) -> None:
    first, last = parts(small)
    cut = first.rindex("[[service]]")
    files = {"a.toml": first[:cut], "b.toml": first[cut:].replace("]]", "]"), "c.toml": last.replace('"Loket 1"', '""')}
    assert problems_of(files) == [
        "m/b.toml: line 1, column 10: '[[service]': not TOML: Expected ']]' at the end of an array declaration",
        f"m/c.toml: counter[0].name of 'loket-1': '': {TEXT}",
    ]


def test_a_folder_without_toml_files_is_no_blueprint(problems_of: Problems) -> None:
    allowed = "put in at least one file whose name ends in .toml"
    assert problems_of({"readme.txt": "x"}) == [f"m: a folder without TOML files: {allowed}"]


# --- files ---------------------------------------------------------------------------------------------------------


def lines(path: str | Path) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        load_blueprint(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mall]\nid = \n", "line 2, column 6: 'id =': not TOML: Invalid value"),
        ("[mall]\nid = “badung”\n", "line 2, column 6: 'id = “badung”': not TOML: Invalid value"),
        ("[mall]\n[mall]\n", "line 2, column 6: '[mall]': not TOML: Cannot declare ('mall',) twice"),
        (
            "id = 5103011708900001x",
            "line 1, column 22: 'id = 51…01x': not TOML: Expected newline or end of document after a statement",
        ),
        ("[mall", "the end of the file: not TOML: Expected ']' at the end of a table declaration"),
        (
            "a = " + "[\n" * 5000,
            "arrays or tables within each other, hundreds deep: six deep is the most that means anything",
        ),
        (
            f'[mall]\nid = "{"x" * LONGEST_LINE}"',
            f"line 2: {LONGEST_LINE + 7:,} characters: break the line; {LONGEST_LINE:,} at most",
        ),
        (
            "x = 1\n" * (LARGEST_FILE // 6 + 1),
            f"more than {LARGEST_FILE:,} bytes: give a TOML file or a folder of them, none larger than that",
        ),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(text: str, expected: str, problems_of: Problems) -> None:
    assert problems_of(text) == [f"m.toml: {expected}"]


def test_a_folder_of_too_many_files_or_bytes_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    allowed = f"give up to {MOST_FILES} files and {LARGEST_FOLDER:,} bytes"
    for folder, files, size in (("many", MOST_FILES + 1, 1), ("large", 11, LARGEST_FILE)):
        Path(folder).mkdir()
        for number in range(files):
            Path(folder, f"{number}.toml").write_bytes(b"#" + b"\n" * (size - 1))
        assert lines(folder)[0] == f"{folder}: {files:,} files of {files * size:,} bytes together: {allowed}"


def test_a_link_out_of_the_folder_is_not_followed(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("secret.toml").write_text('[mall]\nid = "secret"\n', encoding="utf-8")
    folder = Path("mall")
    folder.mkdir()
    (folder / "real.toml").write_text(small, encoding="utf-8")
    (folder / "link.toml").symlink_to(Path("..") / "secret.toml")
    assert lines(folder) == ["mall/link.toml: a link out of the folder: copy the file into the folder"]
    (folder / "link.toml").unlink()
    (folder / "link.toml").symlink_to("real.toml")  # within it, so that it stands there twice
    assert all("real.toml" in line and "link" not in line.partition(":")[0] for line in lines(folder)) is True
    Path("other").symlink_to(folder)
    (folder / "link.toml").unlink()
    assert load_blueprint("other").id == "badung"


def test_other_encodings_are_told_with_their_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.toml").write_bytes('[mall]\nname = "Kafé"\n'.encode("latin-1"))
    assert lines("m.toml") == ["m.toml: line 2: byte 0xe9: save the file as UTF-8"]
    Path("m.toml").write_text("[mall]", encoding="utf-16")
    assert lines("m.toml") == ["m.toml: line 1: byte 0xff: save the file as UTF-8"]


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_fine(small: str, tmp_path: Path) -> None:
    path = tmp_path / "m.TOML"
    path.write_bytes(b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode())
    assert load_blueprint(tmp_path).directory == load_blueprint(path).directory
    assert load_blueprint(path).sources == (str(path),)


def test_a_missing_file_suggests_its_neighbour(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("badung.toml").write_text(small, encoding="utf-8")
    expected = "no such file: give a TOML file or a folder of them"
    assert lines("badng.toml") == [f"badng.toml: {expected}; did you mean 'badung.toml'?"]
    assert lines("nowhere/at/all.toml") == [f"nowhere/at/all.toml: {expected}"]
    assert lines("a\0b") == [f"a\0b: {expected}"]
    assert lines("/dev/null") == ["/dev/null: not a file: give a TOML file or a folder of them"]


def test_the_sample_has_a_name_and_near_misses_of_it_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_blueprint("contoh").id == "contoh"
    with pytest.raises(BlueprintError) as caught:
        find_blueprint("cotoh")
    allowed = "give a TOML file, a folder of them, or the name of the sample"
    assert [str(p) for p in caught.value.problems] == [f"cotoh: no such file: {allowed}; did you mean 'contoh'?"]
    Path("cotoh").write_text("", encoding="utf-8")
    with pytest.raises(BlueprintError, match="cotoh: mall: missing"):
        find_blueprint("cotoh")
    with pytest.raises(BlueprintError, match=r"badung\.toml: no such file: give a TOML file or a folder of them"):
        find_blueprint("badung.toml")
