"""From a KBLI code, scope and scale to the level of risk, and so to what a business needs before it may operate.

There is no default: where the table says nothing, the answer is that the business must be classified first. Nothing
here reads a file (`risk_table` does) or a clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial

from attrs import field, frozen

from mppkit.decisions import Decision, Outcome, Reason
from mppkit.errors import InvalidValueError, nearest
from mppkit.identity.recordable import checked_id
from mppkit.permits.risk_levels import (
    ENVIRONMENTAL,
    LICENSING,
    RISK_BASIS,
    Licensing,
    RiskLevel,
    RiskRow,
    Scale,
    checked_code,
    checked_edition,
    checked_source,
    clashes,
)

_DIGITS = "0123456789"
_LONGEST_GUESSED = 20


# --- what a table answers --------------------------------------------------------------------------------------------


class Nearness(StrEnum):
    """Why a code is near one that the table does not know."""

    SAME_SUBGROUP = "same_subgroup"
    """Only the last digit differs: the same *subgolongan*."""
    ONE_DIGIT = "one_digit"
    """One of the first four digits differs."""
    TRANSPOSED = "transposed"
    """Two neighbouring digits stand the other way round."""
    OTHER_EDITION = "other_edition"
    """The very code, of another edition, where it may mean something else; never used in its place."""


@frozen(kw_only=True)
class NearMiss:
    """A code that may have been meant; only people can tell."""

    edition: str
    code: str
    title: str
    nearness: Nearness


@frozen(kw_only=True)
class Scope:
    """A scope under a code, to choose from."""

    id: str
    title: str


@frozen(kw_only=True)
class Classification:
    """What a table says of a business.

    Attributes:
        edition, code, scale, scope: what was asked.
        decision: granted with the level, or what is needed first; the table's own doubts are its warnings.
        row: the one row that the level comes from; None where nothing was granted.
        near_misses: codes that may have been meant, where the code is not in the table.
        scopes: the scopes of the code, where one must be chosen.
        scales: the scales that are covered, where the one that was asked is not.
        source: of the table; illustrative: whether its levels are invented.

    Raises:
        InvalidValueError: a level without a yes, or a yes without a level.
    """

    edition: str
    code: str
    scale: Scale
    scope: str | None
    decision: Decision
    row: RiskRow | None = None
    near_misses: tuple[NearMiss, ...] = ()
    scopes: tuple[Scope, ...] = ()
    scales: tuple[Scale, ...] = ()
    source: str
    illustrative: bool

    def __attrs_post_init__(self) -> None:
        if self.decision.is_granted is (self.row is None):
            raise InvalidValueError("row", self.row, "give the row exactly where the decision is granted")

    @property
    def level(self) -> RiskLevel | None:
        """The level of risk; None where the business must be classified first."""
        return self.row.level if self.row else None

    @property
    def licensing(self) -> Licensing | None:
        """What the business needs, and when it may operate; None where there is no level."""
        return LICENSING[self.row.level] if self.row else None


_ILLUSTRATIVE = Reason(
    code="risk_table_illustrative",
    indonesian="Tabel risiko ini contoh rekaan; tingkatnya bukan menurut hukum. Jangan dipakai untuk memutus.",
    english="This table of risks is an invented example; its levels are not the law's. Decide nothing by them.",
)
_REQUIREMENTS_UNKNOWN = Reason(
    code="risk_basic_requirements_unknown",
    indonesian="Tabel ini tidak menyebut persyaratan dasarnya; periksa tersendiri.",
    english="This table does not say which basic requirements there are; look them up.",
)


@frozen(kw_only=True)
class RiskTable:
    """The levels of risk by edition, code, scope and scale.

    Attributes:
        source: where the levels come from, such as a regulation and its annex.
        illustrative: whether they are invented; every answer then warns of it.
        rows: in any order; no two speak of the same edition, code, scope and scale.

    Raises:
        InvalidValueError: two rows clash.

    >>> row = RiskRow(edition="2025", code="99001", scales=(Scale.MIKRO,), level=RiskLevel.RENDAH,
    ...     basic_requirements=(), sector="pariwisata", title="Vila (rekaan)")
    >>> table = RiskTable(source="rekaan", rows=(row,))
    >>> table.classify(edition="2025", code="99001", scale="mikro").level
    <RiskLevel.RENDAH: 'rendah'>
    >>> answer = table.classify(edition="2025", code="99010", scale="mikro")
    >>> answer.level is None, answer.near_misses[0].code, answer.near_misses[0].nearness.value
    (True, '99001', 'transposed')
    """

    source: str
    illustrative: bool = False
    rows: tuple[RiskRow, ...] = field(repr=lambda rows: f"<{len(rows)} rows>")
    _by_code: Mapping[tuple[str, str], Sequence[RiskRow]] = field(init=False, repr=False, eq=False)

    @_by_code.default
    def _index(self) -> Mapping[tuple[str, str], Sequence[RiskRow]]:
        index: dict[tuple[str, str], list[RiskRow]] = {}
        for row in self.rows:
            index.setdefault((row.edition, row.code), []).append(row)
        return index

    def __attrs_post_init__(self) -> None:
        checked_source(self.source)
        for clash in clashes(self.rows):
            code = self.rows[clash.row].code
            raise InvalidValueError(f"rows[{clash.row}]", code, clash.remedy(f"rows[{clash.earlier}]"))

    @property
    def editions(self) -> tuple[str, ...]:
        """The editions of the KBLI of which it has rows, the oldest first."""
        return tuple(sorted({edition for edition, _ in self._by_code}))

    def classify(self, *, edition: str, code: str, scale: Scale | str, scope: str | None = None) -> Classification:
        """Tell the level of risk of a business, or what must be said first; never a level that no row gives.

        Where a code has one scope none need be given; where it has several, one must.

        Raises:
            InvalidValueError: the edition is none of this table's, the code has not five digits, there is no such
                scale, or the scope is no id; names what is near.
        """
        self._check(edition, code)
        scale = _as_scale(scale)
        if scope is not None:
            checked_id(scope, "scope")
        say = partial(
            Classification,
            edition=edition,
            code=code,
            scale=scale,
            scope=scope,
            source=self.source,
            illustrative=self.illustrative,
        )
        rows = self._by_code.get((edition, code), ())
        if not rows:
            near = tuple(self._near(edition, code))
            return say(decision=self._needs_first(_unknown_code(edition, code, near)), near_misses=near)
        scopes = {row.scope: Scope(id=row.scope, title=row.scope_title) for row in rows if row.scope is not None}
        if scope not in scopes and (scope is not None or len(scopes) > 1):
            needed = _scope_first(edition, code, scope, tuple(scopes))
            return say(decision=self._needs_first(needed), scopes=tuple(scopes.values()))
        within = [row for row in rows if scope is None or row.scope == scope]
        for row in within:
            if scale in row.scales:
                return say(decision=self._granted(row, scale), row=row)
        covered = tuple(each for each in Scale if any(each in row.scales for row in within))
        return say(decision=self._needs_first(_scale_first(edition, code, scale, covered)), scales=covered)

    def _check(self, edition: str, code: str) -> None:
        checked_edition(edition)
        if edition not in self.editions:
            there = f"this table has {', '.join(self.editions) or 'no rows'}"
            raise InvalidValueError("edition", edition, there + _meant(edition, self.editions))
        try:
            checked_code(code)
        except InvalidValueError as wrong:
            codes = (known for of, known in self._by_code if of == edition)
            raise InvalidValueError("code", code, wrong.remedy + _meant(code, codes)) from None

    def _near(self, edition: str, code: str) -> Iterator[NearMiss]:
        """Return the codes that may have been meant, those of the same edition first."""
        candidates = [(edition, near, nearness) for near, nearness in _variants(code)]
        candidates += [(other, code, Nearness.OTHER_EDITION) for other in self.editions if other != edition]
        for of, near, nearness in candidates:
            for row in self._by_code.get((of, near), ())[:1]:
                yield NearMiss(edition=of, code=near, title=row.title, nearness=nearness)

    def _granted(self, row: RiskRow, scale: Scale) -> Decision:
        warnings = () if row.basic_requirements is not None else (_REQUIREMENTS_UNKNOWN,)
        return Decision.granted(*_reasons(row, scale, self.source), warnings=self._doubts + warnings)

    def _needs_first(self, reason: Reason) -> Decision:
        return Decision(outcome=Outcome.NEEDS_FIRST, reasons=(reason,), warnings=self._doubts)

    @property
    def _doubts(self) -> tuple[Reason, ...]:
        return (_ILLUSTRATIVE,) if self.illustrative else ()


def _as_scale(value: Scale | str) -> Scale:
    try:
        return Scale(value)
    except ValueError:
        remedy = f"give one of {', '.join(Scale)}" + _meant(value, Scale)
        raise InvalidValueError("scale", value, remedy) from None


def _meant(value: object, among: Iterable[str]) -> str:
    near = nearest(value.lower(), among) if isinstance(value, str) and len(value) <= _LONGEST_GUESSED else None
    return f"; did you mean '{near}'?" if near else ""


def _variants(code: str) -> Iterator[tuple[str, Nearness]]:
    """Return each code that is one slip away, and the code itself, which is looked for only where it is not there."""
    for digit in _DIGITS:
        yield code[:-1] + digit, Nearness.SAME_SUBGROUP
    for at in range(len(code) - 1):
        yield code[:at] + code[at + 1] + code[at] + code[at + 2 :], Nearness.TRANSPOSED
    for at in range(len(code) - 1):
        for digit in _DIGITS:
            yield code[:at] + digit + code[at + 1 :], Nearness.ONE_DIGIT


# --- why -------------------------------------------------------------------------------------------------------------


def _reasons(row: RiskRow, scale: Scale, source: str) -> Iterator[Reason]:
    """Return why a business has a level and what follows: the level by the table, the rest by the law."""
    licensing = LICENSING[row.level]
    of = f"KBLI {row.edition} {row.code}" + (f", {row.scope}" if row.scope else "")
    yield Reason(
        code="risk_level",
        indonesian=f"{row.title} ({of}), usaha {scale}: risiko {licensing.name}, menurut {source}.",
        english=f"{row.title_english or row.title} ({of}), {scale.english} scale: {licensing.name_english} "
        f"risk, by {source}.",
    )
    yield Reason(code="risk_licensing", indonesian=licensing.indonesian, english=licensing.english, basis=RISK_BASIS)
    if row.basic_requirements:
        labels = ", ".join(each.label for each in row.basic_requirements)
        yield Reason(
            code="risk_basic_requirements",
            indonesian=f"Persyaratan dasar: {labels}.",
            english=f"Basic requirements: {labels}.",
            basis=RISK_BASIS,
        )


def _unknown_code(edition: str, code: str, near: Sequence[NearMiss]) -> Reason:
    here = [each.code for each in near if each.edition == edition]
    others = [each.edition for each in near if each.edition != edition]
    indonesian = f"KBLI {edition} {code} tidak ada dalam tabel; perlu klasifikasi dahulu."
    english = f"KBLI {edition} {code} is not in the table; it needs classification first."
    if here:
        indonesian += f" Yang mirip: {', '.join(here)}."
        english += f" Near it: {', '.join(here)}."
    if others:
        lists = ", ".join(others)
        indonesian += f" Kode itu ada dalam KBLI {lists}, tetapi di sana artinya bisa lain."
        english += f" The code is in KBLI {lists}, where it may mean something else."
    return Reason(code="risk_needs_classification", indonesian=indonesian, english=english)


def _scope_first(edition: str, code: str, scope: str | None, there: Sequence[str]) -> Reason:
    of = f"KBLI {edition} {code}"
    if not there:
        return Reason(
            code="risk_scope_unknown",
            indonesian=f"{of} tidak dibagi menurut ruang lingkup; tanyakan tanpa ruang lingkup {scope}.",
            english=f"{of} is not divided into scopes; ask without the scope {scope}.",
        )
    scopes = ", ".join(there)
    if scope is None:
        return Reason(
            code="risk_scope_needed",
            indonesian=f"{of} punya beberapa ruang lingkup; sebut salah satu: {scopes}.",
            english=f"{of} has several scopes; name one of them: {scopes}.",
        )
    return Reason(
        code="risk_scope_unknown",
        indonesian=f"{of} tidak punya ruang lingkup {scope}; yang ada: {scopes}.",
        english=f"{of} has no scope {scope}; there are {scopes}{_meant(scope, there) or '.'}",
    )


def _scale_first(edition: str, code: str, scale: Scale, covered: Sequence[Scale]) -> Reason:
    of, scales = f"KBLI {edition} {code}", ", ".join(covered)
    return Reason(
        code="risk_scale_not_covered",
        indonesian=f"Tabel tidak menyebut {of} untuk usaha {scale}, hanya {scales}; perlu klasifikasi dahulu.",
        english=f"The table does not say {of} for the scale {scale}, only {scales}; it needs classification first.",
    )


# --- as facts --------------------------------------------------------------------------------------------------------


def classification_facts(classification: Classification) -> dict[str, object]:
    """Return a classification as `mppkit permits classify --json` prints it; every key is always there, in this order.

    What is not known is null: all of the row where nothing was granted; `basic_requirements` and `environmental` also
    where the table does not say. `near_misses`, `scopes` and `scales` are what to choose from, empty where granted.
    """
    row, licensing, decision = classification.row, classification.licensing, classification.decision
    asked = row.basic_requirements if row else None
    return {
        "edition": classification.edition,
        "code": classification.code,
        "scale": classification.scale.value,
        "scope": row.scope if row else classification.scope,
        "outcome": decision.outcome.value,
        "level": row.level.value if row else None,
        "licences": [each.value for each in licensing.licences] if licensing else None,
        "operation": licensing.operation.value if licensing else None,
        "basic_requirements": [each.value for each in asked] if asked is not None else None,
        "environmental": next((each.value for each in asked or () if each in ENVIRONMENTAL), None),
        "sector": row.sector if row else None,
        "title": row.title if row else None,
        "title_english": row.title_english or None if row else None,
        "reasons": [_reason_facts(each) for each in decision.reasons],
        "warnings": [_reason_facts(each) for each in decision.warnings],
        "near_misses": [
            {"edition": each.edition, "code": each.code, "title": each.title, "nearness": each.nearness.value}
            for each in classification.near_misses
        ],
        "scopes": [{"id": each.id, "title": each.title} for each in classification.scopes],
        "scales": [each.value for each in classification.scales],
        "source": classification.source,
        "illustrative": classification.illustrative,
    }


def _reason_facts(reason: Reason) -> dict[str, object]:
    basis = reason.basis
    return {
        "code": reason.code,
        "indonesian": reason.indonesian,
        "english": reason.english,
        "basis": {"cites": basis.cite(), "verified": basis.verified} if basis else None,
    }
