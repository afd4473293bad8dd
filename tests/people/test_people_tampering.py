"""Who can write into the store or the ring can destroy, and is found out; what was moved or changed is never opened."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest

from mppkit.errors import StorageError
from mppkit.people.desk import PeopleDesk
from mppkit.storage import Append, MemoryStore, NewEvent


def row(office, subject: str, number: int = 0) -> dict:
    return json.loads(office.store.read(f"badung/person/{subject}")[number].data)


def forged(make_office: Callable, office, subject: str, data: dict) -> object:
    """Return an office whose store holds this as the one event of a person."""
    store = MemoryStore()
    event = NewEvent(name="people.person_registered", version=1, data=json.dumps(data))
    store.append(Append(stream=f"badung/person/{subject}", expected_version=0, events=(event,), at=office.clock.now()))
    return make_office(store, office.ring)


def check_closed(office, subject: str, field: str = "name") -> None:
    with pytest.raises(StorageError, match=r"cannot be opened|not in the key ring|damaged") as closed:
        office.desk.read(subject, [field], who="sri", why="periksa")
    assert "lanted" not in str(closed.value)


def test_a_forgery_that_changes_nothing_can_be_opened(make_office, office, planted) -> None:
    """Or the tests below would prove nothing."""
    subject = office.register()
    assert forged(make_office, office, subject, row(office, subject)).values(subject) == planted


@pytest.mark.parametrize("with_key", [False, True])
def test_what_was_sealed_for_one_person_is_not_opened_for_another(make_office, office, with_key: bool) -> None:
    first, second = office.register(), office.register()
    data = row(office, first)
    data["fields"] = row(office, second)["fields"]
    if with_key:
        data["key"] = row(office, second)["key"]
    check_closed(forged(make_office, office, first, data), first)


def test_what_was_sealed_as_one_field_is_not_opened_as_another(make_office, office) -> None:
    subject = office.register()
    data = row(office, subject)
    by_field = {each["kept"]["field"]: each for each in data["fields"]}
    by_field["name"]["sealed"], by_field["email"]["sealed"] = by_field["email"]["sealed"], by_field["name"]["sealed"]
    check_closed(forged(make_office, office, subject, data), subject)


def test_what_was_sealed_in_one_mall_is_not_opened_in_another(make_office, office) -> None:
    subject = office.register()
    store = MemoryStore()
    event = NewEvent(name="people.person_registered", version=1, data=json.dumps(row(office, subject)))
    store.append(Append(stream=f"blora/person/{subject}", expected_version=0, events=(event,), at=office.clock.now()))
    blora = PeopleDesk(mall="blora", store=store, clock=office.clock, keys=office.keys, ring=office.ring)
    with pytest.raises(StorageError, match="cannot be opened"):
        blora.read(subject, ["name"], who="sri", why="periksa")
    with pytest.raises(StorageError, match="belongs to mall 'badung'"):
        blora.find(nik="5103011708900001")


@pytest.mark.parametrize("place", [0, 11, 12, 40, -17, -1])
def test_a_changed_bit_is_found_out(make_office, office, place: int) -> None:
    subject = office.register()
    data = row(office, subject)
    [name] = [each for each in data["fields"] if each["kept"]["field"] == "name"]
    raw = bytearray(b64decode(name["sealed"]))
    raw[place] ^= 1
    name["sealed"] = b64encode(raw).decode()
    check_closed(forged(make_office, office, subject, data), subject)


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base64!", "é"])
def test_what_is_no_ciphertext_is_found_out(make_office, office, sealed: str) -> None:
    subject = office.register()
    data = row(office, subject)
    for each in data["fields"]:
        each["sealed"] = sealed
    check_closed(forged(make_office, office, subject, data), subject)


def test_a_key_in_the_place_of_another_opens_nothing(office) -> None:
    first, second = office.register(), office.register()
    names = {subject: f"key.{subject}.{row(office, subject)['key']}" for subject in (first, second)}
    office.ring.replace(names[first], office.ring.get(names[second]))
    check_closed(office, first)
    assert office.values(second)["name"] == "Ni Luh Planted-Suryani"


@pytest.mark.parametrize("piece", [b"", b"{", b"[]", b"{}", b'{"mall_key":"2026-11","sealed":"","tags":[]}', b"\xff"])
def test_a_damaged_key_opens_nothing_and_is_destroyed_with_all_it_brought(office, piece: bytes) -> None:
    subject = office.register()
    office.ring.replace(f"key.{subject}.{row(office, subject)['key']}", piece)
    check_closed(office, subject)
    office.desk.erase(subject, who="sri", why="permintaan")
    assert office.desk.person(subject).status == "erased"
    assert list(office.ring.names("key.")) == []
    if b"tags" not in piece:
        assert list(office.ring.names("tag.")) == []


def test_ciphertexts_of_one_value_never_repeat_and_tell_no_length(office, terms) -> None:
    subjects = [office.desk.register({"name": name}, terms, who="sri") for name in ("Made", "Made", "Made" * 10)]
    sealed = [row(office, subject)["fields"][0]["sealed"] for subject in subjects]
    assert len(set(sealed)) == 3
    assert len({len(text) for text in sealed}) == 1


def test_a_wrong_value_that_was_corrected_does_not_come_back_under_the_new_key(make_office, office) -> None:
    subject = office.register()
    data = row(office, subject)
    piece = office.ring.get(f"key.{subject}.{data['key']}")
    office.desk.correct(subject, {"name": "Ni Luh Suryani"}, who="sri", why="ejaan")
    new_key = row(office, subject, 1)["key"]
    office.ring.replace(f"key.{subject}.{new_key}", piece)
    check_closed(forged(make_office, office, subject, {**data, "key": new_key}), subject)
