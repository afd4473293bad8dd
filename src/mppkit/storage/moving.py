"""Moving a store: copy it into another one of whatever kind, back it up into a file, and bring it back.

It works on the five verbs alone. A copy is the source as it stood at one instant: `find` shows all heads as of one
commit, and what comes behind them is left for the next copy. Streams are appended anew, batch by batch with the same
instant, actor and request_id and in the source's order, so that the digests come out the same; they are compared with
the source's before, during and after. A stream whose digest is the same in both has the same events, so the next copy
reads only what the target has not: it costs what is new, not what there is. Of labels and summaries a store knows the
last ones only, so every batch brings these: a stream that was half copied shows the labels of its end, a whole one
those that belong to it.

The key ring of the people room is in no store, and so in no copy and no backup: a backup that held the keys would give
back whom somebody has asked to erase.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from mppkit.errors import ConflictError, InvalidValueError, NotFoundError, StorageError, UnreadableEventError
from mppkit.ids import split_stream
from mppkit.storage.audit import AuditReport, audit, digest_of_row, digest_of_streams, has_a_place
from mppkit.storage.port import NO_DIGEST, Append, EventStore, NewEvent, Query, Recorded, StreamHead
from mppkit.storage.sqlite import SqliteStore

Progress = Callable[[int, int], None]
"""Called with how many steps are done, and of how many: each event that is missing is copied, and then compared."""

Heads = Mapping[str, StreamHead]
Ends = Mapping[str, tuple[int, str]]
"""The version and digest at which each stream ends."""

_BEGIN = (0, NO_DIGEST)

_NAMED = 20
_PAGE = 2000
_COMMIT = 500
"""Events in one commit at most, but for a larger batch, which stays whole."""


@frozen(kw_only=True)
class Copied:
    """What a copy came to.

    Attributes:
        streams, events: how many the source had when the copy began.
        recorded: how many of the events this copy recorded; the others stood in the target before.
        digest: of these streams as they stand in both stores; that of an audit of the source, where it has not grown.
    """

    streams: int
    events: int
    recorded: int
    digest: str


def copy(
    source: EventStore, target: EventStore, *, mall: str | None = None, progress: Progress | None = None
) -> Copied:
    """Copy all streams of a store into another one; what stands there already is compared by its digests alone.

    A copy that was cut off goes on where it was, when it is called again. Streams that the target alone has stay as
    they are; where it has gone on with a stream of the source, it has what it needs.

    Args:
        source: any store; others may write to it meanwhile.
        target: any other one; nobody else should write to the source's streams there.
        mall: copy this mall alone.
        progress: called with how many steps are done, and of how many.

    Raises:
        NotFoundError: the source has no streams of this mall.
        ConflictError: source and target have different events at one place of a stream: `expected` is the last version
            at which they agree. Nothing was written; but where it is raised as somebody else writes to the target at
            the same time, what was copied before stays.
        UnreadableEventError: an event of the source, or after the copy one of the target, is missing or not as it was
            recorded. What was copied before it is sound, and stays.
        StorageError: a store cannot do its work.

    >>> from mppkit.storage import MemoryStore
    >>> copy(MemoryStore(), MemoryStore()).recorded
    0
    """
    if mall is not None:
        require_mall(source, mall)
    heads = {head.stream: head for head in source.find(Query(mall=mall))}
    there = _heads_of(target, heads)
    _refuse_what_differs(source, target, heads, there)
    behind = {
        stream: head
        for stream, head in heads.items()
        if (theirs := there.get(stream)) is None or theirs.version < head.version
    }
    ends = {stream: (there[stream].version, there[stream].digest) if stream in there else _BEGIN for stream in behind}
    missing = sum(head.version - ends[stream][0] for stream, head in behind.items())
    done = recorded = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, 2 * missing)

    # into an empty target everything is copied, and nothing need be looked for
    for batches in _Walk(source, behind, ends).pages(_place_before(source, ends) if there else 0):
        tell(sum(map(len, batches)))
        for commit in _commits(batches):
            recorded += _record(target, commit, heads)
    for stream, head in behind.items():
        _compare(target, head, *ends[stream])
        tell(head.version - ends[stream][0])
    _compare_heads(heads, _heads_of(target, heads) if behind else there)
    return Copied(
        streams=len(heads),
        events=sum(head.version for head in heads.values()),
        recorded=recorded,
        digest=digest_of_streams({stream: (head.version, head.digest) for stream, head in heads.items()}),
    )


def backup(store: EventStore, path: str | os.PathLike[str], *, progress: Progress | None = None) -> Copied:
    """Copy a store, while others write to it, into a new SQLite file; keys of the people room are not in it.

    The file has its name only when it is whole: it was closed, read again from the disk and audited.

    Raises:
        InvalidValueError: there is something of this name; a backup is never overwritten.
        UnreadableEventError: the store is damaged; no file is left.
        StorageError: the store cannot be read or the file not be written, because the disk is full for example; no
            file is left.
    """
    path = Path(path).absolute()
    _refuse_what_is_there(path)
    with _telling_of(path), TemporaryDirectory(prefix=".mppkit-", dir=path.parent) as folder:
        part = Path(folder, path.name)
        with SqliteStore(part, synchronous="normal") as file:  # it is brought to the disk before it gets its name
            copied = copy(store, file, progress=progress)
            file.be_one_file()
        report = verify(part)
        if not report.intact or report.digest != copied.digest:
            raise StorageError(f"backup {path}: the file does not hold what was written to it: try another disk")
        _bring_to_disk(part)
        _refuse_what_is_there(path)
        part.rename(path)
        _bring_to_disk(path.parent)
    return copied


def restore(
    path: str | os.PathLike[str], target: EventStore, *, name: str = "target", progress: Progress | None = None
) -> Copied:
    """Copy a backup into an empty store; the keys of the people room are to be brought back apart from it.

    A restore that was cut off is ended by `copy`, which knows what stands there already.

    Args:
        path: the backup.
        target: an empty store.
        name: what the target is called where it is not empty.
        progress: called with how many steps are done, and of how many.

    Raises:
        InvalidValueError: the target is not empty.
        UnreadableEventError: the backup is damaged.
        StorageError: the file is not there or no store, or the target cannot be written.
    """
    with SqliteStore(path, create=False) as file:
        if found := target.find(Query(limit=1)):
            remedy = "the target of a restore must be empty; copy adds to a store, and ends a restore that was cut off"
            raise InvalidValueError(name, found[0].stream, remedy)
        return copy(file, target, progress=progress)


def verify(path: str | os.PathLike[str]) -> AuditReport:
    """Audit a backup and its file; its `digest` is that of the backup's `Copied`, and of the store at that time.

    Raises:
        StorageError: the file is not there, no store, or damaged where no event stands.
    """
    with SqliteStore(path, create=False) as file:
        report = audit(file)
        if report.intact:  # else the place that the report names says more
            file.check_file()
        return report


def require_mall(store: EventStore, mall: str) -> None:
    """See that a store has streams of a mall.

    Raises:
        NotFoundError: it has none; names the malls that it has, twenty at most.
    """
    if store.find(Query(mall=mall, limit=1)):
        return
    malls = sorted({split_stream(head.stream)[0] for head in store.find(Query())})
    more = f" and {len(malls) - _NAMED} more" if len(malls) > _NAMED else ""
    have = f"the store has {', '.join(malls[:_NAMED])}{more}" if malls else "the store has no streams at all"
    raise NotFoundError("mall", mall, malls, have)


# --- before: what must not be mixed ---------------------------------------------------------------------------------


def _heads_of(store: EventStore, wanted: Heads) -> dict[str, StreamHead]:
    """Return those heads of a store, perhaps of many malls, whose streams are wanted."""
    malls = sorted({split_stream(stream)[0] for stream in wanted})
    return {head.stream: head for mall in malls for head in store.find(Query(mall=mall)) if head.stream in wanted}


def _refuse_what_differs(source: EventStore, target: EventStore, heads: Heads, there: Heads) -> None:
    """Refuse a target where a stream is neither a beginning of the source's nor the other way around.

    Raises:
        ConflictError: there is one; names the first event that differs, and both digests.
    """
    differing = [
        stream
        for stream, theirs in there.items()
        if _digest_at(source, heads[stream], theirs.version) != _digest_at(target, theirs, heads[stream].version)
    ]
    if not differing:
        return
    stream = min(differing)
    both = zip(source.read(stream), target.read(stream), strict=False)
    ours, theirs = next((pair for pair in both if pair[0].digest != pair[1].digest), (None, None))
    if ours is None or theirs is None or ours.version != theirs.version:
        remedy = "an event is missing, or a head is wrong, in one of them: audit both stores; nothing was written"
        raise ConflictError(stream, heads[stream].version, there[stream].version, remedy)
    more = f", and so on {len(differing) - 1} other streams" if len(differing) > 1 else ""
    raise ConflictError(
        stream,
        ours.version - 1,
        there[stream].version,
        f"source and target have each recorded an event {ours.version} of their own on it{more} (digest {ours.digest} "
        f"here, {theirs.digest} there); a stream can go on in one place only, and nothing was written: keep both "
        "stores, and enter in one what happened in the other",
    )


def _digest_at(store: EventStore, head: StreamHead, version: int) -> str:
    """Return a stream's digest at a version, or its last one if it ends before."""
    if version >= head.version:
        return head.digest
    rows = store.read(head.stream, after=version - 1)
    return rows[0].digest if rows else NO_DIGEST


