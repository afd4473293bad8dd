"""Levels of risk, what follows from each, and the rows of a table that says which business has which, as values.

Licensing by risk (*perizinan berusaha berbasis risiko*) under PP 28/2025, known from reports; its text was not read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from attrs import frozen

from mppkit.decisions import LegalBasis
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_id, checked_text

_EDITION = re.compile(r"20[0-9]{2}")
_CODE = re.compile(r"[0-9]{5}")
_TITLE_AT_MOST = 500

RISK_BASIS = LegalBasis(regulation="PP 28/2025", verified=False)
"""The rule on licensing by risk; which article says what was not seen."""


# --- what there is ---------------------------------------------------------------------------------------------------


class RiskLevel(StrEnum):
    """The risk of a business activity (*tingkat risiko*), from the lowest to the highest."""

    RENDAH = "rendah"
    MENENGAH_RENDAH = "menengah_rendah"
    MENENGAH_TINGGI = "menengah_tinggi"
    TINGGI = "tinggi"


class Scale(StrEnum):
    """The scale of a business (*skala usaha*), from the smallest to the largest."""

    MIKRO = "mikro"
    KECIL = "kecil"
    MENENGAH = "menengah"
    BESAR = "besar"

    @property
    def english(self) -> str:
        """The same in English."""
        return _SCALES_ENGLISH[self.value]


_SCALES_ENGLISH = {"mikro": "micro", "kecil": "small", "menengah": "medium", "besar": "large"}


class Licence(StrEnum):
    """What a business holds by its level of risk (*perizinan berusaha*)."""

    NIB = "nib"
    """The business number (*nomor induk berusaha*)."""
    STANDARD_CERTIFICATE = "standard_certificate"
    """The standard certificate (*Sertifikat Standar*), self-declared."""
    VERIFIED_STANDARD_CERTIFICATE = "verified_standard_certificate"
    """The standard certificate, verified by the government."""
    IZIN = "izin"
    """The licence proper."""


class BasicRequirement(StrEnum):
    """What may be asked for before a licence (*persyaratan dasar*); not every activity needs all.

    Source: PP 28/2025, as reported. The environmental approval (*Persetujuan Lingkungan*) rests on one of three kinds
    of document: AMDAL, UKL-UPL or SPPL.
    """

    KKPR = "kkpr"
    """That it fits the spatial plan (*kesesuaian kegiatan pemanfaatan ruang*)."""
    AMDAL = "amdal"
    UKL_UPL = "ukl_upl"
    SPPL = "sppl"
    PBG = "pbg"
    """The approval of the building (*persetujuan bangunan gedung*)."""
    SLF = "slf"
    """That the building is fit for use (*sertifikat laik fungsi*)."""

    @property
    def label(self) -> str:
        """The name as people write it, such as `UKL-UPL`."""
        return self.value.upper().replace("_", "-")


ENVIRONMENTAL = frozenset({BasicRequirement.AMDAL, BasicRequirement.UKL_UPL, BasicRequirement.SPPL})
"""The kinds of environmental document, of which an activity needs one at most."""
ONE_ENVIRONMENTAL = "give one environmental document at most: amdal, ukl_upl or sppl"


class OperationStart(StrEnum):
    """When a business may begin to operate."""

    AT_ONCE = "at_once"
    ON_CERTIFICATE = "on_certificate"
    AFTER_VERIFICATION = "after_verification"
    AFTER_IZIN = "after_izin"


@frozen(kw_only=True)
class Licensing:
    """What follows from a level of risk.

    Attributes:
        name, name_english: of the level.
        licences: what the business must hold.
        operation: when it may begin to operate.
        indonesian, english: both as one sentence to a citizen.
    """

    name: str
    name_english: str
    licences: tuple[Licence, ...]
    operation: OperationStart
    indonesian: str
    english: str


LICENSING: Mapping[RiskLevel, Licensing] = MappingProxyType(
    {
        RiskLevel.RENDAH: Licensing(
            name="rendah",
            name_english="low",
            licences=(Licence.NIB,),
            operation=OperationStart.AT_ONCE,
            indonesian="NIB; usaha boleh beroperasi begitu NIB terbit.",
            english="NIB; the business may operate as soon as it is issued.",
        ),
        RiskLevel.MENENGAH_RENDAH: Licensing(
            name="menengah rendah",
            name_english="medium-low",
            licences=(Licence.NIB, Licence.STANDARD_CERTIFICATE),
            operation=OperationStart.ON_CERTIFICATE,
            indonesian="NIB dan Sertifikat Standar (pernyataan mandiri); boleh beroperasi begitu sertifikat terbit.",
            english="NIB and standard certificate (self-declared); the business may operate once that is issued.",
        ),
        RiskLevel.MENENGAH_TINGGI: Licensing(
            name="menengah tinggi",
            name_english="medium-high",
            licences=(Licence.NIB, Licence.VERIFIED_STANDARD_CERTIFICATE),
            operation=OperationStart.AFTER_VERIFICATION,
            indonesian="NIB dan Sertifikat Standar terverifikasi; sebelum diverifikasi, usaha hanya boleh persiapan.",
            english="NIB and a verified standard certificate; until it is verified, the business may only prepare.",
        ),
        RiskLevel.TINGGI: Licensing(
            name="tinggi",
            name_english="high",
            licences=(Licence.NIB, Licence.IZIN),
            operation=OperationStart.AFTER_IZIN,
            indonesian="NIB dan Izin; sebelum Izin terbit, usaha hanya boleh persiapan.",
            english="NIB and licence (izin); until the licence is issued, the business may only prepare.",
        ),
    }
)
"""What follows from each level. Source: PP 28/2025, as reported."""


# --- a table of levels -----------------------------------------------------------------------------------------------


def checked_edition(value: str, place: str = "edition") -> str:
    """Return the edition of a KBLI list: the year of its regulation.

    Raises:
        InvalidValueError: it is no such year.
    """
    if not isinstance(value, str) or not _EDITION.fullmatch(value):
        raise InvalidValueError(place, value, "give the year of the KBLI list as text, such as '2025'")
    return value


def checked_code(value: str, place: str = "code") -> str:
    """Return a KBLI code (*kelompok*).

    Raises:
        InvalidValueError: it has not five digits.
    """
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise InvalidValueError(place, value, "give a KBLI code of five digits as text, a leading zero too")
    return value


def checked_title(value: str, place: str = "title") -> str:
    """Return the title of an activity or a scope.

    Raises:
        InvalidValueError: it is empty, longer than 500 characters or more than a line, or holds a long number.
    """
    return _title(value, place) if isinstance(value, str) else checked_text(value, place, _TITLE_AT_MOST)


@lru_cache(maxsize=1024)  # a code has a row for each scope and scale, and all of them say its title again
def _title(value: str, place: str) -> str:
    return checked_text(value, place, _TITLE_AT_MOST)


def checked_source(value: str, place: str = "source") -> str:
    """Return where a table comes from.

    Raises:
        InvalidValueError: it is empty, longer than 500 characters or more than a line, or holds a long number.
    """
    return checked_text(value, place, _TITLE_AT_MOST)


@frozen(kw_only=True)
class RiskRow:
    """One row of a table: the level of an activity for some scales.

    Attributes:
        edition: of the KBLI, such as `2025`; the same code may mean something else in another.
        code: five digits.
        scope: the id of the scope (*ruang lingkup*), where the code is divided into several; None for all of it.
        scope_title: what the scope is; may be empty.
        scales: for which scales it holds, one or more.
        basic_requirements: what is asked for first; empty for nothing, None where the table does not say.
        sector: the id of the sector, such as `pariwisata`.
        title: of the code; title_english: may be empty.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    edition: str
    code: str
    scope: str | None = None
    scope_title: str = ""
    scales: tuple[Scale, ...]
    level: RiskLevel
    basic_requirements: tuple[BasicRequirement, ...] | None = None
    sector: str
    title: str
    title_english: str = ""

    def __attrs_post_init__(self) -> None:
        checked_edition(self.edition)
        checked_code(self.code)
        if self.scope is not None:
            checked_id(self.scope, "scope")
        checked_id(self.sector, "sector")
        checked_title(self.title)
        for place, title in (("scope_title", self.scope_title), ("title_english", self.title_english)):
            if title != "":
                checked_title(title, place)
        if not isinstance(self.level, RiskLevel):
            raise InvalidValueError("level", self.level, f"give one of {', '.join(RiskLevel)}")
        _members(Scale, self.scales, "scales")
        if not self.scales:
            raise InvalidValueError("scales", self.scales, f"give one or more of {', '.join(Scale)}")
        asked = self.basic_requirements
        if asked is not None:
            _members(BasicRequirement, asked, "basic_requirements")
            if len(ENVIRONMENTAL.intersection(asked)) > 1:
                raise InvalidValueError("basic_requirements", ", ".join(asked), ONE_ENVIRONMENTAL)


