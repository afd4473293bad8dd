"""Bad input in every field of every command: the right error names the place, nothing is recorded or told on."""

import inspect
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from mppkit.errors import InvalidValueError, MppkitError, NotFoundError, RefusedError, TransitionError
from mppkit.permits.capacity import Limit, Use
from mppkit.permits.desk import PermitsDesk
from mppkit.permits.model import Activity, Document, Investment, Status
from mppkit.permits.policies import PermitPolicies, YearlyNumbers
from mppkit.storage import Append
from mppkit.storage.port import NewEvent

NIK = "5103011708900001"
SECRETS = (NIK, "0812 3456 7890", "Sri Wahyuni", "sri@contoh.go.id")

TEXTS = (None, 0, True, b"x", [], "", "   ", "x" * 501, "dua\nbaris", "tab\tdi sini", f"NIK {NIK}", "HP 0812 3456 7890")
MAY_BE_EMPTY = tuple(each for each in TEXTS if each != "")
PERSONS = (0, True, b"x", [], {}, "", " ", "Sri Wahyuni", "sri@contoh.go.id", NIK, f"nik:{NIK}", "x" * 101)
OFFICERS = (None, *PERSONS)
LISTS = (None, 0, "Denah", {"a": 1}, {"a"}, b"x", [""], ["a"] * 51, [0], [None], [f"NIK {NIK}"], ["HP 0812 3456 7890"])
KEYS = (None, 0, True, b"x", [], {}, "", "a/b", "Sri Wahyuni", "sri@contoh.go.id", "x" * 200)
THINGS = (0, b"x", 1.5, NIK)
VALUES = (0, "x", [], {}, True, NIK)
USES = (0, "kamar", {}, [0], [None], [{"resource": "kamar"}], [Use(resource="kamar", amount=Decimal(1))] * 2)
DATES = ("2029-01-01", 0, True, datetime.fromisoformat("2029-01-01T00:00"), [])
REQUESTS = (0, True, 1.5, b"x", "", "x" * 201, "dua\nbaris", "\ud800")

INVALID, UNKNOWN = InvalidValueError, NotFoundError
GOOD: dict[str, tuple[Status, dict[str, Any]]] = {
    "draft": (Status.DRAFT, {"service": "hotel", "applicant": "pemohon-2", "zone": "pantai"}),
    "attach": (Status.DRAFT, {"application": ..., "document": ...}),
    "submit": (Status.DRAFT, {"application": ...}),
    "resubmit": (Status.RETURNED, {"application": ...}),
    "withdraw": (Status.IN_PROCESS, {"application": ...}),
    "act": (
        Status.IN_PROCESS,
        {"application": ..., "step": "periksa", "outcome": "kurang", "officer": "ani", "items": ["Denah"]},
    ),
    "act to refuse": (
        Status.IN_PROCESS,
        {"application": ..., "step": "periksa", "outcome": "tolak", "officer": "ani", "reasons": ["tidak_lengkap"]},
    ),
    "issue": (
        Status.GRANTED,
        {"application": ..., "step": "terbit", "outcome": "terbitkan", "officer": "dewi"},
    ),
    "migrate": (Status.IN_PROCESS, {"application": ..., "version": 2, "officer": "dewi", "why": "Perbup baru"}),
    "amend": (
        Status.ISSUED,
        {"application": ..., "officer": "dewi", "why": "Perluasan", "investment": Investment(rupiah=1, jobs=1)},
    ),
    "renew": (Status.ISSUED, {"application": ..., "officer": "dewi"}),
    "suspend": (Status.ISSUED, {"application": ..., "officer": "dewi", "why": "Tidak sesuai"}),
    "reinstate": (Status.SUSPENDED, {"application": ..., "officer": "dewi", "why": "Sesuai lagi"}),
    "revoke": (Status.ISSUED, {"application": ..., "officer": "dewi", "why": "Tidak dibangun"}),
    "set_limit": (Status.DRAFT, {"zone": "pantai", "limit": ...}),
    "enforce_deadlines": (Status.DRAFT, {}),
}
"""Of each command: where an application must stand, and what works there."""

