"""One process of the soak: does random things at the desks, and writes down every answer before it goes on.

What it is about to do it writes down first. So one that was killed finds, when it is started again, what it had no
answer to, and asks for it once more under the same request_id, as a kiosk does after a power cut.

    python worker.py ADDRESS JOURNAL SEED BEGAN
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from mppkit import Mall
from mppkit.errors import ConflictError, InvalidValueError, RefusedError, StorageError, TransitionError
from mppkit.permits.capacity import Use
from mppkit.permits.model import Application, Document
from mppkit.storage import EventStore, Recorded, open_store

NINE = datetime.fromisoformat("2026-11-24T09:00:00+08:00").astimezone(UTC)
SECRET = b"a secret of the soak, and of no mall"
COUNTERS = ("loket-1", "loket-2", "loket-3")
SERVICES = ("nib", "izin-usaha", "sip")

STEPS = {
    "waiting": ("transfer", "cancel"),
    "called": ("start", "start", "start", "no_show", "transfer", "return_to_line", "cancel"),
    "serving": ("finish", "finish", "finish", "hold", "transfer", "return_to_line"),
    "on_hold": ("resume", "resume", "return_to_line", "cancel"),
    "no_show": ("return_to_line",),
}
EVENTS = {
    "issue": "queue.ticket_issued",
    "call_next": "queue.ticket_called",
    "start": "queue.service_started",
    "finish": "queue.service_finished",
    "transfer": "queue.ticket_transferred",
    "hold": "queue.ticket_held",
    "resume": "queue.ticket_resumed",
    "no_show": "queue.ticket_no_show",
    "return_to_line": "queue.ticket_returned",
    "cancel": "queue.ticket_cancelled",
}
OFFICERS = {
    "verifikasi": ("lengkap", "petugas-01"),
    "penilaian-ruang": ("dinilai", "petugas-35"),
    "penilaian-air": ("dinilai", "petugas-36"),
    "tinjau-lapangan": ("sesuai", "petugas-35"),
    "keputusan": ("setuju", "petugas-34"),
    "penerbitan": ("terbit", "petugas-03"),
}

Ask = dict[str, Any]  # Any: what JSON holds


class Since:
    """A clock that all processes share: nine o'clock, and the time since the soak began."""

    def __init__(self, began: float) -> None:
        self._began = began

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return NINE + timedelta(seconds=max(0.0, time.time() - self._began))


class Noting:
    """A store that notes what each append returned, before whoever appended hears of it."""

    def __init__(self, store: EventStore, note: Callable[..., None]) -> None:
        self._store = store
        self._note = note

    def append(self, *batches: Any) -> tuple[Recorded, ...]:
        """Append, and note."""
        rows = self._store.append(*batches)
        self._note(kept=[[row.stream, row.version, row.digest] for row in rows])
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


# --- what to do ------------------------------------------------------------------------------------------------------


def choose(mall: Mall, chance: random.Random) -> Ask | None:
    """Return something to do as things stand, or None; others may be faster, and then it is refused."""
    kind = chance.choices(("issue", "call", "step", "permit", "survey"), (16, 20, 34, 24, 6))[0]
    if kind == "issue":
        return _ask("queue", "issue", chance.choice(SERVICES), priority=chance.choice((None, None, "lansia")))
    if kind == "call":
        return _ask("queue", "call_next", chance.choice(COUNTERS))
    if kind == "permit":
        return _permit(mall, chance)
    tickets = mall.queue.tickets()
    if not tickets:
        return None
    if kind == "survey":
        ticket = chance.choice(tickets)
        on = mall.queue.today()
        answers = {each.key: chance.randint(1, 4) for each in mall.surveys.instrument("skm").elements}
        return _ask("surveys", "respond", "skm", mall.surveys.token(on, SERVICES[0], ticket.number), answers)
    able = [ticket for ticket in tickets if ticket.status in STEPS]
    # who stands at a counter first, or the lines only grow
    able = [ticket for ticket in able if ticket.status in ("called", "serving")] or able
    if not able:
        return None
    ticket = chance.choice(able)
    step = chance.choice(STEPS[ticket.status])
    if step == "transfer":
        return _ask("queue", step, ticket.number, counter=chance.choice(COUNTERS))
    return _ask("queue", step, ticket.number)


def _permit(mall: Mall, chance: random.Random) -> Ask | None:
    heads = [head for head in mall.permits.applications() if head.labels["status"] not in ("withdrawn", "revoked")]
    if len(heads) < 6:
        return _ask("permits", "draft", "izin-usaha", f"usaha-{chance.randrange(1000)}")
    app = mall.permits.application(chance.choice(heads).stream.split("/")[2])
    if app.status in ("in_process", "granted") and chance.random() < 0.05:
        return _ask("permits", "withdraw", app.id)
    return _next_of(app, chance)


