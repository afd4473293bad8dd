"""One application and its permit as they stand, as values; lists are in the order in which things happened."""

import re
from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from mppkit.decisions import Decision, Reason
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_id, checked_text
from mppkit.permits.capacity import Use
from mppkit.permits.workflow import Effect, Workflow

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,126}")
_KBLI = re.compile(r"[0-9]{5}")
_LARGEST_FILE = 2**40
_MOST_RUPIAH = 10**18
_MOST_JOBS = 10**7
_PLACE_AT_MOST = 200


class Status(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    IN_PROCESS = "in_process"
    RETURNED = "returned"
    """The applicant must correct something; the clock stands still."""
    GRANTED = "granted"
    """Decided, and not issued yet."""
    ISSUED = "issued"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    REVOKED = "revoked"


RUNNING = frozenset({Status.IN_PROCESS, Status.RETURNED, Status.GRANTED})
"""Submitted, and not at an end."""


@frozen(kw_only=True)
class Document:
    """A document by what identifies it (*dokumen persyaratan*); the library stores no files.

    Attributes:
        kind: the id by which workflows ask for it, such as `rencana-tapak`.
        digest: SHA-256 of its bytes, 64 hexadecimal digits.
        media_type: such as `application/pdf`.
        size: in bytes, 1 or more.
        place: where your application holds it, such as a key in your own archive; names no person.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    kind: str
    digest: str
    media_type: str
    size: int
    place: str

    def __attrs_post_init__(self) -> None:
        checked_id(self.kind, "kind")
        if not isinstance(self.digest, str) or not _DIGEST.fullmatch(self.digest):
            raise InvalidValueError("digest", self.digest, "give the SHA-256 of the file, 64 digits 0-9 and a-f")
        if not isinstance(self.media_type, str) or not _MEDIA_TYPE.fullmatch(self.media_type):
            raise InvalidValueError("media_type", self.media_type, "give a media type such as application/pdf")
        if type(self.size) is not int or not 1 <= self.size <= _LARGEST_FILE:
            raise InvalidValueError("size", self.size, f"give the size in bytes, from 1 to {_LARGEST_FILE}")
        checked_text(self.place, "place", at_most=_PLACE_AT_MOST)


@frozen(kw_only=True)
class Investment:
    """What a business will bring (*nilai investasi*).

    Attributes:
        rupiah: whole rupiah, 0 or more.
        jobs: how many people it will employ (*tenaga kerja*).
        sector: the id of its sector, such as `pariwisata`; None where nobody said.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    rupiah: int
    jobs: int
    sector: str | None = None

    def __attrs_post_init__(self) -> None:
        for place, value, most in (("rupiah", self.rupiah, _MOST_RUPIAH), ("jobs", self.jobs, _MOST_JOBS)):
            if type(value) is not int or not 0 <= value <= most:
                raise InvalidValueError(place, value, f"give a whole number from 0 to {most}")
        if self.sector is not None:
            checked_id(self.sector, "sector")


@frozen(kw_only=True)
class Activity:
    """The business activity that is applied for (*kegiatan usaha*), as it was classified.

    Attributes:
        edition: of the KBLI, such as `2025`; code: five digits; the same code may mean something else in another.
        scale: of the business, such as `mikro`.
        level: the risk level; None where it has not been classified.

    Raises:
        InvalidValueError: one of them cannot be.
    """

    edition: str
    code: str
    scale: str
    level: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.code, str) or not _KBLI.fullmatch(self.code):
            raise InvalidValueError("code", self.code, "give a KBLI code of five digits")
        checked_id(self.edition, "edition")
        checked_id(self.scale, "scale")
        if self.level is not None:
            checked_id(self.level, "level")


@frozen(kw_only=True)
class StepRun:
    """A step as it was or is taken.

    Attributes:
        step: its id in the workflow.
        agency, working_days: whose step it is and how long it may take, by the workflow it was taken under.
        ended_at, outcome, officer: None while it is open; the officer also where the law ended it.
        note: what the officer wrote.
    """

    step: str
    agency: str | None
    working_days: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    officer: str | None = None
    note: str = ""


@frozen(kw_only=True)
class Return:
    """A stretch in which the applicant had to correct something; it goes on while `resubmitted_at` is None.

    Attributes:
        steps: the steps that asked, one or more; officers: who asked.
        items: what is to be corrected.
        late_since: when the whole run was due, where that was over before it was sent back; else None.
    """

    steps: tuple[str, ...]
    officers: tuple[str, ...]
    items: tuple[str, ...]
    returned_at: datetime
    resubmitted_at: datetime | None = None
    late_since: date | None = None


@frozen(kw_only=True)
class Join:
    """Parallel branches that have not all come to the step that waits for them; `left` is how many are still out."""

    step: str
    left: int


@frozen(kw_only=True)
class Judgement:
    """What was decided (*keputusan*).

    Attributes:
        effect: granted, granted with conditions, or refused.
        officer: None where silence was consent.
        deemed: whether silence was consent.
    """

    effect: Effect
    at: datetime
    reasons: tuple[Reason, ...] = ()
    officer: str | None = None
    note: str = ""
    deemed: bool = False


@frozen(kw_only=True)
class Permit:
    """A permit that was issued (*izin*).

    Attributes:
        number: by the mall's policy.
        valid_until: the last local date on which it is valid; None for as long as the business lasts.
        conditions: what must be kept to.
        deemed: whether the law issued it, for silence was consent.
    """

    number: str
    issued_at: datetime
    valid_from: date
    valid_until: date | None
    conditions: tuple[str, ...]
    deemed: bool


@frozen(kw_only=True)
class Application:
    """An application for a permit (*permohonan*), and the permit that came of it.

    Attributes:
        id: what it is called, such as `2026-0001`.
        workflow: the one it runs on.
        submitted_at: when it was submitted first.
        complete_since: of the submissions, the one that was found complete; until one was, the last. Where the run was
            late before it was sent back, it is no later one: a return heals nothing.
        documents: the last of each kind.
        open: the steps that are being taken; done: those that ended.
        joins: the steps that wait for parallel branches.
        returns: when it lay with the applicant.
        capacity: the last advice on what the zone can carry; None where nobody asked.
        holds_capacity: whether it holds a share of the zone, reserved or committed.
        escalated_for: the due dates for which somebody was told.
        ended_at: when it was refused, withdrawn, lapsed or revoked.
    """

    id: str
    service: str
    applicant: str
    workflow: Workflow
    status: Status
    drafted_at: datetime
    activity: Activity | None = None
    investment: Investment | None = None
    zone: str | None = None
    uses: tuple[Use, ...] = ()
    submitted_at: datetime | None = None
    complete_since: datetime | None = None
    documents: tuple[Document, ...] = ()
    open: tuple[StepRun, ...] = ()
    done: tuple[StepRun, ...] = ()
    joins: tuple[Join, ...] = ()
    returns: tuple[Return, ...] = ()
    capacity: Decision | None = None
    holds_capacity: bool = False
    conditions: tuple[str, ...] = ()
    judgement: Judgement | None = None
    permit: Permit | None = None
    escalated_for: tuple[date, ...] = ()
    ended_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was submitted and has come to no end."""
        return self.status in RUNNING

    def document(self, kind: str) -> Document | None:
        """Return its document of a kind, if there is one."""
        return next((each for each in self.documents if each.kind == kind), None)

    def missing(self, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some kinds of documents that are not there."""
        there = {each.kind for each in self.documents}
        return tuple(kind for kind in kinds if kind not in there)
