"""Decisions about a step's timer: start it, stop it, judge the minutes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from batches.course import minutes_between
from batches.flow_events import TimerStarted, TimerStopped
from batches.judging import judged
from batches.limits import Parameter, ParameterKind, Range
from batches.performing import recipe_parameter
from batches.recipe import Recipe
from batches.record import Batch
from ledger.event import Refused
from ledger.event import marked as _


def start(
    state: Batch, recipe: Recipe, *, step: int, parameter: str, person: str, at: datetime
) -> list[object]:
    """The timer runs from this moment of the server's clock."""
    wanted = _timer(state, recipe, step, parameter)
    if parameter in state.step(step).timers or parameter in state.step(step).readings:
        raise Refused(
            _("The timer {label} was started already."), label=wanted.label, code="no_change"
        )
    return [
        TimerStarted(
            batch=state.batch,
            step=step,
            parameter=parameter,
            label=wanted.label,
            at=at.isoformat(),
            minimum=wanted.minimum,
            maximum=wanted.maximum,
            started_by=person,
        )
    ]


def stop(
    state: Batch, recipe: Recipe, *, step: int, parameter: str, person: str, at: datetime
) -> list[object]:
    """The minutes since it was started are the value; too short or too long is a departure."""
    wanted = _timer(state, recipe, step, parameter)
    started = state.step(step).timers.get(parameter)
    if started is None:
        raise Refused(
            _("The timer {label} does not run. Start it first."),
            label=wanted.label,
            code="no_timer",
        )
    minutes = minutes_between(datetime.fromisoformat(started), at)
    where: dict[str, Any] = {
        "batch": state.batch,
        "step": step,
        "parameter": parameter,
        "label": wanted.label,
        "attempt": 1,
    }
    stopped = TimerStopped(**where, at=at.isoformat(), minutes=minutes, stopped_by=person)
    limits = Parameter(
        key=parameter,
        label=wanted.label,
        unit="min",
        acceptance=Range(low=wanted.minimum, high=wanted.maximum),
    )
    number = state.next_exception
    return [stopped, *judged(limits, minutes, where={**where, "unit": "min"}, exception=number)]


def _timer(state: Batch, recipe: Recipe, step: int, parameter: str) -> Parameter:
    wanted = recipe_parameter(state, recipe, step, parameter)
    if wanted.kind != ParameterKind.TIMER:
        raise Refused(_("{label} is no timer."), label=wanted.label, code="no_timer")
    return wanted
