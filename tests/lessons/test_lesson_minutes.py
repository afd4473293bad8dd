"""What a delegation takes home: the minutes to read, and the report for machines."""

import json
from collections.abc import Callable

import pytest

from mppkit.lessons import Counted, MeanFigure, ShareFigure, SubjectKind, Uptake, minutes, report

KEY = "badung-2026"


@pytest.fixture
def studied(planned, mean: Callable[..., MeanFigure], share: Callable[..., ShareFigure]):
    """A whole study: two questions, three observations, one decision replaced, two effects, closed."""
    desk, clock = planned.desk, planned.clock
    desk.ask(KEY, "Apa yang paling sulit?")
    desk.ask(KEY, "Berapa loket?")
    desk.answer(KEY, "q-1", "Menyatukan *semua* instansi")
    desk.observe(KEY, "policy", "priority_ageing", "Lansia didahulukan")
    desk.observe(KEY, "counter", "loket-1", "Alurnya sederhana")
    desk.observe(KEY, "facility", "parkir", "Luas")
    desk.decide(KEY, "o-1", "adopt", why="Banyak lansia")
    clock.advance(minutes=1)
    desk.decide(KEY, "o-1", "adapt", why="Aula kecil", how="Paling lama 15 menit", item="policy:discipline")
    desk.decide(KEY, "o-2", "adopt", why="Mudah")
    desk.decide(KEY, "o-3", "skip", why="Tidak ada lahan")
    desk.measure(KEY, "o-1", mean(36, 31.0, 8.0), mean(36, 25.0, 6.0, second=True))
    of_visits = {"counted": Counted.VISITS}
    desk.measure(KEY, "o-1", share(300, 600, **of_visits), share(303, 600, second=True, **of_visits))
    desk.close(KEY, conclusion="Mulai dari antrean")
    return planned


def test_the_minutes_tell_the_whole_visit(studied) -> None:
    assert minutes(studied.desk.visit(KEY)) == MINUTES


MINUTES = """\
# Notulen studi tiru: Kabupaten Blora ke badung / Minutes of a lesson study: Kabupaten Blora to badung

Rombongan 12 orang / A delegation of 12. Studi ini sudah ditutup. / This study is closed.

## Acara / Programme

- 16 November 2026 — Mal Pelayanan Publik Badung

## Tanya jawab / Questions and answers

- q-1: Apa yang paling sulit?
  - Menyatukan \\*semua\\* instansi
- q-2: Berapa loket?
  - Belum dijawab. / Not answered.

## Yang dilihat dan diputuskan / What was seen and decided

- o-1 · Kebijakan / Policy priority_ageing: Lansia didahulukan
  - **Disesuaikan / Adapted**: Aula kecil
    - Caranya / How: Paling lama 15 menit
    - Butir / Item: policy:discipline
  - Rata-rata tunggu harian: 31,0 menit di blora (1 September 2026 s.d. 30 Oktober 2026, n = 36 hari), \
lalu 25,0 menit di blora (4 Januari 2027 s.d. 26 Februari 2027, n = 36 hari); \
selisih −6,0 menit (selang 95 % −9,3 s.d. −2,7): lebih baik pada masa kedua. / \
Mean wait of a day: 31.0 minutes at blora (1 September 2026 to 30 October 2026, n = 36 days), \
then 25.0 minutes at blora (4 January 2027 to 26 February 2027, n = 36 days); \
difference −6.0 minutes (95 % interval −9.3 to −2.7): better in the second period.
  - Terlayani sesuai janji: 50,0 % di blora (1 September 2026 s.d. 30 Oktober 2026, n = 600 kunjungan), \
lalu 50,5 % di blora (4 Januari 2027 s.d. 26 Februari 2027, n = 600 kunjungan); \
selisih +0,5 poin persen (selang 95 % −5,1 s.d. +6,1): tidak ada pengaruh yang terlihat. / \
Served as promised: 50.0 % at blora (1 September 2026 to 30 October 2026, n = 600 visits), \
then 50.5 % at blora (4 January 2027 to 26 February 2027, n = 600 visits); \
difference +0.5 percentage points (95 % interval −5.1 to +6.1): no visible effect.
    - Kunjungan pada hari yang sama saling bergantung, jadi selang ini mungkin terlalu sempit; \
lebih baik satu angka per hari. / \
Visits of one day depend on each other, so this interval may be too narrow; one number a day is better.
- o-2 · Loket / Counter loket-1: Alurnya sederhana
  - **Diterapkan / Adopted**: Mudah
- o-3 · Sarana / Facility parkir: Luas
  - **Dilewati / Skipped**: Tidak ada lahan

Selisih bukan bukti sebab: musim, hari libur dan perubahan lain ikut di dalamnya. / \
A difference does not prove its cause: seasons, holidays and other changes are in it too.

## Kesimpulan / Conclusion

Mulai dari antrean
"""


