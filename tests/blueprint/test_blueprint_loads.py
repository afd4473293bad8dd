"""What a sound blueprint says is what comes out of it: calendar, directory, policies; and the sample is as told."""

import tomllib
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from attrs import evolve, frozen

from mppkit.blueprint import Blueprint, load_blueprint, sample_blueprint
from mppkit.calendars import Closure, DayKind, Level, Overlay, SpecialHours, WeeklyHours
from mppkit.decisions import LegalBasis, Reason
from mppkit.directory import (
    Agency,
    AgencyKind,
    Channel,
    ChannelKind,
    Counter,
    DocumentForm,
    Duration,
    Facility,
    FacilityGroup,
    Fee,
    Officer,
    Participation,
    Regulation,
    RegulationKind,
    Requirement,
    Role,
    Service,
    Standard,
    TimeUnit,
)
from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError
from mppkit.permits.capacity import Limit, Zone
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow
from mppkit.queues.disciplines import Choice, FirstCome, PriorityAgeing, Situation
from mppkit.queues.model import Limits, Ticket
from mppkit.queues.policies import BUILT_IN, OpenDoor, QueuePolicies, SingleNumbering, StandardAdmission

PROFILE_KINDS = {
    "residence_certificate",
    "by_appointment",
    "population_register",
    "general_procedures",
    "registry_other_bodies",
    "digital_identity",
    "transport_cards",
    "consumer_office",
    "schooling_office",
}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Blueprint]:
    def load(text: str, **options: object) -> Blueprint:
        path = tmp_path / "m.toml"
        path.write_text(text, encoding="utf-8")
        return load_blueprint(path, **options)

    return load


def test_every_key_comes_out_where_it_belongs(small: str, load: Callable[..., Blueprint], tmp_path: Path) -> None:
    closed = 'from = 2026-11-30\nto = 2026-12-01\ndecree = "SK 1/2026"'
    blueprint = load(small.replace("from = 2026-11-30", closed))
    assert (blueprint.id, blueprint.name, blueprint.name_english) == ("badung", "MPP Badung", "Badung Mall")
    assert blueprint.invented is False
    assert blueprint.sources == (str(tmp_path / "m.toml"),)
    assert blueprint.calendar.zone.key == "Asia/Makassar"
    monday = ((time(8), time(12)), (time(13), time(16)))
    assert blueprint.calendar.hours == WeeklyHours(by_weekday={0: monday, **dict.fromkeys(range(1, 7), ())})
    assert blueprint.calendar.closures == (
        Closure(
            first_on=date(2026, 11, 30),
            last_on=date(2026, 12, 1),
            indonesian="Libur",
            english="Closed",
            decree="SK 1/2026",
        ),
    )
    assert (blueprint.calendar.national_holidays, blueprint.calendar.joint_leave) == (True, True)
    assert blueprint.directory.agencies == (
        Agency(id="dpmptsp", name="DPMPTSP", name_english="Licensing Office", kind=AgencyKind.REGENCY),
    )
    assert blueprint.directory.services == (
        Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A"),
        Service(
            id="sip",
            name="Izin praktik",
            name_english="Practice licence",
            agency="dpmptsp",
            prefix="A",
            daily_quota=30,
            expected_minutes=7.5,
            profile="general_procedures",
        ),
    )
    assert blueprint.directory.counters == (Counter(id="loket-1", name="Loket 1", services=("nib", "sip")),)
    assert blueprint.policies == QueuePolicies(
        admission=StandardAdmission(cut_off_minutes=30), limits=Limits(promise_minutes=20)
    )


WHOLE = Path(__file__).parent / "whole"


