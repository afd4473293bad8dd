"""A case log of another system: however it is written, what it does not say, and what is recorded of it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from mppkit.aggregates import Repository
from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import Reason
from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError, StorageError
from mppkit.permits import events as e
from mppkit.permits.application import CATEGORY, applications
from mppkit.permits.case_mapping import load_case_mapping
from mppkit.permits.case_rows import RULES, Fault
from mppkit.permits.figures import figures
from mppkit.permits.history import NO_REASON, UNSAID, CaseLog, Imported, import_cases, read_case_log
from mppkit.permits.model import Application, Status
from mppkit.permits.timing import due_on
from mppkit.permits.workflow import Effect, Step, StepKind, StepOutcome, Workflow
from mppkit.storage import Append, EventStore, MemoryStore, Query, Recorded, SqliteStore, audit

MAKASSAR = ZoneInfo("Asia/Makassar")
DAYS = WorkingDays(office_calendar(zone=MAKASSAR))
SECRET = "cukup panjang untuk sebuah rahasia"


def a_step(step_id: str, kind: StepKind, *outcomes: StepOutcome) -> Step:
    return Step(
        id=step_id, name=step_id, name_english=step_id, kind=kind, role="petugas", working_days=2, outcomes=outcomes
    )


WORKFLOW = Workflow(
    id="sip",
    name="Izin praktik",
    name_english="Practice permit",
    services=("sip-dokter",),
    start="periksa",
    steps=(
        a_step(
            "periksa",
            StepKind.VERIFY,
            StepOutcome(id="lengkap", effect=Effect.FORWARD, next=("putus",)),
            StepOutcome(id="kurang", effect=Effect.RETURN),
        ),
        a_step(
            "putus",
            StepKind.DECIDE,
            StepOutcome(id="ya", effect=Effect.GRANT, next=("terbit",)),
            StepOutcome(id="ya-bila", effect=Effect.GRANT_WITH_CONDITIONS, next=("terbit",)),
            StepOutcome(id="tidak", effect=Effect.REFUSE, reasons=("tanpa-str", "kuota")),
        ),
        a_step("terbit", StepKind.ISSUE, StepOutcome(id="izin", effect=Effect.ISSUE)),
    ),
    reasons=(
        Reason(code="tanpa-str", indonesian="STR tidak ada.", english="There is no registration."),
        Reason(code="kuota", indonesian="Tiga tempat sudah terisi.", english="Three places are taken."),
    ),
    working_days=10,
    escalates_to="petugas",
    validity_months=60,
)
MAPPING = {
    "Permohonan masuk": "submit",
    "Berkas dikembalikan": "return:periksa",
    "Berkas diperbaiki": "resubmit",
    "Verifikasi selesai": "step:periksa:lengkap",
    "Disetujui": "decide:putus:ya",
    "Disetujui bersyarat": "decide:putus:ya-bila",
    "Ditolak": "decide:putus:tidak",
    "Ditolak karena kuota": "decide:putus:tidak:kuota",
    "Izin terbit": "issue",
    "Dicabut pemohon": "withdraw",
    "Izin diambil": "ignore",
}
HEADER = "case,activity,at,resource\n"
WHOLE = """\
A-1,Permohonan masuk,2026-11-02 08:00,Loket
A-1,Berkas dikembalikan,2026-11-03 09:00,Sri Wahyuni
A-1,Berkas diperbaiki,2026-11-05 10:00,Dr. Budi
A-1,Verifikasi selesai,2026-11-06 08:30,Sri Wahyuni
A-1,Disetujui,2026-11-10 14:00,I Made Kepala
A-1,Izin terbit,2026-11-11 08:00,Sri Wahyuni
A-1,Izin diambil,2026-11-20 08:00,Loket
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., CaseLog]:
    def read(text: str | bytes, mapping: Mapping[str, str] = MAPPING, **given: object) -> CaseLog:
        path = tmp_path / "kasus.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_case_log(path, mapping, **{"workflow": WORKFLOW, "zone": MAKASSAR, **given})

    return read


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MAKASSAR)


def only(log: CaseLog) -> list[e.PermitEvent]:
    [case] = log.cases
    return [event for _, event in case.happened]


