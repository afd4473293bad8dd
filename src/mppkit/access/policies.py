"""The access policy: may this viewer do this act with this?"""

from typing import Protocol

from mppkit.access.model import About, Viewer, ViewerKind
from mppkit.access.reasons import NO_RULE, NOT_YOURS, not_for_you
from mppkit.access.table import RULES, Who
from mppkit.decisions import Decision

_OWN = {
    ViewerKind.TICKET: {Who.TICKET},
    ViewerKind.APPLICANT: {Who.SUBJECT},
    ViewerKind.OFFICER: {Who.AGENCY, Who.GIVER},
}


class Access(Protocol):
    """Answers whether a viewer may do an act, such as `queue.call_next`, with what it is about.

    It is asked with `EVERYTHING` first: granting that grants the act with each thing there is. Lists are asked row by
    row. It should answer with a reason for each refusal, and must not say more than that of what it refuses.
    """

    def __call__(self, viewer: Viewer, act: str, about: About) -> Decision:
        """Decide."""
        ...


def by_table(viewer: Viewer, act: str, about: About) -> Decision:
    """Decide by the table of this room, and by the duties that the blueprint gives to roles.

    >>> from mppkit.access.model import EVERYTHING
    >>> by_table(Viewer.anybody(), "queue.board", EVERYTHING).is_granted
    True
    >>> by_table(Viewer.anybody(), "queue.call_next", EVERYTHING).reasons[0].code
    'not_for_you'
    """
    rule = RULES.get(act)
    if rule is None:
        return Decision.refused(NO_RULE)
    if rule.anything & _roles(viewer) or rule.own & _owning(viewer, about):
        return Decision.granted()
    if rule.own & _OWN.get(viewer.kind, set()):
        return Decision.refused(NOT_YOURS)
    return Decision.refused(not_for_you(viewer.kind, act))


def _roles(viewer: Viewer) -> set[Who]:
    """Return what a viewer is, whatever it is about."""
    roles = {Who.ANYBODY}
    if viewer.kind is ViewerKind.KIOSK:
        roles.add(Who.KIOSK)
    if viewer.kind is ViewerKind.OFFICER:
        roles |= {Who.STAFF, *(Who(duty.value) for duty in viewer.duties)}
    return roles


def _owning(viewer: Viewer, about: About) -> set[Who]:
    """Return as what something is a viewer's own."""
    owning = set()
    if viewer.kind is ViewerKind.OFFICER:
        if viewer.agency in about.agencies or viewer.counters & about.counters:
            owning.add(Who.AGENCY)
        if viewer.agency is not None and viewer.agency == about.giver:
            owning.add(Who.GIVER)
    if viewer.kind is ViewerKind.APPLICANT and viewer.id is not None and viewer.id == about.subject:
        owning.add(Who.SUBJECT)
    if viewer.kind is ViewerKind.TICKET and about.ticket is not None and (viewer.on, viewer.id) == about.ticket:
        owning.add(Who.TICKET)
    return owning
