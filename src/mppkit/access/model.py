"""Who looks or acts, and what it is about."""

from datetime import date
from enum import StrEnum

from attrs import evolve, field, frozen

from mppkit.directory import Directory, Duty
from mppkit.errors import InvalidValueError
from mppkit.identity.recordable import checked_date, checked_person


class ViewerKind(StrEnum):
    """As what somebody comes."""

    ANYBODY = "anybody"
    KIOSK = "kiosk"
    TICKET = "ticket"
    APPLICANT = "applicant"
    OFFICER = "officer"


@frozen(kw_only=True)
class Viewer:
    """Somebody who looks or acts, as your application has found out who it is.

    Make one with `anybody`, `kiosk`, `ticket`, `applicant` or `officer`.

    Attributes:
        id: of the kiosk, the officer, or the applicant (the subject's id); the number of the ticket; None for anybody.
        on, code: the local date of the ticket, None for today, and its code from `Mall.ticket_code`.
        agency, counters, duties: of an officer, as the blueprint says: `Mall.as_` fills them in, whatever stands there.

    >>> Viewer.officer("petugas-01").kind
    <ViewerKind.OFFICER: 'officer'>
    """

    kind: ViewerKind
    id: str | None = None
    on: date | None = None
    code: str | None = field(default=None, repr=False)
    agency: str | None = None
    counters: frozenset[str] = frozenset()
    duties: frozenset[Duty] = frozenset()

    @classmethod
    def anybody(cls) -> "Viewer":
        """Return somebody of whom nothing is known, such as the display in the hall or a public page."""
        return cls(kind=ViewerKind.ANYBODY)

    @classmethod
    def kiosk(cls, kiosk: str) -> "Viewer":
        """Return a kiosk (*anjungan*), by an id of your own; also a portal that takes bookings."""
        return cls(kind=ViewerKind.KIOSK, id=checked_person(kiosk, "kiosk"))

    @classmethod
    def ticket(cls, number: str, code: str, *, on: date | None = None) -> "Viewer":
        """Return whoever holds a ticket of a local date, today's if none is named, with the code that proves it.

        A number that was typed in small letters, or with spaces around it, counts too.
        """
        for place, value in (("number", number), ("code", code)):
            if not isinstance(value, str):
                raise InvalidValueError(place, type(value).__name__, "give a text")
        on = None if on is None else checked_date(on, "on")
        return cls(kind=ViewerKind.TICKET, id=number.strip(), code=code, on=on)

    @classmethod
    def applicant(cls, subject: str) -> "Viewer":
        """Return a citizen who has signed in, by the subject's id: an applicant, or a visitor with an appointment."""
        return cls(kind=ViewerKind.APPLICANT, id=checked_person(subject, "subject"))

    @classmethod
    def officer(cls, officer: str) -> "Viewer":
        """Return an officer who has signed in, by the id that the blueprint has."""
        return cls(kind=ViewerKind.OFFICER, id=checked_person(officer, "officer"))

    @property
    def signs_as(self) -> str | None:
        """The id under which it acts; None for those who have none that may be recorded."""
        return None if self.kind is ViewerKind.TICKET else self.id

    @property
    def own(self) -> "About":
        """What would be its own, to tell whether it may do something at all."""
        if self.kind is ViewerKind.TICKET and self.id is not None and self.on is not None:
            return About(ticket=(self.on, self.id))
        if self.kind is ViewerKind.APPLICANT:
            return About(subject=self.id)
        if self.kind is ViewerKind.OFFICER and self.agency is not None:
            return About(giver=self.agency, agencies=frozenset({self.agency}), counters=self.counters)
        return EVERYTHING


@frozen(kw_only=True)
class About:
    """What something is about, by whose it is; with nothing stated it is everything there is.

    Attributes:
        giver: the agency that gives the service.
        agencies: the agencies it concerns: the giver, and those that take or took a step of it.
        counters: the counters where it is.
        ticket: the local date and number of the ticket it is.
        subject: the person whose it is.
    """

    giver: str | None = None
    agencies: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()
    ticket: tuple[date, str] | None = None
    subject: str | None = None


EVERYTHING = About()
"""Nothing in particular: who may do something with this may do it with each thing there is."""


def as_officer(viewer: Viewer, directory: Directory) -> Viewer | None:
    """Return an officer with what the blueprint says of them; None where it has no such officer."""
    found = next((each for each in directory.officers if each.id == viewer.id), None)
    if found is None:
        return None
    may = {role.id: role.may for role in directory.roles}
    duties = frozenset(duty for role in found.roles for duty in may.get(role, ()))
    return evolve(viewer, agency=found.agency, counters=frozenset(found.counters), duties=duties)
