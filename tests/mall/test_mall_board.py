"""The board of the sample mall: what a visitor in the hall looks at."""

from mppkit import Mall, VirtualClock


def test_counters_stand_in_the_order_of_the_blueprint_not_of_their_names_letters() -> None:
    with Mall.open("contoh", "memory:", clock=VirtualClock("2026-11-24T09:00:00+08:00")) as mall:
        for counter in ("loket-10", "loket-2", "loket-1"):
            mall.queue.open_counter(counter)
        assert [row.counter for row in mall.queue.board().counters] == ["loket-1", "loket-2", "loket-10"]