# --- the source -----------------------------------------------------------------------------------------------------


def _place_before(source: EventStore, ends: Ends) -> int:
    """Return a position behind which all events stand that come behind these ends."""
    firsts = (rows[0].position for stream, (version, _) in ends.items() if (rows := source.read(stream, after=version)))
    return min(firsts, default=1) - 1


class _Walk:
    """The walk through the source: each event behind `ends` once, in its order, and its chain checked."""

    def __init__(self, source: EventStore, heads: Heads, ends: Ends) -> None:
        self._source = source
        self._heads = heads
        self._ends = dict(ends)
        self._left = sum(head.version - self._ends[stream][0] for stream, head in heads.items())

    def pages(self, position: int) -> Iterator[list[list[Recorded]]]:
        """Give the source's batches behind a position, page by page, up to its heads.

        Raises:
            UnreadableEventError: an event is missing, or not as it was recorded.
        """
        while self._left and (rows := self._source.read_all(after=position, limit=_PAGE)):
            position = rows[-1].position
            yield self._batches(rows)
        if self._left:
            # read_all may hold back, for a transaction that has not ended, what find shows already
            behind = [row for stream in self._heads for row in self._rest(stream)]
            yield self._batches(sorted(behind, key=lambda row: row.position))
        for stream, head in self._heads.items():
            version, digest = self._ends[stream]
            if version < head.version:
                raise UnreadableEventError(
                    stream, version + 1, position, f"it is missing: the head says {head.version} events"
                )
            if digest != head.digest:
                raise UnreadableEventError(stream, version, position, "the stream's head carries another digest")

    def _rest(self, stream: str) -> Sequence[Recorded]:
        """Return what the walk has not seen of a stream."""
        after, _ = self._ends[stream]
        return self._source.read(stream, after=after) if after < self._heads[stream].version else ()

    def _batches(self, rows: Iterable[Recorded]) -> list[list[Recorded]]:
        """Return what is new in a page as batches, in the order of their first events.

        What shared a request_id must stay together, though other streams' events may stand in between, and the rest of
        it on the next page; what had none may be parted.
        """
        batches: list[list[Recorded]] = []
        last: dict[str, list[Recorded]] = {}
        for row in rows:
            if not self._step(row):
                continue
            batch = last.get(row.stream)
            if batch and _are_one(batch[-1], row) and (row.request_id is not None or batch is batches[-1]):
                batch.append(row)
            else:
                batch = last[row.stream] = [row]
                batches.append(batch)
        for stream, batch in last.items():
            if batch[-1].request_id is not None:
                more = takewhile(partial(_are_one, batch[-1]), self._rest(stream))
                batch += [row for row in more if self._step(row)]
        return batches

    def _step(self, row: Recorded) -> bool:
        """Check an event against its predecessor; tell whether it is one to be copied, and was not seen before."""
        if not has_a_place(row):
            raise UnreadableEventError(str(row.stream), 0, row.position, "its stream's name or its version is none")
        head = self._heads.get(row.stream)
        if head is None or row.version > head.version:
            return False
        version, digest = self._ends[row.stream]
        if row.version <= version:
            return False
        if row.version != version + 1:
            why = f"it follows version {version}: events are missing or out of order"
            raise UnreadableEventError(row.stream, row.version, row.position, why)
        if digest_of_row(row, digest) != row.digest:
            why = "its digest does not fit: the event, or the one before, was altered"
            raise UnreadableEventError(row.stream, row.version, row.position, why)
        self._ends[row.stream] = row.version, row.digest
        self._left -= 1
        return True


