"""All that is kept of a person, as the person may ask for it, fit for JSON."""

from collections.abc import Mapping

from mppkit.people.model import Field, Person


def exported(person: Person, values: Mapping[Field, str]) -> dict[str, object]:
    """Return the values of a person, on what terms each is kept, and the trail of what was done with them."""
    return {
        "subject": person.subject,
        "status": person.status.value,
        "registered_at": person.registered_at.isoformat(),
        "fields": [
            {
                "field": kept.field.value,
                "value": values[kept.field],
                "purpose": kept.purpose,
                "basis": kept.basis.value,
                "legal_basis": kept.basis.legal_basis.cite(),
                "keep_until_at": kept.keep_until_at.isoformat(),
            }
            for kept in person.fields
            if kept.field in values
        ],
        "trail": [
            {
                "at": step.at.isoformat(),
                "act": step.act.value,
                "who": step.who,
                "why": step.why,
                "fields": [field.value for field in step.fields],
            }
            for step in person.trail
        ],
    }
