"""What is taken of a lot: reserved, used, dispensed, split, returned, destroyed. Pure.

Every decision sees the whole lot, so that it never holds less than nothing and no two lots merge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from batches.material_events import (
    LotDestroyed,
    LotDestructionWitnessed,
    LotDispensed,
    LotOpened,
    LotPicked,
    LotReservationFreed,
    LotReserved,
    LotReturned,
    LotSplit,
    LotSplitOff,
    LotUsed,
    LotUseWithdrawn,
    Part,
)
from batches.material_item import Item
from batches.material_lot import (
    NOTHING,
    QUARANTINE,
    REJECTED,
    Lot,
    enough,
    known,
    line,
    positive,
    text,
)
from ledger.event import Refused, demand_reason
from ledger.event import marked as _


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Who wants what of a lot, and when. `amount`: in the lot's unit; `at`: with its zone."""

    batch: str
    subject: str = ""  # whose batch it is; empty where it is for nobody
    item: str = ""  # what the recipe asks for; empty where the step leaves it open
    quantity: Decimal
    unit: str
    amount: Decimal
    at: datetime
    today: str  # the site's day, YYYY-MM-DD
    step: int = 0


@dataclass(frozen=True)
class Fault:
    """Why a lot may not be used now, and whether anybody may let it pass."""

    code: str
    absolute: bool
    template: str
    params: dict[str, str] = field(default_factory=dict)

    def refusal(self) -> Refused:
        return Refused(self.template, code=self.code, **self.params)


def faults(state: Lot, item: Item, wanted: Taking) -> Iterator[Fault]:
    """Everything that speaks against this lot at this instant, the absolute first."""
    said = {"lot": state.lot, "title": state.title}
    if wanted.item and wanted.item != state.item:
        yield Fault(
            "wrong_item",
            True,
            _("{lot} is {title} ({item}); this step takes {wanted}. Scan the right one."),
            said | {"item": state.item, "wanted": wanted.item},
        )
    if state.subject and state.subject != wanted.subject:
        yield Fault(
            "other_patient",
            True,
            _("{lot} does not belong to this batch. Stop, put it aside and call the supervisor."),
            {"lot": state.lot},
        )
    if state.status == REJECTED:
        yield Fault("rejected", True, _("{lot} was rejected. Take another lot of {title}."), said)
    if state.status == QUARANTINE:
        yield Fault(
            "quarantine",
            True,
            _("{lot} is in quarantine. Take a released lot of {title}, or ask quality assurance."),
            said,
        )
    yield from _out_of_time(state, item, wanted, said)
    try:
        enough(state, wanted.amount, holder=wanted.batch)
    except Refused as no:
        params = {name: str(value) for name, value in no.params.items()}
        yield Fault(no.code, True, no.template, params)


def _out_of_time(state: Lot, item: Item, wanted: Taking, said: dict[str, str]) -> Iterator[Fault]:
    if state.expires_on < wanted.today:
        yield Fault(
            "expired",
            item.strict,
            _("{lot} expired on {day}. Take another lot of {title}."),
            said | {"day": state.expires_on},
        )
    if state.retest_on and state.retest_on < wanted.today:
        yield Fault(
            "retest_overdue",
            item.strict,
            _("The retest of {lot} was due on {day}. Ask quality control, or take another lot."),
            said | {"day": state.retest_on},
        )
    if state.use_by and datetime.fromisoformat(state.use_by) < wanted.at:
        yield Fault(
            "open_life",
            item.strict,
            _("{lot} was opened and could be used until {until}. Take another container."),
            said | {"until": state.use_by},
        )


def use(
    state: Lot, item: Item, wanted: Taking, *, allowed: frozenset[str] = frozenset()
) -> list[object]:
    """Add to a batch. `allowed`: overridable faults that supervisor and quality let pass."""
    _fit(state, item, wanted, allowed)
    used = LotUsed(
        lot=state.lot,
        batch=wanted.batch,
        step=wanted.step,
        quantity=wanted.quantity,
        unit=wanted.unit,
        amount=wanted.amount,
    )
    return [*_opening(state, item, wanted), used]


