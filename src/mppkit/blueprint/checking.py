"""What a blueprint that loads still leaves open or gets wrong, all at once: what a mall is to be told before it opens.

A blueprint that cannot be used does not load; what is found here keeps no queue from running.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from enum import StrEnum

from attrs import frozen

from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.sections import DAYS
from mppkit.blueprint.writing import as_document, cited_regulation, rules_of, tables
from mppkit.calendars import Calendar, DayKind, Opening
from mppkit.decisions import LegalBasis
from mppkit.directory import (
    COMPONENTS,
    STANDARD_BASIS,
    Component,
    Directory,
    Duration,
    Participation,
    Regulation,
    TimeUnit,
)
from mppkit.permits.workflow import LAWS_OWN_TERM, LAWS_OWN_TERM_DAYS, Overdue, Workflow
from mppkit.queues.disciplines import PriorityAgeing, ShortestService
from mppkit.queues.model import Limits
from mppkit.queues.policies import OpenDoor, StandardAdmission

_LOOK_AHEAD_DAYS = 366
_DECREE_DAYS = 90
"""So long before a year its decree should be known: appointments and deadlines reach into it."""
_RULE_BASIS = LegalBasis(regulation="Perpres 89/2021", in_force_since=date(2021, 9, 15), verified=False)
"""Why an agency takes part under an agreement or regulation; the text was not read."""

_OTHER_REGIME = re.compile(r"\b(OJK|Otoritas Jasa Keuangan|Bank Indonesia|IUP|pertambangan)\b", re.IGNORECASE)
"""The regimes whose terms are reported not to run out into consent; from one developer's reading of PP 28/2025."""

TO_FILL_IN = "ISI:"
"""How a text begins that stands for one that is still to be filled in, such as `ISI: nama mal`."""


class Severity(StrEnum):
    """Whether a finding is wrong or lacking (`problem`), or only worth a thought (`advice`)."""

    PROBLEM = "problem"
    ADVICE = "advice"


@frozen(kw_only=True)
class Finding:
    """One thing that was found in a blueprint.

    Attributes:
        code: what kind of thing, such as `agency_without_rule`; stays the same for ever.
        place: where, such as `service[nib].standard`: ids in the brackets, so that no file or row need be known.
        found: what stands there or follows from it; None for what is missing.
        remedy: what to do.
        basis: the rule that asks for it, where one does.
    """

    code: str
    severity: Severity
    place: str
    found: str | None
    remedy: str
    basis: LegalBasis | None = None

    def __str__(self) -> str:
        law = f" ({self.basis.cite()})" if self.basis else ""
        return f"{self.severity}: {self.place}: {self.found or 'missing'}: {self.remedy}{law} [{self.code}]"


def _problem(code: str, place: str, found: str | None, remedy: str, basis: LegalBasis | None = None) -> Finding:
    return Finding(code=code, severity=Severity.PROBLEM, place=place, found=found, remedy=remedy, basis=basis)


def _advice(code: str, place: str, found: str | None, remedy: str, basis: LegalBasis | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ADVICE, place=place, found=found, remedy=remedy, basis=basis)


def check(blueprint: Blueprint, on: date) -> tuple[Finding, ...]:
    """Return everything that is found in a blueprint as it stands on a date, problems and advice.

    >>> from mppkit.blueprint import sample_blueprint
    >>> check(sample_blueprint(), date(2026, 11, 24))
    ()
    """
    directory, calendar = blueprint.directory, blueprint.calendar
    return (
        *_blanks(blueprint),
        *_agencies(directory, on),
        *_participations(directory),
        *_services(directory, on),
        *_regulations(blueprint, on),
        *_counters(directory),
        *_workflows(blueprint, on),
        *_hours(calendar, on),
        *_decrees(calendar, on),
        *_policies(blueprint),
    )


def _blanks(blueprint: Blueprint) -> Iterable[Finding]:
    for place, row in tables(as_document(blueprint)):
        blank = [key for key, value in row.items() if _is_blank(value)]
        if blank:
            remedy = (
                f"write what is yours in place of the words after {TO_FILL_IN}, and look over what stands beside them"
            )
            yield _problem("to_fill_in", place, ", ".join(blank), remedy)


