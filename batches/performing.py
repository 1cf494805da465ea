"""Decisions about a step: complete, countersign, verify, and whose turn it is. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches.flow_events import CountersignatureWaived, StepWitnessed
from batches.limits import TYPED_LIMIT, Parameter
from batches.recipe import Recipe
from batches.recipe_content import Step
from batches.record import PROCESS, Batch, StepRecord
from batches.record_events import Entry, Said, StepCompleted, StepCountersigned, StepVerified
from batches.turns import due, find, opened, plan_of
from ledger.event import Refused, demand_reason
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
        _settled(state.step(step), parameter)
    if performed_by != recorded_by and not wanted.scribe:
        raise Refused(
            _("Step {step} is recorded by who performs it. Let them sign it themselves."),
            step=step,
            code="no_scribe",
        )
    return [
        StepCompleted(
            batch=batch,
            step=step,
            title=wanted.title,
            performed_by=performed_by,
            recorded_by=recorded_by,
            **_signed(state, wanted, step),
        )
    ]


def countersign_step(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str
) -> list[StepCountersigned]:
    """Who performed the step puts their own signature to what another recorded."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(state, recipe, step)
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
            **_signed(state, wanted, step),
        )
    ]


def waive_countersignature(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, can_sign: bool, reason: str
) -> list[CountersignatureWaived]:
    """Who performed it cannot sign any more: quality assurance answers for the scribe's word."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(state, recipe, step)
    if not record.awaits_countersignature:
        raise Refused(
            _("Step {step} waits for no countersignature. Look at the record again."),
            step=step,
            code="not_waiting",
        )
    if can_sign:
        raise Refused(
            _("{person} can still countersign step {step}. Ask them to."),
            person=record.performed_by,
            step=step,
            code="can_sign",
        )
    if person in {record.recorded_by, *record.hands}:
        raise Refused(
            _("You recorded step {step} yourself, so somebody else decides about it."),
            step=step,
            code="same_person",
        )
    demand_reason(reason)
    return [
        CountersignatureWaived(
            batch=batch,
            step=step,
            title=wanted.title,
            performed_by=record.performed_by,
            waived_by=person,
            exception=state.next_exception,
        )
    ]


def verify_step(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, role: str
) -> list[StepVerified]:
    """A second person vouches for the step: another human being, never another account."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(state, recipe, step)
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
    for parameter in wanted.parameters:
        demand_read_twice(record, parameter)
    took_part = {record.performed_by, record.recorded_by, record.witnessed_by, *record.hands}
    if person in took_part | overriders(state, step):
        raise Refused(
            _(
                "You performed, recorded or witnessed step {step}, so somebody else has to verify"
                " it."
            ),
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
            **_signed(state, wanted, step),
        )
    ]


def witness_step(
    state: Batch, recipe: Recipe, *, batch: str, step: int, person: str, role: str
) -> list[StepWitnessed]:
    """Who watched while it was done says so: neither who did it nor who verifies it."""
    opened(state, batch)
    record, wanted = state.step(step), recipe_step(state, recipe, step)
    if not record.performed_by or not wanted.witness or record.witnessed_by:
        raise Refused(
            _("Step {step} waits for no witness now. Look at the record again."),
            step=step,
            code="not_waiting",
        )
    if role != wanted.witness:
        raise Refused(
            _("Step {step} is witnessed in the role {role}. Call somebody who holds it."),
            step=step,
            role=wanted.witness.replace("_", " "),
            code="wrong_role",
        )
    took_part = {record.performed_by, record.recorded_by, record.verified_by, *record.hands}
    if person in took_part | overriders(state, step):
        raise Refused(
            _("You worked or decided on step {step}, so somebody else witnesses it."),
            step=step,
            code="same_person",
        )
    return [StepWitnessed(batch=batch, step=step, title=wanted.title, witnessed_by=person)]


def workable(state: Batch, recipe: Recipe, *, batch: str, step: int, role: str) -> Step:
    """The step, if it is one whose turn it is, and this role's to perform."""
    opened(state, batch)
    wanted, record = recipe_step(state, recipe, step), state.step(step)
    if record.performed_by:
        raise Refused(
            _("Step {step} was completed already, by {person}."),
            step=step,
            person=record.performed_by,
            code="already_completed",
        )
    if record.skipped:
        raise Refused(
            _("Step {step} does not apply to this batch. Look at the record again."),
            step=step,
            code="not_applicable",
        )
    _its_turn(state, recipe, step)
    if state.on_hold(PROCESS):
        raise Refused(
            _("Batch {batch} is on process hold. Ask the supervisor to lift it."),
            batch=batch,
            code="on_hold",
        )
    performer(wanted, step, role)
    return wanted


