"""Files from anybody, changed from sound ones: each is read, or refused with one message that says what is wrong."""

import shutil
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import mppkit
from mppkit.blueprint import check, load_blueprint, sample_blueprint
from mppkit.errors import BlueprintError, MppkitError
from mppkit.identity.tables import load_regions
from mppkit.permits.case_mapping import load_case_mapping, moves_of
from mppkit.permits.history import read_case_log
from mppkit.permits.risk_table import load_risk_table
from mppkit.readiness.loading import load_evidence
from mppkit.readiness.loading import load_instrument as load_readiness
from mppkit.rehearsal import load_profile
from mppkit.rehearsal.log import read_log
from mppkit.surveys.answers import read_answers
from mppkit.surveys.checking import verify
from mppkit.surveys.index import score
from mppkit.surveys.loading import find_instrument, load_instrument
from mppkit.surveys.published import load_report

PACKAGE = Path(mppkit.__file__).parent
WHOLE = Path(__file__).parent.parent / "blueprint" / "whole"
DAY = date(2026, 11, 24)
ZONE = ZoneInfo("Asia/Makassar")
CONTOH = sample_blueprint()
SKM = find_instrument("skm-2017")
SERVICES = [service.id for service in CONTOH.directory.services]


def of_package(name: str) -> str:
    return (PACKAGE / name).read_text(encoding="utf-8")


# --- blueprints ------------------------------------------------------------------------------------------------------


def _tried(path: Path) -> None:
    """Load a blueprint, and where it loads look into it as people do next."""
    blueprint = load_blueprint(path)
    check(blueprint, DAY)
    assert blueprint.digest


