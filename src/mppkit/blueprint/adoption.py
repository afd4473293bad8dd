"""Another regency takes a mall's pattern over: what is copied, what is left blank, and a record of why.

What is the host's own (decrees, officers, fees its region sets, zones, names) is never copied: it is left out where a
blueprint may do without it, and otherwise `TO_FILL_IN` stands in its place. `check` finds every such blank.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sized
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import evolve, frozen

from mppkit.blueprint.checking import TO_FILL_IN, Finding, check
from mppkit.blueprint.loading import load_blueprint
from mppkit.blueprint.model import Blueprint
from mppkit.blueprint.policies import SLOTS, Register, told, told_of_permits
from mppkit.blueprint.values import zone as zone_named
from mppkit.blueprint.writing import as_document, as_files, cited_regulation, rules_of
from mppkit.calendars import Level
from mppkit.decisions import LegalBasis
from mppkit.directory import Channel, ChannelKind, Fee, Regulation, RegulationKind, Service
from mppkit.documents.values import Wrong, text
from mppkit.errors import InvalidValueError
from mppkit.ids import check_id
from mppkit.lessons import Uptake
from mppkit.permits.workflow import Workflow
from mppkit.surveys.model import SurveyTerms

RECORD = "adoption.json"
"""The file of the record, beside the blueprint's; a blueprint is read from `*.toml` only."""

_NATIONAL = {
    RegulationKind.LAW,
    RegulationKind.GOVERNMENT_REGULATION,
    RegulationKind.PRESIDENTIAL_REGULATION,
    RegulationKind.MINISTERIAL_REGULATION,
    RegulationKind.AGENCY_REGULATION,
}
"""The rules that hold in every region; of any other kind it cannot be told, and it counts as the host's own."""
_ALIKE_EVERYWHERE = {ChannelKind.COUNTER, ChannelKind.BOX, ChannelKind.LAPOR}
"""The channels whose address, if they have one, is a place in the hall or the same for all of Indonesia."""
_PLACE = re.compile(r"queue\.\w+|\w+(?:\[[^\]]*\])?")


@frozen(kw_only=True)
class AdoptionItem:
    """What becomes of one thing of the host's.

    Attributes:
        key: where it stands in the host's blueprint, such as `service[nib]` or `queue.discipline`; of things that are
            not copied one by one, such as `officer`, all together. A lesson study links to it.
        uptake: adopted as it is; adapted, so that something is to be looked over or filled in; or skipped.
        why: the reason.
        at_host: what stands there at the host, where that helps to fill it in.
    """

    key: str
    uptake: Uptake
    why: str
    at_host: str | None = None


@frozen(kw_only=True)
class Adoption:
    """The record of a pattern that was taken over.

    Attributes:
        host, host_name, host_digest: whose pattern it is, and the digest of the blueprint it was taken from.
        region: the id of the new mall.
        digest: of the new blueprint as it was written, so that it can be told whether it was changed since.
        adopted_on: the local date.
        items: every thing of the host's.
        blanks: what `check` finds in the new blueprint on that date: what is to be filled in, and what was amiss at the
            host already.
    """

    host: str
    host_name: str
    host_digest: str
    region: str
    digest: str
    adopted_on: date
    items: tuple[AdoptionItem, ...]
    blanks: tuple[Finding, ...]


def adopt(
    host: Blueprint,
    *,
    region: str,
    on: date,
    out: str | Path,
    name: str | None = None,
    name_english: str | None = None,
    zone: str | None = None,
    register: Register = MappingProxyType({}),
) -> Adoption:
    """Write a new blueprint after the pattern of a host's, what is the host's own left blank; all of it or nothing.

    Args:
        host: the blueprint of the mall whose pattern is taken over.
        region: the id of the new mall; its streams will begin with it.
        on: the local date.
        out: a folder that does not exist yet, or is empty, in one that does.
        name: what citizens will read; left blank without one.
        name_english: the same in English.
        zone: its time zone; the host's without one.
        register: the policies the host's blueprint was loaded with, if any.

    Raises:
        InvalidValueError: an argument cannot be, or the folder has files in it or cannot be written.
        BlueprintError: what would be written cannot be loaded, such as a policy that no file names.
    """
    _check_arguments(host, region, on, name, name_english, zone)
    new, items = _adapted(host, region, on, name=name, name_english=name_english, zone=zone)
    blanks = check(new, on)
    record = Adoption(
        host=host.id,
        host_name=host.name,
        host_digest=host.digest,
        region=region,
        digest=new.digest,
        adopted_on=on,
        items=items,
        blanks=blanks,
    )
    files = {**as_files(as_document(new), _notes(host, record)), RECORD: record_as_json(record)}
    _write(files, Path(out), register)
    return record


