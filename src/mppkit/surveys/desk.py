"""The survey desk: what a kiosk, a web form or whoever reports calls.

`respond` counts an answer; all else looks, and shows no group too small to be shown. A command here takes no `actor`:
nobody is recorded beside an answer. What is done about weak elements is at `followup`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from types import MappingProxyType

from mppkit.aggregates import Repository
from mppkit.clock import Clock
from mppkit.decisions import Decision, Reason
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, shown
from mppkit.identity.recordable import checked_date
from mppkit.storage.port import EventStore, Op, StreamHead, Where
from mppkit.surveys import comparing, rules, tokens
from mppkit.surveys.comparing import ENOUGH, ShownGroups, Step, shown_groups
from mppkit.surveys.events import Answered, SurveyEvent
from mppkit.surveys.followup_desk import FollowUpDesk
from mppkit.surveys.groups import (
    Every,
    Given,
    group_of,
    matching,
    period_of,
    periods_between,
    tally_given,
    tally_groups,
)
from mppkit.surveys.index import Score, score
from mppkit.surveys.instrument import Instrument, Weights
from mppkit.surveys.model import PROFILE, Channel, ProfileField, Receipt, SurveyTerms
from mppkit.surveys.survey_day import SURVEY_DAYS, SurveyDay, date_of, key_of, texts_of
from mppkit.surveys.tally import Tally, no_answers

_DAYS_KEPT = 400
"""A year of survey days and more stays folded, so that only the first look at a year is slow."""
_REQUEST_AT_MOST = 200


class SurveysDesk:
    """All surveys of one mall; may be used from any thread.

    What is named and is not there raises NotFoundError; what a respondent can mend raises RefusedError, with reasons in
    Indonesian and English; what the caller can mend raises InvalidValueError.

    Attributes:
        followup: what is done about weak elements.
        profile: what respondents are asked about themselves.
    """

    def __init__(
        self,
        *,
        mall: str,
        store: EventStore,
        directory: Directory,
        zone: tzinfo,
        clock: Clock,
        instruments: Sequence[Instrument],
        secret: bytes | None = None,
        open: bool = SurveyTerms().open,  # noqa: A002 - the word of the house
        minimum_group: int = SurveyTerms().minimum_group,
        profile: Sequence[ProfileField] = PROFILE,
        valid_days: int = SurveyTerms().valid_days,
    ) -> None:
        """Open the desk.

        Args:
            mall: its id.
            store: where the answers are kept; a store of its own keeps their order apart from the hall's events.
            directory: for services, counters, roles and agencies.
            zone: of the mall.
            clock: what time it is.
            instruments: what is asked, and older versions that are still looked at; each id and version once.
            secret: the mall's survey secret; without it the desk can only look.
            open: whether an answer without a code is taken, and counted apart.
            minimum_group: the fewest answers shown on their own, 2 or more.
            profile: what respondents are asked about themselves.
            valid_days: how many days a code is good for, the ticket's own among them.

        Raises:
            InvalidValueError: one of these cannot be.
        """
        if not all(isinstance(each, Instrument) for each in instruments):
            raise InvalidValueError("instruments", instruments, "give Instruments, such as find_instrument('skm-2017')")
        named = Counter((each.id, each.version) for each in instruments)
        if twice := [f"{id_} version {version}" for (id_, version), times in named.items() if times > 1]:
            raise InvalidValueError("instruments", ", ".join(twice), "give each id and version once")
        if type(minimum_group) is not int or minimum_group < 2:
            raise InvalidValueError("minimum_group", minimum_group, "ask for 2 answers or more")
        if type(valid_days) is not int or not 1 <= valid_days <= 366:
            raise InvalidValueError("valid_days", valid_days, "give a whole number of days, from 1 to 366")
        self._days: Repository[SurveyDay, SurveyEvent] = Repository(SURVEY_DAYS, store, mall, keep=_DAYS_KEPT)
        self._mall = mall
        self._directory = directory
        self._zone = zone
        self._clock = clock
        self._instruments = tuple(instruments)
        self._secret = None if secret is None else tokens.checked_secret(secret)
        self._open = open
        self._minimum = minimum_group
        self.profile = tuple(profile)
        self._valid_days = valid_days
        self._known_texts: set[str] = set()
        self.followup = FollowUpDesk(
            mall=mall,
            store=store,
            directory=directory,
            zone=zone,
            clock=clock,
            instrument=self.instrument,
            tally=self.tally,
        )

    # --- answering -------------------------------------------------------------------------------------------------

    def token(self, on: date, service: str, number: str) -> str:
        """Return the code to print on a ticket; what a queue desk is handed as `survey_token`.

        Raises:
            InvalidValueError: the desk has no secret.
        """
        return tokens.token_of(self._needed_secret(), self._mall, on, service, number)

    def respond(
        self,
        instrument: str,
        token: str | None,
        answers: Mapping[str, int],
        *,
        profile: Mapping[str, str] = MappingProxyType({}),
        counter: str | None = None,
        request_id: str | None = None,
    ) -> Receipt:
        """Count a complete answer; a repeated click counts once and gets the same receipt.

        Args:
            instrument: an instrument's id, or the beginning of it as in `skm`, for the newest.
            token: the code printed on the ticket, however it was typed; None without one.
            answers: the value ticked for each element, by key.
            profile: what the respondent says of themselves, by field; and with `service` for which service it is,
                where no code says so or the visit had several.
            counter: the id of the counter, where somebody knows.
            request_id: repeated under the same one on the same day, it counts once; only a keyed hash of it is kept.

        Raises:
            RefusedError: the answer is not complete; or the code is unknown, too old or used for other answers; or
                there is none and the mall asks for one.
            NotFoundError: no such instrument, element, service, counter or profile field.
            InvalidValueError: a value cannot be; or the instrument's text was changed in use without a new version.
        """
        chosen = self.instrument(instrument)
        secret = self._needed_secret()
        on, service, mark = self.today(), None, None
        if token is not None:
            printed = tokens.read_token(
                secret, self._mall, token, self._accepted(on), (each.id for each in self._directory.services)
            )
            on, service, mark = printed.on, printed.service, tokens.used_mark(secret, self._mall, chosen.id, printed)
        elif not self._open:
            raise RefusedError(Decision.refused(rules.CODE_NEEDED))
        answer = rules.answered(
            chosen,
            answers,
            directory=self._directory,
            asked=self.profile,
            profile=profile,
            counter=counter,
            service=service,
            token=mark,
        )
        self._check_text(chosen)

        def receipt(day: SurveyDay, happened: Sequence[SurveyEvent]) -> Receipt:
            counted = happened[0] if happened else day.by_token[str(mark)]
            if not isinstance(counted, Answered) or counted.token != mark or not rules.says_the_same(counted, answer):
                remedy = "it was used for another answer; give every request its own"
                raise InvalidValueError("request_id", "…", remedy)
            return Receipt(
                instrument=counted.instrument,
                version=counted.version,
                on=on,
                service=counted.service,
                counter=counted.counter,
                channel=counted.channel,
            )

        return self._days.execute(
            key_of(chosen.id, on),
            lambda day, _: rules.respond(day, answer),
            receipt,
            # not now: the minute of an answer, held against the hall's, would tell whose it was
            at=datetime.combine(on, time.min, self._zone),
            request_id=None if request_id is None else self._request_mark(secret, chosen.id, request_id),
        )

    # --- looking ---------------------------------------------------------------------------------------------------

    def index(
        self,
        instrument: str,
        from_on: date | None = None,
        until_on: date | None = None,
        *,
        service: str | None = None,
        counter: str | None = None,
        channel: Channel | str = Channel.TICKET,
        version: int | None = None,
        weights: Weights | None = None,
        population: int | None = None,
    ) -> Score:
        """Return the index of a period, both dates in it; of a service or a counter, where one is named.

        Args:
            instrument: an instrument's id, or the beginning of it as in `skm`, for the newest.
            from_on: its first date, the first of all if none is named; a code's answer counts for the day of the visit.
            until_on: its last date, the last of all if none is named.
            service: only answers for this one.
            counter: only answers for this one.
            channel: answers by the code on a ticket, or the open ones; never both.
            version: of the instrument; the newest, if none is named. Answers to others are told in `left_out`.
            weights: another convention of the weight than the instrument's.
            population: how many were served in the period, such as the tickets that were finished.

        Raises:
            RefusedError: it would show answers that are too few, or let such be had by subtraction.
            NotFoundError: no such instrument, version or service.
            InvalidValueError: nobody answered, or more than the population; or a date cannot be.
        """
        tally = self.tally(
            instrument, from_on, until_on, service=service, counter=counter, channel=channel, version=version
        )
        return score(self.instrument(instrument, version), tally, weights=weights, population=population)

    def tally(
        self,
        instrument: str,
        from_on: date | None = None,
        until_on: date | None = None,
        *,
        service: str | None = None,
        counter: str | None = None,
        channel: Channel | str = Channel.TICKET,
        version: int | None = None,
    ) -> Tally:
        """Return the sums behind `index`, to be merged with those of other malls; arguments and errors are its."""
        chosen = self.instrument(instrument, version)
        given, left_out = self._given(chosen, from_on, until_on, channel)
        asked = {"service": service, "counter": counter}
        parts = {what: group for what, group in asked.items() if group is not None}
        found = matching(given, parts)
        if not found:
            self._check_known(parts)
        elif not self._may_be_shown(chosen, given, parts):
            raise self._too_small()
        return tally_given(chosen, found, left_out)

    def by(
        self,
        instrument: str,
        what: str,
        from_on: date | None = None,
        until_on: date | None = None,
        *,
        channel: Channel | str = Channel.TICKET,
        version: int | None = None,
    ) -> ShownGroups:
        """Return a tally for each `service`, `counter`, `day` or profile field; small groups are not shown alone.

        `score` makes an index of each, `ranking` an order of them. Who did not say is the group `tidak-disebutkan`.

        Raises:
            NotFoundError: no such instrument, version or kind of group.
            InvalidValueError: a date cannot be.
        """
        kinds = ("service", "counter", "day", *(field.key for field in self.profile))
        if what not in kinds:
            raise NotFoundError("kind of group", what, kinds, f"there are {', '.join(kinds)}")
        chosen = self.instrument(instrument, version)
        given, _ = self._given(chosen, from_on, until_on, channel)
        return self._shown(chosen, given, what)

    def trend(
        self,
        instrument: str,
        every: Every | str = Every.MONTH,
        from_on: date | None = None,
        until_on: date | None = None,
        *,
        channel: Channel | str = Channel.TICKET,
        version: int | None = None,
        minimum: int = ENOUGH,
    ) -> tuple[Step, ...]:
        """Return the index of each period, and whether it moved by more than noise; too small ones are left out.

        Periods are called `2026-11`, `2026-T4` (*triwulan*), `2026-S2` or `2026`. One in which nobody answered, between
        two that have answers, has no score.

        Raises:
            NotFoundError: no such instrument, version or length.
            InvalidValueError: a date or the minimum of a comparison cannot be.
        """
        if every not in tuple(Every):
            raise NotFoundError("length of period", every, map(str, Every), f"there are {', '.join(Every)}")
        length = Every(every)
        chosen = self.instrument(instrument, version)
        given, _ = self._given(chosen, from_on, until_on, channel)
        if not given:
            return ()
        found = tally_groups(chosen, given, lambda each: period_of(each[0], length))
        periods = periods_between(given[0][0], given[-1][0], length)
        tallies = {period: found.get(period, no_answers(chosen)) for period in periods}
        enough = {period: tally for period, tally in tallies.items() if not 0 < tally.n < self._minimum}
        return comparing.trend(chosen, enough, minimum=minimum)

    def response_rate(
        self,
        instrument: str,
        population: int,
        from_on: date | None = None,
        until_on: date | None = None,
        *,
        service: str | None = None,
        counter: str | None = None,
    ) -> float:
        """Return which share answered by code, from 0 to 1, of those that were served, such as the finished tickets.

        Raises:
            InvalidValueError: more answered than were served, or nobody was.
            RefusedError: it would show a group that is too small.
        """
        n = self.tally(instrument, from_on, until_on, service=service, counter=counter).n
        if type(population) is not int or population < max(n, 1):
            raise InvalidValueError("population", population, f"give how many were served; {n} of them answered")
        return n / population

    def days(self, instrument: str, from_on: date | None = None, until_on: date | None = None) -> tuple[date, ...]:
        """Return the local dates that have answers to an instrument, in order, without folding any."""
        return tuple(date_of(head.stream) for head in self._heads(self.instrument(instrument).id, from_on, until_on))

    def instrument(self, name: str, version: int | None = None) -> Instrument:
        """Return an instrument by its id, or by the beginning of it before a year, as in `skm`: then the newest.

        Raises:
            NotFoundError: the mall has none of that name or version.
        """
        ids = sorted({each.id for each in self._instruments})
        dated = [each for each in ids if each[:-4] == f"{name}-" and each[-4:].isdecimal()]
        id_ = name if name in ids or not dated else max(dated)
        versions = {each.version: each for each in self._instruments if each.id == id_}
        if not versions:
            raise NotFoundError("instrument", name, ids, f"the mall asks {', '.join(ids)}")
        if version is None:
            return versions[max(versions)]
        if version not in versions:
            there = f"there {'is' if len(versions) == 1 else 'are'} {', '.join(map(str, sorted(versions)))}"
            raise NotFoundError(f"version {shown(version)} of", id_, (), there)
        return versions[version]

    def today(self) -> date:
        """Return the mall's local date by its clock."""
        return self._clock.now().astimezone(self._zone).date()

    # --- how -------------------------------------------------------------------------------------------------------

    def _needed_secret(self) -> bytes:
        if self._secret is None:
            raise InvalidValueError(
                "secret", None, "open the desk with the mall's survey secret; without it, only look"
            )
        return self._secret

    def _accepted(self, today: date) -> tuple[date, ...]:
        return tuple(today - timedelta(days=back) for back in range(self._valid_days))

    def _check_text(self, chosen: Instrument) -> None:
        """Check once that nobody answered another text under this id and version, on any day."""
        if chosen.digest in self._known_texts:
            return
        for head in self._heads(chosen.id):
            rules.check_text(chosen.id, chosen.version, chosen.digest, texts_of(head))
        self._known_texts.add(chosen.digest)

    def _given(
        self, chosen: Instrument, from_on: date | None, until_on: date | None, channel: Channel | str
    ) -> tuple[list[Given], dict[str, int]]:
        """Return the answers of a period to a version by a channel, in order, and how many were left out, by kind."""
        if channel not in tuple(Channel):
            raise NotFoundError("channel", channel, map(str, Channel), f"there are {', '.join(Channel)}")
        given: list[Given] = []
        left_out: Counter[str] = Counter()
        for head in self._heads(chosen.id, from_on, until_on):
            rules.check_text(chosen.id, chosen.version, chosen.digest, texts_of(head))
            on = date_of(head.stream)
            for answer in self._days.view(key_of(chosen.id, on), lambda day: tuple(day.answers)):
                if answer.version != chosen.version:
                    left_out["another_version"] += 1
                elif answer.channel != channel:
                    left_out[f"by_{answer.channel}"] += 1
                else:
                    given.append((on, answer))
        return given, dict(left_out)

    def _shown(self, chosen: Instrument, given: Sequence[Given], what: str) -> ShownGroups:
        groups = tally_groups(chosen, given, lambda each: group_of(what, each))
        return shown_groups(groups, minimum=self._minimum)

    def _may_be_shown(self, chosen: Instrument, given: Sequence[Given], parts: Mapping[str, str]) -> bool:
        """Tell whether the answers of some groups may be shown beside all others that may.

        Of services and counters at once, all is shown or nothing: where one of a service's counters is too small, the
        totals less what is shown would tell it, if need be by way of another service and counter.
        """
        if len(parts) == 1:
            ((what, group),) = parts.items()
            return group not in self._shown(chosen, given, what).hidden
        cells = Counter(tuple(group_of(what, each) for what in parts) for each in given)
        return min(cells.values()) >= self._minimum

    def _check_known(self, parts: Mapping[str, str]) -> None:
        """Check what nobody answered for: it should be there all the same, or it was mistyped."""
        if "service" in parts:
            self._directory.service(parts["service"])
        if "counter" in parts:
            self._directory.counter(parts["counter"])

    def _too_small(self) -> RefusedError:
        least = self._minimum
        reason = Reason(
            code="group_too_small",
            indonesian=f"Kelompok dengan kurang dari {least} jawaban tidak ditampilkan, juga tidak lewat selisih.",
            english=f"A group of fewer than {least} answers is not shown on its own, nor by way of what is left.",
        )
        return RefusedError(Decision.refused(reason))

    def _request_mark(self, secret: bytes, instrument: str, request_id: str) -> str:
        if not isinstance(request_id, str) or not 1 <= len(request_id) <= _REQUEST_AT_MOST:
            raise InvalidValueError("request_id", "…", f"give a text of 1 to {_REQUEST_AT_MOST} characters, or None")
        return tokens.request_mark(secret, self._mall, instrument, request_id)

    def _heads(
        self, instrument: str, from_on: date | None = None, until_on: date | None = None
    ) -> Sequence[StreamHead]:
        where = [Where(label="instrument", value=instrument)]
        if from_on is not None:
            where.append(Where(label="on", op=Op.GE, value=checked_date(from_on, "from_on").isoformat()))
        if until_on is not None:
            where.append(Where(label="on", op=Op.LE, value=checked_date(until_on, "until_on").isoformat()))
        if from_on is not None and until_on is not None and from_on > until_on:
            raise InvalidValueError("until_on", until_on.isoformat(), f"give a date from {from_on.isoformat()} on")
        return self._days.find(*where, order_by="on")
