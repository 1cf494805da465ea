"""The batch record as people read it: every step with all its values, who, when, why, signatures.

It is read from the batch's own events, so the page, the print and the export tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from batches import flow_events as flow
from batches import placing_events as placing
from batches import record as records
from batches import record_events as told
from batches.answer_events import AnswerCorrected, AnswerEntered, AnswerReplaced
from batches.models import BatchLine, ExceptionLine
from batches.queries import exceptions, recipe_of
from batches.recipe_content import Content
from batches.record import Batch
from batches.record_shape import (
    HoldTold,
    ParameterTold,
    RecordTold,
    StepTold,
    Told,
    ValueTold,
    WorkTold,
)
from batches.record_telling import steps_told
from ledger import folding, store
from ledger.event import Recorded, fold
from ledger.forms import in_words
from ledger.superseding import supersedes
from personnel.queries import printed_names
from personnel.signing_standing import Signature, missing, standing

__all__ = [
    "HoldTold",
    "ParameterTold",
    "RecordTold",
    "StepTold",
    "Told",
    "ValueTold",
    "WorkTold",
    "read",
]
NAMED = ("performed_by", "recorded_by", "handed_by", "asked_by", "witnessed_by")
COURSE = (
    flow.OrderAssigned,
    flow.StepsRepeated,
    flow.HandoverOffered,
    flow.HandoverTaken,
    flow.HoldTimeExceeded,
    flow.HoldTimeRestarted,
    placing.UnitReturned,
    placing.RoomLeft,
    flow.Aborted,
)


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
    steps = steps_told(recipe, batch, told_all, {row.number: row for row in raised}, names)
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
        course=[one for one in told_all if isinstance(one.data, COURSE)],
    )
    if signatures:
        sign(made)
    return made


def read_step(line: BatchLine, wanted: int) -> WorkTold:
    """A batch as the card of one step needs it: only this step is told with its events."""
    batch, events = _of_step(line.batch, wanted)
    recipe = recipe_of(batch)
    raised = list(exceptions(batch=line.batch).order_by("number"))
    hands = {one for step in batch.steps.values() for one in (step.performed_by, step.recorded_by)}
    names = printed_names(_people(events, raised) | hands - {""})
    told_all = [_told(event, names) for event in events]
    return WorkTold(
        line=line,
        batch=batch,
        recipe=recipe,
        steps=steps_told(recipe, batch, told_all, {row.number: row for row in raised}, names),
        exceptions=_named(raised, names),
        names=names,
    )


def step(number: str, wanted: int) -> tuple[StepTold, Content] | None:
    """One step of a batch and its recipe's content, as a form that is received needs them: without
    names."""
    batch, events = _of_step(number, wanted)
    if not batch.batch:
        return None
    recipe = recipe_of(batch)
    steps = steps_told(recipe, batch, [_told(event, {}) for event in events], {}, {})
    return next(((one, recipe.content) for one in steps if one.step.number == wanted), None)


def _of_step(number: str, wanted: int) -> tuple[Batch, list[Recorded]]:
    """A batch's state, and the events of one step up to the same version."""
    (batch, where), _version = folding.state_of("batch", number, UNTOLD, tell)
    versions = where.of_step.get(wanted, ())
    return batch, store.load("batch", number, versions=versions) if versions else []


@dataclass(frozen=True, slots=True)
class Where:
    """Which events of a batch, by their versions, tell of which step."""

    events: int
    of_step: Mapping[int, tuple[int, ...]]


NOWHERE = Where(0, {})


def find_steps(where: Where, data: Any) -> Where:
    """The same, with the next event of the stream."""
    number, version = getattr(data, "step", 0), where.events + 1
    here = (*where.of_step.get(number, ()), version)
    return Where(version, {**where.of_step, number: here})


UNTOLD = (records.INITIAL, NOWHERE)


def tell(known: tuple[Batch, Where], data: Any) -> tuple[Batch, Where]:
    """The batch and where its steps are told, in one reading of the stream."""
    batch, where = known
    return records.evolve(batch, data), find_steps(where, data)


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


@supersedes(told.ValueCorrected, AnswerCorrected)
def corrected_over(event: Recorded, before: Sequence[Recorded]) -> list[UUID]:
    """A corrected value changes what was signed for its step: by who did it and by the second."""
    return [
        earlier.id
        for earlier in before
        if getattr(earlier.data, "step", 0) == event.data.step and _covers(earlier.data, event.data)
    ]


def _covers(signed: Any, corrected: told.ValueCorrected | AnswerCorrected) -> bool:
    if isinstance(signed, told.ValueCorrected):
        return signed.parameter == corrected.parameter
    if isinstance(signed, told.ValueEntered | told.ValueRemeasured):
        return signed.parameter == corrected.parameter
    if isinstance(signed, AnswerCorrected | AnswerEntered | AnswerReplaced):
        return signed.parameter == corrected.parameter
    return isinstance(signed, told.StepCompleted | told.StepCountersigned | told.StepVerified)


def _people(events: Iterable[Recorded], raised: Iterable[ExceptionLine]) -> set[str]:
    found = {event.actor.person for event in events}
    found |= {one for row in raised for one in (row.person, row.assessed_by)}
    for event in events:
        found |= {getattr(event.data, key, "") for key in NAMED}
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
        sentence=event.sentence,
    )


def _holds(events: list[Told]) -> list[HoldTold]:
    holds: dict[int, HoldTold] = {}
    for one in events:
        if isinstance(one.data, told.HoldSet):
            holds[one.data.hold] = HoldTold(one.data.hold, one.data.kind, one)
        elif isinstance(one.data, told.HoldLifted):
            holds[one.data.hold].lifted = one
    return list(holds.values())
