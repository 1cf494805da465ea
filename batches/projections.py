"""Events of recipes and batches to rows. The only writer of those tables."""

from __future__ import annotations

from typing import Any

from batches import record_events as told
from batches.limits import Standing
from batches.models import BatchLine, ExceptionLine, RecipeLine
from batches.queries import batch_state, recipe_of
from batches.recipe import RecipeApproved, RecipeDrafted, stream_id
from batches.record import PROCESS, QUALITY, next_step
from ledger.event import Recorded
from ledger.projections import projects
from personnel.roles import SUPERVISOR

KINDS = {
    told.LimitExceeded: "limit",
    told.ValueRemeasured: "entered_again",
    told.ValueCorrected: "correction",
    told.EntryUnreadable: "unreadable",
    told.HoldSet: "hold",
}


@projects(RecipeDrafted)
def draft(recorded: Recorded) -> None:
    data = recorded.data
    RecipeLine.objects.create(
        key=stream_id(data.recipe, data.version),
        recipe=data.recipe,
        version=data.version,
        title=data.title,
        product=data.product,
        content_sha256=data.content_sha256,
        author=data.author,
        drafted_at=recorded.recorded_at,
    )


@projects(RecipeApproved)
def approve(recorded: Recorded) -> None:
    key = stream_id(recorded.data.recipe, recorded.data.version)
    RecipeLine.objects.filter(key=key).update(
        approved_by=recorded.actor.person, approved_at=recorded.recorded_at
    )


@projects(told.Opened)
def open_batch(recorded: Recorded) -> None:
    data = recorded.data
    BatchLine.objects.create(
        batch=data.batch,
        recipe=data.recipe,
        version=data.version,
        product=data.product,
        purpose=data.purpose,
        subject=data.subject,
        steps=data.steps,
        opened_at=recorded.recorded_at,
        **_standing(recorded),
    )


@projects(
    told.EntryUnreadable,
    told.LimitExceeded,
    told.StepCompleted,
    told.StepCountersigned,
    told.StepVerified,
    told.ValueCorrected,
    told.ValueRemeasured,
    told.HoldSet,
    told.HoldLifted,
    told.ExceptionAssessed,
    told.Completed,
)
def change_batch(recorded: Recorded) -> None:
    BatchLine.objects.filter(batch=recorded.data.batch).update(**_standing(recorded))


@projects(*KINDS)
def raise_exception(recorded: Recorded) -> None:
    data = recorded.data
    ExceptionLine.objects.create(
        event_id=recorded.id,
        batch=data.batch,
        number=data.exception,
        step=data.step,
        kind=KINDS[type(data)],
        severity=_severity(data),
        sentence=recorded.sentence,
        parameter=getattr(data, "parameter", ""),
        attempt=getattr(data, "attempt", 0),
        reason=recorded.reason,
        person=recorded.actor.person,
        role=recorded.actor.role,
        raised_at=recorded.recorded_at,
    )


@projects(told.LimitExplained)
def explain(recorded: Recorded) -> None:
    data = recorded.data
    ExceptionLine.objects.filter(
        batch=data.batch,
        step=data.step,
        parameter=data.parameter,
        attempt=data.attempt,
        kind="limit",
    ).update(explanation=recorded.reason)


@projects(told.ExceptionAssessed)
def assess(recorded: Recorded) -> None:
    ExceptionLine.objects.filter(batch=recorded.data.batch, number=recorded.data.exception).update(
        assessment=recorded.reason,
        assessed_by=recorded.actor.person,
        assessed_at=recorded.recorded_at,
        assessed_event=recorded.id,
    )


def _severity(data: Any) -> str:
    if isinstance(data, told.LimitExceeded):
        beyond = data.standing == Standing.OUTSIDE_ACCEPTANCE
        return "critical" if beyond else "major"
    return "minor" if isinstance(data, told.ValueRemeasured | told.EntryUnreadable) else "major"


def _standing(recorded: Recorded) -> dict[str, Any]:
    """What the batch has come to with this event, and no further: a rebuild finds the same."""
    batch = batch_state(recorded.stream_id, upto=recorded.version)
    recipe = recipe_of(batch)
    now = next_step(batch, recipe)
    waits_for = SUPERVISOR
    if now is not None:
        performed = batch.step(now.number).performed_by
        waits_for = now.verifies if performed else now.performs
    countersigners = {
        step.performed_by for step in batch.steps.values() if step.awaits_countersignature
    }
    return {
        "done": sum(bool(batch.step(step.number).performed_by) for step in recipe.steps),
        "step": now.number if now else len(recipe.steps),
        "title": now.title if now else "",
        "waits_for": "" if batch.completed else waits_for,
        "quality_hold": batch.on_hold(QUALITY),
        "process_hold": batch.on_hold(PROCESS),
        "exceptions": len(batch.exceptions),
        "unassessed": sum(not one.assessed for one in batch.exceptions.values()),
        "countersignatures": " ".join(sorted(countersigners)),
        "changed_at": recorded.recorded_at,
        "completed_at": recorded.recorded_at if batch.completed else None,
    }