def test_every_key_of_the_calendar_comes_out_where_it_belongs() -> None:
    calendar = load_blueprint(WHOLE).calendar
    assert calendar.closures == (
        Closure(
            first_on=date(2026, 11, 30), last_on=date(2026, 11, 30), indonesian="Peresmian", english="Inauguration"
        ),
        Closure(
            first_on=date(2026, 11, 30),
            last_on=date(2026, 12, 1),
            indonesian="Pindah",
            english="Moving",
            decree="Keputusan 1/2026",
        ),
    )
    assert set(calendar.overlays) == {
        Overlay(
            level=Level.REGENCY,
            kind=DayKind.OPEN,
            first_on=date(2026, 12, 24),
            last_on=date(2026, 12, 24),
            indonesian="Tetap melayani",
            english="Open as usual",
            decree="Keputusan 2/2026",
            decreed_on=date(2026, 11, 2),
            stretches=((time(8), time(10)),),
        ),
        Overlay(
            level=Level.PROVINCE,
            kind=DayKind.CLOSED,
            first_on=date(2027, 1, 13),
            last_on=date(2027, 1, 13),
            indonesian="Galungan",
            english="Galungan",
            decree="Edaran 3/2026",
            decreed_on=date(2026, 11, 3),
        ),
    }
    assert calendar.special_hours == (
        SpecialHours(
            rule="FREQ=WEEKLY;BYDAY=SA",
            first_on=date(2026, 1, 1),
            stretches=((time(9), time(10)), (time(10), time(11))),
        ),
        SpecialHours(
            rule="FREQ=MONTHLY;BYDAY=1SA",
            first_on=date(2026, 1, 1),
            last_on=date(2027, 12, 31),
            stretches=((time(8), time(12)),),
        ),
    )


def test_of_two_special_hours_the_one_that_begins_later_or_ends_sooner_holds_whatever_their_order(
    small: str, load: Callable[..., Blueprint]
) -> None:
    def hours(begins: str, ends: str, stretch: str) -> str:
        rule = "FREQ=WEEKLY;BYDAY=TU"
        return f'[[special_hours]]\nrule = "{rule}"\nfrom = {begins}\n{ends}hours = ["{stretch}"]\n'

    all_year = hours("2026-01-01", "", "08:00-09:00")
    spring = hours("2026-01-01", "to = 2026-06-30\n", "08:00-10:00")
    april = hours("2026-04-01", "to = 2026-04-30\n", "08:00-11:00")
    for order in permutations((all_year, spring, april)):
        calendar = load(small + "".join(order)).calendar
        closes = [calendar.opening(on).windows[0].closes_at.hour + 8 for on in map(date.fromisoformat, TUESDAYS)]
        assert closes == [10, 11, 10, 9]


TUESDAYS = ("2026-02-03", "2026-04-07", "2026-05-05", "2026-07-07")


def test_every_key_of_the_directory_comes_out_where_it_belongs() -> None:
    there = load_blueprint(WHOLE).directory
    assert there.regulations == (
        Regulation(
            id="uu-25-2009",
            kind=RegulationKind.LAW,
            number="25",
            year=2009,
            about="Pelayanan publik",
            articles=("21", "29"),
            verified=True,
        ),
        Regulation(
            id="perbup-11",
            kind=RegulationKind.HEAD_OF_REGION_REGULATION,
            issuer="Bupati Badung",
            number="11",
            year=2026,
            about="MPP",
            in_force_from=date(2026, 1, 1),
            in_force_to=date(2030, 12, 31),
        ),
        Regulation(
            id="pks-pln",
            kind=RegulationKind.COOPERATION_AGREEMENT,
            number="03/PKS",
            year=2026,
            about="Listrik di MPP",
            in_force_from=date(2026, 1, 1),
        ),
    )
    assert there.participations == (
        Participation(agency="capil", regulation="perbup-11", from_on=date(2026, 1, 1)),
        Participation(
            agency="pln",
            regulation="pks-pln",
            from_on=date(2026, 2, 1),
            to_on=date(2027, 1, 31),
            services=("listrik",),
        ),
    )
    assert there.officers == (
        Officer(id="p-1", agency="capil", counters=("loket-1", "loket-2"), roles=("berkas",)),
        Officer(id="p-2", agency="pln", roles=("kepala",)),
    )
    assert there.roles == (
        Role(id="berkas", name="Pemeriksa berkas", name_english="Examiner"),
        Role(id="kepala", name="Kepala", name_english="Head"),
    )
    assert there.role("kepala") == there.roles[1]
    with pytest.raises(NotFoundError, match="no role 'kepla'; did you mean 'kepala'"):
        there.role("kepla")
    assert there.facility("kursi") == Facility(
        id="kursi", name="Kursi tunggu", name_english="Seats", group=FacilityGroup.WAITING_ROOM
    )
    assert there.service("ktp").channels == (
        Channel(kind=ChannelKind.WEBSITE, address="capil.example"),
        Channel(kind=ChannelKind.COUNTER),
    )
    assert there.service("ktp").standard == Standard(
        requirements=(
            Requirement(
                document="Kartu Keluarga",
                document_english="Family card",
                form=DocumentForm.COPY,
                product_of="kk",
                valid_months=6,
            ),
            Requirement(document="Surat pengantar", form=DocumentForm.ORIGINAL, issuer="Kelurahan"),
        ),
        procedure=("Ambil nomor", "Rekam", "Ambil nomor"),
        duration=Duration(amount=15, unit=TimeUnit.MINUTES),
        fees=(
            Fee(amount_rupiah=0, what="cetak", basis="perbup-11"),
            Fee(what="menurut jarak antar", basis="perbup-11"),
        ),
        product="KTP elektronik",
        complaints=(Channel(kind=ChannelKind.PHONE, address="meja depan"),),
        legal_basis=("perbup-11",),
        facilities=("kursi", "kamera"),
        competence="Terlatih merekam",
        supervision="Kepala seksi",
        staff=3,
        guarantee="Tepat waktu",
        safety="Terkunci",
        evaluation="Setiap bulan",
    )


