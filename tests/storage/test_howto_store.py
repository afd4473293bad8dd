"""The store of `docs/how-to/write-a-store.md` keeps the contract, as the page says it does."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mppkit.errors import StorageError
from mppkit.storage import audit
from mppkit.testing.batches import BACK, FRONT, batch, everything

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-store.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

page: Any = ModuleType("write_a_store")
for block in BLOCKS:
    if "class JournalStore" in block or "class TestJournalStore" in block:  # the others write files where they run
        exec(compile(block, str(PAGE), "exec"), vars(page))

pytest.importorskip("fcntl", reason="the page's store locks its file as POSIX does")

TestJournalStore = page.TestJournalStore


def test_half_a_line_is_no_commit_and_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "mall.journal"
    with page.JournalStore(path) as store:
        store.append(batch(FRONT, 0, "1"), batch(BACK, 0, "2"))
    whole = path.read_bytes()
    for cut in (1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole + whole[:cut])
        with page.JournalStore(path) as store, page.JournalStore(path) as other:
            assert len(everything(store)) == len(everything(other)) == 2
            store.append(batch(FRONT, 1, "3"))
            other.append(batch(FRONT, 2, "4"))
            assert [row.data for row in everything(store)] == ["1", "2", "3", "4"]
            assert audit(other).intact
        path.write_bytes(whole)


def test_a_line_that_could_not_be_written_is_an_error_and_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("no space left on device")

    with page.JournalStore(tmp_path / "mall.journal") as store:
        store.append(batch(FRONT, 0, "1"))
        size = (tmp_path / "mall.journal").stat().st_size
        with monkeypatch.context() as patched:
            patched.setattr(page.os, "fsync", full)
            with pytest.raises(StorageError, match="no space left"):
                store.append(batch(FRONT, 1, "2"))
        assert (tmp_path / "mall.journal").stat().st_size == size
        assert [row.data for row in everything(store)] == ["1"]
        store.append(batch(FRONT, 1, "3"))
        assert [row.data for row in everything(store)] == ["1", "3"]


def test_the_page_is_in_four_pieces() -> None:
    assert len(BLOCKS) == 4
