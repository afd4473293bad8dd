"""Answers of policies: granted, refused, or something else first; always with reasons a citizen can read.

A reason has a stable code, a sentence in Indonesian and in English, and where there is one its legal basis.
This room knows no service, queue or permit.
"""

from datetime import date
from enum import StrEnum

from attrs import frozen

from mppkit.errors import InvalidValueError


class Outcome(StrEnum):
    """What a policy answers."""

    GRANTED = "granted"
    REFUSED = "refused"
    NEEDS_FIRST = "needs_first"


@frozen(kw_only=True)
class LegalBasis:
    """The rule behind a reason (*dasar hukum*).

    `verified` is False where the text of the rule itself was not read, only reports of it.

    >>> LegalBasis(regulation="UU 25/2009", article="29").cite()
    'UU 25/2009 Pasal 29'
    """

    regulation: str
    article: str | None = None
    in_force_since: date | None = None
    verified: bool = False

    def __attrs_post_init__(self) -> None:
        # a datetime is a date to Python, and would be recorded in a form that cannot be read back
        if self.in_force_since is not None and type(self.in_force_since) is not date:
            raise InvalidValueError("in_force_since", self.in_force_since, "give a local date, without a time")

    def cite(self) -> str:
        """Return the rule as it is cited in Indonesian."""
        return f"{self.regulation} Pasal {self.article}" if self.article else self.regulation


@frozen(kw_only=True)
class Reason:
    """Why a policy answered so: a stable code, and one sentence in each language."""

    code: str
    indonesian: str
    english: str
    basis: LegalBasis | None = None

    def __str__(self) -> str:
        law = f" ({self.basis.cite()})" if self.basis else ""
        return f"{self.indonesian}{law} / {self.english} [{self.code}]"


@frozen(kw_only=True)
class Decision:
    """A policy's answer; "no" without a reason cannot be constructed.

    Attributes:
        warnings: what the one who decides should know though it did not decide, such as a year without a decree.

    >>> Decision.granted().outcome
    <Outcome.GRANTED: 'granted'>
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.outcome is not Outcome.GRANTED and not self.reasons:
            raise InvalidValueError("reasons", self.reasons, f"an answer '{self.outcome}' needs at least one reason")

    @property
    def is_granted(self) -> bool:
        """Whether the answer is yes."""
        return self.outcome is Outcome.GRANTED

    @classmethod
    def granted(cls, *reasons: Reason, warnings: tuple[Reason, ...] = ()) -> "Decision":
        """Say yes."""
        return cls(outcome=Outcome.GRANTED, reasons=reasons, warnings=warnings)

    @classmethod
    def refused(cls, *reasons: Reason) -> "Decision":
        """Say no, and why.

        Raises:
            InvalidValueError: no reason was given.
        """
        return cls(outcome=Outcome.REFUSED, reasons=reasons)

    @classmethod
    def needs_first(cls, *reasons: Reason) -> "Decision":
        """Say what is needed before there can be an answer.

        Raises:
            InvalidValueError: no reason was given.
        """
        return cls(outcome=Outcome.NEEDS_FIRST, reasons=reasons)
