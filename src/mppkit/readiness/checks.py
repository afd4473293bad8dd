"""The checks that an instrument may name: each a pure function from what is known to met, not met or unknown, and why.

What a check cannot see is unknown; the item's evidence may then stand in for it, where the item takes any.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from mppkit.decisions import Reason
from mppkit.readiness.facts import Facts
from mppkit.readiness.model import Limits, State

_NAMED = 10


class Verdict(NamedTuple):
    """What a check says: the state, and why."""

    state: State
    reason: Reason


Check = Callable[[Facts, Limits, date], Verdict]
"""Looks at what is known, with an instrument's limits, on a local date."""


def _met(code: str, indonesian: str, english: str) -> Verdict:
    return Verdict(State.MET, Reason(code=code, indonesian=indonesian, english=english))


def _not_met(code: str, indonesian: str, english: str) -> Verdict:
    return Verdict(State.NOT_MET, Reason(code=code, indonesian=indonesian, english=english))


def _unknown(code: str, indonesian: str, english: str) -> Verdict:
    return Verdict(State.UNKNOWN, Reason(code=code, indonesian=indonesian, english=english))


def _named(ids: Sequence[str], more: str) -> str:
    """Return ids as a message may name them: the first ten, and how many more."""
    named = ", ".join(ids[:_NAMED])
    return named if len(ids) <= _NAMED else f"{named} {more.format(len(ids) - _NAMED)}"


def _indonesian(ids: Sequence[str]) -> str:
    return _named(ids, "dan {} lagi")


def _english(ids: Sequence[str]) -> str:
    return _named(ids, "and {} more")


# --- who and what is there -----------------------------------------------------------------------------------------


def standards_complete(facts: Facts, limits: Limits, on: date) -> Verdict:
    """All services have a standard with its 14 components."""
    ids = facts.incomplete_standards
    if ids:
        return _not_met(
            "standards_incomplete",
            f"Standar pelayanan belum lengkap: {_indonesian(ids)}.",
            f"Standards are incomplete: {_english(ids)}.",
        )
    if ids is None or facts.services is None:
        return _unknown(
            "standards_unknown",
            "Standar pelayanan belum diperiksa.",
            "Nobody has looked at the standards.",
        )
    if not facts.services:
        return _no_services()
    return _met(
        "standards_complete",
        f"Standar pelayanan lengkap untuk {facts.services} layanan.",
        f"The standards of {facts.services} services are complete.",
    )


def services_at_counters(facts: Facts, limits: Limits, on: date) -> Verdict:
    """Every service is given at a counter."""
    ids = facts.services_without_counter
    if ids:
        return _not_met(
            "services_without_counter",
            f"Layanan tanpa loket: {_indonesian(ids)}.",
            f"Services that no counter gives: {_english(ids)}.",
        )
    if ids is None or facts.services is None:
        return _unknown(
            "services_at_counters_unknown",
            "Loket setiap layanan belum diperiksa.",
            "Nobody has looked where the services are given.",
        )
    if not facts.services:
        return _no_services()
    return _met(
        "services_at_counters",
        f"Semua {facts.services} layanan ada loketnya.",
        f"All {facts.services} services have a counter.",
    )


def _no_services() -> Verdict:
    return _not_met("no_services", "Belum ada satu pun layanan.", "There is not one service.")


def agencies_under_rule(facts: Facts, limits: Limits, on: date) -> Verdict:
    """Every agency takes part under a rule in force."""
    ids = facts.agencies_without_rule
    if ids is None:
        return _unknown(
            "agencies_unknown",
            "Dasar keikutsertaan instansi belum diperiksa.",
            "Nobody has looked under which rules the agencies take part.",
        )
    if ids:
        return _not_met(
            "agencies_without_rule",
            f"Instansi tanpa dasar hukum yang berlaku: {_indonesian(ids)}.",
            f"Agencies without a rule in force: {_english(ids)}.",
        )
    return _met(
        "agencies_under_rule",
        "Semua instansi ikut serta berdasarkan aturan yang berlaku.",
        "All agencies take part under a rule in force.",
    )


def counters_staffed(facts: Facts, limits: Limits, on: date) -> Verdict:
    """Every counter has an officer."""
    ids = facts.counters_without_officer
    if ids is None:
        return _unknown(
            "counters_unknown",
            "Petugas loket belum diperiksa.",
            "Nobody has looked who serves at the counters.",
        )
    if ids:
        return _not_met(
            "counters_without_officer",
            f"Loket tanpa petugas: {_indonesian(ids)}.",
            f"Counters without an officer: {_english(ids)}.",
        )
    return _met("counters_staffed", "Semua loket ada petugasnya.", "All counters have an officer.")


