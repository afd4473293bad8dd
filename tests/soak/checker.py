"""Proves from a store's rows alone that nothing went wrong; plain Python that shares no rule with the library.

What it knows it has from the documentation: the formula of the digests, the names and fields of the events, which step
a ticket can take from where, and that a zone is never oversold. What it is given are rows as `read_all` returns them,
heads as `find` returns them, and what the workers wrote down when they had an answer.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any

Fields = Mapping[str, Any]

MOVES: dict[str, tuple[frozenset[str], str]] = {
    "queue.ticket_called": (frozenset({"waiting"}), "called"),
    "queue.ticket_recalled": (frozenset({"called"}), "called"),
    "queue.service_started": (frozenset({"called"}), "serving"),
    "queue.ticket_held": (frozenset({"serving"}), "held"),
    "queue.ticket_resumed": (frozenset({"held"}), "serving"),
    "queue.ticket_transferred": (frozenset({"waiting", "called", "serving", "held"}), "waiting"),
    "queue.ticket_returned": (frozenset({"called", "serving", "held", "absent"}), "waiting"),
    "queue.ticket_no_show": (frozenset({"called"}), "absent"),
    "queue.ticket_cancelled": (frozenset({"waiting", "called", "serving", "held"}), "gone"),
    "queue.service_finished": (frozenset({"serving"}), "gone"),
}
"""From where an event takes a ticket, and where to; a finished one with a next service waits again."""

AT_COUNTER = ("called", "serving")


def check(rows: Sequence[Any], heads: Iterable[Any], journal: Sequence[Fields]) -> list[str]:
    """Return every fault that is found, each in one line; none if all is well.

    Args:
        rows: all rows of the store in the order of their positions.
        heads: all heads of the store.
        journal: what the workers wrote down: `kept` (stream, version and digest of each row that an append returned)
            and `got` (the request, event and fields that a desk's answer told of).
    """
    streams: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        streams[row.stream].append(row)
    there = {head.stream: head for head in heads}
    faults = [*_positions(rows), *_heads(streams, there), *_acknowledged(rows, journal)]
    for name, own in streams.items():
        faults += [*_chain(name, own), *_requests(name, own)]
    for name, own in streams.items():
        category = name.split("/")[1]
        happened = [(row, json.loads(row.data)) for row in own]
        summary = json.loads(there[name].summary or "{}") if name in there else {}
        if category == "queue":
            faults += _queue(name, happened, summary)
        elif category == "survey":
            faults += _survey(name, happened, summary)
        elif category == "zone":
            faults += _zone(name, happened, summary)
            faults += _whole_commits(name, happened, streams)
    return faults + _permit_numbers(streams)


# --- what every store promises ---------------------------------------------------------------------------------------


def _positions(rows: Sequence[Any]) -> list[str]:
    found = [row.position for row in rows]
    return [] if all(a < b for a, b in pairwise(found)) else ["positions do not grow"]


def digest_of(previous: str, row: Any) -> str:
    """Return the digest of a row by the documented formula."""
    at = row.at.isoformat(timespec="microseconds")
    parts = (previous, row.stream, row.version, row.name, row.event_version, at, row.actor or "", row.request_id or "")
    return sha256(("\n".join(map(str, parts)) + "\n" + row.data).encode()).hexdigest()


def _chain(name: str, rows: Sequence[Any]) -> list[str]:
    faults, previous = [], "0" * 64
    for place, row in enumerate(rows, 1):
        if row.version != place:
            faults.append(f"{name}: version {row.version} stands at place {place}")
        if digest_of(previous, row) != row.digest:
            faults.append(f"{name} {row.version}: the chain breaks")
        previous = row.digest
    return faults


def _heads(streams: Mapping[str, Sequence[Any]], heads: Mapping[str, Any]) -> list[str]:
    faults = [f"{name}: a head without events, or events without a head" for name in streams.keys() ^ heads.keys()]
    for name in streams.keys() & heads.keys():
        last, head = streams[name][-1], heads[name]
        if (head.version, head.digest) != (last.version, last.digest):
            faults.append(f"{name}: the head is not at the last event")
    return faults


def _requests(name: str, rows: Sequence[Any]) -> list[str]:
    """One request is one commit: its rows stand together, at one instant, and say nothing twice."""
    by_request: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.request_id is not None:
            by_request[row.request_id].append(row)
    faults = []
    for request, own in by_request.items():
        together = own[-1].version - own[0].version + 1 == len(own)
        names = Counter(row.name for row in own if row.name != "capacity.limit_set")
        if not together or len({row.at for row in own}) > 1 or max(names.values(), default=1) > 1:
            faults.append(f"{name}: request {request} was recorded twice")
    return faults


def _acknowledged(rows: Sequence[Any], journal: Sequence[Fields]) -> list[str]:
    digests = {(row.stream, row.version): row.digest for row in rows}
    events: dict[tuple[str, str], list[Fields]] = defaultdict(list)
    for row in rows:
        if row.request_id is not None:
            events[row.request_id, row.name].append(json.loads(row.data))
    faults = []
    for line in journal:
        for stream, version, digest in line.get("kept", ()):
            if digests.get((stream, version)) != digest:
                faults.append(f"{stream} {version}: was acknowledged and is missing")
        if "got" in line:
            found = events[line["got"], line["event"]]
            if not any(line["fields"].items() <= event.items() for event in found):
                faults.append(f"{line['got']}: the answer {line['event']} {line['fields']} is missing")
    return faults


# --- the hall --------------------------------------------------------------------------------------------------------


def _queue(name: str, happened: Sequence[tuple[Any, Fields]], summary: Fields) -> list[str]:
    faults = []
    status: dict[str, str] = {}
    place: dict[str, str] = {}  # at which counter a called or served ticket is
    for row, event in happened:
        number, where = event.get("number", ""), f"{name} {row.version}"
        if row.name == "queue.ticket_issued":
            if number in status:
                faults.append(f"{where}: number {number} was given twice")
            status[number] = "waiting"
        elif row.name in MOVES:
            come_from, to = MOVES[row.name]
            if status.get(number) not in come_from:
                faults.append(f"{where}: {row.name} of {number}, which is {status.get(number)}")
            if row.name in ("queue.ticket_called", "queue.ticket_resumed"):
                if number in place:
                    faults.append(f"{where}: {number} is called twice, at {place[number]} and {event['counter']}")
                if event["counter"] in place.values():
                    faults.append(f"{where}: {event['counter']} has two tickets")
                place[number] = event["counter"]
            elif to not in AT_COUNTER:
                place.pop(number, None)
            status[number] = "waiting" if event.get("next_service") else to
        elif row.name == "queue.counter_closed":
            if event["counter"] in place.values():
                faults.append(f"{where}: {event['counter']} is closed and somebody is there")
        elif row.name not in ("queue.day_opened", "queue.counter_opened", "queue.admission_refused"):
            faults.append(f"{where}: {row.name} is not known here, so nothing is proved")
    if summary.get("tickets") != len(status):
        faults.append(f"{name}: the summary says {summary.get('tickets')} tickets, the events {len(status)}")
    return faults


def _survey(name: str, happened: Sequence[tuple[Any, Fields]], summary: Fields) -> list[str]:
    used = Counter(event["token"] for _, event in happened if event.get("token"))
    faults = [f"{name}: code {token} was counted {times} times" for token, times in used.items() if times > 1]
    if summary.get("answers") != len(happened):
        faults.append(f"{name}: the summary says {summary.get('answers')} answers, the events {len(happened)}")
    return faults


# --- permits ---------------------------------------------------------------------------------------------------------


def _zone(name: str, happened: Sequence[tuple[Any, Fields]], summary: Fields) -> list[str]:
    faults = []
    limits: dict[str, Decimal] = {}
    holds: dict[str, dict[str, Decimal]] = {}
    for row, event in happened:
        if row.name == "capacity.limit_set":
            limits[event["resource"]] = Decimal(str(event["amount"]))
        elif row.name in ("capacity.reserved", "capacity.adjusted"):
            holds[event["application"]] = {use["resource"]: Decimal(str(use["amount"])) for use in event["uses"]}
        elif row.name == "capacity.released" and holds.pop(event["application"], None) is None:
            faults.append(f"{name} {row.version}: {event['application']} gives back what it does not hold")
        for resource, held in _sums(holds).items():
            if held > limits.get(resource, Decimal(0)):
                faults.append(f"{name} {row.version}: {held} of {resource} are given, {limits.get(resource)} are there")
    for resource, told in summary.get("resources", {}).items():
        held = _sums(holds)[resource]
        if Decimal(told["committed"]) + Decimal(told["reserved"]) != held:
            faults.append(f"{name}: the summary of {resource} is not the events' {held}")
    return faults


def _sums(holds: Mapping[str, Mapping[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for uses in holds.values():
        for resource, amount in uses.items():
            sums[resource] += amount
    return sums


def _whole_commits(
    name: str, happened: Sequence[tuple[Any, Fields]], streams: Mapping[str, Sequence[Any]]
) -> list[str]:
    """What an application was granted of a zone stands on both streams or on neither."""
    mall, _, zone = name.split("/")
    reserved = Counter(event["application"] for row, event in happened if row.name == "capacity.reserved")
    granted: Counter[str] = Counter()
    for stream, rows in streams.items():
        if stream.startswith(f"{mall}/permit/"):
            for row in rows:
                event = json.loads(row.data)
                if row.name == "permits.capacity_advised" and event["zone"] == zone:
                    granted[stream.split("/")[2]] += event["decision"]["outcome"] == "granted"
    return [
        f"{name}: {each} was granted {granted[each]} times and reserved {reserved[each]} times: half a commit"
        for each in sorted(reserved.keys() | granted.keys())
        if reserved[each] != granted[each]
    ]


def _permit_numbers(streams: Mapping[str, Sequence[Any]]) -> list[str]:
    given: Counter[tuple[str, str]] = Counter()
    for stream, rows in streams.items():
        for row in rows:
            if row.name == "permits.issued":
                given[stream.split("/")[0], json.loads(row.data)["number"]] += 1
            elif row.name == "permitbook.application_entered":
                given[stream.split("/")[0], json.loads(row.data)["application"]] += 1
    return [f"{mall}: number {number} was given twice" for (mall, number), times in given.items() if times > 1]