def test_the_minutes_of_a_visit_that_is_only_planned_say_so(planned) -> None:
    text = minutes(planned.desk.visit(KEY))
    assert "Studi ini masih berjalan; belum diputuskan: 0. / This study goes on; undecided: 0." in text
    assert text.count("Tidak ada. / None.") == 2
    planned.desk.observe(KEY, "counter", "loket-1", "Ada")
    text = minutes(planned.desk.visit(KEY))
    assert "belum diputuskan: 1." in text
    assert "  - Belum diputuskan. / Not decided." in text
    assert "Selisih" not in text


def test_what_people_wrote_means_nothing_to_markdown_or_html(planned) -> None:
    planned.desk.ask(KEY, "<script>alert(1)</script> [x](http://y) `a` **b** \\")
    text = minutes(planned.desk.visit(KEY))
    assert "q-1: \\<script>alert(1)\\</script> \\[x](http://y) \\`a\\` \\*\\*b\\*\\* \\\\" in text


def test_every_kind_of_subject_and_uptake_has_its_words(planned) -> None:
    for number, kind in enumerate(SubjectKind):
        uptake = list(Uptake)[number % 3]
        planned.desk.observe(KEY, kind, f"x-{kind}", "Ada")
        planned.desk.decide(KEY, f"o-{number + 1}", uptake, why="Karena", how="Lain" if uptake is Uptake.ADAPT else "")
    text = minutes(planned.desk.visit(KEY))
    for word in ("Service", "Counter", "Policy", "Facility", "Other", "Adopted", "Adapted", "Skipped"):
        assert f"/ {word}" in text


def test_the_report_is_json_with_everything_in_it(studied) -> None:
    written = report(studied.desk.visit(KEY))
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert list(written) == [
        *("key", "host", "status", "region", "people", "programme", "questions", "seen", "observations"),
        *("conclusion", "planned_at", "closed_at"),
    ]
    assert written["status"] == "closed"
    assert written["questions"][1]["answer"] is None
    assert written["seen"] == [
        {"kind": "policy", "id": "priority_ageing"},
        {"kind": "counter", "id": "loket-1"},
        {"kind": "facility", "id": "parkir"},
    ]
    first, second, third = written["observations"]
    assert first["resolution"] == {
        "uptake": "adapt",
        "why": "Aula kecil",
        "how": "Paling lama 15 menit",
        "item": "policy:discipline",
        "decided_at": "2027-03-01T01:01:00+00:00",
    }
    assert [replaced["uptake"] for replaced in first["replaced"]] == ["adopt"]
    assert (second["effects"], third["resolution"]["uptake"]) == ([], "skip")
    wait, promised = first["effects"]
    assert wait["indicator"]["id"] == "mean-wait"
    assert wait["before"] == {
        "mall": "blora",
        "first_on": "2026-09-01",
        "last_on": "2026-10-30",
        "counted": "days",
        "n": 36,
        "value": 31.0,
        "sd": 8.0,
    }
    assert (wait["difference"], wait["verdict"], wait["minimum"]) == (-6.0, "better", 30)
    assert wait["interval"] == {
        "low": pytest.approx(-9.32865, abs=1e-5),
        "high": pytest.approx(-2.67135, abs=1e-5),
        "confidence": 0.95,
        "method": "welch",
    }
    assert (promised["after"]["count"], promised["after"]["value"]) == (303, 50.5)
    assert [why["code"] for why in promised["warnings"]] == ["dependent_visits"]


def test_neither_tells_who_came_nor_who_wrote(office) -> None:
    office.plan(members=("pegawai-1", "pegawai-2"), actor="pegawai-7")
    visit = office.desk.visit(KEY)
    assert visit.delegation.members == ("pegawai-1", "pegawai-2")
    assert "pegawai" not in minutes(visit) + json.dumps(report(visit))