BAD: dict[str, dict[str, tuple[tuple[object, ...], type[MppkitError], str]]] = {
    "draft": {
        "service": ((None, *THINGS, [], {}, "hotl"), UNKNOWN, "no service"),
        "applicant": (OFFICERS, INVALID, "applicant: "),
        "activity": (VALUES, INVALID, "activity: "),
        "investment": (VALUES, INVALID, "investment: "),
        "zone": ((*THINGS, [], {}, "pantay"), UNKNOWN, "no zone"),
        "uses": (USES, INVALID, "uses: "),
    },
    "attach": {"document": ((None, *VALUES), INVALID, "document: ")},
    "submit": {},
    "resubmit": {
        "investment": (VALUES, INVALID, "investment: "),
        "uses": ((*USES, []), INVALID, "uses: "),
    },
    "withdraw": {"why": (MAY_BE_EMPTY, INVALID, "why: ")},
    "act": {
        "step": ((None, *THINGS, "perikso"), UNKNOWN, "no step"),
        "outcome": ((None, *THINGS, "kurng"), UNKNOWN, "no outcome"),
        "officer": (OFFICERS, INVALID, "officer: "),
        "note": (MAY_BE_EMPTY, INVALID, "note: "),
        "items": ((*LISTS, []), INVALID, "items"),
        "reasons": ((*LISTS, ["tidak_lengkap"]), INVALID, "reasons: "),
        "conditions": ((*LISTS, ["Sumur"]), INVALID, "conditions: "),
        "override": (TEXTS[1:], INVALID, "override: "),
    },
    "act to refuse": {
        "reasons": ((["di_luar_zona"], ["tidak_lengka"], [0], [None], [NIK]), UNKNOWN, "no reason"),
        "items": ((["Denah"],), INVALID, "items: "),
    },
    "issue": {
        "step": ((None, *THINGS, "terbitt"), UNKNOWN, "no step"),
        "outcome": ((None, *THINGS, "terbit"), UNKNOWN, "no outcome"),
        "officer": (OFFICERS, INVALID, "officer: "),
    },
    "migrate": {
        "version": ((None, 0, 3, "2", 2.0, True, []), UNKNOWN, "no version"),
        "officer": (OFFICERS, INVALID, "officer: "),
        "why": (TEXTS, INVALID, "why: "),
    },
    "amend": {
        "officer": (OFFICERS, INVALID, "officer: "),
        "why": (TEXTS, INVALID, "why: "),
        "investment": (VALUES, INVALID, "investment: "),
        "uses": ((*USES, []), INVALID, "uses: "),
        "conditions": ((0, "Sumur", {}, {"a"}, [""], [0], [f"NIK {NIK}"], ["x" * 501]), INVALID, "conditions"),
        "override": (TEXTS[1:], INVALID, "override: "),
    },
    "renew": {"officer": (OFFICERS, INVALID, "officer: "), "until": (DATES, INVALID, "valid_until: ")},
    "suspend": {"officer": (OFFICERS, INVALID, "officer: "), "why": (TEXTS, INVALID, "why: ")},
    "reinstate": {"officer": (OFFICERS, INVALID, "officer: "), "why": (TEXTS, INVALID, "why: ")},
    "revoke": {"officer": (OFFICERS, INVALID, "officer: "), "why": (TEXTS, INVALID, "why: ")},
    "set_limit": {
        "zone": ((None, *THINGS, [], "pantay"), UNKNOWN, "no zone"),
        "limit": ((None, *VALUES), INVALID, "limit: "),
    },
    "enforce_deadlines": {"now": (("2026-11-24", 0, True, date(2026, 11, 24)), INVALID, "now: ")},
}
for _name, _fields in BAD.items():
    if "application" in GOOD[_name][1]:
        _fields["application"] = (KEYS, INVALID, "application: ")
    _parameters = inspect.signature(getattr(PermitsDesk, _name.partition(" ")[0])).parameters
    if "actor" in _parameters:
        _fields["actor"] = (PERSONS, INVALID, "actor: ")
    if "request_id" in _parameters and _name != "issue":  # its number is taken first, and kept for it
        _fields["request_id"] = (REQUESTS, INVALID, "")


