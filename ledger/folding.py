"""A stream's state, folded from its events; what was folded before in this process is not again.

A kept state is used only where the stream still has, at its version, the very event it ended with:
what was rolled back, or belongs to another database, is folded anew from the first event.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast
from uuid import UUID

from ledger import store
from ledger.event import Recorded

State = TypeVar("State")
KEPT = 256  # states; a batch of 150 steps takes about half a megabyte


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    event_id: UUID
    body: bytes
    state: Any


_kept: OrderedDict[tuple[str, str, Any], _Kept] = OrderedDict()
_lock = Lock()


def state_of(
    stream_type: str,
    stream_id: str,
    initial: State,
    evolve: Callable[[State, Any], State],
    *,
    upto: int | None = None,
) -> tuple[State, int]:
    """The state of a stream, or of its first `upto` events, and the version it has there."""
    key = (stream_type, stream_id, evolve)
    with _lock:
        known = _kept.get(key)
    if known is None or (upto is not None and upto < known.version):
        return _fold(key, store.load(stream_type, stream_id, upto=upto), initial, evolve)
    later = store.load(stream_type, stream_id, since=known.version, upto=upto)
    if not later or later[0].id != known.event_id or later[0].body != known.body:
        return _fold(key, store.load(stream_type, stream_id, upto=upto), initial, evolve)
    return _fold(key, later[1:], cast(State, known.state), evolve, known)


def _fold(
    key: tuple[str, str, Any],
    events: list[Recorded],
    state: State,
    evolve: Callable[[State, Any], State],
    known: _Kept | None = None,
) -> tuple[State, int]:
    for event in events:
        state = evolve(state, event.data)
    if events:
        last = events[-1]
        known = _Kept(last.version, last.id, last.body, state)
    if known is None:
        return state, 0
    with _lock:
        _kept[key] = known
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return state, known.version
