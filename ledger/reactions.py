"""When that happened below, ask this here: event to command, once, in the same transaction."""

from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from ledger import ids
from ledger.event import Recorded, Refused

Reaction = Callable[[Recorded], None]

_by_payload: dict[type, list[Reaction]] = defaultdict(list)


def reacts_to(*payloads: type) -> Callable[[Reaction], Reaction]:
    """Run the function for each event of these types; it issues commands caused by the event."""

    def register(function: Reaction) -> Reaction:
        for payload in payloads:
            _by_payload[payload].append(function)
        return function

    return register


def listens(payload: object) -> bool:
    """Whether any reaction wants this payload."""
    return type(payload) in _by_payload


def run(event: Recorded) -> None:
    """Let every reaction answer. One that is refused leaves its refusal on the trail and no more.

    What happened below has happened: a refused answer must not undo it. The command records the
    refusal with its cause, and the health page shows it until somebody has looked.
    """
    for function in _by_payload.get(type(event.data), ()):
        try:
            function(event)
        except Refused:
            continue


def command_id(event: Recorded, reaction: str) -> UUID:
    """The id of a reaction's command: the same event never causes the same command twice."""
    return ids.derived_id("reaction", event.id, reaction)
