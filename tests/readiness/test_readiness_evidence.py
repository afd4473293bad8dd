"""What can be recorded as evidence, what cannot, and files that are recorded whole or not at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError, TransitionError
from mppkit.identity.recordable import checked_person_or_none, has_long_number
from mppkit.readiness import Evidence, EvidenceKind, load_evidence
from mppkit.readiness.filing import checked_why, faults

ON = date(2026, 11, 24)
DIGEST = "ab" * 32


# --- one by one ----------------------------------------------------------------------------------------------------


def test_evidence_gets_numbers_in_order(room) -> None:
    first = room.desk.record("decree", "document", by="sri", reference="Perbup 11/2018")
    second = room.desk.record("ramp", EvidenceKind.STATEMENT, by="ketut", note="Jalur landai selesai")
    assert first == Evidence(
        number="E-001",
        item="decree",
        kind=EvidenceKind.DOCUMENT,
        reference="Perbup 11/2018",
        by="sri",
        given_on=ON,
    )
    assert room.desk.evidence() == (first, second)
    assert second.number == "E-002"


def test_what_is_recorded_already_is_not_recorded_again(room) -> None:
    first = room.desk.record("decree", "document", by="sri", reference="Perbup 11/2018")
    assert room.desk.record("decree", "document", by="sri", reference="Perbup 11/2018") == first
    assert room.another_desk().record("decree", "document", by="sri", reference="Perbup 11/2018") == first
    assert room.names() == ["evidence_recorded"]


def test_the_day_is_the_local_one_of_the_mall(room) -> None:
    room.clock.move_to(datetime.fromisoformat("2026-11-24T23:30:00+08:00"))
    assert room.desk.record("decree", "document", by="sri", reference="a").given_on == date(2026, 11, 24)
    room.clock.advance(minutes=30)
    assert room.desk.record("decree", "document", by="sri", reference="b").given_on == date(2026, 11, 25)


def test_a_withdrawn_piece_counts_no_more_and_can_be_recorded_again(room) -> None:
    room.make_ready()
    assert room.desk.assess().is_ready
    room.desk.withdraw("E-001", why="Dicabut bupati")
    assert [each.item.id for each in room.desk.assess().blockers] == ["decree"]
    assert room.desk.evidence() == ()
    assert room.desk.record("decree", "document", by="sri", reference="Perbup 11/2018").number == "E-002"
    assert room.desk.assess().is_ready


def test_only_what_is_there_can_be_withdrawn_and_once(room) -> None:
    with pytest.raises(NotFoundError, match="no evidence 'E-001'"):
        room.desk.withdraw("E-001", why="salah")
    room.desk.record("decree", "document", by="sri", reference="Perbup 11/2018")
    with pytest.raises(NotFoundError, match="did you mean 'E-001'"):
        room.desk.withdraw("E-01", why="salah")
    room.desk.withdraw("E-001", why="salah")
    with pytest.raises(TransitionError, match="evidence E-001 is withdrawn: cannot withdraw"):
        room.desk.withdraw("E-001", why="salah")


BAD = [
    ({"item": "decre"}, "item: 'decre': give the id of an item"),
    ({"item": "standards"}, "only the library's own check counts"),
    ({"kind": "link", "reference": "https://a.go.id"}, "kind: 'link': for this item document counts"),
    ({"kind": "paper"}, "kind: 'paper': give one of link, document, statement"),
    ({"reference": None}, "give the document's number, or the digest"),
    ({"reference": " "}, "give one line of up to 500 characters"),
    ({"reference": "a\nb"}, "give one line of up to 500 characters"),
    ({"reference": "x" * 501}, "give one line of up to 500 characters"),
    ({"digest": "ab"}, "digest: 'ab': give SHA-256"),
    ({"digest": DIGEST.upper()}, "give SHA-256"),
    ({"by": "Sri Wahyuni"}, "by: 'Sr…': give the person's id"),
    ({"by": "5103011708900001"}, "by: '51…': give the person's id"),
    ({"by": "nik:5103011708900001"}, "by: 'ni…': give the person's id"),
    ({"by": "sri@badungkab.go.id"}, "give the person's id"),
    ({"given_on": date(2026, 11, 25)}, "given_on: .* give a day up to 2026-11-24"),
    ({"given_on": datetime(2026, 11, 24, 9, 0, tzinfo=UTC)}, "given_on: .* give a local date"),
    ({"valid_until": "2027-01-01"}, "valid_until: .* give a local date"),
    ({"reference": 11}, "reference: 11: give one line"),
    ({"note": 5}, "note: 5: give one line"),
    ({"digest": 7}, "digest: 7: give SHA-256"),
    ({"item": "ramp", "kind": "link", "reference": 11}, "give the address of the page"),
    ({"valid_until": date(2026, 11, 23)}, "valid_until: .* give a day not before 2026-11-24"),
    ({"note": "telepon 0812 3456 7890"}, "note: 'telepon …': leave out the long number"),
    ({"note": "NIK 5103-0117-0890-0001"}, "leave out the long number"),
    ({"reference": "berkas 5103011708900001"}, "reference: 'berkas …': leave out the long number"),
    ({"note": "x" * 201}, "give one line of up to 200 characters"),
    ({"item": "ramp", "kind": "statement", "reference": None, "note": ""}, "note: None: say what is stated"),
    ({"item": "ramp", "kind": "statement", "reference": None, "note": " "}, "note: ' ': give one line"),
    ({"item": "ramp", "kind": "link", "reference": "mpp.go.id"}, "give the address of the page"),
    ({"item": "ramp", "kind": "link", "reference": "ftp://mpp.go.id"}, "give the address of the page"),
    ({"item": "ramp", "kind": "link", "reference": "https://sri:rahasia@mpp.go.id"}, "without a user in it"),
    ({"item": "ramp", "kind": "link", "reference": "https://[x"}, "give the address of the page"),
    ({"item": "ramp", "kind": "link", "reference": None, "digest": DIGEST}, "give the address of the page"),
]


@pytest.mark.parametrize(("changed", "said"), BAD)
def test_what_cannot_be_evidence_is_refused_and_nothing_recorded(room, changed: dict, said: str) -> None:
    given = {"item": "decree", "kind": "document", "by": "sri", "reference": "Perbup 11/2018", **changed}
    item, kind = given.pop("item"), given.pop("kind")
    with pytest.raises(InvalidValueError, match=said) as caught:
        room.desk.record(item, kind, **given)
    assert room.names() == []
    for digits in ("5103011708900001", "0812 3456 7890", "rahasia", "Wahyuni"):
        assert digits not in str(caught.value)


@pytest.mark.parametrize(
    "fine",
    [
        {"reference": "188.45/1234/HK/2026"},
        {"reference": None, "digest": DIGEST},
        {"note": "berlaku 2026-11-24 sampai 2027-11-24"},
        {"note": "2026-11-24 2027-11-24"},
        {"note": "3 dari 5 instansi, 120 kursi, 1.250 m2"},
        {"by": "198e2c1a-77aa-4a02-9c40-0242ac120002"},
        {"given_on": date(2018, 3, 20), "valid_until": date(2018, 3, 20)},
        {"item": "ramp", "kind": "link", "reference": "http://mpp.badungkab.go.id/foto?n=3"},
        {"item": "ramp", "kind": "statement", "reference": None, "note": "sudah ada"},
    ],
)
def test_what_can_be_evidence_is_recorded(room, fine: dict) -> None:
    given = {"item": "decree", "kind": "document", "by": "sri", "reference": "Perbup 11/2018", **fine}
    item, kind = given.pop("item"), given.pop("kind")
    recorded = room.desk.record(item, kind, **given)
    assert room.another_desk().evidence() == (recorded,)


@given(st.integers(10**9, 10**17).map(str), st.sampled_from(["", " ", ".", "-", ", "]), st.text("abc /", max_size=9))
def test_no_grouping_hides_ten_digits(digits: str, between: str, before: str) -> None:
    grouped = between.join(digits[start : start + 4] for start in range(0, len(digits), 4))
    assert has_long_number(f"{before} {grouped} x")


@pytest.mark.parametrize("why", ["", "  ", "a\nb", "x" * 201, "NIK 5103011708900001", None])
def test_a_withdrawal_says_why_without_personal_numbers(why) -> None:
    with pytest.raises(InvalidValueError, match="why"):
        checked_why(why)


def test_an_actor_is_an_id(room) -> None:
    for act in (
        lambda: room.desk.record("decree", "document", by="sri", reference="a", actor="Sri W"),
        lambda: room.desk.launch(actor="081234567890"),
    ):
        with pytest.raises(InvalidValueError, match="actor"):
            act()
    assert checked_person_or_none(None, "actor") is None


def test_every_fault_of_a_piece_is_found_at_once(small) -> None:
    bad = Evidence(
        item="decree",
        kind=EvidenceKind.STATEMENT,
        reference="berkas 5103011708900001",
        digest="x",
        by="Sri W",
        given_on=date(2026, 12, 1),
        valid_until=date(2026, 11, 1),
    )
    assert [fault.key for fault in faults(bad, small, ON)] == [
        "kind",
        "note",
        "reference",
        "digest",
        "by",
        "given_on",
        "valid_until",
    ]


# --- a file at once ------------------------------------------------------------------------------------------------

GOOD = """
[[evidence]]
item = "decree"
kind = "document"
reference = "Perbup 11/2018"
digest = "abababababababababababababababababababababababababababababababab"
by = "sri"
given_on = 2018-03-20
valid_until = 2027-12-31
note = "Tentang penyelenggaraan MPP"

