"""Units, rooms and workstations as steps use them: what objects, is claimed, is given back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from django.utils import timezone

from batches import codes
from batches.answers import Answer, Asked, answers
from batches.blockers import Blocker, Situation, blocks, demand_usable, foresees
from batches.placing_events import RoomEntered, RoomLeft, UnitReturned, UnitTaken
from batches.recipe_content import RoomNeed, StepKind
from batches.record import Batch
from equipment import claim_commands
from equipment import room as rooms
from equipment.room import RoomFacts
from equipment.room import hindrances as room_hindrances
from equipment.status_queries import free_and_qualified, room_facts, unit_facts, workstation_facts
from equipment.unit_standing import UnitFacts
from equipment.unit_standing import hindrances as unit_hindrances
from equipment.workstation import OPEN, WorkstationFacts
from equipment.workstation import hindrances as workstation_hindrances
from ledger.command import Act
from ledger.event import Refused
from ledger.event import marked as _

# What nobody can override: it is not there, is broken, or another's.
ABSOLUTE = frozenset(
    {
        "not_registered",
        "out_of_service",
        "unit_in_use",
        "wrong_class",
        "no_room",
        "room_in_use",
        "wrong_grade",
        "no_workstation",
        "workstation_in_use",
        "open_needed",
    }
)
# What another batch holds was given away, not lost: it never lets a step go on.
TAKEN = frozenset({"unit_in_use", "room_in_use", "workstation_in_use"})
# What a line clearance step itself does for the room.
CLEARS = frozenset({"line_not_cleared", "line_unchecked"})
# Used for one step and free again when it is done.
BRIEFLY = frozenset(
    {
        "balance",
        "cell_counter",
        "centrifuge",
        "flow_cytometer",
        "microscope",
        "particle_counter",
        "thawing_device",
        "tube_sealer",
    }
)
GRADES = ("A", "B", "C", "D", "CNC")  # from the cleanest


def _blockers(found: Iterable[Refused], subject: str) -> Iterator[Blocker]:
    for one in found:
        yield Blocker(
            code=one.code,
            absolute=one.code in ABSOLUTE,
            template=one.template,
            params=one.params,
            subject=subject,
            status=one.code not in TAKEN,
        )


@blocks("equipment")
def units_in_use(now: Situation) -> Iterator[Blocker]:
    """What objects to the units that this very step named."""
    for unit in _named(now, "equipment"):
        yield from _unit(now, unit_facts(unit))


@blocks("room")
def places_in_use(now: Situation) -> Iterator[Blocker]:
    """What objects to the room in which the step's operation is done."""
    need = _room_need(now)
    if need is None or now.planned.step.kind == StepKind.LINE_CLEARANCE:
        return
    held = now.state.places.get(need.key)
    if held is None:
        if _enters(now, need.key):
            return
        yield Blocker(
            code="room_not_entered",
            absolute=True,
            template=_(
                "This is done in {room}, which the batch has not entered. Do the line clearance of"
                " the room first, or ask the process engineer where the recipe says so."
            ),
            params={"room": need.title},
            subject=need.key,
        )
        return
    room, _workstation = held
    found = room_hindrances(room_facts(room), batch=now.state.batch, at=now.at)
    yield from _blockers(found, room)


@foresees("equipment")
def unit_foreseen(now: Situation, subject: str) -> Iterator[Blocker]:
    """What would object to a unit that somebody is about to scan."""
    facts = unit_facts(subject)
    if facts.known:
        yield from _unit(now, facts)


@foresees("room")
def room_foreseen(now: Situation, subject: str) -> Iterator[Blocker]:
    facts = room_facts(subject)
    if facts.known:
        found = room_hindrances(facts, batch=now.state.batch, at=now.at)
        yield from _blockers(found, subject)


@answers("equipment")
def use_unit(asked: Asked) -> Answer:
    """A unit of the class that is asked for, fit and free: from here it is the batch's."""
    now, unit = asked.situation, _number(asked.typed, codes.UNIT)
    facts = unit_facts(unit)
    _of_class(asked, facts)
    demand_usable(now, _unit(now, facts))
    despite = _overridden(now, unit)
    claim_commands.claim_unit(asked.act, unit=unit, batch=now.state.batch, despite=despite)
    taken = UnitTaken(
        batch=now.state.batch, step=now.planned.number, need=asked.parameter.needs, unit=unit
    )
    told = [] if unit in now.state.units else [taken]
    return Answer(value=unit, words=f"{unit}, {facts.label}", events=told)


@answers("room")
def enter_room(asked: Asked) -> Answer:
    """The workstation that is scanned, with the room it stands in; or a room without one."""
    now, number = asked.situation, _number(asked.typed, codes.ROOM)
    station = workstation_facts(number)
    room = room_facts(station.room if station.known else number)
    need = next((one for one in now.recipe.content.rooms if one.key == asked.parameter.needs), None)
    if need is not None:
        _fits(need, room, station)
    clears = CLEARS if now.planned.step.kind == StepKind.LINE_CLEARANCE else frozenset()
    found = room_hindrances(room, batch=now.state.batch, at=now.at)
    demand_usable(now, _blockers((one for one in found if one.code not in clears), room.room))
    if clears:
        clear_line(asked.act, room, now.state.batch)
    despite = {*clears, *_overridden(now, room.room)}
    if station.known:
        taken = workstation_hindrances(station, batch=now.state.batch)
        demand_usable(now, _blockers(taken, number))
        claim_commands.claim_workstation(
            asked.act, workstation=number, batch=now.state.batch, despite=despite
        )
    else:
        claim_commands.claim_room(asked.act, room=room.room, batch=now.state.batch, despite=despite)
    entered = RoomEntered(
        batch=now.state.batch,
        step=now.planned.number,
        need=asked.parameter.needs,
        room=room.room,
        workstation=number if station.known else room.room,
    )
    words = f"{room.room}, {room.name}" + (f", {number}" if station.known else "")
    return Answer(value=number, words=words, events=[entered])


