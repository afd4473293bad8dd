"""A whole story in exact words, every event with words of its own, and every working day counted as exactly one's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.calendars import WorkingDays, office_calendar
from mppkit.decisions import Decision, LegalBasis, Reason
from mppkit.permits import events as e
from mppkit.permits.application import folded
from mppkit.permits.capacity import Use
from mppkit.permits.explaining import Explanation, explain
from mppkit.permits.model import Activity, Application, Investment, Status
from mppkit.permits.timing import Whose, run_term, spent
from mppkit.permits.workflow import CountsFrom, Effect, Overdue, Step, StepKind, StepOutcome, Workflow

ZONE = ZoneInfo("Asia/Makassar")
DAYS = WorkingDays(office_calendar(zone=ZONE))
PERBUP = LegalBasis(regulation="Perbup Contoh 12/2026", article="7", verified=True)
FULL = Reason(
    code="zona-penuh",
    indonesian="Daya dukung zona tidak mencukupi",
    english="The zone cannot carry it",
    basis=LegalBasis(regulation="Perda Contoh 3/2026", article="21"),
)


def step(id_: str, name: str, english: str, kind: StepKind, limit: int, *outcomes: StepOutcome) -> Step:
    return Step(id=id_, name=name, name_english=english, kind=kind, role="r", working_days=limit, outcomes=outcomes)


def leads(id_: str, effect: Effect, *following: str, join: str | None = None, **more: object) -> StepOutcome:
    return StepOutcome(id=id_, effect=effect, next=following, join=join, **more)


WORKFLOW = Workflow(
    id="izin-hotel",
    version=2,
    name="Izin hotel",
    name_english="Hotel licence",
    services=("izin-usaha",),
    start="periksa",
    steps=(
        step(
            "periksa", "Verifikasi", "Check of completeness", StepKind.VERIFY, 2,
            leads("lengkap", Effect.FORWARD, "ruang", "air", join="putus", name="Lengkap", name_english="Complete"),
            leads("kurang", Effect.RETURN),
        ),
        step(
            "ruang", "Penilaian ruang", "Assessment of land", StepKind.ASSESS, 3,
            leads("dinilai", Effect.FORWARD, "putus"), leads("perbaiki", Effect.RETURN),
        ),
        step(
            "air", "Penilaian air", "Assessment of water", StepKind.ASSESS, 3,
            leads("dinilai", Effect.FORWARD, "putus"), leads("perbaiki", Effect.RETURN),
        ),
        step(
            "putus", "Keputusan", "Decision of the head", StepKind.DECIDE, 2,
            leads("setuju", Effect.GRANT, "terbit"), leads("bersyarat", Effect.GRANT_WITH_CONDITIONS, "terbit"),
            leads("tolak", Effect.REFUSE, reasons=("zona-penuh",)),
        ),
        step("terbit", "Penerbitan", "Issuing", StepKind.ISSUE, 1, leads("terbit", Effect.ISSUE)),
    ),
    reasons=(FULL,),
    working_days=10,
    term_basis=PERBUP,
    escalates_to="kepala-dinas",
    applicant_days=30,
)  # fmt: skip
BARE = evolve(
    WORKFLOW, working_days=None, term_basis=None, overdue=Overdue.DEEMED_GRANTED, applicant_days=None, escalates_to=None
)
"""No rule sets its term, so the law's own holds."""
USES = (Use(resource="kamar-hotel", amount=Decimal(40)), Use(resource="air", amount=Decimal("12.5")))
DRAFTED = e.Drafted(
    service="izin-usaha",
    applicant="pemohon-1",
    workflow=WORKFLOW,
    activity=Activity(edition="2025", code="55110", scale="besar", level="tinggi"),
    investment=Investment(rupiah=12_500_000_000, jobs=60, sector="pariwisata"),
    zone="pantai",
    uses=USES,
)
ROOM = Reason(
    code="zone_has_room",
    indonesian="Kamar hotel: diminta 40; batas 100, terpakai 30, sisa 70. Masih cukup.",
    english="Hotel rooms: 40 asked for; limit 100, committed 30, free 70. There is room.",
)
ADVICE = Reason(
    code="capacity_is_advice",
    indonesian="Ini pertimbangan, bukan izin.",
    english="This is advice, not a licence.",
    basis=LegalBasis(regulation="PP 46/2016"),
)


def at(day: int, hour: int = 10, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE).astimezone(UTC)