def told(log: CaseLog) -> list[tuple[str, int, str | None]]:
    return [(finding.fault.value, finding.line, finding.case) for finding in log.findings]


# --- what a case becomes -------------------------------------------------------------------------------------------


def test_a_whole_case_becomes_an_application_with_its_real_instants(read: Callable[..., CaseLog]) -> None:
    log = read(HEADER + WHOLE)
    assert (log.rows, log.left_out, log.findings, log.coarse) == (7, 0, (), 0)
    [case] = log.cases
    assert (case.id, case.number) == ("log-A-1", "A-1")
    assert list(case.happened) == [
        (
            local("2026-11-02 08:00"),
            e.Drafted(service="sip-dokter", applicant="pemohon-log-A-1", workflow=WORKFLOW),
        ),
        (local("2026-11-02 08:00"), e.Submitted()),
        (
            local("2026-11-03 09:00"),
            e.Returned(step="periksa", outcome="kurang", officer="officer-1", items=(UNSAID,)),
        ),
        (local("2026-11-05 10:00"), e.Resubmitted()),
        (local("2026-11-06 08:30"), e.StepDone(step="periksa", outcome="lengkap", officer="officer-1")),
        (local("2026-11-10 14:00"), e.Decided(step="putus", outcome="ya", officer="officer-2")),
        (
            local("2026-11-11 08:00"),
            e.Issued(
                number="tanpa-nomor/log-A-1",
                valid_from=date(2026, 11, 11),
                valid_until=date(2031, 11, 11),
                step="terbit",
                outcome="izin",
                officer="officer-1",
            ),
        ),
    ]
    assert all(at.tzinfo is UTC for at, _ in case.happened)
    assert case.application.status is Status.ISSUED


@pytest.mark.parametrize(
    ("activity", "reasons", "conditions"),
    [
        ("Ditolak", (NO_REASON,), ()),
        ("Ditolak karena kuota", (WORKFLOW.reason("kuota"),), ()),
        ("Disetujui bersyarat", (), (UNSAID,)),
        ("Disetujui", (), ()),
    ],
)
def test_reasons_and_conditions_that_the_log_does_not_say_are_said_to_be_unsaid(
    activity: str, reasons: tuple[Reason, ...], conditions: tuple[str, ...], read: Callable[..., CaseLog]
) -> None:
    rows = "".join(WHOLE.splitlines(keepends=True)[:4])
    decided = only(read(f"{HEADER}{rows}A-1,{activity},2026-11-10 14:00,X\n"))[-1]
    assert isinstance(decided, e.Decided)
    assert (decided.reasons, decided.conditions) == (reasons, conditions)


@pytest.mark.parametrize(
    "text",
    [
        "case,activity,at,resource\nK,Permohonan masuk,2026-01-02 08:15,Sri\n",
        "\ufeffcase;activity;at;resource\r\n"
        "K;Permohonan masuk;02-01-2026 08.15;Sri\r\n\r\nK;Izin diambil;13-01-2026;\r\n",
        "at , case , activity \n2026-01-02T00:15Z, K , Permohonan masuk \n   \n",
        '"activity","at","case"\n"Permohonan masuk","2026/01/02 08:15:00+08:00","K"',
    ],
)
def test_one_case_is_read_however_it_is_written(text: str, read: Callable[..., CaseLog]) -> None:
    log = read(text, day_first=True)
    assert [(case.id, case.happened[0][0]) for case in log.cases] == [("log-K", local("2026-01-02 08:15"))]
    assert (log.findings, log.coarse) == ((), 0)


def test_columns_may_have_other_names(read: Callable[..., CaseLog]) -> None:
    names = {"case": "NO", "activity": "TAHAP", "at": "WAKTU", "resource": "PETUGAS"}
    text = "NO;TAHAP;WAKTU;PETUGAS\nK;Permohonan masuk;2026-01-02 08:15;-\nK;Verifikasi selesai;2026-01-02 09:00;Sri\n"
    done = only(read(text, columns=names, officers={"Sri": "petugas-17"}))[-1]
    assert done == e.StepDone(step="periksa", outcome="lengkap", officer="petugas-17")
    with pytest.raises(BlueprintError) as error:
        read(text, columns={**names, "resource": "PETUGAZ", "who": "NO"})
    assert [(each.path, each.suggestion) for each in error.value.problems] == [
        ("resource=PETUGAZ", "PETUGAS"),
        ("who=NO", None),
    ]
    with pytest.raises(BlueprintError, match="3 problems"):
        read(text)


