"""What the tests of the blueprint share: a small sound blueprint, and a writer of TOML for what they change in it."""

import math
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path

import pytest

from mppkit.blueprint import load_blueprint
from mppkit.errors import BlueprintError

SMALL = """\
[mall]
id = "badung"
name = "MPP Badung"
name_english = "Badung Mall"
zone = "Asia/Makassar"

[hours]
monday = ["08:00-12:00", "13:00-16:00"]

[[closure]]
from = 2026-11-30
name = "Libur"
name_english = "Closed"

[[agency]]
id = "dpmptsp"
name = "DPMPTSP"
name_english = "Licensing Office"
kind = "pemda_kabupaten_kota"

[[service]]
id = "nib"
name = "Izin usaha"
name_english = "Business licence"
agency = "dpmptsp"
prefix = "A"

[[service]]
id = "sip"
name = "Izin praktik"
name_english = "Practice licence"
agency = "dpmptsp"
prefix = "A"
daily_quota = 30
expected_minutes = 7.5
profile = "general_procedures"

[[counter]]
id = "loket-1"
name = "Loket 1"
services = ["nib", "sip"]

[queue.admission]
policy = "standard"
cut_off_minutes = 30

[queue.limits]
promise_minutes = 20
"""


@pytest.fixture
def small() -> str:
    return SMALL


@pytest.fixture
def problems_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what a blueprint of some files (or of one text) is refused for, each problem as a line."""
    monkeypatch.chdir(tmp_path)

    def problems(files: str | Mapping[str, str], **options: object) -> list[str]:
        if isinstance(files, str):
            place = Path("m.toml")
            place.write_text(files, encoding="utf-8")
        else:
            place = Path("m")
            place.mkdir()
            for name, content in files.items():
                (place / name).write_text(content, encoding="utf-8")
        with pytest.raises(BlueprintError) as caught:
            load_blueprint(place, **options)
        lines = [str(problem) for problem in caught.value.problems]
        assert str(caught.value).splitlines()[1:] == [f"  {line}" for line in lines]
        return lines

    return problems


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{_value(item)},\n" for item in value) + "]"
    return hex(value) if isinstance(value, int) and value >= 0 else repr(value)


@pytest.fixture(scope="session")
def to_toml() -> Callable[[Mapping[str, object]], str]:
    """Return a writer of TOML: arrays and tables are written in line, so that any value can stand anywhere."""
    return lambda document: "".join(f"{_quoted(key)} = {_value(value)}\n" for key, value in document.items())
