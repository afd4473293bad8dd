"""What a table of risks answers: a level that exactly one row gives, or what must be said first; never a default."""

import json
from datetime import date

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mppkit.decisions import Decision, Outcome
from mppkit.errors import InvalidValueError
from mppkit.permits.risk import Classification, Nearness, RiskTable, Scope, classification_facts
from mppkit.permits.risk_levels import (
    LICENSING,
    BasicRequirement,
    Licence,
    OperationStart,
    RiskLevel,
    RiskRow,
    Scale,
)
from mppkit.permits.risk_table import sample_risk_table

VILLA = RiskRow(
    edition="2025",
    code="55203",
    scales=(Scale.MIKRO, Scale.KECIL),
    level=RiskLevel.RENDAH,
    basic_requirements=(BasicRequirement.KKPR, BasicRequirement.SPPL),
    sector="pariwisata",
    title="Vila (rekaan)",
)


def table(*rows: RiskRow, illustrative: bool = False) -> RiskTable:
    return RiskTable(source="rekaan", illustrative=illustrative, rows=rows)


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


# --- what is granted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "licences", "operation"),
    [
        ("rendah", ("nib",), "at_once"),
        ("menengah_rendah", ("nib", "standard_certificate"), "on_certificate"),
        ("menengah_tinggi", ("nib", "verified_standard_certificate"), "after_verification"),
        ("tinggi", ("nib", "izin"), "after_izin"),
    ],
)
def test_each_level_brings_what_the_regulation_says(level: str, licences: tuple[str, ...], operation: str) -> None:
    found = table(evolve(VILLA, level=RiskLevel(level))).classify(edition="2025", code="55203", scale="kecil")
    assert found.level == level
    assert found.licensing is not None
    assert found.licensing.licences == tuple(map(Licence, licences))
    assert found.licensing.operation is OperationStart(operation)


def test_every_level_has_its_licensing_and_only_the_two_lowest_operate_without_a_government_s_act() -> None:
    assert set(LICENSING) == set(RiskLevel)
    waits = {level for level, said in LICENSING.items() if said.operation.value.startswith("after_")}
    assert waits == {RiskLevel.MENENGAH_TINGGI, RiskLevel.TINGGI}
    assert all(said.licences[0] is Licence.NIB for said in LICENSING.values())


def test_a_level_names_its_row_its_source_and_the_law_which_was_not_read() -> None:
    found = table(VILLA).classify(edition="2025", code="55203", scale=Scale.MIKRO)
    assert found.row == VILLA
    level, licensing, basic = found.decision.reasons
    assert level.indonesian == "Vila (rekaan) (KBLI 2025 55203), usaha mikro: risiko rendah, menurut rekaan."
    assert level.english == "Vila (rekaan) (KBLI 2025 55203), micro scale: low risk, by rekaan."
    assert level.basis is None
    assert (licensing.code, basic.code) == ("risk_licensing", "risk_basic_requirements")
    assert basic.indonesian == "Persyaratan dasar: KKPR, SPPL."
    for reason in (licensing, basic):
        assert reason.basis is not None
        assert reason.basis.cite() == "PP 28/2025"
        assert reason.basis.verified is False
    assert found.decision.warnings == ()


def test_requirements_that_are_not_known_are_not_the_same_as_none() -> None:
    none = table(evolve(VILLA, basic_requirements=())).classify(edition="2025", code="55203", scale="mikro")
    unknown = table(evolve(VILLA, basic_requirements=None)).classify(edition="2025", code="55203", scale="mikro")
    assert codes(none.decision.reasons) == codes(unknown.decision.reasons) == ["risk_level", "risk_licensing"]
    assert none.decision.warnings == ()
    assert codes(unknown.decision.warnings) == ["risk_basic_requirements_unknown"]
    assert classification_facts(none)["basic_requirements"] == []
    assert classification_facts(unknown)["basic_requirements"] is None


# --- what must be said first ---------------------------------------------------------------------------------------


def test_an_unknown_code_needs_classification_and_names_what_is_near() -> None:
    near = {
        "55209": Nearness.SAME_SUBGROUP,
        "52503": Nearness.TRANSPOSED,
        "55230": Nearness.TRANSPOSED,
        "65203": Nearness.ONE_DIGIT,
        "55213": Nearness.ONE_DIGIT,
    }
    far = ("55219", "30255", "99999")
    rows = [evolve(VILLA, code=code, title=f"Kegiatan {code}") for code in (*near, *far)]
    found = table(*rows).classify(edition="2025", code="55203", scale="mikro")
    assert found.level is None
    assert found.licensing is None
    assert found.decision.outcome is Outcome.NEEDS_FIRST
    assert codes(found.decision.reasons) == ["risk_needs_classification"]
    assert {miss.code: miss.nearness for miss in found.near_misses} == near
    assert found.near_misses[0].title == "Kegiatan 55209"
    assert "55209" in found.decision.reasons[0].indonesian
    assert "99999" not in found.decision.reasons[0].indonesian


