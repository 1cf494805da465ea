"""Events to rows: functions that run in the append's own transaction, and again on a rebuild."""

from collections import defaultdict
from collections.abc import Callable

from ledger.event import Recorded

Projection = Callable[[Recorded], None]

_by_payload: dict[type, list[Projection]] = defaultdict(list)
_of_everything: list[Projection] = []


def projects(*payloads: type) -> Callable[[Projection], Projection]:
    """Run the function for each event of these types."""

    def register(function: Projection) -> Projection:
        for payload in payloads:
            _by_payload[payload].append(function)
        return function

    return register


def projects_everything(function: Projection) -> Projection:
    """Run the function for every event."""
    _of_everything.append(function)
    return function


def listens(payload: object) -> bool:
    """Whether any projection wants this payload."""
    return bool(_of_everything) or type(payload) in _by_payload


def run(event: Recorded) -> None:
    """Let every projection of this event write its rows."""
    for function in _of_everything:
        function(event)
    for function in _by_payload.get(type(event.data), ()):
        function(event)
