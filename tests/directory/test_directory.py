"""The directory finds what there is by its id, and says what is nearest where there is nothing."""

import pytest

from mppkit.directory import Agency, AgencyKind, Counter, Directory, Service
from mppkit.errors import NotFoundError

OFFICE = Agency(id="dpmptsp", name="DPMPTSP", name_english="Licensing Office", kind=AgencyKind.REGENCY)
NIB = Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpmptsp", prefix="A")
SIP = Service(id="sip", name="Izin praktik", name_english="Practice licence", agency="dpmptsp", prefix="A")
FIRST = Counter(id="loket-1", name="Loket 1", services=("nib",))
SECOND = Counter(id="loket-2", name="Loket 2", services=("sip", "nib"))
DIRECTORY = Directory(agencies=(OFFICE,), services=(NIB, SIP), counters=(FIRST, SECOND))


def test_everything_is_found_by_its_id() -> None:
    assert DIRECTORY.agency("dpmptsp") is OFFICE
    assert DIRECTORY.service("sip") is SIP
    assert DIRECTORY.counter("loket-2") is SECOND


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
    with pytest.raises(NotFoundError, match="no service 'passport'"):
        DIRECTORY.counters_of("passport")


def test_two_directories_of_the_same_content_are_equal_and_show_no_index() -> None:
    again = Directory(agencies=(OFFICE,), services=(NIB, SIP), counters=(FIRST, SECOND))
    assert again == DIRECTORY
    assert again != Directory(agencies=(OFFICE,), services=(NIB,), counters=(FIRST, SECOND))
    assert "_services" not in repr(again)


def test_the_kinds_of_agencies_keep_their_official_words() -> None:
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
