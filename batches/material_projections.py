"""Events of suppliers, items and lots to rows. The only writer of those tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from batches import material_events as told
from batches import material_item as items
from batches import material_supplier as suppliers
from batches.material_lot import NOTHING, Lot, text
from batches.material_models import (
    ItemLine,
    ItemSourceLine,
    KitLine,
    LotLine,
    ReservationLine,
    SupplierLine,
    TakenLine,
)
from batches.material_queries import lot_state
from ledger.event import Recorded
from ledger.projections import projects

WAYS = ("used", "dispensed", "sampled", "returned", "destroyed", "split")
TAKEN = {told.LotUsed: "used", told.LotDispensed: "dispensed"}


@projects(suppliers.SupplierRegistered)
def register_supplier(recorded: Recorded) -> None:
    SupplierLine.objects.create(
        supplier=recorded.data.supplier,
        title=recorded.data.title,
        status=suppliers.REGISTERED,
        changed_at=recorded.recorded_at,
    )


@projects(suppliers.SupplierApproved)
def approve_supplier(recorded: Recorded) -> None:
    SupplierLine.objects.filter(supplier=recorded.data.supplier).update(
        status=suppliers.APPROVED,
        valid_until=recorded.data.valid_until,
        changed_at=recorded.recorded_at,
    )


@projects(suppliers.SupplierSuspended)
def suspend_supplier(recorded: Recorded) -> None:
    SupplierLine.objects.filter(supplier=recorded.data.supplier).update(
        status=suppliers.SUSPENDED, changed_at=recorded.recorded_at
    )


@projects(items.ItemRegistered)
def register_item(recorded: Recorded) -> None:
    data = recorded.data
    ItemLine.objects.create(
        item=data.item,
        title=data.title,
        kind=data.kind,
        unit=data.unit,
        storage=data.storage,
        open_life_hours=data.open_life_hours,
        retest_months=data.retest_months,
        critical=data.critical,
        strict=data.strict,
        may_split=data.may_split,
        of_patient=data.of_patient,
        minimum=text(data.minimum),
    )


@projects(items.ItemMinimumChanged)
def change_minimum(recorded: Recorded) -> None:
    ItemLine.objects.filter(item=recorded.data.item).update(minimum=text(recorded.data.new))


@projects(items.ItemSourceApproved)
def approve_source(recorded: Recorded) -> None:
    data = recorded.data
    ItemSourceLine.objects.create(
        key=f"{data.item}|{data.supplier}",
        item=data.item,
        supplier=data.supplier,
        catalogue=data.catalogue,
        gtin=data.gtin,
    )


@projects(items.ItemSourceWithdrawn)
def withdraw_source(recorded: Recorded) -> None:
    ItemSourceLine.objects.filter(key=f"{recorded.data.item}|{recorded.data.supplier}").delete()


@projects(told.LotReceived, told.LotSplitOff)
def begin_lot(recorded: Recorded) -> None:
    state = lot_state(recorded.data.lot, upto=recorded.version)
    LotLine.objects.create(
        lot=state.lot,
        parent=state.parent,
        item=state.item,
        title=state.title,
        supplier=state.supplier,
        supplier_lot=state.supplier_lot,
        expires_on=state.expires_on,
        storage=state.storage,
        subject=state.subject,
        unit=state.unit,
        received=text(state.received),
        received_at=recorded.recorded_at,
        **_standing(state, recorded),
    )


@projects(
    told.LotSampled,
    told.LotReleased,
    told.LotRejected,
    told.LotQuarantined,
    told.LotRetested,
    told.LotMoved,
    told.LotOpened,
    told.LotSplit,
    told.LotReserved,
    told.LotReservationFreed,
    told.LotPicked,
    told.LotUsed,
    told.LotUseWithdrawn,
    told.LotDispensed,
    told.LotReturned,
    told.LotDestroyed,
    told.LotDestructionWitnessed,
)
def change_lot(recorded: Recorded) -> None:
    state = lot_state(recorded.data.lot, upto=recorded.version)
    LotLine.objects.filter(lot=state.lot).update(**_standing(state, recorded))


@projects(told.LotReserved, told.LotReservationFreed, told.LotUsed, told.LotDispensed)
def change_reservation(recorded: Recorded) -> None:
    holder = getattr(recorded.data, "holder", "") or recorded.data.batch
    state = lot_state(recorded.data.lot, upto=recorded.version)
    key = f"{state.lot}|{holder}"
    held = state.reserved.get(holder, NOTHING)
    if not held:
        ReservationLine.objects.filter(key=key).delete()
        return
    ReservationLine.objects.update_or_create(
        key=key,
        defaults={
            "lot": state.lot,
            "item": state.item,
            "holder": holder,
            "amount": text(held),
            "unit": state.unit,
        },
    )


@projects(*TAKEN)
def take(recorded: Recorded) -> None:
    data = recorded.data
    TakenLine.objects.create(
        event_id=recorded.id,
        lot=data.lot,
        item=lot_state(data.lot, upto=1).item,
        batch=data.batch,
        step=data.step,
        way=TAKEN[type(data)],
        quantity=text(data.quantity),
        unit=data.unit,
        at=recorded.recorded_at,
    )


@projects(told.LotUseWithdrawn)
def withdraw(recorded: Recorded) -> None:
    """The newest line of that step is the one that was withdrawn."""
    data = recorded.data
    rows = TakenLine.objects.filter(lot=data.lot, batch=data.batch, step=data.step, way=data.way)
    for row in rows.order_by("-at", "-event_id")[:1]:
        row.delete()


@projects(told.LotPicked)
def pick(recorded: Recorded) -> None:
    data = recorded.data
    KitLine.objects.update_or_create(
        key=f"{data.batch}|{data.lot}",
        defaults={
            "batch": data.batch,
            "lot": data.lot,
            "item": data.item,
            "person": recorded.actor.person,
            "at": recorded.recorded_at,
        },
    )


def _standing(state: Lot, recorded: Recorded) -> dict[str, Any]:
    """What the lot has come to with this event, and no further: a rebuild finds the same."""
    reserved: Decimal = sum(state.reserved.values(), NOTHING)
    return {
        "status": state.status,
        "retest_on": state.retest_on,
        "opened_at": state.opened_at,
        "use_by": state.use_by,
        "location": state.location,
        "containers": state.containers,
        **{way: text(state.gone.get(way, NOTHING)) for way in WAYS},
        "left": text(state.left),
        "reserved": text(reserved),
        "is_empty": not state.left,
        "unwitnessed": sum(not one.witness for one in state.destructions.values()),
        "version": recorded.version,
        "changed_at": recorded.recorded_at,
    }
