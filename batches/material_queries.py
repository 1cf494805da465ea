"""Reads of suppliers, items and lots: states for commands (rows held to the commit), rows for
pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from batches import material_item as items
from batches import material_lot as lots
from batches import material_supplier as suppliers
from batches.material_item import Item
from batches.material_lot import NOTHING, QUARANTINE, REJECTED, RELEASED, Lot
from batches.material_models import (
    ItemLine,
    ItemSourceLine,
    LotLine,
    ReservationLine,
    SupplierLine,
    TakenLine,
)
from ledger import clock, store
from ledger.event import fold

SOON = timedelta(days=30)
SHOWN = 200


def lot_state(lot: str, *, upto: int | None = None) -> Lot:
    """A lot, or what it was at one of its versions, from its own events."""
    events = store.load("lot", lot, upto=upto)
    return fold(lots.INITIAL, lots.evolve, (event.data for event in events))


def item_state(item: str) -> Item:
    events = store.load("item", item)
    return fold(items.INITIAL, items.evolve, (event.data for event in events))


def supplier_state(supplier: str) -> suppliers.Supplier:
    events = store.load("supplier", supplier)
    return fold(suppliers.INITIAL, suppliers.evolve, (event.data for event in events))


def source_held(item: str, supplier: str) -> tuple[Item, suppliers.Supplier]:
    """An item and who delivers it, neither of which changes before the commit."""
    list(ItemLine.objects.select_for_update(no_key=True).filter(item=item))
    key = f"{item}|{supplier}"
    list(ItemSourceLine.objects.select_for_update(no_key=True).filter(key=key))
    list(SupplierLine.objects.select_for_update(no_key=True).filter(supplier=supplier))
    return item_state(item), supplier_state(supplier)


def today() -> str:
    """The site's day."""
    return timezone.localdate(clock.now()).isoformat()


def descendants(lot: str) -> list[str]:
    """The containers that were split off a lot, and off those."""
    found: list[str] = []
    parents = [lot]
    while parents:
        rows = LotLine.objects.filter(parent__in=parents).order_by("lot")
        parents = list(rows.values_list("lot", flat=True))
        found += parents
    return found


def next_lot() -> str:
    """The number after the newest one that was given to a delivery."""
    last = LotLine.objects.filter(parent="", lot__startswith="L-").order_by("-lot").first()
    digits = last.lot.removeprefix("L-") if last else "0"
    return f"L-{int(digits) + 1 if digits.isdigit() else 1:06d}"


def suppliers_known() -> QuerySet[SupplierLine]:
    return SupplierLine.objects.order_by("supplier")


def items_known() -> QuerySet[ItemLine]:
    return ItemLine.objects.order_by("item")


def item(number: str) -> ItemLine | None:
    return ItemLine.objects.filter(item=number).first()


def supplier(number: str) -> SupplierLine | None:
    return SupplierLine.objects.filter(supplier=number).first()


def lot(number: str) -> LotLine | None:
    return LotLine.objects.filter(lot=number).first()


def sources(item: str = "", *, gtin: str = "", supplier: str = "") -> QuerySet[ItemSourceLine]:
    rows = ItemSourceLine.objects.order_by("key")
    for name, value in (("item", item), ("gtin", gtin), ("supplier", supplier)):
        rows = rows.filter(**{name: value}) if value else rows
    return rows


def taken(*, lot: str = "", batch: str = "") -> QuerySet[TakenLine]:
    rows = TakenLine.objects.order_by("at", "event_id")
    return rows.filter(lot=lot) if lot else rows.filter(batch=batch)


def reservations(*, lot: str = "", holder: str = "") -> QuerySet[ReservationLine]:
    rows = ReservationLine.objects.order_by("lot", "holder")
    return rows.filter(lot=lot) if lot else rows.filter(holder=holder)


@dataclass(frozen=True)
class Stock:
    """One lot as the stock page shows it: what keeps it from being used, in a word."""

    line: LotLine
    standing: str

    @property
    def tag(self) -> str:
        return {"released": "ok", "soon": "warn", "quarantine": "info"}.get(self.standing, "bad")


def stock(*, words: str = "", standing: str = "", item: str = "") -> list[Stock]:
    """The lots that something is left of, the first to expire first."""
    rows = LotLine.objects.order_by("expires_on", "lot")
    rows = rows.filter(is_empty=standing == "empty")
    if item:
        rows = rows.filter(item=item)
    for word in words.split():
        rows = rows.filter(
            Q(lot__icontains=word)
            | Q(item__icontains=word)
            | Q(title__icontains=word)
            | Q(supplier_lot__icontains=word)
            | Q(location__icontains=word)
        )
    if standing in (QUARANTINE, REJECTED):
        rows = rows.filter(status=standing)
    found = [Stock(row, standing_of(row)) for row in rows[: SHOWN * 5]]
    if standing in ("soon", "expired", RELEASED):
        wanted = {RELEASED: (RELEASED, "soon")}.get(standing, (standing,))
        found = [one for one in found if one.standing in wanted]
    return found[:SHOWN]


def standing_of(row: LotLine) -> str:
    """In a word: rejected, quarantine, expired, retest, opened, empty, soon or released."""
    day = today()
    if row.is_empty:
        return "empty"
    if row.status in (REJECTED, QUARANTINE):
        return row.status
    if row.expires_on < day:
        return "expired"
    if row.retest_on and row.retest_on < day:
        return "retest"
    if row.use_by and row.use_by < clock.now().isoformat(timespec="seconds"):
        return "opened"
    soon = (date.fromisoformat(day) + SOON).isoformat()
    return "soon" if row.expires_on <= soon else RELEASED


@dataclass(frozen=True)
class Level:
    """How much of an item may be used now, against the least that should be there."""

    item: ItemLine
    usable: Decimal
    waiting: Decimal  # in quarantine

    @property
    def is_low(self) -> bool:
        return self.usable < Decimal(self.item.minimum)


def levels(rows: Iterable[ItemLine] | None = None) -> list[Level]:
    """Released and in time, nobody's reservation taken off; one line an item."""
    usable: dict[str, Decimal] = {}
    waiting: dict[str, Decimal] = {}
    for row in LotLine.objects.filter(is_empty=False).exclude(status=REJECTED):
        word = standing_of(row)
        into = usable if word in (RELEASED, "soon") else waiting if word == QUARANTINE else None
        if into is not None:
            into[row.item] = into.get(row.item, NOTHING) + row.amount_left
    return [
        Level(row, usable.get(row.item, NOTHING), waiting.get(row.item, NOTHING))
        for row in (items_known() if rows is None else rows)
    ]
