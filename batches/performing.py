"""Decisions about a step: complete, countersign, verify, and whose turn it is. Pure."""

from __future__ import annotations

from batches.limits import TYPED_LIMIT, Parameter
from batches.recipe import Recipe, Step
from batches.record import PROCESS, Batch, Reading, next_step, opened
from batches.record_events import Entry, StepCompleted, StepCountersigned, StepVerified
from ledger.event import Refused
from ledger.event import marked as _


def complete_step(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    role: str,
    performed_by: str,
    recorded_by: str,
) -> list[StepCompleted]:
    """The step is done and signed: by who did it, or for them by who writes."""
    wanted = workable(state, recipe, batch=batch, step=step, role=role)
    for parameter in wanted.parameters:
        _settled(state.step(step).readings.get(parameter.key), parameter)
    return [
        StepCompleted(
            batch=batch,
            step=step,
            title=wanted.title,
            performed_by=performed_by,
            recorded_by=recorded_by,
            entries=_entries(state, wanted),
        )
    ]


def countersign_step(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str
) -> list[StepCountersigned]:
    """Who performed the step puts their own signature to what another recorded."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(recipe, step)
    if not record.awaits_countersignature:
        raise Refused(
            _("Step {step} waits for no countersignature. Look at the record again."),
            step=step,
            code="not_waiting",
        )
    if person != record.performed_by:
        raise Refused(
            _("Step {step} was performed by {person}, who alone countersigns it."),
            step=step,
            person=record.performed_by,
            code="other_person",
        )
    return [
        StepCountersigned(
            batch=batch,
            step=step,
            title=wanted.title,
            performed_by=record.performed_by,
            recorded_by=record.recorded_by,
            entries=_entries(state, wanted),
        )
    ]


def verify_step(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, role: str
) -> list[StepVerified]:
    """A second person vouches for the step: another human being, never another account."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(recipe, step)
    if not record.performed_by or not wanted.verifies or record.verified_by:
        raise Refused(
            _("Step {step} waits for no verification now. Look at the record again."),
            step=step,
            code="not_waiting",
        )
    if role != wanted.verifies:
        raise Refused(
            _("Step {step} is verified in the role {role}. Call somebody who holds it."),
            step=step,
            role=wanted.verifies.replace("_", " "),
            code="wrong_role",
        )
    if person in {record.performed_by, record.recorded_by, *record.hands}:
        raise Refused(
            _("You performed or recorded step {step}, so somebody else has to verify it."),
            step=step,
            code="same_person",
        )
    return [
        StepVerified(
            batch=batch,
            step=step,
            title=wanted.title,
            performed_by=record.performed_by,
            verified_by=person,
            entries=_entries(state, wanted),
        )
    ]


def workable(state: Batch, recipe: Recipe, *, batch: str, step: int, role: str) -> Step:
    """The step, if it is this one's turn and this role's to perform."""
    opened(state, batch)
    wanted, record, turn = recipe_step(recipe, step), state.step(step), next_step(state, recipe)
    if record.performed_by:
        raise Refused(
            _("Step {step} was completed already, by {person}."),
            step=step,
            person=record.performed_by,
            code="already_completed",
        )
    if turn is not None and turn.number != step:
        waiting = _("The next step is {next} ({title}), not step {step}.")
        if state.step(turn.number).performed_by:
            waiting = _("Step {next} ({title}) must be verified before step {step} begins.")
        raise Refused(waiting, next=turn.number, title=turn.title, step=step, code="not_its_turn")
    if state.on_hold(PROCESS):
        raise Refused(
            _("Batch {batch} is on process hold. Ask the supervisor to lift it."),
            batch=batch,
            code="on_hold",
        )
    performer(wanted, role)
    return wanted


def trained(recipe: Recipe, *, person: str, own: bool, is_trained: bool) -> None:
    """Whoever performs or verifies a step was trained on this very version of the recipe."""
    if is_trained:
        return
    told = _(
        "{person} is not trained on {recipe}, version {version}. Somebody who is may perform the"
        " step; a supervisor or quality assurance records a training."
    )
    if own:
        told = _(
            "You are not trained on {recipe}, version {version}. Let somebody who is do this, or"
            " ask a supervisor or quality assurance to train you and to record it."
        )
    named = {} if own else {"person": person}
    raise Refused(told, recipe=recipe.recipe, version=recipe.version, code="not_trained", **named)


def performer(step: Step, role: str) -> None:
    if role != step.performs:
        raise Refused(
            _("Step {step} is performed in the role {role}. Call somebody who holds it."),
            step=step.number,
            role=step.performs.replace("_", " "),
            code="wrong_role",
        )


def _settled(reading: Reading | None, parameter: Parameter) -> None:
    if reading is None:
        raise Refused(_("Enter {label} first."), label=parameter.label, code="value_missing")
    if reading.exceeded and not reading.explained:
        raise Refused(
            _("{label} is {standing}: read it again, or say why the work goes on."),
            label=parameter.label,
            standing=reading.standing,
            code="limit_unexplained",
        )


def _entries(state: Batch, step: Step) -> list[Entry]:
    readings = state.step(step.number).readings
    return [
        Entry(
            parameter=parameter.key,
            label=parameter.label,
            value=readings[parameter.key].value,
            unit=parameter.unit,
            attempt=readings[parameter.key].attempt,
        )
        for parameter in step.parameters
    ]


def recipe_step(recipe: Recipe, number: int) -> Step:
    step = recipe.step(number)
    if step is None:
        raise Refused(_("The recipe has no step {step}."), step=number, code="no_step")
    return step


def recipe_parameter(recipe: Recipe, step: int, key: str) -> Parameter:
    for parameter in recipe_step(recipe, step).parameters:
        if parameter.key == key:
            return parameter
    raise Refused(
        _("Step {step} does not ask for {key}."), step=step, key=key[:TYPED_LIMIT], code="no_key"
    )
