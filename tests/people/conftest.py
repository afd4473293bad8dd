"""A people desk of Badung, on any store and ring, with planted secrets and the means to look for them; all invented."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from mppkit.clock import VirtualClock
from mppkit.people import EnvironmentKeyProvider, KeyProvider, KeyRing, MemoryKeyRing, Terms, new_mall_key
from mppkit.people.desk import PeopleDesk
from mppkit.storage import EventStore, MemoryStore

VALUES = {
    "nik": "5103011708900001",
    "npwp": "013000666091000",
    "name": "Ni Luh Planted-Suryani",
    "phone": "+6281234567890",
    "email": "planted.suryani@contoh.example",
    "address": "Jalan Tertanam Nomor 17, Mangupura",
}
"""In the spelling in which they are kept."""
SPELLINGS = ("510301 170890 0001", "01.300.066.6-091.000", "081234567890", "0812-3456-7890", "6281234567890")
WHOLE = (*VALUES.values(), *SPELLINGS)
TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)


def forms(secret: str) -> Iterable[bytes]:
    """Return what a secret looks like in clear, backwards, in Base64 at any place, in hexadecimal, in wide signs."""
    raw = secret.encode()
    yield raw
    yield raw[::-1]
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret).encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-16-be")
    for shift in range(3):
        inner = b64encode(b"\x00" * shift + raw)[4 if shift else 0 :]
        inner = inner[: len(inner) - len(inner) % 4 - 4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def is_grouped(blob: bytes, secret: str) -> bool:
    """Tell whether the digits of a long number stand in a blob, forwards or backwards, with anything between them."""
    digits = "".join(sign for sign in secret if sign.isdecimal())
    if len(digits) < 10:
        return False
    return any(re.search("[^0-9]{0,4}".join(way).encode(), blob) for way in (digits, digits[::-1]))


def leaks(blob: bytes | str, secrets: Iterable[str] = WHOLE) -> list[str]:
    """Return the secrets that a blob holds in any form."""
    blob = blob.encode() if isinstance(blob, str) else blob
    return [secret for secret in secrets if any(form in blob for form in forms(secret)) or is_grouped(blob, secret)]


def blob_of(folder: Path) -> bytes:
    """Return all names and all content of a folder and what is in it."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path).encode())
        if path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> KeyProvider:
    """The mall's key, in the environment."""
    monkeypatch.setenv("MPPKIT_MALL_KEYS", new_mall_key("2026-11"))
    return EnvironmentKeyProvider()


class Office:
    """A desk on its store and ring, with its clock."""

    def __init__(self, store: EventStore, ring: KeyRing, keys: KeyProvider) -> None:
        self.store, self.ring, self.keys = store, ring, keys
        self.clock = VirtualClock("2026-11-24T08:00:00+08:00")
        self.chance = Random(11)
        self.desk = self.another_desk()

    def another_desk(self, **changed: object) -> PeopleDesk:
        """Return a desk of another process, as it were."""
        parts = {"store": self.store, "ring": self.ring, "keys": self.keys, "randomness": self.chance.randbytes}
        return PeopleDesk(mall="badung", clock=self.clock, **{**parts, **changed})

    def register(self, **changed: object) -> str:
        """Take the planted person in."""
        return self.desk.register(VALUES, TERMS, who="sri", **changed)

    def values(self, subject: str) -> dict[str, str]:
        """Return all that is kept of a person, in clear."""
        return {each["field"]: each["value"] for each in self.desk.export(subject, who="sri", why="uji")["fields"]}

    def names(self, subject: str) -> list[str]:
        """Return the names of all recorded events of a person, without their room."""
        return [row.name.removeprefix("people.") for row in self.store.read(f"badung/person/{subject}")]

    def later(self, days: float) -> None:
        """Let time go by."""
        self.clock.advance(minutes=days * 24 * 60)


@pytest.fixture
def office(keys: KeyProvider) -> Office:
    """Where nobody is registered yet."""
    return Office(MemoryStore(), MemoryKeyRing(), keys)


@pytest.fixture
def make_office(keys: KeyProvider) -> Callable[..., Office]:
    """Return what makes an office on a store and a ring."""
    return lambda store, ring: Office(store, ring, keys)


@pytest.fixture
def find_leaks() -> Callable[..., list[str]]:
    """Return what looks for planted secrets."""
    return leaks


@pytest.fixture
def planted() -> dict[str, str]:
    """The planted person's values, in the spelling in which they are kept."""
    return dict(VALUES)


@pytest.fixture
def terms() -> Terms:
    """A year, for a licence."""
    return TERMS


@pytest.fixture
def read_folder() -> Callable[[Path], bytes]:
    """Return what reads a folder with all that is in it."""
    return blob_of
