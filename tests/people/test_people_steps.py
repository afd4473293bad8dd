"""What a desk takes, what it hands out and to whom, and what it says to what cannot be."""

import copy
import dataclasses
import inspect
import itertools
import json
import pickle
import pprint
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from functools import partial
from secrets import token_bytes
from threading import Barrier

import attrs
import cattrs.preconf.json
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mppkit import Mall
from mppkit.errors import InvalidValueError, MppkitError, NotFoundError, RefusedError, TransitionError
from mppkit.people import Act, Field, LawfulBasis, MemoryKeyRing, Personal, Status, Terms
from mppkit.people.desk import PeopleDesk
from mppkit.storage import EventStore, MemoryStore, SqliteStore, open_store
from mppkit.testing.racing import at_once

NOBODY = f"p-{'b' * 32}"


def test_what_was_taken_in_is_handed_out_in_one_spelling(office, terms) -> None:
    subject = office.desk.register(
        {"phone": "0812-3456-7890", "nik": "510301 170890 0001", "name": "  Made  "}, terms, who="sri"
    )
    read = office.desk.read(subject, ["nik", "name"], who="sri", why="periksa berkas")
    assert {field: value.reveal() for field, value in read.items()} == {"nik": "5103011708900001", "name": "Made"}
    assert [kept.field for kept in office.desk.person(subject).fields] == ["nik", "name", "phone"]
    assert office.values(subject)["phone"] == "+6281234567890"


def test_each_field_is_kept_on_its_own_terms(office) -> None:
    each = {
        "name": Terms(purpose="izin usaha", basis="public_task", keep_days=10),
        Field.EMAIL: Terms(purpose="kabar layanan", basis="consent", keep_days=2),
    }
    subject = office.desk.register({"name": "Made", "email": "made@contoh.example"}, each, who="sri")
    name, email = office.desk.person(subject).fields
    assert (name.purpose, name.basis) == ("izin usaha", LawfulBasis.PUBLIC_TASK)
    assert (email.keep_until_at - name.keep_until_at).days == -8
    with pytest.raises(InvalidValueError, match=r"terms\.email"):
        office.desk.register({"name": "Made", "email": "made@contoh.example"}, {"name": each["name"]}, who="sri")


def test_every_read_is_recorded_before_anything_is_handed_out(office) -> None:
    subject = office.register()
    for _ in range(2):
        office.desk.read(subject, ["name"], who="sri", why="panggil")
    office.desk.export(subject, who="wayan", why="permintaan sendiri")
    steps = office.desk.person(subject).trail[1:]
    assert [(step.act, step.who, step.why, step.fields) for step in steps] == [
        (Act.READ, "sri", "panggil", ("name",)),
        (Act.READ, "sri", "panggil", ("name",)),
        (Act.EXPORTED, "wayan", "permintaan sendiri", tuple(Field)),
    ]
    rows = office.store.read(f"badung/person/{subject}")
    assert [row.actor for row in rows] == ["sri", "sri", "sri", "wayan"]


@pytest.mark.parametrize(
    ("who", "why"),
    [("", "periksa"), ("Ni Luh", "periksa"), ("5103011708900001", "periksa"), ("sri", ""), ("sri", "HP 081234567890")],
)
def test_a_read_without_an_id_and_a_reason_is_not_made(office, who: str, why: str) -> None:
    subject = office.register()
    for command in (
        lambda: office.desk.read(subject, ["name"], who=who, why=why),
        lambda: office.desk.export(subject, who=who, why=why),
        lambda: office.desk.restrict(subject, who=who, why=why),
        lambda: office.desk.correct(subject, {"name": "Made"}, who=who, why=why),
        lambda: office.desk.erase(subject, who=who, why=why),
        lambda: office.desk.erase(subject, who=who, why=why, fields=["name"]),
    ):
        with pytest.raises(InvalidValueError):
            command()
    assert office.names(subject) == ["person_registered"]
    assert office.desk.check().strays == ()


