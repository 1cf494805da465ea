"""What each batch needs of materials, what is kept for it, and where to take the rest from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from batches import order_queries
from batches import queries as batches
from batches.collection import REJECTED
from batches.material_lot import NOTHING
from batches.material_models import ItemLine, KitLine, LotLine, ReservationLine
from batches.material_quantities import convert
from batches.material_queries import standing_of, taken
from batches.models import BatchLine
from batches.recipe_content import Material
from ledger.event import Refused


@dataclass(frozen=True)
class Kept:
    """A lot that is kept for the batch, and whether it lies in the kit."""

    line: LotLine
    amount: str
    picked: bool
    standing: str

    @property
    def is_fit(self) -> bool:
        return self.standing in ("released", "soon")


@dataclass(frozen=True)
class Need:
    """One line of a batch's bill of materials, against the shelf."""

    material: Material
    item: ItemLine | None
    wanted: Decimal | None  # in the item's unit; None where the step decides
    kept: list[Kept]
    took: list[str]  # lots that went into the batch already
    own: list[str]  # the patient's own collections that were let in for this batch
    offered: LotLine | None  # the first to expire of those that may be used

    @property
    def amount_kept(self) -> Decimal:
        return sum((Decimal(one.amount) for one in self.kept), NOTHING)

    @property
    def standing(self) -> str:
        """unknown, own, bad, ready, pick, choose, await or short: what is to be done next."""
        if self.item is None:
            return "unknown"
        if self.own:
            return "own"
        if any(not one.is_fit for one in self.kept):
            return "bad"
        enough = bool(self.took) or (self.kept and self.amount_kept >= (self.wanted or NOTHING))
        if enough:
            return "ready" if self.took or all(one.picked for one in self.kept) else "pick"
        if self.offered:
            return "choose"
        return "await" if self.item.of_patient else "short"


def open_batches() -> list[BatchLine]:
    return list(BatchLine.objects.filter(completed_at=None, aborted_at=None).order_by("batch"))


def materials_of(batch: str) -> list[Material]:
    """The bill of materials of the very version that the batch was opened on."""
    state = batches.batch_state(batch)
    return list(batches.recipe_of(state).content.materials)


def needs(batch: BatchLine) -> list[Need]:
    """Line by line, in the recipe's order."""
    materials = materials_of(batch.batch)
    known = ItemLine.objects.in_bulk([one.item for one in materials])
    picked = set(KitLine.objects.filter(batch=batch.batch).values_list("lot", flat=True))
    rows = list(ReservationLine.objects.filter(holder=batch.batch).order_by("lot"))
    lots = LotLine.objects.in_bulk([row.lot for row in rows] + list(picked))
    own = _let_in(batch.batch)
    took: dict[str, list[str]] = {}
    for row in taken(batch=batch.batch):
        took.setdefault(row.item, []).append(row.lot)
    found = []
    for material in materials:
        item = known.get(material.item)
        kept = [
            _kept(lots[row.lot], row.amount, picked) for row in rows if row.item == material.item
        ]
        found.append(
            Need(
                material=material,
                item=item,
                wanted=wanted_of(material, item),
                kept=kept,
                took=sorted(set(took.get(material.item, []))),
                own=own if item is not None and item.of_patient else [],
                offered=None if kept or item is None else first_to_expire(item, batch),
            )
        )
    return found


def _let_in(batch: str) -> list[str]:
    """The collections that the batch is made of, where each is received and decided on."""
    bound = order_queries.identity(batch)
    rows = [order_queries.collection(one) for one in bound.collections.split()] if bound else []
    return [row.collection for row in rows if row and row.decision not in ("", REJECTED)]


def _kept(line: LotLine, amount: str, picked: set[str]) -> Kept:
    return Kept(line, amount, line.lot in picked, standing_of(line))


def wanted_of(material: Material, item: ItemLine | None) -> Decimal | None:
    """How much the recipe asks for, in the item's unit; None where it leaves that to the step."""
    if item is None or not material.quantity:
        return None
    try:
        return convert(Decimal(material.quantity), material.unit or item.unit, to=item.unit)
    except Refused:
        return None  # the recipe counts it otherwise than the register does


def first_to_expire(item: ItemLine, batch: BatchLine) -> LotLine | None:
    """The usable lot that expires first and is not all kept for others."""
    rows = LotLine.objects.filter(item=item.item, is_empty=False, status="released")
    for row in rows.filter(subject__in=["", batch.subject]).order_by("expires_on", "lot"):
        free = row.amount_left - Decimal(row.reserved)
        if free > 0 and standing_of(row) in ("released", "soon"):
            return row
    return None
