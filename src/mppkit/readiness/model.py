"""What the readiness room talks about: an instrument and its items, evidence, and an assessment with its scores.

Values only: what makes an item met is `rules`, what counts as evidence is `filing`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from mppkit.decisions import LegalBasis, Reason
from mppkit.errors import NotFoundError

PRACTICE = "practice"
"""The source of an item that no rule or ministry document asks for: malls that work do it."""


# --- the instrument ------------------------------------------------------------------------------------------------


class EvidenceKind(StrEnum):
    """What somebody can show: a page or picture that can be opened, a document, or their word for it."""

    LINK = "link"
    DOCUMENT = "document"
    STATEMENT = "statement"


@frozen(kw_only=True)
class Aspect:
    """A side of readiness, such as regulation or people (*aspek*)."""

    id: str
    name: str
    name_english: str


@frozen(kw_only=True)
class Item:
    """One thing that should hold before a mall opens (*butir*).

    Attributes:
        aspect: the id of the aspect it belongs to.
        text, text_english: what should hold, as one sentence.
        source: the rule or ministry document that asks for it, or `practice`.
        article: where in it.
        verified: whether that text was read, or only reports of it.
        evidence, evidence_english: what shows that it holds; empty where only the library's own check can.
        kinds: the kinds of evidence that count.
        weight: how much it counts, 1 or more; a regency's own choice, as no law lays it down.
        blocks: whether no mall opens without it.
        checked_by: the name of the check by which the library looks for itself (`checks.CHECKS`); None for none.
        step, step_english: what to do so that it holds.
    """

    id: str
    aspect: str
    text: str
    text_english: str
    source: str
    article: str | None = None
    verified: bool = False
    evidence: str = ""
    evidence_english: str = ""
    kinds: tuple[EvidenceKind, ...] = ()
    weight: int
    blocks: bool = False
    checked_by: str | None = None
    step: str
    step_english: str

    @property
    def basis(self) -> LegalBasis | None:
        """The source as a legal basis; None for practice."""
        if self.source == PRACTICE:
            return None
        return LegalBasis(regulation=self.source, article=self.article, verified=self.verified)


@frozen(kw_only=True)
class Limits:
    """From where on the checks say yes; a regency's own choice, no law lays these figures down.

    Attributes:
        rehearsed_within_days: a rehearsal older than this is no rehearsal of the mall as it is.
        within_promise_share: so large a share of the waits must keep the promise, 0 to 1.
        least_waits: fewer waits than this say nothing of that share.
        backed_up_within_days: a backup older than this is none.
    """

    rehearsed_within_days: int = 90
    within_promise_share: float = 0.8
    least_waits: int = 100
    backed_up_within_days: int = 7


@frozen(kw_only=True)
class Instrument:
    """What readiness is measured with: data, not code; `load_instrument` reads and checks one.

    Attributes:
        version: changes whenever an item, a weight or a limit does; a launch is recorded with it.
    """

    id: str
    version: str
    name: str
    name_english: str
    aspects: tuple[Aspect, ...]
    items: tuple[Item, ...]
    limits: Limits = field(factory=Limits)

    def item(self, item_id: str) -> Item:
        """Return an item.

        Raises:
            NotFoundError: there is none of that id; suggests the nearest.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise NotFoundError("item", item_id, [item.id for item in self.items])


