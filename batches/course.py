"""What follows of a step being done: what is calculated, what is skipped, which clocks run. Pure.

Formulas are worked out by functions that are handed in, so that this file leans on no library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from batches.answer_events import ValueCalculated, ValueRecalculated
from batches.flow_events import (
    HoldTimeEnded,
    HoldTimeExceeded,
    HoldTimeRestarted,
    HoldTimeStarted,
    StepSkipped,
)
from batches.judging import judged
from batches.limits import Parameter, ParameterKind
from batches.plan import Planned
from batches.recipe import Recipe
from batches.recipe_content import HoldTime
from batches.record import Batch, Clock, evolve
from batches.turns import due, plan_of
from ledger.event import fold

Values = dict[str, tuple[Any, str]]
Holds = Callable[[str, Values], bool | None]
Works = Callable[[str, Values, str], Decimal | None]
MINUTE = Decimal(60)


def values(state: Batch, recipe: Recipe) -> Values:
    """`step.parameter` to the value that counts and its unit; of a repeated step the latest."""
    found: Values = {}
    for one in plan_of(state, recipe):
        readings = state.step(one.number).readings
        for parameter in one.step.parameters:
            reading = readings.get(parameter.key)
            if reading is not None:
                found[f"{one.key}.{parameter.key}"] = _value(parameter, reading.value)
    return found


def _value(parameter: Parameter, value: Any) -> tuple[Any, str]:
    if parameter.kind == ParameterKind.CONFIRM:
        return value == "yes", ""
    if parameter.kind == ParameterKind.TIMER:
        return value, "min"
    return value, parameter.unit


def calculate(
    state: Batch, recipe: Recipe, *, planned: Planned, works: Works, again: bool = False
) -> Iterator[object]:
    """The calculated values of a step, as far as what they rest on stands; `again`: after a
    correction, when a value that changes is a departure."""
    for parameter in planned.step.parameters:
        if parameter.kind != ParameterKind.CALCULATION:
            continue
        value = works(parameter.formula, values(state, recipe), parameter.unit)
        before = state.step(planned.number).readings.get(parameter.key)
        if value is None or (before is not None and before.value == value):
            continue
        where: dict[str, Any] = {
            "batch": state.batch,
            "step": planned.number,
            "parameter": parameter.key,
            "label": parameter.label,
            "attempt": before.attempt + 1 if before else 1,
            "unit": parameter.unit,
        }
        told: dict[str, Any] = {
            "formula": parameter.formula,
            "formula_version": parameter.formula_version,
        }
        made: list[object]
        if before is None or not again:
            made = [ValueCalculated(**where, **told, value=value)]
        else:
            number = state.next_exception
            made = [
                ValueRecalculated(**where, **told, old=before.value, new=value, exception=number)
            ]
        state = fold(state, evolve, made)
        made += judged(parameter, value, where=where, exception=state.next_exception)
        state = fold(state, evolve, made[1:])
        yield from made


def recalculate(state: Batch, recipe: Recipe, *, works: Works) -> list[object]:
    """Every calculated value that a correction has changed, in the order of the record."""
    made: list[object] = []
    for one in plan_of(state, recipe):
        if any(key in state.step(one.number).readings for key in _calculated(one)):
            found = list(calculate(state, recipe, planned=one, works=works, again=True))
            state = fold(state, evolve, found)
            made += found
    return made


def _calculated(planned: Planned) -> list[str]:
    asked = planned.step.parameters
    return [one.key for one in asked if one.kind == ParameterKind.CALCULATION]


def skip(state: Batch, recipe: Recipe, *, holds: Holds) -> list[object]:
    """The steps that are next and do not apply, by the recipe's own condition."""
    made: list[object] = []
    while True:
        found = [
            StepSkipped(
                batch=state.batch,
                step=one.number,
                title=one.step.title,
                condition=one.step.only_if,
            )
            for one in due(state, recipe)
            if one.step.only_if
            and not state.step(one.number).performed_by
            and holds(one.step.only_if, values(state, recipe)) is False
        ]
        if not found:
            return made
        made += found
        state = fold(state, evolve, found)


def hold_times(state: Batch, recipe: Recipe, *, planned: Planned, at: datetime) -> list[object]:
    """The hold times that end with this step, and those that begin with it.

    One that runs while the step it began with is done again begins anew: what it came to is told.
    """
    made: list[object] = []
    for hold in recipe.content.hold_times:
        begins = hold.from_step == planned.key
        clock = state.clocks.get(hold.key)
        if clock is not None and not clock.ended and (begins or hold.to_step == planned.key):
            now = fold(state, evolve, made)
            made += _ended(now, hold, clock=clock, planned=planned, at=at, anew=begins)
        if begins:
            made.append(_started(state, hold, planned=planned, at=at))
    return made


def _ended(
    state: Batch, hold: HoldTime, *, clock: Clock, planned: Planned, at: datetime, anew: bool
) -> Iterator[object]:
    minutes = minutes_between(datetime.fromisoformat(clock.at), at)
    where: dict[str, Any] = {
        "batch": state.batch,
        "hold_time": hold.key,
        "title": hold.title,
        "step": planned.number,
    }
    yield HoldTimeEnded(**where, at=at.isoformat(), minutes=minutes)
    passed = minutes > Decimal(hold.limit) and not clock.passed
    if passed:
        yield exceeded(state, hold, step=planned.number)
    if anew:
        number = state.next_exception + passed
        yield HoldTimeRestarted(**where, began_at=clock.at, minutes=minutes, exception=number)


def exceeded(state: Batch, hold: HoldTime, *, step: int) -> HoldTimeExceeded:
    """That a hold time has passed, for the reviewer."""
    return HoldTimeExceeded(
        batch=state.batch,
        hold_time=hold.key,
        title=hold.title,
        step=step,
        limit=hold.limit,
        due_at=state.clocks[hold.key].due_at,
        exception=state.next_exception,
    )


def passed(state: Batch, recipe: Recipe, *, at: datetime) -> list[HoldTime]:
    """The hold times that run, have passed, and of which that is not on record yet."""
    by_key: Mapping[str, HoldTime] = {hold.key: hold for hold in recipe.content.hold_times}
    return [
        by_key[key]
        for key, clock in state.clocks.items()
        if not clock.ended and not clock.passed and datetime.fromisoformat(clock.due_at) < at
    ]


def _started(state: Batch, hold: HoldTime, *, planned: Planned, at: datetime) -> HoldTimeStarted:
    warn = hold.warn or hold.limit
    return HoldTimeStarted(
        batch=state.batch,
        hold_time=hold.key,
        title=hold.title,
        step=planned.number,
        at=at.isoformat(),
        warn_at=(at + _minutes(warn)).isoformat(),
        due_at=(at + _minutes(hold.limit)).isoformat(),
    )


def _minutes(text: str) -> timedelta:
    return timedelta(seconds=float(Decimal(text) * MINUTE))


def minutes_between(start: datetime, end: datetime) -> Decimal:
    """Minutes from one moment to another, to the tenth of a second."""
    tenths = Decimal(round((end - start).total_seconds() * 10))
    return (tenths / 10 / MINUTE).quantize(Decimal("0.01"))