def _are_one(row: Recorded, following: Recorded) -> bool:
    """Tell whether two events of a stream, one after the other, can have been one batch."""
    return (row.request_id, row.actor, row.at) == (following.request_id, following.actor, following.at)


# --- the target -----------------------------------------------------------------------------------------------------


def _commits(batches: Iterable[list[Recorded]]) -> Iterator[list[list[Recorded]]]:
    """Put together what may go into one commit: a batch of a stream each, all with a request_id or none."""
    commit: list[list[Recorded]] = []
    streams: set[str] = set()
    size = 0
    for batch in batches:
        first = batch[0]
        if commit and (
            first.stream in streams
            or (first.request_id is None) != (commit[0][0].request_id is None)
            or size + len(batch) > _COMMIT
        ):
            yield commit
            commit, streams, size = [], set(), 0
        commit.append(batch)
        streams.add(first.stream)
        size += len(batch)
    if commit:
        yield commit


def _record(target: EventStore, commit: Sequence[Sequence[Recorded]], heads: Heads) -> int:
    """Record batches in the target, and return how many events these were.

    Raises:
        ConflictError: somebody else writes to one of the streams there.
        UnreadableEventError: an event was not recorded as the source has it.
    """
    try:
        recorded = target.append(*(_batch(rows, heads[rows[0].stream]) for rows in commit))
    except ConflictError as error:
        hint = "somebody else writes to this stream of the target: copy again when he is done; it goes on from here"
        raise ConflictError(error.stream, error.expected, error.actual, hint) from error
    given = [row for rows in commit for row in rows]
    for row, kept in zip(given, recorded, strict=False):
        if kept.digest != row.digest:
            why = "the target has not recorded it as the source has it; is its request_id used twice on the stream?"
            raise UnreadableEventError(row.stream, row.version, row.position, why)
    return len(given)