def dispense(
    state: Lot, item: Item, wanted: Taking, *, allowed: frozenset[str] = frozenset()
) -> list[object]:
    """Weigh or measure out for a batch."""
    _fit(state, item, wanted, allowed)
    dispensed = LotDispensed(
        lot=state.lot,
        batch=wanted.batch,
        step=wanted.step,
        quantity=wanted.quantity,
        unit=wanted.unit,
        amount=wanted.amount,
    )
    return [*_opening(state, item, wanted), dispensed]


def withdraw_use(
    state: Lot, *, batch: str, step: int, way: str, amount: Decimal
) -> list[LotUseWithdrawn]:
    """Another lot, or another quantity, was what really went in: this comes back to the lot."""
    if amount > state.gone.get(way, NOTHING):
        raise Refused(
            _("{lot} gave less than that; look at its page."), lot=state.lot, code="not_taken"
        )
    return [
        LotUseWithdrawn(
            lot=state.lot, batch=batch, step=step, way=way, amount=amount, unit=state.unit
        )
    ]


def _fit(state: Lot, item: Item, wanted: Taking, allowed: frozenset[str]) -> None:
    for fault in faults(state, item, wanted):
        if fault.absolute or fault.code not in allowed:
            raise fault.refusal()


def _opening(state: Lot, item: Item, wanted: Taking) -> list[object]:
    """Taking a part of a single container opens it; whole pieces are taken closed."""
    begins = item.open_life_hours and not state.opened_at
    begins = begins and state.containers == 1 and state.unit != "each"
    if not begins or wanted.amount == state.left:
        return []
    return [_opened(state, item, wanted.at)]


def open_lot(state: Lot, item: Item, *, lot: str, at: datetime) -> list[LotOpened]:
    """The open life begins; of several containers, one is split off first."""
    known(state, lot)
    if state.opened_at:
        raise Refused(
            _("{lot} was opened already; use it by {until}."),
            lot=lot,
            until=state.use_by,
            code="no_change",
        )
    if not item.open_life_hours:
        raise Refused(
            _("{title} has no open life: it is good to its expiry."),
            title=state.title,
            code="open_life",
        )
    if state.containers > 1 and item.may_split:
        raise Refused(
            _("{lot} has {n} containers. Split one off and open that one."),
            lot=lot,
            n=state.containers,
            code="containers",
        )
    return [_opened(state, item, at)]


def _opened(state: Lot, item: Item, at: datetime) -> LotOpened:
    until = at + timedelta(hours=item.open_life_hours)
    return LotOpened(
        lot=state.lot,
        opened_at=at.isoformat(timespec="seconds"),
        use_by=until.isoformat(timespec="seconds"),
    )


def split(
    state: Lot, item: Item, *, lot: str, amounts: list[Decimal]
) -> tuple[LotSplit, list[LotSplitOff]]:
    """Containers of their own, each a lot with this one as its parent; together they are no more
    than what was free."""
    known(state, lot)
    if not item.may_split:
        raise Refused(_("{title} may not be split."), title=state.title, code="may_split")
    if state.status == REJECTED:
        raise Refused(_("{lot} was rejected. Return it or destroy it."), lot=lot, code="rejected")
    if not 1 <= len(amounts) <= 50:
        raise Refused(_("Split off 1 to 50 containers at once."), code="parts")
    for amount in amounts:
        positive(amount)
    total = sum(amounts, NOTHING)
    enough(state, total, holder="")
    numbers = range(state.children + 1, state.children + len(amounts) + 1)
    parts = [
        Part(lot=f"{lot}-{number}", amount=amount)
        for number, amount in zip(numbers, amounts, strict=True)
    ]
    return (
        LotSplit(lot=lot, amount=total, unit=state.unit, parts=parts),
        [_child(state, part) for part in parts],
    )


