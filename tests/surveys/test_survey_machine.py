"""Random answers, repeated clicks, mistyped and made-up codes, days and versions, against a plain model."""

import json
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mppkit.errors import InvalidValueError, RefusedError
from mppkit.storage import MemoryStore, Query, audit
from mppkit.surveys.desk import SurveysDesk
from mppkit.surveys.index import half_up
from mppkit.surveys.tally import Tally, merge, tally_answers

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SERVICES = ("nib", "pajak", "kia")
MINIMUM = 3

pick = st.integers(0, 10**6)
rows = st.one_of(st.sampled_from([(4,) * 9, (3,) * 9]), st.tuples(*[st.integers(1, 4)] * 9))
profiles = st.fixed_dictionaries(
    {},
    optional={
        "sex": st.sampled_from(["laki-laki", "perempuan"]),
        "work": st.sampled_from(["pns", "lainnya"]),
        "service": st.sampled_from(SERVICES),
    },
)
counters = st.sampled_from([None, "loket-1", "loket-2"])


class Surveying(RuleBasedStateMachine):
    booth_on: Any

    @initialize()
    def start(self) -> None:
        self.booth = type(self).booth_on(MemoryStore())
        self.keys = self.booth.skm.keys
        self.chance = Random(11)
        self.version = 1
        self.desks = [self.desk(), self.desk()]
        self.tickets: list[tuple[date, str, str, str]] = []
        self.used: dict[str, dict[str, Any]] = {}
        self.opened: dict[str, dict[str, Any]] = {}
        self.answers: list[dict[str, Any]] = []

    def desk(self, version: int | None = None, **changed: Any) -> SurveysDesk:
        last = self.version if version is None else version
        texts = [self.booth.skm, *(self.booth.reworded(version=each) for each in range(2, last + 1))]
        about = {"instruments": texts, "open": True, "minimum_group": MINIMUM, **changed}
        return self.booth.another_desk(**about)

    def respond(self, code: str | None, answer: dict[str, Any], **about: Any) -> Any:
        row = dict(zip(self.keys, answer["row"], strict=True))
        desk = self.chance.choice(self.desks)
        return desk.respond("skm", code, row, profile=answer["profile"], counter=answer["counter"], **about)

    def refused(self, code: str, answer: dict[str, Any]) -> str:
        with pytest.raises(RefusedError) as refused:
            self.respond(code, answer)
        (reason,) = refused.value.decision.reasons
        return reason.code

    def is_valid(self, on: date) -> bool:
        return on > self.booth.desk.today() - timedelta(days=7)

    @rule(service=st.sampled_from(SERVICES))
    def issue(self, service: str) -> None:
        on, number = self.booth.desk.today(), f"T-{len(self.tickets):03}"
        self.tickets.append((on, service, number, self.booth.code(number, service)))

    @rule()
    def issue_many(self) -> None:
        for n in range(6):
            self.issue(service=SERVICES[n // 3])

    @precondition(lambda self: self.tickets)
    @rule(pick=pick, row=rows, profile=profiles, counter=counters)
    def answer(self, pick: int, row: tuple[int, ...], profile: dict[str, str], counter: str | None) -> None:
        on, service, _, code = self.tickets[pick % len(self.tickets)]
        typed = self.chance.choice([code, code.lower(), code.replace("-", ""), code.replace("0", "o")])
        answer = {"row": row, "profile": profile, "counter": counter}
        if not self.is_valid(on):
            assert self.refused(typed, answer) == "token_unknown"
        elif code in self.used:
            before = self.used[code]
            told = {**answer, "service": profile.get("service", service)}
            if all(before[name] == told[name] for name in ("row", "counter", "service")) and self.said(
                before
            ) == self.said(told):
                assert self.respond(typed, answer) == before["receipt"]
            else:
                assert self.refused(typed, answer) == "token_used"
        else:
            self.used[code] = self.counted(self.respond(typed, answer), answer, on, service, "ticket")

    @rule()
    def answer_the_rest(self) -> None:
        for place, (on, _, _, code) in enumerate(self.tickets):
            if code not in self.used and self.is_valid(on):
                self.answer(pick=place, row=(place % 4 + 1,) * 9, profile={}, counter=None)

    @precondition(lambda self: self.used)
    @rule(pick=pick)
    def click_again(self, pick: int) -> None:
        code = sorted(self.used)[pick % len(self.used)]
        before = self.used[code]
        if self.is_valid(before["receipt"].on):
            assert self.respond(code, before) == before["receipt"]
        else:
            assert self.refused(code, before) == "token_unknown"

    @rule(row=rows, profile=profiles, request=st.sampled_from([None, "klik-1", "klik-2"]))
    def answer_without_a_code(self, row: tuple[int, ...], profile: dict[str, str], request: str | None) -> None:
        today = self.booth.desk.today()
        answer = {"row": row, "profile": profile, "counter": None}
        key = f"{today} {request}"
        before = self.opened.get(key) if request else None
        if before is None:
            done = self.counted(self.respond(None, answer, request_id=request), answer, today, None, "open")
            if request:
                self.opened[key] = done
        elif (before["row"], before["profile"]) == (row, profile):
            assert self.respond(None, answer, request_id=request) == before["receipt"]
        else:
            with pytest.raises(InvalidValueError, match="used for another answer"):
                self.respond(None, answer, request_id=request)

    @precondition(lambda self: self.tickets)
    @rule(pick=pick, place=st.integers(0, 15), letter=st.sampled_from(LETTERS))
    def mistype(self, pick: int, place: int, letter: str) -> None:
        letters = self.tickets[pick % len(self.tickets)][3].replace("-", "")
        if letters[place] != letter:
            typed = letters[:place] + letter + letters[place + 1 :]
            assert self.refused(typed, {"row": (4,) * 9, "profile": {}, "counter": None}) == "token_unknown"

    @rule(made_up=st.text(LETTERS, min_size=16, max_size=16), short=st.booleans())
    def make_up(self, made_up: str, short: bool) -> None:
        typed = made_up[1:] if short else made_up
        expected = "token_malformed" if short else "token_unknown"
        assert self.refused(typed, {"row": (4,) * 9, "profile": {}, "counter": None}) == expected

    @precondition(lambda self: self.tickets)
    @rule(pick=pick, missing=st.integers(0, 8))
    def leave_one_out(self, pick: int, missing: int) -> None:
        on, _, _, code = self.tickets[pick % len(self.tickets)]
        row = {key: 4 for place, key in enumerate(self.keys) if place != missing}
        with pytest.raises(RefusedError) as refused:
            self.desks[0].respond("skm", code, row)
        (reason,) = refused.value.decision.reasons
        assert reason.code == ("answer_missing" if self.is_valid(on) else "token_unknown")

    @rule(days=st.integers(0, 4))
    def pass_time(self, days: int) -> None:
        self.booth.clock.advance(minutes=days * 1440 + 17)

    @precondition(lambda self: self.version < 3)
    @rule()
    def change_the_text(self) -> None:
        self.version += 1
        self.desks = [self.desk(), self.desk()]

    @precondition(lambda self: self.tickets and any(each["version"] == 1 for each in self.answers))
    @rule(pick=pick)
    def change_the_text_without_a_version(self, pick: int) -> None:
        changed = self.booth.another_desk(instruments=(self.booth.reworded(),), open=True)
        for look in (
            lambda: changed.respond("skm", None, dict.fromkeys(self.keys, 4)),
            lambda: changed.tally("skm"),
        ):
            with pytest.raises(InvalidValueError, match="call the changed one version 2"):
                look()

    # --- the model -------------------------------------------------------------------------------------------------

    def counted(self, receipt: Any, answer: dict[str, Any], on: date, service: str | None, channel: str) -> dict:
        service = answer["profile"].get("service", service)
        assert (receipt.on, receipt.service, receipt.counter) == (on, service, answer["counter"])
        assert (receipt.version, receipt.channel) == (self.version, channel)
        entry = {**answer, "service": service, "version": self.version, "channel": channel, "receipt": receipt}
        self.answers.append(entry)
        return entry

    @staticmethod
    def said(answer: dict[str, Any]) -> dict[str, str]:
        return {key: value for key, value in answer["profile"].items() if key != "service"}

    def of(self, version: int, channel: str) -> list[dict[str, Any]]:
        return [each for each in self.answers if (each["version"], each["channel"]) == (version, channel)]

    @invariant()
    def what_is_recorded_is_what_was_answered(self) -> None:
        rows = self.booth.store.read_all(limit=10_000)
        assert len(rows) == len(self.answers)
        days = sorted({each["receipt"].on for each in self.answers})
        assert list(self.desks[0].days("skm")) == days
        heads = self.booth.store.find(Query(category="survey"))
        assert sum(json.loads(head.summary)["answers"] for head in heads) == len(self.answers)
        for row in rows:
            assert row.actor is None
            assert "T-" not in row.data
            assert "klik" not in f"{row.data} {row.request_id}"

    def tally(self, version: int, answers: list[dict[str, Any]]) -> Tally:
        text = self.desks[0].instrument("skm", version)
        return tally_answers(text, [dict(zip(self.keys, each["row"], strict=True)) for each in answers])

    @invariant()
    def every_sum_is_that_of_the_model(self) -> None:
        for version in range(1, self.version + 1):
            for channel in ("ticket", "open"):
                mine = self.of(version, channel)
                if 0 < len(mine) < MINIMUM:
                    for look in (self.desks[0].tally, self.desks[1].index):
                        with pytest.raises(RefusedError):
                            look("skm", version=version, channel=channel)
                    continue
                expected = self.tally(version, mine)
                for desk in self.desks:
                    tally = desk.tally("skm", version=version, channel=channel)
                    assert (tally.n, tally.counts, tally.with_total) == (
                        len(mine),
                        expected.counts,
                        expected.with_total,
                    )
                    assert sum(tally.left_out.values()) == len(self.answers) - len(mine)
                if mine:
                    found = self.desks[1].index("skm", version=version, channel=channel)
                    total = Fraction(sum(map(sum, (each["row"] for each in mine))), 9 * len(mine))
                    assert found.index == half_up(total * 25, 2)

    @invariant()
    def no_group_that_is_shown_is_too_small_nor_is_what_is_left(self) -> None:
        mine = self.of(self.version, "ticket")
        whole = self.tally(self.version, mine)
        for what in ("service", "counter", "day", "sex", "work"):
            found = self.desks[0].by("skm", what)
            sizes = Counter(self.group(what, each) for each in mine)
            assert {name: tally.n for name, tally in found.shown.items()} == {
                name: n for name, n in sizes.items() if name not in found.hidden
            }
            assert all(tally.n >= MINIMUM for tally in found.shown.values())
            left = whole.n - sum(tally.n for tally in found.shown.values())
            assert left == 0 or (left >= MINIMUM and len(found.hidden) > 1) or not found.shown
            if found.others is not None:
                assert merge([*found.shown.values(), found.others]).counts == whole.counts
            if what in ("service", "counter"):
                for name in sizes.keys() - {"tidak-disebutkan"}:
                    self.check_alone({what: name}, name in found.shown, sizes[name])
        cells = Counter((self.group("service", each), self.group("counter", each)) for each in mine)
        for (service, counter), n in cells.items():
            if "tidak-disebutkan" not in (service, counter):
                self.check_alone({"service": service, "counter": counter}, min(cells.values()) >= MINIMUM, n)

    def check_alone(self, parts: dict[str, str], shown: bool, n: int) -> None:
        if shown:
            assert self.desks[1].index("skm", **parts).n == n
        else:
            with pytest.raises(RefusedError):
                self.desks[1].index("skm", **parts)

    @staticmethod
    def group(what: str, answer: dict[str, Any]) -> str:
        if what == "day":
            return answer["receipt"].on.isoformat()
        value = answer[what] if what in ("service", "counter") else answer["profile"].get(what)
        return value or "tidak-disebutkan"

    def teardown(self) -> None:
        if hasattr(self, "booth"):
            assert audit(self.booth.store).intact
            fresh = self.desk()
            for version in range(1, self.version + 1):
                if 0 < len(self.of(version, "ticket")) < MINIMUM:
                    continue
                assert fresh.tally("skm", version=version) == self.desks[0].tally("skm", version=version)


def test_any_order_of_answers_keeps_to_the_model(booth_on) -> None:
    Surveying.booth_on = staticmethod(booth_on)
    run_state_machine_as_test(Surveying, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
