"""What may be asked about the whole batch while it runs: override, hand over, abort, give back."""

from __future__ import annotations

from batches import blockers, course, diverting, overriding, performing, placing, working
from batches.commands import LIFTERS, PERFORMERS, RECORD, STOPPERS
from batches.recipe import Recipe
from batches.record import Batch
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.authority import holds
from personnel.roles import CONSOLE, QA_REVIEWER, SUPERVISOR

RUNNERS = tuple(dict.fromkeys((*PERFORMERS, *STOPPERS)))
WATCHER = CONSOLE


@command(
    "batches.ask_override",
    role=(SUPERVISOR,),
    label=_("ask to go on with step {step} of {batch} although {code} blocks it"),
    record=RECORD,
    signature=Meaning.APPROVED,
    needs_reason=True,
)
def ask_override(act: Act, *, batch: str, step: int, code: str, subject: str = "") -> None:
    """Answer for going on although something objects; quality assurance has to agree."""
    state, recipe = working.batch_of(act, batch)
    events = overriding.ask(
        state,
        _objections(act, state, recipe, step, code, subject),
        batch=batch,
        step=step,
        code=code,
        subject=subject,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("batch", batch, events)


@command(
    "batches.agree_override",
    role=(QA_REVIEWER,),
    label=_("agree to go on with step {step} of {batch} although {code} blocks it"),
    record=RECORD,
    signature=Meaning.APPROVED,
    needs_reason=True,
)
def agree_override(act: Act, *, batch: str, step: int, code: str, subject: str = "") -> None:
    """Agree to what the supervisor asked: the step goes on, under a quality hold."""
    state, recipe = working.batch_of(act, batch)
    events = overriding.agree(
        state,
        _objections(act, state, recipe, step, code, subject),
        batch=batch,
        step=step,
        code=code,
        subject=subject,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("batch", batch, events)


def _objections(
    act: Act, state: Batch, recipe: Recipe, step: int, code: str, subject: str
) -> list[blockers.Blocker]:
    """What objects now, also about a person or a unit that has not touched the step yet."""
    person = subject if code == "not_trained" else ""
    now = working.situation(act, state, recipe, step, person)
    return [*blockers.standing(now), *blockers.foreseen(now, code, subject)]


@command(
    "batches.offer_handover",
    role=RUNNERS,
    label=_("hand {batch} over"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def offer_handover(act: Act, *, batch: str, note: str) -> None:
    """Sign off: how the batch stands and what comes next, for who comes."""
    state, recipe = working.batch_of(act, batch)
    events = diverting.offer_handover(
        state, recipe, batch=batch, person=act.actor.person, note=note
    )
    act.record("batch", batch, events)


@command(
    "batches.take_handover",
    role=RUNNERS,
    label=_("take {batch} over"),
    record=RECORD,
    signature=Meaning.ACKNOWLEDGED,
)
def take_handover(act: Act, *, batch: str) -> None:
    """Sign on: one has read how the batch stands and goes on from there."""
    state, recipe = working.batch_of(act, batch)
    events = diverting.take_handover(state, recipe, batch=batch, person=act.actor.person)
    act.record("batch", batch, events)


@command(
    "batches.abort",
    role=LIFTERS,
    label=_("abort {batch}"),
    record=RECORD,
    signature=Meaning.REJECTED,
    needs_reason=True,
)
def abort(act: Act, *, batch: str) -> None:
    """Give the batch up: rooms and units are free again, all that was done stays on record."""
    state, recipe = working.batch_of(act, batch)
    events: list[object] = []
    events += diverting.abort(
        state, recipe, batch=batch, person=act.actor.person, reason=act.reason
    )
    act.record("batch", batch, events + placing.everything(act, state))


@command(
    "batches.waive_countersignature",
    role=(QA_REVIEWER,),
    label=_("waive the countersignature of step {step} of {batch}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
    needs_reason=True,
)
def waive_countersignature(act: Act, *, batch: str, step: int) -> None:
    """Let a scribe's step stand whose performer has left and cannot sign it any more."""
    state, recipe = working.batch_of(act, batch)
    performer = state.step(step).performed_by
    events = performing.waive_countersignature(
        state,
        recipe,
        batch=batch,
        step=step,
        person=act.actor.person,
        can_sign=any(holds(performer, role) for role in PERFORMERS),
        reason=act.reason,
    )
    act.record("batch", batch, events)


@command(
    "batches.return_unit",
    role=RUNNERS,
    label=_("give {unit} back from {batch}"),
    record=RECORD,
)
def return_unit(act: Act, *, batch: str, unit: str) -> None:
    """The batch needs the unit no longer: another may use it."""
    state, _recipe = working.batch_of(act, batch)
    if unit not in state.units:
        raise Refused(
            _("{batch} does not use {unit}."), batch=batch, unit=unit[:80], code="no_change"
        )
    act.record("batch", batch, placing.give_back(act, state, [unit]))


@command(
    "batches.leave_room",
    role=RUNNERS,
    label=_("leave {room} with {batch}"),
    record=RECORD,
)
def leave_room(act: Act, *, batch: str, room: str) -> None:
    """The batch left the room: the workstation is to be cleared for the next patient."""
    state, _recipe = working.batch_of(act, batch)
    if room not in {held for held, _station in state.places.values()}:
        raise Refused(_("{batch} is not in {room}."), batch=batch, room=room[:80], code="no_change")
    act.record("batch", batch, placing.leave(act, state, room))


@command(
    "batches.note_hold_time",
    role=(*RUNNERS, WATCHER),
    label=_("note the hold time {hold_time} of {batch}"),
    record=RECORD,
)
def note_hold_time(act: Act, *, batch: str, hold_time: str) -> None:
    """Put on record that a hold time has passed, at the moment it does."""
    state, recipe = working.batch_of(act, batch)
    passed = {one.key: one for one in course.passed(state, recipe, at=act.at)}
    if hold_time not in passed:
        raise Refused(_("No hold time of that name has passed unnoticed."), code="no_change")
    clock = state.clocks[hold_time]
    act.record("batch", batch, [course.exceeded(state, passed[hold_time], step=clock.step)])