CASES = [pytest.param(name, field, id=f"{name}-{field}") for name, fields in BAD.items() for field in fields]


def test_every_field_of_every_command_is_tried() -> None:
    verbs = {name.partition(" ")[0] for name in BAD}
    looking = {"application", "applications", "work_of", "term", "step_terms", "overdue", "explain", "figures"}
    looking |= {"workflow", "capacity"}
    there = {name for name in vars(PermitsDesk) if not name.startswith("_")}
    assert verbs == there - looking
    for verb in verbs:
        fields = {field for name in BAD if name.partition(" ")[0] == verb for field in BAD[name]}
        parameters = {*inspect.signature(getattr(PermitsDesk, verb)).parameters} - {"self"}
        assert fields >= parameters - ({"request_id"} if verb == "issue" else set()), verb


def prepared(office: Any, name: str) -> tuple[Any, dict[str, Any]]:
    """The command and what would work."""
    status, good = GOOD[name]
    newer = evolve(office.HOTEL, version=2)
    app = office.application_in(status, 10)
    office.desk = office.another_desk(workflows=(office.HOTEL, newer))
    given = dict(good)
    if "application" in given:
        given["application"] = app.id
    if "document" in given:
        given["document"] = office.document("denah")
    if "limit" in given:
        given["limit"] = Limit(
            resource="kamar", unit="kamar", amount=Decimal(5), source="Perda", dated_on=date(2026, 1, 2)
        )
    return getattr(office.desk, name.partition(" ")[0]), given


@pytest.mark.parametrize("name", GOOD)
def test_what_the_bad_input_is_tried_on_works_without_it(office: Any, name: str) -> None:
    command, given = prepared(office, name)
    recorded = office.recorded()
    command(**given)
    assert office.recorded() > recorded or name == "enforce_deadlines"


@pytest.mark.parametrize(("name", "field"), CASES)
def test_bad_input_is_refused_by_place_and_leaves_no_trace(office: Any, name: str, field: str) -> None:
    command, given = prepared(office, name)
    values, error, place = BAD[name][field]
    recorded = office.recorded()
    for value in values:
        more = {field: value}
        if (name, field) == ("amend", "override"):
            more["uses"] = office.rooms(20)
        with pytest.raises(error) as refused:
            command(**{**given, **more})
        told = f"{refused.value} {refused.value!r}"
        assert str(refused.value).startswith(place), (value, told)
        if field not in ("service", "zone", "step", "outcome", "application"):
            assert not any(secret in told for secret in SECRETS), told
        assert NIK not in told
        assert office.recorded() == recorded, value


@pytest.mark.parametrize(
    ("verb", "field"),
    [(verb, field) for verb, fields in BAD.items() for field in fields if field in ("officer", "application")],
)
def test_who_and_what_is_not_there_is_not_found(office: Any, verb: str, field: str) -> None:
    command, given = prepared(office, verb)
    recorded = office.recorded()
    with pytest.raises(NotFoundError, match=f"no {field} "):
        command(**{**given, field: {"officer": "fajar", "application": "2026-9999"}[field]})
    assert office.recorded() == recorded


def test_uses_need_a_zone_and_a_zone_that_is_there(office: Any) -> None:
    for zone, error in ((None, InvalidValueError), ("hutan", NotFoundError)):
        with pytest.raises(error):
            office.desk.draft("hotel", "pemohon-1", zone=zone, uses=office.rooms(1))
    app = office.returned()
    with pytest.raises(InvalidValueError, match="names no zone"):
        office.desk.resubmit(app.id, uses=office.rooms(1))


def test_a_service_without_a_workflow_takes_no_application(office: Any) -> None:
    office.desk = office.another_desk(workflows=(office.PRACTICE,))
    with pytest.raises(NotFoundError, match="no workflow for service 'hotel'"):
        office.desk.draft("hotel", "pemohon-1")
    assert office.recorded() == 0