Happened = list[tuple[datetime, e.PermitEvent]]


def application(happened: Happened) -> Application:
    app = None
    for when, event in happened:
        app = folded("2026-0001", app, event, when)
    assert app is not None
    return app


def story(*happened: tuple[datetime, e.PermitEvent], now: datetime) -> Explanation:
    return explain(list(happened), application(list(happened)), DAYS, now)


def done(step_id: str, outcome: str = "dinilai", officer: str = "o-2", note: str = "") -> e.StepDone:
    return e.StepDone(step=step_id, outcome=outcome, officer=officer, note=note)


def plan(digit: str) -> e.DocumentAttached:
    return e.DocumentAttached(
        kind="rencana-tapak", digest=digit * 64, media_type="application/pdf", size=9, place=f"arsip/{digit}"
    )


def advised(decision: Decision, because: str | None = None) -> e.CapacityAdvised:
    return e.CapacityAdvised(zone="pantai", uses=USES, decision=decision, officer="o-4", overridden_because=because)


GRANTED: Happened = [
    (at(2, 9), DRAFTED),
    (at(2, 10), plan("0")),
    (at(3), e.Submitted()),
    (at(5), e.Returned(step="periksa", outcome="kurang", officer="o-1", items=("Denah tanpa skala", "NIB lama"))),
    (at(9), plan("1")),
    (at(10), e.Resubmitted(uses=(Use(resource="kamar-hotel", amount=Decimal(40)),))),
    (at(11), done("periksa", "lengkap", "o-1")),
    (at(12), done("ruang", note="Sesuai RDTR")),
    (at(17), done("air", officer="o-3")),
    (at(18), advised(Decision.granted(ROOM, warnings=(ADVICE,)))),
    (
        at(18),
        e.Decided(step="putus", outcome="bersyarat", officer="o-4", conditions=("Sumur resapan", "40 kamar")),
    ),
    (
        at(19),
        e.Issued(number="503/0001/2026", valid_from=date(2026, 11, 19), step="terbit", outcome="terbit", officer="o-5"),
    ),
]


REFUSED: Happened = [
    *GRANTED[:9],
    (at(18), e.Decided(step="putus", outcome="tolak", officer="o-4", reasons=(FULL,), note="Musim depan boleh lagi")),
]
DEEMED: Happened = [
    (at(2), evolve(DRAFTED, workflow=BARE, activity=None, investment=None, zone=None, uses=())),
    (at(3), e.Submitted()),
    (at(11), e.DeemedGranted(due_on=date(2026, 11, 10), reason=FULL)),
    (at(11), e.Issued(number="503/0002/2026", valid_from=date(2026, 11, 11), valid_until=date(2031, 11, 11))),
]
TOO_LATE = Reason(
    code="not_corrected", indonesian="Perbaikan tidak disampaikan.", english="It was not brought in time."
)
OVER = Reason(code="permit_over", indonesian="Masa berlaku berakhir.", english="Its last day is over.")


# --- a whole story ---