def test_every_key_of_a_workflow_comes_out_where_it_belongs() -> None:
    whole = load_blueprint(WHOLE)
    rule = LegalBasis(regulation="Peraturan Bupati Badung 11/2026", in_force_since=date(2026, 1, 1))
    assert whole.workflow("sambung", 4) == Workflow(
        id="sambung",
        version=4,
        name="Sambungan",
        name_english="Connection",
        services=("listrik", "ktp"),
        start="periksa",
        steps=(
            Step(
                id="periksa",
                name="Pemeriksaan",
                name_english="Examination",
                kind=StepKind.VERIFY,
                role="berkas",
                agency="capil",
                working_days=2,
                documents=("denah",),
                outcomes=(
                    StepOutcome(
                        id="lengkap",
                        name="Lengkap",
                        name_english="Complete",
                        effect=Effect.FORWARD,
                        next=("teknis", "ruang"),
                        join="putus",
                    ),
                    StepOutcome(id="kurang", effect=Effect.RETURN),
                    StepOutcome(id="palsu", effect=Effect.REFUSE, reasons=("dokumen-palsu",)),
                ),
            ),
            Step(
                id="teknis",
                name="Penilaian teknis",
                name_english="Technical assessment",
                kind=StepKind.ASSESS,
                role="berkas",
                agency="pln",
                working_days=5,
                reserves=True,
                outcomes=(StepOutcome(id="dinilai", effect=Effect.FORWARD, next=("putus",)),),
            ),
            Step(
                id="ruang",
                name="Peninjauan lapangan",
                name_english="Site visit",
                kind=StepKind.SITE_VISIT,
                role="berkas",
                working_days=4,
                outcomes=(
                    StepOutcome(id="ditinjau", effect=Effect.FORWARD, next=("putus",)),
                    StepOutcome(id="perbaiki", effect=Effect.RETURN, name="Perbaiki", name_english="Correct it"),
                ),
            ),
            Step(
                id="putus",
                name="Keputusan",
                name_english="Decision",
                kind=StepKind.DECIDE,
                role="kepala",
                working_days=3,
                outcomes=(
                    StepOutcome(id="setuju", effect=Effect.GRANT, next=("cetak",)),
                    StepOutcome(id="bersyarat", effect=Effect.GRANT_WITH_CONDITIONS, next=("cetak",)),
                    StepOutcome(id="tolak", effect=Effect.REFUSE, reasons=("dokumen-palsu", "zona-penuh")),
                ),
            ),
            Step(
                id="cetak",
                name="Penerbitan",
                name_english="Issuing",
                kind=StepKind.ISSUE,
                role="berkas",
                working_days=1,
                outcomes=(StepOutcome(id="terbit", effect=Effect.ISSUE),),
            ),
        ),
        reasons=(
            Reason(
                code="zona-penuh",
                indonesian="Zona penuh",
                english="The zone is full",
                basis=evolve(rule, article="9"),
            ),
            Reason(code="dokumen-palsu", indonesian="Dokumen palsu", english="A forged document"),
        ),
        documents=("denah", "surat-tanah"),
        working_days=12,
        term_basis=evolve(rule, article="5 ayat (2)"),
        counts_from=CountsFrom.COMPLETE,
        overdue=Overdue.DEEMED_GRANTED,
        escalates_to="kepala",
        applicant_days=30,
        validity_months=60,
    )


