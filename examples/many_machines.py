"""A kiosk, three counters and a display as processes over one store; one counter is killed while it serves somebody.

On a SQLite file; or on PostgreSQL, then also from many machines: give its address as the argument, or in
MPPKIT_TEST_POSTGRES. The processes share nothing but the store. Each run is a mall of its own in it.
"""

import json
import os
import sys
import time
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from secrets import token_hex

import attrs

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.errors import TransitionError
from mppkit.storage import audit, follow, open_store

DAY = "2026-11-24"
say = partial(print, flush=True)
COUNTERS = ("loket-1", "loket-2", "loket-3")
TICKETS = 40


def open_mall(store: str, mall: str) -> Mall:
    """Open the sample mall under another id: what one process of one machine does first."""
    return Mall.open(attrs.evolve(sample_blueprint(), id=mall), store, clock=VirtualClock(f"{DAY}T09:00:00+08:00"))


def kiosk(store: str, mall: str) -> None:
    """Issue tickets, and ask for each twice, as a kiosk does whose network lost the answer."""
    with open_mall(store, mall) as here:
        for visitor in range(TICKETS):
            ticket, again = (here.queue.issue("nib", request_id=f"kiosk-1 {visitor}") for _ in range(2))
            assert ticket.number == again.number
    say(f"kiosk: {TICKETS} tickets issued, each asked for twice")


def counter(store: str, mall: str, name: str, hangs_at: int) -> None:
    """Call and serve until the day is closed; hang in the middle of serving a certain one (0 for none)."""
    with open_mall(store, mall) as here:
        here.queue.open_counter(name, services=["nib"])
        served = 0
        with suppress(TransitionError):  # the day was closed
            while True:
                if call := here.queue.call_next(name):
                    here.queue.start(call.number, at_counter=name)
                    time.sleep(3600 if served + 1 == hangs_at else 0.02)
                    here.queue.finish(call.number, at_counter=name)
                    served += 1
                time.sleep(0.01)
    say(f"{name}: {served} served")


def display(store: str, mall: str) -> None:
    """Show each call as it comes; what is not a call of this mall is passed over."""
    shown = 0
    with open_store(store) as here:
        for row in follow(here, poll_seconds=0.05):
            if row.stream == f"{mall}/queue/{DAY}":
                shown += row.name == "queue.ticket_called"
                if row.name == "queue.day_closed":
                    break
    say(f"display: {shown} calls shown")


def until(happened) -> None:
    """Wait until something is so: look, sleep, and look again, for a minute at least."""
    assert any(happened() or time.sleep(0.02) for _ in range(3000)), "it did not happen within a minute"


def prove(mall: Mall) -> None:
    """Prove from the events alone: no number given twice, nobody called to two counters at once."""
    issued, at_counter = [], {}
    for row in mall.store.read(f"{mall.blueprint.id}/queue/{DAY}"):
        event = json.loads(row.data)
        if row.name == "queue.ticket_issued":
            issued.append(event["number"])
        elif row.name == "queue.ticket_called":
            assert event["number"] not in at_counter
            assert event["counter"] not in at_counter.values()
            at_counter[event["number"]] = event["counter"]
        elif row.name in ("queue.ticket_transferred", "queue.service_finished"):
            del at_counter[event["number"]]
    assert len(set(issued)) == len(issued) == TICKETS
    assert audit(mall.store).intact
    say(f"proved: {TICKETS} numbers, none twice; no double call; the chains are intact")


def main() -> None:
    """Start everybody, kill a counter that serves, hand its ticket on, and close the day when all are served."""
    store = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MPPKIT_TEST_POSTGRES", "sqlite:///many-machines.db")
    id_ = f"contoh-{token_hex(4)}"
    with open_mall(store, id_) as mall:

        def process(work, *args):
            return get_context("spawn").Process(target=work, args=(store, id_, *args), daemon=True)

        counters = {name: process(counter, name, 2 if name == "loket-3" else 0) for name in COUNTERS}
        others = [process(display), process(kiosk)]
        for each in counters.values():
            each.start()
        until(lambda: len(mall.queue.board().counters) == len(COUNTERS))
        for each in others:
            each.start()
        until(lambda: [call.counter for call in mall.queue.calls()].count("loket-3") == 2)
        until(lambda: mall.queue.counter("loket-3").ticket.status == "serving")
        counters.pop("loket-3").kill()
        # a dead counter looks like a slow one to every machine: a supervisor sees it, and hands on what it left
        left = mall.queue.counter("loket-3").ticket
        say(f"loket-3 was killed; the store still has {left.number}, {left.status} at {left.counter}")
        mall.queue.transfer(left.number, counter="loket-1", why="Loket 3 mati", actor="supervisor")
        mall.queue.close_counter("loket-3", actor="supervisor")
        until(lambda: mall.queue.ticket(left.number).status == "finished")
        places = [call.counter for call in mall.queue.calls() if call.number == left.number]
        say(f"{left.number} was handed on, and served: called to {' and then to '.join(places)}")
        until(lambda: [ticket.status for ticket in mall.queue.tickets()].count("finished") == TICKETS)
        mall.queue.close_day(actor="supervisor")
        for each in (*counters.values(), *others):
            each.join(60)
            assert each.exitcode == 0
        prove(mall)


if __name__ == "__main__":
    main()
