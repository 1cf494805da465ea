"""Events of recipes and batches to rows. The only writer of those tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batches import answer_events as answered
from batches import flow_events as flow
from batches import placing_events as placing
from batches import record_events as told
from batches.limits import Standing
from batches.models import BatchLine, ExceptionLine
from batches.plan import Planned
from batches.queries import batch_state, recipe_of
from batches.recipe_content import Step
from batches.record import PROCESS, QUALITY, Batch, StepRecord
from batches.turns import next_step, plan_of
from ledger.event import Recorded
from ledger.projections import projects
from personnel.roles import SUPERVISOR

KINDS = {
    told.LimitExceeded: "limit",
    told.ValueRemeasured: "entered_again",
    told.ValueCorrected: "correction",
    told.EntryUnreadable: "unreadable",
    told.HoldSet: "hold",
    answered.AnswerReplaced: "entered_again",
    answered.AnswerCorrected: "correction",
    answered.AnswerDeparted: "departure",
    answered.TypoCorrected: "typo",
    answered.ValueImplausible: "implausible",
    answered.ValueRecalculated: "recalculated",
    answered.ScanStopped: "scan_stopped",
    flow.StepNotApplicable: "not_applicable",
    flow.StepsRepeated: "repeat",
    flow.LateEntryMade: "late_entry",
    flow.DeviationRaised: "deviation",
    flow.HoldTimeExceeded: "hold_time",
    flow.HoldTimeRestarted: "hold_time_restarted",
    flow.OverrideAgreed: "override",
    flow.StatusLost: "status_lost",
    flow.Aborted: "aborted",
    flow.CountersignatureWaived: "waived",
}
# What may come after it, as an assessment, ends the batch no second time.
ENDS = {told.Completed: "completed_at", flow.Aborted: "aborted_at"}
GRAVE = {"scan_stopped": "critical", "override": "critical", "aborted": "critical"}
SLIGHT = {"entered_again": "minor", "unreadable": "minor", "late_entry": "minor"}
SLIPS = {"typo": "observation", "implausible": "observation"}


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
        opened_at=recorded.recorded_at,
        **_standing(recorded),
    )


CHANGING = (
    told.StepCompleted,
    told.StepCountersigned,
    told.StepVerified,
    told.HoldLifted,
    told.ExceptionAssessed,
    told.Completed,
    flow.StepWitnessed,
    flow.StepSkipped,
    flow.OrderAssigned,
    placing.RoomEntered,
    placing.RoomLeft,
    flow.OverrideAsked,
    flow.HandoverOffered,
    flow.HandoverTaken,
    answered.CorrectionAuthorised,
)


@projects(*CHANGING, *KINDS)
def change_batch(recorded: Recorded) -> None:
    values = _standing(recorded)
    if type(recorded.data) in ENDS:
        values[ENDS[type(recorded.data)]] = recorded.recorded_at
    BatchLine.objects.filter(batch=recorded.data.batch).update(**values)


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
    """How grave a departure is, by its kind and by what the recipe says of its step."""
    if isinstance(data, told.LimitExceeded):
        beyond = data.standing == Standing.OUTSIDE_ACCEPTANCE
        return "critical" if beyond else "major"
    if isinstance(data, answered.AnswerDeparted):
        return data.severity
    return (GRAVE | SLIGHT | SLIPS).get(KINDS[type(data)], "major")


def _standing(recorded: Recorded) -> dict[str, Any]:
    """What the batch has come to with this event, and no further: a rebuild finds the same."""
    batch = batch_state(recorded.stream_id, upto=recorded.version)
    recipe = recipe_of(batch)
    plan = plan_of(batch, recipe)
    now = next_step(batch, recipe)
    waits_for = SUPERVISOR
    if now is not None:
        waits_for = _awaited(batch.step(now.number), now.step)
    countersigners = {
        step.performed_by for step in batch.steps.values() if step.awaits_countersignature
    }
    return {
        "steps": len(plan),
        "done": sum(_is_done(batch.step(one.number)) for one in plan),
        "step": now.number if now else len(plan),
        "title": now.step.title if now else "",
        "waits_for": "" if batch.over else waits_for,
        "quality_hold": batch.on_hold(QUALITY),
        "process_hold": batch.on_hold(PROCESS),
        "exceptions": len(batch.exceptions),
        "unassessed": sum(not one.assessed for one in batch.exceptions.values()),
        "countersignatures": " ".join(sorted(countersigners)),
        "changed_at": recorded.recorded_at,
        "to_authorise": _to_authorise(batch, plan),
        **_around(batch, now),
    }


def _around(batch: Batch, now: Planned | None) -> dict[str, Any]:
    """Where the batch is, for whom, and who else is needed."""
    place = batch.places.get(now.room) if now else None
    room, workstation = place or next(reversed(list(batch.places.values())), ("", ""))
    leaving = [one.handed_by for one in batch.handovers.values() if not one.taken_by]
    return {
        "second": (now.step.verifies or now.step.witness) if now and not batch.over else "",
        "phase": now.phase_title if now else "",
        "room": room,
        "workstation": workstation,
        "order": batch.order,
        "coi": batch.coi,
        "handover": leaving[0] if leaving else "",
        "overrides": len(set(batch.asked) - set(batch.overrides)),
    }


def _to_authorise(batch: Batch, plan: Sequence[Planned]) -> int:
    """The first step with a corrected value that somebody else has to agree to, or 0."""
    critical = (one.number for one in plan if one.step.critical)
    return next((number for number in critical if batch.step(number).unauthorised), 0)


def _is_done(record: StepRecord) -> bool:
    return bool(record.performed_by or record.skipped)


def _awaited(record: StepRecord, step: Step) -> str:
    """The role that the step waits for: who does it, who verifies it, who watched."""
    if not record.performed_by:
        return step.performs
    if step.verifies and not record.verified_by:
        return step.verifies
    return step.witness