def test_the_same_code_of_another_edition_is_named_and_never_used() -> None:
    rows = (evolve(VILLA, edition="2020", title="Dahulu"), evolve(VILLA, code="10000"))
    found = table(*rows).classify(edition="2025", code="55203", scale="mikro")
    assert found.row is None
    [miss] = found.near_misses
    assert (miss.edition, miss.code, miss.title, miss.nearness) == ("2020", "55203", "Dahulu", Nearness.OTHER_EDITION)
    assert found.decision.reasons[0].english == (
        "KBLI 2025 55203 is not in the table; it needs classification first."
        " The code is in KBLI 2020, where it may mean something else."
    )


def test_near_codes_of_another_edition_are_not_named() -> None:
    rows = (evolve(VILLA, edition="2020", code="55204"), evolve(VILLA, code="10000"))
    assert table(*rows).classify(edition="2025", code="55203", scale="mikro").near_misses == ()


SMALL = evolve(VILLA, scope="kecil", scope_title="Sampai 10 kamar")
LARGE = evolve(VILLA, scope="lain", scope_title="Selebihnya", scales=(Scale.BESAR,), level=RiskLevel.TINGGI)


@pytest.mark.parametrize("scale", Scale)
def test_of_several_scopes_one_must_be_named_though_only_one_covers_the_scale(scale: Scale) -> None:
    found = table(SMALL, LARGE).classify(edition="2025", code="55203", scale=scale)
    assert found.level is None
    assert codes(found.decision.reasons) == ["risk_scope_needed"]
    assert found.scopes == (Scope(id="kecil", title="Sampai 10 kamar"), Scope(id="lain", title="Selebihnya"))


def test_a_named_scope_gives_its_own_level() -> None:
    assert table(SMALL, LARGE).classify(edition="2025", code="55203", scale="besar", scope="lain").row == LARGE
    assert table(SMALL, LARGE).classify(edition="2025", code="55203", scale="kecil", scope="kecil").row == SMALL


def test_the_only_scope_need_not_be_named() -> None:
    found = table(SMALL).classify(edition="2025", code="55203", scale="kecil")
    assert found.row == SMALL
    assert found.scope is None
    assert classification_facts(found)["scope"] == "kecil"


def test_a_scope_that_is_not_there_gives_no_level() -> None:
    found = table(SMALL, LARGE).classify(edition="2025", code="55203", scale="kecil", scope="keci")
    assert codes(found.decision.reasons) == ["risk_scope_unknown"]
    assert found.decision.reasons[0].english.endswith("there are kecil, lain; did you mean 'kecil'?")
    only = table(SMALL).classify(edition="2025", code="55203", scale="kecil", scope="lain")
    undivided = table(VILLA).classify(edition="2025", code="55203", scale="kecil", scope="lain")
    for each in (only, undivided):
        assert each.level is None
        assert codes(each.decision.reasons) == ["risk_scope_unknown"]
    assert undivided.scopes == ()


def test_a_scale_that_is_not_covered_gives_no_level() -> None:
    found = table(VILLA).classify(edition="2025", code="55203", scale="besar")
    assert found.level is None
    assert codes(found.decision.reasons) == ["risk_scale_not_covered"]
    assert found.scales == (Scale.MIKRO, Scale.KECIL)
    within = table(SMALL, LARGE).classify(edition="2025", code="55203", scale="besar", scope="kecil")
    assert within.level is None
    assert within.scales == (Scale.MIKRO, Scale.KECIL)


def test_an_invented_table_warns_in_every_answer() -> None:
    invented = table(SMALL, LARGE, illustrative=True)
    for code, scale, scope in (("55203", "mikro", "kecil"), ("55203", "mikro", None), ("11111", "mikro", None)):
        found = invented.classify(edition="2025", code=code, scale=scale, scope=scope)
        assert codes(found.decision.warnings) == ["risk_table_illustrative"]
        assert classification_facts(found)["illustrative"] is True


# --- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["5520", "552031", "", "I5520", "5520a", "٥٥٢٠٣", "55203\n", " 55203", None, 55203])
def test_what_has_not_five_digits_is_no_code(code) -> None:
    with pytest.raises(InvalidValueError, match="five digits"):
        table(VILLA).classify(edition="2025", code=code, scale="mikro")