def test_the_newest_version_of_a_workflow_is_what_new_applications_take() -> None:
    whole = load_blueprint(WHOLE)
    old, new = whole.workflows
    assert (old.version, new.version) == (2, 4)
    assert whole.workflow("sambung") == new == whole.workflow_of("listrik") == whole.workflow_of("ktp")
    assert whole.workflow("sambung", 2) == old
    assert whole.newest_workflows == (new,)
    assert whole.workflow_of("kk") is None
    assert evolve(whole, workflows=(new, old)).workflow("sambung") == new
    with pytest.raises(NotFoundError, match="no version of workflow sambung 3; there are 2, 4"):
        whole.workflow("sambung", 3)
    with pytest.raises(NotFoundError, match="no workflow 'sambug'; did you mean 'sambung'"):
        whole.workflow("sambug")


def test_every_key_of_a_zone_comes_out_where_it_belongs() -> None:
    room = Limit(resource="kamar", unit="kamar", amount=Decimal(250), source="Kajian 2026", dated_on=date(2026, 2, 2))
    water = Limit(
        resource="air", unit="m3/hari", amount=Decimal("180.5"), source="Neraca air 2026", dated_on=date(2026, 2, 3)
    )
    assert load_blueprint(WHOLE).zones == (
        Zone(id="pantai", name="Pantai", name_english="Coast", limits=(room, water)),
        Zone(id="bukit", name="Bukit", name_english="Hills"),
    )


def test_what_an_agency_says_for_all_its_services_holds_where_theirs_say_nothing() -> None:
    there = load_blueprint(WHOLE).directory
    family_card = there.service("kk").standard
    assert family_card.procedure == ("Datang", "Pulang")
    assert family_card.complaints == (
        Channel(kind=ChannelKind.LAPOR, address="lapor.go.id"),
        Channel(kind=ChannelKind.BOX),
    )
    assert (family_card.legal_basis, family_card.competence) == (("uu-25-2009", "perbup-11"), "Terlatih")
    assert (family_card.requirements, family_card.staff) == ((), 2)
    assert family_card.missing() == ()
    assert there.service("listrik").standard == Standard()  # another agency


def test_the_smallest_blueprint_has_none_of_what_may_be_left_out(small: str, load: Callable[..., Blueprint]) -> None:
    blueprint = load(small)
    there = blueprint.directory
    assert (there.regulations, there.participations, there.officers, there.facilities) == ((), (), (), ())
    assert (there.roles, blueprint.workflows, blueprint.zones) == ((), (), ())
    assert (blueprint.calendar.overlays, blueprint.calendar.special_hours) == ((), ())
    assert there.service("nib").standard == Standard()


def test_a_mall_without_hours_never_closes_and_one_day_closures_end_on_their_day(
    small: str, load: Callable[..., Blueprint]
) -> None:
    hours = small[small.index("[hours]") : small.index("[[closure]]")]
    calendar = load(small.replace(hours, "")).calendar
    assert calendar.hours is None
    assert calendar.closures[0].last_on == date(2026, 11, 30)


def test_a_mall_may_serve_on_holidays_and_on_joint_leave(small: str, load: Callable[..., Blueprint]) -> None:
    switched = "[calendar]\nclosed_on_national_holidays = false\nclosed_on_joint_leave = false\n[hours]"
    calendar = load(small.replace("[hours]", switched)).calendar
    assert (calendar.national_holidays, calendar.joint_leave) == (False, False)
    calendar = load(small.replace("[hours]", "[calendar]\nclosed_on_joint_leave = false\n[hours]")).calendar
    assert (calendar.national_holidays, calendar.joint_leave) == (True, False)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Europe/Madrid", "UTC"])