def test_a_granted_application_is_told_from_its_first_draft_to_its_permit() -> None:
    told = story(*GRANTED, now=at(24))
    assert [(f"{line.on:%d}", line.whose and line.whose.value, line.working_days) for line in told.lines] == [
        ("02", None, 0), ("02", None, 0), ("03", None, 0), ("05", "office", 2), ("09", "applicant", 2),
        ("10", "applicant", 1), ("11", "office", 1), ("12", "office", 1), ("17", "office", 3), ("18", "office", 1),
        ("18", "office", 0), ("19", "office", 1),
    ]  # fmt: skip
    assert [line.indonesian for line in told.lines] == [
        "Pemohon mulai menyusun permohonan untuk layanan izin-usaha (alur Izin hotel, versi 2). Kegiatan: KBLI 2025 "
        "55110, skala besar, risiko tinggi. Lokasi: zona pantai. Nilai investasi Rp12.500.000.000, tenaga kerja 60 "
        "orang. Pemakaian daya dukung: kamar-hotel 40; air 12,5.",
        "Dokumen rencana-tapak dilampirkan.",
        "Permohonan diajukan. Berikutnya: Verifikasi. Jangka waktunya 10 hari kerja menurut Perbup Contoh 12/2026 "
        "Pasal 7. Selesai paling lambat 17 November 2026.",
        "Verifikasi: dikembalikan kepada pemohon (petugas o-1). Yang harus diperbaiki: Denah tanpa skala; NIB lama. "
        "Jangka waktu berhenti sampai perbaikan disampaikan. Tanpa perbaikan dalam 30 hari kerja permohonan gugur.",
        "Dokumen rencana-tapak diganti dengan yang baru.",
        "Pemohon menyampaikan perbaikan. Pemakaian daya dukung: kamar-hotel 40. Jangka waktu berjalan lagi; selesai "
        "paling lambat 20 November 2026.",
        "Verifikasi: Lengkap (petugas o-1). Tahap ini memakai 3 dari 2 hari kerja, terlambat. Berikutnya: Penilaian "
        "ruang, Penilaian air (serentak).",
        "Penilaian ruang: diteruskan (petugas o-2). Catatan: “Sesuai RDTR”. Tahap ini memakai 1 dari 3 hari kerja. "
        "Keputusan menunggu tahap lain yang serentak.",
        "Penilaian air: diteruskan (petugas o-3). Tahap ini memakai 4 dari 3 hari kerja, terlambat. Berikutnya: "
        "Keputusan.",
        "Daya dukung zona pantai ditimbang: permohonan boleh diteruskan (petugas o-4). Kamar hotel: diminta 40; batas "
        "100, terpakai 30, sisa 70. Masih cukup. Ini pertimbangan, bukan izin (PP 46/2016).",
        "Keputusan: dikabulkan dengan syarat (petugas o-4). Syarat: Sumur resapan; 40 kamar. Tahap ini memakai 1 "
        "dari 2 hari kerja. Berikutnya: Penerbitan.",
        "Izin 503/0001/2026 diterbitkan, berlaku mulai 19 November 2026 selama usaha berjalan (petugas o-5). Tahap ini "
        "memakai 1 dari 1 hari kerja.",
    ]
    assert [line.english for line in told.lines] == [
        "The applicant began an application for the service izin-usaha (workflow Hotel licence, version 2). Activity: "
        "KBLI 2025 55110, large scale, high risk. Place: zone pantai. Investment Rp 12,500,000,000, jobs 60. Use of "
        "what the zone can carry: kamar-hotel 40; air 12.5.",
        "The document rencana-tapak was attached.",
        "The application was submitted. Next: Check of completeness. It may take 10 working days under Perbup Contoh "
        "12/2026 Pasal 7. It is due by 17 November 2026.",
        "Check of completeness: sent back to the applicant (officer o-1). To be corrected: Denah tanpa skala; NIB "
        "lama. The clock stands still until it is brought back. Unless it comes back within 30 working days the "
        "application lapses.",
        "The document rencana-tapak was replaced by a new one.",
        "The applicant brought what was to be corrected. Use of what the zone can carry: kamar-hotel 40. The clock "
        "runs again; it is due by 20 November 2026.",
        "Check of completeness: Complete (officer o-1). This step took 3 of 2 working days, late. Next: Assessment of "
        "land, Assessment of water (in parallel).",
        "Assessment of land: passed on (officer o-2). Note: “Sesuai RDTR”. This step took 1 of 3 working days. "
        "Decision of the head waits for the other parallel steps.",
        "Assessment of water: passed on (officer o-3). This step took 4 of 3 working days, late. Next: Decision of the "
        "head.",
        "What zone pantai can carry was weighed: the application may go on (officer o-4). Hotel rooms: 40 asked for; "
        "limit 100, committed 30, free 70. There is room. This is advice, not a licence (PP 46/2016).",
        "Decision: granted with conditions (officer o-4). Conditions: Sumur resapan; 40 kamar. This step took 1 "
        "of 2 working days. Next: Issuing.",
        "The permit 503/0001/2026 was issued, valid from 19 November 2026 for as long as the business lasts (officer "
        "o-5). This step took 1 of 1 working day.",
    ]
    assert [line.basis for line in told.lines if line.basis] == [PERBUP, ADVICE.basis]
    assert told.indonesian == (
        "Izin berlaku. Waktu kantor 9 hari kerja, waktu pemohon 3 hari kerja. Jangka waktu: terpakai 9 dari 10 hari "
        "kerja, jatuh tempo 20 November 2026: tidak terlambat."
    )
    assert told.english == (
        "The permit holds. It took 9 working days of the office and 3 working days of the applicant. Of the term 9 of "
        "10 working days are used, due by 20 November 2026: not late."
    )
    assert (told.spent.office_days, told.spent.applicant_days, told.term.due_on) == (9, 3, date(2026, 11, 20))
    assert (told.application, told.status, told.at) == ("2026-0001", Status.ISSUED, at(24))


