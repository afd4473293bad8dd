"""Which services come before which: requirements that are products of other services of the same mall."""

from collections.abc import Callable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from mppkit.errors import InvalidValueError


def order_of_needs(service: str, needs: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """Return what a service needs, and what that needs in turn, each once and after all that it needs itself.

    Args:
        service: its id; it is not part of the answer.
        needs: the ids of the services that one needs directly.

    Raises:
        InvalidValueError: they need each other in a circle.

    >>> order_of_needs("izin", {"izin": ["nib", "ktp"], "nib": ["ktp"], "ktp": ["kk"], "kk": []}.__getitem__)
    ('kk', 'ktp', 'nib')
    """
    graph: dict[str, tuple[str, ...]] = {}
    ahead = [service]
    while ahead:
        each = ahead.pop()
        if each not in graph:
            graph[each] = tuple(needs(each))
            ahead.extend(graph[each])
    circle = find_circle(graph)
    if circle:
        raise InvalidValueError("service", service, f"nobody can bring these first: {' needs '.join(circle)}")
    return tuple(TopologicalSorter(graph).static_order())[:-1]


def find_circle(graph: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return services that need each other in a circle, each the next, the first again last; empty if none do.

    >>> find_circle({"kk": ["akta"], "akta": ["kk"]})
    ('kk', 'akta', 'kk')
    """
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return tuple(reversed(circle.args[1]))
    return ()
