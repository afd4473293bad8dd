"""What may be answered: from what was ticked, and the day as it stands, to the events it causes, or why it is refused.

Pure: no clock, no store, no chance, no secret.
"""

from collections.abc import Iterable, Mapping, Sequence

from mppkit.decisions import Decision, Reason
from mppkit.directory import Directory
from mppkit.errors import InvalidValueError, NotFoundError, RefusedError, shown
from mppkit.identity.recordable import checked_id
from mppkit.surveys import tokens
from mppkit.surveys.events import Answered
from mppkit.surveys.instrument import Element, Instrument
from mppkit.surveys.model import Channel, ProfileField
from mppkit.surveys.survey_day import SurveyDay

SERVICE = "service"
"""The field of a profile that names the service; it is held against the directory."""

CODE_NEEDED = Reason(
    code="token_needed",
    indonesian="Survei ini hanya dapat diisi dengan kode yang tercetak pada nomor antrean.",
    english="This survey can be answered only with the code printed on a ticket.",
)
"""Why an answer without a code is refused where the mall takes none."""


def answered(
    instrument: Instrument,
    answers: Mapping[str, int],
    *,
    directory: Directory,
    asked: Sequence[ProfileField],
    profile: Mapping[str, str],
    counter: str | None,
    service: str | None,
    token: str | None,
) -> Answered:
    """Return what a complete answer is recorded as.

    Args:
        instrument: what was asked.
        answers: the value ticked for each element, by key.
        directory: of the mall, for services and counters.
        asked: what respondents are asked about themselves.
        profile: what this one said, and with `service` for which service it is.
        counter: at which counter, where somebody knows.
        service: for which the code was printed; the profile's goes before it, for a visit may have several.
        token: the mark of the code; None without one.

    Raises:
        RefusedError: it is not complete, or a value was not offered; names every element.
        NotFoundError: no such element, service, counter or profile field.
        InvalidValueError: a value cannot be; messages never show what was said of a person.
    """
    values = _checked_answers(instrument, answers)
    said = _checked_profile(asked, profile)
    service = said.pop(SERVICE, service)
    if service is not None:
        directory.service(checked_id(service, SERVICE))
    if counter is not None:
        directory.counter(checked_id(counter, "counter"))
    return Answered(
        instrument=instrument.id,
        version=instrument.version,
        digest=instrument.digest,
        answers=values,
        channel=Channel.OPEN if token is None else Channel.TICKET,
        service=service,
        counter=counter,
        profile=said,
        token=token,
    )


def respond(day: SurveyDay, answer: Answered) -> tuple[Answered, ...]:
    """Count an answer; nothing happens if the very same one came by this code before.

    Raises:
        RefusedError: the code was used for other answers.
        InvalidValueError: the instrument's text was changed under an id and version in use.
    """
    before = None if answer.token is None else day.by_token.get(answer.token)
    if before is not None:
        if says_the_same(before, answer):
            return ()
        raise RefusedError(Decision.refused(tokens.USED))
    check_text(answer.instrument, answer.version, answer.digest, day.texts)
    return (answer,)


def says_the_same(before: Answered, again: Answered) -> bool:
    """Tell whether two answers tick and tell the same; the text may have got a new version between two clicks."""
    return (before.answers, before.service, before.counter, before.profile) == (
        again.answers,
        again.service,
        again.counter,
        again.profile,
    )


def check_text(instrument: str, version: int, digest: str, texts: Mapping[int, str]) -> None:
    """Check that a version of an instrument is the text that others answered under it.

    Raises:
        InvalidValueError: it is another text.
    """
    if texts.get(version, digest) != digest:
        remedy = f"its text was changed after it had been answered; call the changed one version {version + 1}"
        raise InvalidValueError("instrument", f"{instrument} version {version}", remedy)


def _checked_answers(instrument: Instrument, answers: Mapping[str, int]) -> dict[str, int]:
    if not isinstance(answers, Mapping):
        remedy = f"give a value for each of {', '.join(instrument.keys)}"
        raise InvalidValueError("answers", type(answers).__name__, remedy)
    for key in answers:
        instrument.element(key)
    reasons = tuple(_reasons(instrument.elements, answers))
    if reasons:
        raise RefusedError(Decision.refused(*reasons))
    return {key: answers[key] for key in instrument.keys}


def _reasons(elements: Iterable[Element], answers: Mapping[str, int]) -> Iterable[Reason]:
    """Say of each element that has no answer, or one that was not offered, what can be ticked."""
    for element in elements:
        values = [choice.value for choice in element.choices]
        given = answers.get(element.key)
        ways = ", ".join(map(str, values))
        if given is None:
            yield Reason(
                code="answer_missing",
                indonesian=f"{element.name} belum dijawab: pilih salah satu dari {ways}.",
                english=f"{element.key} is not answered: choose one of {ways}.",
            )
        elif type(given) is not int or given not in values:  # True is no answer, though it equals 1
            yield Reason(
                code="answer_not_offered",
                indonesian=f"{element.name}: {shown(given)} bukan pilihan; pilih salah satu dari {ways}.",
                english=f"{element.key}: {shown(given)} was not offered; choose one of {ways}.",
            )


def _checked_profile(asked: Sequence[ProfileField], profile: Mapping[str, str]) -> dict[str, str]:
    """Return what was said of oneself in the order it is asked, the service among it."""
    if not isinstance(profile, Mapping):
        raise InvalidValueError(
            "profile", type(profile).__name__, 'give fields and values, such as {"sex": "perempuan"}'
        )
    fields = {field.key: field for field in asked}
    for key in profile:
        if key != SERVICE and key not in fields:
            raise NotFoundError("profile field", key, (*fields, SERVICE), f"asked are {', '.join((*fields, SERVICE))}")
    for key, field in fields.items():
        if key in profile and (type(profile[key]) is not str or profile[key] not in field.keys):
            remedy = f"give one of {', '.join(field.keys)}, or leave it out; never a birth date or a free text"
            raise InvalidValueError(f"profile.{key}", "…", remedy)
    order = (*fields, SERVICE)
    return {key: profile[key] for key in order if key in profile}
