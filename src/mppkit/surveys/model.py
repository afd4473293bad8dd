"""What the survey desk talks about: who answers, in broad categories; receipts; and what is done about weak elements.

Values only: what may happen to them is `rules` and `followup`, what did happen is `events`.
"""

from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from mppkit.surveys.comparing import SMALLEST_GROUP


class Channel(StrEnum):
    """How an answer came; the two are never added up without being asked to."""

    TICKET = "ticket"
    """By the code printed on a ticket: one answer for a visit."""
    OPEN = "open"
    """Without a code, where the mall allows it: nobody knows who answered, or how often."""


@frozen(kw_only=True)
class Category:
    """One answer to a question about oneself (*kategori*), and what a citizen reads."""

    key: str
    text: str
    text_english: str


@frozen(kw_only=True)
class ProfileField:
    """Something a respondent may say of themselves (*karakteristik responden*): one of a few categories, or nothing.

    There is none for a free text or a number: a birth date would name a person.
    """

    key: str
    text: str
    text_english: str
    categories: tuple[Category, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its categories."""
        return tuple(each.key for each in self.categories)


def _field(key: str, text: str, english: str, *categories: tuple[str, str, str]) -> ProfileField:
    made = tuple(Category(key=each, text=told, text_english=told_english) for each, told, told_english in categories)
    return ProfileField(key=key, text=text, text_english=english, categories=made)


PROFILE = (
    _field(
        "sex",
        "Jenis kelamin",
        "Sex",
        ("laki-laki", "Laki-laki", "Male"),
        ("perempuan", "Perempuan", "Female"),
    ),
    _field(
        "age",
        "Usia",
        "Age",
        ("di-bawah-17", "Di bawah 17 tahun", "Under 17"),
        ("17-25", "17–25 tahun", "17–25"),
        ("26-35", "26–35 tahun", "26–35"),
        ("36-45", "36–45 tahun", "36–45"),
        ("46-55", "46–55 tahun", "46–55"),
        ("56-ke-atas", "56 tahun ke atas", "56 or older"),
    ),
    _field(
        "education",
        "Pendidikan",
        "Education",
        ("sd", "SD ke bawah", "Primary school or none"),
        ("smp", "SMP", "Lower secondary"),
        ("sma", "SMA/SMK", "Upper secondary"),
        ("d1-d3", "D1–D3", "Diploma"),
        ("d4-s1", "D4/S1", "Bachelor"),
        ("s2", "S2 ke atas", "Master or higher"),
    ),
    _field(
        "work",
        "Pekerjaan",
        "Work",
        ("pns", "PNS", "Civil servant"),
        ("tni-polri", "TNI/Polri", "Military or police"),
        ("swasta", "Pegawai swasta", "Private employee"),
        ("wiraswasta", "Wiraswasta", "Self-employed"),
        ("pelajar-mahasiswa", "Pelajar/mahasiswa", "Student"),
        ("lainnya", "Lainnya", "Other"),
    ),
)
"""What respondents are asked about themselves, unless the mall asks otherwise.

The fields and the categories of work and education are those of the province of West Kalimantan's published IKM of
2020, from a report of it; the bands of age are this library's own, none was found.
"""


@frozen(kw_only=True)
class Receipt:
    """That an answer was counted; a repeated click gets the same one.

    Attributes:
        instrument, version: what was answered.
        on: the local date it counts for: that of the visit, by the code; without one, the day it came.
        service, counter: for which it counts; None where nobody said.
        channel: by which it counts.
    """

    instrument: str
    version: int
    on: date
    service: str | None
    counter: str | None
    channel: Channel


class ActionStatus(StrEnum):
    """Where an action stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


@frozen(kw_only=True)
class Action:
    """What will be done about a weak element (*tindak lanjut*).

    Attributes:
        id: such as `t-1`.
        element: the key of the element it is to lift.
        text: what will be done; no names of persons.
        owner: the id of the role or agency that sees to it.
        due_on: the last local date for it.
        first_on, last_on: the period whose result it answers, both dates in it.
        done_on: when it was done; dropped_why: why it never will be.
    """

    id: str
    element: str
    text: str
    owner: str
    due_on: date
    first_on: date
    last_on: date
    planned_at: datetime
    done_on: date | None = None
    dropped_why: str | None = None

    @property
    def status(self) -> ActionStatus:
        """Where it stands."""
        if self.done_on is not None:
            return ActionStatus.DONE
        return ActionStatus.PLANNED if self.dropped_why is None else ActionStatus.DROPPED

    def is_late(self, on: date) -> bool:
        """Tell whether it is still to be done on a date past its last one."""
        return self.status is ActionStatus.PLANNED and on > self.due_on


@frozen(kw_only=True)
class SurveyTerms:
    """On what terms a mall asks.

    Attributes:
        open: whether an answer without a code is taken, and counted apart.
        minimum_group: the fewest answers shown on their own.
        valid_days: how many days a code is good for, the ticket's own among them.
    """

    open: bool = False
    minimum_group: int = SMALLEST_GROUP
    valid_days: int = 7
