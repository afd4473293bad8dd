"""What happens to an application for a permit, each with a name and version that stay for ever.

An event holds ids, facts and texts without personal data; the instant and the actor stand on the recorded row. A
field's default is part of the shape: it is not written out, so it may never change. The whole workflow is recorded
when an application begins, so that no later change of a blueprint changes what happened.
"""

from datetime import date
from typing import ClassVar

from attrs import frozen

from mppkit.decisions import Decision, Reason
from mppkit.permits.capacity import Use
from mppkit.permits.model import Activity, Investment
from mppkit.permits.workflow import Workflow


class PermitEvent:
    """The root of all events of an application."""

    __slots__ = ()
    event_name: ClassVar[str]
    event_version: ClassVar[int] = 1


# --- what the applicant does -----------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Drafted(PermitEvent):
    """Somebody began an application.

    Attributes:
        applicant: the id of who applies, never a name.
        zone, uses: where it lies, and what it would use of what that zone can carry.
    """

    event_name = "permits.drafted"
    service: str
    applicant: str
    workflow: Workflow
    activity: Activity | None = None
    investment: Investment | None = None
    zone: str | None = None
    uses: tuple[Use, ...] = ()


@frozen(kw_only=True)
class DocumentAttached(PermitEvent):
    """A document was attached, or took the place of the one of its kind; it is held where `place` says."""

    event_name = "permits.document_attached"
    kind: str
    digest: str
    media_type: str
    size: int
    place: str


@frozen(kw_only=True)
class Submitted(PermitEvent):
    """The application was submitted, and its first step began."""

    event_name = "permits.submitted"


@frozen(kw_only=True)
class Resubmitted(PermitEvent):
    """The applicant corrected what was asked for; what is None stays as it was."""

    event_name = "permits.resubmitted"
    investment: Investment | None = None
    uses: tuple[Use, ...] | None = None


@frozen(kw_only=True)
class Withdrawn(PermitEvent):
    """The applicant withdrew the application."""

    event_name = "permits.withdrawn"
    why: str = ""


# --- what the officers do --------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class StepDone(PermitEvent):
    """An officer ended a step, and the next ones began."""

    event_name = "permits.step_done"
    step: str
    outcome: str
    officer: str
    note: str = ""


@frozen(kw_only=True)
class Returned(PermitEvent):
    """An officer sent it back for correction; `items` says what is to be corrected.

    Attributes:
        late_since: the last local date on which the whole run was in time, where that was over; else None.
    """

    event_name = "permits.returned"
    step: str
    outcome: str
    officer: str
    items: tuple[str, ...]
    late_since: date | None = None


@frozen(kw_only=True)
class CapacityAdvised(PermitEvent):
    """What the zone can carry was weighed (*daya dukung*); the figures stand in the zone's own stream and the reasons.

    Attributes:
        officer: who asked; None where the applicant or the law did.
        overridden_because: why the officer let it pass beyond the limit, where one did.
    """

    event_name = "permits.capacity_advised"
    zone: str
    uses: tuple[Use, ...]
    decision: Decision
    officer: str | None = None
    overridden_because: str | None = None


@frozen(kw_only=True)
class Decided(PermitEvent):
    """It was decided: granted, granted with conditions, or refused."""

    event_name = "permits.decided"
    step: str
    outcome: str
    officer: str
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[str, ...] = ()
    note: str = ""


@frozen(kw_only=True)
class Issued(PermitEvent):
    """The permit was issued.

    Attributes:
        step, outcome, officer: None where the law issued it, for silence was consent.
        valid_until: the last local date on which it is valid; None for as long as the business lasts.
    """

    event_name = "permits.issued"
    number: str
    valid_from: date
    valid_until: date | None = None
    step: str | None = None
    outcome: str | None = None
    officer: str | None = None


@frozen(kw_only=True)
class Migrated(PermitEvent):
    """A running application was moved to another version of its workflow."""

    event_name = "permits.migrated"
    workflow: Workflow
    officer: str
    why: str


# --- what time does --------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Escalated(PermitEvent):
    """The time for the whole run was over, and whoever must know of it was told.

    Attributes:
        to: the role; None where the workflow names none.
        because: why it was not deemed granted though its workflow says so; empty where it does not.
    """

    event_name = "permits.escalated"
    due_on: date
    to: str | None = None
    because: tuple[Reason, ...] = ()


@frozen(kw_only=True)
class DeemedGranted(PermitEvent):
    """The time for the whole run was over, and silence is consent (*fiktif positif*)."""

    event_name = "permits.deemed_granted"
    due_on: date
    reason: Reason


@frozen(kw_only=True)
class Lapsed(PermitEvent):
    """It came to nothing by itself: nobody corrected it in time, or the permit's last day is over."""

    event_name = "permits.lapsed"
    due_on: date
    reason: Reason


# --- what becomes of a permit ----------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Amended(PermitEvent):
    """The permit was changed; what is None stays as it was."""

    event_name = "permits.amended"
    officer: str
    why: str
    investment: Investment | None = None
    uses: tuple[Use, ...] | None = None
    conditions: tuple[str, ...] | None = None


@frozen(kw_only=True)
class Renewed(PermitEvent):
    """The permit was prolonged."""

    event_name = "permits.renewed"
    officer: str
    valid_until: date | None


@frozen(kw_only=True)
class Suspended(PermitEvent):
    """The permit does not hold for now."""

    event_name = "permits.suspended"
    officer: str
    why: str


@frozen(kw_only=True)
class Reinstated(PermitEvent):
    """A suspended permit holds again."""

    event_name = "permits.reinstated"
    officer: str
    why: str


@frozen(kw_only=True)
class Revoked(PermitEvent):
    """The permit was taken away."""

    event_name = "permits.revoked"
    officer: str
    why: str


EVENTS: tuple[type[PermitEvent], ...] = (
    Drafted,
    DocumentAttached,
    Submitted,
    Resubmitted,
    Withdrawn,
    StepDone,
    Returned,
    CapacityAdvised,
    Decided,
    Issued,
    Migrated,
    Escalated,
    DeemedGranted,
    Lapsed,
    Amended,
    Renewed,
    Suspended,
    Reinstated,
    Revoked,
)
"""All events of an application, for the codec."""