def test_a_resource_that_nobody_has_limited_is_asked_for_in_vain_and_that_is_recorded(office: Any) -> None:
    app = office.submitted(10, zone="bukit")
    office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    with pytest.raises(RefusedError) as refused:
        office.desk.act(app.id, "tata-ruang", "sesuai", officer="bayu")
    assert [why.code for why in refused.value.decision.reasons] == ["resource_without_limit"]
    assert office.names(app.id)[-1] == "capacity_advised"
    assert not office.check_zone("bukit").holdings


def test_a_resource_that_is_another_one_misspelt_is_named_at_once(office: Any) -> None:
    """And not weeks later, by the first step that asks the zone."""
    app = office.returned(10)
    misspelt = (*office.rooms(10), Use(resource="ar", amount=Decimal(1)))
    recorded = office.recorded()
    for command in (
        lambda: office.desk.draft("hotel", "pemohon-1", zone="pantai", uses=misspelt),
        lambda: office.desk.resubmit(app.id, uses=misspelt),
    ):
        with pytest.raises(NotFoundError, match=r"no resource 'ar'; did you mean 'air'.*pantai counts kamar, air"):
            command()
    assert office.recorded() == recorded
    # for what is like none a limit may yet be set, and a zone may have had one that the blueprint does not know
    office.desk.draft("hotel", "pemohon-1", zone="pantai", uses=[Use(resource="parkir", amount=Decimal(1))])
    tents = Limit(resource="tenda", unit="tenda", amount=Decimal(5), source="Perda", dated_on=date(2026, 1, 2))
    office.desk.draft("hotel", "pemohon-1", zone="pantai", uses=[Use(resource="tenda", amount=Decimal(1))])
    office.desk.set_limit("bukit", tents)
    with pytest.raises(NotFoundError, match="did you mean 'tenda'"):
        office.desk.draft("hotel", "pemohon-1", zone="bukit", uses=[Use(resource="tends", amount=Decimal(1))])


def test_a_resource_that_the_blueprint_has_got_since_is_none_misspelt(make_office: Any, office: Any) -> None:
    app = office.returned(10)
    [rooms, _] = office.BEACH.limits
    beach = evolve(office.BEACH, limits=(*office.BEACH.limits, evolve(rooms, resource="kamars")))
    desk = make_office(store=office.store, zones=(beach,)).desk
    both = (*office.rooms(10), Use(resource="kamars", amount=Decimal(1)))
    assert desk.resubmit(app.id, uses=both).uses == both


@pytest.mark.parametrize(
    ("applicant", "resource", "error"), [(NIK, "kamar", InvalidValueError), ("pemohon-1", "kamer", NotFoundError)]
)
def test_a_draft_that_is_refused_puts_no_limit_in_force(
    make_office: Any, office: Any, applicant: str, resource: str, error: type[MppkitError]
) -> None:
    with pytest.raises(error):
        office.desk.draft("hotel", applicant, zone="pantai", uses=[Use(resource=resource, amount=Decimal(1))])
    assert office.recorded() == 0
    beach = evolve(office.BEACH, limits=tuple(evolve(each, amount=Decimal(7)) for each in office.BEACH.limits))
    assert make_office(store=office.store, zones=(beach,)).desk.capacity("pantai").not_in_force(beach) == ()


def test_what_is_said_twice_is_recorded_once(office: Any) -> None:
    app = office.submitted()
    office.desk.act(app.id, "periksa", "kurang", officer="ani", items=["Denah", "Bukti", "Denah"])
    assert office.events_of(app.id)[-1].items == ("Denah", "Bukti")
    office.desk.resubmit(app.id)
    office.desk.act(app.id, "periksa", "tolak", officer="ani", reasons=["tidak_lengkap"] * 3)
    assert [why.code for why in office.events_of(app.id)[-1].reasons] == ["tidak_lengkap"]
    other = office.after_steps(office.submitted(), until="putus")
    now = office.desk.act(other.id, "putus", "bersyarat", officer="dewi", conditions=["Sumur", "Sumur"])
    assert now.conditions == ("Sumur",)
    office.desk.issue(other.id, "terbit", "terbitkan", officer="dewi")
    with pytest.raises(InvalidValueError, match="say what is to change"):
        office.desk.amend(other.id, officer="dewi", why="Sama", conditions=["Sumur", "Sumur"])