def _members(kind: type[StrEnum], values: tuple[StrEnum, ...], place: str) -> None:
    if not isinstance(values, tuple) or not all(isinstance(value, kind) for value in values):
        raise InvalidValueError(place, values, f"give a tuple of {kind.__name__}")
    if len(set(values)) < len(values):
        raise InvalidValueError(place, ", ".join(values), "name each once")


@frozen(kw_only=True)
class Clash:
    """A row that cannot stand beside an earlier one; both by their place in the table, from 0.

    Attributes:
        scales: for which both speak of the same scope; empty where one divides the code into scopes and the other not.
    """

    row: int
    earlier: int
    scales: tuple[Scale, ...]

    def remedy(self, earlier: str) -> str:
        """Return what to do about it; `earlier` names the earlier row."""
        if self.scales:
            return f"{earlier} has the level for {', '.join(self.scales)} already; leave one out, or part them by scope"
        return f"name a scope in each row of a code or in none; {earlier} does it otherwise"


def clashes(rows: Iterable[RiskRow]) -> Iterator[Clash]:
    """Return each row that makes an answer depend on which row is read first."""
    levels: dict[tuple[str, str, str | None, Scale], int] = {}
    divided: dict[tuple[str, str], tuple[bool, int]] = {}
    for index, row in enumerate(rows):
        is_scoped = row.scope is not None
        was_scoped, first = divided.setdefault((row.edition, row.code), (is_scoped, index))
        if was_scoped is not is_scoped:
            yield Clash(row=index, earlier=first, scales=())
        twice: dict[int, list[Scale]] = {}
        for scale in row.scales:
            earlier = levels.setdefault((row.edition, row.code, row.scope, scale), index)
            if earlier != index:
                twice.setdefault(earlier, []).append(scale)
        for earlier, scales in twice.items():
            yield Clash(row=index, earlier=earlier, scales=tuple(scales))
