"""Claims of units, rooms and workstations by a batch, and their end.

Each appends to the stream of what it claims with the version that was read: of two batches that
claim one thing at one instant, one wins, and the other decides again and reads why not. The
functions below the commands do the same inside another command's act, in its transaction.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from equipment import room as rooms
from equipment import unit as units
from equipment import unit_use
from equipment import workstation as workstations
from equipment.models import WorkstationLine
from equipment.status_queries import held
from equipment.unit import why
from ledger.command import Act, command
from ledger.event import marked as _
from personnel.roles import OPERATOR, QA_REVIEWER, SUPERVISOR

UNIT = "equipment/{unit}"
WORKSTATION = "workstation/{workstation}"
CLAIMERS = (OPERATOR, SUPERVISOR)
# A batch's own steps give free what they took; by hand it is for those who answer for the batch.
FREERS = (SUPERVISOR, QA_REVIEWER)


@command(
    "equipment.claim", role=CLAIMERS, label=_("set {unit} aside for batch {batch}"), record=UNIT
)
def claim(act: Act, *, unit: str, batch: str) -> None:
    """Set a unit aside for a batch."""
    unit_use.batch_number(batch)
    claim_unit(act, unit=unit, batch=batch)


@command(
    "equipment.release",
    role=FREERS,
    label=_("release {unit} from batch {batch}"),
    record=UNIT,
    needs_reason=True,
)
def release(act: Act, *, unit: str, batch: str) -> None:
    """Give a unit free by hand, where the batch's own steps did not."""
    why(act.reason)
    release_unit(act, unit=unit, batch=batch)


@command(
    "equipment.claim_workstation",
    role=CLAIMERS,
    label=_("set {workstation} aside for batch {batch}"),
    record=WORKSTATION,
)
def claim_place(act: Act, *, workstation: str, batch: str) -> None:
    """Set a workstation aside for a batch, with its cabinet, in a room that is ready for it."""
    unit_use.batch_number(batch)
    claim_workstation(act, workstation=workstation, batch=batch)


@command(
    "equipment.release_workstation",
    role=FREERS,
    label=_("release {workstation} from batch {batch}"),
    record=WORKSTATION,
    needs_reason=True,
)
def release_place(act: Act, *, workstation: str, batch: str) -> None:
    """Give a workstation free by hand."""
    why(act.reason)
    release_workstation(act, workstation=workstation, batch=batch)


@command(
    "equipment.claim_room",
    role=CLAIMERS,
    label=_("bring batch {batch} into room {room}"),
    record="room/{room}",
)
def enter_room(act: Act, *, room: str, batch: str) -> None:
    """Bring a batch into a room that is ready for it."""
    unit_use.batch_number(batch)
    claim_room(act, room=room, batch=batch)


@command(
    "equipment.release_room",
    role=CLAIMERS,
    label=_("take batch {batch} out of room {room}"),
    record="room/{room}",
)
def leave_room(act: Act, *, room: str, batch: str) -> None:
    """Take a batch out of a room where no workstation has it any more."""
    left_behind = held(WorkstationLine.objects.filter(room=room))
    rooms.nothing_left(
        [one.workstation for one in left_behind if batch in one.batches], room=room, batch=batch
    )
    release_room(act, room=room, batch=batch)


def claim_unit(act: Act, *, unit: str, batch: str, despite: Collection[str] = ()) -> None:
    """Take a unit that is in service, qualified, calibrated, clean and free; or refuse."""
    day = timezone.localdate(act.at)
    state = act.load("equipment", unit, units.INITIAL, units.evolve)
    events = unit_use.claim(state, unit=unit, batch=batch, day=day, at=act.at, despite=despite)
    act.record("equipment", unit, events)


def release_unit(act: Act, *, unit: str, batch: str) -> None:
    state = act.load("equipment", unit, units.INITIAL, units.evolve)
    act.record("equipment", unit, unit_use.release(state, unit=unit, batch=batch))


def claim_room(act: Act, *, room: str, batch: str, despite: Collection[str] = ()) -> None:
    """Come into a room that is clean, not on hold, cleared for this batch and free; or refuse."""
    state = act.load("room", room, rooms.INITIAL, rooms.evolve)
    claimed = rooms.claim(state, room=room, batch=batch, at=act.at, despite=despite)
    act.record("room", room, claimed)


def release_room(act: Act, *, room: str, batch: str) -> None:
    state = act.load("room", room, rooms.INITIAL, rooms.evolve)
    act.record("room", room, rooms.release(state, room=room, batch=batch))


def claim_workstation(
    act: Act, *, workstation: str, batch: str, despite: Collection[str] = ()
) -> None:
    """Take a place at a workstation, with the room it stands in and the cabinet that it is."""
    state = _workstation(act, workstation)
    events = workstations.claim(state, workstation=workstation, batch=batch)
    claim_room(act, room=state.room, batch=batch, despite=despite)
    if state.unit:
        claim_unit(act, unit=state.unit, batch=batch, despite=despite)
    act.record("workstation", workstation, events)


def release_workstation(act: Act, *, workstation: str, batch: str) -> None:
    """Leave a workstation and its cabinet; the batch stays in the room until it leaves it."""
    state = _workstation(act, workstation)
    events = workstations.release(state, workstation=workstation, batch=batch)
    if state.unit:
        unit = act.load("equipment", state.unit, units.INITIAL, units.evolve)
        if batch in unit.standing.batches:
            released = unit_use.release(unit, unit=state.unit, batch=batch)
            act.record("equipment", state.unit, released)
    act.record("workstation", workstation, events)


def _workstation(act: Act, workstation: str) -> workstations.Workstation:
    state = act.load("workstation", workstation, workstations.INITIAL, workstations.evolve)
    workstations.known(state, workstation=workstation)
    return state
