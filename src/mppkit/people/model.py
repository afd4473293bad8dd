"""What the room hands out: what is kept of a person and on what terms, and who did what with it; values stay masked."""

from datetime import datetime
from enum import StrEnum
from typing import NoReturn

from attrs import field, frozen

from mppkit.decisions import LegalBasis
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_text

_PURPOSE_AT_MOST = 200
_DAYS_AT_MOST = 36_525  # a hundred years; what is kept for ever is no retention


class Field(StrEnum):
    """What can be kept of a person."""

    NIK = "nik"
    NPWP = "npwp"
    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


class LawfulBasis(StrEnum):
    """Why personal data may be processed (*dasar pemrosesan*): UU 27/2022 Article 20 (2), letters a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"

    @property
    def legal_basis(self) -> LegalBasis:
        """The rule as it is cited.

        >>> LawfulBasis.PUBLIC_TASK.legal_basis.cite()
        'UU 27/2022 Pasal 20 ayat (2) huruf e'
        """
        letter = "abcdef"[list(LawfulBasis).index(self)]
        return LegalBasis(regulation="UU 27/2022", article=f"20 ayat (2) huruf {letter}")


class Status(StrEnum):
    """Where a person's data stands."""

    ACTIVE = "active"
    RESTRICTED = "restricted"
    ERASING = "erasing"
    ERASED = "erased"


class Act(StrEnum):
    """What can be done with a person's data."""

    REGISTERED = "registered"
    ADDED = "added"
    CORRECTED = "corrected"
    READ = "read"
    EXPORTED = "exported"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    FIELDS_ERASED = "fields_erased"
    ERASURE_ORDERED = "erasure_ordered"
    ERASED = "erased"


def _basis(value: str) -> LawfulBasis:
    try:
        return LawfulBasis(value)
    except ValueError:
        raise InvalidValueError("basis", value, f"give one of {', '.join(LawfulBasis)}") from None


@frozen(kw_only=True)
class Terms:
    """On what terms a value is kept: what for, by which right, and for how many days of 24 hours.

    Raises:
        InvalidValueError: the purpose is no line of text, the basis unknown, or the days not 1 to 36,525.

    >>> Terms(purpose="izin usaha", basis="public_task", keep_days=1825).basis
    <LawfulBasis.PUBLIC_TASK: 'public_task'>
    """

    purpose: str
    basis: LawfulBasis = field(converter=_basis)
    keep_days: int

    def __attrs_post_init__(self) -> None:
        checked_text(self.purpose, "purpose", _PURPOSE_AT_MOST)
        if type(self.keep_days) is not int or not 1 <= self.keep_days <= _DAYS_AT_MOST:
            raise InvalidValueError("keep_days", self.keep_days, f"give whole days, from 1 to {_DAYS_AT_MOST}")


@frozen(kw_only=True)
class Kept:
    """One field that is kept of a person, without its value: what for, by which right, and until when."""

    field: Field
    purpose: str
    basis: LawfulBasis
    keep_until_at: datetime


class Personal:
    """A value about a person that stays out of sight: not in a repr, a log, JSON or a pickle; `reveal` shows it.

    >>> name = Personal(field=Field.NAME, value="Made")
    >>> print(name, name.reveal())
    Personal(name, …) Made
    """

    # no attrs class: its fields are what `asdict`, `cattrs.unstructure` and the like write out
    __slots__ = ("_value", "field")
    field: Field
    _value: str

    def __init__(self, *, field: Field, value: str) -> None:
        object.__setattr__(self, "field", field)
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """Return the whole value: never log it, and put it in no event."""
        return self._value

    def __repr__(self) -> str:
        return f"Personal({self.field}, …)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Personal):
            return NotImplemented
        return (self.field, self._value) == (other.field, other._value)

    def __hash__(self) -> int:
        return hash((self.field, self._value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a personal value is not changed: {name}")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a personal value is neither pickled nor copied: keep the subject's id, and read it again")

    def __getstate__(self) -> NoReturn:
        self.__reduce__()


@frozen(kw_only=True)
class Step:
    """One thing that was done with a person's data: when, what, who and why, with which fields."""

    at: datetime
    act: Act
    who: str | None = None
    why: str = ""
    fields: tuple[Field, ...] = ()


@frozen(kw_only=True)
class Person:
    """A person as known by id: what is kept and what was done with it, the first step first; no values."""

    subject: str
    status: Status
    registered_at: datetime
    fields: tuple[Kept, ...]
    trail: tuple[Step, ...]


@frozen(kw_only=True)
class Due:
    """Fields of a person whose time is over; `held` where the person's data is restricted, and so not destroyed."""

    subject: str
    fields: tuple[Field, ...]
    held: bool


@frozen(kw_only=True)
class RetentionRun:
    """What a retention run did.

    Attributes:
        erased: whom it erased altogether.
        reduced: of whom it erased some fields.
        held: whose data is restricted, and so was left though its time is over.
    """

    erased: tuple[str, ...]
    reduced: tuple[str, ...]
    held: tuple[str, ...]


@frozen(kw_only=True)
class VaultCheck:
    """What does not fit together between the store and the key ring.

    Attributes:
        unfinished: whose keys were to be destroyed and may be there; `finish_erasures` ends it.
        revived: whose destroyed keys are in the ring again, as after its restore; `finish_erasures` ends that too.
        keyless: whose key is missing though nobody ordered an erasure: is it the right ring?
        strays: `subject.key` of keys that no event names, as of a process that died before it recorded; a person who is
            being registered at this moment shows here too. `destroy_strays` ends them.
        damaged: the names of pieces of the ring that cannot be opened, that are missing, or that are none of its own:
            restore them from the ring's last backup, or remove what is none.
    """

    unfinished: tuple[str, ...]
    revived: tuple[str, ...]
    keyless: tuple[str, ...]
    strays: tuple[str, ...]
    damaged: tuple[str, ...] = ()


@frozen(kw_only=True)
class Exposure:
    """What could be read of a person through a mall key in a period, and what was.

    Attributes:
        fields: whose values lay under the key.
        from_at, to_at: the part of the period in which they did.
        reads: the reads and exports of the whole period, by whatever key.
    """

    subject: str
    fields: tuple[Field, ...]
    from_at: datetime
    to_at: datetime
    reads: tuple[Step, ...]
