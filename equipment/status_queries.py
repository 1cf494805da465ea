"""Whether units, rooms and workstations may be used now: facts held to the commit.

In a transaction each row is locked to its end, so what is decided on it cannot be lost meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

from equipment.models import Register, RoomClearance, RoomLine, WorkstationLine
from equipment.room import RoomFacts
from equipment.unit_standing import UnitFacts, hindrances
from equipment.workstation import WorkstationFacts
from ledger import clock

Row = TypeVar("Row", bound=Model)


def unit_facts(unit: str, at: datetime | None = None) -> UnitFacts:
    """A unit as it stands; one that is not registered is `known=False`."""
    rows = held(Register.objects.filter(unit=unit))
    return _unit(rows[0]) if rows else UnitFacts(unit=unit)


def free_and_qualified(
    unit_class: str, *, batch: str = "", at: datetime | None = None
) -> list[str]:
    """The numbers of the units of a kind that this batch could use now. Locks nothing."""
    moment = at or clock.now()
    day = timezone.localdate(moment)
    rows = Register.objects.filter(unit_class=unit_class, in_service=True).order_by("unit")
    found = [_unit(row) for row in rows]
    return [one.unit for one in found if not hindrances(one, batch=batch, day=day, at=moment)]


def in_the_way(unit_class: str, *, batch: str, at: datetime) -> dict[str, str]:
    """Unit in service -> why this batch cannot use it now, and what to do. Locks nothing."""
    day = timezone.localdate(at)
    rows = Register.objects.filter(unit_class=unit_class, in_service=True).order_by("unit")
    told = {row.unit: hindrances(_unit(row), batch=batch, day=day, at=at) for row in rows}
    return {unit: " ".join(str(no) for no in found) for unit, found in told.items() if found}


def room_facts(room: str) -> RoomFacts:
    """A room as it stands; one that is not registered is `known=False`."""
    rows = held(RoomLine.objects.filter(room=room))
    if not rows:
        return RoomFacts(room=room)
    row = rows[0]
    clearances = list(RoomClearance.objects.filter(room=room).order_by("batch"))
    return RoomFacts(
        room=room,
        known=True,
        name=row.name,
        grade=row.grade,
        one_batch=row.one_batch,
        clean_until=row.clean_until,
        em_hold=row.em_hold,
        batches=tuple(row.batches),
        cleared_for=tuple(one.batch for one in clearances if one.checked_by),
        unchecked_for=tuple(one.batch for one in clearances if not one.checked_by),
    )


def workstation_facts(workstation: str) -> WorkstationFacts:
    """A workstation as it stands; one that was never set up is `known=False`."""
    rows = held(WorkstationLine.objects.filter(workstation=workstation))
    if not rows:
        return WorkstationFacts(workstation=workstation)
    row = rows[0]
    return WorkstationFacts(
        workstation=workstation,
        known=True,
        label=row.label,
        room=row.room,
        handling=row.handling,
        unit=row.unit,
        batches=tuple(row.batches),
    )


def held(rows: QuerySet[Row]) -> list[Row]:
    """The rows in the order of their keys, locked to the commit where a decision is being made.

    Locked outright and not shared: who reads them in a command usually goes on to claim them, and
    two who share a row and both want to change it would wait for each other.
    """
    rows = rows.order_by("pk")
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        return list(rows)
    return list(rows.select_for_update())


def _unit(row: Register) -> UnitFacts:
    return UnitFacts(
        unit=row.unit,
        known=True,
        label=row.label,
        unit_class=row.unit_class,
        location=row.location,
        in_service=row.in_service,
        qualified_until=row.qualified_until,
        calibrated_until=row.calibrated_until,
        clean_until=row.clean_until,
        batches=tuple(row.batches),
    )