def test_dates_alone_are_the_beginning_of_the_day_in_the_order_of_the_lines(read: Callable[..., CaseLog]) -> None:
    log = read(
        "case,activity,at\nK,Permohonan masuk,13/01/2026\nK,Verifikasi selesai,13/01/2026\nK,Disetujui,14/01/2026 09\n"
    )
    [case] = log.cases
    assert [at for at, _ in case.happened[1:]] == [
        local("2026-01-13"),
        local("2026-01-13"),
        local("2026-01-14 09:00"),
    ]
    assert log.coarse == 3
    assert case.happened[2][1] == e.StepDone(step="periksa", outcome="lengkap", officer="officer-unknown")


def test_dates_that_could_be_read_both_ways_are_refused_unless_the_caller_says(read: Callable[..., CaseLog]) -> None:
    text = "case,activity,at\nK,Permohonan masuk,02-01-2026\n"
    with pytest.raises(InvalidValueError, match=r"line 2: '02-01-2026': it may be 2026-01-02 or 2026-02-01"):
        read(text)
    assert read(text, day_first=True).cases[0].happened[0][0] == local("2026-01-02")
    assert read(text, day_first=False).cases[0].happened[0][0] == local("2026-02-01")


# --- what is wrong -------------------------------------------------------------------------------------------------


def test_an_illegal_order_is_told_with_case_line_and_what_was_possible_and_its_case_left_out(
    read: Callable[..., CaseLog],
) -> None:
    log = read(
        f"{HEADER}{WHOLE}"
        "B-1,Verifikasi selesai,2026-11-02 08:00,Sri\n"  # line 9, before it was submitted
        "B-2,Permohonan masuk,2026-11-02 08:00,Sri\n"
        "B-2,Disetujui,2026-11-03 08:00,Sri\n"  # a step that is not open
        "B-2,Berkas diperbaiki,2026-11-04 08:00,Sri\n"
        "B-3,Permohonan masuk,2026-11-02 08:00,Sri\n"
        "B-3,Berkas dikembalikan,2026-11-03 08:00,Sri\n"
        "B-3,Verifikasi selesai,2026-11-04 08:00,Sri\n"  # lies with the applicant
        "A-2,Dicabut pemohon,2026-11-04 08:00,Sri\n"  # after the end
        "A-2,Permohonan masuk,2026-11-02 08:00,Sri\n"
        "A-2,Dicabut pemohon,2026-11-03 08:00,Sri\n"
    )
    assert [str(finding) for finding in log.findings] == [
        "line 9, case 'B-1': 'Verifikasi selesai' (step:periksa:lengkap) before it was submitted: not possible there; "
        "the case is left out; possible: submit",
        "line 11, case 'B-2': 'Disetujui' (decide:putus:ya) while in_process: not possible there; "
        "the case is left out; possible: step:periksa:lengkap, return:periksa:kurang, withdraw",
        "line 15, case 'B-3': 'Verifikasi selesai' (step:periksa:lengkap) while returned: not possible there; "
        "the case is left out; possible: return:periksa:kurang, resubmit, withdraw",
        "line 16, case 'A-2': 'Dicabut pemohon' (withdraw) while withdrawn: not possible there; "
        "the case is left out; possible: nothing more",
    ]
    assert log.left_out == 4
    assert [case.number for case in log.cases] == ["A-1"]


