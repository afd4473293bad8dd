"""What differs between two blueprints is told by its meaning: all of it, and nothing else."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint, ChangeKind, diff, sample_blueprint
from mppkit.calendars import WeeklyHours
from mppkit.directory import DocumentForm, Requirement
from mppkit.queues.disciplines import Ratio

SAMPLE = sample_blueprint()
Changed = Callable[[Blueprint], st.SearchStrategy[Blueprint]]


def lines(a: Blueprint, b: Blueprint) -> list[str]:
    return [str(change) for change in diff(a, b)]


def with_rows(name: str, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Blueprint:
    return evolve(SAMPLE, directory=evolve(SAMPLE.directory, **{name: change(getattr(SAMPLE.directory, name))}))


def with_service(service_id: str, change: Callable[[Any], Any]) -> Blueprint:
    return with_rows("services", lambda all_: tuple(change(each) if each.id == service_id else each for each in all_))


def with_standard(service_id: str, **facts: Any) -> Blueprint:
    return with_service(service_id, lambda each: evolve(each, standard=evolve(each.standard, **facts)))


def with_workflow(workflow_id: str, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Blueprint:
    changed = (evolve(each, steps=change(each.steps)) if each.id == workflow_id else each for each in SAMPLE.workflows)
    return evolve(SAMPLE, workflows=tuple(changed))


def with_calendar(**facts: Any) -> Blueprint:
    return evolve(SAMPLE, calendar=evolve(SAMPLE.calendar, **facts))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_there_is_a_difference_exactly_when_the_digests_differ(
    small: Blueprint, changed: Changed, data: st.DataObject
) -> None:
    one, other = data.draw(changed(small)), data.draw(changed(small))
    for a, b in ((one, other), (small, one), (one, one)):
        assert (diff(a, b) == ()) == (a.digest == b.digest)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_way_back_tells_the_same_places_the_other_way_round(
    small: Blueprint, changed: Changed, data: st.DataObject
) -> None:
    one, other = data.draw(changed(small)), data.draw(changed(small))
    back = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    there = [(back.get(each.kind, each.kind).value, each.place, each.new, each.old) for each in diff(one, other)]
    again = [(each.kind.value, each.place, each.old, each.new) for each in diff(other, one)]
    assert sorted(there, key=str) == sorted(again, key=str)


@pytest.mark.parametrize(
    "name", ["agencies", "services", "counters", "regulations", "participations", "officers", "roles"]
)
def test_the_order_of_rows_is_no_difference(name: str) -> None:
    assert diff(SAMPLE, with_rows(name, lambda rows: rows[::-1])) == ()


CASES: Mapping[str, tuple[Blueprint, list[str]]] = {
    "a name": (evolve(SAMPLE, name="MPP Blora"), [f"~ mall.name: '{SAMPLE.name}' -> 'MPP Blora'"]),
    "a quota that was none": (
        with_service("nib", lambda each: evolve(each, daily_quota=30)),
        ["~ service[nib].daily_quota: nothing -> 30"],
    ),
    "a component that is stated no more": (
        with_standard("nib", product=None),
        ["~ service[nib].standard.product: 'Nomor Induk Berusaha' -> nothing"],
    ),
    "nothing said instead of nothing to bring": (
        with_standard("konsultasi-investasi", requirements=None),
        ["~ service[konsultasi-investasi].standard.requirements: none -> nothing"],
    ),
    "steps in another order": (
        with_standard("ikd", procedure=SAMPLE.directory.service("ikd").standard.procedure[:1] * 2),
        [
            "~ service[ikd].standard.procedure[1]: 'Pasang aplikasi di ponsel' -> 'Ambil nomor antrean'",
            "~ service[ikd].standard.procedure[2]: 'Petugas memindai kode aktivasi di loket' -> nothing",
        ],
    ),
    "a requirement in another form": (
        with_standard(
            "ikd",
            requirements=(
                evolve(SAMPLE.directory.service("ikd").standard.requirements[0], form=DocumentForm.COPY),  # type: ignore[index]
                Requirement(document="Ponsel", form=DocumentForm.ORIGINAL),
            ),
        ),
        [
            "~ service[ikd].standard.requirements[KTP elektronik].form: 'original' -> 'copy'",
            "+ service[ikd].standard.requirements[Ponsel]: 'document = Ponsel, form = original'",
        ],
    ),
    "a counter that gives another service": (
        with_rows("counters", lambda rows: (evolve(rows[0], services=(*rows[0].services[1:], "kk")), *rows[1:])),
        ["- counter[loket-1].services: 'nib'", "+ counter[loket-1].services: 'kk'"],
    ),
    "a counter fewer": (with_rows("counters", lambda rows: rows[1:]), ["- counter[loket-1]: 'Loket 1 DPMPTSP'"]),
    "a participation that ends": (
        with_rows("participations", lambda rows: (evolve(rows[0], to_on=date(2030, 12, 31)), *rows[1:])),
        ["~ participation[dpmptsp, perbup-contoh-11-2026].to: nothing -> 2030-12-31"],
    ),
    "hours": (
        with_calendar(hours=WeeklyHours(by_weekday={**SAMPLE.calendar.hours.by_weekday, 4: ()})),  # type: ignore[union-attr]
        ["~ hours.friday: '07:30-11:30', '13:00-16:30' -> nothing"],
    ),
    "a step that may take longer": (
        with_workflow("sip", lambda steps: (evolve(steps[0], working_days=2), *steps[1:])),
        ["~ workflow[sip, 1].step[verifikasi].working_days: 1 -> 2"],
    ),
    "an outcome that leads elsewhere": (
        with_workflow(
            "sip",
            lambda steps: (
                steps[0],
                evolve(steps[1], outcomes=(evolve(steps[1].outcomes[0], next=("cetak",)), *steps[1].outcomes[1:])),
                evolve(steps[2], id="cetak"),
            ),
        ),
        [
            "- workflow[sip, 1].step[keputusan].outcomes[setuju].next: 'penerbitan'",
            "+ workflow[sip, 1].step[keputusan].outcomes[setuju].next: 'cetak'",
            "- workflow[sip, 1].step[penerbitan]: 'Penerbitan izin'",
            "+ workflow[sip, 1].step[cetak]: 'Penerbitan izin'",
        ],
    ),
    "a step more, and the others in another order": (
        with_workflow("sip", lambda steps: (steps[1], evolve(steps[0], id="periksa"), steps[0], steps[2])),
        [
            "+ workflow[sip, 1].step[periksa]: 'Verifikasi kelengkapan'",
            "~ workflow[sip, 1].step: verifikasi, keputusan, penerbitan -> keputusan, verifikasi, penerbitan",
        ],
    ),
    "a limit that was lowered": (
        evolve(
            SAMPLE,
            zones=(
                evolve(
                    SAMPLE.zones[0],
                    limits=(evolve(SAMPLE.zones[0].limits[0], amount=Decimal("199.5")), *SAMPLE.zones[0].limits[1:]),
                ),
                *SAMPLE.zones[1:],
            ),
        ),
        ["~ zone[pantai].limit[kamar-hotel].amount: 250 -> '199.5'"],
    ),
    "a new version of a workflow": (
        evolve(SAMPLE, workflows=(*SAMPLE.workflows, evolve(SAMPLE.workflow("sip"), version=2))),
        ["+ workflow[sip, 2]: 'Surat izin praktik (rekaan)'"],
    ),
    "joint leave": (with_calendar(joint_leave=False), ["~ calendar.closed_on_joint_leave: true -> false"]),
    "a closure fewer": (
        with_calendar(closures=()),
        [
            "- closure[2026-10-05, Hari jadi Kabupaten Contoh (rekaan)]: 'Hari jadi Kabupaten Contoh (rekaan)'",
        ],
    ),
    "another discipline": (
        evolve(SAMPLE, policies=evolve(SAMPLE.policies, discipline=Ratio())),
        [
            "~ queue.discipline.policy: 'priority_ageing' -> 'ratio'",
            "~ queue.discipline.head_start_minutes: 30 -> nothing",
            "~ queue.discipline.priority: nothing -> 2",
            "~ queue.discipline.regular: nothing -> 1",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_told_at_its_place_with_old_and_new(case: str) -> None:
    other, expected = CASES[case]
    assert lines(SAMPLE, other) == expected


def test_long_numbers_are_masked() -> None:
    [line] = lines(SAMPLE, evolve(SAMPLE, name="5103011708900001"))
    assert line.endswith("-> '51…01'")
