"""What may be asked about rooms and workstations, by whom, and with which signature."""

from __future__ import annotations

from equipment import room as rooms
from equipment import unit as units
from equipment import unit_use
from equipment import workstation as workstations
from ledger.command import Act, command
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import (
    MAINTENANCE,
    OPERATOR,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
)

RECORD = "room/{room}"
KEEPERS = (SUPERVISOR, MAINTENANCE)
STOPPERS = (OPERATOR, VERIFIER, SUPERVISOR, QC_ANALYST, QA_REVIEWER)


@command("equipment.register_room", role=KEEPERS, label=_("register room {room}"), record=RECORD)
def register(act: Act, *, room: str, name: str, grade: str, one_batch: bool = False) -> None:
    """Enter a room in the register."""
    state = _load(act, room)
    events = rooms.register(state, room=room, name=name, grade=grade, one_batch=one_batch)
    act.record("room", room, events)


@command(
    "equipment.set_up_workstation",
    role=KEEPERS,
    label=_("set up workstation {workstation} in {room}"),
    record="workstation/{workstation}",
)
def set_up_workstation(
    act: Act, *, workstation: str, label: str, room: str, handling: str, unit: str = ""
) -> None:
    """Set up a workstation in a room: for open or closed handling, and the cabinet that it is."""
    rooms.known(_load(act, room), room=room)
    if unit:
        units.standing(act.load("equipment", unit, units.INITIAL, units.evolve), unit=unit)
    state = act.load("workstation", workstation, workstations.INITIAL, workstations.evolve)
    events = workstations.set_up(
        state, workstation=workstation, label=label, room=room, handling=handling, unit=unit
    )
    act.record("workstation", workstation, events)


@command(
    "equipment.clean_room",
    role=(OPERATOR, VERIFIER, SUPERVISOR, MAINTENANCE),
    label=_("record the cleaning of room {room}"),
    record=RECORD,
)
def clean(act: Act, *, room: str, agent: str) -> None:
    """Record that a room was cleaned just now."""
    act.record("room", room, rooms.clean(_load(act, room), room=room, agent=agent, at=act.at))


@command(
    "equipment.soil_room",
    role=(*STOPPERS, MAINTENANCE),
    label=_("say that room {room} must be cleaned"),
    record=RECORD,
    needs_reason=True,
)
def soil(act: Act, *, room: str) -> None:
    """Say that a room must be cleaned before it is used: a spill, a visit, a repair."""
    act.record("room", room, rooms.soil(_load(act, room), room=room, reason=act.reason))


@command(
    "equipment.set_em_hold",
    role=STOPPERS,
    label=_("put room {room} on monitoring hold"),
    record=RECORD,
    needs_reason=True,
)
def set_em_hold(act: Act, *, room: str) -> None:
    """Stop the work in a room: its environmental monitoring says so."""
    act.record("room", room, rooms.set_em_hold(_load(act, room), room=room, reason=act.reason))


@command(
    "equipment.lift_em_hold",
    role=(QA_REVIEWER,),
    label=_("lift the monitoring hold on room {room}"),
    record=RECORD,
    signature=Meaning.REVIEWED,
    needs_reason=True,
)
def lift_em_hold(act: Act, *, room: str) -> None:
    """Sign that the room may be used again."""
    act.record("room", room, rooms.lift_em_hold(_load(act, room), room=room, reason=act.reason))


@command(
    "equipment.clear_line",
    role=(OPERATOR, SUPERVISOR),
    label=_("clear the line in room {room} for {batch}"),
    record=RECORD,
    signature=Meaning.PERFORMED,
)
def clear_line(act: Act, *, room: str, batch: str) -> None:
    """Sign that nothing of another batch is left in the room; another person checks it."""
    unit_use.batch_number(batch)
    events = rooms.clear_line(_load(act, room), room=room, batch=batch, person=act.actor.person)
    act.record("room", room, events)


@command(
    "equipment.check_line_clearance",
    role=(OPERATOR, VERIFIER, SUPERVISOR, QA_REVIEWER),
    label=_("check the line clearance of room {room} for {batch}"),
    record=RECORD,
    signature=Meaning.VERIFIED,
)
def check_line_clearance(act: Act, *, room: str, batch: str) -> None:
    """Sign as the second person that the line is clear."""
    events = rooms.check_line_clearance(
        _load(act, room), room=room, batch=batch, person=act.actor.person
    )
    act.record("room", room, events)


def _load(act: Act, room: str) -> rooms.Room:
    return act.load("room", room, rooms.INITIAL, rooms.evolve)
