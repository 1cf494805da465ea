"""What each batch needs of materials, what is kept for it, and where to take the rest from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from batches import order_queries
from batches import queries as batches
from batches.collection import USABLE
from batches.material_lot import NOTHING, QUARANTINE, REJECTED
from batches.material_models import ItemLine, KitLine, LotLine, ReservationLine
from batches.material_quantities import convert
from batches.material_queries import standing_of, taken
from batches.models import BatchLine
from batches.recipe_content import Material
from ledger.event import Refused

FIT = ("released", "soon")
HINDRANCES = (QUARANTINE, "reserved", "retest", "opened", "expired")  # the easiest to mend first


@dataclass(frozen=True)
class Kept:
    """A lot that is kept for the batch, and whether it lies in the kit."""

    line: LotLine
    amount: str
    picked: bool
    standing: str

    @property
    def is_fit(self) -> bool:
        return self.standing in FIT


@dataclass(frozen=True)
class Need:
    """One line of a batch's bill of materials, against the shelf."""

    material: Material
    item: ItemLine | None
    wanted: Decimal | None  # in the item's unit; None where the step decides
    kept: list[Kept]
    took: list[str]  # lots that went into the batch already
    own: list[str]  # the patient's own collections that were let in for this batch
    is_enough: bool  # it went in already, or what is kept for the batch suffices
    nearest: LotLine | None  # the first to expire of those that may be used, or come closest to it
    hindrance: str  # why even that one may not be taken; nothing where it may

    @property
    def offered(self) -> LotLine | None:
        return None if self.hindrance else self.nearest

    @property
    def unfit(self) -> Kept | None:
        return next((one for one in self.kept if not one.is_fit), None)

    @property
    def standing(self) -> str:
        """unknown, own, bad, ready, pick, choose, await, or what hinders the lot that comes closest
        (reserved, quarantine, retest, opened, expired), or short: what is to be done next."""
        if self.item is None:
            return "unknown"
        if self.own:
            return "own"
        if self.unfit:
            return "bad"
        if self.is_enough:
            return "ready" if self.took or all(one.picked for one in self.kept) else "pick"
        if self.offered:
            return "choose"
        return "await" if self.item.of_patient else self.hindrance or "short"


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
        wanted, went_in = wanted_of(material, item), sorted(set(took.get(material.item, [])))
        amount = sum((Decimal(one.amount) for one in kept), NOTHING)
        enough = bool(went_in or (kept and amount >= (wanted or NOTHING)))
        nearest, hindrance = (None, "") if enough or item is None else on_the_shelf(item, batch)
        found.append(
            Need(
                material=material,
                item=item,
                wanted=wanted,
                kept=kept,
                took=went_in,
                own=own if item is not None and item.of_patient else [],
                is_enough=enough,
                nearest=nearest,
                hindrance=hindrance,
            )
        )
    return found


def _let_in(batch: str) -> list[str]:
    """The collections that the batch is made of and that quality assurance has accepted."""
    bound = order_queries.identity(batch)
    rows = order_queries.some_collections(bound.collections.split()) if bound else []
    return [row.collection for row in rows if row.decision in USABLE]


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


def on_the_shelf(item: ItemLine, batch: BatchLine) -> tuple[LotLine | None, str]:
    """The usable lot that expires first and is not all kept for others; or, where there is none,
    the one that comes closest to it, and what hinders it."""
    rows = LotLine.objects.filter(item=item.item, is_empty=False).exclude(status=REJECTED)
    hindered: dict[str, LotLine] = {}
    for row in rows.filter(subject__in=["", batch.subject]).order_by("expires_on", "lot"):
        standing = standing_of(row)
        if standing not in FIT:
            hindered[standing] = row
        elif row.amount_left > Decimal(row.reserved):
            return row, ""
        else:
            hindered["reserved"] = row
    word = next((one for one in HINDRANCES if one in hindered), "")
    return hindered.get(word), word


def told(need: Need) -> tuple[str, str]:
    """How it stands in a word, and in a sentence with the lot that is meant."""
    line = need.unfit.line if need.unfit else need.nearest
    lot = f"{line.lot} ({line.location})" if line else ""
    word, sentence = {
        "ready": (_("In the kit"), _("in the kit")),
        "pick": (_("Not in the kit"), _("reserved for this batch; not in the kit yet")),
        "own": (_("Let in"), _("let in: %(own)s")),
        "await": (
            _("Not let in"),
            _("the patient's own: not received, or quality has not decided"),
        ),
        "unknown": (_("Not registered"), _("no such item is registered")),
        "bad": (
            _("Not usable"),
            _("%(lot)s is reserved for it and cannot be used: free it, and scan another"),
        ),
        "choose": (_("Not reserved"), _("in stock as %(lot)s, not reserved: scan it into the kit")),
        "reserved": (
            _("Reserved for others"),
            _("%(lot)s and whatever else there is are reserved for others: free or receive some"),
        ),
        "quarantine": (
            _("In quarantine"),
            _("%(lot)s is in quarantine: quality assurance releases it"),
        ),
        "retest": (_("Retest due"), _("%(lot)s is to be retested first")),
        "opened": (_("Open for too long"), _("%(lot)s was open for too long: receive more")),
        "expired": (_("Expired"), _("%(lot)s has expired: receive more")),
        "short": (_("Not in stock"), _("none is in stock: receive a delivery")),
    }[need.standing]
    return word, sentence % {"lot": lot, "own": ", ".join(need.own)}


def way_out(need: Need, batch: str) -> str:
    """Where it is put right."""
    if need.standing in ("short", "opened", "expired"):
        return reverse("batches:receive_lot")
    if need.standing == "await":
        return reverse("batches:orders")
    if need.standing == "unknown":
        return reverse("batches:register_item")
    line = need.unfit.line if need.unfit else need.nearest
    if line is not None and need.standing != "choose":
        return reverse("batches:lot", args=[line.lot])
    return reverse("batches:kit", args=[batch])