def clear_line(act: Act, room: RoomFacts, batch: str) -> None:
    """The step is the room's line clearance: the second person's check follows with its own."""
    state = act.load("room", room.room, rooms.INITIAL, rooms.evolve)
    if batch not in {*room.cleared_for, *room.unchecked_for}:
        cleared = rooms.clear_line(state, room=room.room, batch=batch, person=act.actor.person)
        act.record("room", room.room, cleared)


def check_line(act: Act, now: Situation) -> None:
    """Who verifies a line clearance step is the second person of the room's clearance."""
    held = now.state.places.get(_cleared_need(now))
    if now.planned.step.kind != StepKind.LINE_CLEARANCE or held is None:
        return
    room = held[0]
    state = act.load("room", room, rooms.INITIAL, rooms.evolve)
    if now.state.batch in room_facts(room).unchecked_for:
        checked = rooms.check_line_clearance(
            state, room=room, batch=now.state.batch, person=act.actor.person
        )
        act.record("room", room, checked)


def _cleared_need(now: Situation) -> str:
    return next((one.needs for one in now.planned.step.parameters if one.kind == "room"), "")


def give_back(act: Act, state: Batch, units: Iterable[str]) -> list[object]:
    """End the claims of these units; the batch's own record says so too."""
    told: list[object] = []
    for unit in units:
        if state.batch in unit_facts(unit).batches:
            claim_commands.release_unit(act, unit=unit, batch=state.batch)
        told.append(UnitReturned(batch=state.batch, unit=unit))
    return told


def brief(state: Batch) -> list[str]:
    """The units that the batch had for one step only, and that no step under way uses."""
    open_steps = [
        one
        for one in state.steps.values()
        if one.begun and not one.performed_by and not one.skipped
    ]
    used = {reading.value for one in open_steps for reading in one.readings.values()}
    free = [unit for unit in state.units if unit not in used]
    return [unit for unit in free if unit_facts(unit).unit_class in BRIEFLY]


def leave(act: Act, state: Batch, room: str) -> list[object]:
    """Leave the room and every workstation in it."""
    told: list[object] = []
    stations = {at for held, at in state.places.values() if held == room}
    for station in sorted(stations):
        if station and state.batch in workstation_facts(station).batches:
            claim_commands.release_workstation(act, workstation=station, batch=state.batch)
        told.append(RoomLeft(batch=state.batch, room=room, workstation=station))
    if state.batch in room_facts(room).batches:
        claim_commands.release_room(act, room=room, batch=state.batch)
    return told


def everything(act: Act, state: Batch) -> list[object]:
    """What the batch still holds when it is over: units first, then rooms."""
    told = give_back(act, state, sorted(state.units))
    for room in sorted({held for held, _station in state.places.values()}):
        told += leave(act, state, room)
    return told


def _unit(now: Situation, facts: UnitFacts) -> Iterator[Blocker]:
    free = free_and_qualified(facts.unit_class, batch=now.state.batch, at=now.at)
    day = timezone.localdate(now.at)
    found = unit_hindrances(facts, batch=now.state.batch, day=day, at=now.at, but=free)
    yield from _blockers(found, facts.unit)


def _of_class(asked: Asked, facts: UnitFacts) -> None:
    need = next(
        (n for n in asked.situation.recipe.content.equipment if n.key == asked.parameter.needs),
        None,
    )
    if facts.known and need is not None and facts.unit_class != need.unit_class:
        raise Refused(
            _("{unit} is not what this step asks for: {title}. Scan one of these."),
            unit=facts.unit,
            title=need.title,
            code="wrong_class",
        )


def _fits(need: RoomNeed, room: RoomFacts, station: WorkstationFacts) -> None:
    if room.known and GRADES.index(need.grade) < GRADES.index(room.grade or "CNC"):
        raise Refused(
            _("{room} has grade {grade}; this is done in grade {wanted} or better."),
            room=room.room,
            grade=room.grade,
            wanted=need.grade,
            code="wrong_grade",
        )
    if need.open_handling and not (station.known and station.handling == OPEN):
        raise Refused(
            _("The product is open here: scan a cabinet or an isolator, not the room alone."),
            code="open_needed",
        )


def _number(typed: str, kind: str) -> str:
    """The number that a label of ours carries, or that was typed as it stands on it."""
    code = codes.demand(typed, kind, codes.PLAIN)
    return (code.get(kind) or code.text).upper()


def _named(now: Situation, kind: str) -> list[str]:
    readings = now.state.step(now.planned.number).readings
    asked = [one.key for one in now.planned.step.parameters if one.kind == kind]
    return [str(readings[key].value) for key in asked if key in readings]


def _room_need(now: Situation) -> RoomNeed | None:
    return next((one for one in now.recipe.content.rooms if one.key == now.planned.room), None)


def _enters(now: Situation, need: str) -> bool:
    """Whether this step asks for the room itself."""
    return any(one.kind == "room" and one.needs == need for one in now.planned.step.parameters)


def _overridden(now: Situation, subject: str) -> Collection[str]:
    number = now.planned.number
    return [code for step, code, about in now.state.overrides if (step, about) == (number, subject)]