[[evidence]]
item = "ramp"
kind = "link"
reference = "https://mpp.badungkab.go.id/foto"
by = "ketut"
given_on = 2026-11-20
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "bukti.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_is_recorded_whole_in_one_commit(room, write) -> None:
    recorded = room.desk.apply(write(GOOD))
    assert [(each.number, each.item) for each in recorded] == [("E-001", "decree"), ("E-002", "ramp")]
    assert recorded == room.desk.evidence()
    assert recorded[0] == Evidence(
        number="E-001",
        item="decree",
        kind=EvidenceKind.DOCUMENT,
        reference="Perbup 11/2018",
        digest=DIGEST,
        by="sri",
        given_on=date(2018, 3, 20),
        valid_until=date(2027, 12, 31),
        note="Tentang penyelenggaraan MPP",
    )


def test_a_file_that_grew_adds_only_what_is_new(room, write) -> None:
    room.desk.apply(write(GOOD))
    assert room.desk.apply(write(GOOD)) == ()
    more = (
        GOOD + '[[evidence]]\nitem = "charter"\nkind = "document"\nreference = "x"\nby = "sri"\ngiven_on = 2026-11-24\n'
    )
    assert [each.number for each in room.desk.apply(write(more))] == ["E-003"]
    assert room.names() == ["evidence_recorded"] * 3


