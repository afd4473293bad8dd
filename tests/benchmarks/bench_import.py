"""G20: what `import mppkit` costs in a fresh interpreter, against `import attrs`."""

import statistics
import subprocess
import sys

from rounds import Row

_TIMED = """
from time import perf_counter
began = perf_counter()
{statement}
print(perf_counter() - began)
"""
_STATEMENTS = {
    "attrs": "import attrs",
    "mppkit": "import mppkit",
    "open_store": "from mppkit import open_store",
    "Mall": "from mppkit import Mall",
}
_UNWANTED = ("asyncio", "cattrs", "holidays", "psycopg", "sqlite3", "click", "rich")


def _seconds(statement: str) -> float:
    """Return how long a statement takes in an interpreter of its own, its start-up not counted."""
    code = _TIMED.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def _brought_in() -> list[str]:
    """Return what `import mppkit` loads though it should not."""
    code = f"import sys, mppkit; print(*[name for name in {_UNWANTED!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def g20(quick: bool) -> list[Row]:
    """Measure the import, and beside it the first names that a program really uses."""
    if heavy := _brought_in():
        raise AssertionError(f"import mppkit loads {', '.join(heavy)}")
    spent: dict[str, list[float]] = {name: [] for name in _STATEMENTS}
    for played in range(1 + (5 if quick else 25)):
        for name, statement in _STATEMENTS.items():
            seconds = _seconds(statement)
            if played:  # the first may still have to compile
                spent[name].append(seconds)
    median = {name: 1000 * statistics.median(found) for name, found in spent.items()}
    return [
        Row(
            goal="G20",
            what=_STATEMENTS[name],
            ours=f"{median[name]:.1f} ms",
            peer=f"import attrs {median['attrs']:.1f} ms",
            ratio=median[name] / median["attrs"],
            wanted=1.3 if name == "mppkit" else None,
            at_most=True,
        )
        for name in ("mppkit", "open_store", "Mall")
    ]


GOALS = {"G20": g20}
