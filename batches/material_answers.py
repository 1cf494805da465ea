"""A lot that is scanned in a step: it is used or weighed out in the step's own transaction.

Typed or scanned is the lot's code; where the recipe leaves the quantity open, a blank and the
quantity follow it, as `LBL-L-000123-7 12.5`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from batches import material_lot as lots
from batches import material_queries as queries
from batches import material_stock as stock
from batches import order_queries
from batches.answers import Answer, Asked, Stopped, answers
from batches.blockers import Blocker, Situation, blocks, demand_usable, foresees
from batches.codes import GS1, LOT, read_code
from batches.collection import REJECTED
from batches.limits import read_number
from batches.material_lot import Lot
from batches.material_models import LotLine
from batches.material_quantities import convert, read
from batches.material_stock import Fault, Taking
from batches.order_models import CollectionLine
from batches.recipe_content import Material
from ledger.event import Refused, fold
from ledger.event import marked as _

# What may come over a lot while the step is under way.
STATUS = frozenset({"rejected", "quarantine", "expired", "retest_overdue", "open_life"})
CRUMB = Decimal("1e-9")  # a quantity that every lot holds as long as anything is left


@answers("material")
def use_material(asked: Asked) -> Answer | Stopped:
    """The lot goes into the batch, now, or the reason why it may not is told."""
    scanned, said = _apart(asked.typed)
    collection = order_queries.collection(read_code(scanned).text)
    if collection is not None:
        return _own_material(asked, collection)
    return _take(asked, scanned, said, stock.use)


def _own_material(asked: Asked, collection: CollectionLine) -> Answer | Stopped:
    """What was collected for this batch's order, and judged fit to begin with."""
    need = _need(asked.situation, asked.parameter.needs)
    item = queries.item(need.item)
    if item is None or not item.of_patient:
        raise Refused(
            _("This step takes {wanted}. Scan the right one."), wanted=need.title, code="wrong_item"
        )
    identity = order_queries.identity(asked.situation.state.batch)
    if identity is None or identity.order != collection.order:
        other = _("{lot} does not belong to this batch. Stop and call the supervisor.")
        return Stopped(code="other_patient", sentence=other.format(lot=collection.collection))
    order_queries.held_order(identity.order)
    (collection,) = order_queries.held_collections([collection.collection])
    if collection.collection not in identity.collections.split():
        raise Refused(
            _("{batch} is not made of {lot}, but of: {bound}. Scan one of these."),
            batch=asked.situation.state.batch,
            lot=collection.collection,
            bound=identity.collections,
            code="other_collection",
        )
    if not collection.decision or collection.decision == REJECTED:
        raise Refused(
            _("{lot} is not accepted as starting material. Quality assurance decides first."),
            lot=collection.collection,
            code="quarantine",
        )
    return Answer(value=collection.collection, words=f"{collection.collection}, {need.title}")


@answers("weigh")
def weigh_material(asked: Asked) -> Answer | Stopped | None:
    """Weighed out of a lot; a weight that asks for no material is a plain number."""
    if not asked.parameter.needs:
        return None
    scanned, said = _apart(asked.typed)
    if not said:
        raise Refused(
            _(
                "Scan the lot, then write what the balance shows (in one line: LBL-L-000123-7"
                " 12.5)."
            ),
            code="quantity",
        )
    return _take(asked, scanned, said, stock.dispense)


@blocks("material")
def lots_in_use(now: Situation) -> Iterator[Blocker]:
    """What has come over the lots that this very step named."""
    readings = now.state.step(now.planned.number).readings
    named = {
        str(readings[one.key].value)
        for one in now.planned.step.parameters
        if one.kind == "material" and one.key in readings
    }
    for lot in sorted(named):
        yield from lot_foreseen(now, lot)


@foresees("material")
def lot_foreseen(now: Situation, subject: str) -> Iterator[Blocker]:
    """What would object to a lot, whatever is taken of it. Its row is held to the commit."""
    rows = LotLine.objects.filter(lot=subject)
    row = (rows.select_for_update(no_key=True) if now.act else rows).first()
    if row is None:
        return
    state = queries.lot_state(subject)
    wanted = _taking(now, CRUMB, state.unit, CRUMB)
    for fault in stock.faults(state, queries.item_state(state.item), wanted):
        if fault.code in STATUS:
            yield _blocker(fault, subject)


