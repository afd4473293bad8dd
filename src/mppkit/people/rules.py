"""What may be done with a person's data, and the events it causes; pure, and without any value.

Whoever takes in, corrects or destroys something needs it sealed anew, so those steps answer with a `Change`: what is
to be kept, and the event that says so once it is sealed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from mppkit.decisions import Decision, LegalBasis, Reason
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, TransitionError
from mppkit.identity.recordable import checked_person, checked_text, is_personal_number
from mppkit.people import events as e
from mppkit.people.dossier import Dossier
from mppkit.people.model import Act, Field, Kept, Status, Terms

Events = tuple[e.PersonEvent, ...]

RETENTION_OVER = "Masa simpan berakhir / retention is over (UU 27/2022 Pasal 42, 44)"
"""The reason that a retention run records."""

_SEALINGS = (Act.REGISTERED, Act.ADDED, Act.CORRECTED, Act.FIELDS_ERASED)
"""What makes a new holding; the trail has them in the same order."""
_SUBJECT = re.compile(r"p-[a-z]{32}")
_WHY_AT_MOST = 300
_STEPS: Mapping[Status, tuple[str, ...]] = {
    Status.ACTIVE: ("read", "add", "correct", "export", "restrict", "erase"),
    Status.RESTRICTED: ("correct", "export", "lift", "erase"),
    Status.ERASING: ("erase",),
    Status.ERASED: ("erase",),
}
_RESTRICTED = Reason(
    code="person_restricted",
    indonesian="Pemrosesan data orang ini sedang dibatasi.",
    english="The processing of this person's data is restricted.",
    basis=LegalBasis(regulation="UU 27/2022", article="41"),
)
_OVER = Reason(
    code="person_retention_over",
    indonesian="Masa simpan data ini sudah berakhir.",
    english="The time for which this data is kept is over.",
    basis=LegalBasis(regulation="UU 27/2022", article="42"),
)


@frozen(kw_only=True)
class Change:
    """What is kept of a person from now on, and the event that tells it, made from the key and all that is sealed."""

    kept: tuple[Kept, ...]
    event: Callable[[str, str, tuple[e.SealedField, ...]], e.Sealing]


# --- taking in, correcting, destroying -------------------------------------------------------------------------------


def register(dossier: Dossier, terms: Mapping[Field, Terms], who: str, at: datetime) -> Change:
    """Take somebody in.

    Raises:
        TransitionError: the person was taken in before.
        InvalidValueError: `who` is no id.
    """
    if dossier.status is not None:
        raise TransitionError(_named(dossier), "register", dossier.status, _STEPS[dossier.status])
    by = checked_who(who)
    return Change(
        kept=_kept(terms, at),
        event=lambda key, mall_key, sealed: e.PersonRegistered(key=key, mall_key=mall_key, fields=sealed, who=by),
    )


def add(dossier: Dossier, terms: Mapping[Field, Terms], who: str, at: datetime) -> Change:
    """Take in more of a person.

    Raises:
        NotFoundError: the person was never registered.
        TransitionError: a field is there already, or the person erased.
        RefusedError: the person's data is restricted.
    """
    _check_there(dossier, "add")
    _check_free(dossier)
    if there := [field for field in terms if field in dossier.fields]:
        raise TransitionError(f"{', '.join(there)} of {_named(dossier)}", "add", "there", ("correct",))
    by, added = checked_who(who), tuple(terms)
    return Change(
        kept=(*_kept_now(dossier), *_kept(terms, at)),
        event=lambda key, mall_key, sealed: e.FieldsAdded(
            key=key, mall_key=mall_key, fields=sealed, who=by, added=added
        ),
    )


def correct(dossier: Dossier, fields: Iterable[Field], who: str, why: str) -> Change:
    """Put values right; they are kept on the terms they were, and no longer than they were to be.

    Raises:
        NotFoundError: the person was never registered, or has no such field.
        TransitionError: the person is erased.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_there(dossier, "correct")
    corrected = _check_has(dossier, fields)
    by, reason = checked_who(who), checked_why(why)
    return Change(
        kept=_kept_now(dossier),
        event=lambda key, mall_key, sealed: e.FieldsCorrected(
            key=key, mall_key=mall_key, fields=sealed, who=by, corrected=corrected, why=reason
        ),
    )


