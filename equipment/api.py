"""The equipment room's rows over the API; its commands are derived in `api_urls`."""

from __future__ import annotations

from equipment.models import Register, RoomClearance, RoomLine, WorkstationLine
from personnel.row_api import rows

lists = [
    *rows("equipment/units/", Register, filters=("unit_class",)),
    *rows("equipment/rooms/", RoomLine),
    *rows("equipment/workstations/", WorkstationLine, filters=("room",)),
    *rows("equipment/clearances/", RoomClearance, filters=("room", "batch"), one=False),
]
