"""One lot of material: what came in, where it is, who released it, and what is left of it. Pure.

Nothing of it is lost: received = used + dispensed + sampled + returned + destroyed + split + left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from batches.material_events import (
    LotDestroyed,
    LotDestructionWitnessed,
    LotDispensed,
    LotMoved,
    LotOpened,
    LotPicked,
    LotQuarantined,
    LotReceived,
    LotRejected,
    LotReleased,
    LotReservationFreed,
    LotReserved,
    LotRetested,
    LotReturned,
    LotSampled,
    LotSplit,
    LotSplitOff,
    LotUsed,
    LotUseWithdrawn,
)
from batches.material_item import Item
from ledger.event import Refused, demand_reason
from ledger.event import marked as _

QUARANTINE, RELEASED, REJECTED = "quarantine", "released", "rejected"
NOTHING = Decimal(0)
LINE_LIMIT = 120
_LOT = re.compile(r"[A-Z]{1,4}-[0-9]{3,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True)
class Destruction:
    amount: Decimal
    by: str
    witness: str = ""


@dataclass(frozen=True, kw_only=True)
class Lot:
    lot: str = ""
    parent: str = ""
    item: str = ""
    title: str = ""
    supplier: str = ""
    supplier_lot: str = ""
    unit: str = ""
    status: str = ""
    expires_on: str = ""
    retest_on: str = ""
    opened_at: str = ""
    use_by: str = ""
    location: str = ""
    storage: str = ""
    subject: str = ""
    received_by: str = ""
    containers: int = 1
    children: int = 0
    received: Decimal = NOTHING
    gone: Mapping[str, Decimal] = field(default_factory=dict)  # by way: used, dispensed, ...
    reserved: Mapping[str, Decimal] = field(default_factory=dict)  # by holder
    destructions: Mapping[int, Destruction] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        return self.received - sum(self.gone.values(), NOTHING)

    def free_for(self, holder: str) -> Decimal:
        """What this holder may take: everything left but what is reserved for others."""
        others = (amount for name, amount in self.reserved.items() if name != holder)
        return self.left - sum(others, NOTHING)


INITIAL = Lot()


def evolve(state: Lot, event: Any) -> Lot:
    match event:
        case LotReceived():
            return _begun(event, status=QUARANTINE, amount=event.quantity)
        case LotSplitOff():
            return replace(
                _begun(event, status=event.status, amount=event.amount),
                parent=event.parent,
                retest_on=event.retest_on,
                opened_at=event.opened_at,
                use_by=event.use_by,
            )
        case LotReleased(retest_on=day):
            return replace(state, status=RELEASED, retest_on=day)
        case LotRejected():
            return replace(state, status=REJECTED)
        case LotQuarantined():
            return replace(state, status=QUARANTINE)
        case LotRetested(new=day):
            return replace(state, retest_on=day)
        case LotMoved(new=place):
            return replace(state, location=place)
        case LotOpened(opened_at=moment, use_by=end):
            return replace(state, opened_at=moment, use_by=end)
        case LotDestructionWitnessed(destruction=number, witness=person):
            seen = replace(state.destructions[number], witness=person)
            return replace(state, destructions={**state.destructions, number: seen})
        case LotPicked():
            return state
    return _evolve_stock(state, event)


def _begun(event: Any, *, status: str, amount: Decimal) -> Lot:
    return Lot(
        lot=event.lot,
        item=event.item,
        title=event.title,
        supplier=event.supplier,
        supplier_lot=event.supplier_lot,
        unit=event.unit,
        status=status,
        expires_on=event.expires_on,
        location=event.location,
        storage=event.storage,
        subject=event.subject,
        received_by=event.received_by,
        containers=getattr(event, "containers", 1),
        received=amount,
    )


def _evolve_stock(state: Lot, event: Any) -> Lot:
    match event:
        case LotReserved(holder=holder, amount=amount):
            return _held(state, holder, amount)
        case LotReservationFreed(holder=holder, amount=amount):
            return _held(state, holder, -amount)
        case LotUsed(batch=batch, amount=amount):
            return _taken(state, "used", amount, holder=batch)
        case LotDispensed(batch=batch, amount=amount):
            return _taken(state, "dispensed", amount, holder=batch)
        case LotUseWithdrawn(way=way, amount=amount):
            return _taken(state, way, -amount)
        case LotSampled(amount=amount):
            return _taken(state, "sampled", amount)
        case LotReturned(amount=amount):
            return _taken(state, "returned", amount)
        case LotSplit(amount=amount, parts=parts):
            state = _taken(state, "split", amount)
            left = max(1, state.containers - len(parts))
            return replace(state, children=state.children + len(parts), containers=left)
        case LotDestroyed(destruction=number, amount=amount, destroyed_by=person):
            made = Destruction(amount=amount, by=person)
            state = replace(state, destructions={**state.destructions, number: made})
            return _taken(state, "destroyed", amount)
    raise ValueError(f"A lot does not know the event {type(event).__name__}.")


def _taken(state: Lot, way: str, amount: Decimal, *, holder: str = "") -> Lot:
    """What a holder takes comes off its own reservation first."""
    own = min(amount, state.reserved.get(holder, NOTHING))
    state = _held(state, holder, -own) if own else state
    gone = {**state.gone, way: state.gone.get(way, NOTHING) + amount}
    return replace(state, gone=gone)


def _held(state: Lot, holder: str, amount: Decimal) -> Lot:
    now = state.reserved.get(holder, NOTHING) + amount
    others = {name: one for name, one in state.reserved.items() if name != holder}
    return replace(state, reserved={**others, holder: now} if now else others)


def receive(state: Lot, item: Item, *, wanted: LotReceived, today: str) -> list[LotReceived]:
    """A delivery comes into quarantine. `wanted`: what was read off it; days as YYYY-MM-DD."""
    if not _LOT.fullmatch(wanted.lot):
        raise Refused(
            _("Write the lot's number as letters, a hyphen and digits, as L-000123."),
            code="lot_number",
        )
    if state.lot:
        raise Refused(
            _("{lot} is in use for {title}. Choose the next number."),
            lot=wanted.lot,
            title=state.title,
            code="lot_number",
        )
    supplier_lot = " ".join(wanted.supplier_lot.split())
    if not supplier_lot or len(supplier_lot) > 40:
        raise Refused(
            _("Write the lot number that the supplier gave it; it stands on the label."),
            code="supplier_lot",
        )
    day(wanted.expires_on, code="expires_on")
    if wanted.expires_on < today:
        raise Refused(
            _("It expired on {day}. Do not take it in: send it back to the supplier."),
            day=wanted.expires_on,
            code="expires_on",
        )
    if wanted.gtin and item.sources.get(wanted.supplier) not in ("", wanted.gtin):
        raise Refused(
            _("The code says GTIN {gtin}, which is not {title} of {supplier}. Put it aside."),
            gtin=wanted.gtin,
            title=item.title,
            supplier=wanted.supplier,
            code="gtin",
        )
    if wanted.storage != item.storage:
        raise Refused(
            _("{title} is kept {storage}. Choose such a place."),
            title=item.title,
            storage=item.storage.replace("_", " "),
            code="storage",
        )
    positive(wanted.quantity)
    if not 1 <= wanted.containers <= 1000:
        raise Refused(_("Say how many containers came: 1 to 1000."), code="containers")
    if item.of_patient != bool(wanted.subject):
        raise Refused(
            _("A patient's own material names the pseudonym; anything else names nobody."),
            code="subject",
        )
    condition = line(wanted.condition, code="condition", empty=True)
    place = line(wanted.location, code="location")
    return [replace(wanted, supplier_lot=supplier_lot, condition=condition, location=place)]


def sample(
    state: Lot, *, lot: str, number: str, quantity: Decimal, unit: str, amount: Decimal
) -> list[LotSampled]:
    """Take something of a lot for quality control. `amount`: the quantity in the lot's unit."""
    known(state, lot)
    number = line(number, code="sample")
    enough(state, amount, holder="")
    return [LotSampled(lot=lot, sample=number, quantity=quantity, unit=unit, amount=amount)]


