"""Reads of rooms and workstations, for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from equipment.models import Register, RoomClearance, RoomLine, WorkstationLine
from ledger import clock


@dataclass(frozen=True)
class RoomTold:
    """A room with what stands in it, as a page shows it."""

    row: RoomLine
    workstations: list[WorkstationLine]
    clearances: list[RoomClearance]
    units: list[Register]
    at: datetime

    @property
    def is_clean(self) -> bool:
        return self.row.clean_until is not None and self.row.clean_until >= self.at

    @property
    def status(self) -> tuple[str, str]:
        """How the room stands in a word, and the colour beside it."""
        if self.row.em_hold:
            return _("Monitoring hold"), "bad"
        if self.row.batches:
            return _("In use"), "warn"
        return (_("Ready"), "ok") if self.is_clean else (_("To be cleaned"), "warn")


def rooms() -> list[RoomTold]:
    return [_told(row) for row in RoomLine.objects.order_by("room")]


def room(number: str) -> RoomTold | None:
    row = RoomLine.objects.filter(room=number).first()
    return _told(row) if row else None


def workstation(room: str, number: str) -> WorkstationLine | None:
    return WorkstationLine.objects.filter(room=room, workstation=number).first()


def _told(row: RoomLine) -> RoomTold:
    stands = Q(location=row.room) | Q(location__endswith=f" {row.room}")
    return RoomTold(
        row=row,
        workstations=list(WorkstationLine.objects.filter(room=row.room).order_by("workstation")),
        clearances=list(RoomClearance.objects.filter(room=row.room).order_by("batch")),
        units=list(Register.objects.filter(stands).order_by("unit")),
        at=clock.now(),
    )
