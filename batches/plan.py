"""The steps of one batch in their order: the recipe's, and those that are done again. Pure.

A step that is done again gets a number of its own, after the recipe's last one, so that every
entry of the record names exactly one doing of one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from batches.recipe_content import Content, Phase, Step, places


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One doing of one step: its number in the batch, where it stands, the how-manieth time."""

    number: int
    step: Step
    part: str
    operation: str
    room: str  # key of the room need of its operation
    phase: str  # the phase's key
    phase_title: str
    origin: int  # the step's number in the recipe
    run: int = 1

    @property
    def key(self) -> str:
        """The step's key; a step without one goes by its number in the recipe."""
        return self.step.key or f"s{self.origin}"


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Steps that are done again, in order, right after the step `after` in the plan."""

    numbers: tuple[int, ...]  # the steps as they were numbered when they were to be repeated
    becomes: tuple[int, ...]
    after: int
    run: int


def phase_key(phase: Phase, position: int) -> str:
    return phase.key or f"#{position}"


@lru_cache(maxsize=32)
def _planned(identity: int, content: _Hold) -> tuple[Planned, ...]:
    made: list[Planned] = []
    positions: dict[int, int] = {}
    for part, operation, phase, step in places(content.content):
        position = positions.setdefault(id(phase), len(positions) + 1)
        made.append(
            Planned(
                number=step.number,
                origin=step.number,
                step=step,
                part=part.title,
                operation=operation.title,
                room=operation.room,
                phase=phase_key(phase, position),
                phase_title=phase.title,
            )
        )
    return tuple(made)


class _Hold:
    """Content compared by identity: it holds lists, and one version of it is read once."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hold) and other.content is self.content

    def __hash__(self) -> int:
        return id(self.content)


def planned(content: Content, repeats: tuple[Repeat, ...] = ()) -> tuple[Planned, ...]:
    """Every doing of every step, in the order of the work."""
    made = list(_planned(id(content), _Hold(content)))
    for repeat in repeats:
        by_number = {one.number: one for one in made}
        again = [
            replace(
                by_number[old],
                number=new,
                run=repeat.run,
                step=replace(by_number[old].step, number=new),
            )
            for old, new in zip(repeat.numbers, repeat.becomes, strict=True)
        ]
        at = next(i for i, one in enumerate(made) if one.number == repeat.after) + 1
        made[at:at] = again
    return tuple(made)


@lru_cache(maxsize=32)
def _before(identity: int, content: _Hold) -> Mapping[str, tuple[str, ...]]:
    phases = content.content.phases
    keys = [phase_key(phase, position) for position, phase in enumerate(phases, start=1)]
    before: dict[str, tuple[str, ...]] = {}
    for position, (key, phase) in enumerate(zip(keys, phases, strict=True)):
        if phase.after is not None:
            before[key] = tuple(phase.after)
        else:
            before[key] = (keys[position - 1],) if position else ()
    return before


def predecessors(content: Content) -> Mapping[str, tuple[str, ...]]:
    """Which phases must be finished before each phase begins, by key."""
    return _before(id(content), _Hold(content))


def all_before(content: Content, phase: str) -> frozenset[str]:
    """The phases that this one waits for, and those that they wait for in turn."""
    before = predecessors(content)
    found: set[str] = set()
    left = [phase]
    while left:
        more = set(before.get(left.pop(), ())) - found
        found |= more
        left += more
    return frozenset(found)