def test_dirty_rows_are_told_and_a_case_of_which_one_cannot_be_read_is_left_out(read: Callable[..., CaseLog]) -> None:
    log = read(
        f"{HEADER}{WHOLE}"
        "A-1,Permohonan masuk,2026-11-02 08:00,Loket\n"  # line 9
        'B,"Permohonan masuk,2026-11-02 08:00,X\n'
        "B,Permohonan masuk,2026-11-02 08:00\n"
        ",Permohonan masuk,2026-11-02 08:00,X\n"
        "C,,2026-11-02 08:00,X\n"
        "C,Permohonan masuk,2026-11-02 08:00,X\n"
        "D,Permohonan masuk,31-02-2026 08:00,X\n"
        "D,Verifikasi selesai,kemarin,X\n"
        "E,Izin diambil,besok,X\n"
        "F,Permohonan masuk,2026-11-02 08:00,X\n"
        "F,Verifikasi selesai,2026-12-02 08:00,X\n",
        exported_at=local("2026-11-24 12:00"),
    )
    assert told(log) == [
        ("duplicate", 9, "A-1"),
        ("bad_quotes", 10, None),
        ("wrong_columns", 11, None),
        ("no_case", 12, None),
        ("no_activity", 13, "C"),
        ("unreadable_time", 15, "D"),
        ("unreadable_time", 16, "D"),
        ("after_export", 19, "F"),
    ]
    assert [case.number for case in log.cases] == ["A-1"]
    assert (log.rows, log.left_out) == (18, 3)  # C, D, F; of B nobody knows, and E only ever was fetched
    said = "line 15, case 'D': '31-02-2026 08:00': no date that can be read; the case is left out"
    assert str(log.findings[5]) == said


def test_every_fault_is_told_by_a_rule() -> None:
    assert set(RULES) == set(Fault)


def test_unknown_activities_are_told_all_at_once_with_counts_and_near_misses(read: Callable[..., CaseLog]) -> None:
    with pytest.raises(BlueprintError) as error:
        read(
            f"{HEADER}K,Permohonan masuk,2026-01-02,\nK,verifikasi selesei,2026-01-03,\n"
            "K,SMS,2026-01-03 08:00,\nK,SMS,2026-01-04 08:00,\n"
        )
    assert [(each.path, each.found, each.suggestion) for each in error.value.problems] == [
        ("2 rows from line 4", "'SMS'", None),
        ("1 row from line 3", "'verifikasi selesei'", "Verifikasi selesai"),
    ]


def test_a_file_that_is_none_is_refused(read: Callable[..., CaseLog], tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="begin the file with a header"):
        read("")
    with pytest.raises(InvalidValueError, match=r"line 2: .*save the file as UTF-8"):
        read(b"case,activity,at\nK,Permohonan m\xe0suk,2026-01-02\n")
    with pytest.raises(NotFoundError, match=r"did you mean 'kasus\.csv'\?"):
        read_case_log(tmp_path / "kasu.csv", MAPPING, workflow=WORKFLOW, zone=MAKASSAR)
    with pytest.raises(InvalidValueError, match=r"line 1: .*as on a Macintosh of old.*save the file as UTF-8"):
        read((HEADER + WHOLE).replace("\n", "\r"))
    log = read(HEADER)
    assert (log.rows, log.cases, log.left_out) == (0, (), 0)


# --- the mapping ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "allowed", "suggestion"),
    [
        ("submitt", "begin with one of submit, resubmit, withdraw, ignore, return, step, decide, issue", "submit"),
        ("step:periska:lengkap", "give one of step:periksa:lengkap", "step:periksa:lengkap"),
        ("step:periksa:kurang", "give one of step:periksa:lengkap", "step:periksa:lengkap"),
        ("decide:putus", "say which: decide:putus:ya, decide:putus:ya-bila, decide:putus:tidak", "decide:putus:ya"),
        (
            "decide:putus:tidak:kouta",
            "give one of decide:putus:tidak, decide:putus:tidak:tanpa-str, decide:putus:tidak:kuota",
            "decide:putus:tidak:kuota",
        ),
        ("decide:putus:ya:kuota", "give one of decide:putus:ya", None),
        ("submit:periksa", "give one of submit", "submit"),
        ("issue:", "give one of issue:terbit:izin", None),
        ("", "begin with one of submit, resubmit, withdraw, ignore, return, step, decide, issue", None),
    ],
)
def test_a_move_that_the_workflow_has_not_is_told_with_those_it_has(
    text: str, allowed: str, suggestion: str | None, read: Callable[..., CaseLog]
) -> None:
    with pytest.raises(BlueprintError) as error:
        read(HEADER, {**MAPPING, "Lain": text})
    [problem] = error.value.problems
    assert (problem.path, problem.allowed, problem.suggestion) == ("activities.'Lain'", allowed, suggestion)


