"""What else can happen to a batch: skipped, repeated, late, timed, overridden, handed over. Pure.

An event with an `exception` number is something the reviewer must see and assess.
"""

from __future__ import annotations

from decimal import Decimal

from ledger.event import event_type


@event_type(
    "batches.step_not_applicable",
    1,
    sentence="{batch}, step {step} ({title}) was declared not applicable.",
    owner="batches",
    retention="batch",
)
class StepNotApplicable:
    batch: str
    step: int
    title: str
    declared_by: str
    exception: int


@event_type(
    "batches.step_skipped",
    1,
    sentence="{batch}, step {step} ({title}) does not apply here ({condition}).",
    owner="batches",
    retention="batch",
)
class StepSkipped:
    batch: str
    step: int
    title: str
    condition: str


@event_type(
    "batches.steps_repeated",
    1,
    sentence="{batch}: the steps {numbers} are done again, as {becomes}.",
    owner="batches",
    retention="batch",
)
class StepsRepeated:
    batch: str
    step: int
    numbers: list[int]
    becomes: list[int]
    after: int
    run: int
    rework: bool
    repeated_by: str
    exception: int


@event_type(
    "batches.late_entry_made",
    1,
    sentence="{batch}, step {step} was performed at {performed_at} and entered later.",
    owner="batches",
    retention="batch",
)
class LateEntryMade:
    batch: str
    step: int
    performed_at: str
    entered_by: str
    exception: int


@event_type(
    "batches.step_witnessed",
    1,
    sentence="{batch}, step {step} ({title}) was witnessed by {witnessed_by}.",
    owner="batches",
    retention="batch",
)
class StepWitnessed:
    batch: str
    step: int
    title: str
    witnessed_by: str


@event_type(
    "batches.commented",
    1,
    sentence="{batch}, step {step}: “{text}” was noted.",
    owner="batches",
    retention="batch",
)
class Commented:
    batch: str
    step: int
    text: str
    commented_by: str


@event_type(
    "batches.deviation_raised",
    1,
    sentence="{batch}, step {step}: a deviation was raised: {title}.",
    owner="batches",
    retention="batch",
)
class DeviationRaised:
    batch: str
    step: int
    title: str
    raised_by: str
    automatic: bool
    exception: int


@event_type(
    "batches.timer_started",
    1,
    sentence="{batch}, step {step}: the timer {label} was started at {at}.",
    owner="batches",
    retention="batch",
)
class TimerStarted:
    batch: str
    step: int
    parameter: str
    label: str
    at: str
    minimum: Decimal | None
    maximum: Decimal | None
    started_by: str


@event_type(
    "batches.timer_stopped",
    1,
    sentence="{batch}, step {step}: the timer {label} was stopped at {at} after {minutes} min.",
    owner="batches",
    retention="batch",
)
class TimerStopped:
    batch: str
    step: int
    parameter: str
    label: str
    at: str
    attempt: int
    minutes: Decimal
    stopped_by: str


@event_type(
    "batches.hold_time_started",
    1,
    sentence="{batch}: the hold time {title} began at {at}; it ends at {due_at}.",
    owner="batches",
    retention="batch",
)
class HoldTimeStarted:
    batch: str
    hold_time: str
    title: str
    step: int
    at: str
    warn_at: str
    due_at: str


@event_type(
    "batches.hold_time_ended",
    1,
    sentence="{batch}: the hold time {title} ended at {at}, after {minutes} min.",
    owner="batches",
    retention="batch",
)
class HoldTimeEnded:
    batch: str
    hold_time: str
    title: str
    step: int
    at: str
    minutes: Decimal


@event_type(
    "batches.hold_time_exceeded",
    1,
    sentence="{batch}: the hold time {title} of {limit} min has passed.",
    owner="batches",
    retention="batch",
)
class HoldTimeExceeded:
    batch: str
    hold_time: str
    title: str
    step: int
    limit: str
    due_at: str
    exception: int


@event_type(
    "batches.hold_time_restarted",
    1,
    sentence="{batch}: the hold time {title}, which began at {began_at}, had run {minutes} min when"
    " its first step was done again as step {step}; it begins anew.",
    owner="batches",
    retention="batch",
)
class HoldTimeRestarted:
    batch: str
    hold_time: str
    title: str
    step: int
    began_at: str
    minutes: Decimal
    exception: int


@event_type(
    "batches.override_asked",
    1,
    sentence="{batch}, step {step}: {asked_by} asked to go on although: {objection}",
    owner="batches",
    retention="batch",
)
class OverrideAsked:
    batch: str
    step: int
    code: str
    subject: str
    objection: str
    asked_by: str


@event_type(
    "batches.override_agreed",
    1,
    sentence="{batch}, step {step}: {asked_by} and {agreed_by} let the step go on although:"
    " {objection}",
    owner="batches",
    retention="batch",
)
class OverrideAgreed:
    batch: str
    step: int
    code: str
    subject: str
    objection: str
    asked_by: str
    agreed_by: str
    exception: int


@event_type(
    "batches.status_lost",
    1,
    sentence="{batch}, step {step}: a status was lost while the step was under way: {objection}",
    owner="batches",
    retention="batch",
)
class StatusLost:
    batch: str
    step: int
    code: str
    subject: str
    objection: str
    exception: int


@event_type(
    "batches.handover_offered",
    1,
    sentence="{batch}: {handed_by} hands the batch over (“{note}”).",
    owner="batches",
    retention="batch",
)
class HandoverOffered:
    batch: str
    handover: int
    step: int
    handed_by: str
    note: str


@event_type(
    "batches.handover_taken",
    1,
    sentence="{batch}: {taken_by} took the batch over from {handed_by}.",
    owner="batches",
    retention="batch",
)
class HandoverTaken:
    batch: str
    handover: int
    step: int
    handed_by: str
    taken_by: str


@event_type(
    "batches.aborted",
    1,
    sentence="Batch {batch} was aborted at step {step}.",
    owner="batches",
    retention="batch",
)
class Aborted:
    batch: str
    step: int
    aborted_by: str
    exception: int


@event_type(
    "batches.order_assigned",
    1,
    sentence="{batch} is made for the order {order}, chain of identity {coi}.",
    owner="batches",
    retention="traceability",
)
class OrderAssigned:
    batch: str
    order: str
    coi: str
    pathway: str
    autologous: bool


@event_type(
    "batches.countersignature_waived",
    1,
    sentence="{batch}, step {step} ({title}): the countersignature of {performed_by}, who cannot"
    " give it any more, was waived by {waived_by}.",
    owner="batches",
    retention="batch",
)
class CountersignatureWaived:
    batch: str
    step: int
    title: str
    performed_by: str
    waived_by: str
    exception: int