def _child(state: Lot, part: Part) -> LotSplitOff:
    return LotSplitOff(
        lot=part.lot,
        parent=state.lot,
        item=state.item,
        title=state.title,
        supplier=state.supplier,
        supplier_lot=state.supplier_lot,
        expires_on=state.expires_on,
        amount=part.amount,
        unit=state.unit,
        location=state.location,
        storage=state.storage,
        status=state.status,
        retest_on=state.retest_on,
        opened_at=state.opened_at,
        use_by=state.use_by,
        subject=state.subject,
        received_by=state.received_by,
    )


def reserve(
    state: Lot, *, lot: str, holder: str, quantity: Decimal, unit: str, amount: Decimal
) -> list[LotReserved]:
    known(state, lot)
    if state.status == REJECTED:
        raise Refused(_("{lot} was rejected. Choose another lot."), lot=lot, code="rejected")
    holder = line(holder, code="holder")
    positive(amount)
    free = state.left - sum(state.reserved.values(), NOTHING)
    if amount > free:
        raise Refused(
            _("Of {lot}, {free} {unit} are left that nobody has reserved."),
            lot=lot,
            free=text(free),
            unit=state.unit,
            code="not_enough",
        )
    return [LotReserved(lot=lot, holder=holder, quantity=quantity, unit=unit, amount=amount)]


def pick(state: Lot, item: Item, wanted: Taking, *, kept: Decimal) -> list[object]:
    """Put a lot into a batch's kit, and keep for the batch what it still needs of the item.

    `wanted.amount`: what the recipe asks for in all; `kept`: what is reserved for the batch so far,
    of this lot and others. One that could not be used is refused now, and not in the cleanroom.
    """
    one = replace(wanted, amount=Decimal("1e-9"))
    _fit(state, item, one, frozenset())
    picked = LotPicked(lot=state.lot, batch=wanted.batch, item=state.item)
    unkept = state.left - sum(state.reserved.values(), NOTHING)
    short = min(wanted.amount - kept, unkept)
    if short <= 0:
        return [picked]
    return [
        LotReserved(
            lot=state.lot, holder=wanted.batch, quantity=short, unit=state.unit, amount=short
        ),
        picked,
    ]


def free_reservation(
    state: Lot, *, lot: str, holder: str, reason: str
) -> list[LotReservationFreed]:
    known(state, lot)
    held = state.reserved.get(holder)
    if held is None:
        raise Refused(
            _("Nothing of {lot} is reserved for {holder}."), lot=lot, holder=holder, code="holder"
        )
    demand_reason(reason)
    return [LotReservationFreed(lot=lot, holder=holder, amount=held, unit=state.unit)]


def return_to_supplier(
    state: Lot, *, lot: str, quantity: Decimal, unit: str, amount: Decimal, reason: str
) -> list[LotReturned]:
    known(state, lot)
    enough(state, amount, holder="")
    demand_reason(reason)
    return [
        LotReturned(lot=lot, supplier=state.supplier, quantity=quantity, unit=unit, amount=amount)
    ]


def destroy(
    state: Lot,
    *,
    lot: str,
    quantity: Decimal,
    unit: str,
    amount: Decimal,
    person: str,
    reason: str,
) -> list[LotDestroyed]:
    """Somebody else signs next that they saw it. What is reserved is freed before."""
    known(state, lot)
    enough(state, amount, holder="")
    demand_reason(reason)
    return [
        LotDestroyed(
            lot=lot,
            destruction=len(state.destructions) + 1,
            quantity=quantity,
            unit=unit,
            amount=amount,
            destroyed_by=person,
        )
    ]


def witness_destruction(
    state: Lot, *, lot: str, destruction: int, person: str
) -> list[LotDestructionWitnessed]:
    known(state, lot)
    made = state.destructions.get(destruction)
    if made is None or made.witness:
        raise Refused(
            _("Destruction {destruction} of {lot} waits for no witness."),
            destruction=destruction,
            lot=lot,
            code="no_destruction",
        )
    if made.by == person:
        raise Refused(
            _("You destroyed it yourself. Somebody else who saw it signs as the witness."),
            code="same_person",
        )
    return [
        LotDestructionWitnessed(
            lot=lot, destruction=destruction, amount=made.amount, unit=state.unit, witness=person
        )
    ]
