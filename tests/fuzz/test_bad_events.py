"""Whatever stands in a store's rows is decoded or refused with DecodeError; any address opens or is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from mppkit.codec import Codec
from mppkit.directory.events import EVENTS as DIRECTORY
from mppkit.errors import DecodeError, MppkitError
from mppkit.lessons.events import EVENTS as LESSONS
from mppkit.people.events import EVENTS as PEOPLE
from mppkit.people.events import ROTATION_EVENTS as ROTATION
from mppkit.permits.capacity_events import EVENTS as CAPACITY
from mppkit.permits.events import EVENTS as PERMITS
from mppkit.permits.register import EVENTS as REGISTER
from mppkit.queues.events import EVENTS as QUEUE
from mppkit.readiness.events import EVENTS as READINESS
from mppkit.storage import SqliteStore, open_store
from mppkit.surveys.events import EVENTS as SURVEYS
from mppkit.surveys.events import FOLLOW_UP_EVENTS as FOLLOW_UP

KINDS = (
    *QUEUE,
    *PERMITS,
    *REGISTER,
    *CAPACITY,
    *SURVEYS,
    *FOLLOW_UP,
    *READINESS,
    *LESSONS,
    *PEOPLE,
    *ROTATION,
    *DIRECTORY,
)
CODEC: Codec[Any] = Codec(KINDS)
GOLDEN = [
    (name.split("/")[0], int(name.split("/")[1]), data)
    for path in sorted((Path(__file__).parent.parent / "codec" / "golden").glob("*.json"))
    for name, data in json.loads(path.read_text(encoding="utf-8")).items()
    if isinstance(data, str)
]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("5103011708900001")
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _changed_json(draw: st.DrawFn, data: str) -> str:
    """Draw the text of an event in which values were replaced, left out or added; or its characters were."""
    if draw(st.integers(0, 5)) == 0:
        begin, end = sorted(draw(st.tuples(st.integers(0, len(data)), st.integers(0, len(data)))))
        return data[:begin] + draw(st.text(max_size=5)) + data[end:]
    value = json.loads(data)
    for _ in range(draw(st.integers(1, 3))):
        place = value
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.integers(0, 4)) == 0:
                del place[key]
            else:
                place[key] = draw(anything)
            break
    return json.dumps(value)


def test_there_is_a_sample_of_every_event_to_change() -> None:
    assert {(kind.event_name, kind.event_version) for kind in KINDS} == {(name, version) for name, version, _ in GOLDEN}


def test_a_changed_event_is_decoded_or_refused_and_what_was_decoded_is_one(fuzz: Any, calmly: Any) -> None:
    def holds(sample: tuple[str, int, str], choose: st.DataObject) -> None:
        name, version, data = sample
        text = choose.draw(_changed_json(data))
        found = calmly(lambda: CODEC.decode(name, version, text), refusals=DecodeError)
        if not isinstance(found, DecodeError):
            assert type(found) in KINDS
            assert CODEC.decode(name, version, CODEC.encode(found)) == found

    fuzz(holds, 1_500, sample=st.sampled_from(GOLDEN), choose=st.data())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.event_name)
def test_any_json_is_decoded_or_refused(kind: Any, fuzz: Any, calmly: Any) -> None:
    def holds(value: object) -> None:
        calmly(lambda: CODEC.decode(kind.event_name, kind.event_version, json.dumps(value)), refusals=DecodeError)

    fuzz(holds, 15, value=anything)


@pytest.mark.parametrize(
    "data", ["", "{", "[" * 100_000, '{"a":' * 50_000, "9" * 10_000, "NaN", "\x00", "\ud800", "null" * 9]
)
def test_text_that_is_no_event_is_refused_quickly(data: str, calmly: Any) -> None:
    for kind in KINDS:
        found = calmly(lambda kind=kind: CODEC.decode(kind.event_name, kind.event_version, data), refusals=DecodeError)
        assert isinstance(found, DecodeError)


def test_an_unknown_name_is_refused_and_not_remembered(fuzz: Any, calmly: Any, odd: Any) -> None:
    def holds(name: str, version: int) -> None:
        assert isinstance(calmly(lambda: CODEC.decode(name, version, "{}"), refusals=DecodeError), DecodeError)

    fuzz(holds, 150, name=odd, version=st.integers())


# --- addresses of stores ---------------------------------------------------------------------------------------------

_PIECES = (
    "memory:",
    "memory",
    "sqlite:",
    "sqlite:///",
    "sqlite:////",
    "sqlit:///",
    "file.db",
    "?",
    "synchronous=",
    "normal",
    "full",
    "shared=yes",
    "&",
    "#",
    "/",
    "//",
    "..",
    ":",
    "@",
    "%",
    "%00",
    "%2f",
    "rahasia-besar",
    "\x00",
    "\ud800",
)
_HOSTS = ("", "localhost:1", "127.0.0.1:1", "127.0.0.1:99999", "[::1]:x", ",")


def test_an_address_opens_or_is_refused(
    fuzz: Any, calmly: Any, odd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pieces = st.sampled_from(_PIECES) | odd

    def holds(parts: list[str]) -> None:
        found = calmly(lambda: open_store("".join(parts).replace("../", "").replace("////", "///")))
        if not isinstance(found, MppkitError):
            found.close()

    fuzz(holds, 300, parts=st.lists(pieces, max_size=6))


def test_a_changed_address_of_postgresql_is_refused_without_its_password(fuzz: Any, calmly: Any, odd: Any) -> None:
    pytest.importorskip("psycopg")

    def holds(scheme: str, host: str, name: str, option: str) -> None:
        url = f"{scheme}://sri:rahasia-besar@{host}/{name}?{option}"
        found = calmly(lambda: open_store(url))
        assert isinstance(found, MppkitError), found
        assert "rahasia-besar" not in str(found)

    fuzz(
        holds,
        60,
        scheme=st.sampled_from(("postgresql", "postgres")),
        host=st.sampled_from(_HOSTS),
        name=odd,
        option=st.sampled_from(("", "schema=", "notify=maybe", "connect_timeout=x", "password=rahasia-besar", "x=1"))
        | odd,
    )


@pytest.mark.parametrize("address", [None, 1, b"memory:", Path("a.db"), ["memory:"], object()])
def test_what_is_no_text_is_no_address(address: Any, calmly: Any) -> None:
    assert isinstance(calmly(lambda: open_store(address)), MppkitError)


@pytest.mark.parametrize("name", ["a\0b.db", "\ud800.db", "x" * 300, "tiada/a.db", "."])
def test_a_name_that_no_file_can_have_is_refused(
    name: str, calmly: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(calmly(lambda: open_store(f"sqlite:///{name}")), MppkitError)
    assert isinstance(calmly(lambda: SqliteStore(name)), MppkitError)
    assert list(tmp_path.iterdir()) == []
