"""Measure mppkit against its goals and peers: `python tests/benchmarks/run.py [G1 G3 ...] [--quick]`.

Needs the extra `bench`. Every figure is a median of rounds in which ours and the peer take turns, in this one run.
"""

import argparse
import sys
from time import perf_counter

import bench_days
import bench_group
import bench_import
import bench_postgres
import bench_queue
import bench_rehearsal
import bench_storage
import bench_surveys
from rounds import Row, machine

_ALL = {
    **bench_queue.GOALS,
    **bench_storage.GOALS,
    **bench_group.GOALS,
    **bench_rehearsal.GOALS,
    **bench_import.GOALS,
    **bench_days.GOALS,
    **bench_surveys.GOALS,
    **bench_postgres.GOALS,
}
GOALS = dict(sorted(_ALL.items(), key=lambda goal: int(goal[0][1:])))
_HEAD = ("goal", "what", "ours", "peer", "ratio", "wanted", "met")


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as the texts of its columns."""
    wanted = "" if row.wanted is None else f"{'<=' if row.at_most else '>='} {row.wanted:.3g}"
    met = {None: "", True: "yes", False: "NO"}[row.is_met]
    return row.goal, row.what, row.ours, row.peer, f"{row.ratio:.2f}", wanted, met


def main() -> int:
    """Measure what was asked for, print one table, and return 1 if a goal was missed."""
    parser = argparse.ArgumentParser(description="Measure mppkit against its goals and its peers.")
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"of {', '.join(GOALS)}; without: all")
    parser.add_argument("--quick", action="store_true", help="under a minute; rough figures")
    asked = parser.parse_args()
    wanted = asked.goals or list(GOALS)
    if unknown := [goal for goal in wanted if goal not in GOALS]:
        parser.error(f"no such goal: {', '.join(unknown)}; there are {', '.join(GOALS)}")
    print(machine(), flush=True)
    lines = [_HEAD]
    missed = False
    for goal in wanted:
        began = perf_counter()
        rows = GOALS[goal](asked.quick)
        missed = missed or any(row.is_met is False for row in rows)
        lines += [cells(row) for row in rows]
        print(f"{goal} measured in {perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    print(machine())
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