def test_a_request_id_of_another_limit_or_document_is_found_out(office: Any) -> None:
    def limit(amount: int) -> Limit:
        return Limit(resource="kamar", unit="kamar", amount=Decimal(amount), source="Perda", dated_on=date(2026, 1, 2))

    app = office.drafted(10)
    stands = office.desk.set_limit("pantai", limit(5), request_id="klik-1")
    office.desk.attach(app.id, office.document("denah"), request_id="klik-2")
    recorded = office.recorded()
    assert office.desk.set_limit("pantai", limit(5), request_id="klik-1") == stands
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.set_limit("pantai", limit(6), request_id="klik-1")
    with pytest.raises(InvalidValueError, match="used for another command"):
        office.desk.attach(app.id, office.document("foto"), request_id="klik-2")
    assert office.recorded() == recorded


@pytest.mark.parametrize("services", ["hotel", b"hotel", 0, True])
def test_figures_are_of_a_list_of_services(office: Any, services: object) -> None:
    """A text would count the services whose ids are parts of it."""
    with pytest.raises(InvalidValueError, match=r"services: .*give a list"):
        office.desk.figures(date(2026, 1, 1), date(2026, 12, 31), services=services)


# --- documents, statuses ---------------------------------------------------------------------------------------------


def test_documents_that_are_asked_for_are_named_each(office: Any) -> None:
    app = office.desk.draft("hotel", "pemohon-1")
    with pytest.raises(RefusedError, match="ktp") as refused:
        office.desk.submit(app.id)
    assert [why.code for why in refused.value.decision.reasons] == ["document_missing"]
    assert office.names(app.id) == ["drafted"]
    office.desk.attach(app.id, office.document("ktp"))
    office.desk.submit(app.id)
    office.desk.act(app.id, "periksa", "lengkap", officer="ani")
    with pytest.raises(RefusedError, match="rencana-tapak"):
        office.desk.act(app.id, "tata-ruang", "sesuai", officer="bayu")
    # it can be sent back for it, and attached while it lies with the applicant
    office.desk.act(app.id, "tata-ruang", "kurang", officer="bayu", items=["Rencana tapak"])
    office.desk.attach(app.id, office.document("rencana-tapak"))
    office.desk.resubmit(app.id)
    assert office.after_steps(office.desk.application(app.id), until="periksa").status is Status.IN_PROCESS
    office.desk.act(app.id, "tata-ruang", "sesuai", officer="bayu")


def test_a_document_that_is_missing_at_the_issue_takes_no_number(make_office: Any, office: Any) -> None:
    issuing = evolve(office.HOTEL.step("terbit"), documents=("akta",))
    office = make_office(workflows=(evolve(office.HOTEL, steps=(*office.HOTEL.steps[:-1], issuing)),))
    app = office.granted(10)
    recorded = office.recorded()
    with pytest.raises(RefusedError, match="akta"):
        office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi")
    assert office.recorded() == recorded
    office.desk.attach(app.id, office.document("akta"))
    assert office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi").permit.number == "0001/HOTEL/2026"


def test_a_document_takes_the_place_of_the_one_of_its_kind_and_the_same_one_again_is_nothing(office: Any) -> None:
    app = office.drafted()
    other = office.document("ktp", "b")
    now = office.desk.attach(app.id, other)
    assert now.document("ktp") == other
    assert len(now.documents) == 2
    recorded = office.recorded()
    assert office.desk.attach(app.id, other) == now
    assert office.recorded() == recorded


def test_two_hundred_kinds_of_documents_are_enough(office: Any) -> None:
    app = office.drafted()
    for number in range(198):
        office.desk.attach(app.id, office.document(f"lain-{number}"))
    with pytest.raises(InvalidValueError, match="200 kinds at most"):
        office.desk.attach(app.id, office.document("lain-198"))
    assert office.desk.attach(app.id, office.document("ktp", "c")).document("ktp").digest == "c" * 64