def test_a_refusal_names_its_reason_and_article() -> None:
    told = story(*REFUSED, now=at(30))
    assert told.lines[-1].basis == FULL.basis
    assert told.lines[-1].indonesian == (
        "Keputusan: ditolak (petugas o-4). Daya dukung zona tidak mencukupi (Perda Contoh 3/2026 Pasal 21). Catatan: "
        "“Musim depan boleh lagi”. Tahap ini memakai 1 dari 2 hari kerja."
    )
    other = evolve(FULL, code="tata-ruang", basis=PERBUP)
    both = story(*GRANTED[:9], (at(18), evolve(REFUSED[-1][1], reasons=(FULL, other))), now=at(18)).lines[-1]
    assert both.basis == FULL.basis  # of two rules the first
    assert both.english.count("The zone cannot carry it (") == 2
    assert told.english.startswith("The application was refused. It took 8 working days of the office and 3")


def test_where_no_rule_sets_a_term_the_laws_own_is_named_and_silence_is_told() -> None:
    told = story(*DEEMED, now=at(24))
    assert [line.indonesian for line in told.lines[1:]] == [
        "Permohonan diajukan. Berikutnya: Verifikasi. Jangka waktunya 5 hari kerja menurut UU 30/2014 (diubah UU "
        "6/2023) Pasal 53 ayat (2), karena tidak ada aturan lain yang menetapkannya. Selesai paling lambat 10 "
        "November 2026.",
        "Jangka waktu terlampaui tanpa keputusan: seharusnya selesai 10 November 2026. Daya dukung zona tidak "
        "mencukupi (Perda Contoh 3/2026 Pasal 21).",
        "Izin 503/0002/2026 diterbitkan, berlaku mulai 11 November 2026 sampai 11 November 2031; terbit karena jangka "
        "waktu terlampaui (UU 30/2014 (diubah UU 6/2023) Pasal 53 ayat (2)), tanpa tindakan petugas.",
    ]
    assert not told.lines[1].basis.verified
    assert told.lines[3].basis == BARE.term_rule
    assert told.english == (
        "The permit holds. It took 6 working days of the office and 0 working days of the applicant. Of the term 6 "
        "of 5 working days are used, due by 10 November 2026: late."
    )


def test_what_still_runs_is_told_with_who_has_it_and_what_is_left() -> None:
    assert story(*GRANTED[:8], now=at(24)).indonesian == (
        "Permohonan sedang diproses. Tahap yang terbuka: Penilaian air. Waktu kantor 12 hari kerja, waktu pemohon 3 "
        "hari kerja. Jangka waktu: terpakai 12 dari 10 hari kerja, jatuh tempo 20 November 2026: terlambat."
    )
    assert story(*GRANTED[:5], now=at(9, 15)).english == (
        "The application lies with the applicant to be corrected. Open steps: Check of completeness. It took 2 working "
        "days of the office and 2 working days of the applicant. Of the term 2 of 10 working days are used, and it "
        "stands still; it would be due by 19 November 2026 if it ran on today: not late."
    )
    assert story(GRANTED[0], now=at(9)).indonesian == "Permohonan belum diajukan."


def test_a_term_counted_from_the_complete_submission_begins_anew() -> None:
    counted = evolve(DRAFTED, workflow=evolve(WORKFLOW, counts_from=CountsFrom.COMPLETE))
    told = story((at(2), counted), *GRANTED[2:4], (at(10), e.Resubmitted()), now=at(10))
    assert told.lines[-1].indonesian == (
        "Pemohon menyampaikan perbaikan. Jangka waktu dihitung kembali sejak hari ini; selesai paling lambat 24 "
        "November 2026."
    )
    assert told.spent.office_days == 2  # what lay before took somebody's time too
    sent_back = e.Returned(step="air", outcome="perbaiki", officer="o-3", items=("Debit sumur",))
    later = (at(11), done("periksa", "lengkap")), (at(12), sent_back), (at(16), e.Resubmitted())
    told = story((at(2), counted), *GRANTED[2:4], (at(10), e.Resubmitted()), *later, now=at(16))
    assert told.lines[-1].indonesian == (
        "Pemohon menyampaikan perbaikan. Jangka waktu berjalan lagi; selesai paling lambat 26 November 2026."
    )


