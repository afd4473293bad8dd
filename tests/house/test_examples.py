"""Every program in examples/ runs, without a warning, from a folder of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))

SAYS = {
    "one_visitor.py": ["lansia", "waited 240 s"],
    "own_discipline.py": ["first_come: ", "children_first: ", "overtook", "300 s"],
    "many_counters.py": ["40 tickets, each called once"],
    "many_machines.py": [
        "serving at loket-3",
        "called to loket-3 and then to loket-1",
        "display: 41 calls shown",
        "proved: 40 numbers, none twice; no double call; the chains are intact",
    ],
    "own_transaction.py": ["paid: A-001", "rolled back: A-002", "1 fee, 1 waiting"],
    "own_transaction_sqlalchemy.py": ["paid: A-001", "rolled back: A-002", "1 fee, 1 waiting"],
    "own_transaction_django.py": ["paid: A-001", "rolled back: A-002", "1 fee, 1 waiting"],
    "izin_hotel.py": [
        "2026-0003 is told: needs_first",
        "Kurangi menjadi paling banyak 30 kamar seluruhnya.",
        "250        100         0    150 kamar",
        "4. 2026-0003 has its permit 503/0002/IZIN-USAHA/2026.",
        "The permit holds.",
    ],
    "studi_tiru.py": ["blanks of our own", "Not ready: 16 blockers", "6. lansia: ", "overtakings: ", "turned away"],
}
"""What each must have printed, so that an example that does nothing is found out."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_says_what_it_shows(example: Path, tmp_path: Path) -> None:
    for _ in range(2):  # a newcomer runs it again, in the same folder
        done = subprocess.run(
            [sys.executable, "-W", "error", str(example)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        for said in SAYS[example.name]:
            assert said in done.stdout
