"""Every error mppkit raises, in one tree; facts are attributes, and personal numbers are masked.

This room knows nothing of the others. A message names the place, the value that was found and the remedy.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import Protocol

from attrs import frozen

from mppkit.masking import masked

_SHOWN_AT_MOST = 80
_LOOKED_AT_MOST = 4_000  # signs; masking takes its time, and no more than the first are shown
_LISTED_AT_MOST = 1_000  # problems; a message is to be read, and who has more has made one many times


def shown(value: object) -> str:
    """Return `value` as it may appear in a message: short, and long numbers (NIK, phone) masked; dates are not.

    >>> shown("5103011708900001")
    "'51…01'"
    >>> shown("loket-3 on 2026-11-24 08:15")
    "'loket-3 on 2026-11-24 08:15'"
    """
    whole = repr(value)
    text = masked(whole[:_LOOKED_AT_MOST])
    is_short = len(whole) <= _LOOKED_AT_MOST and len(text) <= _SHOWN_AT_MOST
    return text if is_short else text[: _SHOWN_AT_MOST - 1] + "…"


def nearest(value: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word most like `value`, or None when none is near.

    >>> nearest("first_comer", ["first_come", "ratio"])
    'first_come'
    """
    close = difflib.get_close_matches(value, list(allowed), n=1, cutoff=0.6)
    return close[0] if close else None


class MppkitError(Exception):
    """The root of every error that mppkit raises on purpose."""


class InvalidValueError(MppkitError, ValueError):
    """A value that cannot be: says where it stood, what it was and what would be right.

    Attributes:
        place: the argument, field or line that held the value.
        remedy: what to give instead.
    """

    def __init__(self, place: str, value: object, remedy: str) -> None:
        super().__init__(f"{masked(place)}: {shown(value)}: {remedy}")
        self.place = place
        self.remedy = remedy


class TransitionError(MppkitError):
    """A step that the thing cannot take from where it stands.

    Attributes:
        subject: what was to be moved, such as `ticket A-001`.
        step: the step that was asked for.
        status: where it stands now.
        allowed: the steps that are possible from there.
    """

    def __init__(self, subject: str, step: str, status: str, allowed: Sequence[str], hint: str = "") -> None:
        ways = ", ".join(allowed) or "none"
        super().__init__(f"{subject} is {status}: cannot {step}; allowed: {ways}" + (f" ({hint})" if hint else ""))
        self.subject = subject
        self.step = step
        self.status = status
        self.allowed = tuple(allowed)


class _Reason(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def indonesian(self) -> str: ...
    @property
    def english(self) -> str: ...


class _Decision(Protocol):
    @property
    def reasons(self) -> Sequence[_Reason]: ...


class RefusedError(MppkitError):
    """A policy said no, or "something else first"; the whole answer is in `decision`.

    Attributes:
        decision: the `mppkit.decisions.Decision` with its reasons.
    """

    def __init__(self, decision: _Decision) -> None:
        super().__init__(" / ".join(f"{why.indonesian} ({why.english}) [{why.code}]" for why in decision.reasons))
        self.decision = decision


class NotFoundError(MppkitError, LookupError):
    """Something that was named is not there; suggests the nearest name that is.

    Attributes:
        kind: what was looked for, such as `service`.
        suggestion: the nearest existing name, or None.
    """

    def __init__(self, kind: str, key: object, existing: Iterable[str] = (), remedy: str = "") -> None:
        self.kind = kind
        self.suggestion = nearest(str(key), existing)
        tail = f"; did you mean {shown(self.suggestion)}?" if self.suggestion else ""
        super().__init__(f"no {kind} {shown(key)}{tail}" + (f"; {remedy}" if remedy else ""))


class ConflictError(MppkitError):
    """Somebody else was faster: the stream is not at the version that was expected; nothing was written.

    Attributes:
        stream: the stream's name.
        expected: the version the writer had seen.
        actual: the version the stream really has.
    """

    def __init__(self, stream: str, expected: int, actual: int, hint: str = "read it again and decide anew") -> None:
        super().__init__(f"stream {shown(stream)}: expected version {expected}, found {actual}; {hint}")
        self.stream = stream
        self.expected = expected
        self.actual = actual


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong in a blueprint: where it stands, what was found, and what would be right.

    Attributes:
        file: the file; or the folder, where no single file is to blame.
        path: where in it, such as `service[3].prefix` (rows count from 0) or `line 3, column 5`; empty for all of it.
        row: the id of the row it stands in, so that nobody has to count rows; None where there is none.
        found: what stands there, fit for a message; None where something is missing.
        allowed: what may stand there.
        suggestion: what was probably meant, or None.
    """

    file: str
    path: str
    row: str | None = None
    found: str | None
    allowed: str
    suggestion: str | None = None

    def __str__(self) -> str:
        file = masked(self.file)
        place = f"{file}: {self.path}" if self.path else file
        of = f" of {shown(self.row)}" if self.row is not None else ""
        tail = f"; did you mean {shown(self.suggestion)}?" if self.suggestion else ""
        return f"{place}{of}: {self.found or 'missing'}: {self.allowed}{tail}"


class BlueprintError(MppkitError):
    """A blueprint, or another file `of` a rehearsal, that cannot be used; tells every problem at once, one a line.

    Past a thousand the message only counts them.

    Attributes:
        problems: each `Problem`, with its file, path, what was found, what is allowed and a suggestion.
    """

    def __init__(self, problems: Iterable[Problem], of: str = "blueprint") -> None:
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem" + "s" * (len(self.problems) != 1)
        lines = [f"the {of} has {count}:", *map(str, self.problems[:_LISTED_AT_MOST])]
        if len(self.problems) > _LISTED_AT_MOST:
            lines.append(f"and {len(self.problems) - _LISTED_AT_MOST:,} more")
        super().__init__("\n  ".join(lines))


class DecodeError(MppkitError):
    """A stored event cannot be read by this version of mppkit.

    Attributes:
        name: the stored event's name.
        version: the stored event's version.
    """

    def __init__(self, name: str, version: int, why: str) -> None:
        super().__init__(f"event {shown(name)} version {version}: {why}")
        self.name = name
        self.version = version


class StorageError(MppkitError):
    """The store could not do its work; the driver's own error is the `__cause__`.

    Long numbers in the message are masked: it names files and databases, and repeats what a driver says.
    """

    def __init__(self, message: str) -> None:
        super().__init__(masked(message))


class UnreadableEventError(StorageError):
    """A recorded event's row was damaged so that it cannot even be read; `mppkit audit` walks around it.

    Attributes:
        stream, version: which event; position: its place in the store.
    """

    def __init__(self, stream: str, version: int, position: int, why: str) -> None:
        super().__init__(f"event {version} of stream {shown(stream)} cannot be read: {why}")
        self.stream = stream
        self.version = version
        self.position = position


class MissingExtraError(MppkitError, ImportError):
    """A part of mppkit needs packages that were not installed; names the extra that brings them."""

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f'{part} needs packages that are not installed: python -m pip install "mppkit[{extra}]"')
        self.extra = extra
