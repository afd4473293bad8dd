"""Survey codes: each proves its ticket's day and service and nothing else, however it is typed; others are refused."""

import string
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mppkit.errors import InvalidValueError, RefusedError
from mppkit.surveys.tokens import Printed, checked_secret, read_token, request_mark, token_of, used_mark

SECRET = bytes(range(32))
ON = date(2026, 11, 24)
DAYS = tuple(ON - timedelta(days=back) for back in range(7))
SERVICES = ("nib", "pajak", "kia")
CODE = token_of(SECRET, "badung", ON, "nib", "A-001")

secrets = st.binary(min_size=16, max_size=40)
numbers = st.from_regex(r"[A-Z]-[0-9]{3}", fullmatch=True)
partings = st.sampled_from(["", " ", "-", "  ", "–", "\t"])


def read(typed: str, secret: bytes = SECRET, mall: str = "badung", days=DAYS, services=SERVICES) -> Printed:
    return read_token(secret, mall, typed, days, services)


def refusal(*args, **changed) -> str:
    with pytest.raises(RefusedError) as refused:
        read(*args, **changed)
    (reason,) = refused.value.decision.reasons
    return reason.code


def test_a_code_is_what_it_was_for_ever() -> None:
    """Tickets are printed: a code that a later mppkit could not read would be a promise broken."""
    assert CODE == "DPAE-BXQ8-MQVP-X75F"
    assert used_mark(SECRET, "badung", "skm-2017", read(CODE)) == "7a2623a87a45ee682b070eb179907fe5"
    assert request_mark(SECRET, "badung", "skm-2017", "klik-1") == "c78348ca5e763a2f472ac73368db781a"


@given(secrets, st.sampled_from(DAYS), st.sampled_from(SERVICES), numbers)
def test_a_code_proves_its_day_and_service(secret: bytes, on: date, service: str, number: str) -> None:
    code = token_of(secret, "badung", on, service, number)
    found = read(code, secret)
    assert (found.on, found.service) == (on, service)
    assert token_of(secret, "badung", on, service, number) == code
    assert set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]


@given(numbers, st.data())
def test_case_parting_and_letters_that_look_alike_do_not_matter(number: str, data: st.DataObject) -> None:
    code = token_of(SECRET, "badung", ON, "kia", number)
    alike = {"0": "0Oo", "1": "1IiLl"}
    signs = [data.draw(st.sampled_from(alike.get(sign, sign + sign.lower()))) for sign in code.replace("-", "")]
    typed = "".join(sign + data.draw(partings) for sign in signs)
    assert read(typed) == read(code)


@given(st.integers(0, 15), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_letter_is_never_taken_for_a_code(place: int, letter: str) -> None:
    letters = CODE.replace("-", "")
    assume(letters[place] != letter)
    assert refusal(letters[:place] + letter + letters[place + 1 :]) == "token_unknown"


@given(st.integers(0, 14))
def test_two_letters_that_trade_places_are_never_taken_for_a_code(place: int) -> None:
    letters = CODE.replace("-", "")
    assume(letters[place] != letters[place + 1])
    turned = letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]
    assert refusal(turned) == "token_unknown"


@given(st.text(max_size=40))
def test_whatever_else_is_typed_is_refused_with_a_reason(typed: str) -> None:
    assert refusal(typed) in ("token_malformed", "token_unknown")


@pytest.mark.parametrize("typed", ["", "-", CODE[:-1], CODE + "0", "U" + CODE[1:], "A-001", CODE * 2])
def test_what_has_not_sixteen_letters_is_told_apart_from_a_wrong_code(typed: str) -> None:
    assert refusal(typed) == "token_malformed"


def test_a_code_is_good_for_its_mall_secret_days_and_services_alone() -> None:
    assert refusal(CODE, mall="blora") == "token_unknown"
    assert refusal(CODE, secret=SECRET[::-1]) == "token_unknown"
    assert refusal(CODE, days=DAYS[1:]) == "token_unknown"
    assert refusal(CODE, services=SERVICES[1:]) == "token_unknown"


@pytest.mark.parametrize("typed", [None, 1234567890123456, CODE.encode(), True, [CODE]])
def test_a_code_that_is_no_text_is_an_error_of_the_caller(typed: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^token: "):
        read(typed)


@pytest.mark.parametrize("secret", [b"", bytes(15), "x" * 32, None, bytearray(32), 32])
def test_a_secret_too_short_to_keep_codes_from_being_guessed_is_refused(secret: object) -> None:
    with pytest.raises(InvalidValueError, match=r"^secret: .*16 random bytes") as refused:
        checked_secret(secret)
    assert "xxxx" not in str(refused.value)


def test_a_thousand_tickets_a_day_for_a_month_have_each_their_own_code() -> None:
    codes = {
        token_of(SECRET, "badung", ON + timedelta(days=day), "nib", f"A-{n}") for day in range(30) for n in range(1000)
    }
    assert len({code[:9] for code in codes}) == 30_000  # the half that names it, too: by chance 1 in 2400 would fail
    signs = "".join(codes).replace("-", "")
    assert all(abs(signs.count(sign) / len(signs) - 1 / 32) < 0.002 for sign in set(signs))


@given(secrets, secrets, numbers)
def test_the_mark_of_a_used_code_needs_the_secret_and_differs_by_instrument(
    secret: bytes, other: bytes, number: str
) -> None:
    assume(secret != other)
    printed = read(token_of(secret, "badung", ON, "nib", number), secret)
    mark = used_mark(secret, "badung", "skm-2017", printed)
    assert set(mark) <= set(string.hexdigits)
    assert len(mark) == 32
    assert mark not in {
        used_mark(other, "badung", "skm-2017", printed),
        used_mark(secret, "badung", "spak", printed),
        used_mark(secret, "blora", "skm-2017", printed),
        request_mark(secret, "badung", "skm-2017", printed.nonce),
    }


def test_a_printed_code_shows_nothing_of_itself_in_a_log() -> None:
    printed = read(CODE)
    assert printed.nonce not in repr(printed)