def test_a_mistyped_word_is_told_what_was_meant() -> None:
    asking = table(VILLA, evolve(VILLA, edition="2020", code="01111"))
    with pytest.raises(InvalidValueError, match="did you mean '55203'"):
        asking.classify(edition="2025", code="5520", scale="mikro")
    with pytest.raises(InvalidValueError, match="did you mean '01111'"):
        asking.classify(edition="2020", code="1111", scale="mikro")
    with pytest.raises(InvalidValueError, match="this table has 2020, 2025; did you mean '2025'"):
        asking.classify(edition="2052", code="55203", scale="mikro")
    with pytest.raises(InvalidValueError, match="mikro, kecil, menengah, besar; did you mean 'menengah'"):
        asking.classify(edition="2025", code="55203", scale="Menegah")


@pytest.mark.parametrize("edition", ["2015", "25", "", "kbli", None, 2025])
def test_an_edition_that_the_table_has_not_is_refused(edition) -> None:
    with pytest.raises(InvalidValueError, match="edition"):
        table(VILLA).classify(edition=edition, code="55203", scale="mikro")


@pytest.mark.parametrize("scale", ["", "UMKM", "small", None, 3, ["mikro"]])
def test_what_is_no_scale_is_refused(scale) -> None:
    with pytest.raises(InvalidValueError, match="scale"):
        table(VILLA).classify(edition="2025", code="55203", scale=scale)


@pytest.mark.parametrize("scope", ["", "Kecil Sekali", 7, "3316010101700001"])
def test_what_is_no_id_is_no_scope(scope) -> None:
    with pytest.raises(InvalidValueError, match="scope") as refusal:
        table(VILLA).classify(edition="2025", code="55203", scale="mikro", scope=scope)
    assert "3316010101700001" not in str(refusal.value)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("edition", "1998"),
        ("code", "5520"),
        ("scope", "Semua"),
        ("scope_title", "dua\nbaris"),
        ("scales", ()),
        ("scales", (Scale.MIKRO, Scale.MIKRO)),
        ("scales", ("mikro",)),
        ("scales", [Scale.MIKRO]),
        ("level", "rendah"),
        ("basic_requirements", (BasicRequirement.SPPL, BasicRequirement.AMDAL)),
        ("basic_requirements", (BasicRequirement.KKPR, BasicRequirement.KKPR)),
        ("sector", ""),
        ("title", ""),
        ("title", "NIK 3316010101700001"),
        ("title_english", "x" * 501),
    ],
)
def test_a_row_that_cannot_be_is_refused(place: str, value) -> None:
    with pytest.raises(InvalidValueError) as refusal:
        evolve(VILLA, **{place: value})
    assert refusal.value.place == place


def test_two_rows_for_the_same_business_make_no_table() -> None:
    with pytest.raises(InvalidValueError, match=r"rows\[1\]: '55203': rows\[0\] has the level for kecil already"):
        table(VILLA, evolve(VILLA, scales=(Scale.KECIL, Scale.BESAR)))
    with pytest.raises(InvalidValueError, match=r"rows\[1\].*in each row of a code or in none; rows\[0\]"):
        table(VILLA, LARGE)
    table(VILLA, evolve(LARGE, edition="2020"), evolve(LARGE, code="55204"))


def test_a_level_without_a_yes_cannot_be_said() -> None:
    found = table(VILLA).classify(edition="2025", code="55203", scale="besar")
    with pytest.raises(InvalidValueError, match="exactly where the decision is granted"):
        evolve(found, row=VILLA)
    with pytest.raises(InvalidValueError, match="exactly where the decision is granted"):
        evolve(found, decision=Decision.granted())


# --- as facts ------------------------------------------------------------------------------------------------------


def test_facts_have_the_same_keys_whatever_was_answered_and_are_json() -> None:
    asking = table(SMALL, LARGE, evolve(VILLA, code="55204"), evolve(VILLA, code="55304", edition="2020"))
    granted = asking.classify(edition="2025", code="55203", scale="besar", scope="lain")
    needs = asking.classify(edition="2025", code="55203", scale="besar")
    unknown = asking.classify(edition="2025", code="55304", scale="besar")
    facts = [classification_facts(each) for each in (granted, needs, unknown)]
    assert list(facts[0]) == list(facts[1]) == list(facts[2])
    for each in facts:
        assert json.loads(json.dumps(each)) == each
    assert facts[0]["level"] == "tinggi"
    assert facts[0]["licences"] == ["nib", "izin"]
    assert facts[0]["operation"] == "after_izin"
    assert facts[0]["environmental"] == "sppl"
    assert (facts[1]["outcome"], facts[1]["level"], facts[1]["licences"]) == ("needs_first", None, None)
    assert facts[1]["scopes"] == [
        {"id": "kecil", "title": "Sampai 10 kamar"},
        {"id": "lain", "title": "Selebihnya"},
    ]
    assert facts[2]["near_misses"] == [
        {"edition": "2025", "code": "55204", "title": "Vila (rekaan)", "nearness": "one_digit"},
        {"edition": "2020", "code": "55304", "title": "Vila (rekaan)", "nearness": "other_edition"},
    ]


