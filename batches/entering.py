"""Decisions about values: enter, enter again, explain, correct. Pure.

A value is an event before anything is asked about it, so a first value is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from batches.limits import TYPED_LIMIT, Parameter, Standing, judge, limit_of, read_number
from batches.performing import performer, recipe_parameter, recipe_step, workable
from batches.recipe import Recipe
from batches.record import QUALITY, Batch, StepRecord, opened
from batches.record_events import (
    EntryUnreadable,
    HoldSet,
    LimitExceeded,
    LimitExplained,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)
from ledger.event import Refused, demand_reason, says_little
from ledger.event import marked as _

# Going on beyond an acceptance criterion is for those who answer for the batch.
MAY_GO_ON_BEYOND_ACCEPTANCE = ("supervisor", "qa_reviewer")


def enter_values(
    state: Batch,
    recipe: Recipe,
    *,
    batch: str,
    step: int,
    typed: Mapping[str, str],
    person: str,
    role: str,
    reason: str,
) -> list[object]:
    """Keep what was read, whatever it is; a value that replaces another says why."""
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
        if text:
            number = state.next_exception + sum(hasattr(e, "exception") for e in events)
            entry = _Entry(state, batch=batch, step=step, parameter=parameter, exception=number)
            events += entry.enter(text, person=person, reason=reason)
    return events


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
    wanted = recipe_parameter(recipe, step, parameter)
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
    person: str,
    role: str,
    reason: str,
) -> list[object]:
    """Correct a signed value: the old one stays legible, and the step is verified anew."""
    opened(state, batch)
    wanted, record = recipe_parameter(recipe, step, parameter), state.step(step)
    if not record.performed_by:
        raise Refused(
            _("Step {step} is not signed yet: enter the value again in the step itself."),
            step=step,
            code="not_performed",
        )
    performer(recipe_step(recipe, step), role)
    demand_reason(reason)
    entry = _Entry(state, batch=batch, step=step, parameter=wanted, exception=state.next_exception)
    return entry.correct(typed, person=person)


class _Entry:
    """One value on its way into the record, with the number its exception would get."""

    def __init__(
        self, state: Batch, *, batch: str, step: int, parameter: Parameter, exception: int
    ) -> None:
        self.before = state.step(step).readings.get(parameter.key)
        self.parameter = parameter
        self.exception = exception
        self.batch, self.step = batch, step

    @property
    def attempt(self) -> int:
        return self.before.attempt + 1 if self.before else 1

    def enter(self, text: str, *, person: str, reason: str) -> list[object]:
        value = read_number(text)
        if value is None:
            return [self._unreadable(text)]
        if self.before is None:
            entered = ValueEntered(**self._where(), value=value, entered_by=person)
            return [entered, *self.judged(value)]
        if value == self.before.value:
            return []
        self._replaceable(value, reason)
        again = ValueRemeasured(
            **self._where(),
            old=self.before.value,
            new=value,
            entered_by=person,
            exception=self._number(),
        )
        return [again, *self.judged(value)]

    def correct(self, text: str, *, person: str) -> list[object]:
        value = read_number(text)
        if value is None or self.before is None or value == self.before.value:
            raise Refused(
                _("Write the number that {label} ought to read; “{typed}” changes nothing."),
                label=self.parameter.label,
                typed=text[:TYPED_LIMIT],
                code="no_change",
            )
        corrected = ValueCorrected(
            **self._where(),
            old=self.before.value,
            new=value,
            corrected_by=person,
            exception=self._number(),
        )
        return [corrected, *self.judged(value)]

    def judged(self, value: Decimal) -> list[object]:
        standing = judge(self.parameter, value)
        if standing is Standing.WITHIN:
            return []
        limit = limit_of(self.parameter, standing)
        return [
            LimitExceeded(
                **self._where(),
                value=value,
                standing=standing.value,
                limit=limit.words(self.parameter.unit),
                low=limit.low,
                high=limit.high,
                exception=self._number(),
            )
        ]

    def _number(self) -> int:
        self.exception += 1
        return self.exception - 1

    def _where(self) -> dict[str, Any]:
        return {
            "batch": self.batch,
            "step": self.step,
            "parameter": self.parameter.key,
            "label": self.parameter.label,
            "unit": self.parameter.unit,
            "attempt": self.attempt,
        }

    def _unreadable(self, text: str) -> EntryUnreadable:
        return EntryUnreadable(
            batch=self.batch,
            step=self.step,
            parameter=self.parameter.key,
            label=self.parameter.label,
            typed=text[:TYPED_LIMIT],
            exception=self._number(),
        )

    def _replaceable(self, value: Decimal, reason: str) -> None:
        """The refusal names both values, so that the trail has the second one as well."""
        if says_little(reason) and self.before is not None:
            raise Refused(
                _(
                    "{label} stands on record as {old} {unit}. To enter {new} {unit} beside it,"
                    " say why it was read again."
                ),
                label=self.parameter.label,
                old=str(self.before.value),
                new=str(value),
                unit=self.parameter.unit,
                code="reason_missing",
            )
