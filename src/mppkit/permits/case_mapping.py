"""What the activities of another system's case log mean here, by words such as `step:periksa:lengkap`.

A move is one thing that can happen to an application. Which moves there are follows from the workflow, and which of
them are possible from where an application stands is said once, in `is_possible`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from attrs import evolve, frozen

from mppkit.documents.files import read_document
from mppkit.documents.tables import Table
from mppkit.documents.values import Wrong, found, table
from mppkit.errors import BlueprintError, InvalidValueError, Problem, nearest, shown
from mppkit.permits.model import Application, Status
from mppkit.permits.workflow import Effect, Workflow


class Word(StrEnum):
    """What an activity does; how it is written in a mapping."""

    SUBMIT = "submit"
    """The application was submitted; every case begins with it."""
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    IGNORE = "ignore"
    """Nothing that is recorded here, such as a permit that was fetched."""
    RETURN = "return"
    """`return:STEP:OUTCOME`: sent back to the applicant."""
    STEP = "step"
    """`step:STEP:OUTCOME`: a step ended, and the next began."""
    DECIDE = "decide"
    """`decide:STEP:OUTCOME`, or `decide:STEP:OUTCOME:REASON` where it was refused and the activity says why."""
    ISSUE = "issue"
    """`issue:STEP:OUTCOME`: the permit was issued."""


_WORD_OF: Mapping[Effect, Word] = {
    Effect.RETURN: Word.RETURN,
    Effect.FORWARD: Word.STEP,
    Effect.GRANT: Word.DECIDE,
    Effect.GRANT_WITH_CONDITIONS: Word.DECIDE,
    Effect.REFUSE: Word.DECIDE,
    Effect.ISSUE: Word.ISSUE,
}
OFFICERS_WORDS = frozenset(_WORD_OF.values())
"""What an officer does, and no applicant."""


@frozen(kw_only=True)
class Move:
    """One thing that can happen to an application.

    Attributes:
        step, outcome: of the workflow, for what officers do; empty otherwise.
        reason: the code of the reason for a refusal; empty where the activity does not say.
    """

    word: Word
    step: str = ""
    outcome: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.word.value, self.step, self.outcome, self.reason) if part)


def moves_of(workflow: Workflow) -> tuple[Move, ...]:
    """Return all moves of a workflow, as a mapping may name them."""
    steps = (
        Move(word=_WORD_OF[outcome.effect], step=step.id, outcome=outcome.id)
        for step in workflow.steps
        for outcome in step.outcomes
    )
    return (Move(word=Word.SUBMIT), *steps, Move(word=Word.RESUBMIT), Move(word=Word.WITHDRAW), Move(word=Word.IGNORE))


def is_possible(application: Application | None, move: Move) -> bool:
    """Tell whether a move can happen to an application as it stands; None for a case that has not begun.

    These are the rules of the desk as far as a log can tell: who acted with which role, and what documents were there,
    it does not say.
    """
    if application is None:
        return move.word is Word.SUBMIT
    status = application.status
    is_open = any(run.step == move.step for run in application.open)
    match move.word:
        case Word.SUBMIT:
            return False
        case Word.RESUBMIT:
            return status is Status.RETURNED
        case Word.WITHDRAW:
            return application.is_running
        case Word.RETURN:
            return is_open
        case Word.ISSUE:
            return is_open and status is Status.GRANTED
        case Word.STEP | Word.DECIDE:
            return is_open and status is not Status.RETURNED
        case Word.IGNORE:
            return True


def possible(application: Application | None, workflow: Workflow) -> tuple[str, ...]:
    """Return the moves that can happen to an application as it stands, as they are written in a mapping."""
    moves = moves_of(workflow)
    return tuple(str(move) for move in moves if move.word is not Word.IGNORE and is_possible(application, move))


# --- reading a mapping -----------------------------------------------------------------------------------------------


def load_case_mapping(path: str | Path, workflow: Workflow) -> dict[str, str]:
    """Read a mapping from a TOML file with one table, `[activities]`: `"Verifikasi selesai" = "step:periksa:lengkap"`.

    Raises:
        BlueprintError: it cannot be used with that workflow; tells every problem at once.
        InvalidValueError: it is no file's name.
    """
    if not isinstance(path, str | Path):
        remedy = "give the name of a TOML file; a mapping in Python goes to read_case_log as it is"
        raise InvalidValueError("path", type(path).__name__, remedy)
    problems: list[Problem] = []
    document = read_document(Path(path), problems)
    activities: dict[str, object] = {}
    if document is not None:
        root = Table(document.content, file=document.file, path="", problems=problems)
        activities = root.read({"activities": table}, {}).get("activities", {})
        if not problems:
            _read(activities, workflow, document.file, problems)
    if problems:
        raise BlueprintError(problems, of="case mapping")
    return {activity: str(word) for activity, word in activities.items()}


def checked_mapping(mapping: Mapping[str, str], workflow: Workflow) -> dict[str, Move]:
    """Return the move that each activity of a mapping stands for.

    Raises:
        BlueprintError: one stands for none of this workflow; tells every problem at once.
        InvalidValueError: it is no mapping.
    """
    if not isinstance(mapping, Mapping):
        remedy = "give a dict of activities, or what load_case_mapping read from a TOML file"
        raise InvalidValueError("mapping", mapping, remedy)
    problems: list[Problem] = []
    moves = _read(mapping, workflow, "mapping", problems)
    if problems:
        raise BlueprintError(problems, of="case mapping")
    return moves


def _read(mapping: Mapping[str, object], workflow: Workflow, file: str, problems: list[Problem]) -> dict[str, Move]:
    moves: dict[str, Move] = {}
    for activity, text in mapping.items():
        path = f"activities.{shown(activity)}"
        if not isinstance(activity, str):
            problems.append(Problem(file=file, path=path, found=found(activity), allowed="name the activity by a text"))
            continue
        move = _move(text, workflow)
        if isinstance(move, Wrong):
            near = nearest(text, move.among) if isinstance(text, str) else None
            problems.append(Problem(file=file, path=path, found=found(text), allowed=move.allowed, suggestion=near))
        elif moves.setdefault(activity.strip(), move) != move:
            allowed = f"it is {moves[activity.strip()]} already; blanks around a name do not count"
            problems.append(Problem(file=file, path=path, found=found(text), allowed=allowed))
    if not problems and all(move.word is not Word.SUBMIT for move in moves.values()):
        remedy = "say which activity is the submission; every case begins with it"
        problems.append(Problem(file=file, path="activities", found="nothing that leads to submit", allowed=remedy))
    return moves


def _move(text: object, workflow: Workflow) -> Move | Wrong:
    """Return the move that a text names; what it leaves out at its end must be the only one there is."""
    moves = moves_of(workflow)
    word, *parts = [part.strip() for part in text.split(":")] if isinstance(text, str) else [""]
    ways = [move for move in moves if move.word.value == word]
    if not ways:
        return _wrong("begin with one of", Word, moves)
    for part, place in zip(parts, ("step", "outcome"), strict=False):
        fitting = [move for move in ways if part and getattr(move, place) == part]
        if not fitting:
            return _wrong("give one of", ways, ways)
        ways = fitting
    if len(ways) > 1:
        return _wrong("say which:", ways, ways)
    if len(parts) <= 2:
        return ways[0]
    step, outcome = ways[0].step, ways[0].outcome
    codes = workflow.step(step).outcome(outcome).reasons
    reasons = [evolve(ways[0], reason=code) for code in codes]
    if len(parts) == 3 and parts[2] in codes:
        return evolve(ways[0], reason=parts[2])
    return _wrong("give one of", [ways[0], *reasons], reasons)


def _wrong(how: str, allowed: Iterable[object], among: Iterable[Move]) -> Wrong:
    return Wrong(allowed=f"{how} {', '.join(map(str, allowed))}", among=[str(move) for move in among])
