"""From the names in a blueprint to policies: the built-in ones, and those the caller registered; never an import."""

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from mppkit.blueprint.merging import Merged
from mppkit.documents.tables import Table
from mppkit.documents.values import Check, Wrong, anything, flag, number, one_of, text
from mppkit.errors import InvalidValueError
from mppkit.ids import ID_REMEDY, is_id
from mppkit.permits.policies import BUILT_IN as PERMIT_BUILT_IN
from mppkit.permits.policies import PermitPolicies
from mppkit.queues.model import Limits
from mppkit.queues.policies import BUILT_IN, QueuePolicies, policy_name

Register = Mapping[str, Mapping[str, Callable[..., object]]]
"""Policies of the caller's own: by slot (`discipline`) and name, what makes one from the blueprint's parameters."""

SLOTS = (*BUILT_IN, "limits")


def check_register(register: Register) -> None:
    """Refuse a register that no blueprint could use.

    Raises:
        InvalidValueError: an unknown slot, a bad name, the name of a built-in policy, or a factory that is none.
    """
    for slot, factories in register.items():
        if slot not in BUILT_IN:
            raise InvalidValueError("register", slot, f"register policies under one of {', '.join(BUILT_IN)}")
        for name, factory in factories.items():
            if not isinstance(name, str) or not is_id(name):
                raise InvalidValueError(f"register.{slot}", name, ID_REMEDY)
            if name in BUILT_IN[slot]:
                raise InvalidValueError(f"register.{slot}", name, "take another name; this one is built in")
            try:
                inspect.signature(factory)
            except (TypeError, ValueError):
                remedy = "give a class or a function that makes the policy"
                raise InvalidValueError(f"register.{slot}.{name}", factory, remedy) from None


def read_policies(merged: Merged, register: Register) -> tuple[QueuePolicies, Mapping[str, Mapping[str, object]]]:
    """Return the policies that the blueprint names, and by slot what it says of those that are not built in.

    Where it names none, or none that can be made, the slot has its default.
    """
    chosen: dict[str, Any] = {}
    registered: dict[str, Mapping[str, object]] = {}
    for slot in SLOTS:
        table = merged.singles.get(f"queue.{slot}")
        if table is None:
            continue
        if slot == "limits":
            policy = _made(table, slot, Limits, {})
        else:
            policy = _named(table, slot, {**BUILT_IN[slot], **register.get(slot, {})})
        if policy is None:
            continue
        chosen[slot] = policy
        if slot != "limits" and table.content["policy"] in register.get(slot, {}):
            registered[slot] = MappingProxyType(dict(table.content))
    return QueuePolicies(**chosen), MappingProxyType(registered)


def read_permit_policies(merged: Merged) -> PermitPolicies:
    """Return the policies of the permits that the blueprint names; those it does not name have their defaults."""
    chosen: dict[str, Any] = {}
    for slot, factories in PERMIT_BUILT_IN.items():
        table = merged.singles.get(f"permit_{slot}")
        policy = None if table is None else _named(table, f"permit_{slot}", factories)
        if policy is not None:
            chosen[slot] = policy
    return PermitPolicies(**chosen)


def told_of_permits(policies: PermitPolicies) -> dict[str, Mapping[str, object]]:
    """Return the policies of permits as a blueprint tells them, by section; those left at their defaults are not told.

    A policy that was handed in is told by the name of its class: no file can say it.

    >>> told_of_permits(PermitPolicies(numbering=PERMIT_BUILT_IN["numbering"]["yearly"](prefix="503/")))
    {'permit_numbering': {'policy': 'yearly', 'prefix': '503/', 'width': 4}}
    """
    sections: dict[str, Mapping[str, object]] = {}
    for slot, factories in PERMIT_BUILT_IN.items():
        policy = getattr(policies, slot)
        if policy == getattr(PermitPolicies(), slot):
            continue
        kind = type(policy)
        name = next((name for name, factory in factories.items() if factory is kind), kind.__qualname__)
        fields = attrs.fields(kind) if attrs.has(kind) else ()
        sections[f"permit_{slot}"] = {"policy": name, **{field.name: getattr(policy, field.name) for field in fields}}
    return sections


def told(policies: QueuePolicies, registered: Mapping[str, Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    """Return policies as a blueprint tells them, by slot: the name and all parameters, those left at a default too.

    >>> told(QueuePolicies(), {})["numbering"]
    {'policy': 'prefix', 'width': 3}
    """
    return {slot: _told(getattr(policies, slot), slot, registered) for slot in SLOTS}


def _told(policy: object, slot: str, registered: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    if slot in registered and type(policy) not in BUILT_IN[slot].values():
        return registered[slot]
    kind = type(policy)
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    parameters = {field.name: getattr(policy, field.name) for field in fields}
    return parameters if slot == "limits" else {"policy": policy_name(policy), **parameters}


def _named(table: Table, slot: str, factories: Mapping[str, Callable[..., object]]) -> object | None:
    check = one_of(factories)
    name = check(table.content.get("policy"))
    if isinstance(name, Wrong):
        table.note("policy", table.content.get("policy"), name)
        return None
    return _made(table, slot, factories[str(name)], {"policy": check})


def _made(table: Table, slot: str, factory: Callable[..., object], named: Mapping[str, Check]) -> object | None:
    """Return the policy, or None where it cannot be made; notes each parameter that is wrong."""
    required, optional = _parameters(factory, table)
    given = table.read({**named, **required}, optional)
    name = given.pop("policy", None)
    while required.keys() <= given.keys():
        try:
            policy = factory(**given)
        except InvalidValueError as wrong:
            if wrong.place not in given:
                table.note("", table.content, Wrong(allowed=str(wrong)))
                return None
            # once more without it, so that every parameter that is wrong is noted
            table.note(wrong.place, given.pop(wrong.place), Wrong(allowed=wrong.remedy))
        except (TypeError, ValueError) as wrong:
            table.note("", table.content, Wrong(allowed=f"the policy cannot be made of it: {wrong}"))
            return None
        else:
            if _fits(slot, policy):
                return policy
            table.note("policy", name, Wrong(allowed=f"what is registered under this name makes no {slot} policy"))
            return None
    return None


def _fits(slot: str, policy: object) -> bool:
    if slot == "numbering":
        return hasattr(policy, "series") and hasattr(policy, "number")
    return slot == "limits" or callable(policy)


def _parameters(factory: Callable[..., object], table: Table) -> tuple[Mapping[str, Check], Mapping[str, Check]]:
    """Return the parameters that must be given and those that may be, each of the kind of its default."""
    required: dict[str, Check] = {}
    optional: dict[str, Check] = {}
    for name, parameter in inspect.signature(factory).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            optional.update({key: anything for key in table.content if key != "policy"})
        elif parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            if parameter.default is parameter.empty:
                required[name] = anything
            else:
                optional[name] = _like(parameter.default)
    return required, optional


def _like(default: object) -> Check:
    if isinstance(default, bool):
        return flag
    if isinstance(default, int | float):
        return number
    return text if isinstance(default, str) else anything
