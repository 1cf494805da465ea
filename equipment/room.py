"""One room: its grade, cleaning, monitoring hold, line clearance, and who works in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from equipment.unit import line, why
from equipment.unit_use import moment, read_moment
from ledger.event import Refused, event_type
from ledger.event import marked as _

GRADES = ("A", "B", "C", "D", "CNC")
CLEAN_HOURS = 24  # a room stays clean this long, from its cleaning to the beginning of the work
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}").fullmatch
_OWN: dict[str, Any] = {"owner": "equipment", "retention": "equipment"}
_TRACED: dict[str, Any] = {"owner": "equipment", "retention": "traceability"}


@event_type(
    "equipment.room_registered",
    1,
    sentence="Room {room} ({name}) of grade {grade} was registered.",
    **_OWN,
)
class RoomRegistered:
    room: str
    name: str
    grade: str
    one_batch: bool  # nothing of a second batch may be in the room, closed or not


@event_type(
    "equipment.room_cleaned",
    1,
    sentence="Room {room} was cleaned with {agent} and stays clean until {until}.",
    **_OWN,
)
class RoomCleaned:
    room: str
    agent: str
    until: str


@event_type("equipment.room_soiled", 1, sentence="Room {room} must be cleaned before use.", **_OWN)
class RoomSoiled:
    room: str


@event_type(
    "equipment.room_em_hold_set",
    1,
    sentence="Room {room} was put on hold by its environmental monitoring.",
    **_OWN,
)
class EmHoldSet:
    room: str


@event_type(
    "equipment.room_em_hold_lifted",
    1,
    sentence="The environmental monitoring hold on room {room} was lifted.",
    **_OWN,
)
class EmHoldLifted:
    room: str


@event_type(
    "equipment.line_cleared",
    1,
    sentence="The line in room {room} was cleared for batch {batch} by {cleared_by}.",
    **_TRACED,
)
class LineCleared:
    room: str
    batch: str
    cleared_by: str


@event_type(
    "equipment.line_clearance_checked",
    1,
    sentence="{checked_by} checked that the line in room {room} is clear for batch {batch}.",
    **_TRACED,
)
class LineClearanceChecked:
    room: str
    batch: str
    checked_by: str


@event_type("equipment.room_claimed", 1, sentence="Batch {batch} came into room {room}.", **_TRACED)
class RoomClaimed:
    room: str
    batch: str


@event_type("equipment.room_released", 1, sentence="Batch {batch} left room {room}.", **_TRACED)
class RoomReleased:
    room: str
    batch: str


@dataclass(frozen=True, kw_only=True)
class Clearance:
    """Who cleared the line for a batch, and who looked that it is clear: nobody yet, if empty."""

    cleared_by: str
    checked_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Room:
    name: str = ""
    grade: str = ""
    one_batch: bool = False
    clean_until: str = ""
    em_hold: bool = False
    batches: frozenset[str] = frozenset()
    clearances: Mapping[str, Clearance] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RoomFacts:
    """A room as a decision sees it at a moment; in a transaction it stays so to the commit."""

    room: str
    known: bool = False
    name: str = ""
    grade: str = ""
    one_batch: bool = False
    clean_until: datetime | None = None
    em_hold: bool = False
    batches: tuple[str, ...] = ()
    cleared_for: tuple[str, ...] = ()  # by one and checked by another
    unchecked_for: tuple[str, ...] = ()  # cleared, and nobody has looked yet


INITIAL = Room()


def evolve(state: Room, event: Any) -> Room:
    match event:
        case RoomRegistered(name=name, grade=grade, one_batch=one_batch):
            return replace(state, name=name, grade=grade, one_batch=one_batch)
        case RoomCleaned(until=until):
            return replace(state, clean_until=until)
        case RoomSoiled():
            return replace(state, clean_until="")
        case EmHoldSet():
            return replace(state, em_hold=True)
        case EmHoldLifted():
            return replace(state, em_hold=False)
        case LineCleared(batch=batch, cleared_by=person):
            return _cleared(state, batch, Clearance(cleared_by=person))
        case LineClearanceChecked(batch=batch, checked_by=person):
            return _cleared(state, batch, replace(state.clearances[batch], checked_by=person))
        case RoomClaimed(batch=batch):
            return replace(state, batches=state.batches | {batch})
        case RoomReleased(batch=batch):
            left = {one: known for one, known in state.clearances.items() if one != batch}
            clean_until = "" if state.one_batch else state.clean_until
            return replace(
                state,
                batches=state.batches - {batch},
                clearances=left,
                clean_until=clean_until,
            )
    raise ValueError(f"A room does not know the event {type(event).__name__}.")


def _cleared(state: Room, batch: str, clearance: Clearance) -> Room:
    return replace(state, clearances={**state.clearances, batch: clearance})


def hindrances(facts: RoomFacts, *, batch: str, at: datetime) -> list[Refused]:
    """Why a step of this batch may not be done in the room now, each with the way out."""
    room, inside = facts.room, batch in facts.batches
    if not facts.known:
        return [Refused(_UNKNOWN, room=room, code="no_room")]
    found = []
    if facts.em_hold:
        found.append(Refused(_ON_HOLD, room=room, code="em_hold"))
    if not inside and (facts.clean_until is None or facts.clean_until < at):
        found.append(Refused(_UNCLEAN, room=room, code="room_not_clean"))
    if batch in facts.unchecked_for:
        found.append(Refused(_UNCHECKED, room=room, batch=batch, code="line_unchecked"))
    elif batch not in facts.cleared_for:
        found.append(Refused(_UNCLEARED, room=room, batch=batch, code="line_not_cleared"))
    others = [one for one in facts.batches if one != batch]
    if others and facts.one_batch:
        found.append(Refused(_TAKEN, room=room, batch=others[0], code="room_in_use"))
    return found


_UNKNOWN = _("There is no room {room} in the register. Scan the sign at the room's door.")
_ON_HOLD = _(
    "Room {room} is on hold by its environmental monitoring. Work in another room, or ask QA."
)
_UNCLEAN = _("Room {room} is not clean. Clean it and record the cleaning on its page.")
_UNCLEARED = _("The line in room {room} is not cleared for {batch}. Clear it and record it.")
_UNCHECKED = _(
    "The line in room {room} is cleared for {batch}; a second person has yet to check it."
)
_TAKEN = _("Batch {batch} is in room {room}. Use another room, or wait until it has left.")


def register(
    state: Room, *, room: str, name: str, grade: str, one_batch: bool
) -> list[RoomRegistered]:
    if not _NUMBER(room):
        raise Refused(
            _("Write the room's number in 2 to 20 capital letters, digits and hyphens, as C-101."),
            code="room_number",
        )
    if state.name:
        raise Refused(
            _("{room} is already registered as “{name}”. Choose another number."),
            room=room,
            name=state.name,
            code="already_registered",
        )
    if grade not in GRADES:
        raise Refused(_("Choose the grade of {unit}."), unit=room, code="grade")
    name = line(name, _("Give {unit} a name people will recognise."), unit=room)
    return [RoomRegistered(room=room, name=name, grade=grade, one_batch=one_batch)]


def clean(state: Room, *, room: str, agent: str, at: datetime) -> list[RoomCleaned]:
    known(state, room=room)
    agent = line(agent, _("Say with what {unit} was cleaned."), unit=room)
    return [RoomCleaned(room=room, agent=agent, until=moment(at + timedelta(hours=CLEAN_HOURS)))]


def soil(state: Room, *, room: str, reason: str) -> list[RoomSoiled]:
    """Say that the room has to be cleaned, whatever hold time is left."""
    known(state, room=room)
    if not state.clean_until:
        raise Refused(_("Room {room} waits for its cleaning already."), room=room, code="no_change")
    why(reason)
    return [RoomSoiled(room=room)]


def set_em_hold(state: Room, *, room: str, reason: str) -> list[EmHoldSet]:
    known(state, room=room)
    if state.em_hold:
        raise Refused(_("Room {room} is on hold already."), room=room, code="no_change")
    why(reason)
    return [EmHoldSet(room=room)]


def lift_em_hold(state: Room, *, room: str, reason: str) -> list[EmHoldLifted]:
    known(state, room=room)
    if not state.em_hold:
        raise Refused(_("Room {room} is not on hold."), room=room, code="no_change")
    why(reason)
    return [EmHoldLifted(room=room)]


def clear_line(state: Room, *, room: str, batch: str, person: str) -> list[LineCleared]:
    """Nothing of another batch is left in the room: no material, label, paper or waste."""
    known(state, room=room)
    batch = line(batch, _("Say for which batch the line in {unit} is cleared."), unit=room)
    others = state.batches - {batch}
    if others and state.one_batch:
        raise Refused(_TAKEN, room=room, batch=min(others), code="room_in_use")
    if batch in state.clearances:
        raise Refused(
            _("The line in room {room} is cleared for {batch} already."),
            room=room,
            batch=batch,
            code="no_change",
        )
    return [LineCleared(room=room, batch=batch, cleared_by=person)]


def check_line_clearance(
    state: Room, *, room: str, batch: str, person: str
) -> list[LineClearanceChecked]:
    known(state, room=room)
    clearance = state.clearances.get(batch)
    if clearance is None or clearance.checked_by:
        raise Refused(
            _("No line clearance of {batch} in room {room} waits for a check."),
            batch=batch,
            room=room,
            code="nothing_to_check",
        )
    if clearance.cleared_by == person:
        raise Refused(
            _("You cleared the line in room {room} yourself: another person checks it."),
            room=room,
            code="same_person",
        )
    return [LineClearanceChecked(room=room, batch=batch, checked_by=person)]


def claim(
    state: Room, *, room: str, batch: str, at: datetime, despite: Collection[str] = ()
) -> list[RoomClaimed]:
    """Bring a batch into the room; nothing where it is there already.

    `despite`: the codes of what was overridden for the step that is done there.
    """
    found = hindrances(facts_of(state, room), batch=batch, at=at)
    stopping = [one for one in found if one.code not in despite]
    if stopping:
        raise stopping[0]
    return [] if batch in state.batches else [RoomClaimed(room=room, batch=batch)]


def facts_of(state: Room, room: str) -> RoomFacts:
    """The facts as the room's own events tell them."""
    checked = {batch for batch, known in state.clearances.items() if known.checked_by}
    return RoomFacts(
        room=room,
        known=bool(state.name),
        name=state.name,
        grade=state.grade,
        one_batch=state.one_batch,
        clean_until=read_moment(state.clean_until),
        em_hold=state.em_hold,
        batches=tuple(sorted(state.batches)),
        cleared_for=tuple(sorted(checked)),
        unchecked_for=tuple(sorted(set(state.clearances) - checked)),
    )


def release(state: Room, *, room: str, batch: str) -> list[RoomReleased]:
    known(state, room=room)
    if batch not in state.batches:
        raise Refused(
            _("Batch {batch} is not in room {room}."), batch=batch, room=room, code="not_in_use"
        )
    return [RoomReleased(room=room, batch=batch)]


def nothing_left(workstations: list[str], *, room: str, batch: str) -> None:
    """A batch leaves a room when it has left the workstations in it."""
    if workstations:
        raise Refused(
            _("{batch} is still at {workstation} in room {room}. Put it away there first."),
            batch=batch,
            workstation=workstations[0],
            room=room,
            code="still_at_workstation",
        )


def known(state: Room, *, room: str) -> None:
    if not state.name:
        raise Refused(_UNKNOWN, room=room, code="no_room")