def test_export_is_fit_for_json_and_says_on_what_terms(office, planted) -> None:
    subject = office.register()
    exported = json.loads(json.dumps(office.desk.export(subject, who="sri", why="permintaan"), allow_nan=False))
    assert {each["field"]: each["value"] for each in exported["fields"]} == planted
    assert exported["fields"][0] == {
        "field": "nik",
        "value": planted["nik"],
        "purpose": "izin usaha",
        "basis": "public_task",
        "legal_basis": "UU 27/2022 Pasal 20 ayat (2) huruf e",
        "keep_until_at": "2027-11-24T00:00:00+00:00",
    }
    assert [step["act"] for step in exported["trail"]] == ["registered", "exported"]


def test_restricted_data_is_read_by_nobody_and_handed_to_the_person(office) -> None:
    subject = office.register()
    office.desk.restrict(subject, who="sri", why="keberatan")
    with pytest.raises(RefusedError) as refused:
        office.desk.read(subject, ["name"], who="sri", why="periksa")
    [reason] = refused.value.decision.reasons
    assert reason.code == "person_restricted"
    with pytest.raises(RefusedError):
        office.desk.add(subject, {"name": "Made"}, Terms(purpose="x", basis="consent", keep_days=1), who="sri")
    assert office.values(subject)["name"] == "Ni Luh Planted-Suryani"
    office.desk.correct(subject, {"name": "Ni Luh Suryani"}, who="sri", why="ejaan")
    assert office.desk.person(subject).status is Status.RESTRICTED
    with pytest.raises(TransitionError):
        office.desk.restrict(subject, who="sri", why="lagi")
    office.desk.lift(subject, who="sri", why="selesai")
    [name] = office.desk.read(subject, "name", who="sri", why="periksa").values()
    assert name.reveal() == "Ni Luh Suryani"
    with pytest.raises(TransitionError):
        office.desk.lift(subject, who="sri", why="lagi")


def test_more_is_taken_in_and_nothing_twice(office, terms) -> None:
    subject = office.desk.register({"name": "Made"}, terms, who="sri")
    office.desk.add(subject, {"phone": "081234567890"}, terms, who="sri")
    assert office.values(subject) == {"name": "Made", "phone": "+6281234567890"}
    assert office.desk.find(phone="0812 3456 7890") == (subject,)
    with pytest.raises(TransitionError) as twice:
        office.desk.add(subject, {"email": "a@b.example", "name": "Putu"}, terms, who="sri")
    assert twice.value.allowed == ("correct",)
    with pytest.raises(NotFoundError, match="kept of person"):
        office.desk.correct(subject, {"email": "a@b.example"}, who="sri", why="baru")
    assert office.values(subject) == {"name": "Made", "phone": "+6281234567890"}


def test_a_correction_keeps_the_terms_and_destroys_the_wrong_value(office) -> None:
    subject = office.register()
    before, rows = office.desk.person(subject).fields, list(office.store.read(f"badung/person/{subject}"))
    office.later(30)
    office.desk.correct(subject, {"phone": "081299999999"}, who="sri", why="salah ketik")
    assert office.desk.person(subject).fields == before
    assert office.values(subject)["phone"] == "+6281299999999"
    assert office.desk.find(phone="+6281234567890") == ()
    assert office.desk.find(phone="+62 812-9999-9999") == (subject,)
    old_key = json.loads(rows[0].data)["key"]
    assert [name for name in office.ring.names("") if old_key in name] == []


def test_who_shares_a_number_is_found_with_those_who_share_it(office, terms) -> None:
    first, second = office.register(), office.register()
    assert office.desk.find(nik="5103011708900001") == tuple(sorted((first, second)))
    third = office.desk.register({"name": "Made", "phone": "081234567890"}, terms, who="sri")
    assert set(office.desk.find(phone="081234567890")) == {first, second, third}
    office.desk.erase(first, who="sri", why="permintaan")
    assert office.desk.find(nik=Personal(field=Field.NIK, value="5103011708900001")) == (second,)
    assert office.desk.find(nik="3316011708900001") == ()