def test_a_mapping_is_read_from_toml_and_all_that_is_wrong_in_it_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "kegiatan.toml"
    path.write_text("[activities]\n" + "".join(f'"{activity}" = "{move}"\n' for activity, move in MAPPING.items()))
    assert load_case_mapping(path, WORKFLOW) == MAPPING

    path.write_text('[activities]\n"Masuk" = 7\n"Selesai" = "step:periksa:lengkp"\n')
    with pytest.raises(BlueprintError) as error:
        load_case_mapping(path, WORKFLOW)
    assert [(each.file, each.path, each.found, each.suggestion) for each in error.value.problems] == [
        (str(path), "activities.'Masuk'", "7", None),
        (str(path), "activities.'Selesai'", "'step:periksa:lengkp'", "step:periksa:lengkap"),
    ]
    for text, said in (
        ("", "activities: missing"),
        ("[activity]\n", "no such key"),
        ('[activities]\n"Selesai" = "step:periksa"\n', "every case begins with it"),
        ("[activities", "not TOML"),
    ):
        path.write_text(text)
        with pytest.raises(BlueprintError, match=said):
            load_case_mapping(path, WORKFLOW)


@pytest.mark.parametrize("path", [MAPPING, None, 7, [("Masuk", "submit")]], ids=["dict", "none", "number", "list"])
def test_a_mapping_in_python_is_no_file(path: object) -> None:
    with pytest.raises(InvalidValueError, match="a mapping in Python goes to read_case_log as it is"):
        load_case_mapping(path, WORKFLOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("mapping", [None, "kegiatan.toml", [("Permohonan masuk", "submit")]])
def test_what_is_no_mapping_is_refused(mapping: object, read: Callable[..., CaseLog]) -> None:
    with pytest.raises(InvalidValueError, match=r"mapping: .*give a dict of activities"):
        read(HEADER, mapping=mapping)


def test_an_activity_that_is_no_text_or_stands_there_twice_is_told(read: Callable[..., CaseLog]) -> None:
    with pytest.raises(BlueprintError) as error:
        read(HEADER, mapping={"Masuk": "submit", 7: "withdraw", " Masuk": "withdraw"})
    assert [(each.path, each.found) for each in error.value.problems] == [
        ("activities.7", "7"),
        ("activities.' Masuk'", "'withdraw'"),
    ]


# --- ids -----------------------------------------------------------------------------------------------------------


def rows_of(*numbers: str) -> str:
    return HEADER + "".join(f'"{number}",Permohonan masuk,2026-01-02 08:00,\n' for number in numbers)


def test_case_numbers_stay_readable_where_they_can_and_never_meet(read: Callable[..., CaseLog]) -> None:
    numbers = [
        "2026-001",
        "a.B_c",
        "503/0001/SIP/2026",
        "503-0001-SIP-2026",
        "503 0001 SIP 2026",
        "kasus é",
        "/",
        "x" * 90,
    ]
    ids = {case.number: case.id for case in read(rows_of(*numbers), series="sicantik").cases}
    assert ids["2026-001"] == "sicantik-2026-001"
    assert ids["a.B_c"] == "sicantik-a.B_c"
    assert ids["503-0001-SIP-2026"] == "sicantik-503-0001-SIP-2026"
    assert ids["503/0001/SIP/2026"].startswith("sicantik-503_0001_SIP_")
    assert len(set(ids.values())) == len(numbers)
    assert all(len(each) <= 48 for each in ids.values())


@pytest.mark.parametrize(
    ("number", "series"),
    [("5103011708900001", "log"), ("SIP/0812 3456 7890", "log"), ("2026-01-0001", "log"), ("000123", "oss-2026")],
)
def test_a_case_number_that_may_be_personal_asks_for_a_secret(
    number: str, series: str, read: Callable[..., CaseLog]
) -> None:
    with pytest.raises(InvalidValueError, match=r"1 of 2 with long numbers.*give secret=") as error:
        read(rows_of(number, "K-1"), series=series)
    assert number not in str(error.value)


def test_with_a_secret_all_case_numbers_are_hashed_with_it(read: Callable[..., CaseLog]) -> None:
    nik = "5103011708900001"
    text = rows_of(nik, "K-1")
    log = read(text, secret=SECRET)
    assert nik not in repr(log)
    assert nik not in repr(log.cases)
    first = {case.number: case.id for case in log.cases}
    assert all(case_id.removeprefix("log-").isalpha() for case_id in first.values())
    assert {case.number: case.id for case in read(text, secret=SECRET).cases} == first
    assert not set(first.values()) & {case.id for case in read(text, secret=SECRET + "!").cases}
    with pytest.raises(InvalidValueError, match="16 characters or more") as error:
        read(text, secret="pendek")
    assert "pendek" not in str(error.value)


def test_a_finding_about_a_long_case_number_masks_it(read: Callable[..., CaseLog]) -> None:
    [finding] = read(HEADER + "5103011708900001,Ditolak,2026-01-02,\n", secret=SECRET).findings
    assert "5103011708900001" not in str(finding)
    assert "5103011708900001" not in repr(finding)
    assert str(finding).startswith("line 2, case '51…01': ")


def test_officers_become_pseudonyms_by_their_first_act_and_a_longer_export_changes_none(
    read: Callable[..., CaseLog],
) -> None:
    later = "A-0,Permohonan masuk,2026-11-12 08:00,Aan\nA-0,Verifikasi selesai,2026-11-13 08:00,Aan\n"
    officers = {"I Made Kepala": "officer-1"}
    for text in (HEADER + WHOLE, HEADER + later + WHOLE):
        log = read(text, officers=officers)
        [case] = [case for case in log.cases if case.number == "A-1"]
        acted = [event.officer for _, event in case.happened if getattr(event, "officer", None)]
        assert acted == ["officer-2", "officer-2", "officer-1", "officer-2"]
    with pytest.raises(InvalidValueError, match="never a NIK"):
        read(HEADER, officers={"Sri": "5103011708900001"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"service": "nib"}, "service: 'nib': give one of sip-dokter"),
        ({"series": "seri yang panjang"}, "series"),
        ({"series": "s" * 17}, "16 characters at most"),
        ({"series": "2026"}, "begin with a letter"),
        ({"exported_at": datetime(2026, 1, 1)}, "exported_at"),  # noqa: DTZ001 - naive on purpose
        ({"zone": "Asia/Makassar"}, "zone: 'Asia/Makassar': give a ZoneInfo"),
        ({"secret": 7}, "use a text of 16 characters or more"),
        ({"secret": b"cukup panjang untuk sebuah rahasia"}, "use a text of 16 characters or more"),
        ({"columns": [("case", "NO")]}, "columns: 'list': give a dict of texts"),
        ({"columns": {"case": 7}}, "columns: 'dict': give a dict of texts"),
        ({"officers": {7: "petugas-1"}}, "officers: 'dict': give a dict of texts"),
    ],
)
def test_an_argument_that_cannot_be_is_refused(
    given: Mapping[str, object], said: str, read: Callable[..., CaseLog]
) -> None:
    with pytest.raises(InvalidValueError, match=said):
        read(HEADER, **given)


