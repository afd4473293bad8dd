"""Decisions: no "no" without a reason, and every reason fit to be read."""

from datetime import UTC, date, datetime

import attrs
import pytest

from mppkit.decisions import Decision, LegalBasis, Outcome, Reason
from mppkit.errors import InvalidValueError

WHY = Reason(code="closed", indonesian="Loket tutup.", english="The counter is closed.")


def test_yes_needs_no_reason() -> None:
    assert Decision.granted() == Decision(outcome=Outcome.GRANTED)
    assert Decision.granted().is_granted


def test_yes_may_carry_reasons_and_warnings() -> None:
    told = Decision.granted(WHY, warnings=(WHY,))
    assert (told.reasons, told.warnings, told.is_granted) == ((WHY,), (WHY,), True)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.NEEDS_FIRST])
def test_any_other_answer_needs_one(outcome: Outcome) -> None:
    with pytest.raises(InvalidValueError, match="needs at least one reason"):
        Decision(outcome=outcome)
    with pytest.raises(InvalidValueError, match="needs at least one reason"):
        Decision(outcome=outcome, warnings=(WHY,))
    told = Decision(outcome=outcome, reasons=(WHY,))
    assert not told.is_granted


def test_no_is_said_with_its_reasons() -> None:
    told = Decision.refused(WHY)
    assert (told.outcome, told.reasons, told.is_granted) == (Outcome.REFUSED, (WHY,), False)
    with pytest.raises(InvalidValueError):
        Decision.refused()


def test_a_reason_is_read_in_both_languages_with_its_law() -> None:
    assert str(WHY) == "Loket tutup. / The counter is closed. [closed]"
    law = LegalBasis(regulation="UU 25/2009", article="29", in_force_since=date(2009, 7, 18))
    assert str(attrs.evolve(WHY, basis=law)) == "Loket tutup. (UU 25/2009 Pasal 29) / The counter is closed. [closed]"


def test_a_law_is_cited_with_and_without_an_article() -> None:
    assert LegalBasis(regulation="UU 25/2009").cite() == "UU 25/2009"
    assert LegalBasis(regulation="UU 25/2009", article="29").cite() == "UU 25/2009 Pasal 29"


def test_a_law_counts_as_not_read_until_somebody_says_so() -> None:
    assert LegalBasis(regulation="UU 25/2009").verified is False


@pytest.mark.parametrize("value", [WHY, Decision.refused(WHY), LegalBasis(regulation="UU 25/2009")])
def test_answers_cannot_be_changed_afterwards(value: object) -> None:
    for field in attrs.fields(type(value)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, field.name, None)


def test_outcomes_have_stable_names() -> None:
    assert [str(outcome) for outcome in Outcome] == ["granted", "refused", "needs_first"]


def test_a_legal_basis_is_in_force_since_a_date_and_no_instant() -> None:
    with pytest.raises(InvalidValueError, match="in_force_since"):
        LegalBasis(regulation="UU 25/2009", in_force_since=datetime(2009, 7, 18, tzinfo=UTC))
