"""The desks of a mall as one viewer has them: every command and every look is checked before a desk hears of it."""

from collections.abc import Mapping
from inspect import BoundArguments, signature
from types import MethodType
from typing import Any, cast

from attrs import evolve

from mppkit.access.abouts import Rooms
from mppkit.access.arguments import check_arguments
from mppkit.access.codes import is_code, ticket_code
from mppkit.access.model import EVERYTHING, About, Viewer, ViewerKind, as_officer
from mppkit.access.policies import Access
from mppkit.access.reasons import NO_RULE, OTHER_IDENTITY, UNKNOWN_OFFICER, WRONG_CODE
from mppkit.access.table import RULES
from mppkit.decisions import Decision, Reason
from mppkit.errors import InvalidValueError, RefusedError
from mppkit.lessons.desk import LessonsDesk
from mppkit.people.desk import PeopleDesk
from mppkit.permits.desk import PermitsDesk
from mppkit.queues.desk import QueueDesk
from mppkit.readiness.desk import ReadinessDesk
from mppkit.surveys.desk import SurveysDesk

_SIGNED = ("actor", "officer", "who")
"""The arguments that say who did it; where they are left out, it is the viewer."""
_WITHIN = {"surveys": "followup"}
"""The desks that are reached through another."""


class Desks:
    """The desks of a mall for one viewer, from `Mall.as_`; as cheap as a tuple, so make one for each request.

    They take what the mall's own desks take. What is not the viewer's raises RefusedError before anything is recorded,
    with the reasons in Indonesian and English; lists hold what is theirs. It guards against mistakes and against what
    a viewer asks for, not against code in the same process: Python hides nothing.

    Attributes:
        viewer: who it is, with agency and duties as the blueprint says.
    """

    def __init__(self, rooms: Rooms, viewer: Viewer, access: Access, *, secret: bytes) -> None:
        """Let a viewer in.

        Raises:
            InvalidValueError: it is no viewer.
            RefusedError: the blueprint has no such officer, or the ticket's code is not right.
        """
        self.viewer = _recognised(rooms, viewer, secret)
        self._rooms = rooms
        self._access = access

    def may(self, act: str, about: About = EVERYTHING) -> Decision:
        """Tell whether the viewer may do an act with what it is about, to show or to hide a button.

        Ask with `viewer.own` whether it may do it at all.
        """
        return self._access(self.viewer, act, about)

    @property
    def queue(self) -> QueueDesk:
        """The queue's desk."""
        return cast(QueueDesk, _Guarded(self, "queue", self._rooms.queue))

    @property
    def permits(self) -> PermitsDesk:
        """The permits' desk."""
        return cast(PermitsDesk, _Guarded(self, "permits", self._rooms.permits))

    @property
    def surveys(self) -> SurveysDesk:
        """The survey desk, with `followup`."""
        return cast(SurveysDesk, _Guarded(self, "surveys", self._rooms.surveys))

    @property
    def people(self) -> PeopleDesk:
        """The people desk."""
        return cast(PeopleDesk, _Guarded(self, "people", self._rooms.people))

    @property
    def readiness(self) -> ReadinessDesk:
        """The readiness desk."""
        return cast(ReadinessDesk, _Guarded(self, "readiness", self._rooms.readiness))

    @property
    def lessons(self) -> LessonsDesk:
        """The lesson-study desk."""
        return cast(LessonsDesk, _Guarded(self, "lessons", self._rooms.lessons))

    def _do(self, act: str, method: MethodType, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> object:
        rule = RULES.get(act)
        if rule is None:
            raise _refused(NO_RULE)
        given = signature(method).bind_partial(*args, **kwargs)
        has_all = self.may(act).is_granted
        self._sign(given, any_officer=has_all)  # first: what something is about may depend on who asks
        check_arguments(method.__func__, given)
        if not has_all:
            named = rule.about(self._rooms, given.arguments) if rule.about else ()
            for about in named or (self.viewer.own,):
                self._check(act, about)

        def call(**changed: object) -> object:
            given.arguments.update(changed)
            return method(*given.args, **given.kwargs)

        if has_all or rule.keep is None:
            return call()
        return rule.keep(self._rooms, call, dict(given.arguments), lambda about: self.may(act, about).is_granted)

    def _check(self, act: str, about: About) -> None:
        decision = self.may(act, about)
        if not decision.is_granted:
            raise RefusedError(decision)

    def _sign(self, given: BoundArguments, *, any_officer: bool) -> None:
        """Put the viewer's id where it says who did it; who may do it with anything may name another officer."""
        mine = self.viewer.signs_as
        for name in _SIGNED:
            if name not in given.signature.parameters:
                continue
            signed = given.arguments.get(name)
            if signed is None and mine is not None:
                given.arguments[name] = mine
            elif signed != mine and not (name == "officer" and any_officer):
                raise _refused(OTHER_IDENTITY)


class _Guarded:
    """A desk behind a check; it has the desk's methods by their names, and no way around."""

    __slots__ = ("_desk", "_desks", "_name")

    def __init__(self, desks: Desks, name: str, desk: object) -> None:
        self._desks, self._name, self._desk = desks, name, desk

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._desk, name)
        if _WITHIN.get(self._name) == name:
            return _Guarded(self._desks, name, found)
        if not isinstance(found, MethodType):
            raise _refused(NO_RULE)
        return lambda *args, **kwargs: self._desks._do(f"{self._name}.{name}", found, args, kwargs)


def _recognised(rooms: Rooms, viewer: Viewer, secret: bytes) -> Viewer:
    """Return a viewer as the mall knows it: nothing counts of what only the blueprint can say."""
    if not isinstance(viewer, Viewer):
        raise InvalidValueError("viewer", type(viewer).__name__, "give a Viewer, such as Viewer.officer('petugas-01')")
    plain = evolve(viewer, agency=None, counters=frozenset(), duties=frozenset())
    if viewer.kind is ViewerKind.OFFICER:
        officer = as_officer(plain, rooms.blueprint.directory)
        if officer is None:
            raise _refused(UNKNOWN_OFFICER)
        return officer
    if viewer.kind is ViewerKind.TICKET:
        on = rooms.queue.today() if viewer.on is None else viewer.on
        typed = viewer.id or ""
        for number in (typed, typed.upper()):
            if is_code(viewer.code or "", ticket_code(secret, rooms.blueprint.id, on, number)):
                return evolve(plain, id=number, on=on, code=None)
        raise _refused(WRONG_CODE)
    return plain


def _refused(reason: Reason) -> RefusedError:
    return RefusedError(Decision.refused(reason))