@pytest.mark.parametrize("path", [None, 7, {}])
def test_what_is_no_path_is_refused(path: object) -> None:
    with pytest.raises(InvalidValueError, match=r"path: .*give the name of a CSV file"):
        read_case_log(path, MAPPING, workflow=WORKFLOW, zone=MAKASSAR)  # type: ignore[arg-type]


def test_a_workflow_of_several_services_wants_to_know_which(read: Callable[..., CaseLog]) -> None:
    both = evolve(WORKFLOW, services=("sip-dokter", "sip-bidan"))
    with pytest.raises(InvalidValueError, match="give one of sip-dokter, sip-bidan"):
        read(HEADER + WHOLE, workflow=both)
    assert read(HEADER + WHOLE, workflow=both, service="sip-bidan").cases[0].application.service == "sip-bidan"


# --- recording -----------------------------------------------------------------------------------------------------

MORE = """\
A-2,Permohonan masuk,2026-11-02 09:00,Loket
A-2,Verifikasi selesai,2026-11-03 09:00,Sri Wahyuni
A-2,Ditolak,2026-11-03 09:00,I Made Kepala
A-3,Permohonan masuk,2026-11-16 09:00,Loket
"""


def due(application: Application, at: datetime) -> date | None:
    return due_on(application, DAYS, at)


