"""What the ledger tells about the rooms, workstations and units that a batch is at work in."""

from ledger.event import event_type


@event_type(
    "batches.room_entered",
    1,
    sentence="{batch}, step {step}: the batch is worked on at {workstation}, in {room}.",
    owner="batches",
    retention="batch",
)
class RoomEntered:
    batch: str
    step: int
    need: str
    room: str
    workstation: str


@event_type(
    "batches.unit_taken",
    1,
    sentence="{batch}, step {step}: the unit {unit} is in use by the batch.",
    owner="batches",
    retention="batch",
)
class UnitTaken:
    batch: str
    step: int
    need: str
    unit: str


@event_type(
    "batches.unit_returned",
    1,
    sentence="{batch}: the unit {unit} is no longer in use by the batch.",
    owner="batches",
    retention="batch",
)
class UnitReturned:
    batch: str
    unit: str


@event_type(
    "batches.room_left",
    1,
    sentence="{batch}: the batch left {workstation}, in {room}.",
    owner="batches",
    retention="batch",
)
class RoomLeft:
    batch: str
    room: str
    workstation: str
