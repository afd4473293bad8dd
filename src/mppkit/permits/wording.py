"""Words in both languages, and what recurs in them: dates, days, steps, reasons."""

from collections.abc import Iterable

from attrs import frozen

from mppkit.decisions import LegalBasis, Reason
from mppkit.permits.capacity import Use
from mppkit.permits.model import Application, Investment


@frozen
class Words:
    """The same in both languages, and the rule behind it where there is one."""

    indonesian: str
    english: str
    basis: LegalBasis | None = None

    def __add__(self, more: "Words") -> "Words":
        """Return these words and more after them; the first rule stands."""
        return Words(
            " ".join(filter(None, (self.indonesian, more.indonesian))),
            " ".join(filter(None, (self.english, more.english))),
            self.basis or more.basis,
        )


NOTHING = Words("", "")


def working_days(n: int) -> tuple[str, str]:
    """Return a number of working days in Indonesian and in English."""
    return f"{n} hari kerja", f"{n} working day{'' if n == 1 else 's'}"


def steps(application: Application, ids: Iterable[str]) -> tuple[str, str]:
    """Return the names of steps in Indonesian and in English, in their order."""
    named = [application.workflow.step(each) for each in ids]
    return ", ".join(step.name for step in named), ", ".join(step.name_english for step in named)


def reasons(given: Iterable[Reason]) -> Words:
    """Return reasons as they stand, each with its rule."""
    words = NOTHING
    for reason in given:
        law = f" ({reason.basis.cite()})" if reason.basis else ""
        words += Words(_with_law(reason.indonesian, law), _with_law(reason.english, law), reason.basis)
    return words


def _with_law(sentence: str, law: str) -> str:
    """Put a rule before the full stop of a sentence."""
    return f"{sentence.removesuffix('.')}{law}."


def quoted(indonesian: str, english: str, text: str) -> Words:
    """Return what somebody wrote; nothing where nobody did."""
    return Words(f"{indonesian}: “{text}”.", f"{english}: “{text}”.") if text else NOTHING


def by_officer(officer: str) -> tuple[str, str]:
    """Return who did it, for the end of a clause."""
    return f" (petugas {officer})", f" (officer {officer})"


def _amounts(uses: Iterable[Use]) -> tuple[str, str]:
    amounts = [(use.resource, f"{use.amount:f}") for use in uses]
    indonesian = (f"{resource} {amount.replace('.', ',')}" for resource, amount in amounts)
    return "; ".join(indonesian), "; ".join(f"{resource} {amount}" for resource, amount in amounts)


def changes(investment: Investment | None, uses: Iterable[Use] | None) -> Words:
    """Return what an application or permit says of its business from now on; nothing where nothing changed."""
    words = NOTHING
    if investment is not None:
        rupiah, english = f"{investment.rupiah:,}".replace(",", "."), f"{investment.rupiah:,}"
        words += Words(
            f"Nilai investasi Rp{rupiah}, tenaga kerja {investment.jobs} orang.",
            f"Investment Rp {english}, jobs {investment.jobs}.",
        )
    if uses:
        indonesian, english = _amounts(uses)
        words += Words(f"Pemakaian daya dukung: {indonesian}.", f"Use of what the zone can carry: {english}.")
    return words
