"""What a desk takes, what it hands out and to whom, and what it says to what cannot be."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from secrets import token_bytes
from threading import Barrier

import pytest

from mppkit.errors import InvalidValueError, MppkitError, NotFoundError, RefusedError, TransitionError
from mppkit.people import Act, Field, LawfulBasis, Personal, Status, Terms

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


@pytest.mark.parametrize("given", [{}, {"nik": "5103011708900001", "phone": "081234567890"}, {"nik": "51"}])
def test_a_look_up_names_one_number_that_can_be(office, given: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        office.desk.find(**given)


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
    assert (
        other.register({"name": "Made"}, Terms(purpose="x", basis="consent", keep_days=1), who="sri", request_id="r-1")
        == subject
    )
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


def test_many_at_once_leave_one_person_whole_and_no_key_too_many(office, terms) -> None:
    desks = [office.another_desk(randomness=token_bytes) for _ in range(6)]
    start = Barrier(len(desks))

    def work(n: int) -> str:
        start.wait()
        subject = desks[n].register({"name": "Made", "phone": "081234567890"}, terms, who="sri", request_id="same")
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


def test_a_personal_value_is_masked_wherever_it_goes(find_leaks) -> None:
    value = Personal(field=Field.NAME, value="Ni Luh Planted-Suryani")
    assert [str(value), repr(value), f"{value}", "%s" % value] == ["Personal(name, …)"] * 4  # noqa: UP031
    assert find_leaks(repr({"a": [value]})) == []
    assert value == Personal(field=Field.NAME, value="Ni Luh Planted-Suryani")
    for way_out in (json.dumps, pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError) as refused:
            way_out(value)
        assert find_leaks(str(refused.value)) == []