def test_a_file_with_one_fault_records_nothing_and_tells_all(room, write) -> None:
    text = """
[[evidence]]
item = "decree"
kind = "document"
reference = "Perbup 11/2018"
by = "sri"
given_on = 2018-03-20

[[evidence]]
item = "decre"
kind = "link"
reference = "mpp"
by = "5103011708900001"
given_on = 2026-12-01

[[evidence]]
item = "charter"
kind = "dokumen"
by = "sri"
given_on = "2026-11-24"
until = 2027-01-01

[[evidence]]
item = "decree"
kind = "document"
reference = "Perbup 11/2018"
by = "sri"
given_on = 2018-03-20
"""
    with pytest.raises(BlueprintError, match="the evidence file has 8 problems") as caught:
        room.desk.apply(write(text))
    assert [(each.path, each.suggestion) for each in caught.value.problems] == [
        ("evidence[1].item", "decree"),
        ("evidence[1].reference", None),
        ("evidence[1].by", None),
        ("evidence[1].given_on", None),
        ("evidence[2].kind", "document"),
        ("evidence[2].given_on", None),
        ("evidence[2].until", "valid_until"),
        ("evidence[3]", None),
    ]
    assert "5103011708900001" not in str(caught.value)
    assert room.names() == []


@pytest.mark.parametrize("text", ["", "evidence = []", "[evidence]\na = 1", "[[bukti]]\nitem = 3"])
def test_a_file_without_evidence_is_told(write, small, text: str) -> None:
    with pytest.raises(BlueprintError, match=r"write at least one \[\[evidence\]\]"):
        load_evidence(write(text), small, ON)


def test_evidence_in_a_file_may_be_over_but_not_ahead(write, small) -> None:
    over = GOOD.replace("2027-12-31", "2019-01-01")
    assert len(load_evidence(write(over), small, ON)) == 2
    with pytest.raises(BlueprintError, match="give a day up to 2026-11-19"):
        load_evidence(write(GOOD), small, date(2026, 11, 19))


def test_the_faults_of_a_row_are_told_beside_its_wrong_keys(write, small) -> None:
    text = GOOD.replace('note = "Tentang penyelenggaraan MPP"', 'note = "HP 0812 3456 7890"\nuntil = 3')
    text = text.replace("valid_until = 2027-12-31", 'valid_until = "2027"').replace(f'digest = "{DIGEST}"', "")
    with pytest.raises(BlueprintError) as caught:
        load_evidence(write(text.replace('reference = "Perbup 11/2018"', "reference = 11")), small, ON)
    # a reference that is no text is told once, and not as one that is missing, too
    paths = ["evidence[0].reference", "evidence[0].valid_until", "evidence[0].until", "evidence[0].note"]
    assert [each.path for each in caught.value.problems] == paths
    assert "3456" not in str(caught.value)
