"""Decisions about values: enter, enter again, explain, correct. Pure.

A value is an event before anything is asked about it, so a first value is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping

from batches.answer_events import CorrectionAuthorised
from batches.answers import Answer, Stopped
from batches.entry import Entry
from batches.limits import TYPED_LIMIT, Parameter, Standing
from batches.performing import (
    demand_read_twice,
    performer,
    recipe_parameter,
    recipe_step,
    workable,
)
from batches.recipe import Recipe
from batches.recipe_content import Step
from batches.record import QUALITY, Batch, StepRecord, evolve
from batches.record_events import HoldSet, LimitExplained
from batches.turns import opened
from ledger.event import Refused, demand_reason, fold
from ledger.event import marked as _

# What these scan may be what stops the batch: that is kept whatever becomes of the signature.
SCANNED_FIRST = ("identity", "material", "weigh")
# Going on beyond an acceptance criterion is for those who answer for the batch.
MAY_GO_ON_BEYOND_ACCEPTANCE = ("supervisor", "qa_reviewer")


def enter_values(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    typed: Mapping[str, str],
    found: Mapping[str, Answer | Stopped] | None = None,
    person: str,
    role: str,
    reason: str,
) -> list[object]:
    """Keep what was read, whatever it is; a value that replaces another says why.

    `found`: what the matters concerned made of the answers that are no plain numbers.
    """
    wanted = workable(state, recipe, batch=batch, step=step, role=role)
    known = {parameter.key: parameter for parameter in wanted.parameters}
    for key in typed:
        if key not in known:
            raise Refused(
                _("Step {step} does not ask for {key}."), step=step, key=key[:TYPED_LIMIT]
            )
    events: list[object] = []
    for key, parameter in known.items():
        text = typed.get(key, "").strip()
        if not text:
            continue
        _demand_typed(parameter)
        entry = Entry(state, step=step, parameter=parameter, person=person, reason=reason)
        answer = (found or {}).get(key)
        made = entry.stop(answer) if isinstance(answer, Stopped) else entry.enter(text, answer)
        events += made
        state = fold(state, evolve, made)
        if isinstance(answer, Stopped):
            break
    return events


def demand_scanned(step: Step, typed: Mapping[str, str]) -> None:
    """A scan that may stop the batch is recorded before the signature, not undone with it."""
    for parameter in step.parameters:
        plain = parameter.kind == "weigh" and not parameter.needs
        if parameter.kind in SCANNED_FIRST and not plain and typed.get(parameter.key, "").strip():
            raise Refused(
                _("{label} is scanned first, and put on record; then the step is signed."),
                label=parameter.label,
                code="scan_first",
            )


def _demand_typed(parameter: Parameter) -> None:
    """What is worked out or timed by the server is nobody's to type."""
    if parameter.kind in ("calculation", "timer"):
        raise Refused(
            _(
                "{label} is worked out or timed here, and not typed. Correct what it rests on, or"
                " note beside it what is otherwise."
            ),
            label=parameter.label,
            code="not_typed",
        )


def explain_limit(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    parameter: str,
    person: str,
    role: str,
    reason: str,
) -> list[object]:
    """Go on with a value outside its limits, for a reason; beyond acceptance, under a hold."""
    opened(state, batch)
    reading = state.step(step).readings.get(parameter)
    wanted = recipe_parameter(state, recipe, step, parameter)
    if reading is None or not reading.exceeded or reading.explained:
        raise Refused(
            _("{label} needs no explanation now."), label=wanted.label, code="nothing_to_explain"
        )
    beyond = reading.standing == Standing.OUTSIDE_ACCEPTANCE
    if beyond:
        _answerable(state.step(step), step=step, label=wanted.label, person=person, role=role)
    demand_reason(reason)
    events: list[object] = [
        LimitExplained(
            batch=batch,
            step=step,
            parameter=parameter,
            label=wanted.label,
            attempt=reading.attempt,
            value=reading.value,
            unit=wanted.unit,
            explained_by=person,
        )
    ]
    if beyond and not state.on_hold(QUALITY):
        events.append(
            HoldSet(
                batch=batch,
                hold=len(state.holds) + 1,
                kind=QUALITY,
                step=step,
                exception=state.next_exception,
            )
        )
    return events