def test_a_step_that_is_taken_again_tells_its_own_days() -> None:
    look = step("ruang", "Tinjau", "Look", StepKind.ASSESS, 3, leads("ulang", Effect.FORWARD, "periksa"))
    first = step("periksa", "Verifikasi", "Check", StepKind.VERIFY, 2, leads("lengkap", Effect.FORWARD, "ruang"))
    again = evolve(WORKFLOW, steps=(first, look))
    told = story(
        (at(2), evolve(DRAFTED, workflow=again)),
        (at(2), e.Submitted()),
        (at(5), done("periksa", "lengkap")),
        (at(6), done("ruang", "ulang")),
        (at(9), done("periksa", "lengkap")),
        now=at(9),
    )
    assert "took 3 of 2 working days, late. Next: Look." in told.lines[2].english
    assert "took 1 of 2 working days. Next: Look." in told.lines[4].english


def test_a_year_without_a_decree_on_joint_leave_is_warned_of() -> None:
    far_off = datetime(2029, 3, 1, tzinfo=ZONE)
    told = story((far_off, DRAFTED), (far_off, e.Submitted()), now=far_off)
    assert told.term.warnings
    for warning in told.term.warnings:
        assert warning.indonesian.removesuffix(".") in told.indonesian
        assert warning.english.removesuffix(".") in told.english


# --- every event ---

