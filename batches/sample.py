"""One sample: taken in a step, numbered, on its way to quality control. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from batches.limits import read_number
from batches.order import line
from ledger.event import Refused, event_type
from ledger.event import marked as _


@event_type(
    "batches.sample_taken",
    1,
    sentence="Sample {sample} for {purpose} was taken in step {step} of {batch}.",
    owner="batches",
    retention="traceability",
)
class SampleTaken:
    sample: str
    batch: str
    step: int  # 0 where it was taken outside of the steps
    parameter: str
    purpose: str
    volume_ml: Decimal | None
    taken_by: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    sample: str = ""
    batch: str = ""
    purpose: str = ""


INITIAL = Sample()


def evolve(state: Sample, event: Any) -> Sample:
    match event:
        case SampleTaken(sample=sample, batch=batch, purpose=purpose):
            return replace(state, sample=sample, batch=batch, purpose=purpose)
    raise ValueError(f"A sample does not know the event {type(event).__name__}.")


def take(
    state: Sample,
    *,
    sample: str,
    batch: str,
    step: int,
    parameter: str,
    purpose: str,
    volume: str,
    person: str,
) -> list[SampleTaken]:
    """Number what was taken. The volume is in mL; it may be left out."""
    if state.sample:
        raise Refused(_("{sample} is taken already."), sample=sample, code="sample")
    value = read_number(volume) if volume.strip() else None
    if volume.strip() and (value is None or value <= 0):
        raise Refused(_("Write the volume in mL, as 2.0, or leave it out."), code="volume")
    return [
        SampleTaken(
            sample=sample,
            batch=batch,
            step=step,
            parameter=parameter,
            purpose=line(purpose, _("Say what the sample is for."), code="purpose"),
            volume_ml=value,
            taken_by=person,
        )
    ]


def numbered(batch: str, position: int) -> str:
    """The number of a batch's sample, as CT-0421-S01."""
    return f"{batch}-S{position:02d}"
