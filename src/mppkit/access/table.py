"""The table of who may do what: one line for each public method of each desk, and nothing beside it.

A line says who may do it with anything, and who only with their own. A method without a line is open to nobody; one
whose line is empty only to the application that opened the mall, such as a run of the deadlines.
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from mppkit.access import abouts, keeping
from mppkit.access.abouts import Abouts
from mppkit.access.keeping import Keep
from mppkit.directory import Duty


class Who(StrEnum):
    """Who may; the first ones whatever it is about, the last four only with what is theirs."""

    ANYBODY = "anybody"
    KIOSK = "kiosk"
    STAFF = "staff"
    """Any officer of the mall."""
    SUPERVISE = Duty.SUPERVISE.value
    HEAD = Duty.HEAD.value
    AUDIT = Duty.AUDIT.value
    REGISTER = Duty.REGISTER.value
    PROTECT = Duty.PROTECT.value
    AGENCY = "agency"
    """Officers whose agency it concerns, or at whose counter it is."""
    GIVER = "giver"
    """Officers of the agency that gives the service."""
    SUBJECT = "subject"
    """The applicant or visitor whose it is."""
    TICKET = "ticket"
    """Whoever holds the ticket."""


@frozen
class Rule:
    """Who may do an act.

    Attributes:
        anything: who may do it with anything.
        own: who may do it only with their own.
        about: what its arguments are about; None where they name nothing of anybody's.
        keep: what of its answer is for those who may only have their own; None for all of it.
    """

    anything: frozenset[Who]
    own: frozenset[Who] = frozenset()
    about: Abouts | None = None
    keep: Keep | None = None


_ANYBODY, _KIOSK, _STAFF = Who.ANYBODY, Who.KIOSK, Who.STAFF
_SUPERVISE, _HEAD, _AUDIT, _REGISTER, _PROTECT = Who.SUPERVISE, Who.HEAD, Who.AUDIT, Who.REGISTER, Who.PROTECT
_AGENCY, _GIVER, _SUBJECT, _TICKET = Who.AGENCY, Who.GIVER, Who.SUBJECT, Who.TICKET
_OWN = frozenset({_AGENCY, _GIVER, _SUBJECT, _TICKET})


def _rule(*who: Who, about: Abouts | None = None, keep: Keep | None = None) -> Rule:
    return Rule(frozenset(who) - _OWN, frozenset(who) & _OWN, about, keep)


def _at_counter(*who: Who) -> Rule:
    return _rule(_SUPERVISE, _AGENCY, *who, about=abouts.the_counter)


def _with_ticket(*who: Who) -> Rule:
    return _rule(_SUPERVISE, _AGENCY, *who, about=abouts.the_ticket)


def _coming_in(keep: Keep) -> Rule:
    return _rule(_KIOSK, _SUPERVISE, _GIVER, _SUBJECT, about=abouts.the_services, keep=keep)


def _with_application(*who: Who) -> Rule:
    return _rule(*who, about=abouts.the_application)


def _with_person(*who: Who) -> Rule:
    return _rule(*who, about=abouts.the_person)


_made_ticket, _made_appointment = keeping.made(abouts.of_ticket), keeping.made(abouts.of_appointment)

_QUEUE = {
    "open_day": _rule(_SUPERVISE),
    "close_day": _rule(_SUPERVISE),
    "open_counter": _at_counter(),
    "pause_counter": _at_counter(),
    "resume_counter": _at_counter(),
    "close_counter": _at_counter(),
    "issue": _coming_in(_made_ticket),
    "reserve": _coming_in(_made_ticket),
    "confirm": _with_ticket(_KIOSK),
    "book": _coming_in(_made_appointment),
    # not at a kiosk: codes are counted up, so that anybody could call off the visits of others
    "cancel_appointment": _rule(_SUPERVISE, _GIVER, _SUBJECT, about=abouts.the_appointment),
    "check_in": _rule(_KIOSK, _SUPERVISE, _GIVER, about=abouts.the_appointment),
    "call_next": _at_counter(),
    "call": _rule(_SUPERVISE, _AGENCY, about=abouts.the_ticket_at),
    "recall": _with_ticket(),
    "no_show": _with_ticket(),
    "start": _with_ticket(),
    "hold": _with_ticket(),
    "resume": _rule(_SUPERVISE, _AGENCY, about=abouts.the_ticket_at),
    "transfer": _with_ticket(),
    "return_to_line": _with_ticket(),
    "cancel": _with_ticket(_SUBJECT, _TICKET),
    "finish": _with_ticket(),
    "undo": _at_counter(),
    "ticket": _with_ticket(_AUDIT, _SUBJECT, _TICKET),
    "tickets": _rule(_SUPERVISE, _AUDIT, _AGENCY, _SUBJECT, keep=keeping.rows(abouts.of_ticket)),
    "appointments": _rule(_SUPERVISE, _AUDIT, _AGENCY, _SUBJECT, keep=keeping.rows(abouts.of_appointment)),
    "position": _with_ticket(_KIOSK, _AUDIT, _SUBJECT, _TICKET),
    "board": _rule(_ANYBODY),
    "counter": _at_counter(_AUDIT),
    "calls": _rule(_SUPERVISE, _HEAD, _AUDIT, _AGENCY, keep=keeping.rows(abouts.of_call)),
    "overtakings": _rule(_SUPERVISE, _HEAD, _AUDIT, _AGENCY, keep=keeping.rows(abouts.of_overtaking)),
    "measures": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "days": _rule(_STAFF),
    "today": _rule(_ANYBODY),
}

_PERMITS = {
    "draft": _rule(_GIVER, _SUBJECT, about=abouts.the_service_applied_for),
    "attach": _with_application(_AGENCY, _SUBJECT),
    "submit": _with_application(_GIVER, _SUBJECT),
    "resubmit": _with_application(_GIVER, _SUBJECT),
    "withdraw": _with_application(_GIVER, _SUBJECT),
    # with its own an officer comes to the permits' rules, which ask for the step's role and agency
    "act": _with_application(_AGENCY),
    "issue": _with_application(_AGENCY),
    "migrate": _with_application(_AGENCY),
    "amend": _with_application(_AGENCY),
    "renew": _with_application(_AGENCY),
    "suspend": _with_application(_AGENCY),
    "reinstate": _with_application(_AGENCY),
    "revoke": _with_application(_AGENCY),
    "enforce_deadlines": _rule(),
    "application": _with_application(_AUDIT, _AGENCY, _SUBJECT),
    "applications": _rule(_AUDIT, _AGENCY, _SUBJECT, keep=keeping.heads),
    "work_of": _rule(_AUDIT, _AGENCY, keep=keeping.rows(keeping.of_work)),
    "term": _with_application(_AUDIT, _AGENCY, _SUBJECT),
    "step_terms": _with_application(_AUDIT, _AGENCY, _SUBJECT),
    "overdue": _rule(_AUDIT, _AGENCY, keep=keeping.rows(keeping.of_late)),
    "explain": _with_application(_AUDIT, _AGENCY, _SUBJECT),
    "figures": _rule(_HEAD, _AUDIT, _GIVER, keep=keeping.figures),
    "workflow": _rule(_ANYBODY),
    "capacity": _rule(_HEAD, _AUDIT, _AGENCY, about=abouts.the_zone, keep=keeping.capacity),
    "set_limit": _rule(_HEAD),
}

_SURVEYS = {
    "token": _rule(),
    "respond": _rule(_ANYBODY),
    "index": _rule(_SUPERVISE, _HEAD, _AUDIT, _AGENCY, about=abouts.the_group),
    "tally": _rule(_SUPERVISE, _HEAD, _AUDIT, _AGENCY, about=abouts.the_group),
    "response_rate": _rule(_SUPERVISE, _HEAD, _AUDIT, _AGENCY, about=abouts.the_group),
    "by": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "trend": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "days": _rule(_STAFF),
    "instrument": _rule(_ANYBODY),
    "today": _rule(_ANYBODY),
}

_FOLLOWUP = {
    "plan": _rule(_SUPERVISE, _HEAD),
    "complete": _rule(_SUPERVISE, _HEAD),
    "drop": _rule(_SUPERVISE, _HEAD),
    "actions": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "moved": _rule(_SUPERVISE, _HEAD, _AUDIT),
}

_PEOPLE = {
    "register": _rule(_REGISTER),
    "add": _rule(_REGISTER),
    "correct": _rule(_REGISTER, _PROTECT),
    "find": _rule(_REGISTER, _PROTECT),
    "read": _with_person(_PROTECT, _AGENCY, _SUBJECT),
    "export": _with_person(_PROTECT, _SUBJECT),
    # the trail tells why others read it, so it is not for the officers of one agency
    "person": _with_person(_PROTECT, _AUDIT, _SUBJECT),
    "restrict": _rule(_PROTECT),
    "lift": _rule(_PROTECT),
    "erase": _rule(_PROTECT),
    "retention_due": _rule(_PROTECT, _AUDIT),
    "enforce_retention": _rule(_PROTECT),
    "reachable": _rule(_PROTECT, _AUDIT),
    "check": _rule(_PROTECT, _AUDIT),
    "finish_erasures": _rule(),
    "rotate_mall_key": _rule(),
    "destroy_strays": _rule(),
}

_READINESS = {
    "record": _rule(_SUPERVISE, _HEAD),
    "apply": _rule(_HEAD),
    "withdraw": _rule(_SUPERVISE, _HEAD),
    "evidence": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "assess": _rule(_SUPERVISE, _HEAD, _AUDIT),
    "launch": _rule(_HEAD),
    "launched": _rule(_ANYBODY),
    "history": _rule(_SUPERVISE, _HEAD, _AUDIT),
}

_LESSONS = {
    **dict.fromkeys(("plan_visit", "close", "ask", "answer", "observe", "decide", "measure"), _rule(_SUPERVISE, _HEAD)),
    "visit": _rule(_STAFF),
    "visits": _rule(_STAFF),
}

RULES: Mapping[str, Rule] = {
    f"{desk}.{method}": rule
    for desk, lines in (
        ("queue", _QUEUE),
        ("permits", _PERMITS),
        ("surveys", _SURVEYS),
        ("followup", _FOLLOWUP),
        ("people", _PEOPLE),
        ("readiness", _READINESS),
        ("lessons", _LESSONS),
    )
    for method, rule in lines.items()
}
"""Who may do each act, by its name, such as `queue.call_next`."""