def release(
    state: Lot, *, lot: str, certificate: str, retest_on: str, today: str, person: str
) -> list[LotReleased]:
    """Quality assurance lets a lot be used; whoever took it in is not the one to say so."""
    known(state, lot)
    if state.status == RELEASED:
        raise Refused(_("{lot} is released already."), lot=lot, code="no_change")
    _not_rejected(state)
    if person == state.received_by:
        raise Refused(
            _("You received {lot}, so somebody else has to release it."),
            lot=lot,
            code="same_person",
        )
    if state.expires_on < today:
        raise Refused(_("{lot} expired on {day}."), lot=lot, day=state.expires_on, code="expired")
    certificate = line(certificate, code="certificate")
    return [LotReleased(lot=lot, certificate=certificate, retest_on=retest_on)]


def reject(state: Lot, *, lot: str, reason: str) -> list[LotRejected]:
    known(state, lot)
    _not_rejected(state)
    demand_reason(reason)
    return [LotRejected(lot=lot)]


def quarantine(state: Lot, *, lot: str, reason: str) -> list[LotQuarantined]:
    """Anybody who doubts a lot may stop its use."""
    known(state, lot)
    _not_rejected(state)
    if state.status == QUARANTINE:
        raise Refused(_("{lot} is in quarantine already."), lot=lot, code="no_change")
    demand_reason(reason)
    return [LotQuarantined(lot=lot)]


