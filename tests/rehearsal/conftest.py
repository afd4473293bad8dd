"""A small mall to rehearse in: three services, two counters, a midday break, closed at the weekend; and a diary."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mppkit.blueprint import Blueprint
from mppkit.calendars import Calendar, Closure, WeeklyHours
from mppkit.directory import Counter, Directory, Service
from mppkit.queues.hall import Events, Hall
from mppkit.queues.model import CounterStatus
from mppkit.queues.policies import QueuePolicies
from mppkit.rehearsal import Visit
from mppkit.rehearsal.steps import BareSteps

TUESDAY = date(2026, 11, 24)
OPENS_AT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")
HOURS = ((time(8), time(12)), (time(13), time(15, 30)))


def _mall(policies: QueuePolicies | None = None, **counters: tuple[str, ...]) -> Blueprint:
    services = (
        Service(id="ktp", name="KTP elektronik", name_english="Identity card", agency="capil", prefix="A"),
        Service(id="nib", name="Izin usaha", name_english="Business licence", agency="dpm", prefix="B"),
        Service(id="pajak", name="Pajak daerah", name_english="Regional tax", agency="bapenda", prefix="C"),
    )
    given = counters or {"loket-1": ("ktp", "nib"), "loket-2": ("nib", "pajak")}
    return Blueprint(
        id="contoh",
        name="Mal contoh",
        name_english="Sample mall",
        invented=True,
        calendar=Calendar(
            zone=ZONE,
            hours=WeeklyHours(by_weekday=dict.fromkeys(range(5), HOURS)),
            closures=(Closure(first_on=date(2026, 11, 26), last_on=date(2026, 11, 26), indonesian="x", english="x"),),
            national_holidays=False,
            joint_leave=False,
        ),
        directory=Directory(
            agencies=(),
            services=services,
            counters=tuple(Counter(id=id_, name=id_, services=of) for id_, of in given.items()),
        ),
        policies=policies or QueuePolicies(),
        sources=("contoh.toml",),
    )


@pytest.fixture(scope="session")
def mall() -> Callable[..., Blueprint]:
    """Return what makes the mall: with other policies, or with counters and their services by name."""
    return _mall


@pytest.fixture(scope="session")
def local() -> Callable[[str], datetime]:
    """Return what reads a local instant, such as `2026-11-24 08:30`."""
    return lambda text: datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Watched(BareSteps):
    """The bare rules, with a diary of what the engine did and how many were refused."""

    def __init__(self, mall: Blueprint, on: date = TUESDAY, *, forget: bool = False) -> None:
        hall = Hall(directory=mall.directory, opening=mall.calendar.opening(on), policies=mall.policies)
        super().__init__(hall, mall.calendar.zone, forget=forget)
        self.diary: list[tuple[float, str, str]] = []
        self.refused = 0
        self._at: datetime | None = None

    def _do(self, at: datetime, happening: Events) -> Events:
        if self._at is not None and at > self._at:
            self._check_nobody_waits_for_a_counter_that_is_free()
        self._at = at
        return super()._do(at, happening)

    def _check_nobody_waits_for_a_counter_that_is_free(self) -> None:
        for counter in self.day.counters.values():
            if counter.status is CounterStatus.OPEN and counter.ticket is None:
                assert self.day.line_of(counter) == ()

    def _note(self, at: datetime, step: str, about: str) -> None:
        self.diary.append(((at - OPENS_AT).total_seconds(), step, about))

    def open_counter(self, at: datetime, counter: str) -> None:
        super().open_counter(at, counter)
        self._note(at, "open", counter)

    def pause_counter(self, at: datetime, counter: str) -> None:
        super().pause_counter(at, counter)
        self._note(at, "pause", counter)

    def resume_counter(self, at: datetime, counter: str) -> None:
        super().resume_counter(at, counter)
        self._note(at, "reopen", counter)

    def close_counter(self, at: datetime, counter: str) -> None:
        super().close_counter(at, counter)
        self._note(at, "close", counter)

    def arrive(self, at: datetime, visit: Visit, code: str | None) -> str | None:
        number = super().arrive(at, visit, code)
        self.refused += number is None
        return number

    def call_next(self, at: datetime, counter: str) -> str | None:
        number = super().call_next(at, counter)
        if number is not None:
            self._note(at, f"call {counter}", number)
        return number

    def recall(self, at: datetime, number: str) -> None:
        super().recall(at, number)
        self._note(at, "recall", number)

    def start(self, at: datetime, number: str) -> None:
        super().start(at, number)
        self._note(at, "start", number)

    def hold(self, at: datetime, number: str) -> None:
        super().hold(at, number)
        self._note(at, "hold", number)

    def resume(self, at: datetime, number: str) -> None:
        super().resume(at, number)
        self._note(at, "resume", number)

    def transfer(self, at: datetime, number: str, service: str) -> None:
        super().transfer(at, number, service)
        self._note(at, f"transfer {service}", number)

    def no_show(self, at: datetime, number: str) -> None:
        super().no_show(at, number)
        self._note(at, "no_show", number)

    def cancel(self, at: datetime, number: str) -> None:
        super().cancel(at, number)
        self._note(at, "cancel", number)

    def finish(self, at: datetime, number: str) -> str | None:
        following = super().finish(at, number)
        self._note(at, "finish", number)
        return following

    def close_day(self, at: datetime) -> None:
        super().close_day(at)
        self._note(at, "close day", "")

    def about(self, number: str) -> list[tuple[float, str]]:
        return [(seconds, step) for seconds, step, about in self.diary if about == number]


@pytest.fixture(scope="session")
def watch() -> type[Watched]:
    """Return what makes the watched rules of a mall's day."""
    return Watched
