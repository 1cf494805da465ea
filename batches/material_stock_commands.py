"""What may be asked about the stock: open, split, reserve, dispense, return, destroy."""

from __future__ import annotations

from decimal import Decimal

from batches import material_kit_queries as kits
from batches import material_lot as lots
from batches import material_queries as queries
from batches import material_stock as stock
from batches.material_commands import KEEPERS, LOT, amount_of
from batches.models import BatchLine
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from ledger.signature import Meaning
from personnel.roles import OPERATOR, QA_REVIEWER, QC_ANALYST, SUPERVISOR, VERIFIER

PLANNERS = (OPERATOR, SUPERVISOR)
WITNESSES = (OPERATOR, VERIFIER, SUPERVISOR, QC_ANALYST, QA_REVIEWER)


@command("batches.open_lot", role=KEEPERS, label=_("open lot {lot}"), record=LOT)
def open_lot(act: Act, *, lot: str) -> None:
    """Its open life begins."""
    state = _load(act, lot)
    item = queries.item_state(state.item)
    act.record("lot", lot, stock.open_lot(state, item, lot=lot, at=act.at))


@command("batches.split_lot", role=KEEPERS, label=_("split lot {lot}"), record=LOT)
def split_lot(act: Act, *, lot: str, quantity: str, unit: str, parts: int) -> None:
    """Split so many containers of one quantity off a lot; each becomes a lot with this parent."""
    state = _load(act, lot)
    lots.known(state, lot)
    item = queries.item_state(state.item)
    amount = amount_of(quantity, unit, to=state.unit)[1]
    amounts = [amount] * min(max(parts, 0), 51)
    split, children = stock.split(state, item, lot=lot, amounts=amounts)
    act.record("lot", lot, [split])
    for child in children:
        act.record("lot", child.lot, [child])


@command(
    "batches.reserve_lot", role=PLANNERS, label=_("reserve of lot {lot} for {holder}"), record=LOT
)
def reserve_lot(act: Act, *, lot: str, holder: str, quantity: str, unit: str) -> None:
    """Keep some of a lot for a batch, or for a patient's slot before it has a batch."""
    state = _load(act, lot)
    lots.known(state, lot)
    said, amount = amount_of(quantity, unit, to=state.unit)
    events = stock.reserve(state, lot=lot, holder=holder, quantity=said, unit=unit, amount=amount)
    act.record("lot", lot, events)


@command(
    "batches.pick_lot",
    role=PLANNERS,
    label=_("scan lot {lot} into the kit of {batch}"),
    record=LOT,
)
def pick_lot(act: Act, *, lot: str, batch: str) -> None:
    """Check a lot for a batch's kit and keep for it what the recipe asks for."""
    state = _load(act, lot)
    lots.known(state, lot)
    line = _open_batch(batch)
    materials = [one for one in kits.materials_of(batch) if one.item == state.item]
    if not materials:
        raise Refused(
            _("{lot} is {title}; the recipe of {batch} asks for none of it. Put it back."),
            lot=lot,
            title=state.title,
            batch=batch,
            code="wrong_item",
        )
    item = queries.item(state.item)
    wanted = sum((kits.wanted_of(one, item) or lots.NOTHING for one in materials), lots.NOTHING)
    kept = queries.reservations(holder=batch).filter(item=state.item)
    request = taking(
        act, batch=batch, subject=line.subject, quantity=wanted, unit=state.unit, amount=wanted
    )
    events = stock.pick(
        state,
        queries.item_state(state.item),
        request,
        kept=sum((Decimal(row.amount) for row in kept), lots.NOTHING),
    )
    act.record("lot", lot, events)


@command(
    "batches.free_reservation",
    role=PLANNERS,
    label=_("free what is reserved of lot {lot} for {holder}"),
    record=LOT,
    needs_reason=True,
)
def free_reservation(act: Act, *, lot: str, holder: str) -> None:
    state = _load(act, lot)
    events = stock.free_reservation(state, lot=lot, holder=holder, reason=act.reason)
    act.record("lot", lot, events)


@command(
    "batches.dispense_lot",
    role=KEEPERS,
    label=_("dispense of lot {lot} for {batch}"),
    record=LOT,
)
def dispense_lot(act: Act, *, lot: str, batch: str, quantity: str, unit: str) -> None:
    """Measure out for a batch before it comes to the step; nothing unfit is dispensed."""
    state = _load(act, lot)
    lots.known(state, lot)
    line = _open_batch(batch)
    said, amount = amount_of(quantity, unit, to=state.unit)
    wanted = taking(act, batch=batch, subject=line.subject, quantity=said, unit=unit, amount=amount)
    item = queries.item_state(state.item)
    act.record("lot", lot, stock.dispense(state, item, wanted))


@command(
    "batches.return_lot",
    role=KEEPERS,
    label=_("return of lot {lot} to its supplier"),
    record=LOT,
    needs_reason=True,
)
def return_lot(act: Act, *, lot: str, quantity: str, unit: str) -> None:
    state = _load(act, lot)
    lots.known(state, lot)
    said, amount = amount_of(quantity, unit, to=state.unit)
    events = stock.return_to_supplier(
        state, lot=lot, quantity=said, unit=unit, amount=amount, reason=act.reason
    )
    act.record("lot", lot, events)


@command(
    "batches.destroy_lot",
    role=KEEPERS,
    label=_("destroy of lot {lot}"),
    record=LOT,
    signature=Meaning.PERFORMED,
    needs_reason=True,
)
def destroy_lot(act: Act, *, lot: str, quantity: str, unit: str) -> None:
    """Sign that one destroyed it; who saw it signs next."""
    state = _load(act, lot)
    lots.known(state, lot)
    said, amount = amount_of(quantity, unit, to=state.unit)
    events = stock.destroy(
        state,
        lot=lot,
        quantity=said,
        unit=unit,
        amount=amount,
        person=act.actor.person,
        reason=act.reason,
    )
    act.record("lot", lot, events)


@command(
    "batches.witness_destruction",
    role=WITNESSES,
    label=_("witness destruction {destruction} of lot {lot}"),
    record=LOT,
    signature=Meaning.VERIFIED,
)
def witness_destruction(act: Act, *, lot: str, destruction: int) -> None:
    """Sign that one saw it destroyed."""
    state = _load(act, lot)
    events = stock.witness_destruction(
        state, lot=lot, destruction=destruction, person=act.actor.person
    )
    act.record("lot", lot, events)


def taking(
    act: Act,
    *,
    batch: str,
    subject: str,
    quantity: Decimal,
    unit: str,
    amount: Decimal,
    item: str = "",
    step: int = 0,
) -> stock.Taking:
    """Who wants what, now and on the site's day."""
    return stock.Taking(
        batch=batch,
        subject=subject,
        item=item,
        step=step,
        quantity=quantity,
        unit=unit,
        amount=amount,
        at=act.at,
        today=queries.today(),
    )


def _open_batch(batch: str) -> BatchLine:
    """Held to the commit, so that it is not closed meanwhile."""
    if not batch:
        raise Refused(_("Write the batch's number, as CT-0421."), code="no_batch")
    line = BatchLine.objects.select_for_update(no_key=True).filter(batch=batch).first()
    if line is None or line.completed_at is not None or line.aborted_at is not None:
        raise Refused(_("There is no open batch {batch}."), batch=batch, code="no_batch")
    return line


def _load(act: Act, lot: str) -> lots.Lot:
    return act.load("lot", lot, lots.INITIAL, lots.evolve)
