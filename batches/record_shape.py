"""The shapes in which a batch record is told: steps, values, holds, who and when. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from batches.limits import Parameter, Standing
from batches.models import BatchLine, ExceptionLine
from batches.plan import Planned
from batches.recipe import Recipe
from batches.recipe_content import Step
from batches.record import Batch, StepRecord
from personnel.signing_standing import Signature


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
    sentence: str = ""

    @property
    def kind(self) -> str:
        """What happened, as the name of its class: what templates choose by."""
        return type(self.data).__name__

    @property
    def who(self) -> str:
        return self.name or self.person


@dataclass
class ValueTold:
    """One value that was read, with what was said about it. Only the last one counts."""

    text: str
    kind: str  # entered, again, corrected, typo, calculated, unreadable, implausible
    told: Told
    attempt: int = 0
    limit: str = ""
    standing: str = ""
    exception: ExceptionLine | None = None
    explained: Told | None = None
    counts: bool = False
    departed: str = ""  # why an answer in words is a departure
    confirmed: Told | None = None
    authorised: Told | None = None

    @property
    def beyond(self) -> bool:
        return self.standing == Standing.OUTSIDE_ACCEPTANCE


@dataclass
class ParameterTold:
    parameter: Parameter
    values: list[ValueTold] = field(default_factory=list)
    counts: list[Told] = field(default_factory=list)  # the single counts behind each mean

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
    witnessed: Told | None = None
    skipped: Told | None = None
    notes: list[Told] = field(default_factory=list)  # comments, deviations, overrides, late entry
    planned: Planned | None = None
    instruction: str = ""  # with the values of earlier steps where it names them
    performer: str = ""
    recorder: str = ""
    turn: bool = False
    following: int = 0  # the number of the next step; none after the last
    signatures: list[Signature] = field(default_factory=list)

    @property
    def waits_for_verification(self) -> bool:
        return bool(self.record.performed_by and self.step.verifies and not self.record.verified_by)

    @property
    def waits_for_witness(self) -> bool:
        return bool(self.record.performed_by and self.step.witness and not self.record.witnessed_by)

    @property
    def run(self) -> int:
        return self.planned.run if self.planned else 1

    @property
    def standing(self) -> str:
        """In one word for the page: skipped, verify, witness, done, now or later."""
        if self.record.skipped:
            return "skipped"
        if self.waits_for_witness and not self.waits_for_verification:
            return "witness"
        if self.waits_for_verification:
            return "verify"
        if self.record.performed_by:
            return "done"
        return "now" if self.turn else "later"

    @property
    def signed_events(self) -> list[UUID]:
        """The events of this step that bear signatures, as they happened."""
        found = [
            self.performed,
            self.countersigned,
            self.witnessed,
            self.skipped if self.record.skipped == "not_applicable" else None,
            *self.verified,
            *self.corrections,
        ]
        return [one.event_id for one in sorted((t for t in found if t), key=lambda t: t.version)]


@dataclass
class HoldTold:
    number: int
    kind: str
    set: Told
    lifted: Told | None = None


@dataclass
class WorkTold:
    """A batch at work: where each of its steps stands, and one of them or all told in full."""

    line: BatchLine
    batch: Batch
    recipe: Recipe
    steps: list[StepTold]
    exceptions: list[ExceptionLine]
    names: dict[str, str]

    @property
    def parts(self) -> list[tuple[str, list[StepTold]]]:
        titles = dict.fromkeys(step.part for step in self.steps)
        return [(title, [s for s in self.steps if s.part == title]) for title in titles]

    @property
    def now(self) -> StepTold | None:
        return next((step for step in self.steps if step.turn), None)

    @property
    def due(self) -> list[StepTold]:
        """Every step that may be worked on now: phases may run side by side."""
        return [step for step in self.steps if step.turn]

    def step(self, number: int) -> StepTold | None:
        return next((step for step in self.steps if step.step.number == number), None)


@dataclass
class RecordTold(WorkTold):
    """The whole record of a batch."""

    opened: Told
    holds: list[HoldTold]
    completed: Told | None
    events: int
    last: datetime
    course: list[Told] = field(default_factory=list)  # what concerns more than one step
    closing: list[Signature] = field(default_factory=list)