def test_any_zone_of_the_world_will_do(zone: str, small: str, load: Callable[..., Blueprint]) -> None:
    assert load(small.replace("Asia/Makassar", zone)).calendar.zone.key == zone


def test_services_of_two_agencies_may_bear_one_name(small: str, load: Callable[..., Blueprint]) -> None:
    two = small.replace('"Izin praktik"', '"Izin usaha"').replace('agency = "dpmptsp"', 'agency = "pln"', 1)
    two += '[[agency]]\nid = "pln"\nname = "PLN"\nname_english = "Electricity"\nkind = "bumn"\n'
    assert [service.name for service in load(two).directory.services] == ["Izin usaha", "Izin usaha"]


def test_a_folder_of_files_says_what_one_file_says(small: str, load: Callable[..., Blueprint], tmp_path: Path) -> None:
    whole = load(small)
    folder = tmp_path / "parts"
    folder.mkdir()
    cuts = [0, small.index("[[agency]]"), small.index('[[service]]\nid = "sip"'), small.index("[queue.limits]"), None]
    for number, (begin, end) in enumerate(pairwise(cuts)):
        (folder / f"{number}.toml").write_text(small[begin:end], encoding="utf-8")
    parts = load_blueprint(folder)
    assert (parts.calendar, parts.directory, parts.policies) == (whole.calendar, whole.directory, whole.policies)
    assert parts.sources == tuple(str(folder / f"{number}.toml") for number in range(4))


@pytest.mark.parametrize(("slot", "name"), [(slot, name) for slot, table in BUILT_IN.items() for name in table])
def test_every_built_in_policy_can_be_named(slot: str, name: str, small: str, load: Callable[..., Blueprint]) -> None:
    admission = small[small.index("[queue.admission]") : small.index("[queue.limits]")]
    blueprint = load(small.replace(admission, f'[queue.{slot}]\npolicy = "{name}"\n'))
    assert getattr(blueprint.policies, slot) == BUILT_IN[slot][name]()


# --- policies of the caller's own ----------------------------------------------------------------------------------


@frozen(kw_only=True)
class Nearest:
    """A discipline of a caller's own, with a parameter of each kind."""

    door: str
    steps: float = 2
    loud: bool = False
    note: str = "-"
    doors: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if self.steps < 0:
            raise InvalidValueError("steps", self.steps, "give 0 or more")
        if self.note == "-" and self.loud:
            raise ValueError("what is loud needs a note")

    def __call__(self, line: Sequence[Ticket], situation: Situation, /) -> Ticket:
        return line[0]


def last_come(line: Sequence[Ticket], situation: Situation, /) -> Choice | Ticket:
    return line[-1]


REGISTER = {"discipline": {"nearest": Nearest, "last_come": lambda: last_come, "open": lambda **given: last_come}}


def discipline(small: str, *rows: str) -> str:
    return small.replace("[queue.limits]", "\n".join(["[queue.discipline]", *rows, "[queue.limits]"]))