@pytest.mark.parametrize("status", Status)
def test_each_command_works_from_its_statuses_and_from_no_other(office: Any, status: Status) -> None:
    running = {Status.IN_PROCESS, Status.RETURNED, Status.GRANTED}
    possible = {
        "attach": set(Status) - {Status.REFUSED, Status.WITHDRAWN, Status.LAPSED, Status.REVOKED},
        "submit": {Status.DRAFT},
        "resubmit": {Status.RETURNED},
        "withdraw": {Status.DRAFT, *running},
        "issue": {Status.GRANTED},
    }
    app = office.application_in(status)
    for verb, statuses in possible.items():
        if status in statuses:
            continue
        more = {"attach": [office.document("lain")], "issue": ["terbit", "terbitkan"]}.get(verb, [])
        recorded = office.recorded()
        with pytest.raises(TransitionError) as refused:
            getattr(office.desk, verb)(app.id, *more, **({"officer": "dewi"} if verb == "issue" else {}))
        assert refused.value.status == status.value
        assert verb not in refused.value.allowed
        assert office.recorded() == recorded


def test_while_it_lies_with_the_applicant_officers_can_only_ask_for_more(office: Any) -> None:
    app = office.after_steps(office.submitted(10), until="tata-ruang")
    office.desk.act(app.id, "tata-ruang", "kurang", officer="bayu", items=["Denah"])
    for step, officer in (("tata-ruang", "bayu"), ("lingkungan", "citra")):
        with pytest.raises(TransitionError, match="wait until it is resubmitted"):
            office.desk.act(app.id, step, "sesuai", officer=officer)
    now = office.desk.act(app.id, "lingkungan", "kurang", officer="citra", items=["Amdal"])
    [asked] = now.returns
    assert (asked.steps, asked.items) == (("tata-ruang", "lingkungan"), ("Denah", "Amdal"))
    assert office.desk.work_of("bayu") == office.desk.work_of("citra") == ()
    back = office.desk.resubmit(app.id)
    assert {run.step for run in back.open} == {"tata-ruang", "lingkungan"}
    assert [step for _, step in office.desk.work_of("bayu")] == ["tata-ruang"]


# --- the values ------------------------------------------------------------------------------------------------------

HOTEL = {"edition": "2025", "code": "55110", "scale": "mikro"}
DOCUMENT = {"kind": "ktp", "digest": "a" * 64, "media_type": "application/pdf", "size": 1, "place": "arsip/ktp.pdf"}


