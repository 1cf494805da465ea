"""What can happen to a batch, as the ledger keeps it for ever. Pure.

An event with an `exception` number is something the reviewer must see and assess.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledger.event import event_type, upcasts


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A value as it stood when the step was signed."""

    parameter: str
    label: str
    value: Decimal
    unit: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer in words as it stood when the step was signed."""

    parameter: str
    label: str
    value: str
    words: str
    attempt: int


@event_type(
    "batches.opened",
    1,
    sentence="Batch {batch} of {product} was opened on version {version} of {recipe}.",
    owner="batches",
    retention="batch",
)
class Opened:
    batch: str
    recipe: str
    version: int
    content_sha256: str
    product: str
    purpose: str
    subject: str  # the patient's pseudonym; empty where the batch is for nobody
    steps: int


@event_type(
    "batches.value_entered",
    1,
    sentence="{batch}, step {step}: {label} was entered as {value} {unit}.",
    owner="batches",
    retention="batch",
)
class ValueEntered:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    value: Decimal
    unit: str
    entered_by: str


@event_type(
    "batches.value_remeasured",
    1,
    sentence="{batch}, step {step}: {label} was entered again, {old} {unit} and then {new} {unit}.",
    owner="batches",
    retention="batch",
)
class ValueRemeasured:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    old: Decimal
    new: Decimal
    unit: str
    entered_by: str
    exception: int


@event_type(
    "batches.value_corrected",
    1,
    sentence="{batch}, step {step}: {label} was corrected from {old} {unit} to {new} {unit}.",
    owner="batches",
    retention="batch",
)
class ValueCorrected:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    old: Decimal
    new: Decimal
    unit: str
    corrected_by: str
    exception: int


@event_type(
    "batches.entry_unreadable",
    1,
    sentence="{batch}, step {step}: for {label}, “{typed}” was typed, which is not a number.",
    owner="batches",
    retention="batch",
)
class EntryUnreadable:
    batch: str
    step: int
    parameter: str
    label: str
    typed: str
    exception: int


@event_type(
    "batches.limit_exceeded",
    1,
    sentence="{batch}, step {step}: {label} {value} {unit} is {standing} ({limit}).",
    owner="batches",
    retention="batch",
)
class LimitExceeded:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    value: Decimal
    unit: str
    standing: str
    limit: str  # as people read it; the numbers are beside it, in the same unit
    low: Decimal | None
    high: Decimal | None
    exception: int


@event_type(
    "batches.limit_explained",
    1,
    sentence="{batch}, step {step}: the work goes on with {label} {value} {unit}.",
    owner="batches",
    retention="batch",
)
class LimitExplained:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    value: Decimal
    unit: str
    explained_by: str


@event_type(
    "batches.step_completed",
    2,
    sentence="{batch}, step {step} ({title}) was performed by {performed_by}.",
    owner="batches",
    retention="batch",
)
class StepCompleted:
    batch: str
    step: int
    title: str
    performed_by: str
    recorded_by: str
    entries: list[Entry]
    answers: list[Said]


@event_type(
    "batches.step_countersigned",
    2,
    sentence="{batch}, step {step} ({title}), recorded by {recorded_by}, was countersigned.",
    owner="batches",
    retention="batch",
)
class StepCountersigned:
    batch: str
    step: int
    title: str
    performed_by: str
    recorded_by: str
    entries: list[Entry]
    answers: list[Said]


@event_type(
    "batches.step_verified",
    2,
    sentence="{batch}, step {step} ({title}), performed by {performed_by}, was verified.",
    owner="batches",
    retention="batch",
)
class StepVerified:
    batch: str
    step: int
    title: str
    performed_by: str
    verified_by: str
    entries: list[Entry]
    answers: list[Said]


@upcasts("batches.step_completed", 1)
@upcasts("batches.step_countersigned", 1)
@upcasts("batches.step_verified", 1)
def without_words(data: dict[str, Any]) -> dict[str, Any]:
    """Before there were answers in words, a step was signed with its numbers alone."""
    return {**data, "answers": []}


@event_type(
    "batches.hold_set",
    1,
    sentence="{batch}: a {kind} hold was set at step {step}.",
    owner="batches",
    retention="batch",
)
class HoldSet:
    batch: str
    hold: int
    kind: str
    step: int
    exception: int


@event_type(
    "batches.hold_lifted",
    1,
    sentence="{batch}: the {kind} hold {hold} was lifted.",
    owner="batches",
    retention="batch",
)
class HoldLifted:
    batch: str
    hold: int
    kind: str


@event_type(
    "batches.exception_assessed",
    1,
    sentence="{batch}: exception {exception} was assessed.",
    owner="batches",
    retention="batch",
)
class ExceptionAssessed:
    batch: str
    exception: int


@event_type(
    "batches.completed",
    1,
    sentence="Batch {batch} was completed: all {steps} steps stand on record.",
    owner="batches",
    retention="batch",
)
class Completed:
    batch: str
    steps: int
    exceptions: int
