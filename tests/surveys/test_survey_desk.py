"""Answering and looking at the survey desk: what is counted, what is refused and why, and what is never shown."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from mppkit.errors import InvalidValueError, NotFoundError, RefusedError
from mppkit.storage import audit
from mppkit.surveys.comparing import Verdict, ranking
from mppkit.surveys.index import score
from mppkit.surveys.loading import find_instrument
from mppkit.surveys.model import PROFILE, Channel
from mppkit.surveys.tally import from_plain, merge, tally_answers, to_plain

TUESDAY = date(2026, 11, 24)


def codes_of(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    return [reason.code for reason in refused.value.decision.reasons]


# --- answering -----------------------------------------------------------------------------------------------------


def test_a_complete_answer_is_counted_for_the_tickets_day_and_service(booth) -> None:
    code = booth.code(service="pajak")
    booth.clock.advance(minutes=3 * 1440)
    receipt = booth.desk.respond("skm", code, booth.all(4, waktu=3), counter="loket-2")
    assert (receipt.instrument, receipt.version, receipt.on) == ("skm-2017", 1, TUESDAY)
    assert (receipt.service, receipt.counter, receipt.channel) == ("pajak", "loket-2", Channel.TICKET)
    assert booth.names() == ["answered"]
    assert booth.desk.days("skm") == (TUESDAY,)
    booth.answer(2, 5, 4, on=TUESDAY)
    found = booth.desk.index("skm", TUESDAY, TUESDAY)
    assert found.n == 5
    assert found.index == Decimal("99.44")  # (5 * 9 * 4 - 1) / 45 * 25


def test_the_index_prints_as_the_design_says(booth) -> None:
    booth.answer(1, 20, 4)
    booth.answer(21, 40, 3)
    assert str(booth.desk.index("skm")) == "IKM 87.50, B (Baik), n = 40, ± 4.0"  # 2.0227 * 12.659 / √40 = 4.049


def test_a_repeated_click_counts_once_and_gets_the_same_receipt(booth) -> None:
    about = {"profile": {"sex": "perempuan"}, "counter": "loket-1"}
    first = booth.desk.respond("skm", booth.code(), booth.all(4), **about)
    again = [
        desk.respond("skm", typed, dict(reversed(booth.all(4).items())), request_id=request, **about)
        for desk in (booth.desk, booth.another_desk())
        for typed in (booth.code(), booth.code().lower().replace("-", ""))
        for request in (None, "klik-1")
    ]
    assert set(again) == {first}
    assert len(booth.names()) == 1


@pytest.mark.parametrize(
    "other",
    [{"answers": 3}, {"counter": "loket-2"}, {"profile": {"sex": "laki-laki"}}, {"profile": {"service": "kia"}}],
    ids=str,
)
def test_a_used_code_with_another_answer_is_refused(booth, other) -> None:
    booth.desk.respond("skm", booth.code(), booth.all(4))
    answers = booth.all(other.pop("answers", 4))
    with pytest.raises(RefusedError) as refused:
        booth.desk.respond("skm", booth.code(), answers, **other)
    assert codes_of(refused) == ["token_used"]
    assert len(booth.names()) == 1


def test_a_code_is_good_once_for_each_instrument(booth) -> None:
    spak = find_instrument("spak")
    desk = booth.another_desk(instruments=(booth.skm, spak))
    lowest = {element.key: element.choices[0].value for element in spak.elements}
    for number in range(5):
        desk.respond("skm", booth.code(f"A-{number}"), booth.all(4))
        desk.respond("spak", booth.code(f"A-{number}"), lowest)
    assert desk.index("skm").n == desk.index("spak").n == 5


def test_a_code_is_good_for_seven_days_and_no_longer(booth) -> None:
    first, second = booth.code("A-001"), booth.code("A-002")
    booth.clock.move_to(booth.clock.now() + timedelta(days=6, hours=14, minutes=59))
    assert booth.desk.respond("skm", first, booth.all(4)).on == TUESDAY
    booth.clock.advance(minutes=1)  # midnight in Makassar
    with pytest.raises(RefusedError) as refused:
        booth.desk.respond("skm", second, booth.all(4))
    assert codes_of(refused) == ["token_unknown"]
    assert booth.another_desk(valid_days=8).respond("skm", second, booth.all(4)).on == TUESDAY


def test_a_code_of_tomorrow_is_not_known_yet(booth) -> None:
    with pytest.raises(RefusedError) as refused:
        booth.desk.respond("skm", booth.code(on=TUESDAY + timedelta(days=1)), booth.all(4))
    assert codes_of(refused) == ["token_unknown"]


def test_an_answer_is_refused_with_all_that_is_missing_and_what_may_be_given(booth) -> None:
    answers = booth.all(4, waktu=5, biaya="4", produk=True, sarana=3.0, perilaku=[4])
    del answers["persyaratan"]
    answers["prosedur"] = None
    with pytest.raises(RefusedError) as refused:
        booth.desk.respond("skm", booth.code(), answers)
    reasons = refused.value.decision.reasons
    assert [(reason.english.split()[0].rstrip(":"), reason.code) for reason in reasons] == [
        ("persyaratan", "answer_missing"),
        ("prosedur", "answer_missing"),
        ("waktu", "answer_not_offered"),
        ("biaya", "answer_not_offered"),
        ("produk", "answer_not_offered"),
        ("perilaku", "answer_not_offered"),
        ("sarana", "answer_not_offered"),
    ]
    assert all(reason.english.endswith("choose one of 1, 2, 3, 4.") for reason in reasons)
    assert reasons[0].indonesian == "Persyaratan belum dijawab: pilih salah satu dari 1, 2, 3, 4."
    assert booth.names() == []
    booth.desk.respond("skm", booth.code(), booth.all(4))  # the code was not used up


def test_without_a_code_only_where_the_mall_says_so(booth) -> None:
    with pytest.raises(RefusedError) as refused:
        booth.desk.respond("skm", None, booth.all(4))
    assert codes_of(refused) == ["token_needed"]


def test_open_answers_are_counted_apart(booth) -> None:
    desk = booth.another_desk(open=True)
    for _ in range(7):
        desk.respond("skm", None, booth.all(1), profile={"service": "nib"})
    booth.answer(1, 5, 4)
    by_code, opened = desk.index("skm"), desk.index("skm", channel="open")
    assert (by_code.n, by_code.index, by_code.left_out) == (5, 100, {"by_open": 7})
    assert (opened.n, opened.index, opened.left_out) == (7, 25, {"by_ticket": 5})
    both = merge([desk.tally("skm"), desk.tally("skm", channel=Channel.OPEN)])
    assert both.n == 12
    assert desk.response_rate("skm", 10) == 0.5


def test_an_open_click_repeated_under_one_request_id_counts_once(booth) -> None:
    desk = booth.another_desk(open=True)
    first = desk.respond("skm", None, booth.all(4), request_id="klik-1")
    assert booth.another_desk(open=True).respond("skm", None, booth.all(4), request_id="klik-1") == first
    assert first.service is None
    assert desk.respond("skm", None, booth.all(4), request_id="klik-2") == first  # another one, who says the same
    assert len(booth.names()) == 2


def test_a_request_id_of_another_answer_is_an_error(booth) -> None:
    booth.desk.respond("skm", booth.code("A-001"), booth.all(4), request_id="klik-1")
    for number, value in (("A-002", 4), ("A-002", 3)):
        with pytest.raises(InvalidValueError, match="used for another answer"):
            booth.desk.respond("skm", booth.code(number), booth.all(value), request_id="klik-1")
    assert len(booth.names()) == 1


def test_a_refused_request_can_be_mended_under_the_same_id(booth) -> None:
    with pytest.raises(RefusedError):
        booth.desk.respond("skm", booth.code(), {}, request_id="klik-1")
    booth.desk.respond("skm", booth.code(), booth.all(4), request_id="klik-1")
    assert len(booth.names()) == 1


def test_the_service_that_is_told_goes_before_that_of_the_code(booth) -> None:
    receipt = booth.desk.respond("skm", booth.code(service="nib"), booth.all(4), profile={"service": "kia"})
    assert receipt.service == "kia"


@pytest.mark.parametrize(
    ("bad", "kind", "told"),
    [
        ({"instrument": "skm-2071"}, NotFoundError, "did you mean 'skm-2017'"),
        ({"instrument": None}, NotFoundError, "no instrument None"),
        ({"token": 1234567890123456}, InvalidValueError, "token: 'int'"),
        ({"answers": None}, InvalidValueError, "answers: 'NoneType'"),
        ({"answers": [4] * 9}, InvalidValueError, "answers: 'list'"),
        ({"answers": {"persaratan": 4}}, NotFoundError, "did you mean 'persyaratan'"),
        ({"answers": {1: 4}}, NotFoundError, "no element 1"),
        ({"profile": None}, InvalidValueError, "profile: 'NoneType'"),
        ({"profile": {"seks": "perempuan"}}, NotFoundError, "no profile field 'seks'"),
        ({"profile": {"name": "Ni Made Sri"}}, NotFoundError, "asked are sex, age, education, work, service"),
        ({"profile": {"sex": "P"}}, InvalidValueError, "profile.sex: '…': give one of laki-laki, perempuan"),
        ({"profile": {"age": "1990-01-17"}}, InvalidValueError, "never a birth date"),
        ({"profile": {"age": 36}}, InvalidValueError, "profile.age: '…'"),
        ({"profile": {"work": None}}, InvalidValueError, "or leave it out"),
        ({"profile": {"service": "nbi"}}, NotFoundError, "did you mean 'nib'"),
        ({"profile": {"service": "Izin Usaha"}}, InvalidValueError, "^service: "),
        ({"profile": {"service": ["nib"]}}, InvalidValueError, "^service: "),
        ({"profile": {"service": "5103011708900001"}}, InvalidValueError, "^service: '51…'"),
        ({"counter": "loket-9"}, NotFoundError, "no counter 'loket-9'"),
        ({"counter": 3}, InvalidValueError, "^counter: 3"),
        ({"counter": ""}, InvalidValueError, "^counter: ''"),
        ({"request_id": ""}, InvalidValueError, "request_id: '…'"),
        ({"request_id": "x" * 201}, InvalidValueError, "1 to 200"),
        ({"request_id": 7}, InvalidValueError, "request_id: '…'"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused_and_nothing_recorded(booth, bad, kind, told) -> None:
    about = {"instrument": "skm", "token": booth.code(), "answers": booth.all(4), **bad}
    with pytest.raises(kind, match=told) as refused:
        booth.desk.respond(about.pop("instrument"), about.pop("token"), about.pop("answers"), **about)
    assert booth.names() == []
    for secret in ("1990-01-17", "Ni Made", "5103011708900001", booth.code()):
        assert secret not in str(refused.value)


@pytest.mark.parametrize("profile_field", PROFILE, ids=lambda field: field.key)
def test_every_category_that_is_offered_can_be_told(booth, profile_field) -> None:
    for number, key in enumerate(profile_field.keys):
        booth.desk.respond("skm", booth.code(f"A-{number}"), booth.all(4), profile={profile_field.key: key})
    row = booth.store.read(booth.stream)[-1]
    assert f'"profile":{{"{profile_field.key}":"{profile_field.keys[-1]}"}}' in row.data
    assert "tidak-disebutkan" not in profile_field.keys


def test_a_mall_may_ask_less_of_its_respondents(booth) -> None:
    desk = booth.another_desk(profile=PROFILE[:1])
    with pytest.raises(NotFoundError, match="no profile field 'age'"):
        desk.respond("skm", booth.code(), booth.all(4), profile={"age": "26-35"})
    with pytest.raises(NotFoundError, match="no kind of group 'age'"):
        desk.by("skm", "age")


def test_a_desk_without_a_secret_can_only_look(booth) -> None:
    booth.answer(1, 6)
    desk = booth.another_desk(secret=None)
    assert desk.index("skm").n == 6
    for command in (lambda: desk.respond("skm", None, booth.all(4)), lambda: desk.token(TUESDAY, "nib", "A-001")):
        with pytest.raises(InvalidValueError, match="secret: None: open the desk with the mall's survey secret"):
            command()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": b"short"}, "secret: '5 bytes'"),
        ({"secret": "a" * 32}, "secret: 'str'"),
        ({"minimum_group": 1}, "minimum_group: 1"),
        ({"minimum_group": 5.0}, "minimum_group: 5.0"),
        ({"valid_days": 0}, "valid_days: 0"),
        ({"valid_days": 367}, "valid_days: 367"),
        ({"instruments": ("skm-2017",)}, "give Instruments"),
    ],
    ids=str,
)
def test_a_desk_that_cannot_be_is_refused_at_once(booth, changed, told) -> None:
    with pytest.raises(InvalidValueError, match=told):
        booth.another_desk(**changed)
    with pytest.raises(InvalidValueError, match="give each id and version once"):
        booth.another_desk(instruments=(booth.skm, booth.skm))


# --- versions ------------------------------------------------------------------------------------------------------


def test_a_text_changed_in_use_is_refused_until_it_is_a_new_version(booth) -> None:
    booth.answer(1, 6)
    booth.clock.advance(minutes=1440)
    changed = booth.another_desk(instruments=(booth.reworded(),))
    told = r"skm-2017 version 1.*call the changed one version 2"
    with pytest.raises(InvalidValueError, match=told):  # though nobody answered on this day
        changed.respond("skm", booth.code(), booth.all(4))
    with pytest.raises(InvalidValueError, match=told):
        changed.index("skm")
    second = booth.another_desk(instruments=(booth.skm, booth.reworded(version=2)))
    assert second.respond("skm", booth.code(), booth.all(4)).version == 2
    for number in range(2, 6):
        second.respond("skm", booth.code(f"A-00{number}"), booth.all(4))
    assert (second.index("skm").n, second.index("skm").left_out) == (5, {"another_version": 6})
    assert (second.index("skm", version=1).n, second.index("skm", version=1).index) == (6, 75)


def test_two_texts_of_one_version_are_refused_on_one_day_too(booth) -> None:
    changed = booth.another_desk(instruments=(booth.reworded(),))
    changed.days("skm")
    changed._check_text(booth.reworded())  # nobody had answered then
    booth.answer(1, 1)
    with pytest.raises(InvalidValueError, match="call the changed one version 2"):
        changed.respond("skm", booth.code("A-002"), booth.all(4))
    assert len(booth.names()) == 1


def test_better_notes_are_no_new_text(booth) -> None:
    booth.answer(1, 5)
    told = booth.another_desk(instruments=(attrs.evolve(booth.skm, notes=("Dibaca ulang.",)),))
    told.respond("skm", booth.code("A-002"), booth.all(4))
    assert told.index("skm").n == 6


def test_a_click_repeated_over_a_change_of_version_counts_once(booth) -> None:
    first = booth.desk.respond("skm", booth.code(), booth.all(4))
    second = booth.another_desk(instruments=(booth.skm, booth.reworded(version=2)))
    assert second.respond("skm", booth.code(), booth.all(4)) == first
    with pytest.raises(RefusedError):
        second.respond("skm", booth.code(), booth.all(3))


def test_a_short_name_is_the_newest_instrument_of_that_name(booth) -> None:
    ids = ("skm-2004", "skm-2017-six", "skm-2017", "skm-2014", "spak")
    desk = booth.another_desk(instruments=tuple(map(find_instrument, ids)))
    assert [desk.instrument(name).id for name in ("skm", "spak", "skm-2014")] == ["skm-2017", "spak", "skm-2014"]
    for name in ("sk", "skm-", "skm-20", ""):
        with pytest.raises(NotFoundError, match="no instrument"):
            desk.instrument(name)
    with pytest.raises(NotFoundError, match=r"^no version 9 of 'skm-2017'; there is 1$"):
        desk.instrument("skm", 9)
    newer = attrs.evolve(find_instrument("skm-2017"), version=2)
    desk = booth.another_desk(instruments=[find_instrument("skm-2017"), newer])
    with pytest.raises(NotFoundError, match=r"^no version 9 of 'skm-2017'; there are 1, 2$"):
        desk.instrument("skm", 9)


# --- looking -------------------------------------------------------------------------------------------------------


def test_a_period_holds_both_its_dates(booth) -> None:
    for day in range(4):
        booth.answer(1, 5 + day)
        booth.clock.advance(minutes=1440)
    second, third = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)
    assert booth.desk.index("skm", second, third).n == 6 + 7
    assert booth.desk.index("skm", from_on=third).n == 7 + 8
    assert booth.desk.index("skm", until_on=second).n == 5 + 6
    assert booth.desk.days("skm", second, third) == (second, third)
    assert booth.desk.days("skm", from_on=third)[-1] == third + timedelta(days=1)


@pytest.mark.parametrize("bad", ["2026-11-24", 20261124])
def test_a_date_that_is_none_is_refused(booth, bad) -> None:
    for look in (booth.desk.index, booth.desk.days, booth.desk.tally):
        with pytest.raises(InvalidValueError, match=r"^from_on: "):
            look("skm", bad)
        with pytest.raises(InvalidValueError, match=r"^until_on: "):
            look("skm", None, bad)
    with pytest.raises(InvalidValueError, match="until_on: '2026-11-23': give a date from 2026-11-24 on"):
        booth.desk.index("skm", TUESDAY, TUESDAY - timedelta(days=1))


def test_nobody_answered_is_said_and_a_wrong_name_too(booth) -> None:
    with pytest.raises(InvalidValueError, match="no complete answer"):
        booth.desk.index("skm")
    with pytest.raises(InvalidValueError, match="no complete answer"):
        booth.desk.index("skm", service="nib")
    assert booth.desk.tally("skm", service="nib", counter="loket-1").n == 0
    for about in ({"service": "nbi"}, {"counter": "loket-9"}, {"channel": "kode"}, {"version": 3}):
        with pytest.raises(NotFoundError):
            booth.desk.index("skm", **about)
    with pytest.raises(NotFoundError, match="did you mean 'service'"):
        booth.desk.by("skm", "services")
    assert booth.desk.trend("skm") == ()
    assert booth.desk.by("skm", "sex").shown == {}


def test_the_population_gives_response_rate_and_sample(booth) -> None:
    booth.answer(1, 80)
    found = booth.desk.index("skm", population=100)
    assert (found.response_rate, found.sample_needed, found.sample_reached) == (0.8, 80, True)
    assert booth.desk.response_rate("skm", 100) == 0.8
    assert booth.desk.response_rate("skm", 320, service="nib") == 0.25
    for population in (79, 0, -1, 80.0, True, None):
        with pytest.raises(InvalidValueError, match="population"):
            booth.desk.response_rate("skm", population)


def test_groups_add_up_to_the_whole_exactly(booth) -> None:
    for n, service in enumerate(("nib", "pajak", "kia"), start=5):
        booth.answer(1, n, 2, service=service, profile={"sex": ("laki-laki", "perempuan")[n % 2]})
    booth.answer(90, 99, 4, profile={"age": "26-35"})
    whole = booth.desk.tally("skm")
    for what in ("service", "day", "sex"):
        groups = booth.desk.by("skm", what)
        assert groups.hidden == ()
        assert merge(groups.shown.values()) == whole
    assert {name: tally.n for name, tally in booth.desk.by("skm", "service").shown.items()} == {
        "kia": 7,
        "nib": 15,
        "pajak": 6,
    }
    assert list(booth.desk.by("skm", "service").shown) == ["kia", "nib", "pajak"]
    sexes = booth.desk.by("skm", "sex").shown
    assert {name: tally.n for name, tally in sexes.items()} == {"laki-laki": 6, "perempuan": 12, "tidak-disebutkan": 10}
    best = ranking(booth.skm, booth.desk.by("skm", "service").shown, minimum=5).ranked[0]
    assert (best.unit, best.score) == ("nib", score(booth.skm, booth.desk.tally("skm", service="nib")))


def test_tallies_of_two_malls_merge_as_if_they_were_one(booth) -> None:
    other = booth.another_desk(mall="blora")
    booth.answer(1, 6, 3)
    for n in range(7):
        other.respond("skm", other.token(TUESDAY, "nib", f"A-{n}"), booth.all(4))
    told = to_plain(other.tally("skm"))
    together = merge([booth.desk.tally("skm"), from_plain(booth.skm, told)])
    assert together == tally_answers(booth.skm, [booth.all(3)] * 6 + [booth.all(4)] * 7)
    assert booth.desk.index("skm").n == 6


def refusal(look) -> str:
    with pytest.raises(RefusedError) as refused:
        look()
    (reason,) = refused.value.decision.reasons
    return reason.code


def test_a_small_group_is_not_shown_on_its_own(booth) -> None:
    booth.answer(1, 4, service="pajak", counter="loket-2")
    desk = booth.desk
    assert refusal(lambda: desk.index("skm", service="pajak")) == "group_too_small"
    assert refusal(lambda: desk.index("skm", TUESDAY, TUESDAY)) == "group_too_small"
    assert refusal(lambda: desk.tally("skm", counter="loket-2")) == "group_too_small"
    assert refusal(lambda: desk.response_rate("skm", 10, service="pajak")) == "group_too_small"
    assert desk.by("skm", "service").shown == {}
    assert desk.by("skm", "service").others is None
    booth.answer(5, 5, service="pajak", counter="loket-2")
    assert desk.index("skm", TUESDAY, TUESDAY, service="pajak", counter="loket-2").n == 5


def test_few_answers_are_not_shown_as_a_channel_a_version_or_the_whole_either(booth) -> None:
    desk = booth.another_desk(open=True, instruments=(booth.skm, booth.reworded(version=2)))
    booth.answer(1, 9)  # of version 1, by code
    desk.respond("skm", None, booth.all(1))
    desk.respond("skm", booth.code("A-100"), booth.all(1))
    for cut in ({"channel": "open"}, {}, {"version": 2}):
        assert refusal(lambda cut=cut: desk.index("skm", **cut)) == "group_too_small"
        assert refusal(lambda cut=cut: desk.tally("skm", **cut)) == "group_too_small"
        assert desk.by("skm", "sex", **cut).shown == {}
        assert [step.score for step in desk.trend("skm", **cut) if step.score] == []
    assert desk.index("skm", version=1).n == 9
    for _ in range(4):
        desk.respond("skm", None, booth.all(4))
    assert desk.index("skm", channel="open").n == 5


def test_a_small_group_cannot_be_had_by_way_of_other_services_and_counters(booth) -> None:
    booth.answer(1, 3, 1, service="nib", counter="loket-1")
    booth.answer(4, 10, service="nib", counter="loket-2")
    booth.answer(1, 10, service="pajak", counter="loket-1")
    booth.answer(11, 19, service="pajak", counter="loket-2")
    desk = booth.desk
    assert desk.by("skm", "service").hidden == desk.by("skm", "counter").hidden == ()
    # loket-2 less pajak there is nib at loket-2, and nib less that is the three of nib at loket-1
    assert refusal(lambda: desk.tally("skm", service="pajak", counter="loket-2")) == "group_too_small"
    booth.answer(11, 12, service="nib", counter="loket-1")
    assert desk.tally("skm", service="pajak", counter="loket-2").n == 9
    assert desk.tally("skm", service="nib", counter="loket-1").n == 5


def test_a_small_group_cannot_be_had_by_subtraction_from_the_whole(booth) -> None:
    booth.answer(1, 20, service="nib")
    booth.answer(1, 2, service="pajak")
    desk = booth.desk
    assert desk.by("skm", "service").hidden == ("nib", "pajak")
    assert refusal(lambda: desk.index("skm", service="nib")) == "group_too_small"
    booth.answer(1, 9, service="kia")
    assert desk.by("skm", "service").others.n == 11
    assert desk.index("skm", service="nib").n == 20
    assert refusal(lambda: desk.index("skm", service="kia")) == "group_too_small"


def test_a_small_group_cannot_be_had_by_subtraction_within_a_service_or_a_counter(booth) -> None:
    booth.answer(1, 20, service="nib", counter="loket-1")
    booth.answer(21, 22, service="nib", counter="loket-2")
    booth.answer(1, 30, service="pajak", counter="loket-2")
    booth.answer(31, 60, service="pajak", counter="loket-1")
    desk = booth.desk
    assert desk.index("skm", service="nib").n == 22
    assert desk.index("skm", counter="loket-2").n == 32
    assert desk.index("skm", service="pajak").n == 60
    # nib less nib at loket-1, and loket-2 less pajak at loket-2, are the two answers of nib at loket-2
    for service, counter in (("nib", "loket-1"), ("nib", "loket-2"), ("pajak", "loket-2")):
        assert refusal(lambda s=service, c=counter: desk.index("skm", service=s, counter=c)) == "group_too_small"


def test_a_trend_tells_each_period_and_whether_it_moved(booth) -> None:
    booth.answer(1, 40, 3)
    booth.answer(41, 50, 4)
    booth.clock.move_to(booth.clock.now().replace(month=12, day=30))
    booth.answer(1, 4, 1)
    booth.clock.move_to(booth.clock.now().replace(year=2027, month=2, day=10))
    booth.answer(1, 25, 3)
    booth.answer(26, 50, 4)
    desk = booth.desk
    steps = desk.trend("skm")
    assert [step.period for step in steps] == ["2026-11", "2027-01", "2027-02"]  # too few in December
    assert [step.score.index if step.score else None for step in steps] == [Decimal("80.00"), None, Decimal("87.50")]
    assert steps[2].change.verdict is Verdict.HIGHER
    assert Fraction(steps[2].change.difference) == Fraction(15, 2)
    assert [step.period for step in desk.trend("skm", "quarter")] == ["2026-T4", "2027-T1"]
    assert [step.period for step in desk.trend("skm", "semester", from_on=date(2026, 12, 1))] == ["2027-S1"]
    assert [step.score.n for step in desk.trend("skm", "year")] == [54, 50]
    with pytest.raises(NotFoundError, match="did you mean 'month'"):
        desk.trend("skm", "months")
    assert audit(booth.store).intact