def erase_fields(dossier: Dossier, fields: Iterable[Field], who: str, why: str) -> Change | Events:
    """Keep some fields no longer; where nothing would be left, the whole person is to be erased.

    Raises:
        NotFoundError: the person was never registered, or has no such field.
        TransitionError: the person is erased.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_there(dossier, "erase fields")
    erased = _check_has(dossier, fields)
    left = tuple(kept for kept in _kept_now(dossier) if kept.field not in erased)
    if not left:
        return order_erasure(dossier, who, why)
    by, reason = checked_who(who), checked_why(why)
    return Change(
        kept=left,
        event=lambda key, mall_key, sealed: e.FieldsErased(
            key=key, mall_key=mall_key, fields=sealed, who=by, erased=erased, why=reason
        ),
    )


def still_as_brought(
    dossier: Dossier, event: e.Sealing, asked: Iterable[Field], terms: Mapping[Field, Terms] | None
) -> tuple[Field, ...] | None:
    """Return the fields whose values are still those that a request brought, to tell whether another one repeats it.

    None where it asks for other fields, or brings them on other terms, and so does not repeat it.
    """
    place = next(n for n, held in enumerate(dossier.holdings) if held.key == event.key)
    step, *since = [step for step in dossier.trail if step.act in _SEALINGS][place:]
    if set(step.fields) != set(asked):
        return None
    if terms is not None:
        kept = _kept(terms, dossier.holdings[place].from_at)
        if set(kept) != {each.kept for each in event.fields if each.kept.field in step.fields}:
            return None
    changed = {field for later in since for field in later.fields}
    return tuple(field for field in step.fields if field not in changed)


def order_erasure(dossier: Dossier, who: str, why: str) -> Events:
    """Have a person erased; one who is being erased already needs no other order.

    Raises:
        NotFoundError: the person was never registered.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    check_registered(dossier)
    by, reason = checked_who(who), checked_why(why)
    if dossier.status in (Status.ERASING, Status.ERASED):
        return ()
    return (e.ErasureOrdered(who=by, why=reason),)


def destroyed(dossier: Dossier) -> Events:
    """Tell that all condemned keys are gone from the ring."""
    if dossier.status is Status.ERASING:
        return (e.Erased(),)
    return (e.KeysDestroyed(keys=dossier.condemned),) if dossier.condemned else ()


# --- handing out -----------------------------------------------------------------------------------------------------


def read(dossier: Dossier, fields: Iterable[Field], who: str, why: str, at: datetime) -> Events:
    """Hand out values.

    Raises:
        NotFoundError: the person was never registered, or has no such field.
        TransitionError: the person is erased.
        RefusedError: the person's data is restricted, or the time of a field over.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_there(dossier, "read")
    _check_free(dossier)
    names = _check_has(dossier, fields)
    if any(name in due(dossier, at) for name in names):
        raise RefusedError(Decision.refused(_OVER))
    return (e.FieldsRead(fields=names, who=checked_who(who), why=checked_why(why)),)


def export(dossier: Dossier, who: str, why: str) -> Events:
    """Hand out all that is kept, for the person; a restriction is the person's own, and does not stand in the way.

    Raises:
        NotFoundError: the person was never registered.
        TransitionError: the person is erased.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_there(dossier, "export")
    return (e.Exported(fields=dossier.fields, who=checked_who(who), why=checked_why(why)),)


# --- restricting -----------------------------------------------------------------------------------------------------


