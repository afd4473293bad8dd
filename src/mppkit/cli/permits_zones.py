"""How zones are shown: what they can carry, what is used of it, and which limits are not in force."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mppkit.cli.screen import clock_time, counted, line, table
from mppkit.permits.capacity import Level, Limit, ResourceCapacity, Zone, ZoneCapacity

_LEVELS_SHOWN = 20
_BAR = 20


def show_capacity(zone: Zone, stands: ZoneCapacity, *, over_time: bool, local: ZoneInfo) -> None:
    """Show what a zone can carry, and where asked how that came."""
    line(f"{zone.id}: {zone.name} / {zone.name_english}")
    for each in stands.resources:
        if each.is_overcommitted:
            line(
                f"OVERCOMMITTED: {each.limit.resource} by {amount(-each.free)} {each.limit.unit}, "
                f"against {each.limit.source}, {each.limit.dated_on}"
            )
    for limit in stands.not_in_force(zone):
        what = f"until `mppkit permits limit {zone.id} {limit.resource} --actor ID` sets this one"
        if stands.held_before(limit):
            what = "since then: bring the blueprint up to it"
        line(f"NOT IN FORCE: {limit_words(limit)} in the blueprint; the limit below holds {what}")
    if not stands.resources:
        line("No limit is set yet; nothing can be reserved here.")
    line()
    table(
        f"What {zone.id} can carry (daya dukung): █ committed, ▒ reserved, · free, ! beyond the limit",
        ("resource", "", "unit", "limit by", "dated", "limit", "committed", "reserved", "free"),
        [
            (
                each.limit.resource,
                capacity_bar(each),
                each.limit.unit,
                each.limit.source,
                each.limit.dated_on,
                amount(each.limit.amount),
                amount(each.committed),
                amount(each.reserved),
                amount(each.free),
            )
            for each in stands.resources
        ],
        text=5,
    )
    if over_time:
        _over_time(stands.over_time, local)


def show_dropped_zones(dropped: Sequence[Mapping[str, Any]]) -> None:
    """Show what is held of zones that the blueprint has no more: one by another name begins with nothing taken."""
    for zone in dropped:
        held = "; ".join(
            f"{each['resource']}: {amount(Decimal(each['committed']))} committed and "
            f"{amount(Decimal(each['reserved']))} reserved of {amount(Decimal(each['limit']))} {each['unit']}"
            for each in zone["resources"]
        )
        line(f"NOT IN THE BLUEPRINT: {zone['zone']} ({held}); a zone by another id begins with nothing taken")


def limit_words(limit: Limit) -> str:
    """Return a limit with who says so, such as `kamar-hotel 250 kamar (KLHS 2026, 2026-02-02)`."""
    return f"{limit.resource} {amount(limit.amount)} {limit.unit} ({limit.source}, {limit.dated_on})"


def show_limit(zone: Zone, stands: ResourceCapacity, *, changed: bool) -> None:
    """Show the limit that holds after the blueprint's was set."""
    line(
        f"{zone.id}: {limit_words(stands.limit)} {'holds from now on' if changed else 'held already; nothing changed'}"
    )
    if changed and len(stands.limits) > 1:
        line(f"Before: {limit_words(stands.limits[-2])}")
    if stands.is_overcommitted:
        line(f"OVERCOMMITTED by {amount(-stands.free)} {stands.limit.unit}; nothing is taken from anybody")


def _over_time(levels: Sequence[Level], local: ZoneInfo) -> None:
    left = len(levels) - _LEVELS_SHOWN
    if left > 0:
        line(f"{counted(left, 'earlier change')} {'is' if left == 1 else 'are'} not shown; --json lists them all.")
    table(
        "Over time, the newest last",
        ("date", "time", "resource", "limit", "committed", "reserved", "free"),
        [
            (
                level.at.astimezone(local).date(),
                clock_time(level.at, local),
                level.resource,
                amount(level.limit),
                amount(level.committed),
                amount(level.reserved),
                amount(level.free),
            )
            for level in levels[-_LEVELS_SHOWN:]
        ],
        text=3,
    )


def capacity_bar(stands: ResourceCapacity) -> str:
    """Return how much of a limit is committed, reserved and free, as a bar of 20 signs; empty for a limit of 0, unused.

    Whatever there is, however little, shows as one sign at least.
    """
    limit, committed, reserved = stands.limit.amount, stands.committed, stands.reserved
    whole = max(limit, committed + reserved)
    if not whole:
        return ""
    room = _BAR - 1 if stands.free else _BAR  # the last sign says that something is free, or beyond the limit
    used = min(max(round((committed + reserved) / whole * _BAR), bool(committed) + bool(reserved)), room)
    first = min(max(round(committed / whole * _BAR), bool(committed)), used - bool(reserved))
    bar = "█" * first + "▒" * (used - first)
    return bar + "!" if stands.is_overcommitted else bar.ljust(_BAR, "·")


def amount(amount: Decimal) -> str:
    """Return an amount with every digit that counts."""
    text = format(amount, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text