# --- whatever is in the table --------------------------------------------------------------------------------------

few_codes = st.sampled_from(["11111", "11112", "11121", "12111", "21111", "99999"])
editions = st.sampled_from(["2020", "2025"])
some_scopes = st.none() | st.sampled_from(["a", "b"])
some_scales = st.lists(st.sampled_from(list(Scale)), min_size=1, unique=True).map(tuple)
any_rows = st.builds(
    RiskRow,
    edition=editions,
    code=few_codes,
    scope=some_scopes,
    scales=some_scales,
    level=st.sampled_from(list(RiskLevel)),
    basic_requirements=st.none() | st.just(()),
    sector=st.just("pariwisata"),
    title=st.just("Rekaan"),
)


def fits(rows: list[RiskRow], row: RiskRow) -> bool:
    """Say by plain loops whether a row can stand beside others."""
    same_code = [other for other in rows if (other.edition, other.code) == (row.edition, row.code)]
    if any((other.scope is None) != (row.scope is None) for other in same_code):
        return False
    return not any(other.scope == row.scope and set(other.scales) & set(row.scales) for other in same_code)


@st.composite
def tables(draw) -> RiskTable:
    rows: list[RiskRow] = []
    for row in draw(st.lists(any_rows, max_size=12)):
        if fits(rows, row):
            rows.append(row)
    return table(*rows)


@given(tables(), editions, few_codes, st.sampled_from(list(Scale)), some_scopes)
def test_a_level_comes_from_exactly_one_row_and_from_nowhere_else(
    asking: RiskTable, edition: str, code: str, scale: Scale, scope: str | None
) -> None:
    if edition not in asking.editions:
        with pytest.raises(InvalidValueError):
            asking.classify(edition=edition, code=code, scale=scale, scope=scope)
        return
    found = asking.classify(edition=edition, code=code, scale=scale, scope=scope)
    of_code = [row for row in asking.rows if (row.edition, row.code) == (edition, code)]
    scopes = {row.scope for row in of_code}
    meant = scope if scope is not None or len(scopes) != 1 else next(iter(scopes))
    matching = [row for row in of_code if row.scope == meant and scale in row.scales]
    if found.decision.is_granted:
        assert matching == [found.row]
        assert found.level == matching[0].level
    else:
        assert matching == []
        assert found.level is None
        assert found.decision.outcome is Outcome.NEEDS_FIRST
        assert bool(found.near_misses) <= (not of_code)


@given(st.lists(any_rows, max_size=8))
def test_a_table_is_made_exactly_where_no_row_clashes(rows: list[RiskRow]) -> None:
    if all(fits(rows[:index], row) for index, row in enumerate(rows)):
        assert table(*rows).rows == tuple(rows)
    else:
        with pytest.raises(InvalidValueError):
            table(*rows)


@given(st.from_regex(r"[0-9]{5}", fullmatch=True), st.sampled_from(list(Scale)), editions)
def test_an_unknown_code_never_yields_a_level(code: str, scale: Scale, edition: str) -> None:
    shipped = sample_risk_table()
    known = {(row.edition, row.code) for row in shipped.rows}
    found = shipped.classify(edition=edition, code=code, scale=scale)
    if (edition, code) not in known:
        assert found.level is None
        assert codes(found.decision.reasons) == ["risk_needs_classification"]
    assert {(miss.edition, miss.code) for miss in found.near_misses} <= known


@given(st.from_regex(r"[0-9]{5}", fullmatch=True), st.lists(st.from_regex(r"[0-9]{5}", fullmatch=True), max_size=5))
def test_near_misses_are_those_and_only_those_that_differ_by_one_slip(code: str, others: list[str]) -> None:
    slips = [code[:-1] + "0", code[1] + code[0] + code[2:], code[:2] + "7" + code[3:]]
    there = sorted({*others, *slips} - {code}) or ["00000" if code != "00000" else "00001"]
    found = table(*(evolve(VILLA, code=each) for each in there)).classify(edition="2025", code=code, scale="mikro")

    def is_near(other: str) -> bool:
        differ = [at for at in range(5) if other[at] != code[at]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(other) == sorted(code)
        return len(differ) == 1 or swapped

    named = [miss.code for miss in found.near_misses]
    assert sorted(named) == [other for other in there if is_near(other)]


def test_classification_is_a_value_that_says_nothing_of_when() -> None:
    first = table(VILLA).classify(edition="2025", code="55203", scale="mikro")
    assert first == table(VILLA).classify(edition="2025", code="55203", scale="mikro")
    assert isinstance(first, Classification)
    assert not any(isinstance(value, date) for value in classification_facts(first).values())