@given(
    st.sampled_from(["", " ", ".", "-", "–", "\u200b", "\u00a0", "'", "\u202f"]),
    st.sets(st.integers(1, 15)),
    st.sampled_from([0x30, 0xFF10, 0x0660, 0x1D7CE]),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_number_finds_its_person_however_it_is_spelled_and_no_other_number_does(
    make_office, terms, between: str, cuts: set[int], zero: int
) -> None:
    office = make_office(MemoryStore(), MemoryKeyRing())
    nik, other = "5103011708900001", "5103011708900010"
    parts = [nik[start:end] for start, end in itertools.pairwise([0, *sorted(cuts), 16])]
    spelled = between.join(parts).translate({ord(digit): zero + int(digit) for digit in "0123456789"})
    subject = office.desk.register({"nik": spelled, "name": "Made"}, terms, who="sri")
    assert office.desk.find(nik=nik) == office.desk.find(nik=spelled) == (subject,)
    assert office.desk.find(nik=other) == ()
    assert office.values(subject)["nik"] == nik
    again = office.desk.register({"nik": nik, "name": "Putu"}, terms, who="sri")
    assert set(office.desk.find(nik=spelled)) == {subject, again}


@pytest.mark.parametrize("given", [{}, {"nik": "5103011708900001", "phone": "081234567890"}, {"nik": "51"}])
def test_a_look_up_names_one_number_that_can_be(office, given: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        office.desk.find(**given)


@pytest.mark.parametrize("size", range(1, 7))
def test_an_export_holds_every_field_and_every_step_there_is(office, planted, terms, size: int) -> None:
    for names in itertools.combinations(planted, size):
        subject = office.desk.register({name: planted[name] for name in names}, terms, who="sri")
        office.desk.restrict(subject, who="sri", why="keberatan")
        office.desk.lift(subject, who="sri", why="selesai")
        office.desk.read(subject, names, who="wayan", why="periksa")
        office.desk.correct(subject, {names[0]: planted[names[0]]}, who="sri", why="ejaan")
        if rest := [name for name in planted if name not in names]:
            office.desk.add(subject, {rest[0]: planted[rest[0]]}, terms, who="sri")
            office.desk.erase(subject, who="sri", why="ditarik", fields=[rest[0]])
        mine = office.desk.export(subject, who="sri", why="permintaan")
        assert json.loads(json.dumps(mine)) == mine
        assert {each["field"]: each["value"] for each in mine["fields"]} == {name: planted[name] for name in names}
        person = office.desk.person(subject)
        for told, kept in ((mine["fields"], person.fields), (mine["trail"], person.trail)):
            assert len(told) == len(kept)
            for one, other in zip(told, kept, strict=True):
                assert attrs.asdict(other).keys() <= one.keys()
        recorded = [name for name in office.names(subject) if name != "keys_destroyed"]
        assert len(recorded) == len(mine["trail"]) == (8 if rest else 6)


def test_one_field_is_erased_and_the_others_stay(office, planted) -> None:
    subject = office.register()
    office.desk.erase(subject, who="sri", why="persetujuan ditarik", fields=["email", "phone"])
    assert office.values(subject) == {name: planted[name] for name in ("nik", "npwp", "name", "address")}
    assert office.desk.find(phone=planted["phone"]) == ()
    assert office.desk.find(nik=planted["nik"]) == (subject,)
    assert office.names(subject)[1:3] == ["fields_erased", "keys_destroyed"]
    office.desk.erase(subject, who="sri", why="permintaan", fields=("nik", "npwp", "name", "address"))
    assert office.desk.person(subject).status is Status.ERASED


def test_who_is_erased_stays_counted_and_is_read_no_more(office, terms) -> None:
    subject = office.register()
    office.desk.read(subject, ["name"], who="sri", why="periksa")
    office.desk.erase(subject, who="sri", why="permintaan")
    office.desk.erase(subject, who="sri", why="sekali lagi")
    person = office.desk.person(subject)
    assert (person.status, person.fields) == (Status.ERASED, ())
    assert [step.act for step in person.trail] == ["registered", "read", "erasure_ordered", "erased"]
    assert list(office.ring.names("key.")) == list(office.ring.names("tag.")) == []
    for command in (
        lambda: office.desk.read(subject, ["name"], who="sri", why="periksa"),
        lambda: office.desk.export(subject, who="sri", why="periksa"),
        lambda: office.desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan"),
        lambda: office.desk.add(subject, {"name": "Made"}, terms, who="sri"),
        lambda: office.desk.restrict(subject, who="sri", why="keberatan"),
        lambda: office.desk.lift(subject, who="sri", why="selesai"),
        lambda: office.desk.erase(subject, who="sri", why="lagi", fields=["name"]),
    ):
        with pytest.raises(TransitionError):
            command()
    assert office.desk.check().strays == ()


@pytest.mark.parametrize("subject", [NOBODY, "Ni Luh Planted-Suryani", "5103011708900001", "", None])
def test_who_was_never_registered_is_not_there_and_not_shown(office, terms, find_leaks, subject: object) -> None:
    for command in (
        lambda: office.desk.read(subject, ["name"], who="sri", why="periksa"),
        lambda: office.desk.export(subject, who="sri", why="periksa"),
        lambda: office.desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan"),
        lambda: office.desk.add(subject, {"name": "Made"}, terms, who="sri"),
        lambda: office.desk.erase(subject, who="sri", why="permintaan"),
        lambda: office.desk.person(subject),
    ):
        with pytest.raises(NotFoundError) as missing:
            command()
        assert find_leaks(str(missing.value)) == []
    assert office.store.read_all() == ()
    assert list(office.ring.names("key.")) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nik", "5103"),
        ("nik", "5103013208900001"),
        ("nik", 5103011708900001),
        ("npwp", "12345"),
        ("phone", "112"),
        ("phone", "+1"),
        ("email", "planted.suryani at contoh.example"),
        ("email", "planted suryani@contoh.example"),
        ("email", f"{'a' * 250}@b.example"),
        ("name", ""),
        ("name", "   "),
        ("name", "Ni Luh\nPlanted-Suryani"),
        ("name", "Planted-Suryani" * 20),
        ("name", None),
        ("address", "Jalan Tertanam\x00"),
        ("address", b"Jalan Tertanam Nomor 17"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_never_shown(office, terms, field: str, value: object) -> None:
    with pytest.raises(InvalidValueError) as refused:
        office.desk.register({"name": "Made", field: value}, terms, who="sri")
    assert str(refused.value).startswith(f"{field}: ")
    assert "lanted" not in str(refused.value)
    assert "ertanam" not in str(refused.value)
    assert office.store.read_all() == ()
    assert list(office.ring.names("key.")) == []


def test_a_foreign_phone_number_is_kept_as_it_is(office, terms) -> None:
    subject = office.desk.register({"phone": "+61 2 9876 5432"}, terms, who="sri")
    assert office.values(subject) == {"phone": "+61298765432"}
    assert office.desk.find(phone="+61-298-765-432") == (subject,)


@pytest.mark.parametrize(
    "values", [{}, {"nki": "5103011708900001"}, {"Ni Luh Planted-Suryani": "name"}, {5: "x"}, ["nik"], "nik", None]
)
def test_what_is_no_set_of_fields_is_refused_and_never_shown(office, terms, find_leaks, values: object) -> None:
    with pytest.raises((InvalidValueError, NotFoundError)) as refused:
        office.desk.register(values, terms, who="sri")
    assert find_leaks(str(refused.value)) == []
    if values and "nki" in values:
        assert refused.value.suggestion == "nik"


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": ""},
        {"purpose": "NIK 5103 0117 0890 0001"},
        {"basis": "because"},
        {"keep_days": 0},
        {"keep_days": 36_526},
        {"keep_days": True},
        {"keep_days": 1.5},
    ],
)
def test_terms_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Terms(**{"purpose": "izin", "basis": "consent", "keep_days": 10, **wrong})


def test_a_repeated_request_records_nothing_and_answers_the_same(office) -> None:
    subject = office.register(request_id="r-1")
    other = office.another_desk()
    office.later(3)
    assert other.register(SPELLED, TERMS, who="wayan", request_id="r-1") == subject
    assert office.register(request_id="r-2") != subject
    for desk in (office.desk, other):
        desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan", request_id="r-3")
        desk.restrict(subject, who="sri", why="keberatan", request_id="r-4")
    assert office.names(subject) == ["person_registered", "fields_corrected", "keys_destroyed", "restricted"]
    with pytest.raises(InvalidValueError, match="used for another command"):
        other.lift(subject, who="sri", why="selesai", request_id="r-3")
    with pytest.raises(InvalidValueError, match="used for another command"):
        other.correct(subject, {"name": "Putu"}, who="sri", why="ejaan", request_id="r-4")
    for desk in (office.desk, other):
        desk.erase(subject, who="sri", why="permintaan", request_id="r-5")
    assert office.names(subject)[4:] == ["erasure_ordered", "erased"]
    assert office.desk.check().strays == ()


TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
SPELLED = {
    "name": " Ni Luh Planted-Suryani ",
    "nik": "510301 170890 0001",
    "npwp": "01.300.066.6-091.000",
    "phone": "0812-3456-7890",
    "email": "planted.suryani@contoh.example",
    "address": "Jalan Tertanam Nomor 17, Mangupura",
}
"""The planted person, as somebody else writes it."""


@pytest.mark.parametrize(
    "changed",
    [
        {"values": {**SPELLED, "nik": "5103014708900002"}},
        {"values": {**SPELLED, "name": "Made"}},
        {"values": {"name": SPELLED["name"]}},
        {"terms": Terms(purpose="izin usaha", basis="public_task", keep_days=366)},
        {"terms": Terms(purpose="kabar", basis="public_task", keep_days=365)},
    ],
)
def test_a_request_id_that_was_used_for_somebody_else_brings_nobody_out(office, find_leaks, changed: dict) -> None:
    subject = office.register(request_id="form-17")
    before, pieces = office.store.read_all(), list(office.ring.names(""))
    with pytest.raises(InvalidValueError, match="used for another command, or with other values") as refused:
        office.another_desk().register(
            **{"values": SPELLED, "terms": TERMS, **changed}, who="sri", request_id="form-17"
        )
    assert subject not in str(refused.value)
    assert find_leaks(str(refused.value)) == []
    assert office.store.read_all() == before
    assert list(office.ring.names("")) == pieces


def test_a_repeated_request_is_compared_by_what_is_still_as_it_was(office, terms) -> None:
    subject = office.desk.register({"name": "Made", "nik": "5103011708900001"}, terms, who="sri", request_id="r-1")
    office.desk.add(subject, {"email": "a@b.example"}, terms, who="sri", request_id="r-2")
    office.desk.correct(subject, {"name": "Putu"}, who="sri", why="ejaan", request_id="r-3")
    other = office.another_desk()

    def register(nik: str = "5103011708900001") -> str:
        return other.register({"name": "Made", "nik": nik}, terms, who="sri", request_id="r-1")

    assert register() == subject
    with pytest.raises(InvalidValueError, match="request_id"):
        register("5103014708900002")
    other.add(subject, {"email": "a@b.example"}, terms, who="sri", request_id="r-2")
    other.correct(subject, {"name": "Putu"}, who="sri", why="ejaan", request_id="r-3")
    for wrong in (
        lambda: other.add(subject, {"email": "c@b.example"}, terms, who="sri", request_id="r-2"),
        lambda: other.correct(subject, {"name": "Ketut"}, who="sri", why="ejaan", request_id="r-3"),
        lambda: other.correct(subject, {"nik": "5103011708900001"}, who="sri", why="ejaan", request_id="r-3"),
    ):
        with pytest.raises(InvalidValueError, match="request_id"):
            wrong()
    office.desk.erase(subject, who="sri", why="ditarik", fields=["email"], request_id="r-4")
    other.erase(subject, who="sri", why="ditarik", fields=["email"], request_id="r-4")
    with pytest.raises(InvalidValueError, match="request_id"):
        other.erase(subject, who="sri", why="ditarik", fields=["name"], request_id="r-4")
    with pytest.raises(TransitionError, match="changed since"):
        other.add(subject, {"email": "a@b.example"}, terms, who="sri", request_id="r-2")
    office.desk.erase(subject, who="sri", why="permintaan")
    with pytest.raises(TransitionError, match="erased"):
        register()
    assert list(office.ring.names("key.")) == []


def test_of_two_who_use_one_request_id_at_the_same_moment_one_is_refused_and_leaves_nothing(office, terms) -> None:
    desks = [office.another_desk(randomness=token_bytes) for _ in range(2)]

    def register(desk: PeopleDesk, name: str, turn: int) -> str | None:
        try:
            return desk.register({"name": name}, terms, who="sri", request_id=f"form-{turn}")
        except InvalidValueError:
            return None

    for turn in range(20):
        told = at_once(
            *[partial(register, desk, name, turn) for desk, name in zip(desks, ("Made", "Putu"), strict=True)]
        )
        assert told.count(None) == 1
        [subject] = filter(None, told)
        assert office.values(subject) == {"name": ("Made", "Putu")[told.index(subject)]}
    assert len(list(office.ring.names("key."))) == 20


@pytest.mark.parametrize("request_id", ["nik-5103011708900001", "510301 170890 0001", "wa/0812·3456·7890", 5])
def test_a_request_id_holds_no_personal_number(office, terms, request_id: object) -> None:
    subject = office.register()
    for command in (
        lambda: office.register(request_id=request_id),
        lambda: office.desk.correct(subject, {"name": "Made"}, who="sri", why="ejaan", request_id=request_id),
        lambda: office.desk.erase(subject, who="sri", why="permintaan", request_id=request_id),
    ):
        with pytest.raises(InvalidValueError, match="request_id") as refused:
            command()
        assert str(request_id) not in str(refused.value) or request_id == 5
    assert office.names(subject) == ["person_registered"]


def check_refused(office, store: EventStore) -> None:
    with pytest.raises(InvalidValueError, match="give the vault a store of its own"):
        office.another_desk(store=store)
    mall = Mall.open("contoh", store, clock=office.clock, vault=(office.keys, office.ring))
    with pytest.raises(InvalidValueError, match="give the vault a store of its own"):
        _ = mall.people
    assert list(office.ring.names("")) == []


def test_a_store_in_the_callers_own_transaction_is_refused(office, tmp_path) -> None:
    SqliteStore(tmp_path / "fees.db").close()
    connection = sqlite3.connect(tmp_path / "fees.db")
    check_refused(office, SqliteStore.on(connection))
    connection.close()


def test_so_it_is_on_postgresql(office, postgres, postgres_url) -> None:
    import psycopg

    from mppkit.storage.postgres import PostgresStore

    open_store(postgres_url).close()
    with psycopg.connect(postgres.url) as connection:
        check_refused(office, PostgresStore.on(connection, schema=postgres_url.rpartition("=")[2]))


def test_many_at_once_leave_one_person_whole_and_no_key_too_many(office, terms) -> None:
    desks = [office.another_desk(randomness=token_bytes) for _ in range(6)]
    start = Barrier(len(desks))

    def work(n: int) -> str:
        start.wait()
        subject = desks[n].register({"name": "Made", "phone": "081234567890"}, terms, who="sri", request_id="same")
        start.wait()  # or somebody would register who is erased already
        for turn in range(5):
            try:
                desks[n].correct(subject, {"phone": f"08120000{n}{turn}00"}, who=f"o-{n}", why="ganti")
                desks[n].read(subject, ["name", "phone"], who=f"o-{n}", why="periksa")
                if turn == 4 and n == 0:
                    desks[n].erase(subject, who="sri", why="permintaan")
            except TransitionError as gone:
                assert gone.status in ("erasing", "erased")  # noqa: PT017
        return subject

    with ThreadPoolExecutor(len(desks)) as pool:
        [subject] = set(pool.map(work, range(len(desks))))
    assert office.names(subject).count("person_registered") == 1
    assert office.desk.person(subject).status is Status.ERASED
    assert list(office.ring.names("key.")) == list(office.ring.names("tag.")) == []


def test_every_error_is_of_the_house(office) -> None:
    for wrong in (lambda: office.desk.retention_due("today"), lambda: office.desk.read(NOBODY, [], who="a", why="b")):
        with pytest.raises(MppkitError):
            wrong()


@attrs.frozen
class Letter:
    """What an application may put a value into."""

    to: Personal


@dataclasses.dataclass
class Note:
    """And another one."""

    to: Personal


JUNK = (
    *(5, -1, None, "x", "", ["x"], {"a": 1}, object(), b"x", 1.5, True, date(2026, 11, 24), "\ud800", "a\x00b", ()),
    *(float("nan"), [["x"]], {5}, "n" * 500, {"nik": ["x"]}, {"name": object()}, [None], iter([1]), ["a.b"], [5]),
)


@pytest.mark.parametrize("name", [name for name in dir(PeopleDesk) if not name.startswith("_")])
def test_whatever_is_given_is_answered_with_an_error_of_the_house(office, terms, name: str) -> None:
    method, period = getattr(office.desk, name), (office.clock.now(), office.clock.now())
    sound = {
        "values": {"name": "Made", "nik": "5103011708900001"},
        "terms": terms,
        "who": "sri",
        "why": "x",
        "fields": ["name"],
        "mall_key": "2026-11",
        "from_at": period[0],
        "to_at": period[1],
        "strays": [],
    }
    for place in inspect.signature(method).parameters:
        for junk in JUNK:
            subject = office.register()
            given = {
                each: subject if each == "subject" else sound.get(each) for each in inspect.signature(method).parameters
            }
            with suppress(MppkitError):
                method(**{**given, place: junk})


def test_a_personal_value_is_masked_wherever_it_goes(find_leaks) -> None:
    value = Personal(field=Field.NAME, value="Ni Luh Planted-Suryani")
    assert attrs.asdict(Letter(value)) == {"to": value}
    shown = [
        attrs.asdict(Letter(value)),
        attrs.astuple(Letter(value)),
        cattrs.unstructure(value),
        cattrs.unstructure(Letter(value)),
        cattrs.preconf.json.make_converter().unstructure(Letter(value)),
        vars(Note(value)),
        f"{value:}",
        f"{value!a}",
        f"{Letter(value)} {Note(value)}",
        pprint.pformat(Letter(value)),
        [getattr(value, name) for name in dir(value) if not callable(getattr(value, name)) and name != "_value"],
    ]
    assert find_leaks(repr(shown)) == []
    for way in (
        lambda: vars(value),
        lambda: attrs.asdict(value),
        lambda: attrs.fields(type(value)),
        lambda: dataclasses.asdict(value),
        lambda: dataclasses.asdict(Note(value)),
        lambda: json.dumps(value),
        lambda: json.dumps(attrs.asdict(Letter(value))),
        lambda: copy.copy(value),
        lambda: copy.copy(Note(value)) and copy.deepcopy(Note(value)),
        lambda: pickle.dumps(value, 0),
        lambda: value.__getstate__(),
        lambda: format(value, ">40"),
        lambda: list(value),
        lambda: setattr(value, "_value", "x"),
    ):
        with pytest.raises((TypeError, AttributeError, attrs.exceptions.NotAnAttrsClassError)) as refused:
            way()
        assert find_leaks(str(refused.value)) == []
    assert {value, Personal(field=Field.NAME, value="Ni Luh Planted-Suryani")} == {value}
    assert value not in (Personal(field=Field.ADDRESS, value="Ni Luh Planted-Suryani"), "Ni Luh Planted-Suryani")
    assert [str(value), repr(value), f"{value}", "%s" % value] == ["Personal(name, …)"] * 4  # noqa: UP031
    assert find_leaks(repr({"a": [value]})) == []
    assert value == Personal(field=Field.NAME, value="Ni Luh Planted-Suryani")
    for way_out in (json.dumps, pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError) as refused:
            way_out(value)
        assert find_leaks(str(refused.value)) == []
