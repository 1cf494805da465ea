"""From the events of a batch to its steps as people read them, every value in its place."""

from __future__ import annotations

from batches import answer_events as answered
from batches import course, wording
from batches import flow_events as flow
from batches import record_events as told
from batches.models import ExceptionLine
from batches.recipe import Recipe
from batches.record import Batch
from batches.record_shape import ParameterTold, StepTold, Told, ValueTold
from batches.turns import due, plan_of

# What is told with the batch, not with one step of it.
ELSEWHERE = (
    told.HoldSet,
    told.HoldLifted,
    flow.StepsRepeated,
    flow.HandoverOffered,
    flow.HandoverTaken,
    flow.HoldTimeStarted,
)
VALUES = (
    told.ValueEntered,
    told.ValueRemeasured,
    told.ValueCorrected,
    told.EntryUnreadable,
    told.LimitExceeded,
    told.LimitExplained,
    answered.AnswerEntered,
    answered.AnswerReplaced,
    answered.AnswerCorrected,
    answered.AnswerDeparted,
    answered.TypoCorrected,
    answered.ValueImplausible,
    answered.ValueConfirmed,
    answered.ReplicatesCounted,
    answered.ValueCalculated,
    answered.ValueRecalculated,
    answered.CorrectionAuthorised,
    flow.TimerStopped,
)


def steps_told(
    recipe: Recipe,
    batch: Batch,
    events: list[Told],
    raised: dict[int, ExceptionLine],
    names: dict[str, str],
) -> list[StepTold]:
    """Every doing of every step, in the order of the work."""
    turns = set() if batch.over else {one.number for one in due(batch, recipe)}
    plan = plan_of(batch, recipe)
    known = course.values(batch, recipe)
    by_step: dict[int, list[Told]] = {}
    for one in events:
        by_step.setdefault(getattr(one.data, "step", 0), []).append(one)
    steps = []
    for place, planned in enumerate(plan):
        number = planned.number
        record = batch.step(number)
        made = StepTold(
            step=planned.step,
            part=planned.part,
            record=record,
            parameters=[ParameterTold(parameter) for parameter in planned.step.parameters],
            turn=number in turns,
            following=plan[place + 1].number if place + 1 < len(plan) else 0,
            planned=planned,
            instruction=wording.fill(planned.step.instruction, known, recipe.content),
            performer=names.get(record.performed_by, record.performed_by),
            recorder=names.get(record.recorded_by, record.recorded_by),
        )
        for one in by_step.get(number, ()):
            _tell_step(made, one, raised)
        steps.append(made)
    return steps


def _tell_step(step: StepTold, one: Told, raised: dict[int, ExceptionLine]) -> None:
    match one.data:
        case told.StepCompleted():
            step.performed = one
        case told.StepCountersigned():
            step.countersigned = one
        case told.StepVerified():
            step.verified.append(one)
        case flow.StepWitnessed():
            step.witnessed = one
        case flow.StepNotApplicable() | flow.StepSkipped():
            step.skipped = one
        case told.ValueCorrected() | answered.AnswerCorrected() | answered.CorrectionAuthorised():
            step.corrections.append(one)
        case answered.ValueConfirmed() if step.performed:
            step.corrections.append(one)
    if isinstance(one.data, VALUES):
        for parameter in step.parameters:
            if parameter.parameter.key == one.data.parameter:
                _tell_value(parameter, one, raised)
    elif not isinstance(one.data, (*SIGNED, *ELSEWHERE)):
        step.notes.append(one)


SIGNED = (told.StepCompleted, told.StepCountersigned, told.StepVerified, flow.StepWitnessed)
ENTERED: dict[type, tuple[str, str]] = {
    # the event, the kind of value, the field that holds what people read
    told.ValueEntered: ("entered", "value"),
    told.ValueRemeasured: ("again", "new"),
    told.ValueCorrected: ("corrected", "new"),
    answered.AnswerEntered: ("entered", "words"),
    answered.AnswerReplaced: ("again", "words"),
    answered.AnswerCorrected: ("corrected", "words"),
    answered.TypoCorrected: ("typo", "new"),
    answered.ValueCalculated: ("calculated", "value"),
    answered.ValueRecalculated: ("recalculated", "new"),
    flow.TimerStopped: ("timed", "minutes"),
}
KEPT: dict[type, tuple[str, str]] = {
    # on record, and never the value that counts
    told.EntryUnreadable: ("unreadable", "typed"),
    answered.ValueImplausible: ("implausible", "value"),
}


def _tell_value(parameter: ParameterTold, one: Told, raised: dict[int, ExceptionLine]) -> None:
    exception = raised.get(getattr(one.data, "exception", 0))
    kind = type(one.data)
    if kind in ENTERED:
        name, key = ENTERED[kind]
        _add(parameter, ValueTold(str(getattr(one.data, key)), name, one, exception=exception))
        return
    if kind in KEPT:
        name, key = KEPT[kind]
        text = str(getattr(one.data, key))
        parameter.values.append(ValueTold(text, name, one, exception=exception))
        return
    _tell_about(parameter, one, exception)


def _tell_about(parameter: ParameterTold, one: Told, exception: ExceptionLine | None) -> None:
    """What is said about a value that stands there already."""
    match one.data:
        case answered.ReplicatesCounted():
            parameter.counts.append(one)
            return
    value = _of_attempt(parameter, one)
    if value is None:
        return
    match one.data:
        case told.LimitExceeded(standing=standing, limit=limit):
            value.standing, value.limit, value.exception = standing, limit, exception
        case told.LimitExplained():
            value.explained = one
        case answered.AnswerDeparted(why=why):
            value.departed, value.exception = why, exception
        case answered.ValueConfirmed():
            value.confirmed = one
        case answered.CorrectionAuthorised():
            value.authorised = one


def _add(parameter: ParameterTold, value: ValueTold) -> None:
    for earlier in parameter.values:
        earlier.counts = False
    value.counts, value.attempt = True, value.told.data.attempt
    parameter.values.append(value)


def _of_attempt(parameter: ParameterTold, one: Told) -> ValueTold | None:
    found = (v for v in parameter.values if v.attempt == one.data.attempt)
    return next(found, None)