def retest(state: Lot, item: Item, *, lot: str, retest_on: str, today: str) -> list[LotRetested]:
    """It was tested again and conforms; the next retest is due by `retest_on`."""
    known(state, lot)
    _not_rejected(state)
    if not item.retest_months:
        raise Refused(_("{title} is never retested."), title=state.title, code="retest_on")
    day(retest_on, code="retest_on")
    if not today < retest_on <= state.expires_on:
        raise Refused(
            _("The next retest is due after today and by the expiry, {day}."),
            day=state.expires_on,
            code="retest_on",
        )
    return [LotRetested(lot=lot, old=state.retest_on, new=retest_on)]


def move(state: Lot, *, lot: str, location: str) -> list[LotMoved]:
    known(state, lot)
    place = line(location, code="location")
    if place == state.location:
        raise Refused(_("{lot} is there already."), lot=lot, code="no_change")
    return [LotMoved(lot=lot, old=state.location, new=place)]


def known(state: Lot, lot: str) -> None:
    if not state.lot:
        raise Refused(_("There is no lot {lot}. Scan its label again."), lot=lot, code="no_lot")


def enough(state: Lot, amount: Decimal, *, holder: str) -> None:
    """A positive amount that is there, and that nobody else has reserved."""
    positive(amount)
    if amount > state.left:
        raise Refused(
            _("{lot} holds {left} {unit}, not {amount} {unit}. Take less, or another lot."),
            lot=state.lot,
            left=text(state.left),
            amount=text(amount),
            unit=state.unit,
            code="not_enough",
        )
    if amount > state.free_for(holder):
        raise Refused(
            _(
                "Of {lot}, {free} {unit} are free; the rest is reserved for {others}. Take another"
                " lot, or ask the supervisor to free a reservation."
            ),
            lot=state.lot,
            free=text(state.free_for(holder)),
            unit=state.unit,
            others=", ".join(sorted(name for name in state.reserved if name != holder)),
            code="reserved",
        )


def positive(amount: Decimal) -> None:
    """Above nothing, below 10⁹, and in no finer parts than a ledger sums exactly."""
    fine = amount.is_finite() and amount == amount.quantize(Decimal("1e-9"))
    if not fine or not 0 < amount < 10**9:
        raise Refused(_("Write a quantity above 0, with at most nine decimals."), code="quantity")


def day(text: str, *, code: str) -> None:
    try:
        date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise Refused(_("Write the day as 2027-05-31."), code=code) from None


def line(text: str, *, code: str, empty: bool = False) -> str:
    """One line of a person's words."""
    text = " ".join(text.split())
    if (not text and not empty) or len(text) > LINE_LIMIT:
        raise Refused(_("Fill this in, in at most 120 characters."), code=code)
    return text


def text(amount: Decimal) -> str:
    """A quantity as people read it: no exponent, no idle zeros."""
    plain = format(amount, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _not_rejected(state: Lot) -> None:
    if state.status == REJECTED:
        raise Refused(
            _("{lot} was rejected, which is for good. Return it or destroy it."),
            lot=state.lot,
            code="rejected",
        )
