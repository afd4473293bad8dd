"""A visit says what it is, or is refused."""

from datetime import UTC, datetime

import pytest

from mppkit.errors import InvalidValueError
from mppkit.rehearsal import Visit

AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"arrives_at": datetime(2026, 11, 24)}, "arrives_at"),  # noqa: DTZ001 - naive is the point
        ({"service_seconds": -1}, "service_seconds"),
        ({"service_seconds": float("nan")}, "service_seconds"),
        ({"service_seconds": float("inf")}, "service_seconds"),
        ({"patience_seconds": -1}, "patience_seconds"),
        ({"hold_seconds": float("nan")}, "hold_seconds"),
        ({"transfer_to": "ktp"}, "transfer_to"),
        ({"transfer_to": "nib", "transfer_seconds": -1}, "transfer_seconds"),
        ({"more": (("ktp", 1),)}, "more"),
        ({"more": (("nib", 1), ("nib", 1))}, "more"),
        ({"more": (("nib", -1),)}, "more"),
        ({"more": (("nib", 1),), "appointment_at": AT}, "more"),
    ],
)
def test_a_visit_that_cannot_be_is_refused(wrong: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        Visit(**{"arrives_at": AT, "service": "ktp", "service_seconds": 60, **wrong})
    assert error.value.place == place


def test_a_visit_may_last_no_time_and_be_sent_on() -> None:
    Visit(arrives_at=AT, service="ktp", service_seconds=0, transfer_to="nib", more=(("nib", 0), ("pajak", 5)))
