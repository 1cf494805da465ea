"""What else can happen in a batch record: every kind of answer to what a step asks. Pure.

An event with an `exception` number is something the reviewer must see and assess.
"""

from __future__ import annotations

from decimal import Decimal

from ledger.event import event_type


@event_type(
    "batches.answer_entered",
    1,
    sentence="{batch}, step {step}: {label} was entered as “{words}”.",
    owner="batches",
    retention="batch",
)
class AnswerEntered:
    batch: str
    step: int
    parameter: str
    label: str
    kind: str
    attempt: int
    value: str
    words: str
    entered_by: str


@event_type(
    "batches.answer_replaced",
    1,
    sentence="{batch}, step {step}: {label} was entered again, “{old}” and then “{words}”.",
    owner="batches",
    retention="batch",
)
class AnswerReplaced:
    batch: str
    step: int
    parameter: str
    label: str
    kind: str
    attempt: int
    old: str
    value: str
    words: str
    entered_by: str
    exception: int


@event_type(
    "batches.answer_corrected",
    1,
    sentence="{batch}, step {step}: {label} was corrected from “{old}” to “{words}”.",
    owner="batches",
    retention="batch",
)
class AnswerCorrected:
    batch: str
    step: int
    parameter: str
    label: str
    kind: str
    attempt: int
    old: str
    value: str
    words: str
    corrected_by: str
    exception: int


@event_type(
    "batches.answer_departed",
    1,
    sentence="{batch}, step {step}: {label} “{words}” departs: {why}",
    owner="batches",
    retention="batch",
)
class AnswerDeparted:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    words: str
    why: str
    severity: str
    exception: int


@event_type(
    "batches.typo_corrected",
    1,
    sentence="{batch}, step {step}: {label} was mistyped as “{old}” and reads “{new}”.",
    owner="batches",
    retention="batch",
)
class TypoCorrected:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    old: str
    new: str
    unit: str
    corrected_by: str
    exception: int


@event_type(
    "batches.value_implausible",
    1,
    sentence="{batch}, step {step}: for {label}, {value} {unit} was entered, which is not"
    " plausible ({limit}).",
    owner="batches",
    retention="batch",
)
class ValueImplausible:
    batch: str
    step: int
    parameter: str
    label: str
    value: Decimal
    unit: str
    limit: str
    exception: int


@event_type(
    "batches.value_confirmed",
    1,
    sentence="{batch}, step {step}: {label} {value} {unit} was read a second time and confirmed.",
    owner="batches",
    retention="batch",
)
class ValueConfirmed:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    value: Decimal
    unit: str
    entered_by: str


@event_type(
    "batches.replicates_counted",
    1,
    sentence="{batch}, step {step}: {label} was counted as {counts}, mean {mean}, CV {cv} %.",
    owner="batches",
    retention="batch",
)
class ReplicatesCounted:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    counts: list[Decimal]
    dilution: Decimal
    mean: Decimal
    cv: Decimal
    cv_limit: Decimal | None
    unit: str


@event_type(
    "batches.value_calculated",
    1,
    sentence="{batch}, step {step}: {label} was calculated by version {formula_version} of"
    " its formula as {value} {unit}.",
    owner="batches",
    retention="batch",
)
class ValueCalculated:
    batch: str
    step: int
    parameter: str
    label: str
    formula: str
    formula_version: int
    attempt: int
    value: Decimal
    unit: str


@event_type(
    "batches.value_recalculated",
    1,
    sentence="{batch}, step {step}: {label} was calculated anew, {old} {unit} and then {new}"
    " {unit}.",
    owner="batches",
    retention="batch",
)
class ValueRecalculated:
    batch: str
    step: int
    parameter: str
    label: str
    formula: str
    formula_version: int
    attempt: int
    old: Decimal
    new: Decimal
    unit: str
    exception: int


@event_type(
    "batches.scan_stopped",
    1,
    sentence="{batch}, step {step}: the scan for {label} stopped the batch: {why}",
    owner="batches",
    retention="batch",
)
class ScanStopped:
    batch: str
    step: int
    parameter: str
    label: str
    code: str
    why: str
    scanned_by: str
    exception: int


@event_type(
    "batches.correction_authorised",
    1,
    sentence="{batch}, step {step}: the correction of {label} was authorised by {authorised_by}.",
    owner="batches",
    retention="batch",
)
class CorrectionAuthorised:
    batch: str
    step: int
    parameter: str
    label: str
    attempt: int
    authorised_by: str
