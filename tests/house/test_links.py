"""Every link between the project's own pages leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    dead = [to for to, _ in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / to).exists()]
    assert dead == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, to_read = set(), [ROOT / "README.md"]
    while to_read:
        page = to_read.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        to_read += [(page.parent / to).resolve() for to, _ in LINK.findall(page.read_text(encoding="utf-8"))]
    assert {str(page.relative_to(ROOT)) for page in PAGES} <= {str(page.relative_to(ROOT)) for page in reached}