def opens_soon(facts: Facts, limits: Limits, on: date) -> Verdict:
    """The hours are laid down, and the mall opens in the days ahead."""
    if facts.open_days is None or facts.days_ahead is None:
        return _unknown("hours_unknown", "Jam pelayanan belum ditetapkan.", "No opening hours are laid down.")
    if not facts.open_days:
        return _not_met(
            "never_opens",
            f"Mal tidak buka satu hari pun dalam {facts.days_ahead} hari ke depan.",
            f"The mall is closed on all of the next {facts.days_ahead} days.",
        )
    return _met(
        "opens",
        f"Mal buka {facts.open_days} hari dalam {facts.days_ahead} hari ke depan.",
        f"The mall opens on {facts.open_days} of the next {facts.days_ahead} days.",
    )


# --- what was tried and set up -------------------------------------------------------------------------------------


def survey_ready(facts: Facts, limits: Limits, on: date) -> Verdict:
    """The satisfaction survey is set up: its codes outlive the process that prints them, or it needs none."""
    if facts.survey_ready is None:
        return _unknown(
            "survey_unknown",
            "Kesiapan survei tidak terlihat: mal dibuka tanpa kunci rahasia survei, dan jawaban tanpa kode tidak "
            "diterima.",
            "Whether the survey is set up cannot be seen: the mall was opened without a survey secret, and answers "
            "without a code are not taken.",
        )
    if not facts.survey_ready:
        return _not_met(
            "survey_missing",
            "Survei kepuasan belum siap.",
            "The satisfaction survey is not set up.",
        )
    return _met("survey_ready", "Survei kepuasan sudah siap.", "The satisfaction survey is set up.")


def rehearsed(facts: Facts, limits: Limits, on: date) -> Verdict:
    """The mall was rehearsed, and not too long ago."""
    done_on = facts.rehearsed_on
    if done_on is None or done_on > on:
        return _unknown("rehearsal_unknown", "Belum ada gladi yang tercatat.", "No rehearsal is on record.")
    if (on - done_on).days > limits.rehearsed_within_days:
        return _not_met(
            "rehearsal_old",
            f"Gladi terakhir {done_on.isoformat()}, lebih dari {limits.rehearsed_within_days} hari lalu.",
            f"Last rehearsed on {done_on.isoformat()}, more than {limits.rehearsed_within_days} days ago.",
        )
    return _met("rehearsed", f"Gladi pada {done_on.isoformat()}.", f"Rehearsed on {done_on.isoformat()}.")


def waits_within_promise(facts: Facts, limits: Limits, on: date) -> Verdict:
    """In the rehearsal enough visitors waited no longer than promised; few waits say nothing."""
    share, n, minutes = facts.within_promise, facts.waits, facts.promise_minutes
    if share is None or n is None or minutes is None:
        return _unknown(
            "waits_unknown",
            "Waktu tunggu belum diuji terhadap janjinya.",
            "The waits were not held against the promise.",
        )
    if n < limits.least_waits:
        return _unknown(
            "waits_too_few",
            f"Baru {n} waktu tunggu yang diukur; perlu sedikitnya {limits.least_waits}.",
            f"Only {n} waits were measured; it takes {limits.least_waits} to say anything.",
        )
    indonesian = f"{_percent(share).replace('.', ',')} dari {n} waktu tunggu dalam {minutes:g} menit"
    english = f"{_percent(share)} of {n} waits were within {minutes:g} minutes"
    if share < limits.within_promise_share:
        least = f"{limits.within_promise_share:.0%}"
        return _not_met("waits_too_long", f"{indonesian}; perlu {least}.", f"{english}; it takes {least}.")
    return _met("waits_within_promise", f"{indonesian}.", f"{english}.")


def _percent(share: float) -> str:
    """Return a share as per cent, never rounded up: 79.96 % is not 80."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f}%"


def backed_up(facts: Facts, limits: Limits, on: date) -> Verdict:
    """The store was backed up, and not too long ago."""
    done_on = facts.backed_up_on
    if done_on is None or done_on > on:
        return _unknown("backup_unknown", "Belum ada cadangan data yang tercatat.", "No backup is on record.")
    if (on - done_on).days > limits.backed_up_within_days:
        return _not_met(
            "backup_old",
            f"Cadangan data terakhir {done_on.isoformat()}, lebih dari {limits.backed_up_within_days} hari lalu.",
            f"Last backed up on {done_on.isoformat()}, more than {limits.backed_up_within_days} days ago.",
        )
    return _met("backed_up", f"Data dicadangkan {done_on.isoformat()}.", f"Backed up on {done_on.isoformat()}.")


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        check.__name__: check
        for check in (
            standards_complete,
            services_at_counters,
            agencies_under_rule,
            counters_staffed,
            opens_soon,
            survey_ready,
            rehearsed,
            waits_within_promise,
            backed_up,
        )
    }
)
"""The checks by name."""
