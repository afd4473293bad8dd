"""What is said of a survey when it is published: the figures, how sure they are, and nothing that shows a person."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from mppkit.directory import Agency, AgencyKind, Directory, Role
from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.surveys.comparing import shown_groups
from mppkit.surveys.instrument import Weights
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import Action
from mppkit.surveys.publishing import MERGED, Publication, Words, standing
from mppkit.surveys.tally import Tally, tally_patterns

SKM = find_instrument("skm-2017")
DIRECTORY = Directory(
    agencies=(Agency(id="dpmptsp", name="DPMPTSP", name_english="Licensing office", kind=AgencyKind.REGENCY),),
    services=(),
    counters=(),
    roles=(Role(id="pelayanan", name="Bidang pelayanan", name_english="Service division"),),
)


def tally(*answers: tuple[int, int], **left_out: int) -> Tally:
    """Return the tally of so many answers that give each element the same value, but sarana one less."""
    return tally_patterns(SKM, {(*(value,) * 8, value - 1): times for value, times in answers}, left_out=left_out)


def told(**about: Any) -> Publication:
    given = {
        "mall": "MPP Contoh",
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 6, 30),
        "instrument": SKM,
        "tally": tally((4, 20), (3, 10)),
    }
    return Publication(**{**given, **about})


def action(element: str = "sarana", owner: str = "dpmptsp", **about: Any) -> Action:
    given = {
        "id": "t-1",
        "text": "Menambah kursi",
        "due_on": date(2026, 9, 30),
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 6, 30),
        "planned_at": datetime(2026, 7, 1, tzinfo=UTC),
    }
    return Action(element=element, owner=owner, **{**given, **about})


def groups(minimum: int = 5, **sizes: int) -> Any:
    return shown_groups({name: tally((3, n)) for name, n in sizes.items()}, minimum=minimum)


def sentences(publication: Publication) -> str:
    return "\n".join(f"{words.indonesian}\n{words.english}" for words in publication.respondents())


def test_the_interval_is_told_in_words_and_so_is_a_grade_that_it_leaves_open() -> None:
    # 20 answers of 35/36 of the best, 10 of 26/36: mean 88.889, deviation 11.9855, t(29) = 2.0452
    publication = told()
    assert publication.score.interval == pytest.approx((84.413, 93.364), abs=0.001)
    said = sentences(publication)
    assert "Indeks seluruh pengguna diperkirakan antara 84,4 dan 93,4. Karena itu mutunya dapat B sampai A." in said
    assert "likely between 84.4 and 93.4. So the grade may be anything from B to A." in said
    sure = sentences(told(tally=tally((4, 2000), (3, 1000))))
    assert "antara" in sure
    assert "mutunya dapat" not in sure


def test_the_sample_is_told_with_whether_it_was_reached() -> None:
    assert "30 responden dari 1.200 pengguna layanan (2,5%)." in sentences(told(population=1200))
    assert "Krejcie & Morgan: 291, belum tercapai." in sentences(told(population=1200))
    assert "Krejcie & Morgan: 28, tercapai." not in sentences(told(population=32))
    assert "Krejcie & Morgan: 30, tercapai." in sentences(told(population=32))
    assert "30 respondents out of 32 users (93.8%)." in sentences(told(population=32))


def test_nothing_is_estimated_where_everybody_answered_or_all_came_to_the_same() -> None:
    assert "Tidak semua pengguna layanan menjawab. Indeks" in sentences(told(population=32))
    assert "Jumlah seluruh pengguna layanan tidak dicantumkan. Indeks" in sentences(told())
    assert "Tidak semua" not in sentences(told())
    assert "Semua pengguna layanan menjawab." in sentences(told(population=30))
    assert "diperkirakan" not in sentences(told(population=30))
    assert "tidak dapat dihitung" in sentences(told(tally=tally((3, 40))))


def test_elements_come_best_first_and_the_weakest_with_what_is_done() -> None:
    publication = told(actions=(action(), action("waktu", id="t-2")), directory=DIRECTORY)
    assert publication.elements()[-1].key == "sarana"
    assert [(each.key, len(done)) for each, done in publication.follow_up()] == [("sarana", 1), ("waktu", 1)]


def test_actions_that_answer_another_period_are_left_out() -> None:
    earlier = action(first_on=date(2025, 7, 1), last_on=date(2025, 12, 31))
    later = action(first_on=date(2026, 7, 1), last_on=date(2026, 12, 31))
    touching = action(id="t-9", first_on=date(2026, 6, 30), last_on=date(2026, 6, 30))
    [(_, found)] = told(actions=(earlier, touching, later)).follow_up()
    assert [each.id for each in found] == ["t-9"]


def test_an_owner_is_named_as_the_directory_names_it_and_else_by_its_id() -> None:
    publication = told(directory=DIRECTORY)
    assert publication.owner(action(owner="dpmptsp")) == Words("DPMPTSP", "Licensing office")
    assert publication.owner(action(owner="pelayanan")) == Words("Bidang pelayanan", "Service division")
    assert publication.owner(action(owner="gone")) == Words("gone")
    assert told().owner(action()) == Words("dpmptsp")


def test_where_an_action_stands_is_told_with_its_date_or_why_not() -> None:
    assert standing(action()) == Words("Direncanakan", "Planned")
    assert standing(action(done_on=date(2026, 8, 3))) == Words("Selesai 3 Agustus 2026", "Done 3 August 2026")
    assert standing(action(dropped_why="Anggaran ditolak")).indonesian == "Tidak jadi: Anggaran ditolak"


def test_groups_come_in_the_order_of_the_form_then_the_unknown_the_silent_and_the_small() -> None:
    sizes = {"46-55": 3, "sma": 2, "26-35": 6, "17-25": 7, "tidak-disebutkan": 5, "entah": 7}
    [(field, rows)] = told(profile={"age": groups(**sizes)}).groups()
    assert field.text == "Usia"
    assert rows == (
        (Words("17–25 tahun", "17–25"), 7),
        (Words("26–35 tahun", "26–35"), 6),
        (Words("entah"), 7),
        (Words("Tidak disebutkan", "Not stated"), 5),
        (MERGED, 5),
    )


def test_where_every_group_is_too_small_none_is_told() -> None:
    [(_, rows)] = told(tally=tally((3, 6)), profile={"sex": groups(10, perempuan=3, **{"laki-laki": 3})}).groups()
    assert rows == ()


def test_how_the_index_was_made_is_told() -> None:
    said = "\n".join(map(" ".join, told(method="Lewat kode tiket.", method_english="By ticket.").about()))
    assert "Lewat kode tiket. By ticket." in said
    assert "skm-2017, versi 1" in said
    assert "belum dicocokkan dengan naskah resminya" in said
    assert "bobot 1/9 tanpa pembulatan" in said
    assert "A ≥ 88,31 (Sangat baik); B ≥ 76,61 (Baik); C ≥ 65,00 (Kurang baik); D ≥ 25,00 (Tidak baik)" in said
    rounded = told(weights=Weights.ROUNDED_3)
    assert "bobot 0,111 (1/9 dibulatkan)" in "\n".join(each.indonesian for each in rounded.about())
    assert "weight 0.111 (1/9 rounded)" in "\n".join(each.english for each in rounded.about())


def test_what_was_left_out_is_told_by_kind() -> None:
    said = "\n".join(each.indonesian for each in told(tally=tally((3, 40), blank=1200, odd=2, text=0)).about())
    assert "Tidak dihitung: 1.202 (ada unsur yang kosong 1.200, odd 2)." in said
    assert "Tidak dihitung" not in "\n".join(each.indonesian for each in told().about())


def test_another_index_is_called_by_its_own_name() -> None:
    spak = find_instrument("spak")
    publication = told(instrument=spak, tally=tally_patterns(spak, {tuple(6 for _ in spak.keys): 9}))
    assert publication.title == Words("Survei Persepsi Anti Korupsi (IPAK)", "Anti-corruption perception survey")
    assert publication.highest == 100
    assert publication.score.index == 100


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"tally": tally((3, 4))}, "publish 5 answers or more"),
        ({"minimum": 31}, "publish 31 answers or more"),
        ({"last_on": date(2025, 12, 31)}, "give a date from 2026-01-01 on"),
        ({"first_on": datetime(2026, 1, 1)}, "give a local date"),  # noqa: DTZ001
        ({"population": 29}, "30 of them answered"),
        ({"instrument": find_instrument("skm-2014")}, "give answers to skm-2014"),
        ({"profile": {"sex": groups(perempuan=20, **{"laki-laki": 9})}}, "groups of the 30 answers"),
        ({"profile": {"sex": groups(perempuan=29, **{"laki-laki": 2})}}, "groups of the 30 answers"),
    ],
)
def test_what_cannot_be_published_is_refused_with_the_remedy(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        told(**wrong)


def test_a_field_or_an_element_that_is_not_asked_is_refused() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'age'"):
        told(profile={"agee": groups(x=30)})
    with pytest.raises(NotFoundError, match="did you mean 'sarana'"):
        told(actions=(action("sarna"),))


def test_what_the_desk_shows_can_be_published_as_it_is(booth: Any) -> None:
    booth.answer(1, 8, 4, profile={"sex": "perempuan", "age": "17-25"})
    booth.answer(9, 20, 3, profile={"sex": "laki-laki"})
    publication = told(
        first_on=booth.desk.today(),
        last_on=booth.desk.today(),
        tally=booth.desk.tally("skm"),
        profile={key: booth.desk.by("skm", key) for key in ("sex", "age")},
        actions=booth.desk.followup.actions("skm"),
    )
    assert publication.score == booth.desk.index("skm")
    assert [[(words.english, n) for words, n in rows] for _, rows in publication.groups()] == [
        [("Male", 12), ("Female", 8)],
        [("17–25", 8), ("Not stated", 12)],
    ]
