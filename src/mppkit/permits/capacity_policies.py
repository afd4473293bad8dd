"""What becomes of an application that asks for more than a zone has left: the Protocol, then three defaults.

A policy is a plain value that is handed in; it sees figures, never the ledger. What no policy may do (let pass beyond a
limit without an officer's written reason) is a rule, not a policy.
"""

from decimal import Decimal
from typing import Protocol

from attrs import frozen

from mppkit.decisions import Decision, LegalBasis, Outcome, Reason
from mppkit.permits.capacity import EXACT, Claim, Override

ADVISORY = Reason(
    code="capacity_is_advice",
    indonesian="Daya dukung adalah pertimbangan bagi KKPR dan persetujuan lingkungan, bukan izin tersendiri.",
    english="Carrying capacity is advice to the spatial and environmental approvals, not a licence of its own.",
    basis=LegalBasis(regulation="PP 46/2016", verified=False),
)
"""The warning beside every answer.

Source: PP 46/2016 on strategic environmental assessment (KLHS), from reports; the text was not read. That a check of
capacity binds no permit by itself is the reading of studies of D3TLH.
"""

HAS_ROOM, PASSED = "zone_has_room", "passed_beyond_limit"
"""The codes with which a share is granted: it fits, or an officer lets it pass, whose reason stands in the sentence."""


@frozen(kw_only=True)
class CapacityAsk:
    """What a capacity policy is told when an application asks for a share of a zone.

    Attributes:
        claims: the figures of each resource it asks for, one or more.
        override: the officer's written reason to let it pass beyond a limit, if there is one.
    """

    zone: str
    application: str
    claims: tuple[Claim, ...]
    override: Override | None = None

    @property
    def within(self) -> tuple[Claim, ...]:
        """The claims that fit into what is left."""
        return tuple(claim for claim in self.claims if claim.fits)

    @property
    def beyond(self) -> tuple[Claim, ...]:
        """The claims that do not."""
        return tuple(claim for claim in self.claims if not claim.fits)


class CapacityPolicy(Protocol):
    """Whether an application gets its share of a zone."""

    def __call__(self, ask: CapacityAsk, /) -> Decision:
        """Return the answer; its reasons hold the figures."""
        ...


@frozen(kw_only=True)
class RefuseBeyond:
    """No more than the limit, whoever asks; an officer's reason changes nothing."""

    def __call__(self, ask: CapacityAsk, /) -> Decision:
        """Return the answer."""
        if not ask.beyond:
            return _has_room(ask)
        return _no(ask, Outcome.REFUSED, tuple(_zone_full(ask, claim) for claim in ask.beyond))


@frozen(kw_only=True)
class AskForLess:
    """No more than the limit, but the applicant may come back with less, and is told how much is free."""

    def __call__(self, ask: CapacityAsk, /) -> Decision:
        """Return the answer."""
        if not ask.beyond:
            return _has_room(ask)
        return _no(ask, Outcome.NEEDS_FIRST, tuple(_less(ask, claim) for claim in ask.beyond))


@frozen(kw_only=True)
class LetPass:
    """Beyond the limit where an officer gives a written reason, which the answer holds; else asks for less."""

    def __call__(self, ask: CapacityAsk, /) -> Decision:
        """Return the answer."""
        if not ask.beyond or ask.override is None:
            return AskForLess()(ask)
        passed = tuple(_passed(ask, claim, ask.override) for claim in ask.beyond)
        return Decision.granted(*passed, *_room(ask), warnings=(ADVISORY,))


def _has_room(ask: CapacityAsk) -> Decision:
    return Decision.granted(*_room(ask), warnings=(ADVISORY,))


def _no(ask: CapacityAsk, outcome: Outcome, why: tuple[Reason, ...]) -> Decision:
    """Return an answer other than yes; what would have fitted did not decide, and stands among the warnings."""
    return Decision(outcome=outcome, reasons=why, warnings=(*_room(ask), ADVISORY))


# --- the sentences -------------------------------------------------------------------------------------------------


def _room(ask: CapacityAsk) -> tuple[Reason, ...]:
    return tuple(_reason(HAS_ROOM, ask, claim, "Masih cukup.", "There is room.") for claim in ask.within)


def _zone_full(ask: CapacityAsk, claim: Claim) -> Reason:
    return _reason("zone_full", ask, claim, "Tidak cukup.", "There is not enough room.")


def _less(ask: CapacityAsk, claim: Claim) -> Reason:
    if claim.free <= 0:
        return _reason(
            "nothing_free",
            ask,
            claim,
            "Tidak ada sisa: tunggu sampai ada yang dilepas atau batas dinaikkan.",
            "Nothing is free: wait until something is released or the limit is raised.",
        )
    most = EXACT.add(claim.held, claim.free)
    return _reason(
        "ask_for_less",
        ask,
        claim,
        f"Kurangi menjadi paling banyak {_indonesian(most)} {claim.unit} seluruhnya.",
        f"Use {_english(most)} {claim.unit} at most, in all.",
    )


def _passed(ask: CapacityAsk, claim: Claim, override: Override) -> Reason:
    return _reason(
        PASSED,
        ask,
        claim,
        f"Diloloskan melampaui batas oleh petugas {override.officer}: {override.why}",
        f"Let pass beyond the limit by officer {override.officer}: {override.why}",
    )


def _reason(code: str, ask: CapacityAsk, claim: Claim, indonesian: str, english: str) -> Reason:
    """Return a reason with the figures before its last sentence."""
    besides = f" di atas {_indonesian(claim.held)} yang sudah dipegang" if claim.held else ""
    besides_english = f" on top of the {_english(claim.held)} held" if claim.held else ""
    return Reason(
        code=code,
        indonesian=f"Zona {ask.zone}, {claim.resource}: diminta {_indonesian(claim.asked)} {claim.unit}{besides}; "
        f"batas {_indonesian(claim.limit)} ({claim.source}), terpakai {_indonesian(claim.committed)}, "
        f"dicadangkan {_indonesian(claim.reserved)}, sisa {_indonesian(claim.free)}. {indonesian}",
        english=f"Zone {ask.zone}, {claim.resource}: {_english(claim.asked)} {claim.unit} asked for{besides_english}; "
        f"limit {_english(claim.limit)} ({claim.source}), committed {_english(claim.committed)}, "
        f"reserved {_english(claim.reserved)}, free {_english(claim.free)}. {english}",
    )


_ENGLISH_TO_INDONESIAN = str.maketrans(",.", ".,")


def _english(amount: Decimal) -> str:
    """Return an amount as it is written: every digit that counts, grouped in thousands."""
    text = format(amount, ",f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def _indonesian(amount: Decimal) -> str:
    return _english(amount).translate(_ENGLISH_TO_INDONESIAN)
