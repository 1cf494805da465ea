"""What may be asked about suppliers, items and lots up to their release."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from batches import material_events as told
from batches import material_item as items
from batches import material_lot as lots
from batches import material_quantities as quantities
from batches import material_queries as queries
from batches import material_supplier as suppliers
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import (
    OPERATOR,
    PROCESS_ENGINEER,
    QA_REVIEWER,
    QC_ANALYST,
    SUPERVISOR,
    VERIFIER,
)
from personnel.vault_queries import knows_patient

LOT, ITEM, SUPPLIER = "lot/{lot}", "item/{item}", "supplier/{supplier}"
KEEPERS = (OPERATOR, SUPERVISOR, QC_ANALYST)
# Whoever doubts a lot may stop its use.
DOUBTERS = (OPERATOR, VERIFIER, SUPERVISOR, QC_ANALYST, QA_REVIEWER)


@command(
    "batches.register_supplier",
    role=(SUPERVISOR, QA_REVIEWER),
    label=_("register supplier {supplier}"),
    record=SUPPLIER,
)
def register_supplier(act: Act, *, supplier: str, title: str) -> None:
    """Enter a supplier; nothing is taken from one that is not approved."""
    state = act.load("supplier", supplier, suppliers.INITIAL, suppliers.evolve)
    act.record("supplier", supplier, suppliers.register(state, supplier=supplier, title=title))


@command(
    "batches.approve_supplier",
    role=(QA_REVIEWER,),
    label=_("approve supplier {supplier} until {valid_until}"),
    record=SUPPLIER,
    signature=Meaning.APPROVED,
)
def approve_supplier(act: Act, *, supplier: str, valid_until: str) -> None:
    state = act.load("supplier", supplier, suppliers.INITIAL, suppliers.evolve)
    lots.day(valid_until, code="valid_until")
    events = suppliers.approve(
        state, supplier=supplier, valid_until=valid_until, today=queries.today()
    )
    act.record("supplier", supplier, events)


@command(
    "batches.suspend_supplier",
    role=(QA_REVIEWER,),
    label=_("suspend supplier {supplier}"),
    record=SUPPLIER,
    signature=Meaning.REJECTED,
    needs_reason=True,
)
def suspend_supplier(act: Act, *, supplier: str) -> None:
    state = act.load("supplier", supplier, suppliers.INITIAL, suppliers.evolve)
    act.record("supplier", supplier, suppliers.suspend(state, supplier=supplier, reason=act.reason))


@command(
    "batches.register_item",
    role=(PROCESS_ENGINEER, SUPERVISOR, QA_REVIEWER),
    label=_("register item {item}"),
    record=ITEM,
)
def register_item(
    act: Act,
    *,
    item: str,
    title: str,
    kind: str,
    unit: str,
    storage: str,
    minimum: str = "0",
    open_life_hours: int = 0,
    retest_months: int = 0,
    critical: bool = False,
    strict: bool = False,
    may_split: bool = False,
    of_patient: bool = False,
) -> None:
    """Enter an item: how it is counted and kept, and how long it lasts once opened."""
    wanted = items.ItemRegistered(
        item=item,
        title=title,
        kind=kind,
        unit=unit,
        storage=storage,
        open_life_hours=open_life_hours,
        retest_months=retest_months,
        critical=critical,
        strict=strict,
        may_split=may_split,
        of_patient=of_patient,
        minimum=quantities.read(minimum),
    )
    state = act.load("item", item, items.INITIAL, items.evolve)
    act.record("item", item, items.register(state, wanted=wanted))


@command(
    "batches.change_item_minimum",
    role=(SUPERVISOR, QA_REVIEWER),
    label=_("change the minimum stock of {item} to {minimum}"),
    record=ITEM,
    needs_reason=True,
)
def change_item_minimum(act: Act, *, item: str, minimum: str) -> None:
    state = act.load("item", item, items.INITIAL, items.evolve)
    events = items.change_minimum(
        state, item=item, minimum=quantities.read(minimum), reason=act.reason
    )
    act.record("item", item, events)


@command(
    "batches.approve_source",
    role=(QA_REVIEWER,),
    label=_("approve {supplier} as a source of {item}"),
    record=ITEM,
    signature=Meaning.APPROVED,
)
def approve_source(act: Act, *, item: str, supplier: str, catalogue: str, gtin: str = "") -> None:
    """This item may be taken from this supplier; the GTIN is what its code says."""
    state = act.load("item", item, items.INITIAL, items.evolve)
    suppliers.known(queries.supplier_state(supplier), supplier)
    events = items.approve_source(
        state, item=item, supplier=supplier, catalogue=catalogue, gtin=gtin
    )
    act.record("item", item, events)


@command(
    "batches.withdraw_source",
    role=(QA_REVIEWER,),
    label=_("withdraw {supplier} as a source of {item}"),
    record=ITEM,
    signature=Meaning.REJECTED,
    needs_reason=True,
)
def withdraw_source(act: Act, *, item: str, supplier: str) -> None:
    state = act.load("item", item, items.INITIAL, items.evolve)
    events = items.withdraw_source(state, item=item, supplier=supplier, reason=act.reason)
    act.record("item", item, events)


@command(
    "batches.receive_lot",
    role=KEEPERS,
    label=_("receive lot {lot} of {item} from {supplier}"),
    record=LOT,
    private=("subject",),
)
def receive_lot(
    act: Act,
    *,
    lot: str,
    item: str,
    supplier: str,
    supplier_lot: str,
    expires_on: str,
    quantity: str,
    unit: str,
    containers: int,
    location: str,
    storage: str,
    condition: str = "",
    gtin: str = "",
    subject: str = "",
) -> None:
    """Take a delivery into quarantine, from whom it may be taken today and from nobody else."""
    state = _load(act, lot)
    known, source = queries.source_held(item, supplier)
    today = queries.today()
    items.known(known, item)
    suppliers.may_deliver(source, supplier, today=today)
    items.comes_from(known, supplier)
    if subject and not knows_patient(subject):
        raise Refused(
            _("The vault knows no patient by this pseudonym. Scan or type it again."),
            code="subject",
        )
    wanted = told.LotReceived(
        lot=lot,
        item=item,
        title=known.title,
        supplier=supplier,
        supplier_lot=supplier_lot,
        expires_on=expires_on,
        quantity=amount_of(quantity, unit, to=known.unit)[1],
        unit=known.unit,
        containers=containers,
        location=location,
        storage=storage,
        condition=condition,
        gtin=gtin,
        subject=subject,
        received_by=act.actor.person,
    )
    act.record("lot", lot, lots.receive(state, known, wanted=wanted, today=today))


@command(
    "batches.sample_lot",
    role=KEEPERS,
    label=_("take sample {sample} of lot {lot}"),
    record=LOT,
)
def sample_lot(act: Act, *, lot: str, sample: str, quantity: str, unit: str) -> None:
    """Take something of a lot for quality control."""
    state = _known(act, lot)
    said, amount = amount_of(quantity, unit, to=state.unit)
    events = lots.sample(state, lot=lot, number=sample, quantity=said, unit=unit, amount=amount)
    act.record("lot", lot, events)


@command(
    "batches.release_lot",
    role=(QA_REVIEWER,),
    label=_("release lot {lot}"),
    record=LOT,
    signature=Meaning.APPROVED,
)
def release_lot(act: Act, *, lot: str, certificate: str) -> None:
    """Sign that a lot may be used, and the containers that were split off it with it."""
    for number in (lot, *queries.descendants(lot)):
        state = _known(act, number)
        if number != lot and state.status != lots.QUARANTINE:
            continue
        item = queries.item_state(state.item)
        today = queries.today()
        events = lots.release(
            state,
            lot=number,
            certificate=certificate,
            retest_on=_retest_on(today, item.retest_months, state.expires_on),
            today=today,
            person=act.actor.person,
        )
        act.record("lot", number, events)


@command(
    "batches.reject_lot",
    role=(QA_REVIEWER,),
    label=_("reject lot {lot}"),
    record=LOT,
    signature=Meaning.REJECTED,
    needs_reason=True,
)
def reject_lot(act: Act, *, lot: str) -> None:
    """Sign that a lot, with what was split off it, may never be used."""
    for number in (lot, *queries.descendants(lot)):
        state = _known(act, number)
        if number == lot or state.status != lots.REJECTED:
            act.record("lot", number, lots.reject(state, lot=number, reason=act.reason))


@command(
    "batches.quarantine_lot",
    role=DOUBTERS,
    label=_("put lot {lot} into quarantine"),
    record=LOT,
    needs_reason=True,
)
def quarantine_lot(act: Act, *, lot: str) -> None:
    """Stop the use of a lot, and of what was split off it, until quality assurance decides."""
    for number in (lot, *queries.descendants(lot)):
        state = _known(act, number)
        if number == lot or state.status == lots.RELEASED:
            act.record("lot", number, lots.quarantine(state, lot=number, reason=act.reason))


@command(
    "batches.retest_lot",
    role=(QC_ANALYST,),
    label=_("record the retest of lot {lot}"),
    record=LOT,
    signature=Meaning.PERFORMED,
)
def retest_lot(act: Act, *, lot: str, retest_on: str) -> None:
    """Sign that a lot was tested again and conforms."""
    state = _known(act, lot)
    item = queries.item_state(state.item)
    events = lots.retest(state, item, lot=lot, retest_on=retest_on, today=queries.today())
    act.record("lot", lot, events)


@command("batches.move_lot", role=KEEPERS, label=_("move lot {lot}"), record=LOT)
def move_lot(act: Act, *, lot: str, location: str) -> None:
    act.record("lot", lot, lots.move(_known(act, lot), lot=lot, location=location))


def amount_of(quantity: str, unit: str, *, to: str) -> tuple[Decimal, Decimal]:
    """A quantity as it was said, and the same in the lot's unit."""
    said = quantities.read(quantity)
    return said, quantities.convert(said, unit, to=to)


def _load(act: Act, lot: str) -> lots.Lot:
    return act.load("lot", lot, lots.INITIAL, lots.evolve)


def _known(act: Act, lot: str) -> Any:
    state = _load(act, lot)
    lots.known(state, lot)
    return state


def _retest_on(today: str, months: int, expires_on: str) -> str:
    """So many months from today, by the expiry at the latest; empty where none is due."""
    if not months:
        return ""
    day = date.fromisoformat(today)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    due = _day_of(date(year, month + 1, 1), day.day)
    return min(due.isoformat(), expires_on)


def _day_of(first: date, day: int) -> date:
    """That day of the month, or its last one."""
    for one in range(day, 27, -1):
        try:
            return first.replace(day=one)
        except ValueError:
            continue
    return first.replace(day=min(day, 28))
