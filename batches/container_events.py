"""What happens to the containers of a batch, as the ledger keeps it for ever. Pure."""

from __future__ import annotations

from decimal import Decimal

from ledger.event import event_type


@event_type(
    "batches.dose_set",
    1,
    sentence="{batch}: the dose is {cells} million viable transduced cells for {weight_kg} kg.",
    owner="batches",
    retention="traceability",
)
class DoseSet:
    batch: str
    weight_kg: Decimal
    weighed_on: str
    weight_source: str
    target_per_kg: Decimal  # 10⁶ viable transduced cells per kg
    cap: Decimal | None  # 10⁶ viable transduced cells
    capped: bool
    cells: Decimal
    count: Decimal
    viability: Decimal
    transduced: Decimal
    volume_ml: Decimal


@event_type(
    "batches.container_filled",
    1,
    sentence="{container} ({kind}) of {batch} was filled with {volume_ml} mL.",
    owner="batches",
    retention="traceability",
)
class ContainerFilled:
    container: str
    batch: str
    kind: str  # product, satellite, retain
    volume_ml: Decimal
    cells: Decimal  # 10⁶ viable transduced cells
    coi: str
    dmso_at: str  # when DMSO touched the cells; empty where there is none
    filled_at: str


@event_type(
    "batches.position_taken",
    1,
    sentence="{position} holds {container} now.",
    owner="batches",
    retention="traceability",
)
class PositionTaken:
    position: str
    container: str


@event_type(
    "batches.position_left",
    1,
    sentence="{position} is free again: {container} was taken out.",
    owner="batches",
    retention="traceability",
)
class PositionLeft:
    position: str
    container: str


@event_type(
    "batches.container_stored",
    1,
    sentence="{container} was stored in {position}.",
    owner="batches",
    retention="traceability",
)
class ContainerStored:
    container: str
    tank: str
    position: str
    old: str


@event_type(
    "batches.container_frozen",
    1,
    sentence="{batch}: {pieces} containers were frozen with {freezer}: {standing}.",
    owner="batches",
    retention="traceability",
)
class ContainersFrozen:
    batch: str
    freezer: str
    pieces: int
    containers: list[str]
    curve: str  # the freezer's file, by its hash
    began_at: str
    dmso_minutes: int  # from the first touch of DMSO to the start of the programme
    dmso_limit: int
    standing: str  # within limits, outside limits
    departures: list[str]


@event_type(
    "batches.container_dispositioned",
    1,
    sentence="{container} was {decision}.",
    owner="batches",
    retention="traceability",
)
class ContainerDispositioned:
    container: str
    decision: str
    old: str


@event_type(
    "batches.container_issued",
    1,
    sentence="{container} was issued to {ward}. It expires at {expires_at}.",
    owner="batches",
    retention="traceability",
)
class ContainerIssued:
    container: str
    ward: str
    expires_at: str
    zone: str
    document: str
    identifiers_shown: str
    logger: str  # the shipper logger's file, where one went along


@event_type(
    "batches.shipper_judged",
    1,
    sentence="{container}: the shipper was at {lowest} to {highest} °C on its way, {standing}.",
    owner="batches",
    retention="traceability",
)
class ShipperJudged:
    container: str
    logger: str  # the file, by its hash
    began_at: str
    ended_at: str
    lowest: Decimal
    highest: Decimal
    low: Decimal | None  # the limits it was judged by
    high: Decimal | None
    outside: int  # readings outside them
    silence: int  # seconds, the longest between two readings
    standing: str
    departures: list[str]


@event_type(
    "batches.container_accepted",
    1,
    sentence="{container} was accepted at {ward} by a second person, by two identifiers.",
    owner="batches",
    retention="traceability",
)
class ContainerAccepted:
    container: str
    ward: str
    identifiers_shown: str
    document: str  # the ward's sheet


@event_type(
    "batches.container_thawed",
    1,
    sentence="{container} was thawed at {thawed_at}.",
    owner="batches",
    retention="traceability",
)
class ContainerThawed:
    container: str
    thawed_at: str
    infuse_by: str


@event_type(
    "batches.container_ended",
    1,
    sentence="{container}: {how}.",
    owner="batches",
    retention="traceability",
)
class ContainerEnded:
    container: str
    how: str  # infused, returned, not administered
    ended_at: str
    minutes: int | None  # from thawing
    late: bool


@event_type(
    "batches.destruction_asked",
    1,
    sentence="{container} is to be destroyed ({route}).",
    owner="batches",
    retention="traceability",
)
class DestructionAsked:
    container: str
    route: str
    asked_by: str


@event_type(
    "batches.container_destroyed",
    1,
    sentence="{container} was destroyed before a witness.",
    owner="batches",
    retention="traceability",
)
class ContainerDestroyed:
    container: str
    route: str
    asked_by: str
    witness: str


@event_type(
    "batches.tank_excursion",
    1,
    sentence="{tank} was too warm from {began_at} to {ended_at}: up to {highest} °C.",
    owner="batches",
    retention="traceability",
)
class TankExcursion:
    excursion: str
    tank: str
    began_at: str
    ended_at: str
    highest: Decimal
    limit: Decimal
    logger: str
    containers: list[str]  # what was in the tank then


@event_type(
    "batches.waste_recorded",
    1,
    sentence="{batch}: {filled} bags of GMO waste were filled, {destroyed} destroyed.",
    owner="batches",
    retention="traceability",
)
class WasteRecorded:
    batch: str
    filled: int
    destroyed: int
    difference: int
    route: str
    document: str
