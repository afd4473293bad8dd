"""What cannot be a use, a limit, a zone or an override is said by field, and never recorded."""

from datetime import UTC, date, datetime
from decimal import ROUND_UP, Context, Decimal, localcontext

import pytest
from attrs import evolve

from mppkit.errors import InvalidValueError, NotFoundError
from mppkit.permits.capacity import (
    Claim,
    Limit,
    Override,
    ResourceCapacity,
    Use,
    Zone,
    ZoneCapacity,
    checked_uses,
)

ROOMS = {
    "resource": "kamar-hotel",
    "unit": "kamar",
    "amount": Decimal(100),
    "source": "KLHS RDTR 2024",
    "dated_on": date(2024, 3, 1),
}
NO_AMOUNTS = [
    12.5,
    12,
    True,
    "12.5",
    None,
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal(-1),
    Decimal("-0"),
    Decimal("0.00001"),
    Decimal("1.00000"),
    Decimal("1E+3"),
    Decimal("1000000000000"),
]
NO_IDS = ["", "Kamar", "kamar hotel", "5103011708900001", 7, None]
NO_PERSONS = ["", "I Made", "5103011708900001", "sri@contoh.go.id", None]
NO_TEXTS = ["", "  ", "two\nlines", "NIK 5103011708900001", 7, None]


@pytest.mark.parametrize("amount", [*NO_AMOUNTS, Decimal(0), Decimal("0.00")])
def test_a_use_is_a_plain_decimal_above_0(amount: object) -> None:
    with pytest.raises(InvalidValueError) as error:
        Use(resource="air", amount=amount)  # type: ignore[arg-type]
    assert error.value.place == "amount"
    assert "above 0" in error.value.remedy


@pytest.mark.parametrize("amount", ["0.0001", "999999999999.9999", "12.50"])
def test_a_use_keeps_its_amount_as_it_was_given(amount: str) -> None:
    assert str(Use(resource="air", amount=Decimal(amount)).amount) == amount


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("resource", value) for value in NO_IDS),
        *(("amount", value) for value in NO_AMOUNTS),
        *(("unit", value) for value in [*NO_TEXTS, "x" * 31]),
        *(("source", value) for value in [*NO_TEXTS, "x" * 201]),
        *(("dated_on", value) for value in ["2024-03-01", None, datetime(2024, 3, 1, tzinfo=UTC)]),
    ],
)
def test_a_limit_names_the_field_that_cannot_be(field: str, wrong: object) -> None:
    with pytest.raises(InvalidValueError) as error:
        Limit(**(ROOMS | {field: wrong}))  # type: ignore[arg-type]
    assert error.value.place == field


def test_a_limit_may_be_0() -> None:
    assert Limit(**(ROOMS | {"amount": Decimal(0)})).amount == 0


@pytest.mark.parametrize("resource", NO_IDS)
def test_a_use_is_of_a_resource(resource: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^resource"):
        Use(resource=resource, amount=Decimal(1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "wrong", "place"),
    [
        *(("id", value, "zone") for value in NO_IDS),
        *(("name", value, "name") for value in [*NO_TEXTS, "x" * 101]),
        *(("name_english", value, "name_english") for value in [*NO_TEXTS, "x" * 101]),
        ("limits", [Limit(**ROOMS)], "limits"),
        ("limits", (ROOMS,), "limits"),
        ("limits", None, "limits"),
        ("limits", (Limit(**ROOMS), Limit(**(ROOMS | {"amount": Decimal(1)}))), "limits"),
    ],
)
def test_a_zone_names_the_field_that_cannot_be(field: str, wrong: object, place: str) -> None:
    right = {"id": "kuta", "name": "Kuta", "name_english": "Kuta", "limits": (Limit(**ROOMS),)}
    Zone(**right)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError) as error:
        Zone(**(right | {field: wrong}))  # type: ignore[arg-type]
    assert error.value.place == place


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("officer", value) for value in NO_PERSONS),
        *(("why", value) for value in [*NO_TEXTS, "x" * 501]),
    ],
)
def test_an_override_names_an_officer_and_a_reason(field: str, wrong: object) -> None:
    with pytest.raises(InvalidValueError) as error:
        Override(**({"officer": "pegawai-7", "why": "Menggantikan"} | {field: wrong}))  # type: ignore[arg-type]
    assert error.value.place == field
    assert "5103011708900001" not in str(error.value)


AIR = Use(resource="air", amount=Decimal(1))


@pytest.mark.parametrize("uses", [(), [], "air", None, 7, {AIR}, (AIR, AIR), ({"air": 1},), AIR.resource])
def test_uses_are_one_or_more_each_of_its_own_resource(uses: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^uses"):
        checked_uses(uses)  # type: ignore[arg-type]


def test_figures_are_exact_in_whatever_decimal_context_the_caller_works() -> None:
    with localcontext(Context(prec=3, rounding=ROUND_UP)):
        claim = Claim(
            resource="air",
            unit="m3",
            asked=Decimal("0.0003"),
            limit=Decimal("999999999999.9999"),
            source="KLHS",
            committed=Decimal("999999999998.9998"),
            reserved=Decimal("0.9998"),
        )
        assert str(claim.free) == "0.0003"
        assert claim.fits


def test_a_zone_finds_its_resources_and_names_the_nearest() -> None:
    rooms = ResourceCapacity(limits=(Limit(**ROOMS),), committed=Decimal(130))
    zone = ZoneCapacity(zone="kuta", resources=(rooms,), over_time=())
    assert zone.resource("kamar-hotel") is rooms
    assert (rooms.free, rooms.is_overcommitted) == (-30, True)
    with pytest.raises(NotFoundError) as error:
        zone.resource("kamar-hotell")
    assert error.value.suggestion == "kamar-hotel"


def test_limits_of_the_blueprint_that_are_not_in_force_are_told_whoever_changed_them() -> None:
    begun, water = Limit(**ROOMS), Limit(**{**ROOMS, "resource": "air"})
    as_in_file = Zone(id="kuta", name="Kuta", name_english="Kuta", limits=(begun, water))
    rooms, springs = ResourceCapacity(limits=(begun,)), ResourceCapacity(limits=(water,))
    stands = ZoneCapacity(zone="kuta", resources=(rooms, springs), over_time=())
    assert stands.not_in_force(as_in_file) == ()
    assert stands.not_in_force(evolve(as_in_file, limits=())) == ()
    for field, value in (("amount", Decimal(99)), ("source", "KLHS 2027"), ("dated_on", date(2027, 1, 4))):
        changed = evolve(begun, **{field: value})
        assert stands.not_in_force(evolve(as_in_file, limits=(changed, water))) == (changed,)
        set_since = evolve(stands, resources=(evolve(rooms, limits=(begun, changed)), springs))
        assert set_since.not_in_force(as_in_file) == (begun,)
        assert (set_since.held_before(begun), set_since.held_before(changed)) == (True, False)
        set_back = evolve(stands, resources=(evolve(rooms, limits=(begun, changed, begun)), springs))
        assert (set_back.held_before(begun), set_back.held_before(changed)) == (False, True)
    same = evolve(begun, amount=Decimal("100.0"))
    assert stands.not_in_force(evolve(as_in_file, limits=(same, water))) == ()
    with pytest.raises(InvalidValueError, match="give the zone kuta"):
        stands.not_in_force(evolve(as_in_file, id="ubud"))