def _answerable(record: StepRecord, *, step: int, label: str, person: str, role: str) -> None:
    """Beyond acceptance the work goes on by the word of another, who answers for the batch."""
    if role not in MAY_GO_ON_BEYOND_ACCEPTANCE:
        raise Refused(
            _(
                "{label} is outside its acceptance criterion: read it again, or call the"
                " supervisor, who may let the work go on."
            ),
            label=label,
            code="supervisor_needed",
        )
    if person in record.hands:
        raise Refused(
            _(
                "You entered a value of step {step} yourself, so another supervisor, or quality"
                " assurance, decides whether the work goes on."
            ),
            step=step,
            code="same_person",
        )


def correct_value(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    parameter: str,
    typed: str,
    answer: Answer | Stopped | None = None,
    person: str,
    role: str,
    reason: str,
) -> list[object]:
    """Correct a signed value: the old one stays legible, and the step is verified anew.

    A value that is read twice is corrected by two readings as well: the second confirms the first.
    """
    opened(state, batch)
    wanted, record = recipe_parameter(state, recipe, step, parameter), state.step(step)
    if not record.performed_by:
        raise Refused(
            _("Step {step} is not signed yet: enter the value again in the step itself."),
            step=step,
            code="not_performed",
        )
    performer(recipe_step(state, recipe, step), step, role)
    _demand_typed(wanted)
    demand_reason(reason)
    entry = Entry(state, step=step, parameter=wanted, person=person, reason=reason)
    return entry.stop(answer) if isinstance(answer, Stopped) else entry.correct(typed, answer)


def authorise_correction(
    state: Batch, recipe: Recipe, *, batch: str, step: int, parameter: str, person: str
) -> list[object]:
    """A corrected value of a critical step counts when somebody who answers for it agrees."""
    opened(state, batch)
    wanted, record = recipe_parameter(state, recipe, step, parameter), state.step(step)
    reading = record.readings.get(parameter)
    critical = recipe_step(state, recipe, step).critical
    if reading is None or not critical or not reading.corrected or reading.authorised:
        raise Refused(
            _("No correction of {label} waits for an authorisation."),
            label=wanted.label,
            code="not_waiting",
        )
    demand_read_twice(record, wanted)
    if person in record.hands:
        raise Refused(
            _("You worked on step {step} yourself, so somebody else authorises its correction."),
            step=step,
            code="same_person",
        )
    return [
        CorrectionAuthorised(
            batch=batch,
            step=step,
            parameter=parameter,
            label=wanted.label,
            attempt=reading.attempt,
            authorised_by=person,
        )
    ]


def correct_typo(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    parameter: str,
    typed: str,
    answer: Answer | Stopped | None = None,
    person: str,
    role: str,
) -> list[object]:
    """A slip of the finger, put right before the step is signed: kept, as an observation.

    What is beyond its acceptance criterion is no slip: it is read again, for a reason.
    """
    step_asked = workable(state, recipe, batch=batch, step=step, role=role)
    wanted = recipe_parameter(state, recipe, step, parameter)
    _demand_typed(wanted)
    reading = state.step(step).readings.get(parameter)
    if reading is None or reading.by != person:
        raise Refused(
            _("Only what you entered yourself is put right as mistyped. Enter it again instead."),
            code="not_own_entry",
        )
    beyond = reading.exceeded and reading.standing == Standing.OUTSIDE_ACCEPTANCE
    if beyond or step_asked.exception_class == "critical":
        raise Refused(
            _("{label} is too grave for a slip: enter it again, and say why it was read again."),
            label=wanted.label,
            code="too_grave",
        )
    entry = Entry(state, step=step, parameter=wanted, person=person, reason="")
    return entry.stop(answer) if isinstance(answer, Stopped) else entry.mistyped(typed, answer)