# --- evidence ------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Evidence:
    """What somebody showed for an item (*bukti*); never holds personal data.

    Attributes:
        number: what it is called once it is recorded, such as `E-001`.
        item: the item's id.
        reference: the address of a link, or the number of a document, such as `Perbup Badung 11/2018`.
        digest: SHA-256 of the document's file, 64 hexadecimal digits.
        by: the id of who showed it, never a name.
        given_on: since when it holds.
        valid_until: the last day it holds; None for no end.
        note: what there is to say; in a statement, what is stated.
    """

    number: str | None = None
    item: str
    kind: EvidenceKind
    reference: str | None = None
    digest: str | None = None
    by: str
    given_on: date
    valid_until: date | None = None
    note: str = ""

    def holds(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.given_on <= on and not self.is_over(on)

    def is_over(self, on: date) -> bool:
        """Tell whether its last day was before a day."""
        return self.valid_until is not None and self.valid_until < on


# --- the assessment ------------------------------------------------------------------------------------------------


class State(StrEnum):
    """How an item stands. What nobody has shown or looked at is unknown, and counts no more than what is not met."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class AssessedItem:
    """An item as it stands on a day.

    Attributes:
        reason: why it stands so.
        evidence: the numbers of the recorded evidence that counts for it.
        gain: how much the whole score grows once it is met; 0 where it is.
    """

    item: Item
    state: State
    reason: Reason
    evidence: tuple[str, ...] = ()
    gain: float = 0.0

    @property
    def is_met(self) -> bool:
        """Whether it holds."""
        return self.state is State.MET

    @property
    def is_blocker(self) -> bool:
        """Whether it keeps the mall from opening."""
        return self.item.blocks and not self.is_met


@frozen(kw_only=True)
class AspectScore:
    """One aspect's part of an assessment.

    Attributes:
        score: the weight of what is met by the weight of all, 0 to 1.
        unknown: the weight of what is unknown by the weight of all, 0 to 1.
        met, items: how many items are met, and how many there are.
    """

    aspect: Aspect
    score: float
    unknown: float
    met: int
    items: int


@frozen(kw_only=True)
class Standing:
    """How a mall stood when it was to be launched, as it is recorded.

    Attributes:
        instrument, version: what readiness was measured with.
        score, unknown: the shares of the whole weight that were met and unknown.
        aspects: the score of each aspect, by its id.
        states: how each item stood, by its id.
    """

    instrument: str
    version: str
    score: float
    unknown: float
    aspects: Mapping[str, float]
    states: Mapping[str, State]


@frozen(kw_only=True)
class Assessment:
    """How ready a mall is on a day.

    Attributes:
        items: every item as it stands, in the instrument's order.
    """

    instrument: Instrument
    on: date
    items: tuple[AssessedItem, ...]

    @property
    def score(self) -> float:
        """The weight of what is met by the weight of all items, 0 to 1."""
        return share_of(self.items, State.MET)

    @property
    def unknown(self) -> float:
        """The weight of what is unknown by the weight of all items, 0 to 1."""
        return share_of(self.items, State.UNKNOWN)

    @property
    def aspects(self) -> tuple[AspectScore, ...]:
        """The score of each aspect."""
        return tuple(_aspect_score(aspect, self.items) for aspect in self.instrument.aspects)

    @property
    def blockers(self) -> tuple[AssessedItem, ...]:
        """What keeps the mall from opening, in the instrument's order."""
        return tuple(item for item in self.items if item.is_blocker)

    @property
    def is_ready(self) -> bool:
        """Whether nothing keeps the mall from opening."""
        return not self.blockers

    @property
    def standing(self) -> Standing:
        """What is recorded of it when the mall is to be launched."""
        return Standing(
            instrument=self.instrument.id,
            version=self.instrument.version,
            score=self.score,
            unknown=self.unknown,
            aspects={each.aspect.id: each.score for each in self.aspects},
            states={each.item.id: each.state for each in self.items},
        )

    @property
    def next_steps(self) -> tuple[AssessedItem, ...]:
        """What is still to be done, the best first: blockers before all others, then what gains most.

        A blocker comes first however little it weighs, because without it nothing else opens the mall. What gains the
        same stays in the instrument's order.
        """
        return tuple(
            sorted((item for item in self.items if not item.is_met), key=lambda i: (not i.is_blocker, -i.gain))
        )


def share_of(items: Sequence[AssessedItem], state: State) -> float:
    """Return the weight of the items in a state by the weight of all; 0 where there are none."""
    whole = sum(each.item.weight for each in items)
    part = sum(each.item.weight for each in items if each.state is state)
    return part / whole if whole else 0.0


def _aspect_score(aspect: Aspect, items: Sequence[AssessedItem]) -> AspectScore:
    own = tuple(each for each in items if each.item.aspect == aspect.id)
    return AspectScore(
        aspect=aspect,
        score=share_of(own, State.MET),
        unknown=share_of(own, State.UNKNOWN),
        met=sum(each.is_met for each in own),
        items=len(own),
    )
