"""The rules a mall stands on (*dasar hukum*), and which agency takes part under which, from when to when."""

from datetime import date
from enum import StrEnum

from attrs import frozen

from mppkit.decisions import LegalBasis
from mppkit.errors import InvalidValueError


class RegulationKind(StrEnum):
    """What kind of rule it is; the last two bind those who signed them."""

    LAW = "undang_undang"
    GOVERNMENT_REGULATION = "peraturan_pemerintah"
    PRESIDENTIAL_REGULATION = "peraturan_presiden"
    MINISTERIAL_REGULATION = "peraturan_menteri"
    AGENCY_REGULATION = "peraturan_lembaga"
    REGIONAL_LAW = "peraturan_daerah"
    HEAD_OF_REGION_REGULATION = "peraturan_kepala_daerah"
    DECREE = "keputusan"
    CIRCULAR = "surat_edaran"
    JOINT_AGREEMENT = "kesepakatan_bersama"
    COOPERATION_AGREEMENT = "perjanjian_kerja_sama"


_CITED = {
    RegulationKind.LAW: "UU",
    RegulationKind.GOVERNMENT_REGULATION: "PP",
    RegulationKind.PRESIDENTIAL_REGULATION: "Perpres",
    RegulationKind.MINISTERIAL_REGULATION: "Permen",
    RegulationKind.AGENCY_REGULATION: "Peraturan",
    RegulationKind.REGIONAL_LAW: "Perda",
    RegulationKind.HEAD_OF_REGION_REGULATION: "Peraturan",
    RegulationKind.DECREE: "Keputusan",
    RegulationKind.CIRCULAR: "Surat Edaran",
    RegulationKind.JOINT_AGREEMENT: "Kesepakatan Bersama",
    RegulationKind.COOPERATION_AGREEMENT: "Perjanjian Kerja Sama",
}


@frozen(kw_only=True)
class Regulation:
    """A rule or an agreement that the mall or a service of it stands on.

    Attributes:
        issuer: who made it, as it is cited: `PANRB`, `Bupati Badung`; None where the kind says it all.
        number: as it is cited, such as `89` or `35/01/HK`.
        about: what it is about (*tentang*).
        in_force_from, in_force_to: the first and the last day it is in force; None where nobody said, or for no end.
        articles: those that matter here, such as `29` or `5 ayat (2)`.
        verified: whether its text was read, or only reports of it.

    Raises:
        InvalidValueError: it ends before it begins.

    >>> perpres = Regulation(
    ...     id="perpres-89-2021", kind=RegulationKind.PRESIDENTIAL_REGULATION, number="89", year=2021,
    ...     about="Penyelenggaraan Mal Pelayanan Publik", in_force_from=date(2021, 9, 15),
    ... )
    >>> perpres.cite(), perpres.is_in_force(date(2021, 9, 14))
    ('Perpres 89/2021', False)
    """

    id: str
    kind: RegulationKind
    issuer: str | None = None
    number: str
    year: int
    about: str
    in_force_from: date | None = None
    in_force_to: date | None = None
    articles: tuple[str, ...] = ()
    verified: bool = False

    def __attrs_post_init__(self) -> None:
        _check_span("in_force_to", self.in_force_from, self.in_force_to)

    def cite(self) -> str:
        """Return it as it is cited in Indonesian."""
        return " ".join(filter(None, (_CITED[self.kind], self.issuer, f"{self.number}/{self.year}")))

    def is_in_force(self, on: date) -> bool:
        """Tell whether it is in force on a date."""
        return _is_within(on, self.in_force_from, self.in_force_to)

    def basis(self, article: str | None = None) -> LegalBasis:
        """Return it as the legal basis of a reason."""
        return LegalBasis(
            regulation=self.cite(), article=article, in_force_since=self.in_force_from, verified=self.verified
        )


@frozen(kw_only=True)
class Participation:
    """An agency takes part in the mall under a regulation (*keikutsertaan*).

    Source: Perpres 89/2021 and the ministry's module on malls name the joint agreements (*kesepakatan bersama*) and
    cooperation agreements (*perjanjian kerja sama*) by which bodies take part; from reports, the texts were not read.

    Attributes:
        agency, regulation: their ids.
        from_on, to_on: the first and the last day; None for no end.
        services: the ids of those it is about; empty for all of the agency's.

    Raises:
        InvalidValueError: it ends before it begins.
    """

    agency: str
    regulation: str
    from_on: date
    to_on: date | None = None
    services: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_span("to_on", self.from_on, self.to_on)

    def holds(self, on: date) -> bool:
        """Tell whether the agency takes part on a date, its own dates counted alone."""
        return _is_within(on, self.from_on, self.to_on)

    def covers(self, service: str) -> bool:
        """Tell whether it is about a service of its agency."""
        return not self.services or service in self.services


def _check_span(place: str, first_on: date | None, last_on: date | None) -> None:
    if first_on is not None and last_on is not None and last_on < first_on:
        raise InvalidValueError(place, last_on.isoformat(), f"not before {first_on.isoformat()}")


def _is_within(on: date, first_on: date | None, last_on: date | None) -> bool:
    return (first_on is None or first_on <= on) and (last_on is None or on <= last_on)
