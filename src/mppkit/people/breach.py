"""Who was reachable through a mall key in a period, from events alone: for the notice of UU 27/2022 Article 46.

It tells what lay under the key in the key ring. Whoever holds an older copy of the ring reaches what lay there then.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mppkit.people.dossier import Dossier, Holding, Rotation
from mppkit.people.model import Act, Exposure

_RACE = timedelta(minutes=1)
"""A key made so shortly before a rotation may have come into the ring behind its back; it counts as not moved."""
_NEVER = (datetime.max.replace(tzinfo=UTC), None)


def exposures(
    dossier: Dossier, rotations: Sequence[Rotation], mall_key: str, from_at: datetime, to_at: datetime
) -> tuple[Exposure, ...]:
    """Return what of a person lay under a mall key in a period, both instants included; in doubt it did."""
    reads = tuple(
        step for step in dossier.trail if step.act in (Act.READ, Act.EXPORTED) and from_at <= step.at <= to_at
    )
    found = []
    for held in dossier.holdings:
        began, ended = spans(held, rotations).get(mall_key, _NEVER)
        if began <= to_at and (ended is None or ended >= from_at):
            last_at = to_at if ended is None else min(ended, to_at)
            found.append(
                Exposure(
                    subject=dossier.subject,
                    fields=held.fields,
                    from_at=max(began, from_at),
                    to_at=last_at,
                    reads=reads,
                )
            )
    return tuple(found)


def spans(held: Holding, rotations: Sequence[Rotation]) -> dict[str, tuple[datetime, datetime | None]]:
    """Return from when until when a person's key may have lain under each mall key; until None where it may still."""
    found: dict[str, tuple[datetime, datetime | None]] = {held.mall_key: (held.from_at, held.destroyed_at)}
    for run in rotations:
        if held.destroyed_at is not None and run.began_at > held.destroyed_at:
            break
        if run.finished_at is not None and run.finished_at < held.from_at:
            continue
        if run.finished_at is not None and held.from_at <= run.began_at - _RACE:
            for mall_key, (began, ended) in found.items():
                if mall_key != run.to and (ended is None or ended > run.finished_at):
                    found[mall_key] = (began, run.finished_at)
        began = found[run.to][0] if run.to in found else max(run.began_at, held.from_at)
        found[run.to] = (began, held.destroyed_at)
    return found
