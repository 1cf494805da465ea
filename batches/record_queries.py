"""The batch record as people read it: every step with all its values, who, when, why, signatures.

It is read from the batch's own events, so the page, the print and the export tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from batches import record as records
from batches import record_events as told
from batches.limits import Parameter, Standing
from batches.models import BatchLine, ExceptionLine
from batches.queries import exceptions, recipe_of
from batches.recipe import Recipe, Step
from batches.record import Batch, StepRecord, next_step
from ledger import store
from ledger.event import Recorded, fold
from ledger.forms import in_words
from ledger.superseding import supersedes
from personnel.queries import printed_names
from personnel.signing_standing import Signature, missing, standing


@dataclass(frozen=True)
class Told:
    """Who did something, when, at which terminal, why, and the entry that proves it."""

    event_id: UUID
    version: int
    at: datetime
    person: str
    name: str
    role: str
    reason: str
    data: Any

    @property
    def who(self) -> str:
        return self.name or self.person


@dataclass
class ValueTold:
    """One value that was read, with what was said about it. Only the last one counts."""

    text: str
    kind: str  # entered, again, corrected, unreadable
    told: Told
    attempt: int = 0
    limit: str = ""
    standing: str = ""
    exception: ExceptionLine | None = None
    explained: Told | None = None
    counts: bool = False

    @property
    def beyond(self) -> bool:
        return self.standing == Standing.OUTSIDE_ACCEPTANCE


@dataclass
class ParameterTold:
    parameter: Parameter
    values: list[ValueTold] = field(default_factory=list)

    @property
    def current(self) -> ValueTold | None:
        return next((value for value in reversed(self.values) if value.counts), None)

    @property
    def waits(self) -> bool:
        """Whether the value that counts is outside its limits and nobody has said why."""
        now = self.current
        return now is not None and bool(now.standing) and now.explained is None


@dataclass
class StepTold:
    step: Step
    part: str
    record: StepRecord
    parameters: list[ParameterTold]
    performed: Told | None = None
    countersigned: Told | None = None
    verified: list[Told] = field(default_factory=list)
    corrections: list[Told] = field(default_factory=list)
    performer: str = ""
    recorder: str = ""
    turn: bool = False
    following: int = 0  # the number of the next step; none after the last
    signatures: list[Signature] = field(default_factory=list)

    @property
    def waits_for_verification(self) -> bool:
        return bool(self.record.performed_by and self.step.verifies and not self.record.verified_by)

    @property
    def standing(self) -> str:
        """In one word for the page: done, verify, now or later."""
        if self.waits_for_verification:
            return "verify"
        if self.record.performed_by:
            return "done"
        return "now" if self.turn else "later"

    @property
    def signed_events(self) -> list[UUID]:
        """The events of this step that bear signatures, as they happened."""
        found = [self.performed, self.countersigned, *self.verified, *self.corrections]
        return [one.event_id for one in sorted((t for t in found if t), key=lambda t: t.version)]


@dataclass
class HoldTold:
    number: int
    kind: str
    set: Told
    lifted: Told | None = None


@dataclass
class RecordTold:
    """The whole record of a batch."""

    line: BatchLine
    batch: Batch
    recipe: Recipe
    opened: Told
    steps: list[StepTold]
    holds: list[HoldTold]
    exceptions: list[ExceptionLine]
    completed: Told | None
    names: dict[str, str]
    events: int
    last: datetime
    closing: list[Signature] = field(default_factory=list)

    @property
    def parts(self) -> list[tuple[str, list[StepTold]]]:
        return [
            (part.title, [step for step in self.steps if step.part == part.title])
            for part in self.recipe.unit_procedures
        ]

    @property
    def now(self) -> StepTold | None:
        return next((step for step in self.steps if step.turn), None)

    def step(self, number: int) -> StepTold | None:
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None


def read(line: BatchLine, *, signatures: bool = True) -> RecordTold:
    """A batch's record, from its events in one read, its recipe's in another.

    A page that shows every signature has each of them checked.
    """
    events = store.load("batch", line.batch)
    batch = fold(records.INITIAL, records.evolve, (event.data for event in events))
    recipe = recipe_of(batch)
    raised = list(exceptions(batch=line.batch).order_by("number"))
    names = printed_names(_people(events, raised))
    told_all = [_told(event, names) for event in events]
    steps = _steps(recipe, batch, told_all, {row.number: row for row in raised}, names)
    made = RecordTold(
        line=line,
        batch=batch,
        recipe=recipe,
        opened=told_all[0],
        steps=steps,
        holds=_holds(told_all),
        exceptions=_named(raised, names),
        completed=next((t for t in told_all if isinstance(t.data, told.Completed)), None),
        names=names,
        events=len(events),
        last=events[-1].recorded_at,
    )
    if signatures:
        sign(made)
    return made


def step(number: str, wanted: int) -> StepTold | None:
    """One step of a batch, as a form that is received needs it: in one read, without names."""
    events = store.load("batch", number)
    if not events:
        return None
    batch = fold(records.INITIAL, records.evolve, (event.data for event in events))
    steps = _steps(recipe_of(batch), batch, [_told(event, {}) for event in events], {}, {})
    return steps[wanted - 1] if 1 <= wanted <= len(steps) else None


def sign_step(made: StepTold) -> None:
    """The signatures of one step alone, for its card."""
    made.signatures = signatures_of(made.signed_events, standing(made.signed_events))


def sign(made: RecordTold) -> None:
    """Put the signatures where they belong, each checked anew from the stored bytes."""
    closed = [made.completed.event_id] if made.completed else []
    wanted = [event for step in made.steps for event in step.signed_events]
    assessed = [row.assessed_event for row in made.exceptions if row.assessed_event]
    found = standing([*wanted, *closed, *assessed])
    for step in made.steps:
        step.signatures = signatures_of(step.signed_events, found)
    for row in made.exceptions:
        over = [row.assessed_event] if row.assessed_event else []
        row.signatures = signatures_of(over, found)  # type: ignore[attr-defined]
    made.closing = signatures_of(closed, found)


def signatures_of(events: Iterable[UUID], found: dict[UUID, list[Signature]]) -> list[Signature]:
    """The signatures over these events, in the order of the events; each of them needs one."""
    return [one for event in events for one in found.get(event) or [missing(event)]]


@supersedes(told.ValueCorrected)
def corrected_over(event: Recorded, before: Sequence[Recorded]) -> list[UUID]:
    """A corrected value changes what was signed for its step: by who did it and by the second."""
    return [
        earlier.id
        for earlier in before
        if getattr(earlier.data, "step", 0) == event.data.step and _covers(earlier.data, event.data)
    ]


def _covers(signed: Any, corrected: told.ValueCorrected) -> bool:
    if isinstance(signed, told.ValueCorrected):
        return signed.parameter == corrected.parameter
    if isinstance(signed, told.ValueEntered | told.ValueRemeasured):
        return signed.parameter == corrected.parameter
    return isinstance(signed, told.StepCompleted | told.StepCountersigned | told.StepVerified)


def _people(events: Iterable[Recorded], raised: Iterable[ExceptionLine]) -> set[str]:
    found = {event.actor.person for event in events} | {row.assessed_by for row in raised}
    for event in events:
        found |= {getattr(event.data, key, "") for key in ("performed_by", "recorded_by")}
    return found - {""}


def _named(rows: list[ExceptionLine], names: dict[str, str]) -> list[ExceptionLine]:
    return [name_exception(row, names) for row in rows]


def name_exception(row: ExceptionLine, names: dict[str, str]) -> ExceptionLine:
    """Give the row the printed names that its page shows beside the pseudonyms."""
    row.who = names.get(row.person, row.person)  # type: ignore[attr-defined]
    row.assessor = names.get(row.assessed_by, row.assessed_by)  # type: ignore[attr-defined]
    row.role_words = in_words(row.role)  # type: ignore[attr-defined]
    return row


def _told(event: Recorded, names: dict[str, str]) -> Told:
    return Told(
        event_id=event.id,
        version=event.version,
        at=event.recorded_at,
        person=event.actor.person,
        name=names.get(event.actor.person, ""),
        role=in_words(event.actor.role),
        reason=event.reason,
        data=event.data,
    )


def _steps(
    recipe: Recipe,
    batch: Batch,
    events: list[Told],
    raised: dict[int, ExceptionLine],
    names: dict[str, str],
) -> list[StepTold]:
    turn = None if batch.completed else next_step(batch, recipe)
    steps = []
    for part in recipe.unit_procedures:
        for step in part.steps:
            made = StepTold(
                step=step,
                part=part.title,
                record=batch.step(step.number),
                parameters=[ParameterTold(parameter) for parameter in step.parameters],
                turn=turn is not None and turn.number == step.number,
                following=step.number + 1 if step.number < len(recipe.steps) else 0,
            )
            for one in events:
                if getattr(one.data, "step", 0) == step.number:
                    _tell_step(made, one, raised)
            made.performer = names.get(made.record.performed_by, made.record.performed_by)
            made.recorder = names.get(made.record.recorded_by, made.record.recorded_by)
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
        case told.HoldSet():
            pass  # a hold is told with the batch
        case _:
            if isinstance(one.data, told.ValueCorrected):
                step.corrections.append(one)
            key = getattr(one.data, "parameter", "")
            for parameter in step.parameters:
                if parameter.parameter.key == key:
                    _tell_value(parameter, one, raised)


def _tell_value(parameter: ParameterTold, one: Told, raised: dict[int, ExceptionLine]) -> None:
    number = getattr(one.data, "exception", 0)
    match one.data:
        case told.ValueEntered(value=value):
            _add(parameter, ValueTold(str(value), "entered", one))
        case told.ValueRemeasured(new=value):
            _add(parameter, ValueTold(str(value), "again", one, exception=raised.get(number)))
        case told.ValueCorrected(new=value):
            _add(parameter, ValueTold(str(value), "corrected", one, exception=raised.get(number)))
        case told.EntryUnreadable(typed=typed):
            unreadable = ValueTold(typed, "unreadable", one, exception=raised.get(number))
            parameter.values.append(unreadable)
        case told.LimitExceeded(standing=standing, limit=limit):
            attempt = _of_attempt(parameter, one)
            attempt.standing, attempt.limit = standing, limit
            attempt.exception = raised.get(number)
        case told.LimitExplained():
            _of_attempt(parameter, one).explained = one


def _add(parameter: ParameterTold, value: ValueTold) -> None:
    for earlier in parameter.values:
        earlier.counts = False
    value.counts, value.attempt = True, value.told.data.attempt
    parameter.values.append(value)


def _of_attempt(parameter: ParameterTold, one: Told) -> ValueTold:
    return next(value for value in parameter.values if value.attempt == one.data.attempt)


def _holds(events: list[Told]) -> list[HoldTold]:
    holds: dict[int, HoldTold] = {}
    for one in events:
        if isinstance(one.data, told.HoldSet):
            holds[one.data.hold] = HoldTold(one.data.hold, one.data.kind, one)
        elif isinstance(one.data, told.HoldLifted):
            holds[one.data.hold].lifted = one
    return list(holds.values())
