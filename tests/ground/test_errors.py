"""Errors: one tree, facts as attributes, a remedy in every message, and no personal number in any."""

import inspect
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mppkit import errors
from mppkit.decisions import Decision, LegalBasis, Reason
from mppkit.errors import (
    BlueprintError,
    ConflictError,
    DecodeError,
    InvalidValueError,
    MissingExtraError,
    MppkitError,
    NotFoundError,
    Problem,
    RefusedError,
    StorageError,
    TransitionError,
    UnreadableEventError,
    nearest,
    shown,
)

CLOSED = Reason(code="closed", indonesian="Loket tutup.", english="The counter is closed.")

EXAMPLES: list[MppkitError] = [
    InvalidValueError("service[3].prefix", "aa", "use one capital letter"),
    TransitionError("ticket A-001", "start", "waiting", ["call", "cancel"], "call it first"),
    RefusedError(Decision.refused(CLOSED)),
    NotFoundError("service", "nbi", ["nib", "ktp"], "see the blueprint"),
    ConflictError("badung/queue/2026-11-24", 3, 5),
    BlueprintError([Problem(file="badung.toml", path="service[3].prefix", found="'aa'", allowed="one letter")]),
    DecodeError("queue.ticket_issued", 7, "unknown version (known: 1)"),
    StorageError("store /srv/badung.db: could not open it: disk I/O error"),
    UnreadableEventError("badung/queue/2026-11-24", 3, 17, "its instant is none"),
    MissingExtraError("mppkit.cli", "cli"),
]

MESSAGES = [
    "service[3].prefix: 'aa': use one capital letter",
    "ticket A-001 is waiting: cannot start; allowed: call, cancel (call it first)",
    "Loket tutup. (The counter is closed.) [closed]",
    "no service 'nbi'; did you mean 'nib'?; see the blueprint",
    "stream 'badung/queue/2026-11-24': expected version 3, found 5; read it again and decide anew",
    "the blueprint has 1 problem:\n  badung.toml: service[3].prefix: 'aa': one letter",
    "event 'queue.ticket_issued' version 7: unknown version (known: 1)",
    "store /srv/badung.db: could not open it: disk I/O error",
    "event 3 of stream 'badung/queue/2026-11-24' cannot be read: its instant is none",
    'mppkit.cli needs packages that are not installed: python -m pip install "mppkit[cli]"',
]


@pytest.mark.parametrize(
    ("error", "message"), list(zip(EXAMPLES, MESSAGES, strict=True)), ids=lambda each: type(each).__name__
)
def test_a_message_names_place_value_and_remedy(error: MppkitError, message: str) -> None:
    assert str(error) == message


def test_all_errors_are_in_one_tree_and_have_an_example_here() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, BaseException)}
    assert all(issubclass(kind, MppkitError) for kind in kinds)
    assert kinds - {MppkitError} == {type(error) for error in EXAMPLES}


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(InvalidValueError, ValueError), (NotFoundError, LookupError), (MissingExtraError, ImportError)],
)
def test_errors_with_a_builtin_meaning_are_caught_by_it(kind: type[MppkitError], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)


def test_facts_are_attributes() -> None:
    found = {type(error): vars(error) for error in EXAMPLES}
    assert found[InvalidValueError] == {"place": "service[3].prefix", "remedy": "use one capital letter"}
    assert found[TransitionError] == {
        "subject": "ticket A-001",
        "step": "start",
        "status": "waiting",
        "allowed": ("call", "cancel"),
    }
    assert found[NotFoundError] == {"kind": "service", "suggestion": "nib"}
    assert found[ConflictError] == {"stream": "badung/queue/2026-11-24", "expected": 3, "actual": 5}
    assert found[DecodeError] == {"name": "queue.ticket_issued", "version": 7}
    assert found[UnreadableEventError] == {"stream": "badung/queue/2026-11-24", "version": 3, "position": 17}
    assert found[MissingExtraError] == {"extra": "cli"}


def test_a_step_with_no_way_on_says_so() -> None:
    assert str(TransitionError("ticket A-001", "start", "finished", [])).endswith("allowed: none")


def test_a_refusal_tells_all_its_reasons_in_both_languages() -> None:
    basis = LegalBasis(regulation="UU 25/2009", article="29")
    refused = RefusedError(Decision.refused(CLOSED, Reason(code="b", indonesian="Dua.", english="Two.", basis=basis)))
    assert str(refused) == "Loket tutup. (The counter is closed.) [closed] / Dua. (Two.) [b]"
    assert refused.decision.reasons[0] is CLOSED


