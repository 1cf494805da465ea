"""What may be asked about a step beside doing it: skip, repeat, put right, witness, time, note."""

from __future__ import annotations

from dataclasses import replace

from batches import diverting, entering, performing, timing, working
from batches.commands import PERFORMERS, RECORD, STOPPERS, VERIFIERS
from batches.record import evolve
from batches.turns import as_seen
from ledger.command import Act, command
from ledger.event import fold
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import PROCESS_ENGINEER, QA_REVIEWER, QUALIFIED_PERSON, SUPERVISOR

REMARKERS = (*STOPPERS, *(role for role in PERFORMERS if role not in STOPPERS))


@command(
    "batches.declare_not_applicable",
    role=PERFORMERS,
    label=_("declare step {step} of {batch} not applicable"),
    record=RECORD,
    signature=Meaning.PERFORMED,
    needs_reason=True,
)
def declare_not_applicable(act: Act, *, batch: str, step: int) -> None:
    """Leave a step out, where the recipe allows it, and say why."""
    state, recipe = working.batch_of(act, batch)
    events: list[object] = []
    events += diverting.not_applicable(
        state,
        recipe,
        batch=batch,
        step=step,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    working.demand_training(working.situation(act, state, recipe, step))
    act.record("batch", batch, events + working.follows(state, recipe, events))


@command(
    "batches.repeat_steps",
    role=(*PERFORMERS, QA_REVIEWER),
    label=_("do step {step} of {batch} again"),
    record=RECORD,
    needs_reason=True,
)
def repeat_steps(act: Act, *, batch: str, step: int) -> None:
    """Do a finished step, or its phase, once more: it gets numbers of its own."""
    state, recipe = working.batch_of(act, batch)
    events = diverting.repeat(
        state,
        recipe,
        batch=batch,
        step=step,
        person=act.actor.person,
        role=act.actor.role,
        reason=act.reason,
    )
    act.record("batch", batch, events)


@command(
    "batches.correct_typo",
    role=PERFORMERS,
    label=_("put {parameter} of step {step} of {batch} right"),
    record=RECORD,
)
def correct_typo(act: Act, *, batch: str, step: int, parameter: str, typed: str) -> None:
    """Put right what one mistyped, before the step is signed: both stand on record."""
    state, recipe = working.batch_of(act, batch)
    performing.workable(state, recipe, batch=batch, step=step, role=act.actor.role)
    now = working.situation(act, state, recipe, step)
    told = working.touch(now)
    state = fold(state, evolve, told)
    now = replace(now, state=state)
    events = told + entering.correct_typo(
        state,
        recipe,
        batch=batch,
        step=step,
        parameter=parameter,
        typed=typed,
        answer=working.answered(now, {parameter: typed}).get(parameter),
        person=act.actor.person,
        role=act.actor.role,
    )
    act.record("batch", batch, events + working.recalculated(state, recipe, events))


@command(
    "batches.authorise_correction",
    role=(SUPERVISOR, QA_REVIEWER),
    label=_("authorise the correction of {parameter} in step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.APPROVED,
)
def authorise_correction(
    act: Act, *, batch: str, step: int, parameter: str, seen: int | None = None
) -> None:
    """Agree to what was corrected in a critical step after it was signed."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    events = entering.authorise_correction(
        state, recipe, batch=batch, step=step, parameter=parameter, person=act.actor.person
    )
    act.record("batch", batch, events)


@command(
    "batches.witness_step",
    role=(*VERIFIERS, QA_REVIEWER),
    label=_("witness step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.WITNESSED,
)
def witness_step(act: Act, *, batch: str, step: int, seen: int | None = None) -> None:
    """Sign that one watched while the step was done."""
    state, recipe = working.batch_of(act, batch)
    as_seen(state, step, seen)
    events: list[object] = []
    events += performing.witness_step(
        state, recipe, batch=batch, step=step, person=act.actor.person, role=act.actor.role
    )
    working.demand_training(working.situation(act, state, recipe, step))
    act.record("batch", batch, events + working.follows(state, recipe, events))


@command(
    "batches.start_timer",
    role=PERFORMERS,
    label=_("start {parameter} of step {step} of {batch}"),
    record=RECORD,
)
def start_timer(act: Act, *, batch: str, step: int, parameter: str) -> None:
    """Start a step's timer: it runs on the server, whatever becomes of the tablet."""
    state, recipe = working.batch_of(act, batch)
    performing.workable(state, recipe, batch=batch, step=step, role=act.actor.role)
    events = working.touch(working.situation(act, state, recipe, step))
    events += timing.start(
        state, recipe, step=step, parameter=parameter, person=act.actor.person, at=act.at
    )
    act.record("batch", batch, events)


@command(
    "batches.stop_timer",
    role=PERFORMERS,
    label=_("stop {parameter} of step {step} of {batch}"),
    record=RECORD,
)
def stop_timer(act: Act, *, batch: str, step: int, parameter: str) -> None:
    """Stop a step's timer: the minutes are the value, judged by the recipe's limits."""
    state, recipe = working.batch_of(act, batch)
    performing.workable(state, recipe, batch=batch, step=step, role=act.actor.role)
    events = timing.stop(
        state, recipe, step=step, parameter=parameter, person=act.actor.person, at=act.at
    )
    act.record("batch", batch, events)


@command(
    "batches.comment",
    role=(*REMARKERS, PROCESS_ENGINEER, QUALIFIED_PERSON),
    label=_("comment on step {step} of {batch}"),
    record=RECORD,
)
def comment(act: Act, *, batch: str, step: int, text: str) -> None:
    """Note something beside a step."""
    state, recipe = working.batch_of(act, batch)
    events = diverting.comment(
        state, recipe, batch=batch, step=step, text=text, person=act.actor.person
    )
    act.record("batch", batch, events)


@command(
    "batches.raise_deviation",
    role=(*REMARKERS, PROCESS_ENGINEER, QUALIFIED_PERSON),
    label=_("raise a deviation at step {step} of {batch}"),
    record=RECORD,
    needs_reason=True,
)
def raise_deviation(act: Act, *, batch: str, step: int, title: str) -> None:
    """Say that something went otherwise than it ought to."""
    state, recipe = working.batch_of(act, batch)
    events = diverting.raise_deviation(
        state,
        recipe,
        batch=batch,
        step=step,
        title=title,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("batch", batch, events)
