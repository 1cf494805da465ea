"""A batch record as it stands: what every step, value, hold and exception has come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from batches import answer_events as answered
from batches import flow_events as flow
from batches import placing_events as placing
from batches.plan import Repeat
from batches.record_events import (
    Completed,
    EntryUnreadable,
    ExceptionAssessed,
    HoldLifted,
    HoldSet,
    LimitExceeded,
    LimitExplained,
    Opened,
    StepCompleted,
    StepCountersigned,
    StepVerified,
    ValueCorrected,
    ValueEntered,
    ValueRemeasured,
)

QUALITY, PROCESS = "quality", "process"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The value that counts now; the earlier ones are in the events."""

    value: Any  # a decimal where the parameter is numeric, else the canonical text
    attempt: int
    exceeded: bool = False
    explained: bool = False
    standing: str = ""
    words: str = ""
    by: str = ""
    confirmed_by: str = ""  # who read it a second time
    corrected: bool = False  # after the step was signed
    authorised: bool = False  # the correction of a critical step's value


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    readings: Mapping[str, Reading] = field(default_factory=dict)
    hands: frozenset[str] = frozenset()  # who entered, confirmed, timed or corrected a value
    let_on: frozenset[str] = frozenset()  # who let the work go on outside a limit
    performed_by: str = ""
    recorded_by: str = ""
    countersigned: bool = False
    verified_by: str = ""
    witnessed_by: str = ""
    skipped: str = ""  # not_applicable: by a person; condition: by the recipe's own rule
    implausible: Mapping[str, str] = field(default_factory=dict)  # what was typed last, if absurd
    timers: Mapping[str, str] = field(default_factory=dict)  # running ones, since when

    @property
    def readings_so_far(self) -> int:
        """How often a value was read or corrected: tells whether a page is out of date."""
        return sum(reading.attempt for reading in self.readings.values())

    @property
    def begun(self) -> bool:
        """Whether somebody has entered a value of it, or started its timer."""
        return bool(self.hands or self.timers)

    @property
    def unauthorised(self) -> bool:
        """Whether a value was corrected that, in a critical step, somebody else agrees to."""
        return any(one.corrected and not one.authorised for one in self.readings.values())

    @property
    def awaits_countersignature(self) -> bool:
        return bool(
            self.performed_by and self.recorded_by != self.performed_by and not self.countersigned
        )


@dataclass(frozen=True, kw_only=True)
class ExceptionRecord:
    step: int
    assessed: bool = False


