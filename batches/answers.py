"""How a matter answers for a parameter of its kind: what was typed becomes a value. Pure.

`@answers("material")` declares the function that reads a scan, demands what must hold of the lot,
and appends to the lot's own stream through the same act, so that either both are recorded or
neither. What it cannot accept it refuses with a sentence; what must stop the batch it returns as
`Stopped`, which is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from batches.blockers import Situation
from batches.limits import Parameter
from ledger.event import fold

State = TypeVar("State")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the record keeps. A numeric parameter's answer is its `number`, the rest is `value`."""

    value: str = ""  # in its canonical form: the lot, the unit, the choice, the time
    words: str = ""  # what people read beside it
    number: Decimal | None = None
    events: Sequence[object] = field(default_factory=list)  # of the batch, told before the value
    spread: tuple[Decimal, Decimal] | None = None  # per cent, and the limit it is beyond
    departure: str = ""  # class of the exception, where the answer itself is one
    why: str = ""  # then: the sentence the reviewer reads


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What was scanned stops the batch: it is recorded, critical, and sets a process hold."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One parameter that somebody answers, in the middle of a command."""

    situation: Situation
    parameter: Parameter
    typed: str
    earlier: dict[str, Any]  # `step_key.parameter_key` to what stands on record so far

    @property
    def act(self) -> Any:
        return self.situation.act

    def standing(
        self,
        stream_type: str,
        stream_id: str,
        initial: State,
        evolve: Callable[[State, Any], State],
    ) -> State:
        """A stream as it stands with what this very command has already done to it."""
        state: State = self.act.load(stream_type, stream_id, initial, evolve)
        return fold(state, evolve, self.act.pending(stream_type, stream_id))


Answerer = Callable[[Asked], Answer | Stopped | None]  # None: a plain number, after all
_answerers: dict[str, Answerer] = {}


def answers(kind: str) -> Callable[[Answerer], Answerer]:
    """Let this function answer for every parameter of the kind."""

    def register(function: Answerer) -> Answerer:
        if kind in _answerers:
            raise ValueError(f"Parameters of the kind {kind} are answered for twice.")
        _answerers[kind] = function
        return function

    return register


def answerer(kind: str) -> Answerer | None:
    return _answerers.get(kind)
