"""Four counter processes share one SQLite file and never call anybody twice."""

from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint

START = "2026-11-24T09:00:00+08:00"


def work(store: str, counter: str, service: str, answers) -> None:
    """Open the same store in a process of its own, and call until nobody waits."""
    called = []
    with Mall.open("contoh", store, clock=VirtualClock(START)) as mall:
        mall.queue.open_counter(counter, services=[service])
        while call := mall.queue.call_next(counter):
            called.append(call.number)
            mall.queue.start(call.number)
            mall.queue.finish(call.number)
    answers.put((counter, called))


def main(store: str) -> None:
    """Issue forty tickets, let four counters work, and look whether each ticket was called once."""
    blueprint = sample_blueprint()
    service = blueprint.directory.services[0].id
    with Mall.open(blueprint, store, clock=VirtualClock(START)) as mall:
        tickets = [mall.queue.issue(service).number for _ in range(40)]

    processes = get_context("spawn")
    answers = processes.Queue()
    workers = [
        processes.Process(target=work, args=(store, counter.id, service, answers))
        for counter in blueprint.directory.counters[:4]
    ]
    for worker in workers:
        worker.start()
    called = []
    for _ in workers:
        counter, numbers = answers.get(timeout=60)
        print(f"{counter} called {len(numbers)}")
        called += numbers
    for worker in workers:
        worker.join()
    assert sorted(called) == sorted(tickets)
    print(f"{len(called)} tickets, each called once")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:  # in your mall it stays: sqlite:///mall.db
        main(f"sqlite:///{Path(folder, 'many-counters.db')}")
