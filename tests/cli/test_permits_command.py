"""`mppkit permits` as an office meets it: what it says, when it exits with 1, and that looking changes nothing."""

import json
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import mppkit.blueprint
from mppkit import Mall, VirtualClock, open_store
from mppkit.cli import screen
from mppkit.cli.main import mppkit as commands
from mppkit.cli.permits_zones import capacity_bar
from mppkit.errors import DecodeError, InvalidValueError, MppkitError, NotFoundError
from mppkit.permits.capacity import Limit, ResourceCapacity, Use
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.model import Application, Document, Investment
from mppkit.permits.risk import classification_facts
from mppkit.permits.risk_table import sample_risk_table
from mppkit.permits.timing import Late
from mppkit.storage import Query, audit

MONDAY = "2026-11-23T09:00:00+08:00"
NOW = "2026-12-01T09:00:00+08:00"
"""A Tuesday: the practice licence of Monday a week ago was due yesterday, and nobody has looked at it."""

DAY = 24 * 60
ISSUED, LATE, RETURNED, DRAFT, PARALLEL = (f"2026-000{number}" for number in range(1, 6))
ALL = (ISSUED, LATE, RETURNED, DRAFT, PARALLEL)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["permits", *arguments], catch_exceptions=True)


def facts(*arguments: str, exits: int = 0) -> dict:
    done = call(*arguments, "--json")
    assert done.exit_code == exits, (done.output, done.exception)
    return json.loads(done.stdout)


def refused(*arguments: str) -> str:
    """Return the message with which the command line exits 2."""
    done = call(*arguments)
    assert isinstance(done.exception, MppkitError), done.output
    assert done.stdout == ""
    return str(done.exception)


def digest(store: str) -> str:
    with open_store(f"sqlite:///{store}", create=False) as opened:
        return audit(opened).digest


def attach(mall: Mall, application: str, *kinds: str) -> None:
    for kind in kinds:
        paper = Document(kind=kind, digest="0" * 64, media_type="application/pdf", size=1, place=f"arsip/{kind}")
        mall.permits.attach(application, paper)


