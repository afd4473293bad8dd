"""Decimals in events: exact texts, and nothing but them."""

import json
from decimal import Decimal

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from mppkit.codec import Codec
from mppkit.errors import DecodeError, InvalidValueError


@frozen
class Weighed:
    event_name = "scale.weighed"
    event_version = 1
    amount: Decimal
    tare: Decimal = Decimal(0)


CODEC = Codec([Weighed])


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_digit_for_digit(amount: Decimal) -> None:
    text = CODEC.encode(Weighed(amount))
    assert json.loads(text) == {"amount": str(amount)}
    back = CODEC.decode("scale.weighed", 1, text)
    assert back.amount.as_tuple() == amount.as_tuple()  # 12.5 and 12.50 are equal, and not the same text


def test_a_decimal_is_a_text_in_json_and_a_default_is_left_out() -> None:
    assert CODEC.encode(Weighed(Decimal("12.50"))) == '{"amount":"12.50"}'
    assert CODEC.encode(Weighed(Decimal("12.5"), Decimal("0.1"))) == '{"amount":"12.5","tare":"0.1"}'


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), 12.5, 12, "12.5", None])
def test_what_is_no_finite_decimal_is_not_written(amount: object) -> None:
    with pytest.raises(InvalidValueError, match=r"scale\.weighed"):
        CODEC.encode(Weighed(amount))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["12.5", "12", "true", "null", "[]", *map(json.dumps, ["", "NaN", "Infinity", " 1", "1_0", "+1", "1e3", "١", "x"])],
)
def test_what_is_no_text_of_a_finite_decimal_is_not_read(text: str) -> None:
    with pytest.raises(DecodeError):
        CODEC.decode("scale.weighed", 1, f'{{"amount":{text}}}')
