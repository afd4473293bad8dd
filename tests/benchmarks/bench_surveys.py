"""G16: a million answers to nine questions from a CSV, against a plain loop over `csv.reader` that sums them.

The loop sums and checks each answer. Ours gives beside the sums what an interval and a reliability need, and lists
what is wrong.
"""

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from rounds import Measured, Row, alternate, rate

from mppkit.surveys.answers import read_answers
from mppkit.surveys.loading import find_instrument

SKM = find_instrument("skm-2017")
MOST_MEMORY = 100
"""Megabytes of the whole process."""

_MEASURED = """
import sys
from pathlib import Path
from mppkit.surveys.answers import read_answers
from mppkit.surveys.loading import find_instrument
read_answers(sys.argv[1], find_instrument("skm-2017"), by="layanan")
[line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(line.split()[1]) / 1024)
"""


@contextmanager
def _files(rows: int) -> Iterator[tuple[Path, Path]]:
    """Make a plain file and one in which each row has quotes; the same answers in both."""
    random = Random(16)
    columns = [random.choices("1234", (3, 12, 55, 30), k=rows) for _ in SKM.keys]
    services = [f"U{random.randrange(40):02}" for _ in range(rows)]
    with TemporaryDirectory() as folder:
        plain, quoted = Path(folder, "plain.csv"), Path(folder, "quoted.csv")
        with plain.open("w") as one, quoted.open("w") as other:
            for file in (one, other):
                file.write(f"layanan,{','.join(SKM.keys)}\n")
            for service, *answers in zip(services, *columns, strict=True):
                one.write(f"{service},{','.join(answers)}\n")
                other.write(f'"{service}, loket 1",{",".join(answers)}\n')
        yield plain, quoted


def _loop(path: Path) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            of_service = sums.get(row[0])
            if of_service is None:
                of_service = sums[row[0]] = [0] * 9
            place = 0
            for answer in row[1:]:
                value = int(answer)
                if not 1 <= value <= 4:
                    raise ValueError(answer)
                of_service[place] += value
                place += 1  # noqa: SIM113 - the loop as the goal was set against it
    return sums


def _ours(path: Path) -> dict[str, list[int]]:
    read = read_answers(path, SKM, by="layanan")
    return {
        service: [sum(value * count for value, count in enumerate(counts, 1)) for counts in tally.counts]
        for service, tally in read.groups.items()
    }


def _loop_of_all(path: Path) -> list[int]:
    sums = [0] * 9
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            place = 0
            for answer in row[1:]:
                value = int(answer)
                if not 1 <= value <= 4:
                    raise ValueError(answer)
                sums[place] += value
                place += 1  # noqa: SIM113 - the loop as the goal was set against it
    return sums


def _ours_of_all(path: Path) -> list[int]:
    tally = read_answers(path, SKM).tally
    return [sum(value * count for value, count in enumerate(counts, 1)) for counts in tally.counts]


def g16(quick: bool) -> list[Row]:
    """Measure reading and summing, of plain and of quoted files, in all and by service; and the memory it takes."""
    rows = 100_000 if quick else 1_000_000

    def timed(function: Callable[[Path], object], path: Path) -> Callable[[], Measured]:
        def run() -> Measured:
            began = perf_counter()
            function(path)
            return rows, perf_counter() - began

        return run

    made = []
    with _files(rows) as (plain, quoted):
        for path, what, wanted in ((plain, "plain", 4.5), (quoted, "quotes in each row", 2.3)):
            for ours, loop, how in ((_ours_of_all, _loop_of_all, "in all"), (_ours, _loop, "by service")):
                if ours(path) != loop(path):
                    raise AssertionError(f"the loop does not agree about the {what} file")
                rates = alternate(3 if quick else 5, {"ours": timed(ours, path), "loop": timed(loop, path)})
                made.append(
                    Row(
                        goal="G16",
                        what=f"answers of nine, {what}, {how}",
                        ours=rate(rates["ours"]),
                        peer=f"a csv loop {rate(rates['loop'])}",
                        ratio=rates["ours"] / rates["loop"],
                        wanted=wanted,
                    )
                )
        command = [sys.executable, "-c", _MEASURED, str(quoted)]
        used = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    made.append(
        Row(
            goal="G16",
            what=f"memory for {rows:,} answers, the whole process",
            ours=f"{used:.0f} MB",
            peer=f"{MOST_MEMORY} MB",
            ratio=used / MOST_MEMORY,
            wanted=1,
            at_most=True,
        )
    )
    return made


GOALS = {"G16": g16}