@pytest.mark.parametrize(
    ("kind", "good", "field", "values"),
    [
        (Document, DOCUMENT, "kind", (None, 0, "", "KTP", "a b", NIK)),
        (Document, DOCUMENT, "digest", (None, 0, "", "a" * 63, "a" * 65, "A" * 64, b"a" * 64, "a" * 64 + "\n")),
        (Document, DOCUMENT, "media_type", (None, "", "pdf", "a/b c", "Application/PDF", "a/b\n", "x" * 80 + "/x")),
        (Document, DOCUMENT, "size", (None, 0, -1, 1.0, True, "1", 2**40 + 1)),
        (Document, DOCUMENT, "place", (None, "", " ", "x" * 201, "dua\nbaris", f"arsip/{NIK}.pdf")),
        (Investment, {"rupiah": 1, "jobs": 1}, "rupiah", (None, -1, 1.0, True, "1", 10**18 + 1)),
        (Investment, {"rupiah": 1, "jobs": 1}, "jobs", (None, -1, 1.0, True, "1", 10**7 + 1)),
        (Investment, {"rupiah": 1, "jobs": 1}, "sector", (0, "", "Pariwisata Bahari", NIK)),
        (Activity, HOTEL, "code", (None, 55110, "5511", "551100", "5511a", "٥٥١١٠")),
        (Activity, HOTEL, "edition", (None, 2025, "", "KBLI 2025")),
        (Activity, HOTEL, "scale", (None, 0, "", "Usaha Mikro")),
        (Activity, HOTEL, "level", (0, "", "Menengah Tinggi")),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_field(
    kind: type, good: dict[str, Any], field: str, values: tuple[object, ...]
) -> None:
    kind(**good)
    for value in values:
        with pytest.raises(InvalidValueError, match=f"^{field}: ") as refused:
            kind(**{**good, field: value})
        assert NIK not in str(refused.value)


@pytest.mark.parametrize("number", [None, 0, "", " ", "x" * 61, "dua\nbaris", f"503/{NIK}"])
def test_a_number_that_a_policy_may_not_give_issues_nothing(make_office: Any, number: object) -> None:
    office = make_office(numbering=lambda ask: number)
    app = office.granted(10)
    with pytest.raises(InvalidValueError, match="permit number"):
        office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi")
    assert office.desk.application(app.id) == app
    office.check_zone()


def test_numbers_are_counted_by_year_and_by_the_policy(make_office: Any) -> None:
    office = make_office(start="2026-12-31T23:58:00+08:00", numbering=YearlyNumbers(prefix="503/", width=3))
    first, second = office.issued(), office.granted(service="sip")
    assert first.permit.number == "503/001/HOTEL/2026"
    office.clock.advance(minutes=5)
    second = office.desk.issue(second.id, "terbit", "terbitkan", officer="dewi")
    assert (second.id, second.permit.number) == ("2026-0002", "503/001/SIP/2027")
    assert second.permit.valid_from == date(2027, 1, 1)


# --- numbers that repeat ---------------------------------------------------------------------------------------------


def test_a_policy_that_gives_a_number_twice_is_refused_and_can_be_mended(make_office: Any) -> None:
    """It forgets the sequence, or the year."""
    office = make_office(start="2026-12-30T09:00:00+08:00", numbering=lambda ask: f"503/{ask.service}")
    first, second = office.issued(), office.granted()
    recorded = office.recorded()
    for _ in range(2):
        with pytest.raises(InvalidValueError, match=f"permit number: '503/hotel': the permit of {first.id} has it"):
            office.desk.issue(second.id, "terbit", "terbitkan", officer="dewi")
    assert office.recorded() == recorded
    office.clock.advance(minutes=3 * 24 * 60)
    with pytest.raises(InvalidValueError, match=first.id):
        office.another_desk().issue(second.id, "terbit", "terbitkan", officer="dewi")
    assert office.recorded() == recorded
    office.policies = PermitPolicies(numbering=YearlyNumbers())
    assert office.another_desk().issue(second.id, "terbit", "terbitkan", officer="dewi").permit.number == (
        "0001/HOTEL/2027"
    )


def test_a_number_that_was_taken_is_kept_though_the_policy_changes(make_office: Any) -> None:
    """Taken, and then cut off before the issue."""
    office = make_office()
    app, other = office.granted(), office.granted()
    office.desk._recording.number(app, office.clock.now())
    office.policies = PermitPolicies(numbering=lambda ask: "0001/HOTEL/2026")
    desk = office.another_desk()
    with pytest.raises(InvalidValueError, match=f"the permit of {app.id} has it"):
        desk.issue(other.id, "terbit", "terbitkan", officer="dewi")
    assert desk.issue(app.id, "terbit", "terbitkan", officer="dewi").permit.number == "0001/HOTEL/2026"
    with pytest.raises(InvalidValueError, match=f"the permit of {app.id} has it"):
        desk.issue(other.id, "terbit", "terbitkan", officer="dewi")


def test_a_place_that_was_entered_without_its_number_still_has_one(office: Any) -> None:
    """As registers are that were kept before the number was recorded."""
    app = office.granted()
    place = json.dumps({"application": app.id, "sequence": 7})
    head = office.store.read("badung/permitbook/2026")[-1]
    office.store.append(
        Append(
            stream="badung/permitbook/2026",
            expected_version=head.version,
            events=(NewEvent(name="permitbook.permit_entered", version=1, data=place),),
            labels={},
            summary=None,
            at=office.clock.now(),
        )
    )
    assert office.desk.issue(app.id, "terbit", "terbitkan", officer="dewi").permit.number == "0007/HOTEL/2026"