def find_lot(scanned: str) -> str:
    """Our number of the lot that a label names: our own label, or the supplier's."""
    code = read_code(scanned)
    if code.refused is not None:
        raise code.refused
    number = code.get(LOT) if code.kind in (LOT, GS1) else code.text.upper()
    if code.kind != GS1 or queries.lot(number) is not None:
        return number
    items = [one.item for one in queries.sources(gtin=code.get("gtin"))]
    found = LotLine.objects.filter(item__in=items, supplier_lot=number, parent="")
    ours = list(found.order_by("lot").values_list("lot", flat=True)[:2])
    if len(ours) == 1:
        return ours[0]
    raise Refused(
        _("The supplier's label names no single lot of ours. Scan the label that we stuck on."),
        code="no_lot",
    )


def _take(
    asked: Asked, scanned: str, said: str, take: Callable[..., list[object]]
) -> Answer | Stopped:
    now, lot = asked.situation, find_lot(scanned)
    state = _standing(asked, lot)
    lots.known(state, lot)
    item = queries.item_state(state.item)
    for fault in stock.faults(state, item, _taking(now, CRUMB, state.unit, CRUMB)):
        if fault.code == "other_patient":
            return Stopped(code=fault.code, sentence=str(fault.refusal()))
    state = _withdrawn(asked, lot, state)
    need = _need(now, asked.parameter.needs)
    quantity, unit = _quantity(asked, said, need, state)
    amount = convert(quantity, unit, to=state.unit)
    wanted = _taking(now, quantity, unit, amount, item=need.item)
    found = list(stock.faults(state, item, wanted))
    demand_usable(now, (_blocker(fault, lot) for fault in found))
    passed = frozenset(fault.code for fault in found if not fault.absolute)
    asked.act.record("lot", lot, take(state, item, wanted, allowed=passed))
    words = f"{lot}, {state.title}, {lots.text(quantity)} {unit}"
    if asked.parameter.numeric:
        return Answer(number=quantity, words=words)
    return Answer(value=lot, words=words)


def _standing(asked: Asked, lot: str) -> Lot:
    return asked.standing("lot", lot, lots.INITIAL, lots.evolve)


def _withdrawn(asked: Asked, lot: str, state: Lot) -> Lot:
    """Where another answer stood before, what it took comes back to the lot that gave it."""
    now, number = asked.situation, asked.situation.planned.number
    before = now.state.step(number).readings.get(asked.parameter.key)
    if before is None or asked.parameter.numeric:
        return state
    named = str(before.value)
    row = queries.taken(lot=named).filter(batch=now.state.batch, step=number).last()
    if row is None:
        return state
    old = state if named == lot else _standing(asked, named)
    amount = convert(Decimal(row.quantity), row.unit, to=old.unit)
    events = stock.withdraw_use(old, batch=now.state.batch, step=number, way=row.way, amount=amount)
    asked.act.record("lot", named, events)
    return fold(state, lots.evolve, events) if named == lot else state


def _need(now: Situation, key: str) -> Material:
    """The line of the bill of materials that the parameter names."""
    for one in now.recipe.content.materials:
        if one.key == key:
            return one
    raise Refused(
        _("The recipe's bill of materials has no line {key}. Call the process engineer."),
        key=key or "-",
        code="no_need",
    )


def _quantity(asked: Asked, said: str, need: Material, state: Lot) -> tuple[Decimal, str]:
    """How much: what the recipe fixes, or what was typed."""
    parameter = asked.parameter
    unit = parameter.unit or need.unit or state.unit
    fixed = parameter.quantity
    if said and not fixed:
        return read(said), unit
    if said and read(said) != Decimal(fixed):
        raise Refused(
            _("The recipe takes {quantity} {unit} here. Scan the lot alone."),
            quantity=fixed,
            unit=unit,
            code="quantity",
        )
    if not fixed:
        raise Refused(
            _(
                "Scan the lot and write how much went in, in {unit} (in one line:"
                " LBL-L-000123-7 12.5)."
            ),
            unit=unit,
            code="quantity",
        )
    return Decimal(fixed), unit


def _apart(typed: str) -> tuple[str, str]:
    """The code, and the quantity that follows it, if one does."""
    scanned, _blank, said = typed.strip().rpartition(" ")
    return (scanned.strip(), said) if scanned and read_number(said) is not None else (typed, "")


def _taking(
    now: Situation, quantity: Decimal, unit: str, amount: Decimal, *, item: str = ""
) -> Taking:
    return Taking(
        batch=now.state.batch,
        subject=now.state.subject,
        item=item,
        step=now.planned.number,
        quantity=quantity,
        unit=unit,
        amount=amount,
        at=now.at,
        today=queries.today(),
    )


def _blocker(fault: Fault, lot: str) -> Blocker:
    return Blocker(
        code=fault.code,
        absolute=fault.absolute,
        template=fault.template,
        params=dict(fault.params),
        subject=lot,
        status=fault.code in STATUS,
    )
