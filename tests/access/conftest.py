"""A mall of two agencies that give permits, one that assesses for the first, and one with the mall's own officers.

All invented. What belongs to `beta` bears a mark, so that it is found wherever it comes out.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen

from mppkit import Mall, VirtualClock
from mppkit.access import Desks, Viewer
from mppkit.blueprint import Blueprint, load_blueprint
from mppkit.people import EnvironmentKeyProvider, KeyProvider, MemoryKeyRing, Terms, new_mall_key
from mppkit.permits.capacity import Use
from mppkit.permits.model import Document, Investment

NOW = "2026-11-24T09:00:00+08:00"
TODAY = date(2026, 11, 24)
AHEAD = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
SECRET = bytes(range(32))
TERMS = Terms(purpose="izin usaha", basis="public_task", keep_days=365)
MARK = "kepunyaan-beta"
NIKS = {"alfa": "5103011708900001", "beta": "5103014708900003"}
RUPIAH = {"alfa": 11_000_000, "beta": 7_770_077_707}


def _agency(id_: str) -> str:
    return f'[[agency]]\nid = "{id_}"\nname = "Dinas {id_}"\nname_english = "Office {id_}"\nkind = "lembaga"\n'


def _service(id_: str, agency: str, prefix: str) -> str:
    return (
        f'[[service]]\nid = "{id_}"\nname = "{id_}"\nname_english = "{id_}"\nagency = "{agency}"\nprefix = "{prefix}"\n'
    )


def _counter(id_: str, *services: str) -> str:
    return f'[[counter]]\nid = "{id_}"\nname = "{id_}"\nservices = {list(services)}\n'


def _role(id_: str, *may: str) -> str:
    return f'[[role]]\nid = "{id_}"\nname = "{id_}"\nname_english = "{id_}"\nmay = {list(may)}\n'


def _officer(id_: str, agency: str, *roles: str, counters: tuple[str, ...] = ()) -> str:
    return f'[[officer]]\nid = "{id_}"\nagency = "{agency}"\nroles = {list(roles)}\ncounters = {list(counters)}\n'


def _workflow(agency: str, assessor: str, reserves: str) -> str:
    def step(id_: str, kind: str, outcomes: str, agency: str | None = agency, more: str = "") -> str:
        of = f'agency = "{agency}"\n' if agency else ""
        return (
            f'[[workflow.step]]\nid = "{id_}"\nname = "{id_}"\nname_english = "{id_}"\nkind = "{kind}"\n'
            f'role = "petugas-izin"\nworking_days = 2\n{of}{more}outcomes = [{outcomes}]\n'
        )

    return (
        f'[[workflow]]\nid = "alur-{agency}"\nname = "alur {agency}"\nname_english = "flow {agency}"\n'
        f'services = ["izin-{agency}"]\nstart = "periksa"\nworking_days = 10\nvalidity_months = 12\n'
        'escalates_to = "petugas-izin"\n'
        + step("periksa", "verify", '{ id = "lengkap", effect = "forward", next = ["nilai"] }')
        + step("nilai", "assess", '{ id = "dinilai", effect = "forward", next = ["putus"] }', assessor, reserves)
        + step("putus", "decide", '{ id = "setuju", effect = "grant", next = ["terbit"] }')
        + step("terbit", "issue", '{ id = "terbit", effect = "issue" }')
    )


TOML = "\n".join(
    (
        '[mall]\nid = "uji"\nname = "Mal uji"\nname_english = "Test mall"\nzone = "Asia/Makassar"\ninvented = true\n',
        "[survey]\nopen = true\nminimum_group = 2\n",
        *map(_agency, ("alfa", "beta", "gama", "aula")),
        _service("izin-alfa", "alfa", "A"),
        _service("izin-beta", "beta", "B"),
        _counter("loket-alfa", "izin-alfa"),
        _counter("loket-beta", "izin-beta"),
        _counter("loket-bersama", "izin-alfa", "izin-beta"),
        _role("petugas-izin"),
        *(_role(f"tugas-{duty}", duty) for duty in ("supervise", "head", "audit", "register", "protect")),
        _officer("o-alfa", "alfa", "petugas-izin"),
        _officer("o-beta", "beta", "petugas-izin"),
        _officer("o-gama", "gama", "petugas-izin"),
        _officer("o-bersama", "gama", counters=("loket-bersama",)),
        *(_officer(f"o-{duty}", "aula", f"tugas-{duty}") for duty in ("supervise", "head", "audit")),
        *(_officer(f"o-{duty}", "aula", f"tugas-{duty}") for duty in ("register", "protect")),
        _workflow("alfa", "gama", ""),
        _workflow("beta", "", "reserves = true\n"),
        '[[zone]]\nid = "pantai"\nname = "Pantai"\nname_english = "Coast"\n'
        'limit = [{ resource = "kamar", unit = "kamar", amount = 500, source = "RDTR", dated = 2026-01-01 }]\n',
    )
)


@pytest.fixture(scope="session")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    path = Path(tmp_path_factory.mktemp("access")) / "uji.toml"
    path.write_text(TOML, encoding="utf-8")
    return load_blueprint(path)


@pytest.fixture(scope="session")
def keys() -> KeyProvider:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPPKIT_MALL_KEYS", new_mall_key("2026-11"))
        provider = EnvironmentKeyProvider()
        provider.current()
        yield provider


@frozen
class Things:
    """What one agency has in the mall: a ticket that is served, one that waits, booked visits, an application.

    Attributes:
        subject: whose the application is, the ticket that is served, and the visit of tomorrow (`code_ahead`).
    """

    agency: str
    service: str
    counter: str
    officer: str
    subject: str
    number: str
    waiting: str
    code: str
    code_ahead: str
    application: str


def a_document(agency: str) -> Document:
    return Document(
        kind="denah", digest="0" * 64, media_type="application/pdf", size=9, place=f"arsip/{marked(agency)}"
    )


def marked(agency: str) -> str:
    return MARK if agency == "beta" else f"kepunyaan-{agency}"


def settle(mall: Mall, agency: str, subject: str | None = None) -> Things:
    """Let an agency serve, take bookings and work on an application, all with its mark; a subject is taken in."""
    service, officer, why = f"izin-{agency}", f"o-{agency}", marked(agency)
    if subject is None:
        subject = mall.people.register({"nik": NIKS[agency], "name": f"Orang {why}"}, TERMS, who="o-register")
    counter = f"loket-{agency}"
    mall.queue.open_counter(counter, officer=officer)
    number = mall.queue.issue(service, subject=subject).number
    mall.queue.call_next(counter)
    mall.queue.start(number)
    waiting = mall.queue.issue(service, subject=f"{why}-2").number
    code = mall.queue.book(service, AHEAD, subject=f"{why}-3").code
    code_ahead = mall.queue.book(service, AHEAD + timedelta(days=1), subject=subject).code
    app = mall.permits.draft(
        service,
        subject,
        investment=Investment(rupiah=RUPIAH[agency], jobs=len(agency), sector=why),
        zone="pantai" if agency == "beta" else None,
        uses=[Use(resource="kamar", amount=Decimal(77))] if agency == "beta" else [],
    ).id
    mall.permits.attach(app, a_document(agency))
    mall.permits.submit(app)
    mall.permits.act(app, "periksa", "lengkap", officer=officer, note=f"catatan {why}")
    assessor = "o-gama" if agency == "alfa" else officer
    mall.permits.act(app, "nilai", "dinilai", officer=assessor, note=f"nilai {why}")
    mall.surveys.respond(
        "skm", None, dict.fromkeys(ELEMENTS, 3 if agency == "alfa" else 1), profile={"service": service}
    )
    return Things(
        agency=agency,
        service=service,
        counter=counter,
        officer=officer,
        subject=subject,
        number=number,
        waiting=waiting,
        code=code,
        code_ahead=code_ahead,
        application=app,
    )


ELEMENTS = ("persyaratan", "prosedur", "waktu", "biaya", "produk", "kompetensi", "perilaku", "pengaduan", "sarana")


def a_mall(blueprint: Blueprint, keys: KeyProvider) -> Mall:
    clock = VirtualClock(NOW)
    return Mall.open(blueprint, "memory:", clock=clock, vault=(keys, MemoryKeyRing()), survey_secret=SECRET)


@frozen
class World:
    """A mall with what alfa and beta have in it, and who looks at it."""

    mall: Mall
    alfa: Things
    beta: Things

    def viewers(self) -> dict[str, Viewer]:
        """Return each kind of viewer by a letter; the citizens are alfa's."""
        number = self.alfa.number
        return {
            "n": Viewer.anybody(),
            "k": Viewer.kiosk("anjungan-1"),
            "t": Viewer.ticket(number, self.mall.ticket_code(number)),
            "s": Viewer.applicant(self.alfa.subject),
            "o": Viewer.officer("o-alfa"),
            "v": Viewer.officer("o-supervise"),
            "h": Viewer.officer("o-head"),
            "u": Viewer.officer("o-audit"),
            "r": Viewer.officer("o-register"),
            "p": Viewer.officer("o-protect"),
        }

    def as_(self, letter: str) -> Desks:
        return self.mall.as_(self.viewers()[letter])


def a_world(blueprint: Blueprint, keys: KeyProvider) -> World:
    mall = a_mall(blueprint, keys)
    return World(mall, settle(mall, "alfa"), settle(mall, "beta"))


@pytest.fixture
def in_a_world(blueprint: Blueprint, keys: KeyProvider):
    """Return what makes a new world."""
    return lambda: a_world(blueprint, keys)


@pytest.fixture
def in_a_mall(blueprint: Blueprint, keys: KeyProvider):
    """Return what opens a new mall with nothing in it, and what lets an agency settle there."""
    return (lambda: a_mall(blueprint, keys)), settle


@pytest.fixture
def world(blueprint: Blueprint, keys: KeyProvider):
    made = a_world(blueprint, keys)
    yield made
    made.mall.close()


@pytest.fixture
def elements() -> tuple[str, ...]:
    """What the survey asks about."""
    return ELEMENTS