_PERMIT = GRANTED[:12]
_RUN = GRANTED[:7]
OTHERS: list[tuple[Happened, e.PermitEvent, str, str]] = [
    (
        _RUN, e.Withdrawn(why="Modal belum ada"),
        "Pemohon menarik kembali permohonannya. Alasan: “Modal belum ada”.",
        "The applicant withdrew the application. Reason: “Modal belum ada”.",
    ),
    (
        _RUN, e.Withdrawn(), "Pemohon menarik kembali permohonannya.", "The applicant withdrew the application.",
    ),
    (
        _RUN, advised(Decision.refused(FULL), because="Sudah dijanjikan"),
        "Daya dukung zona pantai ditimbang: tidak mencukupi; permohonan tetap pada tahapnya (petugas o-4). Daya "
        "dukung zona tidak mencukupi (Perda Contoh 3/2026 Pasal 21). Alasan petugas untuk melampaui batas: “Sudah "
        "dijanjikan”.",
        "What zone pantai can carry was weighed: it is not enough; the application stays where it is (officer o-4). "
        "The zone cannot carry it (Perda Contoh 3/2026 Pasal 21). The officer's reason to go beyond the limit: "
        "“Sudah dijanjikan”.",
    ),
    (
        _RUN, evolve(advised(Decision.needs_first(ROOM)), officer=None),
        "Daya dukung zona pantai ditimbang: belum mencukupi untuk yang diminta; permohonan tetap pada tahapnya. Kamar "
        "hotel: diminta 40; batas 100, terpakai 30, sisa 70. Masih cukup.",
        "What zone pantai can carry was weighed: it is not enough for what is asked; the application stays where it "
        "is. Hotel rooms: 40 asked for; limit 100, committed 30, free 70. There is room.",
    ),
    (
        _RUN, e.Returned(step="air", outcome="perbaiki", officer="o-3", items=("Debit sumur",)),
        "Penilaian air: dikembalikan kepada pemohon (petugas o-3). Yang harus diperbaiki: Debit sumur. Jangka waktu "
        "berhenti sampai perbaikan disampaikan. Tanpa perbaikan dalam 30 hari kerja permohonan gugur.",
        "Assessment of water: sent back to the applicant (officer o-3). To be corrected: Debit sumur. The clock stands "
        "still until it is brought back. Unless it comes back within 30 working days the application lapses.",
    ),
    (
        [*_RUN, (at(12), e.Returned(step="air", outcome="perbaiki", officer="o-3", items=("Debit sumur",)))],
        e.Returned(step="ruang", outcome="perbaiki", officer="o-2", items=("Batas lahan",)),
        "Penilaian ruang: dikembalikan kepada pemohon (petugas o-2). Yang harus diperbaiki: Batas lahan.",
        "Assessment of land: sent back to the applicant (officer o-2). To be corrected: Batas lahan.",
    ),
    (
        _RUN, e.Migrated(workflow=evolve(WORKFLOW, version=3, working_days=12), officer="o-9", why="Perbup baru"),
        "Permohonan dipindahkan ke alur Izin hotel versi 3 (petugas o-9). Alasan: “Perbup baru”. Jangka waktunya 12 "
        "hari kerja menurut Perbup Contoh 12/2026 Pasal 7. Selesai paling lambat 24 November 2026.",
        "The application was moved to version 3 of the workflow Hotel licence (officer o-9). Reason: “Perbup baru”. It "
        "may take 12 working days under Perbup Contoh 12/2026 Pasal 7. It is due by 24 November 2026.",
    ),
    (
        _RUN, e.Migrated(workflow=evolve(WORKFLOW, term_basis=None), officer="o-9", why="Perbup dicabut"),
        "Permohonan dipindahkan ke alur Izin hotel versi 2 (petugas o-9). Alasan: “Perbup dicabut”. Jangka waktunya 10 "
        "hari kerja menurut alur Izin hotel. Selesai paling lambat 20 November 2026.",
        "The application was moved to version 2 of the workflow Hotel licence (officer o-9). Reason: “Perbup "
        "dicabut”. It may take 10 working days by the workflow Hotel licence. It is due by 20 November 2026.",
    ),
    (
        _RUN, e.Escalated(due_on=date(2026, 11, 20), to="kepala-dinas"),
        "Jangka waktu terlampaui (Perbup Contoh 12/2026 Pasal 7): seharusnya selesai 20 November 2026; kepala-dinas "
        "diberi tahu.",
        "The term is over (Perbup Contoh 12/2026 Pasal 7): it was due by 20 November 2026; kepala-dinas was told.",
    ),
    (
        _RUN, e.Escalated(due_on=date(2026, 11, 20), because=(FULL,)),
        "Jangka waktu terlampaui (Perbup Contoh 12/2026 Pasal 7): seharusnya selesai 20 November 2026. Tidak dianggap "
        "dikabulkan: Daya dukung zona tidak mencukupi (Perda Contoh 3/2026 Pasal 21).",
        "The term is over (Perbup Contoh 12/2026 Pasal 7): it was due by 20 November 2026. It is not deemed granted: "
        "The zone cannot carry it (Perda Contoh 3/2026 Pasal 21).",
    ),
    (
        GRANTED[:5], e.Lapsed(due_on=date(2026, 12, 18), reason=TOO_LATE),
        "Permohonan gugur; hari terakhir untuk perbaikan 18 Desember 2026. Perbaikan tidak disampaikan.",
        "The application lapsed; the last day to correct it was 18 December 2026. It was not brought in time.",
    ),
    (
        _PERMIT, e.Lapsed(due_on=date(2026, 12, 18), reason=OVER),
        "Izin berakhir; hari terakhirnya 18 Desember 2026. Masa berlaku berakhir.",
        "The permit ended; its last day was 18 December 2026. Its last day is over.",
    ),
    (
        _PERMIT,
        e.Amended(officer="o-4", why="Tambah kamar", investment=Investment(rupiah=1000, jobs=1), conditions=()),
        "Izin diubah (petugas o-4). Alasan: “Tambah kamar”. Nilai investasi Rp1.000, tenaga kerja 1 orang. Syarat: "
        "tidak ada lagi.",
        "The permit was changed (officer o-4). Reason: “Tambah kamar”. Investment Rp 1,000, jobs 1. Conditions: none "
        "any more.",
    ),
    (
        _PERMIT, e.Amended(officer="o-4", why="Atas permohonan", uses=USES[1:], conditions=("Sumur resapan",)),
        "Izin diubah (petugas o-4). Alasan: “Atas permohonan”. Pemakaian daya dukung: air 12,5. Syarat: Sumur resapan.",
        "The permit was changed (officer o-4). Reason: “Atas permohonan”. Use of what the zone can carry: air 12.5. "
        "Conditions: Sumur resapan.",
    ),
    (
        _PERMIT, e.Renewed(officer="o-4", valid_until=date(2036, 1, 2)),
        "Izin diperpanjang sampai 2 Januari 2036 (petugas o-4).",
        "The permit was prolonged to 2 January 2036 (officer o-4).",
    ),
    (
        _PERMIT, e.Renewed(officer="o-4", valid_until=None),
        "Izin diperpanjang selama usaha berjalan (petugas o-4).",
        "The permit was prolonged for as long as the business lasts (officer o-4).",
    ),
    (
        _PERMIT, e.Suspended(officer="o-4", why="Limbah"),
        "Izin dibekukan sementara (petugas o-4). Alasan: “Limbah”.",
        "The permit was suspended (officer o-4). Reason: “Limbah”.",
    ),
    (
        _PERMIT, e.Reinstated(officer="o-4", why="Sudah bersih"),
        "Izin diberlakukan kembali (petugas o-4). Alasan: “Sudah bersih”.",
        "The permit holds again (officer o-4). Reason: “Sudah bersih”.",
    ),
    (
        _PERMIT, e.Revoked(officer="o-4", why="Limbah"),
        "Izin dicabut (petugas o-4). Alasan: “Limbah”.",
        "The permit was revoked (officer o-4). Reason: “Limbah”.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "event", "indonesian", "english"), OTHERS)
def test_each_event_has_its_words(before: Happened, event: e.PermitEvent, indonesian: str, english: str) -> None:
    line = story(*before, (at(20), event), now=at(20)).lines[-1]
    assert line.indonesian == indonesian
    assert line.english == english


@pytest.mark.parametrize("kind", e.EVENTS)
def test_no_event_is_without_words(kind: type[e.PermitEvent]) -> None:
    stories = [GRANTED, REFUSED, DEEMED, *([*before, (at(20), event)] for before, event, _, _ in OTHERS)]
    lines = [
        line
        for happened in stories
        for line, (_, event) in zip(story(*happened, now=at(24)).lines, happened, strict=True)
        if type(event) is kind
    ]
    assert lines, f"tell {kind.event_name} in telling.py, and tell a story with it here"
    for line in lines:
        assert line.indonesian.endswith(".")
        assert line.english.endswith(".")
        assert "pemohon-1" not in line.indonesian + line.english


@pytest.mark.parametrize(
    ("code", "is_told"), [("zone_has_room", False), ("passed_beyond_limit", False), ("kebijakan-sendiri", True)]
)
def test_a_reason_to_go_beyond_is_told_once_and_only_where_something_went_beyond(code: str, is_told: bool) -> None:
    granted = advised(Decision.granted(evolve(ROOM, code=code)), because="Sudah dijanjikan")
    line = story(*_RUN, (at(20), granted), now=at(20)).lines[-1]
    assert ("Alasan petugas untuk melampaui batas: “Sudah dijanjikan”." in line.indonesian) is is_told
    assert ("The officer's reason to go beyond the limit" in line.english) is is_told


def test_a_reason_to_go_beyond_is_told_where_the_policy_gave_none_itself() -> None:
    line = story(*_RUN, (at(20), advised(Decision.granted(), because="Sudah dijanjikan")), now=at(20)).lines[-1]
    assert "The officer's reason to go beyond the limit: “Sudah dijanjikan”." in line.english


def test_a_term_that_was_over_when_it_came_back_is_told_as_over() -> None:
    late = e.Returned(step="periksa", outcome="kurang", officer="o-1", items=("Ijazah",), late_since=date(2026, 11, 10))
    line = story(*DEEMED[:2], (at(11), late), (at(13), e.Resubmitted()), now=at(13)).lines[-1]
    assert line.indonesian.endswith(
        "Jangka waktu berjalan lagi; selesai paling lambat 10 November 2026, yang sudah lewat."
    )
    assert line.english.endswith("The clock runs again; it is due by 10 November 2026, which is over.")


def test_a_scale_and_a_level_of_risk_are_told_in_words_where_they_are_known() -> None:
    def told(**changed: object) -> tuple[str, str]:
        drafted = evolve(DRAFTED, activity=evolve(DRAFTED.activity, **changed))
        line = story((at(2), drafted), now=at(2)).lines[0]
        return line.indonesian.partition("Kegiatan: ")[2], line.english.partition("Activity: ")[2]

    indonesian, english = told(scale="mikro", level="menengah_rendah")
    assert indonesian.startswith("KBLI 2025 55110, skala mikro, risiko menengah rendah. ")
    assert english.startswith("KBLI 2025 55110, micro scale, medium-low risk. ")
    indonesian, english = told(scale="umk", level="khusus")
    assert indonesian.startswith("KBLI 2025 55110, skala umk, risiko khusus. ")
    assert english.startswith("KBLI 2025 55110, umk scale, khusus risk. ")
    assert told(level=None)[1].startswith("KBLI 2025 55110, large scale. ")


def test_an_expired_permit_is_no_lapsed_application() -> None:
    permit = story(*_PERMIT, (at(20), e.Lapsed(due_on=date(2026, 11, 19), reason=OVER)), now=at(24))
    run = story(*GRANTED[:5], (at(20), e.Lapsed(due_on=date(2026, 11, 19), reason=TOO_LATE)), now=at(24))
    assert permit.english.startswith("The permit has ended.")
    assert run.english.startswith("The application lapsed.")
    assert permit.lines[-1].whose is None  # what becomes of a permit is nobody's time


def test_what_time_has_done_is_told_before_anybody_has_enforced_it() -> None:
    """An expired permit does not hold, silence has granted, and what was not corrected has lapsed."""
    last = datetime(2031, 11, 11, 23, 59, tzinfo=ZONE)
    assert story(*DEEMED, now=last).english.startswith("The permit holds.")
    assert story(*DEEMED, now=last + timedelta(minutes=1)).english.startswith("The permit has ended.")
    assert "deemed granted" not in story(*DEEMED[:2], now=at(10, 23)).english
    assert "No decision came within 5 working days; the application is deemed granted" in (
        story(*DEEMED[:2], now=at(11)).english
    )
    assert "was not brought in time" not in story(*GRANTED[:5], now=at(9, 15)).english
    assert "was not brought in time" in story(*GRANTED[:5], now=at(24, month=12)).english


# --- whose time ---


def _possible(app: Application) -> Iterator[e.PermitEvent]:
    match app.status:
        case Status.DRAFT:
            yield e.Submitted()
            yield e.Withdrawn()
        case Status.IN_PROCESS | Status.GRANTED | Status.RETURNED:
            yield e.DocumentAttached(kind="nib", digest="2" * 64, media_type="text/plain", size=1, place="b")
            yield e.Withdrawn()
            if app.status is Status.RETURNED:
                yield e.Resubmitted()
            asked = app.returns[-1].steps if app.status is Status.RETURNED else ()
            for run in app.open:
                for outcome in app.workflow.step(run.step).outcomes:
                    yield from _ended(app, run.step, outcome, asked)
        case Status.ISSUED:
            yield e.Suspended(officer="o-4", why="Limbah")
        case Status.SUSPENDED:
            yield e.Revoked(officer="o-4", why="Limbah")


def _ended(app: Application, step_id: str, outcome: StepOutcome, asked: tuple[str, ...]) -> Iterator[e.PermitEvent]:
    facts = {"step": step_id, "outcome": outcome.id, "officer": "o-1"}
    if outcome.effect is Effect.RETURN:
        if step_id not in asked:
            yield e.Returned(**facts, items=("Ulang",))
    elif app.status is Status.RETURNED:
        return
    elif outcome.effect is Effect.FORWARD:
        yield e.StepDone(**facts)
    elif outcome.effect is Effect.ISSUE:
        yield e.Issued(**facts, number="1", valid_from=date(2026, 1, 1))
    else:
        yield e.Decided(**facts)


@st.composite
def histories(draw: st.DrawFn) -> Happened:
    """Any run that the workflow allows, begun on any day of the year and cut off anywhere."""
    when = at(1, month=1) + timedelta(hours=draw(st.integers(0, 365 * 24)))
    counts_from = draw(st.sampled_from(CountsFrom))
    happened: Happened = [(when, evolve(DRAFTED, workflow=evolve(WORKFLOW, counts_from=counts_from)))]
    for _ in range(draw(st.integers(0, 14))):
        choices = list(_possible(application(happened)))
        if not choices:
            break
        when += timedelta(hours=draw(st.sampled_from((0, 1, 20, 30, 100, 400))))
        happened.append((when, draw(st.sampled_from(choices))))
    return happened


@given(histories(), st.integers(0, 500))
def test_the_days_of_the_lines_are_the_days_that_were_spent(happened: Happened, hours: int) -> None:
    now = happened[-1][0] + timedelta(hours=hours)
    app = application(happened)
    told = explain(happened, app, DAYS, now)
    assert [line.at for line in told.lines] == [when for when, _ in happened]
    assert told.spent == spent(app, DAYS, now)
    assert told.term == run_term(app, DAYS, now)
    since_then = DAYS.count(told.lines[-1].on, now.astimezone(ZONE).date()) if app.is_running else 0
    for whose, days in ((Whose.OFFICE, told.spent.office_days), (Whose.APPLICANT, told.spent.applicant_days)):
        has_it_now = (whose is Whose.APPLICANT) == (app.status is Status.RETURNED)
        lines = sum(line.working_days for line in told.lines if line.whose is whose)
        assert lines + (since_then if has_it_now else 0) == days
