"""What may be asked about orders, and for whom a batch is made."""

from __future__ import annotations

import secrets
from typing import Any

from batches import coi_code, custody_commands, order_code, order_queries, working
from batches import collection as collections
from batches import order as orders
from batches import order_identity as identities
from batches import record as records
from batches.flow_events import OrderAssigned
from batches.recipe import Recipe
from batches.record import Batch
from batches.record_events import Opened
from ledger.command import Act, command
from ledger.event import Refused
from ledger.event import marked as _
from personnel.roles import QA_REVIEWER, QUALIFIED_PERSON, SUPERVISOR
from personnel.vault_queries import knows_patient

RECORD = "order/{order}"
KEEPERS = (SUPERVISOR, QA_REVIEWER)


@command(
    "batches.place_order",
    role=KEEPERS,
    label=_("place order {order}"),
    record=RECORD,
    private=("subject", "trial_subject"),
)
def place_order(
    act: Act,
    *,
    order: str,
    subject: str,
    pathway: str,
    trial: str,
    trial_subject: str,
    sponsor: str,
    specification: str,
    product: str,
    autologous: bool,
    requested_on: str,
) -> None:
    """Take an order from the clinic; its identity code is minted here, once."""
    state = _order(act, order)
    coi = coi_code.new_coi(secrets.choice)
    placed = orders.place(
        state,
        order=order,
        subject=subject,
        is_kept=bool(subject) and knows_patient(subject),
        pathway=pathway,
        trial=trial,
        trial_subject=trial_subject,
        sponsor=sponsor,
        specification=specification,
        product=product,
        autologous=autologous,
        requested_on=requested_on,
        coi=coi,
        code_sha256=order_code.digest(order_code.scannable(coi)),
    )
    act.load("coi", coi, False, orders.is_taken)  # its first event: two orders cannot have one code
    act.record("coi", coi, [orders.CoiMinted(coi=coi, order=order)])
    act.record("order", order, placed)


@command(
    "batches.end_order",
    role=(*KEEPERS, QUALIFIED_PERSON),
    label=_("end order {order}"),
    record=RECORD,
    needs_reason=True,
)
def end_order(act: Act, *, order: str, how: str, ended_on: str) -> None:
    """The clinic cancelled it, or the patient died. What is open for it shows on its page."""
    state = _order(act, order)
    ended = orders.end(state, order=order, how=how, ended_on=ended_on, reason=act.reason)
    act.record("order", order, ended)


@command(
    "batches.ask_recollection",
    role=KEEPERS,
    label=_("ask for another collection in the place of {collection}"),
    record=RECORD,
    needs_reason=True,
)
def ask_recollection(act: Act, *, order: str, collection: str) -> None:
    """Ask the clinic to collect once more."""
    asked = orders.ask_again(
        _order(act, order),
        order=order,
        collection=collection,
        collections=order_queries.collection_numbers(order),
        reason=act.reason,
    )
    act.record("order", order, asked)


@command(
    "batches.bind_identity",
    role=(SUPERVISOR,),
    label=_("make batch {batch} for order {order}"),
    record="batch/{batch}",
)
def bind_identity(act: Act, *, batch: str, order: str, chosen: list[str]) -> None:
    """Say for which order a batch is made that was opened without one, and of which collections."""
    state, recipe = working.batch_of(act, batch)
    order_queries.held_order(order)
    act.record("batch", batch, _bind(act, state, recipe, order, chosen))


def bind_opened(act: Act, opened: Opened, recipe: Recipe, order: str) -> list[object]:
    """The batch that is being opened is made for an order, of what was accepted for it."""
    order_queries.held_order(order)
    for other in order_queries.at_work(order):
        raise Refused(
            _("{other} is in the making for order {order}. Finish or abort it first."),
            other=other,
            order=order,
            code="at_work",
        )
    chosen = order_queries.for_next_batch([order])[order]
    return _bind(act, records.evolve(records.INITIAL, opened), recipe, order, chosen)


def _bind(act: Act, state: Batch, recipe: Recipe, order: str, chosen: list[str]) -> list[object]:
    """What the batch's record is told. The order's row is held."""
    order_queries.held_collections(chosen)
    bound = identities.bind(
        act.load("identity", state.batch, identities.INITIAL, identities.evolve),
        _order(act, order),
        [_collection(act, one) for one in chosen],
        batch=state.batch,
        purpose=state.purpose,
        subject=state.subject,
        product=state.product,
        asked_for=order,
    )
    act.record("identity", state.batch, bound)
    placed = order_queries.order(order)
    assigned = OrderAssigned(
        batch=state.batch,
        order=order,
        coi=bound[0].coi,
        pathway=placed.pathway if placed else "",
        autologous=bound[0].autologous,
    )
    gaps = custody_commands.brought_along(act, state, recipe, bound[0].collections)
    return [assigned, *gaps]


def _order(act: Act, order: str) -> orders.Order:
    # What could not be the name of a record is the number of none: the decision says so.
    return act.load("order", order or "none", orders.INITIAL, orders.evolve)


def _collection(act: Act, collection: str) -> Any:
    return act.load("collection", collection, collections.INITIAL, collections.evolve)
