"""Which streams fold to a state that people can read: rooms say so for their aggregates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from ledger.event import fold

Evolve = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The state a stream begins with and how each payload changes it."""

    initial: Any
    evolve: Evolve


_aggregates: dict[str, Aggregate] = {}


def folds(stream_type: str, initial: Any, evolve: Evolve) -> None:
    """Say how streams of this type are folded."""
    _aggregates[stream_type] = Aggregate(initial, evolve)


def state_of(stream_type: str, payloads: Iterable[Any]) -> dict[str, Any] | None:
    """The state after these payloads, by field; None where the room has not said how to fold."""
    known = _aggregates.get(stream_type)
    if known is None or not is_dataclass(known.initial):
        return None
    state = fold(known.initial, known.evolve, payloads)
    return {field.name: getattr(state, field.name) for field in fields(state)}