@dataclass(frozen=True, kw_only=True)
class Hold:
    kind: str
    step: int = 0
    lifted: bool = False


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A hold time that runs, or has ended: RFC 3339 texts."""

    title: str
    step: int
    at: str
    warn_at: str
    due_at: str
    ended: bool = False
    passed: bool = False  # that it passed is on record


@dataclass(frozen=True, kw_only=True)
class Handover:
    handed_by: str
    taken_by: str = ""


Objection = tuple[int, str, str]  # step, code, subject


@dataclass(frozen=True, kw_only=True)
class Batch:
    batch: str = ""
    recipe: str = ""
    version: int = 0
    content_sha256: str = ""
    product: str = ""
    purpose: str = ""
    subject: str = ""
    order: str = ""
    coi: str = ""
    pathway: str = ""
    autologous: bool = True
    steps: Mapping[int, StepRecord] = field(default_factory=dict)
    exceptions: Mapping[int, ExceptionRecord] = field(default_factory=dict)
    holds: Mapping[int, Hold] = field(default_factory=dict)
    completed: bool = False
    aborted: bool = False
    repeats: tuple[Repeat, ...] = ()
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    asked: Mapping[Objection, str] = field(default_factory=dict)  # who asked to go on
    overrides: Mapping[Objection, frozenset[str]] = field(default_factory=dict)  # who agreed
    lost: frozenset[Objection] = frozenset()
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # need: room, workstation
    units: Mapping[str, str] = field(default_factory=dict)  # unit: the need it serves
    handovers: Mapping[int, Handover] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.completed or self.aborted

    def step(self, number: int) -> StepRecord:
        return self.steps.get(number, StepRecord())

    @property
    def next_exception(self) -> int:
        return len(self.exceptions) + 1

    def on_hold(self, kind: str) -> bool:
        return any(hold.kind == kind and not hold.lifted for hold in self.holds.values())


INITIAL = Batch()
OPENED = ("batch", "recipe", "version", "content_sha256", "product", "purpose", "subject")
NOTHING_CHANGES = (
    ExceptionAssessed,
    EntryUnreadable,
    answered.AnswerDeparted,
    answered.ReplicatesCounted,
    answered.ScanStopped,
    flow.Commented,
    flow.DeviationRaised,
    flow.HoldTimeRestarted,
    flow.LateEntryMade,
)


def evolve(state: Batch, event: Any) -> Batch:
    if number := getattr(event, "exception", 0):
        state = _with_exception(state, event, number)
    if isinstance(event, NOTHING_CHANGES):
        return state
    match event:
        case Opened():
            names = (
                "batch",
                "recipe",
                "version",
                "content_sha256",
                "product",
                "purpose",
                "subject",
            )
            return replace(state, **{name: getattr(event, name) for name in names})
        case HoldSet(hold=hold, kind=kind, step=at):
            return replace(state, holds={**state.holds, hold: Hold(kind=kind, step=at)})
        case HoldLifted(hold=hold):
            lifted = replace(state.holds[hold], lifted=True)
            return replace(state, holds={**state.holds, hold: lifted})
        case Completed():
            return replace(state, completed=True)
        case flow.Aborted():
            return replace(state, aborted=True)
    changed = _evolve_course(state, event)
    if changed is not None:
        return changed
    number = getattr(event, "step", 0)
    step = _evolve_step(state.step(number), event)
    return replace(state, steps={**state.steps, number: step})


def _evolve_course(state: Batch, event: Any) -> Batch | None:
    """What concerns more than one step: the plan, the clocks, the places, who is in charge."""
    match event:
        case flow.OrderAssigned():
            names = ("order", "coi", "pathway", "autologous")
            return replace(state, **{name: getattr(event, name) for name in names})
        case flow.StepsRepeated():
            repeat = Repeat(
                numbers=tuple(event.numbers),
                becomes=tuple(event.becomes),
                after=event.after,
                run=event.run,
            )
            return replace(state, repeats=(*state.repeats, repeat))
        case flow.HoldTimeStarted() | flow.HoldTimeEnded() | flow.HoldTimeExceeded():
            return replace(state, clocks=_clocks(state.clocks, event))
        case flow.OverrideAsked(step=step, code=code, subject=subject, asked_by=person):
            return replace(state, asked={**state.asked, (step, code, subject): person})
        case flow.OverrideAgreed(step=step, code=code, subject=subject):
            agreed = frozenset({event.asked_by, event.agreed_by})
            return replace(state, overrides={**state.overrides, (step, code, subject): agreed})
        case flow.StatusLost(step=step, code=code, subject=subject):
            return replace(state, lost=state.lost | {(step, code, subject)})
        case placing.RoomEntered(need=need, room=room, workstation=workstation):
            return replace(state, places={**state.places, need: (room, workstation)})
        case placing.RoomLeft(room=room, workstation=workstation):
            kept = {k: v for k, v in state.places.items() if v != (room, workstation)}
            return replace(state, places=kept)
        case placing.UnitTaken(unit=unit, need=need):
            return replace(state, units={**state.units, unit: need})
        case placing.UnitReturned(unit=unit):
            return replace(state, units={k: v for k, v in state.units.items() if k != unit})
        case flow.HandoverOffered(handover=number, handed_by=person):
            offered = Handover(handed_by=person)
            return replace(state, handovers={**state.handovers, number: offered})
        case flow.HandoverTaken(handover=number, taken_by=person):
            taken = replace(state.handovers[number], taken_by=person)
            return replace(state, handovers={**state.handovers, number: taken})
    return None


def _clocks(clocks: Mapping[str, Clock], event: Any) -> Mapping[str, Clock]:
    match event:
        case flow.HoldTimeStarted():
            clock = Clock(
                title=event.title,
                step=event.step,
                at=event.at,
                warn_at=event.warn_at,
                due_at=event.due_at,
            )
        case flow.HoldTimeEnded():
            clock = replace(clocks[event.hold_time], ended=True)
        case _:
            clock = replace(clocks[event.hold_time], passed=True)
    return {**clocks, event.hold_time: clock}


def _with_exception(state: Batch, event: Any, number: int) -> Batch:
    if isinstance(event, ExceptionAssessed):
        known = replace(state.exceptions[number], assessed=True)
    else:
        known = ExceptionRecord(step=event.step)
    return replace(state, exceptions={**state.exceptions, number: known})


def _evolve_step(state: StepRecord, event: Any) -> StepRecord:
    match event:
        case (
            ValueEntered(value=value, entered_by=person)
            | answered.AnswerEntered(value=value, entered_by=person)
        ):
            return _read(state, event, value, person)
        case (
            answered.AnswerReplaced(value=value, entered_by=person)
            | ValueRemeasured(new=value, entered_by=person)
        ):
            return _read(state, event, value, person)
        case answered.TypoCorrected(new=value, corrected_by=person):
            before = state.readings.get(event.parameter)
            numeric = before is not None and not isinstance(before.value, str)
            return _read(state, event, Decimal(value) if numeric else value, person)
        case answered.ValueCalculated(value=value):
            return _read(state, event, value, "")
        case answered.ValueRecalculated(new=value):
            return _read(replace(state, verified_by=""), event, value, "")
        case answered.ValueConfirmed(parameter=key, entered_by=person):
            state = replace(state, hands=state.hands | {person})
            return _judged(state, key, confirmed_by=person)
        case answered.ValueImplausible(parameter=key, value=value):
            return replace(state, implausible={**state.implausible, key: str(value)})
        case (
            ValueCorrected(new=value, corrected_by=person)
            | answered.AnswerCorrected(value=value, corrected_by=person)
        ):
            # What was verified or countersigned is no longer what stands there.
            signed = state.countersigned or state.recorded_by == state.performed_by
            state = replace(
                state, verified_by="", countersigned=signed and person == state.performed_by
            )
            return _judged(_read(state, event, value, person), event.parameter, corrected=True)
        case answered.CorrectionAuthorised(parameter=key):
            return _judged(state, key, authorised=True)
        case LimitExceeded(parameter=key, standing=standing):
            return _judged(state, key, exceeded=True, standing=standing)
        case LimitExplained(parameter=key, explained_by=person):
            state = replace(state, let_on=state.let_on | {person})
            return _judged(state, key, explained=True)
    return _evolve_signed(state, event)


def _evolve_signed(state: StepRecord, event: Any) -> StepRecord:
    match event:
        case StepCompleted(performed_by=performer, recorded_by=recorder):
            return replace(state, performed_by=performer, recorded_by=recorder)
        case StepCountersigned() | flow.CountersignatureWaived():
            return replace(state, countersigned=True)
        case StepVerified(verified_by=person):
            return replace(state, verified_by=person)
        case flow.StepWitnessed(witnessed_by=person):
            return replace(state, witnessed_by=person)
        case flow.StepNotApplicable():
            return replace(state, skipped="not_applicable")
        case flow.StepSkipped():
            return replace(state, skipped="condition")
        case flow.TimerStarted(parameter=key, at=at, started_by=person):
            hands = state.hands | {person}
            return replace(state, hands=hands, timers={**state.timers, key: at})
        case flow.TimerStopped(parameter=key, minutes=minutes, stopped_by=person):
            timers = {name: at for name, at in state.timers.items() if name != key}
            return _read(replace(state, timers=timers), event, minutes, person)
    raise ValueError(f"A batch does not know the event {type(event).__name__}.")


def _read(state: StepRecord, event: Any, value: Any, person: str) -> StepRecord:
    reading = Reading(
        value=value, attempt=event.attempt, words=getattr(event, "words", ""), by=person
    )
    readings = {**state.readings, event.parameter: reading}
    left = {key: typed for key, typed in state.implausible.items() if key != event.parameter}
    hands = state.hands | {person} if person else state.hands
    return replace(state, readings=readings, hands=hands, implausible=left)


def _judged(state: StepRecord, key: str, **changes: Any) -> StepRecord:
    reading = replace(state.readings[key], **changes)
    return replace(state, readings={**state.readings, key: reading})
