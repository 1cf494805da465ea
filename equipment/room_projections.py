"""Events of rooms and workstations to the rows that pages and commands read."""

from __future__ import annotations

from typing import Any

from equipment.models import RoomClearance, RoomLine, WorkstationLine
from equipment.room import (
    EmHoldLifted,
    EmHoldSet,
    LineClearanceChecked,
    LineCleared,
    RoomClaimed,
    RoomCleaned,
    RoomRegistered,
    RoomReleased,
    RoomSoiled,
)
from equipment.status_projections import with_batch, without_batch
from equipment.unit_use import read_moment
from equipment.workstation import WorkstationClaimed, WorkstationReleased, WorkstationSetUp
from ledger.event import Recorded
from ledger.projections import projects


@projects(RoomRegistered)
def register(recorded: Recorded) -> None:
    data = recorded.data
    RoomLine.objects.create(
        room=data.room,
        name=data.name,
        grade=data.grade,
        one_batch=data.one_batch,
        changed_at=recorded.recorded_at,
    )


@projects(RoomCleaned)
def clean(recorded: Recorded) -> None:
    _change(recorded, clean_until=read_moment(recorded.data.until))


@projects(RoomSoiled)
def soil(recorded: Recorded) -> None:
    _change(recorded, clean_until=None)


@projects(EmHoldSet)
def set_em_hold(recorded: Recorded) -> None:
    _change(recorded, em_hold=True, em_hold_reason=recorded.reason)


@projects(EmHoldLifted)
def lift_em_hold(recorded: Recorded) -> None:
    _change(recorded, em_hold=False, em_hold_reason="")


@projects(LineCleared)
def clear_line(recorded: Recorded) -> None:
    data = recorded.data
    RoomClearance.objects.create(
        clearance=f"{data.room}/{data.batch}",
        room=data.room,
        batch=data.batch,
        cleared_by=data.cleared_by,
        cleared_at=recorded.recorded_at,
    )
    _change(recorded)


@projects(LineClearanceChecked)
def check_line_clearance(recorded: Recorded) -> None:
    checked = {"checked_by": recorded.data.checked_by, "checked_at": recorded.recorded_at}
    RoomClearance.objects.filter(pk=f"{recorded.data.room}/{recorded.data.batch}").update(**checked)
    _change(recorded)


@projects(RoomClaimed)
def claim(recorded: Recorded) -> None:
    _change(recorded, used_by=with_batch(_room(recorded).batches, recorded.data.batch))


@projects(RoomReleased)
def release(recorded: Recorded) -> None:
    row, batch = _room(recorded), recorded.data.batch
    RoomClearance.objects.filter(pk=f"{row.room}/{batch}").delete()
    clean_until = None if row.one_batch else row.clean_until
    _change(recorded, used_by=without_batch(row.batches, batch), clean_until=clean_until)


@projects(WorkstationSetUp)
def set_up(recorded: Recorded) -> None:
    data = recorded.data
    WorkstationLine.objects.create(
        workstation=data.workstation,
        label=data.label,
        room=data.room,
        handling=data.handling,
        unit=data.unit,
    )


@projects(WorkstationClaimed)
def claim_workstation(recorded: Recorded) -> None:
    rows = WorkstationLine.objects.filter(workstation=recorded.data.workstation)
    rows.update(used_by=with_batch(rows.get().batches, recorded.data.batch))


@projects(WorkstationReleased)
def release_workstation(recorded: Recorded) -> None:
    rows = WorkstationLine.objects.filter(workstation=recorded.data.workstation)
    rows.update(used_by=without_batch(rows.get().batches, recorded.data.batch))


def _room(recorded: Recorded) -> RoomLine:
    return RoomLine.objects.get(room=recorded.data.room)


def _change(recorded: Recorded, **values: Any) -> None:
    rows = RoomLine.objects.filter(room=recorded.data.room)
    rows.update(changed_at=recorded.recorded_at, **values)