@pytest.mark.parametrize("name", [file.name for file in sorted((PACKAGE / "blueprint" / "contoh").glob("*.toml"))])
def test_a_changed_contoh_loads_or_is_refused(name: str, tmp_path: Path, fuzz: Any, changed: Any, calmly: Any) -> None:
    folder = tmp_path / "contoh"
    shutil.copytree(PACKAGE / "blueprint" / "contoh", folder)

    def holds(content: bytes) -> None:
        (folder / name).write_bytes(content)
        found = calmly(lambda: _tried(folder))
        assert found is None or isinstance(found, BlueprintError), found

    fuzz(holds, 20, content=changed((folder / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", [file.name for file in sorted(WHOLE.glob("*.toml"))])
def test_a_changed_blueprint_of_all_there_is_loads_or_is_refused(
    name: str, tmp_path: Path, fuzz: Any, changed: Any, calmly: Any
) -> None:
    folder = tmp_path / "whole"
    shutil.copytree(WHOLE, folder)

    def holds(content: bytes) -> None:
        (folder / name).write_bytes(content)
        found = calmly(lambda: _tried(folder))
        assert found is None or isinstance(found, BlueprintError), found

    fuzz(holds, 20, content=changed((folder / name).read_text(encoding="utf-8")))


# --- other files -----------------------------------------------------------------------------------------------------

EVIDENCE = """\
[[evidence]]
item = "proposal_letter"
kind = "document"
by = "sri"
given_on = 2026-11-20
reference = "Perbup 11/2026"
valid_until = 2027-11-20
note = "Disahkan"

[[evidence]]
item = "urgency_study"
kind = "link"
by = "made"
given_on = 2026-11-21
reference = "https://contoh.example/kajian"
"""
REPORT_TOML = """\
index = "88,18"
grade = "B"
performance = "Baik"
n = 247
year = 2025
instrument = "skm-2017"

[averages]
U1 = "3,52"
U2 = "3,50"
U3 = "3,41"
U4 = "3,91"
U5 = "3,44"
U6 = "3,50"
U7 = "3,55"
U8 = "3,40"
U9 = "3,52"

[bands]
A = "88,31"
B = "76,61"
"""
REPORT_CSV = """\
unsur;nilai
index;88,18
grade;B
n;247
U1;3,52
U2;3,50
U3;3,41
U4;3,91
U5;3,44
U6;3,50
U7;3,55
U8;3,40
U9;3,52
"""
VISITS = "\n".join(
    [
        "arrived_at,service,service_seconds,priority,appointment,waited_seconds",
        f"2026-11-24 08:10,{SERVICES[0]},300,elderly,,40",
        f"2026-11-24 08:12:30,{SERVICES[1]},240,,2026-11-24 08:30,",
        f"24-11-2026 09:00,{SERVICES[2]},200,1,0,10",
        f"2026-11-25T10:15:00+08:00,{SERVICES[0]},360,,,900",
        f'"2026-11-26 11:00",{SERVICES[1]},"120",0,,',
        "",
    ]
)
RISKS_TOML = """\
source = "Rekaan"
illustrative = true

[[row]]
edition = "2025"
code = "55101"
scope = "vila"
scope_title = "Vila"
scales = ["mikro", "kecil"]
level = "rendah"
basic_requirements = ["kkpr"]
sector = "pariwisata"
title = "Hotel"
"""
WORKFLOW = CONTOH.workflows[0] if hasattr(CONTOH, "workflows") else CONTOH.permits.workflows[0]
MOVES = {f"Kegiatan {number}": str(move) for number, move in enumerate(moves_of(WORKFLOW))}
CASES = "\n".join(
    [
        "case;activity;at;resource",
        *(
            f"K-{n};{activity};2025-03-{day:02} 09:00;Petugas {day % 3}"
            for n in (1, 2)
            for day, activity in enumerate(MOVES, 1)
        ),
        "K-3;Kegiatan 0;25/03/2025;",
        "",
    ]
)
ANSWERS = "\n".join(
    [",".join(["layanan", *SKM.keys]), "nib,4,4,4,4,4,4,4,4,3", 'ktp,"3",3,3,3,3,3,3,3,3', "kia,1,2,3,4,,3,2,1,4", ""]
)

READERS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a survey instrument": (
        "skm.toml",
        of_package("surveys/instruments/skm-2017.toml"),
        load_instrument,
    ),
    "a survey instrument of six": ("six.toml", of_package("surveys/instruments/skm-2017-six.toml"), load_instrument),
    "a readiness instrument": ("siap.toml", of_package("readiness/instrument.toml"), load_readiness),
    "evidence": ("bukti.toml", EVIDENCE, lambda path: load_evidence(path, load_readiness(), DAY)),
    "a profile": (
        "profil.toml",
        of_package("rehearsal/city-2020.toml"),
        lambda path: load_profile(path).plan(CONTOH, [DAY], seed=1),
    ),
    "a risk table in CSV": ("risiko.csv", of_package("permits/kbli-contoh.csv"), load_risk_table),
    "a risk table in TOML": ("risiko.toml", RISKS_TOML, load_risk_table),
    "a log of visits": ("kunjungan.csv", VISITS, lambda path: read_log(path, CONTOH)),
    "a log of visits, days first": ("kunjungan.csv", VISITS, lambda path: read_log(path, CONTOH, day_first=True)),
    "a case mapping": (
        "peta.toml",
        "[activities]\n" + "".join(f'"{key}" = "{move}"\n' for key, move in MOVES.items()),
        lambda path: load_case_mapping(path, WORKFLOW),
    ),
    "a case log": (
        "kasus.csv",
        CASES,
        lambda path: read_case_log(path, MOVES, workflow=WORKFLOW, zone=ZONE, service=WORKFLOW.services[0]),
    ),
    "a case log with a secret": (
        "kasus.csv",
        CASES,
        lambda path: read_case_log(
            path, MOVES, workflow=WORKFLOW, zone=ZONE, service=WORKFLOW.services[0], secret="cukup panjang untuk itu"
        ),
    ),
    "answers": ("jawaban.csv", ANSWERS, lambda path: score(SKM, read_answers(path, SKM).tally)),
    "answers by service": ("jawaban.csv", ANSWERS, lambda path: read_answers(path, SKM, by="layanan")),
    "a published report in TOML": ("laporan.toml", REPORT_TOML, lambda path: verify(load_report(path))),
    "a published report in CSV": ("laporan.csv", REPORT_CSV, lambda path: verify(load_report(path))),
    "a table of regions": ("wilayah.csv", of_package("identity/provinces.csv"), load_regions),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_changed_file_is_read_or_refused(kind: str, fuzz: Any, changed: Any, calmly: Any, write: Any) -> None:
    name, text, read = READERS[kind]

    def holds(content: bytes) -> None:
        calmly(lambda: read(write(name, content)))

    fuzz(holds, 60, content=changed(text))


@pytest.mark.parametrize("kind", READERS)
def test_the_unchanged_file_is_a_sound_one_or_the_changes_would_try_little(kind: str, calmly: Any, write: Any) -> None:
    name, text, read = READERS[kind]
    found = calmly(lambda: read(write(name, text.encode())))
    assert not isinstance(found, MppkitError), found


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "path", ["", "a\0b", "x" * 300, "/", ".", "/dev/null", "tiada.csv", "tiada.toml", "\udcff.csv"]
)
def test_a_path_to_no_such_file_is_refused(kind: str, path: str, calmly: Any) -> None:
    read = READERS[kind][2]
    assert isinstance(calmly(lambda: read(Path(path))), MppkitError)
    assert isinstance(calmly(lambda: load_blueprint(path)), BlueprintError)


HUGE = {
    "one line": b"a," * 500_000,
    "one quote": b'a,b\n"' + b"x\n" * 200_000,
    "many columns": b",".join(b"c%d" % n for n in range(60_000)) + b"\n",
    "many rows": b"a,b\n" + b"1,2\n" * 15_000,
    "many bad dates": b"arrived_at,service,service_seconds,case,activity,at\n"
    + b"x,nib,3,5103011708900001,x,x\n" * 4_000,
    "deep": b"a = " + b"[" * 200_000,
    "deep in lines": b"a = " + b"[\n" * 15_000,
    "a long key": b".".join([b"a"] * 100_000) + b" = 1\n",
    "many tables": b"[[a]]\n" * 5_000,
    "many keys": b"".join(b"k%d = 1\n" % n for n in range(2_000)),
    "a long number": b"a = " + b"9" * 200_000,
    "nothing but zeros": bytes(500_000),
    "spaces": b" " * 500_000,
    "newlines": b"\n" * 300_000,
    "delimiters": b";" * 500_000,
}


@pytest.mark.parametrize("what", HUGE)
def test_what_is_huge_takes_no_more_than_its_time_and_memory(what: str, calmly: Any, write: Any) -> None:
    for kind, (name, _, read) in READERS.items():
        path = write(name, HUGE[what])
        tracemalloc.start()
        try:
            found = calmly(lambda read=read, path=path: read(path))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert isinstance(found, MppkitError), kind
        assert peak < 40 * len(HUGE[what]) + 25_000_000, f"{kind}: {peak:,} bytes for {len(HUGE[what]):,}"
