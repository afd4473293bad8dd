"""Every code block of the README and the docs, and every example in a docstring, runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
MODULES = sorted(ROOT.glob("src/**/*.py"))

pages = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], path=str(ROOT))
docstrings = Sybil(parsers=[DocTestParser()], path=str(ROOT), document_types={".py": PythonDocStringDocument})


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_code_block_of_a_page_runs_also_a_second_time_in_the_same_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        monkeypatch.chdir(tmp_path)
        for example in pages.parse(path):
            example.evaluate()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_example_in_a_docstring_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for example in docstrings.parse(path):
        example.evaluate()


def test_what_the_readme_shows_of_a_rehearsal_is_what_it_prints(tmp_path: Path) -> None:
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("```text\n")[2].partition("\n```")[0]
    done = subprocess.run(
        [sys.executable, "-m", "mppkit", "rehearse", "--date", "2026-11-26"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"},
        timeout=120,
        check=True,
    )
    assert [line for line in shown.splitlines() if line.rstrip() not in done.stdout] == []
    assert len(shown.splitlines()) > 10


def test_there_are_examples_to_run() -> None:
    assert sum(len(list(pages.parse(path))) for path in PAGES) >= 5
    assert sum(len(list(docstrings.parse(path))) for path in MODULES) >= 20