def record_as_json(record: Adoption) -> str:
    """Return the record as it stands in its file: its attributes by their names, dates as ISO 8601."""

    def plain(_: object, __: object, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    return json.dumps(attrs.asdict(record, value_serializer=plain), indent=2, ensure_ascii=False) + "\n"


def _check_arguments(
    host: Blueprint, region: str, on: date, name: str | None, name_english: str | None, zone: str | None
) -> None:
    check_id(region, "region")
    if region == host.id:
        raise InvalidValueError("region", region, "give the new mall another id than the host's")
    if type(on) is not date:
        raise InvalidValueError("on", on, "give a local date, without a time")
    given = (("name", name, text), ("name_english", name_english, text), ("zone", zone, zone_named))
    for place, value, right in given:
        answer = None if value is None else right(value)
        if isinstance(answer, Wrong):
            raise InvalidValueError(place, value, answer.allowed)


# --- what is taken over --------------------------------------------------------------------------------------------


def _adapted(
    host: Blueprint, region: str, on: date, *, name: str | None, name_english: str | None, zone: str | None
) -> tuple[Blueprint, tuple[AdoptionItem, ...]]:
    """Return the new blueprint, and what became of everything of the host's."""
    directory, calendar = host.directory, host.calendar
    services = tuple(_service(service, host) for service in directory.services)
    regulations = _regulations(host, services, on)
    workflows = tuple(_workflow(each, host, regulations) for each in host.newest_workflows)
    agencies = tuple(
        evolve(each, name=f"{TO_FILL_IN} nama {each.id}", name_english=f"{TO_FILL_IN} name of {each.id}")
        for each in directory.agencies
    )
    new = evolve(
        host,
        id=region,
        name=name or f"{TO_FILL_IN} nama mal",
        name_english=name_english or f"{TO_FILL_IN} name of the mall",
        calendar=evolve(
            calendar,
            zone=calendar.zone if zone is None else ZoneInfo(zone),
            closures=(),
            overlays=tuple(each for each in calendar.overlays if each.level is Level.NATION),
        ),
        directory=evolve(
            directory,
            agencies=agencies,
            services=tuple(_citing(service, regulations) for service in services),
            regulations=tuple(regulations.values()),
            participations=(),
            officers=(),
        ),
        workflows=workflows,
        zones=(),
        sources=(),
    )
    return new, tuple(_items(host, regulations))


def _service(service: Service, host: Blueprint) -> Service:
    """Return a service without what is the host's own: fees its region sets, how many staff it has, its addresses."""
    standard = service.standard
    return evolve(
        service,
        channels=_everywhere(service.channels),
        standard=evolve(
            standard,
            fees=standard.fees if _national_fees(standard.fees, host) else (),
            staff=None,
            complaints=_everywhere(standard.complaints),
        ),
    )


def _everywhere(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    return tuple(each for each in channels if each.kind in _ALIKE_EVERYWHERE)


def _national_fees(fees: tuple[Fee, ...], host: Blueprint) -> bool:
    """Tell whether rules that hold in every region set all of some fees."""
    return all(fee.basis is not None and host.directory.regulation(fee.basis).kind in _NATIONAL for fee in fees)


def _regulations(host: Blueprint, services: tuple[Service, ...], on: date) -> Mapping[str, Regulation]:
    """Return the new regulations by the host's ids: those of the nation, and a blank for each other that is cited."""
    there = host.directory.regulations
    cited = {basis for service in services for basis in service.standard.legal_basis}
    cited.update(rule for workflow in host.newest_workflows for rule in rules_of(workflow, there))
    taken = {each.id for each in there if each.kind in _NATIONAL}
    new = {}
    for each in there:
        if each.kind in _NATIONAL:
            new[each.id] = each
        elif each.id in cited:
            count = 1
            while f"{each.kind.value}-{count}" in taken:
                count += 1
            new_id = f"{each.kind.value}-{count}"
            taken.add(new_id)
            new[each.id] = Regulation(
                id=new_id, kind=each.kind, number=f"{TO_FILL_IN} nomor", year=on.year, about=each.about
            )
    return new


def _citing(service: Service, regulations: Mapping[str, Regulation]) -> Service:
    basis = tuple(regulations[each].id for each in service.standard.legal_basis)
    return evolve(service, standard=evolve(service.standard, legal_basis=basis))


def _workflow(workflow: Workflow, host: Blueprint, regulations: Mapping[str, Regulation]) -> Workflow:
    """Return a workflow on the new region's rules; which article of them it stands on is not known."""

    def basis(of_host: LegalBasis | None) -> LegalBasis | None:
        rule = cited_regulation(of_host, host.directory.regulations)
        if rule is None or rule.kind in _NATIONAL:
            return of_host if rule else None
        return regulations[rule.id].basis()

    reasons = tuple(evolve(each, basis=basis(each.basis)) for each in workflow.reasons)
    return evolve(workflow, term_basis=basis(workflow.term_basis), reasons=reasons)


# --- the record ----------------------------------------------------------------------------------------------------


def _item(key: str, uptake: Uptake, why: str, at_host: str | None = None) -> AdoptionItem:
    return AdoptionItem(key=key, uptake=uptake, why=why, at_host=at_host)


def _items(host: Blueprint, regulations: Mapping[str, Regulation]) -> Iterator[AdoptionItem]:
    yield _item(
        "mall",
        Uptake.ADAPT,
        "its id and name are your own; see whether time zone and `invented` hold in your region too",
        host.name,
    )
    yield from _calendar_items(host)
    stated = told(host.policies, host.registered)
    for slot in SLOTS:
        why = "the rule is copied; no law lays down its figures, each regency decides"
        yield _item(f"queue.{slot}", Uptake.ADOPT, why, str(stated[slot].get("policy", "")) or None)
    directory = host.directory
    for rule in directory.regulations:
        key = f"regulation[{rule.id}]"
        if rule.kind in _NATIONAL:
            yield _item(key, Uptake.ADOPT, "it holds in every region", rule.cite())
        elif rule.id in regulations:
            why = f"it is cited; {regulations[rule.id].id} waits for what your region has in its place"
            yield _item(key, Uptake.ADAPT, why, rule.cite())
        else:
            yield _item(key, Uptake.SKIP, "it is the host's own, and nothing that is copied needs it", rule.cite())
    for agency in directory.agencies:
        why = "its kind is copied; the office in your region has its own name"
        yield _item(f"agency[{agency.id}]", Uptake.ADAPT, why, agency.name)
    if directory.participations:
        why = "by which rule and from when an agency takes part is agreed in each region"
        yield _item("participation", Uptake.SKIP, why, _rows(directory.participations))
    for service in directory.services:
        yield from _service_items(service, host)
    for counter in directory.counters:
        why = "the counter and its services are copied; officers are your own"
        yield _item(f"counter[{counter.id}]", Uptake.ADOPT, why, counter.name)
    if directory.officers:
        yield _item("officer", Uptake.SKIP, "they are the host's staff", _rows(directory.officers))
    for facility in directory.facilities:
        why = "copied as something to have; take out what your mall will not have"
        yield _item(f"facility[{facility.id}]", Uptake.ADOPT, why, facility.name)
    for role in directory.roles:
        yield _item(f"role[{role.id}]", Uptake.ADOPT, "copied; which officers have it is your own", role.name)
    for workflow in host.workflows:
        uptake, why = Uptake.SKIP, "an older version; no application of yours runs on it"
        if workflow in host.newest_workflows:
            uptake, why = Uptake.ADAPT, "its steps are copied; who decides, and within what days, each region decrees"
        yield _item(f"workflow[{workflow.id}, {workflow.version}]", uptake, why, workflow.name)
    for section, policy in told_of_permits(host.permit_policies).items():
        yield _item(section, Uptake.ADAPT, "copied; look whether it is right for your region", str(policy["policy"]))
    if host.survey != SurveyTerms():
        yield _item("survey", Uptake.ADOPT, "on what terms visitors are asked is copied")
    if host.zones:
        yield _item("zone", Uptake.SKIP, "limits come from studies and plans of the region", _rows(host.zones))


def _calendar_items(host: Blueprint) -> Iterator[AdoptionItem]:
    calendar = host.calendar
    yield _item("hours", Uptake.ADOPT, "the hours of the week are copied" if calendar.hours else "it never closes")
    yield _item("calendar", Uptake.ADOPT, "whether holidays and joint leave are closed is copied")
    if calendar.special_hours:
        yield _item("special_hours", Uptake.ADOPT, "other hours on some days are copied, as are the hours of the week")
    if calendar.closures:
        why = "closed days are the host's own"
        yield _item("closure", Uptake.SKIP, why, _rows(calendar.closures))
    for level in Level:
        decrees = [each for each in calendar.overlays if each.level is level]
        if decrees:
            national = level is Level.NATION
            why = "decrees of the nation hold in every region" if national else "decrees of the host's region or mall"
            yield _item(f"overlay[{level}]", Uptake.ADOPT if national else Uptake.SKIP, why, _rows(decrees))


def _rows(things: Sized) -> str:
    return f"{len(things)} {'row' if len(things) == 1 else 'rows'}"


def _service_items(service: Service, host: Blueprint) -> Iterator[AdoptionItem]:
    key, standard = f"service[{service.id}]", service.standard
    why = "the service and what else its standard says are copied; your region decrees its own standards"
    yield _item(key, Uptake.ADAPT, why, service.name)
    if standard.fees and not _national_fees(standard.fees, host):
        told_of = "; ".join(_fee(fee, host) for fee in standard.fees)
        yield _item(f"{key}.standard.fees", Uptake.SKIP, "your own region sets them", told_of)
    if standard.staff is not None:
        yield _item(f"{key}.standard.staff", Uptake.SKIP, "it counts the host's staff", str(standard.staff))
    for place, channels in (("standard.complaints", standard.complaints), ("channels", service.channels)):
        if channels != _everywhere(channels):
            kinds = ", ".join(dict.fromkeys(each.kind.value for each in channels))
            yield _item(f"{key}.{place}", Uptake.ADAPT, "addresses are the host's own; give yours", kinds)


def _fee(fee: Fee, host: Blueprint) -> str:
    amount = fee.what if fee.amount_rupiah is None else f"Rp{fee.amount_rupiah:,}"
    return f"{amount}, {host.directory.regulation(fee.basis).cite()}" if fee.basis else str(amount)


# --- the files -----------------------------------------------------------------------------------------------------


def _notes(host: Blueprint, record: Adoption) -> Mapping[str, list[str]]:
    """Return the comments of the new files by the place they stand at: each blank, and what the record skips there."""
    pattern = f"Taken over from {host.name} ({host.id}) on {record.adopted_on.isoformat()}; {RECORD} says what and why."
    notes = {"": [pattern, f"`mppkit blueprint check` lists what is marked {TO_FILL_IN} here."]}
    for blank in record.blanks:
        home = _PLACE.match(blank.place)
        law = f" ({blank.basis.cite()})" if blank.basis else ""
        note = f"{TO_FILL_IN} {blank.place}: {blank.found or 'missing'}: {blank.remedy}{law} [{blank.code}]"
        notes.setdefault(home[0] if home else "", []).append(note)
    for item in record.items:
        home = _PLACE.match(item.key)
        if home and item.at_host and (item.uptake is Uptake.SKIP or item.key.startswith("agency[")):
            notes.setdefault(home[0], []).append(f"At the host, {item.key}: {item.at_host}")
    return notes


def _write(files: Mapping[str, str], out: Path, register: Register) -> None:
    """Write files into a new folder: beside it first, and there only what loads, so that it is never there by half."""
    remedy = "give a folder that is new or empty, in one that is there and can be written"
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InvalidValueError("out", str(out), remedy)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as beside:
            whole = Path(beside) / out.name
            whole.mkdir()
            for name, content in files.items():
                (whole / name).write_text(content, encoding="utf-8", newline="\n")
            load_blueprint(whole, register=register)
            if out.exists():
                out.rmdir()  # an empty folder in the way; refused if somebody has put something in since
            whole.rename(out)
    except OSError as failed:
        raise InvalidValueError("out", str(out), f"{failed.strerror or failed}: {remedy}") from failed
