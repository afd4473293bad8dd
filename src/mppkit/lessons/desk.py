"""The lesson desk: what a delegation's secretary, a portal or a script calls.

Each command asks the rules, records what they answer, and returns frozen models. Every command takes a `request_id`:
repeated under the same one it records nothing and returns the same thing; used for another command it is an error.
`actor` is the id of who did it, never a name.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_person_or_none
from mppkit.ids import split_stream
from mppkit.lessons import events, rules
from mppkit.lessons.effects import ENOUGH, Effect, compare
from mppkit.lessons.figures import Figure
from mppkit.lessons.model import Observation, ProgrammeItem, Question, SubjectKind, Uptake, Visit
from mppkit.lessons.study import LESSON_STUDIES, Study
from mppkit.storage.port import EventStore

T = TypeVar("T")
E = TypeVar("E", bound=events.LessonEvent)


class LessonsDesk:
    """The lesson studies (*studi tiru*) of one visiting mall; may be used from any thread.

    What a command names and is not there raises NotFoundError; a step that is not possible from where things stand
    raises TransitionError, which says what is; a text or id that may not be recorded raises InvalidValueError.
    """

    def __init__(self, *, mall: str, store: EventStore, clock: Clock) -> None:
        self._studies: Repository[Study, events.LessonEvent] = Repository(LESSON_STUDIES, store, mall)
        self._mall = mall
        self._clock = clock

    # --- the visit -------------------------------------------------------------------------------------------------

    def plan_visit(
        self,
        key: str,
        *,
        host: str,
        region: str,
        people: int,
        programme: Sequence[ProgrammeItem],
        members: Sequence[str] = (),
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Visit:
        """Plan a visit.

        Args:
            key: what the visit is called from now on, such as `badung-2026`.
            host: the id of the mall that is visited.
            region: where the delegation comes from.
            people: how many come.
            programme: the stops, one or more.
            members: their ids in your own records, never names; may be left out.
            request_id: repeated under the same one, it records nothing.
            actor: the id of who did it.

        Raises:
            TransitionError: the key was used for another visit.
        """
        return self._do(
            events.VisitPlanned,
            {"host": host, "region": region, "people": people},
            key,
            lambda visit, at: rules.plan_visit(
                visit, key, host=host, region=region, people=people, programme=programme, members=members
            ),
            lambda visit, _: visit,
            request_id,
            actor,
        )

    def close(
        self, key: str, *, conclusion: str = "", request_id: str | None = None, actor: str | None = None
    ) -> Visit:
        """Close a lesson study, when its effects were measured or nobody will; nothing can be added then.

        Raises:
            TransitionError: it is closed, or something that was seen is undecided.
        """
        return self._do(
            events.VisitClosed,
            {"conclusion": conclusion},
            key,
            lambda visit, at: rules.close(visit, key, conclusion=conclusion),
            lambda visit, _: visit,
            request_id,
            actor,
        )

    # --- asking and seeing -----------------------------------------------------------------------------------------

    def ask(self, key: str, text: str, *, request_id: str | None = None, actor: str | None = None) -> Question:
        """Ask something, before the visit or during it."""
        return self._do(
            events.QuestionAsked,
            {"text": text},
            key,
            lambda visit, at: rules.ask(visit, key, text),
            lambda visit, asked: rules.find_question(visit, asked.question),
            request_id,
            actor,
        )

    def answer(
        self, key: str, question: str, text: str, *, request_id: str | None = None, actor: str | None = None
    ) -> Question:
        """Record the host's answer to a question, by the question's id."""
        return self._do(
            events.QuestionAnswered,
            {"question": question, "text": text},
            key,
            lambda visit, at: rules.answer(visit, key, question, text),
            lambda visit, _: rules.find_question(visit, question),
            request_id,
            actor,
        )

    def observe(
        self,
        key: str,
        kind: SubjectKind | str,
        subject: str,
        text: str,
        *,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Observation:
        """Record something that was seen: at which service, counter, policy or facility of the host, by its id."""
        return self._do(
            events.ObservationMade,
            {"kind": kind, "subject": subject, "text": text},
            key,
            lambda visit, at: rules.observe(visit, key, kind, subject, text),
            lambda visit, made: rules.find_observation(visit, made.observation),
            request_id,
            actor,
        )

    # --- deciding and measuring ------------------------------------------------------------------------------------

    def decide(
        self,
        key: str,
        observation: str,
        uptake: Uptake | str,
        *,
        why: str,
        how: str = "",
        item: str | None = None,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Observation:
        """Decide to adopt, adapt or skip what was seen; deciding anew replaces what stood, and keeps it.

        Args:
            key: the visit.
            observation: the id of what was seen.
            uptake: adopt, adapt or skip.
            why: the reason.
            how: what is done otherwise than at the host's; needed where it is adapted, and only there.
            item: the key of an item of the blueprint's adoption record that says the same.
            request_id: repeated under the same one, it records nothing.
            actor: the id of who did it.
        """
        return self._do(
            events.ObservationDecided,
            {"observation": observation, "uptake": uptake, "why": why, "how": how, "item": item},
            key,
            lambda visit, at: rules.decide(visit, key, observation, uptake, why=why, how=how, item=item),
            lambda visit, _: rules.find_observation(visit, observation),
            request_id,
            actor,
        )

    def measure(
        self,
        key: str,
        observation: str,
        before: Figure,
        after: Figure,
        *,
        minimum: int = ENOUGH,
        request_id: str | None = None,
        actor: str | None = None,
    ) -> Effect:
        """Record two figures, and return what something adopted or adapted brought.

        The figures are of the visiting mall before and after; or of both malls, the one compared with first.

        Raises:
            TransitionError: the observation is undecided or skipped, or the visit closed.
            InvalidValueError: the figures cannot be compared.
        """
        return self._do(
            events.EffectMeasured,
            {"observation": observation, "before": before, "after": after, "minimum": minimum},
            key,
            lambda visit, at: rules.measure(visit, key, self._mall, observation, before, after, at, minimum=minimum),
            lambda _, measured: compare(measured.before, measured.after, minimum=measured.minimum),
            request_id,
            actor,
        )

    # --- looking ---------------------------------------------------------------------------------------------------

    def visit(self, key: str) -> Visit:
        """Return a visit as it stands."""
        return self._studies.view(key, lambda study: rules.planned(study.visit, key))

    def visits(self) -> tuple[Visit, ...]:
        """Return all visits, by the date of their first stop."""
        return tuple(self.visit(split_stream(head.stream)[2]) for head in self._studies.find(order_by="first_on"))

    def _do(
        self,
        kind: type[E],
        about: Mapping[str, object],
        key: str,
        rule: Callable[[Visit | None, datetime], rules.Events],
        result: Callable[[Visit, E], T],
        request_id: str | None,
        actor: str | None,
    ) -> T:
        """Record what a rule answers, and return what `result` makes of the visit and of the event of this `kind`.

        `about` is what that event must hold, so that a request_id of another command is found out.
        """

        def made(study: Study, happened: Sequence[events.LessonEvent]) -> T:
            for event in happened:
                if isinstance(event, kind) and all(getattr(event, name) == wanted for name, wanted in about.items()):
                    return result(rules.planned(study.visit, key), event)
            remedy = "it was used for another command; give every request its own"
            raise InvalidValueError("request_id", request_id, remedy)

        return self._studies.execute(
            key,
            lambda study, at: rule(study.visit, at),
            made,
            at=self._clock.now(),
            request_id=request_id,
            actor=checked_person_or_none(actor, "actor"),
        )
