"""What of an answer is a viewer's own, where it may not have the whole: lists row by row, figures by service."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from mppkit.access.abouts import Rooms, id_of, of_application, of_service
from mppkit.access.model import About
from mppkit.access.reasons import NOT_YOURS
from mppkit.decisions import Decision
from mppkit.errors import RefusedError
from mppkit.permits.model import Application
from mppkit.permits.timing import Late
from mppkit.storage.port import StreamHead, check_paging

Call = Callable[..., Any]
"""Does what was asked, with the arguments that were given; those that are named here are replaced."""
Allowed = Callable[[About], bool]
Keep = Callable[[Rooms, Call, Mapping[str, Any], Allowed], object]
"""From a call, and the arguments that were given, to what is allowed of its answer."""


def rows(about: Callable[[Rooms, Any], About]) -> Keep:
    """Return how a list is kept to the rows that are allowed."""

    def keep(rooms: Rooms, call: Call, given: Mapping[str, Any], allowed: Allowed) -> object:
        return tuple(row for row in call() if allowed(about(rooms, row)))

    return keep


def made(about: Callable[[Rooms, Any], About]) -> Keep:
    """Return how what a command made is kept from others: somebody else's request_id would bring out theirs."""

    def keep(rooms: Rooms, call: Call, given: Mapping[str, Any], allowed: Allowed) -> object:
        answer = call()
        if not allowed(about(rooms, answer)):
            raise RefusedError(Decision.refused(NOT_YOURS))
        return answer

    return keep


def heads(rooms: Rooms, call: Call, given: Mapping[str, Any], allowed: Allowed) -> object:
    """Keep to the applications that are allowed, folding only those in whose workflow somebody allowed takes part."""

    def is_allowed(head: StreamHead) -> bool:
        at_once = of_service(rooms, head.labels.get("service"), str(head.labels.get("applicant")))
        if allowed(at_once):
            return True
        versions = [each for each in rooms.blueprint.workflows if each.id == head.labels.get("workflow")]
        taking = frozenset(step.agency for each in versions for step in each.steps if step.agency is not None)
        if versions and not allowed(evolve(at_once, agencies=at_once.agencies | taking)):
            return False
        return allowed(of_application(rooms, rooms.permits.application(id_of(head))))

    limit = given.get("limit")
    if limit is not None:
        check_paging(0, limit)
    kept = tuple(head for head in call(limit=None) if is_allowed(head))
    return kept[:limit]


def of_work(rooms: Rooms, work: tuple[Application, str]) -> About:
    """Return what a line of work is about: a step that any agency may take still belongs to its application."""
    return of_application(rooms, work[0])


def of_late(rooms: Rooms, late: Late) -> About:
    """Return what a late run or step is about."""
    return of_application(rooms, rooms.permits.application(late.application))


def figures(rooms: Rooms, call: Call, given: Mapping[str, Any], allowed: Allowed) -> object:
    """Count only the services that are allowed."""
    asked = given.get("services")
    services = [each.id for each in rooms.blueprint.directory.services if allowed(of_service(rooms, each.id))]
    return call(services=[each for each in services if asked is None or each in asked])


def capacity(rooms: Rooms, call: Call, given: Mapping[str, Any], allowed: Allowed) -> object:
    """Leave out how a zone came to stand so: each change is the share of one application."""
    return evolve(call(), over_time=())
