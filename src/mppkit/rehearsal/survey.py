"""The survey rehearsed: who was served answers when leaving, by the code on the ticket, on the real survey desk.

It says what people tick, and decides nothing about an answer: the desk does. Each visitor has a chance of their own, by
the seed, the date and the ticket, so that under another discipline the same visitors differ by their waits alone.
"""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from random import Random

import attrs
from attrs import frozen

from mppkit.blueprint import Blueprint
from mppkit.clock import Clock
from mppkit.errors import RefusedError
from mppkit.queues.model import Ticket
from mppkit.rehearsal.habits import SurveyHabits
from mppkit.storage import EventStore, Query, StreamHead
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.index import Score, score
from mppkit.surveys.survey_day import SURVEY_DAYS
from mppkit.surveys.tally import tally_patterns


@frozen(kw_only=True)
class RehearsedSurvey:
    """What the visitors' answers came to.

    Attributes:
        instrument: the id of what was asked.
        asked: how many were served to the end, each with a code.
        refused: how many of them were refused, for they had left a question out.
        score: of the others who answered, with `asked` as its population; None where nobody did.
        ends: where each stream ends, by its version and digest.
    """

    instrument: str
    asked: int
    refused: int
    score: Score | None
    ends: Mapping[str, tuple[int, str]]

    @property
    def events(self) -> int:
        """How many were recorded: one for each answer."""
        return sum(version for version, _ in self.ends.values())


class Kiosk:
    """Where visitors answer before they go.

    Attributes:
        desk: the real desk; its `token` makes the codes for the tickets.
    """

    def __init__(
        self, blueprint: Blueprint, store: EventStore, habits: SurveyHabits, *, clock: Clock, seed: int
    ) -> None:
        self.desk = SurveysDesk(
            mall=blueprint.id,
            store=store,
            directory=blueprint.directory,
            zone=blueprint.calendar.zone,
            clock=clock,
            instruments=(habits.instrument,),
            secret=sha256(f"mppkit.rehearsal/survey/{seed}".encode()).digest(),  # hides nobody: nobody here is real
            **attrs.asdict(blueprint.survey),
        )
        self._blueprint = blueprint
        self._store = store
        self._habits = habits
        self._seed = seed
        self._asked = 0
        self._refused = 0
        self._counted: Counter[tuple[int, ...]] = Counter()

    def leave(self, ticket: Ticket, code: str | None) -> None:
        """Let a visitor who was served to the end answer, or not."""
        self._asked += 1
        chance = Random(f"{self._seed}/survey/{self.desk.today()}/{ticket.number}")  # noqa: S311 - no secret
        answering, incomplete, which = (chance.random() for _ in range(3))
        if answering >= self._habits.answering:
            return
        answers = drawn_answers(self._habits, sum(leg.waited for leg in ticket.legs), chance)
        if incomplete < self._habits.incomplete:
            del answers[tuple(answers)[int(which * len(answers))]]
        try:
            self.desk.respond(self._habits.instrument.id, code, answers)
        except RefusedError as refusal:
            if any(reason.code != "answer_missing" for reason in refusal.decision.reasons):
                raise
            self._refused += 1
        else:
            self._counted[tuple(answers.values())] += 1

    def rehearsed(self) -> RehearsedSurvey:
        """Return what all answers so far came to."""
        heads = streams_of_survey(self._blueprint, self._store)
        return RehearsedSurvey(
            instrument=self._habits.instrument.id,
            asked=self._asked,
            refused=self._refused,
            score=self._score() if self._counted else None,
            ends={head.stream: (head.version, head.digest) for head in heads},
        )

    def _score(self) -> Score:
        """Return what was counted came to: not as the desk tells it, which would hide the few of a small day."""
        asked = self._habits.instrument
        return score(asked, tally_patterns(asked, self._counted), population=self._asked)


def drawn_answers(habits: SurveyHabits, waited_seconds: float, chance: Random) -> dict[str, int]:
    """Return what a visitor ticks who waited so long in all.

    The same chance makes the same answers but for those of `reacting`, and there never a better one for a longer wait.
    """
    least, most = habits.contentment
    contentment = least + (most - least) * chance.random()
    patience = max(0.0, 1 - waited_seconds / 60 / habits.patience_minutes)
    answers = {}
    for element in habits.instrument.elements:
        each_step = contentment * patience if element.key in habits.reacting else contentment
        steps = [chance.random() < each_step for _ in element.choices[1:]]
        answers[element.key] = element.choices[sum(steps)].value
    return answers


def streams_of_survey(blueprint: Blueprint, store: EventStore) -> tuple[StreamHead, ...]:
    """Return the heads of all survey days of a mall."""
    return tuple(store.find(Query(mall=blueprint.id, category=SURVEY_DAYS.category)))
