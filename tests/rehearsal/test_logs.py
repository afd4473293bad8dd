"""A log of visits becomes a plan: every way to write one, and every kind of dirt with its line and its rule."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.blueprint import Blueprint
from mppkit.calendars import WeeklyHours
from mppkit.errors import BlueprintError, InvalidValueError, NotFoundError
from mppkit.queues.model import PriorityGroup
from mppkit.queues.policies import QueuePolicies, StandardAdmission
from mppkit.rehearsal import Plan, Visit, read_log
from mppkit.rehearsal.rows import RULES, Wrong

TUESDAY = date(2026, 11, 24)
PLAIN = "arrived_at,service,service_seconds\n"


@pytest.fixture
def read(tmp_path: Path, mall: Callable[..., Blueprint]) -> Callable[..., Plan]:
    def read(text: str | bytes, blueprint: Blueprint | None = None, **given: object) -> Plan:
        path = tmp_path / "log.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_log(path, blueprint or mall(), **given)

    return read


def found(plan: Plan) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {finding.kind: (finding.count, finding.lines) for finding in plan.findings}


def only_visit(plan: Plan) -> Visit:
    [visits] = plan.days.values()
    [visit] = visits
    return visit


# --- how it may be written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "arrived_at,service,service_seconds\n2026-11-24 08:15,ktp,60\n",
        "arrived_at;service;service_seconds\n2026/11/24 08:15:00;ktp;60\n",
        "\ufeffarrived_at,service,service_seconds\r\n24-11-2026 08.15,ktp,60\r\n",
        "arrived_at,service,service_seconds\n11/24/2026T08:15,ktp,60",
        '"arrived_at","service","service_seconds"\n"2026-11-24 08:15","ktp","60"\n',
        "service_seconds ; service ; arrived_at \n 60 ; ktp ; 2026-11-24T08:15:00+08:00 \n",
        "arrived_at,service,service_seconds\n\n2026-11-24T00:15Z,ktp,60.0\n   \n",
        "arrived_on,arrived_hour,service,service_seconds\n24.11.2026,08:15,ktp,60\n",
        "arrived_at;service;service_seconds\n2026-11-24 08:15;KTP elektronik;60,0\n",
        "arrived_at,service,service_seconds,note\n2026-11-24 08:15,Identity card,60,anything\n",
    ],
)
def test_one_visit_is_read_however_it_is_written(text: str, read: Callable[..., Plan]) -> None:
    plan = read(text)
    at = datetime(2026, 11, 24, 0, 15, tzinfo=UTC)
    assert plan.days == {TUESDAY: (Visit(arrives_at=at, service="ktp", service_seconds=60),)}
    assert (plan.rows, plan.findings) == (1, ())


def test_columns_and_queue_names_of_another_language_are_renamed(read: Callable[..., Plan]) -> None:
    text = (
        'DATA;HORA;CUA;TEMPS;ESPERA\n2026/11/24;08:30;"OME - Oficina Municipal d\'Escolarització";60;17\n'
        '2026/11/24;09:00;"La ""gran"" cua; nova";61;0\n'
    )
    columns = {
        "arrived_on": "DATA",
        "arrived_hour": "HORA",
        "service": "CUA",
        "service_seconds": "TEMPS",
        "waited_seconds": "ESPERA",
    }
    aliases = {"OME - Oficina Municipal d'Escolarització": "nib", 'La "gran" cua; nova': "pajak"}
    first, second = read(text, columns=columns, aliases=aliases).days[TUESDAY]
    assert (first.service, first.service_seconds, first.waited_seconds) == ("nib", 60, 17)
    assert (second.service, second.service_seconds, second.waited_seconds) == ("pajak", 61, 0)


def test_several_days_are_a_day_each_and_each_in_the_order_of_arrival(read: Callable[..., Plan]) -> None:
    plan = read(
        PLAIN + "2026-11-25 09:00,nib,1\n2026-11-24 10:00,nib,2\n2026-11-24 09:00,nib,3\n2026-11-25 08:00,ktp,4\n"
    )
    assert [(on, [visit.service_seconds for visit in visits]) for on, visits in plan.days.items()] == [
        (TUESDAY, [3, 2]),
        (date(2026, 11, 25), [4, 1]),
    ]


def test_the_order_of_day_and_month_is_settled_by_the_whole_file(read: Callable[..., Plan]) -> None:
    plan = read(PLAIN + "02-11-2026 09:00,nib,1\n24-11-2026 09:00,nib,1\n")
    assert list(plan.days) == [date(2026, 11, 2), TUESDAY]
    plan = read(PLAIN + "11-02-2026 09:00,nib,1\n11-24-2026 09:00,nib,1\n")
    assert list(plan.days) == [date(2026, 11, 2), TUESDAY]


def test_an_order_that_nothing_settles_is_refused_unless_the_caller_says_it(read: Callable[..., Plan]) -> None:
    text = PLAIN + "02-11-2026 09:00,nib,1\n"
    with pytest.raises(InvalidValueError, match=r"line 2: '02-11-2026': it may be 2026-11-02 or 2026-02-11"):
        read(text)
    assert list(read(text, day_first=True).days) == [date(2026, 11, 2)]
    assert list(read(text, day_first=False).days) == [date(2026, 2, 11)]


@pytest.mark.parametrize(
    ("said", "group"),
    [
        ("", None),
        ("0", None),
        ("tidak", None),
        ("1", PriorityGroup.ELDERLY),
        ("Ya", PriorityGroup.ELDERLY),
        ("ibu_hamil", PriorityGroup.PREGNANT),
        ("DISABILITAS", PriorityGroup.DISABILITY),
    ],
)
def test_priority_is_a_group_or_a_flag(said: str, group: PriorityGroup | None, read: Callable[..., Plan]) -> None:
    plan = read(f"arrived_at,service,service_seconds,priority\n2026-11-24 08:15,ktp,60,{said}\n")
    assert only_visit(plan).priority is group
    assert plan.findings == ()


@pytest.mark.parametrize(
    ("said", "minutes_after_arrival"),
    [("0", None), ("", None), ("1", 0), ("08:30", 15), ("2026-11-24 09:15", 60), ("24/11/2026 08:00", -15), ("09", 45)],
)
def test_an_appointment_is_a_flag_or_a_time(
    said: str, minutes_after_arrival: float | None, read: Callable[..., Plan]
) -> None:
    plan = read(f"arrived_at,service,service_seconds,appointment\n2026-11-24 08:15,ktp,60,{said}\n", day_first=True)
    visit = only_visit(plan)
    assert plan.findings == ()
    if minutes_after_arrival is None:
        assert visit.appointment_at is None
    else:
        assert visit.appointment_at == visit.arrives_at + timedelta(minutes=minutes_after_arrival)


# --- dirt ----------------------------------------------------------------------------------------------------------

GOOD = "2026-11-24 08:15,ktp,60,,,"
DIRTY = {
    Wrong.BAD_QUOTES: '"2026-11-24 08:16,ktp,60,,,',
    Wrong.WRONG_COLUMNS: "2026-11-24 08:16,ktp,60",
    Wrong.DUPLICATE: GOOD,
    Wrong.MISSING_VALUE: "2026-11-24 08:16,ktp,,,,",
    Wrong.UNREADABLE_TIME: "2026-11-31 08:16,ktp,60,,,",
    Wrong.UNREADABLE_SECONDS: "2026-11-24 08:16,ktp,ten,,,",
    Wrong.NEGATIVE_SECONDS: "2026-11-24 08:16,ktp,-60,,,",
    Wrong.ZERO_SECONDS: "2026-11-24 08:16,ktp,0,,,",
    Wrong.HALL_CLOSED: "2026-11-26 08:16,ktp,60,,,",
    Wrong.OUTSIDE_HOURS: "2026-11-24 12:30,ktp,60,,,",
    Wrong.TOO_LONG: "2026-11-24 08:16,ktp,151200,,,",
    Wrong.HOUR_ONLY: "2026-11-24 08,ktp,60,,,",
    Wrong.UNREADABLE_PRIORITY: "2026-11-24 08:16,ktp,60,vip,,",
    Wrong.UNREADABLE_APPOINTMENT: "2026-11-24 08:16,ktp,60,,soon,",
    Wrong.APPOINTMENT_ELSEWHEN: "2026-11-24 08:16,ktp,60,,2026-11-25 08:16,",
    Wrong.UNREADABLE_WAIT: "2026-11-24 08:16,ktp,60,,,-3",
}
HEADER = "arrived_at,service,service_seconds,priority,appointment,waited_seconds\n"


@pytest.mark.parametrize("kind", Wrong)
def test_each_kind_of_dirty_row_is_told_with_its_line_and_left_out_or_changed(
    kind: Wrong, read: Callable[..., Plan]
) -> None:
    plan = read(f"{HEADER}{GOOD}\n\n{DIRTY[kind]}\n2026-11-24 09:00,nib,61,,,\n")
    done, rule = RULES[kind]
    [finding] = plan.findings
    assert (finding.kind, finding.done, finding.rule) == (kind.value, done, rule)
    assert (finding.count, finding.lines) == (1, (4,))
    assert plan.rows == 3
    came = [visit.service_seconds for visit in plan.days[TUESDAY]]
    assert len(came) == (2 if done == "left_out" else 3)


@pytest.mark.parametrize(
    "row",
    [
        ",ktp,60",
        "2026-11-24 08:16,,60",
        "2026-11-24 08:16,ktp, ",
    ],
)
def test_a_row_without_arrival_service_or_time_is_missing_a_value(row: str, read: Callable[..., Plan]) -> None:
    assert found(read(f"{PLAIN}{row}\n2026-11-24 09:00,nib,61\n")) == {"missing_value": (1, (2,))}


@pytest.mark.parametrize("row", ["2026-11-24 08:16,ktp,60,9", "2026-11-24 08:16;ktp;60", "x"])
def test_more_or_fewer_values_than_the_header_are_told(row: str, read: Callable[..., Plan]) -> None:
    assert found(read(f"{PLAIN}{row}\n2026-11-24 09:00,nib,61\n")) == {"wrong_columns": (1, (2,))}


@pytest.mark.parametrize("seconds", ["1e3", "nan", "inf", "0x10", "1.2.3", "12 min", "99999999999", "--5", "٣"])
def test_text_is_never_taken_for_seconds(seconds: str, read: Callable[..., Plan]) -> None:
    plan = read(f"{PLAIN}2026-11-24 08:16,ktp,{seconds}\n2026-11-24 09:00,nib,61\n")
    assert found(plan) == {"unreadable_seconds": (1, (2,))}


def test_an_unmatched_quote_spoils_its_own_row_and_swallows_no_other(read: Callable[..., Plan]) -> None:
    plan = read(f'{PLAIN}2026-11-24 08:16,"ktp,60\n2026-11-24 08:17,nib,61\n2026-11-24 08:18,"nib",62\n')
    assert found(plan) == {"bad_quotes": (1, (2,))}
    assert [visit.service_seconds for visit in plan.days[TUESDAY]] == [61, 62]


def test_a_service_that_nobody_closed_is_cut_to_four_hours(read: Callable[..., Plan]) -> None:
    plan = read(f"{PLAIN}2026-11-24 08:16,ktp,151200\n2026-11-24 09:00,nib,14400\n")
    assert [visit.service_seconds for visit in plan.days[TUESDAY]] == [14400, 14400]
    assert found(plan) == {"too_long": (1, (2,))}


def test_only_the_first_twenty_lines_are_named_but_all_are_counted(read: Callable[..., Plan]) -> None:
    rows = "".join(f"2026-11-24 08:{minute:02},ktp,0\n" for minute in range(50))
    plan = read(f"{PLAIN}{rows}2026-11-24 09:00,nib,61\n")
    assert found(plan) == {"zero_seconds": (50, tuple(range(2, 22)))}


def test_whoever_comes_before_opening_is_let_in_where_the_mall_issues_tickets_then(
    read: Callable[..., Plan], mall: Callable[..., Blueprint]
) -> None:
    text = f"{PLAIN}2026-11-24 07:45,ktp,60\n2026-11-24 07:15,ktp,60\n2026-11-24 15:30,ktp,60\n2026-11-24 08:00,nib,1\n"
    assert found(read(text)) == {"outside_hours": (3, (2, 3, 4))}
    early = mall(QueuePolicies(admission=StandardAdmission(early_minutes=30)))
    assert found(read(text, early)) == {"outside_hours": (2, (3, 4))}


def test_where_only_the_hour_is_known_they_come_within_its_open_part_and_the_seed_says_when(
    read: Callable[..., Plan], local: Callable[[str], datetime]
) -> None:
    # the mall closes at 12:00, opens at 13:00 and closes at 15:30
    rows = "".join(f"2026-11-24 {hour:02},ktp,{60 + n}\n" for hour in (8, 15) for n in range(200))
    text = f"{PLAIN}{rows}2026-11-24 12,nib,60\n2026-11-24 07,nib,60\n"
    plan = read(text, seed=7)
    assert found(plan) == {"hour_only": (400, tuple(range(2, 22))), "outside_hours": (2, (402, 403))}
    came = [visit.arrives_at for visit in plan.days[TUESDAY]]
    assert all(local("2026-11-24 08:00") <= at < local("2026-11-24 09:00") for at in came[:200])
    assert all(local("2026-11-24 15:00") <= at < local("2026-11-24 15:30") for at in came[200:])
    minutes = [(at - local("2026-11-24 08:00")).total_seconds() / 60 for at in came[:200]]
    assert 26 < sum(minutes) / 200 < 34  # even over the hour: mean 30, standard error 1.2
    assert min(minutes) < 2 < 58 < max(minutes)
    assert read(text, seed=7).days == plan.days
    assert read(text, seed=8).days != plan.days


def test_the_hours_of_one_date_do_not_depend_on_the_other_dates_of_the_log(read: Callable[..., Plan]) -> None:
    day = "2026-11-24 08,ktp,60\n2026-11-24 09,ktp,61\n"
    alone, with_others = read(PLAIN + day), read(f"{PLAIN}2026-11-23 08,ktp,1\n{day}2026-11-25 08,ktp,1\n")
    assert with_others.days[TUESDAY] == alone.days[TUESDAY]
    first, *_, last = (visits[0].arrives_at for visits in with_others.days.values())
    assert last - first != timedelta(days=2)  # and each date has chances of its own


def test_an_hour_around_a_break_is_spread_over_both_its_open_parts(
    read: Callable[..., Plan], mall: Callable[..., Blueprint], local: Callable[[str], datetime]
) -> None:
    there = mall()
    hours = WeeklyHours(by_weekday={1: ((time(8), time(8, 20)), (time(8, 40), time(10)))})
    rows = "".join(f"2026-11-24 08,ktp,{60 + n}\n" for n in range(200))
    plan = read(PLAIN + rows, evolve(there, calendar=evolve(there.calendar, hours=hours)))
    came = [visit.arrives_at for visit in plan.days[TUESDAY]]
    before = [at for at in came if at < local("2026-11-24 08:20")]
    after = [at for at in came if local("2026-11-24 08:40") <= at < local("2026-11-24 09:00")]
    assert len(before) + len(after) == 200
    assert 70 < len(before) < 130


# --- what cannot be read at all ------------------------------------------------------------------------------------


def test_all_unknown_services_are_told_at_once_with_counts_and_near_misses(read: Callable[..., Plan]) -> None:
    text = PLAIN + (
        "2026-11-24 08:00,kpt,60\n2026-11-24 08:01,kpt,60\n2026-11-24 08:02,Pajak daerh,60\n"
        "2026-11-24 08:03,Zebra,60\n2026-11-24 08:04,nib,60\n2026-11-24 08:05,Tràmits,60\n"
    )
    with pytest.raises(BlueprintError) as error:
        read(text, aliases={"Tràmits": "nibb"})
    path = error.value.problems[0].file
    assert str(error.value) == (
        "the log has 4 problems:\n"
        f"  {path}: alias 'Tràmits': 'nibb': let it lead to the id of a service of the blueprint; did you mean 'nib'?\n"
        f"  {path}: 2 rows from line 2: 'kpt': no such service; give an alias: NAME=service-id;"
        " did you mean 'ktp'?\n"
        f"  {path}: 1 row from line 4: 'Pajak daerh': no such service; give an alias: NAME=service-id;"
        " did you mean 'pajak'?\n"
        f"  {path}: 1 row from line 5: 'Zebra': no such service; give an alias: NAME=service-id"
    )


def test_a_column_of_ids_taken_for_the_services_is_told_in_bounds(read: Callable[..., Plan]) -> None:
    rows = "".join(f"2026-11-24 08:00,T{number},60\n" for number in range(5000))
    with pytest.raises(BlueprintError) as error:
        read(PLAIN + rows)
    assert len(error.value.problems) == 201
    assert "4800 more names: no such services; is that their column?" in str(error.value)


def test_a_name_that_two_services_share_is_no_name_for_either(
    read: Callable[..., Plan], mall: Callable[..., Blueprint]
) -> None:
    there = mall()
    services = tuple(evolve(service, name="Konsultasi") for service in there.directory.services)
    twins = evolve(there, directory=evolve(there.directory, services=services))
    with pytest.raises(BlueprintError, match="'Konsultasi': no such service"):
        read(f"{PLAIN}2026-11-24 08:00,Konsultasi,60\n", twins)


@pytest.mark.parametrize(
    ("header", "columns", "said"),
    [
        ("arrived_at,service", {}, "service_seconds: missing: name the column of the seconds at the counter"),
        ("arrived_at,servce,service_seconds", {}, "did you mean 'servce'?"),
        ("DATA,service,service_seconds", {"arrived_on": "DATA"}, "arrived_hour: missing: name its column, or that"),
        ("service,service_seconds", {}, "arrived_on: missing"),
        ("a,service,service_seconds", {"arrived": "a"}, "no such field|there are the fields arrived_at, arrived_on"),
        ("arrived_at,CUA,service_seconds", {"service": "CAU"}, "service=CAU: 'CAU': the header has .*'CUA'"),
        ("arrived_at,service,service,service_seconds", {}, "a name that several columns have: rename"),
    ],
)
def test_columns_that_are_not_there_are_told_before_anything_is_read(
    header: str, columns: Mapping[str, str], said: str, read: Callable[..., Plan]
) -> None:
    with pytest.raises(BlueprintError, match=said):
        read(f"{header}\n", columns=columns)


@pytest.mark.parametrize("text", ["", "\n", "service\nktp\n", "arrived_at|service|service_seconds\n"])
def test_a_file_without_a_header_is_refused(text: str, read: Callable[..., Plan]) -> None:
    with pytest.raises(InvalidValueError, match=r"log\.csv, line 1: .*begin the file with a header"):
        read(text)


def test_a_file_in_another_encoding_is_refused_with_its_line(read: Callable[..., Plan]) -> None:
    with pytest.raises(InvalidValueError, match=r"log\.csv, line 3: b'\\xe0': save the file as UTF-8"):
        read(PLAIN.encode() + b"2026-11-24 08:00,ktp,60\n2026-11-24 08:01,Tr\xe0mits,60\n")
    with pytest.raises(InvalidValueError, match=r"line 1: b'\\xff': save the file as UTF-8"):
        read(PLAIN.encode("utf-16"))


def test_a_file_that_is_not_there_is_told_with_its_neighbour(tmp_path: Path, mall: Callable[..., Blueprint]) -> None:
    (tmp_path / "visits.csv").write_text(PLAIN)
    with pytest.raises(NotFoundError, match=r"did you mean 'visits\.csv'\?"):
        read_log(tmp_path / "visit.csv", mall())
    with pytest.raises(InvalidValueError, match="give a file that can be read"):
        read_log(tmp_path, mall())


def test_a_log_of_which_nothing_is_left_is_refused_and_says_why(read: Callable[..., Plan]) -> None:
    text = f"{PLAIN}2026-11-28 08:00,ktp,60\n2026-11-29 08:00,ktp,60\n2026-11-24 08:00,ktp,0\n"
    with pytest.raises(InvalidValueError, match=r"none of its 3 rows can be rehearsed; 1 zero_seconds: .*; 2 hall_cl"):
        read(text)
    with pytest.raises(InvalidValueError, match="none of its 0 rows can be rehearsed"):
        read(PLAIN)


# --- any file ------------------------------------------------------------------------------------------------------

VALUE = st.one_of(
    st.sampled_from(["2026-11-24 08:15", "24-11-2026 09", "ktp", "nib", "60", "0", "-1", "1", '"', '"a,b"', "lansia"]),
    st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12),
)


@given(rows=st.lists(st.lists(VALUE, min_size=1, max_size=7).map(",".join), max_size=12))
def test_any_file_is_read_or_refused_and_every_row_is_accounted_for(
    rows: list[str], tmp_path_factory: pytest.TempPathFactory, mall: Callable[..., Blueprint]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((HEADER + "\n".join([GOOD, *rows])).encode())
    names = {value for row in rows for value in row.split(",")} - {"ktp", "nib", ""}
    try:
        plan = read_log(path, mall(), aliases=dict.fromkeys(names, "pajak"), day_first=True)
    except BlueprintError:
        return  # a quoted name with a comma in it
    left_out = sum(finding.count for finding in plan.findings if finding.done == "left_out")
    assert plan.rows == sum(len(visits) for visits in plan.days.values()) + left_out
    assert plan.rows == 1 + sum(not (row == "" or row.isspace()) for row in rows)
