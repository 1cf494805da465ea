"""Events to rows: functions that run in the append's own transaction, and again on a rebuild."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

from ledger.event import Recorded

Projection = Callable[[Recorded], None]


class Everywhere(Protocol):
    """A projection of every event; it writes through the connection of whoever appends.

    It gets the events that are appended together, so that it can write their rows together.
    """

    def __call__(self, events: Sequence[Recorded], /, *, using: str = "default") -> None: ...


_by_payload: dict[type, list[Projection]] = defaultdict(list)
_of_everything: list[Everywhere] = []


def projects(*payloads: type) -> Callable[[Projection], Projection]:
    """Run the function for each event of these types."""

    def register(function: Projection) -> Projection:
        for payload in payloads:
            _by_payload[payload].append(function)
        return function

    return register


def projects_everything(function: Everywhere) -> Everywhere:
    """Run the function for every event."""
    _of_everything.append(function)
    return function


def listens(payload: object) -> bool:
    """Whether any projection wants this payload."""
    return bool(_of_everything) or type(payload) in _by_payload


def run(event: Recorded, *, using: str = "default") -> None:
    """Let every projection of this event write its rows."""
    run_all([event], using=using)


def run_all(events: Sequence[Recorded], *, using: str = "default") -> None:
    """The same for events that are appended together, in their order."""
    for everywhere in _of_everything:
        everywhere(events, using=using)
    for event in events:
        for function in _by_payload.get(type(event.data), ()):
            if using != "default":
                raise ValueError(f"{event.type} has rows of its own: the application appends it.")
            function(event)