def record(log: CaseLog, store: EventStore) -> Imported:
    return import_cases(log, store, "badung-lama", due_on=due, actor="arsip")


def stood(store: EventStore) -> dict[str, list[tuple[str, datetime]]]:
    streams: dict[str, list[tuple[str, datetime]]] = {}
    for row in store.read_all(limit=10_000):
        streams.setdefault(row.stream, []).append((row.name, row.at))
    return streams


def as_it_is(log: CaseLog) -> dict[str, list[tuple[str, datetime]]]:
    return {
        f"badung-lama/permit/{case.id}": [(event.event_name, at) for at, event in case.happened] for case in log.cases
    }


NEW = Imported(new=3, continued=0, unchanged=0, differing=())
KNOWN = Imported(new=0, continued=0, unchanged=3, differing=())


def test_cases_are_recorded_with_their_real_instants_and_a_repeated_import_records_nothing(
    read: Callable[..., CaseLog], tmp_path: Path
) -> None:
    log = read(HEADER + WHOLE + MORE)
    for store in (MemoryStore(), SqliteStore(tmp_path / "lama.db")):
        with store:
            assert record(log, store) == NEW
            assert stood(store) == as_it_is(log)
            before = store.read_all(limit=10_000)
            assert record(log, store) == KNOWN
            assert store.read_all(limit=10_000) == before
            assert {row.actor for row in before} == {"arsip"}
            assert audit(store).breaks == ()


def test_nothing_that_is_recorded_names_an_officer_or_a_case_number(read: Callable[..., CaseLog]) -> None:
    store = MemoryStore()
    record(read((HEADER + WHOLE + MORE).replace("A-", "5103011708900"), secret=SECRET), store)
    kept = "".join(row.data + row.stream + (row.request_id or "") for row in store.read_all(limit=10_000))
    kept += "".join(repr(head) for head in store.find(Query(mall="badung-lama")))
    for name in ("Sri", "Wahyuni", "Made", "Budi", "Loket", "5103011708900", SECRET):
        assert name not in kept


def test_an_import_that_was_killed_goes_on_where_it_stood(read: Callable[..., CaseLog]) -> None:
    log = read(HEADER + WHOLE + MORE)
    commits = len({(case.id, at) for case in log.cases for at, _ in case.happened})
    for killed_after in range(commits):
        store = Mortal(killed_after)
        with pytest.raises(StorageError):
            record(log, store)
        assert len({(row.stream, row.at) for row in store.read_all(limit=10_000)}) == killed_after
        store.left = commits
        outcome = record(log, store)
        assert outcome.new + outcome.continued + outcome.unchanged == 3
        assert outcome.differing == ()
        assert stood(store) == as_it_is(log)


