"""What can happen to a lot of material, as the ledger keeps it for ever. Pure.

`amount` is in the lot's own unit and is what counts; `quantity` and `unit` are as somebody said it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ledger.event import event_type


@dataclass(frozen=True, kw_only=True)
class Part:
    """A container or sub-lot that was split off: its number and how much is in it."""

    lot: str
    amount: Decimal


@event_type(
    "batches.lot_received",
    1,
    sentence="Lot {lot} of {item} ({title}), {quantity} {unit} from {supplier}, supplier's lot"
    " {supplier_lot}, was received into quarantine.",
    owner="batches",
    retention="traceability",
)
class LotReceived:
    lot: str
    item: str
    title: str
    supplier: str
    supplier_lot: str
    expires_on: str
    quantity: Decimal
    unit: str
    containers: int
    location: str
    storage: str
    condition: str
    gtin: str  # of the code that was scanned; empty where none was
    subject: str  # the pseudonym of whose material it is; empty for anything bought
    received_by: str


@event_type(
    "batches.lot_sampled",
    1,
    sentence="Sample {sample}, {quantity} {unit}, was taken of lot {lot}.",
    owner="batches",
    retention="traceability",
)
class LotSampled:
    lot: str
    sample: str
    quantity: Decimal
    unit: str
    amount: Decimal


@event_type(
    "batches.lot_released",
    1,
    sentence="Lot {lot} was released for use under certificate {certificate}.",
    owner="batches",
    retention="traceability",
)
class LotReleased:
    lot: str
    certificate: str
    retest_on: str  # empty where the item needs none


@event_type(
    "batches.lot_rejected",
    1,
    sentence="Lot {lot} was rejected.",
    owner="batches",
    retention="traceability",
)
class LotRejected:
    lot: str


@event_type(
    "batches.lot_quarantined",
    1,
    sentence="Lot {lot} was put back into quarantine.",
    owner="batches",
    retention="traceability",
)
class LotQuarantined:
    lot: str


@event_type(
    "batches.lot_retested",
    1,
    sentence="Lot {lot} passed its retest and is to be tested again by {new}, not by {old}.",
    owner="batches",
    retention="traceability",
)
class LotRetested:
    lot: str
    old: str
    new: str


@event_type(
    "batches.lot_moved",
    1,
    sentence="Lot {lot} was moved from {old} to {new}.",
    owner="batches",
    retention="traceability",
)
class LotMoved:
    lot: str
    old: str
    new: str


@event_type(
    "batches.lot_opened",
    1,
    sentence="Lot {lot} was opened and is to be used by {use_by}.",
    owner="batches",
    retention="traceability",
)
class LotOpened:
    lot: str
    opened_at: str
    use_by: str


@event_type(
    "batches.lot_split",
    1,
    sentence="Of lot {lot}, {amount} {unit} were split off into containers of their own.",
    owner="batches",
    retention="traceability",
)
class LotSplit:
    lot: str
    amount: Decimal
    unit: str
    parts: list[Part]


@event_type(
    "batches.lot_split_off",
    1,
    sentence="Lot {lot}, {amount} {unit}, was split off lot {parent}.",
    owner="batches",
    retention="traceability",
)
class LotSplitOff:
    """A container begins with everything its parent stood for."""

    lot: str
    parent: str
    item: str
    title: str
    supplier: str
    supplier_lot: str
    expires_on: str
    amount: Decimal
    unit: str
    location: str
    storage: str
    status: str
    retest_on: str
    opened_at: str
    use_by: str
    subject: str
    received_by: str


@event_type(
    "batches.lot_reserved",
    1,
    sentence="{quantity} {unit} of lot {lot} were reserved for {holder}.",
    owner="batches",
    retention="traceability",
)
class LotReserved:
    lot: str
    holder: str  # a batch, or a patient's slot before it has one
    quantity: Decimal
    unit: str
    amount: Decimal


@event_type(
    "batches.lot_reservation_freed",
    1,
    sentence="{amount} {unit} of lot {lot} are no longer reserved for {holder}.",
    owner="batches",
    retention="traceability",
)
class LotReservationFreed:
    lot: str
    holder: str
    amount: Decimal
    unit: str


@event_type(
    "batches.lot_picked",
    1,
    sentence="Lot {lot} was scanned into the kit of {batch}.",
    owner="batches",
    retention="traceability",
)
class LotPicked:
    lot: str
    batch: str
    item: str


@event_type(
    "batches.lot_used",
    1,
    sentence="{quantity} {unit} of lot {lot} went into {batch}, step {step}.",
    owner="batches",
    retention="traceability",
)
class LotUsed:
    lot: str
    batch: str
    step: int
    quantity: Decimal
    unit: str
    amount: Decimal


@event_type(
    "batches.lot_dispensed",
    1,
    sentence="{quantity} {unit} of lot {lot} were dispensed for {batch}.",
    owner="batches",
    retention="traceability",
)
class LotDispensed:
    lot: str
    batch: str
    step: int  # 0 where it was dispensed before the batch came to it
    quantity: Decimal
    unit: str
    amount: Decimal


@event_type(
    "batches.lot_use_withdrawn",
    1,
    sentence="{amount} {unit} of lot {lot} did not go into {batch}, step {step}: another was"
    " scanned in its place.",
    owner="batches",
    retention="traceability",
)
class LotUseWithdrawn:
    """What was said to be taken was not. The trace keeps its edge: a recall looks once too often,
    never once too seldom."""

    lot: str
    batch: str
    step: int
    way: str  # used or dispensed
    amount: Decimal
    unit: str


@event_type(
    "batches.lot_returned",
    1,
    sentence="{quantity} {unit} of lot {lot} were returned to {supplier}.",
    owner="batches",
    retention="traceability",
)
class LotReturned:
    lot: str
    supplier: str
    quantity: Decimal
    unit: str
    amount: Decimal


@event_type(
    "batches.lot_destroyed",
    1,
    sentence="{quantity} {unit} of lot {lot} were destroyed (destruction {destruction}).",
    owner="batches",
    retention="traceability",
)
class LotDestroyed:
    lot: str
    destruction: int
    quantity: Decimal
    unit: str
    amount: Decimal
    destroyed_by: str


@event_type(
    "batches.lot_destruction_witnessed",
    1,
    sentence="{witness} saw {amount} {unit} of lot {lot} destroyed (destruction {destruction}).",
    owner="batches",
    retention="traceability",
)
class LotDestructionWitnessed:
    lot: str
    destruction: int
    amount: Decimal
    unit: str
    witness: str
