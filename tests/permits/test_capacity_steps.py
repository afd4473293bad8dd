"""Each step of a zone's ledger, with its exact figures, sentences and refusals."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mppkit.decisions import Decision, Outcome, Reason
from mppkit.errors import InvalidValueError, NotFoundError, TransitionError
from mppkit.permits import capacity_events as e
from mppkit.permits import capacity_rules as rules
from mppkit.permits.capacity import Claim, Limit, Override, ReleaseCause, Use, Zone
from mppkit.permits.capacity_ledger import ZONES, Ledger, after
from mppkit.permits.capacity_policies import (
    ADVISORY,
    AskForLess,
    CapacityAsk,
    CapacityPolicy,
    LetPass,
    RefuseBeyond,
)

AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
STUDY = {"source": "KLHS RDTR 2024", "dated_on": date(2024, 3, 1)}
ROOMS = Limit(resource="kamar-hotel", unit="kamar", amount=Decimal(1000), **STUDY)
WATER = Limit(resource="air", unit="m3/hari", amount=Decimal("50.5"), **STUDY)
KUTA = Zone(id="kuta", name="Kuta", name_english="Kuta", limits=(ROOMS, WATER))
OVERRIDE = Override(officer="pegawai-7", why="Menggantikan hotel yang terbakar")
POLICIES = [RefuseBeyond(), AskForLess(), LetPass()]


def lower(limit: Limit, amount: str) -> Limit:
    return Limit(resource=limit.resource, unit=limit.unit, amount=Decimal(amount), source="Perda 9", dated_on=AT.date())


def rooms(amount: str) -> tuple[Use, ...]:
    return (Use(resource="kamar-hotel", amount=Decimal(amount)),)


def water(amount: str) -> tuple[Use, ...]:
    return (Use(resource="air", amount=Decimal(amount)),)


@pytest.fixture
def ledger() -> Ledger:
    """Rooms: 1000, of which 600 committed and 200 reserved; water: 50.5, of which 20.25 reserved."""
    made = Ledger(zone="kuta")
    happen(made, rules.first_limits(made, KUTA))
    happen(made, rules.reserve(made, "old", rooms("600"), RefuseBeyond())[0])
    happen(made, rules.commit(made, "old"))
    happen(made, rules.reserve(made, "new", (*rooms("200"), *water("20.25")), RefuseBeyond())[0])
    return made


def happen(ledger: Ledger, events: Sequence[e.CapacityEvent]) -> None:
    for event in events:
        ZONES.apply(ledger, event, AT)


def stands(ledger: Ledger, resource: str = "kamar-hotel") -> tuple[str, str, str, str]:
    found = ledger.capacity().resource(resource)
    return tuple(map(str, (found.limit.amount, found.committed, found.reserved, found.free)))  # type: ignore[return-value]


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_zone_begins_with_the_limits_of_its_blueprint_and_takes_them_once(ledger: Ledger) -> None:
    assert rules.first_limits(ledger, KUTA) == ()
    assert ledger.capacity().resource("air").limits == (WATER,)
    more = Limit(resource="parkir", unit="mobil", amount=Decimal(9), **STUDY)
    raised = Zone(id="kuta", name="Kuta", name_english="Kuta", limits=(lower(ROOMS, "5000"), more))
    [event] = rules.first_limits(ledger, raised)  # what a blueprint says later of a known resource changes nothing
    assert event == e.LimitSet(resource="parkir", unit="mobil", amount=Decimal(9), **STUDY)


def test_first_limits_are_for_the_zone_itself() -> None:
    with pytest.raises(InvalidValueError, match="of this ledger, ubud"):
        rules.first_limits(Ledger(zone="ubud"), KUTA)


def test_a_limit_lowered_to_what_is_used_is_no_overcommitment_and_below_it_is(ledger: Ledger) -> None:
    just = rules.set_limit(ledger, lower(ROOMS, "800"))
    assert [type(event) for event in just] == [e.LimitSet]
    set_, over = rules.set_limit(ledger, lower(ROOMS, "799.9999"))
    assert set_ == e.LimitSet(
        resource="kamar-hotel", unit="kamar", amount=Decimal("799.9999"), source="Perda 9", dated_on=AT.date()
    )
    assert over == e.Overcommitted(
        resource="kamar-hotel", limit=Decimal("799.9999"), committed=Decimal(600), reserved=Decimal(200)
    )
    happen(ledger, (set_, over))
    assert stands(ledger) == ("799.9999", "600", "200", "-0.0001")
    assert ledger.capacity().resource("kamar-hotel").limits == (ROOMS, lower(ROOMS, "799.9999"))


def test_a_limit_raised_but_still_too_low_is_said_to_be_overcommitted_again(ledger: Ledger) -> None:
    happen(ledger, rules.set_limit(ledger, lower(ROOMS, "100")))
    assert [type(event) for event in rules.set_limit(ledger, lower(ROOMS, "500"))] == [e.LimitSet, e.Overcommitted]


def test_the_limit_in_force_set_again_changes_nothing_but_a_new_source_is_recorded(ledger: Ledger) -> None:
    assert rules.set_limit(ledger, ROOMS) == ()
    [event] = rules.set_limit(ledger, lower(ROOMS, "1000"))
    assert isinstance(event, e.LimitSet)
    assert event.source == "Perda 9"


def test_a_resource_keeps_its_unit(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="counted in kamar") as error:
        rules.set_limit(ledger, Limit(resource="kamar-hotel", unit="tempat tidur", amount=Decimal(9), **STUDY))
    assert error.value.place == "unit"


def test_a_limit_is_a_limit(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="give a Limit"):
        rules.set_limit(ledger, Decimal(9))  # type: ignore[arg-type]


# --- reserving -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_what_fits_to_the_last_room_is_granted_with_its_figures(ledger: Ledger, policy: CapacityPolicy) -> None:
    [event], decision = rules.reserve(ledger, "p-1", rooms("200.0"), policy, OVERRIDE)
    assert event == e.Reserved(
        application="p-1",
        uses=rooms("200.0"),
        claims=(
            Claim(
                resource="kamar-hotel",
                unit="kamar",
                asked=Decimal(200),
                limit=Decimal(1000),
                source="KLHS RDTR 2024",
                committed=Decimal(600),
                reserved=Decimal(200),
            ),
        ),
        codes=("zone_has_room",),
        override=None,  # it was not needed
    )
    assert decision == Decision.granted(
        Reason(
            code="zone_has_room",
            indonesian="Zona kuta, kamar-hotel: diminta 200 kamar; batas 1.000 (KLHS RDTR 2024), terpakai 600, "
            "dicadangkan 200, sisa 200. Masih cukup.",
            english="Zone kuta, kamar-hotel: 200 kamar asked for; limit 1,000 (KLHS RDTR 2024), committed 600, "
            "reserved 200, free 200. There is room.",
        ),
        warnings=(ADVISORY,),
    )
    happen(ledger, (event,))
    assert stands(ledger) == ("1000", "600", "400.0", "0.0")


def test_refuse_beyond_refuses_whatever_the_officer_says_and_tells_what_would_have_fitted(ledger: Ledger) -> None:
    events, decision = rules.reserve(ledger, "p-1", (*rooms("200.5"), *water("1")), RefuseBeyond(), OVERRIDE)
    assert events == ()
    assert decision.outcome is Outcome.REFUSED
    [why] = decision.reasons
    assert why == Reason(
        code="zone_full",
        indonesian="Zona kuta, kamar-hotel: diminta 200,5 kamar; batas 1.000 (KLHS RDTR 2024), terpakai 600, "
        "dicadangkan 200, sisa 200. Tidak cukup.",
        english="Zone kuta, kamar-hotel: 200.5 kamar asked for; limit 1,000 (KLHS RDTR 2024), committed 600, "
        "reserved 200, free 200. There is not enough room.",
    )
    assert [warning.code for warning in decision.warnings] == ["zone_has_room", "capacity_is_advice"]
    assert "air: diminta 1 m3/hari; batas 50,5 " in decision.warnings[0].indonesian


@pytest.mark.parametrize("policy", [AskForLess(), LetPass()])
def test_ask_for_less_tells_how_much_at_most(ledger: Ledger, policy: CapacityPolicy) -> None:
    events, decision = rules.reserve(ledger, "p-1", water("30.26"), policy)
    assert events == ()
    assert decision.outcome is Outcome.NEEDS_FIRST
    [why] = decision.reasons
    assert why.code == "ask_for_less"
    assert why.indonesian.endswith("sisa 30,25. Kurangi menjadi paling banyak 30,25 m3/hari seluruhnya.")
    assert why.english.endswith("free 30.25. Use 30.25 m3/hari at most, in all.")
    most = rules.reserve(ledger, "p-1", water("30.25"), policy)[1]
    assert most.is_granted


def test_where_nothing_is_free_nobody_is_told_to_ask_for_less(ledger: Ledger) -> None:
    for amount, free in (("800", "0"), ("799", "−1")):
        happen(ledger, rules.set_limit(ledger, lower(ROOMS, amount)))
        [why] = rules.reserve(ledger, "p-1", rooms("1"), AskForLess())[1].reasons
        assert why.code == "nothing_free"
        assert f"sisa {free}. " in why.indonesian


def test_ask_for_less_ignores_the_officer(ledger: Ledger) -> None:
    assert rules.reserve(ledger, "p-1", rooms("201"), AskForLess(), OVERRIDE)[0] == ()


def test_let_pass_goes_beyond_with_the_officers_reason_in_the_decision_and_the_event(ledger: Ledger) -> None:
    [event], decision = rules.reserve(ledger, "p-1", (*rooms("250"), *water("1")), LetPass(), OVERRIDE)
    assert isinstance(event, e.Reserved)
    assert event.override == OVERRIDE
    assert event.codes == ("passed_beyond_limit", "zone_has_room")
    assert decision.is_granted
    assert decision.reasons[0].indonesian.endswith(
        "sisa 200. Diloloskan melampaui batas oleh petugas pegawai-7: Menggantikan hotel yang terbakar"
    )
    happen(ledger, (event,))
    assert stands(ledger) == ("1000", "600", "450", "-50")


@pytest.mark.parametrize("policy", POLICIES)
def test_a_resource_without_a_limit_is_never_unlimited(ledger: Ledger, policy: CapacityPolicy) -> None:
    wanted = (*rooms("1"), Use(resource="kamar-hotels", amount=Decimal("0.0001")))
    events, decision = rules.reserve(ledger, "p-1", wanted, policy, OVERRIDE)
    assert events == ()
    assert decision.outcome is Outcome.NEEDS_FIRST
    [why] = decision.reasons
    assert why.code == "resource_without_limit"
    assert why.english == "Zone kuta has no limit for kamar-hotels yet; set one first. Did you mean kamar-hotel?"
    happen(ledger, rules.reserve(ledger, "p-1", rooms("1"), policy)[0])
    assert rules.adjust(ledger, "p-1", wanted, policy, OVERRIDE) == ((), decision)


def test_no_policy_may_go_beyond_a_limit_without_an_officers_reason(ledger: Ledger) -> None:
    def generous(ask: CapacityAsk) -> Decision:
        return Decision.granted()

    with pytest.raises(InvalidValueError, match="written reason"):
        rules.reserve(ledger, "p-1", rooms("201"), generous)
    [event], _ = rules.reserve(ledger, "p-1", rooms("201"), generous, OVERRIDE)
    assert isinstance(event, e.Reserved)
    assert event.override == OVERRIDE
    with pytest.raises(InvalidValueError, match="written reason"):
        rules.adjust(ledger, "new", rooms("401"), generous)


def test_a_policy_may_keep_a_margin(ledger: Ledger) -> None:
    def careful(ask: CapacityAsk) -> Decision:
        assert (ask.zone, ask.application) == ("kuta", "p-1")
        tight = any(claim.free - claim.asked < claim.limit / 10 for claim in ask.claims)
        why = Reason(code="margin", indonesian="Sisakan sepersepuluh.", english="Leave a tenth.")
        return Decision.refused(why) if tight else Decision.granted()

    assert rules.reserve(ledger, "p-1", rooms("101"), careful)[0] == ()
    assert rules.reserve(ledger, "p-1", rooms("100"), careful)[1].is_granted


def test_a_policy_answers_with_a_decision_and_an_override_is_one(ledger: Ledger) -> None:
    with pytest.raises(InvalidValueError, match="answer with a Decision"):
        rules.reserve(ledger, "p-1", rooms("1"), lambda ask: True)  # type: ignore[arg-type,return-value]
    with pytest.raises(InvalidValueError, match="give an Override"):
        rules.reserve(ledger, "p-1", rooms("1"), LetPass(), "boleh")  # type: ignore[arg-type]


@pytest.mark.parametrize("application", ["", "P 1", None, 7])
def test_an_application_has_an_id(ledger: Ledger, application: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^application"):
        rules.reserve(ledger, application, rooms("1"), RefuseBeyond())


@pytest.mark.parametrize("uses", [(), None, (*rooms("1"), *rooms("2"))])
def test_uses_that_cannot_be_are_neither_reserved_nor_adjusted(ledger: Ledger, uses: tuple[Use, ...]) -> None:
    with pytest.raises(InvalidValueError, match=r"^uses"):
        rules.reserve(ledger, "p-1", uses, RefuseBeyond())
    with pytest.raises(InvalidValueError, match=r"^uses"):
        rules.adjust(ledger, "old", uses, RefuseBeyond())


# --- afterwards ----------------------------------------------------------------------------------------------------


def test_a_commitment_moves_what_was_reserved_and_a_release_gives_it_back(ledger: Ledger) -> None:
    happen(ledger, rules.commit(ledger, "new"))
    assert stands(ledger) == ("1000", "800", "0", "200")
    assert stands(ledger, "air") == ("50.5", "20.25", "0.00", "30.25")
    assert rules.release(ledger, "old", "revoked") == (e.Released(application="old", why=ReleaseCause.REVOKED),)
    happen(ledger, rules.release(ledger, "old", ReleaseCause.REVOKED))
    assert stands(ledger) == ("1000", "200", "0", "800")
    assert set(ledger.holdings) == {"new"}


def test_only_the_difference_is_asked_for(ledger: Ledger) -> None:
    wanted = (*rooms("300"), *water("20"))  # 100 rooms more, a little less water
    [event], decision = rules.adjust(ledger, "new", wanted, RefuseBeyond())
    assert isinstance(event, e.Adjusted)
    assert event.uses == wanted
    assert [(claim.resource, claim.asked, claim.held, claim.free) for claim in event.claims] == [
        ("kamar-hotel", 100, 200, 200)
    ]
    assert event.codes == ("zone_has_room",)
    assert "diminta 100 kamar di atas 200 yang sudah dipegang; " in decision.reasons[0].indonesian
    assert "100 kamar asked for on top of the 200 held; " in decision.reasons[0].english
    happen(ledger, (event,))
    assert stands(ledger) == ("1000", "600", "300", "100")
    assert stands(ledger, "air")[2] == "20.00"


def test_who_holds_a_share_is_told_how_much_at_most_in_all(ledger: Ledger) -> None:
    [why] = rules.adjust(ledger, "old", rooms("801"), AskForLess())[1].reasons
    assert why.english.endswith("Use 800 kamar at most, in all.")
    assert rules.adjust(ledger, "old", rooms("800"), AskForLess())[1].is_granted


def test_an_adjustment_that_is_not_granted_leaves_everything_as_it_was(ledger: Ledger) -> None:
    events, decision = rules.adjust(ledger, "new", (*rooms("401"), *water("1")), RefuseBeyond())
    assert (events, decision.outcome) == ((), Outcome.REFUSED)


def test_a_committed_share_is_adjusted_too_and_to_other_resources(ledger: Ledger) -> None:
    happen(ledger, rules.adjust(ledger, "old", water("30.25"), RefuseBeyond())[0])
    assert stands(ledger) == ("1000", "0", "200", "800")
    assert stands(ledger, "air") == ("50.5", "30.25", "20.25", "0.00")


def test_less_is_granted_where_a_zone_is_overcommitted_without_asking_a_policy(ledger: Ledger) -> None:
    def nobody(ask: CapacityAsk) -> Decision:
        raise AssertionError(ask)

    happen(ledger, rules.set_limit(ledger, lower(ROOMS, "10")))
    events, decision = rules.adjust(ledger, "old", rooms("599"), nobody)
    assert events == (e.Adjusted(application="old", uses=rooms("599")),)
    assert decision == Decision.granted()
    assert rules.adjust(ledger, "old", rooms("600.00"), nobody) == ((), Decision.granted())


def test_an_adjustment_beyond_the_limit_holds_the_officers_reason(ledger: Ledger) -> None:
    [event], _ = rules.adjust(ledger, "old", rooms("801"), LetPass(), OVERRIDE)
    assert isinstance(event, e.Adjusted)
    assert event.override == OVERRIDE
    assert event.codes == ("passed_beyond_limit",)


STEPS = {
    "reserve": lambda ledger, application: rules.reserve(ledger, application, rooms("1"), RefuseBeyond()),
    "adjust": lambda ledger, application: rules.adjust(ledger, application, rooms("1"), RefuseBeyond()),
    "commit": rules.commit,
    "release": lambda ledger, application: rules.release(ledger, application, "lapsed"),
}


@pytest.mark.parametrize(
    ("application", "status"), [("old", "committed"), ("new", "reserved"), ("no", "without a share")]
)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_not_possible_says_what_is(ledger: Ledger, application: str, status: str, step: str) -> None:
    possible = {
        "committed": ("adjust", "release"),
        "reserved": ("adjust", "commit", "release"),
        "without a share": ("reserve",),
    }[status]
    assert rules.steps_of(ledger, application) == possible
    if step in possible:
        assert STEPS[step](ledger, application)
        return
    with pytest.raises(TransitionError) as error:
        STEPS[step](ledger, application)
    assert str(error.value).startswith(f"application {application} in zone kuta is {status}: cannot {step}; allowed: ")
    assert error.value.allowed == possible


def test_an_unknown_cause_of_a_release_is_refused_with_the_nearest(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="use refused, withdrawn, lapsed, revoked, amended") as error:
        rules.release(ledger, "new", "withdrew")
    assert error.value.suggestion == "withdrawn"


# --- the fold and the head -----------------------------------------------------------------------------------------


def test_over_time_has_a_level_for_each_change_and_none_for_what_stayed(ledger: Ledger) -> None:
    happen(ledger, rules.set_limit(ledger, lower(ROOMS, "100")))
    happen(ledger, rules.release(ledger, "new", "refused"))
    told = [tuple(map(str, (level.limit, level.committed, level.reserved)))
            for level in ledger.capacity().over_time if level.resource == "kamar-hotel"]  # fmt: skip
    assert told == [
        ("1000", "0", "0"),
        ("1000", "0", "600"),
        ("1000", "600", "0"),
        ("1000", "600", "200"),
        ("100", "600", "200"),
        ("100", "600", "0"),
    ]
    assert {level.at for level in ledger.over_time} == {AT}
    count = len(ledger.over_time)
    happen(ledger, rules.adjust(ledger, "old", (*rooms("600"), *water("1")), RefuseBeyond())[0])
    assert [level.resource for level in ledger.over_time[count:]] == ["air"]


def test_looking_ahead_leaves_the_ledger_as_it_is(ledger: Ledger) -> None:
    before = ledger.capacity()
    then = after(ledger, (*rules.release(ledger, "new", "refused"), *rules.set_limit(ledger, lower(WATER, "1"))), AT)
    assert ledger.capacity() == before
    assert set(ledger.holdings) == {"old", "new"}
    assert stands(then, "air") == ("1", "0", "0.00", "1.00")


def test_the_head_tells_the_figures_and_whether_the_zone_is_overcommitted(ledger: Ledger) -> None:
    rooms_now = {"unit": "kamar", "limit": "1000", "committed": "600", "reserved": "200"}
    water_now = {"unit": "m3/hari", "limit": "50.5", "committed": "0", "reserved": "20.25"}
    assert ZONES.head(ledger, (), AT) == (
        {"overcommitted": None},
        {"resources": {"kamar-hotel": rooms_now, "air": water_now}},
    )
    labels, summary = ZONES.head(ledger, rules.set_limit(ledger, lower(ROOMS, "799")), AT)
    assert labels == {"overcommitted": 1}
    assert summary == {"resources": {"kamar-hotel": rooms_now | {"limit": "799"}, "air": water_now}}
    assert ZONES.head(ledger, rules.set_limit(ledger, lower(ROOMS, "800")), AT)[0] == {"overcommitted": None}


def test_an_event_of_another_room_is_not_folded(ledger: Ledger) -> None:
    class Foreign(e.CapacityEvent):
        event_name = "capacity.foreign"

    with pytest.raises(ValueError, match=r"capacity\.foreign does not belong"):
        ZONES.apply(ledger, Foreign(), AT)
