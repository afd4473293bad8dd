"""The standard of a service (*standar pelayanan*): its 14 components, and the values some of them are made of.

A standard is decreed in Indonesian, so its texts are Indonesian; nobody here translates what was decreed.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from mppkit.decisions import LegalBasis


class DocumentForm(StrEnum):
    """In which form a document is to be brought."""

    ORIGINAL = "original"
    COPY = "copy"
    ORIGINAL_AND_COPY = "original_and_copy"


@frozen(kw_only=True)
class Requirement:
    """A document to bring (*persyaratan*).

    Attributes:
        document, document_english: what it is called.
        issuer: who issues it, where that is no service of this mall: *kelurahan*, a hospital; None where nobody said.
        product_of: the id of the service of this mall whose product it is; only for what everybody must bring.
        valid_months: it may be so old at most; None for no limit.
    """

    document: str
    document_english: str | None = None
    form: DocumentForm
    issuer: str | None = None
    product_of: str | None = None
    valid_months: int | None = None


class TimeUnit(StrEnum):
    """In what a promised duration is counted; working days are *hari kerja*."""

    MINUTES = "minutes"
    HOURS = "hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"


@frozen(kw_only=True)
class Duration:
    """How long the service takes at most, from complete requirements to its product (*jangka waktu*)."""

    amount: int
    unit: TimeUnit


@frozen(kw_only=True)
class Fee:
    """What a service costs (*biaya/tarif*).

    Attributes:
        amount_rupiah: whole rupiah; 0 for free of charge; None where the rule computes it, such as from a price.
        what: what is paid for, where a service has several fees; how it is computed, where there is no amount.
        basis: the id of the regulation that sets it.
    """

    amount_rupiah: int | None = None
    what: str | None = None
    basis: str | None = None


class ChannelKind(StrEnum):
    """By which way one reaches a service, or complains about it."""

    COUNTER = "counter"
    BOX = "box"
    LAPOR = "lapor"
    WEBSITE = "website"
    APP = "app"
    PHONE = "phone"
    MESSAGE = "message"
    EMAIL = "email"


@frozen(kw_only=True)
class Channel:
    """A way to a service, or for complaints (*saluran*); `lapor` is SP4N-LAPOR!.

    Attributes:
        address: where that is: an office's address or number, never a person's; None where the kind says it all.
    """

    kind: ChannelKind
    address: str | None = None


@frozen(kw_only=True)
class Component:
    """One of the 14 components of a standard.

    Attributes:
        name: the attribute of `Standard`, and the key in a blueprint.
        indonesian: its official name.
        published: whether it is of the 6 that are published (*service delivery*), or of the 8 internal ones.
    """

    name: str
    indonesian: str
    english: str
    published: bool


_COMPONENTS = (
    ("requirements", "Persyaratan", "Requirements"),
    ("procedure", "Sistem, mekanisme, dan prosedur", "System, mechanism and procedure"),
    ("duration", "Jangka waktu pelayanan", "Duration"),
    ("fees", "Biaya/tarif", "Fees"),
    ("product", "Produk pelayanan", "Product"),
    ("complaints", "Penanganan pengaduan, saran dan masukan", "Handling of complaints and suggestions"),
    ("legal_basis", "Dasar hukum", "Legal basis"),
    ("facilities", "Sarana, prasarana, dan/atau fasilitas", "Facilities"),
    ("competence", "Kompetensi pelaksana", "Competence of the staff"),
    ("supervision", "Pengawasan internal", "Internal supervision"),
    ("staff", "Jumlah pelaksana", "Number of staff"),
    ("guarantee", "Jaminan pelayanan", "Guarantee of the service"),
    ("safety", "Jaminan keamanan dan keselamatan pelayanan", "Guarantee of security and safety"),
    ("evaluation", "Evaluasi kinerja pelaksana", "Evaluation of the staff's performance"),
)

COMPONENTS: Mapping[str, Component] = MappingProxyType(
    {
        name: Component(name=name, indonesian=indonesian, english=english, published=index < 6)
        for index, (name, indonesian, english) in enumerate(_COMPONENTS)
    }
)
"""The components by name, the 6 published ones first, in the order of PermenPANRB 15/2014 (from reports of it)."""

STANDARD_BASIS = LegalBasis(regulation="UU 25/2009", article="21", verified=False)
"""Why a standard has these components; the text was not read."""


@frozen(kw_only=True)
class Standard:
    """What a service promises, component by component; None, or nothing in it, where a component is not stated.

    Source: UU 25/2009 Article 21 and PermenPANRB 15/2014, from reports of them; the texts were not read.

    Attributes:
        requirements: *persyaratan*; an empty tuple says that nothing is to be brought.
        procedure: the steps of *sistem, mekanisme, dan prosedur*, in order.
        duration: *jangka waktu pelayanan*.
        fees: *biaya/tarif*; one of 0 rupiah says that it is free of charge.
        product: *produk pelayanan*, what one leaves with.
        complaints: *penanganan pengaduan, saran dan masukan*: where to complain.
        legal_basis: *dasar hukum*, as ids of regulations.
        facilities: *sarana, prasarana, dan/atau fasilitas*, as ids of facilities.
        competence: *kompetensi pelaksana*.
        supervision: *pengawasan internal*.
        staff: *jumlah pelaksana*, 1 or more.
        guarantee: *jaminan pelayanan*.
        safety: *jaminan keamanan dan keselamatan pelayanan*.
        evaluation: *evaluasi kinerja pelaksana*.

    >>> advice = Standard(requirements=(), duration=Duration(amount=30, unit=TimeUnit.MINUTES))
    >>> [component.indonesian for component in advice.missing()][:2]
    ['Sistem, mekanisme, dan prosedur', 'Biaya/tarif']
    """

    requirements: tuple[Requirement, ...] | None = None
    procedure: tuple[str, ...] = ()
    duration: Duration | None = None
    fees: tuple[Fee, ...] = ()
    product: str | None = None
    complaints: tuple[Channel, ...] = ()
    legal_basis: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    competence: str | None = None
    supervision: str | None = None
    staff: int | None = None
    guarantee: str | None = None
    safety: str | None = None
    evaluation: str | None = None

    def missing(self) -> tuple[Component, ...]:
        """Return the components that are not stated, in their order."""
        return tuple(
            component
            for name, component in COMPONENTS.items()
            if not getattr(self, name) and not (name == "requirements" and self.requirements is not None)
        )