def test_a_registered_policy_can_be_named_beside_the_built_in_ones(small: str, load: Callable[..., Blueprint]) -> None:
    named = discipline(small, 'policy = "nearest"', 'door = "east"', "steps = 3", 'doors = ["a"]')
    assert load(named, register=REGISTER).policies.discipline == Nearest(door="east", steps=3, doors=["a"])
    assert load(discipline(small, 'policy = "last_come"'), register=REGISTER).policies.discipline is last_come
    assert load(discipline(small, 'policy = "open"', "x = 1"), register=REGISTER).policies.discipline is last_come
    assert load(discipline(small, 'policy = "first_come"'), register=REGISTER).policies.discipline == FirstCome()
    numbering = small.replace("[queue.limits]", '[queue.numbering]\npolicy = "roll"\n[queue.limits]')
    rolls = {"numbering": {"roll": SingleNumbering}, "admission": {"all": OpenDoor}}
    assert load(numbering, register=rolls).policies.numbering == SingleNumbering()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ('policy = "neerest"',),
            [
                "policy: 'neerest': give one of first_come, priority_ageing, strict_priority, ratio, "
                "appointment_window, shortest_service, nearest, last_come, open; did you mean 'nearest'?"
            ],
        ),
        (('policy = "nearest"', "steps = -1"), ["door: missing: give a value; there is none to fall back on"]),
        (
            ('policy = "nearest"', "door = 1", "steps = -1", "lout = true"),
            [
                "lout: 'lout': no such key; there are policy, door, steps, loud, note, doors; did you mean 'loud'?",
                "steps: -1: give 0 or more",
            ],
        ),
        (
            ('policy = "nearest"', "door = 1", "loud = true"),
            [": a table: the policy cannot be made of it: what is loud needs a note"],
        ),
        (('policy = "last_come"', "x = 1"), ["x: 'x': no such key; there are policy"]),
    ],
)
def test_what_a_registered_policy_does_not_take_is_told(
    rows: tuple[str, ...], expected: list[str], small: str, problems_of: Callable[..., list[str]]
) -> None:
    lines = problems_of(discipline(small, *rows), register=REGISTER)
    assert lines == [f"m.toml: queue.discipline.{line}".replace(".:", ":") for line in expected]