def _its_turn(state: Batch, recipe: Recipe, step: int) -> None:
    """Refuse a step that others come before, and say which."""
    waiting = due(state, recipe)
    if any(one.number == step for one in waiting) or not waiting:
        return
    here = find(state, recipe, step)
    before = [one for one in waiting if here is not None and one.phase == here.phase]
    turn = (before or waiting)[0]
    told = _("The next step is {next} ({title}), not step {step}.")
    if state.step(turn.number).performed_by:
        told = _("Step {next} ({title}) must be verified before step {step} begins.")
    raise Refused(told, next=turn.number, title=turn.step.title, step=step, code="not_its_turn")


UNTRAINED = _(
    "You are not trained on {recipe}, version {version}. Let somebody who is do this, or ask a"
    " supervisor or quality assurance to train you and to record it."
)
UNTRAINED_OTHER = _(
    "{person} is not trained on {recipe}, version {version}. Somebody who is may perform the step;"
    " a supervisor or quality assurance records a training."
)


def performer(step: Step, number: int, role: str) -> None:
    if role != step.performs:
        raise Refused(
            _("Step {step} is performed in the role {role}. Call somebody who holds it."),
            step=number,
            role=step.performs.replace("_", " "),
            code="wrong_role",
        )


def _settled(record: StepRecord, parameter: Parameter) -> None:
    reading = record.readings.get(parameter.key)
    if parameter.key in record.timers:
        raise Refused(
            _("The timer {label} still runs. Stop it first."),
            label=parameter.label,
            code="timer_runs",
        )
    if reading is None:
        if not parameter.required:
            return
        raise Refused(_("Enter {label} first."), label=parameter.label, code="value_missing")
    if reading.exceeded and not reading.explained:
        raise Refused(
            _("{label} is {standing}: read it again, or say why the work goes on."),
            label=parameter.label,
            standing=reading.standing,
            code="limit_unexplained",
        )
    demand_read_twice(record, parameter)


def read_once(record: StepRecord, parameter: Parameter) -> bool:
    """Whether a value stands, entered or corrected, that the recipe wants read a second time."""
    reading = record.readings.get(parameter.key)
    return parameter.read_twice and reading is not None and not reading.confirmed_by


def demand_read_twice(record: StepRecord, parameter: Parameter) -> None:
    """A critical value that is typed by hand counts when it was read a second time."""
    if not read_once(record, parameter):
        return
    told = _("{label} is critical: enter the same value a second time.")
    if parameter.check == "second_person":
        told = _("{label} is critical: a second person reads it and enters it as well.")
    raise Refused(told, label=parameter.label, code="second_entry")


def _signed(state: Batch, step: Step, number: int) -> dict[str, Any]:
    """What the step says at this moment, for whoever signs it."""
    readings = state.step(number).readings
    known = [(one, readings[one.key]) for one in step.parameters if one.key in readings]
    return {
        "entries": [
            Entry(
                parameter=parameter.key,
                label=parameter.label,
                value=reading.value,
                unit=parameter.unit,
                attempt=reading.attempt,
            )
            for parameter, reading in known
            if isinstance(reading.value, Decimal)
        ],
        "answers": [
            Said(
                parameter=parameter.key,
                label=parameter.label,
                value=reading.value,
                words=reading.words or reading.value,
                attempt=reading.attempt,
            )
            for parameter, reading in known
            if isinstance(reading.value, str)
        ],
    }


def recipe_step(state: Batch, recipe: Recipe, number: int) -> Step:
    """The recipe's step behind a number of this batch's plan."""
    found = find(state, recipe, number)
    if found is None:
        raise Refused(_("The recipe has no step {step}."), step=number, code="no_step")
    return found.step


def recipe_parameter(state: Batch, recipe: Recipe, step: int, key: str) -> Parameter:
    for parameter in recipe_step(state, recipe, step).parameters:
        if parameter.key == key:
            return parameter
    raise Refused(
        _("Step {step} does not ask for {key}."), step=step, key=key[:TYPED_LIMIT], code="no_key"
    )


def overriders(state: Batch, step: int) -> set[str]:
    """Who asked or agreed that this step goes on although something objected."""
    asked = {person for (number, *_what), person in state.asked.items() if number == step}
    agreed = [people for (number, *_what), people in state.overrides.items() if number == step]
    return asked.union(*agreed)


def unfinished(state: Batch, recipe: Recipe) -> list[int]:
    """The numbers of the steps that somebody has still to perform, in order."""
    return [
        one.number
        for one in plan_of(state, recipe)
        if not state.step(one.number).performed_by and not state.step(one.number).skipped
    ]
