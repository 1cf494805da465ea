"""What keeps a step from being done at this instant, of which class, and the way out. Pure.

A matter (materials, equipment, ...) declares by `@blocks` what it can object to. An absolute
blocker yields to nobody; an overridable one to supervisor and quality assurance together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.event import Refused
from ledger.event import marked as _

if TYPE_CHECKING:
    from batches.plan import Planned
    from batches.recipe import Recipe
    from batches.record import Batch


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One objection: `code` names its kind, `subject` the unit, lot or person it is about."""

    code: str
    absolute: bool
    template: str  # a sentence that says what is wrong and what to do instead
    params: dict[str, str | int] = field(default_factory=dict)
    subject: str = ""
    status: bool = False  # of a unit, a room, a lot: it may be lost while a step is under way

    @property
    def sentence(self) -> str:
        return self.template.format(**self.params)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A step that somebody is about to do. `act` is None where a page only looks ahead."""

    act: Any  # ledger.command.Act
    state: Batch
    recipe: Recipe
    planned: Planned
    person: str
    role: str
    at: datetime


Objector = Callable[[Situation], Iterable[Blocker]]
Foreteller = Callable[[Situation, str], Iterable[Blocker]]
_objectors: dict[str, Objector] = {}
_foretellers: dict[str, Foreteller] = {}


def blocks(matter: str) -> Callable[[Objector], Objector]:
    """Ask this function for objections before every step."""

    def register(function: Objector) -> Objector:
        if matter in _objectors:
            raise ValueError(f"{matter} is asked for objections twice.")
        _objectors[matter] = function
        return function

    return register


def objections(situation: Situation) -> Iterator[Blocker]:
    """Everything that keeps the step from being done now, with the class this step gives it."""
    for matter in sorted(_objectors):
        for blocker in _objectors[matter](situation):
            yield _classed(blocker, situation)


def _classed(blocker: Blocker, situation: Situation) -> Blocker:
    """A step may make an overridable blocker absolute, never the other way round."""
    for block in situation.planned.step.blocks:
        if block.code == blocker.code and block.absolute and not blocker.absolute:
            return Blocker(**{**vars(blocker), "absolute": True})
    return blocker


def standing(situation: Situation) -> list[Blocker]:
    """The objections that nobody has overridden for this step."""
    overridden = situation.state.overrides
    number = situation.planned.number
    return [
        blocker
        for blocker in objections(situation)
        if blocker.absolute or (number, blocker.code, blocker.subject) not in overridden
    ]


def foreseen(situation: Situation, code: str, subject: str) -> list[Blocker]:
    """What would object to this subject (a unit, a lot) if it were used now."""
    return [one for one in objecting(situation, subject) if one.code == code]


def objecting(situation: Situation, subject: str) -> list[Blocker]:
    """Everything that would object to this subject if it were used at this step now."""
    return [
        _classed(blocker, situation)
        for matter in sorted(_foretellers)
        for blocker in _foretellers[matter](situation, subject)
        if blocker.subject == subject
    ]


def foresees(matter: str) -> Callable[[Foreteller], Foreteller]:
    """Ask this function what would object to a unit, a lot or a room that is not used yet."""

    def register(function: Foreteller) -> Foreteller:
        _foretellers[matter] = function
        return function

    return register


def demand_usable(situation: Situation, found: Iterable[Blocker]) -> None:
    """Refuse a unit, lot, room or person for what objects to it, unless overridden here."""
    overridden, number = situation.state.overrides, situation.planned.number
    demand_clear(
        one
        for one in (_classed(blocker, situation) for blocker in found)
        if one.absolute or (number, one.code, one.subject) not in overridden
    )


def demand_clear(blockers: Iterable[Blocker]) -> None:
    """Refuse with the first absolute objection, or else the first that may be overridden."""
    found = sorted(blockers, key=lambda one: not one.absolute)
    if found:
        refuse(found[0])


def refuse(blocker: Blocker) -> None:
    """The objection's own sentence, and for one that may be overridden by whom."""
    template = blocker.template
    if not blocker.absolute:
        template += " " + _("Or a supervisor and quality assurance override it together.")
    raise Refused(template, code=blocker.code, **blocker.params)