def _is_blank(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_is_blank(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_is_blank(inner) for inner in value)
    return isinstance(value, str) and value.startswith(TO_FILL_IN)


# --- rules ---------------------------------------------------------------------------------------------------------


def _agencies(directory: Directory, on: date) -> Iterable[Finding]:
    for agency in directory.without_rule(on):
        found, remedy = None, "write a [[participation]] under the rule or agreement by which it serves here"
        taking_part = [each for each in directory.participations if each.agency == agency.id]
        if taking_part:
            found = "; ".join(_why_no_rule(each, directory, on) for each in taking_part)
            remedy = f"renew it, or take {agency.id} out"
        yield _problem("agency_without_rule", f"agency[{agency.id}]", found, remedy, _RULE_BASIS)


def _why_no_rule(each: Participation, directory: Directory, on: date) -> str:
    if on < each.from_on:
        return f"takes part under {each.regulation} from {each.from_on.isoformat()}"
    if each.to_on is not None and each.to_on < on:
        return f"took part under {each.regulation} until {each.to_on.isoformat()}"
    return f"takes part under {each.regulation}, {_not_in_force(directory.regulation(each.regulation), on)}"


def _not_in_force(regulation: Regulation, on: date) -> str:
    if regulation.in_force_from is not None and on < regulation.in_force_from:
        return f"in force from {regulation.in_force_from.isoformat()}"
    return f"in force until {regulation.in_force_to}"


def _participations(directory: Directory) -> Iterable[Finding]:
    for each in directory.participations:
        rule = directory.regulation(each.regulation)
        begins_early = rule.in_force_from is not None and each.from_on < rule.in_force_from
        ends_late = rule.in_force_to is not None and (each.to_on or each.from_on) > rule.in_force_to
        if begins_early or ends_late:
            first = rule.in_force_from.isoformat() if rule.in_force_from else "any day"
            last = rule.in_force_to.isoformat() if rule.in_force_to else "any day"
            found = f"from {each.from_on.isoformat()}" + (f" to {each.to_on.isoformat()}" if each.to_on else "")
            remedy = f"stay within the days {each.regulation} is in force, from {first} to {last}"
            place = f"participation[{each.agency}, {each.regulation}]"
            yield _problem("participation_outside_rule", place, found, remedy)


def _regulations(blueprint: Blueprint, on: date) -> Iterable[Finding]:
    directory = blueprint.directory
    cited: dict[str, list[str]] = {}
    for service in directory.services:
        standard = service.standard
        for cited_id in {*standard.legal_basis, *(fee.basis for fee in standard.fees if fee.basis is not None)}:
            cited.setdefault(cited_id, []).append(service.id)
    for workflow in blueprint.newest_workflows:
        for cited_id in sorted(set(rules_of(workflow, directory.regulations))):
            cited.setdefault(cited_id, []).append(f"workflow {workflow.id}")
    for regulation in directory.regulations:
        if regulation.id in cited and not regulation.is_in_force(on):
            places = cited[regulation.id]
            found = f"{_not_in_force(regulation, on)}; cited by {places[0]}"
            found += f" and {len(places) - 1} more" if len(places) > 1 else ""
            remedy = "cite the rule that is in force in the standards of these services, and in workflows"
            yield _problem("cited_rule_not_in_force", f"regulation[{regulation.id}]", found, remedy)


# --- services and counters -----------------------------------------------------------------------------------------


def _services(directory: Directory, on: date) -> Iterable[Finding]:
    ruled = {offer.service.id for offer in directory.offered(on) if offer.regulation is not None}
    without_rule = {agency.id for agency in directory.without_rule(on)}
    incomplete = directory.incomplete_standards()
    for service in directory.services:
        place = f"service[{service.id}]"
        if service.id not in ruled and service.agency not in without_rule:
            remedy = f"name it in a [[participation]] of {service.agency}, or take it out"
            yield _problem("service_without_rule", place, "under no rule in force on this day", remedy, _RULE_BASIS)
        if service.id in incomplete:
            yield _incomplete(f"{place}.standard", incomplete[service.id])
        for fee in service.standard.fees:
            if fee.amount_rupiah != 0 and fee.basis is None:
                amount = f"Rp{fee.amount_rupiah:,}" if fee.amount_rupiah is not None else fee.what
                remedy = "name the regulation that sets it as its `basis`"
                yield _problem("fee_without_basis", f"{place}.standard.fees", amount, remedy)
        if service.expected_minutes is None:
            remedy = "say how long it usually takes at the counter; estimates and rehearsals begin with it"
            yield _advice("expected_minutes_missing", f"{place}.expected_minutes", None, remedy)


def _incomplete(place: str, missing: Sequence[Component]) -> Finding:
    stated = len(COMPONENTS) - len(missing)
    found = f"{stated} of {len(COMPONENTS)} components" if stated else None
    remedy = "state " + ", ".join(f"{each.name} ({each.indonesian})" for each in missing)
    if not stated:
        remedy = f"write [service.standard] with the {len(COMPONENTS)} components of a standard"
    return _problem("standard_incomplete", place, found, remedy, STANDARD_BASIS)


def _counters(directory: Directory) -> Iterable[Finding]:
    staffed = {counter for officer in directory.officers for counter in officer.counters}
    for counter in directory.counters:
        if counter.id not in staffed:
            remedy = "name it in the counters of an [[officer]]"
            yield _advice("counter_without_officer", f"counter[{counter.id}]", "no officer serves here", remedy)


# --- permits -------------------------------------------------------------------------------------------------------


def _workflows(blueprint: Blueprint, on: date) -> Iterable[Finding]:
    """Return who is missing to work on permits as new applications take them, and standards that promise otherwise."""
    directory = blueprint.directory
    held = {role for officer in directory.officers for role in officer.roles}
    for role in directory.roles:
        if role.id not in held:
            remedy = "name it in the roles of an [[officer]], or take it out"
            yield _advice("role_without_officer", f"role[{role.id}]", "no officer has it", remedy)
    without_rule = {agency.id for agency in directory.without_rule(on)}
    holders = {(officer.agency, role) for officer in directory.officers for role in officer.roles}
    for workflow in blueprint.newest_workflows:
        place = f"workflow[{workflow.id}, {workflow.version}]"
        for step in workflow.steps:
            here = f"{place}.step[{step.id}]"
            if step.agency is not None and step.agency in without_rule:
                remedy = "see that it takes part under a rule in force, or give the step to another agency"
                yield _advice("step_agency_without_rule", f"{here}.agency", step.agency, remedy)
            if step.agency is not None and step.role in held and (step.agency, step.role) not in holders:
                remedy = f"give an officer of {step.agency} the role {step.role}; nobody may take this step"
                yield _advice("step_without_officer", here, f"no officer of {step.agency} is {step.role}", remedy)
        yield from _silence(directory, workflow, place)
        for service in workflow.services:
            duration = directory.service(service).standard.duration
            if duration is not None and duration != Duration(amount=workflow.term_days, unit=TimeUnit.WORKING_DAYS):
                promised = f"{duration.amount} {duration.unit.value}; {workflow.id} may take {workflow.term_days}"
                remedy = "let the standard and the workflow's working_days say the same"
                yield _advice(
                    "term_differs", f"service[{service}].standard.duration", f"{promised} working_days", remedy
                )


def _silence(directory: Directory, workflow: Workflow, place: str) -> Iterable[Finding]:
    """Return where silence is made consent though another rule may stand against it, as far as a blueprint can tell."""
    if workflow.overdue is not Overdue.DEEMED_GRANTED:
        return
    if workflow.working_days not in (None, LAWS_OWN_TERM_DAYS) and workflow.term_basis is None:
        found = f"{workflow.working_days} working days by no rule, and silence is consent"
        remedy = f"name the rule in term_regulation, or leave it out: without one the term is {LAWS_OWN_TERM_DAYS}"
        yield _advice("deemed_term_without_rule", f"{place}.working_days", found, remedy, LAWS_OWN_TERM)
    grounds = tuple(dict.fromkeys(_of_another_regime(directory, workflow)))
    if grounds:
        remedy = (
            "terms that another regime sets (stages of the IUP, rules of OJK or Bank Indonesia) are reported not to "
            'run out into consent; ask whether that is so here, and if it is, write overdue = "escalate"'
        )
        yield _advice("deemed_term_of_another_regime", f"{place}.overdue", "; ".join(grounds), remedy)


def _of_another_regime(directory: Directory, workflow: Workflow) -> Iterable[str]:
    """Return what a workflow and its services stand on that speaks of a regime whose terms are its own."""
    named = {each.id for each in directory.regulations if cited_regulation(workflow.term_basis, (each,))}
    for service in map(directory.service, workflow.services):
        named.update(service.standard.legal_basis)
        agency = directory.agency(service.agency)
        if _OTHER_REGIME.search(f"{agency.id} {agency.name}"):
            yield f"service {service.id} is of {agency.name}"
    for rule in directory.regulations:
        if rule.id in named and _OTHER_REGIME.search(f"{rule.issuer or ''} {rule.about}"):
            yield f"stands on {rule.cite()}, {rule.about}"


# --- hours ---------------------------------------------------------------------------------------------------------


def _hours(calendar: Calendar, on: date) -> Iterable[Finding]:
    ahead = {on + timedelta(days=days): calendar.opening(on + timedelta(days=days)) for days in range(_LOOK_AHEAD_DAYS)}
    if not any(opening.windows for opening in ahead.values()):
        found = f"closed for a whole year from {on.isoformat()}"
        yield _problem("never_opens", "hours", found, "look at [hours], [[closure]] and [[overlay]]")
    for special in calendar.special_hours:
        openings = [opening for day, opening in ahead.items() if special.covers(day)]
        if openings and not any(opening.windows for opening in openings):
            found = _closed(openings)
            remedy = "hours alone do not open a day; a decree does, as an [[overlay]] of kind open"
            yield _advice("special_hours_open_nothing", f"special_hours[{special.rule}]", found, remedy)
    for overlay in calendar.overlays:
        openings = [opening for day, opening in ahead.items() if overlay.first_on <= day <= overlay.last_on]
        if overlay.kind is DayKind.OPEN and openings and not any(opening.windows for opening in openings):
            remedy = "give it hours, or take away what closes its days"
            yield _problem("overlay_opens_nothing", f"overlay[{overlay.decree}]", _closed(openings), remedy)


def _closed(openings: Sequence[Opening]) -> str:
    first = openings[0]
    return f"closed on each of its days, such as {first.on.isoformat()}: {first.reason.english if first.reason else ''}"


def _decrees(calendar: Calendar, on: date) -> Iterable[Finding]:
    for year in sorted({on.year, (on + timedelta(days=_DECREE_DAYS)).year}):
        for warning in calendar.opening(date(year, 12, 31)).warnings:
            remedy = "bring `holidays` up to date, or write the decree's days as [[overlay]] of kind joint_leave"
            yield _advice(warning.code, f"calendar[{year}]", warning.english, remedy)


# --- the queue's policies ------------------------------------------------------------------------------------------


def _policies(blueprint: Blueprint) -> Iterable[Finding]:
    policies = blueprint.policies
    admission, discipline, limits = policies.admission, policies.discipline, policies.limits
    if isinstance(admission, StandardAdmission):
        yield from _admission(admission, blueprint.calendar)
    elif isinstance(admission, OpenDoor):
        for service in blueprint.directory.services:
            if service.daily_quota is not None:
                yield _idle(f"service[{service.id}].daily_quota", service.daily_quota, "open_door asks for no quota")
    if isinstance(discipline, PriorityAgeing) and discipline.head_start_minutes == 0:
        yield _idle("queue.discipline.head_start_minutes", 0, "nobody goes ahead; it is first_come then")
    if isinstance(discipline, ShortestService) and discipline.longest_wait_minutes == 0:
        yield _idle("queue.discipline.longest_wait_minutes", 0, "everybody has waited so long; it is first_come then")
    if limits.recall_limit == 0 and limits.recall_delay_seconds != Limits().recall_delay_seconds:
        delay = limits.recall_delay_seconds
        yield _idle("queue.limits.recall_delay_seconds", delay, "nobody is recalled with recall_limit = 0")


def _idle(place: str, value: float, why: str) -> Finding:
    return _advice("parameter_idle", place, f"{value:g}", f"it never bites: {why}")


def _admission(admission: StandardAdmission, calendar: Calendar) -> Iterable[Finding]:
    if calendar.hours is None:
        if admission.early_minutes:
            yield _idle("queue.admission.early_minutes", admission.early_minutes, "without [hours] it is always open")
        return
    days = [(DAYS[weekday], stretches) for weekday, stretches in calendar.hours.by_weekday.items()]
    days += [(special.rule, special.stretches) for special in calendar.special_hours]
    days += [(overlay.decree, overlay.stretches) for overlay in calendar.overlays]
    for name, stretches in days:
        if stretches:
            span = _minutes(stretches[-1][1]) - _minutes(stretches[0][0]) + admission.early_minutes
            if admission.cut_off_minutes >= span:
                remedy = f"give less than {span:g}, or nobody is admitted on {name}"
                found = f"{admission.cut_off_minutes:g}"
                yield _problem("nobody_admitted", "queue.admission.cut_off_minutes", found, remedy)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