def restrict(dossier: Dossier, who: str, why: str) -> Events:
    """Have nobody read a person's data for now.

    Raises:
        NotFoundError: the person was never registered.
        TransitionError: the data is restricted already, or the person erased.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_step(dossier, "restrict")
    return (e.Restricted(who=checked_who(who), why=checked_why(why)),)


def lift(dossier: Dossier, who: str, why: str) -> Events:
    """Have a person's data read again.

    Raises:
        NotFoundError: the person was never registered.
        TransitionError: the data is not restricted.
        InvalidValueError: `who` is no id, or `why` no line of text.
    """
    _check_step(dossier, "lift")
    return (e.RestrictionLifted(who=checked_who(who), why=checked_why(why)),)


# --- looking ---------------------------------------------------------------------------------------------------------


def due(dossier: Dossier, at: datetime) -> tuple[Field, ...]:
    """Return the fields whose time is over at an instant."""
    return tuple(each.kept.field for each in dossier.sealed if each.kept.keep_until_at <= at)


def check_registered(dossier: Dossier) -> Status:
    """Return where a person's data stands.

    Raises:
        NotFoundError: the person was never registered.
    """
    if dossier.status is None:
        raise NotFoundError("person", dossier.subject, remedy="register the person first")
    return dossier.status


def checked_subject(subject: str) -> str:
    """Return the id of a person.

    Raises:
        NotFoundError: it is none; what was given is not shown, for it may be a name or a number.
    """
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise NotFoundError(
            "person", "…", remedy="give the id that `register` or `find` answered with: p- and 32 letters"
        )
    return subject


def living_key(dossier: Dossier) -> str:
    """Return the id of the key under which a person's data lies.

    Raises:
        TransitionError: the person was erased.
    """
    _check_there(dossier, "open")
    if dossier.key is None:  # pragma: no cover - whoever is there has one
        raise ValueError("a person without a key")
    return dossier.key


def checked_request(request_id: str | None) -> str | None:
    """Return the id of a request, which is recorded as it is.

    Raises:
        InvalidValueError: it is no text, or holds a NIK or a mobile number.
    """
    if request_id is not None and (not isinstance(request_id, str) or is_personal_number(request_id)):
        raise InvalidValueError(
            "request_id", request_id, "give each request an id of its own, without personal numbers"
        )
    return request_id


def checked_who(who: str) -> str:
    """Return the id of who does something.

    Raises:
        InvalidValueError: it is none, or looks like a NIK or a phone number.
    """
    return checked_person(who, "who")


def checked_why(why: str) -> str:
    """Return a reason that can be recorded.

    Raises:
        InvalidValueError: it is no line of text, or holds a long number.
    """
    return checked_text(why, "why", _WHY_AT_MOST)


def _check_there(dossier: Dossier, step: str) -> None:
    status = check_registered(dossier)
    if status in (Status.ERASING, Status.ERASED):
        raise TransitionError(_named(dossier), step, status, _STEPS[status])


def _check_step(dossier: Dossier, step: str) -> None:
    status = check_registered(dossier)
    if step not in _STEPS[status]:
        raise TransitionError(_named(dossier), step, status, _STEPS[status])


def _check_free(dossier: Dossier) -> None:
    if dossier.status is Status.RESTRICTED:
        raise RefusedError(Decision.refused(_RESTRICTED))


def _check_has(dossier: Dossier, fields: Iterable[Field]) -> tuple[Field, ...]:
    names = tuple(fields)
    for name in names:
        if name not in dossier.fields:
            kept = ", ".join(dossier.fields) or "none"
            raise NotFoundError("field", name, remedy=f"kept of {_named(dossier)} is: {kept}")
    if not names:
        raise InvalidValueError("fields", (), "name one field or more")
    return names


def _kept_now(dossier: Dossier) -> tuple[Kept, ...]:
    return tuple(each.kept for each in dossier.sealed)


def _kept(terms: Mapping[Field, Terms], at: datetime) -> tuple[Kept, ...]:
    return tuple(
        Kept(field=field, purpose=each.purpose, basis=each.basis, keep_until_at=at + timedelta(days=each.keep_days))
        for field, each in terms.items()
    )


def _named(dossier: Dossier) -> str:
    return f"person {dossier.subject}"