def _batch(rows: Sequence[Recorded], head: StreamHead) -> Append:
    return Append(
        stream=head.stream,
        expected_version=rows[0].version - 1,
        events=tuple(NewEvent(name=row.name, version=row.event_version, data=row.data) for row in rows),
        labels=head.labels,
        summary=head.summary,
        request_id=rows[0].request_id,
        actor=rows[0].actor,
        at=rows[0].at,
    )


def _compare(target: EventStore, head: StreamHead, after: int, digest: str) -> None:
    """Read a stream of the target from where it ended to where the source's ends, and see that it is so to the letter.

    Raises:
        UnreadableEventError: it is not.
    """
    version = after
    for version, row in enumerate(target.read(head.stream, after)[: head.version - after], after + 1):
        if row.version != version or digest_of_row(row, digest) != row.digest:
            why = "the target has it otherwise than it was given: audit it"
            raise UnreadableEventError(head.stream, version, row.position, why)
        digest = row.digest
    if digest != head.digest:
        why = f"the target has not what the source has, {head.version} events: audit it"
        raise UnreadableEventError(head.stream, version, 0, why)


def _compare_heads(heads: Heads, there: Heads) -> None:
    """See that streams are found and listed in the target as in the source.

    Raises:
        StorageError: a head is missing, or other than the source's.
    """
    for stream, head in heads.items():
        theirs = there.get(stream)
        if theirs is None or theirs.version < head.version or (theirs.version == head.version and theirs != head):
            raise StorageError(
                f"stream {stream}: the target's head is not the source's: its events are, its labels or summary are not"
            )


# --- the file -------------------------------------------------------------------------------------------------------


def _refuse_what_is_there(path: Path) -> None:
    if os.path.lexists(path):
        raise InvalidValueError("backup", str(path), "there is something of this name: give another one")


@contextmanager
def _telling_of(path: Path) -> Iterator[None]:
    """Turn what the system says into a StorageError that names the backup."""
    try:
        if not path.parent.is_dir():
            raise StorageError(f"backup {path}: the folder {path.parent} is not there: make it first")
        yield
    except OSError as error:
        raise StorageError(f"backup {path}: {error.strerror or error}") from error


def _bring_to_disk(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    if path.is_dir():
        if os.name != "posix":
            return  # Windows opens no folders
        number = os.open(path, os.O_RDONLY)
    else:
        number = os.open(path, os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)
