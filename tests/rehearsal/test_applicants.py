"""What applicants would use of a zone: drawn within its span, and never more than is left."""

from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mppkit.blueprint import sample_blueprint
from mppkit.permits.capacity import Limit, ResourceCapacity, Use, Zone, ZoneCapacity
from mppkit.rehearsal import PermitHabits
from mppkit.rehearsal.applicants import document, documents_of, drawn_uses, uses_that_fit

HOTEL, PRACTICE = (sample_blueprint().workflow(each) for each in ("izin-hotel", "sip"))


def limit_of(resource: str, amount: str) -> Limit:
    return Limit(resource=resource, unit="x", amount=Decimal(amount), source="kajian", dated_on=date(2026, 1, 1))


def zone_with(**left: tuple[str, str]) -> ZoneCapacity:
    resources = tuple(
        ResourceCapacity(limits=(limit_of(name, limit),), committed=Decimal(limit) - Decimal(free))
        for name, (limit, free) in left.items()
    )
    return ZoneCapacity(zone="pantai", resources=resources, over_time=())


def uses(**amounts: str) -> tuple[Use, ...]:
    return tuple(Use(resource=name, amount=Decimal(amount)) for name, amount in amounts.items())


def test_what_fits_is_the_same_share_of_all_by_what_is_scarcest() -> None:
    left = zone_with(kamar=("250", "30"), air=("180.5", "20.5"))
    assert uses_that_fit(uses(kamar="60", air="20.5"), left, 0.5) == uses(kamar="30", air="10.2")
    assert uses_that_fit(uses(kamar="60", air="20.5"), left, 0.51) is None
    assert uses_that_fit(uses(kamar="30", air="82.0"), left, 0.25) == uses(kamar="7", air="20.5")
    assert uses_that_fit(uses(kamar="30", air="20.5"), left, 1) == uses(kamar="30", air="20.5")


def test_nothing_fits_where_nothing_is_left_or_less_than_can_be_counted() -> None:
    assert uses_that_fit(uses(kamar="3"), zone_with(kamar=("250", "0")), 0) is None
    assert uses_that_fit(uses(kamar="3"), zone_with(kamar=("250", "-5")), 0) is None
    assert uses_that_fit(uses(kamar="1", air="3.0"), zone_with(kamar=("9", "9"), air=("5.0", "1.0")), 0) is None


AMOUNTS = st.decimals(min_value="0.1", max_value=500, places=1)


@given(limit=AMOUNTS, free=AMOUNTS, wanted=AMOUNTS, accepts=st.floats(0, 1))
def test_what_fits_is_as_much_as_can_be_counted_of_what_is_left(
    limit: Decimal, free: Decimal, wanted: Decimal, accepts: float
) -> None:
    [resource] = zone_with(air=(str(max(limit, free)), str(free))).resources
    fits = uses_that_fit(
        (Use(resource="air", amount=wanted),), ZoneCapacity(zone="pantai", resources=(resource,), over_time=()), accepts
    )
    if fits is None:
        assert free < wanted
        assert float(free / wanted) < accepts + 1e-9
    else:
        assert fits[0].amount == min(wanted, free)


@given(seed=st.integers(0, 500), span=st.sampled_from([(0.2, 0.6), (0, 0), (1, 1)]))
def test_what_is_drawn_lies_in_the_span_and_can_be_counted(seed: int, span: tuple[float, float]) -> None:
    zones = (
        Zone(id="kosong", name="x", name_english="x"),
        Zone(id="pantai", name="x", name_english="x", limits=(limit_of("kamar", "250"), limit_of("air", "180.5"))),
    )
    zone, drawn = drawn_uses(HOTEL, zones, PermitHabits(zone_share=span), Random(seed))
    assert zone == "pantai"
    rooms, water = (use.amount for use in drawn)
    assert (rooms, water) == (round(rooms), round(water, 1))
    low, high = (Decimal(str(end)) for end in span)
    assert max(1, 250 * low - 1) <= rooms <= max(1, 250 * high)
    assert max(Decimal("0.1"), Decimal("180.5") * low - Decimal("0.1")) <= water <= max(1, Decimal("180.5") * high)
    assert drawn_uses(HOTEL, zones[:1], PermitHabits(), Random(seed)) == (None, ())
    assert drawn_uses(PRACTICE, zones, PermitHabits(), Random(seed)) == (None, ())


def test_documents_are_all_that_the_workflow_and_its_steps_ask_for_each_once() -> None:
    assert documents_of(HOTEL) == ("nib", "rencana-tapak", "persetujuan-lingkungan")
    first, corrected = document("2026-0001", "nib", 1), document("2026-0001", "nib", 2)
    assert first == document("2026-0001", "nib", 1)
    assert first.digest != corrected.digest
