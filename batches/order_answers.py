"""The matching scan with which every step on patient material begins: equal, or the batch stops."""

from __future__ import annotations

from collections.abc import Iterator

from batches import order_code, order_queries
from batches import order_identity as identities
from batches.answers import Answer, Asked, Stopped, answers
from batches.blockers import Blocker, Situation, blocks
from batches.coi_code import grouped
from batches.collection import REJECTED
from batches.order_models import CollectionLine
from ledger.event import marked as _

MISMATCH = _(
    "The label that was scanned is not of this batch's patient. Put the material down, leave it"
    " where it is and call quality assurance. Nobody can override this."
)


@answers("identity")
def answer_identity(asked: Asked) -> Answer | Stopped:
    """Compare a scan with the batch's patient code. What was scanned is kept nowhere."""
    situation, act = asked.situation, asked.act
    batch = situation.state.batch
    state = act.load("identity", batch, identities.INITIAL, identities.evolve)
    found = identities.compare(
        state,
        batch=batch,
        step=situation.planned.number,
        parameter=asked.parameter.key,
        scanned_sha256=order_code.digest(asked.typed),
        fingerprint=order_code.fingerprint(asked.typed),
        terminal=act.actor.terminal,
        at=situation.at,
        place=situation.planned.room,
    )
    act.record("identity", batch, [found])
    if isinstance(found, identities.IdentityMismatched):
        return Stopped(code="identity_mismatch", sentence=MISMATCH)
    return Answer(value=state.coi, words=grouped(state.coi))


def _withdrawn(batch: str, collection: CollectionLine) -> Blocker:
    return Blocker(
        code="collection_rejected",
        absolute=True,
        template=_(
            "{collection}, of which {batch} is made, was rejected as starting material. Put the"
            " material aside and call quality assurance, who alone decides about it again."
        ),
        params={"collection": collection.collection, "batch": batch},
        subject=collection.collection,
        status=True,
    )


@blocks("order")
def order_blockers(situation: Situation) -> Iterator[Blocker]:
    """No order stands behind the batch, it has ended, or what the batch is made of was rejected."""
    batch = situation.state.batch
    asks = any(one.kind == "identity" for one in situation.planned.step.parameters)
    if not asks and not situation.state.order:
        return  # no order was ever bound to this batch
    identity = order_queries.identity(batch)
    if identity is None:
        if asks and situation.state.purpose == "patient":
            yield Blocker(
                code="no_order",
                absolute=True,
                template=_("No order stands behind {batch}. A supervisor binds it to its order."),
                params={"batch": batch},
                subject=batch,
            )
        return
    queries, made_of = order_queries, identity.collections.split()
    order = (queries.held_order if situation.act else queries.order)(identity.order)
    read = queries.held_collections if situation.act else queries.some_collections
    yield from (_withdrawn(batch, one) for one in read(made_of) if one.decision == REJECTED)
    if order is not None and order.ended:
        yield Blocker(
            code="order_ended",
            absolute=False,
            template=_("Order {order} behind {batch} has ended. Ask the clinic what it wants."),
            params={"order": order.order, "batch": batch},
            subject=order.order,
        )
