"""A batch record as it stands: what every step, value, hold and exception has come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from batches.recipe import Recipe, Step
from batches.record_events import (
    Completed,
    EntryUnreadable,
    ExceptionAssessed,
    HoldLifted,
    HoldSet,
    LimitExceeded,
    LimitExplained,
    Opened,
    StepCompleted,
    StepCountersigned,
    StepVerified,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)
from ledger.event import Refused
from ledger.event import marked as _

QUALITY, PROCESS = "quality", "process"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The value that counts now; the earlier ones are in the events."""

    value: Decimal
    attempt: int
    exceeded: bool = False
    explained: bool = False
    standing: str = ""


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    readings: Mapping[str, Reading] = field(default_factory=dict)
    hands: frozenset[str] = frozenset()  # everybody who entered or corrected a value of it
    let_on: frozenset[str] = frozenset()  # who let the work go on outside a limit
    performed_by: str = ""
    recorded_by: str = ""
    countersigned: bool = False
    verified_by: str = ""

    @property
    def readings_so_far(self) -> int:
        """How often a value was read or corrected: tells whether a page is out of date."""
        return sum(reading.attempt for reading in self.readings.values())

    @property
    def awaits_countersignature(self) -> bool:
        return bool(
            self.performed_by and self.recorded_by != self.performed_by and not self.countersigned
        )


@dataclass(frozen=True, kw_only=True)
class ExceptionRecord:
    step: int
    assessed: bool = False


@dataclass(frozen=True, kw_only=True)
class Hold:
    kind: str
    step: int = 0
    lifted: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    batch: str = ""
    recipe: str = ""
    version: int = 0
    content_sha256: str = ""
    product: str = ""
    purpose: str = ""
    steps: Mapping[int, StepRecord] = field(default_factory=dict)
    exceptions: Mapping[int, ExceptionRecord] = field(default_factory=dict)
    holds: Mapping[int, Hold] = field(default_factory=dict)
    completed: bool = False

    def step(self, number: int) -> StepRecord:
        return self.steps.get(number, StepRecord())

    @property
    def next_exception(self) -> int:
        return len(self.exceptions) + 1

    def on_hold(self, kind: str) -> bool:
        return any(hold.kind == kind and not hold.lifted for hold in self.holds.values())


INITIAL = Batch()


def evolve(state: Batch, event: Any) -> Batch:
    if number := getattr(event, "exception", 0):
        state = _with_exception(state, event, number)
    match event:
        case Opened():
            return replace(
                state,
                batch=event.batch,
                recipe=event.recipe,
                version=event.version,
                content_sha256=event.content_sha256,
                product=event.product,
                purpose=event.purpose,
            )
        case HoldSet(hold=hold, kind=kind, step=at):
            return replace(state, holds={**state.holds, hold: Hold(kind=kind, step=at)})
        case HoldLifted(hold=hold):
            lifted = replace(state.holds[hold], lifted=True)
            return replace(state, holds={**state.holds, hold: lifted})
        case ExceptionAssessed() | EntryUnreadable():
            return state
        case Completed():
            return replace(state, completed=True)
    number = getattr(event, "step", 0)
    step = _evolve_step(state.step(number), event)
    return replace(state, steps={**state.steps, number: step})


def _with_exception(state: Batch, event: Any, number: int) -> Batch:
    if isinstance(event, ExceptionAssessed):
        known = replace(state.exceptions[number], assessed=True)
    else:
        known = ExceptionRecord(step=event.step)
    return replace(state, exceptions={**state.exceptions, number: known})


def _evolve_step(state: StepRecord, event: Any) -> StepRecord:
    match event:
        case ValueEntered(value=value, entered_by=person):
            return _read(state, event, value, person)
        case ValueRemeasured(new=value, entered_by=person):
            return _read(state, event, value, person)
        case ValueCorrected(new=value, corrected_by=person):
            # What was verified or countersigned is no longer what stands there.
            signed = state.countersigned or state.recorded_by == state.performed_by
            state = replace(
                state, verified_by="", countersigned=signed and person == state.performed_by
            )
            return _read(state, event, value, person)
        case LimitExceeded(parameter=key, standing=standing):
            return _judged(state, key, exceeded=True, standing=standing)
        case LimitExplained(parameter=key, explained_by=person):
            state = replace(state, let_on=state.let_on | {person})
            return _judged(state, key, explained=True)
        case StepCompleted(performed_by=performer, recorded_by=recorder):
            return replace(state, performed_by=performer, recorded_by=recorder)
        case StepCountersigned():
            return replace(state, countersigned=True)
        case StepVerified(verified_by=person):
            return replace(state, verified_by=person)
    raise ValueError(f"A batch does not know the event {type(event).__name__}.")


def _read(state: StepRecord, event: Any, value: Decimal, person: str) -> StepRecord:
    reading = Reading(value=value, attempt=event.attempt)
    readings = {**state.readings, event.parameter: reading}
    return replace(state, readings=readings, hands=state.hands | {person})


def _judged(state: StepRecord, key: str, **changes: Any) -> StepRecord:
    reading = replace(state.readings[key], **changes)
    return replace(state, readings={**state.readings, key: reading})


def next_step(state: Batch, recipe: Recipe) -> Step | None:
    """The step that must be worked on now: the first that is not performed and verified."""
    for step in recipe.steps:
        record = state.step(step.number)
        if not record.performed_by or (step.verifies and not record.verified_by):
            return step
    return None


def opened(state: Batch, batch: str) -> None:
    """The batch exists and is still being made."""
    if not state.batch:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="no_batch")
    if state.completed:
        raise Refused(
            _("Batch {batch} is completed. What has to change now goes to quality assurance."),
            batch=batch,
            code="batch_completed",
        )


def as_seen(state: Batch, step: int, seen: int | None) -> None:
    """What is signed or replaced is what stood on the page; `seen` is None where no page is."""
    if seen is not None and seen != state.step(step).readings_so_far:
        raise Refused(
            _("A value of step {step} was changed after you opened the page. Look at it again."),
            step=step,
            code="changed_meanwhile",
        )


def all_seen(state: Batch, seen: int | None) -> None:
    """The record is closed as it was read: every correction and departure has its number."""
    if seen is not None and seen != len(state.exceptions):
        raise Refused(
            _("Something of {batch} was changed after you opened the page. Read it again."),
            batch=state.batch,
            code="changed_meanwhile",
        )