def test_a_registered_factory_that_makes_no_policy_is_told(small: str, problems_of: Callable[..., list[str]]) -> None:
    lines = problems_of(discipline(small, 'policy = "odd"'), register={"discipline": {"odd": lambda: 3}})
    allowed = "what is registered under this name makes no discipline policy"
    assert lines == [f"m.toml: queue.discipline.policy: 'odd': {allowed}"]
    assert problems_of(discipline(small, 'policy = "none"'), register={"discipline": {"none": lambda: None}}) == [
        f"m.toml: queue.discipline.policy: 'none': {allowed}"
    ]


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ({"disciplin": {}}, "register: 'disciplin': register policies under one of admission, numbering, discipline"),
        ({"discipline": {"Last Come": FirstCome}}, "register.discipline: 'Last Come': use 1 to 64"),
        ({"discipline": {"ratio": FirstCome}}, "register.discipline: 'ratio': take another name; this one is built in"),
        ({"discipline": {"last": 3}}, "register.discipline.last: 3: give a class or a function that makes the policy"),
    ],
)
def test_a_wrong_register_is_refused_before_any_file_is_read(register: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        load_blueprint("there-is-no-such.toml", register=register)
    assert str(caught.value).startswith(message)


def test_a_registered_name_counts_only_where_it_was_registered(small: str, load: Callable[..., Blueprint]) -> None:
    load(discipline(small, 'policy = "last_come"'), register=REGISTER)
    with pytest.raises(BlueprintError, match="last_come"):
        load(discipline(small, 'policy = "last_come"'))


# --- the sample ----------------------------------------------------------------------------------------------------


def test_the_sample_says_that_it_is_invented() -> None:
    sample = sample_blueprint()
    assert sample.invented
    assert (sample.id, sample.name) == ("contoh", "Mal Pelayanan Publik Contoh (rekaan)")
    assert sample.name_english == "Sample Public Service Mall (invented)"
    assert all("rekaan" in (closure.decree or "") for closure in sample.calendar.closures)


def test_the_sample_is_of_a_regencys_usual_size() -> None:
    directory = sample_blueprint().directory
    assert (len(directory.agencies), len(directory.services), len(directory.counters)) == (15, 40, 21)
    assert {agency.kind for agency in directory.agencies} == set(AgencyKind)
    assert {service.agency for service in directory.services} == {agency.id for agency in directory.agencies}
    assert {service.profile for service in directory.services} == PROFILE_KINDS
    assert all(service.expected_minutes for service in directory.services)
    assert all(directory.counters_of(service.id) for service in directory.services)
    assert sum(service.daily_quota is not None for service in directory.services) >= 5


def test_the_sample_marks_what_is_invented_and_says_of_real_rules_only_what_is_known() -> None:
    directory = sample_blueprint().directory
    real = [rule for rule in directory.regulations if "rekaan" not in rule.about]
    assert [rule.cite() for rule in real] == [
        "UU 25/2009",
        "Perpres 89/2021",
        "Permen PANRB 92/2021",
        "Permen PANRB 15/2014",
        "PP 28/2025",
        "PP 6/2021",
        "Perpres 21/2023",
    ]
    assert not any(rule.verified for rule in directory.regulations)
    own = {rule.id for rule in directory.regulations} - {rule.id for rule in real}
    assert {each.regulation for each in directory.participations} <= own


def test_the_sample_has_a_full_standard_for_every_service_and_a_rule_for_every_agency() -> None:
    directory = sample_blueprint().directory
    assert directory.incomplete_standards() == {}
    assert directory.without_rule(date(2026, 11, 24)) == ()
    assert {each.agency for each in directory.participations} == {agency.id for agency in directory.agencies}
    assert {facility.group for facility in directory.facilities} == set(FacilityGroup)
    assert {officer.agency for officer in directory.officers} == {agency.id for agency in directory.agencies}
    assert all(officer.id.startswith("petugas-") for officer in directory.officers)  # ids, no names


def test_the_sample_has_services_that_need_the_products_of_others() -> None:
    directory = sample_blueprint().directory
    order = {
        service: [each.id for each in directory.bring_first(service)]
        for service in ("izin-usaha", "balik-nama-tanah", "kia", "konsultasi-investasi")
    }
    assert order == {
        "izin-usaha": ["kk", "ktp-el", "nib"],
        "balik-nama-tanah": ["kk", "ktp-el", "cek-sertipikat", "pbb-p2", "bphtb"],
        "kia": ["kk", "ktp-el", "akta-kelahiran"],
        "konsultasi-investasi": [],
    }


def test_the_sample_has_workflows_and_zones_that_say_they_are_invented() -> None:
    sample = sample_blueprint()
    assert [each.id for each in sample.workflows] == ["izin-hotel", "sip"]
    hotel, practice = sample.workflows
    assert {step.kind for step in hotel.steps} == set(StepKind)
    assert any(outcome.join for step in hotel.steps for outcome in step.outcomes)
    assert [step.id for step in hotel.steps if step.reserves] == ["tinjau-lapangan"]
    assert (practice.working_days, practice.term_days, practice.overdue) == (None, 5, Overdue.DEEMED_GRANTED)
    assert [zone.id for zone in sample.zones] == ["pantai", "pedalaman"]
    assert all("rekaan" in each.name for each in (*sample.workflows, *sample.zones))
    assert all("rekaan" in limit.source for zone in sample.zones for limit in zone.limits)


def test_numbers_of_two_agencies_never_look_alike_in_the_sample() -> None:
    prefixes = {(service.prefix, service.agency) for service in sample_blueprint().directory.services}
    assert set(Tally(prefix for prefix, _ in prefixes).values()) == {1}


def test_the_sample_serves_the_weekly_hours_of_civil_servants_and_names_its_rules() -> None:
    sample = sample_blueprint()
    week = [sample.calendar.opening(date(2026, 11, 23 + day)) for day in range(7)]
    seconds = sum((w.closes_at - w.opens_at).total_seconds() for opening in week for w in opening.windows)
    assert seconds == 37.5 * 3600
    assert [len(opening.windows) for opening in week] == [2, 2, 2, 2, 2, 0, 0]
    assert sample.policies.discipline == PriorityAgeing(head_start_minutes=30)
    assert sample.policies.admission == StandardAdmission(early_minutes=15, cut_off_minutes=30)


def test_the_sample_is_data_of_the_package_that_anybody_can_copy(tmp_path: Path) -> None:
    parts = [part for part in (files("mppkit.blueprint") / "contoh").iterdir() if part.name.endswith(".toml")]
    assert len(parts) == 6
    for part in parts:
        assert tomllib.loads(part.read_text(encoding="utf-8"))
        (tmp_path / part.name).write_bytes(part.read_bytes())
    assert load_blueprint(tmp_path).directory == sample_blueprint().directory
