"""Every verb of every desk with words nobody expects: it works or is refused, and a refusal leaves no trace."""

import inspect
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import strategies as st

from mppkit import Mall, VirtualClock
from mppkit.blueprint import sample_blueprint
from mppkit.errors import MppkitError
from mppkit.people import EnvironmentKeyProvider, MemoryKeyRing, Terms, new_mall_key
from mppkit.people.desk import PeopleDesk
from mppkit.storage import MemoryStore

CONTOH = sample_blueprint()
SERVICE = CONTOH.directory.services[0].id
COUNTER = CONTOH.directory.counters[0].id
KNOWN = (SERVICE, COUNTER, "A-001", "skm", "skm-2017", "blora-2026", "periksa", "sri", "document", "elderly", "why")
TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)

DAYS = st.sampled_from(
    (date(2026, 11, 24), date(2026, 11, 25), date.min, date.max, datetime(2026, 11, 24, 3, tzinfo=UTC))
)
INSTANTS = st.sampled_from(
    (
        datetime(2026, 11, 24, 3, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(2026, 11, 24, 3),  # noqa: DTZ001 - naive on purpose
    )
)


def _drawn_for(kind: str, words: st.SearchStrategy[str]) -> st.SearchStrategy[Any] | None:
    """Return what may be given for a parameter, after its annotation; None for what is left to its default."""
    kind = re.sub(r"(?:\w+\.)+", "", kind)  # without the modules
    texts = st.sampled_from(KNOWN) | words
    if kind.startswith(("Sequence[str]", "Iterable[")):
        return st.lists(texts, max_size=3).map(tuple)
    if kind.startswith("Sequence["):
        return st.just(())
    if kind.startswith("Mapping[Field"):
        return st.dictionaries(st.sampled_from(("nik", "phone", "name", "email")) | texts, texts, max_size=3)
    if kind.startswith("Mapping["):
        return st.dictionaries(texts, texts | st.integers(-1, 9), max_size=3)
    if "Terms" in kind:
        return st.just(TERMS)
    if kind.startswith("datetime"):
        return INSTANTS
    if kind.startswith("date"):
        return DAYS
    if kind.startswith("int"):
        return st.integers(-2, 5) | st.sampled_from((10**30, -(10**30)))
    if kind.startswith("bool"):
        return st.booleans()
    return texts if "str" in kind else None


def _is_drawn(verb: Any) -> bool:
    """Tell whether something can be given for each parameter that a verb needs."""
    return all(
        _drawn_for(inspect.formatannotation(parameter.annotation), st.nothing()) is not None
        for parameter in inspect.signature(verb).parameters.values()
        if parameter.default is inspect.Parameter.empty
    )


@st.composite
def _call(draw: st.DrawFn, verb: Any, words: st.SearchStrategy[str]) -> tuple[list[Any], dict[str, Any]]:
    """Draw arguments for a verb, those that it needs and some of the others."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(verb).parameters.items():
        value = _drawn_for(inspect.formatannotation(parameter.annotation), words)
        if value is None or (parameter.default is not inspect.Parameter.empty and draw(st.booleans())):
            continue
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            given.extend(draw(st.lists(value, max_size=2)))
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY or parameter.default is not inspect.Parameter.empty:
            named[name] = draw(value)
        else:
            given.append(draw(value))
    return given, named


NIK_DIGITS = 16
LEAVING_A_TRACE = ("issue", "reserve", "book", "launch", "submit", "enforce_deadlines", "enforce_retention", "read")
"""What these refuse is itself a fact, or they do several things one by one."""


@pytest.fixture
def mall(monkeypatch: pytest.MonkeyPatch) -> Mall:
    """A mall at work on a Tuesday morning."""
    monkeypatch.setenv("MPPKIT_MALL_KEYS", new_mall_key("2026-11"))
    opened = Mall.open(
        CONTOH, MemoryStore(), clock=VirtualClock("2026-11-24T09:00:00+08:00"), survey_secret=bytes(range(32))
    )
    opened.queue.open_counter(COUNTER)
    for _ in range(3):
        opened.queue.issue(SERVICE)
    return opened


def _desk(mall: Mall, name: str) -> Any:
    if name == "people":
        ring, keys = MemoryKeyRing(), EnvironmentKeyProvider()
        clock = VirtualClock("2026-11-24T09:00:00+08:00")
        return PeopleDesk(mall=CONTOH.id, store=mall.store, ring=ring, keys=keys, clock=clock)
    if name == "followup":
        return mall.surveys.followup
    return getattr(mall, name)


DESKS = ("queue", "permits", "surveys", "followup", "lessons", "readiness", "people")
"""The verbs of each are called as often as those of any other."""


@pytest.mark.parametrize("name", DESKS)
def test_any_words_are_taken_or_refused_and_a_refusal_records_nothing(
    name: str, mall: Mall, fuzz: Any, calmly: Any, odd: Any, find_leaks: Any
) -> None:
    desk = _desk(mall, name)
    verbs = [verb for verb_name, verb in inspect.getmembers(desk, inspect.ismethod) if not verb_name.startswith("_")]
    verbs = [verb for verb in verbs if verb.__name__ not in ("apply",)]
    tried = [verb for verb in verbs if _is_drawn(verb)]
    assert len(tried) > len(verbs) / 2

    def recorded() -> int:
        return len(mall.store.read_all(limit=10**6))

    def holds(verb: Any, choose: st.DataObject) -> None:
        given, named = choose.draw(_call(verb, odd))
        before = recorded()
        found = calmly(lambda: verb(*given, **named))
        if isinstance(found, MppkitError) and verb.__name__ not in LEAVING_A_TRACE:
            assert recorded() == before, verb.__name__
        for row in mall.store.read_all(after=before, limit=10**6):
            assert find_leaks(row.data) == [], verb.__name__
            # a request_id is the caller's own; an actor with a label before a phone number passes for an id
            assert [found for found in find_leaks(str(row.actor)) if len(found) == NIK_DIGITS] == [], verb.__name__
            row.data.encode("utf-8")

    fuzz(holds, 25 * len(tried), verb=st.sampled_from(tried), choose=st.data())