def test_a_blueprint_error_tells_every_problem_at_once() -> None:
    problems = [
        Problem(file="badung.toml", path="", found=None, allowed="a file"),
        Problem(
            file="badung.toml", path="counter[0].id", row="loket-1", found="7", allowed="an id", suggestion="loket-7"
        ),
    ]
    told = BlueprintError(problems)
    assert told.problems == tuple(problems)
    assert str(told).splitlines() == [
        "the blueprint has 2 problems:",
        "  badung.toml: missing: a file",
        "  badung.toml: counter[0].id of 'loket-1': 7: an id; did you mean 'loket-7'?",
    ]


def test_what_is_not_found_has_no_suggestion_where_nothing_is_near() -> None:
    error = NotFoundError("service", "xyz", ["nib", "ktp"])
    assert (str(error), error.suggestion) == ("no service 'xyz'", None)


# --- nearest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "allowed", "near"),
    [
        ("first_comer", ["ratio", "first_come"], "first_come"),
        ("nbi", ["ktp", "nib"], "nib"),
        ("loket3", ["loket-1", "loket-3", "loket-13"], "loket-3"),
        ("x", [], None),
        ("", ["a"], None),
        ("pajak", ["paspor", "imigrasi"], None),
        ("nib", ["nib"], "nib"),
    ],
)
def test_the_nearest_word_is_suggested(value: str, allowed: list[str], near: str | None) -> None:
    assert nearest(value, allowed) == near
    assert nearest(value, iter(allowed)) == near


# --- shown ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("5103011708900001", "'51…01'"),
        (5103011708900001, "51…01"),
        ("NIK 5103011708900001 milik", "'NIK 51…01 milik'"),
        ("51.0301.170890.0001", "'51…01'"),
        ("5103 0117 0890 0001", "'51…01'"),
        ("081234567890", "'08…90'"),
        ("+62 812-3456-7890", "'+62…90'"),
        ("(0812) 3456 7890", "'(08…90'"),
        ("09.254.294.3-407.000", "'09…00'"),
        (["5103011708900001", "5103011708900002"], "['51…01', '51…02']"),
        ({"nik": "5103011708900001"}, "{'nik': '51…01'}"),
        ("2026-11-24 081234567890", "'2026-11-24 08…90'"),
        ("123456789", "'12…89'"),
        ("0812-34-56-789012", "'08…12'"),
        ("1990-08-17 / 5103011708900001", "'1990-08-17 / 51…01'"),
        ("081.234.56.789", "'08…89'"),
        ("62.812.345.678", "'62…78'"),
        ("10.20.30.141.5103011708900001", "'10…01'"),
    ],
)
def test_a_personal_number_is_masked(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "loket-3",
        "A-001",
        "192.168.100.101",
        12345678,
        "2026-11-24",
        "2026-11-24T08:15:00+08:00",
        "2026-11-24 08:15:00.123456+00:00",
        "badung/queue/2026-11-24",
        "2026-11-24, 2026-11-25",
        "08:00-15:30",
        "24.11.2026",
        "24-11-2026",
        "Perbup 12/2025",
        None,
        1.5,
        "",
    ],
)
def test_what_is_no_personal_number_is_shown_as_it_is(value: object) -> None:
    assert shown(value) == repr(value)


@given(st.text(max_size=90), st.from_regex(r"\A[1-9][0-9]{9,15}\Z"), st.text(max_size=90))
def test_no_text_around_a_number_brings_it_out_whole(before: str, number: str, after: str) -> None:
    text = shown(before + number + after)
    assert len(text) <= 80
    assert not re.search(r"[0-9]{9}", text)


def test_a_long_value_is_cut() -> None:
    text = shown("x" * 1_000_000)
    assert len(text) == 80
    assert text.endswith("…")


@given(st.text())
def test_an_error_about_a_number_never_shows_it(place: str) -> None:
    nik = "5103011708900001"
    for error in (
        InvalidValueError("nik", nik, "give 16 digits"),
        NotFoundError("person", nik, [nik[:-1] + "2"]),
        ConflictError(f"badung/people/{nik}", 1, 2),
        DecodeError(nik, 1, "unknown"),
        UnreadableEventError(f"badung/people/{nik}", 1, 1, "damaged"),
    ):
        assert nik not in str(error)
        assert nik[:-1] + "2" not in str(error)


# --- extras ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", ["pytest", "hypothesis"])
def test_the_contract_without_its_extra_names_it(lacking: str) -> None:
    script = f"""
import sys
sys.modules[{lacking!r}] = None
try:
    import mppkit.testing
except ImportError as missing:
    print(type(missing).__name__, missing)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == (
        'MissingExtraError mppkit.testing needs packages that are not installed: python -m pip install "mppkit[test]"\n'
    )
