"""A check finds everything that is wrong or open in a blueprint, says where and what to do, and finds nothing else."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, Finding, Severity, check, load_blueprint, sample_blueprint
from mppkit.calendars import Closure, DayKind, Level, Overlay, SpecialHours, WeeklyHours
from mppkit.directory import (
    COMPONENTS,
    Directory,
    Duration,
    Fee,
    Participation,
    Regulation,
    RegulationKind,
    Standard,
    TimeUnit,
)
from mppkit.permits.workflow import Overdue
from mppkit.queues.disciplines import PriorityAgeing, ShortestService
from mppkit.queues.model import Limits
from mppkit.queues.policies import OpenDoor, QueuePolicies, StandardAdmission

ON = date(2026, 11, 24)
SAMPLE = sample_blueprint()
THERE = SAMPLE.directory


def told(blueprint: Blueprint, on: date = ON) -> list[tuple[str, str, str | None]]:
    return [(finding.code, finding.place, finding.found) for finding in check(blueprint, on)]


def with_directory(**changed: Any) -> Blueprint:
    return evolve(SAMPLE, directory=evolve(THERE, **changed))


def with_service(service_id: str, **changed: Any) -> Blueprint:
    services = (evolve(each, **changed) if each.id == service_id else each for each in THERE.services)
    return with_directory(services=tuple(services))


def with_standard(service_id: str, **changed: Any) -> Blueprint:
    return with_service(service_id, standard=evolve(THERE.service(service_id).standard, **changed))


def with_calendar(**changed: Any) -> Blueprint:
    return evolve(SAMPLE, calendar=evolve(SAMPLE.calendar, **changed))


def with_policies(**changed: Any) -> Blueprint:
    return evolve(SAMPLE, policies=evolve(SAMPLE.policies, **changed))


@pytest.mark.parametrize("on", [ON, date(2026, 1, 12), date(2027, 8, 17), date(2027, 9, 30)])
def test_the_sample_is_clean(on: date) -> None:
    assert check(SAMPLE, on) == ()


def test_a_bare_blueprint_lacks_what_it_does_not_say(small: str, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(small, encoding="utf-8")
    assert told(load_blueprint(tmp_path)) == [
        ("agency_without_rule", "agency[dpmptsp]", None),
        ("standard_incomplete", "service[nib].standard", None),
        ("expected_minutes_missing", "service[nib].expected_minutes", None),
        ("standard_incomplete", "service[sip].standard", None),
        ("counter_without_officer", "counter[loket-1]", "no officer serves here"),
    ]


def test_a_finding_says_where_what_and_what_to_do_in_one_line() -> None:
    [finding] = check(with_standard("kk", product=None), ON)
    assert str(finding) == (
        "problem: service[kk].standard: 13 of 14 components: state product (Produk pelayanan) "
        "(UU 25/2009 Pasal 21) [standard_incomplete]"
    )
    assert finding.basis is not None
    assert not finding.basis.verified
    [finding] = check(with_service("kk", expected_minutes=None), ON)
    assert str(finding).startswith("advice: service[kk].expected_minutes: missing: say how long ")


# --- rules ---------------------------------------------------------------------------------------------------------


def participating(*rows: Participation) -> Blueprint:
    others = tuple(each for each in THERE.participations if each.agency != "pln")
    return with_directory(participations=(*others, *rows))


def pln(from_on: date, to_on: date | None = None, services: tuple[str, ...] = ()) -> Participation:
    return Participation(agency="pln", regulation="pks-pln-2026", from_on=from_on, to_on=to_on, services=services)


def test_an_agency_without_any_participation_is_found() -> None:
    assert told(participating()) == [("agency_without_rule", "agency[pln]", None)]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([pln(date(2026, 1, 12), date(2026, 11, 23))], "took part under pks-pln-2026 until 2026-11-23"),
        ([pln(date(2026, 11, 25))], "takes part under pks-pln-2026 from 2026-11-25"),
        (
            [pln(date(2026, 1, 12), date(2026, 2, 1)), pln(date(2027, 1, 12))],
            "took part under pks-pln-2026 until 2026-02-01; takes part under pks-pln-2026 from 2027-01-12",
        ),
    ],
)
def test_an_agency_whose_participation_does_not_hold_today_is_found(rows: list[Participation], found: str) -> None:
    assert told(participating(*rows)) == [("agency_without_rule", "agency[pln]", found)]


@pytest.mark.parametrize("rows", [[pln(date(2026, 11, 24))], [pln(date(2026, 1, 12), date(2026, 11, 24))]])
def test_the_first_and_the_last_day_of_a_participation_are_in_it(rows: list[Participation]) -> None:
    assert told(participating(*rows)) == []


def test_a_participation_under_a_rule_that_is_not_in_force_is_found_twice() -> None:
    rules = tuple(
        evolve(each, in_force_to=date(2026, 6, 30)) if each.id == "pks-pln-2026" else each for each in THERE.regulations
    )
    assert told(with_directory(regulations=rules)) == [
        ("agency_without_rule", "agency[pln]", "takes part under pks-pln-2026, in force until 2026-06-30"),
        ("participation_outside_rule", "participation[pln, pks-pln-2026]", "from 2026-01-12 to 2030-12-31"),
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (pln(date(2026, 1, 4)), "from 2026-01-04"),
        (pln(date(2026, 1, 12), date(2031, 1, 1)), "from 2026-01-12 to 2031-01-01"),
    ],
)
def test_a_participation_that_reaches_beyond_its_rule_is_found(row: Participation, found: str) -> None:
    [finding] = check(participating(row), ON)
    assert (finding.code, finding.place) == ("participation_outside_rule", "participation[pln, pks-pln-2026]")
    assert finding.found == found
    assert "from 2026-01-05 to 2030-12-31" in finding.remedy
    assert check(participating(pln(date(2026, 1, 5), date(2030, 12, 31))), ON) == ()


def test_a_service_that_no_participation_of_its_agency_is_about_is_found() -> None:
    assert told(participating(pln(date(2026, 1, 12), services=("listrik-baru",)))) == [
        ("service_without_rule", "service[listrik-pengaduan]", "under no rule in force on this day")
    ]
    rows = [pln(date(2026, 1, 12), services=(each,)) for each in ("listrik-baru", "listrik-pengaduan")]
    assert told(participating(*rows)) == []


def test_a_cited_rule_that_is_not_in_force_is_found_once_with_how_many_cite_it() -> None:
    rules = tuple(
        evolve(each, in_force_from=date(2026, 12, 1)) if each.id == "perda-contoh-5-2024" else each
        for each in THERE.regulations
    )
    citing = [s.id for s in THERE.services if any(fee.basis == "perda-contoh-5-2024" for fee in s.standard.fees)]
    assert len(citing) > 2
    assert told(with_directory(regulations=rules)) == [
        (
            "cited_rule_not_in_force",
            "regulation[perda-contoh-5-2024]",
            f"in force from 2026-12-01; cited by {citing[0]} and {len(citing) - 1} more",
        )
    ]


def test_a_rule_that_nobody_stands_on_may_be_out_of_force() -> None:
    old = Regulation(
        id="old", kind=RegulationKind.DECREE, number="1", year=2000, about="x", in_force_to=date(2001, 1, 1)
    )
    assert told(with_directory(regulations=(*THERE.regulations, old))) == []


# --- services and counters -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPONENTS)
def test_each_missing_component_is_found_by_name(name: str) -> None:
    empty = Standard()
    [finding] = check(with_standard("ktp-el", **{name: getattr(empty, name)}), ON)
    assert (finding.code, finding.place) == ("standard_incomplete", "service[ktp-el].standard")
    assert finding.found == "13 of 14 components"
    assert finding.remedy == f"state {name} ({COMPONENTS[name].indonesian})"


@given(st.sets(st.sampled_from(sorted(COMPONENTS)), min_size=1, max_size=13))
@settings(max_examples=50, deadline=None)
def test_the_missing_components_are_told_in_their_order(names: set[str]) -> None:
    empty = Standard()
    [finding] = check(with_standard("ktp-el", **{name: getattr(empty, name) for name in names}), ON)
    assert finding.found == f"{14 - len(names)} of 14 components"
    missing = [f"{name} ({component.indonesian})" for name, component in COMPONENTS.items() if name in names]
    assert finding.remedy == f"state {', '.join(missing)}"


def test_nothing_to_bring_is_not_nothing_said() -> None:
    assert told(with_standard("ktp-el", requirements=())) == []
    assert [code for code, _, _ in told(with_standard("ktp-el", requirements=None))] == ["standard_incomplete"]


@pytest.mark.parametrize(
    ("fee", "found"),
    [
        (Fee(amount_rupiah=35_000), "Rp35,000"),
        (Fee(what="menurut luas"), "menurut luas"),
        (Fee(amount_rupiah=0), None),
        (Fee(amount_rupiah=35_000, basis="perda-contoh-5-2024"), None),
    ],
)
def test_a_fee_needs_a_rule_that_sets_it_unless_it_is_none(fee: Fee, found: str | None) -> None:
    expected = [("fee_without_basis", "service[kk].standard.fees", found)] if found else []
    assert told(with_standard("kk", fees=(fee,))) == expected


def test_a_counter_where_nobody_serves_is_found() -> None:
    officers = tuple(each for each in THERE.officers if "loket-19" not in each.counters)
    assert told(with_directory(officers=officers)) == [
        ("counter_without_officer", "counter[loket-19]", "no officer serves here")
    ]


# --- permits -------------------------------------------------------------------------------------------------------


def test_a_role_that_nobody_has_is_found() -> None:
    officers = tuple(evolve(each, roles=()) if "kepala-dinas" in each.roles else each for each in THERE.officers)
    assert told(with_directory(officers=officers)) == [
        ("role_without_officer", "role[kepala-dinas]", "no officer has it")
    ]


def test_a_step_whose_agency_sent_nobody_for_it_is_found() -> None:
    officers = tuple(evolve(each, roles=()) if each.agency == "pdam" else each for each in THERE.officers)
    assert told(with_directory(officers=officers)) == [
        ("step_without_officer", "workflow[izin-hotel, 1].step[penilaian-air]", "no officer of pdam is penilai-teknis")
    ]


def test_a_step_of_an_agency_that_takes_part_no_more_is_found() -> None:
    rows = tuple(each for each in THERE.participations if each.agency != "bpn")
    assert told(with_directory(participations=rows)) == [
        ("agency_without_rule", "agency[bpn]", None),
        ("step_agency_without_rule", "workflow[izin-hotel, 1].step[penilaian-ruang].agency", "bpn"),
    ]


def test_a_standard_that_promises_another_term_than_the_workflow_is_found() -> None:
    place = "service[sip].standard.duration"
    for duration, found in (
        (Duration(amount=6, unit=TimeUnit.WORKING_DAYS), "6 working_days; sip may take 5 working_days"),
        (Duration(amount=5, unit=TimeUnit.DAYS), "5 days; sip may take 5 working_days"),
    ):
        assert told(with_standard("sip", duration=duration)) == [("term_differs", place, found)]
    longer = tuple(evolve(each, working_days=7) if each.id == "sip" else each for each in SAMPLE.workflows)
    longer = tuple(evolve(each, overdue=Overdue.ESCALATE) for each in longer)
    assert told(evolve(SAMPLE, workflows=longer)) == [
        ("term_differs", place, "5 working_days; sip may take 7 working_days")
    ]


def with_silence(**changed: Any) -> Blueprint:
    """Return the sample with another practice licence, by whose workflow silence is consent."""
    return evolve(SAMPLE, workflows=(SAMPLE.workflow("izin-hotel"), evolve(SAMPLE.workflow("sip"), **changed)))


def test_silence_after_days_that_no_rule_sets_is_found() -> None:
    place = "workflow[sip, 1].working_days"
    finding, differs = check(with_silence(working_days=7), ON)
    assert (finding.code, finding.place, finding.severity) == ("deemed_term_without_rule", place, Severity.ADVICE)
    assert finding.found == "7 working days by no rule, and silence is consent"
    assert finding.basis is not None
    assert finding.basis.article == "53 ayat (2)"
    assert differs.code == "term_differs"
    by_rule = with_silence(working_days=7, term_basis=THERE.regulation("perbup-contoh-12-2026").basis("5"))
    assert [code for code, _, _ in told(by_rule)] == ["term_differs"]
    assert told(with_silence(working_days=5)) == []
    assert [code for code, _, _ in told(with_silence(working_days=7, overdue=Overdue.ESCALATE))] == ["term_differs"]


def rule_of(issuer: str | None, about: str) -> Regulation:
    return Regulation(
        id="aturan", kind=RegulationKind.AGENCY_REGULATION, issuer=issuer, number="7", year=2023, about=about
    )


@pytest.mark.parametrize(
    ("issuer", "about"),
    [
        ("OJK", "Izin usaha (rekaan)"),
        ("Bank Indonesia", "Izin usaha (rekaan)"),
        (None, "Tahap IUP eksplorasi (rekaan)"),
        ("Menteri ESDM", "Usaha pertambangan (rekaan)"),
    ],
)
def test_silence_under_a_rule_of_another_regime_is_asked_about(issuer: str | None, about: str) -> None:
    rule = rule_of(issuer, about)
    place = ("deemed_term_of_another_regime", "workflow[sip, 1].overdue", f"stands on {rule.cite()}, {about}")
    for changed in (
        evolve(with_silence(term_basis=rule.basis("5"), working_days=5)),
        with_standard("sip", legal_basis=(*THERE.service("sip").standard.legal_basis, "aturan")),
    ):
        there = evolve(changed, directory=evolve(changed.directory, regulations=(*THERE.regulations, rule)))
        assert told(there) == [place]
        workflows = tuple(evolve(each, overdue=Overdue.ESCALATE) for each in there.workflows)
        assert told(evolve(there, workflows=workflows)) == []


def test_silence_of_an_agency_of_another_regime_is_asked_about_and_a_word_within_a_word_is_not() -> None:
    named = {"name": "Otoritas Jasa Keuangan Contoh (rekaan)"}
    agencies = tuple(
        evolve(each, **named) if each.id == THERE.service("sip").agency else each for each in THERE.agencies
    )
    found = [row for row in told(with_directory(agencies=agencies)) if row[0] == "deemed_term_of_another_regime"]
    assert found == [
        (
            "deemed_term_of_another_regime",
            "workflow[sip, 1].overdue",
            "service sip is of Otoritas Jasa Keuangan Contoh (rekaan)",
        )
    ]
    other = rule_of("Bupati", "Rojka dan siupan (rekaan)")
    standard = with_standard("sip", legal_basis=(*THERE.service("sip").standard.legal_basis, "aturan"))
    assert told(evolve(standard, directory=evolve(standard.directory, regulations=(*THERE.regulations, other)))) == []


def test_only_the_newest_version_of_a_workflow_is_looked_at() -> None:
    old = evolve(SAMPLE.workflow("sip"), working_days=7)
    assert told(evolve(SAMPLE, workflows=(*SAMPLE.workflows[:1], old, evolve(SAMPLE.workflow("sip"), version=2)))) == []


def test_a_workflow_on_a_rule_that_is_no_more_in_force_is_found() -> None:
    rule = Regulation(
        id="perbup-lama",
        kind=RegulationKind.HEAD_OF_REGION_REGULATION,
        number="1",
        year=2020,
        about="Jangka waktu (rekaan)",
        in_force_to=date(2026, 6, 30),
    )
    hotel = evolve(SAMPLE.workflow("izin-hotel"), term_basis=rule.basis("5"))
    changed = with_directory(regulations=(*THERE.regulations, rule))
    assert told(evolve(changed, workflows=(hotel, *SAMPLE.workflows[1:]))) == [
        (
            "cited_rule_not_in_force",
            "regulation[perbup-lama]",
            "in force until 2026-06-30; cited by workflow izin-hotel",
        )
    ]


# --- hours ---------------------------------------------------------------------------------------------------------


def overlay(kind: DayKind, on: date, **more: Any) -> Overlay:
    given = {"level": Level.MALL, "last_on": on, "decree": "SK 7/2026", "decreed_on": date(2026, 11, 2), **more}
    return Overlay(kind=kind, first_on=on, indonesian="-", english="As decreed", **given)


NOON = ((time(8), time(12)),)


def test_a_mall_that_never_opens_is_found() -> None:
    whole_year = Closure(first_on=ON, last_on=date(2028, 1, 1), indonesian="-", english="Rebuilding")
    assert told(with_calendar(closures=(whole_year,))) == [
        ("never_opens", "hours", "closed for a whole year from 2026-11-24")
    ]
    assert told(with_calendar(closures=(evolve(whole_year, last_on=date(2027, 11, 23)),))) == []


def test_a_decree_that_opens_days_without_hours_is_found() -> None:
    sunday = overlay(DayKind.OPEN, date(2026, 11, 29))
    found = "closed on each of its days, such as 2026-11-29: Closed every Sunday."
    assert told(with_calendar(overlays=(sunday,))) == [("overlay_opens_nothing", "overlay[SK 7/2026]", found)]
    assert told(with_calendar(overlays=(evolve(sunday, stretches=NOON),))) == []
    assert told(with_calendar(overlays=(evolve(sunday, last_on=date(2026, 11, 30)),))) == []
    assert told(with_calendar(overlays=(sunday,)), on=date(2026, 11, 30)) == []


def test_a_decree_that_another_overrules_is_found() -> None:
    christmas_eve = date(2026, 12, 24)
    opened = overlay(DayKind.OPEN, christmas_eve, level=Level.REGENCY)
    closed = overlay(DayKind.CLOSED, christmas_eve, decree="SK 8/2026")
    assert told(with_calendar(overlays=(opened,))) == []
    found = "closed on each of its days, such as 2026-12-24: As decreed"
    assert told(with_calendar(overlays=(opened, closed))) == [("overlay_opens_nothing", "overlay[SK 7/2026]", found)]


def test_special_hours_that_open_nothing_are_found() -> None:
    rule = "FREQ=WEEKLY;BYDAY=SA"
    day = date(2026, 12, 26)
    saturday = SpecialHours(rule=rule, first_on=day, last_on=day, stretches=NOON)
    assert told(with_calendar(special_hours=(saturday,))) == []
    closed = with_calendar(special_hours=(saturday,), overlays=(overlay(DayKind.CLOSED, day),))
    assert told(closed) == [
        (
            "special_hours_open_nothing",
            f"special_hours[{rule}]",
            "closed on each of its days, such as 2026-12-26: As decreed",
        )
    ]
    assert told(closed, on=date(2026, 12, 27)) == []


@pytest.mark.parametrize(("on", "years"), [(date(2050, 3, 1), [2050]), (date(2050, 12, 1), [2050, 2051])])
def test_a_year_without_a_decree_is_found_and_the_next_one_shortly_before_it(on: date, years: list[int]) -> None:
    found = [finding for finding in check(SAMPLE, on) if finding.code == "year_without_decree"]
    assert [finding.place for finding in found] == [f"calendar[{year}]" for year in years]
    assert found[0].found == f"The joint leave of {years[0]} is not known yet."
    assert {finding.severity for finding in found} == {Severity.ADVICE}
    open_then = with_calendar(joint_leave=False)
    assert not [finding for finding in check(open_then, on) if finding.code == "year_without_decree"]


# --- policies ------------------------------------------------------------------------------------------------------


def test_a_cut_off_as_long_as_the_day_is_found() -> None:
    friday = SAMPLE.calendar.hours.by_weekday[4] if SAMPLE.calendar.hours else ()
    hours = WeeklyHours(by_weekday={0: ((time(8), time(9)), (time(10), time(12))), 4: friday})

    def found(**given: Any) -> list[tuple[str, str, str | None]]:
        return told(
            evolve(with_policies(admission=StandardAdmission(**given)), calendar=evolve(SAMPLE.calendar, hours=hours))
        )

    place = "queue.admission.cut_off_minutes"
    assert found(cut_off_minutes=239.9) == []
    assert found(cut_off_minutes=240) == [("nobody_admitted", place, "240")]
    assert found(cut_off_minutes=240, early_minutes=1) == []
    assert len(found(cut_off_minutes=540)) == 2


IDLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a head start of nothing": (
        {"discipline": PriorityAgeing(head_start_minutes=0)},
        "queue.discipline.head_start_minutes",
        "0",
    ),
    "a longest wait of nothing": (
        {"discipline": ShortestService(longest_wait_minutes=0)},
        "queue.discipline.longest_wait_minutes",
        "0",
    ),
    "a delay of recalls there are none of": (
        {"limits": Limits(recall_limit=0, recall_delay_seconds=60)},
        "queue.limits.recall_delay_seconds",
        "60",
    ),
}


@pytest.mark.parametrize("case", IDLE)
def test_a_parameter_that_never_bites_is_found(case: str) -> None:
    policies, place, found = IDLE[case]
    assert told(with_policies(**policies)) == [("parameter_idle", place, found)]


def test_quotas_that_an_open_door_does_not_ask_for_are_found() -> None:
    limited = [service for service in THERE.services if service.daily_quota is not None]
    assert told(with_policies(admission=OpenDoor())) == [
        ("parameter_idle", f"service[{service.id}].daily_quota", str(service.daily_quota)) for service in limited
    ]


def test_an_early_opening_of_a_mall_that_never_closes_is_found() -> None:
    never_closes = evolve(
        with_calendar(hours=None), policies=QueuePolicies(admission=StandardAdmission(early_minutes=5))
    )
    assert told(never_closes) == [("parameter_idle", "queue.admission.early_minutes", "5")]


def test_policies_as_they_come_are_no_finding() -> None:
    assert told(evolve(SAMPLE, policies=QueuePolicies())) == []
    assert told(with_policies(limits=Limits(recall_limit=0))) == []


# --- all at once ---------------------------------------------------------------------------------------------------

FAULTS: dict[str, Callable[[Blueprint], Blueprint]] = {
    "agency_without_rule": lambda b: evolve(
        b, directory=_without(b.directory, "participations", lambda each: each.agency == "pln")
    ),
    "counter_without_officer": lambda b: evolve(
        b, directory=_without(b.directory, "officers", lambda each: "loket-20" in each.counters)
    ),
    "standard_incomplete": lambda b: evolve(b, directory=_changed(b.directory, "kk", standard=Standard())),
    "expected_minutes_missing": lambda b: evolve(b, directory=_changed(b.directory, "nib", expected_minutes=None)),
    "overlay_opens_nothing": lambda b: evolve(
        b, calendar=evolve(b.calendar, overlays=(overlay(DayKind.OPEN, date(2026, 11, 29)),))
    ),
    "parameter_idle": lambda b: evolve(b, policies=evolve(b.policies, discipline=PriorityAgeing(head_start_minutes=0))),
    "nobody_admitted": lambda b: evolve(
        b, policies=evolve(b.policies, admission=StandardAdmission(cut_off_minutes=600))
    ),
}


def _without(there: Directory, name: str, is_out: Callable[[Any], bool]) -> Directory:
    return evolve(there, **{name: tuple(each for each in getattr(there, name) if not is_out(each))})


def _changed(there: Directory, service: str, **changed: Any) -> Directory:
    return evolve(
        there, services=tuple(evolve(each, **changed) if each.id == service else each for each in there.services)
    )


@given(st.sets(st.sampled_from(sorted(FAULTS))))
@settings(max_examples=60, deadline=None)
def test_faults_are_all_found_together_and_nothing_else_is(faults: set[str]) -> None:
    blueprint = SAMPLE
    for fault in sorted(faults):
        blueprint = FAULTS[fault](blueprint)
    findings = check(blueprint, ON)
    assert {finding.code for finding in findings} == faults
    assert all(isinstance(finding, Finding) and finding.remedy and finding.place for finding in findings)
    assert len({(finding.code, finding.place, finding.remedy) for finding in findings}) == len(findings)
