"""The house keeps its own plan: floors, one door for each outside library, a light root, one door for `sqlite3`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "mppkit"

DOORS = {
    "cattrs": {"codec.py"},
    "holidays": {"calendars/national.py"},
    "dateutil": {"calendars/recurrence.py"},
    "click": {
        f"cli/{name}.py"
        for name in (
            "blueprints",
            "main",
            "numbers",
            "options",
            "permits",
            "readiness",
            "rehearse",
            "store_moves",
            "stores",
            "survey_results",
            "surveys",
        )
    },
    "rich": {"cli/screen.py"},
    "icalendar": {"interop/ical.py"},
    "cryptography": {"people/sealing.py"},
    "xlsxwriter": {"interop/xlsx.py"},
    "sqlite3": {"storage/sqlite.py"},
    "psycopg": {"storage/postgres.py"},
}
"""Each outside library, and sqlite3, enters through one file (click through the modules that hold commands)."""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add((node.module or "").partition(".")[0])
    return names


def test_a_room_imports_only_from_floors_below_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("library", DOORS)
def test_each_library_enters_through_one_file(library: str) -> None:
    users = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if library in imported(path)}
    assert users == DOORS[library]


def test_nothing_but_the_known_libraries_is_imported() -> None:
    known = {"mppkit", "attrs", "pytest", "hypothesis", *DOORS, *sys.stdlib_module_names}
    for path in PACKAGE.rglob("*.py"):
        assert imported(path) <= known, path


def test_importing_the_root_loads_nothing_heavy() -> None:
    code = "import sys, mppkit; print([m for m in sys.modules if m.partition('.')[0] in %r or m.startswith('mppkit.')])"
    heavy = ("cattrs", "holidays", "sqlite3", "asyncio", "click", "rich", "dateutil", "psycopg")
    done = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_root_offers_what_it_names() -> None:
    import mppkit

    for name in mppkit.__all__:
        assert getattr(mppkit, name) is not None
    assert set(mppkit.__all__) <= set(dir(mppkit))
    with pytest.raises(AttributeError, match="no attribute 'Mal'"):
        mppkit.Mal  # noqa: B018
