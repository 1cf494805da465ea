"""Whose turn it is in a batch: its plan, the steps that are due. Pure."""

from __future__ import annotations

from batches.plan import Planned, planned, predecessors
from batches.recipe import Recipe
from batches.recipe_content import Step
from batches.record import Batch, StepRecord
from ledger.event import Refused
from ledger.event import marked as _


def plan_of(state: Batch, recipe: Recipe) -> tuple[Planned, ...]:
    """Every doing of every step of this batch, in the order of the work."""
    return planned(recipe.content, state.repeats)


def find(state: Batch, recipe: Recipe, number: int) -> Planned | None:
    return next((one for one in plan_of(state, recipe) if one.number == number), None)


def finished(record: StepRecord, step: Step) -> bool:
    """Done with everything the step asks for, or settled as not to be done."""
    if record.skipped:
        return True
    signed = bool(record.performed_by) and (not step.verifies or bool(record.verified_by))
    return signed and (not step.witness or bool(record.witnessed_by))


def due(state: Batch, recipe: Recipe) -> list[Planned]:
    """The steps that may be worked on now: the first open one of every phase that has begun."""
    first: dict[str, Planned] = {}
    for one in plan_of(state, recipe):
        if one.phase not in first and not finished(state.step(one.number), one.step):
            first[one.phase] = one
    before = predecessors(recipe.content)
    return [one for phase, one in first.items() if not any(key in first for key in before[phase])]


def next_step(state: Batch, recipe: Recipe) -> Planned | None:
    """The first of the steps that may be worked on now."""
    return next(iter(due(state, recipe)), None)


def standing_at(state: Batch, recipe: Recipe) -> int:
    """The number of the step that the batch is at: the next one, the last when none is left."""
    now = next_step(state, recipe)
    return now.number if now else len(plan_of(state, recipe))


def opened(state: Batch, batch: str) -> None:
    """The batch exists and is still being made."""
    if not state.batch:
        raise Refused(_("There is no batch {batch}."), batch=batch, code="no_batch")
    if state.aborted:
        raise Refused(
            _("Batch {batch} was aborted: nothing more is done for it."),
            batch=batch,
            code="batch_aborted",
        )
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