def _next_of(app: Application, chance: random.Random) -> Ask | None:
    missing = set(app.workflow.documents) - {document.kind for document in app.documents}
    if missing:
        return _ask("permits", "attach", app.id, min(missing))
    if app.status == "draft":
        return _ask("permits", "submit", app.id)
    if app.status == "issued":
        return _ask("permits", "revoke", app.id, officer="petugas-34", why="percobaan")
    if not app.open:
        return None
    step = chance.choice(app.open).step
    outcome, officer = OFFICERS[step]
    return _ask("permits", "issue" if step == "penerbitan" else "act", app.id, step, outcome, officer=officer)


def _ask(desk: str, verb: str, *args: Any, **more: Any) -> Ask:
    return {"desk": desk, "verb": verb, "args": args, "more": more}


def _wanted() -> dict[str, Any]:
    rooms, water = Use(resource="kamar-hotel", amount=Decimal(90)), Use(resource="air", amount=Decimal("40.5"))
    return {"zone": "pantai", "uses": (rooms, water)}


def do(mall: Mall, ask: Ask) -> Ask:
    """Do what was asked, and return what to note of the answer."""
    args, more = list(ask["args"]), dict(ask["more"])
    if ask["verb"] == "draft":
        more |= _wanted()
    elif ask["verb"] == "attach":
        args[1] = Document(kind=args[1], digest="0" * 64, media_type="application/pdf", size=9, place="arsip")
    try:
        answer = getattr(getattr(mall, ask["desk"]), ask["verb"])(*args, **more, request_id=ask["ask"])
    except (RefusedError, TransitionError) as no:
        return {"no": type(no).__name__}
    except InvalidValueError as no:
        if ask["verb"] == "transfer" and no.place == "transfer":  # it is there already
            return {"no": type(no).__name__}
        raise
    if ask["desk"] != "queue" or answer is None:
        return {"done": ask["verb"]}
    fields = {"number": answer.number}
    if ask["verb"] == "call_next":
        fields["counter"] = answer.counter
    return {"done": ask["verb"], "event": EVENTS[ask["verb"]], "fields": fields, "got": ask["ask"]}


def prepare(mall: Mall, chance: random.Random) -> None:
    """Bring six applications to the step that asks their zone for room, where it has room for two."""
    for number in range(6):
        app = mall.permits.draft("izin-usaha", f"usaha-{number}", **_wanted(), request_id=f"prepare {number}")
        while all(run.step != "tinjau-lapangan" for run in app.open):
            ask = _next_of(app, chance)
            assert ask is not None
            do(mall, {"ask": f"prepare {number} {ask}"[:200], **ask})
            app = mall.permits.application(app.id)


# --- going on --------------------------------------------------------------------------------------------------------


def lines_of(journal: Path) -> list[Ask]:
    """Return what a journal says; a line that a kill has cut was never acknowledged."""
    if not journal.exists():
        return []
    return [json.loads(line) for line in journal.read_text().splitlines(keepends=True) if line.endswith("\n")]


def open_counters(mall: Mall) -> None:
    """Open the counters that are not open."""
    for counter in COUNTERS:
        try:
            mall.queue.open_counter(counter, services=SERVICES, request_id=f"open {counter}")
        except TransitionError:
            continue  # another process was faster


def work(store: EventStore, journal: Path, chance: random.Random, began: float, turns: int | None = None) -> None:
    """Do random things, for so many turns or until somebody ends it."""
    before = lines_of(journal)
    with journal.open("r+" if before else "w") as file:
        file.truncate(sum(len(json.dumps(line)) + 1 for line in before))
        file.seek(0, os.SEEK_END)

        def note(**line: Any) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

        asked = [line for line in before if "ask" in line]
        answered = {line["of"] for line in before if "of" in line}
        unanswered = [line for line in asked if line["ask"] not in answered]
        with Mall.open("contoh", Noting(store, note), clock=Since(began), survey_secret=SECRET) as mall:
            open_counters(mall)
            count = len(asked)
            while turns is None or count < turns:
                if unanswered:
                    ask = unanswered.pop()
                else:
                    chosen = choose(mall, chance)
                    if chosen is None:
                        continue
                    count += 1
                    ask = {"ask": f"{journal.stem} {count}", **chosen}
                    note(**ask)
                try:
                    note(of=ask["ask"], **do(mall, ask))
                except (StorageError, ConflictError):  # nobody knows whether it happened: ask again
                    unanswered.append(ask)
                    note(lost=ask["ask"])


def opened(address: str) -> EventStore:
    """Open the store, for twenty seconds if need be: who starts while the server is away is refused at once."""
    until = time.monotonic() + 20
    while True:
        try:
            return open_store(address, create=False)
        except StorageError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    address, path, seed, start = sys.argv[1:]
    with opened(address) as there:
        work(there, Path(path), random.Random(seed), float(start))
