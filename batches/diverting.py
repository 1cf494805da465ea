"""Decisions to depart from the plan: leave out, do again, stop, hand over, note. Pure."""

from __future__ import annotations

from batches.flow_events import (
    Aborted,
    Commented,
    DeviationRaised,
    HandoverOffered,
    HandoverTaken,
    StepNotApplicable,
    StepsRepeated,
)
from batches.performing import performer, recipe_step, workable
from batches.plan import Planned
from batches.recipe import Recipe
from batches.recipe_content import Phase
from batches.record import Batch
from batches.turns import find, finished, next_step, opened, plan_of, standing_at
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

NOTE = 500


def not_applicable(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, role: str, reason: str
) -> list[StepNotApplicable]:
    """The step is not done, where the recipe allows that, for a reason."""
    wanted = workable(state, recipe, batch=batch, step=step, role=role)
    if not wanted.may_skip:
        raise Refused(
            _(
                "Step {step} ({title}) must be done in every batch. If it cannot be, hold the"
                " batch and raise a deviation."
            ),
            step=step,
            title=wanted.title,
            code="not_optional",
        )
    demand_reason(reason)
    return [
        StepNotApplicable(
            batch=batch,
            step=step,
            title=wanted.title,
            declared_by=person,
            exception=state.next_exception,
        )
    ]


def repeat(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, role: str, reason: str
) -> list[StepsRepeated]:
    """Do a finished step again, or its whole phase, as often as the recipe allows."""
    opened(state, batch)
    at = find(state, recipe, step)
    if at is None:
        recipe_step(state, recipe, step)
        raise AssertionError("recipe_step refuses a step that is none")
    demand_reason(reason)
    phase = _phase(recipe, at)
    if at.step.repeats:
        performer(at.step, step, role)
        return [_again(state, recipe, [at], at.step.repeats, person=person)]
    if not phase.repeats:
        raise Refused(
            _("The recipe does not allow step {step} to be done again. Raise a deviation."),
            step=step,
            code="no_repeat",
        )
    if phase.rework and role != "qa_reviewer":
        raise Refused(
            _("Doing {phase} again is a rework: quality assurance starts it."),
            phase=phase.title,
            code="rework",
        )
    whole = [one for one in plan_of(state, recipe) if one.phase == at.phase and one.run == at.run]
    return [_again(state, recipe, whole, phase.repeats, person=person, rework=phase.rework)]


def _phase(recipe: Recipe, at: Planned) -> Phase:
    found = (
        phase for phase in recipe.content.phases if any(s.number == at.origin for s in phase.steps)
    )
    return next(found)


def _again(
    state: Batch,
    recipe: Recipe,
    steps: list[Planned],
    allowed: int,
    *,
    person: str,
    rework: bool = False,
) -> StepsRepeated:
    plan = plan_of(state, recipe)
    for one in steps:
        if not finished(state.step(one.number), one.step):
            raise Refused(
                _("Step {step} ({title}) is not finished: it is done again after that."),
                step=one.number,
                title=one.step.title,
                code="not_finished",
            )
    run = max(one.run for one in plan if one.origin == steps[0].origin) + 1
    if run > allowed + 1:
        raise Refused(
            _("Step {step} was done {times} times, as often as the recipe allows."),
            step=steps[0].number,
            times=run - 1,
            code="no_more_repeats",
        )
    first = max(one.number for one in plan) + 1
    last = [one for one in plan if one.origin == steps[-1].origin][-1]
    return StepsRepeated(
        batch=state.batch,
        step=steps[0].number,
        numbers=[one.number for one in steps],
        becomes=list(range(first, first + len(steps))),
        after=last.number,
        run=run,
        rework=rework,
        repeated_by=person,
        exception=state.next_exception,
    )


def comment(
    state: Batch, recipe: Recipe, *, batch: str, step: int, text: str, person: str
) -> list[Commented]:
    """A remark beside a step, for whoever reads the record."""
    if not state.batch:
        opened(state, batch)
    recipe_step(state, recipe, step)
    if not text.strip():
        raise Refused(_("Write the comment first."), code="missing")
    if len(text) > NOTE:
        raise Refused(
            _("The comment has {length} characters; it holds {limit}. Say it shorter."),
            length=len(text),
            limit=NOTE,
            code="too_long",
        )
    return [Commented(batch=batch, step=step, text=text.strip(), commented_by=person)]


def raise_deviation(
    state: Batch, recipe: Recipe, *, batch: str, step: int, title: str, person: str, reason: str
) -> list[DeviationRaised]:
    """Something went otherwise than it ought to: quality assurance takes it up."""
    if not state.batch:
        opened(state, batch)
    recipe_step(state, recipe, step)
    if not title.strip() or len(title) > NOTE:
        raise Refused(
            _("Say in one line what went otherwise, with at most {limit} characters."),
            limit=NOTE,
            code="missing",
        )
    demand_reason(reason)
    return [
        DeviationRaised(
            batch=batch,
            step=step,
            title=title.strip(),
            raised_by=person,
            automatic=False,
            exception=state.next_exception,
        )
    ]


def offer_handover(
    state: Batch, recipe: Recipe, *, batch: str, person: str, note: str
) -> list[HandoverOffered]:
    """Who goes says how the batch stands; it is handed over when somebody takes it."""
    opened(state, batch)
    if any(not one.taken_by for one in state.handovers.values()):
        raise Refused(
            _("Batch {batch} is being handed over already: whoever comes takes it over."),
            batch=batch,
            code="no_change",
        )
    demand_reason(note)
    now = next_step(state, recipe)
    return [
        HandoverOffered(
            batch=batch,
            handover=len(state.handovers) + 1,
            step=now.number if now else 0,
            handed_by=person,
            note=note.strip()[:NOTE],
        )
    ]


def take_handover(state: Batch, recipe: Recipe, *, batch: str, person: str) -> list[HandoverTaken]:
    """Who comes has read how the batch stands, and answers for it from here."""
    opened(state, batch)
    waiting = [(n, one) for n, one in state.handovers.items() if not one.taken_by]
    if not waiting:
        raise Refused(
            _("Nobody is handing batch {batch} over now."), batch=batch, code="not_waiting"
        )
    number, offered = waiting[0]
    if person == offered.handed_by:
        raise Refused(
            _("You hand the batch over yourself, so somebody else takes it."), code="same_person"
        )
    now = next_step(state, recipe)
    return [
        HandoverTaken(
            batch=batch,
            handover=number,
            step=now.number if now else 0,
            handed_by=offered.handed_by,
            taken_by=person,
        )
    ]


def abort(state: Batch, recipe: Recipe, *, batch: str, person: str, reason: str) -> list[Aborted]:
    """The batch is given up: nothing more is done for it, and all that was done stays."""
    opened(state, batch)
    demand_reason(reason)
    return [
        Aborted(
            batch=batch,
            step=standing_at(state, recipe),
            aborted_by=person,
            exception=state.next_exception,
        )
    ]