def hotel(mall: Mall, rooms: int, water: str) -> Application:
    app = mall.permits.draft(
        "izin-usaha",
        "usaha-1",
        investment=Investment(rupiah=10**9 * rooms, jobs=rooms, sector="pariwisata"),
        zone="pantai",
        uses=[Use(resource="kamar-hotel", amount=Decimal(rooms)), Use(resource="air", amount=Decimal(water))],
    )
    attach(mall, app.id, "nib", "rencana-tapak", "persetujuan-lingkungan")
    return mall.permits.submit(app.id)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with one application in each way of standing that a screen shows differently."""
    store = str(tmp_path_factory.mktemp("permits") / "izin.db")
    clock = VirtualClock(MONDAY)
    with Mall.open("contoh", f"sqlite:///{store}", clock=clock) as mall:
        desk = mall.permits
        hotel(mall, 120, "84.5")
        desk.draft("sip", "nakes-1")
        attach(mall, LATE, "surat-tanda-registrasi", "surat-tempat-praktik")
        desk.submit(LATE)
        hotel(mall, 100, "70")
        desk.draft("izin-usaha", "usaha-3")
        attach(mall, DRAFT, "nib")
        clock.advance(minutes=DAY)
        desk.act(ISSUED, "verifikasi", "lengkap", officer="petugas-01")
        desk.act(RETURNED, "verifikasi", "kurang", officer="petugas-02", items=["Denah tanpa skala"])
        clock.advance(minutes=DAY)
        desk.act(ISSUED, "penilaian-ruang", "dinilai", officer="petugas-35")
        desk.act(ISSUED, "penilaian-air", "dinilai", officer="petugas-36")
        desk.act(ISSUED, "tinjau-lapangan", "sesuai", officer="petugas-36")
        desk.act(ISSUED, "keputusan", "setuju", officer="petugas-34")
        desk.issue(ISSUED, "penerbitan", "terbit", officer="petugas-03")
        hotel(mall, 30, "5")
        clock.advance(minutes=DAY)
        desk.act(PARALLEL, "verifikasi", "lengkap", officer="petugas-01")
        desk.act(PARALLEL, "penilaian-ruang", "dinilai", officer="petugas-35")
    return store


@pytest.fixture
def store(told: str, tmp_path: Path) -> str:
    """A copy of it, to be changed."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(told, copy)
    return str(copy)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that says what time the computer has."""
    return lambda instant: monkeypatch.setattr("mppkit.cli.permits.SystemClock", lambda: VirtualClock(instant))


@pytest.fixture(autouse=True)
def _now(at: Callable[[str], None]) -> None:
    at(NOW)


# --- list ------------------------------------------------------------------------------------------------------------


def test_a_list_begins_with_what_is_due_first(told: str) -> None:
    found = facts("list", "--store", told)
    assert (found["mall"], found["at"]) == ("contoh", "2026-12-01T01:00:00+00:00")
    rows = {row["application"]: row for row in found["applications"]}
    assert list(rows) == [LATE, PARALLEL, ISSUED, RETURNED, DRAFT]  # those without a due date last
    assert [row["due_on"] for row in rows.values()] == ["2026-11-30", "2026-12-09", None, None, None]
    assert rows[ISSUED] == {
        "application": ISSUED,
        "service": "izin-usaha",
        "status": "issued",
        "applicant": "usaha-1",
        "zone": "pantai",
        "due_on": None,
        "number": "0001/IZIN-USAHA/2026",
        "open_steps": [],
        "submitted_at": "2026-11-23T01:00:00+00:00",
        "judged_at": "2026-11-25T01:00:00+00:00",
        "effect": "grant",
        "deemed": False,
        "rupiah": 120 * 10**9,
        "jobs": 120,
        "sector": "pariwisata",
    }
    assert rows[PARALLEL]["open_steps"] == ["penilaian-air"]
    assert (rows[DRAFT]["submitted_at"], rows[DRAFT]["rupiah"]) == (None, None)
    shown = call("list", "--store", told).stdout
    assert "5 applications" in shown
    for application in ALL:
        assert application in shown


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--status", "returned"], [RETURNED]),
        (["--service", "izin-usaha"], [PARALLEL, ISSUED, RETURNED, DRAFT]),
        (["--zone", "pantai"], [PARALLEL, ISSUED, RETURNED]),
        (["--zone", "pantai", "--status", "issued"], [ISSUED]),
        (["--limit", "2"], [LATE, PARALLEL]),
        (["--zone", "pedalaman"], []),
        (["--service", "nib"], []),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_list_can_be_narrowed(told: str, options: list[str], left: list[str]) -> None:
    found = facts("list", "--store", told, *options)
    assert [row["application"] for row in found["applications"]] == left


def test_a_list_says_when_it_may_be_longer(told: str) -> None:
    assert "2 applications (at most 2 are shown)" in call("list", "--store", told, "--limit", "2").stdout
    assert "5 applications\n" in call("list", "--store", told, "--limit", "6").stdout


# --- show ------------------------------------------------------------------------------------------------------------


def test_an_application_shows_who_may_act_and_what_it_waits_for(told: str) -> None:
    found = facts("show", PARALLEL, "--store", told)
    [step] = found["open_steps"]
    assert (step["step"], step["role"], step["agency"]) == ("penilaian-air", "penilai-teknis", "pdam")
    assert step["officers"] == ["petugas-36"]
    assert step["outcomes"] == {"dinilai": "forward", "perbaiki": "return"}
    assert (step["term"]["used"], step["term"]["left"], step["term"]["due_on"]) == (3, 0, "2026-12-01")
    assert found["waiting_for_branches"] == [{"step": "tinjau-lapangan", "left": 1}]
    assert [each["step"] for each in found["done_steps"]] == ["verifikasi", "penilaian-ruang"]
    assert found["uses"] == [{"resource": "kamar-hotel", "amount": "30"}, {"resource": "air", "amount": "5"}]
    assert not found["holds_capacity"]
    assert "act on penilaian-air" in found["allowed"]
    assert found["term"]["basis"] == {"cites": "Peraturan Bupati Contoh 12/2026", "verified": False}
    shown = call("show", PARALLEL, "--store", told).stdout
    for said in ("petugas-36", "3 of 3", "30 kamar-hotel, 5 air (asked of it, not held)", "act on penilaian-air"):
        assert said in shown


def test_an_application_tells_its_story_in_both_languages_with_days_that_add_up(told: str) -> None:
    story = facts("show", ISSUED, "--store", told)["explanation"]
    assert story["indonesian"].startswith("Izin berlaku.")
    assert story["english"].startswith("The permit holds.")
    assert (story["office_days"], story["applicant_days"]) == (2, 0)
    assert sum(each["working_days"] for each in story["lines"]) == 2
    assert sum(each["working_days"] for each in story["days"]) == 2
    assert story["lines"][-1]["english"].startswith("The permit 0001/IZIN-USAHA/2026 was issued")
    permit = facts("show", ISSUED, "--store", told)["permit"]
    assert (permit["number"], permit["valid_until"], permit["deemed"]) == ("0001/IZIN-USAHA/2026", None, False)
    shown = call("show", ISSUED, "--store", told).stdout
    for said in ("Izin berlaku.", "The permit holds.", "for as long as the business lasts", "(held of it)"):
        assert said in shown


def test_a_returned_application_says_what_is_to_be_corrected_and_that_its_clock_stands_still(told: str) -> None:
    found = facts("show", RETURNED, "--store", told)
    assert found["returns"][-1]["items"] == ["Denah tanpa skala"]
    assert found["open_steps"][0]["term"]["stands_still"]
    shown = call("show", RETURNED, "--store", told).stdout
    for said in ("Denah tanpa skala", "(stands still)", "resubmit"):
        assert said in shown


def test_a_draft_says_which_documents_are_missing_and_for_what(told: str) -> None:
    found = facts("show", DRAFT, "--store", told)
    assert found["documents_missing"] == [
        {"kind": "rencana-tapak", "needed_to": ["submit", "penilaian-ruang"]},
        {"kind": "persetujuan-lingkungan", "needed_to": ["submit"]},
    ]
    assert (found["term"], found["open_steps"], found["permit"]) == (None, [], None)
    assert "submit, penilaian-ruang" in call("show", DRAFT, "--store", told).stdout


def test_a_step_that_nobody_in_the_blueprint_may_take_says_so(told: str, tmp_path: Path) -> None:
    fewer = tmp_path / "contoh"
    shutil.copytree(Path(mppkit.blueprint.__file__).parent / "contoh", fewer)
    counters = fewer / "3-counters.toml"
    text = counters.read_text(encoding="utf-8")
    without = text.replace('agency = "pdam"\nroles = ["penilai-teknis"]', 'agency = "pdam"')
    assert without != text
    counters.write_text(without, encoding="utf-8")
    arguments = ("show", PARALLEL, "--store", told, "--blueprint", str(fewer))
    assert facts(*arguments)["open_steps"][0]["officers"] == []
    assert "NOBODY" in call(*arguments).stdout


@pytest.mark.parametrize("application", ALL)
def test_every_application_has_the_same_keys_whatever_became_of_it(told: str, application: str) -> None:
    assert facts("show", application, "--store", told).keys() == facts("show", ISSUED, "--store", told).keys()
    assert call("show", application, "--store", told).exit_code == 0


def test_a_mistyped_application_is_told_the_one_that_is_near(told: str) -> None:
    assert "did you mean '2026-0003'?" in refused("show", "2026-003", "--store", told)


# --- overdue and enforce ---------------------------------------------------------------------------------------------


def test_what_is_late_is_named_and_the_exit_code_is_1(told: str) -> None:
    found = facts("overdue", "--store", told, "--by", "agency", exits=1)
    late = {"application": LATE, "service": "sip"}
    assert found["late"] == [
        {**late, "step": "verifikasi", "agency": "dpmptsp", "due_on": "2026-11-24", "days_late": 5},
        {**late, "step": None, "agency": None, "due_on": "2026-11-30", "days_late": 1},
    ]
    assert found["by"] == "agency"
    assert found["counts"] == [{"key": None, "applications": 1}, {"key": "dpmptsp", "applications": 1}]
    shown = call("overdue", "--store", told, "--by", "step")
    assert shown.exit_code == 1
    for said in ("1 application late", "verifikasi", "the whole run", "2026-11-30"):
        assert said in shown.stdout


def test_before_anything_is_late_nothing_is_and_the_exit_code_is_0(told: str, at: Callable[[str], None]) -> None:
    at("2026-11-24T23:59:00+08:00")  # the last instant of the first step's last day
    assert facts("overdue", "--store", told)["late"] == []
    assert "Nothing is late." in call("overdue", "--store", told).stdout
    at("2026-11-25T00:00:00+08:00")
    assert [row["step"] for row in facts("overdue", "--store", told, exits=1)["late"]] == ["verifikasi"]


def test_a_warning_of_a_library_is_nothing_late(
    told: str, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue = PermitsDesk.overdue

    def warned(desk: PermitsDesk) -> tuple[Late, ...]:
        warnings.warn("the next Python drops this", DeprecationWarning, stacklevel=2)
        return overdue(desk)

    monkeypatch.setattr(PermitsDesk, "overdue", warned)
    at("2026-11-24T23:59:00+08:00")
    assert facts("overdue", "--store", told)["late"] == []
    assert "the next Python" not in call("overdue", "--store", told).stderr


def test_enforcing_does_what_follows_once_and_records_who_ran_it(store: str) -> None:
    found = facts("enforce", "--store", store, "--actor", "cron-1")
    assert found["done"] == [{"application": LATE, "due_on": "2026-11-30", "consequence": "issue"}]
    assert facts("show", LATE, "--store", store)["permit"]["deemed"]
    with open_store(f"sqlite:///{store}", create=False) as opened:
        assert opened.read(f"contoh/permit/{LATE}")[-1].actor == "cron-1"
    before = digest(store)
    assert facts("enforce", "--store", store)["done"] == []
    assert digest(store) == before
    assert "No deadline is over" in call("enforce", "--store", store).stdout
    assert facts("overdue", "--store", store)["late"] == []


def test_enforcing_says_what_it_did(store: str) -> None:
    shown = call("enforce", "--store", store).stdout
    assert LATE in shown
    assert "Monday 2026-11-30" in shown


def test_one_that_cannot_be_read_keeps_no_other_from_its_due_and_is_named(store: str) -> None:
    with closing(sqlite3.connect(store)) as db, db:
        of = "SELECT id FROM mppkit_stream WHERE name = ?"
        db.execute(f"UPDATE mppkit_event SET data = '[]' WHERE stream = ({of})", (f"contoh/permit/{RETURNED}",))
    listed = call("overdue", "--store", store)
    assert listed.exit_code == 1
    assert LATE in listed.stdout
    assert f"application {RETURNED} cannot be read and is left out" in listed.stderr
    done = call("enforce", "--store", store)
    assert isinstance(done.exception, DecodeError)
    assert f"failed for 1: {RETURNED} (" in done.stderr
    assert f"done for 1: {LATE} (issue)" in done.stderr
    assert facts("show", LATE, "--store", store)["permit"]["deemed"]


def test_a_person_s_number_is_no_actor_and_nothing_is_done(store: str) -> None:
    before = digest(store)
    said = refused("enforce", "--store", store, "--actor", "5103015708900001")
    assert "5103015708900001" not in said
    assert digest(store) == before


# --- capacity --------------------------------------------------------------------------------------------------------


def test_capacity_shows_what_is_used_of_each_resource(told: str) -> None:
    zones = {zone["zone"]: zone for zone in facts("capacity", "--store", told)["zones"]}
    assert list(zones) == ["pantai", "pedalaman"]
    rooms, water, land = zones["pantai"]["resources"]
    assert (rooms["limit"], rooms["committed"], rooms["reserved"], rooms["free"]) == ("250", "120", "0", "130")
    assert (water["limit"], water["committed"], water["free"], water["unit"]) == ("180.5", "84.5", "96.0", "m3/hari")
    assert (land["resource"], land["free"], land["overcommitted"]) == ("tutupan-lahan", "40", False)
    assert rooms["limits"] == [
        {"amount": "250", "source": "Kajian daya dukung pantai 2026 (rekaan)", "dated_on": "2026-02-02"}
    ]
    assert [
        (level["at"][:10], level["committed"], level["reserved"], level["free"])
        for level in zones["pantai"]["over_time"]
        if level["resource"] == "kamar-hotel"
    ] == [("2026-11-23", "0", "0", "250"), ("2026-11-25", "0", "120", "130"), ("2026-11-25", "120", "0", "130")]
    shown = call("capacity", "pantai", "--store", told).stdout
    assert "██████████·········· │ kamar" in shown
    assert "Over time" in shown
    assert "pedalaman" not in shown


def test_a_zone_that_was_never_used_shows_its_limits_and_records_nothing(told: str) -> None:
    before = digest(told)
    [zone] = facts("capacity", "pedalaman", "--store", told)["zones"]
    assert [(each["resource"], each["free"]) for each in zone["resources"]] == [("kamar-hotel", "600"), ("air", "900")]
    assert zone["over_time"] == []  # nothing has happened there
    with open_store(f"sqlite:///{told}", create=False) as opened:
        assert [head.stream for head in opened.find(Query(category="zone"))] == ["contoh/zone/pantai"]
    assert digest(told) == before


def test_an_overcommitted_zone_is_told_loudly_and_the_exit_code_is_1(store: str) -> None:
    lower = Limit(
        resource="kamar-hotel",
        unit="kamar",
        amount=Decimal("99.5"),
        source="Kajian ulang (rekaan)",
        dated_on=date(2026, 11, 30),
    )
    with Mall.open("contoh", f"sqlite:///{store}", clock=VirtualClock(NOW)) as mall:
        mall.permits.set_limit("pantai", lower)
    [zone] = facts("capacity", "pantai", "--store", store, exits=1)["zones"]
    rooms = zone["resources"][0]
    assert (zone["overcommitted"], rooms["overcommitted"], rooms["free"]) == (True, True, "-20.5")
    assert [limit["amount"] for limit in rooms["limits"]] == ["250", "99.5"]
    shown = call("capacity", "--store", store)
    assert shown.exit_code == 1
    assert "OVERCOMMITTED: kamar-hotel by 20.5 kamar, against Kajian ulang (rekaan), 2026-11-30" in shown.stdout
    assert "███████████████████! │ kamar" in shown.stdout
    assert call("capacity", "pedalaman", "--store", store).exit_code == 0


def test_of_many_changes_the_newest_are_shown_and_json_has_them_all(store: str) -> None:
    with Mall.open("contoh", f"sqlite:///{store}", clock=VirtualClock(NOW)) as mall:
        known = mall.permits.capacity("pedalaman").resource("air").limit
        for amount in range(901, 921):
            mall.permits.set_limit("pedalaman", attrs.evolve(known, amount=Decimal(amount)))
    shown = call("capacity", "pedalaman", "--store", store).stdout
    assert "2 earlier changes are not shown" in shown  # the limits of the blueprint, two resources
    assert "901" in shown
    [zone] = facts("capacity", "pedalaman", "--store", store)["zones"]
    assert [level["limit"] for level in zone["over_time"]] == ["600", "900", *map(str, range(901, 921))]


def test_a_mistyped_zone_is_told_the_one_that_is_near(told: str) -> None:
    assert "did you mean 'pedalaman'?" in refused("capacity", "pedalamn", "--store", told)


# --- limits ----------------------------------------------------------------------------------------------------------

STUDY = "Kajian daya dukung pantai 2026 (rekaan)"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], str]:
    """Return a function that edits the limit of the rooms on the coast in a copy of the sample blueprint."""

    def edit(amount: str, unit: str = "kamar") -> str:
        folder = tmp_path / "edited"
        shutil.copytree(Path(mppkit.blueprint.__file__).parent / "contoh", folder, dirs_exist_ok=True)
        permits = folder / "6-permits.toml"
        text = permits.read_text(encoding="utf-8")
        before = f'unit = "kamar"\namount = 250\nsource = "{STUDY}"\ndated = 2026-02-02'
        assert before in text
        now = f'unit = "{unit}"\namount = {amount}\nsource = "Kajian ulang"\ndated = 2026-11-30'
        permits.write_text(text.replace(before, now), encoding="utf-8")
        return str(folder)

    return edit


def test_a_limit_that_was_edited_in_the_blueprint_is_told_where_the_zone_is_looked_at(
    told: str, edited: Callable[..., str]
) -> None:
    before, mine = digest(told), ("--store", told, "--blueprint", edited("200"))
    coast, inland = facts("capacity", *mine)["zones"]
    assert coast["resources"][0]["limit"] == "250"
    assert coast["not_in_force"] == [
        {
            "resource": "kamar-hotel",
            "unit": "kamar",
            "amount": "200",
            "source": "Kajian ulang",
            "dated_on": "2026-11-30",
            "held_before": False,
        }
    ]
    assert inland["not_in_force"] == []
    shown = call("capacity", *mine)
    assert shown.exit_code == 0
    assert "NOT IN FORCE: kamar-hotel 200 kamar (Kajian ulang, 2026-11-30) in the blueprint" in shown.stdout
    assert "`mppkit permits limit pantai kamar-hotel --actor ID` sets this one" in shown.stdout
    assert "NOT IN FORCE" not in call("capacity", "--store", told).stdout
    assert digest(told) == before


def test_what_is_held_of_a_zone_that_got_another_id_is_not_hidden(told: str, tmp_path: Path) -> None:
    folder = tmp_path / "renamed"
    shutil.copytree(Path(mppkit.blueprint.__file__).parent / "contoh", folder)
    permits = folder / "6-permits.toml"
    permits.write_text(permits.read_text(encoding="utf-8").replace('id = "pantai"', 'id = "pesisir"'), encoding="utf-8")
    mine = ("--store", told, "--blueprint", str(folder))
    found = facts("capacity", *mine)
    assert [zone["zone"] for zone in found["zones"]] == ["pesisir", "pedalaman"]
    [gone] = found["dropped_zones"]
    assert gone["zone"] == "pantai"
    assert [(each["resource"], each["committed"], each["limit"]) for each in gone["resources"]] == [
        ("kamar-hotel", "120", "250"),
        ("air", "84.5", "180.5"),
    ]
    shown = call("capacity", *mine).stdout
    assert "NOT IN THE BLUEPRINT: pantai (kamar-hotel: 120 committed and 0 reserved of 250 kamar; air: " in shown
    assert facts("capacity", "--store", told)["dropped_zones"] == []
    assert "NOT IN THE BLUEPRINT" not in call("capacity", "pesisir", *mine).stdout


BY = ("--actor", "kepala-1")


def test_a_limit_is_set_by_somebody(store: str, edited: Callable[..., str]) -> None:
    before = digest(store)
    done = call("limit", "pantai", "kamar-hotel", "--store", store, "--blueprint", edited("200"))
    assert done.exit_code == 2
    assert "--actor" in done.output
    assert digest(store) == before


def test_a_limit_of_the_blueprint_is_set_once_with_its_source_and_who_set_it(
    store: str, edited: Callable[..., str]
) -> None:
    mine = ("--store", store, "--blueprint", edited("200"))
    shown = call("limit", "pantai", "kamar-hotel", *mine, "--actor", "kepala-1").stdout
    assert "pantai: kamar-hotel 200 kamar (Kajian ulang, 2026-11-30) holds from now on" in shown
    assert f"Before: kamar-hotel 250 kamar ({STUDY}, 2026-02-02)" in shown
    with open_store(f"sqlite:///{store}", create=False) as opened:
        last = opened.read("contoh/zone/pantai")[-1]
        assert (last.name, last.actor) == ("capacity.limit_set", "kepala-1")
    after = digest(store)
    again = facts("limit", "pantai", "kamar-hotel", *BY, *mine)
    assert (again["changed"], again["resources"][0]["limit"], again["not_in_force"]) == (False, "200", [])
    assert "held already; nothing changed" in call("limit", "pantai", "kamar-hotel", *BY, *mine).stdout
    assert digest(store) == after
    assert "NOT IN FORCE" not in call("capacity", *mine).stdout


def test_a_blueprint_that_is_out_of_date_does_not_bring_an_earlier_limit_back(
    store: str, edited: Callable[..., str]
) -> None:
    call("limit", "pantai", "kamar-hotel", *BY, "--store", store, "--blueprint", edited("200"))
    after = digest(store)
    shown = call("capacity", "--store", store).stdout  # by the blueprint as it was
    assert f"NOT IN FORCE: kamar-hotel 250 kamar ({STUDY}, 2026-02-02) in the blueprint" in shown
    assert "the limit below holds since then: bring the blueprint up to it" in shown
    assert facts("capacity", "pantai", "--store", store)["zones"][0]["not_in_force"][0]["held_before"]
    assert "give it a new source or date" in refused("limit", "pantai", "kamar-hotel", *BY, "--store", store)
    assert digest(store) == after


def test_a_limit_below_what_is_used_is_set_as_overcommitted_and_exits_with_1(
    store: str, edited: Callable[..., str]
) -> None:
    mine = ("--store", store, "--blueprint", edited("99.5"))
    found = facts("limit", "pantai", "kamar-hotel", *BY, *mine, exits=1)
    assert (found["changed"], found["overcommitted"], found["resources"][0]["free"]) == (True, True, "-20.5")
    assert "OVERCOMMITTED by 20.5 kamar" in call("limit", "pantai", "kamar-hotel", *BY, *mine).stdout


def test_the_limit_of_a_zone_that_was_never_used_holds_already(store: str) -> None:
    assert not facts("limit", "pedalaman", "air", *BY, "--store", store)["changed"]


def test_a_limit_that_cannot_be_set_leaves_all_as_it_was(store: str, edited: Callable[..., str]) -> None:
    before = digest(store)
    assert "did you mean 'kamar-hotel'?" in refused("limit", "pantai", "kamar", *BY, "--store", store)
    assert "the blueprint has no [[zone.limit]]" in refused("limit", "pantai", "sampah", *BY, "--store", store)
    assert "did you mean 'pantai'?" in refused("limit", "pante", "air", *BY, "--store", store)
    in_beds = ("--store", store, "--blueprint", edited("500", unit="tempat tidur"))
    assert "kamar-hotel is counted in kamar" in refused("limit", "pantai", "kamar-hotel", *BY, *in_beds)
    actor = refused("limit", "pantai", "air", "--store", store, "--actor", "5103015708900001")
    assert "5103015708900001" not in actor
    assert digest(store) == before


# --- bars ------------------------------------------------------------------------------------------------------------

AMOUNTS = st.decimals(min_value=0, max_value=10**12 - 1, places=4).map(abs) | st.integers(0, 30).map(Decimal)


@given(limit=AMOUNTS, committed=AMOUNTS, reserved=AMOUNTS)
def test_a_bar_hides_nothing_that_is_there(limit: Decimal, committed: Decimal, reserved: Decimal) -> None:
    limits = (Limit(resource="air", unit="m3", amount=limit, source="rekaan", dated_on=date(2026, 2, 2)),)
    stands = ResourceCapacity(limits=limits, committed=committed, reserved=reserved)
    bar = capacity_bar(stands)
    assert len(bar) == (20 if limit or committed or reserved else 0)
    assert ("█" in bar, "▒" in bar, "·" in bar) == (committed > 0, reserved > 0, stands.free > 0)
    assert bar.endswith("!") is stands.is_overcommitted
    whole = max(limit, committed + reserved)
    if whole:  # a sign is a twentieth; to show what is little may take one from what is much
        assert abs(bar.count("█") - committed / whole * 20) <= 2
        assert abs(bar.count("▒") - reserved / whole * 20) <= 2


# --- classify --------------------------------------------------------------------------------------------------------


def test_a_business_is_classified_as_the_table_says() -> None:
    asked = ("--kbli", "55203", "--edition", "2025", "--scale", "menengah")
    answer = sample_risk_table().classify(edition="2025", code="55203", scale="menengah")
    assert facts("classify", *asked) == classification_facts(answer)
    shown = call("classify", *asked).stdout
    for said in ("risk menengah_tinggi", "Decide nothing by them", "(PP 28/2025)", "KKPR, UKL-UPL, PBG, SLF"):
        assert said in shown


@pytest.mark.parametrize(
    ("code", "says"),
    [("55110", "transposed"), ("55101", "lebih-100-kamar"), ("41001", "kecil")],
    ids=["unknown code", "several scopes", "scale not covered"],
)
def test_what_the_table_does_not_say_needs_classification_and_exits_with_1(code: str, says: str) -> None:
    asked = ("--kbli", code, "--edition", "2025", "--scale", "mikro")
    assert facts("classify", *asked, exits=1)["level"] is None
    shown = call("classify", *asked)
    assert shown.exit_code == 1
    assert "NEEDS CLASSIFICATION" in shown.stdout
    assert says in shown.stdout


def test_a_scope_and_a_table_of_one_s_own_are_taken(tmp_path: Path) -> None:
    table = tmp_path / "risiko.csv"
    table.write_text(
        "# source = rekaan\nedition,code,scope,scales,level,basic_requirements,sector,title\n"
        "2025,55101,kecil,mikro,rendah,-,pariwisata,Hotel\n2025,55101,besar,mikro,tinggi,amdal,pariwisata,Hotel\n",
        encoding="utf-8",
    )
    asked = ("--kbli", "55101", "--edition", "2025", "--scale", "mikro", "--table", str(table))
    assert facts("classify", *asked, "--scope", "besar")["level"] == "tinggi"
    assert facts("classify", *asked, "--scope", "kecil")["basic_requirements"] == []
    assert facts("classify", *asked, exits=1)["scopes"] != []


# --- figures ---------------------------------------------------------------------------------------------------------


def test_the_figures_of_a_period_count_every_application_once(told: str) -> None:
    found = facts("figures", "--store", told, "--from", "2026-11-01", "--to", "2026-11-30")
    assert (found["applications"], found["running"], found["issued"], found["drafts"]) == (4, 3, 1, 1)
    assert sum(found["standing"].values()) == 4
    assert found["working_days_to_decide"]["n"] == 4
    assert found["working_days_to_decide"]["censored"] == 3
    billion = 10**9
    asked = {"applications": 4, "unstated": 1, "rupiah": 250 * billion, "jobs": 250}
    assert found["investment"]["asked"] == asked
    assert found["investment"]["permitted"]["rupiah"] == 120 * billion
    assert {row["zone"]: row["asked"]["applications"] for row in found["by_zone"]} == {"pantai": 3, None: 1}
    shown = call("figures", "--store", told, "--from", "2026-11-01", "--to", "2026-11-30").stdout
    for said in ("still running", "250,000,000,000", "not stated", "pariwisata"):
        assert said in shown


def test_a_period_without_applications_is_empty_and_one_that_ends_before_it_begins_is_refused(told: str) -> None:
    empty = facts("figures", "--store", told, "--from", "2025-01-01", "--to", "2025-12-31")
    assert (empty["applications"], empty["in_time"], empty["by_month"]) == (0, None, [])
    assert call("figures", "--store", told, "--from", "2025-01-01", "--to", "2025-12-31").exit_code == 0
    assert "2026-01-02" in refused("figures", "--store", told, "--from", "2026-01-02", "--to", "2026-01-01")


# --- all of them -----------------------------------------------------------------------------------------------------

LOOKING = (
    ("list",),
    ("show", LATE),
    ("overdue",),
    ("capacity",),
    ("figures", "--from", "2026-11-01", "--to", "2026-11-30"),
)


@pytest.mark.parametrize("command", LOOKING, ids=lambda command: command[0])
def test_looking_changes_nothing_in_the_store(told: str, command: tuple[str, ...]) -> None:
    before = digest(told)
    assert call(*command, "--store", told).exit_code in (0, 1)
    assert digest(told) == before


@pytest.mark.parametrize(
    "command",
    [*LOOKING, ("enforce",), ("limit", "pantai", "air", "--actor", "kepala-1")],
    ids=lambda command: command[0],
)
def test_a_store_that_is_not_there_is_never_made(command: tuple[str, ...], tmp_path: Path) -> None:
    assert "there is no such file" in refused(*command, "--store", str(tmp_path / "nowhere.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [*LOOKING, ("enforce",), ("limit", "pantai", "air", "--actor", "kepala-1")],
    ids=lambda command: command[0],
)
def test_the_blueprint_of_another_mall_is_found_out(told: str, command: tuple[str, ...], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(
        '[mall]\nid = "lain"\nname = "Mal Lain"\nname_english = "Another"\nzone = "Asia/Jakarta"\ninvented = true\n'
        '[[agency]]\nid = "a"\nname = "A"\nname_english = "A"\nkind = "swasta"\n'
        '[[service]]\nid = "s"\nname = "S"\nname_english = "S"\nagency = "a"\nprefix = "S"\n'
        '[[counter]]\nid = "c"\nname = "C"\nservices = ["s"]\n',
        encoding="utf-8",
    )
    assert "the store has contoh: give --blueprint" in refused(*command, "--store", told, "--blueprint", str(other))


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (["list", "--status", "refusd"], NotFoundError, "did you mean 'refused'?"),
        (["list", "--service", "izin-usah"], NotFoundError, "did you mean 'izin-usaha'?"),
        (["list", "--zone", "pante"], NotFoundError, "did you mean 'pantai'?"),
        (["show", "no/such"], InvalidValueError, "no/such"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistyped_name_is_one_message_with_what_is_near(
    told: str, arguments: list[str], kind: type[MppkitError], says: str
) -> None:
    assert says in refused(*arguments, "--store", told)
    assert isinstance(call(*arguments, "--store", told).exception, kind)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--kbli", "5520", "--edition", "2025", "--scale", "mikro"], "five digits"),
        (["--kbli", "55203", "--edition", "2026", "--scale", "mikro"], "did you mean"),
        (["--kbli", "55203", "--edition", "2025", "--scale", "menegah"], "did you mean 'menengah'?"),
        (["--kbli", "55203", "--edition", "2025", "--scale", "mikro", "--table", "nowhere.csv"], "no such file"),
    ],
    ids=["code", "edition", "scale", "table"],
)
def test_what_cannot_be_classified_says_what_would_be_right(options: list[str], says: str) -> None:
    assert says in refused("classify", *options)


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["list", "--store", "x.db", "--limit", "0"],
        ["overdue", "--store", "x.db", "--by", "officer"],
        ["figures", "--store", "x.db", "--from", "2026-11-01"],
        ["figures", "--store", "x.db", "--from", "01-11-2026", "--to", "2026-11-30"],
        ["classify", "--kbli", "55203"],
        ["lsit"],
    ],
    ids=" ".join,
)
def test_what_is_not_an_option_is_refused_by_the_command_line_itself(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


# --- names that are not there ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "--status", "done"], "no status 'done'; there are draft, "),
        (["list", "--zone", "nope"], "no zone 'nope'; the blueprint has pantai, pedalaman"),
        (["capacity", "nope"], "no zone 'nope'; the blueprint has pantai, pedalaman"),
        (
            ["figures", "--from", "2026-12-31", "--to", "2026-01-01"],
            "--to: '2026-01-01': give a day from 2026-12-31 on, which is --from",
        ),
    ],
    ids=["status", "zone", "capacity", "period"],
)
def test_a_name_near_nothing_is_told_with_all_there_are(told: str, arguments: list[str], says: str) -> None:
    assert says in refused(*arguments, "--store", told)


def test_a_workflow_near_nothing_is_told_with_all_there_are() -> None:
    done = CliRunner().invoke(commands, ["blueprint", "show", "contoh", "--workflow", "nope"])
    assert str(done.exception) == "no workflow 'nope'; the blueprint has izin-hotel, sip"


@pytest.mark.parametrize(
    "arguments",
    [
        ["blueprint", "check", ""],
        ["blueprint", "show", ""],
        ["blueprint", "diff", "contoh", ""],
        ["blueprint", "adopt", "", "--as", "blora", "--out", "blora"],
        ["readiness", ""],
        ["survey", "index", "izin.db", "--blueprint", ""],
        ["survey", "publish", "izin.db", "--from=2026-11-01", "--to=2026-11-30", "--out=x.html", "--blueprint="],
        ["permits", "list", "--store", "izin.db", "--blueprint", ""],
        ["board", "izin.db", "--blueprint", ""],
        ["rehearse", ""],
        ["deadline", "--from", "2026-10-02", "--working-days", "1", "--blueprint", ""],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_an_empty_name_is_not_the_blueprint_of_this_folder(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(commands, arguments)
    assert isinstance(done.exception, InvalidValueError), done.output
    assert str(done.exception) == "blueprint: '': name a TOML file or a folder (. is this one), or contoh"
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_a_day_to_come_is_none() -> None:
    done = CliRunner().invoke(commands, ["readiness", "--backed-up-on", "2999-01-01"])
    assert isinstance(done.exception, InvalidValueError), done.output
    assert str(done.exception).startswith("--backed-up-on: '2999-01-01': give the day of a backup that was made")


def test_one_difference_is_told_in_the_singular(tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(Path(mppkit.blueprint.__file__).parent / "contoh", other)
    permits = other / "6-permits.toml"
    permits.write_text(permits.read_text(encoding="utf-8").replace("amount = 600", "amount = 601"), encoding="utf-8")
    assert ": 1 difference (" in CliRunner().invoke(commands, ["blueprint", "diff", "contoh", str(other)]).stdout


def test_an_id_is_never_broken_over_lines(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_out", Console(highlight=False, width=80))
    shown = call("list", "--store", told).stdout
    assert all(f"│ {application} │" in shown for application in ALL)
