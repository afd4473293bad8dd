"""The minutes of a lesson study (*notulen studi tiru*): what a delegation takes home, as Markdown that reads as text.

Indonesian first, English beside it; what people wrote stands as they wrote it.
"""

import re
from collections.abc import Iterator
from datetime import date

from mppkit.lessons.model import Observation, Resolution, SubjectKind, Uptake, Visit
from mppkit.lessons.wording import Language, day

_KINDS = {
    SubjectKind.SERVICE: "Layanan / Service",
    SubjectKind.COUNTER: "Loket / Counter",
    SubjectKind.POLICY: "Kebijakan / Policy",
    SubjectKind.FACILITY: "Sarana / Facility",
    SubjectKind.OTHER: "Lain-lain / Other",
}
_UPTAKES = {
    Uptake.ADOPT: "Diterapkan / Adopted",
    Uptake.ADAPT: "Disesuaikan / Adapted",
    Uptake.SKIP: "Dilewati / Skipped",
}
_CAUTION = (
    "Selisih bukan bukti sebab: musim, hari libur dan perubahan lain ikut di dalamnya. / "
    "A difference does not prove its cause: seasons, holidays and other changes are in it too."
)
_MARKS = re.compile(r"([\\`*<\[])")


def minutes(visit: Visit) -> str:
    """Return the minutes of a visit as it stands, in Markdown."""
    return "\n".join(_lines(visit)) + "\n"


def _as_written(text: str) -> str:
    """Return what somebody wrote so that no sign in it means anything to Markdown or HTML."""
    return _MARKS.sub(r"\\\1", text)


def _lines(visit: Visit) -> Iterator[str]:
    region = _as_written(visit.delegation.region)
    yield f"# Notulen studi tiru: {region} ke {visit.host} / Minutes of a lesson study: {region} to {visit.host}"
    yield ""
    people = visit.delegation.people
    yield f"Rombongan {people} orang / A delegation of {people}. {_standing(visit)}"
    yield from ("", "## Acara / Programme", "")
    for item in visit.programme:
        about = f": {_as_written(item.about)}" if item.about else ""
        yield f"- {_date(item.on)} — {_as_written(item.place)}{about}"
    yield from ("", "## Tanya jawab / Questions and answers", "")
    if not visit.questions:
        yield "Tidak ada. / None."
    for question in visit.questions:
        yield f"- {question.id}: {_as_written(question.text)}"
        yield f"  - {'Belum dijawab. / Not answered.' if question.answer is None else _as_written(question.answer)}"
    yield from ("", "## Yang dilihat dan diputuskan / What was seen and decided", "")
    if not visit.observations:
        yield "Tidak ada. / None."
    for seen in visit.observations:
        yield from _seen(seen)
    if any(seen.measurements for seen in visit.observations):
        yield from ("", _CAUTION)
    if visit.conclusion:
        yield from ("", "## Kesimpulan / Conclusion", "", _as_written(visit.conclusion))


def _standing(visit: Visit) -> str:
    if visit.closed_at is not None:
        return "Studi ini sudah ditutup. / This study is closed."
    undecided = len(visit.undecided)
    return f"Studi ini masih berjalan; belum diputuskan: {undecided}. / This study goes on; undecided: {undecided}."


def _date(on: date) -> str:
    indonesian, english = day(on, Language.INDONESIAN), day(on, Language.ENGLISH)
    return indonesian if indonesian == english else f"{indonesian} / {english}"


def _seen(seen: Observation) -> Iterator[str]:
    yield f"- {seen.id} · {_KINDS[seen.subject.kind]} {_as_written(seen.subject.id)}: {_as_written(seen.text)}"
    if seen.resolution is None:
        yield "  - Belum diputuskan. / Not decided."
    else:
        yield from _decided(seen.resolution)
    for measurement in seen.measurements:
        effect = measurement.effect
        yield f"  - {_as_written(effect.indonesian)} / {_as_written(effect.english)}"
        for warning in effect.warnings:
            yield f"    - {warning.indonesian} / {warning.english}"


def _decided(resolution: Resolution) -> Iterator[str]:
    yield f"  - **{_UPTAKES[resolution.uptake]}**: {_as_written(resolution.why)}"
    if resolution.how:
        yield f"    - Caranya / How: {_as_written(resolution.how)}"
    if resolution.item is not None:
        yield f"    - Butir / Item: {_as_written(resolution.item)}"
