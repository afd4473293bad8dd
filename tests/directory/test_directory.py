"""The directory finds what there is by its id, and says what is nearest where there is nothing."""

import pytest

from mppkit.directory import (
    Agency,
    AgencyKind,
    Counter,
    Directory,
    Facility,
    FacilityGroup,
    Officer,
    Regulation,
    RegulationKind,
    Service,
)
from mppkit.errors import NotFoundError

OFFICE = Agency(id="dpmptsp", name="DPMPTSP", name_english="Licensing Office", kind=AgencyKind.REGENCY)
NIB = Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A")
SIP = Service(id="sip", name="Izin praktik", name_english="Practice licence", agency="dpmptsp", prefix="A")
FIRST = Counter(id="loket-1", name="Loket 1", services=("nib",))
SECOND = Counter(id="loket-2", name="Loket 2", services=("sip", "nib"))
LAW = Regulation(id="uu-25-2009", kind=RegulationKind.LAW, number="25", year=2009, about="Pelayanan publik")
SRI = Officer(id="p-1", agency="dpmptsp", counters=("loket-1",))
SEATS = Facility(id="kursi", name="Kursi", name_english="Seats", group=FacilityGroup.WAITING_ROOM)
DIRECTORY = Directory(
    agencies=(OFFICE,),
    services=(NIB, SIP),
    counters=(FIRST, SECOND),
    regulations=(LAW,),
    officers=(SRI,),
    facilities=(SEATS,),
)


def test_everything_is_found_by_its_id() -> None:
    assert DIRECTORY.agency("dpmptsp") is OFFICE
    assert DIRECTORY.service("sip") is SIP
    assert DIRECTORY.counter("loket-2") is SECOND
    assert DIRECTORY.regulation("uu-25-2009") is LAW
    assert DIRECTORY.officer("p-1") is SRI
    assert DIRECTORY.facility("kursi") is SEATS


def test_the_counters_of_a_service_come_in_the_order_of_the_blueprint() -> None:
    assert DIRECTORY.counters_of("nib") == (FIRST, SECOND)
    assert DIRECTORY.counters_of("sip") == (SECOND,)


def test_what_is_not_there_suggests_what_is() -> None:
    with pytest.raises(NotFoundError, match="no agency 'dpmtsp'; did you mean 'dpmptsp'") as caught:
        DIRECTORY.agency("dpmtsp")
    assert (caught.value.kind, caught.value.suggestion) == ("agency", "dpmptsp")
    with pytest.raises(NotFoundError, match="no service 'nip'"):
        DIRECTORY.service("nip")
    with pytest.raises(NotFoundError, match="no counter 'loket-9'; did you mean 'loket-"):
        DIRECTORY.counter("loket-9")
    with pytest.raises(NotFoundError, match="no service"):
        DIRECTORY.service(["nib"])
    with pytest.raises(NotFoundError, match="no service 'passport'"):
        DIRECTORY.counters_of("passport")
    with pytest.raises(NotFoundError, match="no regulation 'uu-25-2008'; did you mean 'uu-25-2009'"):
        DIRECTORY.regulation("uu-25-2008")
    with pytest.raises(NotFoundError, match="no officer 'p-2'; did you mean 'p-1'"):
        DIRECTORY.officer("p-2")
    with pytest.raises(NotFoundError, match="no facility 'kursii'; did you mean 'kursi'"):
        DIRECTORY.facility("kursii")


def test_two_directories_of_the_same_content_are_equal_and_show_no_index() -> None:
    assert DIRECTORY.service("nib") is NIB
    again = Directory(agencies=(OFFICE,), services=(NIB, SIP), counters=(FIRST, SECOND))
    assert again == Directory(agencies=(OFFICE,), services=(NIB, SIP), counters=(FIRST, SECOND))
    assert hash(again) == hash(Directory(agencies=(OFFICE,), services=(NIB, SIP), counters=(FIRST, SECOND)))
    assert again != DIRECTORY
    assert again != Directory(agencies=(OFFICE,), services=(NIB,), counters=(FIRST, SECOND))
    assert "_services" not in repr(DIRECTORY)


def test_the_kinds_of_agencies_and_rules_and_groups_of_facilities_keep_their_official_words() -> None:
    assert [kind.value for kind in AgencyKind] == [
        "kementerian",
        "lembaga",
        "pemda_provinsi",
        "pemda_kabupaten_kota",
        "bumn",
        "bumd",
        "badan_hukum_publik",
        "swasta",
    ]
    assert [kind.value for kind in RegulationKind] == [
        "undang_undang",
        "peraturan_pemerintah",
        "peraturan_presiden",
        "peraturan_menteri",
        "peraturan_lembaga",
        "peraturan_daerah",
        "peraturan_kepala_daerah",
        "keputusan",
        "surat_edaran",
        "kesepakatan_bersama",
        "perjanjian_kerja_sama",
    ]
    assert [group.value for group in FacilityGroup] == [
        "parkir",
        "ruang_tunggu",
        "toilet",
        "kelompok_rentan",
        "penunjang",
        "front_office",
        "layanan",
    ]