class Mortal(MemoryStore):
    """A store whose process is killed after so many commits."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        if self.left == 0:
            raise StorageError("killed")
        self.left -= 1
        return super().append(*batches)


class Meddled(MemoryStore):
    """A store in which somebody else acts just before a commit."""

    def __init__(self, before: int, meddle: Callable[[MemoryStore], object]) -> None:
        super().__init__()
        self.before = before
        self.meddle = meddle

    def append(self, *batches: Append) -> tuple[Recorded, ...]:
        self.before -= 1
        if self.before == 0:
            self.meddle(self)
        return super().append(*batches)


def test_what_somebody_else_records_meanwhile_is_never_added_to(read: Callable[..., CaseLog]) -> None:
    rows = "A-2,Permohonan masuk,2026-11-02 09:00,\nA-2,Verifikasi selesai,2026-11-03 09:00,\n"
    log, other = read(HEADER + rows), read(HEADER + rows.replace("11-02", "11-01"))

    def withdraw(store: MemoryStore) -> None:
        there = Repository(applications(due), store, "badung-lama")
        there.execute("log-A-2", lambda *_: (e.Withdrawn(),), lambda *_: None, at=local("2026-11-02 12:00"))

    for before, meddle, names in (
        (1, lambda store: record(other, store), ["drafted", "submitted", "step_done"]),
        (2, withdraw, ["drafted", "submitted", "withdrawn"]),
    ):
        store = Meddled(before, meddle)
        assert record(log, store).differing == ("log-A-2",)
        assert [row.name.removeprefix("permits.") for row in store.read("badung-lama/permit/log-A-2")] == names


def test_a_later_export_records_what_has_happened_since(read: Callable[..., CaseLog]) -> None:
    store = MemoryStore()
    record(read(HEADER + WHOLE + MORE), store)
    # the second at the very instant that was the last one before
    later = read(
        f"{HEADER}{WHOLE}{MORE}"
        "A-3,Verifikasi selesai,2026-11-16 09:00,Sri Wahyuni\n"
        "A-3,Disetujui,2026-11-18 09:00,I Made Kepala\n"
        "A-4,Permohonan masuk,2026-11-19 09:00,Loket\n"
    )
    assert record(later, store) == Imported(new=1, continued=1, unchanged=2, differing=())
    assert stood(store) == as_it_is(later)
    shorter = read(HEADER + WHOLE + MORE)
    assert record(shorter, store) == KNOWN


def test_a_case_that_is_recorded_otherwise_is_told_and_left_alone(read: Callable[..., CaseLog]) -> None:
    store = MemoryStore()
    record(read(HEADER + WHOLE + MORE), store)
    before = store.read_all(limit=10_000)
    changed = (HEADER + WHOLE + MORE).replace(
        "A-2,Verifikasi selesai,2026-11-03 09:00", "A-2,Verifikasi selesai,2026-11-03 08:59"
    )
    assert record(read(changed), store) == Imported(new=0, continued=0, unchanged=2, differing=("log-A-2",))
    assert store.read_all(limit=10_000) == before


def test_two_who_import_at_once_record_every_event_once(read: Callable[..., CaseLog], tmp_path: Path) -> None:
    rows = "".join(WHOLE.replace("A-1", f"K-{number}") for number in range(25))
    log = read(HEADER + rows)
    path = tmp_path / "lama.db"
    outcomes: list[Imported] = []

    def work() -> None:
        with SqliteStore(path, synchronous="normal") as store:
            outcomes.append(record(log, store))

    SqliteStore(path).close()
    both = [Thread(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(outcomes) == 2
    assert [outcome.differing for outcome in outcomes] == [(), ()]
    with SqliteStore(path) as store:
        assert stood(store) == as_it_is(log)
        assert audit(store).breaks == ()


def test_days_to_decide_come_out_of_the_malls_own_figures_with_open_cases_counted_as_open(
    read: Callable[..., CaseLog],
) -> None:
    store = MemoryStore()
    record(read(HEADER + WHOLE + MORE), store)
    heads = store.find(Query(mall="badung-lama", category=CATEGORY))
    counted = figures(heads, date(2026, 11, 1), date(2026, 11, 30), DAYS, local("2026-11-24 12:00"))
    assert (counted.applications, counted.issued, counted.refused, counted.running) == (3, 1, 1, 1)
    assert counted.refused_for == {"not_in_log": 1}
    # A-1 from Monday 2 to Tuesday 10 November, in the applicant's hands from the 3rd to the 5th; A-2 from the 2nd to
    # the 3rd; A-3 open since Monday 16
    assert (counted.calendar_days_to_decide.ended, counted.calendar_days_to_decide.censored) == ({8: 1, 1: 1}, {8: 1})
    assert (counted.working_days_to_decide.ended, counted.working_days_to_decide.censored) == ({4: 1, 1: 1}, {6: 1})


# --- size ----------------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_rows_are_read_in_seconds(read: Callable[..., CaseLog]) -> None:
    rows = []
    lines = [line.split(",", 2)[1:] for line in WHOLE.splitlines()]
    for number in range(14_286):
        on = datetime(2024, 1, 2, tzinfo=UTC) + timedelta(minutes=number)
        rows += [
            f"K-{number},{activity},{on + timedelta(hours=hour):%d-%m-%Y %H:%M},Petugas {number % 30}"
            for hour, (activity, _) in enumerate(lines)
        ]
    rows.sort(key=lambda row: row[::-1])  # by whatever stands last, so in no order that helps
    text = HEADER + "\n".join(rows)
    begun = time.perf_counter()
    log = read(text, day_first=True)
    assert time.perf_counter() - begun < 30
    assert (log.rows, len(log.cases), log.findings) == (100_002, 14_286, ())
